//! The truncated modified field of a loss, compiled, for integrators of one's own.

use super::arrays::{modified_field, truncated};
use super::derive::{Derive, DeriveError, FieldTapes};
use super::evaluate::EvaluateError;
use crate::eval::{Compiled, LowerError, Program, Scratch, VectorFunction};
use crate::expr::{ExpressionRef, Purpose};
use crate::number::Rational;
use crate::optimizer::BoundOptimizer;
use crate::plan::{Plan, PlanError, PlanOptions, PlanState, Route};
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
/// A clone is cheap and has its own memory to work in: one for each thread.
#[derive(Debug, Clone)]
pub struct ModifiedField {
    program: Run,
    parameters: Arc<[String]>,
}

/// What is run, by the loss's route.
#[derive(Debug, Clone)]
enum Run {
    Scalar(Arc<Compiled>, Scratch),
    Array(Arc<Plan>, PlanState),
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
        Ok(ModifiedField { program, parameters: loss.pool().theta_names().into() })
    }

    fn scalar_program(&self, h: &Rational) -> Result<Run, FieldError> {
        let mut pool = self.loss.pool().clone();
        let loss = pool.for_floats(&[self.loss.id()], Purpose::Loss).first().copied().unwrap_or(self.loss.id());
        let FieldTapes { field, .. } = Derive { loss: pool.expression(loss), ..self.clone() }.tapes(h)?;
        let program = Program::real(&pool, &field)?;
        Ok(Run::Scalar(Arc::new(Compiled::new(&program)), Scratch::new()))
    }
}

fn array_program(
    loss: ExpressionRef<'_>,
    optimizer: &BoundOptimizer,
    order: usize,
    h: &Rational,
) -> Result<Run, FieldError> {
    let mut pool = loss.pool().clone();
    let orders = modified_field(&mut pool, loss.id(), optimizer, order)?;
    let h = pool.constant(h.clone());
    let roots = truncated(&mut pool, &orders, h);
    let plan = Plan::real(&pool, &roots, &PlanOptions::default())?;
    let state = plan.state();
    Ok(Run::Array(Arc::new(plan), state))
}

impl ModifiedField {
    /// The names of the entries of θ, in the order of states and slopes; arrays row-major, as `W[0, 1]`.
    #[must_use]
    pub fn parameters(&self) -> &[String] {
        &self.parameters
    }

    /// Writes `f̃` at a state to `slope`; an entry without a value is NaN or infinite.
    ///
    /// # Panics
    /// If `state` or `slope` has not one number for each of [`ModifiedField::parameters`].
    pub fn evaluate(&mut self, state: &[f64], slope: &mut [f64]) {
        match &mut self.program {
            Run::Scalar(program, scratch) => program.call(state, slope, scratch),
            Run::Array(plan, memory) => plan.run(memory, state, &[], &[], slope),
        }
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
