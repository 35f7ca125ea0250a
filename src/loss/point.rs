//! Points of parameter space as a user gives them: exact numbers by name, or a JSON or `NumPy` file.

mod json;
mod npy;

use self::json::from_json;
use self::npy::from_npy;
use super::suggest::nearest;
use crate::expr::{Pool, Shape};
use crate::file::{read_limited, read_text};
use crate::number::{ParseRationalError, Rational, counted};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The largest file that is read: five million numbers and what stands between them.
const MAX_BYTES: u64 = 256 << 20;

/// Why a text or file is not a point of a loss's parameter space.
#[derive(Debug, thiserror::Error)]
pub enum PointError {
    /// A piece is not `name=value`.
    #[error("`{0}` is not of the form NAME=VALUE; write for example x=0.3,w=[0.1,-2]")]
    NotAnAssignment(String),
    /// The name is no parameter.
    #[error("`{name}` is not a parameter of this loss, whose parameters are {known}{}", suggestion(.close))]
    UnknownName {
        /// The name given.
        name: String,
        /// The parameters, listed.
        known: String,
        /// The closest parameter, if one is close.
        close: Option<String>,
    },
    /// A value is no exact number.
    #[error("the value of `{name}`: {source}")]
    Number {
        /// The parameter.
        name: String,
        /// What is wrong with it.
        source: ParseRationalError,
    },
    /// The number of values is not the parameter's.
    #[error("`{name}` has {}, but {got} given", entries(.expected))]
    WrongLength {
        /// The parameter.
        name: String,
        /// How many entries it has.
        expected: usize,
        /// How many values were given.
        got: usize,
    },
    /// A list for one number, or one number for a list.
    #[error("`{name}` is {}", if *.list { "an array and needs a list, as in w=[0.1,-2]" } else { "one number, not a list" })]
    Shape {
        /// The parameter.
        name: String,
        /// Whether the parameter is an array.
        list: bool,
    },
    /// A list within a list.
    #[error("`{0}` has a list within a list, and its entries are numbers")]
    Nested(String),
    /// Lists that are not nested as a matrix is.
    #[error("`{name}` has the shape {shape} and needs {}, as in {name}=[[1,2],[3,4]]; {found}", lists(.shape))]
    Nesting {
        /// The parameter.
        name: String,
        /// Its shape.
        shape: Shape,
        /// What was given in place of that.
        found: String,
    },
    /// A name was given twice.
    #[error("`{0}` is given twice")]
    Twice(String),
    /// A bracket does not close.
    #[error("the bracket in `{0}` is not closed")]
    Unclosed(String),
    /// The file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A place in a file is wrong.
    #[error("{}:{line}:{column}: {reason}", .path.display())]
    Located {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// The file is not what its name says.
    #[error("{}: {reason}", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

fn suggestion(close: &Option<String>) -> String {
    close.as_ref().map(|c| format!("; did you mean `{c}`?")).unwrap_or_default()
}

fn entries(n: &usize) -> String {
    if *n == 1 { "1 entry".to_owned() } else { format!("{n} entries") }
}

/// What a matrix is in lists.
fn lists(shape: &Shape) -> String {
    match *shape.axes() {
        [rows, columns] => format!("{} of {}", counted(rows, "list"), counted(columns, "number")),
        _ => "lists within lists".to_owned(),
    }
}

/// Reads a point: `x=0.3,w=[0.1,-2],W=[[1,2],[3,4]]` with exact numbers, or the name of a `.json` or `.npy` file.
///
/// A JSON file holds an object of names and numbers, or lists of these for arrays and lists of lists for matrices, or a flat list of all entries; a `NumPy`
/// file holds all entries, row-major, parameters in order of declaration. Numbers of every kind are taken exactly: of JSON
/// by their digits, or as a string `"p/q"`, of `NumPy` by their bits. Entries that are not given are `None`.
///
/// # Errors
/// [`PointError`], which names the piece that is wrong.
///
/// ```
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::loss::parse_point;
/// let mut pool = Pool::new();
/// pool.declare_parameter("x", Shape::scalar());
/// pool.declare_parameter("w", Shape::vector(2));
/// let point = parse_point("w=[0.1,-2]", &pool).unwrap();
/// assert_eq!(point[0], None);
/// assert_eq!(point[1].as_ref().unwrap().to_string(), "1/10");
/// assert!(parse_point("v=1", &pool).is_err());
/// ```
pub fn parse_point(text: &str, pool: &Pool) -> Result<Vec<Option<Rational>>, PointError> {
    let path = Path::new(text);
    let unreadable = |source| PointError::Read { path: path.to_owned(), source };
    let has_extension = |wanted: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(wanted));
    if !text.contains('=') && has_extension("json") {
        return from_json(path, &read_text(path, MAX_BYTES).map_err(unreadable)?, pool);
    }
    if !text.contains('=') && has_extension("npy") {
        return from_npy(path, &read_limited(path, MAX_BYTES).map_err(unreadable)?, pool);
    }
    let mut point = vec![None; pool.dimension()];
    for piece in split_outside_brackets(text)? {
        let (name, value) =
            piece.split_once('=').ok_or_else(|| PointError::NotAnAssignment(piece.trim().to_owned()))?;
        let name = name.trim();
        let value = value.trim();
        let place = vacant(&mut point, pool, name)?;
        let mut values = Vec::new();
        read_value(value, &place, 0, &mut values)?;
        place.fill(&mut point, values);
    }
    Ok(point)
}

/// Reads many points from a file: a `.npy` array with a row for each and a column for each entry of θ, or a text with a point a line, as [`parse_point`]
/// takes them, empty lines and comments (`# …`) passed over.
///
/// # Errors
/// [`PointError`], which names the line that is wrong; a file without a point is wrong too.
pub fn parse_points(path: &Path, pool: &Pool) -> Result<Vec<Vec<Option<Rational>>>, PointError> {
    let unreadable = |source| PointError::Read { path: path.to_owned(), source };
    let format = |reason: String| PointError::Format { path: path.to_owned(), reason };
    let points = if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("npy")) {
        npy::rows(&read_limited(path, MAX_BYTES).map_err(unreadable)?, pool.dimension()).map_err(format)?
    } else {
        let text = read_text(path, MAX_BYTES).map_err(unreadable)?;
        let lines = text.lines().enumerate().map(|(k, line)| (k, line.split('#').next().unwrap_or_default().trim()));
        let point = |(k, line): (usize, &str)| {
            let located = |e: PointError| PointError::Located {
                path: path.to_owned(),
                line: k + 1,
                column: 1,
                reason: e.to_string(),
            };
            // A line is a point, never the name of a file.
            if line.contains('=') { parse_point(line, pool) } else { Err(PointError::NotAnAssignment(line.to_owned())) }
                .map_err(located)
        };
        lines.filter(|(_, line)| !line.is_empty()).map(point).collect::<Result<Vec<_>, _>>()?
    };
    if points.is_empty() { Err(format("there is no point in it".to_owned())) } else { Ok(points) }
}

/// The pieces of a list between commas that no bracket encloses.
pub(crate) fn split_outside_brackets(text: &str) -> Result<Vec<&str>, PointError> {
    let (mut pieces, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.checked_sub(1).ok_or_else(|| PointError::Unclosed(text.to_owned()))?,
            ',' if depth == 0 => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err(PointError::Unclosed(text[start..].to_owned()));
    }
    pieces.push(&text[start..]);
    Ok(pieces)
}

/// A value as the command line writes it, at a depth of lists.
fn read_value(text: &str, place: &Place<'_>, depth: usize, values: &mut Vec<Rational>) -> Result<(), PointError> {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('[') else {
        place.check_number(depth)?;
        let name = place.name.to_owned();
        values.push(text.parse().map_err(|source| PointError::Number { name, source })?);
        return Ok(());
    };
    let inner = inner.strip_suffix(']').ok_or_else(|| PointError::Unclosed(text.to_owned()))?;
    let items = if inner.trim().is_empty() { Vec::new() } else { split_outside_brackets(inner)? };
    place.check_list(depth, items.len())?;
    items.into_iter().try_for_each(|item| read_value(item, place, depth + 1, values))
}

/// The entries of θ that a name stands for: a whole parameter, or one entry such as `w[0]`.
pub(super) fn entries_of(pool: &Pool, name: &str) -> Option<Range<usize>> {
    found(pool, name).map(|(entries, _)| entries)
}

/// The same, and their shape.
fn found(pool: &Pool, name: &str) -> Option<(Range<usize>, Shape)> {
    let (of, indices) = match name.split_once('[') {
        Some((of, indices)) => (of.trim_end(), Some(indices.strip_suffix(']')?)),
        None => (name, None),
    };
    let mut offset = 0;
    for (parameter, shape) in pool.parameters() {
        if parameter == of {
            let Some(indices) = indices else { return Some((offset..offset + shape.size(), shape.clone())) };
            let indices: Vec<usize> =
                indices.split(',').map(|index| index.trim().parse().ok()).collect::<Option<Vec<_>>>()?;
            let within = indices.len() == shape.rank() && indices.iter().zip(shape.axes()).all(|(i, n)| i < n);
            let flat =
                indices.iter().zip(shape.axes()).fold(0_usize, |flat, (i, n)| flat.wrapping_mul(*n).wrapping_add(*i));
            return within.then(|| (offset + flat..offset + flat + 1, Shape::scalar()));
        }
        offset += shape.size();
    }
    None
}

/// A parameter, or one entry of one, that a point gives values for.
pub(super) struct Place<'a> {
    name: &'a str,
    entries: Range<usize>,
    shape: Shape,
}

/// The place that a name stands for, which has no values yet.
pub(super) fn vacant<'a>(point: &mut [Option<Rational>], pool: &Pool, name: &'a str) -> Result<Place<'a>, PointError> {
    let (entries, shape) = found(pool, name).ok_or_else(|| {
        let names: Vec<&str> = pool.parameters().map(|(n, _)| n).collect();
        PointError::UnknownName {
            name: name.to_owned(),
            known: names.join(", "),
            close: nearest(name, names.iter().copied()).map(str::to_owned),
        }
    })?;
    if point[entries.clone()].iter().any(Option::is_some) {
        return Err(PointError::Twice(name.to_owned()));
    }
    Ok(Place { name, entries, shape })
}

impl Place<'_> {
    /// Whether a number stands within so many lists.
    pub(super) fn check_number(&self, depth: usize) -> Result<(), PointError> {
        if depth == self.shape.rank() {
            return Ok(());
        }
        Err(match self.shape.rank() {
            1 => PointError::Shape { name: self.name.to_owned(), list: true },
            _ if depth == 0 => self.nesting("given is one number"),
            _ => self.nesting("given is a number in place of a list"),
        })
    }

    /// Whether a list of so many stands within so many others.
    pub(super) fn check_list(&self, depth: usize, length: usize) -> Result<(), PointError> {
        let name = || self.name.to_owned();
        match self.shape.axes().get(depth) {
            Some(expected) if *expected == length => Ok(()),
            Some(expected) if self.shape.rank() == 1 => {
                Err(PointError::WrongLength { name: name(), expected: *expected, got: length })
            }
            Some(_) if depth == 0 => Err(self.nesting(&format!("given is a list of {length}"))),
            Some(_) => Err(self.nesting(&format!("one of its lists is of {length}"))),
            None if self.shape.rank() == 0 => Err(PointError::Shape { name: name(), list: false }),
            None if self.shape.rank() == 1 => Err(PointError::Nested(name())),
            None => Err(self.nesting("given is a list in place of a number")),
        }
    }

    fn nesting(&self, found: &str) -> PointError {
        PointError::Nesting { name: self.name.to_owned(), shape: self.shape.clone(), found: found.to_owned() }
    }

    /// Gives the entries their values, as many.
    pub(super) fn fill(self, point: &mut [Option<Rational>], values: Vec<Rational>) {
        for (entry, value) in point[self.entries].iter_mut().zip(values) {
            *entry = Some(value);
        }
    }

    /// How many entries there are.
    pub(super) fn size(&self) -> usize {
        self.entries.len()
    }
}

/// Gives every entry of θ its value.
pub(super) fn fill_all(point: &mut [Option<Rational>], values: Vec<Rational>) -> Result<(), String> {
    if values.len() != point.len() {
        return Err(format!("{} values, but the loss has {} parameters", values.len(), point.len()));
    }
    for (entry, value) in point.iter_mut().zip(values) {
        *entry = Some(value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool() -> Pool {
        let mut pool = Pool::new();
        pool.declare_parameter("x", Shape::scalar());
        pool.declare_parameter("w", Shape::vector(2));
        pool.declare_parameter("W", Shape::new(&[2, 3]));
        pool
    }

    #[test]
    fn reads_names_entries_and_lists() {
        let texts = |t: &str| -> Vec<String> {
            let point = parse_point(t, &pool()).unwrap();
            point.iter().map(|e| e.as_ref().map_or("-".to_owned(), Rational::to_string)).collect()
        };
        assert_eq!(texts("x=0.3,w=[1/3,-2]")[..3], ["3/10", "1/3", "-2"]);
        assert_eq!(texts("w[1] = 1e-3")[..4], ["-", "-", "1/1000", "-"]);
        assert_eq!(texts("W = [[1, 2, 3],[ 4,5 , 1/2]]")[3..], ["1", "2", "3", "4", "5", "1/2"]);
        assert_eq!(texts("W[1,0]=7,W[0, 2]=8")[3..], ["-", "-", "8", "7", "-", "-"]);
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, word) in [
            ("y=1", "x, w"),
            ("ww=1", "did you mean `w`"),
            ("x", "NAME=VALUE"),
            ("x=1,x=2", "twice"),
            ("w=[1]", "2 entries"),
            ("w=[1,2", "not closed"),
            ("x=a", "exact number"),
            ("absent.json", "absent.json"),
            ("w=[[1,2]]", "2 entries, but 1 given"),
            ("w=[[1],[2]]", "a list within a list"),
            ("x=[1]", "one number, not a list"),
            ("w=1", "needs a list"),
            ("w[2]=1", "not a parameter"),
            ("w[0,0]=1", "not a parameter"),
            (
                "W=[1,2,3,4,5,6]",
                "shape [2, 3] and needs 2 lists of 3 numbers, as in W=[[1,2],[3,4]]; given is a list of 6",
            ),
            ("W=[[1,2],[3,4],[5,6]]", "given is a list of 3"),
            ("W=[[1,2,3],[4,5]]", "one of its lists is of 2"),
            ("W=[1,2]", "given is a number in place of a list"),
            ("W=[[1,2,3],[4,5,[6]]]", "given is a list in place of a number"),
            ("W=1", "given is one number"),
            ("W=[[1,2,3],[4,5,6]],W[1,2]=3", "twice"),
        ] {
            let message = parse_point(text, &pool()).unwrap_err().to_string();
            assert!(message.contains(word), "{text}: {message}");
        }
    }

    #[test]
    fn reads_files() {
        let folder = tempfile::tempdir().unwrap();
        let json = folder.path().join("p.json");
        std::fs::write(&json, r#"{"x": 0.1, "w": [1, "2/3"]}"#).unwrap();
        let point = parse_point(json.to_str().unwrap(), &pool()).unwrap();
        assert_eq!(point[0], Some(Rational::new(1, 10)));
        assert_eq!(point[2], Some(Rational::new(2, 3)));
        let npy = folder.path().join("p.npy");
        let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (9,), }";
        bytes.extend(format!("{header:<117}\n").bytes());
        for x in [0.5_f64, -1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0] {
            bytes.extend(x.to_le_bytes());
        }
        std::fs::write(&npy, bytes).unwrap();
        let point = parse_point(npy.to_str().unwrap(), &pool()).unwrap();
        assert_eq!(point[0], Some(Rational::new(1, 2)));
    }
}
