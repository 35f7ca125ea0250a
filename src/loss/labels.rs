//! Labels: whole numbers that say of every row of a matrix which column is meant.

use super::evaluate::Evaluator;
use super::numbers;
use super::operations::{Outcome, error};
use super::suggest::short;
use super::syntax::Span;
use super::{Classifier, LossError, LossErrorKind};
use crate::expr::{Data, Id, Node, Shape};
use crate::number::Rational;

impl Evaluator<'_> {
    /// The labels of a matrix as data, checked.
    fn labels(&mut self, labels: Id, matrix: &Shape, what: &'static str, span: Span) -> Outcome {
        let found = self.pool.shape(labels).clone();
        let (rows, classes) = match matrix.axes() {
            [rows, classes] => (*rows, u32::try_from(*classes).unwrap_or(u32::MAX)),
            _ => (0, 0),
        };
        if found != Shape::vector(rows) {
            let kind = LossErrorKind::Labels { labels: found.clone(), matrix: matrix.clone() };
            let help = match found.rank() {
                1 => format!("there is one label for each of the {rows} rows"),
                _ => format!("labels are a vector of {rows} whole numbers from 0 to {}", classes.saturating_sub(1)),
            };
            return Err(Box::new(LossError::new(span.range(), kind).help(help)));
        }
        self.needs_data(labels, what, span)?;
        let data = match self.pool.node(labels) {
            Node::Data(d) => Ok(self.pool.data()[*d as usize].clone()),
            _ => {
                self.spend_on(labels, span)?;
                match numbers::rationals(self.pool, labels).filter(|_| !self.is_rounded(labels)) {
                    // Exact numbers are checked as such: 1 + 1e-30 is no label.
                    Some(exact) => Data::exactly("", found, exact),
                    None => Data::new("", found, numbers::doubles(self.pool, labels)),
                }
            }
        };
        let Ok(data) = data else {
            return error(span, LossErrorKind::NoValue("labels that are no finite numbers".to_owned()));
        };
        let whole = |index: &usize| {
            let exact = data.exact(*index);
            exact.is_integer() && !exact.is_negative() && exact < Rational::from(i64::from(classes))
        };
        match (0..rows).find(|index| !whole(index)) {
            None => Ok(match self.pool.node(labels) {
                Node::Data(_) => labels,
                _ => self.pool.nameless_data(data),
            }),
            Some(index) => {
                let (exact, double) = (data.exact(index), data.values()[index]);
                let found = match Rational::from_f64(double).is_some_and(|x| x == exact) {
                    true => double.to_string(),
                    false => short(&exact.to_string()),
                };
                error(span, LossErrorKind::Label { index, found, classes })
            }
        }
    }

    fn matrix(&self, a: Id, operation: &'static str, span: Span) -> Outcome<Shape> {
        let found = self.pool.shape(a).clone();
        if found.rank() == 2 {
            return Ok(found);
        }
        let takes = "a matrix, a row for each case and a column for each class";
        error(span, LossErrorKind::NotAMatrix { operation, takes, found })
    }

    /// The mean over the rows of `logsumexp(z) − z[y]`, with a label for every row, or of `logsumexp(z) − sum(y*z)`, with a weight
    /// for every entry.
    pub(super) fn softmax_cross_entropy(&mut self, logits: Id, y: Id, span: Span) -> Outcome {
        const NAME: &str = "softmax_cross_entropy";
        let shape = self.matrix(logits, "`softmax_cross_entropy`", span)?;
        let weights = *self.pool.shape(y) == shape;
        if !weights && self.pool.shape(y).rank() > 1 {
            let kind = LossErrorKind::ShapeMismatch { operation: NAME, left: shape, right: self.pool.shape(y).clone() };
            let help = "beside the logits stands a vector of labels, or a matrix of weights of the logits' shape";
            return Err(Box::new(LossError::new(span.range(), kind).help(help)));
        }
        let labels = if weights { y } else { self.labels(y, &shape, NAME, span)? };
        let classifier = Classifier { logits, labels };
        if !self.classifiers.contains(&classifier) {
            self.classifiers.push(classifier);
        }
        let meant = if weights {
            let weighted = self.pool.mul(y, logits);
            self.pool.sum_axis(weighted, 1)
        } else {
            self.pool.gather(logits, labels)
        };
        let all = self.pool.logsumexp_axis(logits, 1);
        let (Ok(meant), Ok(all)) = (meant, all) else {
            return error(span, LossErrorKind::NotAMatrix { operation: NAME, takes: "a matrix", found: shape });
        };
        let difference = self.pool.sub(all, meant);
        let total = self.pool.sum(difference);
        let rows = shape.axes().first().and_then(|n| i64::try_from(*n).ok()).unwrap_or(1);
        Ok(self.pool.scaled(&Rational::new(1, rows.max(1)), total))
    }

    /// Of every row the entry at its label.
    pub(super) fn gather(&mut self, a: Id, labels: Id, span: Span) -> Outcome {
        let shape = self.matrix(a, "`gather`", span)?;
        let labels = self.labels(labels, &shape, "gather", span)?;
        self.pool
            .gather(a, labels)
            .or_else(|_| error(span, LossErrorKind::Labels { labels: self.pool.shape(labels).clone(), matrix: shape }))
    }

    /// The matrix with a 1 at every row's label and 0 elsewhere.
    pub(super) fn one_hot(&mut self, labels: Id, classes: Id, span: Span) -> Outcome {
        let limit = self.options.max_array;
        let count = self.integer(classes, "the number of classes", span)?;
        let columns = match usize::try_from(count.to_i64().unwrap_or(i64::MAX)) {
            Ok(n) if n >= 1 && n <= limit => n,
            _ => return error(span, LossErrorKind::ArraySize { found: short(&count.to_string()), limit }),
        };
        let rows = self.pool.shape(labels).size();
        let shape = Shape::new(&[rows, columns]);
        if shape.size() > limit {
            return error(span, LossErrorKind::ArrayTooLarge { shape, limit });
        }
        let labels = self.labels(labels, &shape, "one_hot", span)?;
        self.pool
            .one_hot(labels, u32::try_from(columns).unwrap_or(u32::MAX))
            .or_else(|_| error(span, LossErrorKind::Labels { labels: self.pool.shape(labels).clone(), matrix: shape }))
    }
}
