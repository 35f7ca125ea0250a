//! Concrete modified equations as text.

use crate::form::{FormulaOrder, Formulas};
use crate::formula::{Formula, Letter, Symbol, Symbols, text, text_terms};
use rustc_hash::FxHashSet;
use std::fmt::Write as _;

/// Lines longer than this break at the signs of a sum.
const WIDTH: usize = 100;

/// A concrete modified equation as text: shared subterms, then every `f_n` by components, whole and in its two parts.
#[must_use]
pub fn concrete(formulas: &Formulas) -> String {
    Parts::of(formulas).text(formulas.orders.len())
}

/// [`concrete`] within so many lines: the first orders that fit, with the definitions that they read; `orders` is how many were derived, more than
/// there are formulas of where these are known to be too many.
#[must_use]
pub fn concrete_within(formulas: &Formulas, orders: usize, most: usize, flags: &str) -> String {
    let parts = Parts::of(formulas);
    let whole = parts.text(parts.orders.len());
    let lines = whole.lines().count();
    if orders == parts.orders.len() && lines <= most {
        return whole;
    }
    let (mut fit, mut beyond) = (0, parts.orders.len() + 1);
    while fit + 1 < beyond {
        let middle = usize::midpoint(fit, beyond);
        if parts.text(middle).lines().count() <= most { fit = middle } else { beyond = middle }
    }
    let (symbols, last) = (&formulas.spelling.symbols, orders - 1);
    let field = |n: usize| text(&Letter::Field(n).into(), symbols);
    let range = if fit == last { field(last) } else { format!("{} to {}", field(fit), field(last)) };
    let mut out = if fit > 0 { parts.text(fit) } else { String::new() };
    let left = lines - out.lines().count();
    let more = if orders > parts.orders.len() { "more than " } else { "" };
    let count = if left > 0 { format!(" ({more}{left} lines)") } else { String::new() };
    let gap = if fit > 0 { "\n" } else { "" };
    let _ = writeln!(out, "{gap}left out: {range}{count}; {flags}--verbose and JSON have them");
    out
}

/// What the text is made of.
struct Parts {
    /// The sentence about our letters.
    sentence: Option<String>,
    /// Names with their statements.
    lets: Vec<(String, String)>,
    /// Letters with their lines.
    derivatives: Vec<(String, String)>,
    orders: Vec<String>,
}

impl Parts {
    fn of(formulas: &Formulas) -> Self {
        let symbols = &formulas.spelling.symbols;
        // A statement of the loss language ends with its line, so these stay on one.
        let lets = formulas.lets.iter().map(|(name, value)| (name.clone(), format!("  let {name} = {value}\n")));
        let letters: Vec<String> = formulas.derivatives.iter().map(|(letter, _)| text(letter, symbols)).collect();
        let width = letters.iter().map(|l| l.chars().count()).max().unwrap_or(0).min(super::WIDEST);
        let derivatives = letters.into_iter().zip(&formulas.derivatives).map(|(letter, (_, value))| {
            let mut lines = String::new();
            write_terms(&mut lines, &format!("  {letter:<width$} = "), value, symbols);
            (letter, lines)
        });
        let orders = formulas.orders.iter().enumerate().map(|(n, order)| {
            let mut lines = String::new();
            write_order(&mut lines, n, order, &formulas.parameters, symbols);
            lines
        });
        Self {
            sentence: symbols.sentence(&used(formulas)),
            lets: lets.collect(),
            derivatives: derivatives.collect(),
            orders: orders.collect(),
        }
    }

    /// The first orders; with fewer than there are, the definitions alone that these read.
    fn text(&self, orders: usize) -> String {
        let written = &self.orders[..orders];
        let (lets, derivatives) = if orders == self.orders.len() {
            let all = |listed: &[(String, String)]| (0..listed.len()).collect::<Vec<_>>();
            (all(&self.lets), all(&self.derivatives))
        } else {
            self.read(written)
        };
        let mut out = self.sentence.as_ref().map_or_else(String::new, |sentence| format!("{sentence}\n\n"));
        for (title, listed, kept) in
            [("shared subterms", &self.lets, lets), ("derivatives", &self.derivatives, derivatives)]
        {
            if !kept.is_empty() {
                let _ = writeln!(out, "{title}");
                kept.into_iter().for_each(|k| out.push_str(&listed[k].1));
                out.push('\n');
            }
        }
        out + &written.join("\n")
    }

    /// The definitions that some orders read, directly or by others: what is defined later reads what is before it.
    fn read(&self, orders: &[String]) -> (Vec<usize>, Vec<usize>) {
        let words = |text: &str, known: &mut FxHashSet<String>| {
            let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
            known.extend(words.map(str::to_owned));
        };
        let (mut named, mut letters, mut read) = (Vec::new(), Vec::new(), orders.concat());
        for (k, (letter, lines)) in self.derivatives.iter().enumerate().rev() {
            if read.contains(letter.as_str()) {
                letters.push(k);
                read.push_str(lines);
            }
        }
        let mut known = FxHashSet::default();
        words(&read, &mut known);
        for (k, (name, statement)) in self.lets.iter().enumerate().rev() {
            if known.contains(name) {
                named.push(k);
                words(statement, &mut known);
            }
        }
        named.reverse();
        letters.reverse();
        (named, letters)
    }
}

/// The symbols of ours that are written in another way here than where nothing is in theirs, each by its letter.
fn used(formulas: &Formulas) -> String {
    let symbols = &formulas.spelling.symbols;
    let occurs = |symbol: &Symbol| {
        let restored = symbols.restored(*symbol);
        let written = |letter: &Formula| text(letter, symbols) != text(letter, &restored);
        *symbol == Symbol::Field || formulas.derivatives.iter().any(|(letter, _)| written(letter))
    };
    let plain = Symbols::default();
    symbols.changed().filter(occurs).map(|symbol| plain.letter(symbol)).collect()
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

/// The entries of a list, rows on lines of their own where not all fits on one.
fn write_list(out: &mut String, list: &str, column: usize) -> usize {
    let Some(inner) = list.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return write_long(out, list, column, column + 2);
    };
    let length = list.chars().count();
    if column + length <= WIDTH {
        out.push_str(list);
        return column + length;
    }
    out.push('[');
    let indent = column + 1;
    let mut column = indent;
    for (at, entry) in entries(inner).into_iter().enumerate() {
        if at > 0 {
            out.push(',');
            // With the comma or bracket behind it.
            let fits = column + 2 + entry.chars().count() < WIDTH;
            if fits && !entry.starts_with('[') {
                out.push(' ');
                column += 2;
            } else {
                let _ = write!(out, "\n{:indent$}", "");
                column = indent;
            }
        }
        column = write_list(out, entry, column);
    }
    out.push(']');
    column + 1
}

/// What stands between commas that are inside of no brackets.
fn entries(list: &str) -> Vec<&str> {
    let (mut all, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth -= 1,
            ',' if depth == 0 => {
                all.push(list[start..at].trim_start());
                start = at + 1;
            }
            _ => {}
        }
    }
    all.push(list[start..].trim_start());
    all
}

/// A label and the terms behind it, in lines.
fn write_terms(out: &mut String, label: &str, formula: &Formula, symbols: &Symbols) {
    let indent = label.chars().count().min(super::WIDEST);
    out.push_str(label);
    let whole = text(formula, symbols);
    if whole.starts_with('[') {
        write_list(out, &whole, indent);
        out.push('\n');
        return;
    }
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
    fn orders_that_do_not_fit_are_counted() {
        let formulas = Formulas::new(&example::concrete(), &[]);
        let (whole, orders) = (concrete(&formulas), formulas.orders.len());
        assert_eq!(concrete_within(&formulas, orders, whole.lines().count(), ""), whole);
        let short = concrete_within(&formulas, orders, 3, "--order N, ");
        assert!(short.starts_with("f_0"), "{short}");
        assert!(short.contains("\n\nleft out: f_1 to f_"), "{short}");
        assert!(short.contains(" lines); ") && short.ends_with("--order N, --verbose and JSON have them\n"), "{short}");
        let none = concrete_within(&formulas, 41, 0, "");
        assert!(none.starts_with("left out: f_0 to f_40 (more than "), "{none}");
    }

    /// Rows of a matrix stand below each other where they do not fit, and entries break at commas.
    #[test]
    fn matrices_break_at_rows() {
        let row = |letter: &str| {
            format!(
                "[{}]",
                std::iter::repeat_n(format!("{letter}[0, 1]*f({letter}, 2)"), 4).collect::<Vec<_>>().join(", ")
            )
        };
        let mut out = String::new();
        write_list(&mut out, &format!("[{}, {}]", row("a"), row("b")), 10);
        assert_eq!(out, format!("[{},\n{:11}{}]", row("a"), "", row("b")));
        let mut short = String::new();
        write_list(&mut short, "[[1, x], [y, 2]]", 10);
        assert_eq!(short, "[[1, x], [y, 2]]");
        let mut long = String::new();
        write_list(&mut long, &format!("[{}]", ["abcdefgh"; 12].join(", ")), 0);
        assert!(long.lines().count() == 2 && long.lines().all(|line| line.len() <= WIDTH), "{long}");
    }

    /// Without an order its definitions are not there either, and those of others are.
    #[test]
    fn definitions_are_those_that_are_read() {
        let orders = ["f_0: -E'\n", "f_1: s2*E'' + s1\n"].map(str::to_owned).to_vec();
        let listed = |all: &[(&str, &str)]| {
            all.iter().map(|(name, value)| ((*name).to_owned(), format!("  {name} = {value}\n"))).collect()
        };
        let parts = Parts {
            sentence: None,
            lets: listed(&[("s1", "tanh(x)"), ("s2", "exp(x)"), ("s12", "s2^2")]),
            derivatives: listed(&[("E'", "s12"), ("E''", "s1*E'")]),
            orders,
        };
        let first = "shared subterms\n  s2 = exp(x)\n  s12 = s2^2\n\nderivatives\n  E' = s12\n\nf_0: -E'\n";
        assert_eq!(parts.text(1), first);
        assert!(parts.text(2).contains("s1 = tanh(x)"));
    }
}
