//! The scalarised view of a DAG: a flat list of scalar operations.

use super::fold::{exact_power, exact_value};
use super::{Algebra, Function, Id, MAX_FOLDED_BITS, Pool};
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// A scalar input of a tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Variable {
    /// The entry of the parameter vector θ at this flat index (all parameters in order of declaration, row-major).
    Theta(u32),
    /// A symbolic constant, by its index in the pool.
    Symbol(u32),
    /// The entry at this flat index of a vector of parameter space that is an input beside θ, by the vector's number.
    Direction(u32, u32),
}

/// One scalar operation; operands are indices of earlier operations.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is the operation of its name, as in `Node`")]
pub enum Op {
    Constant(Rational),
    Pi,
    Input(Variable),
    Add(u32, u32),
    Mul(u32, u32),
    Pow(u32, Rational),
    Apply(Function, u32),
    LogSumExp(Box<[u32]>),
}

impl Op {
    /// The operations whose values this one takes, in order.
    pub fn operands(&self) -> impl Iterator<Item = u32> + '_ {
        let (pair, list): ([Option<u32>; 2], &[u32]) = match self {
            Op::Constant(_) | Op::Pi | Op::Input(_) => ([None, None], &[]),
            Op::Add(a, b) | Op::Mul(a, b) => ([Some(*a), Some(*b)], &[]),
            Op::Pow(a, _) | Op::Apply(_, a) => ([Some(*a), None], &[]),
            Op::LogSumExp(terms) => ([None, None], terms),
        };
        pair.into_iter().flatten().chain(list.iter().copied())
    }

    fn operands_mut(&mut self) -> impl Iterator<Item = &mut u32> {
        let (pair, list): ([Option<&mut u32>; 2], &mut [u32]) = match self {
            Op::Constant(_) | Op::Pi | Op::Input(_) => ([None, None], &mut []),
            Op::Add(a, b) | Op::Mul(a, b) => ([Some(a), Some(b)], &mut []),
            Op::Pow(a, _) | Op::Apply(_, a) => ([Some(a), None], &mut []),
            Op::LogSumExp(terms) => ([None, None], terms),
        };
        pair.into_iter().flatten().chain(list)
    }
}

/// Scalar expressions as a flat, hash-consed list of operations, children before parents.
///
/// This is what series, polynomials, floats and compiled programs are made from; the walk is [`Tape::evaluate`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tape {
    /// The operations.
    pub ops: Vec<Op>,
    /// The operations whose values are the results, in order.
    pub outputs: Vec<u32>,
}

impl Tape {
    /// Scalarises `roots`: every entry of every root, row-major, becomes one output.
    #[must_use]
    pub fn new(pool: &Pool, roots: &[Id]) -> Self {
        Scalariser::default().run(pool, roots)
    }

    /// Evaluates every output in an algebra, with `bind` giving the inputs.
    pub fn evaluate<A: Algebra>(
        &self,
        algebra: &mut A,
        mut bind: impl FnMut(&mut A, Variable) -> A::Value,
    ) -> Vec<A::Value> {
        let mut values: Vec<A::Value> = Vec::with_capacity(self.ops.len());
        for op in &self.ops {
            let value = match op {
                Op::Constant(q) => algebra.rational(q),
                Op::Pi => algebra.pi(),
                Op::Input(v) => bind(algebra, *v),
                Op::Add(a, b) => algebra.add(&values[*a as usize], &values[*b as usize]),
                Op::Mul(a, b) => match (&self.ops[*a as usize], &self.ops[*b as usize]) {
                    (Op::Constant(q), _) => algebra.scale(q, &values[*b as usize]),
                    (_, Op::Constant(q)) => algebra.scale(q, &values[*a as usize]),
                    _ => algebra.mul(&values[*a as usize], &values[*b as usize]),
                },
                Op::Pow(a, q) => algebra.pow(&values[*a as usize], q),
                Op::Apply(f, a) => algebra.apply(*f, &values[*a as usize]),
                Op::LogSumExp(terms) => {
                    let terms: Vec<A::Value> = terms.iter().map(|t| values[*t as usize].clone()).collect();
                    algebra.logsumexp(&terms)
                }
            };
            values.push(value);
        }
        self.outputs.iter().map(|o| values[*o as usize].clone()).collect()
    }

    /// Whether the values depend on a parameter or a symbolic constant.
    #[must_use]
    pub fn reads_input(&self) -> bool {
        self.ops.iter().any(|op| matches!(op, Op::Input(_)))
    }

    /// The functions that are not smooth and that the outputs use, without repetition.
    #[must_use]
    pub fn nonsmooth(&self) -> Vec<Function> {
        let mut found: Vec<Function> = self
            .ops
            .iter()
            .filter_map(|op| match op {
                Op::Apply(f, _) if !f.is_smooth() => Some(*f),
                _ => None,
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

#[derive(Default)]
struct Scalariser {
    ops: Vec<Op>,
    known: FxHashMap<Op, u32>,
}

impl Scalariser {
    fn push(&mut self, op: Op) -> u32 {
        if let Some(&at) = self.known.get(&op) {
            return at;
        }
        let at = u32::try_from(self.ops.len()).expect("fewer than 2^32 operations");
        self.known.insert(op.clone(), at);
        self.ops.push(op);
        at
    }

    fn constant(&self, at: u32) -> Option<&Rational> {
        match &self.ops[at as usize] {
            Op::Constant(q) => Some(q),
            _ => None,
        }
    }

    fn run(mut self, pool: &Pool, roots: &[Id]) -> Tape {
        let inputs = pool.by_entries(|tape: &mut Self, variable| tape.push(Op::Input(variable)));
        let outputs = pool.evaluate(&mut self, roots, inputs);
        let outputs = outputs.iter().flat_map(|o| o.iter().copied()).collect();
        self.compacted(outputs)
    }

    /// Leaves out what no output depends on: entries never read, and what folding made needless.
    fn compacted(self, outputs: Vec<u32>) -> Tape {
        let mut needed = vec![false; self.ops.len()];
        for &output in &outputs {
            needed[output as usize] = true;
        }
        for at in (0..self.ops.len()).rev() {
            if needed[at] {
                self.ops[at].operands().for_each(|operand| needed[operand as usize] = true);
            }
        }
        let mut position = vec![0; self.ops.len()];
        let mut ops = Vec::with_capacity(self.ops.len());
        for (at, mut op) in self.ops.into_iter().enumerate().filter(|(at, _)| needed[*at]) {
            position[at] = u32::try_from(ops.len()).expect("fewer than 2^32 operations");
            op.operands_mut().for_each(|operand| *operand = position[*operand as usize]);
            ops.push(op);
        }
        Tape { ops, outputs: outputs.into_iter().map(|o| position[o as usize]).collect() }
    }
}

/// Entries that are exact numbers fold here, since the DAG folds whole arrays only.
impl Algebra for Scalariser {
    type Value = u32;

    fn rational(&mut self, q: &Rational) -> u32 {
        self.push(Op::Constant(q.clone()))
    }

    fn pi(&mut self) -> u32 {
        self.push(Op::Pi)
    }

    fn add(&mut self, a: &u32, b: &u32) -> u32 {
        let (a, b) = (*a, *b);
        match (self.constant(a), self.constant(b)) {
            (Some(p), _) if p.is_zero() => b,
            (_, Some(q)) if q.is_zero() => a,
            (Some(p), Some(q)) if p.bits() + q.bits() <= MAX_FOLDED_BITS => {
                let sum = p + q;
                self.push(Op::Constant(sum))
            }
            _ => self.push(Op::Add(a.min(b), a.max(b))),
        }
    }

    fn mul(&mut self, a: &u32, b: &u32) -> u32 {
        let (a, b) = (*a, *b);
        match (self.constant(a), self.constant(b)) {
            (Some(p), _) if p.is_zero() => a,
            (_, Some(q)) if q.is_zero() => b,
            (Some(p), _) if p.is_one() => b,
            (_, Some(q)) if q.is_one() => a,
            (Some(p), Some(q)) if p.bits() + q.bits() <= MAX_FOLDED_BITS => {
                let product = p * q;
                self.push(Op::Constant(product))
            }
            _ => self.push(Op::Mul(a.min(b), a.max(b))),
        }
    }

    fn scale(&mut self, q: &Rational, a: &u32) -> u32 {
        let q = self.rational(q);
        self.mul(&q, a)
    }

    fn pow(&mut self, a: &u32, exponent: &Rational) -> u32 {
        match self.constant(*a).and_then(|q| exact_power(q, exponent)) {
            Some(value) => self.push(Op::Constant(value)),
            None => self.push(Op::Pow(*a, exponent.clone())),
        }
    }

    fn apply(&mut self, function: Function, a: &u32) -> u32 {
        match self.constant(*a).and_then(|q| exact_value(function, q)) {
            Some(value) => self.push(Op::Constant(value)),
            None => self.push(Op::Apply(function, *a)),
        }
    }

    fn logsumexp(&mut self, terms: &[u32]) -> u32 {
        self.push(Op::LogSumExp(terms.into()))
    }

    fn is_zero(&self, a: &u32) -> bool {
        self.constant(*a).is_some_and(Rational::is_zero)
    }
}
