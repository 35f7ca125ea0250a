//! Documents: sections of paragraphs, formulas, tables and pictures, made once and printed as HTML, LaTeX, Typst and Markdown.
//!
//! Whoever has something to say makes a [`Document`]; the printers know nothing of what it is about.

mod appendix;
mod equations;
mod html;
mod latex;
mod markdown;
mod table;
mod text;
mod typst;

pub use equations::{Derivation, Equation, Tone};
pub use html::html;
pub use latex::{latex, latex_with};
pub use markdown::{markdown, markdown_with};
pub use text::{Inline, Text};
pub use typst::{typst, typst_with};

use super::plot::{Drawing, Picture, PlotError, Size};
use crate::formula::{Formula, Spelling};
use std::sync::Arc;

/// A document.
///
/// ```
/// use shadowflow::formula::Formula;
/// use shadowflow::render::document::{Block, Document, Section, Text, html, latex, markdown, typst};
/// let mut document = Document::new("A well");
/// let mut section = Section::new("The loss");
/// section.push(Block::Paragraph(Text::words("It is ").formula(Formula::name("x").power(2)).then(".")));
/// document.sections.push(section);
/// assert!(html(&document).contains("<p>It is <math><msup><mi>x</mi><mn>2</mn></msup></math>.</p>"));
/// assert!(latex(&document).contains("It is $x^{2}$."));
/// assert!(typst(&document).contains("It is $x^2$."));
/// assert!(markdown(&document).contains("## 1. The loss\n\nIt is $x^{2}$."));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// The title.
    pub title: String,
    /// What stands under it.
    pub byline: Text,
    /// What matters most, before the list of contents.
    pub summary: Vec<Block>,
    /// The sections, numbered from 1.
    pub sections: Vec<Section>,
    /// What stands at the end, small.
    pub footer: Text,
    /// How names and letters are written.
    pub spelling: Spelling,
}

/// A section.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// What it holds.
    pub blocks: Vec<Block>,
}

/// What stands below what came before.
#[derive(Debug, Clone)]
pub enum Block {
    /// A paragraph.
    Paragraph(Text),
    /// A paragraph that may be passed over.
    Note(Text),
    /// A heading inside a section.
    Heading(Text),
    /// A formula on a line of its own.
    Formula(Formula),
    /// Equations, their signs of equality below each other.
    Equations(Vec<Equation>),
    /// Numbered equalities with their reasons.
    Derivation(Vec<Derivation>),
    /// Text as it was typed.
    Source(String),
    /// A table.
    Table(Table),
    /// A picture.
    Figure(Figure),
    /// Items.
    List(Vec<Text>),
    /// What is folded away behind its sentence where a format can do that, and stands below it elsewhere.
    Fold {
        /// The sentence.
        summary: Text,
        /// Whether it begins unfolded.
        open: bool,
        /// What is folded.
        blocks: Vec<Block>,
    },
}

/// A table with a line of heads.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, a cell a column.
    pub rows: Vec<Vec<Text>>,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// What stands above it.
    pub head: Text,
    /// Whether it holds numbers, which end below each other.
    pub is_number: bool,
}

/// A picture and what it shows.
#[derive(Debug, Clone)]
pub struct Figure {
    /// A word for the picture, of which the name of its file is made where it has one.
    pub name: String,
    /// The caption.
    pub caption: Text,
    drawing: Arc<Drawing>,
    /// The same for a narrow screen, where it can be had.
    narrow: Option<Arc<Drawing>>,
}

/// The width of a picture for a narrow screen, in millimetres: that of a telephone's page, on which its letters can be read.
const NARROW: f64 = 92.0;

impl Document {
    /// A document that is empty but for its title.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// The pictures, in order.
    #[must_use]
    pub fn figures(&self) -> Vec<&Figure> {
        fn gather<'a>(blocks: &'a [Block], found: &mut Vec<&'a Figure>) {
            for block in blocks {
                match block {
                    Block::Figure(figure) => found.push(figure),
                    Block::Fold { blocks, .. } => gather(blocks, found),
                    _ => {}
                }
            }
        }
        let mut found = Vec::new();
        gather(&self.summary, &mut found);
        self.sections.iter().for_each(|section| gather(&section.blocks, &mut found));
        found
    }

    /// The document with other words, as a command has for what the library names.
    #[must_use]
    pub fn reworded(mut self, words: &dyn Fn(&str) -> String) -> Self {
        fn all(blocks: &mut [Block], words: &dyn Fn(&str) -> String) {
            for block in blocks {
                match block {
                    Block::Paragraph(text) | Block::Note(text) | Block::Heading(text) => text.reword(words),
                    Block::List(items) => items.iter_mut().for_each(|text| text.reword(words)),
                    Block::Table(table) => table.rows.iter_mut().flatten().for_each(|text| text.reword(words)),
                    Block::Figure(figure) => figure.caption.reword(words),
                    Block::Fold { summary, blocks, .. } => {
                        summary.reword(words);
                        all(blocks, words);
                    }
                    Block::Formula(_) | Block::Equations(_) | Block::Derivation(_) | Block::Source(_) => {}
                }
            }
        }
        self.byline.reword(words);
        self.footer.reword(words);
        all(&mut self.summary, words);
        self.sections.iter_mut().for_each(|section| all(&mut section.blocks, words));
        self
    }
}

impl Figure {
    /// Of a picture.
    ///
    /// # Errors
    /// [`PlotError`] where its data do not fit it.
    pub fn new(name: impl Into<String>, picture: &impl Picture, caption: impl Into<Text>) -> Result<Self, PlotError> {
        let drawing = Arc::new(picture.draw(Size::default())?);
        let narrow = Size::millimetres(NARROW).and_then(|size| picture.draw(size)).ok().map(Arc::new);
        Ok(Self { name: name.into(), caption: caption.into(), drawing, narrow })
    }

    /// The picture as an SVG document, whose colours follow whether its reader asks for a dark screen.
    #[must_use]
    pub fn svg(&self) -> String {
        self.drawing.svg()
    }

    /// The most of a page's height that it takes: a tall one more.
    fn share_of_page(&self) -> f64 {
        let (width, height) = self.drawing.size();
        if height > 1.1 * width { 0.8 } else { 0.42 }
    }

    /// The picture laid out for a narrow screen, as an SVG document, if it can be.
    #[must_use]
    pub fn narrow_svg(&self) -> Option<String> {
        self.narrow.as_ref().map(|drawing| drawing.svg())
    }

    /// The picture as the bytes of a PNG, two pixels a unit of which 96 are an inch.
    ///
    /// # Errors
    /// [`PlotError`] if it cannot be made.
    pub fn png(&self) -> Result<Vec<u8>, PlotError> {
        self.drawing.png()
    }

    /// The picture as the bytes of a PDF of one page.
    ///
    /// # Errors
    /// [`PlotError`] if it cannot be made.
    pub fn pdf(&self) -> Result<Vec<u8>, PlotError> {
        self.drawing.pdf()
    }
}

impl Section {
    /// A section that is empty but for its heading.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), blocks: Vec::new() }
    }

    /// Appends a block.
    pub fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// Appends a paragraph.
    pub fn say(&mut self, text: impl Into<Text>) {
        self.push(Block::Paragraph(text.into()));
    }
}

impl Table {
    /// A table without rows; [`Table::numbers`] says which columns hold numbers.
    #[must_use]
    pub fn new(heads: impl IntoIterator<Item = impl Into<Text>>) -> Self {
        let column = |head: Text| Column { head, is_number: false };
        Self { columns: heads.into_iter().map(|head| column(head.into())).collect(), rows: Vec::new() }
    }

    /// The same with columns of numbers from this one to that one.
    #[must_use]
    pub fn numbers(mut self, columns: std::ops::RangeInclusive<usize>) -> Self {
        for (at, column) in self.columns.iter_mut().enumerate() {
            column.is_number |= columns.contains(&at);
        }
        self
    }

    /// The most characters of a cell in a column, its head left out.
    fn widest(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.plain().chars().count()).max().unwrap_or(0)
    }

    /// Appends a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<Text>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }
}
