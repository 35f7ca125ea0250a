//! What each flow is, for whoever meets its name first.

use super::escaped;
use crate::flow::{FlowName, Simulation};
use crate::formula::Spelling;
use std::fmt::Write as _;

/// A table of the flows of a simulation: name, field and what it is.
pub(super) fn table(simulation: &Simulation, spelling: &Spelling) -> String {
    let mut out =
        String::from("<div class=\"scroll\"><table class=\"data\">\n<tr><th>flow</th><th>field</th><th></th></tr>\n");
    let descent = simulation.method == "gradient-descent";
    for flow in &simulation.flows {
        let about = flow.name.parse::<FlowName>().map(|flow| flow.describe());
        let (field, summary) = about.as_ref().map_or((None, ""), |about| (about.formula_of(descent), about.summary));
        let field = field.map_or_else(String::new, |field| spelling.mathml(field));
        let _ = writeln!(out, "<tr><td>{}</td><td>{field}</td><td>{}</td></tr>", escaped(&flow.name), escaped(summary));
    }
    out.push_str("</table></div>\n");
    out
}
