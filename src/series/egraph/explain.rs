//! From egg's explanations to a [`Proof`].
//!
//! egg explains an equality by a tree of steps with shared parts. Every chain of steps is written down once and referred to from
//! then on, so the proof grows with the number of distinct equalities; the flat form of an explanation would not fit in memory.

use super::Exact;
use super::analysis::{Graph, Solved};
use super::language::Node;
use super::proof::{Link, Proof, ProofTerm, Rule, Step, TermId};
use super::terms::normal_term;
use crate::budget::tick;
use crate::optimizer::Recurrence;
use egg::{Id, TreeExplanation, TreeTerm};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Collects the explanations of all orders in one proof.
#[derive(Debug)]
pub(super) struct Explainer<C: Exact> {
    /// The proof so far.
    pub(super) proof: Proof<C>,
    /// How an equality follows from steps: links which lead from the one term to the other.
    known: FxHashMap<(TermId, TermId), Vec<Link>>,
}

/// Terms at the two ends of parts of one explanation, by address; they live as long as the explanation.
struct Ends<C: Exact> {
    initial: FxHashMap<*const TreeTerm<Node<C>>, TermId>,
    last: FxHashMap<*const TreeTerm<Node<C>>, TermId>,
}

impl<C: Exact> Default for Ends<C> {
    fn default() -> Self {
        Self { initial: FxHashMap::default(), last: FxHashMap::default() }
    }
}

/// One equality of a chain.
enum Piece {
    /// Earlier steps have it.
    Known(TermId, TermId, Vec<Link>),
    New(Step),
}

impl<C: Exact> Explainer<C> {
    /// A proof of nothing yet about the modified equation of this recurrence.
    pub(super) fn new(recurrence: Recurrence<C>) -> Self {
        Self { proof: Proof::new(recurrence), known: FxHashMap::default() }
    }

    /// Adds the steps that lead to `f_n`. `None` if the e-graph does not hold a solution.
    pub(super) fn explain(&mut self, graph: &mut Graph<C>, n: usize) -> Option<()> {
        let Solved { equation, target, field } = graph.analysis.solved.get(n)?.clone();
        let coefficient = graph.add_uncanonical(Node::Coefficient(n + 1));
        let explanation = explanation(graph, coefficient, equation)?;
        let mut ends = Ends::default();

        // The expansion (the first link, a rule's) and the step come first, as in a paper; then what the derivatives are.
        let mut uses = self.emit(explanation.get(..2)?, &mut ends)?;
        let update = self.chain(graph, coefficient, target)?;
        uses.extend(self.emit(&explanation[1..], &mut ends)?);
        uses.extend(update);
        uses.sort_unstable();
        let value = normal_term(graph, field)?;
        self.chain(graph, field, value)?;
        let solution = self.proof.steps.last_mut()?;
        if solution.rule != Rule::Solve {
            return None;
        }
        solution.uses = uses;
        self.proof.ends.push(self.proof.steps.len());
        Some(())
    }

    fn chain(&mut self, graph: &mut Graph<C>, from: Id, to: Id) -> Option<Vec<Link>> {
        self.emit(&explanation(graph, from, to)?, &mut Ends::default())
    }

    /// Writes the new steps of a chain of equalities down, after those they rest on, and tells which steps make up the chain.
    ///
    /// Recursion goes as deep as terms are nested, which the order bounds; egg's own goes as deep.
    fn emit(&mut self, chain: &[Rc<TreeTerm<Node<C>>>], ends: &mut Ends<C>) -> Option<Vec<Link>> {
        tick();
        let before = self.initial(chain.first()?, ends);
        let after = self.last(chain.last()?, ends);
        if before == after {
            return Some(Vec::new());
        }
        if let Some(known) = self.known.get(&(before, after)) {
            return Some(known.clone());
        }
        let mut pieces = Vec::with_capacity(chain.len());
        let mut current = before;
        for link in &chain[1..] {
            let next = self.last(link, ends);
            if next != current {
                pieces.push(self.piece(current, next, link, ends)?);
            }
            current = next;
        }
        let path = self.write(pieces);
        self.known.insert((before, after), path.clone());
        Some(path)
    }

    fn piece(
        &mut self,
        before: TermId,
        after: TermId,
        link: &Rc<TreeTerm<Node<C>>>,
        ends: &mut Ends<C>,
    ) -> Option<Piece> {
        let (rule, backward) = match (link.forward_rule, link.backward_rule) {
            (Some(name), _) => (Rule::from_name(name.as_str())?, false),
            (None, Some(name)) => (Rule::from_name(name.as_str())?, true),
            (None, None) => (Rule::Substitution, false),
        };
        // What only one order may say is said there; later, and backwards, it is referred to.
        if matches!(rule, Rule::Solve | Rule::Taylor | Rule::Update)
            && backward
            && let Some(solved) = self.known.get(&(after, before)).cloned()
        {
            return Some(Piece::New(Step { before, rule: Rule::Substitution, after, backward: false, uses: solved }));
        }
        let mut uses = Vec::new();
        if rule == Rule::Substitution && !self.known.contains_key(&(before, after)) {
            for child in &link.child_proofs {
                for used in self.emit(child, ends)? {
                    if !uses.contains(&used) {
                        uses.push(used);
                    }
                }
            }
        }
        Some(match self.known.get(&(before, after)) {
            Some(known) => Piece::Known(before, after, known.clone()),
            None => Piece::New(Step { before, rule, after, backward, uses }),
        })
    }

    /// Writes the pieces down as consecutive steps, known ones in a row as one step that refers to them, so that the chain can be
    /// read. A chain without anything new is only referred to.
    fn write(&mut self, pieces: Vec<Piece>) -> Vec<Link> {
        let any_new = pieces.iter().any(|piece| matches!(piece, Piece::New(_)));
        let mut path = Vec::new();
        let mut pieces = pieces.into_iter().peekable();
        while let Some(piece) = pieces.next() {
            let step = match piece {
                Piece::New(step) => step,
                Piece::Known(before, mut after, mut uses) => {
                    while let Some(Piece::Known(_, end, links)) = pieces.next_if(|p| matches!(p, Piece::Known(..))) {
                        after = end;
                        links.into_iter().for_each(|link| push_joined(&mut uses, link));
                    }
                    if !any_new {
                        return uses;
                    }
                    // There and back again says nothing.
                    if before == after {
                        continue;
                    }
                    Step { before, rule: Rule::Substitution, after, backward: false, uses }
                }
            };
            let at = Link { first: self.proof.steps.len(), last: self.proof.steps.len() };
            self.known.entry((step.before, step.after)).or_insert_with(|| vec![at]);
            self.proof.steps.push(step);
            push_joined(&mut path, at);
        }
        path
    }

    /// An e-node over given children as a term of the proof; a sum of one term with coefficient 1 is that term.
    fn intern(&mut self, node: &Node<C>, children: &[TermId]) -> TermId {
        match (node, children) {
            (Node::Sum(coefficients, _), [only]) if coefficients[0] == C::one() => *only,
            _ => self.proof.intern(spelt(node, children)),
        }
    }

    fn initial(&mut self, term: &Rc<TreeTerm<Node<C>>>, ends: &mut Ends<C>) -> TermId {
        if let Some(&known) = ends.initial.get(&Rc::as_ptr(term)) {
            return known;
        }
        let mut children = Vec::with_capacity(term.child_proofs.len());
        for child in &term.child_proofs {
            children.extend(child.first().map(|c| self.initial(c, ends)));
        }
        let id = self.intern(&term.node, &children);
        ends.initial.insert(Rc::as_ptr(term), id);
        id
    }

    fn last(&mut self, term: &Rc<TreeTerm<Node<C>>>, ends: &mut Ends<C>) -> TermId {
        if let Some(&known) = ends.last.get(&Rc::as_ptr(term)) {
            return known;
        }
        let mut children = Vec::with_capacity(term.child_proofs.len());
        for child in &term.child_proofs {
            children.extend(child.last().map(|c| self.last(c, ends)));
        }
        let id = self.intern(&term.node, &children);
        ends.last.insert(Rc::as_ptr(term), id);
        id
    }
}

/// egg's explanation of an equality, if it holds.
fn explanation<C: Exact>(graph: &mut Graph<C>, from: Id, to: Id) -> Option<TreeExplanation<Node<C>>> {
    (graph.find(from) == graph.find(to)).then(|| graph.explain_id_equivalence(from, to).explanation_trees)
}

/// Appends a link, joined to the last one where it carries on with the next step.
fn push_joined(path: &mut Vec<Link>, link: Link) {
    match path.last_mut() {
        Some(last) if last.last + 1 == link.first => last.last = link.last,
        _ => path.push(link),
    }
}

/// An e-node over given children as a term of the proof.
fn spelt<C: Exact>(node: &Node<C>, children: &[TermId]) -> ProofTerm<C> {
    match node {
        Node::Coefficient(k) => ProofTerm::Coefficient(*k),
        Node::Gradient(i, m) => ProofTerm::Gradient(*i, *m),
        Node::Shift(i, m) => ProofTerm::Shift(*i, *m),
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
