//! Principal parts as text.

use crate::evidence::{PrincipalSummary, SummaryStability};
use crate::formula::Formula;
use crate::principal::{BranchPoint, Stability};
use crate::render::terms::series;
use std::fmt::Write as _;

/// An optimizer's principal part as text: α, its series and the check, branch points, the stability threshold.
#[must_use]
pub fn principal(summary: &PrincipalSummary) -> String {
    let mut out = String::new();
    match summary.variable {
        Some(variable) => out.push_str(&super::about(&summary.method, variable)),
        None => drop(writeln!(out, "{}", summary.method)),
    }
    if let Some(closed) = &summary.closed_form {
        let _ = writeln!(out, "α(z) = {closed}, z = hλ");
    }
    if let Some(equation) = &summary.equation {
        let _ = writeln!(out, "r = e^(z α(z)) is the root of {equation} with r = 1 at z = 0");
    }
    let _ = writeln!(out, "series: α(z) = {}", Formula::sum(series(summary)));
    let verdict = if summary.check.ok { "equal" } else { "DIFFER FROM" };
    let last = summary.check.compared.saturating_sub(1);
    let _ = writeln!(
        out,
        "check: {} derived coefficients of H^p g, p = 0..{last}, {verdict} those of the series (route: {})",
        summary.check.compared,
        summary.check.routes.join(", ")
    );
    if !summary.check.ok {
        let _ = writeln!(out, "  {}", summary.check.detail);
    }
    match summary.branch_points.as_deref() {
        None if summary.symbols.is_empty() => {
            out.push_str("branch points: not known; looked for where χ(r; z) is rational, up to degree 8\n");
        }
        None => out.push_str("branch points: not known in closed form; give the hyper-parameters numbers\n"),
        Some([]) => out.push_str("branch points: none\n"),
        Some(points) => {
            out.push_str("branch points:\n");
            for point in points {
                let _ = writeln!(out, "  z = {} ({})", place(point), point.kind);
            }
        }
    }
    let _ = writeln!(out, "{}", stability(summary));
    out
}

fn place(point: &BranchPoint) -> String {
    let number = point.value.map(|v| {
        let sign = if v.im < 0.0 { '-' } else { '+' };
        if v.im == 0.0 { format!("{}", v.re) } else { format!("{} {sign} {}i", v.re, v.im.abs()) }
    });
    match (&point.exact, number) {
        (Some(exact), Some(number)) if exact.to_string() != number => format!("{exact} = {number}"),
        (Some(exact), _) => exact.to_string(),
        (None, number) => number.unwrap_or_default(),
    }
}

fn stability(summary: &PrincipalSummary) -> String {
    match &summary.stability {
        SummaryStability::Numbers(Stability::Always) => "stable for all hλ > 0".to_owned(),
        SummaryStability::Numbers(Stability::Never) => "stable for no small hλ > 0".to_owned(),
        SummaryStability::Numbers(Stability::Below(low, high)) if low == high => format!("stable for 0 < hλ < {low}"),
        SummaryStability::Numbers(Stability::Below(low, _)) => format!("stable for 0 < hλ < {}", low.to_f64()),
        SummaryStability::Symbols { threshold, condition } => match condition {
            Some(condition) => format!("stable for 0 < hλ < {threshold} as long as |{condition}| < 1"),
            None => format!("stable for 0 < hλ < {threshold}"),
        },
        SummaryStability::Unknown(reason) => format!("stability: {reason}"),
    }
}
