//! How one document writes names and letters, and its formulas by that in every format.

use super::arrange::arranged;
use super::markup::{Markup, MarkupSheet};
use super::mathml::MathmlSheet;
use super::names::Names;
use super::sheet::Sheet;
use super::typeset::Typesetter;
use super::written::Written;
use super::{Binding, Formula, MathMl, Symbols};

/// How names and letters are written beside each other in one document: those of a loss, and ours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spelling {
    /// The names of the loss.
    pub names: Names,
    /// Our letters.
    pub symbols: Symbols,
}

impl Spelling {
    /// For the names of a loss, each with whether it is an array.
    #[must_use]
    pub fn beside<'a>(names: impl IntoIterator<Item = (&'a str, bool)> + Clone) -> Self {
        let symbols = Symbols::beside(names.clone().into_iter().map(|(name, _)| name));
        Self { names: Names::new(names), symbols }
    }

    /// A formula as an author would arrange it: constants before variables, one fraction for several.
    pub(crate) fn arranged(&self, formula: &Formula) -> Formula {
        arranged(formula, &|name| self.names.kind(name))
    }

    /// A formula in LaTeX, for mathematics mode.
    #[must_use]
    pub fn latex(&self, formula: &Formula) -> String {
        self.written(formula, Markup::Latex).text
    }

    /// A formula in a markup language, for mathematics mode.
    #[must_use]
    pub fn written(&self, formula: &Formula, markup: Markup) -> Written {
        self.at(formula, Binding::Sum, markup)
    }

    /// A formula in a markup language that can stand as a factor of a product.
    #[must_use]
    pub fn factor(&self, formula: &Formula, markup: Markup) -> Written {
        self.at(formula, Binding::Product, markup)
    }

    /// A term of a sum with its sign, which is left out where it is a plus and `first`. With `room` for so much, brackets do not grow, lines
    /// may break inside them, and fractions and roots that are wider are written as factors.
    #[must_use]
    pub(crate) fn term(&self, term: &(bool, Formula), first: bool, room: Option<usize>, markup: Markup) -> Written {
        let mut sheet = match room {
            Some(_) => MarkupSheet::small(&self.symbols, markup),
            None => MarkupSheet::new(&self.symbols, markup),
        };
        match (first, term.0) {
            (true, false) => {}
            (true, true) => sheet.minus(),
            (false, negative) => sheet.lead(negative),
        }
        let mut typesetter = Typesetter::within(self, &mut sheet, room);
        let written = self.arranged(&term.1);
        let plain = !term.0 && (first || typesetter.first(&written, Binding::Sum) != '-');
        typesetter.write(&written, if plain { Binding::Sum } else { Binding::Product });
        sheet.finish()
    }

    fn at(&self, formula: &Formula, need: Binding, markup: Markup) -> Written {
        let mut sheet = MarkupSheet::new(&self.symbols, markup);
        Typesetter::new(self, &mut sheet).write(&self.arranged(formula), need);
        sheet.finish()
    }

    /// A formula as a MathML element, inline.
    #[must_use]
    pub fn mathml(&self, formula: &Formula) -> String {
        self.element(formula).finish()
    }

    /// A formula as MathML, to be continued and finished.
    #[must_use]
    pub fn element(&self, formula: &Formula) -> MathMl {
        let mut sheet = MathmlSheet::new(&self.symbols);
        Typesetter::new(self, &mut sheet).write(&self.arranged(formula), Binding::Sum);
        sheet.element()
    }

    /// The terms of a sum as they stand on a line of their own, the first with its sign only where it is a minus or `continued`.
    #[must_use]
    pub fn mathml_line(&self, terms: &[(bool, Formula)], continued: bool) -> MathMl {
        let mut sheet = MathmlSheet::new(&self.symbols);
        for (at, (negative, term)) in terms.iter().enumerate() {
            match (at > 0 || continued, negative) {
                (true, _) => sheet.sign(*negative),
                (false, true) => sheet.minus(),
                (false, false) => {}
            }
            Typesetter::new(self, &mut sheet).write(&self.arranged(term), Binding::Product);
        }
        sheet.element()
    }

    /// Whether a name of the loss is written σ.
    pub(super) fn has_sigma(&self) -> bool {
        self.names.is_declared("sigma")
    }
}
