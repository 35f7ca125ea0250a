//! The optimizers that train.

use super::TrainError;
use crate::number::Rational;
use crate::optimizer::{BoundOptimizer, MOMENTUM, Optimizer};
use std::fmt;
use std::str::FromStr;

/// An optimizer by name, before its numbers are known.
#[derive(Debug, Clone, PartialEq)]
pub enum OptimizerName {
    /// `gd`, and by every other name of it: on all data, whatever `--batch` says.
    Descent,
    /// `sgd`: gradient descent on batches, with momentum if there is one.
    Stochastic,
    /// `dal`, `dal-p:P`: the power of ‖Hĝ‖ in the learning rate.
    DriftAdjusted(f64),
    /// `dal-per-parameter`.
    DriftAdjustedPerParameter,
    /// Any other that has a modified flow: a name or a file.
    Recurrence(Optimizer),
}

impl FromStr for OptimizerName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "sgd" => return Ok(Self::Stochastic),
            "dal" => return Ok(Self::DriftAdjusted(1.0)),
            "dal-per-parameter" => return Ok(Self::DriftAdjustedPerParameter),
            _ => {}
        }
        if let Some(power) = name.strip_prefix("dal-p:") {
            return match power.parse::<f64>() {
                Ok(p) if p.is_finite() && p >= 0.0 => Ok(Self::DriftAdjusted(p)),
                _ => Err(format!("`{name}`: the power that follows dal-p: is a number from 0, as in dal-p:0.5")),
            };
        }
        match name.parse::<Optimizer>() {
            Ok(Optimizer::GradientDescent) => Ok(Self::Descent),
            Ok(other) => Ok(Self::Recurrence(other)),
            Err(error) => Err(format!("{error}; training also has sgd, dal, dal-p:P and dal-per-parameter")),
        }
    }
}

/// The rate of DAL, `factor / ‖Hĝ‖^power` with `ĝ = g/‖g‖`, or for each parameter `factor ‖g‖ / |(Hg)_i|`.
///
/// # Source
/// M. Rosca, Y. Wu, C. Qin and B. Dherin, *On a continuous time model of gradient descent dynamics and instability in deep learning*, 2023: equations 18
/// (DAL, factor 2), 19 (DAL-p) and 21 (with momentum, factor 1/2), figures 51 and 52 (for each parameter).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriftAdjusted {
    /// The factor.
    pub factor: f64,
    /// The power p.
    pub power: f64,
    /// Whether every parameter has a rate of its own; the power is then 1.
    pub per_parameter: bool,
    /// The momentum, where there is one.
    pub momentum: Option<f64>,
}

/// How an optimizer steps.
#[derive(Debug, Clone, PartialEq)]
pub enum TrainMethod {
    /// Gradient descent and the heavy ball.
    Descent {
        /// The momentum, where there is one.
        momentum: Option<f64>,
    },
    /// A learning rate from the drift.
    Adjusted(DriftAdjusted),
    /// A recurrence or a tableau.
    Recurrence(Box<BoundOptimizer>),
}

/// An optimizer that trains, with its numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainOptimizer {
    /// The name in records.
    pub name: String,
    /// How it steps.
    pub method: TrainMethod,
    /// Whether it takes batches, where the run has some.
    pub takes_batches: bool,
    /// The optimizer whose flows are its own: of a rate from the drift that of the same step with the rate fixed.
    pub flows_of: BoundOptimizer,
}

impl TrainOptimizer {
    /// With numbers for the hyper-parameters: the momentum, the factor of DAL (2, or 1/2 with momentum, unless given), and those of files.
    ///
    /// # Errors
    /// Numbers that it does not take or needs.
    pub fn new(
        name: &OptimizerName,
        momentum: Option<&Rational>,
        factor: Option<f64>,
        values: &[(String, Rational)],
    ) -> Result<Self, TrainError> {
        let number = momentum.map(Rational::to_f64);
        let ball = |momentum: Option<&Rational>| match momentum {
            None => Ok(BoundOptimizer::gradient_descent()),
            Some(m) => Optimizer::HeavyBall.bind(&[(MOMENTUM, m.clone())]).map_err(setting),
        };
        let adjusted = |power: f64, per_parameter: bool| {
            let factor = factor.unwrap_or(if number.is_some() { 0.5 } else { 2.0 });
            TrainMethod::Adjusted(DriftAdjusted { factor, power, per_parameter, momentum: number })
        };
        Ok(match name {
            OptimizerName::Descent => Self {
                name: "gd".to_owned(),
                method: TrainMethod::Descent { momentum: None },
                takes_batches: false,
                flows_of: ball(None)?,
            },
            OptimizerName::Stochastic => Self {
                name: "sgd".to_owned(),
                method: TrainMethod::Descent { momentum: number },
                takes_batches: true,
                flows_of: ball(momentum)?,
            },
            OptimizerName::DriftAdjusted(power) => Self {
                name: if *power == 1.0 { "dal".to_owned() } else { format!("dal-p:{power}") },
                method: adjusted(*power, false),
                takes_batches: true,
                flows_of: ball(momentum)?,
            },
            OptimizerName::DriftAdjustedPerParameter => Self {
                name: "dal-per-parameter".to_owned(),
                method: adjusted(1.0, true),
                takes_batches: true,
                flows_of: ball(momentum)?,
            },
            OptimizerName::Recurrence(optimizer) => {
                let symbols = optimizer.symbols();
                let own = momentum.filter(|_| symbols.iter().any(|s| s == MOMENTUM)).map(|m| (MOMENTUM, m.clone()));
                let given = values.iter().filter(|(n, _)| symbols.contains(n)).map(|(n, v)| (n.as_str(), v.clone()));
                let values: Vec<(&str, Rational)> = own.into_iter().chain(given).collect();
                let bound = optimizer.bind(&values).map_err(setting)?;
                if let Some(symbol) = bound.symbols().first() {
                    return Err(TrainError::Setting(format!(
                        "{} needs a number for `{symbol}`, with `Optimizer::bind` ({symbol} = VALUE)",
                        bound.name()
                    )));
                }
                let method = match (optimizer, bound.value(MOMENTUM)) {
                    (Optimizer::HeavyBall, Some(m)) => TrainMethod::Descent { momentum: Some(m.to_f64()) },
                    _ => TrainMethod::Recurrence(Box::new(bound.clone())),
                };
                Self { name: bound.name().to_owned(), method, takes_batches: true, flows_of: bound }
            }
        })
    }

    /// Whether it has a velocity or more iterates than one, so that θ alone does not determine its step.
    #[must_use]
    pub fn has_momentum(&self) -> bool {
        match &self.method {
            TrainMethod::Descent { momentum } | TrainMethod::Adjusted(DriftAdjusted { momentum, .. }) => {
                momentum.is_some()
            }
            TrainMethod::Recurrence(bound) => bound.is_multistep(),
        }
    }

    /// Whether its learning rate is its own, so that no `--h` is needed.
    #[must_use]
    pub fn sets_rate(&self) -> bool {
        matches!(self.method, TrainMethod::Adjusted(_))
    }

    /// Whether every parameter has a learning rate of its own.
    #[must_use]
    pub fn has_rates(&self) -> bool {
        matches!(self.method, TrainMethod::Adjusted(DriftAdjusted { per_parameter: true, .. }))
    }
}

impl fmt::Display for TrainOptimizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

fn setting(error: impl fmt::Display) -> TrainError {
    TrainError::Setting(error.to_string())
}
