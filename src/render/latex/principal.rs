//! Principal parts in LaTeX.

use super::{expression, lines};
use crate::evidence::{PrincipalSummary, SummaryStability};
use crate::principal::Stability;
use crate::render::Signed;

/// Terms of the series a line.
const WIDTH: usize = 60;

/// An optimizer's principal part in LaTeX: one `align*`, which needs `amsmath` and nothing else.
#[must_use]
pub fn principal(summary: &PrincipalSummary) -> String {
    let mut rows = Vec::new();
    if let Some(closed) = &summary.closed_form {
        rows.push(format!("\\alpha(z) &= {} && z = h\\lambda", expression(closed)));
    }
    if let Some(equation) = &summary.equation {
        rows.push(format!("0 &= {} && r = e^{{z \\alpha(z)}} \\to 1 \\text{{ as }} z \\to 0", expression(equation)));
    }
    let terms = summary.series.iter().enumerate().filter(|(_, c)| c.to_string() != "0").map(|(p, c)| {
        let (negative, size) = c.sign_and_size_latex();
        let power = match p {
            0 => String::new(),
            1 => "z".to_owned(),
            _ => format!("z^{{{p}}}"),
        };
        let term = match (size, power.is_empty()) {
            (None, true) => "1".to_owned(),
            (None, false) => power,
            (Some(size), true) => size,
            (Some(size), false) => format!("{size} {power}"),
        };
        (negative, term)
    });
    let rest = (false, format!("O(z^{{{}}})", summary.series.len()));
    for (at, line) in lines::sum(terms.chain([rest]), WIDTH, true).iter().enumerate() {
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
        SummaryStability::Numbers(Stability::Below(low, high)) if low == high => below(expression(&low.to_string())),
        SummaryStability::Numbers(Stability::Below(low, _)) => below(low.to_f64().to_string()),
        SummaryStability::Symbols { threshold, condition } => below(match condition {
            Some(condition) => format!("{},\\ |{}| < 1", expression(threshold), expression(condition)),
            None => expression(threshold),
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
