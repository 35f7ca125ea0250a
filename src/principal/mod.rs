//! The principal part of an optimizer: what it does along the eigendirections of a quadratic.

mod branch_points;
mod characteristic;
mod curve;
mod part;
mod root_path;
mod series;
mod taylor;

pub use branch_points::{BranchKind, BranchPoint};
pub use characteristic::{Characteristic, Stability};
pub use part::PrincipalPart;
pub(crate) use root_path::{follow_root, path_from_below};
pub(crate) use series::principal_series;
pub use taylor::taylor_log1m_over_z;

pub(crate) use branch_points::{branch_points, typical};
pub(crate) use characteristic::MAX_STABILITY_DEGREE;
pub(crate) use curve::Curve;
pub(crate) use taylor::enclose_log1m_over_z;
