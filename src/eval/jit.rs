//! The compiler: programs as machine code, by Cranelift.

mod symbols;
mod translate;

use super::vector_function::{check_complex_lengths, check_lengths};
use super::{JitError, MAX_JIT_INSTRUCTIONS, Program, Scratch, VectorFunction};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::default_libcall_names;
use num_complex::Complex64;
use std::fmt;

/// The code of a part of a program: inputs, outputs, numbers that later parts need, constants.
type Part = extern "C" fn(*const f64, *mut f64, *mut f64, *const f64);

/// A [`Program`] as machine code for one point at a time.
///
/// Arithmetic is IEEE 754 without contraction, and functions are those that the
/// [`Interpreter`](super::Interpreter) calls, so both agree to the bit.
pub struct Jit {
    inputs: usize,
    outputs: usize,
    spilled: usize,
    constants: Box<[f64]>,
    parts: Vec<Part>,
    /// Owns the memory of `parts`; `None` only while being dropped.
    module: Option<JITModule>,
}

// SAFETY: after `new` the module is only kept, never used, until `drop` frees its memory; the code in that memory is
// immutable and touches nothing but its arguments and the stack.
#[allow(unsafe_code, reason = "finished machine code can be shared and sent between threads")]
unsafe impl Send for Jit {}
// SAFETY: as above.
#[allow(unsafe_code, reason = "finished machine code can be shared and sent between threads")]
unsafe impl Sync for Jit {}

impl Drop for Jit {
    fn drop(&mut self) {
        self.parts.clear();
        if let Some(module) = self.module.take() {
            // SAFETY: the pointers into the code are in `parts`, which is empty and lent to nobody: `self` is borrowed
            // for the length of every call.
            #[allow(unsafe_code, reason = "frees the code's memory, which cranelift-jit leaks otherwise")]
            unsafe {
                module.free_memory();
            }
        }
    }
}

impl fmt::Debug for Jit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jit")
            .field("inputs", &self.inputs)
            .field("outputs", &self.outputs)
            .field("parts", &self.parts.len())
            .finish_non_exhaustive()
    }
}

impl Jit {
    /// Compiles a program: one function, or several in a row for a long one, whose compile time is linear in this way.
    ///
    /// # Errors
    /// [`JitError::Machine`] where Cranelift has no back end, [`JitError::TooLong`] beyond [`MAX_JIT_INSTRUCTIONS`],
    /// [`JitError::Codegen`] if it fails otherwise.
    pub fn new(program: &Program) -> Result<Self, JitError> {
        let size = program.instructions.len().max(program.inputs()).max(program.outputs.len());
        if size > MAX_JIT_INSTRUCTIONS {
            return Err(JitError::TooLong { instructions: size, limit: MAX_JIT_INSTRUCTIONS });
        }
        let mut builder = JITBuilder::with_isa(isa()?, default_libcall_names());
        symbols::register(&mut builder);
        let mut jit = Self {
            inputs: program.inputs(),
            outputs: program.outputs.len(),
            spilled: 0,
            constants: program.constants.clone().into(),
            parts: Vec::new(),
            module: Some(JITModule::new(builder)),
        };
        // From here on an error drops `jit`, which frees the memory.
        let Some(module) = &mut jit.module else { return Ok(jit) };
        let (ids, spilled) = translate::translate(program, module)?;
        module.finalize_definitions().map_err(codegen)?;
        jit.spilled = spilled;
        jit.parts = ids
            .into_iter()
            .map(|id| {
                let code = module.get_finalized_function(id);
                // SAFETY: `translate` declares every part with this signature in the host's C calling convention.
                #[allow(unsafe_code, reason = "machine code becomes a function pointer")]
                unsafe {
                    std::mem::transmute::<*const u8, Part>(code)
                }
            })
            .collect();
        Ok(jit)
    }
}

impl Jit {
    /// Runs the parts on `inputs` floats and `outputs` floats, which the caller has checked to be there.
    #[inline]
    fn run(&self, input: *const f64, output: *mut f64, scratch: &mut Scratch) {
        let spilled = scratch.values(self.spilled);
        // Each part reads and writes only below the lengths of the four.
        for part in &self.parts {
            part(input, output, spilled.as_mut_ptr(), self.constants.as_ptr());
        }
    }
}

fn codegen(error: impl fmt::Display) -> JitError {
    JitError::Codegen(error.to_string())
}

/// The host. The builder has already merged, folded and ordered what Cranelift's own optimiser would, which would take
/// ten times as long and keep more numbers alive.
fn isa() -> Result<OwnedTargetIsa, JitError> {
    let mut flags = settings::builder();
    let options = [
        ("opt_level", "none"),
        ("is_pic", "false"),
        ("use_colocated_libcalls", "false"),
        ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
    ];
    for (name, value) in options {
        flags.set(name, value).map_err(codegen)?;
    }
    let host = cranelift_native::builder().map_err(|reason| JitError::Machine(reason.to_owned()))?;
    host.finish(settings::Flags::new(flags)).map_err(|e| JitError::Machine(e.to_string()))
}

impl VectorFunction for Jit {
    fn inputs(&self) -> usize {
        self.inputs
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    #[inline]
    fn call(&self, input: &[f64], output: &mut [f64], scratch: &mut Scratch) {
        check_lengths(self, input, output);
        self.run(input.as_ptr(), output.as_mut_ptr(), scratch);
    }

    #[inline]
    fn call_complex(&self, input: &[Complex64], output: &mut [Complex64], scratch: &mut Scratch) {
        check_complex_lengths(self, input, output);
        // A complex number is its two parts in memory (`repr(C)`).
        self.run(input.as_ptr().cast(), output.as_mut_ptr().cast(), scratch);
    }
}
