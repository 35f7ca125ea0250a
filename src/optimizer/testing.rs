//! Optimizers for tests.

use super::{BoundOptimizer, MOMENTUM, Optimizer, OptimizerError, Recurrence};
use crate::number::Rational;

/// An optimizer by name or path, with its momentum if one is given.
pub(crate) fn named(name: &str, momentum: Option<&str>) -> Result<BoundOptimizer, OptimizerError> {
    let optimizer: Optimizer = name.parse().expect("an optimizer");
    let momentum = momentum.map(|m| (MOMENTUM, m.parse().expect("a number")));
    optimizer.bind(&momentum.into_iter().collect::<Vec<_>>())
}

/// The recurrence of an optimizer, at this momentum if it has one.
pub(crate) fn numbers(optimizer: &Optimizer, momentum: &Rational) -> Recurrence {
    let momentum = optimizer.symbols().iter().any(|s| s == MOMENTUM).then(|| (MOMENTUM, momentum.clone()));
    let bound = optimizer.bind(&momentum.into_iter().collect::<Vec<_>>());
    bound.expect("a flow").numbers().expect("rational numbers").clone()
}
