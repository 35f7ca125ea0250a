//! Critical points, flows and stability coefficients as tables.

use super::numbers::significant;
use super::table::{Align, table};
use crate::flow::{PointStability, Stability, StabilityTrajectory, StepSizes};
use crate::render::Symbols;
use num_complex::Complex64;
use std::fmt::Write as _;

/// Eigenvalues beyond this many are shown in part.
const SHOWN: usize = 6;
/// Digits of numbers in tables.
const DIGITS: usize = 6;

/// Critical points, each with a table of its eigendirections and one of its flows; then a table of the trajectory.
///
/// Numbers are rounded to 6 digits; JSON and CSV have them all.
#[must_use]
pub fn stability(stability: &Stability) -> String {
    let symbols = Symbols::beside(stability.parameters.iter().map(String::as_str));
    let mut out = format!("{}, {} = {:?}\n", stability.method, symbols.text("h"), stability.h);
    if let Some(sentence) = symbols.sentence(if stability.trajectory.is_some() { "hgE" } else { "hg" }) {
        let _ = writeln!(out, "{sentence}");
    }
    let (starts, converged) = stability.starts;
    if starts > 0 {
        let points = match stability.points.len() {
            0 => "no critical point".to_owned(),
            1 => "1 critical point".to_owned(),
            n => format!("{n} critical points"),
        };
        let from =
            if starts == 1 { "1 start".to_owned() } else { format!("{starts} starts, {converged} of which converged") };
        let _ = writeln!(out, "{points} from {from}");
    }
    for (k, point) in stability.points.iter().enumerate() {
        out.push('\n');
        push_point(&mut out, k + 1, point, &stability.parameters, &symbols);
    }
    if let Some(trajectory) = &stability.trajectory {
        out.push('\n');
        push_trajectory(&mut out, trajectory, &symbols);
    }
    out
}

fn push_point(out: &mut String, number: usize, point: &PointStability, parameters: &[String], symbols: &Symbols) {
    let found = &point.point;
    let size = found.at.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let place: Vec<String> = parameters
        .iter()
        .zip(&found.at)
        .map(|(p, x)| {
            // Beside a coordinate of the usual size, one at its rounding is zero.
            let x = if x.abs() <= 1e-14 * size { 0.0 } else { *x };
            format!("{p} = {}", significant(x, 9))
        })
        .collect();
    let _ = writeln!(out, "{number}. {} at {}", found.kind, place.join(", "));
    let _ = writeln!(
        out,
        "   loss {}, {} = {:.1e}\n",
        significant(found.loss, 9),
        symbols.text("|g|"),
        found.gradient_norm
    );
    let rows: Vec<Vec<String>> = point
        .directions
        .iter()
        .enumerate()
        .map(|(k, d)| {
            vec![
                k.to_string(),
                significant(d.eigenvalue, DIGITS),
                significant(d.h_lambda, DIGITS),
                optional(d.alpha),
                d.case.to_string(),
            ]
        })
        .collect();
    let header = ["direction", "λ", "hλ", "α(hλ)", "case"].map(|name| symbols.text(name));
    let right = Align::Right;
    out.push_str(&table(&header, &[right, right, right, right, Align::Left], &rows));
    out.push('\n');
    let mut rows: Vec<Vec<String>> = point
        .flows
        .iter()
        .map(|flow| {
            vec![
                flow.name.clone(),
                flow.attractive.map_or("–", answer).to_owned(),
                flow.attractive_h.as_ref().map_or_else(|| "–".to_owned(), intervals),
                list(&flow.eigenvalues),
                flow.difference.map_or_else(|| "–".to_owned(), |d| format!("{d:.1e}")),
            ]
        })
        .collect();
    if let Some(map) = &point.optimizer {
        let name = "(the optimizer)".to_owned();
        rows.push(vec![
            name,
            answer(map.attractive).to_owned(),
            intervals(&map.attractive_h),
            String::new(),
            String::new(),
        ]);
    }
    let header = ["flow", "attractive", "for h in", "eigenvalues of its Jacobian", "by differentiation"]
        .map(|name| symbols.text(name));
    out.push_str(&table(&header, &[Align::Left, Align::Left, Align::Left, Align::Left, right], &rows));
}

fn push_trajectory(out: &mut String, trajectory: &StabilityTrajectory, symbols: &Symbols) {
    let what = "g·u in every eigendirection, its stability coefficient α(hλ) g·u, and g·u after the step: predicted and actual";
    let _ = writeln!(out, "{}\n", symbols.text(what));
    let header = ["step", "direction", "hλ", "case", "g·u", "α g·u", "dE/dt", "ngf", "igr", "pf", "actual"]
        .map(|name| symbols.text(name));
    let mut rows = Vec::new();
    for (step, entry) in trajectory.steps.iter().enumerate() {
        let Some(entry) = entry else { continue };
        for (k, d) in entry.directions.iter().enumerate() {
            rows.push(vec![
                if k == 0 { step.to_string() } else { String::new() },
                k.to_string(),
                significant(d.h_lambda, DIGITS),
                d.case.to_string(),
                significant(d.gradient, DIGITS),
                optional(d.stability_coefficient),
                optional(d.energy_rate),
                significant(d.predicted_ngf, DIGITS),
                significant(d.predicted_igr, DIGITS),
                optional(d.predicted_pf),
                d.actual.map_or_else(|| "–".to_owned(), |g| significant(g, DIGITS)),
            ]);
        }
    }
    let mut align = [Align::Right; 11];
    align[3] = Align::Left;
    out.push_str(&table(&header, &align, &rows));
}

fn answer(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// A set of step sizes.
pub(in crate::render) fn intervals(sizes: &StepSizes) -> String {
    if sizes.intervals().is_empty() {
        return "no h".to_owned();
    }
    let end = |x: f64| if x.is_finite() { significant(x, DIGITS) } else { "∞".to_owned() };
    let parts: Vec<String> = sizes.intervals().iter().map(|(a, b)| format!("({}, {})", end(*a), end(*b))).collect();
    parts.join(" ∪ ")
}

/// Complex numbers in a row, the middle of many left out.
fn list(values: &[Option<Complex64>]) -> String {
    let mut parts: Vec<String> = values.iter().map(|z| optional(*z)).collect();
    if parts.len() > SHOWN {
        parts.splice(SHOWN - 2..parts.len() - 1, ["…".to_owned()]);
    }
    parts.join(", ")
}

fn optional(z: Option<Complex64>) -> String {
    z.map_or_else(|| "–".to_owned(), complex)
}

/// A complex number, as a real one where it is.
pub(in crate::render) fn complex(z: Complex64) -> String {
    if z.im == 0.0 {
        return significant(z.re, DIGITS);
    }
    let sign = if z.im < 0.0 { '-' } else { '+' };
    format!("{}{sign}{}i", significant(z.re, DIGITS), significant(z.im.abs(), DIGITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sets() {
        assert_eq!(complex(Complex64::new(-0.5, 0.0)), "-0.5");
        assert_eq!(complex(Complex64::new(-0.5, -1.25)), "-0.5-1.25i");
        assert_eq!(complex(Complex64::new(f64::NAN, 0.0)), "–");
        assert_eq!(intervals(&StepSizes::all()), "(0, ∞)");
        assert_eq!(intervals(&StepSizes::default()), "no h");
        assert_eq!(intervals(&StepSizes::new(vec![(0.0, 1.0), (2.0, 4.0)])), "(0, 1) ∪ (2, 4)");
        let many = vec![Some(Complex64::ONE); 9];
        assert_eq!(list(&many), "1, 1, 1, 1, …, 1");
    }
}
