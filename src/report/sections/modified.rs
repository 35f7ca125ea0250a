//! The modified equation for any loss.

use super::super::Report;
use super::words::counted;
use crate::formula::{Formula, Letter, Symbol};
use crate::render::document::{Block, Equation, Section, Text, Tone};
use crate::render::latex::left_side;
use crate::render::signed_term;
use crate::series::Term;
use crate::tree::{Notation, Tree};

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
            section.push(Block::Note(legend(notation, highest_derivative(&equation.orders))));
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

/// The highest derivative that occurs, the third at least.
fn highest_derivative(orders: &[Vec<Term>]) -> usize {
    let trees = orders.iter().flatten().map(|term| &term.tree);
    trees.map(|tree| 1 + most_children(tree)).fold(3, usize::max)
}

fn most_children(tree: &Tree) -> usize {
    // Of a level sequence: the nodes one level up that follow before another as low as their parent.
    let levels = tree.levels();
    let children = |at: usize| {
        let below = levels[at + 1..].iter().take_while(|level| **level > levels[at]);
        below.filter(|level| **level == levels[at] + 1).count()
    };
    (0..levels.len()).map(children).max().unwrap_or(0)
}

/// What the letters are, of derivatives to this one.
fn legend(notation: Notation, highest: usize) -> Text {
    if notation != Notation::Operator {
        return Text::words(format!("{}.", notation.legend()));
    }
    let [g, h, e] = [Symbol::Gradient, Symbol::Hessian, Symbol::Loss].map(Formula::from);
    let third = Formula::from(Letter::Derivative(3));
    let argument = Formula::contraction(vec![Formula::name("u"), Formula::name("v")]);
    let mut text = Text::default().formula(g).then(", ").formula(h);
    text = match highest {
        3 => text.then(" and ").formula(third).then(" are the first three derivatives of ").formula(e),
        4 => {
            let fourth = Formula::from(Letter::Derivative(4));
            text.then(", ")
                .formula(third)
                .then(" and ")
                .formula(fourth)
                .then(" are the first four derivatives of ")
                .formula(e)
        }
        highest => {
            let last = Formula::from(Letter::Derivative(highest));
            let fourth = Formula::from(Letter::Derivative(4));
            let text = text.then(", ").formula(third).then(", ").formula(fourth);
            let text = if highest > 5 { text.then(", …, ") } else { text.then(" and ") };
            text.formula(last).then(" are the derivatives of ").formula(e).then(" in their order")
        }
    };
    text.then("; ")
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
