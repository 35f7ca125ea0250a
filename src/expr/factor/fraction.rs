//! Quotients of polynomials in lowest terms.

use super::parts::{Factor, renamed};
use super::write::written;
use super::{Factored, order};
use crate::expr::fold::exact_power;
use crate::expr::{NotPolynomial, Polynomial};
use crate::formula::Formula;
use crate::number::Rational;

/// A quotient of polynomials whose denominator is kept in factors, none of which divides the numerator.
///
/// Equal quotients are the same value where their denominators are taken apart completely; beyond the limits of
/// [`Polynomial::factored`] a common factor may stay, and nothing is wrong.
///
/// ```
/// use shadowflow::expr::{Polynomial, RationalFunction};
/// use shadowflow::formula::Formula;
/// // −(t − m)/(3 s³) in t, m, s.
/// let [t, m, s] = [0, 1, 2].map(|k| RationalFunction::from(Polynomial::variable(3, k)));
/// let difference = t.plus(&m.scaled(&(-1).into()), 99)?;
/// let quotient = difference.times(&s.power(-3, 99)?, 99)?.scaled(&"-1/3".parse().unwrap());
/// let names = ["t", "m", "s"].map(Formula::name);
/// assert_eq!(quotient.formula(&names).to_string(), "-(t - m)/(3*s^3)");
/// assert_eq!(quotient.times(&s.power(3, 99)?, 99)?.formula(&names).to_string(), "-(t - m)/3");
/// # Ok::<(), shadowflow::expr::NotPolynomial>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RationalFunction {
    numerator: Polynomial,
    /// Primitive factors with positive powers, in the order in which they are written.
    denominator: Vec<Factor>,
}

impl From<Polynomial> for RationalFunction {
    fn from(numerator: Polynomial) -> Self {
        Self { numerator, denominator: Vec::new() }
    }
}

impl RationalFunction {
    /// The numerator, with the number in front.
    #[must_use]
    pub fn numerator(&self) -> &Polynomial {
        &self.numerator
    }

    /// The factors of the denominator with their powers.
    #[must_use]
    pub fn denominator(&self) -> &[(Polynomial, u32)] {
        &self.denominator
    }

    /// Whether this is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.numerator.is_zero()
    }

    /// The number of variables.
    #[must_use]
    pub fn variables(&self) -> usize {
        self.numerator.variables()
    }

    /// The numerator over factors, of which those that divide it are cancelled.
    pub(super) fn reduced(mut numerator: Polynomial, mut denominator: Vec<Factor>) -> Self {
        if numerator.is_zero() {
            denominator.clear();
        }
        for (factor, power) in &mut denominator {
            while *power > 0
                && let Some(quotient) = numerator.exactly_divided(factor)
            {
                numerator = quotient;
                *power -= 1;
            }
        }
        denominator.retain(|(_, power)| *power > 0);
        Self { numerator, denominator }
    }

    /// The factors of two denominators, each with the power that `join` makes of both.
    fn joined(&self, other: &Self, join: impl Fn(u32, u32) -> u32) -> Vec<Factor> {
        let mut all: Vec<Factor> = self.denominator.iter().map(|(f, power)| (f.clone(), join(*power, 0))).collect();
        for (factor, power) in &other.denominator {
            match all.iter().position(|(known, _)| known == factor) {
                Some(at) => all[at].1 = join(self.denominator[at].1, *power),
                None => all.push((factor.clone(), join(0, *power))),
            }
        }
        all.sort_by(|(a, _), (b, _)| order(a, b));
        all
    }

    /// The numerator over a denominator that this one's divides.
    fn over(&self, denominator: &[Factor], max_terms: usize) -> Result<Polynomial, NotPolynomial> {
        let mut numerator = self.numerator.clone();
        for (factor, power) in denominator {
            let own = self.denominator.iter().find(|(known, _)| known == factor).map_or(0, |(_, power)| *power);
            if *power > own {
                numerator = numerator.times(&factor.power(power - own, max_terms)?, max_terms)?;
            }
        }
        Ok(numerator)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`NotPolynomial`] where a polynomial on the way has more than `max_terms` terms or is beyond another limit.
    ///
    /// # Panics
    /// If the numbers of variables differ.
    pub fn plus(&self, other: &Self, max_terms: usize) -> Result<Self, NotPolynomial> {
        let common = self.joined(other, u32::max);
        let sum = self.over(&common, max_terms)?.plus(&other.over(&common, max_terms)?);
        if sum.len() > max_terms {
            return Err(NotPolynomial::TooManyTerms(max_terms));
        }
        Ok(Self::reduced(sum, common))
    }

    /// The product.
    ///
    /// # Errors
    /// As [`RationalFunction::plus`].
    ///
    /// # Panics
    /// If the numbers of variables differ.
    pub fn times(&self, other: &Self, max_terms: usize) -> Result<Self, NotPolynomial> {
        // What cancels is cancelled before the products grow.
        let left = Self::reduced(self.numerator.clone(), other.denominator.clone());
        let right = Self::reduced(other.numerator.clone(), self.denominator.clone());
        let denominator = right.joined(&left, u32::saturating_add);
        let numerator = left.numerator.times(&right.numerator, max_terms)?;
        Ok(Self::reduced(numerator, denominator))
    }

    /// The product with a number.
    #[must_use]
    pub fn scaled(&self, q: &Rational) -> Self {
        if q.is_zero() {
            return Polynomial::zero(self.variables()).into();
        }
        Self { numerator: self.numerator.scaled(q), denominator: self.denominator.clone() }
    }

    /// The power with a whole exponent.
    ///
    /// # Errors
    /// As [`RationalFunction::plus`]; [`NotPolynomial::Power`] for a negative power of zero.
    pub fn power(&self, exponent: i64, max_terms: usize) -> Result<Self, NotPolynomial> {
        let beyond = || NotPolynomial::DegreeTooLarge(exponent.unsigned_abs());
        let size = u32::try_from(exponent.unsigned_abs()).map_err(|_| beyond())?;
        let base = if exponent < 0 { self.inverted(exponent, max_terms)? } else { self.clone() };
        let denominator =
            base.denominator.iter().map(|(factor, power)| Some((factor.clone(), power.checked_mul(size)?)));
        let denominator = denominator.collect::<Option<Vec<Factor>>>().ok_or_else(beyond)?;
        Ok(Self::reduced(base.numerator.power(size, max_terms)?, denominator))
    }

    /// What this is the square of, if that is seen.
    pub(super) fn square_root(&self) -> Option<Self> {
        let Factored { content, factors, .. } = self.numerator.factored();
        let halved = |factors: &[Factor]| -> Option<Vec<Factor>> {
            factors.iter().map(|(f, power)| (power % 2 == 0).then(|| (f.clone(), power / 2))).collect()
        };
        let (above, denominator) = (halved(&factors)?, halved(&self.denominator)?);
        let number = exact_power(&content, &Rational::new(1, 2)).filter(|_| !content.is_zero())?;
        let numerator = Factored::new(self.variables(), number, above, true).product(self.numerator.len()).ok()?;
        Some(Self { numerator, denominator })
    }

    /// Which variables it depends on.
    pub(super) fn read(&self) -> Vec<bool> {
        let mut read = vec![false; self.variables()];
        for (e, _) in
            std::iter::once(&self.numerator).chain(self.denominator.iter().map(|(f, _)| f)).flat_map(Polynomial::terms)
        {
            read.iter_mut().zip(e).for_each(|(read, e)| *read |= *e > 0);
        }
        read
    }

    /// With other variables: the k-th becomes the one at `places[k]` of so many, and those without a place do not occur.
    pub(super) fn renamed(&self, places: &[Option<usize>], variables: usize) -> Self {
        let mut denominator: Vec<Factor> =
            self.denominator.iter().map(|(f, power)| (renamed(f, places, variables), *power)).collect();
        denominator.sort_by(|(a, _), (b, _)| order(a, b));
        Self { numerator: renamed(&self.numerator, places, variables), denominator }
    }

    fn inverted(&self, exponent: i64, max_terms: usize) -> Result<Self, NotPolynomial> {
        let Factored { content, factors, .. } = self.numerator.factored();
        let inverse = content.recip().ok_or_else(|| NotPolynomial::Power(exponent.into()))?;
        let one: Self = Polynomial::constant(self.variables(), inverse).into();
        let numerator = one.over(&self.denominator, max_terms)?;
        Ok(Self { numerator, denominator: factors })
    }

    /// The numerator in factors, and the same function: those of the denominator are tried first.
    #[must_use]
    pub fn factored(&self, hints: &[Polynomial]) -> Factored {
        self.numerator.factored_with(hints)
    }

    /// The quotient as it is written, numerator and denominator in factors, with these for the variables: `-(t - m)/(3*s^3)`.
    ///
    /// # Panics
    /// If there are fewer formulas than variables.
    #[must_use]
    pub fn formula(&self, variables: &[Formula]) -> Formula {
        self.formula_of(&self.factored(&[]), variables)
    }

    /// [`RationalFunction::formula`] with this for the numerator, such as one that is [shortened](Factored::shortened).
    ///
    /// # Panics
    /// If there are fewer formulas than variables.
    #[must_use]
    pub fn formula_of(&self, numerator: &Factored, variables: &[Formula]) -> Formula {
        written(&numerator.content, &numerator.factors, &self.denominator, variables)
    }

    /// The value at a point; `None` at a pole.
    ///
    /// # Panics
    /// If `at` does not have one number per variable.
    #[must_use]
    pub fn evaluate(&self, at: &[Rational]) -> Option<Rational> {
        self.denominator.iter().try_fold(self.numerator.evaluate(at), |value, (factor, power)| {
            Some(value * factor.evaluate(at).pow(-i64::from(*power))?)
        })
    }
}
