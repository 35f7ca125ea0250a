//! Roots of squares: where a power such as `(x^2)^(3/2)`, which is `abs(x)^3`, has derivatives to some order only.

use super::{Atom, Collected, Function, Id, Node, Polynomial, Pool, Shape};
use crate::number::Rational;

/// Entries up to which what is under a root is taken apart.
const MOST_ENTRIES: usize = 4096;
/// Terms up to which it is.
const MOST_TERMS: usize = 200;

impl Pool {
    /// How many derivatives the least smooth of the roots of squares among some nodes has; `None` where there is none.
    ///
    /// A base `f^n` to the power q is `|f|^(nq)` for an even n, which at the zeros of f is smooth for even nq alone. Of an odd n they end the domain.
    pub(super) fn derivatives_of_roots(&self, ids: impl Iterator<Item = Id>) -> Option<u32> {
        let kinks = ids.filter_map(|id| match self.node(id) {
            Node::Pow(base, exponent) if !exponent.is_integer() => self.derivatives_of_root(*base, exponent),
            _ => None,
        });
        kinks.min()
    }

    fn derivatives_of_root(&self, base: Id, exponent: &Rational) -> Option<u32> {
        let entries: usize = self.reachable(&[base]).iter().map(|id| Shape::size(self.shape(*id))).sum();
        let found = if entries <= MOST_ENTRIES { Collected::new(self, &[base], MOST_TERMS).ok() } else { None };
        let Some(found) = found else { return self.derivatives_of_written(base, exponent) };
        let mut kinks = Kinks { found: &found, inputs: 0, least: None };
        for function in &found.functions {
            kinks.inputs = function.variables() - found.atoms.len();
            kinks.factors(function.numerator(), exponent);
        }
        kinks.least
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
    /// How many variables are no atoms.
    inputs: usize,
    least: Option<u32>,
}

impl Kinks<'_> {
    /// Those of a polynomial to some power.
    fn factors(&mut self, p: &Polynomial, power: &Rational) {
        for (factor, n) in p.factored().factors {
            self.factor(&factor, &(power * &Rational::from(i64::from(n))), n % 2 == 0);
        }
    }

    /// Those of a factor, to a power in which its sign is lost if that was `even` before a root was taken.
    fn factor(&mut self, factor: &Polynomial, power: &Rational, even: bool) {
        match self.atom(factor) {
            Some(Atom::Root(base, exponent)) => {
                let base = base.numerator().clone();
                self.factors(&base, &(power * exponent));
            }
            Some(Atom::Call(Function::Abs, base)) => {
                for (factor, n) in base.numerator().factored().factors {
                    self.factor(&factor, &(power * &Rational::from(i64::from(n))), true);
                }
            }
            _ if even && !self.keeps_its_sign(factor) => {
                if let Some(derivatives) = derivatives(power) {
                    self.least = Some(self.least.map_or(derivatives, |least| least.min(derivatives)));
                }
            }
            _ => {}
        }
    }

    /// The atom that a polynomial is.
    fn atom(&self, p: &Polynomial) -> Option<&Atom> {
        let own = |k: &usize| *p == Polynomial::variable(p.variables(), self.inputs + k);
        (0..self.found.atoms.len()).find(own).map(|k| &self.found.atoms[k])
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
                    if parts().next().is_none() {
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
            // Smooth: even powers, what keeps its sign, and ends of domains.
            ("(x^2)^2", None),
            ("sqrt(x^4)", None),
            ("(x^8)^(1/4)", None),
            ("sqrt((x^2 + 1)^2)", None),
            ("sqrt((x^2 + y^2)^2)", None),
            ("sqrt(exp(2*x))", None),
            ("sqrt((cos(x) + 2)^2)", None),
            ("sqrt(x)", None),
            ("x^(3/2)", None),
            ("sqrt(x^2 + 1)", None),
            ("1/sqrt(x^2 + y^2)", None),
            ("(x^2)^(-1/2)", None),
        ] {
            let expected = expected.map(|derivatives| Nonsmooth::Root { derivatives });
            assert_eq!(nonsmooth(loss), expected.into_iter().collect::<Vec<_>>(), "{loss}");
        }
        // One reason for each name.
        assert_eq!(nonsmooth("abs(x) + sqrt(x^2)").len(), 1);
    }
}
