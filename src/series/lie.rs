//! Route 4: gradient descent's modified equation from Lie derivatives.

use super::{ModifiedEquation, Term};
use crate::number::Rational;
use crate::optimizer::Optimizer;
use crate::tree::{BSeries, Tree, TreeSeries};

/// The modified equation `f_0, …, f_order` of gradient descent from the Lie series of its flow.
///
/// The flow of `f̃ = Σ h^k f_k` over one step is `θ + Σ_{i≥1} h^i/i! D̃^{i−1} f̃` with `D̃ = Σ h^k D_k`, `D_k u = u′ f_k`.
/// Where gradient descent has no term, `j ≥ 1`, the coefficient of `h^{j+1}` gives
///
/// ```text
/// f_j = − Σ_{i=2}^{j+1} 1/i! Σ_{k_1+…+k_i = j+1−i} D_{k_1} … D_{k_{i−1}} f_{k_i}
/// ```
///
/// (Hairer, Lubich & Wanner, *Geometric Numerical Integration*, IX.1), computed on elementary differentials, where `D_k`
/// grafts the trees of `f_k` onto every node. Nothing is shared with the order polynomials but the type of a tree.
///
/// # Panics
/// If `order > 254`.
pub(crate) fn lie_derivatives(order: usize) -> ModifiedEquation {
    let step =
        |j: usize| if j == 0 { TreeSeries::single(Tree::leaf(), Rational::MINUS_ONE) } else { TreeSeries::new() };
    from_step(Optimizer::GradientDescent.name(), step, order)
}

/// The same of any method whose step is a B-series in `f = −g`, to the order that its truncation gives: the coefficient
/// `d_j` of `h^{j+1}` in the step is added to the formula for `f_j`.
///
/// # Panics
/// If the series is over trees of several colours.
pub(crate) fn lie_derivatives_of_step(method: &str, step: &BSeries) -> ModifiedEquation {
    assert_eq!(step.family().colours(), 1, "a gradient has nodes of one colour");
    let equation = ModifiedEquation::from_field(method, step);
    let coefficient = |j: usize| {
        let mut series = TreeSeries::new();
        for term in equation.orders.get(j).into_iter().flatten() {
            series.add_term(term.tree.clone(), &term.coefficient.to_rational().unwrap_or_default());
        }
        series
    };
    from_step(method, coefficient, step.family().max_size().saturating_sub(1))
}

fn from_step(method: &str, step: impl Fn(usize) -> TreeSeries, order: usize) -> ModifiedEquation {
    let mut fields: Vec<TreeSeries> = vec![step(0)];
    // powers[i][m] is the coefficient of h^m in D̃^i f̃, that is Σ D_{k_1} … D_{k_i} f_{k_{i+1}} over k_1 + … = m.
    let mut powers: Vec<Vec<TreeSeries>> = vec![fields.clone()];
    for j in 1..=order {
        let mut field = step(j);
        let mut reciprocal_factorial = Rational::ONE;
        powers.push(Vec::new());
        for i in 1..=j {
            let m = j - i;
            let mut power = TreeSeries::new();
            for k in 0..=m {
                power.add(&powers[i - 1][m - k].lie_derivative(&fields[k]));
            }
            let divisor = Rational::from(i64::try_from(i + 1).unwrap_or(i64::MAX));
            reciprocal_factorial = &reciprocal_factorial / &divisor;
            field.add(&power.scaled(&-&reciprocal_factorial));
            powers[i].push(power);
        }
        powers[0].push(field.clone());
        fields.push(field);
    }
    let terms = |field: &TreeSeries| {
        ModifiedEquation::sorted(
            field.iter().map(|(tree, c)| Term { tree: tree.clone(), coefficient: c.clone().into() }).collect(),
        )
    };
    ModifiedEquation { orders: fields.iter().map(terms).collect(), ..ModifiedEquation::new(method) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::order_polynomials;

    #[test]
    fn first_orders() {
        let equation = lie_derivatives(3);
        let expected: [&[(&[u8], i64, i64)]; 4] = [
            &[(&[0], -1, 1)],
            &[(&[0, 1], -1, 2)],
            &[(&[0, 1, 2], -1, 3), (&[0, 1, 1], -1, 12)],
            &[(&[0, 1, 2, 3], -1, 4), (&[0, 1, 2, 2], -1, 12), (&[0, 1, 2, 1], -1, 12)],
        ];
        for (terms, expected) in equation.orders.iter().zip(expected) {
            let terms: Vec<_> = terms.iter().map(|t| (t.tree.levels(), t.coefficient.clone())).collect();
            let expected: Vec<_> =
                expected.iter().map(|&(levels, n, d)| (levels, Rational::new(n, d).into())).collect();
            assert_eq!(terms, expected);
        }
    }

    /// All trees with at most nine nodes.
    #[test]
    fn agrees_with_the_closed_form() {
        assert_eq!(lie_derivatives(8), order_polynomials(8));
    }
}
