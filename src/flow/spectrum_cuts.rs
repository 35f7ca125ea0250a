//! Eigenvalues that cross the cuts of α.

use super::field::CutCrossing;
use crate::spectral::{Alpha, Cut, SpectralFunction};
use num_complex::Complex64;
use std::sync::Arc;

/// A change of α by less than this share of it is no jump.
const LEAST_JUMP: f64 = 1e-3;

/// A change of α along a segment is a jump if so many halvings leave most of it.
const HALVINGS: usize = 40;

/// Of a part of the spectrum, two values farther apart than this share of them are not one eigenvalue's.
const APART: f64 = 0.3;

/// Remembers `1 − hλ_i` at the last accepted state to see eigenvalues cross the cuts of α.
#[derive(Debug)]
pub(super) struct SpectrumCuts {
    accepted: Vec<Complex64>,
    matched: Vec<bool>,
    cuts: Vec<Cut>,
    /// An α whose cuts are not known, and seen by its jumps.
    unknown: Option<Arc<dyn SpectralFunction>>,
    ignored: bool,
    /// Whether there are only some eigenvalues, not always as many.
    some: bool,
}

impl SpectrumCuts {
    /// Those of an α.
    pub(super) fn of(alpha: &Alpha, dimension: usize) -> Self {
        let (cuts, unknown) = match alpha {
            Alpha::Logarithm => (vec![Cut::LOGARITHM], None),
            Alpha::Analytic(f) if f.cuts().is_empty() => (Vec::new(), Some(Arc::clone(f) as Arc<dyn SpectralFunction>)),
            Alpha::Analytic(f) => (f.cuts().to_vec(), None),
            Alpha::Given(f) => (Vec::new(), Some(Arc::clone(&f.0))),
            Alpha::Polynomial(_) => (Vec::new(), None),
        };
        let accepted = Vec::with_capacity(dimension);
        Self { accepted, matched: vec![false; dimension], cuts, unknown, ignored: false, some: false }
    }

    /// Those of an α where only a part of the spectrum is known, at other states another one: an eigenvalue that is not seen on both sides of a cut does
    /// not cross it.
    pub(super) fn of_some(alpha: &Alpha) -> Self {
        Self { some: true, ..Self::of(alpha, 0) }
    }

    /// Whether the cuts are known, so that there is a rule to spread the jumps by.
    pub(super) fn has_cuts(&self) -> bool {
        !self.cuts.is_empty()
    }

    /// Whether crossings are passed over, as they are where jumps are spread.
    pub(super) fn ignore(&mut self, ignored: bool) {
        self.ignored = ignored;
    }

    /// The cut that the spectrum crossed since the last accepted state, each eigenvalue taken to the nearest one there.
    pub(super) fn crossed(&mut self, now: &[Complex64], first: bool) -> Option<CutCrossing> {
        let crossed = if first { None } else { self.compare(now) };
        self.accepted.clear();
        self.accepted.extend_from_slice(now);
        crossed
    }

    /// [`SpectrumCuts::crossed`] of a state that is not accepted.
    pub(super) fn compare(&mut self, now: &[Complex64]) -> Option<CutCrossing> {
        if self.ignored || (!self.some && now.len() != self.accepted.len()) {
            return None;
        }
        self.matched.clear();
        self.matched.resize(self.accepted.len(), false);
        for to in now {
            let distance = |k: &usize| (self.accepted[*k] - to).norm();
            let near = |k: &usize| !self.some || distance(k) <= APART * to.norm();
            let open = (0..self.accepted.len()).filter(|k| !self.matched[*k] && near(k));
            let Some(k) = open.min_by(|a, b| distance(a).total_cmp(&distance(b))) else { continue };
            self.matched[k] = true;
            let (from, to) = (self.accepted[k], *to);
            let cut = self.cuts.iter().copied().find(|cut| cut.crossed(from, to));
            if cut.is_some() || self.unknown.as_ref().is_some_and(|f| jumps(&**f, from, to)) {
                return Some(CutCrossing { from, to, cut });
            }
        }
        None
    }

    /// Whether the eigenvalue of a crossing lies on the side where it ended, in this spectrum.
    pub(super) fn is_beyond(&self, crossing: &CutCrossing, now: &[Complex64]) -> Option<bool> {
        let distance = |m: &Complex64| (m - crossing.from).norm().min((m - crossing.to).norm());
        let own = now.iter().copied().min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
        if let Some(cut) = crossing.cut {
            return Some((cut.angle(own) >= 0.0) != (cut.angle(crossing.from) >= 0.0));
        }
        let f = self.unknown.as_ref()?;
        let at = |shifted: Complex64| f.at(1.0 - shifted);
        let (own, from, to) = (at(own)?, at(crossing.from)?, at(crossing.to)?);
        Some((own - to).norm() < (own - from).norm())
    }
}

/// Whether a function jumps between two values of `1 − z`.
fn jumps(f: &dyn SpectralFunction, from: Complex64, to: Complex64) -> bool {
    let at = |shifted: Complex64| f.at(1.0 - shifted).unwrap_or(Complex64::new(f64::NAN, f64::NAN));
    let (mut low, mut high) = ((from, at(from)), (to, at(to)));
    let change = (high.1 - low.1).norm();
    if change.is_nan() || change <= LEAST_JUMP * (low.1.norm() + high.1.norm()) {
        return false;
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low.0 + high.0);
        if middle == low.0 || middle == high.0 {
            break;
        }
        let middle = (middle, at(middle));
        if (middle.1 - low.1).norm() >= (middle.1 - high.1).norm() { high = middle } else { low = middle }
    }
    (high.1 - low.1).norm() > 0.5 * change
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::GivenAlpha;

    #[test]
    fn jumps_are_told_from_slopes() {
        let c = Complex64::new;
        let logarithm = GivenAlpha::parse("log(1-z)/z").unwrap();
        assert!(jumps(&logarithm, c(-0.5, 1e-9), c(-0.5, -1e-9)) && jumps(&logarithm, c(-0.5, 0.1), c(-0.4, -0.1)));
        assert!(!jumps(&logarithm, c(0.5, 1e-9), c(0.5, -1e-9)));
        let steep = GivenAlpha::parse("tanh(1000000*(z-2))").unwrap();
        assert!(!jumps(&steep, c(-1.0 - 1e-5, 0.0), c(-1.0 + 1e-5, 0.0)));
    }
}
