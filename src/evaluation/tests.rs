use super::*;
use crate::loss::Options;
use crate::optimizer::BoundOptimizer;

fn found(source: &str, at: &[f64], h: &str, flows: &[FlowName]) -> Evaluation {
    let loss = Loss::parse(source, "own.loss", &Options::default()).unwrap();
    let subject = Subject::new(&BoundOptimizer::gradient_descent()).unwrap();
    let at: Vec<Rational> = at.iter().map(|x| Rational::from_f64(*x).unwrap()).collect();
    let h = h.parse().unwrap();
    evaluate(&loss, &at, &subject, &Request { h: Some(&h), flows, ..Request::default() }).unwrap()
}

/// Beside a minimum all that a gradient consists of is rounding: the field's error by the exact gradient, by all three ways.
#[test]
fn fields_beside_a_minimum_know_what_they_are_worth() {
    for size in [1, 40, 300] {
        let source = format!("param w[{size}]\nloss norm2(w*3/7 - 1/7)\n");
        for (at, near) in [(1.0 / 3.0, true), (1.0, false)] {
            let found = found(&source, &vec![at; size], "1/2", &[FlowName::Pf, FlowName::PfNp3]);
            let gradient = (Rational::from_f64(at).unwrap() - Rational::new(1, 3)) * Rational::new(18, 49);
            let z = 9.0 / 49.0;
            let want = (1.0_f64 - z).ln() / z * gradient.to_f64();
            for field in &found.fields {
                let apart = (field.value.as_ref().unwrap()[size - 1].re / want - 1.0).abs();
                let estimate = field.error_estimate.unwrap_or(f64::INFINITY);
                assert!(apart <= estimate, "{size} {at}: {apart} {estimate}");
                assert_eq!(estimate > 1e-2, near, "{size} {at}: {estimate}");
                let said = found.values.warnings.iter().any(|w| w.flow.as_deref() == Some(&field.name));
                assert_eq!(said, near, "{:?}", found.values.warnings);
            }
        }
    }
}

/// A field that would underflow has none, and one shortly before is right.
#[test]
fn fields_of_huge_steps() {
    for size in [1, 3, 40, 300] {
        let source = format!("param w[{size}]\nloss norm2(w)\n");
        let [near, far] = ["1e148", "1e155"].map(|h| found(&source, &vec![1.0; size], h, &[FlowName::Pf]));
        let want = (2e148_f64).ln() / 1e148;
        let value = near.fields[0].value.as_ref().unwrap()[0];
        assert!((value.re / want - 1.0).abs() < 1e-12, "{size}: {value}");
        assert_eq!((far.fields[0].value.as_ref(), far.values.warnings[0].code), (None, "overflow"), "{size}");
    }
}

/// Of a quadratic the closed solution has the principal flow's field; of others there is none, for the reason that there is.
#[test]
fn exact_has_a_field_on_quadratics() {
    let flows = [FlowName::Pf, FlowName::Exact];
    let both = found("param w[3]\nloss norm2(w) + w[0]*w[1]\n", &[1.0, 2.0, 3.0], "1/8", &flows);
    assert_eq!((both.fields[0].value.clone(), &both.fields[1].name[..]), (both.fields[1].value.clone(), "exact"));
    let none = found("param w[3]\nloss norm2(w)^2\n", &[1.0, 2.0, 3.0], "1/8", &flows);
    assert!(none.fields[1].value.is_none() && none.values.warnings[0].message.contains("quadratic"));
}

/// An α that no double holds is not a branch point.
#[test]
fn an_overflow_is_no_branch_point() {
    for size in [1, 3, 40] {
        let source = format!("param w[{size}]\nloss norm2(w)/2\n");
        for (alpha, code) in [("alpha:exp(2000*z)", "not-finite"), ("alpha:1/(1 - z)", "branch-point")] {
            let none = found(&source, &vec![1.0; size], "1", &[alpha.parse().unwrap()]);
            assert_eq!((none.fields[0].value.as_ref(), none.values.warnings[0].code), (None, code), "{size} {alpha}");
        }
    }
}
