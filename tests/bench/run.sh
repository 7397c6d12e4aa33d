#!/usr/bin/env bash
# Measures git spec against git in the same run, with and without its index, and prints a Markdown table.
#
#   tests/bench/run.sh REPOSITORY [BINARY]
#
# REPOSITORY is any clone with a specification. Nothing is written into it: the runs work in a bare copy in a temporary
# directory, which borrows its objects and has its refs and its `spec.*` configuration. The index is built there, below
# `spec/`, and the copy is removed at the end. BINARY is the built git-spec, by default the release build of this
# checkout.
#
# `cold` is without the index (`spec.index=false`), `warm` with all of it. git and git spec take turns; what they read
# is in the page cache. From the environment:
#   RUNS    how often each command runs; the median counts (default 5)
#   SPEC    glob of the specification, for a repository in which detection finds none
#   RANGE   what diff compares (default: 20 spec commits back to HEAD)
#   CODE    the code file that blame reads (default: the largest with a usual ending, else the largest other file)
#   CLAUSE  whose life `log --clause` tells (default: the one in the middle of `ls`)
#   MATCH   only the rows whose name contains this
#   TMPDIR  where the copy is made
set -euo pipefail
export LC_ALL=C GIT_PAGER=cat NO_COLOR=1

repository=${1:?usage: run.sh REPOSITORY [BINARY]}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binary=$(realpath "${2:-$here/../../target/release/git-spec}")
runs=${RUNS:-5}
name=$(basename "$(realpath "$repository")")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
copy=$work/copy.git
git clone --quiet --mirror --shared "$(realpath "$repository")" "$copy"
{ git -C "$repository" config -z --local --get-regexp '^spec\.' || true; } | while IFS= read -r -d '' pair; do
    git -C "$copy" config --add "${pair%%$'\n'*}" "${pair#*$'\n'}"
done
[ -z "${SPEC:-}" ] || git -C "$copy" config spec.include "$SPEC"
git -C "$copy" config spec.index true
cd "$copy"

warm() { "$binary" "$@"; } # as git would start it, without git's own start-up
cold() { GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=spec.index GIT_CONFIG_VALUE_0=false "$binary" "$@"; }

now() { echo "${EPOCHREALTIME/./}"; } # microseconds

once() { # prints the running time in microseconds of: command...
    local start status=0
    start=$(now)
    "$@" >/dev/null 2>"$work/stderr" || status=$?
    # 141: head has seen enough
    [ $status -eq 0 ] || [ $status -eq 141 ] || { echo "$* failed with status $status" >&2; cat "$work/stderr" >&2; return 1; }
    echo $(($(now) - start))
}

median() { sort -n "$1" | awk '{ at[NR] = $1 } END { print at[int((NR + 1) / 2)] }'; }

wanted() { case $1 in *"${MATCH:-}"*) ;; *) return 1 ;; esac; }

row() { # name, factor or -, extra milliseconds or -, the git command, the git spec command
    wanted "$1" || return 0
    : >"$work/git" >"$work/ours"
    local run git ours
    for ((run = 0; run <= runs; run++)); do
        # the first one fills the page cache
        git=$(once "$4") && ours=$(once "$5") || { echo "| $1 | | | | | failed |"; return 0; }
        [ "$run" -eq 0 ] || { echo "$git" >>"$work/git"; echo "$ours" >>"$work/ours"; }
    done
    awk -v name="$1" -v factor="$2" -v extra="$3" -v git="$(median "$work/git")" -v ours="$(median "$work/ours")" 'BEGIN {
        if (factor == "-" && extra == "-") { said = "–"; verdict = "" }
        else {
            bar = factor == "-" ? extra * 1000 : git * factor + extra * 1000
            said = factor == "-" ? "≤ " extra " ms" : "≤ " factor " ×" (extra > 0 ? " + " extra " ms" : "")
            verdict = ours <= bar ? "met" : "missed"
        }
        printf "| %s | %.1f ms | %.1f ms | %.2f | %s | %s |\n", name, git / 1000, ours / 1000, ours / git, said, verdict
    }'
}

peak() { # kilobytes of the process, or of the largest that it started
    /usr/bin/time -f %M -o "$work/peak" "$@" >/dev/null 2>"$work/stderr" && tail -n 1 "$work/peak"
}

memory() { # name, the bar in MB, the value of spec.index, the arguments of git spec
    wanted "$1" || return 0
    local name=$1 bar=$2 index=$3 git ours
    shift 3
    if ! /usr/bin/time -f %M true >/dev/null 2>&1; then
        echo "| $name | | | | ≤ $bar MB | not measured: no GNU time in /usr/bin/time |"
        return 0
    fi
    git=$(peak git log -p -- "$common") && ours=$(peak env GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=spec.index \
        GIT_CONFIG_VALUE_0="$index" "$binary" "$@") || { echo "| $name | | | | | failed |"; return 0; }
    awk -v name="$name" -v bar="$bar" -v git="$git" -v ours="$ours" 'BEGIN {
        printf "| %s | %.0f MB | %.0f MB | %.2f | ≤ %d MB | %s |\n", name, git / 1000, ours / 1000, ours / git, bar, ours <= bar * 1000 ? "met" : "missed"
    }'
}

# The files of the specification, and the directory that holds them all: what a user of git would limit a log to.
mapfile -t files < <(cold ls --json | grep -o '"path": *"[^"]*"' | sort -u | sed 's/^"path": *"//; s/"$//')
[ ${#files[@]} -gt 0 ] || { echo "no specification found in $repository; set SPEC" >&2; exit 2; }
common=$(printf '%s\n' "${files[@]}" | awk -F/ '
    NR == 1 { depth = NF - 1; for (i = 1; i <= depth; i++) part[i] = $i }
    { n = 0; while (n < depth && n < NF - 1 && part[n + 1] == $(n + 1)) n++; depth = n }
    END { for (i = 1; i <= depth; i++) path = path (i > 1 ? "/" : "") part[i]; print (path == "" ? "." : path) }')
[ ${#files[@]} -eq 1 ] && common=${files[0]}
others() { # files that are no specification, the largest first
    git ls-tree -r -l HEAD | awk '$2 == "blob"' | sort -k4,4nr | cut -f 2 |
        { grep -vxF -f <(printf '%s\n' "${files[@]}") || true; }
}
code=${CODE:-$(others | awk '/\.(rs|ts|js|py|go|c|h|cpp|java|rb|toml|yml|json|html)$/ && !code { code = $0 }
    NR == 1 { any = $0 } END { print code ? code : any }')}
clause=${CLAUSE:-$(cold ls -z | tr '\0' '\n' | awk '{ at[NR] = $0 } END { print at[int((NR + 1) / 2)] }')}
# -21 and tail rather than --skip: a history may have fewer commits
back=$(git rev-list --first-parent -21 HEAD -- "$common" | tail -n 1)
range=${RANGE:-$back..HEAD}

git_version() { git --version; }
spec_version() { warm --version; }
git_diff() { git diff "$range" -- "$common"; }
warm_diff() { warm diff "$range"; }
cold_diff() { cold diff "$range"; }
git_blame() { git blame --porcelain HEAD -- "$code"; }
warm_blame() { warm blame HEAD -- "$code"; }
cold_blame() { cold blame HEAD -- "$code"; }
git_blame_spec() { git blame --porcelain HEAD -- "${files[0]}"; }
warm_blame_spec() { warm blame HEAD -- "${files[0]}"; }
cold_blame_spec() { cold blame HEAD -- "${files[0]}"; }
git_first() { git log -p -- "$common" | head -n 1; }
warm_first() { warm log | head -n 1; }
cold_first() { cold log | head -n 1; }
git_log() { git log -p -- "$common"; }
git_oneline() { git log --oneline -- "$common"; }
warm_log() { warm log; }
cold_log() { cold log; }
warm_json() { warm log --json; }
cold_json() { cold log --json; }
first_log() { rm -rf "$copy/spec" && warm log; }
git_clause() { git log -p -- "${clause%%#*}"; }
warm_clause() { warm log --clause "$clause"; }
git_ls() { git grep -c '' HEAD -- "$common"; }
warm_ls() { warm ls; }
git_messages() { git log -z --format=%B; }
warm_status() { warm status; }
cold_fsck() { cold fsck; }
warm_fsck() { warm fsck; }

echo "$(git --version), $("$binary" --version), $(nproc) processors, median of $runs runs"
echo
shown=$(printf %s "$range" | sed -E 's/([0-9a-f]{10})[0-9a-f]{30}/\1/g')
touching=$(git rev-list --count HEAD -- "$common")
commits=$(git rev-list --count HEAD)
echo "\`$name\`: $commits commits, $touching of them touch \`$common\` (${#files[@]} spec files); diff of \`$shown\`; blame of \`${code:-no other file}\` and \`${files[0]}\`; the clause is \`$clause\`"
echo
echo "| work | git | git spec | ratio | bar | |"
echo "|---|---:|---:|---:|---|---|"
row "start-up: --version" 2 0 git_version spec_version
row "whole log, cold, against git log -p" 2.0 0 git_log cold_log
row "whole log --json, cold, against git log -p" 2.0 0 git_log cold_json
row "whole log, the first time, which writes the index" - - git_log first_log
# Now all that the warm rows read is there: facts of commits, messages, where the specification is.
for build in warm_log warm_diff warm_blame_spec ${code:+warm_blame}; do once $build >/dev/null; done
row "whole log, warm, against git log --oneline" 1.0 0 git_oneline warm_log
row "whole log --json, warm, against git log --oneline" - - git_oneline warm_json
row "first line of log, cold" - - git_first cold_first
row "first line of log, warm" - 50 git_first warm_first
row "log --clause, warm, against git log -p of its file" - - git_clause warm_clause
row "diff, cold" - - git_diff cold_diff
row "diff, warm" 2 10 git_diff warm_diff
[ -z "$code" ] || row "blame of a code file, cold" - - git_blame cold_blame
[ -z "$code" ] || row "blame of a code file, warm" 1.15 10 git_blame warm_blame
row "blame of a spec file, cold" - - git_blame_spec cold_blame_spec
row "blame of a spec file, warm" - - git_blame_spec warm_blame_spec
row "ls, warm, against git grep over the same files" - - git_ls warm_ls
once warm_status >/dev/null
row "status, warm; git reads all messages" - 50 git_messages warm_status
if [ "$(git log --format=%B | grep -c '^Spec: ')" -gt 0 ]; then
    row "fsck, cold; git reads all messages" - - git_messages cold_fsck
    row "fsck, warm; git reads all messages" - - git_messages warm_fsck
fi
memory "peak memory of a whole log, cold" 150 false log
memory "peak memory of a whole log, warm" 150 true log
echo
size=$(find spec -type f -exec cat {} + | wc -c)
echo "The index takes $((size / 1000)) kB: $((size / commits)) bytes a commit, $((size / touching)) a commit that touches the specification."
