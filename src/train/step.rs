//! The step that a row tells of.

use super::rule::Rate;

/// The step from a row.
pub(super) struct Step<'s> {
    pub(super) from: &'s [f64],
    pub(super) to: &'s [f64],
    /// The iterate before `from`, if there is one.
    pub(super) before: Option<&'s [f64]>,
    pub(super) rate: Rate,
}

impl Step<'_> {
    /// Its size, where all parameters have one.
    pub(super) fn h(&self) -> Option<f64> {
        match self.rate {
            Rate::One(h) => Some(h),
            Rate::PerParameter(..) => None,
        }
    }
}
