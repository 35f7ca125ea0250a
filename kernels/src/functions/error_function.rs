//! The error function on the real line: `x + x P(x²)` up to one, `1 − e^{−x²} R(1/(2 + x))` beyond.
//!
//! P and R are near-minimax, R with the weight e^{−x²}: what counts is its part of erf.

use super::arithmetic::{fma, polynomial12};
use super::exponential::exp;

/// The coefficients of `erf(x)/x − 1` in x².
const INSIDE: [f64; 12] = [
    0.128_379_167_095_512_57,
    -0.376_126_389_031_835_15,
    0.112_837_916_709_441_32,
    -0.026_866_170_643_103_94,
    0.005_223_977_606_060_323,
    -0.000_854_832_592_665_247_3,
    0.000_120_552_935_005_093_81,
    -1.492_471_089_027_941e-5,
    1.644_711_478_197_220_4e-6,
    -1.620_618_961_163_922e-7,
    1.371_046_109_237_828e-8,
    -7.778_529_664_196_927e-10,
];

/// The coefficients of `e^{x²} erfc x` in `u = 9.6/(2 + x) − 2.2`, on [1, 6].
const OUTSIDE: [f64; 12] = [
    0.221_429_540_229_927_03,
    0.161_893_568_040_976_43,
    0.038_560_570_426_665_04,
    0.005_588_816_276_289_104,
    0.000_197_139_155_397_643_3,
    -8.079_201_981_950_129e-5,
    -7.340_865_796_736_384_5e-6,
    1.979_236_200_162_678_7e-6,
    1.659_243_281_497_658e-7,
    -7.445_728_439_483_917e-8,
    3.421_593_607_586_199e-9,
    7.873_305_475_224_773e-10,
];

/// `erf x`.
#[inline(always)]
pub(super) fn erf(x: f64) -> f64 {
    let size = x.abs();
    let z = x * x;
    let inside = fma(size, polynomial12(z, INSIDE), size);
    let u = 9.6 / (2.0 + size) - 2.2;
    let outside = fma(-exp(-z), polynomial12(u, OUTSIDE), 1.0);
    let value = if size < 1.0 { inside } else { outside };
    let value = if size > 6.0 { 1.0 } else { value };
    value.copysign(x)
}
