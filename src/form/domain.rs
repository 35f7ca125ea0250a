//! Where a loss has no value: what may be cancelled without saying so.

use crate::expr::simplify::vanishing;
use crate::expr::{Collected, ExpressionRef, Id, Pool};
use crate::formula::Formula;
use std::sync::OnceLock;

/// The most operations of a loss that are looked at.
const MAX_OPERATIONS: usize = 1_000;

/// The most terms of what is asked about alone.
const MAX_TERMS: usize = 200;

/// Where a loss has no value, or ends.
#[derive(Debug)]
pub(super) struct Gaps<'a> {
    loss: ExpressionRef<'a>,
    ends: OnceLock<Vec<String>>,
}

impl<'a> Gaps<'a> {
    /// Of a loss.
    pub(super) fn of(loss: ExpressionRef<'a>) -> Self {
        Self { loss, ends: OnceLock::new() }
    }

    /// What was cancelled in some functions and may be 0 where the loss has a value and does not end.
    pub(super) fn cancelled(&self, pool: &Pool, collected: &Collected) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let mut variables: Option<Vec<Formula>> = None;
        for p in (0..collected.functions.len()).flat_map(|k| vanishing(pool, collected, k)) {
            if self.loss.excludes(&p) {
                continue;
            }
            let text = p.formula(variables.get_or_insert_with(|| collected.variables(pool))).to_string();
            if !all.contains(&text) && !self.ends.get_or_init(|| edges(self.loss)).contains(&text) {
                all.push(text);
            }
        }
        all
    }

    /// Whether an expression is 0 where the loss has no value or ends, and nowhere else.
    pub(super) fn hold_zeros(&self, pool: &mut Pool, id: Id) -> bool {
        if pool.is_zero(id) {
            return false;
        }
        // x/x in lowest terms is 1, and says that x cancelled.
        let quotient = pool.div(id, id);
        Collected::new(pool, &[quotient], MAX_TERMS).is_ok_and(|collected| self.cancelled(pool, &collected).is_empty())
    }
}

/// The polynomials at whose zeros a loss has no value, or has none beyond, as they are written: nothing of what is cancelled at those is lost.
fn edges(loss: ExpressionRef<'_>) -> Vec<String> {
    let pool = loss.pool();
    if pool.reachable(&[loss.id()]).len() > MAX_OPERATIONS {
        return Vec::new();
    }
    let all = Collected::all(pool, &[loss.id()], MAX_OPERATIONS).unwrap_or_default();
    let written = |collected: &Collected| -> Vec<String> {
        let variables = collected.variables(pool);
        collected.edges().iter().map(|p| p.formula(&variables).to_string()).collect()
    };
    all.iter().flat_map(written).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::{Loss, Options};

    #[test]
    fn where_a_loss_ends() {
        for (loss, expected) in [
            ("x^(3/2)", &["x"][..]),
            ("sqrt(x^2*y)", &["y"]),
            ("sqrt(x^2 + y^2)", &[]),
            ("1/sqrt(x^2 + y^2)", &["x^2 + y^2"]),
            ("acos(x)*y", &[]),
            ("x/sinh(y)", &["sinh(y)"]),
        ] {
            let read = Loss::parse(&format!("param x, y\nloss {loss}\n"), "a.loss", &Options::default()).unwrap();
            let found = edges((&read.expression).into());
            assert!(expected.iter().all(|p| found.iter().any(|q| q == p)), "{loss}: {found:?}");
            assert!(!expected.is_empty() || found.is_empty(), "{loss}: {found:?}");
        }
    }

    #[test]
    fn what_is_zero_in_gaps_alone() {
        for (loss, text, expected) in [
            ("log(x)*y", "x", true),
            ("log(x)*y", "x - 1", false),
            ("x*y", "x^2 + 1", true),
            ("x*y", "x", false),
            // exp, cosh and a root of what is above 0 are never 0.
            ("x*y", "exp(x)*cosh(y)", true),
            ("x*y", "sqrt(x^2 + 1)", true),
            ("x*y", "sin(x)", false),
        ] {
            let source = |loss: &str| format!("param x, y\nloss {loss}\n");
            let read = |text: &str| Loss::parse(text, "a.loss", &Options::default()).unwrap().expression;
            let (loss_read, other) = (read(&source(loss)), read(&source(text)));
            let mut pool = other.pool().clone();
            assert_eq!(Gaps::of((&loss_read).into()).hold_zeros(&mut pool, other.id()), expected, "{loss}: {text}");
        }
    }
}
