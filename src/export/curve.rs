//! The principal root of an optimizer as a program can follow it.

use crate::number::{Coefficient, Fraction, Rational};
use crate::optimizer::{BoundOptimizer, Optimizer};
use crate::principal::{Curve, PrincipalPart};

/// The polynomial in q, with coefficients that are polynomials in `z = hλ`, whose root makes `r = 1 + z q` the factor by which a step
/// stretches an eigendirection of a quadratic: `χ(1 + zq; z)/z`. At z = 0 it has degree one in q, so that q is analytic there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GrowthCurve {
    /// By powers of q, then of z.
    pub(super) coefficients: Vec<Vec<Fraction>>,
    /// How far below the real line the root is followed: above the branch points that lie there.
    pub(super) depth: f64,
}

impl GrowthCurve {
    /// Of an optimizer; `None` where its characteristic polynomial is not known: gradients at stages of a recurrence, irrational
    /// stability functions.
    pub(super) fn of(optimizer: &BoundOptimizer) -> Option<Self> {
        let part = PrincipalPart::of(optimizer);
        let curve = match optimizer.optimizer() {
            Optimizer::RungeKutta(_) => Curve::of_numbers(part.characteristic()?),
            _ => Curve::of(&optimizer.fractions().ok()?)?,
        };
        let below = part.characteristic().and_then(crate::principal::Characteristic::branch_points);
        let lowest = below.unwrap_or_default().iter().map(|z| z.im).filter(|im| *im < 0.0).reduce(f64::max);
        let chi = curve.coefficients();
        let mut coefficients = Vec::with_capacity(chi.len());
        for power in 0..chi.len() {
            // Of (1 + w)^j, the coefficient of w^power; w = z q, and z divides all.
            let mut in_z: Vec<Fraction> = Vec::new();
            for (j, c) in chi.iter().enumerate().skip(power) {
                let times = binomial(j, power);
                in_z.resize(in_z.len().max(c.len()), Fraction::zero());
                for (sum, c) in in_z.iter_mut().zip(c) {
                    *sum = sum.plus(&c.scaled(&times));
                }
            }
            match power {
                // r = 1 is a root at z = 0.
                0 if in_z.first().is_some_and(Fraction::is_zero) => drop(in_z.remove(0)),
                0 => return None,
                _ => in_z.splice(0..0, vec![Fraction::zero(); power - 1]).for_each(drop),
            }
            while in_z.last().is_some_and(Fraction::is_zero) {
                in_z.pop();
            }
            coefficients.push(in_z);
        }
        Some(Self { coefficients, depth: lowest.map_or(0.5, |im| (0.5 * -im).min(0.5)) })
    }
}

fn binomial(n: usize, k: usize) -> Rational {
    let count = |x: usize| Rational::from(i64::try_from(x).unwrap_or(i64::MAX));
    (0..k).fold(Rational::ONE, |product, i| &(&product * &count(n - i)) / &count(i + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str) -> Vec<Vec<String>> {
        let optimizer: Optimizer = name.parse().unwrap();
        let curve = GrowthCurve::of(&optimizer.bind(&[]).unwrap()).unwrap();
        curve.coefficients.iter().map(|c| c.iter().map(ToString::to_string).collect()).collect()
    }

    /// `r² − (1+m−z) r + m` at `r = 1 + zq`, over z.
    #[test]
    fn curves_by_hand() {
        assert_eq!(shown("gradient-descent"), [vec!["1"], vec!["1"]]);
        assert_eq!(shown("heavy-ball"), [vec!["1"], vec!["1-m", "1"], vec!["0", "1"]]);
        // (1 + z) r = 1.
        assert_eq!(shown("implicit-euler"), [vec!["1"], vec!["1", "1"]]);
        // R(−z) = 1 − z + z²/2.
        assert_eq!(shown("rk:midpoint"), [vec!["1", "-1/2"], vec!["1"]]);
    }
}
