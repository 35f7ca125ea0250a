//! LaTeX to MathML.

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, Storage, push_mathml};

/// A formula that the converter does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{latex}` has no MathML: {reason}")]
pub struct MathmlError {
    /// The formula.
    pub latex: String,
    /// What the converter said.
    pub reason: String,
}

/// A formula as a MathML element, in display style or inline.
///
/// ```
/// let mathml = shadowflow::render::html::mathml(r"\frac{1}{12} T[g, g]", false).unwrap();
/// assert!(mathml.starts_with("<math") && mathml.contains("<mfrac>"));
/// assert!(shadowflow::render::html::mathml(r"\frac{1}", false).is_err());
/// ```
///
/// # Errors
/// [`MathmlError`] if the formula is not one of LaTeX's.
pub fn mathml(latex: &str, display: bool) -> Result<String, MathmlError> {
    let failed = |reason: String| MathmlError { latex: latex.to_owned(), reason };
    let storage = Storage::new();
    let events: Vec<_> = Parser::new(latex, &storage).collect::<Result<_, _>>().map_err(|e| failed(e.to_string()))?;
    let display_mode = if display { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut out = String::new();
    let events = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    push_mathml(&mut out, events, config).map_err(|e| failed(e.to_string()))?;
    Ok(out)
}
