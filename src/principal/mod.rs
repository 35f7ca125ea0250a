//! The principal part of an optimizer: what it does along the eigendirections of a quadratic.

mod characteristic;
mod part;
mod root_path;
mod series;
mod taylor;

pub use characteristic::{BranchKind, BranchPoint, Characteristic, Stability};
pub use part::PrincipalPart;
pub(crate) use root_path::{follow_root, path_from_below};
pub(crate) use series::principal_series;
pub use taylor::taylor_log1m_over_z;

pub(crate) use characteristic::{Curve, MAX_STABILITY_DEGREE, branch_points, typical};
pub(crate) use taylor::enclose_log1m_over_z;
