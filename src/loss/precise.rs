//! The sign of constant expressions that machine numbers cannot tell from zero, in extended precision.

use crate::expr::{Function, Id, Node, Pool};
use crate::number::Rational;
use astro_float::{BigFloat, Consts, Radix, RoundingMode};
use rustc_hash::FxHashMap;

const RM: RoundingMode = RoundingMode::ToEven;
/// The pairs of precisions in bits at which an expression is computed; where the results agree its sign is known.
const PRECISIONS: [[usize; 2]; 2] = [[320, 640], [2560, 3200]];
/// Results agree if their difference is smaller than them by as many bits.
const AGREEMENT: i64 = 64;
/// Trigonometric functions reduce their argument by a multiple of π as long as it; beyond 2^this that is not attempted.
const MAX_ARGUMENT_EXPONENT: i32 = 1024;

/// What is known of the sign of a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Negative,
    /// Zero, or not to be told from zero in 3,200 bits.
    Zero,
    Positive,
    Unknown,
}

impl Sign {
    pub(super) fn of(q: &Rational) -> Sign {
        if q.is_zero() {
            Sign::Zero
        } else if q.is_negative() {
            Sign::Negative
        } else {
            Sign::Positive
        }
    }
}

/// The sign of a scalar without parameters and symbols.
pub(super) fn sign(pool: &Pool, id: Id) -> Sign {
    let ids = pool.reachable(&[id]);
    let Ok(mut consts) = Consts::new() else { return Sign::Unknown };
    for precisions in PRECISIONS {
        let [rough, fine] = precisions.map(|p| Precise { pool, p, consts: &mut consts }.evaluate(&ids, id));
        let (Some(rough), Some(fine)) = (rough, fine) else { return Sign::Unknown };
        let difference = fine.sub(&rough, precisions[1], RM);
        let agree = match (fine.exponent(), difference.exponent()) {
            _ if fine.is_zero() => false,
            (Some(f), Some(d)) => difference.is_zero() || i64::from(f) - i64::from(d) > AGREEMENT,
            _ => false,
        };
        if agree {
            return if fine.is_negative() { Sign::Negative } else { Sign::Positive };
        }
    }
    Sign::Zero
}

struct Precise<'a> {
    pool: &'a Pool,
    p: usize,
    consts: &'a mut Consts,
}

impl Precise<'_> {
    fn evaluate(&mut self, ids: &[Id], root: Id) -> Option<BigFloat> {
        let mut values: FxHashMap<Id, BigFloat> = FxHashMap::default();
        for id in ids {
            let of = |id: &Id| values.get(id);
            let value = match self.pool.node(*id) {
                Node::Constant(q) => self.rational(q),
                Node::Pi => self.consts.pi(self.p, RM),
                Node::Add(a, b) => of(a)?.add(of(b)?, self.p, RM),
                Node::Mul(a, b) => of(a)?.mul(of(b)?, self.p, RM),
                Node::Pow(a, q) => {
                    let base = of(a)?.clone();
                    self.pow(&base, q)?
                }
                Node::Apply(f, a) => {
                    let x = of(a)?.clone();
                    self.apply(*f, &x)?
                }
                _ => return None,
            };
            // Overflow and undefined values say nothing about the sign of what follows.
            if value.is_nan() || value.is_inf() {
                return None;
            }
            values.insert(*id, value);
        }
        values.remove(&root)
    }

    fn one(&self) -> BigFloat {
        BigFloat::from_word(1, self.p)
    }

    fn rational(&mut self, q: &Rational) -> BigFloat {
        let n = BigFloat::parse(&q.numerator().to_str_radix(2), Radix::Bin, self.p + 64, RM, self.consts);
        let d = BigFloat::parse(&q.denominator().to_str_radix(2), Radix::Bin, self.p + 64, RM, self.consts);
        n.div(&d, self.p, RM)
    }

    fn pow(&mut self, base: &BigFloat, q: &Rational) -> Option<BigFloat> {
        if let Some(n) = q.to_i64() {
            let power = base.powi(usize::try_from(n.unsigned_abs()).ok()?, self.p, RM);
            return Some(if n < 0 { power.reciprocal(self.p, RM) } else { power });
        }
        if base.is_zero() {
            return (!q.is_negative()).then(|| base.clone());
        }
        if base.is_negative() {
            return None;
        }
        let exponent = self.rational(q);
        Some(base.ln(self.p, RM, self.consts).mul(&exponent, self.p, RM).exp(self.p, RM, self.consts))
    }

    fn apply(&mut self, function: Function, x: &BigFloat) -> Option<BigFloat> {
        use Function as F;
        let (p, one) = (self.p, self.one());
        let far = x.exponent().is_some_and(|e| e > MAX_ARGUMENT_EXPONENT);
        let c = &mut *self.consts;
        Some(match function {
            F::Sin | F::Cos | F::Tan if far => return None,
            F::Exp => x.exp(p, RM, c),
            F::Log => x.ln(p, RM, c),
            F::Log1p => x.add(&one, p, RM).ln(p, RM, c),
            F::Expm1 => x.exp(p, RM, c).sub(&one, p, RM),
            F::Sin => x.sin(p, RM, c),
            F::Cos => x.cos(p, RM, c),
            F::Tan => x.tan(p, RM, c),
            F::Asin => x.asin(p, RM, c),
            F::Acos => x.acos(p, RM, c),
            F::Atan => x.atan(p, RM, c),
            F::Sinh => x.sinh(p, RM, c),
            F::Cosh => x.cosh(p, RM, c),
            F::Tanh => x.tanh(p, RM, c),
            F::Sigmoid => x.neg().exp(p, RM, c).add(&one, p, RM).reciprocal(p, RM),
            F::Softplus => x.exp(p, RM, c).add(&one, p, RM).ln(p, RM, c),
            F::Abs => x.abs(),
            // The others jump or are flat where the sign is in doubt, or are not at hand.
            F::Erf | F::Relu | F::Sign | F::Step => return None,
        })
    }
}
