//! Pictures of gradient descent on the banana function, and of what no picture should break on.

use super::{ErrorsPlot, Picture, PlotError, SharpnessPlot, Size, TrajectoryPlot};
use crate::flow::{FlowRun, Simulation};
use crate::render::example;
use num_complex::Complex64;

type Point = [f64; 2];

fn loss(x: f64, y: f64) -> f64 {
    (1.0 - x).powi(2) + 10.0 * (y - x * x).powi(2)
}

fn gradient([x, y]: Point) -> Point {
    [-2.0 * (1.0 - x) - 40.0 * x * (y - x * x), 20.0 * (y - x * x)]
}

fn hessian_gradient([x, y]: Point) -> Point {
    let g = gradient([x, y]);
    let (xx, xy, yy) = (2.0 - 40.0 * y + 120.0 * x * x, -40.0 * x, 20.0);
    [xx * g[0] + xy * g[1], xy * g[0] + yy * g[1]]
}

/// The largest eigenvalue of the Hessian.
fn sharpness([x, y]: Point) -> f64 {
    let (a, b, d): (f64, f64, f64) = (2.0 - 40.0 * y + 120.0 * x * x, -40.0 * x, 20.0);
    f64::midpoint(a, d) + ((a - d) / 2.0).hypot(b)
}

/// Gradient descent on the banana function beside two flows, integrated by many small Euler steps.
pub(crate) fn banana(h: f64, steps: usize) -> Simulation {
    let flow = |name: &str, field: &dyn Fn(Point) -> Point| {
        let mut at = [-0.9, 0.95];
        let mut states = vec![at];
        for _ in 0..steps {
            for _ in 0..2000 {
                let v = field(at);
                at = [at[0] + h / 2000.0 * v[0], at[1] + h / 2000.0 * v[1]];
            }
            states.push(at);
        }
        (name.to_owned(), states)
    };
    let minus = |p: Point| gradient(p).map(|g| -g);
    let regularised = |p: Point| {
        let (g, hg) = (gradient(p), hessian_gradient(p));
        [-g[0] - h / 2.0 * hg[0], -g[1] - h / 2.0 * hg[1]]
    };
    let mut iterates = vec![[-0.9, 0.95]];
    for k in 0..steps {
        let g = gradient(iterates[k]);
        iterates.push([iterates[k][0] - h * g[0], iterates[k][1] - h * g[1]]);
    }
    let flows = [flow("ngf", &minus), flow("igr", &regularised), flow("pgf", &gradient)].map(|(name, states)| {
        let error = states.iter().zip(&iterates).map(|(a, b)| Some((a[0] - b[0]).hypot(a[1] - b[1]))).collect();
        let complex = |p: &Point| Some(p.iter().map(|x| Complex64::new(*x, 0.0)).collect());
        FlowRun {
            name,
            trajectory: states.iter().map(complex).collect(),

            error,
            loss: states.iter().map(|p| Some(Complex64::from(loss(p[0], p[1])))).collect(),
            h_lambda_0: states.iter().map(|p| Some(Complex64::from(h * sharpness(*p)))).collect(),
            ..FlowRun::default()
        }
    });
    Simulation {
        method: "gradient-descent".into(),
        parameters: vec!["x".into(), "y".into()],
        h,
        times: (0..=steps).map(|k| k as f64 * h).collect(),
        iterates: iterates.iter().map(|p| Some(p.to_vec())).collect(),
        loss: iterates.iter().map(|p| Some(loss(p[0], p[1]))).collect(),
        h_lambda_0: iterates.iter().map(|p| Some(h * sharpness(*p))).collect(),
        flows: flows.into(),
        ..Simulation::default()
    }
}

/// The text of a document without its marks.
fn words(svg: &str) -> String {
    svg.split('<').filter_map(|tag| tag.split_once('>')).map(|(_, text)| text).collect()
}

#[test]
fn draws_the_banana() {
    let simulation = banana(0.018, 30);
    let plot = TrajectoryPlot { simulation: &simulation, loss: &loss, title: "Banana".into() };
    let svg = plot.svg().unwrap();
    assert!(
        svg.starts_with("<svg xmlns")
            && svg.contains("role=\"img\" aria-label=\"Banana: gradient-descent, h = 0.018, hλ₀ = ")
    );
    for name in ["Banana", "gradient-descent", "ngf", "igr", "pgf", "sans-serif"] {
        assert!(svg.contains(name), "{name}");
    }
    assert!(svg.len() < 80_000, "{} bytes", svg.len());
    let folder = tempfile::tempdir().unwrap();
    let errors = ErrorsPlot { simulation: &simulation };
    for name in ["trajectory.png", "trajectory.SVG"] {
        plot.write(&folder.path().join(name)).unwrap();
    }
    errors.write(&folder.path().join("errors.png")).unwrap();
    errors.write(&folder.path().join("errors.pdf")).unwrap();
    assert!(std::fs::read(folder.path().join("errors.pdf")).unwrap().starts_with(b"%PDF-"));
    // A document is the same however often it is written, and every place of its table leads to an object.
    let document = plot.pdf().unwrap();
    assert!((0..6).all(|_| plot.pdf().unwrap() == document));
    let table = document.windows(6).rposition(|w| w == b"\nxref\n").unwrap();
    let places = String::from_utf8_lossy(&document[table..]).into_owned();
    let mut numbers = 0;
    for (number, line) in
        places.lines().skip(3).enumerate().skip(1).take_while(|(_, l)| l.ends_with("n ") || l.ends_with('n'))
    {
        let at: usize = line.split(' ').next().unwrap().parse().unwrap();
        assert!(document[at..].starts_with(format!("{number} 0 obj").as_bytes()), "{line}");
        numbers += 1;
    }
    assert!(numbers > 10, "{numbers}");
    let bytes = std::fs::read(folder.path().join("trajectory.png")).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4, "no temporary file stays");
    if let Ok(keep) = std::env::var("SHADOWFLOW_KEEP_PICTURES") {
        plot.write(std::path::Path::new(&keep).join("trajectory.png").as_path()).unwrap();
        errors.write(std::path::Path::new(&keep).join("errors.png").as_path()).unwrap();
        plot.write(std::path::Path::new(&keep).join("trajectory.svg").as_path()).unwrap();
    }
}

#[test]
fn what_cannot_be_drawn_says_so() {
    let mut simulation = banana(0.01, 2);
    simulation.parameters.push("z".into());
    let plot = TrajectoryPlot { simulation: &simulation, loss: &loss, title: String::new() };
    assert!(matches!(plot.svg(), Err(PlotError::NotPlanar(3))));
    assert!(matches!(plot.write("picture.gif".as_ref()), Err(PlotError::UnknownFormat(_))));
    let missing = ErrorsPlot { simulation: &banana(0.01, 2) }.write("/nowhere/at/all.svg".as_ref());
    assert!(matches!(missing, Err(PlotError::Write { .. })));
    simulation.flows.clear();
    assert!(matches!(ErrorsPlot { simulation: &simulation }.svg(), Err(PlotError::Empty(_))));
}

#[test]
fn the_edge_of_stability_is_a_picture() {
    let run = banana(0.018, 12);
    let svg = SharpnessPlot { simulation: &run, title: "Sharpness".into() }.svg().unwrap();
    let words = words(&svg);
    for name in ["hλ0 = 1", "edge of stability", "loss", "gradient-descent", "ngf", "igr", "pgf"] {
        assert!(words.contains(name), "{name}");
    }
    let mut none = run.clone();
    none.loss = vec![None; 13];
    none.flows.clear();
    assert!(matches!(SharpnessPlot { simulation: &none, title: String::new() }.svg(), Err(PlotError::Empty(_))));
}

/// A flow without values is named in a sentence and not among the lines.
#[test]
fn flows_without_values_are_no_lines() {
    let mut run = banana(0.018, 12);
    let whole = ErrorsPlot { simulation: &run }.svg().unwrap();
    assert!(!whole.contains("no values to draw"));
    let flow = &mut run.flows[1];
    for k in 1..=12 {
        (flow.trajectory[k], flow.error[k], flow.loss[k], flow.h_lambda_0[k]) = (None, None, None, None);
    }
    for svg in [
        ErrorsPlot { simulation: &run }.svg().unwrap(),
        TrajectoryPlot { simulation: &run, loss: &loss, title: String::new() }.svg().unwrap(),
        SharpnessPlot { simulation: &run, title: String::new() }.svg().unwrap(),
    ] {
        let (lines, rest) = svg.split_once("no values to draw:").expect("a sentence");
        assert!(rest.contains("igr") && !rest.contains("pgf") && lines.contains("ngf") && !lines.contains("igr"));
    }
}

#[test]
fn missing_infinite_and_runaway_points_do_no_harm() {
    let simulation = example::simulation();
    let plot = TrajectoryPlot { simulation: &simulation, loss: &|x, y| 1.0 / (x * y), title: "<&>".into() };
    let svg = plot.svg().unwrap();
    assert!(svg.contains("&lt;&amp;&gt;") && !svg.contains("NaN"));
    let mut wild = banana(0.05, 40);
    wild.flows[0].trajectory[3] = Some(vec![Complex64::new(1e308, 0.0), Complex64::new(-1e308, 0.0)]);
    let plot = TrajectoryPlot { simulation: &wild, loss: &|_, _| f64::NAN, title: String::new() };
    assert!(plot.svg().is_ok());
    let mut still = banana(0.01, 3);
    still.iterates = vec![Some(vec![0.0, 0.0]); 4];
    still.flows.clear();
    let plot = TrajectoryPlot { simulation: &still, loss: &|_, _| 3.0, title: String::new() };
    assert!(plot.svg().is_ok());
}

/// The numbers of an attribute, in their order.
fn numbers<'s>(svg: &'s str, name: &'s str) -> impl Iterator<Item = f64> + 's {
    svg.split(name)
        .skip(1)
        .filter_map(|rest| rest.split('"').nth(1))
        .filter_map(|text| text.trim_end_matches("mm").parse().ok())
}

/// Whatever the width, no letter is smaller than 7 points in print, and no text leaves the picture.
#[test]
fn letters_are_legible_in_print() {
    let simulation = banana(0.018, 12);
    let trajectory = TrajectoryPlot {
        simulation: &simulation,
        loss: &loss,
        title: "Banana, a long title that needs two lines".into(),
    };
    let sharpness = SharpnessPlot { simulation: &simulation, title: "Sharpness".into() };
    let drawings =
        |size| [trajectory.draw(size), ErrorsPlot { simulation: &simulation }.draw(size), sharpness.draw(size)];
    for mm in [60.0, 84.0, 130.0, 174.0, 400.0] {
        for drawing in drawings(Size::millimetres(mm).unwrap()) {
            let svg = drawing.unwrap().svg();
            let width = numbers(&svg, " width=").next().unwrap();
            let units: f64 = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
            assert_eq!(width, mm);
            for size in numbers(&svg, "font-size=") {
                let points = size * mm / units * 72.0 / 25.4;
                assert!(points >= 7.0, "{points} points at {mm} mm");
            }
            for text in svg.split("<text ").skip(1).filter(|t| !t.contains("rotate")) {
                let (x, size) = (numbers(text, "x=").next().unwrap(), numbers(text, "font-size=").next().unwrap());
                let written = words(&format!("<text {}", text.split("</text>").next().unwrap()));
                let long = size * super::font::width(&written, super::font::Letters::Upright);
                let (left, right) = match text {
                    _ if text.contains("\"middle\"") => (x - long / 2.0, x + long / 2.0),
                    _ if text.contains("\"end\"") => (x - long, x),
                    _ => (x, x + long),
                };
                assert!(left >= 0.0 && right <= units, "{written:?} at {mm} mm: {left} to {right} of {units}");
            }
        }
    }
    for mm in [0.0, -84.0, 59.0, 601.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(Size::millimetres(mm), Err(PlotError::Width(_))), "{mm}");
    }
}

/// Every colour that is not a number's has one for dark screens, and only screens ask for it.
#[test]
fn dark_screens_have_their_colours() {
    let simulation = banana(0.018, 12);
    let plot = TrajectoryPlot { simulation: &simulation, loss: &loss, title: "Banana".into() };
    let svg = plot.svg().unwrap();
    assert!(svg.contains("<style>@media screen and (prefers-color-scheme:dark){"));
    let style = svg.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let mut classes: Vec<&str> =
        svg.split("class=\"").skip(1).flat_map(|c| c.split('"').next().unwrap().split(' ')).collect();
    classes.sort_unstable();
    classes.dedup();
    assert!(classes.len() > 10 && classes.iter().all(|class| style.matches(&format!(".{class}{{")).count() == 1));
    let drawn = svg.matches("fill=\"#").count() + svg.matches("stroke=\"#").count();
    let named: usize = svg.split("class=\"").skip(1).map(|c| c.split('"').next().unwrap().split(' ').count()).sum();
    assert_eq!(drawn, named, "every colour has a class");
}

#[test]
fn the_same_picture_has_the_same_bytes() {
    let simulation = banana(0.018, 12);
    let plot = SharpnessPlot { simulation: &simulation, title: "Sharpness".into() };
    assert!(plot.svg().unwrap() == plot.svg().unwrap() && plot.png().unwrap() == plot.png().unwrap());
    let document = plot.at(Size::millimetres(84.0).unwrap()).pdf().unwrap();
    assert!(document.windows(10).any(|w| w == b"/ToUnicode"), "text can be searched for");
    // The page is as wide as was asked for: 84 mm are 238.1 points.
    assert!(
        document.windows(20).any(|w| w.starts_with(b"/MediaBox [0 0 238.")),
        "{}",
        String::from_utf8_lossy(&document[..900])
    );
}
