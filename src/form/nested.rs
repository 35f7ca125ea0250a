//! Elementary differentials inside each other as expressions, so that what several of them hold is written once.

use super::plan::{Plan, Sum};
use crate::expr::{Id, Pool};
use crate::number::{Coefficient, Rational, Scalar};
use crate::series::{ModifiedEquation, Term};
use crate::tree::Tree;
use rustc_hash::FxHashMap;

/// Expressions of all parts of an equation: each `f_n` is the sum of its two parts.
pub(super) struct Nested {
    pub(super) plan: Plan,
    pub(super) roots: Vec<Id>,
}

impl Nested {
    /// From the entries of the derivatives as expressions of `pool`, by their indices; those that are zero may be left out.
    pub(super) fn new(
        pool: &mut Pool,
        entries: &FxHashMap<Vec<usize>, Id>,
        dimension: usize,
        series: &ModifiedEquation,
    ) -> Self {
        let mut differentials = Differentials { pool, entries, dimension, known: FxHashMap::default() };
        let (mut plan, mut roots) = (Plan::default(), Vec::new());
        for terms in &series.orders {
            let own =
                |principal: bool| terms.iter().filter(move |term| term.tree.is_principal() == principal).collect();
            let parts = [true, false].map(|principal| differentials.sums(&own(principal), &mut roots));
            let [principal, rest] = parts;
            plan.push_order(principal.into_iter().zip(rest));
        }
        Self { plan, roots }
    }
}

struct Differentials<'a> {
    pool: &'a mut Pool,
    entries: &'a FxHashMap<Vec<usize>, Id>,
    dimension: usize,
    known: FxHashMap<Tree, Vec<Id>>,
}

impl Differentials<'_> {
    /// The components of a sum of terms: those with rational coefficients are one expression.
    fn sums(&mut self, terms: &Vec<&Term>, roots: &mut Vec<Id>) -> Vec<Sum> {
        let mut sums = vec![Sum::new(); self.dimension];
        let zero = self.pool.integer(0);
        let mut rational = vec![zero; self.dimension];
        for term in terms {
            let components = self.of(&term.tree);
            for (i, component) in components.into_iter().enumerate().filter(|(_, id)| *id != zero) {
                match term.coefficient.to_rational() {
                    Some(q) => {
                        let scaled = self.pool.scaled(&q, component);
                        rational[i] = self.pool.add(rational[i], scaled);
                    }
                    None => {
                        sums[i].push((term.coefficient.clone(), roots.len()));
                        roots.push(component);
                    }
                }
            }
        }
        for (sum, id) in sums.iter_mut().zip(rational).filter(|(_, id)| *id != zero) {
            sum.insert(0, (Scalar::one(), roots.len()));
            roots.push(id);
        }
        sums
    }

    fn of(&mut self, tree: &Tree) -> Vec<Id> {
        if let Some(known) = self.known.get(tree) {
            return known.clone();
        }
        let arguments: Vec<Vec<Id>> = tree.children().iter().map(|child| self.of(child)).collect();
        let components: Vec<Id> = (0..self.dimension).map(|own| self.component(own, &arguments)).collect();
        self.known.insert(tree.clone(), components.clone());
        components
    }

    fn component(&mut self, own: usize, arguments: &[Vec<Id>]) -> Id {
        let zero = self.pool.integer(0);
        // Derivatives are symmetric: products of the same factors are counted, in the order of their indices.
        let mut products: Vec<(Id, Vec<Id>, i64)> = Vec::new();
        let mut at = vec![0; arguments.len()];
        loop {
            let mut indices: Vec<usize> = at.iter().copied().chain([own]).collect();
            indices.sort_unstable();
            let mut factors: Vec<Id> = at.iter().zip(arguments).map(|(k, argument)| argument[*k]).collect();
            if let Some(entry) = self.entries.get(&indices).filter(|entry| **entry != zero && !factors.contains(&zero))
            {
                factors.sort_unstable();
                match products.iter_mut().find(|(known, own, _)| known == entry && *own == factors) {
                    Some((_, _, count)) => *count += 1,
                    None => products.push((*entry, factors, 1)),
                }
            }
            let Some(next) = at.iter().rposition(|k| k + 1 < self.dimension) else { break };
            at[next] += 1;
            at[next + 1..].fill(0);
        }
        products.into_iter().fold(zero, |sum, (entry, factors, count)| {
            let mut product = entry;
            for equal in factors.chunk_by(|a, b| a == b) {
                let power = self.pool.pow(equal[0], &Rational::from(i64::try_from(equal.len()).unwrap_or(1)));
                product = self.pool.mul(product, power);
            }
            let counted = self.pool.scaled(&Rational::from(count), product);
            self.pool.add(sum, counted)
        })
    }
}
