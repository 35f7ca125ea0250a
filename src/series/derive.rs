//! The one entry to abstract derivations.

use super::composition::composition;
use super::egraph::{self, EgraphError, Proof};
use super::lie::lie_derivatives_of_step;
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
#[must_use]
pub fn derive(optimizer: &BoundOptimizer, order: usize) -> Derive<'_> {
    Derive { optimizer, order, route: Route::Auto, proof: false, limits: None }
}

/// A derivation asked for by [`derive`].
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
        "the {} goes to order {limit} with {symbols} symbols, not {order}: each order more takes three times the time and memory",
        if *.proof { "proof" } else { "e-graph" }
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
        let route = self.answers();
        let (equation, proof) = match route {
            Route::Egraph => self.rewritten()?,
            _ if self.proof => return Err(DeriveError::NoProof(route)),
            Route::Trees => {
                self.counted(MAX_TREE_ORDER)?;
                (order_polynomials(self.order), None)
            }
            Route::Auto | Route::Composition => (self.composed()?, None),
            Route::Logarithm | Route::Substitution | Route::LieDerivatives => (self.of_step(route)?, None),
        };
        Ok(Derivation { equation, route, proof, warnings: self.warnings() })
    }

    /// Whether [`Derive::stream`] gives the terms of the route that answers, one after another.
    #[must_use]
    pub fn streams(&self) -> bool {
        self.answers() == Route::Trees && !self.proof
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
        if !self.streams() {
            return Err(DeriveError::NotStreamed(self.optimizer.name().to_owned()));
        }
        self.counted(MAX_STREAM_ORDER)?;
        Ok(order_polynomials::stream(self.order, visit))
    }

    /// What must be known to read the equation.
    fn warnings(&self) -> Vec<Warning> {
        self.optimizer.warning().map(|message| Warning::new("parasitic-roots", message)).into_iter().collect()
    }

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

    fn rewritten(&self) -> Result<(ModifiedEquation, Option<Proof>), DeriveError> {
        let symbols = self.optimizer.symbols().len();
        let (order, limit) = (self.order, reachable_order(symbols, self.proof));
        if order > limit && self.limits.is_none() {
            let further = match self.optimizer.is_gradient_descent() {
                true => MAX_STREAM_ORDER,
                false => largest_order(symbols),
            };
            return Err(DeriveError::Rewriting { order, limit, symbols, proof: self.proof, further });
        }
        let recurrence = self.optimizer.fractions().map_err(OptimizerError::from)?.mapped(|c| Scalar::from(c.clone()));
        Ok(egraph::rewritten(&recurrence, order, &self.limits.clone().unwrap_or_default(), self.proof)?)
    }

    fn composed(&self) -> Result<ModifiedEquation, DeriveError> {
        self.limited()?;
        Ok(match self.optimizer.recurrence() {
            BoundRecurrence::Numbers(recurrence) => composition(recurrence, self.order),
            BoundRecurrence::Symbols(recurrence) => composition(recurrence, self.order),
            BoundRecurrence::Roots(recurrence) => composition(recurrence, self.order),
        }?)
    }

    /// From one step as a B-series in `f = −g`.
    fn of_step(&self, route: Route) -> Result<ModifiedEquation, DeriveError> {
        self.limited()?;
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
            Route::Substitution => {
                let exact = BSeries::exact_flow(step.family());
                exact.substituted_for(step).unwrap_or_else(|| step.logarithm())
            }
            _ => return None,
        };
        Some(ModifiedEquation::from_field(self.optimizer.name(), &field))
    }
}
