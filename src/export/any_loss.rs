//! Flows for any loss in JAX and PyTorch: one module in two dialects.

use super::Target;
use super::abstract_flow::{AbstractFlow, Recipe};
use super::python::{Docstring, Template, arguments, coefficient, curve, lines};

/// What differs between the libraries.
struct Dialect {
    library: &'static str,
    /// What is taken and given, in words.
    about: &'static [&'static str],
    /// What is said of complex parameters where the field is a function of the Hessian.
    complex: &'static str,
    /// A derivative along a direction, and a map over leaves, as the templates call them.
    jvp: &'static str,
    map: &'static str,
    series: &'static str,
    spectral: &'static str,
    logarithm: &'static str,
    root: &'static str,
}

const JAX: Dialect = Dialect {
    library: "JAX",
    about: &[
        "loss(params, *batch) is a number, params any pytree of arrays, h a number, traced or not. The result is d params/dt, a",
        "pytree like params: nothing is flattened, so that every array keeps its sharding. It can be compiled, mapped and",
        "differentiated. Complex params have the holomorphic gradient: loss must then be analytic, and return a complex number.",
    ],
    complex: "Complex params take jax.numpy.linalg.eig, which JAX has not on every device.",
    jvp: "jax.jvp",
    map: "jax.tree.map",
    series: include_str!("jax/series.py"),
    spectral: include_str!("jax/spectral.py"),
    logarithm: include_str!("jax/logarithm.py"),
    root: include_str!("jax/root.py"),
};

const TORCH: Dialect = Dialect {
    library: "PyTorch (by torch.func; run by the tests of shadowflow where PyTorch is installed)",
    about: &[
        "loss(params, *batch) is a number, params a dictionary, tuple or tensor (of a module: dict(module.named_parameters()),",
        "with a loss by torch.func.functional_call), h a number or a tensor with one. The result is d params/dt, like params.",
        "Of complex params loss must be analytic: the gradient is then its derivative, without a conjugate.",
    ],
    complex: "Complex params take torch.linalg.eig.",
    jvp: "jvp",
    map: "_map",
    series: include_str!("torch/series.py"),
    spectral: include_str!("torch/spectral.py"),
    logarithm: include_str!("torch/logarithm.py"),
    root: include_str!("torch/root.py"),
};

/// The module's text, in PyTorch or else in JAX.
pub(super) fn module(flow: &AbstractFlow<'_>) -> String {
    let dialect = if flow.target == Target::Torch { TORCH } else { JAX };
    let names = flow.arguments();
    let docstring = Docstring::about(flow, dialect.library)
        .line("    field(loss)(params, h, *batch)")
        .hyper_parameters(&names)
        .line("");
    let docstring = dialect.about.iter().fold(docstring, |docstring, line| docstring.line(line));
    match &flow.recipe {
        Recipe::Series(series) => {
            let body = Template::new(dialect.series).put("lines", &lines(series, &names));
            format!("{docstring}{}", arguments(body, &names))
        }
        Recipe::Spectral { curve: root, third } => {
            let docstring = docstring
                .line("")
                .line("The field is a function of the Hessian times the gradient, by Lanczos' method: field(loss, products=32) sets how many")
                .line("products with the Hessian it takes. A fixed number can be too few without a word: look at the estimate,")
                .line("    value, estimate = field(loss).with_estimate(params, h, *batch)")
                .line("the norm of the difference to what 8 products less give; the error of value is rarely above three times that.")
                .line(dialect.complex);
            let Dialect { jvp, map, .. } = dialect;
            let third = third.as_ref().map_or_else(String::new, |c| {
                format!(
                    "        along = lambda p: {jvp}(gradient, (p,), (g,))[1]\n        \
                     third = {jvp}(along, (params,), (g,))[1]  # T[g, g]\n        \
                     value = {map}(lambda a, b: a + h**2 * ({}) * b, value, third)\n",
                    coefficient(c, &names)
                )
            });
            let alpha = match root {
                None => Template::new(dialect.logarithm),
                Some(root) => curve(Template::new(dialect.root), root, &names),
            };
            let text = format!("{}{}", dialect.spectral, alpha.text());
            let body = Template::new(&text).put("third\n", &third);
            format!("{docstring}{}", arguments(body, &names))
        }
    }
}
