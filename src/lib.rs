//! `git spec`: history, review, blame and protection at the level of the specification.
//!
//! # Terms
//!
//! | word | meaning |
//! |---|---|
//! | spec set | the files that are the specification, at one revision |
//! | clause | the smallest addressable demand |
//! | anchor | a clause's name inside its file at one revision |
//! | version | the hash of a clause's normalised words |
//! | spec commit | a commit that changes at least one clause |
//! | lineage | one clause through history, whatever it was called |
//! | link | "this commit was generated from that clause at that version" |
//! | carrier | the commit that a link belongs to |
//!
//! # Rooms
//!
//! [`git`] reads, [`spec`] understands, [`trace`] connects, [`view`] shows; a command is those four in a row.
//! Dependencies point one way: `main → commands → {view, git, index} → trace → spec`.

pub mod cli;
pub mod commands;
pub mod config;
pub mod error;
pub mod git;
pub mod index;
pub mod spec;
pub mod trace;
pub mod view;
