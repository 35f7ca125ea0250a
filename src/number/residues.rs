//! Residues modulo several primes at once, and whole numbers from their residues.

use num_bigint::BigInt;
use num_traits::{One, ToPrimitive, Zero};

/// How many primes a [`PrimeGroup`] has.
pub const LANES: usize = 8;

/// One residue for every prime of a group.
pub type Residues = [u32; LANES];

/// Sums of products of residues, not reduced yet: up to [`MAX_PRODUCTS`] fit.
pub type ResidueSums = [u64; LANES];

/// How many products of residues a sum holds beside one reduced number: they are below 2^56.
pub const MAX_PRODUCTS: u32 = 255;

/// Eight primes just below 2^28.
///
/// Numbers modulo all of them are one row of machine integers, with which processors compute at once.
///
/// ```
/// use shadowflow::number::{PrimeGroup, Reconstruction};
/// let groups = PrimeGroup::covering(&10.into());
/// let (a, b) = (groups[0].residues(&(-7).into()), groups[0].inverse(3));
/// let thrice = groups[0].times(&groups[0].times(&a, &b), &groups[0].residues(&3.into()));
/// assert_eq!(Reconstruction::new(&groups).integer(&thrice), (-7).into());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrimeGroup([u32; LANES]);

impl PrimeGroup {
    /// As many groups as it takes to tell whole numbers of at most this size apart, whatever their sign.
    #[must_use]
    pub fn covering(size: &BigInt) -> Vec<Self> {
        let enough = BigInt::from(2) * size + 1;
        let mut product = BigInt::one();
        let mut candidate = 1_u32 << 28;
        let mut groups = Vec::new();
        while product <= enough {
            let group = std::array::from_fn(|_| {
                candidate = (2..candidate).rev().find(|n| is_prime(*n)).unwrap_or(2);
                candidate
            });
            product *= group.iter().map(|p| BigInt::from(*p)).product::<BigInt>();
            groups.push(Self(group));
        }
        groups
    }

    /// The residues of a whole number.
    #[must_use]
    pub fn residues(&self, n: &BigInt) -> Residues {
        self.0.map(|p| {
            let p = BigInt::from(p);
            // Rust's remainder has the sign of the dividend.
            let r: BigInt = (n % &p + &p) % p;
            r.to_u32().unwrap_or(0)
        })
    }

    /// The residues of sums.
    #[must_use]
    pub fn reduced(&self, sums: &ResidueSums) -> Residues {
        #[expect(clippy::cast_possible_truncation, reason = "a residue is below its prime")]
        std::array::from_fn(|l| (sums[l] % u64::from(self.0[l])) as u32)
    }

    /// The product.
    #[must_use]
    pub fn times(&self, a: &Residues, b: &Residues) -> Residues {
        self.reduced(&std::array::from_fn(|l| u64::from(a[l]) * u64::from(b[l])))
    }

    /// The additive inverse.
    #[must_use]
    pub fn negated(&self, a: &Residues) -> Residues {
        std::array::from_fn(|l| if a[l] == 0 { 0 } else { self.0[l] - a[l] })
    }

    /// The residues of `1/n`.
    ///
    /// # Panics
    /// If `n` is zero or not below 2^27.
    #[must_use]
    pub fn inverse(&self, n: u32) -> Residues {
        assert!(n > 0 && n < 1 << 27, "{n} has no inverse modulo primes below 2^28");
        self.0.map(|p| inverse(n, p))
    }
}

fn is_prime(n: u32) -> bool {
    n == 2 || (n > 2 && n % 2 == 1 && (3..).step_by(2).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d)))
}

/// By Fermat: `n^{p−2}` modulo `p`.
fn inverse(n: u32, p: u32) -> u32 {
    let modulus = u64::from(p);
    let (mut result, mut square, mut e) = (1, u64::from(n) % modulus, p - 2);
    while e > 0 {
        if e & 1 == 1 {
            result = result * square % modulus;
        }
        square = square * square % modulus;
        e >>= 1;
    }
    u32::try_from(result).unwrap_or(0)
}

/// Finds the whole number of least size with given residues, by Garner's mixed radix.
#[derive(Debug, Clone)]
pub struct Reconstruction {
    primes: Vec<u64>,
    /// Of every prime, the inverse of the product of those before.
    inverses: Vec<u64>,
    product: BigInt,
}

impl Reconstruction {
    /// From residues modulo the primes of these groups, one group after the other.
    #[must_use]
    pub fn new(groups: &[PrimeGroup]) -> Self {
        let primes: Vec<u64> = groups.iter().flat_map(|g| g.0).map(u64::from).collect();
        let inverses = (0..primes.len())
            .map(|i| {
                let p = primes[i];
                let before = primes[..i].iter().fold(1, |product, q| product * q % p);
                u64::from(inverse(u32::try_from(before).unwrap_or(1), u32::try_from(p).unwrap_or(2)))
            })
            .collect();
        let product = primes.iter().map(|p| BigInt::from(*p)).product();
        Self { primes, inverses, product }
    }

    /// The whole number of least size with these residues.
    ///
    /// # Panics
    /// If there is not one residue for every prime.
    #[must_use]
    pub fn integer(&self, residues: &[u32]) -> BigInt {
        assert_eq!(residues.len(), self.primes.len(), "one residue for every prime");
        // The number is d_0 + p_0 (d_1 + p_1 (d_2 + …)).
        let mut digits: Vec<u64> = Vec::with_capacity(residues.len());
        for (i, r) in residues.iter().enumerate() {
            let p = self.primes[i];
            let known = digits.iter().zip(&self.primes).rev().fold(0, |sum, (d, q)| (sum * q + d) % p);
            digits.push((u64::from(*r) + p - known) % p * self.inverses[i] % p);
        }
        let mut number = BigInt::zero();
        for (d, p) in digits.iter().zip(&self.primes).rev().skip_while(|(d, _)| **d == 0) {
            number = number * *p + *d;
        }
        if &number + &number > self.product { number - &self.product } else { number }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_come_back_from_their_residues() {
        for digits in [0_u32, 3, 60, 150] {
            let size = BigInt::from(10).pow(digits);
            let groups = PrimeGroup::covering(&size);
            let reconstruction = Reconstruction::new(&groups);
            for n in [size.clone(), -&size, &size - 1, BigInt::zero(), BigInt::from(-1), &size / 7_919] {
                let residues: Vec<u32> = groups.iter().flat_map(|g| g.residues(&n)).collect();
                assert_eq!(reconstruction.integer(&residues), n);
            }
        }
    }

    #[test]
    fn arithmetic_is_that_of_fields() {
        let group = &PrimeGroup::covering(&BigInt::one())[0];
        assert!(group.0.iter().all(|p| is_prime(*p) && *p > 1 << 27 && *p < 1 << 28));
        let one = group.residues(&BigInt::one());
        for n in [1, 2, 3, 97, (1 << 27) - 1] {
            let residues = group.residues(&BigInt::from(n));
            assert_eq!(group.times(&group.inverse(n), &residues), one);
            assert_eq!(group.negated(&residues), group.residues(&BigInt::from(-i64::from(n))));
        }
        let largest = group.negated(&one);
        let square = u64::from(largest[0]) * u64::from(largest[0]);
        assert!(square.checked_mul(u64::from(MAX_PRODUCTS)).is_some_and(|s| s.checked_add(1 << 28).is_some()));
        assert_eq!(group.times(&largest, &largest), one);
    }
}
