//! The expression DAG of a loss: hash-consed, exact, shaped; its derivatives, series, polynomials and printing.

mod activation;
mod algebra;
mod array;
mod balls;
mod build;
mod calculus;
mod dag;
mod exact;
mod expression;
mod fold;
mod forward;
mod function;
mod horner;
mod lowering;
mod modular;
mod poly;
mod polynomials;
mod pool;
mod print;
mod series;
mod shape;
mod signatures;
pub mod simplify;
mod stable;
mod substitute;
mod tape;
#[cfg(test)]
pub(crate) mod testing;

pub use activation::{Activation, Nonsmooth};
pub use algebra::Algebra;
pub use array::{ArrayAlgebra, Curve, Data, Input, Lanes, OperandError, Powers, Weight, Weights};
pub use balls::{BallAlgebra, Enclosure, Undecided, Undefined};
pub use dag::DagAlgebra;
pub use exact::Exact;
pub use expression::{Expression, ExpressionRef};
pub use function::Function;
pub use modular::{ModularPolynomial, ModularSum, MonomialBox};
pub use poly::{MAX_DEGREE, NotPolynomial, Polynomial};
pub use polynomials::Polynomials;
pub use pool::{Id, MAX_EXPONENT, MAX_FOLDED_BITS, Node, Pool};
pub use print::Printed;
pub use series::{Series, SeriesTape};
pub use shape::Shape;
pub use signatures::{Signature, Signatures};
pub use stable::Purpose;
pub use tape::{Op, Tape, Variable};
