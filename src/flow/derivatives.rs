//! What flows need of a loss.

use super::field::Field;
use super::kinks::Kinks;
use super::lost_value::LostValue;
use super::name::FlowError;
use crate::expr::Function;
use crate::number::Rational;
use crate::optimizer::BoundOptimizer;
use num_complex::Complex64;

/// Which derivatives a flow needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The gradient.
    Gradient,
    /// The gradient and the Hessian.
    Hessian,
    /// The gradient, the Hessian and `T[g, g]`.
    Third,
    /// The gradient, the Hessian and the whole third derivative.
    ThirdTensor,
    /// The gradient, the Hessian and the whole third and fourth derivatives.
    FourthTensor,
}

/// The derivatives of a loss at complex states. No method allocates.
///
/// All are the analytic continuation of the real ones; `D` is the dimension.
pub trait Derivatives {
    /// The number of entries of θ.
    fn dimension(&self) -> usize;

    /// Writes the gradient, `g`.
    fn gradient(&mut self, state: &[Complex64], gradient: &mut [Complex64]);

    /// Writes `g` and the Hessian, row-major D×D.
    fn gradient_hessian(&mut self, state: &[Complex64], gradient: &mut [Complex64], hessian: &mut [Complex64]);

    /// Writes `g`, the Hessian and the contraction `T[g, g]` of the third derivative, `Σ_jk ∂_i∂_j∂_k E g_j g_k`.
    fn gradient_hessian_third(
        &mut self,
        state: &[Complex64],
        gradient: &mut [Complex64],
        hessian: &mut [Complex64],
        third: &mut [Complex64],
    );

    /// Writes `g`, the Hessian and the whole third derivative, row-major D×D×D, and where `fourth` is not empty the fourth. NaN where a loss does
    /// not have them.
    fn tensors(
        &mut self,
        state: &[Complex64],
        gradient: &mut [Complex64],
        hessian: &mut [Complex64],
        third: &mut [Complex64],
        fourth: &mut [Complex64],
    ) {
        self.gradient_hessian(state, gradient, hessian);
        third.fill(Complex64::new(f64::NAN, f64::NAN));
        fourth.fill(Complex64::new(f64::NAN, f64::NAN));
    }

    /// Whether an argument of a logarithm, root or the like in the loss crosses the cut of its principal branch on the
    /// segment between two states.
    fn crosses_cut(&mut self, _from: &[Complex64], _to: &[Complex64]) -> bool {
        false
    }
}

/// The loss at a state; NaN where it has no value.
pub type Value<'a> = Box<dyn FnMut(&[Complex64]) -> Complex64 + 'a>;

/// A loss that optimizers and flows can run on.
pub trait Model {
    /// The name of every entry of θ.
    fn parameters(&self) -> Vec<String>;

    /// Writes the gradient at a real state, as the optimizer sees it.
    fn real_gradient(&mut self, state: &[f64], gradient: &mut [f64]);

    /// An evaluator of the derivatives up to a level, one per flow; beyond it they may be NaN.
    ///
    /// # Errors
    /// Where the derivatives cannot be had.
    fn derivatives(&self, level: Level) -> Result<Box<dyn Derivatives + '_>, FlowError>;

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
    /// Where it cannot be had, such as beyond the limits of the derivation.
    fn truncated(
        &self,
        optimizer: &BoundOptimizer,
        order: usize,
        h: &Rational,
    ) -> Result<Box<dyn Field + '_>, FlowError>;

    /// Which operation of the loss or its derivatives loses its value at a state where they are not finite, as far as the model knows; `real` asks
    /// about the gradient that the optimizer sees, on the real line.
    fn lost_value(&self, _state: &[Complex64], _real: bool) -> Option<LostValue> {
        None
    }

    /// The functions without derivatives everywhere that the loss uses.
    fn nonsmooth(&self) -> Vec<Function> {
        Vec::new()
    }

    /// Watches the places where the loss has no derivative; `None` for smooth losses and models that do not know.
    fn kinks(&self) -> Option<Kinks> {
        None
    }

    /// Whether the loss is a polynomial of degree 2 at most, so that its Hessian is constant.
    fn is_quadratic(&self) -> bool {
        false
    }
}
