//! Critical points, and what the optimizer and its flows do there.

use super::super::Report;
use super::super::run::Run;
use super::words::{complex, number, place};
use crate::flow::PointStability;
use crate::render::document::{Block, Section, Table, Text};
use crate::render::text::{critical_search, stability_verdict, step_sizes, whether};

/// Points that are shown, and coordinates of each.
const POINTS: usize = 12;
const COORDINATES: usize = 4;
/// Eigendirections of a point, and eigenvalues of a flow.
const DIRECTIONS: usize = 8;
const EIGENVALUES: usize = 4;
/// Up to so many points their tables are open.
const OPEN: usize = 1;

pub(super) fn section(_report: &Report, run: &Run) -> Section {
    let mut section = Section::new("Critical points and stability");
    let found = match &run.points {
        Ok(found) => found,
        Err(why) => {
            section.say(Text::words(format!("{why}.")).capitalised());
            return section;
        }
    };
    let searched = critical_search(&found.search, found.points.len());
    section.say(Text::words(format!("{searched}.")).capitalised());
    if found.points.is_empty() {
        return section;
    }
    let parameters = &run.simulation.parameters;
    let mut table =
        Table::new(["kind", "at", "loss", "largest hλ", "smallest hλ", "what happens there"]).numbers(2..=4);
    for point in found.points.iter().take(POINTS) {
        let end = |d: Option<&crate::flow::Direction>| number(d.map(|d| d.h_lambda), 4);
        table.row([
            Text::words(point.point.kind.name()),
            place(parameters, &point.point.at, COORDINATES, 6),
            number(point.point.loss, 5),
            end(point.directions.first()),
            end(point.directions.last()),
            Text::words(stability_verdict(point)),
        ]);
    }
    section.push(Block::Table(table));
    let more = found.points.len().saturating_sub(POINTS);
    if more > 0 {
        section.push(Block::Note(Text::words(format!("{more} more are left out; `flow::stability` gives them."))));
    }
    let open = found.points.len() <= OPEN;
    for point in found.points.iter().take(POINTS) {
        let summary =
            Text::words(format!("The {} at ", point.point.kind.name()).replace("degenerate at", "degenerate point at"))
                .and(place(parameters, &point.point.at, COORDINATES, 6))
                .then(": eigendirections and flows");
        section.push(Block::Fold { summary, open, blocks: vec![directions(point), flows(point)] });
    }
    section
}

fn directions(point: &PointStability) -> Block {
    let mut table = Table::new(["direction", "λ", "hλ", "α(hλ)", "case"]).numbers(1..=3);
    for (k, d) in point.directions.iter().take(DIRECTIONS).enumerate() {
        table.row([
            Text::of_number(k.to_string()),
            number(d.eigenvalue, 6),
            number(d.h_lambda, 6),
            complex(d.alpha),
            Text::words(d.case.to_string()),
        ]);
    }
    Block::Table(table)
}

fn flows(point: &PointStability) -> Block {
    let mut table = Table::new(["flow", "attracted", "for h in", "eigenvalues of its Jacobian"]);
    for flow in &point.flows {
        let mut eigenvalues = Text::default();
        for (k, z) in flow.eigenvalues.iter().take(EIGENVALUES).enumerate() {
            eigenvalues = eigenvalues.then(if k == 0 { "" } else { ", " }).and(complex(*z));
        }
        if flow.eigenvalues.len() > EIGENVALUES {
            eigenvalues = eigenvalues.then(", …");
        }
        let sizes = flow.attractive_h.as_ref().map_or_else(|| "–".to_owned(), step_sizes);
        table.row([
            Text::default().strong(&flow.name),
            Text::words(whether(flow)),
            Text::of_number(sizes),
            eigenvalues,
        ]);
    }
    if let Some(map) = &point.optimizer {
        let attracted = match map.attractive {
            Some(true) => "yes",
            Some(false) => "no",
            None => "undecided",
        };
        table.row([
            Text::words("the optimizer"),
            Text::words(attracted),
            Text::of_number(step_sizes(&map.attractive_h)),
            Text::default(),
        ]);
    }
    Block::Table(table)
}
