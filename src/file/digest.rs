//! Whether bytes are those that were.

/// The 64-bit FNV-1a hash of bytes as they come: against what is cut, changed or taken for something else, not against forgers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest(u64);

impl Digest {
    /// Of no bytes.
    pub(crate) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Of these bytes.
    #[cfg(feature = "plot")]
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut digest = Self::new();
        digest.take(bytes);
        digest
    }

    /// Adds bytes.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    }

    /// As a number.
    pub(crate) fn value(self) -> u64 {
        self.0
    }
}

#[cfg(all(test, feature = "plot"))]
mod tests {
    use super::*;

    #[test]
    fn published_values() {
        // Fowler, Noll & Vo, test vectors of the 64-bit FNV-1a.
        assert_eq!(Digest::of(b"").value(), 0xcbf2_9ce4_8422_2325);
        assert_eq!(Digest::of(b"a").value(), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(Digest::of(b"foobar").value(), 0x8594_4171_f739_67e8);
    }
}
