//! Formulas for papers: one layout of blocks, lines and tables, and what stands around them, in LaTeX or in Typst.

mod block;
mod breaking;
mod concrete;
mod document;
mod equation;
mod macros;
mod principal;
mod stability;
mod style;
mod table;
mod trees;

pub(super) use block::Row;
#[cfg(feature = "report")]
pub(super) use block::lines;
pub use concrete::concrete;
pub(super) use concrete::{blocks, shared};
pub(super) use document::Document;
pub use equation::equation;
pub(super) use equation::{left_side, push_equation};
pub use macros::{MacroError, Macros};
pub use principal::principal;
pub use stability::{spelling_of, stability};
pub use style::{Environment, Style, Width, WidthError};
pub use trees::trees;

use crate::formula::Formula;

/// A number as it is printed, with powers of ten as such.
fn decimal(text: &str) -> Formula {
    let (negative, size) = text.strip_prefix('-').map_or((false, text), |size| (true, size));
    let size = match size.split_once('e') {
        Some((mantissa, exponent)) => {
            let (minus, exponent) = exponent.strip_prefix('-').map_or((false, exponent), |size| (true, size));
            let exponent = Formula::from((minus, Formula::digits(exponent)));
            Formula::digits(mantissa).times(Formula::natural(10).raised(exponent))
        }
        None => Formula::digits(size),
    };
    Formula::from((negative, size))
}
