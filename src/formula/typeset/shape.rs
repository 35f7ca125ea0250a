//! What a formula looks like before it is written: how tightly it binds here, how tall and wide it is, and what it begins with.

use super::{Place, Typesetter};
use crate::formula::arrange::is_bare;
use crate::formula::own::Own;
use crate::formula::sheet::Sheet;
use crate::formula::{Binding, Formula, Letter, Mark, Node, Spelling, Symbol};

impl<'a, S: Sheet> Typesetter<'a, S> {
    /// How tightly a formula binds as it is written here: signs of first factors come before the whole.
    pub(super) fn binding(&self, formula: &Formula) -> Binding {
        match formula.node() {
            _ if hoisted(formula).is_some() => Binding::Negative,
            Node::Call("expm1", _) => Binding::Sum,
            Node::Call("exp", arguments) if self.is_exponent(arguments) => Binding::Power,
            Node::Call("norm2", _) => Binding::Power,
            Node::Call("logsumexp", arguments) if is_array(arguments) => Binding::Product,
            Node::Call(function, arguments) if self.is_bare(function, arguments) => Binding::Product,
            Node::Transposed(_) => Binding::Power,
            // As the author writes it.
            Node::Name(_) | Node::Letter(Letter::Plain(_)) => self.own(formula).map_or(Binding::Atom, Own::binding),
            // With an exponent of their own.
            Node::Letter(Letter::Derivative(4..)) | Node::Partial(4.., _) => Binding::Power,
            _ => formula.binding(),
        }
    }

    /// The author's own markup of a name or a letter.
    pub(super) fn own(&self, formula: &Formula) -> Option<&'a Own> {
        let spelling: &'a Spelling = self.spelling;
        match formula.node() {
            Node::Name(name) => spelling.names.own(name),
            Node::Letter(Letter::Plain(symbol)) => spelling.symbols.own(*symbol),
            _ => None,
        }
    }

    /// How tightly a factor must bind: where more follows, nothing may be read as a part of it.
    pub(super) fn need(&self, factor: &Formula, is_last: bool) -> Binding {
        if !is_last && self.own(factor).is_some_and(Own::is_open) { Binding::Atom } else { Binding::Product }
    }

    /// Whether a call is written without brackets.
    pub(super) fn is_bare(&self, function: &str, arguments: &[Formula]) -> bool {
        let loose = |argument: &Formula| self.own(argument).is_some_and(|own| own.binding() != Binding::Atom);
        is_bare(function, arguments) && !arguments.iter().any(loose)
    }

    /// Whether the exponential function of these is written as a power of e.
    pub(super) fn is_exponent(&self, arguments: &[Formula]) -> bool {
        let short = |argument: &Formula| !self.has_root(argument) && weight(argument) <= LONG_EXPONENT;
        self.place != Place::Deep && !self.spelling.names.has_e() && matches!(arguments, [argument] if short(argument))
    }

    pub(super) fn has_root(&self, formula: &Formula) -> bool {
        match formula.node() {
            Node::Call("sqrt" | "exp" | "expm1" | "logsumexp", _) => true,
            Node::Sum { terms, .. } => terms.iter().any(|(_, term)| self.has_root(term)),
            Node::Negative(a) => self.has_root(a),
            Node::Quotient(a, b) | Node::Power(a, b) => self.has_root(a) || self.has_root(b),
            Node::Product(inner) | Node::Call(_, inner) => inner.iter().any(|f| self.has_root(f)),
            _ => false,
        }
    }

    /// Whether it begins with the name of a function.
    pub(super) fn is_named(&self, formula: &Formula) -> bool {
        match formula.node() {
            Node::Call("exp", arguments) => !self.is_exponent(arguments),
            Node::Call(function, _) => !matches!(*function, "sqrt" | "abs" | "norm2" | "sigmoid" | "expm1"),
            Node::Power(base, _) => self.is_named(base),
            _ => false,
        }
    }

    /// Whether it is taller than a line: parentheses around it grow.
    pub(super) fn is_tall(&self, formula: &Formula) -> bool {
        let any = |formulas: &[Formula]| formulas.iter().any(|f| self.is_tall(f));
        if self.place == Place::Deep {
            return false;
        }
        match formula.node() {
            Node::Name(_) | Node::Letter(_) => self.own(formula).is_some_and(Own::is_tall),
            Node::Quotient(..) => true,
            Node::Call("sqrt", _) => true,
            Node::Sum { terms, .. } => terms.iter().any(|(_, term)| self.is_tall(term)),
            Node::Negative(inner)
            | Node::Hessians(_, inner)
            | Node::Coefficient(_, inner)
            | Node::Transposed(inner) => self.is_tall(inner),
            Node::MatrixProduct(left, right) => self.is_tall(left) || self.is_tall(right),
            Node::Call("exp", arguments) if self.is_exponent(arguments) => false,
            Node::Power(base, _) => self.is_tall(base),
            Node::Product(inner) | Node::Call(_, inner) | Node::List(inner) | Node::Beside(inner) => any(inner),
            Node::Contraction(inner) | Node::Contracted(_, inner) => any(inner),
            Node::Lie(_, inner) | Node::Applied(_, inner) => self.is_tall(inner),
            _ => false,
        }
    }

    /// Whether it has names of several letters, which need space beside each other.
    pub(super) fn is_wide(&self, formula: &Formula) -> bool {
        let any = |formulas: &[Formula]| formulas.iter().any(|f| self.is_wide(f));
        match formula.node() {
            Node::Name(name) | Node::Entry(name, _) => self.spelling.names.name(name).is_wide(),
            Node::Negative(inner) | Node::Transposed(inner) | Node::Power(inner, _) => self.is_wide(inner),
            Node::MatrixProduct(a, b) => self.is_wide(a) || self.is_wide(b),
            Node::Product(inner) | Node::Beside(inner) => any(inner),
            _ => false,
        }
    }

    /// The first character as it is written: a digit, a letter, a sign or a bracket; `\` for anything else.
    pub(in crate::formula) fn first(&self, formula: &Formula, need: Binding) -> char {
        if self.binding(formula) < need {
            return '(';
        }
        if hoisted(formula).is_some() {
            return '-';
        }
        match formula.node() {
            Node::Number(digits) => digits.chars().next().unwrap_or('\\'),
            Node::Name(name) | Node::Entry(name, _) => self.spelling.names.name(name).first(),
            Node::Letter(Letter::Plain(symbol)) => self.first_of(*symbol),
            Node::Marks(marks) => match marks.first() {
                Some(Mark::Gradient) => self.first_of(Symbol::Gradient),
                Some(Mark::Hessians(1)) => self.first_of(Symbol::Hessian),
                _ => '\\',
            },
            Node::Hessians(1, _) => self.first_of(Symbol::Hessian),
            Node::Sum { terms, .. } => match terms.first() {
                Some((false, term)) => self.first(term, Binding::Sum),
                _ => '-',
            },
            Node::Negative(_) => '-',
            Node::Product(factors) | Node::Beside(factors) => {
                factors.first().map_or('\\', |factor| self.first(factor, Binding::Product))
            }
            Node::Quotient(above, _) if self.place == Place::Deep => self.first(above, Binding::Product),
            Node::Power(base, _) => self.first(base, Binding::Atom),
            Node::Call("exp", arguments) if self.is_exponent(arguments) => 'e',
            _ => '\\',
        }
    }

    pub(super) fn first_of(&self, symbol: Symbol) -> char {
        self.spelling.symbols.own(symbol).map_or('\\', Own::first)
    }
}

/// Exponents with more signs and names than this are in brackets behind `exp`.
const LONG_EXPONENT: usize = 9;

/// How many numbers, names and operators a formula has, roughly.
fn weight(formula: &Formula) -> usize {
    let all = |formulas: &[Formula]| formulas.iter().map(weight).sum::<usize>();
    match formula.node() {
        Node::Sum { terms, .. } => terms.iter().map(|(_, term)| weight(term) + 1).sum::<usize>(),
        Node::Negative(a) => weight(a) + 1,
        Node::Quotient(a, b) | Node::Power(a, b) | Node::MatrixProduct(a, b) => weight(a) + weight(b),
        Node::Product(inner) | Node::List(inner) | Node::Beside(inner) => all(inner),
        Node::Call(_, inner) => all(inner) + 2,
        _ => 1,
    }
}

/// Whether these are one array by its name.
pub(super) fn is_array(arguments: &[Formula]) -> bool {
    matches!(arguments, [argument] if matches!(argument.node(), Node::Name(_)))
}

/// The first factor or the numerator without its minus, which is written before the whole.
pub(super) fn hoisted(formula: &Formula) -> Option<&Formula> {
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
