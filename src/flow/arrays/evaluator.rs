//! One set of array expressions at real and complex states, planned when it is first asked for.

use super::refused;
use crate::concrete::arrays::third_along;
use crate::expr::{Id, Pool, Purpose};
use crate::flow::name::FlowError;
use crate::plan::{Plan, PlanOptions, PlanState};
use num_complex::Complex64;
use std::sync::{Arc, OnceLock};

/// What is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Roots {
    Loss,
    Gradient,
    /// The gradient of optimizers' steps: slopes of saturated functions cancel as they do in every program that trains networks, for a quarter less time.
    Step,
    /// `Hv` along direction 0.
    HessianAction,
    /// `T[g, g]`.
    Third,
}

/// The expressions and their two plans.
#[derive(Debug)]
pub(super) struct Pair {
    pool: Pool,
    roots: Vec<Id>,
    size: usize,
    options: PlanOptions,
    real: OnceLock<Result<Plan, FlowError>>,
    complex: OnceLock<Result<Plan, FlowError>>,
}

impl Pair {
    pub(super) fn new(pool: &Pool, loss: Id, roots: Roots, options: &PlanOptions) -> Result<Self, FlowError> {
        let mut pool = pool.clone();
        let arrays = match roots {
            Roots::Loss => vec![loss],
            Roots::Gradient | Roots::Step => pool.gradient(loss),
            Roots::HessianAction => {
                let v = pool.direction(0);
                pool.hessian_vector(loss, &v)
            }
            Roots::Third => {
                let gradient = pool.gradient(loss);
                third_along(&mut pool, loss, &gradient)
            }
        };
        let arrays = if roots == Roots::Step { arrays } else { pool.for_floats(&arrays, Purpose::Slopes) };
        Ok(Self::of(pool, arrays, options))
    }

    pub(super) fn of(pool: Pool, roots: Vec<Id>, options: &PlanOptions) -> Self {
        let size = roots.iter().map(|r| pool.shape(*r).size()).sum();
        Self { pool, roots, size, options: options.clone(), real: OnceLock::new(), complex: OnceLock::new() }
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(super) fn roots(&self) -> &[Id] {
        &self.roots
    }

    pub(super) fn real(&self) -> Result<&Plan, FlowError> {
        let planned = || Plan::real(&self.pool, &self.roots, &self.options).map_err(refused);
        self.real.get_or_init(planned).as_ref().map_err(Clone::clone)
    }

    pub(super) fn complex(&self) -> Result<&Plan, FlowError> {
        let planned = || Plan::complex(&self.pool, &self.roots, &self.options).map_err(refused);
        self.complex.get_or_init(planned).as_ref().map_err(Clone::clone)
    }
}

/// The same with buffers, for one caller.
#[derive(Debug)]
pub(super) struct Evaluator {
    pair: Arc<Pair>,
    real: Option<PlanState>,
    complex: Option<PlanState>,
    theta: Vec<f64>,
    parts: [Vec<f64>; 2],
}

impl Evaluator {
    pub(super) fn new(pair: Arc<Pair>) -> Self {
        Self { pair, real: None, complex: None, theta: Vec::new(), parts: [Vec::new(), Vec::new()] }
    }

    pub(super) fn dimension(&self) -> usize {
        self.pair.pool.dimension()
    }

    /// At a real state.
    pub(super) fn real(&mut self, theta: &[f64], out: &mut [f64]) -> Result<(), FlowError> {
        let plan = self.pair.real()?;
        let state = self.real.get_or_insert_with(|| plan.state());
        plan.run(state, theta, &[], &[], out);
        Ok(())
    }

    /// At any state: by real numbers where it is real.
    pub(super) fn any(&mut self, theta: &[Complex64], out: &mut [Complex64]) -> Result<(), FlowError> {
        if is_real(theta) {
            self.theta.clear();
            self.theta.extend(theta.iter().map(|z| z.re));
            let mut values = std::mem::take(&mut self.parts[0]);
            values.resize(self.pair.size, 0.0);
            let theta = std::mem::take(&mut self.theta);
            let done = self.real(&theta, &mut values);
            out.iter_mut().zip(&values).for_each(|(o, x)| *o = Complex64::from(*x));
            (self.theta, self.parts[0]) = (theta, values);
            return done;
        }
        let plan = self.pair.complex()?;
        let state = self.complex.get_or_insert_with(|| plan.state());
        plan.run_complex(state, theta, &[], &[], out);
        Ok(())
    }

    /// Enters a state, real or complex; the directions that follow are along it.
    pub(super) fn enter(&mut self, theta: &[Complex64]) -> Result<(), FlowError> {
        if is_real(theta) {
            self.theta.clear();
            self.theta.extend(theta.iter().map(|z| z.re));
            let plan = self.pair.real()?;
            plan.enter(self.real.get_or_insert_with(|| plan.state()), &self.theta, &[]);
        } else {
            self.theta.clear();
            let plan = self.pair.complex()?;
            plan.enter_complex(self.complex.get_or_insert_with(|| plan.state()), theta, &[]);
        }
        Ok(())
    }

    /// Along a direction at the state last entered; linear in it.
    pub(super) fn along(&mut self, v: &[Complex64], out: &mut [Complex64]) -> Result<(), FlowError> {
        if self.theta.is_empty() {
            let plan = self.pair.complex()?;
            let Some(state) = &mut self.complex else { return Ok(()) };
            plan.along_complex(state, &[v], out);
            return Ok(());
        }
        let plan = self.pair.real()?;
        let Some(state) = &mut self.real else { return Ok(()) };
        let [direction, values] = &mut self.parts;
        values.resize(self.pair.size, 0.0);
        direction.clear();
        direction.extend(v.iter().map(|z| z.re));
        plan.along(state, &[direction], values);
        out.iter_mut().zip(&*values).for_each(|(o, x)| *o = Complex64::from(*x));
        if !is_real(v) {
            direction.clear();
            direction.extend(v.iter().map(|z| z.im));
            plan.along(state, &[direction], values);
            out.iter_mut().zip(&*values).for_each(|(o, x)| o.im = *x);
        }
        Ok(())
    }

    /// Along a real direction at a real state.
    pub(super) fn along_real(&mut self, v: &[f64], out: &mut [f64]) -> Result<(), FlowError> {
        let plan = self.pair.real()?;
        let Some(state) = &mut self.real else { return Ok(()) };
        plan.along(state, &[v], out);
        Ok(())
    }

    /// Enters a real state.
    pub(super) fn enter_real(&mut self, theta: &[f64]) -> Result<(), FlowError> {
        let plan = self.pair.real()?;
        plan.enter(self.real.get_or_insert_with(|| plan.state()), theta, &[]);
        Ok(())
    }
}

fn is_real(values: &[Complex64]) -> bool {
    values.iter().all(|z| z.im == 0.0)
}
