//! `shadowflow plot`

use super::Failure;
use super::input::picture_width;
use super::output::{print, say, warn, with_progress};
use super::{global, outputs};
use crate::record::Record;
use crate::render::plot::{Picture, PlotError, RecordPlot, Size};
use crate::render::{json, text};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Draw a record of training, while it is written too
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "shadowflow plot [OPTIONS] --output FILE <RECORD | ->",
    after_help = "\
Without --columns a panel each for those of these that the record has: the
loss, the eigenvalues with the edge of stability 2/h, the stability
coefficients, the drift against |Hg|, what flows predict of the gradient along
u_0 against what was measured, the learning rate, the errors of the flows.

Examples:
  shadowflow plot examples/records/banana.jsonl --output run.svg
  shadowflow plot examples/records/banana.jsonl --output run.pdf \\
    --columns loss,lambda,error_ngf --width 84"
)]
pub(super) struct Args {
    /// The record that train writes, CSV or JSON lines; - for standard input
    #[arg(value_name = "RECORD")]
    record: PathBuf,
    /// Draw these columns over the steps, a panel each, by their names in CSV, as in lambda_0 or error_pf, or all of a name, as in lambda or error
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    columns: Vec<String>,
    /// Draw to this .svg, .png or .pdf file; - for an SVG document on standard output
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// The width of the picture in print, in millimetres from 60 to 600, such as 84 for a column of a page; letters are then 7 points at least
    #[arg(long, value_name = "MM", value_parser = picture_width, allow_negative_numbers = true)]
    width: Option<Size>,
    /// The picture's title; the record's name unless told
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// How to print what is drawn
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let unread = |e: crate::record::RecordError| Failure::Other(e.to_string());
    let columns: Vec<String> = args.columns.iter().map(|c| c.trim().to_owned()).filter(|c| !c.is_empty()).collect();
    if columns.is_empty() && !args.columns.is_empty() {
        return Err(Failure::Other("--columns names no column; write for example --columns loss,lambda_0".to_owned()));
    }
    let to_standard = outputs::is_standard(&args.output);
    outputs::picture("--output", Some(args.output.as_path()).filter(|_| !to_standard))?;
    if let Some(record) = [".checkpoint", ".meta.json"].iter().find_map(|e| args.record.to_str()?.strip_suffix(e))
        && Path::new(record).is_file()
    {
        return Err(Failure::Other(format!("{} stands beside the record {record}; draw that", args.record.display())));
    }
    let record = with_progress("reading", || {
        if args.record == Path::new("-") {
            return Record::from_reader(&mut std::io::stdin().lock(), "<stdin>");
        }
        Record::read(&args.record)
    })
    .map_err(unread)?;
    if !to_standard {
        outputs::check(&[("--output", Some(&args.output))])?;
    }
    let stem = || args.record.file_stem().map(|name| name.to_string_lossy().into_owned());
    let title = match (&args.title, args.record == Path::new("-")) {
        (Some(title), _) => title.clone(),
        (None, true) => "record".to_owned(),
        (None, false) => stem().unwrap_or_default(),
    };
    let failed = |e: PlotError| match e {
        PlotError::Record(error @ crate::record::RecordError::Column { .. }) => Failure::flag("--columns", error),
        PlotError::Record(error @ crate::record::RecordError::NoNumbers { .. }) => Failure::flag("--columns", error),
        PlotError::UnknownFormat(_) | PlotError::Write { .. } => Failure::flag("--output", e),
        other => Failure::Other(format!("{}: {other}", record.name())),
    };
    let plot = RecordPlot::new(&record, &columns, &title).map_err(failed)?;
    let size = args.width.unwrap_or_default();
    let said = || match args.format {
        Format::Text => text::record(&record, plot.panels()),
        Format::Json => json::record(&record, plot.panels()).to_string(),
    };
    if to_standard {
        print(&with_progress("drawing", || plot.at(size).svg()).map_err(failed)?);
        if !global::quiet() {
            say(&said());
        }
    } else {
        with_progress("drawing", || plot.at(size).write(&args.output)).map_err(failed)?;
        print(&said());
    }
    if matches!(args.format, Format::Text) {
        warn(&record.warnings());
    }
    Ok(ExitCode::SUCCESS)
}
