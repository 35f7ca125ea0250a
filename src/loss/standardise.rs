//! `standardise`: columns of data less their mean, over their deviation.

use super::LossErrorKind;
use super::evaluate::Evaluator;
use super::numbers::{self, Double};
use super::operations::{Outcome, error, no_value};
use super::syntax::Span;
use crate::budget::tick;
use crate::expr::{Data, Id, Shape};
use crate::number::Rational;
use std::sync::Arc;

/// Of every column its mean and deviation, `√(Σ (x − mean)²/n)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moments {
    means: Vec<Double>,
    deviations: Vec<Double>,
}

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
        self.closed.charge(numbers::work(self.pool, a).saturating_mul(4));
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
                let moments = Arc::new(moments(&values, columns));
                self.moments.insert(key, moments.clone());
                moments
            }
        };
        if moments.means.len() != columns {
            let right = Shape::vector(moments.means.len());
            return error(span, LossErrorKind::ShapeMismatch { operation: "standardise", left: shape, right });
        }
        match Data::new("", shape, standardised(&values, &moments)) {
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

/// In twice the precision of doubles, twice through the data.
fn moments(x: &[f64], columns: usize) -> Moments {
    let column = |j: usize| x.iter().skip(j).step_by(columns).copied();
    let count = Double { high: (x.len() / columns) as f64, low: 0.0 };
    let mut moments = Moments { means: Vec::new(), deviations: Vec::new() };
    for j in 0..columns {
        tick();
        let mean = Double::sum(column(j)).over(count);
        let squares = column(j).fold(Double::default(), |sum, x| {
            let difference = mean.negated().plus(x, 0.0);
            let square = difference.times(difference);
            sum.plus(square.high, square.low)
        });
        moments.means.push(mean);
        moments.deviations.push(squares.over(count).root());
    }
    moments
}

fn standardised(x: &[f64], moments: &Moments) -> Vec<f64> {
    let of = |(x, (mean, deviation)): (&f64, (&Double, &Double))| mean.negated().plus(*x, 0.0).over(*deviation).value();
    x.iter().zip(moments.means.iter().zip(&moments.deviations).cycle()).map(of).collect()
}
