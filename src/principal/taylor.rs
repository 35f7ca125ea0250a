//! The principal series on its own: `log(1−z)/z` by the algebra of power series.

use crate::number::Rational;

/// The Taylor coefficients of `log(1−z)/z` at `z = 0`, from the power 0 to `order`.
///
/// `log(1−z)` is the integral of `−1/(1−z)`, computed as a quotient of power series, and its series is divided by z.
/// Nothing here knows of gradient descent, nor that the answer is `−1/(p+1)`.
///
/// ```
/// use shadowflow::principal::taylor_log1m_over_z;
/// use shadowflow::number::Rational;
/// assert_eq!(taylor_log1m_over_z(2), [(-1, 1), (-1, 2), (-1, 3)].map(|(n, d)| Rational::new(n, d)));
/// ```
#[must_use]
pub fn taylor_log1m_over_z(order: usize) -> Vec<Rational> {
    let one_minus_z = [Rational::ONE, Rational::MINUS_ONE];
    let derivative = divide(&[Rational::MINUS_ONE], &one_minus_z, order + 1);
    let logarithm = integrate(&derivative);
    // The constant term of log(1−z) is zero, so dividing by z drops it.
    logarithm.into_iter().skip(1).collect()
}

/// The first `count` coefficients of a quotient of power series; the divisor's constant term is not zero.
fn divide(numerator: &[Rational], divisor: &[Rational], count: usize) -> Vec<Rational> {
    let mut quotient: Vec<Rational> = Vec::with_capacity(count);
    for n in 0..count {
        let mut rest = numerator.get(n).cloned().unwrap_or_default();
        for (k, d) in divisor.iter().enumerate().take(n + 1).skip(1) {
            rest -= &(d * &quotient[n - k]);
        }
        quotient.push(rest.checked_div(&divisor[0]).unwrap_or_default());
    }
    quotient
}

/// The integral from 0 of a power series.
fn integrate(series: &[Rational]) -> Vec<Rational> {
    let powers = (1_i64..).zip(series).map(|(power, c)| c * &Rational::new(1, power));
    std::iter::once(Rational::ZERO).chain(powers).collect()
}

/// Rational bounds, at most `width` apart, of `log(1−z)/z` for a rational `z < 1` other than 0.
///
/// `log(1−z) = −2 artanh(w)` with `w = z/(2−z)`, `|w| < 1`: a series in another variable than z, which converges where that
/// in z does not (`z ≤ −1`); its tail after the power `2k−1` is below `|w|^{2k+1} / ((2k+1)(1−w²))`. `None` for other z.
pub(crate) fn enclose_log1m_over_z(z: &Rational, width: &Rational) -> Option<(Rational, Rational)> {
    if z >= &Rational::ONE || z.is_zero() || width <= &Rational::ZERO {
        return None;
    }
    let two = Rational::from(2);
    let w = z.checked_div(&(&two - z))?;
    let square = &w * &w;
    let scale = (&two / z).abs();
    let tail_factor = &scale / &(&Rational::ONE - &square);
    let (mut sum, mut power) = (Rational::ZERO, w);
    let mut odd = 1_i64;
    // Both sides have the sign of z, so the quotient log(1−z)/z is negative and the partial sums bound it from above.
    loop {
        let next = &power * &Rational::new(1, odd);
        let tail = &next.abs() * &tail_factor;
        if &tail <= width {
            let upper = -(&sum.abs() * &scale);
            return Some((&upper - &tail, upper));
        }
        sum += &next;
        power *= &square;
        odd += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients() {
        let series = taylor_log1m_over_z(40);
        assert_eq!(series.len(), 41);
        for (p, c) in (0_i64..).zip(&series) {
            assert_eq!(c, &Rational::new(-1, p + 1));
        }
    }

    /// Leading digits of log 2 and log 3 from tables.
    #[test]
    fn enclosures_hold_known_logarithms() {
        let width: Rational = "1e-25".parse().unwrap();
        let cases = [
            // log(1/2) / (1/2) = −2 log 2, log 2 / (−1), log 3 / (−2), log(1/10) / (9/10)
            ("1/2", "-1.386294361119890618834464"),
            ("-1", "-0.693147180559945309417232"),
            ("-2", "-0.549306144334054845697622"),
            ("9/10", "-2.558427881104495204464444"),
        ];
        for (z, value) in cases {
            let (low, high) = enclose_log1m_over_z(&z.parse().unwrap(), &width).unwrap();
            let value: Rational = value.parse().unwrap();
            let slack: Rational = "1e-23".parse().unwrap();
            assert!(low <= high && &high - &low <= width, "{z}");
            assert!((&low - &value).abs() < slack && (&high - &value).abs() < slack, "{z}: {}", low.to_f64());
        }
        for z in ["1", "0", "2"] {
            assert_eq!(enclose_log1m_over_z(&z.parse().unwrap(), &width), None);
        }
    }
}
