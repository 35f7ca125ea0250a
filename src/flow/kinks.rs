//! Where a loss has no derivative: the arguments of relu, abs, sign and step, and trajectories that do not get past them.

use super::field::Field;
use super::integrator::Accepted;
use super::lost_value::{expressions, quoted};
use crate::eval::{Compiled, Program, Scratch, VectorFunction};
use crate::expr::{Id, Nonsmooth, Op, Pool, Tape, Variable};
use crate::spectral::norm;
use crate::warning::Warning;
use num_complex::Complex64;
use std::sync::Arc;

/// The time, over the size of the state, for which an argument's change along the field is looked at.
const MOMENT: f64 = 1e-7;

/// What rests moves by less than this, relative to the fields on both sides.
const AT_REST: f64 = 1e-6;

/// Watches where a trajectory is held at a kink of the loss: where the fields of both sides lead back to it, as at the minimum of `abs(x)`.
#[derive(Debug, Clone)]
pub struct Kinks {
    /// For the names of the kinks.
    source: Arc<(Pool, Tape)>,
    /// The operations without derivative.
    at: Vec<usize>,
    arguments: Arc<Compiled>,
    scratch: Scratch,
    before: Vec<Complex64>,
    after: Vec<Complex64>,
    moved: Vec<Complex64>,
    held: Option<Held>,
}

/// A kink that holds a trajectory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    /// The function without derivative there, as it stands in the loss.
    pub(super) name: String,
    /// Whether nothing moves any more, rather than along the kink.
    pub(super) at_rest: bool,
}

/// The states on both sides of a step, each with the field there.
#[derive(Debug, Clone, Copy)]
struct Sides<'a> {
    before: (&'a [Complex64], &'a [Complex64]),
    after: (&'a [Complex64], &'a [Complex64]),
}

impl Kinks {
    /// `None` if no function of the loss has a kink.
    pub(super) fn new(pool: &Pool, loss: Id) -> Option<Self> {
        if pool.nonsmooth(&[loss]).is_empty() {
            return None;
        }
        let tape = Tape::new(pool, &[loss]);
        let mut varies = vec![false; tape.ops.len()];
        let (mut at, mut outputs) = (Vec::new(), Vec::new());
        for (k, op) in tape.ops.iter().enumerate() {
            varies[k] = matches!(op, Op::Input(Variable::Theta(_))) || op.operands().any(|o| varies[o as usize]);
            if let Op::Apply(f, a) = op
                && !f.is_smooth()
                && varies[k]
            {
                at.push(k);
                outputs.push(*a);
            }
        }
        if at.is_empty() {
            return None;
        }
        let program = Program::complex(pool, &Tape { ops: tape.ops.clone(), outputs }).ok()?;
        let zeros = vec![Complex64::ZERO; at.len()];
        Some(Self {
            source: Arc::new((pool.clone(), tape)),
            at,
            arguments: Arc::new(Compiled::new(&program)),
            scratch: Scratch::new(),
            before: zeros.clone(),
            after: zeros.clone(),
            moved: zeros,
            held: None,
        })
    }

    /// Whether a kink holds the trajectory that made this step; [`Kinks::held`] has it then.
    pub(super) fn holds(&mut self, step: &Accepted<'_>) -> bool {
        let sides = Sides { before: (step.before(), step.speed_before()), after: (step.state, step.speed()) };
        self.held = self.between(sides);
        self.held.is_some()
    }

    /// Whether a kink so steep that no step across it is accepted lies right ahead and holds the trajectory.
    pub(super) fn holds_ahead(&mut self, field: &mut dyn Field, state: &[Complex64], duration: f64) -> bool {
        let (mut here, mut there) = (state.to_vec(), state.to_vec());
        if field.evaluate(state, &mut here).is_err() {
            return false;
        }
        let mut part = 1e-15;
        while part < 1e-6 {
            let after: Vec<Complex64> = state.iter().zip(&here).map(|(x, f)| x + f * (duration * part)).collect();
            if field.evaluate(&after, &mut there).is_err() {
                return false;
            }
            self.held = self.between(Sides { before: (state, &here), after: (&after, &there) });
            if self.held.is_some() {
                return true;
            }
            part *= 4.0;
        }
        false
    }

    /// The kink that held the trajectory last.
    pub(super) fn held(&self) -> Option<&Held> {
        self.held.as_ref()
    }

    /// Forgets what held another trajectory.
    pub(super) fn restart(&mut self) {
        self.held = None;
    }

    /// The kink that holds the trajectory, where one step goes across and the fields of both sides lead back.
    fn between(&mut self, Sides { before, after }: Sides<'_>) -> Option<Held> {
        self.arguments.call_complex(before.0, &mut self.before, &mut self.scratch);
        self.arguments.call_complex(after.0, &mut self.after, &mut self.scratch);
        let met = |(a, b): (&Complex64, &Complex64)| (a.re < 0.0) != (b.re < 0.0);
        if !self.before.iter().zip(&self.after).any(met) {
            return None;
        }
        let start = self.rates(before, false);
        let end = self.rates(after, true);
        let kink = (0..self.at.len()).find(|k| {
            met((&self.before[*k], &self.after[*k]))
                && start[*k] * self.before[*k].re < 0.0
                && end[*k] * self.after[*k].re < 0.0
        })?;
        // Filippov's solution: the mean of both fields that stays on the kink.
        let (p, q) = (end[kink] / (end[kink] - start[kink]), -start[kink] / (end[kink] - start[kink]));
        let along = norm(before.1.iter().zip(after.1).map(|(f, g)| f * p + g * q));
        let sides = norm(before.1.iter().copied()) + norm(after.1.iter().copied());
        Some(Held { name: self.name(kink), at_rest: along <= AT_REST * sides })
    }

    /// How fast the real parts of the arguments change along the field.
    fn rates(&mut self, (state, field): (&[Complex64], &[Complex64]), end: bool) -> Vec<f64> {
        let speed = norm(field.iter().copied());
        if speed == 0.0 {
            return vec![0.0; self.at.len()];
        }
        let time = MOMENT * (1.0 + norm(state.iter().copied())) / speed;
        let later: Vec<Complex64> = state.iter().zip(field).map(|(x, f)| x + f * time).collect();
        self.arguments.call_complex(&later, &mut self.moved, &mut self.scratch);
        let now = if end { &self.after } else { &self.before };
        self.moved.iter().zip(now).map(|(a, b)| (a.re - b.re) / time).collect()
    }

    fn name(&self, kink: usize) -> String {
        let (pool, tape) = &*self.source;
        let mut pool = pool.clone();
        match expressions(&mut pool, tape, self.at[kink]) {
            Some((id, _)) => quoted(&pool, id),
            None => "a function without derivative".to_owned(),
        }
    }
}

/// What to say of a loss that has no derivative somewhere.
pub(super) fn nonsmooth(functions: Vec<Nonsmooth>) -> Vec<Warning> {
    let warn = |function: Nonsmooth| {
        let sentence = function.sentence();
        let message = format!(
            "{sentence}: derivatives hold as long as its argument does not change sign; a flow led to where it does from both \
             sides rests there or slides along"
        );
        Warning::new("non-smooth", message)
    };
    functions.into_iter().map(warn).collect()
}
