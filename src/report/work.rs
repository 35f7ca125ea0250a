//! How much a report may compute.

use crate::expr::{Pool, Tape};
use crate::flow::is_large;
use crate::loss::Loss;
use crate::plan::Route;

/// Operations on numbers for one flow.
const OPERATIONS: usize = 400_000_000;
/// Evaluations of the field in a step of the integrator.
const EVALUATIONS: usize = 12;
/// The fewest and the most integration steps.
const STEPS: (usize, usize) = (100, 5_000);
/// Those of a loss whose Hessian is known by its products alone.
const STEPS_OF_LARGE: usize = 600;

/// How many integration steps one flow may take: what a fixed number of operations allows, counted, so that a page does not depend on how busy the
/// machine is.
pub(super) fn integration_steps(loss: &Loss) -> usize {
    if Route::of(loss) == Route::Array {
        return if is_large(loss) { STEPS_OF_LARGE } else { STEPS.1 };
    }
    let mut pool: Pool = loss.expression.pool().clone();
    let mut roots = pool.gradient_entries(loss.expression.id());
    let gradient = pool.gradient(loss.expression.id());
    roots.extend(pool.hessian_entries(loss.expression.id()));
    let third = pool.third_contraction(loss.expression.id(), &gradient, &gradient);
    roots.extend(pool.entries(&third));
    let derivatives = Tape::new(&pool, &roots).ops.len();
    let n = pool.dimension();
    // Complex numbers take some four operations each, a Schur form and its roots some hundred n³.
    let one = derivatives.saturating_mul(4).saturating_add(n.saturating_pow(3).saturating_mul(100)).max(1);
    (OPERATIONS / one / EVALUATIONS).clamp(STEPS.0, STEPS.1)
}
