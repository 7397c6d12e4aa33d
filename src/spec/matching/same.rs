//! Step 0: what stands where it stood. In a history nearly every clause keeps name and words on nearly every edge; those
//! are bonded here by one look at the name, with the same outcome as step 1, which prefers them anyway.

use std::collections::HashMap;

use super::{Edge, Rule};

/// Bonds clauses with the same anchor, title, parent's title and tokens in a file and its successor.
pub(super) fn bond(edge: &mut Edge) {
    let mut named: HashMap<(usize, &str), usize, foldhash::fast::RandomState> = HashMap::default();
    for (at, entry) in edge.new.iter().enumerate() {
        named.insert((entry.doc, entry.clause.anchor.as_str()), at);
    }
    let mut pairs = Vec::new();
    for (at, entry) in edge.old.iter().enumerate() {
        let Some(&doc) = edge.continues.get(&entry.doc) else { continue };
        let Some(&to) = named.get(&(doc, entry.clause.anchor.as_str())) else { continue };
        let (a, b) = (entry.clause, edge.new[to].clause);
        let same_words = std::sync::Arc::ptr_eq(&a.content, &b.content) || a.tokens == b.tokens;
        let same_name = a.id == b.id && a.titled == b.titled && a.title == b.title;
        if same_words && same_name && Edge::parent_title(&edge.old, at) == Edge::parent_title(&edge.new, to) {
            pairs.push((at, to));
        }
    }
    for (old, new) in pairs {
        edge.bond(old, new, Rule::Exact, 1.0);
    }
}
