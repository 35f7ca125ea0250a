//! Losses of whole arrays: sizes that do not count, and every algebra of scalars on them.

use shadowflow::eval::{Compiled, Program, Scratch, VectorFunction};
use shadowflow::expr::{
    Algebra, BallAlgebra, Data, Enclosure, Exact, Function, Id, Polynomials, Pool, Series, SeriesTape, Shape, Tape,
    Variable,
};
use shadowflow::number::Rational;

/// `sum((W + b)^2)`, W n by n.
fn shifted_squares(n: usize) -> (Pool, Id) {
    let mut pool = Pool::new();
    let w = pool.declare_parameter("W", Shape::new(&[n, n]));
    let b = pool.declare_parameter("b", Shape::vector(n));
    let shifted = pool.add(w, b);
    let square = pool.pow(shifted, &2.into());
    let loss = pool.sum(square);
    (pool, loss)
}

#[test]
fn the_gradient_of_a_matrix_takes_as_many_nodes_at_any_size() {
    for n in [3, 20, 200] {
        let (mut pool, loss) = shifted_squares(n);
        assert_eq!(pool.len(), 6, "the loss");
        let gradient = pool.gradient(loss);
        assert_eq!(pool.len(), 13, "with everything made on the way");
        assert_eq!(pool.shape(gradient[0]), &Shape::new(&[n, n]));
        assert_eq!(pool.shape(gradient[1]), &Shape::vector(n));
    }
}

/// Softmax cross-entropy of `tanh(X @ W + b) @ V`, five rows.
fn network() -> (Pool, Id) {
    let mut pool = Pool::new();
    let w = pool.declare_parameter("W", Shape::new(&[2, 3]));
    let b = pool.declare_parameter("b", Shape::vector(3));
    let v = pool.declare_parameter("V", Shape::new(&[3, 2]));
    let rows = [0.5, -1.0, 0.25, 0.75, -0.5, 1.5, 1.0, -0.25, -0.75, 0.125];
    let x = pool.declare_data(Data::new("X", Shape::new(&[5, 2]), rows).unwrap());
    let y = pool.declare_data(Data::new("y", Shape::vector(5), [1.0, 0.0, 0.0, 1.0, 1.0]).unwrap());
    let product = pool.matmul(x, w).unwrap();
    let shifted = pool.add(product, b);
    let hidden = pool.apply(Function::Tanh, shifted);
    let logits = pool.matmul(hidden, v).unwrap();
    let (log, picked) = (pool.logsumexp_axis(logits, 1).unwrap(), pool.gather(logits, y).unwrap());
    let rest = pool.sub(log, picked);
    let total = pool.sum(rest);
    let loss = pool.scaled(&Rational::new(1, 5), total);
    (pool, loss)
}

/// The loss of [`network`] in plain loops.
fn plain(theta: &[f64]) -> f64 {
    let (w, rest) = theta.split_at(6);
    let (b, v) = rest.split_at(3);
    let rows = [[0.5, -1.0], [0.25, 0.75], [-0.5, 1.5], [1.0, -0.25], [-0.75, 0.125]];
    let terms = rows.iter().zip([1, 0, 0, 1, 1]).map(|(x, label)| {
        let hidden: Vec<f64> = (0..3).map(|j| (x[0] * w[j] + x[1] * w[3 + j] + b[j]).tanh()).collect();
        let logit = |c: usize| (0..3).map(|j| hidden[j] * v[2 * j + c]).sum::<f64>();
        (logit(0).exp() + logit(1).exp()).ln() - logit(label)
    });
    terms.sum::<f64>() / 5.0
}

fn theta(k: u32) -> Rational {
    Rational::new(i64::from(k * 5 % 13) - 6, 8)
}

fn direction(k: u32) -> Rational {
    Rational::new(i64::from(k * 3 % 7) - 3, 4)
}

/// The values of everything at θ and the direction, in enclosures of 200 bits.
fn enclosed(pool: &Pool, roots: &[Id]) -> Vec<f64> {
    let mut balls = BallAlgebra::new(200);
    let values = pool.evaluate(&mut balls, roots, pool.by_entries(given));
    values.iter().flat_map(|a| a.iter()).map(|x| x.to_f64().unwrap()).collect()
}

fn given(balls: &mut BallAlgebra, variable: Variable) -> Enclosure {
    match variable {
        Variable::Theta(k) => balls.rational(&theta(k)),
        Variable::Direction(_, k) => balls.rational(&direction(k)),
        Variable::Symbol(_) => Enclosure::unknown(),
    }
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * (1.0 + b.abs())
}

#[test]
fn a_network_has_its_values_and_derivatives() {
    let (mut pool, loss) = network();
    let at: Vec<f64> = (0..15).map(|k| theta(k).to_f64()).collect();
    let along = |h: f64| -> Vec<f64> { (0..15).zip(&at).map(|(k, x)| x + h * direction(k).to_f64()).collect() };
    let value = enclosed(&pool, &[loss])[0];
    assert!(close(value, plain(&at), 1e-14));
    // The slope, curvature and third derivative along the direction, by differences of the plain loss.
    let v = pool.direction(0);
    let gradient = pool.gradient(loss);
    let product = pool.hessian_vector(loss, &v);
    let third = pool.third_contraction(loss, &v, &v);
    let mut along_v = |derivative: &[Id]| {
        let parts: Vec<Id> = derivative.iter().zip(&v).map(|(a, b)| pool.mul(*a, *b)).collect();
        let sums: Vec<Id> = parts.into_iter().map(|p| pool.sum(p)).collect();
        enclosed(&pool, &sums).iter().sum::<f64>()
    };
    let (h, e) = (1e-3, |k: i32| plain(&along(f64::from(k) * 1e-3)));
    let first = (e(-2) - 8.0 * e(-1) + 8.0 * e(1) - e(2)) / (12.0 * h);
    let second = (-e(-2) + 16.0 * e(-1) - 30.0 * e(0) + 16.0 * e(1) - e(2)) / (12.0 * h * h);
    let cubed = (e(-3) - 8.0 * e(-2) + 13.0 * e(-1) - 13.0 * e(1) + 8.0 * e(2) - e(3)) / (8.0 * h * h * h);
    assert!(close(along_v(&gradient), first, 1e-10));
    assert!(close(along_v(&product), second, 1e-8));
    assert!(close(along_v(&third), cubed, 1e-5));
}

#[test]
fn programs_of_the_hessian_action_take_the_vector_behind_the_parameters() {
    let (mut pool, loss) = network();
    let v = pool.direction(0);
    let product = pool.hessian_vector(loss, &v);
    let expected = enclosed(&pool, &product);
    let tape = Tape::new(&pool, &product);
    let inputs: Vec<f64> = (0..15).map(theta).chain((0..15).map(direction)).map(|q| q.to_f64()).collect();
    let (real, complex) = (Program::real(&pool, &tape).unwrap(), Program::complex(&pool, &tape).unwrap());
    let mut out = vec![0.0; 15];
    Compiled::new(&real).call(&inputs, &mut out, &mut Scratch::new());
    assert!(out.iter().zip(&expected).all(|(a, b)| close(*a, *b, 1e-14)), "{out:?} {expected:?}");
    let (pairs, mut out): (Vec<f64>, Vec<f64>) = (inputs.iter().flat_map(|x| [*x, 0.0]).collect(), vec![0.0; 30]);
    Compiled::new(&complex).call(&pairs, &mut out, &mut Scratch::new());
    assert!(out.chunks(2).zip(&expected).all(|(z, b)| close(z[0], *b, 1e-13) && z[1] == 0.0));
}

#[test]
fn series_along_a_line_begin_with_the_gradient_and_the_hessian_action() {
    let (mut pool, loss) = network();
    let v = pool.direction(0);
    let (gradient, product) = (pool.gradient(loss), pool.hessian_vector(loss, &v));
    let expected = [enclosed(&pool, &gradient), enclosed(&pool, &product)];
    let tape = SeriesTape::new(&Tape::new(&pool, &gradient));
    let (mut balls, mut series) = (BallAlgebra::new(200), Series::new());
    for (order, expected) in expected.iter().enumerate() {
        series.extend(&tape, &mut balls, |balls, variable| match variable {
            Variable::Theta(k) => Some(given(balls, if order == 0 { variable } else { Variable::Direction(0, k) })),
            _ => None,
        });
        for (k, expected) in expected.iter().enumerate() {
            let value = series.output(&tape, k, order).unwrap().to_f64().unwrap();
            assert!(close(value, *expected, 1e-14));
        }
    }
}

#[test]
fn polynomials_of_arrays_are_those_of_their_entries() {
    let (mut pool, loss) = shifted_squares(2);
    let gradient = pool.gradient(loss);
    let mut polynomials = Polynomials::new(6, 100);
    let expanded = polynomials.expand(&Tape::new(&pool, &gradient), 6).unwrap();
    let names = ["a", "b", "c", "d", "s", "t"].map(str::to_owned);
    let texts: Vec<String> = expanded.iter().map(|p| p.to_text(&names)).collect();
    let expected = ["2*a + 2*s", "2*b + 2*t", "2*c + 2*s", "2*d + 2*t", "2*a + 2*c + 4*s", "2*b + 2*d + 4*t"];
    assert_eq!(texts, expected);
    // Whole arrays in exact numbers.
    let mut exact = Exact::default();
    let values = pool.evaluate(
        &mut exact,
        &gradient[1..],
        pool.by_entries(|_: &mut Exact, v| match v {
            Variable::Theta(k) => Rational::from(i64::from(k)),
            _ => Rational::ZERO,
        }),
    );
    assert_eq!(*values[0], [20, 28].map(Rational::from));
}
