//! A flow asks a model for what it needs, and a model that offers less than everything runs those that it can.

use super::run;
use crate::handwritten::{Banana, Quadratic, Structured};
use num_complex::Complex64;
use shadowflow::flow::{
    Capability, CompiledThird, DenseThirdAction, Field, FlowName, HessianAction, PolynomialField, ThirdAction,
};
use shadowflow::loss::{Loss, Options};

/// `diag(d) + u uᵀ`, applied in D operations and as a matrix.
const D: [f64; 4] = [0.5, 1.0, 1.5, 0.25];
const U: [f64; 4] = [0.5, -0.25, 0.0, 1.0];

fn structured() -> Structured<impl Fn(&[Complex64], &mut [Complex64])> {
    let action = |v: &[Complex64], out: &mut [Complex64]| {
        let inner: Complex64 = U.iter().zip(v).map(|(u, v)| u * v).sum();
        for (k, o) in out.iter_mut().enumerate() {
            *o = D[k] * v[k] + U[k] * inner;
        }
    };
    Structured { action, b: vec![0.1, 0.0, -0.2, 0.3] }
}

#[test]
fn flows_of_the_gradient_and_the_hessians_action_need_no_matrix() {
    let matrix = (0..16).map(|k| U[k / 4] * U[k % 4] + if k % 5 == 0 { D[k / 4] } else { 0.0 }).collect();
    let mut dense = Quadratic { a: matrix, b: structured().b };
    let (start, flows) = ([1.0, -0.5, 0.25, 0.75], ["ngf", "pgf", "igr", "principal:0", "principal:5"]);
    let want = run(&mut dense, 0.4, 4, &start, &flows);
    let got = run(&mut structured(), 0.4, 4, &start, &flows);
    for (got, want) in got.flows.iter().zip(&want.flows) {
        assert_eq!(got.name, want.name);
        for (a, b) in got.error.iter().zip(&want.error) {
            let (a, b) = (a.expect("a value"), b.expect("a value"));
            assert!((a - b).abs() < 1e-9 * (1.0 + b), "{}: {a}, not {b}", got.name);
        }
    }
    // What is lost is the sharpness along the way, and the loss, which the model does not offer either.
    let codes: Vec<&str> = got.warnings.iter().map(|w| w.code).collect();
    assert_eq!(codes, ["not-computed", "not-computed"]);
    assert_eq!(got.warnings[0].message, "h_lambda_0: the model does not offer the Hessian as a matrix");
}

#[test]
fn what_is_missing_is_named() {
    let flows = ["pf", "pf+np3", "third", "bea:2", "rpf", "rpf:4", "flip:0", "exact", "alpha:-1-z"];
    let simulation = run(&mut structured(), 0.4, 2, &[1.0, -0.5, 0.25, 0.75], &flows);
    for run in &simulation.flows {
        let name: FlowName = run.name.parse().expect("a flow");
        let needs = name.describe().needs();
        let said: Vec<&str> = simulation
            .warnings
            .iter()
            .filter(|w| w.flow.as_ref() == Some(&run.name))
            .map(|w| w.message.as_str())
            .collect();
        let reason = match name {
            FlowName::Exact => "a polynomial of degree 2".to_owned(),
            _ => format!("it needs {needs}, which the model does not offer"),
        };
        assert!(said.len() == 1 && said[0].contains(&reason), "{}: {said:?}, not {reason}", run.name);
        assert!(run.error[1].is_none());
    }
    let needs = |name: &str| name.parse::<FlowName>().expect("a flow").describe().needs();
    assert_eq!(needs("pf"), Capability::Hessian);
    assert_eq!(needs("third"), Capability::ThirdAction);
    assert_eq!(needs("rpf:4"), Capability::FourthTensor);
}

/// The third order flow, written out, from actions and at a complex state.
#[test]
fn actions_are_those_of_the_matrix() {
    let source = "param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2\n";
    let loss = Loss::parse(source, "banana.loss", &Options::default()).expect("a loss");
    let z = [Complex64::new(-0.9, 0.1), Complex64::new(0.8, -0.2)];
    let mut compiled = DenseThirdAction::new(CompiledThird::new(&loss).expect("derivatives"));
    let mut by_hand = DenseThirdAction::new(Banana { a: 1.0, b: 10.0 });
    let zeros = [Complex64::ZERO; 2];
    let (mut g, mut g2, mut hg, mut hhg, mut t, mut t2) = (zeros, zeros, zeros, zeros, zeros, zeros);
    by_hand.enter(&z, &mut g);
    by_hand.hessian_times(&g, &mut hg);
    by_hand.hessian_times(&hg, &mut hhg);
    by_hand.third_along_gradient(&mut t);
    compiled.enter(&z, &mut g2);
    compiled.third_along_gradient(&mut t2);
    let h = 0.01;
    let mut field = PolynomialField::with_third(compiled, h, vec![-1.0, -0.5, -1.0 / 3.0], 1.0 / 12.0);
    let mut out = zeros;
    field.evaluate(&z, &mut out).expect("a value");
    for i in 0..2 {
        assert!((g[i] - g2[i]).norm() < 1e-12 * g[i].norm() && (t[i] - t2[i]).norm() < 1e-12 * t[i].norm());
        let want = -g[i] - h / 2.0 * hg[i] - h * h * (hhg[i] / 3.0 + t[i] / 12.0);
        assert!((out[i] - want).norm() < 1e-12 * want.norm(), "{} {want}", out[i]);
    }
}
