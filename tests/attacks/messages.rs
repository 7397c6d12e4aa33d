//! By what a message says.

use crate::RULE;
use crate::objects::{commit, object, top_with, tree};
use crate::support::server::Server;

/// A commit of unlinked code on top of the server's `main` with this message, and these header lines before it.
fn page(server: &Server, header: &[u8], message: &[u8]) -> String {
    let blob = object(server, "blob", b"evil\n");
    let src = tree(server, &[("100644", b"page.rs", &blob)]);
    commit(server, &top_with(server, &[("40000", b"src", &src)]), &[&server.repo.rev("HEAD")], header, message)
}

#[track_caller]
fn refused(server: &Server, message: &[u8], said: &[&str]) -> String {
    let tip = page(server, b"", message);
    server.refused(&[&format!("{tip}:main")], said)
}

#[track_caller]
fn taken(server: &Server, header: &[u8], message: &[u8]) {
    let tip = page(server, header, message);
    let answer = server.push(&[&format!("{tip}:refs/heads/release/1")]);
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""), "{answer:?}");
    server.on_server(&["update-ref", "-d", "refs/heads/release/1"]);
}

#[test]
fn a_forged_link() {
    let server = Server::new();
    let line = server.repo.spec_line("AUTH-1");
    let (rest, version) = line.rsplit_once(' ').unwrap();
    let (path, commit) = rest.rsplit_once('@').unwrap();
    let trailer = |line: &str| format!("Page\n\n{line}\n").into_bytes();
    let wrong = |line: &str| refused(&server, &trailer(line), &["(require-resolved)"]);
    // The right form with another version, another commit, another clause, another path
    wrong(&format!("{rest} v1:{}", "0".repeat(32)));
    wrong(&format!("{path}@{} v1:{}", "1".repeat(16), "0".repeat(32)));
    wrong(&format!("Spec: specs/auth.md#AUTH-9@{commit} v1:{}", "0".repeat(32)));
    wrong(&format!("Spec: src/page.rs#AUTH-1@{commit} v1:{}", "0".repeat(32)));
    wrong(&format!("{rest} v9:{}", version.trim_start_matches("v1:")));
    wrong(&format!("Spec: other:specs/auth.md#AUTH-1 {version}"));
    // No link at all
    for line in [
        "Spec: AUTH-1".to_owned(),
        rest.to_owned(),
        format!("Spec: ../../etc/passwd#x@{commit} v1:{}", "0".repeat(32)),
        format!("{rest} {}", &version[..20]),
        format!("Specs{}", &line[4..]),
        format!("Spec-By{}", &line[4..]),
        line.replace("Spec: ", "Spec= "),
        line.replace("Spec: ", "Ѕpec: "),
    ] {
        refused(&server, &trailer(&line), &[RULE]);
    }
}

#[test]
fn a_good_link_beside_a_forged_one() {
    let server = Server::new();
    let line = server.repo.spec_line("AUTH-1");
    let forged = format!("{} v1:{}", line.rsplit_once(' ').unwrap().0, "0".repeat(32));
    refused(&server, format!("Page\n\n{line}\n{forged}\n").as_bytes(), &["(require-resolved)"]);
    refused(&server, format!("Page\n\n{forged}\n{line}\n").as_bytes(), &["(require-resolved)"]);
}

#[test]
fn a_link_to_what_the_pusher_cannot_see() {
    let server = Server::new();
    // The server alone has a commit with another text, on a hidden ref
    let secret = {
        server.repo.git(&["switch", "-q", "-c", "secret"]);
        server.repo.edit("specs/auth.md", "30 minutes", "20 minutes");
        server.repo.commit("Secret")
    };
    let hidden = server.repo.spec_line("AUTH-2");
    server.push(&["secret:refs/keep/1"]).ok();
    server.config("transfer.hideRefs", "refs/keep");
    server.repo.git(&["switch", "-q", "main"]);
    let with = |line: &str| refused(&server, format!("Page\n\n{line}\n").as_bytes(), &["(require-resolved)"]);
    let there = with(&hidden);
    // Neither counts; where it is is told, but not what it says
    let absent = with(&hidden.replace(&secret[..16], &"1".repeat(16)));
    assert!(there.contains("elsewhere") && absent.contains("dangling"), "{there}{absent}");
    assert!(!there.contains("20 minutes"), "{there}");
    // Nor does a version of it count that a guess may hit
    let other = hidden.replace(&format!("@{}", &secret[..16]), "");
    with(&other);
}

#[test]
fn a_link_in_the_body_only() {
    let server = Server::new();
    let line = server.repo.spec_line("AUTH-1");
    for message in [
        format!("Page\n\n{line}\n\nText behind it.\n"),
        format!("{line}\n"),
        format!("Page\n\nSome words {line}\n"),
        format!("Page\n\n> {line}\n"),
        format!("Page\n\n```\n{line}\n```\n"),
        format!("Squashed commit of the following:\n\ncommit 1\n\n    {line}\n\nText.\n"),
        format!("Page\n\n* one\n\n{line}\n\n* two\n\nText.\n"),
    ] {
        refused(&server, message.as_bytes(), &["(require-link)"]);
    }
}

#[test]
fn a_link_in_a_header() {
    let server = Server::new();
    let line = server.repo.spec_line("AUTH-1");
    for header in [
        format!("{line}\n"),
        format!("gpgsig -----BEGIN PGP SIGNATURE-----\n \n {line}\n -----END PGP SIGNATURE-----\n"),
        format!("gpgsig x\n \n \n {line}\n"),
        format!("mergetag object {}\n type commit\n \n x\n \n {line}\n", server.repo.rev("HEAD")),
        format!("encoding UTF-8\n{line}\n"),
    ] {
        let tip = page(&server, header.as_bytes(), b"Page\n");
        server.refused(&[&format!("{tip}:main")], &[RULE]);
    }
}

#[test]
fn forms_of_a_trailer() {
    let server = Server::new();
    let line = server.repo.spec_line("AUTH-1");
    let value = line.strip_prefix("Spec: ").unwrap();
    let (link, version) = value.rsplit_once(' ').unwrap();
    // As git reads trailers
    taken(&server, b"", format!("Page\n\n{line}\n").as_bytes());
    taken(&server, b"", format!("Page\n\nSPEC: {value}\n").as_bytes());
    taken(&server, b"", format!("Page\r\n\r\n{line}\r\n").as_bytes());
    taken(&server, b"", format!("Page\n\nSpec: {link}\n {version}\n").as_bytes());
    taken(&server, b"", format!("Page\n\nReviewed-by: x\n{line}").as_bytes());
    taken(&server, b"encoding ISO-8859-1\n", format!("P\u{e9}ge\n\n{line}\n").as_bytes());
    // Not as nobody reads them
    refused(&server, format!("Page\r\r{line}\r").as_bytes(), &["(require-link)"]);
    refused(&server, format!("Page\n\n {line}\n").as_bytes(), &["(require-link)"]);
    refused(&server, format!("Page\n\n\t{line}\n").as_bytes(), &["(require-link)"]);
    refused(&server, format!("Page\n\n#{line}\n").as_bytes(), &["(require-link)"]);
}

#[test]
fn a_nul_and_other_encodings() {
    let server = Server::new();
    let line = server.repo.spec_line("AUTH-1");
    refused(&server, format!("Page\0\n\n{line}\n").as_bytes(), &["NUL"]);
    refused(&server, format!("Page\n\n{line}\n\0").as_bytes(), &["NUL"]);
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    refused(&server, &wide(&format!("\u{feff}Page\n\n{line}\n")), &["NUL"]);
    let tip = page(&server, b"encoding UTF-16LE\n", &wide(&format!("Page\n\n{line}\n")));
    server.refused(&[&format!("{tip}:main")], &["NUL"]);
    // UTF-7 would spell a link that the bytes don't
    let seven = format!("Page\n\n{}\n", line.replacen("Spec:", "+AFMAcABlAGM:", 1));
    let tip = page(&server, b"encoding UTF-7\n", seven.as_bytes());
    server.refused(&[&format!("{tip}:main")], &[RULE]);
    // An encoding that nobody knows, and bytes that are no text
    taken(&server, b"encoding x-\xff\n", [b"P\xff\xfege\n\n".as_slice(), line.as_bytes(), b"\n"].concat().as_slice());
}

#[test]
fn a_huge_message() {
    let server = Server::new();
    let line = server.repo.spec_line("AUTH-1");
    let long = "word ".repeat(400_000);
    refused(&server, format!("Page\n\n{long}\n\n{line}\n").as_bytes(), &["(message)"]);
    // All of it a subject
    let said = refused(&server, format!("{long}\n").as_bytes(), &[]);
    assert!(said.len() < 2000, "{}", said.len());
    let said = refused(&server, format!("{}\n", "x".repeat(900_000)).as_bytes(), &[RULE]);
    assert!(said.len() < 2000, "{}", said.len());
}

#[test]
fn ten_megabytes_of_trailers() {
    let server = Server::new();
    let line = server.repo.spec_line("AUTH-1");
    let many = format!("{line}\n").repeat(10_000_000 / line.len());
    refused(&server, format!("Page\n\n{many}").as_bytes(), &["(message)"]);
    refused(&server, format!("Page\n\n{}", format!("{line}\n").repeat(257)).as_bytes(), &["(message)"]);
    taken(&server, b"", format!("Page\n\n{}{line}\n", "Signed-off-by: x\n".repeat(20_000)).as_bytes());
}

#[test]
fn a_message_that_drives_a_terminal() {
    let server = Server::new();
    for subject in [
        "\x1b[2J\x1b]0;x\x07Page",
        "Page\rerror: nothing",
        "Page \u{202e}evil",
        "\u{9b}31mPage",
        "::error::Page",
        "\" && rm -rf x",
    ] {
        let said = refused(&server, format!("{subject}\n").as_bytes(), &[RULE]);
        assert!(
            said.lines()
                .all(|line| ["error: ", "hint: ", "1 commit ", "  "].iter().any(|start| line.starts_with(start))),
            "{said}"
        );
        assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r', '\u{9b}']), "{said:?}");
    }
}

#[test]
fn headers_that_git_does_not_write() {
    let server = Server::new();
    let blob = object(&server, "blob", b"evil\n");
    let src = tree(&server, &[("100644", b"page.rs", &blob)]);
    let top = top_with(&server, &[("40000", b"src", &src)]);
    let parent = server.repo.rev("HEAD");
    let who = crate::objects::WHO;
    for head in [
        format!("tree {top}\nparent {parent}\n\nPage\n"),
        format!("tree {top}\nparent {parent}\nauthor\ncommitter\n\nPage\n"),
        format!("tree {top}\nparent {parent}\nauthor <> x\ncommitter <> 99999999999999999999 +9999\n\nPage\n"),
        format!("tree {top}\nauthor {who}\nparent {parent}\ncommitter {who}\n\nPage\n"),
        format!("tree {top}\nparent {parent}\nauthor {who}\nauthor {who}\ncommitter {who}\n\nPage\n"),
        format!("tree {top}\nparent {parent}\nauthor {who}\ncommitter {who}\n"),
        format!("tree {top}\nparent {parent}\nauthor {who}\ncommitter {who}"),
        format!(
            "tree {top}\nparent {parent}\nauthor {who}\ncommitter {who}\ntree {}\n\nPage\n",
            server.repo.rev("HEAD^{tree}")
        ),
    ] {
        let tip = object(&server, "commit", head.as_bytes());
        server.refused(&[&format!("{tip}:refs/heads/release/1")], &[]);
        assert_eq!(server.at("release/1"), "");
    }
}
