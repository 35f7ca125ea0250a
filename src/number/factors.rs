//! Factors of polynomials that are easily seen, for printing.

use super::{Polynomial, Rational};
use num_bigint::BigInt;
use num_integer::Integer;

/// Numerators and denominators of rational roots that are tried.
const LARGEST: u32 = 64;

/// The factors of a primitive polynomial with their powers: its symbols, and in one symbol the linear ones whose
/// coefficients are at most 64, by the rational root theorem; what is left comes last.
pub(super) fn factors(p: &Polynomial) -> Vec<(Polynomial, u32)> {
    let mut found = Vec::new();
    let Some((first, _)) = p.terms().next() else { return found };
    let mut rest = p.clone();
    for (symbol, exponent) in first.factors() {
        let of = |monomial: &super::Monomial| monomial.factors().find(|(s, _)| *s == symbol).map_or(0, |(_, e)| e);
        let power = p.terms().map(|(monomial, _)| of(monomial)).min().unwrap_or(0).min(exponent);
        let factor = Polynomial::symbol(symbol);
        if power > 0
            && let Some(quotient) = rest.exactly_divided(&factor.pow(power))
        {
            rest = quotient;
            found.push((factor, power));
        }
    }
    if let Some((symbol, mut coefficients)) = in_one_symbol(&rest) {
        linear(&mut coefficients, &mut |constant, slope, power| {
            let slope = Rational::from(slope);
            let line = Polynomial::symbol(&symbol).scaled(&slope).plus(&Polynomial::from(Rational::from(constant)));
            found.push((line, power));
        });
        let x = Polynomial::symbol(&symbol);
        rest = coefficients
            .into_iter()
            .rev()
            .fold(Polynomial::default(), |sum, c| sum.times(&x).plus(&Polynomial::from(Rational::from(c))));
    }
    if rest.as_constant().is_none_or(|c| !c.is_one()) {
        found.push((rest, 1));
    }
    found
}

/// The only symbol and the whole coefficients by ascending power, if the degree is at least 2.
fn in_one_symbol(p: &Polynomial) -> Option<(String, Vec<BigInt>)> {
    let degree = usize::try_from(p.degree()).ok().filter(|d| *d >= 2)?;
    let mut symbol: Option<&str> = None;
    let mut coefficients = vec![BigInt::ZERO; degree + 1];
    for (monomial, c) in p.terms() {
        let mut factors = monomial.factors();
        let (name, exponent) = match (factors.next(), factors.next()) {
            (None, _) => (symbol, 0),
            (Some((name, exponent)), None) if symbol.is_none_or(|s| s == name) => (Some(name), exponent),
            _ => return None,
        };
        symbol = name;
        if !c.is_integer() {
            return None;
        }
        *coefficients.get_mut(exponent as usize)? = c.numerator();
    }
    Some((symbol?.to_owned(), coefficients))
}

/// Divides by every factor `constant + slope x` with a positive constant, as often as it goes.
fn linear(coefficients: &mut Vec<BigInt>, found: &mut dyn FnMut(BigInt, BigInt, u32)) {
    let divisors = |n: Option<&BigInt>| -> Vec<u32> {
        n.map_or_else(Vec::new, |n| (1..=LARGEST).filter(|d| n.is_multiple_of(&BigInt::from(*d))).collect())
    };
    let (constants, slopes) = (divisors(coefficients.first()), divisors(coefficients.last()));
    for slope in slopes {
        for constant in constants.iter().filter(|c| c.gcd(&slope) == 1) {
            for slope in [-BigInt::from(slope), BigInt::from(slope)] {
                let constant = BigInt::from(*constant);
                let mut power = 0;
                while let Some(quotient) = quotient(coefficients, &constant, &slope) {
                    *coefficients = quotient;
                    power += 1;
                }
                if power > 0 {
                    found(constant, slope, power);
                }
            }
        }
    }
}

/// The quotient by `constant + slope x`, from the lowest power up, if it is one with whole coefficients.
fn quotient(coefficients: &[BigInt], constant: &BigInt, slope: &BigInt) -> Option<Vec<BigInt>> {
    let (last, lower) = coefficients.split_last()?;
    let mut quotient: Vec<BigInt> = Vec::with_capacity(lower.len());
    for c in lower {
        let left = quotient.last().map_or_else(|| c.clone(), |previous| c - slope * previous);
        if !left.is_multiple_of(constant) {
            return None;
        }
        quotient.push(left / constant);
    }
    (quotient.last().is_some_and(|q| q * slope == *last)).then_some(quotient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_found_with_their_powers() {
        let m = Polynomial::symbol("m");
        let w = Polynomial::symbol("w");
        let whole = |n: i64| Polynomial::from(Rational::from(n));
        let line = |a: i64, b: i64| whole(a).plus(&m.scaled(&Rational::from(b)));
        let quadratic = line(1, 8).plus(&m.times(&m));
        for expected in [
            vec![(line(1, -1), 2)],
            vec![(line(1, 1), 1), (quadratic.clone(), 1)],
            vec![(m.clone(), 3), (line(1, -1), 1), (line(3, -2), 2), (quadratic, 1)],
            vec![(m.clone(), 1), (w.clone(), 2), (line(1, 1).minus(&w), 1)],
            vec![(line(2, 5), 1)],
        ] {
            let product = expected.iter().fold(whole(1), |p, (f, k)| p.times(&f.pow(*k)));
            assert_eq!(factors(&product), expected, "{product}");
        }
    }
}
