//! Whether a step has the form that its rule speaks of.
//!
//! That both sides are equal is checked by value; here a true step with the wrong reason is found.

use crate::number::Rational;
use crate::series::egraph::{Exact, Link, Proof, ProofTerm, Rule, Step, TermId};
use rustc_hash::{FxHashMap, FxHashSet};

type Terms<C> = Vec<(C, TermId)>;

/// Checks the form of a step of order `n`.
pub(super) fn check<C: Exact>(proof: &Proof<C>, n: usize, step: &Step) -> Result<(), String> {
    let (from, to) = if step.backward { (step.after, step.before) } else { (step.before, step.after) };
    let holds = match step.rule {
        Rule::Taylor => taylor(proof, n, from, to),
        Rule::Update => update(proof, n, from, to),
        Rule::Displacement => displacement(proof, from, to),
        Rule::Expansion => expansion(proof, from, to),
        Rule::Flow => flow(proof, from, to),
        Rule::Series => series(proof, from, to),
        Rule::Linearity => linearity(proof, from, to),
        Rule::Chain => chain(proof, from, to),
        Rule::Product => product(proof, from, to),
        Rule::Multilinearity => multilinearity(proof, from, to),
        Rule::Symmetry => symmetry(proof, from, to),
        Rule::Collect => collect(proof, from, to),
        Rule::Substitution => return substitution(proof, step),
        Rule::Solve => proof.term(from) == &ProofTerm::Field(n) && !step.backward,
    };
    if holds { Ok(()) } else { Err(format!("it does not have the form of the rule `{}`", step.rule.name())) }
}

/// The summands of a term; a term that is no sum is one summand with coefficient 1.
fn summands<C: Exact>(proof: &Proof<C>, id: TermId) -> Terms<C> {
    match proof.term(id) {
        ProofTerm::Sum(terms) => terms.clone(),
        _ => vec![(C::one(), id)],
    }
}

fn taylor<C: Exact>(proof: &Proof<C>, n: usize, from: TermId, to: TermId) -> bool {
    let expected = derivatives(&proof.recurrence.left, n + 1);
    proof.term(from) == &ProofTerm::Coefficient(n + 1) && is_sum_of(proof, to, &expected)
}

/// What a sum has to consist of: factors and symbols.
type Expected<C> = Vec<(C, ProofTerm<C>)>;

/// `[h^k] Σ_j c_j θ̃(jh)` by time derivatives: `Σ_i (Σ_j c_j j^i)/i! [h^{k−i}] θ̃^{(i)}`, without terms that vanish.
fn derivatives<C: Exact>(pairs: &[(i32, C)], k: usize) -> Expected<C> {
    let mut weighted: Vec<(Rational, C)> =
        pairs.iter().map(|(j, c)| (Rational::from(i64::from(*j)), c.clone())).collect();
    let mut expected = Vec::new();
    for i in 1..=k {
        let mut now = C::zero();
        let step = Rational::new(1, i64::try_from(i).unwrap_or(i64::MAX));
        for (j, c) in &mut weighted {
            // From c j^{i−1}/(i−1)! to c j^i/i!.
            *c = c.scaled(&(&*j * &step));
            now = now.plus(c);
        }
        if !now.is_zero() {
            expected.push((now, ProofTerm::Power(i, k - i)));
        }
    }
    expected
}

/// `Σ w_i [h^m] g_i`, where a gradient taken at θ itself is `g` for m = 0 and nothing otherwise.
fn gradients<C: Exact>(proof: &Proof<C>, weights: &[(usize, C)], m: usize) -> Expected<C> {
    let mut expected = Vec::new();
    let mut plain = C::zero();
    for (i, w) in weights {
        let Some(evaluation) = proof.recurrence.evaluations.get(*i) else { continue };
        let moved = evaluation.at.iter().any(|(k, c)| *k != 0 && !c.is_zero());
        if moved || evaluation.minus_h_times.iter().any(|(_, d)| !d.is_zero()) {
            if !w.is_zero() {
                expected.push((w.clone(), ProofTerm::Gradient(*i, m)));
            }
        } else {
            plain = plain.plus(w);
        }
    }
    if m == 0 && !plain.is_zero() {
        expected.push((plain, ProofTerm::Diff(Vec::new())));
    }
    expected
}

/// Whether a term is the sum of exactly these, in any order.
fn is_sum_of<C: Exact>(proof: &Proof<C>, id: TermId, expected: &[(C, ProofTerm<C>)]) -> bool {
    let terms = summands(proof, id);
    terms.len() == expected.len()
        && expected.iter().all(|(c, symbol)| terms.iter().any(|(d, term)| c == d && proof.term(*term) == symbol))
}

fn update<C: Exact>(proof: &Proof<C>, n: usize, from: TermId, to: TermId) -> bool {
    let weights: Vec<(usize, C)> = proof.recurrence.right.iter().map(C::negated).enumerate().collect();
    proof.term(from) == &ProofTerm::Coefficient(n + 1) && is_sum_of(proof, to, &gradients(proof, &weights, n))
}

fn displacement<C: Exact>(proof: &Proof<C>, from: TermId, to: TermId) -> bool {
    let &ProofTerm::Shift(i, m @ 1..) = proof.term(from) else { return false };
    let Some(evaluation) = proof.recurrence.evaluations.get(i) else { return false };
    let mut expected = derivatives(&evaluation.at, m);
    let weights: Vec<(usize, C)> = evaluation.minus_h_times.iter().map(|(l, d)| (*l, d.negated())).collect();
    expected.extend(gradients(proof, &weights, m - 1));
    is_sum_of(proof, to, &expected)
}

/// Every summand is a derivative contracted with some `[h^{m_j}] δ_i`, one for each way to write m as a sum of `m_j ≥ 1`,
/// with the factor that Taylor's formula gives it.
fn expansion<C: Exact>(proof: &Proof<C>, from: TermId, to: TermId) -> bool {
    let &ProofTerm::Gradient(i, m) = proof.term(from) else { return false };
    if m == 0 {
        return is_gradient(proof, to);
    }
    let mut seen: Vec<Vec<usize>> = Vec::new();
    for (c, term) in summands(proof, to) {
        let ProofTerm::Diff(arguments) = proof.term(term) else { return false };
        let mut powers = Vec::with_capacity(arguments.len());
        for &argument in arguments {
            match proof.term(argument) {
                &ProofTerm::Shift(j, power @ 1..) if i == j => powers.push(power),
                _ => return false,
            }
        }
        powers.sort_unstable();
        // p!/(k_1! k_2! …) orders of the arguments, k_j of them equal, over p!.
        let mut factor = Rational::ONE;
        for run in powers.chunk_by(|a, b| a == b) {
            for k in 1..=run.len() {
                factor = factor / Rational::from(i64::try_from(k).unwrap_or(i64::MAX));
            }
        }
        let total = powers.iter().try_fold(0_usize, |sum, p| sum.checked_add(*p));
        if total != Some(m) || c != C::from_rational(&factor) || seen.contains(&powers) {
            return false;
        }
        seen.push(powers);
    }
    seen.len() == partitions(m)
}

/// The number of partitions of m, by Euler's recurrence over the largest part allowed.
fn partitions(m: usize) -> usize {
    let mut ways = vec![0_usize; m.min(1_000) + 1];
    ways[0] = 1;
    for part in 1..ways.len() {
        for total in part..ways.len() {
            ways[total] = ways[total].saturating_add(ways[total - part]);
        }
    }
    ways[ways.len() - 1]
}

fn is_gradient<C: Exact>(proof: &Proof<C>, id: TermId) -> bool {
    matches!(proof.term(id), ProofTerm::Diff(children) if children.is_empty())
}

fn flow<C: Exact>(proof: &Proof<C>, from: TermId, to: TermId) -> bool {
    matches!((proof.term(from), proof.term(to)), (ProofTerm::Power(1, m), ProofTerm::Field(k)) if m == k)
}

fn series<C: Exact>(proof: &Proof<C>, from: TermId, to: TermId) -> bool {
    let &ProofTerm::Power(i, m) = proof.term(from) else { return false };
    let terms = summands(proof, to);
    i >= 2
        && terms.len().checked_sub(1) == Some(m)
        && terms.iter().zip(0..).all(|((c, term), k)| {
            let &ProofTerm::Lie(f, x) = proof.term(*term) else { return false };
            *c == C::one() && proof.term(f) == &ProofTerm::Field(k) && proof.term(x) == &ProofTerm::Power(i - 1, m - k)
        })
}

fn linearity<C: Exact>(proof: &Proof<C>, from: TermId, to: TermId) -> bool {
    let &ProofTerm::Lie(f, x) = proof.term(from) else { return false };
    if matches!(proof.term(f), ProofTerm::Sum(none) if none.is_empty()) {
        return summands(proof, to).is_empty();
    }
    let ProofTerm::Sum(inner) = proof.term(x) else { return false };
    let outer = summands(proof, to);
    inner.len() == outer.len()
        && inner.iter().zip(&outer).all(|(a, b)| a.0 == b.0 && proof.term(b.1) == &ProofTerm::Lie(f, a.1))
}

fn chain<C: Exact>(proof: &Proof<C>, from: TermId, to: TermId) -> bool {
    matches!(proof.term(from), ProofTerm::Lie(f, g) if is_gradient(proof, *g)
        && proof.term(to) == &ProofTerm::Diff(vec![*f]))
}

fn product<C: Exact>(proof: &Proof<C>, from: TermId, to: TermId) -> bool {
    let &ProofTerm::Lie(f, x) = proof.term(from) else { return false };
    let (ProofTerm::Diff(factors), terms) = (proof.term(x), summands(proof, to)) else { return false };
    let Some(((one, outer), inner)) = terms.split_first() else { return false };
    let with_field: Vec<TermId> = std::iter::once(f).chain(factors.iter().copied()).collect();
    !factors.is_empty()
        && *one == C::one()
        && proof.term(*outer) == &ProofTerm::Diff(with_field)
        && inner.len() == factors.len()
        && inner.iter().enumerate().all(|(j, (one, term))| {
            let ProofTerm::Diff(arguments) = proof.term(*term) else { return false };
            *one == C::one()
                && arguments.len() == factors.len()
                && arguments.iter().zip(factors).enumerate().all(|(i, (argument, factor))| {
                    if i == j { proof.term(*argument) == &ProofTerm::Lie(f, *factor) } else { argument == factor }
                })
        })
}

fn multilinearity<C: Exact>(proof: &Proof<C>, from: TermId, to: TermId) -> bool {
    let ProofTerm::Diff(arguments) = proof.term(from) else { return false };
    let choices: Vec<Terms<C>> = arguments.iter().map(|&a| summands(proof, a)).collect();
    arguments.iter().any(|&a| matches!(proof.term(a), ProofTerm::Sum(_)))
        && summands(proof, to).iter().all(|(_, term)| {
            let ProofTerm::Diff(chosen) = proof.term(*term) else { return false };
            chosen.len() == choices.len()
                && chosen.iter().zip(&choices).all(|(c, terms)| terms.iter().any(|(_, term)| term == c))
        })
}

fn symmetry<C: Exact>(proof: &Proof<C>, from: TermId, to: TermId) -> bool {
    let (ProofTerm::Diff(a), ProofTerm::Diff(b)) = (proof.term(from), proof.term(to)) else { return false };
    let sorted = |ids: &[TermId]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids
    };
    sorted(a) == sorted(b)
}

/// The right side has one summand per like term, each of which stands on the left, at most one bracket deep.
fn collect<C: Exact>(proof: &Proof<C>, from: TermId, to: TermId) -> bool {
    let ProofTerm::Sum(left) = proof.term(from) else { return false };
    let mut like: Vec<TermId> = Vec::new();
    for (_, term) in left {
        like.extend(summands(proof, *term).iter().map(|(_, t)| *t));
    }
    like.sort_unstable();
    let mut right: Vec<TermId> = summands(proof, to).iter().map(|(_, t)| *t).collect();
    let count = right.len();
    right.sort_unstable();
    right.dedup();
    right.len() == count && right.iter().all(|t| like.binary_search(t).is_ok())
}

/// Both sides are built alike, and where they differ earlier steps have the two parts equal.
fn substitution<C: Exact>(proof: &Proof<C>, step: &Step) -> Result<(), String> {
    let mut equal = Equalities::new(proof, &step.uses);
    if equal.same(step.before, step.after) {
        return Ok(());
    }
    let (a, b) = (proof.term(step.before), proof.term(step.after));
    let alike = match (a, b) {
        (ProofTerm::Diff(x), ProofTerm::Diff(y)) => x.len() == y.len(),
        (ProofTerm::Sum(x), ProofTerm::Sum(y)) => x.len() == y.len() && x.iter().zip(y).all(|(p, q)| p.0 == q.0),
        (ProofTerm::Lie(..), ProofTerm::Lie(..)) => true,
        _ => false,
    };
    if !alike {
        return Err("the two sides differ by more than a substitution".to_owned());
    }
    let shown = a.children().into_iter().zip(b.children()).all(|(x, y)| equal.same(x, y));
    if shown { Ok(()) } else { Err("the steps it refers to do not show the replaced parts equal".to_owned()) }
}

/// Whether a term is a sum of derivatives of `E` contracted with each other and nothing else, and also of the field `f_n`
/// where that is asked for.
fn is_written_out<C: Exact>(proof: &Proof<C>, id: TermId, n: Option<usize>) -> bool {
    let mut fields = 0;
    let mut open = Vec::new();
    for (c, term) in summands(proof, id) {
        match (proof.term(term), n) {
            (ProofTerm::Field(k), Some(n)) if *k == n && !c.is_zero() => fields += 1,
            _ => open.push(term),
        }
    }
    let mut seen = FxHashSet::default();
    while let Some(term) = open.pop() {
        let ProofTerm::Diff(arguments) = proof.term(term) else { return false };
        open.extend(arguments.iter().copied().filter(|argument| seen.insert(*argument)));
    }
    fields == usize::from(n.is_some())
}

/// The two ends of the chain that a solution for `f_n` rests on: `c f_n + r` and `v`, with r and v written out.
///
/// The links form one chain from the one to the other by way of `(coefficient n+1)`, so that none can be left out.
pub(super) fn equation_and_target<C: Exact>(
    proof: &Proof<C>,
    n: usize,
    step: &Step,
) -> Result<(TermId, TermId), String> {
    let mut ends: FxHashMap<TermId, usize> = FxHashMap::default();
    let mut equal = Equalities::new(proof, &step.uses);
    for link in &step.uses {
        let (Some(first), Some(last)) = (proof.steps.get(link.first), proof.steps.get(link.last)) else { continue };
        for end in [first.before, last.after] {
            *ends.entry(end).or_default() += 1;
        }
    }
    let Some(coefficient) = ends.keys().copied().find(|&t| proof.term(t) == &ProofTerm::Coefficient(n + 1)) else {
        return Err(format!("the steps it refers to do not begin at the coefficient of h^{}", n + 1));
    };
    let path = ends.len() == step.uses.len() + 1 && ends.values().all(|&k| k <= 2);
    if !path || ends.keys().any(|&t| !equal.same(t, coefficient)) {
        return Err("the pairs of steps it refers to do not form one chain in which each is needed".to_owned());
    }
    let outer: Vec<TermId> = ends.iter().filter(|(_, k)| **k == 1).map(|(t, _)| *t).collect();
    let equation = outer.iter().copied().find(|&t| is_written_out(proof, t, Some(n)));
    let equation = equation.ok_or_else(|| {
        format!("the steps it refers to do not end in f_{n} with a factor and derivatives of E written out")
    })?;
    let target = outer.iter().copied().find(|&t| t != equation && is_written_out(proof, t, None));
    let target = target.ok_or("the steps it refers to do not end in what the coefficient has to be, written out")?;
    if !is_written_out(proof, step.after, None) {
        return Err(format!("the solution for f_{n} is no sum of derivatives of E written out"));
    }
    Ok((equation, target))
}

/// The equalities that some links establish: a union–find over their ends.
pub(super) struct Equalities {
    parent: FxHashMap<TermId, TermId>,
}

impl Equalities {
    /// Those of `links`, which must lie within the proof.
    pub(super) fn new<C: Exact>(proof: &Proof<C>, links: &[Link]) -> Self {
        let mut equal = Self { parent: FxHashMap::default() };
        for link in links {
            let (Some(first), Some(last)) = (proof.steps.get(link.first), proof.steps.get(link.last)) else { continue };
            let (a, b) = (equal.root(first.before), equal.root(last.after));
            equal.parent.insert(a, b);
            equal.parent.entry(b).or_insert(b);
        }
        equal
    }

    fn root(&mut self, mut id: TermId) -> TermId {
        while let Some(&parent) = self.parent.get(&id) {
            if parent == id {
                break;
            }
            id = parent;
        }
        id
    }

    /// Whether the links make two terms equal.
    pub(super) fn same(&mut self, a: TermId, b: TermId) -> bool {
        a == b || self.root(a) == self.root(b)
    }
}
