//! What all pictures share: size, colours, fonts.

use crate::formula::Symbols;
use plotters::style::RGBColor;
use plotters::style::{FontStyle, register_font};
use std::sync::OnceLock;

/// Colours of flows that remain apart for colour-blind readers and in grey (Okabe & Ito 2008, without black and yellow, then three
/// of P. Tol's muted scheme); then those of flows that only records have: shades of one colour for the orders of a period-two flow.
pub(super) const PALETTE: [RGBColor; 14] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(136, 34, 85),
    RGBColor(110, 110, 110),
    RGBColor(153, 153, 51),
    RGBColor(172, 144, 222),
    RGBColor(116, 60, 186),
    RGBColor(66, 20, 116),
    RGBColor(148, 96, 44),
    RGBColor(200, 30, 60),
];

/// The optimizer's colour and that of titles.
pub(super) const INK: RGBColor = RGBColor(26, 28, 32);
/// The colour of descriptions and axes.
pub(super) const GREY: RGBColor = RGBColor(92, 98, 108);
/// The colour of grid lines.
pub(super) const FAINT: RGBColor = RGBColor(228, 231, 236);

/// The font family, which SVG viewers resolve and which PNG takes from the crate's own files.
pub(super) const FONT: &str = "sans-serif";

/// The crate's own fonts.
pub(super) const FONTS: [(FontStyle, &[u8]); 2] = [
    (FontStyle::Normal, include_bytes!("../../../assets/OpenSans-Regular.ttf")),
    (FontStyle::Bold, include_bytes!("../../../assets/OpenSans-Semibold.ttf")),
];

/// Makes the fonts known to `plotters`; `false` if they cannot be read.
pub(super) fn fonts() -> bool {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    *REGISTERED.get_or_init(|| FONTS.into_iter().all(|(style, bytes)| register_font(FONT, style, bytes).is_ok()))
}

/// The dashes, in units, of the flow at a place: solid lines first, then ever shorter dashes, to tell lines that coincide.
pub(super) fn dash(place: usize) -> Option<(f64, f64)> {
    // The fifth has gaps that show the fourth, its neighbour in most pictures, beneath it.
    let all = [None, Some((11.0, 4.0)), Some((6.0, 4.0)), Some((2.5, 3.0)), Some((16.0, 8.0))];
    if place == 4 { all[4] } else { all[place % 4] }
}

/// The step size in words where the loss has a parameter of its letter.
pub(super) fn step_size(parameters: &[String], h: f64) -> String {
    let plain = Symbols::beside(parameters.iter().map(String::as_str)).text("h") == "h";
    format!("{} {}", if plain { "h =" } else { "step size" }, short(h))
}

/// A number for an axis or a legend, short: `0.25`, `-3`, `1e-9`.
pub(super) fn short(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 || size < 1e-12 {
        return "0".to_owned();
    }
    if !(1e-3..1e5).contains(&size) {
        return format!("{x:.0e}").replace('-', "−");
    }
    let text = format!("{x:.4}");
    text.trim_end_matches('0').trim_end_matches('.').replace('-', "−")
}
