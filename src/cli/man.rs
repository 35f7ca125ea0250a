//! `shadowflow man`

use super::output::{print, write_file};
use super::{Cli, Failure};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Print a manual page, or write all of them
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The pages hold what --help says. `shadowflow man derive | man -l -` shows one;
written to ~/.local/share/man/man1, or where `manpath` says, man finds them.

Examples:
  shadowflow man > shadowflow.1
  shadowflow man derive > shadowflow-derive.1
  shadowflow man --output .")]
pub(super) struct Args {
    /// The page of this command; that of shadowflow itself unless told
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
    /// Write all pages into this folder, shadowflow.1 and shadowflow-COMMAND.1
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let program = whole();
    match &args.output {
        Some(folder) => write(&program, folder)?,
        None => print(&page(chosen(&program, args.command.as_deref())?)),
    }
    Ok(ExitCode::SUCCESS)
}

/// The program with what the short help leaves out, which pages would leave out too.
fn whole() -> Command {
    let shown = |command: Command| command.mut_args(|argument| argument.hide_short_help(false));
    let mut program = shown(Cli::command()).disable_help_subcommand(true).mut_subcommands(shown);
    program.build();
    program
}

/// The command of a name, and the program where there is no name.
fn chosen<'a>(program: &'a Command, name: Option<&str>) -> Result<&'a Command, Failure> {
    let Some(name) = name else { return Ok(program) };
    let own = program.get_name();
    let name = name.strip_prefix(own).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name);
    if name == own {
        return Ok(program);
    }
    program.find_subcommand(name).ok_or_else(|| {
        let names: Vec<&str> = program.get_subcommands().map(Command::get_name).collect();
        let meant = crate::loss::nearest(name, names.iter().copied());
        let meant = meant.map_or_else(String::new, |meant| format!("Did you mean {meant}? "));
        Failure::Other(format!("man {name}: there is no such command. {meant}The commands are {}", names.join(", ")))
    })
}

fn write(program: &Command, folder: &Path) -> Result<(), Failure> {
    if !folder.is_dir() {
        let shown = folder.display();
        if folder.exists() {
            let one = "`shadowflow man > shadowflow.1` writes one page";
            return Err(Failure::flag("--output", format!("{shown} is a file, and all pages go to a folder; {one}")));
        }
        return Err(Failure::flag("--output", format!("there is no folder {shown}; make it, or name another")));
    }
    for command in std::iter::once(program).chain(program.get_subcommands()) {
        write_file(&folder.join(Man::new(command.clone()).get_filename()), page(command).as_bytes())?;
    }
    let count = 1 + program.get_subcommands().count();
    print(&format!("wrote {count} pages to {}", folder.display()));
    Ok(())
}

/// The page of a command, in the language of man.
fn page(command: &Command) -> String {
    // What a command's page says at its foot is of the program.
    let man = Man::new(command.clone()).source(format!("{} {}", Cli::command().get_name(), env!("CARGO_PKG_VERSION")));
    let mut page = Vec::new();
    // A vector takes whatever is written.
    let _ = man
        .render_title(&mut page)
        .and_then(|()| man.render_name_section(&mut page))
        .and_then(|()| man.render_synopsis_section(&mut page))
        .and_then(|()| man.render_description_section(&mut page))
        .and_then(|()| man.render_options_section(&mut page));
    if command.has_subcommands() {
        let _ = man.render_subcommands_section(&mut page);
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let (notes, examples) = match after.find("Example") {
        Some(at) => after.split_at(at),
        None => (after.as_str(), ""),
    };
    let examples = examples.split_once('\n').map_or("", |(_, lines)| lines);
    for (heading, text) in [("NOTES", notes.trim_end()), ("EXAMPLES", examples)] {
        if !text.is_empty() {
            page.extend(as_printed(heading, text).into_bytes());
        }
    }
    String::from_utf8_lossy(&page).into_owned()
}

/// A section whose lines stay as they are.
fn as_printed(heading: &str, text: &str) -> String {
    let mut roff = Roff::default();
    roff.control("SH", [heading]).control("nf", []);
    for line in text.lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff.render()
}
