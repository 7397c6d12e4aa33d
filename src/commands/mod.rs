//! One file per subcommand: read, understand, connect, show.

pub mod blame;
pub mod cite;
pub mod clause_name;
pub mod comments;
pub mod diff;
pub mod facts;
pub mod fsck;
pub mod init;
pub mod ledger;
pub mod link;
pub mod links;
pub mod lives;
pub mod log;
pub mod ls;
pub mod notes;
pub mod parallel;
pub mod rewritten;
pub mod run;
pub mod share;
pub mod show;
pub mod sides;
pub mod source;
pub mod squash;
pub mod unlink;
pub mod waiting;
