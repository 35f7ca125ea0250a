//! The derivatives of a loss at both ends of an oscillation.

use crate::budget;
use crate::flow::derivatives::HessianAction;
use crate::flow::model::Model;
use crate::flow::name::FlowError;
use crate::flow::outcome::Outcome;
use crate::spectral::{KrylovError, Leading, LeadingOptions, SpectralError, leading_eigenpairs};
use num_complex::Complex64;

/// The step of a complex derivative, whose square is below rounding.
const COMPLEX_STEP: f64 = 1e-20;

/// The most corrections of a conjugate gradient.
const MOST_CORRECTIONS: usize = 500;

/// A loss at `c ± x`.
pub(super) struct Pair<'a> {
    action: Box<dyn HessianAction + 'a>,
    state: Vec<Complex64>,
    out: Vec<Complex64>,
}

impl<'a> Pair<'a> {
    pub(super) fn new(model: &'a dyn Model) -> Result<Self, FlowError> {
        let action = model.hessian_action()?;
        let n = action.dimension();
        Ok(Self { action, state: vec![Complex64::ZERO; n], out: vec![Complex64::ZERO; n] })
    }

    pub(super) fn dimension(&self) -> usize {
        self.state.len()
    }

    fn place(&mut self, at: &[f64]) {
        self.state.iter_mut().zip(at).for_each(|(z, x)| *z = Complex64::from(*x));
    }

    fn gradient_here(&mut self) -> Result<(), Outcome> {
        budget::check()?;
        self.action.gradient(&self.state, &mut self.out);
        finite(&self.out)
    }

    /// The gradient.
    pub(super) fn gradient(&mut self, at: &[f64], out: &mut [f64]) -> Result<(), Outcome> {
        self.place(at);
        self.gradient_here()?;
        out.iter_mut().zip(&self.out).for_each(|(o, z)| *o = z.re);
        Ok(())
    }

    /// `(g(c + x) + g(c − x))/2` and `(g(c + x) − g(c − x))/2`.
    pub(super) fn both(&mut self, c: &[f64], x: &[f64], mean: &mut [f64], half: &mut [f64]) -> Result<(), Outcome> {
        let sides: [Vec<f64>; 2] = [1.0, -1.0].map(|s| c.iter().zip(x).map(|(c, x)| c + s * x).collect());
        self.gradient(&sides[0], mean)?;
        self.gradient(&sides[1], half)?;
        for (m, d) in mean.iter_mut().zip(half) {
            (*m, *d) = ((*m + *d) / 2.0, (*m - *d) / 2.0);
        }
        Ok(())
    }

    /// Products that follow are with the Hessian at this state.
    pub(super) fn enter(&mut self, at: &[f64]) -> Result<(), Outcome> {
        budget::check()?;
        self.place(at);
        self.action.enter(&self.state, &mut self.out);
        finite(&self.out)
    }

    /// `Hv` at the state last entered.
    pub(super) fn times(&mut self, v: &[f64], out: &mut [f64]) {
        self.place(v);
        self.action.hessian_times(&self.state, &mut self.out);
        out.iter_mut().zip(&self.out).for_each(|(o, z)| *o = z.re);
    }

    /// `Hv` at a state.
    pub(super) fn product(&mut self, at: &[f64], v: &[f64], out: &mut [f64]) -> Result<(), Outcome> {
        self.enter(at)?;
        self.times(v, out);
        if out.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(SpectralError::NotFinite.into()) }
    }

    /// `T[v, u]`, the derivative of `H u` along v, by one complex step: no difference is taken, and nothing cancels.
    pub(super) fn third(&mut self, at: &[f64], v: &[f64], u: &[f64], out: &mut [f64]) -> Result<(), Outcome> {
        budget::check()?;
        for ((z, x), v) in self.state.iter_mut().zip(at).zip(v) {
            *z = Complex64::new(*x, COMPLEX_STEP * v);
        }
        self.action.enter(&self.state, &mut self.out);
        finite(&self.out)?;
        self.place(u);
        self.action.hessian_times(&self.state, &mut self.out);
        finite(&self.out)?;
        out.iter_mut().zip(&self.out).for_each(|(o, z)| *o = z.im / COMPLEX_STEP);
        Ok(())
    }

    /// The largest eigenvalues at a state, which is entered; `warm` is near an eigenvector.
    pub(super) fn leading(&mut self, at: &[f64], count: usize, warm: Option<&[f64]>) -> Result<Leading, Outcome> {
        self.enter(at)?;
        let gradient: Vec<f64> = self.out.iter().map(|z| z.re).collect();
        leading_eigenpairs(&gradient, warm, &LeadingOptions::new(count), &mut |v, out| self.times(v, out)).map_err(
            |error| match error {
                KrylovError::Spectral(error) => error.into(),
                KrylovError::Stopped(stopped) => stopped.into(),
                KrylovError::Memory(_) => Outcome::NotComputed,
            },
        )
    }

    /// Solves `(λ − H) y = b` among what is orthogonal to u, at the state last entered, for u's eigenvalue λ, the largest: by conjugate gradients.
    pub(super) fn beside(&mut self, lambda: f64, u: &[f64], b: &[f64]) -> Result<Vec<f64>, Outcome> {
        let n = b.len();
        let (mut y, mut r) = (vec![0.0; n], b.to_vec());
        remove(&mut r, u);
        remove(&mut r, u);
        let (mut p, mut square) = (r.clone(), dot(&r, &r));
        // What lies along u leaves its rounding, which is no part of b.
        let enough = 1e-24 * square + (8.0 * f64::EPSILON).powi(2) * dot(b, b);
        let mut image = vec![0.0; n];
        for _ in 0..MOST_CORRECTIONS {
            if square <= enough {
                return Ok(y);
            }
            budget::check()?;
            self.times(&p, &mut image);
            image.iter_mut().zip(&p).for_each(|(i, p)| *i = lambda * p - *i);
            remove(&mut image, u);
            let curvature = dot(&p, &image);
            if !(curvature > 0.0 && curvature.is_finite()) {
                break;
            }
            let step = square / curvature;
            add(&mut y, step, &p);
            add(&mut r, -step, &image);
            let next = dot(&r, &r);
            p.iter_mut().zip(&r).for_each(|(p, r)| *p = r + next / square * *p);
            remove(&mut p, u);
            square = next;
        }
        // What rounding leaves is enough; what meets another eigenvalue is not.
        if square <= 1e-12 * dot(b, b) { Ok(y) } else { Err(Outcome::NoSlowSolution) }
    }
}

fn finite(values: &[Complex64]) -> Result<(), Outcome> {
    if values.iter().all(|z| z.is_finite()) { Ok(()) } else { Err(SpectralError::NotFinite.into()) }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `to += factor · v`.
pub(super) fn add(to: &mut [f64], factor: f64, v: &[f64]) {
    to.iter_mut().zip(v).for_each(|(t, v)| *t += factor * v);
}

/// Takes the part along a unit vector away.
fn remove(from: &mut [f64], u: &[f64]) {
    let along = dot(from, u);
    add(from, -along, u);
}
