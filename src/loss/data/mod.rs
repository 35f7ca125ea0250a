//! Data files: read once each, and rows and columns of them taken.

mod csv;
mod matrix;

use self::csv::Table;
use self::matrix::Matrix;
use super::suggest::{nearest, short};
use crate::expr::Shape;
use crate::file::{NotRead, read_below};
use crate::warning::Warning;
use rustc_hash::FxHashMap;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What is taken along one axis, as a statement says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// One index; the axis goes away.
    One(i64),
    /// From a bound, or the start, to before another, or the end.
    Range(Option<i64>, Option<i64>),
}

/// Why data are not what a statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The path leads out of the folder.
    Outside { how: &'static str },
    /// The file cannot be read.
    Unreadable(String),
    /// The file is none of its kind.
    Format(String),
    /// A place in the file, line and column from 1, columns in characters.
    Place { line: usize, column: usize, reason: String },
    /// The selection does not fit the file, along an axis if it is one.
    Selection { axis: Option<usize>, reason: String },
}

/// What a file holds.
#[derive(Debug)]
enum File {
    Table(Table),
    Matrix(Matrix),
}

/// The data files that a loss reads, each read once.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    anywhere: bool,
    max_bytes: u64,
    max_numbers: usize,
    read: FxHashMap<String, Result<File, Fault>>,
}

impl Files {
    /// Files below a folder, unless they may be anywhere.
    pub(super) fn new(folder: PathBuf, anywhere: bool, max_bytes: u64, max_numbers: usize) -> Self {
        Self { folder, anywhere, max_bytes, max_numbers, read: FxHashMap::default() }
    }

    /// The same with a table that is known under its path and not read from there.
    pub(super) fn with(mut self, path: &str, text: &str) -> Self {
        self.read.insert(path.to_owned(), Table::read(text.as_bytes().to_vec()).map(File::Table));
        self
    }

    /// What is to be said of files that were read without a fault.
    pub(super) fn warnings(&self) -> Vec<Warning> {
        let doubt = |(path, file): (&String, &Result<File, Fault>)| {
            let Ok(File::Table(table)) = file else { return None };
            let doubt = table.doubt()?;
            Some(Warning::new("doubtful-header", format!("{}:1:{}: {}", self.name(path), doubt.column, doubt.reason)))
        };
        let mut warnings: Vec<Warning> = self.read.iter().filter_map(doubt).collect();
        warnings.sort_by(|a, b| a.message.cmp(&b.message));
        warnings
    }

    /// How messages call a file.
    pub(super) fn name(&self, path: &str) -> String {
        self.folder.join(path).display().to_string()
    }

    /// The numbers at the rows and columns taken, row-major, and their shape. Axes that are not spoken of are taken whole.
    pub(super) fn select(&mut self, path: &str, taken: &[Taken]) -> Result<(Shape, Vec<f64>), Fault> {
        let (folder, anywhere, limit) = (&self.folder, self.anywhere, self.max_bytes);
        let file = self.read.entry(path.to_owned()).or_insert_with(|| open(folder, path, anywhere, limit));
        let axes: Vec<usize> = match file {
            Ok(File::Table(table)) if table.rows() == 0 => {
                return Err(Fault::Format("the file has a header and no rows below it".to_owned()));
            }
            Ok(File::Table(table)) => vec![table.rows(), table.columns()],
            Ok(File::Matrix(matrix)) => matrix.axes().to_vec(),
            Err(fault) => return Err(fault.clone()),
        };
        if taken.len() > axes.len() {
            let (given, there) = (taken.len(), axes.len());
            let reason = match file {
                Ok(File::Table(_)) => format!("{given} selections, but a file has rows and columns"),
                _ => format!(
                    "{given} selections, but the array has {there} {}",
                    if there == 1 { "axis" } else { "axes" }
                ),
            };
            return Err(Fault::Selection { axis: None, reason });
        }
        let (mut ranges, mut kept) = (Vec::new(), Vec::new());
        for (axis, size) in axes.iter().copied().enumerate() {
            let taken = taken.get(axis).copied().unwrap_or(Taken::Range(None, None));
            let range = range(taken, axis, size).map_err(|reason| Fault::Selection { axis: Some(axis), reason })?;
            if matches!(taken, Taken::Range(..)) {
                kept.push(range.len());
            }
            ranges.push(range);
        }
        let count = ranges.iter().try_fold(1_usize, |n, r| n.checked_mul(r.len())).unwrap_or(usize::MAX);
        if count > self.max_numbers {
            let reason = format!("{count} numbers are beyond the limit of {} for data", self.max_numbers);
            return Err(Fault::Selection { axis: None, reason });
        }
        let values = match (file, ranges.as_slice()) {
            (Ok(File::Table(table)), [rows, columns]) => table.numbers(rows.clone(), columns.clone())?,
            (Ok(File::Matrix(matrix)), ranges) => matrix.numbers(ranges)?,
            _ => Vec::new(),
        };
        Ok((Shape::new(&kept), values))
    }
}

/// Reads a file, of the kind that its ending says.
fn open(folder: &Path, path: &str, anywhere: bool, limit: u64) -> Result<File, Fault> {
    let bytes = read_below(folder, Path::new(path), anywhere, limit).map_err(|why| match why {
        NotRead::Outside(how) => Fault::Outside { how },
        NotRead::Unreadable(error) => Fault::Unreadable(match error.kind() {
            ErrorKind::NotFound => match meant(folder, path) {
                Some(near) => format!("there is no such file; did you mean `{near}`?"),
                None => "there is no such file".to_owned(),
            },
            ErrorKind::IsADirectory => "it is a folder, not a file".to_owned(),
            ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        }),
    })?;
    if Path::new(path).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy")) {
        Matrix::read(&bytes).map(File::Matrix)
    } else {
        Table::read(bytes).map(File::Table)
    }
}

/// A data file beside one that is not there, with nearly its name.
fn meant(folder: &Path, path: &str) -> Option<String> {
    const ENTRIES: usize = 10_000;
    let missing = Path::new(path);
    let beside = missing.parent().map_or_else(|| folder.to_owned(), |parent| folder.join(parent));
    let beside = if beside.as_os_str().is_empty() { PathBuf::from(".") } else { beside };
    let entries = std::fs::read_dir(beside).ok()?.take(ENTRIES);
    let names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    // By what stands before the ending, which all have.
    let stem = |name: &'_ str| Path::new(name).file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
    let is_data = |name: &&String| name.ends_with(".csv") || name.ends_with(".npy");
    let stems: Vec<(String, &String)> =
        names.iter().filter(is_data).filter_map(|name| Some((stem(name)?, name))).collect();
    let wanted = stem(missing.file_name()?.to_str()?)?;
    let near = nearest(&wanted, stems.iter().map(|(stem, _)| stem.as_str()))?.to_owned();
    let (_, name) = stems.iter().find(|(stem, _)| *stem == near)?;
    Some(missing.with_file_name(name).display().to_string())
}

/// The indices taken along an axis of a size, at least one.
fn range(taken: Taken, axis: usize, size: usize) -> Result<Range<usize>, String> {
    let (one, many) = [("row", "rows"), ("column", "columns")][axis.min(1)];
    let there = format!("the file has {size} {}", if size == 1 { one } else { many });
    let within = |n: i64| usize::try_from(n).ok().filter(|n| *n <= size);
    match taken {
        Taken::One(n) => match within(n).filter(|n| *n < size) {
            Some(n) => Ok(n..n + 1),
            None if n == i64::MAX || n == i64::MIN => {
                Err(format!("the {one} is beyond all files: {there}, counted from 0"))
            }
            None => Err(format!("{one} {n} is not in the file: {there}, counted from 0")),
        },
        Taken::Range(low, high) => {
            // Beyond all integers of this machine a bound is known as the largest.
            let text = |bound: Option<i64>| match bound {
                Some(i64::MAX) => "(beyond 9·10^18)".to_owned(),
                Some(i64::MIN) => "(below -9·10^18)".to_owned(),
                bound => bound.map(|n| n.to_string()).unwrap_or_default(),
            };
            let shown = format!("{many} {}..{}", text(low), text(high));
            let bounds = (low.map_or(Some(0), within), high.map_or(Some(size), within));
            match bounds {
                (Some(low), Some(high)) if low < high => Ok(low..high),
                (Some(_), Some(_)) => Err(format!("{shown} are none: a range includes its start and excludes its end")),
                _ => Err(format!("{shown} are not all in the file: {there}, counted from 0")),
            }
        }
    }
}

/// A field as a message shows it: a part of a long one, and no controls.
fn shown(field: &str) -> String {
    short(field).replace(char::is_control, "\u{fffd}")
}
