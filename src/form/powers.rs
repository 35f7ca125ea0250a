//! Values of exp whose argument has a logarithm for a factor, as powers: `exp(x*log(2))` is `2^x`.

use super::formulas::Formulas;
use super::meaning::number;
use super::polish::name_of;
use super::tidy::{Known, monomial};
use crate::formula::{Formula, Node};
use rustc_hash::FxHashMap;

/// The values of definitions in which there are logarithms, by their names.
type Logarithms = FxHashMap<String, Formula>;

impl Formulas {
    /// The same with powers for such values; nothing where there are none.
    pub(super) fn as_powers(&self) -> Option<Self> {
        let mut logarithms = Logarithms::default();
        for (name, value) in &self.lets {
            if has_logarithm(value, &logarithms) {
                logarithms.insert(name.clone(), value.clone());
            }
        }
        let mut all = self.clone();
        let mut any = false;
        all.written_mut().for_each(|formula| *formula = written(formula, &logarithms, &mut any));
        any.then_some(all)
    }
}

/// The same with `2^(2*x)` for `(2^x)^2`.
pub(super) fn without_towers(formula: &Formula) -> Formula {
    let formula = formula.with_parts(without_towers);
    let power = || {
        let (tower, exponent) = power_of(&formula)?;
        let (base, inner) = power_of(tower)?;
        let numbers = [number(inner), number(exponent)];
        let [None, Some(times)] = numbers else { return None };
        Some(base.clone().raised(monomial(inner, &Known::default()).scaled(&times).formula()))
    };
    power().unwrap_or(formula)
}

fn power_of(formula: &Formula) -> Option<(&Formula, &Formula)> {
    match formula.node() {
        Node::Power(base, exponent) => Some((base, exponent)),
        _ => None,
    }
}

fn written(formula: &Formula, logarithms: &Logarithms, any: &mut bool) -> Formula {
    let formula = formula.with_parts(|part| written(part, logarithms, any));
    let Node::Call("exp", arguments) = formula.node() else { return formula };
    let mut powers: Vec<(Formula, Vec<(bool, Formula)>)> = Vec::new();
    let mut rest = Vec::new();
    split(&arguments[0], (false, Formula::natural(1)), logarithms, &mut powers, &mut rest);
    if powers.is_empty() {
        return formula;
    }
    *any = true;
    let mut factors: Vec<Formula> = powers.into_iter().map(|(base, terms)| raised(base, Formula::sum(terms))).collect();
    if !rest.is_empty() {
        factors.push(Formula::call("exp", vec![Formula::sum(rest)]));
    }
    Formula::product(factors)
}

/// A power, of 3 where one of 1/3 would be.
fn raised(base: Formula, exponent: Formula) -> Formula {
    match base.node() {
        Node::Quotient(above, below) if above.is_number("1") && number(below).is_some() => {
            let (minus, size) = exponent.signed();
            below.clone().raised((!minus, size).into())
        }
        _ => base.raised(exponent),
    }
}

/// What a logarithm is taken of, if the formula is one.
fn taken_of(formula: &Formula) -> Option<Formula> {
    match formula.node() {
        Node::Call("log", arguments) => Some(arguments[0].clone()),
        Node::Call("log1p", arguments) => {
            let mut terms = arguments[0].terms();
            terms.push((false, Formula::natural(1)));
            Some(Formula::sum(terms))
        }
        _ => None,
    }
}

/// Whether a logarithm is a factor of one of its terms.
fn has_logarithm(formula: &Formula, logarithms: &Logarithms) -> bool {
    let named = |formula: &Formula| name_of(formula).is_some_and(|name| logarithms.contains_key(name));
    match formula.node() {
        Node::Sum { terms, .. } => terms.iter().any(|(_, term)| has_logarithm(term, logarithms)),
        Node::Negative(part) | Node::Quotient(part, _) => has_logarithm(part, logarithms),
        Node::Product(factors) => factors.iter().any(|factor| has_logarithm(factor, logarithms)),
        _ => taken_of(formula).is_some() || named(formula),
    }
}

fn multiplied(a: &Formula, b: &Formula) -> Formula {
    match (a.node(), b.node()) {
        _ if a.is_number("1") => b.clone(),
        _ if b.is_number("1") => a.clone(),
        (Node::Quotient(above, below), _) => multiplied(above, b).over(below.clone()),
        (_, Node::Quotient(above, below)) => multiplied(a, above).over(below.clone()),
        (_, Node::Product(factors)) => factors.iter().fold(a.clone(), |product, factor| product.times(factor.clone())),
        _ => a.times(b.clone()),
    }
}

/// Takes an exponent apart, `times` what stands before all of it: powers with the terms of their exponents, and what has no logarithm.
fn split(
    formula: &Formula,
    times: (bool, Formula),
    logarithms: &Logarithms,
    powers: &mut Vec<(Formula, Vec<(bool, Formula)>)>,
    rest: &mut Vec<(bool, Formula)>,
) {
    let (sign, size) = &times;
    let whole = |formula: &Formula| {
        let (minus, term) = multiplied(size, formula).signed();
        (minus != *sign, term)
    };
    if !has_logarithm(formula, logarithms) {
        return rest.push(whole(formula));
    }
    if let Some(base) = taken_of(formula) {
        return match powers.iter_mut().find(|(known, _)| *known == base) {
            Some((_, terms)) => terms.push(times),
            None => powers.push((base, vec![times])),
        };
    }
    match formula.node() {
        Node::Name(name) => split(&logarithms[name], times, logarithms, powers, rest),
        Node::Sum { terms, .. } => {
            for (minus, term) in terms {
                split(term, (sign != minus, size.clone()), logarithms, powers, rest);
            }
        }
        Node::Negative(part) => split(part, (!sign, size.clone()), logarithms, powers, rest),
        Node::Quotient(above, below) => {
            split(above, (*sign, size.clone().over(below.clone())), logarithms, powers, rest);
        }
        Node::Product(factors) => {
            let at = factors.iter().position(|factor| has_logarithm(factor, logarithms)).unwrap_or_default();
            let mut others = factors.clone();
            let own = others.remove(at);
            // Of two logarithms one stays in the exponent.
            split(&own, (*sign, multiplied(size, &Formula::product(others))), logarithms, powers, rest);
        }
        _ => rest.push(whole(formula)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::polish::tests::formulas;
    use crate::formula::Formula;

    #[test]
    fn values_of_exp_with_logarithms_are_powers() {
        let (x, y) = (Formula::name("x"), Formula::name("y"));
        let log = |of: &Formula| Formula::call("log", vec![of.clone()]);
        let exp = |of: Formula| Formula::call("exp", vec![of]);
        let two = Formula::natural(2);
        let product = |factors: &[&Formula]| Formula::product(factors.iter().map(|f| (*f).clone()).collect());
        let s = Formula::name("s");
        let cases = [
            (product(&[&x, &log(&two)]), Some("2^x")),
            // A name for it, and a number below.
            (product(&[&x, &s]).over(Formula::natural(3)).negated(), Some("2^(-x/3)")),
            (Formula::sum(vec![(false, product(&[&x, &s])), (true, log(&two))]), Some("2^(x - 1)")),
            (product(&[&y, &log(&x)]), Some("x^y")),
            (product(&[&y, &log(&Formula::sum(vec![(false, x.clone()), (false, two.clone())]))]), Some("(x + 2)^y")),
            // Two of them, what has none, and log(x + 1) as it is computed.
            (Formula::sum(vec![(false, product(&[&x, &log(&y)])), (false, product(&[&y, &log(&x)]))]), Some("y^x*x^y")),
            (Formula::sum(vec![(false, product(&[&x, &s])), (true, y.clone())]), Some("2^x*exp(-y)")),
            (product(&[&y, &Formula::call("log1p", vec![x.clone()])]), Some("(x + 1)^y")),
            // A definition that has one among its factors; one over a number.
            (product(&[&Formula::name("t"), &y]), Some("2^(y*x)")),
            (product(&[&x, &log(&Formula::natural(1).over(Formula::natural(3)))]).negated(), Some("3^x")),
            (x.clone(), None),
            (log(&two).power(2), None),
        ];
        for (exponent, expected) in cases {
            let all = formulas(&[("s", log(&two)), ("t", product(&[&x, &s]))], exp(exponent.clone()));
            let found = all.as_powers().map(|all| all.orders[0].components[0].to_string());
            assert_eq!(found.as_deref(), expected, "{exponent}");
        }
        let tower = |exponent: Formula| two.clone().raised(exponent).power(2);
        for (exponent, expected) in [(x.clone(), "2^(2*x)"), (x.over(Formula::natural(3)).negated(), "2^(-2*x/3)")] {
            assert_eq!(super::without_towers(&tower(exponent).times(y.clone())).to_string(), format!("{expected}*y"));
        }
    }
}
