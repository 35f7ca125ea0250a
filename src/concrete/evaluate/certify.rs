//! Doubles from enclosures: the precision is raised until each is certified.

use super::decide::lifted;
use super::{EvaluateError, EvaluateOptions, Point, Request, Sample, Warning, sample, work};
use crate::budget::{self, Budget};
use crate::expr::{Algebra, BallAlgebra, Enclosure, SeriesTape, Signatures};
use crate::number::{Magnitude, Rational};

/// What is known of one number.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Progress {
    Open(Missing),
    /// Every number of the set rounds to this.
    Settled(f64),
    /// As above, to 0, but 0 is not told from other numbers of at most this size.
    NearZero(Magnitude),
    /// Beyond what can be held.
    Overflow,
}

/// The bits by which the precision is to be raised; `None` where that is not known.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Missing {
    bits: Option<u64>,
    /// The bound of a number that is 0 by an identity.
    identity: Option<Magnitude>,
}

/// Below `2^-1075`, half of the smallest double, a number is 0 to the last digit.
const HALF_OF_SMALLEST: i64 = -1075;

/// An overflow is one when it is still one with so many bits: the radius of an exponent may have been too large.
const SURE: usize = 1024;

fn progress(value: &Enclosure, identity: bool, overflowed: bool, precision: usize) -> Progress {
    if let Some(q) = &value.exact {
        return Progress::Settled(q.to_f64());
    }
    let ball = &value.ball;
    if ball.is_zero() {
        return Progress::Settled(0.0);
    }
    if ball.is_unknown() && overflowed && precision >= SURE {
        return Progress::Overflow;
    }
    let separated = !ball.below().is_zero();
    let small = ball.above() < Magnitude::power_of_two(HALF_OF_SMALLEST);
    match ball.to_f64() {
        Some(_) if small && !separated && identity => Progress::Settled(0.0),
        Some(_) if small && !separated => Progress::NearZero(ball.above()),
        Some(x) => Progress::Settled(x),
        None => Progress::Open(Missing {
            bits: ball.missing_bits(),
            identity: (identity && !separated && !ball.is_unknown()).then(|| ball.above()),
        }),
    }
}

/// The precision after this one: twice as much, but no more than all open numbers are known to need, and as much as identities are known to.
fn next(open: &[Missing], precision: usize) -> usize {
    let needed = |m: &Missing| {
        let bits = m.bits.map_or(usize::MAX, |b| usize::try_from(b).unwrap_or(usize::MAX));
        let target = precision.saturating_add(bits).saturating_add(64);
        if m.identity.is_some() { target } else { target.min(2 * precision) }
    };
    open.iter().map(needed).max().unwrap_or(2 * precision)
}

/// Evaluates in balls, with more bits until every double is certified; `start` is the first precision and the number of products.
pub(super) fn by_precision(
    tape: &SeriesTape,
    point: &Point<Rational>,
    order: usize,
    (request, options): (Request<'_>, &EvaluateOptions<'_>),
    (start, products): (usize, u64),
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Option<f64>>, EvaluateError> {
    let identities: Vec<bool> = {
        let mut signatures = Signatures;
        let mut lift = |values: &[Rational]| values.iter().map(|q| signatures.rational(q)).collect();
        let at = Point { theta: lift(&point.theta), symbols: lift(&point.symbols) };
        let values: Sample<_> = sample(&mut signatures, tape, &at, order, request);
        values.numbers().map(|v| signatures.is_zero(v)).collect()
    };
    let mut found: Vec<Progress> = vec![Progress::Open(Missing { bits: None, identity: None }); identities.len()];
    let mut precision = start;
    let mut reason = None;
    loop {
        let mut balls = BallAlgebra::new(precision);
        let at = lifted(&mut balls, point);
        let sampled = Budget::current().run(|| sample(&mut balls, tape, &at, order, request));
        let values = match sampled {
            Ok(values) => values,
            // Nothing is known yet: whoever asked has no result either.
            Err(stopped) if precision == start => budget::leave(stopped),
            Err(stopped) => {
                let open = found.iter().filter(|p| matches!(p, Progress::Open(_))).count();
                let message = format!("{stopped} with {open} numbers not known to the last digit; they are left out");
                warnings.push(Warning::new(stopped.code(), message));
                break;
            }
        };
        if let Some(cause) = balls.undefined {
            return Err(EvaluateError::Derivative { order, cause, place: None });
        }
        for ((found, value), identity) in found.iter_mut().zip(values.numbers()).zip(&identities) {
            if matches!(found, Progress::Open(_)) {
                *found = progress(value, *identity, balls.overflow.is_some(), precision);
            }
        }
        if found.contains(&Progress::Overflow) {
            reason = balls.overflow;
        }
        let open: Vec<Missing> =
            found.iter().filter_map(|p| if let Progress::Open(missing) = p { Some(*missing) } else { None }).collect();
        if open.is_empty() {
            break;
        }
        let raised = next(&open, precision).min(options.max_precision);
        if raised <= precision || work(products, raised) > options.max_products {
            let dear = raised > precision;
            give_up(&mut found, precision, dear, warnings);
            break;
        }
        precision = raised;
    }
    summarise(&found, reason, warnings);
    Ok(found.into_iter().map(number).collect())
}

fn number(progress: Progress) -> Option<f64> {
    match progress {
        Progress::Settled(x) => Some(x),
        Progress::NearZero(_) => Some(0.0),
        Progress::Open(_) | Progress::Overflow => None,
    }
}

/// Leaves out what is not known; identities stay, with their bounds.
fn give_up(found: &mut [Progress], precision: usize, dear: bool, warnings: &mut Vec<Warning>) {
    let mut open = 0;
    for progress in found {
        match progress {
            Progress::Open(Missing { identity: Some(bound), .. }) => *progress = Progress::NearZero(*bound),
            Progress::Open(_) => open += 1,
            _ => {}
        }
    }
    if open > 0 {
        let why = if dear { "more would be too much work" } else { "no more are allowed" };
        let numbers = if open == 1 { "1 number is".to_owned() } else { format!("{open} numbers are") };
        let message = format!("{numbers} not known to the last digit in {precision} bits and left out; {why}");
        warnings.push(Warning::new("precision", message));
    }
}

/// One warning of each kind.
fn summarise(found: &[Progress], overflow: Option<&'static str>, warnings: &mut Vec<Warning>) {
    let near: Vec<Magnitude> =
        found.iter().filter_map(|p| if let Progress::NearZero(b) = p { Some(*b) } else { None }).collect();
    if let Some(bound) = near.iter().copied().reduce(|a, b| if a < b { b } else { a }) {
        let numbers = if near.len() == 1 { "1 number is".to_owned() } else { format!("{} numbers are", near.len()) };
        let message = format!(
            "{numbers} printed as 0.0 and not proved to be 0: below 2^{} in size",
            bound.exponent().saturating_add(1)
        );
        let bound = Some(bound.to_f64());
        warnings.push(Warning { bound, ..Warning::new("not-separated-from-zero", message) });
    }
    let large = found.iter().filter(|p| **p == Progress::Overflow).count();
    if large > 0 {
        let numbers = if large == 1 { "1 number is".to_owned() } else { format!("{large} numbers are") };
        let what = overflow.unwrap_or("an operation");
        let message = format!("{numbers} left out: {what} overflows, beyond 2^(10^9)");
        warnings.push(Warning::new("overflow", message));
    }
}
