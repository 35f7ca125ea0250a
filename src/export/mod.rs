//! Flows as source in other languages: for any loss, or for one as explicit formulas.
//!
//! One printer for each language, all over the same data: `differentials` has a modified equation as a program of elementary differentials,
//! `curve` the root whose logarithm a principal flow is.

mod about;
mod abstract_flow;
mod any_loss;
mod array_code;
mod c;
mod curve;
mod differentials;
mod explicit;
mod formulas;
mod julia;
mod language;
mod names;
mod python;
mod python_formulas;

pub use abstract_flow::MAX_ABSTRACT_ORDER;
pub use explicit::{MAX_DATA, MAX_DENSE, MAX_EXPLICIT_ORDER, MAX_FORMULAS, MAX_NODES, MAX_OPERATIONS};

use crate::concrete;
use crate::flow::FlowName;
use crate::loss::Loss;
use crate::optimizer::{BoundOptimizer, OptimizerError};
use crate::series;
use crate::warning::Warning;
use about::About;
use abstract_flow::AbstractFlow;
use explicit::Explicit;
use formulas::Formulas;
use language::{FormulaNames, identifier};
use names::Names;
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
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
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
    /// The field of a loss was not derived.
    #[error(transparent)]
    Concrete(Box<concrete::EvaluateError>),
    /// The program would be too long to read and to compile.
    #[error("the program would be too long: {size}; {}", shorter(*.target))]
    TooLong {
        /// What there is, and what the limit is.
        size: String,
        /// The target.
        target: Target,
    },
}

/// What else there is for a loss that is too large.
fn shorter(target: Target) -> String {
    match target {
        Target::Jax | Target::Torch => {
            format!("without a loss file the target {target} gives the flow of any loss, which takes yours with its data as arguments")
        }
        Target::Numpy | Target::Julia | Target::C => {
            "ask for a lower order, or take the target jax without a loss file, which takes any loss with its data as arguments".to_owned()
        }
    }
}

impl From<concrete::EvaluateError> for ExportError {
    fn from(error: concrete::EvaluateError) -> Self {
        Self::Concrete(Box::new(error))
    }
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
        Target::Jax | Target::Torch => Ok(any_loss::module(&AbstractFlow::new(optimizer, flow, target)?)),
        Target::Numpy | Target::Julia | Target::C => Err(ExportError::NeedsLoss(target)),
    }
}

/// A program, and what cannot be trusted of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The source.
    pub text: String,
    /// `non-smooth`, where the formulas rely on derivatives that do not exist everywhere; the source says so too.
    pub warnings: Vec<Warning>,
}

/// A flow of an optimizer on one loss as a program with explicit formulas; `name` is what the program calls the loss, and `argument` how the command that writes
/// it names it.
///
/// Losses of few parameters become formulas of scalars with common subterms named, and θ is one vector; larger ones become array code, of a dictionary of
/// arrays, in JAX and NumPy. Constants without a value are arguments.
///
/// ```
/// use shadowflow::export::{Target, explicit};
/// use shadowflow::loss::{Loss, Options};
/// use shadowflow::optimizer::BoundOptimizer;
/// let loss = Loss::parse("param x\nloss x^4/4\n", "quartic.loss", &Options::default())?;
/// let exported = explicit(&loss, ("quartic", "quartic.loss"), &BoundOptimizer::gradient_descent(), &"bea:1".parse()?, Target::C)?;
/// assert!(exported.text.contains("    f[0] = -"), "{}", exported.text);
/// assert!(exported.text.contains("; /* f_1 */") && exported.warnings.is_empty());
/// # Ok::<(), shadowflow::Error>(())
/// ```
///
/// # Errors
/// [`ExportError`]: a flow without formulas, an order beyond [`MAX_EXPLICIT_ORDER`], hyper-parameters without numbers, a program beyond [`MAX_FORMULAS`] or, of array code,
/// [`MAX_NODES`] and [`MAX_DATA`].
pub fn explicit(
    loss: &Loss,
    (name, argument): (&str, &str),
    optimizer: &BoundOptimizer,
    flow: &FlowName,
    target: Target,
) -> Result<Exported, ExportError> {
    let explicit = Explicit::new(loss, optimizer, flow)?;
    let warnings = concrete::not_smooth(&loss.expression.pool().nonsmooth(&[loss.expression.id()]));
    let taken: fn(&str) -> bool = match target {
        Target::Jax | Target::Torch | Target::Numpy => names::is_taken_in_formulas,
        Target::Julia => names::is_taken_in_julia,
        Target::C => names::is_taken_in_c,
    };
    let scalars = explicit.scalars(target);
    let pool = &explicit.pool;
    let own: Vec<String> = match scalars {
        Some(_) => pool.theta_names(),
        None => pool.parameters().map(|(name, _)| name.to_owned()).collect(),
    };
    let wanted: Vec<String> = own.iter().chain(pool.symbols()).map(|name| identifier(name)).collect();
    let known = Names::new(wanted.iter().map(String::as_str), taken);
    let mut found: Vec<String> = known.iter().map(|(_, name)| name.to_owned()).collect();
    let renamed = found.iter().zip(own.iter().chain(pool.symbols()));
    let renamed = renamed.filter(|(name, own)| **name != identifier(own));
    let about = About {
        title: abstract_flow::title(optimizer, flow),
        loss: printable(name),
        command: abstract_flow::command(&format!(" {}", printable(argument)), optimizer, flow, target),
        entries: pool.theta_names(),
        renamed: renamed.map(|(name, own)| (name.clone(), own.clone())).collect(),
        warnings: loss.warnings.iter().chain(&warnings).map(|warning| printable(&warning.message)).collect(),
    };
    let symbols = found.split_off(own.len());
    let spectral = explicit.spectral.as_ref();
    let closed = matches!(target, Target::Jax | Target::Numpy | Target::Torch);
    if let (Some(_), false) = (spectral.and_then(|s| s.curve.as_ref()), closed) {
        let reason =
            format!("in {target} it is gradient descent's alone; numpy, jax and torch have it for other optimizers");
        return Err(ExportError::Flow { flow: flow.to_string(), reason });
    }
    let Some(tape) = scalars else {
        explicit.arrays(target)?;
        return Ok(Exported { text: array_code::module(target, &explicit, &found, &symbols, &about), warnings });
    };
    let formulas = Formulas::of(&tape, pool.dimension());
    let names = FormulaNames { entries: found, symbols };
    let text = match target {
        Target::Jax | Target::Torch | Target::Numpy => {
            python_formulas::module(target, &formulas, spectral, &names, &about)
        }
        Target::Julia => julia::module(&formulas, spectral, &names, &about),
        Target::C => c::module(&formulas, spectral, &names, &about),
    };
    Ok(Exported { text, warnings })
}

/// A name as it may stand in a comment of any language.
fn printable(text: &str) -> String {
    text.replace(['\n', '\r'], " ").replace(['"', '\\'], "'").replace("*/", "* /")
}
