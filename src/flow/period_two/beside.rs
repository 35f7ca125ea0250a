//! The flow beside gradient descent's own iterates.

use super::PeriodTwo;
use crate::flow::follow::{Followed, Setting, Warn};
use crate::flow::name::FlowError;
use crate::flow::oscillation::PeriodTwoLaw;
use crate::flow::outcome::End;
use crate::flow::slide::Restart;
use num_complex::Complex64;

/// The flow at the optimizer's times from step 1 on, where it is split from iterates 0 to 2; with every step restarted, two steps from the split at the iterate two
/// before, which iterates three to one before make.
pub(in crate::flow) fn beside(setting: &Setting<'_>, law: PeriodTwoLaw, warn: Warn<'_>) -> Result<Followed, FlowError> {
    let Setting { subject, model, flow, steps, iterates, options, .. } = *setting;
    if !subject.optimizer().is_gradient_descent() {
        let optimizer = subject.optimizer().name();
        return Err(flow.unsuitable(format!("it is gradient descent's, and the iterates are those of {optimizer}")));
    }
    let each = options.restart == Restart::Each;
    let (first, needed) = if each { (3, 3) } else { (1, 2) };
    if steps < needed {
        return Err(flow.unsuitable(format!("it is made of three iterates, and takes {needed} steps or more")));
    }
    let message = if each {
        "is made of the iterates three to one before, and has no value at the first three"
    } else {
        "is split from iterates 0 to 2 at step 1, and has no value before"
    };
    warn("starts-later", format!("{} {message}", flow.name), 0);
    let h = setting.h.to_f64();
    let mut found = Followed { trajectory: vec![None; first], ..Followed::default() };
    let split = |from: usize| {
        let three = [from, from + 1, from + 2].map(|k| iterates.get(k).and_then(Option::as_deref));
        let [Some(a), Some(b), Some(c)] = three else { return Ok(None) };
        PeriodTwo::start(model, law, h, [a, b, c]).map(Some)
    };
    let mut following = if each { None } else { split(0)? };
    let mut left_out = (0, 0.0);
    if let Some(flow) = &following {
        found.trajectory[0] = None;
        found.trajectory.push(Some(complex(&flow.iterate())));
        left_out = (1, flow.left_out());
    }
    let mut refused: Option<(usize, FlowError)> = None;
    for step in found.trajectory.len()..=steps {
        let ahead = if each { 2 } else { 1 };
        if each {
            // A step that cannot be split does not keep others from it.
            following = match split(step - 3) {
                Ok(flow) => flow,
                Err(error) => {
                    refused.get_or_insert((step, error));
                    found.trajectory.push(None);
                    continue;
                }
            };
        }
        let Some(flow) = &mut following else { break };
        if flow.left_out() > left_out.1 {
            left_out = (step - ahead, flow.left_out());
        }
        match flow.advance(ahead) {
            Ok(()) => found.trajectory.push(Some(complex(&flow.iterate()))),
            Err(outcome) => {
                found.end = Some(End::new(step, outcome, &format!(" before step {step}")));
                break;
            }
        }
    }
    if left_out.1 > 0.0 {
        let (step, distance) = left_out;
        let message = transient(&flow.name, distance, step as u64);
        warn("transient-left-out", message, step);
    }
    if let Some((step, error)) = refused {
        if found.trajectory.iter().all(Option::is_none) {
            return Err(error);
        }
        warn("unsuitable", error.to_string(), step);
    }
    Ok(found.said(warn))
}

/// What is said of a start beside its iterate.
pub(crate) fn transient(name: &str, distance: f64, step: u64) -> String {
    format!(
        "{name} is {distance:.1e} from iterate {step} where it starts: what decays within steps, in directions with hλ from 0.8 to 1.2, lies on no slow solution and is \
         left out"
    )
}

fn complex(state: &[f64]) -> Vec<Complex64> {
    state.iter().map(|x| Complex64::from(*x)).collect()
}
