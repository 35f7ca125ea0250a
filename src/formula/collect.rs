//! Equal factors of products as powers.

use super::{Formula, Node};

impl Formula {
    /// The formula with equal factors of its products as powers, and numbers left where they are: `2*a*b*b` as `2*a*b^2`.
    ///
    /// ```
    /// use shadowflow::formula::Formula;
    /// let (a, b) = (Formula::name("a"), Formula::name("b"));
    /// let product = Formula::product(vec![Formula::natural(2), a.clone(), b.clone().power(2), b, a]);
    /// assert_eq!(product.with_powers().to_string(), "2*a^2*b^3");
    /// ```
    #[must_use]
    pub fn with_powers(&self) -> Self {
        let all = |formulas: &[Self]| formulas.iter().map(Self::with_powers).collect::<Vec<_>>();
        match self.node() {
            Node::Product(factors) => {
                let mut collected: Vec<(Self, u64)> = Vec::new();
                for factor in flattened(factors) {
                    let (base, power) = base_and_power(&factor.with_powers());
                    let known = collected.iter_mut().find(|(known, _)| *known == base && !base.is_digits());
                    match known {
                        Some((_, sum)) => *sum += power,
                        None => collected.push((base, power)),
                    }
                }
                Self::product(collected.into_iter().map(|(base, power)| base.power(power)).collect())
            }
            Node::Sum { terms, tight } => {
                let terms = terms.iter().map(|(negative, term)| (*negative, term.with_powers())).collect();
                Self::new(Node::Sum { terms, tight: *tight })
            }
            Node::Negative(size) => size.with_powers().negated(),
            Node::Quotient(above, below) => above.with_powers().over(below.with_powers()),
            Node::Power(base, exponent) => base.with_powers().raised(exponent.clone()),
            Node::Call(function, arguments) => Self::new(Node::Call(function, all(arguments))),
            Node::List(entries) => Self::list(all(entries)),
            _ => self.clone(),
        }
    }

    fn is_digits(&self) -> bool {
        matches!(self.node(), Node::Number(_))
    }
}

/// Factors, those of products among them; a quotient stays in front, where the language reads it.
fn flattened(factors: &[Formula]) -> Vec<Formula> {
    factors
        .iter()
        .flat_map(|factor| match factor.node() {
            Node::Product(own) => flattened(own),
            _ => vec![factor.clone()],
        })
        .collect()
}

/// What is raised to a natural power, and the power; quotients and what has another exponent are raised to 1.
fn base_and_power(factor: &Formula) -> (Formula, u64) {
    if let Node::Power(base, exponent) = factor.node()
        && let Node::Number(digits) = exponent.node()
        && let Ok(power) = digits.parse()
        && power < 1_000
        && !base.is_digits()
    {
        return (base.clone(), power);
    }
    (factor.clone(), 1)
}
