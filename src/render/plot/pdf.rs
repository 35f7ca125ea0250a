//! PDF, from the SVG of the same picture.

use super::PlotError;
use super::style::FONTS;
use std::sync::Arc;
use svg2pdf::usvg::{Options, Tree};
use svg2pdf::{ConversionOptions, PageOptions, to_pdf};

/// What a pixel of an SVG document is a part of, an inch.
const DPI: f32 = 96.0;

/// One page with the drawing, in the crate's own fonts.
pub(super) fn of_svg(svg: &str) -> Result<Vec<u8>, PlotError> {
    let mut options = Options { dpi: DPI, ..Options::default() };
    let fonts = options.fontdb_mut();
    for (_, bytes) in FONTS {
        fonts.load_font_source(svg2pdf::usvg::fontdb::Source::Binary(Arc::new(bytes)));
    }
    // What pictures call sans-serif.
    let family = fonts.faces().next().and_then(|face| face.families.first()).map(|(name, _)| name.clone());
    fonts.set_sans_serif_family(family.unwrap_or_default());
    let failed = |error: &dyn std::fmt::Display| PlotError::Draw(error.to_string());
    // An element's opacity makes a group of it, which takes room; that of its line and of its inside is the same here.
    let svg = svg.replace(" opacity=\"1\"", "");
    let svg = opacities(&svg);
    let tree = Tree::from_str(&svg, &options).map_err(|e| failed(&e))?;
    to_pdf(&tree, ConversionOptions::default(), PageOptions { dpi: DPI }).map_err(|e| failed(&e))
}

/// The same drawing with the opacity of each element as that of its line and its inside.
fn opacities(svg: &str) -> String {
    let mut pieces = svg.split(" opacity=\"");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let value = piece.split('"').next().unwrap_or_default();
        out.push_str(&format!(" stroke-opacity=\"{value}\" fill-opacity=\"{piece}"));
    }
    out
}
