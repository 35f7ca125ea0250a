//! Formulas in a markup language, LaTeX or Typst: one sheet writes and measures them, and a language says how it spells a dozen things.

use super::mark::{Bracket, Mark, Raised, Script, index_letter};
use super::measure::{self, SCRIPT};
use super::names::{Name, Word};
use super::own::Own;
use super::typeset::{Around, Sheet, Times};
use super::{Binding, Letter, Symbol, Symbols, latex::LATEX, typst::TYPST};
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
    pub(super) fn tongue(self) -> &'static dyn Tongue {
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

/// What is spelt in one way by one language, and in another by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Nabla,
    Times,
    Thin,
    Dots,
    Transposed,
    Sum,
    Below,
    Above,
    In,
    Infinity,
    Slash,
    Delta,
    Theta,
    Alpha,
}

/// How a language spells what formulas are made of.
pub(super) trait Tongue: Sync {
    fn sign(&self, sign: Sign) -> &'static str;
    /// A Greek letter by its name, as LaTeX has it.
    fn greek(&self, name: &str) -> String;
    /// One of our letters; and where the loss declares it, in a font that no name is written in.
    fn letter(&self, symbol: Symbol, changed: bool) -> &'static str;
    /// Several letters as one symbol, slanted.
    fn italic(&self, text: &str) -> String;
    /// Several letters upright.
    fn upright(&self, text: &str) -> String;
    /// Text as it is typed.
    fn typewriter(&self, text: &str) -> String;
    /// Words between formulas.
    fn words(&self, text: &str) -> String;
    /// A letter with something over it, `dot` or `tilde`.
    fn accent(&self, accent: &str, letter: &str) -> String;
    /// Before what is derived by time.
    fn by_time(&self) -> String;
    /// The accent of a tilde over several letters.
    fn wide_tilde(&self) -> &'static str;
    /// The name of a function, which the language has or has not.
    fn function(&self, name: &str, known: bool) -> String;
    /// What stands before a subscript or a superscript and behind it, and before and behind one that is a single token.
    fn script(&self) -> [&'static str; 4];
    /// A subscript and an exponent without brackets, where the language has them.
    fn bare_scripts(&self, _below: &str, _exponent: usize) -> Option<String> {
        None
    }
    /// Whether a script is a single token.
    fn is_token(&self, text: &str) -> bool;
    /// What stands before, between and behind the parts of a fraction.
    fn fraction(&self) -> [&'static str; 3];
    /// A fraction of single tokens.
    fn plain_fraction(&self, above: &str, below: &str) -> Option<String>;
    fn root(&self) -> [&'static str; 2];
    /// A matrix in parentheses: before it, between columns, between rows, behind it.
    fn matrix(&self) -> [&'static str; 4];
    /// Rows below each other in small type, with commas: before, between and behind them.
    fn stack(&self) -> [&'static str; 3];
    /// A word in pieces below each other, in small type.
    fn pieces(&self, pieces: &[String]) -> String;
    /// A drawn tree in parentheses: before it, between siblings, before and behind the children of a node, behind it.
    fn picture(&self) -> [&'static str; 5];
    /// Brackets around what is tall or is not; and where lines may break inside them.
    fn brackets(&self, around: Around, grow: bool, broken: bool) -> [&'static str; 2];
    /// Whether two pieces would be read as one without a space between them.
    fn sticks(&self, before: &str, token_ends: bool, after: &str) -> bool;
}

/// A formula in a markup language, and what lines are broken by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// The formula.
    pub text: String,
    /// How wide it is set, in thousandths of the size of the type; by the widths of the glyphs of Computer Modern.
    pub width: usize,
    /// Where a line may break inside, in no fraction and no exponent.
    pub breaks: Vec<Break>,
    /// What is taller than a line: where it begins, and how tall a line with it is, in the same unit.
    pub(crate) tall: Vec<(usize, usize)>,
}

/// A place where a line may break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    /// The length of the text before it.
    pub at: usize,
    /// The width before it.
    pub width: usize,
    /// What stands there.
    pub kind: BreakKind,
    /// How many brackets are open there.
    pub depth: usize,
}

/// What a line may break at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakKind {
    /// A plus or minus follows.
    Sign,
    /// A comma stands before it.
    Comma,
    /// A factor follows, before which the next line has a sign of multiplication.
    Factor,
    /// What an operator is applied to follows, or the next of several differentials.
    Operand,
}

impl Bracket {
    /// How wide it is set.
    fn width(self) -> usize {
        if self == Self::Round { 389 } else { 278 }
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

    /// The brackets of an elementary differential.
    fn mark_brackets(&self, bracket: Bracket) -> [&'static str; 2] {
        let around = if bracket == Bracket::Round { Around::Round } else { Around::Square };
        self.tongue.brackets(around, false, self.small && self.braces == 0)
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

impl Script for MarkupSheet<'_> {
    fn mark(&mut self, mark: Mark) {
        match mark {
            Mark::Gradient => {
                // Alone in brackets or between commas it needs none of its own.
                let alone = self.out.text.ends_with(['[', '(']) || self.out.text.ends_with(", ");
                self.bound(Symbol::Gradient, if alone { Binding::Sum } else { Binding::Product }, false);
            }
            Mark::Hessians(count) => {
                if count > 1 {
                    self.bound(Symbol::Hessian, Binding::Atom, false);
                    self.raise(Raised::To(count));
                } else {
                    self.bound(Symbol::Hessian, Binding::Product, true);
                }
                self.allow_break(BreakKind::Operand);
                self.put(" ", 0);
            }
            Mark::Derivative(k) => self.letter(&Letter::Derivative(k)),
            // What is raised is the whole, and not the sum that it is taken of.
            Mark::Nabla(k, raised) if raised != Raised::Not && self.symbols.binding(Symbol::Loss) < Binding::Atom => {
                self.in_round(|s| s.mark(Mark::Nabla(k, Raised::Not)));
                self.raise(raised);
            }
            Mark::Nabla(k, raised) => {
                self.push_sign(Sign::Nabla, 833);
                let theta = self.symbols.markup(Symbol::Parameters, self.tongue);
                match self.tongue.bare_scripts(&theta, k).filter(|_| self.symbols.own(Symbol::Parameters).is_none()) {
                    // As JSON has promised it.
                    Some(scripts) => self.put(&scripts, 455),
                    None => {
                        self.in_script(true, |s| s.symbol(Symbol::Parameters));
                        if k > 1 {
                            self.raise(Raised::To(k));
                        }
                    }
                }
                self.put(" ", 0);
                self.bound(Symbol::Loss, if raised == Raised::Not { Binding::Power } else { Binding::Atom }, true);
                self.raise(raised);
            }
            Mark::Indexed { own, first, count } => {
                self.base(Symbol::Loss);
                self.in_script(true, |s| {
                    for at in std::iter::once(own).chain(first..first + count) {
                        let (letter, round) = index_letter(at);
                        let letter = letter.to_string();
                        s.shown(&letter, &letter);
                        if round > 0 {
                            s.in_script(true, |s| s.number(&round.to_string()));
                        }
                    }
                });
            }
            Mark::TreeBegin => {
                self.put("F", 690);
                if self.symbols.draws() {
                    return self.put(self.tongue.picture()[0], 900);
                }
                self.put("(", 389);
                self.depth += 1;
            }
            Mark::NodeBegin { leaf, first } if self.symbols.draws() => {
                let [_, between, open, ..] = self.tongue.picture();
                self.out.text.push_str(if first { "" } else { between });
                self.out.text.push_str(open);
                self.out.width += if leaf { 640 } else { 0 };
            }
            Mark::NodeEnd { .. } if self.symbols.draws() => self.out.text.push_str(self.tongue.picture()[3]),
            Mark::TreeEnd if self.symbols.draws() => self.put(self.tongue.picture()[4], 900),
            Mark::NodeBegin { leaf, first } => {
                if !first {
                    self.comma();
                }
                if leaf {
                    return self.put(&self.tongue.greek("tau"), 437);
                }
                self.put("[", 278);
                self.depth += 1;
            }
            Mark::NodeEnd { leaf } => {
                if !leaf {
                    self.depth = self.depth.saturating_sub(1);
                    self.put("]", 278);
                }
            }
            Mark::TreeEnd => {
                self.depth = self.depth.saturating_sub(1);
                self.put(")", 389);
            }
            Mark::Gap => {
                self.allow_break(BreakKind::Operand);
                self.put(" ", 0);
            }
            Mark::Comma => self.comma(),
            Mark::Open(bracket) => {
                self.put(self.mark_brackets(bracket)[0], bracket.width());
                self.depth += 1;
            }
            Mark::Close(bracket, raised) => {
                self.depth = self.depth.saturating_sub(1);
                self.put(self.mark_brackets(bracket)[1], bracket.width());
                self.raise(raised);
            }
        }
    }
}

impl Sheet for MarkupSheet<'_> {
    fn number(&mut self, digits: &str) {
        self.put(digits, 500 * digits.len());
    }

    fn name(&mut self, name: &Name, index: Option<&[usize]>) {
        if name.below.is_empty() && index.is_none() {
            return self.word(&name.stem);
        }
        match name.stem.own().filter(|own| !own.takes_below()) {
            Some(own) => self.group(Around::Round, own.is_tall(), |s| s.word(&name.stem)),
            None => self.word(&name.stem),
        }
        self.in_script(true, |s| {
            let part = |s: &mut Self, at: usize| {
                let (word, digits) = &name.below[at];
                s.word(word);
                if let Some(digits) = digits {
                    s.in_script(true, |s| s.number(digits));
                }
            };
            let rows = name.rows();
            let row = |s: &mut Self, k: usize| {
                for at in rows[k].clone() {
                    if at > rows[k].start {
                        s.comma();
                    }
                    part(s, at);
                }
            };
            match rows.len() {
                0 => {}
                1 => row(s, 0),
                many => s.stack(many, row),
            }
            for (at, i) in index.unwrap_or_default().iter().enumerate() {
                match (at, name.below.is_empty()) {
                    (0, true) => {}
                    (0, false) => s.put("; ", 445),
                    _ => s.comma(),
                }
                s.number(&i.to_string());
            }
        });
    }

    fn raised_name(&mut self, name: &Name, index: Option<&[usize]>, script: impl FnOnce(&mut Self)) {
        let alone = name.below.is_empty() && index.is_none();
        if let Some(own) = name.stem.own().filter(|own| alone && !own.takes_above()) {
            self.group(Around::Round, own.is_tall(), |s| s.name(name, index));
            return self.in_script(false, script);
        }
        self.script(|s| s.name(name, index), false, script);
    }

    fn letter(&mut self, letter: &Letter) {
        let natural = |s: &mut Self, n: usize| s.number(&n.to_string());
        match letter {
            Letter::Plain(symbol) => self.symbol(*symbol),
            Letter::Field(n) => {
                self.base(Symbol::Field);
                self.in_script(true, |s| natural(s, *n));
            }
            Letter::Part(n, principal) => {
                self.letter(&Letter::Field(*n));
                let part = if *principal { "p" } else { "np" };
                let upright = self.tongue.upright(part);
                self.in_script(false, |s| s.put(&upright, 530 * part.len()));
            }
            Letter::AnyField(n) => {
                self.base(Symbol::Field);
                self.in_script(true, |s| s.shown(n, n));
            }
            Letter::Derivative(3) => self.bound(Symbol::Third, Binding::Power, true),
            Letter::Derivative(k) => {
                self.bound(Symbol::Loss, Binding::Atom, true);
                self.in_script(false, |s| s.in_round(|s| natural(s, *k)));
            }
            Letter::Primed(k) => {
                self.bound(Symbol::Loss, Binding::Atom, true);
                self.put(&"'".repeat(*k), 230 * k);
            }
            Letter::Flow(0) => self.symbol(Symbol::Parameters),
            Letter::Flow(j) => {
                self.accented("tilde");
                self.in_round(|s| {
                    if *j < 0 {
                        s.minus();
                    }
                    if j.unsigned_abs() != 1 {
                        let digit = s.symbols.own(Symbol::Step).is_some_and(|own| own.first().is_ascii_digit());
                        s.number(&j.unsigned_abs().to_string());
                        s.times(if digit { Times::Dot } else { Times::Beside });
                    }
                    s.bound(Symbol::Step, if *j == 1 { Binding::Sum } else { Binding::Product }, false);
                });
            }
            Letter::FlowDerivative(0) => self.accented("tilde"),
            Letter::FlowDerivative(i) => {
                self.accented("tilde");
                self.in_script(false, |s| s.in_round(|s| natural(s, *i)));
            }
            Letter::Recurrence => {
                self.push_sign(Sign::Theta, 778);
                self.in_round(|s| s.symbol(Symbol::Step));
            }
            Letter::GradientAt(name) => {
                self.base(Symbol::Gradient);
                self.in_script(true, |s| s.shown(name, name));
            }
            Letter::Shift(name) => {
                self.push_sign(Sign::Delta, 444);
                self.in_script(true, |s| s.shown(name, name));
            }
            Letter::Velocity => self.accented("dot"),
            Letter::Alpha => self.push_sign(Sign::Alpha, 640),
            Letter::Dots => self.push_sign(Sign::Dots, 1500),
        }
    }

    fn sign(&mut self, negative: bool) {
        if self.braces == 0 {
            self.push_break(BreakKind::Sign);
        }
        self.lead(negative);
    }

    fn minus(&mut self) {
        self.put("-", 778);
    }

    fn relation(&mut self, relation: char) {
        let width = if self.level == 0 { 1334 } else { 778 };
        let sign = match relation {
            '≤' => self.tongue.sign(Sign::Below),
            '≥' => self.tongue.sign(Sign::Above),
            '∈' => self.tongue.sign(Sign::In),
            '<' => "<",
            _ => "=",
        };
        self.put(&format!(" {sign} "), width);
    }

    fn times(&mut self, times: Times) {
        self.allow_break(BreakKind::Factor);
        match times {
            Times::Beside => self.put(" ", 0),
            Times::Function => self.put(" ", 167),
            Times::Thin => self.put(&format!(" {} ", self.tongue.sign(Sign::Thin)), 167),
            Times::Close => self.put(self.tongue.sign(Sign::Thin), 167),
            Times::Dot => self.put(&format!(" {} ", self.tongue.sign(Sign::Times)), 722),
        }
    }

    fn comma(&mut self) {
        self.put(", ", 445);
        self.allow_break(BreakKind::Comma);
    }

    fn function(&mut self, name: &str, known: bool) {
        let width = measure::words(name);
        self.put(&self.tongue.function(name, known), width);
    }

    fn sigma(&mut self) {
        self.put(&self.tongue.greek("sigma"), 571);
    }

    fn gap(&mut self) {
        self.put(" ", 167);
    }

    fn infinity(&mut self) {
        self.push_sign(Sign::Infinity, 1000);
    }

    fn slash(&mut self) {
        self.push_sign(Sign::Slash, 500);
    }

    fn root(&mut self, inner: impl FnOnce(&mut Self)) {
        let [open, close] = self.tongue.root();
        self.put(open, 1000);
        self.braces += 1;
        inner(self);
        self.braces -= 1;
        self.out.text.push_str(close);
    }

    fn group(&mut self, around: Around, tall: bool, inner: impl FnOnce(&mut Self)) {
        let [open, close] = self.tongue.brackets(around, tall, self.small && self.braces == 0);
        let width = if around == Around::Bars { 278 } else { 389 } + if tall { 400 } else { 0 };
        self.put(open, width);
        self.depth += 1;
        inner(self);
        self.depth -= 1;
        self.put(close, width);
    }

    fn fraction(&mut self, above: impl FnOnce(&mut Self), below: impl FnOnce(&mut Self)) {
        let [open, between, close] = self.tongue.fraction();
        self.put("", 0);
        self.push_tall(2900);
        let start = self.out.text.len();
        let before = self.out.width;
        let level = self.level;
        if self.braces > 0 {
            self.level += 1;
        }
        self.out.text.push_str(open);
        self.braces += 1;
        above(self);
        let upper = self.out.width;
        let middle = self.out.text.len();
        self.out.text.push_str(between);
        below(self);
        self.braces -= 1;
        self.level = level;
        self.out.width = upper.max(before + self.out.width - upper) + 240;
        let parts = (&self.out.text[start + open.len()..middle], &self.out.text[middle + between.len()..]);
        match self.tongue.plain_fraction(parts.0, parts.1) {
            Some(plain) => {
                self.out.text.replace_range(start.., &plain);
                self.token_end = self.out.text.len();
            }
            None => self.out.text.push_str(close),
        }
    }

    fn script(&mut self, base: impl FnOnce(&mut Self), below: bool, script: impl FnOnce(&mut Self)) {
        base(self);
        self.in_script(below, script);
    }

    fn has_matrices(&self) -> bool {
        !self.small
    }

    fn matrix(&mut self, rows: usize, columns: usize, mut cell: impl FnMut(&mut Self, usize, usize)) {
        let [open, next, line, close] = self.tongue.matrix();
        self.push_tall(1200 * rows + 600);
        self.put(open, 0);
        self.braces += 1;
        let before = self.out.width;
        let mut widths = vec![0; columns];
        for i in 0..rows {
            for (k, widest) in widths.iter_mut().enumerate() {
                self.out.text.push_str(match (i, k) {
                    (0, 0) => "",
                    (_, 0) => line,
                    _ => next,
                });
                let start = self.out.width;
                cell(self, i, k);
                *widest = self.out.width.saturating_sub(start).max(*widest);
            }
        }
        self.braces -= 1;
        self.out.text.push_str(close);
        // Parentheses as tall as the whole, and space between columns.
        self.out.width = before + widths.iter().sum::<usize>() + 1000 * columns.saturating_sub(1) + 1750;
    }

    fn stack(&mut self, rows: usize, mut row: impl FnMut(&mut Self, usize)) {
        let [open, next, close] = self.tongue.stack();
        // In a script of what stands on the line.
        self.out.tall.push((self.out.text.len(), 800 * rows + 1000));
        self.put(open, 0);
        let before = self.out.width;
        let level = std::mem::replace(&mut self.level, 1);
        let mut widest = 0;
        for k in 0..rows {
            if k > 0 {
                self.out.text.push_str(next);
            }
            let start = self.out.width;
            row(self, k);
            widest = widest.max(self.out.width - start);
        }
        self.level = level;
        self.out.text.push_str(close);
        self.out.width = before + widest + 300;
    }

    fn transposition(&mut self) {
        self.push_sign(Sign::Transposed, 778);
    }

    fn sum(&mut self, over: impl FnOnce(&mut Self)) {
        self.push_tall(2900);
        self.push_sign(Sign::Sum, 1444);
        self.in_script(true, over);
        self.put(" ", 167);
    }

    fn field_part(&mut self, n: usize, principal: Option<bool>) {
        let letter = principal.map_or(Letter::Field(n), |principal| Letter::Part(n, principal));
        self.in_round(|s| s.letter(&letter));
    }
}

/// Elementary differentials, one after another.
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
