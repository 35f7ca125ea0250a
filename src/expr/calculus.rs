//! Reverse-mode differentiation on the shaped DAG.

use super::{Function, Id, Node, Nonsmooth, Pool, Shape};
use crate::number::Rational;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// What has reached a node on the way back from the loss: whole arrays, and single entries apart.
///
/// Entries are kept apart until all have arrived, so that a loss which indexes every entry of a vector costs one array.
#[derive(Default)]
struct Adjoint {
    whole: Option<Id>,
    entries: Vec<(u32, Id)>,
}

impl Adjoint {
    fn add(&mut self, pool: &mut Pool, value: Id) {
        self.whole = Some(match self.whole {
            Some(sum) => pool.add(sum, value),
            None => value,
        });
    }

    /// The sum of everything that arrived, in the node's shape; `None` for zero.
    fn total(self, pool: &mut Pool, shape: &Shape) -> Option<Id> {
        let mut total = self.whole;
        if !self.entries.is_empty() {
            let zero = pool.integer(0);
            let mut parts = vec![zero; shape.size()];
            for (k, value) in self.entries {
                parts[k as usize] = pool.add(parts[k as usize], value);
            }
            let stacked = pool.stack(&parts);
            let scattered = pool.reshape(stacked, shape.clone());
            total = Some(total.map_or(scattered, |sum| pool.add(sum, scattered)));
        }
        total.filter(|t| !pool.is_zero(*t))
    }
}

impl Pool {
    /// Those of `ids` that depend on a parameter; `ids` must hold children before parents and all children.
    pub(super) fn dependent_on_parameters(&self, ids: &[Id]) -> FxHashSet<Id> {
        let mut dependent = FxHashSet::default();
        for &id in ids {
            if matches!(self.node(id), Node::Param(_)) || self.children(id).iter().any(|c| dependent.contains(c)) {
                dependent.insert(id);
            }
        }
        dependent
    }

    /// Whether an expression depends on any parameter.
    #[must_use]
    pub fn depends_on_parameters(&self, id: Id) -> bool {
        self.reachable(&[id]).iter().any(|i| matches!(self.node(*i), Node::Param(_)))
    }

    /// The functions without derivatives everywhere that some expressions use, without repetition.
    ///
    /// Ask this of a loss, not of its derivatives: those of `relu` and `abs` lose it on the way.
    #[must_use]
    pub fn nonsmooth(&self, roots: &[Id]) -> Vec<Nonsmooth> {
        let ids = self.reachable(roots);
        let dependent = self.dependent_on_parameters(&ids);
        let mut found: BTreeMap<Function, Vec<Id>> = BTreeMap::new();
        for id in &ids {
            if let Node::Apply(f, _) = self.node(*id)
                && !f.is_smooth()
                && dependent.contains(id)
                && !(matches!(f, Function::Abs | Function::Relu)
                    && self.children(*id).iter().all(|a| self.keeps_its_sign(*a)))
            {
                found.entry(*f).or_default().push(*id);
            }
        }
        let nonsmooth = |(function, places): (Function, Vec<Id>)| match function {
            Function::Relu if self.are_of_elu(&places, &ids) => Some(Nonsmooth::Elu),
            _ => match self.derivatives_of_powers(function, &places, &ids, roots) {
                Some(derivatives) => derivatives.map(|derivatives| Nonsmooth::Power { function, derivatives }),
                None => Some(function.into()),
            },
        };
        let mut found: Vec<Nonsmooth> = found.into_iter().filter_map(nonsmooth).collect();
        let places = || ids.iter().copied().filter(|id| dependent.contains(id));
        let of = |root: &Id| self.derivatives_of_roots(self.expression(*root), places());
        let root = roots.first().and_then(of);
        // One reason for each name, that of the fewest derivatives.
        if let Some(root) = root.map(|derivatives| Nonsmooth::Root { derivatives }) {
            match found.iter_mut().find(|known| known.function() == Function::Abs) {
                Some(known) if known.derivatives() <= root.derivatives() => {}
                Some(known) => *known = root,
                None => found.push(root),
            }
        }
        found
    }

    /// The symbolic constants that some expressions use, by index, ascending.
    #[must_use]
    pub fn symbols_used(&self, roots: &[Id]) -> Vec<u32> {
        let symbol = |id: Id| match self.node(id) {
            Node::Symbol(s) => Some(*s),
            _ => None,
        };
        let mut used: Vec<u32> = self.reachable(roots).into_iter().filter_map(symbol).collect();
        used.sort_unstable();
        used
    }

    /// The derivative of a function at `a`, where `value` is the function's value there; `None` where it is zero.
    ///
    /// `relu′ = step` and `abs′ = sign`; those of `step` and `sign` are zero. At the points without a derivative these
    /// are the one-sided conventions of [`Function`].
    pub(super) fn derivative(&mut self, function: Function, a: Id, value: Id) -> Option<Id> {
        use Function as F;
        // 1 + sign·x²
        let one_plus_square = |pool: &mut Self, sign: i64, x: Id| {
            let square = pool.pow(x, &Rational::from(2));
            let signed = pool.scaled(&Rational::from(sign), square);
            let one = pool.integer(1);
            pool.add(one, signed)
        };
        Some(match function {
            F::Exp => value,
            F::Log => self.pow(a, &Rational::MINUS_ONE),
            F::Log1p => {
                let one = self.integer(1);
                let shifted = self.add(one, a);
                self.pow(shifted, &Rational::MINUS_ONE)
            }
            F::Expm1 => self.apply(F::Exp, a),
            F::Sin => self.apply(F::Cos, a),
            F::Cos => {
                let sine = self.apply(F::Sin, a);
                self.neg(sine)
            }
            F::Tan => one_plus_square(self, 1, value),
            F::Asin | F::Acos => {
                let rest = one_plus_square(self, -1, a);
                let slope = self.pow(rest, &Rational::new(-1, 2));
                if function == F::Asin { slope } else { self.neg(slope) }
            }
            F::Atan => {
                let rest = one_plus_square(self, 1, a);
                self.pow(rest, &Rational::MINUS_ONE)
            }
            F::Sinh => self.apply(F::Cosh, a),
            F::Cosh => self.apply(F::Sinh, a),
            F::Tanh => one_plus_square(self, -1, value),
            F::Erf => {
                // 2/√π · exp(−x²)
                let square = self.pow(a, &Rational::from(2));
                let minus = self.neg(square);
                let bell = self.apply(F::Exp, minus);
                let pi = self.pi();
                let root = self.pow(pi, &Rational::new(-1, 2));
                let scale = self.scaled(&Rational::from(2), root);
                self.mul(scale, bell)
            }
            F::Sigmoid => {
                // s − s²
                let square = self.pow(value, &Rational::from(2));
                self.sub(value, square)
            }
            F::Softplus => self.apply(F::Sigmoid, a),
            F::Relu => self.apply(F::Step, a),
            F::Abs => self.apply(F::Sign, a),
            F::Sign | F::Step => return None,
        })
    }

    /// The derivative of `x ↦ x^q` at `a`.
    pub(super) fn power_derivative(&mut self, a: Id, exponent: &Rational) -> Id {
        let lower = self.pow(a, &(exponent - &Rational::ONE));
        self.scaled(exponent, lower)
    }

    /// The gradient of a scalar expression: for every declared parameter, in order, an expression of its shape.
    ///
    /// Reverse mode: the DAG grows by a constant multiple of the loss's own nodes, and arrays stay whole, so that their sizes do not count.
    ///
    /// ```
    /// use shadowflow::expr::{Pool, Shape};
    /// let mut pool = Pool::new();
    /// let w = pool.declare_parameter("W", Shape::new(&[200, 200]));
    /// let b = pool.declare_parameter("b", Shape::vector(200));
    /// let shifted = pool.add(w, b);
    /// let square = pool.pow(shifted, &2.into());
    /// let loss = pool.sum(square);
    /// let slope = pool.scaled(&2.into(), shifted);
    /// let gradient = pool.gradient(loss);
    /// assert_eq!(gradient, [slope, pool.sum_axis(slope, 0)?]);
    /// assert_eq!(pool.reachable(&gradient).len(), 8);
    /// # Ok::<(), shadowflow::expr::OperandError>(())
    /// ```
    ///
    /// # Panics
    /// If `loss` is not a scalar.
    pub fn gradient(&mut self, loss: Id) -> Vec<Id> {
        assert_eq!(self.shape(loss).rank(), 0, "only a scalar has a gradient");
        let ids = self.reachable(&[loss]);
        let dependent = self.dependent_on_parameters(&ids);
        let mut adjoints: FxHashMap<Id, Adjoint> = FxHashMap::default();
        let one = self.integer(1);
        adjoints.insert(loss, Adjoint { whole: Some(one), entries: Vec::new() });
        let mut slopes: FxHashMap<u32, Id> = FxHashMap::default();
        for &id in ids.iter().rev().filter(|id| dependent.contains(id)) {
            let Some(adjoint) = adjoints.remove(&id) else { continue };
            let shape = self.shape(id).clone();
            let Some(adjoint) = adjoint.total(self, &shape) else { continue };
            if let Node::Param(p) = self.node(id) {
                let p = *p;
                let whole = self.broadcast_to(adjoint, &shape);
                slopes.insert(p, whole);
                continue;
            }
            self.propagate(id, adjoint, &dependent, &mut adjoints);
        }
        let shapes: Vec<Shape> = self.parameters().map(|(_, shape)| shape.clone()).collect();
        let zero = self.integer(0);
        (0u32..)
            .zip(shapes)
            .map(|(p, shape)| slopes.get(&p).copied().unwrap_or_else(|| self.fill(zero, shape)))
            .collect()
    }

    /// Hands the adjoint of a node on to those of its children that depend on a parameter.
    fn propagate(&mut self, id: Id, adjoint: Id, dependent: &FxHashSet<Id>, adjoints: &mut FxHashMap<Id, Adjoint>) {
        let mut give = |pool: &mut Self, child: Id, value: Id| {
            if !pool.is_zero(value) {
                adjoints.entry(child).or_default().add(pool, value);
            }
        };
        match self.node(id).clone() {
            Node::Constant(_)
            | Node::Pi
            | Node::Symbol(_)
            | Node::Param(_)
            | Node::Data(_)
            | Node::Direction(..)
            | Node::OneHot(..) => {}
            Node::Add(a, b) => {
                for child in [a, b] {
                    if dependent.contains(&child) {
                        let value = self.sum_to(adjoint, &self.shape(child).clone());
                        give(self, child, value);
                    }
                }
            }
            Node::Mul(a, b) => {
                for (child, other) in [(a, b), (b, a)] {
                    if dependent.contains(&child) {
                        let product = self.mul(adjoint, other);
                        let value = self.sum_to(product, &self.shape(child).clone());
                        give(self, child, value);
                    }
                }
            }
            Node::Pow(a, q) => {
                let slope = self.power_derivative(a, &q);
                let value = self.mul(adjoint, slope);
                give(self, a, value);
            }
            Node::Apply(f, a) => {
                if let Some(slope) = self.derivative(f, a, id) {
                    let value = self.mul(adjoint, slope);
                    give(self, a, value);
                }
            }
            Node::Broadcast(a, _) => {
                let value = self.sum_to(adjoint, &self.shape(a).clone());
                give(self, a, value);
            }
            Node::Stack(parts) => {
                for (k, part) in parts.iter().enumerate() {
                    if dependent.contains(part) {
                        let value = self.index(adjoint, k);
                        give(self, *part, value);
                    }
                }
            }
            Node::Reshape(a, _) => {
                let value = self.reshape(adjoint, self.shape(a).clone());
                give(self, a, value);
            }
            Node::Index(a, k) => adjoints.entry(a).or_default().entries.push((k, adjoint)),
            Node::Sum(a) => {
                let value = self.broadcast_to(adjoint, &self.shape(a).clone());
                give(self, a, value);
            }
            Node::SumAxis(a, axis) => {
                let value = self.repeated(adjoint, axis as usize, &self.shape(a).clone());
                give(self, a, value);
            }
            Node::LogSumExp(a) => {
                let weights = self.softmax(a, id, None);
                let value = self.mul(adjoint, weights);
                give(self, a, value);
            }
            Node::LogSumExpAxis(a, axis) => {
                let weights = self.softmax(a, id, Some(axis as usize));
                let whole = self.repeated(adjoint, axis as usize, &self.shape(a).clone());
                let value = self.mul(whole, weights);
                give(self, a, value);
            }
            Node::Transpose(a) => {
                let value = self.transposed(adjoint);
                give(self, a, value);
            }
            Node::Matmul(a, b) => {
                if dependent.contains(&a) {
                    let right = self.transposed(b);
                    let value = self.product(adjoint, right);
                    give(self, a, value);
                }
                if dependent.contains(&b) {
                    let left = self.transposed(a);
                    let value = self.product(left, adjoint);
                    give(self, b, value);
                }
            }
            Node::Gather(a, labels) => {
                let shape = self.shape(a).clone();
                let columns = u32::try_from(self.columns(a)).unwrap_or(u32::MAX);
                let (ones, whole) = (self.intern(Node::OneHot(labels, columns)), self.repeated(adjoint, 1, &shape));
                let value = self.mul(whole, ones);
                give(self, a, value);
            }
        }
    }

    /// The weights `exp(a − log Σ exp a)`, which never overflow, of all entries or along an axis, `log` being the logarithm.
    pub(super) fn softmax(&mut self, a: Id, log: Id, axis: Option<usize>) -> Id {
        let shape = self.shape(a).clone();
        let log = axis.map_or(log, |axis| self.repeated(log, axis, &shape));
        let shifted = self.sub(a, log);
        self.apply(Function::Exp, shifted)
    }

    /// Every entry of some expressions, row-major, as scalars.
    pub fn entries(&mut self, roots: &[Id]) -> Vec<Id> {
        let mut entries = Vec::new();
        for &root in roots {
            for k in 0..self.shape(root).size() {
                entries.push(self.index(root, k));
            }
        }
        entries
    }

    /// The gradient of a scalar expression: one scalar for every entry of θ.
    ///
    /// # Panics
    /// If `loss` is not a scalar.
    pub fn gradient_entries(&mut self, loss: Id) -> Vec<Id> {
        let gradient = self.gradient(loss);
        self.entries(&gradient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::testing::evaluate;

    #[test]
    fn gradient_of_the_banana_function() {
        let mut p = Pool::new();
        let x = p.declare_parameter("x", Shape::scalar());
        let y = p.declare_parameter("y", Shape::scalar());
        let (one, hundred) = (p.integer(1), Rational::from(100));
        let first = p.sub(one, x);
        let first = p.pow(first, &2.into());
        let square = p.pow(x, &2.into());
        let inner = p.sub(y, square);
        let second = p.pow(inner, &2.into());
        let second = p.scaled(&hundred, second);
        let loss = p.add(first, second);
        let g = p.gradient_entries(loss);
        // ∂x = −2(1 − x) − 400 x (y − x²), ∂y = 200 (y − x²)
        assert_eq!(evaluate(&p, &g, &[3.0, 2.0]), [4.0 + 400.0 * 3.0 * 7.0, -1400.0]);
        assert_eq!(g[1], p.scaled(&200.into(), inner));
    }

    #[test]
    fn every_function_has_its_derivative() {
        // Points inside every domain, away from the kinks.
        for function in Function::ALL {
            for at in [-0.83, -0.4, 0.31, 0.77] {
                if function == Function::Log && at < 0.0 {
                    continue;
                }
                let mut p = Pool::new();
                let x = p.declare_parameter("x", Shape::scalar());
                let f = p.apply(function, x);
                let g = p.gradient(f);
                let second = p.gradient(g[0]);
                let h = 1e-5;
                for (f, df) in [(f, g[0]), (g[0], second[0])] {
                    let difference = (evaluate(&p, &[f], &[at + h])[0] - evaluate(&p, &[f], &[at - h])[0]) / (2.0 * h);
                    let slope = evaluate(&p, &[df], &[at])[0];
                    assert!(
                        (difference - slope).abs() < 1e-7 * (1.0 + slope.abs()),
                        "{} at {at}: {difference} {slope}",
                        function.name()
                    );
                }
            }
        }
    }

    #[test]
    fn adjoints_of_arrays_have_the_shapes_of_parameters() {
        let mut p = Pool::new();
        let m = p.declare_parameter("m", Shape::new(&[2, 3]));
        let r = p.declare_parameter("r", Shape::vector(3));
        let s = p.declare_parameter("s", Shape::vector(1));
        let unused = p.declare_parameter("u", Shape::vector(2));
        let product = p.mul(m, r);
        let product = p.mul(product, s);
        let corner = p.index(m, 4);
        let total = p.sum(product);
        let loss = p.add(total, corner);
        let g = p.gradient(loss);
        for (a, b) in g.iter().zip([m, r, s, unused]) {
            assert_eq!(p.shape(*a), p.shape(b));
        }
        let theta: Vec<f64> = (1..=12).map(f64::from).collect();
        let entries = p.gradient_entries(loss);
        // m = [[1,2,3],[4,5,6]], r = (7,8,9), s = 10.
        let expected =
            [70.0, 80.0, 90.0, 70.0, 81.0, 90.0, 50.0, 70.0, 90.0, 5.0 * 7.0 + 7.0 * 8.0 + 9.0 * 9.0, 0.0, 0.0];
        assert_eq!(evaluate(&p, &entries, &theta), expected);
    }

    #[test]
    fn gradient_size_is_linear_in_the_loss() {
        let size = |n: usize| {
            let mut p = Pool::new();
            let w = p.declare_parameter("w", Shape::vector(n));
            let mut loss = p.integer(0);
            for k in 1..n {
                let (a, b) = (p.index(w, k - 1), p.index(w, k));
                let product = p.mul(a, b);
                let value = p.apply(Function::Sin, product);
                loss = p.add(loss, value);
            }
            let before = p.len();
            p.gradient(loss);
            (p.len() - before).div_ceil(n)
        };
        assert!(size(2000) <= 8, "{}", size(2000));
    }

    #[test]
    fn kinks_are_named_where_they_matter() {
        let mut p = Pool::new();
        let x = p.declare_parameter("x", Shape::scalar());
        let c = p.declare_symbol("c");
        let (a, b) = (p.apply(Function::Relu, x), p.apply(Function::Abs, c));
        let loss = p.mul(a, b);
        assert_eq!(p.nonsmooth(&[loss]), [Function::Relu.into()]);
        assert!(p.depends_on_parameters(loss) && !p.depends_on_parameters(b));
        assert_eq!(p.symbols_used(&[loss]), [0]);
    }
}
