//! Sums and products of rationals, by machine integers where they do not overflow.

use super::divisors::{common_divisor, gcd};
use super::rational::{Rational, Repr};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

fn add_small(a: (i128, i128), b: (i128, i128)) -> Option<Rational> {
    let ((an, ad), (bn, bd)) = (a, b);
    if ad == 1 && bd == 1 {
        return Some(Rational(Repr::Small(an.checked_add(bn)?, 1)));
    }
    let g = i128::try_from(gcd(ad.unsigned_abs(), bd.unsigned_abs())).ok()?;
    let (ra, rb) = (ad / g, bd / g);
    let n = an.checked_mul(rb)?.checked_add(bn.checked_mul(ra)?)?;
    Rational::small(n, ad.checked_mul(rb)?)
}

fn mul_small(a: (i128, i128), b: (i128, i128)) -> Option<Rational> {
    let ((an, ad), (bn, bd)) = (a, b);
    // Cross-reduced, the product is in lowest terms already.
    let g = i128::try_from(gcd(an.unsigned_abs(), bd.unsigned_abs())).ok()?.max(1);
    let k = i128::try_from(gcd(bn.unsigned_abs(), ad.unsigned_abs())).ok()?.max(1);
    let n = (an / g).checked_mul(bn / k)?;
    let d = (ad / k).checked_mul(bd / g)?;
    Some(Rational(if n == 0 { Repr::Small(0, 1) } else { Repr::Small(n, d) }))
}

fn divided(n: &BigInt, by: &BigInt) -> BigInt {
    if by.is_one() { n.clone() } else { n / by }
}

/// The sum in lowest terms (Knuth, The Art of Computer Programming, volume 2, 4.5.1).
fn add_big(a: &BigRational, b: &BigRational) -> BigRational {
    let g = common_divisor(a.denom(), b.denom());
    let (ra, rb) = (divided(a.denom(), &g), divided(b.denom(), &g));
    let n = a.numer() * &rb + b.numer() * &ra;
    if n.is_zero() {
        return BigRational::zero();
    }
    // What is left in common divides g.
    let k = common_divisor(&n, &g);
    BigRational::new_raw(divided(&n, &k), ra * divided(b.denom(), &k))
}

/// The product in lowest terms.
fn mul_big(a: &BigRational, b: &BigRational) -> BigRational {
    if a.is_zero() || b.is_zero() {
        return BigRational::zero();
    }
    let (g, k) = (common_divisor(a.numer(), b.denom()), common_divisor(b.numer(), a.denom()));
    let n = divided(a.numer(), &g) * divided(b.numer(), &k);
    BigRational::new_raw(n, divided(a.denom(), &k) * divided(b.denom(), &g))
}

impl Add for &Rational {
    type Output = Rational;
    fn add(self, other: &Rational) -> Rational {
        if let (Repr::Small(an, ad), Repr::Small(bn, bd)) = (&self.0, &other.0)
            && let Some(sum) = add_small((*an, *ad), (*bn, *bd))
        {
            return sum;
        }
        Rational::from_big(add_big(&self.big(), &other.big()))
    }
}

impl Mul for &Rational {
    type Output = Rational;
    fn mul(self, other: &Rational) -> Rational {
        if let (Repr::Small(an, ad), Repr::Small(bn, bd)) = (&self.0, &other.0)
            && let Some(product) = mul_small((*an, *ad), (*bn, *bd))
        {
            return product;
        }
        Rational::from_big(mul_big(&self.big(), &other.big()))
    }
}

impl Neg for &Rational {
    type Output = Rational;
    fn neg(self) -> Rational {
        match &self.0 {
            Repr::Small(n, d) if *n != i128::MIN => Rational(Repr::Small(-n, *d)),
            _ => Rational::from_big(-self.big()),
        }
    }
}

impl Sub for &Rational {
    type Output = Rational;
    fn sub(self, other: &Rational) -> Rational {
        self + &-other
    }
}

/// # Panics
/// On division by zero; see [`Rational::checked_div`].
impl Div for &Rational {
    type Output = Rational;
    fn div(self, other: &Rational) -> Rational {
        self.checked_div(other).expect("division of a rational by zero")
    }
}

macro_rules! by_value {
    ($($op:ident $method:ident),*) => {$(
        impl $op for Rational {
            type Output = Rational;
            fn $method(self, other: Rational) -> Rational {
                (&self).$method(&other)
            }
        }
        impl $op<&Rational> for Rational {
            type Output = Rational;
            fn $method(self, other: &Rational) -> Rational {
                (&self).$method(other)
            }
        }
    )*};
}
by_value!(Add add, Sub sub, Mul mul, Div div);

impl Neg for Rational {
    type Output = Rational;
    fn neg(self) -> Rational {
        -&self
    }
}

impl AddAssign<&Rational> for Rational {
    fn add_assign(&mut self, other: &Rational) {
        *self = &*self + other;
    }
}

impl SubAssign<&Rational> for Rational {
    fn sub_assign(&mut self, other: &Rational) {
        *self = &*self - other;
    }
}

impl MulAssign<&Rational> for Rational {
    fn mul_assign(&mut self, other: &Rational) {
        *self = &*self * other;
    }
}

impl std::iter::Sum for Rational {
    fn sum<I: Iterator<Item = Rational>>(iter: I) -> Rational {
        iter.fold(Rational::ZERO, |a, b| a + b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_traits::Pow;
    use proptest::prelude::*;

    /// Beyond machine integers, with a power of two in each part, as numbers that come of doubles have.
    fn large() -> impl Strategy<Value = BigRational> {
        let part = || (any::<i64>(), 0_u32..6, 0_u32..200).prop_map(|(n, e, k)| BigInt::from(n).pow(e) << k);
        (part(), part().prop_filter("a denominator", |d| !d.is_zero())).prop_map(|(n, d)| BigRational::new(n, d))
    }

    proptest! {
        #[test]
        fn agrees_with_big_rationals(a: i64, b in 1i64.., c: i64, d in 1i64..) {
            let (x, y) = (Rational::new(a, b), Rational::new(c, d));
            prop_assert_eq!((&x + &y).big(), x.big() + y.big());
            prop_assert_eq!((&x * &y).big(), x.big() * y.big());
            prop_assert_eq!(x.cmp(&y), x.big().cmp(&y.big()));
        }

        #[test]
        fn large_ones_too(a in large(), b in large()) {
            let (x, y) = (Rational::from_big(a.clone()), Rational::from_big(b.clone()));
            // The same value in the same representation.
            prop_assert_eq!(&x + &y, Rational::from_big(&a + &b));
            prop_assert_eq!(&x - &y, Rational::from_big(&a - &b));
            prop_assert_eq!(&x * &y, Rational::from_big(&a * &b));
            if !y.is_zero() {
                prop_assert_eq!(&(&(&x * &y) / &y), &x);
            }
        }
    }
}
