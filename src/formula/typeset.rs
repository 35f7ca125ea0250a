//! What LaTeX, Typst and MathML have in common: fractions, exponents, factors beside each other, and where parentheses stand.

use super::arrange::{arranged, is_bare};
use super::markup::{Markup, MarkupSheet, Written};
use super::mathml::MathmlSheet;
use super::names::{Name, Names};
use super::own::Own;
use super::{Binding, Formula, Letter, Mark, MathMl, Node, Script, Symbol, Symbols};

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

    /// A formula as an author would arrange it: constants before variables, one fraction for several.
    pub(crate) fn arranged(&self, formula: &Formula) -> Formula {
        arranged(formula, &|name| self.names.kind(name))
    }

    /// A formula in LaTeX, for mathematics mode.
    #[must_use]
    pub fn latex(&self, formula: &Formula) -> String {
        self.written(formula, Markup::Latex).text
    }

    /// A formula in a markup language, for mathematics mode.
    #[must_use]
    pub fn written(&self, formula: &Formula, markup: Markup) -> Written {
        self.at(formula, Binding::Sum, markup)
    }

    /// A formula in a markup language that can stand as a factor of a product.
    #[must_use]
    pub fn factor(&self, formula: &Formula, markup: Markup) -> Written {
        self.at(formula, Binding::Product, markup)
    }

    /// A term of a sum with its sign, which is left out where it is a plus and `first`. With `room` for so much, brackets do not grow, lines
    /// may break inside them, and fractions and roots that are wider are written as factors.
    #[must_use]
    pub(crate) fn term(&self, term: &(bool, Formula), first: bool, room: Option<usize>, markup: Markup) -> Written {
        let mut sheet = match room {
            Some(_) => MarkupSheet::small(&self.symbols, markup),
            None => MarkupSheet::new(&self.symbols, markup),
        };
        match (first, term.0) {
            (true, false) => {}
            (true, true) => sheet.minus(),
            (false, negative) => sheet.lead(negative),
        }
        let mut typesetter = Typesetter { room, ..Typesetter::new(self, &mut sheet) };
        let written = self.arranged(&term.1);
        let plain = !term.0 && (first || typesetter.first(&written, Binding::Sum) != '-');
        typesetter.write(&written, if plain { Binding::Sum } else { Binding::Product });
        sheet.finish()
    }

    fn at(&self, formula: &Formula, need: Binding, markup: Markup) -> Written {
        let mut sheet = MarkupSheet::new(&self.symbols, markup);
        Typesetter::new(self, &mut sheet).write(&self.arranged(formula), need);
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
        Typesetter::new(self, &mut sheet).write(&self.arranged(formula), Binding::Sum);
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
            Typesetter::new(self, &mut sheet).write(&self.arranged(term), Binding::Product);
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
    Norm,
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
    /// The letter σ as the name of a function.
    fn sigma(&mut self);
    /// Space behind the name of a function without brackets.
    fn gap(&mut self);
    fn infinity(&mut self);
    /// The sign of a division on one line.
    fn slash(&mut self);
    fn root(&mut self, inner: impl FnOnce(&mut Self));
    fn group(&mut self, around: Around, tall: bool, inner: impl FnOnce(&mut Self));
    fn fraction(&mut self, above: impl FnOnce(&mut Self), below: impl FnOnce(&mut Self));
    fn script(&mut self, base: impl FnOnce(&mut Self), below: bool, script: impl FnOnce(&mut Self));
    /// Whether matrices are set as such; not where lines may break inside them.
    fn has_matrices(&self) -> bool;
    /// A matrix with so many rows and columns in parentheses.
    fn matrix(&mut self, rows: usize, columns: usize, cell: impl FnMut(&mut Self, usize, usize));
    /// So many formulas below each other, with commas; beside each other where there is room for all.
    fn stack(&mut self, rows: usize, row: impl FnMut(&mut Self, usize));
    /// The mark of a transposed matrix, as an exponent.
    fn transposition(&mut self);
    /// The sum sign with what stands under it.
    fn sum(&mut self, over: impl FnOnce(&mut Self));
    /// `(f_n^p)`.
    fn field_part(&mut self, n: usize, principal: Option<bool>);
}

/// Where something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// In no brackets.
    Open,
    /// In brackets.
    Inside,
    /// In a fraction or a script, where there are no more fractions.
    Deep,
}

struct Typesetter<'a, S> {
    spelling: &'a Spelling,
    sheet: &'a mut S,
    place: Place,
    /// How wide a fraction or a root may be, where lines may break.
    room: Option<usize>,
}

impl<'a, S: Sheet> Typesetter<'a, S> {
    fn new(spelling: &'a Spelling, sheet: &'a mut S) -> Self {
        Self { spelling, sheet, place: Place::Open, room: None }
    }

    /// How tightly a formula binds as it is written here: signs of first factors come before the whole.
    fn binding(&self, formula: &Formula) -> Binding {
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
    fn own(&self, formula: &Formula) -> Option<&'a Own> {
        let spelling: &'a Spelling = self.spelling;
        match formula.node() {
            Node::Name(name) => spelling.names.own(name),
            Node::Letter(Letter::Plain(symbol)) => spelling.symbols.own(*symbol),
            _ => None,
        }
    }

    /// How tightly a factor must bind: where more follows, nothing may be read as a part of it.
    fn need(&self, factor: &Formula, is_last: bool) -> Binding {
        if !is_last && self.own(factor).is_some_and(Own::is_open) { Binding::Atom } else { Binding::Product }
    }

    /// Whether a call is written without brackets.
    fn is_bare(&self, function: &str, arguments: &[Formula]) -> bool {
        let loose = |argument: &Formula| self.own(argument).is_some_and(|own| own.binding() != Binding::Atom);
        is_bare(function, arguments) && !arguments.iter().any(loose)
    }

    /// Whether the exponential function of these is written as a power of e.
    fn is_exponent(&self, arguments: &[Formula]) -> bool {
        let short = |argument: &Formula| !self.has_root(argument) && weight(argument) <= LONG_EXPONENT;
        self.place != Place::Deep && !self.spelling.names.has_e() && matches!(arguments, [argument] if short(argument))
    }

    fn has_root(&self, formula: &Formula) -> bool {
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
    fn is_named(&self, formula: &Formula) -> bool {
        match formula.node() {
            Node::Call("exp", arguments) => !self.is_exponent(arguments),
            Node::Call(function, _) => !matches!(*function, "sqrt" | "abs" | "norm2" | "sigmoid" | "expm1"),
            Node::Power(base, _) => self.is_named(base),
            _ => false,
        }
    }

    /// Whether it is taller than a line: parentheses around it grow.
    fn is_tall(&self, formula: &Formula) -> bool {
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
    fn is_wide(&self, formula: &Formula) -> bool {
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

    fn first_of(&self, symbol: Symbol) -> char {
        self.spelling.symbols.own(symbol).map_or('\\', Own::first)
    }

    fn write(&mut self, formula: &Formula, need: Binding) {
        if self.binding(formula) >= need {
            return self.bare(formula);
        }
        self.group(Around::Round, self.is_tall(formula), |t| t.bare(formula));
    }

    /// What is written inside, between brackets.
    fn group(&mut self, around: Around, tall: bool, inner: impl FnOnce(&mut Typesetter<'_, S>)) {
        let (spelling, place, room) = (self.spelling, self.place.max(Place::Inside), self.room);
        self.sheet.group(around, tall, |sheet| inner(&mut Typesetter { spelling, sheet, place, room }));
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
        // What stands in a fraction or in a script.
        let deep = |sheet: &mut S, formula: &Formula, need| {
            Typesetter { spelling, sheet, place: Place::Deep, room: None }.write(formula, need);
        };
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
                self.quotient(above, below);
            }
            Node::Power(base, exponent) => self.power(base, exponent),
            Node::Transposed(matrix) => {
                let (place, room) = (self.place, self.room);
                let base = |sheet: &mut S| Typesetter { spelling, sheet, place, room }.write(matrix, Binding::Atom);
                self.sheet.script(base, false, |s| s.transposition());
            }
            Node::MatrixProduct(left, right) => {
                self.write(left, Binding::Product);
                let wide = self.is_wide(left) || self.is_wide(right);
                self.sheet.times(if wide { Times::Thin } else { Times::Beside });
                self.write(right, Binding::Power);
            }
            Node::Call(function, arguments) => self.call(function, arguments, None),
            Node::List(entries) => match matrix(entries) {
                Some(rows) if self.place != Place::Deep && self.sheet.has_matrices() => {
                    let columns = rows[0].len();
                    let place = Place::Inside;
                    self.sheet.matrix(rows.len(), columns, |sheet, i, k| {
                        Typesetter { spelling, sheet, place, room: None }.write(&rows[i][k], Binding::Sum);
                    });
                }
                _ => self.group(Around::Square, self.is_tall(formula), |t| t.list(entries)),
            },
            Node::Tuple(entries) => self.group(Around::Round, false, |t| t.list(entries)),
            Node::Beside(factors) => {
                for (at, factor) in factors.iter().enumerate() {
                    let need = self.need(factor, at + 1 == factors.len());
                    if at > 0 {
                        let digit = self.first(factor, need).is_ascii_digit();
                        self.sheet.times(if digit { Times::Dot } else { Times::Beside });
                    }
                    self.write(factor, need);
                }
            }
            Node::Letter(letter) => self.sheet.letter(letter),
            Node::Marks(marks) => marks.iter().for_each(|mark| self.sheet.mark(*mark)),
            Node::Hessians(count, rest) => {
                self.sheet.mark(Mark::Hessians(*count));
                self.write(rest, Binding::Product);
            }
            Node::Contracted(derivative, arguments) => {
                self.write(derivative, Binding::Atom);
                self.group(Around::Square, false, |t| t.list(arguments));
            }
            Node::Contraction(arguments) => {
                self.sheet.letter(&Letter::Derivative(arguments.len() + 1));
                self.group(Around::Square, false, |t| t.list(arguments));
            }
            Node::Partial(order, at) => {
                let base = Letter::of_order(*order);
                // Letters beside each other, H_{xy}; more than letters with commas.
                let letters =
                    at.iter().all(|f| matches!(f.node(), Node::Name(name) if spelling.names.name(name).is_letter()));
                let wide = at.len() > 1
                    && at.iter().map(|f| spelling.written(f, Markup::Latex).width).sum::<usize>() > STACKED;
                let below = |sheet: &mut S| {
                    if wide {
                        let row =
                            |sheet: &mut S, k: usize| Typesetter::new(spelling, sheet).write(&at[k], Binding::Sum);
                        return sheet.stack(at.len(), row);
                    }
                    let mut inner = Typesetter::new(spelling, sheet);
                    if letters { inner.bare(&Formula::new(Node::Beside(at.clone()))) } else { inner.list(at) }
                };
                // As a symbol of its own the third derivative has its brackets only here.
                let symbol = match order {
                    1 => Some(Symbol::Gradient),
                    2 => Some(Symbol::Hessian),
                    3 => Some(Symbol::Third),
                    _ => None,
                };
                match symbol.filter(|symbol| !spelling.symbols.takes_below(*symbol)) {
                    Some(symbol) => {
                        let tall = spelling.symbols.own(symbol).is_some_and(Own::is_tall);
                        let inner = |s: &mut S| s.letter(&Letter::Plain(symbol));
                        self.sheet.script(|s| s.group(Around::Round, tall, inner), true, below);
                    }
                    None => self.sheet.script(|s| s.letter(&base), true, below),
                }
            }
            Node::Lie(field, of) => {
                let l = Name::letter('L');
                self.sheet.script(|s| s.name(&l, None), true, |s| deep(s, field, Binding::Sum));
                self.group(Around::Round, false, |t| t.write(of, Binding::Sum));
            }
            Node::Coefficient(power, of) => {
                self.group(Around::Square, false, |t| t.write(power, Binding::Sum));
                self.sheet.times(Times::Close);
                self.write(of, Binding::Product);
            }
            Node::Applied(function, place) => {
                self.write(function, Binding::Atom);
                self.group(Around::Round, self.is_tall(place), |t| t.write(place, Binding::Sum));
            }
            Node::Component { n, principal, of } => {
                self.sheet.script(|s| s.field_part(*n, *principal), true, |s| deep(s, of, Binding::Sum));
            }
            Node::Relation(left, relation, right) => {
                self.write(left, Binding::Sum);
                self.sheet.relation(*relation);
                self.write(right, Binding::Sum);
            }
            Node::Indexed(base, index) => {
                let full = self.own(base).is_some_and(|own| !own.takes_below());
                let written = |sheet: &mut S| {
                    let mut inner = Typesetter::new(spelling, sheet);
                    if full {
                        inner.group(Around::Round, inner.is_tall(base), |t| t.bare(base));
                    } else {
                        inner.write(base, Binding::Atom);
                    }
                };
                self.sheet.script(written, true, |s| deep(s, index, Binding::Sum));
            }
            Node::Infinity => self.sheet.infinity(),
            Node::Summed(over, term) => {
                self.sheet.sum(|s| deep(s, over, Binding::Sum));
                self.write(term, Binding::Product);
            }
        }
    }

    /// A fraction: on one line inside of another or of a script, and as a factor where it is too wide for a line.
    fn quotient(&mut self, above: &Formula, below: &Formula) {
        let spelling = self.spelling;
        if self.place == Place::Deep {
            self.write(above, Binding::Product);
            self.sheet.slash();
            return self.write(below, Binding::Power);
        }
        // Beside it there is a sign, and may be a bracket.
        let wide = |formula: &Formula, room: usize| spelling.written(formula, Markup::Latex).width + 3000 > room;
        let part = |sheet: &mut S, formula: &Formula| {
            Typesetter { spelling, sheet, place: Place::Deep, room: None }.write(formula, Binding::Sum);
        };
        if let Some(room) = self.room {
            if wide(below, room) {
                self.write(above, Binding::Product);
                self.sheet.times(Times::Beside);
                return self.power(below, &Formula::natural(1).negated());
            }
            if wide(above, room) && !is_digits(above) {
                self.sheet.fraction(|s| s.number("1"), |s| part(s, below));
                self.sheet.times(Times::Beside);
                return self.write(above, Binding::Product);
            }
        }
        self.sheet.fraction(|s| part(s, above), |s| part(s, below));
    }

    fn power(&mut self, base: &Formula, exponent: &Formula) {
        let (spelling, place, room) = (self.spelling, self.place, self.room);
        let above =
            |s: &mut S| Typesetter { spelling, sheet: s, place: Place::Deep, room: None }.write(exponent, Binding::Sum);
        match base.node() {
            Node::Name(name) => self.sheet.raised_name(&spelling.names.name(name), None, above),
            Node::Entry(name, index) => self.sheet.raised_name(&spelling.names.name(name), Some(index), above),
            // The exponent of a function stands at its name.
            Node::Call(function, arguments) if is_operator(function) && is_digits(exponent) => {
                self.call(function, arguments, Some(exponent));
            }
            _ => {
                let base = |sheet: &mut S| Typesetter { spelling, sheet, place, room }.write(base, Binding::Atom);
                self.sheet.script(base, false, above);
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
        // In a script `x/2` is shorter than half of x.
        if self.place == Place::Deep
            && let Node::Quotient(above, below) = first.node()
            && is_digits(above)
        {
            let one = above.is_number("1");
            let upper = (!one).then(|| above.clone()).into_iter().chain(rest.iter().cloned());
            return self.quotient(&Formula::product(upper.collect()), below);
        }
        self.write(first, self.need(first, rest.is_empty()));
        let mut wide = self.is_wide(first);
        for (at, factor) in rest.iter().enumerate() {
            let own = self.is_wide(factor);
            let need = self.need(factor, at + 1 == rest.len());
            self.sheet.times(if self.first(factor, need).is_ascii_digit() {
                Times::Dot
            } else if self.is_named(factor) {
                Times::Function
            } else if wide || own {
                Times::Thin
            } else {
                Times::Beside
            });
            self.write(factor, need);
            wide |= own;
        }
    }

    /// A function of something, with what stands as an exponent at its name.
    fn call(&mut self, function: &str, arguments: &[Formula], exponent: Option<&Formula>) {
        let spelling = self.spelling;
        let tall = arguments.iter().any(|argument| self.is_tall(argument));
        let deep = |sheet: &mut S, formulas: &[Formula]| {
            Typesetter { spelling, sheet, place: Place::Deep, room: None }.list(formulas);
        };
        match function {
            "exp" if self.is_exponent(arguments) => {
                self.sheet.script(|s| s.name(&Name::letter('e'), None), false, |s| deep(s, arguments));
            }
            "expm1" => {
                self.call("exp", arguments, None);
                self.sheet.sign(true);
                self.sheet.number("1");
            }
            "sqrt" => match self.room {
                Some(room) if arguments.iter().any(|a| spelling.written(a, Markup::Latex).width + 3000 > room) => {
                    let half = [Formula::natural(1).over(Formula::natural(2))];
                    self.scripted(|t| t.group(Around::Round, tall, |t| t.list(arguments)), |s| deep(s, &half));
                }
                _ => {
                    let place = self.place.max(Place::Inside);
                    self.sheet.root(|sheet| Typesetter { spelling, sheet, place, room: None }.list(arguments));
                }
            },
            "abs" => self.group(Around::Bars, tall, |t| t.list(arguments)),
            "norm2" => {
                self.scripted(|t| t.group(Around::Norm, tall, |t| t.list(arguments)), |s| s.number("2"));
            }
            "sigmoid" if !spelling.has_sigma() => {
                self.sheet.sigma();
                self.group(Around::Round, tall, |t| t.list(arguments));
            }
            "log1p" => {
                self.sheet.function("log", true);
                self.group(Around::Round, tall, |t| {
                    t.sheet.number("1");
                    t.sheet.sign(false);
                    t.list(arguments);
                });
            }
            // Of an array by its entries, of a list entry by entry.
            "logsumexp" if is_array(arguments) => {
                self.sheet.function("log", true);
                self.sheet.gap();
                let index = Formula::name("i");
                self.sheet.sum(|s| deep(s, std::slice::from_ref(&index)));
                self.sheet.function("exp", true);
                self.sheet.gap();
                self.write(&arguments[0].clone().indexed(index), Binding::Sum);
            }
            "logsumexp" if matches!(arguments, [list] if matches!(list.node(), Node::List(_))) => {
                let Some(Node::List(entries)) = arguments.first().map(Formula::node) else { return };
                let exponentials = entries.iter().map(|entry| (false, Formula::call("exp", vec![entry.clone()])));
                let sum = Formula::sum(exponentials.collect());
                self.sheet.function("log", true);
                self.group(Around::Round, tall, |t| t.write(&sum, Binding::Sum));
            }
            _ => {
                let own = match function {
                    "asin" | "acos" | "atan" => format!("arc{}", &function[1..]),
                    "sign" => "sgn".to_owned(),
                    other => other.replace('_', "-"),
                };
                let known = is_known(function);
                match exponent {
                    Some(exponent) => {
                        let above = |s: &mut S| deep(s, std::slice::from_ref(exponent));
                        self.sheet.script(|s| s.function(&own, known), false, above);
                    }
                    None => self.sheet.function(&own, known),
                }
                if self.is_bare(function, arguments) {
                    self.sheet.gap();
                    return self.list(arguments);
                }
                self.group(Around::Round, tall, |t| t.list(arguments));
            }
        }
    }

    /// What is written first with an exponent.
    fn scripted(&mut self, base: impl FnOnce(&mut Typesetter<'_, S>), above: impl FnOnce(&mut S)) {
        let (spelling, place, room) = (self.spelling, self.place, self.room);
        self.sheet.script(|sheet| base(&mut Typesetter { spelling, sheet, place, room }), false, above);
    }
}

impl Spelling {
    /// Whether a name of the loss is written σ.
    fn has_sigma(&self) -> bool {
        self.names.is_declared("sigma")
    }
}

/// Indices wider than this, in thousandths of the size of the type, stand below each other.
const STACKED: usize = 12_000;
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

/// The rows of a list of lists of one length.
fn matrix(entries: &[Formula]) -> Option<Vec<&[Formula]>> {
    let rows = entries.iter().map(|row| match row.node() {
        Node::List(cells) if !cells.is_empty() => Some(cells.as_slice()),
        _ => None,
    });
    let rows: Vec<&[Formula]> = rows.collect::<Option<_>>()?;
    let columns = rows.first()?.len();
    let flat = |cells: &[Formula]| cells.len() == columns && cells.iter().all(|c| !matches!(c.node(), Node::List(_)));
    rows.iter().all(|row| flat(row)).then_some(rows)
}

fn is_digits(formula: &Formula) -> bool {
    matches!(formula.node(), Node::Number(_))
}

/// Whether these are one array by its name.
fn is_array(arguments: &[Formula]) -> bool {
    matches!(arguments, [argument] if matches!(argument.node(), Node::Name(_)))
}

/// Whether an exponent stands at its name.
fn is_operator(function: &str) -> bool {
    ["log", "sin", "cos", "tan", "sinh", "cosh", "tanh"].contains(&function)
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
