//! The `shadowflow` command; see `shadowflow::cli`.
fn main() {}
