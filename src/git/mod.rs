//! The only door to the repository.
//!
//! git2 reads objects; the git command line answers everything else, with one streaming process per question and never
//! one per commit. What comes out are owned plain values. This room decides nothing and prints nothing.
//!
//! Only git2's object database is used, never its repository: discovery, `safe.directory`, extensions, references and
//! configuration are git's own business, so that a reftable repository, a linked worktree, a quarantine of incoming
//! objects or a format extension of tomorrow needs no code here.

mod additions;
mod blame;
mod branch;
mod caller;
mod cat_file;
mod children;
mod commit;
mod config;
mod conflict_stop;
mod date;
mod discover;
mod ended;
mod error;
mod graph;
mod grep;
mod ground;
mod head;
mod index;
mod inverse;
mod merged;
mod messages;
mod note_tree;
mod noted;
mod notes;
mod notes_write;
mod numstat;
mod objects;
mod oid;
mod pack;
mod patches;
mod pathspec;
mod prefix;
mod process;
mod quote;
mod receive;
mod reftable;
mod remotes;
mod renames;
mod repo;
mod revisions;
mod scratch;
mod setup;
mod tree_diff;
mod trees;
mod under_way;
mod walk;
mod walk_query;
mod wildmatch;
mod work_file;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

pub use additions::Bringer;
pub use blame::{BlameAhead, BlameLine, BlameQuery};
pub use caller::{called_to_amend, commit_words};
pub use children::{end_children, remember_children};
pub use commit::{CommitCall, git_version, run_editor};
pub use config::Config;
pub use date::DateForm;
pub use ended::{limits_fail_writes, tidy_when_ended};
pub use error::{GitError, Result};
pub use grep::FoundLine;
pub use index::IndexEntry;
pub use inverse::Change;
pub use merged::{Manner, conflicting, fits, merged};
pub use messages::{Message, MessageQuery, Messages};
pub use notes::Note;
pub use notes_write::{BothSides, NotesEdit, NotesNow, Record, random};
pub use numstat::{NumStat, NumStats};
pub use oid::{BadOid, Oid};
pub use patches::Patch;
pub use pathspec::{Pathspecs, from_top};
pub use receive::{ChangedNote, PushFacts, RefNow, never_fetch};
pub use remotes::{Forced, Pushed};
pub use repo::Repo;
pub use revisions::{PointedAt, Range};
pub use scratch::{Bench, MARKER, MadeTree, NotAsked, close_benches, no_temporary_place};
pub use setup::{is_explicit, programs};
pub use trees::{FileChange, Mode, TreeEntry};
pub use under_way::{Operation, Picked};
pub use walk::{CommitRecord, Edge, Walk};
pub use walk_query::WalkQuery;
pub use work_file::{WORK_FILE_LIMIT, WorkFile};
