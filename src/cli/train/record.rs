//! Where rows go.

use super::super::Failure;
use super::super::output::{error, say, write_file};
use super::super::outputs;
use super::checkpoint::{Checkpoint, asked, beside, busy, name, not_its_record};
use super::{Args, Format};
use crate::file::{Appender, read_beginning};
use crate::render::csv::TrainingTable;
use crate::render::json::{training_row, training_settings};
use crate::render::text::TrainingScreen;
use crate::train::{Row, Snapshot, Training};
use serde_json::Value;
use std::ffi::OsString;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// A record being written.
pub(super) struct Record {
    table: Option<TrainingTable>,
    /// In place of the record, on a terminal.
    screen: Option<Screen>,
    to: To,
    arguments: Vec<String>,
    /// What was asked, as checkpoints have it.
    settings: Value,
}

/// A table for who looks on, and when it last grew.
struct Screen {
    table: TrainingScreen,
    shown: Instant,
}

/// On a terminal a row is shown after such a time whatever its step.
const PATIENCE: Duration = Duration::from_secs(10);

enum To {
    /// Standard output, and whether its reader has gone away.
    Output {
        closed: bool,
    },
    File {
        path: PathBuf,
        file: Appender,
    },
}

fn table(format: Format, training: &Training) -> Result<Option<TrainingTable>, Failure> {
    match format {
        Format::Jsonl => Ok(None),
        Format::Csv => TrainingTable::new(training).map(Some).ok_or_else(|| {
            Failure::Other(
                "--eigenvalues-above: how many columns a row takes is not known ahead; add --format jsonl".to_owned(),
            )
        }),
    }
}

/// How rows and headers of records begin.
const BEGINNINGS: [&[u8]; 2] = [b"step,", b"{\"step\":"];

/// Refuses a record and a picture where an input of the command is, or each other, and a record where a file is that is none.
pub(super) fn replaceable(path: &Path, plot: Option<&Path>) -> Result<(), Failure> {
    let [checkpoint, meta] = [".checkpoint", ".meta.json"].map(|ending| beside(path, ending));
    outputs::check(&[
        ("--output", Some(path)),
        ("the checkpoint of --output,", Some(&checkpoint)),
        ("the settings of --output,", Some(&meta)),
        ("--plot", plot),
    ])?;
    if plot.is_some() && std::fs::metadata(path).is_ok_and(|m| !m.is_file()) {
        let path = path.display();
        return Err(Failure::Other(format!(
            "--plot draws the file of --output, and {path} is none that can be read again"
        )));
    }
    let is_file = std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() > 0);
    if !is_file || beside(path, ".meta.json").exists() {
        return Ok(());
    }
    let begin = read_beginning(path, 8).unwrap_or_default();
    if BEGINNINGS.iter().any(|b| begin.starts_with(b)) {
        return Ok(());
    }
    Err(Failure::Other(format!(
        "--output {0}: there is a file of that name which is no record; choose another name, or remove it",
        path.display()
    )))
}

/// What stands beside a record.
fn meta(args: &Args, training: &Training) -> String {
    training_settings(training, &super::plan::loss_name(args)).with("format", name(args.format()).into()).to_string()
}

/// Writes what stands beside a record where it is gone or is something else.
fn restore_meta(path: &Path, args: &Args, training: &Training) -> Result<(), Failure> {
    let (beside, meta) = (beside(path, ".meta.json"), meta(args, training));
    let begin = &meta.as_bytes()[..meta.len().min(16)];
    match read_beginning(&beside, begin.len() as u64) {
        Ok(there) if there == begin => Ok(()),
        _ => write_file(&beside, meta.as_bytes()),
    }
}

impl Record {
    /// From the beginning.
    pub(super) fn begin(args: &Args, training: &Training, arguments: &[OsString]) -> Result<Self, Failure> {
        let format = args.format();
        let table = table(format, training)?;
        let arguments = if args.output.is_some() { words(arguments)? } else { Vec::new() };
        let to = match &args.output {
            None => To::Output { closed: false },
            Some(path) => {
                let is_new = !path.exists();
                let mut file = hold(path, true).map_err(|e| unwritten(path, &e))?;
                if file.is_regular() {
                    if !args.overwrite {
                        unfinished(path)?;
                    }
                    let meta = meta(args, training);
                    // The checkpoint of what was there is none of this record.
                    remove(&beside(path, ".checkpoint"))?;
                    write_file(&beside(path, ".meta.json"), meta.as_bytes()).inspect_err(|_| {
                        if is_new {
                            let _ = remove(path);
                        }
                    })?;
                }
                file.empty().map_err(|e| unwritten(path, &e))?;
                To::File { path: path.clone(), file }
            }
        };
        let is_screen = args.output.is_none() && args.format.is_none() && std::io::stdout().is_terminal();
        let screen = is_screen.then(|| Screen { table: TrainingScreen::new(training), shown: Instant::now() });
        let settings = asked(training, format);
        let mut record = Self { table, screen, to, arguments, settings };
        if record.screen.is_some() {
            return Ok(record);
        }
        if args.output.is_none() && !super::quiet() {
            let meta = training_settings(training, &super::plan::loss_name(args));
            super::say(&crate::render::json::line(&meta));
        }
        if let Some(header) = record.table.as_ref().map(TrainingTable::header) {
            record.put(&header).map_err(Failure::Other)?;
        }
        Ok(record)
    }

    /// From where a checkpoint was made; the record is held already.
    pub(super) fn resume(
        path: &Path,
        held: Appender,
        args: &Args,
        training: &Training,
        checkpoint: &Checkpoint,
    ) -> Result<Self, Failure> {
        let format = args.format();
        let file = checkpoint.rows(held, path)?;
        restore_meta(path, args, training)?;
        Ok(Self {
            table: table(format, training)?,
            screen: None,
            to: To::File { path: path.to_owned(), file },
            arguments: checkpoint.arguments.clone(),
            settings: asked(training, format),
        })
    }

    /// Adds a row.
    pub(super) fn write(&mut self, row: &Row) -> Result<(), String> {
        if let Some(screen) = &mut self.screen {
            let lines = screen.table.row(row, screen.shown.elapsed() >= PATIENCE);
            if lines.is_empty() {
                return Ok(());
            }
            screen.shown = Instant::now();
            return self.put(&lines);
        }
        let line = match &self.table {
            Some(table) => table.row(row),
            None => training_row(row) + "\n",
        };
        self.put(&line)
    }

    fn put(&mut self, line: &str) -> Result<(), String> {
        match &mut self.to {
            To::Output { closed } => {
                let mut out = std::io::stdout().lock();
                match out.write_all(line.as_bytes()).and_then(|()| out.flush()) {
                    Err(e) if e.kind() == ErrorKind::BrokenPipe => {
                        *closed = true;
                        Err(String::new())
                    }
                    Err(e) => Err(format!("the record could not be written: {e}")),
                    Ok(()) => Ok(()),
                }
            }
            To::File { path, file } => file.append(line.as_bytes()).map_err(|e| match unwritten(path, &e) {
                Failure::Other(message) => message,
                _ => e.to_string(),
            }),
        }
    }

    /// What is shown of it at its end, on a terminal.
    pub(super) fn close(&mut self) -> Result<(), String> {
        match self.screen.take() {
            Some(screen) => self.put(&screen.table.closing()),
            None => Ok(()),
        }
    }

    /// The end where a row could not be written: the reader that has gone away is no error.
    pub(super) fn failure(&self, message: &str) -> Result<ExitCode, Failure> {
        if let To::Output { closed: true } = self.to {
            return Ok(ExitCode::SUCCESS);
        }
        error(&format!(
            "{message}{}",
            if matches!(self.to, To::File { .. }) { "; the last checkpoint stands" } else { "" }
        ));
        Ok(ExitCode::from(2))
    }

    /// Makes a checkpoint, where the record is a file.
    pub(super) fn checkpoint(&mut self, snapshot: Snapshot, finished: bool) -> Result<(), Failure> {
        let To::File { path, file } = &self.to else { return Ok(()) };
        if !file.is_regular() {
            return Ok(());
        }
        file.sync().map_err(|e| unwritten(path, &e))?;
        if !file.is_whole_at(path) {
            return Err(Failure::Other(format!(
                "{0} was moved, replaced or changed while the run wrote it, so that there is no checkpoint of it; the run has ended after step {1}",
                path.display(),
                snapshot.step
            )));
        }
        Checkpoint::write(path, &self.settings, &self.arguments, file, &snapshot, finished)
    }

    /// What to do after an early end.
    pub(super) fn how_to_resume(&self) -> String {
        match &self.to {
            To::File { path, file } if file.is_regular() => format!("go on with --resume {}", path.display()),
            _ => "without --output there is nothing to go on from".to_owned(),
        }
    }
}

/// Opens a record for this process alone.
fn hold(path: &Path, create: bool) -> std::io::Result<Appender> {
    let held = Appender::hold(path, create)?;
    if let Some(why) = held.unlocked()
        && !super::quiet()
    {
        say(&format!("{} cannot be locked ({why}): no other run may write it", path.display()));
    }
    Ok(held)
}

/// The record of a checkpoint, for this process alone.
pub(super) fn hold_again(path: &Path) -> Result<Appender, Failure> {
    hold(path, false).map_err(|e| not_its_record(path, &e))
}

/// Refuses to write over a record that can be gone on with.
fn unfinished(path: &Path) -> Result<(), Failure> {
    match Checkpoint::read(path) {
        Ok(Some(checkpoint)) if !checkpoint.finished => Err(Failure::Other(format!(
            "--output {0}: a run to this file is unfinished, and its checkpoint stands beside it; go on with --resume {0}, or start anew with --overwrite",
            path.display()
        ))),
        _ => Ok(()),
    }
}

fn remove(path: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Failure::Other(format!("cannot remove {}: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    if error.kind() == ErrorKind::ResourceBusy {
        return busy(path);
    }
    Failure::Other(format!("cannot write {}: {error}", path.display()))
}

/// The arguments, but for the program's name and what says where to go on.
fn words(arguments: &[OsString]) -> Result<Vec<String>, Failure> {
    let mut words = Vec::new();
    let mut rest = arguments.iter().skip(1);
    while let Some(word) = rest.next() {
        let Some(word) = word.to_str() else {
            return Err(Failure::Other(
                "the command has an argument that is not UTF-8, which the checkpoint beside --output cannot hold; give the file another name"
                    .to_owned(),
            ));
        };
        if word == "--resume" {
            rest.next();
        } else if !word.starts_with("--resume=") {
            words.push(word.to_owned());
        }
    }
    Ok(words)
}
