//! All that is known of an optimizer's principal part, in one value.

use super::{Check, check_principal_part};
use crate::formula::Formula;
use crate::number::Fraction;
use crate::optimizer::BoundOptimizer;
use crate::principal::Curve;
use crate::principal::MAX_STABILITY_DEGREE;
use crate::principal::{BranchPoint, branch_points, typical};
use crate::principal::{Characteristic, PrincipalPart, Stability};
use crate::series::limits::{checked_principal_order, largest_order};
use crate::series::{DeriveError, Route, derive};
use crate::warning::Warning;

/// The principal part of an optimizer: α in closed form or implicitly, its series, the check against the derivation, where
/// it is not analytic, and up to where the optimizer is stable.
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::evidence::{PrincipalSummary, SummaryStability};
/// let heavy_ball = PrincipalSummary::of(&Optimizer::HeavyBall.bind(&[])?, 3)?;
/// assert_eq!(heavy_ball.equation.unwrap().to_string(), "r^2-(1-z+m)*r+m");
/// assert!(heavy_ball.check.ok && heavy_ball.check.compared == 4);
/// let points: Vec<_> = heavy_ball.branch_points.iter().flatten().flat_map(|p| &p.exact).map(ToString::to_string).collect();
/// assert_eq!(points, ["1+m-2*sqrt(m)", "1+m+2*sqrt(m)"]);
/// let SummaryStability::Symbols { threshold, condition } = heavy_ball.stability else { panic!() };
/// assert_eq!((threshold.to_string(), condition.unwrap().to_string()), ("2*(1+m)".to_owned(), "m".to_owned()));
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PrincipalSummary {
    /// The optimizer's name.
    pub method: String,
    /// Hyper-parameters left symbolic.
    pub symbols: Vec<String>,
    /// What the principal part is about, for multistep methods.
    pub variable: Option<&'static str>,
    /// α, where it has a closed form.
    pub closed_form: Option<Formula>,
    /// The polynomial `χ(r; z)` whose root is `r = e^{z α(z)}`; `None` for recurrences with stages.
    pub equation: Option<Formula>,
    /// The Taylor coefficients of α.
    pub series: Vec<Fraction>,
    /// The comparison with the derived coefficients of `H^p g`, to the order that the derivation reaches in a second or so.
    pub check: Check,
    /// Where α is not analytic; `None` where that is not known.
    pub branch_points: Option<Vec<BranchPoint>>,
    /// Up to which z the optimizer is stable.
    pub stability: SummaryStability,
    /// What cannot be vouched for.
    pub warnings: Vec<Warning>,
}

/// Up to which `z = hλ > 0` an optimizer converges along an eigendirection of a quadratic.
#[derive(Debug, Clone, PartialEq)]
pub enum SummaryStability {
    /// For numbers.
    Numbers(Stability),
    /// While symbols remain: below the z at which a root reaches −1, as long as `|condition| < 1`, the product of the roots.
    Symbols {
        /// The threshold.
        threshold: Fraction,
        /// What must stay inside the unit circle.
        condition: Option<Fraction>,
    },
    /// Not known, and why.
    Unknown(String),
}

impl PrincipalSummary {
    /// Of an optimizer, in numbers or with symbols, with the series to `order`.
    ///
    /// # Errors
    /// [`DeriveError::Optimizer`] as [`PrincipalPart::series`].
    pub fn of(optimizer: &BoundOptimizer, order: usize) -> Result<Self, DeriveError> {
        let part = PrincipalPart::of(optimizer);
        let series = part.series(order)?;
        let symbols = optimizer.symbols().to_vec();
        let asked = |order| derive(optimizer, order).route(Route::Trees);
        let reach = checked_principal_order(asked(order).answers(), symbols.len());
        let derived = asked(reach.min(largest_order(symbols.len())).min(order)).run()?;
        let check = check_principal_part(derived.route.name(), &derived.equation, &part, order)?;
        let curve =
            part.recurrence().as_ref().and_then(Curve::of).or_else(|| part.characteristic().map(Curve::of_numbers));
        let sample = part.characteristic().cloned().or_else(|| {
            let numbers = part.recurrence()?.map(|c| c.evaluate(&typical).ok())?;
            Characteristic::of_recurrence(&numbers)
        });
        let points = curve
            .as_ref()
            .zip(sample.as_ref())
            .and_then(|(curve, sample)| branch_points(curve, sample, !symbols.is_empty()));
        let stability = match part.stability() {
            Some(stability) => SummaryStability::Numbers(stability),
            None => curve.as_ref().and_then(Curve::threshold).map_or_else(
                || unknown(&part, symbols.is_empty()),
                |(threshold, condition)| SummaryStability::Symbols { threshold, condition },
            ),
        };
        let roots = optimizer.warning().map(|message| Warning::new("parasitic-roots", message));
        let mut summary = Self {
            method: optimizer.name().to_owned(),
            symbols,
            variable: optimizer.variable(),
            closed_form: part.closed_form().cloned(),
            equation: curve.as_ref().map(Curve::formula),
            series,
            check,
            branch_points: points,
            stability,
            warnings: roots.into_iter().collect(),
        };
        summary.warnings.extend(summary.missing());
        Ok(summary)
    }
}

impl PrincipalSummary {
    /// Why members have no value, as warnings `not-computed`.
    fn missing(&self) -> Vec<Warning> {
        let mut missing = Vec::new();
        let mut say = |message: String| missing.push(Warning::new("not-computed", message));
        if self.closed_form.is_none() {
            say("alpha has no closed form here: it is the logarithm over z of a root beyond degree two, or of a system of stages".to_owned());
        }
        if self.equation.is_none() {
            say("equation: no polynomial χ(r; z) is known for this recurrence or tableau; the series is".to_owned());
        }
        match &self.branch_points {
            None if self.symbols.is_empty() => {
                say("branch_points are not known; they are looked for where χ(r; z) is rational, up to degree 8"
                    .to_owned());
            }
            None => say(format!("branch_points are not known while {} have no numbers", self.symbols.join(", "))),
            Some(points) => {
                let places = |lacks: &dyn Fn(&BranchPoint) -> bool| {
                    let at = points.iter().enumerate().filter(|(_, p)| lacks(p)).map(|(k, _)| k.to_string());
                    Some(at.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
                };
                let real = |p: &BranchPoint| p.value.is_some_and(|z| z.im == 0.0);
                if let Some(at) = places(&|p| p.exact.is_none() && real(p)) {
                    say(format!(
                        "branch_points[{at}].exact: a root of a polynomial beyond degree two is given by its value only"
                    ));
                }
                if let Some(at) = places(&|p| p.exact.is_none() && !real(p)) {
                    say(format!("branch_points[{at}].exact: a point that is not real is given by its value only"));
                }
                if let Some(at) = places(&|p| p.value.is_none()) {
                    let symbols = self.symbols.join(", ");
                    say(format!(
                        "branch_points[{at}].value: there is no number while {symbols} has none; exact holds for all"
                    ));
                }
            }
        }
        if let SummaryStability::Numbers(Stability::Below(low, high)) = &self.stability
            && low != high
        {
            say("stability.threshold is no rational number; between holds rationals on both sides of it".to_owned());
        }
        missing
    }
}

/// Why there is no threshold.
fn unknown(part: &PrincipalPart, numeric: bool) -> SummaryStability {
    SummaryStability::Unknown(match part.characteristic() {
        Some(characteristic) => format!(
            "not known: the characteristic polynomial has {} roots, the threshold is looked for up to {MAX_STABILITY_DEGREE}",
            characteristic.coefficients().len().saturating_sub(1)
        ),
        None if numeric => {
            "not known for recurrences with stages and tableaux whose stability function is irrational".to_owned()
        }
        None => "not known in closed form; give the hyper-parameters numbers".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Rational;
    use crate::optimizer::Optimizer;
    use crate::optimizer::testing::named;

    fn summary(name: &str, momentum: Option<&str>) -> PrincipalSummary {
        PrincipalSummary::of(&named(name, momentum).unwrap(), 4).unwrap()
    }

    fn exact(summary: &PrincipalSummary) -> Vec<String> {
        let points = summary.branch_points.as_ref().unwrap();
        points.iter().map(|p| p.exact.as_ref().map(ToString::to_string).unwrap_or_default()).collect()
    }

    /// `z = (1 ± √m)²` for heavy ball, `((1−m)/(1+m))²` and 1 for Nesterov, 1 for gradient descent, −1 for implicit Euler.
    #[test]
    fn branch_points_of_the_literature() {
        assert_eq!(exact(&summary("gradient-descent", None)), ["1"]);
        assert_eq!(exact(&summary("implicit-euler", None)), ["-1"]);
        assert_eq!(exact(&summary("heavy-ball", None)), ["1+m-2*sqrt(m)", "1+m+2*sqrt(m)"]);
        assert_eq!(exact(&summary("heavy-ball", Some("1/4"))), ["1/4", "9/4"]);
        assert_eq!(exact(&summary("heavy-ball", Some("1/2"))), ["3/2-sqrt(2)", "3/2+sqrt(2)"]);
        assert_eq!(exact(&summary("nesterov", Some("1/2"))), ["1/9", "1"]);
        let nesterov = exact(&summary("nesterov", None));
        assert_eq!(nesterov, ["(1-m)^2/(1+m)^2", "1"]);
        // R(−z) = 1 − z + z²/2 has the zeros 1 ± i.
        let midpoint = summary("rk:midpoint", None).branch_points.unwrap();
        let values: Vec<_> = midpoint.iter().map(|p| p.value.unwrap()).collect();
        assert_eq!(values.len(), 2);
        assert!(values.iter().all(|v| (v.re - 1.0).abs() < 1e-12 && (v.im.abs() - 1.0).abs() < 1e-12));
    }

    /// Values of exact points are the nearest floats, and complex ones are conjugate to the last bit.
    #[test]
    fn values_of_branch_points_are_exact() {
        use crate::principal::BranchKind;
        let nesterov = summary("nesterov", Some("1/2")).branch_points.unwrap();
        let found: Vec<_> = nesterov.iter().map(|p| (p.value.unwrap(), p.kind)).collect();
        assert_eq!(found[0], ((1.0_f64 / 9.0).into(), BranchKind::RootsMeet));
        // The root is zero there, as −√(−(1−z)/2): a logarithm of a square root.
        assert_eq!(found[1], (1.0.into(), BranchKind::RootIsZero));
        for name in ["nesterov", "heavy-ball"] {
            let points = summary(name, Some("1/3")).branch_points.unwrap();
            assert!(points.iter().all(|p| p.value.unwrap().im.to_bits() == 0), "{points:?}");
        }
        let third = "left = {1 = 1, 0 = -1}\nright = [\"23/12\", \"-4/3\", \"5/12\"]\n\
                     evaluations = [{at = {0 = 1}}, {at = {-1 = 1}}, {at = {-2 = 1}}]";
        let third = Optimizer::from_toml(third, "third.toml").unwrap();
        for optimizer in [third, "rk:gauss2".parse().unwrap(), "rk:rk4".parse().unwrap()] {
            let points = PrincipalSummary::of(&optimizer.bind(&[]).unwrap(), 1).unwrap().branch_points.unwrap();
            let values: Vec<_> = points.iter().map(|p| p.value.unwrap()).collect();
            assert!(values.iter().all(|z| values.contains(&z.conj())), "{optimizer}: {values:?}");
        }
    }

    #[test]
    fn thresholds_not_found_have_a_reason() {
        let text = "left = {1 = 1, 0 = -1, -20 = \"1/9\", -21 = \"-1/9\"}\nright = [1]\nevaluations = [{at = {0 = 1}}]";
        let optimizer = Optimizer::from_toml(text, "long.toml").unwrap();
        let SummaryStability::Unknown(reason) =
            PrincipalSummary::of(&optimizer.bind(&[]).unwrap(), 1).unwrap().stability
        else {
            panic!()
        };
        assert!(reason.contains("22 roots") && reason.contains("up to 16"), "{reason}");
    }

    #[test]
    fn methods_without_symbols_are_not_asked_for_numbers() {
        let text = "a = [[\"1-sqrt(2)/2\"], [\"sqrt(2)/2\", \"1-sqrt(2)/2\"]]\nb = [\"sqrt(2)/2\", \"1-sqrt(2)/2\"]";
        let optimizer = Optimizer::from_toml(text, "sdirk.toml").unwrap();
        let SummaryStability::Unknown(reason) =
            PrincipalSummary::of(&optimizer.bind(&[]).unwrap(), 1).unwrap().stability
        else {
            panic!()
        };
        assert!(reason.contains("irrational"), "{reason}");
    }

    /// A root of Adams–Bashforth's that is zero at z = 0 is not the principal one.
    #[test]
    fn parasitic_roots_make_no_branch_points() {
        let file = format!("{}/examples/optimizers/adams-bashforth-2.toml", env!("CARGO_MANIFEST_DIR"));
        let points = summary(&file, None).branch_points.unwrap();
        // (3z/2 − 1)² + 2z = 1 − z + 9/4 z².
        assert_eq!(points.len(), 2, "{points:?}");
        for point in points {
            let z = point.value.unwrap();
            assert!((z * z * 2.25 - z + 1.0).norm() < 1e-12);
        }
    }

    #[test]
    fn thresholds_with_symbols() {
        let threshold = |name: &str| match summary(name, None).stability {
            SummaryStability::Symbols { threshold, condition } => {
                (threshold.to_string(), condition.map(|c| c.to_string()).unwrap_or_default())
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(threshold("heavy-ball"), ("2*(1+m)".into(), "m".into()));
        assert_eq!(threshold("nesterov").0, "2*(1+m)/(1+2*m)");
        let exactly = |q: Rational| SummaryStability::Numbers(Stability::Below(q.clone(), q));
        assert_eq!(summary("nesterov", Some("1/2")).stability, exactly(Rational::new(3, 2)));
        assert_eq!(summary("implicit-euler", None).stability, SummaryStability::Numbers(Stability::Always));
    }

    #[test]
    fn checks_count_what_they_compare() {
        for (name, compared) in [("gradient-descent", 5), ("rk:rk4", 5), ("nesterov", 5)] {
            let check = summary(name, None).check;
            assert!(check.ok && check.compared == compared, "{name}: {}", check.detail);
        }
    }
}
