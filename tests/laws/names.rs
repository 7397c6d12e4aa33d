//! Laws of what the same name is worth: numbers of one mould, titles that stay as stubs, rows that are merged.

use git_spec::spec::change::{ChangeKind, compare};
use git_spec::spec::matching::{ClauseAt, Document};
use proptest::prelude::*;

use super::{cases, changes, documents, refs};

/// What follows `WHEN a signed-in user` and `THEN the system SHALL`.
const MOULDED: [(&str, &str); 6] = [
    ("opens the list of albums", "show all albums of the user sorted by date"),
    ("deletes an album of the list", "ask the user to confirm before removing it"),
    ("shares an album of the list", "create a link that is valid for one week"),
    ("renames an album of the list", "refuse a name that another album has"),
    ("uploads a picture to an album", "check the size of the file against the quota"),
    ("leaves the page of an album", "keep whatever was typed as a draft"),
];
const NEW_ITEM: (&str, &str) = ("prints an album of the list", "write one picture on each sheet of paper");

proptest! {
    #![proptest_config(cases(64))]

    /// One item put in front, taken away or moved, and a word edited in each: no number takes a neighbour's history, though
    /// half of the words of any two are the same.
    #[test]
    fn numbers_of_one_mould_follow_their_words(
        path in prop::sample::select(vec!["kiro.md", "table.md", "spec.md"]),
        picked in prop::sample::subsequence(MOULDED.to_vec(), 3..7), order in any::<prop::sample::Index>(),
        what in 0usize..4, at in any::<prop::sample::Index>(), edit in 0usize..3,
    ) {
        let mut old = picked;
        let turn = order.index(old.len());
        old.rotate_left(turn);
        let mut new = old.clone();
        let place = at.index(new.len());
        match what {
            0 => new.insert(0, NEW_ITEM),
            1 => { new.remove(0); }
            2 => { let item = new.remove(place); new.push(item); }
            _ => new.swap(0, 1),
        }
        let edited = |(when, then): &(&str, &str)| match edit {
            0 => format!("WHEN a signed-in user {when} THEN the system SHALL always {then}"),
            1 => format!("WHEN a user {when} THEN the system SHALL {then}"),
            _ => format!("WHEN a signed-in user {when} THEN the service SHALL {then} at once"),
        };
        let plain = |(when, then): &(&str, &str)| format!("WHEN a signed-in user {when} THEN the system SHALL {then}");
        let write = |items: Vec<String>| -> String {
            let items: String = items.iter().enumerate().map(|(at, item)| match path {
                "table.md" => format!("| **2.{}** | {item} |\n", at + 1),
                "kiro.md" => format!("{}. {item}\n", at + 1),
                _ => format!("- **FR-{:03}**: {item}\n", at + 1),
            }).collect();
            let head = match path {
                "table.md" => "| # | Demand |\n|--|--|\n",
                "kiro.md" => "### Requirement 1\n\n#### Acceptance Criteria\n\n",
                _ => "## Requirements\n\n",
            };
            format!("# A\n\n{head}{items}")
        };
        let (before, after) = (write(old.iter().map(plain).collect()), write(new.iter().map(edited).collect()));
        let (before, after) = (documents(&[(path, &before)]), documents(&[(path, &after)]));
        let head = before[0].clauses.len() - old.len();
        let bonds = compare(&refs(&before), &refs(&after)).bonds;
        let mut told: Vec<(usize, usize)> =
            bonds.iter().filter(|bond| bond.old.at >= head).map(|bond| (bond.old.at - head, bond.new.at - head)).collect();
        told.sort_unstable();
        let right: Vec<(usize, usize)> = old
            .iter()
            .enumerate()
            .filter_map(|(from, item)| Some((from, new.iter().position(|other| other == item)?)))
            .collect();
        prop_assert_eq!(told, right, "{:?}", bonds);
    }
}

/// The bonds between two sides by their anchors, in order of the new clauses.
fn bonds(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<(String, String)> {
    let (old, new) = (documents(old), documents(new));
    let anchor = |docs: &[Document], at: ClauseAt| docs[at.doc].clauses[at.at].anchor.clone();
    let bonds = compare(&refs(&old), &refs(&new)).bonds;
    bonds.iter().map(|bond| (anchor(&old, bond.old), anchor(&new, bond.new))).collect()
}

fn became(old: &[(&str, &str)], new: &[(&str, &str)], from: &str, to: &str) -> bool {
    bonds(old, new).iter().any(|bond| bond.0 == from && bond.1 == to)
}

/// A file of numbered demands in the style of its path.
fn numbered(path: &str, demands: &[&str]) -> String {
    let items = demands.iter().enumerate().map(|(at, demand)| match path {
        "kiro.md" => format!("{}. {demand}\n", at + 1),
        "table.md" => format!("| **2.{}** | {demand} |\n", at + 1),
        _ => format!("- **FR-{:03}**: {demand}\n", at + 1),
    });
    let head = match path {
        "kiro.md" => "# A\n\n### Requirement 1\n\n#### Acceptance Criteria\n\n",
        "table.md" => "# A\n\n| # | Demand |\n|--|--|\n",
        _ => "# A\n\n## Requirements\n\n### Functional Requirements\n\n",
    };
    head.to_owned() + &items.collect::<String>()
}

/// Old and new position of each demand that goes on, read forwards; backwards it must be the same.
fn goes_on(path: &str, old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let (old, new) = (numbered(path, old), numbered(path, new));
    let number = |anchor: &str| -> Option<usize> {
        let digits = anchor.rsplit(['.', '-']).next()?;
        (anchor.starts_with(['1', '2', 'F']) && anchor.len() > 1).then(|| digits.parse().ok())?
    };
    let read = |old: &[(&str, &str)], new: &[(&str, &str)]| -> Vec<(usize, usize)> {
        bonds(old, new).iter().filter_map(|bond| Some((number(&bond.0)?, number(&bond.1)?))).collect()
    };
    let there = read(&[(path, &old)], &[(path, &new)]);
    let mut back: Vec<_> = read(&[(path, &new)], &[(path, &old)]).into_iter().map(|(new, old)| (old, new)).collect();
    back.sort_by_key(|pair| pair.1);
    assert_eq!(there, back, "{path}");
    there
}

const PATHS: [&str; 3] = ["kiro.md", "table.md", "demands.md"];

#[test]
fn an_item_in_front_doesnt_give_each_number_to_the_neighbour() {
    let long = [
        "WHEN a signed-in user opens the list of albums THEN the system SHALL show all albums of the user sorted by date",
        "WHEN a signed-in user deletes an album of the list THEN the system SHALL ask the user to confirm before removing it",
        "WHEN a signed-in user shares an album of the list THEN the system SHALL create a link that is valid for one week",
    ];
    let edited = [
        "WHEN a signed-in user creates an album THEN the system SHALL add it to the list of albums of the user",
        "WHEN a signed-in user opens the list of albums THEN the system SHALL show all albums of the user sorted by name",
        "WHEN a signed-in user deletes an album of the list THEN the system SHALL ask the user to confirm twice before removing it",
        "WHEN a signed-in user shares an album of the list THEN the system SHALL create a link that is valid for one day",
    ];
    let short = [
        "Users MUST be able to create a new album.",
        "Users MUST be able to delete their own albums.",
        "Users MUST be able to share an album by link.",
        "Users MUST be able to rename an album.",
    ];
    let short_edited = [
        "Users MUST be able to view all albums.",
        "Users MUST be able to create a new private album.",
        "Users MUST be able to delete any of their own albums.",
        "Users MUST be able to share an album by a secret link.",
        "Users MUST be able to rename their album.",
    ];
    for path in PATHS {
        assert_eq!(goes_on(path, &long, &edited), [(1, 2), (2, 3), (3, 4)], "{path}");
        assert_eq!(goes_on(path, &short, &short_edited), [(1, 2), (2, 3), (3, 4), (4, 5)], "{path}");
        // without the first one each number is the one before's
        assert_eq!(goes_on(path, &edited, &long), [(2, 1), (3, 2), (4, 3)], "{path}");
    }
}

#[test]
fn demands_of_one_mould_swap_their_numbers() {
    let old = [
        "WHEN a user signs in THEN the system SHALL show the home page",
        "WHEN a user signs out THEN the system SHALL end the session",
    ];
    let new = [
        "WHEN a user signs out THEN the system SHALL end that session",
        "WHEN a user signs in THEN the system SHALL show the start page",
    ];
    for path in PATHS {
        assert_eq!(goes_on(path, &old, &new), [(2, 1), (1, 2)], "{path}");
    }
}

#[test]
fn what_is_written_anew_under_its_number_keeps_it() {
    let old = [
        "WHEN a user signs in THEN the system SHALL show the home page",
        "WHEN a user signs out THEN the system SHALL end the session",
        "WHEN a user fails five times THEN the system SHALL lock the account",
    ];
    let new = [
        "WHEN a person signs in with a password THEN the system SHALL show the news of the day",
        "WHEN a person signs out of a device THEN the system SHALL end the session",
        "WHEN a person fails three times in a row THEN the system SHALL lock the account",
    ];
    for path in PATHS {
        assert_eq!(goes_on(path, &old, &new), [(1, 1), (2, 2), (3, 3)], "{path}");
    }
}

#[test]
fn criteria_follow_their_requirement_to_another_number() {
    let requirement = |number: u32, story: &str, criterion: &str| -> String {
        format!(
            "### Requirement {number}\n\nAs a writer, I want {story}.\n\n#### Acceptance Criteria\n\n1. WHEN {criterion}\n\n"
        )
    };
    let (saving, sharing) = ("my text to be kept for me", "to send a link to others, so that they read along");
    let old = requirement(1, saving, "the disk is full THEN the system SHALL show an error and keep the text")
        + &requirement(2, sharing, "the network is down THEN the system SHALL show an error and keep the link");
    let new = requirement(
        1,
        "a page on paper to read it on a train",
        "the paper is out THEN the system SHALL show an error and keep the page",
    ) + &requirement(2, saving, "the disk is full THEN the system SHALL show an error and keep all text")
        + &requirement(3, sharing, "the network is down THEN the system SHALL show an error and keep that link");
    let bonds = bonds(&[("a.md", &format!("# A\n\n{old}"))], &[("a.md", &format!("# A\n\n{new}"))]);
    let pairs: Vec<(&str, &str)> = bonds.iter().map(|bond| (&*bond.0, &*bond.1)).collect();
    assert_eq!(pairs, [("a", "a"), ("1", "2"), ("1.1", "2.1"), ("2", "3"), ("2.1", "3.1")]);
}

#[test]
fn a_title_that_stays_as_a_stub_doesnt_keep_the_words() {
    let demand = "The wallet MUST NOT send the identifier of its user to any issuer that it does not trust. It SHOULD ask its user before each release of data to an issuer it has not met before.";
    let stub = "Several kinds of risks have to be considered by whoever implements this protocol, and the sections below tell them.";
    let rest = "## Other\n\nNothing else is said here at all.\n";
    let old = format!("# S\n\n## Privacy\n\n{demand}\n\n{rest}");
    for demand in [demand.to_owned(), demand.replace("any issuer", "an issuer")] {
        let new = format!("# S\n\n## Privacy\n\n{stub}\n\n### Untrusted wallets\n\n{demand}\n\n{rest}");
        let (old, new) = ([("a.md", &old[..])], [("a.md", &new[..])]);
        assert!(became(&old, &new, "privacy", "untrusted-wallets"), "{:?}", bonds(&old, &new));
        assert!(became(&new, &old, "untrusted-wallets", "privacy"));
    }
    // what is written anew and went nowhere stays
    let anew = format!("# S\n\n## Privacy\n\n{stub}\n\n{rest}");
    assert!(became(&[("a.md", &old)], &[("a.md", &anew)], "privacy", "privacy"));
}

/// A row whose sentences stand in another clause is merged, whatever its columns are called and its other cells hold.
#[test]
fn a_row_is_merged_by_its_sentences() {
    let demand =
        "Mechanisms detect drift of what is deployed. This may include tools that compare states with approved ones.";
    for (head, cells) in [("| # | Demand |\n|--|--|\n", ""), ("| # | Demand | Level |\n|--|--|--|\n", " 3 |")] {
        let row = |id: &str, text: &str| format!("| **{id}** | {text} |{cells}\n");
        let (first, last) = (row("1.1", "The build is repeatable."), row("1.3", "Nothing is kept by the server."));
        let old = format!("# A\n\n{head}{first}{}{last}\n## B\n\n- Some point.\n", row("1.2", demand));
        let into_row = format!(
            "# A\n\n{head}{}{last}\n## B\n\n- Some point.\n",
            row("1.1", &format!("The build is repeatable. {demand}"))
        );
        let into_list = format!("# A\n\n{head}{first}{last}\n## B\n\n- Some point.\n- {demand}\n");
        for new in [into_row, into_list] {
            let done = changes(&[("a.md", &old)], &[("a.md", &new)]);
            let gone: Vec<_> = done.iter().filter(|change| change.is(ChangeKind::Removed)).collect();
            assert!(matches!(gone[..], [change] if change.is(ChangeKind::Merged)), "{done:?}");
            let back = changes(&[("a.md", &new)], &[("a.md", &old)]);
            let come: Vec<_> = back.iter().filter(|change| change.is(ChangeKind::Added)).collect();
            assert!(matches!(come[..], [change] if change.is(ChangeKind::Split)), "{back:?}");
        }
    }
}
