//! One flow, step by step from states that are given on the way.

use super::closed::exact;
use super::description::{FlowDescription, FlowLaw};
use super::field::Field;
use super::integrator::{Integrator, IntegratorOptions};
use super::kinks::Kinks;
use super::model::Model;
use super::name::FlowError;
use super::outcome::Outcome;
use super::simulate::field_within;
use super::slide::advance;
use super::subject::Subject;
use crate::number::Rational;
use num_complex::Complex64;

/// A flow that is followed for one step of the optimizer's time after another, from any state: what [`simulate`](super::simulate) does for a whole
/// trajectory, for who makes the iterates himself.
///
/// ```
/// use shadowflow::flow::{CompiledModel, FlowFollower, FlowName, IntegratorOptions, Subject};
/// use shadowflow::loss::{Loss, Options};
/// use shadowflow::optimizer::BoundOptimizer;
/// let model = CompiledModel::new(Loss::parse("param x\nloss x^2/2\n", "square.loss", &Options::default())?)?;
/// let subject = Subject::new(&BoundOptimizer::gradient_descent())?;
/// let (pf, h) = (FlowName::Pf.describe(), "1/2".parse()?);
/// let mut flow = FlowFollower::new(&subject, &model, &pf, &h, IntegratorOptions::default())?;
/// flow.restart(&[1.0]);
/// flow.step().expect("a smooth flow");
/// // θ_{t+1} = θ_t/2, which the principal flow gives exactly on a quadratic.
/// assert!((flow.state()[0].re - 0.5).abs() < 1e-9);
/// # Ok::<(), shadowflow::Error>(())
/// ```
pub struct FlowFollower<'a> {
    subject: &'a Subject,
    model: &'a dyn Model,
    closed: bool,
    /// Whether the field does not depend on the step size.
    free: bool,
    back: usize,
    h: f64,
    field: Option<Box<dyn Field + 'a>>,
    kinks: Option<Kinks>,
    integrator: Integrator,
    options: IntegratorOptions,
    state: Vec<Complex64>,
    slid: bool,
    resting: bool,
}

impl std::fmt::Debug for FlowFollower<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlowFollower").field("h", &self.h).finish_non_exhaustive()
    }
}

impl<'a> FlowFollower<'a> {
    /// Of a flow at a step size.
    ///
    /// # Errors
    /// Why the flow does not fit the loss or the model.
    pub fn new(
        subject: &'a Subject,
        model: &'a dyn Model,
        flow: &FlowDescription,
        h: &Rational,
        options: IntegratorOptions,
    ) -> Result<Self, FlowError> {
        let closed = matches!(flow.law, FlowLaw::Closed);
        if closed && !model.is_quadratic() {
            return Err(flow.refused(FlowError::needs_quadratic()));
        }
        let n = model.parameters().len();
        Ok(Self {
            subject,
            model,
            closed,
            free: matches!(flow.law, FlowLaw::Gradient { .. } | FlowLaw::Reversed { .. }),
            back: flow.steps(),
            h: h.to_f64(),
            field: if closed { None } else { Some(field_within(subject, model, flow, h, options.tolerance)?) },
            kinks: model.kinks(),
            integrator: Integrator::new(n, options),
            options,
            state: vec![Complex64::ZERO; n],
            slid: false,
            resting: false,
        })
    }

    /// Takes another step size, where the field does not depend on it; `false` where it does.
    pub fn set_h(&mut self, h: f64) -> bool {
        if self.free {
            self.h = h;
        }
        self.free || self.h == h
    }

    /// The step size.
    #[must_use]
    pub fn h(&self) -> f64 {
        self.h
    }

    /// After how many steps it is compared with the optimizer: of `rpf2` 2, else 1.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.back
    }

    /// Begins at a real state.
    pub fn restart(&mut self, state: &[f64]) {
        self.state.iter_mut().zip(state).for_each(|(z, x)| *z = Complex64::from(*x));
        self.integrator = Integrator::new(state.len(), self.options);
        if self.free {
            // One step of the optimizer is short for the gradient alone: to hλ = 2 it mostly takes two of the method.
            self.integrator.propose(0.5);
        }
        self.kinks.iter_mut().for_each(Kinks::restart);
        if let Some(field) = &mut self.field {
            field.spread(false);
        }
        (self.slid, self.resting) = (false, false);
    }

    /// Goes on for one step of the optimizer.
    ///
    /// # Errors
    /// How it ended; the state is then where it was lost.
    pub fn step(&mut self) -> Result<(), Outcome> {
        if self.closed {
            let from: Vec<f64> = self.state.iter().map(|z| z.re).collect();
            let found = exact(self.subject, self.model, self.h, 1, &from).map_err(|e| Outcome::from(&e))?;
            let end = found.into_iter().nth(1).flatten();
            self.state = end.ok_or(Outcome::NoValue(crate::spectral::SpectralError::NotFinite))?;
            return Ok(());
        }
        if self.resting {
            return Ok(());
        }
        let Some(field) = &mut self.field else { return Err(Outcome::NotComputed) };
        let (slide, result) = advance(
            &mut self.integrator,
            &mut **field,
            self.options.at_cut,
            self.h,
            &mut self.state,
            self.kinks.as_mut(),
            &mut |_, _| {},
        );
        self.slid |= slide.is_some();
        if result == Err(Outcome::Kink) && self.kinks.as_ref().and_then(Kinks::held).is_some_and(|held| held.at_rest) {
            self.resting = true;
            return Ok(());
        }
        result
    }

    /// Where it is.
    #[must_use]
    pub fn state(&self) -> &[Complex64] {
        &self.state
    }

    /// Whether it slid along a cut since it began.
    #[must_use]
    pub fn slid(&self) -> bool {
        self.slid
    }
}
