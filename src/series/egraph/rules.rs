//! The rewrite rules. Each fires only on an e-class without a normal form whose ingredients have one: innermost first, no search.

use super::Exact;
use super::analysis::{Data, Derivation, Graph, Normal, Solved};
use super::expansion;
use super::language::{Kind, Node};
use super::proof::Rule;
use super::terms::{collected, normal_term, sum_term, tree_term};
use crate::budget::tick;
use egg::{Applier, EGraph, Id, Language, PatternAst, Rewrite, SearchMatches, Searcher, Subst, Symbol, Var};

/// From a node of a class to its terms before and after.
type Build<C> = fn(&mut Graph<C>, Id, &Node<C>) -> Option<(Id, Id)>;
/// The rules as egg takes them.
type Rules<C> = Vec<Rewrite<Node<C>, Derivation<C>>>;

/// A rule of the derivation for egg.
pub(super) struct Directed<C: Exact> {
    pub(super) kind: Kind,
    pub(super) rule: Rule,
    /// Whether a class with such data is open to the rule.
    pub(super) class: fn(&Data<C>, Kind) -> bool,
    /// Whether a node of the kind can be rewritten now.
    pub(super) ready: fn(&Graph<C>, Id, &Node<C>) -> bool,
    /// Builds the terms before and after, both on representative terms that show what the rule says and nothing else.
    pub(super) build: Build<C>,
}

struct Find<C: Exact>(Directed<C>);
struct Apply<C: Exact>(Directed<C>);

impl<C: Exact> Directed<C> {
    fn find(&self, graph: &Graph<C>, class: Id) -> Option<Node<C>> {
        tick();
        let class = &graph[class];
        if !(self.class)(&class.data, self.kind) {
            return None;
        }
        class.nodes.iter().find(|node| node.discriminant() == self.kind && (self.ready)(graph, class.id, node)).cloned()
    }
}

impl<C: Exact> Searcher<Node<C>, Derivation<C>> for Find<C> {
    fn search_eclass_with_limit(&self, graph: &Graph<C>, class: Id, _: usize) -> Option<SearchMatches<'_, Node<C>>> {
        self.0.find(graph, class)?;
        Some(SearchMatches { eclass: class, substs: vec![Subst::default()], ast: None })
    }

    fn search_with_limit(&self, graph: &Graph<C>, limit: usize) -> Vec<SearchMatches<'_, Node<C>>> {
        let classes = graph.classes_for_op(&self.0.kind).into_iter().flatten();
        classes.filter_map(|class| self.search_eclass_with_limit(graph, class, limit)).take(limit).collect()
    }

    fn vars(&self) -> Vec<Var> {
        Vec::new()
    }
}

impl<C: Exact> Applier<Node<C>, Derivation<C>> for Apply<C> {
    fn apply_one(
        &self,
        graph: &mut EGraph<Node<C>, Derivation<C>>,
        class: Id,
        _: &Subst,
        _: Option<&PatternAst<Node<C>>>,
        name: Symbol,
    ) -> Vec<Id> {
        // An earlier match of the same round may have closed the class.
        let Some(node) = self.0.find(graph, class) else { return Vec::new() };
        let Some((before, after)) = (self.0.build)(graph, class, &node) else { return Vec::new() };
        #[cfg(test)]
        let after = super::sabotage::perturbed(graph, self.0.rule, after);
        graph[class].data.expanded |= self.0.kind.bit();
        if graph.union_trusted(before, after, name) { vec![graph.find(before)] } else { Vec::new() }
    }
}

/// All rules, in the order in which they are tried.
pub(super) fn rules<C: Exact>() -> Result<Rules<C>, String> {
    let awaits: fn(&Data<C>, Kind) -> bool = Data::awaits;
    let balanced: fn(&Data<C>, Kind) -> bool = |data, _| matches!(data.normal, Some(Normal::Equation));
    let known: fn(&Data<C>, Kind) -> bool = |data, _| matches!(data.normal, Some(Normal::Tree(_) | Normal::Sum(_)));
    [
        Directed {
            kind: Kind::Coefficient,
            rule: Rule::Taylor,
            class: awaits,
            ready: always,
            build: expansion::taylor,
        },
        Directed {
            kind: Kind::Coefficient,
            rule: Rule::Update,
            class: balanced,
            ready: expansion::has_step,
            build: expansion::update,
        },
        Directed { kind: Kind::Coefficient, rule: Rule::Solve, class: known, ready: has_equation, build: solve },
        Directed {
            kind: Kind::Gradient,
            rule: Rule::Expansion,
            class: awaits,
            ready: always,
            build: expansion::gradient,
        },
        Directed { kind: Kind::Shift, rule: Rule::Displacement, class: awaits, ready: always, build: expansion::shift },
        Directed { kind: Kind::Power, rule: Rule::Flow, class: awaits, ready: is_velocity, build: flow },
        Directed { kind: Kind::Power, rule: Rule::Series, class: awaits, ready: is_higher, build: series },
        Directed { kind: Kind::Lie, rule: Rule::Linearity, class: awaits, ready: along_nothing, build: nothing },
        Directed { kind: Kind::Lie, rule: Rule::Linearity, class: awaits, ready: of_sum, build: linearity },
        Directed { kind: Kind::Lie, rule: Rule::Chain, class: awaits, ready: of_gradient, build: chain },
        Directed { kind: Kind::Lie, rule: Rule::Product, class: awaits, ready: of_product, build: product },
        Directed { kind: Kind::Diff, rule: Rule::Multilinearity, class: awaits, ready: has_sum, build: multilinearity },
        Directed { kind: Kind::Diff, rule: Rule::Symmetry, class: awaits, ready: all_trees, build: symmetry },
        Directed { kind: Kind::Sum, rule: Rule::Collect, class: awaits, ready: summands_normal, build: collect },
    ]
    .into_iter()
    .map(|directed| {
        let Directed { kind, rule, class, ready, build } = directed;
        let copy = Directed { kind, rule, class, ready, build };
        Rewrite::new(rule.name(), Find(directed), Apply(copy))
    })
    .collect()
}

fn normal<C: Exact>(graph: &Graph<C>, id: Id) -> Option<&Normal<C>> {
    graph[id].data.normal.as_ref()
}

fn always<C: Exact>(_: &Graph<C>, _: Id, _: &Node<C>) -> bool {
    true
}

/// The node of `class` that is a multiple of an unsolved `f_n` plus distinct trees.
fn equation<C: Exact>(graph: &Graph<C>, class: Id) -> Option<(usize, &Node<C>)> {
    graph[class].nodes.iter().find_map(|node| {
        let Node::Sum(_, children) = node else { return None };
        let (&first, rest) = children.split_first()?;
        let Some(&Normal::Unknown(n)) = normal(graph, first) else { return None };
        rest.iter().all(|&c| matches!(normal(graph, c), Some(Normal::Tree(_)))).then_some((n, node))
    })
}

fn has_equation<C: Exact>(graph: &Graph<C>, class: Id, node: &Node<C>) -> bool {
    let Node::Coefficient(k) = *node else { return false };
    equation(graph, class).is_some_and(|(n, _)| n + 1 == k)
}

/// From `c f_n + r = v`: `f_n = (v − r)/c`.
fn solve<C: Exact>(graph: &mut Graph<C>, class: Id, _: &Node<C>) -> Option<(Id, Id)> {
    let target = normal(graph, class)?.terms()?;
    let (n, node) = equation(graph, class)?;
    let (Node::Sum(coefficients, children), n) = (node.clone(), n) else { return None };
    let inverse = C::one().divided(coefficients.first()?)?;
    let field = graph.add_uncanonical(Node::Field(n));

    let mut shown = vec![(coefficients.first()?.clone(), field)];
    let mut solution: Vec<_> = target.iter().map(|(c, t)| (c.times(&inverse), *t)).collect();
    for (c, &child) in coefficients.iter().zip(&*children).skip(1) {
        let Some(&Normal::Tree(tree)) = normal(graph, child) else { return None };
        shown.push((c.clone(), tree_term(graph, tree)));
        solution.push((c.times(&inverse).negated(), tree));
    }
    let equation = graph.add_uncanonical(Node::sum(shown));
    let target = sum_term(graph, &target);
    let solution = collected(&graph.analysis.trees, solution);
    let value = sum_term(graph, &solution);
    graph.analysis.solved.push(Solved { equation, target, field });
    Some((field, value))
}

fn is_velocity<C: Exact>(_: &Graph<C>, _: Id, node: &Node<C>) -> bool {
    matches!(node, Node::Power(1, _))
}

/// `[h^m] θ̃′ = f_m`.
fn flow<C: Exact>(graph: &mut Graph<C>, _: Id, node: &Node<C>) -> Option<(Id, Id)> {
    let Node::Power(1, m) = *node else { return None };
    Some((graph.add_uncanonical(node.clone()), graph.add_uncanonical(Node::Field(m))))
}

fn is_higher<C: Exact>(_: &Graph<C>, _: Id, node: &Node<C>) -> bool {
    matches!(node, Node::Power(2.., _))
}

/// `[h^m] θ̃^{(i)} = Σ_k L_{f_k} [h^{m−k}] θ̃^{(i−1)}`: shares the chains of derivatives, which written out are 2^i.
fn series<C: Exact>(graph: &mut Graph<C>, _: Id, node: &Node<C>) -> Option<(Id, Id)> {
    let Node::Power(i, m) = *node else { return None };
    let before = graph.add_uncanonical(node.clone());
    let mut terms = Vec::with_capacity(m + 1);
    for k in 0..=m {
        let field = graph.add_uncanonical(Node::Field(k));
        let lower = graph.add_uncanonical(Node::Power(i - 1, m - k));
        terms.push((C::one(), graph.add_uncanonical(Node::Lie([field, lower]))));
    }
    let after = match &terms[..] {
        [(_, only)] => *only,
        _ => graph.add_uncanonical(Node::sum(terms)),
    };
    Some((before, after))
}

/// The symbol of the field that a Lie derivative is taken along; its class also holds the value.
fn field_term<C: Exact>(graph: &mut Graph<C>, id: Id) -> Option<Id> {
    let field = graph[id].nodes.iter().find(|node| matches!(node, Node::Field(_)))?.clone();
    Some(graph.add_uncanonical(field))
}

/// Whether the field is known to be zero and the argument has its normal form.
fn along_nothing<C: Exact>(graph: &Graph<C>, _: Id, node: &Node<C>) -> bool {
    let Node::Lie([f, x]) = *node else { return false };
    matches!(normal(graph, f), Some(Normal::Sum(sum)) if sum.terms.is_empty())
        && matches!(normal(graph, x), Some(Normal::Tree(_) | Normal::Sum(_)))
}

/// `L_0(x) = 0`. All fields that vanish share a class, so that the symbol of one would stand for another's.
fn nothing<C: Exact>(graph: &mut Graph<C>, _: Id, node: &Node<C>) -> Option<(Id, Id)> {
    let Node::Lie([_, x]) = *node else { return None };
    let (zero, x) = (sum_term(graph, &[]), normal_term(graph, x)?);
    Some((graph.add_uncanonical(Node::Lie([zero, x])), zero))
}

fn of_sum<C: Exact>(graph: &Graph<C>, _: Id, node: &Node<C>) -> bool {
    matches!(node, Node::Lie([_, x]) if matches!(normal(graph, *x), Some(Normal::Sum(_))))
}

/// `L_f(Σ c τ) = Σ c L_f(τ)`.
fn linearity<C: Exact>(graph: &mut Graph<C>, _: Id, node: &Node<C>) -> Option<(Id, Id)> {
    let Node::Lie([f, x]) = *node else { return None };
    let Some(Normal::Sum(sum)) = normal(graph, x).cloned() else { return None };
    let f = field_term(graph, f)?;
    let x = normal_term(graph, x)?;
    let before = graph.add_uncanonical(Node::Lie([f, x]));
    let mut terms = Vec::with_capacity(sum.terms.len());
    for (c, tree) in &sum.terms {
        let tree = tree_term(graph, *tree);
        terms.push((c.clone(), graph.add_uncanonical(Node::Lie([f, tree]))));
    }
    Some((before, graph.add_uncanonical(Node::sum(terms))))
}

fn of_tree<C: Exact>(graph: &Graph<C>, node: &Node<C>) -> Option<u32> {
    let Node::Lie([_, x]) = *node else { return None };
    match normal(graph, x) {
        Some(Normal::Tree(tree)) => Some(*tree),
        _ => None,
    }
}

fn of_gradient<C: Exact>(graph: &Graph<C>, _: Id, node: &Node<C>) -> bool {
    of_tree(graph, node).is_some_and(|tree| graph.analysis.trees.children(tree).is_empty())
}

fn of_product<C: Exact>(graph: &Graph<C>, _: Id, node: &Node<C>) -> bool {
    of_tree(graph, node).is_some_and(|tree| !graph.analysis.trees.children(tree).is_empty())
}

/// `L_f(g) = H f`.
fn chain<C: Exact>(graph: &mut Graph<C>, _: Id, node: &Node<C>) -> Option<(Id, Id)> {
    let tree = of_tree(graph, node)?;
    let f = field_term(graph, *node_field(node)?)?;
    let x = tree_term(graph, tree);
    Some((graph.add_uncanonical(Node::Lie([f, x])), graph.add_uncanonical(Node::diff([f]))))
}

fn node_field<C: Exact>(node: &Node<C>) -> Option<&Id> {
    match node {
        Node::Lie([f, _]) => Some(f),
        _ => None,
    }
}

/// `L_f(∇^{k+1}E[v…]) = ∇^{k+2}E[f, v…] + Σ_j ∇^{k+1}E[…, L_f(v_j), …]`.
fn product<C: Exact>(graph: &mut Graph<C>, _: Id, node: &Node<C>) -> Option<(Id, Id)> {
    let tree = of_tree(graph, node)?;
    let f = field_term(graph, *node_field(node)?)?;
    let x = tree_term(graph, tree);
    let before = graph.add_uncanonical(Node::Lie([f, x]));
    let numbers = graph.analysis.trees.children(tree).to_vec();
    let children: Vec<Id> = numbers.into_iter().map(|child| tree_term(graph, child)).collect();

    let outer = std::iter::once(f).chain(children.iter().copied());
    let mut terms = vec![(C::one(), graph.add_uncanonical(Node::diff(outer)))];
    for j in 0..children.len() {
        let mut inner = children.clone();
        inner[j] = graph.add_uncanonical(Node::Lie([f, children[j]]));
        terms.push((C::one(), graph.add_uncanonical(Node::diff(inner))));
    }
    Some((before, graph.add_uncanonical(Node::sum(terms))))
}

fn has_sum<C: Exact>(graph: &Graph<C>, _: Id, node: &Node<C>) -> bool {
    let Node::Diff(children) = node else { return false };
    let mut sums = 0;
    for &child in children {
        match normal(graph, child) {
            Some(Normal::Tree(_)) => {}
            Some(Normal::Sum(_)) => sums += 1,
            _ => return false,
        }
    }
    sums > 0
}

/// `∇^{k+1}E[…, Σ c τ, …] = Σ c ∇^{k+1}E[…, τ, …]`.
fn multilinearity<C: Exact>(graph: &mut Graph<C>, _: Id, node: &Node<C>) -> Option<(Id, Id)> {
    let Node::Diff(children) = node else { return None };
    let mut shown = Vec::with_capacity(children.len());
    let mut expanded: Vec<(C, Vec<Id>)> = vec![(C::one(), Vec::new())];
    for &child in children {
        let terms = normal(graph, child)?.terms()?;
        shown.push(normal_term(graph, child)?);
        let mut next = Vec::with_capacity(expanded.len() * terms.len());
        let terms: Vec<_> = terms.into_iter().map(|(c, t)| (c, tree_term(graph, t))).collect();
        for (coefficient, chosen) in &expanded {
            for (c, term) in &terms {
                let mut chosen = chosen.clone();
                chosen.push(*term);
                next.push((coefficient.times(c), chosen));
            }
        }
        expanded = next;
    }
    let before = graph.add_uncanonical(Node::diff(shown));
    let mut terms = Vec::with_capacity(expanded.len());
    for (coefficient, chosen) in expanded {
        terms.push((coefficient, graph.add_uncanonical(Node::diff(chosen))));
    }
    Some((before, graph.add_uncanonical(Node::sum(terms))))
}

fn all_trees<C: Exact>(graph: &Graph<C>, _: Id, node: &Node<C>) -> bool {
    matches!(node, Node::Diff(children) if children.iter().all(|&c| matches!(normal(graph, c), Some(Normal::Tree(_)))))
}

/// Sorts the arguments by structure, never by `Id`, and never as children are updated: congruence pairs children in place.
fn symmetry<C: Exact>(graph: &mut Graph<C>, _: Id, node: &Node<C>) -> Option<(Id, Id)> {
    let Node::Diff(children) = node else { return None };
    let mut trees = Vec::with_capacity(children.len());
    for &child in children {
        let Some(&Normal::Tree(tree)) = normal(graph, child) else { return None };
        trees.push(tree);
    }
    let shown: Vec<Id> = trees.iter().map(|&tree| tree_term(graph, tree)).collect();
    let before = graph.add_uncanonical(Node::diff(shown));
    trees.sort_by(|&a, &b| graph.analysis.trees.compare_children(a, b));
    let sorted = graph.analysis.trees.graft(&trees);
    Some((before, tree_term(graph, sorted)))
}

fn summands_normal<C: Exact>(graph: &Graph<C>, _: Id, node: &Node<C>) -> bool {
    let Node::Sum(_, children) = node else { return false };
    children.iter().all(|&c| matches!(normal(graph, c), Some(Normal::Tree(_) | Normal::Sum(_) | Normal::Unknown(_))))
}

/// Writes nested sums out and adds like terms up; an unsolved `f_n` comes first.
fn collect<C: Exact>(graph: &mut Graph<C>, _: Id, node: &Node<C>) -> Option<(Id, Id)> {
    let Node::Sum(coefficients, children) = node else { return None };
    let mut shown = Vec::with_capacity(children.len());
    let mut unknown: Option<(C, Id)> = None;
    let mut flat = Vec::new();
    for (c, &child) in coefficients.iter().zip(children) {
        let term = normal_term(graph, child)?;
        shown.push((c.clone(), term));
        match normal(graph, child)? {
            Normal::Tree(tree) => flat.push((c.clone(), *tree)),
            Normal::Sum(sum) => flat.extend(sum.terms.iter().map(|(d, t)| (c.times(d), *t))),
            Normal::Unknown(_) => match &mut unknown {
                Some((sum, known)) if *known == term => *sum = sum.plus(c),
                Some(_) => return None,
                none => *none = Some((c.clone(), term)),
            },
            Normal::Equation => return None,
        }
    }
    let before = graph.add_uncanonical(Node::sum(shown));
    let terms = collected(&graph.analysis.trees, flat);
    let after = match unknown {
        None => sum_term(graph, &terms),
        Some(unknown) => {
            let mut all = vec![unknown];
            for (c, tree) in terms {
                all.push((c, tree_term(graph, tree)));
            }
            graph.add_uncanonical(Node::sum(all))
        }
    };
    Some((before, after))
}
