//! Formulas as text: the loss language, minimally bracketed, and beyond it what a person would type.

use super::mark::{Bracket, Mark, Raised, Script, index_letter};
use super::{Binding, Formula, Letter, Node, Symbol, Symbols};
use std::fmt::{self, Write};

/// What names and letters stand for in text.
pub(super) struct Plain<'a> {
    symbols: &'a Symbols,
    /// Names that are written as what they stand for.
    lets: &'a [(String, Formula)],
}

impl<'a> Plain<'a> {
    pub(super) fn beside(symbols: &'a Symbols) -> Self {
        Self { symbols, lets: &[] }
    }
}

/// At most so many characters, and whether there were more.
struct Within {
    out: String,
    room: usize,
    cut: bool,
}

impl Write for Within {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.room == 0 {
                self.cut = true;
                return Err(fmt::Error);
            }
            self.out.push(c);
            self.room -= 1;
        }
        Ok(())
    }
}

/// A formula as text of at most so many characters and `…`, with what names stand for in their place.
#[must_use]
pub fn text_within(formula: &Formula, lets: &[(String, Formula)], most: usize) -> String {
    let mut within = Within { out: String::new(), room: most, cut: false };
    let _ = write(formula, Binding::Sum, &Plain { symbols: &Symbols::default(), lets }, &mut within);
    within.out.push_str(if within.cut { "…" } else { "" });
    within.out
}

/// A formula as text, our letters as these symbols have them.
#[must_use]
pub fn text(formula: &Formula, symbols: &Symbols) -> String {
    bound(formula, Binding::Sum, symbols)
}

/// The terms of a formula as text that stands after a sign, each with whether that is a minus: for lines that break.
#[must_use]
pub fn text_terms(formula: &Formula, symbols: &Symbols) -> Vec<(bool, String)> {
    let terms = formula.terms().into_iter();
    terms.map(|(negative, term)| (negative, bound(&term, Binding::Product, symbols))).collect()
}

/// A formula as text that can stand as a factor: a sum is in parentheses.
#[must_use]
pub fn text_factor(formula: &Formula) -> String {
    formula.text_at(Binding::Product)
}

fn bound(formula: &Formula, need: Binding, symbols: &Symbols) -> String {
    let mut out = String::new();
    let _ = write(formula, need, &Plain::beside(symbols), &mut out);
    out
}

impl Formula {
    /// As text that binds at least so tightly: in parentheses where it does not by itself.
    pub(crate) fn text_at(&self, need: Binding) -> String {
        bound(self, need, &Symbols::default())
    }

    /// The brackets inside each other in its text; the exponent of a power counts as one.
    pub(crate) fn depth(&self, need: Binding) -> usize {
        let most = |formulas: &[Self], need: Binding| formulas.iter().map(|f| f.depth(need)).max().unwrap_or(0);
        let inner = match self.node() {
            Node::Sum { terms, .. } => terms.iter().map(|(_, term)| term.depth(Binding::Product)).max().unwrap_or(0),
            Node::Negative(size) => size.depth(Binding::Product),
            Node::Product(factors) => most(factors, Binding::Power),
            Node::Quotient(above, below) => above.depth(Binding::Product).max(below.depth(Binding::Power)),
            Node::Power(base, _) => base.depth(Binding::Atom).max(1),
            Node::Transposed(matrix) => matrix.depth(Binding::Atom),
            Node::MatrixProduct(left, right) => left.depth(Binding::Product).max(right.depth(Binding::Atom)),
            Node::Call(_, arguments) | Node::List(arguments) => most(arguments, Binding::Sum) + 1,
            _ => 0,
        };
        inner + usize::from(self.binding() < need)
    }
}

/// Writes a formula, in parentheses unless it binds at least as tightly as needed.
pub(super) fn write(formula: &Formula, need: Binding, plain: &Plain<'_>, out: &mut dyn Write) -> fmt::Result {
    if formula.binding() >= need {
        return bare(formula, plain, out);
    }
    out.write_char('(')?;
    bare(formula, plain, out)?;
    out.write_char(')')
}

fn joined(formulas: &[Formula], need: Binding, by: &str, plain: &Plain<'_>, out: &mut dyn Write) -> fmt::Result {
    for (at, formula) in formulas.iter().enumerate() {
        if at > 0 {
            out.write_str(by)?;
        }
        write(formula, need, plain, out)?;
    }
    Ok(())
}

fn named(name: &str, plain: &Plain<'_>, out: &mut dyn Write) -> fmt::Result {
    let Some((_, value)) = plain.lets.iter().find(|(own, _)| own == name) else { return out.write_str(name) };
    out.write_char('(')?;
    write(value, Binding::Sum, plain, out)?;
    out.write_char(')')
}

fn bare(formula: &Formula, plain: &Plain<'_>, out: &mut dyn Write) -> fmt::Result {
    match formula.node() {
        Node::Number(text) => out.write_str(text),
        Node::Name(name) => named(name, plain, out),
        Node::Entry(array, index) => {
            named(array, plain, out)?;
            out.write_char('[')?;
            for (at, i) in index.iter().enumerate() {
                write!(out, "{}{i}", if at == 0 { "" } else { ", " })?;
            }
            out.write_char(']')
        }
        Node::Sum { terms, tight } => {
            for (at, (negative, term)) in terms.iter().enumerate() {
                out.write_str(match (at, negative, tight) {
                    (0, false, _) => "",
                    (0, true, _) | (_, true, true) => "-",
                    (_, false, true) => "+",
                    (_, true, false) => " - ",
                    (_, false, false) => " + ",
                })?;
                write(term, Binding::Product, plain, out)?;
            }
            Ok(())
        }
        Node::Negative(size) => {
            out.write_char('-')?;
            write(size, Binding::Product, plain, out)
        }
        Node::Product(factors) => {
            let (first, rest) = factors.split_at(1.min(factors.len()));
            joined(first, Binding::Product, "", plain, out)?;
            for factor in rest {
                out.write_char('*')?;
                write(factor, Binding::Power, plain, out)?;
            }
            Ok(())
        }
        Node::Quotient(above, below) => {
            write(above, Binding::Product, plain, out)?;
            out.write_char('/')?;
            write(below, Binding::Power, plain, out)
        }
        Node::Power(base, exponent) => {
            write(base, Binding::Atom, plain, out)?;
            out.write_char('^')?;
            write(exponent, Binding::Atom, plain, out)
        }
        Node::Transposed(matrix) => {
            write(matrix, Binding::Atom, plain, out)?;
            out.write_char('\'')
        }
        Node::MatrixProduct(left, right) => {
            write(left, Binding::Product, plain, out)?;
            out.write_str(" @ ")?;
            write(right, Binding::Atom, plain, out)
        }
        Node::Call(function, arguments) => {
            write!(out, "{function}(")?;
            joined(arguments, Binding::Sum, ", ", plain, out)?;
            out.write_char(')')
        }
        Node::List(entries) => {
            out.write_char('[')?;
            joined(entries, Binding::Sum, ", ", plain, out)?;
            out.write_char(']')
        }
        Node::Tuple(entries) => {
            out.write_char('(')?;
            joined(entries, Binding::Sum, ", ", plain, out)?;
            out.write_char(')')
        }
        Node::Beside(factors) => joined(factors, Binding::Product, " ", plain, out),
        Node::Letter(letter) => self::letter(letter, plain, out),
        Node::Marks(marks) => {
            let mut written = String::new();
            let mut script = Text::beside(&mut written, plain.symbols);
            marks.iter().for_each(|mark| script.mark(*mark));
            out.write_str(&written)
        }
        Node::Hessians(count, rest) => {
            let gap = if rest.binding() < Binding::Product { "" } else { " " };
            write!(out, "{}{gap}", raised(plain.symbols.letter(Symbol::Hessian), *count))?;
            write(rest, Binding::Product, plain, out)
        }
        Node::Partial(order, at) => {
            write(&Formula::from(Letter::of_order(*order)), Binding::Sum, plain, out)?;
            let places: Vec<String> = at.iter().map(ToString::to_string).collect();
            write!(out, "[{}]", places.join(","))
        }
        Node::Contracted(derivative, arguments) => {
            write(derivative, Binding::Atom, plain, out)?;
            out.write_char('[')?;
            joined(arguments, Binding::Sum, ", ", plain, out)?;
            out.write_char(']')
        }
        Node::Contraction(arguments) => {
            letter(&Letter::Derivative(arguments.len() + 1), plain, out)?;
            out.write_char('[')?;
            joined(arguments, Binding::Sum, ", ", plain, out)?;
            out.write_char(']')
        }
        Node::Lie(field, of) => {
            match field.node() {
                // The name without its line: a subscript of a subscript.
                Node::Letter(Letter::Field(n)) => write!(out, "L_{}{n}(", plain.symbols.letter(Symbol::Field))?,
                Node::Letter(Letter::AnyField(n)) => write!(out, "L_{}{n}(", plain.symbols.letter(Symbol::Field))?,
                _ => {
                    out.write_str("L_{")?;
                    write(field, Binding::Sum, plain, out)?;
                    out.write_str("}(")?;
                }
            }
            write(of, Binding::Sum, plain, out)?;
            out.write_char(')')
        }
        Node::Coefficient(power, of) => {
            out.write_char('[')?;
            write(power, Binding::Sum, plain, out)?;
            out.write_str("] ")?;
            write(of, Binding::Product, plain, out)
        }
        Node::Applied(function, place) => {
            write(function, Binding::Atom, plain, out)?;
            out.write_char('(')?;
            write(place, Binding::Sum, plain, out)?;
            out.write_char(')')
        }
        Node::Component { n, principal, of } => {
            let part = principal.map_or("", |principal| if principal { "^p" } else { "^np" });
            write!(out, "({}_{n}{part})_", plain.symbols.letter(Symbol::Field))?;
            write(of, Binding::Atom, plain, out)
        }
        Node::Relation(left, relation, right) => {
            write(left, Binding::Sum, plain, out)?;
            write!(out, " {relation} ")?;
            write(right, Binding::Sum, plain, out)
        }
        Node::Indexed(base, index) => {
            write(base, Binding::Atom, plain, out)?;
            out.write_char('_')?;
            write(index, Binding::Atom, plain, out)
        }
        Node::Infinity => out.write_char('∞'),
        Node::Summed(over, term) => {
            out.write_str("Σ_{")?;
            write(over, Binding::Sum, plain, out)?;
            out.write_str("} ")?;
            write(term, Binding::Product, plain, out)
        }
    }
}

/// A letter to a power from 1 on.
fn raised(letter: &str, power: usize) -> String {
    if power == 1 { letter.to_owned() } else { format!("{letter}^{power}") }
}

fn letter(letter: &Letter, plain: &Plain<'_>, out: &mut dyn Write) -> fmt::Result {
    let [f, loss, g, theta] =
        [Symbol::Field, Symbol::Loss, Symbol::Gradient, Symbol::Parameters].map(|symbol| plain.symbols.letter(symbol));
    let h = plain.symbols.letter(Symbol::Step);
    match letter {
        Letter::Plain(symbol) => out.write_str(plain.symbols.letter(*symbol)),
        Letter::Field(n) => write!(out, "{f}_{n}"),
        Letter::AnyField(n) => write!(out, "{f}_{n}"),
        Letter::Part(n, principal) => write!(out, "{f}_{n}^{}", if *principal { "p" } else { "np" }),
        Letter::Derivative(3) => out.write_str(plain.symbols.letter(Symbol::Third)),
        Letter::Derivative(k) => write!(out, "{loss}{k}"),
        Letter::Primed(k) => write!(out, "{loss}{}", "'".repeat(*k)),
        Letter::Flow(0) => out.write_str(theta),
        Letter::Flow(1) => write!(out, "{theta}\u{303}({h})"),
        Letter::Flow(-1) => write!(out, "{theta}\u{303}(-{h})"),
        Letter::Flow(j) => write!(out, "{theta}\u{303}({j}{h})"),
        Letter::FlowDerivative(i @ 0..=3) => write!(out, "{theta}\u{303}{}", "'".repeat(*i)),
        Letter::FlowDerivative(i) => write!(out, "{theta}\u{303}^({i})"),
        Letter::Recurrence => write!(out, "Θ({h})"),
        Letter::GradientAt(name) => write!(out, "{g}{name}"),
        Letter::Shift(name) => write!(out, "δ{name}"),
        Letter::Velocity => write!(out, "{theta}'"),
        Letter::Alpha => out.write_char('α'),
        Letter::Dots => out.write_char('…'),
    }
}

/// Appends elementary differentials as text.
#[derive(Debug)]
pub struct Text<'a> {
    out: &'a mut String,
    letters: [&'static str; Symbol::ALL.len()],
}

impl<'a> Text<'a> {
    /// In our letters as they are where nothing is in their way.
    #[must_use]
    pub fn new(out: &'a mut String) -> Self {
        Self { out, letters: ["f", "h", "E", "g", "H", "T", "θ"] }
    }

    /// In these symbols.
    #[must_use]
    pub fn beside(out: &'a mut String, symbols: &Symbols) -> Self {
        Self { out, letters: Symbol::ALL.map(|symbol| symbols.letter(symbol)) }
    }

    fn push(&mut self, symbol: Symbol) {
        self.out.push_str(self.letters[symbol as usize]);
    }

    fn raise(&mut self, raised: Raised) {
        match raised {
            Raised::Not => {}
            Raised::To(power) => drop(write!(self.out, "^{power}")),
            Raised::Transposed => self.out.push_str("^T"),
        }
    }
}

impl Script for Text<'_> {
    fn mark(&mut self, mark: Mark) {
        match mark {
            Mark::Gradient => self.push(Symbol::Gradient),
            Mark::Hessians(count) => {
                self.push(Symbol::Hessian);
                if count > 1 {
                    self.raise(Raised::To(count));
                }
                self.out.push(' ');
            }
            Mark::Derivative(3) => self.push(Symbol::Third),
            Mark::Derivative(k) => {
                self.push(Symbol::Loss);
                let _ = write!(self.out, "{k}");
            }
            Mark::Nabla(k, raised) => {
                let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
                self.out.push('∇');
                if k > 1 {
                    self.out.extend(k.to_string().bytes().map(|b| digits[usize::from(b - b'0')]));
                }
                self.push(Symbol::Loss);
                self.raise(raised);
            }
            Mark::Indexed { own, first, count } => {
                self.push(Symbol::Loss);
                self.out.push('_');
                for at in std::iter::once(own).chain(first..first + count) {
                    let (letter, round) = index_letter(at);
                    self.out.push(letter);
                    if round > 0 {
                        let _ = write!(self.out, "{round}");
                    }
                }
            }
            Mark::TreeBegin => self.out.push_str("F("),
            Mark::NodeBegin { leaf, first } => {
                self.out.push_str(if first { "" } else { ", " });
                self.out.push(if leaf { 'τ' } else { '[' });
            }
            Mark::NodeEnd { leaf } => self.out.push_str(if leaf { "" } else { "]" }),
            Mark::TreeEnd => self.out.push(')'),
            Mark::Gap => self.out.push(' '),
            Mark::Comma => self.out.push_str(", "),
            Mark::Open(bracket) => self.out.push(if bracket == Bracket::Round { '(' } else { '[' }),
            Mark::Close(bracket, raised) => {
                self.out.push(if bracket == Bracket::Round { ')' } else { ']' });
                self.raise(raised);
            }
        }
    }
}
