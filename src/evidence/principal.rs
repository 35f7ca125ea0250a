//! The derived principal part against the Taylor series of α.

use super::{Check, Row};
use crate::number::{Fraction, Scalar};
use crate::optimizer::OptimizerError;
use crate::principal::PrincipalPart;
use crate::series::ModifiedEquation;
use crate::tree::Tree;

/// Compares the derived coefficients of `H^p g` of any optimizer with the Taylor coefficients of its α, computed without
/// trees, as exact rational functions.
///
/// # Errors
/// As [`PrincipalPart::series`].
pub fn check_principal_part(
    route: &str,
    equation: &ModifiedEquation,
    part: &PrincipalPart,
    order: usize,
) -> Result<Check, OptimizerError> {
    // A tree has at most 256 levels.
    let reached = equation.orders.len().min(order.saturating_add(1)).min(256);
    let series = part.series(reached.saturating_sub(1))?;
    let row = |(p, expected): (usize, &Fraction)| {
        let found = equation.coefficient(&Tree::tall(p));
        Row {
            subject: format!("H^{p} g"),
            ok: found == Scalar::from(expected.clone()),
            found: found.to_string(),
            expected: expected.to_string(),
        }
    };
    let rows = series.iter().take(reached).enumerate().map(row).collect();
    Ok(Check::from_rows("principal-series", &[route], reached, order, rows, |row| {
        format!("{} has coefficient {} by {route}, {} in the Taylor series", row.subject, row.found, row.expected)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Rational;
    use crate::optimizer::testing::named;
    use crate::optimizer::{Optimizer, Tableau};
    use crate::principal::taylor_log1m_over_z;
    use crate::series::{Route, derive};

    /// The derived coefficients of `H^p g` are those of α, to order 10 here and 12 in the ignored test.
    fn agree(order: usize) {
        let files = ["adams-bashforth-2", "bdf2"]
            .map(|f| format!("{}/examples/optimizers/{f}.toml", env!("CARGO_MANIFEST_DIR")));
        let tableaux = Tableau::names().map(|n| format!("rk:{n}"));
        let others = ["gradient-descent", "implicit-euler"].map(str::to_owned);
        let plain = tableaux.chain(files).chain(others).map(|name| (name, None));
        let momenta = ["heavy-ball", "nesterov"].map(|name| (name.to_owned(), Some("2/7")));
        for (name, momentum) in plain.chain(momenta) {
            let optimizer = named(&name, momentum).unwrap();
            let equation = derive(&optimizer, order).route(Route::Trees).run().unwrap().equation;
            let part = PrincipalPart::of(&optimizer);
            let check = check_principal_part(&name, &equation, &part, order).unwrap();
            assert!(check.ok && check.compared == order + 1, "{}", check.detail);
        }
    }

    #[test]
    fn series_are_those_derived() {
        agree(7);
    }

    #[test]
    #[ignore = "takes minutes"]
    fn series_are_those_derived_to_order_twelve() {
        agree(12);
    }

    #[test]
    fn symbolic_series_are_those_derived() {
        for optimizer in [Optimizer::HeavyBall, Optimizer::Nesterov] {
            let optimizer = optimizer.bind(&[]).unwrap();
            let equation = derive(&optimizer, 4).run().unwrap().equation;
            let series = PrincipalPart::of(&optimizer).series(12).unwrap();
            for (p, coefficient) in series.iter().enumerate().take(5) {
                assert_eq!(equation.coefficient(&Tree::tall(p)), coefficient.clone().into());
            }
            // At momentum 0 it is log(1−z)/z.
            let at_zero = series.iter().map(|c| c.evaluate(&|_| Some(Rational::ZERO)).unwrap());
            assert!(at_zero.eq(taylor_log1m_over_z(12)));
        }
    }
}
