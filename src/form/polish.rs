//! All formulas of an equation together: terms collected, names for what is read more than once, each named thing named once.

use super::formulas::{FormulaOrder, Formulas};
use super::monomial::{Monomial, key};
use super::plan::together;
use super::tidy::{Known, monomial, tidied};
use crate::formula::{Formula, Node, reading_cost};
use crate::number::Rational;
use rustc_hash::{FxHashMap, FxHashSet};

/// The most rounds: each may find what the last one made.
const ROUNDS: usize = 4;

/// A whole is written for itself where it has less than this part of its two parts to read.
const SHORTER: (usize, usize) = (4, 5);

/// The most sums that are factors and that others are written in.
const MAX_SUMS: usize = 6;

impl Formulas {
    /// The same formulas with terms collected and definitions read again: names that stand for a multiple of another, for something with a minus, or
    /// for what is written once are put for by it. `free` are names that definitions may have, `nonzero` inputs that are never 0 where the loss has a value.
    pub(super) fn polished(self, free: impl Iterator<Item = String>, nonzero: &[Formula]) -> Self {
        let mut all = self.settled(nonzero);
        all.in_order(free);
        all
    }

    /// [`Formulas::polished`] with names as they are.
    pub(super) fn settled(mut self, nonzero: &[Formula]) -> Self {
        for _ in 0..ROUNDS {
            let before = (self.lets.len(), self.derivatives.len());
            let replaced = self.collected(nonzero);
            let once = self.written_once();
            let done = replaced.is_empty() && once.is_empty() && before == (self.lets.len(), self.derivatives.len());
            if done {
                break;
            }
            self.replace(&once);
        }
        self.without_unread();
        self
    }

    /// Without derivatives of the loss that nothing is written in.
    fn without_unread(&mut self) {
        while let Some(at) = {
            let mut read: FxHashSet<String> = FxHashSet::default();
            self.written().for_each(|formula| letters(formula, &mut read));
            let unread = |letter: &Formula| {
                is_letter(letter)
                    && !read.contains(&key(letter))
                    && !block_of(letter).is_some_and(|b| read.contains(&key(&b)))
            };
            self.derivatives.iter().position(|(letter, _)| unread(letter))
        } {
            self.derivatives.remove(at);
        }
    }

    /// Collects all terms; gives back what was put for names, which are not defined any more.
    fn collected(&mut self, nonzero: &[Formula]) -> FxHashMap<String, Formula> {
        let mut known = Known::new(nonzero);
        let mut values: FxHashMap<String, Formula> = FxHashMap::default();
        let mut instead: FxHashMap<String, Formula> = FxHashMap::default();
        let mut names: FxHashSet<String> = FxHashSet::default();
        let mut define = |name: &Formula, value: &Formula, known: &mut Known| -> Option<Formula> {
            let value = tidied(&substituted(value, &instead), known, false);
            let Node::Name(own) = name.node() else { return Some(value) };
            let size = if let Node::Negative(size) = value.node() { size } else { &value };
            // A number, and what has a name, read as well themselves.
            if matches!(size.node(), Node::Number(_) | Node::Name(_) | Node::Entry(..)) {
                instead.insert(own.clone(), value);
                return None;
            }
            let one = monomial(&value, known);
            // So many times what has a name; what has the same value.
            let alias = values.get(&key(&value)).cloned();
            let defined = |base: &Formula| matches!(base.node(), Node::Name(name) if names.contains(name));
            if let Some(other) = alias.or_else(|| one.is_of_one().is_some_and(defined).then(|| one.formula())) {
                instead.insert(own.clone(), other);
                return None;
            }
            let (negative, size) = turned(&value, &one);
            if negative {
                instead.insert(own.clone(), name.clone().negated());
            }
            known.learn_definition(&size, name);
            values.insert(key(&size), name.clone());
            names.insert(own.clone());
            Some(size)
        };
        let mut sums = Vec::new();
        self.written().for_each(|formula| factors(formula, &mut sums));
        // Those without names, which may be defined later.
        let all = self.lets.iter().map(|(name, _)| name.clone());
        let all = all.chain(self.derivatives.iter().map(|(letter, _)| letter.to_string())).collect::<Vec<_>>();
        sums.iter().filter(|sum| !has_letter(sum, &all)).for_each(|sum| known.see(sum));
        let lets = std::mem::take(&mut self.lets);
        for (name, value) in lets {
            if let Some(value) = define(&Formula::name(&name), &value, &mut known) {
                self.lets.push((name, value));
            }
        }
        let derivatives = std::mem::take(&mut self.derivatives);
        for (letter, value) in derivatives {
            if let Some(value) = define(&letter, &value, &mut known) {
                self.derivatives.push((letter, value));
            }
        }
        for order in &mut self.orders {
            let both = !order.is_principal() && !order.is_nonprincipal();
            for part in [&mut order.principal, &mut order.nonprincipal] {
                part.iter_mut().for_each(|f| *f = tidied(&substituted(f, &instead), &known, false));
            }
            let parts = order.principal.iter().zip(&order.nonprincipal);
            for (component, (principal, rest)) in order.components.iter_mut().zip(parts) {
                let whole = tidied(&substituted(component, &instead), &known, both);
                // The parts as they are written themselves, unless the whole is much shorter.
                let sum = together(principal, rest);
                let read = |formula: &Formula| reading_cost(&formula.to_string());
                *component = if SHORTER.1 * read(&whole) < SHORTER.0 * read(&sum) { whole } else { sum };
            }
        }
        instead
    }

    /// What is written, each as often as it is.
    pub(crate) fn written(&self) -> impl Iterator<Item = &Formula> {
        let parts = |order: &'_ FormulaOrder| {
            let both = !order.is_principal() && !order.is_nonprincipal();
            (both, !order.components.is_empty())
        };
        let orders = self.orders.iter().flat_map(move |order| {
            let (both, _) = parts(order);
            let rest = order.principal.iter().chain(&order.nonprincipal).filter(move |_| both);
            order.components.iter().chain(rest)
        });
        let defined = self.lets.iter().map(|(_, value)| value).chain(self.derivatives.iter().map(|(_, value)| value));
        defined.chain(orders)
    }

    /// What is written, a whole not besides its parts.
    pub(super) fn written_apart(&self) -> impl Iterator<Item = &Formula> {
        let orders = self.orders.iter().flat_map(|order| {
            let both = !order.is_principal() && !order.is_nonprincipal();
            let whole = order.components.iter().filter(move |_| !both);
            whole.chain(order.principal.iter().chain(&order.nonprincipal).filter(move |_| both))
        });
        let defined = self.lets.iter().map(|(_, value)| value).chain(self.derivatives.iter().map(|(_, value)| value));
        defined.chain(orders)
    }

    /// The names that are read once at most, with their values.
    fn written_once(&mut self) -> FxHashMap<String, Formula> {
        let mut counts: FxHashMap<String, usize> = FxHashMap::default();
        self.written().for_each(|formula| count(formula, &mut counts));
        let mut once: FxHashMap<String, Formula> = FxHashMap::default();
        let mut keep = |name: &str, value: &Formula| {
            let rare = counts.get(name).is_none_or(|n| *n < 2);
            if rare {
                let value = substituted(value, &once);
                once.insert(name.to_owned(), value);
            }
            !rare
        };
        self.lets.retain(|(name, value)| keep(name, value));
        self.derivatives.retain(|(letter, value)| match letter.node() {
            Node::Name(name) => keep(name, value),
            _ => true,
        });
        once
    }

    /// Everything that is written: the values of definitions, and all components.
    pub(super) fn written_mut(&mut self) -> impl Iterator<Item = &mut Formula> {
        let lets = self.lets.iter_mut().map(|(_, value)| value);
        let derivatives = self.derivatives.iter_mut().map(|(_, value)| value);
        let orders = self.orders.iter_mut();
        let parts =
            orders.flat_map(|order| [&mut order.components, &mut order.principal, &mut order.nonprincipal]).flatten();
        lets.chain(derivatives).chain(parts)
    }

    pub(super) fn replace(&mut self, instead: &FxHashMap<String, Formula>) {
        if instead.is_empty() {
            return;
        }
        self.written_mut().for_each(|formula| *formula = substituted(formula, instead));
    }

    /// Definitions without derivatives in them before those, and names in the order in which they are defined.
    pub(super) fn in_order(&mut self, free: impl Iterator<Item = String>) {
        let mut lettered: Vec<String> = Vec::new();
        let mut kept = Vec::new();
        for (letter, value) in std::mem::take(&mut self.derivatives) {
            let Node::Name(name) = letter.node() else {
                kept.push((letter, value));
                continue;
            };
            if has_letter(&value, &lettered) {
                lettered.push(name.clone());
                kept.push((letter, value));
            } else {
                self.lets.push((name.clone(), value));
            }
        }
        self.derivatives = kept;
        let names =
            self.lets.iter().map(|(name, _)| name.clone()).chain(self.derivatives.iter().filter_map(|(letter, _)| {
                match letter.node() {
                    Node::Name(name) => Some(name.clone()),
                    _ => None,
                }
            }));
        let new: FxHashMap<String, Formula> =
            names.zip(free).filter(|(old, new)| old != new).map(|(old, new)| (old, Formula::name(new))).collect();
        if new.is_empty() {
            return;
        }
        let renamed = |name: &mut String| {
            if let Some(Node::Name(new)) = new.get(name).map(Formula::node) {
                new.clone_into(name);
            }
        };
        self.lets.iter_mut().for_each(|(name, _)| renamed(name));
        for (letter, _) in &mut self.derivatives {
            *letter = substituted(letter, &new);
        }
        self.replace(&new);
    }
}

/// Whether a definition is better read with the opposite sign, and so written.
fn turned(value: &Formula, one: &Monomial) -> (bool, Formula) {
    match value.node() {
        Node::Sum { terms, .. } => {
            let minus = terms.iter().filter(|(minus, _)| *minus).count();
            let opposite = || Formula::sum(terms.iter().map(|(minus, term)| (!minus, term.clone())).collect());
            let turn = minus == terms.len() || terms[0].0 && 2 * minus > terms.len();
            (turn, if turn { opposite() } else { value.clone() })
        }
        _ if one.number.is_negative() => (true, one.clone().scaled(&Rational::MINUS_ONE).formula()),
        _ => (false, value.clone()),
    }
}

/// The name that a formula is, if it is one.
pub(super) fn name_of(formula: &Formula) -> Option<&str> {
    match formula.node() {
        Node::Name(name) => Some(name),
        _ => None,
    }
}

/// Whether a name stands in a formula.
pub(super) fn reads(formula: &Formula, name: &str) -> bool {
    name_of(formula) == Some(name) || formula.parts().into_iter().any(|part| reads(part, name))
}

/// Sums of two terms that are factors somewhere, each once.
fn factors(formula: &Formula, sums: &mut Vec<Formula>) {
    let of: Vec<&Formula> = match formula.node() {
        Node::Product(all) => all.iter().collect(),
        Node::Quotient(a, b) => vec![a, b],
        Node::Power(base, _) => vec![base],
        _ => Vec::new(),
    };
    for factor in of {
        let short = matches!(factor.node(), Node::Sum { terms, tight: false } if terms.len() == 2);
        if short && sums.len() < MAX_SUMS && !sums.contains(factor) {
            sums.push(factor.clone());
        }
    }
    formula.parts().into_iter().for_each(|part| factors(part, sums));
}

fn count(formula: &Formula, counts: &mut FxHashMap<String, usize>) {
    if let Node::Name(name) = formula.node() {
        *counts.entry(name.clone()).or_default() += 1;
    }
    formula.parts().into_iter().for_each(|part| count(part, counts));
}

fn is_letter(formula: &Formula) -> bool {
    matches!(formula.node(), Node::Letter(_) | Node::Partial(..))
}

/// The block of arrays that an entry of a derivative belongs to.
fn block_of(letter: &Formula) -> Option<Formula> {
    let Node::Partial(_, by) = letter.node() else { return None };
    let array = |entry: &Formula| match entry.node() {
        Node::Entry(array, _) => Formula::name(array),
        _ => entry.clone(),
    };
    Some(Formula::partial(by.iter().map(array).collect(), false))
}

/// The derivatives of the loss that stand in a formula, by their texts.
fn letters(formula: &Formula, found: &mut FxHashSet<String>) {
    if is_letter(formula) {
        found.insert(key(formula));
    }
    formula.parts().into_iter().for_each(|part| letters(part, found));
}

/// Whether a derivative of the loss stands in it, or one of these names.
pub(super) fn has_letter(formula: &Formula, names: &[String]) -> bool {
    match formula.node() {
        Node::Name(name) => names.contains(name),
        Node::Letter(_) | Node::Partial(..) => true,
        _ => formula.parts().into_iter().any(|part| has_letter(part, names)),
    }
}

/// Whether a name of these definitions stands in it, or a derivative of the loss.
pub(super) fn reads_definitions(formula: &Formula, lets: &[(String, Formula)]) -> bool {
    has_letter(formula, &lets.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>())
}

/// The formula with these in the places of names.
pub(super) fn substituted(formula: &Formula, instead: &FxHashMap<String, Formula>) -> Formula {
    if instead.is_empty() {
        return formula.clone();
    }
    match formula.node() {
        Node::Name(name) => instead.get(name).cloned().unwrap_or_else(|| formula.clone()),
        _ => formula.with_parts(|part| substituted(part, instead)),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::formula::Spelling;

    fn name(name: &str) -> Formula {
        Formula::name(name)
    }

    /// `f_0` of one component, with definitions before it.
    pub(in super::super) fn formulas(lets: &[(&str, Formula)], component: Formula) -> Formulas {
        let zero = Formula::natural(0);
        Formulas {
            method: String::new(),
            parameters: vec![name("x")],
            symbols: Vec::new(),
            spelling: Spelling::default(),
            lets: lets.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            derivatives: Vec::new(),
            orders: vec![FormulaOrder {
                components: vec![component.clone()],
                principal: vec![component],
                nonprincipal: vec![zero],
            }],
            warnings: Vec::new(),
        }
    }

    fn written(formulas: &Formulas) -> (Vec<String>, String) {
        let lets = formulas.lets.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        (lets, formulas.orders[0].components[0].to_string())
    }

    fn polished(lets: &[(&str, Formula)], component: Formula) -> (Vec<String>, String) {
        written(&formulas(lets, component).polished((1..).map(|k| format!("s{k}")), &[]))
    }

    #[test]
    fn names_stand_for_what_is_read_twice() {
        let tanh = Formula::call("tanh", vec![name("x")]);
        let (a, b) = (name("a"), name("b"));
        let twice = Formula::sum(vec![(false, a.clone().power(3)), (false, a.clone())]);
        assert_eq!(
            polished(&[("a", tanh.clone())], twice.clone()),
            (vec!["s1 = tanh(x)".to_owned()], "s1^3 + s1".to_owned())
        );
        let once = Formula::sum(vec![(false, a.clone()), (false, name("x"))]);
        assert_eq!(polished(&[("a", tanh.clone())], once), (vec![], "tanh(x) + x".to_owned()));
        // What has the same value, and so many times what has a name, are no names of their own.
        let both = Formula::sum(vec![(false, twice), (false, b.clone().power(2)), (false, b.clone())]);
        let double = Formula::product(vec![Formula::natural(2), a]);
        for (value, expected) in [(tanh.clone(), "s1^3 + 2*s1 + s1^2"), (double, "s1^3 + 3*s1 + 4*s1^2")] {
            let found = polished(&[("a", tanh.clone()), ("b", value)], both.clone());
            assert_eq!(found, (vec!["s1 = tanh(x)".to_owned()], expected.to_owned()));
        }
        // An entry of an array has a name already.
        let squares = Formula::sum(vec![(false, b.clone().power(2)), (false, b)]);
        let entry = Formula::entry("m", vec![0]);
        assert_eq!(polished(&[("b", entry)], squares), (vec![], "m[0]^2 + m[0]".to_owned()));
    }

    #[test]
    fn wholes_are_written_as_their_parts() {
        let (x, y) = (name("x"), name("y"));
        let part = |f: &Formula, below: u64| f.clone().over(Formula::natural(below)).negated();
        let mut all = formulas(&[], Formula::natural(0));
        let (principal, rest) = (part(&x, 3), part(&y, 12));
        all.orders[0] = FormulaOrder {
            components: vec![Formula::sum(vec![
                (true, y.over(Formula::natural(12))),
                (true, x.clone().over(Formula::natural(3))),
            ])],
            principal: vec![principal.clone()],
            nonprincipal: vec![rest],
        };
        let nothing = || std::iter::empty::<String>();
        assert_eq!(written(&all.clone().polished(nothing(), &[])).1, "-x/3 - y/12");
        // Unless their terms are collected.
        all.orders[0].nonprincipal = vec![part(&x, 6)];
        all.orders[0].components = vec![part(&x, 2)];
        assert_eq!(written(&all.clone().polished(nothing(), &[])).1, "-x/2");
        // A part that is 0 wherever it has a value.
        let zeros = [FormulaOrder {
            components: vec![Formula::natural(1)],
            principal: vec![Formula::natural(1)],
            nonprincipal: vec![Formula::natural(0)],
        }];
        let all = all.without_zeros(&zeros, &[]);
        assert!(all.orders[0].is_principal());
        assert_eq!(all.orders[0].components, [principal]);
    }

    #[test]
    fn products_that_stand_often_get_a_name() {
        let (a, b) = (name("a"), name("b"));
        let call = |function, by: &str| Formula::call(function, vec![name(by)]);
        let product = |k: u64| Formula::product(vec![a.clone().power(k), b.clone(), name("x").power(k)]);
        let terms = (1..6).map(|k| (false, product(k)));
        let own = [("a", call("tanh", "x")), ("b", call("sin", "y"))];
        let all = formulas(&own, Formula::sum(terms.collect()));
        let mut searched = all.clone().searched(&[], true);
        assert!(searched.reading_cost() < all.reading_cost());
        searched.in_order((1..).map(|k| format!("s{k}")));
        assert!(searched.lets.iter().any(|(_, value)| value.to_string().contains("tanh(x)*x")), "{:?}", searched.lets);
    }
}
