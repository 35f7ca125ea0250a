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

    /// The same outputs with long sums added pairwise: what adds polynomials term by term copies each term a few times then, and not as often as
    /// there are terms after it.
    #[must_use]
    pub(super) fn balanced(&self) -> Self {
        let mut uses = vec![0_usize; self.ops.len()];
        let read = self.ops.iter().flat_map(Op::operands).chain(self.outputs.iter().copied());
        read.for_each(|operand| uses[operand as usize] += 1);
        // A sum that one other sum reads is some of its terms.
        let is_sum = |at: u32| matches!(self.ops[at as usize], Op::Add(..));
        let mut inner = vec![false; self.ops.len()];
        for op in self.ops.iter().filter(|op| matches!(op, Op::Add(..))) {
            op.operands().filter(|a| is_sum(*a) && uses[*a as usize] == 1).for_each(|a| inner[a as usize] = true);
        }
        let mut position = vec![0_u32; self.ops.len()];
        let mut ops: Vec<Op> = Vec::with_capacity(self.ops.len());
        let push = |ops: &mut Vec<Op>, op: Op| {
            ops.push(op);
            u32::try_from(ops.len() - 1).expect("fewer than 2^32 operations")
        };
        for at in (0..self.ops.len()).filter(|at| !inner[*at]) {
            let mut op = self.ops[at].clone();
            if let Op::Add(a, b) = op {
                let (mut terms, mut open) = (Vec::new(), vec![b, a]);
                while let Some(next) = open.pop() {
                    match &self.ops[next as usize] {
                        Op::Add(a, b) if inner[next as usize] => open.extend([*b, *a]),
                        _ => terms.push(position[next as usize]),
                    }
                }
                while terms.len() > 2 {
                    terms = terms
                        .chunks(2)
                        .map(|pair| match pair {
                            [a, b] => push(&mut ops, Op::Add(*a, *b)),
                            _ => pair[0],
                        })
                        .collect();
                }
                op = Op::Add(terms[0], terms[1]);
            } else {
                op.operands_mut().for_each(|operand| *operand = position[*operand as usize]);
            }
            position[at] = push(&mut ops, op);
        }
        Self { ops, outputs: self.outputs.iter().map(|o| position[*o as usize]).collect() }
    }

    /// Whether the values depend on a parameter or a symbolic constant.
    #[must_use]
    pub fn reads_input(&self) -> bool {
        self.ops.iter().any(|op| matches!(op, Op::Input(_)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Polynomials, Shape};

    /// What is added term by term and what is added pairwise is the same, of sums that others read too.
    #[test]
    fn sums_in_pairs_are_the_same_sums() {
        let mut pool = Pool::new();
        let x = pool.declare_parameter("x", Shape::scalar());
        let (mut chain, mut halfway) = (x, x);
        for n in 2..40 {
            let power = pool.pow(x, &n.into());
            chain = pool.add(chain, power);
            halfway = if n == 20 { chain } else { halfway };
        }
        let product = pool.mul(halfway, chain);
        let tape = Tape::new(&pool, &[chain, halfway, product]);
        let balanced = tape.balanced();
        let of = |tape: &Tape| {
            let mut polynomials = Polynomials::new(1, 1_000);
            tape.evaluate(&mut polynomials, |algebra, _| algebra.variable(0))
        };
        assert_eq!(of(&tape), of(&balanced));
        let deepest = |tape: &Tape| {
            let mut depth = vec![0; tape.ops.len()];
            for (at, op) in tape.ops.iter().enumerate() {
                depth[at] = op.operands().map(|operand| depth[operand as usize] + 1).max().unwrap_or(0);
            }
            depth.into_iter().max()
        };
        assert!(deepest(&balanced) < Some(14) && deepest(&tape) > Some(38));
    }
}
