//! Constants before variables in products: `-k*x`, not `-x*k`.

use super::formulas::Formulas;
use crate::formula::{Formula, Node};

impl Formulas {
    /// The same formulas with these names, and their powers, behind the numbers and before all other factors.
    pub(super) fn with_constants_first(mut self, constants: &[String]) -> Self {
        if constants.is_empty() {
            return self;
        }
        for formula in self.written_mut() {
            *formula = first(formula, constants);
        }
        self
    }
}

fn first(formula: &Formula, constants: &[String]) -> Formula {
    let formula = formula.with_parts(|part| first(part, constants));
    let Node::Product(factors) = formula.node() else { return formula };
    // What stands behind a quotient or a product binds to it.
    let binds = |factor: &Formula| matches!(factor.node(), Node::Quotient(..) | Node::Product(_));
    if factors[1..].iter().any(binds) || rank(&factors[0], constants).is_none() {
        return formula;
    }
    let mut factors = factors.clone();
    factors.sort_by_key(|factor| rank(factor, constants));
    Formula::product(factors)
}

/// Where a factor stands: numbers, π, constants, all others; `None` for what would take the others into its own fraction.
fn rank(factor: &Formula, constants: &[String]) -> Option<u8> {
    match factor.node() {
        Node::Number(_) => Some(0),
        Node::Quotient(above, below) if [above, below].iter().all(|part| matches!(part.node(), Node::Number(_))) => {
            Some(0)
        }
        Node::Quotient(..) | Node::Product(_) => None,
        Node::Name(name) if name == "pi" => Some(1),
        Node::Name(name) if constants.contains(name) => Some(2),
        Node::Power(base, _) => match base.node() {
            Node::Name(_) => rank(base, constants),
            _ => Some(3),
        },
        _ => Some(3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Formula {
        Formula::name(name)
    }

    #[test]
    fn numbers_constants_and_then_the_others() {
        let constants = ["k".to_owned(), "l".to_owned()];
        let half = || Formula::natural(1).over(Formula::natural(2));
        let (x, k, l) = (name("x"), name("k"), name("l"));
        for (formula, text) in [
            (Formula::product(vec![x.clone(), k.clone()]).negated(), "-k*x"),
            (Formula::product(vec![half(), x.clone().power(2), k.clone().power(3), l.clone()]), "1/2*k^3*l*x^2"),
            (
                Formula::product(vec![Formula::natural(3), x.clone(), name("pi"), k.clone()]).over(name("s")),
                "3*pi*k*x/s",
            ),
            (Formula::call("exp", vec![Formula::product(vec![x.clone(), k.clone()])]), "exp(k*x)"),
            // As it stands: x is divided, not k.
            (Formula::product(vec![x.clone().over(l), k]), "x/l*k"),
        ] {
            assert_eq!(first(&formula, &constants).to_string(), text);
        }
    }
}
