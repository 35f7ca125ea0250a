//! The strict order polynomial of a rooted tree, by its values, and its linear coefficient.

use super::{Tree, TreeIndex};
use crate::budget::tick;
use crate::number::Rational;
use num_bigint::BigInt;
use num_traits::{CheckedAdd, CheckedMul, ToPrimitive};

/// What order polynomials are computed in: machine integers while they suffice, big ones otherwise.
pub(super) trait Integer: Clone + CheckedAdd + CheckedMul + From<i64> + Into<BigInt> {}
impl<T: Clone + CheckedAdd + CheckedMul + From<i64> + Into<BigInt>> Integer for T {}

/// The values `Ω(τ; 0), …, Ω(τ; n)` of the strict order polynomial of a tree.
///
/// `Ω(τ; n)` is the number of maps from the nodes to `{1..n}` that strictly increase from the leaves to the root. It obeys
/// `Ω(τ; n) = Σ_{k<n} Π_i Ω(τ_i; k)` over the root's subtrees and is a polynomial in n of degree `|τ|` without constant
/// term. `n` steps of the explicit Euler method have the B-series coefficients `Ω(τ; n)`.
///
/// ```
/// use shadowflow::{number::Rational, tree::{Tree, order_polynomial}};
/// // A chain of two nodes: choose two of n.
/// assert_eq!(order_polynomial(&Tree::tall(1), 4), [0, 0, 1, 3, 6].map(Rational::from));
/// ```
#[must_use]
pub fn order_polynomial(tree: &Tree, n: usize) -> Vec<Rational> {
    fn convert<T: Integer>(values: Vec<T>) -> Vec<Rational> {
        values.into_iter().map(|v| Rational::from(v.into())).collect()
    }
    values_of_tree::<i128>(tree, n)
        .map(convert)
        .or_else(|| values_of_tree::<BigInt>(tree, n).map(convert))
        .unwrap_or_default()
}

/// The linear coefficient `b(τ) = [n¹] Ω(τ; n)`: the B-series coefficient of the modified equation of the explicit Euler
/// method, for any one tree.
///
/// ```
/// use shadowflow::{number::Rational, tree::{Tree, linear_coefficient}};
/// assert_eq!(linear_coefficient(&Tree::tall(4)), Rational::new(1, 5));
/// ```
#[must_use]
pub fn linear_coefficient(tree: &Tree) -> Rational {
    let values = order_polynomial(tree, tree.size());
    derivative_at_zero(&values[1..])
}

/// The linear coefficients `b(τ)` of all trees of an index, by their numbers.
///
/// Values are shared between trees: each takes one pointwise product and one prefix sum.
///
/// ```
/// use shadowflow::{number::Rational, tree::{TreeIndex, linear_coefficients}};
/// let half = Rational::new(-1, 2);
/// assert_eq!(linear_coefficients(&TreeIndex::up_to(2)), [Rational::ONE, half]);
/// ```
#[must_use]
pub fn linear_coefficients(index: &TreeIndex) -> Vec<Rational> {
    coefficients_of_index::<i128>(index).or_else(|| coefficients_of_index::<BigInt>(index)).unwrap_or_default()
}

/// `Ω(τ; 0..=n)`, or `None` on overflow.
fn values_of_tree<T: Integer>(tree: &Tree, n: usize) -> Option<Vec<T>> {
    // One product for each open node of the path to the root; nodes close in reverse preorder.
    let levels = tree.levels();
    let mut products: Vec<Vec<T>> = Vec::new();
    for &level in levels.iter().rev() {
        let level = usize::from(level);
        while products.len() <= level + 1 {
            products.push(vec![T::from(1); n + 1]);
        }
        let closed = std::mem::replace(&mut products[level + 1], vec![T::from(1); n + 1]);
        let mut sum = T::from(0);
        for (k, product) in closed.iter().enumerate() {
            products[level][k] = products[level][k].checked_mul(&sum)?;
            sum = sum.checked_add(product)?;
        }
    }
    products.into_iter().next()
}

/// `b(τ)` of all trees, or `None` on overflow.
fn coefficients_of_index<T: Integer>(index: &TreeIndex) -> Option<Vec<Rational>> {
    let n = index.max_size();
    // For each tree small enough to be part of another: Π Ω(τ_i; k) for k = 0..n, and its sums Ω(τ; k).
    let kept = index.len() - index.of_size(n).len();
    let mut products: Vec<T> = Vec::with_capacity(kept * n);
    let mut sums: Vec<T> = Vec::with_capacity(kept * n);
    let weights: Vec<(Vec<T>, i64)> = (0..=n).map(|size| integer_weights(size)).collect::<Option<_>>()?;
    let mut coefficients = Vec::with_capacity(index.len());
    let mut product = vec![T::from(1); n];
    for number in 0..index.len() {
        tick();
        if let Some((trunk, branch)) = index.split(number) {
            let (trunk, branch) = (&products[trunk * n..(trunk + 1) * n], &sums[branch * n..(branch + 1) * n]);
            for (p, (t, b)) in product.iter_mut().zip(trunk.iter().zip(branch)) {
                *p = t.checked_mul(b)?;
            }
        }
        let (weights, denominator) = &weights[index.size(number)];
        let (mut sum, mut total) = (T::from(0), T::from(0));
        for (k, p) in product.iter().enumerate() {
            if number < kept {
                sums.push(sum.clone());
            }
            sum = sum.checked_add(p)?;
            if let Some(weight) = weights.get(k) {
                total = total.checked_add(&weight.checked_mul(&sum)?)?;
            }
        }
        if number < kept {
            products.extend_from_slice(&product);
        }
        coefficients.push(quotient(total.into(), *denominator));
    }
    Some(coefficients)
}

/// `w_1, …, w_s` and `L` with `p′(0) = Σ_k w_k p(k) / L` for every polynomial of degree `s` at most with `p(0) = 0`:
/// `w_k / L = (−1)^{k+1} C(s, k) / k`, Newton's forward differences summed. `None` on overflow.
pub(super) fn integer_weights<T: Integer>(size: usize) -> Option<(Vec<T>, i64)> {
    let size = i64::try_from(size).ok()?;
    let denominator = (1..=size).try_fold(1_i64, |l, k| (l / num_integer::gcd(l, k)).checked_mul(k))?;
    let mut weights = Vec::new();
    let mut binomial = 1_i64;
    for k in 1..=size {
        binomial = binomial.checked_mul(size - k + 1)? / k;
        let signed = if k % 2 == 1 { binomial } else { -binomial };
        weights.push(T::from(signed).checked_mul(&T::from(denominator / k))?);
    }
    Some((weights, denominator))
}

/// `p′(0)` of the polynomial of degree `s` with `p(0) = 0` and the given values at `1..=s`.
fn derivative_at_zero(values: &[Rational]) -> Rational {
    let size = values.len();
    let mut binomial = Rational::ONE;
    let mut result = Rational::ZERO;
    let whole = |k: usize| Rational::from(i64::try_from(k).unwrap_or(i64::MAX));
    for (k, value) in (1..=size).zip(values) {
        binomial = &(&binomial * &whole(size - k + 1)) / &whole(k);
        let term = &(&binomial * value) / &whole(k);
        if k % 2 == 1 {
            result += &term;
        } else {
            result -= &term;
        }
    }
    result
}

fn quotient(numerator: BigInt, denominator: i64) -> Rational {
    match numerator.to_i64() {
        Some(n) => Rational::new(n, denominator),
        None => Rational::from_bigints(numerator, denominator.into()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::trees;

    /// Counts the maps one by one.
    fn brute_force(tree: &Tree, n: usize) -> i64 {
        let levels = tree.levels();
        let parent =
            |i: usize| levels[..i].iter().rposition(|&l| l + 1 == levels[i]).expect("every node but the root has one");
        let mut count = 0;
        for code in 0..n.pow(u32::try_from(levels.len()).unwrap()) {
            let value = |i: usize| code / n.pow(u32::try_from(i).unwrap()) % n;
            count += i64::from((1..levels.len()).all(|i| value(parent(i)) > value(i)));
        }
        count
    }

    #[test]
    fn values_count_strict_maps() {
        for size in 1..=5 {
            for tree in trees(size) {
                let values = order_polynomial(&tree, 4);
                for (n, value) in values.iter().enumerate() {
                    assert_eq!(value, &Rational::from(brute_force(&tree, n)), "{tree:?} at {n}");
                }
            }
        }
    }

    /// `Σ_{|τ| ≤ p} b(τ)`.
    #[test]
    fn sums_of_linear_coefficients() {
        let expected =
            [(8, 31, 60), (9, 143, 140), (10, 77, 180), (11, 875, 792), (12, 20609, 27720), (14, -33563, 60060)];
        let index = TreeIndex::up_to(14);
        let coefficients = linear_coefficients(&index);
        for (size, n, d) in expected {
            let end = index.of_size(size).end;
            assert_eq!(coefficients[..end].iter().cloned().sum::<Rational>(), Rational::new(n, d), "size {size}");
        }
    }

    /// `Ω` of a corolla is the sum of powers, whose linear coefficient is a Bernoulli number.
    #[test]
    fn corollas_give_bernoulli_numbers() {
        let bernoulli = [(1, 1), (-1, 2), (1, 6), (0, 1), (-1, 30), (0, 1), (1, 42), (0, 1), (-1, 30), (0, 1), (5, 66)];
        for (leaves, (n, d)) in bernoulli.into_iter().enumerate() {
            let corolla = Tree::grafted(vec![Tree::leaf(); leaves]);
            assert_eq!(linear_coefficient(&corolla), Rational::new(n, d), "{leaves} leaves");
        }
    }

    #[test]
    fn tall_trees_give_the_logarithm() {
        for n in 0..60_i64 {
            let sign = if n % 2 == 0 { 1 } else { -1 };
            let tall = Tree::tall(usize::try_from(n).unwrap());
            assert_eq!(linear_coefficient(&tall), Rational::new(sign, n + 1));
        }
    }

    #[test]
    fn big_integers_agree_with_machine_integers() {
        let index = TreeIndex::up_to(9);
        let small = coefficients_of_index::<i128>(&index).unwrap();
        assert_eq!(Some(&small), coefficients_of_index::<BigInt>(&index).as_ref());
        for (number, coefficient) in small.iter().enumerate() {
            assert_eq!(&linear_coefficient(&index.tree(number)), coefficient);
        }
    }

    /// Sampled at size 16: the index in machine integers agrees with each tree on its own in big ones.
    #[test]
    fn size_sixteen_is_right() {
        let index = TreeIndex::up_to(16);
        let all = coefficients_of_index::<i128>(&index).unwrap();
        for number in index.of_size(16).step_by(5003) {
            let values = values_of_tree::<BigInt>(&index.tree(number), 16).unwrap();
            let values: Vec<Rational> = values.into_iter().map(Rational::from).collect();
            assert_eq!(all[number], derivative_at_zero(&values[1..]));
        }
    }
}
