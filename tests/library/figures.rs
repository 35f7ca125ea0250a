//! The examples that redraw the paper's figures run, and show what they are said to show.

#![allow(clippy::duplicate_mod, reason = "the figures share a module, as examples do")]

use num_complex::Complex64;
use shadowflow::render::plot::{Chart, Panel, Picture};
use shadowflow::spectral::log_one_minus;

macro_rules! figures {
    ($($name:ident $path:literal)*) => {
        $(#[path = $path]
        #[allow(dead_code, reason = "the tests have no use for `main`")]
        mod $name;)*
    };
}

figures! {
    figure_1 "../../examples/figure_1.rs"
    figure_2 "../../examples/figure_2.rs"
    figure_3 "../../examples/figure_3.rs"
    figure_4 "../../examples/figure_4.rs"
    figure_5 "../../examples/figure_5.rs"
    figure_6 "../../examples/figure_6.rs"
    figure_7 "../../examples/figure_7.rs"
    figure_30 "../../examples/figure_30.rs"
    study "../../examples/study.rs"
}

/// Points of a flow's line in each step.
const FINENESS: usize = 24;

/// The chart of a figure, with some settings changed.
macro_rules! chart {
    ($name:ident $($change:literal)*) => {{
        let changes: Vec<String> = vec![$($change.to_owned()),*];
        let settings = $name::figures::Settings::read(&$name::SETTINGS, changes).unwrap();
        drawn($name::figure(&settings).unwrap())
    }};
}

fn drawn(chart: Chart<'static>) -> Chart<'static> {
    let svg = chart.svg().unwrap();
    let words: String = svg.split('<').filter_map(|tag| tag.split_once('>')).map(|(_, text)| text).collect();
    assert!(words.contains(&chart.panels[0].x.name.replace(['$', '_'], "")) && !svg.contains("NaN"));
    assert!(chart.csv().lines().count() > 10);
    chart
}

fn points<'a>(panel: &'a Panel<'_>, name: &str) -> &'a [(f64, f64)] {
    &panel.series.iter().find(|s| s.name == name).unwrap().points
}

fn near(a: (f64, f64), b: (f64, f64), tolerance: f64) -> bool {
    (a.0 - b.0).hypot(a.1 - b.1) < tolerance
}

#[test]
fn drift_is_the_gap_after_one_step() {
    let chart = chart!(figure_1 "steps=3");
    // On E = x²/2 + 3y² with h = 0.8/6.
    let h: f64 = 0.8 / 6.0;
    let drift = points(&chart.panels[0], "discretization drift");
    assert!(near(drift[0], (-1.8 * (-h).exp(), 0.5 * (-6.0 * h).exp()), 1e-8));
    assert!(near(drift[1], (-1.8 * (1.0 - h), 0.5 * (1.0 - 6.0 * h)), 1e-12));
}

#[test]
fn the_principal_flow_goes_around_the_minimum() {
    let z = |h: f64, t: f64| (log_one_minus(Complex64::from(h)) * t).exp();
    let chart = chart!(figure_2 "steps=3");
    for (k, at) in points(&chart.panels[1], "pf").iter().enumerate() {
        let expected = z(1.8, k as f64 / FINENESS as f64);
        assert!(near(*at, (expected.re, expected.im), 1e-8));
    }
    assert!(points(&chart.panels[0], "ngf").iter().all(|(z, _)| *z > 0.0));
    let chart = chart!(figure_4 "steps=2");
    for (panel, h) in chart.panels.iter().zip([0.5, 1.7, 2.1]) {
        for ((t, re), (_, im)) in points(panel, "$Re z(t)$ of PF").iter().zip(points(panel, "$Im z(t)$ of PF")) {
            let expected = z(h, *t);
            assert!(near((*re, *im), (expected.re, expected.im), 1e-8));
        }
    }
}

#[test]
fn the_coefficient_changes_sign_at_two() {
    let chart = chart!(figure_3);
    for (z, alpha) in points(&chart.panels[0], "$PF: Re log(1−z)/z$") {
        assert!((alpha * z - (1.0 - z).abs().ln()).abs() < 1e-12);
        assert_eq!(*alpha > 0.0, *z > 2.0);
    }
}

#[test]
fn the_principal_flow_is_exact_on_quadratics() {
    let chart = chart!(figure_5 "steps=4");
    assert_eq!(chart.panels.len(), 3);
    for panel in &chart.panels {
        let (flow, steps) = (points(panel, "pf"), points(panel, "gradient descent"));
        assert!(steps.iter().enumerate().all(|(k, at)| near(flow[k * FINENESS], *at, 1e-7)));
        assert!(!near(points(panel, "igr")[FINENESS], steps[1], 1e-2));
    }
}

#[test]
fn the_principal_flow_oscillates_with_gradient_descent_on_the_banana() {
    let chart = chart!(figure_6 "steps=4" "sharpness=1.9");
    let panel = &chart.panels[0];
    let steps = points(panel, "gradient descent");
    for (k, at) in steps.iter().enumerate().skip(1) {
        assert!(near(points(panel, "pf")[k * FINENESS], *at, 5e-3));
        assert!(!near(points(panel, "igr")[k * FINENESS], *at, 5e-3));
    }
}

#[test]
fn one_step_of_the_network_orders_the_flows() {
    let chart = chart!(figure_7 "steps=2" "hidden=2" "points=4" "sharpness=0.5,1.5");
    for panel in &chart.panels {
        let error = |flow| points(panel, flow)[0].1;
        assert!(error("pf") < error("third") && error("third") < error("igr") && error("igr") < error("ngf"));
    }
}

#[test]
fn one_dimension_is_drawn_and_wrong_settings_are_refused() {
    assert_eq!(chart!(figure_30 "steps=2").panels.len(), 3);
    let refused = figure_30::figures::Settings::read(&figure_30::SETTINGS, ["step=3".to_owned()]).unwrap_err();
    assert!(refused.to_string().contains("steps=12"));
    let wrong = figure_30::figures::Settings::read(&figure_30::SETTINGS, ["h=a".to_owned()]).unwrap();
    assert!(figure_30::figure(&wrong).is_err_and(|e| e.to_string().contains("h=a")));
}

#[test]
fn the_study_measures_one_step_errors_of_the_banana() {
    let changes = ["from=0.5", "to=0.9", "values=2", "steps=1,2", "losses=banana,cosine"].map(str::to_owned);
    let settings = study::figures::Settings::read(&study::SETTINGS, changes).unwrap();
    let mut charts = study::study(&settings).unwrap().into_iter();
    let (_, one) = charts.next().unwrap();
    // Distances at hλ_0 = 0.5 and 0.9, λ_0 = 82.0772, integrated independently in extended precision; the gradient is (1.24, 2.8).
    let expected = [
        ("ngf", [3.2e-3, 9.3e-3]),
        ("igr", [1.1e-3, 5.3e-3]),
        ("third", [4.1e-4, 3.5e-3]),
        ("pf", [1.6e-5, 1.9e-4]),
        ("pf+np3", [1.3e-5, 1.9e-4]),
        ("rpf", [8.743e-9, 4.462e-6]),
    ];
    for (flow, errors) in expected {
        for ((z, relative), error) in points(&one.panels[0], flow).iter().zip(errors) {
            let measured = relative * z / 82.0772 * 1.24_f64.hypot(2.8);
            assert!((measured / error - 1.0).abs() < 0.05, "{flow} at {z}: {measured}");
        }
    }
    assert!(one.panels.iter().all(|p| p.series.iter().all(|s| s.name != "rpf2")));
    let (_, two) = charts.next().unwrap();
    assert!(points(&drawn(two).panels[1], "rpf2")[0].1 < 1e-2);
}
