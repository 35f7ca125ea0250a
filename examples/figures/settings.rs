//! Settings of a figure: `name=value` on the command line.

use super::Outcome;
use std::path::PathBuf;
use std::str::FromStr;

/// A setting: its name, its default and what it means.
pub(crate) type Setting = (&'static str, &'static str, &'static str);

/// The settings of a figure with their values.
#[derive(Debug)]
pub(crate) struct Settings {
    known: Vec<Setting>,
    values: Vec<String>,
}

/// Where pictures go, for every figure.
const FOLDER: Setting = ("folder", "docs/pictures/figures", "where the picture and its data go");

impl Settings {
    /// The defaults, changed by arguments `name=value`.
    pub(crate) fn read(known: &[Setting], arguments: impl IntoIterator<Item = String>) -> Outcome<Self> {
        let known: Vec<Setting> = known.iter().copied().chain([FOLDER]).collect();
        let mut settings = Self { values: known.iter().map(|k| k.1.to_owned()).collect(), known };
        for argument in arguments {
            let place = argument.split_once('=').and_then(|(name, value)| Some((settings.place(name)?, value)));
            let Some((place, value)) = place else {
                return Err(format!("no setting `{argument}`; settings are\n{}", settings.help()).into());
            };
            settings.values[place] = value.to_owned();
        }
        Ok(settings)
    }

    /// One number.
    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Outcome<T> {
        let text = self.text(name)?;
        text.parse().map_err(|_| format!("`{name}={text}` is not a number as expected").into())
    }

    /// Numbers between commas.
    pub(crate) fn numbers(&self, name: &str) -> Outcome<Vec<f64>> {
        let text = self.text(name)?;
        let numbers: Result<_, _> = text.split(',').map(|n| n.trim().parse()).collect();
        numbers.map_err(|_| format!("`{name}={text}` is not a list of numbers between commas").into())
    }

    /// The text of a setting.
    pub(crate) fn text(&self, name: &str) -> Outcome<&str> {
        let place = self.place(name).ok_or_else(|| format!("the figure has no setting `{name}`"))?;
        Ok(&self.values[place])
    }

    /// Where pictures go.
    pub(crate) fn folder(&self) -> PathBuf {
        self.text(FOLDER.0).map(PathBuf::from).unwrap_or_default()
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.known.iter().position(|k| k.0 == name)
    }

    fn help(&self) -> String {
        self.known.iter().map(|(name, default, meaning)| format!("  {name}={default}  {meaning}\n")).collect()
    }
}
