//! Training on small losses, whose numbers are known, and beside other routes to the same numbers.

use super::*;
use crate::flow::{CompiledModel, FlowName, IntegratorOptions, Subject, model_of, simulate_for};
use crate::loss::{Loss, Options};
use crate::number::Rational;
use crate::optimizer::{MOMENTUM, Optimizer};
use num_complex::Complex64;

/// `E = (a x² + b y²)/2`.
const BOWL: &str = "param x, y\nloss 3*x^2/2 + y^2/2\n";

/// Ten rows of three classes.
const CLASSES: &str = "\
const X = [[-1.25, -1.5], [0.5, -0.25], [-0.5, 1], [1.25, -1], [0.25, 0.25], [-0.75, 1.5], [1, -0.5], [0, 0.75], [-1, -1.25], [0.75, 0]]
const y = [0, 1, 2, 1, 0, 2, 1, 2, 0, 1]
let Z = standardise(X)
param W1[2, 4] = glorot, b1[4] = 0
param W2[4, 3] = glorot
loss softmax_cross_entropy(tanh(Z @ W1 + b1) @ W2, y) + norm2(W1)/100
";

fn loss(source: &str) -> Loss {
    Loss::parse(source, "test.loss", &Options::default()).unwrap()
}

fn start(loss: &Loss) -> Vec<f64> {
    loss.initial_values().into_iter().map(Option::unwrap).collect()
}

fn optimizer(name: &str, momentum: Option<&str>) -> TrainOptimizer {
    let momentum = momentum.map(|m| m.parse::<Rational>().unwrap());
    TrainOptimizer::new(&name.parse().unwrap(), momentum.as_ref(), None, &[]).unwrap()
}

fn settings(optimizers: Vec<TrainOptimizer>, h: f64, steps: u64) -> TrainSettings {
    TrainSettings { optimizers, rates: vec![h], steps, ..TrainSettings::default() }
}

fn every_column() -> Vec<Column> {
    Column::list(&["all".to_owned()]).unwrap()
}

fn rows(training: &Training) -> Vec<Row> {
    let mut rows = Vec::new();
    for index in 0..training.runs().len() {
        let mut run = training.run(index).unwrap();
        while !run.is_finished() {
            run.advance(&mut |row| {
                rows.push(row);
                Ok(())
            })
            .unwrap();
        }
    }
    rows
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + b.abs())
}

/// On `E = (3x² + y²)/2` every column has a formula.
#[test]
fn columns_on_a_quadratic() {
    let h = 0.5;
    let settings = TrainSettings {
        columns: every_column(),
        flows: vec![FlowName::Pf, FlowName::Igr],
        ..settings(vec![optimizer("gd", None)], h, 3)
    };
    let training = Training::new(loss(BOWL), vec![vec![1.0, 2.0]], settings).unwrap();
    let rows = rows(&training);
    let (mut x, mut y, mut before) = (1.0_f64, 2.0_f64, None);
    for row in &rows[..3] {
        let (a, b) = (3.0, 1.0);
        let (gx, gy) = (a * x, b * y);
        let (nx, ny) = (x - h * gx, y - h * gy);
        let energy = |x: f64, y: f64| (a * x * x + b * y * y) / 2.0;
        let norm = gx.hypot(gy);
        let hg = (a * gx).hypot(b * gy);
        let drift = (nx - x * (-h * a).exp()).hypot(ny - y * (-h * b).exp());
        let number = |column| row.number(column).unwrap();
        assert!(close(number(Column::Loss), energy(x, y)));
        assert!(close(number(Column::GradientNorm), norm) && close(number(Column::HgNorm), hg));
        assert!(close(number(Column::HghatNorm), hg / norm));
        assert_eq!(row.cell(Column::Lambda), Some(&Cell::List(Some(vec![Some(3.0), Some(1.0)]))));
        let Some(Cell::ComplexList(Some(coefficients))) = row.cell(Column::StabilityCoefficients) else { panic!() };
        // log(1 − 3/2)/(3/2), beyond the branch point.
        let want = Complex64::new(-0.5, 0.0).ln() / 1.5 * gx.abs();
        assert!((coefficients[0].unwrap() - want).norm() < 1e-12, "{coefficients:?} {want}");
        assert!(close(number(Column::Drift), drift), "{} {drift}", number(Column::Drift));
        assert!(close(number(Column::UpdateNorm), h * norm));
        assert!(close(number(Column::RelativeProgress), (energy(nx, ny) - energy(x, y)) / (h * norm * norm)));
        // u_0 = ± e_x, so that g keeps its sign relative to the last one's.
        assert!(close(number(Column::GradientNextAlong0), a * nx * gx.signum()));
        let Some(Cell::Named(predicted)) = row.cell(Column::PredictedGradientAlong0) else { panic!() };
        assert!(close(predicted[0].1.unwrap(), gx.abs() * (-1.5_f64).exp()));
        assert!(close(predicted[2].1.unwrap(), number(Column::GradientNextAlong0)));
        let Some(Cell::Named(error)) = row.cell(Column::Error) else { panic!() };
        // Exact on quadratics, but complex beyond 1/h.
        assert!(error[0].1.unwrap() < 1e-9);
        assert!(close(number(Column::SignalToNoise), 2.0 * norm / (h * hg)));
        assert!(close(number(Column::ModifiedLoss), energy(x, y) + h / 4.0 * norm * norm));
        assert!(close(number(Column::F1Share), h * h / 2.0 * hg / drift));
        // The norm falls along the flow.
        assert!(close(number(Column::DriftBound), h * h / 2.0 * hg));
        assert_eq!(row.number(Column::Np3Norm), Some(0.0));
        let Some(Cell::ComplexNamed(rates)) = row.cell(Column::LossRate) else { panic!() };
        assert!(close(rates[0].1.unwrap().re, -norm * norm));
        assert!(close(rates[1].1.unwrap().re, -norm * norm - h / 2.0 * (a * gx * gx + b * gy * gy)));
        let pf = Complex64::new(-0.5, 0.0).ln() / 1.5 * gx * gx + 0.5_f64.ln() / 0.5 * gy * gy;
        assert!((rates[2].1.unwrap() - pf).norm() < 1e-9);
        match before {
            None => assert_eq!(row.number(Column::MidpointLoss), None),
            Some((bx, by)) => {
                let middle = |a: f64, b: f64, c: f64| (a + 2.0 * b + c) / 4.0;
                assert!(close(number(Column::MidpointLoss), energy(middle(bx, x, nx), middle(by, y, ny))));
                assert!(close(number(Column::MidpointLambda0), 3.0));
            }
        }
        before = Some((x, y));
        (x, y) = (nx, ny);
    }
    let last = &rows[3];
    assert!(
        last.cell(Column::Drift).is_none() && close(last.number(Column::Loss).unwrap(), (3.0 * x * x + y * y) / 2.0)
    );
}

/// The iterates of `flow::simulate`, by another implementation.
#[test]
fn optimizers_are_those_of_simulate() {
    let source = "param x, y\nloss (1 - x)^2 + 3*(y - x^2)^2 + exp(x*y)/4\n";
    let m: Rational = "1/2".parse().unwrap();
    let h: Rational = "1/20".parse().unwrap();
    let cases = [
        ("gd", Optimizer::GradientDescent, false),
        ("heavy-ball", Optimizer::HeavyBall, true),
        ("nesterov", Optimizer::Nesterov, true),
        ("implicit-euler", Optimizer::ImplicitEuler, false),
        ("rk:rk4", "rk:rk4".parse().unwrap(), false),
    ];
    for (name, reference, momentum) in cases {
        let values = if momentum { vec![(MOMENTUM, m.clone())] } else { vec![] };
        let subject = Subject::new(&reference.bind(&values).unwrap()).unwrap();
        let mut model = CompiledModel::new(loss(source)).unwrap();
        let options = IntegratorOptions::default();
        let run = simulate_for(&subject, &mut model, &h, 6, &[0.3, -0.4], &[], &options).unwrap();
        let settings = settings(vec![optimizer(name, momentum.then_some("1/2"))], 0.05, 6);
        let training = Training::new(loss(source), vec![vec![0.3, -0.4]], settings).unwrap();
        let mut own = training.run(0).unwrap();
        for iterate in &run.iterates {
            let iterate = iterate.as_ref().unwrap();
            assert!(own.theta().iter().zip(iterate).all(|(a, b)| close(*a, *b)), "{name} at {}", own.step());
            own.advance(&mut |_| Ok(())).unwrap();
        }
    }
}

/// DAL with p = 1 hops on a quadratic of one direction: 2/‖Hĝ‖ is the edge of stability, x ↦ −x.
#[test]
fn dal_hops_on_a_quadratic() {
    let of = |name, momentum| {
        let settings = TrainSettings { cap: Some(100.0), ..settings(vec![optimizer(name, momentum)], 1.0, 4) };
        rows(&Training::new(loss("param x\nloss 3*x^2/2\n"), vec![vec![1.0]], settings).unwrap())
    };
    let loss = |rows: &[Row]| rows.iter().map(|r| r.number(Column::Loss).unwrap()).collect::<Vec<_>>();
    assert!(loss(&of("dal", None)).iter().all(|e| close(*e, 1.5)));
    // Half of it, or a rate of its own for each parameter: the same here.
    assert!(
        of("dal-per-parameter", None)
            .iter()
            .take(4)
            .all(|row| { row.cell(Column::LearningRate) == Some(&Cell::Number(None)) })
    );
    // 2/√3 is below the edge at 2/3? It is not: p = 1/2 diverges where λ > 1.
    let half = loss(&of("dal-p:0.5", None));
    assert!(half[1] > half[0]);
    // With momentum the factor is 1/2: x ↦ x/2 at first.
    let slow = of("dal", Some("1/10"));
    assert!(close(slow[0].number(Column::LearningRate).unwrap(), 0.5 / 3.0) && close(loss(&slow)[1], 1.5 / 4.0));
}

/// The batch of some rows is the loss that has those rows only, with the standardisation of all.
#[test]
fn batches_are_losses_of_their_rows() {
    let all = loss(CLASSES);
    let theta = start(&all);
    let pool = all.expression.pool();
    let x = pool.data().iter().find(|d| d.name() == "X").unwrap().values().to_vec();
    let column = |j: usize| x.iter().skip(j).step_by(2).copied().collect::<Vec<f64>>();
    let standard = |j: usize, value: f64| {
        let c = column(j);
        let mean = c.iter().sum::<f64>() / 10.0;
        (value - mean) / (c.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 10.0).sqrt()
    };
    let labels = [0, 1, 2, 1, 0, 2, 1, 2, 0, 1];
    let mut batch = batches::BatchObjective::new(&all, 3, std::num::NonZeroUsize::MIN).unwrap();
    for rows in [[0, 1, 2], [9, 4, 7]] {
        batch.load(&rows);
        let mut gradient = vec![0.0; theta.len()];
        let value = batch.value_gradient(&theta, &mut gradient);
        let listed: Vec<String> =
            rows.iter().map(|r| format!("[{:?}, {:?}]", standard(0, x[2 * r]), standard(1, x[2 * r + 1]))).collect();
        let few: Vec<String> = rows.iter().map(|r| labels[*r].to_string()).collect();
        let source = format!(
            "const Z = [{}]\nconst y = [{}]\nparam W1[2, 4], b1[4], W2[4, 3]\nloss softmax_cross_entropy(tanh(Z @ W1 + b1) @ W2, y) + norm2(W1)/100\n",
            listed.join(", "),
            few.join(", ")
        );
        let own = loss(&source);
        let mut model = model_of(own.expression.clone(), std::num::NonZeroUsize::MIN).unwrap();
        let mut want = vec![0.0; theta.len()];
        model.real_gradient(&theta, &mut want);
        let norm = want.iter().map(|g| g * g).sum::<f64>().sqrt();
        assert!(gradient.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-12 * norm));
        let want = crate::flow::LossValue::new(&own).unwrap().at(&theta);
        assert!(close(value, want), "{value} {want}");
        // The Hessian's columns are differences of gradients.
        batch.enter(&theta);
        let direction: Vec<f64> = (0..theta.len()).map(|k| (k as f64).sin()).collect();
        let (mut product, mut ahead, mut behind) = (gradient.clone(), gradient.clone(), gradient.clone());
        batch.hessian_times(&direction, &mut product);
        let moved = |e: f64| theta.iter().zip(&direction).map(|(x, d)| x + e * d).collect::<Vec<f64>>();
        batch.value_gradient(&moved(1e-5), &mut ahead);
        batch.value_gradient(&moved(-1e-5), &mut behind);
        let near = |k: usize| (product[k] - (ahead[k] - behind[k]) / 2e-5).abs() < 1e-7;
        assert!((0..theta.len()).all(near));
    }
}

#[test]
fn losses_without_rows_say_so() {
    for (source, word) in [
        (BOWL, "none"),
        ("const X = [[1, 2], [3, 4], [5, 6]]\nparam w[3]\nloss norm2(w @ X)\n", "rows"),
        ("const X = [[1, 2], [3, 4], [5, 6]]\nparam w[2]\nloss logsumexp(X @ w)\n", "logsumexp"),
        ("const X = [[1, 2], [3, 4], [5, 6]]\nparam w[2]\nlet a = X @ w\nloss a[0]^2 + mean(a^2)\n", "rows"),
    ] {
        let settings = TrainSettings { batch: Some(2), ..settings(vec![optimizer("sgd", None)], 0.1, 2) };
        let loss = loss(source);
        let start = vec![vec![0.5; loss.expression.pool().dimension()]];
        let error = Training::new(loss, start, settings).and_then(|t| t.run(0).map(drop)).unwrap_err().to_string();
        assert!(error.contains(word), "{source}: {error}");
    }
}

/// Whatever is recorded, a run goes on from a snapshot to the bit.
#[test]
fn snapshots_go_on_to_the_bit() {
    let line = "const X = [[1, 2], [-1, 1], [2, 1], [0, 1], [1, -1]]\nconst y = [1, 0, 2, 1, 0]\nparam w[2]\nloss mean((tanh(X @ w) - y)^2)\n";
    let settings = TrainSettings {
        columns: every_column(),
        flows: vec![FlowName::Pf],
        flows_at: AtSteps::Every(3),
        batch: Some(2),
        branches: vec!["ngf".parse().unwrap(), "flip:0".parse().unwrap()],
        branch_at: vec![2],
        branch_steps: 2,
        eigenvalues: Eigenvalues::Above(0.05, 1),
        cap: Some(2.0),
        ..settings(
            vec![
                optimizer("sgd", None),
                optimizer("nesterov", Some("1/2")),
                optimizer("dal-p:0.5", Some("1/4")),
                optimizer("dal-per-parameter", None),
            ],
            0.2,
            5,
        )
    };
    let training = Training::new(loss(line), vec![vec![0.25, -0.5]], settings).unwrap();
    let whole = rows(&training);
    assert!(whole.iter().filter(|r| r.branch.is_some()).count() >= 12);
    let mut again = Vec::new();
    for index in 0..training.runs().len() {
        let mut snapshot = training.run(index).unwrap().snapshot();
        while !snapshot.finished {
            let bytes = snapshot.to_bytes();
            let mut run = training.resume(&Snapshot::from_bytes(&bytes).unwrap()).unwrap();
            run.advance(&mut |row| {
                again.push(row);
                Ok(())
            })
            .unwrap();
            snapshot = run.snapshot();
        }
    }
    assert_eq!(again.len(), whole.len());
    for (a, b) in again.iter().zip(&whole) {
        assert_eq!(a, b);
    }
}

#[test]
fn a_difference_is_near_the_product() {
    let of = |difference| {
        let network = loss(CLASSES);
        let theta = start(&network);
        let settings = TrainSettings { difference, ..settings(vec![optimizer("dal-p:0.5", None)], 0.2, 3) };
        let rows = rows(&Training::new(network, vec![theta], settings).unwrap());
        rows.iter().map(|r| r.number(Column::HgNorm).unwrap()).collect::<Vec<_>>()
    };
    let (exact, near) = (of(None), of(Some(1e-5)));
    assert!(exact.iter().zip(&near).all(|(a, b)| a != b && (a - b).abs() < 1e-4 * a), "{exact:?} {near:?}");
}

#[test]
fn runs_end_at_goals_and_where_they_diverge() {
    let settings_to = |loss_goal| TrainSettings { loss_goal, ..settings(vec![optimizer("gd", None)], 0.25, 50) };
    let training = Training::new(loss(BOWL), vec![vec![1.0, 1.0]], settings_to(Some(0.1))).unwrap();
    let found = rows(&training);
    let [.., before, last] = found.as_slice() else { panic!() };
    assert!(last.number(Column::Loss).unwrap() <= 0.1 && before.number(Column::Loss).unwrap() > 0.1);
    let quartic = settings(vec![optimizer("gd", None)], 1.0, 50);
    let training = Training::new(loss("param x\nloss x^4\n"), vec![vec![3.0]], quartic).unwrap();
    let found = rows(&training);
    let last = found.last().unwrap();
    assert!(last.warnings.contains(&"diverged") && last.step < 20, "{last:?}");
}

/// Equal eigenvalues have no directions.
#[test]
fn equal_eigenvalues_have_no_direction() {
    let settings = settings(vec![optimizer("gd", None)], 0.25, 1);
    let training = Training::new(loss("param x, y, z\nloss (x^2 + y^2)/2 + z^2/4\n"), vec![vec![1.0; 3]], settings);
    let rows = rows(&training.unwrap());
    assert!(rows[0].warnings.contains(&"equal-eigenvalues"));
    assert_eq!(rows[0].cell(Column::GradientAlong), Some(&Cell::List(Some(vec![None, None]))));
    assert_eq!(rows[0].number(Column::GradientNextAlong0), None);
}

/// How many eigenvalues are tracked grows while the last one passes.
#[test]
fn the_number_tracked_grows() {
    let source = "param w[12]\nloss sum(k in 0..12, (12 - k)*w[k]^2/2)\n";
    let settings =
        TrainSettings { eigenvalues: Eigenvalues::Above(0.55, 1), ..settings(vec![optimizer("gd", None)], 0.1, 1) };
    let rows = rows(&Training::new(loss(source), vec![vec![1.0; 12]], settings).unwrap());
    let Some(Cell::List(Some(values))) = rows[0].cell(Column::Lambda) else { panic!() };
    // hλ = 1.2, 1.1, …, 0.6.
    assert_eq!(values.len(), 7, "{values:?}");
}

/// Rows are the same for any number of threads.
#[test]
fn threads_change_nothing() {
    let of = |threads: usize| {
        let network = loss(CLASSES);
        let theta = start(&network);
        let settings = TrainSettings {
            batch: Some(4),
            threads: threads.try_into().unwrap(),
            ..settings(vec![optimizer("sgd", None), optimizer("dal", None)], 0.2, 3)
        };
        rows(&Training::new(network, vec![theta], settings).unwrap())
    };
    assert_eq!(of(1), of(2));
}

/// Two networks that are one: every eigenvalue of one is there twice in every row, whether that is looked for in it or not.
#[test]
fn eigenvalues_that_are_there_twice_are_found_in_every_row() {
    let one = |v: &str, c: &str, u: &str| format!("mean((tanh(X @ {v} + {c}) @ {u} - y)^2)");
    let declared = |v: &str, c: &str, u: &str| format!("param {v}[2, 40], {c}[40], {u}[40, 1]\n");
    let data = "\
const X = [[-1.25, -1.5], [0.5, -0.25], [-0.5, 1], [1.25, -1], [0.25, 0.25], [-0.75, 1.5], [1, -0.5], [0, 0.75]]
const y = [0, 1, 1, 0, 1, 0, 1, 0]
";
    let (first, second) = (one("A", "B", "C"), one("P", "Q", "R"));
    let alone = format!("{data}{}loss {first}\n", declared("A", "B", "C"));
    let both = format!("{data}{}{}loss {first} + {second}\n", declared("A", "B", "C"), declared("P", "Q", "R"));
    let half: Vec<f64> = (0..160).map(|k| 0.4 * (1.7 * f64::from(k)).sin()).collect();
    let recorded = |source: &str, start: Vec<f64>, count| {
        let settings = TrainSettings {
            columns: vec![Column::Lambda],
            eigenvalues: Eigenvalues::Count(count),
            ..settings(vec![optimizer("gd", None)], 0.02, 13)
        };
        rows(&Training::new(loss(source), vec![start], settings).unwrap())
    };
    let values = |row: &Row| match row.cell(Column::Lambda) {
        Some(Cell::List(Some(values))) => values.iter().map(|x| x.unwrap()).collect::<Vec<f64>>(),
        other => panic!("{other:?}"),
    };
    let (once, twice) = (recorded(&alone, half.clone(), 2), recorded(&both, [half.clone(), half].concat(), 4));
    for (one, two) in once.iter().zip(&twice) {
        let (one, two) = (values(one), values(two));
        assert!(one[0] - one[1] > 1e-3 * one[0]);
        assert!((0..4).all(|k| (two[k] - one[k / 2]).abs() < 1e-9 * one[0]), "{one:?} {two:?}");
    }
}
