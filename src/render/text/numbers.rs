//! Values as tables.

use super::Detail;
use super::detail::{PARAMETERS, norm, summed_up};
use super::table::{Align, table};
use crate::concrete::Evaluated;
use crate::formula::Symbols;
use crate::number::Rational;
use std::fmt::Write as _;

/// The values of `f_0..f_N` as a table, every digit that distinguishes a double.
///
/// Beyond eight parameters norms stand for the values, rounded to 12 digits, unless `detail` asks for all; `bounds` are the relative errors of the
/// orders, where digits are not certified.
pub(super) fn values(evaluated: &Evaluated, bounds: &[Option<f64>], detail: Detail) -> String {
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
            let entry = |values: &[Option<f64>]| shortest(values.get(k).copied().flatten());
            rows.push(vec![
                if k == 0 { symbols.text(&format!("f_{n}")) } else { String::new() },
                parameter.clone(),
                entry(&order.value),
                entry(&order.principal),
                entry(&order.nonprincipal),
            ]);
        }
    }
    let right = Align::Right;
    out.push_str(&table(&header, &[Align::Left, Align::Left, right, right, right], &rows));
    if let Some((h, field)) = &evaluated.field {
        let _ = writeln!(out, "\n{} = {h}", symbols.text("f_0 + h f_1 + … at h"));
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
fn summary(evaluated: &Evaluated, bounds: &[Option<f64>], symbols: &Symbols, said: &str) -> String {
    let length = |values: &[Option<f64>]| norm(values).map_or_else(|| "–".to_owned(), |x| significant(x, 12));
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
            let mut row = vec![name, length(&order.value), length(&order.principal), length(&order.nonprincipal)];
            if !bounds.is_empty() {
                let bound = bounds.get(n).copied().flatten();
                row.push(bound.map_or_else(|| "–".to_owned(), |x| significant(x, 2)));
            }
            row
        })
        .collect();
    let align = [Align::Left, Align::Right, Align::Right, Align::Right, Align::Right];
    out.push_str(&table(&header, &align, &rows));
    if let Some((h, field)) = &evaluated.field {
        let _ = writeln!(out, "\n{} = {h}: {}", symbols.text("|f_0 + h f_1 + …| at h"), length(field));
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

/// The shortest digits that give the number back; a dash for what is no number.
fn shortest(x: Option<f64>) -> String {
    x.filter(|x| x.is_finite()).map_or_else(|| "–".to_owned(), |x| format!("{x:?}"))
}

/// A number rounded to some digits, without trailing zeros, in the shorter of the two usual notations.
pub(super) fn significant(x: f64, digits: usize) -> String {
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
