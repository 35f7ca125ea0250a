//! The flows beside the optimizer.

use super::super::Report;
use super::super::run::Run;
use super::words::{self, counted, number};
use crate::flow::FlowName;
use crate::formula::{Formula, Symbol};
use crate::render::document::{Block, Section, Table, Text};

pub(super) fn section(report: &Report, run: &Run) -> Section {
    let mut section = Section::new("The flows beside the optimizer");
    let simulation = &run.simulation;
    let last = simulation.times.len().saturating_sub(1);
    section.say(
        Text::words(format!(
            "{} of {} from ",
            counted(last, "step", "steps"),
            words::optimizer(&report.options.optimizer)
        ))
        .and(words::place(&simulation.parameters, &run.setting.start, 8, 9))
        .then(" with step size ")
        .formula(Formula::from(Symbol::Step).equals(words::step_size(&run.setting.h)))
        .then(", and the flows from the same start at the same times."),
    );
    for sentence in [Some(&run.setting.step_rule), run.setting.start_rule.as_ref()].into_iter().flatten() {
        section.say(Text::words(format!("{sentence}.")).capitalised());
    }
    for figure in &run.figures {
        section.push(Block::Figure(figure.clone()));
    }
    if last > 0 && !simulation.flows.is_empty() {
        errors(&mut section, run, last);
    }
    if !simulation.flows.is_empty() {
        section.push(Block::Heading(Text::words("What each flow is")));
        section.push(Block::Table(meanings(run)));
    }
    section
}

/// The errors after the first and the last step, and where that led.
fn errors(section: &mut Section, run: &Run, last: usize) {
    let simulation = &run.simulation;
    section.say(format!(
        "Distance of each flow from the iterate of {}, and the loss and the largest hλ at the end:",
        simulation.method
    ));
    let heads = ["", "after step 1", &format!("after step {last}"), "loss", "hλ"];
    let mut table = Table::new(heads).numbers(1..=4);
    let at_end = |values: &[Option<f64>]| number(values.get(last).copied().flatten(), 5);
    table.row([
        Text::words(&simulation.method),
        Text::default(),
        Text::default(),
        at_end(&simulation.loss),
        at_end(&simulation.h_lambda_0),
    ]);
    for flow in &simulation.flows {
        let error = |step: usize| number(flow.error.get(step).copied().flatten(), 4);
        let complex = |values: &[Option<num_complex::Complex64>]| words::rough(values.get(last).copied().flatten());
        table.row([
            Text::default().strong(&flow.name),
            error(1),
            error(last),
            complex(&flow.loss),
            complex(&flow.h_lambda_0),
        ]);
    }
    section.push(Block::Table(table));
    for flow in &simulation.flows {
        let Some(reached) = flow.trajectory.iter().rposition(Option::is_some).filter(|k| *k < last) else { continue };
        let why = flow.lacks(&simulation.warnings).map_or_else(String::new, |(_, message)| format!(": {message}"));
        section.say(Text::default().strong(&flow.name).then(format!(" has no value after step {reached}{why}.")));
    }
}

/// Name, field and what it is.
fn meanings(run: &Run) -> Table {
    let mut table = Table::new(["flow", "field", ""]);
    let descent = run.simulation.method == "gradient-descent";
    for flow in &run.simulation.flows {
        let about = flow.name.parse::<FlowName>().map(|flow| flow.describe());
        let (field, summary) = about.as_ref().map_or((None, ""), |about| (about.formula_of(descent), about.summary));
        let field = field.map_or_else(Text::default, |field| Text::from(field.clone()));
        table.row([Text::default().strong(&flow.name), field, Text::words(summary)]);
    }
    table
}
