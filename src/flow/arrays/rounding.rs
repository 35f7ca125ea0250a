//! What rounding leaves of a gradient.

use super::evaluator::Roots;
use super::{ArrayModel, refused};
use crate::flow::name::FlowError;
use crate::plan::{Plan, ROUNDING_SAFETY};
use crate::spectral::norm;
use num_complex::Complex64;

impl ArrayModel {
    /// What `|δg|` is at most, by which rounding makes the gradient wrong at a state: eight times the largest change where the rounding of every
    /// operation is drawn ([`Plan::noisy`]).
    ///
    /// Beside a minimum of least squares, where terms much larger than g cancel, it is all that g consists of.
    ///
    /// ```
    /// use shadowflow::flow::ArrayModel;
    /// use shadowflow::loss::{Loss, Options};
    /// // 1/3 is no double: at the minimum nothing of the gradient is right.
    /// let source = "data X = csv(\"examples/losses/iris.csv\")[0..2, 0]\nparam w\nloss sum((X*w - X/3)^2)\n";
    /// let loss = Loss::parse(source, "thirds.loss", &Options::default())?;
    /// let model = ArrayModel::new(loss.expression, 1.try_into().unwrap())?;
    /// let (far, near) = (model.gradient_rounding(&[1.0])?, model.gradient_rounding(&[1.0 / 3.0])?);
    /// assert!(far < 1e-12 && near > 1e-16 && near < 1e-12);
    /// assert!(model.at(&[1.0 / 3.0])?.gradient()[0].abs() < near);
    /// # Ok::<(), shadowflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`FlowError::Loss`] where there is no memory for the plans.
    pub fn gradient_rounding(&self, state: &[f64]) -> Result<f64, FlowError> {
        let gradient = self.at_real(state)?;
        let roots = self.pair(Roots::Gradient)?;
        let mut largest = 0.0_f64;
        Plan::redraw(roots.pool(), roots.roots(), (state, &[]), &self.options, |moved| {
            let apart = norm(moved.iter().zip(&gradient).map(|(a, b)| Complex64::from(a - b)));
            // What is not finite a few units away is not known at all.
            largest = if apart.is_finite() { largest.max(apart) } else { f64::INFINITY };
        })
        .map_err(refused)?;
        Ok(ROUNDING_SAFETY * largest)
    }
}
