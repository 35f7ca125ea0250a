//! The promise: the resummed flows follow gradient descent as closely as their mathematics says.

use num_complex::Complex64;
use shadowflow::flow::{CompiledModel, FlowName, IntegratorOptions, Simulation, simulate};
use shadowflow::loss::{Loss, Options};
use shadowflow::number::Rational;
use shadowflow::spectral::{Resummed, Steps, phi};

fn run(source: &str, h: f64, steps: usize, start: &[f64], flows: &[&str], tolerance: f64) -> Simulation {
    let loss = Loss::parse(source, "test.loss", &Options::default()).expect("a loss");
    let flows: Vec<FlowName> = flows.iter().map(|f| f.parse().expect("a flow")).collect();
    let exact = Rational::from_f64(h).expect("finite");
    let mut model = CompiledModel::new(loss).expect("a model");
    let options = IntegratorOptions { tolerance, ..Default::default() };
    simulate(&mut model, &exact, steps, start, &flows, &options).expect("a simulation")
}

const BANANA: &str = "param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2\n";

fn error(simulation: &Simulation, flow: usize, step: usize) -> f64 {
    simulation.flows[flow].error[step].unwrap_or_else(|| panic!("{:?}", simulation.warnings))
}

/// The last column of the one-step table on the banana function from (−0.9, 0.95), λ₀ = 82.0772.
#[test]
fn one_step_on_the_banana_function() {
    for (h_lambda, want) in
        [(0.25, 3.858e-10), (0.5, 8.743e-9), (0.9, 4.462e-6), (1.1, 2.953e-5), (1.5, 4.890e-5), (1.9, 9.934e-3)]
    {
        let simulation = run(BANANA, h_lambda / 82.0772, 1, &[-0.9, 0.95], &["rpf"], 1e-13);
        let got = error(&simulation, 0, 1);
        assert!((got - want).abs() < 0.02 * want, "hλ = {h_lambda}: {got:.4e}, not {want:.4e}");
    }
}

#[test]
fn two_steps_through_the_edge_of_stability() {
    // λ₀ at (−0.9, 0.82), from H = [[2 − 40 (y − x²) + 80 x², −40 x], [−40 x, 20]].
    let (a, b, d): (f64, f64, f64) = (2.0 - 40.0 * 0.01 + 80.0 * 0.81, 36.0, 20.0);
    let top = (a + d) / 2.0 + ((a - d) / 2.0).hypot(b);
    for (h_lambda, complex, real) in
        [(1.5, 7.2e-5, 1.2e-4), (1.9, 1.5e-3, 4.0e-4), (2.0, 0.22, 5.4e-4), (2.1, 1.8e-2, 7.4e-4)]
    {
        let simulation = run(BANANA, h_lambda / top, 2, &[-0.9, 0.82], &["rpf", "rpf2"], 1e-12);
        for (k, want) in [complex, real].into_iter().enumerate() {
            let got = error(&simulation, k, 2);
            assert!((got - want).abs() < 0.05 * want, "hλ = {h_lambda}: {got:.3e}, not {want:.1e}");
        }
        assert!(simulation.flows[1].trajectory[1].is_none());
        let end = simulation.flows[1].trajectory[2].as_ref().expect("a state");
        assert!(end.iter().all(|z| z.im == 0.0));
    }
}

#[test]
fn local_errors_have_order_five() {
    for flow in ["rpf", "rpf:4"] {
        let at = |h: f64| error(&run(BANANA, h, 1, &[-0.9, 0.95], &[flow], 1e-15), 0, 1);
        let slope = (at(1.6e-3) / at(0.8e-3)).log2();
        assert!((slope - 5.0).abs() < 0.15, "{flow}: {slope:.3}");
    }
}

/// On a cubic loss what is missing holds at least two third derivatives.
#[test]
fn errors_on_cubic_losses_are_of_the_second_order_in_the_third_derivative() {
    let at = |scale: &str, h: f64| {
        let source = format!(
            "param x, y, z\nconst s = {scale}\nloss x^2 + 0.3*y^2 + 0.1*z^2 + 0.4*x*y - 0.2*y*z + x + y + s*(x^3/3 + x^2*y - x*z^2 + y^2*z)\n"
        );
        error(&run(&source, h, 1, &[0.0, 0.0, 0.0], &["rpf"], 1e-15), 0, 1)
    };
    for h in [0.3, 0.45, 0.7] {
        let slope = (at("1/1000", h) / at("1/2000", h)).log2();
        assert!((slope - 2.0).abs() < 0.05, "h = {h}: {slope:.3}");
    }
}

fn c(re: f64, im: f64) -> Complex64 {
    Complex64::new(re, im)
}

/// By the jets and by φ in the eigenbasis, which share nothing: a diagonal Hessian, with every kind of eigenvalue.
#[test]
fn jets_agree_with_phi() {
    let spectra: [&[Complex64]; 9] = [
        &[c(0.3, 0.0), c(-0.4, 0.0)],
        &[c(1e-9, 0.0), c(2e-9, 0.0), c(0.0, 0.0)],
        &[c(0.5, 0.0), c(0.5, 0.0), c(0.5 + 1e-9, 0.0)],
        &[c(1.5, 0.0), c(0.2, 0.0)],
        &[c(1.0 + 1e-7, 0.0), c(0.99, 0.0), c(0.1, 0.0)],
        &[c(1.9, 0.0), c(0.01, 0.0)],
        &[c(2.3, 0.0), c(-1.5, 0.0), c(0.6, 0.0)],
        &[c(1.5, 0.2), c(0.2, -0.1), c(0.2, -0.1)],
        &[c(1e-12, 1e-11), c(0.8, 0.3)],
    ];
    for steps in [Steps::One, Steps::Two] {
        for spectrum in spectra {
            if steps == Steps::Two && spectrum.iter().any(|z| z.im != 0.0) {
                continue;
            }
            let (n, h) = (spectrum.len(), 0.5);
            let gradient: Vec<Complex64> = (0..n).map(|k| c(1.0 - 0.7 * k as f64, 0.0)).collect();
            let hessian: Vec<Complex64> =
                (0..n * n).map(|k| if k % (n + 1) == 0 { spectrum[k / n] / h } else { Complex64::ZERO }).collect();
            let entry = |indices: &[usize]| {
                let (sum, product) = indices.iter().fold((0, 1), |(s, p), i| (s + i, p * (i + 2)));
                c((sum as f64 + 0.7 * product as f64).sin(), 0.0)
            };
            let third: Vec<Complex64> = (0..n.pow(3)).map(|k| entry(&[k / (n * n), k / n % n, k % n])).collect();
            let fourth: Vec<Complex64> =
                (0..n.pow(4)).map(|k| entry(&[k / n.pow(3), k / (n * n) % n, k / n % n, k % n])).collect();
            let nothing = |size: usize| vec![Complex64::ZERO; size];
            let field = |third: &[Complex64], fourth: &[Complex64]| {
                let mut out = nothing(n);
                let mut resummed = Resummed::new(n, steps, true);
                resummed.apply(h, &gradient, &hessian, third, fourth, &mut out).expect("a field");
                out
            };
            let principal = field(&nothing(n.pow(3)), &nothing(n.pow(4)));
            let (with_third, with_fourth) = (field(&third, &nothing(n.pow(4))), field(&nothing(n.pow(3)), &fourth));
            for i in 0..n {
                let (mut second, mut cubic) = (Complex64::ZERO, Complex64::ZERO);
                let (mut size, mut size4) = (0.0, 0.0);
                for j in 0..n {
                    for k in 0..n {
                        let term = third[(i * n + j) * n + k]
                            * gradient[j]
                            * gradient[k]
                            * phi(steps, spectrum[i], &[spectrum[j], spectrum[k]]).expect("φ_2");
                        second -= term * (h * h / 2.0);
                        size += term.norm() * h * h / 2.0;
                        for l in 0..n {
                            let term = fourth[((i * n + j) * n + k) * n + l]
                                * gradient[j]
                                * gradient[k]
                                * gradient[l]
                                * phi(steps, spectrum[i], &[spectrum[j], spectrum[k], spectrum[l]]).expect("φ_3");
                            cubic -= term * (h * h * h / 6.0);
                            size4 += term.norm() * h * h * h / 6.0;
                        }
                    }
                }
                let rounding = 1e-14 * principal[i].norm();
                let (got, got4) = (with_third[i] - principal[i], with_fourth[i] - principal[i]);
                assert!(
                    (got - second).norm() < 1e-12 * size + rounding,
                    "{steps:?} {spectrum:?}, T, {i}: {got} {second}"
                );
                assert!(
                    (got4 - cubic).norm() < 1e-12 * (size4 + 1.0) + rounding,
                    "{steps:?} {spectrum:?}, E4, {i}: {got4} {cubic}"
                );
            }
        }
    }
}

/// Every entry of a grid with tiny, equal, near-equal, negative and complex arguments and some next to 1 and 2.
#[test]
fn phi_against_250_digits() {
    for line in include_str!("data/phi_reference.txt").lines().filter(|l| !l.starts_with('#')) {
        let numbers: Vec<f64> = line.split(' ').map(|x| x.parse().expect("a number")).collect();
        let pairs: Vec<Complex64> = numbers[1..].chunks_exact(2).map(|p| c(p[0], p[1])).collect();
        let [i, others @ .., want] = &pairs[..] else { panic!("{line}") };
        let steps = if numbers[0] == 1.0 { Steps::One } else { Steps::Two };
        let got = phi(steps, *i, others).expect("two or three");
        // φ_3 changes its sign, so that there is a floor.
        let off = (got - want).norm() / want.norm().max(0.1);
        // Next to its singularities the condition number grows as φ itself.
        assert!(off < 1e-12_f64.max(1e-14 * want.norm()), "{off:.1e} {line}: {got}");
    }
}

/// Where the higher derivatives vanish no term is left that a resonance could make infinite, not even at `hλ = 2` beside a flat direction.
#[test]
fn quadratics_have_no_resonance() {
    let source = "param x, y, z\nloss 2*x^2 + y^2/2 - z^2/4 + 0*y\n";
    for h in [0.25, 0.5, 0.6, 2.0] {
        let simulation = run(source, h, 4, &[0.3, -1.0, 0.2], &["rpf", "rpf:4", "pf"], 1e-12);
        for flow in 0..3 {
            let size = simulation.iterates[4].as_ref().unwrap().iter().fold(1.0_f64, |m, x| m.max(x.abs()));
            if h == 0.25 {
                // hλ = 1: all three are infinite there, and say so.
                assert_eq!(simulation.flows[flow].error[1], None);
            } else {
                assert!(error(&simulation, flow, 4) < 1e-9 * size, "h = {h}, {flow}");
            }
        }
        assert!(simulation.warnings.iter().all(|w| w.code == "branch-point"), "{:?}", simulation.warnings);
    }
}
