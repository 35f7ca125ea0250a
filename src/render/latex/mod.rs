//! LaTeX: equations as they stand in a document with `amsmath`, expressions for mathematics mode.

mod concrete;
mod equation;
mod expression;
mod lines;
mod name;
mod principal;
mod stability;

pub use concrete::{Block, Row, blocks, concrete, shared};
pub use equation::{about, equation, left_side, parts};
pub use expression::{expression, factor, typewriter};
pub(super) use lines::{align, width};
pub use name::Names;
pub use principal::principal;
pub use stability::stability;
