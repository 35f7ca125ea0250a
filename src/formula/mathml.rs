//! Formulas in MathML, as browsers draw it (MathML Core).

use super::mark::{Bracket, Mark, Raised, Script, index_letter};
use super::name::Name;
use super::sheet::{Around, Sheet, Times};
use super::{Letter, Symbol, Symbols};
use std::fmt::Write as _;

/// The inside of a MathML element.
///
/// ```
/// use shadowflow::formula::{Formula, Spelling};
/// let x = Spelling::default().element(&Formula::name("x").power(2));
/// assert_eq!(x.finish(), "<math><msup><mi>x</mi><mn>2</mn></msup></math>");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MathMl(String);

impl MathMl {
    /// With a sign of equality behind it, for a column of left sides.
    #[must_use]
    pub fn equals(mut self) -> Self {
        self.0.push_str("<mo form=\"infix\">=</mo>");
        self
    }

    /// The element, inline.
    #[must_use]
    pub fn finish(self) -> String {
        format!("<math>{}</math>", self.0)
    }

    /// The element, inline, with fractions as large as in a formula of its own.
    #[must_use]
    pub fn large(self) -> String {
        format!("<math displaystyle=\"true\">{}</math>", self.0)
    }

    /// The element as a formula on a line of its own.
    #[must_use]
    pub fn block(self) -> String {
        format!("<math display=\"block\">{}</math>", self.0)
    }
}

/// Writes MathML.
pub(super) struct MathmlSheet<'a> {
    symbols: &'a Symbols,
    out: String,
    /// Elements in the row that is being written.
    elements: usize,
}

/// What has nothing above or below it.
const PLAIN: &str = " stretchy=\"false\"";

impl<'a> MathmlSheet<'a> {
    pub(super) fn new(symbols: &'a Symbols) -> Self {
        Self { symbols, out: String::new(), elements: 0 }
    }

    pub(super) fn element(self) -> MathMl {
        MathMl(self.out)
    }

    fn put(&mut self, element: &str) {
        self.out.push_str(element);
        self.elements += 1;
    }

    /// An element of what is written inside, which it takes as so many rows.
    fn wrapped(&mut self, tag: &str, inner: impl FnOnce(&mut Self)) {
        let before = std::mem::take(&mut self.elements);
        let _ = write!(self.out, "<{tag}>");
        inner(self);
        let _ = write!(self.out, "</{tag}>");
        self.elements = before + 1;
    }

    /// What is written inside as one element.
    fn row(&mut self, inner: impl FnOnce(&mut Self)) {
        let (start, before) = (self.out.len(), std::mem::take(&mut self.elements));
        inner(self);
        if self.elements != 1 {
            self.out.insert_str(start, "<mrow>");
            self.out.push_str("</mrow>");
        }
        self.elements = before + 1;
    }

    fn symbol(&mut self, symbol: Symbol) {
        let letter = self.symbols.mathml(symbol);
        self.put(&format!("<mi>{letter}</mi>"));
    }

    fn brace(&mut self, text: char) {
        self.put(&format!("<mo{PLAIN}>{text}</mo>"));
    }

    fn natural(&mut self, n: usize) {
        self.put(&format!("<mn>{n}</mn>"));
    }

    /// A base with a superscript.
    fn raised(&mut self, raised: Raised, base: impl FnOnce(&mut Self)) {
        match raised {
            Raised::Not => base(self),
            Raised::To(power) => self.script(base, false, |s| s.natural(power)),
            Raised::Transposed => self.script(base, false, |s| s.put("<mi>T</mi>")),
        }
    }

    fn in_brackets(&mut self, left: char, right: char, inner: impl FnOnce(&mut Self)) {
        self.brace(left);
        inner(self);
        self.brace(right);
    }
}

impl Script for MathmlSheet<'_> {
    fn mark(&mut self, mark: Mark) {
        match mark {
            Mark::Gradient => self.symbol(Symbol::Gradient),
            Mark::Hessians(1) => self.symbol(Symbol::Hessian),
            Mark::Hessians(count) => self.raised(Raised::To(count), |s| s.symbol(Symbol::Hessian)),
            Mark::Derivative(k) => self.letter(&Letter::Derivative(k)),
            Mark::Nabla(k, raised) => {
                let theta = self.symbols.mathml(Symbol::Parameters);
                let nabla = "<mi mathvariant=\"normal\">∇</mi>";
                self.put(&match k {
                    1 => format!("<msub>{nabla}<mi>{theta}</mi></msub>"),
                    k => format!("<msubsup>{nabla}<mi>{theta}</mi><mn>{k}</mn></msubsup>"),
                });
                self.raised(raised, |s| s.symbol(Symbol::Loss));
            }
            Mark::Indexed { own, first, count } => {
                let indices = move |s: &mut Self| {
                    for at in std::iter::once(own).chain(first..first + count) {
                        s.put(&match index_letter(at) {
                            (letter, 0) => format!("<mi>{letter}</mi>"),
                            (letter, round) => format!("<msub><mi>{letter}</mi><mn>{round}</mn></msub>"),
                        });
                    }
                };
                self.script(|s| s.symbol(Symbol::Loss), true, indices);
            }
            Mark::TreeBegin => {
                self.put("<mi>F</mi>");
                self.brace('(');
            }
            Mark::NodeBegin { leaf, first } => {
                if !first {
                    self.comma();
                }
                if leaf { self.put("<mi>τ</mi>") } else { self.brace('[') }
            }
            Mark::NodeEnd { leaf: false } => self.brace(']'),
            Mark::TreeEnd => self.brace(')'),
            Mark::Gap | Mark::NodeEnd { leaf: true } => {}
            Mark::Comma => self.comma(),
            Mark::Open(bracket) => self.brace(if bracket == Bracket::Round { '(' } else { '[' }),
            Mark::Close(bracket, raised) => {
                self.raised(raised, |s| s.brace(if bracket == Bracket::Round { ')' } else { ']' }));
            }
        }
    }
}

impl Sheet for MathmlSheet<'_> {
    fn number(&mut self, digits: &str) {
        self.put(&format!("<mn>{digits}</mn>"));
    }

    fn name(&mut self, name: &Name, index: Option<&[usize]>) {
        self.put(&name.mathml(index));
    }

    fn raised_name(&mut self, name: &Name, index: Option<&[usize]>, script: impl FnOnce(&mut Self)) {
        let (stem, below) = name.mathml_parts(index);
        let tag = if below.is_some() { "msubsup" } else { "msup" };
        self.wrapped(tag, |s| {
            s.put(&stem);
            if let Some(below) = below {
                s.put(&below);
            }
            s.row(script);
        });
    }

    fn letter(&mut self, letter: &Letter) {
        let tilde = |s: &mut Self| {
            let theta = s.symbols.mathml(Symbol::Parameters);
            s.put(&format!("<mover accent=\"true\"><mi>{theta}</mi><mo{PLAIN}>~</mo></mover>"));
        };
        match letter {
            Letter::Plain(symbol) => self.symbol(*symbol),
            Letter::Field(n) => self.script(|s| s.symbol(Symbol::Field), true, |s| s.natural(*n)),
            Letter::Part(n, principal) => {
                let part = if *principal { "p" } else { "np" };
                let f = self.symbols.mathml(Symbol::Field);
                self.put(&format!("<msubsup><mi>{f}</mi><mn>{n}</mn><mi mathvariant=\"normal\">{part}</mi></msubsup>"));
            }
            Letter::AnyField(n) => {
                self.script(|s| s.symbol(Symbol::Field), true, |s| s.put(&format!("<mi>{n}</mi>")));
            }
            Letter::Derivative(3) => self.symbol(Symbol::Third),
            Letter::Derivative(k) => {
                self.script(|s| s.symbol(Symbol::Loss), false, |s| s.in_brackets('(', ')', |s| s.natural(*k)));
            }
            Letter::Primed(k) => {
                let primes = "′".repeat(*k);
                self.script(|s| s.symbol(Symbol::Loss), false, |s| s.put(&format!("<mo{PLAIN}>{primes}</mo>")));
            }
            Letter::Flow(0) => self.symbol(Symbol::Parameters),
            Letter::Flow(j) => {
                tilde(self);
                self.in_brackets('(', ')', |s| {
                    if *j < 0 {
                        s.minus();
                    }
                    if j.unsigned_abs() != 1 {
                        s.put(&format!("<mn>{}</mn>", j.unsigned_abs()));
                    }
                    s.symbol(Symbol::Step);
                });
            }
            Letter::FlowDerivative(0) => tilde(self),
            Letter::FlowDerivative(i) => self.script(tilde, false, |s| s.in_brackets('(', ')', |s| s.natural(*i))),
            Letter::Recurrence => {
                self.put("<mi mathvariant=\"normal\">Θ</mi>");
                self.in_brackets('(', ')', |s| s.symbol(Symbol::Step));
            }
            Letter::GradientAt(name) => {
                self.script(|s| s.symbol(Symbol::Gradient), true, |s| s.put(&format!("<mi>{name}</mi>")));
            }
            Letter::Shift(name) => {
                self.script(|s| s.put("<mi>δ</mi>"), true, |s| s.put(&format!("<mi>{name}</mi>")));
            }
            Letter::Velocity => {
                let theta = self.symbols.mathml(Symbol::Parameters);
                self.put(&format!("<mover accent=\"true\"><mi>{theta}</mi><mo>˙</mo></mover>"));
            }
            Letter::Alpha => self.put("<mi>α</mi>"),
            Letter::Dots => self.put("<mi mathvariant=\"normal\">⋯</mi>"),
        }
    }

    fn sign(&mut self, negative: bool) {
        self.put(if negative { "<mo form=\"infix\">−</mo>" } else { "<mo form=\"infix\">+</mo>" });
    }

    fn minus(&mut self) {
        self.put("<mo form=\"prefix\">−</mo>");
    }

    fn relation(&mut self, relation: char) {
        self.put(&format!(
            "<mo form=\"infix\">{}</mo>",
            if relation == '<' { "&lt;".to_owned() } else { relation.to_string() }
        ));
    }

    fn times(&mut self, times: Times) {
        match times {
            Times::Beside => {}
            Times::Thin | Times::Close | Times::Function => self.put("<mspace width=\"0.1667em\"/>"),
            Times::Dot => self.put("<mo>⋅</mo>"),
        }
    }

    fn comma(&mut self) {
        self.put("<mo separator=\"true\">,</mo>");
    }

    fn function(&mut self, name: &str, _known: bool) {
        // Of one letter it would be slanted.
        self.put(&format!("<mi mathvariant=\"normal\">{name}</mi>"));
        self.put("<mo>\u{2061}</mo>");
    }

    fn sigma(&mut self) {
        self.put("<mi>σ</mi>");
    }

    fn gap(&mut self) {
        // Browsers leave none behind the sign of an application.
        self.put("<mspace width=\"0.1667em\"/>");
    }

    fn infinity(&mut self) {
        self.put("<mi>∞</mi>");
    }

    fn slash(&mut self) {
        self.put(&format!("<mo{PLAIN}>/</mo>"));
    }

    fn root(&mut self, inner: impl FnOnce(&mut Self)) {
        self.wrapped("msqrt", inner);
    }

    fn group(&mut self, around: Around, tall: bool, inner: impl FnOnce(&mut Self)) {
        let [left, right] = match around {
            Around::Round => ['(', ')'],
            Around::Square => ['[', ']'],
            Around::Bars => ['|', '|'],
            Around::Norm => ['‖', '‖'],
        };
        let stretch = if tall { "" } else { PLAIN };
        // As tall as what is in the row with them, no more.
        self.wrapped("mrow", |s| {
            s.put(&format!("<mo form=\"prefix\"{stretch}>{left}</mo>"));
            inner(s);
            s.put(&format!("<mo form=\"postfix\"{stretch}>{right}</mo>"));
        });
    }

    fn fraction(&mut self, above: impl FnOnce(&mut Self), below: impl FnOnce(&mut Self)) {
        self.wrapped("mfrac", |s| {
            s.row(above);
            s.row(below);
        });
    }

    fn script(&mut self, base: impl FnOnce(&mut Self), below: bool, script: impl FnOnce(&mut Self)) {
        self.wrapped(if below { "msub" } else { "msup" }, |s| {
            s.row(base);
            s.row(script);
        });
    }

    fn has_matrices(&self) -> bool {
        true
    }

    fn matrix(&mut self, rows: usize, columns: usize, mut cell: impl FnMut(&mut Self, usize, usize)) {
        self.wrapped("mrow", |s| {
            s.put("<mo form=\"prefix\">(</mo>");
            s.wrapped("mtable", |s| {
                for i in 0..rows {
                    s.wrapped("mtr", |s| (0..columns).for_each(|k| s.wrapped("mtd", |s| cell(s, i, k))));
                }
            });
            s.put("<mo form=\"postfix\">)</mo>");
        });
    }

    fn stack(&mut self, rows: usize, mut row: impl FnMut(&mut Self, usize)) {
        for k in 0..rows {
            if k > 0 {
                self.comma();
            }
            row(self, k);
        }
    }

    fn transposition(&mut self) {
        self.put("<mo>⊤</mo>");
    }

    fn sum(&mut self, over: impl FnOnce(&mut Self)) {
        self.wrapped("munder", |s| {
            s.put("<mo>∑</mo>");
            s.row(over);
        });
    }

    fn field_part(&mut self, n: usize, principal: Option<bool>) {
        let letter = principal.map_or(Letter::Field(n), |principal| Letter::Part(n, principal));
        self.in_brackets('(', ')', |s| s.letter(&letter));
    }
}
