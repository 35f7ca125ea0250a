//! Rows of training records, one object a line.

use super::{Document, float};
use crate::train::{AtSteps, Cell, Eigenvalues, Row, RunLabel, TrainMethod, Training};
use num_complex::Complex64;
use serde_json::{Map, Value, json};

/// A row as one line without its end: which run and step it is of, its cells, and `warnings` where there are some.
///
/// ```
/// use shadowflow::render::json::training_row;
/// use shadowflow::train::{Cell, Column, Row, RunLabel};
/// let run = RunLabel { optimizer: "gd".to_owned(), h_setting: None, seed: None };
/// let cells = vec![(Column::Loss, Cell::Number(Some(0.5))), (Column::Accuracy, Cell::Number(None))];
/// let row = Row { step: 3, run, branch: None, cells, distance: None, warnings: vec!["sliding"], reasons: Vec::new() };
/// assert_eq!(training_row(&row), r#"{"step":3,"optimizer":"gd","loss":0.5,"accuracy":null,"warnings":["sliding"]}"#);
/// ```
#[must_use]
pub fn training_row(row: &Row) -> String {
    let mut members = Map::new();
    let RunLabel { optimizer, h_setting, seed } = &row.run;
    members.insert("step".to_owned(), row.step.into());
    members.insert("optimizer".to_owned(), optimizer.as_str().into());
    if let Some(h) = h_setting {
        members.insert("h_setting".to_owned(), float(*h));
    }
    if let Some(seed) = seed {
        members.insert("seed".to_owned(), (*seed).into());
    }
    if let Some((branch, from)) = &row.branch {
        members.insert("branch".to_owned(), branch.as_str().into());
        members.insert("from".to_owned(), (*from).into());
        members.insert("distance".to_owned(), number(&row.distance));
    }
    for (column, cell) in &row.cells {
        members.insert(column.name().to_owned(), value(cell));
    }
    if !row.warnings.is_empty() {
        members.insert("warnings".to_owned(), row.warnings.iter().copied().collect());
    }
    Value::Object(members).to_string()
}

fn number(x: &Option<f64>) -> Value {
    x.map_or(Value::Null, float)
}

fn pair(z: &Option<Complex64>) -> Value {
    z.map_or(Value::Null, |z| Value::Array(vec![float(z.re), float(z.im)]))
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Number(x) => number(x),
        Cell::List(list) => list.as_ref().map_or(Value::Null, |list| list.iter().map(number).collect()),
        Cell::ComplexList(list) => list.as_ref().map_or(Value::Null, |list| list.iter().map(pair).collect()),
        Cell::Pair(two) => two.map_or(Value::Null, |two| two.iter().map(|x| float(*x)).collect()),
        Cell::Named(named) => Value::Object(named.iter().map(|(name, x)| (name.clone(), number(x))).collect()),
        Cell::ComplexNamed(named) => Value::Object(named.iter().map(|(name, z)| (name.clone(), pair(z))).collect()),
    }
}

/// The document beside a record: version, schema, and everything that was asked; no clock time stands in it, and nothing that does not change rows.
#[must_use]
pub fn training_settings(training: &Training, loss: &str) -> Document {
    let settings = training.settings();
    let optimizers: Vec<Value> = settings
        .optimizers
        .iter()
        .map(|o| {
            let mut members = json!({"name": o.name, "takes_batches": o.takes_batches && settings.batch.is_some()});
            let momentum = match &o.method {
                TrainMethod::Descent { momentum } => *momentum,
                TrainMethod::Adjusted(adjusted) => {
                    members["factor"] = float(adjusted.factor);
                    members["power"] = float(adjusted.power);
                    adjusted.momentum
                }
                TrainMethod::Recurrence(bound) => {
                    let values = bound.values().iter().map(|(name, value)| (name.clone(), value.to_string().into()));
                    members["hyper_parameters"] = Value::Object(values.collect());
                    None
                }
            };
            if let Some(m) = momentum {
                members["momentum"] = float(m);
            }
            members
        })
        .collect();
    let eigenvalues = match settings.eigenvalues {
        Eigenvalues::Count(n) => n.into(),
        Eigenvalues::All => "all".into(),
        Eigenvalues::Above(z, from) => json!({"above": float(z), "from": from}),
    };
    let at = |at: &AtSteps| match at {
        AtSteps::Every(n) => Value::from(*n),
        AtSteps::Listed(steps) => json!(steps),
    };
    let changes: Vec<Value> = settings.changes.iter().map(|(step, h)| json!([step, float(*h)])).collect();
    Document::new()
        .with("command", "train".into())
        .with("loss", loss.into())
        .with("fingerprint", format!("{:016x}", training.fingerprint()).into())
        .with("optimizers", optimizers.into())
        .with("h", settings.rates.iter().map(|h| float(*h)).collect())
        .with("h_at", changes.into())
        .with("h_max", number(&settings.cap))
        .with("seeds", json!(settings.seeds))
        .with("steps", settings.steps.into())
        .with("every", settings.every.into())
        .with("batch", json!(settings.batch))
        .with("order", settings.order.name().into())
        .with("columns", settings.columns.iter().map(|c| c.name()).collect())
        .with("eigenvalues", eigenvalues)
        .with("eigenvalues_every", at(&settings.eigenvalues_at))
        .with("hg_difference", number(&settings.difference))
        .with("flows", training.flow_names().into())
        .with("flows_every", at(&settings.flows_at))
        .with("branches", settings.branches.iter().map(ToString::to_string).collect())
        .with("branch_at", json!(settings.branch_at))
        .with("branch_steps", settings.branch_steps.into())
        .with("loss_goal", number(&settings.loss_goal))
        .with("accuracy_goal", number(&settings.accuracy_goal))
        .with("tolerance", float(settings.tolerance))
        .with("max_steps", settings.max_steps.into())
}
