//! The functions that machine code calls, in the C calling convention.

use crate::eval::program::{Binary, ComplexFunction, Unary};
use crate::eval::{complex_functions, functions};
use crate::expr::Function;
use cranelift_jit::JITBuilder;

/// What a symbol computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Symbol {
    /// Takes a number, returns one.
    Unary(Function),
    /// Takes two numbers, returns one.
    Binary(Binary),
    /// Takes two numbers and the address of the two results.
    Complex(ComplexFunction),
}

impl Symbol {
    /// The name that the code generator links by.
    pub(super) fn name(self) -> String {
        match self {
            Symbol::Unary(f) => format!("real.{}", f.name()),
            Symbol::Binary(op) => format!("real.{op:?}"),
            Symbol::Complex(ComplexFunction::Function(f)) => format!("complex.{}", f.name()),
            Symbol::Complex(f) => format!("complex.{f:?}"),
        }
    }
}

extern "C" fn binary<const OP: u8>(a: f64, b: f64) -> f64 {
    let op = const {
        match OP {
            0 => Binary::Power,
            1 => Binary::Modulus,
            _ => Binary::Argument,
        }
    };
    functions::binary(op, a, b)
}

extern "C" fn unary<const F: usize>(x: f64) -> f64 {
    functions::unary(Unary::Function(const { Function::ALL[F] }), x)
}

extern "C" fn complex<const F: usize>(re: f64, im: f64, result: &mut [f64; 2]) {
    let function = const {
        match F {
            0 => ComplexFunction::Sqrt,
            1 => ComplexFunction::Reciprocal,
            f => ComplexFunction::Function(Function::ALL[f - 2]),
        }
    };
    (result[0], result[1]) = complex_functions::complex(function, re, im);
}

/// Makes the functions of every symbol known to a module.
pub(super) fn register(builder: &mut JITBuilder) {
    macro_rules! functions {
        ($($index:literal)*) => {
            $(
                let f = Function::ALL[$index];
                builder.symbol(Symbol::Unary(f).name(), unary::<$index> as *const u8);
                let function = Symbol::Complex(ComplexFunction::Function(f));
                builder.symbol(function.name(), complex::<{ $index + 2 }> as *const u8);
            )*
            const { assert!([$($index),*].len() == Function::ALL.len()) };
        };
    }
    functions!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19);
    builder.symbol(Symbol::Complex(ComplexFunction::Sqrt).name(), complex::<0> as *const u8);
    builder.symbol(Symbol::Complex(ComplexFunction::Reciprocal).name(), complex::<1> as *const u8);
    builder.symbol(Symbol::Binary(Binary::Power).name(), binary::<0> as *const u8);
    builder.symbol(Symbol::Binary(Binary::Modulus).name(), binary::<1> as *const u8);
    builder.symbol(Symbol::Binary(Binary::Argument).name(), binary::<2> as *const u8);
}
