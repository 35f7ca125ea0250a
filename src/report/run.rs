//! What is computed in numbers: the trajectories, the critical points, the spectrum along the way, and their pictures.

use super::setting::Setting;
use super::{Part, ReportOptions, explicit, start, step, work};
use crate::evaluation::Evaluation;
use crate::flow::{
    CriticalSearch, FlowName, IntegratorOptions, LossValue, Simulation, Stability, StabilityTrajectory, Subject,
    all_threads, is_large, model_of, simulate_for, stability, stability_along,
};
use crate::loss::Loss;
use crate::plan::Route;
use crate::render::document::Figure;
use crate::render::plot::{ErrorsPlot, PlotError, SharpnessPlot, TrajectoryPlot};
use crate::warning::Warning;

/// Parameters up to which critical points are searched: every step of a search takes the whole Hessian.
const MOST_SEARCHED: usize = 24;
/// Parameters up to which the spectrum is followed along the way.
const MOST_FOLLOWED: usize = 128;

/// What was computed.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) simulation: Simulation,
    pub(super) setting: Setting,
    pub(super) figures: Vec<Figure>,
    pub(super) values: Part<Evaluation>,
    pub(super) points: Part<Stability>,
    pub(super) along: Part<StabilityTrajectory>,
    /// What was chosen, and what was left out.
    pub(super) warnings: Vec<Warning>,
}

impl Run {
    /// Simulates; the reason where that cannot be.
    pub(super) fn of(loss: &Loss, title: &str, options: &ReportOptions) -> Part<Self> {
        numeric(loss, options)?;
        let failed = |e: crate::flow::FlowError| e.to_string();
        let subject = Subject::new(&options.optimizer).map_err(|e| e.to_string())?;
        let mut model = model_of(loss.expression.clone(), all_threads()).map_err(failed)?;
        let value = LossValue::new(loss).map_err(failed)?;
        let Some(start) = start::choose(&*model, &value, &options.start).map_err(failed)? else {
            return Err("not every parameter has a start, and at every point tried the loss, its gradient or its Hessian is not finite, or the gradient is 0; \
                 give one with `ReportOptions::start` or initial values in the loss"
                .to_owned());
        };
        let mut warnings = Vec::new();
        if let Some(rule) = &start.rule {
            warnings.push(Warning::new("start-chosen", rule.clone()));
        }
        let (flows, left_out) = flows(loss, options);
        warnings.extend(left_out);
        let step = match &options.h {
            Some(h) => step::Chosen { h: h.clone(), reason: "the step size was given".to_owned() },
            None if is_large(loss) => step::choose_by_products(loss, &subject, &start.at)?,
            None => step::choose(&subject, options, &mut *model, &start.at).map_err(failed)?,
        };
        let integrator = IntegratorOptions {
            record: true,
            at_cut: options.at_cut,
            max_steps: options.max_steps.unwrap_or_else(|| work::integration_steps(loss)),
            ..IntegratorOptions::default()
        };
        let simulation = simulate_for(&subject, &mut *model, &step.h, options.steps, &start.at, &flows, &integrator)
            .map_err(failed)?;
        let figures = pictures(&simulation, &value, title).map_err(|e| e.to_string())?;
        let values = explicit::values(loss, &subject, options.order, &start.at, &step.h);
        let theta = |theta: &[f64]| value.at(theta);
        let dimension = loss.expression.pool().dimension();
        let points = match dimension > MOST_SEARCHED || Route::of(loss) == Route::Array {
            true => Err(format!(
                "a search takes the whole Hessian of {dimension} parameters at every step, from many starts, and is left out of a report; \
                 `flow::stability` searches"
            )),
            false => {
                stability(&subject, &*model, &theta, &step.h, &search(dimension, &start.at), &flows).map_err(failed)
            }
        };
        let along = match dimension > MOST_FOLLOWED {
            true => Err(format!(
                "the whole spectrum of {dimension} parameters at every step is left out of a report; `flow::stability_along` follows it"
            )),
            false => stability_along(&subject, &mut *model, &theta, &step.h, &start.at, options.steps).map_err(failed),
        };
        let setting = Setting { start: start.at, start_rule: start.rule, step_rule: step.reason, h: step.h };
        Ok(Self { simulation, setting, figures, values, points, along, warnings })
    }

    /// All that it cannot vouch for.
    pub(super) fn all_warnings(&self) -> Vec<Warning> {
        let own = self.warnings.iter().chain(&self.simulation.warnings);
        let values = self.values.iter().flat_map(|v| &v.values.warnings);
        let points = self.points.iter().flat_map(|p| &p.warnings);
        let along = self.along.iter().flat_map(|a| &a.warnings);
        own.chain(values).chain(points).chain(along).cloned().collect()
    }
}

/// Whether there are numbers for everything.
fn numeric(loss: &Loss, options: &ReportOptions) -> Part<()> {
    let pool = loss.expression.pool();
    if !pool.symbols().is_empty() {
        let symbols = pool.symbols().join(", ");
        return Err(format!("constants without a value ({symbols}); give one with `Options::set` (NAME = VALUE)"));
    }
    if !options.optimizer.symbols().is_empty() {
        let (name, symbols) = (options.optimizer.name(), options.optimizer.symbols().join(", "));
        return Err(format!("{name} has no value for {symbols}; give one with `Optimizer::bind` (NAME = VALUE)"));
    }
    if pool.dimension() == 0 {
        return Err("the loss has no parameters".to_owned());
    }
    Ok(())
}

/// The flows that are asked for, or those that suit the size of the loss, with what is left out.
fn flows(loss: &Loss, options: &ReportOptions) -> (Vec<FlowName>, Option<Warning>) {
    let list = |names: &str| -> Vec<FlowName> { names.split(',').filter_map(|name| name.parse().ok()).collect() };
    if !options.flows.is_empty() {
        return (options.flows.clone(), None);
    }
    if !is_large(loss) {
        return (list(FlowName::USUAL), None);
    }
    let message = format!(
        "the flows pf and pf+np3 are left out: a step of one takes hundreds of products with the Hessian of {} parameters at complex states; \
         `ReportOptions::flows` asks for them",
        loss.expression.pool().dimension()
    );
    (list(FlowName::USUAL_OF_LARGE), Some(Warning::new("not-computed", message)))
}

fn search(dimension: usize, start: &[f64]) -> CriticalSearch {
    CriticalSearch::everywhere(dimension, CriticalSearch::default_starts(dimension)).and_from(start.to_vec())
}

fn pictures(simulation: &Simulation, value: &LossValue, title: &str) -> Result<Vec<Figure>, PlotError> {
    let mut drawn = Vec::new();
    let mut states = simulation.flows.iter().flat_map(|flow| flow.trajectory.iter().flatten().flatten());
    let complex = states.any(|z| z.im != 0.0);
    let own = |real: &str, of_complex: &str| format!("{real}{}", if complex { of_complex } else { "" });
    if simulation.parameters.len() == 2 {
        let loss = |x: f64, y: f64| value.at(&[x, y]);
        drawn.push(Figure::new(
            "trajectories",
            &TrajectoryPlot { simulation, loss: &loss, title: title.to_owned() },
            own(
                "The optimizer's iterates (dots) and the flows, over the contours of the loss",
                "; of complex states the real parts",
            ) + ".",
        ));
    }
    drawn.push(Figure::new(
        "errors",
        &ErrorsPlot { simulation },
        own("The distance of each flow from the optimizer's iterate", ", imaginary parts included") + ".",
    ));
    drawn.push(Figure::new(
        "sharpness",
        &SharpnessPlot { simulation, title: "Loss and sharpness".to_owned() },
        own(
            "The loss and the largest hλ, an eigenvalue of the Hessian times the step size, at every step",
            "; real parts where a flow is complex",
        ) + ". Beyond 1 gradient descent overshoots along that direction, at 2 is its edge of stability.",
    ));
    // Where there is nothing to draw, the table says so.
    drawn.into_iter().filter(|figure| !matches!(figure, Err(PlotError::Empty(_)))).collect()
}
