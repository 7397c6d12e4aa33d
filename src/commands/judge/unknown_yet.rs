//! Links into files that the policy in force does not know yet, since the judged commits bring them into the specification.

use bstr::{BString, ByteSlice};

use crate::commands::receive::in_force::at_commit;
use crate::commands::source::{CONFIG_FILE, Source};
use crate::error::Error;
use crate::git::{CommitRecord, Oid, WalkQuery};
use crate::view::facts::path_text;

/// Changes of the configuration that are looked at.
const MOST_CHANGES: usize = 16;

/// What to type for a link of a commit into such a file; none where the file is known, or no judged commit behind this one
/// makes it known.
pub fn mend(
    source: &Source,
    asked: &WalkQuery,
    commit: &CommitRecord,
    file: &BString,
) -> Result<Option<String>, Error> {
    if source.set.matches(file) {
        return Ok(None);
    }
    let left_out = asked.revs.iter().filter(|rev| rev.starts_with('^')).cloned();
    let query = WalkQuery {
        revs: std::iter::once(commit.oid.to_string()).chain(left_out).collect(),
        paths: vec![CONFIG_FILE.into()],
        ..WalkQuery::default()
    };
    let mut first: Option<Oid> = None;
    for record in source.repo.walk(&query)?.take(MOST_CHANGES) {
        let oid = record?.oid;
        // One that cannot be read makes nothing known.
        let config = at_commit(&source.repo, oid, CONFIG_FILE).ok().flatten();
        if config.and_then(|config| config.spec).is_some_and(|set| set.matches(file)) {
            first = Some(oid);
        }
    }
    Ok(first.filter(|first| *first != commit.oid).map(|first| {
        format!(
            "the policy in force does not know {} yet; push what makes it known first, then the rest:\ngit push REMOTE {}:BRANCH",
            path_text(file.as_bstr()),
            first.short(9)
        )
    }))
}
