//! How formulas are set for a paper: the flags that come with `--format latex` and `--format typst`.

use super::output::warn;
use super::{Failure, global};
use crate::file::read_text;
use crate::formula::{Markup, Spelling};
use crate::render::typeset::{Environment, MacroError, Macros, Style, Width, WidthError};
use crate::warning::Warning;
use clap::ValueEnum;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The most bytes of a file of macros.
const MAX_FILE: u64 = 1 << 20;

/// Flags of what is set for a paper.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "With --format latex or typst")]
pub(super) struct TypesetArgs {
    /// How wide lines may be: one (column of an article, 345pt), two (columns, 229pt), or a length as 252pt, 88mm, 3.5in
    #[arg(long, value_name = "WIDTH", value_parser = width, allow_hyphen_values = true)]
    width: Option<Width>,
    /// What equations stand in (latex): align breaks across pages, aligned is for MathJax and KaTeX too
    #[arg(long, value_name = "NAME", value_enum)]
    environment: Option<EnvironmentArg>,
    /// Without a preamble, for \input or #include
    #[arg(long)]
    fragment: bool,
    /// Number the equations and call them eq:NAME
    #[arg(long, value_name = "NAME", value_parser = label)]
    label: Option<String>,
    /// Letters of your own, from a file of lines such as E = \mathcal{L}; definitions in it stand in the preamble
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    macros: Option<PathBuf>,
    /// What was read of that file: it may be a FIFO, which is read once.
    #[arg(skip)]
    read: OnceLock<(String, Macros)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EnvironmentArg {
    Align,
    Aligned,
    Split,
}

fn width(text: &str) -> Result<Width, WidthError> {
    text.parse()
}

/// A name that both languages take.
fn label(text: &str) -> Result<String, String> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    if !text.is_empty() && text.len() <= 100 && text.chars().all(fine) {
        Ok(text.to_owned())
    } else {
        Err("expected letters, digits, `-`, `_`, `.` and `:`, as in `flow` for eq:flow".to_owned())
    }
}

impl TypesetArgs {
    /// The style in this language; `None` is another format, which takes none of the flags.
    pub(super) fn style(&self, markup: Option<Markup>) -> Result<Style, Failure> {
        let given = [
            ("--width", self.width.is_some()),
            ("--environment", self.environment.is_some()),
            ("--fragment", self.fragment),
            ("--label", self.label.is_some()),
            ("--macros", self.macros.is_some()),
        ];
        let Some(markup) = markup else {
            return match given.iter().find(|(_, given)| *given) {
                Some((flag, _)) => Err(Failure::Other(format!("{flag}: for --format latex and typst"))),
                None => Ok(Style::default()),
            };
        };
        if markup == Markup::Typst && self.environment.is_some() {
            return Err(Failure::Other(
                "--environment: for --format latex; typst has one block of equations".to_owned(),
            ));
        }
        let environment = match self.environment {
            None | Some(EnvironmentArg::Align) => Environment::Align,
            Some(EnvironmentArg::Aligned) => Environment::Aligned,
            Some(EnvironmentArg::Split) => Environment::Split,
        };
        Ok(Style {
            markup,
            width: self.width.unwrap_or_default(),
            environment,
            fragment: self.fragment,
            label: self.label.clone(),
            preamble: self.read(markup)?.map(|(_, macros)| macros.preamble().to_vec()).unwrap_or_default(),
        })
    }

    /// Refuses what tables have not.
    pub(super) fn of_tables(&self) -> Result<(), Failure> {
        let given = [("--environment", self.environment.is_some()), ("--label", self.label.is_some())];
        match given.iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(Failure::Other(format!("{flag}: for equations, and here are tables; leave it out"))),
            None => Ok(()),
        }
    }

    /// How names and letters are written: as ever, or with the author's macros for our letters and for these names.
    pub(super) fn spelling(&self, mut spelling: Spelling, names: &[&str], markup: Markup) -> Result<Spelling, Failure> {
        if let Some((path, macros)) = self.read(markup)? {
            let names = names.iter().collect::<BTreeSet<_>>().into_iter().copied().collect::<Vec<_>>();
            let drawn = |error: MacroError| Failure::Drawn(error.render(path, macros.source(), global::color()));
            if !macros.apply(&mut spelling, &names).map_err(drawn)? {
                let known =
                    if names.is_empty() { String::new() } else { format!(", or the names {}", names.join(", ")) };
                let message = format!(
                    "--macros: nothing in {path} is written here: it has no line for f, h, E, g, H, T or theta{known}"
                );
                warn(&[Warning::new("unused-macros", message)]);
            }
        }
        Ok(spelling)
    }

    fn read(&self, markup: Markup) -> Result<Option<&(String, Macros)>, Failure> {
        let Some(file) = &self.macros else { return Ok(None) };
        if let Some(known) = self.read.get() {
            return Ok(Some(known));
        }
        let path = file.display().to_string();
        let source = read_text(file, MAX_FILE).map_err(|e| Failure::Other(format!("cannot read {path}: {e}")))?;
        let drawn = |error: MacroError| Failure::Drawn(error.render(&path, &source, global::color()));
        let macros = Macros::parse(&source, markup).map_err(drawn)?;
        Ok(Some(self.read.get_or_init(|| (path, macros))))
    }
}
