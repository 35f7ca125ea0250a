//! Gradients, Hessians and third derivatives against central differences of the loss in high precision.

use crate::losses::Words;
use proptest::prelude::*;
use shadowflow::expr::{Algebra, BallAlgebra, Enclosure, Id, Pool, Tape, Variable};
use shadowflow::loss::{Loss, Options};
use shadowflow::number::Rational;

/// Bits of the floats, and the difference's step: `2^-80`, so that its error is about `2^-160` and rounding `2^-270`.
const BITS: usize = 512;
const STEP: i64 = 80;

fn value(pool: &Pool, roots: &[Id], at: &[Rational]) -> Option<Vec<Rational>> {
    let mut reals = BallAlgebra::new(BITS);
    let values = Tape::new(pool, roots).evaluate(&mut reals, |reals, v| match v {
        Variable::Theta(k) => reals.rational(&at[k as usize]),
        _ => Enclosure::unknown(),
    });
    values.iter().map(Enclosure::to_rational).collect()
}

/// The central difference of `roots` in each direction of θ.
fn differences(pool: &Pool, roots: &[Id], at: &[Rational]) -> Option<Vec<Vec<Rational>>> {
    let step = Rational::new(1, 2).pow(STEP)?;
    let scale = Rational::from(2).pow(STEP - 1)?;
    (0..at.len())
        .map(|k| {
            let moved = |sign: i64| {
                let mut to = at.to_vec();
                to[k] += &(&step * &Rational::from(sign));
                value(pool, roots, &to)
            };
            let (up, down) = (moved(1)?, moved(-1)?);
            Some(up.iter().zip(&down).map(|(u, d)| &(u - d) * &scale).collect())
        })
        .collect()
}

fn close(a: &Rational, b: &Rational) -> bool {
    (a - b).abs().to_f64() <= 1e-30 * (1.0 + b.abs().to_f64())
}

/// Compares g with differences of E, H with those of g, and `T[g, g]` with those of H contracted; `None` where E has no value.
fn check(loss: Loss, at: &[Rational]) -> Option<()> {
    let n = at.len();
    let (mut pool, loss) = loss.expression.into_parts();
    let gradient = pool.gradient_entries(loss);
    let hessian = pool.hessian_entries(loss);
    let along = pool.gradient(loss);
    let third = pool.third_contraction(loss, &along, &along);
    let third = pool.entries(&third);
    let pool = &pool;
    let (g, h, t) = (value(pool, &gradient, at)?, value(pool, &hessian, at)?, value(pool, &third, at)?);
    let entry = |i: usize, j: usize| i.max(j) * (i.max(j) + 1) / 2 + i.min(j);
    for (k, difference) in differences(pool, &[loss], at)?.iter().enumerate() {
        assert!(close(&difference[0], &g[k]), "g_{k}: {} for {}", difference[0].to_f64(), g[k].to_f64());
    }
    for (k, difference) in differences(pool, &gradient, at)?.iter().enumerate() {
        for i in 0..n {
            assert!(close(&difference[i], &h[entry(i, k)]), "H_{i}{k}");
        }
    }
    let slopes = differences(pool, &hessian, at)?;
    for i in 0..n {
        let mut sum = Rational::ZERO;
        for j in 0..n {
            for (k, slope) in slopes.iter().enumerate() {
                sum += &(&(&slope[entry(i, j)] * &g[j]) * &g[k]);
            }
        }
        assert!(close(&sum, &t[i]), "T[g, g]_{i}: {} for {}", sum.to_f64(), t[i].to_f64());
    }
    Some(())
}

#[test]
fn of_the_example_losses() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/losses")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "loss") {
            continue;
        }
        // Symbols need values.
        let set = [("k", "1/2"), ("c", "3/7")].map(|(name, q)| (name.to_owned(), q.parse().unwrap())).to_vec();
        let options =
            if path.ends_with("symbolic.loss") { Options { set, ..Options::default() } } else { Options::default() };
        let loss = Loss::read(&path, &options).unwrap();
        // Exact numbers are for losses of a few operations.
        if !loss.expression.pool().data().is_empty() {
            continue;
        }
        let at: Vec<Rational> =
            (0..loss.expression.pool().dimension()).map(|k| Rational::new(3 - 2 * k as i64, 7)).collect();
        check(loss, &at).unwrap_or_else(|| panic!("{} has a value", path.display()));
    }
}

/// Arguments between 0 and 1 are in every function's domain.
const WORDS: Words = Words {
    leaves: &["x", "w[0]", "w[1]"],
    functions: &[
        "exp", "sin", "cos", "tanh", "erf", "sigmoid", "softplus", "atan", "sinh", "cosh", "expm1", "asin", "acos",
        "tan", "log", "log1p", "sqrt", "silu", "gelu", "elu",
    ],
    argument: "sigmoid({})/2 + 1/5",
    operators: &["+", "-", "*", "/"],
    exponents: &["2", "3", "5"],
    others: &["logsumexp(w*({})) + norm2(w) + mean(w + {})"],
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn of_random_losses(text in WORDS.expressions(4, 24)) {
        if let Ok(loss) = Loss::parse(&format!("param x, w[2]\nloss {text}\n"), "random.loss", &Options::default()) {
            let at = [Rational::new(2, 7), Rational::new(-3, 5), Rational::new(4, 9)];
            // Where a random quotient has no value there is nothing to compare.
            let _ = check(loss, &at);
        }
    }
}
