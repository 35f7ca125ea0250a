//! The document of `plot`.

use super::{Document, float};
use crate::record::Record;
use serde_json::{Value, json};

/// The document of a picture of a record: its runs, the panels, and the correlations of columns that are drawn against each other.
#[must_use]
pub fn record(record: &Record, panels: &[String]) -> Document {
    let run = |run: &crate::record::Run| {
        let branches: Value =
            run.branches.iter().map(|b| json!({"branch": b.flow, "from": b.from, "rows": b.rows.len()})).collect();
        json!({
            "optimizer": run.optimizer, "h_setting": run.h_setting, "seed": run.seed, "rows": run.rows.len(), "branches": branches,
        })
    };
    let number = |r: Option<f64>| r.map_or(Value::Null, float);
    let related: Value = record
        .related()
        .into_iter()
        .map(|r| {
            json!({
                "run": r.run, "column": r.column, "against": r.against, "pearson": number(r.correlation.pearson),
                "spearman": number(r.correlation.spearman), "rows": r.correlation.count,
            })
        })
        .collect();
    Document::new()
        .with("record", record.name().into())
        .with("rows", record.len().into())
        .with("runs", record.runs().iter().map(run).collect())
        .with("panels", json!(panels))
        .with("correlations", related)
        .with_warnings(&record.warnings())
}
