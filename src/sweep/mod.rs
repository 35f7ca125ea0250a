//! Many simulations: losses × seeds × starts × step sizes × flows, in order, on all threads, in parts.

mod case;
mod run;
mod step_sizes;
#[cfg(test)]
mod tests;

pub use case::{Case, CaseRow, Finished};
pub use run::SweepError;
pub use step_sizes::{StepSizeError, step_sizes};

use crate::expr::Expression;
use crate::file::Digest;
use crate::flow::{FlowName, IntegratorOptions, Subject};
use crate::number::Rational;

/// One loss of a [`Sweep`], with one seed, and where it starts from.
#[derive(Debug, Clone)]
pub struct SweptLoss {
    /// What rows call it.
    pub name: String,
    /// The seed that its initial values were drawn with.
    pub seed: u64,
    /// The loss.
    pub expression: Expression,
    /// The starts, each with an entry for every entry of θ.
    pub starts: Vec<Vec<f64>>,
}

impl SweptLoss {
    /// A number that another loss, other data or other starts do not have.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut digest = Digest::new();
        self.expression.pool().meaning(&[self.expression.id()], &mut |bytes| digest.take(bytes));
        self.starts.iter().flatten().for_each(|x| digest.take(&x.to_bits().to_le_bytes()));
        digest.value()
    }
}

/// What to simulate: every flow with every step size from every start of every loss, `steps` steps of the optimizer each.
///
/// Cases are numbered from 0, in the order loss, seed, start, step size, flow, the last fastest; one flow of one simulation is one case. Each is computed
/// alone, so that what it gives depends neither on the threads nor on which cases are computed beside it: the rows of parts of a sweep, put together, are
/// those of the whole to the bit.
///
/// ```
/// use shadowflow::flow::{FlowName, IntegratorOptions, Subject, all_threads};
/// use shadowflow::loss::{Loss, Options};
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::sweep::{Sweep, SweptLoss, step_sizes};
/// use std::ops::ControlFlow;
/// let loss = Loss::parse("param x\nloss x^2 + x^4/4\n", "quartic.loss", &Options::default())?;
/// let sweep = Sweep {
///     losses: vec![SweptLoss { name: "quartic".into(), seed: 0, expression: loss.expression, starts: vec![vec![1.0], vec![-0.5]] }],
///     step_sizes: step_sizes("1/10:1/5:2")?,
///     flows: vec![FlowName::Ngf, FlowName::Pf],
///     subject: Subject::new(&BoundOptimizer::gradient_descent())?,
///     steps: 3,
///     options: IntegratorOptions::default(),
/// };
/// assert_eq!(sweep.len(), 8);
/// let mut errors = Vec::new();
/// sweep.run(2..6, all_threads(), |case| case.flow_run().error[3], |_, error| {
///     errors.push(error);
///     ControlFlow::Continue(())
/// })?;
/// assert!(errors.len() == 4 && errors[1] < errors[0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The losses, those of one loss with several seeds in a row.
    pub losses: Vec<SweptLoss>,
    /// The step sizes.
    pub step_sizes: Vec<Rational>,
    /// The flows beside the optimizer.
    pub flows: Vec<FlowName>,
    /// The optimizer.
    pub subject: Subject,
    /// How many steps of the optimizer.
    pub steps: usize,
    /// How to integrate.
    pub options: IntegratorOptions,
}

impl Sweep {
    /// The number of cases.
    #[must_use]
    pub fn len(&self) -> usize {
        self.losses.iter().fold(0, |sum: usize, loss| sum.saturating_add(self.of_loss(loss)))
    }

    /// Whether there is nothing to simulate.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many cases a loss has.
    fn of_loss(&self, loss: &SweptLoss) -> usize {
        loss.starts.len().saturating_mul(self.step_sizes.len()).saturating_mul(self.flows.len())
    }

    /// A case by its number; `None` beyond the last.
    #[must_use]
    pub fn case(&self, number: usize) -> Option<Case<'_>> {
        let mut rest = number;
        for (place, loss) in self.losses.iter().enumerate() {
            let own = self.of_loss(loss);
            if rest < own {
                let flow = self.flows.get(rest % self.flows.len())?;
                rest /= self.flows.len();
                let h = self.step_sizes.get(rest % self.step_sizes.len())?;
                return Some(Case { number, place, loss, start: rest / self.step_sizes.len(), h, flow });
            }
            rest -= own;
        }
        None
    }
}
