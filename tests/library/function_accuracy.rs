//! The functions of the loss language: at most two units in the last place from the exact value, and the right value at
//! the ends of their ranges, the same in every back end.

use crate::accuracy::{Numbers, functions, single, values, worst, worst_power};
use shadowflow::eval::{Binary, Compiled, Scratch, Unary, VectorFunction};
use shadowflow::expr::Function;

const POINTS: usize = 600;

#[test]
fn no_function_errs_by_more_than_two_units() {
    for function in functions() {
        let worst = worst(function, POINTS);
        assert!(worst.units <= 2.0, "{function:?}: {worst:?}");
    }
    let worst = worst_power(POINTS);
    assert!(worst.units <= 2.0, "x^y: {worst:?}");
}

#[test]
fn functions_end_in_the_right_values() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let half_pi = std::f64::consts::FRAC_PI_2;
    let odd = [Function::Sin, Function::Tan, Function::Asin, Function::Atan, Function::Sinh, Function::Tanh];
    for function in odd.into_iter().chain([Function::Log1p, Function::Expm1, Function::Erf]) {
        check(function, &[(0.0, 0.0), (-0.0, -0.0), (5e-324, 5e-324), (-5e-324, -5e-324)]);
    }
    for function in Function::ALL {
        check(function, &[(nan, nan)]);
    }
    check(Function::Exp, &[(inf, inf), (-inf, 0.0), (0.0, 1.0), (709.79, inf), (-745.14, 0.0), (1e300, inf)]);
    check(
        Function::Log,
        &[(inf, inf), (0.0, -inf), (-0.0, -inf), (1.0, 0.0), (-1.0, nan), (-inf, nan), (-5e-324, nan)],
    );
    check(Function::Log1p, &[(inf, inf), (-1.0, -inf), (-1.5, nan), (-inf, nan)]);
    check(Function::Expm1, &[(inf, inf), (-inf, -1.0), (-100.0, -1.0), (710.0, inf)]);
    check(Function::Sin, &[(inf, nan), (-inf, nan)]);
    check(Function::Cos, &[(inf, nan), (0.0, 1.0), (-0.0, 1.0)]);
    check(Function::Tan, &[(inf, nan)]);
    check(Function::Asin, &[(1.0, half_pi), (-1.0, -half_pi), (1.1, nan), (inf, nan)]);
    check(Function::Acos, &[(1.0, 0.0), (-1.0, 2.0 * half_pi), (-1.1, nan), (inf, nan)]);
    check(Function::Atan, &[(inf, half_pi), (-inf, -half_pi)]);
    check(Function::Sinh, &[(inf, inf), (-inf, -inf), (711.0, inf)]);
    check(Function::Cosh, &[(inf, inf), (-inf, inf), (0.0, 1.0), (711.0, inf)]);
    check(Function::Tanh, &[(inf, 1.0), (-inf, -1.0), (1e300, 1.0)]);
    check(Function::Erf, &[(inf, 1.0), (-inf, -1.0), (-7.0, -1.0)]);
    check(Function::Sigmoid, &[(inf, 1.0), (-inf, 0.0), (0.0, 0.5), (1e300, 1.0), (-1e300, 0.0)]);
    check(Function::Softplus, &[(inf, inf), (-inf, 0.0), (1e300, 1e300)]);
    check(Function::Sign, &[(inf, 1.0), (-0.0, -0.0), (-3.0, -1.0)]);
    check(Function::Step, &[(inf, 1.0), (0.0, 0.0), (-3.0, 0.0)]);
    check(Function::Relu, &[(inf, inf), (-3.0, 0.0), (3.0, 3.0)]);
    check(Function::Abs, &[(-inf, inf), (-3.0, 3.0)]);
}

/// Equal to the bit, all NaNs being one.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

fn check(function: Function, cases: &[(f64, f64)]) {
    let compiled = single(1, |builder, x| builder.unary(Unary::Function(function), x[0]));
    for &(x, expected) in cases {
        // Alone by code for one point, and among others by columns.
        for repeat in [1, 40] {
            for value in values(&compiled, 1, &vec![x; repeat]) {
                assert!(same(value, expected), "{function:?}({x:e}) = {value:e}, should be {expected:e}");
            }
        }
    }
}

#[test]
fn powers_end_as_c_says() {
    let ends =
        [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -3.0, 1e300, -1e300, 5e-324, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    let exponents = ends.into_iter().chain([3.0, 9_007_199_254_740_991.0, -9_007_199_254_740_991.0, 1.5]);
    let compiled = single(2, |builder, p| builder.binary(Binary::Power, p[0], p[1]));
    for (x, y) in ends.into_iter().flat_map(|x| exponents.clone().map(move |y| (x, y))) {
        let (value, expected) = (values(&compiled, 2, &[x, y])[0], x.powf(y));
        let close = (value - expected).abs() <= 4e-16 * expected.abs() && value.signum() == expected.signum();
        assert!(same(value, expected) || close, "({x:e})^({y:e}) = {value:e}, should be {expected:e}");
    }
}

#[test]
fn one_point_and_many_give_the_same_bits() {
    let compiled: Vec<(Function, Compiled)> = Function::ALL
        .into_iter()
        .map(|f| (f, single(1, |builder, x| builder.unary(Unary::Function(f), x[0]))))
        .collect();
    let mut numbers = Numbers::new();
    let points: Vec<f64> = (0..1000)
        .map(|k| if k % 2 == 0 { f64::from_bits(numbers.bits()) } else { numbers.between(-9.0, 9.0) })
        .collect();
    for (function, compiled) in &compiled {
        for (x, many) in points.iter().zip(values(compiled, 1, &points)) {
            let mut one = [0.0];
            compiled.call(&[*x], &mut one, &mut Scratch::new());
            assert!(same(one[0], many), "{function:?}({x:e}): {:e} alone, {many:e} among others", one[0]);
        }
    }
}
