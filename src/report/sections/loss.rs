//! The loss.

use super::super::{OfLoss, Report};
use super::words::{self, counted};
use crate::render::document::{Block, Equation, Section, Text};

/// Characters of a text that is shown whole.
const LONG: usize = 1500;

pub(super) fn section(report: &Report, subject: &OfLoss) -> Section {
    let mut section = Section::new("The loss");
    match subject.written.as_deref() {
        Some([(left, whole)]) => section.push(Block::Formula(left.clone().equals(whole.clone()))),
        Some(equations) => {
            let rows = equations.iter().map(|(left, right)| Equation::new(left.clone(), right));
            section.push(Block::Equations(rows.collect()));
        }
        None => {}
    }
    section.blocks.extend(words::logistic(subject.stated()));
    let parameters = counted(subject.dimension, "parameter", "parameters");
    let symbols = match &subject.formulas {
        Ok(formulas) if !formulas.symbols.is_empty() => {
            format!("; {} stay symbols", formulas.symbols.join(", "))
        }
        _ => String::new(),
    };
    section.say(Text::words(format!("It has {parameters}{symbols}. Its text:")));
    let source = Block::Source(subject.source.clone());
    if subject.source.len() <= LONG {
        section.push(source);
    } else {
        let lines = counted(subject.source.lines().count(), "line", "lines");
        section.push(Block::Fold {
            summary: Text::words(format!("The text, {lines}")),
            open: false,
            blocks: vec![source],
        });
    }
    if let Some(sentence) = subject.spelling.symbols.declared("fhEgHTθ") {
        section.push(Block::Note(Text::from(sentence.capitalised())));
    }
    let _ = report;
    section
}
