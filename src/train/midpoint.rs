//! The second-order average of three iterates, where oscillations of period two cancel.

use super::column::Column;
use super::full::Full;
use super::row::{Cell, Row};
use super::settings::{Eigenvalues, TrainSettings};
use super::spectrum::Tracked;
use super::step::Step;

/// The columns at `(θ_{t−1} + 2θ_t + θ_{t+1})/4`; `direction` is where the search for an eigenvector begins.
pub(super) fn midpoint(
    settings: &TrainSettings,
    direction: &[f64],
    full: &mut Full<'_>,
    step: &Step<'_>,
    row: &mut Row,
) {
    if !settings.has_any(&[Column::MidpointLoss, Column::MidpointLambda0]) {
        return;
    }
    let middle: Option<Vec<f64>> = step.before.map(|before| {
        let three = before.iter().zip(step.from).zip(step.to);
        three.map(|((a, b), c)| (a + 2.0 * b + c) / 4.0).collect()
    });
    if settings.has(Column::MidpointLoss) {
        let loss = middle.as_ref().and_then(|m| row.finite(full.at(m).loss()));
        row.cells.push((Column::MidpointLoss, Cell::Number(loss)));
    }
    if settings.has(Column::MidpointLambda0) {
        // Its own search, from where the last one ended.
        let mut tracked = Tracked::new(Eigenvalues::Count(1), step.from.len(), false);
        tracked.direction = direction.to_vec();
        let first = middle.as_ref().and_then(|m| match tracked.at(full.at(m), None) {
            Ok(found) => found.values.first().and_then(|x| row.finite(*x)),
            Err(error) => {
                row.lost(None, &error);
                None
            }
        });
        row.cells.push((Column::MidpointLambda0, Cell::Number(first)));
    }
}
