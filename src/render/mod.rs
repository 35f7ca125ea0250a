//! Rendering: the only place that formats results for people and machines.

pub mod proof;
