//! Rectangles of points in the plane of two parameters.

use crate::loss::split_outside_brackets;
use crate::number::Rational;

/// The most points along one side.
const MAX_SIDE: usize = 10_000;
/// The points along a side that does not say how many.
const DEFAULT_SIDE: usize = 100;

/// One side of a [`Grid`]: a parameter and equally spaced values of it, both ends included.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Which entry of θ.
    pub parameter: usize,
    /// The name of that entry.
    pub name: String,
    /// The first value.
    pub from: f64,
    /// The last value.
    pub to: f64,
    /// How many values, at least 2.
    pub count: usize,
}

impl Axis {
    /// The value at an index below `count`.
    #[must_use]
    pub fn at(&self, index: usize) -> f64 {
        let share = index as f64 / (self.count - 1) as f64;
        self.from * (1.0 - share) + self.to * share
    }
}

/// Equally spaced points in a rectangle, row by row: `x` varies fastest, and the first row has the first value of `y`.
///
/// ```
/// use shadowflow::flow::Grid;
/// let grid = Grid::parse("x=-2:2:5,y=0:1:3", &["x".into(), "y".into()])?;
/// assert_eq!((grid.x.at(1), grid.y.at(2)), (-1.0, 1.0));
/// # Ok::<(), shadowflow::flow::GridError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The side that is drawn horizontally.
    pub x: Axis,
    /// The side that is drawn vertically.
    pub y: Axis,
}

/// Why a text is not a grid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GridError {
    /// The form is another.
    #[error("`{0}` is not of the form NAME=FROM:TO:COUNT,NAME=FROM:TO:COUNT; write for example x=-2:2:200,y=-1:3:200")]
    Form(String),
    /// There are not two sides.
    #[error("a grid has two sides, not {0}; write for example x=-2:2:200,y=-1:3:200")]
    Sides(usize),
    /// The name is no parameter.
    #[error("`{name}` is not a parameter of this loss, whose parameters are {known}{}", .close.as_ref().map_or(String::new(), |c| format!("; did you mean `{c}`?")))]
    Unknown {
        /// The name given.
        name: String,
        /// The parameters, listed.
        known: String,
        /// The closest parameter, if one is close.
        close: Option<String>,
    },
    /// Both sides are the same parameter.
    #[error("both sides of the grid are `{0}`; a map needs two parameters")]
    Twice(String),
    /// A value is no exact number.
    #[error("the side of `{name}`: {reason}")]
    Number {
        /// The parameter.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

impl Grid {
    /// Reads `x=-2:2:200,y=-1:3:200` with exact numbers; without a count a side has 100 points.
    ///
    /// # Errors
    /// [`GridError`], which names the piece that is wrong.
    pub fn parse(text: &str, names: &[String]) -> Result<Self, GridError> {
        let pieces = split_outside_brackets(text).map_err(|_| GridError::Form(text.to_owned()))?;
        let sides = pieces.iter().map(|piece| side(piece, names)).collect::<Result<Vec<_>, _>>()?;
        let count = sides.len();
        let Ok([x, y]) = <[Axis; 2]>::try_from(sides) else { return Err(GridError::Sides(count)) };
        if x.parameter == y.parameter {
            return Err(GridError::Twice(x.name));
        }
        Ok(Self { x, y })
    }

    /// The number of points.
    #[must_use]
    pub fn len(&self) -> usize {
        self.x.count * self.y.count
    }

    /// Whether there is no point, which no grid that was read is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn side(piece: &str, names: &[String]) -> Result<Axis, GridError> {
    let form = || GridError::Form(piece.trim().to_owned());
    let (name, range) = piece.split_once('=').ok_or_else(form)?;
    let name = name.trim();
    // Entries are listed as `w[0, 1]`; people leave the space out.
    let bare = |text: &str| text.replace(' ', "");
    let parameter = names.iter().position(|n| bare(n) == bare(name)).ok_or_else(|| {
        let close = crate::loss::nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
        let more = if names.len() > 8 { format!(" and {} more", names.len() - 8) } else { String::new() };
        let known = names.iter().take(8).cloned().collect::<Vec<_>>().join(", ") + &more;
        GridError::Unknown { name: name.to_owned(), known, close }
    })?;
    let wrong = |reason: String| GridError::Number { name: name.to_owned(), reason };
    let parts: Vec<&str> = range.split(':').map(str::trim).collect();
    let (from, to, count) = match parts.as_slice() {
        [from, to] => (*from, *to, None),
        [from, to, count] => (*from, *to, Some(*count)),
        _ => return Err(form()),
    };
    let number = |text: &str| text.parse::<Rational>().map(|q| q.to_f64()).map_err(|e| wrong(e.to_string()));
    let (from, to) = (number(from)?, number(to)?);
    if !(from.is_finite() && to.is_finite() && from < to) {
        return Err(wrong(format!(
            "the range from {from} to {to} is empty or not finite; the first must be below the second"
        )));
    }
    let count = match count {
        None => DEFAULT_SIDE,
        Some(text) => match text.parse::<usize>() {
            Ok(n) if (2..=MAX_SIDE).contains(&n) => n,
            _ => return Err(wrong(format!("`{text}` is no number of points from 2 to {MAX_SIDE}"))),
        },
    };
    Ok(Axis { parameter, name: names[parameter].clone(), from, to, count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_and_what_is_none() {
        let names = ["x".to_owned(), "theta".to_owned(), "w[0, 1]".to_owned()];
        let grid = Grid::parse("w[0,1] = -1/2:1:4, x=0:1e-3", &names).unwrap();
        assert_eq!((grid.x.parameter, grid.x.from, grid.x.count), (2, -0.5, 4));
        assert_eq!((grid.y.parameter, grid.y.to, grid.y.count), (0, 0.001, 100));
        assert_eq!(grid.len(), 400);
        for (text, expected) in [
            ("x=0:1", "two sides, not 1"),
            ("x=0:1,x=0:1", "both sides"),
            ("x=0:1,thera=0:1", "did you mean `theta`"),
            ("x=0:1,y", "NAME=FROM:TO:COUNT"),
            ("x=0:1,theta=0", "NAME=FROM:TO:COUNT"),
            ("x=1:1,theta=0:1", "must be below"),
            ("x=0:1:1,theta=0:1", "from 2 to 10000"),
            ("x=0:1:2.5,theta=0:1", "from 2 to 10000"),
            ("x=0:q,theta=0:1", "the side of `x`"),
            ("x=0:1e999,theta=0:1", "not finite"),
            ("w[0=0:1,x=0:1", "NAME=FROM:TO:COUNT"),
        ] {
            let error = Grid::parse(text, &names).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
