//! Runs that are drawn together.

use super::super::{Look, Style};
use crate::record::Run;

/// Runs that share a panel, and how their lines look.
pub(super) struct Group<'r> {
    /// What tells it from the other groups.
    pub(super) title: String,
    pub(super) runs: Vec<&'r Run>,
    /// Its step sizes, each with a marker of its own where they are several: colours are those of flows.
    pub(super) settings: Vec<String>,
}

impl Group<'_> {
    /// The look of a run's own line, the k-th of the panel.
    pub(super) fn look(&self, run: &Run, k: usize) -> Look {
        let style = Self::style(run);
        match self.setting(run) {
            Some(place) => Look::Marked(style, place),
            None => Look::Shade(style, k),
        }
    }

    pub(super) fn dots(&self, run: &Run) -> Look {
        Look::Dots(self.setting(run).map_or_else(|| Self::style(run), Style::nth))
    }

    /// The look of a flow's line beside a run, with the marker of its step size.
    pub(super) fn flow(&self, run: &Run, style: Style, long: bool) -> Look {
        match self.setting(run) {
            Some(place) => Look::Marked(style, place),
            None if long => Look::Solid(style),
            None => Look::Line(style),
        }
    }

    /// That of its optimizer.
    fn style(run: &Run) -> Style {
        Style::optimizer(run.optimizer.as_deref().unwrap_or("gd"))
    }

    /// The place of its step size, where there are several.
    pub(super) fn setting(&self, run: &Run) -> Option<usize> {
        let setting = run.h_setting.clone().unwrap_or_default();
        if self.settings.len() > 1 { self.settings.iter().position(|s| *s == setting) } else { None }
    }

    /// The name of a run's line: that of its step size where there are several.
    pub(super) fn name(&self, run: &Run, name: &str) -> String {
        match (self.setting(run), &run.h_setting) {
            (Some(_), Some(h)) => format!("$h =$ {h}"),
            _ => name.to_owned(),
        }
    }
}
