//! The rules that know the optimizer: what its recurrence asks of the modified flow, expanded in powers of h.

use super::Exact;
use super::analysis::{Graph, Normal};
use super::language::Node;
use super::terms::sum_term;
use crate::number::Rational;
use crate::optimizer::{Evaluation, Recurrence};
use egg::Id;

/// `Σ_j c_j j^p / p!`: the factor of the p-th time derivative in `Σ_j c_j θ̃(jh)`.
fn moment<C: Exact>(pairs: &[(i32, C)], p: usize) -> C {
    let factorial =
        (1..=p).fold(Rational::ONE, |product, i| product * Rational::from(i64::try_from(i).unwrap_or(i64::MAX)));
    let inverse = factorial.recip().unwrap_or(Rational::ZERO);
    let exponent = i64::try_from(p).unwrap_or(i64::MAX);
    pairs.iter().fold(C::zero(), |sum, (j, c)| {
        let power = Rational::from(i64::from(*j)).pow(exponent).unwrap_or(Rational::ZERO);
        sum.plus(&c.scaled(&(power * &inverse)))
    })
}

/// Whether the gradient is taken at θ itself.
fn is_at_theta<C: Exact>(evaluation: &Evaluation<C>) -> bool {
    let moved = |(k, c): &(i32, C)| *k != 0 && !c.is_zero();
    !evaluation.at.iter().any(moved) && evaluation.minus_h_times.iter().all(|(_, d)| d.is_zero())
}

/// The terms `w_i [h^m] g_i`; a gradient at θ is `g` for m = 0, all such summed up, and none for m ≥ 1.
fn gradients<C: Exact>(graph: &mut Graph<C>, weights: &[(usize, C)], m: usize) -> Vec<(C, Id)> {
    let mut terms = Vec::with_capacity(weights.len());
    let mut at_theta = C::zero();
    for (i, weight) in weights {
        let displaced = graph.analysis.recurrence.evaluations.get(*i).is_some_and(|e| !is_at_theta(e));
        if weight.is_zero() {
            continue;
        }
        if displaced {
            terms.push((weight.clone(), graph.add_uncanonical(Node::Gradient(*i, m))));
        } else if m == 0 {
            at_theta = at_theta.plus(weight);
        }
    }
    if !at_theta.is_zero() {
        let g = graph.add_uncanonical(Node::diff([]));
        terms.insert(0, (at_theta, g));
    }
    terms
}

/// The sum of terms; none or one with coefficient 1 is written as everywhere.
fn written<C: Exact>(graph: &mut Graph<C>, terms: Vec<(C, Id)>) -> Id {
    match &terms[..] {
        [] => sum_term(graph, &[]),
        [(one, only)] if *one == C::one() => *only,
        _ => graph.add_uncanonical(Node::sum(terms)),
    }
}

/// `−Σ_i b_i [h^{k−1}] g_i`: the coefficient of `h^k` in the right side of the recurrence.
pub(super) fn right_side<C: Exact>(graph: &mut Graph<C>, k: usize) -> Id {
    let Recurrence { right, .. } = &graph.analysis.recurrence;
    let weights: Vec<(usize, C)> = right.iter().map(C::negated).enumerate().collect();
    let terms = gradients(graph, &weights, k - 1);
    written(graph, terms)
}

/// `[h^k] Σ_j a_j θ̃(jh) = Σ_{i=1}^k (Σ_j a_j j^i)/i! [h^{k−i}] θ̃^{(i)}`.
pub(super) fn taylor<C: Exact>(graph: &mut Graph<C>, _: Id, node: &Node<C>) -> Option<(Id, Id)> {
    let Node::Coefficient(k) = *node else { return None };
    let before = graph.add_uncanonical(node.clone());
    let left = graph.analysis.recurrence.left.clone();
    let terms = powers(graph, &left, k);
    Some((before, graph.add_uncanonical(Node::sum(terms))))
}

/// The terms of `[h^k] Σ_j c_j θ̃(jh)`, those with factor 0 left out.
fn powers<C: Exact>(graph: &mut Graph<C>, pairs: &[(i32, C)], k: usize) -> Vec<(C, Id)> {
    let mut terms = Vec::with_capacity(k);
    for i in 1..=k {
        let factor = moment(pairs, i);
        if !factor.is_zero() {
            terms.push((factor, graph.add_uncanonical(Node::Power(i, k - i))));
        }
    }
    terms
}

/// Whether it is worked out what the recurrence asks for.
pub(super) fn has_step<C: Exact>(graph: &Graph<C>, _: Id, node: &Node<C>) -> bool {
    let Node::Coefficient(k) = *node else { return false };
    graph
        .analysis
        .steps
        .get(k - 1)
        .is_some_and(|&id| matches!(graph[id].data.normal, Some(Normal::Tree(_) | Normal::Sum(_))))
}

/// `[h^k] Σ_j a_j θ̃(jh) = −Σ_i b_i [h^{k−1}] g_i`.
pub(super) fn update<C: Exact>(graph: &mut Graph<C>, _: Id, node: &Node<C>) -> Option<(Id, Id)> {
    let Node::Coefficient(k) = *node else { return None };
    let before = graph.add_uncanonical(node.clone());
    Some((before, right_side(graph, k)))
}

/// `[h^m] δ_i = [h^m] Σ_k c_ik θ̃(kh) − Σ_l d_il [h^{m−1}] g_l`, m ≥ 1.
pub(super) fn shift<C: Exact>(graph: &mut Graph<C>, _: Id, node: &Node<C>) -> Option<(Id, Id)> {
    let Node::Shift(i, m) = *node else { return None };
    let before = graph.add_uncanonical(node.clone());
    let Evaluation { at, minus_h_times } = graph.analysis.recurrence.evaluations.get(i)?.clone();
    let mut terms = powers(graph, &at, m);
    let weights: Vec<(usize, C)> = minus_h_times.iter().map(|(l, d)| (*l, d.negated())).collect();
    terms.extend(gradients(graph, &weights, m.checked_sub(1)?));
    Some((before, written(graph, terms)))
}

/// `[h^m] g(θ + δ_i) = Σ_p 1/p! Σ_{m_1+…+m_p=m} ∇^{p+1}E[[h^{m_1}] δ_i, …]`, the sums over ordered `m_j` gathered.
pub(super) fn gradient<C: Exact>(graph: &mut Graph<C>, _: Id, node: &Node<C>) -> Option<(Id, Id)> {
    let Node::Gradient(i, m) = *node else { return None };
    let before = graph.add_uncanonical(node.clone());
    if m == 0 {
        return Some((before, graph.add_uncanonical(Node::diff([]))));
    }
    let mut terms = Vec::new();
    for parts in partitions(m) {
        let mut factor = Rational::ONE;
        let mut repeated = 0_i64;
        for (at, part) in parts.iter().enumerate() {
            repeated = if at > 0 && parts[at - 1] == *part { repeated + 1 } else { 1 };
            factor = factor / Rational::from(repeated);
        }
        let arguments: Vec<Id> = parts.iter().map(|&part| graph.add_uncanonical(Node::Shift(i, part))).collect();
        terms.push((C::from_rational(&factor), graph.add_uncanonical(Node::diff(arguments))));
    }
    Some((before, written(graph, terms)))
}

/// The partitions of `m` into parts in ascending order, those of one part first, then of two and so on.
fn partitions(m: usize) -> Vec<Vec<usize>> {
    let mut found: Vec<Vec<usize>> = Vec::new();
    let mut open: Vec<(Vec<usize>, usize)> = vec![(Vec::new(), m)];
    while let Some((parts, rest)) = open.pop() {
        let least = parts.last().copied().unwrap_or(1);
        for next in (least..=rest).rev() {
            let mut longer = parts.clone();
            longer.push(next);
            if next == rest {
                found.push(longer);
            } else {
                open.push((longer, rest - next));
            }
        }
    }
    found.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    found
}
