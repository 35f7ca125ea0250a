//! For which step sizes a flow is attracted to a critical point.

use crate::number::{Rational, Univariate};
use crate::principal::Characteristic;
use crate::spectral::Alpha;
use num_complex::Complex64;

/// Magnitudes of `hλ` between which boundaries are looked for, and how densely.
const DECADES: (i32, i32) = (-6, 6);
const PER_DECADE: i32 = 100;
/// Real parts this small against their modulus count as zero: the factor of a step is on the unit circle.
const NEUTRAL: f64 = 1e-13;

/// A union of disjoint open intervals of positive numbers, in order; the last may end at infinity.
///
/// ```
/// use shadowflow::flow::StepSizes;
/// let both = StepSizes::new(vec![(0.0, 2.0)]).intersected(&StepSizes::new(vec![(1.0, f64::INFINITY)]));
/// assert_eq!(both.intervals(), [(1.0, 2.0)]);
/// assert!(both.contains(1.5) && !both.contains(2.0));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StepSizes(Vec<(f64, f64)>);

impl StepSizes {
    /// From intervals, disjoint and in order; empty ones are left out.
    #[must_use]
    pub fn new(intervals: Vec<(f64, f64)>) -> Self {
        Self(intervals.into_iter().filter(|(low, high)| low < high).collect())
    }

    /// All positive numbers.
    #[must_use]
    pub fn all() -> Self {
        Self(vec![(0.0, f64::INFINITY)])
    }

    /// The intervals.
    #[must_use]
    pub fn intervals(&self) -> &[(f64, f64)] {
        &self.0
    }

    /// Whether a step size is inside.
    #[must_use]
    pub fn contains(&self, h: f64) -> bool {
        self.0.iter().any(|(low, high)| *low < h && h < *high)
    }

    /// What is in both.
    #[must_use]
    pub fn intersected(&self, other: &Self) -> Self {
        let pairs = self.0.iter().flat_map(|a| other.0.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))));
        Self::new(pairs.collect())
    }

    /// Every number divided by a positive one.
    #[must_use]
    fn divided(&self, by: f64) -> Self {
        Self::new(self.0.iter().map(|(low, high)| (low / by, high / by)).collect())
    }
}

/// For which `|z|`, `z = hλ`, something contracts: on the positive half-line and on the negative one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Contracting {
    positive: StepSizes,
    negative: StepSizes,
}

impl Contracting {
    /// Where `Re α(z) z < 0`.
    ///
    /// For the logarithm `0 < z < 2`. For others boundaries are looked for between 10⁻⁶ and 10⁶, a hundred a decade, and bisected;
    /// intervals narrower than that are missed, and beyond the last all is taken to stay as it is.
    pub(super) fn of_flow(alpha: &Alpha) -> Self {
        if *alpha == Alpha::Logarithm {
            return Self { positive: StepSizes::new(vec![(0.0, 2.0)]), negative: StepSizes::default() };
        }
        let side = |sign: f64| {
            scan(&|size| match alpha {
                Alpha::Polynomial(c) => polynomial_sign(c, sign * size).map(|s| s * sign < 0.0),
                _ => {
                    let exponent = alpha.at(Complex64::from(sign * size)) * sign * size;
                    exponent.is_finite().then(|| exponent.re < -NEUTRAL * exponent.norm())
                }
            })
        };
        Self { positive: side(1.0), negative: side(-1.0) }
    }

    /// Where every root of the characteristic polynomial lies inside the unit circle, decided in exact arithmetic.
    pub(super) fn of_optimizer(characteristic: &Characteristic) -> Self {
        let side =
            |sign: f64| scan(&|size| Rational::from_f64(sign * size).map(|z| characteristic.at(&z).is_schur_stable()));
        Self { positive: side(1.0), negative: side(-1.0) }
    }

    /// The step sizes at which an eigendirection contracts.
    pub(super) fn step_sizes(&self, lambda: f64, uncertainty: f64) -> StepSizes {
        if lambda.is_nan() || lambda == 0.0 || lambda.abs() <= uncertainty {
            StepSizes::default()
        } else if lambda > 0.0 {
            self.positive.divided(lambda)
        } else {
            self.negative.divided(-lambda)
        }
    }
}

/// A z below this moves no root across the unit circle that is not next to 1.
const TINY: f64 = 1e-10;

/// Whether all roots of the characteristic polynomial at some `z` lie inside the unit circle, in exact arithmetic; `None` where the largest is on it
/// to within a tolerance. For a tiny z, of known sign, the root next to 1 is told by that sign.
pub(super) fn contracts(characteristic: &Characteristic, z: f64, tolerance: f64) -> Option<bool> {
    let polynomial = characteristic.at(&Rational::from_f64(z)?);
    if polynomial.degree() + 1 < characteristic.coefficients().len() {
        // A root at infinity.
        return Some(false);
    }
    let within = |radius: f64| {
        let radius = Rational::from_f64(radius)?;
        let mut power = Rational::ONE;
        let scaled = polynomial.coefficients().iter().map(|c| {
            let scaled = c * &power;
            power *= &radius;
            scaled
        });
        Some(Univariate::new(scaled.collect()).is_schur_stable())
    };
    let tolerance = tolerance.clamp(f64::EPSILON, 0.5);
    match (within(1.0 - tolerance)?, within(1.0 + tolerance)?) {
        (true, _) => Some(true),
        (false, false) => Some(false),
        (false, true) if z.abs() > TINY => None,
        (false, true) => (z < 0.0 || polynomial.is_schur_stable()).then_some(z > 0.0),
    }
}

/// The sign of a polynomial, by Horner's rule in `x` or `1/x`, whichever is smaller, so that nothing overflows.
fn polynomial_sign(coefficients: &[f64], x: f64) -> Option<f64> {
    let value = if x.abs() <= 1.0 {
        coefficients.iter().rev().fold(0.0, |s, c| s * x + c)
    } else {
        let degree = coefficients.len().saturating_sub(1);
        let value = coefficients.iter().fold(0.0, |s, c| s / x + c);
        if x < 0.0 && degree % 2 == 1 { -value } else { value }
    };
    value.is_finite().then_some(value)
}

/// The positive numbers at which a property holds, each end where it first does not.
fn scan(holds: &dyn Fn(f64) -> Option<bool>) -> StepSizes {
    let mut intervals = Vec::new();
    let mut open: Option<f64> = None;
    let mut last: Option<(f64, bool)> = None;
    for k in DECADES.0 * PER_DECADE..=DECADES.1 * PER_DECADE {
        // Not on round numbers, which are where branch points are.
        let x = 10f64.powf((f64::from(k) + 0.37) / f64::from(PER_DECADE));
        let Some(now) = holds(x) else { continue };
        match last {
            None if now => open = Some(0.0),
            Some((before, held)) if held != now => {
                let end = boundary(holds, before, x, held);
                if now {
                    open = Some(end);
                } else if let Some(start) = open.take() {
                    intervals.push((start, end));
                }
            }
            _ => {}
        }
        last = Some((x, now));
    }
    intervals.extend(open.map(|start| (start, f64::INFINITY)));
    StepSizes::new(intervals)
}

/// Where a property changes between two numbers: of the two neighbours that it comes down to, the one without it.
fn boundary(holds: &dyn Fn(f64) -> Option<bool>, low: f64, high: f64, held: bool) -> f64 {
    let (mut low, mut high) = (low, high);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        // Where it is not defined, as at a branch point, it does not hold.
        if holds(middle).unwrap_or(false) == held { low = middle } else { high = middle }
    }
    if held { high } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::testing::named;
    use crate::principal::PrincipalPart;
    use crate::spectral::Analytic;
    use std::sync::Arc;

    fn part(name: &str, momentum: Option<&str>) -> PrincipalPart {
        PrincipalPart::of(&named(name, momentum).unwrap())
    }

    fn close(got: &StepSizes, expected: &[(f64, f64)]) {
        assert_eq!(got.intervals().len(), expected.len(), "{got:?} {expected:?}");
        for (g, e) in got.intervals().iter().zip(expected) {
            let near = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-12 * b.abs();
            assert!(near(g.0, e.0) && near(g.1, e.1), "{got:?} {expected:?}");
        }
    }

    const ALWAYS: [(f64, f64); 1] = [(0.0, f64::INFINITY)];

    /// The partial sums of −log(1−z) are positive for z > 0. For z < 0 those of odd degree are negative, those of even degree positive beyond
    /// one root: −2 for degree 2, as −y + y²/2 has it.
    #[test]
    fn partial_sums_of_the_logarithm() {
        for order in 0..=40 {
            let contracting = Contracting::of_flow(&Alpha::principal(order));
            close(&contracting.positive, &ALWAYS);
            if order % 2 == 0 {
                close(&contracting.negative, &[]);
            } else {
                let [(root, end)] = contracting.negative.intervals() else { panic!("{order}") };
                assert!(end.is_infinite());
                // Σ (−1)^k y^k/k over k ≤ order + 1, which vanishes there.
                let sum: f64 = (1..=order as i32 + 1).map(|k| (-root).powi(k) / f64::from(k)).sum();
                assert!(sum.abs() < 1e-9 * root.powi(order as i32 + 1), "{order}: {root}");
                assert!(order != 1 || *root == 2.0);
            }
        }
    }

    /// `hλ < 2(1+m)` for heavy ball, `2(1+m)/(1+2m)` for Nesterov.
    #[test]
    fn momentum() {
        for m in ["1/10", "1/2", "9/10"] {
            let q: f64 = m.parse::<Rational>().unwrap().to_f64();
            for (name, threshold) in [("heavy-ball", 2.0 * (1.0 + q)), ("nesterov", 2.0 * (1.0 + q) / (1.0 + 2.0 * q))]
            {
                let part = part(name, Some(m));
                let optimizer = Contracting::of_optimizer(part.characteristic().unwrap());
                close(&optimizer.positive, &[(0.0, threshold)]);
                close(&optimizer.negative, &[]);
                let alpha = Alpha::Analytic(Arc::new(Analytic::new(&part).unwrap()));
                close(&Contracting::of_flow(&alpha).positive, &[(0.0, threshold)]);
            }
        }
    }

    /// The factor of implicit Euler is `1/(1+z)`: beyond z = −2 it contracts towards maxima.
    #[test]
    fn implicit_euler_is_attracted_to_maxima() {
        let part = part("implicit-euler", None);
        let alpha = Alpha::Analytic(Arc::new(Analytic::new(&part).unwrap()));
        for contracting in [Contracting::of_flow(&alpha), Contracting::of_optimizer(part.characteristic().unwrap())] {
            close(&contracting.positive, &ALWAYS);
            close(&contracting.negative, &[(2.0, f64::INFINITY)]);
        }
    }

    #[test]
    fn gradient_descent_and_its_principal_flow_agree() {
        let part = part("gradient-descent", None);
        let optimizer = Contracting::of_optimizer(part.characteristic().unwrap());
        assert_eq!(optimizer, Contracting::of_flow(&Alpha::Logarithm));
        assert_eq!(optimizer.step_sizes(4.0, 1e-9), StepSizes::new(vec![(0.0, 0.5)]));
        assert_eq!(optimizer.step_sizes(-4.0, 1e-9), StepSizes::default());
        assert_eq!(optimizer.step_sizes(1e-10, 1e-9), StepSizes::default());
        assert_eq!(
            Contracting::of_flow(&Alpha::implicit_gradient_regularisation()).step_sizes(-4.0, 0.0).intervals(),
            [(0.5, f64::INFINITY)]
        );
    }
}
