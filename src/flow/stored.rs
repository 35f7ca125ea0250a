//! Simulations read back from the documents that hold them.

use super::{FlatFlow, FlatSimulation};
use num_complex::Complex64;
use serde_json::Value;

/// A simulation as it is stored, in flat arrays: the document of [`render::json::simulation`](crate::render::json::simulation), which
/// `simulate --format json` prints and the Python package pickles.
///
/// A number that is missing or not finite is NaN. Warnings, events and what else stands in the document stay there.
///
/// ```
/// use shadowflow::flow::{IntegratorOptions, StoredSimulation, Subject, model_of, simulate_for};
/// use shadowflow::{loss::{Loss, Options}, optimizer::BoundOptimizer, render::json};
/// let loss = Loss::inline("x^4/4", &["x".to_owned()], &Options::default())?;
/// let mut model = model_of(loss.expression.clone(), std::num::NonZeroUsize::MIN)?;
/// let subject = Subject::new(&BoundOptimizer::gradient_descent())?;
/// let run = simulate_for(&subject, &mut *model, &"1/10".parse()?, 3, &[1.0], &["pf".parse()?], &IntegratorOptions::default())?;
/// let text = json::simulation(&run).to_string();
/// let stored = StoredSimulation::from_json(&serde_json::from_str(&text)?)?;
/// assert_eq!((stored.arrays, stored.times), (run.flat(), run.times));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSimulation {
    /// The optimizer's name.
    pub method: String,
    /// The name of every entry of θ.
    pub parameters: Vec<String>,
    /// The step size.
    pub h: f64,
    /// The times, one per iterate.
    pub times: Vec<f64>,
    /// Iterates, losses, eigenvalues, and the flows.
    pub arrays: FlatSimulation,
}

/// Why a document holds no simulation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the document holds no simulation: `{member}` is no {expected}")]
pub struct ReadSimulationError {
    /// The member that is wrong, such as `flows.pf.error`.
    pub member: String,
    /// What it should be.
    pub expected: String,
}

type Read<T> = Result<T, ReadSimulationError>;

fn wrong<T>(member: &str, expected: impl Into<String>) -> Read<T> {
    Err(ReadSimulationError { member: member.to_owned(), expected: expected.into() })
}

impl StoredSimulation {
    /// Reads the document of a simulation.
    ///
    /// # Errors
    /// [`ReadSimulationError`], with the member that is wrong.
    pub fn from_json(document: &Value) -> Read<Self> {
        let Some(method) = document["method"].as_str() else { return wrong("method", "text") };
        let names =
            document["parameters"].as_array().into_iter().flatten().map(|name| name.as_str().map(str::to_owned));
        let parameters: Option<Vec<String>> = names.collect();
        let Some(parameters) = parameters.filter(|_| document["parameters"].is_array()) else {
            return wrong("parameters", "list of names");
        };
        let Some(times) = document["times"].as_array() else { return wrong("times", "list of numbers") };
        let (rows, columns) = (times.len(), parameters.len());
        let times = list(&document["times"], "times", rows, &real)?;
        let Some(flows) = document["flows"].as_object() else { return wrong("flows", "object of flows") };
        let flow = |(name, flow): (&String, &Value)| {
            let member = |own: &str| format!("flows.{name}.{own}");
            let slid =
                match flow["slid"].as_array().map(|all| all.iter().map(Value::as_bool).collect::<Option<Vec<_>>>()) {
                    Some(Some(slid)) if slid.len() == rows => slid,
                    _ => return wrong(&member("slid"), format!("list of {rows} truth values")),
                };
            Ok(FlatFlow {
                name: name.clone(),
                trajectory: table(&flow["trajectory"], &member("trajectory"), rows, columns, &complex)?,
                error: list(&flow["error"], &member("error"), rows, &real)?,
                loss: list(&flow["loss"], &member("loss"), rows, &complex)?,
                h_lambda_0: list(&flow["h_lambda_0"], &member("h_lambda_0"), rows, &complex)?,
                slid,
            })
        };
        let arrays = FlatSimulation {
            rows,
            columns,
            iterates: table(&document["iterates"], "iterates", rows, columns, &real)?,
            loss: list(&document["loss"], "loss", rows, &real)?,
            h_lambda_0: list(&document["h_lambda_0"], "h_lambda_0", rows, &real)?,
            flows: flows.iter().map(flow).collect::<Read<_>>()?,
        };
        let Some(h) = document["h"].as_f64() else { return wrong("h", "number") };
        Ok(Self { method: method.to_owned(), parameters, h, times, arrays })
    }

    /// The states of a flow between the times, where the document has them in `flows.NAME.path`: rows × entries of θ.
    ///
    /// # Errors
    /// [`ReadSimulationError`].
    pub fn path(document: &Value, flow: &str, columns: usize) -> Read<Vec<Complex64>> {
        let path = &document["flows"][flow]["path"];
        let rows = path.as_array().map_or(0, Vec::len);
        if path.is_null() {
            Ok(Vec::new())
        } else {
            table(path, &format!("flows.{flow}.path"), rows, columns, &complex)
        }
    }
}

/// A number, NaN for what is missing.
fn real(value: &Value) -> Option<f64> {
    if value.is_null() { Some(f64::NAN) } else { value.as_f64() }
}

/// A pair of numbers.
fn complex(value: &Value) -> Option<Complex64> {
    match value.as_array().map(Vec::as_slice) {
        None if value.is_null() => Some(Complex64::new(f64::NAN, f64::NAN)),
        Some([re, im]) => Some(Complex64::new(real(re)?, real(im)?)),
        _ => None,
    }
}

/// So many entries.
fn list<T>(value: &Value, member: &str, length: usize, entry: &dyn Fn(&Value) -> Option<T>) -> Read<Vec<T>> {
    let found = value.as_array().and_then(|all| all.iter().map(entry).collect::<Option<Vec<T>>>());
    match found {
        Some(found) if found.len() == length => Ok(found),
        _ => wrong(member, format!("list of {length} numbers")),
    }
}

/// So many rows of so many entries; a row that is missing has none.
fn table<T>(
    value: &Value,
    member: &str,
    rows: usize,
    columns: usize,
    entry: &dyn Fn(&Value) -> Option<T>,
) -> Read<Vec<T>> {
    let Some(all) = value.as_array().filter(|all| all.len() == rows) else {
        return wrong(member, format!("list of {rows} rows"));
    };
    let mut flat = Vec::new();
    for (k, row) in all.iter().enumerate() {
        if row.is_null() {
            flat.extend((0..columns).filter_map(|_| entry(&Value::Null)));
        } else {
            flat.extend(list(row, &format!("{member}[{k}]"), columns, entry)?);
        }
    }
    Ok(flat)
}
