//! A fixed point found faster than by repetition.

use crate::spectral::solve_linear;

/// How many earlier changes are combined.
const DEPTH: usize = 5;

/// Anderson's mixing: the next guess is the combination of the last images whose changes cancel best.
///
/// # Source
/// D. G. Anderson, *Iterative procedures for nonlinear integral equations*, J. ACM 12, 1965.
#[derive(Debug, Default)]
pub(super) struct Mixing {
    images: Vec<Vec<f64>>,
    changes: Vec<Vec<f64>>,
}

impl Mixing {
    /// The guess that follows an image, found from `guess`, as a change in place of it.
    pub(super) fn next(&mut self, guess: &mut Vec<f64>, image: Vec<f64>) {
        let change: Vec<f64> = image.iter().zip(&*guess).map(|(i, g)| i - g).collect();
        if self.images.len() > DEPTH {
            self.images.remove(0);
            self.changes.remove(0);
        }
        self.images.push(image);
        self.changes.push(change);
        let (Some(last), Some(change)) = (self.images.last(), self.changes.last()) else { return };
        guess.clone_from(last);
        let count = self.images.len() - 1;
        if count == 0 {
            return;
        }
        let difference = |lists: &[Vec<f64>], k: usize| -> Vec<f64> {
            lists[k + 1].iter().zip(&lists[k]).map(|(a, b)| a - b).collect()
        };
        let steps: Vec<Vec<f64>> = (0..count).map(|k| difference(&self.changes, k)).collect();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        // Scaled to a diagonal of ones, since changes shrink by orders of magnitude.
        let sizes: Vec<f64> = steps.iter().map(|s| dot(s, s).sqrt().max(f64::MIN_POSITIVE)).collect();
        let mut gram: Vec<f64> = (0..count * count)
            .map(|e| {
                let (i, j) = (e / count, e % count);
                dot(&steps[i], &steps[j]) / (sizes[i] * sizes[j]) + if i == j { 1e-13 } else { 0.0 }
            })
            .collect();
        let mut weights: Vec<f64> = steps.iter().zip(&sizes).map(|(s, size)| dot(s, change) / size).collect();
        if !solve_linear(&mut gram, &mut weights) {
            return;
        }
        for (k, (w, size)) in weights.iter().zip(&sizes).enumerate() {
            for (g, d) in guess.iter_mut().zip(difference(&self.images, k)) {
                *g -= w / size * d;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_map_that_repels_is_solved_all_the_same() {
        // x ↦ A x + b with eigenvalues −1.5, 0.5 and 0.9 has the fixed point 1/(1 − λ).
        let factors = [-1.5, 0.5, 0.9];
        let (mut guess, mut mixing) = (vec![0.0; 3], Mixing::default());
        for _ in 0..8 {
            let image = guess.iter().zip(factors).map(|(x, f)| f * x + 1.0).collect();
            mixing.next(&mut guess, image);
        }
        assert!(guess.iter().zip(factors).all(|(x, f)| (x - 1.0 / (1.0 - f)).abs() < 1e-8), "{guess:?}");
    }
}
