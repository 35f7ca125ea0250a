//! The columns of a record of training, by name: who writes one and who reads one has them from here.

/// What stands in a column, row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A word, such as the optimizer's name.
    Text,
    /// A number.
    Number,
    /// Numbers in their order, as the eigenvalues.
    List,
    /// Complex numbers in their order.
    ComplexList,
    /// A number for each name, as of flows.
    Map,
    /// A complex number for each name.
    ComplexMap,
    /// The codes of warnings.
    Codes,
}

impl Kind {
    /// Whether it has members with keys of their own, each one field of a CSV row or two.
    #[must_use]
    pub fn has_members(self) -> bool {
        matches!(self, Self::List | Self::ComplexList | Self::Map | Self::ComplexMap)
    }

    /// Whether its numbers have a real and an imaginary part.
    #[must_use]
    pub fn is_complex(self) -> bool {
        matches!(self, Self::ComplexList | Self::ComplexMap)
    }
}

/// A column of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name: the member of a JSON row, and what the names of its CSV fields begin with.
    pub name: &'static str,
    /// What stands in it.
    pub kind: Kind,
    /// What it is, in a few words.
    pub about: &'static str,
}

/// `step`: the step t, from 0; what the row holds of the state is at θ_t.
pub const STEP: &str = "step";
/// `optimizer`: the optimizer's name.
pub const OPTIMIZER: &str = "optimizer";
/// `h_setting`: which step size of a list of several.
pub const H_SETTING: &str = "h_setting";
/// `seed`: which seed of a list of several.
pub const SEED: &str = "seed";
/// `branch`: the flow of a branch; none in the optimizer's own rows.
pub const BRANCH: &str = "branch";
/// `from`: the step that a branch starts from.
pub const FROM: &str = "from";
/// `loss`: E(θ_t).
pub const LOSS: &str = "loss";
/// `accuracy`: the share of rows that are told right.
pub const ACCURACY: &str = "accuracy";
/// `test_loss`: the loss on the test data.
pub const TEST_LOSS: &str = "test_loss";
/// `test_accuracy`: the accuracy on the test data.
pub const TEST_ACCURACY: &str = "test_accuracy";
/// `gradient_norm`: ‖g‖.
pub const GRADIENT_NORM: &str = "gradient_norm";
/// `hg_norm`: ‖Hg‖.
pub const HG_NORM: &str = "hg_norm";
/// `hghat_norm`: ‖Hĝ‖ with ĝ = g/‖g‖.
pub const HGHAT_NORM: &str = "hghat_norm";
/// `lambda`: the largest eigenvalues of the Hessian.
pub const LAMBDA: &str = "lambda";
/// `gradient_along`: the gradient along their eigenvectors.
pub const GRADIENT_ALONG: &str = "gradient_along";
/// `stability_coefficients`: the stability coefficients along them.
pub const STABILITY_COEFFICIENTS: &str = "stability_coefficients";
/// `learning_rate`: the step size of the step from θ_t.
pub const LEARNING_RATE: &str = "learning_rate";
/// `learning_rates_min_max`: the smallest and the largest step size of a parameter.
pub const LEARNING_RATES_MIN_MAX: &str = "learning_rates_min_max";
/// `update_norm`: ‖θ_{t+1} − θ_t‖.
pub const UPDATE_NORM: &str = "update_norm";
/// `drift`: the distance of the step from the negative gradient flow.
pub const DRIFT: &str = "drift";
/// `relative_progress`: (E(θ_{t+1}) − E(θ_t))/(h‖g‖²).
pub const RELATIVE_PROGRESS: &str = "relative_progress";
/// `gradient_next_along_0`: the next gradient along u_0 of this step.
pub const GRADIENT_NEXT_ALONG_0: &str = "gradient_next_along_0";
/// `predicted_gradient_along_0`: what flows predict of it.
pub const PREDICTED_GRADIENT_ALONG_0: &str = "predicted_gradient_along_0";
/// `error`: the distance of each flow from the optimizer after one step.
pub const ERROR: &str = "error";
/// `flow_loss`: E at the complex state of each flow after one step.
pub const FLOW_LOSS: &str = "flow_loss";
/// `batch_loss`: the loss of the batch that the step takes.
pub const BATCH_LOSS: &str = "batch_loss";
/// `flow_lambda_0`: the largest eigenvalue at the state of each flow after one step.
pub const FLOW_LAMBDA_0: &str = "flow_lambda_0";
/// `theta_along_0`: θ_t along u_0.
pub const THETA_ALONG_0: &str = "theta_along_0";
/// `np3_norm`: (h²/12)‖T[g,g]‖.
pub const NP3_NORM: &str = "np3_norm";
/// `np3_along_0`: the non-principal term along u_0.
pub const NP3_ALONG_0: &str = "np3_along_0";
/// `loss_rate`: how fast flows lower the loss.
pub const LOSS_RATE: &str = "loss_rate";
/// `drift_bound`: (h²/2) max‖Hg‖ along the negative gradient flow.
pub const DRIFT_BOUND: &str = "drift_bound";
/// `signal_to_noise`: 2/(h‖Hĝ‖).
pub const SIGNAL_TO_NOISE: &str = "signal_to_noise";
/// `midpoint_loss`: the loss of the second-order average of iterates.
pub const MIDPOINT_LOSS: &str = "midpoint_loss";
/// `midpoint_lambda_0`: its sharpness.
pub const MIDPOINT_LAMBDA_0: &str = "midpoint_lambda_0";
/// `distance`: the distance from other runs, or of a branch from its run.
pub const DISTANCE: &str = "distance";
/// `modified_loss`: E + (h/4)‖g‖².
pub const MODIFIED_LOSS: &str = "modified_loss";
/// `f1_share`: (h²/2)‖Hg‖ as a share of the drift.
pub const F1_SHARE: &str = "f1_share";
/// `warnings`: codes of what cannot be trusted in the row.
pub const WARNINGS: &str = "warnings";

/// All columns, in the order in which a row has them.
pub const COLUMNS: &[Column] = &[
    Column { name: STEP, kind: Kind::Number, about: "the step t, from 0; what the row holds of the state is at θ_t" },
    Column { name: OPTIMIZER, kind: Kind::Text, about: "the optimizer's name" },
    Column { name: H_SETTING, kind: Kind::Text, about: "which step size of a list of several" },
    Column { name: SEED, kind: Kind::Text, about: "which seed of a list of several" },
    Column { name: BRANCH, kind: Kind::Text, about: "the flow of a branch; none in the optimizer's own rows" },
    Column { name: FROM, kind: Kind::Number, about: "the step that a branch starts from" },
    Column { name: LOSS, kind: Kind::Number, about: "E(θ_t)" },
    Column { name: ACCURACY, kind: Kind::Number, about: "the share of rows that are told right" },
    Column { name: TEST_LOSS, kind: Kind::Number, about: "the loss on the test data" },
    Column { name: TEST_ACCURACY, kind: Kind::Number, about: "the accuracy on the test data" },
    Column { name: GRADIENT_NORM, kind: Kind::Number, about: "‖g‖" },
    Column { name: HG_NORM, kind: Kind::Number, about: "‖Hg‖" },
    Column { name: HGHAT_NORM, kind: Kind::Number, about: "‖Hĝ‖ with ĝ = g/‖g‖" },
    Column { name: LAMBDA, kind: Kind::List, about: "the largest eigenvalues of the Hessian" },
    Column { name: GRADIENT_ALONG, kind: Kind::List, about: "the gradient along their eigenvectors" },
    Column { name: STABILITY_COEFFICIENTS, kind: Kind::ComplexList, about: "the stability coefficients along them" },
    Column { name: LEARNING_RATE, kind: Kind::Number, about: "the step size of the step from θ_t" },
    Column {
        name: LEARNING_RATES_MIN_MAX,
        kind: Kind::List,
        about: "the smallest and the largest step size of a parameter",
    },
    Column { name: UPDATE_NORM, kind: Kind::Number, about: "‖θ_{t+1} − θ_t‖" },
    Column { name: DRIFT, kind: Kind::Number, about: "the distance of the step from the negative gradient flow" },
    Column { name: RELATIVE_PROGRESS, kind: Kind::Number, about: "(E(θ_{t+1}) − E(θ_t))/(h‖g‖²)" },
    Column { name: GRADIENT_NEXT_ALONG_0, kind: Kind::Number, about: "the next gradient along u_0 of this step" },
    Column { name: PREDICTED_GRADIENT_ALONG_0, kind: Kind::Map, about: "what flows predict of it" },
    Column { name: ERROR, kind: Kind::Map, about: "the distance of each flow from the optimizer after one step" },
    Column { name: FLOW_LOSS, kind: Kind::ComplexMap, about: "E at the complex state of each flow after one step" },
    Column { name: BATCH_LOSS, kind: Kind::Number, about: "the loss of the batch that the step takes" },
    Column {
        name: FLOW_LAMBDA_0,
        kind: Kind::ComplexMap,
        about: "the largest eigenvalue at the state of each flow after one step",
    },
    Column { name: THETA_ALONG_0, kind: Kind::Number, about: "θ_t along u_0" },
    Column { name: NP3_NORM, kind: Kind::Number, about: "(h²/12)‖T[g,g]‖" },
    Column { name: NP3_ALONG_0, kind: Kind::Number, about: "the non-principal term along u_0" },
    Column { name: LOSS_RATE, kind: Kind::ComplexMap, about: "how fast flows lower the loss" },
    Column { name: DRIFT_BOUND, kind: Kind::Number, about: "(h²/2) max‖Hg‖ along the negative gradient flow" },
    Column { name: SIGNAL_TO_NOISE, kind: Kind::Number, about: "2/(h‖Hĝ‖)" },
    Column { name: MIDPOINT_LOSS, kind: Kind::Number, about: "the loss of the second-order average of iterates" },
    Column { name: MIDPOINT_LAMBDA_0, kind: Kind::Number, about: "its sharpness" },
    Column { name: DISTANCE, kind: Kind::Map, about: "the distance from other runs, or of a branch from its run" },
    Column { name: MODIFIED_LOSS, kind: Kind::Number, about: "E + (h/4)‖g‖²" },
    Column { name: F1_SHARE, kind: Kind::Number, about: "(h²/2)‖Hg‖ as a share of the drift" },
    Column { name: WARNINGS, kind: Kind::Codes, about: "codes of what cannot be trusted in the row" },
];

impl Column {
    /// The column of a name.
    ///
    /// ```
    /// use shadowflow::record::{Column, Kind};
    /// assert_eq!(Column::named("lambda").unwrap().kind, Kind::List);
    /// assert!(Column::named("lambda_0").is_none());
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        COLUMNS.iter().find(|column| column.name == name)
    }
}

/// A part of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The number itself, where it is real.
    Whole,
    /// The real part.
    Re,
    /// The imaginary part.
    Im,
}

/// The name of one field of a CSV row: `lambda_0`, `error_pf`, `flow_loss_pf_re`.
///
/// ```
/// use shadowflow::record::{FLOW_LOSS, LAMBDA, LOSS, Part, field_name};
/// assert_eq!(field_name(LOSS, "", Part::Whole), "loss");
/// assert_eq!(field_name(LAMBDA, "0", Part::Whole), "lambda_0");
/// assert_eq!(field_name(FLOW_LOSS, "pf+np3", Part::Im), "flow_loss_pf+np3_im");
/// ```
#[must_use]
pub fn field_name(column: &str, key: &str, part: Part) -> String {
    let key = if key.is_empty() { String::new() } else { format!("_{key}") };
    let part = match part {
        Part::Whole => "",
        Part::Re => "_re",
        Part::Im => "_im",
    };
    format!("{column}{key}{part}")
}

/// A field's name taken apart into its column, the key of a member and the part; the opposite of [`field_name`] for the names that records have.
///
/// What is no known column is a list where it ends in a number, and one number else.
pub(super) fn taken_apart(field: &str) -> (&str, &str, Part) {
    if Column::named(field).is_some() {
        return (field, "", Part::Whole);
    }
    let (stem, part) = match (field.strip_suffix("_re"), field.strip_suffix("_im")) {
        (Some(stem), _) if !stem.is_empty() => (stem, Part::Re),
        (_, Some(stem)) if !stem.is_empty() => (stem, Part::Im),
        _ => (field, Part::Whole),
    };
    let known = COLUMNS.iter().filter(|c| c.kind.has_members());
    let key =
        known.filter_map(|c| Some((c.name, stem.strip_prefix(c.name)?.strip_prefix('_')?))).max_by_key(|k| k.0.len());
    if let Some((column, key)) = key.filter(|(_, key)| !key.is_empty()) {
        return (column, key, part);
    }
    if Column::named(stem).is_some() {
        return (stem, "", part);
    }
    match stem.rsplit_once('_') {
        Some((column, key)) if !column.is_empty() && !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit()) => {
            (column, key, part)
        }
        _ => (stem, "", part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_each_and_come_apart_as_they_were_put_together() {
        for (k, column) in COLUMNS.iter().enumerate() {
            assert!(COLUMNS[..k].iter().all(|other| other.name != column.name), "{}", column.name);
            let key = match column.kind {
                Kind::List | Kind::ComplexList => "12",
                Kind::Map | Kind::ComplexMap => "dal-p:0.5",
                _ => "",
            };
            let parts: &[Part] = if column.kind.is_complex() { &[Part::Re, Part::Im] } else { &[Part::Whole] };
            for part in parts {
                assert_eq!(taken_apart(&field_name(column.name, key, *part)), (column.name, key, *part));
            }
        }
        assert_eq!(taken_apart("loss_rate_pf_re"), ("loss_rate", "pf", Part::Re));
        assert_eq!(taken_apart("own_3_im"), ("own", "3", Part::Im));
        assert_eq!(taken_apart("own_name"), ("own_name", "", Part::Whole));
    }
}
