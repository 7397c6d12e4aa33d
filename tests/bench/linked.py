#!/usr/bin/env python3
"""Makes a repository in which code was generated from a specification for a long time.

    tests/bench/linked.py DIRECTORY BINARY [COMMITS]

COMMITS (default 50,000) commits on `main`: every hundredth changes one of 200 clauses in `specs/NN.md`, every fifth of
the others carries a `Spec:` trailer to what a clause says then. BINARY is the built git-spec, which is asked for the
versions. The same arguments give the same commits."""

import json
import subprocess
import sys

directory, binary = sys.argv[1:3]
total = int(sys.argv[3]) if len(sys.argv) > 3 else 50_000
FILES, CLAUSES, CODE = 10, 20, 500


def body(file, clause, state):
    return f"The part {file} of the system MUST answer question {clause} within {state + 3} seconds, or say why it cannot."


def text(file, states):
    sections = (f"## Question {n} {{#q-{file}-{n}}}\n\n{body(file, n, state)}\n" for n, state in enumerate(states))
    return f"# Part {file}\n\n" + "\n".join(sections)


def git(*args, **more):
    return subprocess.run(["git", "-C", directory, *args], check=True, capture_output=True, text=True, **more).stdout


subprocess.run(["git", "init", "-q", "--bare", "-b", "main", directory], check=True)
git("config", "spec.include", "specs/*.md")


def stream(spec_commits, versions):
    """The history as fast-import reads it. Marks of spec commits are named in links once their ids are known."""
    states = [[0] * CLAUSES for _ in range(FILES)]
    newest = [[1] * CLAUSES for _ in range(FILES)]
    for n in range(1, total + 1):
        lines, message = [], f"Commit {n}\n"
        if n == 1:
            lines = [(f"specs/{f:02}.md", text(f, states[f])) for f in range(FILES)]
        elif n % 100 == 0:
            f, c = (n // 100) % FILES, (n // 1000) % CLAUSES
            states[f][c] += 1
            newest[f][c] = n
            lines = [(f"specs/{f:02}.md", text(f, states[f]))]
        else:
            lines = [(f"src/part{n % CODE}.rs", f"// answer {n}\n" * 20)]
            if n % 5 == 1 and versions:
                f, c = n % FILES, (n // 7) % CLAUSES
                commit = spec_commits[newest[f][c]][:16]
                message += f"\nSpec: specs/{f:02}.md#q-{f}-{c}@{commit} {versions[f, c, states[f][c]]}\n"
        yield f"commit refs/heads/main\nmark :{n}\ncommitter A <a@example.org> {1_500_000_000 + 600 * n} +0000\n"
        yield f"data {len(message)}\n{message}\n"
        for path, content in lines:
            yield f"M 644 inline {path}\ndata {len(content)}\n{content}\n"


def versions_of_all():
    """Each state that a clause comes to have, hashed by the tool in a repository of its own."""
    most = total // 100 // FILES // CLAUSES + 2
    scratch = directory + ".versions"
    subprocess.run(["git", "init", "-q", scratch], check=True)
    subprocess.run(["git", "-C", scratch, "config", "spec.include", "*.md"], check=True)
    known = {}
    for state in range(most):
        for f in range(FILES):
            with open(f"{scratch}/{f:02}.md", "w", encoding="utf-8") as out:
                out.write(text(f, [state] * CLAUSES))
        subprocess.run(["git", "-C", scratch, "add", "-A"], check=True)
        subprocess.run(["git", "-C", scratch, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "x"], check=True)
        listed = json.loads(subprocess.run([binary, "ls", "--json"], cwd=scratch, check=True, capture_output=True, text=True).stdout)
        for clause in listed["clauses"]:
            if clause["anchor"].startswith("q-"):
                _, f, c = clause["anchor"].split("-")
                known[int(f), int(c), state] = clause["version"]
    subprocess.run(["rm", "-rf", scratch], check=True)
    return known


# A link names a spec commit, and all ids depend on the messages before.
versions = versions_of_all()


class Ids(dict):
    """The id of a commit that fast-import has just made, asked for over its own pipe."""

    def __missing__(self, mark):
        importer.stdin.write(f"get-mark :{mark}\n".encode())
        importer.stdin.flush()
        self[mark] = importer.stdout.readline().decode().strip()
        return self[mark]


importer = subprocess.Popen(
    ["git", "-C", directory, "fast-import", "--quiet", "--cat-blob-fd=1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
)
for piece in stream(Ids(), versions):
    importer.stdin.write(piece.encode())
importer.stdin.close()
if importer.wait() != 0:
    sys.exit("git fast-import failed")
git("repack", "-adq")
git("commit-graph", "write", "--reachable")
