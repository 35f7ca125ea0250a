//! An α that the user gives as an expression.

use crate::eval::{Compiled, LowerError, Program, Scratch, VectorFunction};
use crate::expr::{Function, Id, Pool, Shape, Tape};
use crate::loss::{LossErrors, parse_expression};
use crate::spectral::SpectralFunction;
use num_complex::Complex64;
use std::sync::Mutex;

/// Where the values are taken from which a removable singularity at 0 is filled: the radius of a circle and how many.
const RADIUS: f64 = 0.25;
const SAMPLES: usize = 64;

/// Taylor coefficients that are kept, and where they are used.
const TERMS: usize = 24;
const INNER: f64 = 0.1;

/// Arguments closer than this have their divided difference from derivatives.
const CLOSE: f64 = 1e-3;

/// `α(z)` from an expression in z of the loss language, such as `log(1-z)/z`, with principal branches.
///
/// Where the expression has no value at z = 0 but is analytic around it (tested on the circle `|z| = 1/4`: no negative powers), the
/// Taylor series found there by Cauchy's formula is used for `|z| < 0.1`; this also avoids the cancellation next to 0.
/// Other singularities have no value.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow::flow::GivenAlpha;
/// use shadowflow::spectral::SpectralFunction;
/// let alpha = GivenAlpha::parse("log(1-z)/z")?;
/// assert!((alpha.at(Complex64::ZERO).unwrap() + 1.0).norm() < 1e-14);
/// assert!(GivenAlpha::parse("1/z")?.at(Complex64::ZERO).is_none());
/// # Ok::<(), shadowflow::flow::AlphaError>(())
/// ```
#[derive(Debug)]
pub struct GivenAlpha {
    /// α, its first and its third derivative.
    program: Compiled,
    scratch: Mutex<Scratch>,
    series: Option<Vec<Complex64>>,
}

/// Why a text is no α.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AlphaError {
    /// There is none.
    #[error("an expression in z must follow the colon, as in `alpha:log(1-z)/z`")]
    Empty,
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] LossErrors),
    /// It is an array.
    #[error("α must be a scalar expression in z")]
    NotScalar,
    /// A function in it has no derivative somewhere.
    #[error("α must be smooth, and `{}` is not", .0.name())]
    NotSmooth(Function),
    /// It has no program.
    #[error(transparent)]
    Lower(#[from] LowerError),
}

impl GivenAlpha {
    /// Parses and compiles an expression.
    ///
    /// # Errors
    /// [`AlphaError`].
    pub fn parse(expression: &str) -> Result<Self, AlphaError> {
        if expression.is_empty() {
            return Err(AlphaError::Empty);
        }
        let mut pool = Pool::new();
        let z = pool.declare_parameter("z", Shape::scalar());
        let alpha = parse_expression(expression, &mut pool, &[("z".to_owned(), z)])?;
        if *pool.shape(alpha) != Shape::scalar() {
            return Err(AlphaError::NotScalar);
        }
        let nonsmooth = pool.nonsmooth(&[alpha]);
        if let Some(function) = nonsmooth.first() {
            return Err(AlphaError::NotSmooth(function.function()));
        }
        let mut derivative = |id: Id| pool.gradient_entries(id).first().copied().unwrap_or(id);
        let first = derivative(alpha);
        let second = derivative(first);
        let third = derivative(second);
        let tape = Tape::new(&pool, &[alpha, first, third]);
        let program = Program::complex(&pool, &tape)?;
        let mut given = Self { program: Compiled::new(&program), scratch: Mutex::new(Scratch::new()), series: None };
        if !given.values(Complex64::ZERO)[0].is_finite() {
            given.series = given.taylor();
        }
        Ok(given)
    }

    fn values(&self, z: Complex64) -> [Complex64; 3] {
        let mut out = [Complex64::new(f64::NAN, f64::NAN); 3];
        // A poisoned lock guards nothing but working memory.
        let mut scratch = self.scratch.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.program.call_complex(&[z], &mut out, &mut scratch);
        out
    }

    /// The Taylor coefficients at 0 by Cauchy's formula; `None` where the function is not analytic within the circle.
    fn taylor(&self) -> Option<Vec<Complex64>> {
        let angle =
            |k: usize| Complex64::from_polar(1.0, std::f64::consts::TAU * (k % SAMPLES) as f64 / SAMPLES as f64);
        let values: Vec<Complex64> = (0..SAMPLES).map(|k| self.values(RADIUS * angle(k))[0]).collect();
        let size = values.iter().map(|v| v.norm()).fold(0.0, f64::max);
        if !size.is_finite() || values.iter().any(|v| !v.is_finite()) {
            return None;
        }
        // The coefficient of z^p times RADIUS^p; negative powers count from the end.
        let coefficient = |p: usize| {
            values.iter().enumerate().map(|(k, v)| v * angle(k * (SAMPLES - p % SAMPLES))).sum::<Complex64>()
                / SAMPLES as f64
        };
        if (1..=SAMPLES / 4).any(|p| coefficient(SAMPLES - p).norm() > 1e-12 * size) {
            return None;
        }
        Some((0..TERMS).map(|p| coefficient(p) / RADIUS.powi(p as i32)).collect())
    }
}

impl SpectralFunction for GivenAlpha {
    fn at(&self, z: Complex64) -> Option<Complex64> {
        if let Some(series) = self.series.as_ref().filter(|_| z.norm() < INNER) {
            return Some(series.iter().rev().fold(Complex64::ZERO, |s, c| s * z + c));
        }
        Some(self.values(z)[0]).filter(|v| v.is_finite())
    }

    fn divided_difference(&self, u: Complex64, v: Complex64) -> Option<Complex64> {
        if let Some(series) = self.series.as_ref().filter(|_| u.norm() < INNER && v.norm() < INNER) {
            let (mut sum, mut value) = (Complex64::ZERO, Complex64::ZERO);
            for c in series.iter().rev() {
                sum = sum * u + value;
                value = value * v + c;
            }
            return Some(sum);
        }
        let half = (u - v) * 0.5;
        if half.norm() >= CLOSE / 2.0 {
            return Some((self.at(u)? - self.at(v)?) / (2.0 * half));
        }
        let [_, first, third] = self.values(v + half);
        Some(first + third * half * half / 6.0).filter(|d| d.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectral::{alpha, divided_difference};

    #[test]
    fn the_principal_flow_as_an_expression() {
        let given = GivenAlpha::parse("log(1 - z)/z").unwrap();
        let c = Complex64::new;
        let points =
            [c(0.0, 0.0), c(1e-9, 1e-10), c(0.07, -0.05), c(0.11, 0.0), c(-2.0, 0.3), c(1.5, 0.0), c(1.5003, 0.0)];
        for u in points {
            assert!((given.at(u).unwrap() - alpha(u)).norm() < 1e-14 * alpha(u).norm() + 1e-14, "{u}");
            for v in points {
                let (got, want) = (given.divided_difference(u, v).unwrap(), divided_difference(u, v));
                assert!((got - want).norm() < 1e-11 * want.norm(), "{u} {v}: {got} {want}");
            }
        }
        assert!(given.at(c(1.0, 0.0)).is_none());
    }

    #[test]
    fn singularities_that_stay() {
        for text in ["1/z", "log(z)", "sqrt(z)/z", "exp(1/z)"] {
            assert!(GivenAlpha::parse(text).unwrap().at(Complex64::ZERO).is_none(), "{text}");
        }
        assert!(GivenAlpha::parse("abs(z)").unwrap_err().to_string().contains("abs"));
        assert!(GivenAlpha::parse("[z, z]").unwrap_err().to_string().contains("scalar"));
        assert!(GivenAlpha::parse("").unwrap_err().to_string().contains("expression"));
    }
}
