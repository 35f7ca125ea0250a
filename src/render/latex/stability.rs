//! Critical points and flows in LaTeX.

use crate::flow::{PointStability, Stability};
use crate::formula::{Names, Spelling, Symbol, Symbols, typewriter};
use crate::render::text::{complex_number, step_sizes, whether};
use std::fmt::Write as _;

/// Critical points in LaTeX: for each a `tabular` of its flows and one of its eigendirections, which need no package.
#[must_use]
pub fn stability(stability: &Stability) -> String {
    let mut out = String::new();
    let symbols = Symbols::beside(stability.parameters.iter().map(String::as_str));
    let spelling = Spelling { names: Names::verbatim(), symbols };
    let step = spelling.latex(&Symbol::Step.into());
    if let Some(sentence) = spelling.symbols.declared("h") {
        let _ = writeln!(out, "{}\n", sentence.capitalised().latex(&spelling));
    }
    for point in &stability.points {
        push_point(&mut out, point, &stability.parameters, stability.h, &step);
    }
    out
}

fn push_point(out: &mut String, point: &PointStability, parameters: &[String], h: f64, step: &str) {
    let found = &point.point;
    let place = parameters.iter().zip(&found.at);
    let place: Vec<String> = place.map(|(p, x)| format!("${} = {}$", typewriter(p), number(&format!("{x}")))).collect();
    let _ = writeln!(out, "\\paragraph{{A {} at {}, with ${step} = {h}$}}\n", found.kind, place.join(", "));
    let _ = writeln!(
        out,
        "\\begin{{tabular}}{{rrrrl}}\n$i$ & $\\lambda_i$ & ${step}\\lambda_i$ & $\\alpha({step}\\lambda_i)$ & case \\\\\n\\hline"
    );
    for (k, d) in point.directions.iter().enumerate() {
        let [lambda, z] = [d.eigenvalue, d.h_lambda].map(|x| number(&complex_number(x.into())));
        let alpha = d.alpha.map_or("--".to_owned(), |a| format!("${}$", number(&complex_number(a))));
        let _ = writeln!(out, "${k}$ & ${lambda}$ & ${z}$ & {alpha} & {} \\\\", d.case);
    }
    let _ = writeln!(
        out,
        "\\end{{tabular}}\n\n\\begin{{tabular}}{{llll}}\nflow & attractive & for ${step}$ in & eigenvalues of its Jacobian \\\\\n\\hline"
    );
    for flow in &point.flows {
        let attractive = whether(flow).replace('–', "--");
        let sizes = flow.attractive_h.as_ref().map_or("--".to_owned(), |s| sizes(&step_sizes(s)));
        let values =
            flow.eigenvalues.iter().map(|z| z.map_or("--".to_owned(), |z| format!("${}$", number(&complex_number(z)))));
        let values: Vec<String> = values.collect();
        let _ = writeln!(out, "{} & {attractive} & {sizes} & {} \\\\", flow.name, values.join(", "));
    }
    out.push_str("\\end{tabular}\n\n");
}

/// Powers of ten as such.
fn number(text: &str) -> String {
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{mantissa} \\cdot 10^{{{exponent}}}"),
        None => text.to_owned(),
    }
}

fn sizes(text: &str) -> String {
    if text.starts_with('(') {
        format!("${}$", text.replace('∞', "\\infty").replace('∪', "\\cup"))
    } else {
        text.to_owned()
    }
}
