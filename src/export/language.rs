//! How a language writes formulas.

use super::formulas::{Formula, Formulas};
use crate::expr::Function;
use crate::number::Rational;
use std::cell::RefCell;

/// What differs between languages in a formula.
pub(super) trait Language {
    /// A whole number or a quotient of two, without a sign: `1 / 3`, `1.0 / 3.0`.
    fn number(&self, q: &Rational) -> String;
    /// π.
    fn pi(&self) -> &'static str;
    /// A power with an exponent above 0; `atom` says that the base needs no parentheses.
    fn power(&self, base: &str, atom: bool, exponent: &Rational) -> (String, Tightness);
    /// A function of an argument, of which it is said whether it is a number without inputs.
    fn call(&self, function: Function, argument: &str, constant: bool) -> String;
    /// `log Σ exp` of these.
    fn log_sum_exp(&self, terms: &[String]) -> String;
}

/// How tightly a text binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tightness {
    Sum,
    Product,
    Power,
    Atom,
}

/// The names that formulas are about.
#[derive(Debug, Clone, Default)]
pub(super) struct FormulaNames {
    pub(super) entries: Vec<String>,
    pub(super) symbols: Vec<String>,
}

/// A formula as text.
pub(super) fn written(formula: &Formula, language: &dyn Language, names: &FormulaNames) -> String {
    text(formula, language, names).0
}

fn text(formula: &Formula, language: &dyn Language, names: &FormulaNames) -> (String, Tightness) {
    let inner = |part: &Formula, least: Tightness| -> String {
        let (text, tightness) = text(part, language, names);
        if tightness < least { format!("({text})") } else { text }
    };
    match formula {
        Formula::Number(q) if q.is_negative() => (format!("-{}", language.number(&q.abs())), Tightness::Sum),
        Formula::Number(q) => (language.number(q), if q.is_integer() { Tightness::Atom } else { Tightness::Product }),
        Formula::Pi => (language.pi().to_owned(), Tightness::Atom),
        Formula::Entry(k) => (names.entries[*k].clone(), Tightness::Atom),
        Formula::Symbol(k) => (names.symbols[*k].clone(), Tightness::Atom),
        Formula::Named(k) => (format!("s{k}"), Tightness::Atom),
        Formula::Sum(terms) => {
            let mut sum = String::new();
            for (place, (minus, term)) in terms.iter().enumerate() {
                sum.push_str(match (place, minus) {
                    (0, false) => "",
                    (0, true) => "-",
                    (_, false) => " + ",
                    (_, true) => " - ",
                });
                sum.push_str(&inner(term, Tightness::Product));
            }
            (sum, Tightness::Sum)
        }
        Formula::Product(q, above, below) => {
            let (sign, size) = (if q.is_negative() { "-" } else { "" }, q.abs());
            let (numerator, denominator) = (
                Rational::from_bigints(size.numerator(), 1.into()).unwrap_or_default(),
                Rational::from_bigints(size.denominator(), 1.into()).unwrap_or_default(),
            );
            let mut factors: Vec<String> = Vec::new();
            if !numerator.is_one() || above.is_empty() {
                factors.push(language.number(&numerator));
            }
            factors.extend(above.iter().map(|factor| inner(factor, Tightness::Power)));
            let mut text = format!("{sign}{}", factors.join(" * "));
            let mut divisors: Vec<String> = Vec::new();
            if !denominator.is_one() {
                divisors.push(language.number(&denominator));
            }
            divisors.extend(below.iter().map(|divisor| inner(divisor, Tightness::Power)));
            match divisors.as_slice() {
                [] => {}
                [only] => text = format!("{text} / {only}"),
                several => text = format!("{text} / ({})", several.join(" * ")),
            }
            (text, if q.is_negative() { Tightness::Sum } else { Tightness::Product })
        }
        Formula::Power(base, exponent) => {
            let (text, tightness) = text(base, language, names);
            language.power(&text, tightness == Tightness::Atom, exponent)
        }
        Formula::Call(function, argument) => {
            let reads = |part: &Formula| matches!(part, Formula::Entry(_) | Formula::Symbol(_) | Formula::Named(_));
            (language.call(*function, &text(argument, language, names).0, !argument.any(&reads)), Tightness::Atom)
        }
        Formula::LogSumExp(terms) => {
            let terms: Vec<String> = terms.iter().map(|term| text(term, language, names).0).collect();
            (language.log_sum_exp(&terms), Tightness::Atom)
        }
    }
}

/// Which functions the formulas call.
pub(super) fn calls(formulas: &Formulas, function: Function) -> bool {
    formulas.all().any(|f| f.any(&|part| matches!(part, Formula::Call(own, _) if *own == function)))
}

/// Whether a `log Σ exp` is there.
pub(super) fn has_log_sum_exp(formulas: &Formulas) -> bool {
    formulas.all().any(|f| f.any(&|part| matches!(part, Formula::LogSumExp(_))))
}

/// A whole number as floats have it: digits where they hold it, else the nearest of them.
pub(super) fn whole(q: &Rational) -> String {
    if q.bits() <= 53 { q.to_string() } else { format!("{:e}", q.to_f64()) }
}

/// The quotient, from how whole numbers are written.
pub(super) fn quotient(q: &Rational, whole: &dyn Fn(&Rational) -> String) -> String {
    let part = |n| Rational::from_bigints(n, 1.into()).unwrap_or_default();
    let (above, below) = (part(q.numerator()), part(q.denominator()));
    let is_finite = above.to_f64().is_finite() && below.to_f64().is_finite();
    match (q.is_integer(), is_finite) {
        (true, _) => whole(q),
        (false, true) => format!("{} / {}", whole(&above), whole(&below)),
        (false, false) => format!("{:e}", q.to_f64()),
    }
}

/// What the components of each order are: `f_n`, or what a spectral flow is made of, its rows counted from `first`.
pub(super) fn meanings(formulas: &Formulas, is_spectral: bool, first: usize) -> Vec<String> {
    let dimension = formulas.orders.first().map_or(0, Vec::len);
    let meaning = |n: usize| match (is_spectral, n) {
        (false, _) => format!("f_{n}"),
        (true, 0) => "g".to_owned(),
        (true, _) if n <= dimension => format!("H, row {}", n - 1 + first),
        (true, _) => "T[g, g]".to_owned(),
    };
    (0..formulas.orders.len()).map(meaning).collect()
}

/// The components of each order as the inside of a list, in one line where that is short.
pub(super) fn listed<'a>(
    formulas: &'a Formulas,
    language: &'a dyn Language,
    names: &'a FormulaNames,
) -> impl Iterator<Item = String> + 'a {
    formulas.orders.iter().map(move |components| {
        let components: Vec<String> = components.iter().map(|c| written(c, language, names)).collect();
        let one_line = components.join(", ");
        if one_line.len() <= 90 {
            return one_line;
        }
        format!("\n            {},\n        ", components.join(",\n            "))
    })
}

/// A power, its exponent in parentheses where it is a quotient.
pub(super) fn raised(base: &str, atom: bool, sign: &str, exponent: &Rational) -> (String, Tightness) {
    let base = if atom { base.to_owned() } else { format!("({base})") };
    let exponent = quotient(exponent, &whole);
    let exponent = if exponent.contains('/') { format!("({exponent})") } else { exponent };
    (format!("{base}{sign}{exponent}"), Tightness::Power)
}

/// The entries of θ that formulas read, in order.
pub(super) fn used_entries(formulas: &Formulas) -> Vec<usize> {
    let used = RefCell::new(vec![false; formulas.orders.first().map_or(0, Vec::len)]);
    let mark = |part: &Formula| {
        if let Formula::Entry(k) = part {
            used.borrow_mut()[*k] = true;
        }
        false
    };
    for formula in formulas.all() {
        formula.any(&mark);
    }
    let used = used.into_inner();
    (0..used.len()).filter(|k| used[*k]).collect()
}

/// An identifier for a name that may have indices, such as `w[0, 1]`.
pub(super) fn identifier(name: &str) -> String {
    let mut text: String = name.chars().filter(|c| *c != ' ' && *c != ']').collect();
    text = text.replace(['[', ','], "_");
    text
}
