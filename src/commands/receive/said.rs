//! What is said where nothing can be judged.

use super::UNSHALLOW;
use crate::error::{Error, in_one_line, render};
use crate::git::GitError;
use crate::trace::policy::Rule;
use crate::view::Style;
use crate::view::receive::{Refusal, Verdict};

/// What is said of a failure that keeps from judging.
pub fn failure(error: &Error) -> Verdict {
    let what = match error {
        Error::Git(GitError::MissingObject { .. }) | Error::MissingObject { .. } | Error::GitFailed { .. } => {
            Refusal::new(
                Rule::Unreadable,
                format!("the push cannot be judged: {}", first_line(error)),
                format!("if it comes from a shallow clone: {UNSHALLOW}\nelse tell the administrator of the server"),
            )
        }
        _ => Refusal::new(
            Rule::Unreadable,
            format!("the push cannot be judged: {}", in_one_line(error)),
            "tell the administrator of the server",
        ),
    };
    Verdict { refusals: vec![what], ..Verdict::default() }
}

fn first_line(error: &Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// What is said of a policy that cannot be read.
pub(super) fn unreadable(error: &Error) -> Refusal {
    let hint = "the administrator of the server mends it: git config spec.policy FILE\nor lets a pusher by: git config spec.exemptPusher NAME\nand takes push options: git config receive.advertisePushOptions true\nwho then types: git push -o spec.bypass=REASON REMOTE BRANCH";
    Refusal {
        excerpt: excerpt(error),
        ..Refusal::new(Rule::Broken, format!("the policy cannot be read: {error}"), hint)
    }
}

/// The lines of a configuration that are wrong, without the words around them.
pub(super) fn excerpt(error: &Error) -> String {
    let plain = Style { color: false, unicode: false };
    let lines = render(error, plain, 80);
    let is_frame = |line: &&str| !line.starts_with("error: ") && !line.starts_with("hint: ");
    lines.lines().filter(is_frame).map(|line| format!("  {line}\n")).collect()
}
