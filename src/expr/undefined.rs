//! Where an expression has no value, by enclosures at exact points.

use super::{Algebra, BallAlgebra, Enclosure, ExpressionRef, Polynomial, Pool, Tape, Variable};
use crate::number::Rational;

/// Bits of values.
const PRECISION: usize = 128;
/// Points tried, and how many of them decide.
const TRIES: i64 = 12;
const ENOUGH: usize = 5;
/// The most inputs that are looked at one by one, and operations of an expression.
const MAX_INPUTS: usize = 16;
const MAX_OPERATIONS: usize = 1_000;
/// How far beside the zeros of a polynomial its sides are looked at, over this.
const BESIDE: i64 = 1_000_000;

impl ExpressionRef<'_> {
    /// Whether it has no value wherever a polynomial in its parameters and symbols is 0, as `log(x*y)` has none where `x` is: by enclosures at exact
    /// points of random coordinates there. A polynomial in functions, or one that is linear in none of its variables, is not looked at.
    pub(crate) fn excludes(self, p: &Polynomial) -> bool {
        self.is_undefined_where(p, &Rational::ZERO)
    }

    /// Whether it has no value there, or none on one side, as `sqrt(x)` has where x is below 0: whichever way it is, nothing is passed there.
    pub(super) fn ends_at(self, p: &Polynomial) -> bool {
        let beside = Rational::new(1, BESIDE);
        [Rational::ZERO, -&beside, beside].iter().any(|value| self.is_undefined_where(p, value))
    }

    /// Whether it has no value where these of its parameters' entries, and of the symbols behind them, have these values.
    pub(super) fn is_undefined_at(self, values: &[(usize, Rational)]) -> bool {
        let inputs = self.pool().dimension() + self.pool().symbols().len();
        self.is_undefined(|attempt| {
            let mut point: Vec<Rational> = (0..inputs).map(|k| coordinate(attempt, k)).collect();
            for (k, value) in values {
                point[*k] = value.clone();
            }
            Some(point)
        })
    }

    /// The parameters' entries and symbols at whose zeros it has no value, by their places, the symbols' behind all entries.
    pub(crate) fn nonzero(self) -> Vec<usize> {
        let inputs = self.pool().dimension() + self.pool().symbols().len();
        let all = if inputs > MAX_INPUTS { 0 } else { inputs };
        (0..all).filter(|place| self.is_undefined_at(&[(*place, Rational::ZERO)])).collect()
    }

    /// Whether it has no value where a polynomial has this one.
    fn is_undefined_where(self, p: &Polynomial, value: &Rational) -> bool {
        let inputs = self.pool().dimension() + self.pool().symbols().len();
        let exponents = |k: usize| p.terms().map(move |(e, _)| e.get(k).copied().unwrap_or(0));
        let variables = p.terms().next().map_or(0, |(e, _)| e.len());
        if (inputs..variables).any(|k| exponents(k).any(|e| e > 0)) {
            return false;
        }
        let Some(solved) = (0..inputs.min(variables)).find(|k| exponents(*k).max() == Some(1)) else { return false };
        self.is_undefined(|attempt| {
            let mut point: Vec<Rational> = (0..inputs).map(|k| coordinate(attempt, k)).collect();
            // a·v + b = value.
            let (mut a, mut b) = (Rational::ZERO, -value);
            for (e, c) in p.terms() {
                let others = e.iter().enumerate().filter(|(k, e)| *k != solved && **e > 0);
                let power = |(k, e): (usize, &u32)| point[k].pow(i64::from(*e)).unwrap_or(Rational::ZERO);
                let term = others.map(power).fold(c.clone(), |term, power| term * power);
                *if e[solved] > 0 { &mut a } else { &mut b } += &term;
            }
            point[solved] = -b.checked_div(&a)?;
            Some(point)
        })
    }

    /// Whether it has no value at any of these points, which there may be none of for some attempts.
    fn is_undefined(self, point: impl Fn(i64) -> Option<Vec<Rational>>) -> bool {
        let tape = Tape::new(self.pool(), &[self.id()]);
        if tape.ops.len() > MAX_OPERATIONS {
            return false;
        }
        let mut seen = 0;
        for point in (0..TRIES).filter_map(point) {
            let mut algebra = BallAlgebra::new(PRECISION);
            let values = at(&tape, &mut algebra, self.pool(), &point);
            // Of a product with an exact 0 the other factors may be missing.
            if values[0].is_known() && algebra.undefined.is_none() {
                return false;
            }
            seen += usize::from(algebra.undecided.is_none() && algebra.overflow.is_none());
        }
        seen >= ENOUGH
    }
}

/// The values where the parameters' entries, and symbols behind them, have these.
pub(super) fn at(tape: &Tape, algebra: &mut BallAlgebra, pool: &Pool, point: &[Rational]) -> Vec<Enclosure> {
    tape.evaluate(algebra, |balls, variable| match variable {
        Variable::Theta(k) => balls.rational(&point[k as usize]),
        Variable::Symbol(k) => balls.rational(&point[pool.dimension() + k as usize]),
        Variable::Direction(..) => Enclosure::unknown(),
    })
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
    use crate::expr::testing::read;
    use crate::expr::{Collected, Pool, Shape};

    #[test]
    fn what_is_excluded_and_where_an_expression_ends() {
        for (loss, polynomial, excluded, ends) in [
            ("log(x*y)", "x", true, true),
            ("log(x*y)", "y", true, true),
            ("log(x + y) + x*y", "x + y", true, true),
            ("log(cosh(k*x))/k", "k", true, true),
            ("log(cosh(k*x))/k", "x", false, false),
            ("x^2/x", "x", true, true),
            ("x^3*y", "x", false, false),
            ("(x*y)^2/(x - 2*y)", "x - 2*y", true, true),
            // At some of its points the loss has values.
            ("log(x) + y^2", "x*y - 1", false, false),
            ("1/(x^2 + y^2)", "x", false, false),
            // Values there, and none beyond.
            ("sqrt(x)*sqrt(x^2)", "x", false, true),
            ("acos(x - y)*y", "x - y - 1", false, true),
            ("sqrt(x^2)*y", "x", false, false),
        ] {
            let mut pool = Pool::new();
            for name in ["x", "y"] {
                pool.declare_parameter(name, Shape::scalar());
            }
            let names = std::iter::once(("k".to_owned(), pool.declare_symbol("k"))).collect();
            let [id, p] = [loss, polynomial].map(|written| read(&mut pool, &names, written));
            let collected = Collected::new(&pool, &[p], 100).unwrap();
            let of = pool.expression(id);
            let p = collected.functions[0].numerator();
            assert_eq!((of.excludes(p), of.ends_at(p)), (excluded, ends), "{loss}: {polynomial}");
        }
    }
}
