//! The command: arguments in, a library call, a renderer.
//!
//! Exit status: 0 done, 1 a check failed, 2 bad input or usage or a limit, 130 interrupted.
//!
//! What is said goes through `output`, and not through `println!` and its like, which panic where nothing can be written.

#![allow(clippy::doc_markdown, reason = "these docs are the help texts, where backticks would be shown")]

mod check;
mod cite;
mod claim;
mod completions;
mod derive;
mod derive_stream;
mod eval;
mod examples;
mod export;
mod flags;
mod global;
mod hints;
mod input;
mod man;
mod map;
mod output;
mod outputs;
mod pdf;
mod plot;
mod report;
mod simulate;
mod source;
mod stability;
mod sweep;
mod train;
mod typeset;
mod verify;

use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

/// Derive, prove, compile and run the modified (shadow) flow that an optimizer follows exactly.
#[derive(Debug, Parser)]
#[command(
    name = "shadowflow",
    bin_name = "shadowflow",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  shadowflow derive --order 3
  shadowflow derive --loss \"x^4/4 + x^2/2\" --param x
  shadowflow report examples/losses/banana.loss --output banana.html",
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: global::Global,
}

#[derive(Debug, Subcommand)]
enum Command {
    Derive(derive::Args),
    Check(check::Args),
    Claim(claim::Args),
    Verify(verify::Args),
    Eval(eval::Args),
    Simulate(simulate::Args),
    Sweep(sweep::Args),
    Map(map::Args),
    Stability(stability::Args),
    Plot(plot::Args),
    Train(Box<train::Args>),
    Report(report::Args),
    Export(export::Args),
    Examples(examples::Args),
    Cite(cite::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Runs the command on the process's arguments and returns its exit status.
#[must_use]
pub fn main() -> ExitCode {
    output::finish_cleanly_on_interrupt();
    crate::file::remember_inputs();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let Cli { command, global } = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return explained(&hints::hinted(error, &Cli::command(), &arguments), &arguments),
    };
    let budget = global.install();
    if let Some(seconds) = global::max_seconds() {
        output::watch(seconds);
    }
    let done = budget.run(|| match command {
        Command::Derive(args) => derive::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Claim(args) => claim::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Sweep(args) => sweep::run(&args),
        Command::Map(args) => map::run(&args),
        Command::Stability(args) => stability::run(&args),
        Command::Plot(args) => plot::run(&args),
        Command::Train(args) => train::run(&args, &arguments),
        Command::Report(args) => report::run(&args, &arguments),
        Command::Export(args) => export::run(&args),
        Command::Examples(args) => examples::run(&args),
        Command::Cite(args) => cite::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    });
    let failure = match done {
        Ok(Ok(status)) => return status,
        Ok(Err(failure)) => failure,
        Err(stopped) => Failure::Other(format!("{stopped} before there was a result to print; raise it")),
    };
    output::say(&failure.message());
    ExitCode::from(2)
}

/// Prints what clap has to say: help and the version as results, the rest as an error.
fn explained(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let text = error.render();
    if error.use_stderr() {
        let coloured = global::color_in(arguments, std::io::stderr().is_terminal());
        output::say(&output::readable(&if coloured { text.ansi().to_string() } else { text.to_string() }));
        return ExitCode::from(2);
    }
    let coloured = global::color_in(arguments, std::io::stdout().is_terminal());
    output::print(&if coloured { text.ansi().to_string() } else { text.to_string() });
    ExitCode::SUCCESS
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

    fn message(&self) -> String {
        match self {
            Failure::Loss(errors) => errors.render(global::color()),
            Failure::Drawn(text) => text.trim_end().to_owned(),
            Failure::Other(text) => format!("{} {}", global::heading("error:"), output::readable(text)),
        }
    }
}
