//! Every derivation beside the others.

use super::check::{CheckReport, check_agreements, check_route, finished};
use super::check_trajectory;
use crate::budget;
use crate::optimizer::BoundOptimizer;
use crate::series::limits::{CHECKED_BY_COMPOSITION, CHECKED_BY_REWRITING, MAX_TREE_ORDER};
use crate::series::{DeriveError, Route, derive};
use crate::warning::Warning;

/// Derives gradient descent's modified equation by every abstract route, each to the order that it reaches in about a second, and
/// checks them against each other and against Taylor of log(1−z)/z.
///
/// Where the budget's time is used up the report holds the comparisons that were finished, and a warning `time-limit` says what is left out.
///
/// # Errors
/// [`DeriveError`] when the e-graph meets one of its limits.
pub fn check_routes(order: usize) -> Result<CheckReport, DeriveError> {
    // From the fastest to the slowest, so that there is something to show when time is up; the first number is the place in the report.
    let derivations = [
        (1, Route::Trees, MAX_TREE_ORDER),
        (2, Route::LieDerivatives, CHECKED_BY_REWRITING),
        (3, Route::Composition, CHECKED_BY_COMPOSITION),
        (0, Route::Egraph, CHECKED_BY_REWRITING),
    ];
    let gradient_descent = BoundOptimizer::gradient_descent();
    let (mut routes, mut unfinished) = (Vec::new(), Vec::new());
    for (place, route, reach) in derivations {
        match finished(|| derive(&gradient_descent, order.min(reach)).route(route).run()) {
            None => unfinished.push(route.name()),
            Some(derived) => {
                let (name, equation) = (route.name(), derived?.equation);
                let checks = check_route(name, &equation, order);
                routes.push((place, checks, (name, equation)));
            }
        }
    }
    routes.sort_by_key(|(place, ..)| *place);
    let (mut checks, mut derived) = (Vec::new(), Vec::new());
    for (_, own, equation) in routes {
        checks.extend(own);
        derived.push(equation);
    }
    checks.extend(check_agreements(order, &derived));
    // Agreement of the routes on all trees carries over to the others.
    if let Some((route, equation)) = derived.iter().find(|(name, _)| *name == "trees") {
        checks.extend(finished(|| check_trajectory(route, equation, order)));
    }
    let warnings = budget::check().err().map(|stopped| {
        let without = if unfinished.is_empty() {
            String::new()
        } else {
            format!(", those by {} among them", unfinished.join(", "))
        };
        Warning::new(stopped.code(), format!("{stopped}: comparisons are left out{without}"))
    });
    Ok(CheckReport { checks, warnings: warnings.into_iter().collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;

    #[test]
    fn out_of_time_the_report_says_so() {
        let report = Budget::default().with_seconds(0.0, "test").run(|| check_routes(4)).unwrap().unwrap();
        assert!(report.checks.is_empty() && !report.ok());
        assert_eq!(report.warnings[0].code, "time-limit");
        assert!(check_routes(2).unwrap().warnings.is_empty());
    }
}
