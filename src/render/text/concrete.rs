//! Concrete modified equations as text.

use crate::form::{FormulaOrder, Formulas};
use crate::formula::{Formula, Letter, Symbols, text, text_terms};
use std::fmt::Write as _;

/// Lines longer than this break at the signs of a sum.
const WIDTH: usize = 100;

/// A concrete modified equation as text: shared subterms, then every `f_n` by components, whole and in its two parts.
#[must_use]
pub fn concrete(formulas: &Formulas) -> String {
    let mut out = String::new();
    let symbols = &formulas.spelling.symbols;
    if let Some(sentence) = symbols.sentence("f") {
        let _ = writeln!(out, "{sentence}\n");
    }
    if !formulas.lets.is_empty() {
        out.push_str("shared subterms\n");
        for (name, expression) in &formulas.lets {
            // A statement of the loss language ends with its line, so these stay on one.
            let _ = writeln!(out, "  let {name} = {expression}");
        }
        out.push('\n');
    }
    if !formulas.derivatives.is_empty() {
        out.push_str("derivatives\n");
        let letters: Vec<String> = formulas.derivatives.iter().map(|(letter, _)| text(letter, symbols)).collect();
        let width = letters.iter().map(|l| l.chars().count()).max().unwrap_or(0).min(super::WIDEST);
        for (letter, (_, value)) in letters.iter().zip(&formulas.derivatives) {
            write_terms(&mut out, &format!("  {letter:<width$} = "), value, symbols);
        }
        out.push('\n');
    }
    for (n, order) in formulas.orders.iter().enumerate() {
        if n > 0 {
            out.push('\n');
        }
        write_order(&mut out, n, order, &formulas.parameters, symbols);
    }
    out
}

/// [`concrete`] within so many lines: parts that do not fit are named with the lines that they have.
#[must_use]
pub fn concrete_within(formulas: &Formulas, most: usize, flags: &str) -> String {
    let whole = concrete(formulas);
    if whole.lines().count() <= most {
        return whole;
    }
    let mut parts: Vec<Vec<&str>> = Vec::new();
    for line in whole.lines() {
        // A part has a title, and its lines are indented.
        match parts.last_mut() {
            Some(part) if line.is_empty() || line.starts_with(' ') => part.push(line),
            _ => parts.push(vec![line]),
        }
    }
    let (mut out, mut shown, mut left) = (String::new(), 0, Vec::new());
    for part in parts {
        if left.is_empty() && shown + part.len() <= most {
            shown += part.len();
            part.iter().for_each(|line| out.push_str(&format!("{line}\n")));
        } else {
            left.push(format!("{} ({} lines)", part[0], part.iter().filter(|l| !l.is_empty()).count()));
        }
    }
    out.truncate(out.trim_end().len());
    let _ = writeln!(out, "\n\nleft out: {}; {flags}--verbose and JSON have them", left.join(", "));
    out
}

fn write_order(out: &mut String, n: usize, order: &FormulaOrder, parameters: &[Formula], symbols: &Symbols) {
    let f = text(&Letter::Field(n).into(), symbols);
    if order.components.iter().all(|c| c.is_number("0")) {
        let _ = writeln!(out, "{f} = 0");
        return;
    }
    if order.is_principal() || order.is_nonprincipal() {
        let part = if order.is_principal() { "principal" } else { "non-principal" };
        let _ = writeln!(out, "{f} ({part})");
        write_components(out, &order.components, parameters, symbols);
        return;
    }
    let _ = writeln!(out, "{f}");
    write_components(out, &order.components, parameters, symbols);
    for (title, part) in [("principal part", &order.principal), ("non-principal part", &order.nonprincipal)] {
        let _ = writeln!(out, "{f}, {title}");
        write_components(out, part, parameters, symbols);
    }
}

fn write_components(out: &mut String, components: &[Formula], parameters: &[Formula], symbols: &Symbols) {
    let parameters: Vec<String> = parameters.iter().map(ToString::to_string).collect();
    let width = parameters.iter().map(|p| p.chars().count()).max().unwrap_or(0).min(super::WIDEST) + 1;
    for (parameter, component) in parameters.iter().zip(components) {
        write_terms(out, &format!("  {:<width$} ", format!("{parameter}:")), component, symbols);
    }
}

/// Text that breaks before signs that stand between blanks, and the column where it ends.
fn write_long(out: &mut String, text: &str, mut column: usize, indent: usize) -> usize {
    let words: Vec<&str> = text.split(' ').collect();
    let mut at = 0;
    while at < words.len() {
        // A sign and what follows it are one.
        let is_sign = at > 0 && matches!(words[at], "+" | "-") && at + 1 < words.len();
        let piece = if is_sign { words[at..at + 2].join(" ") } else { words[at].to_owned() };
        let length = piece.chars().count();
        if at > 0 && is_sign && column + 1 + length > WIDTH {
            let _ = write!(out, "\n{:indent$}", "");
            column = indent;
        } else if at > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(&piece);
        column += length;
        at += if is_sign { 2 } else { 1 };
    }
    column
}

/// A label and the terms behind it, in lines.
fn write_terms(out: &mut String, label: &str, formula: &Formula, symbols: &Symbols) {
    let indent = label.chars().count().min(super::WIDEST);
    out.push_str(label);
    let mut column = indent;
    for (at, (negative, term)) in text_terms(formula, symbols).into_iter().enumerate() {
        let sign = match (negative, at) {
            (true, 0) => "-",
            (false, 0) => "",
            (true, _) => " - ",
            (false, _) => " + ",
        };
        let length = sign.len() + term.chars().count();
        // What is too long for a line of its own breaks inside.
        let long = indent + length > WIDTH;
        if at > 0 && column + length > WIDTH && !(long && column + sign.len() < WIDTH / 2) {
            let _ = write!(out, "\n{:indent$}{}", "", sign.trim_start());
            column = indent + sign.trim_start().len();
        } else {
            out.push_str(sign);
            column += sign.len();
        }
        column = write_long(out, &term, column, indent + 2);
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::example;

    #[test]
    fn parts_that_do_not_fit_are_named() {
        let formulas = Formulas::new(&example::concrete(), &[]);
        let whole = concrete(&formulas);
        assert_eq!(concrete_within(&formulas, whole.lines().count(), ""), whole);
        let short = concrete_within(&formulas, 7, "--order N, ");
        assert!(short.starts_with("f_0"), "{short}");
        assert!(short.contains("\n\nleft out: f_1"), "{short}");
        assert!(short.contains("lines)") && short.ends_with("--order N, --verbose and JSON have them\n"), "{short}");
    }
}
