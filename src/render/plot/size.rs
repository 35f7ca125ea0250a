//! How large a picture is printed, and its letters with it.

use super::PlotError;

/// Units in a millimetre: 96 are an inch.
const UNITS: f64 = 96.0 / 25.4;
/// The smallest letters, 7 points, in units, and a little more since widths are rounded up.
const LEAST: f64 = 7.05 / 72.0 * 96.0;
/// Widths that can be asked for, in millimetres.
const WIDTHS: (f64, f64) = (60.0, 600.0);

/// How wide a picture is printed; as wide as what it shows asks for unless told.
///
/// Letters have their size in print: none is smaller than 7 points, indices included, so that a picture for one column of a page can be read there.
///
/// ```
/// use shadowflow::render::plot::{Axis, Chart, Look, Panel, Picture, Series, Size};
/// let panel = Panel::new("", Axis::new("$x$"), Axis::new("$x^2$")).with(Series::new("", Look::Curve, vec![(0.0, 0.0), (1.0, 1.0)]));
/// let column = Chart::new("", "", vec![panel]).at(Size::millimetres(84.0)?).svg()?;
/// assert!(column.contains("width=\"84mm\""));
/// assert!(Size::millimetres(8.4).is_err());
/// # Ok::<(), shadowflow::render::plot::PlotError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Size {
    millimetres: Option<f64>,
}

impl Size {
    /// A width in print.
    ///
    /// # Errors
    /// [`PlotError::Width`] below 60 and above 600 mm.
    pub fn millimetres(width: f64) -> Result<Self, PlotError> {
        if (WIDTHS.0..=WIDTHS.1).contains(&width) {
            Ok(Self { millimetres: Some(width) })
        } else {
            Err(PlotError::Width(width))
        }
    }

    /// The width in print, if one was asked for.
    pub(super) fn print(self) -> Option<f64> {
        self.millimetres
    }

    /// The width in units, if one was asked for.
    pub(super) fn units(self) -> Option<f64> {
        self.millimetres.map(|mm| mm * UNITS)
    }

    /// The letters of a picture.
    pub(super) fn letters(self) -> Letters {
        Letters { base: self.units().map_or(12.5, |w| (w / 45.0).clamp(10.5, 12.5)) }
    }
}

/// The sizes of letters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Letters {
    base: f64,
}

impl Letters {
    /// The smallest.
    pub(super) fn least(self) -> f64 {
        LEAST
    }

    /// Numbers at axes, and remarks.
    pub(super) fn small(self) -> f64 {
        (0.96 * self.base).max(LEAST)
    }

    /// Names of axes and of what is drawn.
    pub(super) fn usual(self) -> f64 {
        1.04 * self.base
    }

    /// Titles of panels.
    pub(super) fn heading(self) -> f64 {
        1.12 * self.base
    }

    /// The title of a picture.
    pub(super) fn title(self) -> f64 {
        1.4 * self.base
    }

    /// The height of a line.
    pub(super) fn line(self) -> f64 {
        1.45 * self.base
    }

    /// Lines thinner where letters are smaller.
    pub(super) fn thin(self) -> f64 {
        self.base / 12.5
    }
}
