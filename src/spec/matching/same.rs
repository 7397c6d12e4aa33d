//! Step 0: what stands where it stood. In a history nearly every clause keeps name and words on nearly every edge; those
//! are bonded here by one look at the name, with the same outcome as step 1, which prefers them anyway.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Edge, Rule};

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
        let (a, b) = (entry.clause, edge.new[to].clause);
        let same_words = || Arc::ptr_eq(&a.content, &b.content) || a.tokens == b.tokens;
        let same_name = || a.id == b.id && a.titled == b.titled && a.title == b.title;
        let same = Arc::ptr_eq(&a.named, &b.named) || same_name() && same_words();
        if same && Edge::parent_title(&edge.old, at) == Edge::parent_title(&edge.new, to) {
            pairs.push((at, to));
        }
    }
    for (old, new) in pairs {
        edge.bond(old, new, Rule::Exact, 1.0);
    }
}
