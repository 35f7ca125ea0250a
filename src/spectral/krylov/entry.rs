//! The two kinds of numbers that vectors are made of, and loops over rows of several vectors.

use num_complex::Complex64;
use shadowflow_kernels::vectors::{complex_dot, complex_subtract, dot, four_dots, subtract_four, subtract_one};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Range, Sub, SubAssign};

/// An entry of a vector: a float, or a complex number.
///
/// With floats the matrix is real and symmetric, with complex numbers complex and symmetric, `Hᵀ = H` without conjugation.
pub trait Entry:
    Copy
    + Default
    + Send
    + Sync
    + PartialEq
    + std::fmt::Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Mul<f64, Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + Sum
    + From<f64>
    + Into<Complex64>
    + private::Loops
{
    /// Whether a symmetric matrix of such entries is Hermitian, so that its Krylov space has a recurrence of three terms.
    const HERMITIAN: bool;

    /// The square of the modulus.
    fn squared(self) -> f64;

    /// Whether it is neither infinite nor NaN.
    fn finite(self) -> bool;
}

impl Entry for f64 {
    const HERMITIAN: bool = true;

    fn squared(self) -> f64 {
        self * self
    }

    fn finite(self) -> bool {
        self.is_finite()
    }
}

impl Entry for Complex64 {
    const HERMITIAN: bool = false;

    fn squared(self) -> f64 {
        self.norm_sqr()
    }

    fn finite(self) -> bool {
        self.is_finite()
    }
}

/// Loops over some rows of several vectors.
mod private {
    use std::ops::Range;

    /// Also keeps the trait to the two types of this file.
    pub trait Loops: Sized {
        /// `out_k = Σ_i conj(v_k[i]) w[i]` over these rows of the vectors `v_k`; w has these rows only.
        fn dots(columns: &[Vec<Self>], rows: Range<usize>, w: &[Self], out: &mut [Self]);

        /// `w[i] −= Σ_k c_k v_k[i]` over these rows.
        fn subtract(columns: &[Vec<Self>], rows: Range<usize>, c: &[Self], w: &mut [Self]);

        /// `Σ_i |w[i]|²`.
        fn square(w: &[Self]) -> f64;
    }
}
pub(super) use private::Loops;

impl Loops for f64 {
    fn dots(columns: &[Vec<f64>], rows: Range<usize>, w: &[f64], out: &mut [f64]) {
        for (group, out) in columns.chunks(4).zip(out.chunks_mut(4)) {
            if let ([a, b, c, d], [p, q, r, s]) = (group, &mut *out) {
                [*p, *q, *r, *s] = four_dots([a, b, c, d].map(|v| &v[rows.clone()]), w);
            } else {
                for (v, o) in group.iter().zip(out) {
                    *o = dot(&v[rows.clone()], w);
                }
            }
        }
    }

    fn subtract(columns: &[Vec<f64>], rows: Range<usize>, c: &[f64], w: &mut [f64]) {
        for (group, c) in columns.chunks(4).zip(c.chunks(4)) {
            if let ([v0, v1, v2, v3], [c0, c1, c2, c3]) = (group, c) {
                subtract_four([v0, v1, v2, v3].map(|v| &v[rows.clone()]), [*c0, *c1, *c2, *c3], w);
            } else {
                for (v, c) in group.iter().zip(c) {
                    subtract_one(&v[rows.clone()], *c, w);
                }
            }
        }
    }

    fn square(w: &[f64]) -> f64 {
        dot(w, w)
    }
}

impl Loops for Complex64 {
    fn dots(columns: &[Vec<Complex64>], rows: Range<usize>, w: &[Complex64], out: &mut [Complex64]) {
        for (v, o) in columns.iter().zip(out) {
            *o = complex_dot(&v[rows.clone()], w);
        }
    }

    fn subtract(columns: &[Vec<Complex64>], rows: Range<usize>, c: &[Complex64], w: &mut [Complex64]) {
        for (v, c) in columns.iter().zip(c) {
            complex_subtract(&v[rows.clone()], *c, w);
        }
    }

    fn square(w: &[Complex64]) -> f64 {
        complex_dot(w, w).re
    }
}
