//! The algebra of sums and products that needs no rules: canonical order, flattening, common factors, short expansions.

use super::graph::{self, Graph, facts, product, sum};
use super::term::Term;
use crate::number::Rational;
use crate::number::{common_divisor, common_multiple};
use egg::Id;
use num_bigint::BigInt;
use rustc_hash::FxHashMap;

/// Flattened sums and products have at most this many parts.
const MAX_FLAT: usize = 24;
/// Sums that are flattened into or distributed over.
const MAX_NESTED: usize = 3;
/// Products are distributed over sums of at most this many parts.
const MAX_EXPANDED: usize = 3;
/// Common factors tried for one sum.
const MAX_COMMON: usize = 4;

/// Everything that a node of a class may be written as by the laws of sums and products.
pub(super) fn rewritten(graph: &mut Graph, node: &Term, expand: bool) -> Vec<Id> {
    let mut found = Vec::new();
    match node {
        Term::Sum(constant, coefficients, terms) => {
            let parts: Vec<(Rational, Id)> = coefficients.iter().cloned().zip(terms.iter().copied()).collect();
            found.push(sum(graph, constant.clone(), parts.clone()));
            flatten_sum(graph, constant, &parts, &mut found);
            found.extend(content(graph, constant, &parts));
            common_factors(graph, constant, &parts, &mut found);
        }
        Term::Product(exponents, factors) => {
            let parts: Vec<(Id, Rational)> = factors.iter().copied().zip(exponents.iter().cloned()).collect();
            found.push(product(graph, Rational::ONE, parts.clone()));
            flatten_product(graph, &parts, &mut found);
            found.extend(apart(graph, &parts));
            if expand {
                found.extend(distribute(graph, &parts));
            }
        }
        Term::Apply(f, [x]) => found.push(graph::apply(graph, *f, *x)),
        Term::Leaf(_) | Term::Pi | Term::LogSumExp(_) => {}
    }
    found
}

/// The canonical form of a node alone.
pub(super) fn canonical(graph: &mut Graph, node: &Term) -> Option<Id> {
    match node {
        Term::Sum(constant, coefficients, terms) if !terms.is_empty() => {
            let parts: Vec<(Rational, Id)> = coefficients.iter().cloned().zip(terms.iter().copied()).collect();
            Some(sum(graph, constant.clone(), parts))
        }
        Term::Product(exponents, factors) => {
            let parts: Vec<(Id, Rational)> = factors.iter().copied().zip(exponents.iter().cloned()).collect();
            Some(product(graph, Rational::ONE, parts))
        }
        _ => None,
    }
}

type Parts = Vec<(Rational, Id)>;

/// A base and whether its exponents are negative.
type Shared = (Id, bool);

/// A sum of several parts that a class is.
fn as_sum(graph: &Graph, id: Id) -> Option<(Rational, Parts)> {
    graph[id].nodes.iter().find_map(|node| match node {
        Term::Sum(constant, coefficients, terms)
            if terms.len() + usize::from(!constant.is_zero()) > 1 && node.is_ordered() =>
        {
            Some((constant.clone(), coefficients.iter().cloned().zip(terms.iter().copied()).collect()))
        }
        _ => None,
    })
}

/// A product, or a power, that a class is.
fn as_product(graph: &Graph, id: Id) -> Option<Vec<(Id, Rational)>> {
    graph[id].nodes.iter().find_map(|node| match node {
        Term::Product(exponents, factors) if node.is_ordered() => {
            Some(factors.iter().copied().zip(exponents.iter().cloned()).collect())
        }
        _ => None,
    })
}

/// Sums within a sum, each alone and all at once.
fn flatten_sum(graph: &mut Graph, constant: &Rational, parts: &Parts, found: &mut Vec<Id>) {
    let nested: Vec<usize> = (0..parts.len()).filter(|&i| as_sum(graph, parts[i].1).is_some()).collect();
    let alone = nested.iter().take(MAX_NESTED).map(|i| vec![*i]);
    let all = (nested.len() > 1).then(|| nested.clone());
    for chosen in alone.chain(all).collect::<Vec<_>>() {
        let mut constant = constant.clone();
        let mut flat = Parts::new();
        for (i, (c, id)) in parts.iter().enumerate() {
            match as_sum(graph, *id).filter(|_| chosen.contains(&i)) {
                Some((k, inner)) => {
                    constant += &(c * &k);
                    flat.extend(inner.into_iter().map(|(d, x)| (c * &d, x)));
                }
                None => flat.push((c.clone(), *id)),
            }
        }
        if flat.len() <= MAX_FLAT {
            found.push(sum(graph, constant, flat));
        }
    }
}

/// Products within a product, likewise, where `(xy)^e = x^e y^e` at the same points.
fn flatten_product(graph: &mut Graph, parts: &[(Id, Rational)], found: &mut Vec<Id>) {
    let splits = |graph: &Graph, id: Id, e: &Rational| {
        as_product(graph, id).filter(|inner| {
            let integers = inner.iter().all(|(_, p)| p.is_integer());
            // A root is not negative, and the power of one exists where it does, unless it is a whole power of what is under it.
            let root =
                matches!(&inner[..], [(_, p)] if !p.is_negative() && *p < Rational::ONE && !(p * e).is_integer());
            (e.is_integer() && integers) || root || inner.iter().all(|(x, _)| facts(graph, *x).is_nonnegative())
        })
    };
    let nested: Vec<usize> = (0..parts.len()).filter(|&i| splits(graph, parts[i].0, &parts[i].1).is_some()).collect();
    let alone = nested.iter().take(MAX_NESTED).map(|i| vec![*i]);
    let all = (nested.len() > 1).then(|| nested.clone());
    for chosen in alone.chain(all).collect::<Vec<_>>() {
        let mut flat = Vec::new();
        for (i, (id, e)) in parts.iter().enumerate() {
            match splits(graph, *id, e).filter(|_| chosen.contains(&i)) {
                Some(inner) => flat.extend(inner.into_iter().map(|(x, p)| (x, p * e))),
                None => flat.push((*id, e.clone())),
            }
        }
        if flat.len() <= MAX_FLAT {
            found.push(product(graph, Rational::ONE, flat));
        }
    }
}

/// The product with its powers as classes of their own, so that other products can share them.
fn apart(graph: &mut Graph, parts: &[(Id, Rational)]) -> Option<Id> {
    if parts.len() < 2 || parts.iter().all(|(_, e)| e.is_one()) {
        return None;
    }
    let mut powers: Vec<Id> = Vec::with_capacity(parts.len());
    for (id, e) in parts {
        powers.push(product(graph, Rational::ONE, [(*id, e.clone())]));
    }
    powers.sort_unstable();
    let exponents: Vec<Rational> = vec![Rational::ONE; powers.len()];
    Some(graph.add(Term::Product(exponents.into(), powers.into())))
}

/// A sum as a number times a sum of coprime integers, led by what is not subtracted.
fn content(graph: &mut Graph, constant: &Rational, parts: &Parts) -> Option<Id> {
    if parts.len() + usize::from(!constant.is_zero()) < 2 {
        return None;
    }
    let numbers = || std::iter::once(constant).chain(parts.iter().map(|(c, _)| c)).filter(|c| !c.is_zero());
    let numerator = numbers().fold(BigInt::ZERO, |g, c| common_divisor(&g, &c.numerator()));
    let denominator = numbers().fold(BigInt::from(1), |l, c| common_multiple(&l, &c.denominator()));
    let content = Rational::from_bigints(numerator, denominator)?;
    let subtracted = numbers().filter(|c| c.is_negative()).count();
    let added = numbers().count() - subtracted;
    let led_by_minus = numbers().next().is_some_and(Rational::is_negative);
    let negative = subtracted > added || (subtracted == added && led_by_minus);
    let content = if negative { -content } else { content };
    if content.is_one() {
        return None;
    }
    let inverse = content.recip()?;
    let rest = parts.iter().map(|(c, x)| (c * &inverse, *x));
    let rest = sum(graph, constant * &inverse, rest.collect::<Parts>());
    // Not through the constructor, which would multiply out again.
    Some(graph.add(Term::Sum(Rational::ZERO, [content].into(), [rest].into())))
}

/// `xa + xb = x(a + b)`, for the factors that most terms share.
fn common_factors(graph: &mut Graph, constant: &Rational, parts: &Parts, found: &mut Vec<Id>) {
    if parts.len() < 2 || parts.len() > MAX_FLAT {
        return;
    }
    let views: Vec<Vec<(Id, Rational)>> = parts
        .iter()
        .map(|(_, id)| as_product(graph, *id).unwrap_or_else(|| vec![(graph.find(*id), Rational::ONE)]))
        .collect();
    // For every base and sign of exponent the terms that have it, and the exponent nearest to zero.
    let mut shared: FxHashMap<Shared, (Vec<usize>, Rational)> = FxHashMap::default();
    for (i, view) in views.iter().enumerate() {
        let mut own = view.clone();
        // A power that is a factor of another term as a whole.
        let id = graph.find(parts[i].1);
        if view.len() > 1 || view[0].0 != id {
            own.push((id, Rational::ONE));
        }
        for (base, e) in own {
            let entry = shared.entry((base, e.is_negative())).or_insert_with(|| (Vec::new(), e.clone()));
            if entry.1.is_integer() != e.is_integer() || (!e.is_integer() && entry.1 != e) || entry.0.last() == Some(&i)
            {
                continue;
            }
            entry.0.push(i);
            if e.abs() < entry.1.abs() {
                entry.1 = e;
            }
        }
    }
    let mut shared: Vec<(Shared, (Vec<usize>, Rational))> =
        shared.into_iter().filter(|(_, (at, _))| at.len() > 1).collect();
    shared.sort_by(|a, b| b.1.0.len().cmp(&a.1.0.len()).then_with(|| a.0.cmp(&b.0)));
    for ((base, _), (at, m)) in shared.into_iter().take(MAX_COMMON) {
        let mut inner = Parts::new();
        let mut added = Rational::ZERO;
        let mut outer = Parts::new();
        for (i, (c, id)) in parts.iter().enumerate() {
            if !at.contains(&i) {
                outer.push((c.clone(), *id));
                continue;
            }
            // A class may hold a root of itself as a factor: `a = sqrt(a)*b` where `b` is `sqrt(a)`.
            if m.is_one() && graph.find(*id) == base {
                added += c;
                continue;
            }
            // Once: a base may stand in a product twice.
            let mut taken = false;
            let quotient = views[i].iter().map(|(x, e)| {
                let takes = !taken && *x == base && e.is_negative() == m.is_negative();
                taken |= takes;
                (*x, if takes { e - &m } else { e.clone() })
            });
            let quotient = product(graph, Rational::ONE, quotient.filter(|(_, e)| !e.is_zero()).collect::<Vec<_>>());
            inner.push((c.clone(), quotient));
        }
        let inner = sum(graph, added, inner);
        let factored = product(graph, Rational::ONE, [(base, m), (inner, Rational::ONE)]);
        outer.push((Rational::ONE, factored));
        found.push(sum(graph, constant.clone(), outer));
    }
}

/// `x(a + b) = xa + xb` for short sums.
fn distribute(graph: &mut Graph, parts: &[(Id, Rational)]) -> Option<Id> {
    let at = parts.iter().position(|(id, e)| {
        e.is_one()
            && as_sum(graph, *id).is_some_and(|(k, terms)| terms.len() + usize::from(!k.is_zero()) <= MAX_EXPANDED)
    })?;
    let (constant, terms) = as_sum(graph, parts[at].0)?;
    let others: Vec<(Id, Rational)> =
        parts.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, p)| p.clone()).collect();
    let mut sums = Parts::new();
    if !constant.is_zero() {
        sums.push((constant, product(graph, Rational::ONE, others.clone())));
    }
    for (c, x) in terms {
        let mut factors = others.clone();
        factors.push((x, Rational::ONE));
        sums.push((c, product(graph, Rational::ONE, factors)));
    }
    Some(sum(graph, Rational::ZERO, sums))
}
