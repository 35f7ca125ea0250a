//! What a record may hold.

/// A column of a record, besides those that say which row it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    /// `E(θ)`.
    Loss,
    /// The share of the rows that a classifier tells right.
    Accuracy,
    /// E on the data that `test` gives.
    TestLoss,
    /// The share of those rows that are told right.
    TestAccuracy,
    /// `‖g‖`.
    GradientNorm,
    /// `‖Hg‖`.
    HgNorm,
    /// `‖Hĝ‖` with `ĝ = g/‖g‖`.
    HghatNorm,
    /// The largest eigenvalues `λ_0 ≥ λ_1 ≥ …` of H.
    Lambda,
    /// `gᵀu_i ≥ 0`.
    GradientAlong,
    /// `α(hλ_i) gᵀu_i`, α gradient descent's.
    StabilityCoefficients,
    /// The step size h of the step from this row.
    LearningRate,
    /// The smallest and the largest of the parameters' step sizes.
    LearningRatesMinMax,
    /// `‖θ_{t+1} − θ_t‖`.
    UpdateNorm,
    /// The distance from `θ_{t+1}` of the negative gradient flow after the time h from `θ_t`.
    Drift,
    /// `(E(θ − h g) − E(θ)) / (h ‖g‖²)`.
    RelativeProgress,
    /// `g(θ_{t+1})ᵀu_0` with `u_0` of `θ_t`.
    GradientNextAlong0,
    /// What flows predict of it.
    PredictedGradientAlong0,
    /// The distance from `θ_{t+1}` of each flow after the time h from `θ_t`.
    Error,
    /// E at each flow's end.
    FlowLoss,
    /// The loss on the batch of the step from this row.
    BatchLoss,
    /// `λ_0` at each flow's end.
    FlowLambda0,
    /// `θᵀu_0`, with the sign of `u_0` kept from row to row.
    ThetaAlong0,
    /// `(h²/12) ‖T[g, g]‖`.
    Np3Norm,
    /// `(h²/12) T[g, g]ᵀu_0`.
    Np3Along0,
    /// `gᵀα(hH)g` of three flows.
    LossRate,
    /// `(h²/2) max ‖Hg‖` along the negative gradient flow.
    DriftBound,
    /// `2/(h ‖Hĝ‖)`.
    SignalToNoise,
    /// E at `(θ_{t−1} + 2θ_t + θ_{t+1})/4`.
    MidpointLoss,
    /// `λ_0` there.
    MidpointLambda0,
    /// How far the other optimizers' iterates are from this one.
    Distance,
    /// `E + (h/4) ‖g‖²`.
    ModifiedLoss,
    /// `(h²/2) ‖Hg‖` over the drift.
    F1Share,
}

/// What the cell of a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A number for each eigenvalue tracked.
    List,
    /// A complex number for each of them.
    ComplexList,
    /// Two numbers.
    Pair,
    /// A number for each name.
    Named,
    /// A complex number for each name.
    ComplexNamed,
}

/// Which names a cell by names has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// None.
    None,
    /// The flows of the run.
    Flows,
    /// `ngf`, `igr` and `pf`.
    Three,
    /// The other optimizers.
    Optimizers,
}

impl Column {
    /// All, in the order of records.
    pub const ALL: [Column; 32] = [
        Self::Loss,
        Self::Accuracy,
        Self::TestLoss,
        Self::TestAccuracy,
        Self::GradientNorm,
        Self::HgNorm,
        Self::HghatNorm,
        Self::Lambda,
        Self::GradientAlong,
        Self::StabilityCoefficients,
        Self::LearningRate,
        Self::LearningRatesMinMax,
        Self::UpdateNorm,
        Self::Drift,
        Self::RelativeProgress,
        Self::GradientNextAlong0,
        Self::PredictedGradientAlong0,
        Self::Error,
        Self::FlowLoss,
        Self::BatchLoss,
        Self::FlowLambda0,
        Self::ThetaAlong0,
        Self::Np3Norm,
        Self::Np3Along0,
        Self::LossRate,
        Self::DriftBound,
        Self::SignalToNoise,
        Self::MidpointLoss,
        Self::MidpointLambda0,
        Self::Distance,
        Self::ModifiedLoss,
        Self::F1Share,
    ];

    /// The name in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Accuracy => "accuracy",
            Self::TestLoss => "test_loss",
            Self::TestAccuracy => "test_accuracy",
            Self::GradientNorm => "gradient_norm",
            Self::HgNorm => "hg_norm",
            Self::HghatNorm => "hghat_norm",
            Self::Lambda => "lambda",
            Self::GradientAlong => "gradient_along",
            Self::StabilityCoefficients => "stability_coefficients",
            Self::LearningRate => "learning_rate",
            Self::LearningRatesMinMax => "learning_rates_min_max",
            Self::UpdateNorm => "update_norm",
            Self::Drift => "drift",
            Self::RelativeProgress => "relative_progress",
            Self::GradientNextAlong0 => "gradient_next_along_0",
            Self::PredictedGradientAlong0 => "predicted_gradient_along_0",
            Self::Error => "error",
            Self::FlowLoss => "flow_loss",
            Self::BatchLoss => "batch_loss",
            Self::FlowLambda0 => "flow_lambda_0",
            Self::ThetaAlong0 => "theta_along_0",
            Self::Np3Norm => "np3_norm",
            Self::Np3Along0 => "np3_along_0",
            Self::LossRate => "loss_rate",
            Self::DriftBound => "drift_bound",
            Self::SignalToNoise => "signal_to_noise",
            Self::MidpointLoss => "midpoint_loss",
            Self::MidpointLambda0 => "midpoint_lambda_0",
            Self::Distance => "distance",
            Self::ModifiedLoss => "modified_loss",
            Self::F1Share => "f1_share",
        }
    }

    /// What its cells hold.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Lambda | Self::GradientAlong => Kind::List,
            Self::StabilityCoefficients => Kind::ComplexList,
            Self::LearningRatesMinMax => Kind::Pair,
            Self::PredictedGradientAlong0 | Self::Error | Self::Distance => Kind::Named,
            Self::FlowLoss | Self::FlowLambda0 | Self::LossRate => Kind::ComplexNamed,
            _ => Kind::Number,
        }
    }

    /// Which names its cells have.
    #[must_use]
    pub fn names(self) -> Names {
        match self {
            Self::Error | Self::FlowLoss | Self::FlowLambda0 => Names::Flows,
            Self::PredictedGradientAlong0 | Self::LossRate => Names::Three,
            Self::Distance => Names::Optimizers,
            _ => Names::None,
        }
    }

    /// The columns that are taken along eigenvectors of the Hessian.
    pub const ALONG_DIRECTIONS: [Self; 6] = [
        Self::GradientAlong,
        Self::StabilityCoefficients,
        Self::GradientNextAlong0,
        Self::PredictedGradientAlong0,
        Self::ThetaAlong0,
        Self::Np3Along0,
    ];

    /// Whether it tells of a state and of no step from it, so that the last row of a run has it, and those of branches do.
    #[must_use]
    pub fn is_of_state(self) -> bool {
        matches!(
            self,
            Self::Loss
                | Self::Accuracy
                | Self::TestLoss
                | Self::TestAccuracy
                | Self::GradientNorm
                | Self::HgNorm
                | Self::HghatNorm
                | Self::Lambda
                | Self::GradientAlong
                | Self::ThetaAlong0
                | Self::BatchLoss
                | Self::Distance
        )
    }

    /// Whether it is recorded unless something else is asked for; with or without flows.
    #[must_use]
    pub fn is_usual(self, flows: bool) -> bool {
        match self {
            Self::Error | Self::FlowLoss => flows,
            Self::LearningRatesMinMax => false,
            _ => self <= Self::BatchLoss,
        }
    }

    /// The column of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }

    /// The columns that a list of names asks for: `none`, `all`, or names.
    ///
    /// # Errors
    /// A name that no column has.
    pub fn list(names: &[String]) -> Result<Vec<Self>, String> {
        match names {
            [one] if one == "none" => return Ok(Vec::new()),
            [one] if one == "all" => {
                return Ok(Self::ALL.into_iter().filter(|c| *c != Self::LearningRatesMinMax).collect());
            }
            _ => {}
        }
        let mut found = names
            .iter()
            .map(|name| {
                if matches!(name.as_str(), "none" | "all") {
                    return Err(format!("`{name}` stands alone, without names of columns beside it"));
                }
                Self::named(name).ok_or_else(|| {
                    let close = crate::loss::nearest(name, Self::ALL.map(Self::name));
                    let meant = close.map_or_else(|| ".".to_owned(), |c| format!("; did you mean `{c}`?"));
                    format!(
                        "`{name}` is no column{meant} There are none, all, and {}",
                        Self::ALL.map(Self::name).join(", ")
                    )
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}
