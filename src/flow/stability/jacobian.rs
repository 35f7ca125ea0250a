//! The Jacobian of a field at a point by differentiation, which knows nothing of closed forms.

use super::super::field::Field;
use crate::spectral::general_eigenvalues;
use nalgebra::DMatrix;
use num_complex::Complex64;

/// Radii that are tried in turn, relative to the coordinate (to 1, where it is smaller), until two agree.
const RADII: [f64; 7] = [1e-3, 1e-4, 1e-2, 1e-5, 1e-6, 1e-7, 1e-8];
/// Two radii agree at this relative difference.
const AGREEMENT: f64 = 1e-11;
/// States on the circle of Cauchy's integral.
const NODES: usize = 8;

/// How a field is continued off the real line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Continuation {
    /// Analytically: Cauchy's integral `J e_j = 1/(8r) Σ_k w^{−k} f(θ + r w^k e_j)`, `w = e^{2πi/8}`, with an error of order `r^8`.
    Analytic,
    /// Not at all: central differences of order `r^4` on the real line.
    Real,
}

/// The eigenvalues of a field's Jacobian, in no order; `None` where the field has no value close by.
///
/// The radius is the one of several at which the result depends on it least.
pub(super) fn jacobian_spectrum(
    field: &mut dyn Field,
    at: &[f64],
    continuation: Continuation,
) -> Option<Vec<Complex64>> {
    let mut best: Option<(f64, DMatrix<Complex64>)> = None;
    let mut previous: Option<DMatrix<Complex64>> = None;
    for radius in RADII {
        let Some(jacobian) = jacobian(field, at, radius, continuation) else { continue };
        if let Some(previous) = &previous {
            let difference = (&jacobian - previous).norm();
            if best.as_ref().is_none_or(|(least, _)| difference < *least) {
                best = Some((difference, jacobian.clone()));
            }
            if difference <= AGREEMENT * jacobian.norm() {
                break;
            }
        }
        previous = Some(jacobian);
    }
    let jacobian = best.map(|(_, jacobian)| jacobian).or(previous)?;
    general_eigenvalues(jacobian.transpose().as_slice(), jacobian.nrows())
}

fn jacobian(
    field: &mut dyn Field,
    at: &[f64],
    relative: f64,
    continuation: Continuation,
) -> Option<DMatrix<Complex64>> {
    let n = at.len();
    let mut state: Vec<Complex64> = at.iter().map(|x| Complex64::from(*x)).collect();
    let mut value = vec![Complex64::ZERO; n];
    let mut jacobian = DMatrix::from_element(n, n, Complex64::ZERO);
    for j in 0..n {
        let radius = relative * at[j].abs().max(1.0);
        let weighted: Vec<(Complex64, Complex64)> = match continuation {
            Continuation::Analytic => {
                let turn = |k: usize| Complex64::cis(std::f64::consts::TAU * k as f64 / NODES as f64);
                (0..NODES).map(|k| (radius * turn(k), turn(k).conj() / (NODES as f64 * radius))).collect()
            }
            Continuation::Real => [(1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0)]
                .map(|(place, weight)| (Complex64::from(place * radius), Complex64::from(weight / (12.0 * radius))))
                .to_vec(),
        };
        for (displacement, weight) in weighted {
            state[j] = at[j] + displacement;
            field.evaluate(&state, &mut value).ok()?;
            for (i, v) in value.iter().enumerate() {
                jacobian[(i, j)] += weight * v;
            }
        }
        state[j] = Complex64::from(at[j]);
    }
    jacobian.iter().all(|x| x.is_finite()).then_some(jacobian)
}

/// Orders one spectrum after another, each value to the nearest that is left, and the largest difference of two so matched.
///
/// Where the other has no value, what remains takes its place and does not count.
pub(super) fn matched(spectrum: &[Option<Complex64>], mut other: Vec<Complex64>) -> (Vec<Complex64>, Option<f64>) {
    let mut places: Vec<Option<Complex64>> = vec![None; spectrum.len()];
    let mut largest = None;
    for (place, wanted) in places.iter_mut().zip(spectrum) {
        let Some(wanted) = wanted else { continue };
        let apart = |z: &Complex64| (z - wanted).norm();
        let nearest = (0..other.len()).min_by(|a, b| apart(&other[*a]).total_cmp(&apart(&other[*b])));
        let Some(k) = nearest else { break };
        largest = Some(apart(&other[k]).max(largest.unwrap_or(0.0)));
        *place = Some(other.swap_remove(k));
    }
    let mut rest = other.into_iter();
    (places.into_iter().filter_map(|p| p.or_else(|| rest.next())).collect(), largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `f = (−2x + y², x y − i y)` has the Jacobian `[[−2, 2y], [y, x − i]]`.
    #[test]
    fn differentiates_complex_fields() {
        let mut field = |z: &[Complex64], out: &mut [Complex64]| {
            out[0] = -2.0 * z[0] + z[1] * z[1];
            out[1] = (z[0] - Complex64::I) * z[1];
        };
        for continuation in [Continuation::Analytic, Continuation::Real] {
            let spectrum = jacobian_spectrum(&mut field, &[3.0, 0.0], continuation).unwrap();
            let expected = [Some(Complex64::new(-2.0, 0.0)), Some(Complex64::new(3.0, -1.0))];
            let (ordered, difference) = matched(&expected, spectrum);
            assert_eq!(ordered.len(), 2);
            assert!(difference.is_some_and(|d| d < 1e-11), "{ordered:?}");
        }
    }

    /// A radius that reaches a singularity is found out: `1/(x − 0.005)` is not analytic over the largest circles.
    #[test]
    fn finds_a_radius() {
        let mut field = |z: &[Complex64], out: &mut [Complex64]| out[0] = 1.0 / (z[0] - 0.005);
        let spectrum = jacobian_spectrum(&mut field, &[0.0], Continuation::Analytic).unwrap();
        assert!((spectrum[0] + 40_000.0).norm() < 1e-6 * 40_000.0, "{spectrum:?}");
        let mut nowhere = |_: &[Complex64], out: &mut [Complex64]| out[0] = Complex64::new(f64::NAN, 0.0);
        assert_eq!(jacobian_spectrum(&mut nowhere, &[0.0], Continuation::Analytic), None);
    }

    #[test]
    fn matches_what_is_there() {
        let c = |x| Complex64::new(x, 0.0);
        let (ordered, difference) = matched(&[Some(c(1.0)), None, Some(c(3.0))], vec![c(3.5), c(7.0), c(1.0)]);
        assert_eq!(ordered, [c(1.0), c(7.0), c(3.5)]);
        assert_eq!(difference, Some(0.5));
    }
}
