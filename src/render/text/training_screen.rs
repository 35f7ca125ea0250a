//! A training run as it goes, for who looks on: a few columns, a few rows, and what came of it.

use crate::train::{Cell, Column, Row, RunLabel, Training};

/// So many rows of a run are shown, or up to two and a half times as many.
const ROWS: u64 = 20;
/// So many columns at most.
const COLUMNS: usize = 6;
/// How wide they are.
const WIDTH: usize = 13;

/// What a column of the screen shows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shown {
    /// A number of the record.
    Number(Column),
    /// The largest eigenvalue.
    Largest,
    /// The step size times it: 2 is the edge of stability.
    Edge,
}

/// The rows of a training's runs, of which some are shown in some columns, and a sentence for each run at its end.
#[derive(Debug)]
pub struct TrainingScreen {
    shown: Vec<Shown>,
    steps: u64,
    every: u64,
    run: Option<RunLabel>,
    first: Seen,
    last: Seen,
    branches: u64,
}

/// What a sentence needs of a row.
#[derive(Debug, Clone, Default)]
struct Seen {
    step: u64,
    loss: Option<f64>,
    accuracy: Option<f64>,
    largest: Option<f64>,
    h: Option<f64>,
    ended: Option<&'static str>,
}

impl TrainingScreen {
    /// Of a training.
    #[must_use]
    pub fn new(training: &Training) -> Self {
        let settings = training.settings();
        let all = &settings.columns;
        let mut shown = Vec::new();
        for first in [Column::Loss, Column::Accuracy, Column::GradientNorm] {
            if all.contains(&first) && (first != Column::Accuracy || training.has_accuracy()) {
                shown.push(Shown::Number(first));
            }
        }
        if all.contains(&Column::Lambda) && training.list_length() != Some(0) {
            shown.push(Shown::Largest);
            if all.contains(&Column::LearningRate) {
                shown.push(Shown::Edge);
            }
        }
        let own_rates = settings.optimizers.iter().any(crate::train::TrainOptimizer::sets_rate);
        for more in all {
            let usual = more.is_usual(false);
            let wanted = match more {
                Column::LearningRate => own_rates,
                Column::Drift => true,
                _ => !usual && more.kind() == crate::train::Kind::Number,
            };
            if wanted && shown.len() < COLUMNS && !shown.contains(&Shown::Number(*more)) {
                shown.push(Shown::Number(*more));
            }
        }
        Self {
            shown,
            steps: settings.steps,
            every: stride(settings.steps),
            run: None,
            first: Seen::default(),
            last: Seen::default(),
            branches: 0,
        }
    }

    /// A row: the lines to show, none for most; `now` shows it whatever its step.
    pub fn row(&mut self, row: &Row, now: bool) -> String {
        if row.branch.is_some() {
            self.branches += 1;
            return String::new();
        }
        let mut out = String::new();
        let begins = self.run.as_ref() != Some(&row.run);
        if begins {
            if self.run.is_some() {
                out.push_str(&self.end());
                out.push('\n');
            }
            out.push_str(&self.header(&row.run));
            self.run = Some(row.run.clone());
        }
        // The last row has no step size of its own.
        let h = row.number(Column::LearningRate).or(if begins { None } else { self.last.h });
        self.last = Seen {
            step: row.step,
            loss: row.number(Column::Loss),
            accuracy: row.number(Column::Accuracy),
            largest: largest(row),
            h,
            ended: row
                .warnings
                .iter()
                .copied()
                .find(|c| matches!(*c, "diverged" | "no-convergence" | "evaluation-failed")),
        };
        if begins {
            self.first = self.last.clone();
        }
        if begins || now || row.step.is_multiple_of(self.every) || row.step == self.steps {
            out.push_str(&self.line(row));
        }
        out
    }

    /// What came of the last run, and how to keep a record.
    #[must_use]
    pub fn closing(&self) -> String {
        if self.run.is_none() {
            return String::new();
        }
        let mut out = self.end();
        if self.branches > 0 {
            out.push_str(&format!("{} rows of branches are not shown.\n", self.branches));
        }
        out.push_str("--output FILE keeps every row and column, and --format csv prints them.\n");
        out
    }

    fn header(&self, run: &RunLabel) -> String {
        let h = run.h_setting.map_or_else(String::new, |h| format!(", h = {h}"));
        let seed = run.seed.map_or_else(String::new, |seed| format!(", seed {seed}"));
        let names = self.shown.iter().map(|shown| match shown {
            Shown::Number(Column::GradientNorm) => "‖g‖",
            Shown::Number(column) => column.name(),
            Shown::Largest => "λ_0",
            Shown::Edge => "hλ_0",
        });
        let cells: String = names.map(|name| format!("  {name:>WIDTH$}")).collect();
        format!("{}{h}{seed}, {} steps at most\n\n{:>8}{cells}\n", run.optimizer, self.steps, "step")
    }

    fn line(&self, row: &Row) -> String {
        let cells = self.shown.iter().map(|shown| {
            let value = match shown {
                Shown::Number(column) => row.number(*column),
                Shown::Largest => self.last.largest,
                Shown::Edge => self.last.largest.zip(self.last.h).map(|(l, h)| l * h),
            };
            format!("  {:>WIDTH$}", value.map_or_else(|| "–".to_owned(), short))
        });
        format!("{:>8}{}\n", row.step, cells.collect::<String>())
    }

    /// What came of the run.
    fn end(&self) -> String {
        let (first, last) = (&self.first, &self.last);
        let name = self.run.as_ref().map_or("", |run| &run.optimizer);
        let from_to = |what: &str, a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => Some(format!("{what} from {} to {}", short(a), short(b))),
            (Some(a), None) => Some(format!("{what} from {} to no number", short(a))),
            _ => None,
        };
        let parts: Vec<String> =
            [from_to("the loss", first.loss, last.loss), from_to("the accuracy", first.accuracy, last.accuracy)]
                .into_iter()
                .flatten()
                .collect();
        let taken = if last.step == 1 { "1 step".to_owned() } else { format!("{} steps", last.step) };
        let mut out = match parts.is_empty() {
            true => format!("\n{name} took {taken}."),
            false => format!("\n{name} took {taken}: {}.", parts.join(", ")),
        };
        if let Some((largest, h)) = last.largest.zip(last.h) {
            let z = h * largest;
            let side = if z < 1.9 {
                "below"
            } else if z < 2.1 {
                "at"
            } else {
                "above"
            };
            out.push_str(&format!(
                " The sharpness λ_0 ended at {}, {side} the edge of stability 2/h = {} (hλ_0 = {}).",
                short(largest),
                short(2.0 / h),
                short(z)
            ));
        }
        out.push_str(&match last.ended {
            Some("diverged") => {
                " It ended there because θ grew beyond every bound; a smaller --h may keep it.\n".to_owned()
            }
            Some(code) => format!(" It ended there, since there is no next iterate: {code}.\n"),
            None if last.step < self.steps => " It ended there since it met its goal.\n".to_owned(),
            None => " Those were all its steps.\n".to_owned(),
        });
        out
    }
}

/// The largest eigenvalue of a row.
fn largest(row: &Row) -> Option<f64> {
    match row.cell(Column::Lambda)? {
        Cell::List(Some(list)) => list.first().copied().flatten(),
        _ => None,
    }
}

/// Every how many steps a row is shown, so that there are about twenty: 1, 2 or 5 times a power of ten.
fn stride(steps: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for digit in [1, 2, 5] {
            let stride = power.saturating_mul(digit);
            if steps / stride <= ROWS || power > u64::MAX / 10 {
                return stride;
            }
        }
        power *= 10;
    }
}

/// Five digits.
fn short(x: f64) -> String {
    let size = x.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e6).contains(&size) {
        return format!("{x:.3e}");
    }
    let places = (4.0 - size.log10().floor()).clamp(0.0, 8.0) as usize;
    format!("{x:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::{Loss, Options};
    use crate::train::{TrainOptimizer, TrainSettings};

    fn shown(h: f64, steps: u64) -> String {
        let loss = Loss::parse("param x\nloss x^2/2\n", "bowl.loss", &Options::default()).unwrap();
        let descent = TrainOptimizer::new(&"gd".parse().unwrap(), None, None, &[]).unwrap();
        let settings = TrainSettings { optimizers: vec![descent], rates: vec![h], steps, ..TrainSettings::default() };
        let training = Training::new(loss, vec![vec![1.0]], settings).unwrap();
        let mut screen = TrainingScreen::new(&training);
        let mut run = training.run(0).unwrap();
        let mut out = String::new();
        while !run.is_finished() {
            run.advance(&mut |row| {
                out.push_str(&screen.row(&row, false));
                Ok(())
            })
            .unwrap();
        }
        out + &screen.closing()
    }

    #[test]
    fn few_rows_and_a_sentence() {
        let out = shown(0.5, 100);
        let rows: Vec<&str> = out.lines().collect();
        assert!(
            rows[0] == "gd, 100 steps at most"
                && rows[2].split_whitespace().eq(["step", "loss", "‖g‖", "λ_0", "hλ_0", "drift"])
        );
        // Every fifth.
        assert!(rows[3].split_whitespace().take(5).eq(["0", "0.50000", "1.0000", "1.0000", "0.50000"]));
        assert_eq!(rows.iter().filter(|r| r.starts_with("  ")).count(), 22, "{out}");
        assert!(
            out.contains("gd took 100 steps: the loss from 0.50000 to 3.") && out.contains("Those were all its steps.")
        );
        assert!(
            out.contains("below the edge of stability 2/h = 4.0000 (hλ_0 = 0.50000)")
                && out.ends_with("prints them.\n")
        );
        assert!(rows.iter().all(|r| r.chars().count() <= 100 || r.starts_with("gd took")), "{out}");
    }

    #[test]
    fn what_diverges_says_so() {
        let out = shown(1e200, 9);
        assert!(out.contains("θ grew beyond every bound") && out.contains("above the edge"), "{out}");
        let strides = [3, 20, 21, 41, 100, 101, 5000, u64::MAX].map(stride);
        assert_eq!(strides[..7], [1, 1, 2, 2, 5, 5, 500]);
        assert!(strides[7] > 1 << 58);
    }
}
