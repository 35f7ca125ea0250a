//! Where the lines of a sum break: before its terms, else between factors, and inside of brackets only where nothing else fits.

use crate::formula::{Break, BreakKind, Formula, Markup, Spelling, Written};
use std::ops::AddAssign;

/// A line, in thousandths of the size of the type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::render) struct Line {
    pub(in crate::render) text: String,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// How tall a line of letters is, with the space above the next.
pub(super) const HEIGHT: usize = 1550;

/// The sign of a product that begins a line.
const DOT: usize = 722;

/// What lines have room for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// The first line.
    pub(super) first: usize,
    /// Every other one.
    pub(super) rest: usize,
    /// What should fit beside the end of the last one.
    pub(super) label: usize,
}

/// What is wrong with lines, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Cost {
    /// How much they are too wide.
    over: usize,
    /// Breaks inside of brackets, the deeper the worse.
    brackets: usize,
    /// How many lines there are, and breaks between factors.
    lines: usize,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.over += other.over;
        self.brackets += other.brackets;
        self.lines += other.lines;
    }
}

/// A line; a break between factors, and between an operator and its operand; a label that has no room, more than its own line.
const LINE: usize = 8;
const FACTOR: usize = 4;
const OPERAND: usize = 7;
const ALONE: usize = 6;
/// A term that begins in the middle of a line and ends on another.
const TORN: usize = 3;

/// Terms on lines; they begin a sum or continue one.
pub(super) fn broken(
    spelling: &Spelling,
    terms: &[(bool, Formula)],
    begins: bool,
    room: Room,
    markup: Markup,
) -> Vec<Line> {
    let narrow = room.first.min(room.rest);
    let mut sum = Written::default();
    let Some((last, others)) = terms.split_last() else { return vec![Line::default()] };
    let own = |at: usize| if at == 0 { room.first } else { room.rest };
    let whole = |at: usize, term| spelling.term(term, begins && at == 0, None, markup);
    let parts = |at: usize, term| spelling.term(term, begins && at == 0, Some(narrow), markup);
    for (at, term) in others.iter().enumerate() {
        let written = whole(at, term);
        append(&mut sum, if written.width <= own(at) { written } else { parts(at, term) });
    }
    let at = others.len();
    let written = whole(at, last);
    let fits = written.width <= own(at);
    if fits && written.width + room.label <= own(at) {
        append(&mut sum, written);
        return lines(&sum, &places(&sum, room).1, markup);
    }
    // A term that fits, but not its label beside it, is broken for that if it comes cheaper.
    let mut apart = sum.clone();
    append(&mut apart, parts(at, last));
    let (cost, breaks) = places(&apart, room);
    if fits {
        append(&mut sum, written);
        let (whole, own) = places(&sum, room);
        if whole <= cost {
            return lines(&sum, &own, markup);
        }
    }
    lines(&apart, &breaks, markup)
}

/// One more term.
fn append(sum: &mut Written, term: Written) {
    let (at, width) = (sum.text.len(), sum.width);
    if at > 0 {
        sum.breaks.push(Break { at, width, kind: BreakKind::Sign, depth: 0 });
    }
    sum.breaks.extend(term.breaks.iter().map(|b| Break { at: b.at + at, width: b.width + width, ..*b }));
    sum.tall.extend(term.tall.iter().map(|(from, height)| (from + at, *height)));
    sum.text.push_str(&term.text);
    sum.width += term.width;
}

/// Where the lines break at the least cost, and that; of what costs the same, where the first lines are the fullest.
fn places(sum: &Written, room: Room) -> (Cost, Vec<Break>) {
    let end = sum.breaks.len() + 1;
    let before = |k: usize| sum.breaks.get(k.wrapping_sub(1));
    let width = |k: usize| if k == end { sum.width } else { before(k).map_or(0, |b| b.width) };
    let mut best: Vec<(Cost, usize)> = vec![(Cost::default(), end); end + 1];
    for from in (0..end).rev() {
        let available = if from == 0 { room.first } else { room.rest };
        let mut least: Option<(Cost, usize)> = None;
        let mut begun = false;
        for (to, (rest, _)) in best.iter().enumerate().skip(from + 1) {
            let own = width(to) - width(from) + before(from).map_or(0, lead);
            let over = own.saturating_sub(available);
            if over > 0 && to > from + 1 {
                break;
            }
            let mut cost = Cost { over, brackets: 0, lines: LINE };
            cost += *rest;
            let place = before(to).filter(|_| to < end);
            match place {
                Some(place) => {
                    cost += price(place);
                    cost.lines += if begun && !is_term(place) { TORN } else { 0 };
                }
                None if room.label > 0 && own + room.label > available => cost.lines += LINE + ALONE,
                None => {}
            }
            if least.is_none_or(|(known, _)| cost <= known) {
                least = Some((cost, to));
            }
            begun |= place.is_some_and(is_term);
        }
        best[from] = least.unwrap_or((Cost::default(), end));
    }
    let mut breaks = Vec::new();
    let mut at = best[0].1;
    while at < end {
        breaks.extend(before(at).copied());
        at = best[at].1;
    }
    (best[0].0, breaks)
}

/// What a line begins with that breaks there.
fn lead(place: &Break) -> usize {
    if place.kind == BreakKind::Factor { DOT } else { 0 }
}

/// Whether a term begins there.
fn is_term(place: &Break) -> bool {
    place.depth == 0 && place.kind == BreakKind::Sign
}

/// What a break there costs.
fn price(place: &Break) -> Cost {
    let own = match place.kind {
        BreakKind::Sign => 0,
        BreakKind::Factor | BreakKind::Comma => FACTOR,
        BreakKind::Operand => OPERAND,
    };
    // Of breaks in brackets those at signs and commas come first.
    let inside = usize::from(matches!(place.kind, BreakKind::Factor | BreakKind::Operand));
    let brackets = if place.depth == 0 { 0 } else { (1 << place.depth.min(20)) + inside };
    Cost { over: 0, brackets, lines: own }
}

/// The lines between breaks.
fn lines(sum: &Written, breaks: &[Break], markup: Markup) -> Vec<Line> {
    let starts = std::iter::once((0, 0, None)).chain(breaks.iter().map(|b| (b.at, b.width, Some(b))));
    let ends = breaks.iter().map(|b| (b.at, b.width)).chain([(sum.text.len(), sum.width)]);
    let line = |((from, before, place), (to, width)): ((usize, usize, Option<&Break>), (usize, usize))| {
        let text = sum.text[from..to].trim_end();
        let text = match place {
            Some(place) if place.kind == BreakKind::Factor => multiplied(text, markup),
            _ => text.to_owned(),
        };
        let tall = sum.tall.iter().filter(|(at, _)| (from..to).contains(at)).map(|(_, height)| *height);
        Line { text, width: width - before + place.map_or(0, lead), height: tall.max().unwrap_or(HEIGHT) }
    };
    starts.zip(ends).map(line).collect()
}

/// A line that begins with a factor: the sign of a product stands before it, and no other space.
fn multiplied(text: &str, markup: Markup) -> String {
    let (dot, thin) = if markup == Markup::Latex { ("\\cdot", "\\,") } else { ("dot.c", "thin ") };
    let bare = text.trim_start();
    if bare.starts_with(dot) {
        return text.to_owned();
    }
    format!(" {dot} {}", bare.strip_prefix(thin).unwrap_or(bare).trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(letters: &str) -> Formula {
        Formula::name(letters)
    }

    /// The lines of terms in so much room.
    fn set(terms: &[(bool, Formula)], room: usize, label: usize) -> Vec<String> {
        let room = Room { first: room, rest: room, label };
        let lines = broken(&Spelling::default(), terms, true, room, Markup::Latex);
        assert!(lines.iter().all(|line| line.width <= room.rest), "{lines:?}");
        lines.into_iter().map(|line| line.text.trim().to_owned()).collect()
    }

    fn sum(letters: &str) -> Formula {
        Formula::sum(letters.chars().map(|c| (false, name(&c.to_string()))).collect())
    }

    #[test]
    fn between_terms_before_inside_of_them() {
        let terms = [(false, name("a").times(name("b"))), (true, name("c").times(sum("de")))];
        assert_eq!(set(&terms, 8_000, 0), ["a b - c (d + e)"]);
        assert_eq!(set(&terms, 5_000, 0), ["a b", "- c (d + e)"]);
    }

    #[test]
    fn between_factors_before_inside_of_brackets() {
        let product = [(false, sum("abcd").times(sum("uvwx")))];
        assert_eq!(set(&product, 10_000, 0), ["(a + b + c + d)", "\\cdot (u + v + w + x)"]);
        // Neither bracket fits a line: each is broken once, and there is no line more.
        assert_eq!(set(&product, 6_000, 0).len(), 3);
        let product = [(false, name("a").times(name("b")).times(sum("uvwx")))];
        assert_eq!(set(&product, 7_600, 0), ["a b", "\\cdot (u + v + w + x)"]);
    }

    #[test]
    fn earlier_for_a_label() {
        let term = [(false, name("a").times(name("b")).times(name("c")).times(sum("uvw")))];
        assert_eq!(set(&term, 8_000, 0), ["a b c (u + v + w)"]);
        // The label beside the end of a second line, and where there is no room for it either, below.
        assert_eq!(set(&term, 8_000, 2_000), ["a b c", "\\cdot (u + v + w)"]);
        assert_eq!(set(&term, 8_000, 6_000), ["a b c (u + v + w)"]);
    }
}
