//! Names that make formulas shorter and those that do not, found by trying: a product that stands in several places, a name that reads better as what it
//! stands for.

use super::formulas::Formulas;
use super::monomial::Monomial;
use super::polish::{name_of, reads};
use super::tidy::{Known, monomial};
use crate::budget::check;
use crate::formula::Formula;
use crate::number::Rational;

/// The most to read that is tried again: each trial collects all of it.
const MAX_READ: usize = 2_000;

/// The most subterms that get names.
const MAX_NEW: usize = 8;

/// What the name of a product has to save.
const SAVED: usize = 3;

impl Formulas {
    /// The same formulas without names that are as short to read as what they stand for, and with names for `products` that stand often, if that is
    /// asked for: they hide factors.
    pub(super) fn searched(mut self, nonzero: &[Formula], products: bool) -> Self {
        let mut cost = self.reading_cost();
        if cost > MAX_READ {
            return self;
        }
        let mut improved = |best: &mut Self, trial: Self, least: usize| {
            let (trial, shorter) = (trial.settled(nonzero), &mut cost);
            let read = trial.reading_cost();
            let better = read + least <= *shorter;
            if better {
                (*best, *shorter) = (trial, read);
            }
            better
        };
        for name in self.names() {
            if check().is_err() {
                return self;
            }
            if let Some(trial) = self.without(&name) {
                improved(&mut self, trial, 1);
            }
            if let Some(trial) = self.without_number(&name) {
                improved(&mut self, trial, 1);
            }
        }
        if !products {
            return self;
        }
        for (name, by) in self.offsets() {
            if let Some(trial) = self.shifted(&name, &by) {
                improved(&mut self, trial, 1);
            }
        }
        for _ in 0..MAX_NEW {
            let repeated = self.repeated().into_iter().map(|subterm| (subterm, 1));
            let found = repeated.chain(self.pairs().into_iter().map(|pair| (pair, SAVED))).any(|(subterm, least)| {
                let trial = self.with_name(&subterm);
                check().is_ok() && improved(&mut self, trial, least)
            });
            if !found {
                break;
            }
        }
        self
    }

    /// The names of definitions, the last one first.
    pub(super) fn names(&self) -> Vec<String> {
        let derivatives = self.derivatives.iter().filter_map(|(letter, _)| name_of(letter));
        let mut all: Vec<String> =
            self.lets.iter().map(|(name, _)| name.as_str()).chain(derivatives).map(str::to_owned).collect();
        all.reverse();
        all
    }

    /// The same with a definition's value for its name.
    fn without(&self, name: &str) -> Option<Self> {
        let mut rest = self.clone();
        let own = |formula: &Formula| name_of(formula) == Some(name);
        let value = match rest.lets.iter().position(|(known, _)| known == name) {
            Some(at) => rest.lets.remove(at).1,
            None => {
                let at = rest.derivatives.iter().position(|(letter, _)| own(letter))?;
                rest.derivatives.remove(at).1
            }
        };
        rest.replace(&[(name.to_owned(), value)].into_iter().collect());
        Some(rest)
    }

    /// The same with a number before a name instead of in its definition.
    fn without_number(&self, name: &str) -> Option<Self> {
        let mut all = self.clone();
        let own = all.lets.iter_mut().find(|(known, _)| known == name)?;
        let mut value = monomial(&own.1, &Known::default());
        let number = std::mem::replace(&mut value.number, Rational::ONE);
        let whole = value.lone().is_none() && !number.is_one() && !number.is_zero();
        if !whole {
            return None;
        }
        let instead = Monomial::power(Formula::name(name), 1).scaled(&number).formula();
        all.replace(&[(name.to_owned(), instead)].into_iter().collect());
        // Nothing before its definition reads it.
        let own = all.lets.iter_mut().find(|(known, _)| known == name)?;
        own.1 = value.formula();
        Some(all)
    }

    /// The same with a name for a subterm, behind the definitions that this reads.
    fn with_name(&self, subterm: &Formula) -> Self {
        let mut all = self.clone();
        let known = self.names();
        let reads = |name: &str| reads(subterm, name);
        // No loss has such a name; it gets another one at the end.
        let mut free = (0..=known.len()).map(|number| format!("'{number}"));
        let Some(name) = free.find(|name| !known.contains(name)) else { return all };
        let value = subterm.clone();
        match all.derivatives.iter().rposition(|(letter, _)| name_of(letter).is_some_and(reads)) {
            Some(at) => all.derivatives.insert(at + 1, (Formula::name(name), value)),
            None => {
                let at = all.lets.iter().rposition(|(name, _)| reads(name)).map_or(0, |at| at + 1);
                all.lets.insert(at, (name, value));
            }
        }
        all
    }
}
