//! The layout of JSON documents: what fits on a line stays on one, so that a term or a step is a line.

use serde_json::Value;

/// Values longer than this are broken into lines.
pub(super) const WIDTH: usize = 240;

/// A value as JSON text, ending in a line feed.
pub(super) fn layout(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out.push('\n');
    out
}

/// Recursion is bounded by the documents' own nesting, which no input deepens.
pub(super) fn write(value: &Value, indent: usize, out: &mut String) {
    let flat = |value: &Value| inline(value, WIDTH.saturating_sub(indent));
    match value {
        Value::Array(entries) if !entries.is_empty() => match flat(value) {
            Some(text) => out.push_str(&text),
            None => {
                let entries: Vec<(Option<&str>, &Value)> = entries.iter().map(|e| (None, e)).collect();
                broken(&entries, ['[', ']'], indent, out);
            }
        },
        Value::Object(map) if !map.is_empty() => match flat(value) {
            Some(text) if indent > 0 => out.push_str(&text),
            _ => {
                let entries: Vec<(Option<&str>, &Value)> = map.iter().map(|(k, v)| (Some(k.as_str()), v)).collect();
                broken(&entries, ['{', '}'], indent, out);
            }
        },
        other => out.push_str(&other.to_string()),
    }
}

fn broken(entries: &[(Option<&str>, &Value)], brackets: [char; 2], indent: usize, out: &mut String) {
    out.push(brackets[0]);
    for (at, (key, value)) in entries.iter().enumerate() {
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        out.extend(std::iter::repeat_n(' ', indent + 1));
        if let Some(key) = key {
            out.push_str(&Value::from(*key).to_string());
            out.push_str(": ");
        }
        write(value, indent + 1, out);
    }
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
    out.push(brackets[1]);
}

/// A value on one line, or `None` if it is longer than `room`.
fn inline(value: &Value, room: usize) -> Option<String> {
    let mut text = String::new();
    push_inline(value, room, &mut text).then_some(text)
}

fn push_inline(value: &Value, room: usize, out: &mut String) -> bool {
    match value {
        Value::Array(entries) => {
            out.push('[');
            for (at, entry) in entries.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                if !push_inline(entry, room, out) {
                    return false;
                }
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (at, (key, entry)) in map.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push_str(": ");
                if !push_inline(entry, room, out) {
                    return false;
                }
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
    out.len() <= room
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn breaks_only_what_is_long_and_gives_the_same_value_back() {
        let long: Vec<f64> = (0..99).map(f64::from).collect();
        let value = json!({"a\n": [1, [2.5, null]], "long": [long, {"b": {}}], "c": []});
        let text = layout(&value);
        assert!(text.starts_with("{\n \"a\\n\": [1, [2.5, null]],\n \"long\": [\n  [\n   0.0,\n"));
        assert!(text.ends_with("  {\"b\": {}}\n ],\n \"c\": []\n}\n"));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
