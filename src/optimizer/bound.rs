//! An optimizer with its hyper-parameters checked.

use super::{Evaluation, MOMENTUM, Optimizer, OptimizerError, Recurrence, RecurrenceError, UnsupportedTableau};
use crate::number::{Coefficient, EvaluateError, Fraction, Quadratic, Rational};

/// An optimizer with numbers for some of its hyper-parameters, all or none; the others stay symbols. Made by
/// [`Optimizer::bind`], and what every derivation, flow and claim is about.
///
/// It carries the recurrence with the numbers put in,
///
/// ```text
/// Σ_j a_j θ_{t+j} = −h Σ_i b_i g(Σ_k c_ik θ_{t+k} − h Σ_l d_il g_l),    Σ_j a_j = 0,   Σ_k c_ik = 1,   Σ_j j a_j ≠ 0,
/// ```
///
/// which has been checked: it determines one modified flow. A *hyper-parameter* is a symbol of the coefficients a, b, c and d, such
/// as the momentum `m`; the step size h is none. All are exact numbers without a unit, of any size: h carries the unit of θ over that
/// of the gradient.
///
/// ```
/// use shadowflow::optimizer::{BoundOptimizer, Optimizer};
/// let half = Optimizer::HeavyBall.bind(&[("m", "1/2".parse().unwrap())])?;
/// assert_eq!((half.name(), half.symbols().len()), ("heavy-ball", 0));
/// // θ_{t+1} − 3/2 θ_t + 1/2 θ_{t−1} = −h g(θ_t).
/// let left: Vec<String> = half.numbers().unwrap().left.iter().map(|(j, a)| format!("{j}: {a}")).collect();
/// assert_eq!(left, ["1: 1", "0: -3/2", "-1: 1/2"]);
/// // Left out, the momentum stays a symbol.
/// assert_eq!(Optimizer::HeavyBall.bind(&[])?.symbols(), ["m"]);
/// // Without damping there is no flow.
/// let singular = Optimizer::HeavyBall.bind(&[("m", "1".parse().unwrap())]).unwrap_err().to_string();
/// assert!(singular.contains("does not determine a flow: the sum of j a_j is 0"));
/// # Ok::<(), shadowflow::optimizer::OptimizerError>(())
/// ```
///
/// # Source
/// E. Hairer, C. Lubich and G. Wanner, *Geometric Numerical Integration*, IX.1 (the modified equation of one step) and XV.3 (of
/// several); B. T. Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964 (heavy ball); Y. Nesterov, *A method
/// of solving a convex programming problem with convergence rate O(1/k²)*, 1983.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundOptimizer {
    optimizer: Optimizer,
    values: Vec<(String, Rational)>,
    recurrence: BoundRecurrence,
}

/// The recurrence of a bound optimizer, over the smallest ring that holds its coefficients, and the inverse of `Σ j a_j`, by which every
/// order is solved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BoundRecurrence {
    /// Rational numbers.
    Numbers(Recurrence<Rational>, Rational),
    /// Rational functions of the hyper-parameters left symbolic.
    Symbols(Recurrence<Fraction>, Fraction),
    /// Numbers of a field `Q(√d)`: Runge–Kutta methods only.
    Roots(Recurrence<Quadratic>, Quadratic),
}

impl Optimizer {
    /// The optimizer with numbers for some of its hyper-parameters; see [`BoundOptimizer`].
    ///
    /// ```
    /// use shadowflow::optimizer::Optimizer;
    /// let error = Optimizer::Nesterov.bind(&[("mm", "1/2".parse().unwrap())]).unwrap_err();
    /// assert_eq!(error.to_string(), "`nesterov` has no hyper-parameter `mm`, it has m; did you mean `m`?");
    /// ```
    ///
    /// # Errors
    /// [`OptimizerError::NoHyperParameter`] for a name that is none of its symbols, [`OptimizerError::Twice`] for one that stands
    /// twice, [`OptimizerError::Pole`] where a coefficient has no value at these numbers, and [`OptimizerError::Recurrence`] where
    /// they leave no flow: momentum 1, for example.
    pub fn bind(&self, values: &[(&str, Rational)]) -> Result<BoundOptimizer, OptimizerError> {
        let known = self.symbols();
        for (place, (name, value)) in values.iter().enumerate() {
            if !known.iter().any(|symbol| symbol == name) {
                let (optimizer, name) = (self.name().to_owned(), (*name).to_owned());
                return Err(OptimizerError::NoHyperParameter { optimizer, name, value: value.to_string(), known });
            }
            if values[..place].iter().any(|(earlier, _)| earlier == name) {
                return Err(OptimizerError::Twice { optimizer: self.name().to_owned(), name: (*name).to_owned() });
            }
        }
        let recurrence = match self {
            Self::RungeKutta(tableau) => BoundRecurrence::of_roots(tableau.recurrence()?)?,
            Self::GradientDescent => BoundRecurrence::gradient_descent(),
            Self::ImplicitEuler => BoundRecurrence::of_numbers(Recurrence::one_step(self.name(), 1))?,
            Self::HeavyBall | Self::Nesterov => BoundRecurrence::with_values(&self.with_momentum(), values)?,
            Self::Recurrence(recurrence) => BoundRecurrence::with_values(recurrence, values)?,
        };
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Ok(BoundOptimizer { optimizer: self.clone(), values, recurrence })
    }
}

impl Optimizer {
    /// The recurrence of the named optimizers with momentum: the gradient is taken at the iterate, or ahead of it.
    fn with_momentum(&self) -> Recurrence<Fraction> {
        let (one, m) = (Fraction::one(), Fraction::symbol(MOMENTUM));
        let ahead = one.plus(&m);
        let at = match self {
            Self::Nesterov => vec![(0, ahead.clone()), (-1, m.negated())],
            _ => vec![(0, one.clone())],
        };
        Recurrence {
            method: self.name().to_owned(),
            symbols: vec![MOMENTUM.to_owned()],
            left: vec![(1, one.clone()), (0, ahead.negated()), (-1, m)],
            evaluations: vec![Evaluation { at, minus_h_times: Vec::new() }],
            right: vec![one],
        }
    }
}

impl BoundOptimizer {
    /// Gradient descent, which has no hyper-parameters.
    #[must_use]
    pub fn gradient_descent() -> Self {
        let recurrence = BoundRecurrence::gradient_descent();
        Self { optimizer: Optimizer::GradientDescent, values: Vec::new(), recurrence }
    }

    /// The optimizer without its numbers.
    #[must_use]
    pub fn optimizer(&self) -> &Optimizer {
        &self.optimizer
    }

    /// The optimizer's name, as the command spells it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.optimizer.name()
    }

    /// Whether this is gradient descent, whose own routes are faster.
    #[must_use]
    pub fn is_gradient_descent(&self) -> bool {
        self.optimizer == Optimizer::GradientDescent
    }

    /// The numbers given, in the order given.
    #[must_use]
    pub fn values(&self) -> &[(String, Rational)] {
        &self.values
    }

    /// The number given to a hyper-parameter.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Rational> {
        self.values.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// The hyper-parameters left symbolic that the coefficients hold.
    #[must_use]
    pub fn symbols(&self) -> &[String] {
        match &self.recurrence {
            BoundRecurrence::Symbols(recurrence, _) => &recurrence.symbols,
            BoundRecurrence::Numbers(..) | BoundRecurrence::Roots(..) => &[],
        }
    }

    /// The recurrence with the numbers put in.
    #[must_use]
    pub fn recurrence(&self) -> &BoundRecurrence {
        &self.recurrence
    }

    /// The recurrence in rational numbers; `None` while symbols remain, and where numbers are irrational.
    #[must_use]
    pub fn numbers(&self) -> Option<&Recurrence<Rational>> {
        match &self.recurrence {
            BoundRecurrence::Numbers(recurrence, _) => Some(recurrence),
            BoundRecurrence::Symbols(..) | BoundRecurrence::Roots(..) => None,
        }
    }

    /// The recurrence in numbers of a field `Q(√d)`, rational ones among them.
    ///
    /// # Errors
    /// [`OptimizerError::Symbols`] while symbols remain.
    pub fn roots(&self) -> Result<Recurrence<Quadratic>, OptimizerError> {
        match &self.recurrence {
            BoundRecurrence::Numbers(recurrence, _) => recurrence.try_map(|q| Ok(Quadratic::from_rational(q))),
            BoundRecurrence::Symbols(..) => Err(self.without_numbers()),
            BoundRecurrence::Roots(recurrence, _) => Ok(recurrence.clone()),
        }
    }

    /// That symbols are left.
    pub(crate) fn without_numbers(&self) -> OptimizerError {
        OptimizerError::Symbols { optimizer: self.name().to_owned(), symbols: self.symbols().to_vec() }
    }

    /// The recurrence in rational functions of the symbols, numbers among them.
    ///
    /// # Errors
    /// [`UnsupportedTableau`] where numbers are irrational.
    pub fn fractions(&self) -> Result<Recurrence<Fraction>, UnsupportedTableau> {
        match &self.recurrence {
            BoundRecurrence::Numbers(recurrence, _) => recurrence.try_map(|q| Ok(Fraction::from_rational(q))),
            BoundRecurrence::Symbols(recurrence, _) => Ok(recurrence.clone()),
            BoundRecurrence::Roots(recurrence, _) => {
                let root = recurrence.coefficients().find(|c| c.to_rational().is_none());
                let entry = root.map(Quadratic::to_string).unwrap_or_default();
                Err(UnsupportedTableau { method: recurrence.method.clone(), entry })
            }
        }
    }

    /// Whether the optimizer looks at more than two neighbouring iterates, so that its variable must be named; the named ones with
    /// momentum do so at momentum 0 too.
    #[must_use]
    pub fn is_multistep(&self) -> bool {
        match (&self.optimizer, &self.recurrence) {
            (Optimizer::HeavyBall | Optimizer::Nesterov, _) => true,
            (_, BoundRecurrence::Numbers(recurrence, _)) => recurrence.is_multistep(),
            (_, BoundRecurrence::Symbols(recurrence, _)) => recurrence.is_multistep(),
            (_, BoundRecurrence::Roots(..)) => false,
        }
    }

    /// What the modified equation of a multistep optimizer is about; `None` for the others.
    #[must_use]
    pub fn variable(&self) -> Option<&'static str> {
        self.is_multistep().then(|| self.optimizer.variable())
    }

    /// What the iterates do that the modified equation does not tell; see [`Recurrence::warning`].
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        self.numbers()?.warning()
    }
}

impl BoundRecurrence {
    fn gradient_descent() -> Self {
        Self::Numbers(Recurrence::gradient_descent(), Rational::ONE)
    }

    fn of_numbers(recurrence: Recurrence<Rational>) -> Result<Self, RecurrenceError> {
        let inverse_slope = recurrence.validate()?;
        Ok(Self::Numbers(recurrence, inverse_slope))
    }

    fn of_roots(recurrence: Recurrence<Quadratic>) -> Result<Self, RecurrenceError> {
        if let Some(numbers) = recurrence.map(Quadratic::to_rational) {
            return Self::of_numbers(numbers);
        }
        let inverse_slope = recurrence.validate()?;
        Ok(Self::Roots(recurrence, inverse_slope))
    }

    /// Numbers put in for some symbols; those of the others that no coefficient holds any more are left out.
    fn with_values(recurrence: &Recurrence<Fraction>, values: &[(&str, Rational)]) -> Result<Self, OptimizerError> {
        let value = |name: &str| values.iter().find(|(n, _)| *n == name).map(|(_, q)| q.clone());
        let substituted = |c: &Fraction| c.substituted(&value).ok_or_else(|| EvaluateError::Pole(c.to_string()));
        let mut symbolic = recurrence.try_map(substituted).map_err(|source| {
            let values: Vec<String> = values.iter().map(|(name, q)| format!("{name} = {q}")).collect();
            OptimizerError::Pole { values: values.join(", "), source }
        })?;
        let held: Vec<String> =
            symbolic.symbols.iter().filter(|s| symbolic.coefficients().any(|c| c.holds(s))).cloned().collect();
        symbolic.symbols = held;
        if let Some(numbers) = symbolic.map(|c| c.evaluate(&|_| None).ok()) {
            return Ok(Self::of_numbers(numbers)?);
        }
        let inverse_slope = symbolic.validate()?;
        Ok(Self::Symbols(symbolic, inverse_slope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(name: &str) -> Optimizer {
        format!("{}/examples/optimizers/{name}.toml", env!("CARGO_MANIFEST_DIR")).parse().unwrap()
    }

    fn error(optimizer: &Optimizer, values: &[(&str, Rational)]) -> String {
        optimizer.bind(values).unwrap_err().to_string()
    }

    /// What has no number stays a symbol; β = 0 is heavy ball, β = m Nesterov.
    #[test]
    fn numbers_are_put_in_and_symbols_stay() {
        let (half, mixed) = (Rational::new(1, 2), example("partial-look-ahead"));
        assert_eq!(mixed.bind(&[]).unwrap().symbols(), ["m", "beta"]);
        let partial = mixed.bind(&[("m", half.clone())]).unwrap();
        assert_eq!(
            (partial.symbols(), partial.value("m"), partial.value("beta")),
            (&["beta".to_owned()][..], Some(&half), None)
        );
        for (named, beta) in [(Optimizer::HeavyBall, Rational::ZERO), (Optimizer::Nesterov, half.clone())] {
            let file = mixed.bind(&[("beta", beta), ("m", half.clone())]).unwrap();
            let named = named.bind(&[("m", half.clone())]).unwrap();
            let same = Recurrence { method: named.name().to_owned(), ..file.numbers().unwrap().clone() };
            assert!(same.is_equivalent(named.numbers().unwrap()), "{}", named.name());
            assert!(file.is_multistep() && named.is_multistep() && named.symbols().is_empty());
        }
        // Without momentum and look-ahead it makes single steps.
        assert!(!mixed.bind(&[("beta", Rational::ZERO), ("m", Rational::ZERO)]).unwrap().is_multistep());
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_reason() {
        let (half, mixed) = (Rational::new(1, 2), example("partial-look-ahead"));
        let unknown = "`partial-look-ahead` has no hyper-parameter `betta`, it has m, beta; did you mean `beta`?";
        assert_eq!(error(&mixed, &[("betta", half.clone())]), unknown);
        let rk4 = "rk:rk4".parse().unwrap();
        let none = "`rk:rk4` has no momentum, but 1/2 was given; of hyper-parameters it has none";
        assert_eq!(error(&rk4, &[("m", half.clone())]), none);
        assert_eq!(error(&rk4, &[("k", half.clone())]), "`rk:rk4` has no hyper-parameter `k`, it has none");
        let twice = [("m", half.clone()), ("m", half)];
        assert_eq!(error(&Optimizer::HeavyBall, &twice), "`heavy-ball`: the hyper-parameter `m` is given twice");
        for optimizer in [Optimizer::HeavyBall, Optimizer::Nesterov, mixed] {
            let singular = error(&optimizer, &[("m", Rational::ONE)]);
            assert!(singular.contains("the sum of j a_j is 0") && singular.contains("momentum 1"), "{singular}");
        }
        let inverse =
            "symbols = [\"w\"]\nleft = {1 = 1, 0 = -1}\nright = [\"1/w\"]\nevaluations = [{ at = {0 = 1} }]\n";
        let inverse = Optimizer::from_toml(inverse, "inverse.toml").unwrap();
        assert_eq!(error(&inverse, &[("w", Rational::ZERO)]), "at w = 0: `1/w` divides by zero at these values");
    }

    #[test]
    fn rings_are_the_smallest() {
        let ring = |name: &str| match name.parse::<Optimizer>().unwrap().bind(&[]).unwrap().recurrence {
            BoundRecurrence::Numbers(..) => "numbers",
            BoundRecurrence::Symbols(..) => "symbols",
            BoundRecurrence::Roots(..) => "roots",
        };
        for (name, expected) in [
            ("gradient-descent", "numbers"),
            ("implicit-euler", "numbers"),
            ("rk:rk4", "numbers"),
            ("rk:gauss2", "roots"),
            ("nesterov", "symbols"),
        ] {
            assert_eq!(ring(name), expected, "{name}");
        }
        assert_eq!(Optimizer::GradientDescent.bind(&[]).unwrap(), BoundOptimizer::gradient_descent());
        let gauss = "rk:gauss2".parse::<Optimizer>().unwrap().bind(&[]).unwrap();
        assert_eq!(
            gauss.fractions().unwrap_err().to_string(),
            "`rk:gauss2` has irrational entries, 1/4-1/6*sqrt(3) among them: only rational ones are possible here"
        );
    }

    /// `Σ j a_j = 1 − m`, so that its inverse is 10 at m = 9/10.
    #[test]
    fn named_recurrences_are_valid() {
        for optimizer in [Optimizer::HeavyBall, Optimizer::Nesterov] {
            let bound = optimizer.bind(&[("m", Rational::new(9, 10))]).unwrap();
            assert_eq!(bound.numbers().unwrap().validate(), Ok(Rational::from(10)));
        }
        // A symbol that no coefficient holds is none.
        let idle = "symbols = [\"k\"]\nleft = {1 = 1, 0 = -1}\nright = [1]\nevaluations = [{ at = {0 = 1} }]\n";
        assert!(Optimizer::from_toml(idle, "idle.toml").unwrap().bind(&[]).unwrap().symbols().is_empty());
    }
}
