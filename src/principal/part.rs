//! The principal part of an optimizer: what it does along the eigendirections of a quadratic.

use super::series::{principal_series, series_in_floats};
use super::{Characteristic, Stability};
use crate::formula::Formula;
use crate::number::{Coefficient, Fraction, Polynomial, Quadratic, Rational, Univariate};
use crate::optimizer::{BoundOptimizer, BoundRecurrence, Optimizer, OptimizerError, Recurrence};
use num_complex::Complex64;

/// The function `α` for which `α(hH) g` is the principal part of an optimizer's modified equation.
///
/// On a quadratic loss `e^{α(z) z}` is the root of the characteristic polynomial that tends to 1 as `z = hλ` tends to 0.
/// Gradient descent has `log(1−z)/z`, the principal flow of Rosca, Wu, Qin & Dherin 2023.
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::principal::{PrincipalPart, Stability};
/// use shadowflow::number::Rational;
/// let heavy_ball = PrincipalPart::of(&Optimizer::HeavyBall.bind(&[])?);
/// assert_eq!(heavy_ball.series(1)?[1].to_string(), "-(1+m)/(2*(1-m)^3)");
/// assert_eq!(heavy_ball.closed_form().unwrap().to_string(), "log((1-z+m+sqrt(1-2*z-2*m+z^2-2*m*z+m^2))/2)/z");
/// let half = PrincipalPart::of(&Optimizer::HeavyBall.bind(&[("m", Rational::new(1, 2))])?);
/// assert_eq!(half.stability(), Some(Stability::Below(Rational::from(3), Rational::from(3))));
/// # Ok::<(), shadowflow::optimizer::OptimizerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalPart {
    optimizer: BoundOptimizer,
    closed_form: Option<Formula>,
    characteristic: Option<Characteristic>,
}

impl PrincipalPart {
    /// Of an optimizer, in numbers or with symbols.
    #[must_use]
    pub fn of(optimizer: &BoundOptimizer) -> Self {
        let (closed_form, characteristic) = if let Optimizer::RungeKutta(tableau) = optimizer.optimizer() {
            let characteristic = Characteristic::of_tableau(tableau);
            (characteristic.as_ref().and_then(of_stability_function), characteristic)
        } else {
            let closed_form = optimizer.fractions().ok().as_ref().and_then(of_recurrence);
            (closed_form, optimizer.numbers().and_then(Characteristic::of_recurrence))
        };
        Self { optimizer: optimizer.clone(), closed_form, characteristic }
    }

    /// The recurrence; `None` for a tableau.
    pub(crate) fn recurrence(&self) -> Option<Recurrence<Fraction>> {
        match self.optimizer.optimizer() {
            Optimizer::RungeKutta(_) => None,
            _ => self.optimizer.fractions().ok(),
        }
    }

    /// The Taylor coefficients of α from the power 0 to `order`, which are the coefficients of `H^p g` in `f_p`.
    ///
    /// From the root as a power series and its logarithm, in exact arithmetic; no trees.
    ///
    /// # Errors
    /// [`OptimizerError`] if one is irrational, which does not happen for a rational stability function.
    pub fn series(&self, order: usize) -> Result<Vec<Fraction>, OptimizerError> {
        match self.optimizer.recurrence() {
            BoundRecurrence::Numbers(recurrence, inverse_slope) => {
                let series = principal_series(recurrence, inverse_slope, order);
                Ok(series.iter().map(Fraction::from_rational).collect())
            }
            BoundRecurrence::Symbols(recurrence, inverse_slope) => {
                Ok(principal_series(recurrence, inverse_slope, order))
            }
            BoundRecurrence::Roots(recurrence, inverse_slope) => {
                let series = principal_series(recurrence, inverse_slope, order);
                let rational = |(p, c): (usize, &Quadratic)| {
                    c.to_rational().map(|q| Fraction::from_rational(&q)).ok_or_else(|| OptimizerError::Irrational {
                        method: recurrence.method.clone(),
                        value: c.to_string(),
                        tree: (0..=p).map(|level| u8::try_from(level).unwrap_or(u8::MAX)).collect(),
                    })
                };
                series.iter().enumerate().map(rational).collect()
            }
        }
    }

    /// [`PrincipalPart::series`] as doubles, each the nearest one, without exact numbers: those of a momentum with many digits, or
    /// of many orders, take minutes. `None` while symbols remain.
    #[must_use]
    pub fn series_in_floats(&self, order: usize) -> Option<Vec<f64>> {
        let found = series_in_floats(&self.optimizer.roots().ok()?, order);
        found.or_else(|| {
            let exact = self.series(order).ok()?;
            exact.iter().map(|c| Some(c.evaluate(&|_| None).ok()?.to_f64())).collect()
        })
    }

    /// α in closed form, in z and the symbols: for characteristic polynomials up to degree two, and
    /// for Runge–Kutta methods. `None` beyond.
    #[must_use]
    pub fn closed_form(&self) -> Option<&Formula> {
        self.closed_form.as_ref()
    }

    /// The characteristic polynomial; `None` while symbols remain.
    #[must_use]
    pub fn characteristic(&self) -> Option<&Characteristic> {
        self.characteristic.as_ref()
    }

    /// Up to which `z = hλ` the optimizer is stable; `None` while symbols remain, and for characteristic polynomials of a
    /// degree beyond 16.
    #[must_use]
    pub fn stability(&self) -> Option<Stability> {
        self.characteristic.as_ref()?.stability()
    }

    /// `α(z)` in floating point, on the branch of [`Characteristic::principal`].
    #[must_use]
    pub fn evaluate(&self, z: Complex64) -> Option<Complex64> {
        self.characteristic.as_ref()?.principal(z)
    }
}

fn in_z(p: &Univariate) -> Polynomial {
    let z = Polynomial::symbol("z");
    (0_u32..).zip(p.coefficients()).fold(Polynomial::default(), |sum, (k, c)| sum.plus(&z.pow(k).scaled(c)))
}

/// `log(of)/z`.
fn logarithm(of: Formula) -> Formula {
    Formula::call("log", vec![of]).over(Formula::name("z"))
}

fn of_stability_function(characteristic: &Characteristic) -> Option<Formula> {
    let [above, below] = characteristic.coefficients() else { return None };
    let (above, below) = (in_z(above).scaled(&Rational::MINUS_ONE), in_z(below));
    let is_one = |p: &Polynomial| p.as_constant().is_some_and(|c| c.is_one());
    Some(match (is_one(&above), is_one(&below)) {
        (_, true) => logarithm(above.formula()),
        (true, _) => logarithm(below.formula()).negated(),
        _ => logarithm(above.formula().over(below.formula())),
    })
}

/// The solution of a characteristic polynomial up to degree two.
fn of_recurrence(recurrence: &Recurrence<Fraction>) -> Option<Formula> {
    if recurrence.symbols.iter().any(|s| s == "z") || recurrence.evaluations.iter().any(|e| !e.minus_h_times.is_empty())
    {
        return None;
    }
    let z = Fraction::symbol("z");
    let mut terms: std::collections::BTreeMap<i32, Fraction> = std::collections::BTreeMap::new();
    let mut add = |j: i32, c: Fraction| {
        let sum = terms.entry(j).or_insert_with(Fraction::zero);
        *sum = sum.plus(&c);
    };
    for (j, a) in &recurrence.left {
        add(*j, a.clone());
    }
    for (b, evaluation) in recurrence.right.iter().zip(&recurrence.evaluations) {
        for (k, c) in &evaluation.at {
            add(*k, b.times(c).times(&z));
        }
    }
    terms.retain(|_, c| !c.is_zero());
    let (least, most) = (*terms.keys().next()?, *terms.keys().next_back()?);
    let at = |j: i32| terms.get(&j).cloned().unwrap_or_else(Fraction::zero);
    match most - least {
        1 => {
            let root = at(least).negated().divided(&at(most))?;
            Some(match Fraction::one().divided(&root) {
                Some(inverse) if inverse.denominator().len() == 0 && root.denominator().len() > 0 => {
                    logarithm(inverse.formula()).negated()
                }
                _ => logarithm(root.formula()),
            })
        }
        2 => {
            let (a, b, c) = (at(most), at(least + 1), at(least));
            let four = Rational::from(4);
            let discriminant = b.times(&b).plus(&a.times(&c).scaled(&four).negated());
            let double = a.scaled(&Rational::from(2));
            // At z = 0 the roots are 1 and c/a, so that the square root there is |2a + b|: its sign where symbols are 0.
            let sign = double.plus(&b).evaluate(&|_| Some(Rational::ZERO)).ok()?;
            let mut above = if b.is_zero() { Vec::new() } else { b.negated().formula().terms() };
            above.push((sign.is_negative(), Formula::call("sqrt", vec![discriminant.formula()])));
            let above = Formula::tight_sum(above);
            let below = double.formula();
            Some(logarithm(if below.is_number("1") { above } else { above.over(below) }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::testing::named;

    fn part(name: &str, momentum: Option<&str>) -> PrincipalPart {
        PrincipalPart::of(&named(name, momentum).unwrap())
    }

    #[test]
    fn closed_forms() {
        let cases = [
            ("gradient-descent", None, "log(1-z)/z"),
            ("implicit-euler", None, "-log(1+z)/z"),
            ("rk:implicit-euler", None, "-log(1+z)/z"),
            ("rk:midpoint", None, "log(1-z+1/2*z^2)/z"),
            ("rk:gauss2", None, "log((1-1/2*z+1/12*z^2)/(1+1/2*z+1/12*z^2))/z"),
            ("heavy-ball", Some("1/2"), "log((3/2-z+sqrt(1/4-3*z+z^2))/2)/z"),
        ];
        for (name, momentum, expected) in cases {
            let part = part(name, momentum);
            let found = part.closed_form().unwrap().to_string();
            // Contents are pulled out of sums; both spellings are the same function.
            let spelled = ["log(((3-2*z)/2+sqrt((1-12*z+4*z^2)/4))/2)/z", expected];
            assert!(spelled.contains(&found.as_str()), "{name}: {found}");
        }
        let leapfrog = "left = {1 = \"1/2\", -1 = \"-1/2\"}\nright = [1]\nevaluations = [{at = {0 = 1}}]";
        let leapfrog = Optimizer::from_toml(leapfrog, "leapfrog.toml").unwrap();
        assert_eq!(
            PrincipalPart::of(&leapfrog.bind(&[]).unwrap()).closed_form().unwrap().to_string(),
            "log(-z+sqrt(1+z^2))/z"
        );
        let nesterov = part("nesterov", None);
        assert!(nesterov.closed_form().is_some_and(|f| f.to_string().contains("sqrt")), "{:?}", nesterov.closed_form());
    }

    /// The numeric value near 0 is the sum of the series.
    #[test]
    fn values_are_sums_of_the_series() {
        let z = Complex64::new(0.02, 0.01);
        for (name, m) in
            [("heavy-ball", Some("1/5")), ("nesterov", Some("1/2")), ("rk:radau5", None), ("rk:ssprk3", None)]
        {
            let part = part(name, m);
            let terms: Vec<f64> =
                part.series(14).unwrap().iter().map(|c| c.evaluate(&|_| None).unwrap().to_f64()).collect();
            let sum = terms.iter().rev().fold(Complex64::ZERO, |s, &c| s * z + c);
            let value = part.evaluate(z).unwrap();
            assert!((value - sum).norm() < 1e-9, "{name}: {value} {sum}");
        }
    }

    #[test]
    fn symbols_have_no_threshold_in_numbers() {
        assert_eq!(part("heavy-ball", None).stability(), None);
    }
}
