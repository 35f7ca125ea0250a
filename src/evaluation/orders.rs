//! `f_0..f_N` of a loss whose arrays stay whole, in doubles, with bounds of their errors.

#[cfg(test)]
mod tests;

use super::EvaluationError;
use crate::concrete::arrays::field_parts;
use crate::concrete::{EvaluateError, Scheme};
use crate::expr::ExpressionRef;
use crate::number::Rational;
use crate::optimizer::BoundOptimizer;
use crate::plan::{Plan, PlanCost, PlanError, PlanOptions};

/// One `f_n` without its power of h, in doubles.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayOrder {
    /// `f_n`.
    pub value: Vec<f64>,
    /// Its principal part, `c_n H^n g`.
    pub principal: Vec<f64>,
    /// The rest, which is not their difference.
    pub nonprincipal: Vec<f64>,
    /// What `|f_n|` is off by at most, relative to it; `None` where it is not finite, or zero with an error.
    pub relative_error_bound: Option<f64>,
}

/// `f_0..f_N` at a point.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayOrders {
    /// By order.
    pub orders: Vec<ArrayOrder>,
    /// The size of the Hessian's largest eigenvalue, as far as the bounds needed it: from above but for a few hundredths.
    pub largest_eigenvalue: f64,
    /// What evaluating the orders took.
    pub cost: PlanCost,
}

/// Evaluates `f_0..f_N` with the arrays of a loss kept whole, at a state and with values for its symbolic constants.
///
/// Rounding in g along the leading eigenvector grows by the largest eigenvalue `λ_0` with every order, and so does what is rounded on the way. The
/// bound of the error of `f_n` is
///
/// `16 ε s_n (λ_0^n G + Σ_{j≤n} λ_0^{n−j} |f_j| / s_j)`,
///
/// where `s_n` are the sizes of the terms that make `c_n`, added up, the parts of `f_j` count apart, and G is `|g|`, or what relative errors in θ make
/// of it where that is more. It takes five products with the Hessian beside the orders.
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
/// assert!(found.orders[1].relative_error_bound.unwrap() < 1e-12);
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
    let direction = pool.direction(0);
    let product = pool.hessian_vector(id, &direction);
    let mut roots = [parts.principal.concat(), parts.nonprincipal.concat(), parts.powers.concat()].concat();
    let plan = Plan::real(&pool, &roots, options).map_err(too_large)?;
    roots.clear();
    let products = Plan::real(&pool, &product, options).map_err(too_large)?;
    let mut out = vec![0.0; plan.outputs()];
    plan.run(&mut plan.state(), theta, symbols, &[], &mut out);
    let n = pool.dimension();
    let mut numbers = out.chunks_exact(n.max(1)).map(<[f64]>::to_vec);
    let mut take = || -> Vec<Vec<f64>> { numbers.by_ref().take(order + 1).collect() };
    let (principal, nonprincipal, powers) = (take(), take(), take());
    let hessian = Hessian { plan: &products, theta, symbols };
    let (gradient, largest) = hessian.scales(&powers);
    let rounding = Rounding {
        gradient,
        largest,
        sizes: &parts.sizes,
        scheme: &Scheme::of(optimizer).map_err(EvaluateError::from)?,
    };
    let bounds = rounding.bounds(&principal, &nonprincipal);
    let orders = principal.into_iter().zip(nonprincipal).zip(bounds);
    let orders = orders.map(|((principal, nonprincipal), relative_error_bound)| {
        let value = principal.iter().zip(&nonprincipal).map(|(p, rest)| p + rest).collect();
        ArrayOrder { value, principal, nonprincipal, relative_error_bound }
    });
    Ok(ArrayOrders { orders: orders.collect(), largest_eigenvalue: largest, cost: plan.cost().clone() })
}

fn too_large(error: PlanError) -> EvaluationError {
    EvaluationError::Setting(error.to_string())
}

/// Without overflow.
fn norm(v: &[f64]) -> f64 {
    let largest = v.iter().fold(0.0f64, |m, x| if x.is_nan() { f64::NAN } else { m.max(x.abs()) });
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    largest * v.iter().map(|x| (x / largest).powi(2)).sum::<f64>().sqrt()
}

/// Products with the Hessian at a state.
struct Hessian<'a> {
    plan: &'a Plan,
    theta: &'a [f64],
    symbols: &'a [f64],
}

/// In units of how doubles are rounded: what errors are found to stay below by far.
const UNITS: f64 = 16.0;

/// Products that look for the largest eigenvalue beside those that the orders made.
const PRODUCTS: usize = 4;

impl Hessian<'_> {
    /// The size of g for errors, and that of the largest eigenvalue.
    fn scales(&self, powers: &[Vec<f64>]) -> (f64, f64) {
        let mut state = self.plan.state();
        self.plan.enter(&mut state, self.theta, self.symbols);
        let norms: Vec<f64> = powers.iter().map(|v| norm(v)).collect();
        let ratios = norms.windows(2).filter(|pair| pair[0] > 0.0).map(|pair| pair[1] / pair[0]);
        let mut largest = ratios.fold(0.0, f64::max);
        let mut product = |v: &[f64]| {
            let mut out = vec![0.0; v.len()];
            self.plan.along(&mut state, &[v], &mut out);
            out
        };
        // One part in θ, with signs that follow no pattern of the entries.
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut sign = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            if seed >> 63 == 0 { 1.0 } else { -1.0 }
        };
        let part: Vec<f64> = self.theta.iter().map(|x| x * sign()).collect();
        let moved = product(&part);
        let gradient = norms.first().copied().unwrap_or(0.0).max(norm(&moved));
        // Powers of the Hessian on what holds every eigenvector, and the leading ones most.
        let unit = |v: &[f64], n: f64| -> Vec<f64> { v.iter().map(|x| if n > 0.0 { x / n } else { 0.0 }).collect() };
        let last = powers.last().map_or_else(Vec::new, |v| unit(v, norms[norms.len() - 1]));
        let scale = (self.theta.len() as f64).sqrt().recip();
        let mut v: Vec<f64> = unit(&moved, norm(&moved)).iter().map(|x| x + scale * sign()).collect();
        v.iter_mut().zip(last).for_each(|(x, y)| *x += y);
        for _ in 0..PRODUCTS {
            let size = norm(&v);
            if size == 0.0 || !size.is_finite() {
                break;
            }
            v = product(&unit(&v, size));
            largest = largest.max(norm(&v));
        }
        // Powers come near from below.
        (gradient, 1.25 * largest)
    }
}

/// What the bounds are made of.
struct Rounding<'a> {
    gradient: f64,
    largest: f64,
    /// The sizes of the terms of every `c_n`, added up.
    sizes: &'a [Rational],
    scheme: &'a Scheme,
}

impl Rounding<'_> {
    fn bounds(&self, principal: &[Vec<f64>], nonprincipal: &[Vec<f64>]) -> Vec<Option<f64>> {
        let (mut made, mut before) = (0.0, 0.0);
        let mut bounds = Vec::with_capacity(principal.len());
        for (n, (p, rest)) in principal.iter().zip(nonprincipal).enumerate() {
            // By how much errors of the order before, or of g, grow.
            let terms = self.sizes.get(n).map_or(1.0, Rational::to_f64);
            let growth = if n == 0 { terms } else { self.largest * terms / before };
            before = terms;
            let parts = norm(p) + norm(rest);
            made = if n == 0 { growth * self.gradient } else { growth * made } + parts;
            if self.scheme.vanishes(n) {
                bounds.push(Some(0.0));
                continue;
            }
            let value: Vec<f64> = p.iter().zip(rest).map(|(p, rest)| p + rest).collect();
            bounds.push(Some(UNITS * f64::EPSILON * made / norm(&value)).filter(|b| b.is_finite()));
        }
        bounds
    }
}
