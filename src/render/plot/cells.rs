//! The coloured cells of a grid.

use super::canvas::Canvas;
use super::frame::Frame;
use super::ink::Ink;
use std::collections::BTreeMap;

/// The most cells a side that are drawn; finer grids are drawn from some of their points.
const MOST_CELLS: usize = 400;
/// What a cell reaches over the next ones, so that no seam shows.
const OVER: f64 = 0.3;

/// Fills a frame with the colours of a grid's points, by their places row by row; neighbours of one colour are one rectangle.
pub(super) fn cells(canvas: &mut Canvas, frame: &Frame, (nx, ny): (usize, usize), color: &dyn Fn(usize) -> Ink) {
    let (left, top, right, bottom) = frame.place;
    let (columns, rows) = (nx.min(MOST_CELLS), ny.min(MOST_CELLS));
    let place = |k: usize, drawn: usize, count: usize| (k * (count - 1) + (drawn - 1) / 2) / (drawn - 1);
    let (width, height) = ((right - left) / columns as f64, (bottom - top) / rows as f64);
    let mut found: BTreeMap<Ink, Vec<[f64; 4]>> = BTreeMap::new();
    for row in 0..rows {
        let from = place(row, rows, ny) * nx;
        let shade = |column: usize| color(from + place(column, columns, nx));
        let low = bottom - height * row as f64;
        let high = (low - height - OVER).max(top);
        let mut start = 0;
        while start < columns {
            let own = shade(start);
            let end = (start + 1..columns).find(|k| shade(*k) != own).unwrap_or(columns);
            let reach = (left + width * end as f64 + OVER).min(right);
            found.entry(own).or_default().push([left + width * start as f64, high, reach, low]);
            start = end;
        }
    }
    for (ink, rectangles) in found {
        canvas.rectangles(&rectangles, ink);
    }
}
