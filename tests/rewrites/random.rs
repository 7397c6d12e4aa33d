//! Random histories against a model that knows which code was made from which words.
//!
//! Each is told twice over in its kind: with the hooks installed and without. `LAW_TIMES` asks for more of them.

use std::sync::Mutex;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::truth::Tally;
use super::world::{SUBJECTS, World};

/// Whether links in the body of a forge's squash stay where that is given another message or joined with others. As long as they
/// don't, they may be lost.
pub const BODY_FOLLOWS: bool = false;
/// Whether a name that came with a renamed file, and was given up together with the words, still tells the clause.
pub const RENAMED_FILE_TELLS: bool = false;

/// How many histories of each kind are told.
const CASES: u32 = 6;

/// One step of a history. Clauses are numbered; other numbers are taken modulo what is there.
#[derive(Clone, Debug)]
pub enum Step {
    /// Other words for a clause.
    Edit(usize),
    /// The words that it had before.
    Back(usize),
    /// Two clauses exchange their names.
    Swap(usize, usize),
    /// Another name.
    Renumber(usize),
    /// The spec file gets another name.
    Rename,
    /// The clause goes.
    Remove(usize),
    /// Code from a clause.
    Generate(How, usize),
    /// A commit that has nothing to do with it.
    Extra,
    /// The newest commit anew; with another message, which has no links.
    Amend { message: bool },
    /// The newest commits anew, each amended where the rebase stands.
    Reword(usize),
    /// The newest commits anew, as they are.
    Again(usize),
    /// `rebase -i`: the newest commits, what is done to each, and which two change places.
    Interactive(Vec<Job>, Option<usize>),
    /// Code from a clause as `fixup!` or `squash!` of one of the newest commits, and `--autosquash`.
    Autosquash { squash: bool, back: usize, how: How, clause: usize },
    /// A branch with other words and code comes back to the trunk, which went on meanwhile.
    Branch { way: Way, edited: usize, other: usize, how: How, more: More },
    /// Code is taken back; and again the taking back.
    Revert { which: usize, again: bool },
    /// What took code back is taken back.
    Reapply(usize),
    /// A link in a note is withdrawn.
    Unlink(usize),
    /// Somebody else makes code and links it, while a link is withdrawn here; both share.
    Share { clause: usize, unlinked: usize },
    /// Somebody else withdraws a link, while its commit is rewritten here.
    Withdraw { which: usize, again: usize },
    /// All of it through `git filter-repo`.
    Filter,
    /// What nothing reaches is thrown away.
    Collect,
}

/// How code is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `git spec commit --for`.
    For,
    /// `git spec start`; then `git commit` where hooks are, else `git spec commit`.
    Start,
    /// `Spec: NAME` in the message, for the hook to complete.
    Typed,
    /// `git spec link`.
    Note,
    /// Two files in one commit, of which one clause is linked in the message, another in a note.
    Two,
    /// The words come with the code.
    Both,
}

/// What is done to a commit of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    Pick,
    Reword,
    Squash,
    Fixup,
    /// `fixup -C`, or `-c` with an editor that changes nothing.
    FixupMessage,
    Drop,
    /// The rebase stops there, and this is done.
    Edit(Stop),
}

/// What is done where a rebase stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Amend,
    /// Amended with another message, which has no links.
    Message,
    /// More code from the clause, as a commit of its own.
    More(How, usize),
    /// Code from a clause comes into the commit, with the link that `git spec commit --amend` writes.
    Into(usize),
}

/// How a branch comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Merge,
    Rebase,
    /// A rebase that stops at a conflict.
    Conflict,
    CherryPick,
    CherryPickX,
    Am,
    /// `merge --squash`, and the message that git composes.
    Squash,
    /// A forge's list of messages.
    Forge,
    /// The same, with a line and more trailers below it.
    ForgeTail,
    /// A forge's title with git's log.
    ForgeLog,
    /// A forge's title, and then `link --squashed`.
    Title,
    /// A forge's title with the lines of `squash-message`.
    SquashMessage,
}

/// What else is on the branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum More {
    Nothing,
    /// More code from the same clause.
    Same(How),
    /// Code from the clause that the trunk changes.
    Other(How),
    /// The clause gets another name.
    Renumber,
    /// The code is taken back.
    Revert,
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        2 => Just(How::For),
        1 => Just(How::Start),
        1 => Just(How::Typed),
        3 => Just(How::Note),
        1 => Just(How::Two),
        1 => Just(How::Both),
    ]
}

fn job() -> impl Strategy<Value = Job> {
    prop_oneof![
        8 => Just(Job::Pick),
        2 => Just(Job::Reword),
        3 => Just(Job::Squash),
        3 => Just(Job::Fixup),
        1 => Just(Job::FixupMessage),
        1 => Just(Job::Drop),
        1 => stop().prop_map(Job::Edit),
    ]
}

fn stop() -> impl Strategy<Value = Stop> {
    prop_oneof![
        2 => Just(Stop::Amend),
        1 => Just(Stop::Message),
        2 => (how(), 0..SUBJECTS.len()).prop_map(|(how, clause)| Stop::More(how, clause)),
        1 => (0..SUBJECTS.len()).prop_map(Stop::Into),
    ]
}

fn branch() -> impl Strategy<Value = Step> {
    let clause = 0..SUBJECTS.len();
    let way = prop::sample::select(vec![
        Way::Merge,
        Way::Rebase,
        Way::Conflict,
        Way::CherryPick,
        Way::CherryPickX,
        Way::Am,
        Way::Squash,
        Way::Forge,
        Way::ForgeTail,
        Way::ForgeLog,
        Way::Title,
        Way::SquashMessage,
    ]);
    let more = prop_oneof![
        3 => Just(More::Nothing),
        2 => how().prop_map(More::Same),
        2 => how().prop_map(More::Other),
        1 => Just(More::Renumber),
        1 => Just(More::Revert),
    ];
    (way, clause.clone(), clause, how(), more).prop_map(|(way, edited, other, how, more)| Step::Branch {
        way,
        edited,
        other,
        how,
        more,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let clause = 0..SUBJECTS.len();
    let some = 0usize..100;
    let joins = (prop::collection::vec(job(), 2..5), prop::option::weighted(0.4, 0usize..4));
    prop_oneof![
        3 => clause.clone().prop_map(Step::Edit),
        1 => clause.clone().prop_map(Step::Back),
        1 => (clause.clone(), clause.clone()).prop_map(|(a, b)| Step::Swap(a, b)),
        1 => clause.clone().prop_map(Step::Renumber),
        1 => Just(Step::Rename),
        1 => clause.clone().prop_map(Step::Remove),
        9 => (how(), clause.clone()).prop_map(|(how, at)| Step::Generate(how, at)),
        1 => Just(Step::Extra),
        2 => any::<bool>().prop_map(|message| Step::Amend { message }),
        1 => (1usize..4).prop_map(Step::Reword),
        1 => (1usize..5).prop_map(Step::Again),
        6 => joins.prop_map(|(jobs, swap)| Step::Interactive(jobs, swap)),
        1 => (any::<bool>(), 0usize..3, how(), clause.clone())
            .prop_map(|(squash, back, how, clause)| Step::Autosquash { squash, back, how, clause }),
        8 => branch(),
        2 => (some.clone(), prop::bool::weighted(0.3)).prop_map(|(which, again)| Step::Revert { which, again }),
        1 => some.clone().prop_map(Step::Reapply),
        2 => some.clone().prop_map(Step::Unlink),
        1 => (clause, some.clone()).prop_map(|(clause, unlinked)| Step::Share { clause, unlinked }),
        1 => (some, 1usize..4).prop_map(|(which, again)| Step::Withdraw { which, again }),
        1 => Just(Step::Filter),
        1 => Just(Step::Collect),
    ]
}

/// How many histories are told, times `LAW_TIMES` where that is set.
fn config() -> ProptestConfig {
    let times = std::env::var("LAW_TIMES").ok().and_then(|times| times.parse::<u32>().ok()).unwrap_or(1);
    let max_shrink_iters = if times > 1 { 200 } else { 20 };
    ProptestConfig { cases: CASES * times, max_shrink_iters, failure_persistence: None, ..ProptestConfig::default() }
}

/// Does the steps and holds every answer against what is known; else what is wrong, and the script that leads there.
fn told(hooks: bool, steps: &[Step], subtree: bool) -> Result<Tally, String> {
    let mut world = World::new(hooks);
    for step in steps {
        world.take(step);
    }
    if subtree {
        world.subtree();
    }
    let tally = world.judge();
    if tally.wrong.is_empty() && tally.silent.is_empty() {
        return Ok(tally);
    }
    Err(format!("{}\n{}\n\n{}", tally.wrong.join("\n"), tally.silent.join("\n"), world.script()))
}

fn histories(hooks: bool) {
    let total = Mutex::new(Tally::default());
    let history = (prop::collection::vec(step(), 8..18), prop::bool::weighted(0.15));
    let outcome = TestRunner::new(config()).run(&history, |(steps, subtree)| {
        let tally = told(hooks, &steps, subtree).map_err(TestCaseError::fail)?;
        *total.lock().expect("no other failed") += tally;
        Ok(())
    });
    let total = total.into_inner().expect("nobody failed");
    eprintln!("random histories, {}: {total}", if hooks { "hooks" } else { "no hooks" });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    // Most links survive: what is withheld or lost is counted, and a model that excuses everything is no judge.
    let not_told = total.unknown + total.lingering + total.unseen;
    assert!(not_told * 5 <= total.right, "{total}");
    assert!(total.told <= total.right, "{total}");
}

#[test]
fn random_histories_with_hooks() {
    histories(true);
}

#[test]
fn random_histories_without_hooks() {
    histories(false);
}

/// What random runs once found, and what their model had to learn; and every kind of step.
#[test]
fn remembered_histories() {
    let mut total = Tally::default();
    for (steps, subtree) in found().into_iter().map(|steps| (steps, false)).chain(every_step()) {
        for hooks in [true, false] {
            match told(hooks, &steps, subtree) {
                Ok(tally) => total += tally,
                Err(said) => panic!("{steps:?}, hooks: {hooks}\n{said}"),
            }
        }
    }
    eprintln!("remembered histories: {total}");
    let missing: Vec<&str> = OPERATIONS.into_iter().filter(|name| !total.operations.contains_key(name)).collect();
    assert!(missing.is_empty(), "not done: {missing:?}");
}

/// What has to be done in a run, whatever its seed.
const OPERATIONS: [&str; 47] = [
    "am",
    "amend",
    "amend -m",
    "amend -m at a stop",
    "amend at a stop",
    "amend with more at a stop",
    "autosquash fixup!",
    "autosquash squash!",
    "back",
    "cherry-pick",
    "cherry-pick -x",
    "commit --for",
    "commit -m at a conflict",
    "edit",
    "forge squash, list",
    "forge squash, log",
    "forge squash, tail",
    "gc",
    "link",
    "link --squashed",
    "merge",
    "merge --squash",
    "rebase",
    "rebase -i drop",
    "rebase -i edit",
    "rebase -i fixup",
    "rebase -i fixup -C",
    "rebase -i fixup -c",
    "rebase -i reword",
    "rebase anew",
    "rebase with a conflict",
    "remove",
    "rename",
    "renumber",
    "reorder",
    "revert",
    "reword",
    "share",
    "squash-message",
    "start and commit",
    "subtree",
    "swap",
    "trailer and note",
    "typed link",
    "unlink",
    "withdraw while it is rewritten",
    "words and code",
];

fn branch_of(way: Way, edited: usize, other: usize, how: How, more: More) -> Step {
    Step::Branch { way, edited, other, how, more }
}

/// Each kind of step, whether another repository takes it all in at the end.
fn every_step() -> Vec<(Vec<Step>, bool)> {
    vec![
        (
            vec![
                Step::Generate(How::Two, 1),
                Step::Autosquash { squash: true, back: 0, how: How::Note, clause: 2 },
                Step::Generate(How::Both, 3),
                Step::Autosquash { squash: false, back: 1, how: How::For, clause: 3 },
                Step::Generate(How::Start, 4),
                Step::Interactive(vec![Job::Pick, Job::FixupMessage], None),
                Step::Generate(How::Note, 1),
                Step::Generate(How::Typed, 2),
                Step::Interactive(vec![Job::Reword, Job::Pick, Job::FixupMessage], Some(0)),
                Step::Generate(How::Note, 3),
                Step::Interactive(vec![Job::Drop, Job::Edit(Stop::Amend)], None),
                Step::Amend { message: true },
                Step::Amend { message: false },
                Step::Reword(2),
                Step::Again(3),
                Step::Collect,
            ],
            false,
        ),
        (
            vec![
                branch_of(Way::Am, 0, 1, How::For, More::Nothing),
                branch_of(Way::Conflict, 1, 2, How::For, More::Nothing),
                branch_of(Way::Conflict, 2, 3, How::For, More::Same(How::Note)),
                branch_of(Way::CherryPick, 3, 4, How::For, More::Nothing),
                branch_of(Way::CherryPickX, 4, 0, How::Typed, More::Renumber),
                branch_of(Way::Rebase, 0, 1, How::Note, More::Other(How::For)),
                branch_of(Way::Merge, 1, 2, How::Note, More::Revert),
                branch_of(Way::Squash, 2, 3, How::Note, More::Renumber),
            ],
            true,
        ),
        (
            vec![
                branch_of(Way::Forge, 1, 2, How::For, More::Nothing),
                branch_of(Way::ForgeLog, 2, 3, How::For, More::Other(How::For)),
                branch_of(Way::Title, 3, 4, How::Note, More::Same(How::For)),
                Step::Edit(0),
                Step::Back(0),
                Step::Rename,
                Step::Renumber(3),
                Step::Remove(4),
                Step::Filter,
                Step::Generate(How::For, 2),
                Step::Revert { which: 4, again: true },
                Step::Revert { which: 4, again: false },
                Step::Reapply(0),
            ],
            false,
        ),
        (
            vec![
                Step::Generate(How::Note, 1),
                Step::Share { clause: 3, unlinked: 0 },
                Step::Extra,
                Step::Generate(How::Note, 2),
                Step::Withdraw { which: 2, again: 2 },
                Step::Edit(1),
                Step::Unlink(0),
                Step::Share { clause: 1, unlinked: 0 },
            ],
            false,
        ),
    ]
}

/// What random runs once found.
fn found() -> Vec<Vec<Step>> {
    vec![
        // The words go with a commit that is dropped, and the name is another clause's: the link can't be tied, and is settled
        // by what is made later.
        vec![
            branch_of(Way::Squash, 0, 1, How::Typed, More::Nothing),
            Step::Swap(4, 0),
            Step::Generate(How::For, 0),
            Step::Interactive(vec![Job::Drop, Job::Pick, Job::Pick], None),
            Step::Generate(How::Start, 0),
        ],
        // The same, and nothing settles it.
        vec![
            branch_of(Way::Squash, 0, 1, How::Typed, More::Nothing),
            Step::Swap(4, 0),
            Step::Generate(How::For, 0),
            Step::Interactive(vec![Job::Drop, Job::Pick, Job::Pick], None),
        ],
        // A link came in from another clone where there was none before.
        vec![
            Step::Extra,
            Step::Share { clause: 3, unlinked: 0 },
            Step::Edit(3),
            Step::Share { clause: 3, unlinked: 0 },
        ],
        // A branch that made code from words that it replaced then.
        vec![branch_of(Way::SquashMessage, 1, 0, How::Start, More::Same(How::Both))],
        // A revert that was joined with something else undoes nothing that could be verified.
        vec![
            Step::Generate(How::For, 4),
            Step::Generate(How::Note, 0),
            Step::Revert { which: 1, again: false },
            Step::Interactive(vec![Job::Pick, Job::Pick, Job::Fixup], None),
            Step::Rename,
        ],
        // A name that two clauses bore, in a squash that gives it up.
        vec![Step::Swap(4, 1), branch_of(Way::ForgeTail, 4, 0, How::For, More::Renumber)],
        // A rebase that stops, each in its way.
        vec![
            Step::Generate(How::Two, 1),
            Step::Generate(How::Note, 2),
            Step::Generate(How::For, 3),
            Step::Interactive(
                vec![Job::Edit(Stop::Message), Job::Edit(Stop::More(How::Note, 4)), Job::Edit(Stop::Into(1))],
                Some(0),
            ),
        ],
    ]
}
