//! Truncated modified fields, compiled.

use super::super::cuts::LossBranches;
use super::super::field::{Crossings, Field};
use super::super::name::FlowError;
use super::super::precision::{OrderPrecision, Orders};
use super::refused;
use crate::concrete::FieldTapes;
use crate::eval::{Compiled, Program, Scratch, VectorFunction};
use crate::expr::Pool;
use crate::spectral::SpectralError;
use num_complex::Complex64;

/// The truncated modified field `Σ_{n≤N} h^n f_n`, compiled.
#[derive(Debug)]
pub(super) struct TruncatedField {
    program: Compiled,
    scratch: Scratch,
    last: Vec<Complex64>,
    branches: Option<LossBranches>,
    orders: Orders,
}

impl TruncatedField {
    pub(super) fn new(pool: &Pool, FieldTapes { field: tape, orders }: FieldTapes, h: f64) -> Result<Self, FlowError> {
        let program = Program::complex(pool, &tape).map_err(refused)?;
        Ok(Self {
            program: Compiled::new(&program),
            scratch: Scratch::new(),
            last: vec![Complex64::ZERO; pool.dimension()],
            branches: LossBranches::new(pool, &tape).map_err(refused)?,
            orders: Orders::new(pool, orders, h)?,
        })
    }
}

impl Field for TruncatedField {
    fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), SpectralError> {
        self.program.call_complex(state, out, &mut self.scratch);
        if out.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(SpectralError::NotFinite) }
    }

    fn precision(&self, state: &[f64]) -> Option<OrderPrecision> {
        self.orders.precision(state)
    }

    fn accept(&mut self, state: &[Complex64], first: bool) -> Crossings {
        let loss = !first && self.branches.as_mut().is_some_and(|b| b.crossed(&self.last, state));
        self.last.copy_from_slice(state);
        Crossings { spectrum: None, loss }
    }
}
