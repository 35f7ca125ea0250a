//! Where a run is, as data and as bytes.

/// What a run needs to go on: made by [`Run::snapshot`](super::Run::snapshot), taken by [`Training::resume`](super::Training::resume).
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Which of the training's runs.
    pub run: usize,
    /// How many steps were taken.
    pub step: u64,
    /// Whether its last row is made.
    pub finished: bool,
    /// How many eigenvalues are looked for.
    pub tracked: usize,
    /// θ and all that is remembered, in an order of the run's own.
    pub blocks: Vec<Vec<f64>>,
}

impl Snapshot {
    /// The numbers as bytes: each block's length, and its doubles, least significant byte first.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 * (5 + self.blocks.iter().map(|b| b.len() + 1).sum::<usize>()));
        let mut put = |n: u64| bytes.extend_from_slice(&n.to_le_bytes());
        for n in [self.run as u64, self.step, u64::from(self.finished), self.tracked as u64, self.blocks.len() as u64] {
            put(n);
        }
        for block in &self.blocks {
            put(block.len() as u64);
            block.iter().for_each(|x| put(x.to_bits()));
        }
        bytes
    }

    /// What [`Snapshot::to_bytes`] wrote; `None` of other bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, rest) = bytes.as_chunks::<8>();
        if !rest.is_empty() {
            return None;
        }
        let mut words = words.iter().map(|w| u64::from_le_bytes(*w));
        let run = usize::try_from(words.next()?).ok()?;
        let (step, finished) = (words.next()?, words.next()? != 0);
        let (tracked, count) = (usize::try_from(words.next()?).ok()?, words.next()?);
        let mut blocks = Vec::new();
        for _ in 0..count {
            let length = usize::try_from(words.next()?).ok().filter(|n| *n <= bytes.len() / 8)?;
            let block: Vec<f64> = words.by_ref().take(length).map(f64::from_bits).collect();
            if block.len() < length {
                return None;
            }
            blocks.push(block);
        }
        words.next().is_none().then_some(Self { run, step, finished, tracked, blocks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        let snapshot = Snapshot {
            run: 2,
            step: 17,
            finished: false,
            tracked: 3,
            blocks: vec![vec![0.1, -0.0, f64::MIN_POSITIVE], vec![], vec![1e300]],
        };
        let bytes = snapshot.to_bytes();
        assert_eq!(Snapshot::from_bytes(&bytes).as_ref(), Some(&snapshot));
        for end in 0..bytes.len() {
            assert_eq!(Snapshot::from_bytes(&bytes[..end]), None);
        }
    }
}
