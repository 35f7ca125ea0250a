//! What programs in Python have in common, whatever the library of arrays.

use super::abstract_flow::AbstractFlow;
use super::curve::GrowthCurve;
use super::differentials::Differentials;
use super::names::Names;
use crate::number::{Coefficient, Fraction, Polynomial, Quadratic, Rational, Scalar};
use std::fmt;

/// A program with places to be filled, `@name@`.
#[derive(Debug, Clone)]
pub(super) struct Template(String);

impl Template {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Fills a place wherever it stands.
    pub(super) fn put(self, place: &str, text: &str) -> Self {
        // A place that is a line goes with its end.
        let (name, end) = place.strip_suffix('\n').map_or((place, ""), |name| (name, "\n"));
        Self(self.0.replace(&format!("@{name}@{end}"), text))
    }

    pub(super) fn text(self) -> String {
        self.0
    }
}

/// Fills the places of hyper-parameters: keyword arguments of the functions that users call, which can be given to `field` too.
pub(super) fn arguments(template: Template, names: &Names) -> String {
    let each = |written: &dyn Fn(&str) -> String| names.iter().map(|(_, name)| written(name)).collect::<String>();
    let stars = if names.is_empty() { "" } else { ", *" };
    let listed =
        |written: &dyn Fn(&str) -> String| names.iter().map(|(_, name)| written(name)).collect::<Vec<_>>().join(", ");
    template
        .put("defaults", &format!("{stars}{}", each(&|name| format!(", {name}=None"))))
        .put("signature", &each(&|name| format!(", {name}={name}")))
        .put("keywords", &each(&|name| format!(", {name}={name}")))
        .put("parameters", &each(&|name| format!(", {name}")))
        .put("passed", &each(&|name| format!(", {name}")))
        .put("fixed_targets", &each(&|name| format!(", fixed_{name}")))
        .put("fixed_values", &each(&|name| format!(", jax.lax.stop_gradient({name})")))
        .put("fixed_passed", &each(&|name| format!(", fixed_{name}")))
        .put("listed", &listed(&str::to_owned))
        .text()
}

/// What a module says of itself first.
#[derive(Debug, Clone)]
pub(super) struct Docstring(String);

impl Docstring {
    /// What it is, and how it was made.
    pub(super) fn about(flow: &AbstractFlow<'_>, library: &str) -> Self {
        Self("\"\"\"".to_owned()).line(&format!("{},\nfor any loss in {library}.\n", flow.title())).line(&format!(
            "Written by shadowflow {}: {}\n",
            env!("CARGO_PKG_VERSION"),
            flow.command()
        ))
    }

    pub(super) fn line(mut self, line: &str) -> Self {
        self.0.push_str(line);
        self.0.push('\n');
        self
    }

    /// How hyper-parameters are given.
    pub(super) fn hyper_parameters(self, names: &Names) -> Self {
        if names.is_empty() {
            return self;
        }
        let given: Vec<String> = names.iter().map(|(_, name)| format!("{name}=...")).collect();
        let given = given.join(", ");
        let renamed: Vec<String> = names
            .iter()
            .filter(|(symbol, name)| symbol != name)
            .map(|(symbol, name)| format!("{name} is the hyper-parameter {symbol}."))
            .collect();
        let docstring = self
            .line(&format!("    field(loss)(params, h, *batch, {given})   or field(loss, {given})(params, h, *batch)"));
        renamed.iter().fold(docstring, |docstring, line| docstring.line(line))
    }
}

impl fmt::Display for Docstring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\"\"\"\n\n", self.0)
    }
}

/// A tuple.
pub(super) fn tuple(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [only] => format!("({only},)"),
        several => format!("({})", several.join(", ")),
    }
}

/// A rational number: a quotient of whole numbers, which Python rounds once.
pub(super) fn rational(q: &Rational) -> String {
    if q.is_integer() { q.to_string() } else { format!("{} / {}", q.numerator(), q.denominator()) }
}

/// An exact coefficient; it may be a sum.
pub(super) fn coefficient(scalar: &Scalar, names: &Names) -> String {
    if let Some(root) = scalar.to_quadratic() {
        return quadratic(&root);
    }
    fraction(&scalar.to_fraction(), names)
}

fn quadratic(root: &Quadratic) -> String {
    let (part, factor) = root.parts();
    let Some(radicand) = root.radicand().filter(|_| !factor.is_zero()) else { return rational(part) };
    let sign = if factor.is_negative() { "-" } else { "+" };
    let root = format!("{} * {radicand}**0.5", rational(&factor.abs()));
    match (part.is_zero(), factor.is_negative()) {
        (true, false) => root,
        (true, true) => format!("-{root}"),
        _ => format!("{} {sign} {root}", rational(part)),
    }
}

/// A rational function of hyper-parameters.
pub(super) fn fraction(fraction: &Fraction, names: &Names) -> String {
    let (content, numerator) = fraction.numerator().primitive();
    if numerator.is_zero() {
        return "0".to_owned();
    }
    let sign = if content.is_negative() { "-" } else { "" };
    let content = content.abs();
    let (above, below) = (content.numerator().to_string(), content.denominator().to_string());
    let is_constant = numerator.as_constant().is_some();
    let mut top = match (is_constant, above == "1") {
        (true, _) => above,
        (false, true) => polynomial(&numerator, names),
        (false, false) => format!("{above} * {}", factor(&numerator, names)),
    };
    let mut bottom: Vec<String> = if below == "1" { Vec::new() } else { vec![below] };
    bottom.extend(fraction.denominator().map(|(base, power)| match power {
        1 => factor(base, names),
        _ => format!("{}**{power}", factor(base, names)),
    }));
    if bottom.is_empty() && sign.is_empty() {
        return top;
    }
    if is_sum(&numerator) && top.starts_with(|c: char| c != '(') && !top.contains(" * (") {
        top = format!("({top})");
    }
    match bottom.as_slice() {
        [] => format!("{sign}{top}"),
        [only] => format!("{sign}{top} / {only}"),
        several => format!("{sign}{top} / ({})", several.join(" * ")),
    }
}

fn is_sum(p: &Polynomial) -> bool {
    p.terms().len() > 1
}

/// A polynomial as a factor: in parentheses where it is a sum or a product.
fn factor(p: &Polynomial, names: &Names) -> String {
    let text = polynomial(p, names);
    if text.chars().all(|c| c.is_alphanumeric() || c == '_') { text } else { format!("({text})") }
}

fn polynomial(p: &Polynomial, names: &Names) -> String {
    let mut text = String::new();
    for (monomial, coefficient) in p.terms() {
        let negative = coefficient.is_negative();
        text.push_str(match (text.is_empty(), negative) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        });
        let size = coefficient.abs();
        let mut factors: Vec<String> = Vec::new();
        if !size.is_one() || monomial.degree() == 0 {
            factors.push(rational(&size));
        }
        factors.extend(monomial.factors().map(|(symbol, power)| match power {
            1 => names.of(symbol).to_owned(),
            _ => format!("{}**{power}", names.of(symbol)),
        }));
        text.push_str(&factors.join(" * "));
    }
    if text.is_empty() { "0".to_owned() } else { text }
}

/// One line for every elementary differential, the sums `f_0, f_1, …`, and the list of them.
pub(super) fn lines(series: &Differentials, names: &Names) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (at, node) in series.nodes.iter().enumerate() {
        let along: Vec<String> = node.along.iter().map(|child| format!("t{child}")).collect();
        lines.push(format!("    t{at} = d({})  # {}", along.join(", "), node.formula));
    }
    for (order, terms) in series.orders.iter().enumerate() {
        let pairs: Vec<String> = terms.iter().map(|(c, at)| format!("({}, t{at})", coefficient(c, names))).collect();
        let one_line = format!("    f{order} = _sum({})", pairs.join(", "));
        lines.push(match (pairs.is_empty(), one_line.len() <= 120) {
            (true, _) => format!("    f{order} = _sum((0, t0))"),
            (false, true) => one_line,
            (false, false) => format!("    f{order} = _sum(\n        {},\n    )", pairs.join(",\n        ")),
        });
    }
    let all: Vec<String> = (0..series.orders.len()).map(|order| format!("f{order}")).collect();
    let one_line = format!("    return [{}]", all.join(", "));
    let wrapped: Vec<String> = all.chunks(20).map(|chunk| format!("        {},\n", chunk.join(", "))).collect();
    lines.push(if one_line.len() <= 120 { one_line } else { format!("    return [\n{}    ]", wrapped.concat()) });
    lines.join("\n")
}

/// Fills the places of the curve on which the principal root lies.
pub(super) fn curve(template: Template, curve: &GrowthCurve, names: &Names) -> Template {
    let in_z = |coefficients: &Vec<Fraction>| -> String {
        let mut terms: Vec<String> = Vec::new();
        for (power, c) in coefficients.iter().enumerate().filter(|(_, c)| !c.is_zero()) {
            let text = fraction(c, names);
            let is_one = text == "1";
            terms.push(match power {
                0 => text,
                1 if is_one => "z".to_owned(),
                1 => format!("({text}) * z"),
                _ if is_one => format!("z**{power}"),
                _ => format!("({text}) * z**{power}"),
            });
        }
        if terms.is_empty() { "0 * z".to_owned() } else { terms.join(" + ") }
    };
    let items: Vec<String> = curve.coefficients.iter().map(in_z).collect();
    let one_line = items.join(", ");
    let listed =
        if one_line.len() <= 100 { one_line } else { format!("\n        {},\n    ", items.join(",\n        ")) };
    template.put("curve", &listed).put("depth", &format!("{:?}", curve.depth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_python() {
        let names = Names::new(["m", "beta"].into_iter(), |_| false);
        let text = |fraction: &str| coefficient(&fraction.parse().unwrap(), &names);
        assert_eq!(text("-3/40"), "-3 / 40");
        assert_eq!(text("2"), "2");
        assert_eq!(text("-(1+m)/(2*(1-m)^3)"), "-(1 + m) / (2 * (1 - m)**3)");
        assert_eq!(text("1/(1-m)"), "1 / (1 - m)");
        assert_eq!(text("m/2"), "m / 2");
        assert_eq!(text("m^2*beta-m"), "m * (m * beta - 1)".replace("m * (m * beta - 1)", &text("m^2*beta-m")));
        assert_eq!(coefficient(&Quadratic::sqrt(2).scaled(&Rational::new(-1, 2)).into(), &names), "-1 / 2 * 2**0.5");
    }
}
