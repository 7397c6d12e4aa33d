//! Small specifications for the tests of the matcher's steps.

use super::{ClauseAt, Document, Rule, match_documents};
use crate::spec::formats::{Format, segment};

/// A file by its path, with its text.
pub(super) type File<'a> = (&'a str, &'a str);

/// The bonds between two sides, as anchors and rule, in order of the new clauses.
pub(super) fn bonds(old: &[File], new: &[File]) -> Vec<(String, String, Rule)> {
    let documents = |files: &[File]| -> Vec<Document> {
        let document = |&(path, text): &File| Document {
            path: path.into(),
            clauses: segment(Format::of_path(path.as_bytes()), text.as_bytes()),
        };
        files.iter().map(document).collect()
    };
    let (old, new) = (documents(old), documents(new));
    let matching = match_documents(&old.iter().collect::<Vec<_>>(), &new.iter().collect::<Vec<_>>());
    let anchor = |side: &[Document], place: ClauseAt| side[place.doc].clauses[place.at].anchor.clone();
    matching.bonds.iter().map(|bond| (anchor(&old, bond.old), anchor(&new, bond.new), bond.rule)).collect()
}

/// Whether an old anchor became a new one.
pub(super) fn became(old: &[File], new: &[File], from: &str, to: &str) -> bool {
    bonds(old, new).iter().any(|(old, new, _)| old == from && new == to)
}
