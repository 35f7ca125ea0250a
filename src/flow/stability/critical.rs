//! One critical point from one start.
//!
//! Every criterion is one of the loss in its Hessian's own units, or of one parameter against itself: parameters of another scale, `θ_i → c_i θ_i`, or
//! a multiple of the loss, have the same critical points of the same kinds.

use super::super::outcome::Outcome;
use super::kind::Kind;
use super::landscape::Landscape;
use super::limit::{Trail, UNDERFLOW, judge};
use super::scaled::{Scaled, Units, rounding};
use super::spectrum::{Spectrum, dot, norm};

/// How many steps Newton's method may take.
const MAX_STEPS: usize = 200;
/// States beyond this are given up.
const FAR: f64 = 1e150;
/// How much larger than it ever was a parameter may become in one step.
const LONGEST: f64 = 100.0;

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
    /// To within what each eigenvalue is that at the critical point: rounding, and how much the Hessian changes along its eigenvector between θ and
    /// where another step of Newton's method would lead. An eigenvalue that is no larger than this counts as zero.
    pub uncertainties: Vec<f64>,
    /// To within what each parameter is known: the last step of Newton's method, and rounding.
    pub(super) radius: Vec<f64>,
}

impl CriticalPoint {
    /// The eigenvalues, each with its uncertainty.
    pub fn known(&self) -> impl Iterator<Item = (f64, f64)> {
        self.eigenvalues.iter().copied().zip(self.uncertainties.iter().copied())
    }
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
    /// In the Hessian's units.
    length: f64,
    /// The norm of `D g` in the other directions; infinite if a parameter that the Hessian does not know has a gradient.
    lost: f64,
    /// Which share of `‖D g‖²` the step removes, to first order.
    share: f64,
}

impl Newton {
    fn of(here: &Scaled) -> Self {
        let cutoff = here.cutoff();
        let gradient = here.units.times(&here.gradient);
        let mut step = vec![0.0; gradient.len()];
        let (mut lost, mut kept) = (Vec::new(), Vec::new());
        for (lambda, u) in here.spectrum.values.iter().zip(&here.spectrum.vectors) {
            let along = dot(u, &gradient);
            if lambda.abs() <= cutoff {
                lost.push(along);
                continue;
            }
            kept.push(along);
            for (s, u) in step.iter_mut().zip(u) {
                *s -= along / lambda * u;
            }
        }
        let unknown = here.units.each().iter().zip(&here.gradient).any(|(d, g)| *d == 0.0 && *g != 0.0);
        let lost = if unknown { f64::INFINITY } else { norm(&lost) };
        let (kept, whole) = (norm(&kept), norm(&gradient));
        let share = if whole > 0.0 { (kept / whole) * (kept / whole) } else { 0.0 };
        Self { length: norm(&step), step: here.units.times(&step), lost, share }
    }
}

/// Where a walk is, and where it has been.
struct Walk {
    at: Vec<f64>,
    here: Scaled,
    /// The largest `|θ_i|` of each parameter on the way.
    sizes: Vec<f64>,
    trail: Trail,
}

impl Walk {
    fn gradient_norm(&self) -> f64 {
        norm(&self.here.gradient)
    }

    /// Whether the gradient is zero to rounding in the directions in which the Hessian vanishes.
    fn flat(&self, newton: &Newton) -> bool {
        let own = 64.0 * f64::EPSILON * self.here.slope(&self.here.gradient);
        newton.lost <= self.here.noise(&self.sizes) + own
    }

    /// Whether a step is below the rounding of every parameter.
    fn arrived(&self, newton: &Newton) -> bool {
        newton.step.iter().zip(&self.at).all(|(s, x)| s.abs() <= f64::EPSILON * x.abs())
    }

    /// A step that makes no parameter much larger than it ever was.
    fn clipped(&self, step: &[f64]) -> Vec<f64> {
        let clip = |(s, size): (&f64, &f64)| if *size > 0.0 { s.clamp(-LONGEST * size, LONGEST * size) } else { *s };
        step.iter().zip(&self.sizes).map(clip).collect()
    }

    /// Whether the Hessian is nearly constant between here and another state.
    fn is_constant(&self, landscape: &mut Landscape<'_>, there: &[f64]) -> bool {
        let cutoff = self.here.cutoff();
        let least = self.here.spectrum.values.iter().map(|l| l.abs()).filter(|l| *l > cutoff).fold(f64::MAX, f64::min);
        landscape.hessian(there).is_some_and(|there| {
            let change: Vec<f64> = there.iter().zip(&self.here.hessian).map(|(a, b)| a - b).collect();
            norm(&self.here.units.both(&change)) <= 0.25 * least
        })
    }

    /// Whether what is left of the gradient is rounding, where no step makes it smaller.
    ///
    /// Over a step along which the Hessian is nearly constant the gradient would all but vanish, were it exact. Where the Hessian is not, the gradient must
    /// change its sign among the next few floats.
    fn is_rounding(&self, landscape: &mut Landscape<'_>, newton: &Newton) -> bool {
        let slope = self.here.slope(&self.here.gradient);
        let moved: Vec<f64> = self
            .at
            .iter()
            .zip(&newton.step)
            .map(|(x, s)| x + s + (2.0 * f64::EPSILON * x.abs()).copysign(*s))
            .collect();
        let constant = self.is_constant(landscape, &moved)
            && landscape.gradient(&moved).is_some_and(|there| self.here.slope(&there) > 0.5 * slope);
        if !landscape.smooth {
            // Next to a kink the Hessian is constant too, and the gradient is as large as elsewhere.
            let elsewhere = self.here.noise(&self.sizes) / (64.0 * f64::EPSILON);
            return constant && slope <= 1e-6 * elsewhere;
        }
        // Floats around a zero have gradients of either sign, those of a slope have not.
        let own = self.here.units.times(&self.here.gradient);
        let mut turned = |near: &[f64]| {
            landscape.gradient(near).is_some_and(|there| dot(&self.here.units.times(&there), &own) <= 0.0)
        };
        constant || neighbours(&self.at).any(|near| turned(&near))
    }

    fn go(&mut self, next: Vec<f64>, here: Scaled) {
        let gradient = std::mem::replace(&mut self.here, here).gradient;
        self.trail.push(std::mem::replace(&mut self.at, next), gradient);
        for (size, x) in self.sizes.iter_mut().zip(&self.at) {
            *size = size.max(x.abs());
        }
    }
}

/// The states some floats beside one, parameters moved to the same sides and to opposite ones.
fn neighbours(at: &[f64]) -> impl Iterator<Item = Vec<f64>> {
    let moved = |ulps: i32, alternating: bool| {
        let side = move |i: usize| if alternating && i % 2 == 1 { -1.0 } else { 1.0 };
        at.iter().enumerate().map(|(i, x)| x * (1.0 + side(i) * f64::from(ulps) * f64::EPSILON)).collect()
    };
    let ulps = (0..7).flat_map(|k| [1 << k, -(1 << k)]);
    ulps.flat_map(move |ulps| [false, true].map(|alternating| moved(ulps, alternating)))
}

/// Follows Newton's method for `g(θ) = 0` from a start, so that saddles and maxima are found as well as minima.
///
/// The merit is `‖D g‖` in the Hessian's units: steps are halved until it falls. Where no part of the step does, the damped steps
/// `−D (A² + μ)⁻¹ A D g` with `A = D H D` are tried (Levenberg and Marquardt), and where convergence is linear, as at a degenerate point, the limit
/// of the geometric sequence. Of what is reached it is asked whether it is a limit, or only where floats end on the way to infinity;
/// `elsewhere` are other states of the search, where a gradient may show that is too small here.
pub(super) fn critical_point(
    landscape: &mut Landscape<'_>,
    start: &[f64],
    elsewhere: &[Vec<f64>],
) -> Result<CriticalPoint, NoCriticalPoint> {
    let outside = || NoCriticalPoint { at: start.to_vec(), outcome: Outcome::Outside };
    let here = scaled(landscape, start).ok_or_else(outside)?;
    let sizes = start.iter().map(|x| x.abs()).collect();
    let mut walk = Walk { at: start.to_vec(), here, sizes, trail: Trail::default() };
    let mut previous: Option<Newton> = None;
    for _ in 0..MAX_STEPS {
        let newton = Newton::of(&walk.here);
        let slope = walk.here.slope(&walk.here.gradient);
        let flat = walk.flat(&newton);
        let zero = walk.here.gradient.iter().all(|g| *g == 0.0);
        if zero || (flat && walk.arrived(&newton) && walk.is_rounding(landscape, &newton)) {
            return end(landscape, walk, &newton, elsewhere);
        }
        let limit = previous.as_ref().and_then(|p| limit(&walk.here, p, &newton));
        let moved = limit
            .and_then(|step| better(landscape, &walk, &step, 1.0, 0.01 * slope).map(|x| (x, false)))
            .or_else(|| {
                let step = walk.clipped(&newton.step);
                let whole = step == newton.step;
                if !whole {
                    // As far as it takes, where the Hessian stays what it is.
                    let far = better(landscape, &walk, &newton.step, 1.0, 0.25 * slope);
                    if let Some(far) = far.filter(|far| walk.is_constant(landscape, far)) {
                        return Some((far, false));
                    }
                }
                for halved in 0..20 {
                    let share = 0.5_f64.powi(halved);
                    let bound = slope * (1.0 - if whole { 1e-4 * share * newton.share } else { 0.0 });
                    if let Some(x) = better(landscape, &walk, &step, share, bound) {
                        return Some((x, whole && halved == 0));
                    }
                }
                None
            })
            .or_else(|| damped(landscape, &walk, slope).map(|x| (x, false)));
        let Some((next, whole)) = moved else {
            // Nothing better in floats: the end of convergence, or a smallest gradient that is not zero.
            let walk = at_zero(landscape, walk);
            let zero = walk.here.gradient.iter().all(|g| *g == 0.0);
            return if zero || (flat && walk.is_rounding(landscape, &newton)) {
                end(landscape, walk, &newton, elsewhere)
            } else {
                let outcome = Outcome::Stalled { gradient_norm: walk.gradient_norm() };
                Err(NoCriticalPoint { at: walk.at, outcome })
            };
        };
        let Some(found) = scaled(landscape, &next).filter(|_| norm(&next) < FAR) else {
            let outcome = Outcome::Unsettled { gradient_norm: walk.gradient_norm(), step: norm(&newton.step) };
            return Err(NoCriticalPoint { at: walk.at, outcome });
        };
        walk.go(next, found);
        previous = whole.then_some(newton);
    }
    let newton = Newton::of(&walk.here);
    // Steps at the rounding may wander without end.
    if walk.flat(&newton) && walk.is_rounding(landscape, &newton) {
        return end(landscape, walk, &newton, elsewhere);
    }
    let outcome = Outcome::Unsettled { gradient_norm: walk.gradient_norm(), step: norm(&newton.step) };
    Err(NoCriticalPoint { at: walk.at, outcome })
}

fn scaled(landscape: &mut Landscape<'_>, at: &[f64]) -> Option<Scaled> {
    let (gradient, mut hessian) = landscape.differentiate(at)?;
    // Next to the smallest of all floats digits are missing.
    hessian.iter_mut().filter(|h| h.abs() < UNDERFLOW).for_each(|h| *h = 0.0);
    let units = Units::of(&hessian, gradient.len());
    let spectrum = landscape.decompose(&units.both(&hessian))?;
    Some(Scaled { gradient, hessian, units, spectrum })
}

/// The state a share of the step away, if the gradient's norm is below a bound there.
fn better(landscape: &mut Landscape<'_>, walk: &Walk, step: &[f64], share: f64, bound: f64) -> Option<Vec<f64>> {
    let next: Vec<f64> = walk.at.iter().zip(step).map(|(x, s)| x + share * s).collect();
    landscape.gradient(&next).filter(|gradient| walk.here.slope(gradient) < bound)?;
    Some(next)
}

/// The step to the limit of a sequence whose steps shrink by a constant factor.
fn limit(here: &Scaled, previous: &Newton, newton: &Newton) -> Option<Vec<f64>> {
    let (before, now) = (here.units.over(&previous.step), here.units.over(&newton.step));
    let ratio = norm(&now) / norm(&before);
    let aligned = dot(&before, &now) > 0.95 * norm(&before) * norm(&now);
    (aligned && ratio > 0.3 && ratio < 0.97).then(|| newton.step.iter().map(|s| s / (1.0 - ratio)).collect())
}

/// A damped step that lowers the gradient's norm, the least damped of them.
fn damped(landscape: &mut Landscape<'_>, walk: &Walk, slope: f64) -> Option<Vec<f64>> {
    let values = &walk.here.spectrum.values;
    let largest = values.iter().fold(0.0_f64, |m, l| m.max(l.abs()));
    if largest == 0.0 {
        return None;
    }
    let gradient = walk.here.units.times(&walk.here.gradient);
    for exponent in -8..=6 {
        let mu = 10f64.powi(exponent);
        let mut step = vec![0.0; gradient.len()];
        for (lambda, u) in values.iter().zip(&walk.here.spectrum.vectors) {
            let relative = lambda / largest;
            let along = dot(u, &gradient) * relative / (relative * relative + mu) / largest;
            for (s, u) in step.iter_mut().zip(u) {
                *s -= along * u;
            }
        }
        let step = walk.here.units.times(&step);
        if let Some(next) = better(landscape, walk, &walk.clipped(&step), 1.0, slope * (1.0 - 1e-7)) {
            return Some(next);
        }
    }
    None
}

/// What was reached: a critical point, unless it is none.
fn end(
    landscape: &mut Landscape<'_>,
    walk: Walk,
    newton: &Newton,
    elsewhere: &[Vec<f64>],
) -> Result<CriticalPoint, NoCriticalPoint> {
    let walk = at_zero(landscape, walk);
    if let Err(outcome) = judge(landscape, (&walk.at, &walk.here), (&walk.sizes, &walk.trail), elsewhere) {
        return Err(NoCriticalPoint { at: walk.at, outcome });
    }
    // A matrix whose spectrum was found once in its units has one in the parameters' own.
    let Some((spectrum, rounding)) = landscape.spectrum(&walk.here.hessian, &walk.here.units) else {
        return Err(NoCriticalPoint { at: walk.at, outcome: Outcome::Outside });
    };
    Ok(finish(landscape, walk, newton, spectrum, &rounding))
}

/// The same with parameters that came down to nothing set to 0, if the gradient vanishes there: towards a zero of higher order Newton's method would
/// come closer without end.
fn at_zero(landscape: &mut Landscape<'_>, mut walk: Walk) -> Walk {
    let down = |(x, size): (&f64, &f64)| if x.abs() <= 1e-20 * size { 0.0 } else { *x };
    let zeroed: Vec<f64> = walk.at.iter().zip(&walk.sizes).map(down).collect();
    if zeroed != walk.at
        && let Some(there) = scaled(landscape, &zeroed).filter(|there| there.gradient.iter().all(|g| *g == 0.0))
    {
        walk.go(zeroed, there);
    }
    walk
}

fn finish(
    landscape: &mut Landscape<'_>,
    walk: Walk,
    newton: &Newton,
    spectrum: Spectrum,
    own: &[f64],
) -> CriticalPoint {
    let Walk { at, here, sizes, .. } = walk;
    let n = at.len();
    let smallest = (0..n).min_by(|a, b| here.spectrum.values[*a].abs().total_cmp(&here.spectrum.values[*b].abs()));
    let mut moves: Vec<Vec<f64>> = vec![newton.step.iter().map(|s| 2.0 * s).collect()];
    if let Some(k) = smallest {
        let u = &here.spectrum.vectors[k];
        let place: Vec<f64> = here.units.over(&at).iter().zip(u).map(|(x, u)| x * u).collect();
        let radius = (2.0 * newton.length).max(4.0 * f64::EPSILON * norm(&place));
        moves.push(here.units.times(u).iter().map(|u| radius * u).collect());
    }
    let mut change = vec![0.0_f64; n * n];
    for step in &moves {
        for sign in [1.0, -1.0] {
            let moved: Vec<f64> = at.iter().zip(step).map(|(x, s)| x + sign * s).collect();
            if let Some(there) = landscape.hessian(&moved) {
                for ((c, a), b) in change.iter_mut().zip(&there).zip(&here.hessian) {
                    *c = c.max((a - b).abs());
                }
            }
        }
    }
    // `|u|ᵀ |ΔH| |u|`: what a change of the entries does to the eigenvalue of u, to first order.
    let along = |change: &[f64], u: &[f64]| -> f64 {
        let row = |i: usize| -> f64 { change[i * n..(i + 1) * n].iter().zip(u).map(|(c, u)| c * u.abs()).sum() };
        (0..n).map(|i| u[i].abs() * row(i)).sum()
    };
    let scaled_change = here.units.both(&change);
    let scaled: Vec<f64> =
        here.spectrum.vectors.iter().map(|u| here.cutoff().max(rounding(n)) + along(&scaled_change, u)).collect();
    let mut uncertainties: Vec<f64> =
        spectrum.vectors.iter().zip(own).map(|(u, own)| own + along(&change, u)).collect();
    // By the law of inertia as many eigenvalues are zero in any units: those closest to it.
    let zeros = here.spectrum.values.iter().zip(&scaled).filter(|(l, u)| l.abs() <= **u).count();
    let mut closest: Vec<usize> = (0..n).collect();
    let distance = |k: usize| spectrum.values[k].abs() / uncertainties[k];
    closest.sort_by(|a, b| distance(*a).total_cmp(&distance(*b)));
    for k in closest.into_iter().take(zeros) {
        uncertainties[k] = uncertainties[k].max(spectrum.values[k].abs());
    }
    let radius = (0..n).map(|i| newton.step[i].abs() + 64.0 * f64::EPSILON * sizes[i]).collect();
    CriticalPoint {
        kind: Kind::of(&here.spectrum.values, &scaled),
        loss: landscape.value(&at),
        gradient_norm: norm(&here.gradient),
        gradient: here.gradient,
        eigenvalues: spectrum.values,
        eigenvectors: spectrum.vectors,
        uncertainties,
        radius,
        at,
    }
}
