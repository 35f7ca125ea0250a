//! The documents of `eval` and `simulate`.

use super::{Document, float};
use crate::bea::Evaluated;
use crate::flow::{Event, FlowRun, Simulation, Slide};
use crate::warning::Warning;
use num_complex::Complex64;
use serde_json::{Map, Value, json};

/// The document of values at a point; a value that is missing or not finite is `null`, and where the evaluation itself
/// has no warning one is added that names the order.
#[must_use]
pub fn evaluation(evaluated: &Evaluated) -> Document {
    let mut warnings = evaluated.warnings.clone();
    let mut orders = Vec::new();
    for (n, order) in evaluated.orders.iter().enumerate() {
        let parts = [&order.value, &order.principal, &order.nonprincipal];
        if evaluated.warnings.is_empty() && parts.iter().any(|values| lacks(values)) {
            warnings
                .push(Warning::new("not-finite", format!("a value of f_{n} or of its parts is not a finite number")));
        }
        orders.push(json!({
            "order": n,
            "value": optional(&order.value),
            "principal": optional(&order.principal),
            "nonprincipal": optional(&order.nonprincipal),
        }));
    }
    let mut document = Document::new()
        .with("method", evaluated.method.as_str().into())
        .with("parameters", json!(evaluated.parameters))
        .with("at", evaluated.at.iter().map(|q| float(q.to_f64())).collect())
        .with("orders", Value::Array(orders));
    if let Some((h, field)) = &evaluated.field {
        if evaluated.warnings.is_empty() && lacks(field) {
            warnings
                .push(Warning::new("not-finite", format!("a value of the field at h = {h} is not a finite number")));
        }
        document = document.with("h", float(h.to_f64())).with("field", optional(field));
    }
    document.with_warnings(&warnings)
}

/// The document of a simulation: every list has one entry per time, `null` where there is none.
///
/// Each flow that lacks a value has at least one warning; one is added where the simulation itself gives none.
#[must_use]
pub fn simulation(simulation: &Simulation) -> Document {
    let steps = simulation.times.len();
    let mut warnings = simulation.warnings.clone();
    let iterates: Vec<Value> = (0..steps)
        .map(|step| {
            let iterate = simulation.iterates.get(step).and_then(Option::as_ref);
            iterate.filter(|x| x.iter().all(|x| x.is_finite())).map_or(Value::Null, |x| floats(x))
        })
        .collect();
    if let Some(step) = iterates.iter().position(Value::is_null)
        && !warnings.iter().any(|w| w.flow.is_none())
    {
        let message = format!("the optimizer's iterate is not finite from step {step}");
        warnings.push(Warning { step: Some(step), ..Warning::new("not-finite", message) });
    }
    let mut flows = Map::new();
    for flow in &simulation.flows {
        let trajectory: Vec<Value> = (0..steps).map(|step| state(flow, step)).collect();
        let error: Vec<Value> =
            (0..steps).map(|step| flow.error.get(step).copied().flatten().map_or(Value::Null, float)).collect();
        let missing = trajectory.iter().position(Value::is_null);
        if let Some(step) = missing
            && !warnings.iter().any(|w| w.flow.as_ref() == Some(&flow.name))
        {
            let message = format!("{} has no finite state at some steps, the first of them {step}", flow.name);
            let flow = Some(flow.name.clone());
            warnings.push(Warning { flow, step: Some(step), ..Warning::new("not-finite", message) });
        }
        let slid: Vec<bool> = (0..steps).map(|step| flow.has_slid(step)).collect();
        let slides: Vec<Value> = flow.slides.iter().map(slide).collect();
        flows.insert(
            flow.name.clone(),
            json!({"trajectory": trajectory, "error": error, "slid": slid, "slides": slides}),
        );
    }
    Document::new()
        .with("method", simulation.method.as_str().into())
        .with("parameters", json!(simulation.parameters))
        .with("h", float(simulation.h))
        .with("restart", simulation.restart.name().into())
        .with("times", floats(&simulation.times))
        .with("iterates", Value::Array(iterates))
        .with("flows", Value::Object(flows))
        .with("events", simulation.events.iter().map(event).collect())
        .with_warnings(&warnings)
}

/// An event: `flow` only where it has one.
fn event(event: &Event) -> Value {
    let mut value =
        json!({"code": event.code, "message": event.message, "time": float(event.time), "step": event.step});
    if let Some(flow) = &event.flow {
        value["flow"] = flow.as_str().into();
    }
    value
}

fn slide(slide: &Slide) -> Value {
    let z = slide.h_lambda;
    json!({"time": float(slide.time), "step": slide.step, "direction": slide.direction, "h_lambda": [float(z.re), float(z.im)]})
}

fn lacks(values: &[Option<f64>]) -> bool {
    values.iter().any(|x| !x.is_some_and(f64::is_finite))
}

fn optional(values: &[Option<f64>]) -> Value {
    values.iter().map(|x| x.map_or(Value::Null, float)).collect()
}

fn floats(values: &[f64]) -> Value {
    values.iter().map(|x| float(*x)).collect()
}

fn state(flow: &FlowRun, step: usize) -> Value {
    let state = flow.trajectory.get(step).and_then(Option::as_ref);
    let finite = state.filter(|x| x.iter().all(|z: &Complex64| z.re.is_finite() && z.im.is_finite()));
    finite.map_or(Value::Null, |x| x.iter().map(|z| Value::Array(vec![float(z.re), float(z.im)])).collect())
}
