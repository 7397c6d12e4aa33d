//! Links into files that the policy in force does not know yet, since the judged commits bring them into the specification.

use bstr::{BString, ByteSlice};

use crate::commands::receive::in_force::at_commit;
use crate::commands::source::{CONFIG_FILE, Source};
use crate::error::Error;
use crate::git::{CommitRecord, Oid, WalkQuery};
use crate::view::facts::path_text;
use crate::view::text::shell_quote;

/// Changes of the configuration that are looked at.
const MOST_CHANGES: usize = 16;

/// The first judged commit, up to this one, that makes a file of a link one of the specification; none where the policy in
/// force knows it, or nobody makes it known.
pub fn known_by(
    source: &Source,
    asked: &WalkQuery,
    commit: &CommitRecord,
    file: &BString,
) -> Result<Option<Oid>, Error> {
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
    Ok(first)
}

/// What to type where an earlier commit makes a file known. `is_ahead`: that commit has all that the branch has.
pub fn push_first(file: &BString, first: Oid, is_ahead: bool) -> String {
    let (file, short) = (path_text(file.as_bstr()), first.short(9));
    let what = format!("the policy in force does not know {file} yet; push what makes it known first, then the rest:");
    if is_ahead {
        return format!("{what}\ngit push REMOTE {short}:BRANCH");
    }
    format!(
        "{what}\ngit switch --detach REMOTE/BRANCH\ngit merge {short}\ngit push REMOTE HEAD:BRANCH\ngit switch -\n\
         git merge REMOTE/BRANCH"
    )
}

/// What to type where a commit makes a file known to which it links itself; it is the one that can be amended.
pub fn split(file: &BString, clause: &str) -> String {
    let folder = file.rfind_byte(b'/').map_or(file.as_bstr(), |end| file[..end].as_bstr());
    format!(
        "the policy in force does not know {} yet, and the commit makes it known itself; split it, and push the specification \
         first:\ngit reset HEAD^\ngit add .gitspec.toml {}\ngit commit\ngit push REMOTE HEAD:BRANCH\ngit add -A\n\
         git spec commit --for {}",
        path_text(file.as_bstr()),
        shell_quote(&folder.to_str_lossy()),
        shell_quote(clause)
    )
}
