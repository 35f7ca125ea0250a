//! Whether a step has the form that its rule speaks of.
//!
//! That both sides are equal is checked by value; here a true step with the wrong reason is found.

use crate::bea::egraph::{Link, Proof, ProofTerm, Rule, Step, TermId};
use crate::number::Rational;
use rustc_hash::FxHashMap;

type Terms = Vec<(Rational, TermId)>;

/// Checks the form of a step of order `n`.
pub(super) fn check(proof: &Proof, n: usize, step: &Step) -> Result<(), String> {
    let (from, to) = if step.backward { (step.after, step.before) } else { (step.before, step.after) };
    let holds = match step.rule {
        Rule::Taylor => taylor(proof, n, from, to),
        Rule::Update => update(proof, n, from, to),
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
fn summands(proof: &Proof, id: TermId) -> Terms {
    match proof.term(id) {
        ProofTerm::Sum(terms) => terms.clone(),
        _ => vec![(Rational::ONE, id)],
    }
}

fn taylor(proof: &Proof, n: usize, from: TermId, to: TermId) -> bool {
    let mut factorial = 1_i64;
    let mut reciprocal = Rational::ONE;
    let terms = summands(proof, to);
    proof.term(from) == &ProofTerm::Coefficient(n + 1)
        && terms.len() == n + 1
        && terms.iter().zip(1..).all(|((c, term), i)| {
            reciprocal = reciprocal.clone() / Rational::from(factorial);
            factorial += 1;
            proof.term(*term) == &ProofTerm::Power(i, n + 1 - i) && *c == reciprocal
        })
}

fn update(proof: &Proof, n: usize, from: TermId, to: TermId) -> bool {
    let target = match proof.term(to) {
        ProofTerm::Sum(terms) => terms,
        _ => return false,
    };
    let right = match &target[..] {
        [] => n > 0,
        [(c, g)] => n == 0 && *c == Rational::MINUS_ONE && is_gradient(proof, *g),
        _ => false,
    };
    right && proof.term(from) == &ProofTerm::Coefficient(n + 1)
}

fn is_gradient(proof: &Proof, id: TermId) -> bool {
    matches!(proof.term(id), ProofTerm::Diff(children) if children.is_empty())
}

fn flow(proof: &Proof, from: TermId, to: TermId) -> bool {
    matches!((proof.term(from), proof.term(to)), (ProofTerm::Power(1, m), ProofTerm::Field(k)) if m == k)
}

fn series(proof: &Proof, from: TermId, to: TermId) -> bool {
    let &ProofTerm::Power(i, m) = proof.term(from) else { return false };
    let terms = summands(proof, to);
    i >= 2
        && terms.len().checked_sub(1) == Some(m)
        && terms.iter().zip(0..).all(|((c, term), k)| {
            let &ProofTerm::Lie(f, x) = proof.term(*term) else { return false };
            c.is_one() && proof.term(f) == &ProofTerm::Field(k) && proof.term(x) == &ProofTerm::Power(i - 1, m - k)
        })
}

fn linearity(proof: &Proof, from: TermId, to: TermId) -> bool {
    let &ProofTerm::Lie(f, x) = proof.term(from) else { return false };
    let ProofTerm::Sum(inner) = proof.term(x) else { return false };
    let outer = summands(proof, to);
    inner.len() == outer.len()
        && inner.iter().zip(&outer).all(|(a, b)| a.0 == b.0 && proof.term(b.1) == &ProofTerm::Lie(f, a.1))
}

fn chain(proof: &Proof, from: TermId, to: TermId) -> bool {
    matches!(proof.term(from), ProofTerm::Lie(f, g) if is_gradient(proof, *g)
        && proof.term(to) == &ProofTerm::Diff(vec![*f]))
}

fn product(proof: &Proof, from: TermId, to: TermId) -> bool {
    let &ProofTerm::Lie(f, x) = proof.term(from) else { return false };
    let (ProofTerm::Diff(factors), terms) = (proof.term(x), summands(proof, to)) else { return false };
    let Some(((one, outer), inner)) = terms.split_first() else { return false };
    let with_field: Vec<TermId> = std::iter::once(f).chain(factors.iter().copied()).collect();
    !factors.is_empty()
        && one.is_one()
        && proof.term(*outer) == &ProofTerm::Diff(with_field)
        && inner.len() == factors.len()
        && inner.iter().enumerate().all(|(j, (one, term))| {
            let ProofTerm::Diff(arguments) = proof.term(*term) else { return false };
            one.is_one()
                && arguments.len() == factors.len()
                && arguments.iter().zip(factors).enumerate().all(|(i, (argument, factor))| {
                    if i == j { proof.term(*argument) == &ProofTerm::Lie(f, *factor) } else { argument == factor }
                })
        })
}

fn multilinearity(proof: &Proof, from: TermId, to: TermId) -> bool {
    let ProofTerm::Diff(arguments) = proof.term(from) else { return false };
    let choices: Vec<Terms> = arguments.iter().map(|&a| summands(proof, a)).collect();
    arguments.iter().any(|&a| matches!(proof.term(a), ProofTerm::Sum(_)))
        && summands(proof, to).iter().all(|(_, term)| {
            let ProofTerm::Diff(chosen) = proof.term(*term) else { return false };
            chosen.len() == choices.len()
                && chosen.iter().zip(&choices).all(|(c, terms)| terms.iter().any(|(_, term)| term == c))
        })
}

fn symmetry(proof: &Proof, from: TermId, to: TermId) -> bool {
    let (ProofTerm::Diff(a), ProofTerm::Diff(b)) = (proof.term(from), proof.term(to)) else { return false };
    let sorted = |ids: &[TermId]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids
    };
    sorted(a) == sorted(b)
}

/// The right side has one summand per like term, each of which stands on the left, at most one bracket deep.
fn collect(proof: &Proof, from: TermId, to: TermId) -> bool {
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
fn substitution(proof: &Proof, step: &Step) -> Result<(), String> {
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

/// The equalities that some links establish: a union–find over their ends.
pub(super) struct Equalities {
    parent: FxHashMap<TermId, TermId>,
}

impl Equalities {
    /// Those of `links`, which must lie within the proof.
    pub(super) fn new(proof: &Proof, links: &[Link]) -> Self {
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

    /// All ends of links.
    pub(super) fn ends(&self) -> Vec<TermId> {
        let mut ends: Vec<TermId> = self.parent.keys().copied().collect();
        ends.sort_unstable();
        ends
    }
}
