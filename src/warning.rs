//! What a result cannot vouch for, as data: every output carries these beside its values.

/// A reason why some value is missing or must not be trusted without a look.
#[derive(Debug, Clone, PartialEq)]
pub struct Warning {
    /// A short stable name, such as `step-limit`, `branch-point`, `overflow`, `non-smooth`.
    pub code: &'static str,
    /// What happened, where, and what to do.
    pub message: String,
    /// The flow that it concerns, if one.
    pub flow: Option<String>,
    /// The optimizer step from which it holds, if one.
    pub step: Option<usize>,
    /// What a number that was not told from 0 is at most in size, if the warning is about one.
    pub bound: Option<f64>,
}

impl Warning {
    /// A warning about the whole result.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), flow: None, step: None, bound: None }
    }
}
