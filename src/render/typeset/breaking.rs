//! Where the lines of a sum break: before its terms, else between factors, and inside of brackets only where nothing else fits.

use crate::formula::{Break, BreakKind, Formula, Markup, Spelling, Written};
use std::ops::AddAssign;

/// A line and how wide it is.
pub(super) type Line = (String, usize);

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

/// A line, a break between factors, one between an operator and its operand, and a label that has no room, more than its own line.
const LINE: usize = 8;
const FACTOR: usize = 4;
const OPERAND: usize = 7;
const ALONE: usize = 6;

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
        for (to, (rest, _)) in best.iter().enumerate().skip(from + 1) {
            let own = width(to) - width(from) + before(from).map_or(0, lead);
            let over = own.saturating_sub(available);
            if over > 0 && to > from + 1 {
                break;
            }
            let mut cost = Cost { over, brackets: 0, lines: LINE };
            cost += *rest;
            match before(to).filter(|_| to < end) {
                Some(place) => cost += price(place),
                None if room.label > 0 && own + room.label > available => cost.lines += LINE + ALONE,
                None => {}
            }
            if least.is_none_or(|(known, _)| cost <= known) {
                least = Some((cost, to));
            }
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
        (text, width - before + place.map_or(0, lead))
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
