//! Where the crate is built without its feature `jit`: a compiler that says so, and the interpreter runs single points.

use super::{JitError, Program, Scratch, VectorFunction};

/// A [`Program`] as machine code for one point at a time; none in this build, which has no feature `jit`.
#[derive(Debug)]
pub enum Jit {}

impl Jit {
    /// Compiles a program, where the crate is built with its feature `jit`.
    ///
    /// # Errors
    /// [`JitError::NotBuilt`].
    pub fn new(_: &Program) -> Result<Self, JitError> {
        Err(JitError::NotBuilt)
    }
}

impl VectorFunction for Jit {
    fn inputs(&self) -> usize {
        match *self {}
    }

    fn outputs(&self) -> usize {
        match *self {}
    }

    fn call(&self, _: &[f64], _: &mut [f64], _: &mut Scratch) {
        match *self {}
    }
}
