//! Substitution: expressions in place of symbolic constants and entries of θ.

use super::{Id, Node, Pool, Variable};
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
        self.replaced(roots, |pool, id| match *pool.node(id) {
            Node::Symbol(s) => replacement(Variable::Symbol(s)),
            Node::Param(p) => {
                let first = pool.parameter_offset(p);
                pool.substitute_entries(id, first, |k| replacement(Variable::Theta(k)))
            }
            Node::Direction(number, p) => {
                let first = pool.parameter_offset(p);
                pool.substitute_entries(id, first, |k| replacement(Variable::Direction(number, k)))
            }
            _ => None,
        })
    }

    /// Replaces nodes in `roots` by expressions of their shapes, and rebuilds what depends on them.
    pub(super) fn replaced(
        &mut self,
        roots: &[Id],
        mut replacement: impl FnMut(&mut Self, Id) -> Option<Id>,
    ) -> Vec<Id> {
        // Only what changes has an entry.
        let mut changed: FxHashMap<Id, Id> = FxHashMap::default();
        for id in self.reachable(roots) {
            let new = if self.children(id).iter().any(|c| changed.contains_key(c)) {
                Some(self.rebuild(id, &changed))
            } else {
                replacement(self, id)
            };
            if let Some(new) = new.filter(|new| *new != id) {
                assert_eq!(self.shape(new), self.shape(id), "a replacement has the shape of what it replaces");
                changed.insert(id, new);
            }
        }
        roots.iter().map(|r| changed.get(r).copied().unwrap_or(*r)).collect()
    }

    /// An input whose entries from a flat index in θ on are replaced.
    fn substitute_entries(
        &mut self,
        id: Id,
        first: usize,
        mut replacement: impl FnMut(u32) -> Option<Id>,
    ) -> Option<Id> {
        let shape = self.shape(id).clone();
        let new: Vec<Option<Id>> =
            (first..first + shape.size()).map(|k| u32::try_from(k).ok().and_then(&mut replacement)).collect();
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
