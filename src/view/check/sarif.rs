//! Findings as SARIF 2.1.0, which code scanning, editors and many viewers read.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use serde_json::{Map, Value, json};

use super::pages::{HOME, address, is_off_by_default, page};
use super::{About, CheckReport, FindingFact, SHORT, said};
use crate::trace::policy::Rule;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What paths are relative to: the top of the work tree.
const TOP: &str = "%SRCROOT%";

/// The whole log.
pub(super) fn sarif(report: &CheckReport, about: &About) -> Value {
    let mut run = Map::new();
    run.insert("tool".to_owned(), json!({ "driver": driver() }));
    run.insert("automationDetails".to_owned(), json!({ "id": "git-spec/check/" }));
    run.insert("columnKind".to_owned(), "unicodeCodePoints".into());
    run.insert(
        "originalUriBaseIds".to_owned(),
        json!({ TOP: { "description": { "text": "The top of the work tree." } } }),
    );
    if let Some(repository) = &about.repository {
        let mut place = json!({ "repositoryUri": repository, "mappedTo": { "uriBaseId": TOP } });
        if let Some(tip) = &about.tip {
            place["revisionId"] = tip.as_str().into();
        }
        if let Some(branch) = &about.branch {
            place["branch"] = said(branch).into();
        }
        run.insert("versionControlProvenance".to_owned(), json!([place]));
    }
    let unseen = report.incomplete.iter().map(|what| json!({ "level": "error", "message": { "text": text(what) } }));
    let mut told: Vec<Value> = unseen.collect();
    let is_whole = told.is_empty();
    told.extend(report.rest().map(|rest| json!({ "level": "warning", "message": { "text": rest } })));
    run.insert(
        "invocations".to_owned(),
        json!([{ "executionSuccessful": is_whole, "toolExecutionNotifications": told }]),
    );
    run.insert("results".to_owned(), report.findings.iter().map(result).collect());
    json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] })
}

fn driver() -> Value {
    let rule = |rule: &Rule| {
        let page = page(*rule);
        json!({
            "id": rule.code(),
            "name": rule.key(),
            "shortDescription": { "text": format!("{}.", rule.summary()) },
            "helpUri": address(*rule),
            "help": { "text": page, "markdown": page },
            "defaultConfiguration": { "level": "error", "enabled": !is_off_by_default(*rule) },
        })
    };
    json!({
        "name": "git-spec",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "informationUri": HOME,
        "rules": Rule::ALL.iter().map(rule).collect::<Vec<Value>>(),
    })
}

fn result(finding: &FindingFact) -> Value {
    let short = finding.commit.get(..SHORT).unwrap_or(&finding.commit);
    let [first, last] = finding.lines.unwrap_or([1, 1]);
    let mut what = text(&format!("{short} {} {}.", finding.title(), finding.what));
    // A line each: what is to be typed must not run into what is to be typed next.
    if let steps @ [_, ..] = finding.steps().as_slice() {
        what += " To mend it:";
        steps.iter().for_each(|step| what += &format!("\n{}", text(step)));
    }
    let mut properties = json!({ "commit": finding.commit, "subject": finding.subject, "mend": finding.mend });
    if let Some(clause) = &finding.clause {
        properties["clause"] = clause.as_str().into();
    }
    let mut result = json!({
        "ruleId": finding.code,
        "level": if finding.is_refusal() { "error" } else { "warning" },
        "message": { "text": what },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(finding.place()), "uriBaseId": TOP },
                "region": { "startLine": first, "endLine": last },
            },
            "logicalLocations": [{ "name": short, "fullyQualifiedName": finding.commit, "kind": "commit" }],
        }],
        "partialFingerprints": { "gitSpecFinding/v1": finding.fingerprint() },
        "properties": properties,
    });
    if let Some(at) = Rule::ALL.iter().position(|rule| rule.code() == finding.code) {
        result["ruleIndex"] = at.into();
    }
    result
}

/// A message, which a viewer reads for links of the form `[text](address)`.
fn text(text: &str) -> String {
    said(text).replace("](", "] (")
}

/// A path as a relative reference (RFC 3986, 3.3): all but unreserved letters and slashes are encoded, so that a first
/// part with a colon is no scheme.
fn uri(path: &[u8]) -> String {
    let mut out = String::with_capacity(path.len());
    for &byte in path {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
