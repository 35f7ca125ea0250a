//! Truncated power series over any algebra, extended one order at a time.

use super::lowering::{Lowering, Start, Step};
use super::{Algebra, Tape, Variable};
use crate::budget::tick;
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// A [`Tape`] prepared for evaluation in truncated power series.
///
/// Functions become the differential equations that they solve (Griewank & Walther, *Evaluating Derivatives*, 13.2), so
/// the coefficient of order k of every operation costs O(k) products, and O(N²) to order N. The series themselves are in a
/// [`Series`], so that one preparation serves many points.
///
/// ```
/// use shadowflow::expr::{Exact, Op, Series, SeriesTape, Tape, Variable};
/// use shadowflow::number::Rational;
/// // 1/(1 − x) at x = h: the geometric series.
/// let ops = vec![
///     Op::Constant(1.into()),
///     Op::Input(Variable::Theta(0)),
///     Op::Constant((-1).into()),
///     Op::Mul(1, 2),
///     Op::Add(0, 3),
///     Op::Pow(4, (-1).into()),
/// ];
/// let tape = SeriesTape::new(&Tape { ops, outputs: vec![5] });
/// let (mut algebra, mut series) = (Exact::default(), Series::new());
/// for order in 0..4 {
///     series.extend(&tape, &mut algebra, |_, _| (order == 1).then_some(Rational::ONE));
///     assert_eq!(series.output(&tape, 0, order), Some(&Rational::ONE));
/// }
/// ```
#[derive(Debug, Clone, Default)]
pub struct SeriesTape {
    steps: Vec<Step>,
    outputs: Vec<u32>,
}

impl SeriesTape {
    /// Prepares a tape.
    #[must_use]
    pub fn new(tape: &Tape) -> Self {
        let (steps, outputs) = Lowering::default().run(tape);
        Self { steps, outputs }
    }

    /// Prepares a tape so that its series are short to read where it has large powers: by the binomial formula about the leading
    /// coefficient, which takes as many more products as there are orders, and not by repeated squaring.
    #[must_use]
    pub fn readable(tape: &Tape) -> Self {
        let (steps, outputs) = Lowering::readable().run(tape);
        Self { steps, outputs }
    }

    /// The number of series that each point carries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether the tape has no operation.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The number of outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs.len()
    }

    /// About the number of products that series take: `linear` for every operation and `products` for each that multiplies
    /// two series; for series of numbers to order N, `N + 1` and `(N + 1)(N + 2)/2`.
    #[must_use]
    pub fn cost(&self, linear: u64, products: u64) -> u64 {
        let multiplying: u64 = self
            .steps
            .iter()
            .map(|step| match step {
                Step::Mul(..) | Step::Square(_) | Step::Power(..) => 1,
                Step::Integral { pairs, .. } => pairs.len() as u64,
                _ => 0,
            })
            .sum();
        // Powers of the series without its leading coefficient, as many as there are orders.
        let large = self.steps.iter().filter(|step| matches!(step, Step::LargePower(..))).count() as u64;
        let multiplying = multiplying.saturating_add(large.saturating_mul(1 + products.saturating_mul(2).isqrt() / 2));
        (self.steps.len() as u64).saturating_mul(linear).saturating_add(multiplying.saturating_mul(products))
    }
}

/// The coefficients that a [`SeriesTape`] has at one point: of every operation, for all orders so far.
///
/// `None` stands for a coefficient that is exactly zero.
#[derive(Debug, Clone, Default)]
pub struct Series<V> {
    orders: Vec<Vec<Option<V>>>,
    /// For every [`Step::LargePower`] by its number: the powers of its base without the leading coefficient, from the second
    /// on, order by order.
    powers: FxHashMap<u32, Vec<Vec<Option<V>>>>,
}

impl<V: Clone> Series<V> {
    /// Series without any coefficient yet.
    #[must_use]
    pub fn new() -> Self {
        Self { orders: Vec::new(), powers: FxHashMap::default() }
    }

    /// The number of orders known: the next coefficients are of this order.
    #[must_use]
    pub fn order(&self) -> usize {
        self.orders.len()
    }

    /// Forgets all coefficients from order `keep` on.
    pub fn truncate(&mut self, keep: usize) {
        self.orders.truncate(keep);
        for powers in self.powers.values_mut().flatten() {
            powers.truncate(keep);
        }
    }

    /// The coefficient of an order of the output number `output`.
    ///
    /// # Panics
    /// If there is no such output or the order is not below [`Series::order`].
    #[must_use]
    pub fn output(&self, tape: &SeriesTape, output: usize, order: usize) -> Option<&V> {
        self.at(order, tape.outputs[output])
    }

    fn at(&self, order: usize, step: u32) -> Option<&V> {
        self.orders[order][step as usize].as_ref()
    }

    /// Computes the coefficients of the next order of every operation, `bind` giving those of the inputs.
    ///
    /// A tape's series must always be extended with the same tape and over the same algebra.
    pub fn extend<A: Algebra<Value = V>>(
        &mut self,
        tape: &SeriesTape,
        algebra: &mut A,
        mut bind: impl FnMut(&mut A, Variable) -> Option<V>,
    ) {
        let k = self.orders.len();
        self.orders.push(Vec::with_capacity(tape.steps.len()));
        for step in &tape.steps {
            let value = match step {
                Step::Input(v) => bind(algebra, *v),
                _ if k == 0 => self.leading(algebra, step),
                Step::LargePower(a, n) => self.large_power(algebra, *a, *n, k),
                _ => self.higher(algebra, step, k),
            };
            let value = value.filter(|v| !algebra.is_zero(v));
            self.orders[k].push(value);
        }
    }

    /// The leading coefficient as a value.
    fn first<A: Algebra<Value = V>>(&self, algebra: &mut A, step: u32) -> V {
        self.at(0, step).cloned().unwrap_or_else(|| algebra.rational(&Rational::ZERO))
    }

    fn leading<A: Algebra<Value = V>>(&self, algebra: &mut A, step: &Step) -> Option<V> {
        match step {
            Step::Constant(q) => Some(algebra.rational(q)),
            Step::Pi => Some(algebra.pi()),
            Step::Input(_) | Step::Weighted(_) | Step::LeadingInverse(_) => None,
            Step::Leading(f, a) | Step::Linear(f, a, _) | Step::Integral { start: Start::Function(f, a), .. } => {
                let a = self.first(algebra, *a);
                Some(algebra.apply(*f, &a))
            }
            Step::Power(a, _, q) => {
                let a = self.first(algebra, *a);
                Some(algebra.pow(&a, q))
            }
            Step::LargePower(a, n) => {
                let a = self.first(algebra, *a);
                Some(algebra.pow(&a, &whole(*n)))
            }
            Step::Integral { start: Start::LogSumExp(terms), .. } => {
                let terms: Vec<V> = terms.iter().map(|t| self.first(algebra, *t)).collect();
                Some(algebra.logsumexp(&terms))
            }
            Step::Add(..) | Step::Scale(..) | Step::Mul(..) | Step::Square(_) => self.higher(algebra, step, 0),
        }
    }

    fn higher<A: Algebra<Value = V>>(&self, algebra: &mut A, step: &Step, k: usize) -> Option<V> {
        match step {
            Step::Constant(_) | Step::Pi | Step::Input(_) | Step::Leading(..) | Step::LargePower(..) => None,
            Step::LeadingInverse(a) if k == 1 => {
                let a = self.first(algebra, *a);
                Some(algebra.pow(&a, &Rational::MINUS_ONE))
            }
            Step::LeadingInverse(_) => None,
            Step::Add(a, b) => match (self.at(k, *a), self.at(k, *b)) {
                (Some(x), Some(y)) => Some(algebra.add(x, y)),
                (x, y) => x.or(y).cloned(),
            },
            Step::Scale(q, a) => self.at(k, *a).map(|x| algebra.scale(q, x)),
            Step::Weighted(a) => self.at(k, *a).map(|x| algebra.scale(&integer(k), x)),
            Step::Linear(_, a, slope) => {
                let (x, slope) = (self.at(k, *a)?, self.at(0, *slope)?);
                Some(algebra.mul(slope, x))
            }
            Step::Mul(a, b) => {
                let mut sum = None;
                self.convolve(algebra, &mut sum, *a, *b, 0, k);
                sum
            }
            Step::Square(a) => self.square(algebra, *a, k),
            Step::Power(a, inverse, q) => self.power(algebra, *a, *inverse, q, k),
            Step::Integral { factor, pairs, .. } => {
                let mut sum = None;
                for (weighted, slope) in pairs {
                    self.convolve(algebra, &mut sum, *weighted, *slope, 1, k);
                }
                sum.map(|s| algebra.scale(&fraction((*factor).into(), k), &s))
            }
        }
    }

    /// Adds `Σ_{i=from}^{k} a_i b_{k−i}`.
    fn convolve<A: Algebra<Value = V>>(
        &self,
        algebra: &mut A,
        sum: &mut Option<V>,
        a: u32,
        b: u32,
        from: usize,
        k: usize,
    ) {
        for i in from..=k {
            if let (Some(x), Some(y)) = (self.at(i, a), self.at(k - i, b)) {
                let product = algebra.mul(x, y);
                accumulate(algebra, sum, product);
            }
        }
    }

    fn square<A: Algebra<Value = V>>(&self, algebra: &mut A, a: u32, k: usize) -> Option<V> {
        let mut sum = None;
        for i in 0..k.div_ceil(2) {
            if let (Some(x), Some(y)) = (self.at(i, a), self.at(k - i, a)) {
                let product = algebra.mul(x, y);
                accumulate(algebra, &mut sum, product);
            }
        }
        let mut sum = sum.map(|s| algebra.scale(&Rational::from(2), &s));
        if k.is_multiple_of(2)
            && let Some(x) = self.at(k / 2, a)
        {
            let product = algebra.pow(x, &Rational::from(2));
            accumulate(algebra, &mut sum, product);
        }
        sum
    }

    /// `u = a^n` with `a = a_0 + b`: `u_k = Σ_{j=1}^{k} C(n, j) a_0^{n−j} (b^j)_k`, without division by `a_0`.
    fn large_power<A: Algebra<Value = V>>(&mut self, algebra: &mut A, a: u32, n: u64, k: usize) -> Option<V> {
        let own = u32::try_from(self.orders[k].len()).expect("fewer than 2^32 series");
        let mut powers = self.powers.remove(&own).unwrap_or_default();
        let most = usize::try_from(n).map_or(k, |n| n.min(k));
        for j in 2..=most {
            // (b^j)_k = Σ_i b_i (b^{j−1})_{k−i}, and b^{j−1} begins with the order j − 1.
            let mut sum = None;
            for i in 1..=k + 1 - j {
                let lower = if j == 2 { self.at(k - i, a) } else { powers[j - 3][k - i].as_ref() };
                if let (Some(x), Some(y)) = (self.at(i, a), lower) {
                    let product = algebra.mul(x, y);
                    accumulate(algebra, &mut sum, product);
                }
            }
            if powers.len() < j - 1 {
                powers.push(Vec::new());
            }
            // Lower orders than j have none.
            powers[j - 2].resize(k, None);
            powers[j - 2].push(sum.filter(|v| !algebra.is_zero(v)));
        }
        let mut sum = None;
        let mut binomial = Rational::ONE;
        for j in 1..=most {
            binomial = &(&binomial * &whole(n + 1 - j as u64)) * &fraction(1, j);
            let power = if j == 1 { self.at(k, a) } else { powers[j - 2][k].as_ref() };
            if let Some(power) = power {
                let factor = self.first(algebra, a);
                let factor = algebra.pow(&factor, &whole(n - j as u64));
                let product = algebra.mul(&factor, power);
                let term = algebra.scale(&binomial, &product);
                accumulate(algebra, &mut sum, term);
            }
        }
        self.powers.insert(own, powers);
        sum
    }

    /// `u = a^q`, from `a u′ = q a′ u`: `k a_0 u_k = Σ_{i=1}^{k} (q i − (k − i)) a_i u_{k−i}`.
    fn power<A: Algebra<Value = V>>(&self, algebra: &mut A, a: u32, inverse: u32, q: &Rational, k: usize) -> Option<V> {
        // The series under computation is the one with this step; its index is the number of those done at this order.
        let own = u32::try_from(self.orders[k].len()).expect("fewer than 2^32 series");
        let mut sum: Option<V> = None;
        for i in 1..=k {
            let factor = &(q * &integer(i)) - &integer(k - i);
            if !factor.is_zero()
                && let (Some(x), Some(u)) = (self.at(i, a), self.at(k - i, own))
            {
                let product = algebra.mul(x, u);
                let weight = &factor * &fraction(1, k);
                let term = algebra.scale(&weight, &product);
                accumulate(algebra, &mut sum, term);
            }
        }
        let inverse = if *q == Rational::MINUS_ONE { self.at(0, own) } else { self.at(1, inverse) };
        sum.zip(inverse).map(|(s, inverse)| algebra.mul(inverse, &s))
    }
}

fn accumulate<A: Algebra>(algebra: &mut A, sum: &mut Option<A::Value>, term: A::Value) {
    tick();
    *sum = Some(match sum.take() {
        Some(s) => algebra.add(&s, &term),
        None => term,
    });
}

fn integer(k: usize) -> Rational {
    Rational::from(i64::try_from(k).unwrap_or(i64::MAX))
}

fn whole(n: u64) -> Rational {
    Rational::from(i64::try_from(n).unwrap_or(i64::MAX))
}

fn fraction(n: i64, k: usize) -> Rational {
    Rational::new(n, i64::try_from(k.max(1)).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{BallAlgebra, Enclosure, Exact, Function, Op};

    const ORDERS: usize = 9;

    /// The tape's value at inputs `Σ_j coefficients_ij h^j`, evaluated as numbers.
    fn at(tape: &Tape, inputs: &[Vec<Rational>], h: &Rational, reals: &mut BallAlgebra) -> Rational {
        let values: Vec<Rational> =
            inputs.iter().map(|c| c.iter().rev().fold(Rational::ZERO, |sum, c| &(&sum * h) + c)).collect();
        let value = tape.evaluate(reals, |reals, v| match v {
            Variable::Theta(i) => reals.rational(&values[i as usize]),
            _ => unreachable!(),
        });
        value[0].to_rational().unwrap()
    }

    /// The series must miss the value at h = 2^-40 by the first term left out, and no more.
    fn check(ops: Vec<Op>, inputs: &[&[&str]]) {
        let output = u32::try_from(ops.len() - 1).unwrap();
        let name = format!("{:?}", ops.last().unwrap());
        let tape = Tape { ops, outputs: vec![output] };
        for lowered in [SeriesTape::new(&tape), SeriesTape::readable(&tape)] {
            check_lowered(&name, &tape, &lowered, inputs);
        }
    }

    fn check_lowered(name: &str, tape: &Tape, lowered: &SeriesTape, inputs: &[&[&str]]) {
        let inputs: Vec<Vec<Rational>> =
            inputs.iter().map(|c| c.iter().map(|q| q.parse().unwrap()).collect()).collect();
        let mut reals = BallAlgebra::new(1024);
        let mut series: Series<Enclosure> = Series::new();
        let extend = |series: &mut Series<Enclosure>, reals: &mut BallAlgebra| {
            let k = series.order();
            series.extend(lowered, reals, |reals, v| match v {
                Variable::Theta(i) => inputs[i as usize].get(k).map(|q| reals.rational(q)),
                _ => None,
            });
        };
        for _ in 0..ORDERS {
            extend(&mut series, &mut reals);
        }
        // Forgetting and extending again changes nothing.
        series.truncate(3);
        while series.order() < ORDERS {
            extend(&mut series, &mut reals);
        }
        let coefficient = |k: usize| series.output(lowered, 0, k).map_or(Rational::ZERO, |c| c.to_rational().unwrap());
        let h = Rational::new(1, 2).pow(40).unwrap();
        let sum = (0..ORDERS).rev().fold(Rational::ZERO, |sum, k| &(&sum * &h) + &coefficient(k));
        let error = (&sum - &at(tape, &inputs, &h, &mut reals)).abs();
        assert!(reals.undefined.is_none(), "{name}: {:?}", reals.undefined);
        let bound = &h.pow(ORDERS as i64).unwrap() * &Rational::from(10_000_000);
        assert!(error <= bound, "{name}: off by {:e}, first omitted term {:e}", error.to_f64(), bound.to_f64());
    }

    const CURVE: &[&str] = &["3/10", "-2/3", "0", "5/7", "1", "-1/4"];

    #[test]
    fn every_function_matches_its_values() {
        for function in Function::ALL {
            check(vec![Op::Input(Variable::Theta(0)), Op::Apply(function, 0)], &[CURVE]);
            if !matches!(function, Function::Log | Function::Asin | Function::Acos) {
                let negative: &[&str] = &["-4/5", "0", "1/3", "2"];
                check(vec![Op::Input(Variable::Theta(0)), Op::Apply(function, 0)], &[negative]);
            }
        }
    }

    #[test]
    fn powers_match_their_values() {
        for exponent in ["2", "3", "5", "12", "-1", "-2", "-3", "1/2", "-1/2", "7/3", "-5/4", "3", "64", "65", "200"] {
            let q: Rational = exponent.parse().unwrap();
            check(vec![Op::Input(Variable::Theta(0)), Op::Pow(0, q.clone())], &[CURVE]);
            if !q.is_negative() && q.is_integer() {
                check(vec![Op::Input(Variable::Theta(0)), Op::Pow(0, q.clone())], &[&["0", "3", "0", "1/2"]]);
                check(vec![Op::Input(Variable::Theta(0)), Op::Pow(0, q)], &[&["0"]]);
            }
        }
    }

    #[test]
    fn sums_products_and_logsumexp_match_their_values() {
        let inputs = || vec![Op::Input(Variable::Theta(0)), Op::Input(Variable::Theta(1))];
        let curves: &[&[&str]] = &[CURVE, &["-1/2", "1", "1/3", "0", "2"]];
        for op in [Op::Add(0, 1), Op::Mul(0, 1), Op::Mul(0, 0), Op::LogSumExp([0, 1, 0].into())] {
            check([inputs(), vec![op]].concat(), curves);
        }
        // A shared, nested expression: tanh(exp(xy)·π) + sin(exp(xy)) beside cos of the same.
        let nested = [
            inputs(),
            vec![
                Op::Mul(0, 1),
                Op::Apply(Function::Exp, 2),
                Op::Pi,
                Op::Mul(3, 4),
                Op::Apply(Function::Tanh, 5),
                Op::Apply(Function::Sin, 3),
                Op::Apply(Function::Cos, 3),
                Op::Mul(7, 8),
                Op::Add(6, 9),
            ],
        ]
        .concat();
        check(nested, curves);
    }

    #[test]
    fn whole_powers_need_no_division() {
        // (h)^3 in exact arithmetic: a zero leading coefficient is no failure.
        let tape = Tape { ops: vec![Op::Input(Variable::Theta(0)), Op::Pow(0, 3.into())], outputs: vec![1] };
        let lowered = SeriesTape::new(&tape);
        let (mut exact, mut series) = (Exact::default(), Series::new());
        for k in 0..5 {
            series.extend(&lowered, &mut exact, |_, _| (k == 1).then_some(Rational::ONE));
            assert_eq!(series.output(&lowered, 0, k), (k == 3).then_some(&Rational::ONE));
        }
        assert!(!exact.stopped());
    }

    #[test]
    fn functions_and_their_derivatives_share_series() {
        let x = Op::Input(Variable::Theta(0));
        let alone = Tape { ops: vec![x.clone(), Op::Apply(Function::Sin, 0)], outputs: vec![1] };
        let both = Tape { ops: vec![x, Op::Apply(Function::Sin, 0), Op::Apply(Function::Cos, 0)], outputs: vec![1, 2] };
        assert_eq!(SeriesTape::new(&alone).len(), SeriesTape::new(&both).len());
    }
}
