//! The `shadowflow` command.

fn main() {}
