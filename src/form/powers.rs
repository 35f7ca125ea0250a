//! Values of exp whose argument has a logarithm for a factor, as powers: `exp(x*log(2))` is `2^x`.

use super::formulas::Formulas;
use super::meaning::number;
use super::polish::name_of;
use super::tidy::{Known, monomial};
use crate::formula::{Formula, Node};
use rustc_hash::FxHashMap;

/// What logarithms are taken of, by the names that these have.
type Logarithms = FxHashMap<String, Formula>;

impl Formulas {
    /// The same with powers for such values; nothing where there are none.
    pub(super) fn with_powers(&self) -> Option<Self> {
        let named = |(name, value): &(String, Formula)| Some((name.clone(), argument_of("log", value)?.clone()));
        let logarithms: Logarithms = self.lets.iter().filter_map(named).collect();
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
    let power = argument_of("exp", &formula).and_then(|exponent| {
        let base = base(exponent, logarithms)?;
        Some(base.clone().raised(divided(exponent, &base, logarithms)?))
    });
    *any |= power.is_some();
    power.unwrap_or(formula)
}

/// The argument of this function, if the formula is a value of it.
fn argument_of<'a>(function: &str, formula: &'a Formula) -> Option<&'a Formula> {
    match formula.node() {
        Node::Call(name, arguments) if *name == function => arguments.first(),
        _ => None,
    }
}

/// What the formula is the logarithm of, if it is one or the name of one.
fn taken_of<'a>(formula: &'a Formula, logarithms: &'a Logarithms) -> Option<&'a Formula> {
    argument_of("log", formula).or_else(|| logarithms.get(name_of(formula)?))
}

/// What the first logarithm is taken of that is a factor here.
fn base(formula: &Formula, logarithms: &Logarithms) -> Option<Formula> {
    match formula.node() {
        Node::Sum { terms, .. } => base(&terms.first()?.1, logarithms),
        Node::Negative(part) | Node::Quotient(part, _) => base(part, logarithms),
        Node::Product(factors) => factors.iter().find_map(|factor| taken_of(factor, logarithms).cloned()),
        _ => taken_of(formula, logarithms).cloned(),
    }
}

/// The formula without the factor `log(base)`, if every term has it.
fn divided(formula: &Formula, base: &Formula, logarithms: &Logarithms) -> Option<Formula> {
    match formula.node() {
        Node::Sum { terms, .. } => {
            let terms = terms.iter().map(|(minus, term)| Some((*minus, divided(term, base, logarithms)?)));
            Some(Formula::sum(terms.collect::<Option<_>>()?))
        }
        Node::Negative(part) => Some(divided(part, base, logarithms)?.negated()),
        Node::Quotient(above, below) => Some(divided(above, base, logarithms)?.over(below.clone())),
        Node::Product(factors) => {
            let mut rest = factors.clone();
            rest.remove(factors.iter().position(|factor| taken_of(factor, logarithms) == Some(base))?);
            Some(Formula::product(rest))
        }
        _ => (taken_of(formula, logarithms) == Some(base)).then(|| Formula::natural(1)),
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
            // Only one of the terms has it.
            (Formula::sum(vec![(false, product(&[&x, &s])), (true, y.clone())]), None),
            (x.clone(), None),
            (log(&two).power(2), None),
        ];
        for (exponent, expected) in cases {
            let all = formulas(&[("s", log(&two))], exp(exponent.clone()));
            let found = all.with_powers().map(|all| all.orders[0].components[0].to_string());
            assert_eq!(found.as_deref(), expected, "{exponent}");
        }
        let tower = |exponent: Formula| two.clone().raised(exponent).power(2);
        for (exponent, expected) in [(x.clone(), "2^(2*x)"), (x.over(Formula::natural(3)).negated(), "2^(-2*x/3)")] {
            assert_eq!(super::without_towers(&tower(exponent).times(y.clone())).to_string(), format!("{expected}*y"));
        }
    }
}
