//! The error of the compiled functions in units in the last place, against 50 digits and more.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each user takes what it needs")]

use shadowflow::eval::{Binary, Compiled, Operand, ProgramBuilder, Rows, RowsMut, Unary};
use shadowflow::expr::Function;
use shadowflow::number::{Real, Reals};
use std::f64::consts::{FRAC_PI_2, PI};
use std::num::NonZeroUsize;

/// Bits of the reference: more than 50 digits.
const PRECISION: usize = 192;

/// The largest error that was found, in units in the last place of the exact value, and where.
#[derive(Debug, Clone, Copy)]
pub struct Worst {
    pub units: f64,
    pub at: (f64, f64),
}

/// The functions with an error; the others choose among their argument and constants.
pub fn functions() -> impl Iterator<Item = Function> {
    let exact = [Function::Relu, Function::Abs, Function::Sign, Function::Step];
    Function::ALL.into_iter().filter(move |f| !exact.contains(f))
}

/// A program of one operation on so many inputs.
pub fn single(inputs: usize, operation: impl FnOnce(&mut ProgramBuilder, &[Operand]) -> Operand) -> Compiled {
    let mut builder = ProgramBuilder::new(inputs).unwrap();
    let operands: Vec<Operand> = (0..inputs).map(|k| builder.input(k)).collect();
    let result = operation(&mut builder, &operands);
    Compiled::new(&builder.finish(&[result]).unwrap())
}

/// The values at points given one after another.
pub fn values(compiled: &Compiled, inputs: usize, points: &[f64]) -> Vec<f64> {
    let rows = points.len() / inputs;
    let mut out = vec![0.0; rows];
    let output = RowsMut::new(&mut out, [rows, 1]).unwrap();
    compiled.call_rows(&Rows::new(points, [rows, inputs]).unwrap(), output, NonZeroUsize::MIN).unwrap();
    out
}

/// Evenly distributed numbers (Marsaglia's xorshift), the same every time.
pub struct Numbers(u64);

impl Numbers {
    pub fn new() -> Self {
        Self(0x2545_F491_4F6C_DD1D)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

/// Points all over the range, closer where a function changes.
fn points(function: Function, count: usize) -> Vec<f64> {
    let mut numbers = Numbers::new();
    let (low, high) = match function {
        Function::Exp | Function::Expm1 | Function::Sinh | Function::Cosh | Function::Sigmoid | Function::Softplus => {
            (-750.0, 750.0)
        }
        Function::Log => (0.0, 4.0),
        Function::Log1p => (-1.0, 3.0),
        Function::Asin | Function::Acos => (-1.0, 1.0),
        _ => (-20.0, 20.0),
    };
    let mut points = vec![
        0.5,
        -0.5,
        1.0,
        -1.0,
        5e-324,
        -5e-324,
        2.2e-308,
        1e-300,
        -1e-300,
        1e-9,
        1e300,
        -1e300,
        f64::MAX,
        f64::MIN,
        709.78,
        -745.13,
        710.47,
        6.0,
        1e22,
        1_073_741_823.5,
        1_073_741_825.5,
    ];
    let about_one: f64 = if matches!(function, Function::Log1p) { 0.0 } else { 1.0 };
    while points.len() < count {
        let spread = numbers.between(-45.0, 0.0).exp();
        points.extend([
            f64::from_bits(numbers.bits()),
            f64::from_bits(numbers.bits() & 0x800F_FFFF_FFFF_FFFF),
            numbers.between(low, high),
            numbers.between(low, high),
            numbers.between(-1.0, 1.0),
            numbers.between(-3.0, 3.0),
            about_one + numbers.between(-spread, spread),
            // Near the zeros and the poles of sine, cosine and tangent.
            numbers.between(0.0, 1e6).round() * FRAC_PI_2,
            numbers.between(-1e9, 1e9),
            numbers.between(-2.0 * PI, 2.0 * PI),
        ]);
    }
    let inside = |x: &f64| {
        x.is_finite()
            && match function {
                Function::Log => *x > 0.0,
                Function::Log1p => *x > -1.0,
                Function::Asin | Function::Acos => x.abs() <= 1.0,
                _ => true,
            }
    };
    points.retain(inside);
    points
}

fn exact(reals: &mut Reals, function: Function, x: &Real) -> Real {
    match function {
        Function::Exp => reals.exp(x),
        Function::Log => reals.log(x),
        Function::Log1p => reals.log1p(x),
        Function::Expm1 => reals.expm1(x),
        Function::Sin => reals.sin(x),
        Function::Cos => reals.cos(x),
        Function::Tan => reals.tan(x),
        Function::Asin => reals.asin(x),
        Function::Acos => reals.acos(x),
        Function::Atan => reals.atan(x),
        Function::Sinh => reals.sinh(x),
        Function::Cosh => reals.cosh(x),
        Function::Tanh => reals.tanh(x),
        Function::Erf => reals.erf(x),
        Function::Sigmoid => reals.sigmoid(x),
        Function::Softplus => reals.softplus(x),
        _ => x.clone(),
    }
}

/// A float as a number of the reference, by way of normal numbers.
fn real(reals: &Reals, x: f64) -> Real {
    if x.is_subnormal() {
        return reals.mul(&Real::from_f64(x * 2_f64.powi(200)), &Real::from_f64(2_f64.powi(-200)));
    }
    Real::from_f64(x)
}

/// The distance of a float from a value in units in the last place of the value; infinite if only one is finite.
pub fn units(reals: &Reals, value: f64, exact: &Real) -> f64 {
    let nearest = exact.to_f64();
    if value == nearest {
        return if value.is_finite() { fraction(reals, value, exact) } else { 0.0 };
    }
    if !value.is_finite() || !nearest.is_finite() { f64::INFINITY } else { fraction(reals, value, exact) }
}

fn fraction(reals: &Reals, value: f64, exact: &Real) -> f64 {
    // The exponent of the unit, and the difference lifted out of the subnormal numbers.
    let unit = exact.exponent().unwrap_or(-2000).max(-1021) - 53;
    let difference = reals.sub(&real(reals, value), exact).abs();
    let (lift, unit) = if unit < -500 { (2_f64.powi(600), unit + 600) } else { (1.0, unit) };
    reals.mul(&difference, &Real::from_f64(lift)).to_f64() / 2_f64.powi(i32::try_from(unit).unwrap())
}

/// The largest error of a function at about so many points.
pub fn worst(function: Function, count: usize) -> Worst {
    let mut reals = Reals::new(PRECISION);
    let points = points(function, count);
    let compiled = single(1, |builder, x| builder.unary(Unary::Function(function), x[0]));
    let mut worst = Worst { units: 0.0, at: (0.0, 0.0) };
    for (x, value) in points.iter().zip(values(&compiled, 1, &points)) {
        let exact = {
            let x = real(&reals, *x);
            exact(&mut reals, function, &x)
        };
        let units = units(&reals, value, &exact);
        if units > worst.units || units.is_nan() {
            worst = Worst { units, at: (*x, value) };
        }
    }
    worst
}

/// The largest error of real powers at about so many points `(x, y)`.
pub fn worst_power(count: usize) -> Worst {
    let (mut reals, mut numbers) = (Reals::new(PRECISION), Numbers::new());
    let mut points = Vec::new();
    for _ in 0..count / 3 {
        let spread = numbers.between(-20.0, 0.0).exp();
        let bases =
            [f64::from_bits(numbers.bits() >> 1), numbers.between(0.0, 4.0), 1.0 + numbers.between(-spread, spread)];
        for x in bases.into_iter().filter(|x| x.is_finite() && *x > 0.0 && *x != 1.0) {
            // Over the whole range of results, subnormal ones too.
            let y = numbers.between(-745.0, 709.0) / x.ln();
            points.extend([x, y, x, numbers.between(-4.0, 4.0)]);
        }
    }
    let compiled = single(2, |builder, p| builder.binary(Binary::Power, p[0], p[1]));
    let mut worst = Worst { units: 0.0, at: (0.0, 0.0) };
    for (p, value) in points.chunks_exact(2).zip(values(&compiled, 2, &points)) {
        let log = {
            let x = real(&reals, p[0]);
            reals.log(&x)
        };
        let product = reals.mul(&real(&reals, p[1]), &log);
        let exact = reals.exp(&product);
        let units = units(&reals, value, &exact);
        if units > worst.units || units.is_nan() {
            worst = Worst { units, at: (p[0], p[1]) };
        }
    }
    worst
}
