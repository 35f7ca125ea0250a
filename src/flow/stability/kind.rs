//! What a critical point and an eigendirection are called.

use crate::spectral::Alpha;
use num_complex::Complex64;
use std::fmt;

/// What kind of critical point a Hessian makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// All eigenvalues are positive.
    Minimum,
    /// Some are positive, some negative, none is zero.
    Saddle,
    /// All are negative.
    Maximum,
    /// Some eigenvalue is zero to within its uncertainty: the second derivatives do not decide.
    Degenerate,
}

impl Kind {
    /// The kind of a spectrum, each of whose eigenvalues is known to within its uncertainty.
    ///
    /// ```
    /// use shadowflow::flow::Kind;
    /// assert_eq!(Kind::of(&[2.0, -1.0], &[1e-12, 1e-12]), Kind::Saddle);
    /// assert_eq!(Kind::of(&[2.0, 1e-14], &[1e-12, 1e-12]), Kind::Degenerate);
    /// // A parameter in other units has another eigenvalue, known as well as the others.
    /// assert_eq!(Kind::of(&[2.0, 1e-30], &[1e-12, 1e-42]), Kind::Minimum);
    /// ```
    #[must_use]
    pub fn of(eigenvalues: &[f64], uncertainties: &[f64]) -> Self {
        let pairs = || eigenvalues.iter().zip(uncertainties);
        // A comparison with NaN is false: what is not known to be positive or negative is degenerate.
        let positive = pairs().filter(|(l, u)| **l > **u).count();
        let negative = pairs().filter(|(l, u)| **l < -**u).count();
        if positive + negative < eigenvalues.len() {
            Self::Degenerate
        } else if negative == 0 {
            Self::Minimum
        } else if positive == 0 {
            Self::Maximum
        } else {
            Self::Saddle
        }
    }

    /// The name in outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Minimum => "minimum",
            Self::Saddle => "saddle",
            Self::Maximum => "maximum",
            Self::Degenerate => "degenerate",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What an optimizer does along one eigendirection, as its principal flow has it (Rosca, Wu, Qin & Dherin 2023, section 3.1).
///
/// The paper's three cases are for `λ > 0`. For gradient descent they are `hλ < 1`, `1 < hλ < 2` and `hλ > 2`; for another
/// optimizer they are told by `e^{hλα(hλ)}`, the factor of one step: real and contracting, complex and contracting, expanding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Case {
    /// Contracts without oscillation, `0 < hλ < 1`.
    RealStable,
    /// At the branch point, `hλ = 1`: gradient descent arrives in one step, and α is infinite.
    BranchPoint,
    /// Contracts and oscillates, `1 < hλ < 2`.
    ComplexStable,
    /// Neither contracts nor expands to first order, `hλ = 2`.
    EdgeOfStability,
    /// Expands, `hλ > 2`.
    Unstable,
    /// `λ < 0`: gradient descent and its principal flow move away along it.
    NegativeCurvature,
    /// `λ = 0` to within its uncertainty: nothing moves, to first order.
    Flat,
    /// λ is of one side of a kink, beyond which it is another.
    Undecided,
}

impl Case {
    /// The case of an eigenvalue, known to within `uncertainty`, at a step size, for an optimizer with this α.
    ///
    /// ```
    /// use shadowflow::{flow::Case, spectral::Alpha};
    /// assert_eq!(Case::of(&Alpha::Logarithm, 0.1, 15.0, 0.0), Case::ComplexStable);
    /// assert_eq!(Case::of(&Alpha::Logarithm, 0.1, -15.0, 0.0), Case::NegativeCurvature);
    /// ```
    #[must_use]
    pub fn of(alpha: &Alpha, h: f64, lambda: f64, uncertainty: f64) -> Self {
        if uncertainty == f64::INFINITY {
            return Self::Undecided;
        }
        if lambda.is_nan() || lambda.abs() <= uncertainty || lambda == 0.0 {
            return Self::Flat;
        }
        if lambda < 0.0 {
            return Self::NegativeCurvature;
        }
        let z = h * lambda;
        let tolerance = h * uncertainty + 4.0 * f64::EPSILON * z;
        if *alpha == Alpha::Logarithm {
            return if (z - 1.0).abs() <= tolerance {
                Self::BranchPoint
            } else if (z - 2.0).abs() <= tolerance {
                Self::EdgeOfStability
            } else if z < 1.0 {
                Self::RealStable
            } else if z < 2.0 {
                Self::ComplexStable
            } else {
                Self::Unstable
            };
        }
        let exponent = alpha.at(Complex64::from(z)) * z;
        if !exponent.is_finite() {
            Self::BranchPoint
        } else if exponent.re.abs() <= 4.0 * tolerance.max(f64::EPSILON * exponent.norm()) {
            Self::EdgeOfStability
        } else if exponent.re > 0.0 {
            Self::Unstable
        } else if exponent.im.abs() <= 1e-12 * exponent.norm() {
            Self::RealStable
        } else {
            Self::ComplexStable
        }
    }

    /// The name in outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RealStable => "real stable",
            Self::BranchPoint => "branch point",
            Self::ComplexStable => "complex stable",
            Self::EdgeOfStability => "edge of stability",
            Self::Unstable => "unstable",
            Self::NegativeCurvature => "negative curvature",
            Self::Flat => "flat",
            Self::Undecided => "undecided",
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cases_of_gradient_descent() {
        for (z, case) in [
            (0.5, Case::RealStable),
            (1.0, Case::BranchPoint),
            (1.5, Case::ComplexStable),
            (2.0, Case::EdgeOfStability),
            (2.5, Case::Unstable),
            (-0.5, Case::NegativeCurvature),
            (-5.0, Case::NegativeCurvature),
            (0.0, Case::Flat),
            (f64::NAN, Case::Flat),
        ] {
            assert_eq!(Case::of(&Alpha::Logarithm, 1.0, z, 0.0), case, "{z}");
            assert_eq!(Case::of(&Alpha::Logarithm, 0.25, 4.0 * z, 0.0), case, "{z}");
        }
        // A value within its uncertainty of a boundary is not told apart from it.
        assert_eq!(Case::of(&Alpha::Logarithm, 1.0, 1.0 + 1e-9, 1e-8), Case::BranchPoint);
        assert_eq!(Case::of(&Alpha::Logarithm, 1.0, 2.0 - 1e-9, 1e-8), Case::EdgeOfStability);
        assert_eq!(Case::of(&Alpha::Logarithm, 1.0, -1e-9, 1e-8), Case::Flat);
    }

    #[test]
    fn kinds_need_certain_signs() {
        for (spectrum, kind) in [
            (&[3.0, 1.0][..], Kind::Minimum),
            (&[3.0, -1.0], Kind::Saddle),
            (&[-1.0, -3.0], Kind::Maximum),
            (&[3.0, 0.0], Kind::Degenerate),
            (&[3.0, 0.0, -1.0], Kind::Degenerate),
            (&[f64::NAN], Kind::Degenerate),
        ] {
            assert_eq!(Kind::of(spectrum, &[1e-9; 3]), kind, "{spectrum:?}");
        }
        assert_eq!(Kind::of(&[1.0], &[f64::NAN]), Kind::Degenerate);
    }
}
