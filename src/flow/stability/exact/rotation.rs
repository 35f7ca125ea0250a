//! The spectrum of a symmetric matrix of long floats.

use crate::flow::stability::spectrum::Spectrum;
use crate::number::{Ball, Balls, Magnitude, Rational, Real};

/// Sweeps over all pairs of rows, each of which squares what is left beside the diagonal in the end.
const SWEEPS: usize = 40;

/// The eigenvalues of a matrix, row-major, whose entries are the midpoints, by Jacobi's rotations; `None` where they do not converge, or where an entry is
/// too small or too large for a double.
pub(super) fn spectrum(matrix: &[Ball], n: usize, bits: usize) -> Option<Spectrum> {
    let mut balls = Balls::new(bits);
    let exact = |x: &Ball| Ball::exact(x.mid());
    let mut a: Vec<Ball> = matrix.iter().map(exact).collect();
    let unit = |i: usize, j: usize| Ball::exact(Real::from_f64(f64::from(u8::from(i == j))));
    let mut vectors: Vec<Vec<Ball>> = (0..n).map(|i| (0..n).map(|j| unit(i, j)).collect()).collect();
    let fine = Magnitude::power_of_two(-2 * i64::try_from(bits / 3).ok()?);
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..n {
            for q in p + 1..n {
                let size = |k: usize| a[k * n + k].below();
                let off = a[p * n + q].above();
                // Beside the geometric mean of the diagonal's entries, so that small eigenvalues keep their digits.
                if a[p * n + q].is_zero() || off.times(off) <= fine.times_below(size(p)).times_below(size(q)) {
                    continue;
                }
                turned = true;
                let (c, s) = rotation(&mut balls, [&a[p * n + p], &a[q * n + q], &a[p * n + q]])?;
                let turn = |x: &Ball, y: &Ball| {
                    let first = balls.sub(&balls.mul(&c, x), &balls.mul(&s, y));
                    let second = balls.add(&balls.mul(&s, x), &balls.mul(&c, y));
                    (exact(&first), exact(&second))
                };
                for k in 0..n {
                    (a[k * n + p], a[k * n + q]) = turn(&a[k * n + p], &a[k * n + q]);
                    (vectors[p][k], vectors[q][k]) = turn(&vectors[p][k], &vectors[q][k]);
                }
                for k in 0..n {
                    (a[p * n + k], a[q * n + k]) = turn(&a[p * n + k], &a[q * n + k]);
                }
            }
        }
        if !turned {
            let value = |k: usize| a[k * n + k].mid().to_f64();
            let vector = |u: &Vec<Ball>| u.iter().map(|x| x.mid().to_f64()).collect();
            let known = (0..n).all(|k| value(k).is_normal());
            return known.then(|| Spectrum::descending(vectors.iter().enumerate().map(|(k, u)| (value(k), vector(u)))));
        }
    }
    None
}

/// Cosine and sine of the rotation that makes `b` in `[[a, b], [b, d]]` zero.
fn rotation(balls: &mut Balls, [a, d, b]: [&Ball; 3]) -> Option<(Ball, Ball)> {
    let one = Ball::exact(Real::from_f64(1.0));
    let exact = |x: &Ball| Ball::exact(x.mid());
    let half = exact(&balls.div(&balls.scale(&Rational::new(1, 2), &balls.sub(d, a)), b).ok()?);
    let hypotenuse = |balls: &mut Balls, t: &Ball| {
        let sum = balls.add(&balls.mul(t, t), &one);
        balls.sqrt(&exact(&sum)).ok().map(|root| exact(&root))
    };
    let root = hypotenuse(balls, &half)?;
    let size = balls.add(&balls.abs(&half), &root);
    let t = balls.inverse(&exact(&size)).ok()?;
    let t = exact(&if half.mid().is_negative() { balls.negated(&t) } else { t });
    let root = hypotenuse(balls, &t)?;
    let c = exact(&balls.inverse(&root).ok()?);
    let s = exact(&balls.mul(&t, &c));
    Some((c, s))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[[1, 1], [1, 1 + 10⁻³⁰]]`: trace 2 + 10⁻³⁰ and determinant 10⁻³⁰, so that the eigenvalues are 2 and 5·10⁻³¹, along (1, ±1).
    #[test]
    fn keeps_what_cancels() {
        let balls = Balls::new(256);
        let [one, more] = ["1", "1000000000000000000000000000001/1000000000000000000000000000000"]
            .map(|q| balls.rational(&q.parse().unwrap()));
        let found = spectrum(&[one.clone(), one.clone(), one, more], 2, 256).unwrap();
        assert_eq!(found.values, [2.0, 5e-31]);
        let root = 0.5_f64.sqrt();
        for (u, sign) in found.vectors.iter().zip([1.0, -1.0]) {
            assert!((u[0] - root).abs() < 1e-15 && (u[1] - sign * root).abs() < 1e-15, "{u:?}");
        }
        // A saddle without a diagonal: ±3.
        let [none, three] = [0.0, 3.0].map(|x| Ball::exact(Real::from_f64(x)));
        let found = spectrum(&[none.clone(), three.clone(), three, none], 2, 128).unwrap();
        assert_eq!(found.values, [3.0, -3.0]);
    }
}
