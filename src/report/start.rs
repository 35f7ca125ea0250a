//! Where a report starts when nobody says.

use crate::flow::{FlowError, Hessian, LossValue, Model};
use num_complex::Complex64;

/// A start and, where some of it was chosen, how.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) at: Vec<f64>,
    pub(super) rule: Option<String>,
}

/// A rule for all parameters: its name, and the value by the parameter's place.
type Candidate = (&'static str, fn(usize) -> f64);

/// Parameters named in a sentence.
const NAMED: usize = 8;

/// The start with a value for every parameter that has none: the first of these for all of them at which the loss, its gradient and its Hessian are
/// finite and the gradient is not 0. `None` if there is no such point among them.
pub(super) fn choose(model: &dyn Model, value: &LossValue, given: &[Option<f64>]) -> Result<Option<Start>, FlowError> {
    let names = model.parameters();
    let entry = |k: usize| given.get(k).copied().flatten();
    let missing: Vec<usize> = (0..names.len()).filter(|k| entry(*k).is_none()).collect();
    if missing.is_empty() {
        return Ok(Some(Start { at: (0..names.len()).filter_map(entry).collect(), rule: None }));
    }
    let mut derivatives = model.hessian()?;
    // 1, 1/2, 1/3, … is on no line of symmetry.
    let candidates: [Candidate; 5] = [
        ("0", |_| 0.0),
        ("1", |_| 1.0),
        ("1, 1/2, 1/3, …", |k| 1.0 / (k + 1) as f64),
        ("1/2", |_| 0.5),
        ("−1", |_| -1.0),
    ];
    for (name, at) in candidates {
        let point: Vec<f64> = (0..names.len()).map(|k| entry(k).unwrap_or_else(|| at(k))).collect();
        if value.at(&point).is_finite() && moves(&mut *derivatives, &point) {
            let shown: Vec<&str> = missing.iter().take(NAMED).map(|k| names[*k].as_str()).collect();
            let more =
                if missing.len() > NAMED { format!(" and {} more", missing.len() - NAMED) } else { String::new() };
            let rule = format!(
                "no start was given for {}{more}: the report starts them from {name}, the first of 0, 1, (1, 1/2, 1/3, …), 1/2, −1 where the \
                 gradient is finite and not 0; give another one with `ReportOptions::start` or initial values in the loss",
                shown.join(", ")
            );
            return Ok(Some(Start { at: point, rule: Some(rule) }));
        }
    }
    Ok(None)
}

fn moves(derivatives: &mut dyn Hessian, point: &[f64]) -> bool {
    let n = point.len();
    let state: Vec<Complex64> = point.iter().map(|x| Complex64::from(*x)).collect();
    let (mut gradient, mut hessian) = (vec![Complex64::ZERO; n], vec![Complex64::ZERO; n * n]);
    derivatives.gradient_hessian(&state, &mut gradient, &mut hessian);
    gradient.iter().chain(&hessian).all(|x| x.is_finite()) && gradient.iter().any(|g| g.norm() > 1e-12)
}
