//! One file per subcommand: read, understand, connect, show.

pub mod behind;
pub mod blame;
pub mod branch;
pub mod cite;
pub mod clause_name;
pub mod diff;
pub mod doctor;
pub mod facts;
pub mod impact;
pub mod init;
pub mod ledger;
pub mod lines;
pub mod links;
pub mod lives;
pub mod log;
pub mod ls;
pub mod parallel;
pub mod reverts;
pub mod run;
pub mod show;
pub mod sides;
pub mod source;
pub mod standing;
pub mod status;
pub mod unlinked;
pub mod waiting;
