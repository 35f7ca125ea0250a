//! Where a flow slides along a cut of its α. Values from an independent integration (`SciPy`'s DOP853 at 1e-12, the definition of `docs/flows.md`, and for
//! momentum α in closed form).

use crate::bound::bound;
use num_complex::Complex64;
use shadowflow::flow::{
    AtCut, CompiledModel, FlowName, Grid, IntegratorOptions, MapRequest, MapValues, Quantity, Restart, Simulation,
    Subject, map, simulate_for,
};
use shadowflow::loss::{Loss, Options};
use shadowflow::number::Rational;

const BANANA: &str = "param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2\n";
const THREE: &str = "param x, y, z\nloss (1 - x)^2 + 3*(y - x^2)^2 + x*y*z + z^4/4 + z^2\n";

/// `h`, and a start of the banana function: `hλ_0` from 0.57 to 4.62.
fn starts() -> Vec<(f64, [f64; 2])> {
    let points = [
        [-0.9, 0.1],
        [-0.9, 0.6],
        [-0.9, 0.95],
        [0.7, 0.1],
        [0.7, -0.2],
        [0.7, -0.5],
        [1.43, 0.1],
        [1.43, 0.6],
        [1.43, 0.95],
    ];
    [0.008, 0.012, 0.018].iter().flat_map(|h| points.iter().map(|at| (*h, *at))).collect()
}

fn with(
    (source, optimizer, momentum): (&str, &str, Option<&str>),
    (h, steps, start): (f64, usize, &[f64]),
    flows: &str,
    options: &IntegratorOptions,
) -> Simulation {
    let loss = Loss::parse(source, "slide.loss", &Options::default()).expect("a loss");
    let flows: Vec<FlowName> = flows.split(',').map(|f| f.parse().expect("a flow")).collect();
    let exact = Rational::from_f64(h).expect("finite");
    let mut model = CompiledModel::new(loss).expect("a model");
    let subject = Subject::new(&bound(optimizer, momentum)).expect("an optimizer");
    simulate_for(&subject, &mut model, &exact, steps, start, &flows, options).expect("a simulation")
}

fn descent(source: &str, h: f64, steps: usize, start: &[f64], flows: &str, options: &IntegratorOptions) -> Simulation {
    with((source, "gradient-descent", None), (h, steps, start), flows, options)
}

fn codes(run: &Simulation) -> Vec<&'static str> {
    run.warnings.iter().filter(|w| w.flow.is_some()).map(|w| w.code).collect()
}

#[test]
fn slid_trajectories_are_those_of_an_independent_integration() {
    let c = Complex64::new;
    type Case = (f64, [f64; 2], &'static str, f64, Complex64, &'static [[(f64, f64); 2]]);
    let cases: [Case; 5] = [
        (
            0.018,
            [-0.9, 0.6],
            "pf",
            0.009_522_571_1,
            c(1.0, 0.321_312_3),
            &[
                [(-0.7039110751849247, -0.016647701484177636), (0.677046001717704, -0.011773270266474583)],
                [(-0.735237793983663, 0.0012044591907702674), (0.6118148135017939, 0.001987882480410981)],
                [(-0.7106984804773911, -0.0005823893051999803), (0.5860408434241761, 0.0007673335227192395)],
            ],
        ),
        (
            0.018,
            [0.7, 0.1],
            "pf",
            0.004_461_448_7,
            c(1.0, 0.332_911_7),
            &[
                [(0.5618733987313534, 0.020791077172361394), (0.2097867026011659, -0.006154427853804361)],
                [(0.5357277933272726, 0.00692523594494158), (0.2476201178503512, 0.0042780009625247315)],
            ],
        ),
        (
            0.012,
            [-0.9, 0.1],
            "pf",
            0.002_465_826_7,
            c(1.0, 0.495_598_8),
            &[
                [(-0.6615988383138809, -0.044195182967454893), (0.21760557962876848, -0.005230344148584235)],
                [(-0.5563288748335076, -0.019784630211021857), (0.2690189040273456, 0.009511110916510983)],
            ],
        ),
        (
            0.018,
            [-0.9, 0.6],
            "pf+np3",
            0.009_745_081_8,
            c(1.0, 0.301_933_8),
            &[[(-0.7060363223434822, -0.01000285420533005), (0.676196599391051, -0.0071131030094847055)]],
        ),
        (
            0.006,
            [1.3, 0.1],
            "pf",
            0.001_140_595_6,
            c(1.0, 0.482_090_6),
            &[[(0.9514609711876018, 0.05566243775886059), (0.24583413180446975, -0.005778112381944155)]],
        ),
    ];
    for (h, start, flow, time, h_lambda, states) in cases {
        let run = descent(BANANA, h, states.len(), &start, flow, &IntegratorOptions::default());
        let [slide] = &run.flows[0].slides[..] else { panic!("{h} {start:?}: {:?}", run.flows[0].slides) };
        assert_eq!((slide.step, slide.direction), (1, 0));
        assert!((slide.time - time).abs() < 1e-9 && (slide.h_lambda - h_lambda).norm() < 1e-6, "{slide:?}");
        assert_eq!(codes(&run), ["sliding"]);
        for (step, state) in states.iter().enumerate() {
            assert!(run.flows[0].has_slid(step + 1) && !run.flows[0].has_slid(0));
            let got = run.flows[0].trajectory[step + 1].as_ref().expect("a state");
            for (z, (re, im)) in got.iter().zip(state) {
                assert!((z - c(*re, *im)).norm() < 2e-8, "{h} {start:?}, {flow}, step {}: {z}", step + 1);
            }
        }
    }
    // To the digits of the table, which was computed with the jump spread throughout.
    for (h, start, want) in [(0.018, [-0.9, 0.6], 2.3e-2), (0.018, [0.7, 0.1], 6.0e-2), (0.012, [-0.9, 0.1], 0.13)] {
        let run = descent(BANANA, h, 1, &start, "pf", &IntegratorOptions::default());
        let error = run.flows[0].error[1].expect("an error");
        assert!((error - want).abs() < 0.05 * want, "{h} {start:?}: {error}");
    }
}

#[test]
fn every_start_gives_all_one_step_errors() {
    let options = IntegratorOptions { tolerance: 1e-9, restart: Restart::Each, ..Default::default() };
    let mut slid = 0;
    for (h, start) in starts() {
        let run = descent(BANANA, h, 100, &start, "pf", &options);
        let flow = &run.flows[0];
        for (step, (error, iterate)) in flow.error.iter().zip(&run.iterates).enumerate() {
            assert!(error.is_some() || iterate.is_none(), "{h} {start:?}, step {step}: {:?}", run.warnings);
        }
        assert_eq!(flow.error.len(), 101);
        assert!(codes(&run).iter().all(|code| ["sliding", "branch-cut"].contains(code)), "{:?}", run.warnings);
        slid += usize::from(!flow.slides.is_empty());
    }
    assert!(slid > 8, "{slid}");
}

/// What does not slide is the integrator's own, whatever is to be done at a cut: values of the version that knew no sliding.
#[test]
fn what_does_not_slide_is_what_it_was() {
    let stop = IntegratorOptions { at_cut: AtCut::Stop, ..Default::default() };
    for (source, h, start, flows, want) in [
        // This one crosses the cut, and goes on beyond.
        (BANANA, 0.012, &[-0.9, 0.6][..], "pf,pf+np3", RECORDED[0]),
        (BANANA, 0.02, &[-0.9, 0.95], "pf,pf+np3", RECORDED[1]),
        (THREE, 0.02, &[-0.9, 0.5, 0.4], "pf,pf+np3", RECORDED[2]),
        ("param x\nloss 1 - cos(x)\n", 1.7, &[0.5], "pf,pf+np3", RECORDED[3]),
    ] {
        let run = descent(source, h, 3, start, flows, &IntegratorOptions::default());
        assert_eq!(run.flows, descent(source, h, 3, start, flows, &stop).flows);
        for (flow, want) in run.flows.iter().zip(want) {
            assert!(flow.slides.is_empty() && flow.slid.is_empty());
            let error = flow.error[3].expect("an error");
            assert!(
                (error - want).abs() <= 4.0 * f64::EPSILON * want,
                "{source}{}: {error:e}, not {want:e}",
                flow.name
            );
        }
    }
}

const RECORDED: [[f64; 2]; 4] = [
    [0.0023045936059329394, 0.001979403771699646],
    [0.0010987739647733733, 0.0012720331952942388],
    [0.0018888785592760114, 0.0011822067083574212],
    [0.019705022107612588, 0.01951945531399612],
];

#[test]
fn a_flow_that_slides_can_end_there() {
    let stop = IntegratorOptions { at_cut: AtCut::Stop, ..Default::default() };
    let run = descent(BANANA, 0.018, 3, &[-0.9, 0.6], "pf,ngf", &stop);
    assert_eq!(codes(&run), ["sliding"]);
    assert_eq!(run.warnings[0].step, Some(1));
    assert!(run.flows[0].error[1..].iter().all(Option::is_none) && run.flows[1].error.iter().all(Option::is_some));
    assert_eq!(run.flows[0].slides.len(), 1);
    // An α of one's own has no rule for its jump.
    let run = descent(THREE, 0.05, 2, &[-0.9, 0.5, 0.4], "alpha:log(1-z)/z", &IntegratorOptions::default());
    assert_eq!(codes(&run), ["sliding"], "{:?}", run.warnings);
    assert!(run.flows[0].trajectory[2].is_none() && run.flows[0].slides.len() == 1);
}

/// Past its end too, a flow that has slid has slid; what its values are worth is said once.
#[test]
fn what_has_slid_stays_so() {
    let valley = "param u, v\nloss (u*v - 1)^2/2\n";
    let run = descent(valley, 4.7, 20, &[1.2, 0.7], "pf,pf+np3", &IntegratorOptions::default());
    let pf = &run.flows[0];
    assert!(pf.slides[0].step == 2 && pf.trajectory[20].is_none(), "{:?}", pf.slides);
    assert_eq!(pf.slid, [vec![false; 2], vec![true; 19]].concat());
    let sliding: Vec<_> = run.warnings.iter().filter(|w| w.code == "sliding").collect();
    assert_eq!(sliding.iter().map(|w| w.flow.as_deref()).collect::<Vec<_>>(), [Some("pf"), None]);
    assert!(!sliding[0].message.contains("rad") && sliding[1].message.contains("±0.2 rad"), "{sliding:?}");
}

#[test]
fn every_step_starts_from_its_iterate() {
    let each = IntegratorOptions { restart: Restart::Each, ..Default::default() };
    let once = IntegratorOptions::default();
    let (h, start) = (0.012, [-0.9, 0.6]);
    let run = descent(BANANA, h, 5, &start, "pf,rpf2,igr", &each);
    assert_eq!(run.restart, Restart::Each);
    for (flow, back) in run.flows.iter().zip([1, 2, 1]) {
        for step in back..=5 {
            let from = run.iterates[step - back].as_ref().expect("an iterate");
            let alone = descent(BANANA, h, back, from, &flow.name, &once);
            assert_eq!(flow.trajectory[step], alone.flows[0].trajectory[back], "{} {step}", flow.name);
        }
        assert_eq!(flow.trajectory[1].is_none(), back == 2);
    }
    // With momentum too, the flow starts from the iterate and not with the optimizer's velocity.
    let momentum =
        |steps, start: &[f64], options| with((BANANA, "heavy-ball", Some("1/2")), (0.002, steps, start), "pf", options);
    let run = momentum(4, &start, &each);
    let from = run.iterates[3].as_ref().expect("an iterate");
    assert_eq!(run.flows[0].trajectory[4], momentum(1, from, &once).flows[0].trajectory[1]);
    // The closed solution of a quadratic is exact in every step.
    let run = descent("param x, y\nloss 3*x^2 + x*y + y^2\n", 0.3, 6, &[1.0, -2.0], "exact,pf", &each);
    assert!(run.flows.iter().all(|f| f.error.iter().all(|e| e.is_some_and(|e| e < 1e-9))));
}

/// The root of Nesterov's characteristic polynomial goes around its branch points, whatever the tolerance.
#[test]
fn momentum_does_not_depend_on_the_tolerance() {
    for tolerance in [1e-6, 1e-8, 1e-10] {
        let options = IntegratorOptions { tolerance, ..Default::default() };
        let cosine = ("param x\nloss 1 - cos(x)\n", "nesterov", Some("1/5"));
        let run = with(cosine, (2.051_089, 2, &[0.5]), "pf", &options);
        assert!((run.flows[0].error[2].expect("an error") - 0.533_581_828_5).abs() < 100.0 * tolerance);
        assert!((run.flows[0].slides[0].time - 3.906_435_941_5).abs() < 1e3 * tolerance, "{:?}", run.flows[0].slides);
        let source = "param x, y\nloss x^2/2 + y^2/10 + x^2*y/5 - y^3/15\n";
        let run = with((source, "nesterov", Some("1/2")), (1.123_397, 1, &[0.6, 0.5]), "pf", &options);
        assert!((run.flows[0].error[1].expect("an error") - 0.215_430_799_1).abs() < 100.0 * tolerance);
        assert!(run.flows[0].slides.is_empty() && codes(&run).contains(&"branch-cut"), "{:?}", run.warnings);
    }
}

#[test]
fn maps_have_values_where_flows_slide() {
    let loss = Loss::parse(BANANA, "map.loss", &Options::default()).expect("a loss");
    let grid = Grid::parse("x=-1.5:1.5:9,y=-0.5:1.5:7", &loss.expression.pool().theta_names()).expect("a grid");
    let subject = Subject::new(&bound("gradient-descent", None)).expect("an optimizer");
    let run = |at_cut| {
        let request = MapRequest {
            subject: &subject,
            h: &"3/200".parse().expect("exact"),
            flow: &FlowName::Pf,
            quantity: Quantity::Error { steps: 1 },
            grid: &grid,
            at: &[0.0, 0.0],
            options: IntegratorOptions { tolerance: 1e-8, max_steps: 1000, at_cut, ..Default::default() },
            threads: Some(2),
        };
        map(&loss, &request, &|| ()).expect("a map")
    };
    let empty = |values: &MapValues| match values {
        MapValues::Error(errors) => errors.iter().filter(|e| e.is_none()).count(),
        _ => unreachable!("errors were asked for"),
    };
    let slide = run(AtCut::Slide);
    let stop = run(AtCut::Stop);
    assert!(empty(&stop.values) > 5, "{:?}", stop.warnings);
    assert_eq!(empty(&slide.values), 0, "{:?}", slide.warnings);
    for map in [&slide, &stop] {
        assert_eq!(map.warnings.iter().map(|w| w.code).collect::<Vec<_>>(), ["sliding"]);
    }
}

/// A distance beyond the root of the largest float is no infinity.
#[test]
fn far_distances_have_their_size() {
    // θ_k = (1 − h)^k, and the gradient flow is at 0.
    let run = descent("param x\nloss x^2/2\n", 1e60, 4, &[1.0], "exact", &IntegratorOptions::default());
    assert!(run.flows[0].error[4].is_none_or(f64::is_finite));
    let run = descent("param x\nloss x^2/2\n", 1e50, 4, &[1.0], "principal:0", &IntegratorOptions::default());
    assert!(run.flows[0].error.iter().flatten().all(|e| e.is_finite()));
}
