//! Several panels under one title, and their data.

use super::canvas::Canvas;
use super::legend::{Key, Legend, title};
use super::panel::Panel;
use super::rich::plain;
use super::series::Series;
use super::{Drawing, Picture, PlotError, Size};
use crate::render::csv::quoted;
use std::fmt::Write as _;

/// Panels in rows under one title. Lines are named where they end, what else there is in one list for all panels beside them; in a narrow picture
/// everything is in that list, below.
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
    /// Remarks below the names of what is drawn.
    pub notes: Vec<String>,
    /// Panels in a row; all in one unless told. A picture that is to be narrow has fewer.
    pub columns: usize,
    /// Width and height of the rectangle of a panel's data; 270 by 230 unless told.
    pub panel_size: (u32, u32),
}

/// Room to the right of a panel, and to its left before the axis of the next one.
const RIGHT: f64 = 14.0;
/// Between the frame and the list of names beside it.
const GAP: f64 = 18.0;
/// The narrowest panel, and the narrowest one beside which names are listed rather than below.
const NARROWEST: f64 = 150.0;
const BESIDE: f64 = 230.0;
/// The narrowest picture in which lines are named where they end.
const NAMED: f64 = 480.0;

/// Where everything stands.
struct Plan {
    width: f64,
    columns: usize,
    panel: (f64, f64),
    /// Room to the left of each column's frames.
    left: Vec<f64>,
    /// Room above and below the frames of each row.
    rows: Vec<(f64, f64)>,
    /// The room to the right of the frames of each column.
    right: Vec<f64>,
    /// Whether the list of names stands beside the panels.
    beside: bool,
    /// Whether the lines of each panel are named at their ends.
    named: Vec<bool>,
}

impl<'a> Chart<'a> {
    /// Panels in one row.
    #[must_use]
    pub fn new(title: impl Into<String>, subtitle: impl Into<String>, panels: Vec<Panel<'a>>) -> Self {
        let columns = panels.len();
        Self {
            title: title.into(),
            subtitle: subtitle.into(),
            panels,
            notes: Vec::new(),
            columns,
            panel_size: (270, 230),
        }
    }

    /// The data as CSV (RFC 4180 with line feeds): `panel,series,x,y`, a row a point, seven significant digits; what is not
    /// finite is empty.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = String::from("panel,series,x,y\n");
        for panel in &self.panels {
            for series in &panel.series {
                for (x, y) in &series.points {
                    let (panel, name) = (quoted(&plain(&panel.title)), quoted(&plain(&series.name)));
                    // Writing to a string cannot fail.
                    let _ = writeln!(out, "{panel},{name},{},{}", digits(*x), digits(*y));
                }
            }
        }
        out
    }

    /// Of each panel the names that its lines have at their ends: none where the panels to its right have them all.
    fn names(&self, canvas: &Canvas, columns: usize, width: Option<f64>) -> Result<Vec<Vec<&str>>, PlotError> {
        let (across, up) = (f64::from(self.panel_size.0), f64::from(self.panel_size.1));
        let mut names = Vec::with_capacity(self.panels.len());
        for panel in &self.panels {
            let frame = panel.frame((0.0, 0.0, across, up))?;
            names.push(if width.is_none_or(|w| w >= NAMED) { panel.named(canvas, &frame) } else { Vec::new() });
        }
        Ok((0..names.len())
            .map(|k| {
                let right = k + 1..((k / columns + 1) * columns).min(names.len());
                let elsewhere = right.clone().any(|other| names[k].iter().all(|name| names[other].contains(name)));
                if elsewhere { Vec::new() } else { names[k].clone() }
            })
            .collect())
    }

    /// What is drawn and not named at its end, in its own panel or in one to the right of that; each name once.
    fn legend(&self, columns: usize, names: &[Vec<&str>]) -> Legend {
        let mut entries: Vec<(Key, String)> = Vec::new();
        let named = |panel: usize, series: &Series| {
            let row = panel..((panel / columns + 1) * columns).min(names.len());
            series.look.is_line() && row.clone().any(|k| names[k].contains(&series.name.as_str()))
        };
        for (k, series) in self.panels.iter().enumerate().flat_map(|(k, p)| p.series.iter().map(move |s| (k, s))) {
            if series.name.is_empty() || named(k, series) {
                continue;
            }
            match entries.iter_mut().find(|(_, known)| *known == series.name) {
                // A line tells more than a dot.
                Some((Key::Look(look), _)) if look.gaps().is_none() && series.look.gaps().is_some() => {
                    *look = series.look;
                }
                Some(_) => {}
                None => entries.push((Key::Look(series.look), series.name.clone())),
            }
        }
        Legend { entries, notes: self.notes.clone() }
    }

    /// So many columns of panels of a size, or of one that fills a width.
    fn plan(
        &self,
        canvas: &Canvas,
        columns: usize,
        width: Option<f64>,
        beside: bool,
    ) -> Result<(Plan, Legend), PlotError> {
        let at_ends = self.names(canvas, columns, width)?;
        let legend = &self.legend(columns, &at_ends);
        let named: Vec<bool> = at_ends.iter().map(|names| !names.is_empty()).collect();
        let names = if beside && !legend.is_empty() { GAP + legend.width(canvas) } else { 0.0 };
        let mut panel = (f64::from(self.panel_size.0), f64::from(self.panel_size.1));
        let ratio = panel.1 / panel.0;
        let mut plan = Plan { width: 0.0, columns, panel, left: vec![], rows: vec![], right: vec![], beside, named };
        // The numbers at axes depend on how large a panel is, and that on their room.
        for _ in 0..3 {
            plan.left = vec![0.0; columns];
            plan.right = vec![RIGHT; columns];
            plan.rows = vec![(0.0, 0.0); self.panels.len().div_ceil(columns)];
            for (k, one) in self.panels.iter().enumerate() {
                let (row, column) = (k / columns, k % columns);
                let frame = one.frame((0.0, 0.0, panel.0, panel.1))?;
                let (left, below) = frame.room(canvas, (&one.x.name, &one.y.name));
                plan.left[column] = plan.left[column].max(left);
                plan.right[column] = plan.right[column].max(one.beside(canvas, &frame, plan.named[k]) + 8.0);
                let room = &mut plan.rows[row];
                *room = (room.0.max(one.above(canvas, &frame)), room.1.max(below));
            }
            let around: f64 = plan.left.iter().chain(&plan.right).sum();
            // The list of names stands where the names of lines below it stand, if there is room.
            let names =
                names - if self.shares_column(canvas, legend, &plan) { plan.right[columns - 1] - RIGHT } else { 0.0 };
            let names = names.max(0.0);
            match width {
                Some(width) => {
                    panel.0 = ((width - around - names) / columns as f64).max(60.0);
                    panel.1 = (panel.0 * ratio).max(0.6 * NARROWEST).min(f64::from(self.panel_size.1));
                    plan.width = width;
                }
                None => {
                    plan.width =
                        (around + names + columns as f64 * panel.0 + if names > 0.0 { 10.0 } else { 0.0 }).max(320.0);
                }
            }
            plan.panel = panel;
        }
        Ok((plan, legend.clone()))
    }

    /// Whether the list of names ends above all names of horizontal lines of the last column.
    fn shares_column(&self, canvas: &Canvas, legend: &Legend, plan: &Plan) -> bool {
        let row = self.panels.iter().zip(&plan.named).take(plan.columns);
        let first = row.clone().all(|(p, named)| p.levels.is_empty() && p.right.is_none() && !named);
        first && legend.height(canvas) < plan.panel.1 + plan.rows.first().map_or(0.0, |r| r.1)
    }

    fn planned(&self, canvas: &Canvas, size: Size) -> Result<(Plan, Legend), PlotError> {
        let asked = self.columns.clamp(1, self.panels.len().max(1));
        let Some(width) = size.units() else { return self.plan(canvas, asked, None, true) };
        // As many columns as have room, the list of names beside them if that has.
        for columns in (1..=asked).rev() {
            for (beside, least) in [(true, BESIDE), (false, NARROWEST)] {
                let plan = self.plan(canvas, columns, Some(width), beside)?;
                if plan.0.panel.0 >= least {
                    return Ok(plan);
                }
            }
        }
        self.plan(canvas, 1, Some(width), false)
    }
}

impl Picture for Chart<'_> {
    fn draw(&self, size: Size) -> Result<Drawing, PlotError> {
        if self.panels.is_empty() {
            return Err(PlotError::Empty("the chart has no panels"));
        }
        let name =
            if self.subtitle.is_empty() { self.title.clone() } else { format!("{}: {}", self.title, self.subtitle) };
        let mut canvas = Canvas::new(0.0, 0.0, size.letters(), &name);
        let (plan, legend) = self.planned(&canvas, size)?;
        let sides = (plan.left[0], plan.width - RIGHT);
        let sides = if plan.width < 480.0 { (12.0, plan.width - 12.0) } else { sides };
        let start = title(&mut canvas, sides, (&self.title, &self.subtitle), true);
        let mut top = start;
        let mut right = 0.0;
        let mut first = None;
        for (row, panels) in self.panels.chunks(plan.columns).enumerate() {
            let (above, below) = plan.rows[row];
            let mut left = 0.0;
            top += above;
            first = first.or(Some(top));
            for (column, panel) in panels.iter().enumerate() {
                left += plan.left[column];
                let frame = panel.frame((left, top, left + plan.panel.0, top + plan.panel.1))?;
                panel.draw(&mut canvas, &frame, plan.named[row * plan.columns + column]);
                right = f64::max(right, left + plan.panel.0);
                left += plan.panel.0 + plan.right[column];
            }
            top += plan.panel.1 + below;
        }
        let bottom = if plan.beside {
            let shares = self.shares_column(&canvas, &legend, &plan);
            let left = right + GAP + if shares { 0.0 } else { plan.right[plan.columns - 1] - RIGHT };
            top.max(legend.column(&mut canvas, (left, first.unwrap_or(start))))
        } else {
            legend.rows(&mut canvas, sides, top + 4.0, true)
        };
        canvas.set_size(plan.width, bottom + 10.0);
        Ok(Drawing::new(canvas, size))
    }
}

fn digits(x: f64) -> String {
    let rounded: Option<f64> = format!("{x:.6e}").parse().ok().filter(|x: &f64| x.is_finite());
    rounded.map_or_else(String::new, |x| format!("{x:?}"))
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Look, Style};
    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> Chart<'static> {
        let panel = |title: &str| {
            Panel::new(title, Axis::new("x").log(), Axis::new("y"))
                .marked(2.0, "two")
                .with(Series::flow("ngf", points.clone()))
                .with(Series::new("steps", Look::Iterates(Style::optimizer("gd")), points.clone()))
        };
        Chart { columns: 2, ..Chart::new("T", "s", vec![panel("a, b"), panel("c"), panel("d")]) }
    }

    #[test]
    fn panels_stand_in_rows_and_names_come_once() {
        let chart = chart(vec![(1.0, 2.0), (f64::NAN, 1.0), (-1.0, 0.0), (100.0, 3.0)]);
        let svg = chart.svg().unwrap();
        // Once a row.
        assert_eq!(svg.matches(">ngf<").count(), 2);
        assert!(!svg.contains("NaN"));
        // A panel that is alone in its row names its lines itself; in a narrow picture they are in the list.
        assert_eq!(
            Chart { columns: 1, ..self::chart(vec![(1.0, 2.0), (2.0, 3.0)]) }.svg().unwrap().matches(">ngf<").count(),
            3
        );
        let narrow = chart.draw(Size::millimetres(84.0).unwrap()).unwrap().svg();
        assert_eq!(narrow.matches(">ngf<").count(), 1);
        assert!(chart.csv().contains("\"a, b\",ngf,,1.0\n"));
    }

    #[test]
    fn every_look_is_drawn_and_emptiness_is_an_error() {
        let style = Style::flow("igr");
        let looks = [
            Look::Line(style),
            Look::Dotted(style),
            Look::Arrow(style),
            Look::Curve,
            Look::Iterates(style),
            Look::Cross,
            Look::Shade(style, 9),
            Look::Solid(style),
            Look::Marked(style, 13),
            Look::Dots(style),
            Look::Reference,
            Look::Trace,
        ];
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
