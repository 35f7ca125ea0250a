//! Colours for numbers.

use super::PlotError;
use super::canvas::{Canvas, Label};
use super::frame::round_numbers;
use super::style::{GREY, INK, short};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// Shades that a scale has: neighbours of one shade are drawn as one.
const SHADES: u16 = 96;

/// How numbers become colours.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scale {
    /// By the logarithm, from dark (the lower end) to bright.
    Logarithmic { low: f64, high: f64 },
    /// By the value, likewise.
    Linear { low: f64, high: f64 },
    /// From blue below 0 over white to red above, up to this size.
    Diverging { size: f64 },
}

impl Scale {
    /// A logarithmic scale for positive values, over at most twelve decades below the largest; `None` if none is positive.
    pub(super) fn logarithmic(values: impl Iterator<Item = f64>) -> Option<Self> {
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for value in values.filter(|v| v.is_finite() && *v > 0.0) {
            low = low.min(value);
            high = high.max(value);
        }
        if high <= 0.0 {
            return None;
        }
        let (low, high) = (low.max(high * 1e-12).log10(), high.log10());
        Some(Self::Logarithmic { low: if high - low < 1e-3 { high - 1.0 } else { low }, high })
    }

    /// A linear scale between two ends, which may be one.
    pub(super) fn linear(low: f64, high: f64) -> Self {
        let margin = if high > low { 0.0 } else { (0.1 * high.abs()).max(0.5) };
        Self::Linear { low: low - margin, high: high + margin }
    }

    /// A diverging scale: most values fit, the rest have the end's colour.
    pub(super) fn diverging(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut sizes: Vec<f64> = values.filter(|v| v.is_finite()).map(f64::abs).collect();
        sizes.sort_by(f64::total_cmp);
        let size = *sizes.get(sizes.len() * 9 / 10).or(sizes.last())?;
        if size <= 0.0 {
            return Some(Self::Diverging { size: 1.0 });
        }
        // A round number, the next above.
        let power = 10_f64.powf(size.log10().floor());
        Some(Self::Diverging { size: [1.0, 2.0, 4.0, 10.0].map(|m| m * power).into_iter().find(|s| *s >= size)? })
    }

    /// The number of a value's shade; values outside have that of the nearer end.
    pub(super) fn shade(&self, value: f64) -> Option<u16> {
        if value.is_nan() {
            return None;
        }
        let share = match *self {
            Self::Logarithmic { low, high } => (value.max(0.0).log10() - low) / (high - low),
            Self::Linear { low, high } => (value - low) / (high - low),
            Self::Diverging { size } => 0.5 + 0.5 * value / size,
        };
        // Within the shades' numbers, so that the cast keeps the value.
        Some((share.clamp(0.0, 1.0) * f64::from(SHADES - 1)).round() as u16)
    }

    pub(super) fn color(&self, shade: u16) -> RGBColor {
        let share = f64::from(shade) / f64::from(SHADES - 1);
        match self {
            Self::Logarithmic { .. } | Self::Linear { .. } => ViridisRGB.get_color(share),
            // Blue and red of equal lightness (Brewer's RdBu, its inner shades).
            Self::Diverging { .. } => DerivedColorMap::new(&[
                RGBColor(33, 102, 172),
                RGBColor(103, 169, 207),
                RGBColor(209, 229, 240),
                RGBColor(247, 247, 247),
                RGBColor(253, 219, 199),
                RGBColor(239, 138, 98),
                RGBColor(178, 24, 43),
            ])
            .get_color(share),
        }
    }

    /// The scale as a bar with numbers, between two heights.
    pub(super) fn bar<B: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, B>,
        (left, top, bottom): (f64, f64, f64),
        name: &str,
    ) -> Result<(), PlotError> {
        let width = 18.0;
        let height = (bottom - top) / f64::from(SHADES);
        for shade in 0..SHADES {
            let y = bottom - height * f64::from(shade);
            // Half a unit over the next one, so that no seam shows.
            canvas.rectangle((left, y - height - 0.5), (left + width, y), self.color(shade))?;
        }
        let outline = [(left, top), (left + width, top), (left + width, bottom), (left, bottom), (left, top)];
        canvas.line(&outline, GREY.mix(0.55), 1.0)?;
        for (share, text) in self.marks() {
            let y = bottom - (bottom - top) * share;
            canvas.line(&[(left + width, y), (left + width + 4.0, y)], GREY.mix(0.55), 1.0)?;
            canvas.text(&text, (left + width + 8.0, y), Label::new(12.5, GREY, HPos::Left, VPos::Center))?;
        }
        canvas.text(name, (left, top - 22.0), Label::new(13.0, INK, HPos::Left, VPos::Center))
    }

    fn marks(&self) -> Vec<(f64, String)> {
        match *self {
            Self::Logarithmic { low, high } => {
                let step = ((high - low) / 7.0).ceil().max(1.0);
                let first = (low / step).ceil() * step;
                let decades = (0..16).map(|k| first + f64::from(k) * step).take_while(|d| *d <= high);
                let text = |d: f64| if d == 0.0 { "1".to_owned() } else { format!("1e{d:.0}").replace('-', "−") };
                let marks: Vec<_> = decades.map(|d| ((d - low) / (high - low), text(d))).collect();
                if marks.len() > 1 {
                    return marks;
                }
                [low, high].map(|d| ((d - low) / (high - low), short(10_f64.powf(d)))).to_vec()
            }
            Self::Linear { low, high } => {
                let marks = round_numbers((low, high), 6).into_iter().filter(|x| *x >= low);
                marks.map(|x| ((x - low) / (high - low), short(x))).collect()
            }
            Self::Diverging { size } => {
                [-1.0, -0.5, 0.0, 0.5, 1.0].map(|share| (0.5 + 0.5 * share, short(share * size))).to_vec()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_middle_and_beyond() {
        let scale = Scale::logarithmic([1e-4, f64::NAN, 0.0, 1.0].into_iter()).unwrap();
        assert_eq!(scale.shade(1e-4), Some(0));
        assert_eq!(scale.shade(1.0), Some(SHADES - 1));
        assert_eq!(scale.shade(0.0), Some(0));
        assert_eq!(scale.shade(f64::NAN), None);
        assert!(Scale::logarithmic([0.0].into_iter()).is_none());
        let scale = Scale::diverging([-2.0, 1.0].into_iter()).unwrap();
        assert_eq!((scale.shade(-9.0), scale.shade(9.0)), (Some(0), Some(SHADES - 1)));
        assert_eq!(scale.marks()[2], (0.5, "0".to_owned()));
    }
}
