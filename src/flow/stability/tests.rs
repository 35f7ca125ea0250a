//! What is a critical point and what is none, on losses whose critical points can be had by hand.

use super::{CriticalSearch, Kind, stability};
use crate::flow::{CompiledModel, LossValue, Subject};
use crate::loss::{Loss, Options};
use crate::optimizer::BoundOptimizer;

/// The points found, with their kinds, sorted as outputs have them.
fn found(text: &str, search: &CriticalSearch) -> Vec<(Kind, Vec<f64>, Vec<f64>)> {
    let loss = Loss::parse(text, "case.loss", &Options::default()).unwrap();
    let expression = &loss.expression;
    let value = LossValue::new(expression).unwrap();
    let model = CompiledModel::new(expression.clone()).unwrap();
    let subject = Subject::new(&BoundOptimizer::gradient_descent()).unwrap();
    let h = "1/10".parse().unwrap();
    let result = stability(&subject, &model, &|x| value.at(x), &h, search, &[]).unwrap();
    result.points.into_iter().map(|p| (p.point.kind, p.point.at, p.point.eigenvalues)).collect()
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
        // Linear far away.
        ("param x\nloss log(cosh(x)) + 2*x\n", &[&[0.5], &[30.0], &[-30.0]]),
    ] {
        for start in starts {
            assert_eq!(from(text, start), [], "{text} {start:?}");
        }
    }
    // The same wells have their minimum.
    let wells = found("param x\nloss -exp(-100*(x - 1/2)^2)\n", &CriticalSearch::everywhere(1, 400));
    assert!(wells.len() == 1 && wells[0].0 == Kind::Minimum, "{wells:?}");
    close(&wells[0].1, &[0.5], 1e-12);
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
