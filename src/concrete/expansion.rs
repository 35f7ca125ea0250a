//! The modified field of a polynomial loss, as expanded polynomials.

use super::derive::Parts;
use super::limits::DeriveLimits;
use crate::budget::tick;
use crate::expr::{MAX_DEGREE, MAX_FOLDED_BITS, ModularPolynomial, ModularSum, MonomialBox, Polynomial};
use crate::number::common_multiple;
use crate::number::{LANES, PrimeGroup, Rational, Reconstruction, Residues};
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use std::collections::BTreeMap;

/// How many products of residues take as long as one of fractions, which [`DeriveLimits::max_products`] counts.
const PRODUCTS_PER_FRACTION: u64 = 32;

/// `f_0..f_N` of gradient descent, their principal parts `−1/(n+1) H^n g` and the rest, from the expanded gradient.
///
/// With `D_i u = u′ f_i`, the Lie derivative along `f_i`, the flow of `h Σ h^i f_i` over unit time is the step, which gives
///
/// `f_{w−1} = −Σ_{i=2}^{w} S_i(w)/i!`,  `S_1(w) = f_{w−1}`,  `S_i(w) = Σ_{a≥1} D_{a−1} S_{i−1}(w − a)`
///
/// (Hairer, Lubich & Wanner, *Geometric Numerical Integration*, IX.1, (1.4), the sums over compositions shared): O(N³) Lie
/// derivatives of polynomials that are no larger than the results.
///
/// They are computed modulo primes and never as fractions. For a gradient with whole coefficients the iterates
/// `p_j(s)` have whole coefficients at every whole s, and `f_n = p_{n+1}′(0) = Σ_k (−1)^{k+1} Δ^k p_{n+1}(0)/k` with
/// k up to n + 1: so `lcm(1..n+1) f_n` has whole coefficients, which are found from their residues once there
/// are enough primes for their size ([`bound`]). Other gradients are scaled: `f_n` is homogeneous of degree n + 1 in E.
///
/// The gradient has one entry for every one of the first variables; the other variables are symbols. `None` is beyond the
/// limits, or beyond monomials of 64 bits.
pub(super) fn expand_field(gradient: &[Polynomial], order: usize, limits: &DeriveLimits) -> Option<Parts<Polynomial>> {
    let variables = gradient.first().map_or(0, Polynomial::variables);
    let mut common = BigInt::one();
    for (_, c) in gradient.iter().flat_map(Polynomial::terms) {
        common = common_multiple(&common, &c.denominator());
        if common.bits() > MAX_FOLDED_BITS {
            return None;
        }
    }
    let whole: Vec<Vec<(&[u32], BigInt)>> = gradient
        .iter()
        .map(|g| g.terms().map(|(e, c)| (e, c.numerator() * (&common / c.denominator()))).collect())
        .collect();
    let total = total_degree(gradient, order);
    if total > u64::from(MAX_DEGREE) {
        return None;
    }
    let monomials = MonomialBox::new(&degrees(gradient, variables, order))?;
    let size = bound(&whole, order)?;
    if size.bits() > MAX_FOLDED_BITS {
        return None;
    }
    let groups = PrimeGroup::covering(&size);
    let budget = limits.max_products.saturating_mul(PRODUCTS_PER_FRACTION) / groups.len() as u64;
    let mut orders: Vec<Vec<Numerators>> = vec![vec![Numerators::default(); gradient.len()]; order + 1];
    for (number, primes) in groups.iter().enumerate() {
        let lie = Lie { primes, monomials: &monomials, max_terms: limits.max_terms, max_products: budget };
        let entries: Vec<ModularPolynomial> = whole
            .iter()
            .map(|g| g.iter().map(|(e, c)| (monomials.key(e), primes.residues(c))).collect())
            .map(ModularPolynomial::from_terms)
            .collect();
        let (field, principal) = lie.field(&entries, order)?;
        for (orders, (f, p)) in orders.iter_mut().zip(field.iter().zip(&principal)) {
            for (numerators, (f, p)) in orders.iter_mut().zip(f.iter().zip(p)) {
                numerators.insert(number, groups.len(), f, 0);
                numerators.insert(number, groups.len(), p, 1);
            }
        }
    }
    let reconstruction = Reconstruction::new(&groups);
    let mut denominator = BigInt::one();
    let mut parts = Parts::default();
    for (n, components) in orders.into_iter().enumerate() {
        denominator *= &common;
        let denominator = &denominator * least_multiple(n + 1);
        let mut split = [const { Vec::new() }; 3];
        for numerators in components {
            let polynomials = numerators.polynomials(&reconstruction, &monomials, &denominator, variables)?;
            for (part, polynomial) in split.iter_mut().zip(polynomials) {
                part.push(polynomial);
            }
        }
        let [field, principal, rest] = split;
        parts.field.push(field);
        parts.principal.push(principal);
        parts.rest.push(rest);
    }
    Some(parts)
}

/// The least common multiple of `1..=n`.
fn least_multiple(n: usize) -> BigInt {
    (1..=n).fold(BigInt::one(), |multiple, k| common_multiple(&multiple, &BigInt::from(k)))
}

/// The largest total degree in `f_0..f_N` and all that leads to them.
fn total_degree(gradient: &[Polynomial], order: usize) -> u64 {
    // A Lie derivative adds degrees and takes one factor of θ away.
    let one = u64::from(gradient.iter().map(Polynomial::degree).max().unwrap_or(0));
    one.saturating_mul(order as u64 + 1).saturating_sub(if one > 0 { order as u64 } else { 0 })
}

/// The largest exponent of every variable in `f_0..f_N` and all that leads to them.
fn degrees(gradient: &[Polynomial], variables: usize, order: usize) -> Vec<u64> {
    let orders = order as u64 + 1;
    let total = total_degree(gradient, order);
    let mut degrees = vec![0_u64; variables];
    for (exponents, _) in gradient.iter().flat_map(Polynomial::terms) {
        for (degree, e) in degrees.iter_mut().zip(exponents) {
            *degree = (*degree).max(u64::from(*e));
        }
    }
    degrees.iter().map(|d| d.saturating_mul(orders).min(total)).collect()
}

/// A bound on the coefficients of `lcm(1..n+1) f_n` and of its principal part, for n up to the order and a gradient with whole
/// coefficients.
///
/// The coefficients of `Δ^k p_{n+1}(0)` are bounded by those of the loss whose gradient has the absolute values of the
/// coefficients and the sign that adds: `Δ u = u(θ + hg) − u(θ)` then only adds positive terms. Their sum is the value
/// where all variables are 1, which for one polynomial G above all components is a recurrence of numbers:
/// `X(s+1) = X(s) + h G(X(s))`, `X(0) = 1`. `H^n g` is among the terms of `Δ^{n+1} p_{n+1}(0)`.
fn bound(gradient: &[Vec<(&[u32], BigInt)>], order: usize) -> Option<BigInt> {
    let dimension = gradient.len();
    // The coefficients of G by degree.
    let mut above: BTreeMap<u64, BigInt> = BTreeMap::new();
    for component in gradient {
        let mut sums: BTreeMap<u64, BigInt> = BTreeMap::new();
        for (exponents, c) in component {
            let degree = exponents[..dimension.min(exponents.len())].iter().map(|e| u64::from(*e)).sum();
            *sums.entry(degree).or_default() += c.abs();
        }
        for (degree, sum) in sums {
            let largest = above.entry(degree).or_default();
            *largest = (&*largest).max(&sum).clone();
        }
    }
    let length = order + 2;
    // Horner's scheme over the degrees that occur, and by how much each is above the next.
    let degrees: Vec<u64> = above.keys().copied().collect();
    let gaps: Vec<u64> = (0..degrees.len()).map(|k| degrees[k] - if k == 0 { 0 } else { degrees[k - 1] }).collect();
    let products: u64 = gaps.iter().map(|gap| 1 + 2 * u64::from(gap.max(&1).ilog2())).sum();
    if products.saturating_mul((length as u64).saturating_pow(3)) > 20_000_000 {
        return None;
    }
    let mut x = vec![BigInt::zero(); length];
    x[0] = BigInt::one();
    let mut values = vec![x.clone()];
    for _ in 0..=order {
        let mut g = vec![BigInt::zero(); length];
        for (c, gap) in above.values().zip(&gaps).rev() {
            g[0] += c;
            g = truncated_product(&g, &truncated_power(&x, *gap));
        }
        for (x, g) in x[1..].iter_mut().zip(&g) {
            *x += g;
        }
        values.push(x.clone());
    }
    let bounds = (0..=order).map(|n| {
        let mut differences: Vec<BigInt> = values[..n + 2].iter().map(|x| x[n + 1].clone()).collect();
        let mut sum = BigInt::zero();
        while differences.len() > 1 {
            differences = differences.windows(2).map(|pair| &pair[1] - &pair[0]).collect();
            sum += &differences[0];
        }
        sum * least_multiple(n + 1)
    });
    bounds.max()
}

/// The product of two series of one length.
fn truncated_product(a: &[BigInt], b: &[BigInt]) -> Vec<BigInt> {
    let mut product = vec![BigInt::zero(); a.len()];
    for (i, a) in a.iter().enumerate().filter(|(_, a)| !a.is_zero()) {
        for (sum, b) in product[i..].iter_mut().zip(b) {
            *sum += a * b;
        }
    }
    product
}

/// A power of a series, by squaring.
fn truncated_power(a: &[BigInt], exponent: u64) -> Vec<BigInt> {
    let mut power = vec![BigInt::zero(); a.len()];
    if let Some(first) = power.first_mut() {
        *first = BigInt::one();
    }
    for bit in (0..u64::BITS - exponent.leading_zeros()).rev() {
        power = truncated_product(&power, &power);
        if exponent >> bit & 1 == 1 {
            power = truncated_product(&power, a);
        }
    }
    power
}

/// The residues of two polynomials by monomial: of `lcm(1..n+1) f_n` and its principal part.
#[derive(Debug, Clone, Default)]
struct Numerators(BTreeMap<u64, [Vec<u32>; 2]>);

impl Numerators {
    fn insert(&mut self, group: usize, groups: usize, polynomial: &ModularPolynomial, which: usize) {
        for (key, c) in polynomial.terms() {
            let residues = &mut self.0.entry(*key).or_default()[which];
            residues.resize(groups * LANES, 0);
            residues[group * LANES..(group + 1) * LANES].copy_from_slice(c);
        }
    }

    /// Both over the denominator, and their difference.
    fn polynomials(
        self,
        reconstruction: &Reconstruction,
        monomials: &MonomialBox,
        denominator: &BigInt,
        variables: usize,
    ) -> Option<[Polynomial; 3]> {
        let mut terms = [const { Vec::new() }; 3];
        for (key, residues) in self.0 {
            let exponents = monomials.exponents(key);
            let [f, p] = residues.map(|r| if r.is_empty() { BigInt::zero() } else { reconstruction.integer(&r) });
            let rest = &f - &p;
            for (terms, n) in terms.iter_mut().zip([f, p, rest]) {
                if !n.is_zero() {
                    terms.push((exponents.clone(), Rational::from_bigints(n, denominator.clone())?));
                }
            }
        }
        Some(terms.map(|terms| Polynomial::from_terms(variables, terms)))
    }
}

/// The Lie sums modulo the primes of a group.
struct Lie<'a> {
    primes: &'a PrimeGroup,
    monomials: &'a MonomialBox,
    max_terms: usize,
    max_products: u64,
}

type Vector = Vec<ModularPolynomial>;
type Matrix = Vec<Vec<(usize, ModularPolynomial)>>;

impl Lie<'_> {
    /// `lcm(1..n+1) f_n` and its principal part for all n up to the order; `None` beyond the limits.
    fn field(&self, gradient: &[ModularPolynomial], order: usize) -> Option<(Vec<Vector>, Vec<Vector>)> {
        let primes = self.primes;
        let one = primes.inverse(1);
        let minus = primes.negated(&one);
        let mut sum = ModularSum::new(primes, self.monomials);
        let negative: Vector = gradient.iter().map(|g| g.scaled(primes, &minus)).collect();
        let hessian = self.jacobian(gradient);
        let mut powers = vec![negative.clone()];
        for n in 0..order {
            let next = hessian.iter().map(|row| {
                add_along(&mut sum, row, &powers[n]);
                self.taken(&mut sum, &one)
            });
            let next = next.collect::<Option<Vector>>()?;
            powers.push(next);
        }

        let mut field: Vec<Vector> = vec![negative];
        // rows[i − 1][w] holds the Jacobian of S_i(w), for the i that the next weights need; S_i(w) = 0 for w < i.
        let mut rows: Vec<Vec<Matrix>> = vec![vec![Matrix::new()]];
        for w in 2..=order + 1 {
            rows[0].push(self.jacobian(&field[w - 2]));
            let mut weighted: Vec<(Vector, Residues)> = Vec::with_capacity(w);
            let mut coefficient = minus;
            for i in 2..=w {
                coefficient = primes.times(&coefficient, &self.inverse(i));
                // All S_{i−1}(w − a) are known: their Jacobians enter now.
                let components = (0..gradient.len()).map(|c| {
                    for a in 1..=w + 1 - i {
                        add_along(&mut sum, &rows[i - 2][w - a][c], &field[a - 1]);
                    }
                    self.taken(&mut sum, &one)
                });
                let components = components.collect::<Option<Vector>>()?;
                // Needed by S_{i+1}(w + 1) and beyond, if there are such.
                if w <= order {
                    if rows.len() < i {
                        rows.push(vec![Matrix::new(); w]);
                    }
                    rows[i - 1].push(self.jacobian(&components));
                }
                weighted.push((components, coefficient));
            }
            let next = (0..gradient.len()).map(|c| {
                for (components, coefficient) in &weighted {
                    sum.add_scaled(&components[c], coefficient);
                }
                self.taken(&mut sum, &one)
            });
            let next = next.collect::<Option<Vector>>()?;
            field.push(next);
        }
        let scaled = |vectors: Vec<Vector>, factor: &dyn Fn(usize) -> Residues| -> Vec<Vector> {
            let scaled = vectors.into_iter().enumerate().map(|(n, vector)| {
                let factor = factor(n);
                vector.iter().map(|p| p.scaled(primes, &factor)).collect()
            });
            scaled.collect()
        };
        let multiple = |n: usize| primes.residues(&least_multiple(n + 1));
        let powers = scaled(powers, &|n| primes.times(&multiple(n), &self.inverse(n + 1)));
        Some((scaled(field, &multiple), powers))
    }

    fn inverse(&self, n: usize) -> Residues {
        self.primes.inverse(u32::try_from(n).unwrap_or(u32::MAX))
    }

    /// The sum, if it and the work so far are within the limits.
    fn taken(&self, sum: &mut ModularSum<'_>, factor: &Residues) -> Option<ModularPolynomial> {
        let within = sum.products() <= self.max_products;
        let polynomial = sum.take(factor);
        (within && polynomial.len() <= self.max_terms).then_some(polynomial)
    }

    /// Row i holds the derivatives of the component i by `θ_k` that do not vanish, with their k.
    fn jacobian(&self, components: &[ModularPolynomial]) -> Matrix {
        let row = |c: &ModularPolynomial| {
            if c.is_empty() {
                return Vec::new();
            }
            let slopes = (0..components.len()).map(|k| {
                tick();
                (k, c.derivative(self.primes, self.monomials, k))
            });
            slopes.filter(|(_, slope)| !slope.is_empty()).collect()
        };
        components.iter().map(row).collect()
    }
}

/// Adds the derivative of a component, given by its slopes, along a vector.
fn add_along(sum: &mut ModularSum<'_>, slopes: &[(usize, ModularPolynomial)], vector: &[ModularPolynomial]) {
    tick();
    for (k, slope) in slopes {
        if !vector[*k].is_empty() {
            sum.add_product(slope, &vector[*k]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concrete::trajectory::{Point, modified_field, principal_field};
    use crate::expr::{Expression, Polynomials, Pool, SeriesTape, Tape};

    fn expand(pool: &Pool, gradient: &Tape, order: usize) -> Option<Parts<Polynomial>> {
        let dimension = pool.dimension();
        let mut algebra = Polynomials::new(dimension + pool.symbols().len(), 10_000);
        let entries = algebra.expand(gradient, dimension).ok()?;
        expand_field(&entries, order, &DeriveLimits::default())
    }

    /// Against the trajectory, in exact arithmetic with polynomials for values.
    fn check(loss: Expression, order: usize) {
        let (mut pool, loss) = loss.into_parts();
        let gradient = pool.gradient_entries(loss);
        let tape = Tape::new(&pool, &gradient);
        let parts = expand(&pool, &tape, order).unwrap();
        let variables = pool.dimension() + pool.symbols().len();
        let mut algebra = Polynomials::new(variables, 10_000);
        let mut inputs: Vec<Polynomial> = (0..variables).map(|k| Polynomial::variable(variables, k)).collect();
        let symbols = inputs.split_off(pool.dimension());
        let (series, point) = (SeriesTape::new(&tape), Point { theta: inputs, symbols });
        let field = modified_field(&mut algebra, &series, &point, order);
        let principal = principal_field(&mut algebra, &series, &point, order);
        assert_eq!(algebra.failure, None);
        assert_eq!(parts.field, field);
        assert_eq!(parts.principal, principal);
        for n in 0..=order {
            let rest: Vec<Polynomial> = field[n].iter().zip(&principal[n]).map(|(f, p)| f.minus(p)).collect();
            assert_eq!(parts.rest[n], rest);
        }
    }

    fn parsed(source: &str) -> Expression {
        crate::loss::Loss::parse(source, "test.loss", &crate::loss::Options::default()).unwrap().expression
    }

    #[test]
    fn lie_sums_modulo_primes_are_the_exact_trajectory() {
        for (source, order) in [
            ("param x, y\nloss (1 - x)^2 + 100*(y - x^2)^2\n", 7),
            ("param x\nloss x^3/3 + x/7\n", 9),
            ("param x, y, z\nconst a, b\nloss a*x*y*z/3 + b^2*(x - 2*y)^3/5 + z^4/11\n", 4),
            ("param x, y\nloss x^2/1000003 - x*y*123456789012345678901234567890 + y^5\n", 4),
            ("param x, y\nloss 3*x\n", 3),
            ("param x, y\nloss x^300/7 - x^30*y^211 + y\n", 3),
        ] {
            check(parsed(source), order);
        }
    }

    /// `E = x^n`: `f_1 = −1/2 E″E′`, `f_2 = −1/3 E″²E′ − 1/12 E‴E′²`.
    #[test]
    fn exponents_are_not_cut() {
        for n in [30_000_i64, 65_537, 1_000_000] {
            let loss = parsed(&format!("param x\nloss x^{n}\n"));
            let (mut pool, id) = loss.into_parts();
            let gradient = pool.gradient_entries(id);
            let parts = expand(&pool, &Tape::new(&pool, &gradient), 5).unwrap();
            let q = Rational::from;
            let (first, second, third) = (q(n), &q(n) * &q(n - 1), &(&q(n) * &q(n - 1)) * &q(n - 2));
            let square = |x: &Rational| x * x;
            let monomial = |c: Rational, e: i64| Polynomial::from_terms(1, [([u32::try_from(e).unwrap()], c)]);
            let principal = &Rational::new(-1, 3) * &(&square(&second) * &first);
            let rest = &Rational::new(-1, 12) * &(&third * &square(&first));
            assert_eq!(parts.field[1], [monomial(&Rational::new(-1, 2) * &(&second * &first), 2 * n - 3)]);
            assert_eq!(parts.principal[2], [monomial(principal, 3 * n - 5)]);
            assert_eq!(parts.rest[2], [monomial(rest, 3 * n - 5)]);
            assert_eq!(parts.field[5][0].degree(), u32::try_from(6 * n - 11).unwrap());
        }
        let loss = parsed("param x\nloss x^1000000\n");
        let (mut pool, id) = loss.into_parts();
        let gradient = pool.gradient_entries(id);
        assert_eq!(expand(&pool, &Tape::new(&pool, &gradient), 200), None, "beyond the largest degree");
    }

    #[test]
    fn what_is_beyond_the_limits_is_left() {
        let loss = parsed("param x, y\nloss (1 - x)^2 + 100*(y - x^2)^2\n");
        let (mut pool, id) = loss.into_parts();
        let gradient = pool.gradient_entries(id);
        let tape = Tape::new(&pool, &gradient);
        let entries = Polynomials::new(2, 100).expand(&tape, 2).unwrap();
        let terms = DeriveLimits { max_terms: 10, ..DeriveLimits::default() };
        assert_eq!(expand_field(&entries, 8, &terms), None);
        let products = DeriveLimits { max_products: 10, ..DeriveLimits::default() };
        assert_eq!(expand_field(&entries, 8, &products), None);
        assert!(expand_field(&entries, 8, &DeriveLimits::default()).is_some());
    }
}
