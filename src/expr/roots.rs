//! Roots of squares: where a power such as `(x^2)^(3/2)`, which is `abs(x)^3`, has derivatives to some order only, and `asin` and `acos`, which end with roots.

use super::touching::Touching;
use super::{Atom, Collected, ExpressionRef, Function, Id, Node, Polynomial, Pool, RationalFunction, Shape};
use crate::number::Rational;

/// Entries up to which what is under a root is taken apart.
const MOST_ENTRIES: usize = 4096;
/// Terms up to which it is.
const MOST_TERMS: usize = 200;
/// Parameters up to which their squares are completed.
const MOST_SQUARED: usize = 32;
/// Roots up to which zeros are looked for in what is under them.
const MOST_ROOTS: usize = 16;

impl Pool {
    /// How many derivatives the least smooth of the roots of squares among some nodes of a loss has; `None` where there is none.
    ///
    /// A base `f^n` to the power q is `|f|^(nq)` for an even n, which at the zeros of f is smooth for even nq alone. Of an odd n they end the domain.
    /// `acos u` is `sqrt(2 − 2u)` where u is nearly 1. A kink where the loss ends, or has no value, is none.
    pub(super) fn derivatives_of_roots(&self, loss: ExpressionRef<'_>, ids: impl Iterator<Item = Id>) -> Option<u32> {
        let half = Rational::new(1, 2);
        let mut least: Option<u32> = None;
        let roots: Vec<(Id, Id, &Rational)> = ids
            .filter_map(|id| match self.node(id) {
                Node::Pow(base, exponent) if !exponent.is_integer() => Some((id, *base, exponent)),
                Node::Apply(Function::Asin | Function::Acos, argument) => Some((id, *argument, &half)),
                _ => None,
            })
            .collect();
        for (id, base, exponent) in &roots {
            let is_power = matches!(self.node(*id), Node::Pow(..));
            let found = if is_power {
                self.kinks(loss, *base, |kinks, function| kinks.factors(function.numerator(), exponent))
                    .unwrap_or_else(|| self.derivatives_of_written(*base, exponent))
            } else {
                let both = |kinks: &mut Kinks<'_>, function: &RationalFunction| {
                    for sign in [Rational::ONE, Rational::MINUS_ONE] {
                        if let Some(p) = beside(function, &sign) {
                            kinks.factors(&p, &half);
                        }
                    }
                };
                self.kinks(loss, *base, both).flatten()
            };
            least = least.into_iter().chain(found).min();
        }
        // What is no square as it is written may still be one nearly, somewhere.
        for (id, base, exponent) in roots.iter().take(MOST_ROOTS) {
            if least == Some(0) {
                break;
            }
            let from = match self.node(*id) {
                Node::Pow(..) => [None, None],
                // 1 ∓ a, of which the second is 1 − (−a).
                _ => [Some(Rational::ONE), Some(Rational::MINUS_ONE)],
            };
            let powers = from.into_iter().filter_map(|from| Touching::new(loss, *base, from)).flat_map(|t| t.powers());
            let found = powers.filter_map(|power| derivatives(&(*exponent * &Rational::from(i64::from(power)))));
            least = least.into_iter().chain(found).min();
        }
        least
    }

    /// An expression as quotients of polynomials, if it is not too large for that.
    fn taken_apart(&self, id: Id) -> Option<Collected> {
        let entries: usize = self.reachable(&[id]).iter().map(|id| Shape::size(self.shape(*id))).sum();
        if entries <= MOST_ENTRIES { Collected::new(self, &[id], MOST_TERMS).ok() } else { None }
    }

    /// What is found in an expression, taken apart; `None` where it is too large for that.
    fn kinks(
        &self,
        loss: ExpressionRef<'_>,
        id: Id,
        find: impl Fn(&mut Kinks<'_>, &RationalFunction),
    ) -> Option<Option<u32>> {
        self.taken_apart(id).map(|found| {
            let mut kinks = Kinks::new(self, &found);
            for function in &found.functions {
                kinks.inputs = function.variables() - found.atoms.len();
                find(&mut kinks, function);
            }
            let mut all = kinks.all;
            all.sort_by_key(|(derivatives, _)| *derivatives);
            let inside = |at: &Option<Place>| at.as_ref().is_none_or(|place| place.is_inside(loss));
            all.into_iter().find(|(_, at)| inside(at)).map(|(derivatives, _)| derivatives)
        })
    }

    /// Whether an expression is known not to change its sign.
    pub(super) fn keeps_its_sign(&self, id: Id) -> bool {
        self.taken_apart(id).is_some_and(|found| {
            let mut kinks = Kinks::new(self, &found);
            found.functions.iter().all(|function| {
                kinks.inputs = function.variables() - found.atoms.len();
                let above = function.numerator().factored().factors;
                let odd = |(_, power): &&(Polynomial, u32)| power % 2 == 1;
                above.iter().chain(function.denominator()).filter(odd).all(|(factor, _)| kinks.is_of_one_sign(factor))
            })
        })
    }

    /// The same where the base is too large to take apart: of powers as they are written.
    fn derivatives_of_written(&self, base: Id, exponent: &Rational) -> Option<u32> {
        match self.node(base) {
            Node::Mul(a, b) => {
                let each = [a, b].map(|part| self.derivatives_of_written(*part, exponent));
                each.into_iter().flatten().min()
            }
            Node::Pow(_, power) if power.is_integer() && is_even(power) => derivatives(&(power * exponent)),
            _ => None,
        }
    }
}

fn is_even(q: &Rational) -> bool {
    (q * &Rational::new(1, 2)).is_integer()
}

/// The numerator of what is left of a function without a number.
fn beside(function: &RationalFunction, number: &Rational) -> Option<Polynomial> {
    let number = Polynomial::constant(function.variables(), -number);
    Some(function.plus(&number.into(), MOST_TERMS).ok()?.numerator().clone())
}

/// How many derivatives `|x|^r` has at 0; `None` if all, and where it has no value.
fn derivatives(r: &Rational) -> Option<u32> {
    if r.is_negative() || is_even(r) {
        return None;
    }
    let whole = u32::try_from(&r.numerator() / &r.denominator()).ok()?;
    Some(if r.is_integer() { whole - 1 } else { whole })
}

/// The kinks of powers of functions, as they are found.
struct Kinks<'a> {
    found: &'a Collected,
    /// How many variables are entries of θ, and how many are no atoms.
    parameters: usize,
    inputs: usize,
    /// How many derivatives each has and, where that is known, its place.
    all: Vec<(u32, Option<Place>)>,
}

/// Where a polynomial has its largest or least value.
struct Extremum {
    /// Whether that is the largest.
    negative: bool,
    /// The value.
    end: Rational,
    /// Where it is taken: inputs and their values.
    centre: Vec<(usize, Rational)>,
}

/// Where a kink is.
enum Place {
    /// Where a polynomial is 0.
    Zeros(Polynomial),
    /// Where these inputs have these values.
    Point(Vec<(usize, Rational)>),
}

impl Place {
    /// Whether an expression goes on beyond it.
    fn is_inside(&self, whole: ExpressionRef<'_>) -> bool {
        match self {
            Self::Zeros(p) => !whole.ends_at(p),
            Self::Point(point) => !whole.is_undefined_at(point),
        }
    }
}

impl<'a> Kinks<'a> {
    fn new(pool: &Pool, found: &'a Collected) -> Self {
        Self { found, parameters: pool.dimension(), inputs: 0, all: Vec::new() }
    }

    /// Whether a factor is known not to change its sign.
    fn is_of_one_sign(&self, factor: &Polynomial) -> bool {
        let square = |e: Extremum| e.end.is_zero() || e.end.is_negative() == e.negative;
        self.keeps_its_sign(factor) || self.extremum(factor).is_some_and(square)
    }

    /// Those of a polynomial to some power.
    fn factors(&mut self, p: &Polynomial, power: &Rational) {
        for (factor, n) in p.factored().factors {
            self.factor(&factor, &(power * &Rational::from(i64::from(n))), n % 2 == 0);
        }
    }

    /// Those of a factor, to a power in which its sign is lost if that was `even` before a root was taken.
    fn factor(&mut self, factor: &Polynomial, power: &Rational, even: bool) {
        use Function as F;
        if let Some(Extremum { negative, end, centre }) = self.extremum(factor) {
            // A square of the distance, as `x² + y²` is; of `x² + c²` only where a constant is 0.
            if end.is_zero() && centre.iter().all(|(k, _)| *k < self.parameters) {
                self.kink(&(power * &Rational::from(2)), Some(Place::Point(centre)));
            }
            if end.is_zero() || end.is_negative() == negative {
                return;
            }
        }
        match self.atom(factor) {
            Some(Atom::Root(base, exponent)) => {
                self.factors(base.numerator(), &(power * exponent));
            }
            Some(Atom::Call(Function::Abs, base)) => self.even_factors(base.numerator(), power),
            // Zero, to the first order, with their argument.
            Some(Atom::Call(F::Sin | F::Tan | F::Sinh | F::Tanh | F::Asin | F::Atan | F::Erf | F::Log1p, base)) => {
                self.factors(base.numerator(), power);
                self.alone(factor, power, even);
            }
            Some(Atom::Call(F::Log, base)) => {
                if let Some(rest) = beside(base, &Rational::ONE) {
                    self.factors(&rest, power);
                }
                self.alone(factor, power, even);
            }
            _ => match self.shifted(factor) {
                // 1 − cos u = 2 sin²(u/2), and the like.
                Some((F::Sin | F::Cos, _)) => self.kink(&(power * &Rational::from(2)), None),
                Some((F::Cosh, base)) => self.even_factors(base.numerator(), &(power * &Rational::from(2))),
                Some((_, base)) => {
                    self.factors(base.numerator(), power);
                    self.alone(factor, power, even);
                }
                None => self.alone(factor, power, even),
            },
        }
    }

    /// Those of a polynomial to some power, in which the sign of each factor is lost.
    fn even_factors(&mut self, p: &Polynomial, power: &Rational) {
        for (factor, n) in p.factored().factors {
            self.factor(&factor, &(power * &Rational::from(i64::from(n))), true);
        }
    }

    /// Those of a factor of which no more is known.
    fn alone(&mut self, factor: &Polynomial, power: &Rational, even: bool) {
        if even && !self.keeps_its_sign(factor) {
            self.kink(power, Some(Place::Zeros(factor.clone())));
        }
    }

    fn kink(&mut self, power: &Rational, at: Option<Place>) {
        self.all.extend(derivatives(power).map(|derivatives| (derivatives, at)));
    }

    /// The function and argument of an atom that has a number beside it as large as the one before it, as in `1 − cos x`, where 0 is one of its ends or, for
    /// `exp`, its value at 0.
    fn shifted(&self, p: &Polynomial) -> Option<(Function, &'a RationalFunction)> {
        let [(first, a), (second, b)] = <[_; 2]>::try_from(p.terms().collect::<Vec<_>>()).ok()?;
        let is_number = |exponents: &[u32]| exponents.iter().all(|e| *e == 0);
        let own = if is_number(first) { second } else { first };
        let mut powers = own.iter().enumerate().filter(|(_, e)| **e > 0);
        let (k, 1) = powers.next()? else { return None };
        let alone = powers.next().is_none() && (is_number(first) || is_number(second));
        let Atom::Call(function, base) = self.found.atoms.get(k.checked_sub(self.inputs)?)? else { return None };
        let ends = match function {
            Function::Sin | Function::Cos => a.abs() == b.abs(),
            Function::Cosh | Function::Exp => (a + b).is_zero(),
            _ => false,
        };
        (alone && ends).then_some((*function, base))
    }

    /// The extremum of a polynomial of degree 2 in parameters whose squares, once completed, have one sign.
    fn extremum(&self, p: &Polynomial) -> Option<Extremum> {
        // Of those that occur alone: there may be thousands.
        let mut used: Vec<usize> = Vec::new();
        for (exponents, _) in p.terms() {
            let parts = exponents.iter().enumerate().filter(|(_, e)| **e > 0).map(|(k, _)| k);
            used.extend(parts);
            used.sort_unstable();
            used.dedup();
            if used.len() > MOST_SQUARED || used.last().is_some_and(|k| *k >= self.inputs) {
                return None;
            }
        }
        let n = used.len();
        let (mut squares, mut linear, mut rest) =
            (vec![vec![Rational::ZERO; n]; n], vec![Rational::ZERO; n], Rational::ZERO);
        let half = Rational::new(1, 2);
        for (exponents, coefficient) in p.terms() {
            let parts: Vec<(usize, u32)> =
                used.iter().enumerate().map(|(k, of)| (k, exponents[*of])).filter(|(_, e)| *e > 0).collect();
            match parts[..] {
                [] => rest = coefficient.clone(),
                [(k, 1)] => linear[k] = coefficient.clone(),
                [(k, 2)] => squares[k][k] = coefficient.clone(),
                [(j, 1), (k, 1)] => {
                    squares[j][k] = coefficient * &half;
                    squares[k][j] = squares[j][k].clone();
                }
                _ => return None,
            }
        }
        let mut negative = None;
        let mut pivots: Vec<(usize, Vec<Rational>, Rational, Rational)> = Vec::new();
        for i in 0..n {
            let Some(inverse) = squares[i][i].recip() else {
                let alone = linear[i].is_zero() && squares[i][i..].iter().all(Rational::is_zero);
                if alone { continue } else { return None }
            };
            if *negative.get_or_insert(inverse.is_negative()) != inverse.is_negative() {
                return None;
            }
            let (row, own) = (squares[i].clone(), &linear[i] * &half);
            for j in i + 1..n {
                let share = &row[j] * &inverse;
                for k in i + 1..n {
                    squares[j][k] -= &(&share * &row[k]);
                }
                linear[j] -= &(&(&share * &own) * &Rational::from(2));
            }
            rest -= &(&(&own * &own) * &inverse);
            pivots.push((i, row, own, inverse));
        }
        let mut centre = vec![Rational::ZERO; n];
        for (i, row, own, inverse) in pivots.iter().rev() {
            let others: Rational = (i + 1..n).map(|j| &row[j] * &centre[j]).sum();
            centre[*i] = -(&(own + &others) * inverse);
        }
        let taken = pivots.iter().map(|(i, ..)| (used[*i], centre[*i].clone()));
        Some(Extremum { negative: negative?, end: rest, centre: taken.collect() })
    }

    /// The atom that a polynomial is.
    fn atom(&self, p: &Polynomial) -> Option<&'a Atom> {
        let own = |k: &usize| *p == Polynomial::variable(p.variables(), self.inputs + k);
        let atoms = &self.found.atoms;
        (0..atoms.len()).find(own).map(|k| &atoms[k])
    }

    /// Whether the terms of a polynomial show that it does not change its sign.
    fn keeps_its_sign(&self, p: &Polynomial) -> bool {
        let sign = |negative: bool| {
            let (mut always, mut sometimes) = (Rational::ZERO, Rational::ZERO);
            for (exponents, coefficient) in p.terms() {
                let parts = || exponents.iter().enumerate().filter(|(_, e)| **e > 0);
                let squared = |k: usize, e: u32| {
                    e.is_multiple_of(2) || (k >= self.inputs && is_positive(&self.found.atoms[k - self.inputs]))
                };
                if coefficient.is_negative() == negative && parts().all(|(k, e)| squared(k, *e)) {
                    // A number, and what is 1 at least.
                    if parts().all(|(k, _)| k >= self.inputs && is_above_one(&self.found.atoms[k - self.inputs])) {
                        always = &always + &coefficient.abs();
                    }
                } else if parts().all(|(k, _)| k >= self.inputs && is_bounded(&self.found.atoms[k - self.inputs])) {
                    sometimes = &sometimes + &coefficient.abs();
                } else {
                    return false;
                }
            }
            sometimes.is_zero() || sometimes <= always
        };
        sign(false) || sign(true)
    }
}

/// Whether an atom is never negative.
fn is_positive(atom: &Atom) -> bool {
    use Function as F;
    matches!(
        atom,
        Atom::Pi
            | Atom::Root(..)
            | Atom::Call(F::Exp | F::Cosh | F::Sigmoid | F::Softplus | F::Relu | F::Abs | F::Step | F::Acos, _)
    )
}

/// Whether an atom is never below 1.
fn is_above_one(atom: &Atom) -> bool {
    matches!(atom, Atom::Pi | Atom::Call(Function::Cosh, _))
}

/// Whether an atom is between −1 and 1.
fn is_bounded(atom: &Atom) -> bool {
    use Function as F;
    matches!(atom, Atom::Call(F::Sin | F::Cos | F::Tanh | F::Erf | F::Sigmoid | F::Sign | F::Step, _))
}

#[cfg(test)]
mod tests {
    use crate::expr::testing::read;
    use crate::expr::{Nonsmooth, Pool, Shape};
    use rustc_hash::FxHashMap;

    fn nonsmooth(loss: &str) -> Vec<Nonsmooth> {
        let mut pool = Pool::new();
        for name in ["x", "y"] {
            pool.declare_parameter(name, Shape::scalar());
        }
        let loss = read(&mut pool, &FxHashMap::default(), loss);
        pool.nonsmooth(&[loss])
    }

    /// `|x|^r` has the derivative `r(r − 1)…(r − k + 1) |x|^(r − k) sign(x)^k` of order k, which is continuous for `k < r`, and for all k where r is even.
    #[test]
    fn roots_of_squares_have_so_many_derivatives() {
        for (loss, expected) in [
            ("(x^2)^(3/2)/3 + x", Some(2)),
            ("sqrt(x^2)", Some(0)),
            ("(x^2)^(1/4)", Some(0)),
            ("(x^2)^(5/4) + x^2", Some(2)),
            ("((x - y)^2)^(5/2)", Some(4)),
            ("sqrt(2*x^2 + 4*x*y + 2*y^2)", Some(0)),
            ("sqrt(x^2*(y^2 + 1))", Some(0)),
            ("sqrt(x^2*exp(y))", Some(0)),
            ("sqrt(sin(x)^2)", Some(0)),
            ("(x^4)^(3/4)", Some(2)),
            ("sqrt(x^6)", Some(2)),
            ("sqrt(sqrt(x^4)*y^2)", Some(0)),
            ("(x^2)^(3/2) + (y^2)^(1/2)", Some(0)),
            // Roots of squares that are not written as such.
            ("sqrt(1 - cos(x))", Some(0)),
            ("sqrt(2 + 2*sin(x*y))", Some(0)),
            ("(1 - cos(x))^(3/2)", Some(2)),
            ("sqrt(1 - cos(x)^4)", Some(0)),
            ("sqrt(cosh(x) - 1)", Some(0)),
            ("sqrt(exp(x^2) - 1)", Some(0)),
            ("sqrt(1 - exp(-x^2))", Some(0)),
            ("sqrt(log(1 + x^2))", Some(0)),
            ("sqrt(log1p(x^2))", Some(0)),
            ("sqrt(tanh(x^2))", Some(0)),
            ("tanh((x - y)^2)^(3/2)", Some(2)),
            ("asin(sin(x))", Some(0)),
            // Cones.
            ("sqrt(x^2 + y^2)", Some(0)),
            ("sqrt(x^2 - x*y + y^2)", Some(0)),
            ("sqrt(x^2 + y^2 - 2*x - 4*y + 5)", Some(0)),
            ("(x^2 + y^2)^(3/2)", Some(2)),
            ("sqrt(log(1 + x^2 + y^2))", Some(0)),
            ("acos(cos(x*y))", Some(0)),
            ("acos(1 - x^2)", Some(0)),
            ("asin(2*x/(1 + x^2))", Some(0)),
            // Zeros that meet, and double ones of sums.
            ("sqrt(x*sinh(x))", Some(0)),
            ("sqrt((x - y)*sin(x - y))", Some(0)),
            ("sqrt(exp(x) - 1 - x)", Some(0)),
            ("(2 - cos(x) - cos(y))^(3/2)", Some(2)),
            ("sqrt(x^2 + y^4)", Some(0)),
            ("sqrt(sqrt(1 + x^2) - 1)", Some(0)),
            ("asin(1/sqrt(1 + x^2))", Some(0)),
            ("acos(-cosh(x*y)^(-1))", Some(0)),
            ("sqrt(1 - 2*sin(x)*cos(x))", Some(0)),
            ("sqrt(5 - 3*sin(x) - 4*cos(x))", Some(0)),
            ("asin(3/5*sin(x) + 4/5*cos(x))", Some(0)),
            ("sqrt(x^2 - 2*sqrt(2)*x + 2)", Some(0)),
            ("sqrt(x^2 - 2*sqrt(2)*x + 2 + 1/1000000000000000000000000)", None),
            // Where the loss ends, or has no value, nothing is passed.
            ("sqrt(x)*sqrt(x^2)", None),
            ("log(sqrt(x^2))", None),
            ("log(sqrt(x^2 + y^2))", None),
            ("log(x^2 + y^2 - 2*x*y + 2*y + 2 - 4*x + x^2) + sqrt(x^2 + y^2 - 2*x*y + 2*y + 2 - 4*x + x^2)", None),
            ("log(x^2) + sqrt((x - 1)^2 + y^2)", Some(0)),
            ("log(x) + sqrt(x*sinh(x))", None),
            ("sqrt(x^2) + log(y)", Some(0)),
            // Smooth: even powers, what keeps its sign, and ends of domains.
            ("(x^2)^2", None),
            ("sqrt(x^4)", None),
            ("(x^8)^(1/4)", None),
            ("sqrt((x^2 + 1)^2)", None),
            ("sqrt((x^2 + y^2)^2)", None),
            ("sqrt(exp(2*x))", None),
            ("sqrt((cos(x) + 2)^2)", None),
            ("sqrt((cosh(x) - 1/2)^2)", None),
            ("sqrt((cosh(x)*cosh(y) - 1)^2)", None),
            ("sqrt((cosh(x) - 2)^2)", Some(0)),
            ("sqrt(x)", None),
            ("x^(3/2)", None),
            ("sqrt(x^2 + 1)", None),
            ("abs(x^2 + 1) + relu(exp(x)) + relu(x^2) - abs(x^2*cosh(y))", None),
            ("sqrt((x^2 + x + 1)^2)", None),
            ("sqrt(x^2 + x*y + y^2 + 1)", None),
            ("sqrt(x^2 + 3*x*y + y^2)", None),
            ("sqrt(1 - x^2 - y^2)", None),
            ("sqrt(2 - cos(x))", None),
            ("sqrt(1 - exp(-x))", None),
            ("sqrt(cosh(x) + 1)", None),
            ("sqrt(log(2 + x^2))", None),
            ("asin(x)", None),
            ("acos(x - y)", None),
            ("acos(tanh(x))", None),
            ("asin(sin(x)/2)", None),
            ("1/sqrt(x^2 + y^2)", None),
            ("(x^2)^(-1/2)", None),
        ] {
            let expected = expected.map(|derivatives| Nonsmooth::Root { derivatives });
            assert_eq!(nonsmooth(loss), expected.into_iter().collect::<Vec<_>>(), "{loss}");
        }
        // One reason for each name.
        assert_eq!(nonsmooth("abs(x) + sqrt(x^2)").len(), 1);
        // A constant that is 0 nowhere else, and one that only moves the kink.
        let mut pool = Pool::new();
        for name in ["x", "y"] {
            pool.declare_parameter(name, Shape::scalar());
        }
        let names = std::iter::once(("c".to_owned(), pool.declare_symbol("c"))).collect();
        let [rounded, moved] =
            ["sqrt(x^2 + c^2)", "sqrt(x^2 + y^2 - 2*c*x + c^2)"].map(|written| read(&mut pool, &names, written));
        assert_eq!(pool.nonsmooth(&[rounded]), []);
        assert_eq!(pool.nonsmooth(&[moved]), [Nonsmooth::Root { derivatives: 0 }]);
    }
}
