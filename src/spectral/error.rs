//! Why a function of a matrix has no value.

/// Why `α(hH) g` has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpectralError {
    /// Some `hλ` is at a branch point or pole of α to the last bit; the logarithm's is 1, where the field is infinite.
    #[error("an eigenvalue of hH is at a branch point of α (for log(1-z): 1), where the field is infinite")]
    BranchPoint,
    /// The Hessian, the gradient or what is made of them is not finite.
    #[error("the loss, its derivatives or the field have no finite value")]
    NotFinite,
    /// Some `hλ` is so large that its square is no double.
    #[error("an eigenvalue of hH is beyond 1e150 in size, where α is not told in double precision")]
    OutOfRange,
    /// Eigenvalues of a complex Hessian lie too close together for the function of it to be computed.
    #[error("eigenvalues of the complex Hessian lie too close together for its function to be computed")]
    IllConditioned,
    /// A product of some `1 − hλ` equals another and its logarithm does not: a term of the resummed flow is infinite.
    #[error(
        "a product of values 1 - hλ equals another one on another sheet of the logarithm, where the resummed flow is infinite"
    )]
    Resonance,
    /// The flow of two steps is a real one.
    #[error("the flow of two steps is real: it has no value at complex states")]
    NotReal,
    /// A Krylov space of all the products with the Hessian that are allowed does not hold the value.
    #[error("α(hH)g is not found to its tolerance with the products with the Hessian that are allowed")]
    Unreached,
    /// The eigenvalue iteration did not converge, which a finite matrix is not known to cause.
    #[error("an eigenvalue iteration did not converge")]
    NoConvergence,
}
