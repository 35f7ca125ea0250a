//! The document of `check`.

use super::Document;
use crate::evidence::{Check, CheckReport};
use serde_json::{Value, json};

/// The document of a check report.
#[must_use]
pub fn checks(report: &CheckReport) -> Document {
    let check = |c: &Check| {
        let row = |r: &crate::evidence::Row| json!({"subject": r.subject, "found": r.found, "expected": r.expected, "ok": r.ok});
        json!({
            "name": c.name,
            "routes": c.routes,
            "orders": [c.orders.0, c.orders.1],
            "compared": c.compared,
            "ok": c.ok,
            "detail": c.detail,
            "rows": c.rows.iter().map(row).collect::<Value>(),
        })
    };
    Document::new()
        .with("checks", report.checks.iter().map(check).collect())
        .with("ok", report.ok().into())
        .with_warnings(&report.warnings)
}
