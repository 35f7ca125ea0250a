//! Formulas in LaTeX, for mathematics mode.

use super::mark::{Bracket, Mark, Raised, Script, index_letter};
use super::names::Name;
use super::typeset::{Around, Sheet, Times};
use super::{Letter, Symbol, Symbols};
use std::sync::LazyLock;

/// A formula in LaTeX, and what lines are broken by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Latex {
    /// The formula.
    pub text: String,
    /// Roughly the number of characters that are set.
    pub characters: usize,
    /// Roughly the number of characters that it is wide: of a fraction the wider of its two parts.
    pub width: usize,
    /// Where a line may break inside: before each sign that is in no fraction and no exponent; each place as the length of the text and
    /// the width before it.
    pub breaks: Vec<(usize, usize)>,
}

/// Text that LaTeX prints as it is, in a typewriter font.
#[must_use]
pub fn typewriter(text: &str) -> String {
    let mut escaped = String::from("\\texttt{");
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\textbackslash{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '{' | '}' | '$' | '%' | '&' | '#' | '_' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped.push('}');
    escaped
}

/// Words as LaTeX has them.
pub(super) fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '–' => out.push_str("--"),
            '…' => out.push_str("\\dots{}"),
            '$' | '%' | '&' | '#' | '_' => out.extend(['\\', c]),
            '\\' | '^' | '~' | '{' | '}' => out.push_str(&typewriter(c.encode_utf8(&mut [0; 4]))),
            c => out.push(c),
        }
    }
    out
}

/// Writes LaTeX and measures it.
pub(crate) struct LatexSheet<'a> {
    symbols: &'a Symbols,
    out: Latex,
    /// Braces that are open.
    braces: usize,
    /// Whether parentheses stay small, so that lines may break inside them.
    small: bool,
    /// Whether anybody wants to know how wide it is.
    measuring: bool,
}

impl<'a> LatexSheet<'a> {
    pub(super) fn new(symbols: &'a Symbols) -> Self {
        Self { symbols, out: Latex::default(), braces: 0, small: false, measuring: true }
    }

    pub(super) fn small(symbols: &'a Symbols) -> Self {
        Self { small: true, ..Self::new(symbols) }
    }

    pub(super) fn finish(self) -> Latex {
        self.out
    }

    /// Appends what is set as so many characters.
    fn put(&mut self, text: &str, characters: usize) {
        self.out.text.push_str(text);
        self.out.characters += characters;
        self.out.width += characters;
    }

    /// Appends what is measured as it stands.
    fn measured(&mut self, text: &str) {
        self.put(text, if self.measuring { characters(text) } else { 0 });
    }

    fn symbol(&mut self, symbol: Symbol) {
        self.measured(self.symbols.latex(symbol));
    }

    /// A sign before which no line breaks, because it begins one.
    pub(super) fn lead(&mut self, negative: bool) {
        self.put(if negative { " - " } else { " + " }, 1);
    }

    fn braced(&mut self, inner: impl FnOnce(&mut Self)) {
        self.out.text.push('{');
        self.braces += 1;
        inner(self);
        self.braces -= 1;
        self.out.text.push('}');
    }

    fn raise(&mut self, raised: Raised) {
        match raised {
            Raised::Not => {}
            Raised::To(power) => self.measured(&format!("^{{{power}}}")),
            Raised::Transposed => self.measured("^{T}"),
        }
    }
}

/// Roughly the number of characters that LaTeX sets.
fn characters(tex: &str) -> usize {
    let (mut count, mut in_command) = (0, false);
    for c in tex.chars() {
        match c {
            '\\' => {
                count += 1;
                in_command = true;
            }
            c if in_command && c.is_ascii_alphabetic() => {}
            ' ' | '{' | '}' | '^' | '_' => in_command = false,
            _ => {
                in_command = false;
                count += 1;
            }
        }
    }
    count
}

impl Script for LatexSheet<'_> {
    fn mark(&mut self, mark: Mark) {
        match mark {
            Mark::Gradient => self.symbol(Symbol::Gradient),
            Mark::Hessians(count) => {
                self.symbol(Symbol::Hessian);
                if count > 1 {
                    self.raise(Raised::To(count));
                }
                self.put(" ", 0);
            }
            Mark::Derivative(k) => self.letter(&Letter::Derivative(k)),
            Mark::Nabla(k, raised) => {
                self.measured("\\nabla_");
                self.symbol(Symbol::Parameters);
                match k {
                    1 => {}
                    2..=9 => self.measured(&format!("^{k}")),
                    _ => self.measured(&format!("^{{{k}}}")),
                }
                self.put(" ", 0);
                self.symbol(Symbol::Loss);
                self.raise(raised);
            }
            Mark::Indexed { own, first, count } => {
                self.symbol(Symbol::Loss);
                self.out.text.push_str("_{");
                for at in std::iter::once(own).chain(first..first + count) {
                    match index_letter(at) {
                        (letter, 0) => self.measured(letter.encode_utf8(&mut [0; 4])),
                        (letter, round) => self.measured(&format!("{letter}_{{{round}}}")),
                    }
                }
                self.out.text.push('}');
            }
            Mark::Gap => self.put(" ", 0),
            Mark::Comma => self.comma(),
            Mark::Open(bracket) => self.put(if bracket == Bracket::Round { "(" } else { "[" }, 1),
            Mark::Close(bracket, raised) => {
                self.put(if bracket == Bracket::Round { ")" } else { "]" }, 1);
                self.raise(raised);
            }
        }
    }
}

impl Sheet for LatexSheet<'_> {
    fn number(&mut self, digits: &str) {
        self.put(digits, digits.len());
    }

    fn name(&mut self, name: &Name, index: Option<&[usize]>) {
        self.measured(&name.latex(index));
    }

    fn raised_name(&mut self, name: &Name, index: Option<&[usize]>, script: impl FnOnce(&mut Self)) {
        self.script(|s| s.name(name, index), false, script);
    }

    fn letter(&mut self, letter: &Letter) {
        let theta = self.symbols.latex(Symbol::Parameters);
        let [f, h, g] = [Symbol::Field, Symbol::Step, Symbol::Gradient].map(|symbol| self.symbols.latex(symbol));
        match letter {
            Letter::Plain(symbol) => self.symbol(*symbol),
            Letter::Field(n) => self.measured(&format!("{f}_{{{n}}}")),
            Letter::AnyField(n) => self.measured(&format!("{f}_{{{n}}}")),
            Letter::Derivative(3) => self.symbol(Symbol::Third),
            Letter::Derivative(k) => {
                self.symbol(Symbol::Loss);
                self.measured(&format!("^{{({k})}}"));
            }
            Letter::Primed(k) => {
                self.symbol(Symbol::Loss);
                self.measured(&"'".repeat(*k));
            }
            Letter::Flow(0) => self.symbol(Symbol::Parameters),
            Letter::Flow(j) => {
                let times = match j {
                    1 => String::new(),
                    -1 => "-".to_owned(),
                    j => j.to_string(),
                };
                self.measured(&format!("\\tilde{theta}({times}{h})"));
            }
            Letter::FlowDerivative(0) => self.measured(&format!("\\tilde{theta}")),
            Letter::FlowDerivative(i) => self.measured(&format!("\\tilde{theta}^{{({i})}}")),
            Letter::Recurrence => self.measured(&format!("\\Theta({h})")),
            Letter::GradientAt(name) => self.measured(&format!("{g}_{{{name}}}")),
            Letter::Shift(name) => self.measured(&format!("\\delta_{{{name}}}")),
            Letter::Velocity => self.measured(&format!("\\dot{theta}")),
            Letter::Alpha => self.measured("\\alpha"),
            Letter::Dots => self.measured("\\cdots"),
        }
    }

    fn sign(&mut self, negative: bool) {
        if self.braces == 0 {
            self.out.breaks.push((self.out.text.len(), self.out.width));
        }
        self.lead(negative);
    }

    fn minus(&mut self) {
        self.put("-", 1);
    }

    fn relation(&mut self, relation: char) {
        self.put(
            match relation {
                '≤' => " \\le ",
                '≥' => " \\ge ",
                _ => " = ",
            },
            1,
        );
    }

    fn times(&mut self, times: Times) {
        match times {
            Times::Beside | Times::Function => self.put(" ", 0),
            Times::Thin => self.put(" \\, ", 2),
            Times::Close => self.put("\\,", 2),
            Times::Dot => self.put(" \\cdot ", 1),
        }
    }

    fn comma(&mut self) {
        self.put(", ", 1);
    }

    fn function(&mut self, name: &str, known: bool) {
        if known {
            self.put(&format!("\\{name}"), 1);
        } else {
            self.measured(&format!("\\operatorname{{{}}}", name.replace('_', "\\_")));
        }
    }

    fn root(&mut self, inner: impl FnOnce(&mut Self)) {
        self.put("\\sqrt", 1);
        self.braced(inner);
    }

    fn group(&mut self, around: Around, tall: bool, inner: impl FnOnce(&mut Self)) {
        let [left, right] = match around {
            Around::Round => ["(", ")"],
            Around::Square => ["[", "]"],
            Around::Bars => ["|", "|"],
        };
        let tall = tall && !self.small;
        self.put(if tall { "\\left" } else { "" }, usize::from(tall));
        self.put(left, 1);
        inner(self);
        self.put(if tall { "\\right" } else { "" }, usize::from(tall));
        self.put(right, 1);
    }

    fn fraction(&mut self, above: impl FnOnce(&mut Self), below: impl FnOnce(&mut Self)) {
        let before = self.out.width;
        self.out.text.push_str("\\frac");
        self.out.characters += 1;
        self.braced(above);
        let upper = self.out.width;
        self.braced(below);
        self.out.width = upper.max(before + self.out.width - upper);
    }

    fn script(&mut self, base: impl FnOnce(&mut Self), below: bool, script: impl FnOnce(&mut Self)) {
        base(self);
        self.out.text.push(if below { '_' } else { '^' });
        self.braced(script);
    }

    fn transposition(&mut self) {
        self.put("\\top", 1);
    }

    fn sum(&mut self, over: impl FnOnce(&mut Self)) {
        self.put("\\sum_", 1);
        self.braced(over);
        self.put(" ", 0);
    }

    fn field_part(&mut self, n: usize, principal: Option<bool>) {
        let f = self.symbols.latex(Symbol::Field);
        let part = principal.map_or("", |p| if p { "^{\\mathrm{p}}" } else { "^{\\mathrm{np}}" });
        self.measured(&format!("({f}_{{{n}}}{part})"));
    }
}

/// Elementary differentials in LaTeX, one after another.
impl Latex {
    /// Writes marks into this, after what stands in it, with our letters as they are; `measured` or only their text.
    pub(crate) fn write_marks(&mut self, measured: bool, write: impl FnOnce(&mut LatexSheet<'_>)) {
        static LETTERS: LazyLock<Symbols> = LazyLock::new(Symbols::default);
        let mut sheet =
            LatexSheet { symbols: &LETTERS, out: std::mem::take(self), braces: 0, small: false, measuring: measured };
        write(&mut sheet);
        *self = sheet.out;
    }
}
