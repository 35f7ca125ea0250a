//! The names of flows.

use super::derivatives::Capability;
use super::given::GivenAlpha;
use super::oscillation::PeriodTwoLaw;
use std::fmt;
use std::str::FromStr;

/// The largest order that a name may ask for.
const MAX_ORDER: usize = 1000;

/// A flow, as users name it.
///
/// ```
/// use shadowflow::flow::FlowName;
/// let flow: FlowName = "bea:4".parse()?;
/// assert_eq!(flow, FlowName::Bea(4));
/// assert_eq!(flow.to_string(), "bea:4");
/// # Ok::<(), shadowflow::flow::FlowError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FlowName {
    /// `ngf`: the negative gradient flow, `−g`.
    Ngf,
    /// `pgf`: the positive gradient flow, `g`.
    Pgf,
    /// `igr`: implicit gradient regularisation, `−g − h/2 Hg`.
    Igr,
    /// `third`: the third order flow, `−g − h/2 Hg − h² (1/3 H²g + 1/12 T[g,g])`.
    Third,
    /// `bea:N`: all terms to order N, `Σ_{n≤N} h^n f_n`.
    Bea(usize),
    /// `principal:N`: the principal series to order N, `−Σ_{p≤N} (hH)^p g/(p+1)`.
    Principal(usize),
    /// `pf`: the principal flow, `log(1 − hH)/(hH) g`.
    Pf,
    /// `pf+np3`: the principal flow with the third order non-principal term, `− h²/12 T[g,g]`.
    PfNp3,
    /// `rpf`: the principal flow with all terms that hold exactly one third derivative.
    Rpf,
    /// `rpf:4`: the same with all terms that hold exactly one fourth derivative.
    Rpf4,
    /// `rpf2`: the real flow of two steps, with the terms of `rpf` and `log|1 − hλ|` in the place of the logarithm.
    Rpf2,
    /// `alpha:EXPR`: `α(hH) g` with an α that the user gives, an expression in z of the loss language.
    Alpha(String),
    /// `exact`: the closed solution of the principal flow on a quadratic.
    Exact,
    /// `p2:N`: the period-two flow of order N, a centre and what oscillates about it.
    P2(usize),
    /// `edge`: its order 0 with the growth `λ̂ − 2/h`, the form of the edge flow.
    Edge,
    /// `central`: the central flow, of the time average of the iterates.
    Central,
    /// `flip:0+2`: the negative gradient flow with the sign flipped in these eigendirections, 0 that of the largest eigenvalue.
    Flip(Vec<usize>),
}

/// Why a flow cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FlowError {
    /// No flow has this name.
    #[error("unknown flow `{name}`{}; known flows are {}", suggestion.map_or(String::new(), |s| format!(", did you mean `{s}`?")), known())]
    Unknown {
        /// The name received.
        name: String,
        /// The closest known name.
        suggestion: Option<&'static str>,
    },
    /// The part after the colon does not fit.
    #[error("`{name}` is no flow: {reason}")]
    Argument {
        /// The name received.
        name: String,
        /// What is expected of its argument.
        reason: String,
    },
    /// The flow is not defined for this loss.
    #[error("the flow `{name}` does not fit this loss: {reason}")]
    Unsuitable {
        /// The flow.
        name: String,
        /// What it needs.
        reason: String,
    },
    /// The model does not offer it.
    #[error("the model does not offer {0}")]
    Missing(Capability),
    /// What the flow needs of the loss cannot be computed.
    #[error("{0}")]
    Loss(String),
    /// A number that describes the run does not fit.
    #[error("{0}")]
    Setting(String),
}

/// The name of the closed solution.
pub(super) const EXACT: &str = "exact";

impl FlowError {
    /// What the closed solution says of other losses.
    pub(super) fn needs_quadratic() -> Self {
        let reason = "it needs a quadratic, a polynomial of degree 2 at most".to_owned();
        Self::Unsuitable { name: EXACT.to_owned(), reason }
    }
}

/// How the error messages list the flows.
fn known() -> String {
    let [numbered @ .., given] = &FlowName::PATTERNS;
    format!("{} (with numbers for N, I and J) and {given} (an expression in z)", numbered.join(", "))
}

impl FromStr for FlowName {
    type Err = FlowError;

    fn from_str(text: &str) -> Result<Self, FlowError> {
        let (head, argument) = match text.split_once(':') {
            Some((head, argument)) => (head, Some(argument)),
            None => (text, None),
        };
        let wrong = |reason: &str| FlowError::Argument { name: text.to_owned(), reason: reason.to_owned() };
        let number = |digits: &str| -> Option<usize> {
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            digits.parse().ok().filter(|n| *n <= MAX_ORDER)
        };
        let order = || {
            argument.and_then(number).ok_or_else(|| {
                wrong(&format!("an order from 0 to {MAX_ORDER} must follow the colon, as in `{head}:4`"))
            })
        };
        match (head, argument) {
            ("ngf", None) => Ok(Self::Ngf),
            ("pgf", None) => Ok(Self::Pgf),
            ("igr", None) => Ok(Self::Igr),
            ("third", None) => Ok(Self::Third),
            ("pf", None) => Ok(Self::Pf),
            ("pf+np3", None) => Ok(Self::PfNp3),
            (EXACT, None) => Ok(Self::Exact),
            ("bea", _) => Ok(Self::Bea(order()?)),
            ("principal", _) => Ok(Self::Principal(order()?)),
            ("flip", _) => {
                let list: Option<Vec<usize>> = argument.and_then(|a| a.split('+').map(number).collect());
                let mut list = list.ok_or_else(|| {
                    wrong(&format!(
                        "indices of eigendirections up to {MAX_ORDER} must follow the colon, as in `flip:0+2`"
                    ))
                })?;
                list.sort_unstable();
                list.dedup();
                Ok(Self::Flip(list))
            }
            ("rpf", None) => Ok(Self::Rpf),
            ("rpf", Some("4")) => Ok(Self::Rpf4),
            ("rpf", Some(_)) => Err(wrong("the resummed flows are `rpf`, `rpf:4` and `rpf2`")),
            ("rpf2", None) => Ok(Self::Rpf2),
            ("p2", _) => match argument.and_then(number).filter(|n| *n <= PeriodTwoLaw::MAX_ORDER) {
                Some(order) => Ok(Self::P2(order)),
                None => Err(wrong(&format!(
                    "an order from 0 to {} must follow the colon, as in `p2:1`",
                    PeriodTwoLaw::MAX_ORDER
                ))),
            },
            ("edge", None) => Ok(Self::Edge),
            ("central", None) => Ok(Self::Central),
            ("alpha", _) => {
                let expression = argument.unwrap_or("").trim();
                match GivenAlpha::parse(expression) {
                    Ok(_) => Ok(Self::Alpha(expression.to_owned())),
                    Err(reason) => Err(wrong(&reason.to_string())),
                }
            }
            ("ngf" | "pgf" | "igr" | "third" | "pf" | "pf+np3" | "rpf2" | "edge" | "central" | EXACT, Some(_)) => {
                Err(wrong(&format!("`{head}` takes no argument")))
            }
            _ => Err(FlowError::Unknown { name: text.to_owned(), suggestion: suggest(head) }),
        }
    }
}

/// The known name closest to this head, if any is close.
fn suggest(head: &str) -> Option<&'static str> {
    let bare = |pattern: &'static str| pattern.split(':').next().unwrap_or(pattern);
    let close = crate::loss::nearest(head, FlowName::PATTERNS.map(bare))?;
    FlowName::PATTERNS.into_iter().find(|pattern| bare(pattern) == close)
}

impl fmt::Display for FlowName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe().name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for name in [
            "ngf",
            "pgf",
            "igr",
            "third",
            "bea:0",
            "bea:12",
            "principal:7",
            "pf",
            "pf+np3",
            "exact",
            "flip:0+2",
            "rpf",
            "rpf:4",
        ]
        .into_iter()
        .chain(["rpf2", "p2:0", "p2:8", "edge", "central", "alpha:-1", "alpha:log(1-z)/z"])
        {
            assert_eq!(name.parse::<FlowName>().map(|f| f.to_string()), Ok(name.to_owned()));
        }
        assert_eq!("flip:2+0+2".parse(), Ok(FlowName::Flip(vec![0, 2])));
    }

    #[test]
    fn errors_say_what_to_do() {
        let message = |name: &str| name.parse::<FlowName>().unwrap_err().to_string();
        for name in ["pff", "NGF", "pf+np", "nfg", "principle:3", "", "什么", "x", &"y".repeat(1_000_000)] {
            let message = message(name);
            assert!(message.contains("ngf") && message.contains("pf+np3"), "{message}");
        }
        assert!(message("NGF").contains("did you mean `ngf`"));
        assert!(message("pf+np").contains("did you mean `pf+np3`"));
        assert!(message("principle:3").contains("did you mean `principal:N`"));
        assert!(message("rpff").contains("did you mean `rpf`"));
        assert!(message("rpf:3").contains("`rpf:4`"));
        assert!(message("alpha:log(1-y)").contains('y'));
        for name in [
            "bea",
            "bea:",
            "bea:x",
            "bea:-1",
            "bea:1001",
            "bea:+4",
            "principal:99999999999999999999",
            "flip:",
            "flip:0,2",
            "rpf:5",
            "rpf2:4",
            "p2",
            "p2:9",
            "edge:1",
            "alpha",
            "alpha:",
            "alpha:1 +",
            "ngf:1",
        ] {
            assert!(matches!(name.parse::<FlowName>(), Err(FlowError::Argument { .. })), "{name}");
        }
    }
}
