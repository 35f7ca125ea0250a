//! What parameters start from.

use super::Resolver;
use crate::expr::{Id, Shape};
use crate::loss::initial::{Start, nearest_double};
use crate::loss::random::Stream;
use crate::loss::suggest::short;
use crate::loss::syntax::{Code, FileName, Initial, Span};
use crate::loss::{LossError, LossErrorKind};

impl Resolver<'_> {
    /// What a parameter of a shape starts from; what is wrong is reported.
    pub(super) fn start(&mut self, name: Span, shape: &Shape, initial: &Initial) -> Option<Start> {
        let text = name.text(self.source);
        let found = match initial {
            Initial::Zeros => return Some(Start::Everywhere(self.evaluator.pool.integer(0))),
            Initial::Expression(code) => return self.stated(name, shape, code),
            Initial::Csv(file) => self.read_start(text, shape, file),
            Initial::Glorot(span) => self.glorot(text, shape, *span),
            Initial::Normal { deviation, span } => self.normal(text, shape, deviation, *span),
            Initial::Uniform { low, high, span } => self.uniform(text, shape, low, high, *span),
        };
        match found {
            Ok(values) => values.map(|values| Start::Values(values.into())),
            Err(error) => {
                self.evaluator.report(*error);
                None
            }
        }
    }

    /// An expression without parameters: one number for all entries, or one for each.
    fn stated(&mut self, name: Span, shape: &Shape, code: &Code) -> Option<Start> {
        let id = self.value(code, Some(name))?;
        if let Some(parameter) = self.parameter_of(id) {
            let kind = LossErrorKind::InitialNotConstant { name: short(name.text(self.source)), parameter };
            self.evaluator.report(LossError::new(code.span.range(), kind));
            return None;
        }
        let given = self.evaluator.pool.shape(id).clone();
        let (pool, closed) = (&mut *self.evaluator.pool, &mut self.evaluator.closed);
        let mut entry = |at: usize| match closed.entry(pool, id, at) {
            Some(entry) => entry,
            None => pool.index(id, at),
        };
        if given.rank() == 0 {
            return Some(Start::Everywhere(entry(0)));
        }
        if given == *shape {
            return Some(Start::Entries((0..shape.size()).map(entry).collect()));
        }
        let kind = LossErrorKind::ShapeMismatch { operation: "an initial value", left: shape.clone(), right: given };
        self.evaluator.report(LossError::new(code.span.range(), kind));
        None
    }

    /// The numbers of a file of the parameter's shape; a vector may be one row or one column.
    fn read_start(&mut self, name: &str, shape: &Shape, file: &FileName) -> Outcome {
        let (found, values) = match self.files.select(&file.path, &[]) {
            Ok(selected) => selected,
            Err(fault) => return Err(Box::new(self.fault(file, fault))),
        };
        let long = |shape: &Shape| shape.axes().iter().copied().filter(|n| *n != 1).collect::<Vec<usize>>();
        let fits = found == *shape || shape.rank() < 2 && long(&found) == long(shape);
        if fits {
            return Ok(Some(values));
        }
        let found = format!("numbers of the shape {found}");
        let kind = LossErrorKind::StartShape { name: short(name), shape: shape.clone(), found };
        Err(Box::new(LossError::new(file.span.range(), kind)))
    }

    /// (2u − 1)·√(6/(m + n)) for uniform u.
    #[allow(clippy::cast_precision_loss, reason = "sizes are far below 2^53")]
    fn glorot(&mut self, name: &str, shape: &Shape, span: Span) -> Outcome {
        let [m, n] = *shape.axes() else {
            let kind = LossErrorKind::Glorot { name: short(name), shape: shape.clone() };
            let help = "take normal(s), uniform(a, b) or zeros";
            return Err(Box::new(LossError::new(span.range(), kind).help(help)));
        };
        let bound = (6.0 / (m + n) as f64).sqrt();
        Ok(Some(self.drawn(name, shape, |stream| (2.0 * stream.uniform() - 1.0) * bound)))
    }

    /// s·x for normal x.
    fn normal(&mut self, name: &str, shape: &Shape, deviation: &Code, span: Span) -> Outcome {
        let Some(s) = self.double(deviation, "the deviation of normal(s)")? else { return Ok(None) };
        if s < 0.0 {
            let reason = format!("the deviation of normal(s) is 0 or above, not {s}");
            return Err(Box::new(LossError::new(deviation.span.range(), LossErrorKind::Draw(reason))));
        }
        let values = self.drawn(name, shape, |stream| s * stream.normal());
        match values.iter().all(|x| x.is_finite()) {
            true => Ok(Some(values)),
            false => {
                let reason = format!("normal({s}) leads beyond the largest double");
                Err(Box::new(LossError::new(span.range(), LossErrorKind::Draw(reason))))
            }
        }
    }

    /// a + (b − a)·u for uniform u.
    fn uniform(&mut self, name: &str, shape: &Shape, low: &Code, high: &Code, span: Span) -> Outcome {
        let (a, b) = (self.double(low, "a bound of uniform(a, b)")?, self.double(high, "a bound of uniform(a, b)")?);
        let Some((a, b)) = a.zip(b) else { return Ok(None) };
        let length = b - a;
        if a > b || !length.is_finite() {
            let reason = match a > b {
                true => format!("uniform({a}, {b}): the lower bound stands first"),
                false => format!("uniform({a}, {b}): the length is beyond the largest double"),
            };
            return Err(Box::new(LossError::new(span.range(), LossErrorKind::Draw(reason))));
        }
        Ok(Some(self.drawn(name, shape, |stream| a + length * stream.uniform())))
    }

    fn drawn(&self, name: &str, shape: &Shape, draw: impl Fn(&mut Stream) -> f64) -> Vec<f64> {
        let mut stream = Stream::new(name, self.options.seed);
        (0..shape.size()).map(|_| draw(&mut stream)).collect()
    }

    /// The double nearest to a constant; `None` where its error was reported.
    fn double(&mut self, code: &Code, what: &'static str) -> Result<Option<f64>, Box<LossError>> {
        let Some(id) = self.value(code, None) else { return Ok(None) };
        let found = if self.evaluator.pool.shape(id).rank() > 0 {
            "an array"
        } else if self.parameter_of(id).is_some() {
            "an expression in the parameters"
        } else if self.evaluator.closed.is_open(self.evaluator.pool, id) {
            "a symbol without a value"
        } else {
            match self.value_of(id) {
                Some(x) => return Ok(Some(x)),
                None => "one that no double is near",
            }
        };
        let kind = LossErrorKind::NotANumber { what, found: found.to_owned() };
        Err(Box::new(LossError::new(code.span.range(), kind)))
    }

    fn value_of(&mut self, id: Id) -> Option<f64> {
        let entry = self.evaluator.closed.entry(self.evaluator.pool, id, 0).unwrap_or(id);
        nearest_double(self.evaluator.pool, entry)
    }
}

type Outcome = Result<Option<Vec<f64>>, Box<LossError>>;
