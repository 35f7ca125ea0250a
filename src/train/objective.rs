//! The loss, its gradient and products with its Hessian at real states, as a training run asks for them: nothing is allocated after the first.

use super::TrainError;
use crate::budget::{self, Budget, Stopped};
use crate::eval::{Compiled, Program, Scratch, VectorFunction};
use crate::expr::{Id, Pool, Purpose, Tape};
use crate::flow::{Hessian, Model};
use crate::loss::Loss;
use crate::plan::{Plan, PlanOptions, PlanState, Route};
use num_complex::Complex64;
use rayon::prelude::*;
use std::num::NonZeroUsize;

/// The most parameters for which a loss of scalar operations has its Hessian compiled entry by entry.
pub(super) const MOST_TAKEN_APART: usize = 256;

/// A loss with its derivatives, at one state after another.
pub trait Objective {
    /// Writes the gradient at a state, and gives the loss there.
    fn value_gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64;

    /// Enters a state: the products that follow are with the Hessian there.
    fn enter(&mut self, theta: &[f64]);

    /// Writes `Hv`.
    fn hessian_times(&mut self, v: &[f64], out: &mut [f64]);

    /// Writes H row by row, D² numbers.
    ///
    /// # Errors
    /// Where the time is up.
    fn hessian(&mut self, matrix: &mut [f64]) -> Result<(), Stopped> {
        let n = matrix.len().isqrt();
        let mut unit = vec![0.0; n];
        for (k, row) in matrix.chunks_exact_mut(n.max(1)).enumerate() {
            budget::check()?;
            unit[k] = 1.0;
            self.hessian_times(&unit, row);
            unit[k] = 0.0;
        }
        Ok(())
    }
}

impl<O: Objective + ?Sized> Objective for Box<O> {
    fn value_gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        (**self).value_gradient(theta, gradient)
    }

    fn enter(&mut self, theta: &[f64]) {
        (**self).enter(theta);
    }

    fn hessian_times(&mut self, v: &[f64], out: &mut [f64]) {
        (**self).hessian_times(v, out);
    }

    fn hessian(&mut self, matrix: &mut [f64]) -> Result<(), Stopped> {
        (**self).hessian(matrix)
    }
}

/// Whether a loss is run with its arrays whole, rather than as scalar operations.
pub(super) fn keeps_arrays(loss: &Loss) -> bool {
    Route::of(loss) == Route::Array || loss.expression.pool().dimension() > MOST_TAKEN_APART
}

/// The loss on all of its data.
pub(super) fn whole<'a>(
    loss: &Loss,
    model: &'a dyn Model,
    threads: NonZeroUsize,
) -> Result<Box<dyn Objective + 'a>, TrainError> {
    if keeps_arrays(loss) {
        let (mut pool, id) = loss.expression.clone().into_parts();
        let id = for_floats(&mut pool, id);
        let own = pool.parameters().count();
        return Ok(Box::new(Planned::new(pool, id, own, threads)?));
    }
    Ok(Box::new(TakenApart::new(loss, model)?))
}

/// The form of a loss that keeps its value and derivatives in floats.
pub(super) fn for_floats(pool: &mut Pool, loss: Id) -> Id {
    pool.for_floats(&[loss], Purpose::Loss).first().copied().unwrap_or(loss)
}

/// By plans of whole arrays. The parameters after the first `own` are inputs, such as the rows of a batch.
#[derive(Debug)]
pub(super) struct Planned {
    gradient: Plan,
    gradient_state: PlanState,
    product: Option<(Plan, PlanState)>,
    pool: Pool,
    loss: Id,
    own: usize,
    options: PlanOptions,
    /// θ, and the inputs behind it.
    theta: Vec<f64>,
    direction: Vec<f64>,
    out: Vec<f64>,
    dimension: usize,
}

impl Planned {
    pub(super) fn new(mut pool: Pool, loss: Id, own: usize, threads: NonZeroUsize) -> Result<Self, TrainError> {
        let options = PlanOptions { threads };
        let mut roots = vec![loss];
        roots.extend(pool.gradient(loss).into_iter().take(own));
        let gradient = Plan::real(&pool, &roots, &options).map_err(|e| TrainError::Loss(e.to_string()))?;
        let dimension = gradient.outputs() - 1;
        Ok(Self {
            gradient_state: gradient.state(),
            out: vec![0.0; dimension + 1],
            theta: vec![0.0; gradient.dimension()],
            direction: Vec::new(),
            gradient,
            product: None,
            pool,
            loss,
            own,
            options,
            dimension,
        })
    }

    /// The inputs behind the parameters.
    pub(super) fn inputs(&mut self) -> &mut [f64] {
        &mut self.theta[self.dimension..]
    }

    /// Plans the product where it has not been.
    fn prepare(&mut self) {
        if self.product.is_some() {
            return;
        }
        let along = self.pool.direction(0);
        let zero = self.pool.integer(0);
        let shapes: Vec<_> = self.pool.parameters().map(|(_, shape)| shape.clone()).collect();
        let vector: Vec<Id> = along
            .into_iter()
            .zip(shapes)
            .enumerate()
            .map(|(k, (along, shape))| if k < self.own { along } else { self.pool.fill(zero, shape) })
            .collect();
        let mut roots = self.pool.hessian_vector(self.loss, &vector);
        roots.truncate(self.own);
        // Of no more arrays than the gradient, which had a plan.
        if let Ok(plan) = Plan::real(&self.pool, &roots, &self.options) {
            let state = plan.state();
            self.direction = vec![0.0; plan.dimension()];
            self.product = Some((plan, state));
        }
    }
}

impl Objective for Planned {
    fn value_gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        self.theta[..self.dimension].copy_from_slice(theta);
        self.gradient.run(&mut self.gradient_state, &self.theta, &[], &[], &mut self.out);
        gradient.copy_from_slice(&self.out[1..]);
        self.out[0]
    }

    fn enter(&mut self, theta: &[f64]) {
        self.prepare();
        self.theta[..self.dimension].copy_from_slice(theta);
        if let Some((plan, state)) = &mut self.product {
            plan.enter(state, &self.theta, &[]);
        }
    }

    fn hessian_times(&mut self, v: &[f64], out: &mut [f64]) {
        match &mut self.product {
            // The direction is as long as the parameters and inputs together; of quadratics the plan reads no more.
            Some((plan, state)) => {
                self.direction[..self.dimension].copy_from_slice(v);
                if plan.directions() == 0 {
                    return out.fill(0.0);
                }
                plan.along(state, &[&self.direction], out);
            }
            None => out.fill(f64::NAN),
        }
    }

    /// Each thread writes rows of its own, so that their number changes no bit.
    fn hessian(&mut self, matrix: &mut [f64]) -> Result<(), Stopped> {
        let Some((plan, state)) = &self.product else {
            matrix.fill(f64::NAN);
            return Ok(());
        };
        if plan.directions() == 0 {
            matrix.fill(0.0);
            return Ok(());
        }
        let n = self.dimension;
        let each = n.div_ceil(self.options.threads.get()).max(1);
        let budget = Budget::current();
        let rows = |(part, rows): (usize, &mut [f64])| {
            let (mut state, mut unit) = (state.clone(), vec![0.0; plan.dimension()]);
            budget.run(|| {
                for (k, row) in rows.chunks_exact_mut(n).enumerate() {
                    unit[part * each + k] = 1.0;
                    plan.along(&mut state, &[&unit], row);
                    unit[part * each + k] = 0.0;
                }
            })
        };
        if self.options.threads == NonZeroUsize::MIN {
            return rows((0, matrix));
        }
        matrix.par_chunks_mut(each * n).enumerate().map(rows).collect()
    }
}

/// By compiled scalar operations, with the Hessian as a matrix.
struct TakenApart<'a> {
    program: Compiled,
    scratch: Scratch,
    out: Vec<f64>,
    model: &'a dyn Model,
    hessian: Option<Box<dyn Hessian + 'a>>,
    state: Vec<Complex64>,
    gradient: Vec<Complex64>,
    matrix: Vec<Complex64>,
}

impl<'a> TakenApart<'a> {
    fn new(loss: &Loss, model: &'a dyn Model) -> Result<Self, TrainError> {
        let (mut pool, id) = loss.expression.clone().into_parts();
        let id = for_floats(&mut pool, id);
        let mut roots = vec![id];
        roots.extend(pool.gradient_entries(id));
        let program = Program::real(&pool, &Tape::new(&pool, &roots)).map_err(|e| TrainError::Loss(e.to_string()))?;
        let n = pool.dimension();
        Ok(Self {
            program: Compiled::new(&program),
            scratch: Scratch::new(),
            out: vec![0.0; n + 1],
            model,
            hessian: None,
            state: vec![Complex64::ZERO; n],
            gradient: vec![Complex64::ZERO; n],
            matrix: Vec::new(),
        })
    }
}

/// A derivative at a real state: what is complex there, as beyond the branch point of a root, is none.
fn real(z: Complex64) -> f64 {
    if z.im == 0.0 { z.re } else { f64::NAN }
}

impl Objective for TakenApart<'_> {
    fn value_gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        self.program.call(theta, &mut self.out, &mut self.scratch);
        gradient.copy_from_slice(&self.out[1..]);
        self.out[0]
    }

    fn enter(&mut self, theta: &[f64]) {
        let n = theta.len();
        self.matrix.resize(n * n, Complex64::ZERO);
        for (z, x) in self.state.iter_mut().zip(theta) {
            *z = Complex64::from(*x);
        }
        if self.hessian.is_none() {
            self.hessian = self.model.hessian().ok();
        }
        match &mut self.hessian {
            Some(hessian) => hessian.gradient_hessian(&self.state, &mut self.gradient, &mut self.matrix),
            None => self.matrix.fill(Complex64::new(f64::NAN, 0.0)),
        }
    }

    fn hessian_times(&mut self, v: &[f64], out: &mut [f64]) {
        for (o, row) in out.iter_mut().zip(self.matrix.chunks_exact(v.len().max(1))) {
            *o = row.iter().zip(v).map(|(a, b)| real(*a) * b).sum();
        }
    }

    fn hessian(&mut self, matrix: &mut [f64]) -> Result<(), Stopped> {
        matrix.iter_mut().zip(&self.matrix).for_each(|(x, z)| *x = real(*z));
        Ok(())
    }
}
