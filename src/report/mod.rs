//! One document about a loss: its series, the checks, its trajectories.

mod start;
mod step;
#[cfg(test)]
mod tests;
mod work;

use crate::budget::{Budget, Stopped};
use crate::concrete::{self, ConcreteEquation};
use crate::evidence::{CheckReport, PrincipalSummary, check_routes};
use crate::flow::{
    AtCut, FlowError, FlowName, IntegratorOptions, LossValue, Simulation, Subject, all_threads, model_of, simulate_for,
};
use crate::formula::Formula;
use crate::loss::Loss;
use crate::number::Rational;
use crate::optimizer::{BoundOptimizer, OptimizerError};
use crate::render::Formulas;
use crate::render::html::{self, Figure, ReportData, Setting};
use crate::render::plot::{ErrorsPlot, Picture, PlotError, SharpnessPlot, TrajectoryPlot};
use crate::series::{self, ModifiedEquation};
use crate::tree::Notation;
use crate::warning::Warning;

/// What a report shows.
#[derive(Debug, Clone)]
pub struct ReportOptions {
    /// The optimizer; while it has symbols nothing is simulated.
    pub optimizer: BoundOptimizer,
    /// The highest order of the derived series.
    pub order: usize,
    /// The highest order of the checks.
    pub check_order: usize,
    /// The step size; `None` takes one at which the flows exist along the optimizer's own path: the one with `hλ_0 = 3/2` at the start if no `hλ`
    /// comes near the branch point of α on the way, else the one whose `hλ` stay below 4/5 of it.
    pub h: Option<Rational>,
    /// The optimizer's steps.
    pub steps: usize,
    /// Where to start, by parameter; what is missing is chosen: 0 for all, or the first point of a list where the loss, its gradient and its
    /// Hessian are finite and the gradient is not 0.
    pub start: Vec<Option<f64>>,
    /// The flows beside the optimizer.
    pub flows: Vec<FlowName>,
    /// What a flow does where it slides along a cut.
    pub at_cut: AtCut,
    /// The most integration steps along one flow, twelve evaluations of its field each; `None` takes what a budget of arithmetic allows for this
    /// loss, which does not depend on the machine.
    pub max_steps: Option<usize>,
    /// How elementary differentials are written.
    pub notation: Notation,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            optimizer: BoundOptimizer::gradient_descent(),
            order: 3,
            check_order: 8,
            h: None,
            steps: 12,
            start: Vec::new(),
            flows: FlowName::USUAL.split(',').filter_map(|name| name.parse().ok()).collect(),
            at_cut: AtCut::Slide,
            max_steps: None,
            notation: Notation::Operator,
        }
    }
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The abstract derivation failed.
    #[error(transparent)]
    Series(#[from] series::DeriveError),
    /// The optimizer has no modified equation.
    #[error(transparent)]
    Method(#[from] OptimizerError),
    /// The loss's derivation failed.
    #[error(transparent)]
    Derive(#[from] concrete::DeriveError),
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
    loss: Option<Formula>,
    equation: ModifiedEquation,
    concrete: ConcreteEquation,
    reserved: Vec<String>,
    checks: CheckReport,
    simulation: Option<(Simulation, Setting)>,
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
        let equation = series::derive(&options.optimizer, options.order).run()?.equation;
        // The checks take as long as all the rest, and share nothing with it.
        let (checks, rest) = std::thread::scope(|scope| {
            let budget = Budget::current();
            // Out of time there are those checks that were finished, which may be none.
            let checks = scope.spawn(move || budget.run(|| checks(options)).unwrap_or_else(|s| Ok(unchecked(&s))));
            let concrete = concrete::derive(loss, &options.optimizer, options.order).run();
            let rest = concrete.map_err(ReportError::from).and_then(|c| Ok((c, Run::of(loss, title, options)?)));
            (checks.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), rest)
        });
        let (concrete, Run { simulation, figures, mut warnings }) = rest?;
        warnings.splice(0..0, loss.warnings.iter().cloned());
        let printed = loss.expression.pool().print(&[loss.expression.id()], &[]);
        // A loss with shared subterms is shown as its source alone.
        let formula = printed.expressions.into_iter().next().filter(|_| printed.lets.is_empty());
        Ok(Self {
            title: title.to_owned(),
            source: loss.source.clone(),
            loss: formula,
            equation,
            concrete,
            reserved: loss.constants.iter().map(|(name, _)| name.clone()).collect(),
            checks: checks?,
            simulation,
            figures,
            notation: options.notation,
            warnings,
        })
    }

    /// Whether every check holds.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.checks.ok() || (self.checks.checks.is_empty() && !self.checks.warnings.is_empty())
    }

    /// What the report cannot vouch for, and what it chose by itself.
    pub fn warnings(&self) -> impl Iterator<Item = &Warning> {
        self.simulation.iter().flat_map(|(s, _)| &s.warnings).chain(&self.warnings).chain(&self.checks.warnings)
    }

    /// What was simulated, and how that was chosen.
    #[must_use]
    pub fn setting(&self) -> Option<&Setting> {
        self.simulation.as_ref().map(|(_, setting)| setting)
    }

    /// The simulation behind the figures.
    #[must_use]
    pub fn simulation(&self) -> Option<&Simulation> {
        self.simulation.as_ref().map(|(simulation, _)| simulation)
    }

    /// The report as one self-contained HTML document.
    #[must_use]
    pub fn html(&self) -> String {
        let formulas = Formulas::new(&self.concrete, &self.reserved);
        html::report(&ReportData {
            title: &self.title,
            source: Some(&self.source),
            loss: self.loss.as_ref(),
            equation: &self.equation,
            notation: self.notation,
            formulas: Some(&formulas),
            proof: None,
            checks: Some(&self.checks),
            simulation: self.simulation(),
            setting: self.setting(),
            figures: self.figures.clone(),
            warnings: self.warnings.clone(),
        })
    }
}

/// A report of no checks, with the reason.
fn unchecked(stopped: &Stopped) -> CheckReport {
    let warning = Warning::new(stopped.code(), format!("{stopped}: the checks are left out"));
    CheckReport { checks: Vec::new(), warnings: vec![warning] }
}

/// Gradient descent has its routes against each other; other optimizers their principal part against its own series.
fn checks(options: &ReportOptions) -> Result<CheckReport, ReportError> {
    if options.optimizer.is_gradient_descent() {
        return Ok(check_routes(options.check_order)?);
    }
    let summary = PrincipalSummary::of(&options.optimizer, options.check_order)?;
    Ok(CheckReport { checks: vec![summary.check], ..CheckReport::default() })
}

/// What is simulated, if anything.
#[derive(Debug, Default)]
struct Run {
    simulation: Option<(Simulation, Setting)>,
    figures: Vec<Figure>,
    warnings: Vec<Warning>,
}

impl Run {
    fn of(loss: &Loss, title: &str, options: &ReportOptions) -> Result<Self, ReportError> {
        let nothing = |why: String| {
            let warning = Warning::new("not-simulated", format!("nothing is simulated: {why}"));
            Ok(Self { warnings: vec![warning], ..Self::default() })
        };
        if !loss.expression.pool().symbols().is_empty() {
            let symbols = loss.expression.pool().symbols().join(", ");
            return nothing(format!(
                "constants without a value ({symbols}); give one with `Options::set` (NAME = VALUE)"
            ));
        }
        if !options.optimizer.symbols().is_empty() {
            let symbols = options.optimizer.symbols().join(", ");
            let name = options.optimizer.name();
            return nothing(format!(
                "{name} has no value for {symbols}; give one with `Optimizer::bind` (NAME = VALUE)"
            ));
        }
        if loss.expression.pool().dimension() == 0 {
            return nothing("the loss has no parameters".to_owned());
        }
        let subject = Subject::new(&options.optimizer)?;
        let mut model = model_of(loss.expression.clone(), all_threads())?;
        let value = LossValue::new(loss)?;
        // First, since it says where a dense Hessian is too large.
        drop(model.hessian()?);
        let Some(start) = start::choose(&*model, &value, &options.start)? else {
            return nothing(
                "the parameters have no start, and the loss, its gradient or its Hessian is not finite at any point tried; give one \
                 with `ReportOptions::start` or initial values in the loss"
                    .to_owned(),
            );
        };
        let mut warnings = Vec::new();
        if let Some(rule) = &start.rule {
            warnings.push(Warning::new("start-chosen", rule.clone()));
        }
        let step = match &options.h {
            Some(h) => step::Chosen { h: h.clone(), reason: "the step size was given".to_owned() },
            None => step::choose(&subject, options, &mut *model, &start.at)?,
        };
        let integrator = IntegratorOptions {
            record: true,
            at_cut: options.at_cut,
            max_steps: options.max_steps.unwrap_or_else(|| work::integration_steps(loss)),
            ..IntegratorOptions::default()
        };
        let run = simulate_for(&subject, &mut *model, &step.h, options.steps, &start.at, &options.flows, &integrator)?;
        let figures = pictures(&run, &value, title)?;
        let setting = Setting { start: start.at, start_rule: start.rule, step_rule: step.reason };
        Ok(Self { simulation: Some((run, setting)), figures, warnings })
    }
}

fn pictures(simulation: &Simulation, value: &LossValue, title: &str) -> Result<Vec<Figure>, PlotError> {
    let mut figures = Vec::new();
    let mut push = |drawn: Result<String, PlotError>, caption: &str| match drawn {
        Ok(svg) => {
            figures.push(Figure { svg, caption: caption.to_owned() });
            Ok(())
        }
        // Nothing to draw: the page's table says so.
        Err(PlotError::Empty(_)) => Ok(()),
        Err(e) => Err(e),
    };
    if simulation.parameters.len() == 2 {
        let loss = |x: f64, y: f64| value.at(&[x, y]);
        push(
            TrajectoryPlot { simulation, loss: &loss, title: title.to_owned() }.svg(),
            "The optimizer's iterates (dots) and the real parts of the flows, over the contours of the loss.",
        )?;
    }
    push(ErrorsPlot { simulation }.svg(), "The distance of each flow, a complex state, from the optimizer's iterate.")?;
    push(
        SharpnessPlot { simulation, title: "Loss and sharpness".to_owned() }.svg(),
        "The loss and the largest hλ, an eigenvalue of the Hessian times the step size, at every step; real parts for the flows. Beyond 1 \
         the optimizer overshoots along that direction, at 2 is the edge of stability.",
    )?;
    Ok(figures)
}
