//! Reports of losses that people start with.

use super::*;
use crate::loss::Options;
use crate::optimizer::testing::named;

fn gather(source: &str, change: impl Fn(&mut ReportOptions)) -> Report {
    let loss = Loss::parse(source, "test.loss", &Options::default()).expect("a loss");
    let mut options =
        ReportOptions { order: 1, check_order: 1, start: loss.initial_values(), ..ReportOptions::default() };
    change(&mut options);
    Report::gather(&loss, "test", &options).expect("a report")
}

/// Logistic regression of ten labels on two features.
const LOGISTIC: &str = "param u = 0, v = 0, bias = 0
let a = [-2, -1.2, -0.3, 0.4, 1.1, 2.5, 0.2, -0.8, 1.4, -1.6]
let b = [0.5, -1, 0.7, -0.2, 0.3, -0.4, 1.5, -0.6, 1.1, 0.9]
let y = [-1, -1, 1, -1, 1, 1, 1, -1, 1, -1]
loss mean(softplus(-y*(u*a + v*b + bias)))
";

#[test]
fn examples_have_values_for_every_flow() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/losses");
    let mut sources = vec![("logistic in three".to_owned(), LOGISTIC.to_owned())];
    for entry in std::fs::read_dir(folder).expect("the examples") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "loss") {
            continue;
        }
        let source = std::fs::read_to_string(&path).expect("a text");
        // Reports write a loss out, entry by entry.
        if !source.contains("\ndata ") {
            sources.push((path.display().to_string(), source));
        }
    }
    for (name, source) in sources {
        let report = gather(&source, |_| ());
        let Some(simulation) = report.simulation() else {
            assert!(name.contains("symbolic"), "{name}");
            assert!(report.html().contains("nothing is simulated"), "{name}");
            assert!(report.warnings().any(|w| w.code == "not-simulated" && w.message.contains("k, c")));
            continue;
        };
        for flow in &simulation.flows {
            assert!(flow.error.iter().all(Option::is_some), "{name}: {} {:?}", flow.name, simulation.warnings);
        }
        let html = report.html();
        assert!(
            html.contains("The step size was chosen so that") && html.contains("the principal flow: all terms"),
            "{name}"
        );
        assert!(html.contains("Loss and sharpness") && html.contains("<details><summary>"), "{name}");
    }
}

/// Along gradient descent's path no hλ of the banana function comes near 1; of a quartic the largest falls through it.
#[test]
fn the_step_size_keeps_away_from_the_branch_point() {
    let quartic = gather("param x = 2\nloss x^2/2 + x^4/4\n", |_| ());
    let levels = &quartic.simulation().expect("a simulation").h_lambda_0;
    assert!(levels.iter().all(|z| z.is_some_and(|z| z < 0.85)), "{levels:?}");
    let quadratic = gather("param x = 1, y = 1\nloss (3*x^2 + y^2)/2\n", |_| ());
    assert_eq!(quadratic.simulation().expect("a simulation").h, 0.5);
    // With momentum 1/4 the branch point is (1 − √m)² = 1/4.
    let momentum = |options: &mut ReportOptions| {
        options.optimizer = named("heavy-ball", Some("1/4")).unwrap();
    };
    let heavy = gather("param x = 1, y = 1\nloss (3*x^2 + y^2)/2\n", momentum);
    let simulation = heavy.simulation().expect("a simulation");
    assert_eq!((simulation.method.as_str(), simulation.h), ("heavy-ball", 0.067));
    assert!(simulation.flows.iter().all(|f| f.error.iter().all(Option::is_some)));
    assert!(heavy.html().contains("Backward error analysis of heavy-ball") && heavy.html().contains("away from 0.25"));
    let symbolic = gather("param x = 1\nloss x^2\n", |options| options.optimizer = named("heavy-ball", None).unwrap());
    assert!(symbolic.warnings().any(|w| w.code == "not-simulated" && w.message.contains("`Optimizer::bind`")));
}

#[test]
fn a_missing_start_is_chosen_and_said() {
    for (source, start) in [
        ("param x, y\nloss x^2 + y^2 + x\n", [0.0, 0.0]),
        ("param x, y\nloss x^2 + y^2\n", [1.0, 1.0]),
        ("param x, y\nloss log(x)^2 + y^2\n", [1.0, 1.0]),
        ("param x, y\nloss (x - y)^2 + (x - 1)^4\n", [0.0, 0.0]),
        ("param x, y = 3\nloss x^2*y^2\n", [1.0, 3.0]),
    ] {
        let report = gather(source, |_| ());
        let setting = report.setting().expect("a simulation");
        assert_eq!(setting.start, start, "{source}");
        assert!(report.warnings().any(|w| w.code == "start-chosen" && w.message.contains("`ReportOptions::start`")));
        assert!(report.html().contains("No start was given for x"));
    }
    let nowhere = gather("param x\nloss log(x - 10)\n", |_| ());
    assert!(nowhere.simulation().is_none());
    assert!(nowhere.warnings().any(|w| w.code == "not-simulated"));
}

/// What a page shows does not depend on the machine: a flow that is cut off by its budget says so.
#[test]
fn the_budget_is_counted() {
    let run = |steps| {
        let source = "param x = 1, y = 1\nloss (1 - x)^2 + 10*(y - x^2)^2\n";
        gather(source, |options| options.max_steps = Some(steps))
    };
    let few = run(3);
    let html = few.html();
    assert!(few.warnings().any(|w| w.code == "step-limit"));
    assert!(html.contains("<b>ngf</b> has no value after step 0"), "{html}");
    assert_eq!(html, run(3).html());
}
