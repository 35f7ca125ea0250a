//! Lines over whole numbers, such as costs against the order.

use super::canvas::Canvas;
use super::frame::Frame;
use super::legend::{color, legend, title};
use super::style::dash;
use super::{Picture, PlotError};
use plotters::prelude::*;

/// Positive numbers against an abscissa, one line for every series, on a logarithmic scale.
#[derive(Debug, Clone, Default)]
pub struct LinesPlot {
    /// The title and the line below it.
    pub title: (String, String),
    /// What the axes show.
    pub axes: (String, String),
    /// The lines: a short name, and points from left to right; those whose ordinate is not positive are left out.
    pub lines: Vec<(String, Vec<(f64, f64)>)>,
}

impl Picture for LinesPlot {
    fn size(&self) -> (u32, u32) {
        (760, 440)
    }

    fn draw<B: DrawingBackend>(&self, canvas: &Canvas<'_, B>) -> Result<(), PlotError> {
        let shown = |p: &&(f64, f64)| p.0.is_finite() && p.1.is_finite() && p.1 > 0.0;
        let points = || self.lines.iter().flat_map(|(_, points)| points).filter(shown);
        if points().next().is_none() {
            return Err(PlotError::Empty("no line has a positive point"));
        }
        let range = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
        };
        let x = range(&mut points().map(|p| p.0));
        let y = range(&mut points().map(|p| p.1.log10()));
        let margin = (0.06 * (y.1 - y.0)).max(0.2);
        let frame = Frame {
            place: (76.0, 66.0, 600.0, 386.0),
            x: if x.0 < x.1 { x } else { (x.0 - 1.0, x.1 + 1.0) },
            y: (y.0 - margin, y.1 + margin),
            log: true,
        };
        canvas.fill(WHITE)?;
        title(canvas, frame.place.0, &self.title.0, &self.title.1)?;
        frame.axes(canvas, (&self.axes.0, &self.axes.1), true)?;
        for (place, (_, points)) in self.lines.iter().enumerate() {
            let points: Vec<_> = points.iter().filter(shown).map(|(x, y)| frame.map(*x, *y)).collect();
            for piece in frame.clipped(points.iter().copied()) {
                canvas.dashed(&piece, dash(place), color(place).to_rgba(), 2.2)?;
            }
            for at in points.into_iter().flatten() {
                canvas.dot(at, 2.6, color(place).to_rgba())?;
            }
        }
        let names: Vec<String> = self.lines.iter().map(|(name, _)| name.clone()).collect();
        legend(canvas, (620.0, frame.place.1), None, &names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_their_names_and_nothing_is_no_picture() {
        let mut plot = LinesPlot { title: ("Growth".to_owned(), "measured".to_owned()), ..LinesPlot::default() };
        plot.axes = ("order".to_owned(), "seconds".to_owned());
        assert!(matches!(plot.svg(), Err(PlotError::Empty(_))));
        plot.lines.push(("cubic".to_owned(), (0..9).map(|n| (f64::from(n), f64::from(n).powi(3))).collect()));
        let svg = plot.svg().unwrap();
        assert!(["cubic", "Growth", "measured", "order", "seconds"].iter().all(|text| svg.contains(text)), "{svg}");
    }
}
