//! Truncated modified fields of losses of whole arrays.

use super::evaluator::{Evaluator, Pair};
use crate::concrete::arrays::{modified_field, truncated};
use crate::expr::{Id, Pool};
use crate::flow::field::Field;
use crate::flow::name::FlowError;
use crate::number::Rational;
use crate::optimizer::BoundOptimizer;
use crate::plan::PlanOptions;
use crate::spectral::SpectralError;
use num_complex::Complex64;
use std::sync::Arc;

/// The truncated modified field `Σ_{n≤N} h^n f_n`, by trajectories at nodes; see [`crate::concrete::arrays`].
#[derive(Debug)]
pub(super) struct TruncatedArrays(Evaluator);

impl TruncatedArrays {
    pub(super) fn new(
        pool: &Pool,
        loss: Id,
        optimizer: &BoundOptimizer,
        order: usize,
        h: &Rational,
        options: &PlanOptions,
    ) -> Result<Self, FlowError> {
        let mut pool = pool.clone();
        let orders = modified_field(&mut pool, loss, optimizer, order).map_err(|e| FlowError::Loss(e.to_string()))?;
        let h = pool.constant(h.clone());
        let roots = truncated(&mut pool, &orders, h);
        Ok(Self(Evaluator::new(Arc::new(Pair::of(pool, roots, options)))))
    }
}

impl Field for TruncatedArrays {
    fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), SpectralError> {
        match self.0.any(state, out) {
            Ok(()) if out.iter().all(|x| x.is_finite()) => Ok(()),
            _ => Err(SpectralError::NotFinite),
        }
    }
}
