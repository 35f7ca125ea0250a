//! Node counts, derivatives by hand, and array expressions against the same ones made of scalars.

use crate::expr::testing::{Floats, evaluate};
use crate::expr::{Data, Exact, Function, Id, Input, OperandError, Pool, Purpose, Shape, Tape, Variable};
use crate::number::Rational;

mod random;

/// Numbers between −1 and 1 that repeat nothing.
fn numbers(count: usize) -> Vec<f64> {
    (0..count).map(|k| ((k * 37 + 11) % 101) as f64 / 64.0 - 0.75).collect()
}

fn matrix(m: usize, n: usize) -> Shape {
    Shape::new(&[m, n])
}

fn data(pool: &mut Pool, name: &str, shape: Shape) -> Id {
    let values = numbers(shape.size());
    pool.declare_data(Data::new(name, shape, values).unwrap())
}

/// `sum((W + b)^2)`.
fn shifted_squares(n: usize) -> (Pool, Id) {
    let mut p = Pool::new();
    let w = p.declare_parameter("W", matrix(n, n));
    let b = p.declare_parameter("b", Shape::vector(n));
    let shifted = p.add(w, b);
    let square = p.pow(shifted, &2.into());
    let loss = p.sum(square);
    (p, loss)
}

/// `mean((X @ W + b − Y)^2)`, n rows.
fn linear(n: usize) -> (Pool, Id) {
    let mut p = Pool::new();
    let w = p.declare_parameter("W", matrix(n, 2));
    let b = p.declare_parameter("b", Shape::vector(2));
    let (x, y) = (data(&mut p, "X", matrix(n, n)), data(&mut p, "Y", matrix(n, 2)));
    let product = p.matmul(x, w).unwrap();
    let shifted = p.add(product, b);
    let rest = p.sub(shifted, y);
    let square = p.pow(rest, &2.into());
    let total = p.sum(square);
    let loss = p.scaled(&Rational::new(1, 2 * i64::try_from(n).unwrap()), total);
    (p, loss)
}

/// Softmax cross-entropy of `tanh(X @ W1 + b1) @ W2 + b2`, n rows and n hidden units.
fn network(n: usize) -> (Pool, Id) {
    let mut p = Pool::new();
    let w1 = p.declare_parameter("W1", matrix(3, n));
    let b1 = p.declare_parameter("b1", Shape::vector(n));
    let w2 = p.declare_parameter("W2", matrix(n, 4));
    let b2 = p.declare_parameter("b2", Shape::vector(4));
    let x = data(&mut p, "X", matrix(n, 3));
    let labels: Vec<f64> = (0..n).map(|k| (k % 4) as f64).collect();
    let y = p.declare_data(Data::new("y", Shape::vector(n), labels).unwrap());
    let product = p.matmul(x, w1).unwrap();
    let shifted = p.add(product, b1);
    let hidden = p.apply(Function::Tanh, shifted);
    let product = p.matmul(hidden, w2).unwrap();
    let logits = p.add(product, b2);
    let (log, picked) = (p.logsumexp_axis(logits, 1).unwrap(), p.gather(logits, y).unwrap());
    let rest = p.sub(log, picked);
    let total = p.sum(rest);
    let loss = p.scaled(&Rational::new(1, i64::try_from(n).unwrap()), total);
    (p, loss)
}

/// Logistic regression: `sum(softplus(−t*(X @ w + c)))`.
fn logistic(n: usize) -> (Pool, Id) {
    let mut p = Pool::new();
    let w = p.declare_parameter("w", Shape::vector(n));
    let c = p.declare_parameter("c", Shape::scalar());
    let (x, t) = (data(&mut p, "X", matrix(n, n)), data(&mut p, "t", Shape::vector(n)));
    let product = p.matmul(x, w).unwrap();
    let shifted = p.add(product, c);
    let margin = p.mul(t, shifted);
    let minus = p.neg(margin);
    let terms = p.apply(Function::Softplus, minus);
    let loss = p.sum(terms);
    (p, loss)
}

/// A column and a row repeated against each other: with `C = (s*c + r)^3`, `sum(C, 1) @ sum(C, 0) + sum(C)`.
fn both_ways(n: usize) -> (Pool, Id) {
    let mut p = Pool::new();
    let column = p.declare_parameter("c", matrix(n, 1));
    let row = p.declare_parameter("r", Shape::vector(n));
    let s = p.declare_parameter("s", Shape::scalar());
    let scaled = p.mul(s, column);
    let whole = p.add(scaled, row);
    let cube = p.pow(whole, &3.into());
    let across = p.sum_axis(cube, 1).unwrap();
    let down = p.sum_axis(cube, 0).unwrap();
    let product = p.matmul(across, down).unwrap();
    let total = p.sum(cube);
    let loss = p.add(product, total);
    (p, loss)
}

/// `sum((W' @ W)^2)`.
fn gram(n: usize) -> (Pool, Id) {
    let mut p = Pool::new();
    let w = p.declare_parameter("W", matrix(n, n + 1));
    let turned = p.transpose(w).unwrap();
    let product = p.matmul(turned, w).unwrap();
    let square = p.pow(product, &2.into());
    let loss = p.sum(square);
    (p, loss)
}

/// `logsumexp(W) + sum(logsumexp(W, 0)^2)`.
fn logarithms(n: usize) -> (Pool, Id) {
    let mut p = Pool::new();
    let w = p.declare_parameter("W", matrix(n, n + 1));
    let (whole, columns) = (p.logsumexp(w), p.logsumexp_axis(w, 0).unwrap());
    let square = p.pow(columns, &2.into());
    let total = p.sum(square);
    let loss = p.add(whole, total);
    (p, loss)
}

type Builder = fn(usize) -> (Pool, Id);

const POLYNOMIALS: [(&str, Builder); 4] =
    [("shifted squares", shifted_squares), ("linear", linear), ("both ways", both_ways), ("gram", gram)];
const OTHERS: [(&str, Builder); 3] = [("network", network), ("logistic", logistic), ("logarithms", logarithms)];

#[test]
fn node_counts_do_not_depend_on_sizes() {
    for (name, build) in POLYNOMIALS.into_iter().chain(OTHERS) {
        let counts = [3, 20, 200].map(|n| {
            let (mut p, loss) = build(n);
            let mut sizes = vec![p.len()];
            let gradient = p.gradient(loss);
            sizes.push(p.reachable(&gradient).len());
            let (u, v) = (p.direction(0), p.direction(1));
            let product = p.hessian_vector(loss, &u);
            sizes.push(p.reachable(&product).len());
            let third = p.third_contraction(loss, &u, &v);
            sizes.push(p.reachable(&third).len());
            sizes.push(p.len());
            sizes
        });
        assert_eq!(counts[0], counts[1], "{name}");
        assert_eq!(counts[0], counts[2], "{name}");
        assert!(counts[0][1] <= 5 * counts[0][0], "{name}: a gradient of {} nodes", counts[0][1]);
    }
    let (mut p, loss) = shifted_squares(200);
    let gradient = p.gradient(loss);
    assert_eq!(p.reachable(&gradient).len(), 8);
}

#[test]
fn the_gradient_of_shifted_squares_by_hand() {
    let (mut p, loss) = shifted_squares(3);
    let (w, b) = (p.parameter(0), p.parameter(1));
    let sum = p.add(w, b);
    let slope = p.scaled(&2.into(), sum);
    let columns = p.sum_axis(slope, 0).unwrap();
    assert_eq!(p.gradient(loss), [slope, columns]);
}

#[test]
fn the_gradient_of_the_cross_entropy_is_softmax_less_one_hot() {
    let mut p = Pool::new();
    let z = p.declare_parameter("z", matrix(2, 4));
    let y = p.declare_data(Data::new("y", Shape::vector(2), [3.0, 1.0]).unwrap());
    let (log, picked) = (p.logsumexp_axis(z, 1).unwrap(), p.gather(z, y).unwrap());
    let rest = p.sub(log, picked);
    let loss = p.sum(rest);
    let gradient = p.gradient(loss);
    // Softmax is 1/4 everywhere at z = 0.
    let expected = [0.25, 0.25, 0.25, -0.75, 0.25, -0.75, 0.25, 0.25];
    let values = evaluate(&p, &gradient, &[0.0; 8]);
    assert!(values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15), "{values:?}");
    // The diagonal of the Hessian of one row is p(1 − p).
    let v = p.direction(0);
    let product = p.hessian_vector(loss, &v);
    let values =
        Tape::new(&p, &product).evaluate(&mut Floats, |_, v| f64::from(u8::from(v == Variable::Direction(0, 1))));
    assert!((values[1] - 0.1875).abs() < 1e-15 && (values[0] + 0.0625).abs() < 1e-15 && values[5] == 0.0, "{values:?}");
}

/// Gradient, Hessian–vector product and third derivative along two directions, by arrays and by scalars, as tapes.
fn both_routes(build: Builder, n: usize) -> [Tape; 2] {
    let (mut p, loss) = build(n);
    let (u, v) = (p.direction(0), p.direction(1));
    let scalar = p.scalarised(&[loss])[0];
    [loss, scalar].map(|loss| {
        let mut roots = vec![loss];
        roots.extend(p.gradient(loss));
        roots.extend(p.hessian_vector(loss, &u));
        roots.extend(p.third_contraction(loss, &u, &v));
        Tape::new(&p, &roots)
    })
}

/// A value for every input.
fn input(variable: Variable) -> Rational {
    let (seed, k) = match variable {
        Variable::Theta(k) => (5, k),
        Variable::Direction(number, k) => (17 + number, k),
        Variable::Symbol(k) => (3, k),
    };
    Rational::new(i64::from((k * 7 + seed) % 13) - 6, 8)
}

#[test]
fn derivatives_of_polynomials_are_those_of_their_scalars_exactly() {
    for (name, build) in POLYNOMIALS {
        let [whole, scalar] = both_routes(build, 3).map(|tape| {
            let mut exact = Exact::default();
            let values = tape.evaluate(&mut exact, |_, v| input(v));
            assert!(!exact.stopped());
            values
        });
        assert_eq!(whole, scalar, "{name}");
        assert!(whole.iter().any(|q| !q.is_zero()), "{name}");
    }
}

#[test]
fn derivatives_are_those_of_their_scalars() {
    for (name, build) in OTHERS {
        let [whole, scalar] = both_routes(build, 3).map(|tape| tape.evaluate(&mut Floats, |_, v| input(v).to_f64()));
        for (a, b) in whole.iter().zip(&scalar) {
            assert!((a - b).abs() <= 1e-12 * (1.0 + b.abs()), "{name}: {a} {b}");
        }
        assert_eq!(whole.len(), scalar.len());
    }
}

#[test]
fn algebras_of_scalars_walk_whole_arrays() {
    // The walk that keeps arrays whole, in an algebra that knows scalars only, and the tape of scalars.
    for (_, build) in POLYNOMIALS {
        let (mut p, loss) = build(3);
        let gradient = p.gradient(loss);
        let mut exact = Exact::default();
        let whole = p.evaluate(&mut exact, &gradient, p.by_entries(|_: &mut Exact, v| input(v)));
        let scalars = Tape::new(&p, &gradient).evaluate(&mut exact, |_, v| input(v));
        assert_eq!(whole.iter().flat_map(|a| a.iter().cloned()).collect::<Vec<_>>(), scalars);
    }
}

#[test]
fn inputs_are_asked_for_once_and_whole() {
    let (mut p, loss) = linear(3);
    let v = p.direction(7);
    let product = p.hessian_vector(loss, &v);
    let mut asked = Vec::new();
    p.evaluate(&mut Floats, &product, |_, input: Input| {
        asked.push(input);
        vec![1.0; p.variables(input).count()].into()
    });
    asked.sort_unstable();
    // The loss is quadratic.
    assert_eq!(asked, [Input::Direction(7, 0), Input::Direction(7, 1)]);
}

#[test]
fn forms_for_floats_keep_arrays_and_values() {
    for (name, build) in OTHERS {
        let (mut p, loss) = build(3);
        let mut roots = p.gradient(loss);
        roots.push(loss);
        let before = p.reachable(&roots).len();
        let stable = p.for_floats(&roots, Purpose::Values);
        assert!(p.reachable(&stable).len() <= before, "{name}");
        let [a, b] = [roots, stable].map(|roots| Tape::new(&p, &roots).evaluate(&mut Floats, |_, v| input(v).to_f64()));
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= 1e-12), "{name}: {a:?} {b:?}");
    }
}

#[test]
fn arrays_read_as_formulas() {
    let (p, loss) = network(3);
    let printed = p.print(&[loss], &[]);
    let [(name, value)] = &printed.lets[..] else { panic!("{printed:?}") };
    let expected = "tanh(X @ W1 + b1) @ W2 + b2";
    assert_eq!((name.as_str(), value.to_string()), ("s1", expected.to_owned()));
    assert_eq!(printed.expressions[0].to_string(), "sum(logsumexp(s1, 1) - gather(s1, y))/3");
}

#[test]
fn third_contraction_holds_arrays_fixed() {
    // E = sum(w³): T[g, g] with g = 3w² held fixed is 6 g² = 54 w⁴.
    let mut p = Pool::new();
    let w = p.declare_parameter("w", matrix(2, 2));
    let cube = p.pow(w, &3.into());
    let loss = p.sum(cube);
    let g = p.gradient(loss);
    let third = p.third_contraction(loss, &g, &g);
    let fourth = p.pow(w, &4.into());
    assert_eq!(third, [p.scaled(&54.into(), fourth)]);
}

#[test]
fn laws_of_single_operations() {
    let mut p = Pool::new();
    let w = p.declare_parameter("W", matrix(2, 3));
    let b = p.declare_parameter("b", Shape::vector(3));
    let (one, s) = (p.integer(1), p.declare_parameter("s", Shape::scalar()));
    let ones = p.fill(one, matrix(3, 4));
    // A product with ones is a sum along an axis.
    let (rows, product) = (p.sum_axis(w, 1).unwrap(), p.matmul(w, ones).unwrap());
    let column = p.reshape(rows, matrix(2, 1));
    assert_eq!(product, p.broadcast(column, &matrix(2, 4)).unwrap());
    // Scalar factors come out of everything linear.
    let (scaled, v) = (p.mul(s, w), p.matmul(w, b).unwrap());
    assert_eq!(p.matmul(scaled, b).unwrap(), p.mul(s, v));
    let (turned, t) = (p.transpose(scaled).unwrap(), p.transpose(w).unwrap());
    assert_eq!(turned, p.mul(s, t));
    // What is repeated is computed once.
    let whole = p.broadcast(b, &matrix(2, 3)).unwrap();
    let (f, g) = (p.apply(Function::Exp, whole), p.apply(Function::Exp, b));
    assert_eq!(f, p.broadcast(g, &matrix(2, 3)).unwrap());
    let sum = p.sum(whole);
    let once = p.sum(b);
    assert_eq!(sum, p.scaled(&2.into(), once));
    // Sums and logarithms of sums do not see a transpose, and are those of their parts.
    assert_eq!(p.sum_axis(t, 0).unwrap(), p.sum_axis(w, 1).unwrap());
    let parts = p.logsumexp_axis(t, 1).unwrap();
    assert_eq!(p.logsumexp(parts), p.logsumexp(w));
    // A row and a column are transposed by their shape alone.
    let row = p.reshape(b, matrix(1, 3));
    assert_eq!(p.transpose(row).unwrap(), p.reshape(b, matrix(3, 1)));
}

#[test]
fn errors_name_both_shapes() {
    let mut p = Pool::new();
    let w = p.declare_parameter("W", matrix(4, 10));
    let y = p.declare_data(Data::new("y", Shape::vector(3), [0.0, 1.0, 9.5]).unwrap());
    let text = |r: Result<Id, OperandError>| r.unwrap_err().to_string();
    assert_eq!(text(p.gather(w, y)), "labels for a matrix of shape [4, 10] are data of shape [4], not [3]");
    let picked = p.sum_axis(w, 1).unwrap();
    assert_eq!(
        text(p.gather(w, picked)),
        "labels for a matrix of shape [4, 10] are data of shape [4], not an expression of shape [4]"
    );
    assert_eq!(text(p.one_hot(y, 10)), "label 2 is 9.5, and labels are whole numbers from 0 to 9");
    assert_eq!(text(p.sum_axis(w, 2)), "axis 2 of an array of shape [4, 10]: axes are counted from 0, and it has 2");
    assert!(matches!(p.matmul(w, w), Err(OperandError::Matmul { .. })));
    let infinite = Data::new("X", Shape::scalar(), [f64::INFINITY]).unwrap_err();
    assert_eq!(infinite.to_string(), "number 0 of data `X` is inf, and data are finite");
}

#[test]
#[should_panic(expected = "an elementwise operation of [4, 10] and [4], which do not fit")]
fn elementwise_operations_name_both_shapes() {
    let mut p = Pool::new();
    let (w, b) = (p.declare_parameter("W", matrix(4, 10)), p.declare_parameter("b", Shape::vector(4)));
    p.add(w, b);
}
