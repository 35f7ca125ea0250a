//! What can be wrong with a loss, and where.

mod render;

pub(crate) use self::render::{draw_located, position};
use crate::expr::Shape;
use crate::number::ParseRationalError;
use std::fmt;
use std::ops::{Range, RangeInclusive};

/// What is wrong at one place of a loss.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each variant is what its message says of its fields")]
pub enum LossErrorKind {
    #[error("cannot read the file: {0}")]
    Unreadable(String),
    #[error("the file is longer than the limit of {limit} bytes")]
    FileTooLong { limit: usize },
    #[error("byte {byte:#04x} is not UTF-8 text")]
    NotUtf8 { byte: u8 },
    #[error("the control character {0} is not allowed in a loss")]
    ControlCharacter(String),
    #[error("unexpected character {0}")]
    UnexpectedCharacter(String),
    #[error("this statement is longer than the limit of {limit} bytes")]
    StatementTooLong { limit: usize },
    #[error("unclosed `{0}`")]
    Unclosed(char),
    #[error("`{0}` closes nothing")]
    Unopened(char),
    #[error("`{close}` does not close `{open}`")]
    Mismatched { open: char, close: char },
    #[error("nesting deeper than the limit of {limit}")]
    TooDeep { limit: usize },
    #[error("`{0}` does not start a statement")]
    UnknownStatement(String),
    #[error("expected {expected}, found {found}")]
    Expected { expected: String, found: String },
    #[error(transparent)]
    Number(#[from] ParseRationalError),
    #[error("a number of {digits} digits is longer than the limit of {limit}")]
    NumberTooLong { digits: usize, limit: usize },
    #[error("`{name}` cannot be declared: it is {what}")]
    Reserved { name: String, what: &'static str },
    #[error("`{0}` is declared twice")]
    Redeclared(String),
    #[error("`{0}` is not declared")]
    Undeclared(String),
    #[error("`{0}` is used before its declaration")]
    UsedEarly(String),
    #[error("`{0}` refers to itself")]
    SelfReference(String),
    #[error("there is no function `{0}`")]
    UnknownFunction(String),
    #[error("`{name}` is {what}, not a function")]
    NotAFunction { name: String, what: &'static str },
    #[error("`{0}` is a function and needs its arguments")]
    FunctionAsValue(String),
    #[error("`{function}` takes {}, not {found}", arguments(expected))]
    WrongArguments { function: String, expected: RangeInclusive<usize>, found: usize },
    #[error("the shapes {left} and {right} do not fit in {operation}")]
    ShapeMismatch { operation: &'static str, left: Shape, right: Shape },
    #[error("{path}: {reason}")]
    DataFile { path: String, reason: String },
    #[error("{path}:{line}:{column}: {reason}")]
    DataField { path: String, line: usize, column: usize, reason: String },
    #[error("`{name}` has the shape {expected}, and what is given for it here {found}")]
    TestShape { name: String, expected: Shape, found: Shape },
    #[error("`{name}` is {what}, and `test` gives other data for the names of data")]
    NotNamedData { name: String, what: &'static str },
    #[error("`{name}` has the shape {shape} and this starts it with {found}")]
    StartShape { name: String, shape: Shape, found: String },
    #[error("`glorot` draws matrices, [m, n], and `{name}` has the shape {shape}")]
    Glorot { name: String, shape: Shape },
    #[error("{what} must be a constant number, not {found}")]
    NotANumber { what: &'static str, found: String },
    #[error("{0}")]
    Draw(String),
    #[error("row {row} of this matrix has {entries} {}, and row 0 has {first}", if *entries == 1 { "entry" } else { "entries" })]
    Ragged { row: usize, entries: usize, first: usize },
    #[error("entry {row} of this array is {}, and entry 0 is {}", described(found), described(first))]
    Mixed { row: usize, found: Shape, first: Shape },
    #[error("an array has one axis or two, not {found}")]
    TooManyAxes { found: usize },
    #[error("an array of shape {shape} has more than {limit} entries (the limit)")]
    ArrayTooLarge { shape: Shape, limit: usize },
    #[error("{operation} takes {takes}, not {}", described(found))]
    NotAMatrix { operation: &'static str, takes: &'static str, found: Shape },
    #[error("axis {axis} is out of range for {}", described(shape))]
    Axis { axis: String, shape: Shape },
    #[error("labels of shape {labels} do not fit a matrix of shape {matrix}")]
    Labels { labels: Shape, matrix: Shape },
    #[error("label {index} is {found}, and labels are whole numbers from 0 to {}", classes.saturating_sub(1))]
    Label { index: usize, found: String, classes: u32 },
    #[error("`{what}` takes data alone, and this depends on {on}")]
    NotData { what: &'static str, on: String },
    #[error("column {column} is constant: it has no deviation to divide by")]
    ConstantColumn { column: usize },
    #[error("a scalar has no entries")]
    NotAnArray,
    #[error("an array of shape {shape} takes {} {}, not {found}", shape.rank(), if shape.rank() == 1 { "index" } else { "indices" })]
    Indices { shape: Shape, found: usize },
    #[error("index {index} is out of range for an array of {size} {}", if *size == 1 { "entry" } else { "entries" })]
    IndexOutOfRange { index: String, size: usize },
    #[error("index {index} is out of range for axis {axis} of an array of shape {shape}")]
    AxisIndexOutOfRange { index: String, axis: usize, shape: Shape },
    #[error("{what} must be a constant integer, not {found}")]
    NotAnInteger { what: &'static str, found: String },
    #[error("an array needs between 1 and {limit} entries (the limit), not {found}")]
    ArraySize { found: String, limit: usize },
    #[error("more than {limit} entries of parameters (the limit)")]
    TooManyParameters { limit: usize },
    #[error("the exponent {found} is beyond the limit of {limit}")]
    ExponentTooLarge { found: String, limit: u64 },
    #[error("a sum of {found} terms is beyond the limit of {limit}")]
    SumTooLarge { found: String, limit: u64 },
    #[error("no value: {0}")]
    NoValue(String),
    #[error("`{name}` depends on the parameter `{parameter}`, so it is no constant")]
    NotConstant { name: String, parameter: String },
    #[error("the initial value of `{name}` depends on the parameter `{parameter}`")]
    InitialNotConstant { name: String, parameter: String },
    #[error("the loss must be a scalar, not an array of shape {0}")]
    LossNotScalar(Shape),
    #[error("the file is empty: it needs a `loss` statement")]
    Empty,
    #[error("there is no `loss` statement")]
    MissingLoss,
    #[error("a second `loss` statement")]
    SecondLoss,
    #[error("the loss has no parameters")]
    NoParameters,
    #[error("expanding the loss takes more than the limit of {limit} operations")]
    TooMuchWork { limit: u64 },
    #[error("the loss is larger than the limit of {limit} nodes")]
    TooLarge { limit: usize },
    #[error("`Options::set`, {0}: no constant of this name is declared")]
    UnknownSetting(String),
    #[error("the constant `{0}` is an array, and `Options::set` gives one number")]
    SettingOfArray(String),
}

impl LossErrorKind {
    /// A few words for the underlined place.
    pub(super) fn label(&self) -> &'static str {
        use LossErrorKind as K;
        match self {
            K::NotUtf8 { .. } | K::ControlCharacter(_) | K::UnexpectedCharacter(_) => "not allowed",
            K::Unclosed(_) => "never closed",
            K::Unopened(_) | K::Mismatched { .. } => "does not fit",
            K::TooDeep { .. } => "too deep",
            K::Expected { .. } => "not expected",
            K::Reserved { .. } => "reserved",
            K::Redeclared(_) => "declared again",
            K::Undeclared(_) | K::UnknownFunction(_) => "not known",
            K::UsedEarly(_) => "not declared yet",
            K::SelfReference(_) => "itself",
            K::WrongArguments { .. } => "wrong number of arguments",
            K::ShapeMismatch { .. } | K::Ragged { .. } | K::Mixed { .. } | K::Labels { .. } => "do not fit",
            K::IndexOutOfRange { .. } | K::AxisIndexOutOfRange { .. } | K::Axis { .. } => "out of range",
            K::NoValue(_) => "has no value",
            K::SecondLoss => "one too many",
            K::Empty | K::MissingLoss => "missing here",
            K::ExponentTooLarge { .. } | K::SumTooLarge { .. } | K::ArraySize { .. } | K::ArrayTooLarge { .. } => {
                "beyond the limit"
            }
            _ => "here",
        }
    }
}

/// `1 argument`, `1 or 2 arguments`.
fn arguments(count: &RangeInclusive<usize>) -> String {
    let (least, most) = (count.start(), count.end());
    let words = if *most == 1 { "argument" } else { "arguments" };
    if least == most { format!("{least} {words}") } else { format!("{least} or {most} {words}") }
}

/// A shape in a sentence.
fn described(shape: &Shape) -> String {
    if shape.rank() == 0 { "a scalar".to_owned() } else { format!("an array of shape {shape}") }
}

/// An error with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LossError {
    /// The bytes of the source that it is about; empty for a point.
    pub span: Range<usize>,
    /// What is wrong.
    pub kind: LossErrorKind,
    /// A few words at the underlined place.
    pub label: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// Where else to look, such as the call whose expansion failed.
    pub note: Option<String>,
}

impl LossError {
    /// An error without further words.
    #[must_use]
    pub fn new(span: Range<usize>, kind: impl Into<LossErrorKind>) -> Self {
        Self { span, kind: kind.into(), label: None, help: None, note: None }
    }

    /// With a few words at the underlined place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With where else to look.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// With the correction of a misspelt name, if there is a near one.
    #[must_use]
    pub(super) fn did_you_mean(self, name: Option<&str>) -> Self {
        match name {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// Whether the error is about a place in the text rather than about the file or a setting.
    pub(crate) fn is_located(&self) -> bool {
        !matches!(
            self.kind,
            LossErrorKind::Unreadable(_) | LossErrorKind::FileTooLong { .. } | LossErrorKind::UnknownSetting(_)
        )
    }
}

/// All that is wrong with one loss: at least one error, in the order of their places.
///
/// Displaying it shows every error with `path:line:column`, its line and the place underlined, without colour;
/// [`LossErrors::render`] chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LossErrors {
    /// The text, as far as it could be read.
    pub source: String,
    /// The name of the file, for messages.
    pub path: String,
    /// The errors.
    pub errors: Vec<LossError>,
}

impl LossErrors {
    /// At most this many errors are collected from one file.
    pub const MAX: usize = 100;

    /// Sorts by place and leaves out repetitions.
    pub(super) fn new(source: String, path: &str, mut errors: Vec<LossError>) -> Self {
        errors.sort_by_key(|e| e.span.start);
        errors.dedup_by(|a, b| a.span == b.span && a.kind == b.kind);
        errors.truncate(Self::MAX);
        Self { source, path: path.to_owned(), errors }
    }

    /// The line and the column of a byte of the source, both from 1, columns in characters.
    #[must_use]
    pub fn position(&self, byte: usize) -> (usize, usize) {
        position(&self.source, byte)
    }

    /// The errors as text: each with its place, its line (a window of it when long), the span underlined and help.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        render::render(self, color)
    }
}

impl fmt::Display for LossErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for LossErrors {}
