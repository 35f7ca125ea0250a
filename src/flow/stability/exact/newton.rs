//! Newton's method with enclosures.

use super::elimination::Elimination;
use crate::budget;
use crate::expr::BallAlgebra;
use crate::flow::enclosed::{Enclosed, EnclosedDerivatives};
use crate::number::{Ball, Magnitude, Rational};

/// How far from a candidate, beside the sizes of its parameters, the equations may be solved that say where it is.
pub(super) const NEAR: f64 = 1e-2;
/// Steps to their solution, each of which squares the distance.
const SETTLING: usize = 10;
/// How many divisions into what is solved and what moves are tried.
const DIVISIONS: usize = 4;
/// States tried of one way, and how many halvings of a step.
const TRIED: usize = 60;
const HALVINGS: i32 = 10;
/// How many of them may be because too few digits tell of a state.
const UNCLEAR: i32 = 8;
/// Beside the sizes of parameters, how near to a candidate steps are looked at that lead farther than these sizes.
const BESIDE: f64 = 1e-3;
/// How many of its first steps a way is followed at least before it is one to infinity: at a zero of the gradient of order k Newton's method is k steps away.
const FAR: f64 = 64.0;
/// And at the most.
const FARTHEST: f64 = 4096.0;
/// Where steps are this much shorter than the first, one begins anew.
const SHORTER: f64 = 1e-3;
/// By how many doublings a step may become longer.
const LONGER: i32 = 2;
/// To within what a step must be known.
const KNOWN: f64 = 1e-3;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unclear {
    /// More digits may tell.
    Digits,
    /// Nothing will.
    Never,
}

/// How a way ends.
#[derive(Debug)]
pub(super) enum Phase {
    /// At a critical point whose Hessian is regular.
    Regular(Vec<Ball>),
    /// Closer to where it leads than it began, by far.
    Nearer(Vec<Ball>),
    /// Nowhere, as far as it was followed; its last step.
    Away(Vec<Ball>),
    /// Too far away for that; its first step.
    Far(Vec<Ball>),
    /// Where nothing is left to be told.
    Over,
}

pub(super) struct Newton<'a> {
    derivatives: &'a EnclosedDerivatives,
    sizes: &'a [Magnitude],
    algebra: &'a mut BallAlgebra,
    left: &'a mut u64,
}

/// A state and the derivatives there.
#[derive(Debug, Clone)]
struct Place {
    at: Vec<Ball>,
    there: Enclosed,
}

/// What a step leads to.
enum Arrival {
    /// A state where what settled does so again, and the next step.
    Settled(Vec<Ball>, Vec<Ball>),
    /// A state where it does not.
    Astray,
    /// A state where too few digits tell.
    Lost,
}

impl Arrival {
    fn settled(self) -> Option<(Vec<Ball>, Vec<Ball>)> {
        if let Self::Settled(at, step) = self { Some((at, step)) } else { None }
    }
}

fn larger(a: Magnitude, b: Magnitude) -> Magnitude {
    if a < b { b } else { a }
}

/// A power of two below 1 by a share of the digits.
fn digits(bits: usize, share: f64) -> Magnitude {
    #[allow(clippy::cast_possible_truncation, reason = "a few thousand")]
    Magnitude::power_of_two(-((bits as f64 * share) as i64))
}

impl<'a> Newton<'a> {
    pub(super) fn new(
        derivatives: &'a EnclosedDerivatives,
        sizes: &'a [Magnitude],
        algebra: &'a mut BallAlgebra,
        left: &'a mut u64,
    ) -> Self {
        Self { derivatives, sizes, algebra, left }
    }

    fn bits(&self) -> usize {
        self.algebra.balls.precision()
    }

    fn at(&mut self, state: &[Ball]) -> Result<Enclosed, Unclear> {
        let n = self.sizes.len() as u64;
        let cost = (self.derivatives.cost() + n * n * n) * (self.bits() as u64).div_ceil(64);
        *self.left = self.left.checked_sub(cost).ok_or(Unclear::Never)?;
        budget::check().map_err(|_| Unclear::Never)?;
        self.derivatives.at(state, self.algebra).ok_or(Unclear::Digits)
    }

    /// The largest of some numbers beside the sizes of their parameters, and what that is known to within.
    fn size(&self, step: &[Ball]) -> (Magnitude, Magnitude) {
        let most = |of: fn(&Ball) -> Magnitude| {
            step.iter().zip(self.sizes).map(|(s, size)| of(s).over(*size)).fold(Magnitude::ZERO, larger)
        };
        (most(Ball::above), most(Ball::radius))
    }

    /// The state a multiple of a step away.
    fn moved(&self, state: &[Ball], step: &[Ball], doublings: i32) -> Vec<Ball> {
        let factor = Rational::from(2).pow(doublings.into()).unwrap_or(Rational::ONE);
        // To a zero of order k it would be k steps, and at it nothing is left to be told.
        let factor = if doublings > 0 { &factor * &Rational::new(1023, 1024) } else { factor };
        let exact = |x: Ball| Ball::exact(x.mid());
        let balls = &self.algebra.balls;
        let along = |(x, s): (&Ball, &Ball)| exact(balls.add(x, &balls.scale(&factor, &exact(s.clone()))));
        state.iter().zip(step).map(along).collect()
    }

    /// Solves the equations of some pivots in their own unknowns, the others held, from a state on; `None` where Newton's method does not converge at once,
    /// or farther away than `most`.
    fn settle(&mut self, start: Place, pivots: &[(usize, usize)], most: Magnitude) -> Result<Option<Place>, Unclear> {
        let Place { mut at, mut there } = start;
        if pivots.is_empty() {
            return Ok(Some(Place { at, there }));
        }
        let (mut before, mut all) = (None, Magnitude::ZERO);
        let fine = digits(self.bits(), 0.5);
        for _ in 0..SETTLING {
            let elimination = self.eliminated(&there, pivots, pivots.len());
            if elimination.pivots.len() < pivots.len() {
                return Ok(None);
            }
            let step = elimination.step(&self.algebra.balls, pivots.len());
            let (size, radius) = self.size(&step);
            let rounding = radius <= digits(self.bits(), 0.4) && size <= radius.times(Magnitude::power_of_two(2));
            if size <= fine || rounding {
                return Ok(Some(Place { at, there }));
            }
            all = all.plus(size);
            let slow = before.is_some_and(|before: Magnitude| size > before.times(Magnitude::from_f64(0.3)));
            if !size.is_finite() || all > most || slow {
                return Ok(None);
            }
            at = self.moved(&at, &step, 0);
            there = self.at(&at)?;
            before = Some(size);
        }
        Ok(None)
    }

    fn eliminated(&self, there: &Enclosed, given: &[(usize, usize)], most: usize) -> Elimination {
        Elimination::of(&self.algebra.balls, there, self.sizes, given, most)
    }

    /// What is left of the gradient where the first pivots' equations hold; `None` where too few digits tell.
    fn rest(&self, there: &Enclosed, pivots: &[(usize, usize)]) -> Option<Vec<(usize, Ball)>> {
        let elimination = self.eliminated(there, pivots, pivots.len());
        (elimination.pivots.len() == pivots.len()).then(|| elimination.left())
    }

    /// A state with the unknowns of pivots moved by next to nothing, though by much more than they are solved to.
    fn beside(&self, state: &[Ball], pivots: &[(usize, usize)], alternating: bool) -> Vec<Ball> {
        let share = digits(self.bits(), 1.0 / 3.0);
        let mut at = state.to_vec();
        for (k, (_, column)) in pivots.iter().enumerate() {
            let way = Ball::exact(share.times(self.sizes[*column]).to_real());
            let signed = if alternating && k % 2 == 1 { self.algebra.balls.negated(&way) } else { way };
            at[*column] = Ball::exact(self.algebra.balls.add(&at[*column], &signed).mid());
        }
        at
    }

    /// States beside one, to both sides where these differ.
    fn around(&self, state: &[Ball], pivots: &[(usize, usize)]) -> Vec<Vec<Ball>> {
        let sides: &[bool] = match pivots.len() {
            0 => &[],
            1 => &[false],
            _ => &[false, true],
        };
        sides.iter().map(|side| self.beside(state, pivots, *side)).collect()
    }

    /// Whether a gradient is left where the first pivots' equations hold that is not there because they do not to the last digit, as beside a curve of critical
    /// points.
    fn is_left(&mut self, place: &Place, pivots: &[(usize, usize)]) -> Result<bool, Unclear> {
        let here = self.rest(&place.there, pivots).ok_or(Unclear::Digits)?;
        let sizes = self.sizes;
        let largest = |of: &dyn Fn(usize) -> Magnitude| {
            here.iter().enumerate().map(|(k, (i, _))| of(k).times(sizes[*i])).fold(Magnitude::ZERO, larger)
        };
        let least = largest(&|k| here[k].1.below());
        if least.is_zero() {
            return Ok(false);
        }
        for beside in self.around(&place.at, pivots) {
            let there = self.at(&beside)?;
            let there = self.rest(&there, pivots).ok_or(Unclear::Digits)?;
            let change = largest(&|k| self.algebra.balls.sub(&there[k].1, &here[k].1).above());
            if change.times(Magnitude::power_of_two(2)) > least {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the last of all pivots is the same next to a state.
    fn is_regular(&mut self, place: &Place, pivots: &[(usize, usize)]) -> Result<bool, Unclear> {
        let last = |newton: &Self, there: &Enclosed| {
            let elimination = newton.eliminated(there, pivots, pivots.len());
            elimination.last().filter(|_| elimination.pivots.len() == pivots.len()).cloned()
        };
        let Some(here) = last(self, &place.there) else { return Ok(false) };
        for beside in self.around(&place.at, pivots) {
            let there = self.at(&beside)?;
            let change = last(self, &there).map(|there| self.algebra.balls.sub(&there, &here).above());
            if change.is_none_or(|change| change.times(Magnitude::power_of_two(2)) > here.below()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The step of Newton's method in what settled and in so many other unknowns; `None` where too few digits tell.
    fn step(&self, there: &Enclosed, settled: &[(usize, usize)], moving: usize) -> Option<Vec<Ball>> {
        let all = settled.len() + moving;
        let elimination = self.eliminated(there, settled, all);
        if elimination.pivots.len() < all {
            return None;
        }
        let step = elimination.step(&self.algebra.balls, all);
        let (size, radius) = self.size(&step);
        (size.is_finite() && radius <= size.times(Magnitude::from_f64(KNOWN))).then_some(step)
    }

    /// From one state on: first as many equations as Newton's method solves close by, then the way that it goes in the other unknowns, farther than it takes
    /// to see that it has no end if there may be something to `follow` it to.
    pub(super) fn phase(&mut self, state: &[Ball], follow: bool) -> Result<Phase, Unclear> {
        let n = self.sizes.len();
        let start = Place { at: state.to_vec(), there: self.at(state)? };
        let whole = self.eliminated(&start.there, &[], n);
        let near = Magnitude::from_f64(NEAR);
        let short = |r: &usize| self.size(&whole.step(&self.algebra.balls, *r)).0 <= near;
        let most = (0..=whole.pivots.len()).rev().find(short).unwrap_or(0);
        for r in (0..=most).rev().take(DIVISIONS) {
            let settled = &whole.pivots[..r];
            let Some(place) = self.settle(start.clone(), settled, near)? else { continue };
            if r == n {
                if self.is_regular(&place, settled)? {
                    return Ok(Phase::Regular(place.at));
                }
                continue;
            }
            let all = self.eliminated(&place.there, settled, n);
            if all.pivots.len() == r && all.is_over() {
                return Ok(Phase::Over);
            }
            if all.pivots.len() == r || !self.is_left(&place, settled)? {
                return Err(Unclear::Digits);
            }
            return self.way(place, settled, all.pivots.len() - r, follow);
        }
        Ok(Phase::Over)
    }

    /// The critical point beside a state, with the derivatives there.
    pub(super) fn closer(&mut self, state: &[Ball]) -> Result<(Vec<Ball>, Enclosed), Unclear> {
        let n = self.sizes.len();
        let start = Place { at: state.to_vec(), there: self.at(state)? };
        let whole = self.eliminated(&start.there, &[], n);
        if whole.pivots.len() < n {
            return Err(Unclear::Digits);
        }
        let place = self.settle(start, &whole.pivots, Magnitude::from_f64(NEAR))?.ok_or(Unclear::Digits)?;
        Ok((place.at, place.there))
    }

    /// Follows Newton's method, with steps that become longer as long as it goes on the same way, since towards infinity they may all be of one length.
    fn way(&mut self, start: Place, settled: &[(usize, usize)], moving: usize, follow: bool) -> Result<Phase, Unclear> {
        let mut at = start.at;
        let mut step = self.step(&start.there, settled, moving).ok_or(Unclear::Digits)?;
        let first = self.size(&step).0;
        if first > Magnitude::ONE && self.is_long(&at, &step, settled, moving)? {
            return Ok(Phase::Far(step));
        }
        let (far, farthest) = (first.times(Magnitude::from_f64(FAR)), first.times(Magnitude::from_f64(FARTHEST)));
        let (mut all, mut doublings, mut unclear) = (Magnitude::ZERO, 0, 0);
        for _ in 0..TRIED {
            let size = self.size(&step).0;
            let length = size.times(Magnitude::power_of_two(doublings.into()));
            let within = length.times(Magnitude::power_of_two(2)).plus(Magnitude::from_f64(NEAR));
            let beyond = self.moved(&at, &step, doublings);
            let next = self.arrival(beyond, settled, within, moving)?;
            let lost = matches!(next, Arrival::Lost);
            let Some((place, next)) = next.settled().filter(|(_, next)| {
                self.are_aligned(&step, next) || self.size(next).0 <= length.times(Magnitude::from_f64(SHORTER))
            }) else {
                doublings -= 1;
                unclear += i32::from(lost);
                if doublings < -HALVINGS || unclear > UNCLEAR {
                    break;
                }
                continue;
            };
            all = all.plus(length);
            let new = self.size(&next).0;
            (at, step) = (place, next);
            if new <= first.times(Magnitude::from_f64(SHORTER)) {
                return Ok(Phase::Nearer(at));
            }
            if all > if follow { farthest } else { far } {
                break;
            }
            // To a zero of order k it is k steps, each of which leaves 1 − 1/k.
            let ratio = new.over(size).to_f64();
            let order = f64::from(doublings).exp2() / (1.0 - ratio);
            doublings = if ratio < 1.0 && order < f64::from(doublings + LONGER).exp2() {
                #[allow(clippy::cast_possible_truncation, reason = "a small exponent")]
                let order = order.log2().round() as i32;
                order
            } else {
                doublings + LONGER
            };
        }
        if all > far { Ok(Phase::Away(step)) } else { Err(Unclear::Digits) }
    }

    /// Whether the step is about as long on both sides of a state, where it leads farther than the parameters are large: at a zero of the gradient of any order
    /// steps become shorter on the way to it.
    fn is_long(
        &mut self,
        at: &[Ball],
        step: &[Ball],
        settled: &[(usize, usize)],
        moving: usize,
    ) -> Result<bool, Unclear> {
        let within = Magnitude::from_f64(NEAR);
        let share = Magnitude::from_f64(BESIDE).over(self.size(step).0).exponent();
        let share = i32::try_from(share).map_err(|_| Unclear::Never)?;
        let back: Vec<Ball> = step.iter().map(|s| self.algebra.balls.negated(s)).collect();
        for way in [step, &back] {
            let beside = self.moved(at, way, share);
            let Some((_, there)) = self.arrival(beside, settled, within, moving)?.settled() else { return Ok(false) };
            if !self.are_aligned(step, &there) || self.size(&there).0 < Magnitude::from_f64(0.5) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What becomes of a state to which a step leads.
    fn arrival(
        &mut self,
        at: Vec<Ball>,
        settled: &[(usize, usize)],
        within: Magnitude,
        moving: usize,
    ) -> Result<Arrival, Unclear> {
        let there = match self.at(&at) {
            Err(Unclear::Digits) => return Ok(Arrival::Lost),
            there => there?,
        };
        let place = match self.settle(Place { at, there }, settled, within) {
            Err(Unclear::Digits) => return Ok(Arrival::Lost),
            place => place?,
        };
        let Some(place) = place else { return Ok(Arrival::Astray) };
        let step = self.step(&place.there, settled, moving);
        Ok(step.map_or(Arrival::Lost, |step| Arrival::Settled(place.at, step)))
    }

    /// Whether two steps go the same way, parameters measured by their sizes.
    fn are_aligned(&self, a: &[Ball], b: &[Ball]) -> bool {
        let unit = |step: &[Ball]| -> Vec<f64> {
            let most = self.size(step).0;
            let part = |(s, size): (&Ball, &Magnitude)| {
                let share = Magnitude::above(&s.mid()).over(*size).over(most).to_f64();
                if s.mid().is_negative() { -share } else { share }
            };
            step.iter().zip(self.sizes).map(part).collect()
        };
        unit(a).iter().zip(unit(b)).map(|(a, b)| a * b).sum::<f64>() > 0.0
    }
}
