//! One document about a loss: its series, the checks, its trajectories.

use crate::bea::{
    CheckReport, ConcreteEquation, DeriveError, DeriveLimits, ModifiedEquation, Route, RouteError, check_routes,
    derive, derive_abstract,
};
use crate::flow::{
    CompiledModel, Derivatives, FlowError, FlowName, IntegratorOptions, Level, LossValue, Model, Simulation, simulate,
};
use crate::loss::Loss;
use crate::number::Rational;
use crate::render::html::{self, Figure, ReportData};
use crate::render::plot::{ErrorsPlot, Picture, PlotError, TrajectoryPlot};
use crate::render::{Formulas, Notation};
use crate::spectral::SymmetricEigen;
use crate::warning::Warning;
use num_complex::Complex64;

/// What a report shows.
#[derive(Debug, Clone)]
pub struct ReportOptions {
    /// The highest order of the derived series.
    pub order: usize,
    /// The highest order of the checks.
    pub check_order: usize,
    /// The step size; `None` takes the one at which the start's `hλ_0` is 3/2, where the flows differ most.
    pub h: Option<Rational>,
    /// The optimizer's steps.
    pub steps: usize,
    /// Where to start, if the loss says so or the user does; without it nothing is simulated.
    pub start: Option<Vec<f64>>,
    /// The flows beside the optimizer.
    pub flows: Vec<FlowName>,
    /// How elementary differentials are written.
    pub notation: Notation,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            order: 3,
            check_order: 8,
            h: None,
            steps: 12,
            start: None,
            flows: ["ngf", "igr", "third", "pf", "pf+np3"].iter().filter_map(|name| name.parse().ok()).collect(),
            notation: Notation::Operator,
        }
    }
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The abstract derivation failed.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The loss's derivation failed.
    #[error(transparent)]
    Derive(#[from] DeriveError),
    /// The flows could not be run.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// A picture could not be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
}

/// The facts of a report, gathered.
#[derive(Debug)]
pub struct Report {
    title: String,
    source: String,
    loss: String,
    equation: ModifiedEquation,
    concrete: ConcreteEquation,
    reserved: Vec<String>,
    checks: CheckReport,
    simulation: Option<Simulation>,
    figures: Vec<Figure>,
    notation: Notation,
    warnings: Vec<Warning>,
}

impl Report {
    /// Derives, checks and simulates.
    ///
    /// # Errors
    /// [`ReportError`], whichever part fails.
    pub fn gather(loss: &Loss, title: &str, options: &ReportOptions) -> Result<Self, ReportError> {
        let mut warnings = Vec::new();
        let equation = derive_abstract(options.order, Route::Auto)?;
        let concrete = derive(&loss.pool, loss.loss, options.order, &DeriveLimits::default())?;
        let checks = check_routes(options.check_order)?;
        let (mut simulation, mut figures) = (None, Vec::new());
        match &options.start {
            Some(_) if !loss.pool.symbols().is_empty() => {
                warnings.push(Warning::new("not-simulated", "nothing is simulated: some constants have no value; give them with --set"));
            }
            Some(start) => {
                let run = run(loss, start, options)?;
                figures = pictures(&run, &LossValue::new(&loss.pool, loss.loss)?, title)?;
                simulation = Some(run);
            }
            None => warnings.push(Warning::new(
                "not-simulated",
                "nothing is simulated: the parameters have no start; give one with --start or initial values in the loss",
            )),
        }
        let printed = loss.pool.print(&[loss.loss], &[]);
        // A loss with shared subterms is shown as its source alone.
        let formula = if printed.lets.is_empty() { printed.expressions.concat() } else { String::new() };
        Ok(Self {
            title: title.to_owned(),
            source: loss.source.clone(),
            loss: formula,
            equation,
            concrete,
            reserved: loss.constants.iter().map(|(name, _)| name.clone()).collect(),
            checks,
            simulation,
            figures,
            notation: options.notation,
            warnings,
        })
    }

    /// Whether every check holds.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.checks.ok()
    }

    /// The report as one self-contained HTML document.
    #[must_use]
    pub fn html(&self) -> String {
        let formulas = Formulas::new(&self.concrete, &self.reserved);
        html::report(&ReportData {
            title: &self.title,
            source: Some(&self.source),
            loss: (!self.loss.is_empty()).then_some(&self.loss),
            equation: &self.equation,
            notation: self.notation,
            formulas: Some(&formulas),
            proof: None,
            checks: Some(&self.checks),
            simulation: self.simulation.as_ref(),
            figures: self.figures.clone(),
            warnings: self.warnings.clone(),
        })
    }
}

fn run(loss: &Loss, start: &[f64], options: &ReportOptions) -> Result<Simulation, ReportError> {
    let model = |h: &Rational| CompiledModel::new(loss.pool.clone(), loss.loss, h.clone());
    let h = match &options.h {
        Some(h) => h.clone(),
        None => step_size(&model(&Rational::ONE)?, start)?,
    };
    let mut model = model(&h)?;
    let integrator = IntegratorOptions { record: true, ..IntegratorOptions::default() };
    Ok(simulate(&mut model, h.to_f64(), options.steps, start, &options.flows, &integrator)?)
}

/// The step size at which `hλ_0 = 3/2` at the start, cut to two digits; 1/10 where no curvature is positive.
fn step_size(model: &CompiledModel, start: &[f64]) -> Result<Rational, ReportError> {
    let n = start.len();
    let state: Vec<Complex64> = start.iter().map(|x| Complex64::from(*x)).collect();
    // First, since it says where a dense Hessian is too large.
    let mut derivatives = model.derivatives(Level::Hessian)?;
    let (mut g, mut hessian) = (vec![Complex64::ZERO; n], vec![Complex64::ZERO; n * n]);
    derivatives.gradient_hessian(&state, &mut g, &mut hessian);
    let mut eigen = SymmetricEigen::new(n);
    let largest = if eigen.decompose(|i, j| hessian[i * n + j].re) {
        eigen.values().iter().copied().fold(f64::NEG_INFINITY, f64::max)
    } else {
        f64::NAN
    };
    let fallback = Rational::new(1, 10);
    if !(largest.is_finite() && largest > 0.0) {
        return Ok(fallback);
    }
    Ok(format!("{:.1e}", 1.5 / largest).parse().unwrap_or(fallback))
}

fn pictures(simulation: &Simulation, value: &LossValue, title: &str) -> Result<Vec<Figure>, PlotError> {
    let mut figures = Vec::new();
    if simulation.parameters.len() == 2 {
        let loss = |x: f64, y: f64| value.at(&[x, y]);
        let svg = TrajectoryPlot { simulation, loss: &loss, title: title.to_owned() }.svg()?;
        let caption = "The optimizer's iterates (dots) and the real parts of the flows, over the contours of the loss.";
        figures.push(Figure { svg, caption: caption.to_owned() });
    }
    let caption = "The distance of each flow, a complex state, from the optimizer's iterate.".to_owned();
    match (ErrorsPlot { simulation }).svg() {
        Ok(svg) => figures.push(Figure { svg, caption }),
        // No flow has an error: the report's table says so.
        Err(PlotError::Empty(_)) => {}
        Err(e) => return Err(e),
    }
    Ok(figures)
}
