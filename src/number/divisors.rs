//! Common divisors and multiples of long integers, which reduced fractions spend their time on.

use num_bigint::{BigInt, BigUint};
use num_traits::{ToPrimitive, Zero};

/// Bits of the leading parts that quotients are found from.
const LEADING: u64 = 62;

/// The greatest common divisor, which is not negative; of 0 and another number, that one's size.
pub(crate) fn common_divisor(a: &BigInt, b: &BigInt) -> BigInt {
    if a.is_zero() || b.is_zero() {
        return BigInt::from((a + b).into_parts().1);
    }
    // What comes of doubles has a power of two in it that is longer than all else.
    let zeros = |n: &BigInt| n.trailing_zeros().unwrap_or(0);
    let twos = zeros(a).min(zeros(b));
    let [a, b] = [a, b].map(|n| n.magnitude() >> zeros(n));
    BigInt::from(euclid(a, b)) << twos
}

/// The least common multiple, which is not negative; 0 if one of them is.
pub(crate) fn common_multiple(a: &BigInt, b: &BigInt) -> BigInt {
    if a.is_zero() || b.is_zero() {
        return BigInt::ZERO;
    }
    BigInt::from((a / common_divisor(a, b) * b).into_parts().1)
}

/// Euclid's algorithm for machine integers.
pub(super) fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        if let (Ok(x), Ok(y)) = (u64::try_from(a), u64::try_from(b)) {
            return u128::from(num_integer::gcd(x, y));
        }
        (a, b) = (b, a % b);
    }
    a
}

/// Lehmer's form of Euclid's algorithm: quotients come of leading parts as long as these tell them (Knuth, The Art of Computer Programming, volume 2,
/// 4.5.2, Algorithm L).
fn euclid(a: BigUint, b: BigUint) -> BigUint {
    let (mut large, mut small) = if a < b { (b, a) } else { (a, b) };
    loop {
        if let Some(short) = small.to_u128() {
            if short == 0 {
                return large;
            }
            let rest = (&large % short).to_u128().unwrap_or(0);
            return gcd(short, rest).into();
        }
        (large, small) = match steps(&large, &small) {
            Some([a, b, c, d]) => (combined(&large, a, &small, b), combined(&large, c, &small, d)),
            None => {
                let rest = &large % &small;
                (small, rest)
            }
        };
    }
}

/// Several steps at once, as the matrix that they multiply both numbers by; nothing where the leading parts tell none.
fn steps(large: &BigUint, small: &BigUint) -> Option<[i64; 4]> {
    let shift = large.bits().saturating_sub(LEADING);
    let leading = |n: &BigUint| (n >> shift).to_i64().map(i128::from);
    let (mut x, mut y) = (leading(large)?, leading(small)?);
    let (mut a, mut b, mut c, mut d) = (1_i128, 0_i128, 0_i128, 1_i128);
    while y + c != 0 && y + d != 0 {
        let q = (x + a) / (y + c);
        if q != (x + b) / (y + d) {
            break;
        }
        (a, c) = (c, a - q * c);
        (b, d) = (d, b - q * d);
        (x, y) = (y, x - q * y);
    }
    let rows = [a, b, c, d].map(i64::try_from);
    let [Ok(a), Ok(b), Ok(c), Ok(d)] = rows else { return None };
    (b != 0).then_some([a, b, c, d])
}

/// `a x + b y`, which is not negative.
fn combined(x: &BigUint, a: i64, y: &BigUint, b: i64) -> BigUint {
    let (x, y) = (x * a.unsigned_abs(), y * b.unsigned_abs());
    match (a < 0, b < 0) {
        (false, true) => x - y,
        (true, false) => y - x,
        _ => x + y,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_integer::Integer;
    use proptest::prelude::*;

    #[test]
    fn of_zero_and_of_neighbours() {
        let n = |n: i64| BigInt::from(n);
        assert_eq!(common_divisor(&n(0), &n(0)), n(0));
        assert_eq!(common_divisor(&n(-6), &n(0)), n(6));
        assert_eq!(common_multiple(&n(-4), &n(6)), n(12));
        assert_eq!(common_multiple(&n(0), &n(6)), n(0));
        // Fibonacci numbers take the most steps, and neighbours of powers of two have leading parts that tell least.
        let (mut a, mut b) = (n(1), n(1));
        for _ in 0..2_000 {
            (a, b) = (b.clone(), a + &b);
        }
        assert_eq!(common_divisor(&a, &b), n(1));
        for k in [127_u32, 128, 129, 190, 191, 192, 256, 1_000] {
            let power = BigInt::from(2).pow(k);
            assert_eq!(common_divisor(&(&power - 1), &(&power + 1)), n(1));
            assert_eq!(common_divisor(&(&power * 3 - 3), &(&power - 1)), &power - 1);
        }
    }

    proptest! {
        /// num-integer's is binary, and shares no code.
        #[test]
        fn are_those_of_the_binary_algorithm(
            a in prop::collection::vec(any::<u32>(), 0..30),
            b in prop::collection::vec(any::<u32>(), 0..30),
            c in prop::collection::vec(any::<u32>(), 0..12),
            twos in (0_u32..200, 0_u32..200),
            signs in any::<(bool, bool)>(),
        ) {
            let [a, b, c] = [a, b, c].map(|digits| BigInt::from(BigUint::new(digits)));
            let signed = |n: BigInt, minus: bool| if minus { -n } else { n };
            let (a, b) = (signed((a * &c) << twos.0, signs.0), signed((b * &c) << twos.1, signs.1));
            prop_assert_eq!(common_divisor(&a, &b), a.gcd(&b));
            prop_assert_eq!(common_multiple(&a, &b), a.lcm(&b));
        }
    }
}
