//! Reads an author's LaTeX.

use super::build::{Row, Whole};
use super::commands::{
    ACCENTS, CLOSING, ENVIRONMENTS, FONTS, FRACTIONS, FUNCTIONS, LARGE, OPENING, PAIRS, PRODUCTS, REFUSED, RELATIONS,
    SIZES, SPACES, SWITCHES, TEXT, WORDS,
};
use super::preamble::closing;
use super::{DEEPEST, Definitions, Fault, LONGEST};
use std::ops::Range;

/// Where a row of symbols ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    End,
    Brace,
    Bracket,
    Right,
    Bar(&'static str),
    Environment,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Command(String),
    Char(char),
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    definitions: &'a Definitions,
    depth: usize,
    /// Where all this came from, if it is the body of a definition.
    origin: Option<Range<usize>>,
    /// What may still be written out.
    budget: &'a mut usize,
    /// Whether this is a script, in which signs may stand alone.
    script: bool,
}

pub(super) fn read(text: &str, definitions: &Definitions) -> Result<Whole, Fault> {
    let mut budget = LONGEST;
    let mut reader = Reader { text, at: 0, definitions, depth: 0, origin: None, budget: &mut budget, script: false };
    reader.row(Stop::End, 0)
}

impl Reader<'_> {
    fn fault(&self, span: Range<usize>, message: impl Into<String>) -> Fault {
        let message = message.into();
        match &self.origin {
            Some(origin) => Fault::new(origin.clone(), format!("in what this stands for, {message}")),
            None => Fault::new(span, message),
        }
    }

    fn skip(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '~']).len();
    }

    /// The next token and where it ends.
    fn peek(&mut self) -> Result<Option<(Token, usize)>, Fault> {
        self.skip();
        let rest = &self.text[self.at..];
        let Some(c) = rest.chars().next() else { return Ok(None) };
        if c != '\\' {
            return Ok(Some((Token::Char(c), self.at + c.len_utf8())));
        }
        let name = &rest[1..];
        let letters = name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len());
        let length = if letters > 0 { letters } else { name.chars().next().map_or(0, char::len_utf8) };
        if length == 0 {
            return Err(self.fault(self.at..self.at + 1, "nothing stands behind the backslash"));
        }
        Ok(Some((Token::Command(name[..length].to_owned()), self.at + 1 + length)))
    }

    fn row(&mut self, stop: Stop, opened: usize) -> Result<Whole, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.fault(opened..opened + 1, "this stands too deep in others"));
        }
        let whole = self.gather(stop, opened);
        self.depth -= 1;
        whole
    }

    fn gather(&mut self, stop: Stop, opened: usize) -> Result<Whole, Fault> {
        let mut row = Row::default();
        let mut sign = 0..0;
        loop {
            let Some((token, end)) = self.peek()? else {
                if stop != Stop::End {
                    let width = self.text[opened..].chars().next().map_or(0, char::len_utf8);
                    return Err(self.fault(opened..opened + width, "this is not closed"));
                }
                break;
            };
            let start = self.at;
            let span = start..end;
            let name = match &token {
                Token::Command(name) => name.as_str(),
                Token::Char(_) => "",
            };
            let closes = match (&token, stop) {
                (Token::Char('}'), Stop::Brace) => true,
                (Token::Char(')' | ']'), Stop::Bracket) => true,
                (_, Stop::Bracket) => CLOSING.contains(&name),
                (Token::Char('|'), Stop::Bar("|")) => true,
                (_, Stop::Bar("\\|")) => name == "|",
                (_, Stop::Right) => name == "right",
                (_, Stop::Environment) => name == "end",
                _ => false,
            };
            if closes {
                break;
            }
            match &token {
                Token::Char('}' | ')' | ']') => return Err(self.fault(span, "this bracket closes none")),
                _ if CLOSING.contains(&name) || name == "right" => {
                    return Err(self.fault(span, "this bracket closes none"));
                }
                Token::Char('+') => row.sign("+", false),
                Token::Char('-') => row.sign("-", true),
                _ if ["pm", "mp", "oplus", "ominus", "setminus"].contains(&name) => {
                    row.sign(&format!("\\{name}"), true);
                }
                Token::Char(c @ ('=' | '<' | '>' | ',' | ';' | ':')) => row.relation(c.encode_utf8(&mut [0; 4])),
                _ if RELATIONS.contains(&name) => row.relation(&format!("\\{name}")),
                Token::Char(c @ ('*' | '/')) if !self.script => {
                    self.behind(&row, &span)?;
                    row.operator(c.encode_utf8(&mut [0; 4]), *c == '/');
                }
                _ if PRODUCTS.contains(&name) && !self.script => {
                    self.behind(&row, &span)?;
                    row.operator(&format!("\\{name}"), name == "div");
                }
                _ if ["over", "choose", "atop", "brack", "brace"].contains(&name) => {
                    self.behind(&row, &span)?;
                    row.infix(&format!("\\{name}"));
                }
                Token::Char('&') if stop == Stop::Environment => row.relation("&"),
                _ if name == "\\" && stop == Stop::Environment => row.relation("\\\\"),
                Token::Char('|') if stop == Stop::Bracket && !self.has_partner(end, "|") => row.relation("|"),
                _ if SPACES.contains(&name) => {}
                _ if name == "middle" || name == "not" => {
                    self.at = end;
                    let _ = self.peek()?.map(|(_, end)| self.at = end);
                    row.relation("\\middle");
                    continue;
                }
                _ if SWITCHES.contains(&name) => row.switch(),
                _ if name == "color" => {
                    self.at = end;
                    self.raw(&span)?;
                    row.switch();
                    continue;
                }
                _ => {
                    self.one(&mut row)?;
                    continue;
                }
            }
            sign = span;
            self.at = end;
        }
        if row.waits() && !self.script && stop != Stop::Environment {
            return Err(self.fault(sign, "nothing stands behind this sign"));
        }
        Ok(row.finish())
    }

    fn behind(&self, row: &Row, span: &Range<usize>) -> Result<(), Fault> {
        if row.begins() { Err(self.fault(span.clone(), "nothing stands before this sign")) } else { Ok(()) }
    }

    /// Whether there is another bar before the row ends.
    fn has_partner(&self, from: usize, bar: &str) -> bool {
        let mut depth = 0_i32;
        let mut rest = &self.text[from..];
        while let Some(c) = rest.chars().next() {
            if rest.starts_with(bar) && depth == 0 {
                return true;
            }
            let escaped = c == '\\';
            match c {
                '{' | '(' | '[' => depth += 1,
                '}' | ')' | ']' => depth -= 1,
                _ => {}
            }
            if depth < 0 {
                return false;
            }
            let step = c.len_utf8() + if escaped { rest[1..].chars().next().map_or(0, char::len_utf8) } else { 0 };
            rest = &rest[step..];
        }
        false
    }

    /// Something with its scripts.
    fn one(&mut self, row: &mut Row) -> Result<(), Fault> {
        self.skip();
        let start = self.at;
        if self.text[start..].starts_with(['_', '^', '\'']) {
            return Err(self.fault(start..start + 1, "nothing stands before this"));
        }
        let (mut item, kind) = self.atom()?;
        let (mut below, mut above) = (String::new(), String::new());
        // In braces of its own it has its scripts for itself.
        let (mut has_below, mut has_above, mut primes) = match kind {
            Kind::Written => (item.has_below, item.has_above, false),
            _ => (false, false, false),
        };
        loop {
            self.skip();
            let at = self.at;
            let Some(c) = self.text[at..].chars().next().filter(|c| ['_', '^', '\''].contains(c)) else { break };
            let twice = |what| self.fault(at..at + 1, format!("this is a second {what}, which LaTeX refuses"));
            match c {
                '_' if has_below => return Err(twice("subscript")),
                '^' if has_above && !primes => return Err(twice("exponent")),
                '\'' if has_above => return Err(twice("exponent")),
                _ => {}
            }
            self.at += 1;
            if c == '\'' {
                while self.text[self.at..].starts_with('\'') {
                    self.at += 1;
                    above.push('\'');
                }
                (has_above, primes) = (true, true);
                above.push('\'');
                item.shown.push('\'');
                continue;
            }
            let script = self.argument(at..at + 1, true)?;
            item.shown.push_str(&script.shown);
            if c == '_' {
                has_below = true;
                below = script.key;
            } else {
                (has_above, primes) = (true, false);
                above.push_str(&script.key);
            }
        }
        for (sign, script) in [('_', below), ('^', above)] {
            if !script.is_empty() {
                item.key.push_str(&format!("{sign}{{{script}}}"));
            }
        }
        item.has_below |= has_below;
        item.has_above |= has_above;
        if has_above && item.binding == crate::formula::Binding::Atom {
            item.binding = crate::formula::Binding::Power;
        }
        match kind {
            Kind::Function => row.function(item),
            Kind::Bracketed => row.item(item, true),
            _ => row.item(item, false),
        }
        Ok(())
    }

    /// What belongs to a command or a script: a group, or one symbol.
    fn argument(&mut self, of: Range<usize>, script: bool) -> Result<Whole, Fault> {
        let missing =
            |reader: &Self| reader.fault(of.clone(), "nothing stands behind this").expecting("braces, as in `{x}`");
        let Some((token, end)) = self.peek()? else { return Err(missing(self)) };
        let inside = self.script || script;
        let before = std::mem::replace(&mut self.script, inside);
        let opened = self.at;
        let whole = match token {
            Token::Char('{') => {
                self.at = end;
                let whole = self.row(Stop::Brace, opened);
                self.at += 1;
                whole
            }
            Token::Char('}' | ')' | ']' | '&' | '_' | '^' | '\'') if !script || token != Token::Char('\'') => {
                Err(missing(self))
            }
            // A digit alone, not the number.
            Token::Char(c) if c.is_ascii_alphanumeric() || script && "+-*/|".contains(c) => {
                self.at = end;
                Ok(Whole::symbol(c, c))
            }
            Token::Command(name) if CLOSING.contains(&name.as_str()) || name == "right" || name == "end" => {
                Err(missing(self))
            }
            Token::Command(name)
                if script && (PRODUCTS.contains(&name.as_str()) || ["pm", "mp"].contains(&name.as_str())) =>
            {
                self.at = end;
                Ok(Whole::symbol(format!("\\{name}"), "*"))
            }
            Token::Command(name)
                if !script
                    && (FONTS.contains(&name.as_str())
                        || ACCENTS.contains(&name.as_str())
                        || FRACTIONS.contains(&name.as_str())) =>
            {
                Err(self.fault(opened..end, format!("`\\{name}` needs braces around it here")))
            }
            _ => self.atom().map(|(whole, _)| whole),
        };
        self.script = before;
        whole
    }

    /// The text of a group that follows.
    fn raw(&mut self, of: &Range<usize>) -> Result<String, Fault> {
        self.skip();
        let Some(inner) = self.text[self.at..].strip_prefix('{') else {
            return Err(self.fault(of.clone(), "nothing stands behind this").expecting("braces, as in `{x}`"));
        };
        let Some(end) = closing(inner) else { return Err(self.fault(self.at..self.at + 1, "this is not closed")) };
        let group = inner[..end].to_owned();
        self.at += end + 2;
        Ok(group)
    }

    fn atom(&mut self) -> Result<(Whole, Kind), Fault> {
        let start = self.at;
        let Some((token, end)) = self.peek()? else {
            return Err(self.fault(start..start, "nothing stands here"));
        };
        let start = self.at;
        self.at = end;
        let span = start..end;
        match token {
            Token::Command(name) => self.command(&name, span),
            Token::Char('{') => {
                let whole = self.row(Stop::Brace, start)?;
                self.at += 1;
                Ok((whole, Kind::Grouped))
            }
            Token::Char(c @ ('(' | '[')) => self.bracketed(Stop::Bracket, start, c.encode_utf8(&mut [0; 4])),
            Token::Char('|') => self.bracketed(Stop::Bar("|"), start, "|"),
            Token::Char(c) if c.is_ascii_digit() => {
                let rest = &self.text[start..];
                let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                self.at = start + length;
                Ok((Whole::symbol(&rest[..length], &rest[..length]), Kind::Written))
            }
            Token::Char(c) => {
                let wrong = match c {
                    '$' | '&' => "this ends the formula that the letter stands in",
                    '%' => "this begins a comment of LaTeX",
                    '#' => "this stands for an argument, and here is none",
                    c if c.is_control() => "a control character",
                    c if !c.is_ascii() && !self.definitions.unicode => {
                        return Err(self
                            .fault(span, format!("LaTeX has no `{c}` in formulas"))
                            .expecting("a command, as `\\lambda` for λ"));
                    }
                    _ => return Ok((Whole::symbol(c, c), Kind::Written)),
                };
                Err(self.fault(span, wrong))
            }
        }
    }

    fn bracketed(&mut self, stop: Stop, start: usize, mark: &str) -> Result<(Whole, Kind), Fault> {
        let before = std::mem::replace(&mut self.script, false);
        let inner = self.row(stop, start)?;
        self.script = before;
        self.at = self.peek()?.map_or(self.at, |(_, end)| end);
        let (key, shown) = (format!("{mark}{})", inner.key), format!("({})", inner.shown));
        Ok((inner.enclosed(key, shown), Kind::Bracketed))
    }

    fn command(&mut self, name: &str, span: Range<usize>) -> Result<(Whole, Kind), Fault> {
        if let Some((count, body)) = self.definitions.bodies.get(name) {
            return self.defined(*count, body.clone(), span);
        }
        let own = format!("\\{name}");
        if FONTS.contains(&name) {
            let inner = self.argument(span, false)?;
            let letters = inner.shown.chars().filter(char::is_ascii_alphabetic).count();
            let word = WORDS.contains(&name) && inner.shown.chars().all(|c| c.is_ascii_alphanumeric());
            let key = format!("{own}{{{}}}", inner.key);
            let whole = match word {
                true => Whole { is_wide: letters > 1, ..Whole::symbol(key, inner.shown) },
                false => Whole { key, ..inner },
            };
            return Ok((whole, Kind::Grouped));
        }
        if TEXT.contains(&name) {
            let text = self.raw(&span)?;
            if text.contains('#') && !text.contains("\\#") || text.contains('%') && !text.contains("\\%") {
                return Err(self.fault(span, "in this text stands what LaTeX does not print"));
            }
            return Ok((
                Whole { is_wide: text.len() > 1, ..Whole::symbol(format!("{own}{{{text}}}"), text) },
                Kind::Grouped,
            ));
        }
        if ACCENTS.contains(&name) {
            if name == "sqrt" && self.text[self.at..].trim_start().starts_with('[') {
                self.skip();
                let start = self.at;
                self.at += 1;
                self.bracketed(Stop::Bracket, start, "[")?;
            }
            let inner = self.argument(span, false)?;
            let (key, shown) = (format!("{own}{{{}}}", inner.key), inner.shown.clone());
            let tall = inner.is_tall || name == "sqrt";
            return Ok((Whole { is_tall: tall, ..inner.enclosed(key, shown) }, Kind::Grouped));
        }
        if FRACTIONS.contains(&name) || PAIRS.contains(&name) {
            let (above, below) = (self.argument(span.clone(), false)?, self.argument(span, false)?);
            let shown = if above.shown.len() > below.shown.len() { above.shown } else { below.shown };
            let key = format!("{own}{{{}}}{{{}}}", above.key, below.key);
            let binding = match FRACTIONS.contains(&name) {
                true => crate::formula::Binding::Product,
                false => crate::formula::Binding::Atom,
            };
            return Ok((Whole { binding, is_tall: true, first: '\\', ..Whole::symbol(key, shown) }, Kind::Grouped));
        }
        if name == "textcolor" || name == "mathcolor" {
            let color = self.raw(&span)?;
            let inner = self.argument(span, false)?;
            let key = format!("{own}{{{color}}}{{{}}}", inner.key);
            return Ok((Whole { key, ..inner }, Kind::Grouped));
        }
        if FUNCTIONS.contains(&name) {
            let mut shown = name.to_owned();
            let mut key = own;
            if name == "operatorname" {
                if self.text[self.at..].starts_with('*') {
                    self.at += 1;
                }
                shown = self.raw(&span)?;
                key = format!("{key}{{{shown}}}");
            }
            return Ok((Whole { first: '\\', ..Whole::symbol(key, shown) }, Kind::Function));
        }
        if LARGE.contains(&name) {
            return Ok((Whole { is_tall: true, is_open: true, ..Whole::symbol(own, "MM") }, Kind::Function));
        }
        if SIZES.contains(&name) {
            return self.atom();
        }
        if OPENING.contains(&name) {
            return self.bracketed(Stop::Bracket, span.start, &own);
        }
        if name == "|" {
            return self.bracketed(Stop::Bar("\\|"), span.start, "\\|");
        }
        if name == "left" {
            self.at = self.peek()?.map_or(self.at, |(_, end)| end);
            let before = std::mem::replace(&mut self.script, false);
            let inner = self.row(Stop::Right, span.start)?;
            self.script = before;
            self.at = self.peek()?.map_or(self.at, |(_, end)| end);
            let Some((_, end)) = self.peek()? else {
                return Err(self.fault(span, "behind its `\\right` stands no bracket"));
            };
            self.at = end;
            let (key, shown) = (format!("({})", inner.key), format!("({})", inner.shown));
            return Ok((Whole { is_tall: true, ..inner.enclosed(key, shown) }, Kind::Bracketed));
        }
        if name == "begin" {
            return self.environment(span);
        }
        if name == "end" || REFUSED.contains(&name) || name == "\\" || name == "#" && self.origin.is_some() {
            let message = match name {
                "\\" => "a letter has no lines".to_owned(),
                "end" => "this ends what the formula stands in".to_owned(),
                _ => format!("`\\{name}` cannot stand in a letter"),
            };
            return Err(self.fault(span, message));
        }
        if PRODUCTS.contains(&name) || SPACES.contains(&name) {
            return Ok((Whole::symbol(own, "*"), Kind::Grouped));
        }
        // Any other is a symbol, with what belongs to it.
        let mut whole = Whole::symbol(own, "∇");
        while self.text[self.at..].starts_with('{') {
            let inner = self.argument(span.clone(), false)?;
            whole.key = format!("{}{{{}}}", whole.key, inner.key);
            whole.shown = inner.shown;
        }
        Ok((Whole { first: '\\', ..whole }, Kind::Grouped))
    }

    /// What an author's own command stands for.
    fn defined(&mut self, count: usize, body: String, span: Range<usize>) -> Result<(Whole, Kind), Fault> {
        let mut text = body;
        for n in 1..=count {
            self.skip();
            let from = self.at;
            let argument = if self.text[from..].starts_with('{') {
                self.raw(&span)?
            } else {
                let _ = self.argument(span.clone(), false)?;
                self.text[from..self.at].to_owned()
            };
            text = text.replace(&format!("#{n}"), &argument);
        }
        let origin = self.origin.clone().unwrap_or(span.clone());
        if self.depth > DEEPEST || text.len() > *self.budget {
            return Err(self.fault(span, "what this stands for is too long, or stands for itself"));
        }
        *self.budget -= text.len();
        let whole = {
            let (definitions, depth, script) = (self.definitions, self.depth + 1, self.script);
            let budget = &mut *self.budget;
            let mut inner = Reader { text: &text, at: 0, definitions, depth, origin: Some(origin), budget, script };
            inner.row(Stop::End, 0)?
        };
        Ok((whole, Kind::Written))
    }

    fn environment(&mut self, span: Range<usize>) -> Result<(Whole, Kind), Fault> {
        let name = self.raw(&span)?;
        if !ENVIRONMENTS.contains(&name.as_str()) {
            return Err(self.fault(span.start..self.at, format!("`{name}` does not stand in a formula")));
        }
        if name == "array" {
            self.raw(&span)?;
        }
        let before = std::mem::replace(&mut self.script, false);
        let inner = self.row(Stop::Environment, span.start)?;
        self.script = before;
        let end = self.at;
        self.at = self.peek()?.map_or(self.at, |(_, end)| end);
        let ended = self.raw(&span)?;
        if ended != name {
            return Err(self.fault(end..self.at, format!("this ends `{ended}`, and `{name}` was begun")));
        }
        let key = format!("\\begin{{{name}}}{}", inner.key);
        let whole = Whole { is_tall: true, ..inner.clone().enclosed(key, inner.shown) };
        // With brackets of their own, and those without.
        let own = !["matrix", "smallmatrix", "array", "cases", "aligned", "gathered", "split"].contains(&name.as_str());
        Ok((whole, if own { Kind::Bracketed } else { Kind::Grouped }))
    }
}

/// What an atom is to its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Written out, so that its scripts are those of what it ends with.
    Written,
    /// One thing.
    Grouped,
    /// In brackets, which may be the argument of what stands before.
    Bracketed,
    /// A function, whose argument follows.
    Function,
}
