//! Plane rotations of complex rows and columns.

use multiversion::multiversion;
use num_complex::Complex64;

/// `(a, b) ← (c a + s b, c b − s̄ a)`.
#[multiversion(targets("x86_64+avx2"))]
pub fn rotate(first: &mut [Complex64], second: &mut [Complex64], c: f64, s: Complex64) {
    for (a, b) in first.iter_mut().zip(second) {
        (*a, *b) = (*a * c + s * *b, *b * c - s.conj() * *a);
    }
}

/// The rotation of columns k and k + 1 in one row.
#[inline]
pub fn turn(row: &mut [Complex64], k: usize, c: f64, s: Complex64) {
    let (a, b) = (row[k], row[k + 1]);
    row[k] = a * c + s.conj() * b;
    row[k + 1] = b * c - s * a;
}

/// The rotations of columns k and k + 1 in all rows above k, eight rows at once: they need not wait for each other.
#[multiversion(targets("x86_64+avx2"))]
pub fn turn_above(t: &mut [Complex64], n: usize, rotations: &[(usize, f64, Complex64)]) {
    let end = rotations.last().map_or(0, |last| last.0);
    for (at, rows) in t[..end * n].chunks_mut(8 * n).enumerate() {
        let first = 8 * at;
        let from = rotations.partition_point(|rotation| rotation.0 <= first);
        for (k, c, s) in &rotations[from..] {
            for row in rows.chunks_exact_mut(n).take(k - first) {
                turn(row, *k, *c, *s);
            }
        }
    }
}
