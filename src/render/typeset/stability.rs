//! Critical points, flows and stability coefficients for papers: tables.

use super::decimal;
use super::document::Document;
use super::principal::complex_terms;
use super::style::Style;
use super::table::{Cell, Column, Table};
use crate::flow::{OptimizerStability, PointStability, Stability, StabilityTrajectory, StepSizes};
use crate::formula::{Formula, Part, Sentence, Spelling, Symbol};
use crate::render::text::{Detail, UNDECIDED, significant, whether};
use num_complex::Complex64;

/// Digits of numbers, and of those in the table of a trajectory and in narrow ones.
const DIGITS: usize = 6;
const FEWER_DIGITS: usize = 4;
/// A table of narrower lines is narrow.
const NARROW: f64 = 300.0;

/// Critical points for a paper: for each a table of its eigendirections and one of its flows; then a table of the trajectory.
///
/// `about` names the optimizer, in a comment. The tables of LaTeX are `booktabs`.
#[must_use]
pub fn stability(
    stability: &Stability,
    detail: Detail,
    about: Option<&str>,
    spelling: &Spelling,
    style: &Style,
) -> String {
    let mut document = Document::new(style);
    document.needs("booktabs");
    document.comment(about.unwrap_or(&stability.method));
    let digits = if style.width.points() < NARROW { FEWER_DIGITS } else { DIGITS };
    let setting = Setting { detail, spelling, style, digits };
    if let Some(sentence) = spelling.symbols.declared(if stability.trajectory.is_some() { "hgθ" } else { "hθ" }) {
        document.push(&format!("{}\n", sentence.capitalised().markup(spelling, style.markup)));
    }
    for point in &stability.points {
        setting.point(&mut document, point, stability);
    }
    if let Some(trajectory) = &stability.trajectory {
        setting.trajectory(&mut document, trajectory);
    }
    document.finish()
}

/// How the names of a loss are written where these, such as `w[0]`, are all that is known of it.
#[must_use]
pub fn spelling_of(parameters: &[String]) -> Spelling {
    let stem =
        |name: &'_ str| name.split_once('[').map_or((name.to_owned(), false), |(stem, _)| (stem.to_owned(), true));
    let stems: Vec<(String, bool)> = parameters.iter().map(|name| stem(name)).collect();
    Spelling::beside(stems.iter().map(|(name, array)| (name.as_str(), *array)))
}

struct Setting<'a> {
    detail: Detail,
    spelling: &'a Spelling,
    style: &'a Style,
    digits: usize,
}

fn formula(formula: Formula) -> Sentence {
    Sentence(vec![Part::Formula(formula)])
}

fn number(x: f64, digits: usize) -> Sentence {
    let text = significant(x, digits);
    if text.contains('–') { Sentence::words("–") } else { formula(decimal(&text)) }
}

fn complex(z: Option<Complex64>, digits: usize) -> Sentence {
    match z {
        Some(z) if z.re.is_finite() && z.im.is_finite() => formula(Formula::sum(complex_terms(
            &significant(z.re, digits),
            (z.im != 0.0).then(|| significant(z.im, digits)).as_deref(),
        ))),
        _ => Sentence::words("–"),
    }
}

fn one(item: Sentence) -> Cell {
    vec![item]
}

fn words(text: &str) -> Cell {
    one(Sentence::words(text))
}

/// Sets of step sizes, one after another.
fn sizes(sizes: &StepSizes) -> Sentence {
    if sizes.intervals().is_empty() {
        return Sentence::words("none");
    }
    let end = |x: f64| if x.is_finite() { decimal(&significant(x, DIGITS)) } else { Formula::infinity() };
    let mut parts = Vec::new();
    for (at, (low, high)) in sizes.intervals().iter().enumerate() {
        if at > 0 {
            parts.push(Part::words(" and "));
        }
        parts.push(Part::Formula(Formula::tuple(vec![end(*low), end(*high)])));
    }
    Sentence(parts)
}

/// An entry of θ by its name.
fn parameter(name: &str) -> Formula {
    let Some((array, index)) = name.split_once('[') else { return Formula::name(name) };
    let index = index.trim_end_matches(']').split(',').filter_map(|i| i.trim().parse().ok()).collect();
    Formula::entry(array, index)
}

fn step() -> Formula {
    Symbol::Step.into()
}

fn lambda(with_step: bool) -> Formula {
    let lambda = Formula::name("lambda").indexed(Formula::name("i"));
    if with_step { Formula::beside(vec![step(), lambda]) } else { lambda }
}

impl Setting<'_> {
    fn point(&self, document: &mut Document<'_>, point: &PointStability, stability: &Stability) {
        let found = &point.point;
        let kind = found.kind.to_string();
        let mut heading = vec![Part::words(format!("{}{} at ", kind[..1].to_uppercase(), &kind[1..]))];
        if self.detail.shows(stability.parameters.len()) {
            let size = found.at.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
            // Beside a coordinate of the usual size, one at its rounding is zero.
            let rounded = |x: f64| if x.abs() <= 1e-14 * size.min(1.0) { 0.0 } else { x };
            for (name, x) in stability.parameters.iter().zip(&found.at) {
                let value = decimal(&significant(rounded(*x), 9));
                heading.extend([Part::Formula(parameter(name).equals(value)), Part::words(", ")]);
            }
        } else {
            let length = found.at.iter().fold(0.0_f64, |norm, x| norm.hypot(*x));
            let norm = Formula::call("abs", vec![Symbol::Parameters.into()]);
            heading.extend([Part::Formula(norm.equals(decimal(&significant(length, 5)))), Part::words(", ")]);
        }
        heading.extend([Part::words("with "), Part::Formula(step().equals(decimal(&stability.h.to_string())))]);
        let heading = Sentence(heading).capitalised();
        document.heading(&heading, self.spelling);
        let shown = self.detail.directions(point.directions.len());
        let column = |head: Sentence, right: bool| Column { head, right };
        let alpha = Formula::applied(crate::formula::Letter::Alpha, lambda(true));
        let directions = Table {
            columns: vec![
                column(formula(Formula::name("i")), true),
                column(formula(lambda(false)), true),
                column(formula(lambda(true)), true),
                column(formula(alpha), true),
                column(Sentence::words("case"), false),
            ],
            rows: (point.directions.iter().take(shown).enumerate())
                .map(|(k, d)| {
                    vec![
                        one(formula(Formula::natural(k as u64))),
                        one(number(d.eigenvalue, self.digits)),
                        one(number(d.h_lambda, self.digits)),
                        one(complex(d.alpha, self.digits)),
                        words(&d.case.to_string()),
                    ]
                })
                .collect(),
            keys: 1,
        };
        document.push(&directions.set(self.spelling, self.style));
        if point.directions.len() > shown {
            let more = Sentence::words(format!("and {} more directions", point.directions.len() - shown)).capitalised();
            document.push(&format!("\n{}\n", more.markup(self.spelling, self.style.markup)));
        }
        let mut flows = Table {
            columns: vec![
                column(Sentence::words("flow"), false),
                column(Sentence::words("attractive"), false),
                column(Sentence(vec![Part::words("for "), Part::Formula(step()), Part::words(" in")]), false),
                column(Sentence::words("Jacobian's eigenvalues"), false),
            ],
            rows: Vec::new(),
            keys: 1,
        };
        for flow in &point.flows {
            let intervals = flow.attractive_h.as_ref().map_or_else(|| Sentence::words("–"), sizes);
            let values = flow.eigenvalues.iter().take(self.detail.directions(flow.eigenvalues.len()));
            let mut values: Cell = values.map(|z| complex(*z, self.digits)).collect();
            if values.len() < flow.eigenvalues.len() {
                values.push(Sentence::words("…"));
            }
            flows.rows.push(vec![words(&flow.name), words(whether(flow)), one(intervals), values]);
        }
        if let Some(map) = &point.optimizer {
            flows.rows.push(vec![words("optimizer"), words(answer(map)), one(sizes(&map.attractive_h)), Vec::new()]);
        }
        document.push(&flows.set(self.spelling, self.style));
    }

    fn trajectory(&self, document: &mut Document<'_>, trajectory: &StabilityTrajectory) {
        let along = Formula::beside(vec![
            Formula::from(Symbol::Gradient).transposed(),
            Formula::name("u").indexed(Formula::name("i")),
        ]);
        let sentence = Sentence(vec![
            Part::words("along the optimizer's trajectory, "),
            Part::Formula(along.clone()),
            Part::words(" in eigendirection "),
            Part::Formula(Formula::name("i")),
            Part::words(", by falling "),
            Part::Formula(lambda(true)),
            Part::words(", and after the step: predicted by flows, and actual"),
        ]);
        document.heading(&sentence.capitalised(), self.spelling);
        let words_of = |name: &str| Column { head: Sentence::words(name), right: true };
        let formula_of = |head: Formula| Column { head: formula(head), right: true };
        let columns = vec![
            words_of("step"),
            formula_of(Formula::name("i")),
            formula_of(lambda(true)),
            Column { right: false, ..words_of("case") },
            formula_of(along),
            words_of("ngf"),
            words_of("igr"),
            words_of("pf"),
            words_of("actual"),
        ];
        let mut table = Table { columns, rows: Vec::new(), keys: 2 };
        for (step, entry) in trajectory.steps.iter().enumerate() {
            let Some(entry) = entry else { continue };
            let shown = self.detail.directions(entry.directions.len());
            for (k, d) in entry.directions.iter().take(shown).enumerate() {
                let number = |x: f64| one(number(x, FEWER_DIGITS));
                table.rows.push(vec![
                    if k == 0 { one(formula(Formula::natural(step as u64))) } else { Vec::new() },
                    one(formula(Formula::natural(k as u64))),
                    number(d.h_lambda),
                    words(&d.case.to_string()),
                    number(d.gradient),
                    number(d.predicted_ngf),
                    number(d.predicted_igr),
                    one(complex(d.predicted_pf, FEWER_DIGITS)),
                    d.actual.map_or_else(|| words("–"), number),
                ]);
            }
        }
        document.push(&table.set(self.spelling, self.style));
    }
}

fn answer(map: &OptimizerStability) -> &'static str {
    match map.attractive {
        Some(true) => "yes",
        Some(false) => "no",
        None => UNDECIDED,
    }
}
