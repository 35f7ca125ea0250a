//! Polynomials in one variable over a prime field, and their irreducible factors.

/// A polynomial modulo a prime, by ascending power, without leading zeros.
pub(super) type Residues = Vec<u64>;

/// What the irreducible factors of each degree multiply to, with that degree.
pub(super) type ByDegree = Vec<(Residues, usize)>;

/// Primes below 2^28: the sum of [`MAX_SUM`] products of residues fits a machine integer.
pub(super) const PRIMES: [u64; 6] = [268_435_399, 268_435_367, 268_435_361, 268_435_337, 268_435_331, 268_435_313];

/// The most products of residues that are added before the sum is reduced.
const MAX_SUM: usize = 250;

/// The field of this many elements, a prime below 2^28.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field(pub(super) u64);

fn trimmed(mut p: Residues) -> Residues {
    while p.last() == Some(&0) {
        p.pop();
    }
    p
}

impl Field {
    /// `a^e`.
    fn power(self, a: u64, mut e: u64) -> u64 {
        let (mut square, mut result) = (a % self.0, 1);
        while e > 0 {
            if e & 1 == 1 {
                result = result * square % self.0;
            }
            square = square * square % self.0;
            e >>= 1;
        }
        result
    }

    /// The inverse of a number other than zero, by Fermat.
    pub(super) fn inverse(self, a: u64) -> u64 {
        self.power(a, self.0 - 2)
    }

    fn minus(self, a: &[u64], b: &[u64]) -> Residues {
        let get = |p: &[u64], k: usize| p.get(k).copied().unwrap_or(0);
        trimmed((0..a.len().max(b.len())).map(|k| (get(a, k) + self.0 - get(b, k)) % self.0).collect())
    }

    pub(super) fn scaled(self, a: &[u64], c: u64) -> Residues {
        trimmed(a.iter().map(|x| x * c % self.0).collect())
    }

    pub(super) fn times(self, a: &[u64], b: &[u64]) -> Residues {
        if a.is_empty() || b.is_empty() {
            return Vec::new();
        }
        let mut product = vec![0; a.len() + b.len() - 1];
        for (i, x) in a.iter().enumerate() {
            if i % MAX_SUM == MAX_SUM - 1 {
                product.iter_mut().for_each(|sum| *sum %= self.0);
            }
            for (sum, y) in product[i..].iter_mut().zip(b) {
                *sum += x * y;
            }
        }
        product.iter_mut().for_each(|sum| *sum %= self.0);
        trimmed(product)
    }

    /// Quotient and remainder by a polynomial other than zero.
    pub(super) fn divided(self, a: &[u64], b: &[u64]) -> (Residues, Residues) {
        let mut rest = a.to_vec();
        if rest.len() < b.len() {
            return (Vec::new(), rest);
        }
        let (lower, leading) = (&b[..b.len() - 1], b[b.len() - 1]);
        let inverse = if leading == 1 { 1 } else { self.inverse(leading) };
        let mut quotient = vec![0; rest.len() - lower.len()];
        for (done, shift) in (0..quotient.len()).rev().enumerate() {
            if done % MAX_SUM == MAX_SUM - 1 {
                rest.iter_mut().for_each(|sum| *sum %= self.0);
            }
            let factor = rest[shift + lower.len()] % self.0 * inverse % self.0;
            quotient[shift] = factor;
            let opposite = self.0 - factor;
            for (sum, y) in rest[shift..].iter_mut().zip(lower) {
                *sum += opposite * y;
            }
        }
        rest.truncate(lower.len());
        rest.iter_mut().for_each(|sum| *sum %= self.0);
        (trimmed(quotient), trimmed(rest))
    }

    fn monic(self, a: Residues) -> Residues {
        match a.last() {
            Some(&leading) => self.scaled(&a, self.inverse(leading)),
            None => a,
        }
    }

    /// The monic greatest common divisor.
    pub(super) fn gcd(self, a: &[u64], b: &[u64]) -> Residues {
        let (mut a, mut b) = (a.to_vec(), b.to_vec());
        while !b.is_empty() {
            let rest = self.divided(&a, &b).1;
            (a, b) = (b, rest);
        }
        self.monic(a)
    }

    /// The inverse of `a` modulo `m`, to which it is coprime.
    pub(super) fn inverse_modulo(self, a: &[u64], m: &[u64]) -> Residues {
        let (mut r, mut s) = (m.to_vec(), self.divided(a, m).1);
        let (mut x, mut y): (Residues, Residues) = (Vec::new(), vec![1]);
        while s.len() > 1 {
            let (quotient, rest) = self.divided(&r, &s);
            let next = self.minus(&x, &self.times(&quotient, &y));
            (r, s) = (s, rest);
            (x, y) = (y, next);
        }
        match s.first() {
            Some(&unit) => self.scaled(&self.divided(&y, m).1, self.inverse(unit)),
            None => Vec::new(),
        }
    }

    /// `a^e` modulo `m`, the exponent as its binary digits from the highest.
    fn power_modulo(self, a: &[u64], digits: &[bool], m: &[u64]) -> Residues {
        let mut result: Residues = vec![1];
        for digit in digits {
            result = self.divided(&self.times(&result, &result), m).1;
            if *digit {
                result = self.divided(&self.times(&result, a), m).1;
            }
        }
        result
    }

    pub(super) fn derivative(self, a: &[u64]) -> Residues {
        trimmed((1..).zip(a.iter().skip(1)).map(|(k, c)| c * k % self.0).collect())
    }

    /// What irreducible polynomials of each degree multiply to in a monic polynomial without multiple factors (Cantor and Zassenhaus 1981), with
    /// that degree: `x^(p^d) − x` is the product of all of a degree that divides d.
    pub(super) fn by_degree(self, f: &[u64]) -> ByDegree {
        let mut found = Vec::new();
        let mut rest = f.to_vec();
        let digits = digits(u128::from(self.0));
        let mut frobenius: Residues = vec![0, 1];
        let mut degree = 0;
        while rest.len() > 1 {
            degree += 1;
            if rest.len() - 1 < 2 * degree {
                let degree = rest.len() - 1;
                found.push((rest, degree));
                break;
            }
            frobenius = self.power_modulo(&frobenius, &digits, &rest);
            let common = self.gcd(&rest, &self.minus(&frobenius, &[0, 1]));
            if common.len() > 1 {
                rest = self.divided(&rest, &common).0;
                frobenius = self.divided(&frobenius, &rest).1;
                found.push((common, degree));
            }
        }
        found
    }

    /// The monic irreducible factors, of what they multiply to by degree: by the half of all residues that are squares.
    pub(super) fn factors(self, by_degree: ByDegree) -> Vec<Residues> {
        let mut found = Vec::new();
        for (product, degree) in by_degree {
            self.of_degree(product, degree, &mut found);
        }
        found
    }

    /// The factors of a product of irreducible polynomials that all have this degree.
    fn of_degree(self, product: Residues, degree: usize, found: &mut Vec<Residues>) {
        let mut open = vec![product];
        let mut state = 1_u64;
        while let Some(product) = open.pop() {
            let size = product.len() - 1;
            if size == degree {
                found.push(product);
                continue;
            }
            // Any sequence does: each polynomial splits the product with probability 1/2 or more.
            let mut random = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) % self.0
            };
            let candidate = trimmed((0..size).map(|_| random()).collect());
            // a^((p^d − 1)/2) = (a^(1 + p + … + p^(d−1)))^((p−1)/2).
            let whole = digits(u128::from(self.0));
            let (mut conjugate, mut norm) = (candidate.clone(), candidate);
            for _ in 1..degree {
                conjugate = self.power_modulo(&conjugate, &whole, &product);
                norm = self.divided(&self.times(&norm, &conjugate), &product).1;
            }
            let sign = self.power_modulo(&norm, &digits(u128::from(self.0 / 2)), &product);
            let part = self.gcd(&product, &self.minus(&sign, &[1]));
            if part.len() > 1 && part.len() < product.len() {
                open.push(self.divided(&product, &part).0);
                open.push(part);
            } else {
                open.push(product);
            }
        }
    }
}

/// Binary digits from the highest.
fn digits(n: u128) -> Vec<bool> {
    (0..u128::BITS - n.leading_zeros()).rev().map(|k| n >> k & 1 == 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primes_are_prime() {
        for p in PRIMES {
            assert!((2..16_385).all(|d| p % d != 0), "{p}");
        }
    }

    #[test]
    fn factors_multiply_to_the_product() {
        for p in [PRIMES[0], 7, 101] {
            let field = Field(p);
            // (x + 1)(x + 2)(x² + 1)(x³ + x + 3)
            let parts: [&[u64]; 4] = [&[1, 1], &[2, 1], &[1, 0, 1], &[3, 1, 0, 1]];
            let product = parts.iter().fold(vec![1], |product, part| field.times(&product, part));
            if field.gcd(&product, &field.derivative(&product)).len() > 1 {
                continue;
            }
            let factors = field.factors(field.by_degree(&product));
            assert!(factors.len() >= 4);
            assert_eq!(factors.iter().fold(vec![1], |product, f| field.times(&product, f)), product);
            for f in &factors {
                // No root in the field unless linear, where the field is small enough to look.
                let value = |x: u64| f.iter().rev().fold(0, |sum, c| (sum * x + c) % p);
                assert!(p > 1000 || f.len() == 2 || (0..p).all(|x| value(x) != 0));
            }
        }
    }

    #[test]
    fn inverses_modulo_polynomials() {
        let field = Field(PRIMES[1]);
        let (a, m): (Residues, Residues) = (vec![3, 5, 7, 1], vec![1, 0, 4, 0, 1]);
        let inverse = field.inverse_modulo(&a, &m);
        assert_eq!(field.divided(&field.times(&a, &inverse), &m).1, [1]);
    }
}
