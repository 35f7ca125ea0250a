//! B-series as values: truncated, with exact coefficients.

mod cuts;

use self::cuts::{CutTable, Cuts};
use super::{Tree, TreeFamily};
use crate::budget::tick;
use crate::number::{Coefficient, Rational};
use std::sync::Arc;

/// A B-series, truncated at the largest size of its family of trees, in the normalisation
///
/// ```text
/// B(a, y) = a(∅) y + Σ_τ h^{|τ|} a(τ)/σ(τ) F(τ)(y)
/// ```
///
/// where `F(τ)` is the elementary differential of the field `f` of `ẏ = f(y)` (Hairer, Lubich & Wanner, *Geometric
/// Numerical Integration*, III.1.2): one step of a method has `a(∅) = 1`, a vector field times h has `a(∅) = 0`. The exact
/// flow has `a(τ) = 1/γ(τ)`. For gradient flow, `f = −g`, the coefficient of a tree written in derivatives of `E` is
/// `(−1)^{|τ|} a(τ)/σ(τ)`. Over a family with two colours it is a P-series, one component of the field for each colour.
///
/// Binary operations take series over equal families.
///
/// ```
/// use shadowflow::number::Rational;
/// use shadowflow::tree::{BSeries, Tree, TreeFamily};
/// use std::sync::Arc;
/// let family = Arc::new(TreeFamily::new(5, 1));
/// let euler = BSeries::<Rational>::explicit_euler(&family);
/// let field = euler.logarithm();
/// assert_eq!(field.coefficient(&Tree::tall(2)), Some(Rational::new(1, 3)));
/// assert_eq!(field.exponential(), euler);
/// assert_eq!(euler.compose(&euler.inverse()), BSeries::identity(&family));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BSeries<C = Rational> {
    family: Arc<TreeFamily>,
    empty: C,
    values: Vec<C>,
}

impl<C: Coefficient> BSeries<C> {
    /// The series with `a(∅) = empty` and `a(τ)` for the tree with each number.
    #[must_use]
    pub fn from_fn(family: &Arc<TreeFamily>, empty: C, value: impl FnMut(usize) -> C) -> Self {
        Self { family: family.clone(), empty, values: (0..family.len()).map(value).collect() }
    }

    /// The map that does nothing.
    #[must_use]
    pub fn identity(family: &Arc<TreeFamily>) -> Self {
        Self::from_fn(family, C::one(), |_| C::zero())
    }

    /// The field `h f` itself.
    #[must_use]
    pub fn field(family: &Arc<TreeFamily>) -> Self {
        Self::from_fn(family, C::zero(), |n| if family.size(n) == 1 { C::one() } else { C::zero() })
    }

    /// The exact flow over time h, `a(τ) = 1/γ(τ)`.
    #[must_use]
    pub fn exact_flow(family: &Arc<TreeFamily>) -> Self {
        Self::from_fn(family, C::one(), |n| reciprocal(family.density(n)))
    }

    /// One step `y + h f(y)`; gradient descent.
    #[must_use]
    pub fn explicit_euler(family: &Arc<TreeFamily>) -> Self {
        Self { empty: C::one(), ..Self::field(family) }
    }

    /// One step of a partitioned Runge–Kutta method: for each colour the matrix `A` by rows and the weights `b`, all with
    /// the same number of stages; one tableau for all colours is an ordinary method. `a(τ)` is the elementary weight
    /// (GNI, III.1.1): `Σ_i b_i g_i(τ)`, `g_i(u∘v) = g_i(u) Σ_j a_ij g_j(v)`. Short rows are filled with zeros.
    ///
    /// # Panics
    /// If there is no tableau, or neither one nor one for each colour.
    #[must_use]
    pub fn runge_kutta(family: &Arc<TreeFamily>, tableaux: &[(&[Vec<C>], &[C])]) -> Self {
        assert!(
            tableaux.len() == 1 || tableaux.len() == usize::from(family.colours()),
            "{} tableaux for {} colours",
            tableaux.len(),
            family.colours()
        );
        let stages = tableaux.iter().map(|(a, b)| a.len().max(b.len())).max().unwrap_or(0);
        let tableau = |n: usize| tableaux[usize::from(family.colour(n)).min(tableaux.len() - 1)];
        let dot = |row: &[C], g: &[C]| row.iter().zip(g).fold(C::zero(), |s, (a, g)| s.plus(&a.times(g)));
        // g_i of each tree, and Σ_j a_ij g_j.
        let mut stage: Vec<Vec<C>> = Vec::with_capacity(family.len());
        let mut inner: Vec<Vec<C>> = Vec::with_capacity(family.len());
        let value = |n: usize| {
            let (a, b) = tableau(n);
            let g: Vec<C> = match family.split(n) {
                None => vec![C::one(); stages],
                Some((u, v)) => stage[u].iter().zip(&inner[v]).map(|(g, s)| g.times(s)).collect(),
            };
            let empty = Vec::new();
            inner.push((0..stages).map(|i| dot(a.get(i).unwrap_or(&empty), &g)).collect());
            let value = dot(b, &g);
            stage.push(g);
            value
        };
        Self::from_fn(family, C::one(), value)
    }

    /// The family of trees.
    #[must_use]
    pub fn family(&self) -> &Arc<TreeFamily> {
        &self.family
    }

    /// `a(∅)`.
    #[must_use]
    pub fn empty(&self) -> &C {
        &self.empty
    }

    /// `a(τ)` by number.
    #[must_use]
    pub fn values(&self) -> &[C] {
        &self.values
    }

    /// `a(τ)` of a tree of one colour; `None` beyond the truncation.
    #[must_use]
    pub fn coefficient(&self, tree: &Tree) -> Option<C> {
        let nodes: Vec<(u8, u8)> = tree.levels().iter().map(|&level| (level, 0)).collect();
        self.family.position(&nodes).map(|n| self.values[n].clone())
    }

    /// The series with every value mapped into another ring; `None` where one has no image.
    #[must_use]
    pub fn map<D: Coefficient>(&self, image: impl Fn(&C) -> Option<D>) -> Option<BSeries<D>> {
        let values = self.values.iter().map(&image).collect::<Option<_>>()?;
        Some(BSeries { family: self.family.clone(), empty: image(&self.empty)?, values })
    }

    /// The series with step size `q h`.
    #[must_use]
    pub fn with_step(&self, q: &Rational) -> Self {
        let powers: Vec<Rational> =
            std::iter::successors(Some(Rational::ONE), |p| Some(p * q)).take(self.family.max_size() + 1).collect();
        Self::from_fn(&self.family, self.empty.clone(), |n| self.values[n].scaled(&powers[self.family.size(n)]))
    }

    /// `self + q other`.
    #[must_use]
    pub fn plus(&self, other: &Self, q: &Rational) -> Self {
        self.check(other);
        let empty = self.empty.plus(&other.empty.scaled(q));
        Self::from_fn(&self.family, empty, |n| self.values[n].plus(&other.values[n].scaled(q)))
    }

    /// The composition `self·after`, first this map and then the other: `B(after, B(self, y))`.
    ///
    /// `(a·b)(τ) = b(∅) a(τ) + Σ_s b(s) Π a(τ∖s)` over the subtrees s of τ that hold its root (GNI, III.1.4).
    ///
    /// # Panics
    /// If this series is no map, `a(∅) ≠ 1`, or over another family.
    #[must_use]
    pub fn compose(&self, after: &Self) -> Self {
        self.check(after);
        self.assert_map();
        CutTable::new(self, Cuts::Any).apply(self, after)
    }

    /// The inverse map, `a·a⁻¹` the identity.
    ///
    /// # Panics
    /// If this series is no map.
    #[must_use]
    pub fn inverse(&self) -> Self {
        self.assert_map();
        let table = CutTable::new(self, Cuts::Any);
        let mut values: Vec<C> = Vec::with_capacity(self.values.len());
        for n in 0..self.values.len() {
            tick();
            let known = table.row(n).iter().filter(|(s, _)| (*s as usize) < n);
            let sum = known.fold(self.values[n].clone(), |sum, (s, c)| sum.plus(&values[*s as usize].times(c)));
            values.push(sum.negated());
        }
        Self { family: self.family.clone(), empty: C::one(), values }
    }

    /// The adjoint method, `(Φ_{−h})⁻¹`.
    ///
    /// # Panics
    /// If this series is no map.
    #[must_use]
    pub fn adjoint(&self) -> Self {
        self.with_step(&Rational::MINUS_ONE).inverse()
    }

    /// The field `h f̃` whose exact flow is this map: `log a = Σ_k (−1)^{k+1}/k (a − 1)^k` in powers of the composition,
    /// which end at the truncation. This is the modified equation of the method.
    ///
    /// # Panics
    /// If this series is no map.
    #[must_use]
    pub fn logarithm(&self) -> Self {
        self.assert_map();
        let table = CutTable::new(self, Cuts::Proper);
        // (a − 1)^k vanishes on trees with fewer than k nodes.
        let mut power = Self { empty: C::zero(), ..self.clone() };
        let mut sum = power.clone();
        for k in 2..=self.family.max_size() {
            power = table.advance(&power, k);
            let whole = i64::try_from(k).unwrap_or(i64::MAX);
            sum = sum.plus(&power, &Rational::new(if k % 2 == 0 { -1 } else { 1 }, whole));
        }
        sum
    }

    /// The modified equation of a method, its [`logarithm`](Self::logarithm).
    ///
    /// # Panics
    /// If this series is no map.
    #[must_use]
    pub fn modified_equation(&self) -> Self {
        self.logarithm()
    }

    /// The exact flow over time h of this field: `exp b = Σ_k b^k/k!` in Lie derivatives.
    ///
    /// # Panics
    /// If this series is no field, `a(∅) ≠ 0`.
    #[must_use]
    pub fn exponential(&self) -> Self {
        self.assert_field();
        let table = CutTable::new(self, Cuts::One);
        let mut power = self.clone();
        let mut sum = Self { empty: C::one(), ..self.clone() };
        for k in 2..=self.family.max_size() {
            let whole = i64::try_from(k).unwrap_or(i64::MAX);
            power = table.advance(&power, k).scaled(&Rational::new(1, whole));
            sum = sum.plus(&power, &Rational::ONE);
        }
        sum
    }

    /// The field which this method must be given for its steps to be the exact flow of `f`: the modifying integrator,
    /// `b ⋆ a = exact` (Chartier, Hairer & Vilmart 2007, *Numerical integrators based on modified differential equations*).
    /// `None` if the method is inconsistent in a way the ring cannot divide by, `a(•) = 0`.
    ///
    /// # Panics
    /// If this series is no map.
    #[must_use]
    pub fn modifying_integrator(&self) -> Option<Self> {
        self.assert_map();
        self.substituted_for(&Self::exact_flow(&self.family))
    }

    /// The trees with at most `size` nodes at which this method differs from the exact flow, with `a(τ) − 1/γ(τ)`: the
    /// order conditions that fail.
    #[must_use]
    pub fn failed_order_conditions(&self, size: usize) -> Vec<(usize, C)> {
        let end = self.family.of_size(size.min(self.family.max_size())).end;
        let residual =
            |n: usize| self.values[n].plus(&C::from_rational(&-reciprocal::<Rational>(self.family.density(n))));
        (0..end).map(|n| (n, residual(n))).filter(|(_, r)| !r.is_zero()).collect()
    }

    /// The order of the method: all conditions hold for trees of that size. `None` if it is beyond the truncation.
    #[must_use]
    pub fn order(&self) -> Option<usize> {
        let failed = self.failed_order_conditions(self.family.max_size());
        failed.first().map(|(n, _)| self.family.size(*n) - 1)
    }

    /// Whether the map preserves quadratic invariants, as symplectic Runge–Kutta methods do:
    /// `a(u∘v) + a(v∘u) = a(u) a(v)` as far as the truncation goes (GNI, VI.7.1). With two colours, whether it is symplectic for
    /// every Hamiltonian of momenta and positions: that for roots of different colours, and a(τ) the same for both colours of the root
    /// (GNI, VI.7.2).
    #[must_use]
    pub fn is_symplectic(&self) -> bool {
        let (family, two) = (&self.family, self.family.colours() == 2);
        let balanced = |u: usize, v: usize| match (family.product(u, v), family.product(v, u)) {
            (Some(uv), Some(vu)) => self.values[uv].plus(&self.values[vu]) == self.values[u].times(&self.values[v]),
            _ => true,
        };
        let same_root = |n: usize| {
            let mut nodes = family.nodes(n).to_vec();
            nodes[0].1 = 1 - nodes[0].1;
            family.position(&nodes).is_none_or(|other| self.values[other] == self.values[n])
        };
        (0..self.values.len()).all(|u| {
            (!two || same_root(u)) && (0..=u).all(|v| (two && family.colour(u) == family.colour(v)) || balanced(u, v))
        })
    }

    /// Every value times a rational.
    fn scaled(mut self, q: &Rational) -> Self {
        self.empty = self.empty.scaled(q);
        for value in &mut self.values {
            *value = value.scaled(q);
        }
        self
    }

    pub(super) fn check(&self, other: &Self) {
        let same = Arc::ptr_eq(&self.family, &other.family) || self.family == other.family;
        assert!(same, "the series are over different families of trees");
    }

    pub(super) fn assert_map(&self) {
        assert!(self.empty == C::one(), "a method has the coefficient 1 at the empty tree, not {}", self.empty);
    }

    pub(super) fn assert_field(&self) {
        assert!(self.empty.is_zero(), "a field has the coefficient 0 at the empty tree, not {}", self.empty);
    }
}

fn reciprocal<C: Coefficient>(q: &Rational) -> C {
    C::from_rational(&q.recip().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{TreeIndex, linear_coefficients};

    fn rooted(size: usize) -> Arc<TreeFamily> {
        Arc::new(TreeFamily::new(size, 1))
    }

    fn q(n: i64, d: i64) -> Rational {
        Rational::new(n, d)
    }

    fn implicit_midpoint(family: &Arc<TreeFamily>) -> BSeries {
        BSeries::runge_kutta(family, &[(&[vec![q(1, 2)]], &[q(1, 1)])])
    }

    fn rk4(family: &Arc<TreeFamily>) -> BSeries {
        let (o, half) = (Rational::ZERO, q(1, 2));
        let a = [vec![], vec![half.clone()], vec![o.clone(), half], vec![o.clone(), o, Rational::ONE]];
        BSeries::runge_kutta(family, &[(&a, &[q(1, 6), q(1, 3), q(1, 3), q(1, 6)])])
    }

    /// A map with coefficients of no pattern.
    fn arbitrary(family: &Arc<TreeFamily>, seed: i64) -> BSeries {
        BSeries::from_fn(family, Rational::ONE, |n| q((i64::try_from(n).unwrap() + 2) * seed % 11 - 5, 1 + seed % 4))
    }

    fn levels(family: &TreeFamily, levels: &[u8]) -> usize {
        family.position(&levels.iter().map(|&l| (l, 0)).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn composition_is_a_group() {
        let family = rooted(6);
        let (a, b, c) = (arbitrary(&family, 3), arbitrary(&family, 5), arbitrary(&family, 7));
        let one = BSeries::identity(&family);
        assert_eq!(a.compose(&b).compose(&c), a.compose(&b.compose(&c)));
        assert_ne!(a.compose(&b), b.compose(&a));
        for map in [&a, &b, &c, &rk4(&family), &BSeries::exact_flow(&family)] {
            assert_eq!(map.compose(&map.inverse()), one);
            assert_eq!(map.inverse().compose(map), one);
            assert_eq!((map.compose(&one), one.compose(map)), (map.clone(), map.clone()));
        }
        assert_eq!(a.compose(&b).inverse(), b.inverse().compose(&a.inverse()));
        assert_eq!(a.compose(&b).adjoint(), b.adjoint().compose(&a.adjoint()));
    }

    #[test]
    fn exact_flows_compose_in_time() {
        let family = rooted(7);
        let exact = BSeries::<Rational>::exact_flow(&family);
        assert_eq!(exact.with_step(&q(1, 3)).compose(&exact.with_step(&q(2, 3))), exact);
        assert_eq!(exact.inverse(), exact.with_step(&Rational::MINUS_ONE));
        assert_eq!(BSeries::field(&family).exponential(), exact);
        assert_eq!(exact.logarithm(), BSeries::field(&family));
        assert_eq!(exact.order(), None);
    }

    #[test]
    fn adjoints_are_the_known_methods() {
        let family = rooted(7);
        let explicit = BSeries::explicit_euler(&family);
        let implicit = BSeries::runge_kutta(&family, &[(&[vec![Rational::ONE]], &[Rational::ONE])]);
        assert_eq!(explicit.adjoint(), implicit);
        // Half a step of either, one after the other: the implicit midpoint rule and the trapezoidal rule.
        let half = q(1, 2);
        let midpoint = implicit.with_step(&half).compose(&explicit.with_step(&half));
        assert_eq!(midpoint, implicit_midpoint(&family));
        let rows = [vec![], vec![half.clone(), half.clone()]];
        let trapezoidal = BSeries::runge_kutta(&family, &[(&rows, &[half.clone(), half.clone()])]);
        assert_eq!(explicit.with_step(&half).compose(&implicit.with_step(&half)), trapezoidal);
        assert_eq!(trapezoidal.adjoint(), trapezoidal);
        assert_eq!((explicit.order(), midpoint.order(), rk4(&family).order()), (Some(1), Some(2), Some(4)));
        assert!(midpoint.is_symplectic() && !trapezoidal.is_symplectic() && !explicit.is_symplectic());
        assert!(BSeries::<Rational>::exact_flow(&family).is_symplectic());
    }

    #[test]
    fn logarithm_and_exponential_are_inverse() {
        let family = rooted(7);
        for map in [arbitrary(&family, 3), arbitrary(&family, 9), rk4(&family), implicit_midpoint(&family)] {
            let field = map.logarithm();
            assert_eq!(field.exponential(), map);
            assert_eq!(field.exponential().logarithm(), field);
            // Substitution into the exact flow is the same, and so is its solution.
            let exact = BSeries::exact_flow(&family);
            assert_eq!(field.substitute(&exact), map);
            assert_eq!(exact.substituted_for(&map), Some(field));
        }
    }

    #[test]
    fn substitution_is_associative_and_distributes() {
        let family = rooted(6);
        let field = |seed| BSeries { empty: Rational::ZERO, ..arbitrary(&family, seed) };
        let (b, c, a) = (field(3), field(5), arbitrary(&family, 7));
        assert_eq!(b.substitute(&c.substitute(&a)), b.substitute(&c).substitute(&a));
        assert_eq!(BSeries::field(&family).substitute(&a), a);
        assert_eq!(b.substitute(&BSeries::field(&family)), b);
        let other = arbitrary(&family, 9);
        assert_eq!(b.substitute(&a.compose(&other)), b.substitute(&a).compose(&b.substitute(&other)));
        // A field times q is a step size.
        let half = BSeries::field(&family).scaled(&q(1, 2));
        assert_eq!(half.substitute(&a), a.with_step(&q(1, 2)));
    }

    #[test]
    fn the_logarithm_of_explicit_euler_is_that_of_order_polynomials() {
        let field = BSeries::<Rational>::explicit_euler(&rooted(10)).logarithm();
        assert_eq!(field.values(), linear_coefficients(&TreeIndex::up_to(10)));
    }

    /// The list of Hairer, Lubich & Wanner, GNI, IX.9.1: the modified equation in terms of the method's coefficients.
    #[test]
    fn the_logarithm_follows_the_published_list() {
        let family = rooted(3);
        let method = arbitrary(&family, 3);
        let a = |tree: &[u8]| method.values()[levels(&family, tree)].clone();
        let (dot, line, cherry, tall) = (a(&[0]), a(&[0, 1]), a(&[0, 1, 1]), a(&[0, 1, 2]));
        let field = method.logarithm();
        let b = |tree: &[u8]| field.values()[levels(&family, tree)].clone();
        let (square, cube, mixed) = (&dot * &dot, &(&dot * &dot) * &dot, &dot * &line);
        assert_eq!(b(&[0]), dot);
        assert_eq!(b(&[0, 1]), &line - &(&square * &q(1, 2)));
        assert_eq!(b(&[0, 1, 1]), &(&cherry - &mixed) + &(&cube * &q(1, 6)));
        assert_eq!(b(&[0, 1, 2]), &(&tall - &mixed) + &(&cube * &q(1, 3)));
    }

    #[test]
    fn the_implicit_midpoint_rule() {
        let family = rooted(5);
        let midpoint = implicit_midpoint(&family);
        let field = midpoint.logarithm();
        let value = |tree: &[u8]| field.values()[levels(&family, tree)].clone();
        assert_eq!(value(&[0, 1]), Rational::ZERO);
        // a(τ) = 2^{1−|τ|} and, to this order, b = a − 1/γ: 1/4 − 1/6 and 1/4 − 1/3, the latter over σ = 2.
        assert_eq!((value(&[0, 1, 2]), value(&[0, 1, 1])), (q(1, 12), q(-1, 12)));
        // A symmetric method has only even powers of h.
        assert!(family.of_size(4).chain(family.of_size(2)).all(|n| field.values()[n].is_zero()));
        // The modifying integrator begins with the opposite (Chartier, Hairer & Vilmart 2007, section 2).
        let modifying = midpoint.modifying_integrator().unwrap();
        let value = |tree: &[u8]| modifying.values()[levels(&family, tree)].clone();
        assert_eq!((value(&[0, 1, 2]), value(&[0, 1, 1])), (q(-1, 12), q(1, 12)));
        assert_eq!(modifying.substitute(&midpoint), BSeries::exact_flow(&family));
    }

    /// `y' = y²` has the exact flow `y/(1 − h y)`: the explicit Euler method is exact for the field b with
    /// `y + h b(y) = y/(1 − hy)`, that is `y² + h y³ + h² y⁴ + …`, and its modified equation is known.
    #[test]
    fn y_squared() {
        let family = rooted(6);
        let euler = BSeries::<Rational>::explicit_euler(&family);
        let in_one_dimension = |series: &BSeries| -> Vec<Rational> {
            let value = |n: usize| {
                let nodes = family.nodes(n);
                let children = |i: usize| {
                    let below = nodes[i + 1..].iter().take_while(|c| c.0 > nodes[i].0);
                    below.filter(|c| c.0 == nodes[i].0 + 1).count()
                };
                let f = (0..nodes.len()).map(|i| [1, 2, 2].get(children(i)).copied().unwrap_or(0)).product::<i64>();
                &(&series.values()[n] * &Rational::from(f)) / family.symmetry(n)
            };
            (1..=6).map(|size| family.of_size(size).map(value).sum()).collect()
        };
        assert_eq!(in_one_dimension(&euler.modifying_integrator().unwrap()), [1, 1, 1, 1, 1, 1].map(Rational::from));
        let modified = [(1, 1), (-1, 1), (3, 2), (-8, 3), (31, 6), (-157, 15)].map(|(n, d)| q(n, d));
        assert_eq!(in_one_dimension(&euler.modified_equation()), modified);
    }

    #[test]
    #[should_panic(expected = "a method has the coefficient 1 at the empty tree, not 0")]
    fn fields_are_no_maps() {
        let _ = BSeries::<Rational>::field(&rooted(2)).inverse();
    }
}
