//! The period-two flow: backward error analysis of what oscillates at the edge of stability.

mod beside;
mod central;
mod low;
mod mixing;
mod nodes;
mod pair;
mod slow;
#[cfg(test)]
mod tests;

use super::dop853::{MATRIX, WEIGHTS};
use super::model::Model;
use super::name::FlowError;
use super::oscillation::PeriodTwoLaw;
use super::outcome::Outcome;
pub(super) use beside::beside;
pub(crate) use beside::transient;
use central::central_step;
use low::{LowLaw, Rates, direction};
use pair::{Pair, add, dot};
use slow::{Frame, Motion, Slow};

/// Gradient descent's iterates as a centre and an oscillation, `θ_t = c_t + (−1)^t x_t`, followed by a flow of both.
///
/// With `ḡ = (g(c + x) + g(c − x))/2` and `δ = (g(c + x) − g(c − x))/2` a step of gradient descent is exactly
///
/// ```text
/// c(t + h) − c(t) = −h ḡ,      x(t + h) + x(t) = h δ,
/// ```
///
/// and where `hλ_0` is near 2 both change slowly, so that backward error analysis applies to them. Orders 0 and 1 and [`PeriodTwoLaw::Edge`] oscillate in one
/// direction, `x = a u` with u the leading eigenvector of the Hessian at c: with `λ̂ = uᵀδ/a`, `μ = log|1 − hλ̂|/h` and D the derivative along order 0,
///
/// ```text
/// order 0:  ċ = −ḡ,               ȧ = μ a
/// order 1:  ċ = −ḡ + (h/2) Dḡ,    ȧ = (μ − (h/2) Dμ) a
/// ```
///
/// From order 2 on every direction with `hλ > 1.2` oscillates, and the centre's part in these directions and the oscillation's in all others are those of the
/// slow solutions of the two equations, found as polynomials in the step number of degree N + 1 in c. The local error is then
/// `O(h^{N+2})` where the loss is `E = φ/h + V` along straight valleys of φ; `docs/edge-of-stability.md` has the derivation and what was measured.
///
/// [`PeriodTwoLaw::Central`] follows the time average alone, `θ̇ = −g − ½ ∇⟨H, Σ⟩`, from m: the covariance Σ is 0 but in directions with `hλ = 2`, and there such that
/// no eigenvalue grows beyond. Its x is 0.
///
/// States are followed by the classical Runge–Kutta method with two steps in each of the optimizer's, from order 4 on by one step of DOP853, the central flow by four of Euler's. What comes of a step depends on centre,
/// oscillation and number of steps alone, [`PeriodTwo::resume`] goes on from them to the same bits.
///
/// ```
/// use shadowflow::flow::{PeriodTwo, PeriodTwoLaw, model_of};
/// use shadowflow::loss::{Loss, Options};
/// // Across the valley hλ = 2 (1 + y²/4): the oscillation in x drives y to where it is 2.
/// let loss = Loss::parse("param x, y\nloss x^2*(1 + y^2/4) + (y - 1)^2/20\n", "valley.loss", &Options::default())?;
/// let mut model = model_of(loss, 1.try_into().unwrap())?;
/// let (h, mut iterates) = (1.0, vec![vec![0.1, 0.2]]);
/// for k in 0..40 {
///     let mut g = vec![0.0; 2];
///     model.real_gradient(&iterates[k], &mut g);
///     iterates.push(iterates[k].iter().zip(&g).map(|(x, g)| x - h * g).collect());
/// }
/// let mut flow = PeriodTwo::start(&*model, PeriodTwoLaw::Order(2), h, [&iterates[0], &iterates[1], &iterates[2]])?;
/// flow.advance(39).unwrap();
/// let off = flow.iterate().iter().zip(&iterates[40]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
/// assert!(off < 2e-4, "{off}");
/// # Ok::<(), shadowflow::Error>(())
/// ```
pub struct PeriodTwo<'a> {
    pair: Pair<'a>,
    law: Law,
    h: f64,
    centre: Vec<f64>,
    oscillation: Vec<f64>,
    steps: usize,
    directions: usize,
    mean_square: f64,
    left_out: f64,
}

enum Law {
    Central,
    Low(LowLaw),
    Slow(Box<Slow>),
}

/// How many steps of Runge and Kutta make one of the optimizer's.
const SUBSTEPS: usize = 2;

/// The stages of the classical method, and their weights.
const CLASSICAL: [&[f64]; 4] = [&[], &[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]];
const CLASSICAL_WEIGHTS: [f64; 4] = [1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0];

/// How far the sum of centre and oscillation is brought to the iterate that a flow starts from.
const START: f64 = 1e-13;

/// The part of the iterate's length from which on what is left out is told of.
const LEFT_OUT: f64 = 1e-7;

/// How often that is tried.
const MOST_STARTS: usize = 60;

impl<'a> PeriodTwo<'a> {
    /// Starts at the second of three iterates that follow each other.
    ///
    /// The mean `m = (θ_{k−1} + 2θ_k + θ_{k+1})/4` holds little of the oscillation. To order 1, u is the leading eigenvector at m, `a = (θ_k − m)ᵀu` and
    /// `c = θ_k − a u`; from order 2 on it is where the search for the slow solution through `θ_k` begins.
    ///
    /// # Errors
    /// [`FlowError::Unsuitable`] where `hλ_0 ≤ 1` at m (not for the central flow), so that nothing oscillates; [`FlowError::Setting`] for numbers that do not fit;
    /// [`FlowError::Loss`] where derivatives have no value there, or no slow solution is found; and what the model does not offer.
    pub fn start(model: &'a dyn Model, law: PeriodTwoLaw, h: f64, iterates: [&[f64]; 3]) -> Result<Self, FlowError> {
        let [previous, current, next] = iterates;
        let mean: Vec<f64> =
            previous.iter().zip(current).zip(next).map(|((p, c), n)| (p + 2.0 * c + n) / 4.0).collect();
        let mut flow = Self::resume(model, law, h, &mean, current, 0)?;
        let n = flow.centre.len();
        if mean.len() != n || iterates.iter().any(|i| i.len() != n) {
            return Err(FlowError::Setting(format!("iterates must have {n} entries, as the loss has parameters")));
        }
        if matches!(flow.law, Law::Central) {
            flow.oscillation.fill(0.0);
            return Ok(flow);
        }
        let (lambda, u) = direction(&mut flow.pair, &mean, None).map_err(|o| no_start(law, o))?;
        if h * lambda <= 1.0 {
            let reason = format!(
                "its iterates do not oscillate: hλ_0 is {:.3} where it would start, and beyond 1 where they do",
                h * lambda
            );
            return Err(FlowError::Unsuitable { name: law.name(), reason });
        }
        let swing: Vec<f64> = current.iter().zip(&mean).map(|(t, m)| t - m).collect();
        match &flow.law {
            Law::Central => {}
            Law::Low(_) => {
                let a = dot(&swing, &u);
                flow.oscillation = u.iter().map(|u| a * u).collect();
                flow.centre = current.iter().zip(&flow.oscillation).map(|(t, x)| t - x).collect();
            }
            Law::Slow(_) => {
                flow.centre = mean;
                flow.oscillation = swing;
                flow.meet(current).map_err(|o| no_start(law, o))?;
            }
        }
        Ok(flow)
    }

    /// Goes on from a centre and an oscillation, after so many steps.
    ///
    /// # Errors
    /// [`FlowError::Setting`] for numbers that do not fit, and what the model does not offer.
    pub fn resume(
        model: &'a dyn Model,
        law: PeriodTwoLaw,
        h: f64,
        centre: &[f64],
        oscillation: &[f64],
        steps: usize,
    ) -> Result<Self, FlowError> {
        if !(h > 0.0 && h.is_finite()) {
            return Err(FlowError::Setting(format!("the step size must be positive and finite, not {h}")));
        }
        let pair = Pair::new(model)?;
        let n = pair.dimension();
        if centre.len() != n || oscillation.len() != n || !centre.iter().chain(oscillation).all(|x| x.is_finite()) {
            return Err(FlowError::Setting(format!(
                "centre and oscillation must have {n} finite entries, as the loss has parameters"
            )));
        }
        let inner = match law {
            PeriodTwoLaw::Central => Law::Central,
            PeriodTwoLaw::Edge => Law::Low(LowLaw::Edge),
            PeriodTwoLaw::Order(0) => Law::Low(LowLaw::Zero),
            PeriodTwoLaw::Order(1) => Law::Low(LowLaw::One),
            PeriodTwoLaw::Order(order) if order <= PeriodTwoLaw::MAX_ORDER => Law::Slow(Box::new(Slow::new(h, order))),
            PeriodTwoLaw::Order(order) => {
                return Err(FlowError::Setting(format!(
                    "the order of a period-two flow is at most {}, not {order}",
                    PeriodTwoLaw::MAX_ORDER
                )));
            }
        };
        // x along one direction, until a step says otherwise.
        let directions = usize::from(matches!(inner, Law::Low(_)));
        let (centre, oscillation) = (centre.to_vec(), oscillation.to_vec());
        let mean_square = dot(&oscillation, &oscillation);
        Ok(Self { pair, law: inner, h, centre, oscillation, steps, directions, mean_square, left_out: 0.0 })
    }

    /// Follows the flow for so many of the optimizer's steps.
    ///
    /// # Errors
    /// How it ends earlier: where the loss has no value, where no slow solution is found (`no-convergence`: the oscillation is too large for the order, or, to order 1,
    /// the leading eigenvalue meets the next), or where the time is up. The state is then the last one that was reached.
    pub fn advance(&mut self, steps: usize) -> Result<(), Outcome> {
        for _ in 0..steps {
            let (centre, oscillation) = match &self.law {
                Law::Central => {
                    let (centre, mean_square) = central_step(&mut self.pair, self.h, &self.centre)?;
                    (self.centre, self.mean_square) = (centre, mean_square);
                    self.steps += 1;
                    continue;
                }
                Law::Low(law) => low_step(*law, &mut self.pair, self.h, &self.centre, &self.oscillation)?,
                Law::Slow(slow) => {
                    let frame = slow.frame(&mut self.pair, &self.centre, &self.oscillation)?;
                    self.directions = frame.oscillating();
                    slow_step(slow, &mut self.pair, &frame, self.h, &self.centre, &self.oscillation)?
                }
            };
            self.mean_square = dot(&oscillation, &oscillation);
            (self.centre, self.oscillation) = (centre, oscillation);
            self.steps += 1;
        }
        Ok(())
    }

    /// `c + (−1)^j x` after j steps, which the optimizer's iterate is compared with.
    #[must_use]
    pub fn iterate(&self) -> Vec<f64> {
        let sign = if self.steps.is_multiple_of(2) { 1.0 } else { -1.0 };
        self.centre.iter().zip(&self.oscillation).map(|(c, x)| c + sign * x).collect()
    }

    /// c.
    #[must_use]
    pub fn centre(&self) -> &[f64] {
        &self.centre
    }

    /// x.
    #[must_use]
    pub fn oscillation(&self) -> &[f64] {
        &self.oscillation
    }

    /// The mean square of the distance from the centre: |x|², or the trace of the central flow's covariance Σ in the last step.
    #[must_use]
    pub fn mean_square(&self) -> f64 {
        self.mean_square
    }

    /// How many steps were followed.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// In how many directions the last step oscillated.
    #[must_use]
    pub fn directions(&self) -> usize {
        self.directions
    }

    /// How far the start is from its iterate: what decays within steps, in directions with `0.8 < hλ < 1.2`, lies on no slow solution and is left out from order 2 on.
    /// What is below 1e-7 of the iterate's length counts as 0.
    #[must_use]
    pub fn left_out(&self) -> f64 {
        self.left_out
    }

    /// Finds the slow solution through an iterate from what is near it.
    fn meet(&mut self, iterate: &[f64]) -> Result<(), Outcome> {
        let Self { pair, law: Law::Slow(slow), centre, oscillation, left_out, .. } = self else { return Ok(()) };
        let frame = slow.frame(pair, centre, oscillation)?;
        self.directions = frame.oscillating();
        *oscillation = frame.oscillating_part(oscillation);
        let size = norm(iterate);
        let mut last = f64::INFINITY;
        for _ in 0..MOST_STARTS {
            let found = slow.motion(pair, &frame, centre, oscillation, &mut None)?;
            (*centre, *oscillation) = (found.centre, found.oscillation);
            let missing: Vec<f64> =
                iterate.iter().zip(&*centre).zip(&*oscillation).map(|((t, c), x)| t - c - x).collect();
            let distance = norm(&missing);
            // What neither c nor x takes, as in directions where a deviation is gone within steps, stays missing.
            *left_out = if distance > LEFT_OUT * size { distance } else { 0.0 };
            if distance <= START * size || distance > 0.95 * last {
                return Ok(());
            }
            last = distance;
            let swing = frame.oscillating_part(&missing);
            add(oscillation, 1.0, &swing);
            for ((c, m), s) in centre.iter_mut().zip(&missing).zip(&swing) {
                *c += m - s;
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for PeriodTwo<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { h, centre, oscillation, steps, .. } = self;
        let mut debug = f.debug_struct("PeriodTwo");
        debug.field("h", h).field("centre", centre).field("oscillation", oscillation).field("steps", steps);
        debug.finish_non_exhaustive()
    }
}

fn no_start(law: PeriodTwoLaw, outcome: Outcome) -> FlowError {
    FlowError::Loss(format!("the flow `{}` does not start: {}", law.name(), outcome.sentence("")))
}

fn norm(v: &[f64]) -> f64 {
    dot(v, v).sqrt()
}

/// `v + factor · by`.
fn moved(v: &[f64], factor: f64, by: &[f64]) -> Vec<f64> {
    v.iter().zip(by).map(|(v, b)| v + factor * b).collect()
}

type State = (Vec<f64>, Vec<f64>);

/// One of the optimizer's steps in one direction: c and the amplitude a, u being found at every c.
fn low_step(law: LowLaw, pair: &mut Pair<'_>, h: f64, c: &[f64], x: &[f64]) -> Result<State, Outcome> {
    let (mut c, mut a) = (c.to_vec(), norm(x));
    let mut before = if a > 0.0 { x.iter().map(|x| x / a).collect() } else { direction(pair, &c, None)?.1 };
    let dt = h / SUBSTEPS as f64;
    for _ in 0..SUBSTEPS {
        let mut stages: Vec<Rates> = Vec::with_capacity(4);
        for part in [0.0, 0.5, 0.5, 1.0] {
            let stage = match stages.last() {
                None => law.rates(pair, h, &c, a, &before)?,
                Some(last) => {
                    let (at, size) = (moved(&c, part * dt, &last.centre), a + part * dt * last.amplitude);
                    law.rates(pair, h, &at, size, &last.direction)?
                }
            };
            stages.push(stage);
        }
        for (stage, weight) in stages.iter().zip([1.0, 2.0, 2.0, 1.0]) {
            add(&mut c, weight * dt / 6.0, &stage.centre);
            a += weight * dt / 6.0 * stage.amplitude;
        }
        before.clone_from(&stages[3].direction);
    }
    let (_, u) = direction(pair, &c, Some(&before))?;
    Ok((c, u.iter().map(|u| a * u).collect()))
}

/// One of the optimizer's steps along slow solutions.
fn slow_step(slow: &Slow, pair: &mut Pair<'_>, frame: &Frame, h: f64, c: &[f64], x: &[f64]) -> Result<State, Outcome> {
    let (mut c, mut x) = (c.to_vec(), x.to_vec());
    // The classical method's own error, O(h⁵) in a step, would be larger than that of order 4.
    let (matrix, weights, substeps): (&[&[f64]], &[f64], usize) =
        if slow.order() < 4 { (&CLASSICAL, &CLASSICAL_WEIGHTS, SUBSTEPS) } else { (&MATRIX, &WEIGHTS, 1) };
    let dt = h / substeps as f64;
    let mut guess = None;
    for _ in 0..substeps {
        let mut stages: Vec<Motion> = Vec::with_capacity(weights.len());
        for row in matrix {
            let (mut at, mut swing) = (c.clone(), x.clone());
            for (stage, weight) in stages.iter().zip(*row).filter(|(_, weight)| **weight != 0.0) {
                add(&mut at, weight * dt, &stage.centre_velocity);
                add(&mut swing, weight * dt, &stage.oscillation_velocity);
            }
            stages.push(slow.motion(pair, frame, &at, &swing, &mut guess)?);
        }
        for (stage, weight) in stages.iter().zip(weights).filter(|(_, weight)| **weight != 0.0) {
            add(&mut c, weight * dt, &stage.centre_velocity);
            add(&mut x, weight * dt, &stage.oscillation_velocity);
        }
    }
    let settled = slow.motion(pair, frame, &c, &x, &mut None)?;
    Ok((settled.centre, settled.oscillation))
}
