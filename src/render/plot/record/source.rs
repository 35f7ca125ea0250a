//! The lines of each panel.

use super::super::style::short;
use super::super::{Axis, Look, Series, Style};
use super::group::Group;
use super::line::{Points, over};
use super::view::{View, is_reference};
use crate::record::{Correlation, Member, Part, Record, Run, STEP, field_name};
use crate::train::{Column, Kind};

const LOSS: &str = Column::Loss.name();
const TEST_LOSS: &str = Column::TestLoss.name();
const BATCH_LOSS: &str = Column::BatchLoss.name();
const LAMBDA: &str = Column::Lambda.name();
const STABILITY_COEFFICIENTS: &str = Column::StabilityCoefficients.name();
const HG_NORM: &str = Column::HgNorm.name();
const DRIFT: &str = Column::Drift.name();
const GRADIENT_NEXT_ALONG_0: &str = Column::GradientNextAlong0.name();
const PREDICTED_GRADIENT_ALONG_0: &str = Column::PredictedGradientAlong0.name();
const LEARNING_RATE: &str = Column::LearningRate.name();
const LEARNING_RATES_MIN_MAX: &str = Column::LearningRatesMinMax.name();
const ERROR: &str = Column::Error.name();
const FLOW_LOSS: &str = Column::FlowLoss.name();
const FLOW_LAMBDA_0: &str = Column::FlowLambda0.name();
const LOSS_RATE: &str = Column::LossRate.name();
const DISTANCE: &str = Column::Distance.name();
/// The most points of all lines of a panel.
const MOST_POINTS: usize = 12_000;
/// The most of one line.
const MOST_OF_LINE: usize = 4_800;
/// From more points on a flow's line has no dashes, which do not show in what goes up and down.
const DASHED: usize = 120;

/// A record, with what all panels need of it.
pub(super) struct Source<'r> {
    pub(super) record: &'r Record,
    steps: Vec<f64>,
    /// The flows of the record, each with a style that no other of them has.
    flows: Vec<(String, Style)>,
}

impl<'r> Source<'r> {
    pub(super) fn new(record: &'r Record) -> Self {
        let branches = record.runs().iter().flat_map(|r| &r.branches).map(|b| b.flow.clone());
        let maps = [PREDICTED_GRADIENT_ALONG_0, ERROR, FLOW_LOSS, FLOW_LAMBDA_0, LOSS_RATE, DISTANCE];
        let keys = maps.iter().flat_map(|m| record.members(m).unwrap_or_default()).map(|m| m.key);
        let mut flows: Vec<String> = Vec::new();
        for flow in keys.chain(branches) {
            if !flows.contains(&flow) {
                flows.push(flow);
            }
        }
        let styles = Style::of_flows(flows.iter().map(String::as_str));
        let flows = flows.into_iter().zip(styles).collect();
        Self { record, steps: record.one(STEP).unwrap_or_default(), flows }
    }

    /// The first and the last step.
    pub(super) fn steps(&self) -> (f64, f64) {
        let finite = self.steps.iter().filter(|s| s.is_finite());
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), s| (a.min(*s), b.max(*s)))
    }

    /// The style of a flow, as in every other picture.
    fn style(&self, flow: &str) -> Style {
        let known = self.flows.iter().find(|(name, _)| name == flow);
        known.map_or_else(|| Style::flow(flow), |(_, style)| *style)
    }

    fn members(&self, name: &str) -> Vec<Member> {
        self.record.members(name).unwrap_or_default()
    }

    /// The series of one panel.
    pub(super) fn series(&self, view: &View, group: &Group<'_>) -> Vec<Series> {
        let mut out = Vec::new();
        match view {
            View::Loss => {
                let shown = [LOSS, TEST_LOSS, BATCH_LOSS].into_iter().enumerate();
                let shown: Vec<(usize, &str)> =
                    shown.filter(|(k, name)| *k == 0 || group.settings.len() == 1 && self.record.has(name)).collect();
                for (k, name) in shown.iter().rev() {
                    let name_of = |run: &Run, _: &str| group.name(run, if shown.len() > 1 { name } else { "" });
                    self.over(&mut out, group, name, &name_of, &|run, _| group.look(run, *k));
                }
                self.branches(&mut out, group, LOSS);
            }
            View::Sharpness => {
                self.edge(&mut out, group);
                self.list(&mut out, group, LAMBDA, "λ");
                self.branches(&mut out, group, "lambda_0");
            }
            View::Coefficients => {
                self.zero(&mut out, group);
                self.list(&mut out, group, STABILITY_COEFFICIENTS, "λ");
            }
            View::Drift => self.drift(&mut out, group),
            View::Predictions => self.predictions(&mut out, group),
            View::Rates => {
                self.over(&mut out, group, LEARNING_RATE, &|run, _| group.name(run, ""), &|run, _| group.look(run, 0));
                let name =
                    |run: &Run, key: &str| group.name(run, if key == "0" { "smallest rate" } else { "largest rate" });
                self.over(&mut out, group, LEARNING_RATES_MIN_MAX, &name, &|run, key| {
                    group.look(run, usize::from(key == "0"))
                });
            }
            View::Errors => self.flows(&mut out, group, ERROR),
            View::Column(name) => {
                if view.is_sharpness() {
                    self.edge(&mut out, group);
                }
                let base = Column::named(name).map(Column::kind);
                if matches!(base, Some(Kind::Named | Kind::ComplexNamed))
                    && self.members(name).iter().any(|m| !m.key.is_empty())
                {
                    self.flows(&mut out, group, name);
                } else if self.members(name).len() > 1 {
                    self.list(&mut out, group, name, name);
                } else {
                    self.over(&mut out, group, name, &|run, _| group.name(run, ""), &|run, _| group.look(run, 0));
                }
                self.branches(&mut out, group, name);
            }
        }
        // What is no data is drawn below it, and what is named first above the rest, which are listed the other way round.
        out.sort_by_key(|s| !is_reference(s));
        let names: Vec<Series> = out.iter().rev().map(|s| Series::new(s.name.clone(), s.look, Vec::new())).collect();
        names.into_iter().filter(|s| !s.name.is_empty()).chain(out).collect()
    }

    /// Every member of a column over the steps.
    fn over(
        &self,
        out: &mut Vec<Series>,
        group: &Group<'_>,
        column: &str,
        name: &dyn Fn(&Run, &str) -> String,
        look: &dyn Fn(&Run, &str) -> Look,
    ) {
        let members = self.members(column);
        let most = (MOST_POINTS / (members.len() * group.runs.len()).max(1)).clamp(160, MOST_OF_LINE);
        // The first is drawn last, above the others.
        for member in members.iter().rev() {
            for run in group.runs.iter().rev() {
                let points = over(&run.rows, &self.steps, &member.values, most);
                push(out, name(run, &member.key), look(run, &member.key), points);
            }
        }
    }

    /// The members of a list: eigenvalues and what belongs to them. Of several step sizes the first member, or nobody could tell which is whose.
    fn list(&self, out: &mut Vec<Series>, group: &Group<'_>, column: &str, symbol: &str) {
        if group.settings.len() > 1 {
            let first = field_name(column, "0", Part::Whole);
            return self.over(out, group, &first, &|run, _| group.name(run, ""), &|run, _| group.look(run, 0));
        }
        let many = self.members(column).len() > 2;
        let number = |key: &str| key.parse::<usize>().unwrap_or(0);
        let name = |run: &Run, key: &str| match number(key) {
            1.. if many => group.name(run, &indexed(symbol, "1", " …")),
            _ => group.name(run, &indexed(symbol, key, "")),
        };
        self.over(out, group, column, &name, &|run, key| group.look(run, number(key)));
    }

    /// The members of a dictionary of flows, in their colours.
    fn flows(&self, out: &mut Vec<Series>, group: &Group<'_>, column: &str) {
        let long = group.runs.iter().any(|r| r.rows.len() > DASHED);
        // A line's colour is the flow's, whatever its step size, which its markers tell; these are named once.
        let named = |run: &Run, flow: &str| if group.setting(run).is_some() { String::new() } else { flow.to_owned() };
        let first = out.len();
        self.over(out, group, column, &named, &|run, flow| group.flow(run, self.style(flow), long));
        if group.settings.len() > 1 && out.len() > first {
            for run in group.runs.iter().rev() {
                let (name, look) = (group.name(run, ""), group.look(run, 0));
                if out.iter().all(|s| s.name != name) {
                    out.push(Series::new(name, look, Vec::new()));
                }
            }
            for member in self.members(column).iter().rev() {
                out.push(Series::new(member.key.clone(), Look::Solid(self.style(&member.key)), Vec::new()));
            }
        }
    }

    /// A column along the branches of the runs, each from the run's own row that it starts from; of a list its first member.
    fn branches(&self, out: &mut Vec<Series>, group: &Group<'_>, column: &str) {
        let members = self.members(column);
        let Some(member) = members.iter().find(|m| m.key.is_empty() || m.key == "0" || members.len() == 1) else {
            return;
        };
        for run in &group.runs {
            for branch in &run.branches {
                if !branch.rows.iter().any(|row| member.values[*row].is_finite()) {
                    continue;
                }
                let is_start =
                    |row: &&usize| branch.from.is_some_and(|from| self.steps.get(**row) == Some(&(from as f64)));
                let start = run.rows.iter().find(is_start);
                let rows: Vec<usize> = start.into_iter().chain(&branch.rows).copied().collect();
                let points = over(&rows, &self.steps, &member.values, MOST_OF_LINE);
                push(out, branch.flow.clone(), Look::Line(self.style(&branch.flow)), points);
            }
        }
    }

    /// 2/h over the steps.
    fn edge(&self, out: &mut Vec<Series>, group: &Group<'_>) {
        let Some(rates) = self.record.one(LEARNING_RATE) else { return };
        let mut seen: Vec<&Option<String>> = Vec::new();
        let mut lines: Vec<Points> = Vec::new();
        for run in &group.runs {
            let mut edge: Vec<f64> = rates.iter().map(|h| 2.0 / h).collect();
            // The last row takes no step, and shows the edge of the one before.
            if let [.., before, last] = run.rows.as_slice()
                && !edge[*last].is_finite()
            {
                edge[*last] = edge[*before];
            }
            let own = run.rows.iter().map(|row| edge[*row]).filter(|e| e.is_finite());
            let (least, most) = own.fold((f64::INFINITY, 0.0_f64), |(a, b), e| (a.min(e), b.max(e)));
            let varies = most > 1.001 * least;
            // Seeds of one step size have the same.
            if !varies && seen.contains(&&run.h_setting) {
                continue;
            }
            seen.push(&run.h_setting);
            let look = if varies { Look::Trace } else { Look::Reference };
            let points = over(&run.rows, &self.steps, &edge, MOST_OF_LINE);
            // As of seeds whose rate was changed at the same steps.
            if !lines.contains(&points) {
                lines.push(points.clone());
                push(out, "$2/h$".to_owned(), look, points);
            }
        }
    }

    /// Where growth begins.
    fn zero(&self, out: &mut Vec<Series>, group: &Group<'_>) {
        let rows = group.runs.iter().flat_map(|r| &r.rows);
        let steps = rows.filter_map(|row| self.steps.get(*row)).copied().filter(|s| s.is_finite());
        let (first, last) = steps.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), s| (a.min(s), b.max(s)));
        out.push(Series::new("", Look::Reference, vec![(first, 0.0), (last, 0.0)]));
    }

    fn pairs(&self, run: &Run, x: &[f64], y: &[f64]) -> Vec<(f64, f64)> {
        let pairs = run.rows.iter().map(|row| (x[*row], y[*row]));
        pairs.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
    }

    /// The step size of a group, where it is one throughout.
    pub(super) fn step_size(&self, group: &Group<'_>) -> Option<f64> {
        let rates = self.record.one(LEARNING_RATE)?;
        let rows = group.runs.iter().flat_map(|r| &r.rows);
        let mut used = rows.filter_map(|row| rates.get(*row).copied()).filter(|h| h.is_finite() && *h > 0.0);
        let h = used.next()?;
        used.all(|other| other == h).then_some(h)
    }

    fn drift(&self, out: &mut Vec<Series>, group: &Group<'_>) {
        let (Some(x), Some(y)) = (self.record.one(HG_NORM), self.record.one(DRIFT)) else { return };
        for run in &group.runs {
            push_dots(out, group.name(run, "a step"), group.dots(run), self.pairs(run, &x, &y));
        }
        // What the first term of the modified equation says, where the step size is one.
        let Some(h) = self.step_size(group) else { return };
        let ends = out.iter().flat_map(|s| &s.points).map(|p| p.0).filter(|x| *x > 0.0);
        let (low, high) = ends.fold((f64::INFINITY, 0.0_f64), |(a, b), x| (a.min(x), b.max(x)));
        if low < high {
            let line = [low, high].map(|x| (x, 0.5 * h * h * x)).to_vec();
            out.push(Series::new("$(h^2/2) |Hg|$", Look::Reference, line));
        }
    }

    fn predictions(&self, out: &mut Vec<Series>, group: &Group<'_>) {
        let Some(x) = self.record.one(GRADIENT_NEXT_ALONG_0) else { return };
        for member in self.members(PREDICTED_GRADIENT_ALONG_0).iter().rev() {
            for run in &group.runs {
                let points = self.pairs(run, &x, &member.values);
                push_dots(out, member.key.clone(), Look::Dots(self.style(&member.key)), points);
            }
        }
    }

    /// What is no data and spans the axes.
    pub(super) fn across(view: &View, x: &Axis) -> Option<Series> {
        let (low, high) = x.range.filter(|_| *view == View::Predictions)?;
        Some(Series::new("exact match", Look::Reference, vec![(low, low), (high, high)]))
    }

    /// What stands behind a panel's title: the edge of stability where it is far above, a correlation.
    pub(super) fn note(view: &View, group: &Group<'_>, series: &[Series], high: f64) -> String {
        match view {
            View::Drift if group.settings.len() == 1 => {
                let dots = series.iter().filter(|s| !is_reference(s)).flat_map(|s| s.points.iter().copied());
                Correlation::of(dots)
                    .pearson
                    .map_or_else(String::new, |r| format!(" ($r =$ {})", short((r * 1e3).round() / 1e3)))
            }
            _ if view.is_sharpness() => {
                let least = |s: &Series| s.points.iter().map(|p| p.1).filter(|e| e.is_finite()).reduce(f64::min);
                let edges: Vec<f64> = series.iter().filter(|s| is_reference(s)).filter_map(least).collect();
                let above: Vec<String> = edges.iter().filter(|e| **e > high).map(|e| short(*e)).collect();
                let which = if above.len() == edges.len() { "$2/h$" } else { "another $2/h$" };
                if above.is_empty() { String::new() } else { format!(" ({which} is above, at {})", above.join(", ")) }
            }
            _ => String::new(),
        }
    }
}

/// A member of a list by name: a letter with an index, or the name of its field.
fn indexed(symbol: &str, key: &str, behind: &str) -> String {
    let name = field_name(symbol, key, Part::Whole);
    match (symbol.chars().count(), name.split_once('_')) {
        (1, Some((letter, index))) => format!("${letter}_{{{index}}}${behind}"),
        _ => format!("{name}{behind}"),
    }
}

fn push(out: &mut Vec<Series>, name: String, look: Look, points: Points) {
    if !points.alone.is_empty() {
        let dots = match look {
            Look::Line(style) | Look::Solid(style) | Look::Marked(style, _) | Look::Shade(style, _) => {
                Look::Dots(style)
            }
            _ => look,
        };
        let named = if points.joined.is_empty() { name.clone() } else { String::new() };
        out.push(Series::new(named, dots, points.alone));
    }
    if !points.joined.is_empty() {
        out.push(Series::new(name, look, points.joined));
    }
}

fn push_dots(out: &mut Vec<Series>, name: String, look: Look, points: Vec<(f64, f64)>) {
    if !points.is_empty() {
        out.push(Series::new(name, look, points));
    }
}
