//! Laws of titles that stand in many places of a document: `Response` and `Example` below each endpoint of an interface.

use git_spec::spec::change::{ChangeKind, compare};
use git_spec::spec::matching::{ClauseAt, Document};
use proptest::prelude::*;

use super::{cases, changes, documents, refs};

const ENDPOINTS: [&str; 6] = ["POST", "PUT", "GET", "DELETE", "HEAD", "PATCH"];

/// What an example says; all are much alike.
fn example(role: usize, edited: bool) -> String {
    let role = ["account", "owner", "sender"][role];
    let edit = if edited { "  \"network\": \"test\",\n" } else { "" };
    format!(
        "```json\n{{\n  \"address\": \"GFDD\",\n{edit}  \"identities\": {{\n    \"has_owner\": true\n  }},\n  \"identity\": \"{role}\",\n  \"signer\": \"GADF\"\n}}\n```\n"
    )
}

/// The same in prose.
fn told(role: usize, edited: bool) -> String {
    let (role, all) = (["account", "owner", "sender"][role], if edited { "some" } else { "all" });
    format!("The reply tells the address of the {role} and {all} signers that may sign for it, at most five of them.\n")
}

/// An endpoint and its example, if it has one.
type Endpoint = (&'static str, Option<(usize, bool)>);

fn interface(endpoints: &[Endpoint], code: bool) -> Vec<Document> {
    let section = |(name, with): &Endpoint| {
        let body = with.map(|(role, edited)| if code { example(role, edited) } else { told(role, edited) });
        let body = body.map(|body| format!("#### Example\n\n{body}\n")).unwrap_or_default();
        format!("## {name}\n\nThe {name} endpoint.\n\n### Response\n\n{body}\n")
    };
    documents(&[("a.md", &format!("# API\n\n{}", endpoints.iter().map(section).collect::<String>()))])
}

fn anchor(docs: &[Document], at: ClauseAt) -> String {
    docs[at.doc].clauses[at.at].anchor.clone()
}

proptest! {
    #![proptest_config(cases(128))]

    /// One endpoint put in or taken out anywhere, or without its example, and the others edited: whatever stands on both
    /// sides under one path is itself.
    #[test]
    fn what_stands_below_the_same_headings_is_the_same(
        names in prop::sample::subsequence(ENDPOINTS.to_vec(), 3..6), code in any::<bool>(),
        old_roles in prop::collection::vec(0usize..3, 6), new_roles in prop::collection::vec((0usize..3, any::<bool>()), 7),
        what in 0usize..3, at in any::<prop::sample::Index>(),
    ) {
        let old: Vec<Endpoint> = names.iter().zip(&old_roles).map(|(name, role)| (*name, Some((*role, false)))).collect();
        let mut new: Vec<Endpoint> = names.iter().zip(&new_roles).map(|(name, said)| (*name, Some(*said))).collect();
        match what {
            0 => new.insert(at.index(names.len() + 1), ("OPTIONS", Some(new_roles[6]))),
            1 => { new.remove(at.index(names.len())); }
            _ => new[at.index(names.len())].1 = None,
        }
        let (old, new) = (interface(&old, code), interface(&new, code));
        let bonds = compare(&refs(&old), &refs(&new)).bonds;
        let bonded: Vec<(String, String)> =
            bonds.iter().map(|bond| (anchor(&old, bond.old), anchor(&new, bond.new))).collect();
        for clause in &old[0].clauses {
            if new[0].clauses.iter().any(|other| other.anchor == clause.anchor) {
                let own = (clause.anchor.clone(), clause.anchor.clone());
                prop_assert!(bonded.contains(&own), "{} in {:?}", clause.anchor, bonded);
            }
        }
    }
}

/// The title of the document above all of them, or of an endpoint, is another one.
#[test]
fn headings_above_may_be_renamed() {
    let of = |names: [&'static str; 3], edited: bool| {
        interface(&names.map(|name| (name, Some((0, edited)))), false)[0].clone()
    };
    let retitled = |docs: &Document| docs.clauses.iter().map(|clause| clause.anchor.clone()).collect::<Vec<_>>();
    let old = of(["POST", "PUT", "GET"], false);
    let new = of(["POST", "PUT item", "GET"], true);
    let bonds = compare(&[&old], &[&new]).bonds;
    let pairs: Vec<(usize, usize)> = bonds.iter().map(|bond| (bond.old.at, bond.new.at)).collect();
    let below: Vec<(usize, usize)> = pairs.iter().copied().filter(|pair| pair.0 % 3 != 1).collect();
    assert!(below.iter().all(|(old, new)| old == new), "{:?} {:?} {pairs:?}", retitled(&old), retitled(&new));
    assert!(below.len() >= 6, "{pairs:?}");
}

#[test]
fn a_section_about_something_else_is_another_one_though_it_stands_there() {
    let file = |middle: &str| {
        format!(
            "# S\n\nIntro of it.\n\n## Alpha\n\nThe alpha part is kept as it is by all that read it.\n\n{middle}\n\n## Omega\n\nThe omega part is kept as it is by all that read it.\n"
        )
    };
    let hours = file(
        "## Opening hours\n\nThe office MUST be open from nine to five on each day of work, and closed on holidays of the state.",
    );
    let cards = file(
        "## Card readers\n\nThe readers at the doors MUST accept the cards of the staff within a second and refuse any others.",
    );
    let done = changes(&[("a.md", &hours)], &[("a.md", &cards)]);
    let kinds: Vec<ChangeKind> = done.iter().flat_map(|change| change.kinds.clone()).collect();
    assert_eq!(kinds, [ChangeKind::Added, ChangeKind::Removed], "{done:?}");
    // written anew with much of its words it is the same
    let anew = file(
        "## Times of work\n\nThe office MUST be open from eight to five on each day of work, and closed on Sundays and holidays of the state.",
    );
    let done = changes(&[("a.md", &hours)], &[("a.md", &anew)]);
    assert!(done.iter().any(|change| change.is(ChangeKind::Renamed)), "{done:?}");
}

#[test]
fn code_is_the_same_with_another_indentation_and_other_spaces() {
    let fields = ["account", "started", "ended", "cost", "tags", "region", "zone", "usage", "unit", "price"];
    let text = |title: &str, name: &str, indent: &str, sign: &str| {
        let code: String = fields.iter().map(|field| format!("{indent}{field}{sign}string of at most 64\n")).collect();
        format!(
            "# Version changed by {title}\n\n## Supplied metadata\n\nThe metadata can be found at this place, and it looks like this one:\n\n```\n{{\n{indent}{name}{sign}2.3\n{code}}}\n```\n"
        )
    };
    let old = text("provider", "ProviderVersion", "  ", ": ");
    for (indent, sign) in [("      ", ": "), ("  ", "  :  ")] {
        let new = text("data generator", "GeneratorVersion", indent, sign);
        let done = changes(&[("spec/a.md", &old)], &[("spec/b.md", &new)]);
        let alone = |change: &&git_spec::spec::change::Change| {
            change.old.is_none_or(|at| at.at == 1) && change.new.is_none_or(|at| at.at == 1) && change.rule.is_none()
        };
        assert_eq!(done.iter().filter(alone).count(), 0, "{done:?}");
    }
}
