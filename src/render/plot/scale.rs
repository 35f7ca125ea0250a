//! Colours for numbers.

use super::canvas::{Across, Along, Canvas, Label, Stroke};
use super::frame::{power_of_ten, round_numbers};
use super::ink::{Ink, mixed};
use super::style::short;

/// From dark to bright, in even steps of lightness (Viridis, S. van der Walt and N. Smith 2015, in the public domain).
const VIRIDIS: [u32; 20] = [
    0x44_01_54, 0x48_15_67, 0x48_26_77, 0x45_37_81, 0x40_47_88, 0x39_56_8c, 0x33_63_8d, 0x2d_70_8e, 0x28_7d_8e,
    0x23_8a_8d, 0x1f_96_8b, 0x20_a3_87, 0x29_af_7f, 0x3c_bb_75, 0x55_c6_67, 0x73_d0_55, 0x95_d8_40, 0xb8_de_29,
    0xdc_e3_19, 0xfd_e7_25,
];
/// From blue over white to red, equal lightness on both sides (Brewer's `RdBu`, its inner shades).
const DIVERGING: [u32; 7] = [0x21_66_ac, 0x67_a9_cf, 0xd1_e5_f0, 0xf7_f7_f7, 0xfd_db_c7, 0xef_8a_62, 0xb2_18_2b];

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

/// The width of a bar.
const BAR: f64 = 18.0;

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

    pub(super) fn color(&self, shade: u16) -> Ink {
        let share = f64::from(shade) / f64::from(SHADES - 1);
        let colors: &[u32] = match self {
            Self::Logarithmic { .. } | Self::Linear { .. } => &VIRIDIS,
            Self::Diverging { .. } => &DIVERGING,
        };
        let place = share * (colors.len() - 1) as f64;
        // Within the table, so that the cast keeps the value.
        let at = (place.floor() as usize).min(colors.len() - 2);
        Ink::fixed(mixed(colors[at + 1], colors[at], place - at as f64))
    }

    /// The room that a bar and its numbers take to the right of its left end, and its name above.
    pub(super) fn width(&self, canvas: &Canvas, name: &str) -> f64 {
        let letters = canvas.letters;
        let marks = self.marks();
        let numbers = marks.iter().map(|(_, text)| canvas.measure(text, letters.small(), false)).fold(0.0, f64::max);
        (BAR + 10.0 + 1.06 * numbers).max(1.06 * canvas.measure(name, letters.usual(), false))
    }

    /// The scale as a bar with numbers, between two heights, its name above.
    pub(super) fn bar(&self, canvas: &mut Canvas, (left, top, bottom): (f64, f64, f64), name: &str) {
        let height = (bottom - top) / f64::from(SHADES);
        for shade in 0..SHADES {
            let y = bottom - height * f64::from(shade);
            // Half a unit over the next one, so that no seam shows.
            canvas.rectangles(&[[left, (y - height - 0.5).max(top), left + BAR, y]], self.color(shade));
        }
        let border = Stroke::new(Ink::GREY.on_paper(0.7), 1.0);
        let mut lines = vec![vec![(left, top), (left + BAR, top), (left + BAR, bottom), (left, bottom), (left, top)]];
        let number = Label::new(canvas.letters.small(), Ink::GREY, Across::Left, Along::Middle);
        for (share, text) in self.marks() {
            let y = bottom - (bottom - top) * share;
            lines.push(vec![(left + BAR, y), (left + BAR + 4.0, y)]);
            canvas.text(&text, (left + BAR + 8.0, y), number);
        }
        canvas.lines(&lines, border);
        let label = Label::new(canvas.letters.usual(), Ink::TEXT, Across::Left, Along::Bottom);
        canvas.text(name, (left, top - 0.7 * canvas.letters.usual()), label);
    }

    fn marks(&self) -> Vec<(f64, String)> {
        match *self {
            Self::Logarithmic { low, high } => {
                let step = ((high - low) / 7.0).ceil().max(1.0);
                let first = (low / step).ceil() * step;
                let decades = (0..16).map(|k| first + f64::from(k) * step).take_while(|d| *d <= high);
                let marks: Vec<_> = decades.map(|d| ((d - low) / (high - low), power_of_ten(d))).collect();
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
