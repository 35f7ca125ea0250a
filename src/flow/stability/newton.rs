//! Steps of Newton's method.

use super::scaled::Scaled;
use super::spectrum::{dot, norm};

/// A step of Newton's method, in the directions in which the Hessian is not singular to rounding.
pub(super) struct Newton {
    pub(super) step: Vec<f64>,
    /// In the Hessian's units.
    pub(super) length: f64,
    /// The norm of `D g` in the other directions; infinite if a parameter that the Hessian does not know has a gradient.
    pub(super) lost: f64,
    /// Which share of `‖D g‖²` the step removes, to first order.
    pub(super) share: f64,
}

impl Newton {
    pub(super) fn of(here: &Scaled) -> Self {
        let gradient = here.units.times(&here.gradient);
        let mut step = vec![0.0; gradient.len()];
        let (mut lost, mut kept) = (Vec::new(), Vec::new());
        for (lambda, u, told) in here.directions() {
            let along = dot(u, &gradient);
            if !told {
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
