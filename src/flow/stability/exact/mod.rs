//! What is critical, where doubles do not tell.
//!
//! Where functions saturate, as `p = exp(a − logsumexp(a, b))` does far out, `p − 1` and `p − p²` are rounding or 0 at every double, and so are gradient and
//! Hessian. Enclosures have them to as many digits as it takes. Newton's method in these tells a point that it is close to, whatever is singular in doubles,
//! from a place that it leaves; where the enclosed Hessian is not proved regular, as along a curve of critical points, it tells nothing.

mod elimination;
mod newton;
mod rotation;

use super::spectrum::Spectrum;
use crate::expr::BallAlgebra;
use crate::flow::enclosed::EnclosedDerivatives;
use crate::number::{Ball, Balls, Magnitude, Real};
use newton::{NEAR, Newton, Phase, Unclear};
use rotation::spectrum;
use rustc_hash::FxHashMap;

/// Bits of the numbers, as many as it takes of these: a double's smallest size has 1074 behind the point, and twice as many tell what cancels there.
const BITS: [usize; 5] = [128, 256, 512, 1024, 2048];
/// How often one begins anew where the steps have become short.
const ANEW: usize = 4;
/// Beside the size of a parameter, how far away another place is.
const ELSEWHERE: f64 = 1e-12;
/// And how near the same place is.
const SAME: f64 = 1e-4;
/// From how many candidates it is looked what is far out on the way to infinity, and for how many of them their walks are gone back.
const FOLLOWED: usize = 16;
/// What all candidates of a search may cost together, in products of words.
const ALLOWANCE: u64 = 8_000_000;

/// What enclosures say of a candidate.
#[derive(Debug)]
pub(super) enum Verdict {
    /// There is a critical point whose Hessian is regular, where Newton's method leads from there, and doubles do not have it.
    Regular(Box<Regular>),
    /// Newton's method moves on without end: by a step, with the gradient at the candidate.
    Away { step: Vec<f64>, gradient: Vec<f64> },
    /// The same, at once and farther than the parameters are large.
    Far { step: Vec<f64>, gradient: Vec<f64> },
    /// Newton's method comes closer and closer to a state, as it does to where the Hessian is singular.
    Closer(Vec<f64>),
    /// Nothing.
    Open,
}

/// A critical point with a regular Hessian.
#[derive(Debug)]
pub(super) struct Regular {
    /// The doubles next to it.
    pub(super) at: Vec<f64>,
    /// At the doubles.
    pub(super) gradient: Vec<f64>,
    /// At the critical point.
    pub(super) spectrum: Spectrum,
}

/// The exact derivatives of a loss, and what may still be spent on them.
#[derive(Debug)]
pub(super) struct Exact {
    derivatives: EnclosedDerivatives,
    left: u64,
    /// What may be spent on how far off doubles are.
    compared: u64,
    /// By their bits.
    algebras: FxHashMap<usize, BallAlgebra>,
    /// The candidates of which nothing was told, or nothing that doubles do not, and where Newton's method came closer to something from there.
    open: Vec<(Vec<f64>, Option<Vec<f64>>)>,
    /// How many candidates were left without end.
    away: usize,
    /// How many walks were gone back.
    retraced: usize,
}

impl Exact {
    pub(super) fn new(derivatives: EnclosedDerivatives) -> Self {
        Self {
            derivatives,
            left: ALLOWANCE,
            compared: ALLOWANCE,
            algebras: FxHashMap::default(),
            open: Vec::new(),
            away: 0,
            retraced: 0,
        }
    }

    /// What becomes of a candidate, whose parameters have been as large as `sizes` on the way to it, and of which doubles may tell everything.
    pub(super) fn judge(&mut self, at: &[f64], sizes: &[f64], clear: bool) -> Verdict {
        let same = |(x, y): (&f64, &f64), size: &f64| (x - y).abs() <= SAME * size;
        let alike = |place: &Vec<f64>| at.iter().zip(place).zip(sizes).all(|(pair, size)| same(pair, size));
        if let Some((_, closer)) = self.open.iter().find(|(place, _)| alike(place)) {
            return closer.clone().map_or(Verdict::Open, Verdict::Closer);
        }
        if clear && self.left < ALLOWANCE / 2 {
            return Verdict::Open;
        }
        let start: Vec<Ball> = at.iter().map(|x| Ball::exact(Real::from_f64(*x))).collect();
        // A parameter that was 0 all the way has no size; 1 is as good as any.
        let sizes: Vec<Magnitude> =
            sizes.iter().map(|x| if *x > 0.0 { Magnitude::from_f64(*x) } else { Magnitude::ONE }).collect();
        let mut closer = None;
        for bits in BITS {
            match self.with_bits((&start, &sizes), &mut closer, bits, clear) {
                Err(Unclear::Digits) => {}
                Err(Unclear::Never) => break,
                Ok(verdict) => return verdict,
            }
        }
        let closer = closer.filter(|place| !is_elsewhere(place, &start, &sizes, NEAR)).map(|place| doubles(&place));
        self.open.push((at.to_vec(), closer.clone()));
        closer.map_or(Verdict::Open, Verdict::Closer)
    }

    /// How far off each entry of a Hessian is, row-major, that doubles have at a state: where large terms cancel, their rounding may be the same at all doubles
    /// beside it.
    pub(super) fn off(&mut self, at: &[f64], hessian: &[f64]) -> Option<Vec<f64>> {
        let bits = BITS[0];
        self.compared = self.compared.checked_sub(self.derivatives.cost() * bits.div_ceil(64) as u64)?;
        let algebra = self.algebras.entry(bits).or_insert_with(|| BallAlgebra::new(bits));
        let at: Vec<Ball> = at.iter().map(|x| Ball::exact(Real::from_f64(*x))).collect();
        let there = self.derivatives.at(&at, algebra)?;
        let apart =
            |(h, exact): (&f64, &Ball)| algebra.balls.sub(exact, &Ball::exact(Real::from_f64(*h))).mid().to_f64().abs();
        Some(hessian.iter().zip(&there.hessian).map(apart).collect())
    }

    /// The critical point that states of a walk lead to, from the last on, before doubles led it too far: where curvature is rounding, their steps are as well.
    pub(super) fn retrace<'a>(
        &mut self,
        states: impl Iterator<Item = &'a [f64]>,
        sizes: &[f64],
    ) -> Option<Box<Regular>> {
        if self.retraced == FOLLOWED {
            return None;
        }
        self.retraced += 1;
        for state in states {
            match self.judge(state, sizes, false) {
                Verdict::Regular(found) => return Some(found),
                Verdict::Far { .. } => {}
                _ => return None,
            }
        }
        None
    }

    /// With so many digits; `closer` is the last state that Newton's method came closer to.
    fn with_bits(
        &mut self,
        (start, sizes): (&[Ball], &[Magnitude]),
        closer: &mut Option<Vec<Ball>>,
        bits: usize,
        clear: bool,
    ) -> Result<Verdict, Unclear> {
        for _ in 0..ANEW {
            let at = closer.as_deref().unwrap_or(start);
            let follow = self.away < FOLLOWED;
            let verdict = match self.newton(sizes, bits).phase(at, follow) {
                Ok(Phase::Nearer(place)) => {
                    *closer = Some(place);
                    continue;
                }
                Ok(Phase::Regular(place)) if clear && !is_elsewhere(&place, start, sizes, ELSEWHERE) => {
                    Err(Unclear::Never)
                }
                Ok(Phase::Regular(place)) => self.regular(&place, sizes, 2 * bits),
                Ok(Phase::Away(step)) => {
                    self.away += 1;
                    Ok(Verdict::Away { step: doubles(&step), gradient: self.gradient(start, bits)? })
                }
                Ok(Phase::Far(step)) => {
                    Ok(Verdict::Far { step: doubles(&step), gradient: self.gradient(start, bits)? })
                }
                Ok(Phase::Over) => Err(Unclear::Never),
                Err(unclear) => Err(unclear),
            };
            return verdict;
        }
        Err(Unclear::Digits)
    }

    fn newton<'a>(&'a mut self, sizes: &'a [Magnitude], bits: usize) -> Newton<'a> {
        let algebra = self.algebras.entry(bits).or_insert_with(|| BallAlgebra::new(bits));
        Newton::new(&self.derivatives, sizes, algebra, &mut self.left)
    }

    fn gradient(&mut self, at: &[Ball], bits: usize) -> Result<Vec<f64>, Unclear> {
        let algebra = self.algebras.entry(bits).or_insert_with(|| BallAlgebra::new(bits));
        self.derivatives.at(at, algebra).map(|there| doubles(&there.gradient)).ok_or(Unclear::Digits)
    }

    /// What is at a critical point, with more digits: the smallest eigenvalue has fewer of them than the entries.
    fn regular(&mut self, place: &[Ball], sizes: &[Magnitude], bits: usize) -> Result<Verdict, Unclear> {
        let (at, there) = self.newton(sizes, bits).closer(place)?;
        let at = doubles(&at);
        let rounded: Vec<Ball> = at.iter().map(|x| Ball::exact(Real::from_f64(*x))).collect();
        let gradient = self.gradient(&rounded, bits)?;
        let spectrum = spectrum(&there.hessian, at.len(), bits).ok_or(Unclear::Never)?;
        Ok(Verdict::Regular(Box::new(Regular { at, gradient, spectrum })))
    }
}

/// Whether a state is farther from another one than a share of the parameters' sizes.
fn is_elsewhere(a: &[Ball], b: &[Ball], sizes: &[Magnitude], share: f64) -> bool {
    let balls = Balls::new(64);
    let far = |((x, y), size): ((&Ball, &Ball), &Magnitude)| {
        balls.sub(x, y).above() > Magnitude::from_f64(share).times(*size)
    };
    a.iter().zip(b).zip(sizes).any(far)
}

fn doubles(values: &[Ball]) -> Vec<f64> {
    values.iter().map(|x| x.mid().to_f64()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{CompiledModel, Model};
    use crate::loss::{Loss, Options};

    fn judged(loss: &str, at: &[f64]) -> Verdict {
        let text = format!("param x, y\nloss {loss}\n");
        let loss = Loss::parse(&text, "case.loss", &Options::default()).unwrap();
        let model = CompiledModel::new(loss.expression).unwrap();
        let sizes: Vec<f64> = at.iter().map(|x| x.abs().max(1.0)).collect();
        Exact::new(model.enclosed().unwrap()).judge(at, &sizes, false)
    }

    /// Beside a curve of critical points the Hessian is regular, and Newton's method may lead anywhere along it: over the floats beside (0, 2) it goes to the
    /// origin, and beside (3, 0) with y as it is to infinity.
    #[test]
    fn curves_of_critical_points_are_left_open() {
        for (loss, at) in [
            ("(x*y - 1)^2", [3.0, 1.0 / 3.0]),
            ("(x*y)^2", [1e-30, 2.0]),
            ("exp(-x)*y^2", [3.0, 1e-30]),
            ("exp(-x)*(y - 1/3)^2", [3.0, 1.0 / 3.0]),
            ("sqrt(x^2 + y^2) + sqrt((x - 1)^2 + y^2)", [0.3, 1e-25]),
            ("log(1 + exp(x + 2*y)) - (x + 2*y)/3", [-std::f64::consts::LN_2, 0.0]),
            ("x^2 + 0*y", [0.0, 2.0]),
        ] {
            let verdict = judged(loss, &at);
            assert!(matches!(verdict, Verdict::Open), "{loss}: {verdict:?}");
        }
    }

    /// `exp(−1000)` is no double: each step of Newton's method is 1 long, and one beside the length is `exp(−1000)` long in a gradient of 2 y.
    #[test]
    fn tails_of_any_size_are_left() {
        for (loss, at) in [
            ("exp(-x) + y^2", [1000.0, 0.0]),
            ("log(1 + exp(-x)) + (y - 1/3)^2", [1000.0, 1.0 / 3.0]),
            ("(y - exp(-x/9) - 1/3)^2 - tanh(x)", [40.0, 0.345]),
            ("1/x + y^2", [1e200, 0.0]),
            ("y^2 - exp(-x^2)", [-27.0, 1e-20]),
        ] {
            let verdict = judged(loss, &at);
            assert!(matches!(verdict, Verdict::Away { .. }), "{loss}: {verdict:?}");
        }
    }

    #[test]
    fn zeros_of_higher_order_are_come_closer_to() {
        for (loss, at) in
            [("(x - 1/3)^4 + (y - x)^2", [0.3334, 0.3334]), ("cosh(x) - 1 - x^2/2 + (y - 1)^2", [1e-3, 1.0])]
        {
            let verdict = judged(loss, &at);
            let Verdict::Closer(place) = &verdict else { panic!("{loss}: {verdict:?}") };
            let expected = if loss.contains("1/3") { [1.0 / 3.0; 2] } else { [0.0, 1.0] };
            assert!(place.iter().zip(expected).all(|(x, y)| (x - y).abs() < 1e-9), "{loss}: {place:?}");
        }
    }
}
