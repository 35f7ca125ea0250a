//! One step of an optimizer as a B-series.

use super::{Optimizer, OptimizerError};
use crate::number::Quadratic;
use crate::tree::{BSeries, TreeFamily};
use std::sync::Arc;

/// One step of a one-step optimizer as a B-series in `f = −g`.
pub(crate) fn step_of(optimizer: &Optimizer, family: &Arc<TreeFamily>) -> Result<BSeries, OptimizerError> {
    let method = || optimizer.name().to_owned();
    match optimizer {
        Optimizer::GradientDescent => Ok(BSeries::explicit_euler(family)),
        Optimizer::ImplicitEuler => Ok(BSeries::explicit_euler(family).adjoint()),
        Optimizer::RungeKutta(tableau) => {
            let step = tableau.step(family);
            step.map(Quadratic::to_rational).ok_or_else(|| {
                let first = (0..family.len()).find(|&n| step.values()[n].radicand().is_some()).unwrap_or(0);
                OptimizerError::Irrational {
                    method: method(),
                    value: step.values()[first].to_string(),
                    tree: family.nodes(first).iter().map(|&(level, _)| level).collect(),
                }
            })
        }
        Optimizer::HeavyBall | Optimizer::Nesterov | Optimizer::Recurrence(_) => {
            Err(OptimizerError::Route { method: method() })
        }
    }
}
