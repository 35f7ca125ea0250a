//! `shadowflow report`

use super::Failure;
use super::flags::in_words;
use super::input::{FileArg, LossArgs, Method, MethodArgs, OrderArgs, given_start, notes, positive, without_loss};
use super::output::{print, say, warn, with_progress, write_file};
use super::outputs;
use super::pdf::{PictureFormat, WithFiles, set};
use super::simulate::AtCutArg;
use crate::file::is_input;
use crate::flow::FlowName;
use crate::number::Rational;
use crate::record::Record;
use crate::render::document::{self, Document, Figure};
use crate::report::{Report, ReportOptions};
use crate::warning::Warning;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write one document about a loss or an optimizer: what is derived, proof, checks, trajectories, stability
///
/// Without a loss it is about the optimizer alone. Without --h the step size is one at which the flows exist along the optimizer's path. Parameters
/// without a start get one by a rule that the document and standard error state. A part that cannot be computed says why, and the rest stands.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "shadowflow report [OPTIONS] --output FILE [FILE | - | --loss EXPR --param NAMES]",
    after_help = "\
Examples:
  shadowflow report examples/losses/banana.loss --output banana.html
  shadowflow report examples/losses/banana.loss --output nesterov.html \\
    --method nesterov --momentum 1/2
  shadowflow report --order 4 --method heavy-ball --output report.html"
)]
pub(super) struct Args {
    #[command(flatten)]
    file: FileArg,
    /// The document to write, ending in .html, .tex, .typ, .pdf (by a LaTeX or Typst on the PATH) or .md; - for HTML on standard output
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    order: OrderArgs,
    #[command(flatten)]
    loss: LossArgs,
    #[command(flatten)]
    method: MethodArgs,
    /// The step size; without it one at which the flows exist along the optimizer's path
    #[arg(long, value_name = "H", value_parser = positive, allow_hyphen_values = true)]
    h: Option<Rational>,
    #[arg(long, help = format!("How many steps of the optimizer [default: {}]", ReportOptions::default().steps), value_name = "K", value_parser = super::input::whole, allow_negative_numbers = true)]
    steps: Option<usize>,
    /// Where to start: exact numbers as in x=0.3,w=[0.1,-2], or a .json or .npy file; what is left out is chosen
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    start: Option<String>,
    #[arg(long, help = format!("The flows beside the optimizer [default: {}; of large networks {}]", FlowName::USUAL, FlowName::USUAL_OF_LARGE), value_name = "LIST", value_delimiter = ',', value_parser = super::simulate::flow)]
    flows: Vec<FlowName>,
    /// What a flow does where it slides along a cut of its field: go on with the jump spread over ±0.2 rad, or end there [default: slide]
    #[arg(long, value_name = "WHAT", value_enum)]
    at_cut: Option<AtCutArg>,
    /// The most steps of the integrator along one flow, each 12 evaluations of its field; by the size of the loss unless told
    #[arg(long, value_name = "N")]
    max_steps: Option<usize>,
    /// A record of training that train writes, to be drawn and summed up; repeatable
    #[arg(long, value_name = "RECORD")]
    record: Vec<PathBuf>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Html,
    Latex,
    Typst,
    Pdf,
    Markdown,
}

impl Kind {
    /// As the ending of the file says.
    fn of(path: &Path) -> Result<Self, Failure> {
        match path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase().as_str() {
            "html" | "htm" => Ok(Self::Html),
            "tex" => Ok(Self::Latex),
            "typ" => Ok(Self::Typst),
            "pdf" => Ok(Self::Pdf),
            "md" => Ok(Self::Markdown),
            _ => Err(Failure::Other(format!(
                "--output {}: a report is written as .html, .tex, .typ, .pdf or .md, or as HTML to standard output by --output -",
                path.display()
            ))),
        }
    }
}

pub(super) fn run(args: &Args, arguments: &[OsString]) -> Result<ExitCode, Failure> {
    let order = args.order.checked()?;
    let to_standard = outputs::is_standard(&args.output);
    let kind = if to_standard { Kind::Html } else { Kind::of(&args.output)? };
    let method = args.method.resolved(&args.loss)?;
    let records = args.record.iter().map(|path| Record::read(path).map_err(|e| Failure::flag("--record", e)));
    let records = records.collect::<Result<Vec<Record>, Failure>>()?;
    let options = ReportOptions {
        optimizer: method.optimizer.clone(),
        order,
        h: args.h.clone(),
        steps: args.steps.unwrap_or(ReportOptions::default().steps),
        flows: args.flows.clone(),
        at_cut: args.at_cut.unwrap_or(AtCutArg::Slide).into(),
        max_steps: args.max_steps,
        records,
        command: Some(command_line(arguments)),
        ..ReportOptions::default()
    };
    let (report, notes) = match args.file.source_if_any()? {
        Some(_) => of_loss(args, &method, options)?,
        None => of_optimizer(args, method, options)?,
    };
    let document = report.document().reworded(&|text| in_words(text).into_owned());
    match kind {
        _ if to_standard => print(&document::html(&document)),
        Kind::Html => {
            write_file(&args.output, document::html(&document).as_bytes())?;
            wrote(&args.output);
        }
        Kind::Markdown | Kind::Latex | Kind::Typst => beside(&args.output, &document, kind)?,
        Kind::Pdf => pdf(&args.output, &document)?,
    }
    let rest = report.warnings().filter(|w| !notes.contains(w)).cloned();
    warn(&notes.iter().cloned().chain(rest).collect::<Vec<Warning>>());
    Ok(ExitCode::from(u8::from(!report.ok())))
}

fn of_loss(args: &Args, method: &Method, options: ReportOptions) -> Result<(Report, Vec<Warning>), Failure> {
    let source = args.file.source()?;
    let loss = args.loss.read_for(&source, method)?;
    method.fits(&loss)?;
    let options = ReportOptions { start: given_start(args.start.as_deref(), &loss)?, ..options };
    ready(args)?;
    let gather = || Report::gather(&loss, &source.title(), &options);
    let report = with_progress("deriving, checking and simulating", gather)
        .map_err(|e| Failure::Other(format!("{}: {e}", source.name())))?;
    Ok((report, notes(&loss, &method.optimizer)))
}

fn of_optimizer(args: &Args, method: Method, options: ReportOptions) -> Result<(Report, Vec<Warning>), Failure> {
    let given = [
        ("--h", args.h.is_some()),
        ("--start", args.start.is_some()),
        ("--flows", !args.flows.is_empty()),
        ("--steps", args.steps.is_some()),
        ("--at-cut", args.at_cut.is_some()),
        ("--max-steps", args.max_steps.is_some()),
    ];
    if let Some((flag, _)) = given.iter().find(|(_, given)| *given) {
        return Err(Failure::Other(without_loss(flag)));
    }
    args.loss.refuse_without_loss()?;
    let method = method.without_loss()?;
    ready(args)?;
    let name = method.optimizer.name().replace(['-', '\n', '\r'], " ");
    let mut letters = name.chars();
    let title: String = letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default();
    let gather = || Report::of_optimizer(&title, &options);
    let report = with_progress("deriving and checking", gather).map_err(|e| Failure::flag("--order", e))?;
    Ok((report, Vec::new()))
}

/// Refuses an output that is an input; asked when all inputs are read, and before the work.
fn ready(args: &Args) -> Result<(), Failure> {
    if outputs::is_standard(&args.output) {
        return Ok(());
    }
    outputs::check(&[("--output", Some(&args.output))])
}

fn wrote(path: &Path) {
    print(&format!("wrote {}", path.display()));
}

/// A document and its pictures, each with the name of its file beside it.
fn with_pictures(path: &Path, document: &Document, kind: Kind, picture: PictureFormat) -> Result<WithFiles, Failure> {
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let ending = match picture {
        PictureFormat::Svg => "svg",
        PictureFormat::Pdf => "pdf",
        PictureFormat::Png => "png",
    };
    let file = |figure: &Figure| format!("{stem}-{}.{ending}", figure.name);
    let failed = |e| Failure::flag("--output", e);
    let mut pictures = Vec::new();
    for figure in document.figures() {
        let bytes = match picture {
            PictureFormat::Svg => figure.svg().into_bytes(),
            PictureFormat::Pdf => figure.pdf().map_err(failed)?,
            PictureFormat::Png => figure.png().map_err(failed)?,
        };
        pictures.push((file(figure), bytes));
    }
    let named = |figure: &Figure| Some(file(figure));
    let text = match kind {
        Kind::Markdown => document::markdown_with(document, &named),
        Kind::Typst => document::typst_with(document, &named),
        _ => document::latex_with(document, &named),
    };
    Ok((text, pictures))
}

/// Writes a document and its pictures, in files beside it.
fn beside(path: &Path, document: &Document, kind: Kind) -> Result<(), Failure> {
    let picture = if kind == Kind::Markdown { PictureFormat::Svg } else { PictureFormat::Pdf };
    let (text, pictures) = with_pictures(path, document, kind, picture)?;
    for (name, bytes) in &pictures {
        write_file(&path.with_file_name(name), bytes)?;
    }
    write_file(path, text.as_bytes())?;
    wrote(path);
    for (name, _) in &pictures {
        wrote(&path.with_file_name(name));
    }
    Ok(())
}

/// Sets a document by a LaTeX or a Typst on the PATH; where there is none, writes what it would be set from.
fn pdf(path: &Path, document: &Document) -> Result<(), Failure> {
    // Names that every LaTeX can read, whatever the document's own is.
    let latex = || with_pictures(Path::new("report.tex"), document, Kind::Latex, PictureFormat::Pdf);
    let typst = |picture| with_pictures(Path::new("report.typ"), document, Kind::Typst, picture);
    match with_progress("setting", || set(&latex, &typst))? {
        Ok(bytes) => {
            write_file(path, &bytes)?;
            wrote(path);
            Ok(())
        }
        Err(why) => {
            let source = path.with_extension("tex");
            if is_input(&source) {
                return Err(Failure::Other(format!(
                    "--output {}: it could not be set ({why}), and the LaTeX in its place would be {}, which the command reads; choose another name",
                    path.display(),
                    source.display()
                )));
            }
            // A file that nobody named is not written over.
            if source.exists() {
                return Err(Failure::Other(format!(
                    "--output {}: it could not be set ({why}), and {} is there already: --output {} writes over it",
                    path.display(),
                    source.display(),
                    source.display()
                )));
            }
            say(&format!("{} could not be set ({why}); {} is written in its place", path.display(), source.display()));
            outputs::check(&[("--output", Some(&source))])?;
            beside(&source, document, Kind::Latex)
        }
    }
}

/// The command as it was typed, for a shell.
fn command_line(arguments: &[OsString]) -> String {
    let words = arguments.iter().skip(1).map(|argument| quoted(&argument.to_string_lossy()));
    std::iter::once("shadowflow".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_typed_again() {
        let arguments =
            ["/bin/shadowflow", "report", "--loss", "x^2/2 - x", "--param", "x", "it's"].map(OsString::from);
        assert_eq!(command_line(&arguments), "shadowflow report --loss 'x^2/2 - x' --param x 'it'\\''s'");
    }
}
