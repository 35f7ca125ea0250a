//! What makes a claim unreadable, and where.

use std::ops::Range;

/// Why a text is no claim: a place in it, in bytes, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", expected.as_ref().map_or_else(String::new, |e| format!("; expected {e}")))]
pub struct ClaimError {
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// The line of the place, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What may stand there instead.
    pub expected: Option<String>,
}

impl ClaimError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, line: 1, column: 1, message: message.into(), expected: None }
    }

    pub(super) fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// The same error in a text where this one begins at `start`.
    pub(super) fn moved(mut self, start: usize) -> Self {
        self.span = self.span.start + start..self.span.end + start;
        self
    }

    /// The error with the line and the column of its place in this text.
    pub(super) fn placed(mut self, text: &str) -> Self {
        (self.line, self.column) = crate::loss::position(text, self.span.start);
        self
    }

    /// The error drawn under its line of `source`, which is called `path`.
    #[must_use]
    pub fn render(&self, path: &str, source: &str, color: bool) -> String {
        let expected = self.expected.as_ref().map(|e| format!("expected {e}"));
        crate::loss::draw_located(path, source, &self.span, &self.message, expected.as_deref(), color)
    }
}
