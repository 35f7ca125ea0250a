//! The iterates of any optimizer.

use super::derivatives::Hessian;
use super::lost_value::of_gradient;
use super::model::Model;
use super::name::FlowError;
use super::outcome::{End, Outcome};
use crate::budget;
use crate::number::Quadratic;
use crate::optimizer::BoundOptimizer;
use crate::spectral::solve_linear;
use crate::warning::Warning;
use num_complex::Complex64;

/// The largest system of equations that an implicit step solves, in unknowns.
const MAX_UNKNOWNS: usize = 1024;

/// How many corrections Newton's method may take in one step.
const MAX_CORRECTIONS: usize = 100;

/// A recurrence in floats, solved for its last iterate.
///
/// With the gradients taken at `Y_i = K_i − h Σ_l e_il g(Y_l)`, where `K_i` holds the iterates known and `e` the stages and what
/// the new iterate adds, the new iterate is `x = X − h Σ_i w_i g(Y_i)`.
struct Step {
    method: String,
    /// How many iterates back the recurrence reaches, the last known one included.
    depth: usize,
    /// `X` from the iterates known, the last one first.
    known: Vec<f64>,
    /// `K_i` likewise.
    places: Vec<Vec<f64>>,
    /// `e`, by rows.
    coupling: Vec<Vec<f64>>,
    weights: Vec<f64>,
}

impl Step {
    fn new(optimizer: &BoundOptimizer) -> Result<Self, FlowError> {
        let method = optimizer.name().to_owned();
        let recurrence = optimizer.roots().map_err(|e| FlowError::Setting(e.to_string()))?;
        let indices = || recurrence.left.iter().map(|(j, _)| i64::from(*j));
        let places = || recurrence.evaluations.iter().flat_map(|e| &e.at).map(|(k, _)| i64::from(*k));
        let refused =
            || FlowError::Setting(format!("`{method}` does not determine its next iterate from the ones before"));
        let nonzero = |(_, a): &&(i32, Quadratic)| a.to_f64() != 0.0;
        let top = recurrence.left.iter().filter(nonzero).map(|(j, _)| i64::from(*j)).max().ok_or_else(refused)?;
        let least = indices().chain(places()).min().unwrap_or(top);
        let depth = usize::try_from(top - least).unwrap_or(0);
        if depth == 0 || places().any(|k| k > top) {
            return Err(refused());
        }
        // By place: 0 for the new iterate, 1 for the last known one.
        let spread = |pairs: &[(i32, Quadratic)]| {
            let mut row = vec![0.0; depth + 1];
            for (j, c) in pairs {
                if let Some(entry) = usize::try_from(top - i64::from(*j)).ok().and_then(|place| row.get_mut(place)) {
                    *entry += c.to_f64();
                }
            }
            row
        };
        let left = spread(&recurrence.left);
        let known: Vec<f64> = left[1..].iter().map(|a| -a / left[0]).collect();
        let weights: Vec<f64> = recurrence.right.iter().map(|b| b.to_f64() / left[0]).collect();
        let (mut rows, mut coupling) = (Vec::new(), Vec::new());
        for evaluation in &recurrence.evaluations {
            let at = spread(&evaluation.at);
            rows.push(at[1..].iter().zip(&known).map(|(c, x)| c + at[0] * x).collect());
            let mut row: Vec<f64> = weights.iter().map(|w| at[0] * w).collect();
            for (l, d) in &evaluation.minus_h_times {
                row[*l] += d.to_f64();
            }
            coupling.push(row);
        }
        Ok(Self { method, depth, known, places: rows, coupling, weights })
    }

    fn is_explicit(&self) -> bool {
        self.coupling.iter().enumerate().all(|(i, row)| row[i..].iter().all(|e| *e == 0.0))
    }
}

fn combine(weights: &[f64], history: &[Vec<f64>], out: &mut [f64]) {
    out.fill(0.0);
    for (w, x) in weights.iter().zip(history).filter(|(w, _)| **w != 0.0) {
        for (o, x) in out.iter_mut().zip(x) {
            *o += w * x;
        }
    }
}

/// An optimizer on one loss, ready to run from any start.
pub(super) struct Iteration<'a> {
    step: Step,
    solver: Solver<'a>,
}

impl<'a> Iteration<'a> {
    /// Of an optimizer on a loss with this many parameters.
    pub(super) fn new(
        optimizer: &BoundOptimizer,
        model: &'a mut dyn Model,
        dimension: usize,
    ) -> Result<Self, FlowError> {
        let step = Step::new(optimizer)?;
        let solver = if step.is_explicit() {
            Solver::Explicit(model)
        } else {
            Solver::Implicit(Implicit::new(&step, model, dimension)?)
        };
        Ok(Self { step, solver })
    }

    /// What must be known of a start with zero velocity, if the optimizer needs more than one iterate to start.
    pub(super) fn note(&self) -> Option<Warning> {
        let Step { method, depth, .. } = &self.step;
        let message = format!(
            "`{method}` needs {depth} iterates to start: it starts with zero velocity, from iterates equal to the start; this excites the motion \
             that its flows do not have, so that the first steps, and with large momentum many, differ from them"
        );
        (*depth > 1).then(|| Warning::new("zero-velocity", message))
    }

    /// The iterates from a start with zero velocity, all before it being equal to it, and how they ended early; `None` from there on.
    ///
    /// Implicit steps are solved by Newton's method from the last iterate.
    pub(super) fn run(&mut self, h: f64, steps: usize, start: &[f64]) -> (Vec<Option<Vec<f64>>>, Option<End>) {
        let Self { step, solver } = self;
        let stages = step.coupling.len();
        let mut history = vec![start.to_vec(); step.depth];
        let mut gradients = vec![vec![0.0; start.len()]; stages];
        let mut places = vec![vec![0.0; start.len()]; stages];
        let mut found = vec![Some(start.to_vec())];
        let mut end = None;
        for number in 1..=steps {
            if let Err(stopped) = budget::check() {
                end = Some(End::new(number, stopped.into(), &format!(" before step {number}")));
                break;
            }
            let mut lost = None;
            for (row, place) in step.places.iter().zip(&mut places) {
                combine(row, &history, place);
            }
            let solved = match solver {
                Solver::Explicit(model) => {
                    for i in 0..stages {
                        for (e, g) in step.coupling[i][..i].iter().zip(&gradients).filter(|(e, _)| **e != 0.0) {
                            for (y, g) in places[i].iter_mut().zip(g) {
                                *y -= h * e * g;
                            }
                        }
                        model.real_gradient(&places[i], &mut gradients[i]);
                        lost = lost.or_else(|| of_gradient(&**model, &places[i], &gradients[i], number));
                    }
                    true
                }
                Solver::Implicit(implicit) => {
                    let solved = implicit.solve(step, h, &history[0], &places, &mut gradients);
                    lost = implicit.lost.take().and_then(|place| {
                        let nothing = vec![f64::NAN; place.len()];
                        of_gradient(implicit.model, &place, &nothing, number)
                    });
                    solved
                }
            };
            if lost.is_some() {
                end = lost;
                break;
            }
            let mut next = vec![0.0; start.len()];
            combine(&step.known, &history, &mut next);
            for (w, g) in step.weights.iter().zip(&gradients) {
                for (x, g) in next.iter_mut().zip(g) {
                    *x -= h * w * g;
                }
            }
            let finite = next.iter().all(|x| x.is_finite());
            if !solved || !finite {
                let away = solved || !history[0].iter().all(|x| x.abs() < 1e100);
                end = Some(if away {
                    End::new(number, Outcome::Diverged, &format!(" at step {number} of {}", step.method))
                } else {
                    End::new(number, Outcome::NoSolution, &format!(" {number} of {}", step.method))
                });
                break;
            }
            history.rotate_right(1);
            history[0].clone_from(&next);
            found.push(Some(next));
        }
        found.resize(steps + 1, None);
        (found, end)
    }
}

/// An optimizer that is stepped from outside: the gradients come from a function, such as that of a batch.
///
/// ```
/// use shadowflow::flow::{CompiledModel, OptimizerSteps};
/// use shadowflow::loss::{Loss, Options};
/// use shadowflow::optimizer::Optimizer;
/// let model = CompiledModel::new(Loss::parse("param x\nloss x^2/2\n", "square.loss", &Options::default())?)?;
/// let heavy_ball = Optimizer::HeavyBall.bind(&[("m", "1/2".parse()?)])?;
/// let mut steps = OptimizerSteps::new(&heavy_ball, &model, 1)?;
/// // The last iterate first; equal ones are a start with zero velocity.
/// let mut history = vec![vec![1.0]; steps.depth()];
/// for _ in 0..2 {
///     steps.advance(0.5, &mut history, &mut |at, g| g[0] = at[0]).expect("an explicit step");
/// }
/// // 1, 1/2, 1/2 − 1/4 − 1/4.
/// assert_eq!(history, [[0.0], [0.5]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct OptimizerSteps<'a> {
    step: Step,
    implicit: Option<Implicit<'a>>,
    gradients: Vec<Vec<f64>>,
    places: Vec<Vec<f64>>,
    next: Vec<f64>,
}

impl std::fmt::Debug for OptimizerSteps<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OptimizerSteps").field("method", &self.step.method).finish_non_exhaustive()
    }
}

impl<'a> OptimizerSteps<'a> {
    /// Of an optimizer on a loss with this many parameters; only implicit steps ask the model, for its Hessian.
    ///
    /// # Errors
    /// A method that cannot be run forward, and implicit ones whose equations are too many.
    pub fn new(optimizer: &BoundOptimizer, model: &'a dyn Model, dimension: usize) -> Result<Self, FlowError> {
        let step = Step::new(optimizer)?;
        let implicit = if step.is_explicit() { None } else { Some(Implicit::new(&step, model, dimension)?) };
        let stages = vec![vec![0.0; dimension]; step.coupling.len()];
        Ok(Self { implicit, gradients: stages.clone(), places: stages, next: vec![0.0; dimension], step })
    }

    /// How many iterates it needs.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.step.depth
    }

    /// Whether a step solves equations, so that it takes the gradient of the model and not of the function.
    #[must_use]
    pub fn is_implicit(&self) -> bool {
        self.implicit.is_some()
    }

    /// Makes the next iterate the first of the history, and forgets the last.
    ///
    /// # Errors
    /// [`Outcome::NoSolution`] of implicit equations, [`Outcome::Diverged`] beyond all doubles; the history is then as it was.
    pub fn advance(
        &mut self,
        h: f64,
        history: &mut [Vec<f64>],
        gradient: &mut dyn FnMut(&[f64], &mut [f64]),
    ) -> Result<(), Outcome> {
        let Self { step, implicit, gradients, places, next } = self;
        for (row, place) in step.places.iter().zip(&mut *places) {
            combine(row, history, place);
        }
        match implicit {
            Some(implicit) => {
                if !implicit.solve(step, h, &history[0], places, gradients) {
                    return Err(Outcome::NoSolution);
                }
            }
            None => {
                for i in 0..gradients.len() {
                    for (e, g) in step.coupling[i][..i].iter().zip(&*gradients).filter(|(e, _)| **e != 0.0) {
                        for (y, g) in places[i].iter_mut().zip(g) {
                            *y -= h * e * g;
                        }
                    }
                    gradient(&places[i], &mut gradients[i]);
                }
            }
        }
        combine(&step.known, history, next);
        for (w, g) in step.weights.iter().zip(&*gradients) {
            for (x, g) in next.iter_mut().zip(g) {
                *x -= h * w * g;
            }
        }
        if !next.iter().all(|x| x.is_finite()) {
            return Err(Outcome::Diverged);
        }
        history.rotate_right(1);
        std::mem::swap(&mut history[0], next);
        Ok(())
    }
}

/// What a step needs of the loss.
enum Solver<'a> {
    Explicit(&'a mut dyn Model),
    Implicit(Implicit<'a>),
}

/// Implicit steps: the loss's derivatives, and workspace.
struct Implicit<'a> {
    model: &'a dyn Model,
    /// Where a derivative had no value, if that ended the last step.
    lost: Option<Vec<f64>>,
    derivatives: Box<dyn Hessian + 'a>,
    state: Vec<Complex64>,
    gradient: Vec<Complex64>,
    hessian: Vec<Complex64>,
    matrix: Vec<f64>,
    points: Vec<f64>,
    residual: Vec<f64>,
}

impl<'a> Implicit<'a> {
    fn new(step: &Step, model: &'a dyn Model, dimension: usize) -> Result<Self, FlowError> {
        let unknowns = dimension.saturating_mul(step.coupling.len());
        if unknowns > MAX_UNKNOWNS {
            return Err(FlowError::Setting(format!(
                "a step of `{}` is a system of {unknowns} equations here, beyond the {MAX_UNKNOWNS} that are solved",
                step.method
            )));
        }
        let zeros = |n: usize| vec![Complex64::ZERO; n];
        Ok(Self {
            model,
            lost: None,
            derivatives: model.hessian()?,
            state: zeros(dimension),
            gradient: zeros(dimension),
            hessian: zeros(dimension * dimension),
            matrix: vec![0.0; unknowns * unknowns],
            points: vec![0.0; unknowns],
            residual: vec![0.0; unknowns],
        })
    }

    /// Solves `Y_i = K_i − h Σ_l e_il g(Y_l)`, all stages at once, and leaves the gradients there; `false` if Newton's method
    /// does not converge.
    fn solve(&mut self, step: &Step, h: f64, last: &[f64], places: &[Vec<f64>], gradients: &mut [Vec<f64>]) -> bool {
        let n = last.len();
        let unknowns = self.points.len();
        for points in self.points.chunks_exact_mut(n.max(1)) {
            points.copy_from_slice(last);
        }
        let (mut previous, mut settled) = (f64::INFINITY, false);
        for _ in 0..MAX_CORRECTIONS {
            self.matrix.fill(0.0);
            for k in 0..unknowns {
                self.matrix[k * unknowns + k] = 1.0;
            }
            for (l, found) in gradients.iter_mut().enumerate() {
                for (z, x) in self.state.iter_mut().zip(&self.points[l * n..(l + 1) * n]) {
                    *z = Complex64::from(*x);
                }
                self.derivatives.gradient_hessian(&self.state, &mut self.gradient, &mut self.hessian);
                if !self.gradient.iter().chain(&self.hessian).all(|z| z.is_finite()) {
                    self.lost = Some(self.points[l * n..(l + 1) * n].to_vec());
                    return false;
                }
                for (g, z) in found.iter_mut().zip(&self.gradient) {
                    *g = z.re;
                }
                for (i, row) in step.coupling.iter().enumerate().filter(|(_, row)| row[l] != 0.0) {
                    for r in 0..n {
                        for c in 0..n {
                            self.matrix[(i * n + r) * unknowns + l * n + c] += h * row[l] * self.hessian[r * n + c].re;
                        }
                    }
                }
            }
            if settled {
                return true;
            }
            for (i, (row, place)) in step.coupling.iter().zip(places).enumerate() {
                for (r, known) in place.iter().enumerate() {
                    let pull: f64 = row.iter().zip(&*gradients).map(|(e, g)| e * g[r]).sum();
                    self.residual[i * n + r] = self.points[i * n + r] - known + h * pull;
                }
            }
            if !solve_linear(&mut self.matrix, &mut self.residual) {
                return false;
            }
            let size = self.residual.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
            let scale = self.points.iter().fold(f64::MIN_POSITIVE, |m, x| m.max(x.abs()));
            for (y, d) in self.points.iter_mut().zip(&self.residual) {
                *y -= d;
            }
            // At the rounding, or as near to it as the conditioning lets it come; the gradients there are still to be taken.
            settled = size <= 4.0 * f64::EPSILON * scale || (size <= 1e-9 * scale && size >= 0.5 * previous);
            previous = size;
        }
        false
    }
}
