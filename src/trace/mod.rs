//! Lineages, links, resolution, freshness: plain facts in, findings out. Pure, like [`crate::spec`].
//!
//! A commit message or a note goes through [`message`] or [`note`] and gives [`Link`]s; [`resolve`] says which clause
//! of the history a link means and how sure that is; [`freshness`] says whether that clause still says the same.
//! What they need to know of a repository comes in through two small traits, and ancestry through a [`Graph`].

pub mod answer;
pub mod comment;
pub mod commit;
pub mod conflict;
pub mod draft;
pub mod facts;
pub mod freshness;
pub mod graph;
pub mod left_lines;
pub mod lineage;
pub mod link;
pub mod message;
pub mod note;
pub mod order;
pub mod policy;
pub mod remains;
pub mod resolve;
pub mod revert;
pub mod squash_log;

pub use commit::CommitId;
pub use freshness::Freshness;
pub use graph::Graph;
pub use link::{Link, LinkVersion, NotALink, Source};
pub use resolve::{Resolution, State};
