//! Which polynomials the components of an equation are made of, whatever these are written in.

use super::formulas::FormulaOrder;
use crate::concrete::{ConcreteEquation, DerivativeEquation, DerivativeTerm, Formula as Component};
use crate::expr::{Id, Polynomial};
use crate::formula::{Formula, reading_cost};
use crate::number::{Coefficient, Scalar};

/// The polynomials of all components and parts, and how these are put together.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    pub(super) polynomials: Vec<Polynomial>,
    orders: Vec<Vec<Entry>>,
}

/// One component of some `f_n`.
#[derive(Debug, Clone)]
struct Entry {
    /// The whole, or nothing where it is written as the sum of its parts.
    whole: Option<Sum>,
    principal: Sum,
    rest: Sum,
}

/// Coefficients with the polynomials that they stand before, by their places; in a part that is not there, nothing.
pub(super) type Sum = Vec<(Scalar, usize)>;

impl Plan {
    /// Of the components in derivatives of the loss.
    pub(super) fn of_derivatives(equation: &DerivativeEquation, dimension: usize) -> Self {
        let mut plan = Self { polynomials: Vec::new(), orders: Vec::new() };
        for order in &equation.orders {
            let (whole, merged) = (order.whole(), order.principal.len() + order.nonprincipal.len());
            let entries = (0..dimension).map(|i| {
                let (principal, rest) = (plan.sum(&order.principal, i), plan.sum(&order.nonprincipal, i));
                let both = !principal.is_empty() && !rest.is_empty();
                let whole = (both && whole.len() < merged).then(|| plan.sum(&whole, i));
                Entry { whole, principal, rest }
            });
            let entries = entries.collect();
            plan.orders.push(entries);
        }
        plan
    }

    /// Adds an order whose components are sums of a principal part and the rest.
    pub(super) fn push_order(&mut self, components: impl Iterator<Item = (Sum, Sum)>) {
        self.orders.push(components.map(|(principal, rest)| Entry { whole: None, principal, rest }).collect());
    }

    /// Of components that are polynomials.
    pub(super) fn of_polynomials(equation: &ConcreteEquation) -> Self {
        let mut plan = Self { polynomials: Vec::new(), orders: Vec::new() };
        for order in &equation.orders {
            let mut entries = Vec::new();
            for ((whole, principal), rest) in order.components.iter().zip(&order.principal).zip(&order.nonprincipal) {
                let mut sum = |component: &Component| match component {
                    Component::Polynomial(p) if !p.is_zero() => plan.push(&Scalar::one(), p.clone()),
                    _ => Vec::new(),
                };
                let (principal, rest) = (sum(principal), sum(rest));
                let whole = (!principal.is_empty() && !rest.is_empty()).then(|| sum(whole));
                entries.push(Entry { whole, principal, rest });
            }
            plan.orders.push(entries);
        }
        plan
    }

    /// Of components that are expressions: these are the parts, and every whole is their sum.
    pub(super) fn of_expressions(equation: &ConcreteEquation) -> (Self, Vec<Id>) {
        let (mut plan, mut roots) = (Self::default(), Vec::new());
        for order in &equation.orders {
            let mut sum = |component: &Component| match component {
                Component::Expression(id) if !equation.pool.is_zero(*id) => {
                    roots.push(*id);
                    vec![(Scalar::one(), roots.len() - 1)]
                }
                _ => Sum::new(),
            };
            let parts: Vec<(Sum, Sum)> =
                order.principal.iter().zip(&order.nonprincipal).map(|(p, rest)| (sum(p), sum(rest))).collect();
            plan.push_order(parts.into_iter());
        }
        (plan, roots)
    }

    fn push(&mut self, coefficient: &Scalar, polynomial: Polynomial) -> Sum {
        self.polynomials.push(polynomial);
        vec![(coefficient.clone(), self.polynomials.len() - 1)]
    }

    fn sum(&mut self, terms: &[DerivativeTerm], i: usize) -> Sum {
        let there = terms.iter().filter(|term| !term.components[i].is_zero());
        there.flat_map(|term| self.push(&term.coefficient, term.components[i].clone())).collect()
    }

    /// Wholes as the sums of their parts, but for those in which terms of the parts are collected.
    pub(super) fn with_sums_of_parts(mut self) -> Self {
        let length =
            |polynomials: &[Polynomial], sum: &Sum| sum.iter().map(|(_, k)| polynomials[*k].len()).sum::<usize>();
        for entry in self.orders.iter_mut().flatten() {
            let parts = length(&self.polynomials, &entry.principal) + length(&self.polynomials, &entry.rest);
            if entry.whole.as_ref().is_some_and(|whole| length(&self.polynomials, whole) == parts) {
                entry.whole = None;
            }
        }
        self.compact()
    }

    /// Wholes as the sums of their parts where that is less to read with these formulas.
    pub(super) fn with_shorter_wholes(mut self, formulas: &[Formula]) -> Self {
        for entry in self.orders.iter_mut().flatten() {
            let cost = |sum: &Sum| reading_cost(&written(sum, formulas).to_string());
            if entry.whole.as_ref().is_some_and(|whole| cost(whole) > cost(&entry.principal) + cost(&entry.rest) + 1) {
                entry.whole = None;
            }
        }
        self
    }

    fn places(&mut self) -> impl Iterator<Item = &mut usize> {
        let sums =
            self.orders.iter_mut().flatten().flat_map(|e| e.whole.iter_mut().chain([&mut e.principal, &mut e.rest]));
        sums.flatten().map(|(_, place)| place)
    }

    /// Those of some values, one for each polynomial, that something is written from.
    pub(super) fn kept<T: Clone>(&self, values: &[T]) -> Vec<T> {
        let mut used = vec![false; values.len()];
        self.clone().places().for_each(|place| used[*place] = true);
        values.iter().zip(used).filter(|(_, used)| *used).map(|(value, _)| value.clone()).collect()
    }

    /// The plan without polynomials that nothing is written from.
    pub(super) fn compact(mut self) -> Self {
        let places: Vec<usize> = (0..self.polynomials.len()).collect();
        let kept = self.kept(&places);
        self.polynomials = self.kept(&self.polynomials);
        for place in self.places() {
            *place = kept.binary_search(place).unwrap_or_default();
        }
        self
    }

    /// The components, with these formulas for the polynomials.
    pub(super) fn orders(&self, formulas: &[Formula]) -> Vec<FormulaOrder> {
        let order = |entries: &Vec<Entry>| {
            let part = |of: fn(&Entry) -> &Sum| entries.iter().map(|e| written(of(e), formulas)).collect::<Vec<_>>();
            let whole = |e: &Entry| match &e.whole {
                Some(whole) => written(whole, formulas),
                None => together(&written(&e.principal, formulas), &written(&e.rest, formulas)),
            };
            FormulaOrder {
                components: entries.iter().map(whole).collect(),
                principal: part(|e| &e.principal),
                nonprincipal: part(|e| &e.rest),
            }
        };
        self.orders.iter().map(order).collect()
    }
}

/// A sum of coefficients times formulas.
fn written(sum: &Sum, formulas: &[Formula]) -> Formula {
    let mut terms = Vec::new();
    for (coefficient, place) in sum {
        let size = formulas[*place].clone();
        if size.is_number("0") {
            continue;
        }
        if *coefficient == Scalar::one() {
            terms.extend(size.terms());
        } else {
            let (negative, size) = size.signed();
            let (minus, term) = coefficient.formula().with_factors(vec![size]).signed();
            terms.push((negative != minus, term));
        }
    }
    Formula::sum(terms)
}

/// The sum of two, their terms beside each other.
pub(super) fn together(a: &Formula, b: &Formula) -> Formula {
    let terms = a.terms().into_iter().chain(b.terms());
    Formula::sum(terms.filter(|(_, term)| !term.is_number("0")).collect())
}
