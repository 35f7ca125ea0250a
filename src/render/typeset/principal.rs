//! Principal parts for papers.

use super::block::Row;
use super::decimal;
use super::document::Document;
use super::equation::about;
use super::style::Style;
use crate::evidence::{PrincipalSummary, SummaryStability};
use crate::formula::{Formula, Letter, Part, Sentence, Spelling, Symbol};
use crate::number::Coefficient;
use crate::principal::Stability;
use crate::render::terms::series;

/// An optimizer's principal part for a paper: α in closed form, its equation, its series, branch points and where it is stable.
#[must_use]
pub fn principal(summary: &PrincipalSummary, spelling: &Spelling, style: &Style) -> String {
    let mut document = Document::new(style);
    document.comment(&about(&summary.method, summary.variable, spelling, style.markup));
    let z = || Formula::name("z");
    let alpha = || Formula::applied(Letter::Alpha, z());
    let product = || Formula::beside(vec![Symbol::Step.into(), Formula::name("lambda")]);
    let mut rows = Vec::new();
    if let Some(closed) = &summary.closed_form {
        let row = Row::new(alpha(), vec![(false, closed.clone())]);
        let note = Sentence(vec![Part::words("with "), Part::Formula(z().equals(product()))]);
        rows.push(Row { note: Some(note), ..row });
    }
    if let Some(equation) = &summary.equation {
        let root = Formula::name("e").raised(Formula::beside(vec![z(), alpha()]));
        let note = Sentence(vec![
            Part::words("for "),
            Part::Formula(Formula::name("r").equals(root)),
            Part::words(", which is 1 at "),
            Part::Formula(z().equals(Formula::natural(0))),
        ]);
        rows.push(Row { note: Some(note), ..Row::new(Formula::natural(0), spelling.arranged(equation).terms()) });
    }
    rows.push(Row::new(alpha(), series(summary)));
    for point in summary.branch_points.iter().flatten() {
        let place = match (&point.exact, point.value) {
            (Some(exact), _) => spelling.arranged(exact).terms(),
            (None, Some(value)) => complex(value.re, value.im),
            (None, None) => continue,
        };
        rows.push(Row::new(z(), place).labelled("branch point"));
    }
    let between = |bound: Option<(bool, Formula)>| {
        let right = match bound {
            Some(bound) => Formula::relation(product(), '<', bound.into()),
            None => product(),
        };
        let row = Row::new(Formula::natural(0), vec![(false, right)]);
        Row { relation: Some('<'), ..row }.labelled("stable")
    };
    match &summary.stability {
        SummaryStability::Numbers(Stability::Always) => rows.push(between(None)),
        SummaryStability::Numbers(Stability::Below(low, high)) if low == high => {
            rows.push(between(Some((false, low.formula()))));
        }
        SummaryStability::Numbers(Stability::Below(low, _)) => {
            rows.push(between(Some((false, decimal(&low.to_f64().to_string())))));
        }
        SummaryStability::Symbols { threshold, condition } => {
            let row = between(Some((false, threshold.formula())));
            let condition = condition.as_ref().map(|condition| {
                let size = Formula::call("abs", vec![condition.formula()]);
                Sentence(vec![
                    Part::words("stable for "),
                    Part::Formula(Formula::relation(size, '<', Formula::natural(1))),
                ])
            });
            rows.push(Row { note: condition.or(row.note.clone()), ..row });
        }
        SummaryStability::Numbers(Stability::Never) | SummaryStability::Unknown(_) => {}
    }
    document.block(spelling, &rows);
    document.finish()
}

/// A complex number as terms.
fn complex(re: f64, im: f64) -> Vec<(bool, Formula)> {
    complex_terms(&re.to_string(), (im != 0.0).then(|| im.to_string()).as_deref())
}

/// The same of numbers as they are printed; without an imaginary part it is real.
pub(super) fn complex_terms(re: &str, im: Option<&str>) -> Vec<(bool, Formula)> {
    let mut terms = vec![decimal(re).signed()];
    if let Some(im) = im {
        let (negative, size) = decimal(im).signed();
        terms.push((negative, Formula::beside(vec![size, Formula::name("i")])));
    }
    terms
}
