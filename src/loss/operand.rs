//! A value with its place, so that what is wrong with two operands names both.

use super::syntax::Span;
use crate::expr::Id;

/// A value on the stack and where it comes from.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Operand {
    /// `None` where an error was reported already.
    pub(super) value: Option<Id>,
    pub(super) span: Span,
    /// Where the name that it is was declared.
    pub(super) declared: Option<Span>,
    /// What was given for it where it is an argument.
    pub(super) given: Option<Span>,
}

impl Operand {
    pub(super) fn new(value: Option<Id>, span: Span) -> Self {
        Self { value, span, declared: None, given: None }
    }
}
