//! Data that the renderers' tests share.

use crate::concrete::{ConcreteEquation, ConcreteOrder, Formula};
use crate::expr::{Polynomial, Pool, Shape};
use crate::flow::{FlowRun, Simulation, Slide};
use crate::number::{Coefficient, Fraction, Rational};
use crate::series::{ModifiedEquation, Term};
use crate::tree::Tree;
use crate::warning::Warning;
use num_complex::Complex64;

/// Gradient descent's `f_0..f_4`, typed in from the literature and two independent computations.
pub(super) fn equation() -> ModifiedEquation {
    let orders: [&[(&[u8], i64, i64)]; 5] = [
        &[(&[0], -1, 1)],
        &[(&[0, 1], -1, 2)],
        &[(&[0, 1, 2], -1, 3), (&[0, 1, 1], -1, 12)],
        &[(&[0, 1, 2, 3], -1, 4), (&[0, 1, 2, 2], -1, 12), (&[0, 1, 2, 1], -1, 12)],
        &[
            (&[0, 1, 2, 3, 4], -1, 5),
            (&[0, 1, 2, 3, 3], -3, 40),
            (&[0, 1, 2, 3, 2], -1, 10),
            (&[0, 1, 2, 1, 2], -1, 60),
            (&[0, 1, 2, 3, 1], -1, 20),
            (&[0, 1, 2, 2, 1], -1, 120),
            (&[0, 1, 2, 2, 2], -1, 180),
            (&[0, 1, 2, 1, 1], 1, 120),
            (&[0, 1, 1, 1, 1], 1, 720),
        ],
    ];
    let terms = |order: &&[(&[u8], i64, i64)]| {
        let term = |(levels, n, d): &(&[u8], i64, i64)| Term {
            tree: Tree::from_levels(levels).unwrap(),
            coefficient: Rational::new(*n, *d).into(),
        };
        ModifiedEquation::sorted(order.iter().map(term).collect())
    };
    ModifiedEquation {
        method: "gradient-descent".into(),
        symbols: Vec::new(),
        orders: orders.iter().map(terms).collect(),
    }
}

/// The first two orders of Nesterov's momentum, and an order without terms.
pub(super) fn momentum() -> ModifiedEquation {
    let m = Fraction::symbol("m");
    let one = Fraction::one();
    let d = one.plus(&m.negated());
    let numerator = d.plus(&m.times(&m).scaled(&Rational::from(2)));
    let second = (0..3).fold(numerator.scaled(&Rational::new(-1, 2)), |c, _| c.divided(&d).unwrap());
    ModifiedEquation {
        method: "nesterov".into(),
        symbols: vec!["m".into()],
        orders: vec![
            vec![Term { tree: Tree::leaf(), coefficient: one.negated().divided(&d).unwrap().into() }],
            vec![Term { tree: Tree::tall(1), coefficient: second.into() }],
            vec![],
        ],
    }
}

/// `E = x²/2 + c x w[0]`, its `f_0` and `f_1` by hand, and an `f_2` made up so that it has both parts.
pub(super) fn concrete() -> ConcreteEquation {
    let mut pool = Pool::new();
    let x = pool.declare_parameter("x", Shape::scalar());
    let w = pool.declare_parameter("w", Shape::vector(1));
    pool.declare_symbol("c");
    let poly = |terms: &[(&[u32], i64, i64)]| {
        Formula::Polynomial(Polynomial::from_terms(3, terms.iter().map(|(e, n, d)| (*e, Rational::new(*n, *d)))))
    };
    let f0 = vec![poly(&[(&[0, 1, 1], -1, 1), (&[1, 0, 0], -1, 1)]), poly(&[(&[1, 0, 1], -1, 1)])];
    let f1 = vec![
        poly(&[(&[1, 0, 2], -1, 2), (&[0, 1, 1], -1, 2), (&[1, 0, 0], -1, 2)]),
        poly(&[(&[0, 1, 2], -1, 2), (&[1, 0, 1], -1, 2)]),
    ];
    let zero = || poly(&[]);
    let entry = pool.index(w, 0);
    let tanh = pool.apply(crate::expr::Function::Tanh, x);
    let product = pool.mul(tanh, entry);
    let mixed = || vec![Formula::Expression(product), zero()];
    let orders = vec![
        ConcreteOrder { components: f0.clone(), principal: f0, nonprincipal: vec![zero(), zero()] },
        ConcreteOrder { components: f1.clone(), principal: f1.clone(), nonprincipal: vec![zero(), zero()] },
        ConcreteOrder { components: mixed(), principal: f1, nonprincipal: mixed() },
    ];
    ConcreteEquation {
        method: "gradient-descent".into(),
        pool,
        orders,
        nonsmooth: vec![crate::expr::Function::Relu.into()],
    }
}

/// A simulation in which everything that can be missing is.
pub(super) fn simulation() -> Simulation {
    let c = |re: f64, im: f64| Complex64::new(re, im);
    Simulation {
        method: "gradient-descent".into(),
        parameters: vec!["x".into(), "w[0, 1]".into()],
        h: 0.1,
        times: vec![0.0, 0.1, 0.2],
        iterates: vec![Some(vec![1.0, -0.5]), Some(vec![0.1 + 0.2, -0.25]), None],
        loss: vec![Some(0.625), Some(0.1), None],
        h_lambda_0: vec![Some(1.5), Some(0.1 + 0.2), None],
        flows: vec![
            FlowRun {
                name: "pf".into(),
                trajectory: vec![
                    Some(vec![c(1.0, 0.0), c(-0.5, 0.0)]),
                    Some(vec![c(0.3, 1e-300), c(-0.25, 0.0)]),
                    Some(vec![c(f64::INFINITY, f64::INFINITY), c(f64::NAN, f64::NAN)]),
                ],
                error: vec![Some(0.0), Some(5.551115123125783e-17), None],
                loss: vec![Some(c(0.625, 0.0)), Some(c(0.1, 1e-300)), None],
                h_lambda_0: vec![Some(c(1.5, 0.0)), Some(c(0.25, -0.5)), None],
                slides: vec![Slide { time: 0.05, step: 1, direction: 0, h_lambda: c(1.0, 0.5) }],
                slid: vec![false, true, true],
                ..FlowRun::default()
            },
            FlowRun {
                name: "ngf".into(),
                trajectory: vec![Some(vec![c(1.0, 0.0), c(-0.5, 0.0)])],
                error: vec![Some(0.0)],
                loss: vec![Some(c(0.625, 0.0))],
                h_lambda_0: vec![Some(c(1.5, 0.0))],
                ..FlowRun::default()
            },
        ],
        warnings: vec![Warning {
            flow: Some("ngf".into()),
            step: Some(1),
            ..Warning::new("step-limit", "too many steps")
        }],
        ..Simulation::default()
    }
}
