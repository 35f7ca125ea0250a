//! Kinks of a loss: where its slope along some line jumps from one sign to the other.

use super::landscape::Landscape;
use super::spectrum::{dot, norm};
use super::spread::spread;

/// How far from a place, beside the extent of a search, its slopes are looked at, and how much nearer again: a slope that jumps stays what it is.
const BESIDE: f64 = 1e-9;
const NEARER: f64 = 1e-3;
/// Beside the Hessian, what of it jumps.
const JUMP: f64 = 1e-6;
/// Lines through a place along which its Hessian is looked at, besides the axes.
const LINES: usize = 8;
/// The share of a slope that stays.
const STAYS: f64 = 0.5;

/// Whether the slope of a loss along some axis jumps over zero at a place.
pub(super) fn is_kink(landscape: &mut Landscape<'_>, at: &[f64], extent: f64) -> bool {
    (0..at.len()).any(|i| {
        let unit: Vec<f64> = (0..at.len()).map(|k| f64::from(u8::from(k == i))).collect();
        Line { from: at, unit: &unit, extent }.jumps(landscape, 0.0)
    })
}

/// Whether the Hessian has other values on other sides of a place, however near.
pub(super) fn hessian_jumps(landscape: &mut Landscape<'_>, at: &[f64], extent: f64) -> bool {
    let n = at.len();
    let axes = (0..n.min(LINES)).map(|i| (0..n).map(|k| f64::from(u8::from(k == i))).collect());
    let lines: Vec<Vec<f64>> = spread(&vec![(-1.0, 1.0); n], LINES + 1).into_iter().skip(1).chain(axes).collect();
    let away = BESIDE * Line { from: at, unit: &[], extent }.size();
    let mut apart = |away: f64| -> Option<(f64, f64)> {
        let mut first: Option<Vec<f64>> = None;
        let (mut most, mut largest) = (0.0_f64, 0.0_f64);
        for unit in &lines {
            let line = Line { from: at, unit, extent };
            for along in [away, -away] {
                let Some(hessian) = landscape.hessian(&line.at(along)) else { continue };
                largest = largest.max(norm(&hessian));
                let first = first.get_or_insert_with(|| hessian.clone());
                most = most.max(norm(&hessian.iter().zip(&*first).map(|(a, b)| a - b).collect::<Vec<_>>()));
            }
        }
        first.map(|_| (most, largest))
    };
    let far = apart(away);
    let near = apart(NEARER * away);
    far.zip(near).is_some_and(|((far, _), (near, size))| near > JUMP * size && near >= STAYS * far)
}

/// Where the slope jumps over zero on the straight way down from a place, unless it becomes zero on the way.
pub(super) fn kink_below(landscape: &mut Landscape<'_>, from: &[f64], extent: f64) -> Option<Vec<f64>> {
    let gradient = landscape.gradient(from)?;
    let length = norm(&gradient);
    let unit: Vec<f64> = gradient.iter().map(|g| -g / length).collect();
    let line = Line { from, unit: &unit, extent };
    let (mut below, mut above) = (0.0, BESIDE * line.size());
    while line.slope(landscape, above)? <= 0.0 {
        (below, above) = (above, 2.0 * above);
        if above > 4.0 * line.size() {
            return None;
        }
    }
    loop {
        let middle = f64::midpoint(below, above);
        if middle <= below || middle >= above {
            break;
        }
        if line.slope(landscape, middle)? > 0.0 { above = middle } else { below = middle }
    }
    line.jumps(landscape, above).then(|| line.at(above))
}

struct Line<'a> {
    from: &'a [f64],
    unit: &'a [f64],
    extent: f64,
}

impl Line<'_> {
    fn size(&self) -> f64 {
        let size = self.extent.max(norm(self.from));
        if size > 0.0 { size } else { 1.0 }
    }

    fn at(&self, along: f64) -> Vec<f64> {
        self.from.iter().zip(self.unit).map(|(x, u)| x + along * u).collect()
    }

    fn slope(&self, landscape: &mut Landscape<'_>, along: f64) -> Option<f64> {
        landscape.gradient(&self.at(along)).map(|gradient| dot(&gradient, self.unit))
    }

    /// Whether the slope has either sign beside a place, however near.
    fn jumps(&self, landscape: &mut Landscape<'_>, along: f64) -> bool {
        let away = BESIDE * self.size();
        let mut slope = |away: f64| self.slope(landscape, along + away).unwrap_or(0.0);
        let [left, right] = [-away, away].map(&mut slope);
        let [nearer_left, nearer_right] = [-away, away].map(|away| slope(NEARER * away));
        left * right < 0.0 && nearer_left * left >= STAYS * left * left && nearer_right * right >= STAYS * right * right
    }
}
