//! What a function of the spectrum offers.

use num_complex::Complex64;

/// A function of the spectrum, with its divided differences.
pub trait SpectralFunction: std::fmt::Debug + Send + Sync {
    /// The value; `None` where there is none, at a branch point or pole.
    fn at(&self, z: Complex64) -> Option<Complex64>;

    /// `(f(u) − f(v))/(u − v)`, and `f′(u)` where `u = v`, with no cancellation where the two are close.
    fn divided_difference(&self, u: Complex64, v: Complex64) -> Option<Complex64>;
}
