//! Step 0: what stands where it stood. In a history nearly every clause keeps name and words on nearly every edge; those
//! are bonded here by one look at the name, with the same outcome as step 1, which prefers them anyway.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Clause, Document, Edge, Rule};

type Named<'e> = HashMap<(usize, &'e str), usize, foldhash::fast::RandomState>;

fn by_name<'e>(edge: &Edge<'e>) -> Named<'e> {
    edge.new.iter().enumerate().map(|(at, entry)| ((entry.doc, entry.clause.anchor.as_str()), at)).collect()
}

/// Bonds clauses with the same anchor, title, parent's title and tokens in a file and its successor.
pub(super) fn bond(edge: &mut Edge) {
    let mut pairs = Vec::new();
    // nearly always the next one; where it isn't, all are looked up by name
    let mut next = 0;
    let mut named: Option<Named> = None;
    for (at, entry) in edge.old.iter().enumerate() {
        let Some(&doc) = edge.continues.get(&entry.doc) else { continue };
        let anchor = entry.clause.anchor.as_str();
        let is_next = edge.new.get(next).is_some_and(|new| new.doc == doc && new.clause.anchor == anchor);
        let to = if is_next {
            next
        } else {
            match named.get_or_insert_with(|| by_name(edge)).get(&(doc, anchor)) {
                Some(&to) => to,
                None => continue,
            }
        };
        next = to + 1;
        if is_same(entry.clause, edge.new[to].clause)
            && Edge::parent_title(&edge.old, at) == Edge::parent_title(&edge.new, to)
        {
            pairs.push((at, to));
        }
    }
    for (old, new) in pairs {
        edge.bond(old, new, Rule::Exact, 1.0);
    }
}

/// Of two clauses with one anchor, whether name and words are the same.
fn is_same(a: &Clause, b: &Clause) -> bool {
    let same_words = || a.says_the_same(b);
    let same_name = || a.id == b.id && a.titled == b.titled && a.title == b.title;
    Arc::ptr_eq(&a.named, &b.named) || same_name() && same_words()
}

/// The clauses of a file that another version of the file has where they are: matching the two bonds them before all
/// else, where nobody says otherwise, so that it need not be done to know that these stay.
#[derive(Debug)]
pub struct Unchanged<'d> {
    old: &'d Document,
    by_anchor: HashMap<&'d str, &'d Clause, foldhash::fast::RandomState>,
}

impl<'d> Unchanged<'d> {
    /// Since this version.
    pub fn since(old: &'d Document) -> Self {
        Unchanged { old, by_anchor: old.clauses.iter().map(|clause| (clause.anchor.as_str(), clause)).collect() }
    }

    /// Whether the clause at this position of a version with the same path is one of them.
    pub fn is(&self, new: &Document, at: usize) -> bool {
        fn above<'c>(document: &'c Document, clause: &Clause) -> Option<&'c str> {
            clause.parent.map(|up| document.clauses[up].title.as_str())
        }
        let clause = &new.clauses[at];
        let before = self.by_anchor.get(clause.anchor.as_str());
        before.is_some_and(|before| is_same(before, clause) && above(self.old, before) == above(new, clause))
    }
}
