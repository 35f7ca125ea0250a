//! An author's own macros for our letters and for the names of a loss.

use crate::formula::{Formula, Markup, Spelling, Symbol};
use crate::loss::{draw_located, position};
use std::ops::Range;

/// The longest markup of one letter.
const LONGEST: usize = 200;
/// The most lines of a file.
const LINES: usize = 1000;

/// What an author writes for our letters.
///
/// A line is a letter of ours (`f`, `h`, `E`, `g`, `H`, `T`, `theta`) or a name of the loss or of the optimizer, `=`, and what is written for it. A line
/// that begins with a definition, such as `\newcommand` in LaTeX and `#let` in Typst, stands in the preamble. `#` with a space begins a comment.
///
/// ```
/// use shadowflow::formula::{Formula, Markup, Spelling, Symbol};
/// use shadowflow::render::typeset::Macros;
/// let macros = Macros::parse("# as in the paper\nE = \\mathcal{L}\nH = \\nabla^2 \\mathcal{L}\nrate = \\varrho\n", Markup::Latex).unwrap();
/// let mut spelling = Spelling::default();
/// macros.apply(&mut spelling, &["rate"]).unwrap();
/// let formula = Formula::name("rate").times(Formula::from(Symbol::Hessian).power(2));
/// assert_eq!(spelling.latex(&formula), r"\varrho (\nabla^2 \mathcal{L})^{2}");
/// let error = Macros::parse("E = \\mathcal{L\n", Markup::Latex).unwrap_err();
/// assert_eq!((error.line, error.column), (1, 13));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Macros {
    markup: Markup,
    source: String,
    letters: Vec<Entry>,
    preamble: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: String,
    place: Range<usize>,
    markup: String,
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
        check(source, value, begin, markup)?;
        self.letters.push(Entry {
            name: name.to_owned(),
            place,
            markup: value.to_owned(),
            value: begin..begin + value.len(),
        });
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

    /// Writes letters and names as the author does; `names` are those that a formula may hold.
    ///
    /// # Errors
    /// [`MacroError`] for what is no letter of ours and none of the names, and for two that would be written alike.
    pub fn apply(&self, spelling: &mut Spelling, names: &[&str]) -> Result<(), MacroError> {
        for entry in &self.letters {
            // A name that is declared is the loss's, and our letter is another one then.
            let symbol = Symbol::ALL.into_iter().find(|symbol| symbol.name() == entry.name);
            match (names.contains(&entry.name.as_str()), symbol) {
                (true, _) => spelling.names.write_as(&entry.name, entry.markup.clone()),
                (false, Some(symbol)) => spelling.symbols.write_as(symbol, entry.markup.clone()),
                (false, None) => {
                    let known = if names.is_empty() {
                        String::new()
                    } else {
                        format!(", or one of the names {}", names.join(", "))
                    };
                    return Err(MacroError::new(
                        &self.source,
                        entry.place.clone(),
                        format!("`{}` is no letter of ours", entry.name),
                    )
                    .expecting(format!("f, h, E, g, H, T or theta{known}")));
                }
            }
        }
        self.distinct(spelling, names)
    }

    /// Whether what the author writes is told from all else.
    fn distinct(&self, spelling: &Spelling, names: &[&str]) -> Result<(), MacroError> {
        let symbols = Symbol::ALL.into_iter().map(|symbol| (symbol.name().to_owned(), Formula::from(symbol)));
        let symbols = symbols.filter(|(name, _)| !names.contains(&name.as_str()));
        let all = symbols.chain(names.iter().map(|name| ((*name).to_owned(), Formula::name(*name))));
        let all: Vec<(String, String)> =
            all.map(|(name, formula)| (name, spelling.written(&formula, self.markup).text)).collect();
        for entry in &self.letters {
            if let Some((other, _)) = all.iter().find(|(name, text)| *name != entry.name && *text == entry.markup) {
                let message = format!("`{}` and `{other}` would both be written `{}`", entry.name, entry.markup);
                return Err(MacroError::new(&self.source, entry.value.clone(), message));
            }
        }
        Ok(())
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

/// Whether this can stand in a formula.
fn check(source: &str, value: &str, start: usize, markup: Markup) -> Result<(), MacroError> {
    let wrong = |span: Range<usize>, message: &str| Err(MacroError::new(source, span, message));
    if value.is_empty() {
        let at = start.min(source.len());
        return Err(MacroError::new(source, at..at, "nothing stands behind `=`")
            .expecting(format!("markup, as in `{}`", example(markup))));
    }
    if value.len() > LONGEST {
        return wrong(start..start + value.len(), "this is too long for a letter");
    }
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut quoted: Option<usize> = None;
    let mut escaped = false;
    for (at, c) in value.char_indices() {
        let place = start + at..start + at + c.len_utf8();
        if std::mem::replace(&mut escaped, false) {
            if markup == Markup::Latex && c == '\\' {
                return wrong(place, "a letter has no lines");
            }
            continue;
        }
        match c {
            '\\' => escaped = true,
            '"' if markup == Markup::Typst => quoted = if quoted.is_some() { None } else { Some(at) },
            _ if quoted.is_some() => {}
            '$' | '&' => return wrong(place, "this ends the formula that the letter stands in"),
            '%' if markup == Markup::Latex => return wrong(place, "this begins a comment of LaTeX"),
            '/' if markup == Markup::Typst && value[at..].starts_with("//") => {
                return wrong(place, "this begins a comment of Typst");
            }
            c if c.is_control() => return wrong(place, "a control character"),
            '{' | '(' | '[' => open.push((c, at)),
            '}' | ')' | ']' => {
                let fits = |left: char| matches!((left, c), ('{', '}') | ('(', ')') | ('[', ']'));
                match open.pop() {
                    Some((left, _)) if fits(left) => {}
                    _ => return wrong(place, "this bracket closes none"),
                }
            }
            _ => {}
        }
    }
    if let Some(at) = open.pop().map(|(_, at)| at).or(quoted) {
        return wrong(start + at..start + at + 1, "this is not closed");
    }
    if escaped {
        return wrong(start + value.len() - 1..start + value.len(), "nothing stands behind the backslash");
    }
    Ok(())
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
            ("g = a \\\\ b\n", (1, 8)),
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
        let error = macros.apply(&mut Spelling::default(), &["y"]).unwrap_err();
        assert_eq!((error.line, error.column), (4, 1));
        assert!(error.to_string().contains("or one of the names y"), "{error}");
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
