//! Functions of the Hessian's eigenvalues as power series: `Σ_i log(1 − hλ_i)/(hλ_i) (gᵀu_i) u_i` is `Σ_p c_p h^p H^p g`.

use super::Functions;
use super::value::{Form, Value};
use crate::number::{Coefficient, Fraction, Polynomial, Rational};
use crate::series::limits::MAX_CLAIM_ORDER;
use crate::tree::Tree;

/// How often a function may be divided by λ.
const MAX_VALUATION: usize = 8;
/// How deep functions nest.
const MAX_NESTING: usize = 8;

/// Coefficients of 1, λ, λ², ….
type Series = Vec<Fraction>;

/// A combination of vectors with functions of `h` and `λ` for coefficients, each λ the Hessian in front of the vector: to the
/// highest order, with a mark for what is beyond.
pub(super) fn expanded(value: &Value, functions: &Functions) -> Result<Value, String> {
    let mut result = Value::zero();
    for (form, coefficient) in &value.terms {
        let Form::Vector(tree) = form else {
            if form.is_mark() {
                result = result.plus(&Value::form(form.clone()))?;
                continue;
            }
            return Err(format!(
                "{} does not stand along an eigendirection, only a vector such as (gᵀu_i) u_i does",
                form.name()
            ));
        };
        let arguments = functions.0.values().map(|(_, argument)| argument);
        if !arguments.into_iter().all(speaks_of_products) {
            return Err("a function of an eigenvalue is read in hλ only".to_owned());
        }
        let mut power = Fraction::one();
        let mut tree = tree.clone();
        for c in series(coefficient, functions, MAX_CLAIM_ORDER + 1, 0)? {
            // Analytic in hλ: λ^p comes with h^p.
            let by_h = super::judge::by_power("h", &c)?;
            let expected = power.numerator().degree() as usize;
            if by_h.keys().any(|k| *k != expected) {
                return Err("a function of an eigenvalue is read in hλ only".to_owned());
            }
            result = result.plus(&Value::scalar(c).times(&Value::form(Form::Vector(tree.clone())))?)?;
            power = power.times(&Fraction::symbol("h"));
            tree = Tree::grafted(vec![tree]);
        }
        let degree = |p: &Polynomial| p.terms().map(|(m, _)| power_of("h", m)).max().unwrap_or(0);
        let below: usize = coefficient.denominator().map(|(f, k)| degree(f) * k as usize).sum();
        if degree(coefficient.numerator()) > MAX_CLAIM_ORDER + below {
            return Err(format!(
                "{coefficient} has powers of h beyond the limit of order {MAX_CLAIM_ORDER} for claims"
            ));
        }
    }
    result.plus(&Value::form(Form::Rest(u32::try_from(MAX_CLAIM_ORDER + 1).unwrap_or(u32::MAX))))
}

fn power_of(symbol: &str, monomial: &crate::number::Monomial) -> usize {
    monomial.factors().filter(|(s, _)| *s == symbol).map(|(_, k)| k as usize).sum()
}

/// Whether h and λ stand together everywhere.
fn speaks_of_products(argument: &Fraction) -> bool {
    let polynomials = std::iter::once(argument.numerator()).chain(argument.denominator().map(|(f, _)| f));
    polynomials.flat_map(Polynomial::terms).all(|(m, _)| power_of("h", m) == power_of("lambda", m))
}

/// The first `length` coefficients of a function by powers of λ.
fn series(value: &Fraction, functions: &Functions, length: usize, depth: usize) -> Result<Series, String> {
    if depth > MAX_NESTING {
        return Err(format!("functions nest at most {MAX_NESTING} deep along an eigendirection"));
    }
    let lowest = |p: &Polynomial| p.terms().map(|(m, _)| power_of("lambda", m)).min().unwrap_or(0);
    let valuation: usize = value.denominator().map(|(f, k)| lowest(f) * k as usize).sum();
    if valuation > MAX_VALUATION {
        return Err(format!("{value} has no power series in λ"));
    }
    let long = length + valuation;
    let mut sum = polynomial(value.numerator(), functions, long, depth)?;
    for (factor, power) in value.denominator() {
        let below = polynomial(factor, functions, long, depth)?;
        for _ in 0..power {
            sum = quotient(&sum, &below).ok_or_else(|| format!("{value} has no power series in λ"))?;
        }
    }
    sum.resize(length, Fraction::zero());
    Ok(sum)
}

fn polynomial(p: &Polynomial, functions: &Functions, length: usize, depth: usize) -> Result<Series, String> {
    let mut sum = vec![Fraction::zero(); length];
    for (monomial, q) in p.terms() {
        let mut term = vec![Fraction::zero(); length];
        let shift = power_of("lambda", monomial);
        let mut scalar = Fraction::from_rational(q);
        let mut inner = Vec::new();
        for (symbol, exponent) in monomial.factors().filter(|(s, _)| *s != "lambda") {
            match functions.0.get(symbol) {
                Some((name, argument)) => inner.push((function(name, argument, functions, length, depth)?, exponent)),
                None => scalar = (0..exponent).fold(scalar, |s, _| s.times(&Fraction::symbol(symbol))),
            }
        }
        if let Some(place) = term.get_mut(shift) {
            *place = scalar;
        }
        for (series, exponent) in inner {
            for _ in 0..exponent {
                term = product(&term, &series);
            }
        }
        for (s, t) in sum.iter_mut().zip(&term) {
            *s = s.plus(t);
        }
    }
    Ok(sum)
}

fn product(a: &Series, b: &Series) -> Series {
    let at = |n: usize| (0..=n).fold(Fraction::zero(), |sum, k| sum.plus(&a[k].times(&b[n - k])));
    (0..a.len()).map(at).collect()
}

/// `a/b`, shorter by the power of λ that b begins with; none where a begins with a lower one.
fn quotient(a: &Series, b: &Series) -> Option<Series> {
    let v = b.iter().position(|c| !c.is_zero())?;
    if a.iter().take(v).any(|c| !c.is_zero()) {
        return None;
    }
    let (a, b) = (a.get(v..)?, b.get(v..)?);
    let mut result: Series = Vec::with_capacity(a.len());
    for n in 0..a.len() {
        let known = (0..n).fold(Fraction::zero(), |sum, k| sum.plus(&result[k].times(&b[n - k])));
        result.push(a[n].plus(&known.negated()).divided(&b[0])?);
    }
    Some(result)
}

/// A function of a series with the value at λ = 0 that makes all its coefficients rational.
fn function(
    name: &str,
    argument: &Fraction,
    functions: &Functions,
    length: usize,
    depth: usize,
) -> Result<Series, String> {
    let a = series(argument, functions, length, depth + 1)?;
    let start = if name == "exp" { Fraction::zero() } else { Fraction::one() };
    if a.first() != Some(&start) {
        return Err(format!(
            "{name}({argument}) is read along an eigendirection only if {argument} is {start} at λ = 0"
        ));
    }
    let natural = |n: usize| Rational::from(i64::try_from(n).unwrap_or(i64::MAX));
    let one_by = |n: usize| Rational::new(1, i64::try_from(n).unwrap_or(i64::MAX));
    let mut c: Series = vec![if name == "log" { Fraction::zero() } else { Fraction::one() }];
    for n in 1..length {
        let next = match name {
            // a c' = a', c = log a.
            "log" => {
                let known = (1..n).fold(Fraction::zero(), |s, k| s.plus(&c[k].times(&a[n - k]).scaled(&natural(k))));
                a[n].plus(&known.scaled(&one_by(n)).negated())
            }
            // c' = a' c, c = exp a.
            "exp" => {
                let known = (1..=n).fold(Fraction::zero(), |s, k| s.plus(&a[k].times(&c[n - k]).scaled(&natural(k))));
                known.scaled(&one_by(n))
            }
            // c c = a.
            _ => {
                let known = (1..n).fold(Fraction::zero(), |s, k| s.plus(&c[k].times(&c[n - k])));
                a[n].plus(&known.negated()).scaled(&Rational::new(1, 2))
            }
        };
        c.push(next);
    }
    Ok(c)
}
