//! Points at which a loss is followed.

use crate::expr::Variable;

/// A point in some algebra: what the inputs of a tape are.
#[derive(Debug, Clone)]
pub struct Point<V> {
    /// The entries of θ.
    pub theta: Vec<V>,
    /// The symbolic constants.
    pub symbols: Vec<V>,
}

impl<V: Clone> Point<V> {
    pub(super) fn get(&self, variable: Variable) -> Option<V> {
        match variable {
            Variable::Theta(k) => self.theta.get(k as usize),
            Variable::Symbol(s) => self.symbols.get(s as usize),
            Variable::Direction(..) => None,
        }
        .cloned()
    }
}
