//! What a claim is about: its left side.

use super::ClaimError;
use crate::number::{Coefficient, Fraction, Rational};

/// The highest order of a claim: 12,486 trees.
pub const MAX_CLAIM_ORDER: usize = 12;

/// The left side of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// `f_n`, one order of the modified equation.
    Order(usize),
    /// `\dot\theta`, `theta'` or `f`: the modified equation up to the highest power of `h` claimed.
    Field,
    /// `alpha_…`, the function of `z = hλ` that acts along an eigendirection.
    Alpha(PrincipalFlow),
    /// `J_…`, the eigenvalue of the flow's Jacobian at a critical point, in `λ` and `h`: `λ α(hλ)`.
    Jacobian(PrincipalFlow),
}

/// A flow whose field is `α(hH) g` near a critical point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalFlow {
    /// The optimizer's own principal flow, `log(1−z)/z` for gradient descent.
    Principal,
    /// The negative gradient flow, `−1`.
    Ngf,
    /// The positive gradient flow, `1`.
    Pgf,
    /// Implicit gradient regularisation, `−(1 + z/2)`.
    Igr,
    /// The principal series to order n, `−Σ_{p≤n} z^p/(p+1)`.
    Series(usize),
}

impl PrincipalFlow {
    fn parse(name: &str) -> Option<Self> {
        let series = || {
            let order = ["bea:", "principal:", "bea(", "principal("].iter().find_map(|p| name.strip_prefix(p))?;
            order.trim_end_matches(')').parse().ok().filter(|n| *n <= MAX_CLAIM_ORDER)
        };
        Some(match name {
            "" | "pf" => Self::Principal,
            "ngf" => Self::Ngf,
            "pgf" => Self::Pgf,
            "igr" => Self::Igr,
            "third" => Self::Series(2),
            _ => Self::Series(series()?),
        })
    }

    /// α as a polynomial in `z` for the flows of gradient descent; `None` for the principal flow, which has logarithms.
    #[must_use]
    pub fn alpha(&self) -> Option<Fraction> {
        let order = match self {
            Self::Principal => return None,
            Self::Pgf => return Some(Fraction::one()),
            Self::Ngf => 0,
            Self::Igr => 1,
            Self::Series(n) => *n,
        };
        let z = Fraction::symbol("z");
        let (mut sum, mut power) = (Fraction::zero(), Fraction::one());
        for p in 0..=order {
            let below = i64::try_from(p).unwrap_or(i64::MAX) + 1;
            sum = sum.plus(&power.scaled(&Rational::new(-1, below)));
            power = power.times(&z);
        }
        Some(sum)
    }
}

impl Subject {
    /// Reads a left side, in plain text or LaTeX.
    pub(super) fn parse(text: &str) -> Result<Self, ClaimError> {
        let kept = |c: &char| !c.is_whitespace() && !matches!(c, '\\' | '{' | '}' | '$' | '&');
        let plain: String = text.chars().filter(kept).collect();
        let plain =
            ["mathrm", "text", "operatorname", "left", "right"].iter().fold(plain, |s, look| s.replace(look, ""));
        let start = text.len() - text.trim_start().len();
        let error = |message: String| ClaimError::new(start..text.trim_end().len().max(start), message);
        if matches!(plain.as_str(), "dottheta" | "dotθ" | "theta'" | "θ'" | "θ̇" | "f" | "tildef" | "f~") {
            return Ok(Self::Field);
        }
        if let Some(order) = plain.strip_prefix("f_").and_then(|n| n.parse::<usize>().ok()) {
            if order > MAX_CLAIM_ORDER {
                return Err(error(format!("order {order} is beyond the limit of {MAX_CLAIM_ORDER} for claims")));
            }
            return Ok(Self::Order(order));
        }
        let named = |prefixes: &[&str]| {
            let rest = prefixes.iter().find_map(|p| plain.strip_prefix(p))?;
            let rest = rest.split_once("(z)").map_or(rest, |(before, _)| before);
            PrincipalFlow::parse(&rest.trim_start_matches('_').to_ascii_lowercase())
        };
        if let Some(flow) = named(&["alpha", "α"]) {
            return Ok(Self::Alpha(flow));
        }
        if let Some(flow) = named(&["J_"]) {
            return Ok(Self::Jacobian(flow));
        }
        Err(error("this is no left side of a claim".to_owned()).expecting(
            "f_n, \\dot\\theta, theta', f, alpha, alpha_FLOW or J_FLOW with a flow pf, ngf, pgf, igr, third, bea:N or principal:N",
        ))
    }

    /// Whether the right side is a vector field.
    #[must_use]
    pub fn is_field(&self) -> bool {
        matches!(self, Self::Order(_) | Self::Field)
    }

    /// The symbols that the right side may hold besides hyper-parameters.
    pub(super) fn symbols(&self) -> &'static [&'static str] {
        match self {
            Self::Order(_) => &[],
            Self::Field => &["h"],
            Self::Alpha(_) => &["z"],
            Self::Jacobian(_) => &["lambda", "h"],
        }
    }
}
