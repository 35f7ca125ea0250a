//! Formulas as an author would arrange them: constants before variables, calls behind them, one fraction for several, signs in front.
//!
//! What is arranged has the value of what was given wherever that has one.

use super::{Formula, Node};
use std::cmp::Ordering;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Constant,
    Variable,
    Subterm,
}

/// What names stand for.
pub(super) type Kinds<'a> = &'a dyn Fn(&str) -> Kind;

/// The formula, arranged.
pub(super) fn arranged(formula: &Formula, kinds: Kinds<'_>) -> Formula {
    let inner = |f: &Formula| arranged(f, kinds);
    let all = |formulas: &[Formula]| formulas.iter().map(inner).collect::<Vec<_>>();
    match formula.node() {
        Node::Sum { terms, tight } => {
            let terms = flattened(terms, kinds);
            if *tight { Formula::tight_sum(terms) } else { Formula::sum(terms) }
        }
        Node::Negative(_) | Node::Product(_) | Node::Quotient(..) | Node::Power(..) => {
            let mut parts = Parts::default();
            parts.take(formula, true, 1, kinds);
            let product = parts.formula(kinds);
            match product.node() {
                // `-(x - 1)` is `1 - x`.
                Node::Negative(size) if matches!(size.node(), Node::Sum { .. }) => {
                    let Node::Sum { terms, tight } = size.node() else { return product };
                    let terms = terms.iter().map(|(negative, term)| (!negative, term.clone())).collect();
                    led_by_plus(Formula::new(Node::Sum { terms, tight: *tight }))
                }
                _ => product,
            }
        }
        Node::Transposed(matrix) => Formula::new(Node::Transposed(inner(matrix))),
        Node::MatrixProduct(left, right) => Formula::new(Node::MatrixProduct(inner(left), inner(right))),
        Node::Call(function, arguments) => {
            let arguments = arguments.iter().map(|a| led_by_plus(inner(a)));
            Formula::new(Node::Call(function, arguments.collect()))
        }
        Node::List(entries) => Formula::new(Node::List(all(entries))),
        Node::Tuple(entries) => Formula::new(Node::Tuple(all(entries))),
        Node::Beside(factors) => Formula::new(Node::Beside(all(factors))),
        Node::Relation(left, relation, right) => Formula::new(Node::Relation(inner(left), *relation, inner(right))),
        _ => formula.clone(),
    }
}

/// The terms of a sum without sums among them.
fn flattened(terms: &[(bool, Formula)], kinds: Kinds<'_>) -> Vec<(bool, Formula)> {
    let mut out = Vec::with_capacity(terms.len());
    for (negative, term) in terms {
        let term = arranged(term, kinds);
        out.extend(term.terms().into_iter().map(|(minus, term)| (minus != *negative, term)));
    }
    out
}

/// A sum that begins with what is added, if anything is.
fn led_by_plus(formula: Formula) -> Formula {
    let Node::Sum { terms, tight } = formula.node() else { return formula };
    match (terms[0].0, terms.iter().position(|(negative, _)| !negative)) {
        (true, Some(at)) => {
            let mut terms = terms.clone();
            let first = terms.remove(at);
            terms.insert(0, first);
            Formula::new(Node::Sum { terms, tight: *tight })
        }
        _ => formula,
    }
}

/// Bases with natural exponents.
type Factors = Vec<(Formula, u64)>;

/// A product: its sign, a rational number, and what is above and below the line.
#[derive(Debug, Clone)]
struct Parts {
    negative: bool,
    number: (u128, u128),
    above: Factors,
    below: Factors,
}

impl Default for Parts {
    fn default() -> Self {
        Self { negative: false, number: (1, 1), above: Vec::new(), below: Vec::new() }
    }
}

impl Parts {
    /// Multiplies by a power of what is not arranged yet, or of its inverse.
    fn take(&mut self, formula: &Formula, above: bool, n: u64, kinds: Kinds<'_>) {
        match formula.node() {
            Node::Negative(size) => {
                self.negative ^= n % 2 == 1;
                self.take(size, above, n, kinds);
            }
            Node::Product(factors) => factors.iter().for_each(|factor| self.take(factor, above, n, kinds)),
            // What has no value stays as it is.
            Node::Quotient(upper, lower) if lower.is_number("0") => {
                self.push(upper.clone().over(lower.clone()), above, n);
            }
            Node::Quotient(upper, lower) => {
                self.take(upper, above, n, kinds);
                self.take(lower, !above, n, kinds);
            }
            // Powers of ten beside a decimal number stay as they are.
            Node::Power(base, exponent)
                if digits(base).is_some() && (exponent.signed().0 || is_long_power(base, exponent)) =>
            {
                self.push(formula.clone(), above, n);
            }
            Node::Power(base, exponent) => {
                let (negative, size) = exponent.signed();
                match natural(&size).and_then(|k| k.checked_mul(n)) {
                    Some(k) if k > 0 => self.take(base, above != negative, k, kinds),
                    _ => {
                        let power = arranged(base, kinds).raised(arranged(exponent, kinds));
                        self.push(power, above, n);
                    }
                }
            }
            Node::Number(_) => self.number(formula, above, n),
            Node::Call("exp", arguments) if arguments.len() == 1 && (n > 1 || !above) => {
                let times = Formula::natural(n).times(arguments[0].clone());
                let argument = led_by_plus(arranged(&if above { times } else { times.negated() }, kinds));
                self.push(Formula::call("exp", vec![argument]), true, 1);
            }
            Node::Sum { .. } => {
                let sum = arranged(formula, kinds);
                let Node::Sum { terms, tight } = sum.node() else { return self.take(&sum, above, n, kinds) };
                if terms.iter().all(|(negative, _)| *negative) {
                    let terms = terms.iter().map(|(_, term)| (false, term.clone())).collect();
                    self.negative ^= n % 2 == 1;
                    self.push(Formula::new(Node::Sum { terms, tight: *tight }), above, n);
                } else {
                    self.push(led_by_plus(sum), above, n);
                }
            }
            _ => self.push(arranged(formula, kinds), above, n),
        }
    }

    fn number(&mut self, formula: &Formula, above: bool, n: u64) {
        let power = digits(formula).and_then(|value| value.checked_pow(u32::try_from(n).ok()?));
        let (p, q) = self.number;
        let product = match (power, above) {
            (Some(value), true) => p.checked_mul(value).map(|p| (p, q)),
            (Some(value), false) if value > 0 => q.checked_mul(value).map(|q| (p, q)),
            _ => None,
        };
        match product {
            Some((p, q)) => {
                let common = gcd(p, q).max(1);
                self.number = (p / common, q / common);
            }
            None => self.push(formula.clone(), above, n),
        }
    }

    fn push(&mut self, base: Formula, above: bool, n: u64) {
        let side = if above { &mut self.above } else { &mut self.below };
        match side.iter_mut().find(|(known, k)| *known == base && k.checked_add(n).is_some()) {
            Some((_, k)) => *k += n,
            None => side.push((base, n)),
        }
    }

    /// Without fractions in the sums below the line, and without fractions of numbers in those above.
    fn clear(&mut self, kinds: Kinds<'_>) {
        for (sum, n) in std::mem::take(&mut self.below) {
            match cleared(&sum, kinds) {
                Some((terms, by)) => {
                    self.take(&terms, false, n, kinds);
                    self.take(&by, true, n, kinds);
                }
                None => self.push(sum, false, n),
            }
        }
        if self.below.is_empty() && self.number.1 == 1 {
            return;
        }
        for (sum, n) in std::mem::take(&mut self.above) {
            match cleared(&sum, kinds).filter(|(_, by)| matches!(by.node(), Node::Number(_))) {
                Some((terms, by)) => {
                    self.push(terms, true, n);
                    self.take(&by, false, n, kinds);
                }
                None => self.push(sum, true, n),
            }
        }
    }

    /// Without what is above and below the line and never 0.
    fn cancel(&mut self) {
        for (base, n) in &mut self.below {
            let never_zero = matches!(base.node(), Node::Call("cosh", _));
            if let Some((_, k)) = self.above.iter_mut().find(|(known, _)| never_zero && known == base) {
                let common = (*k).min(*n);
                *k -= common;
                *n -= common;
            }
        }
        self.above.retain(|(_, n)| *n > 0);
        self.below.retain(|(_, n)| *n > 0);
    }

    fn formula(mut self, kinds: Kinds<'_>) -> Formula {
        self.clear(kinds);
        self.cancel();
        let (p, q) = self.number;
        if p == 0 {
            return Formula::natural(0);
        }
        self.above.sort_by(|(a, _), (b, _)| order(a, b, kinds));
        self.below.sort_by(|(a, _), (b, _)| order(a, b, kinds));
        let powers = |factors: &Factors| factors.iter().map(|(base, n)| base.clone().power(*n)).collect::<Vec<_>>();
        let below = powers(&self.below);
        let fraction = |p: u128, q: u128| Formula::digits(p.to_string()).over(Formula::digits(q.to_string()));
        let size = if below.is_empty() {
            let above = powers(&self.above);
            let number = match (p, q, above.is_empty()) {
                (1, 1, false) => None,
                (_, 1, _) => Some(Formula::digits(p.to_string())),
                _ => Some(fraction(p, q)),
            };
            Formula::product(number.into_iter().chain(above).collect())
        } else {
            // Sums with fractions stand beside the line.
            let tall = |(base, _): &(Formula, u64)| has_fraction(base);
            let (beside, above): (Factors, Factors) = self.above.iter().cloned().partition(tall);
            let upper = (p != 1 || above.is_empty()).then(|| Formula::digits(p.to_string()));
            let lower = (q != 1).then(|| Formula::digits(q.to_string()));
            let upper = Formula::product(upper.into_iter().chain(powers(&above)).collect());
            let lower = Formula::product(lower.into_iter().chain(below).collect());
            Formula::product(std::iter::once(upper.over(lower)).chain(powers(&beside)).collect())
        };
        if self.negative { size.negated() } else { size }
    }
}

/// A sum times the least that leaves no fraction in it, and that; `None` where there is none.
fn cleared(sum: &Formula, kinds: Kinds<'_>) -> Option<(Formula, Formula)> {
    let Node::Sum { terms, tight } = sum.node() else { return None };
    let parts: Vec<(bool, Parts)> = terms
        .iter()
        .map(|(negative, term)| {
            let mut parts = Parts::default();
            parts.take(term, true, 1, kinds);
            (*negative, parts)
        })
        .collect();
    let mut number = 1_u128;
    let mut factors: Factors = Vec::new();
    for (_, parts) in &parts {
        number = (number / gcd(number, parts.number.1)).checked_mul(parts.number.1)?;
        for (base, n) in &parts.below {
            match factors.iter_mut().find(|(known, _)| known == base) {
                Some((_, k)) => *k = (*k).max(*n),
                None => factors.push((base.clone(), *n)),
            }
        }
    }
    if number == 1 && factors.is_empty() {
        return None;
    }
    let mut all = Vec::with_capacity(parts.len());
    for (negative, mut parts) in parts {
        parts.number = (parts.number.0.checked_mul(number / parts.number.1)?, 1);
        for (base, n) in &factors {
            let own = parts.below.iter().find(|(known, _)| known == base).map_or(0, |(_, k)| *k);
            if *n > own {
                parts.push(base.clone(), true, *n - own);
            }
        }
        parts.below.clear();
        let (minus, size) = parts.formula(kinds).signed();
        all.push((minus != negative, size));
    }
    let powers = factors.into_iter().map(|(base, n)| base.power(n));
    let number = (number != 1).then(|| Formula::digits(number.to_string()));
    let by = Formula::product(number.into_iter().chain(powers).collect());
    Some((Formula::new(Node::Sum { terms: all, tight: *tight }), by))
}

/// Whether it is a sum with a fraction of more than numbers.
fn has_fraction(formula: &Formula) -> bool {
    match formula.node() {
        Node::Sum { terms, .. } => terms.iter().any(|(_, term)| has_fraction(term)),
        Node::Negative(inner) => has_fraction(inner),
        Node::Product(factors) => factors.iter().any(has_fraction),
        Node::Quotient(above, below) => digits(above).is_none() || digits(below).is_none(),
        Node::Power(base, _) => has_fraction(base),
        _ => false,
    }
}

/// Which of two factors stands first: by what they are, and names among themselves by the alphabet.
fn order(a: &Formula, b: &Formula, kinds: Kinds<'_>) -> Ordering {
    let name = |f: &'_ Formula| match f.node() {
        Node::Name(name) => Some((name.clone(), Vec::new())),
        Node::Entry(name, index) => Some((name.clone(), index.clone())),
        _ => None,
    };
    rank(a, kinds).cmp(&rank(b, kinds)).then_with(|| match (name(a), name(b)) {
        (Some((a, i)), Some((b, k))) => {
            // `s2` before `s10`.
            let letters = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
            letters(&a).cmp(&letters(&b)).then(a.len().cmp(&b.len())).then(a.cmp(&b)).then(i.cmp(&k))
        }
        _ => Ordering::Equal,
    })
}

/// Where a factor stands in a product.
fn rank(base: &Formula, kinds: Kinds<'_>) -> u8 {
    match base.node() {
        Node::Number(_) => 0,
        Node::Quotient(above, below) if digits(above).is_some() && digits(below).is_some() => 0,
        Node::Power(inner, _) => rank(inner, kinds),
        Node::Call("sqrt", arguments) if arguments.iter().all(|a| digits(a).is_some()) => 1,
        Node::Name(name) if name == "pi" => 1,
        Node::Name(name) | Node::Entry(name, _) => match kinds(name) {
            Kind::Constant => 2,
            Kind::Variable => 3,
            Kind::Subterm => 4,
        },
        Node::Sum { .. } | Node::List(_) => 5,
        Node::Call("sqrt" | "abs" | "norm2", _) => 6,
        Node::Call("exp", _) => 7,
        Node::Call(function, arguments) => 8 + u8::from(is_bare(function, arguments)),
        _ => 3,
    }
}

/// Whether a call is written without brackets: an operator of one symbol.
pub(super) fn is_bare(function: &str, arguments: &[Formula]) -> bool {
    let operators = ["log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan"];
    let atom = |f: &Formula| matches!(f.node(), Node::Name(_) | Node::Entry(..) | Node::Number(_) | Node::Letter(_));
    operators.contains(&function) && matches!(arguments, [argument] if atom(argument))
}

/// Whether a power of a number has more digits than a person would write out.
fn is_long_power(base: &Formula, exponent: &Formula) -> bool {
    let value = digits(base).zip(natural(exponent).and_then(|n| u32::try_from(n).ok()));
    value.is_some_and(|(base, n)| base.checked_pow(n).is_none_or(|value| value >= 1_000_000))
}

fn digits(formula: &Formula) -> Option<u128> {
    match formula.node() {
        Node::Number(digits) => digits.parse().ok(),
        _ => None,
    }
}

fn natural(formula: &Formula) -> Option<u64> {
    digits(formula).and_then(|n| u64::try_from(n).ok())
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::Spelling;

    fn name(name: &str) -> Formula {
        Formula::name(name)
    }

    fn n(n: u64) -> Formula {
        Formula::natural(n)
    }

    /// In LaTeX, with `b` and `k` as constants.
    fn check(formula: &Formula, latex: &str) {
        let mut spelling = Spelling::default();
        spelling.names = spelling.names.with_constants(["b", "k"]);
        assert_eq!(spelling.latex(formula), latex, "{formula}");
        let kinds = |name: &str| if ["b", "k"].contains(&name) { Kind::Constant } else { Kind::Variable };
        let once = arranged(formula, &kinds);
        assert_eq!(arranged(&once, &kinds), once, "{formula} stays as it is arranged");
    }

    #[test]
    fn constants_stand_before_variables_and_calls_behind() {
        let [b, k, x, y] = ["b", "k", "x", "y"].map(name);
        let product = |factors: &[&Formula]| Formula::product(factors.iter().map(|f| (*f).clone()).collect());
        let (pi, cosine) = (name("pi"), Formula::call("cos", vec![name("s_1")]));
        check(&product(&[&x.clone().power(3), &n(4), &b]).negated(), "-4 b x^{3}");
        check(&product(&[&n(2), &name("x_0"), &pi]), "2 \\pi x_{0}");
        check(&product(&[&cosine, &pi, &pi]), "\\pi^{2} \\cos s_{1}");
        check(&product(&[&Formula::call("sigmoid", vec![x.clone()]), &y, &k]), "k y \\sigma(x)");
        check(&product(&[&x, &y, &x]), "x^{2} y");
        let difference = || Formula::sum(vec![(true, x.clone()), (false, n(1))]);
        check(&product(&[&difference(), &x]), "x (1 - x)");
        check(&product(&[&Formula::call("exp", vec![x.clone().negated()]), &difference(), &b]), "b (1 - x) e^{-x}");
        check(&product(&[&x.clone().negated(), &y.clone().negated()]), "x y");
        check(&Formula::sum(vec![(false, x.clone()), (true, difference())]), "x + x - 1");
        check(&product(&[&cosine.clone().power(2), &cosine]), "\\cos^{3} s_{1}");
    }

    #[test]
    fn fractions_are_one() {
        let [x, y, z] = ["x", "y", "z"].map(name);
        check(&x.clone().over(y.clone()).over(z.clone()), "\\frac{x}{y z}");
        let half = n(1).over(n(2));
        check(&half.clone().times(z.clone()).over(y.clone()), "\\frac{z}{2 y}");
        check(&half.clone().times(x.clone()).times(n(1).over(n(3))), "\\frac{1}{6} x");
        check(&x.clone().over(y.clone().over(z.clone())), "\\frac{x z}{y}");
        check(&x.clone().over(n(2)).power(2), "\\frac{1}{4} x^{2}");
        let sum = Formula::sum(vec![(false, x.clone()), (false, y.clone().over(n(2)))]);
        check(&sum.clone().over(n(3)), "\\frac{1}{6} (2 x + y)");
        check(&n(1).over(sum), "\\frac{2}{2 x + y}");
        let sum = Formula::sum(vec![(false, x.clone()), (false, y.clone().over(z.clone()))]);
        check(&n(2).over(sum.clone()), "\\frac{2 z}{x z + y}");
        check(&sum.clone().over(n(6)), "\\frac{1}{6} \\left(x + \\frac{y}{z}\\right)");
        check(&sum.over(x.clone()), "\\frac{1}{x} \\left(x + \\frac{y}{z}\\right)");
        let exponent = x.clone().power(2).over(n(2)).negated();
        check(&Formula::call("exp", vec![exponent]), "e^{-x^{2}/2}");
        check(&y.clone().over(Formula::call("exp", vec![x.clone()])), "y e^{-x}");
        check(&Formula::call("log", vec![x.clone().over(y)]).over(z), "\\frac{\\log(x/y)}{z}");
        check(&x.raised(n(1).over(n(3))), "x^{1/3}");
    }

    #[test]
    fn large_numbers_and_zeros_are_kept() {
        let x = name("x");
        check(&Formula::digits("1".repeat(50)).times(x.clone()), &format!("{} x", "1".repeat(50)));
        check(&n(10).power(100).times(x.clone()), "10^{100} x");
        check(&Formula::digits("4.5").times(n(10).raised(n(16).negated())), "4.5 \\cdot 10^{-16}");
        check(&x.clone().over(n(0)), "\\frac{x}{0}");
        check(&Formula::digits("0.5").times(x.clone()), "0.5 x");
        check(&n(0).times(x), "0");
    }
}
