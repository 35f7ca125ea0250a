//! Tapes as differential equations: what truncated series are computed from.

use super::{Function, Op, Tape, Variable};
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// One series made from others, in terms of which every operation of a [`Tape`] is expressed.
///
/// The coefficient of order k needs its operands' up to order k, except for the second factors of an integral, of which
/// orders below k suffice; these may stand later in the list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Constant(Rational),
    Pi,
    Input(Variable),
    Add(u32, u32),
    Scale(Rational, u32),
    Mul(u32, u32),
    Square(u32),
    /// `h da/dh`: the coefficient of order k times k.
    Weighted(u32),
    /// The function of the leading coefficient, constant in h.
    Leading(Function, u32),
    /// The reciprocal of the leading coefficient, kept at order 1: at order 0 nothing divides by it yet.
    LeadingInverse(u32),
    /// The leading coefficient of the second times the first, but the function of the leading coefficient at order 0:
    /// functions that are linear on either side of a kink.
    Linear(Function, u32, u32),
    /// `a^q` for any exponent but a non-negative integer, with the reciprocal of the leading coefficient of `a` (for
    /// `q = −1` it is the series' own).
    Power(u32, u32, Rational),
    /// `a^n` for a large whole n, by the binomial formula about the leading coefficient.
    LargePower(u32, u64),
    /// The solution of `h du/dh = factor · Σ weighted · slope` with the leading coefficient from `start`.
    Integral {
        start: Start,
        factor: i8,
        pairs: Box<[(u32, u32)]>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Start {
    Function(Function, u32),
    LogSumExp(Box<[u32]>),
}

/// Whole powers from this on are not made by repeated squaring where they are to be read: what that writes down grows with the
/// exponent, and no power of the base that it names is one that anybody would.
const LARGE_POWER: u64 = 64;

/// Translates a tape, sharing equal series: a function and its derivative solve one equation.
#[derive(Default)]
pub(super) struct Lowering {
    steps: Vec<Step>,
    known: FxHashMap<Step, u32>,
    functions: FxHashMap<(Function, u32), u32>,
    /// Whether large powers are made by the binomial formula.
    binomial: bool,
}

impl Lowering {
    /// For series that are to be read.
    pub(super) fn readable() -> Self {
        Self { binomial: true, ..Self::default() }
    }

    /// The series in order and which of them are the outputs.
    pub(super) fn run(mut self, tape: &Tape) -> (Vec<Step>, Vec<u32>) {
        let mut at: Vec<u32> = Vec::with_capacity(tape.ops.len());
        for op in &tape.ops {
            let step = match op {
                Op::Constant(q) => self.push(Step::Constant(q.clone())),
                Op::Pi => self.push(Step::Pi),
                Op::Input(v) => self.push(Step::Input(*v)),
                Op::Add(a, b) => self.add(at[*a as usize], at[*b as usize]),
                Op::Mul(a, b) => self.mul(at[*a as usize], at[*b as usize]),
                Op::Pow(a, q) => self.power(at[*a as usize], q),
                Op::Apply(f, a) => self.apply(*f, at[*a as usize]),
                Op::LogSumExp(terms) => {
                    let terms: Box<[u32]> = terms.iter().map(|t| at[*t as usize]).collect();
                    self.logsumexp(terms)
                }
            };
            at.push(step);
        }
        (self.steps, tape.outputs.iter().map(|o| at[*o as usize]).collect())
    }

    fn append(&mut self, step: Step) -> u32 {
        let at = self.next();
        self.steps.push(step);
        at
    }

    fn next(&self) -> u32 {
        u32::try_from(self.steps.len()).expect("fewer than 2^32 series")
    }

    fn push(&mut self, step: Step) -> u32 {
        if let Some(&at) = self.known.get(&step) {
            return at;
        }
        let at = self.append(step.clone());
        self.known.insert(step, at);
        at
    }

    fn add(&mut self, a: u32, b: u32) -> u32 {
        self.push(Step::Add(a.min(b), a.max(b)))
    }

    fn mul(&mut self, a: u32, b: u32) -> u32 {
        match (&self.steps[a as usize], &self.steps[b as usize]) {
            (Step::Constant(q), _) => self.push(Step::Scale(q.clone(), b)),
            (_, Step::Constant(q)) => self.push(Step::Scale(q.clone(), a)),
            _ if a == b => self.push(Step::Square(a)),
            _ => self.push(Step::Mul(a.min(b), a.max(b))),
        }
    }

    fn scale(&mut self, q: i64, a: u32) -> u32 {
        self.push(Step::Scale(Rational::from(q), a))
    }

    fn one(&mut self) -> u32 {
        self.push(Step::Constant(Rational::ONE))
    }

    /// Non-negative integer powers multiply, so they are right where the leading coefficient is zero and need no
    /// division; all others divide by it.
    fn power(&mut self, a: u32, exponent: &Rational) -> u32 {
        match exponent.to_i64().and_then(|n| u64::try_from(n).ok()) {
            Some(0) => self.one(),
            Some(n) if self.binomial && n >= LARGE_POWER => self.push(Step::LargePower(a, n)),
            Some(n) => {
                let (mut result, mut square, mut e) = (None, a, n);
                loop {
                    if e & 1 == 1 {
                        result = Some(result.map_or(square, |r| self.mul(r, square)));
                    }
                    e >>= 1;
                    if e == 0 {
                        return result.unwrap_or(a);
                    }
                    square = self.mul(square, square);
                }
            }
            None => {
                let inverse = if *exponent == Rational::MINUS_ONE { a } else { self.push(Step::LeadingInverse(a)) };
                self.push(Step::Power(a, inverse, exponent.clone()))
            }
        }
    }

    fn integral(&mut self, function: Function, a: u32, factor: i8, slope: u32) -> Step {
        let weighted = self.push(Step::Weighted(a));
        Step::Integral { start: Start::Function(function, a), factor, pairs: [(weighted, slope)].into() }
    }

    /// `u = function(a)` with `u′ = slope(u) · a′`, where the slope is made from the solution itself.
    fn solve(&mut self, function: Function, a: u32, slope: impl FnOnce(&mut Self, u32) -> u32) -> u32 {
        let step = self.integral(function, a, 1, 0);
        let at = self.append(step);
        self.functions.insert((function, a), at);
        let slope = slope(self, at);
        if let Step::Integral { pairs, .. } = &mut self.steps[at as usize] {
            pairs[0].1 = slope;
        }
        at
    }

    /// Two functions, each of which is the other's derivative up to the sign of the second's.
    fn solve_pair(&mut self, pair: [Function; 2], a: u32, factor: i8) {
        let first = self.integral(pair[0], a, 1, 0);
        let at = self.append(first);
        let second = self.integral(pair[1], a, factor, at);
        let other = self.append(second);
        if let Step::Integral { pairs, .. } = &mut self.steps[at as usize] {
            pairs[0].1 = other;
        }
        self.functions.insert((pair[0], a), at);
        self.functions.insert((pair[1], a), other);
    }

    /// `1 + sign·x²`.
    fn one_plus_square(&mut self, sign: i64, x: u32) -> u32 {
        let square = self.mul(x, x);
        let signed = if sign == 1 { square } else { self.scale(sign, square) };
        let one = self.one();
        self.add(one, signed)
    }

    fn apply(&mut self, function: Function, a: u32) -> u32 {
        use Function as F;
        if let Some(&at) = self.functions.get(&(function, a)) {
            return at;
        }
        match function {
            F::Exp => self.solve(function, a, |_, u| u),
            F::Expm1 => self.solve(function, a, |s, _| s.apply(F::Exp, a)),
            F::Log => self.solve(function, a, |s, _| s.power(a, &Rational::MINUS_ONE)),
            F::Log1p => self.solve(function, a, |s, _| {
                let one = s.one();
                let shifted = s.add(one, a);
                s.power(shifted, &Rational::MINUS_ONE)
            }),
            F::Sin | F::Cos => {
                self.solve_pair([F::Sin, F::Cos], a, -1);
                self.functions[&(function, a)]
            }
            F::Sinh | F::Cosh => {
                self.solve_pair([F::Sinh, F::Cosh], a, 1);
                self.functions[&(function, a)]
            }
            F::Tan => self.solve(function, a, |s, u| s.one_plus_square(1, u)),
            F::Tanh => self.solve(function, a, |s, u| s.one_plus_square(-1, u)),
            F::Asin | F::Acos => self.solve(function, a, |s, _| {
                let rest = s.one_plus_square(-1, a);
                let slope = s.power(rest, &Rational::new(-1, 2));
                if function == F::Asin { slope } else { s.scale(-1, slope) }
            }),
            F::Atan => self.solve(function, a, |s, _| {
                let rest = s.one_plus_square(1, a);
                s.power(rest, &Rational::MINUS_ONE)
            }),
            F::Erf => self.solve(function, a, |s, _| {
                let square = s.mul(a, a);
                let minus = s.scale(-1, square);
                let bell = s.apply(F::Exp, minus);
                let pi = s.push(Step::Pi);
                let root = s.power(pi, &Rational::new(-1, 2));
                let product = s.mul(root, bell);
                s.scale(2, product)
            }),
            F::Sigmoid => self.solve(function, a, |s, u| {
                let square = s.mul(u, u);
                let minus = s.scale(-1, square);
                s.add(u, minus)
            }),
            F::Softplus => self.solve(function, a, |s, _| s.apply(F::Sigmoid, a)),
            F::Relu | F::Abs => {
                let slope = self.push(Step::Leading(if function == F::Relu { F::Step } else { F::Sign }, a));
                self.push(Step::Linear(function, a, slope))
            }
            F::Sign | F::Step => self.push(Step::Leading(function, a)),
        }
    }

    fn logsumexp(&mut self, terms: Box<[u32]>) -> u32 {
        let weighted: Vec<u32> = terms.iter().map(|t| self.push(Step::Weighted(*t))).collect();
        let start = Start::LogSumExp(terms.clone());
        let key = Step::Integral { start: start.clone(), factor: 1, pairs: [].into() };
        if let Some(&at) = self.known.get(&key) {
            return at;
        }
        let at = self.append(key.clone());
        self.known.insert(key, at);
        // u′ = Σ exp(a_i − u) a_i′.
        let minus = self.scale(-1, at);
        let pairs = weighted
            .into_iter()
            .zip(terms.iter())
            .map(|(w, t)| {
                let shifted = self.add(*t, minus);
                (w, self.apply(Function::Exp, shifted))
            })
            .collect();
        self.steps[at as usize] = Step::Integral { start, factor: 1, pairs };
        at
    }
}
