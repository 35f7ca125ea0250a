//! The modified equation of an abstract loss: the answer of every abstract route.

use crate::number::{Coefficient, Rational};
use crate::tree::Tree;

/// One term of some `f_n`: an exact coefficient times an elementary differential in the derivatives of `E`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term<C = Rational> {
    /// The elementary differential.
    pub tree: Tree,
    /// Its coefficient, never zero.
    pub coefficient: C,
}

/// The modified equation `f̃ = Σ h^n f_n` of an optimizer, each `f_n` a combination of elementary differentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModifiedEquation<C = Rational> {
    /// The optimizer's name as the command spells it, such as `gradient-descent`.
    pub method: String,
    /// Hyper-parameters left symbolic.
    pub symbols: Vec<String>,
    /// `f_0, f_1, …`: the terms of each order, principal first, then by descending level sequence.
    pub orders: Vec<Vec<Term<C>>>,
}

impl<C: Coefficient> ModifiedEquation<C> {
    /// The equation of a method without any order yet and without symbols.
    #[must_use]
    pub fn new(method: &str) -> Self {
        Self { method: method.to_owned(), symbols: Vec::new(), orders: Vec::new() }
    }

    /// Puts terms in the order that outputs show (principal first, then descending level sequences) and drops zeros.
    #[must_use]
    pub fn sorted(mut terms: Vec<Term<C>>) -> Vec<Term<C>> {
        terms.retain(|t| !t.coefficient.is_zero());
        terms.sort_by(|a, b| b.tree.is_principal().cmp(&a.tree.is_principal()).then_with(|| b.tree.cmp(&a.tree)));
        terms
    }

    /// The coefficient of `tree` in its `f_n`, `n = |τ| − 1`; zero where the tree does not appear.
    #[must_use]
    pub fn coefficient(&self, tree: &Tree) -> C {
        self.orders
            .get(tree.size() - 1)
            .and_then(|terms| terms.iter().find(|t| &t.tree == tree))
            .map_or_else(C::zero, |t| t.coefficient.clone())
    }
}
