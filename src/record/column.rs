//! The names of a record's fields: what tells which row it is, and the columns of training as CSV has them.

use crate::train::{Column, Kind};

/// `step`: the step t of the row, from 0.
pub const STEP: &str = "step";
/// `optimizer`: its name.
pub const OPTIMIZER: &str = "optimizer";
/// `h_setting`: which step size of a list of several.
pub const H_SETTING: &str = "h_setting";
/// `seed`: which seed of a list of several.
pub const SEED: &str = "seed";
/// `branch`: the flow of a branch; none in a run's own rows.
pub const BRANCH: &str = "branch";
/// `from`: the step that a branch starts from.
pub const FROM: &str = "from";
/// `warnings`: codes of what cannot be trusted in the row.
pub const WARNINGS: &str = "warnings";

/// The fields that hold words.
pub(super) const WORDS: [&str; 5] = [OPTIMIZER, H_SETTING, SEED, BRANCH, WARNINGS];

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
/// use shadowflow::record::{Part, field_name};
/// use shadowflow::train::Column;
/// assert_eq!(field_name(Column::Loss.name(), "", Part::Whole), "loss");
/// assert_eq!(field_name(Column::Lambda.name(), "0", Part::Whole), "lambda_0");
/// assert_eq!(field_name(Column::FlowLoss.name(), "pf+np3", Part::Im), "flow_loss_pf+np3_im");
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

/// Whether a column has members with keys of their own, each one field of a CSV row or two.
pub(super) fn has_members(column: Column) -> bool {
    column.kind() != Kind::Number
}

/// A field's name taken apart into its column, the key of a member and the part; the opposite of [`field_name`] for the names that records have.
///
/// What is no known column is a list where it ends in a number, and one number else.
pub(super) fn taken_apart(field: &str) -> (&str, &str, Part) {
    let is_known = |name: &str| Column::named(name).is_some();
    if is_known(field) {
        return (field, "", Part::Whole);
    }
    let (stem, part) = match (field.strip_suffix("_re"), field.strip_suffix("_im")) {
        (Some(stem), _) if !stem.is_empty() => (stem, Part::Re),
        (_, Some(stem)) if !stem.is_empty() => (stem, Part::Im),
        _ => (field, Part::Whole),
    };
    let known = Column::ALL.into_iter().filter(|c| has_members(*c)).map(Column::name);
    let key = known.filter_map(|c| Some((c, stem.strip_prefix(c)?.strip_prefix('_')?))).max_by_key(|k| k.0.len());
    if let Some((column, key)) = key.filter(|(_, key)| !key.is_empty()) {
        return (column, key, part);
    }
    if is_known(stem) {
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
    fn names_come_apart_as_they_were_put_together() {
        for column in Column::ALL {
            let key = match column.kind() {
                Kind::List | Kind::ComplexList | Kind::Pair => "12",
                Kind::Named | Kind::ComplexNamed => "dal-p:0.5",
                Kind::Number => "",
            };
            let is_complex = matches!(column.kind(), Kind::ComplexList | Kind::ComplexNamed);
            let parts: &[Part] = if is_complex { &[Part::Re, Part::Im] } else { &[Part::Whole] };
            for part in parts {
                assert_eq!(taken_apart(&field_name(column.name(), key, *part)), (column.name(), key, *part));
            }
        }
        assert_eq!(taken_apart("loss_rate_pf_re"), ("loss_rate", "pf", Part::Re));
        assert_eq!(taken_apart("own_3_im"), ("own", "3", Part::Im));
        assert_eq!(taken_apart("own_name"), ("own_name", "", Part::Whole));
    }
}
