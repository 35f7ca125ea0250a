//! What each flow is, for whoever meets its name first.

use super::{escaped, formula};
use crate::flow::{FlowName, Simulation};
use crate::render::Symbols;
use std::fmt::Write as _;

/// A table of the flows of a simulation: name, field and what it is.
pub(super) fn table(simulation: &Simulation, symbols: &Symbols) -> String {
    let mut out =
        String::from("<div class=\"scroll\"><table class=\"data\">\n<tr><th>flow</th><th>field</th><th></th></tr>\n");
    let descent = simulation.method == "gradient-descent";
    for flow in &simulation.flows {
        let (field, words) =
            flow.name.parse::<FlowName>().map_or_else(|_| (String::new(), String::new()), |f| about(&f, descent));
        let field = if field.is_empty() { String::new() } else { formula(&symbols.latex(&field), false) };
        let _ = writeln!(out, "<tr><td>{}</td><td>{field}</td><td>{}</td></tr>", escaped(&flow.name), escaped(&words));
    }
    out.push_str("</table></div>\n");
    out
}

/// The field in LaTeX and what it is in words; `descent` if the optimizer is gradient descent.
fn about(flow: &FlowName, descent: bool) -> (String, String) {
    let principal = if descent { "\\frac{\\log(1 - hH)}{hH}\\, g" } else { "\\alpha(hH)\\, g" };
    let (field, words): (String, &str) = match flow {
        FlowName::Ngf => ("-g".into(), "the negative gradient flow, the limit of small steps"),
        FlowName::Pgf => ("g".into(), "the positive gradient flow"),
        FlowName::Igr => (
            "-g - \\tfrac{h}{2} H g".into(),
            "implicit gradient regularisation: gradient descent's flow to first order in the step size",
        ),
        FlowName::Third => (
            "-g - \\tfrac{h}{2} H g - h^{2} (\\tfrac{1}{3} H^{2} g + \\tfrac{1}{12} T[g, g])".into(),
            "the third order flow: gradient descent's to second order in it",
        ),
        FlowName::Bea(n) => (format!("\\sum_{{n \\le {n}}} h^{{n}} f_{{n}}"), "the modified flow, truncated"),
        FlowName::Principal(n) if descent => (
            format!("-\\sum_{{p \\le {n}}} \\tfrac{{1}}{{p + 1}} (hH)^{{p}} g"),
            "the principal terms alone, truncated",
        ),
        FlowName::Principal(_) => (String::new(), "the principal terms alone, truncated"),
        FlowName::Pf => (
            principal.into(),
            "the principal flow: all terms without third and higher derivatives, summed; complex beyond its branch point",
        ),
        FlowName::PfNp3 => {
            let weight = if descent { "\\tfrac{1}{12}" } else { "c" };
            (
                format!("{principal} - h^{{2}} {weight} T[g, g]"),
                "the principal flow with the first term that it leaves out",
            )
        }
        FlowName::Rpf => (String::new(), "the principal flow with all terms that hold one third derivative, summed"),
        FlowName::Rpf4 => (String::new(), "the same with all terms that hold one fourth derivative"),
        FlowName::Rpf2 => (String::new(), "the real flow of two steps, for every second iterate"),
        FlowName::Exact => (principal.into(), "the principal flow of a quadratic in closed form"),
        FlowName::Flip(_) => {
            (String::new(), "the negative gradient flow with its sign flipped in some eigendirections")
        }
        FlowName::Alpha(_) => ("\\alpha(hH)\\, g".into(), "with the α that is its name"),
    };
    (field, words.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_mathematics() {
        for name in [
            "ngf",
            "pgf",
            "igr",
            "third",
            "bea:4",
            "principal:3",
            "pf",
            "pf+np3",
            "exact",
            "alpha:-1",
            "rpf",
            "rpf:4",
            "rpf2",
            "flip:0",
        ] {
            for descent in [true, false] {
                let (field, words) = about(&name.parse().unwrap(), descent);
                assert!(!words.is_empty());
                assert!(field.is_empty() || super::super::mathml(&field, false).is_ok(), "{name}: {field}");
            }
        }
    }
}
