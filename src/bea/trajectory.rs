//! The trajectory of an optimizer as a polynomial in the step number: the route for concrete losses.

use crate::expr::{Algebra, Series, SeriesTape, Variable};
use crate::number::Rational;

/// A point in some algebra: what the inputs of a tape are.
#[derive(Debug, Clone)]
pub struct Point<V> {
    /// The entries of θ.
    pub theta: Vec<V>,
    /// The symbolic constants.
    pub symbols: Vec<V>,
}

impl<V: Clone> Point<V> {
    pub(super) fn get(&self, variable: Variable) -> Option<V> {
        match variable {
            Variable::Theta(k) => self.theta.get(k as usize),
            Variable::Symbol(s) => self.symbols.get(s as usize),
        }
        .cloned()
    }
}

/// The weights `w_1 … w_M` with `p′(0) = Σ_k w_k (p(k) − p(−k))` for every polynomial p of degree at most 2M:
/// `w_k = (−1)^{k+1} (M!)² / (k (M−k)! (M+k)!)`.
#[must_use]
pub fn central_weights(nodes: usize) -> Vec<Rational> {
    // (M!)²/((M−k)! (M+k)!) = Π_{i=1}^{k} (M−i+1)/(M+i).
    let mut product = Rational::ONE;
    (1..=nodes)
        .map(|k| {
            product = &(&product * &whole(nodes - k + 1)) / &whole(nodes + k);
            let weight = &product / &whole(k);
            if k % 2 == 1 { weight } else { -weight }
        })
        .collect()
}

fn whole(k: usize) -> Rational {
    Rational::from(i64::try_from(k).unwrap_or(i64::MAX))
}

/// The number of nodes on either side of zero that `f_n` takes: `M = ⌈(n+1)/2⌉`.
fn reach(order: usize) -> usize {
    (order + 1).div_ceil(2)
}

/// About how many products [`modified_field`] takes in its algebra.
#[must_use]
pub fn cost(gradient: &SeriesTape, order: usize) -> u64 {
    gradient.cost(order).saturating_mul(2 * reach(order) as u64)
}

/// The modified field `f_0, …, f_N` of gradient descent at a point, `f_n` without its power of h.
///
/// `gradient` has one output for every entry of θ. The iterates `θ(sh) = Σ_j h^j p_j(s)` have `p_0 = θ`, `p_j(0) = 0` and
/// `p_j(s+1) − p_j(s) = −[h^{j−1}] g(θ(sh))`, where `p_j` is a polynomial of degree at most j in s, and
/// `f_n = p_{n+1}′(0)` (the modified field's flow interpolates the iterates; Hairer, Lubich & Wanner, *Geometric Numerical
/// Integration*, IX.1). Each `p_j` is held by its values at `s = −M, …, M`, which keeps the derivative at 0 well conditioned
/// and costs O(N) nodes of O(N²) products each. Since orders below j are known at every node, negative nodes are
/// as explicit as positive ones.
pub fn modified_field<A: Algebra>(
    algebra: &mut A,
    gradient: &SeriesTape,
    at: &Point<A::Value>,
    order: usize,
) -> Vec<Vec<A::Value>> {
    let dimension = at.theta.len();
    let side = reach(order);
    let mut origin = Series::new();
    origin.extend(gradient, algebra, |_, v| at.get(v));
    // At s = 0 all p_j vanish, so the gradient there has no higher coefficients.
    let mut forward: Vec<Series<A::Value>> = vec![origin.clone(); side.saturating_sub(1)];
    let mut backward: Vec<Series<A::Value>> = vec![origin.clone(); side];
    let mut field = Vec::with_capacity(order + 1);
    // The values of p_k, of the current order k, at 1, 2, … and at −1, −2, ….
    let (mut ahead, mut behind): (Values<A>, Values<A>) = (Vec::new(), Vec::new());
    for k in 0..=order {
        if k > 0 {
            for (series, values) in forward.iter_mut().zip(&ahead).chain(backward.iter_mut().zip(&behind)) {
                series.extend(gradient, algebra, |_, v| match v {
                    Variable::Theta(i) => values[i as usize].clone(),
                    Variable::Symbol(_) => None,
                });
            }
        }
        let slope = |series: &Series<A::Value>, i: usize| series.output(gradient, i, k).cloned();
        let mut position: Vec<Option<A::Value>> = vec![None; dimension];
        ahead.clear();
        for s in 0..side {
            for (i, value) in position.iter_mut().enumerate() {
                let step = match s {
                    0 if k > 0 => None,
                    0 => slope(&origin, i),
                    _ => slope(&forward[s - 1], i),
                };
                *value = difference(algebra, value.take(), step);
            }
            ahead.push(position.clone());
        }
        let mut position: Vec<Option<A::Value>> = vec![None; dimension];
        behind.clear();
        for series in &backward {
            for (i, value) in position.iter_mut().enumerate() {
                *value = sum(algebra, value.take(), slope(series, i));
            }
            behind.push(position.clone());
        }
        field.push(derivative_at_zero::<A>(algebra, &ahead, &behind, reach(k), dimension));
    }
    field
}

/// For every node, for every entry of θ, a value or zero.
type Values<A> = Vec<Vec<Option<<A as Algebra>::Value>>>;

fn derivative_at_zero<A: Algebra>(
    algebra: &mut A,
    ahead: &Values<A>,
    behind: &Values<A>,
    side: usize,
    dimension: usize,
) -> Vec<A::Value> {
    let weights = central_weights(side);
    (0..dimension)
        .map(|i| {
            let mut total = None;
            for (s, weight) in weights.iter().enumerate() {
                let spread = difference(algebra, ahead[s][i].clone(), behind[s][i].clone());
                let term = spread.map(|d| algebra.scale(weight, &d));
                total = sum(algebra, total, term);
            }
            total.unwrap_or_else(|| algebra.rational(&Rational::ZERO))
        })
        .collect()
}

fn sum<A: Algebra>(algebra: &mut A, a: Option<A::Value>, b: Option<A::Value>) -> Option<A::Value> {
    match (a, b) {
        (Some(a), Some(b)) => Some(algebra.add(&a, &b)),
        (a, b) => a.or(b),
    }
}

fn difference<A: Algebra>(algebra: &mut A, a: Option<A::Value>, b: Option<A::Value>) -> Option<A::Value> {
    match (a, b) {
        (Some(a), Some(b)) => Some(algebra.sub(&a, &b)),
        (None, Some(b)) => Some(algebra.scale(&Rational::MINUS_ONE, &b)),
        (a, None) => a,
    }
}

/// The principal parts of `f_0, …, f_N` of gradient descent: `−1/(n+1) H^n g`.
///
/// `H v` is the first-order coefficient of `g(θ + εv)`, so no Hessian is formed.
pub fn principal_field<A: Algebra>(
    algebra: &mut A,
    gradient: &SeriesTape,
    at: &Point<A::Value>,
    order: usize,
) -> Vec<Vec<A::Value>> {
    powers_field(algebra, gradient, at, order, |algebra, n, v| algebra.scale(&-(&Rational::ONE / &whole(n + 1)), v))
}

/// `H^n g` for n from 0 to the order, each with its coefficient, by which `scaled` multiplies.
pub(super) fn powers_field<A: Algebra>(
    algebra: &mut A,
    gradient: &SeriesTape,
    at: &Point<A::Value>,
    order: usize,
    scaled: impl Fn(&mut A, usize, &A::Value) -> A::Value,
) -> Vec<Vec<A::Value>> {
    let mut series = Series::new();
    series.extend(gradient, algebra, |_, v| at.get(v));
    let mut power: Vec<Option<A::Value>> =
        (0..gradient.outputs()).map(|i| series.output(gradient, i, 0).cloned()).collect();
    let mut field = Vec::with_capacity(order + 1);
    for n in 0..=order {
        field.push(
            power
                .iter()
                .map(|v| match v {
                    Some(v) => scaled(algebra, n, v),
                    None => algebra.rational(&Rational::ZERO),
                })
                .collect(),
        );
        if n < order {
            series.truncate(1);
            series.extend(gradient, algebra, |_, v| match v {
                Variable::Theta(i) => power[i as usize].clone(),
                Variable::Symbol(_) => None,
            });
            power = (0..gradient.outputs()).map(|i| series.output(gradient, i, 1).cloned()).collect();
        }
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Exact, Op, Tape};

    /// The gradient `−y²` of a loss in one parameter.
    fn riccati() -> SeriesTape {
        let ops =
            vec![Op::Input(Variable::Theta(0)), Op::Pow(0, 2.into()), Op::Constant(Rational::MINUS_ONE), Op::Mul(1, 2)];
        SeriesTape::new(&Tape { ops, outputs: vec![3] })
    }

    #[test]
    fn central_weights_differentiate_polynomials() {
        for nodes in 1..8 {
            let weights = central_weights(nodes);
            for degree in 0..=2 * nodes {
                // p(s) = s^degree: p′(0) is 1 for degree 1 and 0 for all others.
                let at = |s: i64| Rational::from(s).pow(i64::try_from(degree).unwrap()).unwrap();
                let derivative: Rational = weights.iter().zip(1..).map(|(w, s)| w * &(at(s) - at(-s))).sum();
                assert_eq!(derivative, if degree == 1 { Rational::ONE } else { Rational::ZERO });
            }
        }
        assert_eq!(central_weights(2), [Rational::new(2, 3), Rational::new(-1, 12)]);
    }

    #[test]
    fn explicit_euler_on_the_riccati_equation() {
        // Hairer, Lubich & Wanner, IX.1, example 1.1, for y′ = y².
        let point = Point { theta: vec![Rational::new(3, 2)], symbols: Vec::new() };
        let field = modified_field(&mut Exact::default(), &riccati(), &point, 5);
        let known = ["1", "-1", "3/2", "-8/3", "31/6", "-157/15"];
        for ((f, known), power) in field.iter().zip(known).zip(2..) {
            let expected = &known.parse::<Rational>().unwrap() * &point.theta[0].pow(power).unwrap();
            assert_eq!(f[0], expected);
        }
    }

    #[test]
    fn lower_orders_do_not_depend_on_the_highest() {
        let point = Point { theta: vec![Rational::new(-2, 5)], symbols: Vec::new() };
        let all = modified_field(&mut Exact::default(), &riccati(), &point, 9);
        for order in 0..9 {
            assert_eq!(modified_field(&mut Exact::default(), &riccati(), &point, order), all[..=order]);
        }
    }

    #[test]
    fn principal_parts_are_powers_of_the_hessian() {
        // g = −y², H = −2y: −1/(n+1) H^n g.
        let y = Rational::new(3, 7);
        let point = Point { theta: vec![y.clone()], symbols: Vec::new() };
        let principal = principal_field(&mut Exact::default(), &riccati(), &point, 6);
        for (n, p) in (0i64..).zip(principal) {
            let h = (&y * &Rational::from(-2)).pow(n).unwrap();
            assert_eq!(p[0], &(&h * &(&y * &y)) / &Rational::from(n + 1));
        }
    }
}
