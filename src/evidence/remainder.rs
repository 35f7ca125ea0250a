//! The principal series summed: that it approaches `log(1−z)/z` as its remainder predicts, and where it does not.

use super::check::{Check, Row, principal_coefficients};
use crate::number::Rational;
use crate::principal::enclose_log1m_over_z;
use crate::series::ModifiedEquation;

/// Where the sums are taken inside the circle of convergence: `(numerator, denominator)` of z.
const INSIDE: [(i64, i64); 6] = [(3, 10), (-3, 10), (1, 2), (-1, 2), (9, 10), (-9, 10)];
/// Where they are taken outside.
const OUTSIDE: [(i64, i64); 4] = [(3, 2), (-3, 2), (2, 1), (-2, 1)];
/// How much narrower than the value that is examined an enclosure is: `2^-40`.
const NARROW: i64 = 1 << 40;

/// Verifies that the derived principal series, summed to every order, approaches `log(1−z)/z` at the remainder's rate.
///
/// With `S_n = Σ_{p≤n} c_p z^p` of the derived coefficients and `R_n = log(1−z)/z − S_n`, at z = ±0.3, ±0.5, ±0.9:
///
/// ```text
/// |R_n| ≤ |z|^{n+1} / ((n+2)(1−|z|)),    |ρ_n − 1/(1−z)| ≤ |z| / ((n+2)(1−|z|)²),    ρ_n = −R_n (n+2) / z^{n+1}
/// ```
///
/// The second says that the remainder tends to its first term over `1 − z`. All in exact rationals, the logarithm between
/// rational bounds from another series than the one examined.
#[must_use]
pub fn check_remainder(route: &str, equation: &ModifiedEquation, order: usize) -> Check {
    let coefficients = principal_coefficients(equation, order);
    let mut rows = Vec::new();
    for z in INSIDE.map(|(n, d)| Rational::new(n, d)) {
        rows.extend(remainder_rows(&z, &coefficients).unwrap_or_default());
    }
    Check::from_rows("remainder", &[route], coefficients.len(), order, rows, |row| {
        format!("{} of the series by {route} is {}, expected {}", row.subject, row.found, row.expected)
    })
}

/// Verifies that the derived principal series diverges outside the unit circle, at z = ±1.5, ±2.
///
/// Its terms grow from one to the next as soon as `n (|z|−1) > 1`. For negative z, where `log(1−z)/z` is real, its
/// distance from the sums is at least `|z|^{n+1} / ((n+2)(1+|z|))`, which grows without bound.
#[must_use]
pub fn check_divergence(route: &str, equation: &ModifiedEquation, order: usize) -> Check {
    let coefficients = principal_coefficients(equation, order);
    let mut rows = Vec::new();
    for z in OUTSIDE.map(|(n, d)| Rational::new(n, d)) {
        rows.extend(growth_rows(&z, &coefficients));
        rows.extend(distance_rows(&z, &coefficients).unwrap_or_default());
    }
    Check::from_rows("divergence", &[route], coefficients.len(), order, rows, |row| {
        format!("{} of the series by {route} is {}, expected {}", row.subject, row.found, row.expected)
    })
}

/// What is known of `R_n`.
struct Remainder {
    /// `z^{n+1}`.
    power: Rational,
    /// `n + 2`, so that `−z^{n+1}/(n+2)` is the first term left out.
    divisor: Rational,
    /// Bounds of `R_n`.
    low: Rational,
    high: Rational,
}

/// The remainders after each order; `None` where `log(1−z)` is not real.
fn remainders(z: &Rational, coefficients: &[Rational]) -> Option<Vec<Remainder>> {
    // The smallest value looked at: the remainder's first term at the last order, or at the first if it grows.
    let count = i64::try_from(coefficients.len()).ok()?;
    let smallest = z.abs().pow(count)?.min(Rational::ONE);
    let width = &smallest * &Rational::new(1, NARROW).checked_div(&Rational::from(count + 1))?;
    let (low, high) = enclose_log1m_over_z(z, &width)?;
    let (mut sum, mut power) = (Rational::ZERO, Rational::ONE);
    let remainder = |(divisor, c): (i64, &Rational)| {
        sum += &(c * &power);
        power *= z;
        Remainder { power: power.clone(), divisor: Rational::from(divisor), low: &low - &sum, high: &high - &sum }
    };
    Some((2..).zip(coefficients).map(remainder).collect())
}

fn remainder_rows(z: &Rational, coefficients: &[Rational]) -> Option<Vec<Row>> {
    let rest = &Rational::ONE - &z.abs();
    let limit = (&Rational::ONE - z).recip()?;
    let mut rows = Vec::new();
    for (n, Remainder { power, divisor, low, high }) in remainders(z, coefficients)?.into_iter().enumerate() {
        let bound = &power.abs() / &(&divisor * &rest);
        let largest = low.abs().max(high.abs());
        rows.push(Row {
            subject: format!("the remainder after order {n} at z = {}", decimal(z)),
            found: decimal(&largest),
            expected: format!("at most {}", decimal(&bound)),
            ok: largest <= bound,
        });
        let to_ratio = -(&divisor / &power);
        let bound = &z.abs() / &(&divisor * &(&rest * &rest));
        let distance = |r: &Rational| (&(r * &to_ratio) - &limit).abs();
        rows.push(Row {
            subject: format!("the remainder over its first term after order {n} at z = {}", decimal(z)),
            found: decimal(&(&low * &to_ratio)),
            expected: format!("{} within {}", decimal(&limit), decimal(&bound)),
            ok: distance(&low).max(distance(&high)) <= bound,
        });
    }
    Some(rows)
}

fn growth_rows(z: &Rational, coefficients: &[Rational]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut power = Rational::ONE;
    let mut previous = Rational::ZERO;
    let excess = &z.abs() - &Rational::ONE;
    for (n, c) in (0_i64..).zip(coefficients) {
        let term = (c * &power).abs();
        if &Rational::from(n) * &excess > Rational::ONE {
            rows.push(Row {
                subject: format!("the term of order {n} at z = {}", decimal(z)),
                found: decimal(&term),
                expected: format!("more than {} in size", decimal(&previous)),
                ok: term > previous,
            });
        }
        previous = term;
        power *= z;
    }
    rows
}

/// `None` for positive z, where the logarithm is not real.
fn distance_rows(z: &Rational, coefficients: &[Rational]) -> Option<Vec<Row>> {
    let all = &Rational::ONE + &z.abs();
    let mut rows = Vec::new();
    for (n, Remainder { power, divisor, low, high }) in remainders(z, coefficients)?.into_iter().enumerate() {
        let bound = &power.abs() / &(&divisor * &all);
        let same_sign = low.is_negative() == high.is_negative();
        let smallest = low.abs().min(high.abs());
        rows.push(Row {
            subject: format!("the distance from log(1-z)/z after order {n} at z = {}", decimal(z)),
            found: decimal(&smallest),
            expected: format!("at least {}", decimal(&bound)),
            ok: same_sign && smallest >= bound,
        });
    }
    Some(rows)
}

/// Five digits for a reader; nothing is decided on them.
fn decimal(value: &Rational) -> String {
    let short = value.to_f64();
    let size = short.abs();
    if size == 0.0 || (1e-3..1e6).contains(&size) {
        let digits = format!("{short:.5}");
        digits.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{short:.4e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::order_polynomials;
    use crate::tree::Tree;

    fn with_principal(coefficient: impl Fn(i64) -> Rational, order: usize) -> ModifiedEquation {
        let mut equation = order_polynomials(0);
        equation.orders = (0..=order)
            .map(|p| {
                let tree = Tree::tall(p);
                vec![crate::series::Term { tree, coefficient: coefficient(i64::try_from(p).unwrap()).into() }]
            })
            .collect();
        equation
    }

    #[test]
    fn the_principal_series_passes_to_high_order() {
        let equation = with_principal(|p| Rational::new(-1, p + 1), 40);
        let remainder = check_remainder("principal", &equation, 40);
        assert!(remainder.ok, "{}", remainder.detail);
        assert_eq!((remainder.orders, remainder.compared), ((0, 40), 6 * 2 * 41));
        let divergence = check_divergence("principal", &equation, 40);
        assert!(divergence.ok, "{}", divergence.detail);
    }

    #[test]
    fn another_series_fails() {
        // −1/(p+1) but for one late coefficient, off by a thousandth.
        let off = |p: i64| if p == 9 { Rational::new(-1001, 10_000) } else { Rational::new(-1, p + 1) };
        let check = check_remainder("off", &with_principal(off, 12), 12);
        assert!(!check.ok);
        // exp instead of a logarithm: converges everywhere.
        let exp = |p: i64| (1..=p).fold(Rational::MINUS_ONE, |c, k| c * Rational::new(1, k));
        assert!(!check_divergence("exp", &with_principal(exp, 12), 12).ok);
    }

    #[test]
    fn decimals_are_short() {
        for (text, expected) in [("0", "0"), ("-3/10", "-0.3"), ("3", "3"), ("1/3000000", "3.3333e-7")] {
            assert_eq!(decimal(&text.parse().unwrap()), expected);
        }
    }
}
