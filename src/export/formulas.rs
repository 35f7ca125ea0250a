//! Scalar operations as formulas to read: what is used once stands where it is used, the rest has a name.

use crate::expr::{Function, Op, Tape, Variable};
use crate::number::Rational;

/// A formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Formula {
    Number(Rational),
    Pi,
    /// An entry of θ.
    Entry(usize),
    /// A constant without a value, or a hyper-parameter.
    Symbol(usize),
    /// An earlier formula, by its place in [`Formulas::named`].
    Named(usize),
    /// Terms, each with whether it is subtracted.
    Sum(Vec<(bool, Formula)>),
    /// A number times factors over divisors.
    Product(Rational, Vec<Formula>, Vec<Formula>),
    /// An exponent other than 0 and 1.
    Power(Box<Formula>, Rational),
    Call(Function, Box<Formula>),
    LogSumExp(Vec<Formula>),
}

/// What is computed, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Formulas {
    /// What has a name, each of earlier ones.
    pub(super) named: Vec<Formula>,
    /// The results, order by order.
    pub(super) orders: Vec<Vec<Formula>>,
}

/// A formula with more parts than this is not put into another.
const MAX_INLINED: usize = 16;

impl Formulas {
    /// Of a tape whose outputs are `dimension` for every order.
    pub(super) fn of(tape: &Tape, dimension: usize) -> Self {
        let mut uses = vec![0_usize; tape.ops.len()];
        for op in &tape.ops {
            op.operands().for_each(|operand| uses[operand as usize] += 1);
        }
        tape.outputs.iter().for_each(|output| uses[*output as usize] += 1);
        let mut named = Vec::new();
        let mut values: Vec<(Formula, usize)> = Vec::with_capacity(tape.ops.len());
        for (at, op) in tape.ops.iter().enumerate() {
            let value = |k: &u32| values[*k as usize].clone();
            let (formula, size) = match op {
                Op::Constant(q) => (Formula::Number(q.clone()), 1),
                Op::Pi => (Formula::Pi, 1),
                Op::Input(Variable::Symbol(s)) => (Formula::Symbol(*s as usize), 1),
                Op::Input(Variable::Theta(k) | Variable::Direction(_, k)) => (Formula::Entry(*k as usize), 1),
                Op::Add(a, b) => {
                    let ((a, m), (b, n)) = (value(a), value(b));
                    (sum(a, b), m + n)
                }
                Op::Mul(a, b) => {
                    let ((a, m), (b, n)) = (value(a), value(b));
                    (product(a, b), m + n)
                }
                Op::Pow(a, q) => {
                    let (a, n) = value(a);
                    (power(a, q), n + 1)
                }
                Op::Apply(f, a) => {
                    let (a, n) = value(a);
                    (Formula::Call(*f, Box::new(a)), n + 1)
                }
                Op::LogSumExp(terms) => {
                    let terms: Vec<(Formula, usize)> = terms.iter().map(value).collect();
                    let size = terms.iter().map(|(_, n)| n).sum();
                    (Formula::LogSumExp(terms.into_iter().map(|(t, _)| t).collect()), size)
                }
            };
            let is_short = size <= 1 || is_multiple_of_one(&formula);
            if !is_short && (uses[at] > 1 || size > MAX_INLINED) {
                values.push((Formula::Named(named.len()), 1));
                named.push(formula);
            } else {
                values.push((formula, size));
            }
        }
        let results: Vec<Formula> = tape.outputs.iter().map(|output| values[*output as usize].0.clone()).collect();
        let orders = results.chunks(dimension.max(1)).map(<[Formula]>::to_vec).collect();
        Self { named, orders }
    }

    /// Every formula.
    pub(super) fn all(&self) -> impl Iterator<Item = &Formula> {
        self.named.iter().chain(self.orders.iter().flatten())
    }
}

impl Formula {
    /// Whether this or a part of it is so.
    pub(super) fn any(&self, is: &dyn Fn(&Formula) -> bool) -> bool {
        is(self)
            || match self {
                Self::Sum(terms) => terms.iter().any(|(_, term)| term.any(is)),
                Self::Product(_, above, below) => above.iter().chain(below).any(|factor| factor.any(is)),
                Self::Power(base, _) => base.any(is),
                Self::Call(_, argument) => argument.any(is),
                Self::LogSumExp(terms) => terms.iter().any(|term| term.any(is)),
                Self::Number(_) | Self::Pi | Self::Entry(_) | Self::Symbol(_) | Self::Named(_) => false,
            }
    }
}

/// A whole number times something with a name: as short as that name.
fn is_multiple_of_one(formula: &Formula) -> bool {
    let is_atom = |f: &Formula| matches!(f, Formula::Entry(_) | Formula::Symbol(_) | Formula::Named(_));
    matches!(formula, Formula::Product(q, above, below) if below.is_empty() && above.len() == 1 && is_atom(&above[0]) && q.abs().is_one())
}

fn sum(a: Formula, b: Formula) -> Formula {
    let mut terms = Vec::new();
    for term in [a, b] {
        match term {
            Formula::Sum(inner) => terms.extend(inner),
            Formula::Product(q, above, below) if q.is_negative() => {
                terms.push((true, simplest(q.abs(), above, below)));
            }
            Formula::Number(q) if q.is_negative() => terms.push((true, Formula::Number(q.abs()))),
            other => terms.push((false, other)),
        }
    }
    // Constants come first from the pool; a sum that begins with a minus reads worse.
    if terms.first().is_some_and(|(minus, _)| *minus)
        && let Some(first) = terms.iter().position(|(minus, _)| !minus)
    {
        let term = terms.remove(first);
        terms.insert(0, term);
    }
    Formula::Sum(terms)
}

fn simplest(q: Rational, mut above: Vec<Formula>, below: Vec<Formula>) -> Formula {
    match (q.is_one(), above.len(), below.is_empty()) {
        (true, 1, true) => above.remove(0),
        (_, 0, true) => Formula::Number(q),
        _ => Formula::Product(q, above, below),
    }
}

fn product(a: Formula, b: Formula) -> Formula {
    let (mut q, mut above, mut below) = (Rational::ONE, Vec::new(), Vec::new());
    for factor in [a, b] {
        match factor {
            Formula::Number(number) => q *= &number,
            Formula::Product(number, more, divisors) => {
                q *= &number;
                above.extend(more);
                below.extend(divisors);
            }
            other => above.push(other),
        }
    }
    simplest(q, above, below)
}

fn power(base: Formula, exponent: &Rational) -> Formula {
    if !exponent.is_negative() {
        return Formula::Power(Box::new(base), exponent.clone());
    }
    let positive = -exponent;
    let divisor = if positive.is_one() { base } else { Formula::Power(Box::new(base), positive) };
    Formula::Product(Rational::ONE, Vec::new(), vec![divisor])
}
