//! What LaTeX and MathML have in common: fractions, exponents, factors beside each other, and where parentheses stand.

use super::latex::LatexSheet;
use super::mathml::MathmlSheet;
use super::names::{Name, Names};
use super::{Binding, Formula, Latex, Letter, Mark, MathMl, Node, Script, Symbols};

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

    /// A formula in LaTeX, for mathematics mode.
    #[must_use]
    pub fn latex(&self, formula: &Formula) -> String {
        self.latex_at(formula, Binding::Sum).text
    }

    /// A formula in LaTeX that can stand as a factor of a product, with its measures.
    #[must_use]
    pub fn latex_factor(&self, formula: &Formula) -> Latex {
        self.latex_at(formula, Binding::Product)
    }

    /// The terms of a sum in LaTeX, each with its sign and its measures: one after another they are the sum. Parentheses stay small,
    /// so that lines may break inside them.
    #[must_use]
    pub fn latex_terms(&self, formula: &Formula) -> Vec<Latex> {
        let terms = formula.terms().into_iter().enumerate();
        terms
            .map(|(at, (negative, term))| {
                let mut sheet = LatexSheet::small(&self.symbols);
                match (at, negative) {
                    (0, false) => {}
                    (0, true) => sheet.minus(),
                    _ => sheet.lead(negative),
                }
                Typesetter { spelling: self, sheet: &mut sheet }.write(&term, Binding::Product);
                sheet.finish()
            })
            .collect()
    }

    pub(super) fn latex_at(&self, formula: &Formula, need: Binding) -> Latex {
        let mut sheet = LatexSheet::new(&self.symbols);
        Typesetter { spelling: self, sheet: &mut sheet }.write(formula, need);
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
        Typesetter { spelling: self, sheet: &mut sheet }.write(formula, Binding::Sum);
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
            Typesetter { spelling: self, sheet: &mut sheet }.write(term, Binding::Product);
        }
        sheet.element()
    }
}

/// What stands between two factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// Nothing that shows.
    Beside,
    /// Before the name of a function: thin space, which LaTeX makes by itself.
    Function,
    /// Thin space, between names of several letters.
    Thin,
    /// Thin space behind a bracket.
    Close,
    /// A dot, before digits.
    Dot,
}

/// Brackets around a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    Round,
    Square,
    Bars,
}

/// A format with fractions and exponents.
pub(super) trait Sheet: Script + Sized {
    fn number(&mut self, digits: &str);
    fn name(&mut self, name: &Name, index: Option<&[usize]>);
    /// A name with an exponent, above its subscript.
    fn raised_name(&mut self, name: &Name, index: Option<&[usize]>, script: impl FnOnce(&mut Self));
    fn letter(&mut self, letter: &Letter);
    /// A sign between two terms; a line may break before it.
    fn sign(&mut self, negative: bool);
    /// A minus before a term.
    fn minus(&mut self);
    fn relation(&mut self, relation: char);
    fn times(&mut self, times: Times);
    fn comma(&mut self);
    fn function(&mut self, name: &str, known: bool);
    fn root(&mut self, inner: impl FnOnce(&mut Self));
    fn group(&mut self, around: Around, tall: bool, inner: impl FnOnce(&mut Self));
    fn fraction(&mut self, above: impl FnOnce(&mut Self), below: impl FnOnce(&mut Self));
    fn script(&mut self, base: impl FnOnce(&mut Self), below: bool, script: impl FnOnce(&mut Self));
    /// The mark of a transposed matrix, as an exponent.
    fn transposition(&mut self);
    /// The sum sign with what stands under it.
    fn sum(&mut self, over: impl FnOnce(&mut Self));
    /// `(f_n^p)`.
    fn field_part(&mut self, n: usize, principal: Option<bool>);
}

struct Typesetter<'a, S> {
    spelling: &'a Spelling,
    sheet: &'a mut S,
}

impl<S: Sheet> Typesetter<'_, S> {
    /// How tightly a formula binds as it is written here: signs of first factors come before the whole.
    fn binding(&self, formula: &Formula) -> Binding {
        match formula.node() {
            _ if hoisted(formula).is_some() => Binding::Negative,
            Node::Call("exp", arguments) if self.is_exponent(arguments) => Binding::Power,
            Node::Transposed(_) => Binding::Power,
            // With an exponent of their own.
            Node::Letter(Letter::Derivative(4..)) | Node::Partial(4.., _) => Binding::Power,
            _ => formula.binding(),
        }
    }

    /// Whether the exponential function of these is written as a power of e.
    fn is_exponent(&self, arguments: &[Formula]) -> bool {
        !self.spelling.names.has_e() && matches!(arguments, [argument] if !self.is_tall(argument))
    }

    /// Whether it begins with the name of a function.
    fn is_named(&self, formula: &Formula) -> bool {
        match formula.node() {
            Node::Call("exp", arguments) => !self.is_exponent(arguments),
            Node::Call(function, _) => !matches!(*function, "sqrt" | "abs"),
            Node::Power(base, _) => self.is_named(base),
            _ => false,
        }
    }

    /// Whether it is taller than a line: parentheses around it grow.
    fn is_tall(&self, formula: &Formula) -> bool {
        let any = |formulas: &[Formula]| formulas.iter().any(|f| self.is_tall(f));
        match formula.node() {
            Node::Quotient(..) | Node::Call("sqrt", _) => true,
            Node::Sum { terms, .. } => terms.iter().any(|(_, term)| self.is_tall(term)),
            Node::Negative(inner)
            | Node::Hessians(_, inner)
            | Node::Coefficient(_, inner)
            | Node::Transposed(inner) => self.is_tall(inner),
            Node::MatrixProduct(left, right) => self.is_tall(left) || self.is_tall(right),
            // Exponents that have exponents.
            Node::Call("exp", arguments) if self.is_exponent(arguments) => {
                self.first(&arguments[0], Binding::Sum) == 'e'
            }
            Node::Power(base, exponent) => {
                self.is_tall(base) || self.is_tall(exponent) || self.first(exponent, Binding::Sum) == 'e'
            }
            Node::Product(inner) | Node::Call(_, inner) | Node::List(inner) | Node::Beside(inner) => any(inner),
            Node::Contraction(inner) => any(inner),
            Node::Lie(_, inner) | Node::Applied(_, inner) => self.is_tall(inner),
            _ => false,
        }
    }

    /// Whether it has names of several letters, which need space beside each other.
    fn is_wide(&self, formula: &Formula) -> bool {
        let any = |formulas: &[Formula]| formulas.iter().any(|f| self.is_wide(f));
        match formula.node() {
            Node::Name(name) | Node::Entry(name, _) => self.spelling.names.name(name).is_wide(),
            Node::Call(function, arguments) => !is_known(function) || any(arguments),
            Node::Sum { terms, .. } => terms.iter().any(|(_, term)| self.is_wide(term)),
            Node::Negative(inner) | Node::Transposed(inner) => self.is_wide(inner),
            Node::Quotient(a, b) | Node::Power(a, b) | Node::MatrixProduct(a, b) => self.is_wide(a) || self.is_wide(b),
            Node::Product(inner) | Node::List(inner) | Node::Beside(inner) => any(inner),
            _ => false,
        }
    }

    /// The first character as it is written: a digit, a letter, a sign or a bracket; `\` for anything else.
    fn first(&self, formula: &Formula, need: Binding) -> char {
        if self.binding(formula) < need {
            return '(';
        }
        if hoisted(formula).is_some() {
            return '-';
        }
        match formula.node() {
            Node::Number(digits) => digits.chars().next().unwrap_or('\\'),
            Node::Name(name) | Node::Entry(name, _) => self.spelling.names.name(name).first(),
            Node::Sum { terms, .. } => match terms.first() {
                Some((false, term)) => self.first(term, Binding::Sum),
                _ => '-',
            },
            Node::Negative(_) => '-',
            Node::Product(factors) | Node::Beside(factors) => {
                factors.first().map_or('\\', |factor| self.first(factor, Binding::Product))
            }
            Node::Power(base, _) => self.first(base, Binding::Atom),
            Node::Call("exp", arguments) if self.is_exponent(arguments) => 'e',
            _ => '\\',
        }
    }

    fn write(&mut self, formula: &Formula, need: Binding) {
        if self.binding(formula) >= need {
            return self.bare(formula);
        }
        let tall = self.is_tall(formula);
        let spelling = self.spelling;
        self.sheet.group(Around::Round, tall, |sheet| Typesetter { spelling, sheet }.bare(formula));
    }

    fn list(&mut self, formulas: &[Formula]) {
        for (at, formula) in formulas.iter().enumerate() {
            if at > 0 {
                self.sheet.comma();
            }
            self.write(formula, Binding::Sum);
        }
    }

    fn bare(&mut self, formula: &Formula) {
        let spelling = self.spelling;
        let inner = |sheet: &mut S, formula: &Formula, need| Typesetter { spelling, sheet }.write(formula, need);
        match formula.node() {
            Node::Number(digits) => self.sheet.number(digits),
            Node::Name(name) => self.sheet.name(&spelling.names.name(name), None),
            Node::Entry(array, index) => self.sheet.name(&spelling.names.name(array), Some(index)),
            Node::Sum { terms, .. } => {
                for (at, (negative, term)) in terms.iter().enumerate() {
                    if at > 0 {
                        self.sheet.sign(*negative);
                    } else if *negative {
                        self.sheet.minus();
                    }
                    // `a + (b + c)` needs no parentheses, `a + (-b)` does.
                    let grouped = *negative || at > 0 && self.first(term, Binding::Sum) == '-';
                    self.write(term, if grouped { Binding::Product } else { Binding::Sum });
                }
            }
            Node::Negative(size) => {
                self.sheet.minus();
                self.write(size, Binding::Product);
            }
            Node::Product(factors) => self.product(factors),
            Node::Quotient(above, below) => {
                let above = hoisted(formula).map_or(above, |size| {
                    self.sheet.minus();
                    size
                });
                self.sheet.fraction(|s| inner(s, above, Binding::Sum), |s| inner(s, below, Binding::Sum));
            }
            Node::Power(base, exponent) => {
                let above = |s: &mut S| inner(s, exponent, Binding::Sum);
                match base.node() {
                    Node::Name(name) => self.sheet.raised_name(&spelling.names.name(name), None, above),
                    Node::Entry(name, index) => self.sheet.raised_name(&spelling.names.name(name), Some(index), above),
                    _ => self.sheet.script(|s| inner(s, base, Binding::Atom), false, above),
                }
            }
            Node::Transposed(matrix) => {
                self.sheet.script(|s| inner(s, matrix, Binding::Atom), false, |s| s.transposition());
            }
            Node::MatrixProduct(left, right) => {
                self.write(left, Binding::Product);
                let wide = self.is_wide(left) || self.is_wide(right);
                self.sheet.times(if wide { Times::Thin } else { Times::Beside });
                self.write(right, Binding::Power);
            }
            Node::Call(function, arguments) => self.call(function, arguments),
            Node::List(entries) => {
                let tall = self.is_tall(formula);
                self.sheet.group(Around::Square, tall, |sheet| Typesetter { spelling, sheet }.list(entries));
            }
            Node::Beside(factors) => {
                for (at, factor) in factors.iter().enumerate() {
                    if at > 0 {
                        self.sheet.times(Times::Beside);
                    }
                    self.write(factor, Binding::Product);
                }
            }
            Node::Letter(letter) => self.sheet.letter(letter),
            Node::Marks(marks) => marks.iter().for_each(|mark| self.sheet.mark(*mark)),
            Node::Hessians(count, rest) => {
                self.sheet.mark(Mark::Hessians(*count));
                self.write(rest, Binding::Product);
            }
            Node::Contraction(arguments) => {
                self.sheet.letter(&Letter::Derivative(arguments.len() + 1));
                self.sheet.group(Around::Square, false, |sheet| Typesetter { spelling, sheet }.list(arguments));
            }
            Node::Partial(order, at) => {
                let base = Letter::of_order(*order);
                self.sheet.script(|s| s.letter(&base), true, |sheet| Typesetter { spelling, sheet }.list(at));
            }
            Node::Lie(field, of) => {
                let l = Name::letter('L');
                self.sheet.script(|s| s.name(&l, None), true, |s| inner(s, field, Binding::Sum));
                self.sheet.group(Around::Round, false, |s| inner(s, of, Binding::Sum));
            }
            Node::Coefficient(power, of) => {
                self.sheet.group(Around::Square, false, |s| inner(s, power, Binding::Sum));
                self.sheet.times(Times::Close);
                self.write(of, Binding::Product);
            }
            Node::Applied(function, place) => {
                self.write(function, Binding::Atom);
                self.sheet.group(Around::Round, false, |s| inner(s, place, Binding::Sum));
            }
            Node::Component { n, principal, of } => {
                self.sheet.script(|s| s.field_part(*n, *principal), true, |s| inner(s, of, Binding::Sum));
            }
            Node::Relation(left, relation, right) => {
                self.write(left, Binding::Sum);
                self.sheet.relation(*relation);
                self.write(right, Binding::Sum);
            }
            Node::Summed(over, term) => {
                self.sheet.sum(|s| inner(s, over, Binding::Sum));
                self.write(term, Binding::Product);
            }
        }
    }

    fn product(&mut self, factors: &[Formula]) {
        let Some((first, rest)) = factors.split_first() else { return };
        let first = match first.node() {
            Node::Negative(size) => {
                self.sheet.minus();
                size
            }
            _ => first,
        };
        self.write(first, Binding::Product);
        let mut wide = self.is_wide(first);
        for factor in rest {
            let own = self.is_wide(factor);
            self.sheet.times(if self.first(factor, Binding::Product).is_ascii_digit() {
                Times::Dot
            } else if wide || own {
                Times::Thin
            } else if self.is_named(factor) {
                Times::Function
            } else {
                Times::Beside
            });
            self.write(factor, Binding::Product);
            wide |= own;
        }
    }

    fn call(&mut self, function: &str, arguments: &[Formula]) {
        let spelling = self.spelling;
        let list = |sheet: &mut S| Typesetter { spelling, sheet }.list(arguments);
        let tall = arguments.iter().any(|argument| self.is_tall(argument));
        match function {
            "exp" if self.is_exponent(arguments) => {
                self.sheet.script(|s| s.name(&Name::letter('e'), None), false, list);
            }
            "sqrt" => self.sheet.root(list),
            "abs" => self.sheet.group(Around::Bars, tall, list),
            "log1p" => {
                self.sheet.function("log", true);
                self.sheet.group(Around::Round, tall, |sheet| {
                    sheet.number("1");
                    sheet.sign(false);
                    list(sheet);
                });
            }
            "asin" | "acos" | "atan" => {
                self.sheet.function(&format!("arc{}", &function[1..]), true);
                self.sheet.group(Around::Round, tall, list);
            }
            _ => {
                self.sheet.function(function, is_known(function));
                self.sheet.group(Around::Round, tall, list);
            }
        }
    }
}

/// Whether a function has a name of its own in both formats.
fn is_known(function: &str) -> bool {
    let own = ["exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan"];
    own.contains(&function) || ["log1p", "sqrt", "abs"].contains(&function)
}

/// The first factor or the numerator without its minus, which is written before the whole.
fn hoisted(formula: &Formula) -> Option<&Formula> {
    let first = match formula.node() {
        Node::Product(factors) => factors.first()?,
        Node::Quotient(above, _) => above,
        _ => return None,
    };
    match first.node() {
        Node::Negative(size) => Some(size),
        _ => None,
    }
}
