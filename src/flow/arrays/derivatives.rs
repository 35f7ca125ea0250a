//! The derivatives of a loss of whole arrays, as flows ask for them.

use super::evaluator::{Evaluator, Pair};
use crate::flow::derivatives::{Gradient, Hessian, HessianAction, HessianThird, ThirdAction};
use num_complex::Complex64;
use std::sync::Arc;

const NAN: Complex64 = Complex64::new(f64::NAN, f64::NAN);

/// The gradient.
#[derive(Debug)]
pub(super) struct ArrayGradient(Evaluator);

impl ArrayGradient {
    pub(super) fn new(pair: Arc<Pair>) -> Self {
        Self(Evaluator::new(pair))
    }
}

impl Gradient for ArrayGradient {
    fn dimension(&self) -> usize {
        self.0.dimension()
    }

    fn gradient(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
        // Without a plan there is no value; who asked finds numbers that are none.
        if self.0.any(state, gradient).is_err() {
            gradient.fill(NAN);
        }
    }
}

/// The gradient, the Hessian's action and, where it was asked for, `T[g, g]`.
#[derive(Debug)]
pub(super) struct ArrayAction {
    gradient: ArrayGradient,
    product: Evaluator,
    third: Option<Evaluator>,
    state: Vec<Complex64>,
}

impl ArrayAction {
    pub(super) fn new(gradient: Arc<Pair>, product: Arc<Pair>, third: Option<Arc<Pair>>) -> Self {
        let gradient = ArrayGradient::new(gradient);
        Self { gradient, product: Evaluator::new(product), third: third.map(Evaluator::new), state: Vec::new() }
    }
}

impl Gradient for ArrayAction {
    fn dimension(&self) -> usize {
        self.gradient.dimension()
    }

    fn gradient(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
        self.gradient.gradient(state, gradient);
    }
}

impl HessianAction for ArrayAction {
    fn enter(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
        self.gradient.gradient(state, gradient);
        if self.product.enter(state).is_err() {
            gradient.fill(NAN);
        }
        self.state.clear();
        self.state.extend_from_slice(state);
    }

    fn hessian_times(&mut self, v: &[Complex64], out: &mut [Complex64]) {
        if self.product.along(v, out).is_err() {
            out.fill(NAN);
        }
    }
}

impl ThirdAction for ArrayAction {
    fn third_along_gradient(&mut self, out: &mut [Complex64]) {
        if self.third.as_mut().is_none_or(|third| third.any(&self.state, out).is_err()) {
            out.fill(NAN);
        }
    }
}

/// The Hessian as a matrix, by as many products as there are parameters.
#[derive(Debug)]
pub(super) struct ArrayHessian {
    action: ArrayAction,
    unit: Vec<Complex64>,
    column: Vec<Complex64>,
}

impl ArrayHessian {
    pub(super) fn new(action: ArrayAction) -> Self {
        let n = action.dimension();
        Self { action, unit: vec![Complex64::ZERO; n], column: vec![Complex64::ZERO; n] }
    }
}

impl Gradient for ArrayHessian {
    fn dimension(&self) -> usize {
        self.action.dimension()
    }

    fn gradient(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
        self.action.gradient(state, gradient);
    }
}

impl Hessian for ArrayHessian {
    fn gradient_hessian(&mut self, state: &[Complex64], gradient: &mut [Complex64], hessian: &mut [Complex64]) {
        let n = self.unit.len();
        self.action.enter(state, gradient);
        for j in 0..n {
            crate::budget::look();
            self.unit[j] = Complex64::ONE;
            self.action.hessian_times(&self.unit, &mut self.column);
            self.unit[j] = Complex64::ZERO;
            // Exactly symmetric: what rounding makes of an entry and its mirror is averaged.
            for (i, x) in self.column.iter().enumerate() {
                hessian[i * n + j] = if i < j { (hessian[j * n + i] + x) * 0.5 } else { *x };
            }
            for i in 0..j {
                hessian[j * n + i] = hessian[i * n + j];
            }
        }
    }
}

impl HessianThird for ArrayHessian {
    fn gradient_hessian_third(
        &mut self,
        state: &[Complex64],
        gradient: &mut [Complex64],
        hessian: &mut [Complex64],
        third: &mut [Complex64],
    ) {
        self.gradient_hessian(state, gradient, hessian);
        self.action.third_along_gradient(third);
    }
}
