//! What is a critical point and what is none, on losses whose critical points can be had by hand.

use super::{CriticalSearch, Kind, Stability, stability};
use crate::flow::{CompiledModel, LossValue, Subject};
use crate::loss::{Loss, Options};
use crate::optimizer::BoundOptimizer;

fn searched(text: &str, search: &CriticalSearch) -> Stability {
    let loss = Loss::parse(text, "case.loss", &Options::default()).unwrap();
    let expression = &loss.expression;
    let value = LossValue::new(expression).unwrap();
    let model = CompiledModel::new(expression.clone()).unwrap();
    let subject = Subject::new(&BoundOptimizer::gradient_descent()).unwrap();
    let h = "1/10".parse().unwrap();
    stability(&subject, &model, &|x| value.at(x), &h, search, &[]).unwrap()
}

/// The points found, with their kinds, sorted as outputs have them.
fn found(text: &str, search: &CriticalSearch) -> Vec<(Kind, Vec<f64>, Vec<f64>)> {
    let points = searched(text, search).points.into_iter();
    points.map(|p| (p.point.kind, p.point.at, p.point.eigenvalues)).collect()
}

fn from(text: &str, start: &[f64]) -> Vec<(Kind, Vec<f64>, Vec<f64>)> {
    found(text, &CriticalSearch::near(start.to_vec()))
}

#[track_caller]
fn close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    for (g, e) in got.iter().zip(expected) {
        assert!((g - e).abs() <= tolerance * e.abs(), "{got:?}, not {expected:?}");
    }
}

/// `(m − 1)²/2 + (s/c − 1)²/2` has one critical point, (1, c), with the eigenvalues 1 and 1/c².
#[test]
fn parameters_of_any_scale() {
    for (c, size) in [("1e15", 1e15), ("1e-15", 1e-15), ("1e40", 1e40), ("1e6", 1e6)] {
        for start in [[0.0, 0.0], [0.5, 3.0], [-2.0, -1e3]] {
            let points = from(&format!("param m, s\nloss (m - 1)^2/2 + (s/{c} - 1)^2/2\n"), &start);
            let [(kind, at, eigenvalues)] = &points[..] else { panic!("{c} {start:?}: {points:?}") };
            assert_eq!(*kind, Kind::Minimum);
            close(at, &[1.0, size], 1e-14);
            let mut expected = [1.0, 1.0 / (size * size)];
            expected.sort_by(|a, b| b.total_cmp(a));
            close(eigenvalues, &expected, 1e-14);
        }
    }
    // A straight line a + bx through (10⁹, 1) and (10⁹ + 1, 2): b = 1, a = 1 − 10⁹, and H = XᵀX with the determinant 1, the squared difference of the
    // abscissae, and the trace 2·10¹⁸ + 2·10⁹ + 3.
    let points = from("param a, b\nloss ((a + 1e9*b - 1)^2 + (a + (1e9 + 1)*b - 2)^2)/2\n", &[0.0, 0.0]);
    assert!(points.iter().all(|(kind, ..)| *kind != Kind::Saddle && *kind != Kind::Maximum), "{points:?}");
    // The same double well and parabola, (x² − 1)² + (y − 1)², in other units: two minima, and a saddle with E″ = −4 and 2.
    let wells = found("param x, y\nloss (x^2 - 1)^2 + (y/1e8 - 1)^2\n", &CriticalSearch::everywhere(2, 20));
    let kinds: Vec<Kind> = wells.iter().map(|w| w.0).collect();
    assert_eq!(kinds, [Kind::Minimum, Kind::Minimum, Kind::Saddle], "{wells:?}");
    close(&wells[0].1, &[-1.0, 1e8], 1e-12);
    close(&wells[0].2, &[8.0, 2e-16], 1e-12);
    close(&wells[2].2, &[2e-16, -4.0], 1e-12);
    // Minima at 1 and 2, a maximum between, all within 10⁻⁹.
    let close_by = found("param x\nloss (x/1e-9 - 1)^2*(x/1e-9 - 2)^2\n", &CriticalSearch::within(&[(0.0, 3e-9)], 20));
    let places: Vec<f64> = close_by.iter().map(|w| w.1[0]).collect();
    close(&places, &[1e-9, 2e-9, 1.5e-9], 1e-9);
}

/// Where a loss flattens out there is no critical point, however small its gradient is in floats.
#[test]
fn infinity_is_no_critical_point() {
    for (text, starts) in [
        // E′ = 1/s or (s − (1 − m)²)/(2s²), which with m = 1 is never zero.
        ("param m, s\nloss log(s)/2 + (1 - m)^2/(2*s)\n", &[&[0.0, 1.0][..], &[0.9, 2.0], &[1.0, 1e12]][..]),
        ("param s\nloss log(s)\n", &[&[1.0], &[1e20]]),
        ("param x, y\nloss (x + y)^2 + exp(y - x)\n", &[&[1.0, 0.0], &[20.0, -20.0]]),
        ("param x, y\nloss (x + y)^2 + 1/(x - y)^2\n", &[&[1.0, 0.0], &[1e4, -1e4]]),
        ("param x, y\nloss (x - y)^2 + exp(-x - y)\n", &[&[1.0, 2.0], &[400.0, 400.0]]),
        ("param x, y\nloss (x - 1)^2 + log(1 + exp(-y))\n", &[&[3.0, 2.0], &[3.0, 50.0], &[3.0, 800.0]]),
        ("param x, y\nloss (x - 1)^2 + 1/(1 + y^2)\n", &[&[3.0, 2.0], &[3.0, 1e9]]),
        ("param x\nloss tanh(x)\n", &[&[1.0], &[25.0], &[-25.0]]),
        ("param x\nloss sigmoid(x)\n", &[&[0.5], &[40.0], &[-800.0]]),
        ("param x\nloss exp(-x)\n", &[&[1.0], &[745.0], &[800.0]]),
        ("param x\nloss exp(1e9 - x)\n", &[&[1e9]]),
        ("param x\nloss -exp(-100*(x - 1/2)^2)\n", &[&[5.0], &[-5.0], &[3.2]]),
        ("param x, y\nloss abs(y) - exp(-100*x^2)\n", &[&[5.0, 1.0]]),
        ("param x, y\nloss tanh(x) + abs(y - 2)^3\n", &[&[3.0, 1.0], &[-19.0, 1.0], &[-300.0, 2.0], &[25.0, 3.0]]),
        ("param x, y\nloss tanh(x) + relu(y)^2\n", &[&[3.0, 1.0], &[-19.0, 1.0], &[-40.0, -1.0]]),
        ("param x, y\nloss sigmoid(x) + abs(y)^3\n", &[&[3.0, 1.0], &[30.0, 1.0], &[-800.0, 1.0]]),
        // Linear far away.
        ("param x\nloss log(cosh(x)) + 2*x\n", &[&[0.5], &[30.0], &[-30.0]]),
    ] {
        for start in starts {
            assert_eq!(from(text, start), [], "{text} {start:?}");
        }
    }
    // From everywhere: what is there alone is found.
    for (text, expected) in [
        // As y → −∞ the rest has a minimum at x = z = −2.
        ("param x, y, z\nloss logsumexp([x, y, z]) - x/2 + z^2/8\n", &[][..]),
        ("param x, y\nloss sigmoid(x) + y^2\n", &[]),
        ("param x, y\nloss log(1 + exp(-x)) + y^2\n", &[]),
        ("param x, y\nloss log(1 + exp(-x)) + log(1 + exp(-2*x + y)) + (y - 1)^2\n", &[]),
        ("param x\nloss exp(-x)\n", &[]),
        ("param a, b, c\nloss logsumexp([a, b, c]) - a\n", &[]),
        ("param x\nloss 1/(1 + x^2)\n", &[(Kind::Maximum, &[0.0][..])]),
        ("param x, y\nloss tanh(x)^2 + (y - 1)^2\n", &[(Kind::Minimum, &[0.0, 1.0])]),
        ("param x\nloss x*exp(-x)\n", &[(Kind::Maximum, &[1.0])]),
        ("param x, y\nloss x*exp(-x) + y^2\n", &[(Kind::Saddle, &[1.0, 0.0])]),
        ("param x\nloss x^2*exp(-x)\n", &[(Kind::Minimum, &[0.0]), (Kind::Maximum, &[2.0])]),
    ] {
        let dimension = text.lines().next().unwrap().split(',').count();
        let points = found(text, &CriticalSearch::everywhere(dimension, 100));
        assert_eq!(points.len(), expected.len(), "{text}: {points:?}");
        for ((kind, at, _), (expected, place)) in points.iter().zip(expected) {
            assert_eq!(kind, expected, "{text}");
            assert!(at.iter().zip(*place).all(|(x, y)| (x - y).abs() < 1e-9), "{text}: {at:?}");
        }
    }
    // The same wells have their minimum.
    let wells = found("param x\nloss -exp(-100*(x - 1/2)^2)\n", &CriticalSearch::everywhere(1, 400));
    assert!(wells.len() == 1 && wells[0].0 == Kind::Minimum, "{wells:?}");
    close(&wells[0].1, &[0.5], 1e-12);
}

/// Where the second derivatives of a loss jump there is no linearisation: `x² − 3|xy| + y²` falls along x = y, and with h = 1.5 the optimizer leaves the minimum
/// of `max(x², y²)`, whose Hessian has an eigenvalue 2 on every side.
#[test]
fn jumps_of_the_hessian_are_undecided() {
    for (text, start, place) in [
        ("param x, y\nloss x^2 - 3*abs(x*y) + y^2\n", &[0.5, 0.25][..], &[0.0, 0.0][..]),
        ("param x, y\nloss (x^2 + y^2 + abs(x^2 - y^2))/2\n", &[2.0, 1.0], &[0.0, 0.0]),
        ("param x, y\nloss relu(x - y)^2 + (x + y - 1)^2\n", &[3.0, 0.2], &[0.5, 0.5]),
        ("param x\nloss x^2 + relu(x)^2\n", &[1.0], &[0.0]),
        ("param x\nloss (x - 1)^2 + relu(x - 1)^2\n", &[2.0], &[1.0]),
        ("param x\nloss 3*x^2 + x*abs(x)\n", &[1.0], &[0.0]),
    ] {
        let found = searched(text, &CriticalSearch::near(start.to_vec()));
        let [point] = &found.points[..] else { panic!("{text}: {:?}", found.warnings) };
        assert!(point.point.hessian_jumps() && point.point.kind == Kind::Degenerate, "{text}: {point:?}");
        assert!(point.point.at.iter().zip(place).all(|(x, y)| (x - y).abs() < 1e-9), "{text}: {point:?}");
        assert_eq!(point.optimizer.as_ref().unwrap().attractive, None, "{text}");
        let said: Vec<&str> = found.warnings.iter().map(|w| w.code).collect();
        assert_eq!(said, ["non-smooth", "degenerate"], "{:?}", found.warnings);
        assert!(found.warnings[1].message.contains("jump at a kink"), "{:?}", found.warnings);
    }
    // That of a third derivative is none.
    let smooth = searched("param x\nloss x^2 + abs(x)^3\n", &CriticalSearch::near(vec![1.0]));
    assert_eq!(smooth.points[0].point.kind, Kind::Minimum);
}

/// What is flat in truth stays a critical point: isolated zeros of higher order, lines and curves of them, and where a kinked loss is constant.
#[test]
fn degenerate_points_stay() {
    for (text, start, expected) in [
        ("param x\nloss x^4\n", &[1.0][..], Some(&[0.0][..])),
        ("param x\nloss x^10\n", &[-3.0], Some(&[0.0])),
        ("param x\nloss (x - 3)^5\n", &[1.0], Some(&[3.0])),
        ("param x\nloss (x - 1e12)^4\n", &[0.0], Some(&[1e12])),
        ("param x, y\nloss (x + y)^2 + (x - y)^4\n", &[1.0, 0.0], Some(&[0.0, 0.0])),
        ("param x, y\nloss x^4 + (y/1e9 - 1)^2\n", &[1.0, 0.0], Some(&[0.0, 1e9])),
        ("param x, y\nloss (x*y - 1)^2\n", &[1.0, 2.0], None),
        ("param x, y\nloss (x*y - 1)^2\n", &[1e-6, 2e6], None),
        ("param x, y\nloss (x*y)^2\n", &[0.0, 2.0], None),
        ("param x, y\nloss (x + y)^2\n", &[1.0, 2.0], None),
        ("param x, y\nloss (x + 1e9*y)^2\n", &[1.0, 2.0], None),
        ("param x, y\nloss exp(-x)*y^2\n", &[3.0, 0.0], None),
        ("param x\nloss relu(x)\n", &[-1.0], None),
        ("param x\nloss relu(x - 1)^2\n", &[0.5], None),
        // Beyond a kink of some derivative.
        ("param x, y\nloss relu(x)^2 + (y - 1)^2\n", &[2.0, 2.0], Some(&[0.0, 1.0])),
        ("param x, y\nloss relu(x - 3)^2 + (y - 1)^2\n", &[5.0, 2.0], Some(&[3.0, 1.0])),
        ("param x, y\nloss relu(3 - x)^3 + (y - 1)^2\n", &[1.0, 2.0], Some(&[3.0, 1.0])),
        ("param x, y\nloss relu(x)^4 + abs(y)^3\n", &[2.0, 2.0], Some(&[0.0, 0.0])),
        ("param x, y\nloss x^2 + 0*y\n", &[3.0, 2.0], None),
    ] {
        let points = from(text, start);
        let [(kind, at, _)] = &points[..] else { panic!("{text}: {points:?}") };
        assert_eq!(*kind, Kind::Degenerate, "{text}: {points:?}");
        for (x, y) in at.iter().zip(expected.into_iter().flatten()) {
            // A zero of order k of the gradient is known to the k-th root of rounding.
            assert!((x - y).abs() <= 1e-3 * y.abs().max(1.0), "{text}: {at:?}");
        }
    }
}

/// Lines, curves and surfaces of critical points are degenerate everywhere, in as many directions as they have dimensions; isolated points of the same losses
/// keep their kinds.
#[test]
fn sets_of_critical_points_are_degenerate() {
    for (text, zeros, isolated) in [
        // All of the straight line between two points; H is 1/r − x²/r³ = 0 along it.
        ("param x, y\nloss sqrt(x^2 + y^2) + sqrt((x - 1)^2 + y^2)\n", 1, &[][..]),
        ("param x, y\nloss sqrt((x - 3)^2 + (y - 4)^2) + sqrt(x^2 + y^2)\n", 1, &[]),
        ("param x, y\nloss 1e6*(sqrt((x + 1/3)^2 + (y - 1/7)^2) + sqrt((x - 3)^2 + y^2))\n", 1, &[]),
        // A circle around a maximum, with H = −4 there.
        ("param x, y\nloss (x^2 + y^2 - 1)^2\n", 1, &[Kind::Maximum]),
        ("param x, y\nloss (sqrt(x^2 + y^2 + 1) - 2)^2\n", 1, &[Kind::Maximum]),
        // Hyperbolas around a saddle, with H = [[0, −2], [−2, 0]] there.
        ("param a, b\nloss (a*b - 1)^2\n", 1, &[Kind::Saddle]),
        ("param x, y\nloss sqrt((x*y - 1)^2 + 1)\n", 1, &[Kind::Saddle]),
        // Functions of x + y alone.
        ("param x, y\nloss logsumexp([x + y, -x - y, 0])\n", 1, &[]),
        ("param x, y\nloss (x + y - 1)^2 + log(cosh(x + y - 1))\n", 1, &[]),
        ("param x, y, z\nloss log(1 + exp(x + 2*y - z)) - (x + 2*y - z)/3\n", 2, &[]),
        // Regressions with fewer equations than unknowns.
        ("param a, b\nloss (a + 2*b - 3)^2 + (2*a + 4*b - 6)^2\n", 1, &[]),
        ("param a, b, c\nloss (a/3 + b/7 + c/9 - 1)^2 + (a/5 - b/11 + c/13)^2\n", 1, &[]),
        // A spring between two points of the plane, which moves and turns.
        ("param u, v, x, y\nloss (sqrt((u - x)^2 + (v - y)^2) - 1)^2/2\n", 3, &[]),
    ] {
        let dimension = text.lines().next().unwrap().split(',').count();
        let result = searched(text, &CriticalSearch::everywhere(dimension, 100));
        let (set, others): (Vec<_>, Vec<_>) =
            result.points.iter().map(|p| &p.point).partition(|p| p.kind == Kind::Degenerate);
        assert_eq!(others.iter().map(|p| p.kind).collect::<Vec<_>>(), isolated, "{text}: {others:?}");
        assert_eq!(set.len(), 8, "{text}: {set:?}");
        for point in set {
            let flat = point.known().filter(|(l, u)| l.abs() <= *u).count();
            assert_eq!(flat, zeros, "{text}: {point:?}");
        }
        // Said once of all, with the same counts.
        let said = |code: &str| {
            result.warnings.iter().filter(|w| w.code == code).map(|w| w.message.clone()).collect::<Vec<_>>()
        };
        let (sets, degenerate) = (said("critical-set"), said("degenerate"));
        let shown = format!(
            "{} degenerate critical points were found, of which 8 are shown",
            result.search.found - isolated.len()
        );
        assert!(sets.len() == 1 && sets[0].starts_with(&shown), "{text}: {sets:?}, not {shown}");
        assert!(degenerate.len() == 1 && degenerate[0].contains("8 points"), "{text}: {degenerate:?}");
    }
}

/// Isolated minima stay minima, however small their smallest eigenvalue beside the others.
#[test]
fn isolated_minima_are_not_degenerate() {
    for (text, at, smallest) in [
        // λ = 2·10⁻⁶ along the line between the two points, at its middle.
        ("param x, y\nloss sqrt(x^2 + y^2) + sqrt((x - 1)^2 + y^2) + (x - 1/2)^2/1e6\n", &[0.5, 0.0][..], 2e-6),
        // Fermat's point of a right triangle lies on its diagonal, at (3 − √3)/6.
        (
            "param x, y\nloss sqrt(x^2 + y^2) + sqrt((x - 1)^2 + y^2) + sqrt(x^2 + (y - 1)^2)\n",
            &[0.211_324_865_405_187_1, 0.211_324_865_405_187_1],
            f64::NAN,
        ),
        // [[2 + 8b, −4b], [−4b, 2b]] at (1, 1): the determinant is 4b and the trace 2 + 10b.
        ("param x, y\nloss (1 - x)^2 + 100*(y - x^2)^2\n", &[1.0, 1.0], 501.0 - (501.0_f64 * 501.0 - 400.0).sqrt()),
        ("param x\nloss x*exp(x)\n", &[-1.0], (-1.0_f64).exp()),
        ("param x, y\nloss (x + y - 1)^2 + (x - y)^2/1e10\n", &[0.5, 0.5], 4e-10),
    ] {
        let points = found(text, &CriticalSearch::everywhere(at.len(), 20));
        let [(kind, found, eigenvalues)] = &points[..] else { panic!("{text}: {points:?}") };
        assert_eq!(*kind, Kind::Minimum, "{text}: {points:?}");
        for (x, y) in found.iter().zip(at) {
            assert!((x - y).abs() < 1e-9, "{text}: {found:?}");
        }
        let last = eigenvalues[eigenvalues.len() - 1];
        assert!(smallest.is_nan() || (last / smallest - 1.0).abs() < 1e-3, "{text}: {eigenvalues:?}");
    }
}

/// The banana function with b = 10⁹, next to its minimum: the floats beside (1, 1) have entries that differ by 10⁻⁵, and λ = 2/5 stands out.
#[test]
fn steep_valleys_have_minima() {
    for b in ["1e6", "1e9", "1e11"] {
        let points = from(&format!("param x, y\nloss (1 - x)^2 + {b}*(y - x^2)^2\n"), &[1.000_001, 1.0]);
        let [(kind, at, eigenvalues)] = &points[..] else { panic!("{b}: {points:?}") };
        assert_eq!(*kind, Kind::Minimum, "{b}: {points:?}");
        assert!((at[0] - 1.0).abs() < 1e-4 && (at[1] - 1.0).abs() < 1e-4, "{b}: {at:?}");
        assert!((eigenvalues[1] / 0.4 - 1.0).abs() < 1e-2, "{b}: {eigenvalues:?}");
    }
}

/// The counts of a search are those of its points: where there are few, where there are many, and where a box leaves some out.
#[test]
fn searches_count_what_they_find() {
    // Minima at ±1 and a maximum at 0; every start leads to one of them.
    let text = "param x\nloss (x^2 - 1)^2\n";
    let wells = searched(text, &CriticalSearch::everywhere(1, 30));
    assert_eq!((wells.search.starts, wells.search.found, wells.search.outside, wells.points.len()), (30, 3, 0, 3));
    assert!(wells.search.converged <= 30 && wells.search.converged > 3);
    let one = searched(text, &CriticalSearch::within(&[(0.5, 2.0)], 30));
    assert_eq!((one.search.found, one.points.len()), (1, 1));
    assert!(one.search.outside <= 2);
    // log x has no value for half of the starts.
    let half = searched("param x\nloss x - log(x)\n", &CriticalSearch::everywhere(1, 100));
    assert_eq!((half.search.found, half.points.len()), (1, 1));
    assert!((45..=55).contains(&half.search.converged), "{:?}", half.search);
    let none = searched("param x, y\nloss x + 2*y\n", &CriticalSearch::everywhere(2, 10));
    assert_eq!((none.search.converged, none.search.found), (0, 0));
}

/// Where functions saturate, doubles have neither slope nor curvature, in one parameter or in all, beside directions in which the loss is regular or not. In
/// truth some component of the gradient is never 0.
#[test]
fn saturated_losses_have_no_critical_points() {
    for (text, starts) in [
        // E_a = −exp(b − a)/(1 + exp(b − a)).
        ("param a, b\nloss logsumexp([a, b]) - a + (b - 1)^2\n", &[&[36.0, 1.0][..], &[264.0, 1.0], &[700.0, 1.0]][..]),
        // All three in the same direction a = b = c, in which the loss is constant, or a held one beside them.
        ("param a, b, c\nloss logsumexp([a, b, c]) - a\n", &[&[50.0, 1.0, 2.0], &[300.0, -2.0, 0.0]]),
        ("param a, b, c, d\nloss logsumexp([a, b, c]) - a + (d - 1)^2\n", &[&[50.0, 1.0, 2.0, 1.0]]),
        // Two functions of one sign of slope each.
        ("param a, b\nloss tanh(a) + sigmoid(b)\n", &[&[25.0, -40.0], &[-25.0, 50.0], &[-400.0, 0.0]]),
        ("param a, b\nloss erf(a) + (b - a)^2\n", &[&[7.0, 7.0], &[-6.5, -6.5]]),
        ("param a, b\nloss log(1 + exp(-a)) + log(1 + exp(-b)) + (a - b - 1)^2\n", &[&[39.0, 38.0], &[200.0, 199.0]]),
        // 1 − p q falls along a + b, by nothing that doubles tell.
        ("param a, b\nloss 1 - sigmoid(a)*sigmoid(b) + (a - b - 1)^2\n", &[&[41.0, 40.0], &[39.0, 38.0]]),
        // Points with the labels + at 1 and 2 and − at −1 and −2: more of w is always better.
        (
            "param w, b\nloss 2 - tanh(w + b) - tanh(2*w + b) + tanh(b - w) + tanh(b - 2*w)\n",
            &[&[30.0, 0.5], &[50.0, -1.0]],
        ),
        ("param x, y\nloss (y - 1)^2 - exp(-100*(x - 1/2)^2)\n", &[&[5.0, 1.0], &[-3.0, 2.0]]),
        ("param x, y\nloss (tanh(x) - 1)^2 + (sigmoid(y) - 1)^2\n", &[&[19.0, 37.0], &[30.0, 50.0]]),
    ] {
        for start in starts {
            assert_eq!(from(text, start), [], "{text} {start:?}");
        }
    }
    let none = found("param a, b\nloss logsumexp([a, b]) - a + (b - 1)^2\n", &CriticalSearch::everywhere(2, 40));
    assert_eq!(none, []);
    // gelu = x Φ(x) is 0 at 0, and its slope Φ + x φ is where mpmath has it: beyond, on its way to 0, doubles cancel it.
    let products = found("param a, b\nloss gelu(a)*gelu(b)\n", &CriticalSearch::everywhere(2, 60));
    let [(Kind::Saddle, origin, slopes), (Kind::Maximum, hollow, curvatures)] = &products[..] else {
        panic!("{products:?}")
    };
    assert_eq!(*origin, [0.0, 0.0]);
    // Φ(0)² off the diagonal.
    close(slopes, &[0.25, -0.25], 1e-14);
    close(hollow, &[-0.751_791_524_693_564_5; 2], 1e-14);
    close(curvatures, &[-0.073_341_554_893_942_83; 2], 1e-12);
}

/// Minima far out, where what holds them is as small as the tail of what pushes there.
#[test]
fn saturated_minima_are_found() {
    // exp(−a) = ε at a = −ln ε, with the curvature ε.
    let decades = |n: f64| n * std::f64::consts::LN_10;
    let valley = 2.0 * 1e-30 / (2.0 + 2e-4);
    for (text, start, at, eigenvalues) in [
        ("param a\nloss exp(-a) + 1e-30*a\n", &[1.0][..], &[decades(30.0)][..], &[1e-30][..]),
        // 1/(1 + e^a) = 10⁻¹² where e^a = 10¹² − 1, and the curvature p (1 − p).
        ("param a\nloss softplus(-a) + 1e-12*a\n", &[5.0], &[decades(12.0) - 1e-12], &[1e-12 - 1e-24]),
        // The determinant is 2ε and the trace 2 + ε + 2·10⁻⁴.
        (
            "param a, b\nloss exp(-a) + 1e-30*a + (b - a/100)^2\n",
            &[1.0, 0.0],
            &[decades(30.0), decades(30.0) / 100.0],
            &[2.0 + 2e-4, valley],
        ),
        // p = 10⁻³⁰ is e^(b − a) there, and 2 (b − 1) = −p.
        (
            "param a, b\nloss logsumexp([a, b]) - a + 1e-30*a + (b - 1)^2\n",
            &[36.0, 1.0],
            &[1.0 + decades(30.0), 1.0],
            &[2.0, 1e-30],
        ),
        (
            "param a, b\nloss logsumexp([a, b]) - a + 1e-100*a + (b - 1)^2\n",
            &[215.0, 1.0],
            &[1.0 + decades(100.0), 1.0],
            &[2.0, 1e-100],
        ),
        // e^−a = 10⁻¹⁸ and e^−b = 2·10⁻¹⁸, to as much.
        (
            "param a, b\nloss 1 - sigmoid(a)*sigmoid(b) + 1e-18*(a + 2*b)\n",
            &[38.0, 38.0],
            &[decades(18.0), decades(18.0) - std::f64::consts::LN_2],
            &[2e-18, 1e-18],
        ),
        // 4 e^(2a) = 10⁻²⁵, with the curvature 2·10⁻²⁵.
        (
            "param a, b\nloss tanh(a) - 1e-25*a + (b - 3)^2\n",
            &[-25.0, 1.0],
            &[-0.5 * (decades(25.0) + 4.0_f64.ln()), 3.0],
            &[2.0, 2e-25],
        ),
        // Φ(x) + x φ(x) = −10⁻⁴⁰ at x = −a, and the curvature −(2 − x²) φ(x), by mpmath.
        (
            "param a, b\nloss (b - 3)^2 - gelu(-a) + 1e-40*a\n",
            &[12.0, 3.0],
            &[13.696_443_667_028_964, 3.0],
            &[2.0, 1.362_265_760_692_729e-39],
        ),
    ] {
        let points = from(text, start);
        let [(kind, found, spectrum)] = &points[..] else { panic!("{text}: {points:?}") };
        assert_eq!(*kind, Kind::Minimum, "{text}: {points:?}");
        close(found, at, 1e-14);
        close(spectrum, eigenvalues, 1e-13);
    }
}

/// Rounding makes 10⁻¹³ of the gradient and so 5·10⁻⁴ of x out of `(x − 3)⁵` written out, and curvatures of either sign: the point is one, and degenerate.
#[test]
fn flat_points_are_where_they_are() {
    for text in [
        "param x, y\nloss x^5 - 15*x^4 + 90*x^3 - 270*x^2 + 405*x - 243 + (y - x)^2\n",
        "param x, y\nloss (x - 3)^4 + (y - x)^2\n",
    ] {
        let points = found(text, &CriticalSearch::everywhere(2, 20));
        let [(Kind::Degenerate, at, _)] = &points[..] else { panic!("{text}: {points:?}") };
        close(at, &[3.0, 3.0], 1e-12);
    }
}

/// `Σ_i (v·tanh(w x_i) − y_i)²/2` over x = −1, 0, 1 and y = 1, 0, 1 is `1 + s²` with `s = v·tanh w`: critical where s = 0, and degenerate there, the origin too,
/// where H = 0. Doubles lose s beside 1.
#[test]
fn cancelled_terms_make_no_saddles() {
    let text = "param W[2] = [0.5, -0.3], V[2] = [0.2, 0.7]\nconst X = [-1, 0, 1], Y = [1, 0, 1]\n\
                loss sum(i in 0..3, (V[0]*tanh(W[0]*X[i]) + V[1]*tanh(W[1]*X[i]) - Y[i])^2)/2\n";
    let result = searched(text, &CriticalSearch::everywhere(4, 100));
    assert_eq!(result.points.len(), 8);
    for point in result.points.iter().map(|p| &p.point) {
        let [w, z, v, y] = point.at[..] else { unreachable!() };
        assert_eq!(point.kind, Kind::Degenerate, "{point:?}");
        assert!((v * w.tanh() + y * z.tanh()).abs() < 1e-7, "{point:?}");
    }
    // From everywhere near the origin to it, or to places that are far from one another.
    let near = searched(text, &CriticalSearch::within(&[(-1e-4, 1e-4); 4], 40));
    let tiny = near.points.iter().filter(|p| p.point.at.iter().all(|x| x.abs() < 1e-7)).count();
    assert!(tiny <= 1 && near.points.iter().all(|p| p.point.kind == Kind::Degenerate), "{:?}", near.points);
    // x³/3 − x²/(2·10⁹) has a zero of the gradient beside that at 0, at 10⁻⁹, with E″ = 2x − 10⁻⁹.
    let points = from("param x\nloss x^3/3 - x^2/2e9\n", &[2e-3]);
    let [(Kind::Minimum, at, eigenvalues)] = &points[..] else { panic!("{points:?}") };
    close(at, &[1e-9], 1e-9);
    close(eigenvalues, &[1e-9], 1e-6);
}

/// A minimum at a kink is no zero of the gradient; it is said where it is.
#[test]
fn kinks_are_said() {
    for (text, start, place) in [
        ("param x\nloss abs(x)\n", &[3.0][..], Some("jumps over zero at a kink at x = 0.000000")),
        ("param x\nloss abs(x)\n", &[0.0], Some("jumps over zero at a kink at x = 0.000000")),
        ("param x\nloss -abs(x)\n", &[0.0], Some("jumps over zero at a kink at x = 0.000000")),
        ("param x\nloss abs(x - 1/3) + x^2/10\n", &[-4.0], Some("jumps over zero at a kink at x = 0.333333")),
        ("param x, y\nloss abs(x) + (y - 1)^2\n", &[0.25, 3.0], Some("at a kink at x = 0.000000, y = 1.000000")),
        // E′ = 3/2 √|x| sign x is 0 at 0, and E″ infinite.
        (
            "param x\nloss abs(x)^(3/2)\n",
            &[2.0],
            Some("the gradient is zero, but the Hessian has no finite value at x = 0.000000"),
        ),
        // No kink at all, one of E″ alone, and one at an end of where the loss is constant.
        ("param x\nloss abs(x^2 + 1)\n", &[3.0], None),
        ("param x\nloss x*abs(x)^3\n", &[0.0], None),
        ("param x\nloss abs(x)*x\n", &[0.0], None),
        ("param x\nloss relu(x)\n", &[0.0], None),
        ("param x, y\nloss abs(x*y)\n", &[0.0, 0.0], None),
    ] {
        let result = searched(text, &CriticalSearch::near(start.to_vec()));
        let Some(place) = place else {
            assert_eq!((result.points.len(), result.search.kinks), (1, 0), "{text}: {:?}", result.warnings);
            continue;
        };
        let said: Vec<&str> = result.warnings.iter().map(|w| w.message.as_str()).collect();
        assert!(result.points.is_empty() && said.iter().any(|s| s.contains(place)), "{text}: {said:?}");
    }
    // Downhill the slope is −1 or −3 along y, and along (−1, −2) −5 or −3.
    let none = searched("param x, y\nloss abs(x) + 2*y\n", &CriticalSearch::near(vec![3.0, 1.0]));
    assert_eq!((none.search.kinks, none.search.stalled), (0, 1), "{:?}", none.warnings);
}

/// In a bent valley the gradient grows on the way, as it does where a zero is beside one of the gradient's smallest places.
#[test]
fn searches_get_through_bent_valleys() {
    let banana = "param x, y\nloss (1 - x)^2 + 100*(y - x^2)^2\n";
    let found = searched(banana, &CriticalSearch::everywhere(2, 100));
    assert_eq!((found.search.converged, found.search.found), (100, 1), "{:?}", found.search);
    // Zeros of the gradient at 0 and 1e-9; between them its size has a smallest value of 2.5e-19 that is none.
    let close = searched("param x\nloss x^3/3 - x^2/(2*10^9)\n", &CriticalSearch::near(vec![1.0]));
    let found = &close.points[0].point;
    assert!(found.at[0] == 0.0 || (found.at[0] - 1e-9).abs() < 1e-24, "{found:?}");
}

/// What becomes of every start is counted.
#[test]
fn searches_count_what_they_miss() {
    let sum = |s: &super::SearchCounts| s.converged + s.away + s.unsettled + s.stalled + s.kinks + s.undefined;
    // Newton's method leads from x to 4x³/(4x² − 2), which for x > 1/√2 is more than x.
    let tails = searched("param x\nloss exp(-x^2)\n", &CriticalSearch::everywhere(1, 100));
    assert!((80..95).contains(&tails.search.away) && sum(&tails.search) == 100, "{:?}", tails.search);
    let kink = searched("param x\nloss abs(x)\n", &CriticalSearch::everywhere(1, 50));
    assert_eq!((kink.search.kinks, kink.search.converged), (50, 0));
    // log x has no value for half of the starts.
    let half = searched("param x\nloss x - log(x)\n", &CriticalSearch::everywhere(1, 100));
    assert!((45..=55).contains(&half.search.undefined) && sum(&half.search) == 100, "{:?}", half.search);
    let slope = searched("param x, y\nloss x + 2*y\n", &CriticalSearch::everywhere(2, 10));
    assert_eq!(slope.search.stalled, 10);
    // Constant, whether written so or not.
    for text in ["param x\nloss 5\n", "param x\nloss relu(-1 - x^2)\n"] {
        let flat = searched(text, &CriticalSearch::everywhere(1, 20));
        let said = flat.warnings.iter().find(|w| w.code == "critical-set").map(|w| w.message.as_str());
        assert_eq!(said, Some("gradient and Hessian are zero at each of the 20 starts: the loss seems to be constant"));
    }
}

/// Lines of critical points are found where they are nearest, and not at their singular points or at infinity alone.
#[test]
fn sets_are_found_beside_a_start() {
    for (text, start, at) in [
        // Straight across, but for a part of the distance.
        ("param x, y\nloss x^2*y^2\n", [0.01, 1.0], [0.0, 1.0]),
        ("param x, a\nloss a*x^2\n", [0.01, 1.0], [0.0, 1.0]),
        ("param x, y\nloss (x - 1)^2/y^2\n", [1.02, 1.0], [1.0, 1.0]),
        ("param x, y\nloss x^2*(y - 1)^2 + x^2\n", [0.01, 3.0], [0.0, 3.0]),
    ] {
        let points = from(text, &start);
        let [(Kind::Degenerate, found, _)] = &points[..] else { panic!("{text}: {points:?}") };
        assert!(found.iter().zip(at).all(|(x, y)| (x - y).abs() < 5e-3), "{text}: {found:?}");
    }
    for (text, dimension) in [
        ("param x, y\nloss (x - 1)^2/y^2\n", 2),
        ("param x, y\nloss x^2*y^2\n", 2),
        ("param x, y\nloss x^2*y^4\n", 2),
        ("param x, a\nloss a*x^2\n", 2),
        ("param x, y\nloss x^2*(y - 1)^2 + x^2\n", 2),
        // In y nothing changes.
        ("param x, y\nloss x^2*sin(1/x)\n", 2),
    ] {
        let result = searched(text, &CriticalSearch::everywhere(dimension, 100));
        assert!(result.warnings.iter().any(|w| w.code == "critical-set"), "{text}: {:?}", result.warnings);
        assert!(result.points.iter().all(|p| p.point.kind == Kind::Degenerate), "{text}");
    }
    // Isolated ones are on none.
    for text in ["param x\nloss x^4\n", "param x, y\nloss (x + y)^2 + (x - y)^4\n", "param x, y\nloss x^4 + y^4\n"] {
        let dimension = text.lines().next().unwrap().split(',').count();
        let result = searched(text, &CriticalSearch::everywhere(dimension, 50));
        assert_eq!(result.points.len(), 1, "{text}");
        assert!(result.warnings.iter().all(|w| w.code != "critical-set"), "{text}: {:?}", result.warnings);
    }
}
