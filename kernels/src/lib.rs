//! The loops over columns of doubles in which [shadowflow](https://docs.rs/shadowflow) spends its time.
//!
//! They stand in a crate of their own because they alone need the compiler's full effort: the library around them can be built for size, as in
//! the Python package, and computes as fast. Each is compiled for several processors and chosen when it is called. They are internal, and change without notice.

pub mod functions;
pub mod rotations;
pub mod rounding;
pub mod sums;
pub mod vectors;
