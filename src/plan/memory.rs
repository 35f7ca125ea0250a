//! Where the numbers of a plan stand: one piece of memory, parts of which are used again as soon as nothing reads them any more.

use std::collections::{BTreeMap, BTreeSet};

/// Numbers are placed at multiples of so many, which fill a line of the cache.
pub(super) const LINE: usize = 8;

/// Parts of memory that are free, from which the smallest that suffices is taken.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Length by offset.
    free: BTreeMap<usize, usize>,
    /// Length and offset.
    by_length: BTreeSet<(usize, usize)>,
    /// How much there is.
    pub(super) length: usize,
    used: usize,
}

impl Memory {
    /// So many numbers.
    pub(super) fn take(&mut self, count: usize) -> usize {
        let count = count.max(1).next_multiple_of(LINE);
        self.used += count;
        if let Some(&(length, offset)) = self.by_length.range((count, 0)..).next() {
            self.remove(offset, length);
            if length > count {
                self.insert(offset + count, length - count);
            }
            return offset;
        }
        // What is free at the end grows.
        if let Some((&offset, &length)) = self.free.last_key_value()
            && offset + length == self.length
        {
            self.remove(offset, length);
            self.length = offset + count;
            return offset;
        }
        self.length += count;
        self.length - count
    }

    /// Frees what was taken.
    pub(super) fn give(&mut self, offset: usize, count: usize) {
        let count = count.max(1).next_multiple_of(LINE);
        self.used -= count;
        let (mut offset, mut count) = (offset, count);
        if let Some((&before, &length)) = self.free.range(..offset).next_back()
            && before + length == offset
        {
            self.remove(before, length);
            (offset, count) = (before, length + count);
        }
        if let Some(&length) = self.free.get(&(offset + count)) {
            self.remove(offset + count, length);
            count += length;
        }
        self.insert(offset, count);
    }

    /// How many numbers are in use.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    fn insert(&mut self, offset: usize, length: usize) {
        self.free.insert(offset, length);
        self.by_length.insert((length, offset));
    }

    fn remove(&mut self, offset: usize, length: usize) {
        self.free.remove(&offset);
        self.by_length.remove(&(length, offset));
    }
}

/// One line of the cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Line(#[allow(dead_code, reason = "numbers are found by address")] [f64; LINE]);

impl Line {
    /// Of zeros.
    pub(super) const ZERO: Self = Self([0.0; LINE]);
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn memory_is_used_again() {
        let mut memory = Memory::default();
        let [a, b, c] = [100, 20, 8].map(|n| memory.take(n));
        assert_eq!((a, b, c, memory.length), (0, 104, 128, 136));
        memory.give(a, 100);
        assert_eq!(memory.take(30), 0);
        // What is left of the first, and the second behind it, are one piece.
        memory.give(b, 20);
        assert_eq!(memory.take(90), 32);
        memory.give(c, 8);
        assert_eq!((memory.take(16), memory.length), (128, 144));
        assert_eq!(memory.used(), 32 + 96 + 16);
    }
}
