//! What rounding leaves of a gradient.

use super::evaluator::Roots;
use super::{ArrayModel, refused};
use crate::flow::name::FlowError;
use crate::plan::Plan;
use crate::spectral::norm;
use num_complex::Complex64;

/// By how many units in the last place of one every number is moved. Sums of many terms are rounded more often than their terms.
const UNITS: f64 = 4.0;

/// How many times.
const SAMPLES: usize = 2;

impl ArrayModel {
    /// An estimate of `|δg|`, what rounding makes the gradient wrong by at a state: by how much it changes where every entry of θ and of the
    /// data is moved by 4 units in the last place, up or down by no pattern of the entries.
    ///
    /// That is what evaluations in double precision are worth for which the error of every operation is as good as one of what goes into it
    /// (backward stability; Higham, *Accuracy and Stability of Numerical Algorithms*, 2002, section 1.5). Beside a minimum of least squares, where
    /// terms much larger than g cancel, it is all that g consists of. It does not see what saturated functions lose.
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
        let mut signs = Signs(0x9e37_79b9_7f4a_7c15);
        let mut largest = 0.0_f64;
        for _ in 0..SAMPLES {
            let mut moved = |values: &[f64]| -> Vec<f64> {
                let mut nudge = |x: &f64| x + x * signs.next() * UNITS * f64::EPSILON;
                values.iter().map(|x| Some(nudge(x)).filter(|y| y.is_finite()).unwrap_or(*x)).collect()
            };
            let theta = moved(state);
            let plan = Plan::real(roots.pool(), roots.roots(), &self.options).map_err(refused)?.on_data(moved);
            let mut other = vec![0.0; state.len()];
            plan.run(&mut plan.state(), &theta, &[], &[], &mut other);
            let apart = norm(other.iter().zip(&gradient).map(|(a, b)| Complex64::from(a - b)));
            // What is not finite a few units away is not known at all.
            largest = if apart.is_finite() { largest.max(apart) } else { f64::INFINITY };
        }
        Ok(largest)
    }
}

/// 1 and −1 in no order (xorshift; Marsaglia, *Journal of Statistical Software* 8, 2003).
struct Signs(u64);

impl Signs {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        if self.0 >> 63 == 0 { 1.0 } else { -1.0 }
    }
}
