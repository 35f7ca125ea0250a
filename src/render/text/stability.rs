//! Critical points, flows and stability coefficients as tables.

use super::Detail;
use super::detail::summed_up;
use super::numbers::significant;
use super::table::{Align, table};
use crate::flow::{
    AlongDirection, FlowStability, OptimizerStability, PointStability, SearchCounts, Stability, StabilityTrajectory,
    StepSizes,
};
use crate::formula::Symbols;
use num_complex::Complex64;
use std::fmt::Write as _;

/// Eigenvalues beyond this many are shown in part.
const SHOWN: usize = 6;
/// Digits of numbers in tables.
const DIGITS: usize = 6;
/// Digits in the table of a trajectory.
const FEWER_DIGITS: usize = 4;
/// More points than this have their tables behind `--verbose`.
const POINTS: usize = 3;
/// More coordinates than this are not in the row of a point.
const COORDINATES: usize = 3;

/// What was found at a glance, then each critical point with a table of its eigendirections and one of its flows; then a table of
/// the trajectory.
///
/// Numbers are rounded to 6 digits or fewer; JSON and CSV have them all. Of more than three points the tables are details.
#[must_use]
pub fn stability(stability: &Stability, detail: Detail) -> String {
    let symbols = Symbols::beside(stability.parameters.iter().map(String::as_str));
    let mut out = format!("{}, {} = {:?}\n", stability.method, symbols.text("h"), stability.h);
    if let Some(sentence) = symbols.sentence(if stability.trajectory.is_some() { "hgE" } else { "hg" }) {
        let _ = writeln!(out, "{sentence}");
    }
    if stability.search.starts > 0 {
        let _ = writeln!(out, "{}", search(&stability.search, stability.points.len()));
    }
    let parameters = &stability.parameters;
    let each = detail.verbose || stability.points.len() <= POINTS;
    if stability.points.len() > 1 {
        let _ = write!(out, "\n{}", overview(stability, detail, &symbols));
    }
    if !each {
        out.push_str("\n--verbose shows the directions and flows of each, --near one of them alone\n");
    }
    for (k, point) in stability.points.iter().enumerate().filter(|_| each) {
        out.push('\n');
        push_point(&mut out, k + 1, point, parameters, (detail, &symbols));
    }
    if let Some(trajectory) = &stability.trajectory {
        out.push('\n');
        push_trajectory(&mut out, trajectory, detail, &symbols);
    }
    let along = stability.trajectory.is_some() || stability.points.is_empty();
    if !detail.shows(parameters.len()) && !along {
        let _ = write!(out, "\n{}", summed_up(parameters.len()));
    }
    out
}

/// What a search found, and from where: "9 critical points; 97 of 101 starts led to one of them".
pub(crate) fn search(counts: &SearchCounts, shown: usize) -> String {
    let many = |n: usize| match n {
        0 => "no critical point".to_owned(),
        1 => "1 critical point".to_owned(),
        n => format!("{n} critical points"),
    };
    let SearchCounts { starts, converged, found, outside, .. } = *counts;
    let mut points = many(found);
    if outside > 0 {
        points += &format!(" in the box and {outside} outside");
    }
    if shown < found {
        points += &format!(", {shown} of which are shown");
    }
    match (starts, found + outside) {
        (1, _) => format!("{points} from 1 start"),
        (_, 0) => format!("{points} from {starts} starts"),
        (_, 1) => format!("{points}; {converged} of {starts} starts led to it{}", others(counts)),
        _ => format!("{points}; {converged} of {starts} starts led to one of them{}", others(counts)),
    }
}

/// What became of the starts that led to no critical point, where they are the larger part.
fn others(counts: &SearchCounts) -> String {
    let SearchCounts { starts, converged, away, unsettled, stalled, kinks, undefined, .. } = *counts;
    if 2 * converged >= starts {
        return String::new();
    }
    let mut reasons = [
        (away, "the way leads off, as to infinity"),
        (unsettled, "Newton's method does not settle"),
        (stalled, "the gradient gets no smaller and is not zero"),
        (kinks, "a slope jumps over zero at a kink"),
        (undefined, "the loss or a derivative has no value"),
    ];
    reasons.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    reasons.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("; from {count} {what}")).collect()
}

/// One row a critical point.
fn overview(stability: &Stability, detail: Detail, symbols: &Symbols) -> String {
    // More coordinates make a row too long.
    let coordinates = detail.all || stability.parameters.len() <= COORDINATES;
    let flow = |point: &PointStability| {
        let attracted: Vec<&str> =
            point.flows.iter().filter(|f| f.attractive == Some(true)).map(|f| f.name.as_str()).collect();
        match attracted.as_slice() {
            [] if point.flows.iter().any(|f| whether(f) == UNDECIDED) => UNDECIDED.to_owned(),
            [] => "none".to_owned(),
            _ => attracted.join(" "),
        }
    };
    let rows: Vec<Vec<String>> = stability
        .points
        .iter()
        .enumerate()
        .map(|(k, point)| {
            let end =
                |d: Option<&crate::flow::Direction>| d.map_or_else(|| "–".to_owned(), |d| significant(d.h_lambda, 4));
            vec![
                format!("{}.", k + 1),
                point.point.kind.to_string(),
                place(point, &stability.parameters, coordinates, 5),
                significant(point.point.loss, 4),
                end(point.directions.first()),
                end(point.directions.last()),
                point.optimizer.as_ref().map_or("–", |map| map.attractive.map_or(UNDECIDED, answer)).to_owned(),
                flow(point),
            ]
        })
        .collect();
    let header =
        ["", "kind", "at", "loss", "max hλ", "min hλ", "attractive", "for the flows"].map(|name| symbols.text(name));
    let (left, right) = (Align::Left, Align::Right);
    table(&header, &[right, left, left, right, right, right, left, left], &rows)
}

/// Where a point is: its coordinates, or how far from 0.
fn place(point: &PointStability, parameters: &[String], coordinates: bool, digits: usize) -> String {
    let at = &point.point.at;
    if !coordinates {
        let length = at.iter().fold(0.0_f64, |norm, x| norm.hypot(*x));
        return format!("|θ| = {}", significant(length, digits));
    }
    let size = at.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    // Beside a coordinate of the usual size, one at its rounding is zero.
    let rounded = |x: f64| if x.abs() <= 1e-14 * size.min(1.0) { 0.0 } else { x };
    let coordinates: Vec<String> =
        parameters.iter().zip(at).map(|(p, x)| format!("{p} = {}", significant(rounded(*x), digits))).collect();
    coordinates.join(", ")
}

fn push_point(
    out: &mut String,
    number: usize,
    point: &PointStability,
    parameters: &[String],
    (detail, symbols): (Detail, &Symbols),
) {
    let found = &point.point;
    let _ =
        writeln!(out, "{number}. {} at {}", found.kind, place(point, parameters, detail.shows(parameters.len()), 9));
    let _ =
        writeln!(out, "   loss {}, {} = {:.1e}", significant(found.loss, 9), symbols.text("|g|"), found.gradient_norm);
    let _ = writeln!(out, "   {}\n", verdict(point));
    let shown = detail.directions(point.directions.len());
    let rows: Vec<Vec<String>> = point
        .directions
        .iter()
        .take(shown)
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
    let more = point.directions.len() - shown;
    if let (1.., Some(last)) = (more, point.directions.last()) {
        let end = format!("{} = {}", symbols.text("hλ"), significant(last.h_lambda, DIGITS));
        let _ = writeln!(out, "{more} more to {end}; --all lists them, --top K so many");
    }
    out.push('\n');
    let mut rows: Vec<Vec<String>> = point
        .flows
        .iter()
        .map(|flow| {
            let mut row = vec![
                flow.name.clone(),
                whether(flow).to_owned(),
                flow.attractive_h.as_ref().map_or_else(|| "–".to_owned(), intervals),
                list(&flow.eigenvalues),
            ];
            if detail.verbose {
                row.push(flow.difference.map_or_else(|| "–".to_owned(), |d| format!("{d:.1e}")));
            }
            row
        })
        .collect();
    if let Some(map) = &point.optimizer {
        let name = "(the optimizer)".to_owned();
        rows.push(vec![
            name,
            map.attractive.map_or(UNDECIDED, answer).to_owned(),
            intervals(&map.attractive_h),
            String::new(),
        ]);
    }
    let mut header =
        ["flow", "attractive", "for h in", "eigenvalues of its Jacobian"].map(|name| symbols.text(name)).to_vec();
    if detail.verbose {
        header.push("by differentiation".to_owned());
    }
    out.push_str(&table(&header, &[Align::Left, Align::Left, Align::Left, Align::Left, right], &rows));
}

/// Who is attracted, in one sentence.
pub(crate) fn verdict(point: &PointStability) -> String {
    let named = |answer: &str| {
        let flows = point.flows.iter().filter(|f| whether(f) == answer).map(|f| f.name.as_str());
        let of_map = |map: &OptimizerStability| map.attractive.map_or(UNDECIDED, self::answer);
        let own = point.optimizer.as_ref().filter(|map| of_map(map) == answer).map(|_| "the optimizer");
        own.into_iter().chain(flows).collect::<Vec<_>>().join(", ")
    };
    let (yes, no, undecided) = (named("yes"), named("no"), named(UNDECIDED));
    let mut parts = Vec::new();
    if !yes.is_empty() {
        parts.push(format!("attractive for {yes}"));
    }
    if !no.is_empty() {
        parts.push(format!("{} for {no}", if yes.is_empty() { "not attractive" } else { "not" }));
    }
    if !undecided.is_empty() {
        parts.push(format!("undecided by linearisation for {undecided}"));
    }
    if parts.is_empty() { "whether anything is attracted is not known".to_owned() } else { parts.join("; ") }
}

fn push_trajectory(out: &mut String, trajectory: &StabilityTrajectory, detail: Detail, symbols: &Symbols) {
    let steps: Vec<_> = trajectory.steps.iter().flatten().collect();
    let sharpness: Vec<&AlongDirection> = steps.iter().filter_map(|step| step.directions.first()).collect();
    let low = sharpness.iter().map(|d| d.h_lambda).fold(f64::INFINITY, f64::min);
    let high = sharpness.iter().map(|d| d.h_lambda).fold(f64::NEG_INFINITY, f64::max);
    if !sharpness.is_empty() {
        let beyond = match sharpness.iter().filter(|d| d.h_lambda > 2.0).count() {
            0 => "never beyond 2".to_owned(),
            n => format!("beyond 2 in {n} of them"),
        };
        let _ = writeln!(
            out,
            "{} steps: the largest {} is between {} and {}, {beyond}",
            steps.len(),
            symbols.text("hλ"),
            significant(low, FEWER_DIGITS),
            significant(high, FEWER_DIGITS)
        );
    }
    let what = "g·u in eigendirection i, by falling hλ, and after the step: predicted by flows, and actual";
    let _ = writeln!(out, "{}\n", symbols.text(what));
    let mut header = ["step", "i", "hλ", "case", "g·u"].map(|name| symbols.text(name)).to_vec();
    if detail.verbose {
        header.extend(["α g·u", "dE/dt"].map(|name| symbols.text(name)));
    }
    header.extend(["ngf", "igr", "pf", "actual"].map(str::to_owned));
    let digits = if detail.verbose { DIGITS } else { FEWER_DIGITS };
    let mut rows = Vec::new();
    let mut most = 0;
    for (step, entry) in trajectory.steps.iter().enumerate() {
        let Some(entry) = entry else { continue };
        let shown = detail.directions(entry.directions.len());
        most = most.max(entry.directions.len() - shown);
        for (k, d) in entry.directions.iter().take(shown).enumerate() {
            let mut row = vec![
                if k == 0 { step.to_string() } else { String::new() },
                k.to_string(),
                significant(d.h_lambda, digits),
                d.case.to_string(),
                significant(d.gradient, digits),
            ];
            if detail.verbose {
                row.extend([optional(d.stability_coefficient), optional(d.energy_rate)]);
            }
            let predicted = d.predicted_pf.map_or_else(|| "–".to_owned(), |z| rounded(z, digits));
            let actual = d.actual.map_or_else(|| "–".to_owned(), |g| significant(g, digits));
            row.extend([significant(d.predicted_ngf, digits), significant(d.predicted_igr, digits), predicted, actual]);
            rows.push(row);
        }
    }
    let mut align = vec![Align::Right; header.len()];
    align[3] = Align::Left;
    out.push_str(&table(&header, &align, &rows));
    if most > 0 {
        let _ = writeln!(out, "{most} more directions in every step; --all lists them, --top K so many");
    }
}

/// Where the largest real part is zero, or the largest multiplier on the unit circle.
pub(in crate::render) const UNDECIDED: &str = "undecided";

/// Whether a flow is attracted; a dash where its eigenvalues are not known.
pub(crate) fn whether(flow: &FlowStability) -> &'static str {
    let known =
        flow.attractive_h.is_some() || (!flow.eigenvalues.is_empty() && flow.eigenvalues.iter().all(Option::is_some));
    flow.attractive.map_or(if known { UNDECIDED } else { "–" }, answer)
}

fn answer(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// A set of step sizes.
pub(crate) fn intervals(sizes: &StepSizes) -> String {
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
pub(crate) fn complex(z: Complex64) -> String {
    rounded(z, DIGITS)
}

fn rounded(z: Complex64, digits: usize) -> String {
    if z.im == 0.0 {
        return significant(z.re, digits);
    }
    let sign = if z.im < 0.0 { '-' } else { '+' };
    format!("{}{sign}{}i", significant(z.re, digits), significant(z.im.abs(), digits))
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
