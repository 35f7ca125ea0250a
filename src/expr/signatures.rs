//! Identities by evaluation in finite fields: which combinations of values are zero because they are zero for all values.

use super::fold::exact_value;
use super::{Algebra, Function};
use crate::number::Rational;
use num_bigint::BigInt;
use num_traits::ToPrimitive;

/// The fields: `2^bits − minus`, both prime.
const FIELDS: [(u32, u64); 2] = [(61, 1), (62, 57)];

const fn prime(field: usize) -> u64 {
    (1 << FIELDS[field].0) - FIELDS[field].1
}

/// One residue for each field; `None` where a denominator was zero.
pub type Signature = Option<[u64; 2]>;

/// The algebra of values modulo two large primes, in which π and the values of functions are residues drawn at random, one for each argument.
///
/// A combination of independent numbers that is not zero identically has, modulo a prime p, the residue 0 with a probability of at most its degree
/// over p (Schwartz 1980; Gonnet 1984 for expressions): over both fields about 2^-100. So a residue of 0 says that the terms of a value cancel
/// whatever the numbers are. Functions that are rational in others (`tanh` in `exp`) are computed from those, and the sine and cosine
/// of multiples of π/2 are exact; of other relations between functions nothing is known, and the zeros that follow from them are not seen.
///
/// ```
/// use shadowflow::expr::{Algebra, Function, Signatures};
/// let mut signatures = Signatures;
/// let x = signatures.rational(&3.into());
/// let (exp, tanh) = (signatures.apply(Function::Exp, &x), signatures.apply(Function::Tanh, &x));
/// // tanh x (exp 2x + 1) − exp 2x + 1 = 0.
/// let square = signatures.mul(&exp, &exp);
/// let (above, below) = { let one = signatures.rational(&1.into()); (signatures.sub(&square, &one), signatures.add(&square, &one)) };
/// let product = signatures.mul(&tanh, &below);
/// assert_eq!(signatures.sub(&product, &above), Some([0, 0]));
/// assert_ne!(signatures.sub(&exp, &x), Some([0, 0]));
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Signatures;

fn times(field: usize, a: u64, b: u64) -> u64 {
    let (bits, minus) = FIELDS[field];
    let p = prime(field);
    let mut product = u128::from(a) * u128::from(b);
    while product >> bits != 0 {
        product = (product >> bits) * u128::from(minus) + (product & u128::from((1_u64 << bits) - 1));
    }
    let product = u64::try_from(product).unwrap_or(0);
    if product >= p { product - p } else { product }
}

fn plus(field: usize, a: u64, b: u64) -> u64 {
    let sum = a + b;
    if sum >= prime(field) { sum - prime(field) } else { sum }
}

fn minus(field: usize, a: u64) -> u64 {
    if a == 0 { 0 } else { prime(field) - a }
}

fn power(field: usize, a: u64, mut n: u64) -> u64 {
    let (mut result, mut square) = (1, a);
    while n > 0 {
        if n & 1 == 1 {
            result = times(field, result, square);
        }
        square = times(field, square, square);
        n >>= 1;
    }
    result
}

/// A residue from a whole number.
fn whole(field: usize, n: &BigInt) -> u64 {
    let p = BigInt::from(prime(field));
    ((n % &p + &p) % p).to_u64().unwrap_or(0)
}

/// Mixes bits (Steele, Lea and Flood 2014, splitmix64).
fn mixed(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The residues drawn for a kind of number with an argument.
fn atom(kind: u64, argument: [u64; 2]) -> [u64; 2] {
    let seed = mixed(mixed(kind ^ mixed(argument[0])) ^ argument[1].rotate_left(17));
    std::array::from_fn(|field| mixed(seed ^ (field as u64 + 1).rotate_left(40)) % prime(field))
}

fn both(f: impl FnMut(usize) -> u64) -> [u64; 2] {
    std::array::from_fn(f)
}

const ONE: [u64; 2] = [1, 1];
const ZERO: [u64; 2] = [0, 0];
const PI: u64 = 1 << 32;

fn add(a: [u64; 2], b: [u64; 2]) -> [u64; 2] {
    both(|k| plus(k, a[k], b[k]))
}

fn negated(a: [u64; 2]) -> [u64; 2] {
    both(|k| minus(k, a[k]))
}

fn mul(a: [u64; 2], b: [u64; 2]) -> [u64; 2] {
    both(|k| times(k, a[k], b[k]))
}

fn over(a: [u64; 2], b: [u64; 2]) -> Signature {
    (b[0] != 0 && b[1] != 0).then(|| both(|k| times(k, a[k], power(k, b[k], prime(k) - 2))))
}

/// The same for a number and its negative, and whether it is the negative that is taken.
fn unsigned(a: [u64; 2]) -> ([u64; 2], bool) {
    let other = negated(a);
    if a[0] <= other[0] { (a, false) } else { (other, true) }
}

/// The residues drawn for an odd function.
fn odd(function: Function, a: [u64; 2]) -> [u64; 2] {
    let (size, negative) = unsigned(a);
    let value = atom(function as u64, size);
    if negative { negated(value) } else { value }
}

/// The residue of an exponential, so that those of opposite numbers are reciprocal.
fn exp(a: [u64; 2]) -> Signature {
    let (size, negative) = unsigned(a);
    let value = atom(Function::Exp as u64, size);
    if negative { over(ONE, value) } else { Some(value) }
}

/// `k` where the number is `k π/2` with a small whole number.
fn right_angles(a: [u64; 2]) -> Option<i64> {
    let ratio = over(add(a, a), atom(PI, ZERO))?;
    let signed: [i64; 2] = std::array::from_fn(|k| {
        let value = i64::try_from(ratio[k]).unwrap_or(i64::MAX);
        let below = i64::try_from(prime(k)).unwrap_or(i64::MAX) - value;
        if value < below { value } else { -below }
    });
    (signed[0] == signed[1] && signed[0].abs() < 1 << 20).then_some(signed[0])
}

/// The sine and the cosine, from the tangent of half the angle.
fn circle(a: [u64; 2]) -> Option<([u64; 2], [u64; 2])> {
    if let Some(k) = right_angles(a) {
        let minus = negated(ONE);
        return Some([(ZERO, ONE), (ONE, ZERO), (ZERO, minus), (minus, ZERO)][usize::try_from(k.rem_euclid(4)).ok()?]);
    }
    let t = odd(Function::Sin, a);
    let square = mul(t, t);
    let below = add(ONE, square);
    Some((over(add(t, t), below)?, over(add(ONE, negated(square)), below)?))
}

fn value(function: Function, a: [u64; 2]) -> Signature {
    use Function as F;
    let log = |x: [u64; 2]| if x == ONE { ZERO } else { atom(F::Log as u64, x) };
    if a == ZERO
        && let Some(q) = exact_value(function, &Rational::ZERO)
    {
        return Signatures.rational(&q);
    }
    match function {
        F::Exp => exp(a),
        F::Expm1 => Some(add(exp(a)?, negated(ONE))),
        F::Log => Some(log(a)),
        F::Log1p => Some(log(add(ONE, a))),
        F::Softplus => Some(log(add(ONE, exp(a)?))),
        F::Sigmoid => {
            let e = exp(a)?;
            over(e, add(ONE, e))
        }
        F::Sin => Some(circle(a)?.0),
        F::Cos => Some(circle(a)?.1),
        F::Tan => {
            let (sin, cos) = circle(a)?;
            over(sin, cos)
        }
        F::Sinh | F::Cosh | F::Tanh => {
            let e = exp(a)?;
            let inverse = over(ONE, e)?;
            let (difference, sum) = (add(e, negated(inverse)), add(e, inverse));
            let two = add(ONE, ONE);
            match function {
                F::Sinh => over(difference, two),
                F::Cosh => over(sum, two),
                _ => over(difference, sum),
            }
        }
        F::Acos => {
            let right = over(atom(PI, ZERO), add(ONE, ONE))?;
            Some(add(right, negated(odd(F::Asin, a))))
        }
        F::Asin | F::Atan | F::Erf | F::Sign => Some(odd(function, a)),
        F::Abs => Some(mul(a, odd(F::Sign, a))),
        F::Step => Some(atom(F::Step as u64, a)),
        F::Relu => Some(mul(a, atom(F::Step as u64, a))),
    }
}

impl Algebra for Signatures {
    type Value = Signature;

    fn rational(&mut self, q: &Rational) -> Signature {
        if let Some(n) = q.to_i64() {
            let size = both(|k| n.unsigned_abs() % prime(k));
            return Some(if n < 0 { negated(size) } else { size });
        }
        let (above, below) = (q.numerator(), q.denominator());
        over(both(|k| whole(k, &above)), both(|k| whole(k, &below)))
    }

    fn pi(&mut self) -> Signature {
        Some(atom(PI, ZERO))
    }

    fn add(&mut self, a: &Signature, b: &Signature) -> Signature {
        Some(add((*a)?, (*b)?))
    }

    fn mul(&mut self, a: &Signature, b: &Signature) -> Signature {
        Some(mul((*a)?, (*b)?))
    }

    fn scale(&mut self, q: &Rational, a: &Signature) -> Signature {
        let q = self.rational(q);
        self.mul(&q, a)
    }

    fn pow(&mut self, a: &Signature, exponent: &Rational) -> Signature {
        let a = (*a)?;
        let n = exponent.numerator();
        let d = exponent.denominator();
        if a == ZERO {
            return if n > BigInt::ZERO { Some(ZERO) } else { None };
        }
        let (whole, rest) = num_integer::Integer::div_mod_floor(&n, &d);
        // a^(w + r/d) with the d-th root drawn at random.
        let root = if rest == BigInt::ZERO {
            ONE
        } else {
            let root = atom(mixed(d.to_u64()?) | PI, a);
            both(|k| power(k, root[k], rest.to_u64().unwrap_or(1)))
        };
        let size = whole.magnitude().to_u64()?;
        let power = both(|k| power(k, a[k], size));
        let power = if whole < BigInt::ZERO { over(ONE, power)? } else { power };
        Some(mul(power, root))
    }

    fn apply(&mut self, function: Function, a: &Signature) -> Signature {
        value(function, (*a)?)
    }

    fn logsumexp(&mut self, terms: &[Signature]) -> Signature {
        if let [only] = terms {
            return *only;
        }
        let mut sum = ZERO;
        for term in terms {
            sum = add(sum, exp((*term)?)?);
        }
        value(Function::Log, sum)
    }

    fn is_zero(&self, a: &Signature) -> bool {
        *a == Some(ZERO)
    }
}
