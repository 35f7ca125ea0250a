//! Reads an author's Typst.

use super::build::{Row, Whole};
use super::{DEEPEST, Definitions, Fault, LONGEST};
use crate::formula::Binding;
use std::ops::Range;

/// Functions that set what they hold in another font.
const FONTS: [&str; 13] =
    ["cal", "bb", "frak", "bold", "upright", "italic", "sans", "mono", "serif", "scr", "display", "inline", "script"];
const FUNCTIONS: [&str; 30] = [
    "log", "ln", "lg", "exp", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "arcsin",
    "arccos", "arctan", "arg", "det", "dim", "deg", "gcd", "ker", "max", "min", "sup", "inf", "lim", "limsup", "Pr",
];
const LARGE: [&str; 5] = ["sum", "product", "integral", "union.big", "sect.big"];
const RELATIONS: [&str; 9] = ["in", "approx", "equiv", "tilde", "prop", "arrow", "arrow.r", "subset", "mid"];
const PRODUCTS: [&str; 6] = ["dot", "dot.c", "times", "compose", "ast", "star"];
const SIGNS: [&str; 3] = ["plus", "minus", "plus.minus"];
const SPACES: [&str; 5] = ["thin", "med", "thick", "quad", "wide"];

/// Takes in a definition.
pub(super) fn define(definitions: &mut Definitions, line: &str) -> Result<(), Fault> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let (mut escaped, mut quoted) = (false, None);
    for (at, c) in line.char_indices() {
        match c {
            _ if std::mem::replace(&mut escaped, false) => {}
            '\\' => escaped = true,
            '"' => quoted = if quoted.is_some() { None } else { Some(at) },
            _ if quoted.is_some() => {}
            '(' | '[' | '{' => open.push((at, c)),
            ')' | ']' | '}' if open.pop().is_none() => {
                return Err(Fault::new(at..at + 1, "this bracket closes none"));
            }
            _ => {}
        }
    }
    if let Some(at) = quoted.or_else(|| open.pop().map(|(at, _)| at)) {
        return Err(Fault::new(at..at + 1, "this is not closed"));
    }
    let Some((name, body)) = line.strip_prefix("#let ").and_then(|rest| rest.split_once('=')) else { return Ok(()) };
    let (name, body) = (name.trim(), body.trim().trim_end_matches(';').trim_end());
    let formula = body.strip_prefix('$').and_then(|body| body.strip_suffix('$'));
    if let Some(formula) = formula.filter(|_| name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')) {
        definitions.bodies.insert(name.to_owned(), (0, formula.trim().to_owned()));
    }
    Ok(())
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    definitions: &'a Definitions,
    depth: usize,
    origin: Option<Range<usize>>,
    budget: &'a mut usize,
    script: bool,
}

pub(super) fn read(text: &str, definitions: &Definitions) -> Result<Whole, Fault> {
    let mut budget = LONGEST;
    let mut reader = Reader { text, at: 0, definitions, depth: 0, origin: None, budget: &mut budget, script: false };
    reader.row(None)
}

impl Reader<'_> {
    fn fault(&self, span: Range<usize>, message: impl Into<String>) -> Fault {
        match &self.origin {
            Some(origin) => Fault::new(origin.clone(), format!("in what this stands for, {}", message.into())),
            None => Fault::new(span, message),
        }
    }

    fn skip(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn char(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// What ends a row, and where it was opened; `None` at the end of the text.
    fn row(&mut self, opened: Option<usize>) -> Result<Whole, Fault> {
        let mut row = Row::default();
        let mut sign = 0..0;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.fault(self.at..self.at, "this stands too deep in others"));
        }
        loop {
            self.skip();
            let start = self.at;
            let Some(c) = self.char() else {
                if let Some(at) = opened {
                    return Err(self.fault(at..at + 1, "this is not closed"));
                }
                break;
            };
            let span = start..start + c.len_utf8();
            let rest = &self.text[start..];
            match c {
                ')' | ']' | '}' if opened.is_some() => break,
                ')' | ']' | '}' => return Err(self.fault(span, "this bracket closes none")),
                '$' | '&' => return Err(self.fault(span, "this ends the formula that the letter stands in")),
                '/' if rest.starts_with("//") || rest.starts_with("/*") => {
                    return Err(self.fault(span, "this begins a comment of Typst"));
                }
                '\\' if rest[1..].chars().next().is_none_or(char::is_whitespace) => {
                    return Err(self.fault(span, "a letter has no lines"));
                }
                c if c.is_control() => return Err(self.fault(span, "a control character")),
                '_' | '^' | '\'' | '!' => return Err(self.fault(span, "nothing stands before this")),
                '+' | '±' | '∓' => row.sign("+", c != '+'),
                '-' | '−' => {
                    if rest.starts_with("->") {
                        row.relation("->");
                        self.at += 1;
                    } else {
                        row.sign("-", true);
                    }
                }
                ',' | ';' | '=' | '<' | '>' | ':' => row.relation(&c.to_string()),
                '*' | '/' | '·' | '×' => {
                    if row.begins() && !self.script {
                        return Err(self.fault(span, "nothing stands before this sign"));
                    }
                    row.operator(&c.to_string(), c == '/');
                }
                _ => {
                    self.one(&mut row)?;
                    continue;
                }
            }
            sign = span;
            self.at += c.len_utf8();
        }
        self.depth -= 1;
        if row.waits() && opened.is_none() && !self.script {
            return Err(self.fault(sign, "nothing stands behind this sign"));
        }
        Ok(row.finish())
    }

    fn one(&mut self, row: &mut Row) -> Result<(), Fault> {
        let (mut item, bracketed, function) = self.atom(row)?;
        let (mut below, mut above) = (String::new(), String::new());
        let (mut has_below, mut has_above) = (false, false);
        // A script may stand behind a space.
        loop {
            self.skip();
            let at = self.at;
            let Some(c) = self.char().filter(|c| "_^'!".contains(*c)) else { break };
            self.at += 1;
            if c == '\'' || c == '!' {
                has_above = true;
                above.push(c);
                item.shown.push(c);
                continue;
            }
            if c == '_' && has_below || c == '^' && has_above && !above.starts_with('\'') {
                return Err(self.fault(at..at + 1, "this is a second script of one kind"));
            }
            self.skip();
            let script = std::mem::replace(&mut self.script, true);
            let inner = match self.char() {
                Some('(') => {
                    let opened = self.at;
                    self.at += 1;
                    let inner = self.row(Some(opened))?;
                    self.at += 1;
                    inner
                }
                Some(c) if !")]},;&$_^'/".contains(c) && !c.is_control() => {
                    if "+-*=<>".contains(c) {
                        self.at += 1;
                        Whole::symbol(c, c)
                    } else {
                        self.atom(&Row::default())?.0
                    }
                }
                _ => {
                    return Err(self
                        .fault(at..at + 1, "nothing stands behind this")
                        .expecting("a letter, or several in brackets"));
                }
            };
            self.script = script;
            item.shown.push_str(&inner.shown);
            if c == '_' {
                has_below = true;
                below = inner.key;
            } else {
                has_above = true;
                above.push_str(&inner.key);
            }
        }
        for (sign, script) in [('_', below), ('^', above)] {
            if !script.is_empty() {
                item.key.push_str(&format!("{sign}({script})"));
            }
        }
        item.has_below |= has_below;
        item.has_above |= has_above;
        if has_above && item.binding == Binding::Atom {
            item.binding = Binding::Power;
        }
        if function {
            row.function(item);
        } else {
            row.item(item, bracketed);
        }
        Ok(())
    }

    /// Something, with whether it is in brackets, and whether it is a function that waits for its argument.
    fn atom(&mut self, row: &Row) -> Result<(Whole, bool, bool), Fault> {
        let start = self.at;
        let rest = &self.text[start..];
        let Some(c) = rest.chars().next() else { return Err(self.fault(start..start, "nothing stands here")) };
        let symbol = |key: &str| (Whole::symbol(key, key), false, false);
        match c {
            '(' | '[' | '{' => {
                self.at += 1;
                let script = std::mem::replace(&mut self.script, false);
                let inner = self.row(Some(start))?;
                self.script = script;
                self.at += 1;
                let (key, shown) = (format!("{c}{})", inner.key), format!("({})", inner.shown));
                Ok((inner.enclosed(key, shown), true, false))
            }
            '|' => {
                self.at += 1;
                Ok(symbol("|"))
            }
            '"' => {
                let Some(end) = string_end(rest) else {
                    return Err(self.fault(start..start + 1, "this is not closed"));
                };
                self.at += end;
                let text = rest[1..end - 1].to_owned();
                Ok((Whole { is_wide: text.chars().count() > 1, ..Whole::symbol(&rest[..end], text) }, false, false))
            }
            '\\' => {
                let end = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                self.at += end;
                Ok(symbol(&rest[..end]))
            }
            '#' => {
                let inner =
                    rest[1..].find(|c: char| !c.is_alphanumeric() && !"_-.".contains(c)).map_or(rest.len(), |n| n + 1);
                if inner == 1 {
                    return Err(self.fault(start..start + 1, "nothing stands behind this"));
                }
                self.at += inner;
                let key = rest[..inner].to_owned();
                let arguments = self.arguments()?;
                Ok((Whole::symbol(format!("{key}{arguments}"), "M"), false, false))
            }
            c if c.is_ascii_digit() => {
                let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                self.at += length;
                Ok(symbol(&rest[..length]))
            }
            c if c.is_alphabetic() => self.word(row),
            c => {
                self.at += c.len_utf8();
                Ok(symbol(&c.to_string()))
            }
        }
    }

    /// The brackets that follow at once, as they are typed.
    fn arguments(&mut self) -> Result<String, Fault> {
        let from = self.at;
        while let Some('(' | '[') = self.char() {
            let opened = self.at;
            self.at += 1;
            self.row(Some(opened))?;
            self.at += 1;
        }
        Ok(self.text[from..self.at].to_owned())
    }

    /// An identifier, with its arguments if it is a function.
    fn word(&mut self, row: &Row) -> Result<(Whole, bool, bool), Fault> {
        let start = self.at;
        let rest = &self.text[start..];
        let mut length = 0;
        for (at, c) in rest.char_indices() {
            let dot = c == '.' && length > 1 && rest[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic());
            if !(c.is_alphanumeric() || dot) || at > 0 && length == 1 && !c.is_alphabetic() {
                break;
            }
            length = at + c.len_utf8();
        }
        let name = rest[..length].to_owned();
        self.at += length;
        if let Some((_, body)) = self.definitions.bodies.get(&name) {
            let origin = self.origin.clone().unwrap_or(start..start + length);
            if self.depth > DEEPEST || body.len() > *self.budget {
                return Err(self.fault(start..start + length, "what this stands for is too long, or stands for itself"));
            }
            *self.budget -= body.len();
            let mut inner = Reader {
                text: body,
                at: 0,
                definitions: self.definitions,
                depth: self.depth + 1,
                origin: Some(origin),
                budget: &mut *self.budget,
                script: self.script,
            };
            return Ok((inner.row(None)?, false, false));
        }
        let calls = name.chars().count() > 1 && self.char() == Some('(');
        if name == "op" {
            let key = format!("op{}", self.arguments()?);
            let shown = key.trim_start_matches("op(").trim_matches(['"', ')']).to_owned();
            return Ok((Whole { first: '\\', ..Whole::symbol(key, shown) }, false, true));
        }
        if FUNCTIONS.contains(&name.as_str()) {
            return Ok((Whole { first: '\\', ..Whole::symbol(&*name, &*name) }, false, true));
        }
        if LARGE.contains(&name.as_str()) {
            let large = Whole { is_tall: true, is_open: true, ..Whole::symbol(&*name, "MM") };
            return Ok((Whole { first: '\\', ..large }, false, true));
        }
        if calls {
            let opened = self.at;
            self.at += 1;
            let script = std::mem::replace(&mut self.script, false);
            let inner = self.row(Some(opened))?;
            self.script = script;
            self.at += 1;
            let key = format!("{name}({})", inner.key);
            let whole = match name.as_str() {
                font if FONTS.contains(&font) => Whole { key, ..inner },
                "frac" => {
                    Whole { binding: Binding::Product, is_tall: true, first: '\\', ..Whole::symbol(key, inner.shown) }
                }
                _ => {
                    let tall =
                        inner.is_tall || ["mat", "vec", "cases", "binom", "sqrt", "root"].contains(&name.as_str());
                    let shown = inner.shown.clone();
                    Whole { is_tall: tall, ..inner.enclosed(key, shown) }
                }
            };
            return Ok((whole, false, false));
        }
        let sign = SIGNS.contains(&name.as_str());
        if !self.script && (sign || PRODUCTS.contains(&name.as_str()) || RELATIONS.contains(&name.as_str())) {
            // As a sum, so that it is in brackets wherever it matters.
            let binding = if sign { Binding::Sum } else { Binding::Product };
            if row.begins() && !sign {
                return Err(self.fault(start..start + length, "nothing stands before this sign"));
            }
            let loose = RELATIONS.contains(&name.as_str());
            return Ok((Whole { binding, is_loose: loose, first: '-', ..Whole::symbol(name, "m") }, false, false));
        }
        if SPACES.contains(&name.as_str()) {
            return Ok((Whole::default(), false, false));
        }
        let shown = if name.chars().count() > 1 { "∇".to_owned() } else { name.clone() };
        Ok((Whole::symbol(name, shown), false, false))
    }
}

/// Where a string that begins here ends.
fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if std::mem::replace(&mut escaped, false) => {}
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}
