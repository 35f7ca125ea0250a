//! A column over the steps as points: interrupted where values are missing, and thinned where they are too many to see.

/// A column's points.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Points {
    /// Those that a line joins; what is not finite interrupts it.
    pub(super) joined: Vec<(f64, f64)>,
    /// Those without a neighbour.
    pub(super) alone: Vec<(f64, f64)>,
}

/// The points of some rows, at most about so many.
///
/// Columns may be recorded at every so many steps: neighbours are as far apart as most of them are.
pub(super) fn over(rows: &[usize], steps: &[f64], values: &[f64], most: usize) -> Points {
    let number = |row: usize, of: &[f64]| of.get(row).copied().unwrap_or(f64::NAN);
    let there: Vec<usize> = (0..rows.len())
        .filter(|k| number(rows[*k], steps).is_finite() && number(rows[*k], values).is_finite())
        .collect();
    let mut gaps: Vec<usize> = there.windows(2).map(|w| w[1] - w[0]).collect();
    gaps.sort_unstable();
    let usual = gaps.get(gaps.len() / 2).copied().unwrap_or(1);
    let mut found = Points::default();
    for piece in there.chunk_by(|a, b| b - a <= usual) {
        let points: Vec<(f64, f64)> =
            piece.iter().map(|k| (number(rows[*k], steps), number(rows[*k], values))).collect();
        match points.as_slice() {
            [one] => found.alone.push(*one),
            many => {
                if !found.joined.is_empty() {
                    found.joined.push((f64::NAN, f64::NAN));
                }
                found.joined.extend(thinned(many, most * piece.len() / there.len().max(1)));
            }
        }
    }
    found
}

/// About as many points that look the same: of each stretch the first, the least, the largest and the last.
fn thinned(points: &[(f64, f64)], most: usize) -> Vec<(f64, f64)> {
    let stretch = points.len().div_ceil((most / 4).max(1));
    if stretch <= 4 {
        return points.to_vec();
    }
    let mut kept = Vec::new();
    for stretch in points.chunks(stretch) {
        let by_value = |a: &usize, b: &usize| stretch[*a].1.total_cmp(&stretch[*b].1);
        let (least, largest) = ((0..stretch.len()).min_by(by_value), (0..stretch.len()).max_by(by_value));
        let mut places: Vec<usize> = [Some(0), least, largest, Some(stretch.len() - 1)].into_iter().flatten().collect();
        places.sort_unstable();
        places.dedup();
        kept.extend(places.into_iter().map(|k| stretch[k]));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strides_are_joined_and_holes_are_not() {
        let steps: Vec<f64> = (0..9).map(f64::from).collect();
        let n = f64::NAN;
        let rows: Vec<usize> = (0..9).collect();
        let every_second = over(&rows, &steps, &[1.0, n, 2.0, n, 3.0, n, 4.0, n, n], 100);
        assert_eq!(every_second.joined, [(0.0, 1.0), (2.0, 2.0), (4.0, 3.0), (6.0, 4.0)]);
        let hole = over(&rows, &steps, &[1.0, 2.0, n, 4.0, n, 6.0, 7.0, 8.0, f64::INFINITY], 100);
        assert_eq!(hole.alone, [(3.0, 4.0)]);
        assert_eq!(hole.joined.iter().filter(|p| p.0.is_finite()).count(), 5);
        assert!(hole.joined[2].0.is_nan());
        assert_eq!(over(&[], &steps, &steps, 10), Points::default());
    }

    #[test]
    fn a_spike_survives_thinning() {
        let steps: Vec<f64> = (0..100_000).map(f64::from).collect();
        let mut values = vec![1.0; steps.len()];
        values[54_321] = 9.0;
        let rows: Vec<usize> = (0..steps.len()).collect();
        let points = over(&rows, &steps, &values, 400).joined;
        assert!(points.len() <= 400 && points.contains(&(54_321.0, 9.0)), "{}", points.len());
        assert_eq!((points[0].0, points.last().map(|p| p.0)), (0.0, Some(99_999.0)));
    }
}
