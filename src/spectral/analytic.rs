//! `α(z)` of any optimizer: the logarithm of its characteristic polynomial's principal root, over z.

use super::cut::Cut;
use super::function::SpectralFunction;
use crate::budget;
use crate::principal::{Characteristic, PrincipalPart, follow_root, path_from_below};
use num_complex::Complex64;
use std::f64::consts::TAU;
use std::sync::Arc;

/// How many terms of the series are kept for small arguments.
const TERMS: usize = 32;

/// `α(z) = log r(z)/z` of an optimizer with numbers for its hyper-parameters, and its divided differences.
///
/// Near 0 the Taylor series is summed, elsewhere the root is followed from 0, below the branch points on the real line and around those that lie
/// close to the way. The cuts are those of [`Analytic::cuts`]: real z beyond a branch point have the value from below, as gradient
/// descent's `log(1−z)` has `+iπ` for z > 1, to which momentum tends as it tends to 0.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::principal::PrincipalPart;
/// use shadowflow::spectral::Analytic;
/// let part = PrincipalPart::of(&Optimizer::ImplicitEuler.bind(&[])?);
/// let alpha = Analytic::new(&part).unwrap();
/// let value = alpha.at(Complex64::ONE).unwrap();
/// assert!((value.re + 2f64.ln()).abs() < 1e-14);
/// # Ok::<(), shadowflow::optimizer::OptimizerError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Analytic {
    characteristic: Characteristic,
    /// The coefficients of the characteristic polynomial, by powers of r, then of z.
    numbers: Vec<Vec<f64>>,
    series: Vec<f64>,
    /// Where the series is exact to rounding.
    radius: f64,
    /// From every branch point one, by the real part of the point.
    cuts: Vec<Cut>,
}

impl Analytic {
    /// Of a principal part; `None` while symbols remain, or if its characteristic polynomial is not known.
    #[must_use]
    pub fn new(part: &PrincipalPart) -> Option<Self> {
        let characteristic = part.characteristic()?.clone();
        let series = part.series_in_floats(TERMS)?;
        let first = series.first().copied().filter(|c| *c != 0.0)?;
        // The last terms tell the radius of convergence, of which this share leaves a remainder at rounding.
        let growth = series.iter().enumerate().skip(TERMS / 2);
        let growth = growth.map(|(p, c)| (c / first).abs().powf(1.0 / p as f64)).fold(0.0, f64::max);
        let radius = 1e-17_f64.powf(1.0 / TERMS as f64) / growth.max(1e-3);
        let coefficients = characteristic.coefficients().iter();
        let numbers = coefficients.map(|c| c.coefficients().iter().map(|q| q.to_f64()).collect()).collect();
        let mut cuts: Vec<Cut> =
            characteristic.branch_points().unwrap_or_default().into_iter().map(|point| Cut { point }).collect();
        cuts.sort_by(|a, b| a.point.re.total_cmp(&b.point.re));
        Some(Self { characteristic, numbers, series, radius, cuts })
    }

    /// The cuts, from every branch point one: upwards, or downwards from those below the real line. Empty where they are not known.
    #[must_use]
    pub fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    /// The first Taylor coefficients of α, by powers of z.
    #[must_use]
    pub fn series(&self) -> &[f64] {
        &self.series
    }

    /// `α(z)`; `None` at a branch point or pole and so far out that floats do not hold χ.
    #[must_use]
    pub fn at(&self, z: Complex64) -> Option<Complex64> {
        if z.norm() < self.radius {
            return Some(self.series.iter().rev().fold(Complex64::ZERO, |s, &c| s * z + c));
        }
        let path = self.path(z, None);
        let around = follow_root(&self.numbers, &path)?;
        if path.len() > 3 {
            // Straight up, where that leads to the same value, it is the same to the last bit as a little farther from the cut.
            let straight = [path[0], Complex64::new(z.re, path[1].im), z];
            let straight = follow_root(&self.numbers, &straight);
            if let Some(value) = straight.filter(|value| (value - around).norm() <= 1e-12 * around.norm()) {
                return Some(value);
            }
        }
        Some(around)
    }

    /// `α(z)` with the jumps across the cuts spread: within [`SPREAD`](super::SPREAD) of a cut the values of both sides, each continued
    /// analytically, are weighted by [`Cut::weight`]. Elsewhere it is [`Analytic::at`].
    #[must_use]
    pub fn spread(&self, z: Complex64) -> Option<Complex64> {
        let shifted = 1.0 - z;
        let near: Vec<Cut> = self.cuts.iter().copied().filter(|cut| cut.share(shifted) != 0.0).collect();
        let (Some(first), Some(last)) = (near.first(), near.last()) else { return self.at(z) };
        // Between cuts that both lie near, the value is that of a path between their points.
        let mut lanes = vec![(first.point.re - self.clearance(*first), first.weight(shifted))];
        for pair in near.windows(2) {
            let weight = pair[1].weight(shifted) - pair[0].weight(shifted);
            if pair[0].point.re < pair[1].point.re && weight != 0.0 {
                lanes.push((0.5 * (pair[0].point.re + pair[1].point.re), weight));
            }
        }
        lanes.push((last.point.re + self.clearance(*last), 1.0 - last.weight(shifted)));
        let mut total = Complex64::ZERO;
        for (lane, weight) in lanes {
            total += weight * follow_root(&self.numbers, &self.path(z, Some(lane)))?;
        }
        Some(total)
    }

    /// How far from a branch point a path passes it.
    fn clearance(&self, cut: Cut) -> f64 {
        let gaps = self.cuts.iter().map(|other| (other.point.re - cut.point.re).abs()).filter(|gap| *gap > 0.0);
        0.25 * gaps.fold(cut.point.norm().min(1.0), f64::min)
    }

    /// The corners of a path from 0 to z that crosses no cut: along below the real branch points, then up or down, in the lane that is given or,
    /// where a cut is close, in one on the same side of it as z.
    fn path(&self, z: Complex64, lane: Option<f64>) -> Vec<Complex64> {
        let mut path = path_from_below(z).to_vec();
        // Branch points below the real line are passed above.
        let lowest = self.cuts.iter().map(|cut| cut.point.im).filter(|im| *im < 0.0).reduce(f64::max);
        if let Some(lowest) = lowest {
            let level = 0.5 * lowest.max(-1.0);
            path[0].im = level;
            path[1].im = level;
        }
        let level = path[1].im;
        let passed = |cut: &&Cut| {
            let reached = if cut.is_downward() { z.im < cut.point.im } else { z.im > cut.point.im };
            reached && (z.re - cut.point.re).abs() < self.clearance(**cut)
        };
        let lane = lane.or_else(|| {
            let cut = self.cuts.iter().find(passed)?;
            // On the cut itself the value is that of the side of smaller Re z.
            let side = if cut.angle(1.0 - z) >= 0.0 { -1.0 } else { 1.0 };
            Some(cut.point.re + side * self.clearance(*cut))
        });
        if let Some(x) = lane {
            path[1] = Complex64::new(x, level);
            path.insert(2, Complex64::new(x, z.im));
        }
        path
    }

    /// The divided difference `α[u, v]`, with no cancellation where the two are close.
    #[must_use]
    pub fn divided_difference(&self, u: Complex64, v: Complex64) -> Option<Complex64> {
        // The larger argument divides below.
        let (u, v) = if u.norm_sqr() < v.norm_sqr() { (v, u) } else { (u, v) };
        if u.norm() < 0.9 * self.radius {
            let (mut total, mut complete, mut power) = (Complex64::ZERO, Complex64::ONE, Complex64::ONE);
            for c in &self.series[1..] {
                total += complete * c;
                power *= v;
                complete = complete * u + power;
            }
            return Some(total);
        }
        let (first, second) = (self.at(u)?, self.at(v)?);
        let gap = u - v;
        if gap.norm() > 0.1 * u.norm() {
            return Some((first - second) / gap);
        }
        let (above, below) = (first * u, second * v);
        let (r, s) = (above.exp(), below.exp());
        // Of χ(r; u) = χ(s; v) = 0: χ_r[r, s; u] (r − s) = −χ_z[s; u, v] (u − v).
        let (mut in_r, mut in_z, mut power) = (Complex64::ZERO, Complex64::ZERO, Complex64::ONE);
        let (mut complete, mut power_of_s) = (Complex64::ZERO, Complex64::ONE);
        for c in &self.numbers {
            in_r += complete * horner(c, u);
            complete = complete * r + power_of_s;
            power_of_s *= s;
            let (mut sum, mut value) = (Complex64::ZERO, Complex64::ZERO);
            for &a in c.iter().rev() {
                sum = sum * u + value;
                value = value * v + a;
            }
            in_z += sum * power;
            power *= s;
        }
        let slope = -in_z / in_r;
        let w = slope * gap / s;
        if w.norm() >= 0.5 || w.is_nan() {
            return Some((first - second) / gap).filter(|d| d.is_finite());
        }
        let mut logarithm = slope / s * log_quotient(w);
        if gap != Complex64::ZERO {
            // The cut may pass between the two.
            let sheets = ((above.im - below.im - (1.0 + w).ln().im) / TAU).round();
            logarithm += Complex64::new(0.0, TAU * sheets) / gap;
        }
        Some((logarithm - second) / u)
    }
}

/// An α with the jumps across its cuts spread; see [`Analytic::spread`].
#[derive(Debug, Clone)]
pub(super) struct Spread(pub(super) Arc<Analytic>);

// Far out a root is followed for thousands of steps, and a field has many: there is no value once the time is up, which the integrator asks again.
impl SpectralFunction for Spread {
    fn at(&self, z: Complex64) -> Option<Complex64> {
        budget::check().ok()?;
        self.0.spread(z)
    }

    fn divided_difference(&self, u: Complex64, v: Complex64) -> Option<Complex64> {
        let near = |z: Complex64| self.0.cuts.iter().any(|cut| cut.share(1.0 - z) != 0.0);
        if !near(u) && !near(v) {
            return self.0.divided_difference(u, v);
        }
        // There the function is not analytic; where both are one, the slope along the ray stands for what has no single value.
        let gap = u - v;
        let least = 1e-7 * (u.norm() + v.norm());
        let (u, v) = if gap.norm() > least {
            (u, v)
        } else {
            let step = if gap == Complex64::ZERO { u / u.norm() } else { gap / gap.norm() } * least;
            (v + step, v - step)
        };
        Some((self.at(u)? - self.at(v)?) / (u - v))
    }
}

impl SpectralFunction for Analytic {
    fn at(&self, z: Complex64) -> Option<Complex64> {
        budget::check().ok()?;
        self.at(z)
    }

    fn divided_difference(&self, u: Complex64, v: Complex64) -> Option<Complex64> {
        budget::check().ok()?;
        self.divided_difference(u, v)
    }
}

fn horner(coefficients: &[f64], z: Complex64) -> Complex64 {
    coefficients.iter().rev().fold(Complex64::ZERO, |s, &c| s * z + c)
}

/// `log(1+w)/w`.
fn log_quotient(w: Complex64) -> Complex64 {
    if w.norm() < 1e-2 {
        return (1..=9).rev().fold(Complex64::ZERO, |s, k| -s * w + 1.0 / f64::from(k));
    }
    (1.0 + w).ln() / w
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::testing::named;
    use crate::spectral::{Alpha, MatrixFunction, alpha, divided_difference};

    fn of(name: &str, momentum: Option<&str>) -> Analytic {
        Analytic::new(&PrincipalPart::of(&named(name, momentum).unwrap())).unwrap()
    }

    #[test]
    fn gradient_descent_has_its_closed_form() {
        let general = of("gradient-descent", None);
        let c = Complex64::new;
        let points =
            [c(1e-7, 0.0), c(0.2, 0.1), c(0.7, 0.0), c(0.69, 1e-9), c(1.6, -0.3), c(-2.0, 0.4), c(-2.0, 0.4 + 1e-7)];
        for u in points {
            assert!((general.at(u).unwrap() - alpha(u)).norm() < 1e-13, "{u}");
            for v in points {
                let (got, want) = (general.divided_difference(u, v).unwrap(), divided_difference(u, v));
                assert!((got - want).norm() < 1e-12 * want.norm(), "{u} {v}: {got} {want}");
            }
        }
    }

    /// Gradient descent's α by this way and by its own, on complex symmetric matrices.
    #[test]
    fn functions_of_complex_symmetric_matrices() {
        let general = Alpha::Analytic(Arc::new(of("gradient-descent", None)));
        for n in [1, 2, 3, 5, 8] {
            let entry = |i: usize, j: usize| {
                let k = (i.min(j) * 7 + i.max(j) * 3) as f64;
                Complex64::new((1.3 * k).sin(), 0.5 * (2.1 * k).cos()) * 0.4
            };
            let mut hessian: Vec<Complex64> = (0..n * n).map(|k| entry(k / n, k % n)).collect();
            let gradient: Vec<Complex64> = (0..n).map(|k| Complex64::new(1.0, k as f64)).collect();
            for imaginary in [true, false] {
                let (mut got, mut want) = (vec![Complex64::ZERO; n], vec![Complex64::ZERO; n]);
                MatrixFunction::new(general.clone(), n).apply(0.7, &hessian, &gradient, &mut got).unwrap();
                MatrixFunction::new(Alpha::Logarithm, n).apply(0.7, &hessian, &gradient, &mut want).unwrap();
                let size = want.iter().map(|w| w.norm()).fold(0.0, f64::max);
                for (g, w) in got.iter().zip(&want) {
                    assert!((g - w).norm() < 1e-11 * size, "{n} {imaginary}: {g} {w}");
                }
                hessian.iter_mut().for_each(|x| x.im = 0.0);
            }
        }
        // Eigenvalues that coincide: harmless where the matrix is diagonal.
        let mut hessian = vec![Complex64::ZERO; 9];
        for k in [0, 4, 8] {
            hessian[k] = Complex64::new(0.3, 0.1);
        }
        let mut out = [Complex64::ZERO; 3];
        MatrixFunction::new(general, 3).apply(1.0, &hessian, &[Complex64::ONE; 3], &mut out).unwrap();
        assert!(out.iter().all(|o| (o - alpha(hessian[0])).norm() < 1e-13));
    }

    /// Differences of α where the two arguments are apart, and a difference quotient's limit where they are close.
    #[test]
    fn divided_differences_of_momentum() {
        for (name, m) in
            [("heavy-ball", Some("9/10")), ("nesterov", Some("1/2")), ("rk:rk4", None), ("rk:gauss2", None)]
        {
            let f = of(name, m);
            for z in [Complex64::new(1e-4, 0.0), Complex64::new(0.4, 0.1), Complex64::new(1.1, -0.2)] {
                let step = 1e-4 * z.norm();
                let [a, b] = [z + step, z - step].map(|z| f.at(z).unwrap());
                let slope = f.divided_difference(z, z).unwrap();
                let rounding = 1e-15 * a.norm() / step;
                assert!(((a - b) / (2.0 * step) - slope).norm() < 1e-5 * slope.norm() + rounding, "{name} {z}");
                let near = f.divided_difference(z, z * (1.0 + 1e-9)).unwrap();
                assert!((near - slope).norm() < 1e-7 * slope.norm(), "{name} {z}: {near} {slope}");
            }
        }
    }

    /// `2 log((√(b₂−z) + √(b₁−z))/2)/z` with every root's cut upwards, b the branch points `(1 ∓ √m)²`.
    fn heavy_ball(points: &[f64], z: Complex64) -> Complex64 {
        let root = |b: f64| {
            let w = b - z;
            let argument = w.im.atan2(w.re);
            let argument = if w.re < 0.0 && argument < 0.0 { argument + TAU } else { argument };
            Complex64::from_polar(w.norm().sqrt(), argument / 2.0)
        };
        2.0 * (0.5 * (root(points[0]) + root(points[1]))).ln() / z
    }

    /// Wherever z lies, on a cut and next to it too; m → 0 is gradient descent's.
    #[test]
    fn heavy_ball_has_its_closed_form() {
        let c = Complex64::new;
        for (text, m) in [("1/2", 0.5_f64), ("9/10", 0.9), ("1/100", 0.01)] {
            let f = of("heavy-ball", Some(text));
            let points: Vec<f64> = f.cuts().iter().map(|cut| cut.point.re).collect();
            assert!((points[0] - (1.0 - m.sqrt()).powi(2)).abs() < 1e-12 && points.len() == 2);
            for x in points.iter().flat_map(|b| [0.0, 1e-13, -1e-13, 1e-9, -1e-6, 1e-3, -1e-3, 0.3].map(|d| b + d)) {
                for y in [-0.7, 1e-4, 0.02, 0.5, 1.7] {
                    let z = c(x, y);
                    let (got, want) = (f.at(z).unwrap(), heavy_ball(&points, z));
                    assert!((got - want).norm() < 1e-11 * want.norm(), "m = {m}, {z}: {got}, not {want}");
                }
            }
        }
        // So far out that products of two values of χ overflow, and then its values.
        let half = of("heavy-ball", Some("1/2"));
        let points: Vec<f64> = half.cuts().iter().map(|cut| cut.point.re).collect();
        for z in [c(-4.7e116, 8.7e114), c(-1e140, -1e140), c(3e120, 2e118), c(-2e90, 0.0)] {
            let (got, want) = (half.at(z).unwrap(), heavy_ball(&points, z));
            assert!((got - want).norm() < 1e-11 * want.norm(), "{z}: {got}, not {want}");
        }
        assert_eq!(half.at(c(-1e170, 1e168)), None);
        let small = of("heavy-ball", Some("1/1000000000000"));
        for z in [c(1.5, 0.0), c(1.5, 0.4), c(1.2, -0.3), c(0.9, 0.5), c(1.1, 0.5), c(0.97, 0.5), c(1.04, 0.5)] {
            assert!((small.at(z).unwrap() - alpha(z)).norm() < 1e-5, "{z}");
        }
    }

    /// `log r` with `r = √μ ((A + B)/2)²`, `A² = (1+m)√μ + 2√m`, `AB = (1+m)√(b−z)`, `μ = 1 − z`, the roots' cuts upwards.
    #[test]
    fn nesterov_has_its_closed_form() {
        let m = 0.2_f64;
        let f = of("nesterov", Some("1/5"));
        // To the last bit, since sides are told next to it.
        let b = f.cuts()[0].point.re;
        assert!((b - ((1.0 - m) / (1.0 + m)).powi(2)).abs() < 1e-15);
        let root = |w: Complex64| {
            let argument = w.im.atan2(w.re);
            let argument = if w.re < 0.0 && argument < 0.0 { argument + TAU } else { argument };
            (w.norm().sqrt(), argument / 2.0)
        };
        for x in [b, b + 1e-12, b - 1e-12, b + 0.01, b - 0.01, 1.0, 1.0 + 1e-12, 1.0 - 1e-12, 0.7, 1.4] {
            for y in [1e-3, 0.3, 0.9] {
                let z = Complex64::new(x, y);
                let (size, half) = root(1.0 - z);
                let a = ((1.0 + m) * Complex64::from_polar(size, half) + 2.0 * m.sqrt()).sqrt();
                let (other, turn) = root(b - z);
                let b_over_a = (1.0 + m) * Complex64::from_polar(other, turn) / a / a;
                let logarithm = Complex64::new(size.ln(), half)
                    + 2.0 * (a.ln() + (1.0 + b_over_a).ln() - Complex64::from(2f64.ln()));
                let (got, want) = (f.at(z).unwrap(), logarithm / z);
                assert!((got - want).norm() < 1e-11 * want.norm(), "{z}: {got}, not {want}");
            }
        }
    }

    /// Gradient descent's jump spread by the general way and by its definition.
    #[test]
    fn spread_jumps_are_those_of_the_logarithm() {
        let general = of("gradient-descent", None);
        for x in [-0.5, -0.19, -0.1, -1e-3, 0.0, 1e-3, 0.05, 0.15, 0.3] {
            let mu = Complex64::from_polar(0.4, x - TAU / 4.0);
            let z = 1.0 - mu;
            let share = Cut::LOGARITHM.share(mu);
            let want = alpha(z) + Complex64::new(0.0, TAU * share) / z;
            assert!((general.spread(z).unwrap() - want).norm() < 1e-12, "{x}");
        }
        // With two branch points that all but coincide too, where z is beyond both.
        let small = of("heavy-ball", Some("1/1000000000000"));
        for x in [-0.1, 0.07] {
            let z = 1.0 - Complex64::from_polar(0.4, x - TAU / 4.0);
            assert!((small.spread(z).unwrap() - general.spread(z).unwrap()).norm() < 1e-3, "{x}");
        }
    }
}
