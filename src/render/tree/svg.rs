//! Trees as SVG.

use super::layout;
use crate::tree::Notation;
use crate::tree::Tree;
use std::fmt::Write as _;

/// The distance between levels, of the size of the text.
const UNIT: f64 = 0.62;
/// Around the outermost nodes' centres.
const MARGIN: f64 = 0.3;
/// Of a node.
const RADIUS: f64 = 0.19;

/// A tree as an inline SVG in the colour and of the size of the text around it, the root at the bottom.
///
/// Its label is the elementary differential in the notation of operators.
///
/// ```
/// use shadowflow::tree::Tree;
/// let svg = shadowflow::render::tree::svg(&Tree::from_levels(&[0, 1, 1]).unwrap());
/// assert!(svg.contains("aria-label=\"T[g, g]\"") && svg.contains("currentColor"));
/// assert_eq!(svg.matches("<circle").count(), 3);
/// ```
#[must_use]
pub fn svg(tree: &Tree) -> String {
    let layout = layout(tree);
    let (width, height) = (layout.width + 2.0 * MARGIN, layout.height + 2.0 * MARGIN);
    let place = |at: usize| {
        let (x, y) = layout.nodes[at];
        (round(x + MARGIN), round(layout.height - y + MARGIN))
    };
    let mut lines = String::new();
    for (at, parent) in layout.parents.iter().enumerate() {
        if let Some(parent) = parent {
            let ((x, y), (u, v)) = (place(*parent), place(at));
            let _ = write!(lines, "M{x} {y}L{u} {v}");
        }
    }
    let mut out = format!(
        "<svg class=\"tree\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\" style=\"width:{}em;height:{}em\">",
        Notation::Operator.text(tree),
        round(width),
        round(height),
        round(width * UNIT),
        round(height * UNIT),
    );
    if !lines.is_empty() {
        let _ = write!(out, "<path d=\"{lines}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"0.09\"/>");
    }
    for at in 0..layout.nodes.len() {
        let (x, y) = place(at);
        let _ = write!(out, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{RADIUS}\" fill=\"currentColor\"/>");
    }
    out.push_str("</svg>");
    out
}

/// Three decimals, so that no rounding error is written.
fn round(x: f64) -> f64 {
    (x * 1000.0).round() / 1000.0
}
