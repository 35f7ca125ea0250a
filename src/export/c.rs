//! Explicit formulas in C99.

use super::about::About;
use super::explicit::Spectral;
use super::formulas::{Formula, Formulas};
use super::language::{
    FormulaNames, Language, Tightness, calls, has_log_sum_exp, meanings, quotient, used_entries, whole, written,
};
use super::python::Template;
use crate::expr::Function;
use crate::number::{Rational, Scalar};

struct C;

fn double(q: &Rational) -> String {
    let text = whole(q);
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}

impl Language for C {
    fn number(&self, q: &Rational) -> String {
        quotient(q, &double)
    }

    fn pi(&self) -> &'static str {
        "3.14159265358979323846"
    }

    fn power(&self, base: &str, atom: bool, exponent: &Rational) -> (String, Tightness) {
        match exponent.to_i64() {
            Some(2) if atom => (format!("{base} * {base}"), Tightness::Product),
            Some(n) if n <= i64::from(i32::MAX) => (format!("power({base}, {n})"), Tightness::Atom),
            _ if *exponent == Rational::new(1, 2) => (format!("sqrt({base})"), Tightness::Atom),
            _ => (format!("pow({base}, {})", self.number(exponent)), Tightness::Atom),
        }
    }

    fn call(&self, function: Function, argument: &str, _: bool) -> String {
        let name = match function {
            Function::Abs => "fabs",
            Function::Step => "heaviside",
            other => other.name(),
        };
        format!("{name}({argument})")
    }

    fn log_sum_exp(&self, terms: &[String]) -> String {
        format!("log_sum_exp({}, (const double[]){{{}}})", terms.len(), terms.join(", "))
    }
}

/// The helpers that are used, and no others: an unused one is a warning.
fn helpers(formulas: &Formulas) -> String {
    let mut text = String::new();
    let has_power = |part: &Formula| match part {
        Formula::Power(base, q) => {
            let is_atom = matches!(**base, Formula::Entry(_) | Formula::Symbol(_) | Formula::Named(_) | Formula::Pi);
            let is_call = matches!(**base, Formula::Call(..) | Formula::LogSumExp(_));
            let is_whole = matches!(&**base, Formula::Number(n) if n.is_integer() && !n.is_negative());
            q.to_i64().is_some_and(|n| n <= i64::from(i32::MAX) && (n != 2 || !(is_atom || is_call || is_whole)))
        }
        _ => false,
    };
    if formulas.all().any(|f| f.any(&has_power)) {
        text.push_str(
            "/* x to the power n > 0, by squaring. */\nstatic double power(double x, int n)\n{\n    double y = 1.0;\n    \
             for (; n > 0; n /= 2, x *= x)\n        if (n % 2)\n            y *= x;\n    return y;\n}\n\n",
        );
    }
    let each = [
        (
            Function::Sigmoid,
            "static double sigmoid(double x)\n{\n    const double e = exp(-fabs(x));\n    return x > 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);\n}\n\n",
        ),
        (
            Function::Softplus,
            "static double softplus(double x)\n{\n    return (x > 0.0 ? x : 0.0) + log1p(exp(-fabs(x)));\n}\n\n",
        ),
        (Function::Relu, "static double relu(double x)\n{\n    return x > 0.0 ? x : 0.0;\n}\n\n"),
        (Function::Sign, "static double sign(double x)\n{\n    return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : 0.0;\n}\n\n"),
        (Function::Step, "static double heaviside(double x)\n{\n    return x > 0.0 ? 1.0 : 0.0;\n}\n\n"),
    ];
    for (function, helper) in each {
        if calls(formulas, function) {
            text.push_str(helper);
        }
    }
    if has_log_sum_exp(formulas) {
        text.push_str(
            "static double log_sum_exp(size_t n, const double x[])\n{\n    double top = x[0], sum = 0.0;\n    \
             for (size_t i = 1; i < n; i++)\n        top = x[i] > top ? x[i] : top;\n    \
             for (size_t i = 0; i < n; i++)\n        sum += exp(x[i] - top);\n    return top + log(sum);\n}\n\n",
        );
    }
    text
}

/// A file for one point.
pub(super) fn module(formulas: &Formulas, spectral: Option<&Spectral>, names: &FormulaNames, about: &About) -> String {
    let dimension = formulas.orders.first().map_or(0, Vec::len);
    let orders = formulas.orders.len();
    let parameters: String = names.symbols.iter().map(|s| format!("double {s}, ")).collect();
    let given: String = names.symbols.iter().map(|s| format!("{s}, ")).collect();
    let head = about.head("C99").trim_end().replace('\n', "\n * ").replace("\n * \n", "\n *\n");
    let mut lines = Vec::new();
    let used = used_entries(formulas);
    for k in &used {
        lines.push(format!("    const double {} = theta[{k}];", names.entries[*k]));
    }
    if used.is_empty() {
        lines.push("    (void)theta;".to_owned());
    }
    for (k, symbol) in names.symbols.iter().enumerate() {
        if !formulas.all().any(|f| f.any(&|part| *part == Formula::Symbol(k))) {
            lines.push(format!("    (void){symbol};"));
        }
    }
    for (k, formula) in formulas.named.iter().enumerate() {
        lines.push(format!("    const double s{k} = {};", written(formula, &C, names)));
    }
    let meanings = meanings(formulas, spectral.is_some(), 0);
    for (n, components) in formulas.orders.iter().enumerate() {
        for (i, component) in components.iter().enumerate() {
            let note = if i == 0 { format!(" /* {} */", meanings[n]) } else { String::new() };
            lines.push(format!("    f[{}] = {};{note}", n * dimension + i, written(component, &C, names)));
        }
    }
    let sum = (1..orders).rev().fold(String::new(), |inner, n| {
        let term = format!("f[{} + i]", n * dimension);
        if inner.is_empty() { term } else { format!("({term} + h * {inner})") }
    });
    let (sum, unused) =
        if sum.is_empty() { ("f[i]".to_owned(), "    (void)h;\n") } else { (format!("f[i] + h * {sum}"), "") };
    let outputs = dimension * orders;
    let listed = about.listed();
    let (complex, include, terms) = match spectral {
        None => ("", "", "f_0, then f_1, and so on, whose sum with powers of h is the field"),
        Some(Spectral { third: None, .. }) => (" complex", "#include <complex.h>\n", "g and the rows of the Hessian"),
        Some(_) => (" complex", "#include <complex.h>\n", "g, the rows of the Hessian, and T[g, g]"),
    };
    let field = match spectral {
        Some(spectral) => {
            let third = spectral.third.as_ref().and_then(Scalar::to_rational).map_or_else(
                || "0.0".to_owned(),
                |c| {
                    let sign = if c.is_negative() { "-" } else { "" };
                    format!("{sign}{} * h * h * f[{} + i]", C.number(&c.abs()), dimension * (dimension + 1))
                },
            );
            Template::new(include_str!("c_spectral.c"))
                .put("n", &dimension.to_string())
                .put("outputs", &outputs.to_string())
                .put("parameters", &parameters)
                .put("given", &given)
                .put("third", &third)
                .text()
        }
        None => format!(
            "void shadow_field(const double theta[restrict static {dimension}], double h, {parameters}double out[restrict static {dimension}])
{{
    double f[{outputs}];
    shadow_terms(theta, {given}f);
{unused}    for (size_t i = 0; i < {dimension}; i++)
        out[i] = {sum};
}}
"
        ),
    };
    format!(
        "/* {head}
 *
 *     shadow_field(theta, h, {given}out)    out = d theta/dt at theta = {{{listed}}}
 *     shadow_terms(theta, {given}f)         {terms}
 *
 * No dependencies but the mathematics library. */
{include}#include <math.h>
#include <stddef.h>

void shadow_terms(const double theta[restrict static {dimension}], {parameters}double f[restrict static {outputs}]);
void shadow_field(const double theta[restrict static {dimension}], double h, {parameters}double{complex} out[restrict static {dimension}]);

{}void shadow_terms(const double theta[restrict static {dimension}], {parameters}double f[restrict static {outputs}])
{{
{}
}}

{field}",
        helpers(formulas),
        lines.join("\n"),
    )
}
