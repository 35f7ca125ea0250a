//! What is folded away, at the end: for formats that cannot fold.

use super::{Block, Document, Text};

/// A part that is folded away where that can be.
#[derive(Debug, Clone)]
pub(super) struct Detail {
    /// Its number, `A1`.
    pub(super) label: String,
    /// The sentence that it stands behind.
    pub(super) summary: Text,
    /// What it holds.
    pub(super) blocks: Vec<Block>,
}

/// The document with a reference in the place of each folded part, and these parts.
pub(super) fn unfolded(document: &Document) -> (Document, Vec<Detail>) {
    let mut document = document.clone();
    let mut details = Vec::new();
    let sections = document.sections.iter_mut().map(|section| &mut section.blocks);
    for blocks in std::iter::once(&mut document.summary).chain(sections) {
        take(blocks, &mut details);
    }
    (document, details)
}

fn take(blocks: &mut Vec<Block>, details: &mut Vec<Detail>) {
    for block in blocks {
        match block {
            Block::Fold { summary, open: false, blocks } => {
                let label = format!("A{}", details.len() + 1);
                let (summary, blocks) = (summary.clone(), std::mem::take(blocks));
                *block = Block::Paragraph(summary.clone().then(": ").reference(&label).then("."));
                details.push(Detail { label, summary, blocks });
            }
            Block::Fold { blocks, .. } => take(blocks, details),
            _ => {}
        }
    }
}
