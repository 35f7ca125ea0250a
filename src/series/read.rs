//! Abstract modified equations read back from the documents that hold them.

use super::equation::{ModifiedEquation, Term};
use crate::number::{Coefficient, Scalar};
use crate::tree::Tree;
use serde_json::Value;

/// Why a document holds no modified equation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the document holds no modified equation: `{member}` is {found}")]
pub struct ReadEquationError {
    /// The member that is wrong, such as `orders[2].terms[1].tree`, counting from 0.
    pub member: String,
    /// What it is, and should not be.
    pub found: String,
}

fn wrong(member: impl Into<String>, found: impl Into<String>) -> ReadEquationError {
    ReadEquationError { member: member.into(), found: found.into() }
}

impl ModifiedEquation {
    /// Reads the document of [`render::json::equation`](crate::render::json::equation): what an equation is stored as.
    ///
    /// Trees, coefficients and names are read; what is written beside them for people is not.
    ///
    /// ```
    /// use shadowflow::{optimizer::Optimizer, render::json, series::{ModifiedEquation, derive}};
    /// let nesterov = derive(&Optimizer::Nesterov.bind(&[])?, 3).run()?.equation;
    /// let stored = json::equation(&nesterov, &[]).value();
    /// assert_eq!(ModifiedEquation::from_json(&stored).as_ref(), Ok(&nesterov));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ReadEquationError`], with the member that is wrong.
    pub fn from_json(document: &Value) -> Result<Self, ReadEquationError> {
        let text =
            |value: &Value, member: &str| value.as_str().map(str::to_owned).ok_or_else(|| wrong(member, "no text"));
        let list = |value: &Value, member: &str| value.as_array().cloned().ok_or_else(|| wrong(member, "no list"));
        let method = text(&document["method"], "method")?;
        let symbols = list(&document["symbols"], "symbols")?;
        let symbols = symbols.iter().map(|s| text(s, "symbols")).collect::<Result<Vec<_>, _>>()?;
        let mut orders = Vec::new();
        for (n, order) in list(&document["orders"], "orders")?.iter().enumerate() {
            let place = format!("orders[{n}].terms");
            let mut terms: Vec<Term> = Vec::new();
            for (k, term) in list(&order["terms"], &place)?.iter().enumerate() {
                let place = format!("{place}[{k}]");
                let tree = tree(&term["tree"], n, &place)?;
                let member = format!("{place}.coefficient");
                let coefficient = text(&term["coefficient"], &member)?
                    .parse::<Scalar>()
                    .map_err(|reason| wrong(&member, format!("no coefficient: {reason}")))?;
                if coefficient.is_zero() || terms.iter().any(|t| t.tree == tree) {
                    return Err(wrong(place, "zero, or the second term of its tree"));
                }
                terms.push(Term { tree, coefficient });
            }
            orders.push(terms);
        }
        Ok(Self { method, symbols, orders })
    }
}

fn tree(levels: &Value, order: usize, place: &str) -> Result<Tree, ReadEquationError> {
    let member = format!("{place}.tree");
    let numbers =
        levels.as_array().into_iter().flatten().map(|level| level.as_u64().and_then(|l| u8::try_from(l).ok()));
    let numbers: Vec<u8> = numbers.collect::<Option<_>>().unwrap_or_default();
    let tree = Tree::from_levels(&numbers).map_err(|e| wrong(&member, format!("no tree: {e}")))?;
    if tree.size() != order + 1 {
        return Err(wrong(
            member,
            format!("a tree of {} nodes, where f_{order} has those of {}", tree.size(), order + 1),
        ));
    }
    Ok(tree)
}
