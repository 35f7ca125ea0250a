//! Optimizers as data: the recurrence that an iterate obeys.

use crate::number::{Coefficient, Rational};
use std::fmt;
use std::str::FromStr;

/// An optimizer known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
}

/// A name that no optimizer has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no optimizer `{name}`: expected {}", list())]
pub struct UnknownOptimizer {
    /// The name received.
    pub name: String,
}

fn list() -> String {
    let names: Vec<&str> = Optimizer::ALL.iter().map(|o| o.name()).collect();
    names.join(", ")
}

impl Optimizer {
    /// Every optimizer, the default first.
    pub const ALL: [Self; 4] = [Self::GradientDescent, Self::HeavyBall, Self::Nesterov, Self::ImplicitEuler];

    /// The name as the command spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GradientDescent => "gradient-descent",
            Self::HeavyBall => "heavy-ball",
            Self::Nesterov => "nesterov",
            Self::ImplicitEuler => "implicit-euler",
        }
    }

    /// Whether the optimizer has a momentum.
    #[must_use]
    pub fn has_momentum(self) -> bool {
        matches!(self, Self::HeavyBall | Self::Nesterov)
    }

    /// The recurrence with this momentum, a number or a symbol; optimizers without momentum ignore it.
    #[must_use]
    pub fn recurrence<C: Coefficient>(self, momentum: &C) -> Recurrence<C> {
        let one = C::one;
        let forward = |at: Vec<(i32, C)>| Recurrence {
            method: self.name().to_owned(),
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
        match self {
            Self::GradientDescent => forward(vec![(0, one())]),
            Self::ImplicitEuler => forward(vec![(1, one())]),
            Self::HeavyBall => with_momentum(vec![(0, one())]),
            Self::Nesterov => with_momentum(vec![(0, ahead.clone()), (-1, minus_momentum)]),
        }
    }
}

impl fmt::Display for Optimizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Optimizer {
    type Err = UnknownOptimizer;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|o| o.name() == name).ok_or_else(|| UnknownOptimizer { name: name.to_owned() })
    }
}

/// The recurrence of an optimizer in its iterates, with coefficients in an exact ring:
///
/// ```text
/// Σ_j a_j θ_{t+j} = −h Σ_i b_i g_i,    g_i = g(Σ_k c_ik θ_{t+k} − h Σ_l d_il g_l)
/// ```
///
/// Multistep methods use the iterates `θ_{t+k}`, Runge–Kutta methods the stages `g_l`; both are explicit or implicit.
/// The exact flow of the modified equation obeys it with `θ_{t+j} = exp(j h f̃) θ`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence<C = Rational> {
    /// The name of the method.
    pub method: String,
    /// The pairs `(j, a_j)`, with `Σ a_j = 0`.
    pub left: Vec<(i32, C)>,
    /// The gradients taken, `g_0, g_1, …`.
    pub evaluations: Vec<Evaluation<C>>,
    /// Their weights `b_i`, one for each evaluation.
    pub right: Vec<C>,
}

/// Where a gradient is taken: `Σ_k c_k θ_{t+k} − h Σ_l d_l g_l`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation<C = Rational> {
    /// The pairs `(k, c_k)`, with `Σ c_k = 1`.
    pub at: Vec<(i32, C)>,
    /// The pairs `(l, d_l)`: evaluations and their weights.
    pub minus_h_times: Vec<(usize, C)>,
}

/// Why a recurrence has no modified equation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// `Σ a_j ≠ 0`: constant iterates do not solve the recurrence where the gradient is zero.
    #[error("the coefficients of the iterates of `{method}` sum to {sum}, expected 0")]
    Inconsistent {
        /// The method.
        method: String,
        /// The sum.
        sum: String,
    },
    /// `Σ_k c_k ≠ 1`.
    #[error("evaluation {evaluation} of `{method}` is at iterates whose weights sum to {sum}, expected 1")]
    Displaced {
        /// The method.
        method: String,
        /// The evaluation.
        evaluation: usize,
        /// The sum.
        sum: String,
    },
    /// `Σ j a_j` has no inverse in the ring.
    #[error("`{method}` does not determine a flow: the sum of j a_j is {sum}, which has no inverse")]
    Singular {
        /// The method.
        method: String,
        /// The sum.
        sum: String,
    },
    /// There are not as many weights as evaluations, or a stage refers to an evaluation that does not exist.
    #[error("`{method}` has {evaluations} evaluations, but refers to {referred}")]
    Shape {
        /// The method.
        method: String,
        /// How many evaluations there are.
        evaluations: usize,
        /// How many are referred to.
        referred: usize,
    },
}

impl<C: Coefficient> Recurrence<C> {
    /// The recurrence of a Runge–Kutta method with this Butcher tableau: `A` by rows, and the weights `b`.
    ///
    /// # Errors
    /// [`RecurrenceError::Shape`] if a row of `A` is longer than there are stages, or their number is not that of `b`.
    pub fn runge_kutta(method: &str, a: &[Vec<C>], b: &[C]) -> Result<Self, RecurrenceError> {
        let stages = a.iter().map(|row| Evaluation {
            at: vec![(0, C::one())],
            minus_h_times: row.iter().cloned().enumerate().filter(|(_, d)| !d.is_zero()).collect(),
        });
        let recurrence = Self {
            method: method.to_owned(),
            left: vec![(1, C::one()), (0, C::one().negated())],
            evaluations: stages.collect(),
            right: b.to_vec(),
        };
        recurrence.validate()?;
        Ok(recurrence)
    }

    /// Checks what the fields promise and returns the inverse of `Σ j a_j`, by which every order is solved.
    ///
    /// # Errors
    /// Any [`RecurrenceError`].
    pub fn validate(&self) -> Result<C, RecurrenceError> {
        let method = || self.method.clone();
        let evaluations = self.evaluations.len();
        let stages = self.evaluations.iter().flat_map(|e| &e.minus_h_times).map(|(l, _)| l + 1);
        let referred = stages.max().unwrap_or(0).max(self.right.len());
        if referred > evaluations || self.right.len() != evaluations {
            return Err(RecurrenceError::Shape { method: method(), evaluations, referred });
        }
        let sum = |pairs: &[(i32, C)]| pairs.iter().fold(C::zero(), |s, (_, c)| s.plus(c));
        let total = sum(&self.left);
        if !total.is_zero() {
            return Err(RecurrenceError::Inconsistent { method: method(), sum: total.to_string() });
        }
        for (evaluation, e) in self.evaluations.iter().enumerate() {
            let total = sum(&e.at);
            if total != C::one() {
                return Err(RecurrenceError::Displaced { method: method(), evaluation, sum: total.to_string() });
            }
        }
        let slope = self.left.iter().fold(C::zero(), |s, (j, a)| s.plus(&a.scaled(&Rational::from(i64::from(*j)))));
        C::one().divided(&slope).ok_or_else(|| RecurrenceError::Singular { method: method(), sum: slope.to_string() })
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
        let error = "adam".parse::<Optimizer>().unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no optimizer `adam`: expected gradient-descent, heavy-ball, nesterov, implicit-euler"
        );
    }

    #[test]
    fn named_recurrences_are_valid() {
        for optimizer in Optimizer::ALL {
            let slope = optimizer.recurrence(&Rational::new(9, 10)).validate().unwrap();
            assert_eq!(slope, if optimizer.has_momentum() { Rational::from(10) } else { Rational::ONE });
        }
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let valid = Optimizer::HeavyBall.recurrence(&Rational::new(1, 2));
        let error = |change: &dyn Fn(&mut Recurrence)| {
            let mut recurrence = valid.clone();
            change(&mut recurrence);
            recurrence.validate().unwrap_err().to_string()
        };
        assert!(error(&|r| r.left[0].1 = Rational::from(2)).contains("sum to 1, expected 0"));
        assert!(error(&|r| r.evaluations[0].at[0].1 = Rational::from(3)).contains("sum to 3, expected 1"));
        assert!(error(&|r| r.right.clear()).contains("has 1 evaluations"));
        assert!(error(&|r| r.evaluations[0].minus_h_times.push((7, Rational::ONE))).contains("refers to 8"));
        assert!(Optimizer::HeavyBall.recurrence(&Rational::ONE).validate().unwrap_err().to_string().contains("is 0"));
    }
}
