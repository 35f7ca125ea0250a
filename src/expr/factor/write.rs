//! Products of factors, and quotients of them, as they are written.

use super::Factored;
use super::parts::Factor;
use crate::expr::Polynomial;
use crate::formula::Formula;
use crate::number::Rational;
use num_bigint::BigInt;

impl Factored {
    /// The product as it is written, with these for the variables: a minus in front, the numerator of the number, single variables, the
    /// other factors by degree, and the denominator of the number below, as in `-b*(a*b - 1)*(3*a*b + 1)/3`. A sum that is all there is
    /// takes the minus into its terms.
    ///
    /// # Panics
    /// If there are fewer formulas than variables.
    #[must_use]
    pub fn formula(&self, variables: &[Formula]) -> Formula {
        written(&self.content, &self.factors, &[], variables)
    }

    /// The same polynomial with those of its sums multiplied out that are shorter then: `x^2 - 1` for `(x - 1)*(x + 1)`, when
    /// `cost` is what there is to read of each variable, a name's being 1.
    ///
    /// ```
    /// use shadowflow::expr::Polynomial;
    /// use shadowflow::formula::Formula;
    /// let x = Polynomial::variable(1, 0);
    /// let p = x.power(4, 9)?.minus(&x.power(2, 9)?);
    /// let factored = p.factored();
    /// assert_eq!(factored.formula(&[Formula::name("x")]).to_string(), "x^2*(x - 1)*(x + 1)");
    /// assert_eq!(factored.shortened(&[1]).formula(&[Formula::name("x")]).to_string(), "x^4 - x^2");
    /// # Ok::<(), shadowflow::expr::NotPolynomial>(())
    /// ```
    ///
    /// # Panics
    /// If there are fewer costs than variables.
    #[must_use]
    pub fn shortened(&self, cost: &[u64]) -> Self {
        let short = self.merged(cost);
        // As one sum.
        let one_sum = self.product(MAX_MERGED).ok().filter(|p| p.len() > 1).filter(|p| {
            let own = short.factors.iter().map(|(f, power)| factor_cost(f, *power, cost) + 1).sum::<u64>();
            sum_cost(p, cost) < own + number_cost(&self.content)
        });
        match one_sum {
            Some(p) => Self::new(self.variables, Rational::ONE, vec![(p, 1)], self.complete),
            None => short,
        }
    }
}

impl Factored {
    /// The same polynomial with those of its sums multiplied with each other that are shorter then.
    pub(in crate::expr) fn merged(&self, cost: &[u64]) -> Self {
        let mut factors = self.factors.clone();
        while let Some(shorter) = merged(&factors, cost) {
            factors = shorter;
        }
        Self::new(self.variables, self.content.clone(), factors, self.complete)
    }
}

/// The most terms of a product of sums that is written as one sum.
const MAX_MERGED: usize = 40;

/// What there is to read of a number in front of a product, with what joins it.
fn number_cost(q: &Rational) -> u64 {
    let sign = u64::from(q.is_negative());
    let above = if q.abs().numerator() == BigInt::from(1) { 0 } else { 2 };
    sign + above + if q.is_integer() { 0 } else { 2 }
}

/// What there is to read of a sum.
fn sum_cost(p: &Polynomial, cost: &[u64]) -> u64 {
    let terms = p.terms().enumerate().map(|(at, (e, c))| {
        let powers = e.iter().zip(cost).filter(|(e, _)| **e > 0);
        let powers: u64 = powers.map(|(e, cost)| cost + if *e > 1 { 3 } else { 1 }).sum();
        let size = c.abs();
        let number = if size.is_one() && powers > 0 { 0 } else { if size.is_integer() { 2 } else { 4 } };
        // A sign before every term but the first, where only a minus is written; no `*` before the first factor.
        powers + number - 1 + u64::from(at > 0 || c.is_negative())
    });
    terms.sum()
}

/// What there is to read of a power of a factor, brackets included.
fn factor_cost(f: &Polynomial, power: u32, cost: &[u64]) -> u64 {
    sum_cost(f, cost) + if f.len() > 1 { 2 } else { 0 } + if power > 1 { 2 } else { 0 }
}

/// The factors with two sums multiplied out that are shorter so, if there are any: those that save most.
fn merged(factors: &[Factor], cost: &[u64]) -> Option<Vec<Factor>> {
    let mut best: Option<(u64, usize, usize, Polynomial)> = None;
    for (j, (g, power)) in factors.iter().enumerate() {
        for (i, (f, other)) in factors.iter().enumerate().take(j) {
            if power != other || f.len() < 2 || g.len() < 2 || f.len() * g.len() > MAX_MERGED {
                continue;
            }
            let Ok(product) = f.times(g, MAX_MERGED) else { continue };
            let apart = factor_cost(f, *power, cost) + factor_cost(g, *power, cost) + 1;
            let saved = apart.saturating_sub(factor_cost(&product, *power, cost));
            if saved > best.as_ref().map_or(0, |(most, ..)| *most) {
                best = Some((saved, i, j, product));
            }
        }
    }
    let (_, i, j, product) = best?;
    let power = factors[i].1;
    let others = factors.iter().enumerate().filter(|(k, _)| *k != i && *k != j).map(|(_, f)| f.clone());
    Some(others.chain([(product, power)]).collect())
}

/// A number times the factors above over those below.
pub(super) fn written(content: &Rational, above: &[Factor], below: &[Factor], variables: &[Formula]) -> Formula {
    if content.is_zero() {
        return Formula::natural(0);
    }
    // The lone sum of a polynomial: without brackets, unless a number other than −1 would be multiplied with all of it.
    if let ([(only, 1)], [], true) = (above, below, content.abs().is_one()) {
        return only.scaled(content).formula(variables);
    }
    let number = |n: BigInt| (n != BigInt::from(1)).then(|| Formula::digits(n.to_string()));
    let power = |(base, power): &Factor| base.formula(variables).power(u64::from(*power));
    let above = number(content.abs().numerator()).into_iter().chain(above.iter().map(power)).collect();
    let below: Vec<Formula> = number(content.denominator()).into_iter().chain(below.iter().map(power)).collect();
    let above = Formula::product(above);
    let size = if below.is_empty() { above } else { above.over(Formula::product(below)) };
    (content.is_negative(), size).into()
}
