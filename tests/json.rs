//! The contract of `--json`: each answer follows the schema that is published for its command.
//!
//! The schemas are made from the report types. After a change of those, `UPDATE_SCHEMAS=1 cargo test --test json`
//! writes them anew; what differs is then to be read as a change of the contract.

#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::path::PathBuf;

use git_spec::commands::commit::CommitReport;
use git_spec::commands::init::InitReport;
use git_spec::view::blame::BlameReport;
use git_spec::view::check::CheckReport;
use git_spec::view::diff::DiffReport;
use git_spec::view::doctor::DoctorReport;
use git_spec::view::fsck::FsckReport;
use git_spec::view::hooks::HooksReport;
use git_spec::view::impact::ImpactReport;
use git_spec::view::link::LinkReport;
use git_spec::view::log::LogReport;
use git_spec::view::ls::LsReport;
use git_spec::view::notes::NotesReport;
use git_spec::view::post_receive::PostReceiveReport;
use git_spec::view::show::ShowReport;
use git_spec::view::squash::SquashReport;
use git_spec::view::start::StartReport;
use git_spec::view::status::StatusReport;
use git_spec::view::unlink::UnlinkReport;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use support::{AUTH, Answer, Repo};

/// Every command that answers in JSON.
const COMMANDS: [&str; 20] = [
    "blame",
    "check",
    "commit",
    "diff",
    "doctor",
    "fsck",
    "grep",
    "hooks",
    "impact",
    "init",
    "link",
    "log",
    "ls",
    "notes",
    "post-receive",
    "show",
    "squash-message",
    "start",
    "status",
    "unlink",
];

/// The schema of a command's answer, as the types have it.
fn generated(command: &str) -> Value {
    // Of what is written: a field that is always there is required, `null` or not.
    let settings = SchemaSettings::default().for_serialize().into_generator();
    let schema = match command {
        "blame" => settings.into_root_schema_for::<BlameReport>(),
        "check" => settings.into_root_schema_for::<CheckReport>(),
        "commit" => settings.into_root_schema_for::<CommitReport>(),
        "diff" => settings.into_root_schema_for::<DiffReport>(),
        "doctor" => settings.into_root_schema_for::<DoctorReport>(),
        "grep" | "ls" => settings.into_root_schema_for::<LsReport>(),
        "impact" => settings.into_root_schema_for::<ImpactReport>(),
        "hooks" => settings.into_root_schema_for::<HooksReport>(),
        "init" => settings.into_root_schema_for::<InitReport>(),
        "log" => settings.into_root_schema_for::<LogReport>(),
        "fsck" => settings.into_root_schema_for::<FsckReport>(),
        "link" => settings.into_root_schema_for::<LinkReport>(),
        "notes" => settings.into_root_schema_for::<NotesReport>(),
        "post-receive" => settings.into_root_schema_for::<PostReceiveReport>(),
        "show" => settings.into_root_schema_for::<ShowReport>(),
        "status" => settings.into_root_schema_for::<StatusReport>(),
        "squash-message" => settings.into_root_schema_for::<SquashReport>(),
        "unlink" => settings.into_root_schema_for::<UnlinkReport>(),
        "start" => settings.into_root_schema_for::<StartReport>(),
        other => panic!("no report for {other}"),
    };
    let mut schema = schema.to_value();
    schema["title"] = format!("git spec {command} --json").into();
    schema["properties"]["schema"] = json!({
        "description": "Name and version of this contract.",
        "const": format!("git-spec/{command}/1"),
    });
    schema
}

fn published(command: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schemas/{command}.json"))
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    for command in COMMANDS {
        let text = serde_json::to_string_pretty(&generated(command)).unwrap() + "\n";
        let path = published(command);
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(stored == text, "docs/schemas/{command}.json differs: UPDATE_SCHEMAS=1 cargo test --test json");
    }
}

/// A repository whose answers have every part that an answer can have so far.
fn rich() -> Repo {
    let repo = Repo::auth();
    repo.write("specs/rules.md", "# Rules\n\n1. One MUST read the rules before coming in.\n2. One MUST NOT smoke.\n");
    repo.write("specs/api.feature", "Feature: Mail\n\n  Scenario: Sent\n    Given a user\n    Then a mail is sent\n");
    repo.commit("Add rules");
    repo.generate("src/lock.rs", "fn lock() {}\n", &["AUTH-1"]);
    let reset = AUTH.find("## Reset").unwrap();
    repo.write("specs/auth.md", AUTH[..reset].replace("5 failed", "3 failed").replace("{#AUTH-2}", "{#AUTH-3}"));
    repo.write("specs/mail.md", format!("# Mail\n\nA mail MUST be sent.\n\n{}", &AUTH[reset..]));
    repo.git(&["rm", "-q", "specs/rules.md"]);
    repo.commit("Change all");
    repo.edit("specs/auth.md", "30 minutes", "20 minutes");
    repo
}

/// Checks an answer against the published schema and the schema's own name.
#[track_caller]
fn follows(command: &str, answer: &Answer) -> Value {
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(published(command)).unwrap()).unwrap();
    let report = answer.json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&report).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?} in {report:#}");
    report
}

#[test]
fn real_answers_follow_the_schemas() {
    let repo = rich();
    for args in [
        &["blame", "specs/auth.md"][..],
        &["blame", "src/lock.rs"],
        &["blame", "HEAD~1", "-L1,1", "specs/auth.md"],
        &["diff"],
        &["diff", "HEAD~2..HEAD"],
        &["diff", "HEAD~1", "HEAD~1"],
        &["grep", "MUST"],
        &["grep", "no such words"],
        &["impact"],
        &["impact", "HEAD~1..HEAD"],
        &["impact", "HEAD"],
        &["init", "--dry-run"],
        &["log"],
        &["log", "-n0"],
        &["log", "--clause", "AUTH-1"],
        &["ls"],
        &["ls", "HEAD~1"],
        &["show", "AUTH-1"],
        &["show", "reset@HEAD~1"],
        &["status"],
        &["status", "--branch=HEAD~1"],
        &["status", "--at", "HEAD~2"],
        &["start", "AUTH-1", "specs/mail.md"],
        &["start"],
        &["start", "--done", "AUTH-1"],
        &["hooks"],
        &["hooks", "install", "--scripts"],
        &["hooks", "uninstall"],
    ] {
        let answer = repo.spec(&[args, &["--json"]].concat());
        assert_eq!((answer.status, answer.stderr.as_str()), (0, ""), "{args:?}");
        follows(args[0], &answer);
    }
}

#[test]
fn what_doctor_finds_follows_it_too() {
    let report = follows("doctor", &rich().spec(&["doctor", "--json"]));
    assert_ne!(report["findings"], json!([]));
}

#[test]
fn answers_about_notes_follow_them_too() {
    let repo = rich();
    let bare = repo.beside("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    repo.git(&["remote", "add", "origin", bare.to_str().unwrap()]);
    repo.git(&["notes", "--ref=spec", "add", "-m", "Spec: a v1:00000000000000000000000000000000 id:00000001", "HEAD"]);
    repo.git(&["notes", "--ref=spec", "append", "-m", "hello", "HEAD"]);
    for (args, status) in [
        (&["link", "HEAD", "AUTH-1"][..], 0),
        (&["link", "-n", "HEAD", "AUTH-1", "specs/auth.md"], 0),
        (&["fsck"], 1),
        (&["fsck", "--all"], 1),
        (&["squash-message", "HEAD~1..HEAD"], 0),
        (&["unlink", "HEAD", "AUTH-1"], 0),
        (&["notes", "push"], 0),
        (&["notes", "fetch"], 0),
        (&["fsck", "HEAD~1"], 0),
    ] {
        let answer = repo.spec(&[args, &["--json"]].concat());
        assert_eq!((answer.status, answer.stderr.as_str()), (status, ""), "{args:?}");
        follows(args[0], &answer);
    }
}

#[test]
fn a_commit_that_was_made_follows_its_schema() {
    let repo = rich();
    let mut command = repo.git_command(repo.path());
    command.args(["spec", "commit", "--json", "-am", "Change", "--for", "AUTH-1"]);
    let answer = support::run(&mut command);
    assert_eq!(answer.status, 0, "{answer:?}");
    follows("commit", &answer);
}

#[test]
fn findings_follow_their_schema() {
    let repo = rich();
    let policy =
        "[spec]\ninclude = [\"specs/*\"]\n[generated]\npaths = [\"src/**\"]\n[policy]\nrefs = [\"refs/heads/main\"]\n";
    repo.write(".gitspec.toml", policy);
    repo.write("src/page.rs", "fn page() {}\n");
    repo.commit("Page ops");
    let answer = repo.spec(&["check", "--json", "HEAD"]);
    assert_eq!(answer.status, 1, "{answer:?}");
    assert_eq!(follows("check", &answer)["findings"].as_array().unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn what_a_push_did_follows_its_schema() {
    let repo = rich();
    let zero = "0".repeat(40);
    let (old, new) = (repo.rev("HEAD~1"), repo.rev("HEAD"));
    let lines = format!(
        "{old} {new} refs/heads/main\n{zero} {new} refs/heads/new\n{old} {zero} refs/heads/old\n{zero} {new} refs/tags/v1\n"
    );
    let mut command = repo.spec_command(repo.path());
    repo.write("../lines", lines);
    command.args(["hook", "post-receive", "--json"]).stdin(std::fs::File::open(repo.beside("lines")).unwrap());
    let output = command.output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let answer = Answer { stdout, stderr: String::from_utf8(output.stderr).unwrap(), status: 0 };
    let report = follows("post-receive", &answer);
    assert_eq!(support::each(&report["refs"], "/ref"), ["refs/heads/main", "refs/heads/new", "refs/heads/old"]);
    assert!(report["refs"][0]["changes"].as_array().is_some_and(|changes| changes.len() > 3), "{report:#}");
}

#[test]
fn answers_with_replacements_and_missing_objects_follow_them_too() {
    let repo = rich();
    let id = repo.rev("HEAD:specs/auth.md");
    std::fs::remove_file(repo.path().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    for args in [&["diff", "HEAD~1..HEAD"][..], &["log"], &["ls"]] {
        let answer = repo.spec(&[args, &["--json"]].concat());
        assert_eq!(answer.status, 3, "{args:?}");
        assert_ne!(follows(args[0], &answer)["incomplete"], json!([]), "{args:?}");
    }
}

#[test]
fn a_schema_refuses_what_is_no_answer() {
    let repo = rich();
    let mut report = repo.spec(&["diff", "--json"]).json();
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(published("diff")).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&report));
    report["changes"][0]["grade"] = "enormous".into();
    assert!(!validator.is_valid(&report));
    let mut report = repo.spec(&["diff", "--json"]).json();
    report["schema"] = "git-spec/diff/2".into();
    assert!(!validator.is_valid(&report));
    let mut report = repo.spec(&["diff", "--json"]).json();
    report.as_object_mut().unwrap().remove("incomplete");
    assert!(!validator.is_valid(&report));
}

/// The keys that the design promises; a schema may have more.
#[track_caller]
fn promises(schema: &Value, pointer: &str, keys: &[&str]) {
    let properties = schema.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {schema:#}"));
    for key in keys {
        assert!(properties["properties"].get(key).is_some(), "{pointer} has no {key}");
        let required = properties["required"].as_array().unwrap();
        assert!(*key == "spans" || required.contains(&json!(key)), "{pointer} may lack {key}");
    }
}

#[test]
fn promised_fields_are_there() {
    let clause =
        ["path", "anchor", "id", "aliases", "title", "headings", "kind", "ordinal", "lines", "spans", "version"];
    let change = ["kinds", "grade", "tipped", "rule", "score", "clause", "was", "before", "after"];
    let link = ["commit", "path", "anchor", "version", "source", "resolution", "freshness", "resolved_commit"];
    let log = generated("log");
    promises(&log, "", &["schema", "entries", "incomplete"]);
    promises(&log, "/$defs/LogEntry", &["commit", "author", "date", "subject", "changes", "generated"]);
    promises(&log, "/$defs/Generated", &["commit", "subject", "links"]);
    promises(&log, "/$defs/LinkFact", &link);
    promises(&log, "/$defs/ChangeFact", &change);
    promises(&log, "/$defs/ClauseFact", &clause);
    promises(&generated("diff"), "", &["schema", "from", "to", "documents", "changes", "incomplete"]);
    promises(&generated("ls"), "", &["schema", "rev", "clauses", "incomplete"]);
    let blame = generated("blame");
    promises(&blame, "", &["schema", "path", "rev", "lines", "clauses", "incomplete"]);
    promises(&blame, "/$defs/BlamedLine", &["line", "commit", "links", "inferred"]);
    let moments = ["clause", "introduced", "last_meaning_change", "last_text_change"];
    promises(&blame, "/$defs/BlamedClause", &moments);
    promises(&generated("show"), "", &["rev", "clause", "text", "introduced", "history", "generated", "incomplete"]);
}

#[test]
fn every_answer_is_one_object() {
    let answer = rich().spec(&["show", "AUTH-1", "AUTH-3", "--json"]);
    assert_eq!(answer.stdout, "", "two objects would be no JSON");
    assert!(answer.fails(2).contains("one clause at a time"));
}
