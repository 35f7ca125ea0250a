//! Where the rows of a sweep go, and going on with those that stand there.

use super::super::Failure;
use super::super::output::write_file;
use super::Args;
use crate::file::{Appender, Digest, read_own};
use crate::render::csv::SweepTable;
use crate::render::json::sweep_settings;
use crate::sweep::Sweep;
use serde_json::Value;
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The largest file of rows that is gone on with.
const MOST_BYTES: u64 = 1 << 34;

/// Where rows go.
pub(super) enum Rows {
    Output,
    File { path: PathBuf, file: Appender },
}

/// Why no row can be written.
pub(super) enum Closed {
    /// Who reads them has gone away, which is no error.
    Reader,
    Failed(String),
}

impl From<Closed> for Failure {
    fn from(closed: Closed) -> Self {
        Failure::Other(match closed {
            Closed::Reader => "nobody reads what is printed".to_owned(),
            Closed::Failed(message) => message,
        })
    }
}

impl Rows {
    /// The file of rows, and the cases that are missing in it.
    pub(super) fn file(
        args: &Args,
        (path, meta): (&Path, &Path),
        sweep: &Sweep,
        table: &SweepTable,
        cases: Range<usize>,
    ) -> Result<(Self, Range<usize>), Failure> {
        let unwritten = |e: std::io::Error| {
            Failure::Other(match e.kind() {
                ErrorKind::ResourceBusy => format!("--output {}: another sweep writes it", path.display()),
                _ => format!("cannot write {}: {e}", path.display()),
            })
        };
        let asked = sweep_settings(sweep)
            .with("rows", (if args.every == 0 { "last".to_owned() } else { format!("every {}", args.every) }).into())
            .with("states", args.states.into())
            .with("first_case", cases.start.into());
        let asked: Value = serde_json::from_str(&asked.value().to_string()).unwrap_or_default();
        let is_there = std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() > 0);
        if is_there && !args.resume && !args.overwrite {
            return Err(Failure::Other(format!(
                "--output {}: there is a file of that name; go on with it by --resume, or begin anew with --overwrite",
                path.display()
            )));
        }
        let mut file = Appender::hold(path, true).map_err(unwritten)?;
        if !file.is_regular() {
            return Ok((Self::File { path: path.to_owned(), file }, cases));
        }
        if !(args.resume && is_there) {
            file.empty().map_err(unwritten)?;
            write_file(meta, (serde_json::to_string_pretty(&asked).unwrap_or_default() + "\n").as_bytes())?;
            return Ok((Self::File { path: path.to_owned(), file }, cases));
        }
        same_settings(path, meta, &asked)?;
        let bytes =
            read_own(path, MOST_BYTES).map_err(|e| Failure::Other(format!("cannot read {}: {e}", path.display())))?;
        let (length, whole) = whole_cases(&bytes, &cases, table).map_err(|line| {
            Failure::Other(format!(
                "--resume: line {line} of {} is no row of this sweep; --overwrite begins anew",
                path.display()
            ))
        })?;
        let digest = Digest::of(&bytes[..length]).value();
        let file = file.keep(path, length as u64, digest).map_err(unwritten)?;
        Ok((Self::File { path: path.to_owned(), file }, cases.start + whole..cases.end))
    }

    /// Whether nothing stands there yet.
    pub(super) fn is_new(&self) -> bool {
        match self {
            Self::Output => true,
            Self::File { file, .. } => file.length() == 0,
        }
    }

    pub(super) fn put(&mut self, lines: &str) -> Result<(), Closed> {
        match self {
            Self::Output => {
                let mut out = std::io::stdout().lock();
                match out.write_all(lines.as_bytes()).and_then(|()| out.flush()) {
                    Err(e) if e.kind() == ErrorKind::BrokenPipe => Err(Closed::Reader),
                    Err(e) => Err(Closed::Failed(format!("the rows could not be written: {e}"))),
                    Ok(()) => Ok(()),
                }
            }
            Self::File { path, file } => file
                .append(lines.as_bytes())
                .map_err(|e| Closed::Failed(format!("cannot write {}: {e}", path.display()))),
        }
    }
}

/// Refuses to go on with rows that were asked for otherwise.
fn same_settings(path: &Path, meta: &Path, asked: &Value) -> Result<(), Failure> {
    let bytes = read_own(meta, MOST_BYTES).map_err(|e| {
        Failure::Other(format!("--resume: {} does not say what was asked for: {}: {e}", path.display(), meta.display()))
    })?;
    let there: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let names = asked.as_object().into_iter().flat_map(|members| members.keys());
    match names.clone().find(|name| there.get(name) != asked.get(name)) {
        None => Ok(()),
        Some(name) => {
            let short = |value: Option<&Value>| {
                let text = value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
                if text.chars().count() > 60 { "another value".to_owned() } else { text }
            };
            Err(Failure::Other(format!(
                "--resume: {} was begun with {} for {name}, and this command has {}; --overwrite begins anew",
                path.display(),
                short(there.get(name)),
                short(asked.get(name))
            )))
        }
    }
}

/// The bytes of the whole cases at the beginning of a file of rows, and how many these are.
///
/// # Errors
/// The line, from 1, that does not fit.
fn whole_cases(bytes: &[u8], cases: &Range<usize>, table: &SweepTable) -> Result<(usize, usize), usize> {
    let header = if cases.start == 0 { table.header() } else { String::new() };
    let in_header = usize::from(!header.is_empty());
    if !bytes.starts_with(header.as_bytes()) {
        // A header that was cut short is written again.
        return if header.as_bytes().starts_with(bytes) { Ok((0, 0)) } else { Err(1) };
    }
    let (per_case, mut length, mut at) = (table.rows_of_a_case(), header.len(), header.len());
    let mut rows = 0;
    for line in bytes[header.len()..].split_inclusive(|b| *b == b'\n') {
        let case = cases.start + rows / per_case;
        let is_whole = line.ends_with(b"\n");
        if is_whole && (case >= cases.end || !line.starts_with(format!("{case},").as_bytes())) {
            return Err(rows + in_header + 1);
        }
        if !is_whole {
            break;
        }
        at += line.len();
        rows += 1;
        if rows % per_case == 0 {
            length = at;
        }
    }
    Ok((length, rows / per_case))
}
