//! What a simulation tells of each step: loss, sharpness, what was met on the way, and the part computed before a limit.

use super::{exact, run};
use num_complex::Complex64;
use shadowflow::flow::{CompiledModel, FlowName, IntegratorOptions, Simulation, simulate};
use shadowflow::loss::{Loss, Options};
use shadowflow::number::Rational;

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
    let mut model = CompiledModel::new(loss).expect("a model");
    simulate(&mut model, &exact(h), steps, &[start], &flows, options).expect("a simulation")
}

/// The iterates of the banana function with b = 10, by mpmath with 40 digits.
#[test]
fn every_row_has_its_loss_and_sharpness() {
    let source = "param x, y\nconst a = 1, b = 10\nloss (a - x)^2 + b*(y - x^2)^2\n";
    let loss = Loss::parse(source, "banana.loss", &Options::default()).expect("a loss");
    let mut model = CompiledModel::new(loss).expect("a model");
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
    let mut model = CompiledModel::new(loss).expect("a model");
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

/// `E = x³/6`: the field `−g (1 + hH/2)` of IGR vanishes at `x = −2/h` too, where the gradient is `2/h²`.
#[test]
fn rest_where_the_loss_has_a_slope_is_no_critical_point() {
    let of = |text: &str, steps, start, flow| {
        let options = IntegratorOptions::default();
        let simulation = one_dimensional(text, 0.5, steps, start, &[flow], &options);
        simulation.events.into_iter().find(|e| e.code == "stationary").map(|e| e.message).unwrap_or_default()
    };
    let elsewhere = of("param x\nloss x^3/6\n", 30, -4.1, "igr");
    assert!(elsewhere.contains("the norm 8.00e0") && elsewhere.contains("no critical point"), "{elsewhere}");
    let minimum = of("param x\nloss x^2/2\n", 80, 1.0, "igr");
    assert!(minimum.contains("at rest") && !minimum.contains("gradient"), "{minimum}");
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

/// `(x + y + z)²/2` has the eigenvalue 3 everywhere, and what is added has none along (1, 1, 1): at h = 2/3 and h = 1/3 it stays at 2/h and 1/h, beside which rounding
/// puts it at every other state.
#[test]
fn an_eigenvalue_that_stays_crosses_nothing() {
    let source = "param x, y, z\nloss (x + y + z)^2/2 + (x - y)^4/999 + (x - z)^4/888\n";
    let loss = Loss::parse(source, "still.loss", &Options::default()).expect("a loss");
    let mut model = CompiledModel::new(loss).expect("a model");
    let flows = ["ngf", "igr", "third", "bea:3"].map(|name| name.parse().expect("a flow"));
    for h in [Rational::new(2, 3), Rational::new(1, 3)] {
        let options = IntegratorOptions::default();
        let found = simulate(&mut model, &h, 6, &[1.0, 0.4, 0.2], &flows, &options).expect("a simulation");
        let crossed: Vec<_> = found.events.iter().filter(|e| e.code.starts_with("crosses")).collect();
        assert!(crossed.is_empty(), "h = {h}: {crossed:?}");
    }
}
