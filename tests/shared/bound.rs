//! Optimizers by name, for tests.

use shadowflow::optimizer::{BoundOptimizer, MOMENTUM, Optimizer};

/// An optimizer by name or path, with its momentum if one is given.
pub(crate) fn bound(name: &str, momentum: Option<&str>) -> BoundOptimizer {
    let optimizer: Optimizer = name.parse().expect("an optimizer");
    let momentum = momentum.map(|m| (MOMENTUM, m.parse().expect("an exact number")));
    optimizer.bind(&momentum.into_iter().collect::<Vec<_>>()).expect("a flow")
}
