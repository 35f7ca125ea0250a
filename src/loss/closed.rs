//! What is known of constant subexpressions: their entries, exact values and signs.

use super::interval::Interval;
use super::precise::{self, Sign};
use crate::expr::{Id, Lanes, MAX_FOLDED_BITS, Node, Pool, Shape};
use crate::number::Rational;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What an expression is made of.
#[derive(Debug, Clone)]
struct Fact {
    /// A parameter that it depends on.
    parameter: Option<u32>,
    entries: Entries,
}

/// The entries that are constants: scalar expressions without parameters and symbols, folded as far as the pool folds.
#[derive(Debug, Clone)]
enum Entries {
    None,
    Scalar(Id),
    /// Every entry is this one.
    Uniform(Id),
    Array(Arc<[Option<Id>]>),
}

/// The entries of larger arrays are not looked at one by one.
pub(super) const MAX_ENTRIES: usize = 1 << 16;

/// A table of facts that grows with the expressions asked about.
#[derive(Debug, Default)]
pub(super) struct Closed {
    facts: FxHashMap<Id, Fact>,
    intervals: FxHashMap<Id, Interval>,
    signs: FxHashMap<Id, Sign>,
    /// Work done since it was last taken, in operations.
    work: u64,
}

/// What one operation in extended precision counts for.
const PRECISE_WORK: u64 = 4_000;

impl Closed {
    /// The work done since the last call.
    pub(super) fn take_work(&mut self) -> u64 {
        std::mem::take(&mut self.work)
    }

    /// Forgets an expression that is no more.
    pub(super) fn forget(&mut self, id: Id) {
        self.facts.remove(&id);
        self.intervals.remove(&id);
        self.signs.remove(&id);
    }

    /// Counts work done elsewhere.
    pub(super) fn charge(&mut self, work: u64) {
        self.work = self.work.saturating_add(work);
    }

    /// A parameter that an expression depends on.
    pub(super) fn parameter(&mut self, pool: &mut Pool, id: Id) -> Option<u32> {
        self.learn(pool, id);
        self.facts.get(&id).and_then(|f| f.parameter)
    }

    /// The exact value of a scalar, if it is a rational number.
    pub(super) fn exact(&mut self, pool: &mut Pool, id: Id) -> Option<Rational> {
        if let Some(q) = pool.as_constant(id) {
            return Some(q.clone());
        }
        self.learn(pool, id);
        match self.facts.get(&id)?.entries {
            Entries::Scalar(entry) => pool.as_constant(entry).cloned(),
            _ => None,
        }
    }

    /// The entry of an array or the scalar itself, as a constant scalar expression.
    pub(super) fn entry(&mut self, pool: &mut Pool, id: Id, flat: usize) -> Option<Id> {
        self.learn(pool, id);
        self.known(id, flat)
    }

    fn known(&self, id: Id, flat: usize) -> Option<Id> {
        match &self.facts.get(&id)?.entries {
            Entries::None => None,
            Entries::Scalar(entry) | Entries::Uniform(entry) => Some(*entry),
            Entries::Array(entries) => entries.get(flat).copied().flatten(),
        }
    }

    /// How many of the first entries of an array have all that is known of any.
    pub(super) fn different(&mut self, pool: &mut Pool, id: Id) -> usize {
        self.learn(pool, id);
        match self.facts.get(&id).map(|f| &f.entries) {
            Some(Entries::Scalar(_) | Entries::Uniform(_)) => 1,
            Some(Entries::Array(entries)) => entries.len(),
            Some(Entries::None) | None => 0,
        }
    }

    /// Whether no entry of an array, or not the scalar, is a constant.
    pub(super) fn is_open(&mut self, pool: &mut Pool, id: Id) -> bool {
        self.learn(pool, id);
        self.facts.get(&id).is_none_or(|f| matches!(f.entries, Entries::None))
    }

    fn learn(&mut self, pool: &mut Pool, root: Id) {
        let mut stack = vec![root];
        while let Some(&id) = stack.last() {
            if self.facts.contains_key(&id) {
                stack.pop();
                continue;
            }
            let children = pool.children(id);
            let before = stack.len();
            stack.extend(children.iter().filter(|c| !self.facts.contains_key(c)));
            if stack.len() == before {
                let fact = self.fact(pool, id, &children);
                self.facts.insert(id, fact);
                stack.pop();
            }
        }
    }

    fn fact(&mut self, pool: &mut Pool, id: Id, children: &[Id]) -> Fact {
        let node = pool.node(id).clone();
        let parameter = match node {
            Node::Param(p) => Some(p),
            _ => children.iter().find_map(|c| self.facts.get(c).and_then(|f| f.parameter)),
        };
        let unknown = |c: &Id| self.facts.get(c).is_none_or(|f| matches!(f.entries, Entries::None));
        let open = match node {
            // Both are needed.
            Node::Add(..) | Node::Mul(..) | Node::Matmul(..) => children.iter().any(unknown),
            Node::OneHot(..) | Node::Data(_) => false,
            _ => children.iter().all(unknown),
        };
        let entries = match node {
            Node::Constant(_) | Node::Pi => Entries::Scalar(id),
            _ if open => Entries::None,
            _ => self.entries(pool, id, &node, children),
        };
        Fact { parameter, entries }
    }

    fn entries(&mut self, pool: &mut Pool, id: Id, node: &Node, children: &[Id]) -> Entries {
        let shape = pool.shape(id).clone();
        if shape.rank() == 0 {
            return match self.scalar(pool, id, node, children) {
                Some(entry) => Entries::Scalar(entry),
                None => Entries::None,
            };
        }
        if let Node::Broadcast(a, _) = node
            && let Some(Fact { entries: Entries::Scalar(entry) | Entries::Uniform(entry), .. }) = self.facts.get(a)
        {
            return Entries::Uniform(*entry);
        }
        if shape.size() > MAX_ENTRIES {
            return Entries::None;
        }
        let entries: Arc<[Option<Id>]> = match self.whole(pool, node, &shape) {
            Some(entries) => entries,
            None => (0..shape.size()).map(|k| self.elementwise(pool, id, node, &shape, k)).collect(),
        };
        if entries.iter().all(Option::is_none) { Entries::None } else { Entries::Array(entries) }
    }

    /// The entries of what is not taken entry by entry.
    fn whole(&mut self, pool: &mut Pool, node: &Node, shape: &Shape) -> Option<Arc<[Option<Id>]>> {
        let size = shape.size();
        let nothing = || [].into();
        match node {
            Node::Data(d) => {
                let data = pool.data()[*d as usize].clone();
                if !data.is_exact() {
                    return Some(nothing());
                }
                self.work += u64::try_from(size).unwrap_or(u64::MAX);
                Some((0..size).map(|k| Some(pool.constant(data.exact(k)))).collect())
            }
            Node::Reshape(a, _) => Some((0..size).map(|k| self.known(*a, k)).collect()),
            Node::Transpose(a) => {
                let rows = shape.axes().get(1).copied().unwrap_or(1);
                let columns = size.checked_div(rows).unwrap_or(0);
                Some((0..size).map(|k| self.known(*a, k % rows * columns + k / rows)).collect())
            }
            Node::SumAxis(a, axis) => {
                let lanes = Lanes::along(pool.shape(*a), *axis as usize);
                let lanes: Vec<Vec<usize>> = lanes.iter().map(Iterator::collect).collect();
                Some(lanes.into_iter().map(|lane| self.total(pool, *a, lane)).collect())
            }
            Node::OneHot(labels, columns) => {
                let labels = match pool.node(*labels) {
                    Node::Data(d) => pool.data()[*d as usize].labels(*columns).unwrap_or_default(),
                    _ => Vec::new(),
                };
                let numbers = [pool.integer(0), pool.integer(1)];
                let row = |label: u32| (0..*columns).map(move |j| Some(numbers[usize::from(j == label)]));
                Some(labels.into_iter().flat_map(row).collect())
            }
            Node::Matmul(..) | Node::Gather(..) | Node::LogSumExpAxis(..) => Some(nothing()),
            _ => None,
        }
    }

    /// The sum of some entries of an array.
    fn total(&mut self, pool: &mut Pool, a: Id, entries: impl IntoIterator<Item = usize>) -> Option<Id> {
        let mut total = pool.integer(0);
        for k in entries {
            let entry = self.known(a, k)?;
            self.work += 1 + long(pool, &[total, entry]);
            total = pool.add(total, entry);
        }
        Some(total)
    }

    fn scalar(&mut self, pool: &mut Pool, id: Id, node: &Node, children: &[Id]) -> Option<Id> {
        match node {
            Node::Index(a, k) => self.known(*a, *k as usize),
            Node::Sum(a) => self.total(pool, *a, 0..pool.shape(*a).size()),
            Node::LogSumExp(a) => (0..pool.shape(*a).size()).all(|k| self.known(*a, k).is_some()).then_some(id),
            _ if children.iter().all(|c| self.known(*c, 0) == Some(*c)) => Some(id),
            _ => self.elementwise(pool, id, node, &Shape::scalar(), 0),
        }
    }

    /// The entry at `k` of an elementwise operation.
    fn elementwise(&mut self, pool: &mut Pool, id: Id, node: &Node, shape: &Shape, k: usize) -> Option<Id> {
        let at = |closed: &Closed, pool: &Pool, a: Id| closed.known(a, pool.shape(a).source_of(k, shape));
        self.work += 1;
        match node {
            Node::Add(a, b) | Node::Mul(a, b) => {
                let (x, y) = (at(self, pool, *a)?, at(self, pool, *b)?);
                self.work += long(pool, &[x, y]);
                Some(if matches!(node, Node::Add(..)) { pool.add(x, y) } else { pool.mul(x, y) })
            }
            Node::Pow(a, q) => {
                let x = at(self, pool, *a)?;
                self.work += long_power(pool, x, q);
                Some(pool.pow(x, q))
            }
            Node::Apply(f, a) => {
                let x = at(self, pool, *a)?;
                Some(pool.apply(*f, x))
            }
            Node::Broadcast(a, _) => at(self, pool, *a),
            Node::Stack(parts) => self.known(*parts.get(k)?, 0),
            Node::Constant(_) | Node::Pi => Some(id),
            _ => None,
        }
    }

    /// The sign of a constant scalar expression that [`Closed::entry`] gave, or made of such.
    pub(super) fn sign(&mut self, pool: &mut Pool, id: Id) -> Sign {
        if let Some(q) = pool.as_constant(id) {
            return Sign::of(q);
        }
        match self.interval(pool, id).sign() {
            1 => return Sign::Positive,
            -1 => return Sign::Negative,
            _ => {}
        }
        if let Some(&sign) = self.signs.get(&id) {
            return sign;
        }
        let size = u64::try_from(pool.reachable(&[id]).len()).unwrap_or(u64::MAX);
        self.work += size.saturating_mul(PRECISE_WORK);
        // An expression too long to compute that exactly is left to the evaluation.
        let sign = if size > 1_000 { Sign::Unknown } else { precise::sign(pool, id) };
        self.signs.insert(id, sign);
        sign
    }

    fn interval(&mut self, pool: &Pool, root: Id) -> Interval {
        let mut stack = vec![root];
        while let Some(&id) = stack.last() {
            if self.intervals.contains_key(&id) {
                stack.pop();
                continue;
            }
            let before = stack.len();
            stack.extend(pool.children(id).into_iter().filter(|c| !self.intervals.contains_key(c)));
            if stack.len() > before {
                continue;
            }
            self.work += 1 + long(pool, &[id]);
            let of = |id: &Id| self.intervals.get(id).copied().unwrap_or(Interval::ALL);
            let interval = match pool.node(id) {
                Node::Constant(q) => Interval::rational(q),
                Node::Pi => Interval::pi(),
                Node::Add(a, b) => of(a).add(of(b)),
                Node::Mul(a, b) => of(a).mul(of(b)),
                Node::Pow(a, q) => of(a).pow(q),
                Node::Apply(f, a) => of(a).apply(*f),
                _ => Interval::ALL,
            };
            self.intervals.insert(id, interval);
            stack.pop();
        }
        self.intervals.get(&root).copied().unwrap_or(Interval::ALL)
    }
}

/// The bits of the exact number in front of an expression.
fn bits(pool: &Pool, id: Id) -> u64 {
    let constant = match pool.node(id) {
        Node::Constant(q) => Some(q),
        Node::Add(c, _) | Node::Mul(c, _) => pool.as_constant(*c),
        _ => None,
    };
    constant.map_or(0, Rational::bits)
}

/// What arithmetic on exact numbers of as many bits counts for beyond one operation: it grows a little faster than the
/// square of their length, for the greatest common divisors, as measured.
pub(super) fn long_bits(bits: u64) -> u64 {
    let words = bits / 64;
    if words < 4 { 0 } else { words.saturating_mul(words).saturating_mul(1 + words / 256) }
}

/// What exact arithmetic on these expressions counts for beyond one operation.
pub(super) fn long(pool: &Pool, operands: &[Id]) -> u64 {
    long_bits(operands.iter().map(|id| bits(pool, *id)).sum())
}

/// The same for a power, which is computed only of an exact number and while it is short enough to fold.
pub(super) fn long_power(pool: &Pool, a: Id, exponent: &Rational) -> u64 {
    let size = exponent.to_i64().map_or(64, i64::unsigned_abs);
    pool.as_uniform(a).map_or(0, |q| long_bits(q.bits().saturating_mul(size).min(2 * MAX_FOLDED_BITS)))
}
