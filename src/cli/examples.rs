//! The examples beneath each command's help.

pub(super) const TOP: &str = "\
EXAMPLES
  git spec status                       what is behind, worst first
  git spec log                          what changed, newest first
  git spec diff main                    what this branch demands otherwise
  git spec show AUTH-2                  a demand, and what came from it
  git spec blame src/auth/lock.rs       from which demand each line came
  git -c spec.include='docs/**/*.md' spec ls
                                        in a repository of somebody else

See `git spec COMMAND -h` for a command's options.";

pub(super) const INIT: &str = "\
EXAMPLES
  git spec init -n                      only say what would be taken, and why
  git spec init                         write .gitspec.toml
  git spec init --force                 detect anew";

pub(super) const LS: &str = "\
EXAMPLES
  git spec ls                           the clauses at HEAD
  git spec ls v1.0 -- specs/auth.md     those of one file at a tag
  git spec ls -z | xargs -0 -n1 echo    for scripts
  git spec ls --json HEAD               for programs";

pub(super) const DOCTOR: &str = "\
EXAMPLES
  git spec doctor                       what is wrong here, worst first
  git spec doctor --server /srv/git/app.git
  git spec doctor --json                for programs";

pub(super) const GREP: &str = "\
EXAMPLES
  git spec grep 'MUST NOT'              every prohibition
  git spec grep -i lockout v1.0         at a tag
  git spec grep -e --force              a pattern that begins with a hyphen";

pub(super) const SHOW: &str = "\
EXAMPLES
  git spec show AUTH-2                  by id, where it is unique
  git spec show specs/auth.md#AUTH-2    by file and anchor
  git spec show AUTH-2@v1.0             as it was at a tag";

pub(super) const DIFF: &str = "\
EXAMPLES
  git spec diff                         HEAD with the work tree
  git spec diff --cached                HEAD with the index
  git spec diff main...                 since this branch left main
  git spec diff v1.0..v2.0 -- specs     between two tags, beneath one folder
  git spec diff --exit-code A B         1 if any clause changed";

pub(super) const LOG: &str = "\
EXAMPLES
  git spec log -5                       the last five spec commits
  git spec log main..                   those of this branch
  git spec log --clause AUTH-2          the biography of one demand
  git spec log --since='2 weeks ago' --author=jane -- specs/auth.md
  git spec log -S'three attempts'       where these words came or went";

pub(super) const BLAME: &str = "\
EXAMPLES
  git spec blame src/auth/lock.rs       code: line, clause, fresh or stale
  git spec blame specs/auth.md          who last changed what it demands
  git spec blame -L 10,+5 v1.0 -- src/auth/lock.rs
  git spec blame -w -M -C -C src/lib.rs as for git blame";

pub(super) const STATUS: &str = "\
EXAMPLES
  git spec status                       all of it, worst first
  git spec status --branch              only what this branch touched
  git spec status --branch=release -- specs/auth.md
  git spec status --exit-code           1 if anything is behind";

pub(super) const IMPACT: &str = "\
EXAMPLES
  git spec impact                       the code that is behind at HEAD
  git spec impact v1.0..v2.0            behind what changed between two tags
  git spec impact HEAD                  behind what the work tree changes
  git spec impact --files -z | xargs -0 wc -l";

pub(super) const LINK: &str = "\
EXAMPLES
  git spec link HEAD AUTH-2             the last commit was made from AUTH-2
  git spec link 9ac1d02 AUTH-2@v1.0     from AUTH-2 as it was at a tag
  git spec link --affirm HEAD AUTH-2    no code had to change
  git spec link --squashed main..topic 9ac1d02
  git spec link --from-annotations -n   what the comments in code say";

pub(super) const UNLINK: &str = "\
EXAMPLES
  git spec unlink HEAD AUTH-2           it was not made from AUTH-2
  git spec unlink HEAD                  none of the links in its note holds
  git spec unlink HEAD id:0123abcd      that line of the note alone";

pub(super) const SQUASH_MESSAGE: &str = "\
EXAMPLES
  git spec squash-message main..topic   trailers for the squash box of a forge
  git spec squash-message topic         the same, seen from main";

pub(super) const NOTES: &str = "\
EXAMPLES
  git spec notes fetch                  take in what others linked
  git spec notes push                   share what was linked here
  git spec notes push upstream          with another remote";

pub(super) const FSCK: &str = "\
EXAMPLES
  git spec fsck                         the links of this branch
  git spec fsck --all                   of all branches and tags
  git spec fsck --json v1.0             for programs";

pub(super) const START: &str = "\
EXAMPLES
  git spec start AUTH-2 AUTH-7          these two are being generated
  git spec start --changed main..       what this branch demands otherwise
  git spec start --open                 all that has no code yet
  git spec start                        what is under way
  git spec start --done AUTH-2          forget one; without a name all";

pub(super) const COMMIT: &str = "\
EXAMPLES
  git spec commit -m 'Lock sooner'      with links to what is under way
  git spec commit --for AUTH-2 -a       with a link to one clause
  git spec commit --amend --for AUTH-2  the link that was forgotten

All other options are those of git commit.";

pub(super) const CHECK: &str = "\
EXAMPLES
  git spec check                        what would be pushed
  git spec check main..                 the commits of this branch
  git spec check --ci                   in a job: what was pushed
  git spec check -f sarif -o spec.sarif main..
  git spec check --explain stale        what a rule is for";

pub(super) const HOOKS: &str = "\
EXAMPLES
  git spec hooks install                plain git commit carries links
  git spec hooks                        which are installed, and do they run
  git spec hooks install --server DIR   a server refuses what breaks the policy
  git spec hooks uninstall              as it was before";

pub(super) const HOOK: &str = "\
EXAMPLES
  git spec hook commit-msg \"$@\"        in a script of one's own";

pub(super) const MAN: &str = "\
EXAMPLES
  git spec install-man-pages ~/.local/share/man/man1
  git spec --help                       then finds the page";

pub(super) const COMPLETIONS: &str = "\
EXAMPLES
  git spec completions bash >~/.local/share/bash-completion/completions/git-spec
  git spec completions zsh >\"${fpath[1]}/_git-spec\"
  git spec completions fish >~/.config/fish/conf.d/git-spec.fish

For bash, source the file from ~/.bashrc to complete `git spec` from the first <TAB> on. In zsh, fpath has to hold the folder before compinit runs.";
