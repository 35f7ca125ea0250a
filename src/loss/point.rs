//! Points of parameter space as a user gives them: exact numbers by name, or a JSON or `NumPy` file.

mod json;
mod npy;

use self::json::from_json;
use self::npy::from_npy;
use super::suggest::nearest;
use crate::expr::Pool;
use crate::file::{read_limited, read_text};
use crate::number::{ParseRationalError, Rational};
use std::path::{Path, PathBuf};

/// The largest file that is read: a million numbers and what stands between them.
const MAX_BYTES: u64 = 64 << 20;

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

/// Reads a point: `x=0.3,w=[0.1,-2]` with exact numbers, or the name of a `.json` or `.npy` file.
///
/// A JSON file holds an object of names and numbers, or lists of these for arrays, or a flat list of all entries; a `NumPy`
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
        let number = |text: &str| {
            text.parse::<Rational>().map_err(|source| PointError::Number { name: name.to_owned(), source })
        };
        let given = match value.strip_prefix('[') {
            None => Given::Number(number(value)?),
            Some(inner) => {
                let inner = inner.strip_suffix(']').ok_or_else(|| PointError::Unclosed(value.to_owned()))?;
                if inner.contains(['[', ']']) {
                    return Err(PointError::Nested(name.to_owned()));
                }
                let entries = if inner.trim().is_empty() { Vec::new() } else { inner.split(',').collect() };
                Given::List(entries.into_iter().map(number).collect::<Result<_, _>>()?)
            }
        };
        assign(&mut point, pool, name, given)?;
    }
    Ok(point)
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

/// The entries of θ that a name stands for: a whole parameter, or one entry such as `w[0]`.
pub(super) fn entries_of(pool: &Pool, name: &str) -> Option<std::ops::Range<usize>> {
    found(pool, name).map(|(entries, _)| entries)
}

/// The same, and whether the name stands for an array.
fn found(pool: &Pool, name: &str) -> Option<(std::ops::Range<usize>, bool)> {
    let mut offset = 0;
    for (parameter, shape) in pool.parameters() {
        if parameter == name {
            return Some((offset..offset + shape.size(), shape.rank() > 0));
        }
        offset += shape.size();
    }
    if !name.contains('[') {
        return None;
    }
    let spaceless = |s: &str| s.replace(' ', "");
    let at = pool.theta_names().iter().position(|n| spaceless(n) == spaceless(name))?;
    Some((at..at + 1, false))
}

/// What a parameter is given.
pub(super) enum Given {
    Number(Rational),
    List(Vec<Rational>),
}

pub(super) fn assign(point: &mut [Option<Rational>], pool: &Pool, name: &str, given: Given) -> Result<(), PointError> {
    let (range, list) = found(pool, name).ok_or_else(|| {
        let names: Vec<&str> = pool.parameters().map(|(n, _)| n).collect();
        PointError::UnknownName {
            name: name.to_owned(),
            known: names.join(", "),
            close: nearest(name, names.iter().copied()).map(str::to_owned),
        }
    })?;
    let values = match given {
        Given::Number(value) if !list => vec![value],
        Given::List(values) if list => values,
        _ => return Err(PointError::Shape { name: name.to_owned(), list }),
    };
    if values.len() != range.len() {
        return Err(PointError::WrongLength { name: name.to_owned(), expected: range.len(), got: values.len() });
    }
    if point[range.clone()].iter().any(Option::is_some) {
        return Err(PointError::Twice(name.to_owned()));
    }
    for (entry, value) in point[range].iter_mut().zip(values) {
        *entry = Some(value);
    }
    Ok(())
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
    use crate::expr::Shape;

    fn pool() -> Pool {
        let mut pool = Pool::new();
        pool.declare_parameter("x", Shape::scalar());
        pool.declare_parameter("w", Shape::vector(2));
        pool
    }

    #[test]
    fn reads_names_entries_and_lists() {
        let texts = |t: &str| -> Vec<String> {
            let point = parse_point(t, &pool()).unwrap();
            point.iter().map(|e| e.as_ref().map_or("-".to_owned(), Rational::to_string)).collect()
        };
        assert_eq!(texts("x=0.3,w=[1/3,-2]"), ["3/10", "1/3", "-2"]);
        assert_eq!(texts("w[1] = 1e-3"), ["-", "-", "1/1000"]);
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
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }";
        bytes.extend(format!("{header:<117}\n").bytes());
        for x in [0.5_f64, -1.0, 2.0] {
            bytes.extend(x.to_le_bytes());
        }
        std::fs::write(&npy, bytes).unwrap();
        let point = parse_point(npy.to_str().unwrap(), &pool()).unwrap();
        assert_eq!(point[0], Some(Rational::new(1, 2)));
    }
}
