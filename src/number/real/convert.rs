//! Between floats of any precision, exact rationals and `f64`.

use super::Real;
use crate::number::Rational;
use astro_float::{BigFloat, RoundingMode, Sign, WORD_BIT_SIZE, Word};
use num_bigint::BigInt;

/// An integer, exactly.
fn from_integer(n: &BigInt) -> BigFloat {
    let sign = if n.sign() == num_bigint::Sign::Minus { Sign::Neg } else { Sign::Pos };
    let bytes = n.magnitude().to_bytes_le();
    let words: Vec<Word> = bytes
        .chunks(WORD_BIT_SIZE / 8)
        .map(|chunk| chunk.iter().rev().fold(0, |word, byte| (word << 8) | Word::from(*byte)))
        .collect();
    let bits = i32::try_from(words.len() * WORD_BIT_SIZE).unwrap_or(i32::MAX);
    // The words are a fraction below 1 times 2^bits, whose leading zeros are normalised away.
    BigFloat::from_words(&words, sign, bits)
}

impl Real {
    /// The float of this many bits (rounded up to whole words) nearest to a rational, ties to even.
    #[must_use]
    pub fn from_rational(q: &Rational, precision: usize) -> Self {
        if q.is_zero() {
            return Self::zero();
        }
        let mut n = from_integer(&q.numerator());
        if q.is_integer() {
            if n.mantissa_max_bit_len().is_some_and(|bits| bits > precision)
                && n.set_precision(precision.next_multiple_of(WORD_BIT_SIZE), RoundingMode::ToEven).is_err()
            {
                return Self::nan();
            }
            return Self(n);
        }
        Self(n.div(&from_integer(&q.denominator()), precision, RoundingMode::ToEven))
    }

    /// The exact value as a rational; `None` for what is not finite or beyond `2^±100000`.
    #[must_use]
    pub fn to_rational(&self) -> Option<Rational> {
        if self.is_zero() {
            return Some(Rational::ZERO);
        }
        let (words, _, sign, exponent, _) = self.0.as_raw_parts()?;
        if exponent.unsigned_abs() > 100_000 {
            return None;
        }
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let sign = if sign == Sign::Neg { num_bigint::Sign::Minus } else { num_bigint::Sign::Plus };
        let n = BigInt::from_bytes_le(sign, &bytes);
        let shift = i64::from(exponent) - i64::try_from(words.len() * WORD_BIT_SIZE).ok()?;
        let power = BigInt::from(1) << usize::try_from(shift.unsigned_abs()).ok()?;
        if shift < 0 { Rational::from_bigints(n, power) } else { Some(Rational::from(n * power)) }
    }

    /// The nearest `f64`, ties to even; subnormal, zero or infinite where the value is that small or large.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        let signed = |size: f64| if self.0.sign() == Some(Sign::Neg) { -size } else { size };
        if self.0.is_nan() {
            return f64::NAN;
        }
        if self.0.is_inf() {
            return signed(f64::INFINITY);
        }
        let Some((words, _, _, exponent, _)) = self.0.as_raw_parts().filter(|_| !self.is_zero()) else { return 0.0 };
        if exponent > 1024 {
            return signed(f64::INFINITY);
        }
        if exponent < -1074 {
            return signed(0.0);
        }
        // The value is 0.b1b2b3… · 2^exponent; keep as many leading bits as an f64 of this size has.
        let kept = u32::try_from((i64::from(exponent) + 1074).min(53)).unwrap_or(0);
        let top = words.last().copied().unwrap_or(0);
        let cut = WORD_BIT_SIZE as u32 - kept;
        let mut mantissa = if kept == 0 { 0 } else { top >> cut };
        let half: Word = 1 << (cut - 1);
        let rest = if kept == 0 { top } else { top & ((half << 1) - 1) };
        let below = words[..words.len() - 1].iter().any(|w| *w != 0);
        if rest > half || (rest == half && (below || mantissa & 1 == 1)) {
            mantissa += 1;
        }
        // Both factors are exact and so is each product: powers of two within range, in two steps for the subnormal.
        #[allow(clippy::cast_precision_loss, reason = "at most 2^53")]
        let mantissa = mantissa as f64;
        let shift = exponent - i32::try_from(kept).unwrap_or(0);
        let (first, second) = (shift / 2, shift - shift / 2);
        signed(mantissa * power_of_two(first) * power_of_two(second))
    }

    /// The exact value of a finite `f64`; not a number for an infinity or a NaN.
    #[must_use]
    pub fn from_f64(x: f64) -> Self {
        if x == 0.0 {
            return Self::zero();
        }
        if x.is_subnormal() {
            // astro-float 0.9 takes the exponent of these wrongly; divided by a power of two the numerator keeps all its bits.
            return Rational::from_f64(x).map_or_else(Self::nan, |q| Self::from_rational(&q, 64));
        }
        if x.is_finite() { Self(BigFloat::from_f64(x, 64)) } else { Self::nan() }
    }
}

/// `2^e` for `|e| ≤ 1022`.
fn power_of_two(e: i32) -> f64 {
    f64::from_bits(u64::try_from(e + 1023).unwrap_or(0) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounds_once_at_the_edges_of_f64() {
        let tiny = Rational::new(1, 2).pow(1074).unwrap();
        let half = Rational::new(1, 2);
        let just_over = &half + &Rational::new(1, 2).pow(200).unwrap();
        let largest = Rational::from_f64(f64::MAX).unwrap();
        let step = Rational::from(2).pow(970).unwrap();
        for (q, expected) in [
            (tiny.clone(), f64::from_bits(1)),
            (&tiny * &half, 0.0),
            (&tiny * &just_over, f64::from_bits(1)),
            (&tiny * &Rational::new(3, 2), f64::from_bits(2)),
            (&tiny * &Rational::new(5, 2), f64::from_bits(2)),
            (&tiny * &Rational::new(1, 4), 0.0),
            (Rational::from_f64(f64::MIN_POSITIVE).unwrap() - &tiny * &half, f64::MIN_POSITIVE),
            (largest.clone(), f64::MAX),
            (&largest + &(&step * &Rational::new(127, 128)), f64::MAX),
            (&largest + &step, f64::INFINITY),
            (-(&largest + &step), f64::NEG_INFINITY),
            (Rational::from((1 << 53) + 1), 9_007_199_254_740_992.0),
            (Rational::from((1 << 53) + 3), 9_007_199_254_740_996.0),
        ] {
            let x = Real::from_rational(&q, 4096);
            assert_eq!(x.to_f64(), expected, "{q}");
            assert_eq!(x.to_rational(), Some(q));
        }
    }

    #[test]
    fn subnormal_numbers_are_exact() {
        for bits in [1, 2, 3, 0xf_ffff_ffff_ffff, 0x8_0000_0000_0000, 0x8000_0000_0000_0005] {
            let x = f64::from_bits(bits);
            assert_eq!(Real::from_f64(x).to_rational(), Rational::from_f64(x), "{x:e}");
            assert_eq!(Real::from_f64(x).to_f64(), x);
        }
    }

    proptest! {
        #[test]
        fn f64_survives(bits: u64) {
            let x = f64::from_bits(bits);
            prop_assume!(x.is_finite());
            prop_assert_eq!(Real::from_f64(x).to_f64(), x);
            let q = Rational::from_f64(x).unwrap();
            prop_assert_eq!(Real::from_rational(&q, 128).to_f64(), x);
        }

        #[test]
        fn rationals_round_to_nearest(n: i64, d in 1i64.., shift in -1100i64..1100) {
            let q = &Rational::new(n, d) * &Rational::from(2).pow(shift).unwrap();
            // 2^-1500 relative is far finer than any tie here.
            prop_assert_eq!(Real::from_rational(&q, 1536).to_f64(), q.to_f64());
            let (x, y) = (Real::from_rational(&q, 128).to_rational().unwrap(), Real::from_rational(&q, 256));
            prop_assert!((&x - &q).abs() <= &q.abs() * &Rational::new(1, 2).pow(128).unwrap());
            prop_assert_eq!(y.is_exact(), y.to_rational().unwrap() == q);
        }
    }
}
