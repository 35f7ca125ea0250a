//! Explicit formulas in Python: NumPy, JAX and PyTorch.

use super::Target;
use super::about::About;
use super::explicit::Spectral;
use super::formulas::Formulas;
use super::language::{
    FormulaNames, Language, Tightness, calls, has_log_sum_exp, listed, meanings, quotient, raised, used_entries, whole,
    written,
};
use super::names::Names;
use super::python::{Template, arguments, coefficient, curve};
use crate::expr::Function;
use crate::number::Rational;

/// Python with one library.
#[derive(Debug, Clone, Copy)]
pub(super) struct Python(pub(super) Target);

impl Python {
    /// The library as programs call it.
    pub(super) fn library(self) -> &'static str {
        match self.0 {
            Target::Jax => "jnp",
            Target::Torch => "torch",
            Target::Numpy | Target::Julia | Target::C => "np",
        }
    }

    fn import(self) -> &'static str {
        match self.0 {
            Target::Jax => "import jax.numpy as jnp",
            Target::Torch => "import torch",
            Target::Numpy | Target::Julia | Target::C => "import numpy as np",
        }
    }

    /// A function's name; helpers begin with an underscore.
    pub(super) fn function(self, function: Function) -> String {
        let np = self.library();
        let numpy = !matches!(self.0, Target::Torch);
        match function {
            Function::Asin if numpy => format!("{np}.arcsin"),
            Function::Acos if numpy => format!("{np}.arccos"),
            Function::Atan if numpy => format!("{np}.arctan"),
            Function::Erf => match self.0 {
                Target::Jax => "jax.scipy.special.erf".to_owned(),
                Target::Torch => "torch.erf".to_owned(),
                _ => "_erf".to_owned(),
            },
            Function::Sigmoid
            | Function::Softplus
            | Function::Relu
            | Function::Abs
            | Function::Sign
            | Function::Step => format!("_{}", function.name()),
            _ => format!("{np}.{}", function.name()),
        }
    }

    /// The helpers that functions of these need.
    pub(super) fn helpers(self, is_used: &dyn Fn(Function) -> bool, log_sum_exp: bool) -> String {
        let np = self.library();
        let mut text = String::new();
        let signs = [Function::Sigmoid, Function::Softplus, Function::Relu, Function::Abs, Function::Sign];
        let helpers = [
            (Function::Erf, "_erf = np.vectorize(math.erf, otypes=[float])\n"),
            (Function::Step, "def _step(x):\n    return @np.where(_real(x) > 0, 1.0, 0.0)\n"),
            (
                Function::Sign,
                "def _sign(x):\n    return @np.where(_real(x) > 0, 1.0, @np.where(_real(x) < 0, -1.0, 0.0))\n",
            ),
            (Function::Relu, "def _relu(x):\n    return @np.where(_real(x) > 0, x, 0 * x)\n"),
            (Function::Abs, "def _abs(x):\n    return @np.where(_real(x) < 0, -x, x)\n"),
            (
                Function::Sigmoid,
                "def _sigmoid(x):\n    e = @np.exp(@np.where(_real(x) > 0, -x, x))\n    return @np.where(_real(x) > 0, 1 / (1 + e), e / (1 + e))\n",
            ),
            (
                Function::Softplus,
                "def _softplus(x):\n    e = @np.exp(@np.where(_real(x) > 0, -x, x))\n    return @np.where(_real(x) > 0, x, 0 * x) + @np.log1p(e)\n",
            ),
        ];
        if signs.iter().chain([&Function::Step]).any(|f| is_used(*f)) {
            text.push_str(match self.0 {
                Target::Torch => "\n\ndef _real(x):\n    return x.real\n",
                Target::Jax => "\n\n_real = jnp.real\n",
                _ => "\n\n_real = np.real\n",
            });
        }
        for (function, helper) in helpers {
            let own = function != Function::Erf || self.0 == Target::Numpy;
            if own && is_used(function) {
                text.push_str("\n\n");
                text.push_str(&helper.replace("@np", np));
            }
        }
        if log_sum_exp {
            let helper = match self.0 {
                Target::Torch => {
                    "\n\ndef _logsumexp(*terms):\n    x = torch.stack(torch.broadcast_tensors(*terms))\n    \
                     top = torch.amax(x.real, 0)\n    return top + torch.log(torch.sum(torch.exp(x - top), 0))\n"
                }
                _ => {
                    "\n\ndef _logsumexp(*terms):\n    x = @np.stack(@np.broadcast_arrays(*terms))\n    \
                     top = @np.max(@np.real(x), 0)\n    return top + @np.log(@np.sum(@np.exp(x - top), 0))\n"
                }
            };
            text.push_str(&helper.replace("@np", np));
        }
        text
    }
}

impl Language for Python {
    fn number(&self, q: &Rational) -> String {
        quotient(q, &whole)
    }

    fn pi(&self) -> &'static str {
        "math.pi"
    }

    fn power(&self, base: &str, atom: bool, exponent: &Rational) -> (String, Tightness) {
        raised(base, atom, "**", exponent)
    }

    fn call(&self, function: Function, argument: &str, constant: bool) -> String {
        let name = self.function(function);
        if constant && self.0 == Target::Torch {
            return format!("{name}(torch.as_tensor({argument}, dtype=theta.dtype))");
        }
        format!("{name}({argument})")
    }

    fn log_sum_exp(&self, terms: &[String]) -> String {
        format!("_logsumexp({})", terms.join(", "))
    }
}

/// A module for points of few parameters.
pub(super) fn module(
    target: Target,
    formulas: &Formulas,
    spectral: Option<&Spectral>,
    names: &FormulaNames,
    about: &About,
) -> String {
    let python = Python(target);
    let np = python.library();
    let dimension = formulas.orders.first().map_or(0, Vec::len);
    let mut lines = Vec::new();
    for k in used_entries(formulas) {
        lines.push(format!("    {} = theta[..., {k}]", names.entries[k]));
    }
    for (k, formula) in formulas.named.iter().enumerate() {
        lines.push(format!("    s{k} = {}", written(formula, &python, names)));
    }
    lines.push("    return [".to_owned());
    for (listed, what) in listed(formulas, &python, names).zip(meanings(formulas, spectral.is_some(), 0)) {
        lines.push(format!("        _stack(theta, [{listed}]),  # {what}"));
    }
    lines.push("    ]".to_owned());
    let arguments: String = names.symbols.iter().map(|s| format!(", {s}")).collect();
    let stars = if names.symbols.is_empty() { "" } else { ", *" };
    let given: String = names.symbols.iter().map(|s| format!(", {s}={s}")).collect();
    let is_used = |function| calls(formulas, function);
    let text = Template::new(match (target, spectral) {
        (Target::Torch, None) => include_str!("torch/formulas.py"),
        (Target::Torch, Some(_)) => include_str!("torch/formulas_spectral.py"),
        (_, None) => include_str!("numpy_formulas.py"),
        (_, Some(_)) => include_str!("numpy_spectral.py"),
    });
    let third = spectral.and_then(|s| s.third.as_ref());
    let third_text =
        third.map_or_else(String::new, |c| format!(" + ({}) * h**2 * rows[-1]", coefficient(c, &Names::default())));
    let body = text
        .put("dimension", &dimension.to_string())
        .put("third", &third_text)
        .put("and_third", if third.is_some() { ", T[g, g]" } else { "" })
        .put("alpha", &spectral.map_or_else(String::new, |s| alpha(target, s)))
        .put("np", np)
        .put("import", python.import())
        .put("scipy\n", if target == Target::Jax && is_used(Function::Erf) { "import jax.scipy.special\n" } else { "" })
        .put("names", &super::python::tuple(about.entries.iter().map(|name| format!("{name:?}"))))
        .put("arguments", &format!("{stars}{arguments}"))
        .put("given", &given)
        .put("lines", &lines.join("\n"))
        .put("helpers\n", &python.helpers(&is_used, has_log_sum_exp(formulas)))
        .text();
    let body = if body.contains("jax.lax.") {
        body.replacen("import jax.numpy", "import jax\nimport jax.numpy", 1)
    } else {
        body
    };
    let body = if body.contains("math.") { format!("import math\n\n{body}") } else { body };
    format!("\"\"\"{}\"\"\"\n\n{body}", about.python(target))
}

/// The function α of a principal flow, of which there are hyper-parameters in numbers only.
fn alpha(target: Target, spectral: &Spectral) -> String {
    let none = Names::default();
    let text = match (target, &spectral.curve) {
        (Target::Torch, None) => include_str!("torch/logarithm.py").to_owned(),
        (Target::Torch, Some(root)) => {
            arguments(curve(Template::new(include_str!("torch/root.py")), root, &none), &none)
        }
        (Target::Jax, Some(root)) => arguments(curve(Template::new(include_str!("jax/root.py")), root, &none), &none),
        (Target::Jax, None) => include_str!("jax/logarithm.py").to_owned(),
        (_, None) => include_str!("jax/logarithm.py").replace("jnp.", "np."),
        (_, Some(root)) => curve(Template::new(include_str!("numpy_root.py")), root, &none).text(),
    };
    text.trim_end().to_owned()
}
