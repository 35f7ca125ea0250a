//! Gradient and Hessian of a loss as enclosures.

use crate::expr::{BallAlgebra, Enclosure, ExpressionRef, Op, Purpose, Tape, Variable};
use crate::number::{Ball, Rational};

/// The most parameters, and operations of the derivatives, that are looked at.
const MOST_PARAMETERS: usize = 24;
const MOST_OPERATIONS: usize = 20_000;
/// How many products a function costs.
const FUNCTION: u64 = 20;

/// The gradient and the Hessian of a loss, to any number of digits.
///
/// ```
/// use shadowflow::expr::{BallAlgebra, Expression, Function, Pool, Shape};
/// use shadowflow::flow::{CompiledModel, Model};
/// use shadowflow::number::{Ball, Real};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let loss = pool.apply(Function::Tanh, x);
/// let model = CompiledModel::new(Expression::new(pool, loss))?;
/// let derivatives = model.enclosed().unwrap();
/// // 1 − tanh² 400 is about 4 exp(−800), or 2^−1152.
/// let at = [Ball::exact(Real::from_f64(400.0))];
/// let signs = |bits: usize| {
///     let there = derivatives.at(&at, &mut BallAlgebra::new(bits)).unwrap();
///     (there.gradient[0].sign(), there.hessian[0].sign())
/// };
/// assert_eq!(signs(128), (None, None));
/// assert_eq!(signs(2048), (Some(1), Some(-1)));
/// # Ok::<(), shadowflow::flow::FlowError>(())
/// ```
#[derive(Debug, Clone)]
pub struct EnclosedDerivatives {
    tape: Tape,
    dimension: usize,
    /// In products.
    cost: u64,
}

/// The derivatives at one state.
#[derive(Debug, Clone)]
pub struct Enclosed {
    /// By parameter.
    pub gradient: Vec<Ball>,
    /// Row-major.
    pub hessian: Vec<Ball>,
}

impl EnclosedDerivatives {
    /// Of a loss; `None` where it is too large for that.
    pub(super) fn new(loss: ExpressionRef<'_>) -> Option<Self> {
        let dimension = loss.pool().dimension();
        if dimension > MOST_PARAMETERS || Tape::new(loss.pool(), &[loss.id()]).ops.len() > MOST_OPERATIONS {
            return None;
        }
        let mut pool = loss.pool().clone();
        let mut roots = pool.gradient_entries(loss.id());
        roots.extend(pool.hessian_entries(loss.id()));
        let roots = pool.for_floats(&roots, Purpose::Values);
        let tape = Tape::new(&pool, &roots);
        let functions = tape.ops.iter().filter(|op| matches!(op, Op::Apply(..) | Op::LogSumExp(_) | Op::Pow(..)));
        let cost = tape.ops.len() as u64 + FUNCTION * functions.count() as u64;
        (tape.ops.len() <= MOST_OPERATIONS).then_some(Self { tape, dimension, cost })
    }

    /// How many parameters the loss has.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// What an evaluation costs, in products of numbers of as many digits.
    #[must_use]
    pub fn cost(&self) -> u64 {
        self.cost
    }

    /// The derivatives at a state, with the bits of an algebra, which keeps constants for the next time; `None` where some has no value or too few bits tell,
    /// and at kinks.
    #[must_use]
    pub fn at(&self, state: &[Ball], algebra: &mut BallAlgebra) -> Option<Enclosed> {
        (algebra.undefined, algebra.undecided, algebra.overflow) = (None, None, None);
        algebra.kinks.clear();
        let values = self.tape.evaluate(algebra, |_, variable| match variable {
            Variable::Theta(k) => state.get(k as usize).map_or_else(Enclosure::unknown, |ball| Enclosure {
                ball: ball.clone(),
                exact: ball.is_zero().then_some(Rational::ZERO),
            }),
            _ => Enclosure::unknown(),
        });
        let clear = algebra.undefined.is_none() && algebra.undecided.is_none() && algebra.kinks.is_empty();
        if !clear || !values.iter().all(|v| matches!(v.ball, Ball::Finite(..))) {
            return None;
        }
        let n = self.dimension;
        let mut values = values.into_iter().map(|v| v.ball);
        let gradient: Vec<Ball> = values.by_ref().take(n).collect();
        let mut hessian = vec![Ball::around_zero(crate::number::Magnitude::ZERO); n * n];
        for i in 0..n {
            for j in 0..=i {
                let value = values.next()?;
                hessian[j * n + i] = value.clone();
                hessian[i * n + j] = value;
            }
        }
        Some(Enclosed { gradient, hessian })
    }
}
