//! The forms that the components of a concrete equation are written in, and the shortest of them.

use super::factored;
use super::formulas::{FormulaOrder, Formulas, spelling};
use super::plan::Plan;
use crate::concrete::{
    ConcreteEquation, DerivativeEntry, DerivativeEquation, Formula as Component, MAX_ORDER, NoDerivatives,
};
use crate::expr::simplify::{Options, simplify};
use crate::expr::{Collected, ExpressionRef, Id, Polynomial, Pool, RationalFunction};
use crate::formula::{Formula, reading_cost};
use crate::number::{Coefficient, Rational};
use crate::optimizer::BoundOptimizer;
use crate::series::{Route, derive};
use rustc_hash::{FxHashMap, FxHashSet};
use std::str::FromStr;

/// The most terms of a sum that is taken apart into factors.
const MAX_COLLECTED: usize = 2_000;

/// How the components of `f_n` are written.
///
/// ```
/// use shadowflow::form::Form;
/// assert_eq!("factored".parse(), Ok(Form::Factored));
/// assert!("short".parse::<Form>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// The one with the least to read: see [`Formulas::reading_cost`].
    #[default]
    Auto,
    /// In the derivatives of the loss: `-E''^2*E'/3 - E'''*E'^2/12`.
    Derivatives,
    /// As products: `-2*b*(a*b - 1)`.
    Factored,
    /// As sums, collected where they are polynomials.
    Expanded,
}

impl Form {
    /// All forms.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Derivatives, Self::Factored, Self::Expanded];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Derivatives => "derivatives",
            Self::Factored => "factored",
            Self::Expanded => "expanded",
        }
    }
}

/// No form has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no form `{0}`: choose auto, derivatives, factored or expanded")]
pub struct UnknownForm(String);

impl FromStr for Form {
    type Err = UnknownForm;
    fn from_str(name: &str) -> Result<Self, UnknownForm> {
        Self::ALL.into_iter().find(|form| form.name() == name).ok_or_else(|| UnknownForm(name.to_owned()))
    }
}

/// What the components of an equation are written from: the equation and, where they can be had, the derivatives of its loss.
///
/// ```
/// use shadowflow::concrete::derive;
/// use shadowflow::expr::{Function, Pool, Shape};
/// use shadowflow::form::{Form, Forms};
/// use shadowflow::optimizer::BoundOptimizer;
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let loss = pool.apply(Function::Softplus, x);
/// let gradient_descent = BoundOptimizer::gradient_descent();
/// let equation = derive(pool.expression(loss), &gradient_descent, 1).run()?;
/// let forms = Forms::new(pool.expression(loss), &gradient_descent, &equation, None, &[]);
/// let formulas = forms.written(Form::Derivatives)?;
/// assert_eq!(formulas.orders[1].components[0].to_string(), "-E''*E'/2");
/// assert_eq!(formulas.derivatives[0].1.to_string(), "sigmoid(x)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Forms<'a> {
    equation: &'a ConcreteEquation,
    derivatives: Result<DerivativeEquation, NoDerivatives>,
    options: Option<&'a Options>,
    reserved: &'a [String],
}

impl<'a> Forms<'a> {
    /// The forms of an optimizer's equation on a loss, its expressions simplified where that is asked for; `reserved` are names that
    /// shared subterms must not take besides the loss's own.
    pub fn new(
        loss: impl Into<ExpressionRef<'a>>,
        optimizer: &BoundOptimizer,
        equation: &'a ConcreteEquation,
        options: Option<&'a Options>,
        reserved: &'a [String],
    ) -> Self {
        let order = equation.orders.len().saturating_sub(1);
        let derivatives = if order > MAX_ORDER {
            Err(NoDerivatives::Order)
        } else {
            derive(optimizer, order)
                .route(Route::Trees)
                .run()
                .map_err(|error| NoDerivatives::Series(error.to_string()))
                .and_then(|series| DerivativeEquation::new(loss, &series.equation, options))
        };
        Self { equation, derivatives, options, reserved }
    }

    /// The equation in a form.
    ///
    /// # Errors
    /// [`NoDerivatives`] where the form needs the derivatives of the loss and they cannot be had.
    pub fn written(&self, form: Form) -> Result<Formulas, NoDerivatives> {
        match form {
            Form::Derivatives => Ok(self.in_derivatives(self.derivatives.as_ref().map_err(Clone::clone)?)),
            Form::Factored => self.factored(),
            Form::Expanded => Ok(self.expanded()),
            Form::Auto => {
                let all = [Form::Expanded, Form::Factored, Form::Derivatives];
                let written = all.into_iter().filter_map(|form| self.written(form).ok());
                let least = written.min_by_key(Formulas::reading_cost);
                Ok(least.unwrap_or_else(|| Formulas::new(self.equation, self.reserved)))
            }
        }
    }

    /// As sums: polynomials as they are collected, expressions with each part as itself.
    fn expanded(&self) -> Formulas {
        match &self.derivatives {
            Ok(derivatives) if !self.is_polynomial() => self.substituted(derivatives),
            _ => Formulas::new(self.equation, self.reserved),
        }
    }

    fn is_polynomial(&self) -> bool {
        let first = self.equation.orders.first().and_then(|order| order.components.first());
        matches!(first, Some(Component::Polynomial(_)))
    }

    /// In the derivatives of the loss, which are listed once.
    fn in_derivatives(&self, derivatives: &DerivativeEquation) -> Formulas {
        let pool = &derivatives.pool;
        let parameters = pool.theta_formulas();
        let only = parameters.len() == 1;
        let letter = |entry: &DerivativeEntry| {
            Formula::partial(entry.indices.iter().map(|k| parameters[*k].clone()).collect(), only)
        };
        let letters: Vec<Formula> = derivatives.entries.iter().map(letter).collect();
        let values: Vec<Id> = derivatives.entries.iter().map(|entry| entry.value).collect();
        let printed = pool.print_beside(&named(pool, &values, &letters), &values, self.reserved);
        // High derivatives first, and those of one order as they are listed.
        let mut order: Vec<usize> = (0..letters.len()).collect();
        order.sort_by_key(|k| std::cmp::Reverse(derivatives.entries[*k].indices.len()));
        let plan = Plan::of_derivatives(derivatives, parameters.len());
        let formulas: Vec<Formula> = plan.polynomials.iter().map(|p| in_letters(p, &letters, &order)).collect();
        let listed = letters.into_iter().zip(printed.expressions).collect();
        self.formulas(pool, printed.lets, listed, plan.orders(&formulas))
    }

    /// With the derivatives' values in their places.
    fn substituted(&self, derivatives: &DerivativeEquation) -> Formulas {
        let plan = Plan::of_derivatives(derivatives, derivatives.pool.dimension()).with_sums_of_parts();
        let (mut pool, mut roots) = values(derivatives, &plan.polynomials);
        if let Some(options) = self.options {
            roots = simplify(&mut pool, &roots, options).roots;
        }
        let printed = pool.print(&roots, self.reserved);
        self.formulas(&pool, printed.lets, Vec::new(), plan.orders(&printed.expressions))
    }

    /// As products of sums, with names for sums and functions that repeat.
    fn factored(&self) -> Result<Formulas, NoDerivatives> {
        let (pool, plan, functions) = if self.is_polynomial() {
            let plan = Plan::of_polynomials(self.equation);
            let functions: Vec<RationalFunction> = plan.polynomials.iter().cloned().map(Into::into).collect();
            (self.equation.pool.clone(), plan, Collected::from(functions))
        } else {
            let derivatives = self.derivatives.as_ref().map_err(Clone::clone)?;
            let plan = Plan::of_derivatives(derivatives, derivatives.pool.dimension());
            let (pool, roots) = values(derivatives, &plan.polynomials);
            let functions = Collected::new(&pool, &roots, MAX_COLLECTED).map_err(|_| NoDerivatives::Terms)?;
            (pool, plan, functions)
        };
        // A whole that is longer than its parts is written as their sum.
        let all = factored::written(&functions, &pool, self.reserved)?;
        let plan = plan.with_shorter_wholes(&all.formulas);
        let mut functions = functions;
        functions.functions = plan.kept(&functions.functions);
        let written = factored::written(&functions, &pool, self.reserved)?;
        Ok(self.formulas(&pool, written.lets, Vec::new(), plan.compact().orders(&written.formulas)))
    }

    fn formulas(
        &self,
        pool: &Pool,
        lets: Vec<(String, Formula)>,
        derivatives: Vec<(Formula, Formula)>,
        orders: Vec<FormulaOrder>,
    ) -> Formulas {
        Formulas {
            method: self.equation.method.clone(),
            parameters: pool.theta_formulas(),
            symbols: self.equation.pool.symbols().to_vec(),
            spelling: spelling(&self.equation.pool, self.reserved, &lets),
            lets,
            derivatives,
            orders,
            warnings: self.equation.warnings(),
        }
    }
}

/// The letters of values that others hold: `E'' = E'*(1 - E')`. None stands before its own definition.
fn named(pool: &Pool, values: &[Id], letters: &[Formula]) -> FxHashMap<Id, Formula> {
    let mut seen: FxHashSet<Id> = FxHashSet::default();
    let mut named = FxHashMap::default();
    for (value, letter) in values.iter().zip(letters) {
        if !seen.contains(value) {
            named.insert(*value, letter.clone());
        }
        seen.extend(pool.reachable(&[*value]));
    }
    named
}

/// The values of polynomials in entries of derivatives as expressions.
fn values(derivatives: &DerivativeEquation, polynomials: &[Polynomial]) -> (Pool, Vec<Id>) {
    let mut pool = derivatives.pool.clone();
    let inputs: Vec<Id> = derivatives.entries.iter().map(|entry| entry.value).collect();
    let roots = polynomials.iter().map(|p| p.to_expression(&mut pool, &inputs)).collect();
    (pool, roots)
}

/// A polynomial as an author writes it, with numbers below the line and entries of high derivatives first: `-E''^2*E'/3`. A number that all terms
/// share stands before brackets where that is shorter.
fn in_letters(polynomial: &Polynomial, letters: &[Formula], order: &[usize]) -> Formula {
    let sum = |polynomial: &Polynomial| {
        let term = |(exponents, coefficient): (&[u32], &Rational)| {
            let powers = order.iter().map(|k| (*k, exponents[*k])).filter(|(_, e)| *e > 0);
            let factors: Vec<Formula> = powers.map(|(k, e)| letters[k].clone().power(u64::from(e))).collect();
            coefficient.formula().with_factors(factors).signed()
        };
        Formula::sum(polynomial.terms().map(term).collect())
    };
    let plain = sum(polynomial);
    let Some(shared) = polynomial.terms().next().map(|(_, c)| c.clone()).filter(|_| polynomial.len() > 1) else {
        return plain;
    };
    let inner = shared.recip().map(|inverse| sum(&polynomial.scaled(&inverse)));
    let taken_out = inner.map(|inner| shared.formula().with_factors(vec![inner]));
    match taken_out {
        Some(short) if reading_cost(&short.to_string()) < reading_cost(&plain.to_string()) => short,
        _ => plain,
    }
}
