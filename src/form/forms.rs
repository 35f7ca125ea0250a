//! The forms that the components of a concrete equation are written in, and the shortest of them.

use super::blocks::{self, Blocks};
use super::domain::Gaps;
use super::factored;
use super::formulas::{FormulaOrder, Formulas, spelling};
use super::lowest::Lowest;
use super::nested::Nested;
use super::plan::{Plan, together};
use super::polish::reads_definitions;
use super::powers::without_towers;
use crate::budget::Budget;
use crate::concrete::{
    ConcreteEquation, DerivativeEntry, DerivativeEquation, Formula as Component, MAX_ORDER, NoDerivatives,
};
use crate::expr::simplify::{Options, simplify};
use crate::expr::{Collected, ExpressionRef, Factored, Id, Polynomial, Pool, RationalFunction};
use crate::formula::{Formula, reading_cost};
use crate::number::{Coefficient, Rational};
use crate::optimizer::BoundOptimizer;
use crate::series::{ModifiedEquation, Route, derive};
use crate::warning::Warning;
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;
use std::str::FromStr;
use std::sync::OnceLock;

/// The most terms of a sum that is taken apart into factors.
const MAX_COLLECTED: usize = 2_000;

/// Beyond this order the automatic form is that in derivatives of the loss, or the expanded one.
const MAX_SOUGHT: usize = 6;

/// The shortest of all forms whose names are tried again.
const MAX_SEARCHED: usize = 3;

/// How often formulas are read again for lowest terms.
const MAX_ROUNDS: usize = 3;

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
    loss: ExpressionRef<'a>,
    equation: &'a ConcreteEquation,
    derivatives: Result<DerivativeEquation, NoDerivatives>,
    series: Option<ModifiedEquation>,
    options: Option<&'a Options>,
    reserved: &'a [String],
    gaps: Gaps<'a>,
    /// Parameters and symbols that are never 0 where the loss has a value.
    nonzero: Vec<Formula>,
    /// Which components of both parts of every order are 0 wherever they have a value.
    zeros: OnceLock<Vec<FormulaOrder>>,
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
        if let Some(powers) = formulas.with_powers() {
            let powers = powers.settled(&self.nonzero).searched(&self.nonzero, true);
            let mut powers = self.in_lowest_terms(powers, &mut self.lowest());
            // Lowest terms are found of what formulas stand for, which is values of exp again.
            powers = powers.with_powers().unwrap_or(powers);
            powers.written_mut().for_each(|formula| *formula = without_towers(formula));
            // An author's own notation, though a little longer.
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
    fn zeros(&self) -> &[FormulaOrder] {
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
    fn ranges(&self) -> Vec<Range<usize>> {
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

    fn is_polynomial(&self) -> bool {
        let first = self.equation.orders.first().and_then(|order| order.components.first());
        matches!(first, Some(Component::Polynomial(_)))
    }

    /// In the derivatives of the loss, which are listed once.
    fn in_derivatives(&self, derivatives: &DerivativeEquation) -> Formulas {
        let pool = &derivatives.pool;
        let parameters = pool.theta_formulas();
        let letters: Vec<Formula> =
            derivatives.entries.iter().map(|entry| letter(&parameters, &entry.indices)).collect();
        // High derivatives first, and those of one order as they are listed.
        let mut order: Vec<usize> = (0..letters.len()).collect();
        order.sort_by_key(|k| std::cmp::Reverse(derivatives.entries[*k].indices.len()));
        let plan = Plan::of_derivatives(derivatives, parameters.len()).with_sums_of_parts();
        let formulas: Vec<Formula> = plan.polynomials.iter().map(|p| in_letters(p, &letters, &order)).collect();
        let values: Vec<Id> = derivatives.entries.iter().map(|entry| entry.value).collect();
        let (lets, listed) = self.listed(pool, &letters, &values);
        self.formulas(pool, lets, listed, plan.orders(&formulas))
    }

    /// Letters with their values, and the subterms that these share: as they are held, or in factors where that is less to read.
    fn listed(&self, pool: &Pool, letters: &[Formula], values: &[Id]) -> (Lets, Vec<(Formula, Formula)>) {
        let cost = |lets: &Lets, values: &[Formula]| {
            let lets = lets.iter().map(|(_, value)| length(value) + 3);
            lets.chain(values.iter().map(length)).sum::<usize>()
        };
        let mut printed = pool.print_beside(&named(pool, values, letters), values, self.reserved);
        let mut merged = pool.clone();
        let others = as_one(self.loss, &mut merged, values);
        if others != values {
            let other = merged.print_beside(&named(&merged, &others, letters), &others, self.reserved);
            if cost(&other.lets, &other.expressions) < cost(&printed.lets, &printed.expressions) {
                printed = other;
            }
        }
        let collected = Collected::new(pool, values, MAX_COLLECTED).map_err(|_| NoDerivatives::Factors);
        let sound = collected
            .and_then(|c| if self.gaps.cancelled(pool, &c).is_empty() { Ok(c) } else { Err(NoDerivatives::Factors) });
        let factored =
            sound.and_then(|collected| factored::written(&collected, &collected.factored(), pool, self.reserved, true));
        let (lets, values) = match factored {
            Ok(f) if cost(&f.lets, &f.formulas) < cost(&printed.lets, &printed.expressions) => (f.lets, f.formulas),
            _ => (printed.lets, printed.expressions),
        };
        (lets, letters.iter().cloned().zip(values).collect())
    }

    /// In the derivatives of the loss to an order, with names for differentials that several others hold; higher ones stand as their values.
    fn nested_in_derivatives(
        &self,
        derivatives: &DerivativeEquation,
        series: &ModifiedEquation,
        written: &Formulas,
        level: usize,
    ) -> Formulas {
        let mut pool = derivatives.pool.clone();
        let parameters = pool.theta_formulas();
        let (mut entries, mut letters) = (FxHashMap::default(), FxHashMap::default());
        // High derivatives are written before low ones, in the order in which they are made here.
        let mut all: Vec<&DerivativeEntry> = derivatives.all.iter().collect();
        all.sort_by_key(|entry| std::cmp::Reverse(entry.indices.len()));
        let mut kept = Vec::new();
        for entry in all {
            let letter = (entry.indices.len() <= level).then(|| letter(&parameters, &entry.indices));
            let at = letter.and_then(|letter| written.derivatives.iter().position(|(known, _)| *known == letter));
            let id = match at.map(|at| (at, &written.derivatives[at])) {
                // A value that is no longer than its letter stands in its place, unless something else has to be looked up for it.
                Some((at, (letter, value)))
                    if length(value) > length(letter) || reads_definitions(value, &written.lets) =>
                {
                    let id = pool.declare_symbol(&letter.to_string());
                    letters.insert(id, letter.clone());
                    kept.push(at);
                    id
                }
                _ => entry.value,
            };
            entries.insert(entry.indices.clone(), id);
        }
        kept.sort_unstable();
        let mut listed: Vec<(Formula, Formula)> = kept.into_iter().map(|at| written.derivatives[at].clone()).collect();
        let nested = Nested::new(&mut pool, &entries, derivatives.pool.dimension(), series);
        let reserved: Vec<String> =
            self.reserved.iter().chain(written.lets.iter().map(|(name, _)| name)).cloned().collect();
        let printed = pool.print_beside(&letters, &nested.roots, &reserved);
        listed.extend(printed.lets.into_iter().map(|(name, value)| (Formula::name(name), value)));
        let orders = nested.plan.orders(&printed.expressions);
        self.formulas(&derivatives.pool, written.lets.clone(), listed, orders)
    }

    /// With the derivatives' values in their places, and names for differentials that several others hold.
    fn nested(&self, derivatives: &DerivativeEquation, series: &ModifiedEquation) -> Formulas {
        let mut pool = derivatives.pool.clone();
        let entries: FxHashMap<Vec<usize>, Id> =
            derivatives.all.iter().map(|entry| (entry.indices.clone(), entry.value)).collect();
        let dimension = pool.dimension();
        let nested = Nested::new(&mut pool, &entries, dimension, series);
        let mut roots = nested.roots;
        if let Some(options) = self.options {
            roots = simplify(&mut pool, &roots, options).roots;
        }
        self.printed(pool, roots, &nested.plan)
    }

    /// In blocks of the derivatives, by the declared parameters.
    fn in_blocks(&self, derivatives: &DerivativeEquation, series: &ModifiedEquation) -> Formulas {
        let mut merged = derivatives.pool.clone();
        let values: Vec<Id> = derivatives.all.iter().map(|entry| entry.value).collect();
        let others = as_one(self.loss, &mut merged, &values);
        let plain = self.in_blocks_of(&derivatives.pool, &derivatives.all, series);
        if others == values {
            return plain;
        }
        let mut all = derivatives.all.clone();
        all.iter_mut().zip(others).for_each(|(entry, value)| entry.value = value);
        shorter(plain, self.in_blocks_of(&merged, &all, series))
    }

    fn in_blocks_of(&self, pool: &Pool, entries: &[DerivativeEntry], series: &ModifiedEquation) -> Formulas {
        let mut blocks = Blocks::new(pool, entries);
        let orders = blocks.orders(series).into_iter().map(|parts| FormulaOrder {
            components: parts.principal.iter().zip(&parts.rest).map(|(p, rest)| together(p, rest)).collect(),
            principal: parts.principal,
            nonprincipal: parts.rest,
        });
        let orders = orders.collect();
        let (blocks_listed, values) = blocks.listed();
        let printed = pool.print(&values, self.reserved);
        let mut entries = printed.expressions.into_iter();
        let mut listed: Vec<(Formula, Formula)> = Vec::new();
        for (letter, value) in blocks_listed.into_iter().flat_map(|block| blocks::written(block, &mut entries)) {
            // Entries of two blocks that are equal by symmetry stand once.
            if listed.iter().all(|(known, _)| *known != letter) {
                listed.push((letter, value));
            }
        }
        Formulas { parameters: blocks.names(), ..self.formulas(pool, printed.lets, listed, orders) }
    }

    /// With the derivatives' values in their places.
    fn substituted(&self, derivatives: &DerivativeEquation) -> Formulas {
        let plan = Plan::of_derivatives(derivatives, derivatives.pool.dimension()).with_sums_of_parts();
        let (mut pool, mut roots) = values(derivatives, &plan.polynomials);
        if let Some(options) = self.options {
            roots = simplify(&mut pool, &roots, options).roots;
        }
        self.printed(pool, roots, &plan)
    }

    /// With all parts written in parameters, equal subterms as one where that is less to read.
    fn printed(&self, mut pool: Pool, roots: Vec<Id>, plan: &Plan) -> Formulas {
        let written = |pool: &Pool, roots: &[Id]| {
            let printed = pool.print(roots, self.reserved);
            self.formulas(pool, printed.lets, Vec::new(), plan.orders(&printed.expressions))
        };
        let first = written(&pool, &roots);
        let others = as_one(self.loss, &mut pool, &roots);
        if others == roots { first } else { shorter(first, written(&pool, &others)) }
    }

    /// What the factored form is written from.
    ///
    /// # Errors
    /// [`NoDerivatives::Factors`] beyond its limits.
    fn quotients(&self) -> Result<Quotients, NoDerivatives> {
        if self.is_polynomial() {
            let plan = Plan::of_polynomials(self.equation);
            let functions: Vec<RationalFunction> = plan.polynomials.iter().cloned().map(Into::into).collect();
            let pool = self.equation.pool.clone();
            let collected = Collected::from(functions);
            let factors = collected.factored();
            return Ok(Quotients { pool, plan, collected, factors, cancelled: Vec::new() });
        }
        let (pool, plan, roots) = match &self.derivatives {
            Ok(derivatives) => {
                let plan = Plan::of_derivatives(derivatives, derivatives.pool.dimension());
                let (pool, roots) = values(derivatives, &plan.polynomials);
                (pool, plan, roots)
            }
            Err(_) => {
                let (plan, roots) = Plan::of_expressions(self.equation);
                (self.equation.pool.clone(), plan, roots)
            }
        };
        let collected = Collected::new(&pool, &roots, MAX_COLLECTED).map_err(|_| NoDerivatives::Factors)?;
        let cancelled = self.gaps.cancelled(&pool, &collected);
        let factors = collected.factored();
        Ok(Quotients { pool, plan, collected, factors, cancelled })
    }

    /// As products of sums, with names for sums and functions that repeat.
    fn factored(&self, quotients: &Quotients, shorter: bool) -> Result<Formulas, NoDerivatives> {
        let Quotients { pool, plan, collected, factors, cancelled } = quotients;
        // A whole that is longer than its parts is written as their sum.
        let all = factored::written(collected, factors, pool, self.reserved, shorter)?;
        let shortened = plan.clone().with_shorter_wholes(&all.formulas);
        let kept = shortened.kept(&collected.functions);
        let (written, plan) = if kept.len() == collected.functions.len() {
            (all, shortened)
        } else {
            let mut collected = collected.clone();
            collected.functions = kept;
            let factors = shortened.kept(factors);
            (factored::written(&collected, &factors, pool, self.reserved, shorter)?, shortened.compact())
        };
        let mut formulas = self.formulas(pool, written.lets, Vec::new(), plan.orders(&written.formulas));
        if !cancelled.is_empty() {
            let message = format!(
                "in lowest terms some formulas have values where a derivative of the loss has none: {} may be 0 there and cancels",
                cancelled.join(", ")
            );
            formulas.warnings.push(Warning::new("cancelled", message));
        }
        Ok(formulas)
    }

    fn formulas(
        &self,
        pool: &Pool,
        lets: Vec<(String, Formula)>,
        derivatives: Vec<(Formula, Formula)>,
        orders: Vec<FormulaOrder>,
    ) -> Formulas {
        let formulas = Formulas {
            method: self.equation.method.clone(),
            parameters: pool.theta_formulas(),
            symbols: self.equation.pool.symbols().to_vec(),
            spelling: spelling(&self.equation.pool, self.reserved, &lets),
            lets,
            derivatives,
            orders,
            warnings: self.equation.warnings(),
        };
        let mut formulas = formulas
            .without_zeros(self.zeros(), &self.ranges())
            .polished(self.equation.pool.free_names(self.reserved), &self.nonzero);
        formulas.declare(&self.equation.pool, self.reserved);
        formulas
    }
}

/// The same expressions in parameters and symbols of a loss, with one subterm for those that are equal or multiples of each other.
fn as_one(loss: ExpressionRef<'_>, pool: &mut Pool, roots: &[Id]) -> Vec<Id> {
    let roots = pool.with_equal_as_one(roots, |p| loss.excludes(p));
    pool.with_fewer_functions(&roots)
}

/// An entry of a derivative by the entries of θ.
fn letter(parameters: &[Formula], indices: &[usize]) -> Formula {
    Formula::partial(indices.iter().map(|k| parameters[*k].clone()).collect(), parameters.len() == 1)
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

/// Components as quotients of polynomials.
#[derive(Debug)]
struct Quotients {
    pool: Pool,
    plan: Plan,
    collected: Collected,
    /// Their numerators in factors.
    factors: Vec<Factored>,
    /// What was cancelled and may be 0.
    cancelled: Vec<String>,
}

/// Names and values of subterms.
type Lets = Vec<(String, Formula)>;

/// What there is to read of a formula.
fn length(formula: &Formula) -> usize {
    reading_cost(&formula.to_string())
}

/// The one with less to read, the first of equals.
/// What powers may have more to read than values of exp.
const MORE_FOR_POWERS: usize = 4;

fn shorter(a: Formulas, b: Formulas) -> Formulas {
    if b.reading_cost() < a.reading_cost() { b } else { a }
}

/// The values of polynomials in entries of derivatives as expressions.
fn values(derivatives: &DerivativeEquation, polynomials: &[Polynomial]) -> (Pool, Vec<Id>) {
    let mut pool = derivatives.pool.clone();
    let inputs: Vec<Id> = derivatives.entries.iter().map(|entry| entry.value).collect();
    let roots = polynomials.iter().map(|p| p.to_expression(&mut pool, &inputs)).collect();
    (pool, roots)
}

/// A polynomial as an author writes it, with numbers below the line and entries of high derivatives first: `-E''^2*E'/3`. A number that three
/// terms or more share stands before brackets.
fn in_letters(polynomial: &Polynomial, letters: &[Formula], order: &[usize]) -> Formula {
    let sum = |polynomial: &Polynomial| {
        let term = |(exponents, coefficient): (&[u32], &Rational)| {
            let powers = order.iter().map(|k| (*k, exponents[*k])).filter(|(_, e)| *e > 0);
            let factors: Vec<Formula> = powers.map(|(k, e)| letters[k].clone().power(u64::from(e))).collect();
            coefficient.formula().with_factors(factors).signed()
        };
        Formula::sum(polynomial.terms().map(term).collect())
    };
    let shared = polynomial.terms().next().map(|(_, c)| c.clone()).filter(|_| polynomial.len() > 2);
    let alike = |shared: &Rational| polynomial.terms().all(|(_, c)| c.abs() == shared.abs());
    match shared.filter(alike).and_then(|shared| Some((shared.recip()?, shared))) {
        Some((inverse, shared)) if !shared.abs().is_one() => {
            shared.formula().with_factors(vec![sum(&polynomial.scaled(&inverse))])
        }
        _ => sum(polynomial),
    }
}
