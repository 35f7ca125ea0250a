//! Snapshots of modified equations of an abstract loss.

use super::statement::{Statement, statements};
use super::{Change, Snapshot, SnapshotError};
use crate::claim::read_field;
use crate::formula::text_factor;
use crate::number::{Coefficient, Fraction, Scalar};
use crate::series::{ModifiedEquation, Term};
use crate::tree::{Notation, Tree};
use std::collections::BTreeMap;

/// The spelling of a snapshot, which no option changes.
const SPELLING: Notation = Notation::Operator;

impl Snapshot for ModifiedEquation {
    fn snapshot(&self) -> String {
        let mut text = String::new();
        for (n, terms) in self.orders.iter().enumerate() {
            let left = format!("f_{n} = ");
            let terms = ModifiedEquation::sorted(terms.clone());
            if terms.is_empty() {
                text.push_str(&format!("{left}0\n"));
            }
            for (at, term) in terms.iter().enumerate() {
                let before = if at == 0 { left.clone() } else { " ".repeat(left.len()) };
                // What goes on needs a sign.
                let plus = if at > 0 && !term.coefficient.formula().signed().0 { "+" } else { "" };
                text.push_str(&format!("{before}{plus}{}\n", written(term)));
            }
        }
        text
    }

    fn changes(&self, expected: &str) -> Result<Vec<Change>, SnapshotError> {
        let mut changes = Vec::new();
        for statement in statements(expected)? {
            let expected = terms(&statement, &self.symbols)?;
            let Some(derived) = self.orders.get(statement.order) else {
                let derived = format!("nothing beyond f_{}", self.orders.len().saturating_sub(1));
                changes.push(change(&statement, None, statement.right.clone(), derived));
                continue;
            };
            // Roots are symbols in what is read.
            let derived: BTreeMap<&Tree, Fraction> =
                derived.iter().map(|t| (&t.tree, t.coefficient.to_fraction())).collect();
            let trees = expected.keys().chain(derived.keys().copied().filter(|tree| !expected.contains_key(tree)));
            for tree in ordered(trees) {
                let (was, is) = (expected.get(tree), derived.get(tree));
                if was != is {
                    let text = |c: Option<&Fraction>| c.map_or_else(|| "0".to_owned(), ToString::to_string);
                    changes.push(change(&statement, Some(SPELLING.text(tree)), text(was), text(is)));
                }
            }
        }
        Ok(changes)
    }
}

fn change(statement: &Statement<'_>, term: Option<String>, expected: String, derived: String) -> Change {
    Change { order: statement.order, component: None, term, expected, derived }
}

/// Principal ones first, then by descending level sequences.
fn ordered<'a>(trees: impl Iterator<Item = &'a Tree>) -> Vec<&'a Tree> {
    let mut trees: Vec<&Tree> = trees.collect();
    trees.sort_by(|a, b| b.is_principal().cmp(&a.is_principal()).then_with(|| b.cmp(a)));
    trees
}

/// `-1/12 T[g, g]`.
fn written(term: &Term) -> String {
    let (negative, size) = term.coefficient.formula().signed();
    let sign = if negative { "-" } else { "" };
    let tree = SPELLING.text(&term.tree);
    if size.is_number("1") { format!("{sign}{tree}") } else { format!("{sign}{} {tree}", text_factor(&size)) }
}

/// What a statement says of each tree.
fn terms(statement: &Statement<'_>, symbols: &[String]) -> Result<BTreeMap<Tree, Fraction>, SnapshotError> {
    if statement.component.is_some() || statement.place.is_some() {
        return Err(statement.wrong("this series is of an abstract loss and has no components: expected `f_N = …`"));
    }
    let field: Vec<(Tree, Scalar)> = read_field(&statement.right, symbols).map_err(|error| {
        let expected = error.expected.as_ref().map_or_else(String::new, |e| format!("; expected {e}"));
        statement.wrong(format!("`{}`: {}{expected}", statement.right, error.message))
    })?;
    if let Some((tree, _)) = field.iter().find(|(tree, _)| tree.size() != statement.order + 1) {
        let (tree, n) = (SPELLING.text(tree), tree.size() - 1);
        return Err(statement.wrong(format!("{tree} is a term of f_{n}, and none of f_{}", statement.order)));
    }
    Ok(field.into_iter().map(|(tree, coefficient)| (tree, coefficient.to_fraction())).collect())
}
