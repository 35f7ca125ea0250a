//! How long a run will take, as measured.

use super::super::output::say;
use crate::train::{Pace, Training};
use std::time::Duration;

/// How long each flow is followed to learn its pace.
const LOOK: f64 = 0.5;
/// Flows that take less in all are no news.
const WORTH_SAYING: f64 = 10.0;
/// What is left is said again where it is more than so many times what was said, and more than a minute.
const SURPRISE: f64 = 3.0;
const MINUTE: f64 = 60.0;

/// What was said of a run's time.
#[derive(Debug, Default)]
pub(super) struct Forecast {
    /// The seconds that were said to be left.
    said: f64,
}

/// The pace of a training's flows.
pub(super) fn pace(training: &Training) -> Pace {
    training.pace(LOOK).unwrap_or_default()
}

/// A time for people.
pub(super) fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 0.1 => format!("{:.0} ms", (s * 1e3).max(1.0)),
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < 100.0 => format!("{s:.0} s"),
        s if s < 6000.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

impl Forecast {
    /// Says before a run what its flows will take, where that is long beside its steps.
    pub(super) fn begin(training: &Training) -> Self {
        let pace = pace(training);
        let flows = pace.of_flows();
        let steps = pace.step * training.settings().steps as f64 * training.runs().len() as f64;
        if flows < WORTH_SAYING || flows < steps {
            return Self::default();
        }
        let mut parts: Vec<_> = pace.flows.iter().filter(|f| f.seconds * f.times as f64 > 0.05 * flows).collect();
        parts.sort_by(|a, b| (b.seconds * b.times as f64).total_cmp(&(a.seconds * a.times as f64)));
        let parts: Vec<String> = parts
            .iter()
            .take(4)
            .map(|f| {
                let what = if f.is_branch { "branch " } else { "" };
                format!("{what}{} {} {} times", f.name, duration(f.seconds), f.times)
            })
            .collect();
        say(&format!(
            "forecast, measured at the start: flows take about {} in all ({}); --flow-seconds bounds a row, and --flows-every takes fewer",
            duration(flows),
            parts.join(", ")
        ));
        Self { said: flows }
    }

    /// After a step whose row has flows, of which `left` are to come; says so where it takes much longer than was said.
    pub(super) fn see(&mut self, step: u64, time: Duration, left: u64) -> Option<String> {
        let each = time.as_secs_f64();
        let rest = each * left as f64;
        if rest < MINUTE || rest < SURPRISE * self.said {
            return None;
        }
        self.said = rest;
        Some(format!(
            "forecast, after step {step}: its row took {}, and {left} more with flows would take about {} at this pace",
            duration(each),
            duration(rest)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_for_people() {
        let said = [2e-4, 0.03, 3.21, 42.0, 600.0, 7200.0].map(duration);
        assert_eq!(said, ["1 ms", "30 ms", "3.2 s", "42 s", "10 min", "2.0 h"]);
    }

    #[test]
    fn surprises_are_said_once() {
        let mut forecast = Forecast { said: 20.0 };
        assert_eq!(forecast.see(0, Duration::from_millis(100), 200), None);
        let words = forecast.see(7, Duration::from_secs(2), 100).unwrap();
        assert!(words.contains("after step 7") && words.contains("100 more") && words.contains("3 min"), "{words}");
        assert_eq!(forecast.see(8, Duration::from_secs(3), 100), None);
        assert!(forecast.see(9, Duration::from_secs(60), 100).is_some());
    }
}
