//! One critical point from one start.
//!
//! Every criterion is one of the loss in its Hessian's own units, or of one parameter against itself: parameters of another scale, `θ_i → c_i θ_i`, or
//! a multiple of the loss, have the same critical points of the same kinds.

use super::super::outcome::Outcome;
use super::exact::{Regular, Verdict};
use super::kind::Kind;
use super::kink::{hessian_jumps, is_kink, kink_below};
use super::landscape::Landscape;
use super::limit::{Trail, judge};
use super::nearby::{SAFETY, scaled};
use super::nearest::across;
use super::newton::Newton;
use super::scaled::{Scaled, along};
use super::spectrum::{Spectrum, dot, norm};
use super::walk::{Left, Walk};

/// How many steps Newton's method may take.
const MAX_STEPS: usize = 200;
/// How many steps it may take whole, whatever becomes of the gradient, and beside a parameter the step that is nearly none.
const WHOLE_STEPS: usize = 100;
const AT_REST: f64 = 1e-6;
/// How many times as far as a search begins whole steps may lead.
const WITHIN: f64 = 1e3;
/// Beside how large a parameter has been, what it comes down to.
const NOTHING: f64 = 1e-20;
const LITTLE: f64 = 1e-6;
/// Of two points of sets of critical points the one that is so much nearer to a start is what it leads to.
const NEARER: f64 = 0.5;
/// States beyond this are given up.
const FAR: f64 = 1e150;

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
    /// To within what each eigenvalue is that at the critical point: rounding, how much the Hessian changes among the floats beside θ, and how much
    /// along its eigenvector between θ and where another step of Newton's method would lead. An eigenvalue that is no larger than this counts as zero.
    /// Infinite where the Hessian jumps at a kink of the loss's derivatives, and the eigenvalues are those of one side.
    pub uncertainties: Vec<f64>,
    /// To within what each parameter is known: the last step of Newton's method, and rounding.
    pub(super) radius: Vec<f64>,
}

impl CriticalPoint {
    /// Whether the Hessian has other values on other sides of the point, so that there is no linearisation.
    #[must_use]
    pub fn hessian_jumps(&self) -> bool {
        self.uncertainties.contains(&f64::INFINITY)
    }

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

/// The critical point that a start leads to.
pub(super) fn critical_point(
    landscape: &mut Landscape<'_>,
    start: &[f64],
    elsewhere: &[Vec<f64>],
) -> Result<CriticalPoint, NoCriticalPoint> {
    let extent = elsewhere.iter().fold(norm(start), |most, other| most.max(norm(other)));
    let mut found = followed(landscape, start, elsewhere);
    if landscape.smooth
        && found.as_ref().is_err_and(|failure| is_unfinished(failure.outcome))
        && let Some(near) = undamped(landscape, start, extent)
        && let Ok(point) = followed(landscape, &near, elsewhere)
    {
        found = Ok(point);
    }
    if found.as_ref().map_or(true, |point| point.kind == Kind::Degenerate)
        && extent > 0.0
        && let Some(walk) = across(landscape, start, extent)
    {
        let away = |at: &[f64]| norm(&at.iter().zip(start).map(|(x, y)| x - y).collect::<Vec<_>>());
        let far = NEARER * found.as_ref().map_or(extent, |point| away(&point.at));
        // A regular point is one that Newton's method leads to from elsewhere.
        if away(&walk.at) < far
            && let Ok(point) = end(landscape, walk, elsewhere)
            && point.kind == Kind::Degenerate
            && away(&point.at) < far
        {
            found = Ok(point);
        }
    }
    if landscape.smooth {
        return found;
    }
    match found {
        Ok(point) if is_kink(landscape, &point.at, extent) => {
            Err(NoCriticalPoint { at: point.at, outcome: Outcome::Jumping })
        }
        Ok(mut point) if hessian_jumps(landscape, &point.at, extent) => {
            point.kind = Kind::Degenerate;
            point.uncertainties.fill(f64::INFINITY);
            Ok(point)
        }
        Err(failure) if is_unfinished(failure.outcome) => {
            let kink = kink_below(landscape, &failure.at, extent);
            Err(kink.map_or(failure, |at| NoCriticalPoint { at, outcome: Outcome::Jumping }))
        }
        found => found,
    }
}

/// Whether Newton's method came to no end.
fn is_unfinished(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Stalled { .. } | Outcome::Unsettled { .. })
}

/// Where Newton's method with whole steps comes to rest, roughly, if that is not far beyond the `extent` of the search.
///
/// In bent valleys the gradient grows on the way, so that steps which make it smaller creep; whole ones leave the valley and are back in the next.
fn undamped(landscape: &mut Landscape<'_>, start: &[f64], extent: f64) -> Option<Vec<f64>> {
    let mut at = start.to_vec();
    for _ in 0..WHOLE_STEPS {
        let step = Newton::of(&scaled(landscape, &at, false)?).step;
        let rests = step.iter().zip(&at).all(|(s, x)| s.abs() <= AT_REST * x.abs());
        if rests {
            return Some(at);
        }
        at = at.iter().zip(&step).map(|(x, s)| x + s).collect();
        // A way to infinity is left to steps that look where they go.
        if norm(&at) > WITHIN * extent {
            return None;
        }
    }
    None
}

/// Follows Newton's method for `g(θ) = 0` from a start, so that saddles and maxima are found as well as minima.
///
/// The merit is `‖D g‖` in the Hessian's units: steps are halved until it falls. Where no part of the step does, the damped steps
/// `−D (A² + μ)⁻¹ A D g` with `A = D H D` are tried (Levenberg and Marquardt), and where convergence is linear, as at a degenerate point, the limit
/// of the geometric sequence. Of what is reached it is asked whether it is a limit, or only where floats end on the way to infinity;
/// `elsewhere` are other states of the search, where a gradient may show that is too small here.
fn followed(
    landscape: &mut Landscape<'_>,
    start: &[f64],
    elsewhere: &[Vec<f64>],
) -> Result<CriticalPoint, NoCriticalPoint> {
    let outside = || NoCriticalPoint { at: start.to_vec(), outcome: Outcome::Outside };
    let here = scaled(landscape, start, false).ok_or_else(outside)?;
    let sizes = start.iter().map(|x| x.abs()).collect();
    let mut walk = Walk { at: start.to_vec(), here, sizes, trail: Trail::default() };
    let mut previous: Option<Newton> = None;
    // Where nothing gets better, it is worth its time to see what evaluating the derivatives rounds: in directions in which they are nothing else, that may
    // hide what is left in others.
    let mut careful = false;
    for _ in 0..MAX_STEPS {
        let newton = Newton::of(&walk.here);
        let slope = walk.here.slope(&walk.here.gradient);
        let arrived = walk.arrived(&newton) && walk.left(landscape, &newton) == Left::Rounding;
        if walk.is_zero() || arrived {
            return end(landscape, walk, elsewhere);
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
            if !careful && let Some(here) = scaled(landscape, &walk.at, true) {
                (careful, walk.here, previous) = (true, here, None);
                continue;
            }
            // Nothing better in floats: the end of convergence, or a smallest gradient that is not zero.
            return end(landscape, walk, elsewhere);
        };
        let near = norm(&next) < FAR;
        let Some(found) = scaled(landscape, &next, careful).filter(|_| near) else {
            if near && let Some(gradient) = landscape.gradient(&next) {
                let outcome = Outcome::NoHessian { gradient_norm: norm(&gradient) };
                return Err(NoCriticalPoint { at: next, outcome });
            }
            let outcome = Outcome::Unsettled { gradient_norm: walk.gradient_norm(), step: norm(&newton.step) };
            return Err(NoCriticalPoint { at: walk.at, outcome });
        };
        walk.go(next, found);
        previous = whole.then_some(newton);
    }
    // Steps at the rounding may wander without end.
    let (gradient_norm, step) = (walk.gradient_norm(), norm(&Newton::of(&walk.here).step));
    end(landscape, walk, elsewhere).map_err(|failure| match failure.outcome {
        Outcome::Stalled { .. } => NoCriticalPoint { outcome: Outcome::Unsettled { gradient_norm, step }, ..failure },
        _ => failure,
    })
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
fn end(landscape: &mut Landscape<'_>, walk: Walk, elsewhere: &[Vec<f64>]) -> Result<CriticalPoint, NoCriticalPoint> {
    let outside = |at: Vec<f64>| NoCriticalPoint { at, outcome: Outcome::Outside };
    let mut walk = at_zero(landscape, walk);
    let Some(here) = scaled(landscape, &walk.at, true) else { return Err(outside(walk.at)) };
    walk.here = here;
    let failure = failure(landscape, &walk);
    let clear = failure.is_none() && !walk.is_unclear();
    let exact = landscape.exact();
    let mut verdict = exact.map_or(Verdict::Open, |exact| exact.judge(&walk.at, &walk.sizes, clear));
    if matches!(verdict, Verdict::Far { .. })
        && let Some(found) = landscape.exact().and_then(|exact| exact.retrace(walk.trail.back(), &walk.sizes))
    {
        verdict = Verdict::Regular(found);
    }
    match (verdict, failure) {
        // Also where doubles have slopes that are not there, or none that is.
        (Verdict::Regular(found), _) => return Ok(regular(landscape, &walk, *found)),
        (_, Some(outcome)) => return Err(NoCriticalPoint { at: walk.at, outcome }),
        (Verdict::Away { step, gradient } | Verdict::Far { step, gradient }, _) => {
            let (gradient_norm, step) = (norm(&gradient), norm(&step));
            let outcome = if gradient_norm > 0.0 {
                Outcome::Unsettled { gradient_norm, step }
            } else {
                Outcome::Vanishing { gradient_norm }
            };
            return Err(NoCriticalPoint { at: walk.at, outcome });
        }
        (Verdict::Closer(at), _) => {
            let Some(here) = scaled(landscape, &at, true) else { return Err(outside(at)) };
            walk.go(at, here);
        }
        (Verdict::Open, _) => {}
    }
    let newton = Newton::of(&walk.here);
    let Some(here) = widened(landscape, &walk, &newton) else { return Err(outside(walk.at)) };
    walk.here = here;
    if let Err(outcome) = judge(landscape, (&walk.at, &walk.here), (&walk.sizes, &walk.trail), elsewhere) {
        return Err(NoCriticalPoint { at: walk.at, outcome });
    }
    // A matrix whose spectrum was found once in its units has one in the parameters' own.
    let Some((spectrum, rounding)) = landscape.spectrum(&walk.here.hessian, &walk.here.units) else {
        return Err(outside(walk.at));
    };
    Ok(finish(landscape, walk, &newton, spectrum, &rounding))
}

/// Why doubles have no critical point where a walk ended.
fn failure(landscape: &mut Landscape<'_>, walk: &Walk) -> Option<Outcome> {
    if walk.is_zero() {
        return None;
    }
    let newton = Newton::of(&walk.here);
    let gradient_norm = walk.gradient_norm();
    match walk.left(landscape, &newton) {
        Left::Rounding => None,
        Left::Motion => Some(Outcome::Unsettled { gradient_norm, step: norm(&newton.step) }),
        Left::Slope => Some(Outcome::Stalled { gradient_norm }),
    }
}

/// The critical point that enclosures found, with what they say of it.
fn regular(landscape: &mut Landscape<'_>, walk: &Walk, found: Regular) -> CriticalPoint {
    let Regular { at, gradient, spectrum } = found;
    let uncertainties: Vec<f64> = spectrum.values.iter().map(|l| 4.0 * f64::EPSILON * l.abs()).collect();
    let size = |(size, x): (&f64, &f64)| size.max(x.abs());
    CriticalPoint {
        kind: Kind::of(&spectrum.values, &uncertainties),
        loss: landscape.value(&at),
        gradient_norm: norm(&gradient),
        gradient,
        eigenvalues: spectrum.values,
        eigenvectors: spectrum.vectors,
        uncertainties,
        radius: walk.sizes.iter().zip(&at).map(|pair| 64.0 * f64::EPSILON * size(pair)).collect(),
        at,
    }
}

/// The same with parameters that came down to nothing set to 0, if the gradient vanishes there: towards a zero of higher order Newton's method would
/// come closer without end. Where it is no more than rounding all the way there, what is nothing is larger.
fn at_zero(landscape: &mut Landscape<'_>, mut walk: Walk) -> Walk {
    for (share, way) in [(NOTHING, &[][..]), (LITTLE, &[0.25, 0.5, 0.75][..])] {
        let down = |(x, size): (&f64, &f64)| if x.abs() <= share * size { 0.0 } else { *x };
        let zeroed: Vec<f64> = walk.at.iter().zip(&walk.sizes).map(down).collect();
        let places: Vec<f64> = walk.at.iter().map(|x| x.abs()).collect();
        let noise = walk.here.noise(&places);
        let is_rounding = |share: &f64| {
            let between: Vec<f64> = walk.at.iter().zip(&zeroed).map(|(x, zero)| x + share * (zero - x)).collect();
            landscape.gradient(&between).is_some_and(|there| walk.here.slope(&there) <= noise)
        };
        if zeroed != walk.at
            && way.iter().all(is_rounding)
            && let Some(there) =
                scaled(landscape, &zeroed, false).filter(|there| there.gradient.iter().all(|g| *g == 0.0))
        {
            walk.go(zeroed, there);
        }
    }
    walk
}

/// The derivatives where a walk is, known to within what the Hessian changes between there and where another step leads.
fn widened(landscape: &mut Landscape<'_>, walk: &Walk, newton: &Newton) -> Option<Scaled> {
    let Walk { at, here, .. } = walk;
    let n = at.len();
    let smallest = (0..n).min_by(|a, b| here.spectrum.values[*a].abs().total_cmp(&here.spectrum.values[*b].abs()));
    let mut moves: Vec<Vec<f64>> = vec![newton.step.iter().map(|s| 2.0 * s).collect()];
    if let Some(k) = smallest {
        let u = &here.spectrum.vectors[k];
        let place: Vec<f64> = here.units.over(at).iter().zip(u).map(|(x, u)| x * u).collect();
        let radius = (2.0 * newton.length).max(4.0 * f64::EPSILON * norm(&place));
        moves.push(here.units.times(u).iter().map(|u| radius * u).collect());
    }
    let mut scatter = here.scatter.clone()?;
    if let Some(off) = landscape.exact().and_then(|exact| exact.off(at, &here.hessian)) {
        scatter.hessian.iter_mut().zip(off).for_each(|(s, off)| *s = s.max(SAFETY * off));
    }
    for step in &moves {
        // Where a step is long, what is on its way counts as well as what is at its ends.
        for share in (0..=16).map(|k| 0.1_f64.powi(k)) {
            let seen = |(x, s): (&f64, &f64)| (share * s).abs() > 64.0 * f64::EPSILON * x.abs();
            if share < 1.0 && !at.iter().zip(step).any(seen) {
                break;
            }
            for signed in [share, -share] {
                let moved: Vec<f64> = at.iter().zip(step).map(|(x, s)| x + signed * s).collect();
                let Some(there) = landscape.hessian(&moved) else { continue };
                for ((c, a), b) in scatter.hessian.iter_mut().zip(&there).zip(&here.hessian) {
                    *c = c.max((a - b).abs());
                }
            }
        }
    }
    landscape.scaled((here.gradient.clone(), here.hessian.clone()), Some(scatter))
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
    let change = here.scatter.as_ref().map_or(&[][..], |scatter| &scatter.hessian);
    let mut uncertainties: Vec<f64> = spectrum.vectors.iter().zip(own).map(|(u, own)| own + along(change, u)).collect();
    // By the law of inertia as many eigenvalues are zero in any units: those closest to it.
    let zeros = here.lost().count();
    let mut closest: Vec<usize> = (0..n).collect();
    let distance = |k: usize| spectrum.values[k].abs() / uncertainties[k];
    closest.sort_by(|a, b| distance(*a).total_cmp(&distance(*b)));
    for k in closest.into_iter().take(zeros) {
        uncertainties[k] = uncertainties[k].max(spectrum.values[k].abs());
    }
    let radius = (0..n).map(|i| newton.step[i].abs() + 64.0 * f64::EPSILON * sizes[i]).collect();
    CriticalPoint {
        kind: Kind::of(&here.spectrum.values, &here.floors),
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
