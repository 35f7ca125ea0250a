//! What a claim is about: its left side.

use super::ClaimError;
use super::value::Form;
use crate::number::{Coefficient, Fraction, Rational};
use crate::series::limits::MAX_CLAIM_ORDER;

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
    /// `\tilde E`, the modified loss, whose negative gradient is the modified equation up to the highest power of `h`.
    Loss,
    /// `\tilde\theta(h)`, the modified flow after one step, in powers of `h`.
    Step,
    /// `E(\theta - h g)`, the loss after one step of gradient descent, in powers of `h`.
    Descent,
    /// `progress`, the relative progress `(E(θ − h g) − E(θ))/(h ‖g‖²)` along an eigendirection of a quadratic as a function
    /// of `z = hλ`, or at a value of it.
    Progress(Option<Rational>),
    /// `threshold`, the `hλ` up to which the optimizer is stable on a quadratic.
    Threshold,
    /// `theta(t)`, the principal flow from `θ_0` on `λθ²/2 + bθ`.
    Solution,
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

    /// The name as claims have it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Principal => "pf".to_owned(),
            Self::Ngf => "ngf".to_owned(),
            Self::Pgf => "pgf".to_owned(),
            Self::Igr => "igr".to_owned(),
            Self::Series(n) => format!("principal:{n}"),
        }
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

/// LaTeX commands on the left side that change the looks only.
const LOOKS: [&str; 14] = [
    "\\boldsymbol",
    "\\mathbf",
    "\\mathrm",
    "\\mathit",
    "\\mathcal",
    "\\operatorname",
    "\\displaystyle",
    "\\text",
    "\\left",
    "\\right",
    "\\bm",
    "\\pmb",
    "\\[",
    "\\(",
];

impl Subject {
    /// Reads a left side, in plain text or LaTeX.
    pub(super) fn parse(text: &str) -> Result<Self, ClaimError> {
        let start = text.len() - text.trim_start().len();
        let error = |message: String| ClaimError::new(start..text.trim_end().len().max(start), message);
        let plain = plain(text);
        // f(θ) is f: formulas of papers write the argument or not.
        let arguments = ["(theta)", "(tildetheta)", "(theta_t)", "(theta_t-1)", "(theta^*)"];
        let bare = arguments.iter().find_map(|a| plain.strip_suffix(a)).unwrap_or(&plain);
        match bare.trim_start_matches("tilde") {
            "dottheta" | "dottildetheta" | "theta'" | "tildetheta'" | "f" | "f_n" | "f_h" | "dtheta/dt"
            | "fracdthetadt" | "fracdtildethetadt" | "dtildetheta/dt" => return Ok(Self::Field),
            "E" if bare.starts_with("tilde") => return Ok(Self::Loss),
            _ => {}
        }
        match plain.as_str() {
            "tildetheta(h)" => return Ok(Self::Step),
            "E(theta-hg)" | "E(theta-hnablaE)" | "E(theta-hnabla_thetaE)" => return Ok(Self::Descent),
            "threshold" | "hlambda_max" | "hlambda_0" => return Ok(Self::Threshold),
            "theta(t)" => return Ok(Self::Solution),
            "progress" | "progress(z)" => return Ok(Self::Progress(None)),
            _ => {}
        }
        if let Some(place) = plain.strip_prefix("progress(").and_then(|p| p.strip_suffix(')')) {
            let place = place.parse().map_err(|e: crate::number::ParseRationalError| error(e.to_string()))?;
            return Ok(Self::Progress(Some(place)));
        }
        if let Some(order) = bare.trim_start_matches("tilde").strip_prefix("f_").and_then(|n| n.parse::<usize>().ok()) {
            if order > MAX_CLAIM_ORDER {
                return Err(error(format!("order {order} is beyond the limit of {MAX_CLAIM_ORDER} for claims")));
            }
            return Ok(Self::Order(order));
        }
        let named = |prefix: &str| {
            let rest = bare.strip_prefix(prefix)?;
            let arguments =
                ["(z)", "(hlambda)", "(hlambda_i)", "(hlambda_0)", "(hlambda_i^*)", "(lambda)", "(lambda_i)"];
            let rest = arguments.iter().find_map(|a| rest.strip_suffix(a)).unwrap_or(rest);
            PrincipalFlow::parse(&rest.trim_start_matches('_').to_ascii_lowercase())
        };
        if let Some(flow) = named("alpha") {
            return Ok(Self::Alpha(flow));
        }
        if let Some(flow) = named("J_") {
            return Ok(Self::Jacobian(flow));
        }
        Err(error("this is no left side of a claim".to_owned()).expecting(hint(bare).unwrap_or_else(|| {
            "f_n, \\dot\\theta, theta', f, \\tilde E, \\tilde\\theta(h), E(theta - h g), threshold, progress, theta(t), alpha, \
             alpha_FLOW or J_FLOW with a flow pf, ngf, pgf, igr, third, bea:N or principal:N"
                .to_owned()
        })))
    }

    /// Whether the right side may hold this.
    pub(super) fn takes(&self, form: &Form) -> bool {
        match self {
            Self::Order(_) => matches!(form, Form::Vector(_)),
            Self::Field => matches!(form, Form::Vector(_) | Form::Unknown(_)),
            Self::Step => matches!(form, Form::Vector(_) | Form::Unknown(_) | Form::Point),
            Self::Loss | Self::Descent => matches!(form, Form::Energy(_)),
            _ => form == &Form::Scalar,
        }
    }

    /// What the right side has to be.
    pub(super) fn expected(&self) -> &'static str {
        match self {
            Self::Order(_) | Self::Field | Self::Step => "a sum of vectors such as `H g`",
            Self::Loss | Self::Descent => "a function such as `E + h/4 ||g||^2`",
            Self::Alpha(_) | Self::Progress(_) => "a number in z, or in λ and h",
            Self::Jacobian(_) => "a number in λ and h",
            Self::Threshold => "a number, or `\\infty`",
            Self::Solution => "a number in t, h, λ, θ_0 and b",
        }
    }

    /// Whether the right side is compared term by term, by powers of h.
    pub(super) fn is_expansion(&self) -> bool {
        matches!(self, Self::Order(_) | Self::Field | Self::Loss | Self::Step | Self::Descent)
    }

    /// The symbols that the right side may hold besides hyper-parameters.
    pub(super) fn symbols(&self) -> &'static [&'static str] {
        match self {
            Self::Order(_) => &[],
            Self::Field | Self::Loss | Self::Descent => &["h"],
            Self::Step => &["h", "theta"],
            Self::Alpha(_) | Self::Progress(_) => &["z", "h", "lambda"],
            Self::Jacobian(_) => &["lambda", "h"],
            Self::Threshold => &["infty"],
            Self::Solution => &["t", "h", "lambda", "theta_0", "b"],
        }
    }
}

/// What a left side was meant to be, if it is close to one.
fn hint(bare: &str) -> Option<String> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unmarked = bare.trim_start_matches("tilde");
    let order = ["f^", "f(", "f[", "F_", "F", "f"].iter().find_map(|p| unmarked.strip_prefix(p));
    let order = order.map(|n| n.trim_matches(|c: char| !c.is_ascii_digit())).filter(|n| digits(n) && n.len() < 4);
    if let Some(n) = order {
        return Some(format!("`f_{n} = …`, the order n behind an underscore"));
    }
    if let Some(variable) = bare.strip_prefix("dot").filter(|v| !v.is_empty() && v.len() < 24) {
        return Some(format!(
            "\\dot\\theta: the parameters are called θ; give your own letter in `claim::Letters`, as θ={}",
            variable.trim_start_matches("tilde")
        ));
    }
    let known = [
        "f",
        "alpha",
        "threshold",
        "progress",
        "alpha_pf",
        "alpha_ngf",
        "alpha_igr",
        "alpha_third",
        "J_pf",
        "J_ngf",
        "J_igr",
        "J_third",
        "theta(t)",
        "dtheta/dt",
        "theta'",
    ];
    crate::loss::nearest(bare, known).map(|close| format!("`{close}`: did you mean it?"))
}

/// A left side without looks, in plain letters.
fn plain(text: &str) -> String {
    let mut plain = text.to_owned();
    for look in LOOKS {
        // `\leftarrow` and the like are no `\left`, and no left side either.
        plain = plain.replace(look, "");
    }
    let kept = |c: &char| !c.is_whitespace() && !matches!(c, '\\' | '{' | '}' | '$' | '&' | ',' | '!');
    let spelt = |c: char| match c {
        'θ' => "theta".to_owned(),
        'λ' => "lambda".to_owned(),
        'α' | 'ɑ' => "alpha".to_owned(),
        'ω' => "omega".to_owned(),
        '∇' => "nabla".to_owned(),
        '−' | '–' => "-".to_owned(),
        other => other.to_string(),
    };
    let plain: String = plain.chars().filter(kept).map(spelt).collect();
    // Combining marks stand after their letter.
    let marks = [
        ("theta\u{303}", "tildetheta"),
        ("theta\u{307}", "dottheta"),
        ("Ẽ", "tildeE"),
        ("E\u{303}", "tildeE"),
        ("f\u{303}", "tildef"),
        ("E~", "tildeE"),
        ("f~", "tildef"),
        ("theta~", "tildetheta"),
        ("widetilde", "tilde"),
    ];
    marks.iter().fold(plain, |plain, (mark, word)| plain.replace(mark, word))
}
