//! The door against real repositories, with git as the oracle.

mod blame;
mod kinds;
mod paths;
mod revisions;
mod stored;
mod walk;
