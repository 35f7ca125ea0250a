//! Formulas as quotients of polynomials in what they are made of: names, entries, functions and roots.

use super::monomial::key;
use super::squares::squares;
use crate::expr::{Factored, NotPolynomial, Polynomial, RationalFunction};
use crate::formula::{Formula, Node, reading_cost};
use crate::number::Rational;

/// The most different parts, terms of a polynomial, and the highest power.
const MAX_ATOMS: usize = 14;
const MAX_TERMS: usize = 150;
const MAX_POWER: i64 = 40;

/// A formula in lowest terms over its parts.
#[derive(Debug)]
pub(super) struct Local {
    /// The parts, as they are written.
    pub(super) atoms: Vec<Formula>,
    pub(super) function: RationalFunction,
    /// What it divides by anywhere and the quotient does not.
    pub(super) cancelled: Vec<Polynomial>,
}

impl Local {
    /// Of a formula; nothing beyond the limits, or where it divides by 0.
    pub(super) fn new(formula: &Formula) -> Option<Self> {
        let mut walk = Walk { atoms: Vec::new(), keys: Vec::new(), divided: Vec::new() };
        walk.atoms(formula);
        if walk.atoms.len() > MAX_ATOMS {
            return None;
        }
        let function = walk.function(formula).ok()?;
        let kept = |p: &Polynomial| function.denominator().iter().any(|(factor, _)| factor == p);
        let cancelled = walk.divided.into_iter().filter(|p| !kept(p)).collect();
        Some(Self { atoms: walk.atoms, function, cancelled })
    }

    /// The quotient as it is written: in factors, with sums multiplied out that are shorter so, or as a sum of squares.
    pub(super) fn written(&self) -> Vec<Formula> {
        written(&self.function, &self.function.factored(&[]), &self.atoms)
    }

    /// A polynomial in the parts as a formula.
    pub(super) fn formula_of(&self, p: &Polynomial) -> Formula {
        p.formula(&self.atoms)
    }
}

/// Ways to write a quotient whose numerator is taken apart already.
pub(super) fn written(function: &RationalFunction, factored: &Factored, atoms: &[Formula]) -> Vec<Formula> {
    let costs: Vec<u64> = atoms.iter().map(|f| (reading_cost(&f.to_string()) as u64).max(1)).collect();
    let mut all = vec![function.formula_of(factored, atoms), function.formula_of(&factored.shortened(&costs), atoms)];
    if function.denominator().is_empty() {
        all.extend(squares(function.numerator(), atoms));
    }
    all
}

struct Walk {
    atoms: Vec<Formula>,
    keys: Vec<String>,
    divided: Vec<Polynomial>,
}

impl Walk {
    fn atoms(&mut self, formula: &Formula) {
        match formula.node() {
            Node::Number(digits) if whole(digits).is_some() => {}
            Node::Sum { terms, .. } => terms.iter().for_each(|(_, term)| self.atoms(term)),
            Node::Negative(size) => self.atoms(size),
            Node::Product(factors) => factors.iter().for_each(|factor| self.atoms(factor)),
            Node::Quotient(above, below) => [above, below].into_iter().for_each(|part| self.atoms(part)),
            Node::Power(base, exponent) if natural(exponent).is_some() => self.atoms(base),
            _ => {
                let key = key(formula);
                if !self.keys.contains(&key) {
                    self.keys.push(key);
                    self.atoms.push(formula.clone());
                }
            }
        }
    }

    fn function(&mut self, formula: &Formula) -> Result<RationalFunction, NotPolynomial> {
        let variables = self.atoms.len();
        let constant = |q: Rational| RationalFunction::from(Polynomial::constant(variables, q));
        match formula.node() {
            Node::Number(digits) if let Some(number) = whole(digits) => Ok(constant(number)),
            Node::Sum { terms, .. } => {
                let mut sum = constant(Rational::ZERO);
                for (minus, term) in terms {
                    let term = self.function(term)?;
                    let signed = if *minus { term.scaled(&Rational::MINUS_ONE) } else { term };
                    sum = sum.plus(&signed, MAX_TERMS)?;
                }
                Ok(sum)
            }
            Node::Negative(size) => Ok(self.function(size)?.scaled(&Rational::MINUS_ONE)),
            Node::Product(factors) => {
                let mut product = constant(Rational::ONE);
                for factor in factors {
                    product = product.times(&self.function(factor)?, MAX_TERMS)?;
                }
                Ok(product)
            }
            Node::Quotient(above, below) => {
                let (above, below) = (self.function(above)?, self.function(below)?);
                for (factor, _) in below.factored(&[]).factors {
                    if !self.divided.contains(&factor) {
                        self.divided.push(factor);
                    }
                }
                above.times(&below.power(-1, MAX_TERMS)?, MAX_TERMS)
            }
            Node::Power(base, exponent) if let Some(power) = natural(exponent) => {
                self.function(base)?.power(power, MAX_TERMS)
            }
            _ => {
                let key = key(formula);
                let at = self.keys.iter().position(|known| *known == key).unwrap_or_default();
                Ok(Polynomial::variable(variables, at).into())
            }
        }
    }
}

fn whole(digits: &str) -> Option<Rational> {
    digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))
}

/// An exponent that is a whole number within bounds.
pub(super) fn natural(exponent: &Formula) -> Option<i64> {
    match exponent.node() {
        Node::Number(digits) => digits.parse().ok().filter(|n| (1..=MAX_POWER).contains(n)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Formula {
        Formula::name(name)
    }

    fn plus(terms: &[(bool, Formula)]) -> Formula {
        Formula::sum(terms.to_vec())
    }

    #[test]
    fn what_cancels_is_said() {
        let (x, s) = (name("x"), Formula::call("cos", vec![name("x")]));
        // (6 x s + s^2)/s = 6 x + s.
        let sum = plus(&[
            (false, Formula::product(vec![Formula::natural(6), x.clone(), s.clone()])),
            (false, s.clone().power(2)),
        ]);
        let local = Local::new(&sum.over(s.clone())).unwrap();
        assert_eq!(local.written()[0].to_string(), "6*x + cos(x)");
        assert_eq!(local.cancelled.iter().map(|p| local.formula_of(p).to_string()).collect::<Vec<_>>(), ["cos(x)"]);
        // Nothing is lost where the pole stays.
        let local = Local::new(&x.over(s.power(2))).unwrap();
        assert!(local.cancelled.is_empty());
    }

    #[test]
    fn squares_of_names_are_squares() {
        let (s, t) = (name("s3"), name("s4"));
        let middle = Formula::product(vec![Formula::natural(2), s.clone(), t.clone()]);
        let sum = plus(&[(false, s.power(2)), (true, middle), (false, t.power(2))]);
        assert_eq!(Local::new(&sum).unwrap().written()[0].to_string(), "(s3 - s4)^2");
    }

    #[test]
    fn zero_below_is_no_quotient() {
        let x = name("x");
        let zero = plus(&[(false, x.clone()), (true, x.clone())]);
        assert!(Local::new(&x.over(zero)).is_none());
    }
}
