//! A record of training runs as a picture.

mod group;
mod line;
mod source;
mod span;
#[cfg(test)]
mod tests;
mod view;

use super::{Chart, Drawing, Panel, Picture, PlotError, Series, Size};
use crate::record::{Record, RecordError, Run};
use group::Group;
use rustc_hash::FxHashSet;
use source::Source;
use view::View;

/// Settings beside each other; where there are more, those of one optimizer share its panels.
const MOST_SETTINGS: usize = 6;
/// Optimizers beside each other.
pub(super) const MOST_GROUPS: usize = 12;
/// The longest name of an optimizer above a panel.
const LONGEST: usize = 22;

/// A record of training runs, drawn: a panel for each thing that is shown, and a column of panels for each optimizer and step size where there are several.
///
/// Unless columns are asked for, it shows those of these that it has: the loss, the eigenvalues with the edge of stability 2/h and, where the step size is one, an axis in hλ to the right, the stability coefficients,
/// the drift against ‖Hg‖, what flows predict of the gradient along `u_0` against what was measured, the learning rate, the errors of the flows. Lines of
/// seeds lie on each other; the optimizer is dark, flows have the colours of every other picture. Axes are logarithmic where values are positive and span
/// decades; what runs away is cut off.
///
/// ```
/// use shadowflow::record::Record;
/// use shadowflow::render::plot::{Picture, RecordPlot};
/// let text = "step,loss,lambda_0,learning_rate\n0,4,1.9,1\n1,2,2.1,1\n2,1,2.0,\n";
/// let record = Record::parse("run.csv", text.as_bytes())?;
/// let plot = RecordPlot::new(&record, &[], "run")?;
/// assert_eq!(plot.panels(), ["loss", "sharpness", "learning rate"]);
/// assert!(plot.svg()?.starts_with("<svg"));
/// let columns = ["gradient_norm".to_owned()];
/// assert!(RecordPlot::new(&record, &columns, "run").err().unwrap().to_string().starts_with("run.csv has no column `gradient_norm`"));
/// # Ok::<(), shadowflow::Error>(())
/// ```
#[allow(missing_debug_implementations, reason = "a chart has none")]
pub struct RecordPlot {
    chart: Chart<'static>,
    panels: Vec<String>,
}

impl RecordPlot {
    /// Draws some columns, each in a panel of its own, by the names of fields (`lambda_0`, `error_pf`) or of columns (`lambda`, `error`); without any, what is
    /// usual.
    ///
    /// # Errors
    /// [`PlotError::Record`] for a column that the record has not or that has no number, [`PlotError::Empty`] where it has nothing that is usual, and
    /// [`PlotError::Crowded`].
    pub fn new(record: &Record, columns: &[String], title: &str) -> Result<Self, PlotError> {
        let groups = groups(record)?;
        let source = Source::new(record);
        let views: Vec<View> = match columns {
            [] => View::USUAL.into_iter().filter(|v| v.needs().iter().all(|c| record.has(c))).collect(),
            asked => asked.iter().map(|name| View::Column(name.clone())).collect(),
        };
        for name in columns {
            record.members(name)?;
            if !record.has(name) {
                return Err(RecordError::NoNumbers { path: record.name().to_owned(), asked: name.clone() }.into());
            }
        }
        let (mut panels, mut names) = (Vec::new(), Vec::new());
        for view in &views {
            let all: Vec<Vec<Series>> = groups.iter().map(|group| source.series(view, group)).collect();
            let Some((x, y)) = view.axes(&all, source.steps()) else { continue };
            let high = y.range.map_or(f64::INFINITY, |r| r.1);
            names.push(view.names()[0].replace('$', ""));
            for (group, series) in groups.iter().zip(all) {
                let note = Source::note(view, group, &series, high);
                let title = match groups.len() {
                    1 => format!("{}{note}", view.names()[0]),
                    _ => format!("{}: {}{note}", group.title, view.names()[0]),
                };
                let panel = Panel::new(title, x.clone(), y.clone());
                let h = source.step_size(group).filter(|_| view.is_sharpness());
                let panel = h.into_iter().fold(panel, |panel, h| panel.also_in("$hλ$", h));
                panels.push(Source::across(view, &x).into_iter().chain(series).fold(panel, Panel::with));
            }
        }
        if panels.is_empty() {
            return Err(PlotError::Empty(
                "the record has no numbers in the columns that are drawn unless told, such as loss; name others in `RecordPlot::new`",
            ));
        }
        let columns = match (groups.len(), panels.len()) {
            (1, 1..=3) => panels.len(),
            (1, 4) => 2,
            (1, _) => 3,
            (several, _) => several,
        };
        let chart = Chart { columns, ..Chart::new(title, subtitle(record), panels) };
        Ok(Self { chart, panels: names })
    }

    /// What is shown, a title each.
    #[must_use]
    pub fn panels(&self) -> &[String] {
        &self.panels
    }

    /// The panels with their data.
    #[must_use]
    pub fn chart(&self) -> &Chart<'static> {
        &self.chart
    }
}

impl Picture for RecordPlot {
    fn draw(&self, size: Size) -> Result<Drawing, PlotError> {
        self.chart.draw(size)
    }
}

/// The columns of panels: one for each optimizer and step size, or for each optimizer where these are many.
fn groups(record: &Record) -> Result<Vec<Group<'_>>, PlotError> {
    let mut settings: Vec<String> = Vec::new();
    for run in record.runs() {
        let setting = run.setting();
        if !settings.contains(&setting) {
            settings.push(setting);
        }
    }
    let together = settings.len() > MOST_SETTINGS;
    let optimizers: FxHashSet<&Option<String>> = record.runs().iter().map(|r| &r.optimizer).collect();
    // What tells groups apart, and no more.
    let title_of = |run: &Run| match (&run.optimizer, &run.h_setting) {
        (_, Some(h)) if optimizers.len() == 1 && settings.len() > 1 && !together => format!("$h =$ {h}"),
        (Some(optimizer), _) if together || settings.len() == optimizers.len() => shortened(optimizer),
        (Some(optimizer), Some(h)) => format!("{}, $h =$ {h}", shortened(optimizer)),
        _ => run.setting(),
    };
    let mut groups: Vec<Group<'_>> = Vec::new();
    for run in record.runs() {
        let of = |r: &Run| if together { r.optimizer.clone().unwrap_or_default() } else { r.setting() };
        let h = run.h_setting.clone().unwrap_or_default();
        match groups.iter_mut().find(|g| g.runs.first().is_some_and(|r| of(r) == of(run))) {
            Some(group) => {
                if !group.settings.contains(&h) {
                    group.settings.push(h);
                }
                group.runs.push(run);
            }
            None => groups.push(Group { title: title_of(run), runs: vec![run], settings: vec![h] }),
        }
    }
    if groups.len() > MOST_GROUPS { Err(PlotError::Crowded(groups.len())) } else { Ok(groups) }
}

fn subtitle(record: &Record) -> String {
    let runs = record.runs();
    let several = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let rows = several(runs.iter().map(|r| r.rows.len()).sum(), "row");
    match runs {
        [one] if !one.label().is_empty() => format!("{}, {rows}", one.label()),
        [_] => rows,
        [first, ..] => {
            let runs_and_rows = format!("{}, {rows}", several(runs.len(), "run"));
            match &first.optimizer {
                Some(name) if runs.iter().all(|r| r.optimizer == first.optimizer) => format!("{name}: {runs_and_rows}"),
                _ => runs_and_rows,
            }
        }
        [] => rows,
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() > LONGEST {
        name.chars().take(LONGEST - 1).chain(['…']).collect()
    } else {
        name.to_owned()
    }
}
