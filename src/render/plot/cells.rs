//! The coloured cells of a grid.

use super::PlotError;
use super::canvas::Canvas;
use super::frame::Frame;
use plotters::prelude::*;

/// The most cells a side that are drawn; finer grids are drawn from some of their points.
const MOST_CELLS: usize = 400;

/// Fills a frame with the colours of a grid's points, by their places row by row; neighbours of one colour are one rectangle.
pub(super) fn cells<B: DrawingBackend>(
    canvas: &Canvas<'_, B>,
    frame: &Frame,
    (nx, ny): (usize, usize),
    color: &dyn Fn(usize) -> RGBColor,
) -> Result<(), PlotError> {
    let (left, top, right, bottom) = frame.place;
    let (columns, rows) = (nx.min(MOST_CELLS), ny.min(MOST_CELLS));
    let place = |k: usize, drawn: usize, count: usize| (k * (count - 1) + (drawn - 1) / 2) / (drawn - 1);
    let (width, height) = ((right - left) / columns as f64, (bottom - top) / rows as f64);
    for row in 0..rows {
        let from = place(row, rows, ny) * nx;
        let shade = |column: usize| color(from + place(column, columns, nx));
        let low = bottom - height * row as f64;
        // Half a unit over the row above and the next cell, which are drawn later, so that no seam shows.
        let high = (low - height - 0.5).max(top);
        let mut start = 0;
        while start < columns {
            let own = shade(start);
            let end = (start + 1..columns).find(|k| shade(*k) != own).unwrap_or(columns);
            let reach = (left + width * end as f64 + 0.5).min(right);
            canvas.rectangle((left + width * start as f64, low), (reach, high), own)?;
            start = end;
        }
    }
    Ok(())
}
