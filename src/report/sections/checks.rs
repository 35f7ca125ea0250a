//! The checks, folded behind their sentence.

use super::super::Report;
use super::modified::power_term;
use super::words::counted;
use crate::formula::{Formula, Letter};
use crate::render::document::{Block, Section, Table, Text};

pub(super) fn section(report: &Report) -> Section {
    let mut section = Section::new("The checks");
    let checks = match &report.checks {
        Ok(checks) => checks,
        Err(why) => {
            section.say(format!("Nothing was compared: {why}."));
            return section;
        }
    };
    let (good, verdict) = if checks.ok() {
        (true, if checks.warnings.is_empty() { "every check holds" } else { "every check that time allowed holds" })
    } else if checks.checks.iter().all(|c| c.ok) {
        (false, "nothing was compared")
    } else {
        (false, "not every check holds")
    };
    let text =
        Text::words("The derived coefficients of ").formula(power_term("p")).then(" against the Taylor series of ");
    let text = if report.options.optimizer.is_gradient_descent() {
        text.formula(logarithm_series()).then(", and independent derivations against each other: ")
    } else {
        text.formula(Letter::Alpha).then(", from the characteristic polynomial of the optimizer: ")
    };
    section.say(text.verdict(good, verdict).then("."));
    let mut table = Table::new(["check", "routes", "orders", "compared", "", "detail"]).numbers(3..=3);
    for check in &checks.checks {
        table.row([
            Text::words(&check.name),
            Text::words(check.routes.join(", ")),
            Text::words(format!("{}–{}", check.orders.0, check.orders.1)),
            Text::of_number(check.compared.to_string()),
            Text::default().verdict(check.ok, if check.ok { "holds" } else { "fails" }),
            Text::words(&check.detail),
        ]);
    }
    let summary = Text::words(counted(table.rows.len(), "comparison", "comparisons"));
    if !table.rows.is_empty() {
        section.push(Block::Fold { summary, open: !checks.ok(), blocks: vec![Block::Table(table)] });
    }
    section
}

/// `log(1 − z)/z = −Σ z^p/(p + 1)`.
fn logarithm_series() -> Formula {
    let [z, p] = ["z", "p"].map(Formula::name);
    let one = || Formula::natural(1);
    let logarithm = Formula::call("log", vec![Formula::sum(vec![(false, one()), (true, z.clone())])]);
    let term = z.clone().raised(p.clone()).over(Formula::sum(vec![(false, p.clone()), (false, one())]));
    logarithm.over(z).equals(Formula::summed(p, '≥', Formula::natural(0), term).negated())
}
