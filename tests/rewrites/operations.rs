//! What is done to history, by the real git.

use std::os::unix::fs::PermissionsExt;

use super::story::{GENERATED, Mode, Story};

/// Whether the operation is the rewriting itself, or comes after one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It rewrites the commits.
    Itself,
    /// The commits are reworded first, and a note goes along.
    After,
}

/// One operation; `run` gets the commit before the first that it is done to, and leaves the outcome checked out.
pub struct Operation {
    pub name: &'static str,
    pub when: When,
    pub needs: Option<&'static str>,
    pub run: fn(&mut Story, &str) -> Option<()>,
}

/// All of them.
pub fn operations() -> Vec<Operation> {
    type Run = fn(&mut Story, &str) -> Option<()>;
    let itself: [(&str, Run); 21] = [
        ("amend", amend),
        ("amend with another message", amend_message),
        ("reword", reword),
        ("rebase onto another spec change", rebase),
        ("rebase -i, squash", squash),
        ("rebase -i, fixup", fixup),
        ("rebase -i, drop and reorder", reorder),
        ("rebase -i, code before its spec", code_first),
        ("cherry-pick", cherry_pick),
        ("cherry-pick -x", cherry_pick_x),
        ("cherry-pick without the spec", cherry_pick_alone),
        ("am", am),
        ("merge", merge),
        ("merge --squash", merge_squash),
        ("forge squash, list of messages", forge_list),
        ("forge squash, with a tail", forge_tail),
        ("forge squash, indented log", forge_log),
        ("forge squash, title only", forge_title),
        ("the same, link --squashed", forge_title_linked),
        ("filter-repo", filter_repo),
        ("subtree merge", subtree),
    ];
    let after: [(&str, Run); 9] = [
        ("revert", revert),
        ("revert and apply again", reapply),
        ("clause edited after", edited),
        ("clause changed and changed back", back),
        ("two clauses swap texts", swapped),
        ("spec file renamed", renamed),
        ("clause renumbered", renumbered),
        ("renamed, renumbered, edited", everything),
        ("clause removed", removed),
    ];
    let make = |when| {
        move |(name, run): (&'static str, Run)| {
            let needs = (name == "filter-repo").then_some("git-filter-repo isn't installed");
            Operation { name, when, needs, run }
        }
    };
    itself.into_iter().map(make(When::Itself)).chain(after.into_iter().map(make(When::After))).collect()
}

// ---- git, with a script for what it asks

/// Runs git with an editor for the list of commits and one for messages: each a shell command that gets the file.
fn edit_with(story: &Story, args: &[&str], list: &str, message: &str) {
    let write = |name: &str, text: &str| {
        let path = story.repo.beside(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a script can be written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("and made to run");
        path.to_string_lossy().into_owned()
    };
    let list = format!("sequence.editor={}", write("list.sh", list));
    let message = format!("core.editor={}", write("message.sh", message));
    story.repo.git(&[&["-c", &list, "-c", &message], args].concat());
}

/// A commit on the branch that has nothing to do with it all.
fn extra(story: &Story, name: &str) {
    story.repo.write(format!("src/{name}.rs"), format!("// {name}\n"));
    story.repo.commit(&format!("Extra {name}"));
}

/// A branch from `from` with one more change of the specification, of another clause of the same file.
fn other_branch(story: &Story, from: &str) {
    story.repo.git(&["checkout", "-q", "-B", "other", from]);
    story.repo.edit(story.spec, "5 failed attempts", "4 failed attempts");
    story.repo.commit("Lock sooner");
}

// ---- rewriting

fn amend(story: &mut Story, from: &str) -> Option<()> {
    story.repo.git(&[
        "rebase",
        "-q",
        "--exec",
        "git commit -q --amend --no-edit --reset-author --date=@1600000000",
        from,
    ]);
    Some(())
}

/// As it is typed: the message that stood there, and its links, are replaced.
fn amend_message(story: &mut Story, _: &str) -> Option<()> {
    let subject = story.repo.git(&["log", "-1", "--format=%s"]);
    story.repo.git(&["commit", "-q", "--amend", "-m", &format!("{subject}\n\nSaid better.")]);
    Some(())
}

pub fn reword(story: &mut Story, from: &str) -> Option<()> {
    let message = "sed -i '1s/$/, reworded/' \"$1\"";
    edit_with(story, &["rebase", "-q", "-i", from], "sed -i 's/^pick/reword/' \"$1\"", message);
    Some(())
}

fn rebase(story: &mut Story, from: &str) -> Option<()> {
    other_branch(story, from);
    story.repo.git(&["rebase", "-q", "--onto", "other", from, "work"]);
    Some(())
}

fn squash(story: &mut Story, from: &str) -> Option<()> {
    extra(story, "one");
    edit_with(story, &["rebase", "-q", "-i", from], "sed -i '2,$s/^pick/squash/' \"$1\"", "true");
    Some(())
}

fn fixup(story: &mut Story, from: &str) -> Option<()> {
    let subject = story.repo.git(&["log", "-1", "--format=%s"]);
    story.repo.write("src/more.rs", "// more\n");
    story.repo.commit(&format!("fixup! {subject}"));
    edit_with(story, &["rebase", "-q", "-i", "--autosquash", from], "true", "true");
    Some(())
}

fn reorder(story: &mut Story, from: &str) -> Option<()> {
    extra(story, "one");
    extra(story, "two");
    let list = "{ grep 'Extra two' \"$1\"; grep -v -e 'Extra' -e '^#' \"$1\"; } > \"$1.new\" && mv \"$1.new\" \"$1\"";
    edit_with(story, &["rebase", "-q", "-i", from], list, "true");
    Some(())
}

fn code_first(story: &mut Story, from: &str) -> Option<()> {
    let list = "{ grep Generate \"$1\"; grep -v -e Generate -e '^#' \"$1\"; } > \"$1.new\" && mv \"$1.new\" \"$1\"";
    edit_with(story, &["rebase", "-q", "-i", from], list, "true");
    Some(())
}

fn picked(story: &Story, from: &str, options: &[&str]) -> Option<()> {
    other_branch(story, from);
    story.repo.git(&[&["cherry-pick"], options, &[&format!("{from}..work")]].concat());
    Some(())
}

fn cherry_pick(story: &mut Story, from: &str) -> Option<()> {
    picked(story, from, &[])
}

fn cherry_pick_x(story: &mut Story, from: &str) -> Option<()> {
    picked(story, from, &["-x"])
}

/// To a release branch that has what was before; the branch with the specification is kept. Only the commit that
/// holds both takes its words along.
fn cherry_pick_alone(story: &mut Story, from: &str) -> Option<()> {
    if story.mode == Mode::Spec {
        reword(story, from)?;
        story.generate();
    }
    let base = story.base.clone();
    other_branch(story, &base);
    story.repo.git(&["branch", "kept", "work"]);
    story.repo.git(&["cherry-pick", "work"]);
    Some(())
}

fn am(story: &mut Story, from: &str) -> Option<()> {
    let patches = story.repo.git(&["format-patch", "--stdout", &format!("{from}..work")]);
    other_branch(story, from);
    let file = story.repo.beside("patches");
    std::fs::write(&file, patches + "\n").expect("patches can be written");
    story.repo.git(&["am", "-q", &file.to_string_lossy()]);
    Some(())
}

fn merge(story: &mut Story, from: &str) -> Option<()> {
    other_branch(story, from);
    story.repo.git(&["merge", "-q", "--no-ff", "-m", "Merge the work", "work"]);
    Some(())
}

// ---- squashing

fn squashed(story: &Story, from: &str) {
    other_branch(story, from);
    story.repo.git(&["merge", "-q", "--squash", "work"]);
}

fn merge_squash(story: &mut Story, from: &str) -> Option<()> {
    squashed(story, from);
    story.repo.git(&["commit", "-q", "--no-edit"]);
    Some(())
}

/// Messages of the branch, oldest first.
fn messages(story: &Story, from: &str) -> Vec<String> {
    let all = story.repo.git(&["log", "--reverse", "--format=%B%x00", &format!("{from}..work")]);
    all.split('\0').map(|message| message.trim().to_owned()).filter(|message| !message.is_empty()).collect()
}

fn forge(story: &Story, from: &str, message: &str) -> Option<()> {
    squashed(story, from);
    story.repo.git(&["commit", "-q", "--cleanup=verbatim", "-m", message]);
    Some(())
}

fn forge_list(story: &mut Story, from: &str) -> Option<()> {
    let list: Vec<String> = messages(story, from).iter().map(|message| format!("* {message}")).collect();
    forge(story, from, &format!("{GENERATED} (#12)\n\n{}", list.join("\n\n")))
}

fn forge_tail(story: &mut Story, from: &str) -> Option<()> {
    let list: Vec<String> = messages(story, from).iter().map(|message| format!("* {message}")).collect();
    let tail = "---------\n\nCo-authored-by: A U Thor <author@example.org>";
    forge(story, from, &format!("{GENERATED} (#12)\n\n{}\n\n{tail}", list.join("\n\n")))
}

fn forge_log(story: &mut Story, from: &str) -> Option<()> {
    let log = story.repo.git(&["log", &format!("{from}..work")]);
    forge(story, from, &format!("{GENERATED} (pull request #12)\n\nSquashed commit of the following:\n\n{log}"))
}

fn forge_title(story: &mut Story, from: &str) -> Option<()> {
    forge(story, from, &format!("{GENERATED} (#12)"))
}

/// What a person does who finds the links gone.
fn forge_title_linked(story: &mut Story, from: &str) -> Option<()> {
    forge_title(story, from)?;
    if story.mode != Mode::Spec {
        let range = format!("{from}..work");
        story.repo.spec(&["link", "--squashed", &range, "HEAD"]).ok();
    }
    Some(())
}

// ---- everything at once

fn filter_repo(story: &mut Story, _: &str) -> Option<()> {
    let there = story.repo.git_in(story.repo.path(), &["filter-repo", "--version"]);
    there.ok()?;
    story.repo.git(&[
        "filter-repo",
        "--quiet",
        "--force",
        "--message-callback",
        "return message + b'\\n'",
        "--commit-callback",
        "commit.author_email = b'other@example.org'",
    ]);
    Some(())
}

/// Another repository takes this one in, below a directory.
fn subtree(story: &mut Story, _: &str) -> Option<()> {
    let repo = &story.repo;
    repo.git(&["checkout", "-q", "--orphan", "outer"]);
    repo.git(&["rm", "-q", "-r", "-f", "."]);
    repo.write("outer.txt", "outer\n");
    repo.commit("Begin the outer project");
    repo.git(&["merge", "-q", "-s", "ours", "--no-commit", "--allow-unrelated-histories", "work"]);
    repo.git(&["read-tree", "--prefix=inner/", "-u", "work"]);
    repo.git(&["commit", "-q", "-m", "Take the inner project in"]);
    story.spec = "inner/specs/auth.md";
    Some(())
}

// ---- what may come later

/// Undoes what was done, newest first, as far as it is only code or only spec.
fn revert(story: &mut Story, from: &str) -> Option<()> {
    story.repo.git(&["revert", "--no-edit", &format!("{from}..HEAD")]);
    Some(())
}

fn reapply(story: &mut Story, from: &str) -> Option<()> {
    let before = story.repo.rev("HEAD");
    revert(story, from)?;
    story.repo.git(&["revert", "--no-edit", &format!("{before}..HEAD")]);
    Some(())
}

fn edited(story: &mut Story, _: &str) -> Option<()> {
    story.repo.edit(story.spec, "20 minutes", "15 minutes");
    story.repo.commit("Shorten sessions again");
    Some(())
}

fn back(story: &mut Story, from: &str) -> Option<()> {
    edited(story, from)?;
    story.repo.edit(story.spec, "15 minutes", "20 minutes");
    story.repo.commit("Think better of it");
    Some(())
}

/// Content comes first: the clause goes on under the other's name.
fn swapped(story: &mut Story, _: &str) -> Option<()> {
    let text = story.repo.git(&["show", &format!("HEAD:{}", story.spec)]);
    let text =
        text.replace("{#AUTH-1}", "{#AUTH-0}").replace("{#AUTH-2}", "{#AUTH-1}").replace("{#AUTH-0}", "{#AUTH-2}");
    let text =
        text.replace("## Lockout", "## Zero").replace("## Sessions", "## Lockout").replace("## Zero", "## Sessions");
    story.repo.write(story.spec, text + "\n");
    story.repo.commit("Swap what is said of lockout and sessions");
    story.name = Some("AUTH-1");
    Some(())
}

fn renamed(story: &mut Story, _: &str) -> Option<()> {
    story.repo.git(&["mv", story.spec, "specs/login.md"]);
    story.repo.commit("Call the file by its name");
    story.spec = "specs/login.md";
    Some(())
}

fn renumbered(story: &mut Story, _: &str) -> Option<()> {
    story.repo.edit(story.spec, "AUTH-2", "AUTH-9");
    story.repo.commit("Number anew");
    story.name = Some("AUTH-9");
    Some(())
}

fn everything(story: &mut Story, from: &str) -> Option<()> {
    renumbered(story, from)?;
    renamed(story, from)?;
    edited(story, from)
}

fn removed(story: &mut Story, _: &str) -> Option<()> {
    let text = story.repo.git(&["show", &format!("HEAD:{}", story.spec)]);
    let at = text.find("## Sessions").expect("the clause");
    let end = text.find("## Reset").expect("the next clause");
    story.repo.write(story.spec, format!("{}{}\n", &text[..at], &text[end..]));
    story.repo.commit("Let sessions last");
    story.name = None;
    Some(())
}
