//! The modified equation of an abstract loss: the answer of every abstract route.

use crate::number::{Coefficient, Rational, Scalar};
use crate::tree::{BSeries, Tree};

/// One term of some `f_n`: an exact coefficient times an elementary differential in the derivatives of `E`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The elementary differential.
    pub tree: Tree,
    /// Its coefficient, never zero.
    pub coefficient: Scalar,
}

/// The modified equation `f̃ = Σ h^n f_n` of an optimizer, each `f_n` a combination of elementary differentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModifiedEquation {
    /// The optimizer's name as the command spells it, such as `gradient-descent`.
    pub method: String,
    /// Hyper-parameters left symbolic.
    pub symbols: Vec<String>,
    /// `f_0, f_1, …`: the terms of each order, principal first, then by descending level sequence.
    pub orders: Vec<Vec<Term>>,
}

impl ModifiedEquation {
    /// The equation of a method without any order yet and without symbols.
    #[must_use]
    pub fn new(method: &str) -> Self {
        Self { method: method.to_owned(), symbols: Vec::new(), orders: Vec::new() }
    }

    /// The equation whose field `h f̃` is this B-series in `f = −g`, in derivatives of E: the coefficient of a tree is
    /// `(−1)^{|τ|} a(τ)/σ(τ)`.
    ///
    /// # Panics
    /// If the series is over trees of several colours.
    #[must_use]
    pub fn from_field<C: Coefficient + Into<Scalar>>(method: &str, field: &BSeries<C>) -> Self {
        let family = field.family();
        assert_eq!(family.colours(), 1, "a gradient has nodes of one colour");
        let term = |n: usize| {
            let sign = if family.size(n).is_multiple_of(2) { Rational::ONE } else { Rational::MINUS_ONE };
            let factor = sign.checked_div(family.symmetry(n)).unwrap_or_default();
            let levels: Vec<u8> = family.nodes(n).iter().map(|&(level, _)| level).collect();
            Term { tree: Tree::from_canonical(&levels), coefficient: field.values()[n].scaled(&factor).into() }
        };
        let terms = |size: usize| family.of_size(size).filter(|&n| !field.values()[n].is_zero()).map(term).collect();
        Self { orders: (1..=family.max_size()).map(terms).collect(), ..Self::new(method) }
    }

    /// Puts terms in the order that outputs show (principal first, then descending level sequences) and drops zeros.
    #[must_use]
    pub fn sorted(mut terms: Vec<Term>) -> Vec<Term> {
        terms.retain(|t| !t.coefficient.is_zero());
        terms.sort_by(|a, b| b.tree.is_principal().cmp(&a.tree.is_principal()).then_with(|| b.tree.cmp(&a.tree)));
        terms
    }

    /// The coefficient of `tree` in its `f_n`, `n = |τ| − 1`; zero where the tree does not appear.
    #[must_use]
    pub fn coefficient(&self, tree: &Tree) -> Scalar {
        self.orders
            .get(tree.size() - 1)
            .and_then(|terms| terms.iter().find(|t| &t.tree == tree))
            .map_or_else(Scalar::zero, |t| t.coefficient.clone())
    }
}
