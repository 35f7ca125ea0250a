//! Where the principal part of an optimizer is not analytic: branch points and poles.

use super::Characteristic;
use super::curve::{Curve, InZ};
use crate::formula::Formula;
use crate::number::{Coefficient, Fraction, Polynomial, Quadratic, Rational, Univariate};
use num_complex::Complex64;
use num_traits::ToPrimitive;
use std::fmt;

/// A value of `z = hλ` at which α is not analytic.
#[derive(Debug, Clone, PartialEq)]
pub struct BranchPoint {
    /// The point itself, where it is a root of degree one or two and real.
    pub exact: Option<Formula>,
    /// Its value; `None` while symbols remain.
    pub value: Option<Complex64>,
    /// What happens there.
    pub kind: BranchKind,
}

/// What makes α not analytic at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchKind {
    /// The principal root meets another: a square root in general.
    RootsMeet,
    /// The principal root is 0: a logarithm.
    RootIsZero,
    /// The principal root is infinite: a logarithm.
    RootIsInfinite,
}

impl BranchKind {
    /// The name in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RootsMeet => "roots-meet",
            Self::RootIsZero => "root-is-zero",
            Self::RootIsInfinite => "root-is-infinite",
        }
    }
}

impl fmt::Display for BranchKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RootsMeet => "the root meets another",
            Self::RootIsZero => "the root is 0: a logarithm",
            Self::RootIsInfinite => "the root is infinite: a logarithm",
        })
    }
}

/// The branch points of the principal root of a curve, as it is reached from below; `sample` is the characteristic
/// polynomial, at typical values where symbols remain. `None` where they are not known.
pub(crate) fn branch_points(curve: &Curve, sample: &Characteristic, symbolic: bool) -> Option<Vec<BranchPoint>> {
    let (first, last) = curve.ends()?;
    let discriminant = curve.discriminant()?;
    // A point of two kinds is a logarithm.
    let families =
        [(BranchKind::RootIsZero, first), (BranchKind::RootIsInfinite, last), (BranchKind::RootsMeet, &discriminant)];
    // Each with its value, where symbols stand for what they typically are.
    let mut points: Vec<(Option<Complex64>, BranchPoint)> = Vec::new();
    for (kind, polynomial) in families {
        for Root { exact, value, typical } in roots(polynomial)? {
            let repeated = points.iter().any(|(_, p)| {
                p.exact.is_some() && p.exact == exact
                    || p.value.zip(value).is_some_and(|(p, q)| (p - q).norm() <= 1e-9 * q.norm())
            });
            let there = value.or(typical);
            if !repeated && reaches(sample, there, kind) {
                let value = value.filter(|_| !symbolic);
                points.push((value.or(typical), BranchPoint { exact, value, kind }));
            }
        }
    }
    let key = |there: &Option<Complex64>| there.map_or((0.0, 0.0), |v| (v.re, v.im));
    points.sort_by(|(p, _), (q, _)| key(p).partial_cmp(&key(q)).unwrap_or(std::cmp::Ordering::Equal));
    Some(points.into_iter().map(|(_, point)| point).collect())
}

/// The value that stands for a symbol where a typical one is needed.
pub(crate) fn typical(_name: &str) -> Option<Rational> {
    Some(Rational::new(1, 3))
}

/// A root of a polynomial in z.
struct Root {
    exact: Option<Formula>,
    value: Option<Complex64>,
    /// Its value where symbols stand for what they typically are.
    typical: Option<Complex64>,
}

impl Root {
    fn of(root: &Fraction, value: Option<Complex64>) -> Self {
        let typical = root.evaluate(&typical).ok().map(|q| Complex64::from(q.to_f64()));
        Self { exact: Some(root.formula()), value, typical }
    }

    fn at(value: Complex64) -> Self {
        Self { exact: None, value: Some(value), typical: None }
    }

    /// `center + step sqrt(inside)`.
    fn with_root(center: &Fraction, step: &Fraction, inside: &Polynomial, value: Option<Complex64>) -> Self {
        if inside.as_constant().is_some_and(|q| q.is_one()) {
            return Self::of(&center.plus(step), value);
        }
        let (negative, size) = step.formula().signed();
        let root = Formula::call("sqrt", vec![inside.formula()]);
        let root = if size.is_number("1") { root } else { size.times(root) };
        let mut terms = if center.is_zero() { Vec::new() } else { center.formula().terms() };
        terms.push((negative, root));
        let number = |c: &Fraction| c.evaluate(&typical).ok().map(|q| q.to_f64());
        let typical = || {
            let inside = Complex64::from(inside.evaluate(&typical).ok()?.to_f64());
            Some(number(center)? + number(step)? * inside.sqrt())
        };
        let real = inside.as_constant().is_none_or(|q| !q.is_negative());
        Self { exact: real.then(|| Formula::tight_sum(terms)), value, typical: typical() }
    }
}

/// Whether the principal root does at this point what its kind says, as the point is reached from below.
fn reaches(characteristic: &Characteristic, z: Option<Complex64>, kind: BranchKind) -> bool {
    let Some(z) = z else { return true };
    if z.norm() < 1e-12 {
        return false;
    }
    let near = z - Complex64::new(0.0, 1e-6 * z.norm().max(1.0));
    let Some(root) = characteristic.principal(near).map(|alpha| (alpha * near).exp()) else { return true };
    match kind {
        BranchKind::RootIsZero => root.norm() < 1e-2,
        BranchKind::RootIsInfinite => root.norm() > 1e2,
        BranchKind::RootsMeet => {
            let at_z: Vec<Complex64> = characteristic
                .coefficients()
                .iter()
                .map(|c| c.coefficients().iter().rev().fold(Complex64::ZERO, |s, a| s * near + a.to_f64()))
                .collect();
            let mut distances: Vec<f64> = complex_roots(&at_z).iter().map(|r| (r - root).norm()).collect();
            distances.sort_by(f64::total_cmp);
            distances.get(1).is_some_and(|d| *d < 0.02 * (1.0 + root.norm()))
        }
    }
}

/// The roots of a polynomial in z other than 0, exactly to degree two; `None` beyond while symbols remain.
fn roots(polynomial: &InZ) -> Option<Vec<Root>> {
    let zeros = polynomial.iter().take_while(|c| c.is_zero()).count();
    let p = &polynomial[zeros..];
    let numbers: Option<Vec<Rational>> = p.iter().map(|c| c.evaluate(&|_| None).ok()).collect();
    match (p, numbers) {
        ([] | [_], _) => Some(Vec::new()),
        ([c, b], numbers) => {
            let root = quotient(&c.negated(), b)?;
            let value = numbers.and(root.evaluate(&|_| None).ok()).map(|q| Complex64::from(q.to_f64()));
            Some(vec![Root::of(&root, value)])
        }
        ([c, b, a], numbers) => {
            let inner = b.times(b).plus(&a.times(c).scaled(&Rational::from(-4)));
            let double = a.scaled(&Rational::from(2));
            let center = quotient(&b.negated(), &double)?;
            let numeric = numbers.and_then(|n| Some((center.evaluate(&|_| None).ok()?, n)));
            if inner.is_zero() {
                return Some(vec![Root::of(&center, numeric.map(|(q, _)| Complex64::from(q.to_f64())))]);
            }
            let (outside, inside) = square_factor(&inner)?;
            let step = quotient(&outside, &double)?;
            // Rational and positive is above.
            let swapped = step.evaluate(&|_| None).is_ok_and(|q| q.is_negative());
            let step = if swapped { step.negated() } else { step };
            let values = numeric.and_then(|(center, n)| {
                let (size, inside) = (step.evaluate(&|_| None).ok()?, inside.as_constant()?);
                pair(&center, &size, &inside, &n[0].checked_div(&n[2])?)
            });
            let root = |step: &Fraction, k: usize| Root::with_root(&center, step, &inside, values.map(|v| v[k]));
            Some(vec![root(&step.negated(), 0), root(&step, 1)])
        }
        (_, Some(numbers)) => {
            let squarefree = Univariate::new(numbers).squarefree();
            Some(several(&squarefree))
        }
        (_, None) => None,
    }
}

/// The values of `center ∓ step sqrt(inside)`, whose product is given: rational ones rounded once, complex ones conjugate.
fn pair(center: &Rational, step: &Rational, inside: &Rational, product: &Rational) -> Option<[Complex64; 2]> {
    if inside.is_one() {
        return Some([center - step, center + step].map(|q| Complex64::from(q.to_f64())));
    }
    let (middle, size) = (center.to_f64(), step.to_f64() * inside.abs().to_f64().sqrt());
    if inside.is_negative() {
        return Some([Complex64::new(middle, -size), Complex64::new(middle, size)]);
    }
    // The one without cancellation, and the other from the product.
    let high = if center.is_negative() { middle - size } else { middle + size };
    let low = if center.is_zero() { -high } else { product.to_f64() / high };
    Some(if low <= high { [low, high] } else { [high, low] }.map(Complex64::from))
}

/// The roots of a polynomial with simple roots: the real ones isolated, rational ones exact, the others in conjugate pairs.
fn several(p: &Univariate) -> Vec<Root> {
    let width = Rational::new(1, 1_000_000_000_000_000_000);
    let mirrored = p.coefficients().iter().enumerate().map(|(k, c)| if k % 2 == 0 { c.clone() } else { -c });
    let below = Univariate::new(mirrored.collect()).positive_roots(&width).into_iter().map(|(a, b)| (-b, -a));
    let real: Vec<(Rational, Rational)> = below.chain(p.positive_roots(&width)).collect();
    let coefficients: Vec<Complex64> = p.coefficients().iter().map(|c| Complex64::from(c.to_f64())).collect();
    let mut numeric = complex_roots(&coefficients);
    numeric.sort_by(|a, b| b.im.abs().total_cmp(&a.im.abs()));
    numeric.truncate(p.degree().saturating_sub(real.len()));
    let mut roots: Vec<Root> = Vec::new();
    for (low, high) in &real {
        let exact = (low == high).then(|| low.formula());
        roots.push(Root { exact, ..Root::at(Complex64::from((&(low + high) * &Rational::new(1, 2)).to_f64())) });
    }
    for z in numeric.into_iter().filter(|z| z.im > 0.0) {
        roots.extend([z.conj(), z].map(Root::at));
    }
    roots
}

/// A quotient, where the divisor is a product of linear factors or the square of one.
fn quotient(a: &Fraction, b: &Fraction) -> Option<Fraction> {
    a.divided(b).or_else(|| {
        let (content, primitive) = b.numerator().primitive();
        let root = Fraction::from(square_root(&primitive)?);
        let below = b.denominator().fold(a.clone(), |product, (factor, power)| {
            (0..power).fold(product, |product, _| product.times(&Fraction::from(factor.clone())))
        });
        below.scaled(&content.recip()?).divided(&root)?.divided(&root)
    })
}

/// `q = outside² inside`, with as much outside as is easily seen.
fn square_factor(q: &Fraction) -> Option<(Fraction, Polynomial)> {
    let (content, primitive) = q.numerator().primitive();
    // sqrt(n/d) = sqrt(n d)/d.
    let size = content.abs();
    let (numerator, denominator) = (size.numerator(), size.denominator());
    let product = (&numerator * &denominator).to_u32();
    let (outside, mut inside) = match product {
        Some(product) => {
            let root = Quadratic::sqrt(product);
            let below = Rational::from(denominator).recip()?;
            let radicand = root.radicand().unwrap_or(1);
            let factor = root.to_rational().unwrap_or_else(|| root.parts().1.clone());
            (&factor * &below, Rational::from(i64::from(radicand)))
        }
        None => (Rational::ONE, size),
    };
    if content.is_negative() {
        inside = -inside;
    }
    let (mut above, mut inside) = match square_root(&primitive) {
        Some(root) => (Fraction::from(root).scaled(&outside), Polynomial::from(inside)),
        None => (Fraction::from_rational(&outside), primitive.scaled(&inside)),
    };
    for (factor, power) in q.denominator() {
        if power % 2 == 1 {
            inside = inside.times(factor);
        }
        for _ in 0..power.div_ceil(2) {
            above = above.divided(&Fraction::from(factor.clone()))?;
        }
    }
    Some((above, inside))
}

/// The polynomial whose square this is, term by term from the highest.
fn square_root(p: &Polynomial) -> Option<Polynomial> {
    let leading = |p: &Polynomial| p.terms().last().map(|(m, c)| (m.clone(), c.clone()));
    let (monomial, coefficient) = leading(p)?;
    let exact = |n: num_bigint::BigInt| Some(n.sqrt()).filter(|r| r * r == n);
    if coefficient.is_negative() {
        return None;
    }
    let size = Rational::from_bigints(exact(coefficient.numerator())?, exact(coefficient.denominator())?)?;
    let mut first = Polynomial::from(size);
    for (symbol, exponent) in monomial.factors() {
        if exponent % 2 == 1 {
            return None;
        }
        first = first.times(&Polynomial::symbol(symbol).pow(exponent / 2));
    }
    let double = first.scaled(&Rational::from(2));
    let mut root = first;
    for _ in 0..64 {
        let rest = p.minus(&root.times(&root));
        let Some((monomial, coefficient)) = leading(&rest) else { return Some(root) };
        let term = monomial.factors().fold(Polynomial::from(coefficient), |product, (symbol, exponent)| {
            product.times(&Polynomial::symbol(symbol).pow(exponent))
        });
        root = root.plus(&term.exactly_divided(&double)?);
    }
    None
}

/// The roots of a polynomial by ascending power, all at once by Aberth's iteration (Aberth 1973, *Iteration methods for
/// finding all zeros of a polynomial simultaneously*).
fn complex_roots(coefficients: &[Complex64]) -> Vec<Complex64> {
    let length = coefficients.iter().rposition(|c| *c != Complex64::ZERO).map_or(0, |n| n + 1);
    let p = &coefficients[..length];
    let Some((leading, rest)) = p.split_last() else { return Vec::new() };
    let n = rest.len();
    let bound = rest.iter().map(|c| (c / leading).norm()).fold(0.0, f64::max) + 1.0;
    let smallest = |c: &Complex64| if *c == Complex64::ZERO { 1.0 } else { c.norm() };
    let radius = (rest.first().map_or(1.0, smallest) / leading.norm()).powf(1.0 / n.max(1) as f64).min(bound);
    let angle = |k: usize| std::f64::consts::TAU * (k as f64 + 0.25) / n.max(1) as f64;
    let mut roots: Vec<Complex64> = (0..n).map(|k| Complex64::from_polar(radius, angle(k))).collect();
    for _ in 0..200 {
        let mut largest = 0.0_f64;
        for k in 0..n {
            let z = roots[k];
            let (mut value, mut slope) = (Complex64::ZERO, Complex64::ZERO);
            for c in p.iter().rev() {
                slope = slope * z + value;
                value = value * z + c;
            }
            let newton = value / slope;
            let others = (0..n).filter(|j| *j != k).map(|j| (z - roots[j]).inv()).sum::<Complex64>();
            let change = newton / (Complex64::ONE - newton * others);
            if change.is_finite() {
                roots[k] -= change;
                largest = largest.max(change.norm() / (1.0 + z.norm()));
            }
        }
        if largest < 1e-15 {
            break;
        }
    }
    for z in &mut roots {
        if z.im.abs() < 1e-12 * z.norm() {
            z.im = 0.0;
        }
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polynomial(text: &str) -> Polynomial {
        text.parse::<Fraction>().unwrap().numerator().clone()
    }

    #[test]
    fn squares_are_seen() {
        assert_eq!(square_root(&polynomial("1+2*m+m^2")), Some(polynomial("1+m")));
        assert_eq!(square_root(&polynomial("m^2+2*m*w+w^2+2*m+2*w+1")), Some(polynomial("1+m+w")));
        assert_eq!(square_root(&polynomial("1+m^2")), None);
        let (outside, inside) = square_factor(&"8*m/(1-m)^3".parse().unwrap()).unwrap();
        assert_eq!(outside.times(&outside).times(&inside.into()).to_string(), "8*m/(1-m)^3");
    }

    #[test]
    fn roots_of_unity() {
        let mut p = vec![Complex64::ZERO; 6];
        (p[0], p[5]) = (-Complex64::ONE, Complex64::ONE);
        let roots = complex_roots(&p);
        assert_eq!(roots.len(), 5);
        assert!(roots.iter().all(|r| (r.powi(5) - 1.0).norm() < 1e-12));
        assert!((roots.iter().sum::<Complex64>()).norm() < 1e-12);
    }

    #[test]
    fn samples_are_the_values_of_what_is_written() {
        // At m = 1/3.
        let fraction = |text: &str| text.parse::<Fraction>().unwrap();
        let root = Root::with_root(&fraction("1+m"), &fraction("-2"), &Polynomial::symbol("m"), None);
        assert_eq!(root.exact.unwrap().to_string(), "1+m-2*sqrt(m)");
        assert!((root.typical.unwrap() - (4.0 / 3.0 - 2.0 / 3.0_f64.sqrt())).norm() < 1e-12);
        assert!((Root::of(&fraction("(1-m)/(1+m)"), None).typical.unwrap() - 0.5).norm() < 1e-12);
    }
}
