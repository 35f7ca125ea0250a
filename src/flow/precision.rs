//! How many digits machine floats carry through high orders.

use super::name::FlowError;
use crate::eval::{Interpreter, Program, Scratch, VectorFunction};
use crate::expr::{Algebra, BallAlgebra, Enclosure, Pool, Tape, Variable};
use crate::number::Rational;

/// Bits of the enclosures that machine floats are compared with, one after another until they are narrow enough.
const REFERENCE_BITS: [usize; 3] = [320, 1280, 5120];

/// The bits to which a reference is known, unless it is smaller than [`VANISHING`].
const KNOWN: i64 = 100;

/// Values below this are 0.
const VANISHING: f64 = 1e-60;

/// The relative error with which a field counts as known.
pub(super) const TOLERANCE: f64 = 1e-10;

/// How precisely the terms `f_n` of a truncated field are known in machine floats at one state, by order.
///
/// Measured, not estimated: the operations of the field are done in machine floats and in enclosures that are narrow enough to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderPrecision {
    /// The largest error of a component of `f_n` over its largest component.
    pub relative: Vec<f64>,
    /// The largest error that a component of `h^(n+1) f_n` brings into one step, over `1 + |θ| + h·|field|`, largest components: the scale at which
    /// flows are followed.
    pub share: Vec<f64>,
}

impl OrderPrecision {
    /// What to say where an order is not known to the tolerance; `place` says where.
    pub(super) fn message(&self, place: &str) -> Option<String> {
        let n = self.first_beyond(TOLERANCE)?;
        let known = match n {
            0 => "no f_n".to_owned(),
            _ => format!("f_n up to n = {} only", n - 1),
        };
        Some(format!(
            "machine floats carry {known} to {TOLERANCE:e} {place}: f_{n} has a relative error of {:.0e} there; take a lower order, \
             write the loss without large terms that cancel, or use `eval` for every digit",
            self.relative[n]
        ))
    }

    /// The first order that has a relative error beyond the tolerance, and one that a step shows: at rest `f_0` is all rounding, and nothing is lost.
    #[must_use]
    pub fn first_beyond(&self, tolerance: f64) -> Option<usize> {
        let beyond = |(relative, share): (&f64, &f64)| *relative > tolerance && *share > tolerance;
        self.relative.iter().zip(&self.share).position(beyond)
    }
}

/// The terms of a truncated field, to be computed in machine floats and in longer ones.
#[derive(Debug)]
pub(super) struct Orders {
    tape: Tape,
    program: Interpreter,
    dimension: usize,
    h: f64,
}

impl Orders {
    /// Of a tape with the components of `f_0`, of `f_1` and so on as outputs.
    pub(super) fn new(pool: &Pool, tape: Tape, h: f64) -> Result<Self, FlowError> {
        let program = Program::real(pool, &tape).map_err(|e| FlowError::Loss(e.to_string()))?;
        Ok(Self { tape, program: Interpreter::new(&program), dimension: pool.dimension(), h })
    }

    /// The values, to many digits of their own or of [`VANISHING`]; `None` where so many bits do not tell them.
    fn reference(&self, point: &[Rational], bits: usize) -> Option<Vec<Rational>> {
        let mut balls = BallAlgebra::new(bits);
        let values = self.tape.evaluate(&mut balls, |balls, v| match v {
            Variable::Theta(k) => point.get(k as usize).map_or_else(Enclosure::unknown, |x| balls.rational(x)),
            _ => Enclosure::unknown(),
        });
        let known = |v: &Enclosure| {
            let narrow = v.ball.radius().exponent() < v.ball.above().exponent().saturating_sub(KNOWN);
            v.is_known() && (v.exact.is_some() || narrow || v.ball.above().to_f64() < VANISHING)
        };
        values.iter().all(known).then(|| values.iter().map(Enclosure::to_rational).collect())?
    }

    /// At a real state; `None` where the terms have no value.
    pub(super) fn precision(&self, state: &[f64]) -> Option<OrderPrecision> {
        let point: Vec<Rational> = state.iter().map(|x| Rational::from_f64(*x)).collect::<Option<_>>()?;
        let reference = REFERENCE_BITS.iter().find_map(|bits| self.reference(&point, *bits))?;
        let mut values = vec![0.0; reference.len()];
        self.program.call(state, &mut values, &mut Scratch::new());
        let orders = reference.len() / self.dimension.max(1);
        let (mut errors, mut sizes) = (vec![0.0_f64; orders], vec![0.0_f64; orders]);
        let mut field = vec![0.0_f64; self.dimension];
        for (at, (value, exact)) in values.iter().zip(&reference).enumerate() {
            let size = exact.to_f64();
            let error = if value.is_finite() {
                (exact - &Rational::from_f64(*value)?).abs()
            } else {
                return None;
            };
            let n = at / self.dimension;
            errors[n] = errors[n].max(error.to_f64());
            sizes[n] = sizes[n].max(size.abs());
            field[at % self.dimension] += self.h.powi(i32::try_from(n).unwrap_or(i32::MAX)) * size;
        }
        let largest = |values: &[f64]| values.iter().fold(0.0_f64, |size, x| size.max(x.abs()));
        let scale = 1.0 + largest(state) + self.h * largest(&field);
        // What is 0 as far as the enclosures tell, as at a critical point, has no digits to lose.
        let over = |error: f64, size: f64| if error == 0.0 || size < VANISHING { 0.0 } else { error / size };
        Some(OrderPrecision {
            relative: errors.iter().zip(&sizes).map(|(e, s)| over(*e, *s)).collect(),
            share: (1_i32..).zip(&errors).map(|(n, e)| self.h.powi(n) * e / scale).collect(),
        })
    }
}
