#!/usr/bin/env python3
"""Measures what the server's hook costs, against git in the same run, and prints rows of a Markdown table.

    tests/bench/push.py REPOSITORY [BINARY]

REPOSITORY was made by tests/bench/linked.py. Nothing is written into it: pushes go into bare copies in a temporary
directory that borrow its objects. BINARY is the built git-spec, by default the release build of this checkout. git and git
spec take turns, the medians of RUNS (default 7) count; the peak of memory is that of the hook alone, without git's processes.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = int(os.environ.get("RUNS", "7"))
# Every fifth commit of that history carries a link; these are its files.
POLICY = """[spec]
include = ["specs/*.md"]
[generated]
paths = ["src/part*[16].rs"]
[policy]
refs = ["refs/heads/main"]
"""
# What judging asks git for.
FLAGS = [
    "--raw", "-r", "--no-abbrev", "--no-renames", "--diff-merges=off", "-z", "--encoding=UTF-8", "--no-notes",
    "--ignore-submodules=none",
    "--format=tformat:c%m%H%x00%P%x00%aN%x00%aE%x00%ad%x00%at%x00%ct%x00%x00%s",
]


def git(where, *words, **more):
    return subprocess.check_output(["git", "-C", where, *words], text=True, **more).strip()


def timed(words, where, stdin=""):
    start = time.perf_counter()
    subprocess.run(words, cwd=where, input=stdin, text=True, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000


def peak(words, where, stdin):
    """The most memory that a process had, in MB, and how much of its own at most, without files that are mapped. What the
    system tells at its end counts its children too, so it is looked at while it runs; the first figure is what the system
    itself counted until then."""
    process = subprocess.Popen(words, cwd=where, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process.stdin.write(stdin.encode())
    process.stdin.close()
    most = own = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as file:
                facts = dict(line.split(":", 1) for line in file)
        except OSError:
            continue
        # Between fork and exec it is still this program.
        if facts["Name"].strip() == os.path.basename(words[0])[:15] and "VmHWM" in facts:
            most = max(most, int(facts["VmHWM"].split()[0]))
            own = max(own, int(facts["RssAnon"].split()[0]))
        time.sleep(0.002)
    assert process.returncode == 0, process.returncode
    return most / 1000, own / 1000


def server(top, name, repository):
    bare = os.path.join(top, name)
    subprocess.check_call(["git", "clone", "--quiet", "--bare", "--shared", repository, bare])
    subprocess.check_call(["git", "-C", bare, "symbolic-ref", "HEAD", "refs/heads/main"])
    policy = os.path.join(top, "policy.toml")
    with open(policy, "w") as file:
        file.write(POLICY)
    git(bare, "config", "spec.policy", policy)
    return bare


def in_turn(one, other):
    pairs = [(one(), other()) for _ in range(RUNS)]
    return tuple(statistics.median(column) for column in zip(*pairs))


def main():
    repository = os.path.abspath(sys.argv[1])
    here = os.path.dirname(os.path.abspath(__file__))
    binary = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else os.path.join(here, "../../target/release/git-spec"))
    tip = git(repository, "rev-parse", "HEAD")
    count = int(git(repository, "rev-list", "--count", "HEAD"))
    with tempfile.TemporaryDirectory() as top:
        bare = server(top, "server.git", repository)
        git(bare, "update-ref", "refs/heads/main", tip)
        for commits in [10_000, 100_000]:
            if commits >= count:
                continue
            old = git(bare, "rev-parse", f"{tip}~{commits}")
            git(bare, "update-ref", "refs/heads/main", old)
            line = f"{old} {tip} refs/heads/main\n"
            hook = [binary, "hook", "pre-receive"]
            log = ["git", "log", *FLAGS, f"{old}..{tip}"]
            theirs, ours = in_turn(lambda: timed(log, bare), lambda: timed(hook, bare, line))
            most, own = peak(hook, bare, line)
            print(f"| pre-receive, {commits:,} commits of {count:,} | {theirs:.1f} ms | {ours:.1f} ms | {ours / theirs:.2f} "
                  f"| peak {most:.0f} MB, {own:.0f} MB of its own |", flush=True)
        git(bare, "update-ref", "refs/heads/main", tip)
        work = os.path.join(top, "work")
        subprocess.check_call(["git", "clone", "--quiet", "--shared", "--no-checkout", bare, work])
        git(work, "read-tree", "HEAD")
        blob = git(work, "hash-object", "-w", "--stdin", input="new\n")
        git(work, "update-index", "--add", "--cacheinfo", f"100644,{blob},src/part1.rs")
        spec = subprocess.run([binary, "ls", "--json", "HEAD"], cwd=work, text=True, capture_output=True)

        clause = json.loads(spec.stdout)["clauses"][-1]
        name = f"{clause['path']}#{clause['anchor']}"
        env = {**os.environ, "PATH": os.path.dirname(binary) + os.pathsep + os.environ["PATH"], "GIT_AUTHOR_NAME": "A",
               "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b"}
        subprocess.check_call(["git", "-C", work, "spec", "commit", "-q", "-m", "One", "--for", name], env=env)
        assert "Spec: " in git(work, "log", "-1", "--format=%B")
        plain = server(top, "plain.git", repository)
        subprocess.check_call([binary, "hooks", "install", "--server", bare], stdout=subprocess.DEVNULL)

        def push(to):
            git(to, "update-ref", "refs/heads/main", tip)
            return timed(["git", "push", "--quiet", to, "HEAD:main"], work)

        for hooks in ["with post-receive", "pre-receive alone"]:
            theirs, ours = in_turn(lambda: push(plain), lambda: push(bare))
            print(f"| one commit with an exact link pushed into {count:,}, {hooks} | {theirs:.1f} ms | {ours:.1f} ms "
                  f"| + {ours - theirs:.1f} ms | |", flush=True)
            os.remove(os.path.join(bare, "hooks/post-receive")) if hooks.startswith("with") else None


if __name__ == "__main__":
    main()
