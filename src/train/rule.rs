//! What a step of an optimizer is made of.

use super::TrainError;
use super::method::{DriftAdjusted, TrainMethod};
use super::vectors::norm;
use crate::flow::{Model, OptimizerSteps, Outcome};

/// The gradient of a step, at θ and elsewhere, and the Hessian there times it: on the batch of the step, where it takes one.
pub trait Oracle {
    /// The gradient at θ.
    fn gradient(&mut self) -> &[f64];

    /// The gradient at another point.
    fn gradient_at(&mut self, at: &[f64], gradient: &mut [f64]);

    /// `Hg` at θ.
    fn hessian_gradient(&mut self) -> &[f64];
}

/// The learning rate that a step took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// The same for every parameter.
    One(f64),
    /// The smallest and the largest of the parameters'.
    PerParameter(f64, f64),
}

/// An optimizer that runs: its state, and its step.
///
/// Whatever joins, such as Adam, keeps what it remembers in vectors of D numbers each, so that checkpoints and copies need not know it.
pub trait StepRule {
    /// Takes a step from θ.
    ///
    /// # Errors
    /// Why there is none; θ is then as it was.
    fn step(&mut self, oracle: &mut dyn Oracle, h: f64, theta: &mut [f64]) -> Result<Rate, Outcome>;

    /// What it remembers between steps.
    fn memory(&mut self) -> Vec<&mut Vec<f64>>;
}

/// The rule of a method from a start.
pub(super) fn rule_of<'a>(
    method: &TrainMethod,
    cap: Option<f64>,
    model: &'a dyn Model,
    start: &[f64],
) -> Result<Box<dyn StepRule + 'a>, TrainError> {
    Ok(match method {
        TrainMethod::Descent { momentum, .. } => Box::new(Descent::new(*momentum, cap, start.len())),
        TrainMethod::Adjusted(adjusted) => {
            let momentum = adjusted.momentum.map(|m| (m, vec![0.0; start.len()]));
            let change = if adjusted.per_parameter { vec![0.0; start.len()] } else { Vec::new() };
            Box::new(Adjusted { adjusted: *adjusted, cap: cap.unwrap_or(f64::INFINITY), momentum, change })
        }
        TrainMethod::Recurrence(optimizer) => {
            let steps = OptimizerSteps::new(optimizer, model, start.len())?;
            let history = vec![start.to_vec(); steps.depth()];
            Box::new(Recurring { steps, history, cap: cap.unwrap_or(f64::INFINITY) })
        }
    })
}

/// `v ← m v − h g`, `θ ← θ + v`.
struct Descent {
    momentum: Option<(f64, Vec<f64>)>,
    cap: f64,
}

impl Descent {
    fn new(momentum: Option<f64>, cap: Option<f64>, dimension: usize) -> Self {
        Self { momentum: momentum.map(|m| (m, vec![0.0; dimension])), cap: cap.unwrap_or(f64::INFINITY) }
    }
}

/// Adds `−h g` to θ, by way of the velocity where there is one.
fn descend(momentum: &mut Option<(f64, Vec<f64>)>, h: f64, gradient: &[f64], theta: &mut [f64]) {
    match momentum {
        None => theta.iter_mut().zip(gradient).for_each(|(x, g)| *x -= h * g),
        Some((m, velocity)) => {
            for ((x, v), g) in theta.iter_mut().zip(velocity).zip(gradient) {
                *v = *m * *v - h * g;
                *x += *v;
            }
        }
    }
}

impl StepRule for Descent {
    fn step(&mut self, oracle: &mut dyn Oracle, h: f64, theta: &mut [f64]) -> Result<Rate, Outcome> {
        let h = h.min(self.cap);
        descend(&mut self.momentum, h, oracle.gradient(), theta);
        Ok(Rate::One(h))
    }

    fn memory(&mut self) -> Vec<&mut Vec<f64>> {
        self.momentum.iter_mut().map(|(_, v)| v).collect()
    }
}

/// Rates from the drift: DAL and its kin.
struct Adjusted {
    adjusted: DriftAdjusted,
    cap: f64,
    momentum: Option<(f64, Vec<f64>)>,
    /// Rates times gradient.
    change: Vec<f64>,
}

impl StepRule for Adjusted {
    fn step(&mut self, oracle: &mut dyn Oracle, _: f64, theta: &mut [f64]) -> Result<Rate, Outcome> {
        let size = norm(oracle.gradient());
        let curved = norm(oracle.hessian_gradient());
        let DriftAdjusted { factor, power, per_parameter, .. } = self.adjusted;
        if !per_parameter {
            // Where the gradient vanishes there is no direction to adjust to, and no step either.
            let h = if size == 0.0 { 0.0 } else { (factor / (curved / size).powf(power)).min(self.cap) };
            if !h.is_finite() {
                return Err(Outcome::Diverged);
            }
            descend(&mut self.momentum, h, oracle.gradient(), theta);
            return Ok(Rate::One(h));
        }
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        for (c, hg) in self.change.iter_mut().zip(oracle.hessian_gradient()) {
            let h = (factor * size / hg.abs()).min(self.cap);
            // 0/0 where both vanish.
            let h = if h.is_nan() { self.cap } else { h };
            (least, most) = (least.min(h), most.max(h));
            *c = h;
        }
        for (c, g) in self.change.iter_mut().zip(oracle.gradient()) {
            *c *= g;
        }
        descend(&mut self.momentum, 1.0, &self.change, theta);
        Ok(Rate::PerParameter(least, most))
    }

    fn memory(&mut self) -> Vec<&mut Vec<f64>> {
        self.momentum.iter_mut().map(|(_, v)| v).collect()
    }
}

/// A recurrence in iterates, of any number of steps and stages.
struct Recurring<'a> {
    steps: OptimizerSteps<'a>,
    /// The iterates that it needs, the last one first.
    history: Vec<Vec<f64>>,
    cap: f64,
}

impl StepRule for Recurring<'_> {
    fn step(&mut self, oracle: &mut dyn Oracle, h: f64, theta: &mut [f64]) -> Result<Rate, Outcome> {
        let h = h.min(self.cap);
        self.steps.advance(h, &mut self.history, &mut |at, out| oracle.gradient_at(at, out))?;
        theta.copy_from_slice(&self.history[0]);
        Ok(Rate::One(h))
    }

    fn memory(&mut self) -> Vec<&mut Vec<f64>> {
        self.history.iter_mut().collect()
    }
}
