//! The sign of constant expressions that machine numbers cannot tell from zero, by enclosures of more and more digits.

use crate::expr::{Algebra, BallAlgebra, Id, Pool, Signatures, Tape};
use crate::number::Rational;

/// The precisions in bits at which an expression is enclosed, until its sign is known.
const PRECISIONS: [usize; 4] = [192, 768, 3072, MOST];

/// The last of them.
pub(super) const MOST: usize = 24_576;

/// Expressions with more operations than this are not enclosed at the last precision.
const SHORT: usize = 64;

/// What is known of the sign of a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Negative,
    /// Zero, by exact arithmetic or by an identity.
    Zero,
    Positive,
    /// Not told from zero in [`MOST`] bits.
    NearZero,
    Unknown,
}

impl Sign {
    pub(super) fn of(q: &Rational) -> Sign {
        if q.is_zero() {
            Sign::Zero
        } else if q.is_negative() {
            Sign::Negative
        } else {
            Sign::Positive
        }
    }
}

/// The sign of a scalar without parameters and symbols.
pub(super) fn sign(pool: &Pool, id: Id) -> Sign {
    let tape = Tape::new(pool, &[id]);
    for precision in PRECISIONS {
        if precision == MOST && tape.ops.len() > SHORT {
            return Sign::Unknown;
        }
        let mut balls = BallAlgebra::new(precision);
        let values = tape.evaluate(&mut balls, |balls, _| balls.rational(&Rational::ZERO));
        let Some(value) = values.first() else { return Sign::Unknown };
        match value.sign() {
            Some(0) => return Sign::Zero,
            Some(1) => return Sign::Positive,
            Some(_) => return Sign::Negative,
            // What overflows or does not exist says nothing about the sign of what is made of it.
            None if !value.is_known() && balls.undecided.is_none() => return Sign::Unknown,
            None => {}
        }
        // An identity, and an enclosure that does not speak against it.
        let mut signatures = Signatures;
        let found = tape.evaluate(&mut signatures, |signatures, _| signatures.rational(&Rational::ZERO));
        if value.is_known() && found.first().is_some_and(|s| signatures.is_zero(s)) {
            return Sign::Zero;
        }
    }
    Sign::NearZero
}
