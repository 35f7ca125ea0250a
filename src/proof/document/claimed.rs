//! The terms that a document claims, against those that its steps establish.

use super::VerifyFailure;
use super::members::only;
use super::recurrence::coefficient;
use crate::claim::read_differential;
use crate::number::Scalar;
use crate::series::Term;
use crate::series::egraph::Exact;
use crate::tree::{Notation, Tree};
use serde_json::Value;

/// Everything in which an order's terms differ from those established, in every member.
///
/// `text` and `latex` are read back with the notation of claims and compared as trees.
pub(super) fn compare<C: Exact>(
    n: usize,
    claimed: &[Value],
    established: &[Term],
    symbols: &[String],
) -> Vec<VerifyFailure> {
    let mut failed = Vec::new();
    let mut trees: Vec<Tree> = Vec::with_capacity(claimed.len());
    for (at, value) in claimed.iter().enumerate() {
        let place = format!("orders[{n}].terms[{at}]");
        if let Err(unknown) = only(value, &place, &["tree", "coefficient", "principal", "text", "latex"]) {
            failed.push(unknown);
        }
        let fail = |member: &str, reason: String| VerifyFailure::at(&format!("{place}.{member}"), reason);
        let Some(tree) = canonical(&value["tree"]) else {
            failed.push(fail("tree", format!("{} is no tree as documents write them", value["tree"])));
            continue;
        };
        match established.iter().position(|t| t.tree == tree) {
            None => failed.push(fail("tree", format!("the steps give no term with {}", spelt(&tree)))),
            Some(_) if trees.contains(&tree) => failed.push(fail("tree", format!("{} stands twice", spelt(&tree)))),
            Some(right) => {
                if right != at {
                    let reason = format!("{} is out of place: it is term {right}, counting from 0", spelt(&tree));
                    failed.push(fail("tree", reason));
                }
                if let Err(reason) = same_coefficient::<C>(value, &established[right], symbols) {
                    failed.push(fail("coefficient", reason));
                }
            }
        }
        if value["principal"].as_bool() != Some(tree.is_principal()) {
            let is = if tree.is_principal() { "is" } else { "is not" };
            let reason = format!("{} {is} principal, here stands {}", spelt(&tree), value["principal"]);
            failed.push(fail("principal", reason));
        }
        for member in ["text", "latex"] {
            if let Err(reason) = reads_as(&value[member], &tree) {
                failed.push(fail(member, reason));
            }
        }
        trees.push(tree);
    }
    for missing in established.iter().filter(|t| !trees.contains(&t.tree)) {
        let (place, spelt) = (format!("orders[{n}].terms"), spelt(&missing.tree));
        let reason = format!("the steps give {} times {spelt}, which is left out", missing.coefficient);
        failed.push(VerifyFailure::at(&place, reason));
    }
    failed
}

/// A tree as a sentence has it.
fn spelt(tree: &Tree) -> String {
    format!("{} {:?}", Notation::Operator.text(tree), tree.levels())
}

/// The tree of a level sequence, if the sequence is the one that documents have of it.
fn canonical(value: &Value) -> Option<Tree> {
    let level = |l: &Value| l.as_u64().and_then(|l| u8::try_from(l).ok());
    let levels = value.as_array()?.iter().map(level).collect::<Option<Vec<u8>>>()?;
    Tree::from_levels(&levels).ok().filter(|t| t.levels() == &levels[..])
}

fn same_coefficient<C: Exact>(value: &Value, term: &Term, symbols: &[String]) -> Result<(), String> {
    let written = &value["coefficient"];
    let tree = spelt(&term.tree);
    let found: C = coefficient(written, symbols)
        .ok_or_else(|| format!("the coefficient {written} of {tree} is no exact number"))?;
    let found: Scalar = found.into();
    if found == term.coefficient {
        return Ok(());
    }
    Err(format!("the coefficient of {tree} is {found} here, but the steps give {}", term.coefficient))
}

fn reads_as(value: &Value, tree: &Tree) -> Result<(), String> {
    let Some(text) = value.as_str() else { return Err(format!("{value} is no formula of {}", spelt(tree))) };
    match read_differential(text) {
        Ok(read) if read == *tree => Ok(()),
        Ok(read) => Err(format!("`{text}` is {}, not {}", spelt(&read), spelt(tree))),
        Err(error) => {
            let place = text.get(..error.span.start).map_or(0, |before| before.chars().count()) + 1;
            Err(format!("`{text}` is no elementary differential: character {place}: {error}"))
        }
    }
}
