//! Flows for any loss in JAX.

use super::abstract_flow::{AbstractFlow, Recipe};
use super::python::{Docstring, Template, arguments, coefficient, curve, lines};

/// The module's text.
pub(super) fn module(flow: &AbstractFlow<'_>) -> String {
    let names = flow.arguments();
    let docstring = Docstring::about(flow, "JAX")
        .line("    field(loss)(params, h, *batch)")
        .hyper_parameters(&names)
        .line("")
        .line("loss(params, *batch) is a number, params any pytree of arrays, h a number, traced or not. The result is d params/dt, a")
        .line("pytree like params: nothing is flattened, so that every array keeps its sharding. It can be compiled, mapped and")
        .line("differentiated. Complex params have the holomorphic gradient: loss must then be analytic, and return a complex number.");
    match &flow.recipe {
        Recipe::Series(series) => {
            let body = Template::new(include_str!("series.py")).put("lines", &lines(series, &names));
            format!("{docstring}{}", arguments(body, &names))
        }
        Recipe::Spectral { curve: root, third } => {
            let docstring = docstring
                .line("")
                .line("The field is a function of the Hessian times the gradient, by Lanczos' method: field(loss, products=32) sets how many")
                .line("products with the Hessian it takes. A fixed number can be too few without a word: look at the estimate,")
                .line("    value, estimate = field(loss).with_estimate(params, h, *batch)")
                .line("the norm of the difference to what 8 products less give; the error of value is rarely above three times that.")
                .line("Complex params take jax.numpy.linalg.eig, which JAX has not on every device.");
            let third = third.as_ref().map_or_else(String::new, |c| {
                format!(
                    "        along = lambda p: jax.jvp(gradient, (p,), (g,))[1]\n        \
                     third = jax.jvp(along, (params,), (g,))[1]  # T[g, g]\n        \
                     value = jax.tree.map(lambda a, b: a + h**2 * ({}) * b, value, third)\n",
                    coefficient(c, &names)
                )
            });
            let alpha = match root {
                None => Template::new(include_str!("logarithm.py")),
                Some(root) => curve(Template::new(include_str!("root.py")), root, &names),
            };
            let text = format!("{}{}", include_str!("spectral.py"), alpha.text());
            let body = Template::new(&text).put("third\n", &third);
            format!("{docstring}{}", arguments(body, &names))
        }
    }
}
