//! The truncated modified field of a loss, compiled, for integrators of one's own.

use super::arrays::{modified_field, truncated};
use super::derive::{Derive, DeriveError};
use super::evaluate::EvaluateError;
use crate::budget::{self, Budget, Counted, Stopped};
use crate::eval::{ArrayError, Compiled, LowerError, Program, Rows, RowsMut, Scratch, VectorFunction};
use crate::expr::{ExpressionRef, Purpose};
use crate::number::Rational;
use crate::optimizer::BoundOptimizer;
use crate::plan::{Plan, PlanError, PlanOptions, PlanState, Route};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// The truncated modified field on real states, compiled: what [`Derive::field`] gives.
///
#[doc = include_str!("../../assets/formulas/truncated_field.html")]
///
/// It knows nothing of integrators, so that any will do. Here Heun's:
///
/// ```
/// use shadowflow::{concrete, loss::{Loss, Options}, optimizer::BoundOptimizer};
/// let loss = Loss::parse("param x\nloss x^2/2\n", "square.loss", &Options::default())?;
/// let mut field = concrete::derive(&loss, &BoundOptimizer::gradient_descent(), 3).field(&"1/10".parse()?)?;
/// let (mut x, mut slopes) = ([1.0], [[0.0], [0.0]]);
/// for _ in 0..100 {
///     field.evaluate(&x, &mut slopes[0]);
///     field.evaluate(&[x[0] + 0.001 * slopes[0][0]], &mut slopes[1]);
///     x[0] += 0.0005 * (slopes[0][0] + slopes[1][0]);
/// }
/// // After a time of h where one step of gradient descent is, but for the terms left out, about h^5/5.
/// assert!((x[0] - 0.9).abs() < 3e-6);
/// # Ok::<(), shadowflow::Error>(())
/// ```
///
/// Many points at once are the rows of an array: [`ModifiedField::evaluate_rows`]. A clone is cheap and has its own memory to work in: one for each thread.
#[derive(Debug, Clone)]
pub struct ModifiedField {
    program: Run,
    parameters: Arc<[String]>,
    /// The step size, where the program takes it as an input.
    step: Option<f64>,
    /// θ with the step size behind it, or a row.
    inputs: Vec<f64>,
}

/// The truncated modified field compiled for every step size at once: what [`Derive::field_family`] gives.
///
/// ```
/// use shadowflow::{concrete, loss::{Loss, Options}, optimizer::BoundOptimizer};
/// let loss = Loss::parse("param x\nloss x^2/2\n", "square.loss", &Options::default())?;
/// let family = concrete::derive(&loss, &BoundOptimizer::gradient_descent(), 1).field_family()?;
/// for h in [0.0, 0.25, 0.5] {
///     let mut slope = [0.0];
///     family.at(h).evaluate(&[2.0], &mut slope);
///     // −x − h x/2
///     assert_eq!(slope[0], -2.0 - h);
/// }
/// # Ok::<(), shadowflow::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FieldFamily(ModifiedField);

/// What is run, by the loss's route.
#[derive(Debug, Clone)]
enum Run {
    Scalar(Arc<Compiled>, Scratch),
    Array(Arc<Plan>, PlanState),
}

/// Why the rows of an array were not all evaluated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FieldRowsError {
    /// The arrays have other shapes than the field.
    #[error(transparent)]
    Array(#[from] ArrayError),
    /// Time was used up, or nobody wants the result any more: some rows are written, and some are not.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Why there is no compiled field.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FieldError {
    /// It was not derived.
    #[error(transparent)]
    Derive(#[from] DeriveError),
    /// A constant or a hyper-parameter has no value.
    #[error(transparent)]
    Values(Box<EvaluateError>),
    /// It has no program.
    #[error(transparent)]
    Program(#[from] LowerError),
    /// Its arrays have no program.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl From<EvaluateError> for FieldError {
    fn from(error: EvaluateError) -> Self {
        Self::Values(Box::new(error))
    }
}

impl Derive<'_> {
    /// Derives the truncated field `Σ_{n≤N} h^n f_n` for a step size h and compiles it, for integrators of one's own: see [`ModifiedField`].
    ///
    /// Losses of networks and data keep their arrays whole ([`Route`]), and are evaluated on all threads.
    ///
    /// # Errors
    /// [`FieldError::Values`] where a constant of the loss or a hyper-parameter of the optimizer has no value; [`FieldError::Derive`] as
    /// [`Derive::run`]; what is too large to compile.
    pub fn field(&self, h: &Rational) -> Result<ModifiedField, FieldError> {
        self.compiled(Some(h))
    }

    /// The same for every step size at once, which is an input of what is compiled: see [`FieldFamily`].
    ///
    /// # Errors
    /// As [`Derive::field`].
    pub fn field_family(&self) -> Result<FieldFamily, FieldError> {
        self.compiled(None).map(FieldFamily)
    }

    /// For a step size, or with one as an input.
    fn compiled(&self, h: Option<&Rational>) -> Result<ModifiedField, FieldError> {
        let Self { loss, optimizer, .. } = self;
        if let Some(symbol) = loss.pool().symbols().first() {
            return Err(EvaluateError::Symbol(symbol.clone()).into());
        }
        if let Some(symbol) = optimizer.symbols().first() {
            let method = optimizer.name().to_owned();
            return Err(EvaluateError::HyperParameter { method, symbol: symbol.clone() }.into());
        }
        let program = match Route::of(*loss) {
            Route::Scalar => self.scalar_program(h)?,
            Route::Array => array_program(*loss, optimizer, self.order, h)?,
        };
        let step = if h.is_some() { None } else { Some(0.0) };
        Ok(ModifiedField { program, parameters: loss.pool().theta_names().into(), step, inputs: Vec::new() })
    }

    fn scalar_program(&self, h: Option<&Rational>) -> Result<Run, FieldError> {
        let mut pool = self.loss.pool().clone();
        let loss = pool.for_floats(&[self.loss.id()], Purpose::Loss).first().copied().unwrap_or(self.loss.id());
        let asked = Derive { loss: pool.expression(loss), ..self.clone() };
        let program = match h {
            Some(h) => Program::real(&pool, &asked.tapes(h)?.field)?,
            None => {
                let (pool, tape) = asked.tape_in_step()?;
                Program::real(&pool, &tape)?
            }
        };
        Ok(Run::Scalar(Arc::new(Compiled::new(&program)), Scratch::new()))
    }
}

fn array_program(
    loss: ExpressionRef<'_>,
    optimizer: &BoundOptimizer,
    order: usize,
    h: Option<&Rational>,
) -> Result<Run, FieldError> {
    let mut pool = loss.pool().clone();
    let orders = modified_field(&mut pool, loss.id(), optimizer, order)?;
    let h = match h {
        Some(h) => pool.constant(h.clone()),
        None => pool.declare_symbol("the step size"),
    };
    let roots = truncated(&mut pool, &orders, h);
    let plan = Plan::real(&pool, &roots, &PlanOptions::default())?;
    let state = plan.state();
    Ok(Run::Array(Arc::new(plan), state))
}

impl FieldFamily {
    /// The names of the entries of θ, as [`ModifiedField::parameters`].
    #[must_use]
    pub fn parameters(&self) -> &[String] {
        self.0.parameters()
    }

    /// The field of a step size. What is compiled is shared, so that this is cheap.
    #[must_use]
    pub fn at(&self, h: f64) -> ModifiedField {
        ModifiedField { step: Some(h), ..self.0.clone() }
    }
}

impl ModifiedField {
    /// The names of the entries of θ, in the order of states and slopes; arrays row-major, as `W[0, 1]`.
    #[must_use]
    pub fn parameters(&self) -> &[String] {
        &self.parameters
    }

    /// Goes on with another step size, and tells whether it can: a field of a [`FieldFamily`] does, another has its own compiled in.
    pub fn set_step(&mut self, h: f64) -> bool {
        self.step.as_mut().map(|step| *step = h).is_some()
    }

    /// How many operations one point takes; `None` where arrays stay whole.
    #[must_use]
    pub fn operations(&self) -> Option<usize> {
        match &self.program {
            Run::Scalar(program, _) => Some(program.operations()),
            Run::Array(..) => None,
        }
    }

    /// Writes `f̃` at a state to `slope`; an entry without a value is NaN or infinite.
    ///
    /// # Panics
    /// If `state` or `slope` has not one number for each of [`ModifiedField::parameters`].
    pub fn evaluate(&mut self, state: &[f64], slope: &mut [f64]) {
        match (&mut self.program, &self.step) {
            (Run::Scalar(program, scratch), None) => program.call(state, slope, scratch),
            (Run::Scalar(program, scratch), Some(h)) => {
                self.inputs.clear();
                self.inputs.extend_from_slice(state);
                self.inputs.push(*h);
                program.call(&self.inputs, slope, scratch);
            }
            (Run::Array(plan, memory), step) => plan.run(memory, state, step.as_slice(), &[], slope),
        }
    }

    /// Writes `f̃` at every row of an array to the same row of another, on so many threads at most; nothing is copied, and the rows of `points` may
    /// have any strides.
    ///
    /// ```
    /// use shadowflow::eval::{Rows, RowsMut};
    /// use shadowflow::{concrete, loss::{Loss, Options}, optimizer::BoundOptimizer};
    /// use std::num::NonZeroUsize;
    /// let loss = Loss::parse("param x, y\nloss x^2/2 + y^2\n", "bowl.loss", &Options::default())?;
    /// let mut field = concrete::derive(&loss, &BoundOptimizer::gradient_descent(), 0).field(&"1/10".parse()?)?;
    /// let (points, mut slopes) = ([1.0, 2.0, 3.0, 4.0], [0.0; 4]);
    /// field.evaluate_rows(&Rows::new(&points, [2, 2])?, RowsMut::new(&mut slopes, [2, 2])?, NonZeroUsize::MIN)?;
    /// assert_eq!(slopes, [-1.0, -4.0, -3.0, -8.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`FieldRowsError::Array`] for other shapes than n × p, with the p of [`ModifiedField::parameters`]; [`FieldRowsError::Stopped`] where the
    /// [budget](crate::budget) is used up.
    pub fn evaluate_rows(
        &mut self,
        points: &Rows<'_>,
        mut output: RowsMut<'_>,
        threads: NonZeroUsize,
    ) -> Result<(), FieldRowsError> {
        let dimension = self.parameters.len();
        let [rows, columns] = points.shape();
        if columns != dimension || output.shape() != [rows, dimension] {
            let (points, output) = (points.shape(), output.shape());
            return Err(ArrayError { points, output, inputs: dimension, outputs: dimension }.into());
        }
        let counted = Counted::begin("points", rows as u64);
        match &mut self.program {
            Run::Scalar(program, _) => {
                let budget = Budget::current();
                let goes_on = |rows: usize| {
                    counted.advance(rows as u64);
                    budget.stopped().is_none()
                };
                program.call_rows_while(&points.beside(self.step.as_slice()), output, threads, &goes_on)?;
                budget::check()?;
            }
            Run::Array(..) => {
                let (mut point, mut slope) = (vec![0.0; dimension], vec![0.0; dimension]);
                for row in 0..rows {
                    point.iter_mut().enumerate().for_each(|(k, x)| *x = points.get(row, k).unwrap_or(f64::NAN));
                    self.evaluate(&point, &mut slope);
                    output.write(row, &slope);
                    counted.advance(1);
                    budget::check()?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concrete::{EvaluateOptions, derive, evaluate};
    use crate::loss::{Example, Loss, Options};
    use crate::optimizer::Optimizer;

    /// `Σ h^n f_n` of the certified values, which are computed another way.
    fn summed(loss: &Loss, optimizer: &BoundOptimizer, order: usize, h: &Rational, at: &[Rational]) -> Vec<f64> {
        let options = EvaluateOptions { optimizer, ..EvaluateOptions::default() };
        let orders = evaluate(loss, at, order, &options).unwrap().orders;
        let sum = |i: usize| orders.iter().rev().fold(0.0, |sum, f| sum * h.to_f64() + f.value[i].unwrap());
        (0..at.len()).map(sum).collect()
    }

    #[test]
    fn the_field_is_the_sum_of_the_certified_orders() {
        let h: Rational = "1/500".parse().unwrap();
        let heavy_ball = Optimizer::HeavyBall.bind(&[("m", "1/2".parse().unwrap())]).unwrap();
        for optimizer in [BoundOptimizer::gradient_descent(), heavy_ball] {
            for (name, at) in [("banana", vec!["3/10", "-1/5"]), ("nonquadratic_1d", vec!["2/3"])] {
                let loss = Example::named(name).unwrap().loss(&Options::default()).unwrap();
                let at: Vec<Rational> = at.iter().map(|x| x.parse().unwrap()).collect();
                let mut field = derive(&loss, &optimizer, 4).field(&h).unwrap();
                let point: Vec<f64> = at.iter().map(Rational::to_f64).collect();
                let mut slope = vec![0.0; at.len()];
                field.clone().evaluate(&point, &mut slope);
                for (found, expected) in slope.iter().zip(summed(&loss, &optimizer, 4, &h, &at)) {
                    assert!((found - expected).abs() <= 1e-13 * expected.abs(), "{name}: {found} and {expected}");
                }
                let mut again = vec![0.0; at.len()];
                field.evaluate(&point, &mut again);
                assert_eq!(slope, again);
            }
        }
    }

    /// `−Σ (hλ)^n g/(n+1)` with λ = 2 of `norm2(w)`, whose arrays stay whole.
    #[test]
    fn whole_arrays_have_the_same_entry() {
        let loss = Loss::parse("param w[150, 100]\nloss norm2(w)\n", "bowl.loss", &Options::default()).unwrap();
        assert_eq!(Route::of(&loss), Route::Array);
        let mut field = derive(&loss, &BoundOptimizer::gradient_descent(), 2).field(&"1/4".parse().unwrap()).unwrap();
        assert_eq!(field.parameters()[101], "w[1, 1]");
        let state: Vec<f64> = (0..15_000).map(f64::from).collect();
        let mut slope = vec![0.0; 15_000];
        field.evaluate(&state, &mut slope);
        let factor = -2.0 * (1.0 + 0.5 / 2.0 + 0.25 / 3.0);
        let close = |(x, s): (&f64, &f64)| (s - factor * x).abs() <= 1e-13 * (factor * x).abs();
        assert!(state.iter().zip(&slope).all(close));
    }

    /// The step size as an input gives what it gives compiled in, at single points and in rows of any strides, of scalars and of whole arrays.
    #[test]
    fn the_step_size_is_an_input_and_rows_have_strides() {
        let banana = Example::named("banana").unwrap().loss(&Options::default()).unwrap();
        let bowl = Loss::parse("param w[150, 100]\nloss norm2(w)\n", "bowl.loss", &Options::default()).unwrap();
        let gradient_descent = BoundOptimizer::gradient_descent();
        for (loss, count) in [(&banana, 1000), (&bowl, 3)] {
            let family = derive(loss, &gradient_descent, 2).field_family().unwrap();
            let n = family.parameters().len();
            let data: Vec<f64> = (0..2 * count * n).map(|k| (k as f64).sin()).collect();
            for h in ["1/500", "0.25"].map(|h| h.parse::<Rational>().unwrap()) {
                let (mut field, mut fixed) =
                    (family.at(h.to_f64()), derive(loss, &gradient_descent, 2).field(&h).unwrap());
                // Every second row, from the last.
                let start = (2 * count - 1) * n;
                let rows = Rows::from_start(&data, start, [count, n], [-2 * n as isize, 1]).unwrap();
                let mut slopes = vec![0.0; count * n];
                let output = RowsMut::new(&mut slopes, [count, n]).unwrap();
                field.evaluate_rows(&rows, output, NonZeroUsize::new(2).unwrap()).unwrap();
                let mut one = vec![0.0; n];
                for (k, row) in slopes.chunks_exact(n).enumerate() {
                    let point = &data[start - 2 * k * n..][..n];
                    field.evaluate(point, &mut one);
                    assert_eq!(one, row, "row {k}");
                    fixed.evaluate(point, &mut one);
                    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-12 * a.abs().max(1e-3);
                    assert!(one.iter().zip(row).all(close), "row {k}: {one:?} and {row:?}");
                }
            }
        }
    }

    #[test]
    fn rows_end_with_the_budget_and_fit() {
        let loss = Example::named("banana").unwrap().loss(&Options::default()).unwrap();
        let mut field = derive(&loss, &BoundOptimizer::gradient_descent(), 1).field_family().unwrap().at(0.1);
        let (points, mut slopes) = ([0.5; 4], [0.0; 6]);
        let rows = Rows::new(&points, [2, 2]).unwrap();
        let wide = field.evaluate_rows(&rows, RowsMut::new(&mut slopes, [2, 3]).unwrap(), NonZeroUsize::MIN);
        assert!(matches!(wide, Err(FieldRowsError::Array(_))));
        let budget = budget::Budget::default();
        budget.cancel();
        let ended = budget
            .run(|| field.evaluate_rows(&rows, RowsMut::new(&mut slopes[..4], [2, 2]).unwrap(), NonZeroUsize::MIN));
        assert_eq!(ended, Ok(Err(FieldRowsError::Stopped(Stopped::Cancelled))));
        assert_eq!(budget.progress().map(|p| (p.what, p.done)), Some(("points", 2)));
    }

    #[test]
    fn what_has_no_value_is_named() {
        let loss = Loss::parse("param x\nconst k\nloss k*x^2\n", "k.loss", &Options::default()).unwrap();
        let h: Rational = "1/10".parse().unwrap();
        let refused = derive(&loss, &BoundOptimizer::gradient_descent(), 1).field(&h).unwrap_err();
        assert!(refused.to_string().contains("the constant `k` has no value"), "{refused}");
        let loss = Loss::parse("param x\nloss x^2\n", "x.loss", &Options::default()).unwrap();
        let symbolic = Optimizer::HeavyBall.bind(&[]).unwrap();
        let refused = derive(&loss, &symbolic, 1).field(&h).unwrap_err();
        assert!(refused.to_string().contains("`m` of heavy-ball"), "{refused}");
    }
}
