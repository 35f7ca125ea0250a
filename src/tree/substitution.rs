//! Substitution of B-series: a method applied to another field than its own.

use super::BSeries;
use crate::budget::tick;
use crate::number::Coefficient;
use rustc_hash::FxHashMap;

impl<C: Coefficient> BSeries<C> {
    /// The substitution `self ⋆ into`: the series `into` with its field `h f` replaced by this field.
    ///
    /// `(b ⋆ a)(τ) = Σ_p a(skeleton of p) Π b(blocks of p)` over all ways p to cut edges of τ: the blocks are the trees left,
    /// the skeleton is what remains when each shrinks to a node (Chartier, Hairer & Vilmart 2010, *Algebraic structures of
    /// B-series*, 3). With the exact flow it is the [`exponential`](Self::exponential).
    ///
    /// # Panics
    /// If this series is no field, or over another family.
    #[must_use]
    pub fn substitute(&self, into: &Self) -> Self {
        self.check(into);
        self.assert_field();
        let mut partitions = Partitions::new(self);
        Self::from_fn(self.family(), into.empty().clone(), |n| {
            let value = partitions.rest(n).fold(C::zero(), |sum, (k, c)| sum.plus(&c.times(&into.values()[k])));
            let root = usize::from(self.family().colour(n));
            let whole = &self.values()[n];
            partitions.close(n, whole);
            value.plus(&whole.times(&into.values()[root]))
        })
    }

    /// The field b that solves `b ⋆ self = target`, tree by tree: with the exact flow as `self`, the modified equation of
    /// the method `target`; with the exact flow as `target`, the modifying integrator of `self`. `None` if the ring cannot
    /// divide by `self(•)`.
    ///
    /// # Panics
    /// If the series are over different families or differ at the empty tree.
    #[must_use]
    pub fn substituted_for(&self, target: &Self) -> Option<Self> {
        self.check(target);
        assert!(self.empty() == target.empty(), "{} and {} at the empty tree", self.empty(), target.empty());
        let mut partitions = Partitions::new(self);
        let mut values = Vec::with_capacity(self.values().len());
        for n in 0..self.values().len() {
            tick();
            let rest = partitions.rest(n).fold(C::zero(), |sum, (k, c)| sum.plus(&c.times(&self.values()[k])));
            let root = usize::from(self.family().colour(n));
            let value = target.values()[n].plus(&rest.negated()).divided(&self.values()[root])?;
            partitions.close(n, &value);
            values.push(value);
        }
        let mut values = values.into_iter();
        Some(Self::from_fn(self.family(), C::zero(), |_| values.next().unwrap_or_else(C::zero)))
    }
}

/// The partitions of each tree, weighted by the values of all their blocks but the root's.
struct Partitions<'a, C> {
    series: &'a BSeries<C>,
    /// The values of the field as far as they are known.
    field: Vec<C>,
    /// For each tree: the root's block and the skeleton, with the weight.
    open: Vec<Vec<(u32, u32, C)>>,
    /// For each tree: the skeleton, with the weight of all blocks.
    closed: Vec<Vec<(u32, C)>>,
}

impl<'a, C: Coefficient> Partitions<'a, C> {
    /// `series` names the family only.
    fn new(series: &'a BSeries<C>) -> Self {
        Self { series, field: Vec::new(), open: Vec::new(), closed: Vec::new() }
    }

    /// The next tree's skeletons with their weights, but for the partition that cuts nothing.
    fn rest(&mut self, number: usize) -> std::vec::IntoIter<(usize, C)> {
        let family = self.series.family();
        let narrow =
            |n: Option<usize>| n.and_then(|n| u32::try_from(n).ok()).expect("parts are no larger than the tree");
        let mut open: FxHashMap<(u32, u32), C> = FxHashMap::default();
        let mut add = |key: (u32, u32), c: C| {
            open.entry(key).and_modify(|sum| *sum = sum.plus(&c)).or_insert(c);
        };
        match family.split(number) {
            None => add((narrow(Some(number)), u32::from(family.colour(number))), C::one()),
            Some((u, v)) => {
                for (block, skeleton, c) in &self.open[u] {
                    for (branch, d) in &self.closed[v] {
                        tick();
                        let hung = family.product(*skeleton as usize, *branch as usize);
                        add((*block, narrow(hung)), c.times(d));
                    }
                    for (branch, more, d) in &self.open[v] {
                        let joined = family.product(*block as usize, *branch as usize);
                        let merged = family.merge(*skeleton as usize, *more as usize);
                        add((narrow(joined), narrow(merged)), c.times(d));
                    }
                }
            }
        }
        let mut open: Vec<(u32, u32, C)> =
            open.into_iter().filter(|(_, c)| !c.is_zero()).map(|((s, k), c)| (s, k, c)).collect();
        open.sort_unstable_by_key(|(s, k, _)| (*k, *s));
        let mut closed: Vec<(u32, C)> = Vec::new();
        for (block, skeleton, c) in open.iter().filter(|(s, _, _)| *s as usize != number) {
            let weight = c.times(&self.field[*block as usize]);
            match closed.last_mut() {
                Some((last, sum)) if last == skeleton => *sum = sum.plus(&weight),
                _ => closed.push((*skeleton, weight)),
            }
        }
        closed.retain(|(_, c)| !c.is_zero());
        self.open.push(open);
        self.closed.push(closed);
        let rest: Vec<(usize, C)> =
            self.closed[number].iter().map(|(skeleton, c)| (*skeleton as usize, c.clone())).collect();
        rest.into_iter()
    }

    /// Notes the value of the field at the tree just opened.
    fn close(&mut self, number: usize, value: &C) {
        self.field.push(value.clone());
        if !value.is_zero() {
            // The whole tree as one block shrinks to a node of the root's colour, which no other partition does.
            let root = u32::from(self.series.family().colour(number));
            self.closed[number].insert(0, (root, value.clone()));
        }
    }
}
