//! Flows beside the optimizer that they model.

mod simulation;

pub use simulation::{FlowRun, Simulation};
