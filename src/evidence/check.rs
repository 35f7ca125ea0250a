//! The series check: what was derived against what is known, and the routes against each other.

use super::remainder::{check_divergence, check_remainder};
use super::{check_corollas, check_one_derivative};
use crate::budget::{self, Budget};
use crate::number::{Coefficient, Rational, Scalar};
use crate::principal::taylor_log1m_over_z;
use crate::series::ModifiedEquation;
use crate::tree::{Tree, trees};
use crate::warning::Warning;
use std::collections::HashMap;

/// One comparison, carried out over a range of orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was checked: `principal-series`, `remainder`, `divergence`, `corollas`, `one-third-derivative`,
    /// `one-fourth-derivative`, `trajectory` or `agreement`.
    pub name: String,
    /// The routes whose answers took part.
    pub routes: Vec<String>,
    /// The first and the last order compared.
    pub orders: (usize, usize),
    /// How many values were compared.
    pub compared: usize,
    /// Whether all of them agree, and there was at least one.
    pub ok: bool,
    /// One sentence: what agreed, or the first disagreement with both values.
    pub detail: String,
    /// What was compared with what, a table.
    pub rows: Vec<Row>,
}

/// One line of a check's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What was compared, such as `H^2 g`.
    pub subject: String,
    /// What was found.
    pub found: String,
    /// What it was held against.
    pub expected: String,
    /// Whether they agree.
    pub ok: bool,
}

/// All comparisons of one run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CheckReport {
    /// The comparisons.
    pub checks: Vec<Check>,
    /// What was left out, and why: `time-limit`.
    pub warnings: Vec<Warning>,
}

impl CheckReport {
    /// Whether every check that was made passed, and there was at least one.
    #[must_use]
    pub fn ok(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|c| c.ok)
    }
}

/// Work that the budget lets finish; `None` where it does not.
pub(super) fn finished<T>(work: impl FnOnce() -> T) -> Option<T> {
    budget::check().ok()?;
    Budget::current().run(work).ok()
}

/// Checks gradient descent's modified equation to `order`, as derived by any number of named routes.
///
/// For each route: its coefficients of `H^p g` against the Taylor series of `log(1−z)/z`
/// ([`check_principal_series`]), and the sums of its principal series against values of that function
/// ([`check_remainder`], [`check_divergence`]), and families of other terms against their closed forms ([`check_corollas`],
/// [`check_one_derivative`]). For each two routes: all trees ([`check_agreement`]). Each goes to the
/// order that its routes reach, which it says.
///
/// ```
/// use shadowflow::evidence::check;
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::series::{Route, derive};
/// let gradient_descent = BoundOptimizer::gradient_descent();
/// let trees = derive(&gradient_descent, 6).route(Route::Trees).run()?.equation;
/// let lie = derive(&gradient_descent, 4).route(Route::LieDerivatives).run()?.equation;
/// let report = check(6, &[("trees", trees), ("lie", lie)]);
/// assert!(report.ok());
/// let agreement = report.checks.last().unwrap();
/// assert_eq!((agreement.name.as_str(), agreement.orders, agreement.compared), ("agreement", (0, 4), 17));
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[must_use]
pub fn check(order: usize, derived: &[(&str, ModifiedEquation)]) -> CheckReport {
    let mut checks: Vec<Check> =
        derived.iter().flat_map(|(route, equation)| check_route(route, equation, order)).collect();
    checks.extend(check_agreements(order, derived));
    CheckReport { checks, warnings: Vec::new() }
}

/// One route against what is known; what the budget does not let finish is left out.
pub(super) fn check_route(route: &str, equation: &ModifiedEquation, order: usize) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut push = |check: &dyn Fn() -> Check| checks.extend(finished(check));
    push(&|| check_principal_series(route, equation, order));
    push(&|| check_remainder(route, equation, order));
    push(&|| check_divergence(route, equation, order));
    push(&|| check_corollas(route, equation, order));
    // These terms begin with f_2 and f_3.
    for k in (2..=3).filter(|&k| k < equation.orders.len() && k <= order) {
        push(&|| check_one_derivative(route, equation, k, order));
    }
    checks
}

/// Each two routes on all trees; what the budget does not let finish is left out.
pub(super) fn check_agreements(order: usize, derived: &[(&str, ModifiedEquation)]) -> Vec<Check> {
    let pairs = derived.iter().enumerate().flat_map(|(place, l)| derived[place + 1..].iter().map(move |r| (l, r)));
    pairs.filter_map(|(l, r)| finished(|| check_agreement((l.0, &l.1), (r.0, &r.1), order))).collect()
}

/// Compares the derived coefficients of `H^p g` with the Taylor coefficients of `log(1−z)/z`, as exact rationals.
#[must_use]
pub fn check_principal_series(route: &str, equation: &ModifiedEquation, order: usize) -> Check {
    let derived = principal_coefficients(equation, order);
    let expected = taylor_log1m_over_z(order);
    let rows = derived.iter().zip(&expected).enumerate().map(|(p, (derived, taylor))| Row {
        subject: principal_name(p),
        found: derived.to_string(),
        expected: taylor.to_string(),
        ok: derived == taylor,
    });
    Check::from_rows("principal-series", &[route], derived.len(), order, rows.collect(), |row| {
        format!(
            "{} has coefficient {} by {route}, {} in the Taylor series of log(1-z)/z",
            row.subject, row.found, row.expected
        )
    })
}

/// Compares two derived modified equations on all trees of every order that both reach, zero coefficients included.
///
/// A tree whose size does not belong to the order it stands in is a disagreement too.
#[must_use]
pub fn check_agreement(left: (&str, &ModifiedEquation), right: (&str, &ModifiedEquation), order: usize) -> Check {
    let reached = left.1.orders.len().min(right.1.orders.len()).min(order.saturating_add(1));
    let mut rows = Vec::new();
    let mut compared = 0;
    for n in 0..reached {
        let (mut a, mut b) = (coefficients(left.1, n), coefficients(right.1, n));
        let nonzero = |m: &HashMap<&Tree, Scalar>| m.values().filter(|c| !c.is_zero()).count();
        let (terms_a, terms_b) = (nonzero(&a), nonzero(&b));
        let mut difference = None;
        let mut all = 0_usize;
        for tree in trees(n + 1) {
            let pair = (a.remove(&tree).unwrap_or_else(Scalar::zero), b.remove(&tree).unwrap_or_else(Scalar::zero));
            all += 1;
            if pair.0 != pair.1 && difference.is_none() {
                difference = Some((tree, pair.0, pair.1));
            }
        }
        let mut strays: Vec<&Tree> = a.keys().chain(b.keys()).copied().collect();
        strays.sort_unstable();
        if difference.is_none()
            && let Some(&tree) = strays.first()
        {
            let side = |m: &HashMap<&Tree, Scalar>| m.get(tree).cloned().unwrap_or_else(Scalar::zero);
            difference = Some((tree.clone(), side(&a), side(&b)));
        }
        compared += all;
        rows.push(match difference {
            None => Row {
                subject: format!("f_{n}, {all} {}", if all == 1 { "tree" } else { "trees" }),
                found: format!("{terms_a} not zero"),
                expected: format!("{terms_b} not zero"),
                ok: true,
            },
            Some((tree, a, b)) => Row {
                subject: format!("f_{n}, tree {tree:?}"),
                found: a.to_string(),
                expected: b.to_string(),
                ok: false,
            },
        });
    }
    let mut check = Check::from_rows("agreement", &[left.0, right.0], reached, order, rows, |row| {
        format!("{} has coefficient {} by {}, {} by {}", row.subject, row.found, left.0, row.expected, right.0)
    });
    check.compared = compared;
    check
}

/// The terms of one order; terms with the same tree add up.
fn coefficients(equation: &ModifiedEquation, order: usize) -> HashMap<&Tree, Scalar> {
    let mut result: HashMap<&Tree, Scalar> = HashMap::new();
    for term in &equation.orders[order] {
        let sum = result.entry(&term.tree).or_insert_with(Scalar::zero);
        *sum = sum.plus(&term.coefficient);
    }
    result
}

/// The coefficients of `g, H g, H² g, …` to an order, or as far as the equation goes and has rational ones.
pub(super) fn principal_coefficients(equation: &ModifiedEquation, order: usize) -> Vec<Rational> {
    // A tree has at most 256 levels.
    let reached = equation.orders.len().min(order.saturating_add(1)).min(256);
    (0..reached).map_while(|p| equation.coefficient(&Tree::tall(p)).to_rational()).collect()
}

fn principal_name(p: usize) -> String {
    match p {
        0 => "g".to_owned(),
        1 => "H g".to_owned(),
        _ => format!("H^{p} g"),
    }
}

impl Check {
    /// A check whose table is `rows`, over the first `reached` orders of `order + 1`; `describe` puts a disagreement in words.
    pub(super) fn from_rows(
        name: &str,
        routes: &[&str],
        reached: usize,
        order: usize,
        rows: Vec<Row>,
        describe: impl Fn(&Row) -> String,
    ) -> Self {
        let last = reached.saturating_sub(1);
        let joined = routes.join(" and ");
        let detail = match rows.iter().find(|row| !row.ok) {
            Some(row) => describe(row),
            None if rows.is_empty() => format!("nothing to compare: {joined} gave no order"),
            None if last < order => {
                let go = if routes.len() == 1 { "goes" } else { "go" };
                format!("no disagreement; {joined} {go} to order {last} of {order}")
            }
            None => "no disagreement".to_owned(),
        };
        Self {
            name: name.to_owned(),
            routes: routes.iter().map(|&r| r.to_owned()).collect(),
            orders: (0, last),
            compared: rows.len(),
            ok: !rows.is_empty() && rows.iter().all(|row| row.ok),
            detail,
            rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::{Optimizer, Recurrence};
    use crate::series::{Term, composition, derive, lie_derivatives, order_polynomials};

    fn find<'a>(report: &'a CheckReport, name: &str) -> &'a Check {
        report.checks.iter().find(|c| c.name == name).unwrap()
    }

    #[test]
    fn all_routes_pass() {
        let composed = composition(&Recurrence::<Rational>::gradient_descent(), 7).unwrap();
        let derived =
            [("trees", order_polynomials(9)), ("lie-derivatives", lie_derivatives(6)), ("composition", composed)];
        let report = check(9, &derived);
        let failed: Vec<&Check> = report.checks.iter().filter(|c| !c.ok).collect();
        assert!(report.ok(), "{failed:?}");
        assert_eq!(report.checks.len(), 3 * 6 + 3);
        let series = find(&report, "principal-series");
        assert_eq!((series.orders, series.compared), ((0, 9), 10));
        let pairs: Vec<(usize, usize)> =
            report.checks.iter().filter(|c| c.name == "agreement").map(|c| (c.orders.1, c.compared)).collect();
        assert_eq!(pairs, [(6, 85), (7, 200), (6, 85)]);
        assert_eq!(report.checks[6].detail, "no disagreement; lie-derivatives goes to order 6 of 9");
    }

    #[test]
    fn a_broken_principal_coefficient_is_named() {
        let mut broken = order_polynomials(6);
        broken.orders[4][0].coefficient = Rational::new(-1, 6).into();
        let report = check(6, &[("trees", order_polynomials(6)), ("broken", broken)]);
        assert!(!report.ok());
        let failed: Vec<(&str, &[String])> =
            report.checks.iter().filter(|c| !c.ok).map(|c| (c.name.as_str(), &c.routes[..])).collect();
        let broken = ["broken".to_owned()];
        let both = ["trees".to_owned(), "broken".to_owned()];
        assert_eq!(
            failed,
            [("principal-series", &broken[..]), ("remainder", &broken), ("divergence", &broken), ("agreement", &both)]
        );
        let detail = |n: usize| report.checks.iter().filter(|c| !c.ok).nth(n).unwrap().detail.as_str();
        assert_eq!(detail(0), "H^4 g has coefficient -1/6 by broken, -1/5 in the Taylor series of log(1-z)/z");
        assert_eq!(detail(3), "f_4, tree [0, 1, 2, 3, 4] has coefficient -1/5 by trees, -1/6 by broken");
    }

    #[test]
    fn a_missing_or_added_tree_is_named() {
        let right = order_polynomials(3);
        let mut missing = right.clone();
        missing.orders[2].remove(1);
        let detail = |broken: &ModifiedEquation| check_agreement(("a", &right), ("b", broken), 3).detail;
        assert_eq!(detail(&missing), "f_2, tree [0, 1, 1] has coefficient -1/12 by a, 0 by b");
        // The corolla of f_3 is zero, and not stored.
        let corolla = Tree::from_levels(&[0, 1, 1, 1]).unwrap();
        let mut added = right.clone();
        added.orders[3].push(Term { tree: corolla, coefficient: Rational::new(1, 720).into() });
        assert_eq!(detail(&added), "f_3, tree [0, 1, 1, 1] has coefficient 0 by a, 1/720 by b");
        let mut misplaced = right.clone();
        misplaced.orders[1].push(Term { tree: Tree::leaf(), coefficient: Scalar::one() });
        assert_eq!(detail(&misplaced), "f_1, tree [0] has coefficient 0 by a, 1 by b");
    }

    #[test]
    fn nothing_compared_is_not_ok() {
        assert!(!check(3, &[]).ok());
        let empty = ModifiedEquation { method: String::new(), symbols: Vec::new(), orders: Vec::new() };
        let report = check(3, &[("empty", empty.clone()), ("empty too", empty)]);
        assert!(report.checks.iter().all(|c| !c.ok && c.compared == 0));
        assert_eq!(report.checks[0].detail, "nothing to compare: empty gave no order");
    }

    #[test]
    fn symbolic_equations_compare_too() {
        let equation = derive(&Optimizer::HeavyBall.bind(&[]).unwrap(), 3).run().unwrap().equation;
        assert!(check_agreement(("a", &equation), ("b", &equation), 3).ok);
    }
}
