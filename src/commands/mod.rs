//! One file per subcommand: read, understand, connect, show.

pub mod blame;
pub mod check;
pub mod cite;
pub mod clause_name;
pub mod commit;
pub mod diff;
pub mod draft_file;
pub mod facts;
pub mod hook;
pub mod hooks;
pub mod init;
pub mod ledger;
pub mod links;
pub mod lives;
pub mod log;
pub mod ls;
pub mod parallel;
pub mod run;
pub mod show;
pub mod sides;
pub mod source;
pub mod start;
pub mod started;
pub mod waiting;
