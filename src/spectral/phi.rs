//! The function φ of a spectrum that sums all terms with one derivative beyond the Hessian.

use super::{Steps, log_one_minus};
use num_complex::Complex64;
use std::f64::consts::TAU;

/// A point `μ = 1 − z` of the plane, both with all their digits, and the value of the logarithm there, which for a product is the
/// sum of its factors'.
#[derive(Debug, Clone, Copy)]
struct Point {
    z: Complex64,
    mu: Complex64,
    log: Complex64,
}

impl Point {
    fn new(z: Complex64, steps: Steps) -> Self {
        let log = log_one_minus(z);
        Self { z, mu: 1.0 - z, log: if steps == Steps::Two { log.re.into() } else { log } }
    }

    fn times(self, other: Self) -> Self {
        Self { z: self.z + other.z - self.z * other.z, mu: self.mu * other.mu, log: self.log + other.log }
    }

    /// `μ − μ'`, from whichever of the two coordinates is small.
    fn minus(self, other: Self) -> Complex64 {
        if self.mu.norm_sqr() + other.mu.norm_sqr() < 0.5 { self.mu - other.mu } else { other.z - self.z }
    }
}

/// `φ_k(λ_i; λ_{j_1}, …, λ_{j_k})` for k = 2 and 3, the λ standing for `hλ`; `None` for other k.
///
/// With `μ = 1 − λ`, `ℓ = log μ` (its real part for [`Steps::Two`], a real flow with real λ) and the divided difference
/// `D(u, v) = (log u − log v)/(u − v)`, in which the logarithm of a product is the sum of the ℓ,
///
/// ```text
/// φ_k = Σ_S (−1)^{k−|S|} D(Π_{s∈S} μ_{j_s}, μ_i)/Π_s λ_{j_s},    S over the subsets of {1, …, k}.
/// ```
///
/// As printed this cancels for small λ, where it is a sum of divided differences of higher order: with `F[…] = log[…, μ_i]`,
/// `a = μ_{j_1}` and `b = μ_{j_2}`, `φ_2 = F[ab, a] + b F[ab, a, b] + F[a, b, 1]`. Those cancel next to `λ = 1`, so small λ have the one
/// form and the others the other. Each divided difference is a series where its arguments are close and divides by
/// their largest gap elsewhere. Not finite at a true resonance (a product equal to `μ_i` with another logarithm) and where some λ is 1.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow::spectral::{Steps, phi};
/// let zero = Complex64::ZERO;
/// // The Bernoulli numbers.
/// assert!((phi(Steps::One, zero, &[zero; 2]).unwrap() - 1.0 / 6.0).norm() < 1e-15);
/// assert!(phi(Steps::One, zero, &[zero; 3]).unwrap().norm() < 1e-15);
/// ```
#[must_use]
pub fn phi(steps: Steps, i: Complex64, others: &[Complex64]) -> Option<Complex64> {
    if !(2..=3).contains(&others.len()) {
        return None;
    }
    let point = |z: Complex64| Point::new(z, steps);
    let c = point(i);
    let (mut small, mut large) = ([c; 3], [c; 3]);
    let (mut few, mut many) = (0, 0);
    for z in others {
        let (list, count) = if z.norm() < SMALL { (&mut small, &mut few) } else { (&mut large, &mut many) };
        list[*count] = point(*z);
        *count += 1;
    }
    let (small, large) = (&small[..few], &large[..many]);
    // Over the subsets of the large ones, each divided by its λ, of the difference by the small ones.
    let mut sum = Complex64::ZERO;
    for subset in 0..1_u32 << many {
        let chosen = large.iter().enumerate().filter(|(k, _)| subset >> k & 1 == 1);
        let product = chosen.fold(point(Complex64::ZERO), |p, (_, q)| p.times(*q));
        let value = difference(product, c, small);
        if (many as u32 - subset.count_ones()).is_multiple_of(2) { sum += value } else { sum -= value }
    }
    Some(large.iter().fold(sum, |sum, p| sum / p.z))
}

/// Below this, λ are small.
const SMALL: f64 = 0.5;

/// `Σ_S (−1)^{k−|S|} F(w Π_{s∈S} μ_s)/Π_s λ_s` over the subsets of up to three factors, with `F[…] = log[…, c]`, without dividing by λ.
fn difference(w: Point, c: Point, factors: &[Point]) -> Complex64 {
    let m = w.mu;
    match *factors {
        [] => divided(&mut [w, c]),
        [a] => -m * divided(&mut [w.times(a), w, c]),
        [a, b] => {
            let (wa, wb) = (w.times(a), w.times(b));
            let wab = wa.times(b);
            m * divided(&mut [wab, wa, c])
                + m * m * (b.mu * divided(&mut [wab, wa, wb, c]) + divided(&mut [wa, wb, w, c]))
        }
        // Only ever from w = 1: nothing is left to be large.
        [a, b, d] => third_order(c, w, [a, b, d]),
        _ => Complex64::new(f64::NAN, f64::NAN),
    }
}

/// `(G(d) − G(1))/(d − 1)` of `G(w) = w F[wab, wa] + w² (b F[wab, wa, wb] + F[wa, wb, w])`, negated, point by point.
fn third_order(c: Point, one: Point, [a, b, d]: [Point; 3]) -> Complex64 {
    let (ab, da, db) = (a.times(b), d.times(a), d.times(b));
    let dab = d.times(ab);
    let (wa, wb, wd, wab) = (a.mu, b.mu, d.mu, ab.mu);
    let first = divided(&mut [dab, da, c]) + wab * divided(&mut [dab, da, ab, c]) + wa * divided(&mut [da, ab, a, c]);
    let second = (1.0 + wd) * divided(&mut [dab, da, db, c])
        + wab * divided(&mut [dab, ab, da, db, c])
        + wa * divided(&mut [ab, da, a, db, c])
        + wb * divided(&mut [ab, a, db, b, c]);
    let third = (1.0 + wd) * divided(&mut [da, db, d, c])
        + wa * divided(&mut [da, a, db, d, c])
        + wb * divided(&mut [a, db, b, d, c])
        + divided(&mut [a, b, d, one, c]);
    -(first + wb * second + third)
}

/// Arguments are a cluster where none is farther from another than this share of the largest.
const CLUSTER: f64 = 0.2;

/// The divided difference of the logarithm at up to five points, in any order.
fn divided(points: &mut [Point]) -> Complex64 {
    let last = points.len() - 1;
    if last == 0 {
        return points[0].log;
    }
    let (mut ends, mut gap, mut size) = ((0, last), -1.0, 0.0_f64);
    for (i, p) in points.iter().enumerate() {
        size = size.max(p.mu.norm_sqr());
        for (j, q) in points.iter().enumerate().skip(i + 1) {
            let distance = p.minus(*q).norm_sqr();
            if distance > gap {
                (ends, gap) = ((i, j), distance);
            }
        }
    }
    if gap <= CLUSTER * CLUSTER * size {
        return cluster(points);
    }
    points.swap(0, ends.0);
    // The first end may just have moved the second.
    points.swap(last, if ends.1 == 0 { ends.0 } else { ends.1 });
    let gap = points[0].minus(points[last]);
    let (mut left, mut right) = ([points[0]; 5], [points[0]; 5]);
    left[..last].copy_from_slice(&points[..last]);
    right[..last].copy_from_slice(&points[1..]);
    (divided(&mut left[..last]) - divided(&mut right[..last])) / gap
}

/// `m^{−n} Σ_{k≥n} (−1)^{k+1}/k h_{k−n}(u)` for points `m (1 + u_i)`, `h` the complete symmetric polynomials, and the sheets of the
/// logarithm.
fn cluster(points: &[Point]) -> Complex64 {
    const TERMS: usize = 40;
    let n = points.len() - 1;
    let first = points[0];
    let mean = points.iter().map(|p| p.minus(first)).sum::<Complex64>() / points.len() as f64;
    let m = first.mu + mean;
    let mut complete = [Complex64::ZERO; TERMS];
    complete[0] = Complex64::ONE;
    let mut sheets = [0.0; 5];
    for (p, sheet) in points.iter().zip(&mut sheets) {
        let u = (p.minus(first) - mean) / m;
        for d in 1..TERMS {
            complete[d] += u * complete[d - 1];
        }
        let smooth = (1.0 + u).ln() - (1.0 - mean / m).ln();
        *sheet = ((p.log.im - first.log.im - smooth.im) / TAU).round();
    }
    let mut sum = Complex64::ZERO;
    for (d, h) in complete.iter().enumerate().rev() {
        let k = (d + n) as f64;
        sum += h * if (d + n).is_multiple_of(2) { -1.0 / k } else { 1.0 / k };
    }
    let mut value = sum / m.powi(n as i32);
    for (i, (p, sheet)) in points.iter().zip(sheets).enumerate().filter(|(_, (_, sheet))| *sheet != 0.0) {
        let apart: Complex64 = points.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, q)| p.minus(*q)).product();
        value += Complex64::new(0.0, TAU * sheet) / apart;
    }
    value
}
