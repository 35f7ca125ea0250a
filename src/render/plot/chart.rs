//! Several panels under one title, and their data.

use super::canvas::Canvas;
use super::legend::title;
use super::panel::Panel;
use super::series::Series;
use super::{Picture, PlotError};
use crate::render::csv::quoted;
use plotters::prelude::*;
use std::fmt::Write as _;

/// Panels in rows under one title, with one list of names for all.
///
/// ```
/// use shadowflow::render::plot::{Axis, Chart, Look, Panel, Picture, Series};
/// let squares = (0..9).map(|k| f64::from(k) / 4.0).map(|x| (x, x * x)).collect();
/// let panel = Panel::new("a parabola", Axis::new("x"), Axis::new("y").log())
///     .with(Series::new("x²", Look::Curve, squares));
/// let chart = Chart::new("Powers", "on a logarithmic scale", vec![panel]);
/// assert!(chart.svg()?.contains("a parabola"));
/// assert!(chart.csv().starts_with("panel,series,x,y\na parabola,x²,0.0,0.0\n"));
/// # Ok::<(), shadowflow::render::plot::PlotError>(())
/// ```
#[allow(missing_debug_implementations, reason = "the closures of panels have none")]
pub struct Chart<'a> {
    /// The title.
    pub title: String,
    /// The line below it.
    pub subtitle: String,
    /// The panels, row by row.
    pub panels: Vec<Panel<'a>>,
    /// Panels in a row; all in one unless told.
    pub columns: usize,
    /// Width and height of the rectangle of a panel's data; 300 by 260 unless told.
    pub panel_size: (u32, u32),
}

/// Room around a panel's rectangle for its axes, names and title.
const LEFT: u32 = 74;
const RIGHT: u32 = 14;
const ABOVE: u32 = 30;
const BELOW: u32 = 56;
/// The height of the title and the line below it.
const TITLE: u32 = 62;
/// The height of a row of names.
const ROW: u32 = 24;

impl<'a> Chart<'a> {
    /// Panels in one row.
    #[must_use]
    pub fn new(title: impl Into<String>, subtitle: impl Into<String>, panels: Vec<Panel<'a>>) -> Self {
        let columns = panels.len();
        Self { title: title.into(), subtitle: subtitle.into(), panels, columns, panel_size: (300, 260) }
    }

    /// The data as CSV (RFC 4180 with line feeds): `panel,series,x,y`, a row a point, seven significant digits; what is not
    /// finite is empty.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = String::from("panel,series,x,y\n");
        for panel in &self.panels {
            for series in &panel.series {
                for (x, y) in &series.points {
                    let (panel, name) = (quoted(&panel.title), quoted(&series.name));
                    // Writing to a string cannot fail.
                    let _ = writeln!(out, "{panel},{name},{},{}", digits(*x), digits(*y));
                }
            }
        }
        out
    }

    fn columns(&self) -> u32 {
        self.columns.clamp(1, self.panels.len().max(1)) as u32
    }

    fn width(&self) -> u32 {
        self.columns() * (LEFT + self.panel_size.0 + RIGHT)
    }

    fn rows(&self) -> u32 {
        (self.panels.len() as u32).div_ceil(self.columns())
    }

    /// The first series of every name, with the row and the left end of its place in the list of names.
    fn names(&self) -> Vec<(&Series, u32, f64)> {
        let mut found: Vec<(&Series, u32, f64)> = Vec::new();
        let (start, end) = (f64::from(LEFT), f64::from(self.width()));
        let (mut row, mut left) = (0, start);
        for series in self.panels.iter().flat_map(|p| &p.series) {
            if series.name.is_empty() || found.iter().any(|(known, ..)| known.name == series.name) {
                continue;
            }
            if left > start && left + series.key_width() > end {
                (row, left) = (row + 1, start);
            }
            found.push((series, row, left));
            left += series.key_width();
        }
        found
    }

    fn names_top(&self) -> u32 {
        TITLE + self.rows() * (ABOVE + self.panel_size.1 + BELOW)
    }
}

impl Picture for Chart<'_> {
    fn size(&self) -> (u32, u32) {
        let rows = self.names().last().map_or(0, |(_, row, _)| row + 1);
        (self.width(), self.names_top() + rows * ROW + 10)
    }

    fn draw<B: DrawingBackend>(&self, canvas: &Canvas<'_, B>) -> Result<(), PlotError> {
        if self.panels.is_empty() {
            return Err(PlotError::Empty("the chart has no panels"));
        }
        canvas.fill(WHITE)?;
        title(canvas, f64::from(LEFT), &self.title, &self.subtitle)?;
        for (k, panel) in self.panels.iter().enumerate() {
            let (row, column) = (k as u32 / self.columns(), k as u32 % self.columns());
            let left = f64::from(column * (LEFT + self.panel_size.0 + RIGHT) + LEFT);
            let top = f64::from(TITLE + row * (ABOVE + self.panel_size.1 + BELOW) + ABOVE);
            let size = (f64::from(self.panel_size.0), f64::from(self.panel_size.1));
            panel.draw(canvas, (left, top, left + size.0, top + size.1))?;
        }
        for (series, row, left) in self.names() {
            series.key(canvas, (left, f64::from(self.names_top() + row * ROW) + 10.0))?;
        }
        Ok(())
    }
}

fn digits(x: f64) -> String {
    let rounded: Option<f64> = format!("{x:.6e}").parse().ok().filter(|x: &f64| x.is_finite());
    rounded.map_or_else(String::new, |x| format!("{x:?}"))
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Look};
    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> Chart<'static> {
        let panel = |title: &str| {
            Panel::new(title, Axis::new("x").log(), Axis::new("y"))
                .marked(2.0, "two")
                .with(Series::flow("ngf", points.clone()))
                .with(Series::new("steps", Look::Iterates, points.clone()))
        };
        Chart { columns: 2, ..Chart::new("T", "s", vec![panel("a, b"), panel("c"), panel("d")]) }
    }

    #[test]
    fn panels_stand_in_rows_and_names_come_once() {
        let chart = chart(vec![(1.0, 2.0), (f64::NAN, 1.0), (-1.0, 0.0), (100.0, 3.0)]);
        assert_eq!(chart.size(), (2 * 388, 62 + 2 * 346 + 24 + 10));
        let svg = chart.svg().unwrap();
        assert_eq!(svg.matches("ngf").count(), 1);
        assert!(!svg.contains("NaN"));
        assert!(chart.csv().contains("\"a, b\",ngf,,1.0\n"));
    }

    #[test]
    fn every_look_is_drawn_and_emptiness_is_an_error() {
        let looks = [Look::Line(1), Look::Dotted(2), Look::Arrow(3), Look::Curve, Look::Iterates, Look::Cross];
        let series = |look| Series::new(format!("{look:?}"), look, vec![(0.0, 0.0), (1.0, 1.0)]);
        let panel = Panel::new("p", Axis::new("x"), Axis::new("y").range(0.0, 1.0)).over(|x, y| x * y);
        let panel = looks.into_iter().map(series).fold(panel, Panel::with);
        assert!(Chart::new("", "", vec![panel]).svg().is_ok());
        assert!(matches!(Chart::new("", "", Vec::new()).svg(), Err(PlotError::Empty(_))));
        assert!(matches!(chart(vec![(-1.0, 0.0)]).svg(), Err(PlotError::Empty(_))));
        let reversed = Panel::new("p", Axis::new("x").range(1.0, 0.0), Axis::new("y")).with(series(Look::Curve));
        assert!(matches!(Chart::new("", "", vec![reversed]).svg(), Err(PlotError::Empty(_))));
    }
}
