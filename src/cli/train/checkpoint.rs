//! The file beside a record from which it goes on.

use super::super::Failure;
use super::Format;
use crate::file::{Appender, Digest, is_whole, read_own, write};
use crate::render::json::{Document, training_settings};
use crate::train::{Snapshot, Training};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Which kind of checkpoint this is.
const KIND: u64 = 2;
/// The largest checkpoint that is read.
const MOST_BYTES: u64 = 1 << 36;

/// A state of a training, how much of its record was written, and the command that it came from.
#[derive(Debug, Clone)]
pub(super) struct Checkpoint {
    pub(super) arguments: Vec<String>,
    /// Where the command was given.
    folder: String,
    record_bytes: u64,
    record_digest: u64,
    pub(super) finished: bool,
    pub(super) snapshot: Snapshot,
    settings: Value,
}

/// How messages go on that concern paths.
const FROM_THERE: &str = "paths of the command in the checkpoint lead from the folder where it was given,";

/// The folder that paths lead from.
fn here() -> String {
    std::env::current_dir().map_or_else(|_| String::new(), |folder| folder.display().to_string())
}

/// `RECORD.checkpoint`.
pub(super) fn beside(record: &Path, ending: &str) -> PathBuf {
    let mut name = record.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What was asked, but for where the loss stands.
pub(super) fn asked(training: &Training, format: Format) -> Value {
    let document: Document = training_settings(training, "").with("format", name(format).into());
    // As a file gives it back, whose reader may be off by the last bit.
    serde_json::from_str(&document.value().to_string()).unwrap_or_default()
}

pub(super) fn name(format: Format) -> &'static str {
    match format {
        Format::Csv => "csv",
        Format::Jsonl => "jsonl",
    }
}

impl Checkpoint {
    /// Writes one of what a record has now, in place of what was there.
    pub(super) fn write(
        record: &Path,
        settings: &Value,
        arguments: &[String],
        rows: &Appender,
        snapshot: &Snapshot,
        finished: bool,
    ) -> Result<(), Failure> {
        let header = json!({
            "shadowflow": env!("CARGO_PKG_VERSION"),
            "checkpoint": KIND,
            "arguments": arguments,
            "folder": here(),
            "record_bytes": rows.length(),
            "record_digest": rows.digest(),
            "finished": finished,
            "settings": settings,
        });
        let mut bytes = header.to_string().into_bytes();
        bytes.push(b'\n');
        bytes.extend(snapshot.to_bytes());
        let sum = Digest::of(&bytes).value();
        bytes.extend(sum.to_le_bytes());
        let path = beside(record, ".checkpoint");
        write(&path, &bytes).map_err(|e| {
            let last = if path.is_file() { "; the last checkpoint stands" } else { "" };
            Failure::Other(format!("cannot write {}: {e}{last}", path.display()))
        })
    }

    /// The checkpoint of a record, if there is one.
    pub(super) fn read(record: &Path) -> Result<Option<Self>, Failure> {
        let path = beside(record, ".checkpoint");
        let bytes = match read_own(&path, MOST_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::Other(format!("cannot read {}: {error}", path.display()))),
        };
        Self::of(&bytes).map(Some).ok_or_else(|| {
            Failure::Other(format!(
                "{} is no checkpoint of this version, or is damaged; delete it to start from the beginning",
                path.display()
            ))
        })
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        let (body, tail) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
        if Digest::of(body).value().to_le_bytes() != tail {
            return None;
        }
        let end = body.iter().position(|b| *b == b'\n')?;
        let header: Value = serde_json::from_slice(&body[..end]).ok()?;
        if header["checkpoint"].as_u64() != Some(KIND) {
            return None;
        }
        let snapshot = Snapshot::from_bytes(&body[end + 1..])?;
        let words = header["arguments"].as_array()?;
        Some(Self {
            arguments: words.iter().map(|w| w.as_str().map(str::to_owned)).collect::<Option<_>>()?,
            folder: header["folder"].as_str()?.to_owned(),
            record_bytes: header["record_bytes"].as_u64()?,
            record_digest: header["record_digest"].as_u64()?,
            finished: header["finished"].as_bool()?,
            snapshot,
            settings: header["settings"].clone(),
        })
    }

    /// What went wrong with the command of the checkpoint, and where its paths lead from.
    pub(super) fn explained(&self, failure: Failure) -> Failure {
        if self.folder == here() {
            return failure;
        }
        let folder = &self.folder;
        match failure {
            Failure::Other(message) => Failure::Other(format!("{message}; {FROM_THERE} {folder}")),
            other => Failure::Drawn(format!("{}\n{FROM_THERE} {folder}", other.message())),
        }
    }

    /// Of the record that it was made of, held, the rows that it knows.
    pub(super) fn rows(&self, held: Appender, record: &Path) -> Result<Appender, Failure> {
        held.keep(record, self.record_bytes, self.record_digest).map_err(|e| not_its_record(record, &e))
    }

    /// Refuses a record that is not the finished one, byte by byte.
    pub(super) fn is_of(&self, record: &Path) -> Result<(), Failure> {
        is_whole(record, self.record_bytes, self.record_digest).map_err(|e| not_its_record(record, &e))
    }

    /// Refuses other settings, another loss, other data and another start.
    pub(super) fn fits(&self, training: &Training, record: &Path, format: Format) -> Result<(), Failure> {
        let now = asked(training, format);
        if now == self.settings {
            return Ok(());
        }
        let other: Vec<&str> = now
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(k, v)| self.settings[k.as_str()] != **v)
            .map(|(k, _)| k.as_str())
            .collect();
        let what = match other.as_slice() {
            ["fingerprint"] => "the loss, its data or the start have changed since".to_owned(),
            _ => format!("it was made with other settings: {}", other.join(", ")),
        };
        Err(Failure::Other(format!(
            "--resume {0}: {what}; give the command that the record was made with, or another record",
            record.display()
        )))
    }
}

/// Why a record is not gone on with: it is gone, cut or changed.
pub(super) fn not_its_record(record: &Path, error: &std::io::Error) -> Failure {
    let why = match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::ResourceBusy => return busy(record),
        _ => error.to_string(),
    };
    Failure::Other(format!(
        "--resume {0}: it is not the record that {0}.checkpoint was made with: {why}; put that record back, or start anew with the whole command, \
         --output {0} and --overwrite",
        record.display()
    ))
}

/// That another process has the record.
pub(super) fn busy(record: &Path) -> Failure {
    Failure::Other(format!(
        "{}: another run is writing this record; wait for its end, or write to another file",
        record.display()
    ))
}
