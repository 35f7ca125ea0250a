//! The document around the formulas.

use super::{Figure, ReportData, escaped, formula, series};
use crate::bea::CheckReport;
use crate::flow::Simulation;
use crate::render::latex::{self, Names};
use crate::render::{Formulas, Signed, Symbols};
use crate::warning::Warning;
use std::fmt::Write as _;

const STYLE: &str = include_str!("style.css");

/// A page under construction: its text and the number of the last section.
struct Page {
    out: String,
    sections: usize,
}

impl Page {
    fn section(&mut self, title: &str) {
        self.sections += 1;
        let _ = writeln!(self.out, "<h2>{}&ensp;{}</h2>", self.sections, escaped(title));
    }

    fn paragraph(&mut self, html: &str) {
        let _ = writeln!(self.out, "<p>{html}</p>");
    }
}

pub(super) fn page<C: Signed>(data: &ReportData<'_, C>) -> String {
    let title = escaped(data.title);
    let mut page = Page { out: String::new(), sections: 0 };
    let _ = write!(
        page.out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>\n<p class=\"byline\">Backward error analysis of {}, to order {}</p>\n</header>\n<main>\n",
        escaped(&data.equation.method),
        data.equation.orders.len().saturating_sub(1),
    );
    loss(&mut page, data);
    equation(&mut page, data);
    if data.simulation.is_some() || !data.figures.is_empty() {
        page.section("The flows beside the optimizer");
        figures(&mut page, &data.figures);
        if let Some(simulation) = data.simulation {
            errors(&mut page, simulation);
        }
    }
    if let Some(report) = data.checks {
        checks(&mut page, report, &symbols(data));
    }
    if let Some(proof) = data.proof {
        page.section("The derivation");
        let _ = writeln!(page.out, "<details><summary>Step by step</summary>\n<pre>{}</pre></details>", escaped(proof));
    }
    if let Some(formulas) = data.formulas {
        page.section("The modified equation of this loss");
        page.out.push_str(&series::concrete(formulas));
    }
    let warnings: Vec<&Warning> = data
        .formulas
        .iter()
        .flat_map(|f| &f.warnings)
        .chain(data.simulation.iter().flat_map(|s| &s.warnings))
        .chain(&data.warnings)
        .collect();
    if !warnings.is_empty() {
        page.section("Warnings");
        page.out.push_str("<ul>\n");
        for warning in warnings {
            let flow = warning.flow.as_ref().map_or_else(String::new, |f| format!("<b>{}</b>: ", escaped(f)));
            let step = warning.step.map_or_else(String::new, |s| format!(" (step {s})"));
            let _ =
                writeln!(page.out, "<li>{flow}{}{step} <code>{}</code></li>", escaped(&warning.message), warning.code);
        }
        page.out.push_str("</ul>\n");
    }
    let version = env!("CARGO_PKG_VERSION");
    let _ = write!(page.out, "</main>\n<footer>Made by shadowflow {version}.</footer>\n</body>\n</html>\n");
    page.out
}

fn loss<C: Signed>(page: &mut Page, data: &ReportData<'_, C>) {
    if data.source.is_none() && data.loss.is_none() {
        return;
    }
    page.section("The loss");
    if let Some(text) = data.loss {
        let tex = format!("{} = {}", symbols(data).latex("E(\\theta)"), names(data).expression(text));
        let _ = writeln!(page.out, "<div class=\"scroll\">{}</div>", formula(&tex, true));
    }
    if let Some(source) = data.source {
        let _ = writeln!(page.out, "<pre>{}</pre>", escaped(source.trim_end()));
    }
}

/// How the loss's names are written.
fn names<C>(data: &ReportData<'_, C>) -> Names {
    data.formulas.map(Formulas::names).unwrap_or_default()
}

/// Our symbols beside them.
fn symbols<C>(data: &ReportData<'_, C>) -> Symbols {
    data.formulas.map(Formulas::notation).unwrap_or_default()
}

/// A formula of ours beside the loss's names.
fn ours<C>(data: &ReportData<'_, C>, latex: &str) -> String {
    formula(&symbols(data).latex(latex), false)
}

fn equation<C: Signed>(page: &mut Page, data: &ReportData<'_, C>) {
    page.section("The modified equation");
    let (symbols, names) = (symbols(data), names(data));
    if let Some(sentence) = symbols.latex_sentence("fhEgHTθ", |name| names.expression(name)) {
        // Text and formulas take turns between the dollars.
        let mixed = sentence.split('$').enumerate();
        let html: String =
            mixed.map(|(k, part)| if k % 2 == 0 { escaped(part) } else { formula(part, false) }).collect();
        page.paragraph(&html);
    }
    let step = ours(data, "h");
    page.paragraph(&format!(
        "Each step of the optimizer with step size {step} follows, up to the truncation of the series, the flow {} over \
         the time {step}. The principal part holds the terms {}; every other term contains a derivative of third or \
         higher order.",
        ours(data, "\\dot\\theta = f_{0} + h f_{1} + h^{2} f_{2} + \\cdots"),
        ours(data, "H^{n} g"),
    ));
    page.out.push_str(&series::equation(data.equation, data.notation, &symbols));
    // The letters of formulas, as text: those that change are said above.
    if symbols == Symbols::default() {
        let _ = writeln!(page.out, "<p class=\"note\">{}.</p>", escaped(data.notation.legend()));
    }
    if !data.equation.symbols.is_empty() {
        let symbols: Vec<String> =
            data.equation.symbols.iter().map(|s| formula(&latex::expression(s), false)).collect();
        let _ = writeln!(page.out, "<p class=\"note\">Hyper-parameters left symbolic: {}.</p>", symbols.join(", "));
    }
}

fn checks(page: &mut Page, report: &CheckReport, symbols: &Symbols) {
    page.section("The series check");
    let function = formula("\\log(1 - z)/z = -\\sum_{p \\ge 0} z^{p}/(p + 1)", false);
    page.paragraph(&format!(
        "The derived coefficients of {} against the Taylor series of {function}, and independent derivations against \
         each other: {}.",
        formula(&symbols.latex("H^{p} g"), false),
        if report.ok() {
            "<span class=\"good\">every check holds</span>"
        } else {
            "<span class=\"bad\">not every check holds</span>"
        },
    ));
    page.out.push_str("<div class=\"scroll\"><table class=\"data\">\n<tr><th>check</th><th>routes</th><th>orders</th>");
    page.out.push_str("<th class=\"number\">compared</th><th></th><th>detail</th></tr>\n");
    for check in &report.checks {
        let _ = writeln!(
            page.out,
            "<tr><td>{}</td><td>{}</td><td>{}–{}</td><td class=\"number\">{}</td>{}<td>{}</td></tr>",
            escaped(&check.name),
            escaped(&check.routes.join(", ")),
            check.orders.0,
            check.orders.1,
            check.compared,
            if check.ok { "<td class=\"good\">holds</td>" } else { "<td class=\"bad\">fails</td>" },
            escaped(&check.detail),
        );
    }
    page.out.push_str("</table></div>\n");
}

fn figures(page: &mut Page, figures: &[Figure]) {
    for (k, figure) in figures.iter().enumerate() {
        let _ = writeln!(
            page.out,
            "<figure>\n{}\n<figcaption><b>Figure {}.</b> {}</figcaption>\n</figure>",
            figure.svg.trim(),
            k + 1,
            escaped(&figure.caption)
        );
    }
}

/// The errors after the first and the last step.
fn errors(page: &mut Page, simulation: &Simulation) {
    let last = simulation.times.len().saturating_sub(1);
    if last == 0 || simulation.flows.is_empty() {
        return;
    }
    page.paragraph(&format!(
        "Distance of each flow from the iterate of {}, with step size {:?}:",
        escaped(&simulation.method),
        simulation.h
    ));
    let _ = writeln!(
        page.out,
        "<table class=\"data\">\n<tr><th>flow</th><th class=\"number\">after step 1</th>\
         <th class=\"number\">after step {last}</th></tr>"
    );
    for flow in &simulation.flows {
        let error = |step: usize| {
            let error = flow.error.get(step).copied().flatten();
            error.map_or_else(|| "–".to_owned(), |e| format!("{e:.3e}"))
        };
        let (first, last) = (error(1), error(last));
        let name = escaped(&flow.name);
        let _ = writeln!(
            page.out,
            "<tr><td>{name}</td><td class=\"number\">{first}</td><td class=\"number\">{last}</td></tr>"
        );
    }
    page.out.push_str("</table>\n");
}
