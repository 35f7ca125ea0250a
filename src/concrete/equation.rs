//! The modified equation of a concrete loss.

use crate::expr::simplify::{Options, Outcome, simplify};
use crate::expr::{Id, Nonsmooth, Pool};
use crate::number::Rational;
use crate::warning::Warning;

/// One component of some `f_n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Formula {
    /// An expanded, collected polynomial in θ and the symbolic constants.
    Polynomial(crate::expr::Polynomial),
    /// An expression of [`ConcreteEquation::pool`].
    Expression(Id),
}

/// `f_n` of a concrete loss, component by component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcreteOrder {
    /// The components of `f_n`.
    pub components: Vec<Formula>,
    /// The components of its principal part, `c_n H^n g`.
    pub principal: Vec<Formula>,
    /// The components of the rest, the non-principal part.
    pub nonprincipal: Vec<Formula>,
}

/// The modified equation `f̃ = Σ h^n f_n` of a concrete loss, in explicit components.
#[derive(Debug, Clone)]
pub struct ConcreteEquation {
    /// The optimizer's name.
    pub method: String,
    /// The DAG that holds the formulas which are expressions, with the loss's parameters and symbols declared.
    pub pool: Pool,
    /// `f_0, f_1, …`.
    pub orders: Vec<ConcreteOrder>,
    /// The functions without derivatives everywhere on which the formulas rely.
    pub nonsmooth: Vec<Nonsmooth>,
}

impl ConcreteEquation {
    /// What the formulas cannot vouch for: `non-smooth`, that they rely on derivatives of functions that do not have them everywhere.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        not_smooth(&self.nonsmooth)
    }

    /// Simplifies the formulas that are expressions, all together; they stay as they are where a limit is met.
    ///
    /// ```
    /// use shadowflow::concrete::derive;
    /// use shadowflow::optimizer::BoundOptimizer;
    /// use shadowflow::expr::simplify::{Cost, Domain, Options, Outcome};
    /// use shadowflow::expr::{Function, Pool, Shape};
    /// let mut pool = Pool::new();
    /// let x = pool.declare_parameter("x", Shape::scalar());
    /// let loss = pool.apply(Function::Softplus, x);
    /// let mut equation = derive(pool.expression(loss), &BoundOptimizer::gradient_descent(), 1).run()?;
    /// let outcome = equation.simplify(&Options::new(Cost::Reading, Domain::Real));
    /// assert_eq!(outcome, Outcome::Simplified);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn simplify(&mut self, options: &Options) -> Outcome {
        let mut formulas: Vec<&mut Formula> = Vec::new();
        for order in &mut self.orders {
            for part in [&mut order.components, &mut order.principal, &mut order.nonprincipal] {
                formulas.extend(part.iter_mut());
            }
        }
        let expressions = formulas.into_iter().filter_map(|formula| match formula {
            Formula::Expression(id) => Some(id),
            Formula::Polynomial(_) => None,
        });
        let expressions: Vec<&mut Id> = expressions.collect();
        let roots: Vec<Id> = expressions.iter().map(|id| **id).collect();
        let simplified = simplify(&mut self.pool, &roots, options);
        for (id, new) in expressions.into_iter().zip(simplified.roots) {
            *id = new;
        }
        simplified.outcome
    }

    /// The first orders, as many as have no more than so many nodes and terms of polynomials, and one at least.
    #[must_use]
    pub fn first_orders(&self, most: usize) -> Self {
        let size = |orders: usize| {
            let (mut roots, mut terms) = (Vec::new(), 0);
            for order in &self.orders[..orders] {
                for formula in [&order.components, &order.principal, &order.nonprincipal].into_iter().flatten() {
                    match formula {
                        Formula::Expression(id) => roots.push(*id),
                        Formula::Polynomial(p) => terms += p.len(),
                    }
                }
            }
            terms + self.pool.reachable(&roots).len()
        };
        let (mut fit, mut beyond) = (1, self.orders.len() + 1);
        while fit + 1 < beyond {
            let middle = usize::midpoint(fit, beyond);
            if size(middle) <= most { fit = middle } else { beyond = middle }
        }
        let orders = self.orders[..fit.min(self.orders.len())].to_vec();
        Self { orders, ..self.clone() }
    }

    /// The truncated field `Σ_n h^n f_n` in components, for a number h; expressions are of [`ConcreteEquation::pool`].
    ///
    /// ```
    /// use shadowflow::concrete::{Formula, derive};
    /// use shadowflow::optimizer::BoundOptimizer;
    /// use shadowflow::expr::{Pool, Shape};
    /// let mut pool = Pool::new();
    /// let x = pool.declare_parameter("x", Shape::scalar());
    /// let loss = pool.pow(x, &2.into());
    /// let mut equation = derive(pool.expression(loss), &BoundOptimizer::gradient_descent(), 1).run()?;
    /// // −2x − h/2 · 2 · 2x.
    /// let Formula::Polynomial(field) = &equation.field(&"1/2".parse()?)[0] else { panic!("a polynomial") };
    /// assert_eq!(field.to_text(&["x".to_owned()]), "-3*x");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn field(&mut self, h: &Rational) -> Vec<Formula> {
        let dimension = self.orders.first().map_or(0, |order| order.components.len());
        let mut field = Vec::with_capacity(dimension);
        for i in 0..dimension {
            let mut sum: Option<Formula> = None;
            for order in self.orders.iter().rev() {
                sum = Some(match (sum, &order.components[i]) {
                    (Some(Formula::Polynomial(sum)), Formula::Polynomial(f)) => {
                        Formula::Polynomial(sum.scaled(h).plus(f))
                    }
                    (Some(Formula::Expression(sum)), Formula::Expression(f)) => {
                        let shifted = self.pool.scaled(h, sum);
                        Formula::Expression(self.pool.add(shifted, *f))
                    }
                    // All orders are of one kind.
                    (_, f) => f.clone(),
                });
            }
            field.extend(sum);
        }
        field
    }
}

/// What formulas that rely on such functions cannot vouch for.
pub(crate) fn not_smooth(functions: &[Nonsmooth]) -> Vec<Warning> {
    let name = |f: &Nonsmooth| match f {
        Nonsmooth::Root { .. } => format!("{}, the root of a square,", f.name()),
        _ => f.name().to_owned(),
    };
    let names: Vec<String> = functions.iter().map(name).collect();
    let (verb, pronoun) = match names.len() {
        0 => return Vec::new(),
        1 => ("is", "its"),
        _ => ("are", "their"),
    };
    let names = names.join(", ");
    let message =
        format!("{names} {verb} not smooth: the formulas rely on {pronoun} derivatives, and hold where those exist");
    vec![Warning::new("non-smooth", message)]
}
