//! Explicit formulas in Julia.

use super::about::About;
use super::explicit::Spectral;
use super::formulas::Formulas;
use super::language::{
    FormulaNames, Language, Tightness, calls, has_log_sum_exp, listed, meanings, quotient, raised, used_entries, whole,
    written,
};
use crate::expr::Function;
use crate::number::{Rational, Scalar};

struct Julia;

impl Language for Julia {
    fn number(&self, q: &Rational) -> String {
        quotient(q, &whole)
    }

    fn pi(&self) -> &'static str {
        "pi"
    }

    fn power(&self, base: &str, atom: bool, exponent: &Rational) -> (String, Tightness) {
        if *exponent == Rational::new(1, 2) {
            return (format!("sqrt({base})"), Tightness::Atom);
        }
        raised(base, atom, "^", exponent)
    }

    fn call(&self, function: Function, argument: &str, _: bool) -> String {
        let name = match function {
            Function::Step => "heaviside",
            other => other.name(),
        };
        format!("{name}({argument})")
    }

    fn log_sum_exp(&self, terms: &[String]) -> String {
        format!("logsumexp({})", terms.join(", "))
    }
}

fn helpers(formulas: &Formulas) -> String {
    let each = [
        (Function::Erf, "erf(x::Real) = ccall(:erf, Float64, (Float64,), x)\n"),
        (
            Function::Sigmoid,
            "function sigmoid(x)\n    e = exp(real(x) > 0 ? -x : x)\n    return real(x) > 0 ? 1 / (1 + e) : e / (1 + e)\nend\n",
        ),
        (Function::Softplus, "softplus(x) = (real(x) > 0 ? x : zero(x)) + log1p(exp(real(x) > 0 ? -x : x))\n"),
        (Function::Relu, "relu(x) = real(x) > 0 ? x : zero(x)\n"),
        (Function::Step, "heaviside(x) = real(x) > 0 ? one(x) : zero(x)\n"),
    ];
    let mut text: String = each
        .iter()
        .filter(|(function, _)| calls(formulas, *function))
        .map(|(_, helper)| format!("{helper}\n"))
        .collect();
    if has_log_sum_exp(formulas) {
        text.push_str("function logsumexp(x...)\n    top = maximum(real, x)\n    return top + log(sum(t -> exp(t - top), x))\nend\n\n");
    }
    text
}

/// A module for one point.
pub(super) fn module(formulas: &Formulas, spectral: Option<&Spectral>, names: &FormulaNames, about: &About) -> String {
    let keywords = if names.symbols.is_empty() { String::new() } else { format!("; {}", names.symbols.join(", ")) };
    let head = about.head("Julia (not run by the tests of shadowflow, but read by them)");
    let head = head.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
    let dimension = formulas.orders.first().map_or(0, Vec::len);
    let mut lines: Vec<String> =
        used_entries(formulas).iter().map(|k| format!("    {} = u[{}]", names.entries[*k], k + 1)).collect();
    lines.extend(formulas.named.iter().enumerate().map(|(k, f)| format!("    s{k} = {}", written(f, &Julia, names))));
    lines.push("    return (".to_owned());
    for (listed, what) in listed(formulas, &Julia, names).zip(meanings(formulas, spectral.is_some(), 1)) {
        lines.push(format!("        [{listed}],  # {what}"));
    }
    lines.push("    )".to_owned());
    let field = match spectral {
        None => format!("field(u, h{keywords}) = foldr((f, sum) -> f .+ h .* sum, terms(u{keywords}))"),
        Some(spectral) => {
            let third = spectral.third.as_ref().and_then(Scalar::to_rational).map_or_else(String::new, |c| {
                let (sign, size) = (if c.is_negative() { '-' } else { '+' }, quotient(&c.abs(), &whole));
                format!(" {sign} h^2 * {size} * last(rows)")
            });
            format!(
                "# log(1 - z)/z, with the imaginary part pi/z for z > 1.
alpha(z) = z == 0 ? complex(-one(z)) : z < 1 ? complex(log1p(-z) / z) : complex(log(z - 1), oftype(z, pi)) / z

function field(u, h{keywords})
    g, rows... = terms(u{keywords})
    values, vectors = eigen(Symmetric(hcat(rows[1:{dimension}]...)))
    return vectors * (alpha.(h .* values) .* (vectors' * g)){third}
end"
            )
        }
    };
    let using = if spectral.is_some() { "using LinearAlgebra: Symmetric, eigen\n\n" } else { "" };
    let terms = match spectral {
        None => "(f_0, f_1, ...), whose sum with powers of h is the field",
        Some(_) => "g, the rows of the Hessian and, where the flow has it, T[g, g]",
    };
    format!(
        "\"\"\"
{head}
    field(u, h{keywords})          du/dt at u = [{}]
    field!(du, u, h, t{keywords})  the same in place, as OrdinaryDiffEq wants it: ODEProblem(Shadow.field!, u, (0.0, 20h), h)
    terms(u{keywords})             {terms}
\"\"\"
module Shadow

{using}export terms, field, field!

{}function terms(u::AbstractVector{keywords})
{}
end

{field}

function field!(du, u, h, t = nothing{keywords})
    du .= field(u, h{keywords})
    return nothing
end

end
",
        about.listed(),
        helpers(formulas),
        lines.join("\n"),
    )
}
