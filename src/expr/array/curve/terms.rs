//! Sums of expressions with exact factors, written with few multiplications.

use crate::expr::{Id, Node, Pool};
use crate::number::Rational;

/// A sum of expressions of one shape with exact factors; equal expressions are collected.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms(Vec<(Rational, Id)>);

impl Terms {
    /// Adds a multiple of an expression.
    pub(super) fn push(&mut self, pool: &Pool, factor: &Rational, id: Id) {
        if factor.is_zero() || pool.is_zero(id) {
            return;
        }
        let (own, inner) = pool.split_factor(id);
        let factor = factor * &own;
        match self.0.iter_mut().find(|(_, known)| *known == inner) {
            Some((sum, _)) => *sum += &factor,
            None => self.0.push((factor, inner)),
        }
    }

    /// The sum; `None` for zero.
    ///
    /// Terms whose factors have one size are added before they are multiplied. So multiples of one array stay multiples of it, and its
    /// products are found to be made already.
    pub(super) fn sum(mut self, pool: &mut Pool) -> Option<Id> {
        // A sum of transposes is the transpose of a sum, which a product takes as it is.
        let source = |(_, id): &(Rational, Id)| match pool.node(*id) {
            Node::Transpose(source) => Some(*source),
            _ => None,
        };
        if self.0.len() > 1
            && let Some(sources) = self.0.iter().map(source).collect::<Option<Vec<Id>>>()
        {
            for ((_, id), source) in self.0.iter_mut().zip(sources) {
                *id = source;
            }
            return self.sum(pool).map(|sum| pool.transposed(sum));
        }
        let mut groups: Vec<(Rational, Id)> = Vec::new();
        let mut rest: Vec<(Rational, Id)> = self.0.into_iter().filter(|(factor, _)| !factor.is_zero()).collect();
        while let Some((factor, first)) = rest.first().cloned() {
            let size = factor.abs();
            let (group, others) = rest.into_iter().partition::<Vec<_>, _>(|(f, _)| f.abs() == size);
            let sum = group.iter().skip(1).fold(first, |sum, (f, id)| {
                if f.is_negative() == factor.is_negative() { pool.add(sum, *id) } else { pool.sub(sum, *id) }
            });
            groups.push((factor, sum));
            rest = others;
        }
        let mut sum: Option<Id> = None;
        for (factor, group) in groups {
            let term = pool.scaled(&factor, group);
            sum = Some(sum.map_or(term, |sum| pool.add(sum, term)));
        }
        sum.filter(|id| !pool.is_zero(*id))
    }
}
