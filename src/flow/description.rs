//! What each flow is, said once.

use super::derivatives::Capability;
use super::given::GivenAlpha;
use super::name::{EXACT, FlowError, FlowName};
use super::oscillation::PeriodTwoLaw;
use super::subject::Subject;
use crate::formula::{Formula, Letter, Mark, Symbol};
use crate::spectral::{Alpha, Given, SpectralFunction, Steps, divided_difference};
use num_complex::Complex64;
use std::sync::Arc;

/// What a flow is: its name, its field and what that needs of a loss, its linear part, and how it is told to users. Everything else that
/// depends on which flow it is reads this.
///
/// With `z = hλ`, h the step size and λ an eigenvalue of the Hessian H, a flow moves along an eigendirection of a critical point as
/// `θ̇ = α(z) λ θ`: the eigenvalue of its Jacobian there is `α(hλ) λ`, in units of one over time, of which a step of the optimizer takes h. Terms with two
/// or more gradients have no derivative where the gradient vanishes, so that `bea:N` and `principal:N` have one α, and so have `pf`, `pf+np3` and the resummed
/// flows.
///
/// [`FlowDescription::needs`] names what the flow asks a [`Model`](super::Model) for.
///
/// | flow | field `θ̇` | needs | α(z) |
/// |---|---|---|---|
/// | `ngf`, `pgf` | `−g`, `g` | g | `−1`, `1` |
/// | `igr` | `−g − h/2 Hg` | g, Hv | `−(1 + z/2)` |
/// | `third` | `−g − h/2 Hg − h² (1/3 H²g + 1/12 T[g,g])` | g, Hv, `T[g,g]` | `−(1 + z/2 + z²/3)` |
/// | `bea:N` | `Σ_{n≤N} h^n f_n` | derivatives to order N + 1 | the optimizer's series to order N |
/// | `principal:N` | `α(hH) g` | g, Hv | the same |
/// | `pf` | `α(hH) g` | g, H | the optimizer's, of gradient descent `log(1 − z)/z` |
/// | `pf+np3` | `α(hH) g − w h² T[g,g]`, of gradient descent w = 1/12 | g, H, `T[g,g]` | the same |
/// | `rpf`, `rpf:4` | `pf` and all terms with one third (or one fourth) derivative | g, H, T (and the fourth) | `log(1 − z)/z` |
/// | `rpf2` | the same for two steps at once, real | g, H, T | `log\|1 − z\|/z` |
/// | `p2:N`, `edge`, `central` | none: a centre and what oscillates about it, [`PeriodTwo`](super::PeriodTwo) | g, Hv | none |
/// | `exact` | none: `pf` of a quadratic in closed form | g, H, constant | the optimizer's |
/// | `flip:I+J` | `−g + 2 Σ_i u_i u_iᵀ g` | g, H | `1` along the `u_i`, else `−1` |
/// | `alpha:EXPR` | `α(hH) g` | g, H | EXPR |
///
/// ```
/// use shadowflow::flow::{FlowLaw, FlowName};
/// use shadowflow::spectral::Alpha;
/// let igr = FlowName::Igr.describe();
/// assert_eq!((igr.name.as_str(), igr.formula_of(true).map(ToString::to_string)), ("igr", Some("-g - h/2 H g".to_owned())));
/// // Whatever the optimizer, it is gradient descent's: the optimizer's own is the truncated field to first order.
/// assert_eq!(igr.own, Some("bea:1"));
/// // The Hessian need not be a matrix.
/// assert_eq!(igr.needs(), shadowflow::flow::Capability::HessianAction);
/// // A closed solution has no field.
/// assert_eq!(FlowName::Exact.describe().law, FlowLaw::Closed);
/// ```
///
/// # Source
/// M. Rosca, Y. Wu, C. Qin and B. Dherin, *On a continuous time model of gradient descent dynamics and instability in deep learning*, 2023: sections 2
/// (`ngf`, `igr`), 3 (`pf`, `principal:N`), 4 (`third`, `pf+np3`), 3.2 and appendix A.4 (Jacobians). `rpf` and its kin are those of `docs/resummed-flow.md`.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowDescription {
    /// The name as users give it, such as `bea:4`.
    pub name: String,
    /// What it is, in a few words.
    pub summary: &'static str,
    /// The field for any optimizer; `None` where it has no short formula.
    pub formula: Option<Formula>,
    /// The field for gradient descent, where more is known of it.
    pub formula_of_descent: Option<Formula>,
    /// What its field is made of.
    pub law: FlowLaw,
    /// The α of its linear part, and of its field where that is `α(hH) g`.
    pub alpha: FlowAlpha,
    /// Whether the field is analytic off the real line, so that it can be differentiated there; otherwise it lives on the real line, as what reverses a
    /// direction or has a cut of the user's own along it does.
    pub is_analytic: bool,
    /// Of a flow that is gradient descent's beside every optimizer, the name of the optimizer's own.
    pub own: Option<&'static str>,
}

/// What the field of a flow is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum FlowLaw {
    /// `± g`.
    Gradient {
        /// 1 or −1.
        sign: f64,
    },
    /// `α(hH) g − w h² T[g, g]`.
    Spectral(ThirdTerm),
    /// `Σ_{n≤order} h^n f_n`.
    Truncated {
        /// The highest order.
        order: usize,
    },
    /// `−g` with the sign reversed along these eigendirections, 0 that of the largest eigenvalue.
    Reversed {
        /// Which, in order.
        directions: Vec<usize>,
    },
    /// The principal flow with all terms that hold one third derivative, or with one fourth one too.
    Resummed {
        /// Whether it is the flow of one step of the optimizer or of two.
        steps: Steps,
        /// Whether the fourth derivative takes part.
        fourth: bool,
    },
    /// No field of θ: a centre and what oscillates about it, [`PeriodTwo`](super::PeriodTwo).
    PeriodTwo(PeriodTwoLaw),
    /// No field: a closed solution, of quadratics.
    Closed,
}

/// The weight w of `−w h² T[g, g]` in a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ThirdTerm {
    /// No such term.
    None,
    /// A number.
    Weight(f64),
    /// Minus the coefficient of `T[g, g]` in the optimizer's `f_2`.
    Own,
}

/// The function α of `z = hλ` that makes the linear part of a flow.
#[derive(Debug, Clone, PartialEq)]
pub enum FlowAlpha {
    /// The same for every optimizer.
    Fixed(Alpha),
    /// The optimizer's own.
    Own,
    /// The Taylor series of the optimizer's own to an order.
    Series(usize),
    /// `log|1 − z|/z` on the real line.
    TwoSteps,
    /// An expression in z.
    Given(String),
    /// 1 along these eigendirections and −1 along the others.
    Reversed(Vec<usize>),
    /// None: the flow is not one of θ.
    None,
}

impl FlowName {
    /// The flows as lists show them, letters standing for arguments.
    pub const PATTERNS: [&'static str; 17] = [
        "ngf",
        "pgf",
        "igr",
        "third",
        "bea:N",
        "principal:N",
        "pf",
        "pf+np3",
        "rpf",
        "rpf:4",
        "rpf2",
        "p2:N",
        "edge",
        "central",
        "exact",
        "flip:I+J",
        "alpha:EXPR",
    ];

    /// The flows that are shown unless told, separated by commas.
    pub const USUAL: &'static str = "ngf,igr,third,pf,pf+np3";

    /// Those that are shown of a loss whose flows of functions of the Hessian take minutes a step.
    pub const USUAL_OF_LARGE: &'static str = "ngf,igr,third,bea:4";

    /// What the flow is; see [`FlowDescription`].
    #[must_use]
    pub fn describe(&self) -> FlowDescription {
        use Symbol::{Gradient, Step};
        let g = || Formula::from(Gradient);
        let half_h = || Formula::from(Step).over(Formula::natural(2));
        let curved = |power| Formula::marks(vec![Mark::Hessians(power), Mark::Gradient]);
        let about = |name: &str, summary, law, alpha| FlowDescription {
            name: name.to_owned(),
            summary,
            formula: None,
            formula_of_descent: None,
            law,
            alpha,
            is_analytic: true,
            own: None,
        };
        let resummed = |steps, fourth| FlowLaw::Resummed { steps, fourth };
        let spectral = FlowLaw::Spectral;
        match self {
            Self::Ngf => FlowDescription {
                formula: Some(g().negated()),
                ..about(
                    "ngf",
                    "the negative gradient flow, the limit of small steps",
                    FlowLaw::Gradient { sign: -1.0 },
                    FlowAlpha::Fixed(Alpha::negative_gradient()),
                )
            },
            Self::Pgf => FlowDescription {
                formula: Some(g()),
                ..about(
                    "pgf",
                    "the positive gradient flow",
                    FlowLaw::Gradient { sign: 1.0 },
                    FlowAlpha::Fixed(Alpha::Polynomial(vec![1.0])),
                )
            },
            Self::Igr => FlowDescription {
                formula: Some(Formula::sum(vec![(true, g()), (true, half_h().before(curved(1)))])),
                own: Some("bea:1"),
                ..about(
                    "igr",
                    "implicit gradient regularisation: gradient descent's flow to first order in the step size",
                    spectral(ThirdTerm::None),
                    FlowAlpha::Fixed(Alpha::implicit_gradient_regularisation()),
                )
            },
            Self::Third => FlowDescription {
                formula: Some(third_order()),
                own: Some("bea:2"),
                ..about(
                    "third",
                    "the third order flow: gradient descent's to second order in it",
                    spectral(ThirdTerm::Weight(1.0 / 12.0)),
                    FlowAlpha::Fixed(Alpha::principal(2)),
                )
            },
            Self::Bea(n) => FlowDescription {
                formula: Some(truncated(*n)),
                ..about(
                    &format!("bea:{n}"),
                    "the modified flow, truncated",
                    FlowLaw::Truncated { order: *n },
                    FlowAlpha::Series(*n),
                )
            },
            Self::Principal(n) => FlowDescription {
                formula_of_descent: Some(principal_terms(*n)),
                ..about(
                    &format!("principal:{n}"),
                    "the principal terms alone, truncated",
                    spectral(ThirdTerm::None),
                    FlowAlpha::Series(*n),
                )
            },
            Self::Pf => FlowDescription {
                formula: Some(principal(false)),
                formula_of_descent: Some(principal(true)),
                ..about(
                    "pf",
                    "the principal flow: all terms without third and higher derivatives, summed; complex beyond its branch point",
                    spectral(ThirdTerm::None),
                    FlowAlpha::Own,
                )
            },
            Self::PfNp3 => FlowDescription {
                formula: Some(with_third(principal(false), Formula::name("c"))),
                formula_of_descent: Some(with_third(principal(true), over(12))),
                ..about(
                    "pf+np3",
                    "the principal flow with the first term that it leaves out",
                    spectral(ThirdTerm::Own),
                    FlowAlpha::Own,
                )
            },
            Self::Rpf => about(
                "rpf",
                "the principal flow with all terms that hold one third derivative, summed",
                resummed(Steps::One, false),
                FlowAlpha::Own,
            ),
            Self::Rpf4 => about(
                "rpf:4",
                "the same with all terms that hold one fourth derivative",
                resummed(Steps::One, true),
                FlowAlpha::Own,
            ),
            Self::Rpf2 => FlowDescription {
                is_analytic: false,
                ..about(
                    "rpf2",
                    "the real flow of two steps, for every second iterate",
                    resummed(Steps::Two, false),
                    FlowAlpha::TwoSteps,
                )
            },
            Self::P2(order) => FlowDescription {
                is_analytic: false,
                ..about(
                    &format!("p2:{order}"),
                    "the period-two flow: a centre and what oscillates about it at the edge of stability, real",
                    FlowLaw::PeriodTwo(PeriodTwoLaw::Order(*order)),
                    FlowAlpha::None,
                )
            },
            Self::Edge => FlowDescription {
                is_analytic: false,
                ..about(
                    "edge",
                    "the form of the edge flow: p2:0 with an oscillation that grows by its sharpness less 2/h",
                    FlowLaw::PeriodTwo(PeriodTwoLaw::Edge),
                    FlowAlpha::None,
                )
            },
            Self::Central => FlowDescription {
                is_analytic: false,
                ..about(
                    "central",
                    "the central flow, of the time average of what oscillates at the edge of stability",
                    FlowLaw::PeriodTwo(PeriodTwoLaw::Central),
                    FlowAlpha::None,
                )
            },
            Self::Exact => FlowDescription {
                formula: Some(principal(false)),
                formula_of_descent: Some(principal(true)),
                ..about(EXACT, "the principal flow of a quadratic in closed form", FlowLaw::Closed, FlowAlpha::Own)
            },
            Self::Flip(directions) => {
                let listed: Vec<String> = directions.iter().map(usize::to_string).collect();
                FlowDescription {
                    is_analytic: false,
                    ..about(
                        &format!("flip:{}", listed.join("+")),
                        "the negative gradient flow with its sign flipped in some eigendirections",
                        FlowLaw::Reversed { directions: directions.clone() },
                        FlowAlpha::Reversed(directions.clone()),
                    )
                }
            }
            Self::Alpha(expression) => FlowDescription {
                formula: Some(principal(false)),
                is_analytic: false,
                ..about(
                    &format!("alpha:{expression}"),
                    "with the α that is its name",
                    spectral(ThirdTerm::None),
                    FlowAlpha::Given(expression.clone()),
                )
            },
        }
    }
}

impl FlowDescription {
    /// The field, of gradient descent or of another optimizer; `None` where it has no short formula.
    #[must_use]
    pub fn formula_of(&self, descent: bool) -> Option<&Formula> {
        self.formula_of_descent.as_ref().filter(|_| descent).or(self.formula.as_ref())
    }

    /// α along an eigendirection, counted from that of the largest eigenvalue; see [`FlowDescription`].
    pub(crate) fn alpha_along(&self, direction: usize, subject: &Subject) -> Result<Alpha, FlowError> {
        Ok(match &self.alpha {
            FlowAlpha::Fixed(alpha) => alpha.clone(),
            FlowAlpha::Own => subject.alpha(&self.name)?,
            FlowAlpha::Series(order) => subject.series(*order)?,
            FlowAlpha::TwoSteps => Alpha::Given(Given(Arc::new(TwoSteps))),
            FlowAlpha::Given(expression) => Alpha::Given(Given(Arc::new(
                GivenAlpha::parse(expression).map_err(|e| FlowError::Loss(e.to_string()))?,
            ))),
            FlowAlpha::None => return Err(self.unsuitable(NO_FIELD.to_owned())),
            FlowAlpha::Reversed(directions) => {
                Alpha::Polynomial(vec![if directions.contains(&direction) { 1.0 } else { -1.0 }])
            }
        })
    }

    /// Whether the flow is the optimizer's principal flow, which follows one root of its characteristic polynomial.
    pub(crate) fn follows_one_root(&self) -> bool {
        self.alpha == FlowAlpha::Own && matches!(self.law, FlowLaw::Spectral(_) | FlowLaw::Closed)
    }

    /// What to say of a flow that is gradient descent's beside another optimizer.
    pub(crate) fn not_own(&self, subject: &Subject) -> Option<String> {
        let own = self.own.filter(|_| !subject.optimizer().is_gradient_descent())?;
        let (name, optimizer) = (&self.name, subject.optimizer().name());
        Some(format!("{name} is gradient descent's, to compare with; {own} is that of {optimizer}"))
    }

    /// What the flow needs of a loss.
    #[must_use]
    pub fn needs(&self) -> Capability {
        let polynomial = matches!(self.alpha, FlowAlpha::Series(_) | FlowAlpha::Fixed(Alpha::Polynomial(_)));
        match (&self.law, polynomial) {
            (FlowLaw::Gradient { .. }, _) => Capability::Gradient,
            (FlowLaw::Spectral(ThirdTerm::None), true) | (FlowLaw::PeriodTwo(_), _) => Capability::HessianAction,
            (FlowLaw::Spectral(_), true) => Capability::ThirdAction,
            (FlowLaw::Spectral(ThirdTerm::None), false) | (FlowLaw::Reversed { .. } | FlowLaw::Closed, _) => {
                Capability::Hessian
            }
            (FlowLaw::Spectral(_), false) => Capability::HessianThird,
            (FlowLaw::Truncated { .. }, _) => Capability::Series,
            (FlowLaw::Resummed { fourth, .. }, _) if *fourth => Capability::FourthTensor,
            (FlowLaw::Resummed { .. }, _) => Capability::ThirdTensor,
        }
    }

    /// What an error is for this flow: a model that lacks what it needs does not suit it.
    pub(super) fn refused(&self, error: FlowError) -> FlowError {
        match error {
            FlowError::Missing(capability) => {
                self.unsuitable(format!("it needs {capability}, which the model does not offer"))
            }
            other => other,
        }
    }

    /// Why the flow cannot be had.
    pub(super) fn unsuitable(&self, reason: String) -> FlowError {
        FlowError::Unsuitable { name: self.name.clone(), reason }
    }

    /// After how many steps of the optimizer the flow is compared with it.
    pub(super) fn steps(&self) -> usize {
        if matches!(self.law, FlowLaw::Resummed { steps: Steps::Two, .. }) { 2 } else { 1 }
    }
}

/// Why a flow of centre and oscillation is none of θ.
pub(super) const NO_FIELD: &str = "it is a flow of a centre and what oscillates about it, and has no field of θ; simulate follows it beside the iterates";

/// `log|1 − z|/z` on the real line, the real part of the logarithm's.
#[derive(Debug)]
struct TwoSteps;

impl SpectralFunction for TwoSteps {
    fn at(&self, z: Complex64) -> Option<Complex64> {
        let value = Alpha::Logarithm.at(z).re;
        value.is_finite().then(|| Complex64::from(value))
    }

    fn divided_difference(&self, u: Complex64, v: Complex64) -> Option<Complex64> {
        let value = divided_difference(u, v).re;
        value.is_finite().then(|| Complex64::from(value))
    }
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

/// `field − h² weight T[g, g]`.
fn with_third(field: Formula, weight: Formula) -> Formula {
    let term = Formula::beside(vec![Formula::from(Symbol::Step).power(2), weight, third()]);
    Formula::sum(vec![(false, field), (true, term)])
}

/// `−g − h/2 Hg − h² (1/3 H²g + 1/12 T[g, g])`.
fn third_order() -> Formula {
    let h = |power| Formula::from(Symbol::Step).power(power);
    let curved = |power| Formula::marks(vec![Mark::Hessians(power), Mark::Gradient]);
    let second = Formula::sum(vec![(false, over(3).before(curved(2))), (false, over(12).before(third()))]);
    let half = Formula::from(Symbol::Step).over(Formula::natural(2));
    Formula::sum(vec![(true, Symbol::Gradient.into()), (true, half.before(curved(1))), (true, h(2).before(second))])
}

/// `Σ_{n ≤ order} h^n f_n`.
fn truncated(order: usize) -> Formula {
    let index = Formula::name("n");
    let term = Formula::from(Symbol::Step).raised(index.clone()).before(Letter::AnyField("n").into());
    Formula::summed(index, '≤', Formula::natural(order as u64), term)
}

/// `−Σ_{p ≤ order} 1/(p + 1) (hH)^p g`.
fn principal_terms(order: usize) -> Formula {
    let p = Formula::name("p");
    let below = Formula::sum(vec![(false, p.clone()), (false, Formula::natural(1))]);
    let power = letters([Symbol::Step, Symbol::Hessian]).raised(p.clone());
    let term = Formula::beside(vec![Formula::natural(1).over(below), power, Symbol::Gradient.into()]);
    Formula::summed(p, '≤', Formula::natural(order as u64), term).negated()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_formulas() {
        let written = |name: &str, descent| {
            name.parse::<FlowName>().unwrap().describe().formula_of(descent).map(ToString::to_string)
        };
        assert_eq!(written("third", true).unwrap(), "-g - h/2 H g - h^2 (1/3 H^2 g + 1/12 T[g, g])");
        assert_eq!(written("pf", true).unwrap(), "log(1 - h H)/(h H) g");
        assert_eq!(written("pf+np3", false).unwrap(), "α(h H) g - h^2 c T[g, g]");
        assert_eq!(written("bea:4", true).unwrap(), "Σ_{n ≤ 4} h^n f_n");
        assert_eq!(written("principal:3", true).unwrap(), "-Σ_{p ≤ 3} 1/(p + 1) (h H)^p g");
        assert_eq!(written("rpf", true), None);
    }
}
