//! A stretch of a tape as an e-graph, saturated, extracted and written back into a DAG.

use super::Options;
use super::extract::{Selection, extract};
use super::facts::Facts;
use super::graph::{self, Graph, Knowledge};
use super::pattern::Rule;
use super::saturate::saturate;
use super::term::Term;
use crate::expr::{Id as PoolId, Node, Op, Pool, Tape};
use crate::number::Rational;
use egg::Id;
use rustc_hash::FxHashMap;
use std::ops::Range;
use std::time::Instant;

/// Sums and products of single-use operations are gathered up to this many parts.
const MAX_GATHERED: usize = 24;
/// Steps of the search for a better choice of nodes.
const EXTRACTION_STEPS: u64 = 200_000;

/// What an operation of the tape is: a class, or parts that are still being gathered.
#[derive(Debug, Clone)]
enum Value {
    Class(Id),
    Sum(Rational, Vec<(Rational, Id)>),
    Product(Vec<(Id, Rational)>),
}

/// A stretch of a tape.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    tape: &'a Tape,
    range: Range<usize>,
    uses: &'a [u32],
    graph: Graph,
    values: Vec<Value>,
    /// The operations outside that the leaves are.
    leaves: Vec<u32>,
    leaf_of: FxHashMap<u32, Id>,
    facts: &'a [Facts],
}

/// What the operations of a tape are known to be.
pub(super) fn facts_of(tape: &Tape, options: &Options) -> Vec<Facts> {
    let domain = options.domain;
    let mut facts: Vec<Facts> = Vec::with_capacity(tape.ops.len());
    for op in &tape.ops {
        let of = |k: &u32| &facts[*k as usize];
        let new = match op {
            Op::Constant(q) => Facts::number(q),
            Op::Pi => Facts::pi(),
            Op::Input(_) | Op::LogSumExp(_) => Facts::input(domain),
            Op::Add(a, b) => of(a).plus(of(b)),
            Op::Mul(a, b) => of(a).times(of(b)),
            Op::Pow(a, e) => of(a).power(e, domain),
            Op::Apply(f, a) => of(a).apply(*f, domain),
        };
        facts.push(new);
    }
    facts
}

impl<'a> Piece<'a> {
    /// The e-graph of some operations of a tape; those before them are its leaves.
    pub(super) fn new(
        tape: &'a Tape,
        range: Range<usize>,
        uses: &'a [u32],
        facts: &'a [Facts],
        options: &Options,
    ) -> Self {
        let knowledge = Knowledge { domain: options.domain, leaves: Vec::new() };
        let graph = Graph::new(knowledge).with_explanations_disabled();
        let values = Vec::with_capacity(range.len());
        let mut piece = Self {
            tape,
            range: range.clone(),
            uses,
            graph,
            values,
            leaves: Vec::new(),
            leaf_of: FxHashMap::default(),
            facts,
        };
        for at in range {
            let value = piece.value(at);
            piece.values.push(value);
        }
        piece
    }

    /// A class for an operation.
    fn class(&mut self, at: u32) -> Id {
        if let Some(k) = (at as usize).checked_sub(self.range.start) {
            let class = match self.values[k].clone() {
                Value::Class(id) => return id,
                Value::Sum(constant, terms) => graph::sum(&mut self.graph, constant, terms),
                Value::Product(factors) => graph::product(&mut self.graph, Rational::ONE, factors),
            };
            self.values[k] = Value::Class(class);
            return class;
        }
        match self.tape.ops[at as usize] {
            Op::Constant(ref q) => graph::number(&mut self.graph, q.clone()),
            Op::Pi => self.graph.add(Term::Pi),
            _ => {
                if let Some(&known) = self.leaf_of.get(&at) {
                    return known;
                }
                let index = u32::try_from(self.leaves.len()).unwrap_or(u32::MAX);
                self.leaves.push(at);
                self.graph.analysis.leaves.push(self.facts[at as usize].clone());
                let id = self.graph.add(Term::Leaf(index));
                self.leaf_of.insert(at, id);
                id
            }
        }
    }

    /// The parts of an operation that nothing else uses, or the operation as one part.
    fn terms(&mut self, at: u32) -> (Rational, Vec<(Rational, Id)>) {
        if let Some(k) = (at as usize).checked_sub(self.range.start)
            && self.uses[at as usize] == 1
            && let Value::Sum(constant, terms) = &self.values[k]
            && terms.len() < MAX_GATHERED
        {
            return (constant.clone(), terms.clone());
        }
        (Rational::ZERO, vec![(Rational::ONE, self.class(at))])
    }

    fn factors(&mut self, at: u32) -> Vec<(Id, Rational)> {
        if let Some(k) = (at as usize).checked_sub(self.range.start)
            && self.uses[at as usize] == 1
            && let Value::Product(factors) = &self.values[k]
            && factors.len() < MAX_GATHERED
        {
            return factors.clone();
        }
        vec![(self.class(at), Rational::ONE)]
    }

    fn value(&mut self, at: usize) -> Value {
        let number = |k: u32| match &self.tape.ops[k as usize] {
            Op::Constant(q) => Some(q.clone()),
            _ => None,
        };
        match &self.tape.ops[at] {
            Op::Constant(q) => Value::Class(graph::number(&mut self.graph, q.clone())),
            Op::Pi => Value::Class(self.graph.add(Term::Pi)),
            Op::Input(_) => {
                let index = u32::try_from(self.leaves.len()).unwrap_or(u32::MAX);
                self.leaves.push(u32::try_from(at).unwrap_or(u32::MAX));
                self.graph.analysis.leaves.push(self.facts[at].clone());
                Value::Class(self.graph.add(Term::Leaf(index)))
            }
            Op::Add(a, b) => {
                let (a, b) = (*a, *b);
                let (p, mut terms) = number(a).map_or_else(|| self.terms(a), |q| (q, Vec::new()));
                let (q, more) = self.number_or_terms(b);
                terms.extend(more);
                Value::Sum(p + q, terms)
            }
            Op::Mul(a, b) => {
                let (a, b) = (*a, *b);
                match (number(a), number(b)) {
                    (Some(q), _) => Value::Sum(Rational::ZERO, vec![(q, self.class(b))]),
                    (_, Some(q)) => Value::Sum(Rational::ZERO, vec![(q, self.class(a))]),
                    _ => {
                        let mut factors = self.factors(a);
                        factors.extend(self.factors(b));
                        Value::Product(factors)
                    }
                }
            }
            Op::Pow(a, e) => Value::Product(vec![(self.class(*a), e.clone())]),
            Op::Apply(f, a) => {
                let x = self.class(*a);
                Value::Class(graph::apply(&mut self.graph, *f, x))
            }
            Op::LogSumExp(terms) => {
                let terms: Box<[Id]> = terms.iter().map(|t| self.class(*t)).collect();
                Value::Class(self.graph.add(Term::LogSumExp(terms)))
            }
        }
    }

    fn number_or_terms(&mut self, at: u32) -> (Rational, Vec<(Rational, Id)>) {
        match &self.tape.ops[at as usize] {
            Op::Constant(q) => (q.clone(), Vec::new()),
            _ => self.terms(at),
        }
    }

    /// Looks for a cheaper way to compute some operations of the stretch; `None` if there is none.
    pub(super) fn simplified(
        mut self,
        outputs: &[u32],
        rules: &[&Rule],
        options: &Options,
        end: Instant,
    ) -> Option<Written> {
        let classes: Vec<Id> = outputs.iter().map(|o| self.class(*o)).collect();
        self.graph.rebuild();
        let before = options.cost.of_operations(self.tape, self.range.clone(), false);
        saturate(&mut self.graph, rules, options, end);
        let mut steps = EXTRACTION_STEPS;
        let after = extract(&self.graph, &classes, options.cost, &mut steps)?;
        if after.cost >= before {
            return None;
        }
        let classes = classes.into_iter().map(|c| self.graph.find(c)).collect();
        Some(Written { selection: after, classes, leaves: self.leaves })
    }
}

/// A cheaper way to compute the outputs of a stretch.
#[derive(Debug)]
pub(super) struct Written {
    selection: Selection,
    classes: Vec<Id>,
    leaves: Vec<u32>,
}

impl Written {
    /// Builds the outputs in a pool, given what the operations before are there.
    pub(super) fn build(&self, pool: &mut Pool, values: &[PoolId]) -> Vec<PoolId> {
        let mut built: FxHashMap<Id, PoolId> = FxHashMap::default();
        for (class, term) in &self.selection.nodes {
            let of = |id: &Id| built[id];
            let value = match term {
                Term::Leaf(k) => values[self.leaves[*k as usize] as usize],
                Term::Pi => pool.pi(),
                Term::Sum(constant, coefficients, terms) => {
                    let parts: Vec<(Rational, PoolId)> =
                        coefficients.iter().cloned().zip(terms.iter().map(of)).collect();
                    build_sum(pool, constant, &parts)
                }
                Term::Product(exponents, factors) => {
                    let parts: Vec<(PoolId, Rational)> =
                        factors.iter().map(of).zip(exponents.iter().cloned()).collect();
                    build_product(pool, &parts)
                }
                Term::Apply(f, [x]) => pool.apply(*f, of(x)),
                Term::LogSumExp(terms) => {
                    let parts: Vec<PoolId> = terms.iter().map(of).collect();
                    let array = pool.stack(&parts);
                    pool.logsumexp(array)
                }
            };
            built.insert(*class, value);
        }
        self.classes.iter().map(|c| built[c]).collect()
    }
}

/// What is added first, then what is subtracted, the number last.
fn build_sum(pool: &mut Pool, constant: &Rational, parts: &[(Rational, PoolId)]) -> PoolId {
    let (minus, plus): (Vec<_>, Vec<_>) = parts.iter().partition(|(c, _)| c.is_negative());
    let mut sum: Option<PoolId> = None;
    for (c, x) in plus.into_iter().chain(minus) {
        let term = pool.scaled(c, *x);
        sum = Some(sum.map_or(term, |s| pool.add(s, term)));
    }
    let constant = (!constant.is_zero()).then(|| pool.constant(constant.clone()));
    match (sum, constant) {
        (Some(s), Some(k)) => pool.add(k, s),
        (Some(s), None) => s,
        (None, Some(k)) => k,
        (None, None) => pool.integer(0),
    }
}

/// One division by the product of all divisors; sums come after other factors.
fn build_product(pool: &mut Pool, parts: &[(PoolId, Rational)]) -> PoolId {
    let mut parts = parts.to_vec();
    parts.sort_by_key(|(x, _)| (matches!(pool.node(*x), Node::Add(..)), *x));
    let (below, above): (Vec<_>, Vec<_>) = parts.iter().partition(|(_, e)| e.is_negative());
    let multiply = |pool: &mut Pool, parts: Vec<(PoolId, Rational)>| {
        let mut product: Option<PoolId> = None;
        for (x, e) in parts {
            let power = pool.pow(x, &e);
            product = Some(product.map_or(power, |p| pool.mul(p, power)));
        }
        product
    };
    let above = multiply(pool, above.into_iter().cloned().collect());
    let below = match below[..] {
        [] => None,
        [(x, e)] => Some(pool.pow(*x, e)),
        _ => {
            let divisor = multiply(pool, below.into_iter().map(|(x, e)| (*x, e.abs())).collect());
            divisor.map(|d| pool.pow(d, &Rational::MINUS_ONE))
        }
    };
    match (above, below) {
        (Some(a), Some(b)) => pool.mul(a, b),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => pool.integer(1),
    }
}
