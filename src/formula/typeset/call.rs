//! Functions of formulas, as papers write them.

use super::shape::is_array;
use super::{Place, Typesetter};
use crate::formula::name::Name;
use crate::formula::sheet::{Around, Sheet};
use crate::formula::{Binding, Formula, Markup, Node};

impl<S: Sheet> Typesetter<'_, S> {
    /// A function of something, with what stands as an exponent at its name.
    pub(super) fn call(&mut self, function: &str, arguments: &[Formula], exponent: Option<&Formula>) {
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

/// Whether a function has a name of its own in both formats.
fn is_known(function: &str) -> bool {
    let own = ["exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan"];
    own.contains(&function) || ["log1p", "sqrt", "abs"].contains(&function)
}
