//! The hash-consed DAG and the constructors that keep its nodes canonical.

use super::{Function, Shape};
use crate::number::Rational;
use rustc_hash::{FxHashMap, FxHashSet};

/// An expression: the index of its node in a [`Pool`]. Children have smaller indices than their parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u32);

/// The largest integer exponent, in size, that powers of powers are merged into, and the language's default limit.
pub const MAX_EXPONENT: i64 = 1_000_000;

/// Constants are folded only while the result takes at most this many bits; larger ones stay as operations.
pub const MAX_FOLDED_BITS: u64 = 1 << 16;

/// One node of the DAG. Elementwise operations broadcast as NumPy does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    /// An exact number, a scalar.
    Constant(Rational),
    /// The number π, a scalar.
    Pi,
    /// A symbolic constant, a scalar, by its index.
    Symbol(u32),
    /// A parameter, by its index, with its declared shape.
    Param(u32),
    /// The elementwise sum; the smaller index first, a constant always first.
    Add(Id, Id),
    /// The elementwise product; the smaller index first, a constant always first.
    Mul(Id, Id),
    /// The elementwise power with an exact exponent other than 0 and 1, principal branch.
    Pow(Id, Rational),
    /// A function, elementwise.
    Apply(Function, Id),
    /// A scalar repeated to a shape.
    Fill(Id, Shape),
    /// The one-dimensional array of these scalars.
    Stack(Box<[Id]>),
    /// The entry of an array at a flat index, a scalar.
    Index(Id, u32),
    /// The sum of all entries, a scalar.
    Sum(Id),
    /// `log Σ exp` over all entries, a scalar.
    LogSumExp(Id),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parameter {
    name: String,
    shape: Shape,
    offset: usize,
}

/// A store of expressions in which equal expressions have equal [`Id`]s.
///
/// The constructors apply laws that hold everywhere (constants fold, `x + x = 2x`, `x·x = x²`, constants move to the
/// front of sums and products) and nothing that would rearrange what the user wrote further.
///
/// ```
/// use shadowflow::expr::{Pool, Shape};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let twice = pool.add(x, x);
/// let two = pool.integer(2);
/// assert_eq!(twice, pool.mul(x, two));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Pool {
    nodes: Vec<Node>,
    shapes: Vec<Shape>,
    known: FxHashMap<Node, Id>,
    parameters: Vec<Parameter>,
    symbols: Vec<String>,
}

impl Pool {
    /// An empty pool.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a parameter; parameters are laid out in θ in order of declaration, row-major.
    pub fn declare_parameter(&mut self, name: &str, shape: Shape) -> Id {
        let index = u32::try_from(self.parameters.len()).expect("fewer than 2^32 parameters");
        self.parameters.push(Parameter { name: name.to_owned(), shape, offset: self.dimension() });
        self.intern(Node::Param(index))
    }

    /// Declares a symbolic constant.
    pub fn declare_symbol(&mut self, name: &str) -> Id {
        let index = u32::try_from(self.symbols.len()).expect("fewer than 2^32 symbols");
        self.symbols.push(name.to_owned());
        self.intern(Node::Symbol(index))
    }

    /// The number of scalar parameters, D.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.parameters.last().map_or(0, |p| p.offset + p.shape.size())
    }

    /// The declared parameters, in order: name and shape.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &Shape)> {
        self.parameters.iter().map(|p| (p.name.as_str(), &p.shape))
    }

    /// The flat index in θ of the first entry of a parameter.
    #[must_use]
    pub fn parameter_offset(&self, index: u32) -> usize {
        self.parameters[index as usize].offset
    }

    /// The name of every entry of θ, `x` or `w[0]`, row-major.
    #[must_use]
    pub fn theta_names(&self) -> Vec<String> {
        let mut names = Vec::with_capacity(self.dimension());
        for p in &self.parameters {
            if p.shape.rank() == 0 {
                names.push(p.name.clone());
                continue;
            }
            for flat in 0..p.shape.size() {
                let (mut rest, mut parts) = (flat, Vec::new());
                for &axis in p.shape.axes().iter().rev() {
                    parts.push((rest % axis).to_string());
                    rest /= axis;
                }
                parts.reverse();
                names.push(format!("{}[{}]", p.name, parts.join(", ")));
            }
        }
        names
    }

    /// The names of the symbolic constants, in order of declaration.
    #[must_use]
    pub fn symbols(&self) -> &[String] {
        &self.symbols
    }

    /// The node of an expression.
    #[must_use]
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The shape of an expression.
    #[must_use]
    pub fn shape(&self, id: Id) -> &Shape {
        &self.shapes[id.0 as usize]
    }

    /// The number of nodes in the pool.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the pool has no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The exact number an expression is, if it is one.
    #[must_use]
    pub fn as_constant(&self, id: Id) -> Option<&Rational> {
        match self.node(id) {
            Node::Constant(q) => Some(q),
            _ => None,
        }
    }

    /// The children of a node, in order.
    #[must_use]
    pub fn children(&self, id: Id) -> Vec<Id> {
        match self.node(id) {
            Node::Constant(_) | Node::Pi | Node::Symbol(_) | Node::Param(_) => Vec::new(),
            Node::Add(a, b) | Node::Mul(a, b) => vec![*a, *b],
            Node::Pow(a, _)
            | Node::Apply(_, a)
            | Node::Fill(a, _)
            | Node::Index(a, _)
            | Node::Sum(a)
            | Node::LogSumExp(a) => vec![*a],
            Node::Stack(parts) => parts.to_vec(),
        }
    }

    /// Everything that `roots` depend on and the roots themselves, children before parents.
    #[must_use]
    pub fn reachable(&self, roots: &[Id]) -> Vec<Id> {
        let mut seen: FxHashSet<Id> = roots.iter().copied().collect();
        let mut stack: Vec<Id> = seen.iter().copied().collect();
        while let Some(id) = stack.pop() {
            for child in self.children(id) {
                if seen.insert(child) {
                    stack.push(child);
                }
            }
        }
        let mut ids: Vec<Id> = seen.into_iter().collect();
        ids.sort_unstable();
        ids
    }

    fn intern(&mut self, node: Node) -> Id {
        if let Some(&id) = self.known.get(&node) {
            return id;
        }
        let shape = self.shape_of(&node);
        let id = Id(u32::try_from(self.nodes.len()).expect("fewer than 2^32 nodes"));
        self.nodes.push(node.clone());
        self.shapes.push(shape);
        self.known.insert(node, id);
        id
    }

    fn shape_of(&self, node: &Node) -> Shape {
        match node {
            Node::Constant(_) | Node::Pi | Node::Symbol(_) | Node::Index(..) | Node::Sum(_) | Node::LogSumExp(_) => {
                Shape::scalar()
            }
            Node::Param(p) => self.parameters[*p as usize].shape.clone(),
            Node::Add(a, b) | Node::Mul(a, b) => {
                self.shape(*a).broadcast(self.shape(*b)).expect("operands of shapes that fit")
            }
            Node::Pow(a, _) | Node::Apply(_, a) => self.shape(*a).clone(),
            Node::Fill(_, shape) => shape.clone(),
            Node::Stack(parts) => Shape::vector(parts.len()),
        }
    }

    /// An exact number.
    pub fn constant(&mut self, q: Rational) -> Id {
        self.intern(Node::Constant(q))
    }

    /// An integer.
    pub fn integer(&mut self, n: i64) -> Id {
        self.constant(Rational::from(n))
    }

    /// The number π.
    pub fn pi(&mut self) -> Id {
        self.intern(Node::Pi)
    }

    /// Splits `c·x` into `c` and `x`; anything else is `1·x`.
    fn split_factor(&self, id: Id) -> (Rational, Id) {
        match self.node(id) {
            Node::Mul(c, x) => match self.as_constant(*c) {
                Some(q) => (q.clone(), *x),
                None => (Rational::ONE, id),
            },
            _ => (Rational::ONE, id),
        }
    }

    /// Splits `k + x` into `k` and `x`.
    fn split_shift(&self, id: Id) -> Option<(Rational, Id)> {
        match self.node(id) {
            Node::Add(k, x) => self.as_constant(*k).map(|q| (q.clone(), *x)),
            _ => None,
        }
    }

    fn fill_to(&mut self, id: Id, shape: &Shape) -> Id {
        if self.shape(id) == shape { id } else { self.fill(id, shape.clone()) }
    }

    /// The elementwise sum.
    ///
    /// # Panics
    /// If the shapes do not broadcast; check with [`Shape::broadcast`] where they come from a user.
    pub fn add(&mut self, a: Id, b: Id) -> Id {
        let shape = self.shape(a).broadcast(self.shape(b)).expect("operands of shapes that fit");
        match (self.as_constant(a).cloned(), self.as_constant(b).cloned()) {
            (Some(p), Some(q)) => {
                let sum = &p + &q;
                if sum.bits() <= MAX_FOLDED_BITS {
                    return self.constant(sum);
                }
            }
            (Some(p), None) => return self.shifted(&p, b),
            (None, Some(q)) => return self.shifted(&q, a),
            (None, None) => {}
        }
        // Constants float to the top of sums, so that they meet.
        if let Some((k, x)) = self.split_shift(a) {
            let rest = self.add(x, b);
            return self.shifted(&k, rest);
        }
        if let Some((k, y)) = self.split_shift(b) {
            let rest = self.add(a, y);
            return self.shifted(&k, rest);
        }
        let ((p, x), (q, y)) = (self.split_factor(a), self.split_factor(b));
        if x == y {
            let sum = &p + &q;
            if sum.is_zero() {
                let zero = self.integer(0);
                return self.fill_to(zero, &shape);
            }
            if sum.bits() <= MAX_FOLDED_BITS {
                return self.scaled(&sum, x);
            }
        }
        self.intern(Node::Add(a.min(b), a.max(b)))
    }

    /// `k + x` with x not a constant.
    fn shifted(&mut self, k: &Rational, x: Id) -> Id {
        if k.is_zero() {
            return x;
        }
        if let Some((j, y)) = self.split_shift(x) {
            let sum = k + &j;
            if sum.bits() <= MAX_FOLDED_BITS {
                return self.shifted(&sum, y);
            }
        }
        if let Some(q) = self.as_constant(x).cloned() {
            let sum = k + &q;
            if sum.bits() <= MAX_FOLDED_BITS {
                return self.constant(sum);
            }
        }
        let k = self.constant(k.clone());
        self.intern(Node::Add(k, x))
    }

    /// The elementwise difference.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    pub fn sub(&mut self, a: Id, b: Id) -> Id {
        let minus = self.neg(b);
        self.add(a, minus)
    }

    /// The elementwise negative.
    pub fn neg(&mut self, a: Id) -> Id {
        self.scaled(&Rational::MINUS_ONE, a)
    }

    /// The product with an exact number.
    pub fn scaled(&mut self, q: &Rational, a: Id) -> Id {
        if q.is_zero() {
            let zero = self.integer(0);
            let shape = self.shape(a).clone();
            return self.fill_to(zero, &shape);
        }
        if let Some(p) = self.as_constant(a) {
            let product = q * p;
            if product.bits() <= MAX_FOLDED_BITS {
                return self.constant(product);
            }
        }
        let (p, x) = self.split_factor(a);
        let product = q * &p;
        if product.is_one() {
            return x;
        }
        if product.bits() > MAX_FOLDED_BITS {
            let q = self.constant(q.clone());
            return self.intern(Node::Mul(q.min(a), q.max(a)));
        }
        let c = self.constant(product);
        self.intern(Node::Mul(c, x))
    }

    /// The elementwise product.
    ///
    /// # Panics
    /// If the shapes do not broadcast; check with [`Shape::broadcast`] where they come from a user.
    pub fn mul(&mut self, a: Id, b: Id) -> Id {
        let shape = self.shape(a).broadcast(self.shape(b)).expect("operands of shapes that fit");
        if let Some(q) = self.as_constant(a).cloned() {
            return self.scaled(&q, b);
        }
        if let Some(q) = self.as_constant(b).cloned() {
            return self.scaled(&q, a);
        }
        let ((p, x), (q, y)) = (self.split_factor(a), self.split_factor(b));
        let factor = &p * &q;
        if (!p.is_one() || !q.is_one()) && factor.bits() <= MAX_FOLDED_BITS {
            let rest = self.mul(x, y);
            return self.scaled(&factor, rest);
        }
        if self.is_zero(a) || self.is_zero(b) {
            let zero = self.integer(0);
            return self.fill_to(zero, &shape);
        }
        let ((x, m), (y, n)) = (self.split_power(a), self.split_power(b));
        // Only powers of one sign are merged: x·x^-1 has no value at 0, where 1 has one.
        if x == y && m.is_negative() == n.is_negative() && m.is_integer() && n.is_integer() {
            return self.pow(x, &(&m + &n));
        }
        self.intern(Node::Mul(a.min(b), a.max(b)))
    }

    /// Splits `x^q` into `x` and `q`; anything else is `x^1`.
    fn split_power(&self, id: Id) -> (Id, Rational) {
        match self.node(id) {
            Node::Pow(x, q) => (*x, q.clone()),
            _ => (id, Rational::ONE),
        }
    }

    /// The elementwise quotient.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    pub fn div(&mut self, a: Id, b: Id) -> Id {
        let inverse = self.pow(b, &Rational::MINUS_ONE);
        self.mul(a, inverse)
    }

    /// The elementwise power with an exact exponent, principal branch.
    ///
    /// A negative power of the constant 0 stays as it is: it has no value, which the loss language refuses.
    pub fn pow(&mut self, a: Id, exponent: &Rational) -> Id {
        if exponent.is_one() {
            return a;
        }
        if exponent.is_zero() {
            let one = self.integer(1);
            let shape = self.shape(a).clone();
            return self.fill_to(one, &shape);
        }
        if let Some(value) = self.as_constant(a).and_then(|q| exact_power(q, exponent)) {
            return self.constant(value);
        }
        // (x^p)^q = x^(pq) for an integer q; for other q it holds on part of the plane only.
        if exponent.is_integer()
            && let (x, p) = self.split_power(a)
            && !p.is_one()
        {
            let merged = &p * exponent;
            if merged.abs() <= Rational::from(MAX_EXPONENT) {
                return self.pow(x, &merged);
            }
        }
        self.intern(Node::Pow(a, exponent.clone()))
    }

    /// A function, elementwise; the exact values at simple constants (`exp(0)`, `log(1)`, …) are folded.
    pub fn apply(&mut self, function: Function, a: Id) -> Id {
        if let Some(value) = self.as_constant(a).and_then(|q| exact_value(function, q)) {
            return self.constant(value);
        }
        self.intern(Node::Apply(function, a))
    }

    /// A scalar repeated to a shape.
    ///
    /// # Panics
    /// If `a` is not a scalar.
    pub fn fill(&mut self, a: Id, shape: Shape) -> Id {
        assert_eq!(self.shape(a).rank(), 0, "only a scalar fills a shape");
        if shape.rank() == 0 { a } else { self.intern(Node::Fill(a, shape)) }
    }

    /// The one-dimensional array of scalars.
    ///
    /// # Panics
    /// If a part is not a scalar.
    pub fn stack(&mut self, parts: &[Id]) -> Id {
        assert!(parts.iter().all(|p| self.shape(*p).rank() == 0), "an array is stacked from scalars");
        // [w[0], w[1], …] over all of w is w itself.
        if let Some(Node::Index(source, 0)) = parts.first().map(|p| self.node(*p))
            && *self.shape(*source) == Shape::vector(parts.len())
            && parts
                .iter()
                .enumerate()
                .all(|(k, p)| matches!(self.node(*p), Node::Index(s, i) if s == source && *i as usize == k))
        {
            return *source;
        }
        self.intern(Node::Stack(parts.into()))
    }

    /// The entry at a flat index, a scalar.
    ///
    /// # Panics
    /// If the index is out of bounds.
    pub fn index(&mut self, a: Id, flat: usize) -> Id {
        assert!(flat < self.shape(a).size(), "index {flat} of an array of shape {}", self.shape(a));
        match self.node(a).clone() {
            _ if self.shape(a).rank() == 0 => a,
            Node::Stack(parts) => parts[flat],
            Node::Fill(x, _) => x,
            _ => self.intern(Node::Index(a, u32::try_from(flat).expect("fewer than 2^32 entries"))),
        }
    }

    /// The sum of all entries, a scalar.
    pub fn sum(&mut self, a: Id) -> Id {
        match self.node(a).clone() {
            _ if self.shape(a).rank() == 0 => a,
            Node::Fill(x, shape) => {
                let count = Rational::from(i64::try_from(shape.size()).expect("an array of fewer than 2^63 entries"));
                self.scaled(&count, x)
            }
            Node::Mul(c, x) if self.as_constant(c).is_some() => {
                let rest = self.sum(x);
                self.mul(c, rest)
            }
            _ => self.intern(Node::Sum(a)),
        }
    }

    /// `log Σ exp` over all entries, a scalar.
    pub fn logsumexp(&mut self, a: Id) -> Id {
        if self.shape(a).rank() == 0 { a } else { self.intern(Node::LogSumExp(a)) }
    }

    /// Whether an expression is the constant zero, or an array of it.
    #[must_use]
    pub fn is_zero(&self, id: Id) -> bool {
        match self.node(id) {
            Node::Constant(q) => q.is_zero(),
            Node::Fill(a, _) => self.is_zero(*a),
            _ => false,
        }
    }
}

/// `q^exponent` where it is rational, exists and is small enough to fold.
fn exact_power(q: &Rational, exponent: &Rational) -> Option<Rational> {
    if q.is_one() {
        return Some(Rational::ONE);
    }
    if let Some(n) = exponent.to_i64() {
        let small = q.bits().checked_mul(n.unsigned_abs())? <= MAX_FOLDED_BITS || q.is_zero() || q.abs().is_one();
        return if small { q.pow(n) } else { None };
    }
    if q.is_negative() {
        return None;
    }
    if q.is_zero() {
        return (!exponent.is_negative()).then_some(Rational::ZERO);
    }
    let degree = u32::try_from(exponent.denominator()).ok().filter(|d| *d <= 64)?;
    let root = |n: num_bigint::BigInt| {
        let r = n.nth_root(degree);
        (r.pow(degree) == n).then_some(r)
    };
    let base = Rational::from_bigints(root(q.numerator())?, root(q.denominator())?)?;
    exact_power(&base, &Rational::from(exponent.numerator()))
}

/// The value of a function at a rational where it is rational.
fn exact_value(function: Function, q: &Rational) -> Option<Rational> {
    use Function as F;
    let zero_to = |value: i64| q.is_zero().then(|| Rational::from(value));
    match function {
        F::Exp | F::Cos | F::Cosh => zero_to(1),
        F::Log => q.is_one().then_some(Rational::ZERO),
        F::Acos => q.is_one().then_some(Rational::ZERO),
        F::Log1p | F::Expm1 | F::Sin | F::Tan | F::Asin | F::Atan | F::Sinh | F::Tanh | F::Erf => zero_to(0),
        F::Sigmoid => q.is_zero().then(|| Rational::new(1, 2)),
        F::Softplus => None,
        F::Relu => Some(if q.is_negative() { Rational::ZERO } else { q.clone() }),
        F::Abs => Some(q.abs()),
        F::Sign => Some(Rational::from(if q.is_zero() {
            0
        } else if q.is_negative() {
            -1
        } else {
            1
        })),
        F::Step => Some(if q.is_negative() || q.is_zero() { Rational::ZERO } else { Rational::ONE }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_and_collects() {
        let mut p = Pool::new();
        let x = p.declare_parameter("x", Shape::scalar());
        let y = p.declare_parameter("y", Shape::scalar());
        let (one, two) = (p.integer(1), p.integer(2));
        // (1 + x) + (2 + y) = 3 + (x + y)
        let left = p.add(one, x);
        let right = p.add(y, two);
        let sum = p.add(left, right);
        let (three, xy) = (p.integer(3), p.add(x, y));
        assert_eq!(sum, p.add(xy, three));
        // 2x·y/2 = x·y, x/x stays, x^2·x^3 = x^5
        let (twice, half) = (p.mul(two, x), p.div(y, two));
        assert_eq!(p.mul(twice, half), p.mul(x, y));
        let quotient = p.div(x, x);
        assert!(p.as_constant(quotient).is_none());
        let (square, cube) = (p.pow(x, &2.into()), p.pow(x, &3.into()));
        assert_eq!(p.mul(square, cube), p.pow(x, &5.into()));
        let four = p.integer(4);
        assert_eq!(p.pow(four, &Rational::new(1, 2)), two);
        assert_eq!(p.sub(x, x), p.integer(0));
    }

    #[test]
    fn constants_never_outgrow_their_bound() {
        let mut p = Pool::new();
        let mut c = p.integer(3);
        for _ in 0..200 {
            c = p.mul(c, c);
        }
        assert!(p.nodes.iter().all(|n| !matches!(n, Node::Constant(q) if q.bits() > MAX_FOLDED_BITS)));
    }

    #[test]
    fn tape_broadcasts() {
        let mut p = Pool::new();
        let w = p.declare_parameter("w", Shape::vector(3));
        let x = p.declare_parameter("x", Shape::scalar());
        let product = p.mul(w, x);
        let total = p.sum(product);
        let tape = crate::expr::Tape::new(&p, &[total, w]);
        assert_eq!(tape.outputs.len(), 4);
        assert_eq!(p.theta_names(), ["w[0]", "w[1]", "w[2]", "x"]);
    }
}
