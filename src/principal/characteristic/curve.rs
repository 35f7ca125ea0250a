//! The curve `χ(r; z) = 0` on which the principal root of an optimizer lives, with symbols.

use super::Characteristic;
use crate::formula::Formula;
use crate::number::{Coefficient, Fraction, Rational, Univariate};
use crate::optimizer::Recurrence;

/// A polynomial in z by ascending power, over the rational functions of hyper-parameters.
pub(crate) type InZ = Vec<Fraction>;

/// `χ(r; z)` by ascending powers of r.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Curve(Vec<InZ>);

impl Curve {
    /// Of a recurrence without stages; `None` with them, and where a symbol is called r or z.
    pub(crate) fn of(recurrence: &Recurrence<Fraction>) -> Option<Self> {
        let reserved = recurrence.symbols.iter().any(|s| s == "z" || s == "r");
        if reserved || recurrence.evaluations.iter().any(|e| !e.minus_h_times.is_empty()) {
            return None;
        }
        let mut terms: std::collections::BTreeMap<i32, InZ> = std::collections::BTreeMap::new();
        let mut add = |j: i32, power: usize, c: &Fraction| {
            let sum = terms.entry(j).or_insert_with(|| vec![Fraction::zero(), Fraction::zero()]);
            sum[power] = sum[power].plus(c);
        };
        for (j, a) in &recurrence.left {
            add(*j, 0, a);
        }
        for (b, evaluation) in recurrence.right.iter().zip(&recurrence.evaluations) {
            for (k, c) in &evaluation.at {
                add(*k, 1, &b.times(c));
            }
        }
        terms.retain(|_, c| !c.iter().all(Fraction::is_zero));
        let (least, most) = (*terms.keys().next()?, *terms.keys().next_back()?);
        Some(Self((least..=most).map(|j| trimmed(terms.remove(&j).unwrap_or_default())).collect()))
    }

    /// Of numbers.
    pub(crate) fn of_numbers(characteristic: &Characteristic) -> Self {
        let in_z = |p: &Univariate| p.coefficients().iter().map(Fraction::from_rational).collect();
        Self(characteristic.coefficients().iter().map(in_z).collect())
    }

    /// The coefficients, by ascending powers of r.
    pub(crate) fn coefficients(&self) -> &[InZ] {
        &self.0
    }

    /// The degree in r.
    pub(crate) fn degree(&self) -> usize {
        self.0.len().saturating_sub(1)
    }

    /// `χ` as a formula in r, z and the symbols.
    pub(crate) fn formula(&self) -> Formula {
        let mut terms = Vec::new();
        for (k, coefficient) in self.0.iter().enumerate().rev() {
            let whole = joined(coefficient);
            let power = Formula::name("r").power(k as u64);
            match whole.formula().signed() {
                _ if whole.is_zero() => {}
                _ if k == 0 => terms.extend(whole.formula().terms()),
                (negative, one) if one.is_number("1") => terms.push((negative, power)),
                (negative, size) => terms.push((negative, size.times(power))),
            }
        }
        Formula::tight_sum(terms)
    }

    /// The first coefficient and the last, where a root is 0 or infinite.
    pub(crate) fn ends(&self) -> Option<(&InZ, &InZ)> {
        self.0.first().zip(self.0.last())
    }

    /// The polynomial in z that vanishes where two roots meet: the discriminant in r. `None` beyond degree 2 while symbols
    /// remain, and beyond degree 8.
    pub(crate) fn discriminant(&self) -> Option<InZ> {
        match self.0.as_slice() {
            [] | [_] | [_, _] => Some(Vec::new()),
            [c, b, a] => {
                let minus_four = Rational::from(-4);
                let four_ac: InZ = product(a, c).iter().map(|x| x.scaled(&minus_four)).collect();
                Some(sum(&product(b, b), &four_ac))
            }
            _ if self.degree() > 8 => None,
            several => {
                let numbers = |p: &InZ| p.iter().map(|c| c.evaluate(&|_| None).ok()).collect::<Option<Vec<_>>>();
                let chi = several.iter().map(|p| numbers(p).map(Univariate::new)).collect::<Option<Vec<_>>>()?;
                Some(resultant_with_derivative(&chi)?.coefficients().iter().map(Fraction::from_rational).collect())
            }
        }
    }

    /// The z at which a root of a linear or quadratic χ reaches −1, if χ is linear in z, and the product of the roots,
    /// which has to stay inside the unit circle, for a quadratic.
    pub(crate) fn threshold(&self) -> Option<(Fraction, Option<Fraction>)> {
        if self.degree() == 0 || self.degree() > 2 || self.0.iter().any(|c| c.len() > 2) {
            return None;
        }
        let at = |power: usize| {
            self.0.iter().enumerate().fold(Fraction::zero(), |sum, (k, c)| {
                let c = c.get(power).cloned().unwrap_or_else(Fraction::zero);
                sum.plus(&if k % 2 == 0 { c } else { c.negated() })
            })
        };
        let threshold = at(0).negated().divided(&at(1))?;
        let product = match self.0.as_slice() {
            [c, _, a] => Some(joined(c).divided(&joined(a))?),
            _ => None,
        };
        Some((threshold, product))
    }
}

/// The polynomial with the symbol z.
fn joined(p: &InZ) -> Fraction {
    let z = Fraction::symbol("z");
    p.iter().rev().fold(Fraction::zero(), |sum, c| sum.times(&z).plus(c))
}

fn trimmed(mut p: InZ) -> InZ {
    while p.last().is_some_and(Fraction::is_zero) {
        p.pop();
    }
    p
}

fn product(a: &InZ, b: &InZ) -> InZ {
    let mut out = vec![Fraction::zero(); (a.len() + b.len()).saturating_sub(1)];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            out[i + j] = out[i + j].plus(&x.times(y));
        }
    }
    trimmed(out)
}

fn sum(a: &InZ, b: &InZ) -> InZ {
    let get = |p: &InZ, k: usize| p.get(k).cloned().unwrap_or_else(Fraction::zero);
    trimmed((0..a.len().max(b.len())).map(|k| get(a, k).plus(&get(b, k))).collect())
}

/// The resultant of χ and `∂χ/∂r` in r, a polynomial in z: Sylvester's determinant at as many points as its degree asks for,
/// and Newton's interpolation between them.
fn resultant_with_derivative(chi: &[Univariate]) -> Option<Univariate> {
    let n = chi.len() - 1;
    let in_z = chi.iter().map(Univariate::degree).max()?;
    let points = (2 * n - 1) * in_z + 1;
    interpolated(points, |z| {
        let p: Vec<Rational> = chi.iter().map(|c| c.at(z)).collect();
        let slope: Vec<Rational> =
            (1_i64..).zip(p.iter().skip(1)).map(|(power, c)| c * &Rational::from(power)).collect();
        sylvester(&p, &slope)
    })
}

/// The polynomial of a degree below `points` with these values, by Newton's interpolation at 0, 1, 2, …
pub(crate) fn interpolated(points: usize, value: impl Fn(&Rational) -> Rational) -> Option<Univariate> {
    let mut result = Univariate::default();
    let mut basis = Univariate::new(vec![Rational::ONE]);
    for k in 0..points {
        let z = Rational::from(i64::try_from(k).ok()?);
        let missing = value(&z) - result.at(&z);
        result = result.plus(&basis, &missing.checked_div(&basis.at(&z))?);
        basis = basis.times(&Univariate::new(vec![-z, Rational::ONE]));
    }
    Some(result)
}

/// The determinant of Sylvester's matrix of two polynomials by ascending power.
fn sylvester(p: &[Rational], q: &[Rational]) -> Rational {
    let (m, n) = (p.len() - 1, q.len() - 1);
    let row = |coefficients: &[Rational], shift: usize| {
        let mut row = vec![Rational::ZERO; m + n];
        for (k, c) in coefficients.iter().rev().enumerate() {
            row[shift + k] = c.clone();
        }
        row
    };
    determinant((0..n).map(|s| row(p, s)).chain((0..m).map(|s| row(q, s))).collect())
}

/// The determinant of a square matrix, by elimination.
pub(crate) fn determinant(mut matrix: Vec<Vec<Rational>>) -> Rational {
    let size = matrix.len();
    let mut determinant = Rational::ONE;
    for column in 0..size {
        let Some(pivot) = (column..size).find(|&i| !matrix[i][column].is_zero()) else { return Rational::ZERO };
        if pivot != column {
            matrix.swap(pivot, column);
            determinant = -determinant;
        }
        let (above, below) = matrix.split_at_mut(column + 1);
        let leading = &above[column];
        determinant *= &leading[column];
        for row in below.iter_mut().filter(|row| !row[column].is_zero()) {
            let factor = &row[column] / &leading[column];
            for (x, y) in row.iter_mut().zip(leading).skip(column) {
                *x -= &(&factor * y);
            }
        }
    }
    determinant
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::Optimizer;

    #[test]
    fn curves_of_momentum() {
        let of = |o: &Optimizer| Curve::of(&o.bind(&[]).unwrap().fractions().unwrap()).unwrap();
        let heavy_ball = of(&Optimizer::HeavyBall);
        assert_eq!(heavy_ball.formula().to_string(), "r^2-(1-z+m)*r+m");
        let (threshold, product) = heavy_ball.threshold().unwrap();
        assert_eq!((threshold.to_string(), product.unwrap().to_string()), ("2*(1+m)".into(), "m".into()));
        let nesterov = of(&Optimizer::Nesterov).threshold().unwrap().0;
        assert_eq!(nesterov.to_string(), "2*(1+m)/(1+2*m)");
        assert_eq!(of(&Optimizer::GradientDescent).formula().to_string(), "r-(1-z)");
    }

    /// The general discriminant is the quadratic one times the leading coefficient.
    #[test]
    fn discriminants_agree() {
        let q = |v: &[i64]| Univariate::new(v.iter().map(|x| Rational::from(*x)).collect());
        // (2r² + (1 + z) r + 3z) with leading coefficient 2: −Δ·2, Δ = (1+z)² − 24 z.
        let chi = [q(&[0, 3]), q(&[1, 1]), q(&[2])];
        assert_eq!(resultant_with_derivative(&chi), Some(q(&[-2, 44, -2])));
        // r³ − z: 27 z².
        let cube = [q(&[0, -1]), q(&[]), q(&[]), q(&[1])];
        assert_eq!(resultant_with_derivative(&cube), Some(q(&[0, 0, 27])));
    }
}
