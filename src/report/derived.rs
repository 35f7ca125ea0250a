//! What is derived of an optimizer for any loss: its modified equation, the proof, the principal part, the checks.

use super::{Part, ReportOptions};
use crate::budget::{Budget, Stopped};
use crate::evidence::{CheckReport, PrincipalSummary, check_routes};
use crate::proof::document::{VerifyReport, read_document, recurrence_json, verify};
use crate::proof::proof_json;
use crate::render::json;
use crate::series::egraph::Proof;
use crate::series::limits::reachable_order;
use crate::series::{self, Derivation, ModifiedEquation};
use crate::warning::Warning;

/// The highest order whose proof is written and replayed for a report: with each order more there are two to three times as many steps.
const MAX_PROOF_ORDER: usize = 8;
/// The highest order whose steps a report shows.
const MAX_SHOWN_ORDER: usize = 5;

/// What is known of the optimizer.
#[derive(Debug)]
pub(super) struct Derived {
    pub(super) equation: Part<ModifiedEquation>,
    pub(super) proof: Part<Proven>,
    pub(super) summary: Part<PrincipalSummary>,
    pub(super) warnings: Vec<Warning>,
}

/// A proof, and what replaying it without the rewriter found.
#[derive(Debug)]
pub(super) struct Proven {
    /// What is shown of it: the whole, or the proof to a lower order.
    pub(super) shown: Proof,
    pub(super) shown_order: usize,
    /// The order of what was replayed.
    pub(super) order: usize,
    pub(super) verified: VerifyReport,
}

impl Derived {
    pub(super) fn of(options: &ReportOptions) -> Self {
        let derived = series::derive(&options.optimizer, options.order).run();
        let derived = derived.map_err(|e| e.to_string());
        let warnings = derived.as_ref().map_or_else(|_| Vec::new(), |derived| derived.warnings.clone());
        let order = options.order.max(options.check_order);
        let summary = PrincipalSummary::of(&options.optimizer, order).map_err(|e| e.to_string());
        Self { equation: derived.map(|derived| derived.equation), proof: prove(options), summary, warnings }
    }
}

fn prove(options: &ReportOptions) -> Part<Proven> {
    let reached = reachable_order(options.optimizer.symbols().len(), true);
    let order = options.order.min(MAX_PROOF_ORDER).min(reached);
    let derived = series::derive(&options.optimizer, order).proof(true).run().map_err(|e| e.to_string())?;
    let Derivation { equation, proof, warnings, .. } = derived;
    let proof = proof.ok_or("this derivation writes no proof")?;
    let document = json::equation_about(&equation, options.optimizer.variable(), &warnings);
    let mut document = document.with("recurrence", recurrence_json(&proof.recurrence, &options.optimizer));
    if let Some(momentum) = options.optimizer.value(crate::optimizer::MOMENTUM) {
        document = document.with("momentum", momentum.to_string().into());
    }
    let document = document.with("proof", proof_json(&proof)).to_string();
    let read = read_document(document.as_bytes()).map_err(|e| e.to_string())?;
    let verified = verify(&read).map_err(|e| e.to_string())?;
    let shown_order = order.min(MAX_SHOWN_ORDER);
    let shown = match shown_order == order {
        true => proof,
        false => series::derive(&options.optimizer, shown_order)
            .proof(true)
            .run()
            .map_err(|e| e.to_string())?
            .proof
            .ok_or("this derivation writes no proof")?,
    };
    Ok(Proven { shown, shown_order, order, verified })
}

/// The checks, as far as the budget allows.
pub(super) fn checks(options: &ReportOptions, budget: &Budget) -> Part<CheckReport> {
    budget.run(|| of_routes(options)).unwrap_or_else(|stopped| Ok(unchecked(&stopped)))
}

/// Gradient descent has its routes against each other; other optimizers their principal part against its own series.
fn of_routes(options: &ReportOptions) -> Part<CheckReport> {
    if options.optimizer.is_gradient_descent() {
        return check_routes(options.check_order).map_err(|e| e.to_string());
    }
    let summary = PrincipalSummary::of(&options.optimizer, options.check_order).map_err(|e| e.to_string())?;
    Ok(CheckReport { checks: vec![summary.check], ..CheckReport::default() })
}

/// A report of no checks, with the reason.
fn unchecked(stopped: &Stopped) -> CheckReport {
    let warning = Warning::new(stopped.code(), format!("{stopped}: the checks are left out"));
    CheckReport { checks: Vec::new(), warnings: vec![warning] }
}
