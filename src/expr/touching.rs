//! Points at which an expression is 0, and above 0 around them: its root has a kink there, though nothing is written as a square.

use super::{Algebra, BallAlgebra, Enclosure, ExpressionRef, Function, Id, Op, Tape, Variable};
use crate::number::Rational;

/// Operations of what is looked at, and of the loss.
const MOST_OPERATIONS: usize = 200;
const MOST_OF_LOSS: usize = 2_000;
/// Points tried, and parameters up to which they are.
const MOST_POINTS: usize = 128;
const MOST_PARAMETERS: usize = 4;
/// Bits of values.
const PRECISION: usize = 192;
/// It is looked so far beside a point, one over this, and twice as far.
const BESIDE: i64 = 1 << 20;
/// Samples to either side of 0 along one parameter, how far from each other (a fraction), and how many low ones are gone on from.
const SAMPLES: (i64, i64, i64) = (60, 2, 15);
const MOST_STARTS: usize = 4;
/// Steps of Newton's method, the distance of their differences, one over this, and of the numbers that they lead to.
const STEPS: usize = 12;
const NEAR: i64 = 1 << 40;
/// Bits behind the point of where it is least.
const BITS: usize = 100;
/// A value of 2 to this power is as good as 0.
const ZERO: i64 = -120;
/// What the powers that are found may be off by.
const OFF: f64 = 1e-3;

/// A coordinate `a + b π`.
type Coordinate = (Rational, Rational);

/// Where the root of an expression may have a kink.
#[derive(Debug)]
pub(super) struct Touching {
    all: Tape,
    own: Tape,
    /// What it is subtracted from, if that is not 0.
    from: Option<Rational>,
    /// The entries of θ that it depends on.
    entries: Vec<usize>,
}

impl Touching {
    /// Of an expression, or a number without it, in a loss; nothing where it is too large to look at.
    pub(super) fn new(loss: ExpressionRef<'_>, of: Id, from: Option<Rational>) -> Option<Self> {
        let pool = loss.pool();
        if pool.reachable(&[loss.id()]).len() > MOST_OF_LOSS {
            return None;
        }
        let (own, all) = (Tape::new(pool, &[of]), Tape::new(pool, &[loss.id()]));
        let mut entries: Vec<usize> = Vec::new();
        for op in &own.ops {
            match op {
                Op::Input(Variable::Theta(k)) => entries.push(*k as usize),
                Op::Input(_) => return None,
                _ => {}
            }
        }
        entries.sort_unstable();
        entries.dedup();
        let small =
            own.ops.len() <= MOST_OPERATIONS && all.ops.len() <= MOST_OF_LOSS && entries.len() <= MOST_PARAMETERS;
        small.then_some(Self { all, own, from, entries })
    }

    /// The powers of the distance with which it grows from points at which it is 0, along lines on which the loss has values to both sides: 2 for
    /// `exp(x) − 1 − x`, at 0.
    ///
    /// Coordinates are tried that are numbers of the expression, a few others and, where it is periodic, multiples of π.
    pub(super) fn powers(&self) -> Vec<u32> {
        let numbers = self.numbers();
        let n = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let mut each = numbers.len();
        while each > 1 && each.checked_pow(n).is_none_or(|points| points > MOST_POINTS) {
            each -= 1;
        }
        let points = each.checked_pow(n).unwrap_or(0);
        let mut found: Vec<u32> = Vec::new();
        for at in 0..points {
            let point: Vec<&Coordinate> = (0..n).map(|k| &numbers[at / each.pow(k) % each]).collect();
            found.extend(self.powers_at(&point).unwrap_or_default());
        }
        if n == 1 && found.is_empty() {
            for place in self.lowest() {
                found.extend(self.powers_at(&[&(place, Rational::ZERO)]).unwrap_or_default());
            }
        }
        found
    }

    /// Where it is least of one parameter, to many bits: by steps of Newton's method from where it is below its neighbours.
    fn lowest(&self) -> Vec<Rational> {
        let value = |x: &Rational| self.own(&[&(x.clone(), Rational::ZERO)], &[0], 0);
        let place = |k: i64| Rational::new(k * SAMPLES.1, SAMPLES.2);
        let samples: Vec<Option<f64>> = (-SAMPLES.0..=SAMPLES.0).map(|k| value(&place(k))?.to_f64()).collect();
        let low = |k: &usize| matches!(samples[k - 1..=k + 1], [Some(a), Some(b), Some(c)] if b <= a && b < c);
        let starts = (1..samples.len() - 1).filter(low).filter_map(|k| Some(place(i64::try_from(k).ok()? - SAMPLES.0)));
        starts.take(MOST_STARTS).filter_map(|start| self.refined(start)).collect()
    }

    fn refined(&self, mut x: Rational) -> Option<Rational> {
        let beside = Rational::new(1, NEAR);
        for _ in 0..STEPS {
            let at = |x: Rational| self.own(&[&(x, Rational::ZERO)], &[0], 0)?.to_rational();
            let (low, here, high) = (at(&x - &beside)?, at(x.clone())?, at(&x + &beside)?);
            let slope = &high - &low;
            let curvature = &(&high - &here) - &(&here - &low);
            let step = &(&slope * &beside).checked_div(&(&curvature * &Rational::from(2)))?;
            x = nearest(&(&x - step));
            if step.abs() > Rational::ONE {
                return None;
            }
        }
        Some(x)
    }

    /// What coordinates are tried.
    fn numbers(&self) -> Vec<Coordinate> {
        let mut all: Vec<Coordinate> = Vec::new();
        let mut push = |a: Rational, b: Rational| {
            if !all.contains(&(a.clone(), b.clone())) {
                all.push((a, b));
            }
        };
        push(Rational::ZERO, Rational::ZERO);
        let periodic = |op: &Op| matches!(op, Op::Apply(Function::Sin | Function::Cos | Function::Tan, _));
        if self.own.ops.iter().any(periodic) {
            for half in [1, -1, 2] {
                push(Rational::ZERO, Rational::new(half, 2));
            }
        }
        let written = self.own.ops.iter().filter_map(|op| match op {
            Op::Constant(q) => Some(q.clone()),
            _ => None,
        });
        for number in [Rational::ONE].into_iter().chain(written).chain([2.into(), Rational::new(1, 2)]) {
            for number in [number.recip(), Some(number)].into_iter().flatten() {
                push(-&number, Rational::ZERO);
                push(number, Rational::ZERO);
            }
        }
        all
    }

    /// The powers at a point; nothing unless it is 0 there and nowhere less around.
    fn powers_at(&self, point: &[&Coordinate]) -> Option<Vec<u32>> {
        let n = point.len();
        let still = vec![0; n];
        let value = self.own(point, &still, 0)?;
        let is_zero = value.sign().is_none_or(|sign| sign == 0) || value.ball.above().exponent() < ZERO;
        if !is_zero || !self.is_held(point, &still) {
            return None;
        }
        let mut lines: Vec<Vec<i64>> = Vec::new();
        for k in 0..n {
            let mut axis = still.clone();
            axis[k] = 1;
            for (j, sign) in (0..k).flat_map(|j| [(j, 1), (j, -1)]) {
                let mut line = axis.clone();
                line[j] = sign;
                lines.push(line);
            }
            lines.push(axis);
        }
        let mut found = Vec::new();
        for line in lines {
            let mut powers = [0.0; 2];
            for (side, power) in [1, -1].into_iter().zip(&mut powers) {
                let [near, far] = [1, 2].map(|times| self.own(point, &line, side * times));
                let (near, far) = (near?, far?);
                match near.sign() {
                    // All along the line.
                    Some(0) | None => *power = 0.0,
                    Some(1) => *power = (far.to_f64()? / near.to_f64()?).log2(),
                    Some(_) => return None,
                }
            }
            let [one, other] = powers;
            let whole = one.round();
            let grows = whole >= 1.0 && (one - whole).abs() < OFF && (other - whole).abs() < OFF;
            if grows && self.is_held(point, &line) {
                found.push(whole as u32);
            }
        }
        Some(found)
    }

    /// Whether the loss may have values to both sides of a point on a line, and at the point.
    fn is_held(&self, point: &[&Coordinate], line: &[i64]) -> bool {
        [0, 1, -1].into_iter().all(|times| {
            let mut balls = BallAlgebra::new(PRECISION);
            self.values(&self.all, &mut balls, point, line, times);
            balls.undefined.is_none()
        })
    }

    /// Its value at so many small steps from a point along a line.
    fn own(&self, point: &[&Coordinate], line: &[i64], times: i64) -> Option<Enclosure> {
        let mut balls = BallAlgebra::new(PRECISION);
        let value = self.values(&self.own, &mut balls, point, line, times);
        let value = match &self.from {
            Some(number) => {
                let number = balls.rational(number);
                balls.sub(&number, &value)
            }
            None => value,
        };
        (balls.undefined.is_none() && value.is_known()).then_some(value)
    }

    fn values(
        &self,
        tape: &Tape,
        balls: &mut BallAlgebra,
        point: &[&Coordinate],
        line: &[i64],
        times: i64,
    ) -> Enclosure {
        let value = |balls: &mut BallAlgebra, variable| match variable {
            Variable::Theta(k) => match self.entries.iter().position(|entry| *entry == k as usize) {
                Some(at) => {
                    let (a, b) = point[at];
                    let a = balls.rational(&(a + &Rational::new(line[at] * times, BESIDE)));
                    if b.is_zero() {
                        return a;
                    }
                    let pi = balls.pi();
                    let angle = balls.scale(b, &pi);
                    balls.add(&a, &angle)
                }
                // What it does not depend on is somewhere.
                None => balls.rational(&Rational::new(i64::from(k) * 37 % 100 + 51, 97)),
            },
            Variable::Symbol(k) => balls.rational(&Rational::new(i64::from(k) * 41 % 100 + 53, 89)),
            Variable::Direction(..) => Enclosure::unknown(),
        };
        tape.evaluate(balls, value).swap_remove(0)
    }
}

/// The nearest number of so many bits behind the point.
fn nearest(x: &Rational) -> Rational {
    let scale = num_bigint::BigInt::from(1) << BITS;
    let doubled: num_bigint::BigInt = (x.numerator() * &scale * 2 + x.denominator()) / (x.denominator() * 2);
    Rational::from_bigints(doubled, scale).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::testing::read;
    use crate::expr::{Pool, Shape};
    use rustc_hash::FxHashMap;

    #[test]
    fn zeros_without_a_change_of_sign_are_found() {
        for (written, expected) in [
            ("exp(x) - 1 - x", Some(2)),
            ("x*sinh(x)", Some(2)),
            ("x - log(1 + x)", Some(2)),
            ("2 - cos(x) - cos(y)", Some(2)),
            ("2 - sin(x) - cos(y)", Some(2)),
            ("exp(x - 3) + 2 - x", Some(2)),
            ("x*log(x/(3/10)) + (1 - x)*log((1 - x)/(7/10))", Some(2)),
            ("x^2 + y^4", Some(2)),
            ("cos(x) - 1 + x^2/2", Some(4)),
            // They change their sign, or are never 0.
            ("x", None),
            ("x*y", None),
            ("exp(x) - x", None),
            ("exp(x) - 1 - x + 1/1000000000000000000", None),
            ("x^2 + 3*x*y + y^2", None),
            ("log(x)^2 + sqrt(x - 1)", None),
        ] {
            let mut pool = Pool::new();
            for name in ["x", "y"] {
                pool.declare_parameter(name, Shape::scalar());
            }
            let of = read(&mut pool, &FxHashMap::default(), written);
            let found = Touching::new(pool.expression(of), of, None).unwrap().powers();
            assert_eq!(found.into_iter().min(), expected, "{written}");
        }
    }
}
