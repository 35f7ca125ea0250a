//! The flags of every command: limits, and how much is said.

use crate::budget::{Budget, bytes_text, default_memory, end_now, parse_bytes, stop_at};
use clap::ValueEnum;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

/// Flags that every command has.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Limits and messages")]
pub(super) struct Global {
    /// The most seconds for the whole command; what is finished by then is printed
    #[arg(long, value_name = "S", global = true, value_parser = seconds)]
    max_seconds: Option<f64>,
    /// The most seconds for one flow from one start
    #[arg(long, value_name = "S", global = true, value_parser = seconds, hide_short_help = true)]
    flow_seconds: Option<f64>,
    /// The most memory, as in 2GiB, 500MB or a number of bytes; half of the machine's unless told
    #[arg(long, value_name = "SIZE", global = true, value_parser = parse_bytes, hide_short_help = true)]
    max_memory: Option<u64>,
    /// Say nothing on standard error but errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Show details
    #[arg(long, short, global = true)]
    verbose: bool,
    /// When to colour messages and help; auto is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", global = true, value_enum, default_value_t = Color::Auto, hide_short_help = true)]
    color: Color,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

static GLOBAL: OnceLock<Global> = OnceLock::new();

fn global() -> &'static Global {
    GLOBAL.get_or_init(Global::default)
}

/// Whether only results and errors are wanted.
pub(super) fn quiet() -> bool {
    global().quiet
}

/// Whether details are wanted.
pub(super) fn verbose() -> bool {
    global().verbose
}

/// The flag that limits one flow, for messages.
pub(super) const FLOW_SECONDS: &str = "--flow-seconds";

/// The most seconds for the command.
pub(super) fn max_seconds() -> Option<f64> {
    global().max_seconds
}

/// The most seconds for one flow.
pub(super) fn flow_seconds() -> Option<f64> {
    global().flow_seconds
}

/// Whether standard error is written in colours.
pub(super) fn color() -> bool {
    color_for(global().color, std::io::stderr().is_terminal())
}

fn color_for(color: Color, terminal: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && !told_no_colour(),
    }
}

/// Whether the environment asks for no colours (<https://no-color.org>), or names a terminal that has none.
fn told_no_colour() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|name| name == "dumb")
}

/// What a message begins with, `error:` or `warning`, in the colour of its kind where standard error is written in colours.
pub(super) fn heading(word: &str) -> String {
    let colour = if word.starts_with("error") { 31 } else { 33 };
    if color() { format!("\u{1b}[{colour}m{word}\u{1b}[0m") } else { word.to_owned() }
}

/// Whether to write in colours before the arguments are understood, as where they are not.
pub(super) fn color_in(arguments: &[OsString], terminal: bool) -> bool {
    let told = arguments.iter().enumerate().rev().find_map(|(at, argument)| {
        let value = match argument.to_str()?.strip_prefix("--color")? {
            "" => arguments.get(at + 1)?.to_str()?,
            rest => rest.strip_prefix('=')?,
        };
        Color::from_str(value, false).ok()
    });
    color_for(told.unwrap_or_default(), terminal)
}

impl Global {
    /// Makes these the settings of the process, and gives its budget.
    pub(super) fn install(self) -> Budget {
        let global = GLOBAL.get_or_init(|| self);
        let mut budget = Budget::default();
        if let Some(bytes) = global.max_memory {
            budget = budget.with_memory(bytes, "--max-memory");
        } else {
            budget = budget.with_memory(default_memory(), "--max-memory, half of the machine's memory unless told");
        }
        stop_at(budget.memory().0, out_of_memory);
        if let Some(seconds) = global.max_seconds {
            budget = budget.with_seconds(seconds, "--max-seconds");
        }
        budget
    }
}

/// Where more memory than the limit is in use: there is no way back from inside an allocation.
fn out_of_memory() {
    crate::file::try_remove_unfinished();
    let limit = global().max_memory.unwrap_or_else(default_memory);
    let message = format!(
        "error: the memory limit of {} (--max-memory) was reached; raise it, or ask for less: a lower order, fewer parameters, steps or \
         points\n",
        bytes_text(limit)
    );
    end_now(&message, 2);
}

/// How long after the end of its time a command may take to print what is finished.
pub(super) fn grace(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds / 10.0)
        .unwrap_or(Duration::MAX)
        .clamp(Duration::from_millis(500), Duration::from_secs(10))
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(s) if s > 0.0 => Ok(s),
        _ => Err("expected a number of seconds above 0".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_found_in_arguments_that_are_wrong() {
        let told = |words: &[&str]| color_in(&words.iter().map(OsString::from).collect::<Vec<_>>(), false);
        assert!(told(&["derive", "--color", "always", "--nonsense"]));
        assert!(told(&["--color=never", "--color=always"]));
        assert!(!told(&["--color", "never"]) && !told(&["--color"]) && !told(&["--colour=always"]));
    }
}
