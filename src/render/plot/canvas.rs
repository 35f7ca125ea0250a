//! Drawing in units rather than pixels.

use super::style::{FONT, fonts};
use super::{PlotError, failed};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A drawing area whose coordinates are units, from its top left corner.
#[allow(missing_debug_implementations, reason = "the back ends of plotters have none")]
pub struct Canvas<'a, B: DrawingBackend> {
    area: &'a DrawingArea<B, Shift>,
    scale: f64,
    /// What a text centred at a point lies too high by, in sizes of its font.
    lift: f64,
}

/// How a text stands at its point.
#[derive(Clone, Copy)]
pub(super) struct Label {
    pub(super) size: f64,
    pub(super) color: RGBColor,
    pub(super) bold: bool,
    pub(super) horizontal: HPos,
    pub(super) vertical: VPos,
    /// Whether it reads upwards.
    pub(super) upwards: bool,
}

impl Label {
    pub(super) fn new(size: f64, color: RGBColor, horizontal: HPos, vertical: VPos) -> Self {
        Self { size, color, bold: false, horizontal, vertical, upwards: false }
    }
}

impl<'a, B: DrawingBackend> Canvas<'a, B> {
    pub(super) fn new(area: &'a DrawingArea<B, Shift>, scale: u32, lift: f64) -> Self {
        debug_assert!(fonts());
        Self { area, scale: f64::from(scale), lift }
    }

    fn pixel(&self, (x, y): (f64, f64)) -> (i32, i32) {
        // Clipped before, so that the casts lose fractions only.
        ((x * self.scale).round() as i32, (y * self.scale).round() as i32)
    }

    fn thickness(&self, width: f64) -> u32 {
        (width * self.scale).round().max(1.0) as u32
    }

    pub(super) fn fill(&self, color: RGBColor) -> Result<(), PlotError> {
        self.area.fill(&color).map_err(failed)
    }

    pub(super) fn line(&self, points: &[(f64, f64)], color: RGBAColor, width: f64) -> Result<(), PlotError> {
        let mut pixels: Vec<(i32, i32)> = points.iter().map(|p| self.pixel(*p)).collect();
        pixels.dedup();
        // Pixels have no limit to how far the corner of a line may stick out, as vector formats do.
        let is_bitmap = self.lift > 0.0;
        let mut start = 0;
        for end in 1..pixels.len() {
            if end + 1 == pixels.len() || is_bitmap && is_sharp(pixels[end - 1], pixels[end], pixels[end + 1]) {
                let piece = pixels[start..=end].to_vec();
                self.area.draw(&PathElement::new(piece, color.stroke_width(self.thickness(width)))).map_err(failed)?;
                start = end;
            }
        }
        Ok(())
    }

    /// A line of dashes, `(drawn, left out)` in units.
    pub(super) fn dashed(
        &self,
        points: &[(f64, f64)],
        dash: Option<(f64, f64)>,
        color: RGBAColor,
        width: f64,
    ) -> Result<(), PlotError> {
        match dash {
            None => self.line(points, color, width),
            Some(dash) => dashes(points, dash).iter().try_for_each(|piece| self.line(piece, color, width)),
        }
    }

    /// A filled rectangle from one corner to the opposite one.
    pub(super) fn rectangle(&self, a: (f64, f64), b: (f64, f64), color: RGBColor) -> Result<(), PlotError> {
        self.area.draw(&Rectangle::new([self.pixel(a), self.pixel(b)], color.filled())).map_err(failed)
    }

    pub(super) fn dot(&self, at: (f64, f64), radius: f64, color: RGBAColor) -> Result<(), PlotError> {
        let radius = (radius * self.scale).round().max(1.0) as i32;
        self.area.draw(&Circle::new(self.pixel(at), radius, color.filled())).map_err(failed)
    }

    pub(super) fn text(&self, text: &str, at: (f64, f64), label: Label) -> Result<(), PlotError> {
        let style = if label.bold { FontStyle::Bold } else { FontStyle::Normal };
        let mut font = FontDesc::new(FontFamily::from(FONT), label.size * self.scale, style);
        if label.upwards {
            font = font.transform(FontTransform::Rotate270);
        }
        let centred = matches!(label.vertical, VPos::Center);
        let at = if centred { (at.0, at.1 + self.lift * label.size) } else { at };
        let style = TextStyle::from(font).color(&label.color).pos(Pos::new(label.horizontal, label.vertical));
        self.area.draw(&Text::new(text.to_owned(), self.pixel(at), style)).map_err(failed)
    }
}

/// Whether a line turns back by more than two thirds of a half turn.
fn is_sharp(a: (i32, i32), b: (i32, i32), c: (i32, i32)) -> bool {
    let side = |from: (i32, i32), to: (i32, i32)| (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let (one, two) = (side(a, b), side(b, c));
    one.0 * two.0 + one.1 * two.1 < -0.5 * one.0.hypot(one.1) * two.0.hypot(two.1)
}

/// Cuts a line into dashes along its length.
fn dashes(points: &[(f64, f64)], (on, off): (f64, f64)) -> Vec<Vec<(f64, f64)>> {
    let mut pieces = Vec::new();
    let mut piece: Vec<(f64, f64)> = points.first().copied().into_iter().collect();
    let (mut drawing, mut left) = (true, on);
    for pair in points.windows(2) {
        let (mut here, end) = (pair[0], pair[1]);
        loop {
            let length = (end.0 - here.0).hypot(end.1 - here.1);
            if length < left {
                left -= length;
                if drawing {
                    piece.push(end);
                }
                break;
            }
            let t = left / length;
            here = (here.0 + (end.0 - here.0) * t, here.1 + (end.1 - here.1) * t);
            if drawing {
                piece.push(here);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![here];
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
        }
    }
    if piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_have_their_lengths_around_corners() {
        let pieces = dashes(&[(0.0, 0.0), (3.0, 0.0), (3.0, 3.5)], (2.0, 1.0));
        let expected = [vec![(0.0, 0.0), (2.0, 0.0)], vec![(3.0, 0.0), (3.0, 2.0)], vec![(3.0, 3.0), (3.0, 3.5)]];
        assert_eq!(pieces.len(), 3);
        assert_eq!(pieces[0], expected[0]);
        assert_eq!(pieces[2], expected[2]);
        assert_eq!(pieces[1].last(), expected[1].last());
    }
}
