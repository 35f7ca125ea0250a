//! The modified equation of a concrete loss.

use crate::expr::{Function, Id, Pool};

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
    pub nonsmooth: Vec<Function>,
}
