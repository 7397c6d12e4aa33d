//! Which clauses of a file were which at an older state of it, kept beside the index: a walk that follows many clauses
//! compares the same states each time.

use std::collections::HashMap;

use bstr::{BStr, BString, ByteSlice};

use super::source::Source;
use crate::git::Oid;
use crate::trace::lineage::Bonded;

/// The sort and the name of the answer in the index.
const SORT: &str = "bonds";
const NAME: &str = "all";
/// Bytes of it; what doesn't fit is found anew each time.
const MOST: usize = 4 << 20;

/// Two blobs, the newer one first, and their path.
type Pair = (Oid, Oid, BString);
/// Positions after and before, and whether the words are the same.
type Places = Vec<(u32, u32, bool)>;

/// What is known, read when it is first asked for.
#[derive(Default)]
pub struct KeptBonds {
    known: Option<HashMap<Pair, Places>>,
    grew: bool,
}

impl KeptBonds {
    /// The bonds of two states of a file; found by `find` where they aren't known.
    pub fn of(
        &mut self,
        source: &Source,
        (newer, older, path): (Oid, Oid, &BStr),
        find: impl FnOnce() -> Option<Vec<Bonded>>,
    ) -> Vec<Bonded> {
        let known = self.known.get_or_insert_with(|| read(source).unwrap_or_default());
        let pair = (newer, older, path.to_owned());
        if let Some(places) = known.get(&pair) {
            return places.iter().map(|&(new, old, exact)| Bonded { new, old, exact }).collect();
        }
        let Some(found) = find() else { return Vec::new() };
        known.insert(pair, found.iter().map(|bonded| (bonded.new, bonded.old, bonded.exact)).collect());
        self.grew = true;
        found
    }

    /// Keeps what was found.
    pub fn keep(&self, source: &Source) {
        let (Some(known), Some(index), true) = (&self.known, source.index(), self.grew) else { return };
        let mut rows: Vec<(&[u8], &[u8], &BStr, &Places)> =
            known.iter().map(|((a, b, path), places)| (a.as_bytes(), b.as_bytes(), path.as_bstr(), places)).collect();
        rows.sort_unstable();
        if let Some(body) = postcard::to_allocvec(&rows).ok().filter(|body| body.len() <= MOST) {
            index.keep_answer(SORT, NAME, &body);
        }
    }
}

fn read(source: &Source) -> Option<HashMap<Pair, Places>> {
    let body = source.index()?.kept(SORT, NAME)?;
    let rows: Vec<(BString, BString, BString, Places)> = postcard::from_bytes(&body).ok()?;
    let row = |(newer, older, path, places): (BString, BString, BString, Places)| {
        Some(((Oid::from_raw(&newer).ok()?, Oid::from_raw(&older).ok()?, path), places))
    };
    rows.into_iter().map(row).collect()
}
