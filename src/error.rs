//! One error for all rooms.

use crate::{
    budget, claim, concrete, eval, evaluation, export, expr, flow, loss, number, optimizer, proof, record, series,
    spectral, sweep, train,
};

/// Anything that can go wrong in this crate: every error of a room becomes one by `?`.
///
/// What it says to a person is its text; [`Error::diagnostics`] has the same as data, each with its place.
///
/// ```
/// use shadowflow::Error;
/// use shadowflow::loss::{Loss, Options};
/// use shadowflow::number::Rational;
///
/// fn first_parameter(source: &str, value: &str) -> Result<(String, Rational), Error> {
///     let loss = Loss::parse(source, "my.loss", &Options::default())?;
///     Ok((loss.expression.pool().theta_names().remove(0), value.parse()?))
/// }
///
/// assert!(first_parameter("param x\nloss x^2\n", "1/3").is_ok());
/// let error = first_parameter("param theta\nloss thera^2\n", "1/3").unwrap_err();
/// let all = error.diagnostics();
/// let place = all[0].place.as_ref().unwrap();
/// assert_eq!((error.code(), place.path.as_deref(), place.line, place.column), ("loss", Some("my.loss"), 2, 6));
/// assert_eq!(all[0].help.as_deref(), Some("did you mean `theta`?"));
/// // An error without a place has its message alone.
/// let error = first_parameter("param x\nloss x^2\n", "1/0").unwrap_err();
/// assert_eq!((error.code(), &error.diagnostics()[0].place), ("number", &None));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A loss is wrong.
    #[error(transparent)]
    Loss(#[from] loss::LossErrors),
    /// A point of a loss is wrong.
    #[error(transparent)]
    Point(#[from] loss::PointError),
    /// A box of a loss's parameters is wrong.
    #[error(transparent)]
    Region(#[from] loss::RegionError),
    /// A text names or describes no optimizer.
    #[error(transparent)]
    UnknownOptimizer(#[from] optimizer::UnknownOptimizer),
    /// An optimizer does not do what is asked of it, or not with these hyper-parameters.
    #[error(transparent)]
    Optimizer(#[from] optimizer::OptimizerError),
    /// A recurrence is no method for minimisation.
    #[error(transparent)]
    Recurrence(#[from] optimizer::RecurrenceError),
    /// Rows and weights are no tableau.
    #[error(transparent)]
    Tableau(#[from] optimizer::TableauError),
    /// A modified equation was not derived for an abstract loss.
    #[error(transparent)]
    Series(#[from] series::DeriveError),
    /// A text names no derivation.
    #[error(transparent)]
    UnknownRoute(#[from] series::UnknownRoute),
    /// A modified equation was not derived for a loss.
    #[error(transparent)]
    Concrete(#[from] concrete::DeriveError),
    /// A modified equation has no values at a point.
    #[error(transparent)]
    Evaluate(Box<concrete::EvaluateError>),
    /// A modified field was not compiled.
    #[error(transparent)]
    Field(#[from] concrete::FieldError),
    /// A modified field was not evaluated at rows.
    #[error(transparent)]
    FieldRows(#[from] concrete::FieldRowsError),
    /// A training cannot be run.
    #[error(transparent)]
    Train(#[from] train::TrainError),
    /// A claim cannot be read.
    #[error(transparent)]
    Claim(#[from] claim::ClaimError),
    /// Claims of a file cannot be read.
    #[error("{}", lines(.0))]
    Claims(Vec<claim::ClaimError>),
    /// A snapshot says nothing of a series.
    #[error(transparent)]
    Snapshot(#[from] crate::snapshot::SnapshotError),
    /// A claim cannot be judged.
    #[error(transparent)]
    Judge(Box<claim::JudgeError>),
    /// Letters of one's own are none.
    #[error(transparent)]
    Letters(#[from] claim::LettersError),
    /// A proof cannot be read.
    #[error(transparent)]
    ReadProof(#[from] proof::read::ReadProofError),
    /// A document of a proof cannot be read.
    #[error(transparent)]
    Verify(#[from] proof::document::VerifyError),
    /// A flow does not exist, or not for this loss or optimizer.
    #[error(transparent)]
    Flow(#[from] flow::FlowError),
    /// A case of a sweep was not run.
    #[error(transparent)]
    Sweep(#[from] sweep::SweepError),
    /// A text is no list of step sizes.
    #[error(transparent)]
    StepSize(#[from] sweep::StepSizeError),
    /// A flow has no source in another language.
    #[error(transparent)]
    Export(#[from] export::ExportError),
    /// There is no such plane.
    #[error(transparent)]
    Plane(#[from] flow::PlaneError),
    /// A text is no grid.
    #[error(transparent)]
    Grid(#[from] flow::GridError),
    /// A text is no α.
    #[error(transparent)]
    Alpha(#[from] flow::AlphaError),
    /// A function of a matrix has no value.
    #[error(transparent)]
    Spectral(#[from] spectral::SpectralError),
    /// Expressions have no program.
    #[error(transparent)]
    Lower(#[from] eval::LowerError),
    /// A program has no machine code.
    #[error(transparent)]
    Jit(#[from] eval::JitError),
    /// Arrays do not fit a program.
    #[error(transparent)]
    Array(#[from] eval::ArrayError),
    /// A slice does not hold an array of this shape.
    #[error(transparent)]
    Shape(#[from] eval::ShapeError),
    /// A rule of simplification is wrong.
    #[error(transparent)]
    Rule(#[from] expr::simplify::RuleError),
    /// An expression is no polynomial.
    #[error(transparent)]
    NotPolynomial(#[from] expr::NotPolynomial),
    /// A text is no exact number.
    #[error(transparent)]
    Number(#[from] number::ParseRationalError),
    /// A text is no rational function of symbols.
    #[error(transparent)]
    Fraction(#[from] number::ParseFractionError),
    /// A rational function has no value.
    #[error(transparent)]
    FractionValue(#[from] number::EvaluateError),
    /// A text names no notation.
    #[error(transparent)]
    Notation(#[from] crate::tree::UnknownNotation),
    /// A record of training cannot be read, or has not what is asked of it.
    #[error(transparent)]
    Record(#[from] record::RecordError),
    /// A picture was not drawn.
    #[cfg(feature = "plot")]
    #[error(transparent)]
    Plot(#[from] crate::render::plot::PlotError),
    /// A report was not made.
    #[cfg(feature = "report")]
    #[error(transparent)]
    Report(#[from] crate::report::ReportError),
    /// Time was used up, or nobody wants the result any more.
    #[error(transparent)]
    Stopped(#[from] budget::Stopped),
    /// Memory would be used up.
    #[error(transparent)]
    OverMemory(#[from] budget::OverMemory),
    /// A text is no size of memory.
    #[error(transparent)]
    Size(#[from] budget::NotASize),
}

impl From<Vec<claim::ClaimError>> for Error {
    fn from(errors: Vec<claim::ClaimError>) -> Self {
        Self::Claims(errors)
    }
}

/// Errors with their places, one a line.
fn lines(errors: &[claim::ClaimError]) -> String {
    let lines: Vec<String> = errors.iter().map(|e| format!("{}:{}: {e}", e.line, e.column)).collect();
    lines.join("\n")
}

/// One thing that is wrong, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong.
    pub message: String,
    /// Where, if it is at a place of a text.
    pub place: Option<Place>,
    /// What to do about it, where that is not part of the message.
    pub help: Option<String>,
}

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The name of the text, where it has one.
    pub path: Option<String>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl From<evaluation::EvaluationError> for Error {
    fn from(error: evaluation::EvaluationError) -> Self {
        match error {
            evaluation::EvaluationError::Values(error) => error.into(),
            evaluation::EvaluationError::Flow(error) => error.into(),
            evaluation::EvaluationError::Setting(message) => flow::FlowError::Setting(message).into(),
        }
    }
}

impl From<concrete::EvaluateError> for Error {
    fn from(error: concrete::EvaluateError) -> Self {
        Self::Evaluate(Box::new(error))
    }
}

impl From<claim::JudgeError> for Error {
    fn from(error: claim::JudgeError) -> Self {
        Self::Judge(Box::new(error))
    }
}

impl Error {
    /// What it is about, in a word that stays the same: `loss`, `claim`, `flow`, …; what stopped the work by its warning's code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Loss(_) => "loss",
            Self::Point(_) => "point",
            Self::Region(_) => "region",
            Self::UnknownOptimizer(_) | Self::Optimizer(_) | Self::Recurrence(_) | Self::Tableau(_) => "optimizer",
            Self::Series(_) | Self::UnknownRoute(_) | Self::Concrete(_) | Self::Field(_) => "derive",
            Self::FieldRows(concrete::FieldRowsError::Stopped(stopped))
            | Self::Train(train::TrainError::Stopped(stopped)) => stopped.code(),
            Self::FieldRows(concrete::FieldRowsError::Array(_)) => "program",
            Self::Train(_) => "train",
            Self::Evaluate(_) => "evaluate",
            Self::Claim(_) | Self::Claims(_) | Self::Letters(_) => "claim",
            Self::Judge(_) => "judge",
            Self::Snapshot(_) => "snapshot",
            Self::ReadProof(_) | Self::Verify(_) => "proof",
            Self::Flow(_) | Self::Alpha(_) => "flow",
            Self::Sweep(sweep::SweepError::Stopped(stopped)) => stopped.code(),
            Self::Sweep(_) | Self::StepSize(_) => "sweep",
            Self::Export(_) => "export",
            Self::Grid(_) => "grid",
            Self::Plane(_) => "plane",
            Self::Spectral(_) => "spectral",
            Self::Lower(_) | Self::Jit(_) | Self::Array(_) | Self::Shape(_) => "program",
            Self::Rule(_) | Self::NotPolynomial(_) => "expression",
            Self::Number(_) | Self::Fraction(_) | Self::FractionValue(_) | Self::Size(_) => "number",
            Self::Notation(_) => "notation",
            Self::Record(_) => "record",
            #[cfg(feature = "plot")]
            Self::Plot(_) => "plot",
            #[cfg(feature = "report")]
            Self::Report(_) => "report",
            Self::Stopped(stopped) => stopped.code(),
            Self::OverMemory(_) => "memory-limit",
        }
    }

    /// Everything that is wrong, at least one, in the order of the places.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let in_file = |path: String, line, column, message: &String| Diagnostic {
            message: message.clone(),
            place: Some(Place { path: Some(path), line, column }),
            help: None,
        };
        let claim = |error: &claim::ClaimError| Diagnostic {
            message: error.message.clone(),
            place: Some(Place { path: None, line: error.line, column: error.column }),
            help: error.expected.as_ref().map(|expected| format!("expected {expected}")),
        };
        match self {
            Self::Loss(errors) => errors.errors.iter().map(|error| of_loss(errors, error)).collect(),
            Self::Region(error) => vec![Diagnostic {
                message: error.to_string(),
                place: Some(Place { path: None, line: 1, column: error.column }),
                help: Some(error.help()),
            }],
            Self::Claim(error) => vec![claim(error)],
            Self::Claims(errors) => errors.iter().map(claim).collect(),
            Self::Point(loss::PointError::Located { path, line, column, reason }) => {
                vec![in_file(path.display().to_string(), *line, *column, reason)]
            }
            Self::UnknownOptimizer(optimizer::UnknownOptimizer::File(optimizer::OptimizerFileError::Invalid {
                path,
                line,
                column,
                message,
            })) => vec![in_file(path.clone(), *line, *column, message)],
            Self::Record(record::RecordError::Fault { path, line, column, message }) => {
                vec![in_file(path.clone(), *line, *column, message)]
            }
            other => vec![Diagnostic { message: other.to_string(), place: None, help: None }],
        }
    }
}

fn of_loss(all: &loss::LossErrors, error: &loss::LossError) -> Diagnostic {
    let (line, column) = all.position(error.span.start);
    let place = error.is_located().then(|| Place { path: Some(all.path.clone()), line, column });
    let help: Vec<&str> = [&error.help, &error.note].into_iter().flatten().map(String::as_str).collect();
    Diagnostic { message: error.kind.to_string(), place, help: (!help.is_empty()).then(|| help.join("; ")) }
}
