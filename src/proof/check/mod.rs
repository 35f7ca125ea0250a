//! An independent check of a derivation: does every step hold, is it what its rule says, and does each `f_n` follow?
//!
//! It takes nothing from the rewriter. Both sides of a step are evaluated to combinations of trees by means of their own
//! (a derivative grafts a tree onto every node of another), with the `f_k` of earlier orders as the proof itself
//! claims them and the `f_n` at work as an unknown; and the form of the step is held against the words of its rule. A solution
//! for `f_n` rests on steps that write everything else out: nothing is evaluated for the proof. At the end of an order the
//! coefficient of `h^{n+1}` in the modified flow is computed once more from the claimed fields alone and must be what the
//! recurrence of the optimizer asks for.

mod form;
#[cfg(test)]
mod optimizer_tests;
#[cfg(test)]
mod tests;
mod value;

use crate::budget::tick;
use crate::optimizer::Recurrence;
use crate::series::egraph::{Exact, Link, Proof, ProofTerm, Rule, Step};
use crate::series::{ModifiedEquation, Term};
use std::rc::Rc;
use value::{Algebra, Value};

/// A step that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Index of the step in [`Proof::steps`]; printed steps count from 1.
    pub step: usize,
    /// The rule that the step names, if there is such a step.
    pub rule: Option<Rule>,
    /// What is wrong.
    pub reason: String,
}

/// What the check of a proof found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The number of steps checked.
    pub steps: usize,
    /// All steps that fail, in order; none if the proof is right.
    pub failures: Vec<Failure>,
    /// The fields that the proof claims, order by order, right or wrong.
    pub equation: ModifiedEquation,
}

impl Report {
    /// Whether everything follows.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Checks every step of a proof.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::proof::check::check;
/// use shadowflow::series::derive;
/// let derived = derive(&BoundOptimizer::gradient_descent(), 3).proof(true).run()?;
/// let report = check(&derived.proof.unwrap());
/// assert!(report.is_ok());
/// assert_eq!(report.equation, derived.equation);
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[must_use]
pub fn check<C: Exact>(proof: &Proof<C>) -> Report {
    let mut checker = Checker { proof, algebra: Algebra::new(&proof.recurrence), failures: Vec::new() };
    if let Err(error) = proof.recurrence.validate() {
        checker.fail(0, error.to_string());
        return checker.report();
    }
    let mut start = 0;
    for (n, &end) in proof.ends.iter().enumerate() {
        if end <= start || end > proof.steps.len() {
            checker.fail(start, format!("order {n} has no steps"));
            break;
        }
        for index in start..end {
            tick();
            if let Err(reason) = checker.step(n, index) {
                checker.fail(index, reason);
            }
        }
        if let Err(reason) = checker.conclude(n, end - 1) {
            checker.fail(end - 1, reason);
            break;
        }
        start = end;
    }
    if checker.failures.is_empty() && start != proof.steps.len() {
        checker.fail(start, "this step belongs to no order".to_owned());
    }
    checker.report()
}

fn terms<C: Exact>(algebra: &Algebra<'_, C>, value: &Value<C>) -> Vec<Term> {
    let terms = value.terms.iter();
    terms.map(|(&tree, c)| Term { tree: algebra.tree(tree).clone(), coefficient: c.clone().into() }).collect()
}

struct Checker<'a, C: Exact> {
    proof: &'a Proof<C>,
    algebra: Algebra<'a, C>,
    failures: Vec<Failure>,
}

impl<C: Exact> Checker<'_, C> {
    fn report(self) -> Report {
        let algebra = &self.algebra;
        let orders = algebra.fields.iter().map(|field| ModifiedEquation::sorted(terms(algebra, field))).collect();
        let Recurrence { method, symbols, .. } = self.proof.recurrence.clone();
        Report {
            steps: self.proof.steps.len(),
            equation: ModifiedEquation { method, symbols, orders },
            failures: self.failures,
        }
    }

    fn fail(&mut self, step: usize, reason: String) {
        let rule = self.proof.steps.get(step).map(|s| s.rule);
        self.failures.push(Failure { step, rule, reason });
    }

    /// Checks one step of order `n`.
    fn step(&mut self, n: usize, index: usize) -> Result<(), String> {
        let step = &self.proof.steps[index];
        for link in &step.uses {
            self.link(index, *link)?;
        }
        if step.before == step.after {
            return Err("both of its sides are the same: it says nothing".to_owned());
        }
        form::check(self.proof, n, step)?;
        match step.rule {
            Rule::Solve => return self.solution(n, step),
            // Not an identity but what is asked of the flow; its form leaves nothing open.
            Rule::Update => return Ok(()),
            _ => {}
        }
        let before = self.algebra.evaluate(self.proof, step.before)?;
        let after = self.algebra.evaluate(self.proof, step.after)?;
        self.same(&before, &after)
    }

    fn same(&self, before: &Value<C>, after: &Value<C>) -> Result<(), String> {
        if before.unknown != after.unknown {
            return Err(format!("the unknown field has factor {} before and {} after", before.unknown, after.unknown));
        }
        let keys = before.terms.keys().chain(after.terms.keys());
        for &tree in keys {
            let (left, right) = (before.coefficient(tree), after.coefficient(tree));
            if left != right {
                let tree = self.algebra.tree(tree);
                return Err(format!("the coefficient of tree {tree:?} is {left} before and {right} after"));
            }
        }
        Ok(())
    }

    /// A link refers to earlier steps, each carrying on where the one before it ended.
    fn link(&self, index: usize, link: Link) -> Result<(), String> {
        if link.first > link.last || link.last >= index {
            return Err(format!("it refers to steps {} to {}, which are not before it", link.first + 1, link.last + 1));
        }
        let steps = &self.proof.steps[link.first..=link.last];
        if steps.windows(2).any(|w| w[0].after != w[1].before) {
            return Err(format!("steps {} to {} are no chain of equalities", link.first + 1, link.last + 1));
        }
        Ok(())
    }

    /// `f_n = (v − r)/c` follows from `[h^{n+1}] θ̃(h) = c f_n + r` and `[h^{n+1}] θ̃(h) = v`, where r and v are written out.
    fn solution(&mut self, n: usize, step: &Step) -> Result<(), String> {
        let (equation, target) = form::equation_and_target(self.proof, n, step)?;
        let equation = self.algebra.evaluate(self.proof, equation)?;
        let target = self.algebra.evaluate(self.proof, target)?;
        let inverse = C::one().divided(&equation.unknown).ok_or("the unknown field has a factor without an inverse")?;
        let mut solved = Value::zero();
        solved.add_scaled(&inverse, &target);
        solved.add_scaled(&inverse.negated(), &Value { unknown: C::zero(), terms: equation.terms.clone() });
        let claimed = self.algebra.evaluate(self.proof, step.after)?;
        self.same(&solved, &claimed)
    }

    /// Takes the claimed `f_n` as known and checks that the modified flow then makes the step, to the power `h^{n+1}`.
    fn conclude(&mut self, n: usize, last: usize) -> Result<(), String> {
        let step = &self.proof.steps[last];
        if step.rule != Rule::Solve || self.proof.term(step.before) != &ProofTerm::Field(n) {
            return Err(format!("order {n} does not end with a solution for f_{n}"));
        }
        let field = self.algebra.evaluate(self.proof, step.after)?;
        if !field.unknown.is_zero() {
            return Err(format!("the solution for f_{n} refers to itself"));
        }
        self.algebra.learn(Rc::clone(&field));
        let reached = self.algebra.coefficient(n + 1)?;
        let target = self.algebra.step_coefficient(n + 1)?;
        self.same(&reached, &target).map_err(|difference| {
            format!(
                "with this f_{n} the flow does not make the step at h^{} (flow before, step after): {difference}",
                n + 1
            )
        })
    }
}
