//! Simplification by equality saturation.
//!
//! A stretch of scalar operations becomes an e-graph of n-ary sums and products with exact numbers; the rules of
//! `rules.rules` and the laws of sums and products add equal forms; the cheapest is extracted with shared subterms counted
//! once (Willsey et al. 2021, "egg: Fast and extensible equality saturation"). What comes out is compared with what went in
//! at random points in high precision, and dropped if it differs.

mod check;
mod choice;
mod collect;
mod cost;
mod extract;
mod facts;
mod graph;
mod matching;
mod parse;
mod pattern;
mod piece;
mod saturate;
mod structure;
mod term;
#[cfg(test)]
mod tests;

pub(crate) use collect::vanishing;
pub use cost::Cost;
pub use parse::{RuleError, parse};
pub use pattern::{Condition, Relation, Rule};

use super::{Algebra, DagAlgebra, Id, Op, Pool, Tape, Variable};
use crate::budget::Budget;
pub(crate) use check::{Verdict, compare};
use piece::{Piece, facts_of};
use rustc_hash::FxHashMap;
use std::ops::Range;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Operations simplified together; longer tapes are cut.
const PIECE: usize = 128;

/// The longest numbers, in bits: matching multiplies and divides them hundreds of thousands of times.
pub const MAX_BITS: u64 = 2_048;

/// Times that what was simplified is simplified again.
const MAX_PASSES: usize = 2;

/// Where the inputs of an expression live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Domain {
    /// The real line.
    Real,
    /// The complex plane, with principal branches.
    Complex,
}

/// How to simplify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What to make small.
    pub cost: Cost,
    /// Where the result must hold.
    pub domain: Domain,
    /// The size of an e-graph, in nodes, that ends its growth.
    pub max_nodes: usize,
    /// Expressions of more scalar operations stay as they are.
    pub max_operations: usize,
    /// The time after which expressions stay as they are, far beyond what the other limits allow, so that results do not depend
    /// on the machine.
    pub time: Duration,
}

impl Options {
    /// The usual limits: e-graphs of 600 nodes, 2,000 operations, one minute.
    #[must_use]
    pub fn new(cost: Cost, domain: Domain) -> Self {
        Self { cost, domain, max_nodes: 600, max_operations: 2_000, time: Duration::from_secs(60) }
    }
}

/// How a simplification ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Cheaper expressions, checked.
    Simplified,
    /// Nothing cheaper was found.
    Unchanged,
    /// The expressions are beyond [`Options::max_operations`], and unchanged.
    TooLarge,
    /// A number has more than [`MAX_BITS`] bits, and the expressions are unchanged.
    LongNumbers,
    /// The time of [`Options::time`] was used up, and the expressions are unchanged.
    OutOfTime,
    /// What was found has values where the expressions have none; they are unchanged.
    Wider,
    /// The check found too few points at which both have values; the expressions are unchanged.
    Unchecked,
    /// The check found a difference, so a rule is wrong; the expressions are unchanged.
    Refuted,
}

/// What became of some expressions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simplified {
    /// The expressions, in order.
    pub roots: Vec<Id>,
    /// How it ended.
    pub outcome: Outcome,
}

/// The rules in use, in the order of their file.
///
/// ```
/// use shadowflow::expr::simplify::rules;
/// assert!(rules().iter().any(|rule| rule.name == "unit-circle"));
/// ```
#[must_use]
pub fn rules() -> &'static [Rule] {
    static RULES: LazyLock<Vec<Rule>> =
        LazyLock::new(|| parse(include_str!("rules.rules")).expect("the rule file is read in a test"));
    &RULES
}

/// Simplifies scalar expressions together; arrays among the roots stay as they are.
///
/// The result costs no more than what was given, exists at the same points of [`Options::domain`] and is equal there.
///
/// ```
/// use shadowflow::expr::simplify::{Cost, Domain, Options, simplify};
/// use shadowflow::expr::{Function, Pool, Shape};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let loss = pool.apply(Function::Softplus, x);
/// let slope = pool.gradient(loss)[0];
/// let curvature = pool.gradient(slope)[0];
/// let simple = simplify(&mut pool, &[curvature], &Options::new(Cost::Reading, Domain::Real));
/// let printed = pool.print(&simple.roots, &[]);
/// assert_eq!(printed.expressions[0].to_string(), "sigmoid(x) - sigmoid(x)^2");
/// ```
pub fn simplify(pool: &mut Pool, roots: &[Id], options: &Options) -> Simplified {
    within_time(pool, roots, options, rules(), true)
}

/// [`simplify()`] by other rules, and by nothing else.
///
/// Wrong rules are found by the check, and change nothing.
pub fn simplify_by(pool: &mut Pool, roots: &[Id], options: &Options, rules: &[Rule]) -> Simplified {
    within_time(pool, roots, options, rules, false)
}

fn within_time(pool: &mut Pool, roots: &[Id], options: &Options, rules: &[Rule], collects: bool) -> Simplified {
    let budget = Budget::current().with_seconds(options.time.as_secs_f64(), "simplification");
    // What is in the pool when the time ends is true, and of no use.
    let late = || Simplified { roots: roots.to_vec(), outcome: Outcome::OutOfTime };
    budget.run(|| simplify_in_time(pool, roots, options, rules, collects)).unwrap_or_else(|_| late())
}

fn simplify_in_time(pool: &mut Pool, roots: &[Id], options: &Options, rules: &[Rule], collects: bool) -> Simplified {
    let unchanged = |outcome| Simplified { roots: roots.to_vec(), outcome };
    let end = Instant::now() + options.time;
    let usable: Vec<&Rule> =
        rules.iter().filter(|r| options.domain == Domain::Real || r.sound == Domain::Complex).collect();
    let scalars: Vec<Id> = roots.iter().copied().filter(|r| pool.shape(*r).rank() == 0).collect();
    // Before the tape is made, which for large expressions takes longer than anything else here.
    if pool.reachable(&scalars).len() > options.max_operations {
        return unchanged(Outcome::TooLarge);
    }
    let tape = Tape::new(pool, &scalars);
    if tape.ops.len() > options.max_operations {
        return unchanged(Outcome::TooLarge);
    }
    let long = |op: &Op| matches!(op, Op::Constant(q) | Op::Pow(_, q) if q.bits() > MAX_BITS);
    if tape.ops.iter().any(long) {
        return unchanged(Outcome::LongNumbers);
    }
    let collects = collects && options.domain == Domain::Real && tape.ops.len() <= collect::MAX_OPERATIONS;
    let mut candidates: Vec<Vec<Id>> = vec![saturated(pool, &scalars, tape, options, &usable, end)];
    if collects {
        candidates.extend(collect::collected(pool, &scalars));
        // Rules find in sums what was expanded for them.
        let costs = candidates.iter().enumerate().skip(1).map(|(k, form)| (options.cost.of(pool, form), k));
        if let Some((_, k)) = costs.min() {
            let roots = candidates[k].clone();
            let tape = Tape::new(pool, &roots);
            candidates.push(saturated(pool, &roots, tape, options, &usable, end));
        }
    }
    let chosen = choice::cheapest(pool, &scalars, &candidates, options.cost);
    if Instant::now() > end {
        return unchanged(Outcome::OutOfTime);
    }
    let mut outcome = Outcome::Unchanged;
    // What the rules alone found may hold where the rest could not be checked.
    for current in [chosen, choice::cheapest(pool, &scalars, &candidates[..1], options.cost)] {
        if current == scalars {
            continue;
        }
        match compare(pool, &scalars, &current, end) {
            Verdict::Equal => {
                let new: FxHashMap<Id, Id> = scalars.into_iter().zip(current).collect();
                let roots = roots.iter().map(|r| new.get(r).copied().unwrap_or(*r)).collect();
                return Simplified { roots, outcome: Outcome::Simplified };
            }
            Verdict::Different => return unchanged(Outcome::Refuted),
            Verdict::Wider => outcome = Outcome::Wider,
            Verdict::Undecided => outcome = Outcome::Unchecked,
        }
    }
    unchanged(outcome)
}

/// Expressions by rules and the laws of sums and products, as often as that makes them cheaper.
fn saturated(
    pool: &mut Pool,
    roots: &[Id],
    mut tape: Tape,
    options: &Options,
    rules: &[&Rule],
    end: Instant,
) -> Vec<Id> {
    let mut current = roots.to_vec();
    let mut cost = options.cost.of_tape(&tape);
    for _ in 0..MAX_PASSES {
        let Some(next) = pass(pool, &tape, options, rules, end) else { break };
        let next_tape = Tape::new(pool, &next);
        let next_cost = options.cost.of_tape(&next_tape);
        if next_cost >= cost {
            break;
        }
        (current, tape, cost) = (next, next_tape, next_cost);
    }
    current
}

/// Simplifies a tape piece by piece; `None` if no piece became cheaper.
fn pass(pool: &mut Pool, tape: &Tape, options: &Options, rules: &[&Rule], end: Instant) -> Option<Vec<Id>> {
    let count = tape.ops.len();
    let facts = facts_of(tape, options);
    let mut uses = vec![0_u32; count];
    let mut last_use = vec![0_usize; count];
    for (at, op) in tape.ops.iter().enumerate() {
        for operand in op.operands() {
            uses[operand as usize] += 1;
            last_use[operand as usize] = at;
        }
    }
    for output in &tape.outputs {
        uses[*output as usize] += 1;
        last_use[*output as usize] = count;
    }
    // What the operations are in the pool, of those in finished pieces what later ones read; and all inputs.
    let zero = pool.integer(0);
    let mut values: Vec<Id> = vec![zero; count];
    let theta = pool.theta();
    for (value, op) in values.iter_mut().zip(&tape.ops) {
        match op {
            Op::Input(Variable::Theta(k)) => *value = theta[*k as usize],
            Op::Input(Variable::Symbol(s)) => *value = pool.symbol(*s),
            Op::Input(Variable::Direction(number, k)) => *value = pool.direction_entry(*number, *k),
            _ => {}
        }
    }
    let mut changed = false;
    for start in (0..count).step_by(PIECE) {
        let stop = (start + PIECE).min(count);
        let needed: Vec<u32> =
            (start..stop).filter(|at| last_use[*at] >= stop).filter_map(|at| u32::try_from(at).ok()).collect();
        let late = Instant::now() > end;
        let written = if late {
            None
        } else {
            Piece::new(tape, start..stop, &uses, &facts, options).simplified(&needed, rules, options, end)
        };
        match written {
            Some(written) => {
                changed = true;
                let built = written.build(pool, &values);
                for (at, id) in needed.iter().zip(built) {
                    values[*at as usize] = id;
                }
            }
            None => copy(pool, tape, start..stop, &mut values),
        }
    }
    changed.then(|| tape.outputs.iter().map(|o| values[*o as usize]).collect())
}

/// Writes operations into the pool as they stand.
fn copy(pool: &mut Pool, tape: &Tape, range: Range<usize>, values: &mut [Id]) {
    let mut dag = DagAlgebra(pool);
    for at in range {
        let of = |k: &u32| values[*k as usize];
        let value = match &tape.ops[at] {
            Op::Constant(q) => dag.rational(q),
            Op::Pi => dag.pi(),
            Op::Input(_) => values[at],
            Op::Add(a, b) => dag.add(&of(a), &of(b)),
            Op::Mul(a, b) => dag.mul(&of(a), &of(b)),
            Op::Pow(a, e) => dag.pow(&of(a), e),
            Op::Apply(f, a) => dag.apply(*f, &of(a)),
            Op::LogSumExp(terms) => {
                let terms: Vec<Id> = terms.iter().map(of).collect();
                dag.logsumexp(&terms)
            }
        };
        values[at] = value;
    }
}
