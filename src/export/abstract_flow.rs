//! A flow for any loss: what its field is made of.

use super::curve::GrowthCurve;
use super::differentials::Differentials;
use super::names::{Names, is_taken_in_python};
use super::{ExportError, Target};
use crate::flow::FlowName;
use crate::number::{Coefficient, Fraction, Rational, Scalar};
use crate::optimizer::{BoundOptimizer, MOMENTUM, Optimizer};
use crate::principal::PrincipalPart;
use crate::series::limits::{MAX_PRINCIPAL_ORDER, largest_order};
use crate::series::{ModifiedEquation, Route, Term, derive};
use crate::tree::Tree;

/// The highest order of a truncated flow: 400 elementary differentials, each a line, which a compiler takes minutes for.
pub const MAX_ABSTRACT_ORDER: usize = 8;

/// More lines than any module has.
const MAX_DIFFERENTIALS: usize = 1000;

/// A flow of an optimizer, for any loss.
#[derive(Debug)]
pub(super) struct AbstractFlow<'a> {
    pub(super) optimizer: &'a BoundOptimizer,
    pub(super) name: &'a FlowName,
    pub(super) target: Target,
    pub(super) recipe: Recipe,
}

/// What a field is made of.
#[derive(Debug)]
pub(super) enum Recipe {
    /// `Σ h^n f_n`.
    Series(Differentials),
    /// `α(hH) g + c h² T[g, g]`.
    Spectral {
        /// Where the root is that α is the logarithm of; `None` for gradient descent's `1 − z`.
        curve: Option<GrowthCurve>,
        /// c, where there is such a term.
        third: Option<Scalar>,
    },
}

impl<'a> AbstractFlow<'a> {
    pub(super) fn new(optimizer: &'a BoundOptimizer, name: &'a FlowName, target: Target) -> Result<Self, ExportError> {
        Ok(Self { optimizer, name, target, recipe: recipe(optimizer, name)? })
    }

    /// The hyper-parameters that stay arguments, with their names in Python.
    pub(super) fn arguments(&self) -> Names {
        Names::new(self.optimizer.symbols().iter().map(String::as_str).filter(|s| self.holds(s)), is_taken_in_python)
    }

    /// Whether a symbol is left in the field.
    fn holds(&self, symbol: &str) -> bool {
        let scalar = |c: &Scalar| c.to_fraction().holds(symbol);
        match &self.recipe {
            Recipe::Series(series) => series.orders.iter().flatten().any(|(c, _)| scalar(c)),
            Recipe::Spectral { curve, third } => {
                third.as_ref().is_some_and(scalar)
                    || curve.iter().flat_map(|c| c.coefficients.iter().flatten()).any(|c| c.holds(symbol))
            }
        }
    }

    /// What the flow is, in words.
    pub(super) fn title(&self) -> String {
        title(self.optimizer, self.name)
    }

    /// The command that writes it.
    pub(super) fn command(&self) -> String {
        command("", self.optimizer, self.name, self.target)
    }
}

/// What a flow of an optimizer is, in words.
pub(super) fn title(optimizer: &BoundOptimizer, name: &FlowName) -> String {
    let described = name.describe();
    let own = described.own.is_some() || matches!(name, FlowName::Ngf | FlowName::Pgf);
    let of = if own { "gradient-descent".to_owned() } else { optimizer.name().replace(['\n', '\r', '"', '\\'], " ") };
    let values: Vec<String> = optimizer.values().iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let with = if values.is_empty() || own { String::new() } else { format!(" with {}", values.join(", ")) };
    let variable = optimizer.variable().filter(|_| !own).map_or_else(String::new, |v| format!(", of {v}"));
    format!("The flow {name} of {of}{with}{variable}: {}", described.summary)
}

/// The command that writes a flow.
pub(super) fn command(file: &str, optimizer: &BoundOptimizer, name: &FlowName, target: Target) -> String {
    let mut command = format!("shadowflow export{file} --target {target} --flow {name}");
    let own = match optimizer.optimizer() {
        Optimizer::GradientDescent => String::new(),
        Optimizer::Recurrence(_) => format!(" --method {}.toml", optimizer.name()),
        _ => format!(" --method {}", optimizer.name()),
    };
    command.push_str(&own.replace(['\n', '\r', '"', '\\'], " "));
    for (name, value) in optimizer.values() {
        command.push_str(&match name.as_str() {
            MOMENTUM => format!(" --momentum {value}"),
            _ => format!(" --set {name}={value}"),
        });
    }
    command
}

fn recipe(optimizer: &BoundOptimizer, name: &FlowName) -> Result<Recipe, ExportError> {
    let descent = BoundOptimizer::gradient_descent();
    match name {
        FlowName::Ngf => series(&single(Rational::MINUS_ONE)),
        FlowName::Pgf => series(&single(Rational::ONE)),
        FlowName::Igr => series(&truncated(&descent, 1)?),
        FlowName::Third => series(&truncated(&descent, 2)?),
        FlowName::Bea(order) => {
            let most = MAX_ABSTRACT_ORDER.min(largest_order(optimizer.symbols().len()));
            if *order > most {
                return Err(ExportError::Order { flow: name.to_string(), limit: most });
            }
            series(&truncated(optimizer, *order)?)
        }
        FlowName::Principal(order) if *order > MAX_PRINCIPAL_ORDER => {
            Err(ExportError::Order { flow: name.to_string(), limit: MAX_PRINCIPAL_ORDER })
        }
        FlowName::Principal(order) => {
            let coefficients = PrincipalPart::of(optimizer).series(*order)?;
            let term = |(power, c): (usize, &Fraction)| {
                ModifiedEquation::sorted(vec![Term { tree: Tree::tall(power), coefficient: c.clone().into() }])
            };
            let orders = coefficients.iter().enumerate().map(term).collect();
            series(&ModifiedEquation { orders, ..ModifiedEquation::new(optimizer.name()) })
        }
        FlowName::Pf | FlowName::PfNp3 => {
            Ok(Recipe::Spectral { curve: curve(optimizer, name)?, third: third(optimizer, name)? })
        }
        other => Err(ExportError::Flow { flow: other.to_string(), reason: unsuitable(other) }),
    }
}

/// The coefficient of `h² T[g, g]` in a principal flow with that term; `None` without.
pub(super) fn third(optimizer: &BoundOptimizer, name: &FlowName) -> Result<Option<Scalar>, ExportError> {
    if *name != FlowName::PfNp3 {
        return Ok(None);
    }
    let own = truncated(optimizer, 2)?.coefficient(&Tree::grafted(vec![Tree::leaf(), Tree::leaf()]));
    Ok(Some(own).filter(|c| !c.is_zero()))
}

/// Where the root of a principal flow is; `None` for gradient descent's `1 − z`.
pub(super) fn curve(optimizer: &BoundOptimizer, name: &FlowName) -> Result<Option<GrowthCurve>, ExportError> {
    if optimizer.is_gradient_descent() {
        return Ok(None);
    }
    match GrowthCurve::of(optimizer) {
        Some(curve) => Ok(Some(curve)),
        None => Err(ExportError::Flow {
            flow: name.to_string(),
            reason: format!(
                "the characteristic polynomial of {} is not at hand: it takes gradients at stages of a recurrence, or its stability function is irrational; \
                 take bea:N or principal:N",
                optimizer.name()
            ),
        }),
    }
}

fn series(equation: &ModifiedEquation) -> Result<Recipe, ExportError> {
    match Differentials::of(equation, MAX_DIFFERENTIALS) {
        Some(series) => Ok(Recipe::Series(series)),
        None => Err(ExportError::Order { flow: equation.method.clone(), limit: MAX_ABSTRACT_ORDER }),
    }
}

/// `c g`.
fn single(c: Rational) -> ModifiedEquation {
    let term = Term { tree: Tree::leaf(), coefficient: c.into() };
    ModifiedEquation { orders: vec![vec![term]], ..ModifiedEquation::new("gradient-descent") }
}

fn truncated(optimizer: &BoundOptimizer, order: usize) -> Result<ModifiedEquation, ExportError> {
    Ok(derive(optimizer, order).route(Route::Trees).run()?.equation)
}

/// Why a flow has no program for any loss.
pub(super) fn unsuitable(name: &FlowName) -> String {
    match name {
        FlowName::Rpf | FlowName::Rpf4 | FlowName::Rpf2 => {
            "it takes whole tensors of third derivatives; of gradient descent pf+np3 and bea:N are the nearest"
        }
        FlowName::P2(_) | FlowName::Edge | FlowName::Central => {
            "it has no field of θ, but a centre and what oscillates about it; simulate follows it"
        }
        FlowName::Exact => "it is a closed solution of quadratics and has no field; pf is its field",
        FlowName::Flip(_) => {
            "it takes the eigenvectors of single eigenvalues, which Lanczos' method does not tell apart"
        }
        _ => "its α is an expression of your own; pf, principal:N and bea:N can be exported",
    }
    .to_owned()
}
