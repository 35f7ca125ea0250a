//! Evidence that two expressions are equal: their values at random points, to many digits.

use crate::expr::{Algebra, BallAlgebra, Enclosure, Id, Pool, Tape, Variable};
use crate::number::Rational;
use std::time::Instant;

/// Bits of the computation.
const PRECISION: usize = 320;
/// Bits that must agree, of the values or of 1, whichever is larger.
const AGREEMENT: i64 = 160;
/// Points at which both must have values.
const POINTS: usize = 4;
/// Points tried.
const TRIES: usize = 16;

/// What the values say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Equal at every point that has values, and there were enough.
    Equal,
    /// Not equal somewhere, or the second has no value where the first has one.
    Different,
    /// The second has values where the first has none.
    Wider,
    /// Too few points have values, or the time is over.
    Undecided,
}

/// A generator of reproducible random numbers (Marsaglia 2003, xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number with three decimals between two integers.
    fn between(&mut self, low: i64, high: i64) -> Rational {
        let steps = u64::try_from((high - low) * 1000).unwrap_or(1).max(1);
        let k = i64::try_from(self.next() % steps).unwrap_or(0);
        Rational::new(low * 1000 + k, 1000)
    }
}

/// Compares expressions of one pool, pair by pair, at random points.
pub(crate) fn compare(pool: &Pool, left: &[Id], right: &[Id], end: Instant) -> Verdict {
    let pairs: (Vec<Id>, Vec<Id>) = left.iter().zip(right).filter(|(a, b)| a != b).unzip();
    let (left, right) = (Tape::new(pool, &pairs.0), Tape::new(pool, &pairs.1));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut decided = vec![0_usize; left.outputs.len()];
    let symbols = pool.symbols().len();
    let mut point: Vec<Rational> = Vec::new();
    for attempt in 0..TRIES {
        if decided.iter().all(|n| *n >= POINTS) || Instant::now() > end {
            break;
        }
        // Inputs of either sign first; logarithms and roots may want positive ones, inverse functions small ones.
        let (low, high) = [(-2, 2), (0, 2), (-1, 1), (0, 1)][attempt / 2 % 4];
        if attempt % 2 == 0 || low == 0 {
            point = (0..pool.dimension() + symbols).map(|_| random.between(low, high)).collect();
        } else {
            // The opposite point: whatever is wrong for one sign shows.
            point.iter_mut().for_each(|x| *x = -&*x);
        }
        let ((a, decided_a), (b, decided_b)) = (values(pool, &left, &point), values(pool, &right, &point));
        for ((a, b), n) in a.iter().zip(&b).zip(&mut decided) {
            match (a.is_known(), b.is_known()) {
                (true, true) => match agree(a, b) {
                    Some(true) => *n += 1,
                    Some(false) => return Verdict::Different,
                    None => {}
                },
                (false, false) => {}
                // Neither a value nor a proof that there is none.
                _ if !decided_a || !decided_b => {}
                // What is bounded whatever it is a function of, as tanh is, seems to have a value where that has none.
                _ if is_wide(a) || is_wide(b) => {}
                // Terms that cancel take the gaps of their domain with them: no lie, but not the same function.
                (false, true) => return Verdict::Wider,
                (true, false) => return Verdict::Different,
            }
        }
    }
    if decided.iter().all(|n| *n >= POINTS) { Verdict::Equal } else { Verdict::Undecided }
}

/// Enclosures of the values, and whether those that are missing are known not to exist.
fn values(pool: &Pool, tape: &Tape, point: &[Rational]) -> (Vec<Enclosure>, bool) {
    let mut algebra = BallAlgebra::new(PRECISION);
    let values = tape.evaluate(&mut algebra, |balls, variable| {
        let at = match variable {
            Variable::Theta(k) => k as usize,
            Variable::Symbol(s) => pool.dimension() + s as usize,
            Variable::Direction(..) => usize::MAX,
        };
        point.get(at).map_or_else(Enclosure::unknown, |q| balls.rational(q))
    });
    (values, algebra.undecided.is_none() && algebra.overflow.is_none())
}

/// Whether two numbers differ by less than can be seen; `None` where their enclosures are too wide to tell.
fn agree(a: &Enclosure, b: &Enclosure) -> Option<bool> {
    let difference = BallAlgebra::new(PRECISION).sub(a, b).ball;
    let size = a.ball.above().exponent().max(b.ball.above().exponent()).max(0);
    let close = difference.above().exponent() <= size - AGREEMENT;
    (close || !difference.below().is_zero()).then_some(close)
}

/// Whether little is known of a number.
fn is_wide(a: &Enclosure) -> bool {
    a.is_known() && a.ball.radius().exponent() > a.ball.above().exponent().max(0) - AGREEMENT
}
