//! The nearest points of lines, curves and surfaces of critical points.
//!
//! Beside such a set the Hessian is all but singular along it, and Newton's method leads along it as far as to its singular points, or to infinity, as it does for
//! `x²y²` and `(x − 1)²/y²`. Damped by the size of the gradient (Levenberg and Marquardt), it leads straight across, and as fast as Newton's method to a
//! regular point (Fan & Yuan 2005).

use super::landscape::Landscape;
use super::limit::Trail;
use super::nearby::scaled;
use super::spectrum::{dot, norm};
use super::walk::Walk;

/// Steps to a point of a set.
const STEPS: usize = 40;
/// How often a step is damped four times as much.
const DAMPED: usize = 20;
/// Beside its first part, what may be left of a gradient.
const LEFT: f64 = 1e-12;
/// At the end, which share of the gradient a step leaves, at the most.
const FAST: f64 = 0.1;

/// A walk to a point at which the Hessian is regular across a set of critical points, from a state of a search of some extent.
pub(super) fn across(landscape: &mut Landscape<'_>, start: &[f64], extent: f64) -> Option<Walk> {
    let mut trail = Trail::default();
    let mut at = start.to_vec();
    let (mut gradient, mut hessian) = landscape.differentiate(&at)?;
    let first = norm(&gradient);
    let mut share = 1.0;
    for _ in 0..STEPS {
        let slope = norm(&gradient);
        if slope == 0.0 {
            break;
        }
        let spectrum = landscape.decompose(&hessian)?;
        let largest = spectrum.values.iter().fold(0.0_f64, |most, l| most.max(l.abs()));
        let mut damping = (slope / extent).powi(2).min(largest * largest);
        let mut moved = None;
        for _ in 0..DAMPED {
            let mut next = at.clone();
            for (lambda, u) in spectrum.values.iter().zip(&spectrum.vectors) {
                let along = lambda * dot(u, &gradient) / (lambda * lambda + damping);
                next.iter_mut().zip(u).for_each(|(x, u)| *x -= along * u);
            }
            moved = landscape.differentiate(&next).filter(|there| norm(&there.0) < slope).map(|there| (next, there));
            if moved.is_some() {
                break;
            }
            damping *= 4.0;
        }
        let Some((next, there)) = moved else { break };
        if slope > LEFT * first {
            share = norm(&there.0) / slope;
        }
        trail.push(std::mem::replace(&mut at, next), std::mem::replace(&mut gradient, there.0));
        hessian = there.1;
    }
    if share > FAST || norm(&gradient) > LEFT * first {
        return None;
    }
    let sizes = start.iter().zip(&at).map(|(a, b)| a.abs().max(b.abs())).collect();
    Some(Walk { here: scaled(landscape, &at, false)?, at, sizes, trail })
}
