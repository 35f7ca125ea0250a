//! The e-graph with what is known of its classes, and the constructors that keep sums and products canonical.

use super::Domain;
use super::facts::Facts;
use super::term::Term;
use crate::expr::fold::exact_power;
use crate::expr::{Function, MAX_EXPONENT};
use crate::number::Rational;
use egg::{Analysis, DidMerge, EGraph, Id};

/// The e-graph.
pub(super) type Graph = EGraph<Term, Knowledge>;

/// How often the facts of a class may be sharpened: cycles of the e-graph could go on forever.
const MAX_UPDATES: u8 = 8;

/// The numbers of canonical terms take at most this many bits; what would need more is left as it stands.
const MAX_BITS: u64 = 1 << 12;

/// The analysis: facts of leaves and where the values live.
#[derive(Debug)]
pub(super) struct Knowledge {
    /// Where the leaves live.
    pub(super) domain: Domain,
    /// The facts of the leaves.
    pub(super) leaves: Vec<Facts>,
}

/// What is known of a class.
#[derive(Debug, Clone)]
pub(super) struct Data {
    /// The facts.
    pub(super) facts: Facts,
    updates: u8,
}

impl Analysis<Term> for Knowledge {
    type Data = Data;

    fn make(graph: &mut Graph, node: &Term, _: Id) -> Data {
        let of = |id: &Id| &graph[*id].data.facts;
        let domain = graph.analysis.domain;
        let facts = match node {
            Term::Leaf(k) => graph.analysis.leaves.get(*k as usize).cloned().unwrap_or_default(),
            Term::Pi => Facts::pi(),
            Term::Sum(constant, coefficients, terms) => match (&coefficients[..], &terms[..]) {
                ([c], [x]) if constant.is_zero() => of(x).scaled(c),
                _ => {
                    let scaled = coefficients.iter().zip(terms).map(|(c, x)| of(x).scaled(c));
                    scaled.fold(Facts::number(constant), |sum, x| sum.plus(&x))
                }
            },
            Term::Product(exponents, factors) => {
                let powers = exponents.iter().zip(factors).map(|(e, x)| of(x).power(e, domain));
                powers.reduce(|product, x| product.times(&x)).unwrap_or_default()
            }
            Term::Apply(f, [x]) => of(x).apply(*f, domain),
            Term::LogSumExp(_) => Facts::input(domain),
        };
        Data { facts, updates: 0 }
    }

    fn merge(&mut self, a: &mut Data, b: Data) -> DidMerge {
        a.updates = a.updates.max(b.updates);
        let met = a.facts.meet(&b.facts);
        let changed = DidMerge(met != a.facts, met != b.facts);
        if a.updates >= MAX_UPDATES {
            // Whichever is kept is true.
            return DidMerge(false, false);
        }
        a.updates += u8::from(changed.0);
        a.facts = met;
        changed
    }

    fn modify(graph: &mut Graph, id: Id) {
        if let Some(q) = graph[id].data.facts.constant().cloned() {
            let number = graph.add(Term::number(q));
            graph.union(id, number);
        }
    }
}

/// The facts of a class.
pub(super) fn facts(graph: &Graph, id: Id) -> &Facts {
    &graph[id].data.facts
}

/// A node `c·x` of a class, if there is one.
fn multiple(graph: &Graph, id: Id) -> Option<(Rational, Id)> {
    graph[id].nodes.iter().find_map(|node| match node {
        Term::Sum(constant, coefficients, terms) if constant.is_zero() && terms.len() == 1 => {
            Some((coefficients[0].clone(), terms[0]))
        }
        _ => None,
    })
}

/// A node `x^e` with an integer e of a class, if there is one.
fn power(graph: &Graph, id: Id) -> Option<(Id, Rational)> {
    graph[id].nodes.iter().find_map(|node| match node {
        Term::Product(exponents, factors) if factors.len() == 1 && exponents[0].is_integer() => {
            Some((factors[0], exponents[0].clone()))
        }
        _ => None,
    })
}

/// An exact number.
pub(super) fn number(graph: &mut Graph, q: Rational) -> Id {
    graph.add(Term::number(q))
}

/// `constant + Σ c·x`, canonical: numbers folded, multiples of one class collected.
pub(super) fn sum(graph: &mut Graph, constant: Rational, terms: impl IntoIterator<Item = (Rational, Id)>) -> Id {
    let mut constant = constant;
    let mut collected: Vec<(Id, Rational)> = Vec::new();
    for (c, id) in terms {
        let id = graph.find(id);
        if let Some(q) = facts(graph, id).constant() {
            constant += &(&c * q);
            continue;
        }
        let (c, id) = match multiple(graph, id) {
            Some((d, x)) if d.bits() + c.bits() <= MAX_BITS => (c * d, graph.find(x)),
            _ => (c, id),
        };
        collected.push((id, c));
    }
    collected.sort_by_key(|(id, _)| *id);
    collected.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += &next.1;
        }
        same
    });
    collected.retain(|(_, c)| !c.is_zero());
    match &collected[..] {
        [(x, c)] if constant.is_zero() && c.is_one() => *x,
        _ => {
            let (terms, coefficients): (Vec<_>, Vec<_>) = collected.into_iter().unzip();
            graph.add(Term::Sum(constant, coefficients.into(), terms.into()))
        }
    }
}

/// The product of a class with an exact number.
pub(super) fn scaled(graph: &mut Graph, c: Rational, id: Id) -> Id {
    sum(graph, Rational::ZERO, [(c, id)])
}

/// Whether `x^m·x^n` is `x^(m+n)`, at the same points.
fn merges(facts: &Facts, m: &Rational, n: &Rational) -> bool {
    let same_sign = m.is_negative() == n.is_negative();
    // A product of roots exists for negative numbers as little as a root does, unless the exponents add up to an integer.
    let keeps_domain = (m.is_integer() && n.is_integer()) || !(m + n).is_integer() || facts.is_nonnegative();
    facts.is_positive() || (same_sign && keeps_domain)
}

/// `coefficient·Π x^e`, canonical: numbers in front, powers of one class merged where that changes nothing.
pub(super) fn product(
    graph: &mut Graph,
    coefficient: Rational,
    factors: impl IntoIterator<Item = (Id, Rational)>,
) -> Id {
    let mut coefficient = coefficient;
    let mut collected: Vec<(Id, Rational)> = Vec::new();
    for (id, e) in factors {
        let (mut id, mut e) = (graph.find(id), e);
        let folded = facts(graph, id).constant().and_then(|q| exact_power(q, &e));
        if let Some(q) = folded.filter(|q| q.bits() <= MAX_BITS) {
            coefficient *= &q;
            continue;
        }
        if let Some((c, x)) = multiple(graph, id)
            && (e.is_integer() || !c.is_negative())
            && let Some(q) = exact_power(&c, &e).filter(|q| q.bits() <= MAX_BITS)
        {
            coefficient *= &q;
            id = graph.find(x);
        }
        if e.is_integer()
            && let Some((x, p)) = power(graph, id)
            && (&p * &e).abs() <= Rational::from(MAX_EXPONENT)
        {
            id = graph.find(x);
            e *= &p;
        }
        collected.push((id, e));
    }
    if coefficient.is_zero() {
        return number(graph, coefficient);
    }
    collected.sort();
    let mut merged: Vec<(Id, Rational)> = Vec::with_capacity(collected.len());
    for (id, e) in collected {
        let same = merged.iter_mut().rev().take_while(|(x, _)| *x == id);
        match same.into_iter().find(|(_, m)| merges(facts(graph, id), m, &e)) {
            Some((_, m)) => *m += &e,
            None => merged.push((id, e)),
        }
    }
    merged.retain(|(_, e)| !e.is_zero());
    merged.sort();
    let product = match &merged[..] {
        [] => return number(graph, coefficient),
        [(x, e)] if e.is_one() => *x,
        _ => {
            let (factors, exponents): (Vec<_>, Vec<_>) = merged.into_iter().unzip();
            graph.add(Term::Product(exponents.into(), factors.into()))
        }
    };
    if coefficient.is_one() { product } else { scaled(graph, coefficient, product) }
}

/// A function's value.
pub(super) fn apply(graph: &mut Graph, function: Function, id: Id) -> Id {
    let exact = facts(graph, id).constant().and_then(|q| crate::expr::fold::exact_value(function, q));
    match exact {
        Some(q) => number(graph, q),
        None => graph.add(Term::Apply(function, [id])),
    }
}
