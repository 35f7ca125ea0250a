//! A picture that is drawn, and the formats it is had in.

use super::canvas::Canvas;
use super::{Picture, PlotError, Size, pdf, raster};

/// A picture that is drawn at a size.
#[derive(Debug)]
pub struct Drawing {
    canvas: Canvas,
    size: Size,
}

impl Drawing {
    pub(super) fn new(canvas: Canvas, size: Size) -> Self {
        Self { canvas, size }
    }

    /// Its width and height, in units of which 96 are an inch.
    #[must_use]
    pub fn size(&self) -> (f64, f64) {
        self.canvas.size()
    }

    /// An SVG document, whose colours follow whether its reader asks for a dark screen.
    #[must_use]
    pub fn svg(&self) -> String {
        self.canvas.document(true, self.size.print())
    }

    /// The bytes of a PDF of one page.
    ///
    /// # Errors
    /// [`PlotError::Draw`] if the SVG document cannot be read, which no picture of this crate causes.
    pub fn pdf(&self) -> Result<Vec<u8>, PlotError> {
        pdf::of_svg(&self.canvas.document(false, self.size.print()))
    }

    /// The bytes of a PNG, two pixels a unit of which 96 are an inch, or 300 an inch where a width in print is asked for.
    ///
    /// # Errors
    /// [`PlotError::Draw`] if the SVG document cannot be read, which no picture of this crate causes.
    pub fn png(&self) -> Result<Vec<u8>, PlotError> {
        let scale = self.size.print().map_or(2.0, |_| 300.0 / 96.0);
        raster::of_svg(&self.canvas.document(false, None), self.canvas.size(), scale)
    }
}

/// A picture at a size.
#[derive(Debug)]
pub struct Resized<'a, P: ?Sized> {
    picture: &'a P,
    size: Size,
}

impl<'a, P: ?Sized> Resized<'a, P> {
    pub(super) fn new(picture: &'a P, size: Size) -> Self {
        Self { picture, size }
    }
}

impl<P: Picture + ?Sized> Picture for Resized<'_, P> {
    fn draw(&self, size: Size) -> Result<Drawing, PlotError> {
        self.picture.draw(if size == Size::default() { self.size } else { size })
    }
}
