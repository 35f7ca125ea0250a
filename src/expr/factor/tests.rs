use super::*;
use crate::expr::{Function, Pool, RationalFunction, Shape};
use crate::formula::Formula;
use proptest::prelude::*;

const NAMES: [&str; 3] = ["a", "b", "c"];

fn names() -> Vec<Formula> {
    NAMES.map(Formula::name).to_vec()
}

/// A polynomial in a, b, c from its terms: a coefficient and the exponents.
fn p(terms: &[(i64, [u32; 3])]) -> Polynomial {
    Polynomial::from_terms(3, terms.iter().map(|(c, e)| (*e, Rational::from(*c))))
}

fn product(factors: &[(Polynomial, u32)]) -> Polynomial {
    factors.iter().fold(Polynomial::constant(3, Rational::ONE), |product, (f, power)| {
        product.times(&f.power(*power, 10_000).unwrap(), 10_000).unwrap()
    })
}

#[test]
fn polynomials_of_papers() {
    let ab = p(&[(1, [1, 1, 0]), (-1, [0, 0, 0])]);
    let b = Polynomial::variable(3, 1);
    let cases: Vec<(Polynomial, &str)> = vec![
        (product(&[(b.scaled(&(-2).into()), 1), (ab.clone(), 1)]), "-2*b*(a*b - 1)"),
        (product(&[(ab.clone(), 2), (b.clone(), 1)]), "b*(a*b - 1)^2"),
        (
            product(&[
                (b.scaled(&Rational::new(-1, 3)), 1),
                (ab.clone(), 1),
                (p(&[(3, [1, 3, 0]), (2, [2, 0, 0]), (1, [0, 0, 0])]), 1),
            ]),
            "-b*(a*b - 1)*(3*a*b^3 + 2*a^2 + 1)/3",
        ),
        (p(&[(1, [2, 0, 0]), (-1, [0, 2, 0])]), "(a - b)*(a + b)"),
        (p(&[(1, [3, 0, 0]), (-1, [0, 0, 0])]), "(a - 1)*(a^2 + a + 1)"),
        (p(&[(8, [3, 0, 0]), (27, [0, 3, 0])]), "(2*a + 3*b)*(4*a^2 - 6*a*b + 9*b^2)"),
        (p(&[(1, [2, 0, 0]), (2, [1, 1, 0]), (1, [0, 2, 0])]), "(a + b)^2"),
        (p(&[(1, [2, 0, 0]), (1, [0, 2, 0])]), "a^2 + b^2"),
        (p(&[(-1, [2, 0, 0]), (-1, [0, 0, 0])]), "-a^2 - 1"),
        (p(&[(2, [1, 0, 0]), (2, [0, 0, 0])]), "2*(a + 1)"),
        (p(&[(1, [4, 0, 0]), (4, [0, 4, 0])]), "(a^2 - 2*a*b + 2*b^2)*(a^2 + 2*a*b + 2*b^2)"),
        (p(&[(1, [1, 1, 0]), (1, [1, 0, 1]), (1, [0, 1, 1]), (1, [2, 0, 0])]), "(a + b)*(a + c)"),
        // a³ + b³ + c³ − 3abc
        (
            p(&[(1, [3, 0, 0]), (1, [0, 3, 0]), (1, [0, 0, 3]), (-3, [1, 1, 1])]),
            "(a + b + c)*(a^2 - a*b - a*c + b^2 - b*c + c^2)",
        ),
        (p(&[(5, [2, 1, 0])]), "5*a^2*b"),
        (p(&[(7, [0, 0, 0])]), "7"),
        (p(&[]), "0"),
        // Irreducible, though every number for b splits it modulo primes: a^4 + b^4.
        (p(&[(1, [4, 0, 0]), (1, [0, 4, 0])]), "a^4 + b^4"),
        // a² − b, of which squares for b split the image.
        (p(&[(1, [2, 0, 0]), (-1, [0, 1, 0])]), "a^2 - b"),
    ];
    for (polynomial, text) in cases {
        let factored = polynomial.factored();
        assert_eq!(factored.formula(&names()).to_string(), text);
        assert!(factored.complete, "{text}");
        assert_eq!(factored.product(10_000).as_ref(), Ok(&polynomial), "{text}");
    }
}

#[test]
fn what_is_beyond_the_limits_stays_whole() {
    let a = Polynomial::variable(3, 0);
    let large = a.power(99, 10).unwrap().minus(&p(&[(1, [0, 0, 0])]));
    let factored = large.factored();
    assert!(!factored.complete);
    assert_eq!(factored.formula(&names()).to_string(), "a^99 - 1");
    // Unless its factors are told.
    let hint = a.minus(&p(&[(1, [0, 0, 0])]));
    assert_eq!(large.factored_with(&[hint.clone(), p(&[])]).factors.len(), 2);
    // Many variables with high degrees.
    let sum = p(&[(1, [9, 9, 0]), (1, [0, 9, 9]), (1, [9, 0, 9]), (3, [0, 0, 0])]);
    let square = sum.times(&sum, 1000).unwrap();
    assert_eq!(square.factored().product(1000), Ok(square));
}

#[test]
fn sums_that_are_shorter_multiplied_out() {
    let cases = [
        (p(&[(1, [2, 1, 0]), (-1, [0, 1, 0])]), "a^2*b - b"),
        (
            product(&[(p(&[(1, [1, 1, 0]), (-1, [0, 0, 0])]), 2), (p(&[(1, [1, 0, 0]), (2, [0, 1, 0])]), 1)]),
            "(a + 2*b)*(a*b - 1)^2",
        ),
        (p(&[(1, [6, 0, 0]), (-1, [0, 0, 0])]), "a^6 - 1"),
        (
            product(&[(p(&[(1, [6, 0, 0]), (-1, [0, 0, 0])]), 1), (p(&[(1, [1, 1, 0]), (-1, [0, 0, 0])]), 2)]),
            "(a*b - 1)^2*(a^6 - 1)",
        ),
    ];
    for (polynomial, text) in cases {
        let short = polynomial.factored().shortened(&[1, 1, 1]);
        assert_eq!(short.product(1000).as_ref(), Ok(&polynomial));
        assert_eq!(short.formula(&names()).to_string(), text);
    }
}

/// Irreducible polynomials that have nothing in common but for one of them: linear in some variable with coprime coefficients, or known.
fn irreducible() -> impl Strategy<Value = Polynomial> {
    let known = vec![
        p(&[(1, [1, 0, 0])]),
        p(&[(1, [0, 1, 0])]),
        p(&[(1, [1, 1, 0]), (-1, [0, 0, 0])]),
        p(&[(1, [1, 0, 0]), (-1, [0, 1, 0])]),
        p(&[(2, [1, 0, 0]), (3, [0, 1, 0]), (-1, [0, 0, 1])]),
        p(&[(1, [2, 0, 0]), (1, [0, 2, 0])]),
        p(&[(1, [2, 0, 0]), (-1, [0, 1, 0])]),
        p(&[(3, [1, 3, 0]), (2, [2, 0, 0]), (1, [0, 0, 1])]),
        p(&[(1, [3, 0, 0]), (-2, [0, 0, 3])]),
        p(&[(1, [2, 0, 0]), (-2, [0, 2, 0])]),
        p(&[(1, [2, 1, 0]), (1, [0, 0, 2]), (1, [0, 0, 0])]),
    ];
    prop::sample::select(known)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn factors_are_found_again(
        parts in prop::collection::vec((irreducible(), 1_u32..3), 1..4),
        content in (-9_i64..9, 1_i64..5),
    ) {
        prop_assume!(content.0 != 0);
        let content = Rational::new(content.0, content.1);
        let mut expected: Vec<(Polynomial, u32)> = Vec::new();
        for (part, power) in &parts {
            match expected.iter_mut().find(|(known, _)| known == part) {
                Some((_, known)) => *known += power,
                None => expected.push((part.clone(), *power)),
            }
        }
        expected.sort_by(|(a, _), (b, _)| order(a, b));
        let polynomial = product(&parts).scaled(&content);
        let factored = polynomial.factored();
        prop_assert_eq!(factored.product(10_000), Ok(polynomial.clone()));
        if factored.complete {
            prop_assert_eq!(&factored.content, &content);
            prop_assert_eq!(factored.factors, expected);
        } else {
            // Told the factors, they are all found.
            let hints: Vec<Polynomial> = parts.into_iter().map(|(part, _)| part).collect();
            prop_assert_eq!(polynomial.factored_with(&hints).factors, expected);
        }
    }

    #[test]
    fn quotients_are_a_field(
        f in prop::collection::vec((irreducible(), -2_i64..3), 1..3),
        g in prop::collection::vec((irreducible(), -2_i64..3), 1..3),
    ) {
        let of = |parts: &[(Polynomial, i64)]| parts.iter().fold(RationalFunction::from(p(&[(1, [0, 0, 0])])), |product, (part, power)| {
            product.times(&RationalFunction::from(part.clone()).power(*power, 10_000).unwrap(), 10_000).unwrap()
        });
        let (f, g) = (of(&f), of(&g));
        let at = [Rational::new(17, 3), Rational::new(-5, 7), Rational::new(2, 11)];
        let value = |f: &RationalFunction| f.evaluate(&at).unwrap();
        let product = f.times(&g, 10_000).unwrap();
        let sum = f.plus(&g, 10_000).unwrap();
        prop_assert_eq!(value(&product), value(&f) * value(&g));
        prop_assert_eq!(value(&sum), value(&f) + value(&g));
        let inverse = g.power(-1, 10_000).unwrap();
        prop_assert_eq!(product.times(&inverse, 10_000).unwrap(), f.clone());
        prop_assert_eq!(sum.plus(&g.scaled(&Rational::MINUS_ONE), 10_000).unwrap(), f);
        // In lowest terms.
        for (factor, _) in product.denominator() {
            prop_assert_eq!(product.numerator().exactly_divided(factor), None);
        }
    }
}

#[test]
fn expressions_are_collected_over_their_functions() {
    let mut pool = Pool::new();
    let (x, s) = (pool.declare_parameter("x", Shape::scalar()), pool.declare_symbol("s"));
    let one = pool.integer(1);
    let tanh = pool.apply(Function::Tanh, x);
    let square = pool.mul(tanh, tanh);
    let slope = pool.sub(one, square);
    let squared = pool.mul(x, x);
    let under = pool.add(one, squared);
    let root = pool.pow(under, &Rational::new(-3, 2));
    let cube = pool.pow(s, &(-3).into());
    let scaled = pool.mul(slope, cube);
    let product = pool.mul(tanh, scaled);
    let collected = Collected::new(&pool, &[product, root], 100).unwrap();
    let texts: Vec<String> = collected.formulas(&pool).iter().map(Formula::to_string).collect();
    assert_eq!(texts, ["-tanh(x)*(tanh(x) - 1)*(tanh(x) + 1)/s^3", "1/sqrt(x^2 + 1)^3"]);
    let zero = pool.integer(0);
    let power = pool.pow(under, &40.into());
    assert!(Collected::new(&pool, &[power], 10).is_err());
    assert!(Collected::new(&pool, &[zero], 10).unwrap().functions[0].is_zero());
}

/// `(a cos t + b sin t − y) cos t` is no multiple of its first factor once `cos² t` is `1 − sin² t`.
#[test]
fn factors_by_way_of_relations() {
    let mut pool = Pool::new();
    let [a, b, t] = ["a", "b", "t"].map(|name| pool.declare_parameter(name, Shape::scalar()));
    let (cosine, sine) = (pool.apply(Function::Cos, t), pool.apply(Function::Sin, t));
    let (first, second) = (pool.mul(a, cosine), pool.mul(b, sine));
    let sum = pool.add(first, second);
    let two = pool.integer(2);
    let residual = pool.sub(sum, two);
    let square = pool.mul(residual, residual);
    let (once, twice) = (pool.mul(residual, cosine), pool.mul(square, cosine));
    let other = pool.add(once, a);
    for collected in Collected::all(&pool, &[once, twice, other], 100).unwrap() {
        let variables = collected.variables(&pool);
        let factored = collected.factored();
        let texts: Vec<String> = collected
            .functions
            .iter()
            .zip(&factored)
            .map(|(f, own)| f.formula_of(own, &variables).to_string())
            .collect();
        assert_eq!(texts[0], "cos(t)*(a*cos(t) + b*sin(t) - 2)");
        assert_eq!(texts[1], "cos(t)*(a*cos(t) + b*sin(t) - 2)^2");
        assert!(!texts[2].contains("(a*cos(t) + b*sin(t) - 2)"), "{}", texts[2]);
    }
}

/// What divides the shortest numerator is found in the one beyond the limits of a search.
#[test]
fn factors_of_short_numerators_are_tried_in_long_ones() {
    let residual = p(&[(1, [1, 1, 0]), (-1, [0, 0, 1])]);
    let long = p(&[(3, [9, 7, 0]), (1, [8, 0, 7]), (-5, [0, 6, 9]), (7, [1, 2, 3]), (1, [0, 0, 0])]);
    let gradient = product(&[(residual.clone(), 1), (Polynomial::variable(3, 1), 1)]);
    let far = product(&[(residual.clone(), 2), (long, 1)]);
    let functions: Vec<RationalFunction> = [far, gradient].map(RationalFunction::from).to_vec();
    let found = Collected::from(functions).factored();
    assert!(found.iter().zip([2, 1]).all(|(own, power)| own.factors.contains(&(residual.clone(), power))), "{found:?}");
}

/// Functions of functions, however deep, keep what they are functions of.
#[test]
fn functions_of_functions_keep_their_arguments() {
    use Function as F;
    let all = [F::Exp, F::Sin, F::Tanh, F::Sigmoid, F::Atan, F::Erf, F::Softplus, F::Log1p];
    for depth in 1..=12 {
        let mut pool = Pool::new();
        let x = pool.declare_parameter("x", Shape::scalar());
        let (mut value, mut text) = (x, "x".to_owned());
        for k in 0..depth {
            let function = all[k % all.len()];
            value = pool.apply(function, value);
            text = format!("{}({text})", function.name());
        }
        let collected = Collected::new(&pool, &[value], 100).unwrap();
        assert_eq!(collected.formulas(&pool)[0].to_string(), text);
        assert_eq!(collected.atoms.len(), depth);
    }
}
