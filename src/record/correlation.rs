//! How closely two columns go together.

/// The correlations of two columns over the rows that have both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// Pearson's: 1 on a rising line; `None` where a column is constant.
    pub pearson: Option<f64>,
    /// Spearman's, which is Pearson's of the ranks, ties having their mean rank.
    pub spearman: Option<f64>,
    /// How many rows have both.
    pub count: usize,
}

impl Correlation {
    /// Of pairs; those with a number that is not finite are left out.
    ///
    /// ```
    /// use shadowflow::record::Correlation;
    /// // By hand: the cubes rise with the numbers, but not on a line.
    /// let found = Correlation::of((1..=3).map(f64::from).map(|x| (x, x.powi(3))));
    /// assert_eq!((found.spearman, found.count), (Some(1.0), 3));
    /// assert!((found.pearson.unwrap() - 26.0 / (2.0_f64 * 362.0).sqrt()).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn of(pairs: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let pairs = pairs.into_iter().filter(|(x, y)| x.is_finite() && y.is_finite());
        let (x, y): (Vec<f64>, Vec<f64>) = pairs.unzip();
        Self { pearson: pearson(&x, &y), spearman: pearson(&ranks(&x), &ranks(&y)), count: x.len() }
    }
}

fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len() as f64;
    let mean = |v: &[f64]| v.iter().map(|a| a / n).sum::<f64>();
    let (mx, my) = (mean(x), mean(y));
    // Scaled, so that no square is lost or too large.
    let size = |v: &[f64], m: f64| v.iter().map(|a| (a - m).abs()).fold(0.0, f64::max);
    let (sx, sy) = (size(x, mx), size(y, my));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        let (a, b) = ((a - mx) / sx, (b - my) / sy);
        (xx, yy, xy) = (xx + a * a, yy + b * b, xy + a * b);
    }
    Some(xy / (xx * yy).sqrt()).filter(|r| r.is_finite()).map(|r| r.clamp(-1.0, 1.0))
}

/// The ranks from 0, ties sharing the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    while first < order.len() {
        let last =
            (first..order.len()).take_while(|k| values[order[*k]] == values[order[first]]).last().unwrap_or(first);
        for k in first..=last {
            ranks[order[k]] = f64::midpoint(first as f64, last as f64);
        }
        first = last + 1;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_constants_and_what_is_missing() {
        // Ranks 0.5, 0.5, 2, 3 against 0, 1, 2, 3: 1 − 6·(0.25 + 0.25)/60 is not exact with ties; by hand 4.5/√(4.5·5).
        let found = Correlation::of([(1.0, 1.0), (1.0, 2.0), (3.0, 3.0), (9.0, 4.0), (f64::NAN, 0.0)]);
        assert!((found.spearman.unwrap() - 4.5 / 22.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(found.count, 4);
        let constant = Correlation::of([(1.0, 1.0), (1.0, 2.0)]);
        assert_eq!((constant.pearson, constant.spearman), (None, None));
        assert_eq!(Correlation::of([]).pearson, None);
        assert!((Correlation::of([(1e200, 1e-200), (2e200, 0.0)]).pearson.unwrap() + 1.0).abs() < 1e-12);
    }
}
