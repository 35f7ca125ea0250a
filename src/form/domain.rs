//! Where a loss has no value: what may be cancelled without saying so.

use crate::expr::simplify::vanishing;
use crate::expr::{Algebra, BallAlgebra, Collected, Enclosure, ExpressionRef, Id, Polynomial, Pool, Tape, Variable};
use crate::formula::Formula;
use crate::number::Rational;
use std::sync::OnceLock;

/// Bits of values.
const PRECISION: usize = 128;
/// Points tried, and how many of them decide.
const TRIES: i64 = 12;
const ENOUGH: usize = 5;
/// The most inputs that are looked at one by one, and operations of a loss.
const MAX_INPUTS: usize = 16;
const MAX_OPERATIONS: usize = 1_000;

/// The most terms of what is asked about alone.
const MAX_TERMS: usize = 200;

/// Where a loss has no value, or ends.
#[derive(Debug)]
pub(super) struct Gaps<'a> {
    loss: ExpressionRef<'a>,
    ends: OnceLock<Vec<String>>,
}

impl<'a> Gaps<'a> {
    /// Of a loss.
    pub(super) fn of(loss: ExpressionRef<'a>) -> Self {
        Self { loss, ends: OnceLock::new() }
    }

    /// What was cancelled in some functions and may be 0 where the loss has a value and does not end.
    pub(super) fn cancelled(&self, pool: &Pool, collected: &Collected) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let mut variables: Option<Vec<Formula>> = None;
        for p in (0..collected.functions.len()).flat_map(|k| vanishing(pool, collected, k)) {
            if excludes(self.loss, &p) {
                continue;
            }
            let text = p.formula(variables.get_or_insert_with(|| collected.variables(pool))).to_string();
            if !all.contains(&text) && !self.ends.get_or_init(|| edges(self.loss)).contains(&text) {
                all.push(text);
            }
        }
        all
    }

    /// Whether an expression is 0 where the loss has no value or ends, and nowhere else.
    pub(super) fn hold_zeros(&self, pool: &mut Pool, id: Id) -> bool {
        if pool.is_zero(id) {
            return false;
        }
        // x/x in lowest terms is 1, and says that x cancelled.
        let quotient = pool.div(id, id);
        Collected::new(pool, &[quotient], MAX_TERMS).is_ok_and(|collected| self.cancelled(pool, &collected).is_empty())
    }
}

/// Whether a loss has no value wherever a polynomial in its parameters and symbols is 0, as `log(x*y)` has none where `x` is: by enclosures at exact points
/// of random coordinates there. A polynomial in functions, or one that is linear in none of its variables, is not looked at.
pub(super) fn excludes(loss: ExpressionRef<'_>, p: &Polynomial) -> bool {
    let pool = loss.pool();
    let inputs = pool.dimension() + pool.symbols().len();
    let exponents = |k: usize| p.terms().map(move |(e, _)| e.get(k).copied().unwrap_or(0));
    let variables = p.terms().next().map_or(0, |(e, _)| e.len());
    if (inputs..variables).any(|k| exponents(k).any(|e| e > 0)) {
        return false;
    }
    let Some(solved) = (0..inputs.min(variables)).find(|k| exponents(*k).max() == Some(1)) else { return false };
    is_undefined(loss, |attempt| {
        let mut point: Vec<Rational> = (0..inputs).map(|k| coordinate(attempt, k)).collect();
        // a·v + b = 0.
        let (mut a, mut b) = (Rational::ZERO, Rational::ZERO);
        for (e, c) in p.terms() {
            let others = e.iter().enumerate().filter(|(k, e)| *k != solved && **e > 0);
            let power = |(k, e): (usize, &u32)| point[k].pow(i64::from(*e)).unwrap_or(Rational::ZERO);
            let value = others.map(power).fold(c.clone(), |value, power| value * power);
            *if e[solved] > 0 { &mut a } else { &mut b } += &value;
        }
        point[solved] = -b.checked_div(&a)?;
        Some(point)
    })
}

/// The polynomials at whose zeros a loss has no value, or has none beyond, as they are written: nothing of what is cancelled at those is lost.
fn edges(loss: ExpressionRef<'_>) -> Vec<String> {
    let pool = loss.pool();
    if pool.reachable(&[loss.id()]).len() > MAX_OPERATIONS {
        return Vec::new();
    }
    let all = Collected::all(pool, &[loss.id()], MAX_OPERATIONS).unwrap_or_default();
    let written = |collected: &Collected| -> Vec<String> {
        let variables = collected.variables(pool);
        collected.edges().iter().map(|p| p.formula(&variables).to_string()).collect()
    };
    all.iter().flat_map(written).collect()
}

/// The parameters' entries and symbols at whose zeros a loss has no value, by their places, the symbols' behind all entries.
pub(super) fn nonzero(loss: ExpressionRef<'_>) -> Vec<usize> {
    let inputs = loss.pool().dimension() + loss.pool().symbols().len();
    let all = if inputs > MAX_INPUTS { 0 } else { inputs };
    let at_zero = |attempt: i64, place: usize| {
        let mut point: Vec<Rational> = (0..inputs).map(|k| coordinate(attempt, k)).collect();
        point[place] = Rational::ZERO;
        Some(point)
    };
    (0..all).filter(|place| is_undefined(loss, |attempt| at_zero(attempt, *place))).collect()
}

/// Whether a loss has no value at any of these points, which there may be none of for some attempts.
fn is_undefined(loss: ExpressionRef<'_>, point: impl Fn(i64) -> Option<Vec<Rational>>) -> bool {
    let pool = loss.pool();
    let tape = Tape::new(pool, &[loss.id()]);
    if tape.ops.len() > MAX_OPERATIONS {
        return false;
    }
    let mut seen = 0;
    for point in (0..TRIES).filter_map(point) {
        let mut algebra = BallAlgebra::new(PRECISION);
        let values = tape.evaluate(&mut algebra, |balls, variable| match variable {
            Variable::Theta(k) => balls.rational(&point[k as usize]),
            Variable::Symbol(k) => balls.rational(&point[pool.dimension() + k as usize]),
            Variable::Direction(..) => Enclosure::unknown(),
        });
        // Of a product with an exact 0 the other factors may be missing.
        if values[0].is_known() && algebra.undefined.is_none() {
            return false;
        }
        seen += usize::from(algebra.undecided.is_none() && algebra.overflow.is_none());
    }
    seen >= ENOUGH
}

/// A number between −2 and 2 that is no simple fraction, the opposite one at every second attempt.
fn coordinate(attempt: i64, k: usize) -> Rational {
    let k = i64::try_from(k).unwrap_or(0);
    let size = (attempt / 2 * 7919 + k * 6271 + 1013) % 1999 + 1;
    let sign = if (attempt + k * (attempt / 4)) % 2 == 0 { 1 } else { -1 };
    Rational::new(sign * size, 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::{Loss, Options};

    #[test]
    fn what_a_loss_divides_by_and_takes_logarithms_of() {
        for (loss, polynomial, expected) in [
            ("log(x*y)", "x", true),
            ("log(x*y)", "y", true),
            ("log(x + y) + x*y", "x + y", true),
            ("log(cosh(k*x))/k", "k", true),
            ("log(cosh(k*x))/k", "x", false),
            ("x^2/x", "x", true),
            ("x^3*y", "x", false),
            ("(x*y)^2/(x - 2*y)", "x - 2*y", true),
            // At some of its points the loss has values.
            ("log(x) + y^2", "x*y - 1", false),
            ("1/(x^2 + y^2)", "x", false),
        ] {
            let text = |loss: &str| format!("param x, y\nconst k\nloss {loss}\n");
            let read = |text: &str| Loss::parse(text, "a.loss", &Options::default()).unwrap().expression;
            let (loss_read, p) = (read(&text(loss)), read(&text(polynomial)));
            let collected = Collected::new(p.pool(), &[p.id()], 100).unwrap();
            assert_eq!(
                excludes((&loss_read).into(), collected.functions[0].numerator()),
                expected,
                "{loss}: {polynomial}"
            );
        }
    }

    #[test]
    fn where_a_loss_ends() {
        for (loss, expected) in [
            ("x^(3/2)", &["x"][..]),
            ("sqrt(x^2*y)", &["y"]),
            ("sqrt(x^2 + y^2)", &[]),
            ("1/sqrt(x^2 + y^2)", &["x^2 + y^2"]),
            ("acos(x)*y", &[]),
            ("x/sinh(y)", &["sinh(y)"]),
        ] {
            let read = Loss::parse(&format!("param x, y\nloss {loss}\n"), "a.loss", &Options::default()).unwrap();
            let found = edges((&read.expression).into());
            assert!(expected.iter().all(|p| found.iter().any(|q| q == p)), "{loss}: {found:?}");
            assert!(!expected.is_empty() || found.is_empty(), "{loss}: {found:?}");
        }
    }

    #[test]
    fn what_is_zero_in_gaps_alone() {
        for (loss, text, expected) in [
            ("log(x)*y", "x", true),
            ("log(x)*y", "x - 1", false),
            ("x*y", "x^2 + 1", true),
            ("x*y", "x", false),
            // exp, cosh and a root of what is above 0 are never 0.
            ("x*y", "exp(x)*cosh(y)", true),
            ("x*y", "sqrt(x^2 + 1)", true),
            ("x*y", "sin(x)", false),
        ] {
            let source = |loss: &str| format!("param x, y\nloss {loss}\n");
            let read = |text: &str| Loss::parse(text, "a.loss", &Options::default()).unwrap().expression;
            let (loss_read, other) = (read(&source(loss)), read(&source(text)));
            let mut pool = other.pool().clone();
            assert_eq!(Gaps::of((&loss_read).into()).hold_zeros(&mut pool, other.id()), expected, "{loss}: {text}");
        }
    }
}
