//! Formulas in lowest terms: each as the least to read of what it is over the names in it, over what these stand for, and over parameters and functions.

use super::domain::Gaps;
use super::formulas::Formulas;
use super::local::{Local, written};
use super::meaning::Meaning;
use super::polish::{has_letter, name_of, reads, substituted};
use super::tidy::{Known, tidied};
use crate::budget::check;
use crate::expr::{Collected, Id, Polynomial, Pool};
use crate::formula::{Formula, Node, reading_cost};
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// The longest formula that is looked at, and the most names that are put for by their values one by one.
const MAX_READ: usize = 400;
const MAX_NAMES: usize = 6;

/// The most nodes of an expression that is taken apart, and terms of a polynomial on the way.
const MAX_NODES: usize = 120;
const MAX_TERMS: usize = 200;

/// The most that is read of what is taken apart, over and over: where there is more, nobody reads the result so closely.
const MAX_TAKEN_APART: usize = 20_000;
/// A number of so many digits more takes as long again.
const DIGITS: usize = 8;

/// What may be saved by multiplying out a product: its brackets, and one more.
const BRACKETS: usize = 3;

/// The most terms of a sum of which some are put together.
const MAX_SUM: usize = 7;

/// What formulas have been found to be.
#[derive(Debug)]
pub(super) struct Lowest<'a> {
    gaps: &'a Gaps<'a>,
    nonzero: &'a [Formula],
    meaning: Meaning,
    /// What was taken apart, by what it stands for.
    collected: FxHashMap<Id, Vec<Formula>>,
    /// Whether what cancels is 0 nowhere.
    never_zero: FxHashMap<Id, bool>,
    /// What there was to read in all that has been taken apart.
    taken_apart: usize,
}

impl<'a> Lowest<'a> {
    /// Over the parameters and symbols of a pool; what cancels is 0 in the gaps of a loss at most, `nonzero` inputs are 0 nowhere else.
    pub(super) fn new(pool: &Pool, gaps: &'a Gaps<'a>, nonzero: &'a [Formula]) -> Self {
        let meaning = Meaning::new(pool);
        Self {
            gaps,
            nonzero,
            meaning,
            collected: FxHashMap::default(),
            never_zero: FxHashMap::default(),
            taken_apart: 0,
        }
    }

    /// The same formulas, each the least to read of what it is. What derivatives of the loss stand in is left as it is.
    pub(super) fn of(&mut self, formulas: &Formulas) -> Formulas {
        let mut all = formulas.clone();
        let known = Known::new(self.nonzero);
        let mut round =
            Round { lowest: self, known, defined: Vec::new(), roots: Vec::new(), seen: FxHashMap::default() };
        for (name, value) in &mut all.lets {
            *value = round.shortest(value);
            round.define(Formula::name(&*name), value);
        }
        let mut lettered: Vec<String> = Vec::new();
        for (letter, value) in &mut all.derivatives {
            let own = name_of(letter).map(str::to_owned);
            if own.is_some() && has_letter(value, &lettered) {
                lettered.extend(own);
                continue;
            }
            *value = round.shortest(value);
            round.define(letter.clone(), value);
        }
        for order in &mut all.orders {
            for formula in order.components.iter_mut().chain(&mut order.principal).chain(&mut order.nonprincipal) {
                if !has_letter(formula, &lettered) {
                    *formula = round.shortest(formula);
                }
            }
        }
        all
    }
}

/// One reading of all formulas, in their order.
struct Round<'r, 'a> {
    lowest: &'r mut Lowest<'a>,
    known: Known,
    defined: Vec<(String, Formula)>,
    /// What stands for others by way of roots with names: `y*s^2` for `x` where `s` is `sqrt(x/y)`.
    roots: Vec<(Formula, Formula)>,
    seen: FxHashMap<String, Formula>,
}

fn cost(formula: &Formula) -> usize {
    reading_cost(&formula.to_string())
}

/// What it takes to take a formula apart: what there is to read, and more where numbers are long, as those that come of data.
fn effort(formula: &Formula) -> usize {
    let text = formula.to_string();
    let longest = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    reading_cost(&text) * (1 + longest / DIGITS)
}

/// What there is to read, a product not multiplied out for the sake of its brackets: `s*(1 - s)` and not `s - s^2`. Of equals the shorter text.
fn rank(formula: &Formula) -> (usize, usize) {
    let shared = match formula.node() {
        Node::Sum { terms, tight: false } => {
            let (first, rest) = terms.split_at(1);
            bases(&first[0].1).iter().any(|base| rest.iter().all(|(_, term)| bases(term).contains(base)))
        }
        _ => false,
    };
    let text = formula.to_string();
    (reading_cost(&text) + if shared { BRACKETS } else { 0 }, text.len())
}

/// What stands above the line without powers, numbers left out.
fn bases(formula: &Formula) -> Vec<&Formula> {
    match formula.node() {
        Node::Number(_) => Vec::new(),
        Node::Product(factors) => factors.iter().flat_map(bases).collect(),
        Node::Quotient(above, _) => bases(above),
        Node::Power(base, _) => vec![base],
        _ => vec![formula],
    }
}

impl Round<'_, '_> {
    fn define(&mut self, name: Formula, value: &Formula) {
        self.lowest.meaning.define(&name, value);
        self.known.learn_definition(value, &name);
        if let Node::Call("sqrt", under) = value.node() {
            let composed = |(name, value): &&(String, Formula)| is_composed(value) && reads(&under[0], name);
            let inner = self.defined.iter().filter(composed).cloned().collect();
            self.roots.extend(solved(&under[0], &name));
            if matches!(under[0].node(), Node::Name(_)) {
                self.roots.extend(solved(&substituted(&under[0], &inner), &name));
            }
        }
        if let Node::Name(own) = name.node() {
            self.defined.push((own.clone(), value.clone()));
        }
    }

    /// The least to read that is found, of the parts first.
    fn shortest(&mut self, formula: &Formula) -> Formula {
        if !is_composed(formula) || self.lowest.taken_apart > MAX_TAKEN_APART || check().is_err() {
            return formula.clone();
        }
        let text = formula.to_string();
        if let Some(known) = self.seen.get(&text) {
            return known.clone();
        }
        let mut best = formula.clone();
        let inner = formula.with_parts(|part| self.shortest(part));
        let inner = if inner == *formula { inner } else { tidied(&inner, &self.known, false) };
        if reading_cost(&text) <= MAX_READ {
            let inner = self.merged(&inner);
            let mut all = self.candidates(&inner);
            all.push(inner);
            // Terms more than there are must save what brackets take.
            let own = best.terms().len();
            let rank = |formula: &Formula| {
                let (read, length) = rank(formula);
                (read + BRACKETS * formula.terms().len().saturating_sub(own), length)
            };
            let mut least = rank(&best);
            for candidate in all {
                for candidate in [tidied(&candidate, &self.known, false), candidate] {
                    let read = rank(&candidate);
                    if read < least {
                        (best, least) = (candidate, read);
                    }
                }
            }
        }
        self.seen.insert(text, best.clone());
        best
    }

    /// A sum with some of its terms put together, where that is less to read.
    fn merged(&mut self, formula: &Formula) -> Formula {
        let mut formula = formula.clone();
        while let Node::Sum { terms, tight: false } = formula.node()
            && (3..=MAX_SUM).contains(&terms.len())
            && let Some(next) = self.put_together(terms)
        {
            formula = next;
        }
        formula
    }

    /// The same sum with two or three terms as one, which saves most.
    fn put_together(&mut self, terms: &[(bool, Formula)]) -> Option<Formula> {
        let count = terms.len();
        let pairs = (0..count).flat_map(|i| (i + 1..count).map(move |j| vec![i, j]));
        let triples =
            (0..count).flat_map(|i| (i + 1..count).flat_map(move |j| (j + 1..count).map(move |k| vec![i, j, k])));
        let mut best: Option<(usize, Formula)> = None;
        for chosen in triples.chain(pairs).filter(|chosen| chosen.len() < count) {
            let part = Formula::sum(chosen.iter().map(|k| terms[*k].clone()).collect());
            let before = cost(&part);
            let found = self.locally(&part).into_iter().min_by_key(cost);
            let Some(found) = found.filter(|f| cost(f) < before && f.terms().len() < chosen.len()) else { continue };
            let saved = before - cost(&found);
            if best.as_ref().is_none_or(|(most, _)| saved > *most) {
                let mut rest: Vec<(bool, Formula)> = terms.to_vec();
                let at = chosen[0];
                chosen.iter().rev().for_each(|k| drop(rest.remove(*k)));
                rest.splice(at..at, found.terms());
                best = Some((saved, Formula::sum(rest)));
            }
        }
        best.map(|(_, formula)| formula)
    }

    /// What a formula may be written as.
    fn candidates(&mut self, formula: &Formula) -> Vec<Formula> {
        let mut all = self.by_roots(formula);
        let values: Vec<(String, Formula)> =
            self.defined.iter().filter(|(name, value)| is_composed(value) && reads(formula, name)).cloned().collect();
        if values.len() <= MAX_NAMES {
            for own in &values {
                let instead = std::iter::once(own.clone()).collect();
                all.extend(self.by_roots(&substituted(formula, &instead)));
            }
        }
        all.extend(self.globally(formula));
        all
    }

    /// In lowest terms over the names and functions in it, and with roots for what is under them.
    fn by_roots(&mut self, formula: &Formula) -> Vec<Formula> {
        let mut all = self.locally(formula);
        for (part, instead) in self.roots.clone() {
            let new = replaced(formula, &part, &instead);
            if new != *formula {
                all.extend(self.locally(&new));
            }
        }
        all
    }

    /// In lowest terms over the names and functions in it.
    fn locally(&mut self, formula: &Formula) -> Vec<Formula> {
        self.lowest.taken_apart += effort(formula);
        let Some(local) = Local::new(formula) else { return Vec::new() };
        for p in &local.cancelled {
            if !self.is_never_zero(&local.formula_of(p)) {
                return Vec::new();
            }
        }
        local.written()
    }

    fn is_never_zero(&mut self, formula: &Formula) -> bool {
        if self.lowest.nonzero.contains(formula) {
            return true;
        }
        let Some(id) = self.lowest.meaning.of(formula) else { return false };
        if let Some(known) = self.lowest.never_zero.get(&id) {
            return *known;
        }
        let never = self.lowest.meaning.pool.reachable(&[id]).len() <= MAX_NODES
            && self.lowest.gaps.hold_zeros(&mut self.lowest.meaning.pool, id);
        self.lowest.never_zero.insert(id, never);
        never
    }

    /// In lowest terms over parameters, symbols and functions of them.
    fn globally(&mut self, formula: &Formula) -> Vec<Formula> {
        let Some(id) = self.lowest.meaning.of(formula) else { return Vec::new() };
        if let Some(known) = self.lowest.collected.get(&id) {
            return known.clone();
        }
        self.lowest.taken_apart += effort(formula);
        let pool = &self.lowest.meaning.pool;
        let mut found = Vec::new();
        if pool.reachable(&[id]).len() <= MAX_NODES
            && let Ok(collected) = Collected::new(pool, &[id], MAX_TERMS)
            && self.lowest.gaps.cancelled(pool, &collected).is_empty()
        {
            let factored = collected.factored();
            found = written(&collected.functions[0], &factored[0], &collected.variables(pool));
        }
        self.lowest.collected.insert(id, found.clone());
        found
    }
}

/// Whether something may be collected in it.
fn is_composed(formula: &Formula) -> bool {
    match formula.node() {
        Node::Sum { tight, .. } => !tight,
        Node::Negative(size) => is_composed(size),
        Node::Product(_) | Node::Quotient(..) | Node::Power(..) | Node::Call(..) | Node::List(_) => true,
        _ => false,
    }
}

/// What parts of a quotient of powers are by its root.
fn solved(under: &Formula, root: &Formula) -> Vec<(Formula, Formula)> {
    let Some(local) = Local::new(under).filter(|local| local.function.numerator().len() == 1) else {
        return Vec::new();
    };
    let one = Polynomial::constant(local.atoms.len(), Rational::ONE);
    let quotient = |above: &Polynomial, below: &Polynomial| {
        let (above, below) = (local.formula_of(above), local.formula_of(below));
        if below.is_number("1") { above } else { above.over(below) }
    };
    let below = local
        .function
        .denominator()
        .iter()
        .try_fold(one, |product, (factor, power)| product.times(&factor.power(*power, 1)?, 1));
    let Ok(below) = below else { return Vec::new() };
    let above = local.function.numerator();
    let square = root.clone().power(2);
    let mut all = Vec::new();
    for (k, part) in local.atoms.iter().enumerate() {
        let variable = Polynomial::variable(local.atoms.len(), k);
        let without = |p: &Polynomial| p.exactly_divided(&variable).filter(|rest| rest.derivative(k).is_zero());
        if let Some(rest) = without(above) {
            all.push((part.clone(), Formula::product(vec![square.clone(), quotient(&below, &rest)])));
        } else if let Some(rest) = without(&below) {
            all.push((part.clone(), quotient(above, &rest).over(square.clone())));
        }
    }
    all
}

/// The formula with something else for a part of it.
fn replaced(formula: &Formula, part: &Formula, instead: &Formula) -> Formula {
    if formula == part { instead.clone() } else { formula.with_parts(|inner| replaced(inner, part, instead)) }
}

#[cfg(test)]
mod tests {
    use super::super::polish::tests::formulas;
    use super::*;
    use crate::loss::{Loss, Options};

    fn name(name: &str) -> Formula {
        Formula::name(name)
    }

    #[test]
    fn parts_of_a_quotient_by_its_root() {
        let (x, y, r) = (name("x"), name("y"), name("r"));
        let texts: Vec<String> = solved(&x.over(y), &r).iter().map(|(part, by)| format!("{part} = {by}")).collect();
        assert_eq!(texts, ["x = r^2*y", "y = x/r^2"]);
    }

    /// `(x^2 - y^2)/(x - y)` exists where `x` is not `y`, as `log(x - y)` does: there it is `x + y`.
    #[test]
    fn what_cancels_is_never_zero() {
        let (x, y) = (name("x"), name("y"));
        let minus = |a: &Formula, b: &Formula| Formula::sum(vec![(false, a.clone()), (true, b.clone())]);
        let quotient = minus(&x.clone().power(2), &y.clone().power(2)).over(minus(&x, &y));
        for (loss, expected) in [("log(x - y)", "x + y"), ("x*y", "(x^2 - y^2)/(x - y)")] {
            let read = Loss::parse(&format!("param x, y\nloss {loss}\n"), "a.loss", &Options::default()).unwrap();
            let (pool, gaps) = (read.expression.pool(), Gaps::of((&read.expression).into()));
            let all = formulas(&[], quotient.clone());
            let mut lowest = Lowest::new(pool, &gaps, &[]);
            assert_eq!(lowest.of(&all).orders[0].components[0].to_string(), expected, "{loss}");
            // Where all has been taken apart that may be, formulas stay.
            let mut lowest = Lowest::new(pool, &gaps, &[]);
            lowest.taken_apart = MAX_TAKEN_APART + 1;
            assert_eq!(lowest.of(&all), all);
        }
    }
}
