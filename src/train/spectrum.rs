//! The largest eigenvalues from row to row.

use super::full::Full;
use super::settings::Eigenvalues;
use super::vectors::dot;
use crate::spectral::{KrylovEnd, KrylovError, LeadingOptions, is_dense_for, leading_eigenpairs, leading_of_matrix};

/// Neighbours closer than this, relative to the largest in size, have no directions of their own.
const SAME: f64 = 1e-8;

/// How many more are looked for where the last one tracked passes the threshold.
const MORE: usize = 4;

/// What is known of the eigenvectors of the row before.
#[derive(Debug, Clone)]
pub(super) struct Tracked {
    wanted: Eigenvalues,
    /// How many are looked for.
    pub(super) count: usize,
    /// `u_0` of the last row, with its sign kept; empty before the first.
    pub(super) direction: Vec<f64>,
    /// What has something of all eigenvectors of the last row; empty before the first.
    pub(super) near: Vec<f64>,
    /// How many rows since eigenvalues that are there several times were looked for and not found.
    pub(super) alone_for: f64,
    /// How precise eigenvectors are.
    precision: f64,
}

/// The largest eigenvalues at a state.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    pub(super) values: Vec<f64>,
    /// `gᵀu_i ≥ 0`, where `u_i` is one direction.
    pub(super) along: Vec<Option<f64>>,
    /// `u_0` with `gᵀu_0 ≥ 0`, where it is one direction.
    pub(super) first: Option<Vec<f64>>,
    /// Codes of warnings.
    pub(super) warnings: Vec<&'static str>,
}

/// In which row after one whose eigenvalues were all apart those that are there several times are looked for again: they come from the form of a network, which
/// does not change along a run.
const SECOND_SEARCH: f64 = 10.0;

/// How precise eigenvectors are in records that show something along them.
const OF_DIRECTIONS: f64 = 1e-9;

/// And where only eigenvalues are shown, which are precise to the square of it.
const OF_VALUES: f64 = 1e-5;

impl Tracked {
    pub(super) fn new(wanted: Eigenvalues, dimension: usize, directions: bool) -> Self {
        let count = match wanted {
            Eigenvalues::Count(n) | Eigenvalues::Above(_, n) => n.max(1).min(dimension),
            Eigenvalues::All => dimension,
        };
        Self {
            wanted,
            count,
            direction: Vec::new(),
            near: Vec::new(),
            alone_for: f64::INFINITY,
            precision: if directions { OF_DIRECTIONS } else { OF_VALUES },
        }
    }

    /// How many are shown: of a threshold those above it.
    fn shown(&self, h: Option<f64>, values: &[f64]) -> usize {
        match (self.wanted, h) {
            (Eigenvalues::Count(n), _) => n.min(values.len()),
            (Eigenvalues::Above(least, _), Some(h)) => values.iter().take_while(|x| h * *x > least).count(),
            _ => values.len(),
        }
    }

    /// The eigenvalues at the state of `full`, `h` the step size there.
    ///
    /// # Errors
    /// Why none are found.
    pub(super) fn at(&mut self, full: &mut Full<'_>, h: Option<f64>) -> Result<Found, KrylovError> {
        let dimension = full.gradient().len();
        loop {
            let found = self.search(full, dimension)?;
            let passes = matches!((self.wanted, h), (Eigenvalues::Above(least, _), Some(h))
                if found.values.get(self.count - 1).is_some_and(|x| h * x > least));
            if !passes || self.count == dimension {
                return Ok(self.cut(found, h));
            }
            self.count = (self.count + MORE).min(dimension);
            self.alone_for = f64::INFINITY;
        }
    }

    fn cut(&self, mut found: Found, h: Option<f64>) -> Found {
        let shown = self.shown(h, &found.values);
        found.values.truncate(shown);
        found.along.truncate(shown);
        found
    }

    fn search(&mut self, full: &mut Full<'_>, dimension: usize) -> Result<Found, KrylovError> {
        // One more tells whether the last has a direction of its own, where that costs nothing.
        let one_more = self.count < dimension && is_dense_for(dimension, self.count + 1);
        let count = self.count + usize::from(one_more);
        let (objective, gradient) = full.entered();
        let leading = if is_dense_for(dimension, count) {
            leading_of_matrix(gradient, (count, false), |matrix| objective.hessian(matrix))?
        } else {
            let alone_for = self.alone_for + 1.0;
            let repeated = alone_for >= SECOND_SEARCH;
            let options =
                LeadingOptions { precision: self.precision, checked: false, repeated, ..LeadingOptions::new(count) };
            let mut times = |v: &[f64], out: &mut [f64]| objective.hessian_times(v, out);
            let warm = (self.near.len() == dimension).then_some(&*self.near);
            let leading = leading_eigenpairs(gradient, warm, &options, &mut times)?;
            self.near = vec![0.0; dimension];
            for v in &leading.vectors {
                self.near.iter_mut().zip(v).for_each(|(n, x)| *n += x);
            }
            let apart = || leading.eigenvalues.windows(2).all(|pair| pair[0] - pair[1] > SAME * pair[0].abs());
            self.alone_for = if repeated && apart() { 0.0 } else { alone_for };
            leading
        };
        let size = leading.eigenvalues.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        let same = |i: usize| {
            leading.eigenvalues.get(i).zip(leading.eigenvalues.get(i + 1)).is_some_and(|(a, b)| a - b <= SAME * size)
        };
        let alone = |i: usize| !(same(i) || i > 0 && same(i - 1));
        let shown = self.count.min(leading.eigenvalues.len());
        let mut found = Found {
            values: leading.eigenvalues[..shown].to_vec(),
            along: (0..shown).map(|i| alone(i).then_some(leading.gradient_along[i])).collect(),
            ..Found::default()
        };
        match leading.end {
            KrylovEnd::Reached => {}
            KrylovEnd::Stopped(reason) => found.warnings.push(reason.code()),
            _ => found.warnings.push("unreached-tolerance"),
        }
        if let Some(first) = leading.vectors.first() {
            let turned = |sign: f64| first.iter().map(|x| x * sign).collect::<Vec<f64>>();
            let kept = self.direction.len() == dimension && dot(first, &self.direction) < 0.0;
            self.direction = turned(if kept { -1.0 } else { 1.0 });
            if alone(0) {
                found.first = Some(turned(if dot(first, gradient) < 0.0 { -1.0 } else { 1.0 }));
            }
        }
        Ok(found)
    }
}
