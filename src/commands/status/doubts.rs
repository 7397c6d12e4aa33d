//! Links of which nobody can say for certain what they say, by the clauses that they may be about.

use std::collections::HashMap;

use bstr::ByteSlice;

use crate::commands::links::{Judged, Links};
use crate::commands::standing::Standing;
use crate::trace::CommitId;
use crate::view::facts::path_text;

/// Whether nobody can say for certain what a link says of this specification.
pub(super) fn is_doubtful(judged: &Judged) -> bool {
    !matches!(judged.fact.resolution.as_str(), "exact" | "relocated" | "superseded" | "foreign")
}

/// Links that aren't tied for certain, by what they may be about.
pub(super) struct Doubts<'l> {
    by_lineage: HashMap<u32, (CommitId, &'l Judged)>,
    by_name: HashMap<(&'l str, &'l str), (CommitId, &'l Judged)>,
}

impl<'l> Doubts<'l> {
    pub(super) fn of(links: &'l Links) -> Doubts<'l> {
        let mut doubts = Doubts { by_lineage: HashMap::new(), by_name: HashMap::new() };
        for (carrier, judged) in links.all().filter(|(_, judged)| is_doubtful(judged) && judged.is_live()) {
            if let Some(lineage) = judged.lineage {
                doubts.by_lineage.entry(lineage).or_insert((carrier, judged));
            } else if let Some(anchor) = &judged.fact.anchor {
                doubts.by_name.entry((judged.fact.path.as_str(), anchor.as_str())).or_insert((carrier, judged));
            }
        }
        doubts
    }

    /// The link that may be about a clause: of its lineage, else of its name.
    pub(super) fn about(&self, standing: &Standing) -> Option<(CommitId, &'l Judged)> {
        let by_lineage = standing.lineage.and_then(|lineage| self.by_lineage.get(&lineage));
        if by_lineage.is_some() || self.by_name.is_empty() {
            return by_lineage.copied();
        }
        let path = path_text(standing.clause.path.as_bstr());
        self.by_name.get(&(path.as_str(), standing.clause.anchor.as_str())).copied()
    }
}
