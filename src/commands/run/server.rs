//! The hooks of a server: read what git says, judge, answer once. Whatever goes wrong refuses the push.

use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bstr::ByteSlice;

use super::{Outcome, bytes, error_style};
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

/// How long judging may take where nobody says so. A push that waits for ever is worse than one that is refused, and no
/// honest one takes so long (docs/performance.md).
const PATIENCE: Duration = Duration::from_secs(600);

/// The hooks that are judged here.
pub const JUDGES: [&str; 3] = ["pre-receive", "update", "vref"];

/// Runs one of [`JUDGES`]: status 1 refuses.
pub fn judge(args: &HookArgs) -> Outcome {
    never_fetch();
    let answer = Answer::within(PATIENCE, args.gitlab || is_gitlab());
    let verdict = catch_unwind(AssertUnwindSafe(|| verdict(args, &answer))).unwrap_or_else(|_| {
        let what = "the push cannot be judged: git-spec failed inside, which is a bug";
        Ok(Verdict {
            refusals: vec![Refusal::new(Rule::Unreadable, what, "report it with the lines above")],
            ..Verdict::default()
        })
    });
    let verdict = verdict.unwrap_or_else(|error| failure(&error));
    let told = answer.give(&verdict);
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

fn verdict(args: &HookArgs, answer: &Answer) -> Result<Verdict, Error> {
    if let Some(time) = &args.deadline {
        answer.by(seconds("--deadline", time)?);
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
        answer.by(time);
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

/// What is said, once: by the judge, or by the clock.
struct Answer {
    given: Arc<AtomicBool>,
    gitlab: bool,
    /// How long it may take, and whom to wake when that changes.
    limit: Arc<(Mutex<Duration>, Condvar)>,
}

impl Answer {
    /// Starts the clock, which refuses the push when the time is over and nothing was said. It is a thread of its own, for
    /// nothing else looks at the time: not git, not a parser, not a read of what nobody sends.
    fn within(time: Duration, gitlab: bool) -> Answer {
        let answer = Answer { given: Arc::default(), gitlab, limit: Arc::new((Mutex::new(time), Condvar::new())) };
        let (given, limit, started) = (answer.given.clone(), answer.limit.clone(), Instant::now());
        std::thread::spawn(move || {
            let (limit, changed) = &*limit;
            let mut time = limit.lock().unwrap_or_else(PoisonError::into_inner);
            while let Some(left) = time.checked_sub(started.elapsed()).filter(|left| !left.is_zero()) {
                time = changed.wait_timeout(time, left).unwrap_or_else(PoisonError::into_inner).0;
            }
            if given.swap(true, Ordering::SeqCst) {
                return;
            }
            let time = *time;
            let what = format!("judging took longer than {} s", time.as_secs_f64());
            let hint = "push in several steps, oldest first: git push origin COMMIT:BRANCH\nor ask the administrator of the server for more time: git config spec.deadline SECONDS";
            let verdict = Verdict { refusals: vec![Refusal::new(Rule::Time, what, hint)], ..Verdict::default() };
            say(&verdict, gitlab);
            // Git's own processes end with the pipes that they write to, and none holds one that git waits for.
            std::process::exit(1);
        });
        answer
    }

    /// Sets the time, counted from the start.
    fn by(&self, time: Duration) {
        *self.limit.0.lock().unwrap_or_else(PoisonError::into_inner) = time;
        self.limit.1.notify_all();
    }

    /// Says the verdict; whether somebody took it.
    fn give(&self, verdict: &Verdict) -> bool {
        if self.given.swap(true, Ordering::SeqCst) {
            // The clock is saying no, and ends the process.
            loop {
                std::thread::park();
            }
        }
        say(verdict, self.gitlab)
    }
}

fn say(verdict: &Verdict, gitlab: bool) -> bool {
    let text = verdict.text(error_style().0.unicode, gitlab);
    let mut stderr = std::io::stderr().lock();
    stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush()).is_ok()
}

/// Runs `post-receive`: the push is done, so that nothing in here fails.
pub fn tell(global: &Global) -> Outcome {
    never_fetch();
    let told = catch_unwind(AssertUnwindSafe(|| told(global)));
    let error = match told {
        Ok(Ok(())) | Ok(Err(Error::Closed)) => return Outcome::default(),
        Ok(Err(error)) => crate::error::in_one_line(&error),
        Err(_) => "git-spec failed inside, which is a bug".to_owned(),
    };
    let style = crate::view::Style { color: false, ..error_style().0 };
    crate::error::warnings(&[format!("post-receive did not do its work: {error}")], style);
    Outcome::default()
}

fn told(global: &Global) -> Result<(), Error> {
    let mut input = Vec::new();
    std::io::stdin().lock().read_to_end(&mut input).map_err(|error| Error::io("read what git pushed", error))?;
    let updates = Update::lines(&input)?;
    let repo = Repo::discover()?;
    let settings = ServerSettings::read(repo.config()?)?;
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
