//! Where everything is while a plan runs.

#![allow(unsafe_code, reason = "steps read and write parts of one piece of memory, which borrows cannot tell apart")]

use super::step::{Base, Place};
use crate::expr::Data;

/// Where everything is that places are counted from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bases<'a> {
    pub(super) memory: *mut f64,
    pub(super) theta: *const f64,
    pub(super) directions: Directions<'a>,
    pub(super) symbols: *const f64,
    pub(super) data: &'a [Data],
    pub(super) out: *mut f64,
}

/// Where directions are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Directions<'a> {
    Slices(&'a [&'a [f64]]),
    /// One behind another, each of so many numbers.
    Parts(&'a [f64], usize),
}

// SAFETY: threads that share the bases read what no step writes meanwhile, and write parts that are theirs alone.
unsafe impl Sync for Bases<'_> {}

impl Bases<'_> {
    pub(super) fn read(&self, place: Place) -> *const f64 {
        let base = match (place.base, self.directions) {
            (Base::Memory, _) => self.memory.cast_const(),
            (Base::Theta, _) => self.theta,
            (Base::Direction(number), Directions::Slices(slices)) => slices[number as usize].as_ptr(),
            (Base::Direction(number), Directions::Parts(parts, length)) => parts[number as usize * length..].as_ptr(),
            (Base::Symbols, _) => self.symbols,
            (Base::Data(d), _) => self.data[d as usize].values().as_ptr(),
            (Base::Out, _) => self.out.cast_const(),
        };
        base.wrapping_add(place.offset)
    }

    pub(super) fn write(&self, place: Place) -> *mut f64 {
        let base = match place.base {
            Base::Memory => self.memory,
            Base::Out => self.out,
            _ => unreachable!("steps write to memory and roots only"),
        };
        base.wrapping_add(place.offset)
    }

    /// # Safety
    /// So many numbers are there, and nothing writes to them meanwhile.
    pub(super) unsafe fn slice(&self, place: Place, size: usize) -> &[f64] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts(self.read(place), size) }
    }

    /// # Safety
    /// So many numbers are there, and nothing else reads or writes them meanwhile.
    #[allow(clippy::mut_from_ref, reason = "the parts of memory that steps write to are none of those that they read")]
    pub(super) unsafe fn slice_mut(&self, place: Place, size: usize) -> &mut [f64] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(self.write(place), size) }
    }
}
