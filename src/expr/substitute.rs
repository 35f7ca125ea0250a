//! Substitution: expressions in place of symbolic constants and entries of θ.

use super::{Id, Input, Node, Pool, Variable};
use crate::number::Rational;
use rustc_hash::FxHashMap;

impl Pool {
    /// Replaces entries of θ and symbolic constants in `roots` by scalars, and rebuilds what depends on them.
    ///
    /// `replacement` gives the scalar for an input, or `None` to keep it. Replacements are not looked into again.
    ///
    /// ```
    /// use shadowflow::expr::{Pool, Shape, Variable};
    /// let mut pool = Pool::new();
    /// let x = pool.declare_parameter("x", Shape::scalar());
    /// let a = pool.declare_symbol("a");
    /// let product = pool.mul(a, x);
    /// let two = pool.integer(2);
    /// let roots = pool.substitute(&[product], |v| (v == Variable::Symbol(0)).then_some(two));
    /// assert_eq!(roots, [pool.add(x, x)]);
    /// ```
    ///
    /// # Panics
    /// If a replacement is not a scalar.
    pub fn substitute(&mut self, roots: &[Id], mut replacement: impl FnMut(Variable) -> Option<Id>) -> Vec<Id> {
        self.replaced(roots, |pool, id, input| match input {
            Input::Symbol(s) => replacement(Variable::Symbol(s)),
            Input::Parameter(p) => pool.substitute_entries(id, p, |k| replacement(Variable::Theta(k))),
            Input::Direction(number, p) => {
                pool.substitute_entries(id, p, |k| replacement(Variable::Direction(number, k)))
            }
        })
    }

    /// Replaces inputs in `roots` by whole arrays, and rebuilds what depends on them: as [`Pool::substitute`], with arrays.
    ///
    /// ```
    /// use shadowflow::expr::{Input, Pool, Shape};
    /// let mut pool = Pool::new();
    /// let w = pool.declare_parameter("W", Shape::new(&[20, 20]));
    /// let sum = pool.sum(w);
    /// // The sum of a step along a direction.
    /// let v = pool.direction(0);
    /// let step = pool.add(w, v[0]);
    /// let moved = pool.substitute_arrays(&[sum], |input| (input == Input::Parameter(0)).then_some(step));
    /// assert_eq!(moved, [pool.sum(step)]);
    /// ```
    ///
    /// # Panics
    /// If a replacement has another shape than the input.
    pub fn substitute_arrays(&mut self, roots: &[Id], mut replacement: impl FnMut(Input) -> Option<Id>) -> Vec<Id> {
        self.replaced(roots, |_, _, input| replacement(input))
    }

    /// Declares symbols in place of the numbers in `roots` that no double is, and rebuilds what depends on them; the numbers by symbol, the first of which is
    /// the next one to be declared.
    pub(crate) fn inexact_numbers_as_symbols(&mut self, roots: &[Id]) -> (Vec<Id>, Vec<f64>) {
        let (mut changed, mut numbers): (FxHashMap<Id, Id>, Vec<f64>) = (FxHashMap::default(), Vec::new());
        for id in self.reachable(roots) {
            let number = match self.node(id) {
                Node::Constant(q) => Some(q.to_f64()).filter(|x| Rational::from_f64(*x).as_ref() != Some(q)),
                Node::Pi => Some(std::f64::consts::PI),
                _ => None,
            };
            let new = match number {
                Some(x) => {
                    numbers.push(x);
                    self.declare_symbol(&format!("number {}", numbers.len()))
                }
                None if self.children(id).iter().any(|c| changed.contains_key(c)) => self.rebuild(id, &changed),
                None => continue,
            };
            changed.insert(id, new);
        }
        (roots.iter().map(|r| changed.get(r).copied().unwrap_or(*r)).collect(), numbers)
    }

    fn replaced(&mut self, roots: &[Id], mut replacement: impl FnMut(&mut Self, Id, Input) -> Option<Id>) -> Vec<Id> {
        // Only what changes has an entry.
        let mut changed: FxHashMap<Id, Id> = FxHashMap::default();
        for id in self.reachable(roots) {
            let new = if self.children(id).iter().any(|c| changed.contains_key(c)) {
                Some(self.rebuild(id, &changed))
            } else {
                self.input(id).and_then(|input| replacement(self, id, input))
            };
            if let Some(new) = new.filter(|new| *new != id) {
                assert_eq!(self.shape(new), self.shape(id), "a replacement has the shape of what it replaces");
                changed.insert(id, new);
            }
        }
        roots.iter().map(|r| changed.get(r).copied().unwrap_or(*r)).collect()
    }

    /// An input of a parameter's shape whose entries are replaced, by their flat indices in θ.
    fn substitute_entries(
        &mut self,
        id: Id,
        parameter: u32,
        mut replacement: impl FnMut(u32) -> Option<Id>,
    ) -> Option<Id> {
        let shape = self.shape(id).clone();
        let new: Vec<Option<Id>> =
            self.parameter_range(parameter).map(|k| u32::try_from(k).ok().and_then(&mut replacement)).collect();
        if new.iter().all(Option::is_none) {
            return None;
        }
        let entries: Vec<Id> = new.iter().enumerate().map(|(k, e)| e.unwrap_or_else(|| self.index(id, k))).collect();
        Some(self.array(&entries, shape))
    }

    /// The node with its children replaced, through the constructors.
    pub(super) fn rebuild(&mut self, id: Id, changed: &FxHashMap<Id, Id>) -> Id {
        let new = |child: Id| changed.get(&child).copied().unwrap_or(child);
        match self.node(id).clone() {
            Node::Constant(_)
            | Node::Pi
            | Node::Symbol(_)
            | Node::Param(_)
            | Node::Data(_)
            | Node::Direction(..)
            | Node::OneHot(..) => id,
            Node::Add(a, b) => self.add(new(a), new(b)),
            Node::Mul(a, b) => self.mul(new(a), new(b)),
            Node::Pow(a, q) => self.pow(new(a), &q),
            Node::Apply(f, a) => self.apply(f, new(a)),
            Node::Broadcast(a, shape) => self.broadcast_to(new(a), &shape),
            Node::Stack(parts) => {
                let parts: Vec<Id> = parts.iter().map(|p| new(*p)).collect();
                self.stack(&parts)
            }
            Node::Reshape(a, shape) => self.reshape(new(a), shape),
            Node::Index(a, k) => self.index(new(a), k as usize),
            Node::Sum(a) => self.sum(new(a)),
            Node::SumAxis(a, axis) => self.summed(new(a), axis as usize),
            Node::LogSumExp(a) => self.logsumexp(new(a)),
            Node::LogSumExpAxis(a, axis) => self.log_summed(new(a), axis as usize),
            Node::Transpose(a) => self.transposed(new(a)),
            Node::Matmul(a, b) => self.product(new(a), new(b)),
            Node::Gather(a, labels) => self.gathered(new(a), labels),
        }
    }
}
