//! Optimizers as data: by name, by tableau or by recurrence.

use super::file::{self, OptimizerFileError};
use super::{Evaluation, OptimizerError, Recurrence, Tableau};
use crate::number::{Coefficient, EvaluateError, Fraction, Quadratic, Rational};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

/// An optimizer: one of the named ones, a Runge–Kutta method, or any recurrence.
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// let optimizer: Optimizer = "rk:ralston".parse().unwrap();
/// assert_eq!(optimizer.to_string(), "rk:ralston");
/// let error = "nestrov".parse::<Optimizer>().unwrap_err().to_string();
/// assert!(error.ends_with("did you mean `nesterov`?"));
/// ```
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
            "; did you mean `heavy-ball`? Its momentum is --momentum M"
        }
        "nag" | "nesterovmomentum" | "nesterovaccelerated" | "nesterovacceleratedgradient" | "accelerated" | "agd" => {
            "; did you mean `nesterov`? Its momentum is --momentum M"
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

    /// The hyper-parameters that stay symbols where no number is given; the momentum is `m`.
    #[must_use]
    pub fn symbols(&self) -> Vec<String> {
        match self {
            Self::HeavyBall | Self::Nesterov => vec!["m".to_owned()],
            Self::Recurrence(recurrence) => recurrence.symbols.clone(),
            Self::GradientDescent | Self::ImplicitEuler | Self::RungeKutta(_) => Vec::new(),
        }
    }

    /// Whether the optimizer has a momentum, a symbol `m`.
    #[must_use]
    pub fn has_momentum(&self) -> bool {
        self.symbols().iter().any(|s| s == "m")
    }

    /// What the modified equation is about: the iterate, always, and for methods that evaluate the gradient elsewhere,
    /// not that other point.
    #[must_use]
    pub fn variable(&self) -> &'static str {
        match self {
            Self::Nesterov => "the iterate, not the look-ahead point",
            _ => "the iterate",
        }
    }

    /// The recurrence with its hyper-parameters left symbolic: the momentum is `m`.
    ///
    /// # Errors
    /// [`UnsupportedTableau`] for a Runge–Kutta method with irrational entries.
    pub fn symbolic_recurrence(&self) -> Result<Recurrence<Fraction>, UnsupportedTableau> {
        match self {
            Self::Recurrence(recurrence) => Ok((**recurrence).clone()),
            _ => Ok(Recurrence { symbols: self.symbols(), ..self.recurrence(&Fraction::symbol("m"))? }),
        }
    }

    /// The recurrence with this momentum; optimizers without momentum ignore it.
    ///
    /// # Errors
    /// [`UnsupportedTableau`] for a Runge–Kutta method with irrational entries, and for a recurrence of a file with
    /// symbols: see [`Recurrence::with_values`].
    pub fn recurrence<C: Coefficient>(&self, momentum: &C) -> Result<Recurrence<C>, UnsupportedTableau> {
        let one = C::one;
        let forward = |at: Vec<(i32, C)>| Recurrence {
            method: self.name().to_owned(),
            symbols: Vec::new(),
            left: vec![(1, one()), (0, one().negated())],
            evaluations: vec![Evaluation { at, minus_h_times: Vec::new() }],
            right: vec![one()],
        };
        let minus_momentum = momentum.negated();
        let ahead = one().plus(momentum);
        let with_momentum = |at: Vec<(i32, C)>| Recurrence {
            left: vec![(1, one()), (0, ahead.negated()), (-1, momentum.clone())],
            ..forward(at)
        };
        let unsupported = |reason: String| UnsupportedTableau { method: self.name().to_owned(), reason };
        Ok(match self {
            Self::GradientDescent => forward(vec![(0, one())]),
            Self::ImplicitEuler => forward(vec![(1, one())]),
            Self::HeavyBall => with_momentum(vec![(0, one())]),
            Self::Nesterov => with_momentum(vec![(0, ahead.clone()), (-1, minus_momentum)]),
            Self::RungeKutta(tableau) => {
                let recurrence = tableau.recurrence().map_err(|e| unsupported(format!("has no recurrence: {e}")))?;
                let image = |q: &Quadratic| q.to_rational().map(|q| C::from_rational(&q));
                recurrence.map(image).ok_or_else(|| unsupported(irrational(tableau)))?
            }
            Self::Recurrence(recurrence) => {
                let image = |c: &Fraction| Some(C::from_rational(&c.evaluate(&|_| None).ok()?));
                recurrence.map(image).ok_or_else(|| {
                    unsupported(format!("has hyper-parameters without numbers: {}", recurrence.symbols.join(", ")))
                })?
            }
        })
    }

    /// The optimizer with numbers for some of its hyper-parameters, as a recurrence. Functions take the momentum beside the
    /// optimizer too; a recurrence that has it already has none to give.
    ///
    /// # Errors
    /// [`OptimizerError::NoSymbol`] for a name that is none of its symbols, [`OptimizerError::Values`] where a coefficient has no
    /// value, and [`RecurrenceError`](super::RecurrenceError) where no flow is left.
    pub fn with_values(&self, values: &[(String, Rational)]) -> Result<Self, OptimizerError> {
        let Some((first, _)) = values.first() else { return Ok(self.clone()) };
        let Some(recurrence) = Some(first).filter(|_| !self.symbols().is_empty()).and(self.symbolic_recurrence().ok())
        else {
            return Err(self.unknown(first));
        };
        if let Some((name, _)) = values.iter().find(|(name, _)| !recurrence.symbols.contains(name)) {
            return Err(self.unknown(name));
        }
        let value = |name: &str| values.iter().find(|(n, _)| n == name).map(|(_, q)| q.clone());
        let pole = std::cell::RefCell::new(String::new());
        let numeric = recurrence.map(|c| {
            let image = c.substituted(&value);
            if image.is_none() {
                pole.replace(c.to_string());
            }
            image
        });
        let Some(mut numeric) = numeric else {
            let values: Vec<String> = values.iter().map(|(name, q)| format!("{name} = {q}")).collect();
            let source = EvaluateError::Pole(pole.into_inner());
            return Err(OptimizerError::Values { values: values.join(", "), source });
        };
        numeric.symbols.retain(|s| value(s).is_none());
        numeric.validate()?;
        Ok(Self::Recurrence(Arc::new(numeric)))
    }

    fn unknown(&self, name: &str) -> OptimizerError {
        OptimizerError::NoHyperParameter {
            optimizer: self.name().to_owned(),
            name: name.to_owned(),
            value: Rational::ZERO,
            known: self.symbols(),
        }
    }

    /// A sentence that says that this optimizer has no hyper-parameter of that name, and which it has.
    #[must_use]
    pub fn unknown_symbol(&self, name: &str) -> String {
        let symbols = self.symbols();
        let has = if symbols.is_empty() { "none".to_owned() } else { symbols.join(", ") };
        let close = suggestion(name, "", symbols.iter().map(String::as_str));
        format!("`{self}` has no hyper-parameter `{name}`, it has {has}{close}")
    }

    /// Whether the optimizer looks at more than two neighbouring iterates, so that its variable must be named.
    #[must_use]
    pub fn is_multistep(&self) -> bool {
        match self {
            Self::HeavyBall | Self::Nesterov => true,
            Self::GradientDescent | Self::ImplicitEuler | Self::RungeKutta(_) => false,
            Self::Recurrence(recurrence) => recurrence.is_multistep(),
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

/// What is irrational in a tableau, as the rest of a sentence.
pub(crate) fn irrational(tableau: &Tableau) -> String {
    let mut entries = tableau.matrix().iter().flatten().chain(tableau.weights());
    let entry = entries.find(|q| q.to_rational().is_none()).map(|q| format!(", {q} among them")).unwrap_or_default();
    format!("has irrational entries{entry}: only rational ones are possible here")
}

/// A method has coefficients outside the ring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{method}` {reason}")]
pub struct UnsupportedTableau {
    /// The method.
    pub method: String,
    /// What is outside the ring, as the rest of a sentence.
    pub reason: String,
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
    fn values_are_put_into_files() {
        let path = format!("{}/examples/optimizers/partial-look-ahead.toml", env!("CARGO_MANIFEST_DIR"));
        let mixed: Optimizer = path.parse().unwrap();
        let with = |values: &[(&str, i64)]| {
            let values: Vec<_> = values.iter().map(|(n, q)| ((*n).to_owned(), Rational::from(*q))).collect();
            mixed.with_values(&values)
        };
        let heavy_ball = with(&[("beta", 0)]).unwrap();
        assert_eq!(heavy_ball.symbols(), ["m"]);
        assert!(heavy_ball.is_multistep());
        let error = |values: &[(&str, i64)]| with(values).unwrap_err().to_string();
        let unknown = "`partial-look-ahead` has no hyper-parameter `betta`, it has m, beta; did you mean `beta`?";
        assert_eq!(error(&[("betta", 1)]), unknown);
        assert!(error(&[("m", 1)]).contains("the sum of j a_j is 0"));
        let named = Optimizer::Nesterov.with_values(&[("rate".to_owned(), Rational::ONE)]).unwrap_err();
        assert_eq!(named.to_string(), "`nesterov` has no hyper-parameter `rate`, it has m");
        let inverse =
            "symbols = [\"w\"]\nleft = {1 = 1, 0 = -1}\nright = [\"1/w\"]\nevaluations = [{ at = {0 = 1} }]\n";
        let inverse = Optimizer::from_toml(inverse, "inverse.toml").unwrap();
        let error = inverse.with_values(&[("w".to_owned(), Rational::ZERO)]).unwrap_err().to_string();
        assert_eq!(error, "at w = 0: `1/w` divides by zero at these values");
        assert!(!inverse.is_multistep());
    }

    /// A momentum given as a value is the momentum given beside the optimizer.
    #[test]
    fn the_momentum_is_a_value_too() {
        let half = Rational::new(1, 2);
        for optimizer in [Optimizer::HeavyBall, Optimizer::Nesterov] {
            let given = optimizer.with_values(&[("m".to_owned(), half.clone())]).unwrap();
            assert!(given.symbols().is_empty() && given.is_multistep());
            assert_eq!(given.recurrence(&Rational::ZERO), optimizer.recurrence(&half));
            let error = optimizer.with_values(&[("m".to_owned(), Rational::ONE)]).unwrap_err().to_string();
            assert!(error.contains("the sum of j a_j is 0"), "{error}");
        }
        let none = Optimizer::GradientDescent.with_values(&[("m".to_owned(), half)]).unwrap_err().to_string();
        assert_eq!(none, "`gradient-descent` has no hyper-parameter `m`, it has none");
    }

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
            ("momentum", "did you mean `heavy-ball`? Its momentum is --momentum M"),
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

    #[test]
    fn named_recurrences_are_valid() {
        for optimizer in Optimizer::ALL {
            let slope = optimizer.recurrence(&Rational::new(9, 10)).unwrap().validate().unwrap();
            assert_eq!(slope, if optimizer.has_momentum() { Rational::from(10) } else { Rational::ONE });
        }
    }

    #[test]
    fn irrational_tableaux_have_no_rational_recurrence() {
        let gauss: Optimizer = "rk:gauss2".parse().unwrap();
        assert_eq!(
            gauss.recurrence(&Rational::ZERO).unwrap_err().to_string(),
            "`rk:gauss2` has irrational entries, 1/4-1/6*sqrt(3) among them: only rational ones are possible here"
        );
        let path = format!("{}/examples/optimizers/partial-look-ahead.toml", env!("CARGO_MANIFEST_DIR"));
        let symbolic: Optimizer = path.parse().unwrap();
        let error = symbolic.recurrence(&Rational::ZERO).unwrap_err().to_string();
        assert_eq!(error, "`partial-look-ahead` has hyper-parameters without numbers: m, beta");
    }
}
