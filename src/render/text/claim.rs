//! Verdicts on claims as text.

use crate::claim::{Derived, Difference, Verdict};
use crate::formula::Formula;
use crate::render::terms::signed_term;
use crate::series::Term;
use crate::tree::Notation;
use std::fmt::Write as _;

/// Formulas with more terms than this are shown only where they differ from the claim.
const SHOWN: usize = 12;

/// Only so many differences are shown; documents have all.
const SHOWN_DIFFERENCES: usize = 50;

/// Verdicts as text: whether each claim is right, the differences and the right formula beside it where not.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::claim::Claim;
/// let optimizer = BoundOptimizer::gradient_descent();
/// let claim = Claim::parse("f_1 = 1/2 H g", &optimizer).unwrap();
/// let verdict = claim.judge(&optimizer).unwrap();
/// assert_eq!(
///     shadowflow::render::text::claims(&[verdict]),
///     "WRONG  f_1 = 1/2 H g\n       H g: claimed 1/2, derived -1/2\n       right: f_1 = -1/2 H g\n"
/// );
/// ```
#[must_use]
pub fn claims(verdicts: &[Verdict]) -> String {
    let mut out = String::new();
    for verdict in verdicts {
        let word = match verdict.open {
            Some(_) => "OPEN ",
            None if verdict.ok() => "right",
            None => "WRONG",
        };
        let method =
            if verdict.method == "gradient-descent" { String::new() } else { format!("  ({})", verdict.method) };
        let expected = match (verdict.ok(), verdict.expected) {
            _ if verdict.open.is_some() => "",
            (false, false) => "  (as expected)",
            (true, false) => "  (UNEXPECTED: listed as wrong)",
            _ => "",
        };
        let digits = match verdict.digits {
            Some(1) if verdict.ok() => "  (to 1 digit)".to_owned(),
            Some(digits) if verdict.ok() => format!("  (to {digits} digits)"),
            _ => String::new(),
        };
        let _ = writeln!(out, "{word}  {}{method}{digits}{expected}", verdict.claim);
        if let Some(reason) = &verdict.open {
            let _ = writeln!(out, "       {reason}");
        }
        if verdict.ok() || verdict.open.is_some() {
            continue;
        }
        for difference in verdict.differences.iter().take(SHOWN_DIFFERENCES) {
            let place = match (&difference.tree, difference.order, &verdict.derived) {
                (Some(tree), Some(order), Derived::Orders { field: true, .. }) => {
                    format!("{} in f_{order}: ", Notation::Operator.text(tree))
                }
                (Some(tree), Some(order), Derived::Function(..)) => {
                    format!("{} at h^{order}: ", Notation::Operator.text(tree))
                }
                (Some(tree), ..) => format!("{}: ", Notation::Operator.text(tree)),
                (None, Some(order), _) if difference.term.is_some() && !is_power(difference) => {
                    format!("{} at h^{order}: ", difference.term.as_deref().unwrap_or_default())
                }
                (None, ..) => difference.term.as_ref().map(|t| format!("{t}: ")).unwrap_or_default(),
            };
            let _ = writeln!(out, "       {place}claimed {}, derived {}", difference.claimed, difference.derived);
        }
        if let Some(more @ 1..) = verdict.differences.len().checked_sub(SHOWN_DIFFERENCES) {
            let _ = writeln!(out, "       and {more} differences more: --format json has all");
        }
        if verdict.rounded {
            out.push_str("       what differs is the right number rounded: write ≈ for = to claim that\n");
        }
        if is_principal_part(verdict) {
            out.push_str("       the principal terms are right: `+ C(∇³E)` says that the others are left out\n");
        }
        match &verdict.derived {
            Derived::Function(left, right) => {
                let _ = writeln!(out, "       right: {left} = {right}");
            }
            Derived::Orders { orders, .. } => {
                for (n, terms) in orders {
                    if terms.len() > SHOWN {
                        let _ = writeln!(out, "       f_{n} has {} terms: derive --order {n}", terms.len());
                    } else {
                        let _ = writeln!(out, "       right: f_{n} = {}", sum(terms));
                    }
                }
            }
        }
    }
    let unexpected = verdicts.iter().filter(|v| !v.as_expected()).count();
    if verdicts.len() > 1 {
        let _ = match unexpected {
            0 => writeln!(out, "\nall {} verdicts are as expected", verdicts.len()),
            n => writeln!(out, "\n{n} of {} verdicts are NOT as expected", verdicts.len()),
        };
    }
    out
}

/// Whether a field claims its principal terms, all of them right, and no other.
fn is_principal_part(verdict: &Verdict) -> bool {
    let left_out = |d: &Difference| d.claimed == "0" && d.tree.as_ref().is_some_and(|tree| !tree.is_principal());
    matches!(verdict.derived, Derived::Orders { field: true, .. }) && verdict.differences.iter().all(left_out)
}

/// Whether the coefficient is one of a power by itself.
fn is_power(difference: &Difference) -> bool {
    difference.term.as_deref().is_some_and(|t| t.starts_with("z^") || t.starts_with("h^"))
}

/// A combination of elementary differentials on one line.
pub(in crate::render) fn sum(terms: &[Term]) -> String {
    let term = |term: &Term| signed_term(term, Notation::Operator);
    Formula::sum(terms.iter().map(term).collect()).to_string()
}
