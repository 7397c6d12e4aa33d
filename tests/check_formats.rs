//! What `git spec check` says to people and to programs: every format holds the same findings, is what its readers take
//! for well-formed, and lets nothing of the repository out of its place.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a script that fails is a test that fails")]

mod support;

use std::collections::BTreeSet;

use git_spec::trace::policy::Rule;
use serde_json::Value;
use support::{AUTH, Answer, Repo};

const POLICY: &str = "[spec]\ninclude = [\"specs/**/*.md\"]\n\n[generated]\npaths = [\"src/**\"]\n\n\
                      [policy]\nrefs = [\"refs/heads/main\"]\n";
/// A path that no format may let out of its place.
const PATH: &str = "src/a,b:c\"<&>%0A](x) ü.rs";
/// A subject that tries all of them at once.
const SUBJECT: &str =
    "::error::x%0A::set-env name=A::b ##[add-mask]x ]]> <b a=\"'\"> [l](https://evil.example) \u{1b}[31m";
const FORMATS: [&str; 6] = ["text", "json", "sarif", "junit", "github", "gitlab"];

/// A specification under a policy of so many more lines.
fn ruled(more: &str) -> Repo {
    let repo = Repo::new();
    repo.write("specs/auth.md", AUTH);
    repo.write(".gitspec.toml", format!("{POLICY}{more}"));
    repo.commit("Begin");
    repo.git(&["tag", "begin"]);
    repo
}

/// One with three commits: two that break rules, one that doesn't.
fn broken() -> Repo {
    let repo = ruled("require-resolved = \"warn\"\n");
    repo.write("src/lock.rs", "one\ntwo\n");
    let link = format!("Spec: specs/auth.md#AUTH-1@{} v1:{}", &repo.rev("HEAD")[..16], "0".repeat(32));
    repo.commit(&format!("Lock\n\n{link}"));
    repo.generate("src/fine.rs", "fine\n", &["AUTH-2"]);
    repo.write(PATH, "page\n");
    repo.write("src/lock.rs", "one\nnew\nnew\ntwo\n");
    repo.commit(SUBJECT);
    repo.git(&["remote", "add", "origin", "https://jane:secret@example.org/team/auth.git"]);
    repo
}

fn check(repo: &Repo, words: &[&str]) -> Answer {
    repo.spec(&[&["check", "begin..HEAD"], words].concat())
}

fn valid_sarif(answer: &Answer) -> Value {
    let text = include_str!("data/sarif-schema-2.1.0.json");
    // As published it holds a pattern for languages that is no regular expression.
    let text = text.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let log = answer.json();
    let errors: Vec<String> =
        validator.iter_errors(&log).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?} in {log:#}");
    log
}

#[test]
fn people_read_each_commit_once() {
    let repo = ruled("");
    let link = |clause: &str| format!("Spec: specs/auth.md#{clause}@{} v1:{}", &repo.rev("HEAD")[..16], "0".repeat(32));
    repo.write("src/lock.rs", "x\n");
    let id = repo.commit(&format!("Lock {}\n\n{}\n{}", "accounts ".repeat(9), link("AUTH-1"), link("AUTH-2")));
    let said = check(&repo, &[]);
    assert_eq!((said.status, said.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(said.stdout.replace(&id[..7], "SHORT").replace(&repo.rev("begin")[..10], "COMMIT"), @r#"
    error: SHORT "Lock accounts accounts accounts accounts accounts…"
      links AUTH-1, and the link is mismatch: specs/auth.md#AUTH-1 stands at COMMIT with another
        version, v1:7f5a90f6b50926043ddcf2ff46057be4 (require-resolved)
      links AUTH-2, and the link is mismatch: specs/auth.md#AUTH-2 stands at COMMIT with another
        version, v1:c974cdcb36afe94ddd6357b33d068219 (require-resolved)
      hint: git spec commit --amend --no-edit --for AUTH-1
      hint: git spec commit --amend --no-edit --for AUTH-2
    1 commit judged: 1 refused, 0 warned of.
    "#);
}

#[test]
fn the_status_is_the_same_in_every_format() {
    let (bad, good) = (broken(), ruled(""));
    for format in FORMATS {
        assert_eq!(check(&bad, &["--format", format]).status, 1, "{format}");
        assert_eq!(check(&good, &["-f", format]).status, 0, "{format}");
    }
    assert_eq!(check(&bad, &["--json"]).stdout, check(&bad, &["--format=json"]).stdout);
    assert!(check(&bad, &["--json", "--format=sarif"]).fails(2).contains("do not go together"));
    assert!(check(&bad, &["--format=xml"]).fails(2).contains("one of: text, json, sarif, junit, github, gitlab"));
}

#[test]
fn a_file_gets_the_report_and_people_the_text() {
    let repo = broken();
    let file = repo.beside("report.json");
    let text = check(&repo, &[]).stdout;
    let said = check(&repo, &["--format=json", "--output", file.to_str().unwrap()]);
    assert_eq!((said.status, said.stdout), (1, text.clone()));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), check(&repo, &["--json"]).stdout);
    check(&repo, &["-o", file.to_str().unwrap()]);
    assert!(std::fs::read_to_string(&file).unwrap().ends_with("3 commits judged: 1 refused, 1 warned of.\n"));
    let said = check(&repo, &["-f", "json", "-o", "no/such/place.json"]);
    assert!(said.fails(2).contains("no/such/place.json"));
}

#[test]
fn a_report_is_not_written_through_a_link_of_the_checkout() {
    let repo = broken();
    let outside = repo.beside("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(outside.join("file"), repo.path().join("report.json")).unwrap();
    std::os::unix::fs::symlink(&outside, repo.path().join("reports")).unwrap();
    for file in ["report.json", "reports/a.json"] {
        let said = check(&repo, &["--format", "json", "--output", file]).fails(2);
        assert!(said.contains("a symbolic link of the checkout leads elsewhere"), "{said}");
    }
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    assert_eq!(check(&repo, &["--format", "json", "--output", "/dev/null"]).status, 1);
}

#[test]
fn findings_name_a_file_and_the_lines_that_are_left() {
    let report = check(&broken(), &["--json"]).json();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2);
    assert_eq!((&findings[0]["code"], &findings[0]["rule"]), (&"GS001".into(), &"require-link".into()));
    assert_eq!(findings[1]["path"], "src/lock.rs");
    assert_eq!(findings[1]["lines"], serde_json::json!([1, 1]), "lines in between are of another commit");

    // Where nothing generated changed it is the file of the clause
    let repo = ruled("");
    repo.write("README.md", "x\n");
    let link = format!("Spec: specs/auth.md#AUTH-1@{} v1:{}", &repo.rev("HEAD")[..16], "0".repeat(32));
    repo.commit(&format!("Read me\n\n{link}"));
    let finding = &check(&repo, &["--json"]).json()["findings"][0];
    assert_eq!((&finding["path"], &finding["lines"]), (&"specs/auth.md".into(), &Value::Null));
}

#[test]
fn sarif_is_what_its_schema_says() {
    let repo = broken();
    let answer = check(&repo, &["--format", "sarif"]);
    let log = valid_sarif(&answer);
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(support::each(&run["results"], "/level"), ["error", "warning"]);
    assert_eq!(support::each(&run["results"], "/ruleId"), ["GS001", "GS002"]);
    for result in results {
        let rule = &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        let place = &result["locations"][0];
        assert_eq!(place["logicalLocations"][0]["fullyQualifiedName"], result["properties"]["commit"]);
        assert!(place["physicalLocation"]["region"]["startLine"].as_u64().unwrap() > 0);
        let message = result["message"]["text"].as_str().unwrap();
        assert!(!message.contains("](") && !message.contains('\u{1b}'), "{message}");
    }
    let uri = results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
    assert_eq!(uri, "src/a%2Cb%3Ac%22%3C%26%3E%250A%5D%28x%29%20%C3%BC.rs");
    let came = &run["versionControlProvenance"][0];
    assert_eq!(came["repositoryUri"], "https://example.org/team/auth.git");
    assert_eq!(came["revisionId"].as_str(), Some(repo.rev("HEAD").as_str()));
    assert!(!answer.stdout.contains("secret"));

    // A finding is the same as long as its commit is there, whatever else is found
    let name =
        |log: &Value| support::each(&log["runs"][0]["results"], "/partialFingerprints/gitSpecFinding~1v1").join(" ");
    let old = name(&log);
    repo.write("src/more.rs", "x\n");
    repo.commit("More");
    let new = name(&valid_sarif(&check(&repo, &["--format", "sarif"])));
    assert!(new.ends_with(&old) && new.len() > old.len(), "{old}\n{new}");
    assert!(
        valid_sarif(&check(&ruled(""), &["--format", "sarif"]))["runs"][0]["results"].as_array().unwrap().is_empty()
    );
}

#[test]
fn a_shallow_history_is_told_in_every_format() {
    let repo = broken();
    let shallow = repo.beside("shallow");
    repo.git(&["clone", "-q", "--depth=1", &format!("file://{}", repo.path().display()), shallow.to_str().unwrap()]);
    let of = |format: &str| repo.spec_in(&shallow, &["check", "HEAD", "--format", format]);
    let run = &valid_sarif(&of("sarif"))["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let text = of("junit").stdout;
    let document = roxmltree::Document::parse(&text).unwrap();
    assert!(document.descendants().any(|node| node.has_tag_name("error")), "{text}");
}

#[test]
fn junit_has_a_test_case_for_each_commit() {
    let repo = broken();
    let text = check(&repo, &["--format", "junit"]).stdout;
    let document = roxmltree::Document::parse(&text).unwrap();
    let suite = document.root_element().first_element_child().unwrap();
    assert_eq!(
        (suite.tag_name().name(), suite.attribute("tests"), suite.attribute("failures")),
        ("testsuite", Some("3"), Some("1"))
    );
    let cases: Vec<_> = suite.children().filter(roxmltree::Node::is_element).collect();
    let names: Vec<&str> = cases.iter().filter_map(|case| case.attribute("name")).collect();
    assert_eq!(names.len(), 3);
    assert!(names[0].contains("::error::x%0A") && names[0].contains("]]> <b a=\"'\">"), "{names:?}");
    let parts = |case: &roxmltree::Node| {
        case.children()
            .filter(roxmltree::Node::is_element)
            .map(|part| part.tag_name().name().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        cases.iter().map(parts).collect::<Vec<_>>(),
        [vec!["failure".to_owned()], vec![], vec!["system-out".to_owned()]]
    );
    let failure = cases[0].first_element_child().unwrap();
    assert_eq!(failure.attribute("type"), Some("GS001"));
    assert!(failure.text().unwrap().contains("hint: "));
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    let none = check(&ruled(""), &["--format", "junit"]).stdout;
    assert_eq!(roxmltree::Document::parse(&none).unwrap().root_element().attribute("tests"), Some("0"));
}

/// What a reader of JUnit knows of an element: its attributes, those it needs first, and what may stand in it in which order.
fn junit_knows(element: &str) -> (usize, &'static [&'static str], &'static [&'static str]) {
    match element {
        "testsuites" => (0, &["name", "tests", "failures", "errors", "time", "disabled"], &["testsuite"]),
        "testsuite" => (
            2,
            &["name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"],
            &["properties", "testcase", "system-out", "system-err"],
        ),
        "testcase" => (
            2,
            &["name", "classname", "time", "file", "assertions", "status"],
            &["skipped", "error", "failure", "system-out", "system-err"],
        ),
        "failure" | "error" => (0, &["message", "type"], &[]),
        "system-out" => (0, &[], &[]),
        other => panic!("{other} is no element of JUnit"),
    }
}

fn valid_junit(node: roxmltree::Node<'_, '_>) {
    let name = node.tag_name().name();
    let (needed, attributes, inner) = junit_knows(name);
    assert!(attributes[..needed].iter().all(|attribute| node.attribute(*attribute).is_some()), "{node:?}");
    assert!(node.attributes().all(|attribute| attributes.contains(&attribute.name())), "{node:?}");
    let elements: Vec<_> = node.children().filter(roxmltree::Node::is_element).collect();
    let places: Vec<_> = elements.iter().map(|part| inner.iter().position(|name| part.has_tag_name(*name))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{name}: {places:?}");
    for (counted, element) in [("failures", "failure"), ("errors", "error"), ("tests", "testcase")] {
        if let Some(told) = node.attribute(counted) {
            let count = node.descendants().filter(|part| part.has_tag_name(element)).count();
            assert_eq!(told, count.to_string(), "{counted} of {name}");
        }
    }
    assert!(!inner.is_empty() || elements.is_empty());
    if name == "testcase" {
        assert!(elements.iter().filter(|part| part.has_tag_name("failure")).count() < 2, "readers take one");
    }
    elements.into_iter().for_each(valid_junit);
}

#[test]
fn junit_is_what_its_readers_know() {
    let repo = broken();
    let shallow = repo.beside("shallow");
    repo.git(&["clone", "-q", "--depth=1", &format!("file://{}", repo.path().display()), shallow.to_str().unwrap()]);
    for answer in [
        check(&repo, &["--format", "junit"]),
        check(&ruled(""), &["--format", "junit"]),
        repo.spec_in(&shallow, &["check", "HEAD", "--format", "junit"]),
    ] {
        valid_junit(roxmltree::Document::parse(&answer.stdout).unwrap().root_element());
    }
}

#[test]
fn what_is_to_be_typed_stays_in_lines() {
    let repo = ruled("");
    repo.write("src/lock.rs", "one\n");
    repo.commit("Lock");
    repo.generate("src/fine.rs", "fine\n", &["AUTH-2"]);
    let mend = check(&repo, &["--json"]).json()["findings"][0]["mend"].as_str().unwrap().to_owned();
    let steps: Vec<&str> = mend.lines().collect();
    assert!(steps.len() > 2 && steps[0].starts_with("git rebase "), "{mend}");
    let hints: String = steps.iter().map(|step| format!("\nhint: {step}")).collect();
    let of = |format: &str| check(&repo, &["--format", format]);
    let (_, _, told) = of("github").stdout.lines().find_map(runner_reads).unwrap();
    assert!(told.ends_with(&hints), "{told}");
    let text = of("junit").stdout;
    let document = roxmltree::Document::parse(&text).unwrap();
    let failure = document.descendants().find(|node| node.has_tag_name("failure")).unwrap();
    assert!(failure.text().unwrap().trim_end().ends_with(&hints), "{text}");
    let code: String = steps.iter().map(|step| format!("    {step}\n")).collect();
    assert_eq!(of("gitlab").json()[0]["content"]["body"], code.as_str());
    let log = valid_sarif(&of("sarif"));
    let message = log["runs"][0]["results"][0]["message"]["text"].as_str().unwrap().to_owned();
    assert!(message.ends_with(&format!(". To mend it:\n{mend}")), "{message}");
}

/// What GitHub's runner makes of a line: the command, its properties and its message.
type Told = (String, Vec<(String, String)>, String);

/// A line as GitHub's runner reads it; none for a line of text.
fn runner_reads(line: &str) -> Option<Told> {
    let (head, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (command, properties) = head.split_once(' ').unwrap_or((head, ""));
    let back = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",");
        text.replace("%25", "%")
    };
    let pairs = properties.split(',').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (k.to_owned(), back(v)));
    Some((command.to_owned(), pairs.collect(), back(data)))
}

#[test]
fn no_text_becomes_a_command_of_the_runner() {
    let repo = broken();
    let said = check(&repo, &["--format", "github"]).stdout;
    let read: Vec<_> = said.lines().map(runner_reads).collect();
    assert_eq!(read.iter().flatten().map(|(command, ..)| command.as_str()).collect::<Vec<_>>(), ["error", "warning"]);
    assert_eq!(said.lines().last(), Some("3 commits judged: 1 refused, 1 warned of."));
    let (_, properties, text) = read[0].clone().unwrap();
    assert_eq!(properties[0], ("file".to_owned(), PATH.to_owned()));
    assert!(text.contains("%0A::set-env") && text.lines().count() == 2, "{text}");
    assert!(said.contains("line=1,endLine=1"), "{said}");
    for format in ["text", "github"] {
        let said = check(&repo, &["--format", format]).stdout;
        assert!(!said.contains("##["), "{said}");
        assert!(!said.chars().any(|c| c.is_control() && c != '\n'), "{said}");
        let commands = said.lines().filter_map(runner_reads).filter(|(name, ..)| name != "error" && name != "warning");
        assert_eq!(commands.count(), 0, "{said}");
    }
}

#[test]
fn gitlab_gets_a_code_quality_report() {
    let report = check(&broken(), &["--format", "gitlab"]).json();
    assert_eq!(support::each(&report, "/severity"), ["major", "minor"]);
    assert_eq!(support::each(&report, "/location/path"), [PATH, "src/lock.rs"]);
    let names: BTreeSet<&str> = support::each(&report, "/fingerprint").into_iter().collect();
    assert_eq!(names.len(), 2);
    assert!(report.as_array().unwrap().iter().all(|issue| issue["location"]["lines"]["begin"].is_u64()));
    assert_eq!(check(&ruled(""), &["--format", "gitlab"]).stdout, "[]\n");
}

#[test]
fn programs_get_all_findings_and_people_twenty() {
    let repo = ruled("");
    for number in 0..23 {
        repo.write("src/lock.rs", format!("{number}\n"));
        repo.commit("Lock");
    }
    let of = |format: &str| check(&repo, &["--format", format]).stdout;
    assert_eq!(of("text").matches("error: ").count(), 20);
    assert_eq!(of("github").matches("::error ").count(), 20);
    assert!(of("text").contains("\nand 3 more findings:\n  git spec check --json "));
    assert!(of("github").contains("\nand 3 more findings: git spec check --json "));
    assert_eq!(of("junit").matches("<failure ").count(), 23);
    assert_eq!(serde_json::from_str::<Value>(&of("gitlab")).unwrap().as_array().unwrap().len(), 23);
    assert_eq!(valid_sarif(&check(&repo, &["--format", "sarif"]))["runs"][0]["results"].as_array().unwrap().len(), 23);
}

#[test]
fn a_path_of_any_bytes_stays_one() {
    use std::os::unix::ffi::OsStrExt;
    let repo = ruled("");
    let name = std::ffi::OsStr::from_bytes(b"src/\xff\x1b\n::stop-commands::x");
    repo.write(name, "x\n");
    repo.commit("Strange");
    let log = valid_sarif(&check(&repo, &["--format", "sarif"]));
    let uri = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "src/%FF%1B%0A%3A%3Astop-commands%3A%3Ax");
    for format in FORMATS {
        let said = check(&repo, &["--format", format]).stdout;
        assert!(!said.chars().any(|c| c.is_control() && c != '\n'), "{format}: {said}");
        assert!(!said.lines().any(|line| line.trim_start().starts_with("::stop")), "{format}: {said}");
    }
    roxmltree::Document::parse(&check(&repo, &["--format", "junit"]).stdout).unwrap();
}

#[test]
fn every_rule_has_a_page() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policy");
    let parts = ["## What it protects against", "## A finding", "## How to mend it", "## How to switch it off"];
    for rule in Rule::ALL {
        let (key, code) = (rule.key(), rule.code());
        let page = std::fs::read_to_string(folder.join(format!("{key}.md"))).unwrap_or_default();
        assert!(page.starts_with(&format!("# {key} ({code})\n\n{}. ", rule.summary())), "docs/policy/{key}.md: {page}");
        for part in parts {
            assert!(page.contains(&format!("\n{part}\n")), "docs/policy/{key}.md has no {part}");
        }
        let example = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
        assert!(example.contains(&format!("({key})")), "docs/policy/{key}.md: the example doesn't name the rule");
        let default = page.lines().nth(2).unwrap();
        if rule.is_set_by_policy() {
            let normal = match rule {
                Rule::Stale => "substantive",
                Rule::Tip => "off",
                _ => "deny",
            };
            assert!(default.contains(&format!("Default: `{normal}`")), "docs/policy/{key}.md: {default}");
            assert!(page.contains(&format!("`{key} = \"")), "docs/policy/{key}.md doesn't say how to set it");
        } else {
            assert!(
                default.contains("lways refused") || default.contains("lways judged so"),
                "docs/policy/{key}.md: {default}"
            );
        }
        for word in [key, code] {
            let shown = Repo::new().spec(&["check", "--explain", word]).ok();
            assert!(shown.starts_with(&format!("{key} ({code})\n\n{}. ", rule.summary())), "{shown}");
            assert!(
                shown.contains("\nA finding\n") && shown.contains(&format!("\n  {}", example.lines().next().unwrap()))
            );
            assert!(!shown.contains(['`', '#']) || example.contains('#'), "{shown}");
        }
    }
    let pages = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(pages, Rule::ALL.len(), "a page of a rule that there is not");
    let said = Repo::new().spec(&["check", "--explain", "nope"]).fails(2);
    assert!(said.contains("there is no rule nope") && said.contains("require-link"), "{said}");
}

#[test]
fn ten_thousand_findings_are_kept_and_the_rest_is_a_number() {
    let repo = ruled("");
    let mut stream = String::new();
    for n in 0..10_003 {
        let from = if n == 0 { format!("from {}\n", repo.rev("HEAD")) } else { String::new() };
        stream += &format!(
            "commit refs/heads/main\ncommitter A <a@b> {n} +0000\ndata 1\nc\n{from}M 644 inline src/a.rs\ndata {}\n{n}\n",
            n.to_string().len()
        );
    }
    let mut command = repo.git_command(repo.path());
    let mut child = command.args(["fast-import", "--quiet"]).stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), stream.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let json = repo.spec(&["check", "--json", "begin..main"]).json();
    assert_eq!((json["findings"].as_array().unwrap().len(), json["left_out"].as_u64()), (10_000, Some(3)));
    let junit = repo.spec(&["check", "--format=junit", "begin..main"]).stdout;
    assert!(junit.contains("<error message=\"3 more findings are left out; 10000 are shown at most\"/>"));
    let text = repo.spec(&["check", "begin..main"]).stdout;
    assert!(text.contains("and 9983 more findings:"), "{text}");
}
