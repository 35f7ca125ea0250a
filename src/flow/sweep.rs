//! Many simulations in parallel: over step sizes and starts.

use super::compiled::CompiledModel;
use super::integrator::IntegratorOptions;
use super::name::{FlowError, FlowName};
use super::simulate::simulate_for;
use super::simulation::Simulation;
use super::subject::Subject;
use crate::budget::{Budget, Counted};
use crate::number::Rational;
use rayon::prelude::*;
use std::ops::ControlFlow;

/// How many cases each thread computes between deliveries.
const CASES_PER_THREAD: usize = 16;

/// What to simulate: every step size from every start, the starts of one step size in a row.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The step sizes.
    pub step_sizes: Vec<Rational>,
    /// The starts.
    pub starts: Vec<Vec<f64>>,
    /// The flows beside the optimizer.
    pub flows: Vec<FlowName>,
    /// How many steps of the optimizer.
    pub steps: usize,
    /// How to integrate.
    pub options: IntegratorOptions,
}

impl Sweep {
    /// The number of cases.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.step_sizes.len() * self.starts.len()
    }

    /// The step size and the start of a case; `None` beyond the last.
    #[must_use]
    pub fn case(&self, case: usize) -> Option<(&Rational, &[f64])> {
        let h = self.step_sizes.get(case.checked_div(self.starts.len())?)?;
        Some((h, self.starts.get(case % self.starts.len())?))
    }
}

/// Simulates the cases of a sweep from `first` on, on all threads of the current rayon pool.
///
/// `digest` turns each simulation, in its thread, into what is to be kept; `deliver` receives that in the order of the cases, whatever the
/// number of threads, and may end the sweep. Every case is computed alone, so results do not depend on the threads either. A sweep
/// whose results are written in order as they are delivered can go on later: count what is there and give it as `first`.
///
/// ```
/// use shadowflow::flow::{CompiledModel, FlowName, IntegratorOptions, Subject, Sweep, sweep};
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::loss::{Loss, Options};
/// use std::ops::ControlFlow;
/// let loss = Loss::parse("param x\nloss x^2 + x^4/4\n", "quartic.loss", &Options::default())?;
/// let model = CompiledModel::new(loss)?;
/// let plan = Sweep {
///     step_sizes: vec!["1/10".parse()?, "1/5".parse()?],
///     starts: vec![vec![1.0], vec![-0.5]],
///     flows: vec![FlowName::Pf],
///     steps: 3,
///     options: IntegratorOptions::default(),
/// };
/// let mut errors = Vec::new();
/// let subject = Subject::new(&BoundOptimizer::gradient_descent())?;
/// sweep(&subject, &model, &plan, 0, |s| s.flows[0].error[3], |_, error| {
///     errors.push(error);
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!(errors.len(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Where the thread's [budget](crate::budget) is used up, the sweep ends, as if `deliver` had ended it, with the cases that were whole before.
///
/// # Errors
/// Those of [`simulate`](super::simulate()) for the first case that has one, after all before it are delivered.
pub fn sweep<R: Send>(
    subject: &Subject,
    model: &CompiledModel,
    plan: &Sweep,
    first: usize,
    digest: impl Fn(&Simulation) -> R + Sync,
    mut deliver: impl FnMut(usize, R) -> ControlFlow<()>,
) -> Result<(), FlowError> {
    let budget = &Budget::current();
    let counted = Counted::begin("cases", plan.cases().saturating_sub(first) as u64);
    // Nothing of a case that was cut short.
    let run = |model: &mut CompiledModel, case: usize| -> Option<Result<R, FlowError>> {
        let one = || {
            let (h, start) = plan.case(case).ok_or_else(|| FlowError::Setting(format!("there is no case {case}")))?;
            let simulation = simulate_for(subject, model, h, plan.steps, start, &plan.flows, &plan.options)?;
            Ok(digest(&simulation))
        };
        let found = budget.run(one).ok().filter(|_| budget.stopped().is_none());
        counted.advance(1);
        found
    };
    let (cases, block) = (plan.cases(), CASES_PER_THREAD * rayon::current_num_threads().max(1));
    let mut from = first;
    while from < cases {
        let to = (from + block).min(cases);
        let found: Vec<Option<Result<R, FlowError>>> =
            (from..to).into_par_iter().map_init(|| model.clone(), run).collect();
        for (case, result) in (from..to).zip(found) {
            let Some(result) = result else { return Ok(()) };
            if deliver(case, result?).is_break() {
                return Ok(());
            }
        }
        from = to;
    }
    Ok(())
}
