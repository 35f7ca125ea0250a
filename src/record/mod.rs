//! Records of training runs: the names of their columns, and reading them, while a run still writes them too.

mod column;
mod correlation;
mod error;
mod read;
mod rows;
#[cfg(test)]
mod tests;

pub use column::{
    ACCURACY, BATCH_LOSS, BRANCH, COLUMNS, Column, DISTANCE, DRIFT, DRIFT_BOUND, ERROR, F1_SHARE, FLOW_LAMBDA_0,
    FLOW_LOSS, FROM, GRADIENT_ALONG, GRADIENT_NEXT_ALONG_0, GRADIENT_NORM, H_SETTING, HG_NORM, HGHAT_NORM, Kind,
    LAMBDA, LEARNING_RATE, LEARNING_RATES_MIN_MAX, LOSS, LOSS_RATE, MIDPOINT_LAMBDA_0, MIDPOINT_LOSS, MODIFIED_LOSS,
    NP3_ALONG_0, NP3_NORM, OPTIMIZER, PREDICTED_GRADIENT_ALONG_0, Part, RELATIVE_PROGRESS, SEED, SIGNAL_TO_NOISE,
    STABILITY_COEFFICIENTS, STEP, TEST_ACCURACY, TEST_LOSS, THETA_ALONG_0, UPDATE_NORM, WARNINGS, field_name,
};
pub use correlation::Correlation;
pub use error::RecordError;
pub use rows::{Branch, Member, Record, Related, Run};
