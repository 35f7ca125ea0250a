//! What parameters start from, as a loss declares it.

use super::Loss;
use crate::expr::{Algebra, BallAlgebra, Id, Pool, Tape};
use crate::number::Rational;
use std::sync::Arc;

/// Bits of the enclosures, one after another until one tells the nearest `f64`.
const PRECISIONS: [usize; 4] = [192, 768, 3072, 12_288];

/// What one parameter starts from.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// Every entry from one scalar expression without parameters, such as `pi/2`.
    Everywhere(Id),
    /// Each entry from such an expression of its own, row-major.
    Entries(Arc<[Id]>),
    /// Each entry from a double, row-major: drawn, or read from a file.
    Values(Arc<[f64]>),
}

impl Loss {
    /// The initial value of each entry of θ where one is declared and is a rational number, as every double is.
    ///
    /// ```
    /// use shadowflow::loss::{Loss, Options};
    /// let loss = Loss::parse("param x = 0.1, y, w[2] = zeros\nloss x*y*w[0]\n", "a.loss", &Options::default())?;
    /// assert_eq!(loss.initial()[0], Some("1/10".parse().unwrap()));
    /// assert_eq!((loss.initial()[1].clone(), loss.initial()[3].clone()), (None, Some(0.into())));
    /// # Ok::<(), shadowflow::loss::LossErrors>(())
    /// ```
    #[must_use]
    pub fn initial(&self) -> Vec<Option<Rational>> {
        let exact = |id: &Id| self.expression.pool().as_constant(*id).cloned();
        self.entries(exact, Rational::from_f64)
    }

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
        self.entries(|id| nearest_double(self.expression.pool(), *id), Some)
    }

    /// Something of the initial value of every entry of θ, of expressions or doubles.
    fn entries<T: Clone>(&self, of: impl Fn(&Id) -> Option<T>, from: impl Fn(f64) -> Option<T>) -> Vec<Option<T>> {
        let mut all = Vec::with_capacity(self.expression.pool().dimension());
        for (start, (_, shape)) in self.starts.iter().zip(self.expression.pool().parameters()) {
            let end = all.len() + shape.size();
            match start {
                None => {}
                Some(Start::Everywhere(id)) => {
                    let value = of(id);
                    all.resize_with(end, || value.clone());
                }
                Some(Start::Entries(ids)) => all.extend(ids.iter().map(&of)),
                Some(Start::Values(values)) => all.extend(values.iter().map(|x| from(*x))),
            }
            all.resize_with(end, || None);
        }
        all
    }
}

/// The nearest `f64` to a scalar expression without parameters and symbols; none where 12,288 bits do not tell it, and beyond the largest.
pub(super) fn nearest_double(pool: &Pool, id: Id) -> Option<f64> {
    if let Some(exact) = pool.as_constant(id).map(Rational::to_f64).filter(|x| x.is_finite()) {
        return Some(exact);
    }
    let tape = Tape::new(pool, &[id]);
    if tape.reads_input() {
        return None;
    }
    let zero = Rational::ZERO;
    let value = |bits: &usize| {
        let mut balls = BallAlgebra::new(*bits);
        tape.evaluate(&mut balls, |balls, _| balls.rational(&zero)).first()?.to_f64()
    };
    PRECISIONS.iter().find_map(value).filter(|x| x.is_finite())
}
