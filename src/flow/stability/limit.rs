//! Whether what a search reached is a limit, or only where floats end on the way to infinity.
//!
//! A loss that flattens out, as `log s`, `exp(−x)` or `−exp(−x²)` do, has gradients that vanish in floats, and critical points nowhere there. Where the
//! Hessian is regular this cannot be mistaken: the next step of Newton's method is as long as the last. Where it vanishes too, two things tell.

use super::super::outcome::Outcome;
use super::landscape::Landscape;
use super::nearby::is_rounding;
use super::scaled::{Scaled, UNDERFLOW};
use super::spectrum::{dot, norm};
use nalgebra::{DMatrix, DVector};

/// Steps of Newton's method across a set of critical points, each of which squares how far one is from it.
const ACROSS: usize = 8;
/// How many states of a walk are reflected.
const REFLECTED: usize = 3;
/// Where the gradient is looked for, as factors of where a state is.
const FACTORS: [f64; 22] = [
    0.9, 0.75, 0.5, 0.25, 0.1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 0.0, -1e-4, -1e-2, -0.1, -0.5, -1.0, 1.1, 1.5, 2.0, 4.0,
    16.0, -4.0,
];
/// Over which part of a way a gradient begins that jumps.
const ABRUPT: f64 = 1e-9;
/// Beside the gradient where it shows, one that jumps.
const JUMP: f64 = 1e-10;
/// Beside a loss, what its slope must amount to as far out as it begins.
const SHOWN: f64 = 64.0 * f64::EPSILON;
/// Shares of the rest of a way, and by how much a gradient is smaller at each than at the next if it begins with a power of the distance.
const BEYOND: [f64; 3] = [1e-9, 1e-6, 1e-3];
const RISE: f64 = 1e-2;
/// How many other states of a search are looked at.
const ELSEWHERE: usize = 100;

/// The states of a walk with their gradients, in order.
#[derive(Debug, Default)]
pub(super) struct Trail(Vec<(Vec<f64>, Vec<f64>)>);

impl Trail {
    pub(super) fn push(&mut self, at: Vec<f64>, gradient: Vec<f64>) {
        self.0.push((at, gradient));
    }

    /// States from the last back to the first, twice as far each time.
    pub(super) fn back(&self) -> impl Iterator<Item = &[f64]> {
        let places = (0..usize::BITS).map(|k| 1 << k).take_while(|back| *back < self.0.len());
        let places = places.map(|back| self.0.len() - back);
        let first = (!self.0.is_empty()).then_some(0);
        places.chain(first).map(|at| self.0[at].0.as_slice())
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
        runs_away(landscape, (at, here), noise, trail, size)
    };
    let within = here.lost_within();
    let mut away = false;
    for i in &unknown {
        away = away || runs(landscape, 0.0, &|g| g[*i].abs());
    }
    let lost = here.lost().next().is_some() && here.units.each().iter().any(|d| *d > 0.0);
    if lost && !away {
        away = runs(landscape, here.noise(sizes) + within, &|g| here.lost_slope(g));
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
            noise: &|x| within + here.noise(&x.iter().zip(sizes).map(|(x, s)| x.abs().max(*s)).collect::<Vec<_>>()),
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
    (at, here): (&[f64], &Scaled),
    noise: f64,
    trail: &Trail,
    size: &dyn Fn(&[f64]) -> f64,
) -> bool {
    let left = size(&here.gradient);
    let told = trail.0.iter().rev().filter(|(_, g)| size(g) > 100.0 * left.max(noise));
    // A loss may be constant beyond a kink, as `relu(x)^2` is.
    let most = trail.0.iter().max_by(|(_, a), (_, b)| size(a).total_cmp(&size(b)));
    if !landscape.smooth && most.is_some_and(|(from, _)| begins_at_kink(landscape, at, &difference(from, at), size)) {
        return false;
    }
    let mut reflected = 0;
    for (from, gradient) in told {
        if reflected == REFLECTED {
            break;
        }
        if is_rounding(landscape, from, gradient, size) || is_beside_another(landscape, here, (from, gradient), size) {
            continue;
        }
        let beyond: Vec<f64> = at.iter().zip(from).map(|(x, y)| 2.0 * x - y).collect();
        let Some(there) = landscape.gradient(&beyond) else { continue };
        if size(&there) > 1e-3 * size(gradient) {
            return false;
        }
        reflected += 1;
    }
    reflected > 0
}

/// Whether next to nothing of a gradient, by the size of some part of it, is left where Newton's method leads across the directions in which the Hessian
/// vanishes: to another point of a set of critical ones, in which a walk may wander. The gradient of a loss that flattens out along them stays.
fn is_beside_another(
    landscape: &mut Landscape<'_>,
    here: &Scaled,
    (from, gradient): (&[f64], &[f64]),
    size: &dyn Fn(&[f64]) -> f64,
) -> bool {
    let across: Vec<&Vec<f64>> = here.directions().filter(|(.., told)| *told).map(|(_, u, _)| u).collect();
    if across.is_empty() {
        return false;
    }
    let mut next = from.to_vec();
    for _ in 0..ACROSS {
        let Some((g, hessian)) = landscape.differentiate(&next) else { return false };
        let (g, hessian) = (here.units.times(&g), here.units.both(&hessian));
        let product = |u: &[f64]| hessian.chunks(u.len().max(1)).map(|row| dot(row, u)).collect::<Vec<_>>();
        let products: Vec<Vec<f64>> = across.iter().map(|u| product(u)).collect();
        let matrix = DMatrix::from_fn(across.len(), across.len(), |k, l| dot(across[k], &products[l]));
        let right = DVector::from_iterator(across.len(), across.iter().map(|u| -dot(u, &g)));
        let Some(step) = matrix.lu().solve(&right) else { return false };
        for (u, along) in across.iter().zip(step.iter()) {
            let moved: Vec<f64> = u.iter().map(|u| along * u).collect();
            next.iter_mut().zip(here.units.times(&moved)).for_each(|(x, s)| *x += s);
        }
    }
    landscape
        .gradient(&next)
        .is_some_and(|there| size(&there) < 1e-3 * size(gradient) || is_rounding(landscape, &next, &there, size))
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
        let above = (self.size)(&gradient) > UNDERFLOW.max(margin * (self.noise)(theta));
        Some(above && !is_rounding(landscape, theta, &gradient, self.size))
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
            // Losses with kinks are constant in places: there the gradient does not begin with what is too small to show.
            let clear = if landscape.smooth { self.clearer(landscape, &steps, step) } else { step };
            return !both && !self.jumps(landscape, clear);
        }
        false
    }

    /// The first step to where the gradient is a million times what it is after this one, so that rounding is none of it, or else to where it is largest.
    fn clearer<'s>(&self, landscape: &mut Landscape<'_>, steps: &'s [Vec<f64>], step: &'s [f64]) -> &'s [f64] {
        let mut size = |step: &[f64]| landscape.gradient(&self.moved(step, 1.0)).map_or(0.0, |g| (self.size)(&g));
        let enough = 1e6 * size(step);
        let mut best = (size(step), step);
        for other in steps {
            let there = size(other);
            if there > best.0 {
                best = (there, other);
            }
            if there >= enough {
                break;
            }
        }
        best.1
    }

    /// A step by the sizes of the parameters.
    fn over(&self, step: &[f64]) -> Vec<f64> {
        step.iter().zip(self.sizes).map(|(s, size)| if *size > 0.0 { s / size } else { *s }).collect()
    }

    /// Whether the gradient, on the way to where it shows, begins with a jump, or where parameters do: next to a kink or a cone of the loss, such as those at the
    /// ends of a straight line between two points, along which the sum of the distances from both is constant.
    fn jumps(&self, landscape: &mut Landscape<'_>, step: &[f64]) -> bool {
        if !landscape.smooth {
            return begins_at_kink(landscape, self.at, step, self.size);
        }
        // The way may miss a cone by rounding.
        let mut way = Way { landscape, at: self.at, step, size: self.size };
        let whole = way.size(1.0);
        let (least, most) = (way.begin(1e-6 * whole), way.begin(1e-3 * whole));
        (most - least).is_nan() || most - least <= ABRUPT
    }
}

/// Whether a gradient begins, on the way to where it shows, with a jump or with a power of the distance, as at a kink of a loss or of one of its derivatives.
/// One that becomes too small for floats begins there with next to nothing, as much for some way.
fn begins_at_kink(landscape: &mut Landscape<'_>, at: &[f64], step: &[f64], size: &dyn Fn(&[f64]) -> f64) -> bool {
    let mut way = Way { landscape, at, step, size };
    let edge = way.begin(UNDERFLOW);
    let there = way.size(edge);
    if there.is_nan() {
        return true;
    }
    if there >= JUMP * way.size(1.0) {
        // What does not show in the loss is where a function that flattens out begins to be rounded.
        let place = norm(&way.place(edge));
        return there * place > SHOWN * landscape.value(at).abs();
    }
    let [nearest, near, far] = BEYOND.map(|share| way.size(edge + share * (1.0 - edge)));
    nearest <= RISE * near && near <= RISE * far
}

/// A straight way from a state.
struct Way<'a, 'l> {
    landscape: &'a mut Landscape<'l>,
    at: &'a [f64],
    step: &'a [f64],
    size: &'a dyn Fn(&[f64]) -> f64,
}

impl Way<'_, '_> {
    fn place(&self, share: f64) -> Vec<f64> {
        self.at.iter().zip(self.step).map(|(x, s)| x + share * s).collect()
    }

    /// The size of a part of the gradient at a share of the way; NaN outside.
    fn size(&mut self, share: f64) -> f64 {
        self.landscape.gradient(&self.place(share)).map_or(f64::NAN, |g| (self.size)(&g))
    }

    /// The share of the way at which so much is there, to the last bit; NaN outside.
    fn begin(&mut self, level: f64) -> f64 {
        let (mut none, mut some) = (0.0, 1.0);
        loop {
            let middle = f64::midpoint(none, some);
            if middle <= none || middle >= some {
                return some;
            }
            let there = self.size(middle);
            if there.is_nan() {
                return f64::NAN;
            }
            if there > level { some = middle } else { none = middle }
        }
    }
}
