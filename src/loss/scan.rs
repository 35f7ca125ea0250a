//! The first pass: one linear walk that checks characters and brackets and cuts a text into statements.

use super::syntax::{KEYWORDS, Span};
use super::{LossError, LossErrorKind, LossErrors, Options, hints};
use rustc_hash::FxHashSet;

/// A statement's text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) span: Span,
    /// How deep its brackets nest.
    pub(super) depth: usize,
    /// Whether an error in it was reported already.
    pub(super) broken: bool,
}

/// Cuts a text into statements.
pub(super) fn scan(source: &str, options: &Options, errors: &mut Vec<LossError>) -> Vec<Piece> {
    let mut scanner = Scanner {
        source,
        options,
        errors,
        pieces: Vec::new(),
        open: Vec::new(),
        current: None,
        deepest: 0,
        broken: false,
        seen: FxHashSet::default(),
        said: FxHashSet::default(),
    };
    scanner.run();
    scanner.pieces
}

struct Scanner<'a> {
    source: &'a str,
    options: &'a Options,
    errors: &'a mut Vec<LossError>,
    pieces: Vec<Piece>,
    open: Vec<(char, usize)>,
    /// Start of the statement's first and end of its last word.
    current: Option<(usize, usize)>,
    deepest: usize,
    broken: bool,
    /// Characters of this statement that are wrong, and what to do about them, each said once: both bars of `|x|` are wrong for one
    /// reason.
    seen: FxHashSet<char>,
    said: FxHashSet<String>,
}

impl Scanner<'_> {
    fn fail(&mut self, error: LossError) {
        self.broken = true;
        if self.errors.len() < LossErrors::MAX {
            self.errors.push(error);
        }
    }

    fn run(&mut self) {
        let mut at = 0;
        while let Some(c) = self.source[at..].chars().next() {
            if self.errors.len() >= LossErrors::MAX {
                self.open.clear();
                break;
            }
            let next = at + c.len_utf8();
            match c {
                '\n' => {
                    if self.open.is_empty() || self.statement_starts(next) {
                        self.finish();
                    }
                }
                ' ' | '\t' => {}
                '\r' if self.source[next..].starts_with('\n') => {}
                '#' => {
                    let end = self.source[at..].find('\n').map_or(self.source.len(), |n| at + n);
                    self.check_controls(at, end);
                    at = end;
                    continue;
                }
                '"' => {
                    let line = self.source[next..].find('\n').map_or(self.source.len(), |n| next + n);
                    let end = match self.source[next..line].find('"') {
                        Some(n) => next + n + 1,
                        None => {
                            self.fail(LossError::new(at..next, LossErrorKind::Unclosed('"')));
                            // The brackets that it swallowed are not missing.
                            self.open.clear();
                            line
                        }
                    };
                    self.check_controls(next, end);
                    self.word(at, end);
                    at = end;
                    continue;
                }
                '(' | '[' => {
                    self.word(at, next);
                    self.open.push((c, at));
                    self.deepest = self.deepest.max(self.open.len());
                    if self.open.len() == self.options.max_depth + 1 {
                        let limit = self.options.max_depth;
                        self.fail(
                            LossError::new(at..next, LossErrorKind::TooDeep { limit })
                                .help("name parts of the expression with `let`"),
                        );
                    }
                }
                ')' | ']' => {
                    self.word(at, next);
                    self.close(c, at);
                }
                _ => {
                    self.word(at, next);
                    self.check_character(c, at);
                }
            }
            at = next;
        }
        self.finish();
    }

    fn word(&mut self, start: usize, end: usize) {
        self.current = Some((self.current.map_or(start, |(first, _)| first), end));
    }

    fn close(&mut self, close: char, at: usize) {
        let span = at..at + 1;
        match self.open.pop() {
            Some(('(', _)) if close == ')' => {}
            Some(('[', _)) if close == ']' => {}
            Some((open, opened)) => {
                let place = self.line_of(opened);
                self.fail(
                    LossError::new(span, LossErrorKind::Mismatched { open, close })
                        .note(format!("`{open}` was opened {place}")),
                );
            }
            None => self.fail(LossError::new(span, LossErrorKind::Unopened(close))),
        }
    }

    fn line_of(&self, at: usize) -> String {
        let before = &self.source[..at];
        let start = before.rfind('\n').map_or(0, |n| n + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        format!("at {line}:{}", before[start..].chars().count() + 1)
    }

    /// Whether the line at `at` starts with a statement's word, which no expression contains.
    fn statement_starts(&self, at: usize) -> bool {
        let line = self.source[at..].trim_start_matches([' ', '\t']);
        let word = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(line, |end| &line[..end]);
        KEYWORDS.contains(&word)
    }

    /// Ends the statement, at a line's end or the text's.
    fn finish(&mut self) {
        if let Some((open, at)) = self.open.last().copied() {
            self.fail(
                LossError::new(at..at + 1, LossErrorKind::Unclosed(open))
                    .label("this bracket is never closed")
                    .help(format!("expected a `{}`", if open == '(' { ')' } else { ']' })),
            );
        }
        if let Some((start, end)) = self.current {
            let limit = self.options.max_statement;
            if end - start > limit {
                self.fail(LossError::new(start..start, LossErrorKind::StatementTooLong { limit }));
            }
            self.pieces.push(Piece { span: Span::new(start, end), depth: self.deepest, broken: self.broken });
        }
        self.open.clear();
        self.current = None;
        self.deepest = 0;
        self.broken = false;
        self.seen.clear();
        self.said.clear();
    }

    fn check_controls(&mut self, start: usize, end: usize) {
        let source = self.source;
        let line = source[start..end].strip_suffix('\r').unwrap_or(&source[start..end]);
        let broken = self.broken;
        for (at, c) in line.char_indices() {
            if c.is_control() && c != '\t' {
                self.control(c, start + at);
            }
        }
        // A comment's characters do not make its statement wrong.
        self.broken = broken;
    }

    fn control(&mut self, c: char, at: usize) {
        let span = at..at + c.len_utf8();
        self.fail(LossError::new(span, LossErrorKind::ControlCharacter(format!("U+{:04X}", u32::from(c)))));
    }

    fn check_character(&mut self, c: char, at: usize) {
        if c.is_ascii_alphanumeric() || "_+-*/@^',.=".contains(c) {
            return;
        }
        if c.is_control() {
            return self.control(c, at);
        }
        if !self.seen.insert(c) {
            self.broken = true;
            return;
        }
        let start = self.current.map_or(at, |(first, _)| first);
        let before = &self.source[start..at];
        let after = &self.source[at + c.len_utf8()..];
        let in_brackets = self.open.last().is_some_and(|(open, _)| *open == '[');
        let help = hints::of_character(c, before, after, in_brackets);
        if !self.said.insert(help.clone()) {
            self.broken = true;
            return;
        }
        let shown = if c.is_whitespace() || !c.is_alphanumeric() && !c.is_ascii() {
            format!("U+{:04X}", u32::from(c))
        } else {
            format!("`{c}`")
        };
        self.fail(LossError::new(at..at + c.len_utf8(), LossErrorKind::UnexpectedCharacter(shown)).help(help));
    }
}
