//! What the panels of a record show.

use super::super::{Axis, Look, Series};
use super::span::axis;
use crate::train::Column;

const LOSS: &str = Column::Loss.name();
const LAMBDA: &str = Column::Lambda.name();
const STABILITY_COEFFICIENTS: &str = Column::StabilityCoefficients.name();
const HG_NORM: &str = Column::HgNorm.name();
const DRIFT: &str = Column::Drift.name();
const GRADIENT_NEXT_ALONG_0: &str = Column::GradientNextAlong0.name();
const PREDICTED_GRADIENT_ALONG_0: &str = Column::PredictedGradientAlong0.name();
const ERROR: &str = Column::Error.name();
const FLOW_LAMBDA_0: &str = Column::FlowLambda0.name();
const MIDPOINT_LAMBDA_0: &str = Column::MidpointLambda0.name();
/// The edge of stability is shown where it is at most so many times the largest eigenvalue.
const EDGE_NEAR: f64 = 4.0;

/// What one panel shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum View {
    Loss,
    Sharpness,
    Coefficients,
    Drift,
    Predictions,
    Rates,
    Errors,
    /// A column over the steps, by its name.
    Column(String),
}

impl View {
    /// Those of a record of which nothing else is asked, in their order.
    pub(super) const USUAL: [View; 7] =
        [Self::Loss, Self::Sharpness, Self::Coefficients, Self::Drift, Self::Predictions, Self::Rates, Self::Errors];

    /// Its title, and the names of its axes.
    pub(super) fn names(&self) -> [&str; 3] {
        match self {
            Self::Loss => ["loss", "step", "loss"],
            Self::Sharpness => ["sharpness", "step", "eigenvalues $λ$"],
            Self::Coefficients => ["stability coefficients", "step", "real part"],
            Self::Drift => ["drift against $|Hg|$", "$|Hg|$", "drift of a step"],
            Self::Predictions => ["predictions of the next $g·u_0$", "measured", "predicted"],
            Self::Rates => ["learning rate", "step", "$h$"],
            Self::Errors => ["errors of the flows", "step", "error of one step"],
            Self::Column(name) => [name, "step", name],
        }
    }

    /// The columns without which there is nothing to show.
    pub(super) fn needs(&self) -> Vec<&str> {
        match self {
            Self::Loss => vec![LOSS],
            Self::Sharpness => vec![LAMBDA],
            Self::Coefficients => vec![STABILITY_COEFFICIENTS],
            Self::Drift => vec![HG_NORM, DRIFT],
            Self::Predictions => vec![GRADIENT_NEXT_ALONG_0, PREDICTED_GRADIENT_ALONG_0],
            Self::Rates => vec![],
            Self::Errors => vec![ERROR],
            Self::Column(name) => vec![name],
        }
    }

    /// Whether its values cannot be negative, so that zeros of them may be left out of a logarithm.
    fn zeros(&self) -> bool {
        match self {
            Self::Drift | Self::Errors => true,
            Self::Column(name) => name.starts_with(ERROR) || name.starts_with(DRIFT) || name.ends_with("_norm"),
            _ => false,
        }
    }

    /// Whether it shows eigenvalues, beside which 2/h stands.
    pub(super) fn is_sharpness(&self) -> bool {
        match self {
            Self::Sharpness => true,
            Self::Column(name) => {
                [LAMBDA, "lambda_0", MIDPOINT_LAMBDA_0].contains(&name.as_str()) || name.starts_with(FLOW_LAMBDA_0)
            }
            _ => false,
        }
    }

    /// Both axes for all panels that show this.
    ///
    /// `steps` are the first and the last step of all runs.
    pub(super) fn axes(&self, panels: &[Vec<Series>], (first, last): (f64, f64)) -> Option<(Axis, Axis)> {
        let [_, x_name, y_name] = self.names();
        let points = || panels.iter().flatten().filter(|s| !is_reference(s)).flat_map(|s| &s.points);
        match self {
            Self::Drift => {
                Some((axis(x_name, points().map(|p| p.0), true)?, axis(y_name, points().map(|p| p.1), true)?))
            }
            Self::Predictions => {
                // One scale for both: what was measured, and predictions that are not far beyond it.
                let (measured, predicted): (Vec<f64>, Vec<f64>) = points().copied().unzip();
                let ends = |of: &[f64]| of.iter().fold((0.0_f64, 0.0_f64), |(a, b), x| (a.min(*x), b.max(*x)));
                let (least, most) = ends(&measured);
                let size = if most > least { most - least } else { 1.0 };
                let (below, above) = ends(&predicted);
                let (low, high) = (least.min(below.max(least - 0.5 * size)), most.max(above.min(most + 0.5 * size)));
                let margin = 0.06 * (high - low).max(size);
                let of = |name: &str| Axis::new(name).range(low - margin, high + margin);
                Some((of(x_name), of(y_name)))
            }
            _ => {
                let margin = if last > first { 0.02 * (last - first) } else { 1.0 };
                let mut y = axis(y_name, points().map(|p| p.1), self.zeros())?;
                let references = panels.iter().flatten().filter(|s| is_reference(s)).flat_map(|s| &s.points);
                let (mut low, mut high) = y.range.unwrap_or_default();
                if self.is_sharpness() {
                    let edge = references.map(|p| p.1).filter(|e| e.is_finite());
                    let least = edge.clone().fold(f64::INFINITY, f64::min);
                    let near = edge.filter(|e| *e <= EDGE_NEAR * high);
                    high = near.fold(high, |high, e| high.max(1.08 * e));
                    // A small edge is what the eigenvalues are above.
                    if least > 0.0 && least < low && !y.log {
                        low = 0.0_f64.min(low);
                    }
                } else if *self == Self::Coefficients {
                    (low, high) = (low.min(-0.1), high.max(0.1));
                }
                y.range = Some((low, high));
                Some((Axis::new(x_name).range(first - margin, last + margin), y))
            }
        }
    }
}

/// Whether a series is no data, but where something would be.
pub(super) fn is_reference(series: &Series) -> bool {
    matches!(series.look, Look::Reference | Look::Trace)
}
