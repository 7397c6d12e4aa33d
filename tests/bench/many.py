#!/usr/bin/env python3
"""A commit that touches 100,000 clauses: fails where it hangs, eats the memory or is told wrong.

    tests/bench/many.py BINARY

Builds a repository in a temporary directory: a hundred files of a thousand clauses, each of which one commit edits, gives
another title and moves to another folder. Prints time and memory of `diff` and `log`. The bounds are far from what it
takes on an idle machine (14 s and 870 MB), so that only a cost that grows otherwise than with the clauses meets them.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

FILES, EACH = 100, 1000
MOST_SECONDS, MOST_MEGABYTES = 300, 1500


def text(file, edited):
    words = random.Random(file)
    lines = [f"# Part {file}\n"]
    for at in range(EACH):
        title = " ".join(f"{'new' if edited else 'name'}{words.randrange(900)}" for _ in range(2))
        body = " ".join(f"word{words.randrange(5000)}" for _ in range(14))
        lines.append(f"\n## {title} {file}.{at}\n\nThe system MUST {body} within {at + edited} ms.\n")
    return "".join(lines)


def git(where, *words):
    subprocess.check_call(["git", "-C", where, "-c", "user.name=A", "-c", "user.email=a@b", *words])


def main():
    binary = os.path.abspath(sys.argv[1])
    environment = {**os.environ, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "spec.index", "GIT_CONFIG_VALUE_0": "false"}
    with tempfile.TemporaryDirectory() as top:
        git(top, "init", "-q")
        for folder, edited in [("specs/a", 0), ("specs/b", 1)]:
            os.makedirs(os.path.join(top, folder))
            for file in range(FILES):
                with open(os.path.join(top, folder, f"{file:03}.md"), "w") as out:
                    out.write(text(file, edited))
                if edited:
                    os.remove(os.path.join(top, "specs/a", f"{file:03}.md"))
            git(top, "add", "-A")
            git(top, "commit", "-q", "-m", folder)
        for words in [["diff", "--json", "HEAD~1..HEAD"], ["log", "--json", "-n", "1"]]:
            start = time.monotonic()
            done = subprocess.run([binary, *words], cwd=top, env=environment, stdout=subprocess.PIPE, timeout=MOST_SECONDS)
            took = time.monotonic() - start
            assert done.returncode == 0, done.returncode
            answer = json.loads(done.stdout)
            changes = answer["changes"] if "changes" in answer else answer["entries"][0]["changes"]
            kept = sum("modified" in change["kinds"] for change in changes)
            most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
            print(f"git spec {words[0]}: {kept:,} of {FILES * EACH:,} clauses live on, {took:.1f} s, {most:.0f} MB at most")
            assert kept >= 0.99 * FILES * EACH, "clauses that live on are told as removed and added"
            assert most < MOST_MEGABYTES, "more memory than a clause needs"


if __name__ == "__main__":
    main()
