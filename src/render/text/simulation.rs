//! Simulations as tables.

use super::numbers::significant;
use super::table::{Align, table};
use crate::flow::{Event, FlowRun, Outcome, Restart, Simulation};
use crate::formula::Symbols;
use crate::render::csv::parameter_columns;
use num_complex::Complex64;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Parameters beyond this many are summed up by the norm of θ.
const PARAMETERS: usize = 8;
/// Events beyond this many are counted.
const EVENTS: usize = 24;
/// What happens in more steps than this is summed up.
const STEPS: usize = 3;
/// What stands where there is no value.
const NONE: &str = "–";

/// How much of a simulation is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SimulationDetail {
    /// Every parameter, where more than eight are otherwise summed up by the norm of θ.
    pub parameters: bool,
    /// Every event, where a kind that happens in more than three steps is otherwise one line, and more than 24 others are counted.
    pub events: bool,
}

/// A simulation as two tables: step, time, iterate, loss, `hλ_0` and the error of every flow; then the loss and `hλ_0` of the flows.
///
/// Iterates are rounded to 9 digits and other numbers to 4; JSON and CSV have them all. What happened on the way follows.
#[must_use]
pub fn simulation(simulation: &Simulation, detail: SimulationDetail) -> String {
    let symbols = Symbols::beside(simulation.parameters.iter().map(String::as_str));
    let distance = match simulation.restart {
        Restart::Never => "its distance from the iterate",
        Restart::Each => "its one-step error, started anew from each iterate",
    };
    let marked =
        |flow: &FlowRun| flow.trajectory.iter().enumerate().any(|(step, state)| state.is_some() && flow.has_slid(step));
    let slid = if simulation.flows.iter().any(marked) { "; ~ after sliding along a cut" } else { "" };
    let mut out = format!(
        "{}, {} = {:?}; {}; under each flow {distance}{slid}\n\n",
        simulation.method,
        symbols.text("h"),
        simulation.h,
        symbols.text("hλ_0 is the largest eigenvalue of hH")
    );
    if let Some(sentence) = symbols.sentence("hH") {
        let _ = writeln!(out, "{sentence}\n");
    }
    let verdict: Vec<String> = end(simulation).into_iter().chain(verdict(simulation)).collect();
    if !verdict.is_empty() {
        let _ = writeln!(out, "{}\n", verdict.join("; "));
    }
    let few = simulation.parameters.len() <= PARAMETERS;
    out.push_str(&errors(simulation, &symbols, few));
    match (few, detail.parameters) {
        (true, _) => {}
        (false, true) => out.push_str(&every(simulation)),
        (false, false) => {
            let count = simulation.parameters.len();
            let _ = writeln!(out, "\n{count} parameters, summed up by their norm; --all lists them");
        }
    }
    if !simulation.flows.is_empty() {
        let level = symbols.text("hλ_0");
        let _ = write!(out, "\nloss and {level} along each flow\n\n{}", levels(simulation, &level));
    }
    if !simulation.events.is_empty() {
        out.push('\n');
        events(&mut out, simulation, detail.events);
    }
    out
}

/// At which step the optimizer itself ended before its last, and why.
fn end(simulation: &Simulation) -> Option<String> {
    let step = simulation.iterates.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    if step >= simulation.times.len() {
        return None;
    }
    let method = &simulation.method;
    Some(match simulation.end.as_ref().map(|end| end.outcome) {
        Some(Outcome::Diverged) => format!("{method} diverged at step {step}"),
        Some(outcome) => format!("{method} has no value from step {step} ({})", outcome.code()),
        None => format!("{method} has no value from step {step}"),
    })
}

/// How close the flows are at the end, the closest first, and which have no value there.
fn verdict(simulation: &Simulation) -> Option<String> {
    let step = simulation.iterates.iter().rposition(Option::is_some).filter(|step| *step > 0)?;
    let mut near: Vec<(f64, &str)> = Vec::new();
    let mut lost = Vec::new();
    for flow in &simulation.flows {
        match flow.error.get(step).copied().flatten().filter(|error| error.is_finite()) {
            Some(error) => near.push((error, &flow.name)),
            None => {
                let lacks = flow.lacks(&simulation.warnings);
                lost.push(lacks.map_or_else(|| flow.name.clone(), |(code, _)| format!("{} ({code})", flow.name)));
            }
        }
    }
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    let near: Vec<String> = near.iter().map(|(error, name)| format!("{name} {error:.1e}")).collect();
    let what = if simulation.restart == Restart::Each { "errors of" } else { "distances after" };
    match (near.is_empty(), lost.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("{what} step {step}: {}", near.join(", "))),
        (true, false) => Some(format!("no flow has a value at step {step}: {}", lost.join(", "))),
        (false, false) => {
            Some(format!("{what} step {step}: {}; without a value: {}", near.join(", "), lost.join(", ")))
        }
    }
}

fn errors(simulation: &Simulation, symbols: &Symbols, every: bool) -> String {
    let mut header = vec!["step".to_owned(), "time".to_owned()];
    if every {
        let flows = simulation.flows.iter().map(|flow| flow.name.as_str());
        header.extend(parameter_columns(&simulation.parameters, ["step", "time"].into_iter().chain(flows)));
    } else {
        header.push("|θ|".to_owned());
    }
    header.extend(["loss".to_owned(), symbols.text("hλ_0")]);
    header.extend(simulation.flows.iter().map(|f| f.name.clone()));
    let rows: Vec<Vec<String>> = simulation
        .times
        .iter()
        .enumerate()
        .map(|(step, time)| {
            let mut row = vec![step.to_string(), significant(*time, 9)];
            let iterate = simulation.iterates.get(step).and_then(Option::as_ref);
            if every {
                row.extend(
                    (0..simulation.parameters.len()).map(|k| number(iterate.and_then(|x| x.get(k).copied()), 9)),
                );
            } else {
                row.push(number(iterate.map(|x| x.iter().fold(0.0_f64, |m, x| m.hypot(*x))), 9));
            }
            row.extend([&simulation.loss, &simulation.h_lambda_0].map(|v| number(v.get(step).copied().flatten(), 5)));
            row.extend(simulation.flows.iter().map(|flow| {
                let error = flow.error.get(step).copied().flatten();
                let mark = if flow.has_slid(step) { "~" } else { "" };
                let shown = |e: f64| if e == 0.0 { "0".to_owned() } else { format!("{mark}{e:.3e}") };
                error.map_or_else(|| NONE.to_owned(), shown)
            }));
            row
        })
        .collect();
    until_the_last_value(&header, rows, 2)
}

/// Every parameter of the iterates, a few columns at a time.
fn every(simulation: &Simulation) -> String {
    let names = parameter_columns(&simulation.parameters, ["step"]);
    let mut out = String::new();
    for (first, names) in names.chunks(PARAMETERS).enumerate().map(|(block, names)| (block * PARAMETERS, names)) {
        let header: Vec<String> = std::iter::once("step".to_owned()).chain(names.iter().cloned()).collect();
        let row = |(step, iterate): (usize, &Option<Vec<f64>>)| {
            let value = |k: usize| number(iterate.as_ref().and_then(|x| x.get(first + k).copied()), 9);
            std::iter::once(step.to_string()).chain((0..names.len()).map(value)).collect()
        };
        let rows = simulation.iterates.iter().enumerate().map(row).collect();
        let _ = write!(out, "\n{}", until_the_last_value(&header, rows, 1));
    }
    out
}

/// The loss and `hλ_0` along the flows.
fn levels(simulation: &Simulation, level: &str) -> String {
    let mut header = vec!["step".to_owned()];
    header.extend(simulation.flows.iter().flat_map(|f| [format!("{} loss", f.name), level.to_owned()]));
    let rows: Vec<Vec<String>> = (0..simulation.times.len())
        .map(|step| {
            let flows = simulation.flows.iter().flat_map(|f| [(f, &f.loss), (f, &f.h_lambda_0)]);
            let mut row = vec![step.to_string()];
            row.extend(flows.map(|(flow, values)| {
                let shown = complex(values.get(step).copied().flatten());
                if flow.has_slid(step) && shown != NONE { format!("~{shown}") } else { shown }
            }));
            row
        })
        .collect();
    until_the_last_value(&header, rows, 1)
}

/// A table of steps up to the last one with a value beyond the first columns.
fn until_the_last_value(header: &[String], mut rows: Vec<Vec<String>>, first: usize) -> String {
    let all = rows.len();
    let valued = |row: &Vec<String>| row.iter().skip(first).any(|cell| cell != NONE);
    let last = rows.iter().rposition(valued);
    rows.truncate(last.unwrap_or(0) + 1);
    let mut out = table(header, &vec![Align::Right; header.len()], &rows);
    if rows.len() < all {
        let after = last.map_or_else(String::new, |last| format!(" after step {last}"));
        let _ = writeln!(out, "\nno values{after}");
    }
    out
}

fn number(x: Option<f64>, digits: usize) -> String {
    x.map_or_else(|| NONE.to_owned(), |x| significant(x, digits))
}

fn complex(z: Option<Complex64>) -> String {
    z.map_or_else(|| NONE.to_owned(), complex_short)
}

/// A complex number to a few digits; a dash for what is no number.
fn complex_short(z: Complex64) -> String {
    if !z.is_finite() {
        return NONE.to_owned();
    }
    if z.im == 0.0 {
        return significant(z.re, 5);
    }
    let sign = if z.im < 0.0 { "−" } else { "+" };
    format!("{} {sign} {}i", significant(z.re, 4), significant(z.im.abs(), 4))
}

/// One event a line, and one line for what happens in many steps; beyond the most, how many of each kind are left out.
fn events(out: &mut String, simulation: &Simulation, every: bool) {
    let kind = |event: &Event| (event.flow.clone().unwrap_or_else(|| simulation.method.clone()), event.code);
    let kinds = steps(simulation.events.iter().map(|event| (kind(event), event.step)));
    let (mut said, mut shown, mut rest) = (BTreeSet::new(), 0, Vec::new());
    for event in &simulation.events {
        let (name, code) = kind(event);
        match kinds.get(&(name.clone(), code)) {
            Some((count, first, last)) if *count > STEPS && !every => {
                if said.insert((name.clone(), code)) {
                    let what = code.replace('-', " ");
                    let _ = writeln!(
                        out,
                        "{name}: {what} in {count} steps, the first at step {first}, the last at step {last}"
                    );
                }
            }
            _ if shown < EVENTS || every => {
                shown += 1;
                let _ = writeln!(out, "step {}, {name}: {}", event.step, event.message);
            }
            _ => rest.push(((name, code), event.step)),
        }
    }
    if !rest.is_empty() {
        let left = rest.len();
        let counts = steps(rest.into_iter());
        let some = counts.iter().take(8).map(|((flow, code), (count, first, last))| {
            if *count == 1 {
                format!("{flow} {code} in step {first}")
            } else {
                format!("{flow} {code} in {count} steps from {first} to {last}")
            }
        });
        let some: Vec<String> = some.collect();
        let more = if counts.len() > some.len() { ", and others" } else { "" };
        let _ = writeln!(
            out,
            "{left} more events are left out: {}{more}; --verbose and JSON have them all",
            some.join(", ")
        );
    } else if !said.is_empty() {
        let _ = writeln!(out, "--verbose and JSON have every step");
    }
}

/// In how many steps each kind of event of each trajectory happens, the first and the last.
fn steps<'a>(
    events: impl Iterator<Item = ((String, &'a str), usize)>,
) -> BTreeMap<(String, &'a str), (usize, usize, usize)> {
    let mut all = BTreeMap::new();
    for (kind, step) in events {
        let (count, first, last) = all.entry(kind).or_insert((0, step, step));
        (*count, *first, *last) = (*count + 1, step.min(*first), step.max(*last));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::End;
    use crate::render::example;

    #[test]
    fn many_events_and_parameters_are_summed_up() {
        let mut run = example::simulation();
        let event = |step: usize| Event {
            code: "crosses-2/h",
            message: "the largest eigenvalue rises through 2/h".into(),
            flow: Some("pf".into()),
            time: 0.1,
            step,
            count: 1,
            last_time: 0.1,
        };
        run.events = (1..=1000).map(event).collect();
        let text = simulation(&run, SimulationDetail::default());
        assert!(text.ends_with(
            "\n\npf: crosses 2/h in 1000 steps, the first at step 1, the last at step 1000\n--verbose and JSON have every step\n"
        ));
        let text = simulation(&run, SimulationDetail { events: true, ..Default::default() });
        assert_eq!(text.lines().filter(|l| l.starts_with("step ") && l.contains("pf:")).count(), 1000);
        // Of the optimizer's 26 crossings none hides one of a flow.
        let other = |step: usize| Event { flow: Some(format!("bea:{step}")), ..event(step) };
        run.events = (1..=26).map(|step| Event { flow: None, ..event(step) }).chain((10..36).map(other)).collect();
        let text = simulation(&run, SimulationDetail::default());
        assert!(
            text.contains("\n\ngradient-descent: crosses 2/h in 26 steps, the first at step 1, the last at step 26\n")
        );
        assert_eq!(text.lines().filter(|l| l.contains(": the largest eigenvalue")).count(), EVENTS);
        assert!(text.ends_with(
            "2 more events are left out: bea:34 crosses-2/h in step 34, bea:35 crosses-2/h in step 35; --verbose and JSON have them all\n"
        ));
        run.events.clear();
        run.parameters = (0..9).map(|k| format!("w[{k}]")).collect();
        run.iterates = vec![Some(vec![1.0; 9]), Some(vec![-2.0; 9]), None];
        let text = simulation(&run, SimulationDetail::default());
        assert!(
            text.contains("|θ|") && text.contains("9 parameters, summed up by their norm; --all lists them"),
            "{text}"
        );
        let row = text.lines().nth(7).unwrap_or_default();
        assert_eq!(row.split_whitespace().take(3).collect::<Vec<_>>(), ["1", "0.1", "6"], "{row}");
        let text = simulation(&run, SimulationDetail { parameters: true, ..Default::default() });
        assert!(text.contains("w[8]") && !text.contains("--all"));
    }

    #[test]
    fn the_end_of_the_optimizer_is_said_and_no_empty_rows() {
        let mut run = example::simulation();
        run.times.extend([0.1 * 3.0, 0.4]);
        run.iterates.extend([None, None]);
        run.end = Some(End { step: 2, outcome: Outcome::Diverged, message: String::new() });
        let text = simulation(&run, SimulationDetail::default());
        assert!(
            text.contains("\n\ngradient-descent diverged at step 2; distances after step 1: pf 5.6e-17;"),
            "{text}"
        );
        assert_eq!(text.matches("\n\nno values after step 1\n").count(), 2, "{text}");
        assert!(!text.contains("\n   2"), "{text}");
        // A flow that goes on keeps its rows.
        run.flows[1].loss = vec![Some(Complex64::ONE); 5];
        let text = simulation(&run, SimulationDetail::default());
        assert_eq!(text.matches("no values after").count(), 1, "{text}");
        run.end = None;
        assert!(simulation(&run, SimulationDetail::default()).contains("gradient-descent has no value from step 2;"));
    }
}
