//! Components by whole arrays: `f_1[w] = -1/2 (H[w,w] g[w] + H[w,b] g[b])`, blocks of the derivatives by names of the declared parameters.

use crate::concrete::DerivativeEntry;
use crate::expr::{Id, Pool};
use crate::formula::{Formula, reading_cost};
use crate::number::Coefficient;
use crate::series::{ModifiedEquation, Term};
use crate::tree::Tree;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::ops::Range;

/// The derivatives of a loss by blocks of its parameters.
pub(super) struct Blocks<'a> {
    pool: &'a Pool,
    values: FxHashMap<&'a [usize], Id>,
    names: Vec<Formula>,
    ranges: Vec<Range<usize>>,
    /// Blocks that something was written in, lower derivatives first.
    used: BTreeSet<(usize, Vec<usize>)>,
}

/// A block with its value.
pub(super) struct Listed {
    pub(super) letter: Formula,
    pub(super) value: Value,
}

/// What a block is written as.
pub(super) enum Value {
    /// Another block of the same entries.
    Other(Formula),
    /// A list of its own: its shape, and the letters of the entries that differ by symmetry and are not 0, with their places in the list.
    Own(Vec<usize>, Vec<(Formula, usize)>),
}

/// The parts of some `f_n`: one formula for every parameter.
pub(super) struct Parts {
    pub(super) principal: Vec<Formula>,
    pub(super) rest: Vec<Formula>,
}

impl<'a> Blocks<'a> {
    /// From all entries of the derivatives to some order.
    pub(super) fn new(pool: &'a Pool, entries: &'a [DerivativeEntry]) -> Self {
        let mut offset = 0;
        let ranges = pool.parameters().map(|(_, shape)| {
            offset += shape.size();
            offset - shape.size()..offset
        });
        Self {
            pool,
            values: entries.iter().map(|entry| (entry.indices.as_slice(), entry.value)).collect(),
            names: pool.parameters().map(|(name, _)| Formula::name(name)).collect(),
            ranges: ranges.collect(),
            used: BTreeSet::new(),
        }
    }

    /// The names of the parameters.
    pub(super) fn names(&self) -> Vec<Formula> {
        self.names.clone()
    }

    /// Every order of an equation.
    pub(super) fn orders(&mut self, equation: &ModifiedEquation) -> Vec<Parts> {
        let count = self.names.len();
        let mut part = |terms: &[Term], principal: bool| -> Vec<Formula> {
            let own: Vec<&Term> = terms.iter().filter(|term| term.tree.is_principal() == principal).collect();
            (0..count).map(|block| self.sum(&own, block)).collect()
        };
        equation.orders.iter().map(|terms| Parts { principal: part(terms, true), rest: part(terms, false) }).collect()
    }

    fn sum(&mut self, terms: &[&Term], block: usize) -> Formula {
        let mut sum = Vec::new();
        for term in terms {
            let differential = self.differential(&term.tree, block);
            if !differential.is_number("0") {
                let (negative, size) = term.coefficient.formula().signed();
                sum.push((negative, size.before(differential)));
            }
        }
        Formula::sum(sum)
    }

    /// An elementary differential along a block, sums in brackets where they are contracted.
    fn differential(&mut self, tree: &Tree, block: usize) -> Formula {
        let children = tree.children();
        let arguments: Vec<Vec<Formula>> = children
            .iter()
            .map(|child| (0..self.names.len()).map(|at| self.differential(child, at)).collect())
            .collect();
        let mut sum: Vec<(Vec<usize>, Vec<Formula>, u64)> = Vec::new();
        let mut at = vec![0; arguments.len()];
        loop {
            let chosen: Vec<Formula> = at.iter().zip(&arguments).map(|(k, argument)| argument[*k].clone()).collect();
            let blocks: Vec<usize> = std::iter::once(block).chain(at.iter().copied()).collect();
            if chosen.iter().all(|argument| !argument.is_number("0")) && !self.vanishes(&blocks) {
                // Derivatives are symmetric: equal arguments in another order are one term.
                let mut pairs: Vec<(usize, Formula)> = at.iter().copied().zip(chosen).collect();
                pairs.sort_by_cached_key(|(k, argument)| (*k, argument.to_string()));
                let (order, chosen): (Vec<usize>, Vec<Formula>) = pairs.into_iter().unzip();
                match sum.iter_mut().find(|(known, own, _)| *known == order && *own == chosen) {
                    Some((_, _, count)) => *count += 1,
                    None => sum.push((order, chosen, 1)),
                }
            }
            let Some(next) = at.iter().rposition(|k| k + 1 < self.names.len()) else { break };
            at[next] += 1;
            at[next + 1..].fill(0);
        }
        let terms = sum.into_iter().map(|(order, chosen, count)| {
            let blocks: Vec<usize> = std::iter::once(block).chain(order).collect();
            let letter = self.letter(&blocks);
            let term = match &*chosen {
                [] => letter,
                [only] => applied(letter, only),
                _ => Formula::contracted(letter, chosen),
            };
            (false, Formula::natural(count).before(term))
        });
        Formula::sum(terms.collect())
    }

    fn letter(&mut self, blocks: &[usize]) -> Formula {
        self.used.insert((blocks.len(), blocks.to_vec()));
        self.named(blocks)
    }

    fn entries(&self, blocks: &[usize]) -> Vec<Vec<usize>> {
        let mut all = vec![Vec::new()];
        for block in blocks {
            let range = self.ranges[*block].clone();
            all = all.into_iter().flat_map(|head| range.clone().map(move |k| [&head[..], &[k]].concat())).collect();
        }
        all
    }

    fn value(&self, indices: &[usize]) -> Option<Id> {
        let mut sorted = indices.to_vec();
        sorted.sort_unstable();
        self.values.get(sorted.as_slice()).copied()
    }

    fn vanishes(&self, blocks: &[usize]) -> bool {
        self.entries(blocks).iter().all(|indices| self.value(indices).is_none_or(|id| self.pool.is_zero(id)))
    }

    /// The blocks that were written, and the values of their entries, row-major.
    pub(super) fn listed(&self) -> (Vec<Listed>, Vec<Id>) {
        let (mut listed, mut values) = (Vec::new(), Vec::new());
        for (_, blocks) in &self.used {
            let letter = self.named(blocks);
            let mut sorted = blocks.clone();
            sorted.sort_unstable();
            // The axes of length 1 are left out.
            let axes = |blocks: &[usize]| -> Vec<usize> {
                blocks.iter().copied().filter(|k| self.ranges[*k].len() > 1).collect()
            };
            let shape: Vec<usize> = axes(blocks).iter().map(|k| self.ranges[*k].len()).collect();
            let is_there = sorted != *blocks && self.used.contains(&(sorted.len(), sorted.clone()));
            // The same list, or the transposed matrix; lists of three axes that are exchanged are others.
            let (same, matrix) = (axes(blocks) == axes(&sorted), blocks.len() == 2);
            if is_there && (same || matrix) {
                let other = self.named(&sorted);
                let value = if same { other } else { other.transposed() };
                listed.push(Listed { letter, value: Value::Other(value) });
            } else {
                let entries = self.entries(blocks);
                listed.push(Listed { letter, value: Value::Own(shape, self.distinct(&entries)) });
                values.extend(entries.iter().filter_map(|indices| self.value(indices)));
            }
        }
        (listed, values)
    }

    /// The letters of entries, once for those that are equal by symmetry, with their places.
    fn distinct(&self, entries: &[Vec<usize>]) -> Vec<(Formula, usize)> {
        let theta = self.pool.theta_formulas();
        let mut seen: BTreeSet<Vec<usize>> = BTreeSet::new();
        let mut found = Vec::new();
        for (place, indices) in entries.iter().enumerate() {
            let mut sorted = indices.clone();
            sorted.sort_unstable();
            let there = self.value(indices).is_some_and(|id| !self.pool.is_zero(id));
            let letter = Formula::partial(sorted.iter().map(|k| theta[*k].clone()).collect(), false);
            if seen.insert(sorted) && there {
                found.push((letter, place));
            }
        }
        found
    }

    fn named(&self, blocks: &[usize]) -> Formula {
        Formula::partial(blocks.iter().map(|k| self.names[*k].clone()).collect(), false)
    }
}

/// A block of the Hessian before something: its square before what it stands before already.
fn applied(block: Formula, to: &Formula) -> Formula {
    match to.factors_beside() {
        Some([first, rest @ ..]) => match first.power_of(&block) {
            Some(power) => Formula::beside([&[block.power(power + 1)], rest].concat()),
            None => Formula::beside([&[block], std::slice::from_ref(first), rest].concat()),
        },
        _ => Formula::beside(vec![block, to.clone()]),
    }
}

/// A block with a list of these entries, row-major, or of three axes and more with those alone that differ, where that is less to read.
pub(super) fn written(block: Listed, entries: &mut impl Iterator<Item = Formula>) -> Vec<(Formula, Formula)> {
    match block.value {
        Value::Other(other) => vec![(block.letter, other)],
        Value::Own(shape, distinct) => {
            let own: Vec<Formula> = entries.take(shape.iter().product()).collect();
            let list = nested(&shape, &mut own.iter().cloned());
            let apart: Vec<(Formula, Formula)> =
                distinct.into_iter().map(|(letter, place)| (letter, own[place].clone())).collect();
            let cost = |formula: &Formula| reading_cost(&formula.to_string());
            let read: usize = apart.iter().map(|(letter, value)| cost(letter) + 1 + cost(value)).sum();
            let shorter = shape.len() > 2 && read < cost(&block.letter) + 1 + cost(&list);
            if shorter { apart } else { vec![(block.letter, list)] }
        }
    }
}

/// Entries, row-major, as lists of lists.
fn nested(shape: &[usize], entries: &mut impl Iterator<Item = Formula>) -> Formula {
    match shape.split_first() {
        None => entries.next().unwrap_or_else(|| Formula::natural(0)),
        Some((size, rest)) => Formula::list((0..*size).map(|_| nested(rest, entries)).collect()),
    }
}
