//! Derivations and proofs of other optimizers, against the route by composition of B-series.

use super::*;
use crate::number::{Coefficient, Rational, Scalar};
use crate::optimizer::testing::numbers;
use crate::optimizer::{BoundRecurrence, Evaluation, Optimizer};
use crate::proof::proof_json;
use crate::proof::read::read_proof;
use crate::series::egraph::{rewritten, sabotaged};
use crate::series::{Limits, composition};
use std::time::Instant;

fn q(n: i64, d: i64) -> Rational {
    Rational::new(n, d)
}

fn scalars<C: Coefficient + Into<Scalar>>(recurrence: &Recurrence<C>) -> Recurrence<Scalar> {
    recurrence.map(|c| Some(c.clone().into())).unwrap()
}

/// Derives, compares with the composition route, checks the proof, and reads it back.
fn prove<C: Coefficient + Into<Scalar>>(recurrence: &Recurrence<C>, order: usize) -> Proof {
    let start = Instant::now();
    let scalars = scalars(recurrence);
    let (equation, proof) = rewritten(&scalars, order, &Limits::default(), true).unwrap();
    let proof = proof.unwrap();
    assert_eq!(equation, composition(recurrence, order).unwrap(), "{}", recurrence.method);
    let derived = start.elapsed();
    let report = check(&proof);
    assert_eq!(report.failures, [], "{}", recurrence.method);
    assert_eq!(report.equation, equation);
    assert!(derived.as_secs() < 20, "{} took {derived:?}", recurrence.method);
    let json = proof_json(&proof);
    let read = read_proof(&json, scalars).unwrap();
    assert_eq!((proof_json(&read), &read.ends), (json, &proof.ends));
    proof
}

fn midpoint() -> Recurrence {
    Recurrence::runge_kutta("midpoint", &[vec![], vec![q(1, 2)]], &[q(0, 1), q(1, 1)]).unwrap()
}

fn heun() -> Recurrence {
    Recurrence::runge_kutta("heun", &[vec![], vec![q(1, 1)]], &[q(1, 2), q(1, 2)]).unwrap()
}

/// Two implicit stages, of order 3 (Radau IA).
fn radau() -> Recurrence {
    let a = [vec![q(1, 4), q(-1, 4)], vec![q(1, 4), q(5, 12)]];
    Recurrence::runge_kutta("radau-ia", &a, &[q(1, 4), q(3, 4)]).unwrap()
}

/// Two-step Adams–Bashforth: `θ_{t+1} − θ_t = −h (3/2 g_t − 1/2 g_{t−1})`.
fn adams_bashforth() -> Recurrence {
    let at = |k| Evaluation { at: vec![(k, q(1, 1))], minus_h_times: vec![] };
    Recurrence {
        method: "adams-bashforth-2".to_owned(),
        symbols: vec![],
        left: vec![(1, q(1, 1)), (0, q(-1, 1))],
        evaluations: vec![at(0), at(-1)],
        right: vec![q(3, 2), q(-1, 2)],
    }
}

/// Two-step backward differentiation, `3/2 θ_{t+1} − 2 θ_t + 1/2 θ_{t−1} = −h g_{t+1}`.
fn bdf2() -> Recurrence {
    Recurrence {
        method: "bdf2".to_owned(),
        symbols: vec![],
        left: vec![(1, q(3, 2)), (0, q(-2, 1)), (-1, q(1, 2))],
        evaluations: vec![Evaluation { at: vec![(1, q(1, 1))], minus_h_times: vec![] }],
        right: vec![q(1, 1)],
    }
}

#[test]
fn named_optimizers_to_order_4() {
    for optimizer in Optimizer::ALL {
        prove(&numbers(&optimizer, &q(9, 10)), 4);
        if let BoundRecurrence::Symbols(recurrence, _) = optimizer.bind(&[]).unwrap().recurrence() {
            prove(recurrence, 3);
        }
    }
}

#[test]
fn symbolic_nesterov_to_order_4() {
    prove(&Optimizer::Nesterov.bind(&[]).unwrap().fractions().unwrap(), 4);
}

#[test]
fn multistep_recurrences_to_order_4() {
    for recurrence in [adams_bashforth(), bdf2()] {
        prove(&recurrence, 4);
    }
}

#[test]
fn runge_kutta_methods_of_two_stages_to_order_4() {
    let ralston = Recurrence::runge_kutta("ralston", &[vec![], vec![q(2, 3)]], &[q(1, 4), q(3, 4)]).unwrap();
    let implicit = Recurrence::runge_kutta("implicit-midpoint", &[vec![q(1, 2)]], &[q(1, 1)]).unwrap();
    for recurrence in [midpoint(), heun(), ralston, implicit, radau()] {
        prove(&recurrence, 4);
    }
}

/// Every broken rule stops the derivation by itself or is the first that the check finds wrong.
#[test]
fn every_sabotaged_rule_is_caught() {
    let half = q(1, 2);
    for recurrence in [
        numbers(&Optimizer::Nesterov, &half),
        numbers(&Optimizer::HeavyBall, &half),
        numbers(&Optimizer::ImplicitEuler, &half),
        heun(),
        bdf2(),
    ] {
        let method = &recurrence.method;
        let mut wrong_proofs = 0;
        for rule in Rule::ALL {
            if rule == Rule::Substitution {
                continue;
            }
            let proof = [3, 2, 1].into_iter().find_map(|order| sabotaged(&scalars(&recurrence), order, rule).ok());
            // A rule that the optimizer does not need leaves a right proof.
            if let Some((_, proof)) = proof.filter(|(_, proof)| proof.steps.iter().any(|s| s.rule == rule)) {
                let report = check(&proof);
                let first = report.failures.first().and_then(|f| f.rule);
                assert_eq!(first, Some(rule), "{method}, {rule:?}: {:?}", report.failures);
                wrong_proofs += 1;
            }
        }
        assert!(wrong_proofs >= 8, "{method}: {wrong_proofs}");
    }
}

#[test]
fn every_tampered_step_is_caught() {
    let half = q(1, 2);
    for right in [
        prove(&numbers(&Optimizer::Nesterov, &half), 3),
        prove(&numbers(&Optimizer::HeavyBall, &half), 3),
        prove(&heun(), 2),
        prove(&bdf2(), 2),
        prove(&radau(), 2),
    ] {
        for index in 0..right.steps.len() {
            let step = &right.steps[index];
            let mut doubled = right.clone();
            doubled.steps[index].after = doubled.intern(ProofTerm::Sum(vec![(q(2, 1).into(), step.after)]));
            let mut renamed = right.clone();
            let at = Rule::ALL.iter().position(|&r| r == step.rule).unwrap();
            renamed.steps[index].rule = Rule::ALL[(at + 5) % Rule::ALL.len()];
            let mut other = right.clone();
            // No method here is the midpoint rule.
            other.recurrence = scalars(&midpoint());
            // Radau's f_2 is 0, and twice 0 is a true solution too.
            let harmless = step.rule == Rule::Solve && right.term(step.after) == &ProofTerm::Sum(Vec::new());
            for wrong in if harmless { vec![renamed] } else { vec![doubled, renamed] } {
                let failures = check(&wrong).failures;
                assert!(!failures.is_empty(), "step {index}, {:?}", step.rule);
            }
            assert!(!check(&other).is_ok(), "a proof about another optimizer");
        }
    }
}
