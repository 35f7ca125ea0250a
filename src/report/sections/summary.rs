//! What a reader should know who reads no further.

use super::super::Report;
use super::super::run::Run;
use super::words::{self, counted, number};
use crate::evidence::SummaryStability;
use crate::flow::Kind;
use crate::principal::Stability;
use crate::render::document::{Block, Text};

pub(super) fn blocks(report: &Report) -> Vec<Block> {
    let mut items = vec![verdict(report)];
    items.extend(modified(report));
    if let Some(run) = report.run() {
        items.extend(closest(run));
        items.extend(edge(run));
        items.extend(points(run));
    } else if let Some(Err(why)) = report.subject.as_ref().map(|subject| &subject.run) {
        items.push(Text::words(format!("Nothing is simulated: {why}.")));
    }
    let warnings = report.warnings.len();
    if warnings > 0 {
        let at_end = if warnings == 1 { "1 warning, near the end, says" } else { "warnings, near the end, say" };
        let count = if warnings == 1 { String::new() } else { format!("{warnings} ") };
        items.push(Text::words(format!("{count}{at_end} what was chosen here or cannot be vouched for.")));
    }
    vec![Block::List(items)]
}

/// Whether what was derived holds.
fn verdict(report: &Report) -> Text {
    let mut text = Text::default();
    match &report.checks {
        Ok(checks) if checks.ok() => {
            let count = counted(checks.checks.len(), "comparison", "comparisons");
            text = text.verdict(true, "Every check holds").then(format!(": {count} of independent derivations"));
        }
        Ok(checks) if checks.checks.is_empty() => text = text.verdict(false, "Nothing was compared"),
        Ok(_) => text = text.verdict(false, "Not every check holds"),
        Err(why) => text = text.then(format!("Nothing was compared: {why}")),
    }
    match &report.derived.proof {
        Ok(proven) if proven.verified.ok => {
            let steps = counted(proven.verified.steps, "step", "steps");
            text.then("; the proof to order ")
                .number(proven.order.to_string())
                .then(format!(" was replayed in {steps}."))
        }
        Ok(_) => text.then("; ").verdict(false, "the proof does not hold").then("."),
        Err(_) => text.then("."),
    }
}

/// Up to where the optimizer is stable.
fn modified(report: &Report) -> Option<Text> {
    let summary = report.derived.summary.as_ref().ok()?;
    let text = Text::words("Along an eigendirection of curvature ")
        .formula(crate::formula::Formula::name("lambda"))
        .then(" the optimizer is stable ");
    Some(match &summary.stability {
        SummaryStability::Numbers(Stability::Always) => text.then("for all ").and(words::h_lambda()).then(" > 0."),
        SummaryStability::Numbers(Stability::Never) => text.then("for no small ").and(words::h_lambda()).then(" > 0."),
        SummaryStability::Numbers(Stability::Below(low, high)) => {
            let text = text.then("for 0 < ").and(words::h_lambda()).then(" < ");
            if low == high {
                text.formula(crate::number::Coefficient::formula(low))
            } else {
                text.and(number(low.to_f64(), 6))
            }
            .then(".")
        }
        SummaryStability::Symbols { threshold, .. } => {
            let text = text.then("for 0 < ").and(words::h_lambda()).then(" < ");
            text.formula(crate::number::Coefficient::formula(threshold)).then(".")
        }
        SummaryStability::Unknown(_) => return None,
    })
}

/// Which of the optimizer's own flows is closest in the end, and which is farthest.
fn closest(run: &Run) -> Option<Text> {
    let simulation = &run.simulation;
    let last = simulation.times.len().checked_sub(1).filter(|last| *last > 0)?;
    let mut known: Vec<(&str, f64)> = simulation
        .flows
        .iter()
        .filter(|flow| !is_of_another(run, &flow.name))
        .filter_map(|flow| Some((flow.name.as_str(), flow.error.get(last).copied().flatten()?)))
        .filter(|(_, error)| error.is_finite())
        .collect();
    known.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (best, error) = *known.first()?;
    let others = simulation.flows.iter().any(|flow| is_of_another(run, &flow.name));
    let text = Text::words(if others { "Of its own flows " } else { "Of the flows " })
        .strong(best)
        .then(format!(" is closest to {} after {}: it is off by ", simulation.method, counted(last, "step", "steps")))
        .and(number(error, 2));
    Some(match known.last().filter(|_| known.len() > 1) {
        Some((worst, error)) => text.then(", ").strong(*worst).then(" by ").and(number(*error, 2)).then("."),
        None => text.then("."),
    })
}

/// Whether a flow is gradient descent's, and the optimizer another.
fn is_of_another(run: &Run, name: &str) -> bool {
    let warnings = &run.simulation.warnings;
    warnings.iter().any(|w| w.code == "gradient-descent-flow" && w.flow.as_deref() == Some(name))
}

/// Where the largest curvature is.
fn edge(run: &Run) -> Option<Text> {
    let levels: Vec<f64> = run.simulation.h_lambda_0.iter().copied().flatten().collect();
    let (first, last) = (levels.first()?, levels.last()?);
    let most = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some(
        Text::words("The largest ")
            .and(words::h_lambda())
            .then(" goes from ")
            .and(number(*first, 3))
            .then(" to ")
            .and(number(*last, 3))
            .then(", at most ")
            .and(number(most, 3))
            .then(" on the way."),
    )
}

/// The critical points that were found.
fn points(run: &Run) -> Option<Text> {
    let found = run.points.as_ref().ok()?;
    // Of degenerate points few are kept.
    let omitted = found.search.found.saturating_sub(found.points.len());
    let count = |kind: Kind| {
        let kept = found.points.iter().filter(|p| p.point.kind == kind).count();
        kept + if kind == Kind::Degenerate { omitted } else { 0 }
    };
    let kinds = [
        (Kind::Minimum, "minimum", "minima"),
        (Kind::Saddle, "saddle", "saddles"),
        (Kind::Maximum, "maximum", "maxima"),
        (Kind::Degenerate, "degenerate point", "degenerate points"),
    ];
    let kinds = kinds.map(|(kind, one, many)| (count(kind), one, many));
    let named: Vec<String> =
        kinds.iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| counted(*n, one, many)).collect();
    if named.is_empty() {
        return Some(Text::words("No critical point was found."));
    }
    Some(Text::words(format!("Critical points that were found: {}.", named.join(", "))))
}
