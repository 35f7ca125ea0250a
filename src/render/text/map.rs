//! Maps, summed up.

use super::table::{Align, table};
use crate::flow::{FlowMap, MapValues, Quantity};
use crate::formula::Symbols;

/// A map summed up: what it shows, and the spread of each of its numbers with the place of the largest.
///
/// CSV, JSON and `NumPy` files hold the numbers themselves.
#[must_use]
pub fn map(map: &FlowMap) -> String {
    let (x, y) = (&map.grid.x, &map.grid.y);
    let what = match map.quantity {
        Quantity::Field => "the field".to_owned(),
        Quantity::Error { steps: 1 } => "distance from the optimizer after one step".to_owned(),
        Quantity::Error { steps } => format!("distance from the optimizer after {steps} steps"),
        Quantity::Stability => "stability with the Hessian held fixed".to_owned(),
    };
    let symbols = Symbols::beside(map.parameters.iter().map(String::as_str));
    let mut out = format!(
        "{} of {} beside {}, {} = {:?}\n{} from {:?} to {:?} ({} points), {} from {:?} to {:?} ({} points)\n\n",
        what,
        map.flow,
        map.method,
        symbols.text("h"),
        map.h,
        x.name,
        x.from,
        x.to,
        x.count,
        y.name,
        y.from,
        y.to,
        y.count
    );
    if let Some(sentence) = symbols.sentence("h") {
        out.push_str(&format!("{sentence}\n\n"));
    }
    let header = ["", "least", "median", "largest", "largest at"].map(str::to_owned);
    let rows: Vec<Vec<String>> =
        columns(map).into_iter().map(|(name, values)| row(map, &symbols.text(name), &values)).collect();
    let right = Align::Right;
    out.push_str(&table(&header, &[Align::Left, right, right, right, Align::Left], &rows));
    if !map.missing.is_empty() || !map.slid.is_empty() {
        out.push_str(&format!("\n{}\n", remarkable(map)));
    }
    out
}

/// How many points have no value, by reason, and how many slid.
fn remarkable(map: &FlowMap) -> String {
    let count: usize = map.missing.iter().map(|m| m.places.len()).sum();
    let reasons: Vec<String> = map.missing.iter().map(|m| format!("{} {}", m.places.len(), m.outcome.code())).collect();
    let missing = (count > 0).then(|| format!("{count} have no value ({})", reasons.join(", ")));
    let slid =
        (!map.slid.is_empty()).then(|| format!("{} have the value of a flow that slid along a cut", map.slid.len()));
    let all: Vec<String> = missing.into_iter().chain(slid).collect();
    let valued = map.grid.len() - count;
    let rest = if count == 0 || valued == 0 {
        String::new()
    } else {
        format!("; least, median and largest are of the {valued} points with a value")
    };
    format!("of {} points {}{rest}", map.grid.len(), all.join(", "))
}

/// The numbers of a map by name, NaN where there is none.
fn columns(map: &FlowMap) -> Vec<(&'static str, Vec<f64>)> {
    match &map.values {
        MapValues::Field(values) => {
            let size = |f: &Vec<num_complex::Complex64>| f.iter().map(|z| z.norm_sqr()).sum::<f64>().sqrt();
            vec![("|field|", values.iter().map(|v| v.as_ref().map_or(f64::NAN, size)).collect())]
        }
        MapValues::Error(values) => vec![("error", values.iter().map(|v| v.unwrap_or(f64::NAN)).collect())],
        MapValues::Stability(values) => {
            let column = |f: fn(&crate::flow::LocalStability) -> f64| {
                values.iter().map(|v| v.as_ref().map_or(f64::NAN, f)).collect()
            };
            vec![
                ("growth a step", column(|s| s.growth)),
                ("largest hλ", column(|s| s.largest)),
                ("smallest hλ", column(|s| s.smallest)),
            ]
        }
    }
}

fn row(map: &FlowMap, name: &str, values: &[f64]) -> Vec<String> {
    let mut order: Vec<usize> = (0..values.len()).filter(|k| !values[*k].is_nan()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let shown = |k: Option<&usize>| k.map_or_else(|| "–".to_owned(), |k| format!("{:.4e}", values[*k]));
    let place = order.last().map_or_else(String::new, |k| {
        let (x, y) = (&map.grid.x, &map.grid.y);
        format!("{} = {:.6}, {} = {:.6}", x.name, x.at(k % x.count), y.name, y.at(k / x.count))
    });
    vec![name.to_owned(), shown(order.first()), shown(order.get(order.len() / 2)), shown(order.last()), place]
}
