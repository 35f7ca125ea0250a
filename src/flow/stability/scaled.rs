//! Units in which no parameter of a Hessian is larger than another.
//!
//! A loss measured in other units, `θ_i = d_i y_i`, has the gradient `D g` and the Hessian `D H D`. With the d that make the largest entry of every
//! row of `D H D` about 1, whatever is said of these two is said of the loss, and not of the units that its parameters came in.

use super::spectrum::{Spectrum, dot, norm};

/// Derivatives below this are next to the smallest of all floats.
pub(super) const UNDERFLOW: f64 = 1e-280;

/// Rows up to which a spectrum is found by rotations where units differ.
pub(super) const MOST_ROTATED: usize = 32;

/// The unit of each parameter, a power of two; 0 where the parameter's row of the Hessian is zero, and says nothing of a unit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Units(Vec<f64>);

impl Units {
    /// Those of a Hessian, row-major.
    pub(super) fn of(hessian: &[f64], n: usize) -> Self {
        let row = |i: usize| &hessian[i * n..(i + 1) * n];
        let mut units: Vec<f64> = (0..n).map(|i| f64::from(u8::from(row(i).iter().any(|h| *h != 0.0)))).collect();
        // Each round halves the exponents by which rows differ from 1 (Ruiz 2001), and a double has eleven bits of exponent.
        for _ in 0..16 {
            let largest =
                |i: usize| row(i).iter().zip(&units).fold(0.0_f64, |m, (h, d)| m.max((units[i] * h * d).abs()));
            let largest: Vec<f64> = (0..n).map(largest).collect();
            for (d, largest) in units.iter_mut().zip(largest) {
                if largest > 0.0 && largest.is_finite() {
                    *d /= largest.sqrt();
                }
            }
        }
        Self(units.into_iter().map(|d| if d > 0.0 { d.log2().round().exp2() } else { 0.0 }).collect())
    }

    /// By parameter.
    pub(super) fn each(&self) -> &[f64] {
        &self.0
    }

    /// `D x`: a gradient in these units, or a step in them as one of θ.
    pub(super) fn times(&self, x: &[f64]) -> Vec<f64> {
        self.0.iter().zip(x).map(|(d, x)| d * x).collect()
    }

    /// `D⁻¹ x`: a step of θ in these units; parameters without a unit left out.
    pub(super) fn over(&self, x: &[f64]) -> Vec<f64> {
        self.0.iter().zip(x).map(|(d, x)| if *d > 0.0 { x / d } else { 0.0 }).collect()
    }

    /// `D H D`.
    pub(super) fn both(&self, hessian: &[f64]) -> Vec<f64> {
        let n = self.0.len();
        hessian.iter().enumerate().map(|(k, h)| self.0[k / n] * h * self.0[k % n]).collect()
    }

    /// `‖D⁻¹ u‖²`: what an error of 1 in `D H D` is along u in H.
    pub(super) fn squared(&self, u: &[f64]) -> f64 {
        let size = norm(&self.over(u));
        size * size
    }

    /// Whether some parameter's unit is more than twice another's.
    pub(super) fn differ(&self) -> bool {
        let known = || self.0.iter().filter(|d| **d > 0.0);
        let least = known().fold(f64::INFINITY, |m, d| m.min(*d));
        known().any(|d| *d > 2.0 * least)
    }
}

/// `|u|ᵀ |ΔH| |u|`: what a change of a matrix's entries, row-major, does to the eigenvalue of u, to first order.
pub(super) fn along(change: &[f64], u: &[f64]) -> f64 {
    let n = u.len();
    let row = |i: usize| -> f64 { change[i * n..(i + 1) * n].iter().zip(u).map(|(c, u)| c * u.abs()).sum() };
    (0..n).map(|i| u[i].abs() * row(i)).sum()
}

/// What rounding does to the eigenvalues of a matrix of n rows whose entries are 1 at most, and to what is computed from it.
pub(super) fn rounding(n: usize) -> f64 {
    4.0 * n as f64 * f64::EPSILON
}

/// The spectrum of a symmetric matrix, row-major, by Jacobi's rotations, which keep the digits of small eigenvalues where rows are of very
/// different size (Demmel & Veselić 1992).
pub(super) fn rotated(matrix: &[f64], n: usize) -> Spectrum {
    let mut a = matrix.to_vec();
    let mut vectors: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for _ in 0..60 {
        let mut turned = false;
        for p in 0..n {
            for q in p + 1..n {
                let off = a[p * n + q];
                let size = a[p * n + p].abs().sqrt() * a[q * n + q].abs().sqrt();
                if off == 0.0 || off.abs() <= 0.5 * f64::EPSILON * size {
                    continue;
                }
                turned = true;
                let half = 0.5 * (a[q * n + q] - a[p * n + p]) / off;
                let t = 1f64.copysign(half) / (half.abs() + half.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                let s = t * c;
                for k in 0..n {
                    let (x, y) = (a[k * n + p], a[k * n + q]);
                    a[k * n + p] = c * x - s * y;
                    a[k * n + q] = s * x + c * y;
                    let (x, y) = (vectors[p][k], vectors[q][k]);
                    vectors[p][k] = c * x - s * y;
                    vectors[q][k] = s * x + c * y;
                }
                for k in 0..n {
                    let (x, y) = (a[p * n + k], a[q * n + k]);
                    a[p * n + k] = c * x - s * y;
                    a[q * n + k] = s * x + c * y;
                }
                (a[p * n + q], a[q * n + p]) = (0.0, 0.0);
            }
        }
        if !turned {
            break;
        }
    }
    Spectrum::descending(vectors.into_iter().enumerate().map(|(k, u)| (a[k * n + k], u)))
}

/// To within what each entry of the derivatives at a state is known.
#[derive(Debug, Clone)]
pub(super) struct Scatter {
    pub(super) gradient: Vec<f64>,
    /// Row-major.
    pub(super) hessian: Vec<f64>,
}

/// Gradient and Hessian at a state, and the spectrum in the Hessian's units.
#[derive(Debug, Clone)]
pub(super) struct Scaled {
    pub(super) gradient: Vec<f64>,
    /// Row-major.
    pub(super) hessian: Vec<f64>,
    pub(super) units: Units,
    /// Of `D H D`.
    pub(super) spectrum: Spectrum,
    /// What each eigenvalue of `D H D` must exceed to be told from zero.
    pub(super) floors: Vec<f64>,
    /// What the derivatives are known to within, where that was looked at.
    pub(super) scatter: Option<Scatter>,
}

impl Scaled {
    /// `‖D g‖`, of any gradient.
    pub(super) fn slope(&self, gradient: &[f64]) -> f64 {
        norm(&self.units.times(gradient))
    }

    /// The eigenvalues of `D H D` with their eigenvectors, and whether they are told from zero.
    pub(super) fn directions(&self) -> impl Iterator<Item = (f64, &Vec<f64>, bool)> {
        let Spectrum { values, vectors } = &self.spectrum;
        values.iter().zip(vectors).zip(&self.floors).map(|((l, u), floor)| (*l, u, l.abs() > *floor))
    }

    /// The eigenvectors of `D H D` whose eigenvalues are not told from zero, but for parameters without a unit.
    pub(super) fn lost(&self) -> impl Iterator<Item = &Vec<f64>> {
        self.directions().filter(|(.., told)| !told).map(|(_, u, _)| u)
    }

    /// Which part of a gradient is along the lost directions, as `D g`.
    pub(super) fn lost_slope(&self, gradient: &[f64]) -> f64 {
        let scaled = self.units.times(gradient);
        norm(&self.lost().map(|u| dot(u, &scaled)).collect::<Vec<_>>())
    }

    /// To within what `D g` is known along a direction, where that was looked at.
    pub(super) fn within(&self, u: &[f64]) -> f64 {
        let Some(scatter) = &self.scatter else { return 0.0 };
        self.units.times(&scatter.gradient).iter().zip(u).map(|(s, u)| s * u.abs()).sum()
    }

    /// The same of the part along the lost directions.
    pub(super) fn lost_within(&self) -> f64 {
        norm(&self.lost().map(|u| self.within(u)).collect::<Vec<_>>())
    }

    /// What rounding of θ does to `‖D g‖` where parameters are of these sizes.
    pub(super) fn noise(&self, sizes: &[f64]) -> f64 {
        let n = sizes.len();
        let row =
            |i: usize| -> f64 { self.hessian[i * n..(i + 1) * n].iter().zip(sizes).map(|(h, x)| (h * x).abs()).sum() };
        64.0 * f64::EPSILON * norm(&self.units.times(&(0..n).map(row).collect::<Vec<_>>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_make_rows_one() {
        // 1/√|H_ii| = 1 and 2¹⁰; a row of zeros has none.
        assert_eq!(Units::of(&[1.0, 0.0, 0.0, 1.0 / 1_048_576.0], 2).each(), [1.0, 1024.0]);
        assert_eq!(Units::of(&[4.0, 0.0, 0.0, 0.0], 2).each(), [0.5, 0.0]);
        // Nothing on the diagonal: any d with d_0 d_1 = 2⁻⁶.
        let units = Units::of(&[0.0, 64.0, 64.0, 0.0], 2);
        assert_eq!(units.both(&[0.0, 64.0, 64.0, 0.0])[1], 1.0);
        let units = Units::of(&[1e280, 1e-3, 1e-3, -1e-280], 2);
        for (k, largest) in units.both(&[1e280, 1e-3, 1e-3, -1e-280]).into_iter().enumerate() {
            assert!(k % 3 != 0 || (0.25..=4.0).contains(&largest.abs()), "{largest}");
        }
        assert_eq!(Units::of(&[], 0).each(), [0.0; 0]);
    }

    /// Other units of the parameters change what is scaled by rounding alone.
    #[test]
    fn units_follow_the_parameters() {
        let hessian = [3.0, 1.0, 1.0, 2.0];
        let (c, d) = (2f64.powi(90), 2f64.powi(-40));
        let other = [3.0 * c * c, c * d, c * d, 2.0 * d * d];
        let (first, second) = (Units::of(&hessian, 2), Units::of(&other, 2));
        assert_eq!(first.both(&hessian), second.both(&other));
        assert!(!first.differ() && second.differ());
    }

    /// `[[1, 10⁹], [10⁹, 10¹⁸ + 1]]`: trace 10¹⁸ + 2, determinant 1, so that the smaller eigenvalue is 10⁻¹⁸ to 18 digits; what is lost are the
    /// digits of the entries, and `[[2, 10⁹], [10⁹, 10¹⁸]]`, of determinant 10¹⁸, has 1.
    #[test]
    fn rotations_keep_small_eigenvalues() {
        let found = rotated(&[2.0, 1e9, 1e9, 1e18], 2);
        assert!((found.values[0] / 1e18 - 1.0).abs() < 1e-15 && (found.values[1] - 1.0).abs() < 1e-14, "{found:?}");
        let u = &found.vectors[1];
        assert!((u[0] - 1.0).abs() < 1e-15 && (u[1] / -1e-9 - 1.0).abs() < 1e-9, "{u:?}");
        // Eigenvalues 3 and −1 along (1, 1) and (1, −1).
        let found = rotated(&[1.0, 2.0, 2.0, 1.0], 2);
        assert!((found.values[0] - 3.0).abs() < 1e-15 && (found.values[1] + 1.0).abs() < 1e-15);
        assert!(rotated(&[], 0).values.is_empty());
    }
}
