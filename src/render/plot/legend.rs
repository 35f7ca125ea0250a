//! The title of a picture and the list of what is drawn.

use super::PlotError;
use super::canvas::{Canvas, Label};
use super::style::{GREY, INK, PALETTE, dash};
use crate::flow::{FlowRun, Simulation};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// The place of a flow's line in the palette.
pub(super) fn color(place: usize) -> RGBColor {
    PALETTE[place % PALETTE.len()]
}

/// The title and the line below it.
pub(super) fn title<B: DrawingBackend>(
    canvas: &Canvas<'_, B>,
    left: f64,
    title: &str,
    subtitle: &str,
) -> Result<(), PlotError> {
    let bold = Label { bold: true, ..Label::new(18.0, INK, HPos::Left, VPos::Top) };
    canvas.text(title, (left, 14.0), bold)?;
    canvas.text(subtitle, (left, 37.0), Label::new(13.0, GREY, HPos::Left, VPos::Top))
}

/// What the list beside a picture names.
#[derive(Debug, Default)]
pub(super) struct Named<'a> {
    /// The optimizer, if shown.
    pub(super) optimizer: Option<&'a str>,
    /// The flows that are drawn, each with its place in the palette.
    pub(super) flows: Vec<(usize, &'a str)>,
    /// The flows that have nothing to draw.
    pub(super) missing: Vec<&'a str>,
}

impl<'a> Named<'a> {
    /// The flows of a simulation, parted by whether there is something of them to draw.
    pub(super) fn of(simulation: &'a Simulation, is_drawn: impl Fn(&FlowRun) -> bool) -> Self {
        let (mut flows, mut missing) = (Vec::new(), Vec::new());
        for (place, flow) in simulation.flows.iter().enumerate() {
            if is_drawn(flow) {
                flows.push((place, flow.name.as_str()));
            } else {
                missing.push(flow.name.as_str());
            }
        }
        Self { optimizer: None, flows, missing }
    }
}

/// The optimizer, if shown, and the flows, one below another; those without values in a sentence.
pub(super) fn legend<B: DrawingBackend>(
    canvas: &Canvas<'_, B>,
    (left, top): (f64, f64),
    named: &Named<'_>,
) -> Result<(), PlotError> {
    let mut y = top + 10.0;
    let shorter = |text: &str, most: usize| -> String {
        if text.chars().count() > most { text.chars().take(most - 1).chain(['…']).collect() } else { text.to_owned() }
    };
    let name = |text: &str, y: f64| {
        canvas.text(&shorter(text, 18), (left + 36.0, y), Label::new(13.5, INK, HPos::Left, VPos::Center))
    };
    if let Some(optimizer) = named.optimizer {
        canvas.line(&[(left, y), (left + 28.0, y)], INK.mix(0.35), 1.0)?;
        canvas.dot((left + 14.0, y), 3.6, INK.to_rgba())?;
        name(optimizer, y)?;
        y += 24.0;
    }
    for (place, flow) in &named.flows {
        canvas.dashed(&[(left, y), (left + 28.0, y)], dash(*place), color(*place).to_rgba(), 2.4)?;
        name(flow, y)?;
        y += 24.0;
    }
    if named.missing.is_empty() {
        return Ok(());
    }
    y += 6.0;
    let note = |text: &str, y: f64| canvas.text(text, (left, y), Label::new(12.0, GREY, HPos::Left, VPos::Center));
    note("no values to draw:", y)?;
    for flow in &named.missing {
        y += 17.0;
        note(&shorter(flow, 20), y)?;
    }
    Ok(())
}
