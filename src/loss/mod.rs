//! The loss language: text in, a [`Loss`] out, every error with its place.
//!
//! ```
//! use shadowflow::loss::{Loss, Options};
//! let loss = Loss::parse("param x, y\nloss (1 - x)^2 + 100*(y - x^2)^2\n", "banana.loss", &Options::default())?;
//! assert_eq!(loss.expression.pool().theta_names(), ["x", "y"]);
//!
//! let errors = Loss::parse("param theta\nloss thera^2\n", "square.loss", &Options::default()).unwrap_err();
//! let text = errors.to_string();
//! assert!(text.contains("square.loss:2:6") && text.contains("did you mean `theta`?"));
//! # Ok::<(), shadowflow::loss::LossErrors>(())
//! ```

mod arrays;
mod closed;
mod code;
mod data;
mod error;
mod evaluate;
mod examples;
mod expected;
mod foreign;
mod hints;
mod initial;
mod inline;
mod interval;
mod labels;
mod moments;
mod names;
mod notes;
mod npy;
mod numbers;
mod operand;
mod operations;
mod options;
mod parse;
mod precise;
mod random;
mod resolve;
mod run;
mod scan;
mod standardise;
mod suggest;
mod syntax;
mod total;

pub use error::{LossError, LossErrorKind, LossErrors};
pub use examples::{DataFile, Example};
pub use initial::Start;
pub use options::Options;

mod point;
mod region;

pub(crate) use error::{draw_located, position};
pub(crate) use point::split_outside_brackets;
pub use point::{PointError, parse_point, parse_points};
pub(crate) use random::Stream;
pub use region::{RegionError, RegionErrorKind, parse_region};
pub(crate) use suggest::{folded, nearest};

use crate::expr::{Data, Expression, ExpressionRef, Id, Pool};
use crate::file::{read_from, read_limited};
use crate::number::Rational;
use crate::warning::Warning;
use data::Files;
use parse::Mode;
use resolve::Resolved;
use std::io::{ErrorKind, Read};
use std::path::Path;
use syntax::Statement;

/// A loss as the language states it: an expression over declared parameters and symbolic constants.
#[derive(Debug, Clone)]
pub struct Loss {
    /// The loss `E`, a scalar, in a DAG with its parameters and symbolic constants declared.
    pub expression: Expression,
    /// What the loss tells apart, where it has one `softmax_cross_entropy`.
    pub classifier: Option<Classifier>,
    /// What each `const` was, in order of declaration: its name and its exact value, `None` where it has none or is not
    /// rational.
    pub constants: Vec<(String, Option<Rational>)>,
    /// What each parameter starts from where it says so; [`Loss::initial`] and [`Loss::initial_values`] give it entry by entry.
    pub starts: Vec<Option<Start>>,
    /// The data that `test` gives in place of those of the same name, in the statements' order.
    pub test_data: Vec<Data>,
    /// The loss on the data that `test` gives, with the same parameters; `None` without such data.
    pub test: Option<Expression>,
    /// What that loss tells apart, as [`Loss::classifier`].
    pub test_classifier: Option<Classifier>,
    /// The text that was parsed.
    pub source: String,
    /// What is to be known of its data, with the code `doubtful-header`.
    pub warnings: Vec<Warning>,
}

/// Which class each row of data has, by a loss: the one of its largest logit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Classifier {
    /// The matrix of logits, a row for every case and a column for every class.
    pub logits: Id,
    /// The labels, a vector of whole numbers, or a matrix of weights, whose largest of a row is meant.
    pub labels: Id,
}

impl Loss {
    /// Parses a loss; `path` is its name in messages.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub fn parse(source: &str, path: &str, options: &Options) -> Result<Loss, LossErrors> {
        Self::parse_with(source, path, options, files(options))
    }

    /// The same with the data files that it may read.
    fn parse_with(source: &str, path: &str, options: &Options, mut files: Files) -> Result<Loss, LossErrors> {
        // A byte order mark says nothing.
        let source = source.strip_prefix('\u{feff}').unwrap_or(source);
        if source.len() > options.max_bytes {
            return Err(too_long(path, options));
        }
        let mut errors = Vec::new();
        let statements = parse::parse(source, Mode::Loss, options, &mut errors);
        let mut pool = Pool::new();
        let resolved = resolve::resolve(source, &statements, &[], None, &mut pool, &mut files, options, &mut errors);
        check_losses(source, &statements, &mut errors);
        if errors.is_empty() && pool.dimension() == 0 {
            let word = statements.iter().find_map(|s| match s {
                Statement::Loss { word, .. } => Some(word.range()),
                _ => None,
            });
            errors.push(LossError::new(word.unwrap_or(0..0), LossErrorKind::NoParameters).help("declare one: param x"));
        }
        let (test, test_classifier) = if errors.is_empty() && !resolved.test_data.is_empty() {
            on_test_data(source, &statements, &resolved, &mut files, options, &mut errors).unzip()
        } else {
            (None, None)
        };
        match resolved.loss {
            Some(loss) if errors.is_empty() => Ok(Loss {
                expression: Expression::new(pool, loss),
                classifier: resolved.classifier,
                constants: resolved.constants,
                starts: resolved.starts,
                test_data: resolved.test_data,
                test,
                test_classifier: test_classifier.flatten(),
                source: source.to_owned(),
                warnings: files.warnings(),
            }),
            _ => Err(LossErrors::new(source.to_owned(), path, errors)),
        }
    }

    /// Parses a loss from bytes, which must be UTF-8.
    ///
    /// # Errors
    /// As [`Loss::parse`]; the place of the first byte that is not UTF-8.
    pub fn from_bytes(bytes: &[u8], path: &str, options: &Options) -> Result<Loss, LossErrors> {
        if bytes.len() > options.max_bytes {
            return Err(too_long(path, options));
        }
        // So that places count from what a person sees.
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(source) => Self::parse(source, path, options),
            Err(error) => {
                let at = error.valid_up_to();
                let byte = bytes.get(at).copied().unwrap_or_default();
                // What precedes the byte is kept as it is, so that its place is the same.
                let source = String::from_utf8_lossy(bytes).into_owned();
                let end = at + '\u{fffd}'.len_utf8();
                let error = LossError::new(at..end, LossErrorKind::NotUtf8 { byte });
                Err(LossErrors::new(source, path, vec![error.help("save the file as UTF-8")]))
            }
        }
    }

    /// Reads and parses a file. Unless [`Options::folder`] says otherwise, paths of data files are relative to its folder.
    ///
    /// # Errors
    /// As [`Loss::from_bytes`], and why the file cannot be read.
    pub fn read(path: impl AsRef<Path>, options: &Options) -> Result<Loss, LossErrors> {
        let name = path.as_ref().display().to_string();
        let limit = u64::try_from(options.max_bytes).unwrap_or(u64::MAX);
        match read_limited(path.as_ref(), limit) {
            Ok(bytes) if options.folder.is_none() => {
                let folder = path.as_ref().parent().map(Path::to_owned);
                Self::from_bytes(&bytes, &name, &Options { folder, ..options.clone() })
            }
            Ok(bytes) => Self::from_bytes(&bytes, &name, options),
            Err(error) => Err(unreadable(&name, &error)),
        }
    }

    /// Reads and parses a loss from where bytes come, such as standard input; `name` is its name in messages.
    ///
    /// # Errors
    /// As [`Loss::from_bytes`], and why it cannot be read.
    pub fn from_reader(reader: &mut dyn Read, name: &str, options: &Options) -> Result<Loss, LossErrors> {
        let limit = u64::try_from(options.max_bytes).unwrap_or(u64::MAX);
        match read_from(reader, limit) {
            Ok(bytes) => Self::from_bytes(&bytes, name, options),
            Err(error) => Err(unreadable(name, &error)),
        }
    }
}

impl From<Loss> for Expression {
    fn from(loss: Loss) -> Self {
        loss.expression
    }
}

impl<'a> From<&'a Loss> for ExpressionRef<'a> {
    fn from(loss: &'a Loss) -> Self {
        Self::from(&loss.expression)
    }
}

/// The data files that a loss may read.
fn files(options: &Options) -> Files {
    let folder = options.folder.clone().unwrap_or_default();
    Files::new(folder, options.allow_path, options.max_data_bytes, options.max_data)
}

/// The loss that the same statements make of the data for testing.
fn on_test_data(
    source: &str,
    statements: &[Statement],
    trained: &Resolved,
    files: &mut Files,
    options: &Options,
    errors: &mut Vec<LossError>,
) -> Option<(Expression, Option<Classifier>)> {
    let mut pool = Pool::new();
    let mut found = Vec::new();
    let resolved = resolve::resolve(source, statements, &[], Some(trained), &mut pool, files, options, &mut found);
    let mut note = "on the data that `test` gives";
    if found.is_empty()
        && let Some(twice) = trained.with_single_rows_twice()
    {
        // One row fits what has any number of rows, since it is repeated: two do not.
        let mut other = Pool::new();
        resolve::resolve(source, statements, &[], Some(&twice), &mut other, files, options, &mut found);
        note = "on the data that `test` gives, the one row of which stands here twice: what it stands beside must come from `test` too";
    }
    for mut error in found {
        error.note = Some(error.note.map_or_else(|| note.to_owned(), |there| format!("{note}; {there}")));
        errors.push(error);
    }
    resolved.loss.map(|loss| (Expression::new(pool, loss), resolved.classifier))
}

fn unreadable(name: &str, error: &std::io::Error) -> LossErrors {
    let reason = match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::IsADirectory => "it is a folder, not a file".to_owned(),
        _ => error.to_string(),
    };
    LossErrors::new(String::new(), name, vec![LossError::new(0..0, LossErrorKind::Unreadable(reason))])
}

fn too_long(path: &str, options: &Options) -> LossErrors {
    let kind = LossErrorKind::FileTooLong { limit: options.max_bytes };
    LossErrors::new(String::new(), path, vec![LossError::new(0..0, kind)])
}

/// Reports a file without a loss, unless a statement that could not be read may be it.
fn check_losses(source: &str, statements: &[Statement], errors: &mut Vec<LossError>) {
    let there = statements.iter().any(|s| match s {
        Statement::Loss { .. } => true,
        Statement::Broken(span) => {
            let text = span.text(source);
            text.contains("loss") || !syntax::KEYWORDS.iter().any(|word| text.starts_with(word))
        }
        _ => false,
    });
    if there || errors.len() >= LossErrors::MAX {
        return;
    }
    let end = source.trim_end().len();
    errors.push(if statements.is_empty() {
        LossError::new(end..end, LossErrorKind::Empty)
            .help("the smallest loss is: param x, and on the next line: loss x^2")
    } else {
        LossError::new(end..end, LossErrorKind::MissingLoss).help("state it at the end: loss EXPRESSION")
    });
}

/// Parses one expression, after any number of `let` lines, against a pool whose parameters and symbols are declared.
///
/// `names` gives what the expression may refer to: every parameter and symbol, and any other expression of the pool.
/// This is what reads back printed expressions.
///
/// ```
/// use shadowflow::{expr::{Pool, Shape}, loss::parse_expression};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let square = parse_expression("let s1 = x + 1\ns1^2", &mut pool, &[("x".to_owned(), x)])?;
/// let s1 = parse_expression("x + 1", &mut pool, &[("x".to_owned(), x)])?;
/// assert_eq!(square, pool.pow(s1, &2.into()));
/// # Ok::<(), shadowflow::loss::LossErrors>(())
/// ```
///
/// # Errors
/// Everything that is wrong with it, each with its place; the path in messages is `expression`.
pub fn parse_expression(source: &str, pool: &mut Pool, names: &[(String, Id)]) -> Result<Id, LossErrors> {
    let options = Options { max_nodes: pool.len().saturating_add(Options::default().max_nodes), ..Options::default() };
    let mut errors = Vec::new();
    if source.len() > options.max_bytes {
        return Err(too_long("expression", &options));
    }
    let statements = parse::parse(source, Mode::Expression, &options, &mut errors);
    for statement in statements.iter().filter(|s| !matches!(s, Statement::Let(_) | Statement::Broken(_))) {
        if let Some(span) = statement.place()
            && !matches!(statement, Statement::Expression(_))
        {
            let expected = "`let` lines and one expression".to_owned();
            let found = format!("`{}`", suggest::short(span.text(source)));
            errors.push(LossError::new(span.range(), LossErrorKind::Expected { expected, found }));
        }
    }
    if statements.is_empty() && errors.is_empty() {
        let kind = LossErrorKind::Expected { expected: "an expression".to_owned(), found: "nothing".to_owned() };
        errors.push(LossError::new(0..0, kind));
    }
    if errors.is_empty() {
        let mut files = files(&options);
        let resolved = resolve::resolve(source, &statements, names, None, pool, &mut files, &options, &mut errors);
        if let (Some(id), true) = (resolved.loss, errors.is_empty()) {
            return Ok(id);
        }
    }
    Err(LossErrors::new(source.to_owned(), "expression", errors))
}

#[cfg(test)]
mod tests;
