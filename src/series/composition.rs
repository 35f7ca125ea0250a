//! The modified equation of any optimizer, by composing its flow with an infinitesimal step.

use super::{ModifiedEquation, Term};
use crate::budget::{Counted, tick};
use crate::number::{Coefficient, Rational, Scalar};
use crate::optimizer::{Recurrence, RecurrenceError};
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
/// of [`TreeIndex`].
///
/// # Errors
/// Any [`RecurrenceError`].
///
/// # Panics
/// If `order > 254`.
pub(crate) fn composition<C: Coefficient + Into<Scalar>>(
    recurrence: &Recurrence<C>,
    order: usize,
) -> Result<ModifiedEquation, RecurrenceError> {
    let inverse_slope = recurrence.validate()?;
    let index = TreeIndex::up_to(order + 1);
    let mut state = State::new(recurrence, &index);
    let counted = Counted::begin("trees", index.len() as u64);
    for number in 0..index.len() {
        counted.advance(1);
        state.solve(number, &inverse_slope);
    }
    let symmetry = symmetries(&index);
    let field = &state.field;
    let terms = |size: usize| {
        let numbers = index.of_size(size).filter(|&n| !field[n].is_zero());
        numbers
            .map(|n| Term {
                tree: index.tree(n),
                coefficient: field[n].scaled(&symmetry[n].recip().unwrap_or(Rational::ONE)).into(),
            })
            .collect()
    };
    Ok(ModifiedEquation {
        method: recurrence.method.clone(),
        symbols: recurrence.symbols.clone(),
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
            tick();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::Optimizer;
    use crate::optimizer::testing::numbers;
    use crate::series::order_polynomials;
    use crate::tree::Tree;

    type Expected<'a> = &'a [&'a [(&'a [u8], i64, i64)]];

    fn assert_terms(recurrence: &Recurrence, expected: Expected) {
        let equation = composition(recurrence, expected.len() - 1).unwrap();
        for (n, (terms, expected)) in equation.orders.iter().zip(expected).enumerate() {
            let terms: Vec<_> = terms.iter().map(|t| (t.tree.levels(), t.coefficient.clone())).collect();
            let expected: Vec<_> = expected.iter().map(|&(tree, n, d)| (tree, Rational::new(n, d).into())).collect();
            assert_eq!(terms, expected, "f_{n} of {}", recurrence.method);
        }
    }

    /// A third route for gradient descent: all trees with at most nine nodes.
    #[test]
    fn gradient_descent_agrees_with_the_closed_form() {
        let recurrence: Recurrence = Recurrence::gradient_descent();
        assert_eq!(composition(&recurrence, 8), Ok(order_polynomials(8)));
        // Without momentum the others are gradient descent.
        for optimizer in [Optimizer::HeavyBall, Optimizer::Nesterov] {
            let equation = composition(&numbers(&optimizer, &Rational::ZERO), 6).unwrap();
            assert_eq!(equation.orders, order_polynomials(6).orders);
        }
    }

    #[test]
    fn heavy_ball() {
        assert_terms(
            &numbers(&Optimizer::HeavyBall, &Rational::new(9, 10)),
            &[
                &[(&[0], -10, 1)],
                &[(&[0, 1], -950, 1)],
                &[(&[0, 1, 2], -541_000, 3), (&[0, 1, 1], -270_250, 3)],
                &[
                    (&[0, 1, 2, 3], -42_797_500, 1),
                    (&[0, 1, 2, 2], -76_997_500, 3),
                    (&[0, 1, 2, 1], -128_297_500, 3),
                    (&[0, 1, 1, 1], -8_550_000, 1),
                ],
            ],
        );
    }

    #[test]
    fn nesterov() {
        assert_terms(
            &numbers(&Optimizer::Nesterov, &Rational::new(1, 2)),
            &[
                &[(&[0], -2, 1)],
                &[(&[0, 1], -4, 1)],
                &[(&[0, 1, 2], -50, 3), (&[0, 1, 1], -35, 3)],
                &[(&[0, 1, 2, 3], -92, 1), (&[0, 1, 2, 2], -194, 3), (&[0, 1, 2, 1], -428, 3), (&[0, 1, 1, 1], -34, 1)],
            ],
        );
    }

    /// Implicit Euler is the adjoint of gradient descent: `f_n` has the opposite sign for odd n.
    #[test]
    fn implicit_euler_is_adjoint_to_gradient_descent() {
        let equation = composition(&numbers(&Optimizer::ImplicitEuler, &Rational::ZERO), 7).unwrap();
        let mut expected = order_polynomials(7).orders;
        for terms in expected.iter_mut().skip(1).step_by(2) {
            for term in terms {
                term.coefficient = term.coefficient.negated();
            }
        }
        assert_eq!(equation.orders, expected);
    }

    #[test]
    fn midpoint() {
        let a = [vec![], vec![Rational::new(1, 2)]];
        let midpoint = Recurrence::runge_kutta("midpoint", &a, &[Rational::ZERO, Rational::ONE]).unwrap();
        assert_terms(
            &midpoint,
            &[
                &[(&[0], -1, 1)],
                &[],
                &[(&[0, 1, 2], 1, 6), (&[0, 1, 1], 1, 24)],
                &[(&[0, 1, 2, 3], 1, 8), (&[0, 1, 2, 2], 1, 16)],
            ],
        );
    }

    #[test]
    fn classical_runge_kutta_is_of_order_four() {
        let (zero, half) = (Rational::ZERO, Rational::new(1, 2));
        let a = [vec![], vec![half.clone()], vec![zero.clone(), half], vec![zero.clone(), zero, Rational::ONE]];
        let b = [(1, 6), (1, 3), (1, 3), (1, 6)].map(|(n, d)| Rational::new(n, d));
        let rk4 = Recurrence::runge_kutta("rk4", &a, &b).unwrap();
        let equation = composition(&rk4, 4).unwrap();
        assert!(equation.orders[1..4].iter().all(Vec::is_empty));
        // log R(−z)/z with R(x) = 1 + x + x²/2 + x³/6 + x⁴/24: the missing −z⁵/120 comes back with the other sign.
        assert_eq!(equation.coefficient(&Tree::tall(4)), Rational::new(1, 120).into());
    }

    #[test]
    fn momentum_stays_symbolic() {
        let corolla = Tree::from_levels(&[0, 1, 1]).unwrap();
        let cases = [
            (Optimizer::HeavyBall, Tree::leaf(), "-1/(1-m)"),
            (Optimizer::HeavyBall, Tree::tall(1), "-(1+m)/(2*(1-m)^3)"),
            (Optimizer::Nesterov, Tree::leaf(), "-1/(1-m)"),
            (Optimizer::Nesterov, Tree::tall(1), "-(1-m+2*m^2)/(2*(1-m)^3)"),
            (Optimizer::Nesterov, corolla, "-(1+4*m+7*m^2-6*m^3+6*m^4)/(12*(1-m)^5)"),
        ];
        for (optimizer, tree, text) in cases {
            let recurrence = optimizer.bind(&[]).unwrap().fractions().unwrap();
            let equation = composition(&recurrence, 2).unwrap();
            assert_eq!(equation.coefficient(&tree).to_string(), text, "{optimizer} at {tree:?}");
        }
    }

    /// A number put in before the derivation or after it gives the same.
    #[test]
    fn evaluation_commutes_with_derivation() {
        let m = Rational::new(-2, 5);
        for optimizer in [Optimizer::HeavyBall, Optimizer::Nesterov] {
            let symbols = optimizer.bind(&[]).unwrap().fractions().unwrap();
            let symbolic = composition(&symbols, 5).unwrap();
            let numeric = composition(&numbers(&optimizer, &m), 5).unwrap();
            for (symbolic, numeric) in symbolic.orders.iter().zip(&numeric.orders) {
                assert_eq!(symbolic.len(), numeric.len());
                for (s, n) in symbolic.iter().zip(numeric) {
                    let value = s.coefficient.to_fraction().evaluate(&|_| Some(m.clone()));
                    assert_eq!((&s.tree, value.map(Scalar::from)), (&n.tree, Ok(n.coefficient.clone())));
                }
            }
        }
    }

    #[test]
    fn a_recurrence_without_a_flow_is_refused() {
        let mut recurrence = numbers(&Optimizer::HeavyBall, &Rational::ZERO);
        recurrence.left = vec![(1, Rational::ONE), (0, Rational::from(-2)), (-1, Rational::ONE)];
        let error = composition(&recurrence, 3);
        assert!(matches!(error, Err(RecurrenceError::Singular { .. })));
    }
}
