//! Expressions of data alone as numbers: whole arrays of doubles, each entry of each operation rounded once to the nearest.

use crate::budget::tick;
use crate::expr::{Algebra, ArrayAlgebra, BallAlgebra, Data, Enclosure, Exact, Function, Id, Lanes, Node, Pool, Shape};
use crate::number::Rational;
use std::sync::Arc;

/// Bits of the enclosures, one after another until one tells the nearest double.
const PRECISIONS: [usize; 3] = [128, 512, 2048];

/// What an expression is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Made {
    /// Of exact numbers alone.
    Exact,
    /// Of data that files were rounded to, and of exact numbers.
    Rounded,
    /// Of parameters or symbols, too.
    Open,
}

/// What a node is made of, by what its children are.
pub(super) fn made(pool: &Pool, id: Id, child: impl Fn(Id) -> Made) -> Made {
    match pool.node(id) {
        Node::Param(_) | Node::Symbol(_) | Node::Direction(..) => Made::Open,
        Node::Data(d) if !pool.data()[*d as usize].is_exact() => Made::Rounded,
        _ => pool.children(id).into_iter().map(child).max().unwrap_or(Made::Exact),
    }
}

/// Operations, entry by entry, that evaluating an expression of data takes, those in enclosures counted by what they cost.
pub(super) fn work(pool: &Pool, root: Id) -> u64 {
    pool.reachable(&[root]).into_iter().map(|id| node_work(pool, id)).fold(0, u64::saturating_add)
}

fn node_work(pool: &Pool, id: Id) -> u64 {
    let size = |id: Id| u64::try_from(pool.shape(id).size()).unwrap_or(u64::MAX);
    let most = pool.children(id).into_iter().map(size).max().unwrap_or(0).max(size(id));
    match pool.node(id) {
        Node::Data(_) => 0,
        Node::Matmul(a, _) => {
            let inner = pool.shape(*a).axes().get(1).copied().unwrap_or(1);
            size(id).saturating_mul(u64::try_from(inner).unwrap_or(u64::MAX))
        }
        Node::Apply(..) | Node::LogSumExp(_) | Node::LogSumExpAxis(..) => most.saturating_mul(16),
        Node::Pow(_, q) if !q.is_integer() => most.saturating_mul(16),
        _ => most,
    }
}

/// The entries of an expression without parameters and symbols, as doubles; those that no double is known for are NaN.
pub(super) fn doubles(pool: &Pool, id: Id) -> Arc<[f64]> {
    let mut values = pool.evaluate(&mut Doubles, &[id], |_, _| [f64::NAN].into());
    values.pop().unwrap_or_default()
}

/// The same as exact numbers, where all of them are rational.
pub(super) fn rationals(pool: &Pool, id: Id) -> Option<Arc<[Rational]>> {
    const WORK: u64 = 20_000_000;
    let mut exact = Exact::new(WORK);
    let values = pool.evaluate(&mut exact, &[id], |_, _| [Rational::ZERO].into()).pop()?;
    (!exact.stopped()).then(|| values.iter().cloned().collect())
}

/// The sum in twice the precision, `high + low`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Double {
    pub(super) high: f64,
    pub(super) low: f64,
}

impl Double {
    /// Knuth's sum of two without error, and what was left over before.
    pub(super) fn plus(self, x: f64, left: f64) -> Self {
        let sum = self.high + x;
        let virtual_x = sum - self.high;
        let error = (self.high - (sum - virtual_x)) + (x - virtual_x);
        let low = self.low + (error + left);
        let high = sum + low;
        Self { high, low: low - (high - sum) }
    }

    /// With a product of two, which is computed without error by one fused operation.
    pub(super) fn plus_product(self, x: f64, y: f64) -> Self {
        let product = x * y;
        self.plus(product, x.mul_add(y, -product))
    }

    /// The product of two.
    pub(super) fn times(self, other: Self) -> Self {
        let product = Self::default().plus_product(self.high, other.high);
        product.plus(0.0, self.high * other.low + self.low * other.high)
    }

    /// The quotient of two.
    pub(super) fn over(self, other: Self) -> Self {
        let high = self.value() / other.high;
        // What is left after the first digits.
        let rest = self.plus_product(-high, other.high).plus(0.0, -high * other.low);
        Self { high, low: 0.0 }.plus(0.0, rest.value() / other.high)
    }

    /// The square root.
    pub(super) fn root(self) -> Self {
        let high = self.value().sqrt();
        if high == 0.0 {
            return Self::default();
        }
        let rest = self.plus_product(-high, high);
        Self { high, low: 0.0 }.plus(0.0, rest.value() / (2.0 * high))
    }

    /// The negative.
    pub(super) fn negated(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }

    pub(super) fn value(self) -> f64 {
        self.high + self.low
    }

    /// The sum of numbers.
    pub(super) fn sum(terms: impl Iterator<Item = f64>) -> Self {
        terms.fold(Self::default(), |sum, x| sum.plus(x, 0.0))
    }
}

/// The double nearest to what enclosures tell.
fn nearest(of: impl Fn(&mut BallAlgebra) -> Enclosure) -> f64 {
    PRECISIONS.iter().find_map(|bits| of(&mut BallAlgebra::new(*bits)).to_f64()).unwrap_or(f64::NAN)
}

fn exactly(balls: &mut BallAlgebra, x: f64) -> Enclosure {
    match Rational::from_f64(x) {
        Some(q) => balls.rational(&q),
        None => Enclosure::unknown(),
    }
}

/// Whole arrays of doubles.
struct Doubles;

type Numbers = Arc<[f64]>;

fn each(a: &Numbers, f: impl Fn(f64) -> f64) -> Numbers {
    let entry = |x: &f64| {
        tick();
        f(*x)
    };
    a.iter().map(entry).collect()
}

fn pairs(a: &Numbers, b: &Numbers, f: impl Fn(f64, f64) -> f64) -> Numbers {
    match (&**a, &**b) {
        ([x], b) => b.iter().map(|y| f(*x, *y)).collect(),
        (a, [y]) => a.iter().map(|x| f(*x, *y)).collect(),
        (a, b) => a.iter().zip(b).map(|(x, y)| f(*x, *y)).collect(),
    }
}

impl ArrayAlgebra for Doubles {
    type Array = Numbers;

    fn number(&mut self, q: &Rational) -> Numbers {
        [q.to_f64()].into()
    }

    fn number_pi(&mut self) -> Numbers {
        [std::f64::consts::PI].into()
    }

    fn data(&mut self, data: &Data) -> Numbers {
        data.shared()
    }

    fn plus(&mut self, a: &Numbers, b: &Numbers) -> Numbers {
        pairs(a, b, |x, y| x + y)
    }

    fn times(&mut self, a: &Numbers, b: &Numbers) -> Numbers {
        pairs(a, b, |x, y| x * y)
    }

    fn multiple(&mut self, q: &Rational, a: &Numbers) -> Numbers {
        // Of a number and its inverse one is often a double, and then one operation rounds once.
        let is_double = |q: &Rational| Rational::from_f64(q.to_f64()).is_some_and(|x| x == *q);
        let inverse = q.pow(-1).filter(is_double);
        match inverse {
            _ if is_double(q) => each(a, |x| q.to_f64() * x),
            Some(divisor) => each(a, |x| x / divisor.to_f64()),
            None => each(a, |x| Rational::from_f64(x).map_or(f64::NAN, |x| (q * &x).to_f64())),
        }
    }

    fn power(&mut self, a: &Numbers, exponent: &Rational) -> Numbers {
        match exponent.to_i64() {
            Some(2) => each(a, |x| x * x),
            Some(-1) => each(a, |x| 1.0 / x),
            _ if *exponent == Rational::new(1, 2) => each(a, f64::sqrt),
            _ => each(a, |x| {
                nearest(|balls| {
                    let base = exactly(balls, x);
                    balls.pow(&base, exponent)
                })
            }),
        }
    }

    fn map(&mut self, function: Function, a: &Numbers) -> Numbers {
        each(a, |x| {
            nearest(|balls| {
                let argument = exactly(balls, x);
                balls.apply(function, &argument)
            })
        })
    }

    fn broadcast(&mut self, a: &Numbers, from: &Shape, to: &Shape) -> Numbers {
        (0..to.size()).map(|k| a[from.source_of(k, to)]).collect()
    }

    fn stack(&mut self, parts: &[Numbers]) -> Numbers {
        parts.iter().flat_map(|part| part.iter().copied()).collect()
    }

    fn reshape(&mut self, a: &Numbers, _: &Shape) -> Numbers {
        a.clone()
    }

    fn entry(&mut self, a: &Numbers, flat: usize) -> Numbers {
        [a[flat]].into()
    }

    fn transpose(&mut self, a: &Numbers, rows: usize, columns: usize) -> Numbers {
        (0..columns).flat_map(|j| (0..rows).map(move |i| a[i * columns + j])).collect()
    }

    fn matmul(&mut self, a: &Numbers, b: &Numbers, rows: usize, inner: usize, columns: usize) -> Numbers {
        let entry = |(i, j): (usize, usize)| {
            tick();
            let term = |sum: Double, k: usize| sum.plus_product(a[i * inner + k], b[k * columns + j]);
            (0..inner).fold(Double::default(), term).value()
        };
        (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j))).map(entry).collect()
    }

    fn sum(&mut self, a: &Numbers, lanes: Lanes) -> Numbers {
        lanes.iter().map(|lane| Double::sum(lane.map(|k| a[k])).value()).collect()
    }

    fn log_sum_exp(&mut self, a: &Numbers, lanes: Lanes) -> Numbers {
        let value = |lane: Vec<f64>| {
            tick();
            nearest(|balls| {
                let terms: Vec<Enclosure> = lane.iter().map(|x| exactly(balls, *x)).collect();
                balls.logsumexp(&terms)
            })
        };
        lanes.iter().map(|lane| value(lane.map(|k| a[k]).collect())).collect()
    }

    fn gather(&mut self, a: &Numbers, labels: &Data, columns: u32) -> Numbers {
        let rows = a.chunks(columns as usize).zip(labels.labels(columns).unwrap_or_default());
        rows.map(|(row, label)| row[label as usize]).collect()
    }

    fn one_hot(&mut self, labels: &Data, columns: u32) -> Numbers {
        let row = |label: u32| (0..columns).map(move |j| f64::from(u8::from(j == label)));
        labels.labels(columns).unwrap_or_default().into_iter().flat_map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_lose_nothing() {
        let sum = Double::sum([1e100, 1.0, -1e100, 1e-20].into_iter());
        assert_eq!(sum.value(), 1.0 + 1e-20);
        // 0.1² as a sum of doubles, exactly.
        let square = Double::default().plus_product(0.1, 0.1);
        let exact = Rational::from_f64(0.1).unwrap();
        let exact = &exact * &exact;
        let found = &Rational::from_f64(square.high).unwrap() + &Rational::from_f64(square.low).unwrap();
        assert_eq!(found, exact);
        let [one, two, three] = [1.0, 2.0, 3.0].map(|high| Double { high, low: 0.0 });
        let product = one.over(three).times(three);
        assert!(product.high == 1.0 && product.low.abs() < 1e-31, "{product:?}");
        let product = two.root().times(two.root());
        assert!(product.high == 2.0 && product.low.abs() < 1e-31, "{product:?}");
    }

    #[test]
    fn every_operation_is_rounded_once() {
        let mut pool = Pool::new();
        let data = Data::new("X", Shape::new(&[2, 2]), [0.1, 0.2, 3.0, -0.5]).unwrap();
        let x = pool.declare_data(data);
        let third = pool.scaled(&Rational::new(1, 3), x);
        assert_eq!(*doubles(&pool, third), [0.1 / 3.0, 0.2 / 3.0, 1.0, -0.5 / 3.0]);
        let exponential = pool.apply(Function::Exp, x);
        let found = doubles(&pool, exponential);
        for (x, y) in [0.1f64, 0.2, 3.0, -0.5].iter().zip(found.iter()) {
            assert!((x.exp() - y).abs() <= y * f64::EPSILON, "exp({x}) is {y}");
        }
        let square = pool.matmul(x, x).unwrap();
        let exact = [0.1, 0.1, 0.2, 3.0].map(|x| Rational::from_f64(x).unwrap());
        let exact = &(&exact[0] * &exact[1]) + &(&exact[2] * &exact[3]);
        assert_eq!(doubles(&pool, square)[0], exact.to_f64());
        let log = pool.apply(Function::Log, x);
        assert!(doubles(&pool, log)[3].is_nan());
    }
}
