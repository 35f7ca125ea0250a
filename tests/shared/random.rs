//! Reproducible random choices, for unit tests and for `tests/`.
#![allow(dead_code, reason = "each user takes what it needs")]

/// A small generator of reproducible random numbers (Marsaglia 2003, xorshift).
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of one case of a seed.
    pub(crate) fn new(seed: u64, case: u64) -> Self {
        // The finaliser of SplitMix64 (Steele, Lea & Flood 2014), so that neighbours have nothing in common.
        let mut z = seed.wrapping_add(case.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self((z ^ (z >> 31)) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from((self.next() >> 11) % u64::try_from(n.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.next() >> 11) as f64 / (1_u64 << 53) as f64)
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for k in (1..items.len()).rev() {
            items.swap(k, self.below(k + 1));
        }
    }

    /// A text with a few bytes changed, taken away, put in or repeated.
    pub(crate) fn mutated(&mut self, text: String, scraps: &[&str]) -> Vec<u8> {
        let mut bytes = text.into_bytes();
        for _ in 0..self.below(6) {
            let at = self.below(bytes.len() + 1);
            match self.below(6) {
                0 if at < bytes.len() => {
                    bytes.remove(at);
                }
                1 => bytes.insert(at, u8::try_from(self.below(256)).unwrap_or(0)),
                2 => {
                    let scrap = self.pick(scraps).as_bytes().to_vec();
                    bytes.splice(at..at, scrap);
                }
                3 => bytes.truncate(at),
                4 => {
                    let end = (at + self.below(20)).min(bytes.len());
                    let part = bytes[at..end].to_vec();
                    bytes.splice(at..at, part);
                }
                _ if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                _ => {}
            }
        }
        bytes
    }
}

/// How many cases to run, and of which seed: `SHADOWFLOW_FUZZ_CASES` and `SHADOWFLOW_FUZZ_SEED`.
pub(crate) fn size(default: u64) -> (u64, u64) {
    (setting("SHADOWFLOW_FUZZ_CASES", default), setting("SHADOWFLOW_FUZZ_SEED", 1))
}

/// A number that a variable of the environment gives.
pub(crate) fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |v| v.parse().unwrap_or_else(|_| panic!("{name} must be a number, not `{v}`")))
}

/// The case that took longest, so that none takes for ever.
pub(crate) struct Slowest(std::time::Duration, String);

impl Slowest {
    pub(crate) fn new() -> Self {
        Self(std::time::Duration::ZERO, String::new())
    }

    /// Notes how long a case took; fails where that is no answer any more.
    pub(crate) fn note(&mut self, case: u64, start: std::time::Instant, text: &str) {
        let time = start.elapsed();
        if time > self.0 {
            *self = Self(time, text.chars().take(300).collect());
        }
        assert!(time < std::time::Duration::from_secs(120), "case {case}: {time:?}\n{text}");
    }
}

impl std::fmt::Display for Slowest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the slowest {:?}:\n{}", self.0, self.1)
    }
}
