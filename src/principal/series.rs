//! The Taylor coefficients of α, exactly and as doubles.

use crate::budget::tick;
use crate::number::{Ball, Balls, Coefficient, Quadratic, Rational};
use crate::optimizer::{Evaluation, Recurrence};
use std::marker::PhantomData;

/// The bits of enclosures at first, doubled while they decide too little.
const FIRST_BITS: usize = 256;
/// The most bits; exact numbers are as fast beyond.
const MOST_BITS: usize = 1 << 15;

/// What a series is computed in.
trait Arithmetic {
    type Number: Clone;
    fn whole(&mut self, n: i64) -> Self::Number;
    fn plus(&mut self, a: &Self::Number, b: &Self::Number) -> Self::Number;
    fn times(&mut self, a: &Self::Number, b: &Self::Number) -> Self::Number;
    fn scaled(&mut self, q: &Rational, a: &Self::Number) -> Self::Number;
}

struct Exactly<C>(PhantomData<C>);

impl<C: Coefficient> Arithmetic for Exactly<C> {
    type Number = C;

    fn whole(&mut self, n: i64) -> C {
        C::from_rational(&Rational::from(n))
    }

    fn plus(&mut self, a: &C, b: &C) -> C {
        a.plus(b)
    }

    fn times(&mut self, a: &C, b: &C) -> C {
        a.times(b)
    }

    fn scaled(&mut self, q: &Rational, a: &C) -> C {
        a.scaled(q)
    }
}

impl Arithmetic for Balls {
    type Number = Ball;

    fn whole(&mut self, n: i64) -> Ball {
        self.rational(&Rational::from(n))
    }

    fn plus(&mut self, a: &Ball, b: &Ball) -> Ball {
        self.add(a, b)
    }

    fn times(&mut self, a: &Ball, b: &Ball) -> Ball {
        self.mul(a, b)
    }

    fn scaled(&mut self, q: &Rational, a: &Ball) -> Ball {
        self.scale(q, a)
    }
}

/// The Taylor coefficients of α to `order` for any recurrence, with the inverse of its `Σ j a_j`.
///
/// With `r(z) = Σ r_k z^k`, `r_0 = 1`, the coefficient of `z^k` in the recurrence is linear in `r_k` with the factor
/// `Σ j a_j`, and α is `log r` over z.
pub(crate) fn principal_series<C: Coefficient>(recurrence: &Recurrence<C>, inverse_slope: &C, order: usize) -> Vec<C> {
    series(&mut Exactly(PhantomData), recurrence, inverse_slope, order)
}

/// [`principal_series`] as doubles, each the nearest one; `None` where enclosures do not tell.
pub(super) fn series_in_floats(recurrence: &Recurrence<Quadratic>, order: usize) -> Option<Vec<f64>> {
    let inverse_slope = recurrence.validate().ok()?;
    let mut precision = FIRST_BITS;
    while precision <= MOST_BITS {
        let mut balls = Balls::new(precision);
        let enclosed = enclosed(&mut balls, recurrence);
        let slope = enclosure(&mut balls, &inverse_slope);
        let numbers = series(&mut balls, &enclosed, &slope, order);
        // A coefficient that is zero is told from no tiny one, and is one as a double.
        let double = |ball: &Ball| match ball.to_f64() {
            None if ball.above().exponent() < -1100 => Some(0.0),
            decided => decided,
        };
        if let Some(doubles) = numbers.iter().map(double).collect() {
            return Some(doubles);
        }
        precision *= 2;
    }
    None
}

fn enclosure(balls: &mut Balls, q: &Quadratic) -> Ball {
    let (rational, irrational) = q.parts();
    let rational = balls.rational(rational);
    let Some(radicand) = q.radicand() else { return rational };
    let radicand = balls.rational(&Rational::from(i64::from(radicand)));
    let root = balls.sqrt(&radicand).unwrap_or(Ball::Unknown);
    let irrational = balls.scale(irrational, &root);
    balls.add(&rational, &irrational)
}

fn enclosed(balls: &mut Balls, recurrence: &Recurrence<Quadratic>) -> Recurrence<Ball> {
    let mut pairs = |pairs: &[(i32, Quadratic)]| -> Vec<(i32, Ball)> {
        pairs.iter().map(|(j, q)| (*j, enclosure(balls, q))).collect()
    };
    let left = pairs(&recurrence.left);
    let places: Vec<_> = recurrence.evaluations.iter().map(|e| pairs(&e.at)).collect();
    let stages = recurrence.evaluations.iter().map(|e| &e.minus_h_times);
    let evaluations = places.into_iter().zip(stages).map(|(at, stages)| Evaluation {
        at,
        minus_h_times: stages.iter().map(|(l, q)| (*l, enclosure(balls, q))).collect(),
    });
    let evaluations = evaluations.collect();
    let right = recurrence.right.iter().map(|q| enclosure(balls, q)).collect();
    Recurrence { method: recurrence.method.clone(), symbols: Vec::new(), left, evaluations, right }
}

/// `Σ_{0<i<k} a_i b_{k−i}`, and more.
fn convolved<A: Arithmetic>(on: &mut A, first: A::Number, a: &[A::Number], b: &[A::Number], k: usize) -> A::Number {
    (1..k).fold(first, |sum, i| {
        // Exact numbers may be long, and the orders many.
        tick();
        let product = on.times(&a[i], &b[k - i]);
        on.plus(&sum, &product)
    })
}

fn combined<A: Arithmetic>(on: &mut A, powers: &[Vec<A::Number>], pairs: &[(usize, A::Number)], k: usize) -> A::Number {
    let zero = on.whole(0);
    pairs.iter().fold(zero, |sum, (place, a)| {
        let product = on.times(a, &powers[*place][k]);
        on.plus(&sum, &product)
    })
}

fn series<A: Arithmetic>(
    on: &mut A,
    recurrence: &Recurrence<A::Number>,
    inverse_slope: &A::Number,
    order: usize,
) -> Vec<A::Number> {
    let exponents = || recurrence.left.iter().chain(recurrence.evaluations.iter().flat_map(|e| &e.at)).map(|(j, _)| *j);
    let (least, most) = (exponents().min().unwrap_or(0), exponents().max().unwrap_or(0));
    // Everything times r^{−least}, so that no power is negative.
    let place = |j: i32| usize::try_from(j - least).unwrap_or(0);
    let placed = |pairs: &[(i32, A::Number)]| -> Vec<(usize, A::Number)> {
        pairs.iter().map(|(j, a)| (place(*j), a.clone())).collect()
    };
    let left = placed(&recurrence.left);
    let places: Vec<_> = recurrence.evaluations.iter().map(|e| placed(&e.at)).collect();
    let (zero, one) = (on.whole(0), on.whole(1));
    let mut powers: Vec<Vec<A::Number>> = vec![vec![one.clone()]; place(most) + 1];
    let mut gradients: Vec<Vec<A::Number>> = places.iter().map(|at| vec![combined(on, &powers, at, 0)]).collect();
    let mut root = vec![one];
    for k in 1..=order + 1 {
        for j in 0..powers.len() {
            let value = match j {
                0 => zero.clone(),
                _ => {
                    let first = powers[j - 1][k].clone();
                    convolved(on, first, &root, &powers[j - 1], k)
                }
            };
            powers[j].push(value);
        }
        let mut residual = combined(on, &powers, &left, k);
        for (b, g) in recurrence.right.iter().zip(&gradients) {
            let product = on.times(b, &g[k - 1]);
            residual = on.plus(&residual, &product);
        }
        let residual = on.scaled(&Rational::MINUS_ONE, &residual);
        let next = on.times(&residual, inverse_slope);
        for (j, power) in (0_i64..).zip(&mut powers) {
            let change = on.scaled(&Rational::from(j), &next);
            power[k] = on.plus(&power[k], &change);
        }
        root.push(next);
        for (i, evaluation) in recurrence.evaluations.iter().enumerate() {
            let mut value = combined(on, &powers, &places[i], k);
            for (l, d) in &evaluation.minus_h_times {
                let product = on.times(d, &gradients[*l][k - 1]);
                let product = on.scaled(&Rational::MINUS_ONE, &product);
                value = on.plus(&value, &product);
            }
            gradients[i].push(value);
        }
    }
    // L = log r: r L' = r', k L_k = k r_k − Σ_{i<k} i L_i r_{k−i}; held are i L_i.
    let whole = |k: usize| Rational::from(i64::try_from(k).unwrap_or(i64::MAX));
    let mut slopes = vec![zero.clone()];
    for k in 1..=order + 1 {
        let known = convolved(on, zero.clone(), &slopes, &root, k);
        let known = on.scaled(&Rational::MINUS_ONE, &known);
        let first = on.scaled(&whole(k), &root[k]);
        slopes.push(on.plus(&first, &known));
    }
    let logarithm = slopes.iter().enumerate().skip(1);
    logarithm.map(|(k, slope)| on.scaled(&whole(k).recip().unwrap_or_default(), slope)).collect()
}

#[cfg(test)]
mod tests {
    use crate::optimizer::testing::named;
    use crate::principal::PrincipalPart;

    /// The doubles nearest to the exact coefficients, also where these are long, zero or beyond every double.
    #[test]
    fn doubles_are_those_of_the_exact_series() {
        let cases = [
            ("gradient-descent", None),
            ("heavy-ball", Some("9/10")),
            ("nesterov", Some("0.1234567890123456789")),
            ("heavy-ball", Some("1e30")),
            ("rk:gauss2", None),
            ("rk:rk4", None),
            ("rk:radau5", None),
        ];
        for (name, momentum) in cases {
            let part = PrincipalPart::of(&named(name, momentum).unwrap());
            let exact = part.series(12).unwrap();
            let exact: Vec<f64> = exact.iter().map(|c| c.evaluate(&|_| None).unwrap().to_f64()).collect();
            assert_eq!(part.series_in_floats(12), Some(exact), "{name}");
        }
        assert_eq!(PrincipalPart::of(&named("heavy-ball", None).unwrap()).series_in_floats(3), None);
    }
}
