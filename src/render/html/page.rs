//! The document around the formulas.

use super::{Figure, ReportData, Setting, escaped, flows, series};
use crate::evidence::CheckReport;
use crate::flow::Simulation;
use crate::formula::{Formula, Letter, Spelling, Symbol};
use crate::render::text;
use crate::warning::Warning;
use num_complex::Complex64;
use std::fmt::Write as _;

/// Parameters of a start that are shown.
const PLACES: usize = 8;
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

pub(super) fn page(data: &ReportData<'_>) -> String {
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
        if let Some(simulation) = data.simulation {
            setting(&mut page, simulation, data.setting, &spelling(data));
        }
        figures(&mut page, &data.figures);
        if let Some(simulation) = data.simulation {
            errors(&mut page, simulation);
            endings(&mut page, simulation);
        }
    }
    if let Some(report) = data.checks {
        checks(&mut page, report, &data.equation.method, &spelling(data));
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

fn loss(page: &mut Page, data: &ReportData<'_>) {
    if data.source.is_none() && data.loss.is_none() {
        return;
    }
    page.section("The loss");
    if let Some(formula) = data.loss {
        let left = Formula::applied(Symbol::Loss, Symbol::Parameters.into());
        let equation = spelling(data).element(&left.equals(formula.clone())).block();
        let _ = writeln!(page.out, "<div class=\"scroll\">{equation}</div>");
    }
    if let Some(source) = data.source {
        let _ = writeln!(page.out, "<pre>{}</pre>", escaped(source.trim_end()));
    }
}

/// How the loss's names are written, and our letters beside them.
fn spelling(data: &ReportData<'_>) -> Spelling {
    data.formulas.map(|formulas| formulas.spelling.clone()).unwrap_or_default()
}

/// `H^n g`.
fn principal_term(power: &str) -> Formula {
    let power = Formula::from(Symbol::Hessian).raised(Formula::name(power));
    Formula::beside(vec![power, Symbol::Gradient.into()])
}

/// `θ' = f_0 + h f_1 + h^2 f_2 + …`.
fn modified_flow() -> Formula {
    let term = |n: usize| {
        let f = Formula::from(Letter::Field(n));
        if n == 0 { f } else { Formula::from(Symbol::Step).power(n as u64).before(f) }
    };
    let terms = (0..3).map(term).chain([Letter::Dots.into()]).map(|term| (false, term));
    Formula::from(Letter::Velocity).equals(Formula::sum(terms.collect()))
}

fn equation(page: &mut Page, data: &ReportData<'_>) {
    page.section("The modified equation");
    let spelling = spelling(data);
    let declared = spelling.symbols.declared("fhEgHTθ");
    if let Some(sentence) = &declared {
        page.paragraph(&sentence.clone().capitalised().html(&spelling, escaped));
    }
    let step = spelling.mathml(&Symbol::Step.into());
    page.paragraph(&format!(
        "Each step of the optimizer with step size {step} follows, up to the truncation of the series, the flow {} over \
         the time {step}. The principal part holds the terms {}; every other term contains a derivative of third or \
         higher order.",
        spelling.mathml(&modified_flow()),
        spelling.mathml(&principal_term("n")),
    ));
    page.out.push_str(&series::equation(data.equation, data.notation, &spelling));
    // The letters of formulas, as text: those that change are said above.
    if declared.is_none() {
        let _ = writeln!(page.out, "<p class=\"note\">{}.</p>", escaped(data.notation.legend()));
    }
    if !data.equation.symbols.is_empty() {
        let symbols: Vec<String> =
            data.equation.symbols.iter().map(|s| Spelling::default().mathml(&Formula::name(s))).collect();
        let _ = writeln!(page.out, "<p class=\"note\">Hyper-parameters left symbolic: {}.</p>", symbols.join(", "));
    }
}

/// How the simulation was set up, and what the names of the flows mean.
fn setting(page: &mut Page, simulation: &Simulation, setting: Option<&Setting>, spelling: &Spelling) {
    let steps = simulation.times.len().saturating_sub(1);
    let place = setting.map(|s| {
        let shown = simulation.parameters.iter().zip(&s.start).take(PLACES);
        let shown: Vec<String> = shown.map(|(name, x)| format!("{name} = {x:?}")).collect();
        let more = if s.start.len() > PLACES { ", …" } else { "" };
        format!(" from {}{more}", shown.join(", "))
    });
    page.paragraph(&format!(
        "{steps} steps of {}{} with step size {:?}, and the flows from the same start at the same times.",
        escaped(&simulation.method),
        escaped(&place.unwrap_or_default()),
        simulation.h
    ));
    if let Some(setting) = setting {
        for sentence in [Some(&setting.step_rule), setting.start_rule.as_ref()].into_iter().flatten() {
            page.paragraph(&format!("{}.", escaped(&capitalised(sentence))));
        }
    }
    if !simulation.flows.is_empty() {
        page.out.push_str(&flows::table(simulation, spelling));
    }
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// One sentence for every flow that has no value at some step.
fn endings(page: &mut Page, simulation: &Simulation) {
    let last = simulation.times.len().saturating_sub(1);
    for flow in &simulation.flows {
        let Some(reached) = flow.trajectory.iter().rposition(Option::is_some).filter(|k| *k < last) else { continue };
        let lacks = flow.lacks(&simulation.warnings);
        let why = lacks.map_or_else(String::new, |(_, message)| format!(": {}", escaped(message)));
        page.paragraph(&format!("<b>{}</b> has no value after step {reached}{why}.", escaped(&flow.name)));
    }
}

fn checks(page: &mut Page, report: &CheckReport, method: &str, spelling: &Spelling) {
    page.section("The series check");
    let verdict = if report.ok() {
        if report.warnings.is_empty() {
            "<span class=\"good\">every check holds</span>"
        } else {
            "<span class=\"good\">every check that time allowed holds</span>"
        }
    } else if report.checks.iter().all(|c| c.ok) {
        "<span class=\"bad\">nothing was compared</span>"
    } else {
        "<span class=\"bad\">not every check holds</span>"
    };
    let coefficients = spelling.mathml(&principal_term("p"));
    page.paragraph(&if method == "gradient-descent" {
        let function = spelling.mathml(&logarithm_series());
        format!(
            "The derived coefficients of {coefficients} against the Taylor series of {function}, and independent derivations against each \
             other: {verdict}."
        )
    } else {
        format!(
            "The derived coefficients of {coefficients} against the Taylor series of α, from the characteristic polynomial of {}: {verdict}.",
            escaped(method)
        )
    });
    let count = report.checks.len();
    let open = if report.ok() { "" } else { " open" };
    let _ = write!(
        page.out,
        "<details{open}><summary>{count} comparison{}</summary>\n<div class=\"scroll\"><table class=\"data\">\n\
         <tr><th>check</th><th>routes</th><th>orders</th><th class=\"number\">compared</th><th></th><th>detail</th></tr>\n",
        if count == 1 { "" } else { "s" }
    );
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
    page.out.push_str("</table></div>\n</details>\n");
}

/// `log(1 − z)/z = −Σ z^p/(p + 1)`.
fn logarithm_series() -> Formula {
    let [z, p] = ["z", "p"].map(Formula::name);
    let one = || Formula::natural(1);
    let logarithm = Formula::call("log", vec![Formula::sum(vec![(false, one()), (true, z.clone())])]);
    let term = z.clone().raised(p.clone()).over(Formula::sum(vec![(false, p.clone()), (false, one())]));
    logarithm.over(z).equals(Formula::summed(p, '≥', Formula::natural(0), term).negated())
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

/// The errors after the first and the last step, and where that led.
fn errors(page: &mut Page, simulation: &Simulation) {
    let last = simulation.times.len().saturating_sub(1);
    if last == 0 || simulation.flows.is_empty() {
        return;
    }
    page.paragraph(&format!(
        "Distance of each flow from the iterate of {}, and the loss and the largest hλ at the end:",
        escaped(&simulation.method)
    ));
    let mut table = String::from("<div class=\"scroll\"><table class=\"data\">\n<tr><th></th>");
    for head in ["after step 1", &format!("after step {last}"), "loss", "hλ"] {
        let _ = write!(table, "<th class=\"number\">{head}</th>");
    }
    table.push_str("</tr>\n");
    let mut row = |name: &str, cells: [String; 4]| {
        let _ = write!(table, "<tr><td>{}</td>", escaped(name));
        for cell in cells {
            let _ = write!(table, "<td class=\"number\">{cell}</td>");
        }
        table.push_str("</tr>\n");
    };
    let none = || "–".to_owned();
    let real = |values: &[Option<f64>]| {
        values.get(last).copied().flatten().map_or_else(none, |x| text::complex_short(x.into()))
    };
    row(&simulation.method, [String::new(), String::new(), real(&simulation.loss), real(&simulation.h_lambda_0)]);
    for flow in &simulation.flows {
        let error = |step: usize| flow.error.get(step).copied().flatten().map_or_else(none, |e| format!("{e:.3e}"));
        let complex =
            |values: &[Option<Complex64>]| values.get(last).copied().flatten().map_or_else(none, text::complex_short);
        row(&flow.name, [error(1), error(last), complex(&flow.loss), complex(&flow.h_lambda_0)]);
    }
    table.push_str("</table></div>\n");
    page.out.push_str(&table);
}
