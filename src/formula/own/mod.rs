//! An author's own markup of a letter: what is known of it, so that it can stand wherever the letter stands.

mod build;
mod commands;
mod latex;
mod preamble;
mod typst;

use super::Binding;
use build::Whole;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// The longest markup of one letter, its definitions written out.
const LONGEST: usize = 4_000;
/// So deep may definitions and brackets stand in each other.
const DEEPEST: usize = 24;

/// What markup is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Latex,
    Typst,
}

/// An author's markup of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Own {
    /// As it is written.
    text: String,
    whole: Whole,
}

/// Why a text is no markup of a letter, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) expected: Option<&'static str>,
}

impl Fault {
    fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), expected: None }
    }

    fn expecting(self, expected: &'static str) -> Self {
        Self { expected: Some(expected), ..self }
    }
}

/// What an author defines besides letters: the body of each command, and how many arguments it has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Definitions {
    bodies: FxHashMap<String, (usize, String)>,
    /// Whether formulas may have letters beyond ASCII.
    unicode: bool,
}

impl Definitions {
    /// Takes in a line of a preamble.
    ///
    /// # Errors
    /// What would break the preamble.
    pub(crate) fn take(&mut self, line: &str, language: Language) -> Result<(), Fault> {
        match language {
            Language::Latex => preamble::define(self, line),
            Language::Typst => typst::define(self, line),
        }
    }
}

impl Own {
    /// Reads what stands for a letter.
    ///
    /// # Errors
    /// What would break the formula or the document, and what shows nothing.
    pub(crate) fn read(text: &str, language: Language, definitions: &Definitions) -> Result<Self, Fault> {
        let whole = match language {
            Language::Latex => latex::read(text, definitions)?,
            Language::Typst => typst::read(text, definitions)?,
        };
        if whole.key.is_empty() {
            return Err(
                Fault::new(0..text.len(), "nothing of this is seen").expecting("a letter, or what stands for it")
            );
        }
        let text = match (whole.is_loose, whole.is_switched, language) {
            // A list or a relation is one thing in brackets only.
            (true, ..) => format!("({text})"),
            (_, true, Language::Latex) => format!("{{{text}}}"),
            _ => text.to_owned(),
        };
        Ok(Self { text, whole })
    }

    /// As it is written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The same for all that look alike.
    pub(crate) fn key(&self) -> &str {
        &self.whole.key
    }

    /// How tightly it binds.
    pub(super) fn binding(&self) -> Binding {
        if self.whole.is_loose { Binding::Atom } else { self.whole.binding }
    }

    /// Whether what follows would be read as a part of it, as behind `log x` and `a/b`.
    pub(super) fn is_open(&self) -> bool {
        self.whole.is_open && !self.whole.is_loose
    }

    /// Whether a subscript may follow.
    pub(super) fn takes_below(&self) -> bool {
        self.binding() == Binding::Atom && (self.whole.is_loose || !self.whole.has_below)
    }

    /// Whether an exponent may follow.
    pub(super) fn takes_above(&self) -> bool {
        self.binding() == Binding::Atom
    }

    /// Its first character if that is a digit, `-` or a letter; `\` for anything else.
    pub(super) fn first(&self) -> char {
        if self.whole.is_loose { '(' } else { self.whole.first }
    }

    /// Whether brackets around it grow.
    pub(super) fn is_tall(&self) -> bool {
        self.whole.is_tall
    }

    /// Whether it is a word, which needs space beside other letters.
    pub(super) fn is_wide(&self) -> bool {
        self.whole.is_wide && !self.whole.is_loose
    }

    /// The letters that are seen, to be measured.
    pub(super) fn shown(&self) -> String {
        if self.whole.is_loose { format!("({})", self.whole.shown) } else { self.whole.shown.clone() }
    }
}

/// The same for markups of one look, by this language; the text itself where it is none.
pub(crate) fn key(text: &str, language: Language) -> String {
    Own::read(text, language, &Definitions::default()).map_or_else(|_| text.to_owned(), |own| own.whole.key)
}

#[cfg(test)]
mod tests;
