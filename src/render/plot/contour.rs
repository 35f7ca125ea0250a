//! Contour lines by marching squares.

use std::collections::HashMap;

/// A function sampled on a regular grid; not-finite values leave holes.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    columns: usize,
    rows: usize,
    x: (f64, f64),
    y: (f64, f64),
    values: Vec<f64>,
}

/// A grid edge, by the point where it starts and whether it goes up.
type Edge = (usize, bool);

impl Grid {
    /// Samples `f` at `(cells + 1)²` points.
    pub(super) fn sample(f: &dyn Fn(f64, f64) -> f64, x: (f64, f64), y: (f64, f64), cells: usize) -> Self {
        let n = cells + 1;
        let at = |range: (f64, f64), k: usize| range.0 + (range.1 - range.0) * k as f64 / cells as f64;
        let values = (0..n * n).map(|k| f(at(x, k % n), at(y, k / n))).collect();
        Self { columns: n, rows: n, x, y, values }
    }

    /// From values that are known, row by row.
    pub(super) fn of(values: Vec<f64>, columns: usize, x: (f64, f64), y: (f64, f64)) -> Self {
        let rows = values.len() / columns.max(1);
        Self { columns, rows, x, y, values }
    }

    /// Levels spaced logarithmically above the smallest value: dense near a minimum, wide on steep walls.
    pub(super) fn levels(&self, count: usize) -> Vec<f64> {
        let mut finite: Vec<f64> = self.values.iter().copied().filter(|v| v.is_finite()).collect();
        finite.sort_by(f64::total_cmp);
        let (Some(&least), Some(&most)) = (finite.first(), finite.get(finite.len().saturating_sub(1) * 98 / 100))
        else {
            return Vec::new();
        };
        let (low, high) = (finite.get(finite.len() / 200).map_or(least, |v| v - least), most - least);
        if high <= 0.0 || !high.is_finite() {
            return Vec::new();
        }
        let low = low.max(high * 1e-4).ln();
        let step = (high.ln() - low) / (count.max(2) - 1) as f64;
        (0..count).map(|k| least + (low + step * k as f64).exp()).collect()
    }

    /// The contour at a level, as polylines.
    pub(super) fn contour(&self, level: f64) -> Vec<Vec<(f64, f64)>> {
        let mut segments: Vec<(Edge, Edge)> = Vec::new();
        for row in 0..self.rows - 1 {
            for column in 0..self.columns - 1 {
                self.cell(row * self.columns + column, level, &mut segments);
            }
        }
        self.joined(&segments, level)
    }

    fn cell(&self, corner: usize, level: f64, segments: &mut Vec<(Edge, Edge)>) {
        let corners = [corner, corner + 1, corner + self.columns + 1, corner + self.columns];
        let values = corners.map(|k| self.values[k]);
        if values.iter().any(|v| !v.is_finite()) {
            return;
        }
        let sides: [Edge; 4] = [(corners[0], false), (corners[1], true), (corners[3], false), (corners[0], true)];
        let above = values.map(|v| v >= level);
        let crossed: Vec<Edge> = (0..4).filter(|&k| above[k] != above[(k + 1) % 4]).map(|k| sides[k]).collect();
        match crossed.as_slice() {
            [a, b] => segments.push((*a, *b)),
            // A saddle: the mean value says which two corners are joined.
            [a, b, c, d] => {
                let joined = (values.iter().sum::<f64>() / 4.0 >= level) == above[0];
                let pairs = if joined { [(*a, *b), (*c, *d)] } else { [(*d, *a), (*b, *c)] };
                segments.extend(pairs);
            }
            _ => {}
        }
    }

    fn point(&self, (start, up): Edge, level: f64) -> (f64, f64) {
        let end = start + if up { self.columns } else { 1 };
        let (a, b) = (self.values[start], self.values[end]);
        let t = ((level - a) / (b - a)).clamp(0.0, 1.0);
        let at = |k: usize| {
            let fraction = |i: usize, n: usize, r: (f64, f64)| r.0 + (r.1 - r.0) * i as f64 / (n - 1) as f64;
            (fraction(k % self.columns, self.columns, self.x), fraction(k / self.columns, self.rows, self.y))
        };
        let (p, q) = (at(start), at(end));
        (p.0 + (q.0 - p.0) * t, p.1 + (q.1 - p.1) * t)
    }

    /// Joins segments that share an edge: every edge has at most two.
    fn joined(&self, segments: &[(Edge, Edge)], level: f64) -> Vec<Vec<(f64, f64)>> {
        let mut at_edge: HashMap<Edge, Vec<usize>> = HashMap::new();
        for (k, (a, b)) in segments.iter().enumerate() {
            at_edge.entry(*a).or_default().push(k);
            at_edge.entry(*b).or_default().push(k);
        }
        let mut used = vec![false; segments.len()];
        let walk = |from: Edge, used: &mut Vec<bool>| {
            let (mut line, mut here) = (vec![self.point(from, level)], from);
            while let Some(&k) = at_edge.get(&here).and_then(|ks| ks.iter().find(|k| !used[**k])) {
                used[k] = true;
                here = if segments[k].0 == here { segments[k].1 } else { segments[k].0 };
                line.push(self.point(here, level));
            }
            line
        };
        let mut lines = Vec::new();
        // Open lines first, from their ends; what is left are closed ones.
        let ends = |k: &usize| [segments[*k].0, segments[*k].1].into_iter().find(|e| at_edge[e].len() == 1);
        let open = (0..segments.len()).filter_map(|k| ends(&k));
        for start in open.chain(segments.iter().map(|s| s.0)) {
            let line = walk(start, &mut used);
            if line.len() > 1 {
                lines.push(line);
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_one_closed_line_on_the_circle() {
        let grid = Grid::sample(&|x, y| x * x + y * y, (-2.0, 2.0), (-2.0, 2.0), 101);
        let lines = grid.contour(1.0);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].first(), lines[0].last());
        assert!(lines[0].iter().all(|(x, y)| (x.hypot(*y) - 1.0).abs() < 1e-3));
    }

    #[test]
    fn open_lines_reach_the_border_and_holes_are_left_out() {
        let grid = Grid::sample(&|x, _| if x > 0.5 { f64::NAN } else { x }, (-1.0, 1.0), (0.0, 1.0), 20);
        let lines = grid.contour(0.03);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].len(), 21);
        assert!(grid.contour(0.7).is_empty());
    }

    #[test]
    fn saddles_and_constants() {
        let grid = Grid::sample(&|x, y| x * y, (-1.0, 1.0), (-1.0, 1.0), 21);
        assert_eq!(grid.contour(0.1).len(), 2);
        let flat = Grid::sample(&|_, _| 1.0, (0.0, 1.0), (0.0, 1.0), 4);
        assert!(flat.levels(8).is_empty());
        let levels = grid.levels(8);
        assert!(levels.len() == 8 && levels.windows(2).all(|w| w[0] < w[1]));
    }
}
