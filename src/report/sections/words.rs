//! Words and numbers that several sections need.

use crate::formula::{Formula, Node, Symbol};
use crate::number::{Coefficient, Rational};
use crate::optimizer::{BoundOptimizer, MOMENTUM};
use crate::render::document::{Block, Text};
use crate::render::text::{complex_number, significant};
use num_complex::Complex64;

/// Characters of a step size that is written as a decimal number.
const LONGEST: usize = 12;
/// What stands where there is no value.
pub(super) const NONE: &str = "–";

/// The optimizer with its hyper-parameters: `heavy-ball with momentum 9/10`.
pub(super) fn optimizer(optimizer: &BoundOptimizer) -> String {
    let values = optimizer.values().iter().map(|(name, value)| match name.as_str() {
        MOMENTUM => format!("momentum {}", value.formula()),
        name => format!("{name} = {}", value.formula()),
    });
    let symbols = optimizer.symbols().iter().map(|symbol| match symbol.as_str() {
        MOMENTUM => format!("momentum {symbol}"),
        symbol => format!("the symbol {symbol}"),
    });
    let given: Vec<String> = values.chain(symbols).collect();
    let name = optimizer.name().replace(['\n', '\r'], " ");
    if given.is_empty() { name } else { format!("{name} with {}", given.join(", ")) }
}

fn has_sigmoid(formula: &Formula) -> bool {
    matches!(formula.node(), Node::Call("sigmoid", _)) || formula.parts().into_iter().any(has_sigmoid)
}

/// What σ stands for, where one of these is written with it.
pub(super) fn logistic<'a>(formulas: impl IntoIterator<Item = &'a Formula>) -> Option<Block> {
    formulas.into_iter().any(has_sigmoid).then(|| {
        let (u, one) = (Formula::name("u"), Formula::natural(1));
        let decay = Formula::call("exp", vec![u.clone().negated()]);
        let value = one.clone().over(Formula::sum(vec![(false, one), (false, decay)]));
        let sigmoid = Formula::call("sigmoid", vec![u]);
        Block::Note(Text::default().formula(sigmoid).then(" is the logistic function ").formula(value).then("."))
    })
}

/// A number to so many digits.
pub(super) fn number(x: impl Into<Option<f64>>, digits: usize) -> Text {
    let written = x.into().filter(|x| x.is_finite()).map(|x| significant(x, digits));
    Text::of_number(written.unwrap_or_else(|| NONE.to_owned()))
}

/// A step size as it is typed: as a decimal number where it is one.
pub(super) fn step_size(h: &Rational) -> Formula {
    let same = |text: &str| text.parse::<Rational>().is_ok_and(|parsed| parsed == *h);
    let decimal = format!("{}", h.to_f64());
    if decimal.len() <= LONGEST && same(&decimal) {
        return Formula::digits(decimal);
    }
    let power = format!("{:e}", h.to_f64());
    match power.split_once('e').map(|(digits, exponent)| (digits, exponent.parse::<i64>())) {
        Some((digits, Ok(exponent))) if digits.len() <= LONGEST && same(&power) => {
            let ten = Formula::natural(10);
            let size = Formula::natural(exponent.unsigned_abs());
            let power = ten.raised(if exponent < 0 { size.negated() } else { size });
            Formula::digits(digits).times(power)
        }
        _ => h.formula(),
    }
}

/// A complex number to six digits.
pub(super) fn complex(z: Option<Complex64>) -> Text {
    Text::of_number(z.filter(|z| z.is_finite()).map_or_else(|| NONE.to_owned(), complex_number))
}

/// A complex number to few digits.
pub(super) fn rough(z: Option<Complex64>) -> Text {
    let Some(z) = z.filter(|z| z.is_finite()) else { return Text::of_number(NONE) };
    if z.im == 0.0 {
        return Text::of_number(significant(z.re, 4));
    }
    let sign = if z.im < 0.0 { '-' } else { '+' };
    Text::of_number(format!("{}{sign}{}i", significant(z.re, 4), significant(z.im.abs(), 3)))
}

/// A place, of many coordinates its distance from 0.
pub(super) fn place(names: &[String], at: &[f64], most: usize, digits: usize) -> Text {
    if at.len() > most {
        let length = at.iter().fold(0.0_f64, |norm, x| norm.hypot(*x));
        return Text::words("a point at the distance ").and(number(length, digits)).then(" from 0");
    }
    let size = at.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let mut text = Text::default();
    for (k, (name, x)) in names.iter().zip(at).enumerate() {
        // Beside a coordinate of the usual size, one at its rounding is zero.
        let rounded = if x.abs() <= 1e-14 * size { 0.0 } else { *x };
        let before = if k == 0 { "" } else { ", " };
        text = text.then(before).formula(named(name)).then(" = ").and(number(rounded, digits));
    }
    text
}

/// An entry of θ by its name, `w[0, 1]`.
fn named(name: &str) -> Formula {
    let entry = || {
        let (array, rest) = name.split_once('[')?;
        let index: Option<Vec<usize>> =
            rest.strip_suffix(']')?.split(',').map(|index| index.trim().parse().ok()).collect();
        Some(Formula::entry(array, index?))
    };
    entry().unwrap_or_else(|| Formula::name(name))
}

/// So many of something.
pub(super) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// `hλ`.
pub(super) fn h_lambda() -> Text {
    Text::default().formula(Formula::beside(vec![Symbol::Step.into(), Formula::name("lambda")]))
}
