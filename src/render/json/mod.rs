//! JSON documents, schema 1.
//!
//! Exact numbers are strings, floats have all their digits, complex numbers are `[re, im]`, and a value that could not be
//! computed is `null` with a reason in `warnings`.

mod check;
mod claim;
mod equation;
mod evaluation;
mod layout;
mod map;
mod numbers;
mod principal;
mod record;
mod stability;
mod stream;
mod sweep;
mod training;
mod verify;

pub use check::checks;
pub use claim::{claims, claims_of};
pub use equation::{concrete, equation, equation_about, orders};
pub use evaluation::evaluation;
pub use map::{map, surface};
pub use numbers::simulation;
pub use principal::principal;
pub use record::record;
pub use stability::stability;
pub use stream::EquationWriter;
pub use sweep::sweep_settings;
pub use training::{training_row, training_settings};
pub use verify::verified;

use crate::render::About;
use crate::warning::Warning;
use serde_json::{Map, Value, json};
use std::fmt;

/// The version of the documents' shape.
pub const SCHEMA: u32 = 1;

/// A document: members in the order in which they are shown.
///
/// ```
/// use shadowflow::render::json::Document;
/// let document = Document::new().with("answer", 42.into());
/// assert_eq!(document.value()["schema"], 1);
/// assert!(document.to_string().ends_with("\"answer\": 42\n}\n"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Document(Map<String, Value>);

impl Document {
    /// A document with `shadowflow`, the program's version, and `schema`.
    #[must_use]
    pub fn new() -> Self {
        Self(Map::new()).with("shadowflow", env!("CARGO_PKG_VERSION").into()).with("schema", SCHEMA.into())
    }

    /// The document with one more member, or another value for one it has.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// The document with what it is of behind its `method`: `hyper_parameters` with their values, `momentum` among them again by its
    /// own name, and the `variable` of a multistep method's modified equation.
    #[must_use]
    pub fn about(self, about: &About) -> Self {
        let mut members = Map::new();
        for (name, value) in self.0 {
            let is_method = name == "method";
            members.insert(name, value);
            if !is_method {
                continue;
            }
            if !about.hyper_parameters.is_empty() {
                let values =
                    about.hyper_parameters.iter().map(|(name, value)| (name.clone(), value.to_string().into()));
                members.insert("hyper_parameters".to_owned(), Value::Object(values.collect()));
            }
            let momentum = about.momentum().map(|momentum| ("momentum", momentum));
            for (name, value) in
                momentum.into_iter().chain(about.variable.map(|variable| ("variable", variable.to_owned())))
            {
                members.insert(name.to_owned(), value.into());
            }
        }
        Self(members)
    }

    /// A member, to change it.
    fn member_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.0.get_mut(name)
    }

    /// The document with its warnings as the last member.
    #[must_use]
    fn with_warnings(self, warnings: &[Warning]) -> Self {
        self.with("warnings", Value::Array(warnings.iter().map(warning).collect()))
    }

    /// The document as a value.
    #[must_use]
    pub fn value(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

impl Default for Document {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&layout::layout(&self.value()))
    }
}

/// A document in one line.
#[must_use]
pub fn line(document: &Document) -> String {
    document.value().to_string()
}

/// A warning: `flow`, `step` and `bound` only where it has them.
fn warning(warning: &Warning) -> Value {
    let mut value = json!({"code": warning.code, "message": warning.message});
    if let Some(flow) = &warning.flow {
        value["flow"] = flow.as_str().into();
    }
    if let Some(step) = warning.step {
        value["step"] = step.into();
    }
    if let Some(bound) = warning.bound {
        value["bound"] = float(bound);
    }
    value
}

/// A float, `null` if it is not finite.
fn float(x: f64) -> Value {
    serde_json::Number::from_f64(x).map_or(Value::Null, Value::Number)
}
