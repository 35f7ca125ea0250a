//! The formulas of a concrete equation, from which text, LaTeX, JSON and HTML are made.

use crate::concrete::{ConcreteEquation, ConcreteOrder, Formula as Component};
use crate::expr::{Id, Pool};
use crate::formula::{Formula, Names, Node, Sentence, Spelling, Symbols, reading_cost, text};
use crate::warning::Warning;
use std::ops::Range;

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
    /// Writes an equation as its components are held; `reserved` are names that shared subterms must not take besides the loss's own.
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

    /// With 0 for parts whose components are zeros here; `ranges` are the entries of every parameter, where components are arrays.
    pub(super) fn without_zeros(mut self, zeros: &[FormulaOrder], ranges: &[Range<usize>]) -> Self {
        for (order, zeros) in self.orders.iter_mut().zip(zeros) {
            let count = order.components.len();
            let entries = count == zeros.components.len();
            let own = (0..count).map(|i| if entries { i..i + 1 } else { ranges[i].clone() });
            for (i, range) in own.enumerate() {
                let null = |part: &[Formula]| part[range.clone()].iter().all(|mark| mark.is_number("0"));
                if null(&zeros.nonprincipal) {
                    order.components[i] = order.principal[i].clone();
                    order.nonprincipal[i] = Formula::natural(0);
                }
                if null(&zeros.principal) {
                    order.components[i] = order.nonprincipal[i].clone();
                    order.principal[i] = Formula::natural(0);
                }
            }
        }
        self
    }

    /// Says anew how names are written, our letters clear of those of all definitions.
    pub(super) fn declare(&mut self, pool: &Pool, reserved: &[String]) {
        let named = self.derivatives.iter().filter_map(|(letter, _)| match letter.node() {
            Node::Name(name) => Some((name.clone(), Formula::natural(0))),
            _ => None,
        });
        let lets: Vec<(String, Formula)> = self.lets.iter().cloned().chain(named).collect();
        self.spelling = spelling(pool, reserved, &lets);
    }

    /// The numbers, names, operators and brackets of all that is printed: what stands first, and every `f_n` with its parts.
    #[must_use]
    pub fn reading_cost(&self) -> usize {
        let cost = |formula: &Formula| reading_cost(&text(formula, &self.spelling.symbols));
        // A definition has `let`, its name and `=`, or its letter and `=`; a component its name and a colon.
        let lets: usize = self.lets.iter().map(|(_, value)| cost(value) + 3).sum();
        let listed: usize = self.derivatives.iter().map(|(letter, value)| cost(letter) + 1 + cost(value)).sum();
        let names: usize = self.parameters.iter().map(|name| cost(name) + 1).sum();
        let components = |components: &[Formula]| names + components.iter().map(cost).sum::<usize>();
        let orders = self.orders.iter().map(|order| {
            let parts = [&order.principal, &order.nonprincipal];
            let both = !order.is_principal() && !order.is_nonprincipal();
            components(&order.components) + parts.into_iter().filter(|_| both).map(|p| components(p)).sum::<usize>()
        });
        let headings = 2 * usize::from(!self.lets.is_empty()) + usize::from(!self.derivatives.is_empty());
        headings + lets + listed + orders.sum::<usize>()
    }

    /// The sentence about the letters among these that stand for something of the loss here.
    #[must_use]
    pub fn sentence(&self, used: &str) -> Option<Sentence> {
        self.spelling.symbols.declared(used)
    }
}

/// How names are written where these are declared.
pub(super) fn spelling(pool: &Pool, reserved: &[String], lets: &[(String, Formula)]) -> Spelling {
    let arrays = pool.parameters().map(|(name, shape)| (name, shape.rank() > 0));
    let scalars = pool.symbols().iter().chain(reserved).map(|name| (name.as_str(), false));
    let declared: Vec<(&str, bool)> = arrays.chain(scalars).collect();
    let lets = || lets.iter().map(|(name, _)| name.as_str());
    Spelling {
        names: Names::new(declared.iter().copied().chain(lets().map(|name| (name, false))))
            .with_constants(pool.symbols().iter().chain(reserved).map(String::as_str))
            .with_subterms(lets()),
        symbols: Symbols::beside(declared.iter().map(|(name, _)| *name)),
    }
}

/// The one with less to read, the first of equals.
pub(super) fn shorter(a: Formulas, b: Formulas) -> Formulas {
    if b.reading_cost() < a.reading_cost() { b } else { a }
}
