//! The largest eigenvalues of the Hessian at real states, by products with vectors.

use super::derivatives::HessianAction;
use super::model::Model;
use super::name::FlowError;
use crate::spectral::{KrylovEnd, LeadingOptions, leading_eigenpairs};
use num_complex::Complex64;

/// Finds them at one state after another, each search starting from the eigenvector that the last one found.
pub(super) struct LeadingEigenvalues<'a> {
    action: Box<dyn HessianAction + 'a>,
    warm: Option<Vec<f64>>,
    state: Vec<Complex64>,
    gradient: Vec<Complex64>,
    product: [Vec<Complex64>; 2],
}

impl<'a> LeadingEigenvalues<'a> {
    pub(super) fn new(model: &'a dyn Model) -> Result<Self, FlowError> {
        let action = model.hessian_action()?;
        let zeros = || vec![Complex64::ZERO; action.dimension()];
        let (state, gradient, product) = (zeros(), zeros(), [zeros(), zeros()]);
        Ok(Self { action, warm: None, state, gradient, product })
    }

    /// The largest eigenvalues at a real state, the largest first; `None` where the Hessian is not finite or they are not found.
    pub(super) fn at(&mut self, state: &[f64], count: usize) -> Option<Vec<f64>> {
        self.state.iter_mut().zip(state).for_each(|(z, x)| *z = Complex64::from(*x));
        self.action.enter(&self.state, &mut self.gradient);
        let gradient: Vec<f64> = self.gradient.iter().map(|z| z.re).collect();
        let (action, [along, product]) = (&mut self.action, &mut self.product);
        let mut times = |v: &[f64], out: &mut [f64]| {
            along.iter_mut().zip(v).for_each(|(z, x)| *z = Complex64::from(*x));
            action.hessian_times(along, product);
            out.iter_mut().zip(&*product).for_each(|(o, z)| *o = z.re);
        };
        let found =
            leading_eigenpairs(&gradient, self.warm.as_deref(), &LeadingOptions::new(count), &mut times).ok()?;
        self.warm = found.vectors.first().cloned();
        (found.end == KrylovEnd::Reached).then_some(found.eigenvalues)
    }
}
