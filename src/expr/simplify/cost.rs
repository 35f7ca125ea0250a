//! What expressions cost, to read and to run.

use super::term::Term;
use crate::expr::{Function, Id, Op, Pool, Tape};
use crate::formula::reading_cost;
use crate::number::Rational;
use rustc_hash::FxHashSet;
use std::ops::Range;

/// What makes one expression better than another. Shared subterms count once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cost {
    /// How much there is to read: the numbers, names, operators and brackets of all that is printed, definitions of shared subterms included
    /// ([`reading_cost`]). Within an e-graph operations stand for these, with fractions, powers and roots counting more.
    Reading,
    /// How long it takes to run, in quarters of a multiplication: a division counts four, a root five, a logarithm eleven
    /// multiplications; a product that is added counts less, as does a cosine beside the sine of the same argument.
    Running,
}

impl Cost {
    /// What some expressions cost together.
    ///
    /// ```
    /// use shadowflow::expr::simplify::Cost;
    /// use shadowflow::expr::{Pool, Shape};
    /// let mut pool = Pool::new();
    /// let x = pool.declare_parameter("x", Shape::scalar());
    /// let square = pool.pow(x, &2.into());
    /// let inverse = pool.pow(x, &(-1).into());
    /// assert!(Cost::Running.of(&pool, &[square]) < Cost::Running.of(&pool, &[inverse]));
    /// ```
    #[must_use]
    pub fn of(self, pool: &Pool, roots: &[Id]) -> u64 {
        if self == Cost::Running {
            return self.of_tape(&Tape::new(pool, roots));
        }
        let printed = pool.print(roots, &[]);
        // A definition has its name and `let … =` besides its value.
        let lets = printed.lets.iter().map(|(_, value)| reading_cost(&value.to_string()) + 3);
        let own = printed.expressions.iter().map(|f| reading_cost(&f.to_string()));
        lets.chain(own).sum::<usize>() as u64
    }

    pub(super) fn of_tape(self, tape: &Tape) -> u64 {
        self.of_operations(tape, 0..tape.ops.len(), true)
    }

    /// What a stretch of a tape costs, with or without the discount for products that are added.
    pub(super) fn of_operations(self, tape: &Tape, range: Range<usize>, fused: bool) -> u64 {
        let mut waves: FxHashSet<u32> = FxHashSet::default();
        let number = |at: u32| match tape.ops.get(at as usize) {
            Some(Op::Constant(q)) => Some(q),
            _ => None,
        };
        let multiplied = |at: u32| match tape.ops.get(at as usize) {
            Some(Op::Mul(a, b)) => number(*a).is_none() && number(*b).is_none(),
            _ => false,
        };
        let costs = tape.ops[range].iter().map(|op| match op {
            Op::Constant(_) | Op::Pi | Op::Input(_) => 0,
            Op::Add(a, b) if let Some(q) = number(*a).or_else(|| number(*b)) => self.shift(q),
            Op::Add(a, b) => {
                self.add() - u64::from(fused && self == Cost::Running && (multiplied(*a) || multiplied(*b)))
            }
            Op::Mul(a, b) => match number(*a).or_else(|| number(*b)) {
                Some(q) => self.scale(q),
                None => self.mul(),
            },
            Op::Pow(_, e) => self.pow(e),
            Op::Apply(Function::Sin | Function::Cos, a) if !waves.insert(*a) => self.second_wave(),
            Op::Apply(f, _) => self.apply(*f),
            Op::LogSumExp(terms) => self.logsumexp(terms.len()),
        });
        costs.sum()
    }

    fn add(self) -> u64 {
        match self {
            Cost::Reading => 2,
            Cost::Running => 4,
        }
    }

    /// A sum with a number.
    fn shift(self, q: &Rational) -> u64 {
        let plain = self == Cost::Running || q.abs().is_one();
        self.add() + if plain { 0 } else { 2 }
    }

    fn mul(self) -> u64 {
        match self {
            Cost::Reading => 2,
            Cost::Running => 4,
        }
    }

    /// A product with a number.
    fn scale(self, q: &Rational) -> u64 {
        match self {
            _ if q.abs().is_one() => 1,
            Cost::Reading => 2 + u64::from(!q.is_integer()),
            Cost::Running => 4,
        }
    }

    fn pow(self, e: &Rational) -> u64 {
        let size = e.abs();
        match self {
            Cost::Reading if size.is_one() => 1,
            Cost::Reading if size == Rational::new(1, 2) => 2,
            Cost::Reading if *e == Rational::from(2) => 3,
            Cost::Reading => 6 + u64::from(!e.is_integer()),
            Cost::Running => {
                let divides = if e.is_negative() { 16 } else { 0 };
                let twice = &size + &size;
                let Some(n) = twice.to_i64().and_then(|n| u64::try_from(n).ok()).filter(|n| *n <= 128) else {
                    return 160;
                };
                // Square and multiply.
                let whole = n / 2;
                let products = if whole > 0 { u64::from(whole.ilog2() + whole.count_ones() - 1) } else { 0 };
                let root = if n % 2 == 1 { 20 + 4 * u64::from(whole > 0) } else { 0 };
                divides + 4 * products + root
            }
        }
    }

    fn apply(self, function: Function) -> u64 {
        use Function as F;
        match (self, function) {
            (Cost::Reading, F::Sinh | F::Cosh) => 4,
            (Cost::Reading, _) => 3,
            (_, F::Relu | F::Abs | F::Sign | F::Step) => 6,
            (_, F::Exp | F::Expm1) => 40,
            (_, F::Log | F::Log1p | F::Sin | F::Cos) => 44,
            (_, F::Tan | F::Sinh | F::Cosh | F::Tanh | F::Sigmoid | F::Atan) => 60,
            (_, F::Asin | F::Acos | F::Erf) => 70,
            (_, F::Softplus) => 90,
        }
    }

    /// A sine beside the cosine of the same argument, or the other way round.
    fn second_wave(self) -> u64 {
        match self {
            Cost::Reading => 3,
            Cost::Running => 16,
        }
    }

    /// What [`Cost::second_wave`] saves.
    pub(super) fn wave_discount(self) -> u64 {
        self.apply(Function::Sin) - self.second_wave()
    }

    fn logsumexp(self, terms: usize) -> u64 {
        let n = u64::try_from(terms).unwrap_or(u64::MAX / 100);
        match self {
            Cost::Reading => 3 + 2 * n,
            Cost::Running => self.apply(Function::Log) + n * (self.apply(Function::Exp) + 3 * self.add()),
        }
    }

    /// What the operations of one e-node cost.
    pub(super) fn of_term(self, term: &Term) -> u64 {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX / 100);
        match term {
            Term::Leaf(_) | Term::Pi => 0,
            Term::Sum(constant, coefficients, terms) => {
                let shift = if constant.is_zero() || terms.is_empty() { 0 } else { self.shift(constant) };
                let scales = coefficients.iter().filter(|c| !c.is_one()).map(|c| self.scale(c));
                count(terms.len().saturating_sub(1)) * self.add() + scales.sum::<u64>() + shift
            }
            Term::Product(exponents, factors) => {
                let (divisors, others): (Vec<&Rational>, Vec<&Rational>) =
                    exponents.iter().partition(|e| e.is_negative());
                let products = count(factors.len().saturating_sub(1)) * self.mul();
                let powers = others.iter().filter(|e| !e.is_one()).map(|e| self.pow(e)).sum::<u64>();
                let below = match divisors[..] {
                    [] => 0,
                    [e] => self.pow(e),
                    _ => {
                        let sizes = divisors.iter().map(|e| e.abs()).filter(|e| !e.is_one());
                        self.pow(&Rational::MINUS_ONE) + sizes.map(|e| self.pow(&e)).sum::<u64>()
                    }
                };
                products + powers + below
            }
            Term::Apply(f, _) => self.apply(*f),
            Term::LogSumExp(terms) => self.logsumexp(terms.len()),
        }
    }
}
