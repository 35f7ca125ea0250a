//! The modified equation for any loss.

use super::super::Report;
use super::words::counted;
use crate::formula::{Formula, Letter, Symbol};
use crate::render::document::{Block, Equation, Section, Text, Tone};
use crate::render::latex::left_side;
use crate::render::signed_term;
use crate::series::Term;
use crate::tree::Notation;

/// Terms up to which an order has one a line, with its tree.
const PICTURED: usize = 20;
/// Terms up to which an order is not folded away.
const OPEN: usize = 12;
/// Terms beyond which an order is not written.
const MOST: usize = 400;

pub(super) fn section(report: &Report) -> Section {
    let mut section = Section::new("The modified equation");
    let step = || Formula::from(Symbol::Step);
    section.say(
        Text::words("Each step of the optimizer with step size ")
            .formula(step())
            .then(" follows, up to the truncation of the series, the flow"),
    );
    section.push(Block::Formula(modified_flow()));
    let variable =
        report.options.optimizer.variable().map_or_else(String::new, |variable| format!(" It is about {variable}."));
    section.say(
        Text::words("over the time ")
            .formula(step())
            .then(".")
            .then(variable)
            .then(" The principal part holds the terms ")
            .formula(power_term("n"))
            .then("; every other term contains a derivative of third or higher order."),
    );
    match &report.derived.equation {
        Err(why) => section.say(format!("It was not derived: {why}.")),
        Ok(equation) => {
            let notation = report.options.notation;
            let mut open = Vec::new();
            for (n, terms) in equation.orders.iter().enumerate() {
                if terms.len() <= OPEN {
                    open.extend(rows(n, terms, notation));
                    continue;
                }
                if !open.is_empty() {
                    section.push(Block::Equations(std::mem::take(&mut open)));
                }
                let count = counted(terms.len(), "term", "terms");
                let name = || Text::default().formula(left_side(n, notation));
                if terms.len() > MOST {
                    let text = format!(" has {count}, too many to be read; `series::derive` gives them.");
                    section.say(name().then(text));
                    continue;
                }
                let blocks = vec![Block::Equations(rows(n, terms, notation))];
                section.push(Block::Fold { summary: name().then(format!(", {count}")), open: false, blocks });
            }
            if !open.is_empty() {
                section.push(Block::Equations(open));
            }
            section.push(Block::Note(legend(notation)));
            if !equation.symbols.is_empty() {
                let mut text = Text::words("Hyper-parameters left symbolic: ");
                for (k, symbol) in equation.symbols.iter().enumerate() {
                    text = text.then(if k == 0 { "" } else { ", " }).formula(Formula::name(symbol));
                }
                section.push(Block::Note(text.then(".")));
            }
        }
    }
    section
}

/// What the letters are.
fn legend(notation: Notation) -> Text {
    if notation != Notation::Operator {
        return Text::words(format!("{}.", notation.legend()));
    }
    let [g, h, e] = [Symbol::Gradient, Symbol::Hessian, Symbol::Loss].map(Formula::from);
    let [third, fourth] = [3, 4].map(|k| Formula::from(Letter::Derivative(k)));
    let argument = Formula::contraction(vec![Formula::name("u"), Formula::name("v")]);
    Text::default()
        .formula(g)
        .then(", ")
        .formula(h)
        .then(", ")
        .formula(third)
        .then(" and ")
        .formula(fourth)
        .then(" are the first four derivatives of ")
        .formula(e)
        .then("; ")
        .formula(argument)
        .then(" is the third one contracted with ")
        .formula(Formula::name("u"))
        .then(" and ")
        .formula(Formula::name("v"))
        .then(".")
}

/// `H^n g`.
pub(super) fn power_term(power: &str) -> Formula {
    let power = Formula::from(Symbol::Hessian).raised(Formula::name(power));
    Formula::beside(vec![power, Symbol::Gradient.into()])
}

/// `θ' = f_0 + h f_1 + h^2 f_2 + …`.
fn modified_flow() -> Formula {
    let term = |n: usize| {
        let f = Formula::from(Letter::Field(n));
        if n == 0 { f } else { Formula::from(Symbol::Step).power(n as u64).before(f) }
    };
    let terms = (0..3).map(term).chain([Letter::Dots.into()]).map(|term| (false, term));
    Formula::from(Letter::Velocity).equals(Formula::sum(terms.collect()))
}

/// The rows of one order, the principal terms first.
fn rows(n: usize, terms: &[Term], notation: Notation) -> Vec<Equation> {
    let left = left_side(n, notation);
    if terms.is_empty() {
        return vec![Equation::new(left, &Formula::natural(0))];
    }
    let mut rows: Vec<Equation> = Vec::new();
    for principal in [true, false] {
        let own: Vec<&Term> = terms.iter().filter(|term| term.tree.is_principal() == principal).collect();
        let (label, tone) = if principal { ("principal", Tone::Principal) } else { ("non-principal", Tone::Rest) };
        let together = terms.len() > PICTURED;
        let each = if together { own.len().max(1) } else { 1 };
        for (k, terms) in own.chunks(each).enumerate() {
            rows.push(Equation {
                left: rows.is_empty().then(|| left.clone()),
                terms: terms.iter().map(|term| signed_term(term, notation)).collect(),
                label: if k == 0 { label } else { "" },
                tone,
                tree: terms.first().filter(|_| !together).map(|term| term.tree.clone()),
            });
        }
    }
    rows
}
