//! Messages and notes as they are stored.

use bstr::ByteSlice;

use crate::git::fixture::Fixture;
use crate::git::{MessageQuery, Oid, WalkQuery};

/// Stores a commit that `git commit` would not make, and puts `main` there.
fn plant(fixture: &Fixture, header: &str, message: &[u8]) -> Oid {
    let (tree, parent) = (fixture.oid("HEAD^{tree}"), fixture.oid("HEAD"));
    let who = "A <a@example.org> 1700000000 +0000";
    let head = format!("tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n{header}\n");
    let content = [head.as_bytes(), message].concat();
    let args = ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"];
    let oid = fixture.git_with(&args, &content);
    fixture.git(&["update-ref", "refs/heads/main", &oid]);
    oid.parse().unwrap()
}

#[test]
fn messages_are_the_stored_bytes() {
    let fixture = Fixture::new();
    fixture.commit("plain\n\nSpec: a#b v1:c");
    let latin = plant(&fixture, "encoding ISO-8859-1\n", b"caf\xe9\n\nbody\n");
    let nul = plant(&fixture, "", b"before\0after\n\nSpec: x\n");
    let signed = plant(&fixture, "gpgsig -----BEGIN\n \n x\n", b"signed\n\n\nbody");
    let empty = plant(&fixture, "", b"");
    let repo = fixture.repo();
    let query = MessageQuery { revs: vec!["main".to_owned()], ..MessageQuery::default() };
    let messages: Vec<_> = repo.messages(&query).unwrap().map(Result::unwrap).collect();
    let of = |commit: Oid| messages.iter().find(|message| message.commit == commit).unwrap().bytes.as_bstr();
    assert_eq!(of(latin), b"caf\xe9\n\nbody\n".as_bstr());
    assert_eq!(of(nul), "before\0after\n\nSpec: x\n");
    assert_eq!(of(signed), "signed\n\n\nbody");
    assert_eq!(of(empty), "");
    assert_eq!(repo.message(nul).unwrap().bytes, of(nul));
    let sieve = MessageQuery { grep_spec: true, ..query };
    assert_eq!(repo.messages(&sieve).unwrap().count(), 2);
    let all = MessageQuery { extra: vec!["--all".to_owned(), "-n2".to_owned()], ..MessageQuery::default() };
    assert_eq!(repo.messages(&all).unwrap().count(), 2);

    let records: Vec<_> = repo.walk(&WalkQuery::default()).unwrap().map(Result::unwrap).collect();
    assert_eq!(records.len(), 5, "a NUL in a message does not derail the walk");
    assert_eq!(records.iter().find(|record| record.oid == latin).unwrap().subject, "café");
    assert_eq!(records.iter().find(|record| record.oid == nul).unwrap().subject, "before");
}

#[test]
fn notes_are_found_at_any_fan_out() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let blob = |text: &str| fixture.git_with(&["hash-object", "-w", "--stdin"], text.as_bytes());
    let (note, junk) = (blob("note"), blob("junk"));
    let ids: Vec<String> = (0..300).map(|n| blob(&format!("annotated {n}"))).collect();
    for id in &ids {
        fixture.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{note},{}/{}", &id[..2], &id[2..])]);
    }
    let id = &ids[0];
    let deeper = blob("deeper");
    for path in [
        deeper.clone(),
        format!("{}/{}/{}", &id[..2], &id[2..4], &id[4..]),
        "README".to_owned(),
        format!("{}/{}/{}", &id[..1], &id[1..4], &id[4..]),
        format!("ab/{id}"),
    ] {
        fixture.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{junk},{path}")]);
    }
    let tree = fixture.git(&["write-tree"]);
    let commit = fixture.git(&["commit-tree", "-m", "notes", &tree]);
    fixture.git(&["update-ref", "refs/notes/spec", &commit]);
    let repo = fixture.repo();
    let notes = repo.notes("refs/notes/spec").unwrap();
    assert_eq!(notes.len(), 302);
    assert_eq!(notes.iter().filter(|found| found.object.to_string() == *id).count(), 2);
    assert!(notes.iter().any(|found| found.object.to_string() == deeper && found.bytes == b"junk"));
    assert!(repo.notes("refs/notes/none").unwrap().is_empty());

    fixture.git(&["notes", "--ref=real", "add", "-m", "by git", "HEAD"]);
    let notes = repo.notes("refs/notes/real").unwrap();
    assert_eq!((notes[0].object, notes[0].bytes.as_slice()), (fixture.oid("HEAD"), &b"by git\n"[..]));
}
