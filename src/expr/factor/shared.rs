//! Factors of several numerators together: what divides a short one, or is a factor where an expression is written, is looked for in the long ones
//! that are beyond the limits of a search.
//!
//! Where functions are related, as sine and cosine are by `c² = 1 − s²`, a numerator is a polynomial of degree 1 in `c`, and one that a sum
//! `r = a c + b` divides by way of the relation need not be a multiple of it: with the conjugate `b − a c` its product is one of the norm
//! `b² − a² (1 − s²)`, in which no `c` is.

use super::parts::renamed;
use super::relations::{Kind, Relation};
use super::{Collected, Factored};
use crate::budget::tick;
use crate::expr::Polynomial;
use crate::number::Rational;

/// The most sums that are looked for.
const MAX_SUMS: usize = 24;

/// The most terms of one.
pub(super) const MAX_SUM: usize = 40;

/// The most terms of a product with a conjugate.
const MAX_TERMS: usize = 3_000;

impl Collected {
    /// The numerators of all functions in factors. Those that a numerator has only by a relation among atoms, as `cos(x)^2 = 1 - sin(x)^2`, are found where
    /// the expression has them written, and leave fewer terms; the product of all factors is then the numerator by these relations.
    #[must_use]
    pub fn factored(&self) -> Vec<Factored> {
        let mut known: Vec<Polynomial> = Vec::new();
        let learn = |known: &mut Vec<Polynomial>, found: &Factored| {
            for (factor, _) in found.factors.iter().filter(|(f, _)| (2..=MAX_SUM).contains(&f.len())) {
                if known.len() < MAX_SUMS && !known.contains(factor) {
                    known.push(factor.clone());
                }
            }
        };
        self.sums.iter().for_each(|sum| learn(&mut known, &sum.factored()));
        let mut order: Vec<usize> = (0..self.functions.len()).collect();
        order.sort_by_key(|k| self.functions[*k].numerator().len());
        let mut all: Vec<Option<Factored>> = vec![None; self.functions.len()];
        for k in order {
            let found = self.related(self.functions[k].numerator().factored_by(&known), &known);
            learn(&mut known, &found);
            all[k] = Some(found);
        }
        all.into_iter().flatten().collect()
    }

    /// With sums taken out that divide by way of relations.
    fn related(&self, mut found: Factored, known: &[Polynomial]) -> Factored {
        let reads = |p: &Polynomial| self.relations.iter().any(|r| r.is_read(p));
        for sum in known.iter().filter(|sum| reads(sum)) {
            let Some(at) = found.factors.iter().position(|(f, power)| *power == 1 && f.len() > sum.len()) else {
                continue;
            };
            let (mut rest, mut power) = (found.factors[at].0.clone(), 0);
            while let Some(quotient) = divided(&rest, sum, &self.relations)
                && quotient.len() < rest.len()
            {
                (rest, power) = (quotient, power + 1);
            }
            if power > 0 {
                found.factors.remove(at);
                let rest = rest.factored_by(known);
                let factors = found.factors.into_iter().chain(rest.factors).chain([(sum.clone(), power)]).collect();
                found = Factored::new(found.variables, &found.content * &rest.content, factors, false);
            }
        }
        found
    }

    /// Polynomials that vanish wherever this one does: its products with conjugates, in which a root or a sine is no more.
    pub(in crate::expr) fn norms(&self, p: &Polynomial) -> Vec<Polynomial> {
        let read = self.relations.iter().filter(|relation| relation.is_read(p));
        read.filter_map(|relation| norm(p, relation, &self.relations).map(|(norm, _)| norm)).collect()
    }

    /// What the walk left, in other variables: nothing of what reads one that has no place.
    pub(super) fn relations_renamed(&self, places: &[Option<usize>], count: usize) -> (Vec<Relation>, Vec<Polynomial>) {
        let placed =
            |p: &Polynomial| p.terms().all(|(e, _)| e.iter().zip(places).all(|(e, place)| *e == 0 || place.is_some()));
        let relations = self.relations.iter().filter(|r| placed(&r.value)).filter_map(|r| {
            let variable = places[r.variable]?;
            Some(Relation { variable, value: renamed(&r.value, places, count), ..r.clone() })
        });
        let sums = self.sums.iter().filter(|p| placed(p)).map(|p| renamed(p, places, count));
        (relations.collect(), sums.collect())
    }
}

impl Relation {
    /// Whether the square of the variable is a polynomial in others.
    pub(super) fn is_square(&self) -> bool {
        let own = |(e, _): (&[u32], &Rational)| e[self.variable] > 0;
        self.power == 2 && self.kind != Kind::Inverse && !self.value.terms().any(own)
    }

    fn is_read(&self, p: &Polynomial) -> bool {
        p.terms().any(|(e, _)| e[self.variable] > 0)
    }
}

/// The quotient by the relations, if there is one that is found.
fn divided(p: &Polynomial, divisor: &Polynomial, relations: &[Relation]) -> Option<Polynomial> {
    tick();
    let Some(relation) = relations.iter().find(|r| r.is_read(divisor)) else { return p.exactly_divided(divisor) };
    let (norm, conjugate) = norm(divisor, relation, relations).filter(|(norm, _)| !relation.is_read(norm))?;
    let product = normal(p.times(&conjugate, MAX_TERMS).ok()?, relations)?;
    let quotient = divided(&product, &norm, relations)?;
    // Seen once more, whatever is above.
    let product = normal(quotient.times(divisor, MAX_TERMS).ok()?, relations)?;
    (product == *p).then_some(quotient)
}

/// A polynomial by the relations.
fn normal(mut p: Polynomial, relations: &[Relation]) -> Option<Polynomial> {
    for relation in relations {
        p = relation.lowered(&p, MAX_TERMS).ok()?;
    }
    Some(p)
}

/// The product with the conjugate by a relation, and the conjugate; nothing where that is 0.
fn norm(p: &Polynomial, relation: &Relation, relations: &[Relation]) -> Option<(Polynomial, Polynomial)> {
    let terms = |odd: bool| {
        let terms = p.terms().filter(|(e, _)| (e[relation.variable] % 2 == 1) == odd);
        Polynomial::from_terms(p.variables(), terms.map(|(e, c)| (e.to_vec(), c.clone())))
    };
    let conjugate = terms(false).minus(&terms(true));
    let norm = normal(p.times(&conjugate, MAX_TERMS).ok()?, relations)?;
    (!norm.is_zero()).then_some((norm, conjugate))
}
