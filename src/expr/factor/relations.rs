//! Identities among functions that count as variables, by which fewer or lower powers of them do.

use super::fraction::RationalFunction;
use crate::expr::{Function, NotPolynomial, Op, Polynomial, Tape};

/// Which of sine, cosine and tangent of one argument stand for all three, also of the hyperbolic ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) circle: Pair,
    pub(super) hyperbola: Pair,
}

/// Two functions that stand for three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pair {
    /// Tangent and cosine, whose inverse square is a polynomial in the tangent.
    Tangent,
    /// Sine and cosine, which stands in first powers only.
    Sine,
    /// Cosine and sine, which stands in first powers only.
    Cosine,
}

impl Choice {
    /// The choices that may differ on a tape.
    pub(super) fn of(tape: &Tape) -> Vec<Self> {
        let has =
            |functions: &[Function]| tape.ops.iter().any(|op| matches!(op, Op::Apply(f, _) if functions.contains(f)));
        let circle = has(&[Function::Sin, Function::Cos, Function::Tan]);
        let hyperbola = has(&[Function::Sinh, Function::Cosh]);
        // Without a tangent, sines and cosines are no quotients of it.
        let tangent = if has(&[Function::Tan]) { Pair::Tangent } else { Pair::Sine };
        let mut all = vec![Self { circle: tangent, hyperbola: Pair::Tangent }];
        for pair in [Pair::Sine, Pair::Cosine] {
            let choice = Self {
                circle: if circle { pair } else { tangent },
                hyperbola: if hyperbola { pair } else { Pair::Tangent },
            };
            if !all.contains(&choice) {
                all.push(choice);
            }
        }
        all
    }
}

/// What a variable is to a power.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relation {
    pub(super) variable: usize,
    pub(super) power: u32,
    pub(super) value: Polynomial,
    pub(super) kind: Kind,
}

/// How a relation is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The power of the variable is the value.
    Power,
    /// Its inverse power is the value.
    Inverse,
    /// The variable is a root of the value.
    Root,
}

impl Relation {
    /// The function with powers of the variable put for by the value.
    pub(super) fn applied(&self, f: &RationalFunction, max_terms: usize) -> Result<RationalFunction, NotPolynomial> {
        let variables = f.variables();
        let own = Polynomial::variable(variables, self.variable);
        let mut numerator = f.numerator().clone();
        let mut denominator = f.denominator().to_vec();
        let below = denominator.iter().find(|(factor, _)| *factor == own).map_or(0, |(_, power)| *power);
        match self.kind {
            Kind::Inverse if below >= self.power => {
                let times = below / self.power;
                numerator = numerator.times(&self.value.power(times, max_terms)?, max_terms)?;
                denominator.iter_mut().filter(|(factor, _)| *factor == own).for_each(|(_, power)| *power %= self.power);
            }
            Kind::Inverse => return Ok(f.clone()),
            Kind::Power | Kind::Root => {
                let occurs = below > 0 || numerator.terms().any(|(e, _)| e[self.variable] > 0);
                if !occurs {
                    return Ok(f.clone());
                }
                if self.kind == Kind::Root {
                    self.joined(&own, &mut numerator, &mut denominator);
                }
                numerator = self.lowered(&numerator, max_terms)?;
            }
        }
        denominator.retain(|(_, power)| *power > 0);
        let mut reduced = RationalFunction::reduced(numerator, denominator);
        if self.kind == Kind::Root {
            reduced = self.cancelled(&own, reduced);
        }
        Ok(reduced)
    }

    /// Powers of what is under the root as powers of the root, below the line.
    fn joined(&self, own: &Polynomial, numerator: &mut Polynomial, denominator: &mut Vec<(Polynomial, u32)>) {
        let number = super::division::content(&self.value);
        let base = super::division::primitive(&self.value);
        let Some(at) = denominator.iter().position(|(factor, _)| *factor == base) else { return };
        let (_, power) = denominator.remove(at);
        // base^k = (value/number)^k = own^(power k)/number^k.
        if let Some(scale) = number.pow(i64::from(power)) {
            *numerator = numerator.scaled(&scale);
        }
        match denominator.iter_mut().find(|(factor, _)| factor == own) {
            Some((_, known)) => *known += self.power * power,
            None => denominator.push((own.clone(), self.power * power)),
        }
    }

    /// What is under the root, cancelled against powers of the root; what is left of even powers is what is under it.
    fn cancelled(&self, own: &Polynomial, f: RationalFunction) -> RationalFunction {
        let mut numerator = f.numerator().clone();
        let mut denominator = f.denominator().to_vec();
        let Some(at) = denominator.iter().position(|(factor, _)| factor == own) else { return f };
        while denominator[at].1 >= self.power
            && let Some(quotient) = numerator.exactly_divided(&self.value)
        {
            numerator = quotient;
            denominator[at].1 -= self.power;
        }
        let left = denominator[at].1;
        // N/own^k = (N/value) own^(power − k).
        if left > 0
            && left < self.power
            && let Some(quotient) = numerator.exactly_divided(&self.value)
            && let Ok(power) = own.power(self.power - left, quotient.len() + 1)
            && let Ok(product) = quotient.times(&power, quotient.len() + 1)
            && let Ok(lowered) = self.lowered(&product, 2 * numerator.len() + 1)
        {
            numerator = lowered;
            denominator.remove(at);
            return RationalFunction::reduced(numerator, denominator);
        }
        if left > 0 && left.is_multiple_of(self.power) && numerator.terms().all(|(e, _)| e[self.variable] == 0) {
            let times = left / self.power;
            let number = super::division::content(&self.value);
            denominator.remove(at);
            if let Some(scale) = number.pow(-i64::from(times)) {
                numerator = numerator.scaled(&scale);
            }
            let base = super::division::primitive(&self.value);
            match denominator.iter_mut().find(|(factor, _)| *factor == base) {
                Some((_, known)) => *known += times,
                None => denominator.push((base, times)),
            }
        }
        denominator.retain(|(_, power)| *power > 0);
        RationalFunction::reduced(numerator, denominator)
    }

    /// The polynomial with lower powers of the variable.
    pub(super) fn lowered(&self, p: &Polynomial, max_terms: usize) -> Result<Polynomial, NotPolynomial> {
        let most = p.terms().map(|(e, _)| e[self.variable]).max().unwrap_or(0);
        if most < self.power {
            return Ok(p.clone());
        }
        let mut sum = Polynomial::zero(p.variables());
        for times in 0..=most / self.power {
            let terms = p.terms().filter(|(e, _)| e[self.variable] / self.power == times).map(|(e, c)| {
                let mut e = e.to_vec();
                e[self.variable] -= times * self.power;
                (e, c.clone())
            });
            let part = Polynomial::from_terms(p.variables(), terms);
            if !part.is_zero() {
                sum = sum.plus(&part.times(&self.value.power(times, max_terms)?, max_terms)?);
            }
        }
        // What is its own square.
        if self.value.terms().any(|(e, _)| e[self.variable] >= self.power) {
            Ok(sum)
        } else {
            self.lowered(&sum, max_terms)
        }
    }
}
