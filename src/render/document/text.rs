//! Words with formulas, numbers and names between them.

use crate::formula::{Formula, Part, Sentence};

/// Running text.
///
/// Words between backticks are code in every format.
///
/// ```
/// use shadowflow::render::document::Text;
/// let text = Text::words("the step size is ").number("1.9e-3").then(" for ").strong("pf");
/// assert_eq!(text.plain(), "the step size is 1.9e-3 for pf");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Inline>);

/// A piece of running text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Words; what stands between backticks is code.
    Words(String),
    /// A name that stands out.
    Strong(String),
    /// What is typed as it stands.
    Code(String),
    /// A formula.
    Formula(Formula),
    /// A number in plain text, such as `-1.9e-3`, `0.5+2e-4i`, `0.1, 0.2` or `(0, 1)`.
    Number(String),
    /// The number of a part at the end of the document.
    Reference(String),
    /// A verdict, and whether it is good.
    Verdict(bool, String),
}

impl Text {
    /// Words.
    #[must_use]
    pub fn words(words: impl Into<String>) -> Self {
        Self(vec![Inline::Words(words.into())])
    }

    /// A number alone.
    #[must_use]
    pub fn of_number(number: impl Into<String>) -> Self {
        Self::default().number(number)
    }

    fn with(mut self, piece: Inline) -> Self {
        self.0.push(piece);
        self
    }

    /// And words.
    #[must_use]
    pub fn then(self, words: impl Into<String>) -> Self {
        self.with(Inline::Words(words.into()))
    }

    /// And a name that stands out.
    #[must_use]
    pub fn strong(self, name: impl Into<String>) -> Self {
        self.with(Inline::Strong(name.into()))
    }

    /// And what is typed.
    #[must_use]
    pub fn code(self, code: impl Into<String>) -> Self {
        self.with(Inline::Code(code.into()))
    }

    /// And a formula.
    #[must_use]
    pub fn formula(self, formula: impl Into<Formula>) -> Self {
        self.with(Inline::Formula(formula.into()))
    }

    /// And a number.
    #[must_use]
    pub fn number(self, number: impl Into<String>) -> Self {
        self.with(Inline::Number(number.into()))
    }

    pub(super) fn reference(self, label: &str) -> Self {
        self.with(Inline::Reference(label.to_owned()))
    }

    /// And a verdict.
    #[must_use]
    pub fn verdict(self, good: bool, words: impl Into<String>) -> Self {
        self.with(Inline::Verdict(good, words.into()))
    }

    /// And what another one says.
    #[must_use]
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.0.extend(other.into().0);
        self
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Without any format.
    #[must_use]
    pub fn plain(&self) -> String {
        let piece = |piece: &Inline| match piece {
            Inline::Words(text)
            | Inline::Strong(text)
            | Inline::Code(text)
            | Inline::Number(text)
            | Inline::Reference(text)
            | Inline::Verdict(_, text) => text.clone(),
            Inline::Formula(formula) => formula.to_string(),
        };
        self.0.iter().map(piece).collect()
    }

    /// With a capital letter, unless it begins with a name such as `f_0` or `pf+np3`.
    #[must_use]
    pub fn capitalised(mut self) -> Self {
        let is_word = |text: &str| {
            let word = text.split(char::is_whitespace).next().unwrap_or_default();
            word.chars().all(|c| c.is_alphabetic() || ",;:.’'-".contains(c))
        };
        if let Some(Inline::Words(first)) =
            self.0.first_mut().filter(|piece| matches!(piece, Inline::Words(text) if is_word(text)))
        {
            let mut letters = first.chars();
            *first = letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default();
        }
        self
    }

    pub(super) fn reword(&mut self, words: &dyn Fn(&str) -> String) {
        for piece in &mut self.0 {
            if let Inline::Words(text) = piece {
                *text = words(text);
            }
        }
    }

    /// The pieces, those between backticks taken out of the words.
    pub(super) fn pieces(&self) -> Vec<Inline> {
        let mut pieces = Vec::new();
        for piece in &self.0 {
            match piece {
                // An odd number of them are no quotes.
                Inline::Words(text) if text.matches('`').count() % 2 == 0 => {
                    for (at, part) in text.split('`').enumerate().filter(|(_, part)| !part.is_empty()) {
                        let part = part.to_owned();
                        pieces.push(if at % 2 == 0 { Inline::Words(part) } else { Inline::Code(part) });
                    }
                }
                piece => pieces.push(piece.clone()),
            }
        }
        pieces
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Self {
        Self::words(words)
    }
}

impl From<String> for Text {
    fn from(words: String) -> Self {
        Self::words(words)
    }
}

impl From<Formula> for Text {
    fn from(formula: Formula) -> Self {
        Self::default().formula(formula)
    }
}

impl From<Sentence> for Text {
    fn from(sentence: Sentence) -> Self {
        let piece = |part| match part {
            Part::Words(words) => Inline::Words(words),
            Part::Formula(formula) => Inline::Formula(formula),
        };
        Self(sentence.0.into_iter().map(piece).collect())
    }
}

/// A number as its digits before a power of ten, and the exponent: `-1.9e-3` is −1.9 and −3.
pub(super) fn power_of_ten(number: &str) -> Option<(&str, &str)> {
    let (digits, exponent) = number.split_once('e')?;
    let is_number = digits.trim_start_matches('-').chars().all(|c| c.is_ascii_digit() || c == '.');
    (is_number && exponent.parse::<i32>().is_ok()).then_some((digits, exponent.trim_start_matches('+')))
}

/// The numbers of a text and what stands between them, each with whether it is a number: `0.5+2e-4i` is three.
pub(super) fn numbers(text: &str) -> Vec<(bool, &str)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut from) = (0, 0);
    while at < bytes.len() {
        let signed = bytes[at] == b'-' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        // A minus between two numbers is an operator, written as one.
        let begins =
            bytes[at].is_ascii_digit() || (signed && !at.checked_sub(1).is_some_and(|b| bytes[b].is_ascii_digit()));
        if !begins {
            at += 1;
            continue;
        }
        let start = at;
        at += 1;
        while at < bytes.len() {
            let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
            let exponent = bytes[at] == b'e'
                && (digit(at + 1) || (matches!(bytes.get(at + 1), Some(b'-' | b'+')) && digit(at + 2)));
            if digit(at) || bytes[at] == b'.' && digit(at + 1) {
                at += 1;
            } else if exponent {
                at += 2;
            } else {
                break;
            }
        }
        if from < start {
            found.push((false, &text[from..start]));
        }
        found.push((true, &text[start..at]));
        from = at;
    }
    if from < bytes.len() {
        found.push((false, &text[from..]));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_what_lists_and_intervals_are_written_as() {
        let only = |text: &'static str| -> Vec<&str> {
            numbers(text).into_iter().filter(|(number, _)| *number).map(|(_, text)| text).collect()
        };
        assert_eq!(only("0.5+2e-4i"), ["0.5", "2e-4"]);
        assert_eq!(only("-1.25-3i, 1e9"), ["-1.25", "3", "1e9"]);
        assert_eq!(only("(0, 0.00199) ∪ (1, ∞)"), ["0", "0.00199", "1"]);
        assert_eq!(only("–"), [] as [&str; 0]);
        assert_eq!(power_of_ten("-1.9e-3"), Some(("-1.9", "-3")));
        assert_eq!((power_of_ten("1.9"), power_of_ten("seed e3")), (None, None));
    }

    #[test]
    fn names_keep_their_letters() {
        let capitalised = |text: &str| Text::words(text).capitalised().plain();
        assert_eq!(capitalised("no start, at all"), "No start, at all");
        assert_eq!((capitalised("f_0 to f_2"), capitalised("pf+np3 is")), ("f_0 to f_2".into(), "pf+np3 is".into()));
    }

    #[test]
    fn backticks_are_code() {
        let text = Text::words("give `--h H`, or `--steps K`");
        assert_eq!(text.pieces().len(), 4);
        assert_eq!(text.pieces()[1], Inline::Code("--h H".to_owned()));
        assert_eq!(Text::words("an ` alone").pieces().len(), 1);
    }
}
