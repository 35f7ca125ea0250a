//! `shadowflow cite`

use super::Failure;
use super::output::print;
use crate::citation::{PRINCIPAL_FLOW, SHADOWFLOW, WORKS};
use crate::render::citation;
use clap::ValueEnum;
use std::process::ExitCode;

/// Print what to cite: this program, and the paper that its flows are from
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  shadowflow cite
  shadowflow cite --format text")]
pub(super) struct Args {
    /// How to print: entries for BibTeX, a line each, or the file CITATION.cff
    #[arg(long, value_enum, default_value_t = Format::Bibtex)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Bibtex,
    Text,
    Cff,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    print(&match args.format {
        Format::Bibtex => citation::bibtex(&WORKS),
        Format::Text => citation::text(&WORKS),
        Format::Cff => citation::cff(&SHADOWFLOW, &[PRINCIPAL_FLOW]),
    });
    Ok(ExitCode::SUCCESS)
}
