//! What the invariants leave out, each with its reason. Whatever stands here and is not found any more has to go.

/// Arrows between rooms that run up.
pub(super) const UPWARD: &[(&str, &str, &str)] = &[];

/// Files that know each other.
pub(super) const CIRCLES: &[(&[&str], &str)] = &[];

/// Files outside of `render` and `tree/notation` that spell formulas.
pub(super) const SPELLING: &[(&str, &str)] = &[];
