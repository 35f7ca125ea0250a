//! Records of training runs.

use super::super::Report;
use super::words::{counted, number};
use crate::record::{Record, STEP};
use crate::render::document::{Block, Figure, Section, Table, Text};
use crate::render::plot::RecordPlot;

/// Columns whose first and last values are told.
const COLUMNS: [(&str, &str); 5] = [
    ("loss", "loss"),
    ("accuracy", "accuracy"),
    ("gradient_norm", "gradient"),
    ("lambda_0", "λ₀"),
    ("learning_rate", "step size"),
];
/// Runs that have a row.
const RUNS: usize = 40;

pub(super) fn section(report: &Report) -> Option<Section> {
    let records = &report.options.records;
    if records.is_empty() {
        return None;
    }
    let mut section = Section::new("Training records");
    for (k, record) in records.iter().enumerate() {
        section.push(Block::Heading(Text::default().code(record.name())));
        of(&mut section, record, k + 1);
    }
    Some(section)
}

fn of(section: &mut Section, record: &Record, number_of: usize) {
    let runs = record.runs();
    section.say(format!("{} of {}.", counted(record.len(), "row", "rows"), counted(runs.len(), "run", "runs")));
    let title = record.name().rsplit('/').next().unwrap_or_default();
    let drawn = RecordPlot::new(record, &[], title).and_then(|plot| {
        let caption = format!("The record over its steps: {}.", plot.panels().join(", "));
        Figure::new(format!("record-{number_of}"), &plot, caption)
    });
    match drawn {
        Ok(figure) => section.push(Block::Figure(figure)),
        Err(why) => section.say(format!("It is not drawn: {why}.")),
    }
    let known: Vec<(&str, Vec<f64>)> =
        COLUMNS.iter().filter_map(|(column, head)| Some((*head, record.one(column)?))).collect();
    let steps = record.one(STEP).unwrap_or_default();
    let mut heads = vec!["run".to_owned(), "rows".to_owned(), "last step".to_owned()];
    heads.extend(known.iter().flat_map(|(head, _)| [format!("{head} at first"), format!("{head} at last")]));
    let mut table = Table::new(heads).numbers(1..=2 + 2 * known.len());
    for run in runs.iter().take(RUNS) {
        let label = if run.label().is_empty() { "the run".to_owned() } else { run.label() };
        let of = |values: &[f64], last: bool| {
            let mut own = run.rows.iter().filter_map(|row| values.get(*row).copied()).filter(|x| x.is_finite());
            if last { own.next_back() } else { own.take(1).next() }
        };
        let mut row =
            vec![Text::words(label), Text::of_number(run.rows.len().to_string()), number(of(&steps, true), 9)];
        row.extend(known.iter().flat_map(|(_, values)| [number(of(values, false), 5), number(of(values, true), 5)]));
        table.row(row);
    }
    section.push(Block::Table(table));
    if runs.len() > RUNS {
        section.push(Block::Note(Text::words(format!("{} more runs have no row here.", runs.len() - RUNS))));
    }
    let related = record.related();
    if !related.is_empty() {
        let mut table = Table::new(["run", "column", "against", "Pearson", "Spearman", "rows"]).numbers(3..=5);
        for r in &related {
            table.row([
                Text::words(if r.run.is_empty() { "the run" } else { &r.run }),
                Text::default().code(&r.column),
                Text::default().code(&r.against),
                number(r.correlation.pearson, 4),
                number(r.correlation.spearman, 4),
                Text::of_number(r.correlation.count.to_string()),
            ]);
        }
        let summary = Text::words("How closely columns go together that are looked at against each other");
        section.push(Block::Fold { summary, open: false, blocks: vec![Block::Table(table)] });
    }
}
