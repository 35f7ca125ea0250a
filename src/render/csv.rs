//! Simulations as comma-separated values.

use crate::flow::Simulation;
use std::fmt::Write as _;

/// A simulation as CSV (RFC 4180 with line feeds): a row a step, numbers with all their digits, missing ones empty.
///
/// Columns: `step`, `time`, the parameters; then for every flow `NAME.PARAMETER.re` and `NAME.PARAMETER.im` for each
/// parameter, and `NAME.error`.
#[must_use]
pub fn simulation(simulation: &Simulation) -> String {
    let mut header = vec!["step".to_owned(), "time".to_owned()];
    header.extend(simulation.parameters.iter().cloned());
    for flow in &simulation.flows {
        for parameter in &simulation.parameters {
            header.extend(["re", "im"].map(|part| format!("{}.{parameter}.{part}", flow.name)));
        }
        header.push(format!("{}.error", flow.name));
    }
    let mut out = header.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",");
    out.push('\n');
    for (step, time) in simulation.times.iter().enumerate() {
        let _ = write!(out, "{step}");
        push(&mut out, Some(*time));
        let iterate = simulation.iterates.get(step).and_then(Option::as_ref);
        for k in 0..simulation.parameters.len() {
            push(&mut out, iterate.and_then(|x| x.get(k)).copied());
        }
        for flow in &simulation.flows {
            let state = flow.trajectory.get(step).and_then(Option::as_ref);
            for k in 0..simulation.parameters.len() {
                let entry = state.and_then(|x| x.get(k));
                push(&mut out, entry.map(|z| z.re));
                push(&mut out, entry.map(|z| z.im));
            }
            push(&mut out, flow.error.get(step).copied().flatten());
        }
        out.push('\n');
    }
    out
}

fn push(out: &mut String, value: Option<f64>) {
    out.push(',');
    if let Some(x) = value.filter(|x| x.is_finite()) {
        let _ = write!(out, "{x:?}");
    }
}

/// A field in quotes where it needs them.
pub(super) fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::example;

    #[test]
    fn a_row_a_step() {
        let text = simulation(&example::simulation());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "step,time,x,\"w[0, 1]\",pf.x.re,pf.x.im,\"pf.w[0, 1].re\",\"pf.w[0, 1].im\",pf.error,ngf.x.re,ngf.x.im,\"ngf.w[0, 1].re\",\"ngf.w[0, 1].im\",ngf.error"
        );
        assert_eq!(lines[1], "0,0.0,1.0,-0.5,1.0,0.0,-0.5,0.0,0.0,1.0,0.0,-0.5,0.0,0.0");
        assert_eq!(lines[2], "1,0.1,0.30000000000000004,-0.25,0.3,1e-300,-0.25,0.0,5.551115123125783e-17,,,,,");
        assert_eq!(lines[3], "2,0.2,,,,,,,,,,,,");
        assert!(lines.iter().skip(1).all(|l| l.matches(',').count() == 13));
    }
}
