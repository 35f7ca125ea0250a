//! Sums and maxima of lanes, by trees that depend on sizes only.

use super::team::Team;
use crate::expr::Lanes;
use shadowflow_kernels::sums::{add_rows, short_lane};

/// Numbers that are added up by one thread.
const LEAF: usize = 1 << 14;

/// Sums that stand side by side in a part of the work.
const COLUMNS: usize = 128;

/// The sum of every lane.
pub(super) fn sum(from: &[f64], lanes: Lanes, to: &mut [f64], team: &Team) {
    let Lanes { outer, length, inner } = lanes;
    if from.len() <= LEAF {
        return sum_part(from, lanes, to);
    }
    // Lanes apart, or where there is one, parts of it.
    if outer * inner == 1 {
        to[0] = tree(from, team);
    } else if inner == 1 {
        let rows = LEAF.div_ceil(length);
        let to = Parts(to.as_mut_ptr());
        team.run(outer.div_ceil(rows), |k| {
            let (first, count) = (k * rows, rows.min(outer - k * rows));
            let part = Lanes { outer: count, ..lanes };
            sum_part(&from[first * length..][..count * length], part, to.slice(first, count));
        });
    } else {
        let blocks = inner.div_ceil(COLUMNS);
        let to = Parts(to.as_mut_ptr());
        team.run(outer * blocks, |k| {
            let (o, first) = (k / blocks, k % blocks * COLUMNS);
            let count = COLUMNS.min(inner - first);
            let from = &from[o * length * inner..][..length * inner];
            add_rows(from, inner, first, to.slice(o * inner + first, count));
        });
    }
}

/// Results of which every thread writes its own.
#[derive(Clone, Copy)]
struct Parts(*mut f64);

#[allow(unsafe_code, reason = "every thread writes its own part of the results")]
// SAFETY: `sum` hands each part to one thread.
unsafe impl Sync for Parts {}

impl Parts {
    #[allow(unsafe_code, clippy::mut_from_ref, reason = "every thread writes its own part of the results")]
    fn slice(&self, first: usize, count: usize) -> &mut [f64] {
        // SAFETY: `sum` asks for parts of the results, each once.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(first), count) }
    }
}

/// The sum of a long lane, halved until one thread adds up what is left.
fn tree(from: &[f64], team: &Team) -> f64 {
    if from.len() <= LEAF {
        return lane(from);
    }
    let half = (from.len() / 2).next_multiple_of(LEAF / 2);
    let (a, b) = from.split_at(half);
    let (a, b) = team.join(|| tree(a, team), || tree(b, team));
    a + b
}

/// Numbers that are added up one after another, but for sixteen side by side.
const SHORT: usize = 1 << 10;

/// The sum of a lane, halved until it is short, so that equal numbers do not round the same way a thousand times.
fn lane(from: &[f64]) -> f64 {
    if from.len() <= SHORT {
        return short_lane(from);
    }
    let (a, b) = from.split_at((from.len() / 2).next_multiple_of(SHORT / 2));
    lane(a) + lane(b)
}

fn sum_part(from: &[f64], lanes: Lanes, to: &mut [f64]) {
    let Lanes { length, inner, .. } = lanes;
    if inner > 1 {
        for (to, from) in to.chunks_exact_mut(inner).zip(from.chunks_exact(length * inner)) {
            add_rows(from, inner, 0, to);
        }
    } else if length < 16 {
        for (x, lane) in to.iter_mut().zip(from.chunks_exact(length)) {
            *x = lane[1..].iter().fold(lane[0], |sum, x| sum + x);
        }
    } else {
        for (x, part) in to.iter_mut().zip(from.chunks_exact(length)) {
            *x = lane(part);
        }
    }
}

fn larger(x: f64, y: f64) -> f64 {
    if x < y { y } else { x }
}

/// The largest number of every lane, or zero where it is not finite.
pub(super) fn largest(from: &[f64], lanes: Lanes, to: &mut [f64]) {
    let Lanes { length, inner, .. } = lanes;
    if inner == 1 {
        for (x, lane) in to.iter_mut().zip(from.chunks_exact(length)) {
            *x = lane[1..].iter().fold(lane[0], |x, y| larger(x, *y));
        }
    } else {
        for (to, block) in to.chunks_exact_mut(inner).zip(from.chunks_exact(length * inner)) {
            to.copy_from_slice(&block[..inner]);
            for row in block.chunks_exact(inner).skip(1) {
                for (x, y) in to.iter_mut().zip(row) {
                    *x = larger(*x, *y);
                }
            }
        }
    }
    for x in to {
        *x = if x.is_finite() { *x } else { 0.0 };
    }
}
