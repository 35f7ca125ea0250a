//! Concrete equations as expressions of the loss language, the form from which text, LaTeX and JSON are made.

use crate::concrete::{ConcreteEquation, ConcreteOrder, Formula};
use crate::expr::Id;
use crate::render::Symbols;
use crate::render::latex::Names;
use crate::warning::Warning;

/// The formulas of a [`ConcreteEquation`], written in the loss language.
#[derive(Debug, Clone, PartialEq)]
pub struct Formulas {
    /// The optimizer's name.
    pub method: String,
    /// The name of every entry of θ.
    pub parameters: Vec<String>,
    /// The symbolic constants.
    pub symbols: Vec<String>,
    /// Names of the loss that the formulas do not hold: its constants with values.
    pub reserved: Vec<String>,
    /// Shared subterms in order: a name that the loss does not use, and its expression.
    pub lets: Vec<(String, String)>,
    /// `f_0, f_1, …`.
    pub orders: Vec<FormulaOrder>,
    /// What the formulas cannot vouch for.
    pub warnings: Vec<Warning>,
}

/// The components of some `f_n` as expressions, whole and in its two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormulaOrder {
    /// The components of `f_n`.
    pub components: Vec<String>,
    /// The components of the principal part.
    pub principal: Vec<String>,
    /// The components of the non-principal part.
    pub nonprincipal: Vec<String>,
}

impl FormulaOrder {
    /// Whether the non-principal part is identically zero as written.
    #[must_use]
    pub fn is_principal(&self) -> bool {
        self.nonprincipal.iter().all(|c| c == "0")
    }

    /// Whether the principal part is identically zero as written.
    #[must_use]
    pub fn is_nonprincipal(&self) -> bool {
        self.principal.iter().all(|c| c == "0")
    }
}

impl Formulas {
    /// Writes an equation; `reserved` are names that shared subterms must not take besides the loss's own.
    #[must_use]
    pub fn new(equation: &ConcreteEquation, reserved: &[String]) -> Self {
        let pool = &equation.pool;
        let parameters = pool.theta_names();
        let symbols = pool.symbols().to_vec();
        let names: Vec<String> = parameters.iter().chain(&symbols).cloned().collect();
        let all = |order: &'_ ConcreteOrder| -> Vec<Formula> {
            [&order.components, &order.principal, &order.nonprincipal].into_iter().flatten().cloned().collect()
        };
        let roots: Vec<Id> = equation
            .orders
            .iter()
            .flat_map(all)
            .filter_map(|f| match f {
                Formula::Expression(id) => Some(id),
                Formula::Polynomial(_) => None,
            })
            .collect();
        let printed = pool.print(&roots, reserved);
        let mut expressions = printed.expressions.into_iter();
        let mut written = |formulas: &[Formula]| -> Vec<String> {
            let texts = formulas.iter().map(|f| match f {
                Formula::Polynomial(p) => p.to_text(&names),
                Formula::Expression(_) => expressions.next().unwrap_or_default(),
            });
            texts.collect()
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
        let reserved = reserved.to_vec();
        Self { method: equation.method.clone(), parameters, symbols, reserved, lets: printed.lets, orders, warnings }
    }

    /// How the names of the loss and of shared subterms are written in LaTeX.
    #[must_use]
    pub fn names(&self) -> Names {
        let declared = self.parameters.iter().chain(&self.symbols).chain(&self.reserved);
        Names::new(declared.map(String::as_str).chain(self.lets.iter().map(|(name, _)| name.as_str())))
    }

    /// Our symbols beside the names of the loss.
    #[must_use]
    pub fn notation(&self) -> Symbols {
        let declared = self.parameters.iter().chain(&self.symbols).chain(&self.reserved);
        Symbols::beside(declared.map(String::as_str))
    }
}
