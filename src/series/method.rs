//! One entry for the modified equation of any optimizer.

use super::{
    MAX_TREE_ORDER, ModifiedEquation, Term, modified_equation_by_composition, modified_equation_by_trees,
    modified_equation_of_step_by_lie_derivatives,
};
use crate::number::{Coefficient, EvaluateError, Fraction, Quadratic, Rational};
use crate::optimizer::step_of;
use crate::optimizer::{Optimizer, OptimizerError};
use crate::tree::{BSeries, TreeFamily, count};
use std::sync::Arc;

/// The largest order for an optimizer other than gradient descent: 32,973 trees at the last one.
pub const MAX_SERIES_ORDER: usize = 13;

/// The largest order for an optimizer with one hyper-parameter left symbolic; each further one takes one order away, down
/// to 5.
pub const MAX_SYMBOLIC_ORDER: usize = 8;

/// The largest order that [`modified_equation_for`] takes for an optimizer other than gradient descent, whose terms are
/// found one by one.
#[must_use]
pub fn largest_order(optimizer: &Optimizer, momentum: Option<&Rational>) -> usize {
    match optimizer.symbols().iter().filter(|s| *s != "m" || momentum.is_none()).count() {
        0 => MAX_SERIES_ORDER,
        symbols => MAX_SYMBOLIC_ORDER.saturating_sub(symbols - 1).max(5),
    }
}

/// How an optimizer's modified equation is computed from series over trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SeriesRoute {
    /// The fastest: order polynomials for gradient descent, substitution for Runge–Kutta methods, else composition.
    #[default]
    Auto,
    /// The recurrence imposed on the flow ([`modified_equation_by_composition`]); every optimizer with coefficients in
    /// the ring.
    Composition,
    /// The logarithm of the step ([`BSeries::logarithm`]); one-step methods.
    Logarithm,
    /// Substitution into the exact flow, solved tree by tree ([`BSeries::substituted_for`]); one-step methods.
    Substitution,
    /// Lie derivatives ([`modified_equation_of_step_by_lie_derivatives`]); one-step methods.
    LieDerivatives,
}

/// The modified equation `f_0, …, f_order` of any optimizer, with coefficients that are rational functions of the
/// hyper-parameters left symbolic: all but the momentum `m`, if one is given.
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::series::{SeriesRoute, modified_equation_for};
/// use shadowflow::tree::Tree;
/// let symbolic = modified_equation_for(&Optimizer::HeavyBall, None, 1, SeriesRoute::Auto)?;
/// assert_eq!(symbolic.coefficient(&Tree::tall(1)).to_string(), "-(1+m)/(2*(1-m)^3)");
/// let momentum = "9/10".parse().unwrap();
/// let numeric = modified_equation_for(&Optimizer::HeavyBall, Some(&momentum), 1, SeriesRoute::Auto)?;
/// assert_eq!(numeric.coefficient(&Tree::tall(1)).to_string(), "-950");
/// # Ok::<(), shadowflow::optimizer::OptimizerError>(())
/// ```
///
/// # Errors
/// Any [`OptimizerError`]; momentum 1 is [`RecurrenceError::Singular`](crate::optimizer::RecurrenceError::Singular).
pub fn modified_equation_for(
    optimizer: &Optimizer,
    momentum: Option<&Rational>,
    order: usize,
    route: SeriesRoute,
) -> Result<ModifiedEquation<Fraction>, OptimizerError> {
    let method = || optimizer.name().to_owned();
    let streamed = *optimizer == Optimizer::GradientDescent && route == SeriesRoute::Auto;
    let limit = if streamed { MAX_TREE_ORDER } else { largest_order(optimizer, momentum) };
    if order > limit {
        let what = match limit {
            0..=MAX_SYMBOLIC_ORDER => "rational functions of the hyper-parameters (numbers for them go further)",
            _ => "numbers",
        };
        let trees = (1..=limit + 1).filter_map(count).sum();
        return Err(OptimizerError::Order { method: method(), order, limit, trees, what });
    }
    if let Some(momentum) = momentum.filter(|_| !optimizer.has_momentum()) {
        return Err(OptimizerError::NoMomentum { method: method(), momentum: momentum.clone() });
    }
    if streamed {
        return Ok(with_fractions(&modified_equation_by_trees(order)));
    }
    let one_step = match (route, optimizer) {
        (SeriesRoute::Composition, _) => false,
        (SeriesRoute::Auto, _) => matches!(optimizer, Optimizer::RungeKutta(_)),
        _ => true,
    };
    if one_step {
        let family = Arc::new(TreeFamily::new(order + 1, 1));
        let step = step_of(optimizer, &family)?;
        return Ok(with_fractions(&match route {
            SeriesRoute::LieDerivatives => modified_equation_of_step_by_lie_derivatives(optimizer.name(), &step),
            SeriesRoute::Auto | SeriesRoute::Substitution => {
                let field = BSeries::exact_flow(&family).substituted_for(&step);
                ModifiedEquation::from_field(optimizer.name(), &field.unwrap_or_else(|| step.logarithm()))
            }
            _ => ModifiedEquation::from_field(optimizer.name(), &step.logarithm()),
        }));
    }
    let recurrence = optimizer.symbolic_recurrence()?;
    if let Some(momentum) = momentum {
        let value = |name: &str| (name == "m").then(|| momentum.clone());
        // A file may have other symbols, which stay.
        if recurrence.symbols.iter().all(|s| s == "m") {
            let pole = |source| OptimizerError::Pole { momentum: momentum.clone(), source };
            let numeric = recurrence.with_values(&value).map_err(pole)?;
            return Ok(with_fractions(&modified_equation_by_composition(&numeric, order)?));
        }
        let mut symbolic = recurrence.map(|c| c.substituted(&value)).ok_or_else(|| OptimizerError::Pole {
            momentum: momentum.clone(),
            source: EvaluateError::Pole(format!("a coefficient of {}", optimizer.name())),
        })?;
        symbolic.symbols.retain(|s| s != "m");
        return Ok(modified_equation_by_composition(&symbolic, order)?);
    }
    if recurrence.symbols.is_empty()
        && let Some(numeric) = recurrence.map(|c| c.evaluate(&|_| None).ok())
    {
        return Ok(with_fractions(&modified_equation_by_composition(&numeric, order)?));
    }
    Ok(modified_equation_by_composition(&recurrence, order)?)
}

/// The modified equation of a Runge–Kutta method whose step is irrational, with coefficients in the field `Q(√d)` of its
/// tableau: that of singly diagonally implicit methods, for example.
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::series::modified_equation_with_roots;
/// use shadowflow::tree::Tree;
/// // One stage at γ = 1 − √2/2, of order 1: α(z) = log R(−z)/z with R(x) = (1 + (1−γ)x)/(1 − γx).
/// let text = "a = [[\"1-sqrt(2)/2\"]]\nb = [1]";
/// let equation = modified_equation_with_roots(&Optimizer::from_toml(text, "sdirk.toml").unwrap(), 1)?;
/// assert_eq!(equation.coefficient(&Tree::tall(1)).to_string(), "1/2-1/2*sqrt(2)");
/// # Ok::<(), shadowflow::optimizer::OptimizerError>(())
/// ```
///
/// # Errors
/// [`OptimizerError::Route`] for other optimizers, [`OptimizerError::Order`] beyond [`MAX_SERIES_ORDER`].
pub fn modified_equation_with_roots(
    optimizer: &Optimizer,
    order: usize,
) -> Result<ModifiedEquation<Quadratic>, OptimizerError> {
    let method = || optimizer.name().to_owned();
    let Optimizer::RungeKutta(tableau) = optimizer else { return Err(OptimizerError::Route { method: method() }) };
    if order > MAX_SERIES_ORDER {
        let trees = (1..=MAX_SERIES_ORDER + 1).filter_map(count).sum();
        return Err(OptimizerError::Order { method: method(), order, limit: MAX_SERIES_ORDER, trees, what: "numbers" });
    }
    let family = Arc::new(TreeFamily::new(order + 1, 1));
    let step = tableau.step(&family);
    let field = BSeries::exact_flow(&family).substituted_for(&step).unwrap_or_else(|| step.logarithm());
    Ok(ModifiedEquation::from_field(optimizer.name(), &field))
}

fn with_fractions(equation: &ModifiedEquation) -> ModifiedEquation<Fraction> {
    let term = |t: &Term| Term { tree: t.tree.clone(), coefficient: Fraction::from_rational(&t.coefficient) };
    let orders = equation.orders.iter().map(|terms| terms.iter().map(term).collect()).collect();
    ModifiedEquation { method: equation.method.clone(), symbols: equation.symbols.clone(), orders }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;

    fn derive(name: &str, momentum: Option<&str>, order: usize) -> Result<ModifiedEquation<Fraction>, OptimizerError> {
        let momentum = momentum.map(|m| m.parse().unwrap());
        modified_equation_for(&name.parse().unwrap(), momentum.as_ref(), order, SeriesRoute::Auto)
    }

    #[test]
    fn routes_agree() {
        for name in ["gradient-descent", "implicit-euler", "rk:kutta3", "rk:gauss2", "rk:radau5"] {
            let optimizer: Optimizer = name.parse().unwrap();
            let all =
                [SeriesRoute::Auto, SeriesRoute::Logarithm, SeriesRoute::Substitution, SeriesRoute::LieDerivatives]
                    .map(|route| modified_equation_for(&optimizer, None, 6, route).unwrap());
            assert!(all.iter().all(|e| e == &all[0]), "{name}");
            if optimizer.symbolic_recurrence().is_ok() {
                assert_eq!(modified_equation_for(&optimizer, None, 6, SeriesRoute::Composition).as_ref(), Ok(&all[0]));
            }
        }
    }

    /// Gauss's method of two stages: `f_n = 0` below its order 4, and R is the Padé approximant (2, 2), so that
    /// `log R(−z)/z` begins with `−1 + z⁴/720`.
    #[test]
    fn gauss_is_symmetric_and_of_order_four() {
        let equation = derive("rk:gauss2", None, 7).unwrap();
        assert!([1, 2, 3, 5, 7].iter().all(|&n| equation.orders[n].is_empty()));
        assert_eq!(equation.coefficient(&Tree::tall(4)).to_string(), "1/720");
    }

    #[test]
    fn singular_choices_are_refused() {
        let message = |name: &str, m: &str| derive(name, Some(m), 2).unwrap_err().to_string();
        for name in ["heavy-ball", "nesterov"] {
            let error = message(name, "1");
            assert!(error.contains("the sum of j a_j is 0") && error.contains("momentum 1"), "{error}");
        }
        assert_eq!(message("rk:rk4", "1/2"), "`rk:rk4` has no momentum, but 1/2 was given");
        assert!(derive("heavy-ball", None, 99).unwrap_err().to_string().contains("limit of 8"));
        let file = format!("{}/examples/optimizers/partial-look-ahead.toml", env!("CARGO_MANIFEST_DIR"));
        assert!(derive(&file, None, 8).unwrap_err().to_string().contains("limit of 7"));
        assert!(derive("heavy-ball", Some("1/2"), 99).unwrap_err().to_string().contains("limit of 13"));
        let route = modified_equation_for(&Optimizer::HeavyBall, None, 2, SeriesRoute::Logarithm);
        assert!(matches!(route, Err(OptimizerError::Route { .. })));
        let sdirk = "a = [[\"1-sqrt(2)/2\"], [\"sqrt(2)/2\", \"1-sqrt(2)/2\"]]\nb = [\"sqrt(2)/2\", \"1-sqrt(2)/2\"]";
        let sdirk = Optimizer::from_toml(sdirk, "sdirk.toml").unwrap();
        let error = modified_equation_for(&sdirk, None, 3, SeriesRoute::Auto).unwrap_err();
        assert!(error.to_string().contains("sqrt(2)"), "{error}");
    }

    /// The files that ship are the named methods.
    #[test]
    fn example_files_read() {
        for (file, name) in
            [("heavy-ball", "heavy-ball"), ("nesterov", "nesterov"), ("implicit-euler", "implicit-euler")]
        {
            let path = format!("{}/examples/optimizers/{file}.toml", env!("CARGO_MANIFEST_DIR"));
            let (file, named) = (derive(&path, None, 3).unwrap(), derive(name, None, 3).unwrap());
            assert_eq!((file.orders, file.symbols), (named.orders, named.symbols), "{name}");
        }
        let path = |file: &str| format!("{}/examples/optimizers/{file}.toml", env!("CARGO_MANIFEST_DIR"));
        let ralston = derive(&format!("rk:{}", path("ralston")), None, 4).unwrap();
        assert_eq!(ralston.orders, derive("rk:ralston", None, 4).unwrap().orders);
        // Two steps of order two: f_1 = 0.
        let adams = derive(&path("adams-bashforth-2"), None, 2).unwrap();
        assert!(adams.orders[1].is_empty() && !adams.orders[2].is_empty());
        let bdf = derive(&path("bdf2"), None, 2).unwrap();
        assert!(bdf.orders[1].is_empty() && !bdf.orders[2].is_empty());
        // Other symbols stay when the momentum is a number; β = 0 is heavy ball, β = m Nesterov.
        let mixed = derive(&path("partial-look-ahead"), Some("1/2"), 1).unwrap();
        assert_eq!(mixed.symbols, ["beta"]);
    }
}
