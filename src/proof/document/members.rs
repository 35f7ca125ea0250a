//! Documents as JSON: read without losing anything, and without members that nobody checks.

use super::{VerifyError, VerifyFailure};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Refuses members other than these: what is not known cannot be checked. Neither can what is null.
pub(super) fn only(value: &Value, place: &str, members: &[&str]) -> Result<(), VerifyFailure> {
    let Some(object) = value.as_object() else {
        return Err(VerifyFailure::at(place, format!("it is no object with the members {}", members.join(", "))));
    };
    let at = |key: &str| if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") };
    if let Some((key, _)) = object.iter().find(|(key, value)| value.is_null() && members.contains(&key.as_str())) {
        return Err(VerifyFailure::at(&at(key), "it is null, which says nothing".to_owned()));
    }
    match object.keys().find(|key| !members.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => {
            let place = at(key);
            let known = members.join(", ");
            Err(VerifyFailure::at(
                &place,
                format!("no such member is known, so nothing vouches for it; known are {known}"),
            ))
        }
    }
}

/// Reads a document's bytes. Unlike a plain reader of JSON it refuses a member that stands twice in one object, of which
/// another reader may see the other value.
///
/// ```
/// use shadowflow::proof::document::read_document;
/// assert!(read_document(br#"{"method": "gradient-descent"}"#).is_ok());
/// let error = read_document(br#"{"method": "nesterov", "method": "gradient-descent"}"#).unwrap_err();
/// assert!(error.to_string().contains("`method` stands twice"));
/// ```
///
/// # Errors
/// [`VerifyError::Json`] with the place.
pub fn read_document(bytes: &[u8]) -> Result<Value, VerifyError> {
    serde_json::from_slice::<Single>(bytes).map(|s| s.0).map_err(|e| VerifyError::Json(e.to_string()))
}

/// A JSON value whose objects have every member once.
struct Single(Value);

impl<'de> Deserialize<'de> for Single {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SingleVisitor).map(Self)
    }
}

struct SingleVisitor;

impl<'de> Visitor<'de> for SingleVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Single(value)) = access.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let Single(value) = access.next_value()?;
            if members.contains_key(&key) {
                return Err(A::Error::custom(format!("the member `{key}` stands twice")));
            }
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}
