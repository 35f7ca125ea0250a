//! Whole-array programs: expressions of a [`Pool`] as a list of array operations on buffers that are assigned ahead.
//!
//! What takes time in a gradient of a network are matrix products and functions of whole arrays. A [`Plan`] keeps arrays whole: products
//! are handed to faer, elementwise operations that follow one another are one program each, run block after block, and every array has its
//! place in one piece of memory, which is used again as soon as nothing reads it any more. No evaluation allocates.
//!
//! A plan has two stages, since Krylov methods apply the Hessian of one state to many vectors: [`Plan::enter`] computes what does not depend
//! on directions and keeps what [`Plan::along`] reads.
//!
//! ```
//! use shadowflow::expr::{Pool, Shape};
//! use shadowflow::plan::{Plan, PlanOptions};
//! let mut pool = Pool::new();
//! let w = pool.declare_parameter("w", Shape::vector(3));
//! let cube = pool.pow(w, &3.into());
//! let loss = pool.sum(cube);
//! let v = pool.direction(0);
//! let product = pool.hessian_vector(loss, &v);
//!
//! let plan = Plan::real(&pool, &product, &PlanOptions::default())?;
//! let mut state = plan.state();
//! let mut out = [0.0; 3];
//! plan.enter(&mut state, &[1.0, 2.0, 3.0], &[]);
//! plan.along(&mut state, &[&[1.0, 1.0, 1.0]], &mut out);
//! assert_eq!(out, [6.0, 12.0, 18.0]);
//! plan.along(&mut state, &[&[0.0, 0.5, 0.0]], &mut out);
//! assert_eq!(out, [0.0, 6.0, 0.0]);
//! # Ok::<(), shadowflow::plan::PlanError>(())
//! ```

mod bases;
mod blocks;
mod cost;
mod graph;
mod kernel;
mod lower;
mod memory;
mod noise;
mod recompute;
mod reduce;
mod route;
mod run;
mod schedule;
mod step;
mod steps;
mod team;
#[cfg(test)]
mod tests;

pub use cost::{OperationCount, PlanCost, operation_count};
pub(crate) use route::counts;
pub use route::{LEAST_PER_NODE, MOST_SCALAR_OPERATIONS, Route};

use crate::eval::LowerError;
use crate::expr::{Data, Id, Pool};
use bases::{Bases, Directions};
use blocks::Workspace;
use memory::Line;
use noise::Noise;
use num_complex::Complex64;

use std::num::NonZeroUsize;
use steps::Steps;
use team::Team;

/// How often rounding is drawn.
const DRAWS: usize = 3;

/// How much larger errors may be than the distances that drawn rounding shows.
pub(crate) const ROUNDING_SAFETY: f64 = 8.0;

/// How a plan is made and run.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// How many threads work on large arrays. Results are the same to the bit for any number.
    pub threads: NonZeroUsize,
}

impl Default for PlanOptions {
    /// As many threads as the machine runs at once.
    fn default() -> Self {
        Self { threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN) }
    }
}

/// Why expressions have no plan.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// Arrays, or programs for their entries, of more than 2^31 numbers.
    #[error("the expressions have arrays of more than 2^31 numbers: split what they compute")]
    TooLarge,
    /// The system starts no threads.
    #[error("no threads can be started: {0}; one thread needs none")]
    Threads(String),
}

impl From<LowerError> for PlanError {
    fn from(_: LowerError) -> Self {
        Self::TooLarge
    }
}

/// Expressions as a list of array operations.
///
/// θ and directions are flat, parameters in order of declaration, each row-major; outputs are the roots in order, likewise.
#[derive(Debug)]
pub struct Plan {
    steps: Steps,
    data: Vec<Data>,
    dimension: usize,
    symbols: usize,
    directions: usize,
    complex: bool,
    /// Where rounding is drawn: the numbers that are no doubles, which are symbols behind those of the pool.
    noisy: Option<Vec<f64>>,
    cost: PlanCost,
    team: Team,
}

/// The memory of one caller of a [`Plan`].
#[derive(Debug, Clone)]
pub struct PlanState {
    memory: Vec<Line>,
    theta: Vec<f64>,
    symbols: Vec<f64>,
    /// The parts of complex directions and of complex outputs.
    directions: Vec<f64>,
    outputs: Vec<f64>,
    workspace: Workspace,
    entered: bool,
    /// What is drawn next where rounding is.
    noise: Noise,
}

impl Plan {
    /// The plan of some expressions on real numbers.
    ///
    /// # Errors
    /// [`PlanError::TooLarge`].
    pub fn real(pool: &Pool, roots: &[Id], options: &PlanOptions) -> Result<Self, PlanError> {
        Self::new(pool, roots, false, options)
    }

    /// The plan of some expressions on complex numbers: their analytic continuation, as
    /// [`Program::complex`](crate::eval::Program::complex) has it. Data and symbols are real.
    ///
    /// # Errors
    /// [`PlanError::TooLarge`].
    pub fn complex(pool: &Pool, roots: &[Id], options: &PlanOptions) -> Result<Self, PlanError> {
        Self::new(pool, roots, true, options)
    }

    /// The plan of some expressions on real numbers that draws what every operation rounds: every run gives other values, whose distances tell what
    /// one run of [`Plan::real`] is off.
    ///
    /// Entrywise operations are one step each, and what an operation rounds is moved by about half a unit in the last place of what it adds up, its
    /// sign drawn: Monte Carlo arithmetic (Parker, UCLA CSD-970002, 1997). Equal entries of one array are moved alike, as they are rounded alike.
    /// The first run of a state draws what that of any other does.
    ///
    /// ```
    /// use shadowflow::expr::{Function, Pool, Shape};
    /// use shadowflow::plan::{Plan, PlanOptions};
    /// let mut pool = Pool::new();
    /// let x = pool.declare_parameter("x", Shape::scalar());
    /// let cosine = pool.apply(Function::Cos, x);
    /// let one = pool.integer(1);
    /// let difference = pool.sub(one, cosine);
    /// let plan = Plan::noisy(&pool, &[difference], &PlanOptions::default())?;
    /// let (mut state, mut out) = (plan.state(), [[0.0]; 3]);
    /// out.iter_mut().for_each(|out| plan.run(&mut state, &[1e-7], &[], &[], out));
    /// // 1 − cos x ≈ x²/2 = 5e-15 is left with one digit or two.
    /// let moved = (out[0][0] - out[1][0]).abs().max((out[0][0] - out[2][0]).abs());
    /// assert!(moved > 1e-16 && moved < 1e-15);
    /// # Ok::<(), shadowflow::plan::PlanError>(())
    /// ```
    ///
    /// # Errors
    /// [`PlanError::TooLarge`].
    pub fn noisy(pool: &Pool, roots: &[Id], options: &PlanOptions) -> Result<Self, PlanError> {
        let mut pool = pool.clone();
        let (roots, numbers) = pool.inexact_numbers_as_symbols(roots);
        let graph = lower::lower(&pool, &roots, false)?;
        let steps = steps::assemble(&graph, true)?;
        Ok(Self { noisy: Some(numbers), ..Self::laid_out(graph, steps, options)? })
    }

    fn new(pool: &Pool, roots: &[Id], complex: bool, options: &PlanOptions) -> Result<Self, PlanError> {
        Self::of(lower::lower(pool, roots, complex)?, options)
    }

    fn of(graph: graph::Graph, options: &PlanOptions) -> Result<Self, PlanError> {
        let (graph, steps) = recompute::lean(graph)?;
        Self::laid_out(graph, steps, options)
    }

    fn laid_out(graph: graph::Graph, steps: Steps, options: &PlanOptions) -> Result<Self, PlanError> {
        let complex = graph.complex;
        let team = Team::new(options.threads)?;
        let cost = PlanCost::new(&graph, &steps, team.count());
        let (dimension, symbols, directions) = (graph.dimension, graph.symbols, graph.directions);
        Ok(Self { steps, data: graph.data, dimension, symbols, directions, complex, noisy: None, cost, team })
    }

    /// Evaluates expressions as [`Plan::noisy`] does, some times over, and shows each result: by [`ROUNDING_SAFETY`] times the largest distance from the
    /// result of [`Plan::real`] that is off at most.
    pub(crate) fn redraw(
        pool: &Pool,
        roots: &[Id],
        (theta, symbols): (&[f64], &[f64]),
        options: &PlanOptions,
        mut see: impl FnMut(&[f64]),
    ) -> Result<(), PlanError> {
        let plan = Self::noisy(pool, roots, options)?;
        let (mut state, mut moved) = (plan.state(), vec![0.0; plan.outputs()]);
        for _ in 0..DRAWS {
            plan.run(&mut state, theta, symbols, &[], &mut moved);
            see(&moved);
        }
        Ok(())
    }

    /// The number of entries of θ.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The number of entries of all roots.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.steps.outputs
    }

    /// How many directions the expressions read: one more than the largest number.
    #[must_use]
    pub fn directions(&self) -> usize {
        self.directions
    }

    /// What an evaluation takes.
    #[must_use]
    pub fn cost(&self) -> &PlanCost {
        &self.cost
    }

    /// Memory for one caller.
    #[must_use]
    pub fn state(&self) -> PlanState {
        let parts = |count: usize| if self.complex { vec![0.0; 2 * count] } else { Vec::new() };
        let mut state = PlanState {
            memory: vec![Line::ZERO; self.steps.memory.div_ceil(memory::LINE)],
            theta: vec![0.0; self.dimension * if self.complex { 2 } else { 1 }],
            symbols: vec![0.0; self.symbols],
            directions: parts(self.dimension * self.directions),
            outputs: parts(self.outputs()),
            workspace: Workspace::new(self.steps.needs, self.team.count()),
            entered: false,
            noise: Noise(0),
        };
        self.run_stage(0..self.steps.ends[0], &mut state, None, None, &[], None);
        state
    }

    /// Computes what does not depend on directions, at a state θ and with values for the symbolic constants.
    ///
    /// # Panics
    /// If a length is not that of the pool, the plan is on complex numbers, or the state is of another plan.
    pub fn enter(&self, state: &mut PlanState, theta: &[f64], symbols: &[f64]) {
        assert!(!self.complex, "a plan on complex numbers is entered by `enter_complex`");
        self.check(state, theta.len(), symbols);
        state.entered = false;
        state.theta.copy_from_slice(theta);
        state.symbols.copy_from_slice(symbols);
        self.run_stage(self.steps.ends[0]..self.steps.ends[1], state, None, None, &[], None);
        state.entered = true;
    }

    /// Computes the rest along directions, and writes all roots.
    ///
    /// # Panics
    /// If a length is not that of the pool, the plan is on complex numbers, or nothing has been entered.
    pub fn along(&self, state: &mut PlanState, directions: &[&[f64]], out: &mut [f64]) {
        assert!(!self.complex, "a plan on complex numbers is run by `along_complex`");
        assert!(state.entered, "`enter` comes before `along`");
        self.check_along(directions.iter().map(|d| d.len()), directions.len(), out.len());
        self.run_stage(self.steps.ends[1]..self.steps.ends[2], state, None, None, directions, Some(out));
    }

    /// [`Plan::enter`] and [`Plan::along`].
    ///
    /// # Panics
    /// As they do.
    pub fn run(&self, state: &mut PlanState, theta: &[f64], symbols: &[f64], directions: &[&[f64]], out: &mut [f64]) {
        let mut drawn = Vec::new();
        let symbols = match &self.noisy {
            Some(numbers) => {
                drawn.extend_from_slice(numbers);
                state.noise.move_numbers(&mut drawn);
                drawn.splice(0..0, symbols.iter().copied());
                &drawn
            }
            None => symbols,
        };
        if self.directions > 0 || self.complex {
            self.enter(state, theta, symbols);
            return self.along(state, directions, out);
        }
        // Everything is computed along no direction, so that nothing is kept.
        self.check(state, theta.len(), symbols);
        self.check_along(directions.iter().map(|d| d.len()), directions.len(), out.len());
        state.entered = false;
        self.run_stage(self.steps.ends[1]..self.steps.ends[2], state, Some(theta), Some(symbols), &[], Some(out));
    }

    /// [`Plan::enter`] at a complex state.
    ///
    /// # Panics
    /// If a length is not that of the pool, the plan is on real numbers, or the state is of another plan.
    pub fn enter_complex(&self, state: &mut PlanState, theta: &[Complex64], symbols: &[f64]) {
        assert!(self.complex, "a plan on real numbers is entered by `enter`");
        self.check(state, theta.len(), symbols);
        state.entered = false;
        split(theta, &mut state.theta);
        state.symbols.copy_from_slice(symbols);
        self.run_stage(self.steps.ends[0]..self.steps.ends[1], state, None, None, &[], None);
        state.entered = true;
    }

    /// [`Plan::along`] complex directions.
    ///
    /// # Panics
    /// If a length is not that of the pool, the plan is on real numbers, or nothing has been entered.
    pub fn along_complex(&self, state: &mut PlanState, directions: &[&[Complex64]], out: &mut [Complex64]) {
        assert!(self.complex, "a plan on real numbers is run by `along`");
        assert!(state.entered, "`enter_complex` comes before `along_complex`");
        self.check_along(directions.iter().map(|d| d.len()), directions.len(), out.len());
        for (direction, parts) in directions.iter().zip(state.directions.chunks_exact_mut((2 * self.dimension).max(1)))
        {
            split(direction, parts);
        }
        let mut outputs = std::mem::take(&mut state.outputs);
        // What was left in the middle, as by `budget::tick`, has not given them back.
        outputs.resize(2 * self.outputs(), 0.0);
        self.run_stage(self.steps.ends[1]..self.steps.ends[2], state, None, None, &[], Some(&mut outputs));
        let (re, im) = outputs.split_at(out.len());
        for ((z, re), im) in out.iter_mut().zip(re).zip(im) {
            *z = Complex64::new(*re, *im);
        }
        state.outputs = outputs;
    }

    /// [`Plan::enter_complex`] and [`Plan::along_complex`].
    ///
    /// # Panics
    /// As they do.
    pub fn run_complex(
        &self,
        state: &mut PlanState,
        theta: &[Complex64],
        symbols: &[f64],
        directions: &[&[Complex64]],
        out: &mut [Complex64],
    ) {
        self.enter_complex(state, theta, symbols);
        self.along_complex(state, directions, out);
    }

    fn check(&self, state: &PlanState, theta: usize, symbols: &[f64]) {
        assert_eq!(theta, self.dimension, "the entries of θ");
        assert_eq!(symbols.len(), self.symbols, "the symbolic constants");
        assert!(
            state.memory.len() == self.steps.memory.div_ceil(memory::LINE)
                && state.theta.len() == theta * if self.complex { 2 } else { 1 }
                && state.symbols.len() == symbols.len(),
            "the state of this plan"
        );
    }

    fn check_along(&self, lengths: impl Iterator<Item = usize>, count: usize, out: usize) {
        assert!(count >= self.directions, "{} directions, not {count}", self.directions);
        for length in lengths {
            assert_eq!(length, self.dimension, "the entries of a direction");
        }
        assert_eq!(out, self.outputs(), "the entries of all roots");
    }

    /// Runs some steps on the memory of a state, with what is given from outside where it is.
    fn run_stage(
        &self,
        range: std::ops::Range<usize>,
        state: &mut PlanState,
        theta: Option<&[f64]>,
        symbols: Option<&[f64]>,
        directions: &[&[f64]],
        out: Option<&mut [f64]>,
    ) {
        let outputs = self.outputs() * if self.complex { 2 } else { 1 };
        assert!(out.as_ref().is_none_or(|out| out.len() == outputs), "room for all roots");
        let bases = Bases {
            memory: state.memory.as_mut_ptr().cast(),
            theta: theta.unwrap_or(&state.theta).as_ptr(),
            directions: if self.complex {
                Directions::Parts(&state.directions, 2 * self.dimension)
            } else {
                Directions::Slices(directions)
            },
            symbols: symbols.unwrap_or(&state.symbols).as_ptr(),
            data: &self.data,
            out: out.map_or(std::ptr::null_mut(), |out| out.as_mut_ptr()),
        };
        // SAFETY: `check` and `check_along` have compared all lengths with those of the plan, `memory` is as long as the plan says, and the
        // first two stages, which have no roots to write to, do not write to them.
        #[allow(unsafe_code, reason = "steps work on parts of one piece of memory")]
        unsafe {
            run::run(
                &self.steps,
                range,
                &bases,
                &mut state.workspace,
                &self.team,
                self.noisy.is_some().then_some(state.noise),
            );
        }
        state.noise.0 += 1;
    }
}

/// The real parts, and behind them the imaginary ones.
fn split(numbers: &[Complex64], parts: &mut [f64]) {
    let (re, im) = parts.split_at_mut(numbers.len());
    for ((z, re), im) in numbers.iter().zip(re).zip(im) {
        (*re, *im) = (z.re, z.im);
    }
}
