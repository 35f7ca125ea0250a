//! Equations as documents show them, and what formats need to lay them out.

use crate::formula::{Formula, Sentence};
use crate::render::typeset::Row;
use crate::tree::Tree;

/// An equation, or a term of the one above.
#[derive(Debug, Clone, Default)]
pub struct Equation {
    /// The left side; none where it goes on from above.
    pub left: Option<Formula>,
    /// The terms of the right side, each with whether it is subtracted.
    pub terms: Vec<(bool, Formula)>,
    /// What it is, in a word or two.
    pub label: &'static str,
    /// Which part it belongs to.
    pub tone: Tone,
    /// The tree of its only term, for formats that draw it.
    pub tree: Option<Tree>,
}

/// Which part of a modified equation something belongs to, which formats with colours show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Neither.
    #[default]
    Plain,
    /// The principal part.
    Principal,
    /// The non-principal part.
    Rest,
}

impl Equation {
    /// An equation without a label.
    #[must_use]
    pub fn new(left: Formula, right: &Formula) -> Self {
        Self { left: Some(left), terms: right.terms(), ..Self::default() }
    }

    /// The same with a label, coloured as that says.
    #[must_use]
    pub fn labelled(self, label: &'static str) -> Self {
        let tone = match label {
            "principal" => Tone::Principal,
            "non-principal" => Tone::Rest,
            _ => Tone::Plain,
        };
        Self { label, tone, ..self }
    }
}

/// A line of a derivation.
#[derive(Debug, Clone)]
pub struct Derivation {
    /// Its number.
    pub number: usize,
    /// The left side; none where the chain of equalities goes on.
    pub left: Option<Formula>,
    /// The right side.
    pub right: Formula,
    /// Why both are equal.
    pub reason: Sentence,
}

/// The equations as rows of one aligned block.
pub(super) fn rows(equations: &[Equation]) -> Vec<Row> {
    let row = |equation: &Equation| {
        let left = equation.left.clone().map(|left| (false, left));
        let relation = left.is_some().then_some('=');
        let row =
            Row { left: left.into_iter().collect(), relation, right: equation.terms.clone(), note: None, tag: None };
        row.labelled(equation.label)
    };
    equations.iter().map(row).collect()
}
