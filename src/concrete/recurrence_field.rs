//! The modified field of any recurrence, by trajectories that are polynomials in the step number.

use super::point::Point;
use super::steps::{StepAlgebra, Steps};
use crate::budget::tick;
use crate::expr::{Algebra, Series, SeriesTape, Variable};
use crate::number::{Coefficient, Rational};
use crate::optimizer::{Evaluation, Recurrence};

/// How coefficients of a recurrence act on the values of an algebra.
pub(super) trait Action<A: Algebra, C> {
    /// The product of a coefficient other than 1 with a value.
    fn scale(&self, algebra: &mut A, coefficient: &C, value: &A::Value) -> A::Value;
    /// A value that is known to lie in a smaller ring, written in it.
    fn settle(&self, value: A::Value) -> Option<A::Value> {
        Some(value)
    }
}

/// Rational numbers act as every algebra says.
pub(super) struct Numbers;

impl<A: Algebra> Action<A, Rational> for Numbers {
    fn scale(&self, algebra: &mut A, q: &Rational, value: &A::Value) -> A::Value {
        algebra.scale(q, value)
    }
}

/// The operator that takes `R` to the polynomial `p` with `Σ_j a_j p(s+j) = −R(s)` and `p(0) = 0`.
///
/// With `L = Σ_j a_j e^{jD} = Σ_{k≥1} ℓ_k D^k`, `ℓ_k = Σ_j a_j j^k/k!`, it is `p′ = −V(D) R`, where
/// `V = 1/(ℓ_1 + ℓ_2 D + …)`; only `ℓ_1` is inverted. For gradient descent `V = D/(e^D − 1)` and its coefficients are
/// Bernoulli numbers over factorials.
pub(super) struct Inverse<C> {
    /// `−V`, as many terms as degrees.
    series: Vec<C>,
}

impl<C: Coefficient> Inverse<C> {
    pub(super) fn new(recurrence: &Recurrence<C>, inverse_slope: &C, order: usize) -> Self {
        // ℓ_{k+1}, term by term: j^{k+1}/(k+1)!.
        let mut powers: Vec<(i64, Rational, &C)> =
            recurrence.left.iter().map(|(j, a)| (i64::from(*j), Rational::ONE, a)).collect();
        let mut symbol: Vec<C> = Vec::with_capacity(order + 2);
        for k in 1..=order + 2 {
            let mut sum = C::zero();
            for (j, power, a) in &mut powers {
                *power = &*power * &(&Rational::from(*j) / &whole(k));
                sum = sum.plus(&a.scaled(power));
            }
            symbol.push(sum);
        }
        let mut series = vec![inverse_slope.negated()];
        for m in 1..=order {
            let sum = (1..=m).fold(C::zero(), |sum, i| {
                tick();
                sum.plus(&symbol[i].times(&series[m - i]))
            });
            series.push(sum.times(inverse_slope).negated());
        }
        Self { series }
    }

    /// The coefficients of `s^1, …, s^highest` in `p`, each as weights of those of `R` from one power lower on.
    ///
    /// `[s^{i+1}] p = 1/(i+1) Σ_m v_m (i+m)!/i! [s^{i+m}] R`.
    pub(super) fn weights(&self, degree: usize, highest: usize) -> Vec<Vec<C>> {
        (0..highest)
            .map(|i| {
                let mut factor = whole(i + 1).recip().unwrap_or_default();
                (i..=degree)
                    .map(|l| {
                        if l > i {
                            factor = &factor * &whole(l);
                        }
                        self.series[l - i].scaled(&factor)
                    })
                    .collect()
            })
            .collect()
    }
}

/// Where gradients are taken: `p ↦ Σ_k c_k p(s+k)`.
pub(super) struct Place<C> {
    /// `Σ_k c_k k^e` by e, without zeros at the end.
    pub(super) moments: Vec<C>,
}

impl<C: Coefficient> Place<C> {
    pub(super) fn new(at: &[(i32, C)], order: usize) -> Self {
        let mut powers: Vec<(Rational, Rational, &C)> =
            at.iter().map(|(k, c)| (Rational::from(i64::from(*k)), Rational::ONE, c)).collect();
        let mut moments: Vec<C> = Vec::with_capacity(order + 1);
        for _ in 0..=order {
            let mut sum = C::zero();
            for (k, power, c) in &mut powers {
                sum = sum.plus(&c.scaled(power));
                *power = &*power * &*k;
            }
            moments.push(sum);
        }
        let length = moments.iter().rposition(|m| !m.is_zero()).map_or(0, |last| last + 1);
        moments.truncate(length);
        Self { moments }
    }

    /// `[s^i] = Σ_{l≥i} binomial(l, i) Σ_k c_k k^{l−i} [s^l] p`.
    fn apply<A: Algebra>(
        &self,
        algebra: &mut A,
        scaled: &impl Fn(&mut A, &C, &A::Value) -> A::Value,
        p: &Steps<A::Value>,
    ) -> Steps<A::Value> {
        let mut moved = Vec::with_capacity(p.len());
        for i in 0..p.len() {
            let mut binomial = Rational::ONE;
            let mut sum = None;
            for (l, moment) in (i..p.len()).zip(&self.moments) {
                tick();
                if l > i {
                    binomial = &(&binomial * &whole(l)) / &whole(l - i);
                }
                if let Some(v) = p.coefficient(l).filter(|_| !moment.is_zero()) {
                    let term = scaled(algebra, &moment.scaled(&binomial), v);
                    sum = added(algebra, sum, Some(term));
                }
            }
            moved.push(sum);
        }
        Steps::from_coefficients(moved)
    }
}

fn whole(k: usize) -> Rational {
    Rational::from(i64::try_from(k).unwrap_or(i64::MAX))
}

/// About how many products [`recurrence_field`] takes: in its algebra, and in the ring of the weights.
pub(super) fn cost<C: Coefficient>(recurrence: &Recurrence<C>, gradient: &SeriesTape, order: usize) -> u64 {
    let orders = order as u64 + 1;
    // Pairs of coefficients in the products of each order k: Σ (i + 1)(k − i + 1) where polynomials have constant terms,
    // Σ i (k − i) where they vanish at s = 0, as those of explicit methods of one step do.
    let pairs = |k: u64| (k + 1).saturating_mul(k + 2).saturating_mul(k + 3) / 6;
    let explicit = |e: &Evaluation<C>| e.minus_h_times.is_empty() && e.at.iter().all(|(k, _)| *k == 0);
    let products: u64 = if recurrence.evaluations.iter().all(explicit) {
        (0..orders).map(|k| if k < 2 { 1 + 2 * k } else { pairs(k - 2) + 2 * k }).fold(0, u64::saturating_add)
    } else {
        (0..orders).map(pairs).fold(0, u64::saturating_add)
    };
    let linear = orders.saturating_mul(orders + 1) / 2;
    let evaluations = recurrence.evaluations.len().max(1) as u64;
    let combining = evaluations.saturating_add(1).saturating_mul(gradient.outputs() as u64).saturating_add(4);
    let combining = combining.saturating_mul(orders.saturating_pow(3)) / 6;
    // As many weights as the cube of the order, of a length that grows with it.
    let weighing = orders.saturating_pow(4) / 4;
    gradient.cost(linear, products).saturating_mul(evaluations).saturating_add(combining).saturating_add(weighing)
}

/// The modified field `f_0, …, f_N` of a recurrence at a point, `f_n` without its power of h.
///
/// The iterates are `θ(sh) = Σ_j h^j p_j(s)` with `p_0 = θ`, `p_j(0) = 0` and `p_j` a polynomial of degree at most j, and
///
/// `Σ_j a_j p_k(s+j) = −R_{k−1}(s)`,  `R_{k−1}(s) = [h^{k−1}] Σ_i b_i g_i(s)`,
///
/// where the gradients `g_i(s)` are taken at `Σ_k c_ik θ((s+k)h) − h Σ_l d_il g_l(s)`. The right side is of lower order, whether
/// the method is explicit or not, and a polynomial of degree `k − 1`. It gives `p_k` by one linear operator, and
/// `f_n = p_{n+1}′(0)` (Hairer, Lubich & Wanner, *Geometric Numerical Integration*, IX.1 and XV.3).
///
/// Polynomials are held by their coefficients: that of `h^j s^i` belongs to `h^{j−i} t^i` in the modified flow at time t, and
/// none is a difference of larger numbers. Values at nodes would take about as many products at order 12, and their weights
/// cost digits.
///
/// `inverse_slope` is that of [`Recurrence::validate`].
pub(super) fn recurrence_field<A: Algebra, C: Coefficient>(
    algebra: &mut A,
    action: &impl Action<A, C>,
    (recurrence, inverse_slope): (&Recurrence<C>, &C),
    gradient: &SeriesTape,
    at: &Point<A::Value>,
    order: usize,
) -> Vec<Vec<A::Value>> {
    let dimension = at.theta.len();
    let inverse = Inverse::new(recurrence, inverse_slope, order);
    let scaled = |algebra: &mut A, c: &C, value: &A::Value| {
        if *c == C::one() { value.clone() } else { action.scale(algebra, c, value) }
    };
    // Where gradients are taken, without repetition, and of every evaluation which.
    let mut distinct: Vec<&[(i32, C)]> = Vec::new();
    let mut place_of = Vec::new();
    for evaluation in &recurrence.evaluations {
        let place = distinct.iter().position(|p| *p == evaluation.at.as_slice()).unwrap_or(distinct.len());
        if place == distinct.len() {
            distinct.push(&evaluation.at);
        }
        place_of.push(place);
    }
    let places: Vec<Place<C>> = distinct.into_iter().map(|at| Place::new(at, order)).collect();
    let mut origin: Series<Steps<A::Value>> = Series::new();
    origin.extend(gradient, &mut StepAlgebra(algebra), |_, v| at.get(v).map(Steps::constant));
    let mut series = vec![origin; place_of.len()];
    // p_k of the order k at hand.
    let mut iterate: Vec<Steps<A::Value>> = Vec::new();
    let mut field = Vec::with_capacity(order + 1);
    for k in 0..=order {
        if k > 0 {
            let positions: Vec<Vec<Steps<A::Value>>> =
                places.iter().map(|place| iterate.iter().map(|p| place.apply(algebra, &scaled, p)).collect()).collect();
            // The stages' gradients of the order before, which all evaluations may refer to.
            let before: Vec<Vec<Option<Steps<A::Value>>>> = series
                .iter()
                .map(|s| (0..dimension).map(|i| s.output(gradient, i, k - 1).cloned()).collect())
                .collect();
            for (e, series) in series.iter_mut().enumerate() {
                let mut position = positions[place_of[e]].clone();
                for (l, d) in &recurrence.evaluations[e].minus_h_times {
                    let minus = d.negated();
                    for (sum, g) in position.iter_mut().zip(&before[*l]) {
                        add_scaled(algebra, &scaled, sum, &minus, g.as_ref());
                    }
                }
                series.extend(gradient, &mut StepAlgebra(algebra), |_, v| match v {
                    Variable::Theta(i) => Some(position[i as usize].clone()),
                    _ => None,
                });
            }
        }
        // p_{k+1} is needed whole, but for the last.
        let weights = inverse.weights(k, if k < order { k + 1 } else { 1 });
        iterate.clear();
        for i in 0..dimension {
            let mut right = Steps::zero();
            for (b, series) in recurrence.right.iter().zip(&series).filter(|(b, _)| !b.is_zero()) {
                add_scaled(algebra, &scaled, &mut right, b, series.output(gradient, i, k));
            }
            let right = right.filter_map(|v| action.settle(v));
            let mut solved = vec![None];
            for (from, weights) in weights.iter().enumerate() {
                let mut sum = None;
                for (l, weight) in (from..).zip(weights).filter(|(_, w)| !w.is_zero()) {
                    let term = right.coefficient(l).map(|v| scaled(algebra, weight, v));
                    sum = added(algebra, sum, term);
                }
                solved.push(sum);
            }
            iterate.push(Steps::from_coefficients(solved));
        }
        let slope = |p: &Steps<A::Value>| p.coefficient(1).cloned();
        field.push(iterate.iter().map(|p| slope(p).unwrap_or_else(|| algebra.rational(&Rational::ZERO))).collect());
    }
    field
}

fn add_scaled<A: Algebra, C: Coefficient>(
    algebra: &mut A,
    scaled: &impl Fn(&mut A, &C, &A::Value) -> A::Value,
    sum: &mut Steps<A::Value>,
    c: &C,
    terms: Option<&Steps<A::Value>>,
) {
    let Some(terms) = terms else { return };
    for l in 0..terms.len() {
        if let Some(v) = terms.coefficient(l) {
            let term = scaled(algebra, c, v);
            StepAlgebra(algebra).accumulate(sum, l, term);
        }
    }
}

pub(super) fn added<A: Algebra>(algebra: &mut A, a: Option<A::Value>, b: Option<A::Value>) -> Option<A::Value> {
    match (a, b) {
        (Some(a), Some(b)) => Some(algebra.add(&a, &b)),
        (a, b) => a.or(b),
    }
}
