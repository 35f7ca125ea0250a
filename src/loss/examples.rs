//! The built-in losses: those of `examples/losses`, with the data that they read, so that an installed program has them.

use super::parse::{self, Mode};
use super::suggest::nearest;
use super::syntax::Statement;
use super::{Loss, LossErrors, Options, files};

/// A loss that comes with this crate.
///
/// ```
/// use shadowflow::loss::{Example, Options};
/// let banana = Example::named("banana").expect("a built-in loss");
/// assert_eq!(banana.parameters(), ["x", "y"]);
/// assert_eq!(banana.loss(&Options::default())?.expression.pool().dimension(), 2);
/// # Ok::<(), shadowflow::loss::LossErrors>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    name: &'static str,
    text: &'static str,
    data: &'static [DataFile],
}

/// A data file that a built-in loss reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataFile {
    /// Its name, as the loss gives it.
    pub name: &'static str,
    /// What is in it.
    pub text: &'static str,
}

macro_rules! in_folder {
    ($name:expr) => {
        include_str!(concat!("../../examples/losses/", $name))
    };
}

macro_rules! built_in {
    ($name:literal $(, $data:ident)?) => {
        Example { name: $name, text: in_folder!(concat!($name, ".loss")), data: &[$($data)?] }
    };
}

const BREAST_CANCER: DataFile = DataFile { name: "breast_cancer.csv", text: in_folder!("breast_cancer.csv") };
const DIGITS: DataFile = DataFile { name: "digits.csv", text: in_folder!("digits.csv") };
const IRIS: DataFile = DataFile { name: "iris.csv", text: in_folder!("iris.csv") };

static EXAMPLES: [Example; 21] = [
    built_in!("banana"),
    built_in!("breast_cancer", BREAST_CANCER),
    built_in!("breast_cancer_network", BREAST_CANCER),
    built_in!("digits", DIGITS),
    built_in!("digits_300", DIGITS),
    built_in!("digits_deep", DIGITS),
    built_in!("digits_squared", DIGITS),
    built_in!("exclusive_or"),
    built_in!("iris", IRIS),
    built_in!("iris_5x10", IRIS),
    built_in!("iris_squared", IRIS),
    built_in!("logistic_regression"),
    built_in!("nonquadratic_1d"),
    built_in!("quadratic_1d"),
    built_in!("quadratic_divergent"),
    built_in!("quadratic_oscillating"),
    built_in!("quadratic_stable"),
    built_in!("random_regression"),
    built_in!("ridge_regression"),
    built_in!("saddle"),
    built_in!("symbolic"),
];

impl Example {
    /// All of them, by name.
    #[must_use]
    pub fn all() -> &'static [Example] {
        &EXAMPLES
    }

    /// The one of a name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Example> {
        EXAMPLES.iter().find(|example| example.name == name)
    }

    /// The one that a misspelt name was probably meant to be.
    #[must_use]
    pub fn nearest(name: &str) -> Option<&'static Example> {
        nearest(name, EXAMPLES.iter().map(|example| example.name)).and_then(Self::named)
    }

    /// Its name, the file's without its ending.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The text of its file, in the loss language.
    #[must_use]
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// The data files that it reads.
    #[must_use]
    pub fn data(&self) -> &'static [DataFile] {
        self.data
    }

    /// What it is, in one sentence: the first of the comment that its file begins with.
    #[must_use]
    pub fn summary(&self) -> String {
        let lines = self.text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
        let comment = lines.collect::<Vec<_>>().join(" ");
        match comment.split_once(". ") {
            Some((sentence, _)) => format!("{sentence}."),
            None => comment,
        }
    }

    /// Its parameters as they are declared, with their shapes, such as `x` and `W[4, 10]`.
    #[must_use]
    pub fn parameters(&self) -> Vec<&'static str> {
        let statements = parse::parse(self.text, Mode::Loss, &Options::default(), &mut Vec::new());
        let mut found = Vec::new();
        for statement in statements {
            let Statement::Param(items) = statement else { continue };
            for item in items {
                let end = item.size.map_or(item.name.end(), |(brackets, _)| brackets.end());
                found.extend(self.text.get(item.name.start()..end));
            }
        }
        found
    }

    /// The loss, with its data.
    ///
    /// # Errors
    /// As [`Loss::parse`]: values in the options that do not fit, limits that are too low.
    pub fn loss(&self, options: &Options) -> Result<Loss, LossErrors> {
        let files = self.data.iter().fold(files(options), |files, data| files.with(data.name, data.text));
        Loss::parse_with(self.text, &format!("{}.loss", self.name), options, files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/losses");

    #[test]
    fn all_of_the_folder_are_built_in_and_read_as_from_there() {
        let files = std::fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let losses: BTreeSet<String> = files.filter_map(|name| Some(name.strip_suffix(".loss")?.to_owned())).collect();
        let names: Vec<&str> = EXAMPLES.iter().map(Example::name).collect();
        assert_eq!(names, losses.iter().collect::<Vec<_>>(), "sorted, and each of examples/losses");
        for example in Example::all().iter().filter(|e| e.data.is_empty() || e.name == "iris") {
            let built_in = example.loss(&Options::default()).unwrap_or_else(|errors| panic!("{errors}"));
            let path = format!("{FOLDER}/{}.loss", example.name);
            let read = Loss::read(&path, &Options::default()).unwrap_or_else(|errors| panic!("{errors}"));
            let data = |loss: &Loss| format!("{:?}", loss.expression.pool().data());
            assert_eq!((&built_in.source, data(&built_in)), (&read.source, data(&read)));
            let declared: Vec<&str> = built_in.expression.pool().parameters().map(|(name, _)| name).collect();
            let said: Vec<&str> = example.parameters().iter().filter_map(|p| p.split('[').next()).collect();
            assert_eq!(said, declared);
        }
    }

    #[test]
    fn each_has_the_data_that_it_names_and_a_sentence() {
        for example in Example::all() {
            let named: BTreeSet<&str> =
                example.text.split("csv(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let held: BTreeSet<&str> = example.data.iter().map(|file| file.name).collect();
            assert_eq!(named, held, "{}", example.name);
            let summary = example.summary();
            assert!(summary.ends_with('.') && (20..160).contains(&summary.len()), "{}: {summary}", example.name);
        }
        assert_eq!(Example::named("iris").unwrap().parameters(), ["W1[4, 10]", "b1[10]", "W2[10, 3]", "b2[3]"]);
        assert_eq!(Example::nearest("bananna").map(Example::name), Some("banana"));
        assert_eq!(Example::named("Banana"), None);
    }
}
