//! Rationals as text: integers, decimals and quotients of them.

use super::Rational;
use super::rational::Repr;
use num_bigint::BigInt;
use num_rational::BigRational;
use std::fmt;
use std::str::FromStr;

/// Why a text is not an exact number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseRationalError {
    /// The text is no integer, decimal, exponent form or quotient of two of these.
    #[error("`{}` is not an exact number: expected an integer, a decimal such as 0.25 or 1e-3, or a fraction p/q", shown(.0))]
    Malformed(String),
    /// The denominator is zero.
    #[error("`{}` divides by zero", shown(.0))]
    ZeroDenominator(String),
    /// The decimal exponent is beyond [`MAX_DECIMAL_EXPONENT`].
    #[error("the exponent of `{}` is beyond the limit of {MAX_DECIMAL_EXPONENT}", shown(.0))]
    ExponentTooLarge(String),
    /// There are more characters than [`MAX_DIGITS`].
    #[error("`{}` is a number of {} characters, beyond the limit of {MAX_DIGITS}", shown(.0), .0.len())]
    TooLong(String),
}

/// A number in a message, however long it is.
fn shown(text: &str) -> String {
    if text.chars().count() <= 40 {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(32).collect::<String>())
    }
}

/// The largest decimal exponent accepted in a number, either sign: it bounds the memory that one literal can ask for.
pub const MAX_DECIMAL_EXPONENT: i64 = 10_000;

/// The most characters of one number, of p and of q in p/q; the loss language has the same limit.
pub const MAX_DIGITS: usize = 10_000;

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(n, 1) => write!(f, "{n}"),
            Repr::Small(n, d) => write!(f, "{n}/{d}"),
            Repr::Big(b) => write!(f, "{b}"),
        }
    }
}

impl fmt::Debug for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An unsigned or signed decimal, with or without a point and an exponent.
fn parse_decimal(text: &str, whole: &str) -> Result<Rational, ParseRationalError> {
    if text.len() > MAX_DIGITS {
        return Err(ParseRationalError::TooLong(text.to_owned()));
    }
    let malformed = || ParseRationalError::Malformed(whole.to_owned());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => {
            let digits = e.strip_prefix(['+', '-']).unwrap_or(e);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(malformed());
            }
            let too_large = || ParseRationalError::ExponentTooLarge(whole.to_owned());
            (m, e.parse::<i64>().map_err(|_| too_large())?)
        }
        None => (text, 0),
    };
    if exponent.abs() > MAX_DECIMAL_EXPONENT {
        return Err(ParseRationalError::ExponentTooLarge(whole.to_owned()));
    }
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (-1_i128, rest),
        None => (1, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if let Some(value) = short_decimal(sign, integer, fraction, exponent) {
        return Ok(value);
    }
    let all = format!("{integer}{fraction}");
    if all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
        return Err(malformed());
    }
    let value = BigInt::from_str(&all).map_err(|_| malformed())? * sign;
    let shift = exponent - i64::try_from(fraction.len()).map_err(|_| malformed())?;
    let ten = num_traits::pow(BigInt::from(10), usize::try_from(shift.unsigned_abs()).map_err(|_| malformed())?);
    Ok(Rational::from_big(if shift < 0 {
        BigRational::new(value, ten)
    } else {
        BigRational::from_integer(value * ten)
    }))
}

/// A decimal of machine integers; `None` for one that is longer, and for what is no decimal.
fn short_decimal(sign: i128, integer: &str, fraction: &str, exponent: i64) -> Option<Rational> {
    let length = integer.len() + fraction.len();
    if length == 0 || length > 30 {
        return None;
    }
    let digits = integer.bytes().chain(fraction.bytes());
    let value = digits
        .into_iter()
        .try_fold(0_i128, |value, byte| byte.is_ascii_digit().then(|| 10 * value + i128::from(byte - b'0')))?;
    let shift = exponent - i64::try_from(fraction.len()).ok()?;
    let ten = 10_i128.checked_pow(u32::try_from(shift.unsigned_abs()).ok()?)?;
    if shift < 0 { Rational::small(sign * value, ten) } else { Rational::small(sign * value.checked_mul(ten)?, 1) }
}

impl FromStr for Rational {
    type Err = ParseRationalError;

    /// Reads `12`, `-0.25`, `1e-3` or `p/q` with each of `p`, `q` one of these.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        match trimmed.split_once('/') {
            None => parse_decimal(trimmed, trimmed),
            Some((p, q)) => parse_decimal(p.trim(), trimmed)?
                .checked_div(&parse_decimal(q.trim(), trimmed)?)
                .ok_or_else(|| ParseRationalError::ZeroDenominator(trimmed.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_exact_decimals() {
        for (text, n, d) in
            [("0.1", 1, 10), ("-2.50", -5, 2), ("1e2", 100, 1), (".5", 1, 2), ("3/4", 3, 4), ("1e-3/2", 1, 2000)]
        {
            assert_eq!(text.parse::<Rational>().unwrap(), Rational::new(n, d), "{text}");
        }
        // By machine integers and by others.
        for text in [
            "-0.00",
            "0e9999",
            "123456789012345678901234567890",
            "1.5e20",
            "-17.25e-12",
            "1e38",
            "1e39",
            "12e-38",
            "3e-39",
        ] {
            let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
            let longer = format!("{sign}{}{digits}", "0".repeat(40));
            assert_eq!(text.parse::<Rational>(), longer.parse::<Rational>(), "{text}");
        }
        let long = "1".repeat(10_001);
        let error = format!("1/{long}").parse::<Rational>().unwrap_err().to_string();
        assert!(error.contains("10001 characters") && error.contains("10000") && error.len() < 200, "{error}");
        assert!(long[1..].parse::<Rational>().is_ok());
        for text in ["", "x", "1//2", "1/0", "--1", "1e", "1e99999999999", "0x1", "1_0", "."] {
            assert!(text.parse::<Rational>().is_err(), "{text}");
        }
    }
}
