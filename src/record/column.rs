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

macro_rules! columns {
    ($($constant:ident = $name:literal: $kind:ident, $about:literal;)*) => {
        $(#[doc = concat!("`", $name, "`: ", $about, ".")] pub const $constant: &str = $name;)*

        /// All columns, in the order in which a row has them.
        pub const COLUMNS: &[Column] = &[$(Column { name: $constant, kind: Kind::$kind, about: $about }),*];
    };
}

columns! {
    STEP = "step": Number, "the step t, from 0; what the row holds of the state is at θ_t";
    OPTIMIZER = "optimizer": Text, "the optimizer's name";
    H_SETTING = "h_setting": Text, "which step size of a list of several";
    SEED = "seed": Text, "which seed of a list of several";
    BRANCH = "branch": Text, "the flow of a branch; none in the optimizer's own rows";
    FROM = "from": Number, "the step that a branch starts from";
    LOSS = "loss": Number, "E(θ_t)";
    ACCURACY = "accuracy": Number, "the share of rows that are told right";
    TEST_LOSS = "test_loss": Number, "the loss on the test data";
    TEST_ACCURACY = "test_accuracy": Number, "the accuracy on the test data";
    GRADIENT_NORM = "gradient_norm": Number, "‖g‖";
    HG_NORM = "hg_norm": Number, "‖Hg‖";
    HGHAT_NORM = "hghat_norm": Number, "‖Hĝ‖ with ĝ = g/‖g‖";
    LAMBDA = "lambda": List, "the largest eigenvalues of the Hessian";
    GRADIENT_ALONG = "gradient_along": List, "the gradient along their eigenvectors";
    STABILITY_COEFFICIENTS = "stability_coefficients": ComplexList, "the stability coefficients along them";
    LEARNING_RATE = "learning_rate": Number, "the step size of the step from θ_t";
    LEARNING_RATES_MIN_MAX = "learning_rates_min_max": List, "the smallest and the largest step size of a parameter";
    UPDATE_NORM = "update_norm": Number, "‖θ_{t+1} − θ_t‖";
    DRIFT = "drift": Number, "the distance of the step from the negative gradient flow";
    RELATIVE_PROGRESS = "relative_progress": Number, "(E(θ_{t+1}) − E(θ_t))/(h‖g‖²)";
    GRADIENT_NEXT_ALONG_0 = "gradient_next_along_0": Number, "the next gradient along u_0 of this step";
    PREDICTED_GRADIENT_ALONG_0 = "predicted_gradient_along_0": Map, "what flows predict of it";
    ERROR = "error": Map, "the distance of each flow from the optimizer after one step";
    FLOW_LOSS = "flow_loss": ComplexMap, "E at the complex state of each flow after one step";
    BATCH_LOSS = "batch_loss": Number, "the loss of the batch that the step takes";
    FLOW_LAMBDA_0 = "flow_lambda_0": ComplexMap, "the largest eigenvalue at the state of each flow after one step";
    THETA_ALONG_0 = "theta_along_0": Number, "θ_t along u_0";
    NP3_NORM = "np3_norm": Number, "(h²/12)‖T[g,g]‖";
    NP3_ALONG_0 = "np3_along_0": Number, "the non-principal term along u_0";
    LOSS_RATE = "loss_rate": ComplexMap, "how fast flows lower the loss";
    DRIFT_BOUND = "drift_bound": Number, "(h²/2) max‖Hg‖ along the negative gradient flow";
    SIGNAL_TO_NOISE = "signal_to_noise": Number, "2/(h‖Hĝ‖)";
    MIDPOINT_LOSS = "midpoint_loss": Number, "the loss of the second-order average of iterates";
    MIDPOINT_LAMBDA_0 = "midpoint_lambda_0": Number, "its sharpness";
    DISTANCE = "distance": Map, "the distance from other runs, or of a branch from its run";
    MODIFIED_LOSS = "modified_loss": Number, "E + (h/4)‖g‖²";
    F1_SHARE = "f1_share": Number, "(h²/2)‖Hg‖ as a share of the drift";
    WARNINGS = "warnings": Codes, "codes of what cannot be trusted in the row";
}

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
