//! Why a function of a matrix has no value.

/// Why `α(hH) g` has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpectralError {
    /// Some `hλ` is at a branch point or pole of α to the last bit; the logarithm's is 1, where the field is infinite.
    #[error("an eigenvalue of hH is at a branch point of α, for log(1-z) at 1; change the step size or the start")]
    BranchPoint,
    /// The Hessian or the gradient is not finite.
    #[error("the Hessian or the gradient is not finite")]
    NotFinite,
    /// Eigenvalues of a complex Hessian lie too close together for the function of it to be computed.
    #[error("eigenvalues of the complex Hessian lie too close together for its function to be computed")]
    IllConditioned,
    /// A product of some `1 − hλ` equals another and its logarithm does not: a term of the resummed flow is infinite.
    #[error("a resonance: a product of values 1 - hλ equals another one on another sheet of the logarithm")]
    Resonance,
    /// The flow of two steps is a real one.
    #[error("the flow of two steps is real: it has no value at complex states")]
    NotReal,
    /// The eigenvalue iteration did not converge, which a finite matrix is not known to cause.
    #[error("the eigenvalue iteration did not converge")]
    NoConvergence,
}
