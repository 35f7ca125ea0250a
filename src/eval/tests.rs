//! The two back ends against each other, against quoted values, and against a direct evaluation.

mod activations;
mod enclosure;
mod lowering;
mod programs;
mod reference;

use super::*;
use crate::expr::{Function, Op, Pool, Shape, Tape, Variable};
use crate::number::Rational;
use enclosure::{Enclosed, Enclosures};
use num_complex::Complex64;
use proptest::prelude::*;
use std::f64::consts::{FRAC_PI_2, PI};

/// The program as machine code; by the interpreter where the crate is built without it.
fn machine_code(program: &Program) -> Compiled {
    let compiled = Compiled::new(program);
    assert_eq!(compiled.fallback().is_none(), cfg!(feature = "jit"));
    compiled
}

/// The outputs at one point, after checking that interpreter, machine code and columns give the same bits.
fn run(program: &Program, input: &[f64]) -> Vec<f64> {
    let (interpreter, jit, scratch) = (Interpreter::new(program), machine_code(program), &mut Scratch::new());
    let mut outputs = vec![0.5; program.outputs().len()];
    interpreter.call(input, &mut outputs, scratch);
    let mut again = vec![0.25; outputs.len()];
    jit.call(input, &mut again, scratch);
    assert!(same(&outputs, &again), "interpreter {outputs:?}, machine code {again:?}");
    if input.len().is_multiple_of(2) && outputs.len().is_multiple_of(2) {
        let pairs = |v: &[f64]| v.chunks(2).map(|p| Complex64::new(p[0], p[1])).collect::<Vec<_>>();
        for function in [&interpreter as &dyn VectorFunction, &jit] {
            let mut again = pairs(&vec![0.0; outputs.len()]);
            function.call_complex(&pairs(input), &mut again, scratch);
            let parts: Vec<f64> = again.iter().flat_map(|z| [z.re, z.im]).collect();
            assert!(same(&parts, &outputs), "on complex slices {again:?}, on floats {outputs:?}");
        }
    }
    let (points, mut batch) = (input.repeat(9), vec![0.125; 9 * outputs.len()]);
    interpreter.call_batch(&points, &mut batch, scratch);
    assert!(batch.chunks(outputs.len().max(1)).all(|row| same(row, &outputs)), "columns {batch:?}, one {outputs:?}");
    for code in BatchCode::every(program) {
        let mut vectors = vec![0.375; batch.len()];
        code.call_batch(&points, &mut vectors, scratch);
        assert!(same(&batch, &vectors), "columns {batch:?}, vectors {vectors:?}");
    }
    outputs
}

/// Equal to the bit, all NaNs being one.
fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan()))
}

fn complex_call(function: ComplexFunction) -> Program {
    let mut builder = ProgramBuilder::new(2).unwrap();
    let (x, y) = (builder.input(0), builder.input(1));
    let (u, v) = builder.complex(function, x, y);
    builder.finish(&[u, v]).unwrap()
}

/// A pool with this many scalar parameters, for tapes made by hand.
fn pool(dimension: usize) -> Pool {
    let mut pool = Pool::new();
    for k in 0..dimension {
        pool.declare_parameter(&format!("x{k}"), Shape::scalar());
    }
    pool
}

fn unary_tape(op: impl FnOnce(u32) -> Op) -> Tape {
    Tape { ops: vec![Op::Input(Variable::Theta(0)), op(0)], outputs: vec![1] }
}

fn real_at(tape: &Tape, x: f64) -> f64 {
    run(&Program::real(&pool(1), tape).unwrap(), &[x])[0]
}

fn complex_at(tape: &Tape, re: f64, im: f64) -> Complex64 {
    let out = run(&Program::complex(&pool(1), tape).unwrap(), &[re, im]);
    Complex64::new(out[0], out[1])
}

#[test]
fn complex_functions_are_right_to_a_few_roundings() {
    for &(function, re, im, u, v) in reference::VALUES {
        let out = run(&complex_call(function), &[re, im]);
        // erf has zeros off the origin, near which only the absolute error can be small.
        let near_zero = function == ComplexFunction::Function(Function::Erf) && re.hypot(im) > 1.0;
        let size = if near_zero { u.hypot(v).max(1.0) } else { u.hypot(v) };
        let error = (out[0] - u).hypot(out[1] - v) / size;
        assert!(error <= 2e-15, "{function:?} at ({re:e}, {im:e}): {out:?}, should be ({u:e}, {v:e}), error {error:e}");
    }
}

#[test]
fn the_ends_of_the_range_end_in_a_value() {
    let inf = f64::INFINITY;
    let ends = [0.0, -0.0, 5e-324, -1e-310, 1.0, -1.0, 1e155, -1e300, f64::MAX, inf, -inf, f64::NAN];
    let all = Function::ALL.into_iter().map(ComplexFunction::Function);
    for function in all.chain([ComplexFunction::Sqrt, ComplexFunction::Reciprocal]) {
        let program = complex_call(function);
        let jit = machine_code(&program);
        for (re, im) in ends.into_iter().flat_map(|x| ends.map(|y| (x, y))) {
            let mut out = [0.0; 2];
            jit.call(&[re, im], &mut out, &mut Scratch::new());
            let (u, v) = complex_functions::complex(function, re, im);
            assert!(same(&out, &[u, v]), "{function:?} at ({re:e}, {im:e})");
            if let (ComplexFunction::Function(f), true) = (function, im == 0.0) {
                let real = functions::function(f)(re);
                assert!(real.is_nan() || u == real, "{function:?} at ({re:e}, {im:e}) is ({u:e}, {v:e}), not {real:e}");
            }
        }
    }
}

/// Back ends agree on where NaNs are, not on their signs.
#[test]
fn the_sign_of_a_nan_does_not_matter() {
    let all = Function::ALL.into_iter().map(ComplexFunction::Function);
    let parts = [0.0, -0.0, 1.5, -1.5, 800.0, -800.0, 1e200, -1e200, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    for function in all.chain([ComplexFunction::Sqrt, ComplexFunction::Reciprocal]) {
        for x in parts {
            for (a, b) in [((x, f64::NAN), (x, -f64::NAN)), ((f64::NAN, x), (-f64::NAN, x))] {
                let [(u, v), (p, q)] = [a, b].map(|(re, im)| complex_functions::complex(function, re, im));
                assert!(same(&[u, v], &[p, q]), "{function:?} at {a:?}: ({u}, {v}) or ({p}, {q})");
            }
        }
    }
}

/// `(function, x, f(x))` by mpmath.
const REAL_VALUES: &[(Function, f64, f64)] = &[
    (Function::Exp, -3.5, 0.030_197_383_422_318_5),
    (Function::Log, 0.1, -2.302_585_092_994_045_5),
    (Function::Log1p, 1e-10, 9.999_999_999_500_001e-11),
    (Function::Expm1, -1e-10, -9.999_999_999_500_001e-11),
    (Function::Sin, 2.5, 0.598_472_144_103_956_5),
    (Function::Cos, 2.5, -0.801_143_615_546_933_7),
    (Function::Tan, 2.5, -0.747_022_297_238_660_3),
    (Function::Asin, 0.3, 0.304_692_654_015_397_5),
    (Function::Acos, 0.3, 1.266_103_672_779_499),
    (Function::Atan, -2.0, -1.107_148_717_794_090_5),
    (Function::Sinh, 1.25, 1.601_919_080_300_825_7),
    (Function::Cosh, 1.25, 1.888_423_877_161_015_6),
    (Function::Tanh, -0.4, -0.379_948_962_255_224_9),
    (Function::Erf, 0.5, 0.520_499_877_813_046_5),
    (Function::Erf, 1.5, 0.966_105_146_475_310_7),
    (Function::Erf, -3.0, -0.999_977_909_503_001_4),
    (Function::Erf, 1e-20, 1.128_379_167_095_512_6e-20),
    (Function::Sigmoid, -2.0, 0.119_202_922_022_117_56),
    (Function::Sigmoid, -745.0, 5e-324),
    (Function::Softplus, 2.0, 2.126_928_011_042_972_5),
    (Function::Softplus, -40.0, 4.248_354_255_291_589e-18),
    (Function::Softplus, 1000.0, 1000.0),
    (Function::Relu, -2.0, 0.0),
    (Function::Relu, 2.0, 2.0),
    (Function::Abs, -2.0, 2.0),
    (Function::Sign, -2.0, -1.0),
    (Function::Sign, 0.0, 0.0),
    (Function::Sign, 2.0, 1.0),
    (Function::Step, 0.0, 0.0),
    (Function::Step, 1e-300, 1.0),
];

#[test]
fn real_functions_are_right_and_the_complex_program_extends_them() {
    for &(function, x, value) in REAL_VALUES {
        let tape = unary_tape(|a| Op::Apply(function, a));
        let real = real_at(&tape, x);
        assert!((real - value).abs() <= 4e-16 * value.abs(), "{function:?}({x}) = {real:e}, should be {value:e}");
        let complex = complex_at(&tape, x, 0.0);
        assert!(same(&[complex.re], &[real]) && complex.im == 0.0, "{function:?}({x}) = {real:e}, complex {complex:e}");
    }
    for function in Function::ALL {
        assert!(REAL_VALUES.iter().any(|(f, ..)| *f == function), "no value for {function:?}");
        assert!(real_at(&unary_tape(|a| Op::Apply(function, a)), f64::NAN).is_nan(), "{function:?} hides a NaN");
    }
    assert!(real_at(&unary_tape(|a| Op::Apply(Function::Log, a)), -1.0).is_nan());
}

#[test]
fn a_zero_part_counts_as_positive_on_every_cut() {
    // asin 2 = π/2 + i log(2 + √3) from above, atan 2i = π/2 + i log(3)/2 from the right.
    let arcosh2 = 1.316_957_896_924_816_6;
    let cases = [
        (Op::Apply(Function::Log, 0), (-1.0, 0.0), (0.0, PI)),
        (Op::Pow(0, Rational::new(1, 2)), (-4.0, 0.0), (0.0, 2.0)),
        (Op::Pow(0, Rational::new(-3, 2)), (-4.0, 0.0), (0.0, 0.125)),
        (Op::Pow(0, Rational::new(1, 3)), (-8.0, 0.0), (1.0, 3.0_f64.sqrt())),
        (Op::Apply(Function::Log1p, 0), (-2.0, 0.0), (0.0, PI)),
        (Op::Apply(Function::Asin, 0), (2.0, 0.0), (FRAC_PI_2, arcosh2)),
        (Op::Apply(Function::Asin, 0), (-2.0, 0.0), (-FRAC_PI_2, arcosh2)),
        (Op::Apply(Function::Acos, 0), (2.0, 0.0), (0.0, -arcosh2)),
        (Op::Apply(Function::Atan, 0), (0.0, 2.0), (FRAC_PI_2, 3.0_f64.ln() / 2.0)),
        (Op::Apply(Function::Atan, 0), (0.0, -2.0), (FRAC_PI_2, -(3.0_f64.ln()) / 2.0)),
    ];
    for (op, (re, im), (u, v)) in cases {
        for minus in [false, true] {
            let signed = |x: f64| if x == 0.0 && minus { -0.0 } else { x };
            let value = complex_at(&unary_tape(|_| op.clone()), signed(re), signed(im));
            assert!((value - Complex64::new(u, v)).norm() < 1e-15, "{op:?} at {re} + {im}i: {value}, not {u} + {v}i");
        }
    }
}

#[test]
fn functions_that_are_not_smooth_act_by_the_real_part() {
    let cases = [
        (Function::Relu, [(2.0, 3.0), (0.0, 0.0), (0.0, 0.0)]),
        (Function::Abs, [(2.0, 3.0), (0.0, 0.0), (2.0, -3.0)]),
        (Function::Sign, [(1.0, 0.0), (0.0, 0.0), (-1.0, 0.0)]),
        (Function::Step, [(1.0, 0.0), (0.0, 0.0), (0.0, 0.0)]),
    ];
    for (function, values) in cases {
        for (re, (u, v)) in [2.0, 0.0, -2.0].into_iter().zip(values) {
            let tape = unary_tape(|a| Op::Apply(function, a));
            assert_eq!(complex_at(&tape, re, 3.0), Complex64::new(u, v), "{function:?}({re} + 3i)");
            let called = run(&complex_call(ComplexFunction::Function(function)), &[re, 3.0]);
            assert_eq!((called[0], called[1]), (u, v), "{function:?} called");
        }
    }
}

#[test]
fn log_sum_exp_neither_overflows_nor_underflows() {
    let ops = (0..3).map(|k| Op::Input(Variable::Theta(k))).chain([Op::LogSumExp([0, 1, 2].into())]).collect();
    let tape = Tape { ops, outputs: vec![3] };
    let real = Program::real(&pool(3), &tape).unwrap();
    let complex = Program::complex(&pool(3), &tape).unwrap();
    let third = 3.0_f64.ln();
    let inf = f64::INFINITY;
    for (x, value) in [
        ([1000.0; 3], 1000.0 + third),
        ([-1000.0; 3], -1000.0 + third),
        ([-inf, 0.0, -inf], 0.0),
        ([-inf; 3], -inf),
        ([inf, 0.0, 1.0], inf),
        // log(1 + e + e²)
        ([0.0, 1.0, 2.0], 2.407_605_964_444_38),
    ] {
        let out = run(&real, &x)[0];
        assert!(out == value || (out - value).abs() < 1e-15 * value.abs(), "{x:?}: {out}, should be {value}");
        let out = run(&complex, &[x[0], 0.0, x[1], 0.0, x[2], 0.0]);
        assert!(out[0] == value || (out[0] - value).abs() < 1e-15 * value.abs(), "{x:?}: {out:?}");
    }
    // log(e^{iπ/2} + e^{iπ/2} + e^{iπ/2}), shifted by 800
    let out = run(&complex, &[800.0, FRAC_PI_2, 800.0, FRAC_PI_2, 800.0, FRAC_PI_2]);
    assert!((out[0] - 800.0 - third).abs() < 1e-12 && (out[1] - FRAC_PI_2).abs() < 1e-15, "{out:?}");
}

#[test]
fn every_size_of_batch_is_its_rows() {
    let mut builder = ProgramBuilder::new(2).unwrap();
    let (x, y) = (builder.input(0), builder.input(1));
    let product = builder.binary(Binary::Mul, x, y);
    let sine = builder.unary(Unary::Function(Function::Sin), product);
    let seven = builder.constant(7.0);
    let program = builder.finish(&[sine, y, seven]).unwrap();
    let (compiled, interpreter) = (machine_code(&program), Interpreter::new(&program));
    let scratch = &mut Scratch::new();
    for rows in [0, 1, 5, 15, 16, 127, 128, 129, 300] {
        let points: Vec<f64> = (0..2 * rows).map(|i| i as f64 * 0.37).collect();
        for function in [&compiled as &dyn VectorFunction, &interpreter] {
            let mut out = vec![0.0; 3 * rows as usize];
            function.call_batch(&points, &mut out, scratch);
            for (point, row) in points.chunks(2).zip(out.chunks(3)) {
                assert_eq!(row, [math::sin(point[0] * point[1]), point[1], 7.0]);
            }
        }
    }
}

/// A program with so many instructions in which early results are used late.
fn long_program(length: usize) -> Program {
    let mut builder = ProgramBuilder::new(2).unwrap();
    let mut values = vec![builder.input(0), builder.input(1)];
    for i in 2..length {
        let (a, b) = (values[values.len() - 1], values[values.len() / 2]);
        let next = match i % 7 {
            0 => {
                let (re, im) = builder.complex(ComplexFunction::Function(Function::Tanh), a, b);
                values.push(re);
                im
            }
            1 => builder.unary(Unary::Function(Function::Sin), a),
            2 => builder.binary(Binary::Sub, a, b),
            3 => builder.select(Comparison::Less, a, b, b, values[values.len() / 3]),
            4 => builder.binary(Binary::Mul, a, b),
            5 => builder.unary(Unary::Abs, a),
            _ => builder.binary(Binary::Add, a, b),
        };
        values.push(next);
    }
    let outputs: Vec<Operand> = values.iter().rev().step_by(length / 5).copied().collect();
    builder.finish(&outputs).unwrap()
}

#[test]
fn long_programs_compile_in_parts() {
    let program = long_program(15_000);
    assert!(program.instructions().len() > 10_000);
    let out = run(&program, &[0.3, -0.7]);
    assert!(out.iter().all(|x| x.is_finite()) && out.iter().any(|x| *x != 0.0), "{out:?}");
}

#[test]
fn programs_too_long_for_machine_code_say_so_and_run() {
    let program = long_program(2 * MAX_JIT_INSTRUCTIONS);
    let compiled = Compiled::new(&program);
    let reason = compiled.fallback().unwrap().to_string();
    let expected =
        if cfg!(feature = "jit") { program.instructions().len().to_string() } else { "feature `jit`".to_owned() };
    assert!(reason.contains(&expected), "{reason}");
    let (mut a, mut b) = (vec![0.0; compiled.outputs()], vec![0.0; compiled.outputs()]);
    compiled.call(&[0.3, -0.7], &mut a, &mut Scratch::new());
    Interpreter::new(&program).call(&[0.3, -0.7], &mut b, &mut Scratch::new());
    assert!(same(&a, &b));
}

#[test]
fn machine_code_is_shared_between_threads() {
    let compiled = Compiled::new(&long_program(200));
    let call = || {
        let mut out = vec![0.0; compiled.outputs()];
        for _ in 0..100 {
            compiled.call(&[0.2, 0.1], &mut out, &mut Scratch::new());
        }
        out
    };
    let here = call();
    std::thread::scope(|scope| {
        for thread in [scope.spawn(call), scope.spawn(call)] {
            assert_eq!(thread.join().unwrap(), here);
        }
    });
}

/// A random operation: what it is, and indices that are taken modulo what there is.
fn operation() -> impl Strategy<Value = (u8, u32, u32, i64)> {
    (0..40_u8, any::<u32>(), any::<u32>(), -5..=5_i64)
}

/// The exponents that random tapes take.
const EXPONENTS: [(i64, i64); 8] = [(-1, 1), (1, 2), (2, 1), (3, 1), (-2, 1), (-1, 2), (5, 3), (3, 2)];

fn tape_of(dimension: u32, operations: &[(u8, u32, u32, i64)]) -> Tape {
    let mut ops: Vec<Op> = (0..dimension).map(|k| Op::Input(Variable::Theta(k))).collect();
    for &(kind, a, b, q) in operations {
        let count = u32::try_from(ops.len()).unwrap();
        let (a, b) = (a % count, b % count);
        ops.push(match kind {
            0..20 => Op::Apply(Function::ALL[usize::from(kind)], a),
            20..27 => Op::Add(a.min(b), a.max(b)),
            27..34 => Op::Mul(a.min(b), a.max(b)),
            34..36 => Op::Constant(Rational::new(q, 3)),
            36..38 => {
                let (p, q) = EXPONENTS[b as usize % EXPONENTS.len()];
                Op::Pow(a, Rational::new(p, q))
            }
            38 => Op::LogSumExp([a, b, 0].into()),
            _ => Op::Pi,
        });
    }
    let outputs = (0..u32::try_from(ops.len()).unwrap()).rev().take(5).collect();
    Tape { ops, outputs }
}

proptest! {
    #[test]
    fn random_tapes_agree_to_the_bit(
        operations in prop::collection::vec(operation(), 1..60),
        input in prop::collection::vec(-3.0..3.0, 6),
    ) {
        let tape = tape_of(3, &operations);
        run(&Program::real(&pool(3), &tape).unwrap(), &input[..3]);
        run(&Program::complex(&pool(3), &tape).unwrap(), &input);
    }

    #[test]
    fn random_tapes_agree_with_direct_evaluation(
        operations in prop::collection::vec(operation(), 1..25),
        input in prop::collection::vec(-3.0..3.0, 6),
    ) {
        let tape = tape_of(3, &operations);
        let out = run(&Program::complex(&pool(3), &tape).unwrap(), &input);
        let direct = tape.evaluate(&mut Enclosures, |_, v| match v {
            Variable::Theta(k) => Enclosed::exact(Complex64::new(input[2 * k as usize], input[2 * k as usize + 1])),
            _ => unreachable!(),
        });
        for (pair, expected) in out.chunks(2).zip(direct) {
            let value = Complex64::new(pair[0], pair[1]);
            prop_assert!(expected.admits(value), "{value} is not {expected:?}");
        }
    }

    #[test]
    fn complex_programs_extend_real_ones(
        operations in prop::collection::vec(operation(), 1..25),
        input in prop::collection::vec(-3.0..3.0, 3),
    ) {
        let tape = tape_of(3, &operations);
        let real = run(&Program::real(&pool(3), &tape).unwrap(), &input);
        let interleaved: Vec<f64> = input.iter().flat_map(|x| [*x, 0.0]).collect();
        let complex = run(&Program::complex(&pool(3), &tape).unwrap(), &interleaved);
        let direct = tape.evaluate(&mut Enclosures, |_, v| match v {
            Variable::Theta(k) => Enclosed::exact(Complex64::from(input[k as usize])),
            _ => unreachable!(),
        });
        for ((x, z), enclosure) in real.iter().zip(complex.chunks(2)).zip(direct) {
            // Where the real program has a value, the complex one has it too, to rounding.
            if x.is_finite() && z[0].is_finite() {
                prop_assert!((x - z[0]).abs() <= 2.0 * enclosure.radius || !enclosure.is_sharp(), "{} and {:?}", x, z);
            }
        }
    }
}
