//! Route 2: gradient descent's modified equation in closed form, one rooted tree at a time.

use super::{ModifiedEquation, Term};
use crate::budget::tick;
use crate::number::Rational;
use crate::optimizer::Optimizer;
use crate::tree::{LinearCoefficients, Tree};
use std::ops::ControlFlow;

/// The modified equation `f_0, …, f_order` of gradient descent from the order polynomials of trees.
///
/// The coefficient of `τ` in `f_{|τ|−1}` is `(−1)^{|τ|} b(τ)/σ(τ)`, where `b(τ) = [n¹] Ω(τ; n)` is the linear coefficient of
/// the strict order polynomial and `σ` the symmetry; the sign turns `f = −g` into derivatives of `E`. See
/// [`LinearCoefficients`]. The number of trees grows as `2.96^order`, so that memory is the limit.
///
/// # Panics
/// If `order > 33`.
pub(crate) fn order_polynomials(order: usize) -> ModifiedEquation {
    let mut orders: Vec<Vec<Term>> = vec![Vec::new(); order + 1];
    // Who visits term by term has what came before where the time ends; here there is nothing to return.
    let kept = stream::<()>(order, |levels, coefficient| {
        tick();
        if !coefficient.is_zero() {
            orders[levels.len() - 1]
                .push(Term { tree: Tree::from_canonical(levels), coefficient: coefficient.clone().into() });
        }
        ControlFlow::Continue(())
    });
    debug_assert!(kept.is_continue());
    ModifiedEquation { orders, ..ModifiedEquation::new(Optimizer::GradientDescent.name()) }
}

/// Visits every term of gradient descent's `f_0, …, f_order` in output order, zeros included, without keeping any.
///
/// `visit` receives the tree's level sequence and its coefficient in `f_{|τ|−1}`, and stops the walk by returning
/// [`ControlFlow::Break`].
///
/// # Panics
/// If `order > 33`, once it gets there.
pub(crate) fn stream<B>(order: usize, mut visit: impl FnMut(&[u8], &Rational) -> ControlFlow<B>) -> ControlFlow<B> {
    for size in 1..=order + 1 {
        let mut all = LinearCoefficients::new(size);
        while let Some((levels, magnitude)) = all.advance() {
            let coefficient = if size % 2 == 0 { magnitude } else { -magnitude };
            visit(levels, &coefficient)?;
        }
    }
    ControlFlow::Continue(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_order(equation: &ModifiedEquation, order: usize, expected: &[(&[u8], i64, i64)]) {
        let terms: Vec<Term> = expected
            .iter()
            .map(|&(levels, n, d)| Term {
                tree: Tree::from_levels(levels).unwrap(),
                coefficient: Rational::new(n, d).into(),
            })
            .collect();
        assert_eq!(equation.orders[order], terms, "f_{order}");
    }

    #[test]
    fn first_orders() {
        let equation = order_polynomials(4);
        assert_eq!(equation.method, "gradient-descent");
        assert_order(&equation, 0, &[(&[0], -1, 1)]);
        assert_order(&equation, 1, &[(&[0, 1], -1, 2)]);
        assert_order(&equation, 2, &[(&[0, 1, 2], -1, 3), (&[0, 1, 1], -1, 12)]);
        assert_order(&equation, 3, &[(&[0, 1, 2, 3], -1, 4), (&[0, 1, 2, 2], -1, 12), (&[0, 1, 2, 1], -1, 12)]);
        assert_order(
            &equation,
            4,
            &[
                (&[0, 1, 2, 3, 4], -1, 5),
                (&[0, 1, 2, 3, 3], -3, 40),
                (&[0, 1, 2, 3, 2], -1, 10),
                (&[0, 1, 2, 3, 1], -1, 20),
                (&[0, 1, 2, 2, 2], -1, 180),
                (&[0, 1, 2, 2, 1], -1, 120),
                (&[0, 1, 2, 1, 2], -1, 60),
                (&[0, 1, 2, 1, 1], 1, 120),
                (&[0, 1, 1, 1, 1], 1, 720),
            ],
        );
    }

    #[test]
    fn numbers_of_terms() {
        let counts: Vec<usize> = order_polynomials(7).orders.iter().map(Vec::len).collect();
        assert_eq!(counts, [1, 1, 2, 3, 9, 16, 48, 103]);
    }

    #[test]
    fn terms_are_in_output_order() {
        for terms in order_polynomials(8).orders {
            assert_eq!(ModifiedEquation::sorted(terms.clone()), terms);
        }
    }

    /// The value of an elementary differential of `E = −y³/3` at `y = 1`, where a node with k children is the k-th
    /// derivative of `g = −y²`.
    fn y_squared_value(levels: &[u8]) -> i64 {
        let mut children = [0_usize; 256];
        let mut path = [0_usize; 256];
        for (node, &level) in levels.iter().enumerate() {
            path[usize::from(level)] = node;
            if level > 0 {
                children[path[usize::from(level) - 1]] += 1;
            }
        }
        let derivatives = [-1, -2, -2];
        children[..levels.len()].iter().map(|&k| derivatives.get(k).copied().unwrap_or(0)).product()
    }

    /// The one-dimensional field for which gradient descent solves `y' = y²`, at `y = 1`, `h = x`: the coefficients of
    /// `y² x⁰, y³ x, …`.
    fn y_squared(order: usize) -> Vec<Rational> {
        let value = |t: &Term| t.coefficient.to_rational().unwrap() * &Rational::from(y_squared_value(t.tree.levels()));
        order_polynomials(order).orders.iter().map(|terms| terms.iter().map(value).sum()).collect()
    }

    /// Values of mathematics that need no derivation: `Σ b(τ)`, tall trees and corollas, the latter Bernoulli numbers.
    #[test]
    fn streamed_values_are_known() {
        let sums = [(8, 31, 60), (9, 143, 140), (10, 77, 180), (11, 875, 792), (12, 20609, 27720), (14, -33563, 60060)];
        let bernoulli = [(1, 1), (-1, 2), (1, 6), (0, 1), (-1, 30), (0, 1), (1, 42), (0, 1), (-1, 30), (0, 1), (5, 66)];
        let mut sum = Rational::ZERO;
        let mut sums_seen = vec![Rational::ZERO];
        let mut corollas = Vec::new();
        let end = stream::<()>(13, |levels, coefficient| {
            let tree = Tree::from_canonical(levels);
            let size = tree.size();
            let sign = Rational::from(if size.is_multiple_of(2) { 1 } else { -1 });
            let linear = &(coefficient * &sign) * &tree.symmetry();
            sum += &linear;
            sums_seen.truncate(size);
            sums_seen.push(sum.clone());
            if tree.is_principal() {
                assert_eq!(coefficient, &Rational::new(-1, i64::try_from(size).unwrap()));
            }
            if levels.iter().all(|&l| l <= 1) {
                corollas.push(linear);
            }
            ControlFlow::Continue(())
        });
        assert!(end.is_continue());
        for (size, n, d) in sums {
            assert_eq!(sums_seen[size], Rational::new(n, d), "size {size}");
        }
        assert_eq!(corollas[..11], bernoulli.map(|(n, d)| Rational::new(n, d)));
    }

    /// Twenty million trees, a minute: `cargo test --release -- --ignored size_twenty`.
    #[test]
    #[ignore = "takes a minute"]
    fn size_twenty_is_right() {
        let (mut visited, mut tall, mut corolla) = (0_u64, None, None);
        // All trees in one number for each size.
        let mut julia = vec![Rational::ZERO; 20];
        let end = stream::<()>(19, |levels, coefficient| {
            visited += 1;
            let size = levels.len();
            if levels.windows(2).all(|w| w[1] == w[0] + 1) {
                tall = Some(coefficient.clone());
            }
            if levels.iter().all(|&l| l <= 1) {
                corolla = Some(coefficient.clone());
            }
            let value = y_squared_value(levels);
            if value != 0 {
                julia[size - 1] += &(coefficient * &Rational::from(value));
            }
            ControlFlow::Continue(())
        });
        assert!(end.is_continue());
        assert_eq!(visited, 20_247_374);
        assert_eq!(tall, Some(Rational::new(-1, 20)));
        // B_19 = 0.
        assert_eq!(corolla, Some(Rational::ZERO));
        assert_eq!(julia, solution_of_julias_equation(20));
    }

    #[test]
    fn y_squared_has_known_coefficients() {
        let expected = [(1, 1), (-1, 1), (3, 2), (-8, 3), (31, 6), (-157, 15)].map(|(n, d)| Rational::new(n, d));
        assert_eq!(y_squared(5), expected);
    }

    /// The field `F(x) = Σ c_s x^{s+1}` of the map `x + x²` obeys Julia's equation `F(x + x²) = (1 + 2x) F(x)`, which
    /// determines it up to `c_1 = 1`.
    fn solution_of_julias_equation(size: i64) -> Vec<Rational> {
        let binomial = |n: i64, k: i64| (1..=k).fold(Rational::ONE, |b, i| b * Rational::new(n - i + 1, i));
        // At x^{s+2}: Σ_{r≤s+1} c_r C(r+1, s+1−r) = c_{s+1} + 2 c_s.
        let mut coefficients = vec![Rational::ONE];
        for s in 2..=size {
            let known = (1_i64..).zip(&coefficients).map(|(r, c)| c * &binomial(r + 1, s + 1 - r)).sum::<Rational>();
            coefficients.push(-known / Rational::from(s - 1));
        }
        coefficients
    }

    #[test]
    fn y_squared_solves_julias_equation_to_size_sixteen() {
        assert_eq!(y_squared(15), solution_of_julias_equation(16));
    }
}
