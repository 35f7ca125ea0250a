//! What a flag, value or word that is not known was probably meant to be.

use super::simulate::flow;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};
use std::ffi::OsString;

/// Other names of a flag, and the flags that may be meant, best first, with what is said of the one that the subcommand has.
type Synonym = (&'static [&'static str], &'static [(&'static str, &'static str)]);

const FLAGS: &[Synonym] = &[
    (
        &["lr", "learning-rate", "step-size", "stepsize", "eta", "dt", "rate", "gamma", "hh"],
        &[("h", "the step size (learning rate) is --h")],
    ),
    (
        &["step"],
        &[("h", "the step size is --h, the number of steps --steps"), ("steps", "the number of steps is --steps")],
    ),
    (
        &["iterations", "iters", "iter", "epochs", "epoch", "n-steps", "num-steps", "max-iter", "n", "k"],
        &[("steps", "the number of steps is --steps")],
    ),
    (
        &["at", "start", "x0", "theta0", "theta", "init", "initial", "point", "from"],
        &[("start", "the start is --start"), ("at", "the point is --at"), ("near", "where to search is --near")],
    ),
    (
        &["flow", "flows"],
        &[("flows", "the flows are --flows, separated by commas"), ("flow", "a map is of one flow: --flow")],
    ),
    (
        &["optimizer", "optimiser", "opt", "algorithm", "integrator", "solver"],
        &[("method", "the optimizer is --method, its momentum --momentum")],
    ),
    (&["beta", "mu", "m"], &[("momentum", "the momentum is --momentum")]),
    (&["n-max", "degree", "orders", "terms-to"], &[("order", "the order is --order")]),
    (&["tol", "rtol", "atol", "eps"], &[("tolerance", "the integrator's tolerance is --tolerance")]),
    (&["timeout", "time", "time-limit"], &[("max-seconds", "the time is limited by --max-seconds")]),
    (&["const", "define", "d"], &[("set", "constants get values by --set NAME=VALUE")]),
    (&["params", "parameter", "parameters", "var", "vars"], &[("param", "the parameters of --loss are --param")]),
    (&["expr", "expression", "e", "function", "f"], &[("loss", "an expression for the loss is --loss")]),
    (
        &["output", "out", "o", "save", "save-to", "figure", "fig", "png", "svg", "image"],
        &[
            ("data", "a picture goes to --plot FILE.svg, .png or .pdf, the numbers to --data FILE.csv, .json or .npy"),
            ("plot", "a picture goes to --plot FILE.svg, .png or .pdf; what is printed goes to a file by > FILE"),
            ("output", "the document is --output FILE"),
            ("format", "what is printed goes to a file by > FILE"),
        ],
    ),
    (&["json", "latex", "tex", "csv", "text", "table"], &[("format", "the format is --format")]),
];

/// Other names for values of `--format`.
const FORMATS: &[(&str, &[&str])] = &[
    ("tex", &["latex"]),
    ("mathjax", &["latex"]),
    ("txt", &["text", "table"]),
    ("plain", &["text", "table"]),
    ("table", &["text"]),
    ("text", &["table"]),
    ("markdown", &["text", "table"]),
    ("md", &["text", "table"]),
    ("jsonl", &["json"]),
    ("tsv", &["csv"]),
];

/// Other names for subcommands, and what is said.
const COMMANDS: &[(&str, &str)] = &[
    ("run", "flows are run by simulate"),
    ("integrate", "flows are run by simulate"),
    ("evaluate", "values at a point are printed by eval"),
    ("prove", "a proof is printed by derive --proof"),
    ("proof", "a proof is printed by derive --proof"),
    ("draw", "records of training are drawn by plot, simulations by simulate --plot, maps by map --plot"),
    ("surface", "the loss over a plane is drawn by map --plane"),
    ("field", "fields are drawn by map"),
    ("critical", "critical points are found by stability"),
];

/// The error with what was probably meant, where that can be told.
pub(super) fn hinted(mut error: Error, program: &Command, arguments: &[OsString]) -> Error {
    let words: Vec<String> = arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let command = program.get_subcommands().find(|c| words.iter().any(|word| word == c.get_name()));
    let hint = match (error.kind(), command) {
        (ErrorKind::UnknownArgument, Some(command)) => {
            let given = text(&error, ContextKind::InvalidArg);
            // How to give it as a file's name helps nobody.
            error.remove(ContextKind::Suggested);
            if given.starts_with('-') { flag(&given, command, program) } else { stray(&given, command, &words) }
        }
        (ErrorKind::InvalidValue, Some(command)) => {
            let (argument, value) = (text(&error, ContextKind::InvalidArg), text(&error, ContextKind::InvalidValue));
            let valid = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(values)) => values.clone(),
                _ => Vec::new(),
            };
            if !argument.starts_with("--format") {
                return error;
            }
            match format(&value, &valid, command, program) {
                Some(Format::Value(meant)) => {
                    error.insert(ContextKind::SuggestedValue, ContextValue::String(meant));
                    return error;
                }
                Some(Format::Elsewhere(hint)) => {
                    error.remove(ContextKind::SuggestedValue);
                    Some(hint)
                }
                None => None,
            }
        }
        (ErrorKind::InvalidSubcommand, _) => {
            let given = text(&error, ContextKind::InvalidSubcommand);
            subcommand(&given)
        }
        _ => None,
    };
    if let Some(hint) = hint {
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::SuggestedSubcommand);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint.into()]));
    }
    error
}

fn text(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    }
}

fn has(command: &Command, flag: &str) -> bool {
    command.get_arguments().any(|a| a.get_long() == Some(flag))
}

/// A hint for a flag that the subcommand does not have.
fn flag(given: &str, command: &Command, program: &Command) -> Option<String> {
    let name = given.trim_start_matches('-').to_ascii_lowercase().replace('_', "-");
    let synonym = FLAGS.iter().find(|(others, _)| others.contains(&name.as_str())).map(|(_, meant)| *meant);
    let here = synonym.into_iter().flatten().find(|(flag, _)| has(command, flag) && *flag != name);
    if let Some((flag, said)) = here {
        return Some(match *flag {
            "format" if has_format(command, &name) => format!("{said} {}", if name == "tex" { "latex" } else { &name }),
            _ => (*said).to_owned(),
        });
    }
    let meant = if program.get_subcommands().any(|c| has(c, &name)) {
        name.as_str()
    } else {
        synonym.and_then(|meant| meant.first()).map(|(flag, _)| *flag)?
    };
    let others: Vec<&str> = program.get_subcommands().filter(|c| has(c, meant)).map(Command::get_name).collect();
    match (others.as_slice(), command.get_name()) {
        ([], _) => None,
        (_, "derive") if meant == "h" => {
            Some("the formulas hold for every step size; eval and simulate take --h".to_owned())
        }
        (others, this) => Some(format!("{this} has no --{meant}; it is a flag of {}", others.join(", "))),
    }
}

fn has_format(command: &Command, name: &str) -> bool {
    let name = if name == "tex" { "latex" } else { name };
    let values = command.get_arguments().find(|a| a.get_long() == Some("format")).map(clap::Arg::get_possible_values);
    values.into_iter().flatten().any(|value| value.matches(name, false))
}

/// A hint for a word that belongs to no flag.
fn stray(given: &str, command: &Command, words: &[String]) -> Option<String> {
    let before = words.iter().position(|word| word == given).and_then(|at| words.get(at.checked_sub(1)?));
    let point = given.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !name.contains(' ')
    });
    let look_alikes = ['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}'];
    if words.iter().any(|word| word.starts_with(look_alikes)) {
        return Some("flags start with two plain hyphens, --".to_owned());
    }
    if point && before.is_some_and(|word| word.contains('=')) {
        return Some("a list of NAME=VALUE has commas and no spaces, or quotation marks around it".to_owned());
    }
    if has(command, "flows") && words.iter().any(|word| word == "--flows") && flow(given.trim_matches(',')).is_ok() {
        return Some("flows are separated by commas, without spaces".to_owned());
    }
    None
}

/// What a format may have been meant to be.
enum Format {
    /// Another value of this subcommand.
    Value(String),
    /// Something to say.
    Elsewhere(String),
}

fn format(value: &str, valid: &[String], command: &Command, program: &Command) -> Option<Format> {
    let value = value.to_ascii_lowercase();
    let (_, meant) = FORMATS.iter().find(|(other, _)| *other == value).unwrap_or(&("", &[]));
    if let Some(meant) = meant.iter().find(|meant| valid.iter().any(|v| v == *meant)) {
        return Some(Format::Value((*meant).to_owned()));
    }
    let asked = meant.first().copied().unwrap_or(&value);
    let others: Vec<&str> = program.get_subcommands().filter(|c| has_format(c, asked)).map(Command::get_name).collect();
    let this = command.get_name();
    (!others.is_empty())
        .then(|| Format::Elsewhere(format!("{this} has no format {asked}, as {} have", others.join(", "))))
}

/// A hint for what is no subcommand.
fn subcommand(given: &str) -> Option<String> {
    if let Some((_, said)) = COMMANDS.iter().find(|(other, _)| *other == given) {
        return Some((*said).to_owned());
    }
    let is_file = given.ends_with(".loss") || std::path::Path::new(given).is_file();
    is_file.then(|| format!("what to do with it? For example: shadowflow derive {given}"))
}
