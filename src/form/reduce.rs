//! Sums written in others: `3*(m - 1)^2 - s^2` for `3*m^2 - 6*m + 3 - s^2`, `s1^2 + 1` for `x^2 + 2` where `s1` is `sqrt(x^2 + 1)`.

use super::monomial::Monomial;
use crate::number::Rational;

/// The most terms of a sum that others are looked for in, and the fewest.
const TERMS: std::ops::RangeInclusive<usize> = 3..=30;

/// The most terms that are replaced.
const MAX_STEPS: usize = 100;

/// A sum and what it is.
#[derive(Debug, Clone)]
pub(super) struct Hint {
    lead: Monomial,
    /// What stands for the leading term: what the sum is, less its other terms.
    instead: Vec<Monomial>,
}

impl Hint {
    /// From the terms of a sum and what it is; nothing where no term of the highest degree has coefficient 1 or −1.
    pub(super) fn new(terms: &[Monomial], value: Monomial) -> Option<Self> {
        let degree = terms.iter().filter_map(Monomial::degree).max()?;
        let at = terms.iter().position(|t| t.degree() == Some(degree) && t.number.abs().is_one())?;
        let lead = &terms[at];
        if degree == 0 || terms.iter().any(|t| t.degree().is_none()) {
            return None;
        }
        let others =
            terms.iter().enumerate().filter(|(k, _)| *k != at).map(|(_, t)| t.clone().scaled(&Rational::MINUS_ONE));
        // A lead with a minus is the opposite of the rest.
        let instead = std::iter::once(value).chain(others).map(|t| t.scaled(&lead.number)).collect();
        let lead = lead.clone().scaled(&lead.number);
        Some(Self { lead, instead })
    }

    /// The terms with multiples of the leading term replaced as long as there are any; nothing if there are none, or too many.
    pub(super) fn applied(&self, terms: &[Monomial]) -> Option<Vec<Monomial>> {
        if !TERMS.contains(&terms.len()) {
            return None;
        }
        let mut terms = terms.to_vec();
        let mut replaced = 0;
        while let Some((at, quotient)) = terms.iter().enumerate().find_map(|(k, t)| Some((k, t.divided(&self.lead)?))) {
            terms.remove(at);
            for (k, new) in self.instead.iter().enumerate() {
                add(&mut terms, at + k, quotient.clone().times(new.clone()));
            }
            replaced += 1;
            if replaced > MAX_STEPS || terms.len() > 2 * TERMS.end() {
                return None;
            }
        }
        (replaced > 0).then_some(terms)
    }
}

/// Adds a term to a sum, at a place if it is a new one.
fn add(terms: &mut Vec<Monomial>, place: usize, term: Monomial) {
    let key = term.key();
    match terms.iter().position(|known| known.key() == key) {
        Some(at) => {
            terms[at].number = &terms[at].number + &term.number;
            if terms[at].number.is_zero() {
                terms.remove(at);
            }
        }
        None => terms.insert(place.min(terms.len()), term),
    }
}
