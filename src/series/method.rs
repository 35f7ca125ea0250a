//! One entry for the modified equation of any optimizer.

use super::{
    MAX_TREE_ORDER, ModifiedEquation, Term, modified_equation_by_composition, modified_equation_by_trees,
    modified_equation_of_step_by_lie_derivatives,
};
use crate::number::{Coefficient, Fraction, Quadratic};
use crate::optimizer::step_of;
use crate::optimizer::{BoundOptimizer, BoundRecurrence, Optimizer, OptimizerError};
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
pub fn largest_order(optimizer: &BoundOptimizer) -> usize {
    match optimizer.symbols().len() {
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
/// hyper-parameters left symbolic.
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::series::{SeriesRoute, modified_equation_for};
/// use shadowflow::tree::Tree;
/// let symbolic = modified_equation_for(&Optimizer::HeavyBall.bind(&[])?, 1, SeriesRoute::Auto)?;
/// assert_eq!(symbolic.coefficient(&Tree::tall(1)).to_string(), "-(1+m)/(2*(1-m)^3)");
/// let heavy_ball = Optimizer::HeavyBall.bind(&[("m", "9/10".parse().unwrap())])?;
/// let numeric = modified_equation_for(&heavy_ball, 1, SeriesRoute::Auto)?;
/// assert_eq!(numeric.coefficient(&Tree::tall(1)).to_string(), "-950");
/// # Ok::<(), shadowflow::optimizer::OptimizerError>(())
/// ```
///
/// # Errors
/// [`OptimizerError::Order`], [`OptimizerError::Route`], [`OptimizerError::Irrational`] and [`OptimizerError::Unsupported`].
pub fn modified_equation_for(
    optimizer: &BoundOptimizer,
    order: usize,
    route: SeriesRoute,
) -> Result<ModifiedEquation<Fraction>, OptimizerError> {
    let method = || optimizer.name().to_owned();
    let streamed = optimizer.is_gradient_descent() && route == SeriesRoute::Auto;
    let limit = if streamed { MAX_TREE_ORDER } else { largest_order(optimizer) };
    if order > limit {
        let what = match limit {
            0..=MAX_SYMBOLIC_ORDER => "rational functions of the hyper-parameters (numbers for them go further)",
            _ => "numbers",
        };
        let trees = (1..=limit + 1).filter_map(count).sum();
        return Err(OptimizerError::Order { method: method(), order, limit, trees, what });
    }
    if streamed {
        return Ok(with_fractions(&modified_equation_by_trees(order)));
    }
    let one_step = match route {
        SeriesRoute::Composition => false,
        SeriesRoute::Auto => matches!(optimizer.optimizer(), Optimizer::RungeKutta(_)),
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
    Ok(match optimizer.recurrence() {
        BoundRecurrence::Numbers(recurrence, _) => {
            with_fractions(&modified_equation_by_composition(recurrence, order)?)
        }
        BoundRecurrence::Symbols(recurrence, _) => modified_equation_by_composition(recurrence, order)?,
        BoundRecurrence::Roots(..) => modified_equation_by_composition(&optimizer.fractions()?, order)?,
    })
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
/// let sdirk = Optimizer::from_toml(text, "sdirk.toml").unwrap().bind(&[])?;
/// let equation = modified_equation_with_roots(&sdirk, 1)?;
/// assert_eq!(equation.coefficient(&Tree::tall(1)).to_string(), "1/2-1/2*sqrt(2)");
/// # Ok::<(), shadowflow::optimizer::OptimizerError>(())
/// ```
///
/// # Errors
/// [`OptimizerError::Route`] for other optimizers, [`OptimizerError::Order`] beyond [`MAX_SERIES_ORDER`].
pub fn modified_equation_with_roots(
    optimizer: &BoundOptimizer,
    order: usize,
) -> Result<ModifiedEquation<Quadratic>, OptimizerError> {
    let method = || optimizer.name().to_owned();
    let Optimizer::RungeKutta(tableau) = optimizer.optimizer() else {
        return Err(OptimizerError::Route { method: method() });
    };
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
    use crate::optimizer::testing::named;
    use crate::tree::Tree;

    fn derive(name: &str, momentum: Option<&str>, order: usize) -> Result<ModifiedEquation<Fraction>, OptimizerError> {
        modified_equation_for(&named(name, momentum)?, order, SeriesRoute::Auto)
    }

    #[test]
    fn routes_agree() {
        for name in ["gradient-descent", "implicit-euler", "rk:kutta3", "rk:gauss2", "rk:radau5"] {
            let optimizer = named(name, None).unwrap();
            let all =
                [SeriesRoute::Auto, SeriesRoute::Logarithm, SeriesRoute::Substitution, SeriesRoute::LieDerivatives]
                    .map(|route| modified_equation_for(&optimizer, 6, route).unwrap());
            assert!(all.iter().all(|e| e == &all[0]), "{name}");
            if optimizer.fractions().is_ok() {
                assert_eq!(modified_equation_for(&optimizer, 6, SeriesRoute::Composition).as_ref(), Ok(&all[0]));
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
    fn orders_and_routes_have_their_limits() {
        assert!(derive("heavy-ball", None, 99).unwrap_err().to_string().contains("limit of 8"));
        let file = format!("{}/examples/optimizers/partial-look-ahead.toml", env!("CARGO_MANIFEST_DIR"));
        assert!(derive(&file, None, 8).unwrap_err().to_string().contains("limit of 7"));
        assert!(derive("heavy-ball", Some("1/2"), 99).unwrap_err().to_string().contains("limit of 13"));
        let route = modified_equation_for(&named("heavy-ball", None).unwrap(), 2, SeriesRoute::Logarithm);
        assert!(matches!(route, Err(OptimizerError::Route { .. })));
        let sdirk = "a = [[\"1-sqrt(2)/2\"], [\"sqrt(2)/2\", \"1-sqrt(2)/2\"]]\nb = [\"sqrt(2)/2\", \"1-sqrt(2)/2\"]";
        let sdirk = Optimizer::from_toml(sdirk, "sdirk.toml").unwrap().bind(&[]).unwrap();
        let error = modified_equation_for(&sdirk, 3, SeriesRoute::Auto).unwrap_err();
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
