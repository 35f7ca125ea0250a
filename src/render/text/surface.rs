//! The loss over a plane, summed up.

use super::table::{Align, table};
use crate::flow::{LossSurface, Plane, PlaneName};

/// What a plane lies along, in words.
pub(crate) fn plane_words(plane: &Plane) -> String {
    match (&plane.name, plane.eigenvalues) {
        (PlaneName::Eigenvectors(which), Some(values)) => {
            let of = |k: usize| format!("u{} (λ = {})", which[k], six(values[k]));
            format!("along the eigenvectors {} and {}", of(0), of(1))
        }
        (PlaneName::Eigenvectors([i, j]), None) => format!("along the eigenvectors u{i} and u{j}"),
        (PlaneName::Random(seed), _) => format!("along two random directions of seed {seed}, filter-normalised"),
        (PlaneName::Points(files), _) => {
            let [a, b] = files.each_ref().map(|f| f.rsplit(['/', '\\']).next().unwrap_or(f));
            format!("through a = {a} and b = {b}")
        }
    }
}

/// A number with six digits.
fn six(x: f64) -> String {
    format!("{:?}", format!("{x:.5e}").parse().unwrap_or(x))
}

/// The loss over a plane summed up: the plane, its grid, and the least, median and largest value with their places.
///
/// CSV, JSON and `NumPy` files hold the numbers themselves.
#[must_use]
pub fn surface(surface: &LossSurface) -> String {
    let (plane, x, y) = (&surface.plane, &surface.grid.x, &surface.grid.y);
    let [first, second] = plane.lengths();
    let center = surface.center.map_or_else(|| "no value".to_owned(), |v| format!("{v:?}"));
    let mut out = format!(
        "the loss in the plane through the point, {}\n{} from {:?} to {:?} ({} points), {} from {:?} to {:?} ({} points)\n",
        plane_words(plane),
        x.name,
        x.from,
        x.to,
        x.count,
        y.name,
        y.from,
        y.to,
        y.count
    );
    out.push_str(&format!(
        "at the point: {center}; {} is {} long, {} {}, the cosine between them {:?}\n\n",
        plane.labels[0],
        six(first),
        plane.labels[1],
        six(second),
        // Of orthogonal directions it is 0 to rounding.
        (plane.cosine() * 1e4).round() / 1e4 + 0.0
    ));
    let mut order: Vec<usize> = (0..surface.values.len()).filter(|k| surface.values[*k].is_some()).collect();
    order.sort_by(|a, b| surface.values[*a].unwrap_or(f64::NAN).total_cmp(&surface.values[*b].unwrap_or(f64::NAN)));
    let row = |name: &str, k: Option<&usize>| {
        let value = k.and_then(|k| surface.values[*k]).map_or_else(|| "–".to_owned(), |v| format!("{v:.6e}"));
        let place = k.map_or_else(String::new, |k| {
            format!("{} = {:.6}, {} = {:.6}", x.name, x.at(k % x.count), y.name, y.at(k / x.count))
        });
        vec![name.to_owned(), value, place]
    };
    let rows = [row("least", order.first()), row("median", order.get(order.len() / 2)), row("largest", order.last())];
    let header = ["", "loss", "at"].map(str::to_owned);
    out.push_str(&table(&header, &[Align::Left, Align::Right, Align::Left], &rows));
    let missing = surface.values.len() - order.len();
    if missing > 0 {
        out.push_str(&format!("\nof {} points {missing} have no value\n", surface.values.len()));
    }
    out
}
