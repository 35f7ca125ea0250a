//! Derivations for people: the formulas of their terms and the words between them, for text, LaTeX and Typst alike.

#[cfg(feature = "report")]
mod document;
mod gathered;
mod markup;
mod text;

#[cfg(feature = "report")]
pub use document::proof_blocks;
pub use markup::{MAX_LATEX_ORDER, proof_markup};
pub use text::proof_text;

use gathered::lines;

use crate::formula::{Formula, Letter, Node, Part, Sentence, Symbol};
use crate::number::Coefficient;
use crate::optimizer::Recurrence;
use crate::series::egraph::{Exact, Link, Proof, ProofTerm, Rule, Step};

/// Whether the recurrence speaks of one step from θ.
fn is_one_step<C: Exact>(recurrence: &Recurrence<C>) -> bool {
    let pairs: Vec<(i32, &C)> = recurrence.left.iter().map(|(j, a)| (*j, a)).filter(|(_, a)| !a.is_zero()).collect();
    pairs.len() == 2
        && pairs.iter().all(|(j, a)| (*j == 1 && **a == C::one()) || (*j == 0 && **a == C::one().negated()))
}

/// Whether it is that of gradient descent.
fn is_gradient_descent<C: Exact>(recurrence: &Recurrence<C>) -> bool {
    is_one_step(recurrence) && recurrence.right == [C::one()] && !is_displaced(recurrence, 0)
}

/// Whether a gradient is taken elsewhere than at θ.
fn is_displaced<C: Exact>(recurrence: &Recurrence<C>, i: usize) -> bool {
    recurrence.evaluations.get(i).is_some_and(|e| {
        e.at.iter().any(|(k, c)| *k != 0 && !c.is_zero()) || e.minus_h_times.iter().any(|(_, d)| !d.is_zero())
    })
}

/// `1`, `2`, … where several gradients are taken, a mark where it is one.
fn evaluation_name<C: Exact>(recurrence: &Recurrence<C>, i: usize) -> String {
    if recurrence.evaluations.len() == 1 { "*".to_owned() } else { (i + 1).to_string() }
}

/// The gradient that is taken by an evaluation.
fn gradient<C: Exact>(recurrence: &Recurrence<C>, i: usize) -> Formula {
    if is_displaced(recurrence, i) {
        Letter::GradientAt(evaluation_name(recurrence, i)).into()
    } else {
        Symbol::Gradient.into()
    }
}

/// What the steps of an order are about: one step from θ, or what the recurrence adds up.
fn matched<C: Exact>(recurrence: &Recurrence<C>) -> Formula {
    if is_one_step(recurrence) { Letter::Flow(1) } else { Letter::Recurrence }.into()
}

/// A coefficient and what it belongs to, as a term of a sum: another sum in there keeps its parentheses.
fn term<C: Coefficient>(coefficient: &C, of: Vec<Formula>) -> (bool, Formula) {
    let (negative, size) = coefficient.formula().signed();
    let size = (!size.is_number("1")).then_some(size);
    (negative, Formula::beside(size.into_iter().chain(of).collect()))
}

/// The places where the flow is, each with its weight.
fn places<C: Exact>(pairs: &[(i32, C)]) -> impl Iterator<Item = (bool, Formula)> {
    pairs.iter().filter(|(_, c)| !c.is_zero()).map(|(j, c)| term(c, vec![Letter::Flow(*j).into()]))
}

/// `−h Σ b_i g_i`.
fn gradients<C: Exact>(
    recurrence: &Recurrence<C>,
    weights: impl Iterator<Item = (usize, C)>,
) -> impl Iterator<Item = (bool, Formula)> {
    let weights = weights.filter(|(_, b)| !b.is_zero());
    weights.map(|(i, b)| term(&b.negated(), vec![Symbol::Step.into(), gradient(recurrence, i)]))
}

/// `[h^m] x`.
fn coefficient(m: u64, of: Letter) -> Formula {
    Formula::coefficient(Formula::from(Symbol::Step).power(m), of.into())
}

/// All terms, by index: children come first.
fn formulas<C: Exact>(proof: &Proof<C>) -> Vec<Formula> {
    let mut done: Vec<Formula> = Vec::with_capacity(proof.terms().len());
    let name = |i: usize| evaluation_name(&proof.recurrence, i);
    let of_h = |m: usize, of: Letter| coefficient(m as u64, of);
    for own in proof.terms() {
        let formula = match own {
            ProofTerm::Coefficient(k) => {
                Formula::coefficient(Formula::from(Symbol::Step).power(*k as u64), matched(&proof.recurrence))
            }
            ProofTerm::Gradient(i, 0) => Formula::coefficient(Formula::natural(1), Letter::GradientAt(name(*i)).into()),
            ProofTerm::Gradient(i, m) => of_h(*m, Letter::GradientAt(name(*i))),
            ProofTerm::Shift(i, m) => of_h(*m, Letter::Shift(name(*i))),
            ProofTerm::Power(i, m) => of_h(*m, Letter::FlowDerivative(*i)),
            ProofTerm::Field(n) => Letter::Field(*n).into(),
            ProofTerm::Diff(children) => match &children[..] {
                [] => Symbol::Gradient.into(),
                [child] => match done[child.index()].node() {
                    Node::Hessians(count, rest) => Formula::new(Node::Hessians(count + 1, rest.clone())),
                    _ => Formula::new(Node::Hessians(1, done[child.index()].clone())),
                },
                several => Formula::contraction(several.iter().map(|c| done[c.index()].clone()).collect()),
            },
            ProofTerm::Lie(f, x) => Formula::new(Node::Lie(done[f.index()].clone(), done[x.index()].clone())),
            ProofTerm::Sum(terms) => {
                let written = terms.iter().map(|(c, child)| term(c, vec![done[child.index()].clone()]));
                match &terms[..] {
                    [] => Formula::natural(0),
                    [(one, child)] if *one == C::one() => Formula::beside(vec![done[child.index()].clone()]),
                    // A lone term too is a sum, with parentheses as a factor.
                    _ => Formula::new(Node::Sum { terms: written.collect(), tight: false }),
                }
            }
        };
        done.push(formula);
    }
    done
}

/// Why a step holds, in words.
fn reason<C: Exact>(proof: &Proof<C>, step: &Step) -> Sentence {
    let formula = |formula: Formula| Part::Formula(formula);
    let mut parts = match step.rule {
        Rule::Update if is_gradient_descent(&proof.recurrence) => {
            vec![Part::words("gradient descent step, "), formula(step_of(&proof.recurrence))]
        }
        Rule::Update => return Sentence::words(format!("step of {}", proof.recurrence.method)),
        Rule::Expansion => vec![
            Part::words("Taylor expansion of "),
            formula(Symbol::Gradient.into()),
            Part::words(" about "),
            formula(Symbol::Parameters.into()),
        ],
        Rule::Substitution => return Sentence::words(format!("by {}", cited(&step.uses))),
        Rule::Solve => {
            let unknown = match proof.term(step.before) {
                ProofTerm::Field(n) => formula(Letter::Field(*n).into()),
                _ => Part::words("it"),
            };
            return Sentence(vec![
                Part::words("solving for "),
                unknown,
                Part::words(format!(", by {}", cited(&step.uses))),
            ]);
        }
        rule => vec![Part::words(match rule {
            Rule::Taylor => "Taylor expansion",
            Rule::Displacement => "where this gradient is taken",
            Rule::Flow => "definition of the modified flow",
            Rule::Series => "time derivative along the modified flow",
            Rule::Linearity => "linearity",
            Rule::Chain => "chain rule",
            Rule::Product => "product rule",
            Rule::Multilinearity => "multilinearity",
            Rule::Symmetry => "symmetry",
            _ => "collecting like terms",
        })],
    };
    if step.backward {
        parts.push(Part::words(", backwards"));
    }
    Sentence(parts)
}

/// The numbers of the steps that are used.
fn cited(uses: &[Link]) -> String {
    let one = |link: &Link| match link.first == link.last {
        true => (link.first + 1).to_string(),
        false => format!("{}–{}", link.first + 1, link.last + 1),
    };
    uses.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// `θ̃(h) = θ − …`, of an optimizer of one step.
fn step_of<C: Exact>(recurrence: &Recurrence<C>) -> Formula {
    let start = (false, Letter::Flow(0).into());
    let right = gradients(recurrence, recurrence.right.iter().cloned().enumerate());
    Formula::from(Letter::Flow(1)).equals(Formula::sum(std::iter::once(start).chain(right).collect()))
}

/// What the symbols mean, and what is asked of the flow: sentences, each on a line of its own but for the first two.
fn notation<C: Exact>(proof: &Proof<C>) -> Vec<Sentence> {
    let recurrence = &proof.recurrence;
    let mut lines = vec![Sentence(meanings())];
    let tail = lines[0].0.len();
    if is_gradient_descent(recurrence) {
        lines[0].0.extend([
            Part::words("The step to be matched is "),
            Part::Formula(step_of(recurrence)),
            Part::words("."),
        ]);
        debug_assert!(lines[0].0.len() > tail);
        return lines;
    }
    lines[0].0.push(Part::words(format!("The optimizer is {}.", recurrence.method)));
    if is_one_step(recurrence) {
        let step = Part::Formula(step_of(recurrence));
        lines.push(Sentence(vec![Part::words("The step to be matched is "), step, Part::words(".")]));
    } else {
        let right = gradients(recurrence, recurrence.right.iter().cloned().enumerate());
        let whole = |right: Vec<(bool, Formula)>| Part::Formula(matched(recurrence).equals(Formula::sum(right)));
        lines.push(Sentence(vec![
            Part::words("The recurrence to be matched is "),
            whole(right.collect()),
            Part::words(" with "),
            whole(places(&recurrence.left).collect()),
            Part::words("."),
        ]));
    }
    for (i, evaluation) in recurrence.evaluations.iter().enumerate().filter(|(i, _)| is_displaced(recurrence, *i)) {
        let stages = evaluation.minus_h_times.iter().cloned();
        let at: Vec<(bool, Formula)> = places(&evaluation.at).chain(gradients(recurrence, stages)).collect();
        let shift = Letter::Shift(evaluation_name(recurrence, i)).into();
        let shifted = Formula::sum(vec![(false, Symbol::Parameters.into()), (false, shift)]);
        lines.push(Sentence(vec![
            Part::Formula(gradient(recurrence, i)),
            Part::words(" is the gradient at "),
            Part::Formula(Formula::sum(at)),
            Part::words(", which is "),
            Part::Formula(shifted),
            Part::words("."),
        ]));
    }
    lines
}

/// What the symbols mean.
fn meanings() -> Vec<Part> {
    let f = |formula: Formula| Part::Formula(formula);
    let symbol = |symbol: Symbol| Part::Formula(symbol.into());
    let name = |name: &str| Formula::name(name);
    let flow = |i: usize| Formula::from(Letter::FlowDerivative(i));
    let fields = (0..3).map(|n: usize| {
        let field = Formula::from(Letter::Field(n));
        (false, if n == 0 { field } else { Formula::from(Symbol::Step).power(n as u64).before(field) })
    });
    let series = Formula::sum(fields.chain([(false, Letter::Dots.into())]).collect());
    let power = Formula::from(Symbol::Step).raised(name("m"));
    let field = || Formula::from(Letter::AnyField("k"));
    vec![
        Part::words("Notation. "),
        symbol(Symbol::Gradient),
        Part::words(", "),
        symbol(Symbol::Hessian),
        Part::words(" and "),
        symbol(Symbol::Third),
        Part::words(" are the gradient, the Hessian and the third derivative of "),
        symbol(Symbol::Loss),
        Part::words("; "),
        f(Letter::Derivative(4).into()),
        Part::words(", "),
        f(Letter::Derivative(5).into()),
        Part::words(", … are the higher ones, and\n"),
        f(Formula::contraction(vec![name("u"), name("v")])),
        Part::words(" is "),
        symbol(Symbol::Third),
        Part::words(" contracted with "),
        f(name("u")),
        Part::words(" and "),
        f(name("v")),
        Part::words(". "),
        f(flow(0)),
        Part::words(" is the modified flow from "),
        f(Formula::applied(Letter::FlowDerivative(0), Formula::natural(0)).equals(Symbol::Parameters.into())),
        Part::words(", so that "),
        f(flow(1).equals(series)),
        Part::words(";\nits time derivatives "),
        f(flow(1)),
        Part::words(", "),
        f(flow(2)),
        Part::words(", … are taken at time 0. "),
        f(Formula::coefficient(power.clone(), name("x"))),
        Part::words(" is the coefficient of "),
        f(power),
        Part::words(" in "),
        f(name("x")),
        Part::words(", and "),
        f(Formula::new(Node::Lie(field(), name("x")))),
        Part::words(" is the\nderivative of "),
        f(name("x")),
        Part::words(" along "),
        f(field()),
        Part::words(". "),
    ]
}
