//! Route 2: gradient descent's modified equation in closed form, one rooted tree at a time.

use super::{ModifiedEquation, Optimizer, Term};
use crate::number::Rational;
use crate::tree::{TreeIndex, linear_coefficients, symmetries};

/// The largest order at which callers should ask for all trees: 235,381 terms and about 100 MB at order 15, and three
/// times as much for every order more.
pub const MAX_TREE_ORDER: usize = 16;

/// The modified equation `f_0, …, f_order` of gradient descent from the order polynomials of trees.
///
/// The coefficient of `τ` in `f_{|τ|−1}` is `(−1)^{|τ|} b(τ)/σ(τ)`, where `b(τ) = [n¹] Ω(τ; n)` is the linear coefficient of
/// the strict order polynomial and `σ` the symmetry; the sign turns `f = −g` into derivatives of `E`. See
/// [`linear_coefficients`]. The number of trees grows as `2.96^order`; [`MAX_TREE_ORDER`] is where memory runs out.
///
/// ```
/// use shadowflow::bea::modified_equation_by_trees;
/// use shadowflow::number::Rational;
/// use shadowflow::tree::Tree;
/// let equation = modified_equation_by_trees(2);
/// assert_eq!(equation.coefficient(&Tree::tall(2)), Rational::new(-1, 3));
/// assert_eq!(equation.coefficient(&Tree::from_levels(&[0, 1, 1]).unwrap()), Rational::new(-1, 12));
/// ```
///
/// # Panics
/// If `order > 254`.
#[must_use]
pub fn modified_equation_by_trees(order: usize) -> ModifiedEquation<Rational> {
    let index = TreeIndex::up_to(order + 1);
    let (linear, symmetry) = (linear_coefficients(&index), symmetries(&index));
    let orders = (1..=order + 1)
        .map(|size| {
            // By descending level sequence, the tall tree first: the order that outputs show.
            let numbers = index.of_size(size).filter(|&n| !linear[n].is_zero());
            numbers
                .map(|n| {
                    let magnitude = &linear[n] / &symmetry[n];
                    let coefficient = if size % 2 == 0 { magnitude } else { -magnitude };
                    Term { tree: index.tree(n), coefficient }
                })
                .collect()
        })
        .collect();
    ModifiedEquation { method: Optimizer::GradientDescent.to_string(), symbols: Vec::new(), orders }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;

    fn assert_order(equation: &ModifiedEquation, order: usize, expected: &[(&[u8], i64, i64)]) {
        let terms: Vec<Term> = expected
            .iter()
            .map(|&(levels, n, d)| Term { tree: Tree::from_levels(levels).unwrap(), coefficient: Rational::new(n, d) })
            .collect();
        assert_eq!(equation.orders[order], terms, "f_{order}");
    }

    #[test]
    fn first_orders() {
        let equation = modified_equation_by_trees(4);
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
        let counts: Vec<usize> = modified_equation_by_trees(7).orders.iter().map(Vec::len).collect();
        assert_eq!(counts, [1, 1, 2, 3, 9, 16, 48, 103]);
    }

    #[test]
    fn terms_are_in_output_order() {
        for terms in modified_equation_by_trees(8).orders {
            assert_eq!(ModifiedEquation::sorted(terms.clone()), terms);
        }
    }

    /// For `y' = y²`, gradient descent's `g = −y²` in one dimension, a node with k children is the k-th derivative of `y²`.
    #[test]
    fn one_dimension_y_squared() {
        let expected = [(1, 1), (-1, 1), (3, 2), (-8, 3), (31, 6), (-157, 15)];
        let equation = modified_equation_by_trees(5);
        for (terms, (n, d)) in equation.orders.iter().zip(expected) {
            let value = |tree: &Tree| {
                let levels = tree.levels();
                let children = |node: usize| {
                    let below = levels[node + 1..].iter().take_while(|&&l| l > levels[node]);
                    below.filter(|&&l| l == levels[node] + 1).count()
                };
                let derivatives = [1, 2, 2];
                (0..levels.len()).map(|i| -derivatives.get(children(i)).copied().unwrap_or(0)).product::<i64>()
            };
            let sum: Rational = terms.iter().map(|t| &t.coefficient * &Rational::from(value(&t.tree))).sum();
            assert_eq!(sum, Rational::new(n, d));
        }
    }
}
