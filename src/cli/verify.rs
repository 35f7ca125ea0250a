//! `shadowflow verify`

use super::Failure;
use super::output::{print, with_progress};
use crate::file::read_text;
use crate::proof::document::{read_document, verify};
use crate::render::{json, text};
use clap::ValueEnum;
use std::path::PathBuf;
use std::process::ExitCode;

/// The largest document that is read.
const MAX_BYTES: u64 = 1 << 30;

/// Replay a derivation step by step, independently of what made it, and check that its terms follow
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status 1 if anything does not follow.

Example:
  shadowflow verify examples/proofs/order-3.json")]
pub(super) struct Args {
    /// What `derive --proof --format json` wrote
    #[arg(value_name = "PROOF.json")]
    file: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let file = |e: &dyn std::fmt::Display| Failure::Other(format!("{}: {e}", args.file.display()));
    let text = read_text(&args.file, MAX_BYTES).map_err(|e| file(&format!("cannot read it: {e}")))?;
    let document = read_document(text.as_bytes()).map_err(|e| file(&e))?;
    let report = with_progress("verifying", || verify(&document)).map_err(|e| file(&e))?;
    print(&match args.format {
        Format::Text => text::verified(&report),
        Format::Json => json::verified(&report).to_string(),
    });
    Ok(ExitCode::from(u8::from(!report.ok)))
}
