//! Attacks on a server with the hooks, each a real push: what gets generated code onto a protected ref without a link, what
//! makes the hook say yes by mistake, what makes it write, run or leak something.
//!
//! `docs/security.md` has a row for each test in here; `documented.rs` sees to that.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod documented;
mod history;
mod messages;
mod objects;
mod paths;
mod policies;
mod pushers;
mod refs;
mod renames;
mod surroundings;
mod variables;

/// What is said of a change of `src/page.rs` that nobody linked.
const RULE: &str = "changes src/page.rs and links no clause (require-link)";

/// What is said of any generated file that nobody linked, in a commit or a merge.
const LINK: &str = "and links no clause (require-link)";
