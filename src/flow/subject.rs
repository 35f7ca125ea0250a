//! The optimizer that a simulation is about.

use super::leading::LeadingEigenvalues;
use super::model::Model;
use super::name::FlowError;
use crate::concrete::Scheme;
use crate::optimizer::BoundOptimizer;
use crate::principal::PrincipalPart;
use crate::series::{DeriveError, Route, derive};
use crate::spectral::{Alpha, Analytic, SymmetricEigen};
use crate::tree::Tree;
use num_complex::Complex64;
use std::sync::Arc;

/// The most parameters for which the whole spectrum is looked at; beyond it the largest eigenvalues.
const MOST_PARAMETERS: usize = 256;
const LEADING: usize = 4;

/// An optimizer with numbers for its hyper-parameters, and what its own flows are made of.
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::flow::Subject;
/// let heavy_ball = Subject::new(&Optimizer::HeavyBall.bind(&[("m", "1/2".parse().unwrap())])?)?;
/// assert_eq!(heavy_ball.optimizer().name(), "heavy-ball");
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Subject {
    optimizer: BoundOptimizer,
    part: PrincipalPart,
    /// The principal part in floats, but for gradient descent, which has its own.
    analytic: Option<Arc<Analytic>>,
    /// The coefficient of `T[g, g]` in `f_2`.
    third: f64,
}

impl Subject {
    /// Of an optimizer.
    ///
    /// # Errors
    /// [`DeriveError::Optimizer`] for a step that is not rational, and while symbols remain.
    pub fn new(optimizer: &BoundOptimizer) -> Result<Self, DeriveError> {
        Scheme::of(optimizer)?;
        let part = PrincipalPart::of(optimizer);
        let optimizer = optimizer.clone();
        if optimizer.is_gradient_descent() {
            return Ok(Self { optimizer, part, analytic: None, third: -1.0 / 12.0 });
        }
        let analytic = Analytic::new(&part).map(Arc::new);
        let equation = derive(&optimizer, 2).route(Route::Trees).run()?.equation;
        let third = equation.coefficient(&Tree::grafted(vec![Tree::leaf(), Tree::leaf()])).to_f64();
        let third = third.ok_or_else(|| optimizer.without_numbers())?;
        Ok(Self { optimizer, part, analytic, third })
    }

    /// The optimizer.
    #[must_use]
    pub fn optimizer(&self) -> &BoundOptimizer {
        &self.optimizer
    }

    /// Its principal part, with the characteristic polynomial and the series.
    #[must_use]
    pub fn principal_part(&self) -> &PrincipalPart {
        &self.part
    }

    /// Minus the coefficient of `T[g, g]` in `f_2`.
    pub(crate) fn third_weight(&self) -> f64 {
        -self.third
    }

    /// The α of the principal flow; `flow` is what asks for it.
    pub(super) fn alpha(&self, flow: &str) -> Result<Alpha, FlowError> {
        if self.optimizer.is_gradient_descent() {
            return Ok(Alpha::Logarithm);
        }
        let analytic = self.analytic.clone().ok_or_else(|| FlowError::Unsuitable {
            name: flow.to_owned(),
            reason: format!(
                "the characteristic polynomial of {} is not at hand: it takes gradients at stages of a recurrence",
                self.optimizer.name()
            ),
        });
        Ok(Alpha::Analytic(analytic?))
    }

    /// The principal series to an order.
    pub(super) fn series(&self, order: usize) -> Result<Alpha, FlowError> {
        if self.optimizer.is_gradient_descent() {
            return Ok(Alpha::principal(order));
        }
        self.part
            .series_in_floats(order)
            .map(Alpha::Polynomial)
            .ok_or_else(|| FlowError::Loss("a coefficient has no value".to_owned()))
    }

    /// The first iterate at which some `hλ` lies where α is complex though the roots of the characteristic polynomial come in
    /// conjugate pairs: beyond the first branch point no single root gives the iterates back.
    pub(crate) fn beyond_branch_point(
        &self,
        model: &dyn Model,
        h: f64,
        iterates: &[Option<Vec<f64>>],
    ) -> Result<Option<(usize, f64)>, FlowError> {
        let Some(analytic) = &self.analytic else { return Ok(None) };
        if self.part.characteristic().is_none_or(|c| c.coefficients().len() < 3) {
            return Ok(None);
        }
        let complex = |z: &f64| analytic.at(Complex64::from(*z)).is_none_or(|a| (a * *z).im.abs() > 1e-9);
        if model.parameters().len() > MOST_PARAMETERS {
            let mut leading = match LeadingEigenvalues::new(model) {
                Err(FlowError::Missing(_)) => return Ok(None),
                found => found?,
            };
            for (step, iterate) in iterates.iter().enumerate() {
                let Some(values) = iterate.as_ref().and_then(|x| leading.at(x, LEADING)) else { break };
                if let Some(z) = values.iter().map(|x| h * x).find(complex) {
                    return Ok(Some((step, z)));
                }
            }
            return Ok(None);
        }
        // Without a Hessian there is no such flow either, which has a reason of its own.
        let mut derivatives = match model.hessian() {
            Err(FlowError::Missing(_)) => return Ok(None),
            found => found?,
        };
        let n = derivatives.dimension();
        let mut eigen = SymmetricEigen::new(n);
        let (mut gradient, mut hessian) = (vec![Complex64::ZERO; n], vec![Complex64::ZERO; n * n]);
        for (step, iterate) in iterates.iter().enumerate() {
            let Some(iterate) = iterate else { break };
            let state: Vec<Complex64> = iterate.iter().map(|x| Complex64::from(*x)).collect();
            derivatives.gradient_hessian(&state, &mut gradient, &mut hessian);
            if !hessian.iter().all(|x| x.is_finite()) || !eigen.decompose(|i, j| h * hessian[i * n + j].re) {
                break;
            }
            if let Some(z) = eigen.values().iter().find(|z| complex(z)) {
                return Ok(Some((step, *z)));
            }
        }
        Ok(None)
    }
}
