use super::*;
use crate::flow::{FlowName, IntegratorOptions, Subject, model_of, simulate, simulate::field};
use crate::loss::{Loss, Options};
use crate::number::Rational;
use crate::optimizer::BoundOptimizer;
use num_complex::Complex64;

fn model(text: &str) -> Box<dyn Model> {
    let loss = Loss::parse(text, "test.loss", &Options::default()).unwrap();
    model_of(loss, 1.try_into().unwrap()).unwrap()
}

/// Gradient descent's iterates.
fn descent(model: &mut dyn Model, h: f64, start: &[f64], steps: usize) -> Vec<Vec<f64>> {
    let mut iterates = vec![start.to_vec()];
    for k in 0..steps {
        let mut g = vec![0.0; start.len()];
        model.real_gradient(&iterates[k], &mut g);
        iterates.push(moved(&iterates[k], -h, &g));
    }
    iterates
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    norm(&moved(a, -1.0, b))
}

/// How far a flow is off after each of some steps, as far as it goes.
fn errors(text: &str, law: PeriodTwoLaw, h: f64, start: &[f64], steps: usize) -> Vec<f64> {
    let mut model = model(text);
    let iterates = descent(&mut *model, h, start, steps + 1);
    let mut flow = PeriodTwo::start(&*model, law, h, [&iterates[0], &iterates[1], &iterates[2]]).unwrap();
    let mut found = Vec::new();
    for iterate in &iterates[2..] {
        if flow.advance(1).is_err() {
            break;
        }
        found.push(distance(&flow.iterate(), iterate));
    }
    found
}

/// The slope of the error after two steps between step sizes h and h/2, on losses that are stiff in proportion to 1/h.
fn slope(family: &dyn Fn(f64) -> String, law: PeriodTwoLaw, h: f64) -> f64 {
    let error = |h: f64| errors(&family(h), law, h, &[0.4, 0.3], 2)[1];
    (error(h) / error(h / 2.0)).log2()
}

/// The same after one step from a centre and an oscillation that are known to be those of a slow solution.
fn slope_from(family: &dyn Fn(f64) -> String, law: PeriodTwoLaw, h: f64, centre: &[f64], oscillation: &[f64]) -> f64 {
    let error = |h: f64| {
        let mut model = model(&family(h));
        let iterates = descent(&mut *model, h, &moved(centre, 1.0, oscillation), 1);
        let mut flow = PeriodTwo::resume(&*model, law, h, centre, oscillation, 0).unwrap();
        flow.advance(1).unwrap();
        distance(&flow.iterate(), &iterates[1])
    };
    (error(h) / error(h / 2.0)).log2()
}

/// `x²/h + V`: hλ is 2 and a little more, whatever h, and the rest is slow.
fn straight(h: f64) -> String {
    format!("param x, y\nloss x^2/{h} + 3*y^2/10 + x*y/2 + x^2*y/5 - 3*x^3/20 + x^4/10 - 7*sin(y)/10 + 2*x^2/5\n")
}

/// The same with V even in x: the leading eigenvector does not turn.
fn even(h: f64) -> String {
    format!("param x, y\nloss x^2/{h} + 3*y^2/10 + x^2*y/5 + x^4/10 - 7*sin(y)/10 + 2*x^2/5\n")
}

#[test]
fn order_n_has_a_local_error_of_order_n_plus_two() {
    for (order, h, room) in [(2, 0.05, 0.25), (3, 0.05, 0.3), (4, 0.1, 0.6)] {
        let slope = slope(&straight, PeriodTwoLaw::Order(order), h);
        // Of order 4 the leading term is small here, and the next one is seen.
        let expected = order as f64 + 2.0;
        let most = if order == 4 { 8.0 } else { expected + room };
        assert!(slope > expected - room && slope < most, "order {order}: {slope}");
    }
}

#[test]
fn orders_0_and_1_have_theirs_where_the_eigenvector_does_not_turn() {
    // In a loss that is even in x the centre stays at x = 0.
    for (law, expected) in [
        (PeriodTwoLaw::Edge, 2.0),
        (PeriodTwoLaw::Order(0), 2.0),
        (PeriodTwoLaw::Order(1), 3.0),
        (PeriodTwoLaw::Order(2), 4.0),
    ] {
        let slope = slope_from(&even, law, 0.02, &[0.0, 0.3], &[0.4, 0.0]);
        assert!((slope - expected).abs() < 0.2, "{law:?}: {slope}");
    }
    // Where it turns, the oscillation is not along it but beside it by O(h), which is first felt after an odd number of steps; and the start is as far off.
    let slope = slope(&straight, PeriodTwoLaw::Order(1), 0.02);
    assert!((slope - 2.0).abs() < 0.3, "{slope}");
}

#[test]
fn order_1_is_what_differences_along_order_0_make_it() {
    let model = model("param x, y\nloss x^2 + 3*y^2/10 + x*y/2 + x^2*y/5 - 3*x^3/20 + x^4/10 - 7*sin(y)/10\n");
    let (mut pair, h, c, a) = (Pair::new(&*model).unwrap(), 0.9, vec![0.02, 0.3], 0.3);
    let (_, u) = direction(&mut pair, &c, None).unwrap();
    let at = |pair: &mut Pair<'_>, c: &[f64], a: f64, law: LowLaw| law.rates(pair, h, c, a, &u).unwrap();
    let zero = at(&mut pair, &c, a, LowLaw::Zero);
    let one = at(&mut pair, &c, a, LowLaw::One);
    let e = 1e-5;
    let [plus, minus] =
        [e, -e].map(|e| at(&mut pair, &moved(&c, e, &zero.centre), a + e * zero.amplitude, LowLaw::Zero));
    for k in 0..2 {
        // Dḡ = −D(−ḡ).
        let d = -(plus.centre[k] - minus.centre[k]) / (2.0 * e);
        assert!((one.centre[k] - (zero.centre[k] + h / 2.0 * d)).abs() < 1e-8);
    }
    let mu = |r: &Rates, a: f64| r.amplitude / a;
    let d = (mu(&plus, a + e * zero.amplitude) - mu(&minus, a - e * zero.amplitude)) / (2.0 * e);
    assert!((one.amplitude / a - (zero.amplitude / a - h / 2.0 * d)).abs() < 1e-8);
}

#[test]
fn several_directions_oscillate_and_one_leaves() {
    // hλ along x and y starts at 2.1 and 1.9 and falls with z, that of y to below 1.2.
    let text = "param x, y, z\nloss x^2*(21/20 - z/20) + y^2*(19/20 - z/8 + x/20) + x^4/100 + z^2/200 - z/10\n";
    let found = errors(text, PeriodTwoLaw::Order(3), 1.0, &[0.2, 0.3, 0.1], 30);
    let low = errors(text, PeriodTwoLaw::Order(1), 1.0, &[0.2, 0.3, 0.1], 30);
    assert!(found.len() == 30 && found.iter().all(|e| *e < 1e-5), "{found:?}");
    assert!(low.iter().any(|e| *e > 0.1), "{low:?}");
}

#[test]
fn a_strong_oscillation_is_followed_closer_by_every_order() {
    // hλ starts at 2.4, and x reaches 1.35 in step 13.
    let text = "param x, y\nloss x^2*(9/8 + y/4) + (y - 1/10)^2/10 + x^4/100\n";
    let last = |law| errors(text, law, 1.0, &[0.05, 0.3], 50).pop().unwrap();
    let found = [2, 3, 4].map(|n| last(PeriodTwoLaw::Order(n)));
    assert!(found.windows(2).all(|w| w[1] < w[0] / 2.0) && found[2] < 1e-3, "{found:?}");
    assert!(last(PeriodTwoLaw::Edge) > 5.0 * found[0], "{found:?}");
}

#[test]
fn the_central_flow_stays_where_the_edge_is() {
    // hλ = 2(1 + y)² across the valley rises with y until the oscillation stops it at 2, where y = 0.
    let mut model = model("param x, y\nloss x^2*(1 + y)^2 + (y - 1)^2/40\n");
    let iterates = descent(&mut *model, 1.0, &[0.1, -0.1], 2);
    let three = [&*iterates[0], &*iterates[1], &*iterates[2]];
    let mut flow = PeriodTwo::start(&*model, PeriodTwoLaw::Central, 1.0, three).unwrap();
    flow.advance(150).unwrap();
    assert!(flow.centre()[1].abs() < 1e-9, "{:?}", flow.centre());
    // ẏ = (1 − y)/20 − ½ · 4 (1 + y) Σ is 0 there.
    assert!((flow.mean_square() - 0.025).abs() < 1e-8, "{}", flow.mean_square());
}

#[test]
fn what_is_resumed_goes_on_to_the_same_bits() {
    let mut model = model("param x, y\nloss x^2*(1 + y^2/4) + (y - 1)^2/20\n");
    let iterates = descent(&mut *model, 1.0, &[0.05, 0.3], 2);
    for law in [PeriodTwoLaw::Edge, PeriodTwoLaw::Order(1), PeriodTwoLaw::Order(3)] {
        let mut flow = PeriodTwo::start(&*model, law, 1.0, [&iterates[0], &iterates[1], &iterates[2]]).unwrap();
        flow.advance(3).unwrap();
        let mut again = PeriodTwo::resume(&*model, law, 1.0, flow.centre(), flow.oscillation(), flow.steps()).unwrap();
        flow.advance(3).unwrap();
        again.advance(3).unwrap();
        assert_eq!(flow.iterate(), again.iterate());
    }
}

#[test]
fn what_does_not_oscillate_is_refused() {
    let mut model = model("param x, y\nloss x^2/4 + y^4\n");
    let h: Rational = "1/2".parse().unwrap();
    let flows = [FlowName::P2(1), FlowName::Edge, FlowName::P2(2)];
    let run = simulate(&mut *model, &h, 5, &[1.0, 0.1], &flows, &IntegratorOptions::default()).unwrap();
    assert!(run.flows.iter().all(|f| f.trajectory.iter().all(Option::is_none)));
    let said: Vec<_> = run.warnings.iter().filter(|w| w.code == "unsuitable").collect();
    assert!(said.len() == 3 && said.iter().all(|w| w.message.contains("do not oscillate")), "{:?}", run.warnings);
}

/// How fast the centre moves along y, and the oscillation along x, from (0, y) and (a, 0) on `even(h)`.
fn velocities(order: usize, h: f64, a: f64, y: f64) -> [f64; 2] {
    let model = model(&even(h));
    let mut pair = Pair::new(&*model).unwrap();
    let (c, x) = (vec![0.0, y], vec![a, 0.0]);
    let low = |pair: &mut Pair<'_>, law: LowLaw| {
        let rates = law.rates(pair, h, &c, a, &[1.0, 0.0]).unwrap();
        [rates.centre[1], rates.amplitude]
    };
    match order {
        0 => low(&mut pair, LowLaw::Zero),
        1 => low(&mut pair, LowLaw::One),
        _ => {
            let slow = Slow::new(h, order);
            let frame = slow.frame(&mut pair, &c, &x).unwrap();
            let found = slow.motion(&mut pair, &frame, &c, &x, &mut None).unwrap();
            [found.centre_velocity[1], found.oscillation_velocity[0]]
        }
    }
}

/// Gradient descent's modified equation to an order, on V with x = iξ, in y and in the oscillation iξ.
fn turned(order: usize, h: &Rational, a: f64, y: f64) -> [f64; 2] {
    let model = model("param x, y\nloss 3*y^2/10 - x^2*y/5 + x^4/10 - 7*sin(y)/10 - 2*x^2/5\n");
    let subject = Subject::new(&BoundOptimizer::gradient_descent()).unwrap();
    let mut field = field(&subject, &*model, &FlowName::Bea(order).describe(), h).unwrap();
    let mut out = [Complex64::ZERO; 2];
    field.evaluate(&[Complex64::new(0.0, -a), Complex64::from(y)], &mut out).unwrap();
    assert!(out[0].re.abs() < 1e-14 && out[1].im.abs() < 1e-14, "{out:?}");
    [out[1].re, -out[0].im]
}

#[test]
fn in_a_straight_even_valley_the_flows_are_the_modified_equation_of_the_turned_loss() {
    let (a, y) = (0.4, 0.3);
    // A step of the pair is one of gradient descent there, −∇W being what `turned` gives to order 0.
    let h = 0.1;
    let next = &descent(&mut *model(&even(h)), h, &[a, y], 1)[1];
    let [centre, oscillation] = turned(0, &Rational::new(1, 10), a, y);
    assert!((next[1] - (y + h * centre)).abs() < 1e-15 && (-next[0] - (a + h * oscillation)).abs() < 1e-15);
    // Order N is that of its modified equation, which the rules of the e-graph derive: they differ by the next power of h.
    for (order, n) in [(0, 50), (1, 50), (2, 40), (3, 20), (4, 10)] {
        let off = |n: i64| {
            let (p, q) = (velocities(order, 1.0 / n as f64, a, y), turned(order, &Rational::new(1, n), a, y));
            [0, 1].map(|k| (p[k] - q[k]).abs())
        };
        let (coarse, fine) = (off(n), off(2 * n));
        for k in 0..2 {
            // Of order 0 the centre's is the same.
            let slope = (coarse[k] / fine[k]).log2();
            let expected = order as f64 + 1.0;
            assert!(coarse[k] < 1e-15 || (slope - expected).abs() < 0.2, "order {order}, {k}: {slope}");
        }
    }
}
