//! Optimizers in TOML files: Butcher tableaux and recurrences.

use super::{Evaluation, Optimizer, Recurrence, Tableau};
use crate::number::{Coefficient, Fraction, Names, Quadratic, Rational, read_coefficient};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The largest file that is read.
const MAX_BYTES: u64 = 1 << 20;
/// How far iterates may lie apart, and how many gradients may be taken.
const MAX_STEPS: i32 = 64;

/// Why a file describes no optimizer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptimizerFileError {
    /// The file cannot be read.
    #[error("cannot read the optimizer `{path}`: {reason}")]
    Unreadable {
        /// The path.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// Something in it is not right.
    #[error("{path}:{line}:{column}: {message}")]
    Invalid {
        /// The path.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What was found and what was expected.
        message: String,
    },
    /// It is a recurrence where a Runge–Kutta method was expected.
    #[error("`{path}` is a recurrence, not a tableau with `a` and `b`: leave out `rk:`")]
    NoTableau {
        /// The path.
        path: String,
    },
}

/// A message and where it belongs.
type Located = (Range<usize>, String);

pub(super) fn read_file(path: &Path) -> Result<Optimizer, OptimizerFileError> {
    let name = path.display().to_string();
    let unreadable = |reason: String| OptimizerFileError::Unreadable { path: name.clone(), reason };
    let size = std::fs::metadata(path).map_err(|e| unreadable(e.to_string()))?.len();
    if size > MAX_BYTES {
        return Err(unreadable(format!("{size} bytes are beyond the limit of {MAX_BYTES}")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
    read(&text, &name)
}

pub(super) fn read(text: &str, path: &str) -> Result<Optimizer, OptimizerFileError> {
    optimizer(text, path).map_err(|(span, message)| {
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        OptimizerFileError::Invalid { path: path.to_owned(), line, column, message }
    })
}

fn optimizer(text: &str, path: &str) -> Result<Optimizer, Located> {
    let document = DeTable::parse(text).map_err(|e| (e.span().unwrap_or(0..0), e.message().to_owned()))?;
    let table = Table { span: document.span(), entries: document.get_ref() };
    let stem = Path::new(path).file_stem().map_or_else(|| path.to_owned(), |s| s.to_string_lossy().into_owned());
    let name = table.find("name").map(string).transpose()?.unwrap_or(stem);
    let is_tableau = table.find("a").is_some() || table.find("b").is_some();
    if is_tableau {
        table.only(&["name", "a", "b"])?;
        let names = Names {
            symbol: &|name| Err(format!("`{name}` has no value: a tableau holds numbers and sqrt(n) only")),
            sqrt: &|n| Ok(Quadratic::sqrt(n)),
        };
        let rows = array(table.get("a")?)?;
        let matrix = rows.map(|row| array(row)?.map(|v| coefficient(v, &names)).collect()).collect::<Result<_, _>>()?;
        let weights = table.get("b")?;
        let b = array(weights)?.map(|v| coefficient(v, &names)).collect::<Result<_, _>>()?;
        let tableau = Tableau::new(&format!("rk:{name}"), matrix, b).map_err(|message| (weights.span(), message))?;
        let sum = tableau.weights().iter().fold(Quadratic::zero(), |s, b| s.plus(b));
        if sum != Quadratic::one() {
            let message = format!("the weights `b` sum to {sum}, expected 1: the method is inconsistent");
            return Err((weights.span(), message));
        }
        return Ok(Optimizer::RungeKutta(Arc::new(tableau)));
    }
    recurrence(&table, name).map(|r| Optimizer::Recurrence(Arc::new(r)))
}

fn recurrence(table: &Table<'_>, name: String) -> Result<Recurrence<Fraction>, Located> {
    table.only(&["name", "symbols", "left", "right", "evaluations"])?;
    let symbols: Vec<String> = match table.find("symbols") {
        Some(list) => array(list)?.map(symbol_name).collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    let symbol = |name: &str| {
        if symbols.iter().any(|s| s == name) {
            return Ok(Fraction::symbol(name));
        }
        Err(match symbols.len() {
            0 => format!("`{name}` is not declared: add symbols = [\"{name}\"]"),
            _ => format!("`{name}` is not among the symbols {}", symbols.join(", ")),
        })
    };
    let names =
        Names {
            symbol: &symbol,
            sqrt: &|n| {
                Quadratic::sqrt(n).to_rational().map(|q| Fraction::from_rational(&q)).ok_or_else(|| {
            format!("sqrt({n}) is not rational: the coefficients of a recurrence are rational functions of its symbols")
        })
            },
        };
    let left = table.get("left")?;
    let evaluations = array(table.get("evaluations")?)?
        .map(|value| {
            let evaluation = Table::of(value)?;
            evaluation.only(&["at", "stages"])?;
            let stages = match evaluation.find("stages") {
                Some(stages) => indexed(stages, &names)?,
                None => Vec::new(),
            };
            let stage = |(l, d): (i32, Fraction)| {
                let l = usize::try_from(l).map_err(|_| (value.span(), format!("stage {l}: they count from 0")))?;
                Ok((l, d))
            };
            Ok(Evaluation {
                at: indexed(evaluation.get("at")?, &names)?,
                minus_h_times: stages.into_iter().map(stage).collect::<Result<_, Located>>()?,
            })
        })
        .collect::<Result<Vec<_>, Located>>()?;
    let right = array(table.get("right")?)?.map(|v| coefficient(v, &names)).collect::<Result<_, _>>()?;
    let recurrence =
        Recurrence { method: name, left: indexed(left, &names)?, evaluations, right, symbols: symbols.clone() };
    recurrence.validate().map_err(|e| (left.span(), e.to_string()))?;
    Ok(recurrence)
}

/// A table with its place.
struct Table<'a> {
    span: Range<usize>,
    entries: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    fn of(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Located> {
        match value.get_ref() {
            DeValue::Table(entries) => Ok(Self { span: value.span(), entries }),
            other => Err((value.span(), format!("expected a table, found {}", other.type_str()))),
        }
    }

    fn find(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.entries.iter().find(|(k, _)| k.get_ref().as_ref() == key).map(|(_, v)| v)
    }

    fn get(&self, key: &str) -> Result<&'a Spanned<DeValue<'a>>, Located> {
        self.find(key).ok_or_else(|| {
            let start = self.span.start;
            (start..start, format!("`{key}` is missing: a tableau has `a` and `b`, a recurrence `left`, `evaluations` (each with `at`) and `right`"))
        })
    }

    /// Refuses keys without a meaning.
    fn only(&self, known: &[&str]) -> Result<(), Located> {
        match self.entries.keys().find(|k| !known.contains(&k.get_ref().as_ref())) {
            None => Ok(()),
            Some(key) => {
                let message = format!("`{}` has no meaning here: expected {}", key.get_ref(), known.join(", "));
                Err((key.span(), message))
            }
        }
    }
}

fn array<'a>(value: &'a Spanned<DeValue<'a>>) -> Result<impl Iterator<Item = &'a Spanned<DeValue<'a>>>, Located> {
    match value.get_ref() {
        DeValue::Array(items) if items.len() <= MAX_STEPS as usize => Ok(items.iter()),
        DeValue::Array(items) => {
            Err((value.span(), format!("{} entries are beyond the limit of {MAX_STEPS}", items.len())))
        }
        other => Err((value.span(), format!("expected an array, found {}", other.type_str()))),
    }
}

fn string(value: &Spanned<DeValue<'_>>) -> Result<String, Located> {
    match value.get_ref() {
        DeValue::String(s) => Ok(s.to_string()),
        other => Err((value.span(), format!("expected a string, found {}", other.type_str()))),
    }
}

fn symbol_name(value: &Spanned<DeValue<'_>>) -> Result<String, Located> {
    let name = string(value)?;
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !starts || name == "sqrt" || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err((
            value.span(),
            format!("`{name}` is no name: expected ASCII letters, digits and `_`, a letter first"),
        ));
    }
    Ok(name)
}

/// A coefficient: a string in the language of coefficients or a number, exactly as written.
fn coefficient<C: Coefficient>(value: &Spanned<DeValue<'_>>, names: &Names<'_, C>) -> Result<C, Located> {
    let text = match value.get_ref() {
        DeValue::String(text) => return read_coefficient(text, names).map_err(|e| (value.span(), e.message)),
        DeValue::Integer(i) if i.radix() == 10 => i.as_str(),
        DeValue::Float(f) => f.as_str(),
        other => {
            let message =
                format!("expected a coefficient, a string such as \"1/2\" or a number, found {}", other.type_str());
            return Err((value.span(), message));
        }
    };
    let number: Rational =
        text.replace('_', "").parse().map_err(|e: crate::number::ParseRationalError| (value.span(), e.to_string()))?;
    Ok(C::from_rational(&number))
}

/// A table from whole numbers to coefficients.
fn indexed<C: Coefficient>(value: &Spanned<DeValue<'_>>, names: &Names<'_, C>) -> Result<Vec<(i32, C)>, Located> {
    let mut pairs = Vec::new();
    for (key, entry) in Table::of(value)?.entries {
        let index = key.get_ref().parse::<i32>().ok().filter(|j| j.abs() <= MAX_STEPS);
        let index = index.ok_or_else(|| {
            (
                key.span(),
                format!("`{}` is no step: expected a whole number from -{MAX_STEPS} to {MAX_STEPS}", key.get_ref()),
            )
        })?;
        if pairs.iter().any(|(j, _)| *j == index) {
            return Err((key.span(), format!("step {index} appears twice")));
        }
        pairs.push((index, coefficient(entry, names)?));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAVY_BALL: &str = "name = \"hb\"\nsymbols = [\"m\"]\nleft = {1 = 1, 0 = \"-(1+m)\", -1 = \"m\"}\nright = [1]\nevaluations = [{ at = {0 = 1} }]\n";

    fn error(text: &str) -> String {
        Optimizer::from_toml(text, "o.toml").unwrap_err().to_string()
    }

    #[test]
    fn a_recurrence_reads_as_the_named_one() {
        let Ok(Optimizer::Recurrence(read)) = Optimizer::from_toml(HEAVY_BALL, "o.toml") else { panic!() };
        let mut named = Optimizer::HeavyBall.symbolic_recurrence().unwrap();
        named.method = "hb".to_owned();
        let sorted = |r: &Recurrence<Fraction>| {
            let mut left = r.left.clone();
            left.sort_by_key(|(j, _)| *j);
            Recurrence { left, ..r.clone() }
        };
        assert_eq!(sorted(&read), sorted(&named));
    }

    #[test]
    fn a_tableau_reads_exactly() {
        let text = "a = [[], [0.6666666666666666666666666666]]\nb = [0.25, \"3/4\"]";
        let Ok(Optimizer::RungeKutta(read)) = Optimizer::from_toml(text, "dir/mine.toml") else { panic!() };
        assert_eq!(read.name(), "rk:mine");
        // All 28 digits count: this is not two thirds.
        let digits: Rational = "0.6666666666666666666666666666".parse().unwrap();
        assert_eq!(read.matrix()[1][0].to_rational(), Some(digits));
    }

    #[test]
    fn errors_are_located() {
        let cases = [
            ("left = 3", "o.toml:1:1: `evaluations` is missing"),
            ("a = [[]]\nb = [2]", "o.toml:2:5: the weights `b` sum to 2"),
            ("a = [[], [1]]\nb = [1]", "o.toml:2:5: 2 rows of `a` for 1 weights"),
            ("a = [[\"x\"]]\nb = [1]", "o.toml:1:7: `x` has no value"),
            ("a = [[]]\nb = [1]\nc = [0]", "o.toml:3:1: `c` has no meaning here"),
            ("a = [[]\nb = [1]", "o.toml:"),
            ("b = [1]", "`a` is missing"),
            (
                &HEAVY_BALL.replace("-(1+m)", "-1"),
                "o.toml:3:8: the coefficients of the iterates of `hb` sum to m, expected 0",
            ),
            (&HEAVY_BALL.replace("\"m\"}", "\"k\"}"), "`k` is not among the symbols m"),
            (
                &HEAVY_BALL.replace("right = [1]", "right = [1, 2]"),
                "o.toml:3:8: `hb` has 1 evaluations, but refers to 2",
            ),
            (&HEAVY_BALL.replace("-(1+m)", "-2").replace("-1 = \"m\"", "-1 = 1"), "the sum of j a_j is 0"),
            (&HEAVY_BALL.replace("0 = 1} }", "x = 1} }"), "`x` is no step"),
            (&HEAVY_BALL.replace("[\"m\"]", "[\"1m\"]"), "o.toml:2:12: `1m` is no name"),
            (&HEAVY_BALL.replace("right = [1]", "right = [true]"), "found boolean"),
        ];
        for (text, expected) in cases {
            let error = error(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
