//! Matching of patterns in the e-graph, and building what they are rewritten to.

use super::graph::{self, Graph, facts};
use super::pattern::{Condition, Exact, Pattern, Rule};
use super::term::Term;
use crate::number::Rational;
use egg::Id;

/// Sums and products of more parts are matched by patterns of one part only: pairs would take too long to look through.
const MAX_PARTS: usize = 48;

/// What variables stand for.
#[derive(Debug, Clone, Default)]
pub(super) struct Bindings {
    variables: [Option<Id>; 4],
    numbers: [Option<Rational>; 2],
}

/// What is around the part of a node that a rule rewrites.
#[derive(Debug, Clone)]
enum Rest {
    /// Nothing.
    None,
    /// `constant + Σ c·x + scale·(the part)`.
    Sum { constant: Rational, terms: Vec<(Rational, Id)>, scale: Rational },
    /// `Π x^e · (the part)^exponent`.
    Product { factors: Vec<(Id, Rational)>, exponent: Rational },
}

/// A place where a rule applies.
#[derive(Debug, Clone)]
pub(super) struct Match {
    bindings: Bindings,
    rest: Rest,
}

/// Where parts of a node have been given to parts of a pattern.
#[derive(Debug, Clone)]
struct Assignment {
    bindings: Bindings,
    used: u64,
    scale: Option<Rational>,
    /// What is left of exponents.
    left: Vec<(usize, Rational)>,
}

/// A search through the e-graph with a bounded number of steps.
#[derive(Debug)]
pub(super) struct Matcher<'a> {
    graph: &'a Graph,
    /// The steps left.
    pub(super) steps: u64,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(graph: &'a Graph, steps: u64) -> Self {
        Self { graph, steps }
    }

    fn step(&mut self) -> bool {
        let left = self.steps > 0;
        self.steps = self.steps.saturating_sub(1);
        left
    }

    /// Every way in which a rule applies to a node.
    pub(super) fn matches(&mut self, rule: &Rule, node: &Term) -> Vec<Match> {
        let mut found = match (&rule.left, node) {
            (Pattern::Apply(f, inner), Term::Apply(g, [x])) if f == g => self
                .class(inner, *x, &Bindings::default())
                .into_iter()
                .map(|bindings| Match { bindings, rest: Rest::None })
                .collect(),
            (Pattern::Sum(constant, patterns), Term::Sum(k, coefficients, terms)) => {
                self.in_sum((constant, patterns), (k, coefficients, terms))
            }
            (Pattern::Product(patterns), Term::Product(exponents, factors)) => {
                self.in_product(patterns, exponents, factors)
            }
            _ => Vec::new(),
        };
        found.retain(|m| self.conditions_hold(rule, &m.bindings));
        found
    }

    fn conditions_hold(&self, rule: &Rule, bindings: &Bindings) -> bool {
        let number = |n: usize| bindings.numbers[n].as_ref();
        rule.conditions.iter().all(|condition| match condition {
            Condition::Value(v, relation, at) => {
                bindings.variables[*v].is_some_and(|id| facts(self.graph, id).holds(*relation, at))
            }
            Condition::Integer(n) => number(*n).is_some_and(Rational::is_integer),
            Condition::PositiveNumber(n) => number(*n).is_some_and(|q| !q.is_negative() && !q.is_zero()),
        })
    }

    fn in_sum(
        &mut self,
        (constant, patterns): (&Rational, &[(Exact, Pattern)]),
        (k, coefficients, terms): (&Rational, &[Rational], &[Id]),
    ) -> Vec<Match> {
        if terms.len() > 64 || (terms.len() > MAX_PARTS && patterns.len() > 1) || patterns.len() > terms.len() {
            return Vec::new();
        }
        // A constant of the pattern is matched whole.
        let (scale, rest) = if constant.is_zero() {
            (None, k.clone())
        } else if k.is_zero() {
            return Vec::new();
        } else {
            (k.checked_div(constant), Rational::ZERO)
        };
        let start = Assignment { bindings: Bindings::default(), used: 0, scale, left: Vec::new() };
        self.assign_terms(patterns, coefficients, terms, start)
            .into_iter()
            .map(|a| {
                let left = (0..terms.len()).filter(|i| a.used >> i & 1 == 0);
                let terms = left.map(|i| (coefficients[i].clone(), terms[i])).collect();
                let scale = a.scale.unwrap_or(Rational::ONE);
                Match { bindings: a.bindings, rest: Rest::Sum { constant: rest.clone(), terms, scale } }
            })
            .collect()
    }

    /// All ways to give different terms to the patterns, coefficients being a common multiple of the pattern's.
    fn assign_terms(
        &mut self,
        patterns: &[(Exact, Pattern)],
        coefficients: &[Rational],
        terms: &[Id],
        start: Assignment,
    ) -> Vec<Assignment> {
        let mut open = vec![start];
        for (coefficient, pattern) in patterns {
            let mut next = Vec::new();
            for a in &open {
                for (i, (c, id)) in coefficients.iter().zip(terms).enumerate() {
                    if a.used >> i & 1 == 1 || !self.step() {
                        continue;
                    }
                    let (scale, bound) = match coefficient {
                        Exact::Number(p) => match &a.scale {
                            Some(scale) if *c != scale * p => continue,
                            Some(scale) => (Some(scale.clone()), None),
                            None => (c.checked_div(p), None),
                        },
                        Exact::Variable(n) => {
                            let Some(bound) = bind(&a.bindings, *n, c) else { continue };
                            (Some(a.scale.clone().unwrap_or(Rational::ONE)), Some(bound))
                        }
                    };
                    let used = a.used | 1 << i;
                    for bindings in self.class(pattern, *id, bound.as_ref().unwrap_or(&a.bindings)) {
                        next.push(Assignment { bindings, used, scale: scale.clone(), left: Vec::new() });
                    }
                }
            }
            open = next;
        }
        open
    }

    fn in_product(&mut self, patterns: &[(Exact, Pattern)], exponents: &[Rational], factors: &[Id]) -> Vec<Match> {
        if factors.len() > 64 || (factors.len() > MAX_PARTS && patterns.len() > 1) || patterns.len() > factors.len() {
            return Vec::new();
        }
        let invertible = patterns.iter().all(|(e, _)| matches!(e, Exact::Number(q) if q.is_integer()));
        let scales = [Rational::ONE, Rational::MINUS_ONE];
        let mut found = Vec::new();
        for scale in &scales[..1 + usize::from(invertible)] {
            let start =
                Assignment { bindings: Bindings::default(), used: 0, scale: Some(scale.clone()), left: Vec::new() };
            for a in self.assign_factors(patterns, exponents, factors, start) {
                let unused =
                    (0..factors.len()).filter(|i| a.used >> i & 1 == 0).map(|i| (factors[i], exponents[i].clone()));
                let rest = a.left.iter().map(|(i, e)| (factors[*i], e.clone()));
                let factors = unused.chain(rest).collect();
                found.push(Match { bindings: a.bindings, rest: Rest::Product { factors, exponent: scale.clone() } });
            }
        }
        found
    }

    /// All ways to give different factors to the patterns; integer exponents may take a part of those in the node.
    fn assign_factors(
        &mut self,
        patterns: &[(Exact, Pattern)],
        exponents: &[Rational],
        factors: &[Id],
        start: Assignment,
    ) -> Vec<Assignment> {
        let scale = start.scale.clone().unwrap_or(Rational::ONE);
        let mut open = vec![start];
        for (exponent, pattern) in patterns {
            let mut next = Vec::new();
            for a in &open {
                for (i, (e, id)) in exponents.iter().zip(factors).enumerate() {
                    if a.used >> i & 1 == 1 || !self.step() {
                        continue;
                    }
                    let (left, bound) = match exponent {
                        Exact::Number(p) => {
                            let p = p * &scale;
                            let part = p.is_integer() && e.is_integer() && p.is_negative() == e.is_negative();
                            if *e == p {
                                (None, None)
                            } else if part && e.abs() > p.abs() {
                                (Some((i, e - &p)), None)
                            } else {
                                continue;
                            }
                        }
                        Exact::Variable(n) => {
                            let Some(bound) = bind(&a.bindings, *n, e) else { continue };
                            (None, Some(bound))
                        }
                    };
                    let used = a.used | 1 << i;
                    for bindings in self.class(pattern, *id, bound.as_ref().unwrap_or(&a.bindings)) {
                        let left = a.left.iter().cloned().chain(left.clone()).collect();
                        next.push(Assignment { bindings, used, scale: a.scale.clone(), left });
                    }
                }
            }
            open = next;
        }
        open
    }

    /// Every way in which a class is what a pattern says, whole; patterns are as deep as the rule file nests them.
    fn class(&mut self, pattern: &Pattern, id: Id, bindings: &Bindings) -> Vec<Bindings> {
        let id = self.graph.find(id);
        if let Pattern::Variable(v) = pattern {
            let mut bindings = bindings.clone();
            return match bindings.variables[*v] {
                Some(bound) if self.graph.find(bound) != id => Vec::new(),
                _ => {
                    bindings.variables[*v] = Some(id);
                    vec![bindings]
                }
            };
        }
        let graph = self.graph;
        let mut found = Vec::new();
        for node in &graph[id].nodes {
            if !self.step() {
                break;
            }
            match (pattern, node) {
                (Pattern::Pi, Term::Pi) => found.push(bindings.clone()),
                (Pattern::Apply(f, inner), Term::Apply(g, [x])) if f == g => {
                    found.extend(self.class(inner, *x, bindings));
                }
                (Pattern::Sum(constant, patterns), Term::Sum(k, coefficients, terms))
                    if constant == k && patterns.len() == terms.len() =>
                {
                    let scale = Some(Rational::ONE);
                    let start = Assignment { bindings: bindings.clone(), used: 0, scale, left: Vec::new() };
                    let whole = self.assign_terms(patterns, coefficients, terms, start);
                    found.extend(whole.into_iter().map(|a| a.bindings));
                }
                (Pattern::Product(patterns), Term::Product(exponents, factors)) if patterns.len() == factors.len() => {
                    let scale = Some(Rational::ONE);
                    let start = Assignment { bindings: bindings.clone(), used: 0, scale, left: Vec::new() };
                    let whole = self.assign_factors(patterns, exponents, factors, start);
                    found.extend(whole.into_iter().filter(|a| a.left.is_empty()).map(|a| a.bindings));
                }
                _ => {}
            }
        }
        found
    }
}

/// The bindings with a number variable bound, if it is free or bound to this number. A factor or an exponent of one is no
/// number of its own.
fn bind(bindings: &Bindings, variable: usize, q: &Rational) -> Option<Bindings> {
    match &bindings.numbers[variable] {
        Some(bound) => (bound == q).then(|| bindings.clone()),
        None if q.is_one() => None,
        None => {
            let mut bindings = bindings.clone();
            bindings.numbers[variable] = Some(q.clone());
            Some(bindings)
        }
    }
}

impl Match {
    /// Builds what the node is rewritten to.
    pub(super) fn rewritten(self, graph: &mut Graph, rule: &Rule) -> Option<Id> {
        let part = build(graph, &rule.right, &self.bindings)?;
        Some(match self.rest {
            Rest::None => part,
            Rest::Sum { constant, mut terms, scale } => {
                terms.push((scale, part));
                graph::sum(graph, constant, terms)
            }
            Rest::Product { mut factors, exponent } => {
                factors.push((part, exponent));
                graph::product(graph, Rational::ONE, factors)
            }
        })
    }
}

fn build(graph: &mut Graph, pattern: &Pattern, bindings: &Bindings) -> Option<Id> {
    let exact = |e: &Exact| match e {
        Exact::Number(q) => Some(q.clone()),
        Exact::Variable(n) => bindings.numbers[*n].clone(),
    };
    Some(match pattern {
        Pattern::Variable(v) => bindings.variables[*v]?,
        Pattern::Pi => graph.add(Term::Pi),
        Pattern::Sum(constant, patterns) => {
            let mut terms = Vec::with_capacity(patterns.len());
            for (c, p) in patterns {
                terms.push((exact(c)?, build(graph, p, bindings)?));
            }
            graph::sum(graph, constant.clone(), terms)
        }
        Pattern::Product(patterns) => {
            let mut factors = Vec::with_capacity(patterns.len());
            for (e, p) in patterns {
                factors.push((build(graph, p, bindings)?, exact(e)?));
            }
            graph::product(graph, Rational::ONE, factors)
        }
        Pattern::Apply(f, a) => {
            let a = build(graph, a, bindings)?;
            graph::apply(graph, *f, a)
        }
    })
}
