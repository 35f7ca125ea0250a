//! What operations round, drawn anew (Monte Carlo arithmetic; Parker, UCLA CSD-970002, 1997).

use multiversion::multiversion;

/// How doubles are rounded.
pub const UNIT: f64 = f64::EPSILON / 2.0;

/// Mixes the bits of a number (the finaliser of `SplitMix64`; Steele, Lea & Flood 2014).
#[must_use]
#[inline(always)]
pub fn mixed(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// 1 or −1, by the first bit.
#[must_use]
#[inline(always)]
pub fn sign(bits: u64) -> f64 {
    f64::from_bits(1.0_f64.to_bits() | bits & (1 << 63))
}

/// Each entry by what it rounds by itself, and all by what a function is off everywhere; never by less than half a unit in the last place, so that
/// no number stays.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx512vbmi2+avx2+fma", "x86_64+avx2+fma"))]
pub fn relative(values: &mut [f64], draw: u64) {
    let common = UNIT * sign(draw);
    for x in values {
        *x += *x * (common + 2.0 * UNIT * sign(mixed(x.to_bits() ^ draw)));
    }
}

/// Adds the squares of some numbers to others.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx512vbmi2+avx2+fma", "x86_64+avx2+fma"))]
pub fn add_squares(squares: &mut [f64], values: &[f64]) {
    for (square, x) in squares.iter_mut().zip(values) {
        *square += x * x;
    }
}

/// Moves each number by half a unit in the last place of what was added up for it, `made`, or of `partial` of itself where that is more.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx512vbmi2+avx2+fma", "x86_64+avx2+fma"))]
pub fn absolute(row: &mut [f64], made: &[f64], partial: f64, draw: u64) {
    for (x, made) in row.iter_mut().zip(made) {
        // Nothing is added up where a factor is zero.
        let size = if *made > 0.0 { made.max(partial * x.abs()) } else { 0.0 };
        *x += UNIT * size * sign(mixed(x.to_bits() ^ draw));
    }
}
