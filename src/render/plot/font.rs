//! The crate's own fonts, and how wide text is in them.

use std::sync::{Arc, OnceLock};
use svg2pdf::usvg::{Options, fontdb};
use ttf_parser::Face;

/// The families that an SVG document asks for: the crate's own where it is installed, then what is as wide.
pub(super) const FAMILIES: &str = "'Open Sans','Noto Sans','Segoe UI','Helvetica Neue',Arial,sans-serif";

/// Upright, strong and slanted.
pub(super) const FONTS: [&[u8]; 3] = [
    include_bytes!("../../../assets/OpenSans-Regular.ttf"),
    include_bytes!("../../../assets/OpenSans-Semibold.ttf"),
    include_bytes!("../../../assets/OpenSans-Italic.ttf"),
];

/// How letters stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    Upright,
    Strong,
    Slanted,
}

/// The width of text in sizes of its font, as these fonts have it.
pub(super) fn width(text: &str, face: Letters) -> f64 {
    static FACES: OnceLock<Vec<Face<'static>>> = OnceLock::new();
    let faces = FACES.get_or_init(|| FONTS.iter().filter_map(|bytes| Face::parse(bytes, 0).ok()).collect());
    // Where the font says nothing, about the width of a letter.
    const USUAL: f64 = 0.6;
    let Some(face) = faces.get(face as usize) else { return USUAL * text.chars().count() as f64 };
    let units = f64::from(face.units_per_em());
    let one =
        |c: char| face.glyph_index(c).and_then(|g| face.glyph_hor_advance(g)).map_or(USUAL, |w| f64::from(w) / units);
    text.chars().map(one).sum()
}

/// What turns SVG into shapes with these fonts and no others.
pub(super) fn options(dpi: f32) -> Options<'static> {
    let mut options = Options { dpi, ..Options::default() };
    let fonts = options.fontdb_mut();
    for bytes in FONTS {
        fonts.load_font_source(fontdb::Source::Binary(Arc::new(bytes)));
    }
    let family = fonts.faces().next().and_then(|face| face.families.first()).map(|(name, _)| name.clone());
    fonts.set_sans_serif_family(family.unwrap_or_default());
    options
}
