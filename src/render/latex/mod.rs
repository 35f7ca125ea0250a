//! LaTeX: equations as they stand in a document with `amsmath`.

mod concrete;
mod equation;
mod lines;
mod principal;
mod stability;

pub use concrete::{Block, Row, blocks, concrete, shared};
pub use equation::{about, equation, left_side, parts};
pub use lines::LineTerm;
pub(super) use lines::{align, broken, line};
pub use principal::principal;
pub use stability::stability;
