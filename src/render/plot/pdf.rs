//! PDF, from the SVG of the same picture.

use super::PlotError;
use super::font::options;
use svg2pdf::usvg::Tree;
use svg2pdf::{ConversionOptions, PageOptions, to_pdf};

/// How often a picture is written for its fonts to stand in order; each time the chance is one sixth at least.
const MOST_TRIES: u32 = 300;
/// What a pixel of an SVG document is a part of, an inch.
const DPI: f32 = 96.0;

/// One page with the drawing, in the crate's own fonts.
pub(super) fn of_svg(svg: &str) -> Result<Vec<u8>, PlotError> {
    let failed = |error: &dyn std::fmt::Display| PlotError::Draw(error.to_string());
    let tree = Tree::from_str(svg, &options(DPI)).map_err(|e| failed(&e))?;
    // Fonts and resources come in an order of chance; of the six orders of three fonts one is waited for.
    let mut document = Vec::new();
    for _ in 0..MOST_TRIES {
        document = to_pdf(&tree, ConversionOptions::default(), PageOptions { dpi: DPI }).map_err(|e| failed(&e))?;
        if fonts_in_order(&document) {
            break;
        }
    }
    sort_resources(&mut document);
    Ok(document)
}

/// Whether fonts stand in the order of their numbers.
fn fonts_in_order(document: &[u8]) -> bool {
    const FONT: &[u8] = b" 0 obj\n<<\n  /Type /Font\n  /Subtype /Type0\n";
    let numbers = document.windows(FONT.len()).enumerate().filter(|(_, w)| *w == FONT).map(|(at, _)| {
        let digits = document[..at].iter().rev().take_while(|b| b.is_ascii_digit()).count();
        std::str::from_utf8(&document[at - digits..at]).ok().and_then(|n| n.parse::<u32>().ok())
    });
    numbers.is_sorted()
}

/// Sorts the names in the dictionaries of resources; that moves nothing else, since they take as many bytes in any order.
fn sort_resources(document: &mut [u8]) {
    const BEGIN: &[u8] = b"\n  /Resources <<\n";
    const END: &[u8] = b"\n  >>\n";
    let find = |document: &[u8], from: usize, what: &[u8]| {
        document[from..].windows(what.len()).position(|w| w == what).map(|at| from + at)
    };
    let mut from = 0;
    while let Some(begin) = find(document, from, BEGIN).map(|at| at + BEGIN.len()) {
        let Some(end) = find(document, begin, END) else { return };
        let lines: Vec<Vec<u8>> = document[begin..end].split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        let is_entry = |line: &Vec<u8>| line.starts_with(b"      /") && line.ends_with(b" 0 R");
        let mut sorted: Vec<Vec<u8>> = Vec::with_capacity(lines.len());
        for dictionary in lines.chunk_by(|a, b| is_entry(a) && is_entry(b)) {
            let mut dictionary = dictionary.to_vec();
            dictionary.sort();
            sorted.extend(dictionary);
        }
        document[begin..end].copy_from_slice(&sorted.join(&b'\n'));
        from = end;
    }
}
