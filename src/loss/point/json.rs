//! Points of parameter space in JSON files, every digit kept.

use super::{Place, PointError, fill_all, vacant};
use crate::expr::Pool;
use crate::number::Rational;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::path::Path;

/// Longer numbers are refused, as in the loss language.
const MAX_DIGITS: usize = 10_000;

/// Reads an object of names and numbers, or of lists of these, or a flat list of all entries.
pub(super) fn from_json(path: &Path, text: &str, pool: &Pool) -> Result<Vec<Option<Rational>>, PointError> {
    let reader = Reader { path, text };
    let whole: &RawValue = serde_json::from_str(text).map_err(|e| reader.unreadable(&e))?;
    let mut point = vec![None; pool.dimension()];
    if let Some(items) = reader.list(whole)? {
        let values = items.into_iter().map(|item| reader.number(item)).collect::<Result<_, _>>()?;
        fill_all(&mut point, values).map_err(|reason| reader.bad(whole, &reason))?;
        return Ok(point);
    }
    if !whole.get().starts_with('{') {
        return Err(reader.bad(whole, "expected an object of names and numbers, or a flat list of all numbers"));
    }
    let Members(members) = serde_json::from_str(whole.get()).map_err(|e| reader.unreadable(&e))?;
    for (name, value) in members {
        let place = vacant(&mut point, pool, &name).map_err(|e| reader.bad(value, &e.to_string()))?;
        let mut values = Vec::with_capacity(place.size());
        reader.nested(value, &place, 0, &mut values)?;
        place.fill(&mut point, values);
    }
    Ok(point)
}

/// The members of an object in their order, repetitions included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of names and numbers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = access.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl<'a> Reader<'a> {
    /// The items of a list; `None` for anything else.
    fn list(&self, value: &'a RawValue) -> Result<Option<Vec<&'a RawValue>>, PointError> {
        if !value.get().starts_with('[') {
            return Ok(None);
        }
        serde_json::from_str(value.get()).map(Some).map_err(|e| self.unreadable(&e))
    }

    /// The numbers of lists within lists, row-major, at a depth of them.
    fn nested(
        &self,
        value: &'a RawValue,
        place: &Place<'_>,
        depth: usize,
        values: &mut Vec<Rational>,
    ) -> Result<(), PointError> {
        let Some(items) = self.list(value)? else {
            // What is no number says so, whatever stands here.
            let number = self.number(value)?;
            place.check_number(depth).map_err(|e| self.bad(value, &e.to_string()))?;
            values.push(number);
            return Ok(());
        };
        place.check_list(depth, items.len()).map_err(|e| self.bad(value, &e.to_string()))?;
        items.into_iter().try_for_each(|item| self.nested(item, place, depth + 1, values))
    }

    /// An exact number: as JSON writes numbers, or a string such as `"2/3"`.
    fn number(&self, value: &RawValue) -> Result<Rational, PointError> {
        let text = value.get();
        if text.len() > MAX_DIGITS {
            let length = text.len();
            return Err(
                self.bad(value, &format!("{length} characters are beyond the limit of {MAX_DIGITS} for a number"))
            );
        }
        let shown = shorten(text);
        match text.as_bytes().first() {
            Some(b'"') => {
                let inner: String = serde_json::from_str(text).map_err(|e| self.unreadable(&e))?;
                inner.parse().map_err(|e: crate::number::ParseRationalError| self.bad(value, &e.to_string()))
            }
            Some(b'-' | b'0'..=b'9') => {
                text.parse().map_err(|e: crate::number::ParseRationalError| self.bad(value, &e.to_string()))
            }
            Some(b'[') => Err(self.bad(value, &format!("{shown} is a list within a list, where a number is expected"))),
            _ => Err(self.bad(value, &format!("{shown} is not a number"))),
        }
    }

    /// A fault at a value, which is a part of the text.
    fn bad(&self, value: &RawValue, reason: &str) -> PointError {
        let offset = value.get().as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        let before = self.text.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.error(line, column, reason)
    }

    fn error(&self, line: usize, column: usize, reason: &str) -> PointError {
        PointError::Located { path: self.path.to_owned(), line, column, reason: reason.to_owned() }
    }

    /// A fault of the JSON itself. JSON counts columns in bytes.
    fn unreadable(&self, error: &serde_json::Error) -> PointError {
        let line = self.text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
        let at = error.column().saturating_sub(1).min(line.len());
        let at = (0..=at).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
        let rest = line[at..].trim_start_matches('-');
        let word = ["NaN", "Infinity", "nan", "inf"].into_iter().find(|word| rest.starts_with(word));
        let message = error.to_string();
        let reason = match (word, message.rsplit_once(" at line ")) {
            (Some(word), _) => format!("{word} is no number, and a point needs numbers"),
            (None, Some((reason, _))) => format!("this is no JSON: {reason}"),
            (None, None) => format!("this is no JSON: {message}"),
        };
        self.error(error.line(), line[..at].chars().count() + 1, &reason)
    }
}

/// The first characters of a text that may be of any length.
fn shorten(text: &str) -> String {
    crate::loss::suggest::short(text).replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Shape;

    fn read(text: &str) -> Result<Vec<Option<Rational>>, String> {
        let mut pool = Pool::new();
        pool.declare_parameter("x", Shape::scalar());
        pool.declare_parameter("w", Shape::vector(2));
        from_json(Path::new("p.json"), text, &pool).map_err(|e| e.to_string())
    }

    #[test]
    fn numbers_are_read_digit_by_digit() {
        for (written, exact) in [
            ("117.63331394000100000001", "11763331394000100000001/100000000000000000000"),
            ("117.63331139400017", "11763331139400017/100000000000000"),
            ("0.1", "1/10"),
            ("-2.5E+1", "-25"),
            ("1e2", "100"),
            ("-0", "0"),
            ("18446744073709551617", "18446744073709551617"),
            ("\"2/3\"", "2/3"),
            ("\" -1e-3/2 \"", "-1/2000"),
        ] {
            let exact: Rational = exact.parse().unwrap();
            assert_eq!(read(&format!("{{\"x\": {written}}}")), Ok(vec![Some(exact.clone()), None, None]), "{written}");
            let list = read(&format!("[1, {written}, 3]")).unwrap();
            assert_eq!(list[1], Some(exact.clone()), "{written}");
            assert_eq!(read(&format!("{{\"w\": [0, {written}]}}")).unwrap()[2], Some(exact), "{written}");
        }
        let tiny = read("{\"x\": 1e-400}").unwrap().swap_remove(0).unwrap();
        assert!(!tiny.is_zero() && tiny == Rational::from(10).pow(-400).unwrap());
    }

    #[test]
    fn faults_have_places() {
        for (text, message) in [
            ("{\"x\": NaN}", "p.json:1:7: NaN is no number, and a point needs numbers"),
            ("{\"x\":\n -Infinity}", "p.json:2:3: Infinity is no number, and a point needs numbers"),
            ("{\"x\": 1, \"x\": 2}", "p.json:1:15: `x` is given twice"),
            ("{\"w\": [1, 2], \"w[0]\": 2}", "p.json:1:23: `w[0]` is given twice"),
            ("{\"é\": 1,\n  \"v\": 2}", "p.json:1:7: `é` is not a parameter of this loss, whose parameters are x, w"),
            ("{\"x\": [1]}", "p.json:1:7: `x` is one number, not a list"),
            ("{\"w\": 1}", "p.json:1:7: `w` is an array and needs a list, as in w=[0.1,-2]"),
            ("{\"w\": [[1, 2], 3]}", "p.json:1:8: `w` has a list within a list, and its entries are numbers"),
            ("{\"w\": [1, 2, 3]}", "p.json:1:7: `w` has 2 entries, but 3 given"),
            ("{\"w[0]\": [1]}", "p.json:1:10: `w[0]` is one number, not a list"),
            ("{\"x\": null}", "p.json:1:7: null is not a number"),
            ("{\"x\": {\"y\": 1}}", "p.json:1:7: {\"y\": 1} is not a number"),
            ("{\"x\": \"a\"}", "p.json:1:7: `a` is not an exact number"),
            ("{\"x\": \"1/0\"}", "p.json:1:7: `1/0` divides by zero"),
            ("[1, 2]", "p.json:1:1: 2 values, but the loss has 3 parameters"),
            ("[[1, 2], 3]", "p.json:1:2: [1, 2] is a list within a list, where a number is expected"),
            ("3", "p.json:1:1: expected an object of names and numbers"),
            ("{\"x\": 01}", "p.json:1:8: this is no JSON: invalid number"),
            ("{\"x\": 1", "p.json:1:7: this is no JSON: EOF while parsing an object"),
            ("", "p.json:1:1: this is no JSON: EOF while parsing a value"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(message), "{text}: {error}");
        }
        let mut pool = Pool::new();
        pool.declare_parameter("W", Shape::new(&[2, 3]));
        let read_matrix = |text: &str| from_json(Path::new("p.json"), text, &pool).map_err(|e| e.to_string());
        for (text, message) in [
            (
                "{\"W\": [[1, 2], [3, 4], [5, 6]]}",
                "p.json:1:7: `W` has the shape [2, 3] and needs 2 lists of 3 numbers",
            ),
            ("{\"W\": [[1, 2, 3],\n [4, 5]]}", "p.json:2:2: `W` has the shape [2, 3]"),
            ("{\"W\": [1, 2]}", "p.json:1:8: `W` has the shape [2, 3]"),
            ("{\"W\": [[1, 2, 3], [4, 5, [6]]]}", "p.json:1:26: `W` has the shape [2, 3]"),
            ("{\"W\": 1}", "p.json:1:7: `W` has the shape [2, 3]"),
            ("{\"W\": [[1, 2, 3], [4, 5, null]]}", "p.json:1:26: null is not a number"),
            ("{\"W\": [[1, 2, 3], null]}", "p.json:1:19: null is not a number"),
        ] {
            let error = read_matrix(text).unwrap_err();
            assert!(error.starts_with(message), "{text}: {error}");
        }
        let matrix: Vec<Rational> =
            read_matrix("{\"W\": [[1, 2, 3], [4, 5, 6]]}").unwrap().into_iter().flatten().collect();
        assert_eq!(matrix, (1..7).map(Rational::from).collect::<Vec<_>>());
        let deep = format!("{{\"x\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(read(&deep).is_err());
        assert!(read(&format!("{{\"x\": {}}}", "1".repeat(20_000))).unwrap_err().contains("limit"));
    }
}
