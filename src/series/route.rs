//! Which derivation answers.

use std::fmt;
use std::str::FromStr;

/// Which derivation answers. No two of the last six share code, so that their agreement is evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Route {
    /// What the command takes: [`Route::Egraph`] for gradient descent to order 8 and wherever a proof is asked for, else
    /// [`Route::Trees`].
    #[default]
    Auto,
    /// The fastest series over trees: the closed form by order polynomials for gradient descent, else [`Route::Substitution`] for
    /// Runge–Kutta methods and [`Route::Composition`] for all others.
    Trees,
    /// Rewriting in an e-graph, order by order; the route that has proofs. Optimizers whose coefficients are rational numbers or
    /// functions.
    Egraph,
    /// The recurrence imposed on the flow, whose B-series is composed with an infinitesimal step (Hairer, Lubich & Wanner,
    /// *Geometric Numerical Integration*, III.1.4 and IX.9.1). Every optimizer.
    Composition,
    /// The logarithm of the step ([`BSeries::logarithm`](crate::tree::BSeries::logarithm)). One-step methods.
    Logarithm,
    /// Substitution into the exact flow, solved tree by tree
    /// ([`BSeries::substituted_for`](crate::tree::BSeries::substituted_for)). One-step methods.
    Substitution,
    /// Lie derivatives of the flow's time series (Hairer, Lubich & Wanner, IX.1). One-step methods with rational steps.
    LieDerivatives,
}

impl Route {
    /// The routes that the command offers, by name.
    pub const OFFERED: [Self; 3] = [Self::Auto, Self::Egraph, Self::Trees];

    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Trees => "trees",
            Self::Egraph => "egraph",
            Self::Composition => "composition",
            Self::Logarithm => "logarithm",
            Self::Substitution => "substitution",
            Self::LieDerivatives => "lie",
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Route {
    type Err = UnknownRoute;

    /// Reads one of [`Route::OFFERED`].
    fn from_str(name: &str) -> Result<Self, UnknownRoute> {
        Self::OFFERED.into_iter().find(|route| route.name() == name).ok_or_else(|| UnknownRoute(name.to_owned()))
    }
}

/// A name that no route on offer has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a route: auto, egraph or trees")]
pub struct UnknownRoute(pub String);
