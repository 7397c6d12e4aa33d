//! What people and programs get to see.
//!
//! One result has many faces. Only [`style`] knows colours and signs, only [`output`] knows pager, width and broken
//! pipes, and only [`text`] makes repository content safe to show; the renderers know none of the three.

pub mod behind;
pub mod blame;
pub mod change;
pub mod check;
pub mod diff;
pub mod doctor;
pub mod facts;
pub mod fsck;
pub mod hooks;
pub mod identity;
pub mod impact;
pub mod link;
pub mod log;
pub mod ls;
pub mod manual;
pub mod notes;
pub mod output;
pub mod post_receive;
pub mod progress;
pub mod receive;
pub mod shared;
pub mod show;
pub mod squash;
pub mod start;
pub mod status;
pub mod style;
pub mod text;
pub mod unlink;
pub mod words;

pub use output::{Output, When};
pub use style::{Meaning, Sign, Style};
