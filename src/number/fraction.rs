//! Rational functions of hyper-parameters, with denominators made of linear factors.

use super::factors::factors;
use super::{Coefficient, MissingSymbol, Polynomial, Rational};
use crate::formula::Formula;
use std::collections::BTreeMap;
use std::fmt;

/// A rational function of an optimizer's hyper-parameters whose denominator is a product of linear polynomials.
///
/// Canonical: the numerator is a polynomial over the rationals, the denominator holds powers of primitive polynomials of
/// degree one, and no factor of the denominator divides the numerator. Polynomials of degree one are irreducible, so that
/// exact division by each suffices and no greatest common divisor is ever needed. The derivation of an optimizer divides
/// by `Σ j a_j` only, `1 − m` for momentum.
///
/// ```
/// use shadowflow::number::{Coefficient, Fraction, Rational};
/// let m = Fraction::symbol("m");
/// let one = Fraction::one();
/// let inverse = one.divided(&one.plus(&m.negated())).unwrap();
/// assert_eq!(inverse.to_string(), "1/(1-m)");
/// assert_eq!(inverse.plus(&m.times(&inverse).negated()), one);
/// assert_eq!(inverse.evaluate(&|_| Some(Rational::new(9, 10))), Ok(Rational::from(10)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fraction {
    numerator: Polynomial,
    denominator: BTreeMap<Polynomial, u32>,
}

/// Why a fraction has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// A symbol without a value.
    #[error(transparent)]
    MissingSymbol(#[from] MissingSymbol),
    /// A pole.
    #[error("`{0}` divides by zero at these values")]
    Pole(String),
}

impl Fraction {
    /// The fraction that is one symbol.
    #[must_use]
    pub fn symbol(name: &str) -> Self {
        Polynomial::symbol(name).into()
    }

    /// The numerator, a polynomial over the rationals.
    #[must_use]
    pub fn numerator(&self) -> &Polynomial {
        &self.numerator
    }

    /// The factors of the denominator with their powers: primitive polynomials of degree one.
    pub fn denominator(&self) -> impl ExactSizeIterator<Item = (&Polynomial, u32)> {
        self.denominator.iter().map(|(factor, power)| (factor, *power))
    }

    /// Whether a symbol occurs in it.
    #[must_use]
    pub fn holds(&self, symbol: &str) -> bool {
        let polynomials = std::iter::once(&self.numerator).chain(self.denominator.keys());
        let mut monomials = polynomials.flat_map(|p| p.terms().map(|(monomial, _)| monomial));
        monomials.any(|monomial| monomial.factors().any(|(name, _)| name == symbol))
    }

    /// The value where each symbol has the value that `value` gives it.
    ///
    /// # Errors
    /// [`EvaluateError`] if a symbol has none, or at a pole.
    pub fn evaluate(&self, value: &dyn Fn(&str) -> Option<Rational>) -> Result<Rational, EvaluateError> {
        let mut result = self.numerator.evaluate(value)?;
        for (factor, power) in &self.denominator {
            let base = factor.evaluate(value)?;
            let inverse = base.pow(-i64::from(*power)).ok_or_else(|| EvaluateError::Pole(self.to_string()))?;
            result *= &inverse;
        }
        Ok(result)
    }

    /// The fraction with numbers for some of its symbols, others left; `None` at a pole.
    #[must_use]
    pub fn substituted(&self, value: &dyn Fn(&str) -> Option<Rational>) -> Option<Self> {
        let polynomial = |p: &Polynomial| {
            p.terms().fold(Self::zero(), |sum, (monomial, coefficient)| {
                let factors = monomial.factors().map(|(symbol, exponent)| {
                    let base = value(symbol).map_or_else(|| Self::symbol(symbol), |q| Self::from_rational(&q));
                    (0..exponent).fold(Self::one(), |power, _| power.times(&base))
                });
                sum.plus(&factors.fold(Self::from_rational(coefficient), |product, f| product.times(&f)))
            })
        };
        let mut result = polynomial(&self.numerator);
        for (factor, power) in &self.denominator {
            let base = polynomial(factor);
            for _ in 0..*power {
                result = result.divided(&base)?;
            }
        }
        Some(result)
    }

    /// Cancels factors of the denominator that divide the numerator.
    fn reduced(mut self) -> Self {
        if self.numerator.is_zero() {
            self.denominator.clear();
        }
        for (factor, power) in &mut self.denominator {
            while *power > 0
                && let Some(quotient) = self.numerator.exactly_divided(factor)
            {
                self.numerator = quotient;
                *power -= 1;
            }
        }
        self.denominator.retain(|_, power| *power > 0);
        self
    }

    /// The numerator over the denominator `common`, a multiple of this one's.
    fn over(&self, common: &BTreeMap<Polynomial, u32>) -> Polynomial {
        common.iter().fold(self.numerator.clone(), |product, (factor, power)| {
            let missing = power - self.denominator.get(factor).unwrap_or(&0);
            if missing == 0 { product } else { product.times(&factor.pow(missing)) }
        })
    }
}

impl From<Polynomial> for Fraction {
    fn from(numerator: Polynomial) -> Self {
        Self { numerator, denominator: BTreeMap::new() }
    }
}

impl Coefficient for Fraction {
    fn from_rational(q: &Rational) -> Self {
        Polynomial::from(q.clone()).into()
    }

    fn is_zero(&self) -> bool {
        self.numerator.is_zero()
    }

    fn plus(&self, other: &Self) -> Self {
        if self.denominator == other.denominator {
            let numerator = self.numerator.plus(&other.numerator);
            return Self { numerator, denominator: self.denominator.clone() }.reduced();
        }
        let mut common = self.denominator.clone();
        for (factor, power) in &other.denominator {
            let highest = common.entry(factor.clone()).or_insert(0);
            *highest = (*highest).max(*power);
        }
        Self { numerator: self.over(&common).plus(&other.over(&common)), denominator: common }.reduced()
    }

    fn times(&self, other: &Self) -> Self {
        let mut denominator = self.denominator.clone();
        for (factor, power) in &other.denominator {
            *denominator.entry(factor.clone()).or_insert(0) += power;
        }
        Self { numerator: self.numerator.times(&other.numerator), denominator }.reduced()
    }

    fn scaled(&self, q: &Rational) -> Self {
        if q.is_zero() {
            return Self::zero();
        }
        Self { numerator: self.numerator.scaled(q), denominator: self.denominator.clone() }
    }

    /// The quotient; `None` for zero, and for a divisor whose numerator is no product of a rational, linear factors known
    /// from either denominator or met here first, and of a polynomial that divides this numerator.
    fn divided(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let mut result = self.clone();
        for (factor, power) in &other.denominator {
            result.numerator = result.numerator.times(&factor.pow(*power));
        }
        let mut divisor = other.numerator.clone();
        for factor in self.denominator.keys().chain(other.denominator.keys()) {
            while let Some(quotient) = divisor.exactly_divided(factor) {
                divisor = quotient;
                *result.denominator.entry(factor.clone()).or_insert(0) += 1;
            }
        }
        let (content, primitive) = divisor.primitive();
        result.numerator = result.numerator.scaled(&content.recip()?);
        match primitive.degree() {
            0 => {}
            1 => *result.denominator.entry(primitive).or_insert(0) += 1,
            _ => result.numerator = result.numerator.exactly_divided(&primitive)?,
        }
        Some(result.reduced())
    }

    /// Sign, numerator with the factors that are easily seen (symbols, and linear ones in one symbol), denominator with its
    /// factors.
    fn formula(&self) -> Formula {
        let (content, primitive) = self.numerator.primitive();
        if primitive.is_zero() {
            return Formula::natural(0);
        }
        let factor = |(base, power): (&Polynomial, u32)| base.formula().power(u64::from(power));
        let number = |n: num_bigint::BigInt| (n != 1.into()).then(|| Formula::digits(n.to_string()));
        let found = factors(&primitive);
        let above =
            number(content.abs().numerator()).into_iter().chain(found.iter().map(|(base, k)| factor((base, *k))));
        let below: Vec<Formula> = number(content.denominator())
            .into_iter()
            .chain(self.denominator.iter().map(|(base, k)| factor((base, *k))))
            .collect();
        let above = Formula::product(above.collect());
        let size = if below.is_empty() { above } else { above.over(Formula::product(below)) };
        (content.is_negative(), size).into()
    }
}

/// In the loss language, `-(1+m)/(2*(1-m)^3)`.
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.formula().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rational(n: i64) -> Fraction {
        Fraction::from_rational(&Rational::from(n))
    }

    fn one_minus_m() -> Fraction {
        rational(1).plus(&Fraction::symbol("m").negated())
    }

    #[test]
    fn prints_factored() {
        let (m, d) = (Fraction::symbol("m"), one_minus_m());
        let over = |n: &Fraction, power: usize| (0..power).fold(n.clone(), |q, _| q.divided(&d).unwrap());
        let half = Rational::new(1, 2);
        let cases = [
            (rational(0), "0"),
            (rational(-3).scaled(&half), "-3/2"),
            (m.clone(), "m"),
            (d.clone(), "1-m"),
            (d.negated(), "-(1-m)"),
            (over(&rational(-1), 1), "-1/(1-m)"),
            (over(&rational(1).plus(&m).scaled(&-half.clone()), 3), "-(1+m)/(2*(1-m)^3)"),
            (over(&m.scaled(&Rational::new(6, 5)), 2), "6*m/(5*(1-m)^2)"),
            (rational(1).plus(&m).scaled(&half), "(1+m)/2"),
            (rational(2).plus(&m.scaled(&Rational::from(2))), "2*(1+m)"),
            (rational(1).divided(&m).unwrap(), "1/m"),
            (over(&rational(1), 1).divided(&m).unwrap(), "1/((1-m)*m)"),
            (d.times(&d), "(1-m)^2"),
            (d.times(&d).negated(), "-(1-m)^2"),
            (m.plus(&m.times(&m).scaled(&Rational::from(3))).scaled(&half), "m*(1+3*m)/2"),
            (over(&rational(1).plus(&m.times(&m)), 1), "(1+m^2)/(1-m)"),
        ];
        for (fraction, text) in cases {
            assert_eq!(fraction.to_string(), text);
        }
    }

    #[test]
    fn divides_by_units_only() {
        let (m, d) = (Fraction::symbol("m"), one_minus_m());
        let quadratic = m.times(&m).plus(&rational(1));
        assert_eq!(rational(1).divided(&rational(0)), None);
        assert_eq!(rational(1).divided(&quadratic), None);
        assert_eq!(quadratic.times(&d).divided(&quadratic), Some(d.clone()));
        // (1 − m)² is a unit once 1 − m is known.
        let inverse = rational(1).divided(&d).unwrap();
        assert_eq!(inverse.divided(&d.times(&d)).unwrap().to_string(), "1/(1-m)^3");
    }

    #[test]
    fn evaluation_names_what_is_missing() {
        let inverse = rational(1).divided(&one_minus_m()).unwrap();
        assert_eq!(inverse.evaluate(&|_| None), Err(MissingSymbol("m".to_owned()).into()));
        assert_eq!(inverse.evaluate(&|_| Some(Rational::ONE)), Err(EvaluateError::Pole("1/(1-m)".to_owned())));
    }

    /// A polynomial in m and w over powers of `1 − m` and `1 + 2w`.
    fn fractions() -> impl Strategy<Value = Fraction> {
        (prop::collection::vec((-4_i64..5, 0_u32..3, 0_u32..3), 0..4), 1_i64..4, 0_u32..3, 0_u32..2).prop_map(
            |(terms, scale, m_power, w_power)| {
                let (m, w) = (Polynomial::symbol("m"), Polynomial::symbol("w"));
                let numerator = terms.into_iter().fold(Polynomial::default(), |sum, (c, i, j)| {
                    sum.plus(&m.pow(i).times(&w.pow(j)).scaled(&Rational::new(c, scale)))
                });
                let one = Polynomial::from(Rational::ONE);
                let factors = [(one.minus(&m), m_power), (one.plus(&w.scaled(&Rational::from(2))), w_power)];
                Fraction { numerator, denominator: BTreeMap::from(factors) }.reduced()
            },
        )
    }

    fn at(fraction: &Fraction) -> Rational {
        let value = |name: &str| Some(if name == "m" { Rational::new(3, 7) } else { Rational::new(-5, 3) });
        fraction.evaluate(&value).unwrap()
    }

    proptest! {
        #[test]
        fn obeys_the_ring_laws(a in fractions(), b in fractions(), c in fractions()) {
            prop_assert_eq!(a.plus(&b), b.plus(&a));
            prop_assert_eq!(a.times(&b), b.times(&a));
            prop_assert_eq!(a.plus(&b).plus(&c), a.plus(&b.plus(&c)));
            prop_assert_eq!(a.times(&b).times(&c), a.times(&b.times(&c)));
            prop_assert_eq!(a.times(&b.plus(&c)), a.times(&b).plus(&a.times(&c)));
            prop_assert_eq!(a.plus(&a.negated()), Fraction::zero());
            prop_assert_eq!(a.times(&Fraction::one()), a.clone());
            // A divisor that is not a product of linear factors has no inverse here.
            if let Some(quotient) = a.times(&b).divided(&b) {
                prop_assert_eq!(quotient, a);
            }
        }

        #[test]
        fn evaluation_is_a_homomorphism(a in fractions(), b in fractions()) {
            prop_assert_eq!(at(&a.plus(&b)), at(&a) + at(&b));
            prop_assert_eq!(at(&a.times(&b)), at(&a) * at(&b));
        }
    }
}
