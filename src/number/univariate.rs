//! Polynomials in one variable with rational coefficients: real roots, and roots in the unit disk.

use super::Rational;

/// A polynomial in one variable with rational coefficients, by ascending power, without leading zeros.
///
/// ```
/// use shadowflow::number::{Rational, Univariate};
/// // (x − 1)(x − 2) = 2 − 3x + x².
/// let p = Univariate::new([2, -3, 1].map(Rational::from).to_vec());
/// let roots = p.positive_roots(&Rational::new(1, 1000));
/// assert_eq!(roots, [(Rational::ONE, Rational::ONE), (Rational::from(2), Rational::from(2))]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Univariate(Vec<Rational>);

impl Univariate {
    /// The polynomial with these coefficients, by ascending power.
    #[must_use]
    pub fn new(mut coefficients: Vec<Rational>) -> Self {
        while coefficients.last().is_some_and(Rational::is_zero) {
            coefficients.pop();
        }
        Self(coefficients)
    }

    /// The coefficients by ascending power, none for zero.
    #[must_use]
    pub fn coefficients(&self) -> &[Rational] {
        &self.0
    }

    /// The degree, 0 for zero.
    #[must_use]
    pub fn degree(&self) -> usize {
        self.0.len().saturating_sub(1)
    }

    /// Whether this is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The value at a point.
    #[must_use]
    pub fn at(&self, x: &Rational) -> Rational {
        self.0.iter().rev().fold(Rational::ZERO, |sum, c| &(&sum * x) + c)
    }

    /// `self + q other`.
    #[must_use]
    pub fn plus(&self, other: &Self, q: &Rational) -> Self {
        let length = self.0.len().max(other.0.len());
        let get = |p: &Self, k: usize| p.0.get(k).cloned().unwrap_or_default();
        Self::new((0..length).map(|k| &get(self, k) + &(q * &get(other, k))).collect())
    }

    /// The product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        if self.is_zero() || other.is_zero() {
            return Self::default();
        }
        let mut product = vec![Rational::ZERO; self.0.len() + other.0.len() - 1];
        for (i, a) in self.0.iter().enumerate() {
            for (j, b) in other.0.iter().enumerate() {
                product[i + j] += &(a * b);
            }
        }
        Self::new(product)
    }

    /// The derivative.
    #[must_use]
    pub fn derivative(&self) -> Self {
        Self::new((1_i64..).zip(self.0.iter().skip(1)).map(|(k, c)| c * &Rational::from(k)).collect())
    }

    /// Quotient and remainder of the division by a polynomial other than zero.
    fn divided(&self, divisor: &Self) -> (Self, Self) {
        let Some(leading) = divisor.0.last() else { return (Self::default(), self.clone()) };
        let mut rest = self.clone();
        let mut quotient = vec![Rational::ZERO; (self.0.len() + 1).saturating_sub(divisor.0.len())];
        while rest.0.len() >= divisor.0.len() && !rest.is_zero() {
            let shift = rest.0.len() - divisor.0.len();
            let factor = rest.0.last().and_then(|c| c.checked_div(leading)).unwrap_or_default();
            for (k, c) in divisor.0.iter().enumerate() {
                rest.0[shift + k] -= &(&factor * c);
            }
            quotient[shift] = factor;
            rest = Self::new(rest.0);
        }
        (Self::new(quotient), rest)
    }

    /// Divided by the absolute value of its leading coefficient, which changes no sign.
    fn normalised(self) -> Self {
        match self.0.last().and_then(|c| c.abs().recip()) {
            Some(inverse) => Self(self.0.iter().map(|c| c * &inverse).collect()),
            None => self,
        }
    }

    /// Sturm's sequence.
    fn sturm(&self) -> Vec<Self> {
        let mut sequence = vec![self.clone(), self.derivative().normalised()];
        while let [.., a, b] = &sequence[..] {
            if b.is_zero() {
                sequence.pop();
                break;
            }
            let next = Self::new(a.divided(b).1.0.iter().map(|c| -c).collect()).normalised();
            sequence.push(next);
        }
        sequence
    }

    /// The polynomial with the same roots, each once.
    #[must_use]
    pub fn squarefree(&self) -> Self {
        self.sturm().last().map_or_else(|| self.clone(), |gcd| self.divided(gcd).0)
    }

    /// The distinct roots above zero, ascending, each between two bounds at most `width` apart; equal bounds are the root
    /// itself, found exactly if it is a simple enough rational. Isolated by Sturm's theorem.
    #[must_use]
    pub fn positive_roots(&self, width: &Rational) -> Vec<(Rational, Rational)> {
        if self.degree() == 0 {
            return Vec::new();
        }
        // Without multiple roots, so that no end of an interval makes the whole sequence vanish.
        let squarefree = self.squarefree();
        let sequence = squarefree.sturm();
        let changes = |x: &Rational| {
            let signs = sequence.iter().map(|p| p.at(x)).filter(|v| !v.is_zero()).map(|v| v.is_negative());
            signs.fold((0_usize, None), |(n, last), s| (n + usize::from(last.is_some_and(|l| l != s)), Some(s))).0
        };
        // Cauchy's bound.
        let leading = squarefree.0.last().cloned().unwrap_or(Rational::ONE);
        let largest =
            squarefree.0.iter().filter_map(|c| c.checked_div(&leading)).map(|q| q.abs()).max().unwrap_or_default();
        let mut open = vec![(Rational::ZERO, &largest + &Rational::ONE)];
        let mut found = Vec::new();
        // Half-open intervals ]low, high]: Sturm's count for them holds with roots at the ends as well.
        while let Some((low, high)) = open.pop() {
            let count = changes(&low).saturating_sub(changes(&high));
            if count == 0 {
                continue;
            }
            if count == 1 {
                found.push(squarefree.narrowed(low, high, width));
                continue;
            }
            let middle = &(&low + &high) * &Rational::new(1, 2);
            open.push((low, middle.clone()));
            open.push((middle, high));
        }
        found.sort();
        found
    }

    /// The only root in `]low, high]`, a simple one, by bisection: the sign at `high` tells the halves apart.
    fn narrowed(&self, mut low: Rational, mut high: Rational, width: &Rational) -> (Rational, Rational) {
        let above = self.at(&high);
        if above.is_zero() {
            return (high.clone(), high);
        }
        while &(&high - &low) > width {
            let middle = &(&low + &high) * &Rational::new(1, 2);
            let value = self.at(&middle);
            if value.is_zero() {
                return (middle.clone(), middle);
            }
            if value.is_negative() == above.is_negative() { high = middle } else { low = middle }
        }
        let simplest = simplest_between(&low, &high);
        if simplest > low && self.at(&simplest).is_zero() { (simplest.clone(), simplest) } else { (low, high) }
    }

    /// Whether all roots lie inside the unit circle: Schur's and Cohn's recursion, `p ↦ (p̄_n p − p_0 p*)/x`. Zero and
    /// constants have no roots.
    #[must_use]
    pub fn is_schur_stable(&self) -> bool {
        let mut p = self.0.clone();
        while p.len() > 1 {
            let (first, last) = (p[0].clone(), p[p.len() - 1].clone());
            if first.abs() >= last.abs() {
                return false;
            }
            let reduced = p.iter().zip(p.iter().rev()).map(|(a, b)| &(&last * a) - &(&first * b)).skip(1);
            p = Self(reduced.collect()).normalised().0;
        }
        true
    }
}

/// The rational of smallest denominator in `[low, high]`, both positive or zero: by continued fractions.
fn simplest_between(low: &Rational, high: &Rational) -> Rational {
    // The terms of the continued fraction that both share, then the smallest integer between.
    let (mut low, mut high) = (low.clone(), high.clone());
    let mut terms: Vec<Rational> = Vec::new();
    loop {
        let floor = Rational::from(low.numerator() / low.denominator());
        if floor == low {
            terms.push(floor);
            break;
        }
        let next = &floor + &Rational::ONE;
        if next <= high {
            terms.push(next);
            break;
        }
        terms.push(floor.clone());
        let inverse = |q: &Rational| (q - &floor).recip().unwrap_or_default();
        (low, high) = (inverse(&high), inverse(&low));
    }
    let mut terms = terms.into_iter().rev();
    let last = terms.next().unwrap_or_default();
    terms.fold(last, |value, term| &term + &value.recip().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn q(n: i64, d: i64) -> Rational {
        Rational::new(n, d)
    }

    fn with_roots(roots: &[Rational]) -> Univariate {
        roots
            .iter()
            .fold(Univariate::new(vec![Rational::ONE]), |p, r| p.times(&Univariate::new(vec![-r, Rational::ONE])))
    }

    #[test]
    fn irrational_roots_are_bracketed() {
        // x (x² − 2)(x² + 1)(x + 3)
        let p = with_roots(&[Rational::ZERO, q(-3, 1)]);
        let p = p.times(&Univariate::new(vec![q(-2, 1), q(0, 1), q(1, 1)]));
        let p = p.times(&Univariate::new(vec![q(1, 1), q(0, 1), q(1, 1)]));
        let roots = p.positive_roots(&q(1, 1_000_000));
        assert_eq!(roots.len(), 1);
        let (low, high) = &roots[0];
        assert!(low * low < q(2, 1) && high * high > q(2, 1) && (high - low) <= q(1, 1_000_000));
        assert!(Univariate::default().positive_roots(&q(1, 2)).is_empty());
    }

    #[test]
    fn simplest_rationals() {
        assert_eq!(simplest_between(&q(311, 100), &q(320, 100)), q(16, 5));
        assert_eq!(simplest_between(&q(1, 3), &q(1, 2)), q(1, 2));
        assert_eq!(simplest_between(&q(2, 1), &q(5, 2)), q(2, 1));
    }

    proptest! {
        #[test]
        fn rational_roots_are_found(roots in prop::collection::vec((-9_i64..10, 1_i64..6), 1..5)) {
            let roots: Vec<Rational> = roots.into_iter().map(|(n, d)| q(n, d)).collect();
            let mut positive: Vec<Rational> = roots.iter().filter(|r| *r > &Rational::ZERO).cloned().collect();
            positive.sort();
            positive.dedup();
            let found = with_roots(&roots).positive_roots(&q(1, 1000));
            prop_assert_eq!(found, positive.iter().map(|r| (r.clone(), r.clone())).collect::<Vec<_>>());
            let stable = roots.iter().all(|r| r.abs() < Rational::ONE);
            prop_assert_eq!(with_roots(&roots).is_schur_stable(), stable);
        }

        /// `x² + b x + c` is stable in the triangle `|b| < 1 + c`, `c < 1`.
        #[test]
        fn quadratics_are_stable_in_the_triangle(b in -30_i64..30, c in -15_i64..15) {
            let (b, c) = (q(b, 10), q(c, 10));
            let stable = b.abs() < &Rational::ONE + &c && c < Rational::ONE;
            prop_assert_eq!(Univariate::new(vec![c, b, Rational::ONE]).is_schur_stable(), stable);
        }
    }
}
