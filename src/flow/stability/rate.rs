//! The rates of flows at a critical point, in closed form.

use super::super::given::GivenAlpha;
use super::super::name::{FlowError, FlowName};
use super::super::subject::Subject;
use crate::spectral::{Alpha, Given, SpectralFunction, divided_difference};
use num_complex::Complex64;
use std::sync::Arc;

/// The function whose value at `hλ`, times λ, is a flow's rate along an eigendirection of a critical point: `θ̇ = α(hλ) λ θ` there.
///
/// Terms with two or more gradients have no derivative where the gradient vanishes, so the truncated field of order n and
/// its principal part have the same Jacobian, as have PF, PF+NP3 and the resummed flows. The flow of two steps has
/// `log|1 − z|/z`.
pub(in crate::flow) fn alpha(subject: &Subject, flow: &FlowName, direction: usize) -> Result<Alpha, FlowError> {
    Ok(match flow {
        FlowName::Ngf => Alpha::negative_gradient(),
        FlowName::Pgf => Alpha::Polynomial(vec![1.0]),
        FlowName::Igr => Alpha::implicit_gradient_regularisation(),
        FlowName::Third => Alpha::principal(2),
        FlowName::Bea(order) | FlowName::Principal(order) => subject.series(*order)?,
        FlowName::Pf | FlowName::PfNp3 | FlowName::Rpf | FlowName::Rpf4 | FlowName::Exact => subject.alpha(flow)?,
        FlowName::Rpf2 => Alpha::Given(Given(Arc::new(TwoSteps))),
        FlowName::Alpha(expression) => {
            Alpha::Given(Given(Arc::new(GivenAlpha::parse(expression).map_err(|e| FlowError::Loss(e.to_string()))?)))
        }
        FlowName::Flip(flipped) => Alpha::Polynomial(vec![if flipped.contains(&direction) { 1.0 } else { -1.0 }]),
    })
}

/// The rate `α(hλ) λ`; `None` at a branch point, to within the uncertainty of λ.
pub(super) fn rate(alpha: &Alpha, h: f64, lambda: f64, uncertainty: f64) -> Option<Complex64> {
    let z = h * lambda;
    if *alpha == Alpha::Logarithm && (z - 1.0).abs() <= h * uncertainty {
        return None;
    }
    at(alpha, z).map(|a| positive_zeros(a * lambda)).filter(|r| r.is_finite())
}

/// `α(z)` at a real z; `None` where it is not finite.
pub(super) fn at(alpha: &Alpha, z: f64) -> Option<Complex64> {
    Some(positive_zeros(alpha.at(Complex64::from(z)))).filter(|a| a.is_finite())
}

/// With no negative zero, which says nothing here.
fn positive_zeros(z: Complex64) -> Complex64 {
    Complex64::new(z.re + 0.0, z.im + 0.0)
}

/// `log|1 − z|/z` on the real line, the real part of the logarithm's.
#[derive(Debug)]
struct TwoSteps;

impl SpectralFunction for TwoSteps {
    fn at(&self, z: Complex64) -> Option<Complex64> {
        let value = Alpha::Logarithm.at(z).re;
        value.is_finite().then(|| Complex64::from(value))
    }

    fn divided_difference(&self, u: Complex64, v: Complex64) -> Option<Complex64> {
        let value = divided_difference(u, v).re;
        value.is_finite().then(|| Complex64::from(value))
    }
}
