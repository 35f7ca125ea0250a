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
        let about = flow.name.parse::<FlowName>().map(|flow| flow.describe());
        let (field, summary) = about.as_ref().map_or(("", ""), |about| (about.formula_of(descent), about.summary));
        let field = if field.is_empty() { String::new() } else { formula(&symbols.latex(field), false) };
        let _ = writeln!(out, "<tr><td>{}</td><td>{field}</td><td>{}</td></tr>", escaped(&flow.name), escaped(summary));
    }
    out.push_str("</table></div>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_mathematics() {
        for pattern in FlowName::PATTERNS {
            let name = pattern.replace(":N", ":4").replace("I+J", "0+2").replace("EXPR", "-1");
            let about = name.parse::<FlowName>().unwrap().describe();
            assert_eq!(about.name, name);
            for descent in [true, false] {
                let field = about.formula_of(descent);
                assert!(!about.summary.is_empty());
                assert!(field.is_empty() || super::super::mathml(field, false).is_ok(), "{name}: {field}");
            }
        }
    }
}
