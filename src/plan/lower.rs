//! From the expressions of a pool to the values of a plan.

use super::PlanError;
use super::graph::{Access, Entry, Graph, Kind, Node, Source, Stage, Term, Value};
use crate::budget::tick;
use crate::eval::ProgramBuilder;
use crate::expr::{self, Algebra, Function, Id, Lanes, Pool};
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// The values of some expressions, on real or on complex numbers.
pub(super) fn lower(pool: &Pool, roots: &[Id], complex: bool) -> Result<Graph, PlanError> {
    let graph = Graph {
        nodes: Vec::new(),
        roots: Vec::new(),
        data: pool.data().to_vec(),
        dimension: pool.dimension(),
        symbols: pool.symbols().len(),
        directions: 0,
        complex,
    };
    let ids = pool.reachable(roots);
    let along = ids.iter().any(|id| matches!(pool.node(*id), expr::Node::Direction(..)));
    let mut lowering = Lowering { pool, graph, at: FxHashMap::default(), along, logarithms: FxHashMap::default() };
    for id in ids {
        tick();
        let value = lowering.value(id)?;
        lowering.at.insert(id, value);
    }
    lowering.graph.roots = roots.iter().map(|root| lowering.at[root]).collect();
    lowering.add_up_products();
    Ok(lowering.graph)
}

struct Lowering<'a> {
    pool: &'a Pool,
    graph: Graph,
    at: FxHashMap<Id, Value>,
    /// Whether there are directions; without them, everything is computed along none.
    along: bool,
    /// What logarithms of sums were made of.
    logarithms: FxHashMap<Value, LogSumExp>,
}

/// The parts of `log Σ exp a`.
#[derive(Clone)]
struct LogSumExp {
    of: Value,
    /// `exp(a − m)`.
    exponential: Value,
    /// Their sums.
    sum: Value,
    access: Access,
}

impl Lowering<'_> {
    fn push(&mut self, kind: Kind, size: usize) -> Value {
        let (mut stage, mut complex) = (Stage::Once, false);
        kind.each_operand(|a| {
            stage = stage.max(self.graph.nodes[a].stage);
            complex |= self.graph.nodes[a].complex;
        });
        match &kind {
            Kind::Given(Source::Theta(_)) => (stage, complex) = (self.entering(), self.graph.complex),
            Kind::Given(Source::Symbol(_)) => stage = self.entering(),
            Kind::Given(Source::Direction(..)) => (stage, complex) = (Stage::Along, self.graph.complex),
            Kind::Largest(..) => complex = false,
            // A function of real numbers leaves the real line where it is not defined on it.
            Kind::Entry(Entry::Apply(f, _)) => complex = self.graph.complex && !is_real(*f, complex),
            Kind::Entry(Entry::Pow(_, q)) => complex = self.graph.complex && (complex || !q.is_integer()),
            _ => {}
        }
        self.graph.nodes.push(Node { kind, size, stage, complex });
        self.graph.nodes.len() - 1
    }

    fn entering(&self) -> Stage {
        if self.along { Stage::Enter } else { Stage::Along }
    }

    fn entry(&mut self, entry: Entry, size: usize) -> Value {
        let entry = self.folded(&entry).map_or(entry, Entry::Number);
        self.push(Kind::Entry(entry), size)
    }

    /// The number that an operation on numbers gives, where it is real.
    fn folded(&self, entry: &Entry) -> Option<f64> {
        let number = |a: &Value| self.graph.nodes[*a].kind.number();
        let mut builder = ProgramBuilder::new(0).ok()?;
        let mut constant = |a: &Value| number(a).map(|x| builder.constant(x));
        let value = match entry {
            Entry::Add(a, b) => {
                let (a, b) = (constant(a)?, constant(b)?);
                builder.add(&a, &b)
            }
            Entry::Mul(a, b) => {
                let (a, b) = (constant(a)?, constant(b)?);
                builder.mul(&a, &b)
            }
            Entry::Pow(a, q) => {
                let a = constant(a)?;
                builder.pow(&a, q)
            }
            Entry::Apply(f, a) => {
                let a = constant(a)?;
                builder.apply(*f, &a)
            }
            Entry::Number(_) | Entry::Repeat(..) => return None,
        };
        builder.value(value).filter(|x| x.is_finite())
    }

    fn value(&mut self, id: Id) -> Result<Value, PlanError> {
        let pool = self.pool;
        let at = |a: &Id| self.at[a];
        let size = pool.shape(id).size();
        let (rows, columns) = match *pool.shape(id).axes() {
            [rows, columns] => (rows, columns),
            _ => (1, size),
        };
        Ok(match pool.node(id) {
            expr::Node::Constant(q) => self.entry(Entry::Number(q.to_f64()), 1),
            expr::Node::Pi => self.entry(Entry::Number(std::f64::consts::PI), 1),
            expr::Node::Symbol(s) => self.push(Kind::Given(Source::Symbol(*s)), 1),
            expr::Node::Param(p) => self.push(Kind::Given(Source::Theta(pool.parameter_offset(*p))), size),
            expr::Node::Direction(number, p) => {
                self.graph.directions = self.graph.directions.max(*number as usize + 1);
                self.push(Kind::Given(Source::Direction(*number, pool.parameter_offset(*p))), size)
            }
            expr::Node::Data(d) => self.push(Kind::Given(Source::Data(*d)), size),
            expr::Node::Add(a, b) => self.entry(Entry::Add(at(a), at(b)), size),
            expr::Node::Mul(a, b) => self.entry(Entry::Mul(at(a), at(b)), size),
            expr::Node::Pow(a, q) => self.entry(Entry::Pow(at(a), q.clone()), size),
            expr::Node::Apply(Function::Exp, a) => {
                let a = at(a);
                self.softmax(a).unwrap_or_else(|| self.entry(Entry::Apply(Function::Exp, a), size))
            }
            expr::Node::Apply(f, a) => self.entry(Entry::Apply(*f, at(a)), size),
            expr::Node::Broadcast(a, to) => match Access::broadcast(pool.shape(*a), to) {
                Access::Same => at(a),
                access => self.entry(Entry::Repeat(at(a), access), size),
            },
            expr::Node::Stack(parts) => self.push(Kind::Stack(parts.iter().map(at).collect()), size),
            expr::Node::Reshape(a, _) => at(a),
            expr::Node::Index(a, k) => self.push(Kind::Part(at(a), *k as usize), 1),
            expr::Node::Sum(a) => self.push(Kind::Sum(at(a), lanes(pool, *a, None)), size),
            expr::Node::SumAxis(a, axis) => self.push(Kind::Sum(at(a), lanes(pool, *a, Some(*axis))), size),
            expr::Node::LogSumExp(a) => self.log_sum_exp(at(a), lanes(pool, *a, None)),
            expr::Node::LogSumExpAxis(a, axis) => self.log_sum_exp(at(a), lanes(pool, *a, Some(*axis))),
            expr::Node::Transpose(a) => self.push(Kind::Transpose(at(a), columns, rows), size),
            expr::Node::Matmul(a, b) => {
                let inner = pool.shape(*a).axes()[1];
                let [left, right] = [a, b].map(|x| self.operand(at(x), pool.shape(*x).axes()));
                let term = Term { factor: 1.0, left, right, inner };
                self.push(Kind::Product { rows, columns, terms: vec![term] }, size)
            }
            expr::Node::Gather(a, labels) => {
                let columns = pool.shape(*a).axes()[1];
                let labels = self.labels(*labels);
                self.push(Kind::Gather(at(a), labels, columns), size)
            }
            expr::Node::OneHot(labels, columns) => {
                let labels = self.labels(*labels);
                self.push(Kind::OneHot(labels, *columns as usize), size)
            }
        })
    }

    /// A factor of a product, of this shape: what a transpose is of, and that it is one. A transpose in another shape is not that of what it was made of.
    fn operand(&self, value: Value, axes: &[usize]) -> (Value, bool) {
        match self.graph.nodes[value].kind {
            Kind::Transpose(source, rows, columns) if *axes == [columns, rows] => (source, true),
            _ => (value, false),
        }
    }

    fn labels(&self, labels: Id) -> u32 {
        match self.pool.node(labels) {
            expr::Node::Data(d) => *d,
            _ => unreachable!("labels are data"),
        }
    }

    /// `m + log Σ exp(a − m)` with m the largest, as every program has it.
    fn log_sum_exp(&mut self, a: Value, lanes: Lanes) -> Value {
        let (size, reduced) = (self.graph.nodes[a].size, lanes.outer * lanes.inner);
        let largest = self.push(Kind::Largest(a, lanes), reduced);
        let minus = self.entry(Entry::Number(-1.0), 1);
        let negative = self.entry(Entry::Mul(minus, largest), reduced);
        let access = if size == reduced { Access::Same } else { Access::lanes(lanes) };
        let whole = self.repeated(negative, &access, size);
        let shifted = self.entry(Entry::Add(a, whole), size);
        let exponential = self.entry(Entry::Apply(Function::Exp, shifted), size);
        let sum = self.push(Kind::Sum(exponential, lanes), reduced);
        let log = self.entry(Entry::Apply(Function::Log, sum), reduced);
        let value = self.entry(Entry::Add(largest, log), reduced);
        self.logarithms.insert(value, LogSumExp { of: a, exponential, sum, access });
        value
    }

    fn repeated(&mut self, a: Value, access: &Access, size: usize) -> Value {
        match access {
            Access::Same => a,
            access => self.entry(Entry::Repeat(a, access.clone()), size),
        }
    }

    /// `exp(a − log Σ exp a)`, which is an exponential that there is already over the sum of them.
    fn softmax(&mut self, exponent: Value) -> Option<Value> {
        let size = self.graph.nodes[exponent].size;
        let entry = |v: Value| match &self.graph.nodes[v].kind {
            Kind::Entry(entry) => Some(entry),
            _ => None,
        };
        let Some(&Entry::Add(x, y)) = entry(exponent) else { return None };
        let found = [(x, y), (y, x)].into_iter().find_map(|(of, repeated)| {
            let (negative, access) = match entry(repeated)? {
                Entry::Repeat(a, access) => (*a, access.clone()),
                _ => (repeated, if size == 1 { Access::Same } else { Access::Scalar }),
            };
            let Entry::Mul(p, q) = entry(negative)? else { return None };
            let log =
                [(*p, *q), (*q, *p)].into_iter().find(|(a, _)| self.graph.nodes[*a].kind.number() == Some(-1.0))?.1;
            self.logarithms.get(&log).filter(|known| known.of == of && known.access == access).cloned()
        });
        let LogSumExp { exponential, sum, access, .. } = found?;
        let reduced = self.graph.nodes[sum].size;
        let inverse = self.entry(Entry::Pow(sum, Rational::MINUS_ONE), reduced);
        let inverse = self.repeated(inverse, &access, size);
        Some(self.entry(Entry::Mul(exponential, inverse), size))
    }

    /// Products that nothing else reads and that are added up become one value, and numbers in front of them their factors.
    fn add_up_products(&mut self) {
        let live = self.graph.live();
        let mut uses = self.graph.uses(&live);
        for value in (0..self.graph.nodes.len()).filter(|value| live[*value]) {
            match self.graph.nodes[value].kind {
                Kind::Entry(Entry::Mul(a, b)) => {
                    for (number, product) in [(a, b), (b, a)] {
                        if let Some(q) = self.graph.nodes[number].kind.number()
                            && self.is_product(product, &uses)
                        {
                            let mut kind = self.take(product, &mut uses);
                            if let Kind::Product { terms, .. } = &mut kind {
                                terms.iter_mut().for_each(|t| t.factor *= q);
                            }
                            self.graph.nodes[value].kind = kind;
                            break;
                        }
                    }
                }
                Kind::Entry(Entry::Add(a, b)) => self.add_up(value, a, b, &mut uses),
                _ => {}
            }
        }
    }

    fn add_up(&mut self, value: Value, a: Value, b: Value, uses: &mut [u32]) {
        if a == b || self.graph.nodes[a].size != self.graph.nodes[b].size {
            return;
        }
        let same_stage = |graph: &Graph, a: Value, b: Value| graph.nodes[a].stage == graph.nodes[b].stage;
        if self.is_product(a, uses) && self.is_product(b, uses) && same_stage(&self.graph, a, b) {
            let (first, second) = (self.take(a, uses), self.take(b, uses));
            self.graph.nodes[value].kind = joined(first, second);
            return;
        }
        // (x + p) + q = x + (p + q), the sum of products standing where the later of the two summands stood.
        for (sum, product) in [(a, b), (b, a)] {
            if uses[sum] == 1
                && self.is_product(product, uses)
                && let Kind::Entry(Entry::Add(x, y)) = self.graph.nodes[sum].kind
                && self.graph.nodes[x].size == self.graph.nodes[y].size
            {
                for (rest, other) in [(x, y), (y, x)] {
                    if other != rest && self.is_product(other, uses) && same_stage(&self.graph, other, product) {
                        let complex = self.graph.nodes[other].complex || self.graph.nodes[product].complex;
                        let (first, second) = (self.take(other, uses), self.take(product, uses));
                        let at = sum.max(product);
                        let stage = self.graph.nodes[product].stage;
                        let size = self.graph.nodes[product].size;
                        self.graph.nodes[at] = Node { kind: joined(first, second), size, stage, complex };
                        uses[sum] = 0;
                        uses[at] = 1;
                        self.graph.nodes[value].kind = Kind::Entry(Entry::Add(rest, at));
                        return;
                    }
                }
            }
        }
    }

    /// Whether a value is a product that is read once.
    fn is_product(&self, value: Value, uses: &[u32]) -> bool {
        uses[value] == 1 && matches!(self.graph.nodes[value].kind, Kind::Product { .. })
    }

    /// What a value is, which nothing reads any more.
    fn take(&mut self, value: Value, uses: &mut [u32]) -> Kind {
        uses[value] = 0;
        self.graph.nodes[value].kind.clone()
    }
}

/// The sum of two sums of products.
fn joined(first: Kind, second: Kind) -> Kind {
    match (first, second) {
        (Kind::Product { rows, columns, mut terms }, Kind::Product { terms: more, .. }) => {
            terms.extend(more);
            Kind::Product { rows, columns, terms }
        }
        (first, _) => first,
    }
}

/// The lanes of an array along an axis, or all its entries in one.
fn lanes(pool: &Pool, a: Id, axis: Option<u32>) -> Lanes {
    let axes = pool.shape(a).axes();
    let size = |axes: &[usize]| axes.iter().product();
    match axis {
        None => Lanes { outer: 1, length: size(axes), inner: 1 },
        Some(axis) => {
            let axis = axis as usize;
            Lanes { outer: size(&axes[..axis]), length: axes[axis], inner: size(&axes[axis + 1..]) }
        }
    }
}

/// Whether the values of a function are real: of real numbers those of a function that is defined on all of them, and signs of any.
fn is_real(function: Function, of_complex: bool) -> bool {
    use Function as F;
    match function {
        F::Sign | F::Step => true,
        F::Log | F::Log1p | F::Asin | F::Acos => false,
        _ => !of_complex,
    }
}
