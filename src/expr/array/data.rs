//! Data: arrays of numbers that are inputs of a loss and never change.

use super::OperandError;
use crate::expr::Shape;
use crate::number::Rational;
use std::sync::Arc;

/// An array of data with its name, row-major. Copies share the numbers, so that they are held once.
///
/// Doubles, which files are rounded to once; from there on each counts as the exact number that it is. What a loss states itself is held
/// exactly beside its doubles: see [`Data::exactly`].
///
/// ```
/// use shadowflow::expr::{Data, OperandError, Shape};
/// let x = Data::new("X", Shape::new(&[2, 3]), vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0])?;
/// assert_eq!((x.name(), x.values()[5]), ("X", 5.0));
/// let short = Data::new("X", Shape::new(&[2, 3]), vec![0.0]).unwrap_err();
/// assert_eq!(short.to_string(), "data `X` of shape [2, 3] have 6 numbers, not 1");
/// assert!(matches!(Data::new("y", Shape::vector(1), [f64::NAN]), Err(OperandError::NotFinite { index: 0, .. })));
/// # Ok::<(), OperandError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    name: Arc<str>,
    shape: Shape,
    values: Arc<[f64]>,
    /// The numbers that the doubles are nearest to, where these were stated.
    numbers: Option<Arc<[Rational]>>,
}

impl Data {
    /// Data of a shape.
    ///
    /// # Errors
    /// [`OperandError::Length`] if there are more or fewer numbers than the shape has entries, [`OperandError::NotFinite`] for infinite
    /// ones and NaN.
    pub fn new(name: &str, shape: Shape, values: impl Into<Arc<[f64]>>) -> Result<Self, OperandError> {
        let values = values.into();
        if values.len() != shape.size() {
            return Err(OperandError::Length { name: name.to_owned(), shape, found: values.len() });
        }
        if let Some(index) = values.iter().position(|x| !x.is_finite()) {
            return Err(OperandError::NotFinite { name: name.to_owned(), index, found: values[index] });
        }
        Ok(Self { name: name.into(), shape, values, numbers: None })
    }

    /// Data of exact numbers: whoever computes in exact numbers or enclosures takes these, and floats the doubles nearest to them.
    ///
    /// ```
    /// use shadowflow::expr::{Data, Pool, Shape};
    /// use shadowflow::number::Rational;
    /// let mut pool = Pool::new();
    /// let tenth = Data::exactly("X", Shape::new(&[1, 1]), [Rational::new(1, 10)])?;
    /// assert_eq!(tenth.values(), [0.1]);
    /// let x = pool.declare_data(tenth);
    /// assert_eq!(pool.index(x, 0), pool.constant(Rational::new(1, 10)));
    /// # Ok::<(), shadowflow::expr::OperandError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Data::new`]; numbers beyond all doubles are not finite.
    pub fn exactly(name: &str, shape: Shape, numbers: impl Into<Arc<[Rational]>>) -> Result<Self, OperandError> {
        let numbers = numbers.into();
        let values: Arc<[f64]> = numbers.iter().map(Rational::to_f64).collect();
        Ok(Self { numbers: Some(numbers), ..Self::new(name, shape, values)? })
    }

    /// Whether the exact numbers are held, as of [`Data::exactly`].
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.numbers.is_some()
    }

    /// The same data under another name.
    #[must_use]
    pub(in crate::expr) fn named(self, name: &str) -> Self {
        Self { name: name.into(), ..self }
    }

    /// The numbers, shared.
    #[must_use]
    pub(crate) fn shared(&self) -> Arc<[f64]> {
        self.values.clone()
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The shape.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The numbers, row-major.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// One number, row-major, exactly: what was stated, or the double.
    ///
    /// # Panics
    /// If there is none at this place.
    #[must_use]
    pub fn exact(&self, flat: usize) -> Rational {
        match &self.numbers {
            Some(numbers) => numbers[flat].clone(),
            None => Rational::from_f64(self.values[flat]).unwrap_or(Rational::ZERO),
        }
    }

    /// The numbers as columns of a matrix with so many.
    ///
    /// # Errors
    /// [`OperandError::Label`] for the first that is no whole number from 0 to `classes - 1`.
    pub fn labels(&self, classes: u32) -> Result<Vec<u32>, OperandError> {
        let label = |(index, &found): (usize, &f64)| {
            // Whole numbers below 2^32 are themselves as integers.
            if found >= 0.0 && found < f64::from(classes) && found.fract() == 0.0 {
                Ok(found as u32)
            } else {
                Err(OperandError::Label { index, found, classes })
            }
        };
        self.values.iter().enumerate().map(label).collect()
    }
}
