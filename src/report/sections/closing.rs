//! What cannot be trusted, and how the report is made again.

use super::super::Report;
use crate::render::document::{Block, Section, Text};
use crate::warning::Warning;
use std::collections::BTreeMap;

/// Warnings of one kind that are told one by one.
const EACH: usize = 3;

/// One sentence a warning, those about several flows together; `None` without any.
pub(super) fn warnings(report: &Report) -> Option<Section> {
    if report.warnings.is_empty() {
        return None;
    }
    let mut section = Section::new("Warnings");
    let mut said: Vec<(&Warning, Vec<&str>)> = Vec::new();
    for warning in &report.warnings {
        let same = |other: &Warning| {
            (other.code, &other.message, other.step) == (warning.code, &warning.message, warning.step)
        };
        match said.iter_mut().find(|(other, _)| same(other)) {
            Some((_, flows)) => flows.extend(warning.flow.as_deref()),
            None => said.push((warning, warning.flow.as_deref().into_iter().collect())),
        }
    }
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut items, mut rest) = (Vec::new(), Vec::new());
    for (warning, flows) in &said {
        let count = kinds.entry(warning.code).or_default();
        *count += 1;
        if *count <= EACH { items.push(item(warning, flows)) } else { rest.push(item(warning, flows)) }
    }
    section.push(Block::List(items));
    if !rest.is_empty() {
        let summary = Text::words(format!("{} more of the same kinds", rest.len()));
        section.push(Block::Fold { summary, open: false, blocks: vec![Block::List(rest)] });
    }
    Some(section)
}

fn item(warning: &Warning, flows: &[&str]) -> Text {
    let mut text = Text::default();
    if !flows.is_empty() {
        text = text.strong(flows.join(", ")).then(": ");
    }
    let step = warning.step.map_or_else(String::new, |step| format!(" (step {step})"));
    let message =
        if flows.is_empty() { Text::words(&warning.message).capitalised() } else { Text::words(&warning.message) };
    text.and(message).then(format!("{step}. ")).code(warning.code)
}

/// The command, the version, what was chosen.
pub(super) fn reproduce(report: &Report) -> Section {
    let mut section = Section::new("How to reproduce this");
    let version = env!("CARGO_PKG_VERSION");
    match &report.options.command {
        Some(command) => {
            section.say(format!("With shadowflow {version}, in the folder that the names of files are relative to:"));
            section.push(Block::Source(command.clone()));
        }
        None => section.say(format!(
            "With shadowflow {version}, `report::Report` made this of the optimizer {} to order {}, with checks to order {}.",
            super::words::optimizer(&report.options.optimizer),
            report.options.order,
            report.options.check_order
        )),
    }
    if let Some(run) = report.run() {
        section.say(
            Text::words("What nobody gave was chosen by the rules stated above; the step size is ")
                .formula(super::words::step_size(&run.setting.h))
                .then(" exactly. The flows were integrated to a relative and absolute tolerance of ")
                .number(format!("{:e}", crate::flow::IntegratorOptions::default().tolerance))
                .then("; nothing here depends on the machine or on the time that it took."),
        );
    }
    section
}
