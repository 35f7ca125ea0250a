//! `f_0..f_N` of a loss whose arrays stay whole, in doubles, with bounds of their errors.

#[cfg(test)]
mod tests;

use super::EvaluationError;
use crate::concrete::arrays::field_parts;
use crate::expr::{ExpressionRef, Id};
use crate::optimizer::BoundOptimizer;
use crate::plan::{Plan, PlanCost, PlanError, PlanOptions, ROUNDING_SAFETY};

/// One `f_n` without its power of h, in doubles.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayOrder {
    /// `f_n`.
    pub value: Vec<f64>,
    /// Its principal part, `c_n H^n g`.
    pub principal: Vec<f64>,
    /// The rest, which is not their difference.
    pub nonprincipal: Vec<f64>,
    /// What `f_n` and its parts are off by at most, in the norm and relative to theirs.
    pub bounds: RelativeBounds,
}

/// What `f_n` and its parts are off by at most, in the norm and relative to theirs; `None` where one is not finite, zero with
/// an error, or a zero that a number below all doubles may have become.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelativeBounds {
    /// Of `f_n`.
    pub value: Option<f64>,
    /// Of its principal part.
    pub principal: Option<f64>,
    /// Of the rest.
    pub nonprincipal: Option<f64>,
}

impl RelativeBounds {
    /// None is known.
    pub const UNKNOWN: Self = Self { value: None, principal: None, nonprincipal: None };
}

/// `f_0..f_N` at a point.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayOrders {
    /// By order.
    pub orders: Vec<ArrayOrder>,
    /// What evaluating the orders took, without the bounds.
    pub cost: PlanCost,
}

/// Evaluates `f_0..f_N` with the arrays of a loss kept whole, at a state and with values for its symbolic constants.
///
/// What the numbers are off is seen by evaluating them again with the rounding of every operation drawn ([`Plan::noisy`]): functions that cancel where they
/// are saturated, sums of residuals at a minimum and errors along the leading eigenvectors, which grow with every order, are in it as they
/// occur. The bounds are eight times the largest distance of three such evaluations, which take two to five times as long as the one that counts.
///
/// ```
/// use shadowflow::evaluation::array_orders;
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::plan::PlanOptions;
/// let mut pool = Pool::new();
/// let w = pool.declare_parameter("w", Shape::vector(3));
/// let cube = pool.pow(w, &3.into());
/// let loss = pool.sum(cube);
/// let descent = BoundOptimizer::gradient_descent();
/// let found = array_orders(pool.expression(loss), &[1.0, 2.0, 0.5], &[], &descent, 1, &PlanOptions::default())?;
/// // −1/2 H g with g = 3w², H = 6w.
/// assert_eq!(found.orders[1].value, [-9.0, -72.0, -1.125]);
/// assert!(found.orders[1].bounds.value.unwrap() < 1e-13);
/// # Ok::<(), shadowflow::evaluation::EvaluationError>(())
/// ```
///
/// # Errors
/// [`EvaluationError::Values`] for hyper-parameters left symbolic and a step that is not rational, [`EvaluationError::Setting`] for arrays too large.
pub fn array_orders<'a>(
    loss: impl Into<ExpressionRef<'a>>,
    theta: &[f64],
    symbols: &[f64],
    optimizer: &BoundOptimizer,
    order: usize,
    options: &PlanOptions,
) -> Result<ArrayOrders, EvaluationError> {
    let loss = loss.into();
    let (mut pool, id) = (loss.pool().clone(), loss.id());
    let parts = field_parts(&mut pool, id, optimizer, order)?;
    let roots = [parts.principal.concat(), parts.nonprincipal.concat()].concat();
    let plan = Plan::real(&pool, &roots, options).map_err(too_large)?;
    let mut values = vec![0.0; plan.outputs()];
    plan.run(&mut plan.state(), theta, symbols, &[], &mut values);
    let cost = plan.cost().clone();
    drop(plan);
    let mut distances = vec![Distances::default(); order + 1];
    Plan::redraw(&pool, &roots, (theta, symbols), options, |moved| {
        for (n, distances) in distances.iter_mut().enumerate() {
            distances.see(parts_of(&values, n, order), parts_of(moved, n, order));
        }
    })
    .map_err(too_large)?;
    // What does not depend on θ is zero by its form; other zeros may be numbers below all doubles.
    let fixed = |arrays: &[Id]| arrays.iter().all(|id| !pool.depends_on_parameters(*id));
    let fixed: Vec<[bool; 2]> =
        parts.principal.iter().zip(&parts.nonprincipal).map(|(p, rest)| [fixed(p), fixed(rest)]).collect();
    let orders = distances.iter().enumerate().map(|(n, distances)| {
        let [principal, nonprincipal] = parts_of(&values, n, order);
        let value: Vec<f64> = principal.iter().zip(nonprincipal).map(|(p, rest)| p + rest).collect();
        let bound = |distance: f64, of: &[f64], fixed: bool| {
            relative(ROUNDING_SAFETY * distance, norm(of.iter().copied())).filter(|bound| fixed || *bound > 0.0)
        };
        let [p, rest] = fixed[n];
        let bounds = RelativeBounds {
            value: bound(distances.value, &value, p && rest),
            principal: bound(distances.principal, principal, p),
            nonprincipal: bound(distances.nonprincipal, nonprincipal, rest),
        };
        ArrayOrder { principal: principal.to_vec(), nonprincipal: nonprincipal.to_vec(), value, bounds }
    });
    Ok(ArrayOrders { orders: orders.collect(), cost })
}

/// Numbers below this are rounded more coarsely than relative errors tell.
const UNDERFLOW: f64 = 1e-290;

/// The principal and the non-principal part of order n in all that is evaluated.
fn parts_of(values: &[f64], n: usize, order: usize) -> [&[f64]; 2] {
    let dimension = values.len() / (2 * (order + 1));
    [n, order + 1 + n].map(|part| &values[part * dimension..][..dimension])
}

/// Without overflow.
fn norm(v: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = v.clone().fold(0.0f64, |m, x| if x.is_nan() { f64::NAN } else { m.max(x.abs()) });
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    largest * v.map(|x| (x / largest).powi(2)).sum::<f64>().sqrt()
}

fn relative(error: f64, size: f64) -> Option<f64> {
    if error == 0.0 && size == 0.0 {
        return Some(0.0);
    }
    Some((error + UNDERFLOW) / size).filter(|bound| bound.is_finite())
}

/// The largest distances seen.
#[derive(Debug, Clone, Copy, Default)]
struct Distances {
    value: f64,
    principal: f64,
    nonprincipal: f64,
}

impl Distances {
    fn see(&mut self, at: [&[f64]; 2], moved: [&[f64]; 2]) {
        let pairs = |part: usize| at[part].iter().zip(moved[part]).map(|(x, y)| y - x);
        let largest = |a: f64, b: f64| if b.is_nan() { b } else { a.max(b) };
        self.principal = largest(self.principal, norm(pairs(0)));
        self.nonprincipal = largest(self.nonprincipal, norm(pairs(1)));
        self.value = largest(self.value, norm(pairs(0).zip(pairs(1)).map(|(p, rest)| p + rest)));
    }
}

fn too_large(error: PlanError) -> EvaluationError {
    EvaluationError::Setting(error.to_string())
}
