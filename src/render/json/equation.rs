//! The documents of `derive`.

use super::Document;
use crate::form::Formulas;
use crate::formula::{Formula, text};
use crate::number::Coefficient;
use crate::series::ModifiedEquation;
use crate::tree::{Notation, Tree};
use crate::warning::Warning;
use serde_json::{Value, json};

/// The document of an abstract modified equation: `method`, `symbols` and `orders`, each with its `terms`.
#[must_use]
pub fn equation(equation: &ModifiedEquation, warnings: &[Warning]) -> Document {
    equation_about(equation, None, warnings)
}

/// The same with a member `variable` after `symbols`, which says what the equation of a multistep method is about.
#[must_use]
pub fn equation_about(equation: &ModifiedEquation, variable: Option<&str>, warnings: &[Warning]) -> Document {
    let mut document =
        Document::new().with("method", equation.method.as_str().into()).with("symbols", json!(equation.symbols));
    if let Some(variable) = variable {
        document = document.with("variable", variable.into());
    }
    document.with("orders", orders(equation)).with_warnings(warnings)
}

/// The terms of every order: level sequence, exact coefficient, part, text and LaTeX.
#[must_use]
pub fn orders(equation: &ModifiedEquation) -> Value {
    equation.orders.iter().enumerate().map(|(n, _)| json!({"order": n, "terms": terms(equation, n)})).collect()
}

fn terms(equation: &ModifiedEquation, n: usize) -> Value {
    let terms = equation.orders.get(n).map_or(&[][..], Vec::as_slice);
    terms.iter().map(|t| term(&t.tree, &t.coefficient)).collect()
}

/// One term.
pub(super) fn term<C: Coefficient>(tree: &Tree, coefficient: &C) -> Value {
    json!({
        "tree": tree.levels(),
        "coefficient": coefficient.to_string(),
        "principal": tree.is_principal(),
        "text": Notation::Operator.text(tree),
        "latex": Notation::Paper.latex(tree),
    })
}

/// The document of a concrete modified equation; where given, `terms` are shown in every order too, and the formulas `displayed` to people as `display`.
#[must_use]
pub fn concrete(
    formulas: &Formulas,
    terms_of: Option<&ModifiedEquation>,
    displayed: Option<&Formulas>,
    warnings: &[Warning],
) -> Document {
    let order = |(n, order): (usize, &crate::render::FormulaOrder)| {
        let mut value = json!({
            "order": n,
            "components": texts(&order.components),
            "principal_components": texts(&order.principal),
            "nonprincipal_components": texts(&order.nonprincipal),
        });
        if let Some(equation) = terms_of {
            value["terms"] = terms(equation, n);
        }
        if let Some(displayed) = displayed
            && let Some(order) = displayed.orders.get(n)
        {
            let texts = |part: &[Formula]| part.iter().map(|f| text(f, &displayed.spelling.symbols)).collect::<Value>();
            value["display"] = texts(&order.components);
            value["principal_display"] = texts(&order.principal);
            value["nonprincipal_display"] = texts(&order.nonprincipal);
        }
        value
    };
    let orders: Value = formulas.orders.iter().enumerate().map(order).collect();
    let of_display = displayed.iter().flat_map(|displayed| &displayed.warnings);
    let of_display = of_display.filter(|warning| !formulas.warnings.contains(warning));
    let warnings: Vec<Warning> = formulas.warnings.iter().chain(of_display).chain(warnings).cloned().collect();
    let mut document = Document::new()
        .with("method", formulas.method.as_str().into())
        .with("symbols", json!(formulas.symbols))
        .with("parameters", texts(&formulas.parameters))
        .with("lets", formulas.lets.iter().map(|(name, value)| json!([name, value.to_string()])).collect());
    if let Some(displayed) = displayed {
        let defined = |pairs: &[(Formula, Formula)]| -> Value {
            let symbols = &displayed.spelling.symbols;
            pairs.iter().map(|(name, value)| json!([text(name, symbols), value.to_string()])).collect()
        };
        let lets: Vec<(Formula, Formula)> =
            displayed.lets.iter().map(|(name, value)| (Formula::name(name), value.clone())).collect();
        document =
            document.with("display_lets", defined(&lets)).with("display_derivatives", defined(&displayed.derivatives));
    }
    if terms_of.is_some() && formulas.sentence("gHTE").is_some() {
        let notation = "in terms, g, H, T, E4, … are the derivatives of the loss and no names that it declares";
        document = document.with("notation", notation.into());
    }
    document.with("orders", orders).with_warnings(&warnings)
}

/// Formulas in the loss language.
fn texts(formulas: &[Formula]) -> Value {
    formulas.iter().map(ToString::to_string).collect()
}
