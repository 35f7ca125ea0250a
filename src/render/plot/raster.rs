//! PNG, from the SVG of the same picture.

use super::PlotError;
use super::font::options;
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::Tree;

/// The most pixels a side.
const MOST: f64 = 32_000.0;

/// A bitmap with so many pixels a unit, in the crate's own fonts.
pub(super) fn of_svg(svg: &str, (width, height): (f64, f64), scale: f64) -> Result<Vec<u8>, PlotError> {
    let failed = |error: &dyn std::fmt::Display| PlotError::Draw(error.to_string());
    let tree = Tree::from_str(svg, &options(96.0)).map_err(|e| failed(&e))?;
    let scale = scale.min(MOST / width.max(height).max(1.0));
    // Within bounds, so that the casts keep the values.
    let (columns, rows) = ((width * scale).round() as u32, (height * scale).round() as u32);
    let mut pixels = Pixmap::new(columns, rows).ok_or_else(|| failed(&"it has no size"))?;
    // Whole pixels reach beyond the paper by a part of one.
    pixels.fill(Color::WHITE);
    let scale = scale as f32;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    // The paper is opaque, so that there is nothing to see through.
    let colors: Vec<u8> = pixels.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, columns, rows);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let per_metre = (f64::from(scale) * 96.0 / 0.0254).round() as u32;
    let unit = png::Unit::Meter;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit }));
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&colors)?;
        writer.finish()
    });
    written.map_err(|e| failed(&e))?;
    Ok(bytes)
}
