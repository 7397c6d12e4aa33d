//! Text in, clauses and changes out.
//!
//! Pure: no Git, files, clock or terminal, so that the same bytes give the same clauses on every machine.

mod anchors;
pub mod body;
pub mod change;
pub mod clause;
pub mod cut;
pub mod detect;
pub mod formats;
pub mod grade;
pub mod matching;
pub mod memo;
mod order;
pub mod outline;
pub mod pieces;
pub mod prose;
pub mod sentences;
pub mod spans;
pub mod token;

pub use clause::{Breed, Clause, Draft, Kind, Span, Spans};
pub use grade::Grade;
pub use token::{Token, Tokens, Version};
