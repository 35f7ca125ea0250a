//! Maps: every number against what it must be, the same result for any number of threads.

use shadowflow::flow::{FlowMap, FlowName, Grid, IntegratorOptions, MapRequest, MapValues, Quantity, Subject, map};
use shadowflow::loss::{Loss, Options};
use shadowflow::optimizer::BoundOptimizer;

const BANANA: &str = "param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2";
const QUADRATIC: &str = "param x, y\nloss x^2 + 3*y^2";

fn loss(text: &str) -> Loss {
    Loss::parse(text, "test.loss", &Options::default()).unwrap()
}

fn run(text: &str, h: &str, flow: &str, quantity: Quantity, grid: &str, threads: usize) -> FlowMap {
    let loss = loss(text);
    let pool = loss.expression.pool();
    let request = MapRequest {
        subject: &Subject::new(&BoundOptimizer::gradient_descent()).unwrap(),
        h: &h.parse().unwrap(),
        flow: &flow.parse::<FlowName>().unwrap(),
        quantity,
        grid: &Grid::parse(grid, &pool.theta_names()).unwrap(),
        at: &vec![0.0; pool.dimension()],
        options: IntegratorOptions::default(),
        threads: Some(threads),
    };
    map(&loss, &request, &|| ()).unwrap()
}

fn points(map: &FlowMap) -> impl Iterator<Item = (usize, f64, f64)> + '_ {
    (0..map.grid.len()).map(|k| (k, map.grid.x.at(k % map.grid.x.count), map.grid.y.at(k / map.grid.x.count)))
}

#[test]
fn the_negative_gradient_flow_is_the_negative_gradient() {
    let map = run(BANANA, "1/100", "ngf", Quantity::Field, "x=-2:2:9,y=-1:3:7", 2);
    let MapValues::Field(field) = &map.values else { panic!("{:?}", map.values) };
    for (k, x, y) in points(&map) {
        let expected = [2.0 * (1.0 - x) + 40.0 * x * (y - x * x), -20.0 * (y - x * x)];
        let found = field[k].as_ref().unwrap();
        for (f, e) in found.iter().zip(expected) {
            assert!((f.re - e).abs() <= 1e-12 * e.abs().max(1.0) && f.im == 0.0, "{f} at {x}, {y}: {e}");
        }
    }
}

#[test]
fn errors_on_a_quadratic_are_the_known_ones() {
    let grid = "x=-1:1:5,y=-1:1:4";
    let map = run(QUADRATIC, "1/4", "ngf", Quantity::Error { steps: 1 }, grid, 1);
    let MapValues::Error(errors) = &map.values else { panic!("{:?}", map.values) };
    // e^{−hλ} − (1 − hλ) in each direction, hλ = 1/2 and 3/2.
    let off = |z: f64| (-z).exp() - (1.0 - z);
    for (k, x, y) in points(&map) {
        let expected = (off(0.5) * x).hypot(off(1.5) * y);
        assert!((errors[k].unwrap() - expected).abs() < 1e-9, "{:?} at {x}, {y}: {expected}", errors[k]);
    }
    for (flow, steps) in [("pf", 1), ("exact", 3)] {
        let map = run(QUADRATIC, "1/4", flow, Quantity::Error { steps }, grid, 2);
        let MapValues::Error(errors) = &map.values else { panic!("{:?}", map.values) };
        assert!(errors.iter().all(|e| e.is_some_and(|e| e < 1e-9)), "{flow}: {errors:?}");
    }
}

#[test]
fn growth_is_that_of_the_frozen_flow() {
    // H = [[2 − 40y + 120x², −40x], [−40x, 20]] at x = 0 is diagonal.
    let grid = "x=0:1:2,y=-1:1:5";
    let spectrum = |y: f64| [2.0 - 40.0 * y, 20.0];
    for (flow, rate) in [
        ("ngf", &(|z: f64| -z) as &dyn Fn(f64) -> f64),
        ("pgf", &|z| z),
        ("igr", &|z| -z - z * z / 2.0),
        ("bea:2", &|z| -z - z * z / 2.0 - z.powi(3) / 3.0),
        ("pf", &|z| (1.0 - z).abs().ln()),
        ("pf+np3", &|z| (1.0 - z).abs().ln()),
    ] {
        let map = run(BANANA, "3/100", flow, Quantity::Stability, grid, 2);
        let MapValues::Stability(values) = &map.values else { panic!("{:?}", map.values) };
        for (k, _, y) in points(&map).filter(|(_, x, _)| *x == 0.0) {
            let z = spectrum(y).map(|l| 0.03 * l);
            let found = values[k].unwrap();
            assert!((found.growth - rate(z[0]).max(rate(z[1]))).abs() < 1e-12, "{flow} at y = {y}: {found:?}");
            assert!((found.largest - z[0].max(z[1])).abs() < 1e-12 && (found.smallest - z[0].min(z[1])).abs() < 1e-12);
        }
    }
    // The largest eigenvalue's direction reversed: the sign of its rate, and of no other.
    let map = run(QUADRATIC, "1/4", "flip:0", Quantity::Stability, "x=0:1:2,y=0:1:2", 1);
    let MapValues::Stability(values) = &map.values else { panic!("{:?}", map.values) };
    assert!(values.iter().all(|s| s.is_some_and(|s| (s.growth - 1.5).abs() < 1e-12)));
}

#[test]
fn what_has_no_value_is_counted() {
    // hλ = 1 along x everywhere: the principal flow has no value.
    let map = run(QUADRATIC, "1/2", "pf", Quantity::Field, "x=-1:1:4,y=-1:1:3", 2);
    let MapValues::Field(field) = &map.values else { panic!("{:?}", map.values) };
    assert!(field.iter().all(Option::is_none));
    assert_eq!(map.warnings.len(), 1);
    assert_eq!(map.warnings[0].code, "branch-point");
    assert!(map.warnings[0].message.contains("12 of 12 points"), "{}", map.warnings[0].message);
    let map = run("param x, y\nloss log(x) + y^2", "1/10", "ngf", Quantity::Field, "x=-1:1:3,y=0:1:2", 1);
    let MapValues::Field(field) = &map.values else { panic!("{:?}", map.values) };
    // 1/x at 0, which the warning names.
    assert_eq!(field.iter().filter(|f| f.is_none()).count(), 2);
    assert_eq!(map.warnings[0].code, "evaluation-failed");
    assert_eq!(map.missing[0].outcome.code(), "evaluation-failed");
    assert!(map.warnings[0].message.contains("`log(x)` is log(0)"), "{}", map.warnings[0].message);
    // −log(1 − σ(60)) is 60 + y², though 1 − σ(60) rounds to 0; a loss with kinks says so.
    let loss = "param x, y\nloss -log(1 - sigmoid(x)) + y^2 + abs(y)";
    let map = run(loss, "1/10", "pf", Quantity::Error { steps: 2 }, "x=60:70:3,y=0.5:1:2", 1);
    let MapValues::Error(errors) = &map.values else { panic!("{:?}", map.values) };
    assert!(errors.iter().all(|e| e.is_some_and(|e| e < 1e-9)), "{errors:?}");
    assert_eq!(map.warnings.iter().map(|w| w.code).collect::<Vec<_>>(), ["non-smooth"]);
}

/// Every point without a value has its reason, and those that slid are told.
#[test]
fn points_without_a_value_have_a_reason() {
    let map = run(QUADRATIC, "1/2", "pf", Quantity::Field, "x=-1:1:4,y=-1:1:3", 2);
    assert_eq!(map.missing.len(), 1);
    assert_eq!(
        (map.missing[0].outcome.code(), map.missing[0].places.clone()),
        ("branch-point", (0..12).collect::<Vec<_>>())
    );
    // On the banana function with b = 10 and h = 0.018 the flow from (−0.9, 0.6) slides in its first step, its error is about 2.3e-2
    // (with the jump spread from the start, by another integrator); from (0, 0) it does not.
    let map = run(BANANA, "18/1000", "pf", Quantity::Error { steps: 1 }, "x=-0.9:0:2,y=0:0.6:2", 1);
    let MapValues::Error(errors) = &map.values else { panic!("{:?}", map.values) };
    assert!(map.slid.contains(&2) && !map.slid.contains(&1), "{:?}", map.slid);
    assert!(errors[2].is_some_and(|e| (0.021..0.025).contains(&e)), "{errors:?}");
    assert!(map.missing.is_empty() && map.warnings.iter().any(|w| w.code == "sliding"));
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let one = run(BANANA, "1/500", "pf", Quantity::Error { steps: 2 }, "x=-1:1:6,y=0:1:7", 1);
    for threads in [2, 3, 16] {
        assert_eq!(run(BANANA, "1/500", "pf", Quantity::Error { steps: 2 }, "x=-1:1:6,y=0:1:7", threads), one);
    }
}
