//! `shadowflow examples`

use super::output::{print, say, write_file};
use super::{Failure, global, outputs};
use crate::file::read_own;
use crate::loss::Example;
use crate::render::text;
use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// List the built-in losses, print one, or write it to a file with the data that it reads
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  shadowflow examples
  shadowflow examples banana
  shadowflow examples banana | shadowflow derive - --order 1
  shadowflow examples iris --output iris.loss")]
pub(super) struct Args {
    /// The loss to print, as the list names it
    #[arg(value_name = "NAME", value_parser = Name, hide_possible_values = true)]
    name: Option<&'static Example>,
    /// Write it to this file, and the data that it reads beside that; - for standard output
    #[arg(long, value_name = "FILE", requires = "name")]
    output: Option<PathBuf>,
}

/// Reads the name of a built-in loss; a file's name and ending are taken for it too.
#[derive(Debug, Clone, Copy)]
struct Name;

impl TypedValueParser for Name {
    type Value = &'static Example;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<Self::Value, Error> {
        let given = value.to_string_lossy();
        if let Some(example) = stem(Path::new(value)).and_then(Example::named) {
            return Ok(example);
        }
        let mut error = Error::new(ErrorKind::InvalidValue).with_cmd(command);
        let argument = argument.map_or_else(|| "[NAME]".to_owned(), ToString::to_string);
        error.insert(ContextKind::InvalidArg, ContextValue::String(argument));
        error.insert(ContextKind::InvalidValue, ContextValue::String(given.clone().into_owned()));
        let near = stem(Path::new(value)).and_then(Example::nearest);
        let meant = near.map_or_else(String::new, |near| format!("did you mean {}? ", near.name()));
        let help = format!("{meant}`shadowflow examples` lists the built-in losses");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![help.into()]));
        Err(error)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Example::all().iter().map(|example| PossibleValue::new(example.name()))))
    }
}

/// A path's last part without the ending of losses.
fn stem(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    Some(name.strip_suffix(".loss").unwrap_or(name))
}

/// How to have the built-in loss that a path seems to mean where no file is there.
pub(super) fn built_in(path: &Path) -> Option<String> {
    let example = stem(path).and_then(Example::named)?;
    let name = example.name();
    Some(format!("{name} is built in: `shadowflow examples {name} --output {name}.loss` writes it"))
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let Some(example) = args.name else {
        print(&text::examples(Example::all()));
        return Ok(ExitCode::SUCCESS);
    };
    match &args.output {
        Some(path) if !outputs::is_standard(path) => write(example, path)?,
        _ => {
            print(example.text());
            if !global::quiet() && !example.data().is_empty() {
                let (name, data) = (example.name(), data(example));
                say(&format!(
                    "it reads {data}, which `shadowflow examples {name} --output {name}.loss` writes beside it"
                ));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn data(example: &Example) -> String {
    example.data().iter().map(|file| file.name).collect::<Vec<_>>().join(", ")
}

/// Writes a loss and its data. What is there already and was changed is kept, since it may be somebody's work.
fn write(example: &Example, path: &Path) -> Result<(), Failure> {
    outputs::check(&[("--output", Some(path))])?;
    let beside = example.data().iter().map(|file| (path.with_file_name(file.name), file.text));
    let files: Vec<(PathBuf, &str)> = std::iter::once((path.to_owned(), example.text())).chain(beside).collect();
    for (path, text) in &files {
        let is_same = || read_own(path, u64::MAX).is_ok_and(|there| there == text.as_bytes());
        if path.is_file() && !is_same() {
            let shown = path.display();
            return Err(Failure::flag(
                "--output",
                format!("{shown} is there already and differs; choose another name or folder"),
            ));
        }
    }
    for (path, text) in &files {
        write_file(path, text.as_bytes())?;
    }
    let written: Vec<String> = files.iter().map(|(path, _)| path.display().to_string()).collect();
    print(&format!("wrote {}", written.join(" and ")));
    Ok(())
}
