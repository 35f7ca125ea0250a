//! Optimizers other than gradient descent on concrete losses, against the tree route and closed solutions.

use proptest::prelude::*;
use shadowflow::bea::trajectory::Point;
use shadowflow::bea::{Optimizer, Scheme, SeriesRoute, modified_equation_for};
use shadowflow::expr::{Exact, Id, Polynomial, Pool, SeriesTape, Shape, Tape};
use shadowflow::number::Rational;

fn q(text: &str) -> Rational {
    text.parse().unwrap()
}

/// `∇^{k+1}E[v_1, …, v_k]` by differentiating the loss's polynomial, and nothing else.
fn contraction(loss: &Polynomial, at: &[Rational], vectors: &[Vec<Rational>]) -> Vec<Rational> {
    let mut sums: Vec<Polynomial> = (0..at.len()).map(|i| loss.derivative(i)).collect();
    for v in vectors {
        sums = sums
            .iter()
            .map(|p| (0..at.len()).fold(Polynomial::zero(at.len()), |sum, k| sum.plus(&p.derivative(k).scaled(&v[k]))))
            .collect();
    }
    sums.iter().map(|p| p.evaluate(at)).collect()
}

/// The elementary differential of a tree in the derivatives of the loss.
fn differential(loss: &Polynomial, at: &[Rational], levels: &[u8]) -> Vec<Rational> {
    // The children of the root start where the level is one more than the root's.
    let below = &levels[1..];
    let starts: Vec<usize> = (0..below.len()).filter(|&i| below[i] == levels[0] + 1).collect();
    let ends = starts.iter().skip(1).copied().chain([below.len()]);
    let children: Vec<Vec<Rational>> =
        starts.iter().zip(ends).map(|(&from, to)| differential(loss, at, &below[from..to])).collect();
    contraction(loss, at, &children)
}

/// `f_0..f_order` from the coefficients that the tree route gives.
fn by_trees(
    optimizer: &Optimizer,
    momentum: Option<&Rational>,
    loss: &Polynomial,
    at: &[Rational],
    order: usize,
) -> Vec<[Vec<Rational>; 2]> {
    let equation = modified_equation_for(optimizer, momentum, order, SeriesRoute::Auto).unwrap();
    let terms = equation.orders.iter().map(|terms| {
        let mut sums = [vec![Rational::ZERO; at.len()], vec![Rational::ZERO; at.len()]];
        for term in terms {
            let coefficient = term.coefficient.evaluate(&|_| None).unwrap();
            let value = differential(loss, at, term.tree.levels());
            for (i, v) in value.iter().enumerate() {
                sums[0][i] += &(&coefficient * v);
                if term.tree.is_principal() {
                    sums[1][i] += &(&coefficient * v);
                }
            }
        }
        sums
    });
    terms.collect()
}

/// The polynomial as a loss.
fn as_loss(polynomial: &Polynomial) -> (Pool, Id) {
    let mut pool = Pool::new();
    pool.declare_parameter("w", Shape::vector(polynomial.variables()));
    let theta = pool.theta();
    let loss = polynomial.to_expression(&mut pool, &theta);
    (pool, loss)
}

fn gradient(pool: &Pool, loss: Id) -> SeriesTape {
    let mut pool = pool.clone();
    let gradient = pool.gradient_entries(loss);
    SeriesTape::new(&Tape::new(&pool, &gradient))
}

fn polynomials() -> impl Strategy<Value = Polynomial> {
    let term = (prop::collection::vec(0u16..4, 2), -9i64..10, 1i64..5);
    prop::collection::vec(term, 1..6)
        .prop_map(|terms| Polynomial::from_terms(2, terms.into_iter().map(|(e, n, d)| (e, Rational::new(n, d)))))
}

fn file(name: &str) -> String {
    format!("{}/examples/optimizers/{name}.toml", env!("CARGO_MANIFEST_DIR"))
}

/// Every kind of optimizer, and a momentum where there is one.
fn optimizers() -> Vec<(Optimizer, Option<Rational>)> {
    let plain = [
        "gradient-descent",
        "implicit-euler",
        "rk:midpoint",
        "rk:rk4",
        "rk:implicit-midpoint",
        "rk:gauss2",
        "rk:radau5",
        "rk:trapezoidal",
    ]
    .map(str::to_owned);
    let files = ["adams-bashforth-2", "bdf2", "ralston"].map(file);
    let momenta = ["heavy-ball".to_owned(), "nesterov".to_owned()];
    let plain = plain.into_iter().chain(files).map(|name| (name.parse().unwrap(), None));
    plain.chain(momenta.map(|name| (name.parse().unwrap(), Some(q("2/7"))))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn trajectories_and_trees_agree_exactly(
        polynomial in polynomials(),
        at in prop::collection::vec((-6i64..7, 1i64..4), 2),
    ) {
        let at: Vec<Rational> = at.into_iter().map(|(n, d)| Rational::new(n, d)).collect();
        let (pool, loss) = as_loss(&polynomial);
        let tape = gradient(&pool, loss);
        let point = Point { theta: at.clone(), symbols: Vec::new() };
        for (optimizer, momentum) in optimizers() {
            let scheme = Scheme::of(&optimizer, momentum.as_ref()).unwrap();
            let expected = by_trees(&optimizer, momentum.as_ref(), &polynomial, &at, 5);
            let field = scheme.modified_field(&mut Exact::default(), &tape, &point, 5);
            let principal = scheme.principal_field(&mut Exact::default(), &tape, &point, 5);
            for (n, [value, part]) in expected.iter().enumerate() {
                prop_assert_eq!(&field[n], value, "{} f_{}", optimizer, n);
                prop_assert_eq!(&principal[n], part, "{} principal part of f_{}", optimizer, n);
            }
            // The highest order asked for does not change those below.
            let lower = scheme.modified_field(&mut Exact::default(), &tape, &point, 3);
            prop_assert_eq!(&field[..4], &lower[..]);
        }
    }
}

/// Nesterov's coefficient of `T[g, g]` in the iterate, as published: −(1+4m+7m²−6m³+6m⁴)/(12(1−m)⁵).
#[test]
fn symbolic_momentum_takes_its_value_from_the_point() {
    let cube = Polynomial::from_terms(1, [(vec![3], Rational::ONE)]);
    let (pool, loss) = as_loss(&cube);
    let m = q("1/3");
    let symbolic = Scheme::of(&Optimizer::Nesterov, None).unwrap();
    let point = Point { theta: vec![Rational::ONE], symbols: vec![m.clone()] };
    let field = symbolic.modified_field(&mut Exact::default(), &gradient(&pool, loss), &point, 4);
    let numeric = Scheme::of(&Optimizer::Nesterov, Some(&m)).unwrap();
    let point = Point { theta: vec![Rational::ONE], symbols: Vec::new() };
    assert_eq!(field, numeric.modified_field(&mut Exact::default(), &gradient(&pool, loss), &point, 4));
    let principal = symbolic.principal_field(
        &mut Exact::default(),
        &gradient(&pool, loss),
        &Point { theta: vec![Rational::ONE], symbols: vec![m.clone()] },
        4,
    );
    // g = 3, T = 6 at x = 1: the rest of f_2 is c·54.
    let power = |n: i64| m.pow(n).unwrap();
    let above = q("1") + q("4") * &m + q("7") * power(2) - q("6") * power(3) + q("6") * power(4);
    let below = q("12") * (q("1") - &m).pow(5).unwrap();
    assert_eq!(&field[2][0] - &principal[2][0], -(above / below) * q("54"));
}
