//! Sums of lanes, in an order that depends on sizes only.

use multiversion::multiversion;

/// The sum of some numbers: sixteen sums side by side, which are then added in pairs.
#[must_use]
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx512vbmi2+avx2+fma", "x86_64+avx2+fma"))]
pub fn short_lane(from: &[f64]) -> f64 {
    let (chunks, rest) = from.as_chunks::<16>();
    let mut sums = [0.0; 16];
    for chunk in chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum += x;
        }
    }
    let mut width = 8;
    while width > 0 {
        for k in 0..width {
            sums[k] += sums[k + width];
        }
        width /= 2;
    }
    rest.iter().fold(sums[0], |sum, x| sum + x)
}

/// How many columns are added up side by side.
const WIDE: usize = 8;

/// The sums of some columns of a matrix with rows of length `inner`, from the column `first` on.
///
/// # Panics
/// If the rows have fewer columns.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx512vbmi2+avx2+fma", "x86_64+avx2+fma"))]
pub fn add_rows(from: &[f64], inner: usize, first: usize, to: &mut [f64]) {
    let count = to.len();
    let mut done = 0;
    while done < count {
        // The last columns may be added up twice, to the same sums.
        let at = if count < WIDE { done } else { done.min(count - WIDE) };
        if count < WIDE {
            let mut sums = [0.0; 4];
            for four in from.chunks(4 * inner) {
                for (sum, row) in sums.iter_mut().zip(four.chunks_exact(inner)) {
                    *sum += row[first + at];
                }
            }
            to[at] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
            done += 1;
            continue;
        }
        // Four rows side by side, whose sums do not wait for each other.
        let mut sums = [[0.0; WIDE]; 4];
        let mut fours = from.chunks_exact(4 * inner);
        for four in &mut fours {
            for k in 0..4 {
                let row: &[f64; WIDE] = four[k * inner + first + at..].first_chunk().expect("as many columns");
                for i in 0..WIDE {
                    sums[k][i] += row[i];
                }
            }
        }
        for (k, row) in fours.remainder().chunks_exact(inner).enumerate() {
            let row: &[f64; WIDE] = row[first + at..].first_chunk().expect("as many columns");
            for i in 0..WIDE {
                sums[k][i] += row[i];
            }
        }
        for i in 0..WIDE {
            to[at + i] = (sums[0][i] + sums[1][i]) + (sums[2][i] + sums[3][i]);
        }
        done = at + WIDE;
    }
}
