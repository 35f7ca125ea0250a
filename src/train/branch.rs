//! The flows that leave a run at chosen steps.

use crate::flow::FlowName;
use std::fmt;
use std::str::FromStr;

/// What a branch follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BranchName {
    /// A flow, from the iterate, or of those of period two from the iterate and both its neighbours.
    Flow(FlowName),
}

impl FromStr for BranchName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        name.parse().map(Self::Flow).map_err(|e: crate::flow::FlowError| e.to_string())
    }
}

impl fmt::Display for BranchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flow(flow) => flow.fmt(f),
        }
    }
}
