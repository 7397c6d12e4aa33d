//! What people and programs get to see.
//!
//! One result has many faces. Only [`style`] knows colours and signs, only [`output`] knows pager, width and broken
//! pipes, and only [`text`] makes repository content safe to show; the renderers know none of the three.

pub mod blame;
pub mod change;
pub mod check;
pub mod diff;
pub mod facts;
pub mod hooks;
pub mod identity;
pub mod log;
pub mod ls;
pub mod manual;
pub mod output;
pub mod progress;
pub mod show;
pub mod start;
pub mod style;
pub mod text;
pub mod words;

pub use output::{Output, When};
pub use style::{Meaning, Sign, Style};
