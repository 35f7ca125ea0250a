//! The modified equation of any optimizer, by composing its flow with an infinitesimal step.

use super::{ModifiedEquation, Recurrence, RecurrenceError, Term};
use crate::number::{Coefficient, Rational};
use crate::tree::{TreeIndex, symmetries};

/// The modified equation `f_0, …, f_order` of any optimizer with a [`Recurrence`], from B-series.
///
/// Let the flow `exp(s h f̃)` have the B-series coefficients `E_s(τ)`, polynomials in s, and `h f̃` the coefficients `b(τ)`,
/// both over elementary differentials of `g` divided by `σ(τ)`. Composing the flow with an infinitesimal step gives
///
/// ```text
/// d/ds E_s(τ) = b(τ) + Σ E_s(trunk) b(branch)      over the edges of τ, cut one at a time,   E_0 = 0,
/// ```
///
/// so that `E_s(τ) = s b(τ) + known`, and the recurrence, linear in `b(τ)` with the factor `Σ j a_j`, is solved tree by
/// tree. (Composition of B-series: Hairer, Lubich & Wanner, GNI, III.1.4 and IX.9.1.) Trees of each order are those
/// of [`TreeIndex`]: the same limits apply as for [`modified_equation_by_trees`](super::modified_equation_by_trees).
///
/// `symbols` of the answer is empty; who makes the recurrence from symbols knows which.
///
/// ```
/// use shadowflow::bea::{Optimizer, modified_equation_by_composition};
/// use shadowflow::number::Fraction;
/// use shadowflow::tree::Tree;
/// let heavy_ball = Optimizer::HeavyBall.recurrence(&Fraction::symbol("m"));
/// let equation = modified_equation_by_composition(&heavy_ball, 1)?;
/// assert_eq!(equation.coefficient(&Tree::tall(1)).to_string(), "-(1+m)/(2*(1-m)^3)");
/// # Ok::<(), shadowflow::bea::RecurrenceError>(())
/// ```
///
/// # Errors
/// Any [`RecurrenceError`].
///
/// # Panics
/// If `order > 254`.
pub fn modified_equation_by_composition<C: Coefficient>(
    recurrence: &Recurrence<C>,
    order: usize,
) -> Result<ModifiedEquation<C>, RecurrenceError> {
    let inverse_slope = recurrence.validate()?;
    let index = TreeIndex::up_to(order + 1);
    let mut state = State::new(recurrence, &index);
    for number in 0..index.len() {
        state.solve(number, &inverse_slope);
    }
    let symmetry = symmetries(&index);
    let field = &state.field;
    let terms = |size: usize| {
        let numbers = index.of_size(size).filter(|&n| !field[n].is_zero());
        numbers
            .map(|n| Term {
                tree: index.tree(n),
                coefficient: field[n].scaled(&symmetry[n].recip().unwrap_or(Rational::ONE)),
            })
            .collect()
    };
    Ok(ModifiedEquation {
        method: recurrence.method.clone(),
        symbols: Vec::new(),
        orders: (1..=order + 1).map(terms).collect(),
    })
}

/// What is known of all trees so far, by their numbers.
struct State<'a, C> {
    recurrence: &'a Recurrence<C>,
    index: &'a TreeIndex,
    cuts: Vec<Vec<Cut>>,
    /// `b(τ)`.
    field: Vec<C>,
    /// `E_s(τ)`: the coefficients of `s, s², …`.
    flow: Vec<Vec<C>>,
    /// For each evaluation the B-series coefficients of its gradient, times h.
    gradients: Vec<Vec<C>>,
    /// For each evaluation the B-series coefficients of its argument minus θ.
    arguments: Vec<Vec<C>>,
}

/// A way to cut a tree in two at an edge, with the number of edges where it happens.
#[derive(Clone, Copy)]
struct Cut {
    trunk: usize,
    branch: usize,
    times: i64,
}

impl<'a, C: Coefficient> State<'a, C> {
    fn new(recurrence: &'a Recurrence<C>, index: &'a TreeIndex) -> Self {
        let evaluations = recurrence.evaluations.len();
        Self {
            recurrence,
            index,
            cuts: Vec::with_capacity(index.len()),
            field: Vec::with_capacity(index.len()),
            flow: Vec::with_capacity(index.len()),
            gradients: vec![Vec::with_capacity(index.len()); evaluations],
            arguments: vec![Vec::with_capacity(index.len()); evaluations],
        }
    }

    /// Finds everything about the next tree.
    fn solve(&mut self, number: usize, inverse_slope: &C) {
        let cuts = self.cut(number);
        // g(θ + Z) has the coefficient Π Z(τ_i) at [τ_1, …, τ_m].
        for (gradient, argument) in self.gradients.iter_mut().zip(&self.arguments) {
            let value = match self.index.split(number) {
                None => C::one(),
                Some((trunk, branch)) => gradient[trunk].times(&argument[branch]),
            };
            gradient.push(value);
        }
        let mut flow = self.integrate(&cuts);
        let mut known = C::zero();
        for (b, gradient) in self.recurrence.right.iter().zip(&self.gradients) {
            known = known.plus(&b.times(&gradient[number]));
        }
        for (j, a) in &self.recurrence.left {
            known = known.plus(&a.times(&evaluate(&flow, *j)));
        }
        let field = known.negated().times(inverse_slope);
        flow[0] = field.clone();
        for (evaluation, argument) in self.recurrence.evaluations.iter().zip(&mut self.arguments) {
            let mut value = C::zero();
            for (k, c) in &evaluation.at {
                value = value.plus(&c.times(&evaluate(&flow, *k)));
            }
            for (l, d) in &evaluation.minus_h_times {
                value = value.plus(&d.times(&self.gradients[*l][number]).negated());
            }
            argument.push(value);
        }
        self.cuts.push(cuts);
        self.field.push(field);
        self.flow.push(flow);
    }

    /// All cuts of a tree `u∘v`: at its newest edge, within `u`, or within `v`.
    fn cut(&self, number: usize) -> Vec<Cut> {
        let Some((u, v)) = self.index.split(number) else { return Vec::new() };
        let mut cuts = vec![Cut { trunk: u, branch: v, times: 1 }];
        let join = |a: usize, b: usize| self.index.product(a, b);
        let within_u = self.cuts[u].iter().filter_map(|c| Some(Cut { trunk: join(c.trunk, v)?, ..*c }));
        let within_v = self.cuts[v].iter().filter_map(|c| Some(Cut { trunk: join(u, c.trunk)?, ..*c }));
        cuts.extend(within_u.chain(within_v));
        cuts.sort_unstable_by_key(|c| (c.trunk, c.branch));
        cuts.dedup_by(|next, kept| {
            let same = (next.trunk, next.branch) == (kept.trunk, kept.branch);
            if same {
                kept.times += next.times;
            }
            same
        });
        cuts
    }

    /// `∫_0^s Σ E(trunk) b(branch)`: the flow of a tree but for the term `s b(τ)`.
    fn integrate(&self, cuts: &[Cut]) -> Vec<C> {
        let degree = cuts.iter().map(|c| self.flow[c.trunk].len()).max().unwrap_or(0);
        let mut flow = vec![C::zero(); degree + 1];
        for cut in cuts {
            let branch = self.field[cut.branch].scaled(&Rational::from(cut.times));
            if branch.is_zero() {
                continue;
            }
            for (sum, coefficient) in flow[1..].iter_mut().zip(&self.flow[cut.trunk]) {
                *sum = sum.plus(&coefficient.times(&branch));
            }
        }
        for (power, coefficient) in (2_i64..).zip(&mut flow[1..]) {
            *coefficient = coefficient.scaled(&Rational::new(1, power));
        }
        flow
    }
}

/// The polynomial `Σ_{p≥1} c_p s^p` at an integer.
fn evaluate<C: Coefficient>(coefficients: &[C], s: i32) -> C {
    let s = Rational::from(i64::from(s));
    coefficients.iter().rev().fold(C::zero(), |sum, c| sum.plus(c).scaled(&s))
}
