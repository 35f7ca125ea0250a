//! Products and differences of vectors.
//!
//! The loops are vectorised without fused operations, so that results have the same bits on every processor.

use multiversion::multiversion;
use num_complex::Complex64;

/// How many sums a dot product is made of.
const LANES: usize = 8;

/// `Σ_i a[i] b[i]`.
#[must_use]
#[multiversion(targets("x86_64+avx2"))]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.0.iter().zip(b.0) {
        for l in 0..LANES {
            sums[l] += a[l] * b[l];
        }
    }
    sums.iter().sum::<f64>() + a.1.iter().zip(b.1).map(|(a, b)| a * b).sum::<f64>()
}

/// `Σ_i v_k[i] w[i]` for four vectors, which are read side by side.
#[must_use]
#[multiversion(targets("x86_64+avx2"))]
pub fn four_dots(v: [&[f64]; 4], w: &[f64]) -> [f64; 4] {
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

/// `w[i] −= c v[i]`.
#[multiversion(targets("x86_64+avx2"))]
pub fn subtract_one(v: &[f64], c: f64, w: &mut [f64]) {
    for (w, v) in w.iter_mut().zip(v) {
        *w -= c * v;
    }
}

/// `w[i] −= Σ_k c_k v_k[i]` of four vectors.
#[multiversion(targets("x86_64+avx2"))]
pub fn subtract_four(v: [&[f64]; 4], c: [f64; 4], w: &mut [f64]) {
    let [v0, v1, v2, v3] = v;
    for ((((w, a), b), d), e) in w.iter_mut().zip(v0).zip(v1).zip(v2).zip(v3) {
        *w -= (c[0] * a + c[1] * b) + (c[2] * d + c[3] * e);
    }
}

/// `Σ_i conj(v[i]) w[i]`.
#[must_use]
#[multiversion(targets("x86_64+avx2"))]
pub fn complex_dot(v: &[Complex64], w: &[Complex64]) -> Complex64 {
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

/// `w[i] −= c v[i]`.
#[multiversion(targets("x86_64+avx2"))]
pub fn complex_subtract(v: &[Complex64], c: Complex64, w: &mut [Complex64]) {
    for (w, v) in w.iter_mut().zip(v) {
        w.re -= c.re * v.re - c.im * v.im;
        w.im -= c.re * v.im + c.im * v.re;
    }
}
