//! Which algorithm: by name, by tableau or by recurrence.

use super::file::{self, OptimizerFileError};
use super::{Recurrence, Tableau};
use crate::number::Fraction;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

/// The hyper-parameter that is an optimizer's momentum, wherever one has it.
pub const MOMENTUM: &str = "m";

/// An optimizer: one of the named ones, a Runge–Kutta method, or any recurrence. Its hyper-parameters are symbols still;
/// [`Optimizer::bind`] gives them numbers, and what is derived or run is a [`BoundOptimizer`](super::BoundOptimizer).
///
/// All obey a recurrence that is linear in iterates and gradients, `Σ_j a_j θ_{t+j} = −h Σ_i b_i g_i`, see [`Recurrence`]; what divides
/// by a running size of the gradients, as Adam does, does not.
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// let optimizer: Optimizer = "rk:ralston".parse().unwrap();
/// assert_eq!((optimizer.to_string().as_str(), optimizer.symbols().len()), ("rk:ralston", 0));
/// assert_eq!(Optimizer::HeavyBall.symbols(), ["m"]);
/// let adam = "adam".parse::<Optimizer>().unwrap_err().to_string();
/// assert!(adam.contains("there is no modified flow of it here"));
/// let error = "nestrov".parse::<Optimizer>().unwrap_err().to_string();
/// assert!(error.ends_with("did you mean `nesterov`?"));
/// ```
///
/// # Source
/// The formulas stand at the variants; tableaux by name are those of E. Hairer, S. P. Nørsett and G. Wanner, *Solving Ordinary
/// Differential Equations I*, II.1, and *II*, IV.5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Optimizer {
    /// `θ_{t+1} − θ_t = −h g(θ_t)`.
    GradientDescent,
    /// Polyak's momentum, `θ_{t+1} − (1+m) θ_t + m θ_{t−1} = −h g(θ_t)`.
    HeavyBall,
    /// Nesterov's momentum in the iterate θ (not the look-ahead point),
    /// `θ_{t+1} − (1+m) θ_t + m θ_{t−1} = −h g((1+m) θ_t − m θ_{t−1})`.
    Nesterov,
    /// The proximal point method, `θ_{t+1} − θ_t = −h g(θ_{t+1})`.
    ImplicitEuler,
    /// A Runge–Kutta method for `θ̇ = −g(θ)`.
    RungeKutta(Arc<Tableau>),
    /// A recurrence from a file.
    Recurrence(Arc<Recurrence<Fraction>>),
}

/// Why a text names no optimizer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownOptimizer {
    /// A name that no optimizer has.
    #[error("there is no optimizer `{name}`: expected {}, rk:NAME, rk:FILE.toml or FILE.toml{suggestion}", list())]
    Name {
        /// The name received.
        name: String,
        /// `; did you mean …?`, or nothing.
        suggestion: String,
    },
    /// A name that no Runge–Kutta method has.
    #[error("there is no Runge-Kutta method `{name}`: expected {} or FILE.toml{suggestion}", tableaux())]
    Tableau {
        /// The name received, without `rk:`.
        name: String,
        /// `; did you mean …?`, or nothing.
        suggestion: String,
    },
    /// A file that describes none.
    #[error(transparent)]
    File(#[from] OptimizerFileError),
}

fn list() -> String {
    let names: Vec<&str> = Optimizer::ALL.iter().map(Optimizer::name).collect();
    names.join(", ")
}

fn tableaux() -> String {
    Tableau::names().collect::<Vec<_>>().join(", ")
}

/// `; did you mean …?` for a name close to a known one.
pub(super) fn suggestion<'a>(name: &str, prefix: &str, known: impl Iterator<Item = &'a str>) -> String {
    let close = crate::loss::nearest(name, known);
    close.map_or_else(String::new, |k| format!("; did you mean `{prefix}{k}`?"))
}

/// What others call an optimizer that the program has, or why it has none.
fn other_name(name: &str) -> Option<&'static str> {
    Some(match crate::loss::folded(name).as_str() {
        "gd" | "sgd" | "vanilla" | "descent" | "steepestdescent" | "stochasticgradientdescent" | "plain" => {
            "; did you mean `gradient-descent`? Mini-batches are no part of a method"
        }
        "momentum" | "sgdmomentum" | "sgdm" | "polyak" | "polyakmomentum" | "classicalmomentum" | "hb" => {
            "; did you mean `heavy-ball`? Its momentum is `m` of `Optimizer::bind`"
        }
        "nag" | "nesterovmomentum" | "nesterovaccelerated" | "nesterovacceleratedgradient" | "accelerated" | "agd" => {
            "; did you mean `nesterov`? Its momentum is `m` of `Optimizer::bind`"
        }
        "proximal" | "proximalpoint" | "ppm" | "backwardeuler" => "; did you mean `implicit-euler`?",
        "rungekutta" | "rk" => "; did you mean `rk:rk4`? Every tableau has its name after rk:",
        "forwardeuler" | "expliciteuler" => "; did you mean `gradient-descent` or `rk:euler`? They are the same",
        "adam" | "adamw" | "nadam" | "amsgrad" | "adamax" | "radam" | "rmsprop" | "rms" | "adagrad" | "adadelta"
        | "lion" | "signsgd" | "lamb" | "lars" | "muon" | "shampoo" | "sophia" => {
            "; it divides by a running size of the gradients or takes their signs, which no recurrence that is linear in \
             iterates and gradients does: there is no modified flow of it here"
        }
        "newton" | "bfgs" | "lbfgs" | "gaussnewton" | "naturalgradient" | "kfac" => {
            "; it multiplies gradients by an inverse matrix, which no recurrence that is linear in iterates and gradients \
             does: there is no modified flow of it here"
        }
        _ => return None,
    })
}

impl Optimizer {
    /// Every optimizer with a name of its own, the default first.
    pub const ALL: [Self; 4] = [Self::GradientDescent, Self::HeavyBall, Self::Nesterov, Self::ImplicitEuler];

    /// The name as the command spells it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::GradientDescent => "gradient-descent",
            Self::HeavyBall => "heavy-ball",
            Self::Nesterov => "nesterov",
            Self::ImplicitEuler => "implicit-euler",
            Self::RungeKutta(tableau) => tableau.name(),
            Self::Recurrence(recurrence) => &recurrence.method,
        }
    }

    /// The hyper-parameters, which stay symbols where [`Optimizer::bind`] is given no number; the momentum is [`MOMENTUM`], `m`.
    #[must_use]
    pub fn symbols(&self) -> Vec<String> {
        match self {
            Self::HeavyBall | Self::Nesterov => vec![MOMENTUM.to_owned()],
            Self::Recurrence(recurrence) => recurrence.symbols.clone(),
            Self::GradientDescent | Self::ImplicitEuler | Self::RungeKutta(_) => Vec::new(),
        }
    }

    /// What the modified equation is about: the iterate, always, and for methods that evaluate the gradient elsewhere,
    /// not that other point.
    pub(crate) fn variable(&self) -> &'static str {
        match self {
            Self::Nesterov => "the iterate, not the look-ahead point",
            _ => "the iterate",
        }
    }

    /// Reads an optimizer from the text of a TOML file: a tableau if it has `a` and `b`, a recurrence if it has `left`.
    /// `path` is used for its name and in errors.
    ///
    /// # Errors
    /// [`OptimizerFileError`], with its place.
    pub fn from_toml(text: &str, path: &str) -> Result<Self, OptimizerFileError> {
        file::read(text, path)
    }
}

impl fmt::Display for Optimizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Optimizer {
    type Err = UnknownOptimizer;

    /// A name, `rk:NAME`, or a path that ends in `.toml`, with or without `rk:`, which is read.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let bare = name.strip_prefix("rk:").unwrap_or(name);
        if Path::new(bare).extension().is_some_and(|e| e == "toml") {
            let optimizer = file::read_file(Path::new(bare))?;
            if bare.len() < name.len() && !matches!(optimizer, Self::RungeKutta(_)) {
                return Err(OptimizerFileError::NoTableau { path: bare.to_owned() }.into());
            }
            return Ok(optimizer);
        }
        if bare.len() < name.len() {
            return match Tableau::named(bare) {
                Some(tableau) => Ok(Self::RungeKutta(Arc::new(tableau))),
                None => Err(UnknownOptimizer::Tableau {
                    name: bare.to_owned(),
                    suggestion: suggestion(bare, "rk:", Tableau::names()),
                }),
            };
        }
        // Short for the default.
        if name == "gd" {
            return Ok(Self::GradientDescent);
        }
        Self::ALL.into_iter().find(|o| o.name() == name).ok_or_else(|| {
            let own = || suggestion(name, "", Self::ALL.iter().map(Self::name));
            let suggestion = match (Tableau::named(name), other_name(name)) {
                (Some(_), _) => format!("; did you mean `rk:{name}`?"),
                (None, Some(other)) => other.to_owned(),
                (None, None) if own().is_empty() => suggestion(name, "rk:", Tableau::names()),
                (None, None) => own(),
            };
            UnknownOptimizer::Name { name: name.to_owned(), suggestion }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for optimizer in Optimizer::ALL {
            assert_eq!(optimizer.to_string().parse(), Ok(optimizer));
        }
        for name in Tableau::names() {
            let optimizer: Optimizer = format!("rk:{name}").parse().unwrap();
            assert_eq!(optimizer.name(), format!("rk:{name}"));
        }
        let error = |name: &str| name.parse::<Optimizer>().unwrap_err().to_string();
        let list = "gradient-descent, heavy-ball, nesterov, implicit-euler, rk:NAME, rk:FILE.toml or FILE.toml";
        assert_eq!(error("genetic"), format!("there is no optimizer `genetic`: expected {list}"));
        assert_eq!("gd".parse(), Ok(Optimizer::GradientDescent));
        for (name, hint) in [
            ("sgd", "did you mean `gradient-descent`?"),
            ("SGD", "did you mean `gradient-descent`?"),
            ("momentum", "did you mean `heavy-ball`? Its momentum is `m` of `Optimizer::bind`"),
            ("nag", "did you mean `nesterov`?"),
            ("adam", "there is no modified flow of it here"),
            ("L-BFGS", "there is no modified flow of it here"),
            ("implicit_euler", "did you mean `implicit-euler`?"),
            ("Heavy Ball", "did you mean `heavy-ball`?"),
            ("midpiont", "did you mean `rk:midpoint`?"),
            ("gradient-decsent", "did you mean `gradient-descent`?"),
        ] {
            assert!(error(name).contains(hint), "{name}: {}", error(name));
        }
        assert!(error("heavyball").ends_with("did you mean `heavy-ball`?"));
        assert!(error("rk4").ends_with("did you mean `rk:rk4`?"));
        assert!(error("rk:midpint").ends_with("did you mean `rk:midpoint`?"));
        assert!(error("no/such/file.toml").contains("no/such/file.toml"));
    }
}
