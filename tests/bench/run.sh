#!/usr/bin/env bash
# Measures git spec against git in the same run and prints a Markdown table.
#
#   tests/bench/run.sh REPOSITORY [BINARY]
#
# REPOSITORY is any clone with a specification; nothing is written into it. BINARY is the built git-spec, by default the
# release build of this checkout. From the environment:
#   RUNS   how often each command runs; the median counts (default 5)
#   SPEC   glob of the specification, for a repository in which detection finds none
#   RANGE  what diff compares (default: 20 spec commits back to HEAD)
#   CODE   the code file that blame reads (default: the largest with a usual ending)
#   MATCH  only the rows whose name contains this
set -euo pipefail
export LC_ALL=C GIT_PAGER=cat NO_COLOR=1

repository=${1:?usage: run.sh REPOSITORY [BINARY]}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binary=$(realpath "${2:-$here/../../target/release/git-spec}")
runs=${RUNS:-5}
cd "$repository"

options=()
[ -n "${SPEC:-}" ] && options=(-c "spec.include=$SPEC")
spec() { # as git would start it, -c included, without git's own start-up
    if [ ${#options[@]} -gt 0 ]; then
        GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=spec.include GIT_CONFIG_VALUE_0="$SPEC" "$binary" "$@"
    else
        "$binary" "$@"
    fi
}

now() { echo "${EPOCHREALTIME/./}"; } # microseconds

median() { # of the running times in microseconds of: command...
    local run start status
    for ((run = 0; run <= runs; run++)); do
        start=$(now)
        status=0
        "$@" >/dev/null 2>&1 || status=$?
        # 141: head has seen enough
        [ $status -eq 0 ] || [ $status -eq 141 ] || { echo "$1 failed with status $status" >&2; return 1; }
        # the first one warms the disk
        [ "$run" -eq 0 ] || echo $(($(now) - start))
    done | sort -n | awk '{ at[NR] = $1 } END { print at[int((NR + 1) / 2)] }'
}

row() { # name, factor, extra milliseconds, the git command, the git spec command
    case $1 in *"${MATCH:-}"*) ;; *) return 0 ;; esac
    local git ours
    git=$(median "$4") && ours=$(median "$5") || { echo "| $1 | | | | | failed |"; return 0; }
    awk -v name="$1" -v factor="$2" -v extra="$3" -v git="$git" -v ours="$ours" 'BEGIN {
        bar = factor == "-" ? extra * 1000 : git * factor + extra * 1000
        said = factor == "-" ? "<= " extra " ms" : "<= " factor "x" (extra > 0 ? " + " extra " ms" : "")
        printf "| %s | %.1f ms | %.1f ms | %.2f | %s | %s |\n", name, git / 1000, ours / 1000, ours / git, said, ours <= bar ? "met" : "missed"
    }'
}

# The files of the specification, and the directory that holds them all: what a user of git would limit a log to.
mapfile -t files < <(spec ls --json | grep -o '"path": *"[^"]*"' | sort -u | sed 's/^"path": *"//; s/"$//')
[ ${#files[@]} -gt 0 ] || { echo "no specification found in $repository; set SPEC" >&2; exit 2; }
common=$(printf '%s\n' "${files[@]}" | awk -F/ '
    NR == 1 { depth = NF - 1; for (i = 1; i <= depth; i++) part[i] = $i }
    { n = 0; while (n < depth && n < NF - 1 && part[n + 1] == $(n + 1)) n++; depth = n }
    END { for (i = 1; i <= depth; i++) path = path (i > 1 ? "/" : "") part[i]; print (path == "" ? "." : path) }')
[ ${#files[@]} -eq 1 ] && common=${files[0]}
code=${CODE:-$(git ls-tree -r -l HEAD | { grep -E '\.(rs|ts|js|py|go|c|h|cpp|java|rb|toml|yml|json|html)$' || true; } |
    sort -k4,4nr | awk -F'\t' 'NR == 1 { print $2 }')}
# -21 and tail rather than --skip: a history may have fewer commits
back=$(git rev-list --first-parent -21 HEAD -- "$common" | tail -n 1)
range=${RANGE:-$back..HEAD}

git_version() { git --version; }
spec_version() { spec --version; }
git_log() { git log -p -- "$common"; }
spec_log() { spec log --json; }
git_first() { git log -p -- "$common" | head -n 1; }
spec_first() { spec log | head -n 1; }
git_diff() { git diff "$range" -- "$common"; }
spec_diff() { spec diff "$range"; }
git_blame() { git blame --porcelain HEAD -- "$code"; }
spec_blame() { spec blame HEAD "$code"; }
git_blame_spec() { git blame --porcelain HEAD -- "${files[0]}"; }
spec_blame_spec() { spec blame HEAD "${files[0]}"; }
git_ls() { git grep -c '' HEAD -- "$common"; }
spec_ls() { spec ls; }

echo "$(git --version), $("$binary" --version), $(nproc) processors, median of $runs runs"
echo
shown=$(printf %s "$range" | sed -E 's/([0-9a-f]{10})[0-9a-f]{30}/\1/g')
touching=$(git rev-list --count HEAD -- "$common")
echo "\`$(basename "$(pwd)")\`: $(git rev-list --count HEAD) commits, $touching of them touch \`$common\` (${#files[@]} spec files); diff of \`$shown\`${code:+; blame of \`$code\`}"
echo
echo "| work | git | git spec | ratio | bar | |"
echo "|---|---:|---:|---:|---|---|"
row "start-up: --version" 2 0 git_version spec_version
row "diff" 2 10 git_diff spec_diff
[ -z "$code" ] || row "blame of a code file" 1.15 10 git_blame spec_blame
row "blame of a spec file" 1.15 10 git_blame_spec spec_blame_spec
row "first line of log" - 50 git_first spec_first
row "log, cold, against git log -p" 2.0 0 git_log spec_log
# log, warm, against git log --oneline (bar 1.0): with the index
row "ls, against git grep over the same files" 2 10 git_ls spec_ls
