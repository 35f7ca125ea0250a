//! Flows as source in other languages: for any loss, or for one as explicit formulas.
//!
//! One printer for each language, all over the same data: [`differentials`] has a modified equation as a program of elementary differentials,
//! [`curve`] the root whose logarithm a principal flow is.

mod abstract_flow;
mod curve;
mod differentials;
mod jax;
mod names;
mod python;

pub use abstract_flow::MAX_ABSTRACT_ORDER;

use crate::flow::FlowName;
use crate::optimizer::{BoundOptimizer, OptimizerError};
use crate::series;
use abstract_flow::AbstractFlow;
use std::fmt;
use std::str::FromStr;

/// A language, with the library of arrays that programs in it use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// Python with JAX.
    Jax,
    /// Python with `PyTorch`.
    Torch,
    /// Python with `NumPy`.
    Numpy,
    /// Julia.
    Julia,
    /// C99.
    C,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Jax, Self::Torch, Self::Numpy, Self::Julia, Self::C];

    /// The name as the command spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jax => "jax",
            Self::Torch => "torch",
            Self::Numpy => "numpy",
            Self::Julia => "julia",
            Self::C => "c",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Target {
    type Err = UnknownTarget;

    fn from_str(name: &str) -> Result<Self, UnknownTarget> {
        Self::ALL.into_iter().find(|target| target.name() == name).ok_or_else(|| UnknownTarget(name.to_owned()))
    }
}

/// A name that no target has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no target `{0}`: expected jax, torch, numpy, julia or c")]
pub struct UnknownTarget(pub String);

/// Why a flow has no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// The flow is no field, or one that the target cannot have.
    #[error("`{flow}` cannot be exported: {reason}")]
    Flow {
        /// The flow.
        flow: String,
        /// Why.
        reason: String,
    },
    /// The order is beyond the limit.
    #[error("`{flow}` would be too long a program: the order goes to {limit} here")]
    Order {
        /// The flow.
        flow: String,
        /// The limit.
        limit: usize,
    },
    /// The target has no form for any loss.
    #[error(
        "{0} has no gradients of its own: name a loss file, whose formulas are then written out, or take jax or torch"
    )]
    NeedsLoss(Target),
    /// The equation was not derived.
    #[error(transparent)]
    Derive(#[from] series::DeriveError),
    /// A coefficient is not rational.
    #[error(transparent)]
    Optimizer(#[from] OptimizerError),
}

/// A flow of an optimizer as a module for any loss, differentiated by the library of the target.
///
/// The module has `field(loss)(params, h, *batch)`, the time derivative of any pytree of parameters, with one line for every elementary
/// differential; see `docs/export.md`.
///
/// ```
/// use shadowflow::export::{Target, module};
/// use shadowflow::optimizer::BoundOptimizer;
/// let text = module(&BoundOptimizer::gradient_descent(), &"bea:2".parse()?, Target::Jax)?;
/// assert!(text.contains("    t3 = d(t0, t0)  # T[g, g]\n"));
/// assert!(text.contains("    f2 = _sum((-1 / 3, t2), (-1 / 12, t3))\n"));
/// // C has no gradients of its own.
/// assert!(module(&BoundOptimizer::gradient_descent(), &"bea:2".parse()?, Target::C).is_err());
/// # Ok::<(), shadowflow::Error>(())
/// ```
///
/// # Errors
/// [`ExportError`]: a flow that is no field or takes more than derivatives along vectors, an order beyond [`MAX_ABSTRACT_ORDER`] (of
/// `principal:N` beyond 60), a target that needs a loss.
pub fn module(optimizer: &BoundOptimizer, flow: &FlowName, target: Target) -> Result<String, ExportError> {
    match target {
        Target::Jax => Ok(jax::module(&AbstractFlow::new(optimizer, flow, target)?)),
        Target::Torch | Target::Numpy | Target::Julia | Target::C => Err(ExportError::NeedsLoss(target)),
    }
}
