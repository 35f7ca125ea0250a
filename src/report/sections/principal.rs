//! The principal part in closed form, and what is known of it.

use super::super::Report;
use super::words::{counted, number};
use crate::evidence::{PrincipalSummary, SummaryStability};
use crate::formula::{Formula, Letter, Symbol};
use crate::number::Coefficient;
use crate::principal::Stability;
use crate::render::document::{Block, Equation, Section, Text};
use crate::render::principal_series;

pub(super) fn section(report: &Report) -> Section {
    let mut section = Section::new("The principal part");
    match &report.derived.summary {
        Ok(summary) => found(&mut section, summary),
        Err(why) => section.say(format!("It is not known: {why}.")),
    }
    section
}

fn z() -> Formula {
    Formula::name("z")
}

fn found(section: &mut Section, summary: &PrincipalSummary) {
    let h_lambda = Formula::beside(vec![Symbol::Step.into(), Formula::name("lambda")]);
    section.say(
        Text::words("Along an eigendirection of the Hessian with the eigenvalue ")
            .formula(Formula::name("lambda"))
            .then(" the principal terms add up to ")
            .formula(Formula::beside(vec![Formula::applied(Letter::Alpha, z()), Symbol::Gradient.into()]))
            .then(", with ")
            .formula(z().equals(h_lambda))
            .then(" and"),
    );
    let alpha = || Formula::applied(Letter::Alpha, z());
    let mut rows = Vec::new();
    if let Some(closed) = &summary.closed_form {
        rows.push(Equation::new(alpha(), closed));
    }
    rows.push(Equation { left: Some(alpha()), terms: principal_series(summary), ..Equation::default() });
    section.push(Block::Equations(rows));
    if let Some(equation) = &summary.equation {
        let exponent = Formula::beside(vec![z(), alpha()]);
        section.say(
            Text::default()
                .formula(Formula::name("r").equals(Formula::name("e").raised(exponent)))
                .then(", the factor of one step, is the root that is 1 at ")
                .formula(z().equals(Formula::natural(0)))
                .then(" of"),
        );
        section.push(Block::Equations(vec![Equation {
            left: Some(Formula::natural(0)),
            terms: equation.terms(),
            ..Equation::default()
        }]));
    }
    section.say(branch_points(summary));
    section.say(threshold(summary));
    if !summary.check.ok {
        section.say(
            Text::default()
                .verdict(false, "The series is not the derived one")
                .then(format!(": {}", summary.check.detail)),
        );
    }
}

/// Where α is not analytic.
fn branch_points(summary: &PrincipalSummary) -> Text {
    let Some(points) = &summary.branch_points else {
        let why = if summary.symbols.is_empty() {
            "they are looked for where the characteristic polynomial is rational, up to degree 8"
        } else {
            "the hyper-parameters have no numbers"
        };
        return Text::words(format!("Where it is not analytic is not known: {why}."));
    };
    if points.is_empty() {
        return Text::words("It has no branch points.");
    }
    let mut text = Text::words(format!("It has {}: ", counted(points.len(), "branch point", "branch points")));
    for (k, point) in points.iter().enumerate() {
        text = text.then(if k == 0 { "" } else { "; " });
        text = match (&point.exact, point.value) {
            (Some(exact), value) => {
                let text = text.formula(z().equals(exact.clone()));
                let plain = value.filter(|v| v.im == 0.0 && exact.to_string() != format!("{}", v.re));
                plain.map_or_else(|| text.clone(), |v| text.clone().then(", about ").and(number(v.re, 6)))
            }
            (None, value) => text.formula(z()).then(" = ").and(super::words::complex(value)),
        };
        text = text.then(format!(", where {}", point.kind.to_string().replace(": a logarithm", ", a logarithm")));
    }
    text.then(". Beyond a branch point the principal flow is complex, and the optimizer oscillates.")
}

/// Up to where the optimizer converges on a quadratic.
fn threshold(summary: &PrincipalSummary) -> Text {
    let text = Text::words("On a quadratic loss the optimizer converges along such a direction ");
    let below = |threshold: Formula| {
        let z_below = Text::words("where 0 < ").formula(z()).then(" < ");
        z_below.formula(threshold)
    };
    match &summary.stability {
        SummaryStability::Numbers(Stability::Always) => text.then("for all ").formula(z()).then(" > 0."),
        SummaryStability::Numbers(Stability::Never) => text.then("for no small ").formula(z()).then(" > 0."),
        SummaryStability::Numbers(Stability::Below(low, high)) if low == high => {
            text.and(below(low.formula())).then(", the edge of stability.")
        }
        SummaryStability::Numbers(Stability::Below(low, _)) => text
            .then("where 0 < ")
            .formula(z())
            .then(" < ")
            .and(number(low.to_f64(), 12))
            .then(", the edge of stability."),
        SummaryStability::Symbols { threshold, condition } => {
            let text = text.and(below(threshold.formula()));
            match condition {
                Some(condition) => text
                    .then(", the edge of stability, as long as ")
                    .formula(Formula::call("abs", vec![condition.formula()]))
                    .then(" < 1."),
                None => text.then(", the edge of stability."),
            }
        }
        SummaryStability::Unknown(reason) => Text::words(format!("Up to where the optimizer converges is {reason}.")),
    }
}
