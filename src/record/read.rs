//! Reading records: JSON lines or CSV, whole or while they are written.

use super::column::{BRANCH, FROM, H_SETTING, OPTIMIZER, Part, SEED, STEP, WORDS, taken_apart};
use super::error::RecordError;
use super::rows::{Branch, Field, Record, Run};
use crate::budget;
use crate::file::{read_from, read_limited};
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};
use std::io::Read;
use std::path::Path;

/// The longest record that is read, in bytes.
const MOST_BYTES: u64 = 4 << 30;

/// Between two looks at the clock, so many lines.
const STRIDE: usize = 1024;

impl Record {
    /// Reads a record, CSV or JSON lines, which its first character tells.
    ///
    /// A run may be writing it: a last line without an end that is no whole row, or may not be one, is left out.
    ///
    /// # Errors
    /// [`RecordError`], with the line and the column of what is wrong.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, RecordError> {
        let name = path.as_ref().display().to_string();
        let unread = |source| RecordError::Read { path: name.clone(), source };
        Self::parse(&name, &read_limited(path.as_ref(), MOST_BYTES).map_err(unread)?)
    }

    /// Reads a record from a stream, such as standard input.
    ///
    /// # Errors
    /// As [`Record::read`].
    pub fn from_reader(reader: &mut dyn Read, name: &str) -> Result<Self, RecordError> {
        let unread = |source| RecordError::Read { path: name.to_owned(), source };
        Self::parse(name, &read_from(reader, MOST_BYTES).map_err(unread)?)
    }

    /// The record that these bytes are; `name` is its name in messages.
    ///
    /// # Errors
    /// As [`Record::read`].
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, RecordError> {
        let mut reading = Reading::new(name);
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let ends = bytes.last() == Some(&b'\n');
        let count = bytes.split(|b| *b == b'\n').count();
        let is_json = bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{');
        let mut header = None;
        for (k, line) in bytes.split(|b| *b == b'\n').enumerate() {
            reading.line = k + 1;
            if k.is_multiple_of(STRIDE) {
                budget::check().map_err(|stopped| reading.fault(0, stopped.to_string()))?;
            }
            let is_last = k + 1 == count && !ends;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let done = match std::str::from_utf8(line) {
                Err(error) => {
                    let before = String::from_utf8_lossy(&line[..error.valid_up_to()]).chars().count();
                    Err(reading.fault(before, "these bytes are not UTF-8".to_owned()))
                }
                Ok(text) if is_json => reading.json(text),
                // A number that is cut off is a number still.
                Ok(_) if is_last => {
                    reading.unfinished = true;
                    continue;
                }
                Ok(text) => match &header {
                    None => reading.header(text).map(|fields| header = Some(fields)),
                    Some(fields) => reading.csv(text, fields),
                },
            };
            match done {
                Err(_) if is_last => reading.unfinished = true,
                done => done?,
            }
        }
        if reading.rows == 0 {
            return Err(RecordError::Empty { path: name.to_owned() });
        }
        Ok(reading.done())
    }
}

/// A record while it is read.
struct Reading<'a> {
    name: &'a str,
    line: usize,
    rows: usize,
    fields: Vec<Field>,
    place: FxHashMap<(String, String, Part), usize>,
    runs: Vec<Run>,
    run_of: FxHashMap<[Option<String>; 3], usize>,
    unfinished: bool,
}

/// What tells which rows a row belongs to.
#[derive(Default)]
struct Belongs {
    /// The optimizer, the setting of the step size and the seed.
    run: [Option<String>; 3],
    branch: Option<String>,
    from: Option<f64>,
}

/// What a field of a CSV row is.
enum Cell {
    /// A number, at its place.
    Number(usize),
    /// A word that tells where the row belongs, or that nobody reads.
    Word(&'static str),
}

impl<'a> Reading<'a> {
    fn new(name: &'a str) -> Self {
        Self {
            name,
            line: 0,
            rows: 0,
            fields: Vec::new(),
            place: FxHashMap::default(),
            runs: Vec::new(),
            run_of: FxHashMap::default(),
            unfinished: false,
        }
    }

    /// A fault behind so many characters of the line.
    fn fault(&self, before: usize, message: String) -> RecordError {
        RecordError::Fault { path: self.name.to_owned(), line: self.line, column: before + 1, message }
    }

    /// The place of a field, which is new perhaps.
    fn field(&mut self, column: &str, key: &str, part: Part) -> usize {
        let id = (column.to_owned(), key.to_owned(), part);
        if let Some(place) = self.place.get(&id) {
            return *place;
        }
        let place = self.fields.len();
        self.fields.push(Field { column: column.to_owned(), key: key.to_owned(), part, values: Vec::new() });
        self.place.insert(id, place);
        place
    }

    /// Puts a number into the row that is being read.
    fn put(&mut self, place: usize, value: f64) {
        let values = &mut self.fields[place].values;
        values.resize(self.rows, f64::NAN);
        values.push(if value.is_finite() { value } else { f64::NAN });
    }

    /// Ends the row.
    fn end(&mut self, belongs: Belongs) {
        let (row, Belongs { run, branch, from }) = (self.rows, belongs);
        self.rows += 1;
        let runs = &mut self.runs;
        let at = *self.run_of.entry(run).or_insert_with_key(|[optimizer, h_setting, seed]| {
            runs.push(Run {
                optimizer: optimizer.clone(),
                h_setting: h_setting.clone(),
                seed: seed.clone(),
                rows: Vec::new(),
                branches: Vec::new(),
            });
            runs.len() - 1
        });
        let Some(flow) = branch else { return runs[at].rows.push(row) };
        // A step is a whole number, and far below 2^53.
        let from = from.filter(|f| *f >= 0.0).map(|f| f as u64);
        let branches = &mut runs[at].branches;
        match branches.iter_mut().rev().find(|b| b.flow == flow && b.from == from) {
            Some(branch) => branch.rows.push(row),
            None => branches.push(Branch { flow, from, rows: vec![row] }),
        }
    }

    fn done(mut self) -> Record {
        for field in &mut self.fields {
            field.values.resize(self.rows, f64::NAN);
        }
        Record {
            name: self.name.to_owned(),
            rows: self.rows,
            fields: self.fields,
            runs: self.runs,
            unfinished: self.unfinished,
        }
    }

    /// One row as JSON.
    fn json(&mut self, text: &str) -> Result<(), RecordError> {
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
                    for (key, part, number) in numbers {
                        let place = self.field(name, &key, part);
                        self.put(place, number);
                    }
                }
            }
        }
        self.end(belongs);
        Ok(())
    }

    /// The first line of a CSV file: what each field is.
    fn header(&mut self, text: &str) -> Result<Vec<(String, Cell)>, RecordError> {
        let names = cells(text).map_err(|before| self.fault(before, UNCLOSED.to_owned()))?;
        let mut fields: Vec<(String, Cell)> = Vec::new();
        for (name, before) in names {
            let name = name.trim().to_owned();
            if name.is_empty() {
                return Err(self.fault(before, "a column without a name".to_owned()));
            }
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(self.fault(before, format!("two columns are called `{name}`")));
            }
            let cell = match WORDS.into_iter().find(|word| *word == name) {
                Some(word) => Cell::Word(word),
                None => {
                    let (column, key, part) = taken_apart(&name);
                    Cell::Number(self.field(column, key, part))
                }
            };
            fields.push((name, cell));
        }
        if fields.iter().all(|(name, _)| name != STEP) {
            let known: Vec<&str> = fields.iter().take(12).map(|(name, _)| name.as_str()).collect();
            let message = format!(
                "no record of training: its first line names no column `{STEP}`, but {}; a record is CSV with names in its first line, or JSON lines",
                known.join(", ")
            );
            return Err(self.fault(0, message));
        }
        Ok(fields)
    }

    /// One row of a CSV file.
    fn csv(&mut self, text: &str, fields: &[(String, Cell)]) -> Result<(), RecordError> {
        let values = cells(text).map_err(|before| self.fault(before, UNCLOSED.to_owned()))?;
        if values.len() != fields.len() {
            let end = text.chars().count();
            let before = values.get(fields.len()).map_or(end, |(_, before)| *before);
            let message = format!("{} fields where the first line names {} columns", values.len(), fields.len());
            return Err(self.fault(before, message));
        }
        let mut belongs = Belongs::default();
        for ((value, before), (name, cell)) in values.into_iter().zip(fields) {
            let value = value.trim();
            match cell {
                _ if value.is_empty() => {}
                Cell::Word(word) => {
                    let value = Some(value.to_owned());
                    match *word {
                        OPTIMIZER => belongs.run[0] = value,
                        H_SETTING => belongs.run[1] = value,
                        SEED => belongs.run[2] = value,
                        BRANCH => belongs.branch = value,
                        _ => {}
                    }
                }
                Cell::Number(place) => {
                    let number = match value {
                        "true" => 1.0,
                        "false" => 0.0,
                        _ => value.parse::<f64>().map_err(|_| {
                            let short: String = value.chars().take(40).collect();
                            self.fault(before, format!("`{short}` in column `{name}` is no number"))
                        })?,
                    };
                    if name == FROM {
                        belongs.from = Some(number);
                    }
                    self.put(*place, number);
                }
            }
        }
        self.end(belongs);
        Ok(())
    }
}

const UNCLOSED: &str = "a quotation mark opens here and is not closed on this line";

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

/// The fields of a CSV row, each with the number of characters before it; an error is where a quotation mark is not closed.
fn cells(text: &str) -> Result<Vec<(String, usize)>, usize> {
    let mut all = Vec::new();
    let (mut field, mut start, mut quoted) = (String::new(), 0, None);
    let mut characters = text.chars().enumerate().peekable();
    while let Some((k, c)) = characters.next() {
        match (c, quoted) {
            ('"', Some(_)) if characters.next_if(|(_, next)| *next == '"').is_some() => field.push('"'),
            ('"', Some(_)) => quoted = None,
            ('"', None) if field.trim().is_empty() => quoted = Some(k),
            (',', None) => {
                all.push((std::mem::take(&mut field), start));
                start = k + 1;
            }
            (c, _) => field.push(c),
        }
    }
    if let Some(at) = quoted {
        return Err(at);
    }
    all.push((field, start));
    Ok(all)
}
