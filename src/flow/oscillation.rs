//! What drives a flow of a centre and what oscillates about it.

/// What drives the pair of centre and oscillation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeriodTwoLaw {
    /// `p2:N`: the equations of a step to order N, at most [`PeriodTwoLaw::MAX_ORDER`].
    Order(usize),
    /// `edge`: `ċ = −ḡ`, `ȧ = (λ̂ − 2/h) a`, the form of the edge flow.
    Edge,
    /// `central`: the central flow of the time average, `θ̇ = −g − ½ ∇⟨H, Σ⟩`.
    Central,
}

impl PeriodTwoLaw {
    /// The highest order: polynomials of higher degree lose more to rounding than they gain.
    pub const MAX_ORDER: usize = 8;

    /// The name of the flow.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Order(order) => format!("p2:{order}"),
            Self::Edge => "edge".to_owned(),
            Self::Central => "central".to_owned(),
        }
    }
}
