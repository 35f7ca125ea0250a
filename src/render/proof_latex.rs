//! Derivations in LaTeX, one `align*` an order, each line with its reason.

use super::Signed;
use super::latex::align;
use super::proof::{evaluation_name, gradient_name, is_one_step};
use super::proof_layout::Rows;
use crate::series::egraph::{Exact, Link, Proof, ProofTerm, Rule, Step};
use std::ops::Range;

/// The highest order that is written: beyond, formulas do not fit a page.
pub const MAX_LATEX_ORDER: usize = 4;

/// The derivation in LaTeX; it needs `amsmath` and nothing else.
///
/// Consecutive steps by one rule are one line, unless others refer to what stands between them; a line is tagged with the
/// number of its last step.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::series::derive;
/// use shadowflow::render::proof_latex::proof_latex;
/// let derived = derive(&BoundOptimizer::gradient_descent(), 1).proof(true).run()?;
/// let proof = derived.proof.unwrap();
/// let latex = proof_latex(&proof);
/// assert_eq!(latex.matches("\\begin{align*}").count(), 2);
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[must_use]
pub fn proof_latex<C: Exact + Signed>(proof: &Proof<C>) -> String {
    let terms = spelt(proof);
    let mut cited = vec![false; proof.steps.len() + 1];
    for link in proof.steps.iter().flat_map(|s| &s.uses) {
        for border in [link.first, link.last + 1] {
            if let Some(place) = cited.get_mut(border) {
                *place = true;
            }
        }
    }
    let mut out = heading(proof);
    for n in 0..proof.ends.len() {
        out.push_str(&format!("\n% Order {n}: f_{n} from the coefficient of h^{}\n", n + 1));
        let range = proof.order(n);
        let lefts = range.clone().map(|at| terms[proof.steps[at].before.index()].text.as_str());
        let mut rows = Rows::new(lefts);
        let mut at = range.start;
        while at < range.end {
            let last = gathered(proof, &cited, at, &range);
            let (step, end) = (&proof.steps[at], &proof.steps[last]);
            let continues = at > range.start && step.rule != Rule::Solve && proof.steps[at - 1].after == step.before;
            let left = if continues { &[][..] } else { &terms[step.before.index()].pieces };
            rows.push(left, &terms[end.after.index()].pieces, &reason(proof, end), last + 1);
            at = last + 1;
        }
        out.push_str(&align(&rows.rows));
    }
    out
}

/// The last of the steps from `at` on that one line holds.
fn gathered<C: Exact>(proof: &Proof<C>, cited: &[bool], at: usize, range: &Range<usize>) -> usize {
    let mut last = at;
    while last + 1 < range.end {
        let (this, next) = (&proof.steps[last], &proof.steps[last + 1]);
        let alike = this.rule == next.rule && this.backward == next.backward && this.uses == next.uses;
        if !alike || this.after != next.before || cited[last + 1] || this.rule == Rule::Solve {
            break;
        }
        last += 1;
    }
    last
}

fn reason<C: Exact>(proof: &Proof<C>, step: &Step) -> String {
    let words = match step.rule {
        Rule::Taylor => "Taylor expansion",
        Rule::Update => "the optimizer's step",
        Rule::Displacement => "where this gradient is taken",
        Rule::Expansion => "Taylor expansion of $g$ about $\\theta$",
        Rule::Flow => "definition of the modified flow",
        Rule::Series => "time derivative along the flow",
        Rule::Linearity => "linearity",
        Rule::Chain => "chain rule",
        Rule::Product => "product rule",
        Rule::Multilinearity => "multilinearity",
        Rule::Symmetry => "symmetry",
        Rule::Collect => "collecting like terms",
        Rule::Substitution => return format!("by {}", cite(&step.uses)),
        Rule::Solve => {
            let unknown = match proof.term(step.before) {
                ProofTerm::Field(n) => format!("$f_{{{n}}}$"),
                _ => "it".to_owned(),
            };
            return format!("solving for {unknown}, by {}", cite(&step.uses));
        }
    };
    if step.backward { format!("{words}, backwards") } else { words.to_owned() }
}

fn cite(uses: &[Link]) -> String {
    let one = |l: &Link| {
        if l.first == l.last { format!("{}", l.last + 1) } else { format!("{}--{}", l.first + 1, l.last + 1) }
    };
    uses.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What the symbols mean, as a paragraph.
fn heading<C: Exact + Signed>(proof: &Proof<C>) -> String {
    let recurrence = &proof.recurrence;
    let method: String =
        recurrence.method.chars().filter(|c| c.is_ascii_alphanumeric() || " -:./".contains(*c)).collect();
    let flow = |j: i32| match j {
        0 => "\\theta".to_owned(),
        1 => "\\tilde\\theta(h)".to_owned(),
        -1 => "\\tilde\\theta(-h)".to_owned(),
        j => format!("\\tilde\\theta({j}h)"),
    };
    let sum = |terms: Vec<(C, String)>| pieces(terms.iter().map(|(c, t)| (c, t.clone()))).concat();
    let name = |i: usize| {
        if gradient_name(recurrence, i) == "g" {
            "g".to_owned()
        } else {
            format!("g_{{{}}}", evaluation_name(recurrence, i))
        }
    };
    let right: Vec<(C, String)> =
        recurrence.right.iter().enumerate().map(|(i, b)| (b.negated(), format!("h {}", name(i)))).collect();
    let left = sum(recurrence.left.iter().map(|(j, a)| (a.clone(), flow(*j))).collect());
    let mut text = format!(
        "% {method}\n\\noindent Here $g$, $H$, $T$, $E^{{(4)}}$, \\dots{{}} are the derivatives of $E$ at $\\theta$, brackets hold their \
         arguments;\n$\\tilde\\theta$ is the modified flow, $\\tilde\\theta' = f_0 + h f_1 + \\cdots$, from $\\tilde\\theta(0) = \\theta$;\n\
         $[h^m]\\,x$ is the coefficient of $h^m$ in $x$, and $L_f x$ the derivative of $x$ along $f$. The optimizer asks for\n\
         \\[ {}{left} = {}. \\]\n",
        if is_one_step(recurrence) { "" } else { "\\Theta(h) := " },
        sum(right)
    );
    for (i, e) in recurrence.evaluations.iter().enumerate().filter(|(i, _)| name(*i) != "g") {
        let mut at: Vec<(C, String)> = e.at.iter().map(|(k, c)| (c.clone(), flow(*k))).collect();
        at.extend(e.minus_h_times.iter().map(|(l, d)| (d.negated(), format!("h {}", name(*l)))));
        let mark = evaluation_name(recurrence, i);
        text.push_str(&format!(
            "Here ${}$ is the gradient at ${} = \\theta + \\delta_{{{mark}}}$.\n",
            name(i),
            sum(at)
        ));
    }
    text
}

/// A term in LaTeX, cut where a line may break.
struct Spelt {
    text: String,
    pieces: Vec<String>,
    power: Option<(usize, String)>,
    sum: bool,
}

impl Spelt {
    fn atom(text: String) -> Self {
        Self { pieces: vec![text.clone()], text, power: None, sum: false }
    }

    fn factor(&self) -> String {
        if self.sum { format!("({})", self.text) } else { self.text.clone() }
    }
}

/// A sum as terms with their signs; 0 without any.
fn pieces<'a, C: Signed + 'a>(terms: impl Iterator<Item = (&'a C, String)>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (coefficient, factor) in terms {
        if coefficient.is_zero() {
            continue;
        }
        let (negative, size) = coefficient.sign_and_size_latex();
        let sign = match (out.is_empty(), negative) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        };
        out.push(format!("{sign}{}{factor}", size.map(|s| s + " ").unwrap_or_default()));
    }
    if out.is_empty() { vec!["0".to_owned()] } else { out }
}

/// All terms by index: children come first.
fn spelt<C: Exact + Signed>(proof: &Proof<C>) -> Vec<Spelt> {
    let mut done: Vec<Spelt> = Vec::with_capacity(proof.terms().len());
    let left = if is_one_step(&proof.recurrence) { "\\tilde\\theta(h)" } else { "\\Theta(h)" };
    let name = |i: usize| evaluation_name(&proof.recurrence, i);
    for term in proof.terms() {
        let spelt = match term {
            ProofTerm::Coefficient(k) => Spelt::atom(format!("[h^{{{k}}}]\\,{left}")),
            ProofTerm::Gradient(i, m) => Spelt::atom(format!("[h^{{{m}}}]\\,g_{{{}}}", name(*i))),
            ProofTerm::Shift(i, m) => Spelt::atom(format!("[h^{{{m}}}]\\,\\delta_{{{}}}", name(*i))),
            ProofTerm::Power(i, m) => Spelt::atom(format!("[h^{{{m}}}]\\,\\tilde\\theta^{{({i})}}")),
            ProofTerm::Field(n) => Spelt::atom(format!("f_{{{n}}}")),
            ProofTerm::Diff(children) => match &children[..] {
                [] => Spelt::atom("g".to_owned()),
                [child] => {
                    let child = &done[child.index()];
                    let (p, base) = child.power.clone().unwrap_or_else(|| (0, child.factor()));
                    let hessians = if p == 0 { "H".to_owned() } else { format!("H^{{{}}}", p + 1) };
                    Spelt { power: Some((p + 1, base.clone())), ..Spelt::atom(format!("{hessians} {base}")) }
                }
                _ => {
                    let name =
                        if children.len() == 2 { "T".to_owned() } else { format!("E^{{({})}}", children.len() + 1) };
                    let inside: Vec<&str> = children.iter().map(|c| done[c.index()].text.as_str()).collect();
                    Spelt::atom(format!("{name}[{}]", inside.join(", ")))
                }
            },
            ProofTerm::Lie(f, x) => Spelt::atom(format!("L_{{{}}}({})", done[f.index()].text, done[x.index()].text)),
            ProofTerm::Sum(terms) => {
                let pieces = pieces(terms.iter().map(|(c, child)| (c, done[child.index()].factor())));
                let sum = !matches!(&terms[..], []) && !matches!(&terms[..], [(one, _)] if *one == C::one());
                Spelt { text: pieces.concat(), pieces, power: None, sum }
            }
        };
        done.push(spelt);
    }
    done
}
