//! A loss as optimizers and flows see it.

use super::derivatives::{
    Capability, DenseAction, DenseThirdAction, Gradient, Hessian, HessianAction, HessianThird, Tensors, ThirdAction,
};
use super::enclosed::EnclosedDerivatives;
use super::field::Field;
use super::kinks::Kinks;
use super::lost_value::LostValue;
use super::name::FlowError;
use crate::expr::Nonsmooth;
use crate::number::Rational;
use crate::optimizer::BoundOptimizer;
use num_complex::Complex64;

/// The loss at a state; NaN where it has no value.
pub type Value<'a> = Box<dyn FnMut(&[Complex64]) -> Complex64 + 'a>;

/// A loss that optimizers and flows can run on.
///
/// A model offers what it can of its derivatives, and a flow asks for what it needs ([`FlowDescription::needs`]): a flow that needs more is refused
/// with the name of what is missing, the others run. [`CompiledModel`](super::CompiledModel) offers everything, with dense matrices.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow::flow::{FlowError, FlowName, Gradient, HessianAction, IntegratorOptions, Model, simulate};
/// /// E = ½ Σ_k (k+1) θ_k²: the Hessian is known by what it does.
/// struct Springs(usize);
/// impl Gradient for Springs {
///     fn dimension(&self) -> usize {
///         self.0
///     }
///     fn gradient(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
///         self.hessian_times(state, gradient);
///     }
/// }
/// impl HessianAction for Springs {
///     fn enter(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
///         self.gradient(state, gradient);
///     }
///     fn hessian_times(&mut self, v: &[Complex64], out: &mut [Complex64]) {
///         for (k, (o, v)) in out.iter_mut().zip(v).enumerate() {
///             *o = v * (k + 1) as f64;
///         }
///     }
/// }
/// impl Model for Springs {
///     fn parameters(&self) -> Vec<String> {
///         (0..self.0).map(|k| format!("x[{k}]")).collect()
///     }
///     fn real_gradient(&mut self, state: &[f64], gradient: &mut [f64]) {
///         gradient.iter_mut().zip(state).enumerate().for_each(|(k, (g, x))| *g = x * (k + 1) as f64);
///     }
///     fn gradient(&self) -> Result<Box<dyn Gradient + '_>, FlowError> {
///         Ok(Box::new(Springs(self.0)))
///     }
///     fn hessian_action(&self) -> Result<Box<dyn HessianAction + '_>, FlowError> {
///         Ok(Box::new(Springs(self.0)))
///     }
/// }
/// let (h, flows) = ("1/10".parse()?, [FlowName::Igr, FlowName::Pf]);
/// let run = simulate(&mut Springs(2), &h, 1, &[1.0, 1.0], &flows, &IntegratorOptions::default())?;
/// assert!(run.flows[0].error[1].is_some());
/// // The principal flow needs the spectrum.
/// assert!(run.warnings.iter().any(|w| w.message.contains("it needs the Hessian as a matrix")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`FlowDescription::needs`]: super::FlowDescription::needs
pub trait Model {
    /// The name of every entry of θ.
    fn parameters(&self) -> Vec<String>;

    /// Writes the gradient at a real state, as the optimizer sees it.
    fn real_gradient(&mut self, state: &[f64], gradient: &mut [f64]);

    /// The gradient at complex states, an evaluator for one flow.
    ///
    /// # Errors
    /// Where it cannot be had.
    fn gradient(&self) -> Result<Box<dyn Gradient + '_>, FlowError>;

    /// The gradient and `v ↦ Hv`; by the whole Hessian, where the model offers that.
    ///
    /// # Errors
    /// [`FlowError::Missing`] where the model does not offer it, or why it cannot be had.
    fn hessian_action(&self) -> Result<Box<dyn HessianAction + '_>, FlowError> {
        match self.hessian() {
            Ok(dense) => Ok(Box::new(DenseAction::new(dense))),
            Err(FlowError::Missing(_)) => Err(FlowError::Missing(Capability::HessianAction)),
            Err(error) => Err(error),
        }
    }

    /// The gradient, `v ↦ Hv` and `T[g, g]`; by the whole Hessian, where the model offers that with `T[g, g]`.
    ///
    /// # Errors
    /// As [`Model::hessian_action`].
    fn third_action(&self) -> Result<Box<dyn ThirdAction + '_>, FlowError> {
        match self.hessian_third() {
            Ok(dense) => Ok(Box::new(DenseThirdAction::new(dense))),
            Err(FlowError::Missing(_)) => Err(FlowError::Missing(Capability::ThirdAction)),
            Err(error) => Err(error),
        }
    }

    /// The gradient and the whole Hessian.
    ///
    /// # Errors
    /// As [`Model::hessian_action`].
    fn hessian(&self) -> Result<Box<dyn Hessian + '_>, FlowError> {
        Err(FlowError::Missing(Capability::Hessian))
    }

    /// The gradient, the whole Hessian and `T[g, g]`.
    ///
    /// # Errors
    /// As [`Model::hessian_action`].
    fn hessian_third(&self) -> Result<Box<dyn HessianThird + '_>, FlowError> {
        Err(FlowError::Missing(Capability::HessianThird))
    }

    /// The gradient, the Hessian and the whole third derivative, with `fourth` the fourth as well.
    ///
    /// # Errors
    /// As [`Model::hessian_action`].
    fn tensors(&self, fourth: bool) -> Result<Box<dyn Tensors + '_>, FlowError> {
        Err(FlowError::Missing(if fourth { Capability::FourthTensor } else { Capability::ThirdTensor }))
    }

    /// Whether functions of the Hessian are to be made of products with it, rather than of the whole matrix.
    fn prefers_products(&self) -> bool {
        false
    }

    /// An evaluator of the loss itself at complex states, its analytic continuation; `None` for models that know its derivatives only.
    ///
    /// # Errors
    /// Where it cannot be had.
    fn value(&self) -> Result<Option<Value<'_>>, FlowError> {
        Ok(None)
    }

    /// An optimizer's truncated modified field `Σ_{n≤order} h^n f_n`.
    ///
    /// # Errors
    /// [`FlowError::Missing`], or where it cannot be had, such as beyond the limits of the derivation.
    fn truncated(
        &self,
        _optimizer: &BoundOptimizer,
        _order: usize,
        _h: &Rational,
    ) -> Result<Box<dyn Field + '_>, FlowError> {
        Err(FlowError::Missing(Capability::Series))
    }

    /// Which operation of the loss or its derivatives loses its value at a state where they are not finite, as far as the model knows; `real` asks
    /// about the gradient that the optimizer sees, on the real line.
    fn lost_value(&self, _state: &[Complex64], _real: bool) -> Option<LostValue> {
        None
    }

    /// The functions without derivatives everywhere that the loss uses.
    fn nonsmooth(&self) -> Vec<Nonsmooth> {
        Vec::new()
    }

    /// Watches the places where the loss has no derivative; `None` for smooth losses and models that do not know.
    fn kinks(&self) -> Option<Kinks> {
        None
    }

    /// The gradient and the Hessian to any number of digits; `None` for models that know machine floats only, and for losses that are too large.
    fn enclosed(&self) -> Option<EnclosedDerivatives> {
        None
    }

    /// Whether the loss is a polynomial of degree 2 at most, so that its Hessian is constant.
    fn is_quadratic(&self) -> bool {
        false
    }
}
