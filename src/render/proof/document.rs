//! Derivations as blocks of a document, one fold an order.

use super::{formulas, lines, notation};
use crate::formula::{Formula, Letter, Symbol};
use crate::render::document::{Block, Derivation, Text};
use crate::series::egraph::{Exact, Proof};

/// The derivation as blocks: what the symbols mean, and the equalities of each order, folded.
///
/// Consecutive steps by one rule are one line, as in the whole text.
#[must_use]
pub fn proof_blocks<C: Exact>(proof: &Proof<C>) -> Vec<Block> {
    let terms = formulas(proof);
    let mut blocks: Vec<Block> =
        notation(proof).into_iter().map(|sentence| Block::Paragraph(Text::from(sentence))).collect();
    for n in 0..proof.ends.len() {
        let written = lines(proof, n).into_iter().map(|line| Derivation {
            number: line.number,
            left: line.left.map(|id| terms[id.index()].clone()),
            right: terms[line.right.index()].clone(),
            reason: line.reason,
        });
        let written: Vec<Derivation> = written.collect();
        let power = Formula::from(Symbol::Step).power(n as u64 + 1);
        let count = written.len();
        let summary = Text::words(format!("Order {n}: "))
            .formula(Letter::Field(n))
            .then(" from the coefficient of ")
            .formula(power)
            .then(format!(", in {count} {}", if count == 1 { "line" } else { "lines" }));
        blocks.push(Block::Fold { summary, open: false, blocks: vec![Block::Derivation(written)] });
    }
    blocks
}
