//! The command: arguments in, a library call, a renderer.
//!
//! Exit status: 0 done, 1 a check failed, 2 bad input or usage, 130 interrupted.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this room is the one that talks to the terminal")]
#![allow(clippy::doc_markdown, reason = "these docs are the help texts, where backticks would be shown")]

mod check;
mod claim;
mod derive;
mod derive_stream;
mod eval;
mod hints;
mod input;
mod map;
mod output;
mod report;
mod simulate;
mod source;
mod stability;
mod verify;

use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

/// Derive, prove, compile and run the modified (shadow) flow that an optimizer follows exactly.
#[derive(Debug, Parser)]
#[command(
    name = "shadowflow",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Derive(derive::Args),
    Check(check::Args),
    Claim(claim::Args),
    Verify(verify::Args),
    Eval(eval::Args),
    Simulate(simulate::Args),
    Map(map::Args),
    Stability(stability::Args),
    Report(report::Args),
}

/// Runs the command on the process's arguments and returns its exit status.
#[must_use]
pub fn main() -> ExitCode {
    output::finish_cleanly_on_interrupt();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => hints::hinted(error, &Cli::command(), &arguments).exit(),
    };
    let done = match cli.command {
        Command::Derive(args) => derive::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Claim(args) => claim::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Map(args) => map::run(&args),
        Command::Stability(args) => stability::run(&args),
        Command::Report(args) => report::run(&args),
    };
    done.unwrap_or_else(|failure| {
        eprintln!("{}", failure.message(std::io::stderr().is_terminal()));
        ExitCode::from(2)
    })
}

/// Why a command could not do its work; always exit status 2.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The loss file is wrong, with places.
    #[error(transparent)]
    Loss(#[from] crate::loss::LossErrors),
    /// Places in a text, drawn.
    #[error("{0}")]
    Drawn(String),
    /// Anything else, said whole.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// A failure that concerns one flag.
    fn flag(flag: &str, error: impl std::fmt::Display) -> Self {
        Failure::Other(format!("{flag}: {error}"))
    }

    fn message(&self, color: bool) -> String {
        match self {
            Failure::Loss(errors) => errors.render(color),
            Failure::Drawn(text) => text.trim_end().to_owned(),
            Failure::Other(text) => format!("error: {text}"),
        }
    }
}
