//! What a loss offers to flows: each derivative is a capability with a trait of its own, so that no flow can read what it did not ask for.
//!
//! All are the analytic continuations of the real ones, at complex states θ of D numbers; no method allocates. A whole matrix is one way to offer
//! the Hessian's action, [`DenseAction`]; large or structured losses have others.

use num_complex::Complex64;
use std::fmt;

/// What a flow needs of a loss.
///
/// | | at θ | memory |
/// |---|---|---|
/// | `Gradient` | `g` | D |
/// | `HessianAction` | `g` and `v ↦ Hv` | a few D |
/// | `ThirdAction` | the same and `T[g, g]` | a few D |
/// | `Hessian` | `g` and the matrix H | D² |
/// | `HessianThird` | the same and `T[g, g]` | D² |
/// | `ThirdTensor` | `g`, H and T | D³ |
/// | `FourthTensor` | `g`, H, T and the fourth derivative | D⁴ |
/// | `Series` | the truncated modified field `Σ_{n≤N} h^n f_n` | |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// [`Gradient`].
    Gradient,
    /// [`HessianAction`].
    HessianAction,
    /// [`ThirdAction`].
    ThirdAction,
    /// [`Hessian`].
    Hessian,
    /// [`HessianThird`].
    HessianThird,
    /// [`Tensors`].
    ThirdTensor,
    /// [`Tensors`] with the fourth derivative.
    FourthTensor,
    /// [`Model::truncated`](super::Model::truncated).
    Series,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gradient => "the gradient",
            Self::HessianAction => "the Hessian's action v ↦ Hv",
            Self::ThirdAction => "the third derivative's action T[g, g] beside the Hessian's, v ↦ Hv",
            Self::Hessian => "the Hessian as a matrix",
            Self::HessianThird => "the Hessian as a matrix with the contraction T[g, g]",
            Self::ThirdTensor => "the whole third derivative",
            Self::FourthTensor => "the whole fourth derivative",
            Self::Series => "the series of the modified field",
        })
    }
}

/// The gradient of a loss.
pub trait Gradient {
    /// D, the number of entries of θ.
    fn dimension(&self) -> usize;

    /// Writes the gradient `g`, D numbers.
    fn gradient(&mut self, state: &[Complex64], gradient: &mut [Complex64]);

    /// Whether an argument of a logarithm, root or the like in the loss crosses the cut of its principal branch on the
    /// segment between two states.
    fn crosses_cut(&mut self, _from: &[Complex64], _to: &[Complex64]) -> bool {
        false
    }
}

/// The gradient, and the Hessian as a linear map that need never be a matrix.
pub trait HessianAction: Gradient {
    /// Writes `g`; the products that follow are with the Hessian at this state.
    fn enter(&mut self, state: &[Complex64], gradient: &mut [Complex64]);

    /// Writes `Hv`, D numbers, with H at the state last entered.
    fn hessian_times(&mut self, v: &[Complex64], out: &mut [Complex64]);
}

/// The gradient, the Hessian's action and the third derivative along the gradient.
pub trait ThirdAction: HessianAction {
    /// Writes `T[g, g]`, `Σ_jk ∂_i∂_j∂_k E g_j g_k`, D numbers, at the state last entered.
    fn third_along_gradient(&mut self, out: &mut [Complex64]);
}

/// The gradient, and the Hessian as a matrix.
pub trait Hessian: Gradient {
    /// Writes `g` and the Hessian, row-major D×D and symmetric.
    fn gradient_hessian(&mut self, state: &[Complex64], gradient: &mut [Complex64], hessian: &mut [Complex64]);
}

/// The gradient, the Hessian as a matrix and the third derivative along the gradient.
pub trait HessianThird: Hessian {
    /// Writes `g`, the Hessian, row-major D×D, and `T[g, g]`, `Σ_jk ∂_i∂_j∂_k E g_j g_k`, D numbers.
    fn gradient_hessian_third(
        &mut self,
        state: &[Complex64],
        gradient: &mut [Complex64],
        hessian: &mut [Complex64],
        third: &mut [Complex64],
    );
}

/// The gradient, the Hessian and whole higher derivatives.
pub trait Tensors: Gradient {
    /// Whether the fourth derivative is among them.
    fn has_fourth(&self) -> bool;

    /// Writes `g`, the Hessian and the third derivative, row-major D×D×D, and the fourth, D×D×D×D; `fourth` is empty where there is none.
    fn tensors(
        &mut self,
        state: &[Complex64],
        gradient: &mut [Complex64],
        hessian: &mut [Complex64],
        third: &mut [Complex64],
        fourth: &mut [Complex64],
    );
}

/// The actions of derivatives that are at hand as a matrix and as `T[g, g]`.
#[derive(Debug, Clone)]
pub struct DenseAction<D> {
    derivatives: D,
    hessian: Vec<Complex64>,
}

impl<D: Hessian> DenseAction<D> {
    /// With room for the matrix.
    pub fn new(derivatives: D) -> Self {
        let n = derivatives.dimension();
        Self { derivatives, hessian: vec![Complex64::ZERO; n * n] }
    }
}

impl<D: Gradient> Gradient for DenseAction<D> {
    fn dimension(&self) -> usize {
        self.derivatives.dimension()
    }

    fn gradient(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
        self.derivatives.gradient(state, gradient);
    }

    fn crosses_cut(&mut self, from: &[Complex64], to: &[Complex64]) -> bool {
        self.derivatives.crosses_cut(from, to)
    }
}

impl<D: Hessian> HessianAction for DenseAction<D> {
    fn enter(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
        self.derivatives.gradient_hessian(state, gradient, &mut self.hessian);
    }

    fn hessian_times(&mut self, v: &[Complex64], out: &mut [Complex64]) {
        for (o, row) in out.iter_mut().zip(self.hessian.chunks_exact(v.len().max(1))) {
            *o = row.iter().zip(v).map(|(a, b)| a * b).sum();
        }
    }
}

/// [`DenseAction`] with `T[g, g]`.
#[derive(Debug, Clone)]
pub struct DenseThirdAction<D> {
    dense: DenseAction<D>,
    third: Vec<Complex64>,
}

impl<D: HessianThird> DenseThirdAction<D> {
    /// With room for the matrix.
    pub fn new(derivatives: D) -> Self {
        let third = vec![Complex64::ZERO; derivatives.dimension()];
        Self { dense: DenseAction::new(derivatives), third }
    }
}

impl<D: Gradient> Gradient for DenseThirdAction<D> {
    fn dimension(&self) -> usize {
        self.dense.dimension()
    }

    fn gradient(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
        self.dense.gradient(state, gradient);
    }

    fn crosses_cut(&mut self, from: &[Complex64], to: &[Complex64]) -> bool {
        self.dense.crosses_cut(from, to)
    }
}

impl<D: HessianThird> HessianAction for DenseThirdAction<D> {
    fn enter(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
        let DenseAction { derivatives, hessian } = &mut self.dense;
        derivatives.gradient_hessian_third(state, gradient, hessian, &mut self.third);
    }

    fn hessian_times(&mut self, v: &[Complex64], out: &mut [Complex64]) {
        self.dense.hessian_times(v, out);
    }
}

impl<D: HessianThird> ThirdAction for DenseThirdAction<D> {
    fn third_along_gradient(&mut self, out: &mut [Complex64]) {
        out.copy_from_slice(&self.third);
    }
}

impl<T: Gradient + ?Sized> Gradient for Box<T> {
    fn dimension(&self) -> usize {
        (**self).dimension()
    }

    fn gradient(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
        (**self).gradient(state, gradient);
    }

    fn crosses_cut(&mut self, from: &[Complex64], to: &[Complex64]) -> bool {
        (**self).crosses_cut(from, to)
    }
}

impl<T: HessianAction + ?Sized> HessianAction for Box<T> {
    fn enter(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
        (**self).enter(state, gradient);
    }

    fn hessian_times(&mut self, v: &[Complex64], out: &mut [Complex64]) {
        (**self).hessian_times(v, out);
    }
}

impl<T: ThirdAction + ?Sized> ThirdAction for Box<T> {
    fn third_along_gradient(&mut self, out: &mut [Complex64]) {
        (**self).third_along_gradient(out);
    }
}

impl<T: Hessian + ?Sized> Hessian for Box<T> {
    fn gradient_hessian(&mut self, state: &[Complex64], gradient: &mut [Complex64], hessian: &mut [Complex64]) {
        (**self).gradient_hessian(state, gradient, hessian);
    }
}

impl<T: HessianThird + ?Sized> HessianThird for Box<T> {
    fn gradient_hessian_third(
        &mut self,
        state: &[Complex64],
        gradient: &mut [Complex64],
        hessian: &mut [Complex64],
        third: &mut [Complex64],
    ) {
        (**self).gradient_hessian_third(state, gradient, hessian, third);
    }
}

impl<T: Tensors + ?Sized> Tensors for Box<T> {
    fn has_fourth(&self) -> bool {
        (**self).has_fourth()
    }

    fn tensors(
        &mut self,
        state: &[Complex64],
        gradient: &mut [Complex64],
        hessian: &mut [Complex64],
        third: &mut [Complex64],
        fourth: &mut [Complex64],
    ) {
        (**self).tensors(state, gradient, hessian, third, fourth);
    }
}
