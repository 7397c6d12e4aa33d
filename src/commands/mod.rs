//! One file per subcommand: read, understand, connect, show.

pub mod blame;
pub mod clause_name;
pub mod diff;
mod dropped;
pub mod facts;
pub mod init;
mod joined;
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
pub mod waiting;
