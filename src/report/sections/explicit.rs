//! The modified equation of this loss.

use super::super::run::Run;
use super::super::{OfLoss, Report};
use super::words::{self, counted, number};
use crate::form::Formulas;
use crate::formula::{Formula, Letter, Symbol};
use crate::render::document::{Block, Equation, Section, Table, Text};

/// Characters of an order that is not folded away.
const SHORT: usize = 520;
/// Characters of an order that is not written.
const LONG: usize = 40_000;
/// Characters of shared subterms that are not folded away; where they are, so is what is written in them.
const SHORT_LETS: usize = 4_000;

pub(super) fn section(report: &Report, subject: &OfLoss) -> Section {
    let mut section = Section::new("The modified equation of this loss");
    match &subject.formulas {
        Ok(formulas) => {
            if words::logistic(subject.stated()).is_none() {
                section.blocks.extend(words::logistic(formulas.written()));
            }
            written(&mut section, formulas);
        }
        Err(why) => section.say(format!("It is not written out: {why}.")),
    }
    if let Some(run) = report.run() {
        sizes(&mut section, run);
    }
    section
}

/// Whether a letter among the derivatives is that of a shared subterm, as `s_1`.
fn is_shared(letter: &Formula) -> bool {
    let name = letter.to_string();
    name.strip_prefix('s').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}

fn length(formula: &Formula) -> usize {
    formula.to_string().chars().count()
}

fn written(section: &mut Section, formulas: &Formulas) {
    let shared: Vec<Equation> = formulas
        .lets
        .iter()
        .map(|(name, value)| Equation::new(Formula::name(name), value))
        .chain(formulas.derivatives.iter().map(|(letter, value)| Equation::new(letter.clone(), value)))
        .collect();
    let length_of_shared: usize =
        formulas.lets.iter().map(|(_, v)| length(v)).chain(formulas.derivatives.iter().map(|(_, v)| length(v))).sum();
    let read = length_of_shared <= SHORT_LETS;
    if !shared.is_empty() {
        let derivatives = formulas.derivatives.iter().filter(|(letter, _)| !is_shared(letter)).count();
        let what = match (shared.len() - derivatives, derivatives) {
            (_, 0) => "Shared subterms",
            (0, _) => "The derivatives of the loss that occur",
            _ => "The derivatives of the loss that occur, and shared subterms",
        };
        if length_of_shared > LONG {
            section.say(format!(
                "{what} have {length_of_shared} characters, too many to be read; `concrete::derive` gives them."
            ));
        } else {
            let blocks = vec![Block::Equations(shared)];
            section.push(Block::Fold { summary: Text::words(what), open: read, blocks });
        }
    }
    for n in 0..formulas.orders.len() {
        let rows = equations(formulas, n);
        let size: usize = rows.iter().flat_map(|row| &row.terms).map(|(_, term)| length(term) + 3).sum();
        let name = || Text::default().formula(Letter::Field(n));
        if size > LONG {
            section
                .say(name().then(format!(" has {size} characters, too many to be read; `concrete::derive` gives it.")));
            continue;
        }
        let summary = name().then(kind(formulas, n));
        section.push(Block::Fold { summary, open: read && size <= SHORT, blocks: vec![Block::Equations(rows)] });
    }
}

/// `f_n` or, where it has both, its two parts, component by component.
fn equations(formulas: &Formulas, n: usize) -> Vec<Equation> {
    let order = &formulas.orders[n];
    let part = |principal: Option<bool>, components: &[Formula]| {
        let row = |(entry, component)| Equation::new(left(formulas, n, principal, entry), component);
        formulas.parameters.iter().zip(components).map(row).collect::<Vec<_>>()
    };
    // Where all of it is of one kind, the heading says so.
    if order.is_principal() || order.is_nonprincipal() {
        return part(None, &order.components);
    }
    let labelled = |label, rows: Vec<Equation>| rows.into_iter().map(move |row| row.labelled(label));
    let principal = labelled("principal", part(Some(true), &order.principal));
    principal.chain(labelled("non-principal", part(Some(false), &order.nonprincipal))).collect()
}

/// The name of `f_n` or of a part, of its component along this entry where there are several.
fn left(formulas: &Formulas, n: usize, principal: Option<bool>, entry: &Formula) -> Formula {
    match principal {
        _ if formulas.parameters.len() > 1 => Formula::component(n, principal, entry.clone()),
        None => Letter::Field(n).into(),
        Some(principal) => Letter::Part(n, principal).into(),
    }
}

/// Which parts it has.
fn kind(formulas: &Formulas, n: usize) -> &'static str {
    let order = &formulas.orders[n];
    match (order.is_principal(), order.is_nonprincipal()) {
        (true, true) => ", which is 0",
        (true, false) => ", all of it principal",
        (false, true) => ", none of it principal",
        (false, false) => ", the sum of its principal part and the rest",
    }
}

/// How large each order is at the start, so that one sees whether the series can be trusted at this step size.
fn sizes(section: &mut Section, run: &Run) {
    let values = match &run.values {
        Ok(values) => values,
        Err(why) => return section.say(format!("At the start it has no values: {why}.")),
    };
    let h = run.simulation.h;
    section.say(
        Text::words("The sizes of its terms at the start, ")
            .and(words::place(&run.simulation.parameters, &run.setting.start, 4, 6))
            .then(", with ")
            .formula(Formula::from(Symbol::Step).equals(words::step_size(&run.setting.h)))
            .then(". Where they do not fall, the truncated series is not to be trusted there."),
    );
    let norm = |entries: &[Option<f64>]| {
        entries.iter().copied().collect::<Option<Vec<f64>>>().map(|e| e.iter().fold(0.0_f64, |n, x| n.hypot(*x)))
    };
    let mut table = Table::new(["", "size", "principal part", "the rest", "times", "off by at most"]).numbers(1..=5);
    let power = Formula::from(Symbol::Step).raised(Formula::name("n"));
    table.columns[4].head = Text::words("times ").formula(power);
    let bounded = !values.bounds.is_empty();
    if !bounded {
        table.columns.pop();
    }
    for (n, order) in values.values.orders.iter().enumerate() {
        let [whole, principal, rest] = [&order.value, &order.principal, &order.nonprincipal].map(|part| norm(part));
        let scaled = whole.map(|size| size * h.powi(i32::try_from(n).unwrap_or(i32::MAX)));
        let mut row = vec![
            Text::default().formula(Letter::Field(n)),
            number(whole, 6),
            number(principal, 6),
            number(rest, 6),
            number(scaled, 3),
        ];
        if bounded {
            let off = values.bounds.get(n).and_then(|b| b.value).zip(whole).map(|(bound, size)| bound * size);
            row.push(number(off, 2));
        }
        table.row(row);
    }
    section.push(Block::Table(table));
    if let Some(spectrum) = &values.spectrum {
        let mut text = Text::words(format!(
            "The largest {} of the Hessian there: ",
            counted(spectrum.eigenvalues.len(), "eigenvalue", "eigenvalues")
                .trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ')
        ));
        for (k, lambda) in spectrum.eigenvalues.iter().enumerate() {
            text = text.then(if k == 0 { "" } else { ", " }).and(number(*lambda, 6));
        }
        section.push(Block::Note(text.then(".")));
    }
}
