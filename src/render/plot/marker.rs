//! Shapes at points.

use super::canvas::{Canvas, Stroke};
use super::ink::Ink;
use super::style::Marker;

/// Draws a marker at points: filled, with a thin edge of paper that sets it off from what it lies on, or as an outline that shows what is below.
pub(super) fn marker(canvas: &mut Canvas, points: &[(f64, f64)], shape: Marker, radius: f64, ink: Ink, filled: bool) {
    let (fill, edge) = if filled { (Some(ink), Stroke::new(Ink::PAPER, 0.7)) } else { (None, Stroke::new(ink, 1.2)) };
    let around = |corners: &[(f64, f64)]| -> Vec<Vec<(f64, f64)>> {
        let at = |(x, y): &(f64, f64)| corners.iter().map(|(dx, dy)| (x + radius * dx, y + radius * dy)).collect();
        points.iter().map(at).collect()
    };
    let strokes = |corners: [[(f64, f64); 2]; 2]| -> Vec<Vec<(f64, f64)>> {
        corners.iter().flat_map(|line| around(line)).collect()
    };
    match shape {
        Marker::Circle => canvas.circles(points, radius, fill, Some(edge)),
        Marker::Square => {
            canvas.shapes(&around(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]), fill, Some(edge));
        }
        Marker::Diamond => {
            canvas.shapes(&around(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]), fill, Some(edge));
        }
        Marker::Triangle => canvas.shapes(&around(&[(0.0, -1.2), (1.15, 0.8), (-1.15, 0.8)]), fill, Some(edge)),
        Marker::Down => canvas.shapes(&around(&[(0.0, 1.2), (1.15, -0.8), (-1.15, -0.8)]), fill, Some(edge)),
        // Two lines each, of which no outline can be drawn.
        Marker::Plus => {
            let lines = strokes([[(-1.2, 0.0), (1.2, 0.0)], [(0.0, -1.2), (0.0, 1.2)]]);
            canvas.lines(&lines, Stroke::new(ink, if filled { 1.8 } else { 1.2 }));
        }
        Marker::Cross => {
            let lines = strokes([[(-0.85, -0.85), (0.85, 0.85)], [(-0.85, 0.85), (0.85, -0.85)]]);
            canvas.lines(&lines, Stroke::new(ink, if filled { 1.8 } else { 1.2 }));
        }
    }
}
