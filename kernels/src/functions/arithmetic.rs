//! What every function is put together from: rounding, powers of two, polynomials, sums with their rounding errors.

/// 1.5·2⁵²: a number of moderate size plus this is rounded to an integer, which stands in the lowest bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// The nearest integer, for |x| < 2⁵¹.
#[inline(always)]
pub(super) fn nearest(x: f64) -> f64 {
    (x + ROUNDER) - ROUNDER
}

/// The lowest bits of an integer held as a float, in two's complement.
#[inline(always)]
pub(super) fn integer_bits(k: f64) -> u64 {
    (k + ROUNDER).to_bits()
}

/// `2^k` for an integer −1022 ≤ k ≤ 1023.
#[inline(always)]
pub(super) fn power_of_two(k: f64) -> f64 {
    f64::from_bits(integer_bits(k).wrapping_add(1023) << 52)
}

/// `x·2^k` for an integer |k| ≤ 2044, rounded once if the result is subnormal.
#[inline(always)]
pub(super) fn scale(x: f64, k: f64) -> f64 {
    let half = nearest(0.5 * k);
    x * power_of_two(half) * power_of_two(k - half)
}

/// `a·b + c`, rounded once.
#[inline(always)]
pub(super) fn fma(a: f64, b: f64, c: f64) -> f64 {
    a.mul_add(b, c)
}

/// The sum and its rounding error (Knuth).
#[inline(always)]
pub fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    let t = s - a;
    (s, (a - (s - t)) + (b - t))
}

/// The sum and its rounding error, for |a| ≥ |b| (Dekker).
#[inline(always)]
pub(super) fn fast_two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    (s, (a - s) + b)
}

/// The product and its rounding error.
#[inline(always)]
pub(super) fn two_product(a: f64, b: f64) -> (f64, f64) {
    let p = a * b;
    (p, fma(a, b, -p))
}

/// `c₀ + c₁x + c₂x² + c₃x³`, given x².
#[inline(always)]
fn cubic(x: f64, square: f64, c: [f64; 4]) -> f64 {
    fma(fma(c[3], x, c[2]), square, fma(c[1], x, c[0]))
}

/// A polynomial with twelve coefficients, lowest first, by Estrin's scheme: short chains of dependent operations.
#[inline(always)]
pub(super) fn polynomial12(x: f64, c: [f64; 12]) -> f64 {
    let square = x * x;
    let fourth = square * square;
    let low = cubic(x, square, [c[0], c[1], c[2], c[3]]);
    let middle = cubic(x, square, [c[4], c[5], c[6], c[7]]);
    fma(fma(cubic(x, square, [c[8], c[9], c[10], c[11]]), fourth, middle), fourth, low)
}
