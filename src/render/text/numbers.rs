//! Values as tables.

use super::Detail;
use super::detail::{PARAMETERS, norm, summed_up};
use super::table::{Align, table};
use crate::concrete::Evaluated;
use crate::evaluation::RelativeBounds;
use crate::formula::Symbols;
use crate::number::Rational;
use std::fmt::Write as _;

/// The values of `f_0..f_N` as a table, every digit that distinguishes a double.
///
/// Beyond eight parameters norms stand for the values, rounded to 12 digits, unless `detail` asks for all; `bounds` are the relative errors of the
/// orders, where digits are not certified, and no more digits are shown than they leave.
pub(super) fn values(evaluated: &Evaluated, bounds: &[RelativeBounds], detail: Detail) -> String {
    let symbols = Symbols::beside(evaluated.parameters.iter().map(String::as_str));
    let said = symbols.sentence(if evaluated.field.is_some() { "fh" } else { "f" });
    let said = said.map_or_else(String::new, |sentence| format!("{sentence}\n\n"));
    if !detail.shows(evaluated.parameters.len()) {
        return summary(evaluated, bounds, &symbols, &said);
    }
    let point: Vec<String> =
        evaluated.parameters.iter().zip(&evaluated.at).map(|(p, x)| format!("{p} = {}", short(x))).collect();
    // Of few parameters one line, whatever its length.
    let point = if point.len() > PARAMETERS { wrapped(&point) } else { format!(" {}", point.join(", ")) };
    let mut out = format!("{} at{point}\n\n{said}", evaluated.method);
    let header = ["", "component", "value", "principal", "non-principal"].map(str::to_owned);
    let mut rows = Vec::new();
    for (n, order) in evaluated.orders.iter().enumerate() {
        for (k, parameter) in evaluated.parameters.iter().enumerate() {
            let entry = |values: &[Option<f64>], bound: Option<Option<f64>>| {
                let x = values.get(k).copied().flatten();
                bound.map_or_else(|| shortest(x), |bound| known(x, bound.zip(norm(values)).map(|(b, size)| b * size)))
            };
            let bounds = bounds.get(n);
            rows.push(vec![
                if k == 0 { symbols.text(&format!("f_{n}")) } else { String::new() },
                parameter.clone(),
                entry(&order.value, bounds.map(|b| b.value)),
                entry(&order.principal, bounds.map(|b| b.principal)),
                entry(&order.nonprincipal, bounds.map(|b| b.nonprincipal)),
            ]);
        }
    }
    let right = Align::Right;
    out.push_str(&table(&header, &[Align::Left, Align::Left, right, right, right], &rows));
    if let Some((h, field)) = &evaluated.field {
        let _ = writeln!(out, "\n{} = {}", symbols.text("f_0 + h f_1 + … at h"), near(h));
        for (parameter, value) in evaluated.parameters.iter().zip(field) {
            let _ = writeln!(out, "  {parameter}: {}", shortest(*value));
        }
    }
    out
}

/// Items with commas between on indented lines of a hundred characters.
fn wrapped(items: &[String]) -> String {
    const WIDE: usize = 100;
    let (mut out, mut length) = (String::new(), WIDE);
    for (k, item) in items.iter().enumerate() {
        let own = item.chars().count() + 2;
        if length + own > WIDE {
            out.push_str("\n ");
            length = 1;
        }
        let comma = if k + 1 < items.len() { "," } else { "" };
        let _ = write!(out, " {item}{comma}");
        length += own;
    }
    out
}

/// The norms of `f_0..f_N`.
fn summary(evaluated: &Evaluated, bounds: &[RelativeBounds], symbols: &Symbols, said: &str) -> String {
    let length = |values: &[Option<f64>]| norm(values).map_or_else(|| "–".to_owned(), |x| significant(x, DIGITS));
    let at: Vec<Option<f64>> = evaluated.at.iter().map(|x| Some(x.to_f64())).collect();
    let mut out = format!("{} at |θ| = {}\n\n{said}", evaluated.method, length(&at));
    let mut header = ["", "|value|", "|principal|", "|non-principal|"].map(str::to_owned).to_vec();
    if !bounds.is_empty() {
        header.push("relative error below".to_owned());
    }
    let rows: Vec<Vec<String>> = evaluated
        .orders
        .iter()
        .enumerate()
        .map(|(n, order)| {
            let name = symbols.text(&format!("f_{n}"));
            let Some(bounds) = bounds.get(n) else {
                return vec![name, length(&order.value), length(&order.principal), length(&order.nonprincipal)];
            };
            let length = |values: &[Option<f64>], bound: Option<f64>| {
                let size = norm(values);
                known(size, size.zip(bound).map(|(size, bound)| size * bound))
            };
            vec![
                name,
                length(&order.value, bounds.value),
                length(&order.principal, bounds.principal),
                length(&order.nonprincipal, bounds.nonprincipal),
                bounds.value.map_or_else(|| "–".to_owned(), |x| significant(x, 2)),
            ]
        })
        .collect();
    let align = [Align::Left, Align::Right, Align::Right, Align::Right, Align::Right];
    out.push_str(&table(&header, &align, &rows));
    if let Some((h, field)) = &evaluated.field {
        let _ = writeln!(out, "\n{} = {}: {}", symbols.text("|f_0 + h f_1 + …| at h"), near(h), length(field));
    }
    let _ = write!(out, "\n{}", summed_up(evaluated.parameters.len()));
    out
}

/// Fractions longer than this are written as doubles, where they are some.
const LONGEST: usize = 20;

/// An exact number; as the double that it is, where it is one and the fraction is long.
pub(super) fn short(q: &Rational) -> String {
    let exact = q.to_string();
    let double = q.to_f64();
    if exact.len() > LONGEST && Rational::from_f64(double).as_ref() == Some(q) { format!("{double:?}") } else { exact }
}

/// So are step sizes longer than this, of which the nearest does.
const LONGEST_STEP: usize = 12;

/// A step size: as it is unless it is long, then as the nearest double, or by how many characters it has.
pub(super) fn near(h: &Rational) -> String {
    let exact = h.to_string();
    let double = h.to_f64();
    match exact.len() > LONGEST_STEP {
        true if double.is_finite() && double != 0.0 => format!("{double:?}"),
        true => format!("{}… ({} characters)", exact.chars().take(LONGEST).collect::<String>(), exact.len()),
        false => exact,
    }
}

/// The shortest digits that give the number back; a dash for what is no number.
fn shortest(x: Option<f64>) -> String {
    x.filter(|x| x.is_finite()).map_or_else(|| "–".to_owned(), |x| format!("{x:?}"))
}

/// The digits of a number that an error leaves, twelve at most; what it is below where none are left, or where the error is not known.
fn known(x: Option<f64>, error: Option<f64>) -> String {
    let Some(x) = x.filter(|x| x.is_finite()) else { return "–".to_owned() };
    match error {
        Some(0.0) => significant(x, DIGITS),
        Some(error) if error < x.abs() => {
            // The error is below one unit of the last digit; the leading one is shown in any case.
            let left = x.abs().log10().floor() - error.log10().ceil();
            significant(x, (left.max(0.0) as usize + 1).min(DIGITS))
        }
        Some(error) => format!("< {}", significant(1.05 * (x.abs() + error), 2)),
        None => "unknown".to_owned(),
    }
}

/// Digits of numbers that stand for many.
const DIGITS: usize = 12;

/// A number rounded to some digits, without trailing zeros, in the shorter of the two usual notations.
pub(crate) fn significant(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return "–".to_owned();
    }
    let scientific = format!("{x:.*e}", digits - 1);
    let exponent: i32 = scientific.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let trimmed =
        |s: &str| if s.contains('.') { s.trim_end_matches('0').trim_end_matches('.').to_owned() } else { s.to_owned() };
    if (-5..i32::try_from(digits).unwrap_or(i32::MAX)).contains(&exponent) {
        let decimals = usize::try_from(i32::try_from(digits).unwrap_or(i32::MAX) - 1 - exponent).unwrap_or(0);
        trimmed(&format!("{x:.decimals$}"))
    } else {
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        format!("{}e{exponent}", trimmed(mantissa))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_digits_that_an_error_leaves() {
        for (x, error, expected) in [
            (1.234_567_89, Some(1.1e-4), "1.235"),
            (1.234_567_89, Some(0.0), "1.23456789"),
            (-2e-9, Some(3e-8), "< 3.4e-8"),
            (0.0, None, "unknown"),
            (5.0, Some(4.0), "5"),
            (f64::INFINITY, Some(1.0), "–"),
        ] {
            assert_eq!(known(Some(x), error), expected);
        }
    }

    #[test]
    fn rounds_to_significant_digits() {
        for (x, expected) in [
            (0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (-1.0 / 3.0, "-0.333333333"),
            (123_456_789.4, "123456789"),
            (1e9, "1e9"),
            (0.000_012_5, "0.0000125"),
            (-1.25e-7, "-1.25e-7"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(significant(x, 9), expected);
        }
    }
}
