//! Stability: critical points, what flows and the optimizer do next to them, and stability coefficients along a trajectory.
//!
//! At a critical point every flow's Jacobian is a function of the Hessian, so that its eigenvalues are known from those of H
//! (Rosca, Wu, Qin & Dherin 2023, section 3.2). They are computed so, and again by differentiating the field that the integrator
//! follows.

mod analysis;
mod critical;
mod exact;
mod jacobian;
mod kind;
mod kink;
mod landscape;
mod limit;
mod nearby;
mod nearest;
mod newton;
mod notes;
mod rate;
mod scaled;
mod search;
mod spectrum;
mod spread;
#[cfg(test)]
mod tests;
mod threshold;
mod trajectory;
mod walk;

pub use analysis::{Direction, FlowStability, OptimizerStability, PointStability, Stability, stability};
pub use critical::CriticalPoint;
pub use kind::{Case, Kind};
pub use search::{CriticalSearch, SearchCounts};
pub use threshold::StepSizes;
pub use trajectory::{AlongDirection, StabilityStep, StabilityTrajectory, stability_along};
