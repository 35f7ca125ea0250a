//! Enclosures against values computed elsewhere, and against themselves at more digits.

use super::{Ball, Balls, Domain, Magnitude};
use crate::number::{Rational, Real};
use proptest::prelude::*;

type Outcome = Result<Ball, Domain>;

fn apply(balls: &mut Balls, function: &str, x: &Ball) -> Outcome {
    match function {
        "exp" => Ok(balls.exp(x)),
        "log" => balls.log(x),
        "log1p" => balls.log1p(x),
        "expm1" => Ok(balls.expm1(x)),
        "sin" => Ok(balls.sin(x)),
        "cos" => Ok(balls.cos(x)),
        "tan" => balls.tan(x),
        "asin" => balls.asin(x),
        "acos" => balls.acos(x),
        "atan" => Ok(balls.atan(x)),
        "sinh" => Ok(balls.sinh(x)),
        "cosh" => Ok(balls.cosh(x)),
        "tanh" => Ok(balls.tanh(x)),
        "erf" => Ok(balls.erf(x)),
        "sigmoid" => Ok(balls.sigmoid(x)),
        "softplus" => Ok(balls.softplus(x)),
        "inverse" => balls.inverse(x),
        "square" => Ok(balls.mul(x, x)),
        "abs" => Ok(balls.abs(x)),
        "relu" => Ok(balls.relu(x)),
        "logsumexp" => {
            let (shifted, twice) = (balls.add(x, &Balls::integer(1)), balls.scale(&Rational::new(-1, 3), x));
            Ok(balls.logsumexp(&[x.clone(), shifted, twice]))
        }
        _ => {
            let exponent = function.strip_prefix("pow:").unwrap().parse().unwrap();
            balls.pow(x, &exponent)
        }
    }
}

const FUNCTIONS: [&str; 27] = [
    "exp",
    "log",
    "log1p",
    "expm1",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "erf",
    "sigmoid",
    "softplus",
    "inverse",
    "square",
    "abs",
    "relu",
    "logsumexp",
    "pow:3",
    "pow:-2",
    "pow:1/2",
    "pow:-3/2",
    "pow:1/3",
    "pow:-17/5",
];

/// As a rational; sizes below `2^-50000` are taken as that.
fn bound(m: Magnitude) -> Rational {
    if m.is_zero() {
        return Rational::ZERO;
    }
    let (mantissa, exponent) = (m.over(Magnitude::power_of_two(m.exponent())).to_f64(), m.exponent().max(-50_000));
    &Rational::from_f64(mantissa).unwrap() * &Rational::from(2).pow(exponent).unwrap()
}

/// Whether a number lies in a set.
fn holds(ball: &Ball, value: &Rational) -> bool {
    match ball {
        Ball::Finite(mid, radius) if radius.is_zero() => mid.to_rational().as_ref() == Some(value),
        // Beyond what rationals are good for.
        Ball::Finite(..) if ball.above().exponent() > 50_000 => true,
        Ball::Finite(mid, radius) => (&mid.to_rational().unwrap() - value).abs() <= bound(*radius),
        Ball::Huge { negative, .. } => value.is_negative() == *negative,
        Ball::Unknown => true,
    }
}

#[test]
fn independent_values_are_enclosed() {
    for precision in [64, 128, 256, 512] {
        let mut balls = Balls::new(precision);
        for line in include_str!("../real/reference.txt").lines().filter(|l| !l.starts_with('#')) {
            let [function, argument, value] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let expected: Rational = value.parse().unwrap();
            let x = Ball::exact(Real::from_rational(&argument.parse().unwrap(), 1024));
            let got = apply(&mut balls, function, &x).unwrap();
            // The reference itself is right to 100 digits.
            let slack = Magnitude::above(&Real::from_rational(&expected, 64)).times(Magnitude::power_of_two(-320));
            assert!(holds(&Balls::wider(got.clone(), slack), &expected), "{line} at {precision} bits: {got:?}");
        }
    }
}

/// A rational of any size whose exponential is not too large: small and large, near whole numbers and near 0.
fn arguments() -> impl Strategy<Value = Rational> {
    let size = prop_oneof![-400i64..14, -40i64..12, -3i64..3];
    (1i64..1 << 40, size, any::<bool>(), prop_oneof![3 => Just(0i64), 1 => -3i64..4]).prop_map(
        |(n, e, negative, near)| {
            let x = &Rational::new(n, 1 << 39) * &Rational::from(2).pow(e).unwrap();
            &(if negative { -&x } else { x }) + &Rational::from(near)
        },
    )
}

/// `SHADOWFLOW_BALL_CASES=100000 cargo test --release --lib number::ball` is the long run.
fn cases() -> ProptestConfig {
    let cases = std::env::var("SHADOWFLOW_BALL_CASES").ok().and_then(|n| n.parse().ok());
    ProptestConfig::with_cases(cases.unwrap_or(64))
}

proptest! {
    #![proptest_config(cases())]

    /// The set for an interval holds the values at its middle and its ends, which many more digits tell.
    #[test]
    fn sets_hold_the_values_of_all_their_numbers(
        x in arguments(), size in -300i64..4, words in 1usize..4, which in 0..FUNCTIONS.len(), exact: bool,
    ) {
        let function = FUNCTIONS[which];
        let mut balls = Balls::new(64 * words);
        let mid = balls.rational(&x).mid();
        let middle = mid.to_rational().unwrap();
        let radius = if exact { Magnitude::ZERO } else { Magnitude::above(&mid).times(Magnitude::power_of_two(size)) };
        let set = Ball::Finite(mid, radius);
        let got = apply(&mut balls, function, &set);
        let mut fine = Balls::new(2048);
        let r = if exact { Rational::ZERO } else { bound(radius) };
        for place in ["-1", "-1/3", "0", "1/2", "1"] {
            let at = &middle + &(&r * &place.parse().unwrap());
            let point = fine.rational(&at);
            match (&got, apply(&mut fine, function, &point)) {
                (Ok(_), Ok(Ball::Finite(value, _))) if value.exponent().is_some_and(|e| e > 50_000) => {}
                (Ok(set), Ok(Ball::Finite(value, error))) => {
                    let widened = Balls::wider(set.clone(), error);
                    prop_assert!(value.to_rational().is_none_or(|v| holds(&widened, &v)), "{function} at {at} in {set:?}: {value:?}");
                }
                (Ok(set), Err(Domain::Outside)) => prop_assert!(false, "{function} at {at} in {set:?} has no value"),
                (Err(Domain::Outside), Ok(value)) => prop_assert!(false, "{function} at {at} has the value {value:?}"),
                _ => {}
            }
        }
    }

    /// Sums, products and quotients with rationals, whose exact values are known; radius 0 says exact.
    #[test]
    fn arithmetic_is_enclosed(x in arguments(), y in arguments(), words in 1usize..4) {
        let balls = Balls::new(64 * words);
        let (a, b) = (balls.rational(&x), balls.rational(&y));
        prop_assert!(holds(&a, &x) && holds(&b, &y));
        prop_assert!(holds(&balls.add(&a, &b), &(&x + &y)));
        prop_assert!(holds(&balls.sub(&a, &b), &(&x - &y)));
        prop_assert!(holds(&balls.mul(&a, &b), &(&x * &y)));
        prop_assert!(holds(&balls.scale(&y, &a), &(&x * &y)));
        if !y.is_zero() {
            prop_assert!(holds(&balls.div(&a, &b).unwrap(), &(&x / &y)));
        }
        if let Some(double) = a.to_f64() {
            prop_assert_eq!(double, x.to_f64());
        }
    }
}

#[test]
fn tails_are_bounded_and_never_zero() {
    let mut balls = Balls::new(128);
    let at = |balls: &Balls, x: &str| balls.rational(&x.parse().unwrap());
    let one = Balls::integer(1);
    for x in ["400", "1e5", "1e10", "1e30", "1e300"] {
        let x = at(&balls, x);
        let minus = balls.negated(&x);
        let tail = balls.exp(&minus);
        assert!(!tail.is_zero() && tail.sign() != Some(-1), "{tail:?}");
        assert_eq!(balls.tanh(&x).to_f64(), Some(1.0));
        assert_eq!(balls.erf(&minus).to_f64(), Some(-1.0));
        assert_eq!(balls.sigmoid(&x).to_f64(), Some(1.0));
        let (tanh, erf, sigmoid) = (balls.tanh(&x), balls.erf(&x), balls.sigmoid(&x));
        for value in [tanh, erf, sigmoid] {
            let rest = balls.sub(&value, &one);
            assert!(!rest.is_zero() && rest.above() < Magnitude::power_of_two(-100), "{rest:?}");
        }
    }
    let (large, huge) = (at(&balls, "1e10"), at(&balls, "1e400"));
    for x in [large, huge] {
        let exp = balls.exp(&x);
        assert!(matches!(exp, Ball::Huge { negative: false, .. }), "{exp:?}");
        assert_eq!(exp.to_f64(), Some(f64::INFINITY));
        let small = balls.exp(&balls.negated(&exp));
        assert!(!small.is_zero() && small.above() < Magnitude::power_of_two(-1 << 30), "{small:?}");
        assert!(matches!(balls.sinh(&balls.negated(&x)), Ball::Huge { negative: true, .. }));
        assert!(!balls.inverse(&exp).unwrap().is_zero());
        assert!(balls.sub(&exp, &exp).is_unknown());
    }
}

#[test]
fn doubles_are_told_only_where_all_numbers_round_alike() {
    let ball = |mid: f64, radius: f64| Ball::Finite(Real::from_f64(mid), Magnitude::from_f64(radius));
    assert_eq!(ball(1.0, 1e-17).to_f64(), Some(1.0));
    assert_eq!(ball(1.0, 1.2e-16).to_f64(), None);
    assert_eq!(ball(0.0, 1e-320).to_f64(), None);
    assert_eq!(Ball::around_zero(Magnitude::power_of_two(-1076)).to_f64(), Some(0.0));
    assert_eq!(Ball::around_zero(Magnitude::power_of_two(-1074)).to_f64(), None);
    assert_eq!(ball(f64::MAX, 1e290).to_f64(), Some(f64::MAX));
    assert_eq!(ball(f64::MAX, 1e292).to_f64(), None);
    assert_eq!(ball(5e-324, 0.0).to_f64(), Some(5e-324));
    // Half way between two doubles the double is open however narrow the set is.
    let halfway = Real::from_rational(&(&Rational::ONE + &Rational::new(1, 1 << 53)), 128);
    assert_eq!(Ball::Finite(halfway.clone(), Magnitude::power_of_two(-5000)).to_f64(), None);
    assert_eq!(Ball::exact(halfway).to_f64(), Some(1.0));
}
