//! Modified equations of a loss for papers.

use super::block::Row;
use super::document::Document;
use super::equation::flow;
use super::style::Style;
use crate::form::Formulas;
use crate::formula::{Formula, Letter, Spelling, Symbol, Symbols};

/// More parameters than this are not listed one by one.
const LISTED: usize = 6;

/// The modified equation of a loss for a paper: the equation of the flow, the derivatives and subterms that its terms are written in,
/// and every `f_n` by components, in one block.
///
/// `about` names the optimizer, in a comment. Where the loss declares a name like `f_1`, one sentence says how the terms are written
/// instead.
#[must_use]
pub fn concrete(formulas: &Formulas, about: Option<&str>, style: &Style) -> String {
    let mut document = Document::new(style);
    push_concrete(&mut document, formulas, about);
    document.finish()
}

/// The same, into a document that may hold more.
pub(in crate::render) fn push_concrete(document: &mut Document<'_>, formulas: &Formulas, about: Option<&str>) {
    let spelling = &formulas.spelling;
    document.comment(about.unwrap_or(&formulas.method));
    let mut rows = vec![flow(formulas.orders.len().saturating_sub(1)), parameters(formulas)];
    rows.extend(shared(formulas));
    for n in 0..formulas.orders.len() {
        if let Some(parts) = in_parts(formulas, n) {
            rows.extend(parts);
            continue;
        }
        for block in blocks(formulas, n) {
            rows.extend(block.rows.into_iter().map(|row| row.labelled(block.label)));
        }
    }
    if let Some(sentence) = formulas.sentence(&used(spelling, &rows)) {
        document.sentence(&sentence.capitalised(), spelling);
    }
    document.block(spelling, &rows);
}

/// The symbols of ours that occur in these rows in another way than where nothing is in theirs, each by its letter.
fn used(spelling: &Spelling, rows: &[Row]) -> String {
    let occurs = |symbol: &Symbol| {
        let plain = Spelling { symbols: spelling.symbols.restored(*symbol), ..spelling.clone() };
        let mut terms = rows.iter().flat_map(|row| row.left.iter().chain(&row.right));
        terms.any(|(_, term)| spelling.latex(term) != plain.latex(term))
    };
    let plain = Symbols::default();
    spelling.symbols.changed().filter(occurs).map(|symbol| plain.letter(symbol)).collect()
}

/// More terms than this are not looked through.
const COMPARED: usize = 80;

/// `f_n` with its principal terms first and the others below them, where those of both parts are the terms of the whole.
fn in_parts(formulas: &Formulas, n: usize) -> Option<Vec<Row>> {
    let order = formulas.orders.get(n).filter(|order| !order.is_principal() && !order.is_nonprincipal())?;
    let terms = |formula: &Formula| {
        let terms = formulas.spelling.arranged(formula).terms();
        terms.into_iter().filter(|(_, term)| !term.is_number("0")).collect::<Vec<_>>()
    };
    let mut rows = Vec::new();
    for (k, entry) in formulas.parameters.iter().enumerate() {
        let mut whole = terms(order.components.get(k)?);
        if whole.is_empty() || whole.len() > COMPARED {
            return None;
        }
        let mut left = vec![(false, field(formulas, n, None, entry))];
        for (label, part) in [("principal", order.principal.get(k)?), ("non-principal", order.nonprincipal.get(k)?)] {
            let own = terms(part);
            for term in &own {
                whole.remove(whole.iter().position(|known| known == term)?);
            }
            if !own.is_empty() {
                let relation = (!left.is_empty()).then_some('=');
                rows.push(
                    Row { left: std::mem::take(&mut left), relation, right: own, note: None, tag: None }
                        .labelled(label),
                );
            }
        }
        if !whole.is_empty() {
            return None;
        }
    }
    Some(rows)
}

/// The name of `f_n` or of a part, of its component along this entry where there are several.
fn field(formulas: &Formulas, n: usize, principal: Option<bool>, entry: &Formula) -> Formula {
    let one = formulas.parameters.len() == 1;
    match principal {
        None if one => Letter::Field(n).into(),
        Some(principal) if one => Letter::Part(n, principal).into(),
        _ => Formula::component(n, principal, entry.clone()),
    }
}

/// `θ = (x, y)`.
fn parameters(formulas: &Formulas) -> Row {
    let all = &formulas.parameters;
    let list = match all.as_slice() {
        [only] => only.clone(),
        few if few.len() <= LISTED => Formula::tuple(few.to_vec()),
        many => {
            Formula::tuple(vec![many[0].clone(), many[1].clone(), Letter::Dots.into(), many[many.len() - 1].clone()])
        }
    };
    Row::new(Symbol::Parameters.into(), vec![(false, list)])
}

/// One vector: some `f_n`, or one of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) struct Block {
    /// `principal`, `non-principal`, or empty for a whole that has both parts.
    pub label: &'static str,
    /// The components.
    pub rows: Vec<Row>,
}

fn row(spelling: &Spelling, left: Formula, right: &Formula) -> Row {
    Row::new(left, spelling.arranged(right).terms())
}

/// The shared subterms and derivatives of the loss.
pub(in crate::render) fn shared(formulas: &Formulas) -> Vec<Row> {
    let subterm = |(name, value): &(String, Formula)| row(&formulas.spelling, Formula::name(name), value);
    let derivative = |(letter, value): &(Formula, Formula)| row(&formulas.spelling, letter.clone(), value);
    formulas.lets.iter().map(subterm).chain(formulas.derivatives.iter().map(derivative)).collect()
}

/// `f_n` and, where it has both, its two parts; nothing if there is no such order.
pub(in crate::render) fn blocks(formulas: &Formulas, n: usize) -> Vec<Block> {
    let Some(order) = formulas.orders.get(n) else {
        return Vec::new();
    };
    let block = |label: &'static str, principal: Option<bool>, components: &[Formula]| Block {
        label,
        rows: (formulas.parameters.iter().zip(components))
            .map(|(entry, component)| row(&formulas.spelling, field(formulas, n, principal, entry), component))
            .collect(),
    };
    if order.is_principal() {
        vec![block("principal", None, &order.components)]
    } else if order.is_nonprincipal() {
        vec![block("non-principal", None, &order.components)]
    } else {
        vec![
            block("", None, &order.components),
            block("principal", Some(true), &order.principal),
            block("non-principal", Some(false), &order.nonprincipal),
        ]
    }
}
