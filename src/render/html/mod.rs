//! One self-contained HTML document: text, MathML and SVG inline, nothing from the network.

mod flows;
mod page;
mod series;

use crate::evidence::CheckReport;
use crate::flow::Simulation;
use crate::form::Formulas;
use crate::formula::Formula;
use crate::series::ModifiedEquation;
use crate::tree::Notation;
use crate::warning::Warning;

/// What a report shows; parts that are absent are left out, and the sections are numbered accordingly.
#[derive(Debug, Clone)]
pub struct ReportData<'a> {
    /// The title, such as `The modified flow of banana.loss`.
    pub title: &'a str,
    /// The text of the loss file.
    pub source: Option<&'a str>,
    /// The loss as one formula.
    pub loss: Option<&'a Formula>,
    /// The abstract modified equation.
    pub equation: &'a ModifiedEquation,
    /// How elementary differentials are written.
    pub notation: Notation,
    /// The modified equation of this loss.
    pub formulas: Option<&'a Formulas>,
    /// The derivation, as text.
    pub proof: Option<&'a str>,
    /// The checks.
    pub checks: Option<&'a CheckReport>,
    /// The simulation behind the figures, for a table of errors.
    pub simulation: Option<&'a Simulation>,
    /// How the simulation was set up.
    pub setting: Option<&'a Setting>,
    /// Pictures.
    pub figures: Vec<Figure>,
    /// What the whole cannot vouch for, besides the warnings of `formulas` and `simulation`.
    pub warnings: Vec<Warning>,
}

/// From where a simulation starts and with which step size, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The start.
    pub start: Vec<f64>,
    /// How what nobody gave of the start was chosen, a sentence without its full stop.
    pub start_rule: Option<String>,
    /// How the step size was chosen, likewise.
    pub step_rule: String,
}

/// A picture and what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// An SVG document, as [`Picture::svg`](super::plot::Picture::svg) gives it.
    pub svg: String,
    /// The caption, plain text.
    pub caption: String,
}

/// The report as an HTML document.
#[must_use]
pub fn report(data: &ReportData<'_>) -> String {
    page::page(data)
}

/// Text as HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
