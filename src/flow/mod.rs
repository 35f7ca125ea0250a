//! Flows beside the optimizer that they model.
//!
//! A [`Field`] is put together from what a [`Model`] offers, its gradient, its Hessian or the Hessian's action, followed by an [`Integrator`] on
//! complex states, and compared with the optimizer by [`simulate`].

mod arrays;
mod closed;
mod compiled;
mod cuts;
mod derivatives;
mod description;
mod dop853;
mod enclosed;
mod events;
mod field;
mod fields;
mod flat;
mod follow;
mod follower;
mod given;
mod grid;
mod integrator;
mod iterates;
mod kinks;
mod krylov;
mod leading;
mod levels;
mod loss_model;
mod lost_value;
mod map;
mod model;
mod name;
mod oscillation;
mod outcome;
mod period_two;
mod plane;
mod plane_name;
mod precision;
mod resummed;
mod simulate;
mod simulation;
mod slide;
mod spectrum_cuts;
mod stability;
mod stored;
mod subject;
mod surface;
mod value;

pub use arrays::{ArrayModel, ArrayPoint, MOST_DENSE};
pub use compiled::{CompiledGradient, CompiledHessian, CompiledModel, CompiledTensors, CompiledThird};
pub use derivatives::{
    Capability, DenseAction, DenseThirdAction, Gradient, Hessian, HessianAction, HessianThird, Tensors, ThirdAction,
};
pub use description::{FlowAlpha, FlowDescription, FlowLaw, ThirdTerm};
pub use enclosed::{Enclosed, EnclosedDerivatives};
pub use field::{Crossings, CutCrossing, Field};
pub use fields::{FlippedField, GradientField, PolynomialField, SpectralField};
pub use flat::{FlatFlow, FlatMap, FlatSimulation};
pub use follower::FlowFollower;
pub use given::{AlphaError, GivenAlpha};
pub use grid::{Axis, Grid, GridError};
pub use integrator::{Accepted, Advanced, Integrator, IntegratorOptions};
pub use iterates::OptimizerSteps;
pub use kinks::Kinks;
pub use krylov::KrylovField;
pub use loss_model::{MOST_FOLLOWED, all_threads, is_large, model_of};
pub use lost_value::LostValue;
pub use map::{FlowMap, LocalStability, MapRequest, MapValues, Missing, Quantity, map};
pub use model::{Model, Value};
pub use name::{FlowError, FlowName};
pub use oscillation::PeriodTwoLaw;
pub use outcome::{End, Outcome};
pub use period_two::PeriodTwo;
pub(crate) use period_two::transient;
pub use plane::Plane;
pub use plane_name::{PlaneError, PlaneName};
pub use precision::OrderPrecision;
pub use resummed::ResummedField;
pub(crate) use simulate::beyond_branch_point;
pub use simulate::{field as field_of, simulate, simulate_for};
pub use simulation::{Event, FlowRun, Simulation};
pub use slide::{AtCut, Restart, Slide};
pub use stability::{
    AlongDirection, Case, CriticalPoint, CriticalSearch, Direction, FlowStability, Kind, OptimizerStability,
    PointStability, SearchCounts, Stability, StabilityStep, StabilityTrajectory, StepSizes, stability, stability_along,
};
pub use stored::{ReadSimulationError, StoredSimulation};
pub use subject::Subject;
pub use surface::{LossSurface, loss_surface};
pub use value::LossValue;
