//! Pictures of simulations, maps and records, and charts of any data, as SVG, PNG and PDF.

mod canvas;
mod cells;
mod chart;
mod contour;
mod errors;
mod frame;
mod legend;
mod map;
mod panel;
mod pdf;
mod record;
mod scale;
mod series;
mod sharpness;
mod style;
mod surface;
#[cfg(test)]
pub(crate) mod tests;
mod trajectory;

pub use chart::Chart;
pub use errors::ErrorsPlot;
pub use map::MapPlot;
pub use panel::{Axis, Panel};
pub use record::RecordPlot;
pub use series::{Look, Series};
pub use sharpness::SharpnessPlot;
pub use surface::SurfacePlot;
pub use trajectory::TrajectoryPlot;

pub use canvas::Canvas;
#[cfg(feature = "report")]
pub(super) use pdf::of_svg as pdf_of_svg;

use crate::file;
use crate::record::RecordError;
use plotters::prelude::*;
use std::path::Path;

/// Pixels a unit in PNG, so that it is sharp on fine screens.
const PNG_SCALE: u32 = 2;
/// `plotters` takes a glyph's box for lower than it is when it rasterises text.
const PNG_LIFT: f64 = 0.13;
/// Drawing units a unit in SVG: `plotters` rounds coordinates to whole numbers, which shows in lines without it.
const SVG_SCALE: u32 = 8;

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
    /// The drawing library gave up.
    #[error("the picture could not be drawn: {0}")]
    Draw(String),
}

fn failed<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> PlotError {
    PlotError::Draw(error.to_string())
}

/// Something that can be drawn.
pub trait Picture {
    /// Width and height in SVG units, 96 an inch; a PNG has twice as many pixels.
    fn size(&self) -> (u32, u32);

    /// Draws.
    ///
    /// # Errors
    /// [`PlotError`] if the data do not fit the picture.
    fn draw<B: DrawingBackend>(&self, canvas: &Canvas<'_, B>) -> Result<(), PlotError>;

    /// The picture as an SVG document.
    ///
    /// # Errors
    /// [`PlotError`] if the data do not fit the picture.
    fn svg(&self) -> Result<String, PlotError> {
        prepare()?;
        let (width, height) = self.size();
        let mut text = String::new();
        {
            let area = SVGBackend::with_string(&mut text, (width * SVG_SCALE, height * SVG_SCALE)).into_drawing_area();
            self.draw(&Canvas::new(&area, SVG_SCALE, 0.0))?;
            area.present().map_err(failed)?;
        }
        let drawn = format!("width=\"{}\" height=\"{}\"", width * SVG_SCALE, height * SVG_SCALE);
        Ok(text.replacen(&drawn, &format!("width=\"{width}\" height=\"{height}\""), 1))
    }

    /// The picture as the bytes of a PDF of one page, its fonts embedded and its text searchable.
    ///
    /// # Errors
    /// [`PlotError`] if the data do not fit the picture.
    fn pdf(&self) -> Result<Vec<u8>, PlotError> {
        pdf::of_svg(&self.svg()?)
    }

    /// Writes the picture to a file that ends in `.svg`, `.png` or `.pdf`, whole or not at all.
    ///
    /// # Errors
    /// [`PlotError`] if the data do not fit the picture, the ending is another one or the file cannot be written.
    fn write(&self, path: &Path) -> Result<(), PlotError> {
        let bytes = match Format::of(path)? {
            Format::Svg => self.svg()?.into_bytes(),
            Format::Png => self.png()?,
            Format::Pdf => self.pdf()?,
        };
        file::write(path, &bytes).map_err(|source| PlotError::Write { path: path.display().to_string(), source })
    }

    /// The picture as the bytes of a PNG, two pixels a unit.
    ///
    /// # Errors
    /// [`PlotError`] if the data do not fit the picture.
    fn png(&self) -> Result<Vec<u8>, PlotError> {
        prepare()?;
        let (width, height) = self.size();
        let (width, height) = (width * PNG_SCALE, height * PNG_SCALE);
        let mut pixels = vec![0; width as usize * height as usize * 3];
        {
            let area = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
            self.draw(&Canvas::new(&area, PNG_SCALE, PNG_LIFT))?;
            area.present().map_err(failed)?;
        }
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let written = encoder.write_header().and_then(|mut writer| {
            writer.write_image_data(&pixels)?;
            writer.finish()
        });
        written.map_err(|e| PlotError::Draw(e.to_string()))?;
        Ok(bytes)
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

fn prepare() -> Result<(), PlotError> {
    if style::fonts() { Ok(()) } else { Err(PlotError::Draw("the built-in font cannot be read".to_owned())) }
}
