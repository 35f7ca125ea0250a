//! Optimizers in TOML files: Butcher tableaux and recurrences.

use super::definition::suggestion;
use super::names::{check_name, check_recurrence, check_symbol, check_tableau};
use super::{Evaluation, Optimizer, Recurrence, Tableau};
use crate::file::read_text;
use crate::number::{Coefficient, Fraction, Names, Quadratic, Rational, counted, read_coefficient};
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
    let text = read_text(path, MAX_BYTES).map_err(|e| unreadable(e.to_string()))?;
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
    let named = table.find("name");
    let name = named.map(string).transpose()?.unwrap_or(stem);
    // Without a `name` it is the file's, which has no place in it.
    let place = || named.map_or(0..0, Spanned::span);
    let advice = |message: String| match named {
        Some(_) => (place(), message),
        None => (place(), format!("{message} (the file's name is the optimizer's unless it has a `name`)")),
    };
    check_name(&name).map_err(advice)?;
    let is_tableau = table.find("a").is_some() || table.find("b").is_some();
    if is_tableau {
        table.only(&["name", "a", "b"])?;
        let names = Names {
            symbol: &|name| Err(format!("`{name}` has no value: a tableau holds numbers and sqrt(n) only")),
            sqrt: &|n| Ok(Quadratic::sqrt(n)),
        };
        let rows = table.get("a")?;
        let weights = table.get("b")?;
        let b: Vec<Quadratic> = array(weights)?.map(|v| coefficient(v, &names)).collect::<Result<_, _>>()?;
        let mut radicand = None;
        let mut matrix = Vec::new();
        for (place, row) in array(rows)?.enumerate() {
            let entries: Vec<Quadratic> = array(row)?.map(|v| coefficient(v, &names)).collect::<Result<_, _>>()?;
            if entries.len() > b.len() {
                let (entries, stages) = (entries.len(), b.len());
                let message = format!("row {} of `a` has {entries} entries for {stages} weights `b`", place + 1);
                return Err((row.span(), message));
            }
            one_field(&mut radicand, array(row)?.zip(&entries))?;
            matrix.push(entries);
        }
        one_field(&mut radicand, array(weights)?.zip(&b))?;
        let tableau =
            Tableau::new(&format!("rk:{name}"), matrix, b).map_err(|error| (weights.span(), error.to_string()))?;
        let sum = tableau.weights().iter().fold(Quadratic::zero(), |s, b| s.plus(b));
        if sum != Quadratic::one() {
            let message = format!("the weights `b` sum to {sum}, expected 1: the method is inconsistent");
            return Err((weights.span(), message));
        }
        check_tableau(&tableau).map_err(advice)?;
        return Ok(Optimizer::RungeKutta(Arc::new(tableau)));
    }
    let recurrence = recurrence(&table, name)?;
    check_recurrence(&recurrence).map_err(advice)?;
    Ok(Optimizer::Recurrence(Arc::new(recurrence)))
}

fn recurrence(table: &Table<'_>, name: String) -> Result<Recurrence<Fraction>, Located> {
    table.only(&["name", "symbols", "left", "right", "evaluations"])?;
    let mut symbols: Vec<String> = Vec::new();
    if let Some(list) = table.find("symbols") {
        for value in array(list)? {
            let name = string(value)?;
            check_symbol(&name).map_err(|message| (value.span(), message))?;
            if symbols.contains(&name) {
                return Err((value.span(), format!("the symbol `{name}` appears twice: leave one out")));
            }
            symbols.push(name);
        }
    }
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
    let taken = table.get("evaluations")?;
    let count = array(taken)?.count();
    let evaluations = array(taken)?
        .map(|value| {
            let evaluation = Table::of(value)?;
            evaluation.only(&["at", "stages"])?;
            let at = evaluation.get("at")?;
            let stages = match evaluation.find("stages") {
                Some(stages) => indexed(stages, &names)?,
                None => Vec::new(),
            };
            let stage = |(l, d, place): (i32, Fraction, Range<usize>)| {
                let known = usize::try_from(l).ok().filter(|l| *l < count);
                let message = || match count {
                    1 => format!("there is no evaluation {l}: the only one is 0"),
                    _ => format!("there is no evaluation {l}: they count from 0 to {}", count.saturating_sub(1)),
                };
                known.map(|l| (l, d)).ok_or_else(|| (place, message()))
            };
            let pairs = unplaced(indexed(at, &names)?);
            let sum = pairs.iter().fold(Fraction::zero(), |s, (_, c)| s.plus(c));
            if sum != Fraction::one() {
                let message = format!("the gradient is taken at iterates whose weights sum to {sum}, expected 1");
                return Err((at.span(), message));
            }
            Ok(Evaluation { at: pairs, minus_h_times: stages.into_iter().map(stage).collect::<Result<_, Located>>()? })
        })
        .collect::<Result<Vec<_>, Located>>()?;
    let weights = table.get("right")?;
    let right: Vec<Fraction> = array(weights)?.map(|v| coefficient(v, &names)).collect::<Result<_, _>>()?;
    if right.len() != count {
        let weights_found = counted(right.len(), "weight");
        let message =
            format!("`right` has {weights_found} for {}: there must be one for each", counted(count, "evaluation"));
        return Err((weights.span(), message));
    }
    let pairs = unplaced(indexed(left, &names)?);
    if pairs.iter().all(|(_, a)| a.is_zero()) {
        let message = "`left` has no iterates: expected at least two, such as { 1 = 1, 0 = -1 }";
        return Err((left.span(), message.to_owned()));
    }
    let recurrence = Recurrence { method: name, left: pairs, evaluations, right, symbols: symbols.clone() };
    recurrence.validate().map_err(|e| (left.span(), e.to_string()))?;
    Ok(recurrence)
}

fn unplaced<C>(pairs: Vec<(i32, C, Range<usize>)>) -> Vec<(i32, C)> {
    pairs.into_iter().map(|(j, c, _)| (j, c)).collect()
}

/// Refuses roots of two numbers at the first entry of the second.
fn one_field<'a>(
    radicand: &mut Option<u32>,
    entries: impl Iterator<Item = (&'a Spanned<DeValue<'a>>, &'a Quadratic)>,
) -> Result<(), Located> {
    for (value, entry) in entries {
        if let Some(d) = entry.radicand() {
            let first = *radicand.get_or_insert(d);
            if first != d {
                let message = format!("sqrt({first}) and sqrt({d}) in one tableau: roots of one number only");
                return Err((value.span(), message));
            }
        }
    }
    Ok(())
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
                let name: &str = key.get_ref();
                let close = suggestion(name, "", known.iter().copied());
                let message = format!("`{name}` has no meaning here: expected {}{close}", known.join(", "));
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

/// A table from whole numbers to coefficients, each with the place of its number.
fn indexed<C: Coefficient>(
    value: &Spanned<DeValue<'_>>,
    names: &Names<'_, C>,
) -> Result<Vec<(i32, C, Range<usize>)>, Located> {
    let mut pairs = Vec::new();
    for (key, entry) in Table::of(value)?.entries {
        let index = key.get_ref().parse::<i32>().ok().filter(|j| j.abs() <= MAX_STEPS);
        let index = index.ok_or_else(|| {
            (
                key.span(),
                format!("`{}` is no step: expected a whole number from -{MAX_STEPS} to {MAX_STEPS}", key.get_ref()),
            )
        })?;
        if pairs.iter().any(|(j, _, _)| *j == index) {
            return Err((key.span(), format!("step {index} appears twice")));
        }
        pairs.push((index, coefficient(entry, names)?, key.span()));
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
        let mut named = Optimizer::HeavyBall.bind(&[]).unwrap().fractions().unwrap();
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

    /// A name of the program's own is for the recurrence of that name, however its parts are ordered.
    #[test]
    fn names_of_the_program_stand_for_its_methods() {
        assert!(Optimizer::from_toml(HEAVY_BALL, "o.toml").is_ok());
        assert!(Optimizer::from_toml(&HEAVY_BALL.replace("\"hb\"", "\"heavy-ball\""), "o.toml").is_ok());
        let nameless = HEAVY_BALL.replace("name = \"hb\"\n", "");
        assert!(Optimizer::from_toml(&nameless, "dir/heavy-ball.toml").is_ok());
        let error = Optimizer::from_toml(&nameless, "nesterov.toml").unwrap_err().to_string();
        assert!(error.starts_with("nesterov.toml:1:1: `nesterov` is") && error.contains("the file's name"), "{error}");
        assert!(Optimizer::from_toml("a = [[], [\"2/3\"]]\nb = [\"1/4\", \"3/4\"]", "ralston.toml").is_ok());
    }

    #[test]
    fn errors_are_located() {
        let cases = [
            ("left = 3", "o.toml:1:1: `evaluations` is missing"),
            ("a = [[]]\nb = [2]", "o.toml:2:5: the weights `b` sum to 2"),
            ("a = [[], [1]]\nb = [1]", "o.toml:2:5: 2 rows of `a` for 1 weights"),
            ("a = [[\"x\"]]\nb = [1]", "o.toml:1:7: `x` has no value"),
            ("a = [[]]\nb = [1]\nc = [0]", "o.toml:3:1: `c` has no meaning here: expected name, a, b"),
            ("a = [[]\nb = [1]", "o.toml:"),
            ("b = [1]", "`a` is missing"),
            (
                &HEAVY_BALL.replace("-(1+m)", "-1"),
                "o.toml:3:8: the coefficients of the iterates of `hb` sum to m, expected 0",
            ),
            (&HEAVY_BALL.replace("\"m\"}", "\"k\"}"), "`k` is not among the symbols m"),
            (
                &HEAVY_BALL.replace("right = [1]", "right = [1, 2]"),
                "o.toml:4:9: `right` has 2 weights for 1 evaluation: there must be one for each",
            ),
            (&HEAVY_BALL.replace("-(1+m)", "-2").replace("-1 = \"m\"", "-1 = 1"), "the sum of j a_j is 0"),
            (&HEAVY_BALL.replace("0 = 1} }", "x = 1} }"), "`x` is no step"),
            (&HEAVY_BALL.replace("[\"m\"]", "[\"1m\"]"), "o.toml:2:12: `1m` is no name"),
            (&HEAVY_BALL.replace("right = [1]", "right = [true]"), "found boolean"),
            (&HEAVY_BALL.replace("[\"m\"]", "[\"m\", \"m\"]"), "o.toml:2:17: the symbol `m` appears twice"),
            (&HEAVY_BALL.replace("[\"m\"]", "[\"m\", \"z\"]"), "o.toml:2:17: `z` is no name for a hyper-parameter"),
            (&HEAVY_BALL.replace("symbols", "symbls"), "o.toml:2:1: `symbls` has no meaning here"),
            (&HEAVY_BALL.replace("symbols", "symbls"), "did you mean `symbols`?"),
            (
                &HEAVY_BALL.replace("0 = 1} }", "0 = 2} }"),
                "o.toml:5:23: the gradient is taken at iterates whose weights sum to 2",
            ),
            (
                &HEAVY_BALL.replace("0 = 1} }", "0 = 1}, stages = {7 = 1} }"),
                "o.toml:5:42: there is no evaluation 7: the only one is 0",
            ),
            (&HEAVY_BALL.replace("right = [1]", "right = [\"1/(1+m^2)\"]"), "products of factors that are linear"),
            ("left = {}\nright = []\nevaluations = []", "o.toml:1:8: `left` has no iterates: expected at least two"),
            ("a = [[], [1, 2, 3]]\nb = [\"1/2\", \"1/2\"]", "o.toml:1:10: row 2 of `a` has 3 entries for 2 weights"),
            ("a = [[\"sqrt(2)\"], [\"sqrt(3)\"]]\nb = [\"1/2\", \"1/2\"]", "o.toml:1:20: sqrt(2) and sqrt(3)"),
            (&HEAVY_BALL.replace("\"hb\"", "\"nesterov\""), "o.toml:1:8: `nesterov` is the name of another method"),
            (&HEAVY_BALL.replace("\"hb\"", "\"rk:rk4\""), "o.toml:1:8: `rk:rk4`: names that begin with rk:"),
            (&HEAVY_BALL.replace("\"hb\"", "\"a\\nb\""), "o.toml:1:8: the name `a\u{fffd}b` holds '\\n'"),
            ("name = \"heun\"\na = [[], [\"2/3\"]]\nb = [\"1/4\", \"3/4\"]", "`rk:heun` is the name of another method"),
        ];
        for (text, expected) in cases {
            let error = error(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
