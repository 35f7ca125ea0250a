//! The recurrence that an optimizer's iterates obey.

use crate::number::{Coefficient, Rational, Univariate};
use std::collections::BTreeMap;

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
    /// The hyper-parameters that its coefficients hold as symbols.
    pub symbols: Vec<String>,
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
    #[error("`{method}` does not determine a flow: the sum of j a_j is {sum}, {}", no_inverse(.sum))]
    Singular {
        /// The method.
        method: String,
        /// The sum.
        sum: String,
    },
    /// There are not as many weights as evaluations, or a stage refers to an evaluation that does not exist.
    #[error("`{method}` refers to {referred} evaluations, but it has {evaluations}")]
    Shape {
        /// The method.
        method: String,
        /// How many evaluations there are.
        evaluations: usize,
        /// How many are referred to.
        referred: usize,
    },
}

fn no_inverse(sum: &str) -> &'static str {
    match sum {
        "0" => "which has no inverse (momentum 1 does this: nothing damps the iterates)",
        _ => {
            "by which every order is divided: it must be a number or a product of factors linear in the hyper-parameters"
        }
    }
}

impl Recurrence<Rational> {
    /// The recurrence of gradient descent, `θ_{t+1} − θ_t = −h g(θ_t)`.
    #[must_use]
    pub fn gradient_descent() -> Self {
        Self::one_step("gradient-descent", 0)
    }

    /// A step with the gradient at one iterate: `θ_{t+1} − θ_t = −h g(θ_{t+k})`.
    pub(super) fn one_step(method: &str, k: i32) -> Self {
        Self {
            method: method.to_owned(),
            symbols: Vec::new(),
            left: vec![(1, Rational::ONE), (0, Rational::MINUS_ONE)],
            evaluations: vec![Evaluation { at: vec![(k, Rational::ONE)], minus_h_times: Vec::new() }],
            right: vec![Rational::ONE],
        }
    }

    /// What the iterates do that the modified equation does not tell: if a root of `Σ a_j r^j` other than 1 is not inside
    /// the unit circle, errors in the start do not die out.
    ///
    /// ```
    /// use shadowflow::optimizer::Optimizer;
    /// use shadowflow::number::Rational;
    /// let warned = |m: i64| Optimizer::HeavyBall.bind(&[("m", Rational::new(m, 10))]).unwrap().warning().is_some();
    /// assert_eq!((warned(9), warned(15)), (false, true));
    /// ```
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let least = self.left.iter().map(|(j, _)| *j).min()?;
        let mut coefficients: Vec<Rational> = Vec::new();
        for (j, a) in &self.left {
            let place = usize::try_from(i64::from(*j) - i64::from(least)).ok()?;
            if coefficients.len() <= place {
                coefficients.resize(place + 1, Rational::ZERO);
            }
            coefficients[place] += a;
        }
        // Divided by r − 1: the sums of the coefficients above.
        let mut sum = Rational::ZERO;
        let mut quotient: Vec<Rational> = Vec::new();
        for a in coefficients.iter().skip(1).rev() {
            sum += a;
            quotient.push(sum.clone());
        }
        quotient.reverse();
        (!Univariate::new(quotient).is_schur_stable()).then(|| {
            format!(
                "`{}` has a root other than 1 on or outside the unit circle: its iterates do not settle on its modified flow",
                self.method
            )
        })
    }
}

impl<C: Coefficient> Recurrence<C> {
    /// Whether it looks at more than two neighbouring iterates, so that the variable of its modified equation must be named.
    #[must_use]
    pub fn is_multistep(&self) -> bool {
        let left = self.left.iter().filter(|(_, a)| !a.is_zero()).map(|(j, _)| *j);
        let right = self.evaluations.iter().flat_map(|e| &e.at).filter(|(_, c)| !c.is_zero());
        let steps = left.chain(right.map(|(k, _)| *k));
        let (least, most) = steps.fold((i32::MAX, i32::MIN), |(l, m), j| (l.min(j), m.max(j)));
        i64::from(most) - i64::from(least) > 1
    }

    /// Its coefficients: of the iterates, of the evaluations, and their weights.
    pub fn coefficients(&self) -> impl Iterator<Item = &C> {
        let evaluations = self.evaluations.iter().flat_map(|e| {
            let at = e.at.iter().map(|(_, c)| c);
            at.chain(e.minus_h_times.iter().map(|(_, d)| d))
        });
        self.left.iter().map(|(_, a)| a).chain(evaluations).chain(&self.right)
    }

    /// The recurrence with every coefficient mapped into another ring.
    ///
    /// # Errors
    /// The first error of a coefficient.
    pub fn try_map<D, E>(&self, image: impl Fn(&C) -> Result<D, E>) -> Result<Recurrence<D>, E> {
        let pairs = |pairs: &[(i32, C)]| pairs.iter().map(|(j, a)| Ok((*j, image(a)?))).collect::<Result<Vec<_>, E>>();
        let evaluation = |e: &Evaluation<C>| {
            let stages = e.minus_h_times.iter().map(|(l, d)| Ok((*l, image(d)?)));
            Ok(Evaluation { at: pairs(&e.at)?, minus_h_times: stages.collect::<Result<_, E>>()? })
        };
        Ok(Recurrence {
            method: self.method.clone(),
            symbols: self.symbols.clone(),
            left: pairs(&self.left)?,
            evaluations: self.evaluations.iter().map(evaluation).collect::<Result<_, E>>()?,
            right: self.right.iter().map(&image).collect::<Result<_, E>>()?,
        })
    }

    /// The recurrence with every coefficient mapped into another ring; `None` where one has no image.
    #[must_use]
    pub fn map<D>(&self, image: impl Fn(&C) -> Option<D>) -> Option<Recurrence<D>> {
        self.try_map(|c| image(c).ok_or(())).ok()
    }

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
            symbols: Vec::new(),
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

    /// Whether two recurrences are one, with the same symbols, apart from the order in which their parts are listed.
    #[must_use]
    pub fn is_equivalent(&self, other: &Self) -> bool {
        self.symbols == other.symbols && self.normal() == other.normal()
    }

    /// The recurrence apart from the order in which its parts are listed.
    pub(crate) fn normal(&self) -> Normal<C> {
        fn weights<J: Copy + Ord, C: Coefficient>(pairs: &[(J, C)]) -> Weights<J, C> {
            let mut weights = BTreeMap::new();
            for (j, c) in pairs {
                let sum = weights.entry(*j).or_insert_with(C::zero);
                *sum = sum.plus(c);
            }
            weights.retain(|_, c| !c.is_zero());
            weights
        }
        let evaluations = self.evaluations.iter().map(|e| (weights(&e.at), weights(&e.minus_h_times)));
        (weights(&self.left), evaluations.collect(), self.right.clone())
    }
}

/// Factors by place, none zero.
pub(crate) type Weights<J, C> = BTreeMap<J, C>;

/// Left side, evaluations and weights.
pub(crate) type Normal<C> = (Weights<i32, C>, Vec<(Weights<i32, C>, Weights<usize, C>)>, Vec<C>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::Optimizer;

    #[test]
    fn parasitic_roots_are_noticed() {
        let explicit_midpoint = Recurrence {
            method: "leapfrog".to_owned(),
            symbols: Vec::new(),
            left: vec![(1, Rational::new(1, 2)), (-1, Rational::new(-1, 2))],
            evaluations: vec![Evaluation { at: vec![(0, Rational::ONE)], minus_h_times: Vec::new() }],
            right: vec![Rational::ONE],
        };
        assert!(explicit_midpoint.warning().is_some_and(|w| w.contains("leapfrog")));
        for optimizer in [Optimizer::HeavyBall, Optimizer::Nesterov] {
            assert_eq!(optimizer.bind(&[("m", Rational::new(1, 2))]).unwrap().warning(), None);
        }
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let bound = Optimizer::HeavyBall.bind(&[("m", Rational::new(1, 2))]).unwrap();
        let valid = bound.numbers().unwrap();
        let error = |change: &dyn Fn(&mut Recurrence)| {
            let mut recurrence = valid.clone();
            change(&mut recurrence);
            recurrence.validate().unwrap_err().to_string()
        };
        assert!(error(&|r| r.left[0].1 = Rational::from(2)).contains("sum to 1, expected 0"));
        assert!(error(&|r| r.evaluations[0].at[0].1 = Rational::from(3)).contains("sum to 3, expected 1"));
        assert!(error(&|r| r.right.clear()).contains("but it has 1"));
        assert!(error(&|r| r.evaluations[0].minus_h_times.push((7, Rational::ONE))).contains("refers to 8"));
    }
}
