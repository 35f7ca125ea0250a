//! Pictures of simulations, maps and records, and charts of any data, as SVG, PNG and PDF.

mod canvas;
mod cells;
mod chart;
mod contour;
mod drawing;
mod ends;
mod errors;
mod font;
mod frame;
mod ink;
mod legend;
mod map;
mod marker;
mod panel;
mod pdf;
mod plane;
mod raster;
mod record;
mod rich;
mod scale;
mod series;
mod sharpness;
mod size;
mod style;
mod surface;
#[cfg(test)]
pub(crate) mod tests;
mod trajectory;

pub use chart::Chart;
pub use drawing::{Drawing, Resized};
pub use errors::ErrorsPlot;
pub use map::MapPlot;
pub use panel::{Axis, Panel};
pub use record::RecordPlot;
pub use series::{Look, Series};
pub use sharpness::SharpnessPlot;
pub use size::Size;
pub use style::Style;
pub use surface::SurfacePlot;
pub use trajectory::TrajectoryPlot;

use crate::file;
use crate::record::RecordError;
use std::path::Path;

/// Why a picture could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// The simulation does not fit the picture.
    #[error(
        "trajectories over contours are drawn for exactly 2 parameters, not {0}; errors against steps for any number"
    )]
    NotPlanar(usize),
    /// There is nothing to show.
    #[error("nothing to draw: {0}")]
    Empty(&'static str),
    /// The record has not what is to be drawn.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The record has too many optimizers.
    #[error("the record has {0} optimizers, and {most} are drawn beside each other at most", most = record::MOST_GROUPS)]
    Crowded(usize),
    /// The name of the file has another ending.
    #[error("cannot tell the format of `{0}`: pictures end in .svg, .png or .pdf")]
    UnknownFormat(String),
    /// The file could not be written.
    #[error("cannot write `{path}`: {source}")]
    Write {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nobody could read a picture of that width in millimetres.
    #[error("a picture cannot be {0} millimetres wide: choose from 60 to 600; a column of a page has about 84")]
    Width(f64),
    /// What makes PNG and PDF of SVG gave up.
    #[error("the picture could not be drawn: {0}")]
    Draw(String),
}

/// Something that can be drawn.
pub trait Picture {
    /// Draws at a size.
    ///
    /// # Errors
    /// [`PlotError`] if the data do not fit the picture.
    fn draw(&self, size: Size) -> Result<Drawing, PlotError>;

    /// The same at a width in print.
    fn at(&self, size: Size) -> Resized<'_, Self> {
        Resized::new(self, size)
    }

    /// The picture as an SVG document, whose colours follow whether its reader asks for a dark screen; alone or within a page.
    ///
    /// # Errors
    /// [`PlotError`] if the data do not fit the picture.
    fn svg(&self) -> Result<String, PlotError> {
        Ok(self.draw(Size::default())?.svg())
    }

    /// The picture as the bytes of a PDF of one page, its fonts embedded and its text searchable.
    ///
    /// # Errors
    /// [`PlotError`] if the data do not fit the picture.
    fn pdf(&self) -> Result<Vec<u8>, PlotError> {
        self.draw(Size::default())?.pdf()
    }

    /// The picture as the bytes of a PNG, two pixels a unit of which 96 are an inch.
    ///
    /// # Errors
    /// [`PlotError`] if the data do not fit the picture.
    fn png(&self) -> Result<Vec<u8>, PlotError> {
        self.draw(Size::default())?.png()
    }

    /// Writes the picture to a file that ends in `.svg`, `.png` or `.pdf`, whole or not at all.
    ///
    /// # Errors
    /// [`PlotError`] if the data do not fit the picture, the ending is another one or the file cannot be written.
    fn write(&self, path: &Path) -> Result<(), PlotError> {
        let format = Format::of(path)?;
        let drawing = self.draw(Size::default())?;
        let bytes = match format {
            Format::Svg => drawing.svg().into_bytes(),
            Format::Png => drawing.png()?,
            Format::Pdf => drawing.pdf()?,
        };
        file::write(path, &bytes).map_err(|source| PlotError::Write { path: path.display().to_string(), source })
    }
}

/// How a picture is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As the ending `.svg` says.
    Svg,
    /// As `.png` says.
    Png,
    /// As `.pdf` says.
    Pdf,
}

impl Format {
    /// The format that the ending of a file's name says, in capitals too.
    ///
    /// ```
    /// use shadowflow::render::plot::Format;
    /// assert_eq!(Format::of("run.PDF".as_ref())?, Format::Pdf);
    /// assert!(Format::of("run.gif".as_ref()).is_err());
    /// # Ok::<(), shadowflow::render::plot::PlotError>(())
    /// ```
    ///
    /// # Errors
    /// [`PlotError::UnknownFormat`] for other endings.
    pub fn of(path: &Path) -> Result<Self, PlotError> {
        match path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase().as_str() {
            "svg" => Ok(Self::Svg),
            "png" => Ok(Self::Png),
            "pdf" => Ok(Self::Pdf),
            _ => Err(PlotError::UnknownFormat(path.display().to_string())),
        }
    }
}
