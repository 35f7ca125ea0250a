//! What the builder makes of expressions.

use super::{pool, run, unary_tape};
use crate::eval::{Binary, ComplexFunction, Instruction, LowerError, Operand, Program, ProgramBuilder, Unary};
use crate::expr::{Function, Op, Pool, Shape, Tape, Variable};
use crate::number::Rational;

fn program(build: impl FnOnce(&mut ProgramBuilder, Operand, Operand) -> Operand) -> Program {
    let mut builder = ProgramBuilder::new(2).unwrap();
    let (x, y) = (builder.input(0), builder.input(1));
    let out = build(&mut builder, x, y);
    builder.finish(&[out]).unwrap()
}

const X: Operand = Operand::Input(0);
const Y: Operand = Operand::Input(1);

#[test]
fn signs_and_reciprocals_become_differences_and_quotients() {
    let difference = program(|b, x, y| {
        let minus = b.unary(Unary::Neg, y);
        b.binary(Binary::Add, minus, x)
    });
    assert_eq!(difference.instructions(), [Instruction::Binary(Binary::Sub, X, Y)]);

    let quotient = program(|b, x, y| {
        let reciprocal = b.power(y, &Rational::MINUS_ONE);
        b.binary(Binary::Mul, reciprocal, x)
    });
    assert_eq!(quotient.instructions(), [Instruction::Binary(Binary::Div, X, Y)]);

    let hoisted = program(|b, x, y| {
        let minus = b.unary(Unary::Neg, x);
        let product = b.binary(Binary::Mul, minus, y);
        b.binary(Binary::Add, y, product)
    });
    assert_eq!(hoisted.instructions().len(), 2);
    assert_eq!(run(&hoisted, &[2.0, 3.0]), [-3.0]);
}

#[test]
fn constants_fold_and_identities_hold() {
    let folded = program(|b, x, _| {
        let (two, three, zero) = (b.constant(2.0), b.constant(3.0), b.constant(0.0));
        let five = b.binary(Binary::Add, two, three);
        let nothing = b.binary(Binary::Mul, x, zero);
        let root = b.unary(Unary::Sqrt, five);
        b.binary(Binary::Add, root, nothing)
    });
    assert!(folded.instructions().is_empty());
    assert_eq!(folded.constants(), [5.0_f64.sqrt()]);
    assert_eq!(run(&folded, &[1.0, 1.0]), [5.0_f64.sqrt()]);
}

#[test]
fn equal_operations_are_one_and_unused_ones_are_dropped() {
    let shared = program(|b, x, y| {
        let (p, q) = (b.binary(Binary::Mul, x, y), b.binary(Binary::Mul, y, x));
        b.unary(Unary::Function(Function::Exp), y);
        b.complex(ComplexFunction::Sqrt, x, y);
        b.binary(Binary::Div, p, q)
    });
    assert_eq!(shared.instructions().len(), 2);
}

#[test]
fn a_complex_call_keeps_both_halves_if_either_is_used() {
    for half in [0, 1] {
        let one = program(|b, x, y| {
            let parts = b.complex(ComplexFunction::Reciprocal, x, y);
            [parts.0, parts.1][half]
        });
        assert_eq!(one.instructions().len(), 2);
        // 1/(3 + 4i) = (3 − 4i)/25
        assert_eq!(run(&one, &[3.0, 4.0]), [[3.0 / 25.0, -4.0 / 25.0][half]]);
    }
}

#[test]
fn powers_multiply_divide_and_take_roots() {
    let cases = [
        (Rational::from(7), 2187.0, 4),
        (Rational::from(-2), 1.0 / 9.0, 2),
        (Rational::new(1, 2), 3.0_f64.sqrt(), 1),
        (Rational::new(-1, 2), 1.0 / 3.0_f64.sqrt(), 2),
        (Rational::new(5, 2), 9.0 * 3.0_f64.sqrt(), 3),
        (Rational::new(1, 3), 3.0_f64.powf(1.0 / 3.0), 1),
        (Rational::from(200), 3.0_f64.powf(200.0), 1),
    ];
    for (exponent, value, length) in cases {
        let program = Program::real(&pool(1), &unary_tape(|a| Op::Pow(a, exponent.clone()))).unwrap();
        assert_eq!(program.instructions().len(), length, "{exponent}");
        assert_eq!(run(&program, &[3.0]), [value], "{exponent}");
    }
}

#[test]
fn rationals_round_once() {
    // 10^40/3 is no quotient of two floats that are exact.
    let q = Rational::from(10).pow(40).unwrap() / Rational::from(3);
    let program = Program::real(&pool(1), &unary_tape(|_| Op::Constant(q))).unwrap();
    assert_eq!(run(&program, &[0.0]), ["3333333333333333333333333333333333333333.333333".parse::<f64>().unwrap()]);
}

#[test]
fn the_imaginary_part_of_a_constant_costs_nothing() {
    // 3z + 1: two products and one sum.
    let ops = vec![
        Op::Input(Variable::Theta(0)),
        Op::Constant(Rational::from(3)),
        Op::Mul(0, 1),
        Op::Constant(Rational::ONE),
        Op::Add(2, 3),
    ];
    let program = Program::complex(&pool(1), &Tape { ops, outputs: vec![4] }).unwrap();
    assert_eq!(program.instructions().len(), 3);
    assert_eq!(run(&program, &[1.0, 2.0]), [4.0, 6.0]);
}

#[test]
fn variables_without_a_value_are_refused_by_name() {
    let mut pool = Pool::new();
    pool.declare_parameter("x", Shape::scalar());
    let symbol = pool.declare_symbol("lambda");
    let error = Program::real(&pool, &Tape::new(&pool, &[symbol])).unwrap_err();
    assert_eq!(error, LowerError::Symbol { name: "lambda".into() });
    assert!(error.to_string().contains("`lambda`"));

    let foreign = Tape { ops: vec![Op::Input(Variable::Theta(4))], outputs: vec![0] };
    assert_eq!(Program::complex(&pool, &foreign), Err(LowerError::Parameter { index: 4, dimension: 1 }));
}

#[test]
fn a_program_without_instructions_copies_and_fills() {
    let tape =
        Tape { ops: vec![Op::Input(Variable::Theta(1)), Op::Constant(Rational::new(1, 4))], outputs: vec![0, 1, 0] };
    let program = Program::real(&pool(2), &tape).unwrap();
    assert!(program.instructions().is_empty());
    assert_eq!(run(&program, &[3.0, 5.0]), [5.0, 0.25, 5.0]);
}
