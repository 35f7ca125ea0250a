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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::Formula;

    fn power(name: &str, power: u64) -> Monomial {
        Monomial::power(Formula::name(name), power)
    }

    fn number(n: i64) -> Monomial {
        Monomial::number(Rational::from(n))
    }

    fn written(terms: &[Monomial]) -> String {
        Formula::sum(terms.iter().map(Monomial::parts).collect()).to_string()
    }

    #[test]
    fn sums_in_sums() {
        // s = x^2 - y.
        let hint = Hint::new(&[power("x", 2), power("y", 1).scaled(&Rational::MINUS_ONE)], power("s", 1)).unwrap();
        let long = [power("x", 2), power("x", 1), number(2)];
        assert_eq!(written(&hint.applied(&long).unwrap()), "s + y + x + 2");
        // 3x²z = 3z(s + y).
        let multiple = [power("x", 2).times(power("z", 1)).scaled(&3.into()), power("x", 1), number(2)];
        assert_eq!(written(&hint.applied(&multiple).unwrap()), "3*z*s + 3*z*y + x + 2");
        // Two terms are not looked at, nor what has no multiple of the leading term.
        assert!(hint.applied(&long[..2]).is_none());
        assert!(hint.applied(&[power("x", 1), power("y", 3), number(1)]).is_none());
    }

    #[test]
    fn what_leads_has_coefficient_one() {
        let double = power("x", 2).scaled(&2.into());
        assert!(Hint::new(&[double, number(1)], power("s", 1)).is_none());
        assert!(Hint::new(&[number(1), number(2)], power("s", 1)).is_none());
        // −x² + 1 = s: x² is 1 − s.
        let hint = Hint::new(&[power("x", 2).scaled(&Rational::MINUS_ONE), number(1)], power("s", 1)).unwrap();
        let terms = [power("x", 2), power("y", 1), number(3)];
        assert_eq!(written(&hint.applied(&terms).unwrap()), "-s + y + 4");
    }
}
