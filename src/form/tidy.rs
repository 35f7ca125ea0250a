//! Formulas with their terms collected: like terms added, whole numbers before brackets, signs where they are read once.

use super::monomial::{Monomial, key};
use super::reduce::Hint;
use crate::formula::{Formula, Node, reading_cost};
use crate::number::Rational;
use crate::number::{common_divisor, common_multiple};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::hash_map::Entry;

/// The most sums that others are written in.
const MAX_HINTS: usize = 16;

/// The most products that stand for others, and the most terms of a sum that are put together.
const MAX_PRODUCTS: usize = 40;
const MAX_GATHERED: usize = 16;

/// The highest power of a value of exp.
const MAX_EXPONENT: i64 = 20;

/// Sums that have names already: a sum is so many times a power of its name.
#[derive(Debug, Default)]
pub(super) struct Known {
    named: FxHashMap<String, (Rational, Formula, u64)>,
    hints: Vec<Hint>,
    /// Functions' values that have names, by their texts.
    calls: FxHashMap<String, Formula>,
    /// Values of exp that have names, by what their argument is a multiple of: `exp(3*x)` is a power of `exp(x)`.
    exponentials: FxHashMap<String, (Rational, Formula)>,
    /// Products that have names, and quotients that begin with 1.
    products: Vec<(Monomial, Formula)>,
    /// Inputs that are never 0 where the loss has a value.
    nonzero: FxHashSet<String>,
}

impl Known {
    /// With inputs that are never 0 where the loss has a value.
    pub(super) fn new(nonzero: &[Formula]) -> Self {
        Self { nonzero: nonzero.iter().map(key).collect(), ..Self::default() }
    }

    /// Says that `value` is `name` to a power.
    fn learn(&mut self, value: &Formula, name: &Formula, power: u64) {
        let Some((content, base)) = primitive(value, self) else { return };
        if let Some(inverse) = content.recip() {
            self.hint(&base, Monomial::power(name.clone(), power).scaled(&inverse));
        }
        self.named.entry(key(&base)).or_insert((content, name.clone(), power));
    }

    /// Says that `name` is defined so: a sum, a product, what is under a root, a function's value.
    pub(super) fn learn_definition(&mut self, value: &Formula, name: &Formula) {
        match value.node() {
            Node::Call("sqrt", under) => self.learn(&under[0], name, 2),
            _ => self.learn(value, name, 1),
        }
        if let Node::Call(function, arguments) = value.node() {
            self.calls.insert(key(value), name.clone());
            if *function == "exp" {
                let (number, base) = self.multiple(&arguments[0]);
                self.exponentials.entry(key(&base)).or_insert((number, name.clone()));
            }
        }
        self.learn_product(value, name);
    }

    /// Says that a product is `name`.
    fn learn_product(&mut self, value: &Formula, name: &Formula) {
        let product = monomial(value, self);
        let whole = product.number.is_one() && (product.factors() > 1 || product.is_below_one());
        if whole && self.products.len() < MAX_PRODUCTS {
            self.products.push((product, name.clone()));
        }
    }

    /// A formula as so many times one that others are multiples of as well.
    fn multiple(&self, formula: &Formula) -> (Rational, Formula) {
        primitive(formula, self).unwrap_or_else(|| {
            let mut product = monomial(formula, self);
            let number = std::mem::replace(&mut product.number, Rational::ONE);
            (number, product.formula())
        })
    }

    /// `exp` of this as a power of a value of exp that has a name.
    fn exponential(&self, argument: &Formula) -> Option<Monomial> {
        if self.exponentials.is_empty() {
            return None;
        }
        let (number, base) = self.multiple(argument);
        let known = |base: &Formula, sign: &Rational| {
            let (own, name) = self.exponentials.get(&key(base))?;
            Some(((&number * sign).checked_div(own)?, name))
        };
        let (power, name) = known(&base, &Rational::ONE).or_else(|| known(&opposite(&base), &Rational::MINUS_ONE))?;
        let size = power.abs().to_i64().filter(|size| (1..=MAX_EXPONENT).contains(size))?;
        let value = Monomial::power(name.clone(), size.unsigned_abs());
        if power.is_negative() { value.inverted() } else { Some(value) }
    }

    /// A product with names for those in it.
    fn named(&self, mut product: Monomial) -> Monomial {
        for (known, name) in self.products.iter().rev() {
            while let Some(rest) = product.beside(known) {
                product = rest.times(Monomial::power(name.clone(), 1));
            }
        }
        product
    }

    /// Says that a sum is a factor somewhere.
    pub(super) fn see(&mut self, sum: &Formula) {
        if let Some((_, base)) = primitive(sum, self) {
            self.hint(&base, Monomial::power(base.clone(), 1));
        }
    }

    fn hint(&mut self, base: &Formula, value: Monomial) {
        if self.hints.len() < MAX_HINTS {
            self.hints.extend(Hint::new(&collected(base, self), value));
        }
    }

    /// The terms of a sum in other sums, where that is less to read.
    fn shortened(&self, mut terms: Vec<Monomial>) -> Vec<Monomial> {
        let cost = |terms: &[Monomial]| reading_cost(&sum_of(terms).to_string());
        let mut least = None;
        for hint in &self.hints {
            if let Some(other) = hint.applied(&terms) {
                let (before, after) = (*least.get_or_insert_with(|| cost(&terms)), cost(&other));
                if after < before {
                    (terms, least) = (other, Some(after));
                }
            }
        }
        terms
    }

    /// A sum with coprime whole coefficients as a number times a power of what has a name.
    fn find(&self, base: &Formula) -> Option<(Rational, Formula, u64)> {
        let known = |base: &Formula, sign: &Rational| {
            let (content, name, power) = self.named.get(&key(base))?;
            Some((content.recip()? * sign.clone(), name.clone(), *power))
        };
        known(base, &Rational::ONE).or_else(|| known(&opposite(base), &Rational::MINUS_ONE))
    }
}

/// The sum with all its signs changed.
pub(super) fn opposite(sum: &Formula) -> Formula {
    Formula::sum(sum.terms().into_iter().map(|(minus, term)| (!minus, term)).collect())
}

/// The formula with its terms collected; `split` says that the number that all terms share stays in each of them.
pub(super) fn tidied(formula: &Formula, known: &Known, split: bool) -> Formula {
    match formula.node() {
        Node::Number(_) | Node::Name(_) => formula.clone(),
        Node::List(entries) => Formula::list(entries.iter().map(|entry| tidied(entry, known, false)).collect()),
        // The loss language has no other sums: these are coefficients, and products of blocks.
        Node::Sum { tight: true, .. } | Node::Beside(_) | Node::Contracted(..) => formula.clone(),
        Node::Sum { .. } => {
            if blocks(formula) {
                return formula.clone();
            }
            let mut terms = gathered(collected(formula, known), known);
            if !split {
                plus_first(&mut terms);
            }
            let apart = sum_of(&terms);
            if split || terms.len() < 2 {
                return apart;
            }
            let (content, base) = content_of(&terms, known);
            let cost = |formula: &Formula| reading_cost(&formula.to_string());
            if let Some((number, name, power)) = known.find(&base) {
                return Monomial::power(name, power).scaled(&(content * number)).formula();
            }
            terms = known.shortened(terms);
            let apart = sum_of(&terms);
            if terms.len() < 2 {
                return apart;
            }
            let (content, _) = content_of(&terms, known);
            // The signs stay as they are written, unless all are minus.
            let number = if terms.iter().all(|term| term.number.is_negative()) { content } else { content.abs() };
            if number.abs().is_one() {
                return apart;
            }
            let base = sum_of(&scaled(&terms, &number.recip().unwrap_or(Rational::ONE)));
            let together = Monomial::power(base, 1).scaled(&number).formula();
            if cost(&together) <= cost(&apart) { together } else { apart }
        }
        _ if blocks(formula) => formula.clone(),
        _ => match monomial(formula, known) {
            // A minus before a sum that has one itself is in its terms.
            one if one.number.is_negative() && one.factors() == 1 && one.number != Rational::MINUS_ONE => {
                opposite_of_sum(&one).unwrap_or(one).formula()
            }
            // A minus before a lone sum stands in its terms.
            one if one.number == Rational::MINUS_ONE && one.lone().is_some_and(|f| f.terms().len() > 1) => {
                let sum = one.lone().map(Formula::terms).unwrap_or_default();
                let opposite = |(minus, term): (bool, Formula)| {
                    monomial(&term, known).scaled(&Rational::from(if minus { 1 } else { -1 }))
                };
                let mut terms: Vec<Monomial> = sum.into_iter().map(opposite).collect();
                plus_first(&mut terms);
                sum_of(&terms)
            }
            one => one.formula(),
        },
    }
}

/// `(a*b - c*d)/3` for `-(c*d - a*b)/3`; `-(t - m)/3` stays, as it is a multiple of `t - m`.
fn opposite_of_sum(term: &Monomial) -> Option<Monomial> {
    let (sum, rest) = term.split_by(|f| is_sum(f) && f.terms().iter().any(|(minus, _)| *minus)).into_iter().next()?;
    let mut terms: Vec<(bool, Formula)> = sum.terms().into_iter().map(|(minus, term)| (!minus, term)).collect();
    if terms.iter().filter(|(_, term)| matches!(term.node(), Node::Product(_) | Node::Quotient(..))).count() < 2 {
        return None;
    }
    let plus = terms.iter().position(|(minus, _)| !minus)?;
    terms[..=plus].rotate_right(1);
    Some(rest.times(Monomial::power(Formula::sum(terms), 1)).scaled(&-term.number.clone()))
}

/// Terms with the same factors beside sums as one, where that is less to read: `13*s2*(s5 + 1)/12` for `s2*(s5 + 1) + s2*(s5 + 1)/12`, `x*y` for
/// `x*(y + 1) - x`.
fn gathered(mut terms: Vec<Monomial>, known: &Known) -> Vec<Monomial> {
    let cost = |terms: &[Monomial]| reading_cost(&sum_of(terms).to_string());
    while let Some((i, j, both)) = {
        let count = if terms.len() > MAX_GATHERED { 0 } else { terms.len() };
        let parts: Vec<Vec<(Formula, Monomial)>> = terms.iter().map(|term| term.split_by(is_sum)).collect();
        let pairs = (0..count).flat_map(|i| (i + 1..count).map(move |j| (i, j)));
        let mut merged = pairs.filter(|(i, j)| !parts[*i].is_empty() || !parts[*j].is_empty()).filter_map(|(i, j)| {
            let both = together([(&terms[i], &*parts[i]), (&terms[j], &*parts[j])], known)?;
            (cost(std::slice::from_ref(&both)) < cost(&[terms[i].clone(), terms[j].clone()])).then_some((i, j, both))
        });
        merged.next()
    } {
        terms[i] = both;
        terms.remove(j);
        terms.retain(|term| !term.number.is_zero());
    }
    terms
}

/// Two terms as one with what they share before a sum; each with the sums that it has, and what stands beside those.
fn together(terms: [(&Monomial, &[(Formula, Monomial)]); 2], known: &Known) -> Option<Monomial> {
    let whole =
        |term: &Monomial| (Formula::natural(1), term.clone().scaled(&term.number.recip().unwrap_or(Rational::ONE)));
    let [(a, own), (b, other)] = terms;
    let choices = |parts: &[(Formula, Monomial)], term: &Monomial| -> Vec<(Formula, Monomial)> {
        parts.iter().cloned().chain([whole(term)]).collect()
    };
    let (left, right) = (choices(own, a), choices(other, b));
    let pair = left.iter().enumerate().find_map(|(i, (p, beside))| {
        let same = |j: usize, q: &Monomial| q.key() == beside.key() && (i < own.len() || j < other.len());
        right.iter().enumerate().find(|(j, (_, q))| same(*j, q)).map(|(_, (q, _))| (p, q, beside))
    });
    let (p, q, beside) = pair?;
    let part = |sum: &Formula, number: &Rational| Monomial::power(sum.clone(), 1).scaled(number);
    let of = |sum: &Formula, number: &Rational| {
        if sum.is_number("1") { Monomial::number(number.clone()).formula() } else { part(sum, number).formula() }
    };
    // In whole numbers, as far as they go: the fraction stands before the sum.
    let below = Rational::from_bigints(common_multiple(&a.number.denominator(), &b.number.denominator()), 1.into())?;
    let sum = Formula::sum(vec![
        (false, expanded(&of(p, &(&a.number * &below)))),
        (false, expanded(&of(q, &(&b.number * &below)))),
    ]);
    // Two fractions are one where terms in them are.
    let shared = beside.factors() > 0;
    let count = |f: &Formula| f.terms().len();
    let merged = monomial(&sum, known);
    let fewer = || merged.lone().map_or(1, count) < count(p) + count(q);
    (shared || fewer()).then(|| Some(beside.clone().times(merged.clone()).scaled(&below.recip()?))).flatten()
}

/// A number times a sum as a sum.
fn expanded(formula: &Formula) -> Formula {
    let known = Known::default();
    let one = monomial(formula, &known);
    match one.lone().filter(|f| is_sum(f)) {
        Some(sum) => sum_of(&scaled(&collected(sum, &known), &one.number)),
        None => formula.clone(),
    }
}

/// Whether this is a term in blocks of derivatives.
fn blocks(formula: &Formula) -> bool {
    match formula.node() {
        Node::Beside(_) | Node::Contracted(..) | Node::Transposed(_) | Node::MatrixProduct(..) => true,
        Node::Negative(size) => blocks(size),
        Node::Sum { terms, .. } => terms.iter().any(|(_, term)| blocks(term)),
        _ => false,
    }
}

/// The terms of a sum, like ones added, in the order in which they come.
fn collected(formula: &Formula, known: &Known) -> Vec<Monomial> {
    let mut terms: Vec<Monomial> = Vec::new();
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    let mut waiting: Vec<(Rational, Formula)> = vec![(Rational::ONE, formula.clone())];
    while let Some((number, next)) = waiting.pop() {
        match next.node() {
            Node::Sum { terms, tight: false } => {
                let signed = |minus: bool| if minus { -number.clone() } else { number.clone() };
                waiting.extend(terms.iter().rev().map(|(minus, term)| (signed(*minus), term.clone())));
            }
            Node::Negative(size) => waiting.push((-number, size.clone())),
            _ => {
                let term = monomial(&next, known).scaled(&number);
                // A sum in brackets with nothing before it is terms of this one.
                if term.number.abs().is_one()
                    && let Some(sum) = term.lone().filter(|f| is_sum(f))
                {
                    waiting.push((term.number.clone(), sum.clone()));
                    continue;
                }
                let term = turned(term);
                match places.entry(term.key()) {
                    Entry::Occupied(at) => terms[*at.get()].number = &terms[*at.get()].number + &term.number,
                    Entry::Vacant(at) => {
                        at.insert(terms.len());
                        terms.push(term);
                    }
                }
            }
        }
    }
    terms.into_iter().filter(|t| !t.number.is_zero()).collect()
}

/// `1 - x`, not `-x + 1`.
fn plus_first(terms: &mut [Monomial]) {
    if terms.first().is_some_and(|term| term.number.is_negative())
        && let Some(at) = terms.iter().position(|term| !term.number.is_negative())
    {
        terms[..=at].rotate_right(1);
    }
}

fn scaled(terms: &[Monomial], q: &Rational) -> Vec<Monomial> {
    terms.iter().map(|term| term.clone().scaled(q)).collect()
}

fn sum_of(terms: &[Monomial]) -> Formula {
    Formula::sum(terms.iter().map(Monomial::parts).collect())
}

/// The number that all terms share, and the sum without it, which begins with a plus where one is as good as the other.
fn content_of(terms: &[Monomial], known: &Known) -> (Rational, Formula) {
    let numbers = || terms.iter().map(|term| &term.number);
    let above = numbers().fold(num_bigint::BigInt::ZERO, |g, q| common_divisor(&g, &q.numerator()));
    let first = terms[0].number.denominator();
    let below = if numbers().all(|q| q.denominator() == first) { first } else { 1.into() };
    let size = Rational::from_bigints(above, below).filter(|q| !q.is_zero()).unwrap_or(Rational::ONE);
    let minus = numbers().filter(|q| q.is_negative()).count();
    let negative = minus == terms.len() || terms[0].number.is_negative() && 2 * minus > terms.len();
    let content = if negative { -size } else { size };
    let terms = scaled(terms, &content.recip().unwrap_or(Rational::ONE));
    let base = sum_of(&terms);
    // A sum that had the number before it is terms of this one now.
    let in_brackets = |term: &Monomial| term.number.abs().is_one() && term.lone().is_some_and(is_sum);
    if terms.iter().any(in_brackets) { (content, sum_of(&collected(&base, known))) } else { (content, base) }
}

/// `2*(x - 1)` for `-2*(1 - x)`.
fn turned(mut term: Monomial) -> Monomial {
    if let Some(Node::Sum { terms, tight: false }) = term.lone().map(Formula::node)
        && let [(false, a), (true, b)] = &**terms
        && term.number.is_negative()
    {
        let opposite = Formula::sum(vec![(false, b.clone()), (true, a.clone())]);
        let number = -term.number;
        term = Monomial::power(opposite, 1).scaled(&number);
    }
    term
}

fn is_sum(formula: &Formula) -> bool {
    matches!(formula.node(), Node::Sum { tight: false, .. })
}

/// A sum as a number times one with coprime whole coefficients; nothing of what is no sum.
fn primitive(formula: &Formula, known: &Known) -> Option<(Rational, Formula)> {
    let Node::Sum { tight: false, .. } = formula.node() else { return None };
    let mut terms = collected(formula, known);
    plus_first(&mut terms);
    (terms.len() > 1).then(|| content_of(&terms, known))
}

/// A formula as a number times powers.
pub(super) fn monomial(formula: &Formula, known: &Known) -> Monomial {
    match formula.node() {
        Node::Number(digits) => match digits.parse::<Rational>() {
            Ok(number) if digits.bytes().all(|b| b.is_ascii_digit()) => Monomial::number(number),
            _ => Monomial::power(formula.clone(), 1),
        },
        Node::Negative(size) => monomial(size, known).scaled(&Rational::MINUS_ONE),
        Node::Product(factors) => {
            let factors = factors.iter().map(|factor| monomial(factor, known));
            let product = factors.fold(Monomial::number(Rational::ONE), Monomial::times);
            known.named(product.without(&known.nonzero))
        }
        Node::Quotient(above, below) => match monomial(below, known).inverted() {
            Some(inverse) => known.named(monomial(above, known).times(inverse).without(&known.nonzero)),
            None => Monomial::power(formula.clone(), 1),
        },
        Node::Power(base, exponent) => match exponent.node() {
            Node::Number(digits) if let Some(power) = digits.parse().ok().filter(|n| *n < 1_000) => {
                let own = monomial(base, known);
                own.clone().raised(power).unwrap_or_else(|| Monomial::power(base.clone(), power))
            }
            _ => Monomial::power(tidied(base, known, false).raised(exponent.clone()), 1),
        },
        Node::Call(function, arguments) => {
            let arguments: Vec<Formula> = arguments.iter().map(|argument| tidied(argument, known, false)).collect();
            if *function == "exp"
                && let Some(power) = known.exponential(&arguments[0])
            {
                return power;
            }
            let call = Formula::call(function, arguments);
            Monomial::power(known.calls.get(&key(&call)).cloned().unwrap_or(call), 1)
        }
        Node::Sum { tight: false, .. } => {
            let mut terms = gathered(collected(formula, known), known);
            plus_first(&mut terms);
            match &*terms {
                [] => Monomial::number(Rational::ZERO),
                [only] => only.clone(),
                _ => {
                    let (content, base) = content_of(&terms, known);
                    if let Some((number, name, power)) = known.find(&base) {
                        return Monomial::power(name, power).scaled(&(content * number));
                    }
                    let terms = known.shortened(terms);
                    if let [only] = &*terms {
                        return only.clone();
                    }
                    let (content, base) = content_of(&terms, known);
                    Monomial::power(base, 1).scaled(&content)
                }
            }
        }
        Node::List(_) => Monomial::power(tidied(formula, known, false), 1),
        _ => Monomial::power(formula.clone(), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Formula {
        Formula::name(name)
    }

    fn number(n: u64) -> Formula {
        Formula::natural(n)
    }

    fn plus(terms: &[Formula]) -> Formula {
        Formula::sum(terms.iter().map(|term| term.signed()).collect())
    }

    fn times(factors: &[Formula]) -> Formula {
        Formula::product(factors.to_vec())
    }

    #[test]
    fn like_terms_are_one() {
        let (x, y) = (name("x"), name("y"));
        let sum = |n: u64| plus(&[y.clone(), number(n)]);
        let product = |n: u64, below: u64| times(&[x.clone(), sum(n)]).over(number(below));
        for (formula, expected) in [
            (plus(&[x.clone(), x.clone()]), "2*x"),
            (plus(&[x.clone(), x.clone().negated()]), "0"),
            (times(&[number(0), x.clone()]), "0"),
            (plus(&[times(&[number(0), x.clone()]), y.clone()]), "y"),
            (plus(&[product(2, 3), product(3, 12)]), "x*(5*y + 11)/12"),
            (plus(&[times(&[x.clone(), sum(1)]), x.clone().negated()]), "x*y"),
            // Two fractions with nothing in common stay two.
            (plus(&[sum(1).over(number(3)), sum(1).power(2).over(number(12))]), "(y + 1)/3 + (y + 1)^2/12"),
        ] {
            assert_eq!(tidied(&formula, &Known::default(), false).to_string(), expected, "{formula}");
        }
    }

    #[test]
    fn signs_stand_where_they_are_read_once() {
        let (x, y, z) = (name("x"), name("y"), name("z"));
        let products = plus(&[times(&[x.clone(), y.clone()]), times(&[y.clone(), z.clone()]).negated()]);
        let names = plus(&[x.clone(), y.clone().negated()]);
        for (formula, expected) in [
            (products.clone().over(number(3)).negated(), "(y*z - x*y)/3"),
            (names.clone().over(number(3)).negated(), "-(x - y)/3"),
            (times(&[z, products]).negated(), "-z*(x*y - y*z)"),
            (plus(&[x.negated(), number(1)]), "1 - x"),
        ] {
            assert_eq!(tidied(&formula, &Known::default(), false).to_string(), expected, "{formula}");
        }
    }

    #[test]
    fn what_has_a_name_is_written_by_it() {
        let (x, y, z, s) = (name("x"), name("y"), name("z"), name("s"));
        let difference = plus(&[x.clone(), number(1).negated()]);
        let mut known = Known::default();
        known.learn(&difference, &s, 1);
        known.learn_product(&times(&[y.clone(), z.clone()]), &name("p"));
        let root = Formula::call("sqrt", vec![plus(&[number(1), z.clone()])]);
        let exp = |argument: Formula| Formula::call("exp", vec![argument]);
        known.learn_definition(&number(1).over(root.clone()), &name("r"));
        known.learn_definition(&exp(times(&[number(2), plus(&[x.clone(), z.clone().negated()])])), &name("e"));
        for (formula, expected) in [
            (plus(&[number(2), times(&[number(2), x.clone()]).negated()]), "-2*s"),
            (plus(&[number(1), x.clone().negated()]).power(2), "s^2"),
            (times(&[y.clone().power(2), z.clone()]).over(number(3)), "y*p/3"),
            (y.clone().over(root.power(3)), "y*r^3"),
            (exp(plus(&[times(&[number(6), x.clone()]), times(&[number(6), z.clone()]).negated()])), "e^3"),
            (times(&[y.clone(), exp(times(&[number(2), plus(&[z.clone(), x.clone().negated()])]))]), "y/e"),
            (exp(plus(&[x.clone(), z.clone().negated()])), "exp(x - z)"),
            (y.power(2), "y^2"),
        ] {
            assert_eq!(tidied(&formula, &known, false).to_string(), expected, "{formula}");
        }
    }

    /// `x/x` exists where `x` is not 0: only what the loss divides by cancels.
    #[test]
    fn what_may_be_zero_stays_below() {
        let x = name("x");
        let quotient = x.clone().over(x.clone());
        assert_eq!(tidied(&quotient, &Known::default(), false).to_string(), "x/x");
        assert_eq!(tidied(&quotient, &Known::new(&[x]), false).to_string(), "1");
    }
}
