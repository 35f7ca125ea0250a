//! Drawing as SVG: lines, shapes and text.

use super::font::FAMILIES;
use super::ink::Ink;
use super::rich::{Height, measure, plain, script, spans, wrapped};
use super::size::Letters;
use crate::render::xml::escaped;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A drawing as it grows, in units of which 96 are an inch, from its top left corner.
#[derive(Debug)]
pub(super) struct Canvas {
    pub(super) letters: Letters,
    width: f64,
    height: f64,
    body: String,
    /// The colours of lines and of insides.
    inks: BTreeSet<(char, Ink)>,
    /// What it shows, for those who do not see it.
    name: String,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stroke {
    pub(super) ink: Ink,
    pub(super) width: f64,
    pub(super) dash: &'static [f64],
}

impl Stroke {
    pub(super) fn new(ink: Ink, width: f64) -> Self {
        Self { ink, width, dash: &[] }
    }

    /// The same in another colour and width.
    pub(super) fn on(self, ink: Ink, width: f64) -> Self {
        Self { ink, width, ..self }
    }

    pub(super) fn dashed(self, dash: &'static [f64]) -> Self {
        Self { dash, ..self }
    }
}

/// Which part of a text stands at its point, from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Across {
    Left,
    Middle,
    Right,
}

/// Which part of a text stands at its point, from top to bottom, by its capitals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Along {
    Top,
    Middle,
    Bottom,
}

/// How a text stands at its point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    pub(super) size: f64,
    pub(super) ink: Ink,
    pub(super) strong: bool,
    pub(super) across: Across,
    pub(super) along: Along,
    /// Whether it reads upwards.
    pub(super) upwards: bool,
}

impl Label {
    pub(super) fn new(size: f64, ink: Ink, across: Across, along: Along) -> Self {
        Self { size, ink, strong: false, across, along, upwards: false }
    }
}

/// The height of capitals, in sizes of the font.
const CAPITALS: f64 = 0.714;

impl Canvas {
    pub(super) fn new(width: f64, height: f64, letters: Letters, name: &str) -> Self {
        Self { letters, width, height, body: String::new(), inks: BTreeSet::new(), name: plain(name) }
    }

    /// Makes it as large as what is drawn needs.
    pub(super) fn set_size(&mut self, width: f64, height: f64) {
        (self.width, self.height) = (width.ceil(), height.ceil());
    }

    /// Width and height.
    pub(super) fn size(&self) -> (f64, f64) {
        (self.width, self.height)
    }

    /// Pieces of one line.
    pub(super) fn lines(&mut self, pieces: &[Vec<(f64, f64)>], stroke: Stroke) {
        let mut path = String::new();
        for piece in pieces {
            self.extend_path(&mut path, piece);
        }
        if !path.is_empty() {
            let look = self.stroke(Some(stroke));
            let class = self.class(None, Some(stroke.ink));
            // Writing to a string cannot fail.
            let _ = writeln!(self.body, "<path fill=\"none\"{class}{look} d=\"{path}\"/>");
        }
    }

    pub(super) fn line(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        self.lines(&[points.to_vec()], stroke);
    }

    /// Closed shapes of one colour, each by its corners.
    pub(super) fn shapes(&mut self, shapes: &[Vec<(f64, f64)>], fill: Option<Ink>, outline: Option<Stroke>) {
        let mut path = String::new();
        for shape in shapes.iter().filter(|s| s.len() > 1) {
            self.extend_path(&mut path, shape);
            path.push('z');
        }
        if !path.is_empty() {
            let look = self.paint(fill, outline);
            let _ = writeln!(self.body, "<path{look} d=\"{path}\"/>");
        }
    }

    /// Rectangles of one colour, edge to edge: without smoothed edges, so that no seams show.
    pub(super) fn rectangles(&mut self, rectangles: &[[f64; 4]], ink: Ink) {
        let mut path = String::new();
        for [left, top, right, bottom] in rectangles {
            let (x, y, w, h) = (number(*left), number(*top), number(right - left), number(bottom - top));
            let _ = write!(path, "M{x} {y}h{w}v{h}h-{w}z");
        }
        if !path.is_empty() {
            let look = self.paint(Some(ink), None);
            let _ = writeln!(self.body, "<path shape-rendering=\"crispEdges\"{look} d=\"{path}\"/>");
        }
    }

    pub(super) fn circles(&mut self, centres: &[(f64, f64)], radius: f64, fill: Option<Ink>, outline: Option<Stroke>) {
        if centres.is_empty() {
            return;
        }
        let look = self.paint(fill, outline);
        let _ = write!(self.body, "<g{look}>");
        for (x, y) in centres {
            let _ = write!(self.body, "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"/>", number(*x), number(*y), number(radius));
        }
        self.body.push_str("</g>\n");
    }

    /// A text, with mathematics between two `$`.
    pub(super) fn text(&mut self, text: &str, (x, y): (f64, f64), label: Label) {
        let drop = match label.along {
            Along::Top => CAPITALS * label.size,
            Along::Middle => 0.5 * CAPITALS * label.size,
            Along::Bottom => 0.0,
        };
        // The baseline, to the right of the point where it reads upwards.
        let (bx, by) = if label.upwards { (x + drop, y) } else { (x, y + drop) };
        let (bx, by) = (number(bx), number(by));
        let anchor = match label.across {
            Across::Left => "",
            Across::Middle => " text-anchor=\"middle\"",
            Across::Right => " text-anchor=\"end\"",
        };
        let turn = if label.upwards { format!(" transform=\"rotate(-90 {bx} {by})\"") } else { String::new() };
        let weight = if label.strong { " font-weight=\"600\"" } else { "" };
        let paint = self.paint(Some(label.ink), None);
        let _ = write!(
            self.body,
            "<text x=\"{bx}\" y=\"{by}\"{anchor}{turn} font-size=\"{}\"{weight}{paint}>",
            number(label.size)
        );
        let smaller = script(label.size, self.letters.least());
        let mut height = 0.0;
        for span in spans(text) {
            let wanted = match span.height {
                Height::Line => 0.0,
                Height::Index => 0.18 * label.size,
                Height::Power => -0.36 * label.size,
            };
            let mut look = String::new();
            if wanted != height {
                let _ = write!(look, " dy=\"{}\"", number(wanted - height));
            }
            if span.height != Height::Line {
                let _ = write!(look, " font-size=\"{}\"", number(smaller));
            }
            if span.slanted {
                look.push_str(" font-style=\"italic\"");
            }
            // No font of the crate is strong and slanted, so that formulas are not strong.
            if label.strong && (span.slanted || span.height != Height::Line) {
                look.push_str(" font-weight=\"400\"");
            }
            height = wanted;
            if look.is_empty() {
                self.body.push_str(&escaped(&span.text));
            } else {
                let _ = write!(self.body, "<tspan{look}>{}</tspan>", escaped(&span.text));
            }
        }
        self.body.push_str("</text>\n");
    }

    /// The width of a text at a size.
    pub(super) fn measure(&self, text: &str, size: f64, strong: bool) -> f64 {
        measure(text, size, strong, self.letters.least())
    }

    /// A text in lines of at most a width.
    pub(super) fn wrapped(&self, text: &str, most: f64, size: f64, strong: bool) -> Vec<String> {
        wrapped(text, most, size, strong, self.letters.least())
    }

    /// The document. With `themed` it follows whether its reader asks for a dark screen; what turns it into other formats knows light paper only.
    pub(super) fn document(&self, themed: bool, print: Option<f64>) -> String {
        let (width, height) = (number(self.width), number(self.height));
        let unit = |own: &str, units: f64| {
            print.map_or_else(|| own.to_owned(), |mm| format!("{}mm", number(mm * units / self.width)))
        };
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-label=\"{}\" font-family=\"{FAMILIES}\" stroke-linejoin=\"round\">\n",
            unit(&width, self.width),
            unit(&height, self.height),
            escaped(&self.name)
        );
        if themed {
            out.push_str("<style>@media screen and (prefers-color-scheme:dark){");
            let paper = ('f', Ink::PAPER);
            for (kind, ink) in self.inks.iter().chain((!self.inks.contains(&paper)).then_some(&paper)) {
                if ink.light != ink.dark {
                    let what = if *kind == 'f' { "fill" } else { "stroke" };
                    let _ = write!(out, ".{}{{{what}:#{:06x}}}", class(*kind, *ink), ink.dark);
                }
            }
            out.push_str("}</style>\n");
        }
        let name = class('f', Ink::PAPER);
        let _ = writeln!(out, "<rect class=\"{name}\" fill=\"#ffffff\" width=\"{width}\" height=\"{height}\"/>");
        out.push_str(&self.body);
        out.push_str("</svg>\n");
        out
    }

    fn extend_path(&self, path: &mut String, points: &[(f64, f64)]) {
        let mut last = None;
        for (k, (x, y)) in points.iter().enumerate() {
            let at = (number(*x), number(*y));
            if last.as_ref() == Some(&at) {
                continue;
            }
            path.push(if k == 0 { 'M' } else { 'L' });
            let _ = write!(path, "{} {}", at.0, at.1);
            last = Some(at);
        }
    }

    fn paint(&mut self, fill: Option<Ink>, outline: Option<Stroke>) -> String {
        let inside = fill.map_or("none".to_owned(), |ink| format!("#{:06x}", ink.light));
        let class = self.class(fill, outline.map(|o| o.ink));
        format!("{class} fill=\"{inside}\"{}", self.stroke(outline))
    }

    /// The names by which dark screens find the colours of an element.
    fn class(&mut self, fill: Option<Ink>, line: Option<Ink>) -> String {
        let mut names = String::new();
        for (kind, ink) in [('f', fill), ('l', line)] {
            let Some(ink) = ink.filter(|ink| ink.light != ink.dark) else { continue };
            self.inks.insert((kind, ink));
            if !names.is_empty() {
                names.push(' ');
            }
            names.push_str(&class(kind, ink));
        }
        if names.is_empty() { names } else { format!(" class=\"{names}\"") }
    }

    fn stroke(&self, stroke: Option<Stroke>) -> String {
        let Some(stroke) = stroke else { return String::new() };
        let mut out = format!(" stroke=\"#{:06x}\" stroke-width=\"{}\"", stroke.ink.light, number(stroke.width));
        if !stroke.dash.is_empty() {
            let lengths: Vec<String> = stroke.dash.iter().map(|d| number(*d)).collect();
            let _ = write!(out, " stroke-dasharray=\"{}\"", lengths.join(" "));
        }
        out
    }
}

/// The name of a colour for lines or insides, the same in every picture, as several may stand in one page.
fn class(kind: char, ink: Ink) -> String {
    format!("{kind}{:06x}{:06x}", ink.light, ink.dark)
}

/// A coordinate to a hundredth.
fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
