//! The document of `verify`.

use super::Document;
use crate::proof::document::{VerifyFailure, VerifyReport};
use serde_json::{Value, json};

/// The document of a verification: `steps`, `ok` and `failed`, where what is no step has `null` for `step` and `rule`.
#[must_use]
pub fn verified(report: &VerifyReport) -> Document {
    let failure = |f: &VerifyFailure| json!({"step": f.step, "rule": f.rule, "place": f.place, "reason": f.reason});
    Document::new()
        .with("steps", report.steps.into())
        .with("ok", report.ok.into())
        .with("failed", report.failed.iter().map(failure).collect::<Value>())
        .with_warnings(&[])
}
