//! Whether what a search reached is a limit, or only where floats end on the way to infinity.
//!
//! A loss that flattens out, as `log s`, `exp(−x)` or `−exp(−x²)` do, has gradients that vanish in floats, and critical points nowhere there. Where the
//! Hessian is regular this cannot be mistaken: the next step of Newton's method is as long as the last. Where it vanishes too, two things tell.

use super::super::outcome::Outcome;
use super::landscape::Landscape;
use super::scaled::Scaled;
use super::spectrum::{dot, norm};

/// How many states of a walk are reflected.
const REFLECTED: usize = 3;
/// Where the gradient is looked for, as factors of where a state is.
const FACTORS: [f64; 22] = [
    0.9, 0.75, 0.5, 0.25, 0.1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 0.0, -1e-4, -1e-2, -0.1, -0.5, -1.0, 1.1, 1.5, 2.0, 4.0,
    16.0, -4.0,
];
/// How many other states of a search are looked at.
const ELSEWHERE: usize = 100;
/// Gradients below this are next to the smallest of all floats.
pub(super) const UNDERFLOW: f64 = 1e-280;

/// The states of a walk with their gradients, in order.
#[derive(Debug, Default)]
pub(super) struct Trail(Vec<(Vec<f64>, Vec<f64>)>);

impl Trail {
    pub(super) fn push(&mut self, at: Vec<f64>, gradient: Vec<f64>) {
        self.0.push((at, gradient));
    }
}

/// `Err` if a state, all of whose gradient is rounding, is no critical point.
///
/// - A walk to a limit finds the gradient that it came through on the other side of the limit as well: at `2θ − θ_k`. Where it does not, the walk
///   would go on.
/// - Where the gradient shows some way off along the directions in which the Hessian vanishes, but to one side only, the loss is not constant on the
///   other, since a smooth one would be so everywhere: its slope is too small for floats.
pub(super) fn judge(
    landscape: &mut Landscape<'_>,
    (at, here): (&[f64], &Scaled),
    (sizes, trail): (&[f64], &Trail),
    elsewhere: &[Vec<f64>],
) -> Result<(), Outcome> {
    let unknown: Vec<usize> = (0..at.len()).filter(|i| here.units.each()[*i] == 0.0).collect();
    let gradient_norm = norm(&here.gradient);
    let runs = |landscape: &mut Landscape<'_>, noise: f64, size: &dyn Fn(&[f64]) -> f64| {
        runs_away(landscape, at, (size(&here.gradient), noise), trail, size)
    };
    let mut away = false;
    for i in &unknown {
        away = away || runs(landscape, 0.0, &|g| g[*i].abs());
    }
    let lost = here.lost().next().is_some() && here.units.each().iter().any(|d| *d > 0.0);
    if lost && !away {
        away = runs(landscape, here.noise(sizes), &|g| here.lost_slope(g));
    }
    if away {
        let step = trail.0.last().map_or(0.0, |(last, _)| norm(&difference(at, last)));
        return Err(Outcome::Unsettled { gradient_norm, step });
    }
    let size = |g: &[f64]| norm(&unknown.iter().map(|i| g[*i]).collect::<Vec<_>>());
    let along = |x: &[f64]| -> Vec<f64> {
        (0..x.len()).map(|i| if here.units.each()[i] == 0.0 { x[i] } else { 0.0 }).collect()
    };
    let mut vanishing = !unknown.is_empty() && {
        let space = Space { at, sizes, along: &along, size: &size, noise: &|_| 0.0 };
        space.vanishing(landscape, elsewhere)
    };
    if lost && !vanishing && landscape.smooth {
        let project = |x: &[f64]| {
            let scaled = here.units.over(x);
            let mut sum = vec![0.0; x.len()];
            for u in here.lost() {
                let along = dot(u, &scaled);
                for (s, u) in sum.iter_mut().zip(u) {
                    *s += along * u;
                }
            }
            here.units.times(&sum)
        };
        let space = Space {
            at,
            sizes,
            along: &project,
            size: &|g| here.lost_slope(g),
            noise: &|x| here.noise(&x.iter().zip(sizes).map(|(x, s)| x.abs().max(*s)).collect::<Vec<_>>()),
        };
        vanishing = space.vanishing(landscape, elsewhere);
    }
    if vanishing { Err(Outcome::Vanishing { gradient_norm }) } else { Ok(()) }
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// Whether a walk, continued as far as it came, finds next to nothing of the gradient that it came through, by the size of some part of it.
fn runs_away(
    landscape: &mut Landscape<'_>,
    at: &[f64],
    (left, noise): (f64, f64),
    trail: &Trail,
    size: &dyn Fn(&[f64]) -> f64,
) -> bool {
    let told = trail.0.iter().rev().filter(|(_, g)| size(g) > 100.0 * left.max(noise)).take(REFLECTED);
    let mut reflected = 0;
    for (from, gradient) in told {
        let beyond: Vec<f64> = at.iter().zip(from).map(|(x, y)| 2.0 * x - y).collect();
        let Some(there) = landscape.gradient(&beyond) else { continue };
        if size(&there) > 1e-3 * size(gradient) {
            return false;
        }
        reflected += 1;
    }
    reflected > 0
}

/// A state and a part of its space in which the Hessian vanishes.
struct Space<'a> {
    at: &'a [f64],
    sizes: &'a [f64],
    /// The part of a displacement in it.
    along: &'a dyn Fn(&[f64]) -> Vec<f64>,
    /// The size of the part of a gradient in it, and how large that is from rounding at a state.
    size: &'a dyn Fn(&[f64]) -> f64,
    noise: &'a dyn Fn(&[f64]) -> f64,
}

impl Space<'_> {
    fn moved(&self, step: &[f64], share: f64) -> Vec<f64> {
        self.at.iter().zip(step).map(|(x, s)| x + share * s).collect()
    }

    /// Whether the gradient is there `margin` times above rounding; `None` outside.
    fn shows(&self, landscape: &mut Landscape<'_>, theta: &[f64], margin: f64) -> Option<bool> {
        let gradient = landscape.gradient(theta)?;
        Some((self.size)(&gradient) > UNDERFLOW.max(margin * (self.noise)(theta)))
    }

    fn vanishing(&self, landscape: &mut Landscape<'_>, elsewhere: &[Vec<f64>]) -> bool {
        let mut steps: Vec<Vec<f64>> = Vec::new();
        let place = (self.along)(self.at);
        if place.iter().any(|x| *x != 0.0) {
            steps.extend(FACTORS.iter().map(|f| place.iter().map(|x| (f - 1.0) * x).collect()));
        }
        let others = elsewhere.iter().take(ELSEWHERE).map(|other| (self.along)(&difference(other, self.at)));
        steps.extend(others.filter(|step| step.iter().any(|s| *s != 0.0)));
        // From the nearest on; a part without a unit is compared by itself.
        steps.sort_by(|a, b| norm(&self.over(a)).total_cmp(&norm(&self.over(b))));
        for step in &steps {
            if self.shows(landscape, &self.moved(step, 1.0), 1e3) != Some(true) {
                continue;
            }
            // On the other side of a zero of any order the gradient shows as well.
            let beyond = [-1.0, -0.25, -0.0625].map(|share| self.moved(step, share));
            let both = beyond.iter().any(|there| self.shows(landscape, there, 1.0) != Some(false));
            // Losses with kinks are constant in places; where floats end, the last gradient is the smallest.
            return !both && (landscape.smooth || self.underflows(landscape, step));
        }
        false
    }

    /// A step by the sizes of the parameters.
    fn over(&self, step: &[f64]) -> Vec<f64> {
        step.iter().zip(self.sizes).map(|(s, size)| if *size > 0.0 { s / size } else { *s }).collect()
    }

    /// Whether the gradient, on the way to where it shows, begins with the smallest floats, and not where parameters do.
    fn underflows(&self, landscape: &mut Landscape<'_>, step: &[f64]) -> bool {
        let (mut none, mut some) = (0.0, 1.0);
        loop {
            let middle = f64::midpoint(none, some);
            if middle <= none || middle >= some {
                break;
            }
            match self.shows(landscape, &self.moved(step, middle), 1.0) {
                Some(true) => some = middle,
                Some(false) => none = middle,
                None => return false,
            }
        }
        let edge = self.moved(step, some);
        let size = landscape.gradient(&edge).map_or(f64::NAN, |g| (self.size)(&g));
        size < 1e20 * UNDERFLOW && norm(&(self.along)(&edge)) > UNDERFLOW
    }
}
