//! The initial values that a loss declares, as floats.

use super::Loss;
use crate::expr::{Algebra, BallAlgebra, Tape};

/// Bits of the enclosures, one after another until one tells the nearest `f64`.
const PRECISIONS: [usize; 4] = [192, 768, 3072, 12_288];

impl Loss {
    /// The initial value of each entry of θ where one is declared, such as `pi/2`, to the nearest `f64`; none
    /// where 12,288 bits do not tell it.
    ///
    /// ```
    /// use shadowflow::loss::{Loss, Options};
    /// let loss = Loss::parse("param x = pi/2, y\nloss x*y\n", "a.loss", &Options::default())?;
    /// assert_eq!(loss.initial_values(), [Some(std::f64::consts::FRAC_PI_2), None]);
    /// # Ok::<(), shadowflow::loss::LossErrors>(())
    /// ```
    #[must_use]
    pub fn initial_values(&self) -> Vec<Option<f64>> {
        self.initial_expressions
            .iter()
            .zip(&self.initial)
            .map(|(expression, exact)| {
                if let Some(exact) = exact.as_ref().map(crate::number::Rational::to_f64).filter(|x| x.is_finite()) {
                    return Some(exact);
                }
                let tape = Tape::new(self.expression.pool(), &[(*expression)?]);
                if tape.reads_input() {
                    return None;
                }
                let zero = crate::number::Rational::ZERO;
                let value = |bits: &usize| {
                    let mut balls = BallAlgebra::new(*bits);
                    tape.evaluate(&mut balls, |balls, _| balls.rational(&zero)).first()?.to_f64()
                };
                PRECISIONS.iter().find_map(value).filter(|x| x.is_finite())
            })
            .collect()
    }
}
