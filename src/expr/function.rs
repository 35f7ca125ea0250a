//! The scalar functions of the loss language.

/// A function of one scalar, applied elementwise to arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each variant is the function of its name")]
pub enum Function {
    Exp,
    Log,
    Log1p,
    Expm1,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Erf,
    Sigmoid,
    Softplus,
    /// `max(x, 0)`, not smooth at 0; on complex states `x` where `Re x > 0` and 0 elsewhere.
    Relu,
    /// `|x|`, not smooth at 0; on complex states `x·sign(Re x)`.
    Abs,
    /// −1, 0 or 1 by the sign of (the real part of) `x`.
    Sign,
    /// 1 where (the real part of) `x` is above 0, 0 elsewhere.
    Step,
}

impl Function {
    /// Every function, in the order of the language's reference.
    pub const ALL: [Function; 20] = [
        Function::Exp,
        Function::Log,
        Function::Log1p,
        Function::Expm1,
        Function::Sin,
        Function::Cos,
        Function::Tan,
        Function::Asin,
        Function::Acos,
        Function::Atan,
        Function::Sinh,
        Function::Cosh,
        Function::Tanh,
        Function::Erf,
        Function::Sigmoid,
        Function::Softplus,
        Function::Relu,
        Function::Abs,
        Function::Sign,
        Function::Step,
    ];

    /// The name in the loss language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Function::Exp => "exp",
            Function::Log => "log",
            Function::Log1p => "log1p",
            Function::Expm1 => "expm1",
            Function::Sin => "sin",
            Function::Cos => "cos",
            Function::Tan => "tan",
            Function::Asin => "asin",
            Function::Acos => "acos",
            Function::Atan => "atan",
            Function::Sinh => "sinh",
            Function::Cosh => "cosh",
            Function::Tanh => "tanh",
            Function::Erf => "erf",
            Function::Sigmoid => "sigmoid",
            Function::Softplus => "softplus",
            Function::Relu => "relu",
            Function::Abs => "abs",
            Function::Sign => "sign",
            Function::Step => "step",
        }
    }

    /// Whether the function is smooth on its domain; results that rely on derivatives of the others are flagged.
    #[must_use]
    pub fn is_smooth(self) -> bool {
        !matches!(self, Function::Relu | Function::Abs | Function::Sign | Function::Step)
    }
}
