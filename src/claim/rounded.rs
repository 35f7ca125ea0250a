//! Decimals as what they are rounded from: 2.785 is any number between 2.7845 and 2.7855.
//!
//! A decimal is read as `d + u/2 δ` with u its last digit's unit and δ a symbol of its own between −1 and 1. A claimed
//! coefficient agrees with a derived one if their difference vanishes for some values of these symbols.

use super::roots;
use crate::number::{Coefficient, Fraction, Polynomial, Rational};
use num_bigint::BigInt;
use std::collections::BTreeMap;

/// What the names of these symbols begin with; no name that can be written does.
const MARK: char = '±';

/// A closed interval.
type Interval = (Rational, Rational);

/// How many digits a decimal has, and its last digit's unit; none for whole numbers without a point or an exponent, which
/// are exact, unless asked for.
pub(super) fn precision(text: &str, whole_too: bool) -> Option<(u32, Rational)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    if !whole_too && mantissa.len() == text.len() && !text.contains('.') {
        return None;
    }
    let places = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let digits = mantissa.chars().filter(char::is_ascii_digit).skip_while(|c| *c == '0').count();
    let exponent = exponent.parse::<i64>().ok()? - i64::try_from(places).ok()?;
    let unit = Rational::from(10).pow(exponent)?;
    Some((u32::try_from(digits.max(1)).ok()?, unit))
}

/// A decimal with the symbol of its rounding, which tells how many digits it has.
pub(super) fn decimal(value: &Rational, number: usize, (digits, unit): &(u32, Rational)) -> Fraction {
    let symbol = Fraction::symbol(&format!("{MARK}{digits}_{number}"));
    Fraction::from_rational(value).plus(&symbol.scaled(&(unit * &Rational::new(1, 2))))
}

/// The digits of the decimal whose rounding a symbol is.
fn symbol_digits(symbol: &str) -> Option<u32> {
    symbol.strip_prefix(MARK)?.split('_').next()?.parse().ok()
}

fn symbols(value: &Fraction) -> impl Iterator<Item = &str> {
    let polynomials = std::iter::once(value.numerator()).chain(value.denominator().map(|(f, _)| f));
    polynomials.flat_map(Polynomial::terms).flat_map(|(m, _)| m.factors().map(|(s, _)| s))
}

/// To how many digits a coefficient is written, where decimals stand in it: those of the shortest.
pub(super) fn digits(value: &Fraction) -> Option<u32> {
    symbols(value).filter_map(symbol_digits).min()
}

/// To how many digits the two agree, with suitable roundings of the decimals in the first, if they may be equal so.
pub(super) fn agree(claimed: &Fraction, derived: &Fraction) -> Option<u32> {
    let difference = claimed.plus(&derived.negated());
    let groups = grouped(difference.numerator())?;
    let mut fewest = None;
    for group in groups.values() {
        let (low, high) = &group.range;
        if *low > Rational::ZERO || *high < Rational::ZERO {
            return None;
        }
        // What is exact as it is written is not said to so few digits.
        if group.middle != Rational::ZERO {
            fewest = fewest.into_iter().chain(group.digits).min();
        }
    }
    fewest.or_else(|| digits(claimed))
}

/// The range of a number with decimals in it; `None` where other symbols stand there.
pub(super) fn range(value: &Fraction) -> Option<Interval> {
    let constant = |p: &Polynomial| match grouped(p)?.into_iter().collect::<Vec<_>>().as_slice() {
        [] => Some((Rational::ZERO, Rational::ZERO)),
        [(rest, group)] if rest.is_empty() => Some(group.range.clone()),
        _ => None,
    };
    let mut result = constant(value.numerator())?;
    for (factor, power) in value.denominator() {
        let (low, high) = constant(factor)?;
        let inverse = (high.recip()?, low.recip()?);
        if low.is_negative() != high.is_negative() {
            return None;
        }
        for _ in 0..power {
            result = times(&result, &inverse);
        }
    }
    Some(result)
}

/// A coefficient: its range, what it is where no decimal is rounded, and the digits of the shortest decimal in it.
struct Group {
    range: Interval,
    middle: Rational,
    digits: Option<u32>,
}

/// The coefficients of a polynomial in all symbols but those of roundings and the square roots of numbers.
fn grouped(p: &Polynomial) -> Option<BTreeMap<Vec<(&str, u32)>, Group>> {
    let mut groups: BTreeMap<Vec<(&str, u32)>, Group> = BTreeMap::new();
    for (monomial, q) in p.terms() {
        let (mut interval, mut middle) = ((q.clone(), q.clone()), q.clone());
        let (mut rest, mut digits) = (Vec::new(), None);
        for (symbol, exponent) in monomial.factors() {
            let rounding = symbol_digits(symbol);
            let factor = if rounding.is_some() {
                digits = digits.into_iter().chain(rounding).min();
                middle = Rational::ZERO;
                (Rational::MINUS_ONE, Rational::ONE)
            } else if let Some(number) = roots::radicand(symbol) {
                square_root(&number)?
            } else {
                rest.push((symbol, exponent));
                continue;
            };
            let mut power = (Rational::ONE, Rational::ONE);
            for _ in 0..exponent {
                power = times(&power, &factor);
            }
            if exponent % 2 == 0 && rounding.is_some() {
                power.0 = Rational::ZERO;
            }
            interval = times(&interval, &power);
        }
        let zero = || (Rational::ZERO, Rational::ZERO);
        let group = groups.entry(rest).or_insert_with(|| Group { range: zero(), middle: Rational::ZERO, digits: None });
        group.range = (&group.range.0 + &interval.0, &group.range.1 + &interval.1);
        group.middle = &group.middle + &middle;
        group.digits = group.digits.into_iter().chain(digits).min();
    }
    Some(groups)
}

fn times(a: &Interval, b: &Interval) -> Interval {
    let mut products = [&a.0 * &b.0, &a.0 * &b.1, &a.1 * &b.0, &a.1 * &b.1];
    products.sort();
    let [low, .., high] = products;
    (low, high)
}

/// Bounds of a square root, 10⁻³⁰ apart for numbers near 1.
fn square_root(number: &Rational) -> Option<Interval> {
    let scale = BigInt::from(10).pow(30);
    let inside = number.numerator() * number.denominator() * &scale * &scale;
    let root = (inside >= BigInt::ZERO).then(|| inside.sqrt())?;
    let below = number.denominator() * scale;
    let low = Rational::from_bigints(root.clone(), below.clone())?;
    Some((low, Rational::from_bigints(root + 1, below)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Fraction {
        let precision = precision(text, false);
        let value: Rational = text.parse().unwrap();
        precision.map_or_else(|| Fraction::from_rational(&value), |p| decimal(&value, 0, &p))
    }

    #[test]
    fn a_decimal_is_what_rounds_to_it() {
        for (text, truth, expected) in [
            ("0.333", Rational::new(1, 3), true),
            ("0.33", Rational::new(1, 3), true),
            ("0.334", Rational::new(1, 3), false),
            ("0.0833", Rational::new(1, 12), true),
            ("0.083", Rational::new(1, 12), true),
            ("0.08", Rational::new(1, 12), true),
            ("0.09", Rational::new(1, 12), false),
            ("0.13", Rational::new(1, 8), true),
            ("0.12", Rational::new(1, 8), true),
            ("1e-3", Rational::new(1, 1400), true),
            ("1e3", Rational::new(1400, 1), true),
            ("2.5e-1", Rational::new(1, 4), true),
            // Whole numbers are exact.
            ("3", Rational::new(29, 10), false),
            ("3.", Rational::new(29, 10), true),
        ] {
            assert_eq!(agree(&number(text), &Fraction::from_rational(&truth)).is_some(), expected, "{text}");
        }
        for (text, expected) in [("2.785", 4), ("0.0833", 3), ("1e-3", 1), ("0.0", 1), ("12.50", 4)] {
            assert_eq!(digits(&number(text)), Some(expected), "{text}");
        }
        assert_eq!(digits(&number("2")), None);
    }

    #[test]
    fn roots_and_symbols() {
        let root = Fraction::symbol("sqrt(2)");
        let agree = |a: &Fraction, b: &Fraction| agree(a, b).is_some();
        assert!(agree(&number("1.41421"), &root) && !agree(&number("1.41422"), &root));
        let m = Fraction::symbol("m");
        let third = Fraction::from_rational(&Rational::new(1, 3));
        assert!(agree(&number("0.33").times(&m), &third.times(&m)));
        assert!(!agree(&number("0.33"), &third.times(&m)));
        let (low, high) = range(&number("2.785")).unwrap();
        assert_eq!((low, high), (Rational::new(55690, 20000), Rational::new(55710, 20000)));
        assert_eq!(range(&m), None);
    }
}
