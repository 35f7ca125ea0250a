//! What is known of the whole loss at one state: computed when it is first asked for, and once.

use super::TrainError;
use super::objective::{Objective, whole};
use super::rule::Oracle;
use super::vectors::norm;
use crate::flow::Model;
use crate::loss::Loss;
use std::num::NonZeroUsize;

/// A function of θ at the state where it was last asked.
pub(super) struct At<O> {
    pub(super) objective: O,
    theta: Vec<f64>,
    loss: f64,
    gradient: Vec<f64>,
    hessian_gradient: Vec<f64>,
    moved: Vec<f64>,
    valid: bool,
    entered: bool,
    has_product: bool,
    difference: Option<f64>,
}

pub(super) type Full<'a> = At<Box<dyn Objective + 'a>>;

impl<'a> Full<'a> {
    pub(super) fn whole(
        loss: &Loss,
        model: &'a dyn Model,
        difference: Option<f64>,
        threads: NonZeroUsize,
    ) -> Result<Self, TrainError> {
        Ok(Self::new(whole(loss, model, threads)?, loss.expression.pool().dimension(), difference))
    }
}

impl<O: Objective> At<O> {
    pub(super) fn new(objective: O, dimension: usize, difference: Option<f64>) -> Self {
        let zeros = || vec![0.0; dimension];
        Self {
            objective,
            theta: zeros(),
            loss: f64::NAN,
            gradient: zeros(),
            hessian_gradient: zeros(),
            moved: zeros(),
            valid: false,
            entered: false,
            has_product: false,
            difference,
        }
    }

    /// Goes to a state.
    pub(super) fn at(&mut self, theta: &[f64]) -> &mut Self {
        if self.theta != theta {
            self.theta.copy_from_slice(theta);
            self.forget();
        }
        self
    }

    /// Forgets what was computed, since the function has changed.
    pub(super) fn forget(&mut self) {
        (self.valid, self.entered, self.has_product) = (false, false, false);
    }

    fn evaluate(&mut self) {
        if !self.valid {
            self.loss = self.objective.value_gradient(&self.theta, &mut self.gradient);
            self.valid = true;
        }
    }

    pub(super) fn loss(&mut self) -> f64 {
        self.evaluate();
        self.loss
    }

    pub(super) fn gradient(&mut self) -> &[f64] {
        self.evaluate();
        &self.gradient
    }

    /// The objective, entered at the state, and the gradient there.
    pub(super) fn entered(&mut self) -> (&mut O, &[f64]) {
        self.evaluate();
        if !self.entered {
            self.objective.enter(&self.theta);
            self.entered = true;
        }
        (&mut self.objective, &self.gradient)
    }

    /// `Hg`: a product with the Hessian, or `‖g‖ (g(θ + ε ĝ) − g(θ))/ε`.
    pub(super) fn hessian_gradient(&mut self) -> &[f64] {
        if self.has_product {
            return &self.hessian_gradient;
        }
        self.evaluate();
        self.has_product = true;
        match self.difference {
            None => {
                self.entered();
                self.objective.hessian_times(&self.gradient, &mut self.hessian_gradient);
            }
            Some(epsilon) => {
                let size = norm(&self.gradient);
                if size == 0.0 {
                    self.hessian_gradient.fill(0.0);
                    return &self.hessian_gradient;
                }
                for ((m, x), g) in self.moved.iter_mut().zip(&self.theta).zip(&self.gradient) {
                    *m = x + epsilon * g / size;
                }
                let _ = self.objective.value_gradient(&self.moved, &mut self.hessian_gradient);
                for (c, g) in self.hessian_gradient.iter_mut().zip(&self.gradient) {
                    *c = (*c - g) * size / epsilon;
                }
            }
        }
        &self.hessian_gradient
    }
}

impl<O: Objective> Oracle for At<O> {
    fn gradient(&mut self) -> &[f64] {
        At::gradient(self)
    }

    fn gradient_at(&mut self, at: &[f64], gradient: &mut [f64]) {
        if self.theta == at {
            gradient.copy_from_slice(At::gradient(self));
        } else {
            let _ = self.objective.value_gradient(at, gradient);
        }
    }

    fn hessian_gradient(&mut self) -> &[f64] {
        At::hessian_gradient(self)
    }
}
