//! What each flow is, for whoever meets its name first.

use super::escaped;
use crate::flow::{FlowName, Simulation};
use crate::formula::{Formula, Letter, Mark, Spelling, Symbol};
use std::fmt::Write as _;

/// A table of the flows of a simulation: name, field and what it is.
pub(super) fn table(simulation: &Simulation, spelling: &Spelling) -> String {
    let mut out =
        String::from("<div class=\"scroll\"><table class=\"data\">\n<tr><th>flow</th><th>field</th><th></th></tr>\n");
    let descent = simulation.method == "gradient-descent";
    for flow in &simulation.flows {
        let flow_name = flow.name.parse::<FlowName>();
        let (field, words) = flow_name.map_or((None, ""), |f| about(&f, descent));
        let field = field.map_or_else(String::new, |field| spelling.mathml(&field));
        let _ = writeln!(out, "<tr><td>{}</td><td>{field}</td><td>{}</td></tr>", escaped(&flow.name), escaped(words));
    }
    out.push_str("</table></div>\n");
    out
}

/// `1/n`.
fn over(n: u64) -> Formula {
    Formula::natural(1).over(Formula::natural(n))
}

fn letters<const N: usize>(letters: [Symbol; N]) -> Formula {
    Formula::beside(letters.map(Formula::from).to_vec())
}

/// The principal flow's field.
fn principal(descent: bool) -> Formula {
    let z = || letters([Symbol::Step, Symbol::Hessian]);
    let function = if descent {
        Formula::call("log", vec![Formula::sum(vec![(false, Formula::natural(1)), (true, z())])]).over(z())
    } else {
        Formula::applied(Letter::Alpha, z())
    };
    Formula::beside(vec![function, Symbol::Gradient.into()])
}

/// `T[g, g]`.
fn third() -> Formula {
    Formula::contraction(vec![Symbol::Gradient.into(), Symbol::Gradient.into()])
}

/// The field and what it is in words; `descent` if the optimizer is gradient descent.
fn about(flow: &FlowName, descent: bool) -> (Option<Formula>, &'static str) {
    use Symbol::{Gradient, Hessian, Step};
    let g = || Formula::from(Gradient);
    let h = |power| Formula::from(Step).power(power);
    let half_h = || Formula::from(Step).over(Formula::natural(2));
    let curved = || Formula::marks(vec![Mark::Hessians(1), Mark::Gradient]);
    match flow {
        FlowName::Ngf => (Some(g().negated()), "the negative gradient flow, the limit of small steps"),
        FlowName::Pgf => (Some(g()), "the positive gradient flow"),
        FlowName::Igr => (
            Some(Formula::sum(vec![(true, g()), (true, half_h().before(curved()))])),
            "implicit gradient regularisation: gradient descent's flow to first order in the step size",
        ),
        FlowName::Third => {
            let square = Formula::marks(vec![Mark::Hessians(2), Mark::Gradient]);
            let second = Formula::sum(vec![(false, over(3).before(square)), (false, over(12).before(third()))]);
            let terms = vec![(true, g()), (true, half_h().before(curved())), (true, h(2).before(second))];
            (Some(Formula::sum(terms)), "the third order flow: gradient descent's to second order in it")
        }
        FlowName::Bea(n) => {
            let index = Formula::name("n");
            let term = Formula::from(Step).raised(index.clone()).before(Letter::AnyField("n").into());
            (Some(Formula::summed(index, '≤', Formula::natural(*n as u64), term)), "the modified flow, truncated")
        }
        FlowName::Principal(n) if descent => {
            let p = Formula::name("p");
            let below = Formula::sum(vec![(false, p.clone()), (false, Formula::natural(1))]);
            let power = letters([Step, Hessian]).raised(p.clone());
            let term = Formula::beside(vec![Formula::natural(1).over(below), power, g()]);
            let sum = Formula::summed(p, '≤', Formula::natural(*n as u64), term);
            (Some(sum.negated()), "the principal terms alone, truncated")
        }
        FlowName::Principal(_) => (None, "the principal terms alone, truncated"),
        FlowName::Pf => (
            Some(principal(descent)),
            "the principal flow: all terms without third and higher derivatives, summed; complex beyond its branch point",
        ),
        FlowName::PfNp3 => {
            let weight = if descent { over(12) } else { Formula::name("c") };
            let term = Formula::beside(vec![h(2), weight, third()]);
            let sum = Formula::sum(vec![(false, principal(descent)), (true, term)]);
            (Some(sum), "the principal flow with the first term that it leaves out")
        }
        FlowName::Rpf => (None, "the principal flow with all terms that hold one third derivative, summed"),
        FlowName::Rpf4 => (None, "the same with all terms that hold one fourth derivative"),
        FlowName::Rpf2 => (None, "the real flow of two steps, for every second iterate"),
        FlowName::Exact => (Some(principal(descent)), "the principal flow of a quadratic in closed form"),
        FlowName::Flip(_) => (None, "the negative gradient flow with its sign flipped in some eigendirections"),
        FlowName::Alpha(_) => (
            Some(Formula::beside(vec![Formula::applied(Letter::Alpha, letters([Step, Hessian])), g()])),
            "with the α that is its name",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_formulas() {
        let written = |name: &str, descent| {
            let (field, words) = about(&name.parse().unwrap(), descent);
            assert!(!words.is_empty());
            field.map(|field| field.to_string())
        };
        assert_eq!(written("third", true).unwrap(), "-g - h/2 H g - h^2 (1/3 H^2 g + 1/12 T[g, g])");
        assert_eq!(written("pf", true).unwrap(), "log(1 - h H)/(h H) g");
        assert_eq!(written("pf+np3", false).unwrap(), "α(h H) g - h^2 c T[g, g]");
        assert_eq!(written("bea:4", true).unwrap(), "Σ_{n ≤ 4} h^n f_n");
        assert_eq!(written("principal:3", true).unwrap(), "-Σ_{p ≤ 3} 1/(p + 1) (h H)^p g");
        assert_eq!(written("rpf", true), None);
    }
}
