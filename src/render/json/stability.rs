//! The document of `stability`.

use super::{Document, float};
use crate::flow::{
    AlongDirection, Direction, FlowStability, OptimizerStability, PointStability, SearchCounts, Stability,
    StabilityStep, StepSizes,
};
use num_complex::Complex64;
use serde_json::{Map, Value, json};

/// The document of critical points with their flows, and of a trajectory's stability coefficients.
///
/// Sets of step sizes are lists of intervals `{"above": a, "below": b}`, ends not included, without `below` where they have no end. What
/// does not apply, such as a Jacobian by differentiation where none was asked for, is left out; a value that could not be computed is
/// `null`, and has a warning.
#[must_use]
pub fn stability(stability: &Stability) -> Document {
    let points: Vec<Value> = stability.points.iter().map(point).collect();
    let mut document = Document::new()
        .with("method", stability.method.as_str().into())
        .with("parameters", json!(stability.parameters))
        .with("h", float(stability.h))
        .with("search", search(&stability.search))
        .with("points", Value::Array(points));
    if let Some(trajectory) = &stability.trajectory {
        let steps = trajectory.steps.iter().map(|s| s.as_ref().map_or(Value::Null, step)).collect();
        document = document.with("steps", Value::Array(steps));
    }
    document.with_warnings(&stability.all_warnings())
}

fn search(counts: &SearchCounts) -> Value {
    json!({
        "starts": counts.starts,
        "converged": counts.converged,
        "found": counts.found,
        "outside": counts.outside,
        "away": counts.away,
        "unsettled": counts.unsettled,
        "stalled": counts.stalled,
        "kinks": counts.kinks,
        "undefined": counts.undefined,
    })
}

fn point(point: &PointStability) -> Value {
    let found = &point.point;
    let flows: Map<String, Value> = point.flows.iter().map(|f| (f.name.clone(), flow(f))).collect();
    let mut value = json!({
        "at": floats(&found.at),
        "kind": found.kind.name(),
        "loss": float(found.loss),
        "gradient_norm": float(found.gradient_norm),
        "eigenvalues": floats(&found.eigenvalues),
        "eigenvalue_uncertainties": floats(&found.uncertainties),
        "flows": flows,
        "directions": point.directions.iter().map(direction).collect::<Vec<_>>(),
    });
    if let Some(map) = &point.optimizer {
        value["optimizer"] = optimizer(map);
    }
    value
}

fn flow(flow: &FlowStability) -> Value {
    let eigenvalues: Vec<Value> = flow.eigenvalues.iter().map(|z| optional(*z)).collect();
    let mut value = json!({"jacobian_eigenvalues": eigenvalues, "attractive": flow.attractive});
    if let Some(sizes) = &flow.attractive_h {
        value["attractive_h"] = intervals(sizes);
    }
    if let Some(found) = &flow.differentiated {
        value["differentiated_eigenvalues"] = found.iter().map(|z| complex(*z)).collect();
    }
    if let Some(difference) = flow.difference {
        value["difference"] = float(difference);
    }
    value
}

fn optimizer(map: &OptimizerStability) -> Value {
    json!({"attractive": map.attractive, "attractive_h": intervals(&map.attractive_h)})
}

fn intervals(sizes: &StepSizes) -> Value {
    let interval = |(low, high): &(f64, f64)| {
        let mut value = json!({"above": float(*low)});
        if high.is_finite() {
            value["below"] = float(*high);
        }
        value
    };
    sizes.intervals().iter().map(interval).collect()
}

fn direction(direction: &Direction) -> Value {
    json!({
        "eigenvalue": float(direction.eigenvalue),
        "h_lambda": float(direction.h_lambda),
        "case": direction.case.name(),
        "alpha": optional(direction.alpha),
        "stability_coefficient": optional(direction.stability_coefficient),
        "eigenvector": floats(&direction.eigenvector),
    })
}

fn step(step: &StabilityStep) -> Value {
    json!({
        "at": floats(&step.at),
        "loss": float(step.loss),
        "loss_change": step.loss_change.map_or(Value::Null, float),
        "energy_rate": optional(step.energy_rate()),
        "directions": step.directions.iter().map(along).collect::<Vec<_>>(),
    })
}

fn along(along: &AlongDirection) -> Value {
    json!({
        "eigenvalue": float(along.eigenvalue),
        "h_lambda": float(along.h_lambda),
        "case": along.case.name(),
        "gradient": float(along.gradient),
        "stability_coefficient": optional(along.stability_coefficient),
        "energy_rate": optional(along.energy_rate),
        "predicted": {
            "ngf": float(along.predicted_ngf),
            "igr": float(along.predicted_igr),
            "pf": optional(along.predicted_pf),
        },
        "actual": along.actual.map_or(Value::Null, float),
        "actual_frozen": along.actual_frozen.map_or(Value::Null, float),
        "overlap": along.overlap.map_or(Value::Null, float),
    })
}

fn floats(values: &[f64]) -> Value {
    values.iter().map(|x| float(*x)).collect()
}

fn optional(z: Option<Complex64>) -> Value {
    z.map_or(Value::Null, complex)
}

fn complex(z: Complex64) -> Value {
    if z.is_finite() { Value::Array(vec![float(z.re), float(z.im)]) } else { Value::Null }
}
