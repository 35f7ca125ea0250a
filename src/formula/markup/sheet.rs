//! The walk of a formula in a markup language: numbers, names, fractions, scripts, brackets and matrices.

use super::MarkupSheet;
use crate::formula::measure;
use crate::formula::name::Name;
use crate::formula::sheet::{Around, Sheet, Times};
use crate::formula::tongue::Sign;
use crate::formula::written::BreakKind;
use crate::formula::{Binding, Letter, Symbol};

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
