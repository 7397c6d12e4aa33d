//! The `git-spec` binary.
fn main() {}
