//! Sums over parameters, in an order that is always the same.

/// The Euclidean norm, which neither overflows nor underflows.
pub(super) fn norm(v: &[f64]) -> f64 {
    scaled(v.iter().copied())
}

/// The distance of two points.
pub(super) fn distance(a: &[f64], b: &[f64]) -> f64 {
    scaled(a.iter().zip(b).map(|(a, b)| a - b))
}

fn scaled(values: impl Iterator<Item = f64> + Clone) -> f64 {
    crate::spectral::norm(values.map(num_complex::Complex64::from))
}

/// The scalar product.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
