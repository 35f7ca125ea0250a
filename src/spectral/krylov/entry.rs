//! The two kinds of numbers that vectors are made of, and the loops over rows that all time goes into.
//!
//! The loops are vectorised without fused operations, so that results have the same bits on every processor.

use multiversion::multiversion;
use num_complex::Complex64;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Range, Sub, SubAssign};

/// How many sums a dot product is made of.
const LANES: usize = 8;

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

#[multiversion(targets("x86_64+avx2"))]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.0.iter().zip(b.0) {
        for l in 0..LANES {
            sums[l] += a[l] * b[l];
        }
    }
    sums.iter().sum::<f64>() + a.1.iter().zip(b.1).map(|(a, b)| a * b).sum::<f64>()
}

#[multiversion(targets("x86_64+avx2"))]
fn four_dots(v: [&[f64]; 4], w: &[f64]) -> [f64; 4] {
    let (chunks, rest) = w.as_chunks::<LANES>();
    let [v0, v1, v2, v3] = v.map(|v| v.as_chunks::<LANES>());
    let mut sums = [[0.0; LANES]; 4];
    for ((((w, a), b), c), d) in chunks.iter().zip(v0.0).zip(v1.0).zip(v2.0).zip(v3.0) {
        for l in 0..LANES {
            sums[0][l] += a[l] * w[l];
            sums[1][l] += b[l] * w[l];
            sums[2][l] += c[l] * w[l];
            sums[3][l] += d[l] * w[l];
        }
    }
    let mut out = sums.map(|s| s.iter().sum::<f64>());
    for (o, v) in out.iter_mut().zip([v0.1, v1.1, v2.1, v3.1]) {
        *o += v.iter().zip(rest).map(|(v, w)| v * w).sum::<f64>();
    }
    out
}

#[multiversion(targets("x86_64+avx2"))]
fn subtract_one(v: &[f64], c: f64, w: &mut [f64]) {
    for (w, v) in w.iter_mut().zip(v) {
        *w -= c * v;
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn subtract_four(v: [&[f64]; 4], c: [f64; 4], w: &mut [f64]) {
    let [v0, v1, v2, v3] = v;
    for ((((w, a), b), d), e) in w.iter_mut().zip(v0).zip(v1).zip(v2).zip(v3) {
        *w -= (c[0] * a + c[1] * b) + (c[2] * d + c[3] * e);
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn complex_dot(v: &[Complex64], w: &[Complex64]) -> Complex64 {
    const HALF: usize = LANES / 2;
    let (v, w) = (v.as_chunks::<HALF>(), w.as_chunks::<HALF>());
    let (mut re, mut im) = ([0.0; HALF], [0.0; HALF]);
    for (v, w) in v.0.iter().zip(w.0) {
        for l in 0..HALF {
            re[l] += v[l].re * w[l].re + v[l].im * w[l].im;
            im[l] += v[l].re * w[l].im - v[l].im * w[l].re;
        }
    }
    let rest: Complex64 = v.1.iter().zip(w.1).map(|(v, w)| v.conj() * w).sum();
    Complex64::new(re.iter().sum(), im.iter().sum()) + rest
}

#[multiversion(targets("x86_64+avx2"))]
fn complex_subtract(v: &[Complex64], c: Complex64, w: &mut [Complex64]) {
    for (w, v) in w.iter_mut().zip(v) {
        w.re -= c.re * v.re - c.im * v.im;
        w.im -= c.re * v.im + c.im * v.re;
    }
}
