//! What the figures share: their settings, and gradient descent beside flows that are drawn finely.

#![allow(dead_code, unused_imports, reason = "every figure uses its part")]

mod race;
mod settings;

pub(crate) use race::{Race, largest_eigenvalue};
pub(crate) use settings::{Setting, Settings};

use shadowflow::render::plot::{Chart, Picture};
use std::error::Error;

/// What can go wrong in a figure is told to its reader.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Draws a figure with the settings of the command line and writes it, with its data beside it.
#[allow(clippy::print_stdout, reason = "says what it wrote")]
pub(crate) fn run(name: &str, known: &[Setting], figure: fn(&Settings) -> Outcome<Chart<'static>>) -> Outcome {
    let settings = Settings::read(known, std::env::args().skip(1))?;
    let chart = figure(&settings)?;
    let folder = settings.folder();
    std::fs::create_dir_all(&folder)?;
    let picture = folder.join(format!("{name}.svg"));
    chart.write(&picture)?;
    std::fs::write(picture.with_extension("csv"), chart.csv())?;
    println!("wrote {} and its data", picture.display());
    Ok(())
}
