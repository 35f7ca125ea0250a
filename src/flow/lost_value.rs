//! Which operation of a loss has no value in machine floats, where its derivatives have none.

use super::derivatives::Model;
use super::outcome::{End, Outcome};
use crate::eval::{Interpreter, Program, Scratch, VectorFunction};
use crate::expr::{Algebra, BallAlgebra, DagAlgebra, Enclosure, Function, Id, Node, Op, Pool, Tape, Variable};
use crate::formula::text_within;
use crate::number::Rational;
use crate::spectral::{SpectralError, norm};
use num_complex::Complex64;

/// Bits of the enclosures that tell what a value is in truth, where so many do.
const TRUTH_BITS: usize = 2048;

/// Longer tapes are not enclosed.
const MOST_OPERATIONS: usize = 20_000;

/// What an operation of a derivative is introduced by.
const DERIVATIVE: &str = "in a derivative of the loss, ";

/// Expressions are quoted up to so many characters.
const MOST_QUOTED: usize = 80;

/// An operation that loses its value.
#[derive(Debug, Clone, PartialEq)]
pub struct LostValue {
    /// The operation and what it is at the state, such as "`log(erf(x) - 1)` is log(0) in double precision".
    pub operation: String,
    /// What helps.
    pub advice: String,
    /// Whether what was asked for is itself beyond machine floats, and not only a number on the way to it.
    pub beyond: bool,
    /// Whether a sum, product or power of finite numbers is too large: at a state that runs away, nothing else is to blame.
    pub overflows: bool,
}

impl LostValue {
    /// What to say about a place, such as "at step 1".
    #[must_use]
    pub fn message(&self, place: &str) -> String {
        format!("{} {place}; {}", self.operation, self.advice)
    }

    /// What it means for whoever needs the value: none that machine floats hold, or one that this way of writing the loss does not reach.
    pub(super) fn outcome(&self) -> Outcome {
        if self.beyond { SpectralError::NotFinite.into() } else { Outcome::EvaluationFailed }
    }

    /// What needed the value ends at a place, such as "at step 1".
    pub(super) fn end(&self, step: usize, place: &str) -> End {
        End { step, outcome: self.outcome(), message: self.message(place) }
    }
}

/// Finds the first operation that is not finite where its arguments are, on the way to a root that is not.
///
/// `real` says whether the code that failed is that of real numbers, where `log(-1)` has no value.
pub(super) fn find(pool: &Pool, roots: &[Id], state: &[Complex64], real: bool) -> Option<LostValue> {
    let tape = Tape::new(pool, roots);
    let values = values(pool, &tape, state, real)?;
    let at = culprit(&tape, &values)?;
    let mut pool = pool.clone();
    let (id, arguments) = expressions(&mut pool, &tape, at)?;
    let truth = if state.iter().all(|z| z.im == 0.0) { truth(&tape, state) } else { None };
    let describe = Description { pool: &pool, id, arguments: &arguments };
    let numbers: Vec<Complex64> = tape.ops[at].operands().map(|o| values[o as usize]).collect();
    Some(LostValue {
        operation: describe.operation(&tape.ops[at], &numbers, truth.as_ref(), at),
        advice: describe.advice(&tape.ops[at], &numbers, truth.as_ref()).to_owned(),
        overflows: !truth.as_ref().is_some_and(|t| t.undefined)
            && matches!(tape.ops[at], Op::Add(..) | Op::Mul(..) | Op::Pow(..))
            && numbers.iter().all(|z| z.is_finite() && *z != Complex64::ZERO),
        beyond: truth.is_some_and(|t| t.beyond),
    })
}

/// States grown by this factor are on their way out.
const RUNAWAY: f64 = 1e3;

/// Whether a state has run away from where it started.
pub(super) fn has_run_away(start: &[f64], state: &[Complex64]) -> bool {
    norm(state.iter().copied()) > RUNAWAY * (1.0 + norm(start.iter().map(|x| Complex64::from(*x))))
}

/// Whether some value at a real state is beyond machine floats, and all exist.
pub(super) fn is_beyond(pool: &Pool, roots: &[Id], state: &[Complex64]) -> bool {
    truth(&Tape::new(pool, roots), state).is_some_and(|t| t.beyond)
}

/// The value of every operation, as compiled code computes it.
fn values(pool: &Pool, tape: &Tape, state: &[Complex64], real: bool) -> Option<Vec<Complex64>> {
    let outputs = (0..u32::try_from(tape.ops.len()).ok()?).collect();
    let all = Tape { ops: tape.ops.clone(), outputs };
    let mut out = vec![Complex64::ZERO; tape.ops.len()];
    if real {
        let program = Interpreter::new(&Program::real(pool, &all).ok()?);
        let point: Vec<f64> = state.iter().map(|z| z.re).collect();
        let mut parts = vec![0.0; out.len()];
        program.call(&point, &mut parts, &mut Scratch::new());
        out.iter_mut().zip(parts).for_each(|(z, x)| *z = x.into());
    } else {
        let program = Interpreter::new(&Program::complex(pool, &all).ok()?);
        program.call_complex(state, &mut out, &mut Scratch::new());
    }
    Some(out)
}

/// From an output that is not finite back along operands that are not, to where they begin.
fn culprit(tape: &Tape, values: &[Complex64]) -> Option<usize> {
    let lost = |at: u32| !values[at as usize].is_finite();
    let mut at = tape.outputs.iter().copied().find(|o| lost(*o))?;
    while let Some(next) = tape.ops[at as usize].operands().find(|o| lost(*o)) {
        at = next;
    }
    Some(at as usize)
}

/// An operation as an expression, and those of its arguments.
pub(super) fn expressions(pool: &mut Pool, tape: &Tape, at: usize) -> Option<(Id, Vec<Id>)> {
    let operands = tape.ops[at].operands();
    let outputs = operands.chain([u32::try_from(at).ok()?]).collect();
    let theta = pool.theta();
    let part = Tape { ops: tape.ops[..=at].to_vec(), outputs };
    let mut ids = part.evaluate(&mut DagAlgebra(pool), |dag, variable| match variable {
        Variable::Theta(k) => theta[k as usize],
        Variable::Symbol(s) => dag.0.symbol(s),
        Variable::Direction(number, k) => dag.0.direction_entry(number, k),
    });
    let id = ids.pop()?;
    Some((id, ids))
}

/// What enclosures say.
struct Truth {
    values: Vec<Enclosure>,
    /// Some output is beyond machine floats.
    beyond: bool,
    /// Something has no value, proved.
    undefined: bool,
}

fn truth(tape: &Tape, state: &[Complex64]) -> Option<Truth> {
    if tape.ops.len() > MOST_OPERATIONS {
        return None;
    }
    let point: Vec<Rational> = state.iter().map(|z| Rational::from_f64(z.re)).collect::<Option<_>>()?;
    let outputs = (0..u32::try_from(tape.ops.len()).ok()?).collect();
    let all = Tape { ops: tape.ops.clone(), outputs };
    let mut balls = BallAlgebra::new(TRUTH_BITS);
    let values = all.evaluate(&mut balls, |balls, variable| match variable {
        Variable::Theta(k) => point.get(k as usize).map_or_else(Enclosure::unknown, |x| balls.rational(x)),
        _ => Enclosure::unknown(),
    });
    let infinite = |o: &u32| values[*o as usize].to_f64().is_some_and(f64::is_infinite);
    let beyond = balls.overflow.is_some() || tape.outputs.iter().any(infinite);
    let undefined = balls.undefined.is_some();
    Some(Truth { beyond: beyond && !undefined, undefined, values })
}

/// The words for one operation.
struct Description<'a> {
    pool: &'a Pool,
    id: Id,
    arguments: &'a [Id],
}

impl Description<'_> {
    fn quoted(&self, id: Id) -> String {
        quoted(self.pool, id)
    }

    fn operation(&self, op: &Op, numbers: &[Complex64], truth: Option<&Truth>, at: usize) -> String {
        let number = |k: usize| numbers.get(k).map_or_else(String::new, |z| written(*z));
        let bracketed = |k: usize| {
            let text = number(k);
            if text.starts_with('-') || text.contains(['i', 'e']) { format!("({text})") } else { text }
        };
        let what = match op {
            Op::Apply(f, _) => format!("{}({})", f.name(), number(0)),
            Op::Pow(_, q) if *q == Rational::MINUS_ONE => format!("1/{}", bracketed(0)),
            Op::Pow(_, q) if *q == Rational::new(1, 2) => format!("sqrt({})", number(0)),
            Op::Pow(_, q) if *q == Rational::new(-1, 2) => format!("1/sqrt({})", number(0)),
            Op::Pow(_, q) => format!("{}^({q})", bracketed(0)),
            Op::Mul(..) => format!("{} * {}", bracketed(0), bracketed(1)),
            Op::Add(..) => format!("{} + {}", number(0), bracketed(1)),
            _ => "not finite".to_owned(),
        };
        let overflows = match op {
            Op::Apply(f, _) => matches!(f, Function::Exp | Function::Expm1 | Function::Sinh | Function::Cosh),
            Op::Pow(..) => {
                numbers.first().is_some_and(|z| *z != Complex64::ZERO && z.is_finite())
                    && !truth.is_some_and(|t| t.undefined)
            }
            Op::Add(..) | Op::Mul(..) => true,
            _ => false,
        };
        let limit = if overflows { ", beyond the largest double," } else { " in double precision" };
        let text = format!("`{}` is {what}{limit}", self.quoted(self.id));
        // The argument that rounding took.
        let lost = match op {
            Op::Apply(_, a) | Op::Pow(a, _) if numbers.first().is_some_and(|z| *z == Complex64::ZERO) => {
                truth.and_then(|t| t.values.get(*a as usize)?.to_f64()).filter(|v| *v != 0.0)
            }
            _ => None,
        };
        let exists = truth.is_some_and(|t| t.values.get(at).is_some_and(Enclosure::is_known));
        match lost {
            Some(value) if exists => {
                format!("{text}, where `{}` is {value:.2e} in truth,", self.quoted(self.arguments[0]))
            }
            _ => text,
        }
    }

    /// Whether a function stands somewhere inside the operation.
    fn has(&self, function: Function) -> bool {
        let inside = self.pool.reachable(&[self.id]);
        inside.iter().any(|id| matches!(self.pool.node(*id), Node::Apply(f, _) if *f == function))
    }

    fn has_root(&self) -> bool {
        let inside = self.pool.reachable(self.arguments);
        inside.iter().any(|id| matches!(self.pool.node(*id), Node::Pow(_, q) if !q.is_integer()))
    }

    fn advice(&self, op: &Op, numbers: &[Complex64], truth: Option<&Truth>) -> &'static str {
        use Function as F;
        if truth.is_some_and(|t| t.undefined) {
            return "the loss or its derivative is not defined there: a smaller step size or another start may keep it where it is";
        }
        let edge = if matches!(op, Op::Apply(F::Log1p, _)) { -Complex64::ONE } else { Complex64::ZERO };
        let zero = numbers.first().is_some_and(|z| *z == edge);
        match op {
            Op::Apply(F::Log | F::Log1p, _) if self.has(F::Sigmoid) => {
                "log(sigmoid(a)) is -softplus(-a) and log(1 - sigmoid(a)) is -softplus(a), which keep their value"
            }
            Op::Apply(F::Log | F::Log1p, _) if self.has(F::Exp) => {
                "log(1 + exp(a)) is softplus(a), log(exp(a) + exp(b)) is logsumexp([a, b]), log(exp(a)) is a and log(1 - exp(a)) is \
                 log(-expm1(a)), which keep their value"
            }
            Op::Apply(F::Log | F::Log1p, _) if self.has(F::Tanh) => {
                "log(1 + tanh(a)) is log(2) - softplus(-2*a) and log(1 - tanh(a)^2) is log(4) - softplus(2*a) - softplus(-2*a), which \
                 keep their value"
            }
            Op::Apply(F::Log | F::Log1p, _) | Op::Pow(..) if zero && self.has(F::Erf) => {
                "1 - erf(a) rounds to 0 there and the language has no function that keeps it: stay where it is not"
            }
            Op::Apply(F::Log, _) if zero => {
                "write its argument without the cancellation, as log1p(a) for log(1 + a), expm1(a) for exp(a) - 1 or 2*sin(a/2)^2 for \
                 1 - cos(a)"
            }
            Op::Apply(F::Exp | F::Expm1 | F::Sinh | F::Cosh, _) => {
                "exponentials beyond exp(709) have no double: log(1 + exp(a)) is softplus(a), exp(a)/(1 + exp(a)) is sigmoid(a), \
                 log(exp(a) + exp(b)) is logsumexp([a, b]), log(cosh(a)) is softplus(2*a) - a - log(2), and exp(a)*exp(-b) is exp(a - b)"
            }
            Op::Pow(_, q) if zero && q.is_negative() && self.has_root() => {
                "write it without the cancellation, as a/(sqrt(1 + a) + 1) for sqrt(1 + a) - 1"
            }
            Op::Pow(_, q) if zero && q.is_negative() && (self.has(F::Exp) || self.has(F::Cos)) => {
                "write its argument without the cancellation, as expm1(a) for exp(a) - 1 or 2*sin(a/2)^2 for 1 - cos(a)"
            }
            Op::Pow(_, q) if zero && q.is_negative() => {
                "write what it divides by without the cancellation, or stay where it is not 0"
            }
            Op::LogSumExp(_) | Op::Apply(..) => "stay where it has a value",
            _ => {
                "numbers beyond 1.8e308 have no double: write it so that what cancels them stands inside, or scale the loss"
            }
        }
    }
}

/// A number in few digits.
fn written(z: Complex64) -> String {
    let real = |x: f64| {
        let short = format!("{x:.6e}");
        let plain = format!("{x}");
        if plain.len() <= 8 { plain } else { short }
    };
    if z.im == 0.0 {
        return real(if z.re == 0.0 { 0.0 } else { z.re });
    }
    let sign = if z.im < 0.0 { '-' } else { '+' };
    format!("{} {sign} {}i", real(z.re), real(z.im.abs()))
}

impl LostValue {
    /// The same, of an operation that stands in a derivative and not in what the user wrote.
    #[must_use]
    pub(super) fn of_derivative(mut self) -> Self {
        self.operation.insert_str(0, DERIVATIVE);
        self
    }
}

/// What to say of an optimizer whose gradient is not finite at a finite place, unless it is so in truth: then the iterates grow beyond bounds.
pub(super) fn of_gradient(model: &dyn Model, place: &[f64], gradient: &[f64], step: usize) -> Option<End> {
    if gradient.iter().all(|g| g.is_finite()) || !place.iter().all(|x| x.is_finite()) {
        return None;
    }
    let state: Vec<Complex64> = place.iter().map(|x| Complex64::from(*x)).collect();
    let lost = model.lost_value(&state, true).or_else(|| model.lost_value(&state, false))?;
    (!lost.beyond).then(|| lost.end(step, &format!("at step {step}")))
}

/// An expression in the loss language, cut where it is long.
pub(super) fn quoted(pool: &Pool, id: Id) -> String {
    let printed = pool.print(&[id], &[]);
    printed.expressions.first().map(|f| text_within(f, &printed.lets, MOST_QUOTED)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `x_1 = x + y`, `x_{k+1} = (sin x_k + x_k)·x_k` is printed with names, and quoted without.
    #[test]
    fn nothing_is_quoted_as_a_bare_ellipsis() {
        use crate::expr::Shape;
        let mut pool = Pool::new();
        let x = pool.declare_parameter("x", Shape::scalar());
        let mut id = x;
        for _ in 0..12 {
            let sine = pool.apply(Function::Sin, id);
            let sum = pool.add(sine, id);
            id = pool.mul(sum, id);
        }
        assert!(!pool.print(&[id], &[]).lets.is_empty());
        let text = quoted(&pool, id);
        assert!(text.contains("sin(") && text.ends_with('…') && text.chars().count() == MOST_QUOTED + 1, "{text}");
    }
}
