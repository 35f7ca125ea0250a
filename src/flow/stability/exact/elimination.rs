//! Gauss's elimination of a Hessian whose entries are sets.

use crate::flow::enclosed::Enclosed;
use crate::number::{Ball, Balls, Magnitude};

/// `H s = −g`, with as many unknowns eliminated as can be proved to be.
///
/// Pivots are looked for in the whole matrix that is left, the largest first, entries measured by the sizes of their parameters: what is left in the end,
/// if anything, are combinations of rows that may vanish.
pub(super) struct Elimination {
    /// Rows and columns of the pivots, in order.
    pub(super) pivots: Vec<(usize, usize)>,
    /// The rows of the pivots as they were used, with the right side behind.
    used: Vec<Vec<Ball>>,
    /// The other rows, by their places, with the right side behind.
    rest: Vec<(usize, Vec<Ball>)>,
}

impl Elimination {
    /// With the pivots `given` first, and then others, `most` in all.
    pub(super) fn of(
        balls: &Balls,
        there: &Enclosed,
        sizes: &[Magnitude],
        given: &[(usize, usize)],
        most: usize,
    ) -> Self {
        let n = sizes.len();
        let row = |i: usize| {
            let mut row = there.hessian[i * n..(i + 1) * n].to_vec();
            row.push(balls.negated(&there.gradient[i]));
            row
        };
        let mut found = Self { pivots: Vec::new(), used: Vec::new(), rest: (0..n).map(|i| (i, row(i))).collect() };
        while found.pivots.len() < most {
            let next = match given.get(found.pivots.len()) {
                Some((i, j)) => found.provable(*i, *j),
                None => found.largest(sizes),
            };
            let Some((at, column)) = next else { break };
            found.eliminate(balls, at, column);
        }
        found
    }

    /// The place of a row that is left, if its entry in a column is known not to be 0.
    fn provable(&self, row: usize, column: usize) -> Option<(usize, usize)> {
        let at = self.rest.iter().position(|(i, _)| *i == row)?;
        (!self.rest[at].1[column].below().is_zero()).then_some((at, column))
    }

    fn largest(&self, sizes: &[Magnitude]) -> Option<(usize, usize)> {
        let mut best: Option<(Magnitude, (usize, usize))> = None;
        let open = |column: &usize| !self.pivots.iter().any(|(_, j)| j == column);
        for (at, (i, row)) in self.rest.iter().enumerate() {
            for column in (0..sizes.len()).filter(open) {
                let size = row[column].below().times_below(sizes[*i]).times_below(sizes[column]);
                // A pivot of the diagonal keeps the rest symmetric.
                let size = if column == *i { size.times_below(Magnitude::power_of_two(2)) } else { size };
                if !size.is_zero() && best.is_none_or(|(most, _)| size > most) {
                    best = Some((size, (at, column)));
                }
            }
        }
        best.map(|(_, place)| place)
    }

    fn eliminate(&mut self, balls: &Balls, at: usize, column: usize) {
        let (place, pivot) = self.rest.remove(at);
        for (_, row) in &mut self.rest {
            if row[column].is_zero() {
                continue;
            }
            let factor = balls.div(&row[column], &pivot[column]).unwrap_or(Ball::Unknown);
            // Columns of pivots are not read again.
            let open = |j: usize| j != column && !self.pivots.iter().any(|(_, known)| *known == j);
            for (j, entry) in row.iter_mut().enumerate().filter(|(j, _)| open(*j)) {
                *entry = balls.sub(entry, &balls.mul(&factor, &pivot[j]));
            }
        }
        self.pivots.push((place, column));
        self.used.push(pivot);
    }

    /// The step that solves the equations of the first pivots in their own unknowns; the others stay.
    pub(super) fn step(&self, balls: &Balls, first: usize) -> Vec<Ball> {
        let n = self.used.first().map_or(0, |row| row.len() - 1);
        let mut step = vec![Ball::around_zero(Magnitude::ZERO); n];
        for k in (0..first).rev() {
            let (row, (_, column)) = (&self.used[k], self.pivots[k]);
            let mut right = row[n].clone();
            for (_, known) in &self.pivots[k + 1..first] {
                right = balls.sub(&right, &balls.mul(&row[*known], &step[*known]));
            }
            step[column] = balls.div(&right, &row[column]).unwrap_or(Ball::Unknown);
        }
        step
    }

    /// The last of the pivots.
    pub(super) fn last(&self) -> Option<&Ball> {
        let (_, column) = self.pivots.last()?;
        Some(&self.used.last()?[*column])
    }

    /// What is left of the gradient where the pivots' equations hold, by parameter, to first order and but for its sign.
    pub(super) fn left(&self) -> Vec<(usize, Ball)> {
        self.rest.iter().map(|(i, row)| (*i, row[row.len() - 1].clone())).collect()
    }

    /// Whether all that is left is known to be 0, rows and gradient.
    pub(super) fn is_over(&self) -> bool {
        let open = |j: usize| !self.pivots.iter().any(|(_, known)| *known == j);
        self.rest.iter().all(|(_, row)| row.iter().enumerate().all(|(j, entry)| !open(j) || entry.is_zero()))
    }
}
