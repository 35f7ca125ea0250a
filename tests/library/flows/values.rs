//! Evaluations that fail, and losses with kinks.

use super::run;
use shadowflow::flow::{CompiledModel, Simulation};
use shadowflow::loss::{Loss, Options};

fn simulated(loss: &str, h: f64, steps: usize, start: f64, flows: &[&str]) -> Simulation {
    let loss = Loss::parse(&format!("param x\nloss {loss}\n"), "test", &Options::default()).unwrap();
    let mut model = CompiledModel::new(loss).unwrap();
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
    let said = "`log(1 - erf(x))` is log(0) in double precision, where `1 - erf(x)` is 4.18e-23 in truth, at step 1";
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
    let mut model = CompiledModel::new(loss).unwrap();
    let options = IntegratorOptions::default();
    let found = simulate(&mut model, &"11/10".parse().unwrap(), 20, &[1.2, 0.7], &[FlowName::Pf], &options).unwrap();
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
    for (method, momentum) in [("implicit-euler", None), ("heavy-ball", Some("1/2"))] {
        let subject = Subject::new(&crate::bound::bound(method, momentum));
        let loss = Loss::parse("param x\nloss log(1 - erf(x))\n", "test", &Options::default()).unwrap();
        let mut model = CompiledModel::new(loss).unwrap();
        let options = IntegratorOptions::default();
        let found =
            simulate_for(&subject.unwrap(), &mut model, &"1/10".parse().unwrap(), 2, &[7.0], &[], &options).unwrap();
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
    let mut model = CompiledModel::new(loss).unwrap();
    let simulation = run(&mut model, 0.1, 20, &[1.2, 0.3], &["ngf"]);
    let kink = simulation.warnings.iter().find(|w| w.code == "kink").expect("a kink");
    assert!(kink.message.contains("`abs(x - y)`") || kink.message.contains("`abs(y - x)`"), "{}", kink.message);
    assert!(simulation.flows[0].trajectory[20].is_none());
}
