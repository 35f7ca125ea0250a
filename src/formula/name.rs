//! A name as a symbol: its stem and what stands below it.

use super::own::Own;
use super::tongue::Tongue;

/// The Greek letters: their names, which LaTeX has too, and themselves.
#[rustfmt::skip]
const GREEK: [(&str, char); 40] = [
    ("alpha", 'α'), ("beta", 'β'), ("gamma", 'γ'), ("delta", 'δ'), ("epsilon", 'ϵ'), ("varepsilon", 'ε'),
    ("zeta", 'ζ'), ("eta", 'η'), ("theta", 'θ'), ("vartheta", 'ϑ'), ("iota", 'ι'), ("kappa", 'κ'),
    ("lambda", 'λ'), ("mu", 'μ'), ("nu", 'ν'), ("xi", 'ξ'), ("pi", 'π'), ("rho", 'ρ'),
    ("sigma", 'σ'), ("tau", 'τ'), ("upsilon", 'υ'), ("phi", 'ϕ'), ("varphi", 'φ'), ("chi", 'χ'),
    ("psi", 'ψ'), ("omega", 'ω'), ("Gamma", 'Γ'), ("Delta", 'Δ'), ("Theta", 'Θ'), ("Lambda", 'Λ'),
    ("Xi", 'Ξ'), ("Sigma", 'Σ'), ("Phi", 'Φ'), ("Omega", 'Ω'), ("Pi", 'Π'), ("Psi", 'Ψ'), ("Upsilon", 'Υ'),
    ("varrho", 'ϱ'), ("varsigma", 'ς'), ("varpi", 'ϖ'),
];

/// Words of more letters are broken, in pieces of at most so many; and subscripts have at most so many in a row.
const LONGEST: usize = 18;
const PIECE: usize = 20;
const ROW: usize = 18;

/// Letters and digits that are one symbol.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Word {
    /// A single character, or digits.
    Single(String),
    /// A place in the list of Greek letters.
    Greek(usize),
    /// Several letters.
    Long(String),
    /// Several letters that describe: a subscript.
    Upright(String),
    /// Any text as it is.
    Verbatim(String),
    /// Markup of the author's own.
    Own(Own),
}

impl Word {
    fn new(text: &str) -> Self {
        // A small number, as programs call it.
        let letter = if text == "eps" { "varepsilon" } else { text };
        match GREEK.iter().position(|(name, _)| *name == letter) {
            Some(at) => Self::Greek(at),
            None if text.chars().count() == 1 || text.bytes().all(|b| b.is_ascii_digit()) => {
                Self::Single(text.to_owned())
            }
            None => Self::Long(text.to_owned()),
        }
    }

    /// As a subscript.
    fn below(text: &str) -> Self {
        match Self::new(text) {
            Self::Long(text) => Self::Upright(text),
            word => word,
        }
    }

    pub(super) fn markup(&self, tongue: &dyn Tongue) -> String {
        match self {
            Self::Single(text) => text.replace('_', "\\_"),
            Self::Greek(at) => tongue.greek(GREEK[*at].0),
            Self::Long(_) | Self::Upright(_) => {
                let set =
                    |text: &str| if matches!(self, Self::Long(_)) { tongue.italic(text) } else { tongue.upright(text) };
                match (self.pieces(), self) {
                    (Some(pieces), _) => tongue.pieces(&pieces.iter().map(|piece| set(piece)).collect::<Vec<_>>()),
                    (None, Self::Long(text) | Self::Upright(text)) => set(text),
                    (None, _) => String::new(),
                }
            }
            Self::Verbatim(text) => tongue.typewriter(text),
            Self::Own(own) => own.text().to_owned(),
        }
    }

    /// A word in pieces that stand below each other, where it is too long for a line of a narrow column.
    pub(super) fn pieces(&self) -> Option<Vec<String>> {
        let (Self::Long(text) | Self::Upright(text)) = self else { return None };
        let letters: Vec<char> = text.chars().collect();
        let count = letters.len().div_ceil(PIECE);
        let each = letters.len().div_ceil(count.max(1)).max(1);
        (letters.len() > LONGEST).then(|| letters.chunks(each).map(|piece| piece.iter().collect()).collect())
    }

    /// The letters that are seen, to be measured.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Single(text) | Self::Long(text) | Self::Upright(text) | Self::Verbatim(text) => text.clone(),
            Self::Greek(at) => GREEK[*at].1.to_string(),
            Self::Own(own) => own.shown(),
        }
    }

    /// Markup of the author's own.
    pub(super) fn own(&self) -> Option<&Own> {
        match self {
            Self::Own(own) => Some(own),
            _ => None,
        }
    }

    pub(super) fn mathml(&self) -> String {
        match self {
            Self::Single(text) if text.bytes().all(|b| b.is_ascii_digit()) => format!("<mn>{text}</mn>"),
            Self::Single(text) => format!("<mi>{text}</mi>"),
            // Capitals are upright, as in LaTeX.
            Self::Greek(at) if GREEK[*at].1.is_uppercase() => {
                format!("<mi mathvariant=\"normal\">{}</mi>", GREEK[*at].1)
            }
            Self::Greek(at) => format!("<mi>{}</mi>", GREEK[*at].1),
            Self::Long(text) => format!("<mi>{}</mi>", text.chars().map(italic).collect::<String>()),
            // Of several letters it is upright.
            Self::Upright(text) => format!("<mi>{text}</mi>"),
            Self::Verbatim(text) => format!("<mtext>{text}</mtext>"),
            Self::Own(own) => format!("<mtext>{}</mtext>", own.text()),
        }
    }
}

/// The letter in mathematical italics: a browser slants single letters only.
fn italic(c: char) -> char {
    let (first, start) = match c {
        'h' => return 'ℎ',
        'a'..='z' => ('a', 0x1D44E),
        'A'..='Z' => ('A', 0x1D434),
        _ => return c,
    };
    char::from_u32(start + u32::from(c) - u32::from(first)).unwrap_or(c)
}

/// A name as a symbol and its subscripts, each of them with digits below it or without.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Name {
    pub(super) stem: Word,
    pub(super) below: Vec<(Word, Option<String>)>,
}

/// A name letter by letter.
pub(super) fn spelled(text: &str) -> Name {
    Name { stem: Word::Long(text.to_owned()), below: Vec::new() }
}

/// A word and the digits at its end.
fn numbered(text: &str) -> (&str, Option<String>) {
    let digits = text.len() - text.bytes().rev().take_while(u8::is_ascii_digit).count();
    match text.split_at(digits) {
        (_, "") | ("", _) => (text, None),
        (word, number) => (word, Some(number.to_owned())),
    }
}

/// Splits a name such as `theta1` or `w_out` into a stem and subscripts.
pub(super) fn name(text: &str) -> Name {
    let mut parts = text.split('_');
    let stem = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    if stem.is_empty() || rest.contains(&"") {
        return Name { stem: Word::new(text), below: Vec::new() };
    }
    let (stem, number) = numbered(stem);
    let mut below: Vec<(Word, Option<String>)> =
        number.map(|digits| (Word::Single(digits), None)).into_iter().collect();
    below.extend(rest.into_iter().map(|part| {
        let (word, digits) = numbered(part);
        (Word::below(word), digits)
    }));
    Name { stem: Word::new(stem), below }
}

impl Name {
    pub(super) fn letter(letter: char) -> Self {
        Self { stem: Word::Single(letter.to_string()), below: Vec::new() }
    }

    /// Whether its stem has several letters beside each other.
    pub(super) fn is_wide(&self) -> bool {
        match &self.stem {
            Word::Own(own) => own.is_wide(),
            stem => matches!(stem, Word::Long(_) | Word::Verbatim(_)),
        }
    }

    /// What is below it in rows of so many letters.
    pub(super) fn rows(&self) -> Vec<std::ops::Range<usize>> {
        let length = |(word, digits): &(Word, Option<String>)| {
            let own = word.pieces().and_then(|pieces| pieces.iter().map(String::len).max());
            let letters = match word {
                Word::Long(text) | Word::Upright(text) | Word::Single(text) => text.len(),
                _ => 1,
            };
            own.unwrap_or(letters) + digits.as_ref().map_or(0, String::len) + 1
        };
        let mut rows: Vec<std::ops::Range<usize>> = Vec::new();
        let mut used = 0;
        for (at, part) in self.below.iter().enumerate() {
            let own = length(part);
            match rows.last_mut() {
                Some(row) if used + own <= ROW => row.end = at + 1,
                _ => {
                    rows.push(at..at + 1);
                    used = 0;
                }
            }
            used += own;
        }
        rows
    }

    /// Whether it is one letter, without anything below it.
    pub(super) fn is_letter(&self) -> bool {
        self.below.is_empty() && matches!(self.stem, Word::Single(_) | Word::Greek(_))
    }

    /// The first character in LaTeX.
    pub(super) fn first(&self) -> char {
        match &self.stem {
            Word::Single(text) if text != "_" => text.chars().next().unwrap_or('\\'),
            Word::Own(own) => own.first(),
            _ => '\\',
        }
    }

    /// The stem in MathML, and what is below it.
    pub(super) fn mathml_parts(&self, index: Option<&[usize]>) -> (String, Option<String>) {
        let comma = "<mo separator=\"true\">,</mo>";
        let part = |(word, digits): &(Word, Option<String>)| match digits {
            Some(digits) => format!("<msub>{}<mn>{digits}</mn></msub>", word.mathml()),
            None => word.mathml(),
        };
        let parts: Vec<String> = self.below.iter().map(part).collect();
        let numbers: Vec<String> = index.unwrap_or_default().iter().map(|i| format!("<mn>{i}</mn>")).collect();
        let below = match (parts.as_slice(), index) {
            ([], None) => None,
            ([only], None) => Some(only.clone()),
            (parts, None) => Some(format!("<mrow>{}</mrow>", parts.join(comma))),
            ([], Some(_)) => Some(format!("<mrow>{}</mrow>", numbers.join(comma))),
            (parts, Some(_)) => {
                let (parts, numbers) = (parts.join(comma), numbers.join(comma));
                Some(format!("<mrow>{parts}<mo separator=\"true\">;</mo>{numbers}</mrow>"))
            }
        };
        (self.stem.mathml(), below)
    }

    /// In MathML.
    pub(super) fn mathml(&self, index: Option<&[usize]>) -> String {
        match self.mathml_parts(index) {
            (stem, Some(below)) => format!("<msub>{stem}{below}</msub>"),
            (stem, None) => stem,
        }
    }
}
