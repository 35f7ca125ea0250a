//! The title of a picture and the list of what is drawn.

use super::PlotError;
use super::canvas::{Canvas, Label};
use super::style::{GREY, INK, PALETTE, dash};
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

/// The optimizer, if shown, and the flows, one below another.
pub(super) fn legend<B: DrawingBackend>(
    canvas: &Canvas<'_, B>,
    (left, top): (f64, f64),
    optimizer: Option<&str>,
    flows: &[String],
) -> Result<(), PlotError> {
    let mut y = top + 10.0;
    let name = |text: &str, y: f64| {
        let shown: String =
            if text.chars().count() > 18 { text.chars().take(17).chain(['…']).collect() } else { text.to_owned() };
        canvas.text(&shown, (left + 36.0, y), Label::new(13.5, INK, HPos::Left, VPos::Center))
    };
    if let Some(optimizer) = optimizer {
        canvas.line(&[(left, y), (left + 28.0, y)], INK.mix(0.35), 1.0)?;
        canvas.dot((left + 14.0, y), 3.6, INK.to_rgba())?;
        name(optimizer, y)?;
        y += 24.0;
    }
    for (place, flow) in flows.iter().enumerate() {
        canvas.dashed(&[(left, y), (left + 28.0, y)], dash(place), color(place).to_rgba(), 2.4)?;
        name(flow, y)?;
        y += 24.0;
    }
    Ok(())
}
