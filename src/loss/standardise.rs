//! `standardise`: columns of data less their mean, over their deviation.

use super::LossErrorKind;
use super::evaluate::Evaluator;
use super::moments::Moments;
use super::numbers;
use super::operations::{Outcome, error, no_value};
use super::syntax::Span;
use crate::expr::{Data, Id, Shape};
use crate::number::Rational;
use std::sync::Arc;

/// The first column all of whose entries are equal.
fn constant_column<T: PartialEq>(entries: &[T], columns: usize) -> Option<usize> {
    (0..columns).find(|j| entries.iter().skip(*j).step_by(columns).all(|x| *x == entries[*j]))
}

impl Evaluator<'_> {
    /// Data with every column standardised; a vector is one column. Exact numbers stay exact, and data of files are rounded once.
    pub(super) fn standardise(&mut self, a: Id, place: Vec<(Span, i64)>, span: Span) -> Outcome {
        self.needs_data(a, "standardise", span)?;
        let shape = self.pool.shape(a).clone();
        let columns = match shape.axes() {
            [_] => 1,
            [_, columns] => *columns,
            _ => {
                let (operation, takes) = ("`standardise`", "data, a column for each quantity");
                return error(span, LossErrorKind::NotAMatrix { operation, takes, found: shape });
            }
        };
        self.spend_on(a, span)?;
        if !self.is_rounded(a)
            && let Some(exact) = numbers::rationals(self.pool, a)
        {
            if let Some(column) = constant_column(&exact, columns) {
                return error(span, LossErrorKind::ConstantColumn { column });
            }
            if let Some(standard) = self.exact(&exact, &shape, columns) {
                return Ok(standard);
            }
        }
        let values = numbers::doubles(self.pool, a);
        let key: Box<[(Span, i64)]> = place.into_iter().chain([(span, 0)]).collect();
        let moments = match self.moments.get(&key) {
            Some(moments) => moments.clone(),
            None => {
                if let Some(column) = constant_column(&values, columns) {
                    return error(span, LossErrorKind::ConstantColumn { column });
                }
                let moments = Arc::new(Moments::of(&values, columns));
                self.moments.insert(key, moments.clone());
                moments
            }
        };
        if moments.columns() != columns {
            let right = Shape::vector(moments.columns());
            return error(span, LossErrorKind::ShapeMismatch { operation: "standardise", left: shape, right });
        }
        match Data::new("", shape, moments.standardised(&values)) {
            Ok(data) => Ok(self.pool.declare_data(data)),
            Err(_) => no_value(span, "data so large or so close to each other that they have no deviation in doubles"),
        }
    }

    /// `(x − mean)·variance^(-1/2)` with exact numbers.
    fn exact(&mut self, x: &[Rational], shape: &Shape, columns: usize) -> Option<Id> {
        let count = Rational::from(i64::try_from(x.len() / columns).ok()?);
        let column = |x: &[Rational], j: usize| -> Rational {
            x.iter()
                .skip(j)
                .step_by(columns)
                .fold(Rational::ZERO, |sum, x| &sum + x)
                .checked_div(&count)
                .unwrap_or_default()
        };
        let means: Vec<Rational> = (0..columns).map(|j| column(x, j)).collect();
        let centred: Arc<[Rational]> = x.iter().zip(means.iter().cycle()).map(|(x, mean)| x - mean).collect();
        let squares: Vec<Rational> = centred.iter().map(|x| x * x).collect();
        let variances: Arc<[Rational]> = (0..columns).map(|j| column(&squares, j)).collect();
        let half = Rational::new(-1, 2);
        let centred = self.pool.nameless_data(Data::exactly("", shape.clone(), centred).ok()?);
        let inverse = match &*variances {
            [variance] if shape.rank() == 1 => {
                let variance = self.pool.constant(variance.clone());
                self.pool.pow(variance, &half)
            }
            _ => {
                let data = Data::exactly("", Shape::vector(columns), variances).ok()?;
                let variances = self.pool.nameless_data(data);
                self.pool.pow(variances, &half)
            }
        };
        Some(self.pool.mul(inverse, centred))
    }
}
