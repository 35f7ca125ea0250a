//! The forms that the components of a concrete equation are written in, and the shortest of them.

use super::domain::Gaps;
use super::formulas::{FormulaOrder, Formulas, shorter};
use super::lowest::Lowest;
use super::nested::Nested;
use super::powers::without_towers;
use crate::budget::Budget;
use crate::concrete::{ConcreteEquation, DerivativeEquation, Formula as Component, MAX_ORDER, NoDerivatives};
use crate::expr::simplify::Options;
use crate::expr::{ExpressionRef, Id};
use crate::formula::Formula;
use crate::optimizer::BoundOptimizer;
use crate::series::{ModifiedEquation, Route, derive};
use crate::warning::Warning;
use std::ops::Range;
use std::str::FromStr;
use std::sync::OnceLock;

/// Beyond this order the automatic form is that in derivatives of the loss, or the expanded one.
const MAX_SOUGHT: usize = 6;

/// The shortest of all forms whose names are tried again.
const MAX_SEARCHED: usize = 3;

/// How often formulas are read again for lowest terms.
const MAX_ROUNDS: usize = 3;

/// What powers may have more to read than values of exp: they are what an author writes.
const MORE_FOR_POWERS: usize = 4;

/// The most nodes of the derivatives for which all forms are sought.
const MAX_NODES: usize = 400;

/// The most nodes of the derivatives that formulas are written from more than once.
const MAX_WRITTEN: usize = 10_000;

/// The seconds after which the search for factors ends; what is found does not hang on it but on machines that are much too slow.
const MOST_SECONDS: f64 = 20.0;

/// The derivatives to this order are kept as letters, or put for by their values, order by order, whichever is less to read.
const MAX_LEVELS: usize = 3;

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
    pub(super) loss: ExpressionRef<'a>,
    pub(super) equation: &'a ConcreteEquation,
    pub(super) derivatives: Result<DerivativeEquation, NoDerivatives>,
    series: Option<ModifiedEquation>,
    pub(super) options: Option<&'a Options>,
    pub(super) reserved: &'a [String],
    pub(super) gaps: Gaps<'a>,
    /// Parameters and symbols that are never 0 where the loss has a value.
    pub(super) nonzero: Vec<Formula>,
    /// Which components of both parts of every order are 0 wherever they have a value.
    pub(super) zeros: OnceLock<Vec<FormulaOrder>>,
    /// As sums, which two forms begin with.
    sums: OnceLock<Formulas>,
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
        let loss = loss.into();
        let order = equation.orders.len().saturating_sub(1);
        let series = if order > MAX_ORDER {
            Err(NoDerivatives::Order)
        } else {
            let derived = derive(optimizer, order).route(Route::Trees).run();
            derived.map(|derived| derived.equation).map_err(|error| NoDerivatives::Series(error.to_string()))
        };
        let derivatives = match &series {
            Ok(series) => DerivativeEquation::refined(loss, series, options, |pool, values| {
                let zero = pool.integer(0);
                let null = pool.null(values);
                values.iter().zip(null).map(|(value, null)| if null { zero } else { *value }).collect()
            }),
            Err(reason) => Err(reason.clone()),
        };
        let pool = loss.pool();
        let mut inputs = pool.theta_formulas();
        inputs.extend(pool.symbols().iter().map(Formula::name));
        let nonzero = loss.nonzero().into_iter().map(|k| inputs[k].clone()).collect();
        Self {
            gaps: Gaps::of(loss),
            nonzero,
            zeros: OnceLock::new(),
            sums: OnceLock::new(),
            loss,
            equation,
            derivatives,
            series: series.ok(),
            options,
            reserved,
        }
    }

    /// The equation in a form.
    ///
    /// # Errors
    /// [`NoDerivatives`] where the form needs the derivatives of the loss and they cannot be had.
    pub fn written(&self, form: Form) -> Result<Formulas, NoDerivatives> {
        Ok(self.finished(self.found(form)?))
    }

    /// As they are printed.
    fn finished(&self, mut formulas: Formulas) -> Formulas {
        let pool = self.loss.pool();
        if !self.is_sum(&formulas) && !formulas.are_of(self.equation) {
            formulas = Formulas::new(self.equation, self.reserved);
            let message = "the formulas are printed as derived: what was found differs from them at a point, which is a fault of a rule; please report it";
            formulas.warnings.push(Warning::new("not-simplified", message));
        }
        let formulas = formulas.with_constants_first(pool.symbols());
        if pool.has_rounded_data() { formulas.with_decimals() } else { formulas }
    }

    fn found(&self, form: Form) -> Result<Formulas, NoDerivatives> {
        let first = match form {
            Form::Derivatives => {
                let derivatives = self.derivatives.as_ref().map_err(Clone::clone)?;
                let arrays = derivatives.pool.parameters().any(|(_, shape)| shape.size() > 1);
                match &self.series {
                    Some(series) if arrays => self.in_blocks(derivatives, series),
                    _ => self.in_derivatives(derivatives),
                }
            }
            Form::Factored => self.factored(&self.quotients()?, false)?,
            Form::Expanded => self.expanded(),
            Form::Auto => return Ok(self.automatic()),
        };
        if self.is_sum(&first) {
            return Ok(first);
        }
        let products = form != Form::Factored;
        let searched = first.searched(&self.nonzero, products);
        Ok(self.ordered(if products { self.in_lowest_terms(searched, &mut self.lowest()) } else { searched }))
    }

    /// Whether these are the sums of a polynomial, which are as they are.
    fn is_sum(&self, formulas: &Formulas) -> bool {
        self.is_polynomial() && formulas.lets.is_empty() && formulas.derivatives.is_empty()
    }

    /// The formulas with the names of their definitions in order.
    fn ordered(&self, mut formulas: Formulas) -> Formulas {
        let pool = &self.equation.pool;
        if let Some(powers) = formulas.as_powers() {
            let powers = powers.settled(&self.nonzero).searched(&self.nonzero, true);
            let mut powers = self.in_lowest_terms(powers, &mut self.lowest());
            // Lowest terms are found of what formulas stand for, which is values of exp again.
            powers = powers.as_powers().unwrap_or(powers);
            powers.written_mut().for_each(|formula| *formula = without_towers(formula));
            if powers.reading_cost() <= formulas.reading_cost() + MORE_FOR_POWERS {
                formulas = powers;
            }
        }
        formulas.in_order(pool.free_names(self.reserved));
        formulas.declare(pool, self.reserved);
        formulas
    }

    /// Each formula in lowest terms, and names tried again, as long as that is less to read.
    fn in_lowest_terms(&self, mut formulas: Formulas, lowest: &mut Lowest<'_>) -> Formulas {
        for _ in 0..MAX_ROUNDS {
            let next = lowest.of(&formulas).settled(&self.nonzero).searched(&self.nonzero, true);
            if next.reading_cost() >= formulas.reading_cost() {
                break;
            }
            formulas = next;
        }
        formulas
    }

    fn lowest(&self) -> Lowest<'_> {
        Lowest::new(&self.equation.pool, &self.gaps, &self.nonzero)
    }

    /// The shortest form that is sought: what takes longest to find is not tried where nobody reads the result.
    fn automatic(&self) -> Formulas {
        if self.equation.orders.len() <= MAX_SOUGHT + 1 {
            return self.least();
        }
        let expanded = Formulas::new(self.equation, self.reserved);
        match self.found(Form::Derivatives) {
            Ok(derivatives) => shorter(expanded, derivatives),
            Err(_) => expanded,
        }
    }

    /// The equation in a form or, where it cannot be had, in the automatic one, with the warning `other-form` that says why.
    #[must_use]
    pub fn written_or_other(&self, form: Form) -> Formulas {
        let other = |reason: NoDerivatives| {
            let mut formulas = self.finished(self.automatic());
            let message = format!("{reason}; instead of the form `{}` this is the one of `auto`", form.name());
            formulas.warnings.push(Warning::new("other-form", message));
            formulas
        };
        self.written(form).unwrap_or_else(other)
    }

    /// The form with the least to read.
    fn least(&self) -> Formulas {
        if self.is_huge() {
            return Formulas::new(self.equation, self.reserved);
        }
        let mut all = vec![self.expanded()];
        // What has values where the loss has none is written by those alone who ask for it.
        let time = Budget::current().with_seconds(MOST_SECONDS, "the search for the shortest form");
        let sought = if self.is_large() { None } else { time.run(|| self.quotients().ok()).ok().flatten() };
        let quotients = sought.filter(|quotients| quotients.cancelled.is_empty());
        all.extend(
            quotients.iter().flat_map(|q| [false, true].map(|shorter| self.factored(q, shorter).ok())).flatten(),
        );
        if let Ok(derivatives) = &self.derivatives {
            let plain = self.in_derivatives(derivatives);
            if let Some(series) = &self.series {
                let highest = derivatives.entries.iter().map(|entry| entry.indices.len()).max().unwrap_or(0);
                // Of one parameter, primes are read more easily than what they stand for.
                let first = if derivatives.pool.dimension() == 1 { highest } else { 1 };
                let levels = (first..=highest.min(MAX_LEVELS)).chain((highest > MAX_LEVELS).then_some(highest));
                all.extend(levels.map(|level| self.nested_in_derivatives(derivatives, series, &plain, level)));
                if derivatives.pool.parameters().any(|(_, shape)| shape.size() > 1) {
                    all.push(self.in_blocks(derivatives, series));
                }
            }
            all.push(plain);
        }
        all.sort_by_cached_key(Formulas::reading_cost);
        let mut lowest = self.lowest();
        let searched = all.into_iter().take(MAX_SEARCHED).map(|formulas| {
            if self.is_sum(&formulas) {
                return formulas;
            }
            let lowered = lowest.of(&formulas).settled(&self.nonzero);
            shorter(formulas, lowered).searched(&self.nonzero, true)
        });
        // Of equals, the one in derivatives of the loss.
        let least = searched.min_by_key(|formulas| (formulas.reading_cost(), formulas.derivatives.is_empty()));
        match least {
            Some(formulas) if self.is_sum(&formulas) => formulas,
            Some(formulas) => self.ordered(self.in_lowest_terms(formulas, &mut lowest)),
            None => Formulas::new(self.equation, self.reserved),
        }
    }

    /// As sums: polynomials as they are collected, expressions with each part as itself.
    fn expanded(&self) -> Formulas {
        self.sums.get_or_init(|| self.as_sums()).clone()
    }

    fn as_sums(&self) -> Formulas {
        match &self.derivatives {
            Ok(derivatives) if !self.is_polynomial() && !self.is_huge() => match &self.series {
                Some(series) if self.is_large() => self.nested(derivatives, series),
                Some(series) => shorter(self.substituted(derivatives), self.nested(derivatives, series)),
                None => self.substituted(derivatives),
            },
            _ => Formulas::new(self.equation, self.reserved),
        }
    }

    /// Zeros at the components of both parts that are 0 wherever they have a value; nothing where that is not looked for.
    pub(super) fn zeros(&self) -> &[FormulaOrder] {
        self.zeros.get_or_init(|| match (&self.derivatives, &self.series) {
            (Ok(derivatives), Some(series)) if !self.is_large() => {
                let mut pool = derivatives.pool.clone();
                let entries = derivatives.all.iter().map(|entry| (entry.indices.clone(), entry.value)).collect();
                let dimension = pool.dimension();
                let nested = Nested::new(&mut pool, &entries, dimension, series);
                let null = pool.null(&nested.roots);
                let any = null.contains(&true);
                let marks: Vec<Formula> = null.into_iter().map(|null| Formula::natural(u64::from(!null))).collect();
                if any { nested.plan.orders(&marks) } else { Vec::new() }
            }
            _ => Vec::new(),
        })
    }

    /// The entries of every parameter.
    pub(super) fn ranges(&self) -> Vec<Range<usize>> {
        let mut end = 0;
        let sizes = self.loss.pool().parameters().map(|(_, shape)| shape.size());
        let range = sizes.map(|size| {
            end += size;
            end - size..end
        });
        range.collect()
    }

    /// Whether the derivatives are beyond what is taken apart in search of the shortest form.
    fn is_large(&self) -> bool {
        self.nodes() > MAX_NODES
    }

    /// Whether they are too many to be written more than once.
    fn is_huge(&self) -> bool {
        self.nodes() > MAX_WRITTEN
    }

    /// The nodes of the derivatives, where they are held.
    fn nodes(&self) -> usize {
        self.derivatives.as_ref().map_or(0, |derivatives| {
            let values: Vec<Id> = derivatives.entries.iter().map(|entry| entry.value).collect();
            derivatives.pool.reachable(&values).len()
        })
    }

    pub(super) fn is_polynomial(&self) -> bool {
        let first = self.equation.orders.first().and_then(|order| order.components.first());
        matches!(first, Some(Component::Polynomial(_)))
    }
}
