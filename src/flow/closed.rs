//! The closed solution of a quadratic.

use super::follow::{Followed, Setting, Warn};
use super::model::Model;
use super::name::{EXACT, FlowError, FlowName};
use super::outcome::End;
use super::slide::Restart;
use super::subject::Subject;
use crate::budget::tick;
use crate::spectral::{SpectralError, SymmetricEigen};
use num_complex::Complex64;

/// The closed solution at the optimizer's times, from the start or every step from the optimizer's iterate.
pub(super) fn closed(setting: &Setting<'_>, warn: Warn<'_>) -> Result<Followed, FlowError> {
    let Setting { subject, model, steps, iterates, options, .. } = *setting;
    let Some(start) = iterates.first().and_then(Option::as_ref) else { return Ok(Followed::default()) };
    let each = options.restart == Restart::Each;
    let trajectory =
        if each { exact_steps(setting, start)? } else { exact(subject, model, setting.h.to_f64(), steps, start)? };
    // An iterate that is missing has its own warning.
    let step = (0..=steps)
        .find(|k| iterates.get(*k).is_some_and(Option::is_some) && !matches!(trajectory.get(*k), Some(Some(_))));
    let end = step.map(|step| {
        let message = format!("the closed solution has no finite value at step {step}");
        End { step, outcome: SpectralError::NotFinite.into(), message }
    });
    Ok(Followed { trajectory, end, ..Followed::default() }.said(warn))
}

/// The closed solution, one step from every iterate.
fn exact_steps(setting: &Setting<'_>, start: &[f64]) -> Result<Vec<Option<Vec<Complex64>>>, FlowError> {
    let Setting { subject, model, steps, iterates, .. } = *setting;
    let h = setting.h.to_f64();
    let mut trajectory = exact(subject, model, h, 0, start)?;
    for iterate in iterates.iter().take(steps) {
        let Some(iterate) = iterate else { break };
        trajectory.push(exact(subject, model, h, 1, iterate)?.pop().flatten());
    }
    Ok(trajectory)
}

/// The principal flow of `E = ½θᵀAθ + bᵀθ` in closed form at the times `kh`.
///
/// For gradient descent, with `L = log(I − hA)/h`, `θ(t) = e^{tL} θ(0) + (e^{tL} − I) A⁻¹ b`, in each eigendirection with the limit `−t b` where `λ = 0`. At
/// `t = kh`, `e^{tL} = (1 − hλ)^k`, real on either side of the branch point and at it. Another optimizer has
/// `e^{khL}` of its own α, which may be complex, and the limit `t α(0) b`.
pub(super) fn exact(
    subject: &Subject,
    model: &dyn Model,
    h: f64,
    steps: usize,
    start: &[f64],
) -> Result<Vec<Option<Vec<Complex64>>>, FlowError> {
    if !model.is_quadratic() {
        return Err(FlowError::needs_quadratic());
    }
    let n = start.len();
    let (mut b, mut hessian) = (vec![Complex64::ZERO; n], vec![Complex64::ZERO; n * n]);
    let mut derivatives = model.hessian().map_err(|error| FlowName::Exact.describe().refused(error))?;
    derivatives.gradient_hessian(&vec![Complex64::ZERO; n], &mut b, &mut hessian);
    let mut eigen = SymmetricEigen::new(n);
    if !eigen.decompose(|i, j| hessian[i * n + j].re) {
        return Err(FlowError::Loss("the Hessian has no eigendecomposition in floats".to_owned()));
    }
    let along = |k: usize, v: &dyn Fn(usize) -> f64| -> f64 { (0..n).map(|i| eigen.vector(k, i) * v(i)).sum() };
    let directions: Vec<(f64, f64, f64)> =
        (0..n).map(|k| (eigen.values()[k], along(k, &|i| start[i]), along(k, &|i| b[i].re))).collect();
    let mut trajectory = Vec::with_capacity(steps + 1);
    for step in 0..=steps {
        tick();
        let mut state = vec![Complex64::ZERO; n];
        for (k, (lambda, x, b)) in directions.iter().enumerate() {
            let z = h * lambda;
            if !subject.optimizer().is_gradient_descent() {
                let alpha = subject.alpha(EXACT)?.at(Complex64::from(z));
                let exponent = alpha * z * step as f64;
                let value = exponent.exp() * x + growth(exponent) * alpha * (step as f64 * h * b);
                for (i, s) in state.iter_mut().enumerate() {
                    *s += value * eigen.vector(k, i);
                }
                continue;
            }
            let power = (1.0 - z).powf(step as f64);
            // (e^{tL} − 1)/λ, with no cancellation where λ is small and the limit −t where it is 0.
            let quotient = if z == 0.0 {
                -(step as f64) * h
            } else if z.abs() < 0.5 {
                (step as f64 * (-z).ln_1p()).exp_m1() / lambda
            } else {
                (power - 1.0) / lambda
            };
            let value = power * x + quotient * b;
            for (i, s) in state.iter_mut().enumerate() {
                *s += value * eigen.vector(k, i);
            }
        }
        if !state.iter().all(|x| x.is_finite()) {
            break;
        }
        trajectory.push(Some(state));
    }
    Ok(trajectory)
}

/// `(e^w − 1)/w`.
fn growth(w: Complex64) -> Complex64 {
    if w.norm() < 1e-2 {
        return (1..=8).rev().fold(Complex64::ONE, |s, k| 1.0 + w / f64::from(k + 1) * s);
    }
    (w.exp() - 1.0) / w
}
