//! The promise: flows follow gradient descent as closely as the theory says, and say so where they cannot.

mod sliding;

use crate::handwritten::{Banana, Quadratic};
use num_complex::Complex64;
use shadowflow::expr::{Function, Pool, Shape};
use shadowflow::flow::{
    CompiledDerivatives, CompiledModel, Derivatives, FlowName, IntegratorOptions, Level, Model, Simulation, simulate,
};
use shadowflow::loss::{Loss, Options};
use shadowflow::number::Rational;

fn run(model: &mut dyn Model, h: f64, steps: usize, start: &[f64], flows: &[&str]) -> Simulation {
    let flows: Vec<FlowName> = flows.iter().map(|f| f.parse().expect("a flow")).collect();
    simulate(model, &exact(h), steps, start, &flows, &IntegratorOptions::default()).expect("a simulation")
}

fn exact(h: f64) -> Rational {
    Rational::from_f64(h).expect("finite")
}

/// Whether the errors of every flow are these, relatively or, for zeros, absolutely.
fn check_errors(simulation: &Simulation, want: &[(&str, &[f64])]) {
    for (run, (name, want)) in simulation.flows.iter().zip(want) {
        assert_eq!(&run.name, name);
        for (got, want) in run.error.iter().zip(*want) {
            let got = got.expect("an error");
            assert!((got - want).abs() <= 1e-5 * want.abs().max(1e-4), "{name}: {got:e}, not {want:e}");
        }
    }
}

#[test]
fn errors_on_a_quadratic() {
    let mut model = Quadratic { a: vec![1.0, 0.3, 0.3, 0.5], b: vec![0.2, 0.0] };
    let simulation = run(&mut model, 0.6, 4, &[1.0, -0.5], &["ngf", "igr", "third", "pf", "pf+np3", "exact"]);
    check_errors(
        &simulation,
        &[
            ("ngf", &[0.0, 0.16267060817831178, 0.13740052945601802, 0.09441644180420489, 0.06735764274120655]),
            ("igr", &[0.0, 0.07120863890794497, 0.051137201868353334, 0.0281375295193874, 0.014815127915865308]),
            ("third", &[0.0, 0.036662847536281136, 0.024738531837946276, 0.012565851070986254, 0.005751943632646397]),
            ("pf", &[0.0; 5]),
            ("pf+np3", &[0.0; 5]),
            ("exact", &[0.0; 5]),
        ],
    );
    assert_eq!(simulation.warnings, []);
}

#[test]
fn errors_on_an_unstable_quadratic() {
    let mut model = Quadratic { a: vec![4.0, 0.0, 0.0, 0.5], b: vec![0.0, 0.0] };
    let simulation = run(&mut model, 0.52, 3, &[0.3, 1.0], &["ngf", "igr", "pf"]);
    check_errors(
        &simulation,
        &[
            ("ngf", &[0.0, 0.3628103009082579, 0.3484115811065732, 0.3822165403508742]),
            ("igr", &[0.0, 0.32835329619716874, 0.34995093727016807, 0.3780211321816066]),
            ("pf", &[0.0; 4]),
        ],
    );
}

#[test]
fn errors_on_the_banana_function() {
    let simulation =
        run(&mut Banana { a: 1.0, b: 10.0 }, 0.01, 3, &[-0.9, 0.95], &["ngf", "igr", "third", "pf", "pf+np3"]);
    check_errors(
        &simulation,
        &[
            ("ngf", &[0.0, 0.007903914908949112, 0.004659880789054446, 0.0022133280998367947]),
            ("igr", &[0.0, 0.004137564502460542, 0.0019054725554326813, 0.0006762040026554511]),
            ("third", &[0.0, 0.0025458291150050384, 0.0010389313224511536, 0.0003186275118675243]),
            ("pf", &[0.0, 0.00010833738707895102, 2.3521415223933027e-05, 2.0744512977822526e-05]),
            ("pf+np3", &[0.0, 0.00010673350650405905, 2.0884997579572092e-05, 1.7617122995036537e-05]),
        ],
    );
}

/// Two significant digits, from an independent integration in Python.
#[test]
fn one_step_on_the_banana_function_across_the_branch_point() {
    let flows = ["ngf", "igr", "third", "pf", "pf+np3"];
    for (h_lambda, want) in [
        (0.25, [8.7e-4, 1.5e-4, 2.7e-5, 1.6e-6, 8.0e-7]),
        (0.5, [3.2e-3, 1.1e-3, 4.1e-4, 1.6e-5, 1.3e-5]),
        (0.9, [9.3e-3, 5.3e-3, 3.5e-3, 1.9e-4, 1.9e-4]),
        (1.1, [1.3e-2, 8.7e-3, 6.8e-3, 3.8e-4, 3.7e-4]),
        (1.5, [2.2e-2, 1.8e-2, 1.6e-2, 5.7e-4, 4.4e-4]),
        (1.9, [3.2e-2, 2.8e-2, 2.8e-2, 9.0e-4, 7.2e-4]),
    ] {
        let simulation = run(&mut Banana { a: 1.0, b: 10.0 }, h_lambda / 82.0772, 1, &[-0.9, 0.95], &flows);
        for (run, want) in simulation.flows.iter().zip(want) {
            let got = run.error[1].expect("an error");
            // Half a unit of the second digit, and as much again for the six digits of λ₀.
            let unit = 10f64.powf(f64::floor(f64::log10(want)) - 1.0);
            assert!((got - want).abs() <= 0.55 * unit, "hλ = {h_lambda}, {}: {got:.3e}, not {want:.1e}", run.name);
        }
    }
}

#[test]
fn local_errors_fall_with_their_order() {
    let options = IntegratorOptions { tolerance: 1e-14, ..Default::default() };
    for (name, order) in [("ngf", 2.0), ("igr", 3.0), ("third", 4.0), ("pf", 3.0), ("pf+np3", 4.0)] {
        let flow: FlowName = name.parse().unwrap();
        let error = |h: f64| {
            simulate(
                &mut Banana { a: 1.0, b: 10.0 },
                &exact(h),
                1,
                &[-0.9, 0.95],
                std::slice::from_ref(&flow),
                &options,
            )
            .unwrap()
            .flows[0]
                .error[1]
                .unwrap()
        };
        let slope = (error(4e-4) / error(2e-4)).log2();
        assert!((slope - order).abs() < 0.1, "{name}: {slope:.3}, not {order}");
    }
}

/// Symmetric, with the given eigenvalues, turned by products of reflections.
fn turned(eigenvalues: &[f64]) -> Vec<f64> {
    let n = eigenvalues.len();
    let v: Vec<f64> = (0..n).map(|k| (k as f64 * 1.3 + 0.4).cos()).collect();
    let norm: f64 = v.iter().map(|x| x * x).sum();
    let q = |i: usize, j: usize| f64::from(u8::from(i == j)) - 2.0 * v[i] * v[j] / norm;
    (0..n * n).map(|k| (0..n).map(|m| q(k / n, m) * eigenvalues[m] * q(k % n, m)).sum()).collect()
}

#[test]
fn the_principal_flow_follows_gradient_descent_on_quadratics() {
    for h_lambda in [0.5, 0.999, 1.001, 1.5, 2.5] {
        let h = 0.1;
        let top = h_lambda / h;
        for spectrum in [
            vec![top],
            vec![top, 0.3 * top],
            vec![top, 0.0],
            vec![top, -1.0],
            vec![top, top],
            vec![top, 0.0, 0.4 * top, 1e-9],
        ] {
            let n = spectrum.len();
            // The linear term, also along the zero eigenvalue.
            let mut model = Quadratic { a: turned(&spectrum), b: (0..n).map(|k| 0.3 - 0.2 * k as f64).collect() };
            let start: Vec<f64> = (0..n).map(|k| 1.0 - 0.7 * k as f64).collect();
            let simulation = run(&mut model, h, 100, &start, &["pf", "pf+np3", "exact"]);
            let largest = simulation
                .iterates
                .iter()
                .map(|x| x.as_ref().expect("finite").iter().map(|x| x * x).sum::<f64>().sqrt())
                .fold(0.0, f64::max);
            for run in &simulation.flows {
                let worst = run.error.iter().map(|e| e.expect("an error")).fold(0.0, f64::max) / largest;
                let bound = if run.name == "exact" { 1e-12 } else { 1e-9 };
                assert!(worst <= bound, "hλ = {h_lambda}, {spectrum:?}, {}: {worst:e}", run.name);
            }
            assert_eq!(simulation.warnings, []);
        }
    }
}

#[test]
fn the_branch_point_ends_the_flow_and_no_other() {
    let mut model = Quadratic { a: vec![2.0, 0.0, 0.0, 0.5], b: vec![0.0, 0.1] };
    let simulation = run(&mut model, 0.5, 3, &[0.3, 1.0], &["pf", "ngf", "exact"]);
    let [pf, ngf, exact] = &simulation.flows[..] else { panic!("three flows") };
    assert!(pf.trajectory[0].is_some() && pf.trajectory[1..].iter().all(Option::is_none));
    assert!(pf.error[1..].iter().all(Option::is_none));
    assert!(ngf.error.iter().all(Option::is_some));
    // One step of gradient descent lands on the minimum, and so does the closed solution.
    assert!(exact.error.iter().all(|e| e.unwrap() < 1e-15));
    let [warning] = &simulation.warnings[..] else { panic!("one warning: {:?}", simulation.warnings) };
    assert_eq!((warning.code, warning.flow.as_deref(), warning.step), ("branch-point", Some("pf"), Some(1)));
}

#[test]
fn what_does_not_fit_is_said() {
    let mut banana = Banana { a: 1.0, b: 10.0 };
    let simulation = run(&mut banana, 0.01, 2, &[-0.9, 0.95], &["exact", "flip:2", "bea:3", "ngf", "ngf"]);
    let codes: Vec<_> = simulation.warnings.iter().map(|w| w.code).collect();
    assert_eq!(codes, ["unsuitable", "unsuitable", "not-computed"]);
    assert_eq!(simulation.flows.len(), 4);
    assert!(simulation.flows[3].error.iter().all(Option::is_some));
    let options = IntegratorOptions::default();
    let mut refused = |h, steps, start: &[f64], options| {
        simulate(&mut banana, &exact(h), steps, start, &[], options).unwrap_err().to_string()
    };
    assert!(refused(0.0, 1, &[0.0, 0.0], &options).contains("step size"));
    assert!(refused(-0.1, 1, &[0.0, 0.0], &options).contains("step size"));
    assert!(refused(0.1, 1, &[0.0], &options).contains("1 entries"));
    assert!(refused(0.1, 1, &[0.0, f64::INFINITY], &options).contains("not finite"));
    assert!(refused(0.1, usize::MAX, &[0.0, 0.0], &options).contains("fewer steps"));
    let loose = IntegratorOptions { tolerance: 0.0, ..options };
    assert!(refused(0.1, 1, &[0.0, 0.0], &loose).contains("tolerance"));
}

#[test]
fn divergence_and_limits_are_padded() {
    // Far beyond stability: gradient descent overflows within a few steps.
    let simulation = run(&mut Banana { a: 1.0, b: 10.0 }, 0.5, 12, &[-0.9, 0.95], &["ngf", "pf", "pgf"]);
    assert_eq!(simulation.iterates.len(), 13);
    assert!(simulation.iterates[12].is_none());
    for run in &simulation.flows {
        assert_eq!((run.trajectory.len(), run.error.len()), (13, 13));
    }
    assert!(simulation.warnings.iter().any(|w| w.flow.is_none() && w.code == "diverged"));
    assert!(simulation.warnings.iter().any(|w| w.flow.as_deref() == Some("pgf")));
    let options = IntegratorOptions { max_steps: 3, ..Default::default() };
    let mut banana = Banana { a: 1.0, b: 10.0 };
    let simulation = simulate(&mut banana, &exact(0.01), 50, &[-0.9, 0.95], &[FlowName::Pf], &options).unwrap();
    assert!(simulation.flows[0].trajectory[50].is_none());
    assert_eq!(simulation.warnings[0].code, "step-limit");
    assert!(simulation.warnings[0].step.is_some());
}

/// With `E = ½ (λ_0 x² + λ_1 y²)` the flipped direction grows as `e^{λt}` where the other decays.
#[test]
fn flipped_directions_grow() {
    let mut model = Quadratic { a: vec![0.5, 0.0, 0.0, 2.0], b: vec![0.0, 0.0] };
    let simulation = run(&mut model, 0.25, 4, &[1.0, 1.0], &["flip:0", "flip:1", "flip:0+1", "pgf"]);
    let end = |k: usize| simulation.flows[k].trajectory[4].clone().unwrap();
    let e = f64::exp;
    for (k, want) in [[e(-0.5), e(2.0)], [e(0.5), e(-2.0)], [e(0.5), e(2.0)], [e(0.5), e(2.0)]].iter().enumerate() {
        for (z, w) in end(k).iter().zip(want) {
            assert!((z - w).norm() < 1e-9, "{k}: {z} {w}");
        }
    }
}

/// The banana function with b = 10 as an expression.
fn compiled_banana() -> CompiledModel {
    let mut pool = Pool::new();
    let (x, y) = (pool.declare_parameter("x", Shape::scalar()), pool.declare_parameter("y", Shape::scalar()));
    let one = pool.integer(1);
    let first = pool.sub(one, x);
    let first = pool.pow(first, &2.into());
    let square = pool.pow(x, &2.into());
    let second = pool.sub(y, square);
    let second = pool.pow(second, &2.into());
    let second = pool.scaled(&10.into(), second);
    let loss = pool.add(first, second);
    CompiledModel::new(pool, loss).expect("a model")
}

#[test]
fn compiled_losses_give_the_same_flows() {
    for h in [0.01, 1.0 / 55.0] {
        let flows = ["ngf", "igr", "third", "pf", "pf+np3", "flip:1", "principal:5"];
        let by_hand = run(&mut Banana { a: 1.0, b: 10.0 }, h, 3, &[-0.9, 0.95], &flows);
        let compiled = run(&mut compiled_banana(), h, 3, &[-0.9, 0.95], &flows);
        assert_eq!(by_hand.warnings, compiled.warnings);
        for (a, b) in by_hand.flows.iter().zip(&compiled.flows) {
            for (a, b) in a.trajectory.iter().zip(&b.trajectory) {
                for (a, b) in a.as_ref().unwrap().iter().zip(b.as_ref().unwrap()) {
                    assert!((a - b).norm() < 1e-9, "{a} {b}");
                }
            }
        }
    }
}

#[test]
fn truncated_flows_meet_those_with_names() {
    let simulation =
        run(&mut compiled_banana(), 0.01, 3, &[-0.9, 0.95], &["bea:0", "ngf", "bea:1", "igr", "bea:2", "third"]);
    for pair in simulation.flows.chunks(2) {
        for (a, b) in pair[0].error.iter().zip(&pair[1].error) {
            assert!((a.unwrap() - b.unwrap()).abs() < 1e-10);
        }
    }
}

#[test]
fn truncated_flows_have_their_local_order() {
    // Step sizes small enough for the leading term and large enough for an error above rounding, by order.
    let losses: [(&str, &[f64], [i64; 5]); 3] = [
        ("param x, y\nloss (1 - x)^2 + 100*(y - x^2)^2\n", &[-0.9, 0.95], [5000, 5000, 5000, 2000, 1000]),
        (
            "param a, b, c\nloss log(1 + exp(a*b)) + tanh(c*a)^2/2 + cos(b*c)/3\n",
            &[0.3, -0.2, 0.7],
            [64, 64, 32, 16, 8],
        ),
        ("param x\nloss exp(x) - 2*x\n", &[1.1], [256, 128, 64, 64, 64]),
    ];
    let options = IntegratorOptions { tolerance: 1e-14, ..Default::default() };
    for (source, start, coarse) in losses {
        let loss = Loss::parse(source, "order.loss", &Options::default()).unwrap();
        for (order, inverse) in coarse.into_iter().enumerate() {
            let error = |inverse: i64| {
                let h = Rational::new(1, inverse);
                let mut model = CompiledModel::new(loss.pool.clone(), loss.loss).unwrap();
                let flows = [FlowName::Bea(order)];
                let simulation = simulate(&mut model, &h, 1, start, &flows, &options).unwrap();
                simulation.flows[0].error[1].unwrap()
            };
            let slope = (error(inverse) / error(2 * inverse)).log2();
            assert!((slope - (order + 2) as f64).abs() < 0.1, "bea:{order} of {source}: {slope:.3}");
        }
    }
}

/// `log x` is followed through negative x by its principal branch, whose cut lies there.
#[test]
fn a_loss_says_where_its_own_branch_jumps() {
    let mut pool = Pool::new();
    let x = pool.declare_parameter("x", Shape::scalar());
    let l = pool.apply(Function::Log, x);
    let square = pool.pow(l, &2.into());
    let loss = pool.scaled(&"1/2".parse().unwrap(), square);
    let mut derivatives = CompiledDerivatives::new(&pool, loss, Level::Gradient).unwrap();
    let at = |re, im| [Complex64::new(re, im)];
    assert!(derivatives.crosses_cut(&at(-1.0, 0.1), &at(-1.0, -0.1)));
    assert!(!derivatives.crosses_cut(&at(1.0, 0.1), &at(1.0, -0.1)));
    let mut model = CompiledModel::new(pool, loss).unwrap();
    assert!(!model.is_quadratic());
    let simulation = run(&mut model, 0.1, 3, &[2.0], &["pf"]);
    assert_eq!(simulation.warnings, []);
}

/// Tightening the tolerance brings the trajectory closer, on both sides of the branch point and of the edge of stability.
#[test]
fn flows_converge_with_the_tolerance() {
    let source = "param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2\n";
    let loss = Loss::parse(source, "banana.loss", &Options::default()).expect("a loss");
    for h_lambda in [0.9, 1.1, 1.9, 2.1] {
        let h = h_lambda / 82.0772;
        let mut model = CompiledModel::new(loss.pool.clone(), loss.loss).expect("a model");
        let flows: Vec<FlowName> = ["ngf", "pf", "pf+np3", "rpf"].iter().map(|f| f.parse().expect("a flow")).collect();
        let mut ends = |tolerance: f64| -> Vec<Vec<Complex64>> {
            let options = IntegratorOptions { tolerance, ..Default::default() };
            let simulation = simulate(&mut model, &exact(h), 3, &[-0.9, 0.95], &flows, &options).expect("a simulation");
            simulation.flows.iter().map(|f| f.trajectory[3].clone().expect("a state")).collect()
        };
        let reference = ends(1e-14);
        for tolerance in [1e-5, 1e-7, 1e-9, 1e-11] {
            for ((end, best), flow) in ends(tolerance).iter().zip(&reference).zip(&flows) {
                let off = end.iter().zip(best).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
                assert!(off < 30.0 * tolerance, "hλ = {h_lambda}, {flow}, tolerance {tolerance:e}: off by {off:e}");
            }
        }
    }
}

fn one_dimensional(
    source: &str,
    h: f64,
    steps: usize,
    start: f64,
    flows: &[&str],
    options: &IntegratorOptions,
) -> Simulation {
    let loss = Loss::parse(source, "one.loss", &Options::default()).expect("a loss");
    let flows: Vec<FlowName> = flows.iter().map(|f| f.parse().expect("a flow")).collect();
    let mut model = CompiledModel::new(loss.pool, loss.loss).expect("a model");
    simulate(&mut model, &exact(h), steps, &[start], &flows, options).expect("a simulation")
}

/// The iterates of the banana function with b = 10, by mpmath with 40 digits.
#[test]
fn every_row_has_its_loss_and_sharpness() {
    let source = "param x, y\nconst a = 1, b = 10\nloss (a - x)^2 + b*(y - x^2)^2\n";
    let loss = Loss::parse(source, "banana.loss", &Options::default()).expect("a loss");
    let mut model = CompiledModel::new(loss.pool, loss.loss).expect("a model");
    let simulation = run(&mut model, 0.018, 3, &[-0.9, 0.95], &["ngf"]);
    let losses = [3.806, 3.719_251_538_678_284_7, 3.650_941_051_625_079_7, 3.586_862_346_775_924];
    let tops = [1.477_390_007_969_568_3, 1.585_568_632_579_961_8, 1.463_501_691_219_866_1, 1.463_014_995_113_954_6];
    for (found, want) in simulation.loss.iter().zip(losses).chain(simulation.h_lambda_0.iter().zip(tops)) {
        assert!(found.is_some_and(|x| (x - want).abs() < 1e-13 * want), "{found:?} {want}");
    }
    assert_eq!((simulation.loss.len(), simulation.h_lambda_0.len()), (4, 4));
    assert_eq!(simulation.flows[0].loss[0], Some(simulation.loss[0].expect("a loss").into()));
    assert_eq!(simulation.flows[0].h_lambda_0.len(), 4);
    // The principal flow at a complex state, by 40,000 steps of the classical Runge–Kutta method.
    let simulation =
        one_dimensional("param x\nloss x^2/2 + x^4/4\n", 1.5, 1, 0.3, &["pf"], &IntegratorOptions::default());
    for (found, (re, im)) in [
        (simulation.flows[0].loss[1], (0.013_035_180_623_247_298, 0.002_046_919_215_164_375_4)),
        (simulation.flows[0].h_lambda_0[1], (1.615_860_936_721_092_3, 0.017_959_862_602_153_247)),
    ] {
        assert!(found.is_some_and(|z| (z - Complex64::new(re, im)).norm() < 1e-10), "{found:?}");
    }
}

/// A flow that runs along its cut crosses it, and 1/h, thousands of times.
#[test]
fn events_are_one_a_kind_and_step() {
    let source = "param x, y\nloss (1 - x)^2 + 100*(y - x^2)^2\n";
    let loss = Loss::parse(source, "banana.loss", &Options::default()).expect("a loss");
    let mut model = CompiledModel::new(loss.pool, loss.loss).expect("a model");
    let options = IntegratorOptions { max_steps: 3000, ..IntegratorOptions::default() };
    let flows = ["pf", "pf+np3"].map(|name| name.parse().expect("a flow"));
    let simulation =
        simulate(&mut model, &Rational::new(1, 100), 6, &[-0.9, 0.95], &flows, &options).expect("a simulation");
    let mut kinds: Vec<_> = simulation.events.iter().map(|e| (e.flow.clone(), e.code, e.step)).collect();
    let all = kinds.len();
    kinds.sort();
    kinds.dedup();
    assert_eq!(all, kinds.len());
    for event in &simulation.events {
        assert!(event.count >= 1 && event.time <= event.last_time, "{event:?}");
        assert_eq!(event.count > 1, event.message.contains("times in this step"), "{event:?}");
    }
}

/// For `E = x²/2 + x⁴/4`, `H = 1 + 3x²` and the gradient flow has `x²/(1+x²) = C e^{−2t}`: when hλ is 2 and 1 is known.
#[test]
fn crossings_are_located() {
    let (h, start) = (0.25, 2.0);
    let simulation =
        one_dimensional("param x\nloss x^2/2 + x^4/4\n", h, 40, start, &["ngf", "igr"], &IntegratorOptions::default());
    let share = |x: f64| x * x / (1.0 + x * x);
    for (code, level) in [("crosses-2/h", 2.0), ("crosses-1/h", 1.0)] {
        let x = ((level / h - 1.0) / 3.0_f64).sqrt();
        let want = 0.5 * (share(start) / share(x)).ln();
        let found: Vec<_> =
            simulation.events.iter().filter(|e| e.code == code && e.flow.as_deref() == Some("ngf")).collect();
        assert_eq!(found.len(), 1, "{code}: {:?}", simulation.events);
        assert!((found[0].time - want).abs() < 1e-8, "{code}: {} {want}", found[0].time);
        assert_eq!(found[0].step, (want / h).ceil() as usize);
        assert!(simulation.events.iter().any(|e| e.code == code && e.flow.as_deref() == Some("igr")));
        assert!(simulation.events.iter().any(|e| e.code == code && e.flow.is_none()));
    }
    // x falls below 1e-10 at about t = log(2·10¹⁰).
    let longer =
        one_dimensional("param x\nloss x^2/2 + x^4/4\n", h, 120, start, &["ngf"], &IntegratorOptions::default());
    let rest: Vec<_> = longer.events.iter().filter(|e| e.code == "stationary").collect();
    assert_eq!(rest.len(), 1);
    assert!((20.0..28.0).contains(&rest[0].time), "{}", rest[0].time);
}

/// `E = x³/6 − x`, `H = x`: on the way to √2 the flow at h = 1/1.2 meets `hλ = 1` at x = 1.2.
#[test]
fn the_branch_point_on_the_way_is_reported() {
    let simulation =
        one_dimensional("param x\nloss x^3/6 - x\n", 1.0 / 1.2, 3, 0.5, &["pf"], &IntegratorOptions::default());
    let events: Vec<_> = simulation.events.iter().filter(|e| e.flow.is_some()).map(|e| e.code).collect();
    let stopped = simulation.warnings.iter().any(|w| w.flow.is_some());
    assert!(events.contains(&"branch-point-near"), "{:?} {:?}", simulation.events, simulation.warnings);
    assert!(events.contains(&"branch-point-crossed") || stopped, "{:?} {:?}", simulation.events, simulation.warnings);
}

#[test]
fn limits_leave_the_part_computed_so_far() {
    let options = IntegratorOptions { max_seconds: Some(1e-9), ..Default::default() };
    let simulation = one_dimensional("param x\nloss x^2/2 + x^4/4\n", 0.1, 4, 1.0, &["pf"], &options);
    assert!(simulation.flows[0].trajectory[0].is_some() && simulation.flows[0].trajectory[4].is_none());
    assert_eq!(simulation.warnings[0].code, "time-limit");
}

#[test]
fn an_alpha_given_as_an_expression() {
    let source = "param x, y, z\nloss (1 - x)^2 + 3*(y - x^2)^2 + x*y*z + z^4/4 + z^2\n";
    let loss = Loss::parse(source, "three.loss", &Options::default()).expect("a loss");
    let mut model = CompiledModel::new(loss.pool, loss.loss).expect("a model");
    let flows: Vec<FlowName> = ["pf", "alpha:log(1-z)/z", "ngf", "alpha:-1", "igr", "alpha:-1-z/2"]
        .iter()
        .map(|f| f.parse().unwrap())
        .collect();
    let simulation = simulate(&mut model, &exact(0.02), 4, &[-0.9, 0.5, 0.4], &flows, &IntegratorOptions::default())
        .expect("a simulation");
    for pair in simulation.flows.chunks_exact(2) {
        for (a, b) in pair[0].error.iter().zip(&pair[1].error) {
            let (a, b) = (a.expect("an error"), b.expect("an error"));
            assert!((a - b).abs() < 1e-9, "{}: {a} {b}", pair[1].name);
        }
    }
    // A pole is met where an eigenvalue is 0, and said.
    let mut flat = Quadratic { a: vec![1.0, 0.0, 0.0, 0.0], b: vec![0.0, 1.0] };
    let simulation = run(&mut flat, 0.5, 1, &[1.0, 1.0], &["alpha:1/z"]);
    assert_eq!(simulation.warnings[0].code, "branch-point");
}

#[test]
fn sweeps_are_the_same_on_any_number_of_threads_and_go_on() {
    use shadowflow::flow::{Subject, Sweep, sweep};
    use shadowflow::optimizer::Optimizer;
    use std::ops::ControlFlow;
    let source = "param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2\n";
    let loss = Loss::parse(source, "banana.loss", &Options::default()).expect("a loss");
    let model = CompiledModel::new(loss.pool, loss.loss).expect("a model");
    let plan = Sweep {
        step_sizes: vec!["1/100".parse().unwrap(), "1/50".parse().unwrap()],
        starts: (0..30).map(|k| vec![-1.0 + 0.05 * f64::from(k), 0.8]).collect(),
        flows: ["pf", "bea:2"].iter().map(|f| f.parse().unwrap()).collect(),
        steps: 2,
        options: IntegratorOptions { tolerance: 1e-6, ..Default::default() },
    };
    let subject = Subject::new(&Optimizer::GradientDescent, None).unwrap();
    let on = |threads: usize, first: usize, stop: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut found = Vec::new();
            let digest = |s: &Simulation| format!("{:?}", s.flows.iter().map(|f| f.error.clone()).collect::<Vec<_>>());
            let deliver = |case, text| {
                found.push((case, text));
                if case + 1 == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            sweep(&subject, &model, &plan, first, digest, deliver).unwrap();
            found
        })
    };
    let whole = on(1, 0, 60);
    assert_eq!(whole.len(), plan.cases());
    assert_eq!(on(3, 0, 60), whole);
    let mut parts = on(2, 0, 17);
    parts.extend(on(3, 17, 60));
    assert_eq!(parts, whole);
}

/// Evaluations that fail, and losses with kinks.
mod values_and_kinks {
    use super::{Loss, Options, Simulation, run};
    use shadowflow::flow::CompiledModel;

    fn simulated(loss: &str, h: f64, steps: usize, start: f64, flows: &[&str]) -> Simulation {
        let loss = Loss::parse(&format!("param x\nloss {loss}\n"), "test", &Options::default()).unwrap();
        let mut model = CompiledModel::new(loss.pool, loss.loss).unwrap();
        run(&mut model, h, steps, &[start], flows)
    }

    fn codes(simulation: &Simulation) -> Vec<(&str, Option<&str>)> {
        simulation.warnings.iter().map(|w| (w.code, w.flow.as_deref())).collect()
    }

    /// The gradient of `−log(1 − σ(w))` is 1 to 16 digits at w = 37 and beyond, where 1 − σ rounds to 0.
    #[test]
    fn a_loss_that_rounds_to_nothing_is_followed() {
        for start in [37.0, 89.0, 800.0] {
            let simulation = simulated("-log(1 - sigmoid(x))", 0.5, 4, start, &["ngf", "pf", "bea:3", "rpf"]);
            assert_eq!(simulation.warnings, []);
            assert_eq!(simulation.iterates[4], Some(vec![start - 2.0]));
            assert_eq!(simulation.loss[0], Some(start));
            for flow in &simulation.flows {
                assert!(flow.error[4].is_some_and(|e| e < 1e-9), "{} from {start}: {:?}", flow.name, flow.error);
            }
        }
    }

    #[test]
    fn an_operation_that_loses_its_value_is_named() {
        // 1 − erf(7) is 4e-23, and no function of the language has it.
        let simulation = simulated("log(1 - erf(x))", 0.1, 3, 7.0, &["ngf", "pf"]);
        assert_eq!(simulation.iterates[1], None);
        let optimizer = &simulation.warnings[0];
        assert_eq!((optimizer.code, optimizer.step), ("evaluation-failed", Some(1)));
        let said =
            "`log(1 - erf(x))` is log(0) in double precision, where `1 - erf(x)` is 4.18e-23 in truth, at step 1";
        assert!(optimizer.message.starts_with(said), "{}", optimizer.message);
        for flow in ["ngf", "pf"] {
            assert!(codes(&simulation).contains(&("evaluation-failed", Some(flow))), "{:?}", simulation.warnings);
        }
        // e^800 · log(1 + e^−800) is 1.
        let simulation = simulated("exp(x)*log(1 + exp(-x))", 0.1, 3, 800.0, &["pf"]);
        let message = &simulation.warnings[0].message;
        assert!(message.starts_with("`exp(x)` is exp(800), beyond the largest double, at step 1"), "{message}");
        // Outside the domain nothing helps but to stay inside.
        let simulation = simulated("x^2 + x*sqrt(x)", 1.0, 5, 0.6, &[]);
        let message = &simulation.warnings[0].message;
        assert!(message.starts_with("`sqrt(x)` is sqrt(-1.761895e0) in double precision at step 2"), "{message}");
        assert!(message.contains("not defined there"), "{message}");
    }

    /// x ↦ x − 4x³ from 10: 1e105 at step 4, whose cube is beyond every double.
    #[test]
    fn iterates_that_grow_beyond_bounds_still_diverge() {
        for (loss, start) in [("x^4", 10.0), ("exp(x^2)", 3.0), ("x^4 - x^2", 10.0)] {
            let simulation = simulated(loss, 1.0, 20, start, &[]);
            assert_eq!(simulation.warnings[0].code, "diverged", "{loss}: {:?}", simulation.warnings);
        }
    }

    /// From 1e4 on, `pf` squares its distance from step to step, and its field is a polynomial: no operation of the loss is to blame.
    #[test]
    fn a_flow_that_runs_away_diverges() {
        use shadowflow::flow::{FlowName, IntegratorOptions, simulate};
        let loss = Loss::parse("param u, v\nloss (u*v - 1)^2/2\n", "test", &Options::default()).unwrap();
        let mut model = CompiledModel::new(loss.pool, loss.loss).unwrap();
        let options = IntegratorOptions::default();
        let found =
            simulate(&mut model, &"11/10".parse().unwrap(), 20, &[1.2, 0.7], &[FlowName::Pf], &options).unwrap();
        let last = found.flows[0].trajectory.iter().rposition(Option::is_some).unwrap();
        let ends: Vec<_> = found.warnings.iter().filter(|w| w.code != "sliding" && w.code != "branch-cut").collect();
        assert_eq!(ends.len(), 1, "{ends:?}");
        assert_eq!((ends[0].code, ends[0].step), ("diverged", Some(last + 1)));
        assert!(!ends[0].message.contains('…') && !ends[0].message.contains("derivative of the loss"), "{ends:?}");
        // The eigenvalues of [[v², 2uv − 1], [2uv − 1, u²]] solve λ² − (u² + v²)λ + u²v² − (2uv − 1)² = 0.
        let state = found.flows[0].trajectory[last].as_ref().unwrap();
        let (u, v) = (state[0], state[1]);
        let lambda = found.flows[0].h_lambda_0[last].expect("a value") / 1.1;
        let (scale, off) = (u.norm().max(v.norm()).powi(2), 2.0 * u * v - 1.0);
        let (lambda, trace) = (lambda / scale, (u * u + v * v) / scale);
        let determinant = (u * v / scale).powi(2) - (off / scale).powi(2);
        assert!((lambda * lambda - trace * lambda + determinant).norm() < 1e-10);
    }

    #[test]
    fn every_optimizer_says_where_it_lost_its_value() {
        use shadowflow::flow::{IntegratorOptions, Subject, simulate_for};
        use shadowflow::optimizer::Optimizer;
        for method in [Optimizer::ImplicitEuler, Optimizer::HeavyBall] {
            let subject = Subject::new(&method, Some(&"1/2".parse().unwrap())).or_else(|_| Subject::new(&method, None));
            let loss = Loss::parse("param x\nloss log(1 - erf(x))\n", "test", &Options::default()).unwrap();
            let mut model = CompiledModel::new(loss.pool, loss.loss).unwrap();
            let options = IntegratorOptions::default();
            let found = simulate_for(&subject.unwrap(), &mut model, &"1/10".parse().unwrap(), 2, &[7.0], &[], &options)
                .unwrap();
            assert!(codes(&found).contains(&("evaluation-failed", None)), "{:?}", found.warnings);
        }
    }

    #[test]
    fn a_flow_rests_at_a_kink() {
        let simulation = simulated("abs(x)", 0.1, 20, 0.55, &["ngf", "pf", "bea:2"]);
        // ẋ = −sign(x) is at 0 from t = 0.55 on.
        assert_eq!(codes(&simulation), [("non-smooth", None)]);
        for flow in &simulation.flows {
            for (state, time) in flow.trajectory.iter().zip(&simulation.times) {
                let x = state.as_ref().expect("a value")[0].re;
                assert!((x - (0.55 - time).max(0.0)).abs() < 1e-9, "{} at {time}: {x}", flow.name);
            }
            let rests: Vec<_> = simulation.events.iter().filter(|e| e.flow.as_ref() == Some(&flow.name)).collect();
            assert!(rests.iter().any(|e| e.code == "rests-at-kink" && (e.time - 0.55).abs() < 1e-6), "{rests:?}");
            assert!(rests.iter().any(|e| e.message.contains("`abs(x)`")), "{rests:?}");
        }
        // A jump of 2e6, which no step across is accepted of.
        let steep = simulated("1e6*abs(x - 1)", 1e-7, 20, 1.55, &["ngf"]);
        assert!(steep.events.iter().any(|e| e.code == "rests-at-kink"), "{:?} {:?}", steep.warnings, steep.events);
        assert!(steep.flows[0].trajectory[20].is_some());
        // Passed and not held.
        let passed = simulated("relu(x) + x", 0.1, 20, 0.55, &["ngf"]);
        assert_eq!(codes(&passed), [("non-smooth", None)]);
        assert!(passed.events.iter().all(|e| e.code != "rests-at-kink"));
        let end = passed.flows[0].trajectory[20].as_ref().unwrap()[0].re;
        // −2 until t = 0.275, then −1.
        assert!((end + (2.0 - 0.275)).abs() < 1e-9, "{end}");
    }

    #[test]
    fn a_flow_along_a_kink_ends_with_its_name() {
        let loss = Loss::parse("param x, y\nloss abs(x - y) + y^2\n", "test", &Options::default()).unwrap();
        let mut model = CompiledModel::new(loss.pool, loss.loss).unwrap();
        let simulation = run(&mut model, 0.1, 20, &[1.2, 0.3], &["ngf"]);
        let kink = simulation.warnings.iter().find(|w| w.code == "kink").expect("a kink");
        assert!(kink.message.contains("`abs(x - y)`") || kink.message.contains("`abs(y - x)`"), "{}", kink.message);
        assert!(simulation.flows[0].trajectory[20].is_none());
    }
}
