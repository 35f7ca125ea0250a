//! Words with formulas between them.

use super::{Formula, Markup, Spelling, Symbols, text};

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Words, as text.
    Words(String),
    /// A formula.
    Formula(Formula),
}

impl Part {
    /// Words.
    #[must_use]
    pub fn words(words: impl Into<String>) -> Self {
        Self::Words(words.into())
    }
}

/// Words with formulas between them, worded once for every format.
///
/// ```
/// use shadowflow::formula::{Formula, Part, Sentence, Spelling, Symbols};
/// let sentence = Sentence(vec![Part::words("where "), Part::Formula(Formula::name("rate")), Part::words(" is 1–2")]);
/// assert_eq!(sentence.text(&Symbols::default()), "where rate is 1–2");
/// assert_eq!(sentence.latex(&Spelling::default()), r"where $\mathit{rate}$ is 1--2");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sentence(pub Vec<Part>);

impl Sentence {
    /// Words alone.
    #[must_use]
    pub fn words(words: impl Into<String>) -> Self {
        Self(vec![Part::words(words)])
    }

    /// With a capital letter and a full stop.
    #[must_use]
    pub fn capitalised(mut self) -> Self {
        if let Some(Part::Words(first)) = self.0.first_mut() {
            let mut letters = first.chars();
            *first = letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default();
        }
        self.0.push(Part::words("."));
        self
    }

    fn written(&self, words: impl Fn(&str) -> String, formula: impl Fn(&Formula) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Words(text) => words(text),
            Part::Formula(f) => formula(f),
        };
        self.0.iter().map(part).collect()
    }

    /// As text.
    #[must_use]
    pub fn text(&self, symbols: &Symbols) -> String {
        self.written(str::to_owned, |formula| text(formula, symbols))
    }

    /// In LaTeX, the formulas between dollars.
    #[must_use]
    pub fn latex(&self, spelling: &Spelling) -> String {
        self.markup(spelling, Markup::Latex)
    }

    /// In a markup language, the formulas between dollars.
    #[must_use]
    pub fn markup(&self, spelling: &Spelling, markup: Markup) -> String {
        self.written(|text| markup.words(text), |formula| format!("${}$", spelling.written(formula, markup).text))
    }

    /// In a markup language, for a comment: as it is typed, the formulas between no dollars.
    #[must_use]
    pub(crate) fn comment(&self, spelling: &Spelling, markup: Markup) -> String {
        self.written(str::to_owned, |formula| spelling.written(formula, markup).text)
    }

    /// How wide it is set on one line, in thousandths of the size of the type.
    #[must_use]
    pub fn width(&self, spelling: &Spelling) -> usize {
        let part = |part: &Part| match part {
            Part::Words(text) => super::measure::words(text),
            Part::Formula(formula) => spelling.written(formula, Markup::Latex).width,
        };
        self.0.iter().map(part).sum()
    }

    /// In HTML, the formulas as MathML; `escape` is for words.
    #[must_use]
    pub fn html(&self, spelling: &Spelling, escape: impl Fn(&str) -> String) -> String {
        self.written(escape, |formula| spelling.mathml(formula))
    }
}
