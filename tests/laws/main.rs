//! Laws that hold for every input: what changes a version and what doesn't, who owns a line, who is who on an edge.

mod dialect;
mod grades;
mod layout;
mod lines;
mod matching;
mod names;
mod own;
mod paths;
mod scale;
mod traps;

use git_spec::spec::change::{Change, compare};
use git_spec::spec::formats::{Format, segment};
use git_spec::spec::matching::Document;
use git_spec::spec::{Clause, Version};
use proptest::prelude::ProptestConfig;

/// So many inputs for each law, times `LAW_TIMES` where that is set; failures are shrunk and printed, and become a test by
/// hand.
fn cases(count: u32) -> ProptestConfig {
    let times = std::env::var("LAW_TIMES").ok().and_then(|times| times.parse::<u32>().ok()).unwrap_or(1);
    let config = ProptestConfig::with_cases(count.saturating_mul(times));
    // more cases may leave out more of them
    let max_global_rejects = config.max_global_rejects.saturating_mul(times);
    ProptestConfig { failure_persistence: None, max_global_rejects, ..config }
}

fn markdown(text: &str) -> Vec<Clause> {
    segment(Format::Markdown, text.as_bytes())
}

/// The version of the clause with a title.
fn version_of(text: &str, title: &str) -> Version {
    let clauses = markdown(text);
    let found: Vec<&Clause> = clauses.iter().filter(|clause| clause.title == title).collect();
    assert_eq!(found.len(), 1, "{title:?} in {text:?}");
    found[0].version()
}

fn document(path: &str, text: &str) -> Document {
    Document { path: path.into(), clauses: segment(Format::of_path(path.as_bytes()), text.as_bytes()) }
}

fn documents(files: &[(&str, &str)]) -> Vec<Document> {
    files.iter().map(|(path, text)| document(path, text)).collect()
}

/// What became of the clauses of some files.
fn changes(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<Change> {
    let (old, new) = (documents(old), documents(new));
    compare(&refs(&old), &refs(&new)).changes
}

fn refs(documents: &[Document]) -> Vec<&Document> {
    documents.iter().collect()
}
