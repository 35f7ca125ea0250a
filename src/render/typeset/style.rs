//! How a document is set: the language, the width of its lines, the environment, what stands around it.

use crate::formula::Markup;
use std::fmt;
use std::str::FromStr;

/// How formulas are set for a paper.
///
/// ```
/// use shadowflow::formula::Markup;
/// use shadowflow::render::typeset::{Environment, Style, Width};
/// let style = Style { fragment: true, width: "two".parse()?, ..Style::new(Markup::Latex) };
/// assert_eq!((style.environment, style.width.points()), (Environment::Align, 229.0));
/// # Ok::<(), shadowflow::render::typeset::WidthError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Style {
    /// The language.
    pub markup: Markup,
    /// How wide lines may be.
    pub width: Width,
    /// What a block of equations stands in; LaTeX only.
    pub environment: Environment,
    /// Whether there is no preamble, so that a paper can take it in.
    pub fragment: bool,
    /// A name for the block of equations, which is numbered then: `eq:NAME`.
    pub label: Option<String>,
    /// Lines for the preamble, such as definitions of an author's own.
    pub preamble: Vec<String>,
}

impl Style {
    /// A whole document of one column.
    #[must_use]
    pub fn new(markup: Markup) -> Self {
        Self { markup, ..Self::default() }
    }

    /// Equations for a paper that has a preamble, of one column.
    #[must_use]
    pub fn fragment(markup: Markup) -> Self {
        Self { markup, fragment: true, ..Self::default() }
    }

    /// The width in thousandths of the size of the type, which is ten points.
    pub(super) fn room(&self) -> usize {
        self.width.0 / 10
    }

    /// Whether labels may stand in a column of their own.
    pub(super) fn has_columns(&self) -> bool {
        self.environment != Environment::Split && self.width.points() >= 300.0
    }
}

/// What a block of equations stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Environment {
    /// `align*`, which may break across pages.
    #[default]
    Align,
    /// `aligned`, inside of mathematics, which `MathJax` and `KaTeX` have too.
    Aligned,
    /// `split`, inside of an `equation`.
    Split,
}

/// How wide lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width(usize);

/// Thousandths of a point.
const POINT: usize = 1000;
/// The text of LaTeX's `article` at ten points, and one of its two columns.
const COLUMNS: [usize; 2] = [345 * POINT, 229 * POINT];

impl Default for Width {
    fn default() -> Self {
        Self(COLUMNS[0])
    }
}

impl Width {
    /// In points, 72.27 an inch.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a number of five digits")]
    pub fn points(self) -> f64 {
        self.0 as f64 / POINT as f64
    }

    /// Whether it is that of one of two columns.
    pub(super) fn is_half(self) -> bool {
        self.0 == COLUMNS[1]
    }

    /// Whether it is the default.
    pub(super) fn is_whole(self) -> bool {
        self.0 == COLUMNS[0]
    }
}

/// A text that is no width.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no width of lines: expected one, two (columns), or a length from 120pt to 2000pt as 252pt, 88mm, 8.8cm or 3.5in"
)]
pub struct WidthError(String);

impl FromStr for Width {
    type Err = WidthError;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is looked whether it is in range")]
    fn from_str(text: &str) -> Result<Self, WidthError> {
        let wrong = || WidthError(text.to_owned());
        match text {
            "one" | "1" => return Ok(Self(COLUMNS[0])),
            "two" | "2" => return Ok(Self(COLUMNS[1])),
            _ => {}
        }
        let units = [("pt", 1.0), ("mm", 2.845_276), ("cm", 28.452_76), ("in", 72.27)];
        let length = units.iter().find_map(|(unit, points)| Some((text.strip_suffix(unit)?.trim(), points)));
        let (number, unit) = length.ok_or_else(wrong)?;
        let points = number.parse::<f64>().map_err(|_| wrong())? * unit;
        if (120.0..=2000.0).contains(&points) { Ok(Self((points * 1000.0).round() as usize)) } else { Err(wrong()) }
    }
}

impl fmt::Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_whole() {
            f.write_str("one")
        } else if self.is_half() {
            f.write_str("two")
        } else {
            write!(f, "{}pt", self.points())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths() {
        for (text, points) in [("one", 345.0), ("two", 229.0), ("252pt", 252.0), ("3.5in", 252.945), ("100mm", 284.528)]
        {
            assert!((text.parse::<Width>().unwrap().points() - points).abs() < 1e-3, "{text}");
        }
        for text in ["", "three", "5pt", "1e9pt", "pt", "-200pt", "nanpt", "200"] {
            assert!(text.parse::<Width>().is_err(), "{text}");
        }
        assert_eq!("two".parse::<Width>().unwrap().to_string(), "two");
    }
}
