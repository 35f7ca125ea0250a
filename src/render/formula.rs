//! Concrete equations as formulas, from which text, LaTeX, JSON and HTML are made.

use crate::concrete::{
    ConcreteEquation, ConcreteOrder, DerivativeEntry, DerivativeEquation, DerivativeOrder, Formula as Component,
};
use crate::evidence::PrincipalSummary;
use crate::expr::{Id, Polynomial, Pool};
use crate::formula::{Formula, Names, Sentence, Spelling, Symbols};
use crate::number::Coefficient;
use crate::series::Term;
use crate::tree::Notation;
use crate::warning::Warning;

/// The formulas of a [`ConcreteEquation`].
#[derive(Debug, Clone, PartialEq)]
pub struct Formulas {
    /// The optimizer's name.
    pub method: String,
    /// Every entry of θ.
    pub parameters: Vec<Formula>,
    /// The symbolic constants.
    pub symbols: Vec<String>,
    /// How the names of the loss and of shared subterms are written, and our letters beside them.
    pub spelling: Spelling,
    /// Shared subterms in order: a name that the loss does not use, and its expression.
    pub lets: Vec<(String, Formula)>,
    /// The derivatives of the loss that the orders are written in, each with its value; none where they are written in θ.
    pub derivatives: Vec<(Formula, Formula)>,
    /// `f_0, f_1, …`.
    pub orders: Vec<FormulaOrder>,
    /// What the formulas cannot vouch for.
    pub warnings: Vec<Warning>,
}

/// The components of some `f_n` as expressions, whole and in its two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormulaOrder {
    /// The components of `f_n`.
    pub components: Vec<Formula>,
    /// The components of the principal part.
    pub principal: Vec<Formula>,
    /// The components of the non-principal part.
    pub nonprincipal: Vec<Formula>,
}

impl FormulaOrder {
    /// Whether the non-principal part is identically zero as written.
    #[must_use]
    pub fn is_principal(&self) -> bool {
        self.nonprincipal.iter().all(|c| c.is_number("0"))
    }

    /// Whether the principal part is identically zero as written.
    #[must_use]
    pub fn is_nonprincipal(&self) -> bool {
        self.principal.iter().all(|c| c.is_number("0"))
    }
}

impl Formulas {
    /// Writes an equation; `reserved` are names that shared subterms must not take besides the loss's own.
    #[must_use]
    pub fn new(equation: &ConcreteEquation, reserved: &[String]) -> Self {
        let pool = &equation.pool;
        let parameters = pool.theta_formulas();
        let symbols = pool.symbols().to_vec();
        let variables: Vec<Formula> = parameters.iter().cloned().chain(symbols.iter().map(Formula::name)).collect();
        let all = |order: &'_ ConcreteOrder| -> Vec<Component> {
            [&order.components, &order.principal, &order.nonprincipal].into_iter().flatten().cloned().collect()
        };
        let roots: Vec<Id> = equation
            .orders
            .iter()
            .flat_map(all)
            .filter_map(|f| match f {
                Component::Expression(id) => Some(id),
                Component::Polynomial(_) => None,
            })
            .collect();
        let printed = pool.print(&roots, reserved);
        let mut expressions = printed.expressions.into_iter();
        let mut written = |components: &[Component]| -> Vec<Formula> {
            let formulas = components.iter().map(|f| match f {
                Component::Polynomial(p) => p.formula(&variables),
                Component::Expression(_) => expressions.next().unwrap_or_else(|| Formula::natural(0)),
            });
            formulas.collect()
        };
        let orders = equation
            .orders
            .iter()
            .map(|order| FormulaOrder {
                components: written(&order.components),
                principal: written(&order.principal),
                nonprincipal: written(&order.nonprincipal),
            })
            .collect();
        let warnings = equation.warnings();
        let spelling = spelling(pool, reserved, &printed.lets);
        Self {
            method: equation.method.clone(),
            parameters,
            symbols,
            spelling,
            lets: printed.lets,
            derivatives: Vec::new(),
            orders,
            warnings,
        }
    }

    /// Writes an equation in the derivatives of its loss, which are listed once; `reserved` as for [`Formulas::new`], `equation` that of the same loss.
    #[must_use]
    pub fn in_derivatives(derivatives: &DerivativeEquation, equation: &ConcreteEquation, reserved: &[String]) -> Self {
        let pool = &derivatives.pool;
        let parameters = pool.theta_formulas();
        let only = parameters.len() == 1;
        let letter = |entry: &DerivativeEntry| {
            Formula::partial(entry.indices.iter().map(|k| parameters[*k].clone()).collect(), only)
        };
        let letters: Vec<Formula> = derivatives.entries.iter().map(letter).collect();
        let values: Vec<Id> = derivatives.entries.iter().map(|entry| entry.value).collect();
        let printed = pool.print(&values, reserved);
        let written = |part: &[Polynomial]| part.iter().map(|p| p.formula(&letters)).collect::<Vec<_>>();
        let order = |order: &DerivativeOrder| FormulaOrder {
            components: written(&order.components),
            principal: written(&order.principal),
            nonprincipal: written(&order.nonprincipal),
        };
        let orders = derivatives.orders.iter().map(order).collect();
        let spelling = spelling(pool, reserved, &printed.lets);
        Self {
            method: equation.method.clone(),
            symbols: pool.symbols().to_vec(),
            spelling,
            lets: printed.lets,
            derivatives: letters.into_iter().zip(printed.expressions).collect(),
            orders,
            warnings: equation.warnings(),
            parameters,
        }
    }

    /// The sentence about the letters among these that stand for something of the loss here.
    #[must_use]
    pub fn sentence(&self, used: &str) -> Option<Sentence> {
        self.spelling.symbols.declared(used)
    }
}

/// How names are written where these are declared.
fn spelling(pool: &Pool, reserved: &[String], lets: &[(String, Formula)]) -> Spelling {
    let arrays = pool.parameters().map(|(name, shape)| (name, shape.rank() > 0));
    let scalars = pool.symbols().iter().chain(reserved).map(|name| (name.as_str(), false));
    let declared: Vec<(&str, bool)> = arrays.chain(scalars).collect();
    let lets = lets.iter().map(|(name, _)| (name.as_str(), false));
    Spelling {
        names: Names::new(declared.iter().copied().chain(lets))
            .with_constants(pool.symbols().iter().chain(reserved).map(String::as_str)),
        symbols: Symbols::beside(declared.iter().map(|(name, _)| *name)),
    }
}

/// A term of an abstract equation, and whether it is subtracted.
pub(super) fn signed_term(term: &Term, notation: Notation) -> (bool, Formula) {
    let (negative, size) = term.coefficient.formula().signed();
    (negative, size.before(notation.formula(&term.tree)))
}

/// The terms of the series of α, with what is left out.
pub(super) fn series(summary: &PrincipalSummary) -> Vec<(bool, Formula)> {
    let z = |p: usize| Formula::name("z").power(p as u64);
    let known = summary.series.iter().enumerate().filter(|(_, c)| !c.is_zero());
    let terms = known.map(|(p, c)| {
        let (negative, size) = c.formula().signed();
        (negative, if p == 0 { Formula::beside(vec![size]) } else { size.before(z(p)) })
    });
    terms.chain([(false, Formula::big_o(z(summary.series.len())))]).collect()
}
