//! Long numbers of data as decimals: `0.35 - 0.375*a`, where exact ones, made of doubles, have fractions of powers of two.

use super::formulas::Formulas;
use super::local::natural;
use crate::formula::{Formula, Node};
use crate::number::{Coefficient, Rational};
use crate::warning::Warning;
use num_bigint::BigInt;

/// How many digits are written: as many as a double always holds.
const DIGITS: usize = 15;
/// A number of no more digits stays as it is.
const SHORT: usize = 8;
/// Sizes, as powers of ten, beyond which a number has one for a factor.
const SMALLEST: i64 = -5;
const LARGEST: i64 = 15;

impl Formulas {
    /// The same formulas with every number of more than eight digits as a decimal, rounded to 15, with the warning `rounded-data` where there is one.
    ///
    /// What is divided by such a number, a sum over a common denominator say, is divided term by term.
    pub(super) fn with_decimals(mut self) -> Self {
        self.resize_definitions();
        let mut rounded = false;
        for formula in self.written_mut().filter(|formula| is_long(formula)) {
            *formula = decimal(formula);
            rounded = true;
        }
        if rounded {
            let message = format!(
                "long numbers, which come of data, are rounded to {DIGITS} digits, of which fewer hold where terms cancel; the components in JSON are exact"
            );
            self.warnings.push(Warning::new("rounded-data", message));
        }
        self
    }

    /// Definitions of a size near 1, the numbers before them where they are read.
    fn resize_definitions(&mut self) {
        for at in 0..self.lets.len() {
            let (name, value) = &self.lets[at];
            let sum = matches!(value.node(), Node::Sum { .. }) && is_long(value);
            let Some((size, inverse)) = size(value).filter(|_| sum).and_then(|q| Some((q.clone(), q.recip()?))) else {
                continue;
            };
            let (name, value) = (name.clone(), times(&inverse, value));
            let instead = Formula::product(vec![size.formula(), Formula::name(&name)]);
            self.replace(&std::iter::once((name, instead)).collect());
            self.lets[at].1 = value;
        }
    }
}

/// Whether a formula has a number of too many digits.
fn is_long(formula: &Formula) -> bool {
    match formula.node() {
        Node::Number(digits) => digits.len() > SHORT,
        Node::Sum { terms, .. } => terms.iter().any(|(_, term)| is_long(term)),
        Node::Product(parts) | Node::Call(_, parts) | Node::List(parts) => parts.iter().any(is_long),
        Node::Negative(part) => is_long(part),
        Node::Quotient(a, b) | Node::Power(a, b) => is_long(a) || is_long(b),
        _ => false,
    }
}

fn decimal(formula: &Formula) -> Formula {
    if is_long(formula) { times(&Rational::from(1), formula) } else { formula.clone() }
}

/// A multiple of a formula.
fn times(number: &Rational, formula: &Formula) -> Formula {
    match formula.node() {
        Node::Negative(size) => times(&-number, size),
        Node::Quotient(above, below) => {
            let (mut content, mut rest) = content(std::slice::from_ref(below));
            for factor in &mut rest {
                let (own, others) = sized(factor);
                (content, *factor) = (&content * &own, Formula::product(others));
            }
            let Some(inverse) = content.recip() else { return coefficient(number).with_factors(vec![formula.clone()]) };
            let above = times(&(number * &inverse), above);
            if rest.is_empty() { above } else { quotient(above, Formula::product(rest.iter().map(decimal).collect())) }
        }
        Node::Product(_) | Node::Number(_) => {
            let (content, mut rest) = content(std::slice::from_ref(formula));
            let mut number = number * &content;
            // A common factor of long numbers is one of each.
            let sum = |factor: &&mut Formula| matches!(factor.node(), Node::Sum { .. }) && is_long(factor);
            if let Some(sum) = rest.iter_mut().find(sum) {
                *sum = times(&number, sum);
                number = Rational::from(1);
            }
            coefficient(&number).with_factors(rest.iter().map(decimal).collect())
        }
        Node::Sum { terms, .. } if number.is_one() || is_long(formula) => {
            // A multiple of a sum is one, whose terms need no brackets.
            let of = |(minus, term): &(bool, Formula)| {
                let term = times(&if *minus { -number } else { number.clone() }, term);
                match term.node() {
                    Node::Sum { terms, tight: false } => terms.clone(),
                    Node::Negative(size) => vec![(true, size.clone())],
                    _ => vec![(false, term)],
                }
            };
            Formula::sum(terms.iter().flat_map(of).collect())
        }
        Node::Power(base, exponent) => coefficient(number).with_factors(vec![decimal(base).raised(decimal(exponent))]),
        _ => coefficient(number).with_factors(vec![formula.with_parts(decimal)]),
    }
}

/// The sign stands before the fraction.
fn quotient(above: Formula, below: Formula) -> Formula {
    match above.node() {
        Node::Negative(size) => quotient(size.clone(), below).negated(),
        Node::Quotient(above, number) => above.clone().over(number.clone().with_factors(vec![below])),
        _ => above.over(below),
    }
}

/// [`content`] of one factor, that of a sum of long numbers too.
fn sized(factor: &Formula) -> (Rational, Vec<Formula>) {
    let sum = matches!(factor.node(), Node::Sum { .. }) && is_long(factor);
    match size(factor).filter(|_| sum).and_then(|size| Some((size.recip()?, size))) {
        Some((inverse, size)) => (size, vec![times(&inverse, factor)]),
        None => content(std::slice::from_ref(factor)),
    }
}

/// The product of the numbers among some factors, and the others, which hold no number before them.
fn content(factors: &[Formula]) -> (Rational, Vec<Formula>) {
    let (mut number, mut rest) = (Rational::from(1), Vec::new());
    for factor in factors {
        let (own, others) = match factor.node() {
            Node::Number(digits) => match digits.parse::<Rational>() {
                Ok(own) => (own, Vec::new()),
                Err(_) => (Rational::from(1), vec![factor.clone()]),
            },
            Node::Product(parts) => content(parts),
            Node::Quotient(above, below) => {
                let ((above, mut over), (below, under)) =
                    (content(std::slice::from_ref(above)), content(std::slice::from_ref(below)));
                let inverse = below.recip().unwrap_or_else(|| Rational::from(1));
                if !under.is_empty() {
                    over = vec![Formula::product(over).over(decimal(&Formula::product(under)))];
                }
                (&above * &inverse, over)
            }
            Node::Power(base, exponent) => {
                let (own, others) = sized(base);
                match natural(exponent).and_then(|n| own.pow(n)).filter(|_| !own.is_one()) {
                    Some(own) if others.is_empty() => (own, Vec::new()),
                    Some(own) => (own, vec![Formula::product(others).raised(exponent.clone())]),
                    None => (Rational::from(1), vec![factor.clone()]),
                }
            }
            _ => (Rational::from(1), vec![factor.clone()]),
        };
        number = &number * &own;
        rest.extend(others);
    }
    (number, rest)
}

/// A power of two that the numbers of a sum are about as large as, where they are far from 1: one of them if there is such a one, as before 1 in `0.7*x^2 + 1`.
fn size(sum: &Formula) -> Option<Rational> {
    let terms = sum.terms();
    let numbers: Vec<Rational> = terms.iter().map(|(_, term)| content(std::slice::from_ref(term)).0.abs()).collect();
    let largest = numbers.iter().map(Rational::to_f64).fold(0.0, f64::max);
    let far = largest.is_finite() && largest > 0.0 && !(1e-8..=1e8).contains(&largest);
    let power = |x: f64| Rational::from_f64(2f64.powi(x.log2().round() as i32));
    let own = numbers.iter().find(|q| q.to_f64() >= 1e-8 * largest && power(q.to_f64()).as_ref() == Some(q));
    if far { own.cloned().or_else(|| power(largest)) } else { None }
}

/// A number: exact where it is short, and else to the digits that are written.
fn coefficient(number: &Rational) -> Formula {
    let size = number.abs();
    let (above, below) = (size.numerator(), size.denominator());
    let digits = |n: &BigInt| n.to_string().len();
    if digits(&above) <= SHORT && digits(&below) <= SHORT {
        return number.formula();
    }
    let size = rounded(&above, &below);
    if number.is_negative() { size.negated() } else { size }
}

/// A positive quotient to so many digits, the last one to the nearest, and without zeros behind the point.
fn rounded(above: &BigInt, below: &BigInt) -> Formula {
    let most = i64::try_from(DIGITS).unwrap_or(i64::MAX);
    let length = |n: &BigInt| i64::try_from(n.to_string().len()).unwrap_or(i64::MAX);
    // Of as many digits as are written, or one more or fewer.
    let mut power = length(above) - length(below) - most;
    let mantissa = loop {
        let scale = |p: i64| BigInt::from(10).pow(u32::try_from(p.max(0)).unwrap_or(u32::MAX));
        let (above, below) = (above * scale(-power), below * scale(power));
        let nearest: BigInt = (2 * &above + &below) / (2 * below);
        match length(&nearest) {
            found if found > most => power += 1,
            found if found < most => power -= 1,
            _ => break nearest,
        }
    };
    let digits = mantissa.to_string();
    let first = power + most - 1;
    let point = |digits: &str, before: usize| {
        let (whole, part) = digits.split_at(before);
        let part = part.trim_end_matches('0');
        Formula::digits(if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") })
    };
    match first {
        SMALLEST..0 => point(&format!("{}{digits}", "0".repeat(usize::try_from(-first).unwrap_or(0))), 1),
        0..LARGEST => point(&digits, usize::try_from(first + 1).unwrap_or(1)),
        _ => {
            let exponent = Formula::natural(first.unsigned_abs());
            let exponent = if first < 0 { exponent.negated() } else { exponent };
            let (mantissa, power) = (point(&digits, 1), Formula::natural(10).raised(exponent));
            if mantissa.is_number("1") { power } else { Formula::product(vec![mantissa, power]) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn double(x: f64) -> Formula {
        let exact = Rational::from_f64(x).unwrap();
        Formula::digits(exact.numerator().to_string()).over(Formula::digits(exact.denominator().to_string()))
    }

    #[test]
    fn numbers_of_fifteen_digits() {
        for (x, text) in [
            (0.1, "0.1"),
            (0.1 + 0.2, "0.3"),
            (2.0 / 3.0, "0.666666666666667"),
            (1234.567, "1234.567"),
            (9.999999999999998, "10"),
            (0.1e-3, "0.0001"),
            (1.25e-7 / 3.0, "4.16666666666667*10^(-8)"),
            (1.1e20, "1.1*10^20"),
            (1e-9, "10^(-9)"),
            (123456789012345.6, "123456789012346"),
        ] {
            assert_eq!(decimal(&double(x)).to_string(), text);
        }
        // What is short stays exact.
        assert_eq!(decimal(&double(0.375)).to_string(), "3/8");
    }

    #[test]
    fn sums_are_divided_term_by_term() {
        let (a, b) = (Formula::name("a"), Formula::name("b"));
        let digits = |n: &str| Formula::digits(n);
        // (0.35 − 0.375 a − 0.7 b) 2^52, over 2^52.
        let sum = Formula::sum(vec![
            (false, digits("1576259869579673")),
            (true, digits("1688849860263936").times(a.clone())),
            (true, digits("3152519739159347").times(b.clone())),
        ]);
        let below = digits("4503599627370496");
        let divided = sum.clone().over(below.clone());
        assert_eq!(decimal(&divided).to_string(), "0.35 - 3*a/8 - 0.7*b");
        assert_eq!(decimal(&divided.clone().negated()).to_string(), "-0.35 + 3*a/8 + 0.7*b");
        let within =
            Formula::product(vec![sum.clone(), a.clone()]).over(Formula::product(vec![below.clone(), b.clone()]));
        assert_eq!(decimal(&within).to_string(), "(0.35 - 3*a/8 - 0.7*b)*a/b");
        let called = Formula::call("tanh", vec![divided]);
        assert_eq!(decimal(&called).to_string(), "tanh(0.35 - 3*a/8 - 0.7*b)");
        let power = a.clone().raised(double(0.9));
        assert_eq!(decimal(&power).to_string(), "a^0.9");
        // 3 b + 2^52·(0.35 − 0.375 a − 0.7 b)/2^52 has no brackets.
        let inner = sum.clone().over(below.clone());
        let outer = Formula::sum(vec![(false, Formula::natural(3).times(b.clone())), (true, inner)]);
        assert_eq!(decimal(&outer).to_string(), "3*b - 0.35 + 3*a/8 + 0.7*b");
        // A power of a number is a number.
        let large = Formula::product(vec![double(1.343_250_910_682_92e23), a.clone()]);
        assert_eq!(decimal(&decimal(&large)).to_string(), "1.34325091068292*10^23*a");
        // Another factor is left as it is.
        let other = Formula::product(vec![digits("1576259869579673"), Formula::sum(vec![(false, a), (true, b)])]);
        assert_eq!(decimal(&other.over(below)).to_string(), "0.35*(a - b)");
    }

    /// `0.7 x² + 1` is held over 2^52, also where it is divided by.
    #[test]
    fn sums_that_are_divided_by_are_of_size_one() {
        let x = || Formula::name("x");
        let below = Formula::sum(vec![
            (false, Formula::digits("3152519739159347").times(x().power(2))),
            (false, Formula::digits("4503599627370496")),
        ]);
        let above = Formula::digits("4503599627370496").times(x());
        assert_eq!(decimal(&above.clone().over(below.clone())).to_string(), "x/(0.7*x^2 + 1)");
        let squared = Formula::digits("20282409603651670423947251286016").times(x()).over(below.power(2));
        assert_eq!(decimal(&squared.negated()).to_string(), "-x/(0.7*x^2 + 1)^2");
    }

    /// A power of two among the numbers is their size, unless it is lost beside the largest; numbers near 1 stay as they are.
    #[test]
    fn sizes_of_sums() {
        let x = || Formula::name("x");
        let sum = |number: u64, other: u64| {
            Formula::sum(vec![(false, Formula::natural(number).times(x())), (true, Formula::natural(other))])
        };
        let two = |power: i64| Rational::from(2).pow(power);
        assert_eq!(size(&sum(3 << 50, 1 << 52)), two(52));
        assert_eq!(size(&sum(3 << 50, 1 << 30)), two(30));
        // 2^20/(3·2^50) is about 3·10^-10.
        assert_eq!(size(&sum(3 << 50, 1 << 20)), two(52));
        assert_eq!(size(&sum(3 << 20, 1 << 22)), None);
    }
}
