//! Spectra in order, and the products that they are made of.

/// Eigenvalues from the largest down, each with its unit eigenvector.
#[derive(Debug, Clone)]
pub(super) struct Spectrum {
    pub(super) values: Vec<f64>,
    pub(super) vectors: Vec<Vec<f64>>,
}

impl Spectrum {
    /// Of pairs in any order.
    pub(super) fn descending(pairs: impl Iterator<Item = (f64, Vec<f64>)>) -> Self {
        let mut pairs: Vec<(f64, Vec<f64>)> = pairs.collect();
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (values, vectors) = pairs.into_iter().map(|(l, u)| (l, upright(u))).unzip();
        Self { values, vectors }
    }
}

/// The sign in which the first of the largest components is positive.
fn upright(mut vector: Vec<f64>) -> Vec<f64> {
    let largest = vector.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    // Components that are equal but for rounding are taken as equal.
    if vector.iter().find(|x| x.abs() >= largest * (1.0 - 1e-9)).is_some_and(|x| *x < 0.0) {
        for x in &mut vector {
            *x = -*x;
        }
    }
    vector
}

/// The Euclidean norm, with no overflow or underflow on the way.
pub(super) fn norm(vector: &[f64]) -> f64 {
    let largest = vector.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return if vector.iter().any(|x| x.is_nan()) { f64::NAN } else { largest };
    }
    largest * vector.iter().map(|x| (x / largest) * (x / largest)).sum::<f64>().sqrt()
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
