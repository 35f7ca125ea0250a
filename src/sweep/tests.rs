//! Every case is itself, whatever is run beside it.

use super::*;
use crate::flow::{Restart, simulate_for};
use crate::loss::{Loss, Options};
use crate::optimizer::BoundOptimizer;
use std::num::NonZeroUsize;
use std::ops::{ControlFlow, Range};

fn sweep() -> Sweep {
    let losses = [("param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2\n", 6), ("param x, y\nloss x^4 + y^2*x^2 + y^2\n", 5)];
    let losses = losses.into_iter().enumerate().map(|(k, (text, starts))| SweptLoss {
        name: format!("loss {k}"),
        seed: 0,
        expression: Loss::parse(text, "a.loss", &Options::default()).expect("a loss").expression,
        starts: (0..starts).map(|k| vec![-1.0 + 0.05 * f64::from(k), 0.8]).collect(),
    });
    Sweep {
        losses: losses.collect(),
        step_sizes: step_sizes("1/100:1/20:3").unwrap(),
        flows: ["pf", "bea:2", "ngf"].iter().map(|f| f.parse().unwrap()).collect(),
        subject: Subject::new(&BoundOptimizer::gradient_descent()).unwrap(),
        steps: 2,
        options: IntegratorOptions { tolerance: 1e-6, ..Default::default() },
    }
}

fn found(sweep: &Sweep, threads: usize, cases: Range<usize>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let digest = |f: &Finished<'_>| format!("{:?} {:?}", f.row(0), f.row(2));
    let deliver = |case, text| {
        found.push((case, text));
        ControlFlow::Continue(())
    };
    sweep.run(cases, NonZeroUsize::new(threads).unwrap(), digest, deliver).expect("a sweep");
    found
}

#[test]
fn threads_and_parts_change_nothing() {
    let sweep = sweep();
    assert_eq!(sweep.len(), (6 + 5) * 3 * 3);
    let whole = found(&sweep, 1, 0..sweep.len());
    assert!(whole.iter().map(|(case, _)| *case).eq(0..sweep.len()));
    assert_eq!(found(&sweep, 3, 0..usize::MAX), whole);
    let parts: Vec<_> = [0..17, 17..18, 18..60, 60..99].into_iter().flat_map(|part| found(&sweep, 2, part)).collect();
    assert_eq!(parts, whole);
    assert!(found(&sweep, 2, 200..300).is_empty());
}

#[test]
fn cases_come_in_the_documented_order() {
    let sweep = sweep();
    // Loss 1, start 2, the second step size, the third flow.
    let number = 6 * 9 + 2 * 9 + 3 + 2;
    let case = sweep.case(number).expect("a case");
    assert_eq!((case.number, case.loss.name.as_str(), case.start), (number, "loss 1", 2));
    assert_eq!((case.h.to_string(), case.flow.to_string()), ("3/100".to_owned(), "ngf".to_owned()));
    assert!(sweep.case(99).is_none());
    let model = &mut *crate::flow::model_of(case.loss.expression.clone(), NonZeroUsize::MIN).unwrap();
    let alone = simulate_for(&sweep.subject, model, case.h, 2, &case.loss.starts[2], &sweep.flows[2..], &sweep.options);
    let finished = Finished { case, simulation: &alone.unwrap() };
    assert_eq!(found(&sweep, 1, number..number + 1)[0].1, format!("{:?} {:?}", finished.row(0), finished.row(2)));
}

#[test]
fn what_is_delivered_can_end_it_and_a_fault_comes_in_its_turn() {
    let mut sweep = sweep();
    let mut seen = 0;
    let stop = |case, ()| {
        seen = case + 1;
        if seen == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    sweep.run(0..50, NonZeroUsize::new(2).unwrap(), |_| (), stop).expect("an early end");
    assert_eq!(seen, 5);
    sweep.losses[0].starts[3] = vec![f64::NAN, 0.0];
    let mut seen = 0;
    let count = |_, ()| {
        seen += 1;
        ControlFlow::Continue(())
    };
    let error = sweep.run(0..50, NonZeroUsize::new(2).unwrap(), |_| (), count).unwrap_err();
    assert_eq!(seen, 27);
    assert!(error.to_string().starts_with("case 27: entry 0 of the start is NaN"), "{error}");
}

#[test]
fn a_sweep_that_is_cancelled_says_so() {
    let budget = crate::budget::Budget::default();
    budget.cancel();
    let mut delivered = 0;
    let found = budget.run(|| {
        sweep().run(
            0..9,
            NonZeroUsize::MIN,
            |_| (),
            |_, ()| {
                delivered += 1;
                ControlFlow::Continue(())
            },
        )
    });
    assert!(matches!(found, Ok(Err(SweepError::Stopped(_))) | Err(_)), "{found:?}");
    assert_eq!(delivered, 0);
}

#[test]
fn rows_say_where_a_flow_ended() {
    let mut sweep = sweep();
    sweep.options.restart = Restart::Never;
    // hλ is 1 at the start of 1/(2h) x², a branch point of the principal flow.
    let loss = Loss::parse("param x\nloss 5*x^2\n", "a.loss", &Options::default()).expect("a loss");
    sweep.losses = vec![SweptLoss { name: "a".into(), seed: 0, expression: loss.expression, starts: vec![vec![1.0]] }];
    sweep.step_sizes = step_sizes("1/10").unwrap();
    sweep.flows = vec!["pf".parse().unwrap()];
    let mut row = None;
    let keep = |_, r| {
        row = r;
        ControlFlow::Continue(())
    };
    sweep.run(0..1, NonZeroUsize::MIN, |f| f.row(2), keep).unwrap();
    let row = row.expect("a row");
    assert_eq!((row.error, row.greatest_error, row.iterate), (None, None, Some(vec![0.0])));
    assert_eq!(row.ended.map(|(_, code)| code), Some("branch-point"));
}
