//! The hooks of a server: read what git says, judge, answer once. Whatever goes wrong refuses the push.

use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use bstr::ByteSlice;

use super::clock::Clock;
use super::{Outcome, bytes};
use crate::cli::{Global, HookArgs, HooksAction};
use crate::commands::post_receive;
use crate::commands::receive::in_force::Refs;
use crate::commands::receive::pusher::{Pusher, ServerSettings, seconds};
use crate::commands::receive::{Push, Update, failure, judge_push};
use crate::commands::server_hooks::server_hooks;
use crate::error::Error;
use crate::git::{PushFacts, Repo, never_fetch};
use crate::trace::policy::Rule;
use crate::view::output::{Output, Surroundings, Wishes};
use crate::view::receive::{Refusal, Verdict, ref_text};

/// The hooks that are judged here.
pub const JUDGES: [&str; 3] = ["pre-receive", "update", "vref"];

/// Runs one of [`JUDGES`]: status 1 refuses.
pub fn judge(args: &HookArgs) -> Outcome {
    never_fetch();
    let gitlab = args.gitlab || is_gitlab();
    let clock = Clock::start(move |time| {
        say(&out_of_time(time), gitlab);
        1
    });
    let verdict = catch_unwind(AssertUnwindSafe(|| verdict(args, &clock))).unwrap_or_else(|_| {
        let what = "the push cannot be judged: git-spec failed inside, which is a bug";
        Ok(Verdict {
            refusals: vec![Refusal::new(Rule::Unreadable, what, "report it with the lines above")],
            ..Verdict::default()
        })
    });
    let verdict = verdict.unwrap_or_else(|error| failure(&error));
    clock.stop();
    let told = say(&verdict, gitlab);
    if verdict.refuses() && args.name == "vref" {
        refex(args);
    }
    // Who doesn't hear what was let through, or warned of, must not believe that all was well.
    Outcome { findings: verdict.refuses() || !told, ..Outcome::default() }
}

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// Gitaly sets both for each hook of a project.
fn is_gitlab() -> bool {
    ["GL_ID", "GL_REPOSITORY"].iter().all(|name| variable(name).is_some_and(|value| !value.is_empty()))
}

/// What is said when the time is over.
fn out_of_time(time: Duration) -> Verdict {
    let what = format!("judging took longer than {} s", time.as_secs_f64());
    let hint = "push in several steps, oldest first: git push origin COMMIT:BRANCH\nor ask the administrator of the server for more time: git config spec.deadline SECONDS";
    Verdict { refusals: vec![Refusal::new(Rule::Time, what, hint)], ..Verdict::default() }
}

fn verdict(args: &HookArgs, clock: &Clock) -> Result<Verdict, Error> {
    if let Some(time) = &args.deadline {
        clock.allow(seconds("--deadline", time)?);
    }
    let updates = match args.name.as_str() {
        "pre-receive" => {
            let mut input = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut input)
                .map_err(|error| Error::io("read what git pushes", error))?;
            Update::lines(&input)?
        }
        name => vec![one_ref(name, args)?],
    };
    // Git calls no hook for nothing: another one has read what was meant for this one.
    if updates.is_empty() {
        return Err(Error::HookInput);
    }
    let repo = Repo::discover()?;
    let settings = ServerSettings::read(repo.config()?)?;
    if let Some(time) = settings.deadline.filter(|_| args.deadline.is_none()) {
        clock.allow(time);
    }
    let pusher = Pusher::of(&settings, variable);
    let refs = Refs::now(&repo)?;
    let facts = PushFacts::of(variable);
    judge_push(&Push { repo: &repo, settings: &settings, pusher: &pusher, facts: &facts, refs: &refs }, &updates)
}

/// The ref that `update <ref> <old> <new>` is called for; a VREF has more words behind these.
fn one_ref(hook: &str, args: &HookArgs) -> Result<Update, Error> {
    let words: Vec<_> = args.words.iter().take(3).cloned().map(bytes).collect();
    match words.as_slice() {
        [name, old, new] => Update::of(old, new, name),
        _ => Err(Error::Usage {
            message: format!("the hook {hook} needs the words that git gives it"),
            help: format!("git spec hook {hook} \"$@\""),
        }),
    }
}

/// gitolite reads on standard output which rule is asked for, and what to say: its seventh word names it.
fn refex(args: &HookArgs) {
    let surroundings = Surroundings::of_process();
    let mut out = Output::open(&surroundings, &Wishes::default(), String::new);
    if let Some(refex) = args.words.get(6).cloned().map(bytes) {
        let name = ref_text(refex.as_bstr());
        let _ = out.line(&format!("{name} the push breaks the policy of the specification"));
    }
    let _ = out.finish();
}

fn say(verdict: &Verdict, gitlab: bool) -> bool {
    let text = verdict.text(Surroundings::of_process().unicode, gitlab);
    let mut stderr = std::io::stderr().lock();
    stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush()).is_ok()
}

/// Runs `post-receive`: the push is done, so that nothing in here fails.
pub fn tell(global: &Global, args: &HookArgs) -> Outcome {
    never_fetch();
    let clock = Clock::start(|time| {
        lament(&format!("it took longer than {} s", time.as_secs_f64()));
        0
    });
    let told = catch_unwind(AssertUnwindSafe(|| told(global, args, &clock)));
    clock.stop();
    match told {
        Ok(Ok(())) | Ok(Err(Error::Closed)) => {}
        Ok(Err(error)) => lament(&crate::error::in_one_line(&error)),
        Err(_) => lament("git-spec failed inside, which is a bug"),
    }
    Outcome::default()
}

fn lament(why: &str) {
    let style = crate::view::Style { color: false, unicode: Surroundings::of_process().unicode };
    crate::error::warnings(&[format!("post-receive did not do its work: {why}")], style);
}

fn told(global: &Global, args: &HookArgs, clock: &Clock) -> Result<(), Error> {
    if let Some(time) = &args.deadline {
        clock.allow(seconds("--deadline", time)?);
    }
    let mut input = Vec::new();
    std::io::stdin().lock().read_to_end(&mut input).map_err(|error| Error::io("read what git pushed", error))?;
    let updates = Update::lines(&input)?;
    let repo = Repo::discover()?;
    let settings = ServerSettings::read(repo.config()?)?;
    if let Some(time) = settings.deadline.filter(|_| args.deadline.is_none()) {
        clock.allow(time);
    }
    // What was let through is written down first: the rest is only news.
    post_receive::note_down(&repo, &settings, &updates, variable)?;
    let report = post_receive::post_receive(&repo, &settings, &updates)?;
    super::answer(&repo, global, &report, |out| report.show(out))
}

/// Runs `git spec hooks --server`.
pub fn run_hooks(global: &Global, action: &HooksAction, directory: Option<&Path>) -> Result<Outcome, Error> {
    let report = server_hooks(action, directory)?;
    let mut out =
        Output::open(&Surroundings::of_process(), &Wishes { color: global.color(), ..Wishes::default() }, String::new);
    if global.json {
        super::json(&mut out, &report)?;
    } else {
        report.show(&mut out)?;
    }
    out.finish()?;
    Ok(Outcome::default())
}
