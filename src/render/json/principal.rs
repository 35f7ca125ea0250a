//! The document of `derive --principal`.

use super::{Document, float};
use crate::evidence::{PrincipalSummary, SummaryStability};
use crate::principal::{BranchPoint, Stability};
use serde_json::{Value, json};

/// The document of an optimizer's principal part: `method`, `symbols` and `principal`.
#[must_use]
pub fn principal(summary: &PrincipalSummary) -> Document {
    let mut document =
        Document::new().with("method", summary.method.as_str().into()).with("symbols", json!(summary.symbols));
    if let Some(variable) = summary.variable {
        document = document.with("variable", variable.into());
    }
    let check = &summary.check;
    let series: Vec<String> = summary.series.iter().map(ToString::to_string).collect();
    document
        .with(
            "principal",
            json!({
                "alpha": summary.closed_form.as_ref().map(ToString::to_string),
                "equation": summary.equation.as_ref().map(ToString::to_string),
                "series": series,
                "check": {
                    "route": check.routes.join(", "),
                    "orders": [check.orders.0, check.orders.1],
                    "compared": check.compared,
                    "ok": check.ok,
                    "detail": check.detail,
                },
                "branch_points": summary.branch_points.as_ref().map(|points| points.iter().map(point).collect::<Value>()),
                "stability": stability(&summary.stability),
            }),
        )
        .with_warnings(&summary.warnings)
}

fn point(point: &BranchPoint) -> Value {
    json!({
        "exact": point.exact.as_ref().map(ToString::to_string),
        "value": point.value.map(|v| json!([float(v.re), float(v.im)])),
        "kind": point.kind.name(),
    })
}

fn stability(stability: &SummaryStability) -> Value {
    match stability {
        SummaryStability::Numbers(Stability::Always) => json!({"stable": "always"}),
        SummaryStability::Numbers(Stability::Never) => json!({"stable": "never"}),
        SummaryStability::Numbers(Stability::Below(low, high)) if low == high => {
            json!({"stable": "below", "threshold": low.to_string(), "value": float(low.to_f64())})
        }
        SummaryStability::Numbers(Stability::Below(low, high)) => {
            json!({
                "stable": "below",
                "threshold": null,
                "between": [low.to_string(), high.to_string()],
                "value": float(low.to_f64()),
            })
        }
        SummaryStability::Symbols { threshold, condition } => {
            let condition = condition.as_ref().map(ToString::to_string);
            json!({"stable": "below", "threshold": threshold.to_string(), "inside_unit_circle": condition})
        }
        SummaryStability::Unknown(reason) => json!({"stable": "unknown", "reason": reason}),
    }
}
