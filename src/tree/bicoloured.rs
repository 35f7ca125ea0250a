//! Trees with two kinds of node: P-series of partitioned systems.

use super::{BSeries, TreeFamily};
use crate::number::{Coefficient, Rational};
use std::sync::Arc;

/// A P-series: a [`BSeries`] over trees of two colours, for a system `ṗ = f(p, q)`, `q̇ = g(p, q)`.
///
/// A node of colour 0 is a derivative of `f`, one of colour 1 of `g`, and its children say along what; trees whose root
/// has colour 0 make up the first component, the others the second (Hairer, Lubich & Wanner, GNI, III.2). Every operation
/// of [`BSeries`] applies: composition, exact flow, modified equation, substitution.
///
/// ```
/// use shadowflow::number::Rational;
/// use shadowflow::tree::{PSeries, TreeFamily, symplectic_euler};
/// use std::sync::Arc;
/// let family = Arc::new(TreeFamily::bicoloured(3));
/// let step: PSeries = symplectic_euler(&family);
/// let field = step.modified_equation();
/// // ṗ = −U'(q), q̇ = T'(p): the first correction of q̇ is −h/2 T''U', one of ṗ is +h/2 U''T'.
/// let number = |root, child| family.position(&[(0, root), (1, child)]).unwrap();
/// assert_eq!(field.values()[number(1, 0)], Rational::new(1, 2));
/// assert_eq!(field.values()[number(0, 1)], Rational::new(-1, 2));
/// ```
pub type PSeries<C = Rational> = BSeries<C>;

impl TreeFamily {
    /// All trees with at most `size` nodes in two colours.
    ///
    /// # Panics
    /// As [`TreeFamily::new`].
    #[must_use]
    pub fn bicoloured(size: usize) -> Self {
        Self::new(size, 2)
    }

    /// The number of rooted trees with `size` nodes in `colours` colours, or `None` where `u128` does not hold it.
    ///
    /// ```
    /// use shadowflow::tree::TreeFamily;
    /// assert_eq!(TreeFamily::count(10, 2), Some(433_196));
    /// assert_eq!(TreeFamily::count(12, 1), shadowflow::tree::count(12));
    /// ```
    #[must_use]
    pub fn count(size: usize, colours: u8) -> Option<u128> {
        // c times Euler's transform: n a(n+1) = Σ_{k=1}^{n} (Σ_{d|k} d a(d)) a(n−k+1).
        let mut counts: Vec<u128> = vec![0, u128::from(colours)];
        let mut divisor_sums: Vec<u128> = vec![0];
        for n in 1..size {
            let mut sum = 0_u128;
            for d in (1..=n).filter(|d| n % d == 0) {
                sum = sum.checked_add(counts[d].checked_mul(d as u128)?)?;
            }
            divisor_sums.push(sum);
            let mut total = 0_u128;
            for k in 1..=n {
                total = total.checked_add(divisor_sums[k].checked_mul(counts[n - k + 1])?)?;
            }
            counts.push(total / n as u128);
        }
        counts.get(size).copied()
    }
}

/// The symplectic Euler method, `p⁺ = p + h f(p⁺, q)`, `q⁺ = q + h g(p⁺, q)` (GNI, I.1.2).
///
/// # Panics
/// If the family does not have two colours.
#[must_use]
pub fn symplectic_euler<C: Coefficient>(family: &Arc<TreeFamily>) -> PSeries<C> {
    let one = [C::one()];
    BSeries::runge_kutta(family, &[(&[vec![C::one()]], &one), (&[vec![C::zero()]], &one)])
}

/// The Störmer–Verlet method, half a step of [`symplectic_euler`] and half a step of its adjoint (GNI, I.1.4).
///
/// # Panics
/// If the family does not have two colours.
#[must_use]
pub fn stormer_verlet<C: Coefficient>(family: &Arc<TreeFamily>) -> PSeries<C> {
    let half = symplectic_euler::<C>(family).with_step(&Rational::new(1, 2));
    // The adjoint of half a step, `(Φ_{−h/2})⁻¹`.
    half.compose(&half.adjoint())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nodes, numerator and denominator.
    type Expected = (&'static [(u8, u8)], i64, i64);

    fn q(n: i64, d: i64) -> Rational {
        Rational::new(n, d)
    }

    /// `H̃ = T + U − h/2 T'U' + h²/12 (T''U'² + U''T'²) − h³/12 T'T''U'U''` for `H = T(p) + U(q)`, from the formula of
    /// Baker, Campbell & Hausdorff, and its Hamiltonian field by hand. For a harmonic oscillator it is the expansion of
    /// `(2/h) arcsin(h/2)/√(1−h²/4) (p² + q² − h p q)/2`.
    #[test]
    fn symplectic_euler_has_the_known_modified_hamiltonian() {
        let family = Arc::new(TreeFamily::bicoloured(4));
        let field = symplectic_euler::<Rational>(&family).modified_equation();
        // T' = g and −U' = f: only edges between different colours matter. 0 is p, 1 is q.
        let expected: &[Expected] = &[
            (&[(0, 0)], 1, 1),
            (&[(0, 1)], 1, 1),
            (&[(0, 1), (1, 0)], 1, 2),
            (&[(0, 0), (1, 1)], -1, 2),
            // q̇ gets h²/12 (T'''U'² + 2 U''T'T''), ṗ gets −h²/12 (2 T''U'U'' + U'''T'²).
            (&[(0, 1), (1, 0), (1, 0)], 1, 6),
            (&[(0, 1), (1, 0), (2, 1)], -1, 6),
            (&[(0, 0), (1, 1), (1, 1)], 1, 6),
            (&[(0, 0), (1, 1), (2, 0)], -1, 6),
            // q̇ gets −h³/12 U'U'' (T''² + T'T'''), ṗ gets h³/12 T'T'' (U''² + U'U''').
            (&[(0, 1), (1, 0), (2, 1), (3, 0)], -1, 12),
            (&[(0, 1), (1, 0), (2, 1), (1, 0)], -1, 12),
            (&[(0, 1), (1, 0), (1, 0), (1, 0)], 0, 1),
            (&[(0, 1), (1, 0), (2, 1), (2, 1)], 0, 1),
            (&[(0, 0), (1, 1), (2, 0), (3, 1)], 1, 12),
            (&[(0, 0), (1, 1), (2, 0), (1, 1)], 1, 12),
            (&[(0, 0), (1, 1), (1, 1), (1, 1)], 0, 1),
            (&[(0, 0), (1, 1), (2, 0), (2, 0)], 0, 1),
        ];
        for (nodes, n, d) in expected {
            // T'' U' appears as T''·(−f) and so on: signs are in the elementary differentials, values as they stand.
            let number = family.position(nodes).unwrap_or_else(|| panic!("{nodes:?}"));
            assert_eq!(field.values()[number], q(*n, *d), "{nodes:?}");
        }
        let separable = |n: usize| {
            let nodes = family.nodes(n);
            (1..nodes.len()).all(|i| {
                let parent = nodes[..i].iter().rposition(|p| p.0 + 1 == nodes[i].0).unwrap();
                nodes[parent].1 != nodes[i].1
            })
        };
        assert_eq!((0..family.len()).filter(|&n| separable(n)).count(), expected.len());
    }

    #[test]
    fn operations_hold_for_two_colours() {
        let family = Arc::new(TreeFamily::bicoloured(5));
        let exact = BSeries::<Rational>::exact_flow(&family);
        let step = symplectic_euler::<Rational>(&family);
        assert_eq!(BSeries::field(&family).exponential(), exact);
        assert_eq!(step.compose(&step.inverse()), BSeries::identity(&family));
        assert_eq!(exact.substituted_for(&step), Some(step.logarithm()));
        assert_eq!(step.logarithm().exponential(), step);
        assert_eq!(step.modifying_integrator().unwrap().substitute(&step), exact);
        let verlet = stormer_verlet::<Rational>(&family);
        assert_eq!((step.order(), verlet.order()), (Some(1), Some(2)));
        assert_eq!(verlet.adjoint(), verlet);
        // GNI, VI.3: both are symplectic; Euler's methods for both parts alike are not.
        let (none, one) = (vec![Rational::ZERO], vec![Rational::ONE]);
        let pair = |p: &Vec<Rational>, q: &Vec<Rational>| {
            let (p, q) = ([p.clone()], [q.clone()]);
            BSeries::runge_kutta(&family, &[(&p, &one), (&q, &one)]).is_symplectic()
        };
        assert!(step.is_symplectic() && verlet.is_symplectic() && exact.is_symplectic());
        assert_eq!(
            [pair(&one, &none), pair(&none, &one), pair(&none, &none), pair(&one, &one)],
            [true, true, false, false]
        );
    }

    /// One method for both components knows no colours.
    #[test]
    fn equal_tableaux_give_the_series_of_one_colour() {
        let (one, two) = (Arc::new(TreeFamily::new(5, 1)), Arc::new(TreeFamily::bicoloured(5)));
        let (a, b) = ([vec![], vec![q(2, 3)]], [q(1, 4), q(3, 4)]);
        let plain = BSeries::runge_kutta(&one, &[(&a, &b)]).logarithm();
        let partitioned = BSeries::runge_kutta(&two, &[(&a, &b), (&a, &b)]).logarithm();
        for n in 0..two.len() {
            let levels: Vec<u8> = two.nodes(n).iter().map(|&(l, _)| l).collect();
            let tree = crate::tree::Tree::from_levels(&levels).unwrap();
            assert_eq!(Some(&partitioned.values()[n]), plain.coefficient(&tree).as_ref());
        }
    }

    #[test]
    fn counts_are_those_of_the_family() {
        let family = TreeFamily::bicoloured(6);
        for n in 0..=6 {
            assert_eq!(TreeFamily::count(n, 2), Some(family.of_size(n).len() as u128));
        }
        assert_eq!(TreeFamily::count(500, 2), None);
    }
}
