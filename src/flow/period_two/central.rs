//! The central flow: the time average of gradient descent, with the covariance of its oscillations.

use super::pair::{Pair, add, dot};
use crate::budget;
use crate::flow::outcome::Outcome;
use crate::spectral::{SpectralError, SymmetricEigen};

/// From this hλ on a direction may oscillate.
const FOLLOWED: f64 = 1.5;

/// The most such directions.
const MOST_DIRECTIONS: usize = 16;

/// How many of Euler's steps make one of the optimizer's.
const SUBSTEPS: usize = 4;

/// The most repetitions for a covariance, and how far it is found.
const MOST_REPETITIONS: usize = 20_000;
const TOLERANCE: f64 = 1e-12;

/// One of the optimizer's steps; with it the trace of the covariance.
///
/// `θ̇ = −g − ½ Σ_ab X_ab T[u_a, u_b]` over the directions near the edge, X such that `X ⪰ 0`, `A ⪰ 0` and `⟨X, A⟩ = 0` for what `A = Uᵀ(2/h − H)U` will
/// be after the step, to first order.
pub(super) fn central_step(pair: &mut Pair<'_>, h: f64, start: &[f64]) -> Result<(Vec<f64>, f64), Outcome> {
    let n = start.len();
    let (mut c, mut trace, dt) = (start.to_vec(), 0.0, h / SUBSTEPS as f64);
    for _ in 0..SUBSTEPS {
        let (lambdas, vectors) = directions(pair, h, &c)?;
        let k = lambdas.len();
        let mut g = vec![0.0; n];
        pair.gradient(&c, &mut g)?;
        // T[u_a, u_b], with a ≤ b.
        let mut third: Vec<Vec<f64>> = Vec::with_capacity(k * (k + 1) / 2);
        for a in 0..k {
            for b in a..k {
                let mut t = vec![0.0; n];
                pair.third(&c, &vectors[a], &vectors[b], &mut t)?;
                third.push(t);
            }
        }
        let at = |i: usize, j: usize| {
            let (a, b) = (i.min(j), i.max(j));
            a * k - a * (a + 1) / 2 + b
        };
        let along: Vec<f64> = third.iter().map(|t| dot(t, &g)).collect();
        let mut slack = vec![0.0; k * k];
        let mut response = vec![0.0; k * k * k * k];
        for i in 0..k {
            for j in 0..k {
                let own = if i == j { 2.0 / h - lambdas[i] } else { 0.0 };
                slack[i * k + j] = own + dt * along[at(i, j)];
                for a in 0..k {
                    for b in 0..k {
                        response[(i * k + j) * k * k + a * k + b] = dt / 2.0 * dot(&third[at(i, j)], &third[at(a, b)]);
                    }
                }
            }
        }
        let covariance = complementary(k, &slack, &response)?;
        add(&mut c, -dt, &g);
        for i in 0..k {
            for j in 0..k {
                add(&mut c, -dt / 2.0 * covariance[i * k + j], &third[at(i, j)]);
            }
        }
        trace = (0..k).map(|i| covariance[i * k + i]).sum();
    }
    if c.iter().all(|x| x.is_finite()) { Ok((c, trace)) } else { Err(SpectralError::NotFinite.into()) }
}

type Pairs = (Vec<f64>, Vec<Vec<f64>>);

fn directions(pair: &mut Pair<'_>, h: f64, c: &[f64]) -> Result<Pairs, Outcome> {
    let most = MOST_DIRECTIONS.min(c.len());
    let mut count = 2.min(most);
    loop {
        let found = pair.leading(c, count, None)?;
        let near = found.eigenvalues.iter().take_while(|l| h * **l > FOLLOWED).count();
        if near < count || count == most {
            let mut vectors = found.vectors;
            vectors.truncate(near);
            return Ok((found.eigenvalues[..near].to_vec(), vectors));
        }
        count = (2 * count).min(most);
    }
}

/// X of k by k with `X ⪰ 0`, `A + B[X] ⪰ 0` and `⟨X, A + B[X]⟩ = 0`: where `½⟨X, B[X]⟩ + ⟨A, X⟩` is least among `X ⪰ 0`, by accelerated projected gradients.
fn complementary(k: usize, a: &[f64], b: &[f64]) -> Result<Vec<f64>, Outcome> {
    let m = k * k;
    let mut x = vec![0.0; m];
    // B is positive semidefinite: its trace bounds what it does.
    let bound: f64 = (0..m).map(|i| b[i * m + i]).sum();
    if k == 0 || bound <= 0.0 {
        return Ok(x);
    }
    let (mut ahead, mut momentum) = (x.clone(), 1.0_f64);
    let mut eigen = SymmetricEigen::new(k);
    for _ in 0..MOST_REPETITIONS {
        budget::check()?;
        let moved: Vec<f64> = (0..m).map(|i| ahead[i] - (a[i] + dot(&b[i * m..(i + 1) * m], &ahead)) / bound).collect();
        if !eigen.decompose(|i, j| (moved[i * k + j] + moved[j * k + i]) / 2.0) {
            return Err(SpectralError::NoConvergence.into());
        }
        let mut next = vec![0.0; m];
        for (l, value) in eigen.values().iter().enumerate().filter(|(_, v)| **v > 0.0) {
            for (e, x) in next.iter_mut().enumerate() {
                *x += value * eigen.vector(l, e / k) * eigen.vector(l, e % k);
            }
        }
        let size = |v: &mut dyn Iterator<Item = f64>| v.fold(0.0_f64, |m, x| m.max(x.abs()));
        let change = size(&mut next.iter().zip(&ahead).map(|(n, o)| n - o));
        if change <= TOLERANCE * size(&mut next.iter().copied()) {
            return Ok(next);
        }
        // Momentum that leads uphill is dropped.
        let uphill: f64 = (0..m).map(|i| (ahead[i] - next[i]) * (next[i] - x[i])).sum();
        let grown = if uphill > 0.0 { 1.0 } else { (1.0 + (1.0 + 4.0 * momentum * momentum).sqrt()) / 2.0 };
        let weight = if uphill > 0.0 { 0.0 } else { (momentum - 1.0) / grown };
        ahead = next.iter().zip(&x).map(|(n, o)| n + weight * (n - o)).collect();
        (x, momentum) = (next, grown);
    }
    Ok(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_covariance_is_complementary() {
        // Without coupling between entries each decides for itself: X = diag(3/2, 0).
        let mut b = vec![0.0; 16];
        for (i, s) in [2.0, 1.0, 1.0, 4.0].into_iter().enumerate() {
            b[i * 4 + i] = s;
        }
        let x = complementary(2, &[-3.0, 0.0, 0.0, 1.0], &b).unwrap();
        assert!((x[0] - 1.5).abs() < 1e-9 && x[1..].iter().all(|x| x.abs() < 1e-9), "{x:?}");
        // With it, by what defines it.
        let t = [[1.0, 0.2, -0.3], [0.3, 0.5, 0.1], [-0.2, 0.4, 0.9]];
        let at = |i: usize, j: usize| &t[i + j];
        let b: Vec<f64> = (0..16)
            .map(|e| (at(e / 8, e / 4 % 2).iter().zip(at(e / 2 % 2, e % 2))).map(|(p, q)| p * q).sum())
            .collect();
        let a = [-1.0, 0.1, 0.1, -0.5];
        let x = complementary(2, &a, &b).unwrap();
        let slack: Vec<f64> = (0..4).map(|i| a[i] + dot(&b[i * 4..(i + 1) * 4], &x)).collect();
        let definite = |m: &[f64]| m[0] > -1e-8 && m[3] > -1e-8 && m[0] * m[3] - m[1] * m[2] > -1e-8;
        assert!(definite(&x) && definite(&slack) && dot(&x, &slack).abs() < 1e-8, "{x:?} {slack:?}");
    }
}
