//! Where a loss comes from: a file, standard input, or the command line.

use super::Failure;
use super::examples::built_in;
use super::flags::argument;
use crate::loss::{Loss, LossErrorKind, LossErrors, Options};
use std::path::{Path, PathBuf};

/// The loss that a subcommand is about.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct FileArg {
    /// The loss: a file in the loss language, or - for standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The loss as an expression, in place of a file, as in "x^4/4 + x^2/2"; its parameters are given by --param
    #[arg(long = "loss", id = "expression", value_name = "EXPR", allow_hyphen_values = true)]
    expression: Option<String>,
    /// Parameters of --loss, as in x,y or "w[3]" or "x = 1/2"; repeatable
    #[arg(long = "param", id = "parameters", value_name = "NAMES")]
    parameters: Vec<String>,
}

/// The losses that a subcommand is about, one or several.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct FilesArg {
    /// The losses: files in the loss language, or - for standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The loss as an expression, in place of files, as in "x^4/4 + x^2/2"; its parameters are given by --param
    #[arg(long = "loss", id = "expression", value_name = "EXPR", allow_hyphen_values = true)]
    expression: Option<String>,
    /// Parameters of --loss, as in x,y or "w[3]" or "x = 1/2"; repeatable
    #[arg(long = "param", id = "parameters", value_name = "NAMES")]
    parameters: Vec<String>,
}

impl FilesArg {
    /// Where the losses come from, one at least, none twice.
    pub(super) fn sources(&self) -> Result<Vec<Source>, Failure> {
        let [first, rest @ ..] = self.files.as_slice() else { return Ok(vec![self.beside(None).source()?]) };
        let mut sources = vec![self.beside(Some(first)).source()?];
        for file in rest {
            let next = self.beside(Some(file)).source()?;
            if sources.contains(&next) {
                return Err(Failure::Other(format!("{} is given twice; name each loss once", next.name())));
            }
            sources.push(next);
        }
        Ok(sources)
    }

    fn beside(&self, file: Option<&PathBuf>) -> FileArg {
        FileArg { file: file.cloned(), expression: self.expression.clone(), parameters: self.parameters.clone() }
    }
}

/// One of the three, as the arguments say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Input,
    /// An expression with its parameters.
    Inline {
        /// The loss.
        expression: String,
        /// What the statements `param` would say.
        parameters: Vec<String>,
    },
}

impl FileArg {
    /// Where the loss comes from, where one is given.
    pub(super) fn source_if_any(&self) -> Result<Option<Source>, Failure> {
        match (&self.file, &self.expression) {
            (Some(word), Some(_)) if !word.exists() && word != Path::new("-") => Err(Failure::Other(format!(
                "`{}` belongs to no flag, and the loss is given by --loss; lists have commas and no spaces",
                word.display()
            ))),
            (Some(file), Some(_)) => Err(Failure::Other(format!(
                "a loss is given twice, by the file {} and by --loss: leave out one of them",
                file.display()
            ))),
            (file, None) if !self.parameters.is_empty() => Err(Failure::Other(match file {
                Some(file) => format!(
                    "--param belongs to --loss; {} declares its own parameters, so leave --param out",
                    file.display()
                ),
                None => format!(
                    "--param gives the parameters of --loss, which is missing: add the loss, as in --loss \"{}\"",
                    example(&self.parameters)
                ),
            })),
            (None, None) => Ok(None),
            (Some(file), None) if file == Path::new("-") => Ok(Some(Source::Input)),
            (Some(file), None) => Ok(Some(Source::File(file.clone()))),
            (None, Some(expression)) => {
                Ok(Some(Source::Inline { expression: expression.clone(), parameters: self.parameters.clone() }))
            }
        }
    }

    /// Where the loss comes from.
    pub(super) fn source(&self) -> Result<Source, Failure> {
        self.source_if_any()?.ok_or_else(|| {
            Failure::Other(
                "which loss? Name a file, - for standard input, or give it here, as in --loss \"x^4/4 + x^2/2\" --param x"
                    .to_owned(),
            )
        })
    }
}

/// A loss in the first of these parameters.
fn example(parameters: &[String]) -> String {
    let first = parameters.first().map_or("x", String::as_str);
    let name: String = first.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    match (name.is_empty(), first.contains('[')) {
        (true, _) => "x^2/2".to_owned(),
        (_, true) => format!("norm2({name})/2"),
        _ => format!("{name}^2/2"),
    }
}

impl Source {
    /// How messages call it.
    pub(super) fn name(&self) -> String {
        match self {
            Source::File(path) => path.display().to_string(),
            Source::Input => "<stdin>".to_owned(),
            Source::Inline { .. } => "--loss".to_owned(),
        }
    }

    /// How a command names it.
    pub(super) fn argument(&self) -> String {
        match self {
            Source::File(path) => path.display().to_string(),
            Source::Input => "-".to_owned(),
            Source::Inline { expression, parameters } => {
                let parameters: Vec<String> = parameters.iter().map(|p| format!("--param '{p}'")).collect();
                format!("--loss '{expression}' {}", parameters.join(" "))
            }
        }
    }

    /// How pictures and documents call it: the file's name without its ending.
    pub(super) fn title(&self) -> String {
        match self {
            Source::File(path) => path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            Source::Input => "loss".to_owned(),
            Source::Inline { expression, .. } if expression.chars().count() <= 60 => expression.trim().to_owned(),
            Source::Inline { .. } => "loss".to_owned(),
        }
    }

    /// Reads it.
    pub(super) fn read(&self, options: &Options) -> Result<Loss, Failure> {
        match self {
            Source::File(path) => Loss::read(path, options).map_err(|errors| Failure::Loss(unread(path, errors))),
            Source::Input => Ok(Loss::from_reader(&mut std::io::stdin().lock(), &self.name(), options)?),
            Source::Inline { expression, parameters } => {
                if parameters.is_empty() {
                    return Err(Failure::Other(undeclared(expression, options)));
                }
                Loss::inline(expression, parameters, options).map_err(|errors| match Path::new(expression).is_file() {
                    true => Failure::Other(format!(
                        "--loss takes an expression; the file {expression} is given without --loss"
                    )),
                    false => Failure::Loss(in_arguments(errors)),
                })
            }
        }
    }
}

/// The errors of `Loss::inline`, with the flags for the names of its arguments.
fn in_arguments(mut errors: LossErrors) -> LossErrors {
    for text in
        errors.errors.iter_mut().flat_map(|error| [&mut error.label, &mut error.help, &mut error.note]).flatten()
    {
        for name in ["expression", "parameters"] {
            *text = text.replace(&format!("at {name}:"), &format!("at {}:", argument(name)));
        }
    }
    LossErrors { path: argument(&errors.path).to_owned(), ..errors }
}

/// What to say of an expression without parameters: which it seems to have.
fn undeclared(expression: &str, options: &Options) -> String {
    if Path::new(expression).is_file() {
        return format!("--loss takes an expression; the file {expression} is given without --loss");
    }
    let mut names: Vec<String> = Vec::new();
    if let Err(errors) = Loss::inline(expression, &[], options) {
        for error in errors.errors {
            if let LossErrorKind::Undeclared(name) = error.kind
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
    }
    match names.as_slice() {
        [] => "--loss needs its parameters: name them with --param, as in --param x,y".to_owned(),
        names => format!("--loss needs its parameters: add --param {}", names.join(",")),
    }
}

/// The errors of a file, with what may have been meant where it cannot be read.
fn unread(path: &Path, mut errors: LossErrors) -> LossErrors {
    for error in &mut errors.errors {
        if matches!(error.kind, LossErrorKind::Unreadable(_)) && error.help.is_none() {
            error.help = meant(path);
        }
    }
    errors
}

/// What a path that cannot be read may have been meant to be.
fn meant(path: &Path) -> Option<String> {
    let text = path.to_str()?;
    if path.is_dir() {
        let inside = losses(path);
        return inside.first().map(|first| format!("name a file in it, such as {}", path.join(first).display()));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name()?.to_str()?;
    let here = |name: &str| Some(format!("did you mean {}?", path.with_file_name(name).display()));
    let inside = losses(folder);
    let completed = format!("{name}.loss");
    if inside.contains(&completed) {
        return here(&completed);
    }
    if looks_like_an_expression(text) {
        return Some(format!("an expression is given by --loss \"{text}\" --param {}", names(text).join(",")));
    }
    if let Some(example) = built_in(path) {
        return Some(example);
    }
    let near = inside
        .iter()
        .map(|other| (strsim::damerau_levenshtein(name, other), other))
        .filter(|(distance, _)| *distance <= (name.len() / 3).max(1))
        .min();
    near.and_then(|(_, other)| here(other))
}

/// The loss files in a folder, sorted; of a large one some.
fn losses(folder: &Path) -> Vec<String> {
    const ENTRIES: usize = 10_000;
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .take(ENTRIES)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "loss"))
        .collect();
    names.sort_unstable();
    names
}

/// Whether what was given for a file reads as a formula.
fn looks_like_an_expression(text: &str) -> bool {
    let marks = |marks: &str| text.contains(|c| marks.contains(c));
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "_ .^*+-/()[],".contains(c));
    // `a/b` is a path as much as a quotient; `a/2` is not.
    let divided = text.split('/').skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_digit()));
    plain
        && !names(text).is_empty()
        && (marks("^*+(") || ((marks("- ") || divided) && !text.contains('.') && !text.starts_with('/')))
}

/// The names in a formula that are no functions.
fn names(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        let word = &rest[start..];
        let end = word.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(word.len());
        let (name, after) = word.split_at(end);
        let starts_as_a_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if starts_as_a_name
            && !after.starts_with('(')
            && !["pi", "e"].contains(&name)
            && !names.iter().any(|n| n == name)
        {
            names.push(name.to_owned());
        }
        rest = after;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_files() {
        for formula in ["x^2", "x*y", "exp(x)", "(1-x)^2 + 100*(y-x^2)^2", "x**4/4", "x^2/2 - x", "x/2"] {
            assert!(looks_like_an_expression(formula), "{formula}");
        }
        for file in ["banana.loss", "losses/banana", "../banana.loss", "/tmp/x", "2", "a:b", ""] {
            assert!(!looks_like_an_expression(file), "{file}");
        }
        assert_eq!(names("exp(x)*w_1 + 2*pi*x"), ["x", "w_1"]);
    }
}
