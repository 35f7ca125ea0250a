//! Reading records: JSON lines or CSV, whole or while they are written.

use super::column::{Part, STEP};
use super::error::RecordError;
use super::rows::{Branch, Field, Record, Run};
use crate::budget;
use crate::file::{read_from, read_limited};
use rustc_hash::FxHashMap;
use std::io::Read;
use std::path::Path;

/// The longest record that is read, in bytes.
const MOST_BYTES: u64 = 4 << 30;

/// Steps are below 2^53, so that every one is a double.
const MOST_STEPS: f64 = 9_007_199_254_740_992.0;

/// How rows came to be out of order.
const TOGETHER: &str = "the steps of a run go up, so that two runs wrote this record, or two records were put together";

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
                    let fault = reading.fault(before, "these bytes are not UTF-8".to_owned());
                    // A character that is cut off may be written just now; no others.
                    if error.error_len().is_some() {
                        return Err(fault);
                    }
                    Err(fault)
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
            if let Some(at) = bytes.iter().position(|b| *b == b'\r').filter(|at| count == 1 && at + 1 < bytes.len()) {
                reading.line = 1;
                let before = String::from_utf8_lossy(&bytes[..at]).chars().count();
                let message = "a carriage return alone ends no line; save the record with line feeds".to_owned();
                return Err(reading.fault(before, message));
            }
            return Err(RecordError::Empty { path: name.to_owned() });
        }
        Ok(reading.done())
    }
}

/// The flow of a branch, and the step that it leaves from.
type Leaves = (String, Option<u64>);

/// A record while it is read.
pub(super) struct Reading<'a> {
    name: &'a str,
    line: usize,
    rows: usize,
    fields: Vec<Field>,
    place: FxHashMap<(String, String, Part), usize>,
    runs: Vec<Run>,
    run_of: FxHashMap<[Option<String>; 3], usize>,
    /// The last step of every run and branch, and its line.
    last: FxHashMap<(usize, Option<Leaves>), (u64, usize)>,
    unfinished: bool,
}

/// What tells which row a row is.
#[derive(Default)]
pub(super) struct Belongs {
    /// The optimizer, the setting of the step size and the seed.
    pub(super) run: [Option<String>; 3],
    pub(super) branch: Option<String>,
    pub(super) from: Option<f64>,
    /// The step, and how many characters stand before it.
    pub(super) step: Option<f64>,
    pub(super) step_at: usize,
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
            last: FxHashMap::default(),
            unfinished: false,
        }
    }

    /// A fault behind so many characters of the line.
    pub(super) fn fault(&self, before: usize, message: String) -> RecordError {
        RecordError::Fault { path: self.name.to_owned(), line: self.line, column: before + 1, message }
    }

    /// The place of a field, which is new perhaps.
    pub(super) fn field(&mut self, column: &str, key: &str, part: Part) -> usize {
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
    pub(super) fn put(&mut self, place: usize, value: f64) {
        let values = &mut self.fields[place].values;
        values.resize(self.rows, f64::NAN);
        values.push(if value.is_finite() { value } else { f64::NAN });
    }

    /// Ends the row.
    ///
    /// # Errors
    /// A step that is none, or that does not follow the one before it.
    pub(super) fn end(&mut self, belongs: Belongs) -> Result<(), RecordError> {
        let (row, Belongs { run, branch, from, step, step_at }) = (self.rows, belongs);
        let is_whole = |x: &f64| *x >= 0.0 && x.fract() == 0.0 && *x < MOST_STEPS;
        let Some(step) = step.filter(is_whole).map(|x| x as u64) else {
            return Err(self.fault(step_at, format!("`{STEP}` of a row is a whole number from 0")));
        };
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
        let from = from.filter(is_whole).map(|f| f as u64);
        let own = (at, branch.clone().map(|flow| (flow, from)));
        if let Some((last, line)) = self.last.insert(own, (step, self.line)).filter(|(last, _)| *last >= step) {
            let of = of(&runs[at], branch.as_deref(), from);
            let message = if last == step {
                format!("step {step}{of} stands in line {line} too; {TOGETHER}")
            } else {
                format!("step {step}{of} follows step {last} of line {line}; {TOGETHER}")
            };
            return Err(self.fault(step_at, message));
        }
        self.rows += 1;
        let Some(flow) = branch else {
            runs[at].rows.push(row);
            return Ok(());
        };
        let branches = &mut runs[at].branches;
        match branches.iter_mut().rev().find(|b| b.flow == flow && b.from == from) {
            Some(branch) => branch.rows.push(row),
            None => branches.push(Branch { flow, from, rows: vec![row] }),
        }
        Ok(())
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
}

/// Whose step one is.
fn of(run: &Run, branch: Option<&str>, from: Option<u64>) -> String {
    let label = run.label();
    let label = if label.is_empty() { String::new() } else { format!(" of {label}") };
    match (branch, from) {
        (None, _) => label,
        (Some(flow), None) => format!("{label}, branch {flow},"),
        (Some(flow), Some(from)) => format!("{label}, branch {flow} from step {from},"),
    }
}
