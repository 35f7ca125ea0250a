//! The modified field of any recurrence, by trajectories that are polynomials in the step number.

use super::Recurrence;
use super::trajectory::Point;
use crate::expr::{Algebra, Series, SeriesTape, Variable};
use crate::number::{Coefficient, Rational};

/// How coefficients of a recurrence act on the values of an algebra.
pub(super) trait Action<A: Algebra, C> {
    /// The product of a coefficient other than 1 with a value.
    fn scale(&self, algebra: &mut A, coefficient: &C, value: &A::Value) -> A::Value;
    /// A value that is known to lie in a smaller ring, written in it.
    fn settle(&self, value: A::Value) -> Option<A::Value> {
        Some(value)
    }
}

/// The polynomial `p` with `Σ_j a_j p(s+j) = −R(s)` and `p(0) = 0`, as weights of the values of `R` at nodes.
///
/// With `L = Σ_j a_j e^{jD} = Σ_{k≥1} ℓ_k D^k`, `ℓ_k = Σ_j a_j j^k/k!`, the solution is `p′ = −V(D) R`, where
/// `V = 1/(ℓ_1 + ℓ_2 D + …)`; only `ℓ_1` is inverted. `R` is interpolated in Newton's form at the nodes
/// `0, 1, −1, 2, −2, …`, one more node for one more degree.
struct Inverse<C> {
    /// `−V`, as many terms as degrees.
    series: Vec<C>,
    nodes: Vec<i64>,
    /// `Π_{i<k} (s − x_i)` by powers of s.
    newton: Vec<Rational>,
    /// The divided difference over all nodes as weights of values.
    divided: Vec<Rational>,
}

impl<C: Coefficient> Inverse<C> {
    fn new(recurrence: &Recurrence<C>, inverse_slope: &C, order: usize) -> Self {
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
            let sum = (1..=m).fold(C::zero(), |sum, i| sum.plus(&symbol[i].times(&series[m - i])));
            series.push(sum.times(inverse_slope).negated());
        }
        Self { series, nodes: Vec::new(), newton: vec![Rational::ONE], divided: Vec::new() }
    }

    /// The solution for Newton's polynomial of the next degree, and its slope at 0; then takes the next node.
    fn next(&mut self) -> Solution<C> {
        let degree = self.newton.len() - 1;
        let mut slopes = Vec::with_capacity(degree + 1);
        for j in 0..=degree {
            // The coefficient of s^j in Σ_m v_m D^m of Newton's polynomial.
            let mut factor = Rational::ONE;
            let mut sum = C::zero();
            for m in 0..=degree - j {
                if m > 0 {
                    factor = &factor * &whole(j + m);
                }
                sum = sum.plus(&self.series[m].scaled(&(&factor * &self.newton[j + m])));
            }
            slopes.push(sum);
        }
        let node = node(degree);
        let mut last = Rational::ONE;
        for (x, weight) in self.nodes.iter().zip(&mut self.divided) {
            *weight = &*weight / &Rational::from(*x - node);
            last = &last / &Rational::from(node - *x);
        }
        self.divided.push(last);
        self.nodes.push(node);
        let mut next = vec![Rational::ZERO; degree + 2];
        for (k, c) in self.newton.iter().enumerate() {
            next[k + 1] += c;
            next[k] -= &(c * &Rational::from(node));
        }
        self.newton = next;
        Solution { slopes }
    }
}

/// A polynomial that is zero at 0, by the coefficients of its derivative.
struct Solution<C> {
    slopes: Vec<C>,
}

impl<C: Coefficient> Solution<C> {
    fn at(&self, s: i64) -> C {
        let s = Rational::from(s);
        let sum = self.slopes.iter().enumerate().rev().fold(C::zero(), |sum, (j, c)| {
            let inverse = whole(j + 1).recip().unwrap_or_default();
            sum.scaled(&s).plus(&c.scaled(&inverse))
        });
        sum.scaled(&s)
    }
}

/// The node number `n` of `0, 1, −1, 2, −2, …`.
fn node(n: usize) -> i64 {
    let half = i64::try_from(n.div_ceil(2)).unwrap_or(i64::MAX);
    if n.is_multiple_of(2) { -half } else { half }
}

fn whole(k: usize) -> Rational {
    Rational::from(i64::try_from(k).unwrap_or(i64::MAX))
}

/// About how many products [`recurrence_field`] takes: in its algebra, and in the ring of the weights, which are as many as
/// the cube of the order and grow with it.
pub(super) fn cost<C>(recurrence: &Recurrence<C>, gradient: &SeriesTape, order: usize) -> u64 {
    let nodes = order as u64 + 1;
    let evaluations = recurrence.evaluations.len().max(1) as u64;
    let places = nodes.saturating_mul(evaluations);
    let combining = nodes.saturating_mul(nodes).saturating_mul(gradient.outputs() as u64 + 4);
    let weighing = nodes.saturating_pow(4).saturating_mul(4);
    gradient.cost(order).saturating_add(combining).saturating_mul(places).saturating_add(weighing)
}

/// The modified field `f_0, …, f_N` of a recurrence at a point, `f_n` without its power of h.
///
/// The iterates are `θ(sh) = Σ_j h^j p_j(s)` with `p_0 = θ`, `p_j(0) = 0` and `p_j` a polynomial of degree at most j, and
///
/// `Σ_j a_j p_k(s+j) = −R_{k−1}(s)`,  `R_{k−1}(s) = [h^{k−1}] Σ_i b_i g_i(s)`,
///
/// where the gradients `g_i(s)` are taken at `Σ_k c_ik θ((s+k)h) − h Σ_l d_il g_l(s)`. The right side is of lower order, whether
/// the method is explicit or not, and a polynomial of degree `k − 1`, known from its values at k nodes. Its values weighted
/// give `p_k` where the next order needs it, and `f_n = p_{n+1}′(0)` (Hairer, Lubich & Wanner, *Geometric Numerical
/// Integration*, IX.1 and XV.3).
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
    let mut inverse = Inverse::new(recurrence, inverse_slope, order);
    let mut origin = Series::new();
    origin.extend(gradient, algebra, |_, v| at.get(v));
    let mut scaled = |algebra: &mut A, c: &C, value: &A::Value| {
        if *c == C::one() { value.clone() } else { action.scale(algebra, c, value) }
    };
    // Where gradients are taken, without repetition, and of every evaluation which.
    let mut places: Vec<&[(i32, C)]> = Vec::new();
    let mut place_of = Vec::new();
    for evaluation in &recurrence.evaluations {
        let place = places.iter().position(|p| *p == evaluation.at.as_slice()).unwrap_or(places.len());
        if place == places.len() {
            places.push(&evaluation.at);
        }
        place_of.push(place);
    }
    // Of every node: the series of every evaluation, and for every place the weights of the values of R.
    let mut series: Vec<Vec<Series<A::Value>>> = vec![vec![origin; place_of.len()]; order + 1];
    let mut weights: Vec<Vec<Vec<C>>> = vec![vec![Vec::new(); places.len()]; order + 1];
    let mut slope_weights: Vec<C> = Vec::new();
    let mut right: Values<A> = Vec::new();
    let mut field = Vec::with_capacity(order + 1);
    for k in 0..=order {
        if k > 0 {
            for (node, series) in series.iter_mut().enumerate() {
                let positions: Values<A> = weights[node]
                    .iter()
                    .map(|weights| (0..dimension).map(|i| combined(algebra, &mut scaled, weights, &right, i)).collect())
                    .collect();
                // The stages' gradients of the order before, which all evaluations at this node may refer to.
                let before: Values<A> = series
                    .iter()
                    .map(|s| (0..dimension).map(|i| s.output(gradient, i, k - 1).cloned()).collect())
                    .collect();
                for (e, series) in series.iter_mut().enumerate() {
                    let mut position = positions[place_of[e]].clone();
                    for (l, d) in &recurrence.evaluations[e].minus_h_times {
                        let minus = d.negated();
                        for (sum, g) in position.iter_mut().zip(&before[*l]) {
                            let term = g.as_ref().map(|g| scaled(algebra, &minus, g));
                            *sum = added(algebra, sum.take(), term);
                        }
                    }
                    series.extend(gradient, algebra, |_, v| match v {
                        Variable::Theta(i) => position[i as usize].clone(),
                        Variable::Symbol(_) => None,
                    });
                }
            }
        }
        right.clear();
        for series in &series[..=k] {
            let mut sums = vec![None; dimension];
            for (b, series) in recurrence.right.iter().zip(series).filter(|(b, _)| !b.is_zero()) {
                for (i, sum) in sums.iter_mut().enumerate() {
                    let term = series.output(gradient, i, k).map(|g| scaled(algebra, b, g));
                    *sum = added(algebra, sum.take(), term);
                }
            }
            right.push(sums.into_iter().map(|v| v.and_then(|v| action.settle(v))).collect());
        }
        let solution = inverse.next();
        let update = |weights: &mut Vec<C>, value: &C| {
            weights.push(C::zero());
            for (w, divided) in weights.iter_mut().zip(&inverse.divided) {
                *w = w.plus(&value.scaled(divided));
            }
        };
        update(&mut slope_weights, &solution.slopes[0]);
        if k < order {
            for (n, weights) in weights.iter_mut().enumerate() {
                for (place, weights) in places.iter().zip(weights) {
                    let value = place.iter().fold(C::zero(), |sum, (shift, c)| {
                        sum.plus(&c.times(&solution.at(node(n) + i64::from(*shift))))
                    });
                    update(weights, &value);
                }
            }
        }
        let zero = |algebra: &mut A| algebra.rational(&Rational::ZERO);
        field.push(
            (0..dimension)
                .map(|i| combined(algebra, &mut scaled, &slope_weights, &right, i).unwrap_or_else(|| zero(algebra)))
                .collect(),
        );
    }
    field
}

/// Lists of values, or zeros.
type Values<A> = Vec<Vec<Option<<A as Algebra>::Value>>>;

fn combined<A: Algebra, C: Coefficient>(
    algebra: &mut A,
    scaled: &mut impl FnMut(&mut A, &C, &A::Value) -> A::Value,
    weights: &[C],
    values: &Values<A>,
    i: usize,
) -> Option<A::Value> {
    let mut total = None;
    for (weight, values) in weights.iter().zip(values).filter(|(w, _)| !w.is_zero()) {
        let term = values[i].as_ref().map(|v| scaled(algebra, weight, v));
        total = added(algebra, total, term);
    }
    total
}

pub(super) fn added<A: Algebra>(algebra: &mut A, a: Option<A::Value>, b: Option<A::Value>) -> Option<A::Value> {
    match (a, b) {
        (Some(a), Some(b)) => Some(algebra.add(&a, &b)),
        (a, b) => a.or(b),
    }
}
