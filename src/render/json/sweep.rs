//! What a sweep was asked for.

use super::{Document, float};
use crate::flow::{AtCut, Restart};
use crate::render::About;
use crate::sweep::Sweep;
use serde_json::{Value, json};

/// The document beside the rows of a sweep: version, schema, and everything that changes a row; no clock time stands in it, nor which of the cases were run.
#[must_use]
pub fn sweep_settings(sweep: &Sweep) -> Document {
    let losses = sweep.losses.iter().map(|loss| {
        json!({
            "name": loss.name,
            "seed": loss.seed,
            "starts": loss.starts.len(),
            "fingerprint": format!("{:016x}", loss.fingerprint()),
        })
    });
    let options = &sweep.options;
    Document::new()
        .with("command", "sweep".into())
        .with("losses", losses.collect::<Vec<Value>>().into())
        .with("method", sweep.subject.optimizer().name().into())
        .about(&About::new(sweep.subject.optimizer()))
        .with("h", sweep.step_sizes.iter().map(ToString::to_string).collect())
        .with("flows", sweep.flows.iter().map(ToString::to_string).collect())
        .with("steps", sweep.steps.into())
        .with("cases", sweep.len().into())
        .with("tolerance", float(options.tolerance))
        .with("max_steps", options.max_steps.into())
        .with("flow_seconds", options.max_seconds.map_or(Value::Null, float))
        .with("at_cut", (if options.at_cut == AtCut::Stop { "stop" } else { "slide" }).into())
        .with("restart", (if options.restart == Restart::Each { "each" } else { "never" }).into())
}
