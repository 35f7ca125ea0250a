//! The modified equation of an abstract loss as a series over trees, by independent routes: [`derive()`] asks for it.
//!
//! For gradient descent it begins with
//!
#![doc = include_str!("../../assets/formulas/first_orders.html")]

mod composition;
mod derive;
pub mod egraph;
mod equation;
mod lie;
pub mod limits;
mod order_polynomials;
mod read;
mod route;

pub use derive::{Derivation, Derive, DeriveError, derive};
pub use equation::{ModifiedEquation, Term};
pub use limits::Limits;
pub use read::ReadEquationError;
pub use route::{Route, UnknownRoute};

#[cfg(test)]
pub(crate) use composition::composition;
#[cfg(test)]
pub(crate) use lie::{lie_derivatives, lie_derivatives_of_step};
#[cfg(test)]
pub(crate) use order_polynomials::{order_polynomials, stream};
