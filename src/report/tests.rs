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
        let html = report.html();
        assert!(html.contains("How to reproduce this") && !html.contains("<script"), "{name}");
        let Some(simulation) = report.simulation() else {
            assert!(name.contains("symbolic"), "{name}");
            assert!(html.contains("Nothing is simulated"), "{name}");
            assert!(report.warnings().any(|w| w.code == "not-simulated" && w.message.contains("k, c")));
            continue;
        };
        for flow in &simulation.flows {
            assert!(flow.error.iter().all(Option::is_some), "{name}: {} {:?}", flow.name, simulation.warnings);
        }
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
    // From a hill the path leaves at first, and the step size is one with which it moves.
    for hill in ["-x^4", "-cosh(x)", "x^2 - x^4"] {
        let report = gather(&format!("param x = 1\nloss {hill}\n"), |_| ());
        let simulation = report.simulation().expect("a simulation");
        assert!((1e-4..0.2).contains(&simulation.h), "{hill}: {}", simulation.h);
        assert!(simulation.h_lambda_0.iter().all(|z| z.is_some_and(|z| z.abs() < 0.85)), "{hill}");
    }
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

/// Of one parameter `f_n` has no components, and of flows that are gradient descent's none is called the closest to another optimizer.
#[test]
fn words_fit_one_parameter_and_other_optimizers() {
    let report = gather("param x = 1\nloss x^2/2 + x^4/4\n", |options| {
        options.optimizer = named("heavy-ball", Some("1/2")).unwrap();
        options.order = 2;
    });
    let text = report.markdown();
    assert!(text.contains("f_{2}^{\\mathrm{p}}") && !text.contains("_{x}"), "{text}");
    let headline = text.lines().find(|line| line.contains("closest to heavy-ball")).expect("a headline");
    assert!(
        headline.contains("Of its own flows") && !headline.contains("igr") && !headline.contains("third"),
        "{headline}"
    );
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

/// What a page is made of: no script, nothing from elsewhere, every element closed, what is written escaped.
#[test]
fn a_page_is_whole_and_needs_nothing() {
    let report = gather("param x = 1, y # <script>\nconst a = 1\nloss (a - x)^2 + y^2*x^2 + y\n", |o| o.order = 2);
    let page = Report { title: "Banana <&> \"co\"".to_owned(), ..report }.html();
    for forbidden in ["<script", "<link", "<img", "@import", "url(http", "src=", "href=\"http"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("<title>Banana &lt;&amp;&gt; &quot;co&quot;</title>"));
    let titles = [
        "The loss",
        "The modified equation",
        "The modified equation of this loss",
        "The principal part",
        "The flows beside the optimizer",
        "The edge of stability",
        "Critical points and stability",
        "The checks",
        "The proof",
        "Warnings",
        "How to reproduce this",
    ];
    for (k, title) in titles.iter().enumerate() {
        assert!(page.contains(&format!("<h2><span class=\"at\">{}</span>{title}</h2>", k + 1)), "{title}");
    }
    assert_eq!(page.matches("<svg class=\"tree\"").count(), 4);
    for tag in ["math", "table", "tr", "td", "th", "figure", "svg", "div", "p", "mrow", "details", "summary", "section"]
    {
        let open = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(open, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    // Every place that the list of contents leads to is there once.
    for link in page.split("href=\"#").skip(1) {
        let place = link.split('"').next().unwrap_or_default();
        assert_eq!(page.matches(&format!(" id=\"{place}\"")).count(), 1, "{place}");
    }
}

/// A loss whose numbers cannot be had still has its formulas, and one whose formulas cannot be read its numbers.
#[test]
fn parts_that_fail_leave_the_rest() {
    let symbolic = gather("param x\nconst k\nloss k*x^2/2\n", |_| ());
    let text = symbolic.markdown();
    assert!(
        text.contains("Nothing is simulated: constants without a value (k)") && text.contains("(f\\_{1})")
            || text.contains("f_{1}")
    );
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/losses");
    let network = Loss::read(folder.join("iris.loss"), &Options::default()).expect("a loss");
    let start = network.initial_values();
    let options = ReportOptions { order: 1, check_order: 1, start, steps: 1, ..ReportOptions::default() };
    let text = Report::gather(&network, "iris", &options).expect("a report").markdown();
    assert!(text.contains("It is not written out: its 83 parameters") && text.contains("off by at most"), "{text}");
}

#[test]
fn optimizers_alone_have_reports() {
    let options = ReportOptions {
        optimizer: named("heavy-ball", None).unwrap(),
        order: 2,
        check_order: 3,
        ..ReportOptions::default()
    };
    let report = Report::of_optimizer("Heavy ball", &options).expect("a report");
    let text = report.markdown();
    assert!(report.ok() && text.contains("with momentum m") && text.contains("2 branch points"), "{text}");
    assert!(!text.contains("The flows beside") && text.contains("the proof holds"));
}
