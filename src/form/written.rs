//! How each form is written from the derivatives of a loss, or from an equation's components.

use super::blocks::{self, Blocks};
use super::factored;
use super::forms::Forms;
use super::formulas::{FormulaOrder, Formulas, shorter, spelling};
use super::nested::Nested;
use super::plan::{Plan, together};
use super::polish::reads_definitions;
use crate::concrete::{DerivativeEntry, DerivativeEquation, NoDerivatives};
use crate::expr::simplify::simplify;
use crate::expr::{Collected, ExpressionRef, Factored, Id, Polynomial, Pool, RationalFunction};
use crate::formula::{Formula, reading_cost};
use crate::number::{Coefficient, Rational};
use crate::series::ModifiedEquation;
use crate::warning::Warning;
use rustc_hash::{FxHashMap, FxHashSet};

/// The most terms of a sum that is taken apart into factors.
const MAX_COLLECTED: usize = 2_000;

impl Forms<'_> {
    /// In the derivatives of the loss, which are listed once.
    pub(super) fn in_derivatives(&self, derivatives: &DerivativeEquation) -> Formulas {
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
    pub(super) fn nested_in_derivatives(
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
    pub(super) fn nested(&self, derivatives: &DerivativeEquation, series: &ModifiedEquation) -> Formulas {
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
    pub(super) fn in_blocks(&self, derivatives: &DerivativeEquation, series: &ModifiedEquation) -> Formulas {
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
    pub(super) fn substituted(&self, derivatives: &DerivativeEquation) -> Formulas {
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
    pub(super) fn quotients(&self) -> Result<Quotients, NoDerivatives> {
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
    pub(super) fn factored(&self, quotients: &Quotients, shorter: bool) -> Result<Formulas, NoDerivatives> {
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
pub(super) struct Quotients {
    pool: Pool,
    plan: Plan,
    collected: Collected,
    /// Their numerators in factors.
    factors: Vec<Factored>,
    /// What was cancelled and may be 0.
    pub(super) cancelled: Vec<String>,
}

/// Names and values of subterms.
type Lets = Vec<(String, Formula)>;

/// What there is to read of a formula.
fn length(formula: &Formula) -> usize {
    reading_cost(&formula.to_string())
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
