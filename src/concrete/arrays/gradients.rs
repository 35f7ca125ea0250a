//! Where an optimizer takes gradients along its trajectory, and how it follows from them.

use super::forms::{self, Form, Polynomial};
use crate::concrete::recurrence_field::{Inverse, Place};
use crate::expr::{Id, Pool, Weight, Weights};
use crate::number::Coefficient;
use crate::optimizer::{Evaluation, Recurrence};

/// How numbers of a ring stand in front of arrays: as `a + b√d`.
pub(super) struct Ring<C> {
    /// a and b.
    pub(super) parts: fn(&C) -> Weight,
    /// The root as an expression.
    pub(super) root: Option<Id>,
}

impl<C> Ring<C> {
    /// The sum of multiples of arrays; `None` for zero.
    pub(super) fn sum<'a>(&self, pool: &mut Pool, terms: impl Iterator<Item = (&'a C, Id)>) -> Option<Id>
    where
        C: 'a,
    {
        let weighted: Vec<(Weight, Id)> = terms.map(|(c, id)| ((self.parts)(c), id)).collect();
        pool.combination(self.root, &weighted)
    }

    /// Numbers by powers of s.
    pub(super) fn weights(&self, values: &[C]) -> Weights {
        Weights::with_root(values.iter().map(self.parts).collect(), self.root)
    }
}

/// Gradients of one order less on which a place depends, by their evaluations, with their weights.
type Stages<C> = Vec<(usize, C)>;

/// Gradients that differ by a shift of the step number only are one.
pub(super) struct Gradients<C> {
    /// Where each is taken.
    places: Vec<(Place<C>, Stages<C>)>,
    /// Of every evaluation which it is, and the shift.
    of: Vec<(usize, Option<Place<C>>)>,
}

impl<C: Coefficient> Gradients<C> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Of a recurrence, for expansions to an order.
    pub(super) fn of(recurrence: &Recurrence<C>, order: usize) -> Self {
        let mut known: Vec<Evaluation<C>> = Vec::new();
        let mut of = Vec::new();
        for evaluation in &recurrence.evaluations {
            let mut own = evaluation.clone();
            let mut shift = None;
            if let ([(k, _)], []) = (&*own.at, &*own.minus_h_times)
                && *k != 0
            {
                shift = Some(Place::new(&[(*k, C::one())], order));
                own.at = vec![(0, C::one())];
            }
            let index = known.iter().position(|k| *k == own).unwrap_or(known.len());
            if index == known.len() {
                known.push(own);
            }
            of.push((index, shift));
        }
        let places = known.into_iter().map(|own| (Place::new(&own.at, order), own.minus_h_times)).collect();
        Self { places, of }
    }

    /// The gradient of an evaluation at an order.
    fn evaluation(&self, e: usize, order: usize) -> Polynomial<C> {
        let (index, shift) = &self.of[e];
        let own = forms::coefficients(*index, order);
        shift.as_ref().map_or(own.clone(), |place| forms::placed(place, &own))
    }

    /// `p_{k+1}` from the gradients of order k, to a highest power of s.
    pub(super) fn iterate(
        &self,
        recurrence: &Recurrence<C>,
        inverse: &Inverse<C>,
        k: usize,
        highest: usize,
    ) -> Polynomial<C> {
        let mut right = Polynomial::new();
        for (e, b) in recurrence.right.iter().enumerate().filter(|(_, b)| !b.is_zero()) {
            forms::add_polynomial(&mut right, b, &self.evaluation(e, k));
        }
        let mut iterate = vec![Form::new()];
        for (from, weights) in inverse.weights(k, highest).into_iter().enumerate() {
            iterate.push(right.get(from..).map_or_else(Form::new, |right| forms::weighted(weights, &right.to_vec())));
        }
        iterate
    }

    /// Where gradient number `index` is taken at order k + 1.
    pub(super) fn position(&self, index: usize, iterate: &Polynomial<C>, k: usize) -> Polynomial<C> {
        let (place, stages) = &self.places[index];
        let mut position = forms::placed(place, iterate);
        for (l, d) in stages {
            forms::add_polynomial(&mut position, &d.negated(), &self.evaluation(*l, k));
        }
        position
    }
}
