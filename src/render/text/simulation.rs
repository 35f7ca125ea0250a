//! Simulations as tables.

use super::numbers::significant;
use super::table::{Align, table};
use crate::flow::{Event, Restart, Simulation};
use crate::render::Symbols;
use crate::render::csv::parameter_columns;
use num_complex::Complex64;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Parameters beyond this many are summed up by the norm of θ.
const PARAMETERS: usize = 8;
/// Events beyond this many are counted.
const EVENTS: usize = 24;

/// How much of a simulation is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SimulationDetail {
    /// Every parameter, where more than eight are otherwise summed up by the norm of θ.
    pub parameters: bool,
    /// Every event, where more than 24 are otherwise counted.
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
    let slid =
        if simulation.flows.iter().any(|f| f.slid.contains(&true)) { "; ~ after sliding along a cut" } else { "" };
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
    if let Some(verdict) = verdict(simulation) {
        let _ = writeln!(out, "{verdict}\n");
    }
    out.push_str(&errors(simulation, &symbols, detail.parameters || simulation.parameters.len() <= PARAMETERS));
    if !simulation.flows.is_empty() {
        let level = symbols.text("hλ_0");
        let _ = write!(out, "\nloss and {level} along each flow\n\n{}", levels(simulation, &level));
    }
    if !simulation.events.is_empty() {
        out.push('\n');
        events(&mut out, simulation, if detail.events { usize::MAX } else { EVENTS });
    }
    out
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
                let reason = simulation.warnings.iter().rfind(|w| w.flow.as_ref() == Some(&flow.name));
                lost.push(reason.map_or_else(|| flow.name.clone(), |w| format!("{} ({})", flow.name, w.code)));
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
                error.map_or_else(|| "–".to_owned(), shown)
            }));
            row
        })
        .collect();
    let mut out = table(&header, &vec![Align::Right; header.len()], &rows);
    if !every {
        let _ =
            writeln!(out, "\n{} parameters, summed up by their norm; --all lists them", simulation.parameters.len());
    }
    out
}

/// The loss and `hλ_0` along the flows.
fn levels(simulation: &Simulation, level: &str) -> String {
    let mut header = vec!["step".to_owned()];
    header.extend(simulation.flows.iter().flat_map(|f| [format!("{} loss", f.name), level.to_owned()]));
    let rows: Vec<Vec<String>> = (0..simulation.times.len())
        .map(|step| {
            let flows = simulation.flows.iter().flat_map(|f| [&f.loss, &f.h_lambda_0]);
            let mut row = vec![step.to_string()];
            row.extend(flows.map(|values| complex(values.get(step).copied().flatten())));
            row
        })
        .collect();
    table(&header, &vec![Align::Right; header.len()], &rows)
}

fn number(x: Option<f64>, digits: usize) -> String {
    x.map_or_else(|| "–".to_owned(), |x| significant(x, digits))
}

fn complex(z: Option<Complex64>) -> String {
    z.map_or_else(|| "–".to_owned(), complex_short)
}

/// A complex number to a few digits; a dash for what is no number.
pub(in crate::render) fn complex_short(z: Complex64) -> String {
    if !z.is_finite() {
        return "–".to_owned();
    }
    if z.im == 0.0 {
        return significant(z.re, 5);
    }
    let sign = if z.im < 0.0 { "−" } else { "+" };
    format!("{} {sign} {}i", significant(z.re, 4), significant(z.im.abs(), 4))
}

/// One event a line; beyond the most, how many of each kind are left out.
fn events(out: &mut String, simulation: &Simulation, most: usize) {
    let name = |event: &Event| event.flow.clone().unwrap_or_else(|| simulation.method.clone());
    for event in simulation.events.iter().take(most) {
        let _ = writeln!(out, "step {}, {}: {}", event.step, name(event), event.message);
    }
    let rest = simulation.events.get(most..).unwrap_or_default();
    if rest.is_empty() {
        return;
    }
    let mut counts: BTreeMap<(String, &str), (usize, usize, usize)> = BTreeMap::new();
    for event in rest {
        let entry = counts.entry((name(event), event.code)).or_insert((0, event.step, event.step));
        *entry = (entry.0 + 1, entry.1.min(event.step), entry.2.max(event.step));
    }
    let all = counts.len();
    let shown = counts.into_iter().take(8).map(|((flow, code), (count, first, last))| {
        if count == 1 {
            format!("{flow} {code} in step {first}")
        } else {
            format!("{flow} {code} in {count} steps from {first} to {last}")
        }
    });
    let shown: Vec<String> = shown.collect();
    let more = if all > shown.len() { ", and others" } else { "" };
    let _ = writeln!(
        out,
        "{} more events are left out: {}{more}; --verbose and JSON have them all",
        rest.len(),
        shown.join(", ")
    );
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert_eq!(text.lines().filter(|l| l.starts_with("step ") && l.contains("pf:")).count(), EVENTS);
        assert!(text.ends_with(
            "976 more events are left out: pf crosses-2/h in 976 steps from 25 to 1000; --verbose and JSON have them all\n"
        ));
        assert_eq!(simulation(&run, SimulationDetail { events: true, ..Default::default() }).lines().count(), 1018);
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
}
