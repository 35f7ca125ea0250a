//! The orders 0 and 1 in one direction, as backward error analysis writes them, and the form of the edge flow.

use super::pair::{Pair, add, dot};
use crate::flow::outcome::Outcome;
use crate::spectral::SpectralError;

/// What drives the centre and the amplitude of an oscillation along the leading eigenvector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LowLaw {
    /// `ċ = −ḡ`, `ȧ = (λ̂ − 2/h) a`.
    Edge,
    /// `ċ = −ḡ`, `ȧ = μ a`, with `μ = log|1 − hλ̂|/h`.
    Zero,
    /// `ċ = −ḡ + (h/2) Dḡ`, `ȧ = (μ − (h/2) Dμ) a`, D along order 0.
    One,
}

/// The velocities of both.
pub(super) struct Rates {
    pub(super) centre: Vec<f64>,
    pub(super) amplitude: f64,
    /// The leading eigenvector of the Hessian at the centre, on the side of the one before.
    pub(super) direction: Vec<f64>,
}

/// The leading eigenvalue of the Hessian at a state and its eigenvector, on the side of the one before.
pub(super) fn direction(pair: &mut Pair<'_>, at: &[f64], before: Option<&[f64]>) -> Result<(f64, Vec<f64>), Outcome> {
    let found = pair.leading(at, 1, before)?;
    let (Some(lambda), Some(u)) = (found.eigenvalues.first(), found.vectors.into_iter().next()) else {
        return Err(SpectralError::NoConvergence.into());
    };
    let sign = if before.is_some_and(|b| dot(b, &u) < 0.0) { -1.0 } else { 1.0 };
    Ok((*lambda, u.into_iter().map(|x| sign * x).collect()))
}

impl LowLaw {
    /// The velocities at a centre and an amplitude.
    pub(super) fn rates(
        self,
        pair: &mut Pair<'_>,
        h: f64,
        c: &[f64],
        a: f64,
        before: &[f64],
    ) -> Result<Rates, Outcome> {
        let n = c.len();
        let (lambda, u) = direction(pair, c, Some(before))?;
        let x: Vec<f64> = u.iter().map(|u| a * u).collect();
        let (mut mean, mut half) = (vec![0.0; n], vec![0.0; n]);
        pair.both(c, &x, &mut mean, &mut half)?;
        // Where there is no oscillation, the ratio has its limit.
        let along = if a == 0.0 { lambda } else { dot(&u, &half) / a };
        let mut centre: Vec<f64> = mean.iter().map(|g| -g).collect();
        let rate = match self {
            Self::Edge => along - 2.0 / h,
            Self::Zero | Self::One => (1.0 - h * along).abs().ln() / h,
        };
        let mut amplitude = rate * a;
        if self == Self::One {
            let turning = turning(pair, c, lambda, &u, &centre)?;
            // ẋ along order 0, and with it the derivatives of ḡ and δ.
            let mut velocity: Vec<f64> = u.iter().map(|u| amplitude * u).collect();
            add(&mut velocity, a, &turning);
            let mut sides = [vec![0.0; n], vec![0.0; n]];
            for (side, out) in [1.0, -1.0].into_iter().zip(&mut sides) {
                let at: Vec<f64> = c.iter().zip(&x).map(|(c, x)| c + side * x).collect();
                let v: Vec<f64> = centre.iter().zip(&velocity).map(|(c, x)| c + side * x).collect();
                pair.product(&at, &v, out)?;
            }
            let [plus, minus] = &sides;
            if a != 0.0 {
                let half_rate: Vec<f64> = plus.iter().zip(minus).map(|(p, m)| (p - m) / 2.0).collect();
                let change = (dot(&turning, &half) + dot(&u, &half_rate) - along * amplitude) / a;
                // D log|1 − hλ̂|/h = −Dλ̂/(1 − hλ̂).
                amplitude += h / 2.0 * change / (1.0 - h * along) * a;
            }
            for ((c, p), m) in centre.iter_mut().zip(plus).zip(minus) {
                *c += h / 4.0 * (p + m);
            }
        }
        if amplitude.is_finite() && centre.iter().all(|x| x.is_finite()) {
            Ok(Rates { centre, amplitude, direction: u })
        } else {
            Err(SpectralError::NotFinite.into())
        }
    }
}

/// `u̇` of the leading eigenvector while the centre moves: `(λ − H) u̇ = T[ċ, u]` among what is orthogonal to u.
fn turning(pair: &mut Pair<'_>, c: &[f64], lambda: f64, u: &[f64], velocity: &[f64]) -> Result<Vec<f64>, Outcome> {
    let mut change = vec![0.0; c.len()];
    pair.third(c, velocity, u, &mut change)?;
    pair.enter(c)?;
    pair.beside(lambda, u, &change)
}
