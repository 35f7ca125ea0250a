//! The document of `map`.

use super::{Document, float};
use crate::flow::{Axis, FlowMap, LocalStability, LossSurface, MapValues, PlaneName, Quantity};
use num_complex::Complex64;
use serde_json::{Map, Value, json};

/// The document of a map: `values` has a list for every value of `y`, `null` where there is no value.
///
/// `missing` counts the points without a value by reason, and `slid` tells those whose flow slid along a cut. An entry is `[[re, im], …]` for the field, a float for errors, and `{"growth", "largest", "smallest"}` for stability.
#[must_use]
pub fn map(map: &FlowMap) -> Document {
    let (quantity, steps) = match map.quantity {
        Quantity::Field => ("field", None),
        Quantity::Error { steps } => ("error", Some(steps)),
        Quantity::Stability => ("stability", None),
    };
    let columns = map.grid.x.count;
    let values = match &map.values {
        MapValues::Field(values) => rows(values, columns, |f: &Vec<Complex64>| {
            f.iter().map(|z| Value::Array(vec![float(z.re), float(z.im)])).collect()
        }),
        MapValues::Error(values) => rows(values, columns, |e: &f64| float(*e)),
        MapValues::Stability(values) => rows(
            values,
            columns,
            |s: &LocalStability| json!({"growth": float(s.growth), "largest": float(s.largest), "smallest": float(s.smallest)}),
        ),
    };
    let varies = |k: usize| k == map.grid.x.parameter || k == map.grid.y.parameter;
    let fixed = map.parameters.iter().zip(&map.at).enumerate().filter(|(k, _)| !varies(*k));
    let fixed: Map<String, Value> = fixed.map(|(_, (name, x))| (name.clone(), float(*x))).collect();
    let mut document = Document::new()
        .with("method", map.method.as_str().into())
        .with("parameters", json!(map.parameters))
        .with("h", float(map.h))
        .with("flow", map.flow.as_str().into())
        .with("quantity", quantity.into());
    if let Some(steps) = steps {
        document = document.with("steps", steps.into());
    }
    document
        .with("x", axis(&map.grid.x))
        .with("y", axis(&map.grid.y))
        .with("fixed", Value::Object(fixed))
        .with("values", values)
        .with(
            "missing",
            map.missing.iter().map(|m| json!({"code": m.outcome.code(), "count": m.places.len()})).collect(),
        )
        .with("slid", slid(map))
        .with_warnings(&map.warnings)
}

/// The document of a loss over a plane: `values` has a list for every value of `y`, `null` where the loss is not finite.
#[must_use]
pub fn surface(surface: &LossSurface) -> Document {
    let plane = &surface.plane;
    let mut about = match &plane.name {
        PlaneName::Eigenvectors(which) => json!({"kind": "eigenvectors", "indices": which}),
        PlaneName::Random(seed) => json!({"kind": "random", "seed": seed, "normalised": "filters"}),
        PlaneName::Points(files) => json!({"kind": "points", "files": files}),
    };
    if let Some(values) = plane.eigenvalues {
        about["eigenvalues"] = values.map(float).to_vec().into();
    }
    about["lengths"] = plane.lengths().map(float).to_vec().into();
    about["cosine"] = float(plane.cosine());
    let missing = surface.values.iter().filter(|v| v.is_none()).count();
    let missing = if missing > 0 { json!([{"code": "not-finite", "count": missing}]) } else { json!([]) };
    Document::new()
        .with("quantity", "loss".into())
        .with("plane", about)
        .with("loss", surface.center.map_or(Value::Null, float))
        .with("x", axis(&surface.grid.x))
        .with("y", axis(&surface.grid.y))
        .with("values", rows(&surface.values, surface.grid.x.count, |v: &f64| float(*v)))
        .with("missing", missing)
        .with_warnings(&surface.warnings)
}

/// Whether the flow slid, a list for every value of `y`; empty where no flow did.
fn slid(map: &FlowMap) -> Value {
    if map.slid.is_empty() {
        return json!([]);
    }
    let mut flags = vec![Some(false); map.grid.len()];
    map.slid.iter().for_each(|place| flags[*place] = Some(true));
    rows(&flags, map.grid.x.count, |slid: &bool| (*slid).into())
}

fn axis(axis: &Axis) -> Value {
    json!({"parameter": axis.name, "from": float(axis.from), "to": float(axis.to), "count": axis.count})
}

fn rows<T>(values: &[Option<T>], columns: usize, entry: impl Fn(&T) -> Value) -> Value {
    let row = |row: &[Option<T>]| -> Value { row.iter().map(|v| v.as_ref().map_or(Value::Null, &entry)).collect() };
    values.chunks(columns.max(1)).map(row).collect()
}
