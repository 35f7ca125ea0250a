//! Which derivation answers.

use super::egraph::{self, EgraphError, Limits};
use super::{MAX_TREE_ORDER, ModifiedEquation, modified_equation_by_trees};
use std::str::FromStr;

/// Which derivation answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Route {
    /// The e-graph to order 8, trees beyond.
    #[default]
    Auto,
    /// Rewriting, order by order; the route that has proofs.
    Egraph,
    /// The closed form by order polynomials of rooted trees.
    Trees,
}

impl Route {
    /// The highest order that [`Route::Auto`] gives to the e-graph.
    pub const AUTO_EGRAPH_ORDER: usize = 8;

    /// Every route, as the command names it.
    pub const NAMES: [(&'static str, Route); 3] =
        [("auto", Route::Auto), ("egraph", Route::Egraph), ("trees", Route::Trees)];
}

impl FromStr for Route {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::NAMES.iter().find(|(n, _)| *n == name);
        found.map(|(_, route)| *route).ok_or_else(|| format!("`{name}` is not a route: auto, egraph or trees"))
    }
}

/// Why an abstract derivation was not made.
#[derive(Debug, thiserror::Error)]
pub enum RouteError {
    /// The e-graph met one of its limits or a contradiction.
    #[error(transparent)]
    Egraph(#[from] EgraphError),
    /// There are too many trees of this size.
    #[error(
        "order {order} has {trees} elementary differentials in its last order alone; the abstract derivation goes to order {MAX_TREE_ORDER}"
    )]
    TooManyTrees {
        /// The order asked for.
        order: usize,
        /// The number of trees with `order + 1` nodes, rounded.
        trees: String,
    },
}

/// The modified equation of gradient descent for an abstract loss, to `order`, by the route asked for.
///
/// # Errors
/// [`RouteError`] when the order is beyond what the route reaches.
///
/// ```
/// use shadowflow::series::{Route, derive_abstract};
/// let equation = derive_abstract(2, Route::Auto)?;
/// let coefficients: Vec<String> = equation.orders[2].iter().map(|t| t.coefficient.to_string()).collect();
/// assert_eq!(coefficients, ["-1/3", "-1/12"]);
/// # Ok::<(), shadowflow::series::RouteError>(())
/// ```
pub fn derive_abstract(order: usize, route: Route) -> Result<ModifiedEquation, RouteError> {
    if order > MAX_TREE_ORDER {
        let trees = crate::tree::count(order + 1).map_or_else(|| "more than 10^38".to_owned(), |n| n.to_string());
        return Err(RouteError::TooManyTrees { order, trees });
    }
    match route {
        Route::Auto if order > Route::AUTO_EGRAPH_ORDER => Ok(modified_equation_by_trees(order)),
        Route::Trees => Ok(modified_equation_by_trees(order)),
        Route::Auto | Route::Egraph => Ok(egraph::modified_equation(order, &Limits::default())?),
    }
}
