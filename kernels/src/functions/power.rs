//! `x^y = e^{y log x}`, the logarithm to twice the precision.

use super::arithmetic::{fast_two_sum, fma, polynomial12, two_product, two_sum};
use super::exponential::{LN_2, exp_pair};
use super::logarithm::split;

/// `1/(2n + 5)`, lowest power first.
const ARTANH: [f64; 12] = {
    let mut c = [0.0; 12];
    let mut n = 0;
    while n < 12 {
        c[n] = 1.0 / (2 * n + 5) as f64;
        n += 1;
    }
    c
};

/// One third in two parts.
const THIRD: [f64; 2] = [0.333_333_333_333_333_3, 1.850_371_707_708_594e-17];

/// `log x` in two parts, for a positive finite x.
#[inline(always)]
fn log_pair(x: f64) -> (f64, f64) {
    let (k, m) = split(x);
    let f = m - 1.0;
    // s = f/(2 + f) and its error
    let below = 2.0 + f;
    let below_low = f - (below - 2.0);
    let s = f / below;
    let s_low = fma(-s, below_low, fma(-s, below, f)) / below;
    let (z, z_error) = two_product(s, s);
    let z_low = fma(2.0 * s, s_low, z_error);
    // c = 1/3 + z/5 + z²/7 + …
    let (c, c_error) = fast_two_sum(THIRD[0], z * polynomial12(z, ARTANH));
    let c_low = c_error + THIRD[1];
    // artanh s = s + s·z·c
    let (g, g_error) = two_product(z, c);
    let g_low = g_error + fma(z, c_low, z_low * c);
    let (h, h_error) = two_product(s, g);
    let h_low = h_error + fma(s, g_low, s_low * g);
    let (l, l_error) = fast_two_sum(s, h);
    let l_low = l_error + (h_low + s_low);
    let (sum, sum_error) = two_sum(k * LN_2[0], 2.0 * l);
    fast_two_sum(sum, sum_error + fma(k, LN_2[1], 2.0 * l_low))
}

/// `x^y` as C defines it: NaN for a finite negative x unless y is an integer.
#[inline(always)]
pub(super) fn power(x: f64, y: f64) -> f64 {
    let size = x.abs();
    let (log, log_low) = log_pair(size);
    let log = if size < f64::INFINITY { log } else { size };
    let log = if size == 0.0 { f64::NEG_INFINITY } else { log };
    let (product, error) = two_product(y, log);
    let rest = fma(y, log_low, error);
    let rest = if product.abs() < 800.0 { rest } else { 0.0 };
    let magnitude = exp_pair(product, rest);
    let magnitude = if size == 1.0 && !y.is_nan() { 1.0 } else { magnitude };

    let integer = y.trunc() == y;
    let half = 0.5 * y;
    let odd = integer && half.trunc() != half;
    let negative = x.is_sign_negative();
    let value = if odd && negative { -magnitude } else { magnitude };
    let outside = x < 0.0 && size < f64::INFINITY && !integer && y.abs() < f64::INFINITY;
    let value = if outside { f64::NAN } else { value };
    if x == 1.0 || y == 0.0 { 1.0 } else { value }
}
