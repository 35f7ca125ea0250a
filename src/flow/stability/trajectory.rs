//! Stability coefficients along the optimizer's trajectory, and what flows predict of the gradient beside what happens.

use super::super::integrator::IntegratorOptions;
use super::super::model::Model;
use super::super::name::FlowError;
use super::super::outcome::{End, Outcome};
use super::super::simulate::simulate_for;
use super::super::subject::Subject;
use super::kind::Case;
use super::landscape::{Landscape, Local};
use super::rate::at;
use super::spectrum::dot;
use crate::budget;
use crate::number::Rational;
use crate::spectral::{Alpha, SpectralError};
use crate::warning::Warning;
use num_complex::Complex64;

/// The flow whose coefficients and predictions these are.
pub(super) const PRINCIPAL: &str = "pf";

/// The most rows, one a step and eigendirection.
const MAX_ROWS: usize = 1_000_000;

/// The optimizer's trajectory in the eigendirections of its own Hessians.
#[derive(Debug, Clone, PartialEq)]
pub struct StabilityTrajectory {
    /// One entry per step, from the start; `None` from where there is none, which a warning explains.
    pub steps: Vec<Option<StabilityStep>>,
    /// What cannot be trusted, and why.
    pub warnings: Vec<Warning>,
}

/// The state before one step, and what the step does.
#[derive(Debug, Clone, PartialEq)]
pub struct StabilityStep {
    /// θ before the step.
    pub at: Vec<f64>,
    /// The loss there.
    pub loss: f64,
    /// How much the step changes the loss.
    pub loss_change: Option<f64>,
    /// The eigendirections of the Hessian, `λ_0` the largest.
    pub directions: Vec<AlongDirection>,
}

impl StabilityStep {
    /// `dE/dt` of the principal flow, the sum over all eigendirections; `None` where one has none.
    #[must_use]
    pub fn energy_rate(&self) -> Option<Complex64> {
        self.directions.iter().map(|d| d.energy_rate).sum()
    }
}

/// One eigendirection at one step.
///
/// Predictions are of `gᵀu_i` after the step, with `λ_i` and `u_i` frozen: `gᵀu_i e^{ch}` (Rosca, Wu, Qin & Dherin 2023, Remarks
/// 4.2 to 4.4).
#[derive(Debug, Clone, PartialEq)]
pub struct AlongDirection {
    /// `λ_i`.
    pub eigenvalue: f64,
    /// `hλ_i`.
    pub h_lambda: f64,
    /// What the optimizer does along it.
    pub case: Case,
    /// `gᵀu_i ≥ 0`, which fixes the sign of `u_i`.
    pub gradient: f64,
    /// `sc_i = α(hλ_i) gᵀu_i` of the principal flow (Definition 3.4); `None` at a branch point.
    pub stability_coefficient: Option<Complex64>,
    /// `dE/dt` of the principal flow along it, `α(hλ_i) (gᵀu_i)²` (Equation 15).
    pub energy_rate: Option<Complex64>,
    /// The prediction of the negative gradient flow, `c = −λ_i`.
    pub predicted_ngf: f64,
    /// The prediction of implicit gradient regularisation, `c = −(λ_i + hλ_i²/2)`.
    pub predicted_igr: f64,
    /// The prediction of the principal flow, `c = α(hλ_i) λ_i`: for gradient descent `(1 − hλ_i) gᵀu_i`.
    pub predicted_pf: Option<Complex64>,
    /// `gᵀu` after the step, along the eigenvector there that `u_i` has become.
    pub actual: Option<f64>,
    /// `gᵀu_i` after the step, along the old eigenvector.
    pub actual_frozen: Option<f64>,
    /// How far the eigenvector was followed: the scalar product of the old one and the new one, 1 where it did not turn.
    pub overlap: Option<f64>,
}

/// Runs the optimizer from a start and takes its trajectory apart in eigendirections.
///
/// Eigenvectors are followed from one iterate to the next by the largest scalar products, in the sign in which these are positive.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::expr::{Expression, Pool, Shape};
/// use shadowflow::flow::{CompiledModel, LossValue, Subject, stability_along};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let loss = pool.pow(x, &2.into());
/// let value = LossValue::new(pool.expression(loss))?;
/// let mut model = CompiledModel::new(Expression::new(pool, loss))?;
/// let subject = Subject::new(&BoundOptimizer::gradient_descent())?;
/// let run = stability_along(&subject, &mut model, &|x| value.at(x), &"3/4".parse()?, &[1.0], 1)?;
/// let direction = &run.steps[0].as_ref().unwrap().directions[0];
/// // On a quadratic the principal flow predicts what happens: (1 − hλ) g = −g/2.
/// assert_eq!((direction.gradient, direction.actual), (2.0, Some(-1.0)));
/// assert_eq!(direction.predicted_pf.unwrap().re, -1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`simulate_for`](super::super::simulate_for), and more rows than a million.
pub fn stability_along(
    subject: &Subject,
    model: &mut dyn Model,
    value: &dyn Fn(&[f64]) -> f64,
    h: &Rational,
    start: &[f64],
    steps: usize,
) -> Result<StabilityTrajectory, FlowError> {
    if steps.saturating_add(1).saturating_mul(start.len()) > MAX_ROWS {
        return Err(FlowError::Setting(format!(
            "{steps} steps with {} eigendirections are more than the {MAX_ROWS} rows that are kept; ask for fewer steps",
            start.len()
        )));
    }
    let run = simulate_for(subject, model, h, steps, start, &[], &IntegratorOptions::default())?;
    let h = h.to_f64();
    let mut warnings = run.warnings;
    let own = match subject.alpha(PRINCIPAL) {
        Ok(alpha) => Some(alpha),
        Err(error) => {
            warnings.push(Warning {
                flow: Some(PRINCIPAL.to_owned()),
                ..Warning::new(Outcome::from(&error).code(), error.to_string())
            });
            None
        }
    };
    let mut landscape = Landscape::new(model, value)?;
    let mut found: Vec<Option<StabilityStep>> = Vec::with_capacity(steps);
    let mut iterates = run.iterates.iter();
    let mut current = iterates.next().and_then(|x| look(&mut landscape, x.as_deref()));
    if current.is_none() {
        warnings.push(End::new(0, SpectralError::NotFinite.into(), " at the start").warning(None));
    }
    for (step, next) in iterates.enumerate() {
        let Some((at, here)) = current else { break };
        if let Err(stopped) = budget::check() {
            let place = format!(" before step {step} was taken apart");
            warnings.push(End::new(step, stopped.into(), &place).warning(None));
            break;
        }
        let next = look(&mut landscape, next.as_deref());
        if next.is_none() && run.iterates.get(step + 1).is_some_and(Option::is_some) {
            let place = format!(" after step {}", step + 1);
            warnings.push(End::new(step + 1, SpectralError::NotFinite.into(), &place).warning(None));
        }
        let loss = landscape.value(&at);
        let loss_change = next.as_ref().map(|(x, _)| landscape.value(x) - loss);
        let directions = directions(&here, next.as_ref().map(|(_, there)| there), own.as_ref(), h);
        if directions.iter().any(|d| d.case == Case::BranchPoint) {
            let end = End::new(step, SpectralError::BranchPoint.into(), "");
            warnings.push(end.warning(Some(PRINCIPAL)));
        }
        found.push(Some(StabilityStep { at, loss, loss_change, directions }));
        current = next;
    }
    let finite = |d: &AlongDirection| {
        d.predicted_ngf.is_finite() && d.predicted_igr.is_finite() && (own.is_none() || d.predicted_pf.is_some())
    };
    if let Some(step) = found.iter().position(|s| s.as_ref().is_some_and(|s| !s.directions.iter().all(finite))) {
        let message = "a prediction is beyond the largest number";
        warnings.push(Warning { step: Some(step), ..Warning::new("overflow", message) });
    }
    found.resize(steps, None);
    Ok(StabilityTrajectory { steps: found, warnings })
}

fn look(landscape: &mut Landscape<'_>, at: Option<&[f64]>) -> Option<(Vec<f64>, Local)> {
    let at = at?;
    landscape.local(at).map(|local| (at.to_vec(), local))
}

fn directions(here: &Local, there: Option<&Local>, own: Option<&Alpha>, h: f64) -> Vec<AlongDirection> {
    let followed = there.map(|there| follow(&here.spectrum.vectors, &there.spectrum.vectors));
    let pairs = here.spectrum.values.iter().zip(&here.spectrum.vectors).enumerate();
    pairs
        .map(|(k, (lambda, u))| {
            let signed = dot(&here.gradient, u);
            let sign = if signed < 0.0 { -1.0 } else { 1.0 };
            let gradient = signed.abs();
            let z = h * lambda;
            let case = Case::of(own.unwrap_or(&Alpha::Logarithm), h, *lambda, here.rounding[k]);
            let alpha = own.and_then(|a| at(a, z)).filter(|_| case != Case::BranchPoint);
            let predicted_pf = match own {
                // e^{log(1−z)}, also at the branch point.
                Some(Alpha::Logarithm) => Some(Complex64::from((1.0 - z) * gradient)),
                _ => alpha.map(|a| (a * z).exp() * gradient),
            };
            let partner = followed.as_ref().and_then(|f| f.get(k).copied().flatten());
            let after = there.zip(partner).and_then(|(there, (j, overlap))| {
                let v = there.spectrum.vectors.get(j)?;
                let turned = if overlap < 0.0 { -sign } else { sign };
                Some((turned * dot(&there.gradient, v), overlap.abs()))
            });
            AlongDirection {
                eigenvalue: *lambda,
                h_lambda: z,
                case,
                gradient,
                stability_coefficient: alpha.map(|a| a * gradient),
                energy_rate: alpha.map(|a| a * (gradient * gradient)),
                predicted_ngf: (-z).exp() * gradient,
                predicted_igr: (-(z + 0.5 * z * z)).exp() * gradient,
                predicted_pf: predicted_pf.filter(|p| p.is_finite()),
                actual: after.map(|(g, _)| g),
                actual_frozen: there.map(|there| sign * dot(&there.gradient, u)),
                overlap: after.map(|(_, o)| o),
            }
        })
        .collect()
}

/// For each vector its partner among the others, by the largest scalar products of all pairs first, and that product.
fn follow(from: &[Vec<f64>], to: &[Vec<f64>]) -> Vec<Option<(usize, f64)>> {
    let mut pairs: Vec<(usize, usize, f64)> = Vec::with_capacity(from.len() * to.len());
    for (i, u) in from.iter().enumerate() {
        pairs.extend(to.iter().enumerate().map(|(j, v)| (i, j, dot(u, v))));
    }
    pairs.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
    let (mut partners, mut taken) = (vec![None; from.len()], vec![false; to.len()]);
    for (i, j, overlap) in pairs {
        if partners[i].is_none() && !taken[j] {
            partners[i] = Some((j, overlap));
            taken[j] = true;
        }
    }
    partners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvectors_are_followed_past_each_other() {
        let (c, s) = (0.1f64.cos(), 0.1f64.sin());
        let from = [vec![1.0, 0.0], vec![0.0, 1.0]];
        // Exchanged in order, turned by 0.1, one of them with the other sign.
        let to = [vec![-s, c], vec![-c, -s]];
        assert_eq!(follow(&from, &to), [Some((1, -c)), Some((0, c))]);
    }
}
