//! Values at a point, and the document of `simulate`.

use super::{Document, float};
use crate::concrete::Evaluated;
use crate::flow::{Event, FlowRun, Simulation, Slide};
use num_complex::Complex64;
use serde_json::{Map, Value, json};

/// The members of `f_0..f_N` at a point; a value that is missing or not finite is `null`.
pub(super) fn values(evaluated: &Evaluated) -> Document {
    let mut orders = Vec::new();
    for (n, order) in evaluated.orders.iter().enumerate() {
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
        document = document.with("h", float(h.to_f64())).with("field", optional(field));
    }
    document
}

/// The document of a simulation: every list has one entry per time, `null` where there is none.
#[must_use]
pub fn simulation(simulation: &Simulation) -> Document {
    let steps = simulation.times.len();
    let iterates: Vec<Value> = (0..steps)
        .map(|step| {
            let iterate = simulation.iterates.get(step).and_then(Option::as_ref);
            iterate.filter(|x| x.iter().all(|x| x.is_finite())).map_or(Value::Null, |x| floats(x))
        })
        .collect();
    let mut flows = Map::new();
    for flow in &simulation.flows {
        let trajectory: Vec<Value> = (0..steps).map(|step| state(flow, step)).collect();
        let error = list(&flow.error, steps, float);
        let (loss, top) = (list(&flow.loss, steps, pair), list(&flow.h_lambda_0, steps, pair));
        let slid: Vec<bool> = (0..steps).map(|step| flow.has_slid(step)).collect();
        let slides: Vec<Value> = flow.slides.iter().map(slide).collect();
        let entry = json!({"trajectory": trajectory, "error": error, "loss": loss, "h_lambda_0": top, "slid": slid, "slides": slides});
        flows.insert(flow.name.clone(), entry);
    }
    Document::new()
        .with("method", simulation.method.as_str().into())
        .with("parameters", json!(simulation.parameters))
        .with("h", float(simulation.h))
        .with("restart", simulation.restart.name().into())
        .with("times", floats(&simulation.times))
        .with("iterates", Value::Array(iterates))
        .with("loss", list(&simulation.loss, steps, float))
        .with("h_lambda_0", list(&simulation.h_lambda_0, steps, float))
        .with("flows", Value::Object(flows))
        .with("events", simulation.events.iter().map(event).collect())
        .with_warnings(&simulation.warnings)
}

/// As many entries as there are times, `null` where there is none.
fn list<T: Copy>(values: &[Option<T>], length: usize, entry: fn(T) -> Value) -> Value {
    (0..length).map(|k| values.get(k).copied().flatten().map_or(Value::Null, entry)).collect()
}

/// A complex number, `null` if it is not finite.
pub(super) fn pair(z: Complex64) -> Value {
    if z.is_finite() { Value::Array(vec![float(z.re), float(z.im)]) } else { Value::Null }
}

/// An event: `flow` only where it has one.
fn event(event: &Event) -> Value {
    let mut value = json!({"code": event.code, "message": event.message, "time": float(event.time), "step": event.step, "count": event.count, "last_time": float(event.last_time)});
    if let Some(flow) = &event.flow {
        value["flow"] = flow.as_str().into();
    }
    value
}

fn slide(slide: &Slide) -> Value {
    let z = slide.h_lambda;
    json!({"time": float(slide.time), "step": slide.step, "direction": slide.direction, "h_lambda": [float(z.re), float(z.im)]})
}

fn optional(values: &[Option<f64>]) -> Value {
    values.iter().map(|x| x.map_or(Value::Null, float)).collect()
}

pub(super) fn floats(values: &[f64]) -> Value {
    values.iter().map(|x| float(*x)).collect()
}

fn state(flow: &FlowRun, step: usize) -> Value {
    let state = flow.trajectory.get(step).and_then(Option::as_ref);
    let finite = state.filter(|x| x.iter().all(|z: &Complex64| z.re.is_finite() && z.im.is_finite()));
    finite.map_or(Value::Null, |x| x.iter().map(|z| Value::Array(vec![float(z.re), float(z.im)])).collect())
}
