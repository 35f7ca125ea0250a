//! Numbers times powers of formulas.

use crate::formula::{Formula, Node};
use crate::number::Rational;
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// A base with its power, and the text by which it is known.
#[derive(Debug, Clone)]
struct Factor {
    base: Formula,
    key: Rc<str>,
    power: u64,
}

/// A number times powers of formulas over powers of others.
#[derive(Debug, Clone)]
pub(super) struct Monomial {
    pub(super) number: Rational,
    above: Vec<Factor>,
    below: Vec<Factor>,
}

impl Monomial {
    pub(super) fn number(number: Rational) -> Self {
        Self { number, above: Vec::new(), below: Vec::new() }
    }

    /// A formula to a power.
    pub(super) fn power(base: Formula, power: u64) -> Self {
        let key = key(&base).into();
        Self { number: Rational::ONE, above: vec![Factor { base, key, power }], below: Vec::new() }
    }

    pub(super) fn scaled(mut self, q: &Rational) -> Self {
        self.number = &self.number * q;
        self
    }

    pub(super) fn times(mut self, other: Self) -> Self {
        self.number = &self.number * &other.number;
        for factor in other.above {
            join(&mut self.above, factor);
        }
        for factor in other.below {
            join(&mut self.below, factor);
        }
        self.cancelled()
    }

    /// What stands above with a higher power below is cancelled: both quotients have no value where it is 0.
    fn cancelled(mut self) -> Self {
        for below in &mut self.below {
            if let Some(at) = self.above.iter().position(|above| above.key == below.key)
                && self.above[at].power < below.power
            {
                below.power -= self.above[at].power;
                self.above.remove(at);
            }
        }
        self
    }

    /// Without what stands above and below and is never 0, by its text.
    pub(super) fn without(mut self, nonzero: &FxHashSet<String>) -> Self {
        for below in self.below.iter_mut().filter(|factor| nonzero.contains(&*factor.key)) {
            if let Some(above) = self.above.iter_mut().find(|above| above.key == below.key) {
                let shared = above.power.min(below.power);
                (above.power, below.power) = (above.power - shared, below.power - shared);
            }
        }
        self.above.retain(|factor| factor.power > 0);
        self.below.retain(|factor| factor.power > 0);
        self
    }

    /// One over this; nothing of zero.
    pub(super) fn inverted(self) -> Option<Self> {
        Some(Self { number: self.number.recip()?, above: self.below, below: self.above })
    }

    /// The power; nothing beyond what is written as one.
    pub(super) fn raised(mut self, power: u64) -> Option<Self> {
        self.number = self.number.pow(i64::try_from(power).ok()?)?;
        if self.number.bits() > 256 {
            return None;
        }
        for factor in self.above.iter_mut().chain(&mut self.below) {
            factor.power = factor.power.checked_mul(power)?;
        }
        Some(self)
    }

    /// The sum of the powers; nothing of a quotient.
    pub(super) fn degree(&self) -> Option<u64> {
        self.below.is_empty().then(|| self.above.iter().map(|factor| factor.power).sum())
    }

    /// The quotient by another's number and what stands above in it, if all of that stands above here.
    pub(super) fn divided(&self, by: &Self) -> Option<Self> {
        let above = without(&self.above, &by.above)?;
        Some(Self { number: self.number.checked_div(&by.number)?, above, below: self.below.clone() })
    }

    /// What remains of it beside another, if all of that stands in it, above and below.
    pub(super) fn beside(&self, other: &Self) -> Option<Self> {
        let (above, below) = (without(&self.above, &other.above)?, without(&self.below, &other.below)?);
        Some(Self { number: self.number.checked_div(&other.number)?, above, below })
    }

    /// Whether this is a number over a function's value.
    pub(super) fn is_below_one(&self) -> bool {
        let is_call = |factor: &Factor| matches!(factor.base.node(), Node::Call(..));
        self.above.is_empty() && matches!(&*self.below, [factor] if factor.power == 1 && is_call(factor))
    }

    /// How many different factors it has.
    pub(super) fn factors(&self) -> usize {
        self.above.len() + self.below.len()
    }

    /// Every factor above that meets a condition and stands once, with all else but the number.
    pub(super) fn split_by(&self, condition: impl Fn(&Formula) -> bool) -> Vec<(Formula, Self)> {
        let meets = |k: &usize| self.above[*k].power == 1 && condition(&self.above[*k].base);
        let without = |k: usize| {
            let mut rest = self.clone();
            rest.number = Rational::ONE;
            (rest.above.remove(k).base, rest)
        };
        (0..self.above.len()).filter(meets).map(without).collect()
    }

    /// The formula that this is a multiple of, if it is one alone.
    pub(super) fn lone(&self) -> Option<&Formula> {
        match (&*self.above, &*self.below) {
            ([Factor { base, power: 1, .. }], []) => Some(base),
            _ => None,
        }
    }

    /// The name and the number of what is a multiple of a power of a name.
    pub(super) fn is_of_one(&self) -> Option<&Formula> {
        match (&*self.above, &*self.below) {
            ([Factor { base, .. }], []) => Some(base),
            _ => None,
        }
    }

    /// The text of what the number stands before.
    pub(super) fn key(&self) -> String {
        let part = |factors: &[Factor]| {
            let mut all: Vec<String> = factors.iter().map(|f| format!("{}^{}", f.key, f.power)).collect();
            all.sort_unstable();
            all.join("*")
        };
        format!("{}/{}", part(&self.above), part(&self.below))
    }

    /// Whether a minus stands before it, and the rest.
    pub(super) fn parts(&self) -> (bool, Formula) {
        if self.number.is_zero() {
            return (false, Formula::natural(0));
        }
        let number = |n: num_bigint::BigInt| (n != 1.into()).then(|| Formula::digits(n.to_string()));
        let product = |q: Option<Formula>, factors: &[Factor]| {
            let powers = match factors {
                // `(a*b*c)^2`, where that is shorter.
                [first, _, _, ..] if first.power > 1 && factors.iter().all(|f| f.power == first.power) => {
                    let bases = factors.iter().map(|f| f.base.clone()).collect();
                    vec![Formula::product(bases).power(first.power)]
                }
                _ => factors.iter().map(|f| f.base.clone().power(f.power)).collect(),
            };
            q.into_iter().chain(powers).collect::<Vec<_>>()
        };
        let size = self.number.abs();
        let above = Formula::product(product(number(size.numerator()), &self.above));
        let below = product(number(size.denominator()), &self.below);
        let written = if below.is_empty() { above } else { above.over(Formula::product(below)) };
        (self.number.is_negative(), written)
    }

    pub(super) fn formula(&self) -> Formula {
        self.parts().into()
    }
}

/// What is left of some powers without others, if all of those are among them.
fn without(factors: &[Factor], others: &[Factor]) -> Option<Vec<Factor>> {
    let enough = |other: &Factor| factors.iter().any(|own| own.key == other.key && own.power >= other.power);
    let less = |own: &Factor| {
        let taken = others.iter().find(|other| other.key == own.key).map_or(0, |other| other.power);
        (own.power > taken).then(|| Factor { power: own.power - taken, ..own.clone() })
    };
    others.iter().all(enough).then(|| factors.iter().filter_map(less).collect())
}

fn join(factors: &mut Vec<Factor>, factor: Factor) {
    match factors.iter_mut().find(|known| known.key == factor.key) {
        Some(known) => known.power += factor.power,
        None => factors.push(factor),
    }
}

/// A text that formulas share whose sums and products are the same in another order.
pub(super) fn key(formula: &Formula) -> String {
    let joined = |mut parts: Vec<String>, name: &str| {
        parts.sort_unstable();
        format!("{name}({})", parts.join(","))
    };
    match formula.node() {
        Node::Sum { terms, .. } => {
            let term = |(minus, term): &(bool, Formula)| format!("{}{}", if *minus { '-' } else { '+' }, key(term));
            joined(terms.iter().map(term).collect(), "sum")
        }
        Node::Product(factors) => joined(factors.iter().map(key).collect(), "product"),
        Node::Negative(size) => format!("minus({})", key(size)),
        Node::Quotient(above, below) => format!("{}/({})", key(above), key(below)),
        Node::Power(base, exponent) => format!("({})^{}", key(base), key(exponent)),
        Node::Call(function, arguments) => {
            format!("{function}({})", arguments.iter().map(key).collect::<Vec<_>>().join(";"))
        }
        _ => formula.to_string(),
    }
}
