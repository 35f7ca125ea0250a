//! What happens along the largest curvature at every step.

use super::super::Report;
use super::super::run::Run;
use super::words::{number, rough};
use crate::evidence::SummaryStability;
use crate::formula::{Formula, Letter, Symbol};
use crate::principal::Stability;
use crate::render::document::{Block, Section, Table, Text};

/// Steps beyond which the table is folded away.
const SHORT: usize = 24;

pub(super) fn section(report: &Report, run: &Run) -> Section {
    let mut section = Section::new("The edge of stability");
    let along = match &run.along {
        Ok(along) => along,
        Err(why) => {
            section.say(format!("The spectrum along the way is not known: {why}."));
            return section;
        }
    };
    let edge = match report.derived.summary.as_ref().map(|summary| &summary.stability) {
        Ok(SummaryStability::Numbers(Stability::Below(low, _))) => Some(low.to_f64()),
        _ => None,
    };
    let first: Vec<_> = along.steps.iter().map(|step| step.as_ref().and_then(|s| s.directions.first())).collect();
    let levels: Vec<f64> = first.iter().flatten().map(|d| d.h_lambda).collect();
    let beyond = |level: f64| levels.iter().filter(|z| **z > level).count();
    if let Some(edge) = edge {
        let text = Text::words("Of the ")
            .number(levels.len().to_string())
            .then(" states, the largest ")
            .and(super::words::h_lambda())
            .then(" is beyond the edge of stability, ")
            .and(number(edge, 6));
        section.say(match beyond(edge) {
            0 => text.then(", in none of them."),
            count => text.then(", in ").number(count.to_string()).then(" of them."),
        });
    }
    let u = || Formula::name("u_0");
    section.say(
        Text::words("Along the eigenvector ")
            .formula(u())
            .then(" of the largest eigenvalue: ")
            .formula(Formula::beside(vec![Symbol::Gradient.into(), u()]))
            .then(" is the gradient's component before the step, the stability coefficient of the principal flow is ")
            .formula(Formula::beside(vec![
                Formula::applied(Letter::Alpha, Formula::beside(vec![Symbol::Step.into(), Formula::name("lambda_0")])),
                Symbol::Gradient.into(),
                u(),
            ]))
            .then(", and the columns after it are the component after the step: what flows predict of it with the curvature held fixed, and what it is."),
    );
    let mut table = Table::new(["step", "loss", "hλ₀", "case", "g·u₀", "coefficient", "ngf", "igr", "pf", "actual"])
        .numbers(1..=2)
        .numbers(4..=9);
    for (k, step) in along.steps.iter().enumerate() {
        let Some(step) = step else { continue };
        let Some(d) = step.directions.first() else { continue };
        table.row([
            Text::of_number(k.to_string()),
            number(step.loss, 5),
            number(d.h_lambda, 4),
            Text::words(d.case.to_string()),
            number(d.gradient, 4),
            rough(d.stability_coefficient),
            number(d.predicted_ngf, 4),
            number(d.predicted_igr, 4),
            rough(d.predicted_pf),
            number(d.actual, 4),
        ]);
    }
    let rows = table.rows.len();
    if rows <= SHORT {
        section.push(Block::Table(table));
    } else {
        let summary = Text::words(format!("All {rows} steps"));
        section.push(Block::Fold { summary, open: false, blocks: vec![Block::Table(table)] });
    }
    section
}
