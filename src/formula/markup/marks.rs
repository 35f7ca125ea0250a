//! Elementary differentials in a markup language, mark by mark.

use super::MarkupSheet;
use crate::formula::mark::{Bracket, Mark, Raised, Script, index_letter};
use crate::formula::sheet::{Around, Sheet};
use crate::formula::tongue::Sign;
use crate::formula::written::BreakKind;
use crate::formula::{Binding, Letter, Symbol};

impl Bracket {
    /// How wide it is set.
    fn width(self) -> usize {
        if self == Self::Round { 389 } else { 278 }
    }
}

impl MarkupSheet<'_> {
    /// The brackets of an elementary differential.
    fn mark_brackets(&self, bracket: Bracket) -> [&'static str; 2] {
        let around = if bracket == Bracket::Round { Around::Round } else { Around::Square };
        self.tongue.brackets(around, false, self.small && self.braces == 0)
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
