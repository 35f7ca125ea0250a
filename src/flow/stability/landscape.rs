//! A loss at real states: gradient, Hessian and its spectrum in order.

use super::super::derivatives::{Gradient, Hessian};
use super::super::model::Model;
use super::super::name::FlowError;
use crate::spectral::SymmetricEigen;
use num_complex::Complex64;

/// The loss and its derivatives at real states.
///
/// Where the loss itself has no finite real value, as `log x` at −1, its derivatives may well have one: such states count as
/// outside.
pub(super) struct Landscape<'a> {
    value: &'a dyn Fn(&[f64]) -> f64,
    first: Box<dyn Gradient + 'a>,
    second: Box<dyn Hessian + 'a>,
    eigen: SymmetricEigen,
    state: Vec<Complex64>,
    gradient: Vec<Complex64>,
    hessian: Vec<Complex64>,
}

/// The derivatives at one state.
#[derive(Debug, Clone)]
pub(super) struct Local {
    pub(super) gradient: Vec<f64>,
    /// Row-major.
    pub(super) hessian: Vec<f64>,
    pub(super) spectrum: Spectrum,
}

/// Eigenvalues from the largest down, each with its unit eigenvector.
#[derive(Debug, Clone)]
pub(super) struct Spectrum {
    pub(super) values: Vec<f64>,
    pub(super) vectors: Vec<Vec<f64>>,
}

impl<'a> Landscape<'a> {
    pub(super) fn new(model: &'a dyn Model, value: &'a dyn Fn(&[f64]) -> f64) -> Result<Self, FlowError> {
        let first = model.gradient()?;
        let second = model.hessian()?;
        let n = second.dimension();
        let zeros = |n: usize| vec![Complex64::ZERO; n];
        Ok(Self {
            value,
            first,
            second,
            eigen: SymmetricEigen::new(n),
            state: zeros(n),
            gradient: zeros(n),
            hessian: zeros(n * n),
        })
    }

    pub(super) fn dimension(&self) -> usize {
        self.state.len()
    }

    /// The loss; NaN or infinite outside.
    pub(super) fn value(&self, theta: &[f64]) -> f64 {
        (self.value)(theta)
    }

    fn enter(&mut self, theta: &[f64]) -> bool {
        for (z, x) in self.state.iter_mut().zip(theta) {
            *z = Complex64::from(*x);
        }
        theta.iter().all(|x| x.is_finite()) && self.value(theta).is_finite()
    }

    /// The norm of the gradient; `None` outside.
    pub(super) fn slope(&mut self, theta: &[f64]) -> Option<f64> {
        if !self.enter(theta) {
            return None;
        }
        self.first.gradient(&self.state, &mut self.gradient);
        let gradient: Vec<f64> = self.gradient.iter().map(|g| g.re).collect();
        Some(norm(&gradient)).filter(|s| s.is_finite())
    }

    /// Gradient and Hessian, row-major; `None` outside.
    fn differentiate(&mut self, theta: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
        if !self.enter(theta) {
            return None;
        }
        self.second.gradient_hessian(&self.state, &mut self.gradient, &mut self.hessian);
        let gradient: Vec<f64> = self.gradient.iter().map(|g| g.re).collect();
        let hessian: Vec<f64> = self.hessian.iter().map(|h| h.re).collect();
        (gradient.iter().chain(&hessian).all(|x| x.is_finite())).then_some((gradient, hessian))
    }

    /// The Hessian alone, row-major.
    pub(super) fn hessian(&mut self, theta: &[f64]) -> Option<Vec<f64>> {
        Some(self.differentiate(theta)?.1)
    }

    /// Everything at a state; `None` outside, or where the eigenvalue iteration fails.
    pub(super) fn local(&mut self, theta: &[f64]) -> Option<Local> {
        let (gradient, hessian) = self.differentiate(theta)?;
        let n = self.dimension();
        if !self.eigen.decompose(|i, j| hessian[i * n + j]) {
            return None;
        }
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| self.eigen.values()[*b].total_cmp(&self.eigen.values()[*a]));
        let values = order.iter().map(|k| self.eigen.values()[*k]).collect();
        let vectors = order.iter().map(|k| upright((0..n).map(|i| self.eigen.vector(*k, i)).collect())).collect();
        Some(Local { gradient, hessian, spectrum: Spectrum { values, vectors } })
    }
}

impl Local {
    /// What rounding alone does to the eigenvalues.
    pub(super) fn rounding(&self) -> f64 {
        4.0 * self.gradient.len() as f64 * f64::EPSILON * norm(&self.hessian)
    }
}

/// The sign in which the first of the largest components is positive.
fn upright(mut vector: Vec<f64>) -> Vec<f64> {
    let largest = vector.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    // Components that are equal but for rounding are taken as equal.
    if vector.iter().find(|x| x.abs() >= largest * (1.0 - 1e-9)).is_some_and(|x| *x < 0.0) {
        for x in &mut vector {
            *x = -*x;
        }
    }
    vector
}

/// The Euclidean norm, with no overflow or underflow on the way.
pub(super) fn norm(vector: &[f64]) -> f64 {
    let largest = vector.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return if vector.iter().any(|x| x.is_nan()) { f64::NAN } else { largest };
    }
    largest * vector.iter().map(|x| (x / largest) * (x / largest)).sum::<f64>().sqrt()
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
