//! Means and deviations of columns of data.

use super::numbers::Double;
use crate::budget::tick;

/// Of every column its mean and deviation, `√(Σ (x − mean)²/n)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moments {
    means: Vec<Double>,
    deviations: Vec<Double>,
}

impl Moments {
    /// In twice the precision of doubles, twice through the data.
    pub(super) fn of(x: &[f64], columns: usize) -> Moments {
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

    /// How many columns there are.
    pub(super) fn columns(&self) -> usize {
        self.means.len()
    }

    /// Data with these columns, standardised, rounded once.
    pub(super) fn standardised(&self, x: &[f64]) -> Vec<f64> {
        let of =
            |(x, (mean, deviation)): (&f64, (&Double, &Double))| mean.negated().plus(*x, 0.0).over(*deviation).value();
        x.iter().zip(self.means.iter().zip(&self.deviations).cycle()).map(of).collect()
    }
}
