//! A derivation as data: numbered steps, each an exact equality with the rule that justifies it.

use super::Exact;
use crate::number::Scalar;
use crate::optimizer::Recurrence;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Why the two sides of a [`Step`] are equal.
///
/// In the formulas `f`, `x`, `v_j` are any terms and `τ` a tree; `θ̃^{(i)}` is the i-th time derivative of the modified flow at
/// time 0 and `[h^m]` takes the coefficient of `h^m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// `[h^{n+1}] Σ_j a_j θ̃(jh) = Σ_{i=1}^{n+1} (Σ_j a_j j^i)/i! [h^{n+1−i}] θ̃^{(i)}`.
    Taylor,
    /// What the optimizer's recurrence says of a coefficient: `[h^{n+1}] Σ_j a_j θ̃(jh) = −Σ_i b_i [h^n] g_i`. A gradient
    /// taken at θ itself is `g` for n = 0 and nothing for n ≥ 1: gradient descent has `[h^1] θ̃(h) = −g`, then 0.
    Update,
    /// `[h^m] δ_i = Σ_p (Σ_k c_ik k^p)/p! [h^{m−p}] θ̃^{(p)} − Σ_l d_il [h^{m−1}] g_l`, m ≥ 1: where a gradient is taken.
    Displacement,
    /// `[h^m] g_i = Σ_p 1/p! Σ_{m_1+…+m_p=m} ∇^{p+1}E[[h^{m_1}] δ_i, …, [h^{m_p}] δ_i]`: Taylor expansion of g about θ.
    Expansion,
    /// `[h^m] θ̃^{(1)} = f_m`, the definition of the modified flow.
    Flow,
    /// `[h^m] θ̃^{(i)} = Σ_{k=0}^m L_{f_k} [h^{m−k}] θ̃^{(i−1)}`, i ≥ 2: the time derivative along the modified flow.
    Series,
    /// `L_f(Σ c_j x_j) = Σ c_j L_f(x_j)`, and `L_f(x) = 0` for f = 0.
    Linearity,
    /// `L_f(g) = H f`.
    Chain,
    /// `L_f(∇^{k+1}E[v_1, …, v_k]) = ∇^{k+2}E[f, v_1, …, v_k] + Σ_j ∇^{k+1}E[v_1, …, L_f(v_j), …, v_k]`, k ≥ 1.
    Product,
    /// `∇^{k+1}E[…, Σ c_j x_j, …] = Σ c_j ∇^{k+1}E[…, x_j, …]`, in one or more arguments at once.
    Multilinearity,
    /// `∇^{k+1}E[…]` does not depend on the order of its arguments.
    Symmetry,
    /// Nested sums are written out and like terms added up.
    Collect,
    /// Subterms are replaced by others that earlier steps, named in [`Step::uses`], showed equal to them.
    Substitution,
    /// `f_n` is isolated in the equation that earlier steps, named in [`Step::uses`], established.
    Solve,
}

impl Rule {
    /// All rules.
    pub const ALL: [Rule; 14] = [
        Rule::Taylor,
        Rule::Update,
        Rule::Displacement,
        Rule::Expansion,
        Rule::Flow,
        Rule::Series,
        Rule::Linearity,
        Rule::Chain,
        Rule::Product,
        Rule::Multilinearity,
        Rule::Symmetry,
        Rule::Collect,
        Rule::Substitution,
        Rule::Solve,
    ];

    /// The name that machines read.
    ///
    /// ```
    /// use shadowflow::series::egraph::Rule;
    /// assert_eq!(Rule::Product.name(), "product");
    /// assert_eq!(Rule::from_name("product"), Some(Rule::Product));
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Rule::Taylor => "taylor",
            Rule::Update => "update",
            Rule::Displacement => "displacement",
            Rule::Expansion => "expansion",
            Rule::Flow => "flow",
            Rule::Series => "series",
            Rule::Linearity => "linearity",
            Rule::Chain => "chain",
            Rule::Product => "product",
            Rule::Multilinearity => "multilinearity",
            Rule::Symmetry => "symmetry",
            Rule::Collect => "collect",
            Rule::Substitution => "substitution",
            Rule::Solve => "solve",
        }
    }

    /// The rule of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

/// A term of a [`Proof`], by number. Children have smaller numbers than their parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(u32);

impl TermId {
    /// The number as an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A term of a derivation, exact.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ProofTerm<C = Scalar> {
    /// `[h^k] Σ_j a_j θ̃(jh)`, for one step `[h^k] θ̃(h)`.
    Coefficient(usize),
    /// `[h^m] g_i` as `Gradient(i, m)`: a part of the i-th gradient that the recurrence takes.
    Gradient(usize, usize),
    /// `[h^m] δ_i` as `Shift(i, m)`: a part of the displacement from θ of the place where `g_i` is taken.
    Shift(usize, usize),
    /// `[h^m] θ̃^{(i)}` as `Power(i, m)`.
    Power(usize, usize),
    /// `f_n`.
    Field(usize),
    /// `∇^{k+1}E` contracted with its k children; without children it is `g`.
    Diff(Vec<TermId>),
    /// The sum of the children, each times its coefficient; without children it is 0.
    Sum(Vec<(C, TermId)>),
    /// `L_f(x)` as `Lie(f, x)`, the derivative of `x` along the field `f`.
    Lie(TermId, TermId),
}

impl<C> ProofTerm<C> {
    /// The children, from the left.
    #[must_use]
    pub fn children(&self) -> Vec<TermId> {
        match self {
            ProofTerm::Coefficient(_)
            | ProofTerm::Gradient(..)
            | ProofTerm::Shift(..)
            | ProofTerm::Power(..)
            | ProofTerm::Field(_) => Vec::new(),
            ProofTerm::Diff(children) => children.clone(),
            ProofTerm::Sum(terms) => terms.iter().map(|(_, child)| *child).collect(),
            ProofTerm::Lie(f, x) => vec![*f, *x],
        }
    }
}

/// Consecutive steps that lead from one term to another: each starts with the term that the one before it ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// Index of the first step.
    pub first: usize,
    /// Index of the last step.
    pub last: usize,
}

/// One step of a derivation: the claim `before = after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The term before.
    pub before: TermId,
    /// Why.
    pub rule: Rule,
    /// The term after.
    pub after: TermId,
    /// Whether the rule leads from `after` to `before`.
    pub backward: bool,
    /// The earlier equalities that a substitution or a solution rests on; empty for all other rules.
    pub uses: Vec<Link>,
}

/// A derivation of `f_0, …, f_N`: steps in order, each resting on earlier ones only.
///
/// The steps of order n end with the one that solves for `f_n`; later orders use its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof<C: Exact = Scalar> {
    /// The recurrence of the optimizer that the proof is about.
    pub recurrence: Recurrence<C>,
    /// The steps of all orders.
    pub steps: Vec<Step>,
    /// For each order the index behind its last step.
    pub ends: Vec<usize>,
    terms: Vec<ProofTerm<C>>,
    numbers: FxHashMap<ProofTerm<C>, TermId>,
}

impl<C: Exact> Proof<C> {
    /// A proof of nothing yet about the modified equation of `recurrence`.
    #[must_use]
    pub fn new(recurrence: Recurrence<C>) -> Self {
        Self { recurrence, steps: Vec::new(), ends: Vec::new(), terms: Vec::new(), numbers: FxHashMap::default() }
    }

    /// The number of `term`, new or known.
    ///
    /// # Panics
    /// If a child is no term of this proof.
    pub fn intern(&mut self, term: ProofTerm<C>) -> TermId {
        if let Some(&known) = self.numbers.get(&term) {
            return known;
        }
        assert!(term.children().iter().all(|c| c.index() < self.terms.len()), "a child is no term of this proof");
        let number = TermId(u32::try_from(self.terms.len()).unwrap_or(u32::MAX));
        self.terms.push(term.clone());
        self.numbers.insert(term, number);
        number
    }

    /// The term with this number.
    #[must_use]
    pub fn term(&self, id: TermId) -> &ProofTerm<C> {
        &self.terms[id.index()]
    }

    /// All terms, children before parents.
    #[must_use]
    pub fn terms(&self) -> &[ProofTerm<C>] {
        &self.terms
    }

    /// The steps of order `n` as a range of indices; empty beyond the last order.
    #[must_use]
    pub fn order(&self, n: usize) -> Range<usize> {
        let Some(&end) = self.ends.get(n) else { return 0..0 };
        let start = n.checked_sub(1).map_or(0, |before| self.ends[before]);
        start..end
    }
}
