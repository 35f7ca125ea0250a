//! One critical point from one start.

use super::super::outcome::Outcome;
use super::kind::Kind;
use super::landscape::{Landscape, Local, dot, norm};

/// How many steps Newton's method may take.
const MAX_STEPS: usize = 200;
/// States beyond this are given up.
const FAR: f64 = 1e100;

/// A state at which the gradient vanishes, and what the Hessian is there.
#[derive(Debug, Clone, PartialEq)]
pub struct CriticalPoint {
    /// θ.
    pub at: Vec<f64>,
    /// What the signs of the eigenvalues say.
    pub kind: Kind,
    /// The loss there.
    pub loss: f64,
    /// The norm of the gradient that is left.
    pub gradient_norm: f64,
    /// The gradient that is left.
    pub gradient: Vec<f64>,
    /// The Hessian's eigenvalues, `λ_0` the largest.
    pub eigenvalues: Vec<f64>,
    /// Their unit eigenvectors, the first of the largest components positive.
    pub eigenvectors: Vec<Vec<f64>>,
    /// To within what the eigenvalues are those at the critical point: rounding, and how much the Hessian changes between θ and
    /// where another step of Newton's method would lead. Where an eigenvalue is no larger than this, it counts as zero.
    pub uncertainty: f64,
}

/// Why a start led to no critical point, and where that showed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NoCriticalPoint {
    pub(super) at: Vec<f64>,
    pub(super) outcome: Outcome,
}

/// A step of Newton's method, in the directions in which the Hessian is not singular to rounding.
struct Newton {
    step: Vec<f64>,
    length: f64,
    /// The norm of the gradient in the other directions.
    lost: f64,
    /// Which share of the squared gradient the step removes, to first order.
    share: f64,
}

impl Newton {
    fn of(local: &Local) -> Self {
        let cutoff = local.rounding();
        let mut step = vec![0.0; local.gradient.len()];
        let (mut lost, mut kept) = (Vec::new(), Vec::new());
        for (lambda, u) in local.spectrum.values.iter().zip(&local.spectrum.vectors) {
            let along = dot(u, &local.gradient);
            if lambda.abs() <= cutoff {
                lost.push(along);
                continue;
            }
            kept.push(along);
            for (s, u) in step.iter_mut().zip(u) {
                *s -= along / lambda * u;
            }
        }
        let (kept, lost) = (norm(&kept), norm(&lost));
        let whole = norm(&local.gradient);
        let share = if whole > 0.0 { (kept / whole) * (kept / whole) } else { 0.0 };
        Self { length: norm(&step), step, lost, share }
    }
}

/// Follows Newton's method for `g(θ) = 0` from a start, so that saddles and maxima are found as well as minima.
///
/// The merit is `‖g‖`: steps are halved until it falls. Where no part of the step does, the damped steps
/// `−(H² + μ)⁻¹ H g` are tried (Levenberg and Marquardt), and where convergence is linear, as at a degenerate point, the limit
/// of the geometric sequence.
pub(super) fn critical_point(landscape: &mut Landscape<'_>, start: &[f64]) -> Result<CriticalPoint, NoCriticalPoint> {
    let mut at = start.to_vec();
    let mut local =
        landscape.local(&at).ok_or_else(|| NoCriticalPoint { at: at.clone(), outcome: Outcome::Outside })?;
    let mut previous: Option<Newton> = None;
    for _ in 0..MAX_STEPS {
        let newton = Newton::of(&local);
        let slope = norm(&local.gradient);
        let size = norm(&at);
        // In the directions in which the Hessian vanishes, the gradient must too, compared with its change elsewhere.
        let flat = newton.lost <= 64.0 * f64::EPSILON * norm(&local.hessian) * (1.0 + size);
        if slope == 0.0 || (flat && newton.length <= f64::EPSILON * size + 1e-18) {
            return Ok(finish(landscape, at, local, &newton));
        }
        let limit = previous.as_ref().and_then(|p| limit(p, &newton));
        let moved = limit
            .and_then(|step| better(landscape, &at, &step, 1.0, 0.01 * slope).map(|x| (x, false)))
            .or_else(|| {
                let longest = 100.0 * (1.0 + size);
                let mut share = if newton.length > longest { longest / newton.length } else { 1.0 };
                let whole = share == 1.0;
                for halved in 0..20 {
                    let bound = slope * (1.0 - 1e-4 * share * newton.share);
                    if bound >= slope {
                        break;
                    }
                    if let Some(x) = better(landscape, &at, &newton.step, share, bound) {
                        return Some((x, whole && halved == 0));
                    }
                    share *= 0.5;
                }
                None
            })
            .or_else(|| damped(landscape, &at, &local, slope).map(|x| (x, false)));
        let Some((next, whole)) = moved else {
            // Nothing better in floats: the end of convergence, or a smallest gradient that is not zero.
            return if flat && newton.length <= 1e-7 * (size + 1e-3) {
                Ok(finish(landscape, at, local, &newton))
            } else {
                Err(NoCriticalPoint { at, outcome: Outcome::Stalled { gradient_norm: slope } })
            };
        };
        let Some(found) = landscape.local(&next).filter(|_| norm(&next) < FAR) else {
            let outcome = Outcome::Unsettled { gradient_norm: slope, step: newton.length };
            return Err(NoCriticalPoint { at, outcome });
        };
        (at, local) = (next, found);
        previous = whole.then_some(newton);
    }
    let newton = Newton::of(&local);
    let gradient_norm = norm(&local.gradient);
    // Steps at the rounding may wander without end.
    if newton.lost <= 1e-7 * gradient_norm && newton.length <= 1e-9 * (norm(&at) + 1e-3) {
        return Ok(finish(landscape, at, local, &newton));
    }
    Err(NoCriticalPoint { at, outcome: Outcome::Unsettled { gradient_norm, step: newton.length } })
}

/// The state a share of the step away, if the gradient's norm is below a bound there.
fn better(landscape: &mut Landscape<'_>, at: &[f64], step: &[f64], share: f64, bound: f64) -> Option<Vec<f64>> {
    let next: Vec<f64> = at.iter().zip(step).map(|(x, s)| x + share * s).collect();
    landscape.slope(&next).filter(|slope| *slope < bound)?;
    Some(next)
}

/// The step to the limit of a sequence whose steps shrink by a constant factor.
fn limit(previous: &Newton, newton: &Newton) -> Option<Vec<f64>> {
    let ratio = newton.length / previous.length;
    let aligned = dot(&previous.step, &newton.step) > 0.95 * previous.length * newton.length;
    (aligned && ratio > 0.3 && ratio < 0.97).then(|| newton.step.iter().map(|s| s / (1.0 - ratio)).collect())
}

/// A damped step that lowers the gradient's norm, the least damped of them.
fn damped(landscape: &mut Landscape<'_>, at: &[f64], local: &Local, slope: f64) -> Option<Vec<f64>> {
    let values = &local.spectrum.values;
    let largest = values.iter().fold(0.0_f64, |m, l| m.max(l.abs()));
    if largest == 0.0 {
        return None;
    }
    for exponent in -8..=6 {
        // Of the eigenvalues relative to the largest, so that nothing overflows.
        let mu = 10f64.powi(exponent);
        let mut step = vec![0.0; at.len()];
        for (lambda, u) in values.iter().zip(&local.spectrum.vectors) {
            let relative = lambda / largest;
            let along = dot(u, &local.gradient) * relative / (relative * relative + mu) / largest;
            for (s, u) in step.iter_mut().zip(u) {
                *s -= along * u;
            }
        }
        if let Some(next) = better(landscape, at, &step, 1.0, slope * (1.0 - 1e-7)) {
            return Some(next);
        }
    }
    None
}

fn finish(landscape: &mut Landscape<'_>, at: Vec<f64>, local: Local, newton: &Newton) -> CriticalPoint {
    let radius = (2.0 * newton.length).max(4.0 * f64::EPSILON * norm(&at));
    let smallest = (0..local.spectrum.values.len())
        .min_by(|a, b| local.spectrum.values[*a].abs().total_cmp(&local.spectrum.values[*b].abs()));
    let mut directions: Vec<Vec<f64>> = smallest.map(|k| local.spectrum.vectors[k].clone()).into_iter().collect();
    if newton.length > 0.0 {
        directions.push(newton.step.iter().map(|s| s / newton.length).collect());
    }
    let mut change = 0.0_f64;
    for direction in &directions {
        for sign in [radius, -radius] {
            let moved: Vec<f64> = at.iter().zip(direction).map(|(x, d)| x + sign * d).collect();
            if let Some(there) = landscape.hessian(&moved) {
                let difference: Vec<f64> = there.iter().zip(&local.hessian).map(|(a, b)| a - b).collect();
                change = change.max(norm(&difference));
            }
        }
    }
    let uncertainty = local.rounding() + change;
    CriticalPoint {
        kind: Kind::of(&local.spectrum.values, uncertainty),
        loss: landscape.value(&at),
        gradient_norm: norm(&local.gradient),
        gradient: local.gradient,
        eigenvalues: local.spectrum.values,
        eigenvectors: local.spectrum.vectors,
        uncertainty,
        at,
    }
}
