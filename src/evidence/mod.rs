//! Every check of one derivation against another, or against mathematics known otherwise.

#[cfg(test)]
mod agreement;
mod check;
mod differential;
mod families;
mod principal;
mod principal_summary;
mod remainder;
mod routes;

pub use check::{Check, CheckReport, Row, check, check_agreement, check_principal_series};
pub use differential::{check_trajectory, elementary_differential};
pub use families::{bernoulli_numbers, check_corollas, check_one_derivative, one_derivative_coefficient};
pub use principal::check_principal_part;
pub use principal_summary::{PrincipalSummary, SummaryStability};
pub use remainder::{check_divergence, check_remainder};
pub use routes::check_routes;
