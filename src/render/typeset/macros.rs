//! An author's own macros for our letters and for the names of a loss.

use crate::formula::{Definitions, Fault, Formula, Language, Letter, Markup, Own, Spelling, Symbol, key};
use crate::loss::{draw_located, position};
use std::ops::Range;

/// The longest markup of one letter.
const LONGEST: usize = 200;
/// So many subterms and orders are looked at for a letter that is written like one.
const MADE: usize = 100;
/// The most names whose second derivatives are looked at.
const PAIRED: usize = 12;
/// The most lines of a file.
const LINES: usize = 1000;

/// What an author writes for our letters.
///
/// A line is a letter of ours (`f`, `h`, `E`, `g`, `H`, `T`, `theta`) or a name of the loss or of the optimizer, `=`, and what is written for it. A line
/// that begins with a definition, such as `\newcommand` in LaTeX and `#let` in Typst, stands in the preamble. `#` with a space begins a comment.
/// The markup is read: a sum has parentheses where it is a factor, the base of a power, or subtracted.
///
/// ```
/// use shadowflow::formula::{Formula, Markup, Spelling, Symbol};
/// use shadowflow::render::typeset::Macros;
/// let macros = Macros::parse("# as in the paper\nE = \\mathcal{L}\nH = \\nabla^2 \\mathcal{L}\nrate = \\varrho\n", Markup::Latex).unwrap();
/// let mut spelling = Spelling::default();
/// macros.apply(&mut spelling, &["rate"]).unwrap();
/// let formula = Formula::name("rate").times(Formula::from(Symbol::Hessian).power(2));
/// assert_eq!(spelling.latex(&formula), r"\varrho (\nabla^2 \mathcal{L})^{2}");
/// let sum = Macros::parse("rate = a + b\n", Markup::Latex).unwrap();
/// sum.apply(&mut spelling, &["rate"]).unwrap();
/// assert_eq!(spelling.latex(&Formula::name("rate").times(Formula::from(Symbol::Step))), "(a + b) h");
/// let error = Macros::parse("E = \\mathcal{L\n", Markup::Latex).unwrap_err();
/// assert_eq!((error.line, error.column), (1, 13));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Macros {
    markup: Markup,
    source: String,
    letters: Vec<Entry>,
    definitions: Definitions,
    preamble: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: String,
    place: Range<usize>,
    markup: Own,
    value: Range<usize>,
}

/// Why a text is no file of macros, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", expected.as_ref().map_or_else(String::new, |e| format!("; expected {e}")))]
pub struct MacroError {
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// The line of the place, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What may stand there instead.
    pub expected: Option<String>,
}

impl MacroError {
    fn new(source: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        let (line, column) = position(source, span.start);
        Self { span, line, column, message: message.into(), expected: None }
    }

    /// What is wrong with a part of the text that begins there.
    fn at(source: &str, from: usize, fault: Fault) -> Self {
        let span = from + fault.span.start..from + fault.span.end;
        let error = Self::new(source, span, fault.message);
        match fault.expected {
            Some(expected) => error.expecting(expected),
            None => error,
        }
    }

    fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// The error drawn under its line of `source`, which is called `path`.
    #[must_use]
    pub fn render(&self, path: &str, source: &str, color: bool) -> String {
        let expected = self.expected.as_ref().map(|e| format!("expected {e}"));
        draw_located(path, source, &self.span, &self.message, expected.as_deref(), color)
    }
}

impl Macros {
    /// Reads a file of macros.
    ///
    /// # Errors
    /// [`MacroError`] with its place.
    pub fn parse(source: &str, markup: Markup) -> Result<Self, MacroError> {
        let mut macros = Self { markup, source: source.to_owned(), ..Self::default() };
        // What is defined anywhere may be used anywhere.
        let mut start = 0;
        for whole in source.split_inclusive('\n') {
            let text = whole.trim();
            if is_definition(text, markup) {
                let from = start + whole.len() - whole.trim_start().len();
                macros.definitions.take(text, language(markup)).map_err(|fault| MacroError::at(source, from, fault))?;
            }
            start += whole.len();
        }
        let mut start = 0;
        for (number, whole) in source.split_inclusive('\n').enumerate() {
            let line = whole.trim_end_matches(['\n', '\r']);
            let (from, to) = (start, start + line.len());
            start += whole.len();
            if number >= LINES {
                return Err(MacroError::new(source, from..to, format!("more than {LINES} lines")));
            }
            let text = line.trim();
            if text.is_empty() || text == "#" || text.starts_with("# ") || number == 0 && text.starts_with("#!") {
                continue;
            }
            if is_definition(text, markup) {
                macros.preamble.push(text.to_owned());
                continue;
            }
            macros.letter(source, line, from, markup)?;
        }
        Ok(macros)
    }

    fn letter(&mut self, source: &str, line: &str, from: usize, markup: Markup) -> Result<(), MacroError> {
        let whole = from + (line.len() - line.trim_start().len())..from + line.trim_end().len();
        let Some((left, right)) = line.split_once('=') else {
            return Err(MacroError::new(source, whole, "this line is no macro").expecting(format!(
                "LETTER = MARKUP, as in `{}`, a comment after `# `, or a definition for the preamble, as {}",
                example(markup),
                definitions(markup).join(", ")
            )));
        };
        let name = left.trim();
        let begin = from + (left.len() - left.trim_start().len());
        let place = begin..begin + name.len();
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name != "θ" && (name.is_empty() || !name.chars().all(letters)) {
            let place = if name.is_empty() { from..from + left.len() + 1 } else { place };
            return Err(MacroError::new(source, place, "before `=` stands no letter or name")
                .expecting("f, h, E, g, H, T or theta, or a name of the loss or of the optimizer"));
        }
        let name = if name == "θ" { "theta" } else { name };
        if let Some(known) = self.letters.iter().find(|entry| entry.name == name) {
            let (line, _) = position(source, known.place.start);
            return Err(MacroError::new(source, place, format!("`{name}` has a macro on line {line} already")));
        }
        let value = right.trim();
        let begin = from + left.len() + 1 + (right.len() - right.trim_start().len());
        if value.is_empty() {
            let at = begin.min(source.len());
            return Err(MacroError::new(source, at..at, "nothing stands behind `=`")
                .expecting(format!("markup, as in `{}`", example(markup))));
        }
        let span = begin..begin + value.len();
        if value.len() > LONGEST {
            return Err(MacroError::new(source, span, "this is too long for a letter"));
        }
        let own = Own::read(value, language(markup), &self.definitions)
            .map_err(|fault| MacroError::at(source, begin, fault))?;
        self.letters.push(Entry { name: name.to_owned(), place, markup: own, value: span });
        Ok(())
    }

    /// The definitions for the preamble.
    #[must_use]
    pub fn preamble(&self) -> &[String] {
        &self.preamble
    }

    /// The text that was read.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Writes letters and names as the author does, and says whether any of them was there to be written; `names` are those that a
    /// formula may hold. Others are left alone, so that one file serves several losses.
    ///
    /// # Errors
    /// [`MacroError`] for two that would be written alike, and for one that would be written like something of ours.
    pub fn apply(&self, spelling: &mut Spelling, names: &[&str]) -> Result<bool, MacroError> {
        let mut applied: Vec<&Entry> = Vec::new();
        let sigma = Spelling::default().written(&Formula::name("sigma"), self.markup).text;
        let sigma = key(&sigma, language(self.markup));
        for entry in &self.letters {
            // A name that is declared is the loss's, and our letter is another one then.
            let symbol = Symbol::ALL.into_iter().find(|symbol| symbol.name() == entry.name);
            match (names.contains(&entry.name.as_str()), symbol) {
                (true, _) => spelling.names.write_as(&entry.name, entry.markup.clone()),
                (false, Some(symbol)) => spelling.symbols.write_as(symbol, entry.markup.clone()),
                (false, None) => continue,
            }
            applied.push(entry);
            if entry.markup.key() == sigma {
                spelling.names.declare_sigma();
            }
        }
        self.distinct(&applied, spelling, names)?;
        Ok(!applied.is_empty() || self.letters.is_empty())
    }

    /// Whether what the author writes is told from all else.
    fn distinct(&self, applied: &[&Entry], spelling: &Spelling, names: &[&str]) -> Result<(), MacroError> {
        if applied.is_empty() {
            return Ok(());
        }
        let look = |formula: &Formula| key(&spelling.written(formula, self.markup).text, language(self.markup));
        let symbols = Symbol::ALL.into_iter().map(|symbol| (symbol.name().to_owned(), Formula::from(symbol)));
        let symbols = symbols.filter(|(name, _)| !names.contains(&name.as_str()));
        let named = names.iter().map(|name| ((*name).to_owned(), Formula::name(*name)));
        // What an author writes is compared as it was read, with its definitions.
        let written = |(name, formula): (String, Formula)| {
            let own = applied.iter().find(|entry| entry.name == name).map(|entry| entry.markup.key().to_owned());
            let look = own.unwrap_or_else(|| look(&formula));
            (name, look)
        };
        let all: Vec<(String, String)> = symbols.chain(named).map(written).collect();
        let made: Vec<(String, String)> =
            made(names).into_iter().map(|(what, formula)| (what, look(&formula))).collect();
        for entry in applied {
            let own = entry.markup.key();
            let wrong = |message: String| Err(MacroError::new(&self.source, entry.value.clone(), message));
            let text = entry.markup.text();
            if let Some((other, _)) = all.iter().find(|(name, look)| *name != entry.name && look == own) {
                return wrong(format!("`{}` and `{other}` would both be written `{text}`", entry.name));
            }
            if let Some((what, _)) = made.iter().find(|(what, look)| look == own && !is_of(&entry.name, what)) {
                return wrong(format!("`{}` would be written `{text}`, as {what} is", entry.name));
            }
        }
        Ok(())
    }
}

/// Whether a derivative is what this letter stands for, so that both may look alike.
fn is_of(name: &str, what: &str) -> bool {
    let order = ["g", "H", "T"].iter().position(|letter| *letter == name).map(|at| at + 1);
    order.is_some_and(|k| what.starts_with(&format!("the derivative of the loss of order {k}")))
        || what.ends_with(&format!("`{name}`"))
}

/// What the program writes besides letters and names, each with what it is.
fn made(names: &[&str]) -> Vec<(String, Formula)> {
    let mut all: Vec<(String, Formula)> = vec![
        ("the base of the exponential function".into(), Formula::name("e")),
        ("the number π".into(), Formula::name("pi")),
        ("the sign of what is left out, `O(h^n)`,".into(), Formula::name("O")),
        ("the time derivative of θ".into(), Letter::Velocity.into()),
    ];
    all.extend((0..MADE).map(|n| (format!("the term f_{n} of the flow"), Letter::Field(n).into())));
    all.extend((1..=MADE).map(|n| (format!("a subterm, `s{n}`"), Formula::name(format!("s{n}")))));
    let derivatives = |k: usize| [Letter::Primed(k), Letter::Derivative(k)].map(|letter| (k, letter));
    let derivatives = (1..=9).flat_map(derivatives).filter(|(k, letter)| match letter {
        Letter::Primed(_) => *k < 4,
        _ => *k > 2,
    });
    all.extend(derivatives.map(|(k, letter)| (format!("the derivative of the loss of order {k}"), letter.into())));
    let entry = |by: Vec<&str>| {
        let what = format!("the derivative of the loss by {}", by.join(" and "));
        (what, Formula::partial(by.into_iter().map(Formula::name).collect(), false))
    };
    all.extend(names.iter().map(|name| entry(vec![name])));
    let few = &names[..names.len().min(PAIRED)];
    all.extend(few.iter().flat_map(|a| few.iter().map(move |b| entry(vec![a, b]))));
    all
}

fn language(markup: Markup) -> Language {
    match markup {
        Markup::Latex => Language::Latex,
        Markup::Typst => Language::Typst,
    }
}

fn definitions(markup: Markup) -> &'static [&'static str] {
    match markup {
        Markup::Latex => &[
            "\\newcommand",
            "\\renewcommand",
            "\\providecommand",
            "\\DeclareMathOperator",
            "\\usepackage",
            "\\def",
            "\\let",
        ],
        Markup::Typst => &["#let ", "#import ", "#show", "#set "],
    }
}

fn is_definition(line: &str, markup: Markup) -> bool {
    definitions(markup).iter().any(|definition| {
        line.strip_prefix(definition)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()) || definition.ends_with(' '))
    })
}

fn example(markup: Markup) -> &'static str {
    match markup {
        Markup::Latex => "E = \\mathcal{L}",
        Markup::Typst => "E = cal(L)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(source: &str, markup: Markup) -> (usize, usize) {
        let error = Macros::parse(source, markup).unwrap_err();
        assert!(error.render("own.macros", source, false).contains("own.macros:"), "{error}");
        (error.line, error.column)
    }

    #[test]
    fn errors_have_places() {
        for (source, at) in [
            ("E = \\mathcal{L\n", (1, 13)),
            ("# fine\nE\n", (2, 1)),
            ("E = L\nE = K\n", (2, 1)),
            ("E = a % b\n", (1, 7)),
            ("E = $a$\n", (1, 5)),
            ("E =\n", (1, 4)),
            ("= a\n", (1, 1)),
            ("a b = c\n", (1, 1)),
            ("  g = x}\n", (1, 8)),
            ("g = a \\\\ b\n", (1, 7)),
            ("\\newcommands{\\a}{b}\n", (1, 1)),
        ] {
            assert_eq!(place(source, Markup::Latex), at, "{source}");
        }
        assert_eq!(place("E = cal(L\n", Markup::Typst), (1, 8));
        assert_eq!(place("E = \"L\n", Markup::Typst), (1, 5));
    }

    #[test]
    fn letters_and_names_are_told_apart() {
        let macros = Macros::parse(
            "\\newcommand{\\loss}{\\mathcal{L}}\nE = \\loss\ntheta = \\bm{w}\r\nx = \\xi\n",
            Markup::Latex,
        )
        .unwrap();
        assert_eq!(macros.preamble(), ["\\newcommand{\\loss}{\\mathcal{L}}"]);
        let mut spelling = Spelling::default();
        macros.apply(&mut spelling, &["x", "y"]).unwrap();
        assert_eq!(spelling.latex(&Formula::name("x").power(2)), "\\xi^{2}");
        let flow = Formula::from(crate::formula::Letter::Velocity).equals(Formula::from(Symbol::Loss));
        assert_eq!(spelling.latex(&flow), "\\dot{\\bm{w}} = \\loss");
        // A name that is not there is left alone.
        assert_eq!(macros.apply(&mut Spelling::default(), &["y"]), Ok(true));
        let other = Macros::parse("x = \\xi\n", Markup::Latex).unwrap();
        assert_eq!(other.apply(&mut Spelling::default(), &["y"]), Ok(false));
        let alike = Macros::parse("h = y\n", Markup::Latex).unwrap();
        let error = alike.apply(&mut Spelling::default(), &["y"]).unwrap_err();
        assert_eq!((error.line, error.column), (1, 5));
        // What the loss declares is its own.
        let own = Macros::parse("h = \\eta\n", Markup::Latex).unwrap();
        let mut spelling = Spelling::beside([("h", false)]);
        own.apply(&mut spelling, &["h"]).unwrap();
        assert_eq!(spelling.latex(&Formula::name("h")), "\\eta");
        assert_eq!(spelling.latex(&Symbol::Step.into()), "\\mathsf{h}");
    }
}
