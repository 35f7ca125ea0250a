//! The one entry to abstract derivations.

use super::composition::composition;
use super::egraph::{self, EgraphError, Proof};
use super::lie::{lie_derivatives, lie_derivatives_of_step};
use super::limits::{AUTO_EGRAPH_ORDER, Limits, MAX_STREAM_ORDER, MAX_TREE_ORDER, largest_order, reachable_order};
use super::order_polynomials::{self, order_polynomials};
use super::{ModifiedEquation, Route};
use crate::number::{Coefficient, Quadratic, Rational, Scalar};
use crate::optimizer::{BoundOptimizer, BoundRecurrence, Optimizer, OptimizerError, RecurrenceError};
use crate::tree::{BSeries, TreeFamily, count};
use crate::warning::Warning;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Asks for the modified equation `f̃ = f_0 + h f_1 + … + h^N f_N` of an optimizer on an abstract loss E, each `f_n` an exact
/// combination of elementary differentials of E: [`Derive::run`] derives it.
///
/// The exact flow of `f̃` over a time h is the optimizer's step, but for a term of order `h^{N+2}`. Of gradient descent
///
/// ```text
/// f_0 = −g,   f_1 = −½ H g,   f_2 = −⅓ H² g − 1/12 T[g, g],   …
/// ```
///
/// ```
/// use shadowflow::optimizer::{BoundOptimizer, Optimizer};
/// use shadowflow::series::{DeriveError, Route, derive};
/// use shadowflow::tree::Tree;
/// let derived = derive(&BoundOptimizer::gradient_descent(), 2).run()?;
/// let coefficients: Vec<String> = derived.equation.orders[2].iter().map(|t| t.coefficient.to_string()).collect();
/// assert_eq!((coefficients.as_slice(), derived.route), (&["-1/3".to_owned(), "-1/12".to_owned()][..], Route::Egraph));
/// // Without a number the momentum stays a symbol.
/// let heavy_ball = derive(&Optimizer::HeavyBall.bind(&[])?, 1).run()?.equation;
/// assert_eq!(heavy_ball.coefficient(&Tree::tall(1)).to_string(), "-(1+m)/(2*(1-m)^3)");
/// // Order 0 is −g; orders beyond memory are refused beforehand.
/// assert_eq!(derive(&BoundOptimizer::gradient_descent(), 0).run()?.equation.orders.len(), 1);
/// let refused = derive(&BoundOptimizer::gradient_descent(), 17).run();
/// assert!(matches!(refused, Err(DeriveError::TooManyTrees { limit: 16, .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Orders
/// From 0 to those of [`limits`](super::limits): 16 for gradient descent, 13 for other optimizers with numbers, 8 and less with
/// symbols; by rewriting, with a proof or without, to [`reachable_order`].
///
/// # Source
/// E. Hairer, C. Lubich and G. Wanner, *Geometric Numerical Integration*, IX.1 and IX.9; M. Rosca, Y. Wu, C. Qin and B. Dherin, *On a
/// continuous time model of gradient descent dynamics and instability in deep learning*, 2023, section 2.2 (the derivation by
/// rewriting).
pub fn derive(optimizer: &BoundOptimizer, order: usize) -> Derive<'_> {
    Derive { optimizer, order, route: Route::Auto, proof: false, limits: None }
}

/// A derivation asked for by [`derive`](derive()).
#[derive(Debug, Clone)]
#[must_use = "nothing is derived before it is run"]
pub struct Derive<'a> {
    optimizer: &'a BoundOptimizer,
    order: usize,
    route: Route,
    proof: bool,
    limits: Option<Limits>,
}

/// A modified equation, and how it was derived.
#[derive(Debug, Clone, PartialEq)]
pub struct Derivation {
    /// The equation.
    pub equation: ModifiedEquation,
    /// The route that answered, never [`Route::Auto`].
    pub route: Route,
    /// Every step of the derivation, where it was asked for.
    pub proof: Option<Proof>,
    /// What must be known to read the equation: `parasitic-roots` where the iterates do not settle on its flow.
    pub warnings: Vec<Warning>,
}

/// Why there is no derivation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeriveError {
    /// Gradient descent has more terms than memory holds, or time allows.
    #[error(
        "order {order} has {trees} elementary differentials in its last order alone; the abstract derivation goes to order {limit}"
    )]
    TooManyTrees {
        /// The order asked for.
        order: usize,
        /// The number of trees with `order + 1` nodes.
        trees: String,
        /// The largest order.
        limit: usize,
    },
    /// The order is beyond the series over trees.
    #[error(
        "order {order} is beyond the limit of {limit} for `{method}`: the coefficients of all {trees} trees to the limit are kept for the next, {what}, and each order more takes several times as much time and memory"
    )]
    Order {
        /// The optimizer.
        method: String,
        /// The order asked for.
        order: usize,
        /// The largest.
        limit: usize,
        /// How many trees there are to the limit.
        trees: u128,
        /// What the coefficients are.
        what: &'static str,
    },
    /// The order is beyond what rewriting reaches in seconds.
    #[error(
        "{} goes to order {limit} with {symbols} symbols, not {order}: each order more takes three times the time and memory",
        if *.proof { "the proof" } else { "the e-graph" }
    )]
    Rewriting {
        /// The order asked for.
        order: usize,
        /// The largest.
        limit: usize,
        /// How many hyper-parameters have no number.
        symbols: usize,
        /// Whether a proof was asked for.
        proof: bool,
        /// The largest order of the other routes.
        further: usize,
    },
    /// A proof was asked for from a route that has none.
    #[error("only the e-graph has proofs, the route `{0}` has none")]
    NoProof(Route),
    /// The route does not apply to this optimizer.
    #[error("the route `{route}` takes one-step methods with rational steps, and `{method}` is none")]
    Route {
        /// The optimizer.
        method: String,
        /// The route.
        route: Route,
    },
    /// Terms one after another were asked for where they are found together.
    #[error("the terms of `{0}` are not found one after another: ask for the whole equation")]
    NotStreamed(String),
    /// The optimizer has no modified equation, or not by this route.
    #[error(transparent)]
    Optimizer(#[from] OptimizerError),
    /// The e-graph met one of its limits or a contradiction.
    #[error(transparent)]
    Egraph(#[from] EgraphError),
}

impl From<RecurrenceError> for DeriveError {
    fn from(error: RecurrenceError) -> Self {
        Self::Optimizer(error.into())
    }
}

impl<'a> Derive<'a> {
    /// Chooses the route.
    pub fn route(self, route: Route) -> Self {
        Self { route, ..self }
    }

    /// Asks for every step of the derivation.
    pub fn proof(self, wanted: bool) -> Self {
        Self { proof: wanted, ..self }
    }

    /// Lets rewriting go on to these limits, whatever the order; otherwise it is refused beforehand where it would take more than
    /// seconds.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits: Some(limits), ..self }
    }

    /// The route that answers, never [`Route::Auto`].
    ///
    /// ```
    /// use shadowflow::optimizer::{BoundOptimizer, Optimizer};
    /// use shadowflow::series::{Route, derive};
    /// let gradient_descent = BoundOptimizer::gradient_descent();
    /// assert_eq!(derive(&gradient_descent, 8).answers(), Route::Egraph);
    /// assert_eq!(derive(&gradient_descent, 9).answers(), Route::Trees);
    /// assert_eq!(derive(&gradient_descent, 9).proof(true).answers(), Route::Egraph);
    /// assert_eq!(derive(&Optimizer::Nesterov.bind(&[])?, 2).answers(), Route::Composition);
    /// # Ok::<(), shadowflow::optimizer::OptimizerError>(())
    /// ```
    #[must_use]
    pub fn answers(&self) -> Route {
        match (self.route, self.optimizer.optimizer()) {
            (Route::Auto, _) if self.proof => Route::Egraph,
            (Route::Auto, Optimizer::GradientDescent) if self.order <= AUTO_EGRAPH_ORDER => Route::Egraph,
            (Route::Auto | Route::Trees, Optimizer::GradientDescent) => Route::Trees,
            (Route::Auto | Route::Trees, Optimizer::RungeKutta(_)) => Route::Substitution,
            (Route::Auto | Route::Trees, _) => Route::Composition,
            (route, _) => route,
        }
    }

    /// Refuses beforehand what [`Derive::run`] would refuse for its order or for want of a proof.
    ///
    /// # Errors
    /// [`DeriveError`].
    pub fn check(&self) -> Result<(), DeriveError> {
        match self.answers() {
            Route::Egraph => self.reachable(),
            route if self.proof => Err(DeriveError::NoProof(route)),
            Route::Trees => self.counted(MAX_TREE_ORDER),
            _ => self.limited(),
        }
    }

    /// Derives the equation.
    ///
    /// ```
    /// use shadowflow::optimizer::Optimizer;
    /// use shadowflow::proof::check::check;
    /// use shadowflow::series::derive;
    /// let half = Optimizer::HeavyBall.bind(&[("m", "1/2".parse()?)])?;
    /// let derived = derive(&half, 2).proof(true).run()?;
    /// let report = check(&derived.proof.unwrap());
    /// assert!(report.is_ok() && report.equation == derived.equation);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`DeriveError`] where the order is beyond the route's limit, the route does not apply to the optimizer, or rewriting met its
    /// [`Limits`].
    pub fn run(&self) -> Result<Derivation, DeriveError> {
        self.check()?;
        let route = self.answers();
        let (equation, proof) = match route {
            Route::Egraph => self.rewritten()?,
            Route::Trees => (order_polynomials(self.order), None),
            Route::Auto | Route::Composition => (self.composed()?, None),
            Route::LieDerivatives if self.optimizer.is_gradient_descent() => (lie_derivatives(self.order), None),
            Route::Logarithm | Route::Substitution | Route::LieDerivatives => (self.of_step(route)?, None),
        };
        Ok(Derivation { equation, route, proof, warnings: self.warnings() })
    }

    /// Whether the route that answers finds terms one after another, so that [`Derive::stream`] gives them.
    ///
    /// # Errors
    /// [`DeriveError::TooManyTrees`] beyond [`MAX_STREAM_ORDER`].
    pub fn streams(&self) -> Result<bool, DeriveError> {
        let streams = self.answers() == Route::Trees && !self.proof;
        if streams {
            self.counted(MAX_STREAM_ORDER)?;
        }
        Ok(streams)
    }

    /// Visits every term of gradient descent's `f_0, …, f_N` in the order of outputs, zeros included, without keeping any.
    ///
    /// `visit` receives the tree's level sequence and its coefficient in `f_{|τ|−1}`, and stops the walk by returning
    /// [`ControlFlow::Break`]. There are 20,247,374 trees with at most 20 nodes ([`count`] gives the total for a progress display), and
    /// memory does not grow with them.
    ///
    /// ```
    /// use shadowflow::optimizer::BoundOptimizer;
    /// use shadowflow::series::{Route, derive};
    /// use std::ops::ControlFlow;
    /// let mut lines = Vec::new();
    /// let end = derive(&BoundOptimizer::gradient_descent(), 2).route(Route::Trees).stream(|levels, coefficient| {
    ///     lines.push(format!("{levels:?} {coefficient}"));
    ///     if lines.len() < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break("enough") }
    /// })?;
    /// assert_eq!((lines.last().unwrap().as_str(), end), ("[0, 1, 2] -1/3", ControlFlow::Break("enough")));
    /// # Ok::<(), shadowflow::series::DeriveError>(())
    /// ```
    ///
    /// # Errors
    /// [`DeriveError::NotStreamed`] where another route answers, [`DeriveError::TooManyTrees`] beyond
    /// [`MAX_STREAM_ORDER`].
    pub fn stream<B>(
        &self,
        visit: impl FnMut(&[u8], &Rational) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, DeriveError> {
        match self.streams()? {
            true => Ok(order_polynomials::stream(self.order, visit)),
            false => Err(DeriveError::NotStreamed(self.optimizer.name().to_owned())),
        }
    }

    /// What must be known to read the equation.
    fn warnings(&self) -> Vec<Warning> {
        self.optimizer.warning().map(|message| Warning::new("parasitic-roots", message)).into_iter().collect()
    }

    /// Refuses orders whose terms are beyond memory, or beyond patience.
    fn counted(&self, limit: usize) -> Result<(), DeriveError> {
        if self.order <= limit {
            return Ok(());
        }
        let trees = count(self.order + 1).map_or_else(|| "more than 10^38".to_owned(), |n| n.to_string());
        Err(DeriveError::TooManyTrees { order: self.order, trees, limit })
    }

    /// Refuses orders whose series over trees are beyond memory.
    fn limited(&self) -> Result<(), DeriveError> {
        let symbols = self.optimizer.symbols().len();
        let (order, limit) = (self.order, largest_order(symbols));
        if order <= limit {
            return Ok(());
        }
        let what = match symbols {
            0 => "numbers",
            _ => "rational functions of the hyper-parameters (numbers for them go further)",
        };
        let trees = (1..=limit + 1).filter_map(count).sum();
        Err(DeriveError::Order { method: self.optimizer.name().to_owned(), order, limit, trees, what })
    }

    /// Refuses orders that rewriting does not reach in reasonable time and memory, unless limits are given.
    fn reachable(&self) -> Result<(), DeriveError> {
        let symbols = self.optimizer.symbols().len();
        let (order, limit) = (self.order, reachable_order(symbols, self.proof));
        if order <= limit || self.limits.is_some() {
            return Ok(());
        }
        let further = match self.optimizer.is_gradient_descent() {
            true => MAX_STREAM_ORDER,
            false => largest_order(symbols),
        };
        Err(DeriveError::Rewriting { order, limit, symbols, proof: self.proof, further })
    }

    fn rewritten(&self) -> Result<(ModifiedEquation, Option<Proof>), DeriveError> {
        let recurrence = self.optimizer.fractions().map_err(OptimizerError::from)?;
        let recurrence = recurrence.try_map(|c| Ok::<_, DeriveError>(Scalar::from(c.clone())))?;
        Ok(egraph::rewritten(&recurrence, self.order, &self.limits.clone().unwrap_or_default(), self.proof)?)
    }

    fn composed(&self) -> Result<ModifiedEquation, DeriveError> {
        Ok(match self.optimizer.recurrence() {
            BoundRecurrence::Numbers(recurrence, _) => composition(recurrence, self.order),
            BoundRecurrence::Symbols(recurrence, _) => composition(recurrence, self.order),
            BoundRecurrence::Roots(recurrence, _) => composition(recurrence, self.order),
        }?)
    }

    /// From one step as a B-series in `f = −g`.
    fn of_step(&self, route: Route) -> Result<ModifiedEquation, DeriveError> {
        let family = Arc::new(TreeFamily::new(self.order + 1, 1));
        let refused = || DeriveError::Route { method: self.optimizer.name().to_owned(), route };
        let rational = match self.optimizer.optimizer() {
            Optimizer::GradientDescent => BSeries::explicit_euler(&family),
            Optimizer::ImplicitEuler => BSeries::explicit_euler(&family).adjoint(),
            Optimizer::RungeKutta(tableau) => {
                let step = tableau.step(&family);
                match step.map(Quadratic::to_rational) {
                    Some(rational) => rational,
                    None => return self.of_series(route, &step).ok_or_else(refused),
                }
            }
            Optimizer::HeavyBall | Optimizer::Nesterov | Optimizer::Recurrence(_) => return Err(refused()),
        };
        match route {
            Route::LieDerivatives => Ok(lie_derivatives_of_step(self.optimizer.name(), &rational)),
            _ => self.of_series(route, &rational).ok_or_else(refused),
        }
    }

    fn of_series<C: Coefficient + Into<Scalar>>(&self, route: Route, step: &BSeries<C>) -> Option<ModifiedEquation> {
        let field = match route {
            Route::Logarithm => step.logarithm(),
            Route::Substitution => BSeries::exact_flow(step.family()).substituted_for(step)?,
            _ => return None,
        };
        Some(ModifiedEquation::from_field(self.optimizer.name(), &field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::testing::named;
    use crate::tree::Tree;

    fn derived(name: &str, momentum: Option<&str>, order: usize) -> Result<ModifiedEquation, DeriveError> {
        Ok(derive(&named(name, momentum).unwrap(), order).run()?.equation)
    }

    fn example(name: &str) -> String {
        format!("{}/examples/optimizers/{name}.toml", env!("CARGO_MANIFEST_DIR"))
    }

    const ONE_STEP: [Route; 4] = [Route::Composition, Route::Logarithm, Route::Substitution, Route::LieDerivatives];

    #[test]
    fn routes_agree() {
        for name in ["gradient-descent", "implicit-euler", "rk:kutta3", "rk:gauss2", "rk:radau5"] {
            let bound = named(name, None).unwrap();
            let first = derive(&bound, 6).run().unwrap();
            for route in ONE_STEP {
                let other = derive(&bound, 6).route(route).run().unwrap();
                assert_eq!((other.route, &other.equation), (route, &first.equation), "{name}");
            }
        }
    }

    /// Gauss's method of two stages: `f_n = 0` below its order 4, and R is the Padé approximant (2, 2), so that
    /// `log R(−z)/z` begins with `−1 + z⁴/720`.
    #[test]
    fn gauss_is_symmetric_and_of_order_four() {
        let equation = derived("rk:gauss2", None, 7).unwrap();
        assert!([1, 2, 3, 5, 7].iter().all(|&n| equation.orders[n].is_empty()));
        assert_eq!(equation.coefficient(&Tree::tall(4)).to_string(), "1/720");
    }

    /// One stage at γ = 1 − √2/2, of order 1: α(z) = log R(−z)/z with R(x) = (1 + (1−γ)x)/(1 − γx).
    #[test]
    fn irrational_steps_have_coefficients_with_roots() {
        let sdirk = Optimizer::from_toml("a = [[\"1-sqrt(2)/2\"]]\nb = [1]", "sdirk.toml").unwrap().bind(&[]).unwrap();
        for route in [Route::Auto, Route::Composition, Route::Logarithm] {
            let equation = derive(&sdirk, 3).route(route).run().unwrap().equation;
            assert_eq!(equation.coefficient(&Tree::tall(1)).to_string(), "1/2-1/2*sqrt(2)");
        }
        let lie = derive(&sdirk, 3).route(Route::LieDerivatives).run();
        assert!(matches!(lie, Err(DeriveError::Route { .. })));
        // The e-graph's proofs are read back as rational functions.
        let proof = derive(&sdirk, 3).proof(true).run().unwrap_err().to_string();
        assert!(proof.contains("irrational entries"), "{proof}");
    }

    #[test]
    fn what_goes_too_far_is_refused_beforehand() {
        let error = |name: &str, momentum: Option<&str>, order| derived(name, momentum, order).unwrap_err().to_string();
        assert!(error("heavy-ball", None, 99).contains("limit of 8"));
        assert!(error(&example("partial-look-ahead"), None, 8).contains("limit of 7"));
        assert!(error("heavy-ball", Some("1/2"), 99).contains("limit of 13"));
        assert!(error("gradient-descent", None, 17).contains("goes to order 16"));
        let gradient_descent = BoundOptimizer::gradient_descent();
        let rewriting = derive(&gradient_descent, 13).route(Route::Egraph);
        assert!(matches!(rewriting.check(), Err(DeriveError::Rewriting { limit: 12, further: 19, .. })));
        // With limits of its own it begins, and stops at these.
        let few = Limits { nodes: 300, ..Limits::default() };
        assert!(matches!(rewriting.limits(few).run(), Err(DeriveError::Egraph(EgraphError::NodeLimit { .. }))));
        let stream = |order| derive(&gradient_descent, order).streams();
        assert_eq!((stream(8), stream(19)), (Ok(false), Ok(true)));
        assert!(matches!(stream(20), Err(DeriveError::TooManyTrees { limit: 19, .. })));
    }

    #[test]
    fn what_does_not_apply_is_refused() {
        let heavy_ball = named("heavy-ball", None).unwrap();
        let logarithm = derive(&heavy_ball, 2).route(Route::Logarithm).run();
        assert!(matches!(logarithm, Err(DeriveError::Route { route: Route::Logarithm, .. })));
        let proof = derive(&heavy_ball, 2).route(Route::Trees).proof(true).run();
        assert_eq!(proof, Err(DeriveError::NoProof(Route::Composition)));
        let stream = derive(&heavy_ball, 2).stream(|_, _| ControlFlow::<()>::Continue(()));
        assert_eq!(stream, Err(DeriveError::NotStreamed("heavy-ball".to_owned())));
    }

    /// The files that ship are the named methods.
    #[test]
    fn example_files_read() {
        for name in ["heavy-ball", "nesterov", "implicit-euler"] {
            let (file, named) = (derived(&example(name), None, 3).unwrap(), derived(name, None, 3).unwrap());
            assert_eq!((file.orders, file.symbols), (named.orders, named.symbols), "{name}");
        }
        let ralston = derived(&format!("rk:{}", example("ralston")), None, 4).unwrap();
        assert_eq!(ralston.orders, derived("rk:ralston", None, 4).unwrap().orders);
        // Two steps of order two: f_1 = 0.
        for name in ["adams-bashforth-2", "bdf2"] {
            let equation = derived(&example(name), None, 2).unwrap();
            assert!(equation.orders[1].is_empty() && !equation.orders[2].is_empty(), "{name}");
        }
    }
}
