//! Expressions as quotients of polynomials over their functions, in factors: what rules applied one after another do not reach.

use super::Domain;
use super::facts::Facts;
use super::pattern::Relation;
use crate::expr::{Atom, Collected, Id, Polynomial, Pool, RationalFunction};
use crate::number::Rational;

/// The most terms of a polynomial on the way.
const MAX_TERMS: usize = 200;

/// The most scalar operations of expressions that are collected.
pub(super) const MAX_OPERATIONS: usize = 600;

/// The expressions in factors, once for every choice of functions; those stay as they are that would exist at other points.
pub(super) fn collected(pool: &mut Pool, roots: &[Id]) -> Vec<Vec<Id>> {
    let all = Collected::all(pool, roots, MAX_TERMS).unwrap_or_default();
    all.into_iter().map(|collected| rebuilt(pool, &collected, roots)).collect()
}

fn rebuilt(pool: &mut Pool, collected: &Collected, roots: &[Id]) -> Vec<Id> {
    let cost = collected.costs(pool);
    let mut variables = pool.theta();
    for s in 0..pool.symbols().len() {
        variables.push(pool.symbol(u32::try_from(s).unwrap_or(u32::MAX)));
    }
    for atom in &collected.atoms {
        let arguments: Vec<Id> = atom.arguments().into_iter().map(|f| function(pool, f, &variables, &cost)).collect();
        let value = match (atom, &arguments[..]) {
            (Atom::Call(f, _), [a]) => pool.apply(*f, *a),
            (Atom::Root(_, exponent), [a]) => pool.pow(*a, exponent),
            (Atom::LogSumExp(_), terms) => {
                let array = pool.stack(terms);
                pool.logsumexp(array)
            }
            _ => pool.pi(),
        };
        variables.push(value);
    }
    let sound: Vec<bool> = (0..roots.len()).map(|k| vanishing(pool, collected, k).is_empty()).collect();
    let functions = collected.functions.iter().zip(roots).zip(sound);
    functions.map(|((f, root), sound)| if sound { function(pool, f, &variables, &cost) } else { *root }).collect()
}

/// What was cancelled of an expression, or is divided by anew, and may be 0: there it and its function do not both exist.
pub(crate) fn vanishing(pool: &Pool, collected: &Collected, k: usize) -> Vec<Polynomial> {
    let changed = collected.changed_poles(k);
    if changed.is_empty() {
        return changed;
    }
    let mut facts = vec![Facts::input(Domain::Real); pool.dimension() + pool.symbols().len()];
    for atom in &collected.atoms {
        facts.push(facts_of(atom, &facts));
    }
    let never_zero = |p: &Polynomial| value_of(p, &facts).holds(Relation::Not, &Rational::ZERO);
    // x + sqrt(x² + 1) is not 0, as its product with x − sqrt(x² + 1) is −1.
    changed.into_iter().filter(|p| !never_zero(p) && !collected.norms(p).iter().any(never_zero)).collect()
}

/// What is known of an atom, by what is known of the variables before it.
fn facts_of(atom: &Atom, facts: &[Facts]) -> Facts {
    match atom {
        Atom::Pi => Facts::pi(),
        Atom::Call(f, argument) => quotient(argument, facts).apply(*f, Domain::Real),
        Atom::Root(base, exponent) => quotient(base, facts).power(exponent, Domain::Real),
        Atom::LogSumExp(_) => Facts::input(Domain::Real),
    }
}

fn value_of(p: &Polynomial, facts: &[Facts]) -> Facts {
    let term = |(e, c): (&[u32], &Rational)| {
        let powers = e.iter().zip(facts).filter(|(e, _)| **e > 0);
        powers.fold(Facts::number(c), |product, (e, x)| {
            product.times(&x.power(&Rational::from(i64::from(*e)), Domain::Real))
        })
    };
    p.terms().map(term).fold(Facts::number(&Rational::ZERO), |sum, x| sum.plus(&x))
}

fn quotient(f: &RationalFunction, facts: &[Facts]) -> Facts {
    f.denominator().iter().fold(value_of(f.numerator(), facts), |value, (factor, power)| {
        value.times(&value_of(factor, facts).power(&Rational::from(-i64::from(*power)), Domain::Real))
    })
}

/// The quotient as an expression: a number, powers of sums above and below.
fn function(pool: &mut Pool, f: &RationalFunction, variables: &[Id], cost: &[u64]) -> Id {
    let factored = f.factored(&[]);
    let short = factored.shortened(cost);
    // What a function multiplies stays its factor: `tanh(x)*(1 - tanh(x)^2)`.
    let inputs = pool.dimension() + pool.symbols().len();
    let expanded = short.factors.len() == 1 && factored.factors.len() > 1;
    let has_function = |p: &Polynomial| p.terms().any(|(e, _)| e[inputs..].iter().any(|e| *e > 0));
    let short = if expanded && has_function(&short.factors[0].0) { factored.merged(cost) } else { short };
    let mut content = short.content;
    let mut factors = short.factors;
    // A minus is taken into a sum that reads as well the other way round.
    let turned = |p: &Polynomial| p.len() > 1 && 2 * p.terms().filter(|(_, c)| c.is_negative()).count() >= p.len();
    if content.is_negative()
        && let Some((p, _)) = factors.iter_mut().find(|(p, power)| power % 2 == 1 && turned(p))
    {
        *p = p.scaled(&Rational::MINUS_ONE);
        content = -content;
    }
    let above = product(pool, &factors, variables);
    let below = product(pool, f.denominator(), variables);
    let whole = match (above, below) {
        (Some(above), None) => above,
        (None, None) => pool.integer(1),
        (Some(above), Some(below)) => pool.div(above, below),
        (None, Some(below)) => pool.pow(below, &Rational::MINUS_ONE),
    };
    pool.scaled(&content, whole)
}

fn product(pool: &mut Pool, factors: &[(Polynomial, u32)], variables: &[Id]) -> Option<Id> {
    let mut product: Option<Id> = None;
    for (factor, power) in factors {
        let base = sum(pool, factor, variables);
        let power = pool.pow(base, &Rational::from(i64::from(*power)));
        product = Some(product.map_or(power, |product| pool.mul(product, power)));
    }
    product
}

/// A sum, what is added first.
fn sum(pool: &mut Pool, p: &Polynomial, variables: &[Id]) -> Id {
    let (minus, plus): (Vec<_>, Vec<_>) = p.terms().partition(|(_, c)| c.is_negative());
    let mut sum: Option<Id> = None;
    for (e, c) in plus.into_iter().chain(minus) {
        let mut product: Option<Id> = None;
        for (k, e) in e.iter().enumerate().filter(|(_, e)| **e > 0) {
            let power = pool.pow(variables[k], &Rational::from(i64::from(*e)));
            product = Some(product.map_or(power, |product| pool.mul(product, power)));
        }
        let term = match product {
            Some(product) => pool.scaled(c, product),
            None => pool.constant(c.clone()),
        };
        sum = Some(sum.map_or(term, |sum| pool.add(sum, term)));
    }
    sum.unwrap_or_else(|| pool.integer(0))
}
