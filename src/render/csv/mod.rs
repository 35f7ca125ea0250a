//! Simulations, maps and stability as comma-separated values.

mod sweep;
mod training;

pub use sweep::SweepTable;
pub use training::TrainingTable;

use crate::flow::{FlowMap, LossSurface, MapValues, Simulation, Stability};
use rustc_hash::FxHashSet;
use std::fmt::Write as _;

/// A simulation as CSV (RFC 4180 with line feeds): a row a step, numbers with all their digits, missing ones empty.
///
/// A parameter whose name is that of another column or a part of it, such as `time`, is `param.time` in all its columns.
///
/// Columns: `step`, `time`, the parameters, `loss` and `h_lambda_0`; then for every flow `NAME.PARAMETER.re` and `NAME.PARAMETER.im` for each
/// parameter, `NAME.error`, `NAME.loss` and `NAME.h_lambda_0` as `….re` and `….im`, and `NAME.slid`: whether the state was reached by way of a
/// slide along a cut.
#[must_use]
pub fn simulation(simulation: &Simulation) -> String {
    let mut header = vec!["step".to_owned(), "time".to_owned()];
    let fixed = ["step", "time", "loss", "h_lambda_0", "error", "slid"];
    let flows = simulation.flows.iter().map(|flow| flow.name.as_str());
    let parameters = parameter_columns(&simulation.parameters, fixed.into_iter().chain(flows));
    header.extend(parameters.iter().cloned());
    header.extend(["loss", "h_lambda_0"].map(str::to_owned));
    for flow in &simulation.flows {
        for parameter in &parameters {
            header.extend(["re", "im"].map(|part| format!("{}.{parameter}.{part}", flow.name)));
        }
        header.push(format!("{}.error", flow.name));
        for level in ["loss", "h_lambda_0"] {
            header.extend(["re", "im"].map(|part| format!("{}.{level}.{part}", flow.name)));
        }
        header.push(format!("{}.slid", flow.name));
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
        for level in [&simulation.loss, &simulation.h_lambda_0] {
            push(&mut out, level.get(step).copied().flatten());
        }
        for flow in &simulation.flows {
            let state = flow.trajectory.get(step).and_then(Option::as_ref);
            for k in 0..simulation.parameters.len() {
                let entry = state.and_then(|x| x.get(k));
                push(&mut out, entry.map(|z| z.re));
                push(&mut out, entry.map(|z| z.im));
            }
            push(&mut out, flow.error.get(step).copied().flatten());
            for level in [&flow.loss, &flow.h_lambda_0] {
                let z = level.get(step).copied().flatten();
                push(&mut out, z.map(|z| z.re));
                push(&mut out, z.map(|z| z.im));
            }
            let _ = write!(out, ",{}", flow.has_slid(step));
        }
        out.push('\n');
    }
    out
}

/// A map as CSV: a row a point, `x` varying fastest, missing values empty.
///
/// Columns: the two parameters, then `PARAMETER.re` and `PARAMETER.im` of the field for each parameter, or `error`, or `growth`,
/// `h_lambda_largest` and `h_lambda_smallest`; `slid` last, for errors: whether the flow slid along a cut.
#[must_use]
pub fn map(map: &FlowMap) -> String {
    let (x, y) = (&map.grid.x, &map.grid.y);
    let fixed = ["field", "error", "growth", "h_lambda_largest", "h_lambda_smallest", "slid"];
    let names = match map.values {
        MapValues::Field(_) => parameter_columns(&map.parameters, fixed)
            .iter()
            .flat_map(|p| ["re", "im"].map(|part| format!("field.{p}.{part}")))
            .collect(),
        MapValues::Error(_) => vec!["error".to_owned()],
        MapValues::Stability(_) => ["growth", "h_lambda_largest", "h_lambda_smallest"].map(str::to_owned).to_vec(),
    };
    let axes = parameter_columns(&[x.name.clone(), y.name.clone()], fixed);
    let flag = matches!(map.values, MapValues::Error(_)).then(|| "slid".to_owned());
    let header: Vec<String> = axes.iter().chain(&names).chain(&flag).map(|name| quoted(name)).collect();
    let mut out = header.join(",");
    out.push('\n');
    for place in 0..map.grid.len() {
        let _ = write!(out, "{:?},{:?}", x.at(place % x.count), y.at(place / x.count));
        let numbers: Option<Vec<f64>> = match &map.values {
            MapValues::Field(values) => values[place].as_ref().map(|f| f.iter().flat_map(|z| [z.re, z.im]).collect()),
            MapValues::Error(values) => values[place].map(|e| vec![e]),
            MapValues::Stability(values) => values[place].map(|s| vec![s.growth, s.largest, s.smallest]),
        };
        for k in 0..names.len() {
            push(&mut out, numbers.as_ref().map(|n| n[k]));
        }
        if flag.is_some() {
            let _ = write!(out, ",{}", map.slid.binary_search(&place).is_ok());
        }
        out.push('\n');
    }
    out
}

/// The loss over a plane as CSV: a row a point, the first direction varying fastest, missing values empty. Columns: the two directions, `loss`.
#[must_use]
pub fn surface(surface: &LossSurface) -> String {
    let (x, y) = (&surface.grid.x, &surface.grid.y);
    let mut out = format!("{},{},loss\n", x.name, y.name);
    for (place, value) in surface.values.iter().enumerate() {
        let _ = write!(out, "{:?},{:?}", x.at(place % x.count), y.at(place / x.count));
        push(&mut out, *value);
        out.push('\n');
    }
    out
}

/// Stability as CSV: of a trajectory a row a step and eigendirection, else a row a critical point and eigendirection.
///
/// Columns of a trajectory: `step`, `direction`, the parameters, `loss`, `eigenvalue`, `h_lambda`, `case`, `gradient`, `overlap`,
/// the complex `stability_coefficient`, `energy_rate` and `predicted_pf` as `….re` and `….im`, `predicted_ngf`, `predicted_igr`, `actual` and
/// `actual_frozen`. Of points: `point`, `direction`, the parameters, `kind`, `eigenvalue`, `h_lambda`, `case` and for every flow
/// `NAME.jacobian.re`, `NAME.jacobian.im` and `NAME.attractive`.
#[must_use]
pub fn stability(stability: &Stability) -> String {
    if stability.trajectory.is_some() { along(stability) } else { points(stability) }
}

fn along(stability: &Stability) -> String {
    let mut header = vec!["step".to_owned(), "direction".to_owned()];
    let fixed = "step direction loss eigenvalue h_lambda case gradient overlap stability_coefficient energy_rate predicted_pf \
                 predicted_ngf predicted_igr actual actual_frozen";
    let parameters = parameter_columns(&stability.parameters, fixed.split_whitespace());
    header.extend(parameters.iter().map(|name| quoted(name)));
    header.extend(["loss", "eigenvalue", "h_lambda", "case", "gradient", "overlap"].map(str::to_owned));
    for name in ["stability_coefficient", "energy_rate", "predicted_pf"] {
        header.extend(["re", "im"].map(|part| format!("{name}.{part}")));
    }
    header.extend(["predicted_ngf", "predicted_igr", "actual", "actual_frozen"].map(str::to_owned));
    let mut out = header.join(",");
    out.push('\n');
    let steps = stability.trajectory.iter().flat_map(|t| t.steps.iter().enumerate());
    for (number, step) in steps.filter_map(|(k, step)| Some((k, step.as_ref()?))) {
        for (k, d) in step.directions.iter().enumerate() {
            let _ = write!(out, "{number},{k}");
            for x in step.at.iter().chain([&step.loss, &d.eigenvalue, &d.h_lambda]) {
                push(&mut out, Some(*x));
            }
            let _ = write!(out, ",{}", d.case);
            push(&mut out, Some(d.gradient));
            push(&mut out, d.overlap);
            for z in [d.stability_coefficient, d.energy_rate, d.predicted_pf] {
                push(&mut out, z.map(|z| z.re));
                push(&mut out, z.map(|z| z.im));
            }
            for x in [Some(d.predicted_ngf), Some(d.predicted_igr), d.actual, d.actual_frozen] {
                push(&mut out, x);
            }
            out.push('\n');
        }
    }
    out
}

fn points(stability: &Stability) -> String {
    let mut header = vec!["point".to_owned(), "direction".to_owned()];
    let flows = stability.points.iter().take(1).flat_map(|point| &point.flows).map(|flow| flow.name.as_str());
    let fixed = "point direction kind eigenvalue h_lambda case jacobian attractive".split_whitespace();
    let parameters = parameter_columns(&stability.parameters, fixed.chain(flows));
    header.extend(parameters.iter().map(|name| quoted(name)));
    header.extend(["kind", "eigenvalue", "h_lambda", "case"].map(str::to_owned));
    for flow in stability.points.iter().take(1).flat_map(|point| &point.flows) {
        header
            .extend(["jacobian.re", "jacobian.im", "attractive"].map(|part| quoted(&format!("{}.{part}", flow.name))));
    }
    let mut out = header.join(",");
    out.push('\n');
    for (number, point) in stability.points.iter().enumerate() {
        for (k, d) in point.directions.iter().enumerate() {
            let _ = write!(out, "{number},{k}");
            for x in &point.point.at {
                push(&mut out, Some(*x));
            }
            let _ = write!(out, ",{}", point.point.kind);
            push(&mut out, Some(d.eigenvalue));
            push(&mut out, Some(d.h_lambda));
            let _ = write!(out, ",{}", d.case);
            for flow in &point.flows {
                let z = flow.eigenvalues.get(k).copied().flatten();
                push(&mut out, z.map(|z| z.re));
                push(&mut out, z.map(|z| z.im));
                let _ = write!(out, ",{}", flow.attractive.map_or(String::new(), |yes| yes.to_string()));
            }
            out.push('\n');
        }
    }
    out
}

/// The names of the parameters' columns: `param.NAME` for one that is the name of another column or a part of it.
pub(super) fn parameter_columns<'a>(parameters: &[String], others: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let others: FxHashSet<&str> = others.into_iter().collect();
    let column = |name: &String| {
        let stem = name.split('[').next().unwrap_or(name);
        if others.contains(stem) { format!("param.{name}") } else { name.clone() }
    };
    parameters.iter().map(column).collect()
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
            "step,time,x,\"w[0, 1]\",loss,h_lambda_0,pf.x.re,pf.x.im,\"pf.w[0, 1].re\",\"pf.w[0, 1].im\",pf.error,pf.loss.re,pf.loss.im,pf.h_lambda_0.re,pf.h_lambda_0.im,pf.slid,ngf.x.re,ngf.x.im,\"ngf.w[0, 1].re\",\"ngf.w[0, 1].im\",ngf.error,ngf.loss.re,ngf.loss.im,ngf.h_lambda_0.re,ngf.h_lambda_0.im,ngf.slid"
        );
        assert_eq!(
            lines[1],
            "0,0.0,1.0,-0.5,0.625,1.5,1.0,0.0,-0.5,0.0,0.0,0.625,0.0,1.5,0.0,false,1.0,0.0,-0.5,0.0,0.0,0.625,0.0,1.5,0.0,false"
        );
        assert_eq!(
            lines[2],
            "1,0.1,0.30000000000000004,-0.25,0.1,0.30000000000000004,0.3,1e-300,-0.25,0.0,5.551115123125783e-17,0.1,1e-300,0.25,-0.5,true,,,,,,,,,,false"
        );
        assert_eq!(lines[3], "2,0.2,,,,,,,,,,,,,,true,,,,,,,,,,false");
        assert!(lines.iter().skip(1).all(|l| l.matches(',').count() == 25));
    }
}
