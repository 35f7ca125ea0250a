//! Polynomials in the step number, by their values at nodes.

use crate::spectral::solve_linear;

/// The nodes of a degree N, `j/N − 1/2` for j = 0..N, and what the equations of a step become there.
///
/// With Δ the difference `p(s + 1) − p(s)`, all are matrices or rows that act on the values of a polynomial of degree N at the nodes.
#[derive(Debug, Clone)]
pub(super) struct Nodes {
    /// Where they are.
    pub(super) places: Vec<f64>,
    /// To the values of `Δ⁻¹ p`, the one that is 0 at s = 0.
    pub(super) summed: Vec<f64>,
    /// To the derivative of `Δ⁻¹ p` at s = 0.
    pub(super) summed_slope: Vec<f64>,
    /// To `p(0)`.
    pub(super) value: Vec<f64>,
    /// To `p′(0)`.
    pub(super) slope: Vec<f64>,
    /// From values to coefficients.
    coefficients: Vec<f64>,
}

impl Nodes {
    /// Those of a degree of at least 1.
    pub(super) fn new(degree: usize) -> Self {
        let m = degree + 1;
        let places: Vec<f64> = (0..m).map(|j| j as f64 / degree as f64 - 0.5).collect();
        let powers: Vec<f64> = places.iter().flat_map(|s| (0..m).map(move |k| s.powi(k as i32))).collect();
        let coefficients = inverse(&powers, m);
        // s^k = Δ Σ_j b_jk s^j over j = 1..k+1, from the highest power down.
        let mut sums = vec![0.0; (m + 1) * m];
        for k in 0..m {
            let mut left = vec![0.0; m + 1];
            left[k] = 1.0;
            for j in (1..=k + 1).rev() {
                let b = left[j - 1] / j as f64;
                sums[j * m + k] = b;
                for (i, entry) in left[..j].iter_mut().enumerate() {
                    *entry -= b * binomial(j, i);
                }
            }
        }
        let sums: Vec<f64> = product(&sums, &coefficients, m);
        let summed =
            (0..m * m).map(|e| (1..=m).map(|j| places[e / m].powi(j as i32) * sums[j * m + e % m]).sum()).collect();
        Self {
            summed,
            summed_slope: sums[m..2 * m].to_vec(),
            value: coefficients[..m].to_vec(),
            slope: coefficients[m..2 * m].to_vec(),
            places,
            coefficients,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    /// To the values of `(Δ + shift)⁻¹ p`, a polynomial of the same degree, for a shift that is not 0.
    pub(super) fn slaved(&self, shift: f64) -> Vec<f64> {
        let m = self.count();
        // Rows of coefficients from the highest power down: (shift + Δ) is triangular.
        let mut solved = self.coefficients.clone();
        for k in (0..m).rev() {
            for column in 0..m {
                let above: f64 = (k + 1..m).map(|j| binomial(j, k) * solved[j * m + column]).sum();
                solved[k * m + column] = (solved[k * m + column] - above) / shift;
            }
        }
        (0..m * m).map(|e| (0..m).map(|j| self.places[e / m].powi(j as i32) * solved[j * m + e % m]).sum()).collect()
    }
}

/// The product of a matrix with m columns and one of m by m.
fn product(a: &[f64], b: &[f64], m: usize) -> Vec<f64> {
    a.chunks_exact(m).flat_map(|row| (0..m).map(move |c| (0..m).map(|k| row[k] * b[k * m + c]).sum())).collect()
}

/// The inverse of a matrix that has one.
fn inverse(a: &[f64], m: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; m * m];
    for c in 0..m {
        let mut column = vec![0.0; m];
        column[c] = 1.0;
        // Nodes differ, so that a Vandermonde matrix is regular.
        solve_linear(&mut a.to_vec(), &mut column);
        for (r, x) in column.iter().enumerate() {
            inverse[r * m + c] = *x;
        }
    }
    inverse
}

fn binomial(n: usize, k: usize) -> f64 {
    (0..k).fold(1.0, |b, i| b * (n - i) as f64 / (i + 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn what_is_summed_has_the_differences_that_were_summed() {
        for degree in 1..=8 {
            let nodes = Nodes::new(degree);
            let m = nodes.count();
            // Δ s(s − 1) = 2s, and Δ s = 1.
            let p: Vec<f64> = nodes.places.iter().map(|s| 2.0 * s).collect();
            for (j, s) in nodes.places.iter().enumerate() {
                assert!((dot(&nodes.summed[j * m..(j + 1) * m], &p) - s * (s - 1.0)).abs() < 1e-9);
                assert!((dot(&nodes.summed[j * m..(j + 1) * m], &vec![1.0; m]) - s).abs() < 1e-9);
            }
            assert!((dot(&nodes.summed_slope, &p) + 1.0).abs() < 1e-9);
            assert!((dot(&nodes.slope, &p) - 2.0).abs() < 1e-9);
            assert!(dot(&nodes.value, &p).abs() < 1e-9);
            // (Δ + 3) s = 3s + 1.
            let (q, slaved) = (nodes.places.iter().map(|s| 3.0 * s + 1.0).collect::<Vec<f64>>(), nodes.slaved(3.0));
            for (j, s) in nodes.places.iter().enumerate() {
                assert!((dot(&slaved[j * m..(j + 1) * m], &q) - s).abs() < 1e-9);
            }
        }
    }
}
