//! Sums over the cuts of trees, prepared for a series.

use super::BSeries;
use crate::budget::tick;
use crate::number::Coefficient;

/// Which cuts count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cuts {
    /// All, none too.
    Any,
    /// All, but at least one.
    Proper,
    /// Exactly one edge.
    One,
}

/// For each tree `Σ Π a(τ∖s)` by the subtree s that holds the root, over the cuts that count.
#[derive(Debug)]
pub(super) struct CutTable<C> {
    rows: Vec<Vec<(u32, C)>>,
}

impl<C: Coefficient> CutTable<C> {
    pub(super) fn new(series: &BSeries<C>, cuts: Cuts) -> Self {
        let (family, values) = (series.family(), series.values());
        let mut rows: Vec<Vec<(u32, C)>> = Vec::with_capacity(family.len());
        let product = |u: u32, v: u32| {
            let product = family.product(u as usize, v as usize).and_then(|n| u32::try_from(n).ok());
            product.expect("subtrees are no larger than the tree")
        };
        for number in 0..family.len() {
            let whole = |n: usize| u32::try_from(n).expect("families are numbered in 32 bits");
            let mut row = Vec::new();
            if let Some((u, v)) = family.split(number) {
                let fallen = &values[v];
                let kept = whole(v);
                match cuts {
                    Cuts::One => {
                        row.push((whole(u), fallen.clone()));
                        row.extend(rows[u].iter().map(|(s, c)| (product(*s, kept), c.clone())));
                        row.extend(rows[v].iter().map(|(s, c)| (product(whole(u), *s), c.clone())));
                    }
                    Cuts::Any | Cuts::Proper => {
                        for (s, c) in &rows[u] {
                            tick();
                            row.push((*s, c.times(fallen)));
                            row.extend(rows[v].iter().map(|(t, d)| (product(*s, *t), c.times(d))));
                        }
                    }
                }
            } else if cuts != Cuts::One {
                row.push((whole(number), C::one()));
            }
            rows.push(gather(row));
        }
        if cuts == Cuts::Proper {
            for (number, row) in rows.iter_mut().enumerate() {
                row.retain(|(s, _)| *s as usize != number);
            }
        }
        Self { rows }
    }

    /// The terms of one tree, by ascending number of the subtree.
    pub(super) fn row(&self, number: usize) -> &[(u32, C)] {
        &self.rows[number]
    }

    /// `x(∅) a(τ) + Σ_s x(s) Π a(τ∖s)`.
    pub(super) fn apply(&self, series: &BSeries<C>, x: &BSeries<C>) -> BSeries<C> {
        BSeries::from_fn(x.family(), x.empty().clone(), |n| {
            let first = x.empty().times(&series.values()[n]);
            self.rows[n].iter().fold(first, |sum, (s, c)| sum.plus(&c.times(&x.values()[*s as usize])))
        })
    }

    /// `Σ_s x(s) Π a(τ∖s)` for an x that vanishes at the empty tree and below `size − 1` nodes, with a table that leaves out
    /// the whole tree: the next power, which vanishes below `size` nodes.
    pub(super) fn advance(&self, x: &BSeries<C>, size: usize) -> BSeries<C> {
        let family = x.family();
        let (begin, first) = (family.of_size(size - 1).start, family.of_size(size).start);
        BSeries::from_fn(family, C::zero(), |n| {
            tick();
            if n < first {
                return C::zero();
            }
            let row = &self.rows[n];
            let start = row.partition_point(|(s, _)| (*s as usize) < begin);
            row[start..].iter().fold(C::zero(), |sum, (s, c)| {
                let value = &x.values()[*s as usize];
                if value.is_zero() { sum } else { sum.plus(&c.times(value)) }
            })
        })
    }
}

/// Adds up terms of the same key and drops zeros.
fn gather<C: Coefficient>(mut row: Vec<(u32, C)>) -> Vec<(u32, C)> {
    row.sort_by_key(|(s, _)| *s);
    let mut result: Vec<(u32, C)> = Vec::with_capacity(row.len());
    for (s, c) in row {
        match result.last_mut() {
            Some((last, sum)) if *last == s => *sum = sum.plus(&c),
            _ => result.push((s, c)),
        }
    }
    result.retain(|(_, c)| !c.is_zero());
    result
}
