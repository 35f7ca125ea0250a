//! Names that make formulas shorter and those that do not, found by trying: a product that stands in several places, a name that reads better as what it
//! stands for.

use super::formulas::Formulas;
use super::monomial::Monomial;
use super::polish::parts;
use super::tidy::{Known, monomial};
use crate::budget::check;
use crate::formula::{Formula, Node};
use crate::number::Rational;
use rustc_hash::{FxHashMap, FxHashSet};

/// The most to read that is tried again: each trial collects all of it.
const MAX_READ: usize = 2_000;

/// The most products that get names, pairs that are tried for each of them, and places that make a pair worth trying.
const MAX_PRODUCTS: usize = 8;
const MAX_PAIRS: usize = 5;
const FEWEST: usize = 3;

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
        for count in 0..if products { MAX_PRODUCTS } else { 0 } {
            let mut found = false;
            for pair in self.pairs() {
                if check().is_err() {
                    return self;
                }
                let trial = self.with_product(&pair, count);
                found = improved(&mut self, trial, SAVED);
                if found {
                    break;
                }
            }
            if !found {
                break;
            }
        }
        self
    }

    /// The names of definitions, the last one first.
    fn names(&self) -> Vec<String> {
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

    /// Pairs of factors that stand together in some products, one a name of ours and none a derivative of the loss; the most frequent first.
    fn pairs(&self) -> Vec<[Formula; 2]> {
        let names: FxHashSet<String> = self.names().into_iter().collect();
        let mut counts = Pairs::default();
        self.written().for_each(|formula| count_pairs(formula, &names, &mut counts));
        let mut all: Vec<_> = counts.into_iter().filter(|(_, (count, _))| *count >= FEWEST).collect();
        all.sort_by(|(a, (m, _)), (b, (n, _))| n.cmp(m).then_with(|| a.cmp(b)));
        all.into_iter().take(MAX_PAIRS).map(|(_, (_, pair))| pair).collect()
    }

    /// The same with a name for a product, behind the definitions that this reads.
    fn with_product(&self, pair: &[Formula; 2], number: usize) -> Self {
        let mut all = self.clone();
        let reads = |name: &str| pair.iter().any(|factor| name_of(factor) == Some(name));
        // No loss has such a name; it gets another one at the end.
        let name = format!("'{number}");
        let value = Formula::product(pair.to_vec());
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

/// Pairs of factors by their texts, and how often each stands.
type Pairs = FxHashMap<[String; 2], (usize, [Formula; 2])>;

fn name_of(formula: &Formula) -> Option<&str> {
    match formula.node() {
        Node::Name(name) => Some(name),
        _ => None,
    }
}

/// The factors of a product that are names or entries of θ, without their powers.
fn count_pairs(formula: &Formula, names: &FxHashSet<String>, counts: &mut Pairs) {
    if let Node::Product(factors) = formula.node() {
        let base = |factor: &'_ Formula| match factor.node() {
            Node::Power(base, exponent) if matches!(exponent.node(), Node::Number(_)) => base.clone(),
            _ => factor.clone(),
        };
        let short = |formula: &Formula| matches!(formula.node(), Node::Name(_) | Node::Entry(..));
        let bases: Vec<Formula> = factors.iter().map(base).filter(short).collect();
        let ours = |formula: &Formula| name_of(formula).is_some_and(|name| names.contains(name));
        for (k, a) in bases.iter().enumerate() {
            for b in bases[k + 1..].iter().filter(|b| ours(a) || ours(b)) {
                let (first, second) = (a.to_string(), b.to_string());
                let (key, pair) = if first <= second {
                    ([first, second], [a.clone(), b.clone()])
                } else {
                    ([second, first], [b.clone(), a.clone()])
                };
                counts.entry(key).or_insert((0, pair)).0 += 1;
            }
        }
    }
    parts(formula).into_iter().for_each(|part| count_pairs(part, names, counts));
}
