//! What a result about a loss is of: the optimizer, its hyper-parameters, and the variable of its modified equation.

use crate::formula::{Formula, Markup, Spelling, Symbol};
use crate::number::Coefficient;
use crate::optimizer::{BoundOptimizer, MOMENTUM};

/// The optimizer that a result is of.
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::render::About;
/// let about = About::new(&Optimizer::Nesterov.bind(&[("m", "9/10".parse().unwrap())])?);
/// assert_eq!(
///     about.text().unwrap(),
///     "nesterov with momentum 9/10, of θ, the iterate, not the look-ahead point\n"
/// );
/// assert_eq!(About::new(&Optimizer::GradientDescent.bind(&[])?).text(), None);
/// # Ok::<(), shadowflow::optimizer::OptimizerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The optimizer's name.
    pub method: String,
    /// The hyper-parameters and their values; a symbol is its own.
    pub hyper_parameters: Vec<(String, Formula)>,
    /// What the modified equation of a multistep method is about.
    pub variable: Option<&'static str>,
    named: bool,
}

impl About {
    /// Of an optimizer, in numbers or with symbols.
    #[must_use]
    pub fn new(optimizer: &BoundOptimizer) -> Self {
        let given = optimizer.values().iter().map(|(name, value)| (name.clone(), value.formula()));
        let left = optimizer.symbols().iter().map(|symbol| (symbol.clone(), Formula::name(symbol)));
        Self {
            method: optimizer.name().to_owned(),
            hyper_parameters: given.chain(left).collect(),
            variable: optimizer.variable(),
            named: !optimizer.is_gradient_descent(),
        }
    }

    /// The momentum, a number or its symbol.
    #[must_use]
    pub fn momentum(&self) -> Option<String> {
        self.hyper_parameters.iter().find(|(name, _)| name == MOMENTUM).map(|(_, value)| value.to_string())
    }

    fn line(&self, written: impl Fn(&Formula) -> String, theta: &str) -> Option<String> {
        let values: Vec<String> = self
            .hyper_parameters
            .iter()
            .map(|(name, value)| (name == MOMENTUM, Formula::name(name), value))
            .map(|(momentum, name, value)| match (momentum, name == *value) {
                (true, _) => format!("momentum {}", written(value)),
                (false, true) => format!("the symbol {}", written(&name)),
                (false, false) => format!("{} = {}", written(&name), written(value)),
            })
            .collect();
        let with = if values.is_empty() { String::new() } else { format!(" with {}", values.join(", ")) };
        let of = self.variable.map_or_else(String::new, |variable| format!(", of {theta}, {variable}"));
        self.named.then(|| format!("{}{with}{of}\n", self.method.replace(['\n', '\r'], " ")))
    }

    /// One line of text; `None` for gradient descent, which needs no name.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.line(ToString::to_string, "θ")
    }

    /// One line of markup, for a comment; `None` for gradient descent.
    #[must_use]
    pub fn markup(&self, markup: Markup) -> Option<String> {
        let spelling = Spelling::default();
        let written = |formula: &Formula| spelling.written(formula, markup).text;
        self.line(written, &written(&Symbol::Parameters.into())).map(|line| line.trim_end().to_owned())
    }
}
