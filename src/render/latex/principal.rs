//! Principal parts in LaTeX.

use super::lines;
use crate::evidence::{PrincipalSummary, SummaryStability};
use crate::formula::{Formula, Spelling};
use crate::number::Coefficient;
use crate::principal::Stability;
use crate::render::terms::series;

/// Terms of the series a line.
const WIDTH: usize = 60;

/// An optimizer's principal part in LaTeX: one `align*`, which needs `amsmath` and nothing else.
#[must_use]
pub fn principal(summary: &PrincipalSummary) -> String {
    let mut rows = Vec::new();
    let spelling = Spelling::default();
    let expression = |formula: &Formula| spelling.latex(formula);
    if let Some(closed) = &summary.closed_form {
        rows.push(format!("\\alpha(z) &= {} && z = h\\lambda", expression(closed)));
    }
    if let Some(equation) = &summary.equation {
        rows.push(format!("0 &= {} && r = e^{{z \\alpha(z)}} \\to 1 \\text{{ as }} z \\to 0", expression(equation)));
    }
    for (at, terms) in lines::broken(&spelling, series(summary), WIDTH, drop).iter().enumerate() {
        let line = lines::line(terms, at == 0);
        rows.push(if at == 0 { format!("\\alpha(z) &= {line}") } else { format!("&\\quad {line}") });
    }
    let points: Vec<String> = summary
        .branch_points
        .iter()
        .flatten()
        .map(|point| match (&point.exact, point.value) {
            (Some(exact), _) => expression(exact),
            (None, Some(z)) if z.im == 0.0 => format!("{}", z.re),
            (None, Some(z)) => format!("{} {} {} i", z.re, if z.im < 0.0 { '-' } else { '+' }, z.im.abs()),
            (None, None) => "?".to_owned(),
        })
        .collect();
    if !points.is_empty() {
        rows.push(format!("z &\\in \\{{{}\\}} && \\text{{(branch points)}}", points.join(",\\ ")));
    }
    let below = |threshold: String| Some(format!("0 &< h\\lambda < {threshold}"));
    let stable = match &summary.stability {
        SummaryStability::Numbers(Stability::Always) => Some("0 &< h\\lambda".to_owned()),
        SummaryStability::Numbers(Stability::Below(low, high)) if low == high => below(expression(&low.formula())),
        SummaryStability::Numbers(Stability::Below(low, _)) => below(low.to_f64().to_string()),
        SummaryStability::Symbols { threshold, condition } => below(match condition {
            Some(condition) => {
                format!("{},\\ |{}| < 1", expression(&threshold.formula()), expression(&condition.formula()))
            }
            None => expression(&threshold.formula()),
        }),
        SummaryStability::Numbers(Stability::Never) | SummaryStability::Unknown(_) => None,
    };
    rows.extend(stable.map(|row| format!("{row} && \\text{{(stable)}}")));
    let about = match summary.variable {
        Some(variable) => super::about(&summary.method, variable),
        None => format!("% {}\n", summary.method.replace(['\n', '\r'], " ")),
    };
    format!("{about}{}", lines::align(&rows))
}
