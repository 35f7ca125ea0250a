//! Snapshots of modified equations of a given loss, by components.

use super::statement::{Statement, statements};
use super::{Change, Snapshot, SnapshotError};
use crate::concrete::arrays::decimal;
use crate::concrete::{ConcreteEquation, Formula};
use crate::expr::{Algebra, BallAlgebra, Enclosure, Id, Polynomial, Polynomials, Pool, Tape, Variable};
use crate::loss::{nearest, parse_expression};
use crate::number::Rational;
use std::collections::BTreeSet;

/// Digits of values that are written.
const DIGITS: usize = 30;
/// Bits of the values that are compared.
const PRECISION: usize = 320;
/// Bits that agree where two values are taken for one, of the larger or of 1.
const AGREEMENT: i64 = 160;
/// At how many points a component that is no polynomial is written.
const WRITTEN: usize = 2;
/// The most terms of a polynomial that is compared term by term.
const MAX_TERMS: usize = 100_000;

impl Snapshot for ConcreteEquation {
    fn snapshot(&self) -> String {
        let names = self.pool.theta_names();
        let all: Vec<&Formula> = self.orders.iter().flat_map(|order| &order.components).collect();
        let defined =
            |point: &Vec<Rational>| all.iter().all(|f| digits(&value(&self.pool, f, point), DIGITS).is_some());
        let needs_points = all.iter().any(|f| matches!(f, Formula::Expression(_)));
        let points: Vec<Vec<Rational>> =
            if needs_points { points(&self.pool).filter(defined).take(WRITTEN).collect() } else { Vec::new() };
        let mut text = String::new();
        for (n, order) in self.orders.iter().enumerate() {
            for (name, formula) in names.iter().zip(&order.components) {
                match formula {
                    Formula::Polynomial(p) => write_polynomial(&format!("f_{n}[{name}] = "), p, &self.pool, &mut text),
                    Formula::Expression(_) if points.is_empty() => {
                        text.push_str(&format!("# f_{n}[{name}] has no value at the points that were tried\n"));
                    }
                    Formula::Expression(_) => {
                        for point in &points {
                            let digits = digits(&value(&self.pool, formula, point), DIGITS).unwrap_or_default();
                            text.push_str(&format!("f_{n}[{name}] at ({}) = {digits}\n", listed(point)));
                        }
                    }
                }
            }
        }
        text
    }

    fn changes(&self, expected: &str) -> Result<Vec<Change>, SnapshotError> {
        let mut changes = Vec::new();
        let names = self.pool.theta_names();
        for statement in statements(expected)? {
            let at = component(&statement, &names)?;
            let change = |term, expected, derived| Change {
                order: statement.order,
                component: Some(names[at].clone()),
                term,
                expected,
                derived,
            };
            let Some(order) = self.orders.get(statement.order) else {
                let derived = format!("nothing beyond f_{}", self.orders.len().saturating_sub(1));
                changes.push(change(None, statement.right.clone(), derived));
                continue;
            };
            let derived = &order.components[at];
            if let Some(place) = statement.place {
                let point = point(&statement, place, names.len() + self.pool.symbols().len())?;
                let count = statement.right.chars().take_while(|c| *c != 'e').filter(char::is_ascii_digit).count();
                let found = digits(&value(&self.pool, derived, &point), count.max(1));
                let found = found.unwrap_or_else(|| "no value".to_owned());
                if found != statement.right {
                    changes.push(change(Some(format!("at ({})", listed(&point))), statement.right.clone(), found));
                }
                continue;
            }
            let differing = self.compared(&statement, derived)?;
            changes
                .extend(differing.into_iter().map(|(term, expected, derived)| change(Some(term), expected, derived)));
        }
        Ok(changes)
    }
}

/// A term or a place, what was expected of it and what is derived.
type Differing = (String, String, String);

impl ConcreteEquation {
    /// Compares a component with a formula: by monomials where both are polynomials, by values where not.
    fn compared(&self, statement: &Statement<'_>, derived: &Formula) -> Result<Vec<Differing>, SnapshotError> {
        let mut pool = self.pool.clone();
        let expected = read(statement, &mut pool)?;
        let variables = pool.dimension() + pool.symbols().len();
        let mut algebra = Polynomials::new(variables, MAX_TERMS);
        let expanded = algebra.expand(&Tape::new(&pool, &[expected]), pool.dimension()).ok().and_then(|mut p| p.pop());
        if let (Formula::Polynomial(derived), Some(expected)) = (derived, &expanded) {
            return Ok(by_monomials(expected, derived, &variable_names(&pool)));
        }
        let expected = Formula::Expression(expected);
        let mut seen = 0;
        for point in points(&pool) {
            let [was, is] = [&expected, derived].map(|f| value(&pool, f, &point));
            if !was.is_known() && !is.is_known() {
                continue;
            }
            if agree(&was, &is) == Some(true) {
                seen += 1;
                continue;
            }
            if was.is_known() && is.is_known() && agree(&was, &is).is_none() {
                continue;
            }
            let [was, is] = [was, is].map(|v| digits(&v, DIGITS).unwrap_or_else(|| "no value".to_owned()));
            return Ok(vec![(format!("at ({})", listed(&point)), was, is)]);
        }
        if seen == 0 {
            return Err(statement.wrong("at none of the points that were tried do both formulas have values"));
        }
        Ok(Vec::new())
    }
}

/// Which component a statement is about.
fn component(statement: &Statement<'_>, names: &[String]) -> Result<usize, SnapshotError> {
    let first = names.first().map_or("x", String::as_str);
    let Some(name) = statement.component else {
        return Err(
            statement.wrong(format!("this series is of a given loss: which component? Write `f_N[{first}] = …`"))
        );
    };
    let close = |text: &str| text.replace(' ', "");
    names.iter().position(|known| close(known) == close(name)).ok_or_else(|| {
        let meant = nearest(name, names.iter().map(String::as_str));
        let meant = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        statement.wrong(format!("the loss has no parameter entry `{name}`{meant}"))
    })
}

/// Reads a formula in the loss language.
fn read(statement: &Statement<'_>, pool: &mut Pool) -> Result<Id, SnapshotError> {
    let parameters: Vec<String> = pool.parameters().map(|(name, _)| name.to_owned()).collect();
    let mut names: Vec<(String, Id)> = (0..).zip(parameters).map(|(k, name)| (name, pool.parameter(k))).collect();
    for (k, name) in (0..).zip(pool.symbols().to_vec()) {
        names.push((name, pool.symbol(k)));
    }
    let read = parse_expression(&statement.right, pool, &names);
    let id = read.map_err(|errors| statement.wrong(errors.to_string()))?;
    if pool.shape(id).size() != 1 {
        return Err(statement.wrong("this is an array, and a component is one number"));
    }
    Ok(id)
}

/// The numbers of `at (…)`.
fn point(statement: &Statement<'_>, place: &str, count: usize) -> Result<Vec<Rational>, SnapshotError> {
    let numbers: Result<Vec<Rational>, _> = place.split(',').map(|number| number.trim().parse()).collect();
    match numbers {
        Ok(numbers) if numbers.len() == count => Ok(numbers),
        Ok(numbers) => Err(statement.wrong(format!(
            "`at` takes {count} numbers, for the entries of θ and the constants without a value, not {}",
            numbers.len()
        ))),
        Err(error) => Err(statement.wrong(format!("at ({place}): {error}"))),
    }
}

/// Points where formulas are compared: positive ones first, where logarithms and roots have values, then others.
fn points(pool: &Pool) -> impl Iterator<Item = Vec<Rational>> {
    let count = pool.dimension() + pool.symbols().len();
    let positive = |k: i64| {
        move |i: usize| {
            let i = i64::try_from(i).unwrap_or(i64::MAX / 8);
            // 1/3, 2/5, 3/7, …, then 2/3, 3/5, 4/7, …
            Rational::new(i + 1 + k, 2 * i + 3)
        }
    };
    (0..4).flat_map(move |k| {
        let point: Vec<Rational> = (0..count).map(positive(k)).collect();
        let opposite = point.iter().map(|x| -x).collect();
        [point, opposite]
    })
}

fn listed(point: &[Rational]) -> String {
    point.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A value to so many digits; what cannot be told from 0 is that.
fn digits(value: &Enclosure, count: usize) -> Option<String> {
    let zero = || (value.is_known() && value.ball.above().exponent() <= -AGREEMENT).then(|| "0".to_owned());
    decimal(value, count).or_else(zero)
}

/// What a component is worth at a point.
fn value(pool: &Pool, formula: &Formula, point: &[Rational]) -> Enclosure {
    let mut algebra = BallAlgebra::new(PRECISION);
    let id = match formula {
        Formula::Polynomial(p) => return algebra.rational(&p.evaluate(point)),
        Formula::Expression(id) => *id,
    };
    let values = Tape::new(pool, &[id]).evaluate(&mut algebra, |balls, variable| {
        let at = match variable {
            Variable::Theta(k) => k as usize,
            Variable::Symbol(s) => pool.dimension() + s as usize,
            Variable::Direction(..) => usize::MAX,
        };
        point.get(at).map_or_else(Enclosure::unknown, |q| balls.rational(q))
    });
    values.into_iter().next().unwrap_or_else(Enclosure::unknown)
}

/// Whether two numbers are one as far as can be seen; `None` where their sets are too wide to tell.
fn agree(a: &Enclosure, b: &Enclosure) -> Option<bool> {
    let difference = BallAlgebra::new(PRECISION).sub(a, b).ball;
    if !a.is_known() || !b.is_known() {
        return Some(false);
    }
    let size = a.ball.above().exponent().max(b.ball.above().exponent()).max(0);
    let close = difference.above().exponent() <= size - AGREEMENT;
    (close || !difference.below().is_zero()).then_some(close)
}

fn variable_names(pool: &Pool) -> Vec<String> {
    pool.theta_names().into_iter().chain(pool.symbols().iter().cloned()).collect()
}

/// The monomials whose coefficients differ.
fn by_monomials(expected: &Polynomial, derived: &Polynomial, names: &[String]) -> Vec<Differing> {
    let exponents: BTreeSet<&[u32]> = expected.terms().chain(derived.terms()).map(|(exponents, _)| exponents).collect();
    let differing = exponents.into_iter().rev().filter_map(|exponents| {
        let (was, is) = (expected.coefficient(exponents), derived.coefficient(exponents));
        let monomial = Polynomial::from_terms(names.len(), [(exponents, Rational::ONE)]).to_text(names);
        (was != is).then(|| (monomial, was.to_string(), is.to_string()))
    });
    differing.collect()
}

/// A monomial a line, the highest degrees first.
fn write_polynomial(left: &str, polynomial: &Polynomial, pool: &Pool, text: &mut String) {
    let names = variable_names(pool);
    let mut terms: Vec<(&[u32], &Rational)> = polynomial.terms().collect();
    terms.sort_by_key(|(exponents, _)| std::cmp::Reverse((exponents.iter().sum::<u32>(), *exponents)));
    if terms.is_empty() {
        text.push_str(&format!("{left}0\n"));
    }
    for (at, (exponents, q)) in terms.into_iter().enumerate() {
        let before = if at == 0 { left.to_owned() } else { " ".repeat(left.chars().count()) };
        let plus = if at > 0 && !q.is_negative() { "+" } else { "" };
        let term = Polynomial::from_terms(names.len(), [(exponents, q.clone())]).to_text(&names);
        text.push_str(&format!("{before}{plus}{term}\n"));
    }
}
