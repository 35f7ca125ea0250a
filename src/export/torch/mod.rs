//! Flows for any loss in PyTorch.

use super::abstract_flow::{AbstractFlow, Recipe};
use super::python::{Docstring, Template, arguments, coefficient, curve, lines};

/// The module's text.
pub(super) fn module(flow: &AbstractFlow<'_>) -> String {
    let names = flow.arguments();
    let docstring = Docstring::about(flow, "PyTorch (by torch.func; run by the tests of shadowflow where PyTorch is installed)")
        .line("    field(loss)(params, h, *batch)")
        .hyper_parameters(&names)
        .line("")
        .line("loss(params, *batch) is a number, params a dictionary, tuple or tensor (of a module: dict(module.named_parameters()),")
        .line("with a loss by torch.func.functional_call), h a number or a tensor with one. The result is d params/dt, like params.")
        .line("Of complex params loss must be analytic: the gradient is then its derivative, without a conjugate.");
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
                .line("the norm of the difference to what 8 products less give; the error of value is rarely above three times that.");
            let third = third.as_ref().map_or_else(String::new, |c| {
                format!(
                    "        along = lambda p: jvp(gradient, (p,), (g,))[1]\n        \
                     third = jvp(along, (params,), (g,))[1]  # T[g, g]\n        \
                     value = _map(lambda a, b: a + h**2 * ({}) * b, value, third)\n",
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
