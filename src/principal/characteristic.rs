//! The characteristic polynomial of an optimizer on a quadratic: stability, and its principal root followed numerically.

mod branch_points;
mod curve;

pub use self::branch_points::{BranchKind, BranchPoint};
pub(crate) use self::branch_points::{branch_points, typical};
pub(crate) use self::curve::Curve;
use self::curve::{determinant, interpolated};
use crate::number::{Coefficient, Quadratic, Rational, Univariate};
use num_complex::Complex64;

use super::root_path::{follow_root, path_from_below};
use crate::optimizer::{Recurrence, Tableau};

/// `χ(r; z)`, by ascending powers of r, each coefficient a polynomial in `z = hλ`: on a quadratic loss the iterates obey
/// `θ_{t+1} = r θ_t` along an eigendirection if and only if `χ(r; z) = 0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Characteristic(Vec<Univariate>);

/// Up to which `z = hλ > 0` an optimizer converges along an eigendirection of a quadratic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stability {
    /// For no small z: a root other than the principal one is not inside the unit circle, or the optimizer ascends.
    Never,
    /// For `0 < z <` a number between these bounds, which are equal where it is known exactly.
    Below(Rational, Rational),
    /// For all positive z.
    Always,
}

/// Bounds of irrational thresholds are this close.
const WIDTH: (i64, i64) = (1, 1_000_000_000_000_000_000);

/// Up to this degree in r the threshold is looked for: it takes a second there.
pub(crate) const MAX_STABILITY_DEGREE: usize = 16;

impl Characteristic {
    /// Of a recurrence whose gradients are taken at iterates only; `None` with stages.
    #[must_use]
    pub fn of_recurrence(recurrence: &Recurrence<Rational>) -> Option<Self> {
        if recurrence.evaluations.iter().any(|e| !e.minus_h_times.is_empty()) {
            return None;
        }
        let exponents =
            || recurrence.left.iter().chain(recurrence.evaluations.iter().flat_map(|e| &e.at)).map(|(j, _)| *j);
        let (least, most) = (exponents().min()?, exponents().max()?);
        let mut terms =
            vec![[Rational::ZERO, Rational::ZERO]; usize::try_from(i64::from(most) - i64::from(least)).ok()? + 1];
        let mut add = |j: i32, power: usize, q: &Rational| {
            if let Some(term) = usize::try_from(j - least).ok().and_then(|place| terms.get_mut(place)) {
                term[power] += q;
            }
        };
        for (j, a) in &recurrence.left {
            add(*j, 0, a);
        }
        for (b, evaluation) in recurrence.right.iter().zip(&recurrence.evaluations) {
            for (k, c) in &evaluation.at {
                add(*k, 1, &(b * c));
            }
        }
        Some(Self(terms.into_iter().map(|t| Univariate::new(t.to_vec())).collect()).trimmed())
    }

    /// Of a Runge–Kutta method, `D(−z) r − N(−z)` with the stability function `R = N/D`,
    /// `N(x) = det(I − xA + x 1bᵀ)`, `D(x) = det(I − xA)` (Hairer & Wanner, *Solving Ordinary Differential Equations* II,
    /// IV.3); `None` if it is not rational.
    #[must_use]
    pub fn of_tableau(tableau: &Tableau) -> Option<Self> {
        let stages = tableau.weights().len();
        let entry = |i: usize, j: usize| tableau.matrix()[i].get(j).cloned().unwrap_or_else(Quadratic::zero);
        let square = |f: &dyn Fn(usize, usize) -> Quadratic| -> Vec<Vec<Quadratic>> {
            (0..stages).map(|i| (0..stages).map(|j| f(i, j)).collect()).collect()
        };
        // At x = −z, det(I − xM) = det(I + zM).
        let below = one_plus_z_times(&square(&entry))?;
        let above = one_plus_z_times(&square(&|i, j| entry(i, j).plus(&tableau.weights()[j].negated())))?;
        Some(Self(vec![Univariate::default().plus(&above, &Rational::MINUS_ONE), below]).trimmed())
    }

    /// Without the roots r = 0 that hold for all z, and vanishing leading coefficients.
    fn trimmed(mut self) -> Self {
        while self.0.last().is_some_and(Univariate::is_zero) {
            self.0.pop();
        }
        let zeros = self.0.iter().take_while(|c| c.is_zero()).count();
        self.0.drain(..zeros);
        self
    }

    /// The coefficients by ascending powers of r, as polynomials in z.
    #[must_use]
    pub fn coefficients(&self) -> &[Univariate] {
        &self.0
    }

    /// The polynomial in r at some z.
    #[must_use]
    pub fn at(&self, z: &Rational) -> Univariate {
        Univariate::new(self.0.iter().map(|c| c.at(z)).collect())
    }

    /// Where the optimizer is stable, from `z = 0` up; `None` beyond degree 16 in r, where it takes too long to tell.
    ///
    /// Roots cross the unit circle at 1, at −1, or as a pair whose product is 1. There `χ(1; z)`, `χ(−1; z)` or Jury's
    /// determinant vanishes (Jury 1974, *Inners and Stability of Dynamic Systems*); these are polynomials in z, whose
    /// positive roots are isolated, and Schur's and Cohn's criterion is decided between any two of them in exact arithmetic.
    #[must_use]
    pub fn stability(&self) -> Option<Stability> {
        let degree = self.0.len().saturating_sub(1);
        if degree > MAX_STABILITY_DEGREE {
            return None;
        }
        let width = Rational::new(WIDTH.0, WIDTH.1);
        let mut critical: Vec<(Rational, Rational)> = Vec::new();
        let last = self.0.last().cloned().unwrap_or_default();
        for polynomial in [self.in_z(1), self.in_z(-1), self.pairs()?, last] {
            if polynomial.is_zero() {
                // A root on the circle, or outside it, for all z.
                return Some(Stability::Never);
            }
            critical.extend(polynomial.positive_roots(&width));
        }
        critical.sort();
        // Bounds that overlap belong to one root, of which the narrowest are kept.
        critical.dedup_by(|next, kept| {
            let same = next.0 <= kept.1;
            if same && (&next.1 - &next.0) < (&kept.1 - &kept.0) {
                *kept = next.clone();
            }
            same
        });
        let mut previous = Rational::ZERO;
        let mut threshold = None;
        for (low, high) in critical {
            let sample = &(&previous + &low) * &Rational::new(1, 2);
            if !self.at(&sample).is_schur_stable() {
                return Some(threshold.map_or(Stability::Never, |(low, high)| Stability::Below(low, high)));
            }
            previous.clone_from(&high);
            threshold = Some((low, high));
        }
        if self.at(&(&previous + &Rational::ONE)).is_schur_stable() {
            return Some(Stability::Always);
        }
        Some(threshold.map_or(Stability::Never, |(low, high)| Stability::Below(low, high)))
    }

    /// `χ(±1; z)`.
    fn in_z(&self, r: i64) -> Univariate {
        let mut sign = Rational::ONE;
        self.0.iter().fold(Univariate::default(), |sum, c| {
            let next = sum.plus(c, &sign);
            sign *= &Rational::from(r);
            next
        })
    }

    /// `χ_n^{n−1} Π_{i<j} (1 − r_i r_j)`: Jury's determinant of the Toeplitz matrix of the leading coefficients minus the
    /// Hankel matrix of the first.
    fn pairs(&self) -> Option<Univariate> {
        let degree = self.0.len().saturating_sub(1);
        let size = degree.saturating_sub(1);
        let in_z = self.0.iter().map(Univariate::degree).max().unwrap_or(0);
        interpolated(size * in_z + 1, |z| {
            let p: Vec<Rational> = self.0.iter().map(|c| c.at(z)).collect();
            let entry = |i: usize, j: usize| {
                let toeplitz = if j >= i { p[degree + i - j].clone() } else { Rational::ZERO };
                if i + j + 1 >= size { &toeplitz - &p[i + j + 1 - size] } else { toeplitz }
            };
            determinant((0..size).map(|i| (0..size).map(|j| entry(i, j)).collect()).collect())
        })
    }

    /// `α(z) = log r(z)/z` of the root r that tends to 1 as z → 0, followed from 0 to z with its logarithm; `None` at a
    /// branch point or pole.
    ///
    /// The path runs through the lower half-plane and reaches z from below, so that cuts run upwards from the branch points
    /// and real z beyond one have the value from below: gradient descent's `log(1−z)` has the imaginary part `+π` for
    /// `z > 1`, and momentum tends to it as it tends to zero.
    #[must_use]
    pub fn principal(&self, z: Complex64) -> Option<Complex64> {
        let numbers: Vec<Vec<f64>> =
            self.0.iter().map(|c| c.coefficients().iter().map(Rational::to_f64).collect()).collect();
        if z == Complex64::ZERO {
            // −χ_z/χ_r at r = 1, z = 0.
            let slopes = (0_i64..).zip(&self.0).fold((Rational::ZERO, Rational::ZERO), |(in_r, in_z), (k, c)| {
                let get = |power: usize| c.coefficients().get(power).cloned().unwrap_or_default();
                (&in_r + &(&get(0) * &Rational::from(k)), &in_z + &get(1))
            });
            let limit = -slopes.1.checked_div(&slopes.0)?;
            return Some(Complex64::new(limit.to_f64(), 0.0));
        }
        follow_root(&numbers, &path_from_below(z))
    }

    /// The branch points of the principal root, as they are reached from below; `None` beyond degree 8 in r.
    #[must_use]
    pub fn branch_points(&self) -> Option<Vec<Complex64>> {
        branch_points(&Curve::of_numbers(self), self, false)?.into_iter().map(|point| point.value).collect()
    }
}

/// `det(I + zM)` in powers of z, by Newton's identities; `None` if it is not rational.
fn one_plus_z_times(matrix: &[Vec<Quadratic>]) -> Option<Univariate> {
    let n = matrix.len();
    let mut power = matrix.to_vec();
    let mut traces = Vec::new();
    let mut coefficients = vec![Quadratic::one()];
    for k in 1..=n {
        traces.push((0..n).fold(Quadratic::zero(), |sum, i| sum.plus(&power[i][i])));
        // k e_k = Σ_{i=1}^k (−1)^{i−1} e_{k−i} tr M^i.
        let mut sum = Quadratic::zero();
        for i in 1..=k {
            let term = coefficients[k - i].times(&traces[i - 1]);
            sum = sum.plus(&if i % 2 == 1 { term } else { term.negated() });
        }
        coefficients.push(sum.scaled(&Rational::new(1, i64::try_from(k).ok()?)));
        let entry =
            |i: usize, j: usize| (0..n).fold(Quadratic::zero(), |sum, l| sum.plus(&power[i][l].times(&matrix[l][j])));
        power = (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect();
    }
    Some(Univariate::new(coefficients.iter().map(Quadratic::to_rational).collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::Optimizer;
    use crate::optimizer::testing::numbers;
    use std::f64::consts::PI;

    fn of(name: &str, momentum: &str) -> Characteristic {
        match name.parse().unwrap() {
            Optimizer::RungeKutta(tableau) => Characteristic::of_tableau(&tableau).unwrap(),
            optimizer => {
                let m: Rational = momentum.parse().unwrap();
                Characteristic::of_recurrence(&numbers(&optimizer, &m)).unwrap()
            }
        }
    }

    /// `hλ < 2(1+m)` for heavy ball, `2(1+m)/(1+2m)` for Nesterov, 2 for gradient descent.
    #[test]
    fn thresholds_of_the_literature() {
        let exactly = |q: Rational| Stability::Below(q.clone(), q);
        assert_eq!(of("gradient-descent", "0").stability().unwrap(), exactly(Rational::from(2)));
        for m in ["1/10", "1/2", "9/10"] {
            let momentum: Rational = m.parse().unwrap();
            let double = Rational::from(2) * (&Rational::ONE + &momentum);
            assert_eq!(of("heavy-ball", m).stability().unwrap(), exactly(double.clone()));
            assert_eq!(
                of("nesterov", m).stability().unwrap(),
                exactly(double / (Rational::ONE + Rational::from(2) * momentum))
            );
        }
        assert_eq!(of("heavy-ball", "3/2").stability().unwrap(), Stability::Never);
        for name in ["implicit-euler", "rk:implicit-midpoint", "rk:gauss2", "rk:radau", "rk:radau5", "rk:lobatto3c"] {
            assert_eq!(of(name, "0").stability().unwrap(), Stability::Always, "{name}");
        }
        assert_eq!(of("rk:midpoint", "0").stability().unwrap(), exactly(Rational::from(2)));
        // The real stability intervals of explicit methods of order 3 and 4: 2.5127 and 2.7853.
        for (name, value) in [("rk:kutta3", 2.512_745_3), ("rk:rk4", 2.785_293_6)] {
            let Stability::Below(low, high) = of(name, "0").stability().unwrap() else { panic!("{name}") };
            assert!((low.to_f64() - value).abs() < 1e-6 && (&high - &low).to_f64() <= 1e-12, "{name}: {low:?}");
        }
    }

    fn of_toml(text: &str) -> Characteristic {
        let recurrence = numbers(&Optimizer::from_toml(text, "test.toml").unwrap(), &Rational::ZERO);
        Characteristic::of_recurrence(&recurrence).unwrap()
    }

    /// Adams–Bashforth's intervals are 2, 1, 6/11, 3/10 and 90/551 (Hairer & Wanner, V.1, and χ(−1; z) = 0); the backward
    /// differentiation formulas converge for all z > 0 up to order 6 and not at all at order 7.
    #[test]
    fn thresholds_of_multistep_methods() {
        let adams = |weights: &[&str]| {
            let at: Vec<String> = (0..weights.len()).map(|k| format!("{{ at = {{ -{k} = 1 }} }}")).collect();
            let right: Vec<String> = weights.iter().map(|w| format!("\"{w}\"")).collect();
            let (right, at) = (right.join(", "), at.join(", ").replace("-0", "0"));
            of_toml(&format!("left = {{ 1 = 1, 0 = -1 }}\nright = [{right}]\nevaluations = [{at}]"))
                .stability()
                .unwrap()
        };
        let exactly = |n, d| Stability::Below(Rational::new(n, d), Rational::new(n, d));
        assert_eq!(adams(&["3/2", "-1/2"]), exactly(1, 1));
        assert_eq!(adams(&["23/12", "-16/12", "5/12"]), exactly(6, 11));
        assert_eq!(adams(&["55/24", "-59/24", "37/24", "-9/24"]), exactly(3, 10));
        assert_eq!(adams(&["1901/720", "-2774/720", "2616/720", "-1274/720", "251/720"]), exactly(90, 551));
        let backward = |left: &str| {
            of_toml(&format!("left = {{ {left} }}\nright = [1]\nevaluations = [{{ at = {{ 1 = 1 }} }}]")).stability()
        };
        let seven = "1 = \"363/140\", 0 = -7, -1 = \"21/2\", -2 = \"-35/3\", -3 = \"35/4\", -4 = \"-21/5\", -5 = \"7/6\", -6 = \"-1/7\"";
        assert_eq!(backward(seven), Some(Stability::Never));
        assert_eq!(backward("1 = \"3/2\", 0 = -2, -1 = \"1/2\""), Some(Stability::Always));
        // Beyond the bound nothing is said.
        assert_eq!(backward("1 = 1, 0 = -1, -16 = \"1/9\", -17 = \"-1/9\""), None);
    }

    /// `4 (1 − 1/6)(1 − 1/8)(1 − 1/12)` for `(2r − 1)(3r − 1)(4r − 1)/12` made monic, and so on.
    #[test]
    fn jury_determinant_is_the_product_over_pairs() {
        let [a, b, c] = [2, 3, 4].map(|d| Univariate::new(vec![-Rational::ONE, Rational::from(d)]));
        let p = a.times(&b).times(&c);
        let chi = Characteristic(p.coefficients().iter().map(|q| Univariate::new(vec![q.clone()])).collect());
        // 24² (1 − 1/6)(1 − 1/8)(1 − 1/12) = 385.
        assert_eq!(chi.pairs(), Some(Univariate::new(vec![Rational::from(385)])));
    }

    #[test]
    fn gradient_descent_has_its_logarithm() {
        let gd = of("gradient-descent", "0");
        for (x, y) in [(0.5, 0.0), (-3.0, 0.0), (0.3, 0.7), (0.9, -2.0), (1e-3, 0.0)] {
            let z = Complex64::new(x, y);
            let expected = (Complex64::ONE - z).ln() / z;
            assert!((gd.principal(z).unwrap() - expected).norm() < 1e-12, "{z}");
        }
        for x in [1.5, 2.0, 7.0] {
            let expected = Complex64::new((x - 1.0_f64).ln(), PI) / x;
            assert!((gd.principal(Complex64::new(x, 0.0)).unwrap() - expected).norm() < 1e-12, "{x}");
        }
        // Just above the real line nothing jumps; the cut runs upwards from 1.
        let above = gd.principal(Complex64::new(1.5, 1e-9)).unwrap();
        assert!((above - gd.principal(Complex64::new(1.5, 0.0)).unwrap()).norm() < 1e-8);
        assert_eq!(gd.principal(Complex64::ONE), None);
        assert!((gd.principal(Complex64::ZERO).unwrap() + 1.0).norm() < 1e-9);
    }

    #[test]
    fn momentum_tends_to_gradient_descent() {
        let gd = of("gradient-descent", "0");
        for name in ["heavy-ball", "nesterov"] {
            let small = of(name, "1/10000000000");
            for x in [0.5, 1.5, 1.9] {
                let z = Complex64::new(x, 0.0);
                let difference = small.principal(z).unwrap() - gd.principal(z).unwrap();
                assert!(difference.norm() < 1e-7, "{name} at {x}: {difference}");
            }
        }
        // Below the first branch point the root is real: (1+m−z+√((1+m−z)²−4m))/2.
        let z = 0.002_f64;
        let b = 1.9 - z;
        let root = f64::midpoint(b, (b * b - 3.6).sqrt());
        let value = of("heavy-ball", "9/10").principal(Complex64::new(z, 0.0)).unwrap();
        assert!((value - root.ln() / z).norm() < 1e-9);
        // Between the branch points the roots are complex with product m.
        let value = of("heavy-ball", "9/10").principal(Complex64::new(1.0, 0.0)).unwrap();
        assert!((value.re - 0.5 * 0.9_f64.ln()).abs() < 1e-10 && value.im > 0.0);
    }

    #[test]
    fn runge_kutta_has_its_stability_function() {
        let z = Complex64::new(0.4, 0.3);
        let x = -z;
        let rk4 = 1.0 + x + x * x / 2.0 + x * x * x / 6.0 + x * x * x * x / 24.0;
        assert!((of("rk:rk4", "0").principal(z).unwrap() - rk4.ln() / z).norm() < 1e-12);
        let gauss = (1.0 + x / 2.0 + x * x / 12.0) / (1.0 - x / 2.0 + x * x / 12.0);
        assert!((of("rk:gauss2", "0").principal(z).unwrap() - gauss.ln() / z).norm() < 1e-12);
    }
}
