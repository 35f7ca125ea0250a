//! Newton's method on its way to a critical point: where it is, where it goes, and what is left of the gradient where it ends.

use super::landscape::Landscape;
use super::limit::Trail;
use super::nearby::neighbours;
use super::newton::Newton;
use super::scaled::Scaled;
use super::spectrum::{dot, norm};

/// How much larger than it ever was a parameter may become in one step.
const LONGEST: f64 = 100.0;

/// Which share of the others' curvature, over its own size, may be rounding.
const UNCLEAR: f64 = 1e-10;

/// What is left of a gradient that gets no smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// Rounding alone.
    Rounding,
    /// Rounding but along some eigenvector, along which Newton's method moves on.
    Motion,
    /// More than rounding.
    Slope,
}

/// Where a walk is, and where it has been.
pub(super) struct Walk {
    pub(super) at: Vec<f64>,
    pub(super) here: Scaled,
    /// The largest `|θ_i|` of each parameter on the way.
    pub(super) sizes: Vec<f64>,
    pub(super) trail: Trail,
}

impl Walk {
    pub(super) fn gradient_norm(&self) -> f64 {
        norm(&self.here.gradient)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.here.gradient.iter().all(|g| *g == 0.0)
    }

    /// Whether the gradient is zero to rounding in the directions in which the Hessian vanishes.
    fn flat(&self, newton: &Newton) -> bool {
        let own = 64.0 * f64::EPSILON * self.here.slope(&self.here.gradient);
        newton.lost <= self.here.noise(&self.sizes) + own + self.here.lost_within()
    }

    /// Whether what the Hessian is, in some direction, may be rounding: where it is not told from zero, or where a parameter, over its own size, changes the
    /// gradient by next to nothing beside the others.
    pub(super) fn is_unclear(&self) -> bool {
        let share = |(d, size): (&f64, &f64)| if *d > 0.0 { (size / d) * (size / d) } else { 0.0 };
        let shares: Vec<f64> = self.here.units.each().iter().zip(&self.sizes).map(share).collect();
        let largest = shares.iter().fold(0.0_f64, |m, s| m.max(*s));
        self.here.lost().next().is_some() || shares.iter().any(|s| *s <= UNCLEAR * largest)
    }

    /// Whether a step is below the rounding of every parameter.
    pub(super) fn arrived(&self, newton: &Newton) -> bool {
        newton.step.iter().zip(&self.at).all(|(s, x)| s.abs() <= f64::EPSILON * x.abs())
    }

    /// A step that makes no parameter much larger than it ever was.
    pub(super) fn clipped(&self, step: &[f64]) -> Vec<f64> {
        let clip = |(s, size): (&f64, &f64)| if *size > 0.0 { s.clamp(-LONGEST * size, LONGEST * size) } else { *s };
        step.iter().zip(&self.sizes).map(clip).collect()
    }

    /// Whether the Hessian is nearly constant between here and another state.
    pub(super) fn is_constant(&self, landscape: &mut Landscape<'_>, there: &[f64]) -> bool {
        let told = self.here.directions().filter(|(.., told)| *told);
        let least = told.map(|(l, ..)| l.abs()).fold(f64::MAX, f64::min);
        landscape.hessian(there).is_some_and(|there| {
            let change: Vec<f64> = there.iter().zip(&self.here.hessian).map(|(a, b)| a - b).collect();
            norm(&self.here.units.both(&change)) <= 0.25 * least
        })
    }

    /// What is left of the gradient, where no step makes it smaller.
    ///
    /// Over a step along which the Hessian is nearly constant the gradient would all but vanish, were it exact. Where the Hessian is not, the gradient must
    /// change its sign among the next few floats: along every eigenvector, since one that is rounding hides the others in their sum.
    /// Along those whose eigenvalues are not told from zero it must be zero to rounding.
    pub(super) fn left(&self, landscape: &mut Landscape<'_>, newton: &Newton) -> Left {
        if !self.flat(newton) {
            return Left::Slope;
        }
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
            return if constant && slope <= 1e-6 * elsewhere { Left::Rounding } else { Left::Slope };
        }
        if constant {
            return Left::Rounding;
        }
        // Floats around a zero have gradients of either sign, those of a slope have not.
        let own = self.here.units.times(&self.here.gradient);
        let near: Vec<Vec<f64>> = neighbours(&self.at)
            .filter_map(|near| landscape.gradient(&near).map(|there| self.here.units.times(&there)))
            .collect();
        if !near.iter().any(|there| dot(there, &own) <= 0.0) {
            return Left::Slope;
        }
        let place = self.here.units.over(&self.at);
        let still = |(lambda, u, told): (f64, &Vec<f64>, bool)| {
            let along = dot(u, &own);
            let size = norm(&u.iter().zip(&place).map(|(u, x)| u * x).collect::<Vec<_>>());
            !told
                || along.abs() <= self.here.within(u)
                || (along / lambda).abs() <= 64.0 * f64::EPSILON * size
                || near.iter().any(|there| dot(u, there) * along <= 0.0)
        };
        if self.here.directions().all(still) { Left::Rounding } else { Left::Motion }
    }

    pub(super) fn go(&mut self, next: Vec<f64>, here: Scaled) {
        let gradient = std::mem::replace(&mut self.here, here).gradient;
        self.trail.push(std::mem::replace(&mut self.at, next), gradient);
        for (size, x) in self.sizes.iter_mut().zip(&self.at) {
            *size = size.max(x.abs());
        }
    }
}
