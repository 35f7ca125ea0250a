use super::*;
use crate::number::{Coefficient, Scalar};
use crate::series::Limits;
use crate::series::egraph::{rewritten, sabotaged};

fn gradient_descent() -> Recurrence<Scalar> {
    Recurrence::gradient_descent().map(|q| Some(q.clone().into())).unwrap()
}

fn proof(order: usize) -> (ModifiedEquation, Proof) {
    let (equation, proof) = rewritten(&gradient_descent(), order, &Limits::default(), true).unwrap();
    (equation, proof.unwrap())
}

fn number(n: i64) -> Scalar {
    crate::number::Rational::from(n).into()
}

#[test]
fn a_right_proof_passes_and_claims_the_derived_equation() {
    let (equation, proof) = proof(6);
    let report = check(&proof);
    assert_eq!(report.failures, []);
    assert_eq!(report.equation, equation);
    assert_eq!(report.steps, proof.steps.len());
}

/// The rewriter itself with one rule broken: it stops by itself, or its proof is found wrong, first at a step of that rule.
#[test]
fn every_sabotaged_rule_is_caught() {
    let mut wrong_proofs = 0;
    for rule in Rule::ALL {
        // A substitution is egg's congruence, which no rule of ours makes; gradient descent displaces nothing.
        if matches!(rule, Rule::Substitution | Rule::Displacement | Rule::Expansion) {
            continue;
        }
        // Some broken rules lead to a contradiction from order 3 on; up to order 2 there is a proof, and it is wrong.
        if let Ok((_, proof)) =
            sabotaged(&gradient_descent(), 4, rule).or_else(|_| sabotaged(&gradient_descent(), 2, rule))
        {
            let report = check(&proof);
            assert_eq!(report.failures.first().and_then(|f| f.rule), Some(rule), "{rule:?}: {:?}", report.failures);
            wrong_proofs += 1;
        }
    }
    // All but the definition of the flow, without which there is nothing to solve, must get as far as a proof.
    assert_eq!(wrong_proofs, 10);
}

/// A right proof with one step changed, for every rule and every way of changing it.
#[test]
fn every_tampered_step_is_caught() {
    let (_, right) = proof(4);
    type Tamper = fn(&mut Proof, usize);
    let ways: [(&str, Tamper); 5] = [
        ("a coefficient changed", |proof, index| {
            let after = proof.steps[index].after;
            proof.steps[index].after = proof.intern(ProofTerm::Sum(vec![(number(2), after)]));
        }),
        ("a term added", |proof, index| {
            let after = proof.steps[index].after;
            let g = proof.intern(ProofTerm::Diff(Vec::new()));
            proof.steps[index].after = proof.intern(ProofTerm::Sum(vec![(Scalar::one(), after), (Scalar::one(), g)]));
        }),
        ("another rule named", |proof, index| {
            let at = Rule::ALL.iter().position(|&r| r == proof.steps[index].rule).unwrap();
            proof.steps[index].rule = Rule::ALL[(at + 1) % Rule::ALL.len()];
        }),
        ("read backwards", |proof, index| {
            let step = &mut proof.steps[index];
            std::mem::swap(&mut step.before, &mut step.after);
        }),
        ("resting on itself", |proof, index| {
            proof.steps[index].uses = vec![Link { first: index, last: index }];
        }),
    ];
    for (name, tamper) in ways {
        for rule in Rule::ALL {
            let Some(index) = right.steps.iter().rposition(|s| s.rule == rule) else { continue };
            // Equality by substitution and by symmetry of arguments reads the same backwards.
            if name == "read backwards" && matches!(rule, Rule::Substitution | Rule::Symmetry) {
                continue;
            }
            let mut wrong = right.clone();
            tamper(&mut wrong, index);
            let failures = check(&wrong).failures;
            assert!(failures.iter().any(|f| f.step == index), "{name}, {rule:?}: {failures:?}");
        }
    }
}

/// Solutions must rest on steps that write everything out, each pair of which is needed.
#[test]
fn a_solution_with_steps_left_out_is_caught() {
    let (_, right) = proof(3);
    assert!(check(&right).is_ok());
    for (n, &end) in right.ends.iter().enumerate() {
        let solve = end - 1;
        let pairs = right.steps[solve].uses.len();
        assert!(pairs >= 3);
        for left_out in 0..pairs {
            let mut wrong = right.clone();
            wrong.steps[solve].uses.remove(left_out);
            assert!(check(&wrong).failures.iter().any(|f| f.step == solve), "order {n} without pair {left_out}");
            let mut twice = right.clone();
            let pair = twice.steps[solve].uses[left_out];
            twice.steps[solve].uses.push(pair);
            assert!(check(&twice).failures.iter().any(|f| f.step == solve), "order {n} with pair {left_out} twice");
        }
        // Something true that the solution does not need.
        let mut more = right.clone();
        more.steps[solve].uses.push(Link { first: 0, last: 0 });
        if n > 0 {
            assert!(check(&more).failures.iter().any(|f| f.step == solve), "order {n} with a pair that is not needed");
        }
    }

    // The substitution before the solution says nothing any more; the steps inside of it are not needed then.
    let solve = right.ends[2] - 1;
    let index = right.steps[..solve].iter().rposition(|s| s.rule == Rule::Substitution).unwrap();
    let mut idle = right.clone();
    idle.steps[index].after = idle.steps[index].before;
    assert!(check(&idle).failures.iter().any(|f| f.step == index));
    let last = Link { first: index, last: index };
    *idle.steps[solve].uses.last_mut().unwrap() = last;
    assert!(check(&idle).failures.iter().any(|f| f.step == solve));
}

/// `taylor`, `update` and `solve` alone, with nothing shown of the time derivatives between them.
#[test]
fn a_proof_of_three_steps_an_order_is_no_proof() {
    let (_, right) = proof(2);
    let mut short = right.clone();
    (short.steps, short.ends) = (Vec::new(), Vec::new());
    let mut start = 0;
    for &end in &right.ends {
        let first = short.steps.len();
        for step in &right.steps[start..end] {
            if matches!(step.rule, Rule::Taylor | Rule::Update) {
                short.steps.push(step.clone());
            }
        }
        let uses = (first..short.steps.len()).map(|k| Link { first: k, last: k }).collect();
        short.steps.push(Step { uses, ..right.steps[end - 1].clone() });
        short.ends.push(short.steps.len());
        start = end;
    }
    assert_eq!(short.steps.len(), 9);
    let failures = check(&short).failures;
    for &end in &short.ends {
        assert!(failures.iter().any(|f| f.step == end - 1), "{failures:?}");
    }
}

#[test]
fn a_wrong_field_is_found_even_if_every_step_to_it_is_gone() {
    let (_, right) = proof(2);
    let mut proof = Proof::new(gradient_descent());
    let field = proof.intern(ProofTerm::Field(0));
    let g = proof.intern(ProofTerm::Diff(Vec::new()));
    let value = proof.intern(ProofTerm::Sum(vec![(number(-2), g)]));
    let step = Step { before: field, rule: Rule::Solve, after: value, backward: false, uses: Vec::new() };
    proof.steps.push(step);
    proof.ends.push(1);
    assert!(!check(&proof).is_ok());

    // Steps behind the last order, an order without steps, an order cut short.
    let mut longer = right.clone();
    longer.steps.push(right.steps[0].clone());
    let mut empty = right.clone();
    empty.ends.push(right.steps.len());
    let mut short = right;
    short.ends[1] -= 1;
    for wrong in [longer, empty, short] {
        assert!(!check(&wrong).is_ok());
    }
    assert!(check(&Proof::new(gradient_descent())).is_ok());
}

#[test]
fn terms_beyond_the_order_are_refused_without_being_computed() {
    let mut proof = Proof::new(gradient_descent());
    let power = proof.intern(ProofTerm::Power(1_000_000_000, 1_000_000_000));
    let mut deep = proof.intern(ProofTerm::Diff(Vec::new()));
    for _ in 0..100_000 {
        deep = proof.intern(ProofTerm::Diff(vec![deep]));
    }
    for term in [power, deep] {
        proof.steps = vec![Step { before: term, rule: Rule::Symmetry, after: term, backward: false, uses: Vec::new() }];
        proof.ends = vec![1];
        assert!(!check(&proof).is_ok());
    }
}
