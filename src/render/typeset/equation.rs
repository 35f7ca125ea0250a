//! Abstract modified equations for papers.

use super::block::Row;
use super::document::Document;
use super::style::Style;
use crate::formula::{Formula, Letter, Mark, Markup, Part, Raised, Sentence, Spelling, Symbol};
use crate::render::terms::signed_term;
use crate::series::{ModifiedEquation, Term};
use crate::tree::Notation;

/// The orders that are written out in the equation of the flow; beyond, dots stand for those between.
const WRITTEN: usize = 4;

/// A modified equation for a paper: the equation of the flow, and below it its terms, in one block.
///
/// `variable` says what the equation of a multistep method is about.
///
/// ```
/// use shadowflow::formula::{Markup, Spelling};
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::render::typeset::{self, Style};
/// use shadowflow::series::derive;
/// use shadowflow::tree::Notation;
/// let derived = derive(&BoundOptimizer::gradient_descent(), 2).run()?;
/// let printed = |style| typeset::equation(&derived.equation, None, Notation::Operator, &Spelling::default(), &style);
/// let latex = printed(Style::fragment(Markup::Latex));
/// assert!(latex.contains(r"\dot{\theta} &= f_{0} + h f_{1} + h^{2} f_{2} + O(h^{3})"));
/// assert!(latex.contains(r"f_{2} &= -\frac{1}{3} H^{2} g && \text{(principal)} \\"));
/// let typst = printed(Style::fragment(Markup::Typst));
/// assert!(typst.contains("dot(theta) &= f_0 + h f_1 + h^2 f_2 + O(h^3)"));
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[must_use]
pub fn equation(
    equation: &ModifiedEquation,
    variable: Option<&str>,
    notation: Notation,
    spelling: &Spelling,
    style: &Style,
) -> String {
    let mut document = Document::new(style);
    push_equation(&mut document, equation, variable, notation, spelling);
    document.finish()
}

/// The same, into a document that may hold more.
pub(in crate::render) fn push_equation(
    document: &mut Document<'_>,
    equation: &ModifiedEquation,
    variable: Option<&str>,
    notation: Notation,
    spelling: &Spelling,
) {
    let about = about(&equation.method, variable, spelling, document.markup());
    document.comment(&format!("{about}: {}", legend(notation, spelling, document.markup())));
    let last = equation.orders.len().saturating_sub(1);
    let mut spelling = spelling.clone();
    if notation == Notation::Tree && document.draws() {
        spelling.symbols.draw_trees();
        document.defines_trees();
    }
    let mut rows = vec![flow(last)];
    for (n, terms) in equation.orders.iter().enumerate() {
        rows.extend(order(n, terms, notation));
    }
    document.block(&spelling, &rows);
}

/// `θ̇ = f_0 + h f_1 + … + O(h^(last + 1))`.
pub(in crate::render) fn flow(last: usize) -> Row {
    let step = || Formula::from(Symbol::Step);
    let field = |n: usize| {
        (false, if n == 0 { Letter::Field(0).into() } else { step().power(n as u64).before(Letter::Field(n).into()) })
    };
    let mut terms: Vec<(bool, Formula)> = match last {
        0..=WRITTEN => (0..=last).map(field).collect(),
        _ => [field(0), field(1), (false, Letter::Dots.into()), field(last)].to_vec(),
    };
    terms.push((false, Formula::big_o(step().power(last as u64 + 1))));
    Row::new(Letter::Velocity.into(), terms)
}

/// The optimizer, and what the equation is about, for a comment.
pub(super) fn about(method: &str, variable: Option<&str>, spelling: &Spelling, markup: Markup) -> String {
    let Some(variable) = variable else { return method.to_owned() };
    let theta = match spelling.symbols.are_own() {
        true => spelling.written(&Symbol::Parameters.into(), markup).text,
        false => "theta".to_owned(),
    };
    format!("{method}, of {theta}, {variable}")
}

/// What the notation's symbols stand for, for a comment.
fn legend(notation: Notation, spelling: &Spelling, markup: Markup) -> String {
    if spelling.symbols.are_own() {
        return own_legend(notation).comment(spelling, markup);
    }
    match (notation, markup) {
        (Notation::Operator, Markup::Latex) => {
            "g, H, T, E^{(4)}, ... are the derivatives of E, brackets hold their arguments"
        }
        (Notation::Paper, Markup::Latex) => {
            "\\nabla_\\theta^k E are the derivatives of E; v^T (\\nabla_\\theta^3 E) w and (\\nabla_\\theta^k E)[...] contract them"
        }
        (Notation::Index, Markup::Latex) => "E_{ij...} are the partial derivatives of E, repeated indices are summed",
        (Notation::Tree, Markup::Latex) => {
            "F of a tree is its elementary differential, a node with k children the derivative of E of order k + 1"
        }
        _ => notation.legend(),
    }
    .to_owned()
}

/// The same where an author has letters of their own.
fn own_legend(notation: Notation) -> Sentence {
    let letter = |letter: Letter| Part::Formula(letter.into());
    let symbol = |symbol| letter(Letter::Plain(symbol));
    let nabla = |k| Part::Formula(Formula::marks(vec![Mark::Nabla(k, Raised::Not)]));
    let comma = || Part::words(", ");
    let loss = symbol(Symbol::Loss);
    Sentence(match notation {
        Notation::Operator => vec![
            symbol(Symbol::Gradient),
            comma(),
            symbol(Symbol::Hessian),
            comma(),
            symbol(Symbol::Third),
            comma(),
            letter(Letter::Derivative(4)),
            Part::words(", ... are the derivatives of "),
            loss,
            Part::words(", brackets hold their arguments"),
        ],
        Notation::Paper => vec![
            nabla(1),
            comma(),
            nabla(2),
            comma(),
            nabla(3),
            Part::words(", ... are the derivatives of "),
            loss,
            Part::words(", contracted with the vectors beside them or in square brackets"),
        ],
        Notation::Index => vec![
            Part::Formula(Formula::marks(vec![Mark::Indexed { own: 0, first: 1, count: 1 }])),
            Part::words(", ... are the partial derivatives of "),
            loss,
            Part::words(", repeated indices are summed"),
        ],
        Notation::Tree => vec![
            Part::words(
                "F of a tree is its elementary differential, a node with k children the derivative of order k + 1 of ",
            ),
            loss,
        ],
    })
}

/// The name of `f_n`, of its component `i` in the notation with indices.
pub(in crate::render) fn left_side(n: usize, notation: Notation) -> Formula {
    if notation == Notation::Index { Formula::component(n, None, Formula::name("i")) } else { Letter::Field(n).into() }
}

/// The rows of some `f_n`: the principal terms, then the others.
fn order(n: usize, terms: &[Term], notation: Notation) -> Vec<Row> {
    let left = left_side(n, notation);
    if terms.is_empty() {
        return vec![Row::new(left, vec![(false, Formula::natural(0))])];
    }
    let mut rows: Vec<Row> = Vec::new();
    for principal in [true, false] {
        let own: Vec<(bool, Formula)> =
            terms.iter().filter(|t| t.tree.is_principal() == principal).map(|t| signed_term(t, notation)).collect();
        if own.is_empty() {
            continue;
        }
        let label = if principal { "principal" } else { "non-principal" };
        let row = match rows.is_empty() {
            true => Row::new(left.clone(), own),
            false => Row { left: Vec::new(), relation: None, right: own, note: None, tag: None },
        };
        rows.push(row.labelled(label));
    }
    rows
}
