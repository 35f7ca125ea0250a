//! Whether a loss and its derivatives have values at a point, decided by enclosures.

use super::{EvaluateError, EvaluateOptions, Point, Warning, work};
use crate::expr::{
    Algebra, BallAlgebra, Enclosure, Nonsmooth, Op, Series, SeriesTape, Tape, Undecided, Undefined, Variable,
};
use crate::number::Rational;

/// Where to begin and how far to go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work {
    start: usize,
    max_precision: usize,
    max_products: u64,
}

impl Work {
    pub(super) fn of(options: &EvaluateOptions<'_>, start: usize) -> Self {
        Self { start, max_precision: options.max_precision, max_products: options.max_products }
    }
}

/// What a function's value counts for, in products, as measured at 100,000 bits.
const FUNCTION: u64 = 400;

/// Products and functions of a tape, as work.
pub(super) fn cost(tape: &Tape) -> u64 {
    let weight = |op: &Op| match op {
        Op::Apply(..) | Op::LogSumExp(_) => FUNCTION,
        Op::Pow(_, q) if !q.is_integer() => FUNCTION,
        _ => 1,
    };
    tape.ops.iter().map(weight).sum()
}

pub(super) fn lifted(algebra: &mut BallAlgebra, point: &Point<Rational>) -> Point<Enclosure> {
    let mut lift = |values: &[Rational]| values.iter().map(|q| algebra.rational(q)).collect();
    Point { theta: lift(&point.theta), symbols: lift(&point.symbols) }
}

enum Undone {
    Undefined(Undefined),
    Undecided(Undecided, usize),
}

/// Raises the precision until everything that a computation asks for is decided; the algebra then, with its precision.
fn decided(limits: Work, products: u64, compute: impl Fn(&mut BallAlgebra)) -> Result<(BallAlgebra, usize), Undone> {
    let mut precision = limits.start;
    loop {
        let mut balls = BallAlgebra::new(precision);
        compute(&mut balls);
        if let Some(cause) = balls.undefined {
            return Err(Undone::Undefined(cause));
        }
        let Some(cause) = balls.undecided.take() else { return Ok((balls, precision)) };
        let next = (2 * precision).min(limits.max_precision);
        if next <= precision || work(products, next) > limits.max_products {
            return Err(Undone::Undecided(cause, precision));
        }
        precision = next;
    }
}

/// The gradient may have a value where the loss has none, such as that of `log x` at −1.
pub(super) fn check_loss(
    tape: &Tape,
    point: &Point<Rational>,
    limits: Work,
    nonsmooth: &[Nonsmooth],
    warnings: &mut Vec<Warning>,
) -> Result<(), EvaluateError> {
    let outcome = decided(limits, cost(tape), |balls| {
        let at = lifted(balls, point);
        tape.evaluate(balls, |balls, v| value(balls, &at, v));
    });
    let (balls, _) = outcome.map_err(|undone| match undone {
        Undone::Undefined(cause) => EvaluateError::Loss { cause, place: None },
        Undone::Undecided(cause, bits) => EvaluateError::Undecided { what: "the loss has a value", cause, bits },
    })?;
    for known in nonsmooth {
        let is_root = matches!(known, Nonsmooth::Root { .. });
        let message = if is_root {
            format!("{}: the values hold where what is under the root is not 0", known.sentence())
        } else if balls.kinks.contains(&known.function()) {
            let which = match known {
                Nonsmooth::Elu => "has no second derivative",
                Nonsmooth::Power { .. } => "to this power has not all of these derivatives",
                _ => "has no derivative",
            };
            format!("`{}` {which} at this point: its argument is 0 here", known.name())
        } else {
            format!("{}: the values hold as long as its argument does not change sign", known.sentence())
        };
        warnings.push(Warning::new("non-smooth", message));
    }
    Ok(())
}

/// Bits beyond which the loss's own value is left out.
const MOST_BITS: usize = 1 << 13;

/// The double nearest to the loss's value; `None` where so many bits do not tell or it is beyond the largest double.
pub(super) fn loss_value(tape: &Tape, point: &Point<Rational>, limits: Work) -> Option<f64> {
    let mut precision = limits.start;
    loop {
        let mut balls = BallAlgebra::new(precision);
        let at = lifted(&mut balls, point);
        let found = tape.evaluate(&mut balls, |balls, v| value(balls, &at, v)).pop()?;
        let nearest = found.exact.map_or_else(|| found.ball.to_f64(), |q| Some(q.to_f64()));
        if nearest.is_some() {
            return nearest.filter(|x| x.is_finite());
        }
        let next = (2 * precision).min(limits.max_precision).min(MOST_BITS);
        if next <= precision || work(cost(tape), next) > limits.max_products {
            return None;
        }
        precision = next;
    }
}

fn value(balls: &mut BallAlgebra, at: &Point<Enclosure>, v: Variable) -> Enclosure {
    at.get(v).unwrap_or_else(|| balls.rational(&Rational::ZERO))
}

/// Every decision of a series is one about leading coefficients, and their reciprocals are asked for at order 1: two orders show at which
/// precision all are made.
pub(super) fn check_derivatives(
    gradient: &Tape,
    tape: &SeriesTape,
    point: &Point<Rational>,
    order: usize,
    limits: Work,
) -> Result<usize, EvaluateError> {
    let outcome = decided(limits, cost(gradient).saturating_mul(2), |balls| {
        let at = lifted(balls, point);
        let mut series = Series::new();
        series.extend(tape, balls, |_, v| at.get(v));
        if order > 0 {
            series.extend(tape, balls, |_, _| None);
        }
    });
    match outcome {
        Ok((_, precision)) => Ok(precision),
        Err(Undone::Undefined(cause)) => Err(EvaluateError::Derivative { order, cause, place: None }),
        Err(Undone::Undecided(cause, bits)) => {
            Err(EvaluateError::Undecided { what: "its derivatives have values", cause, bits })
        }
    }
}
