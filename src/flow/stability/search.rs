//! All critical points that many starts lead to.

use super::super::outcome::Outcome;
use super::critical::{CriticalPoint, NoCriticalPoint, critical_point};
use super::kind::Kind;
use super::landscape::Landscape;
use super::spectrum::norm;
use super::spread::spread;
use crate::budget::{self, Counted, Stopped};

/// How many degenerate points are kept: beyond this they are taken for a curve or surface of them.
const MAX_DEGENERATE: usize = 8;
/// Beside the extent of a search, how far off another point of a set of critical ones is looked for.
const BESIDE: f64 = 1e-2;
/// How many times as far as the starts a way leads off.
const OFF: f64 = 2.0;
/// Half the width of the box in which starts are spread where none is given.
const HALF_WIDTH: f64 = 5.0;
/// Starts by default, in dimensions where eigendecompositions cost little.
const MANY: usize = 100;

/// From where critical points are searched.
///
/// ```
/// use shadowflow::flow::CriticalSearch;
/// let search = CriticalSearch::within(&[(-2.0, 2.0), (-1.0, 3.0)], 3);
/// assert_eq!(search.starts()[0], [0.0, 1.0]);
/// assert_eq!(search, CriticalSearch::within(&[(-2.0, 2.0), (-1.0, 3.0)], 3));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CriticalSearch {
    starts: Vec<Vec<f64>>,
    confines: Option<Vec<(f64, f64)>>,
}

impl CriticalSearch {
    /// From no start: finds nothing.
    #[must_use]
    pub fn nowhere() -> Self {
        Self { starts: Vec::new(), confines: None }
    }

    /// From one start.
    #[must_use]
    pub fn near(start: Vec<f64>) -> Self {
        Self { starts: vec![start], confines: None }
    }

    /// From starts spread evenly over a box, keeping the points inside it.
    ///
    /// The starts are an additive recurrence of low discrepancy, from the middle of the box: `x_k = ½ + k (1/φ, 1/φ², …) mod 1` with
    /// the root φ > 1 of `φ^{D+1} = φ + 1`; the same for the same box, always.
    #[must_use]
    pub fn within(bounds: &[(f64, f64)], starts: usize) -> Self {
        Self { starts: spread(bounds, starts), confines: Some(bounds.to_vec()) }
    }

    /// From starts spread over `[−5, 5]` in every dimension, keeping every point, wherever it is.
    #[must_use]
    pub fn everywhere(dimension: usize, starts: usize) -> Self {
        Self { starts: spread(&vec![Self::default_bounds(); dimension], starts), confines: None }
    }

    /// From one more start, before the others.
    #[must_use]
    pub fn and_from(mut self, start: Vec<f64>) -> Self {
        self.starts.insert(0, start);
        self
    }

    /// The starts.
    #[must_use]
    pub fn starts(&self) -> &[Vec<f64>] {
        &self.starts
    }

    /// The interval over which starts are spread where none is given.
    #[must_use]
    pub fn default_bounds() -> (f64, f64) {
        (-HALF_WIDTH, HALF_WIDTH)
    }

    /// How many starts are worth their time by default: 100, fewer beyond some fifty dimensions.
    #[must_use]
    pub fn default_starts(dimension: usize) -> usize {
        let cube = dimension.saturating_mul(dimension).saturating_mul(dimension).max(1);
        (20_000_000 / cube).clamp(1, MANY)
    }
}

/// How a search for critical points went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SearchCounts {
    /// From how many starts.
    pub starts: usize,
    /// How many of them led to a critical point, many to the same one.
    pub converged: usize,
    /// How many different critical points that were, in the box if there is one. Of degenerate ones few are kept.
    pub found: usize,
    /// How many were outside the box.
    pub outside: usize,
    /// From how many starts the way led off, to twice as far as any of them was or to where the gradient is too small for floats, as towards infinity.
    pub away: usize,
    /// From how many Newton's method did not settle, but went nowhere far.
    pub unsettled: usize,
    /// From how many the gradient got no smaller, and is not zero.
    pub stalled: usize,
    /// From how many a slope jumps over zero at a kink of the loss.
    pub kinks: usize,
    /// From how many there is no value of the loss or of a derivative.
    pub undefined: usize,
}

impl SearchCounts {
    fn count(&mut self, failure: &NoCriticalPoint, extent: f64) {
        match failure.outcome {
            Outcome::Vanishing { .. } => self.away += 1,
            Outcome::Unsettled { .. } if norm(&failure.at) > OFF * extent => self.away += 1,
            Outcome::Unsettled { .. } => self.unsettled += 1,
            Outcome::Stalled { .. } => self.stalled += 1,
            Outcome::Jumping => self.kinks += 1,
            _ => self.undefined += 1,
        }
    }
}

/// What a search found.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    pub(super) points: Vec<CriticalPoint>,
    pub(super) counts: SearchCounts,
    /// Why each start that led nowhere did.
    pub(super) failures: Vec<NoCriticalPoint>,
    /// How many starts there was no time for, and why.
    pub(super) untried: Option<(usize, Stopped)>,
    /// At how many starts both gradient and Hessian are zero.
    pub(super) flat: usize,
    /// How many of the points have others beside them, as on curves and surfaces of critical points.
    pub(super) beside: usize,
}

/// Runs a search: equal points once, sorted by kind, then by coordinates.
pub(super) fn find(landscape: &mut Landscape<'_>, search: &CriticalSearch) -> Found {
    let mut found = Found::default();
    let mut outside: Vec<CriticalPoint> = Vec::new();
    let spread: Vec<f64> = (0..landscape.dimension()).map(|i| largest(search.starts.iter(), i)).collect();
    let extent = norm(&spread);
    let counted = Counted::begin("starts", search.starts.len() as u64);
    for (number, start) in search.starts.iter().enumerate() {
        counted.advance(u64::from(number > 0));
        if let Err(stopped) = budget::check() {
            found.untried = Some((search.starts.len() - number, stopped));
            break;
        }
        let searched = match budget::part(|| critical_point(landscape, start, &search.starts)) {
            Ok(searched) => searched,
            Err(stopped) => {
                found.untried = Some((search.starts.len() - number, stopped));
                break;
            }
        };
        match searched {
            Err(failure) => {
                found.counts.count(&failure, extent);
                found.failures.push(failure);
            }
            Ok(point) => {
                let zero = point.gradient.iter().chain(&point.eigenvalues).all(|x| *x == 0.0);
                found.flat += usize::from(zero && point.at == *start);
                let inside = search.contains(&point.at);
                merge(if inside { &mut found.points } else { &mut outside }, point, &spread);
                found.counts.converged += 1;
            }
        }
    }
    found.counts =
        SearchCounts { starts: search.starts.len(), found: found.points.len(), outside: outside.len(), ..found.counts };
    let sizes: Vec<f64> = (0..landscape.dimension()).map(|i| largest(found.points.iter().map(|p| &p.at), i)).collect();
    found.points.sort_by(|a, b| {
        // Compared with the largest; a negative zero is a zero.
        let rounded = |(x, size): (&f64, &f64)| if *size > 0.0 { (x / size * 1e8).round() + 0.0 } else { 0.0 };
        let place = |p: &CriticalPoint| p.at.iter().zip(&sizes).map(rounded).collect::<Vec<f64>>();
        let by_place = place(a).into_iter().zip(place(b)).map(|(x, y)| x.total_cmp(&y));
        a.kind.cmp(&b.kind).then(by_place.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then))
    });
    let mut degenerate = 0;
    found.points.retain(|p| {
        degenerate += usize::from(p.kind == Kind::Degenerate);
        p.kind != Kind::Degenerate || degenerate <= MAX_DEGENERATE
    });
    // Many are taken for a set anyway.
    if search.starts.len() > 1 && found.counts.found == found.points.len() {
        found.beside = found.points.iter().filter(|point| has_others(landscape, point, extent)).count();
    }
    found
}

/// Whether a way off along a direction in which the Hessian of a point vanishes there is another point, and not the same.
fn has_others(landscape: &mut Landscape<'_>, point: &CriticalPoint, extent: f64) -> bool {
    let mut flat = point.known().zip(&point.eigenvectors).filter(|((l, u), _)| l.abs() <= *u).map(|(_, v)| v);
    flat.any(|v| {
        let away = BESIDE * extent;
        let start: Vec<f64> = point.at.iter().zip(v).map(|(x, v)| x + away * v).collect();
        let found = budget::part(|| critical_point(landscape, &start, std::slice::from_ref(&point.at)));
        found.is_ok_and(|found| {
            found.is_ok_and(|other| {
                let along: f64 = other.at.iter().zip(&point.at).zip(v).map(|((x, y), v)| (x - y) * v).sum();
                other.kind == Kind::Degenerate && (along - away).abs() <= 0.5 * away
            })
        })
    })
}

impl CriticalSearch {
    fn contains(&self, at: &[f64]) -> bool {
        self.confines.as_ref().is_none_or(|bounds| {
            at.iter().zip(bounds).all(|(x, (low, high))| {
                let margin = 1e-9 * low.abs().max(high.abs());
                *x >= low - margin && *x <= high + margin
            })
        })
    }
}

/// The largest `|θ_i|` of one parameter.
fn largest<'a>(states: impl Iterator<Item = &'a Vec<f64>>, i: usize) -> f64 {
    states.fold(0.0, |most: f64, at| most.max(at[i].abs()))
}

/// Adds a point unless it is there already; of two that are the same the one with the smaller gradient stays. Parameters are compared each by itself:
/// with how well both are known, their own size and, where the Hessian is singular, how far starts are `spread`.
fn merge(points: &mut Vec<CriticalPoint>, point: CriticalPoint, spread: &[f64]) {
    let same = points.iter_mut().find(|known| {
        // Where the Hessian is singular, θ is known to few digits.
        let vague = known.kind == Kind::Degenerate || point.kind == Kind::Degenerate;
        (0..point.at.len()).all(|i| {
            let (x, y) = (known.at[i], point.at[i]);
            let size = x.abs().max(y.abs());
            let blur = if vague { 1e-3 * size.max(spread[i]) } else { 1e-8 * size };
            (x - y).abs() <= 4.0 * (known.radius[i] + point.radius[i]) + blur
        })
    });
    match same {
        Some(known) if point.gradient_norm < known.gradient_norm => *known = point,
        Some(_) => {}
        None => points.push(point),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_starts_where_they_are_dear() {
        assert_eq!(CriticalSearch::default_starts(2), 100);
        assert_eq!(CriticalSearch::default_starts(200), 2);
        assert_eq!(CriticalSearch::default_starts(usize::MAX), 1);
        assert_eq!(CriticalSearch::everywhere(1, 1).and_from(vec![2.0]).starts(), [[2.0], [0.0]]);
    }
}
