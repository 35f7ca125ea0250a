//! Which rows each step takes.

use crate::loss::Stream;

/// In which order batches take rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BatchOrder {
    /// From row 0 on, in every epoch.
    InOrder,
    /// In an order of each epoch's own, by the seed.
    #[default]
    Shuffled,
}

impl BatchOrder {
    /// The name in options and documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InOrder => "in-order",
            Self::Shuffled => "shuffled",
        }
    }
}

/// The batches of one run: an epoch takes every row once, its last batch may be smaller.
///
/// Epoch e is shuffled by Fisher and Yates from its last row down, the place of row k drawn as `⌊u (k + 1)⌋` from the uniform numbers of the stream that
/// `docs/language.md` states, of the name `epoch e` and the run's seed; so any epoch can be made without those before it.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    rows: usize,
    batch: usize,
    order: BatchOrder,
    seed: u64,
    /// The epoch whose order is at hand.
    epoch: Option<u64>,
    places: Vec<usize>,
}

impl Schedule {
    pub(super) fn new(rows: usize, batch: usize, order: BatchOrder, seed: u64) -> Self {
        let batch = batch.clamp(1, rows.max(1));
        Self { rows, batch, order, seed, epoch: None, places: (0..rows).collect() }
    }

    /// How many batches an epoch has.
    pub(super) fn per_epoch(&self) -> usize {
        self.rows.div_ceil(self.batch).max(1)
    }

    /// The size of the last batch of an epoch.
    pub(super) fn last(&self) -> usize {
        self.rows - (self.per_epoch() - 1) * self.batch
    }

    pub(super) fn batch(&self) -> usize {
        self.batch
    }

    /// The rows of a step.
    pub(super) fn rows(&mut self, step: u64) -> &[usize] {
        let per_epoch = self.per_epoch() as u64;
        let (epoch, place) = (step / per_epoch, (step % per_epoch) as usize);
        if self.order == BatchOrder::Shuffled && self.epoch != Some(epoch) {
            self.shuffle(epoch);
        }
        let first = place * self.batch;
        &self.places[first..(first + self.batch).min(self.rows)]
    }

    fn shuffle(&mut self, epoch: u64) {
        self.places.iter_mut().enumerate().for_each(|(k, p)| *p = k);
        let mut stream = Stream::new(&format!("epoch {epoch}"), self.seed);
        for k in (1..self.rows).rev() {
            let other = (stream.uniform() * (k + 1) as f64) as usize;
            self.places.swap(k, other.min(k));
        }
        self.epoch = Some(epoch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_take_every_row_once() {
        for order in [BatchOrder::InOrder, BatchOrder::Shuffled] {
            let mut schedule = Schedule::new(10, 4, order, 3);
            assert_eq!((schedule.per_epoch(), schedule.last()), (3, 2));
            let mut orders = Vec::new();
            for epoch in 0..4 {
                let mut taken: Vec<usize> = (0..3).flat_map(|k| schedule.rows(3 * epoch + k).to_vec()).collect();
                orders.push(taken.clone());
                taken.sort_unstable();
                assert_eq!(taken, (0..10).collect::<Vec<_>>());
            }
            assert_eq!(orders[0] == orders[1], order == BatchOrder::InOrder);
            // Any epoch without those before it.
            let mut again = Schedule::new(10, 4, order, 3);
            assert_eq!(again.rows(10), &orders[3][4..8]);
        }
    }
}
