//! The expression DAG of a loss: hash-consed, exact, shaped; its derivatives, series, polynomials and printing.

mod algebra;
mod build;
mod calculus;
mod dag;
mod exact;
mod fold;
mod forward;
mod function;
mod horner;
mod lowering;
mod modular;
mod packing;
mod poly;
mod polynomials;
mod pool;
mod print;
mod reals;
mod series;
mod shape;
pub mod simplify;
mod stable;
mod substitute;
mod tape;
#[cfg(test)]
mod testing;

pub use algebra::Algebra;
pub use dag::DagAlgebra;
pub use exact::Exact;
pub use function::Function;
pub use modular::{ModularPolynomial, ModularSum, MonomialBox};
pub use poly::{MAX_DEGREE, NotPolynomial, Polynomial};
pub use polynomials::Polynomials;
pub use pool::{Id, MAX_EXPONENT, MAX_FOLDED_BITS, Node, Pool};
pub use print::Printed;
pub use reals::{RealAlgebra, Undefined};
pub use series::{Series, SeriesTape};
pub use shape::Shape;
pub use stable::Purpose;
pub use tape::{Op, Tape, Variable};
