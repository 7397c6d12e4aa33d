//! Commits by an abbreviated id.

use std::cmp::Ordering;

use super::{CommitId, Graph};

/// An abbreviated id that several commits share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} commits have an id that starts so", .0.len())]
pub struct Ambiguous(pub Vec<CommitId>);

impl Graph {
    /// The commit whose id starts with these hex digits of either case. `Ok(None)` when there is none or `hex` is
    /// empty or isn't hex.
    ///
    /// # Errors
    /// [`Ambiguous`] with all of them when there are several.
    pub fn resolve_prefix(&self, hex: &str) -> Result<Option<CommitId>, Ambiguous> {
        if hex.is_empty() || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let against = |at: u32| self.ids[at as usize].cmp_hex(hex.as_bytes());
        let from = self.by_id.partition_point(|&at| against(at) == Ordering::Less);
        let hits = &self.by_id[from..];
        let hits = &hits[..hits.partition_point(|&at| against(at) == Ordering::Equal)];
        match hits {
            [] => Ok(None),
            [one] => Ok(Some(self.ids[*one as usize])),
            several => Err(Ambiguous(several.iter().map(|&at| self.ids[at as usize]).collect())),
        }
    }
}
