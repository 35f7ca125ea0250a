//! The trajectory of an optimizer as a polynomial in the step number: the route for concrete losses.

pub use super::point::Point;
use super::recurrence_field::{self, Numbers, recurrence_field};
use crate::expr::{Algebra, Series, SeriesTape, Variable};
use crate::number::Rational;
use crate::optimizer::Recurrence;

fn whole(k: usize) -> Rational {
    Rational::from(i64::try_from(k).unwrap_or(i64::MAX))
}

/// About how many products [`modified_field`] takes in its algebra.
#[must_use]
pub fn cost(gradient: &SeriesTape, order: usize) -> u64 {
    recurrence_field::cost(&Recurrence::gradient_descent(), gradient, order)
}

/// The modified field `f_0, …, f_N` of gradient descent at a point, `f_n` without its power of h.
///
/// `gradient` has one output for every entry of θ. The iterates `θ(sh) = Σ_j h^j p_j(s)` have `p_0 = θ`, `p_j(0) = 0` and
/// `p_j(s+1) − p_j(s) = −[h^{j−1}] g(θ(sh))`, where `p_j` is a polynomial of degree at most j in s, and
/// `f_n = p_{n+1}′(0)` (the modified field's flow interpolates the iterates; Hairer, Lubich & Wanner, *Geometric Numerical
/// Integration*, IX.1). With `R = [h^{j−1}] g(θ(sh))` and the Bernoulli numbers `B_k`, `p_j′ = −Σ_k B_k/k! R^{(k)}`, so that
///
/// `f_n = −Σ_k B_k [h^n s^k] g(θ(sh))`.
///
/// The gradient is taken in truncated series in h whose coefficients are polynomials in s: about `N⁴/24` products for each of
/// its products.
///
/// ```
/// use shadowflow::concrete::trajectory::{Point, modified_field};
/// use shadowflow::expr::{Exact, Op, SeriesTape, Tape, Variable};
/// use shadowflow::number::Rational;
/// // The gradient x of E = x²/2: f_n = −x/(n + 1).
/// let tape = SeriesTape::new(&Tape { ops: vec![Op::Input(Variable::Theta(0))], outputs: vec![0] });
/// let point = Point { theta: vec![Rational::ONE], symbols: vec![] };
/// let field = modified_field(&mut Exact::default(), &tape, &point, 3);
/// assert_eq!(field[3], [Rational::new(-1, 4)]);
/// ```
pub fn modified_field<A: Algebra>(
    algebra: &mut A,
    gradient: &SeriesTape,
    at: &Point<A::Value>,
    order: usize,
) -> Vec<Vec<A::Value>> {
    recurrence_field(algebra, &Numbers, (&Recurrence::gradient_descent(), &Rational::ONE), gradient, at, order)
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
                _ => None,
            });
            power = (0..gradient.outputs()).map(|i| series.output(gradient, i, 1).cloned()).collect();
        }
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::testing::Floats;
    use crate::expr::{Exact, Op, Pool, Shape, Tape};

    /// The gradient `−y²` of a loss in one parameter.
    fn riccati() -> SeriesTape {
        let ops =
            vec![Op::Input(Variable::Theta(0)), Op::Pow(0, 2.into()), Op::Constant(Rational::MINUS_ONE), Op::Mul(1, 2)];
        SeriesTape::new(&Tape { ops, outputs: vec![3] })
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

    /// Binomial coefficients in the step number leave plain floats well conditioned: the loss `x − log x` to order 20.
    #[test]
    fn floats_keep_twelve_digits() {
        let mut pool = Pool::new();
        let x = pool.declare_parameter("x", Shape::scalar());
        let (one, inverse) = (pool.integer(1), pool.pow(x, &Rational::MINUS_ONE));
        let gradient = pool.sub(one, inverse);
        let tape = SeriesTape::new(&Tape::new(&pool, &[gradient]));
        let x = Rational::new(7, 5);
        let floats = Point { theta: vec![x.to_f64()], symbols: Vec::new() };
        let values = modified_field(&mut Floats, &tape, &floats, 20);
        let exact = modified_field(&mut Exact::default(), &tape, &Point { theta: vec![x], symbols: Vec::new() }, 20);
        for (n, (value, exact)) in values.iter().zip(&exact).enumerate() {
            let error = (value[0] - exact[0].to_f64()) / exact[0].to_f64();
            assert!(error.abs() < 1e-12, "f_{n}: {error:e}");
        }
    }
}
