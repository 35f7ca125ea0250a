//! The initial values that a loss declares, as floats.

use super::Loss;
use crate::expr::{RealAlgebra, Tape};

/// Bits enough that the nearest `f64` is right for any value a person writes.
const PRECISION: usize = 192;

impl Loss {
    /// The initial value of each entry of θ where one is declared, such as `pi/2`, to the nearest `f64`.
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
            .map(|expression| {
                let tape = Tape::new(&self.pool, &[(*expression)?]);
                if tape.reads_input() {
                    return None;
                }
                let mut reals = RealAlgebra::new(PRECISION);
                let zero = crate::number::Rational::ZERO;
                let values = tape.evaluate(&mut reals, |reals, _| crate::expr::Algebra::rational(reals, &zero));
                values.first().map(|v| v.to_f64()).filter(|x| x.is_finite())
            })
            .collect()
    }
}
