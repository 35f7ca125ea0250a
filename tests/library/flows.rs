//! The promise: flows follow gradient descent as closely as the theory says, and say so where they cannot.

mod capabilities;
mod compiled;
mod events;
mod sliding;
mod values;

use crate::handwritten::{Banana, Quadratic};
use shadowflow::flow::{FlowName, IntegratorOptions, Model, Simulation, simulate};
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
    assert_eq!(codes, ["unsuitable", "unsuitable", "unsuitable"]);
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
