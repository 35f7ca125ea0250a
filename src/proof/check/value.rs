//! What a term of a proof is: a combination of trees, computed from the meaning of the symbols.

use crate::budget::tick;
use crate::number::Rational;
use crate::optimizer::Recurrence;
use crate::series::egraph::{Exact, Proof, ProofTerm, TermId};
use crate::tree::Tree;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Most terms of a value: a bound on what a proof of unknown origin can ask for.
const MAX_TERMS: usize = 1_000_000;

/// Highest power of h to which a displaced gradient is expanded: the recursion goes as deep.
const MAX_EXPANSION: usize = 40;

/// A multiple of the unknown field plus a combination of trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value<C> {
    /// The factor of the `f_n` that is being solved for.
    pub(super) unknown: C,
    /// Coefficients by the number of the tree, none zero.
    pub(super) terms: BTreeMap<u32, C>,
}

impl<C: Exact> Value<C> {
    /// Nothing.
    pub(super) fn zero() -> Self {
        Self { unknown: C::zero(), terms: BTreeMap::new() }
    }

    fn one(tree: u32) -> Self {
        Self { unknown: C::zero(), terms: BTreeMap::from([(tree, C::one())]) }
    }

    fn add(&mut self, coefficient: &C, tree: u32) {
        let sum = self.terms.entry(tree).or_insert_with(C::zero);
        *sum = sum.plus(coefficient);
        if sum.is_zero() {
            self.terms.remove(&tree);
        }
    }

    /// Adds `factor · other`.
    pub(super) fn add_scaled(&mut self, factor: &C, other: &Value<C>) {
        self.unknown = self.unknown.plus(&factor.times(&other.unknown));
        for (&tree, coefficient) in &other.terms {
            self.add(&factor.times(coefficient), tree);
        }
    }

    /// The coefficient of a tree.
    pub(super) fn coefficient(&self, tree: u32) -> C {
        self.terms.get(&tree).cloned().unwrap_or_else(C::zero)
    }
}

/// Trees, the fields known so far, and the values computed from them.
#[derive(Debug)]
pub(super) struct Algebra<'a, C: Exact> {
    recurrence: &'a Recurrence<C>,
    /// `f_0, f_1, …` as the proof claims them.
    pub(super) fields: Vec<Rc<Value<C>>>,
    trees: Vec<Tree>,
    numbers: FxHashMap<Tree, u32>,
    grafts: FxHashMap<(u32, u32), Rc<[u32]>>,
    powers: FxHashMap<(usize, usize), Rc<Value<C>>>,
    gradients: FxHashMap<(usize, usize), Rc<Value<C>>>,
    values: FxHashMap<TermId, Rc<Value<C>>>,
}

impl<'a, C: Exact> Algebra<'a, C> {
    /// Nothing known yet of the modified equation of `recurrence`.
    pub(super) fn new(recurrence: &'a Recurrence<C>) -> Self {
        Self {
            recurrence,
            fields: Vec::new(),
            trees: Vec::new(),
            numbers: FxHashMap::default(),
            grafts: FxHashMap::default(),
            powers: FxHashMap::default(),
            gradients: FxHashMap::default(),
            values: FxHashMap::default(),
        }
    }

    /// The tree with this number.
    pub(super) fn tree(&self, number: u32) -> &Tree {
        &self.trees[number as usize]
    }

    fn number(&mut self, tree: Tree) -> u32 {
        if let Some(&known) = self.numbers.get(&tree) {
            return known;
        }
        let number = u32::try_from(self.trees.len()).unwrap_or(u32::MAX);
        self.trees.push(tree.clone());
        self.numbers.insert(tree, number);
        number
    }

    /// The order being solved for.
    fn order(&self) -> usize {
        self.fields.len()
    }

    /// Takes `f_n` as known from now on.
    pub(super) fn learn(&mut self, field: Rc<Value<C>>) {
        self.values.retain(|_, value| value.unknown.is_zero());
        self.fields.push(field);
    }

    /// The value of a term of the proof.
    pub(super) fn evaluate(&mut self, proof: &Proof<C>, id: TermId) -> Result<Rc<Value<C>>, String> {
        let mut stack = vec![id];
        while let Some(&top) = stack.last() {
            if self.values.contains_key(&top) {
                stack.pop();
                continue;
            }
            let depth = stack.len();
            stack.extend(proof.term(top).children().into_iter().filter(|child| !self.values.contains_key(child)));
            if stack.len() == depth {
                let value = self.meaning(proof.term(top))?;
                self.values.insert(top, value);
                stack.pop();
            }
        }
        self.known(id)
    }

    fn known(&self, id: TermId) -> Result<Rc<Value<C>>, String> {
        self.values.get(&id).cloned().ok_or_else(|| "a term refers to itself".to_owned())
    }

    fn meaning(&mut self, term: &ProofTerm<C>) -> Result<Rc<Value<C>>, String> {
        Ok(match term {
            ProofTerm::Coefficient(k) => self.coefficient(*k)?,
            ProofTerm::Gradient(i, m) => Rc::new(self.gradient(*i, *m)?),
            ProofTerm::Shift(i, m) => Rc::new(self.shift(*i, *m)?),
            ProofTerm::Power(i, m) => self.power(*i, *m)?,
            ProofTerm::Field(n) => self.field(*n)?,
            ProofTerm::Sum(terms) => {
                let mut sum = Value::zero();
                for (coefficient, child) in terms {
                    sum.add_scaled(coefficient, &*self.known(*child)?);
                }
                Rc::new(sum)
            }
            ProofTerm::Diff(children) => {
                let children = children.iter().map(|c| self.known(*c)).collect::<Result<Vec<_>, _>>()?;
                Rc::new(self.contraction(&children)?)
            }
            ProofTerm::Lie(f, x) => {
                let (f, x) = (self.known(*f)?, self.known(*x)?);
                Rc::new(self.derivative(&f, &x)?)
            }
        })
    }

    fn field(&self, n: usize) -> Result<Rc<Value<C>>, String> {
        match self.fields.get(n) {
            Some(field) => Ok(Rc::clone(field)),
            None if n == self.order() => Ok(Rc::new(Value { unknown: C::one(), terms: BTreeMap::new() })),
            None => Err(format!("it mentions f_{n}, which is not known at order {}", self.order())),
        }
    }

    /// `[h^k] θ̃(h)` by Taylor's formula.
    pub(super) fn coefficient(&mut self, k: usize) -> Result<Rc<Value<C>>, String> {
        if k == 0 || k > self.order() + 1 {
            return Err(format!("it mentions the coefficient of h^{k} at order {}", self.order()));
        }
        let mut sum = Value::zero();
        for (j, a) in &self.recurrence.left {
            sum.add_scaled(a, &self.flow(*j, k)?);
        }
        Ok(Rc::new(sum))
    }

    /// `[h^k] θ̃(jh)`, k ≥ 1, by Taylor's formula.
    fn flow(&mut self, j: i32, k: usize) -> Result<Value<C>, String> {
        let mut sum = Value::zero();
        let mut factor = Rational::ONE;
        for i in 1..=k {
            factor = factor * Rational::new(i64::from(j), i64::try_from(i).unwrap_or(i64::MAX));
            let power = self.power(i, k - i)?;
            sum.add_scaled(&C::from_rational(&factor), &power);
        }
        Ok(sum)
    }

    /// `[h^k]` of the right side of the recurrence, k ≥ 1.
    pub(super) fn step_coefficient(&mut self, k: usize) -> Result<Value<C>, String> {
        let mut value = Value::zero();
        for (i, b) in self.recurrence.right.iter().enumerate() {
            value.add_scaled(&b.negated(), &self.gradient(i, k - 1)?);
        }
        Ok(value)
    }

    /// `[h^m] δ_i`, m ≥ 1.
    fn shift(&mut self, i: usize, m: usize) -> Result<Value<C>, String> {
        self.require_within(i, m)?;
        if m == 0 {
            return Err("it mentions a displacement at h^0".to_owned());
        }
        let evaluation = &self.recurrence.evaluations[i];
        let mut sum = Value::zero();
        for (k, c) in &evaluation.at {
            sum.add_scaled(c, &self.flow(*k, m)?);
        }
        for (l, d) in &evaluation.minus_h_times {
            sum.add_scaled(&d.negated(), &self.gradient(*l, m - 1)?);
        }
        Ok(sum)
    }

    fn require_within(&self, i: usize, m: usize) -> Result<(), String> {
        if i < self.recurrence.evaluations.len() && m <= self.order() && m <= MAX_EXPANSION {
            Ok(())
        } else {
            Err(format!("it mentions the coefficient of h^{m} of gradient {i} at order {}", self.order()))
        }
    }

    /// `[h^m] g_i`: with `δ_i = Σ d_τ τ`, each multiset of trees with m nodes in all under a new root, times `Π d_τ^k / k!`.
    ///
    /// Recursion over m and stages goes as deep as m times the number of stages, both small; results are kept.
    fn gradient(&mut self, i: usize, m: usize) -> Result<Value<C>, String> {
        self.require_within(i, m)?;
        if let Some(known) = self.gradients.get(&(i, m)) {
            return Ok(Value::clone(known));
        }
        // The trees of δ_i by size, with their coefficients: at h^m they have m nodes.
        let mut parts: Vec<(u32, C)> = Vec::new();
        for size in 1..=m {
            parts.extend(self.shift(i, size)?.terms);
        }
        let mut partial: Vec<(C, Vec<u8>)> = vec![(C::one(), vec![0])];
        let mut work = 0_usize;
        for (tree, d) in parts {
            let levels: Vec<u8> = self.tree(tree).levels().iter().map(|l| l + 1).collect();
            let mut next = Vec::with_capacity(partial.len());
            for (coefficient, so_far) in partial {
                let (mut coefficient, mut so_far, mut copies) = (coefficient, so_far, 1);
                while so_far.len() <= m + 1 {
                    next.push((coefficient.clone(), so_far.clone()));
                    so_far.extend(&levels);
                    coefficient = coefficient.times(&d).scaled(&Rational::new(1, copies));
                    copies += 1;
                    work += 1;
                }
            }
            if work > MAX_TERMS {
                return Err(format!("it stands for more than {MAX_TERMS} terms"));
            }
            partial = next;
        }
        let mut sum = Value::zero();
        for (coefficient, levels) in partial {
            if levels.len() == m + 1 {
                let tree = Tree::from_levels(&levels).map_err(|e| e.to_string())?;
                let number = self.number(tree);
                sum.add(&coefficient, number);
            }
        }
        self.gradients.insert((i, m), Rc::new(sum.clone()));
        Ok(sum)
    }

    /// `[h^m] θ̃^{(i)}`: the i-th derivative of the identity along `Σ h^k f_k`.
    fn power(&mut self, i: usize, m: usize) -> Result<Rc<Value<C>>, String> {
        if i == 0 || i.saturating_add(m) > self.order() + 1 {
            return Err(format!(
                "it mentions the coefficient of h^{m} in time derivative {i} at order {}",
                self.order()
            ));
        }
        for j in 1..=i {
            for l in 0..=m {
                if j == 1 || self.powers.contains_key(&(j, l)) {
                    continue;
                }
                let mut sum = Value::zero();
                for k in 0..=l {
                    let lower = if j == 2 { self.field(l - k)? } else { Rc::clone(&self.powers[&(j - 1, l - k)]) };
                    let field = self.field(k)?;
                    sum.add_scaled(&C::one(), &self.derivative(&field, &lower)?);
                }
                self.powers.insert((j, l), Rc::new(sum));
            }
        }
        if i == 1 { self.field(m) } else { Ok(Rc::clone(&self.powers[&(i, m)])) }
    }

    fn require_known(value: &Value<C>) -> Result<(), String> {
        if value.unknown.is_zero() { Ok(()) } else { Err("the unknown field stands inside a derivative".to_owned()) }
    }

    /// The derivative of `x` along `f`: every node of every tree of `x` in turn gets a tree of `f` as a further child.
    fn derivative(&mut self, f: &Value<C>, x: &Value<C>) -> Result<Value<C>, String> {
        Self::require_known(f)?;
        Self::require_known(x)?;
        let mut sum = Value::zero();
        for (&tree, c) in &x.terms {
            for (&scion, d) in &f.terms {
                tick();
                let coefficient = c.times(d);
                for &grafted in &*self.grafts(tree, scion)? {
                    sum.add(&coefficient, grafted);
                }
            }
        }
        Ok(sum)
    }

    fn grafts(&mut self, tree: u32, scion: u32) -> Result<Rc<[u32]>, String> {
        if let Some(known) = self.grafts.get(&(tree, scion)) {
            return Ok(Rc::clone(known));
        }
        let (levels, scion_levels) = (self.tree(tree).levels().to_vec(), self.tree(scion).levels().to_vec());
        self.require_size(levels.len() + scion_levels.len())?;
        let mut results = Vec::with_capacity(levels.len());
        for node in 0..levels.len() {
            let mut grown = levels[..=node].to_vec();
            grown.extend(scion_levels.iter().map(|l| l + levels[node] + 1));
            grown.extend(&levels[node + 1..]);
            let tree = Tree::from_levels(&grown).map_err(|e| e.to_string())?;
            results.push(self.number(tree));
        }
        let results: Rc<[u32]> = results.into();
        self.grafts.insert((tree, scion), Rc::clone(&results));
        Ok(results)
    }

    /// A term of order n has at most n + 1 nodes.
    fn require_size(&self, size: usize) -> Result<(), String> {
        if size <= self.order() + 1 && size <= 256 {
            Ok(())
        } else {
            Err(format!("it has a tree of {size} nodes, too many for order {}", self.order()))
        }
    }

    /// `∇^{k+1}E` contracted with k values.
    fn contraction(&mut self, children: &[Rc<Value<C>>]) -> Result<Value<C>, String> {
        let mut products: Vec<(C, Vec<u8>)> = vec![(C::one(), vec![0])];
        for child in children {
            Self::require_known(child)?;
            if products.len().saturating_mul(child.terms.len()) > MAX_TERMS {
                return Err(format!("it stands for more than {MAX_TERMS} terms"));
            }
            let mut longer = Vec::with_capacity(products.len() * child.terms.len());
            for (coefficient, levels) in &products {
                for (&tree, c) in &child.terms {
                    tick();
                    self.require_size(levels.len() + self.tree(tree).size())?;
                    let mut levels = levels.clone();
                    levels.extend(self.tree(tree).levels().iter().map(|l| l + 1));
                    longer.push((coefficient.times(c), levels));
                }
            }
            products = longer;
        }
        if let [(_, levels)] = &products[..]
            && levels.len() == 1
        {
            let gradient = self.number(Tree::leaf());
            return Ok(Value::one(gradient));
        }
        let mut sum = Value::zero();
        for (coefficient, levels) in products {
            let tree = Tree::from_levels(&levels).map_err(|e| e.to_string())?;
            let number = self.number(tree);
            sum.add(&coefficient, number);
        }
        Ok(sum)
    }
}
