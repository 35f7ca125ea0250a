//! The activations that the language composes, as programs.

use crate::eval::{Interpreter, Program, Scratch, VectorFunction};
use crate::expr::{Activation, Function, Id, Pool, Shape, Tape};
use crate::number::Rational;
use num_complex::Complex64;

/// Value, first and second derivative, by mpmath at 30 digits (of elu at 0 by its definition).
#[allow(clippy::excessive_precision, reason = "digits as mpmath prints them")]
const VALUES: [(Activation, f64, [f64; 3]); 11] = [
    (Activation::Elu, 0.75, [0.75, 1.0, 0.0]),
    (Activation::Elu, -1.5, [-0.776_869_839_851_570_2, 0.223_130_160_148_429_83, 0.223_130_160_148_429_83]),
    (Activation::Elu, 0.0, [0.0, 1.0, 1.0]),
    (Activation::Elu, -1e-9, [-9.999_999_995e-10, 0.999_999_999, 0.999_999_999]),
    (Activation::Elu, -800.0, [-1.0, 0.0, 0.0]),
    (Activation::Silu, 0.75, [0.509_384_024_381_544_73, 0.842_599_944_496_753_7, 0.377_226_775_215_019_75]),
    (Activation::Silu, -1.5, [-0.273_638_285_709_534_5, -0.041_294_154_299_142_94, 0.156_197_584_963_536_7]),
    (Activation::Silu, 5.25, [5.222_594_340_108_818, 1.022_042_473_208_276_3, -0.016_592_218_553_229_72]),
    (Activation::Gelu, 0.75, [0.580_029_485_717_348_9, 0.999_225_721_739_235_1, 0.432_885_058_722_531_33]),
    (Activation::Gelu, -1.5, [-0.100_210_801_903_287_1, -0.127_469_192_229_979_53, -0.032_379_398_916_472_93]),
    (Activation::Gelu, 5.25, [5.249_999_600_739_573, 1.000_002_091_397_664, -1.055_340_396_468_543_3e-5]),
];

fn derivatives(activation: Activation) -> (Pool, Vec<Id>) {
    let mut pool = Pool::new();
    let x = pool.declare_parameter("x", Shape::scalar());
    let value = pool.activate(activation, x);
    let slope = pool.gradient(value)[0];
    let second = pool.gradient(slope)[0];
    (pool, vec![value, slope, second])
}

#[test]
fn values_and_derivatives() {
    for (activation, x, expected) in VALUES {
        let (pool, roots) = derivatives(activation);
        let tape = Tape::new(&pool, &roots);
        let mut found = [0.0; 3];
        let program = Interpreter::new(&Program::real(&pool, &tape).unwrap());
        program.call(&[x], &mut found, &mut Scratch::new());
        let mut complex = [Complex64::ZERO; 3];
        let program = Interpreter::new(&Program::complex(&pool, &tape).unwrap());
        program.call_complex(&[x.into()], &mut complex, &mut Scratch::new());
        for k in 0..3 {
            let bound = 4e-16 * (1.0 + expected[k].abs() + x.abs());
            assert!((found[k] - expected[k]).abs() <= bound, "{activation:?}, derivative {k} at {x}: {}", found[k]);
            assert!((complex[k] - expected[k]).norm() <= bound, "{activation:?}, derivative {k} at {x}");
        }
    }
}

/// The continuation of the branch on the side of the real part.
#[test]
fn on_the_complex_plane() {
    let z = Complex64::new(0.5, -0.75);
    for (activation, z, expected) in [
        (Activation::Elu, z, z),
        (Activation::Elu, -z, (-z).exp() - 1.0),
        (Activation::Silu, z, z / (1.0 + (-z).exp())),
        // By mpmath.
        (Activation::Gelu, z, Complex64::new(0.161_158_151_729_368_6, -0.702_826_515_439_872_5)),
    ] {
        let (pool, roots) = derivatives(activation);
        let program = Interpreter::new(&Program::complex(&pool, &Tape::new(&pool, &roots[..1])).unwrap());
        let mut found = [Complex64::ZERO];
        program.call_complex(&[z], &mut found, &mut Scratch::new());
        assert!((found[0] - expected).norm() < 1e-15, "{activation:?}: {}", found[0]);
    }
}

#[test]
fn rational_where_their_parts_are() {
    let mut pool = Pool::new();
    let (zero, third, minus) = (pool.integer(0), pool.constant(Rational::new(1, 3)), pool.integer(-2));
    assert_eq!(Activation::ALL.map(|f| pool.activate(f, zero)), [zero; 3]);
    assert_eq!(pool.activate(Activation::Elu, third), third);
    assert_eq!(pool.activate(Activation::Elu, minus), pool.apply(Function::Expm1, minus));
}
