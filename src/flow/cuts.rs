//! Where a loss's own principal branches jump.

use crate::eval::{Compiled, LowerError, Program, Scratch, VectorFunction};
use crate::expr::{Function, Op, Pool, Tape, Variable};
use num_complex::Complex64;
use std::sync::Arc;

/// How the argument of an operation leads to numbers whose logarithm it takes: a cut is met where one of them crosses the
/// negative real axis.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// `x` itself: logarithms, roots and other powers.
    Plain,
    /// `1 + x`.
    OnePlus,
    /// `1 − x` and `1 + x`.
    Arc,
    /// `1 + ix` and `1 − ix`.
    Tangent,
    /// `1 + eˣ`.
    Softplus,
    /// The sum of the exponentials of so many arguments.
    LogSumExp(usize),
}

/// Watches the arguments of the multivalued operations of a tape.
#[derive(Debug, Clone)]
pub(super) struct LossBranches {
    arguments: Arc<Compiled>,
    cuts: Vec<Cut>,
    scratch: Scratch,
    from: Vec<Complex64>,
    to: Vec<Complex64>,
}

impl LossBranches {
    /// `None` if the tape is single-valued, as a polynomial is.
    pub(super) fn new(pool: &Pool, tape: &Tape) -> Result<Option<Self>, LowerError> {
        let mut varies = vec![false; tape.ops.len()];
        let (mut cuts, mut outputs) = (Vec::new(), Vec::new());
        for (at, op) in tape.ops.iter().enumerate() {
            let of = |k: &u32| varies[*k as usize];
            varies[at] = match op {
                Op::Constant(_) | Op::Pi => false,
                Op::Input(variable) => matches!(variable, Variable::Theta(_)),
                Op::Add(a, b) | Op::Mul(a, b) => of(a) || of(b),
                Op::Pow(a, _) | Op::Apply(_, a) => of(a),
                Op::LogSumExp(terms) => terms.iter().any(of),
            };
            if !varies[at] {
                continue;
            }
            let (cut, operand) = match op {
                Op::Pow(a, exponent) if !exponent.is_integer() => (Cut::Plain, a),
                Op::Apply(Function::Log, a) => (Cut::Plain, a),
                Op::Apply(Function::Log1p, a) => (Cut::OnePlus, a),
                Op::Apply(Function::Asin | Function::Acos, a) => (Cut::Arc, a),
                Op::Apply(Function::Atan, a) => (Cut::Tangent, a),
                Op::Apply(Function::Softplus, a) => (Cut::Softplus, a),
                Op::LogSumExp(terms) => {
                    cuts.push(Cut::LogSumExp(terms.len()));
                    outputs.extend_from_slice(terms);
                    continue;
                }
                _ => continue,
            };
            cuts.push(cut);
            outputs.push(*operand);
        }
        if cuts.is_empty() {
            return Ok(None);
        }
        let size = outputs.len();
        let program = Program::complex(pool, &Tape { ops: tape.ops.clone(), outputs })?;
        let zeros = || vec![Complex64::ZERO; size];
        Ok(Some(Self {
            arguments: Arc::new(Compiled::new(&program)),
            cuts,
            scratch: Scratch::new(),
            from: zeros(),
            to: zeros(),
        }))
    }

    /// Whether any cut lies on the way between two states.
    pub(super) fn crossed(&mut self, from: &[Complex64], to: &[Complex64]) -> bool {
        self.arguments.call_complex(from, &mut self.from, &mut self.scratch);
        self.arguments.call_complex(to, &mut self.to, &mut self.scratch);
        let mut at = 0;
        self.cuts.iter().any(|cut| {
            let size = if let Cut::LogSumExp(terms) = cut { *terms } else { 1 };
            let (a, b) = (&self.from[at..at + size], &self.to[at..at + size]);
            at += size;
            cut.crossed(a, b)
        })
    }
}

impl Cut {
    fn crossed(self, from: &[Complex64], to: &[Complex64]) -> bool {
        let either = |f: &dyn Fn(Complex64) -> Complex64| crosses(f(from[0]), f(to[0]));
        match self {
            Cut::Plain => either(&|x| x),
            Cut::OnePlus => either(&|x| 1.0 + x),
            Cut::Arc => either(&|x| 1.0 - x) || either(&|x| 1.0 + x),
            Cut::Tangent => either(&|x| 1.0 + Complex64::I * x) || either(&|x| 1.0 - Complex64::I * x),
            Cut::Softplus => either(&|x| 1.0 + x.exp()),
            Cut::LogSumExp(_) => {
                let largest = from.iter().chain(to).map(|x| x.re).fold(f64::NEG_INFINITY, f64::max);
                let sum = |v: &[Complex64]| v.iter().map(|x| (x - largest).exp()).sum();
                crosses(sum(from), sum(to))
            }
        }
    }
}

/// Whether the segment crosses the negative real axis, which itself belongs to the upper side.
fn crosses(from: Complex64, to: Complex64) -> bool {
    if (from.im < 0.0) == (to.im < 0.0) {
        return false;
    }
    let share = from.im / (from.im - to.im);
    from.re + share * (to.re - from.re) < 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Id, Shape};

    fn crossed(build: impl Fn(&mut Pool, Id) -> Id, from: (f64, f64), to: (f64, f64)) -> Option<bool> {
        let mut pool = Pool::new();
        let x = pool.declare_parameter("x", Shape::scalar());
        let loss = build(&mut pool, x);
        let branches = LossBranches::new(&pool, &Tape::new(&pool, &[loss])).unwrap();
        let c = |(re, im)| [Complex64::new(re, im)];
        branches.map(|mut b| b.crossed(&c(from), &c(to)))
    }

    #[test]
    fn every_function_has_its_cut() {
        use Function::{Acos, Asin, Atan, Log, Log1p, Softplus};
        for (function, below, beyond) in [
            (Log, (-0.5, 0.1), (-0.5, -0.1)),
            (Log1p, (-1.5, 0.1), (-1.5, -0.1)),
            (Asin, (1.5, 0.1), (1.5, -0.1)),
            (Acos, (-1.5, 0.1), (-1.5, -0.1)),
            (Atan, (0.1, 1.5), (-0.1, 1.5)),
            (Softplus, (0.5, 3.1), (0.5, 3.2)),
        ] {
            let build = |p: &mut Pool, x| p.apply(function, x);
            assert_eq!(crossed(build, below, beyond), Some(true), "{}", function.name());
            assert_eq!(crossed(build, beyond, below), Some(true), "{}", function.name());
            assert_eq!(crossed(build, (0.5, 0.1), (0.5, -0.1)), Some(false), "{}", function.name());
            assert_eq!(crossed(build, below, below), Some(false), "{}", function.name());
        }
        let root = |p: &mut Pool, x| p.pow(x, &crate::number::Rational::new(1, 2));
        assert_eq!(crossed(root, (-1.0, 0.1), (-1.0, -0.1)), Some(true));
        let sum = |p: &mut Pool, x| {
            let zero = p.integer(0);
            let both = p.stack(&[zero, x]);
            p.logsumexp(both)
        };
        assert_eq!(crossed(sum, (0.5, 3.1), (0.5, 3.2)), Some(true));
        assert_eq!(crossed(sum, (-0.5, 3.1), (-0.5, 3.2)), Some(false));
    }

    #[test]
    fn polynomials_have_none() {
        assert_eq!(crossed(|p, x| p.pow(x, &3.into()), (-1.0, 0.1), (-1.0, -0.1)), None);
    }
}
