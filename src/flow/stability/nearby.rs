//! The floats beside a state.
//!
//! A state is known no better than to the next few floats, and what is computed there is off by rounding on the way: both show where a few of them are tried.

use super::landscape::Landscape;
use super::scaled::{Scaled, Scatter, UNDERFLOW};
use super::spread::spread;

/// How many states are tried of what rounding does to derivatives.
const TRIED: usize = 32;
/// And how many floats away they are.
const AWAY: f64 = 8.0;
/// How many times what they differ by an error may be: it may be the same for all of them in part.
pub(super) const SAFETY: f64 = 4.0;

/// The states some floats beside one, parameters moved to the same sides and to opposite ones.
pub(super) fn neighbours(at: &[f64]) -> impl Iterator<Item = Vec<f64>> {
    let moved = |ulps: i32, alternating: bool| {
        let side = move |i: usize| if alternating && i % 2 == 1 { -1.0 } else { 1.0 };
        at.iter().enumerate().map(|(i, x)| x * (1.0 + side(i) * f64::from(ulps) * f64::EPSILON)).collect()
    };
    let ulps = (0..7).flat_map(|k| [1 << k, -(1 << k)]);
    ulps.flat_map(move |ulps| [false, true].map(|alternating| moved(ulps, alternating)))
}

/// By how much each entry of the derivatives differs among the floats beside a state, times what is safe.
///
/// An entry is a sum of terms that may cancel, as those of `1/r − x²/r³` do for `r = |x|`: what is left then is their rounding, and its sign says nothing,
/// however precisely a double holds it.
fn scatter(landscape: &mut Landscape<'_>, at: &[f64], (gradient, hessian): (&[f64], &[f64])) -> Scatter {
    let mut scatter = Scatter { gradient: vec![0.0; gradient.len()], hessian: vec![0.0; hessian.len()] };
    let widen = |known: &mut [f64], here: &[f64], there: &[f64]| {
        for ((s, a), b) in known.iter_mut().zip(here).zip(there) {
            *s = s.max(SAFETY * (a - b).abs());
        }
    };
    for near in beside(at) {
        if let Some((first, second)) = landscape.differentiate(&near) {
            widen(&mut scatter.gradient, gradient, &first);
            widen(&mut scatter.hessian, hessian, &second);
        }
    }
    scatter
}

/// The derivatives at a state in the Hessian's units; if `careful`, with what they are known to within.
pub(super) fn scaled(landscape: &mut Landscape<'_>, at: &[f64], careful: bool) -> Option<Scaled> {
    let (gradient, mut hessian) = landscape.differentiate(at)?;
    // Next to the smallest of all floats digits are missing.
    hessian.iter_mut().filter(|h| h.abs() < UNDERFLOW).for_each(|h| *h = 0.0);
    let scatter = careful.then(|| scatter(landscape, at, (&gradient, &hessian)));
    landscape.scaled((gradient, hessian), scatter)
}

/// Whether part of a gradient, by its size, is no more than that differs by among the floats beside a state.
pub(super) fn is_rounding(
    landscape: &mut Landscape<'_>,
    at: &[f64],
    gradient: &[f64],
    size: &dyn Fn(&[f64]) -> f64,
) -> bool {
    let most = size(gradient) / SAFETY;
    let apart = |there: Vec<f64>| there.iter().zip(gradient).map(|(a, b)| a - b).collect::<Vec<_>>();
    beside(at).any(|near| landscape.gradient(&near).is_some_and(|there| size(&apart(there)) >= most))
}

/// Floats beside a state, each parameter moved on its own.
fn beside(at: &[f64]) -> impl Iterator<Item = Vec<f64>> {
    let moved =
        |floats: Vec<f64>| at.iter().zip(floats).map(|(x, away)| x * (1.0 + away.round() * f64::EPSILON)).collect();
    spread(&vec![(-AWAY, AWAY); at.len()], TRIED).into_iter().map(moved)
}
