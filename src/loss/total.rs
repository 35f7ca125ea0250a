//! What an indexed sum has come to while its terms are made.

use crate::expr::{Id, MAX_FOLDED_BITS, Pool};
use crate::number::Rational;

/// The terms of a sum so far.
///
/// Numbers and multiples of one expression are added up outside the pool, so that a million of them leave nothing there; the pool
/// would merge them into the same expression one by one.
#[derive(Debug, Clone)]
pub(super) enum Total {
    Nothing,
    Affine(Affine),
    /// A term has no value; its error is reported.
    Missing,
}

/// A number and the multiple of an expression.
#[derive(Debug, Clone)]
pub(super) struct Affine {
    shift: Rational,
    multiple: Option<(Rational, Id)>,
}

impl Affine {
    pub(super) fn of(pool: &Pool, id: Id) -> Self {
        if let Some(q) = pool.as_constant(id) {
            return Self { shift: q.clone(), multiple: None };
        }
        let (shift, x) = pool.split_shift(id).unwrap_or((Rational::ZERO, id));
        Self { shift, multiple: Some(pool.split_factor(x)) }
    }

    /// The sum, if it is of this form and its numbers are short.
    pub(super) fn plus(&self, other: &Self) -> Option<Self> {
        let multiple = match (&self.multiple, &other.multiple) {
            (None, m) | (m, None) => m.clone(),
            (Some((p, x)), Some((q, y))) if x == y => Some((p + q, *x)),
            _ => return None,
        };
        let sum = Self { shift: &self.shift + &other.shift, multiple };
        (sum.bits() <= MAX_FOLDED_BITS).then_some(sum)
    }

    pub(super) fn bits(&self) -> u64 {
        self.shift.bits().max(self.multiple.as_ref().map_or(0, |(q, _)| q.bits()))
    }

    pub(super) fn base(&self) -> Option<Id> {
        self.multiple.as_ref().map(|(_, x)| *x)
    }
}

impl Total {
    pub(super) fn value(self, pool: &mut Pool) -> Option<Id> {
        match self {
            Total::Nothing => Some(pool.integer(0)),
            Total::Affine(Affine { shift, multiple: None }) => Some(pool.constant(shift)),
            Total::Affine(Affine { shift, multiple: Some((q, x)) }) => {
                let multiple = pool.scaled(&q, x);
                if shift.is_zero() {
                    return Some(multiple);
                }
                let shift = pool.constant(shift);
                Some(pool.add(shift, multiple))
            }
            Total::Missing => None,
        }
    }
}
