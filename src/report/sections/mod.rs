//! The sections of a report, each from the facts that it is about.

mod checks;
mod closing;
mod edge;
mod explicit;
mod flows;
mod loss;
mod modified;
mod points;
mod principal;
mod proof;
mod records;
mod summary;
mod words;

use super::Report;
use crate::render::document::{Document, Section, Text};

/// The report as a document: what matters most, and the sections that there is something to say in.
pub(super) fn document(report: &Report) -> Document {
    let subject = report.subject.as_ref();
    let mut document = Document::new(&report.title);
    if let Some(subject) = subject {
        // Shared subterms of the formulas are names too.
        document.spelling =
            subject.formulas.as_ref().map_or_else(|_| subject.spelling.clone(), |formulas| formulas.spelling.clone());
    }
    document.byline = Text::words(format!(
        "Backward error analysis of {}, to order {}",
        words::optimizer(&report.options.optimizer),
        report.options.order
    ));
    document.summary = summary::blocks(report);
    let run = report.run();
    let sections: [Option<Section>; 11] = [
        subject.map(|subject| loss::section(report, subject)),
        Some(modified::section(report)),
        subject.map(|subject| explicit::section(report, subject)),
        Some(principal::section(report)),
        run.map(|run| flows::section(report, run)),
        run.map(|run| edge::section(report, run)),
        run.map(|run| points::section(report, run)),
        records::section(report),
        Some(checks::section(report)),
        Some(proof::section(report)),
        closing::warnings(report),
    ];
    document.sections = sections.into_iter().flatten().chain([closing::reproduce(report)]).collect();
    document.footer = Text::words(format!("Made by shadowflow {}.", env!("CARGO_PKG_VERSION")));
    document
}
