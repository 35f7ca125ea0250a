//! Fields alone: combinations of elementary differentials without a left side.

use super::value::Form;
use super::{ClaimError, MAX_LENGTH, parser, roots};
use crate::number::{Coefficient, Scalar};
use crate::tree::Tree;

/// Reads a combination of elementary differentials, such as `-1/3 H^2 g - 1/12 T[g, g]`; its coefficients may hold these symbols. None of them is zero.
///
/// ```
/// let field = shadowflow::claim::read_field("-1/3 H^2 g - m/12 T[g, g] + 0 g", &["m".to_owned()])?;
/// let levels: Vec<&[u8]> = field.iter().map(|(tree, _)| tree.levels()).collect();
/// assert_eq!(levels, [[0, 1, 1], [0, 1, 2]]);
/// assert_eq!(field[0].1, "-m/12".parse().unwrap());
/// # Ok::<(), shadowflow::claim::ClaimError>(())
/// ```
///
/// # Errors
/// [`ClaimError`] with the place, if it is anything else or beyond the limits.
pub fn read_field(text: &str, symbols: &[String]) -> Result<Vec<(Tree, Scalar)>, ClaimError> {
    if text.len() > MAX_LENGTH {
        let message = format!("a formula has at most {MAX_LENGTH} bytes, this one {}", text.len());
        return Err(ClaimError::new(0..0, message));
    }
    let (value, functions) = parser::parse(text, 0, symbols)?;
    let mut terms = Vec::new();
    for (form, coefficient) in &value.terms {
        let coefficient = roots::canonical(coefficient, &functions);
        match form {
            _ if coefficient.is_zero() => {}
            Form::Vector(tree) => terms.push((tree.clone(), Scalar::from(coefficient))),
            other => {
                return Err(ClaimError::new(0..text.len(), format!("this is {}", other.name()))
                    .expecting("elementary differentials such as `T[g, H g]` with numbers before them"));
            }
        }
    }
    Ok(terms)
}
