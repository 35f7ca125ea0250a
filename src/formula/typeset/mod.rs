//! What LaTeX, Typst and MathML have in common: fractions, exponents, factors beside each other, and where parentheses stand.

mod call;
mod shape;

use super::name::Name;
use super::own::Own;
use super::sheet::{Around, Sheet, Times};
use super::{Binding, Formula, Letter, Mark, Markup, Node, Spelling, Symbol};
use shape::hoisted;

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

pub(super) struct Typesetter<'a, S> {
    spelling: &'a Spelling,
    sheet: &'a mut S,
    place: Place,
    /// How wide a fraction or a root may be, where lines may break.
    room: Option<usize>,
}

impl<'a, S: Sheet> Typesetter<'a, S> {
    pub(super) fn new(spelling: &'a Spelling, sheet: &'a mut S) -> Self {
        Self::within(spelling, sheet, None)
    }

    /// Where a fraction or a root may be so wide, if lines may break.
    pub(super) fn within(spelling: &'a Spelling, sheet: &'a mut S, room: Option<usize>) -> Self {
        Self { spelling, sheet, place: Place::Open, room }
    }

    pub(super) fn write(&mut self, formula: &Formula, need: Binding) {
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
}

/// Indices wider than this, in thousandths of the size of the type, stand below each other.
const STACKED: usize = 12_000;
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

/// Whether an exponent stands at its name.
fn is_operator(function: &str) -> bool {
    ["log", "sin", "cos", "tan", "sinh", "cosh", "tanh"].contains(&function)
}
