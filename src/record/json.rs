//! Rows of JSON lines.

use super::column::{BRANCH, FROM, H_SETTING, OPTIMIZER, Part, SEED, STEP, WORDS};
use super::error::RecordError;
use super::read::{Belongs, Reading};
use serde_json::{Map, Value};

impl Reading<'_> {
    /// One row as JSON.
    pub(super) fn json(&mut self, text: &str) -> Result<(), RecordError> {
        let row: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
            // Bytes of the line, from 1.
            let before = text.get(..error.column().saturating_sub(1)).map_or(0, |t| t.chars().count());
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default().to_owned();
            self.fault(before, format!("{what}; each line of a record is one JSON object"))
        })?;
        if !row.contains_key(STEP) {
            return Err(self.fault(0, format!("the row has no `{STEP}`, which every row of a record has")));
        }
        let at = |name: &str| text.find(&format!("\"{name}\"")).map_or(0, |at| text[..at].chars().count());
        let mut belongs = Belongs::default();
        for (name, value) in &row {
            let wrong =
                |what: &str| self.fault(at(name), format!("`{name}` is {}, where {what} belongs", shown(value)));
            let word = || match value {
                Value::Null => Ok(None),
                Value::String(text) => Ok(Some(text.clone())),
                Value::Number(number) => Ok(Some(number.to_string())),
                _ => Err(wrong("a name or a number")),
            };
            match name.as_str() {
                OPTIMIZER => belongs.run[0] = word()?,
                H_SETTING => belongs.run[1] = word()?,
                SEED => belongs.run[2] = word()?,
                BRANCH => belongs.branch = word()?,
                _ if WORDS.contains(&name.as_str()) => {}
                _ => {
                    let mut numbers = Vec::new();
                    if !flat(value, "", &mut numbers) {
                        return Err(wrong("a number, a list of numbers or numbers by name"));
                    }
                    if name == FROM {
                        belongs.from = numbers.first().map(|n| n.2);
                    }
                    if name == STEP {
                        belongs.step = value.as_f64();
                        belongs.step_at = at(name);
                    }
                    for (key, part, number) in numbers {
                        let place = self.field(name, &key, part);
                        self.put(place, number);
                    }
                }
            }
        }
        self.end(belongs)
    }
}

/// The numbers of a JSON value with their keys; `false` where it holds something else. `[re, im]` within a list or a dictionary is a complex number.
fn flat(value: &Value, key: &str, out: &mut Vec<(String, Part, f64)>) -> bool {
    let nested = |key: &str, value: &Value, out: &mut Vec<_>| match value {
        Value::Array(pair) => {
            let [re, im] = pair.as_slice() else { return false };
            let number = |value: &Value| match value {
                Value::Null => Some(f64::NAN),
                value => value.as_f64(),
            };
            let (Some(re), Some(im)) = (number(re), number(im)) else { return false };
            out.extend([(key.to_owned(), Part::Re, re), (key.to_owned(), Part::Im, im)]);
            true
        }
        Value::Object(_) => false,
        value => flat(value, key, out),
    };
    match value {
        Value::Null => {}
        Value::Bool(yes) => out.push((key.to_owned(), Part::Whole, f64::from(*yes))),
        Value::Number(number) => out.push((key.to_owned(), Part::Whole, number.as_f64().unwrap_or(f64::NAN))),
        Value::String(_) => return false,
        Value::Array(list) => return list.iter().enumerate().all(|(k, v)| nested(&k.to_string(), v, out)),
        Value::Object(map) => return map.iter().all(|(k, v)| nested(k, v, out)),
    }
    true
}

/// A value in a message.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 40 { text.chars().take(39).chain(['…']).collect() } else { text }
}
