//! What a training costs.

use super::table::{Align, table};
use crate::train::{Pace, TrainingCost};

/// The parts of a training with what each costs, in gradients on all data, and what flows take where that was measured.
#[must_use]
pub fn training_plan(cost: &TrainingCost, pace: &Pace) -> String {
    let header = ["part", "gradients", "at steps", "gradients a step"].map(str::to_owned);
    let rows: Vec<Vec<String>> = cost
        .parts
        .iter()
        .map(|part| {
            vec![
                part.name.clone(),
                short(part.gradients),
                format!("{}%", short(100.0 * part.share)),
                short(part.gradients * part.share),
            ]
        })
        .collect();
    let shown = table(&header, &[Align::Left, Align::Right, Align::Right, Align::Right], &rows);
    format!(
        "{} parameters, {} of {} steps; about {} gradients on all data a step, {} in all (estimates: how far a flow is integrated depends on how stiff \
         it is)\n\n{shown}{}",
        cost.parameters,
        if cost.runs == 1 { "1 run".to_owned() } else { format!("{} runs", cost.runs) },
        cost.steps,
        short(cost.per_step()),
        short(cost.per_step() * cost.steps as f64 * cost.runs as f64),
        measured(pace)
    )
}

/// What flows take, from the start of the first run.
fn measured(pace: &Pace) -> String {
    if pace.flows.is_empty() {
        return String::new();
    }
    let header = ["measured at the start", "seconds a step", "followed", "times", "seconds in all"].map(str::to_owned);
    let rows: Vec<Vec<String>> = pace
        .flows
        .iter()
        .map(|f| {
            vec![
                format!("{} {}", if f.is_branch { "branch" } else { "flow" }, f.name),
                seconds(f.seconds),
                format!("{}%", short(100.0 * f.reached)),
                f.times.to_string(),
                seconds(f.seconds * f.times as f64),
            ]
        })
        .collect();
    let shown = table(&header, &[Align::Left, Align::Right, Align::Right, Align::Right, Align::Right], &rows);
    format!(
        "\n{shown}\na bare step of the optimizer takes {} s; steps that were not followed to their end are extrapolated\n",
        seconds(pace.step)
    )
}

/// Two digits.
fn seconds(x: f64) -> String {
    if (0.1..1e5).contains(&x) { format!("{x:.1}") } else { format!("{x:.1e}") }
}

fn short(x: f64) -> String {
    if x == 0.0 || (0.1..1e5).contains(&x) { format!("{}", (x * 10.0).round() / 10.0) } else { format!("{x:.1e}") }
}
