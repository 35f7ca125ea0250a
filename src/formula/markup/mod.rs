//! Formulas in a markup language, LaTeX or Typst: one sheet writes and measures them, and a language says how it spells a dozen things.

mod marks;
mod sheet;

use super::mark::Raised;
use super::measure::{self, SCRIPT};
use super::name::Word;
use super::own::Own;
use super::sheet::{Around, Sheet};
use super::tongue::{Sign, Tongue};
use super::written::{Break, BreakKind, Written};
use super::{Binding, Symbol, Symbols, latex::LATEX, typst::TYPST};
use std::sync::LazyLock;

/// A markup language that formulas are written in.
///
/// ```
/// use shadowflow::formula::{Formula, Markup, Spelling};
/// let formula = Formula::name("alpha").power(2).over(Formula::natural(3));
/// let spelling = Spelling::default();
/// assert_eq!(spelling.written(&formula, Markup::Latex).text, r"\frac{1}{3} \alpha^{2}");
/// assert_eq!(spelling.written(&formula, Markup::Typst).text, "1/3 alpha^2");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Markup {
    /// LaTeX with `amsmath`, for mathematics mode.
    #[default]
    Latex,
    /// Typst, for mathematics mode.
    Typst,
}

impl Markup {
    pub(in crate::formula) fn tongue(self) -> &'static dyn Tongue {
        match self {
            Self::Latex => &LATEX,
            Self::Typst => &TYPST,
        }
    }

    /// Words as the language has them.
    #[must_use]
    pub fn words(self, text: &str) -> String {
        self.tongue().words(text)
    }

    /// A comment, which ends with its line.
    #[must_use]
    pub fn comment(self, text: &str) -> String {
        let mark = if self == Self::Latex { '%' } else { '/' };
        let double = if self == Self::Latex { "" } else { "/" };
        format!("{mark}{double} {}\n", text.replace(['\n', '\r'], " "))
    }
}

/// Writes a markup language and measures it.
pub(crate) struct MarkupSheet<'a> {
    symbols: &'a Symbols,
    tongue: &'static dyn Tongue,
    out: Written,
    /// Braces that are open.
    braces: usize,
    /// Brackets that are open.
    depth: usize,
    /// How many scripts what is written now stands in.
    level: usize,
    /// Whether brackets do not grow, so that lines may break inside them.
    small: bool,
    /// Whether anybody wants to know how wide it is.
    measuring: bool,
    /// Where the last script without brackets ends.
    token_end: usize,
    /// Where the last script ends, the width before it, and whether it was a subscript.
    last: Option<(usize, usize, bool)>,
}

impl<'a> MarkupSheet<'a> {
    pub(super) fn new(symbols: &'a Symbols, markup: Markup) -> Self {
        Self {
            symbols,
            tongue: markup.tongue(),
            out: Written::default(),
            braces: 0,
            depth: 0,
            level: 0,
            small: false,
            measuring: true,
            token_end: usize::MAX,
            last: None,
        }
    }

    pub(super) fn small(symbols: &'a Symbols, markup: Markup) -> Self {
        Self { small: true, ..Self::new(symbols, markup) }
    }

    pub(super) fn finish(self) -> Written {
        self.out
    }

    /// Appends what is set so wide, in thousandths of the size of its own type.
    fn put(&mut self, text: &str, width: usize) {
        if self.tongue.sticks(&self.out.text, self.token_end == self.out.text.len(), text) {
            self.out.text.push(' ');
        }
        self.out.text.push_str(text);
        self.out.width += width * SCRIPT[self.level.min(2)] / 1000;
    }

    /// Appends what is measured as the letters that it shows.
    fn shown(&mut self, text: &str, letters: &str) {
        self.put(text, if self.measuring { measure::letters(letters) } else { 0 });
    }

    fn push_sign(&mut self, sign: Sign, width: usize) {
        self.put(self.tongue.sign(sign), width);
    }

    fn symbol(&mut self, symbol: Symbol) {
        let tongue = self.tongue;
        let letters = if self.measuring { self.symbols.shown(symbol) } else { String::new() };
        self.shown(&self.symbols.markup(symbol, tongue), &letters);
    }

    /// One of our letters where it must bind so tightly, in brackets if it does not; `closed` where more follows.
    fn bound(&mut self, symbol: Symbol, need: Binding, closed: bool) {
        let loose = self.symbols.binding(symbol) < need || closed && self.symbols.is_open(symbol);
        self.bracketed(symbol, loose);
    }

    /// One of our letters below which something is to stand.
    fn base(&mut self, symbol: Symbol) {
        self.bracketed(symbol, !self.symbols.takes_below(symbol));
    }

    fn bracketed(&mut self, symbol: Symbol, brackets: bool) {
        if brackets {
            let tall = self.symbols.own(symbol).is_some_and(Own::is_tall);
            self.group(Around::Round, tall, |s| s.symbol(symbol));
        } else {
            self.symbol(symbol);
        }
    }

    /// A sign before which no line breaks, because it begins one.
    pub(super) fn lead(&mut self, negative: bool) {
        self.put(if negative { " - " } else { " + " }, if self.level == 0 { 1222 } else { 778 });
    }

    fn push_break(&mut self, kind: BreakKind) {
        let (at, width) = (self.out.text.len(), self.out.width);
        self.out.breaks.push(Break { at, width, kind, depth: self.depth });
    }

    /// A place to break at where formulas are taken apart.
    fn allow_break(&mut self, kind: BreakKind) {
        if self.braces == 0 && self.small {
            self.push_break(kind);
        }
    }

    fn in_script(&mut self, below: bool, inner: impl FnOnce(&mut Self)) {
        let [open, close, open_token, close_token] = self.tongue.script();
        let (end, before) = (self.out.text.len(), self.out.width);
        // A subscript and an exponent stand over each other.
        let stacked = self.last.filter(|(at, _, kind)| *at == end && *kind != below).map(|(_, width, _)| width);
        self.out.text.push(if below { '_' } else { '^' });
        let start = self.out.text.len();
        self.out.text.push_str(open);
        self.braces += 1;
        self.level += 1;
        inner(self);
        self.level -= 1;
        self.braces -= 1;
        // The space that TeX leaves behind a script.
        self.out.width += 50;
        let written = &self.out.text[start + open.len()..];
        if self.tongue.is_token(written) {
            let token = format!("{open_token}{written}{close_token}");
            self.out.text.replace_range(start.., &token);
            self.token_end = self.out.text.len();
        } else {
            self.out.text.push_str(close);
        }
        if let Some(first) = stacked {
            self.out.width = before.max(first + self.out.width - before);
        }
        self.last = Some((self.out.text.len(), before, below));
    }

    /// A line with what begins here is so tall.
    fn push_tall(&mut self, height: usize) {
        if self.braces == 0 {
            self.out.tall.push((self.out.text.len(), height));
        }
    }

    fn raise(&mut self, raised: Raised) {
        match raised {
            Raised::Not => {}
            Raised::To(power) => self.in_script(false, |s| s.number(&power.to_string())),
            Raised::Transposed => self.in_script(false, |s| s.shown("T", "T")),
        }
    }

    fn word(&mut self, word: &Word) {
        let tongue = self.tongue;
        if let Some(pieces) = word.pieces() {
            let width = pieces.iter().map(|piece| measure::letters(piece)).max().unwrap_or(0);
            // As large in a script as on the line.
            self.put(&word.markup(tongue), 0);
            self.out.width += width * SCRIPT[1] / 1000;
            return;
        }
        let letters = if self.measuring { word.shown() } else { String::new() };
        self.shown(&word.markup(tongue), &letters);
    }

    fn accented(&mut self, accent: &str) {
        let tongue = self.tongue;
        let letters = if self.measuring { self.symbols.shown(Symbol::Parameters) } else { String::new() };
        let theta = self.symbols.markup(Symbol::Parameters, tongue);
        let compound = self.symbols.binding(Symbol::Parameters) < Binding::Power;
        match (accent, compound) {
            // A dot over a sum would be one over its sign.
            ("dot", true) => {
                self.put(&tongue.by_time(), 900);
                self.put(" ", 0);
                self.bracketed(Symbol::Parameters, true);
            }
            ("tilde", true) => self.shown(&tongue.accent(tongue.wide_tilde(), &theta), &letters),
            _ => self.shown(&tongue.accent(accent, &theta), &letters),
        }
    }

    fn in_round(&mut self, inner: impl FnOnce(&mut Self)) {
        self.put("(", 389);
        inner(self);
        self.put(")", 389);
    }
}

impl Written {
    /// Writes marks into this, after what stands in it, in LaTeX with our letters as they are; `measured` or only their text.
    pub(crate) fn write_marks(&mut self, measured: bool, write: impl FnOnce(&mut MarkupSheet<'_>)) {
        static LETTERS: LazyLock<Symbols> = LazyLock::new(Symbols::default);
        let out = std::mem::take(self);
        let mut sheet = MarkupSheet { out, measuring: measured, ..MarkupSheet::new(&LETTERS, Markup::Latex) };
        write(&mut sheet);
        *self = sheet.out;
    }
}
