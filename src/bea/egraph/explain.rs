//! From egg's explanations to a [`Proof`].
//!
//! egg explains an equality by a tree of steps with shared parts. Every chain of steps is written down once and referred to from
//! then on, so the proof grows with the number of distinct equalities; the flat form of an explanation would not fit in memory.

use super::analysis::{Graph, Solved};
use super::language::Node;
use super::proof::{Link, Proof, ProofTerm, Rule, Step, TermId};
use super::rules::taylor_term;
use egg::{Id, TreeTerm};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Collects the explanations of all orders in one proof.
#[derive(Debug, Default)]
pub(super) struct Explainer {
    /// The proof so far.
    pub(super) proof: Proof,
    /// Where an equality was established.
    known: FxHashMap<(TermId, TermId), Link>,
}

/// Terms at the two ends of parts of one explanation, by address; they live as long as the explanation.
#[derive(Default)]
struct Ends {
    initial: FxHashMap<*const TreeTerm<Node>, TermId>,
    last: FxHashMap<*const TreeTerm<Node>, TermId>,
}

impl Explainer {
    /// Adds the steps that lead to `f_n`. `None` if the e-graph does not hold a solution.
    pub(super) fn explain(&mut self, graph: &mut Graph, n: usize) -> Option<()> {
        let Solved { equation, target, field, value } = graph.analysis.solved.get(n)?.clone();
        let coefficient = graph.add_uncanonical(Node::Coefficient(n + 1));
        let expansion = taylor_term(graph, n + 1);

        let taylor = self.chain(graph, coefficient, expansion)?;
        let update = self.chain(graph, coefficient, target)?;
        let collected = self.chain(graph, expansion, equation)?;
        let uses = vec![taylor, collected, update];
        self.chain(graph, field, value)?;
        let solution = self.proof.steps.last_mut()?;
        if solution.rule != Rule::Solve {
            return None;
        }
        solution.uses = uses;
        self.proof.ends.push(self.proof.steps.len());
        Some(())
    }

    fn chain(&mut self, graph: &mut Graph, from: Id, to: Id) -> Option<Link> {
        let explanation = graph.explain_id_equivalence(from, to);
        self.emit(&explanation.explanation_trees, &mut Ends::default())
    }

    /// Writes a chain of equalities down, after those it rests on. `None` if its two ends are one term.
    ///
    /// Recursion goes as deep as terms are nested, which the order bounds; egg's own goes as deep.
    fn emit(&mut self, chain: &[Rc<TreeTerm<Node>>], ends: &mut Ends) -> Option<Link> {
        let before = self.initial(chain.first()?, ends);
        let after = self.last(chain.last()?, ends);
        if before == after {
            return None;
        }
        if let Some(&known) = self.known.get(&(before, after)) {
            return Some(known);
        }
        let mut steps = Vec::with_capacity(chain.len());
        let mut current = before;
        for link in &chain[1..] {
            let next = self.last(link, ends);
            if next == current {
                continue;
            }
            let (rule, backward) = match (link.forward_rule, link.backward_rule) {
                (Some(name), _) => (Rule::from_name(name.as_str())?, false),
                (None, Some(name)) => (Rule::from_name(name.as_str())?, true),
                (None, None) => (Rule::Substitution, false),
            };
            let mut uses = Vec::new();
            if rule == Rule::Substitution {
                for child in &link.child_proofs {
                    if let Some(used) = self.emit(child, ends)
                        && !uses.contains(&used)
                    {
                        uses.push(used);
                    }
                }
            }
            steps.push(Step { before: current, rule, after: next, backward, uses });
            current = next;
        }
        let first = self.proof.steps.len();
        for (index, step) in steps.iter().enumerate() {
            let at = first + index;
            self.known.entry((step.before, step.after)).or_insert(Link { first: at, last: at });
        }
        self.proof.steps.extend(steps);
        let link = Link { first, last: self.proof.steps.len() - 1 };
        self.known.insert((before, after), link);
        Some(link)
    }

    fn initial(&mut self, term: &Rc<TreeTerm<Node>>, ends: &mut Ends) -> TermId {
        if let Some(&known) = ends.initial.get(&Rc::as_ptr(term)) {
            return known;
        }
        let mut children = Vec::with_capacity(term.child_proofs.len());
        for child in &term.child_proofs {
            children.extend(child.first().map(|c| self.initial(c, ends)));
        }
        let id = self.proof.intern(spelt(&term.node, &children));
        ends.initial.insert(Rc::as_ptr(term), id);
        id
    }

    fn last(&mut self, term: &Rc<TreeTerm<Node>>, ends: &mut Ends) -> TermId {
        if let Some(&known) = ends.last.get(&Rc::as_ptr(term)) {
            return known;
        }
        let mut children = Vec::with_capacity(term.child_proofs.len());
        for child in &term.child_proofs {
            children.extend(child.last().map(|c| self.last(c, ends)));
        }
        let id = self.proof.intern(spelt(&term.node, &children));
        ends.last.insert(Rc::as_ptr(term), id);
        id
    }
}

/// An e-node over given children as a term of the proof.
fn spelt(node: &Node, children: &[TermId]) -> ProofTerm {
    match node {
        Node::Coefficient(k) => ProofTerm::Coefficient(*k),
        Node::Power(i, m) => ProofTerm::Power(*i, *m),
        Node::Field(n) => ProofTerm::Field(*n),
        Node::Diff(_) => ProofTerm::Diff(children.to_vec()),
        Node::Sum(coefficients, _) => {
            ProofTerm::Sum(coefficients.iter().cloned().zip(children.iter().copied()).collect())
        }
        Node::Lie(_) => match children {
            [f, x] => ProofTerm::Lie(*f, *x),
            _ => ProofTerm::Sum(Vec::new()),
        },
    }
}
