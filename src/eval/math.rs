//! The real functions of the loss language, for one number and for a column of numbers, by name.

pub(super) use shadowflow_kernels::functions::{
    Numbers, acos, asin, atan, cos, cosh, erf, exp, expm1, log, log1p, power, power_column, sigmoid, sign, sin,
    sin_cos, sinh, softplus, step, tan, tanh, two_sum,
};

use crate::expr::Function;
use shadowflow_kernels::functions;

/// A real function: at one number, and at a column of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Routine {
    pub(super) scalar: fn(f64) -> f64,
    pub(super) column: fn(&Numbers, &mut Numbers),
}

/// A function of the loss language on the real line, NaN outside its domain.
pub(super) const fn routine(f: Function) -> Routine {
    macro_rules! routine {
        ($scalar:ident, $column:ident) => {
            Routine { scalar: functions::$scalar, column: functions::$column }
        };
    }
    match f {
        Function::Exp => routine!(exp, exp_column),
        Function::Log => routine!(log, log_column),
        Function::Log1p => routine!(log1p, log1p_column),
        Function::Expm1 => routine!(expm1, expm1_column),
        Function::Sin => routine!(sin, sin_column),
        Function::Cos => routine!(cos, cos_column),
        Function::Tan => routine!(tan, tan_column),
        Function::Asin => routine!(asin, asin_column),
        Function::Acos => routine!(acos, acos_column),
        Function::Atan => routine!(atan, atan_column),
        Function::Sinh => routine!(sinh, sinh_column),
        Function::Cosh => routine!(cosh, cosh_column),
        Function::Tanh => routine!(tanh, tanh_column),
        Function::Erf => routine!(erf, erf_column),
        Function::Sigmoid => routine!(sigmoid, sigmoid_column),
        Function::Softplus => routine!(softplus, softplus_column),
        Function::Relu => routine!(relu, relu_column),
        Function::Abs => routine!(abs, abs_column),
        Function::Sign => routine!(sign, sign_column),
        Function::Step => routine!(step, step_column),
    }
}
