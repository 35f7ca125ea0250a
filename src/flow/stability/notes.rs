//! What the results about critical points cannot vouch for.

use super::super::outcome::Outcome;
use super::critical::{CriticalPoint, NoCriticalPoint};
use super::kind::{Case, Kind};
use super::search::{CriticalSearch, Found};
use crate::spectral::Alpha;
use crate::warning::Warning;
use rustc_hash::FxHashMap;

/// What linearises to a motion that neither contracts nor expands.
pub(super) fn neither(place: &str, what: &str) -> Warning {
    let message =
        format!("at {place} {what} neither contracts nor expands to first order: linearisation does not decide there");
    Warning::new("edge-of-stability", message)
}

/// Says where linearisation does not decide; whether a step of the optimizer is at the edge of stability.
pub(super) fn warn_of_point(
    (point, alike): (&CriticalPoint, &Alike),
    own: Option<&Alpha>,
    h: f64,
    place: &str,
    warnings: &mut Vec<Warning>,
) -> bool {
    if alike.count > 0 {
        let zeros = zeros(point);
        let (whose, most) = match alike.count {
            1 => (place.to_owned(), ""),
            count => (format!("{count} points, the first of which is {place},"), "at most "),
        };
        if point.hessian_jumps() {
            let message = format!(
                "at {whose} the second derivatives jump at a kink of the loss: linearisation does not decide there"
            );
            warnings.push(Warning::new("degenerate", message));
            return false;
        }
        let message = format!(
            "at {whose} the gradient is {most}{:.1e} and {zeros} of {} eigenvalues of the Hessian are zero to within {:.1e}: linearisation \
             does not decide there",
            alike.gradient_norm,
            point.eigenvalues.len(),
            alike.uncertainty
        );
        warnings.push(Warning::new("degenerate", message));
    }
    let Some(own) = own else { return false };
    let edge = point.known().any(|(l, u)| Case::of(own, h, l, u) == Case::EdgeOfStability);
    if edge {
        warnings.push(neither(place, "a step"));
    }
    edge
}

/// Degenerate points of which the same is to be said: as many eigenvalues are zero.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Alike {
    /// How many, at the first of them; 0 at the others, and at points that are not degenerate.
    count: usize,
    /// The largest.
    gradient_norm: f64,
    uncertainty: f64,
}

impl Alike {
    /// By point.
    pub(super) fn of(points: &[CriticalPoint]) -> Vec<Self> {
        let mut first: FxHashMap<(bool, usize), usize> = FxHashMap::default();
        let mut found = vec![Self::default(); points.len()];
        for (k, point) in points.iter().enumerate().filter(|(_, point)| point.kind == Kind::Degenerate) {
            let at = *first.entry((point.hessian_jumps(), zeros(point))).or_insert(k);
            found[at].count += 1;
            found[at].gradient_norm = found[at].gradient_norm.max(point.gradient_norm);
            let largest = point.known().filter(|(l, u)| l.abs() <= *u).fold(0.0, |m: f64, (_, u)| m.max(u));
            found[at].uncertainty = found[at].uncertainty.max(largest);
        }
        found
    }
}

fn zeros(point: &CriticalPoint) -> usize {
    point.known().filter(|(l, u)| l.abs() <= *u).count()
}

/// Says what a search left out, or why it found nothing.
pub(super) fn warn_of_search(
    found: &Found,
    search: &CriticalSearch,
    parameters: &[String],
    warnings: &mut Vec<Warning>,
) {
    let counts = found.counts;
    if counts.outside > 0 {
        let many = if counts.outside == 1 {
            "1 critical point".to_owned()
        } else {
            format!("{} critical points", counts.outside)
        };
        warnings.push(Warning::new("outside-box", format!("{many} found outside the box; a larger box shows more")));
    }
    if found.flat == counts.starts && counts.starts > 1 {
        let message = format!(
            "gradient and Hessian are zero at each of the {} starts: the loss seems to be constant",
            counts.starts
        );
        warnings.push(Warning::new("critical-set", message));
    } else if counts.found > found.points.len() {
        let shown = found.points.iter().filter(|p| p.kind == Kind::Degenerate).count();
        let message = format!(
            "{} degenerate critical points were found, of which {shown} are shown: they seem to be places on curves or surfaces of critical points",
            shown + counts.found - found.points.len()
        );
        warnings.push(Warning::new("critical-set", message));
    }
    if found.beside > 0 && found.flat < counts.starts {
        let degenerate = found.points.iter().filter(|p| p.kind == Kind::Degenerate).count();
        let message = match (found.beside, degenerate) {
            (1, 1) => "the degenerate critical point is one of a curve or surface of them: there are others beside it"
                .to_owned(),
            (beside, all) if beside == all => {
                format!(
                    "all {all} degenerate critical points are on curves or surfaces of them: there are others beside each"
                )
            }
            (beside, all) => format!(
                "{beside} of {all} degenerate critical points are on curves or surfaces of them: there are others beside these"
            ),
        };
        warnings.push(Warning::new("critical-set", message));
    }
    if let Some((untried, stopped)) = &found.untried {
        let message = format!("{stopped} with {untried} of {} starts still to try", search.starts().len());
        warnings.push(Warning::new(stopped.code(), message));
    }
    if !found.points.is_empty() || search.starts().is_empty() {
        return;
    }
    // Of several reasons that of most starts, but for those of starts where the loss has no value; of as many the one that says most.
    let rank = |f: &NoCriticalPoint| match f.outcome {
        Outcome::Jumping | Outcome::NoHessian { .. } => 4,
        Outcome::Stalled { .. } => 3,
        Outcome::Unsettled { .. } => 2,
        Outcome::Vanishing { .. } => 1,
        _ => 0,
    };
    let alike = |f: &NoCriticalPoint| found.failures.iter().filter(|other| rank(other) == rank(f)).count();
    let most = found.failures.iter().max_by_key(|f| (rank(f) > 0, alike(f), rank(f)));
    let Some(NoCriticalPoint { at, outcome }) = most else { return };
    let reason = outcome.sentence(&format!(" at {}", place(parameters, at)));
    let starts = match search.starts().len() {
        1 => "the start".to_owned(),
        n => format!("{n} starts"),
    };
    warnings.push(Warning::new(outcome.code(), format!("no critical point was found from {starts}: {reason}")));
}

/// A point in words, the first of many coordinates only.
pub(super) fn place(parameters: &[String], at: &[f64]) -> String {
    // Beyond that, digits would fill the line.
    // Nor a negative zero.
    let number = |x: f64| {
        if x.abs() < 5e-7 {
            format!("{:.6}", 0.0)
        } else if x.abs() < 1e7 {
            format!("{x:.6}")
        } else {
            format!("{x:.6e}")
        }
    };
    let shown: Vec<String> = parameters.iter().zip(at).take(4).map(|(p, x)| format!("{p} = {}", number(*x))).collect();
    format!("{}{}", shown.join(", "), if at.len() > 4 { ", …" } else { "" })
}
