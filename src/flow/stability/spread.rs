//! Places spread evenly over a box, the same for the same box, always.

/// An additive recurrence of low discrepancy, from the middle of the box: `x_k = ½ + k (1/φ, 1/φ², …) mod 1` with the root φ > 1 of `φ^{D+1} = φ + 1`.
pub(super) fn spread(bounds: &[(f64, f64)], starts: usize) -> Vec<Vec<f64>> {
    let dimension = bounds.len();
    let mut root = 2.0_f64;
    for _ in 0..64 {
        root = (1.0 + root).powf(1.0 / (dimension as f64 + 1.0));
    }
    let mut slope = 1.0;
    let slopes: Vec<f64> = bounds
        .iter()
        .map(|_| {
            slope /= root;
            slope
        })
        .collect();
    (0..starts)
        .map(|k| {
            let along = bounds.iter().zip(&slopes);
            along.map(|((low, high), slope)| low + (high - low) * (0.5 + k as f64 * slope).fract()).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In one dimension the recurrence is that of the golden ratio; in any, no two starts are close and all lie in the box.
    #[test]
    fn starts_fill_the_box() {
        let golden = f64::midpoint(1.0, 5f64.sqrt());
        let line = spread(&[(0.0, 1.0)], 3);
        for (start, expected) in line.iter().zip([0.5, (0.5 + 1.0 / golden) % 1.0, (0.5 + 2.0 / golden) % 1.0]) {
            assert!((start[0] - expected).abs() < 1e-12);
        }
        for dimension in 1..=8 {
            let starts = spread(&vec![(-3.0, 1.0); dimension], 256);
            assert!(starts.iter().flatten().all(|x| (-3.0..=1.0).contains(x)));
            // Every half of every edge holds about half of them.
            for k in 0..dimension {
                let low = starts.iter().filter(|s| s[k] < -1.0).count();
                assert!((112..=144).contains(&low), "{dimension} {k}: {low}");
            }
        }
        assert!(spread(&[], 2).iter().all(Vec::is_empty));
    }
}
