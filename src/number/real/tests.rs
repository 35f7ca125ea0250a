//! The functions against values computed elsewhere (mpmath at 400 digits).

use super::{Real, Reals};
use crate::number::Rational;

fn apply(reals: &mut Reals, function: &str, x: &Real) -> Real {
    match function {
        "exp" => reals.exp(x),
        "log" => reals.log(x),
        "log1p" => reals.log1p(x),
        "expm1" => reals.expm1(x),
        "sin" => reals.sin(x),
        "cos" => reals.cos(x),
        "tan" => reals.tan(x),
        "asin" => reals.asin(x),
        "acos" => reals.acos(x),
        "atan" => reals.atan(x),
        "sinh" => reals.sinh(x),
        "cosh" => reals.cosh(x),
        "tanh" => reals.tanh(x),
        "erf" => reals.erf(x),
        "sigmoid" => reals.sigmoid(x),
        "softplus" => reals.softplus(x),
        _ => {
            let exponent = function.strip_prefix("pow:").unwrap().parse().unwrap();
            reals.pow(x, &exponent)
        }
    }
}

/// The relative error that the argument's own rounding causes must not count, so arguments carry many more bits.
fn check(precision: usize, digits: i64) {
    for line in include_str!("reference.txt").lines().filter(|l| !l.starts_with('#')) {
        let [function, argument, value] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let expected: Rational = value.parse().unwrap();
        let argument: Rational = argument.parse().unwrap();
        let x = Real::from_rational(&argument, 1024);
        let mut reals = Reals::new(precision);
        let got = apply(&mut reals, function, &x).to_rational().unwrap();
        let tolerance = &expected.abs() * &Rational::from(10).pow(-digits).unwrap();
        assert!((&got - &expected).abs() <= tolerance, "{line} at {precision} bits: {}", got.to_f64());
    }
}

#[test]
fn agrees_with_independent_values() {
    check(64, 18);
    check(128, 37);
    check(256, 76);
    // More than the 100 digits of the reference.
    check(512, 98);
}

#[test]
fn domains_end_without_panic() {
    let mut reals = Reals::new(128);
    let at = |n: i64, d: i64| Real::from_rational(&Rational::new(n, d), 128);
    let huge = Real::from_rational(&Rational::from(10).pow(40_000).unwrap(), 128);
    for value in [
        reals.log(&Real::zero()),
        reals.log(&at(-1, 1)),
        reals.log1p(&at(-1, 1)),
        reals.log1p(&at(-3, 1)),
        reals.asin(&at(3, 2)),
        reals.acos(&at(-3, 2)),
        reals.pow(&Real::zero(), &Rational::MINUS_ONE),
        reals.pow(&at(-1, 1), &Rational::new(1, 2)),
        reals.sin(&huge),
        reals.logsumexp(&[]),
        reals.div(&at(1, 1), &Real::zero()),
    ] {
        assert!(value.is_nan(), "{value:?}");
    }
    assert!(!reals.exp(&huge).is_finite());
    assert!(reals.exp(&huge.negated()).is_zero() && !reals.exp(&huge.negated()).is_exact());
    assert_eq!(reals.tanh(&huge.negated()).to_f64(), -1.0);
    assert_eq!(reals.erf(&huge).to_f64(), 1.0);
    assert_eq!(reals.softplus(&huge), huge);
    assert_eq!(reals.atan(&huge).to_f64(), std::f64::consts::FRAC_PI_2);
    for function in ["exp", "expm1", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "tanh", "erf"] {
        assert!(apply(&mut reals, function, &Real::nan()).is_nan(), "{function}");
    }
}

#[test]
fn logsumexp_neither_overflows_nor_cancels() {
    let mut reals = Reals::new(192);
    let at = |n: i64| Real::from_rational(&n.into(), 128);
    assert_eq!(reals.logsumexp(&[at(100_000), at(100_000)]).to_f64(), 100_000.693_147_180_56);
    // log(1 + exp(−600)): the second term alone.
    let tail = reals.logsumexp(&[at(0), at(-600)]);
    assert_eq!(tail.to_f64(), reals.exp(&at(-600)).to_f64());
}

#[test]
fn zeros_know_whether_they_are_exact() {
    let mut reals = Reals::new(128);
    let third = reals.rational(&Rational::new(1, 3));
    let half = reals.rational(&Rational::new(1, 2));
    assert!(reals.sub(&half, &half).is_exact());
    let zero = reals.sub(&third, &third);
    assert!(zero.is_zero() && !zero.is_exact());
    let product = reals.mul(&zero, &half);
    assert!(product.is_zero() && !product.is_exact());
    let sum = reals.add(&Real::zero(), &zero);
    assert!(!sum.is_exact());
    assert!(reals.sin(&Real::zero()).is_exact());
    let _ = reals.exp(&half);
}
